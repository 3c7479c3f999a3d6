"""What is certain while marks are missing, as a page: each entry's best and worst total and place."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import boards_feed
from compsys.asking import out
from compsys.bounds import Bounded, bounds
from compsys.explain import Target
from compsys.state import State
from compsys.words import say
from web.access import ORGANIZER, SUPERVISOR, desk_of, get
from web.beside import worked_out
from web.console_choices import entry_name
from web.console_explain import headed, may_name
from web.console_page import draw
from web.render import language

READERS = ORGANIZER | SUPERVISOR
ROWS = 200
"""Entries of a page."""


async def page(request: Request) -> Response:
    """A group's bounds, the best possible place first."""
    where = tuple(str(request.path_params[p]) for p in ("trade", "stage", "group"))
    lang, desk = language(request), desk_of(request)
    given = request.query_params.get("page", "1")
    at = int(given) if given.isascii() and given.isdecimal() and len(given) < 7 else 0

    def work(state: State) -> dict[str, Any]:
        trade, stage, group = where
        if "/".join(where) not in state.setup.groups:
            raise HTTPException(404, "unknown_record")
        if not shown_to_office(state, trade, stage, group):
            raise HTTPException(409, "bounds.not_yet")
        found = bounds(state, trade, stage, group)
        pages = max(1, -(-len(found) // ROWS))
        if not 1 <= at <= pages:
            raise HTTPException(404, "unknown_page")
        rows = [_row(row, lang) for row in found[(at - 1) * ROWS : at * ROWS]]
        if may_name(state, trade, stage, group):
            for row in rows:
                entry = state.setup.entries.get(row["entry"])
                row["name"] = entry_name(state.setup, entry, desk.names, lang) if entry else ""
        done, of = _sheets(state, trade, stage, group)
        return {
            "rows": [{k: v for k, v in row.items() if k != "entry"} for row in rows],
            "total": len(found), "page": at, "pages": pages,
            "counts": [(say(f"bounds.{word}", lang), sum(word in row.certain for row in found))
                       for word in ("final", "gold", "medal", "no_medal")],
            "missing": of - done, "of": of,
            "here": "/console/bounds/" + "/".join(where),
            **headed(state, Target(trade, stage, group, "")),
        }  # fmt: skip

    return draw(request, "console_bounds.html", "results", await worked_out(request, work))


def shown_to_office(state: State, trade: str, stage: str, group: str) -> bool:
    """Whether the office may know totals of signed sheets: its feed says so, or marking is locked, or a
    version was made."""
    if (trade, stage, group) in state.results or boards_feed.marking_state(state, trade, stage) == "locked":
        return True
    return boards_feed.source(state, trade, stage, group, "office").kind != "none"


def _sheets(state: State, trade: str, stage: str, group: str) -> tuple[int, int]:
    """How many sheets of the group are signed, of how many that are owed."""
    owed = [
        stream.sheets.get((unit.id, sub))
        for stream in state.streams_of(trade, stage)
        if stream.frozen and group in stream.groups
        for unit in stream.units.values()
        if unit.group == group
        for sub, component in stream.groups[group].component_of.items()
        if not out(unit, component)
    ]
    return sum(sheet is not None and sheet.complete for sheet in owed), len(owed)


def _row(row: Bounded, lang: str) -> dict[str, Any]:
    return {
        "entry": row.entry,
        "name": "",
        "code": row.code,
        "total": _span(row.worst_total, row.best_total),
        "place": _span(str(row.best_place), str(row.worst_place)) if row.best_place else "",
        "wide": row.best_place != row.worst_place,
        "certain": [
            (word, say(f"bounds.{word}", lang))
            for word in row.certain
            if word != "medal" or "gold" not in row.certain
        ],
    }


def _span(one: str, other: str) -> str:
    """From one to the other; one alone where both are the same.

    >>> _span("1", "3"), _span("2", "2")
    ('1–3', '2')
    """
    return one if one == other else f"{one}–{other}"


routes = [get("/console/bounds/{trade}/{stage}/{group}", page, READERS)]
