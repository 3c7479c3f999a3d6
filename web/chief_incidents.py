"""Incidents: the chief reports and decides them; the office and the supervisor read the list.

A page names an incident by its place among the stream's incidents, not by its line: a line's number counts
votes that nobody may count yet.
"""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import events as e
from compsys import words
from compsys.events import Answer
from compsys.state import State, Stream
from scoring_rules import exact
from web import console_confirm
from web.access import CHIEF, FLOOR, ORGANIZER, SUPERVISOR, UPLOAD, actor, desk_of, get, post
from web.chief_page import here, not_open, show, stream_here
from web.console_page import act, draw, onward, refused, text
from web.evidence import of_form, stand_of
from web.render import language

KINDS = ("equipment", "injury", "conduct", "task_error")
OUTCOMES = ("credit", "rerun", "penalty", "none")


def shown(request: Request, state: State, stream: Stream, at: str) -> list[dict[str, Any]]:
    """The incidents of a stream, the newest first, with what was decided; ``at``: where pictures are."""
    lang = language(request)
    found = []
    for i, one in enumerate(stream.incidents.values(), 1):
        if one.kind not in KINDS:
            continue  # a status that a judge proposes: it waits in the tray
        session = stream.sessions.get(one.session)
        unit = stream.units.get(one.unit)
        found.append(
            {
                "i": i,
                "at": one.t,
                "kind": one.kind,
                "code": unit.code if unit else "",
                "session": (words.pick(session.name, lang) or one.session) if session else "",
                "station": one.station,
                "text": one.text,
                "by": who(state, one.by, lang),
                "pictures": stand_of(request, at, one.files, words.say("picture.add", lang)),
                "outcome": one.outcome,
                "reason": one.reason,
                "decided": one.decided,
                "decided_by": who(state, one.decided_by, lang),
                "confirmed_by": who(state, one.confirmed_by, lang),
                "may_credit": bool(session and (not one.unit or one.unit in session.stations)),
                "components": [
                    (c.id, words.pick(c.name, lang) or c.id) for c in stream.groups[unit.group].components
                ]
                if unit
                else [],
            }
        )
    return found[::-1]


def who(state: State, actor_id: str, lang: str) -> str:
    """A seat by its label, an account by its id."""
    seat = state.setup.seats.get(actor_id)
    return words.say("seat.label", lang, seat=seat.label or seat.id) if seat else actor_id


def report_fields(stream: Stream, lang: str) -> dict[str, Any]:
    """What a report's form offers."""
    return {
        "kinds": KINDS,
        "codes": sorted(stream.by_code),
        "sessions": [(key, words.pick(s.name, lang) or key) for key, s in stream.sessions.items()],
        "running": next((key for key, s in stream.sessions.items() if s.state in ("running", "paused")), ""),
    }


async def page(request: Request, answer: Answer | None = None) -> Response:
    """What waits for the chief's decision, what was decided, and a form for a report."""
    if (closed := await not_open(request)) is not None:
        return closed
    lang = language(request)
    async with here(request) as state:
        stream = stream_here(request, state)
        context = {
            "rows": shown(request, state, stream, "/chief/evidence"),
            "outcomes": OUTCOMES,
            "wishes": console_confirm.panel(request, state),
            "me": actor(request).id,
            **report_fields(stream, lang),
        }
    return show(request, "chief_incidents.html", "incidents", context, answer)


async def command_of(request: Request, form: Any) -> e.Command | Answer:
    """The report or decision of a form, or why there is none."""
    async with here(request) as state:
        stream = stream_here(request, state)
        name, unit = stream.name, stream.by_code.get(text(form, "code"), "")
        lines = list(stream.incidents)
    if text(form, "do") == "report":
        kind = text(form, "incident")
        if kind not in KINDS:
            raise HTTPException(400, "malformed")
        files = await of_form(request, form)
        if isinstance(files, Answer):
            return files
        return e.Report(
            stream=name,
            incident=kind,  # type: ignore[arg-type]  # one of the four, as just asked
            text=text(form, "text"),
            unit=unit,
            session=text(form, "session", 60),
            station=text(form, "station", 40),
            files=files,
        )
    place, outcome = text(form, "i", 9), text(form, "outcome")
    if outcome not in OUTCOMES or not place.isdecimal() or not 1 <= int(place) <= len(lines):
        raise HTTPException(400, "malformed")
    number = exact.normalise(text(form, "number", 20) or "0")
    if not exact.is_number(number) or (outcome == "credit" and not number.isdecimal()):
        return refused("not_a_number", value=number[:40])
    return e.DecideIncident(
        stream=name,
        n=lines[int(place) - 1],
        outcome=outcome,  # type: ignore[arg-type]  # one of the four, as just asked
        reason=text(form, "reason"),
        seconds=60 * int(number) if outcome == "credit" else 0,
        component=text(form, "component", 60),
        amount=number if number.startswith("-") or number == "0" else f"-{number}",
    )


async def chief_act(request: Request) -> Response:
    """Report, or decide; a penalty waits for its second person unless that one is there."""
    form = await request.form(max_files=1, max_fields=16)
    command = await command_of(request, form)
    if isinstance(command, Answer):
        return await page(request, command)
    answer: Answer | None
    if isinstance(command, e.DecideIncident) and command.outcome == "penalty":
        answer = await console_confirm.ask(request, form, command)
        if answer is None:
            return onward("/chief/incidents", "asked")
    else:
        answer = await act(request, command, form)
    if answer.a != "accepted":
        return await page(request, answer)
    return onward("/chief/incidents", "reported" if isinstance(command, e.Report) else "ruled")


async def floor_page(request: Request, answer: Answer | None = None) -> Response:
    """The floor officer's report: what, where, in own words."""
    if (closed := await not_open(request)) is not None:
        return closed
    async with here(request) as state:
        context = report_fields(stream_here(request, state), language(request))
    context["code"] = request.query_params.get("code", "")
    return show(request, "floor_report.html", "report", context, answer)


async def floor_act(request: Request) -> Response:
    """Report it; the chief decides."""
    form = await request.form(max_files=1, max_fields=16)
    if text(form, "do") != "report":
        raise HTTPException(400, "malformed")
    command = await command_of(request, form)
    answer = command if isinstance(command, Answer) else await act(request, command, form)
    return onward("/floor", "reported") if answer.a == "accepted" else await floor_page(request, answer)


async def console_page(request: Request) -> Response:
    """All incidents of all stages, and what was decided."""
    lang = language(request)
    async with desk_of(request).reading() as state:
        found = []
        for stream in state.folded():
            trade = state.setup.trades.get(stream.trade)
            stage = state.setup.stages.get(f"{stream.trade}/{stream.stage}")
            if rows := shown(request, state, stream, f"/console/evidence/{stream.name}"):
                name = [words.pick(one.name, lang) or one.id for one in (trade, stage) if one is not None]
                found.append({"name": words.say("ui.comma", lang).join(name), "rows": rows})
        context = {"streams": found}
    return draw(request, "console_incidents.html", "incidents", context)


routes = [
    get("/chief/incidents", page, CHIEF),
    post("/chief/incidents", chief_act, CHIEF, limit=UPLOAD),
    get("/floor/report", floor_page, FLOOR),
    post("/floor/report", floor_act, FLOOR, limit=UPLOAD),
    get("/console/incidents", console_page, ORGANIZER | SUPERVISOR),
]
