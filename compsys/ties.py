"""Ties that no earlier key breaks: who stands level, the results of a play-off (加赛), the chief's order."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from compsys import events as e
from compsys import scoring
from compsys.asking import APPLY, Ask, Decided, Decider, Touched, open_stream, touch_unit
from compsys.rulings import tell
from compsys.state import NOTHING, GroupRules, Settled, State, Stream, Unit, without
from scoring_rules.exact import parse, show

LEVEL = "signed"
KEYS = ("play_off", "decided")
"""Ranking keys that somebody gives, after all that is reckoned."""


class Level(NamedTuple):
    """Units that stand level on every key before the first one that somebody gives, best place first;
    ``broken``: what was given sets all of them apart."""

    group: str
    place: int
    units: tuple[tuple[str, str], ...]
    """(stream, unit), as they stand now"""
    broken: bool


def keys_of(rules: GroupRules) -> tuple[str, ...]:
    """The keys of a group's profile that somebody gives, in their order."""
    return tuple(key.key for key in rules.profile.places.keys if key.key in KEYS)


def level(state: State, trade: str, stage: str, group: str) -> list[Level]:
    """The groups that stand level, whether or not something sets them apart by now; [] where nothing is
    open."""
    found = scoring.standing(state, trade, stage, group, LEVEL)
    if found.rules is None:
        return []
    before = _before(found.rules)
    held: dict[tuple[object, ...], list[scoring.StandingRow]] = {}
    for row in found.rows:
        if row.place is not None:
            held.setdefault(row.score.keys[:before], []).append(row)
    return [
        Level(
            group, rows[0].place or 0, tuple((row.stream, row.unit) for row in rows),
            not any(row.tied for row in rows),
        )
        for rows in held.values() if len(rows) > 1
    ]  # fmt: skip


def units_told(state: State, level: Level) -> list[dict[str, Any]]:
    """The units of a tie by code, as they stand now: place, whether tied, total, by key what settles it."""
    told = []
    for name, unit_id in level.units:
        stream = state.streams[name]
        unit = stream.units[unit_id]
        score = scoring.unit_score(state, stream, unit, LEVEL)
        placed = scoring.place_of(state, stream, unit, LEVEL)
        about: dict[str, Any] = {"code": unit.code, "place": placed.place if placed else 0}
        about["tied"] = placed is not None and placed.tied
        about["total"] = stream.groups[level.group].profile.rounding.show_total(score.total)
        for key, held in unit.settled.items():
            seat = stream.seats.get(held.by)
            by = seat.label if seat is not None else held.by
            about[key] = {"value": show(held.value), "by": by, "reason": held.reason}
        told.append(about)
    return sorted(told, key=lambda x: (x["place"], x["code"]))


def _before(rules: GroupRules) -> int:
    """How many keys are reckoned before the first that somebody gives."""
    keys = [key.key for key in rules.profile.places.keys]
    return next((i for i, key in enumerate(keys) if key in KEYS), len(keys))


def decide_settle_tie(ask: Ask, cmd: e.SettleTie) -> Decided:
    """Numbers for entries that stand level, by a key of their profile; not once the stage is locked."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    if not cmd.rows or len({unit for unit, _ in cmd.rows}) != len(cmd.rows):
        return e.Refused("malformed", {"field": "rows"})
    units = []
    for unit_id, _ in cmd.rows:
        unit = stream.units.get(unit_id)
        if unit is None:
            return e.Refused("unknown_unit", {"unit": unit_id[:40]})
        units.append(unit)
    rules = stream.groups[units[0].group]
    if cmd.key not in keys_of(rules) or any(unit.group != units[0].group for unit in units):
        return e.Refused("key_unused", {"key": cmd.key, "profile": rules.profile.id})
    if "stage" in stream.locks:
        return e.Refused("locked", {"scope": "stage"})
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    loose = _loose(ask.state, stream, units, dict(cmd.rows))
    if loose:
        return e.Refused("not_tied", {"unit": loose})
    return [ask.line(cmd.stream, e.TieSettled(**ask.stamp, key=cmd.key, rows=cmd.rows), text=cmd.reason)]


def _loose(state: State, stream: Stream, units: list[Unit], rows: Mapping[str, str | None]) -> str:
    """The code of a unit that gets a number and stands level with nobody, or not with the others; "" when
    there is none. What is taken back may be taken back anywhere."""
    given = [unit for unit in units if rows[unit.id] is not None]
    if not given:
        return ""
    held = level(state, stream.trade, stream.stage, given[0].group)
    together = {unit: i for i, tied in enumerate(held) for name, unit in tied.units if name == stream.name}
    first = together.get(given[0].id, -1)
    return next((unit.code for unit in given if together.get(unit.id) != first), "")


def apply_tie_settled(state: State, stream: Stream, n: int, event: e.TieSettled, closed: e.Closed) -> Touched:
    """The units have another ranking key."""
    touched: Touched = ()
    for unit_id, value in event.rows:
        unit = stream.units[unit_id]
        kept = without(unit.settled, event.key)
        if value is not None:
            kept = MappingProxyType({
                **kept, event.key: Settled(parse(value), closed.text, closed.actor, n)
            })  # fmt: skip
        unit.settled = kept or NOTHING
        tell(stream, n, event, f"{unit_id}.{event.key} {value or '-'}", closed.text)
        touched += touch_unit(stream, unit)
    return touched


DECIDE: dict[type[e.Command], Decider] = {e.SettleTie: decide_settle_tie}
APPLY_TABLE: dict[type[e.Event], APPLY] = {e.TieSettled: apply_tie_settled}
