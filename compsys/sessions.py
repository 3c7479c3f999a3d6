"""A stage's day: sessions and their clocks, check-in and net time, locks, the public freeze."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from compsys import acceptance, scoring
from compsys import events as e
from compsys.asking import (
    APPLY,
    Ask,
    Decided,
    Decider,
    Touched,
    locked,
    open_stream,
    out,
    touch_unit,
)
from compsys.clock import millis
from compsys.people import MARKERS, recused
from compsys.signing import unsigned
from compsys.state import GroupRules, SessionState, Sheet, State, Stream, Unit
from scoring_rules.exact import parse, show

# ---------------------------------------------------------------- sessions


def roster_for(stream: Stream, sub: str, delegation: str, recusal: str = "block") -> tuple[str, ...]:
    """The seats that mark a sub-criterion of an entry: its panel's judges, recused ones replaced by its
    reserves (``recusal`` drop: left out, the others mark alone; declare: they mark, it is only known).

    worldskills.md section 5: no compatriot marking in any circumstances.
    """
    seats = [s for s in stream.seats.values() if s.role in MARKERS and _marks(stream, s.panel, sub)]
    out_ = [] if recusal == "declare" else [s for s in seats if recused(s.affiliations, delegation)]
    able = [s for s in seats if s.key not in stream.left and s not in out_]
    wanted = sum(s.role != "reserve" for s in seats)
    if recusal == "drop":
        wanted -= sum(s.role != "reserve" for s in out_)
    regular = [s.key for s in able if s.role != "reserve"]
    reserves = [s.key for s in able if s.role == "reserve"]
    return tuple(regular + reserves[: max(0, wanted - len(regular))])


def _marks(stream: Stream, panel: str, sub: str) -> bool:
    subs = stream.panels.get(panel, ())
    return not subs or sub in subs or sub.rstrip("0123456789") in subs


def _rosters(
    ask: Ask, stream: Stream, session: SessionState
) -> tuple[tuple[str, str, tuple[str, ...]], ...] | e.Refused:
    found = []
    for unit_id in session.stations:
        unit = stream.units[unit_id]
        rules = stream.groups[unit.group]
        entry = ask.state.setup.entries.get(unit.entry)
        for sub, component in rules.component_of.items():
            if component != session.component or (unit_id, sub) in stream.sheets:
                continue
            delegation = entry.delegation if entry else ""
            roster = roster_for(stream, sub, delegation, rules.profile.recusal)
            least = max(1, rules.profile.panel_min_seats)
            if len(roster) < least:
                return e.Refused("panel_too_small", {"unit": unit.code, "sub": sub, "min": str(least)})
            found.append((unit_id, sub, roster))
    return tuple(found)


_MOVES = {
    "start": ("planned",),
    "pause": ("running",),
    "resume": ("paused",),
    "stop": ("running", "paused"),
}


def decide_session(ask: Ask, cmd: e.Session) -> Decided:
    """Start, pause, resume or stop a session; starting opens its sheets with their rosters. Stopping submits
    nothing."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    session = stream.sessions.get(cmd.session)
    if session is None:
        return e.Refused("session_unknown", {"session": cmd.session[:40]})
    if session.state not in _MOVES[cmd.move]:
        return e.Refused("session_state", {"session": cmd.session, "state": session.state})
    if cmd.move == "pause" and not cmd.reason.strip():
        return e.Refused("reason_missing")
    rosters = _rosters(ask, stream, session) if cmd.move == "start" else ()
    if isinstance(rosters, e.Refused):
        return rosters
    event = e.SessionMoved(**ask.stamp, session=cmd.session, move=cmd.move, rosters=rosters)
    return [ask.line(cmd.stream, event, text=cmd.reason)]


def apply_session_moved(
    state: State, stream: Stream, n: int, event: e.SessionMoved, closed: e.Closed
) -> Touched:
    """The session's clock moved; on start its sheets are open."""
    session = stream.sessions[event.session]
    if event.move == "start":
        session.state, session.started = "running", event.t
        for unit, sub, roster in event.rosters:
            sheet = stream.sheets[(unit, sub)] = Sheet(unit, sub, event.session, roster, touched=n)
            stream.units[unit].scores.clear()
            stream.dirty.add(sheet.unit)
    elif event.move == "pause":
        session.state, session.paused_at = "paused", event.t
    elif event.move == "resume":
        session.state = "running"
        session.paused_ms += millis(event.t) - millis(session.paused_at)
    else:
        if session.state == "paused":
            session.paused_ms += millis(event.t) - millis(session.paused_at)
        session.state, session.stopped = "stopped", event.t
    if event.move != "start":
        stream.history.append((n, event.t, f"session_{event.move}", event.session, closed.text))
    return (("session", stream.name, event.session),)


def _session(
    ask: Ask, cmd: e.CheckIn | e.Finish | e.Credit
) -> tuple[Stream, SessionState] | e.Refused:
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    session = stream.sessions.get(cmd.session)
    if session is None:
        return e.Refused("session_unknown", {"session": cmd.session[:40]})
    return stream, session


def _unit_in_session(
    ask: Ask, cmd: e.CheckIn | e.Finish | e.Credit
) -> tuple[Stream, Unit, SessionState] | e.Refused:
    found = _session(ask, cmd)
    if isinstance(found, e.Refused):
        return found
    stream, session = found
    unit = stream.units.get(cmd.unit)
    if unit is None or cmd.unit not in session.stations:
        return e.Refused("unknown_unit", {"unit": cmd.unit[:40]})
    return stream, unit, session


def decide_check_in(ask: Ask, cmd: e.CheckIn) -> Decided:
    """A unit is present for a session."""
    found = _unit_in_session(ask, cmd)
    if isinstance(found, e.Refused):
        return found
    event = e.CheckedIn(
        **ask.stamp,
        unit=cmd.unit,
        session=cmd.session,
        minutes_late=cmd.minutes_late,
        identity=cmd.identity or msgspec.UNSET,
    )
    return [ask.line(cmd.stream, event)]


def apply_checked_in(state: State, stream: Stream, n: int, event: e.CheckedIn, closed: e.Closed) -> Touched:
    """Presence is known."""
    unit = stream.units[event.unit]
    unit.present[event.session] = event.minutes_late
    if isinstance(event.identity, str):
        unit.identity = {**unit.identity, event.session: event.identity}
    return (("unit", stream.name, event.unit),)


def decide_finish(ask: Ask, cmd: e.Finish) -> Decided:
    """The net time of a unit: given by stop-watch, else now less start, pauses and credit."""
    found = _unit_in_session(ask, cmd)
    if isinstance(found, e.Refused):
        return found
    _stream, unit, session = found
    if session.state == "planned":
        return e.Refused("session_state", {"session": cmd.session, "state": session.state})
    seconds = cmd.seconds
    if seconds == "0":
        end = session.paused_at if session.state == "paused" else session.stopped or ask.now
        net = millis(end) - millis(session.started) - session.paused_ms
        net -= 1000 * unit.credit.get(cmd.session, 0)
        seconds = show(Fraction(max(0, net), 1000))
    event = e.Finished(**ask.stamp, unit=cmd.unit, session=cmd.session, seconds=seconds)
    return [ask.line(cmd.stream, event)]


def apply_finished(state: State, stream: Stream, n: int, event: e.Finished, closed: e.Closed) -> Touched:
    """The unit's net time is known."""
    unit = stream.units[event.unit]
    unit.seconds[event.session] = parse(event.seconds)
    return touch_unit(stream, unit)


def decide_credit(ask: Ask, cmd: e.Credit) -> Decided:
    """Extra seconds with a reason, for a unit or (``*``) for all of the session."""
    found = _session(ask, cmd) if cmd.unit == "*" else _unit_in_session(ask, cmd)
    if isinstance(found, e.Refused):
        return found
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    event = e.Credited(**ask.stamp, unit=cmd.unit, session=cmd.session, seconds=cmd.seconds)
    return [ask.line(cmd.stream, event, text=cmd.reason)]


def apply_credited(state: State, stream: Stream, n: int, event: e.Credited, closed: e.Closed) -> Touched:
    """The unit (``*``: each of the session) has more time; its sheets of the session say so."""
    touched: Touched = ()
    stations = stream.sessions[event.session].stations
    for unit_id in stations if event.unit == "*" else (event.unit,):
        unit = stream.units[unit_id]
        unit.credit[event.session] = unit.credit.get(event.session, 0) + event.seconds
        for sub in stream.groups[unit.group].component_of:
            sheet = stream.sheets.get((unit_id, sub))
            if sheet is not None and sheet.session == event.session:
                sheet.touched = n
                touched += (("sheet", stream.name, unit_id, sub, ""),)
        touched += (("unit", stream.name, unit_id),)
    stream.history.append((n, event.t, "credited", f"{event.unit} {event.seconds}", closed.text))
    return touched


# ---------------------------------------------------------------- locks and the freeze


def incomplete(stream: Stream, scope: str) -> list[tuple[str, str, str]]:
    """What keeps a scope from being locked: (code, sub-criterion or component, why) for every hole."""
    kind, _, what = scope.partition(":")
    found: list[tuple[str, str, str]] = []
    for unit in stream.units.values():
        rules = stream.groups[unit.group]
        for sub, component in rules.component_of.items():
            if kind == "sheet" and what != f"{unit.id}.{sub}":
                continue
            if (kind == "component" and what != component) or f"component:{component}" in stream.voided:
                continue
            if kind == "session" and unit.id not in stream.sessions[what].stations:
                continue
            if kind == "session" and stream.sessions[what].component != component:
                continue
            sheet = stream.sheets.get((unit.id, sub))
            if out(unit, component):
                continue
            if sheet is None or not sheet.complete or unsigned(rules, sheet):
                found.append((unit.code, sub, "not_open" if sheet is None else "not_signed"))
            else:
                found += [(unit.code, sub, why) for why in acceptance.lacks(rules, sheet)]
        if kind in ("stage", "component"):
            found += _missing_components(stream, unit, rules, what if kind == "component" else "")
    return found


def _missing_components(
    stream: Stream, unit: Unit, rules: GroupRules, only: str
) -> list[tuple[str, str, str]]:
    found = []
    for component in rules.components:
        if only and component.id != only:
            continue
        if out(unit, component.id) or f"component:{component.id}" in stream.voided:
            continue
        if component.source == "imported" and component.id not in unit.imported:
            found.append((unit.code, component.id, "not_imported"))
        if component.source == "carried" and component.id not in unit.carried:
            found.append((unit.code, component.id, "not_carried"))
        if component.source == "time" and not _timed(stream, unit, component.id):
            found.append((unit.code, component.id, "no_time"))
    return found


def _timed(stream: Stream, unit: Unit, component: str) -> bool:
    return any(stream.sessions[s].component == component for s in unit.seconds)


def _scope_known(stream: Stream, scope: str) -> bool:
    kind, _, what = scope.partition(":")
    if kind == "sheet":
        unit, _, sub = what.partition(".")
        return (unit, sub) in stream.sheets
    if kind == "session":
        return what in stream.sessions
    if kind == "component":
        return any(c.id == what for rules in stream.groups.values() for c in rules.components)
    return scope == "stage"


def decide_lock(ask: Ask, cmd: e.Lock) -> Decided:
    """Lock a scope that has no holes left."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    if not _scope_known(stream, cmd.scope):
        return e.Refused("bad_scope", {"scope": cmd.scope[:60]})
    if cmd.scope in stream.locks:
        return e.Refused("already_locked", {"scope": cmd.scope})
    missing = incomplete(stream, cmd.scope)
    if missing:
        first = "; ".join(f"{code} {what}" for code, what, _ in missing[:5])
        return e.Refused("incomplete", {"count": str(len(missing)), "first": first})
    return [ask.line(cmd.stream, e.Locked(**ask.stamp, scope=cmd.scope), text=cmd.reason)]


def apply_locked(state: State, stream: Stream, n: int, event: e.Locked, closed: e.Closed) -> Touched:
    """The scope takes no more marks; late ones go to the tray."""
    stream.locks[event.scope] = n
    if event.scope == "stage":
        stream.marking = "locked"
    _mark_touched(stream, n, event.scope)
    stream.history.append((n, event.t, "locked", event.scope, closed.text))
    return (("stream", stream.name),)


def _mark_touched(stream: Stream, n: int, scope: str) -> None:
    for sheet in stream.sheets.values():
        if scope == "stage" or locked(stream, sheet):
            sheet.touched = n


def decide_unlock(ask: Ask, cmd: e.Unlock) -> Decided:
    """Open a locked scope again: reason, and a second person."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    if cmd.scope not in stream.locks:
        return e.Refused("not_locked", {"scope": cmd.scope[:60]})
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    if not cmd.confirmed_by:
        return e.Refused("confirmation_missing")
    if cmd.confirmed_by == ask.call.actor.id:
        return e.Refused("same_person")
    event = e.Unlocked(**ask.stamp, scope=cmd.scope, confirmed_by=cmd.confirmed_by)
    return [ask.line(cmd.stream, event, text=cmd.reason)]


def apply_unlocked(state: State, stream: Stream, n: int, event: e.Unlocked, closed: e.Closed) -> Touched:
    """The scope takes marks again."""
    _mark_touched(stream, n, event.scope)
    stream.locks.pop(event.scope, None)
    if event.scope == "stage":
        stream.marking = "open"
    stream.history.append((n, event.t, "unlocked", event.scope, closed.text))
    return (("stream", stream.name),)


def decide_freeze(ask: Ask, cmd: e.Freeze) -> Decided:
    """Stop or restart the public picture."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    if bool(stream.standstill) == cmd.on:
        return e.Refused("bad_status", {"status": "frozen" if cmd.on else "live"})
    return [ask.line(cmd.stream, e.Frozen(**ask.stamp, on=cmd.on), text=cmd.reason)]


def apply_frozen(state: State, stream: Stream, n: int, event: e.Frozen, closed: e.Closed) -> Touched:
    """What the public sees is what was true here, whatever comes later."""
    stream.standstill = {}
    if event.on:
        stream.standstill = {"newest": dict(stream.newest), **scoring.standstill(state, stream)}
    return (("stream", stream.name),)


DECIDE: dict[type[e.Command], Decider] = {
    e.Session: decide_session,
    e.CheckIn: decide_check_in,
    e.Finish: decide_finish,
    e.Credit: decide_credit,
    e.Lock: decide_lock,
    e.Unlock: decide_unlock,
    e.Freeze: decide_freeze,
}
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    e.SessionMoved: apply_session_moved,
    e.CheckedIn: apply_checked_in,
    e.Finished: apply_finished,
    e.Credited: apply_credited,
    e.Locked: apply_locked,
    e.Unlocked: apply_unlocked,
    e.Frozen: apply_frozen,
}
