"""What happens on the floor beside the marking: reported with time, place and words, decided by the chief.

A credit or a penalty that follows is a line of its own, right after the decision, of the kinds that there
have always been: whatever tells of credits and penalties tells of these.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from compsys import events as e
from compsys import pictures
from compsys.asking import APPLY, Ask, Decided, Decider, Touched, open_stream, touch_sheet
from compsys.rulings import bad_status, decide_change_roster
from compsys.state import State, Stream
from compsys.state_day import Incident, Pinned
from scoring_rules.exact import parse

PROPOSALS = ("absent", "withdrawn", "excluded")
"""Kinds of report that propose what a unit is instead of its marks."""
AWAY = "away"
"""The kind of report by which a lead proposes that a seat of the panel leaves a unit's sheets."""
LONGEST = 500
"""Characters of a report or a reason."""


def decide_report(ask: Ask, cmd: e.Report) -> Decided:
    """Something happened; the station is that of the unit where none is said."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    if cmd.session and cmd.session not in stream.sessions:
        return e.Refused("session_unknown", {"session": cmd.session[:40]})
    unit = stream.units.get(cmd.unit)
    if cmd.unit and unit is None:
        return e.Refused("unknown_unit", {"unit": cmd.unit[:40]})
    if cmd.incident in PROPOSALS:
        if unit is None:
            return e.Refused("unknown_unit", {"unit": ""})
    elif set(ask.call.actor.roles) <= {"judge", "reserve"}:
        return e.Refused("not_allowed", {"role": ",".join(ask.call.actor.roles)})
    if cmd.incident == AWAY and (why := _not_away(stream, ask.call.actor.id, cmd)) is not None:
        return why
    if not cmd.text.strip():
        return e.Refused("reason_missing")
    if len(cmd.text) > LONGEST or len(cmd.station) > 40:
        return e.Refused("too_large")
    station = cmd.station or (unit.stations.get(cmd.session, "") if unit else "")
    event = e.Reported(
        **ask.stamp,
        incident=cmd.incident,
        unit=cmd.unit,
        session=cmd.session,
        station=station,
        seat=cmd.seat if cmd.incident == AWAY else UNSET,
    )
    return [ask.line(cmd.stream, event, text=cmd.text.strip(), files=cmd.files)]


def _not_away(stream: Stream, by: str, cmd: e.Report) -> e.Refused | None:
    """Why a seat cannot be called away: only who leads says so, of another seat that still owes a sheet of
    the unit."""
    lead, seat = stream.seats.get(by), stream.seats.get(cmd.seat)
    if lead is None or lead.role not in ("lead", "chief"):
        return e.Refused("not_allowed", {"role": lead.role if lead else ""})
    if seat is None or cmd.seat == by:
        return e.Refused("unknown_seat", {"seat": cmd.seat[:60]})
    theirs = [x for x in stream.sheets.values() if x.unit == cmd.unit and cmd.seat in x.roster]
    if lead.role == "lead":
        theirs = [x for x in theirs if by in x.roster]
    if not any(not x.complete and cmd.seat not in x.signed for x in theirs):
        return e.Refused("unknown_sheet", {"unit": cmd.unit[:40], "sub": "*"})
    return None


def away(stream: Stream, unit: str) -> list[str]:
    """The seats that are proposed as away from a unit's sheets, and wait for the chief."""
    waits = (found for found in stream.incidents.values() if found.unit == unit and not found.outcome)
    return sorted({found.seat for found in waits if found.kind == AWAY})


def apply_reported(state: State, stream: Stream, n: int, event: e.Reported, closed: e.Closed) -> Touched:
    """It waits for the chief's decision."""
    stream.incidents[n] = Incident(
        n, event.t, event.incident, event.unit, event.session, event.station, closed.text, closed.actor,
        files=closed.files, seat=event.seat or "",
    )  # fmt: skip
    pictures.pin(stream, closed.files, Pinned(closed.actor, event.unit, incident=n))
    return (("incident", stream.name), *_touch(stream, stream.incidents[n], n))


def proposed(stream: Stream, unit: str) -> list[str]:
    """What is proposed for a unit and waits for the chief."""
    waits = (found for found in stream.incidents.values() if found.unit == unit and not found.outcome)
    return sorted({found.kind for found in waits if found.kind in PROPOSALS})


def _touch(stream: Stream, found: Incident, n: int) -> Touched:
    """A proposal stands on the unit's sheets; other reports do not."""
    touched: Touched = ()
    for (unit, _), sheet in stream.sheets.items():
        if unit == found.unit and (found.kind in PROPOSALS or found.kind == AWAY):
            touched += touch_sheet(stream, sheet, n)
    return touched


def decide_incident(ask: Ask, cmd: e.DecideIncident) -> Decided:
    """The chief decides once: extra time, a re-run, a penalty with a second person, or nothing."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    found = stream.incidents.get(cmd.n)
    if found is None:
        return e.Refused("unknown_record")
    if found.outcome:
        return e.Refused("incident_decided")
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    if found.kind == AWAY and cmd.outcome != "none":
        return _off_the_panel(ask, found, cmd)
    more: list[e.AnyEvent] | e.Refused = []
    if cmd.outcome == "credit":
        more = _credit(ask, stream, found, cmd)
    elif cmd.outcome == "penalty":
        more = _penalty(ask, stream, found, cmd)
    elif cmd.outcome in ("status", "everywhere"):
        more = _status(ask, stream, found, cmd.outcome)
    if isinstance(more, e.Refused):
        return more
    decided = e.IncidentDecided(**ask.stamp, of=cmd.n, outcome=cmd.outcome)
    if cmd.outcome == "penalty":
        decided = e.IncidentDecided(
            **ask.stamp, of=cmd.n, outcome=cmd.outcome, confirmed_by=cmd.confirmed_by
        )
    first = ask.line(cmd.stream, decided, text=cmd.reason)
    return [first, *(ask.more(cmd.stream, event, text=cmd.reason) for event in more)]


def _off_the_panel(ask: Ask, found: Incident, cmd: e.DecideIncident) -> Decided:
    """The seat that is away leaves this unit's sheets, or all its unsigned ones."""
    if cmd.outcome not in ("status", "everywhere"):
        return e.Refused("bad_status", {"status": cmd.outcome})
    unit = found.unit if cmd.outcome == "status" else "*"
    change = e.ChangeRoster(
        stream=cmd.stream, leaves=found.seat, joins=cmd.joins, unit=unit, reason=cmd.reason
    )
    lines = decide_change_roster(ask, change)
    if isinstance(lines, e.Refused):
        return lines
    decided = e.IncidentDecided(**ask.stamp, of=cmd.n, outcome=cmd.outcome)
    return [
        ask.line(cmd.stream, decided, text=cmd.reason),
        *(ask.more(x.stream, x.event, secret=x.closed.secret, text=x.closed.text) for x in lines),
    ]


def _credit(
    ask: Ask, stream: Stream, found: Incident, cmd: e.DecideIncident
) -> list[e.AnyEvent] | e.Refused:
    session = stream.sessions.get(found.session)
    if session is None:
        return e.Refused("session_unknown", {"session": found.session})
    if found.unit and found.unit not in session.stations:
        return e.Refused("unknown_unit", {"unit": found.unit})
    if cmd.seconds < 1:
        return e.Refused("not_a_number", {"value": str(cmd.seconds)})
    return [e.Credited(**ask.stamp, unit=found.unit or "*", session=found.session, seconds=cmd.seconds)]


def _status(
    ask: Ask, stream: Stream, found: Incident, outcome: str
) -> list[e.AnyEvent] | e.Refused:
    if outcome != "status":
        return e.Refused("bad_status", {"status": outcome})
    if found.kind not in PROPOSALS:
        return e.Refused("bad_status", {"status": found.kind})
    status: Any = found.kind
    refusal = bad_status(stream, found.unit, "stage", status)
    return refusal or [e.StatusSet(**ask.stamp, unit=found.unit, scope="stage", status=status)]


def _penalty(
    ask: Ask, stream: Stream, found: Incident, cmd: e.DecideIncident
) -> list[e.AnyEvent] | e.Refused:
    unit = stream.units.get(found.unit)
    if unit is None:
        return e.Refused("unknown_unit", {"unit": found.unit})
    rules = stream.groups[unit.group]
    if cmd.component not in {component.id for component in rules.components}:
        return e.Refused("unknown_component", {"component": cmd.component[:40]})
    if "stage" in stream.locks or f"component:{cmd.component}" in stream.locks:
        return e.Refused("locked", {"scope": cmd.component})
    if parse(cmd.amount) >= 0:
        return e.Refused("not_a_number", {"value": cmd.amount})
    signers = (ask.call.actor.id, cmd.confirmed_by)
    if not cmd.confirmed_by:
        return e.Refused("confirmation_missing")
    if cmd.confirmed_by == ask.call.actor.id:
        return e.Refused("same_person")
    if len(signers) < rules.profile.penalty_signers:
        return e.Refused("signers_missing", {"count": str(rules.profile.penalty_signers)})
    return [
        e.Adjusted(
            **ask.stamp,
            id=f"incident-{found.n}",
            unit=found.unit,
            component=cmd.component,
            amount=cmd.amount,
            signers=signers,
        )
    ]


def apply_incident_decided(
    state: State, stream: Stream, n: int, event: e.IncidentDecided, closed: e.Closed
) -> Touched:
    """It is settled; what follows for the marks stands in the next line."""
    found = stream.incidents[event.of]
    found.outcome, found.reason, found.decided_by, found.decided = (
        event.outcome,
        closed.text,
        closed.actor,
        event.t,
    )
    found.confirmed_by = event.confirmed_by if isinstance(event.confirmed_by, str) else ""
    return (("incident", stream.name), *_touch(stream, found, n))


DECIDE: dict[type[e.Command], Decider] = {e.Report: decide_report, e.DecideIncident: decide_incident}
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    e.Reported: apply_reported,
    e.IncidentDecided: apply_incident_decided,
}
