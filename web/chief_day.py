"""The chief's and the floor officer's day: sessions, who is there, times; who marks, and what is void."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import events as e
from compsys import people, session_clock, views
from compsys.events import Answer
from compsys.state import Stream
from scoring_rules import exact
from web.access import CHIEF, FLOOR, desk_of, get, post
from web.chief_page import here, not_open, show, stream_here
from web.console_page import act, onward, refused, text
from web.console_run import MOVES, session_move, session_tally

# ---------------------------------------------------------------- sessions


async def sessions(request: Request, answer: Answer | None = None) -> Response:
    """The sessions with their clocks; in the chosen one who is there, who has finished, extra time."""
    if (page := await not_open(request)) is not None:
        return page
    now = desk_of(request).now()
    async with here(request) as state:
        stream = stream_here(request, state)
        rows = [
            {
                **views.session_view(stream, key),
                **session_tally(stream, key),
                "locked": f"session:{key}" in stream.locks,
                "clock": session_clock.stand(stream.sessions[key], 0, now),
            }
            for key in stream.sessions
        ]
        running = next(
            (r["id"] for r in rows if r["state"] in ("running", "paused")), rows[0]["id"] if rows else ""
        )
        chosen = (
            request.query_params.get("session", "") or str(request.path_params.get("session", "")) or running
        )
        units = units_in(stream, chosen, now) if chosen in stream.sessions else []
    context = {"rows": rows, "chosen": chosen, "units": units, "moves": MOVES, "now": now}
    return show(request, "chief_sessions.html", "sessions", context, answer)


def units_in(stream: Stream, session: str, now: str) -> list[dict[str, Any]]:
    """The codes of a session with station, presence, credit and net time."""
    found = []
    for unit_id, station in stream.sessions[session].stations.items():
        unit = stream.units[unit_id]
        seconds = unit.seconds.get(session)
        found.append(
            {
                "unit": unit_id,
                "code": unit.code,
                "station": station,
                "present": unit.present.get(session),
                "credit": unit.credit.get(session, 0),
                "clock": session_clock.stand(stream.sessions[session], unit.credit.get(session, 0), now),
                "seconds": exact.show(seconds) if seconds is not None else "",
                "statuses": [(scope, f.status) for scope, f in unit.statuses.items()],
            }
        )
    return sorted(found, key=lambda u: u["code"])


async def session_act(request: Request) -> Response:
    """Move a session, check a code in, note its finish, or give it more time."""
    form = await request.form(max_files=0, max_fields=12)
    async with here(request) as state:
        stream = stream_here(request, state).name
    session, unit, do = text(form, "session"), text(form, "unit"), text(form, "do")
    command: e.Command
    number = exact.normalise(text(form, "number") or "0")
    if do == "move":
        command = session_move(form, stream)
    elif not exact.is_number(number) or (do != "finish" and not number.lstrip("-").isdigit()):
        return await sessions(request, refused("not_a_number", value=number[:40]))
    elif do == "check_in":
        command = e.CheckIn(stream=stream, unit=unit, session=session, minutes_late=int(number))
    elif do == "finish":
        command = e.Finish(stream=stream, unit=unit, session=session, seconds=number)
    elif do == "credit":
        command = e.Credit(
            stream=stream, unit=unit, session=session, seconds=int(number), reason=text(form, "reason")
        )
    else:
        raise HTTPException(400, "malformed")
    answer = await act(request, command, form)
    if answer.a != "accepted":
        return await sessions(request, answer)
    return onward(f"/chief/sessions?session={session}", "session")


# ---------------------------------------------------------------- panel and voids


async def panel(request: Request, answer: Answer | None = None) -> Response:
    """Who marks: a seat leaves, a reserve joins; aspects or modules void for everybody."""
    if (page := await not_open(request)) is not None:
        return page
    async with here(request) as state:
        stream = stream_here(request, state)
        marking = [s for s in stream.seats.values() if s.role in people.MARKERS]
        unsigned = {
            s.key: sum(s.key in x.roster and s.key not in x.signed for x in stream.sheets.values())
            for s in marking
        }
        context = {
            "seats": [(s.key, s.label, s.role, unsigned[s.key]) for s in marking],
            "codes": sorted(stream.by_code),
            "stay": still_on(stream),
            "changes": [(t, words) for _, t, kind, _, words in stream.history if kind == "rosterchanged"],
            "aspects": [
                (a.key, dict(a.title))
                for a in {k: a for r in stream.groups.values() for k, a in r.aspects.items()}.values()
            ],
            "components": {c.id: dict(c.name) for r in stream.groups.values() for c in r.components},
            "voided": [(what, full, why) for what, (full, why) in stream.voided.items()],
        }
    return show(request, "chief_panel.html", "panel", context, answer)


def still_on(stream: Stream) -> list[tuple[str, list[str]]]:
    """Seats that left for good and are still on sheets, as who joined is recused there: (label, sheets)."""
    found: dict[str, list[str]] = {}
    for sheet in stream.sheets.values():
        for seat in sheet.roster:
            if seat in stream.left and seat not in sheet.signed and not sheet.complete:
                found.setdefault(seat, []).append(f"{stream.units[sheet.unit].code} {sheet.sub}")
    return [(stream.seats[seat].label, sorted(sheets)) for seat, sheets in found.items()]


async def panel_act(request: Request) -> Response:
    """Change the roster, or take something out for everybody."""
    form = await request.form(max_files=0, max_fields=12)
    async with here(request) as state:
        stream = stream_here(request, state)
        unit = stream.by_code.get(text(form, "code"), "*")
    command: e.Command
    if text(form, "do") == "void":
        command = e.Void(
            stream=stream.name,
            what=text(form, "what"),
            full=text(form, "full") == "1",
            reason=text(form, "reason"),
        )
    else:
        command = e.ChangeRoster(
            stream=stream.name,
            leaves=text(form, "leaves"),
            joins=text(form, "joins"),
            unit=unit,
            reason=text(form, "reason"),
        )
    answer = await act(request, command, form)
    return await panel(request, answer) if answer.a != "accepted" else onward("/chief/panel", "ruled")


routes = [
    get("/chief/sessions", sessions, CHIEF | FLOOR),
    post("/chief/sessions", session_act, CHIEF | FLOOR),
    get("/chief/panel", panel, CHIEF),
    post("/chief/panel", panel_act, CHIEF),
]
