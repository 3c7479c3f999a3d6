"""The floor officer's check-in on a tablet: who is there, one question at a time, without a script.

Names stand here only where marking is not blind; under blind marking the floor knows stations and codes.
"""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import events as e
from compsys import session_clock
from compsys.clock import millis
from compsys.events import Answer
from compsys.state import State, Stream, Unit
from scoring_rules import exact
from web.access import FLOOR, desk_of, get, post
from web.chief_day import units_in
from web.chief_page import here, not_open, show, stream_here
from web.console_choices import entry_name
from web.console_page import act, onward, refused, text
from web.render import language

WORDS = ("same", "other", "unproven")


def name_of(request: Request, state: State, stream: Stream, unit: Unit) -> str:
    """Who a unit is, "" while that is hidden from the floor."""
    entry = state.setup.entries.get(unit.entry)
    if stream.blind or entry is None:
        return ""
    return entry_name(state.setup, entry, desk_of(request).names, language(request))


def _chosen(request: Request, stream: Stream) -> str:
    """The session that is asked about: the one in the address, else the one that runs, else the next."""
    asked = request.query_params.get("session", "") or str(request.path_params.get("session", ""))
    if asked in stream.sessions:
        return asked
    order = ("running", "paused", "planned", "stopped")
    found = sorted(stream.sessions.values(), key=lambda s: order.index(s.state))
    return found[0].id if found else ""


async def page(request: Request, answer: Answer | None = None) -> Response:
    """The list of a session, or the next question about one of it."""
    if (closed := await not_open(request)) is not None:
        return closed
    now = desk_of(request).now()
    async with here(request) as state:
        stream = stream_here(request, state)
        session = _chosen(request, stream)
        code, identity = request.query_params.get("code", ""), request.query_params.get("identity", "")
        unit = stream.units.get(stream.by_code.get(code, ""))
        context: dict[str, Any] = {"session": session, "now": now, "words_of": WORDS}
        context["sessions"] = [(key, dict(s.name), s.state) for key, s in stream.sessions.items()]
        if session:
            context["clock"] = session_clock.stand(stream.sessions[session], 0, now)
        if unit is not None and session and unit.id in stream.sessions[session].stations:
            started = stream.sessions[session].started
            late = (millis(now) - millis(started)) // 60_000 if started else 0
            context |= {
                "code": code,
                "station": stream.sessions[session].stations[unit.id],
                "name": name_of(request, state, stream, unit),
                "identity": identity if identity in WORDS else "",
                "late": max(0, late),
            }
        elif session:
            context["rows"] = [
                row
                | {
                    "name": name_of(request, state, stream, stream.units[row["unit"]]),
                    "identity": stream.units[row["unit"]].identity.get(session, ""),
                }
                for row in sorted(units_in(stream, session, now), key=lambda r: (r["station"], r["code"]))
            ]
    return show(request, "floor.html", "floor", context, answer)


async def check_in(request: Request) -> Response:
    """The last answer: present, with what the paper showed and how late."""
    form = await request.form(max_files=0, max_fields=8)
    async with here(request) as state:
        stream = stream_here(request, state)
        name, unit = stream.name, stream.by_code.get(text(form, "code", 40), "")
    identity, late = text(form, "identity"), exact.normalise(text(form, "late", 8) or "0")
    if identity not in WORDS:
        raise HTTPException(400, "malformed")
    if not late.isdecimal():
        return await page(request, refused("not_a_number", value=late))
    session = text(form, "session", 60)
    command = e.CheckIn(
        stream=name,
        unit=unit,
        session=session,
        minutes_late=int(late),
        identity=identity,  # type: ignore[arg-type]  # one of the three, as just asked
    )
    answer = await act(request, command, form)
    if answer.a != "accepted":
        return await page(request, answer)
    if identity == "other":
        return onward(f"/floor/report?code={text(form, 'code', 40)}", "checked_in")
    return onward(f"/floor?session={session}", "checked_in")


routes = [
    get("/floor", page, FLOOR),
    post("/floor", check_in, FLOOR),
]
