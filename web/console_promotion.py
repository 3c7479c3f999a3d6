"""Promotion proposals of official results: who is proposed for which level, why not; the list as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import proposing, words
from compsys.beside import beside
from compsys.exchange import promotion_csv, promotions
from compsys.proposing import Place
from compsys.state import State
from scoring_rules import profiles
from scoring_rules.profiles import Profile
from web.access import ORGANIZER, SUPERVISOR, desk_of, get
from web.console_page import draw
from web.console_results import TYPES
from web.console_run import stages_in_order
from web.render import language

READERS = ORGANIZER | SUPERVISOR
ROWS = 200
NO_LEVEL, UNKNOWN, EDGE = "none", "unknown", "edge"
"""Filters beside the levels: without one, with one while the level held is unknown, a tie at an edge."""
WISHES = ("rules", "trade", "delegation", "only")


async def page(request: Request) -> Response:
    """The proposals by trade and delegation, how many of which level, and the groups without."""
    lang, wished, names = language(request), _wished(request), desk_of(request).names
    said = request.query_params.get("page", "1")
    number = int(said) if said.isascii() and said.isdigit() and len(said) < 7 else 1

    def work(state: State) -> bytes:
        return msgspec.json.encode(_drawn(_found(state, names, wished), wished, number, lang))

    # Of tens of thousands of persons this takes seconds: beside the server, where no mark waits for it.
    drawn = msgspec.json.decode(await beside(desk_of(request), work))
    context = drawn | {
        "wished": wished,
        "link": lambda **more: "/console/promotion?" + urlencode({**wished, **more}),
        "query": urlencode(wished),
        "rule_books": [(name, _title(profiles.load(name), lang)) for name in _promoting()],
    }
    return draw(request, "console_promotion.html", "promotion", context)


async def download(request: Request) -> Response:
    """The list as it is filtered, as a file."""
    form, lang, wished = str(request.path_params["form"]), language(request), _wished(request)
    if form not in promotions.FORMS:
        raise HTTPException(404, "unknown_page")
    names = desk_of(request).names

    def work(state: State) -> bytes:
        found = _found(state, names, wished)
        return promotions.render({**found, "proposals": _of(found["proposals"], wished)}, form, lang)

    data = await beside(desk_of(request), work)
    headers = {"content-disposition": f'attachment; filename="promotion.{form}"'}
    return Response(data, headers=headers, media_type=TYPES[form])


# ---------------------------------------------------------------- what is asked for


def _wished(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "")[:80] for name in WISHES}


def _found(state: State, names: promotions.Names, wished: Mapping[str, str]) -> promotions.Picture:
    """The whole picture: a cap holds over all trades, so one trade alone could not be told rightly."""
    rules = profiles.load(wished["rules"]) if wished["rules"] in _promoting() else None
    return promotions.picture(state, names, _places(state), rules)


def _places(state: State) -> list[Place]:
    """Every group that may promote, in the order of trades and stages."""
    found = [
        Place(stage.trade, stage.id, group.id)
        for stage in stages_in_order(state)
        for group in state.setup.groups.values()
        if (group.trade, group.stage) == (stage.trade, stage.id)
    ]
    return [place for place in found if proposing.promotes(state, place) is None]


def _promoting() -> list[str]:
    return [name for name in profiles.names() if profiles.load(name).promotion]


def _title(profile: Profile, lang: str) -> str:
    return f"{words.pick(profile.title, lang)} ({profile.id})"


def _of(rows: Sequence[Mapping[str, Any]], wished: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """The rows of a trade, of a delegation, of a level."""
    return [
        row
        for row in rows
        if wished["trade"] in ("", row["trade"]["id"])
        and wished["delegation"] in ("", (row["delegation"] or {}).get("id"))
        and _is(row, wished["only"])
    ]


def _is(row: Mapping[str, Any], only: str) -> bool:
    if only == NO_LEVEL:
        return row["level"] is None
    if only == UNKNOWN:
        return row["level"] is not None and row["held"] == promotions.UNKNOWN
    return bool(row["edge"]) if only == EDGE else only in ("", row["level"])


# ---------------------------------------------------------------- what is shown


def _drawn(found: promotions.Picture, wished: Mapping[str, str], number: int, lang: str) -> dict[str, Any]:
    """What the template draws of a page of the list."""
    listed = _of(found["proposals"], {**wished, "only": ""})
    chosen = _of(listed, wished)
    at = min(max(1, number), max(1, _pages(chosen)))
    return {
        "counts": _counts(listed, lang),
        "rows": [_row(row, lang) for row in chosen[(at - 1) * ROWS : at * ROWS]],
        "total": len(chosen),
        "page": at,
        "pages": _pages(chosen),
        "waiting": [
            _place_words(row, lang) | {"why": words.say(row["code"], lang, **row["params"])}
            for row in found["waiting"]
        ],
        "changed": [promotions.change_word(row, lang) for row in found["changed"]],
        "approvers": promotions.approvers(listed),
        "open": [promotion_csv.open_word(what, lang) for what in found["open"]],
        "trades": _choices(found["proposals"], "trade", lang),
        "delegations": _choices(found["proposals"], "delegation", lang),
        "any": bool(found["proposals"]),
    }


def _pages(rows: Sequence[object]) -> int:
    return -(-len(rows) // ROWS)


def _counts(rows: Sequence[Mapping[str, Any]], lang: str) -> list[tuple[str, str, int]]:
    """(filter, its words, how many): all, each level, none, unknown, ties."""
    found = [("", words.say("ui.all", lang), len(rows))]
    for level, n in promotions.counts(rows).items():
        said = promotion_csv.level_name(level, lang) if level else words.say("promotion.no_level", lang)
        found.append((level or NO_LEVEL, said, n))
    for only in (UNKNOWN, EDGE):
        if n := sum(_is(row, only) for row in rows):
            found.append((only, words.say(f"promotion.only_{only}", lang), n))
    return found


def _place_words(row: Mapping[str, Any], lang: str) -> dict[str, Any]:
    return {part: words.pick(row[part]["name"], lang) for part in ("trade", "stage", "group")} | {
        "href": "/console/results/" + "/".join(row[part]["id"] for part in ("trade", "stage", "group"))
    }


def _row(row: Mapping[str, Any], lang: str) -> dict[str, Any]:
    delegation = row["delegation"]
    return {
        **_place_words(row, lang),
        "version": row["version"],
        "place": row["place"],
        "medal": row["medal"],
        "who": promotions.name_word(row, lang),
        "person": row["person"],
        "team": words.pick(row["team"], lang),
        "delegation": words.pick(delegation["name"], lang) if delegation else "",
        "held": promotions.held_word(row, lang),
        "unknown": row["held"] == promotions.UNKNOWN,
        "level": promotions.level_word(row["level"], lang),
        "honours": row["honours"],
        "also": promotions.also_word(row),
        "edge": row["edge"],
        "clause": row["clause"],
        "reason": promotions.reason(row, lang, approval=False),
    }


def _choices(rows: Sequence[Mapping[str, Any]], part: str, lang: str) -> list[tuple[str, str]]:
    found = {
        row[part]["id"]: words.pick(row[part]["name"], lang) or row[part]["id"] for row in rows if row[part]
    }
    return sorted(found.items(), key=lambda pair: pair[1]) if part == "delegation" else list(found.items())


routes = [
    get("/console/promotion", page, READERS),
    get("/console/promotion.{form}", download, READERS),
]
