"""A stage's day: the draw, opening (freezing what marking stands on), sessions and their clocks, locks, the
public freeze."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import Any

import msgspec

from compsys import events as e
from compsys import scoring
from compsys.asking import (
    APPLY,
    Ask,
    Decided,
    Decider,
    Touched,
    locked,
    open_stream,
    out,
    touch_all,
    touch_unit,
)
from compsys.clock import millis
from compsys.people import MARKERS, recused
from compsys.records import Component, Group, ProfileRecord, SchemeRecord, Stage
from compsys.state import GroupRules, SeatState, SessionState, Sheet, State, Stream, Unit
from scoring_rules import profiles, scheme
from scoring_rules.exact import parse, show

# ---------------------------------------------------------------- draw and opening


def _stage(state: State, name: str) -> Stage | e.Refused:
    parts = name.split(".")
    stage = state.setup.stages.get("/".join(parts[:2])) if len(parts) == 3 else None
    if stage is None or parts[2] not in stage.sites:
        return e.Refused("unknown_stream", {"stream": name[:60]})
    return stage


def decide_draw(ask: Ask, cmd: e.Draw) -> Decided:
    """Units and codes for a stream's entries; again only while marking is not open."""
    stage = _stage(ask.state, cmd.stream)
    if isinstance(stage, e.Refused):
        return stage
    stream = ask.state.streams.get(cmd.stream)
    if stream is not None and stream.frozen:
        return e.Refused("redraw_refused", {"stream": cmd.stream})
    if not cmd.units or any(len({row[i] for row in cmd.units}) != len(cmd.units) for i in range(3)):
        return e.Refused("malformed", {"field": "units"})
    taken = {u for s in ask.state.streams.values() if s.name != cmd.stream for u in s.units}
    site = cmd.stream.split(".")[2]
    for entry_id, unit, _code in cmd.units:
        entry = ask.state.setup.entries.get(entry_id)
        if entry is None or entry.trade != stage.trade or entry.site != site:
            return e.Refused("unknown_reference", {"entry": entry_id[:40]})
        if f"{stage.trade}/{stage.id}/{entry.group}" not in ask.state.setup.groups or unit in taken:
            return e.Refused("unknown_reference", {"entry": entry_id[:40], "group": entry.group})
    units = tuple(sorted(((unit, code) for _, unit, code in cmd.units), key=lambda pair: pair[1]))
    secret = {unit: entry for entry, unit, _ in cmd.units}
    return [ask.line(cmd.stream, e.Drawn(**ask.stamp, units=units), secret=secret)]


def apply_drawn(state: State, stream: Stream, n: int, event: e.Drawn, closed: e.Closed) -> Touched:
    """The stream has units."""
    entries: dict[str, str] = closed.secret or {}
    stream.units = {unit: Unit(unit, code, entries.get(unit, "")) for unit, code in event.units}
    stream.by_code = {code: unit for unit, code in event.units}
    stream.by_entry = {entry: unit for unit, entry in entries.items()}
    stream.marking = "drawn"
    return (("stream", stream.name),)


def freeze(state: State, stage: Stage, stream: Stream) -> dict[str, Any] | e.Refused:
    """Everything that marking stands on, as data: rules, components, seats, panels, sessions, stations,
    carried totals."""
    prefix = f"{stage.trade}/{stage.id}/"
    groups: dict[str, Any] = {}
    for key, group in state.setup.groups.items():
        if key.startswith(prefix):
            data = _freeze_group(state, group)
            if isinstance(data, e.Refused):
                return data
            groups[group.id] = data
    seats = {}
    for key, seat in state.setup.seats.items():
        if key.startswith(prefix) and seat.site == stream.site:
            judge = state.setup.judges.get(seat.judge)
            seats[key] = {
                "role": seat.role,
                "label": seat.label or seat.id,
                "panel": seat.panel,
                "affiliations": list(judge.affiliations) if judge else [],
                "judge": seat.judge,
            }
    panels = {
        panel.id: {"subs": list(panel.subs), "mode": panel.mode}
        for key, panel in state.setup.panels.items()
        if key.startswith(prefix) and panel.site == stream.site
    }
    units: dict[str, Any] = {}
    for unit in stream.units.values():
        entry = state.setup.entries.get(unit.entry)
        if entry is None:
            return e.Refused("unknown_reference", {"entry": unit.entry})
        units[unit.id] = {"group": entry.group}
    return {
        "blind": stage.blind,
        "disclosure": stage.disclosure,
        "feed": dict(stage.feed),
        "groups": groups,
        "seats": seats,
        "panels": panels,
        "sessions": _freeze_sessions(state, stage, stream),
        "units": units,
        "carried": _carried(state, stage, stream, groups),
    }


def _freeze_group(state: State, group: Group) -> dict[str, Any] | e.Refused:
    record = state.setup.records.get("scheme", {}).get(group.scheme)
    marked = any(c.source == "marked" for c in group.components)
    if marked and not isinstance(record, SchemeRecord):
        return e.Refused("unknown_reference", {"scheme": group.scheme})
    own = state.setup.records.get("profile", {}).get(group.profile)
    try:
        text = own.text if isinstance(own, ProfileRecord) else profiles.load(group.profile).text
        profiles.parse(text, group.profile)
    except (KeyError, profiles.ProfileUnreadable):
        return e.Refused("profile_errors", {"profile": group.profile})
    data = record.scheme if isinstance(record, SchemeRecord) else {"title": group.name}
    try:
        problems = scheme.check(scheme.from_data(data)) if marked else []
    except scheme.SchemeUnreadable:
        return e.Refused("scheme_errors", {"scheme": group.scheme})
    if any(p.severity == "error" for p in problems):
        return e.Refused("scheme_errors", {"scheme": group.scheme})
    return {"scheme": data, "profile": text, "components": msgspec.to_builtins(group.components)}


def _freeze_sessions(state: State, stage: Stage, stream: Stream) -> dict[str, Any]:
    prefix = f"{stage.trade}/{stage.id}/"
    found: dict[str, Any] = {}
    for key, session in sorted(state.setup.sessions.items()):
        if key.startswith(prefix) and session.site == stream.site:
            stations = {
                stream.by_entry[e]: where for e, where in session.stations.items() if e in stream.by_entry
            }
            found[session.id] = {
                "component": session.component,
                "batch": session.batch,
                "name": session.name,
                "minutes": session.minutes,
                "stations": dict(sorted(stations.items() or dict.fromkeys(stream.units, "").items())),
            }
    covered = {s["component"] for s in found.values()}
    for group in (g for k, g in state.setup.groups.items() if k.startswith(prefix)):
        for component in group.components:
            if (
                component.source in ("marked", "time")
                and component.id not in covered
                and component.id not in found
            ):
                covered.add(component.id)
                found[component.id] = {
                    "component": component.id,
                    "batch": 1,
                    "name": component.name,
                    "minutes": 0,
                    "stations": dict.fromkeys(sorted(stream.units), ""),
                }
    return found


def _carried(state: State, stage: Stage, stream: Stream, groups: dict[str, Any]) -> dict[str, dict[str, str]]:
    """unit -> component -> the official total of the stage it comes from."""
    found: dict[str, dict[str, str]] = {}
    for group, data in groups.items():
        for component in data["components"]:
            if component.get("source") != "carried":
                continue
            result = state.results.get((stage.trade, component.get("from_stage", ""), group))
            official = [v for v in result.versions if v.rank == "official"] if result else []
            for row in official[-1].rows if official else ():
                unit = stream.by_entry.get(row.entry)
                if unit and row.total is not None:
                    found.setdefault(unit, {})[component["id"]] = row.total
    return found


def decide_open(ask: Ask, cmd: e.Open) -> Decided:
    """Open marking once: the draw must stand and the rules be sound."""
    stage = _stage(ask.state, cmd.stream)
    if isinstance(stage, e.Refused):
        return stage
    stream = ask.state.streams.get(cmd.stream)
    if stream is None or not stream.units:
        return e.Refused("not_drawn", {"stream": cmd.stream})
    if stream.frozen:
        return e.Refused("already_open", {"stream": cmd.stream})
    frozen = freeze(ask.state, stage, stream)
    if isinstance(frozen, e.Refused):
        return frozen
    digests = {}
    for group, data in frozen["groups"].items():
        digests[f"scheme/{group}"] = digest_of(data["scheme"])
        digests[f"profile/{group}"] = hashlib.sha256(data["profile"].encode()).hexdigest()
    return [ask.line(cmd.stream, e.Opened(**ask.stamp, frozen=frozen, digests=digests))]


def digest_of(data: Any) -> str:
    """SHA-256 (hex) of data as JSON with sorted keys."""
    return hashlib.sha256(msgspec.json.encode(data, order="deterministic")).hexdigest()


def group_rules(group: str, data: dict[str, Any]) -> GroupRules:
    """A group's rules from their frozen form, with the look-ups that marking needs."""
    components = tuple(msgspec.convert(c, Component) for c in data["components"])
    rules = GroupRules(
        group, scheme.from_data(data["scheme"]), profiles.parse(data["profile"], group), components
    )
    for criterion in rules.scheme.criteria:
        owner = next(
            (
                c.id
                for c in components
                if c.source == "marked" and (not c.criteria or criterion.key in c.criteria)
            ),
            "",
        )
        for sub in criterion.subs:
            rules.subs[sub.key] = sub
            rules.component_of[sub.key] = owner
            for aspect in sub.aspects:
                rules.aspects[aspect.key] = aspect
                rules.sub_of[aspect.key] = sub.key
                rules.maxima[aspect.key] = parse(aspect.max)
    return rules


def apply_opened(state: State, stream: Stream, n: int, event: e.Opened, closed: e.Closed) -> Touched:
    """Marking is open on what the line says."""
    frozen = event.frozen
    stream.blind, stream.disclosure, stream.feed = frozen["blind"], frozen["disclosure"], frozen["feed"]
    stream.groups = {group: group_rules(group, data) for group, data in frozen["groups"].items()}
    stream.seats = {
        key: SeatState(key, s["role"], s["label"], s["panel"], tuple(s["affiliations"]), s["judge"])
        for key, s in frozen["seats"].items()
    }
    stream.panels = {panel: tuple(p["subs"]) for panel, p in frozen["panels"].items()}
    stream.panel_mode = {panel: p["mode"] for panel, p in frozen["panels"].items()}
    stream.sessions = {
        key: SessionState(key, s["component"], s["batch"], s["stations"], s["name"], minutes=s["minutes"])
        for key, s in frozen["sessions"].items()
    }
    for unit_id, data in frozen["units"].items():
        unit = stream.units[unit_id]
        unit.group = data["group"]
        unit.carried = frozen["carried"].get(unit_id, {})
        unit.stations = {k: s.stations[unit_id] for k, s in stream.sessions.items() if unit_id in s.stations}
    stream.digests = event.digests
    stream.frozen = True
    stream.marking = "open"
    return touch_all(stream)


# ---------------------------------------------------------------- sessions


def roster_for(stream: Stream, sub: str, delegation: str) -> tuple[str, ...]:
    """The seats that mark a sub-criterion of an entry: its panel's judges, recused ones replaced by its
    reserves.

    worldskills.md section 5: no compatriot marking in any circumstances.
    """
    seats = [s for s in stream.seats.values() if s.role in MARKERS and _marks(stream, s.panel, sub)]
    able = [s for s in seats if not recused(s.affiliations, delegation)]
    wanted = sum(s.role != "reserve" for s in seats)
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
            roster = roster_for(stream, sub, entry.delegation if entry else "")
            if len(roster) < max(1, rules.profile.panel_min_seats):
                return e.Refused("panel_too_small", {"unit": unit.code, "sub": sub})
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


def _unit_in_session(
    ask: Ask, cmd: e.CheckIn | e.Finish | e.Credit
) -> tuple[Stream, Unit, SessionState] | e.Refused:
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    session = stream.sessions.get(cmd.session)
    if session is None:
        return e.Refused("session_unknown", {"session": cmd.session[:40]})
    unit = stream.units.get(cmd.unit)
    if unit is None or cmd.unit not in session.stations:
        return e.Refused("unknown_unit", {"unit": cmd.unit[:40]})
    return stream, unit, session


def decide_check_in(ask: Ask, cmd: e.CheckIn) -> Decided:
    """A unit is present for a session."""
    found = _unit_in_session(ask, cmd)
    if isinstance(found, e.Refused):
        return found
    event = e.CheckedIn(**ask.stamp, unit=cmd.unit, session=cmd.session, minutes_late=cmd.minutes_late)
    return [ask.line(cmd.stream, event)]


def apply_checked_in(state: State, stream: Stream, n: int, event: e.CheckedIn, closed: e.Closed) -> Touched:
    """Presence is known."""
    stream.units[event.unit].present[event.session] = event.minutes_late
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
    """Extra seconds with a reason."""
    found = _unit_in_session(ask, cmd)
    if isinstance(found, e.Refused):
        return found
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    event = e.Credited(**ask.stamp, unit=cmd.unit, session=cmd.session, seconds=cmd.seconds)
    return [ask.line(cmd.stream, event, text=cmd.reason)]


def apply_credited(state: State, stream: Stream, n: int, event: e.Credited, closed: e.Closed) -> Touched:
    """The unit has more time."""
    unit = stream.units[event.unit]
    unit.credit[event.session] = unit.credit.get(event.session, 0) + event.seconds
    stream.history.append((n, event.t, "credited", f"{event.unit} {event.seconds}", closed.text))
    return (("unit", stream.name, event.unit),)


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
            if not out(unit, component) and (sheet is None or not sheet.complete):
                found.append((unit.code, sub, "not_open" if sheet is None else "not_signed"))
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
    return [ask.line(cmd.stream, e.Locked(**ask.stamp, scope=cmd.scope))]


def apply_locked(state: State, stream: Stream, n: int, event: e.Locked, closed: e.Closed) -> Touched:
    """The scope takes no more marks; late ones go to the tray."""
    stream.locks[event.scope] = n
    if event.scope == "stage":
        stream.marking = "locked"
    _mark_touched(stream, n, event.scope)
    stream.history.append((n, event.t, "locked", event.scope, ""))
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
    e.Draw: decide_draw,
    e.Open: decide_open,
    e.Session: decide_session,
    e.CheckIn: decide_check_in,
    e.Finish: decide_finish,
    e.Credit: decide_credit,
    e.Lock: decide_lock,
    e.Unlock: decide_unlock,
    e.Freeze: decide_freeze,
}
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    e.Drawn: apply_drawn,
    e.Opened: apply_opened,
    e.SessionMoved: apply_session_moved,
    e.CheckedIn: apply_checked_in,
    e.Finished: apply_finished,
    e.Credited: apply_credited,
    e.Locked: apply_locked,
    e.Unlocked: apply_unlocked,
    e.Frozen: apply_frozen,
}
