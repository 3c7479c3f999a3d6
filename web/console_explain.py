"""Why this place: one entry's steps from the seats' marks to its medal, as a page for office and chief."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import explain_told
from compsys.boards_feed import marking_state
from compsys.exchange import results
from compsys.explain import Explained, Target, explain, find
from compsys.state import Result, State
from web import chief_page
from web.access import CHIEF, ORGANIZER, SUPERVISOR, desk_of, get
from web.beside import worked_out
from web.console_choices import entry_name
from web.console_page import draw
from web.render import language

READERS = ORGANIZER | SUPERVISOR


async def page(request: Request) -> Response:
    """An entry's steps; by its blind code, or by its id once names may stand beside codes."""
    trade, stage, group, wanted = _path(request)
    lang, desk = language(request), desk_of(request)

    def work(state: State) -> dict[str, Any]:
        target = asked_for(request, state)
        named = may_name(state, *target[:3])
        entry = state.setup.entries.get(target.entry)
        name = entry_name(state.setup, entry, desk.names, lang) if entry and named else ""
        found = shown(_explained(state, target), request, lang)
        whatif = f"/console/whatif/{trade}/{stage}/{group}/{quote(wanted, safe='')}"
        return found | {"name": name, "whatif": whatif} | headed(state, target)

    return draw(request, "console_explain.html", "results", await worked_out(request, work))


def headed(state: State, target: Target) -> dict[str, Any]:
    """What stands at the head of a page about somebody, or about their group."""
    trade, stage, group = target[:3]
    return {
        "trade_name": dict(state.setup.trades[trade].name),
        "stage_name": dict(state.setup.stages[f"{trade}/{stage}"].name),
        "group_name": dict(state.setup.groups[f"{trade}/{stage}/{group}"].name),
        "back": f"/console/results/{trade}/{stage}/{group}",
    }


async def chief(request: Request) -> Response:
    """The same for the chief of the stream, by code only."""

    # The medal table reads other trades too, so all of them must be folded.
    def work(state: State) -> dict[str, Any]:
        target, code = asked_by_chief(request, state)
        links = {"back": f"/chief/unit/{code}", "whatif": f"/chief/whatif/{quote(code, safe='')}"}
        return shown(_explained(state, target), request, language(request)) | links

    return chief_page.show(request, "chief_explain.html", "sheets", await worked_out(request, work))


def asked_for(request: Request, state: State) -> Target:
    """Whom an address of the office names, once that may be told: 404 for nobody, 409 before the lock."""
    trade, stage, group, wanted = _path(request)
    if f"{trade}/{stage}/{group}" not in state.setup.groups:
        raise HTTPException(404, "unknown_record")
    return _target(state, trade, stage, group, wanted, named=may_name(state, trade, stage, group))


def _path(request: Request) -> tuple[str, str, str, str]:
    """Trade, stage, group and entry of an address."""
    trade, stage, group, wanted = (str(request.path_params[p]) for p in ("trade", "stage", "group", "entry"))
    return trade, stage, group, wanted


def asked_by_chief(request: Request, state: State) -> tuple[Target, str]:
    """Whom an address of the chief names, of the chief's own stream, and the code; as of ``asked_for``."""
    stream = chief_page.stream_here(request, state)
    unit = stream.units.get(stream.by_code.get(str(request.path_params["code"]), ""))
    if unit is None:
        raise HTTPException(404, "unknown_unit")
    if stream.marking != "locked":
        raise HTTPException(409, "explain.not_yet")
    return Target(stream.trade, stream.stage, unit.group, unit.entry), unit.code


def may_name(state: State, trade: str, stage: str, group: str) -> bool:
    """Whether a name may stand beside a code: marking was not blind, or a version has left the office."""
    result = state.results.get((trade, stage, group), Result())
    blind = state.setup.stages[f"{trade}/{stage}"].blind
    return not blind or (bool(result.versions) and results.left_office(result, len(result.versions) - 1))


def _target(state: State, trade: str, stage: str, group: str, wanted: str, *, named: bool) -> Target:
    """The entry of a code, or of an id where that tells nothing new; 404 for others, 409 before the lock."""
    version = (trade, stage, group) in state.results
    for target in find(state, trade, stage, group, wanted):
        codes = {stream.units[unit].code for stream in state.streams_of(trade, stage)
                 if (unit := stream.by_entry.get(target.entry)) is not None}  # fmt: skip
        if named or wanted in codes:
            if not version and marking_state(state, trade, stage) != "locked":
                raise HTTPException(409, "explain.not_yet")
            return target
    raise HTTPException(404, "unknown_unit")


def _explained(state: State, target: Target) -> Explained:
    found = explain(state, target)
    if found is None:
        raise HTTPException(409, "explain.not_yet")
    return found


def shown(found: Explained, request: Request, lang: str) -> dict[str, Any]:
    """What the template draws: the steps in words, what was published, whether all of it is open."""
    return {
        "code": found.code,
        "medal": medal.value if (medal := found.step("medal")) else "",
        "official": found.published.get("rank") == "official",
        "steps": [_plain(explain_told.told(step, lang, found.clauses)) for step in found.steps],
        "rules": found.profile,
        "said": explain_told.published(found, lang),
        "differs": bool(found.published.get("differs")),
        "published": bool(found.published),
        "whole": "all" in request.query_params,
    }


def _plain(step: explain_told.Told) -> dict[str, Any]:
    """A step as data."""
    return step._asdict() | {"below": [_plain(below) for below in step.below]}


routes = [
    get("/console/explain/{trade}/{stage}/{group}/{entry}", page, READERS),
    get("/chief/explain/{code}", chief, CHIEF),
]
