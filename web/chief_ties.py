"""The chief's ties: which codes stand level, the results of a play-off (加赛), the chief's order."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any, Literal

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import events as e
from compsys import people, ties
from compsys.events import COMPETITION, Answer
from compsys.state import State, Stream
from scoring_rules import exact
from web.access import CHIEF, actor, desk_of, get, post
from web.chief_page import here, not_open, show, stream_here
from web.console_page import act, onward, refused, text

HERE = "/chief/ties"


Typed = dict[str, str]


async def page(request: Request, answer: Answer | None = None, typed: Typed | None = None) -> Response:
    """Every group of codes that stand level, with what was entered and the forms to enter it."""
    if (wait := await not_open(request)) is not None:
        return wait
    async with everywhere(request) as state:
        stream = stream_here(request, state)
        groups = [_group(state, stream, group) for group in stream.groups]
        context = {"groups": groups, "locked": "stage" in stream.locks, "typed": typed or {}}
    return show(request, "chief_ties.html", "ties", context, answer)


def everywhere(request: Request) -> AbstractAsyncContextManager[State]:
    """The state with every site of the seat's stage: a tie may reach over them."""
    desk = desk_of(request)
    name = people.stream_of_seat(desk.state, actor(request).id)
    return desk.reading(name.rpartition(".")[0] + "." if name else COMPETITION)


def _group(state: State, stream: Stream, group: str) -> dict[str, Any]:
    rules = stream.groups[group]
    record = state.setup.groups.get(f"{stream.trade}/{stream.stage}/{group}")
    return {
        "group": group,
        "name": dict(record.name) if record is not None else {},
        "keys": ties.keys_of(rules),
        "profile": rules.profile.id,
        "levels": [_level(state, stream, found) for found in _levels(state, stream, group)],
    }


def _levels(state: State, stream: Stream, group: str) -> list[ties.Level]:
    """The ties that have a code at this site."""
    found = ties.level(state, stream.trade, stream.stage, group)
    return [level for level in found if any(name == stream.name for name, _ in level.units)]


def _level(state: State, stream: Stream, level: ties.Level) -> dict[str, Any]:
    """One tie by code; how many of it stand at other sites, where their chief enters what they have."""
    mine = tuple(at for at in level.units if at[0] == stream.name)
    told = ties.units_told(state, level._replace(units=mine))
    return {
        "place": level.place, "broken": level.broken, "units": told,
        "elsewhere": len(level.units) - len(mine),
        "reasons": sorted({unit[key]["reason"] for unit in told for key in ties.KEYS if key in unit}),
    }  # fmt: skip


async def settle(request: Request) -> Response:
    """Enter results of a play-off or an order for the codes of one tie; an emptied field takes one back."""
    form = await request.form(max_files=0, max_fields=600)
    async with here(request) as state:
        stream = stream_here(request, state)
        units = {code: (unit, stream.units[unit].settled) for code, unit in stream.by_code.items()}
    key: Literal["play_off", "decided"] = "play_off" if text(form, "do") == "play_off" else "decided"
    if text(form, "do") not in ties.KEYS:
        raise HTTPException(400, "malformed")
    typed = {name: text(form, name, 40) for name in form if name.startswith("v.")}
    rows: list[tuple[str, str | None]] = []
    for name, said in typed.items():
        unit, settled = units.get(name.removeprefix("v."), ("", {}))
        number = exact.normalise(said)
        if number and not exact.is_number(number):
            return await page(request, refused("not_a_number", value=said[:40]), typed)
        if unit and (number or key in settled):
            rows.append((unit, number or None))
    if not rows:
        return await page(request, refused("ties.nothing"), typed)
    command = e.SettleTie(stream=stream.name, key=key, rows=tuple(rows), reason=text(form, "reason", 1000))
    answer = await act(request, command, form)
    return await page(request, answer, typed) if answer.a != "accepted" else onward(HERE, "ruled")


routes = [get(HERE, page, CHIEF), post(HERE, settle, CHIEF)]
