"""The draw and the opening of marking: units and blind codes, and freezing what marking stands on."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import Any, NamedTuple

import msgspec

from compsys import advancing
from compsys import events as e
from compsys.asking import (
    APPLY,
    Ask,
    Decided,
    Decider,
    Touched,
    touch_all,
)
from compsys.awarding import highest
from compsys.records import Component, Group, ProfileRecord, SchemeRecord, Session, Stage
from compsys.state import GroupRules, SeatState, SessionState, State, Stream, Unit
from scoring_rules import cuts, profiles, scheme
from scoring_rules.exact import parse, show


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
            return e.Refused("unknown_reference", {"key": entry_id[:40]})
        if f"{stage.trade}/{stage.id}/{entry.group}" not in ask.state.setup.groups or unit in taken:
            return e.Refused("unknown_reference", {"key": entry_id[:40], "group": entry.group})
        cut = ask.state.advanced.get((stage.trade, stage.id, entry.group))
        if cut is not None and entry_id not in cut.entries:
            return e.Refused("not_advanced", {"entry": entry_id, "stage": f"{stage.trade}/{cut.stage}"})
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
            return e.Refused("unknown_reference", {"key": unit.entry})
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
        return e.Refused("unknown_reference", {"key": group.scheme})
    own = state.setup.records.get("profile", {}).get(group.profile)
    try:
        text = own.text if isinstance(own, ProfileRecord) else profiles.load(group.profile).text
        profiles.parse(text, group.profile)
    except KeyError:
        return e.Refused("unknown_reference", {"key": group.profile})
    except profiles.ProfileUnreadable as error:
        return e.Refused("profile_errors", {"profile": group.profile, "count": str(len(error.problems))})
    data = record.scheme if isinstance(record, SchemeRecord) else {"title": group.name, "criteria": []}
    try:
        problems = scheme.check(scheme.from_data(data)) if marked else []
    except scheme.SchemeUnreadable as error:
        return e.Refused("scheme_errors", {"scheme": group.scheme, "count": str(len(error.problems))})
    errors = sum(p.severity == "error" for p in problems)
    if errors:
        return e.Refused("scheme_errors", {"scheme": group.scheme, "count": str(errors)})
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
                **_benches(session),
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


def _benches(session: Session) -> dict[str, Any]:
    """The marks of a session's benches by station; nothing where there are none, as before there were any."""
    found = {bench.station: {"colour": bench.colour, "word": bench.word} for bench in session.benches}
    return {"benches": found} if found else {}


def _carried(state: State, stage: Stage, stream: Stream, groups: dict[str, Any]) -> dict[str, dict[str, str]]:
    """unit -> component -> what the official result of the stage it comes from brings along."""
    found: dict[str, dict[str, str]] = {}
    for group, data in groups.items():
        for component in data["components"]:
            if component.get("source") != "carried":
                continue
            from_stage = component.get("from_stage", "")
            result = state.results.get((stage.trade, from_stage, group))
            official = [v for v in result.versions if v.rank == "official"] if result else []
            carry = _carry(state, stage, group, from_stage)
            if carry.how != "raw":
                told = {"how": carry.how, "of": show(carry.maximum), "to": component.get("max", "100")}
                data.setdefault("carry", {})[component["id"]] = told
            for row in official[-1].rows if official else ():
                unit = stream.by_entry.get(row.entry)
                if unit and row.total is not None:
                    value = _brought(carry, row, component.get("max", "100"))
                    found.setdefault(unit, {})[component["id"]] = value
    return found


class Carry(NamedTuple):
    """How totals are carried: raw, rescaled, or points (for the places); the highest total there."""

    how: str
    points: tuple[str, ...]
    maximum: Fraction


def _carry(state: State, stage: Stage, group: str, from_stage: str) -> Carry:
    """As the cut says by which it was decided who goes on, else as the rules of the earlier stage say. A
    component that carries where the rule carries nothing takes the total as it is."""
    rules = next(
        (s.groups[group] for s in state.streams_of(stage.trade, from_stage) if group in s.groups), None
    )
    went = state.advanced.get((stage.trade, stage.id, group))
    cut: e.Cut | None = went.cut if went is not None and went.stage == from_stage else None
    if went is None and rules is not None and (own := advancing.from_rules(rules.profile)) is not None:
        cut = own[2]
    if cut is None or cut.carry == "none" or rules is None:
        return Carry("raw", (), Fraction(0))
    return Carry(cut.carry, cut.points, highest(rules))


def _brought(carry: Carry, row: e.ResultRow, maximum: str) -> str:
    """What one row brings: a number as text, numerator/denominator where it does not end."""
    if carry.how == "raw" or row.total is None:
        return row.total or ""
    place = row.place or len(carry.points) + 1
    found = cuts.carried(parse(row.total), place, carry.how, carry.maximum, parse(maximum), carry.points)
    return carried_text(found)


def carried_text(value: Fraction | None) -> str:
    """A number as text where it ends within six decimals, else numerator/denominator.

    >>> carried_text(Fraction(45, 2)), carried_text(Fraction(68, 3))
    ('22.5', '68/3')
    """
    if value is None:
        return ""
    return show(value) if 1_000_000 % value.denominator == 0 else str(value)


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
    for unit in stream.units.values():
        entry = ask.state.setup.entries.get(unit.entry)
        cut = ask.state.advanced.get((stage.trade, stage.id, entry.group)) if entry is not None else None
        if cut is not None and unit.entry not in cut.entries:  # withdrew since the draw: draw again
            return e.Refused("not_advanced", {"entry": unit.code, "stage": f"{stage.trade}/{cut.stage}"})
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
        group, scheme.from_data(data["scheme"]), profiles.parse(data["profile"], group), components,
        carry=data.get("carry", {}),
    )  # fmt: skip
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
        key: SessionState(
            key, s["component"], s["batch"], s["stations"], s["name"], minutes=s["minutes"],
            benches=s.get("benches", {}),
        )
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


DECIDE: dict[type[e.Command], Decider] = {e.Draw: decide_draw, e.Open: decide_open}
APPLY_TABLE: dict[type[e.Event], APPLY] = {e.Drawn: apply_drawn, e.Opened: apply_opened}
