"""What is certain while marks are missing: each entry's best and worst possible total and place.

It is supposed that what is signed, given, decided and reckoned stands, that everything missing will come, and
that no ruling follows (a status, a penalty, a void, a sheet given back): such a one may move any bound. Only
signed sheets are read, so nothing sealed can be told from a bound.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from fractions import Fraction

import msgspec

from compsys import scoring
from compsys.records import Component
from compsys.scoring import ZERO
from compsys.state import GroupRules, Sheet, State, Stream, Unit
from scoring_rules import field as field_rules
from scoring_rules.exact import parse

LEVEL = "signed"
Good = tuple[Fraction | int, ...]
"""How good a key is: (0,) missing, (1, number the greater the better), (2,) better than any number."""
NONE: Good = (0,)
ALL: Good = (2,)
OUT = ("absent", "withdrawn", "excluded", "not_finished")


class Range(msgspec.Struct, frozen=True):
    """From the least to the most a number can become."""

    low: Fraction
    high: Fraction


class Bounded(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One entry: totals as the profile prints them, places from 1 (0 = cannot be ranked), and what is
    certain: final, not_ranked, gold, medal (gold, silver or bronze), no_medal (none of the three)."""

    entry: str
    code: str
    worst_total: str
    best_total: str
    best_place: int
    worst_place: int
    certain: tuple[str, ...] = ()


class Candidate(msgspec.Struct):
    """A unit with what its total and keys can become; ``sure``: it will take a place; ``eligible``: it may be
    awarded; ``empty``: the place that it takes stays empty."""

    unit: Unit
    stream: Stream
    total: Range
    best: tuple[Good, ...]
    worst: tuple[Good, ...]
    sure: bool
    may: bool
    eligible: bool
    empty: bool = False


def bounds(state: State, trade: str, stage: str, group: str) -> list[Bounded]:
    """Every unit of a group, the best possible place first; [] where nothing was opened."""
    found: list[Candidate] = []
    rules: GroupRules | None = None
    for stream in state.streams_of(trade, stage):
        if stream.frozen and group in stream.groups:
            rules = stream.groups[group]
            units = (unit for unit in stream.units.values() if unit.group == group)
            found += [_candidate(state, stream, unit, rules) for unit in units]
    if rules is None:
        return []
    places = _places(found, rules)
    awarded = places
    if rules.profile.medals.ineligible == "move_up" and not all(c.eligible for c in found):
        awarded = _places([c for c in found if c.eligible], rules)
    medals, sure = _wins(state, trade, stage), sum(c.sure for c in found)
    rows = [_row(c, places, awarded, rules, medals=medals, sure=sure) for c in found]
    return sorted(rows, key=lambda row: (not row.best_place, row.best_place, row.worst_place, row.code))


def _wins(state: State, trade: str, stage: str) -> bool:
    """Whether medals are won here at all."""
    record = state.setup.trades.get(trade)
    return (record is None or record.medals) and scoring.is_last(state, trade, stage)


# ---------------------------------------------------------------- totals and keys


def _candidate(state: State, stream: Stream, unit: Unit, rules: GroupRules) -> Candidate:
    score = scoring.unit_score(state, stream, unit, LEVEL)
    if score.held is not None and score.standing is score.held:
        return _empty(stream, unit, rules, score.held)
    ranges = {c.id: _component(stream, unit, rules, c) for c in rules.components}
    policy = rules.profile.rounding
    total = Range(
        policy.total(sum((r.low for r in ranges.values()), ZERO)),
        policy.total(sum((r.high for r in ranges.values()), ZERO)),
    )
    stage = unit.statuses.get("stage")
    gone = stage is not None and stage.status in OUT
    gone = gone or any(p.complete and p.raw is None and p.status in OUT for p in score.components)
    # A score from outside may still say absent; who is absent is not ranked.
    open_import = any(
        c.source == "imported" and not p.complete
        for c, p in zip(rules.components, score.components, strict=True)
    )
    pairs = [_key(stream, unit, rules, k.key, k.direction, total, ranges) for k in rules.profile.places.keys]
    entry = state.setup.entries.get(unit.entry)
    return Candidate(
        unit, stream, total, tuple(best for best, _ in pairs), tuple(worst for _, worst in pairs),
        not gone and not open_import, not gone, entry is None or (entry.eligible and not entry.guest),
    )  # fmt: skip


def _empty(stream: Stream, unit: Unit, rules: GroupRules, held: scoring.UnitScore) -> Candidate:
    """An excluded unit under rules that leave its place empty: nobody else has that place."""
    directions = rules.profile.places.directions
    keys = tuple(
        NONE if value is None else (1, value if direction == "desc" else -value)
        for value, direction in zip(held.keys, directions, strict=True)
    )
    total = Range(held.total, held.total)
    return Candidate(unit, stream, total, keys, keys, sure=True, may=False, eligible=False, empty=True)


def _component(stream: Stream, unit: Unit, rules: GroupRules, component: Component) -> Range:
    """What a component can still contribute to the total."""
    score = scoring.component_score(stream, unit, rules, component, LEVEL)
    if score.complete:
        return Range(score.weighted or ZERO, score.weighted or ZERO)
    raw = Range(ZERO, parse(component.max))
    if component.source == "marked":
        raw = _marked(stream, unit, rules, component)
    amounts = (amount for owner, amount, _, _ in unit.adjustments.values() if owner == component.id)
    changes = sum(amounts, ZERO)
    if unit.adjustments:
        raw = Range(max(ZERO, raw.low + changes), max(ZERO, raw.high + changes))
    weight, policy = parse(component.weight), rules.profile.rounding
    ends = sorted(policy.component(end * weight) for end in (raw.low, raw.high))
    return Range(ends[0], ends[1])


def _marked(stream: Stream, unit: Unit, rules: GroupRules, component: Component) -> Range:
    """The sheets of a component: the signed ones as they are, the others from nothing to all."""
    low = high = ZERO
    for sub, owner in rules.component_of.items():
        if owner != component.id:
            continue
        found = _sheet(stream, rules, stream.sheets.get((unit.id, sub)), sub)
        low, high = low + found.low, high + found.high
    return Range(low, high)


def _sheet(stream: Stream, rules: GroupRules, sheet: Sheet | None, sub: str) -> Range:
    score = scoring.sheet_score(stream, rules, sheet, LEVEL) if sheet is not None else None
    settled = score is not None and score.complete
    # Points that are reckoned over a whole component count with none of its sheets yet.
    apart = settled and rules.profile.points.level == "component"
    low = high = score.value if settled and score is not None else ZERO
    for aspect in rules.subs[sub].aspects:
        if settled and not (apart and aspect.method == "points"):
            continue
        most = rules.maxima[aspect.key]
        high += max(most, rules.profile.rounding.aspect(most))
        low += min(ZERO, parse(aspect.low or "0")) if aspect.method == "points" else ZERO
    return Range(low, high)


def _key(
    stream: Stream,
    unit: Unit,
    rules: GroupRules,
    key: str,
    direction: str,
    total: Range,
    ranges: dict[str, Range],
) -> tuple[Good, Good]:
    """The best and the worst that a ranking key can become."""
    kind, _, what = key.partition(":")
    score = unit.scores[LEVEL]
    if kind == "total":
        found = total
    elif kind == "component":
        part = next((p for p in score.components if p.id == what), None)
        if part is None or (part.complete and part.weighted is None):
            return NONE, NONE
        found = ranges[what]
    elif kind == "criterion":
        subs = [s.key for c in rules.scheme.criteria if c.key == what for s in c.subs]
        sheets = [_sheet(stream, rules, stream.sheets.get((unit.id, sub)), sub) for sub in subs]
        found = Range(sum((r.low for r in sheets), ZERO), sum((r.high for r in sheets), ZERO))
    elif kind == "time":
        return _time(stream, unit, direction)
    elif key in unit.settled:
        value = unit.settled[key].value
        found = Range(value, value)
    else:  # a play-off or the chief's order may come as long as the stage is not locked
        return (NONE if "stage" in stream.locks else ALL), NONE
    if direction == "desc":
        return (1, found.high), (1, found.low)
    return (1, -found.low), (1, -found.high)


def _time(stream: Stream, unit: Unit, direction: str) -> tuple[Good, Good]:
    """Net seconds: they may grow, or come, until the stage is locked."""
    known = sum(unit.seconds.values(), ZERO)
    if "stage" in stream.locks:
        good: Good = (1, -known if direction == "asc" else known) if unit.seconds else NONE
        return good, good
    return ((1, -known), NONE) if direction == "asc" else (ALL, NONE)


# ---------------------------------------------------------------- places


def _places(found: list[Candidate], rules: GroupRules) -> dict[str, tuple[int, int]]:
    """unit -> (best, worst) place among these; (0, 0) for one that cannot be ranked.

    Others stand ahead for certain where their worst keys beat one's best, and perhaps where their best beat
    one's worst: key by key, the first that differs decides.
    """
    best, worst = _whole(found)
    surely = sorted(low for c, low in zip(found, worst, strict=True) if c.sure)
    perhaps = sorted(high for c, high in zip(found, best, strict=True) if c.may or c.empty)
    groups = sorted({low for c, high, low in zip(found, best, worst, strict=True) if c.sure and high == low})
    placed: dict[str, tuple[int, int]] = {}
    for c, high, low in zip(found, best, worst, strict=True):
        if not c.may:
            placed[c.unit.id] = (0, 0)
            continue
        ahead = len(surely) - bisect_right(surely, high)
        if rules.profile.places.joint == "dense":
            ahead = max(min(ahead, 1), len(groups) - bisect_right(groups, high))
        behind = len(perhaps) - bisect_right(perhaps, low) - (high > low)
        placed[c.unit.id] = (ahead + 1, behind + 1)
    return placed


Keys = tuple[tuple[int, ...], ...]


def _whole(found: list[Candidate]) -> tuple[list[Keys], list[Keys]]:
    """The best and the worst keys of all in whole numbers over one denominator: sorted ten times as fast."""
    over = math.lcm(*{x.denominator for c in found for good in (*c.best, *c.worst) for x in good})

    def whole(keys: tuple[Good, ...]) -> Keys:
        return tuple(tuple(x.numerator * (over // x.denominator) for x in good) for good in keys)

    return [whole(c.best) for c in found], [whole(c.worst) for c in found]


def _row(
    c: Candidate,
    places: dict[str, tuple[int, int]],
    awarded: dict[str, tuple[int, int]],
    rules: GroupRules,
    *,
    medals: bool,
    sure: int,
) -> Bounded:
    shown = rules.profile.rounding.show_total
    best, worst = places[c.unit.id]
    certain = _certain(c, awarded.get(c.unit.id, (0, 0)), rules, sure) if medals else []
    if not c.may:
        certain.insert(0, "not_ranked")
    elif best == worst and c.total.low == c.total.high and c.sure:
        certain.insert(0, "final")
    return Bounded(
        entry=c.unit.entry, code=c.unit.code, worst_total=shown(c.total.low), best_total=shown(c.total.high),
        best_place=best, worst_place=worst, certain=tuple(certain),
    )  # fmt: skip


SMALLEST = 6
"""From so many entries on the rules by size of the field award all three medals."""


def _certain(c: Candidate, place: tuple[int, int], rules: GroupRules, sure: int) -> list[str]:
    """What the place makes certain: gold, a medal, no medal.

    Places 1 to 3 win a medal under the window rule too: who shares them only adds winners. That nobody else
    does is certain by places alone.
    """
    rule = rules.profile.medals
    best, worst = place
    floor = field_rules.floor(rules.profile, scoring.highest(rules))
    if not c.eligible or not best or rule.function == "none" or (floor is not None and c.total.high < floor):
        return ["no_medal"]
    enough = rule.function != "field_size/1" or (sure >= SMALLEST and not rule.params)
    wins = c.sure and enough and (floor is None or c.total.low >= floor)
    if wins and worst == 1:
        return ["gold", "medal"]
    if wins and worst <= 3:
        return ["medal"]
    return ["no_medal"] if best > 3 and not rule.function.startswith("ws_window/") else []
