"""Who goes on to a later stage: looked at by the rule of the cut, decided, and who moves up (递补)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import advancing
from compsys.events import Advance, Answer, Cut, MoveUp, Refused, ResultRow
from compsys.state import Advance as Went
from compsys.state import Result, State
from scoring_rules import cuts, shares
from scoring_rules.exact import is_number, normalise
from web import console_explain
from web.access import ORGANIZER, SUPERVISOR, desk_of, get, post
from web.beside import worked_out
from web.console_choices import entry_name
from web.console_page import act, draw, kept, onward, refused, text
from web.render import language

READERS = ORGANIZER | SUPERVISOR
MOST = 300
"""Rows of a list on the page; the command line lists all."""
WHOLE = ("top", "per_pool", "host", "reserve")
NUMBERS = ("percent", "minimum")
WORDS = ("base", "rounding", "ties", "pool", "carry")
LISTS = ("points", "seeded", "wild_cards")
FIELDS = (*WHOLE, *NUMBERS, *WORDS, *LISTS, "reason")


class Place(NamedTuple):
    """A group's way from one stage to another."""

    trade: str
    stage: str
    group: str
    to: str

    @property
    def address(self) -> str:
        """The page."""
        return f"/console/advance/{self.trade}/{self.stage}/{self.group}/{self.to}"


def panel(state: State, trade: str, stage: str, group: str) -> list[dict[str, Any]]:
    """The later stages of a group, each with what was decided, for the result's page."""
    return [
        {
            "name": dict(ahead.stage.name), "drawn": ahead.drawn, "stale": ahead.stale,
            "went": {"n": len(ahead.went.entries), "version": ahead.went.version} if ahead.went else None,
            "href": Place(trade, stage, group, ahead.stage.id).address,
        }
        for ahead in advancing.ahead(state, trade, stage, group)
    ]  # fmt: skip


# ---------------------------------------------------------------- the form


def values_of(count: int, ties: str, cut: Cut) -> dict[str, str]:
    """A rule as the texts of the form."""
    whole = {"top": count, "per_pool": cut.per_pool, "host": cut.host, "reserve": cut.reserve}
    return {name: str(number or "") for name, number in whole.items()} | {
        "percent": cut.percent, "base": cut.base, "rounding": cut.rounding, "minimum": cut.minimum,
        "ties": ties, "pool": cut.pool, "carry": cut.carry, "points": " ".join(cut.points),
    }  # fmt: skip


def preset(state: State, at: Place, went: Went | None) -> tuple[dict[str, str], bool]:
    """What the form begins with: the rule that was decided by, else the profile's; whether it is that."""
    if went is not None:
        return values_of(went.count, went.ties, went.cut), False
    own = advancing.from_rules(advancing.profile_of(state, at.trade, at.stage, at.group))
    return values_of(*(own or (0, "in", Cut()))), own is not None


def named_in(state: State, at: Place, went: Went | None) -> dict[str, str]:
    """The seeds and wild cards of a decision, by code (else id), so that the next one keeps them."""
    units = {
        entry: stream.units[unit].code
        for stream in state.streams_of(at.trade, at.stage) for entry, unit in stream.by_entry.items()
    } if went is not None else {}  # fmt: skip
    found = {"seeded": "seeded", "wild_cards": "wild_card"}
    return {
        name: " ".join(
            units.get(x, x) for x, how in went.entries.items()
            if how == way and not (way == "seeded" and state.setup.entries[x].seeded)
        )
        for name, way in found.items()
    } if went is not None else {}  # fmt: skip


def command_of(at: Place, typed: Mapping[str, str], find: Callable[[str], str]) -> Advance | str:
    """What was typed as a command; or the name of the field that makes no sense. ``find``: a code as its
    entry, "" when there is none."""
    whole: dict[str, int] = {}
    for name in WHOLE:
        number = normalise(typed.get(name, "")) or "0"
        if not (number.isascii() and number.isdigit() and len(number) <= 7):
            return name
        whole[name] = int(number)
    numbers = {name: normalise(typed.get(name, "")) for name in NUMBERS}
    wrong = next((name for name, number in numbers.items() if number and not is_number(number)), "")
    lists = {name: tuple(filter(None, re.split(r"[\s,，、]+", typed.get(name, "")))) for name in LISTS}
    points = tuple(normalise(number) for number in lists["points"])
    carry = typed.get("carry") or "none"
    if wrong or not all(is_number(number) for number in points):
        return wrong or "points"
    if bool(points) != (carry == "points"):
        return "points"
    if not whole["top"] and not whole["per_pool"] and not any(numbers.values()):
        return "top"
    if bool(typed.get("pool")) != bool(whole["per_pool"]):
        return "per_pool"
    if whole["top"] and numbers["percent"]:
        return "percent"
    found = {name: tuple(find(code) for code in lists[name]) for name in ("seeded", "wild_cards")}
    for name, entries in found.items():
        if "" in entries:
            return name
    cut = Cut(
        **numbers, base=typed.get("base") or "started", rounding=typed.get("rounding") or "floor",
        pool=typed.get("pool", ""), per_pool=whole["per_pool"], host=whole["host"],
        reserve=whole["reserve"], carry=carry, points=points,
    )  # fmt: skip
    return Advance(
        **at._asdict(), count=whole["top"], ties=typed.get("ties") or "in", cut=cut,
        seeded=found["seeded"], wild_cards=found["wild_cards"], reason=typed.get("reason", ""),
    )  # fmt: skip


# ---------------------------------------------------------------- the page


async def page(
    request: Request, answer: Answer | None = None, typed: dict[str, str] | None = None
) -> Response:
    """What was decided, who waits, who withdrew; the rule, and who would go on by it."""
    desk, lang = desk_of(request), language(request)
    found = await worked_out(request, lambda state: _shown(state, request, desk.names, lang, typed))
    turned_down = found.pop("turned_down")
    if turned_down and answer is None:
        answer = refused(turned_down[0], **turned_down[1])
    at = Place(*(str(request.path_params[name]) for name in Place._fields))
    fixed = {
        "at": at, "bases": shares.BASES, "roundings": shares.ROUNDINGS, "pools": advancing.POOLS,
        "carries": cuts.CARRIES, "most": MOST,
    }  # fmt: skip
    return draw(request, "console_advance.html", "results", found | fixed, answer=answer)


def _shown(
    state: State, request: Request, names: Any, lang: str, typed: dict[str, str] | None
) -> dict[str, Any]:
    """Everything that the page shows, as data."""
    at = place_of(request, state)
    result = state.results.get(at[:3], Result())
    ahead = next(x for x in advancing.ahead(state, *at[:3]) if x.stage.id == at.to)
    named = bool(result.versions) and console_explain.may_name(state, *at[:3])
    rule, ruled = preset(state, at, ahead.went)
    values = dict.fromkeys(FIELDS, "") | rule | named_in(state, at, ahead.went) | (typed or {})
    lines = {row.entry: row for row in result.versions[-1].rows} if result.versions else {}

    def shown(entries: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
        return [_row(state, names, lang, lines.get(x), x, way) for x, way in entries]

    look, wrong, refusal = None, "", None
    if typed is not None:
        command = command_of(at, typed, finder(state, at, named=named))
        found = advancing.chosen(state, command) if isinstance(command, Advance) else None
        if isinstance(found, advancing.Chosen):
            look = _looked(found, shown, named=named)
        wrong = command if isinstance(command, str) else ""
        refusal = (found.code, dict(found.params)) if isinstance(found, Refused) else None
    return {
        "named": named, "values": values, "ruled": ruled, "wrong": wrong, "look": look,
        "turned_down": ("advance.wrong", {}) if wrong else refusal,
        "went": _went(ahead.went, shown, named=named) if ahead.went else None,
        "stale": ahead.stale, "drawn": ahead.drawn,
        "opened": any(s.frozen for s in state.streams_of(at.trade, at.to)),
        "state": result.state, "version": result.versions[-1].version if result.versions else "",
        "trade_name": dict(state.setup.trades[at.trade].name),
        "stage_name": dict(state.setup.stages[f"{at.trade}/{at.stage}"].name),
        "group_name": dict(state.setup.groups["/".join(at[:3])].name),
        "to_name": dict(ahead.stage.name),
    }  # fmt: skip


def place_of(request: Request, state: State) -> Place:
    """The page's place; 404 where the group has no such later stage."""
    at = Place(*(str(request.path_params[name]) for name in Place._fields))
    here = "/".join(at[:3]) in state.setup.groups
    if not here or at.to not in {ahead.stage.id for ahead in advancing.ahead(state, *at[:3])}:
        raise HTTPException(404, "unknown_record")
    return at


def finder(state: State, at: Place, *, named: bool) -> Callable[[str], str]:
    """From what is typed to an entry: its code; its number or id once names may stand beside codes."""

    def find(wanted: str) -> str:
        for stream in state.streams_of(at.trade, at.stage):
            if (unit := stream.by_code.get(wanted.upper())) is not None:
                return stream.units[unit].entry
        entries = state.setup.entries.values() if named and wanted else ()
        own = (x for x in entries if (x.trade, x.group) == (at.trade, at.group))
        here = (x.id for x in own if wanted in (x.bib, x.id))
        return next(here, "")

    return find


def _row(state: State, names: Any, lang: str, line: ResultRow | None, entry: str, way: str) -> dict[str, Any]:
    record = state.setup.entries.get(entry)
    return {
        "entry": entry, "way": way, "name": entry_name(state.setup, record, names, lang) if record else "",
        "code": line.code if line else "", "total": line.total if line else None,
        "place": line.place if line else None, "tied": bool(line and line.tied),
        "status": line.status if line else "",
    }  # fmt: skip


def _looked(
    found: advancing.Chosen, shown: Callable[..., list[dict[str, Any]]], *, named: bool
) -> dict[str, Any]:
    """Who would go on, and the ties at an edge, which are by code and thus told before names may be."""
    return {
        "n": len(found.on), "last": found.last, "ways": counted(way for _, way in found.on),
        "edges": [shown((x, "") for x in tied[:MOST]) for tied in found.edges[:20]],
        "rows": shown(found.on[:MOST]) if named else [],
        "reserve": shown((x, "") for x in found.reserve[:MOST]) if named else [],
        "waits": len(found.reserve),
    }  # fmt: skip


def _went(went: Went, shown: Callable[..., list[dict[str, Any]]], *, named: bool) -> dict[str, Any]:
    on = list(went.entries.items())
    people = {row["entry"]: row for row in shown((x, "") for m in went.moved[-MOST:] for x in m[1:3] if x)}
    return {
        "n": len(on), "version": went.version, "ways": counted(way for _, way in on),
        "rows": shown(on[:MOST]) if named else [],
        "reserve": shown((x, "") for x in went.reserve[:MOST]) if named else [],
        "waits": len(went.reserve),
        "moved": [
            {"at": t, "left": people[left], "joins": people.get(joins), "reason": why}
            for t, left, joins, why in went.moved[:-MOST - 1:-1]
        ] if named else [],
    }  # fmt: skip


def counted(ways: Iterable[str]) -> Sequence[tuple[str, int]]:
    """How many go on in each way, in the order of the rules; old decisions say nothing of it.

    >>> counted(["cut", "host", "cut", ""])
    [('cut', 2), ('host', 1)]
    """
    held = list(ways)
    return [(way, held.count(way)) for way in cuts.WAYS if way in held]


# ---------------------------------------------------------------- acts


async def decide(request: Request) -> Response:
    """Look at who would go on, decide it, or take a withdrawal."""
    form = await request.form(max_files=0, max_fields=40)
    typed = {name: text(form, name, 2000) for name in FIELDS}
    async with desk_of(request).reading() as state:
        at = place_of(request, state)
        named = console_explain.may_name(state, *at[:3])
        find = finder(state, at, named=named)
    if text(form, "do") == "withdraw":
        if not named:
            raise HTTPException(409, "not_official")
        gone = MoveUp(**at._asdict(), entry=find(text(form, "who", 60)), reason=text(form, "why", 1000))
        answer = await act(request, gone, form) if gone.entry else refused("advance.unknown")
        return onward(at.address, "moved_up") if answer.a == "accepted" else await page(request, answer)
    command = command_of(at, typed, find)
    if isinstance(command, str) or text(form, "look"):
        return await page(request, None, typed)
    answer = await act(request, command, form)
    if answer.a == "accepted":
        return onward(at.address, "advanced")
    return await page(request, answer, {name: kept(form).get(name, [""])[0] for name in FIELDS})


HERE = "/console/advance/{trade}/{stage}/{group}/{to}"
routes = [get(HERE, page, READERS), post(HERE, decide, ORGANIZER)]
