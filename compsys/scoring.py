"""Facts to scores: the worth of each sheet, component and unit at a feed level; the standing of a group.

Scores are computed when they are read and kept until a line touches what they rest on: one mark costs the
path it changes. Feed levels here: ``revealed`` (aspect complete, spread legal) and ``signed`` (whole sheet
signed).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from compsys.asking import out
from compsys.awarding import award
from compsys.awarding import highest as highest
from compsys.awarding import is_eligible as is_eligible
from compsys.awarding import is_last as is_last
from compsys.escalation import rule_of
from compsys.events import ANY_SEAT, ComponentLine, ResultRow
from compsys.records import Component
from compsys.state import GroupRules, Sheet, State, Stream, Unit
from scoring_rules import judgement, measurement
from scoring_rules.exact import parse, show
from scoring_rules.refusal import Refusal
from scoring_rules.scheme import Aspect, Measure
from scoring_rules.standings import Ladder, Placed, Row, places

ZERO = Fraction(0)


@dataclass(slots=True)
class SheetScore:
    """A sheet at a level: the sum so far, the marks of its aspects (None = hole), how many are done."""

    value: Fraction
    marks: dict[str, Fraction | None]
    seats: dict[str, Fraction]
    """seat -> its points total on this sheet (points aspects only)"""
    done: int
    of: int

    @property
    def complete(self) -> bool:
        """Nothing is missing."""
        return self.done == self.of


@dataclass(slots=True)
class ComponentScore:
    """A component at a level: raw and weighted value (None = nothing yet), sheets done, the status that
    stands instead."""

    id: str
    raw: Fraction | None
    weighted: Fraction | None
    done: int
    of: int
    status: str = ""
    passed: bool | None = None

    @property
    def complete(self) -> bool:
        """Nothing is missing."""
        return self.done == self.of


@dataclass(slots=True)
class UnitScore:
    """A unit at a level: its components, total after the rounding policy, tie keys; ranked only when
    complete."""

    components: tuple[ComponentScore, ...]
    total: Fraction
    done: int
    of: int
    status: str
    ranked: bool
    keys: tuple[Fraction | None, ...]
    held: UnitScore | None = None
    """of an excluded unit, where the rules leave its place empty (vacate): what it would stand with"""

    @property
    def complete(self) -> bool:
        """Nothing is missing."""
        return self.done == self.of

    @property
    def standing(self) -> UnitScore | None:
        """What takes a place, filled or left empty; None: no place is taken."""
        if self.ranked:
            return self
        return self.held if self.held is not None and self.held.ranked else None


# ---------------------------------------------------------------- aspects and sheets


def aspect_mark(stream: Stream, rules: GroupRules, sheet: Sheet, aspect: Aspect) -> Fraction | None:
    """The mark of a judged or agreed aspect, None while it is a hole (a hole with a reason earns 0)."""
    key = aspect.key
    void = stream.voided.get(f"aspect:{key}")
    if void is not None:
        return rules.maxima[key] if void[0] else ZERO
    if key in sheet.resolved:
        return parse(sheet.resolved[key][0])
    if aspect.method == "agreed":
        cell = sheet.cells.get((key, ANY_SEAT, 1))
        if cell is not None and cell.value is not None and not cell.others:
            result = measurement.mark(aspect.measure, rules.maxima[key], cell.value)
            return None if isinstance(result, Refusal) else rules.profile.rounding.aspect(result)
        return ZERO if (key, ANY_SEAT) in sheet.excused else None
    votes = sheet.revealed.get((key, sheet.rounds.get(key, 1)))
    if votes and key not in sheet.spread:
        function = judgement.SETTLED[rule_of(sheet, key, rules.profile.judgement.function)]
        scores = [int(value) for seat, value in votes.items() if seat in sheet.roster]
        return rules.profile.rounding.aspect(
            function(scores or [int(v) for v in votes.values()], rules.maxima[key])
        )
    return ZERO if all((key, seat) in sheet.excused for seat in sheet.roster) else None


def sheet_score(stream: Stream, rules: GroupRules, sheet: Sheet, level: str) -> SheetScore:
    """A sheet's score at a level; kept until the sheet is touched."""
    kept = sheet.scores.get(level)
    if kept is None:
        kept = sheet.scores[level] = _sheet_score(stream, rules, sheet, level)
    return kept


def _sheet_score(stream: Stream, rules: GroupRules, sheet: Sheet, level: str) -> SheetScore:
    aspects = rules.subs[sheet.sub].aspects
    if level == "signed" and not sheet.complete:
        return SheetScore(ZERO, {}, {}, 0, len(aspects))
    marks: dict[str, Fraction | None] = {}
    points = [a for a in aspects if a.method == "points" and f"aspect:{a.key}" not in stream.voided]
    total, done = ZERO, 0
    for aspect in aspects:
        if aspect.method == "points" and f"aspect:{aspect.key}" not in stream.voided:
            continue
        mark = marks[aspect.key] = aspect_mark(stream, rules, sheet, aspect)
        if mark is not None:
            total, done = total + mark, done + 1
    seats: dict[str, Fraction] = {}
    if points and sheet.complete:
        rows = seat_points(sheet, points)
        seats = {seat: sum(row.values(), ZERO) for seat, row in rows.items()}
        done += len(points)
        rule = rules.profile.points
        if rows and rule.level != "component":
            trim = judgement.Trim(rule.high, rule.low, rule.min_seats)
            total += judgement.panel_points(rows, rule.level, judgement.FUNCTIONS[rule.function], trim)
    return SheetScore(total, marks, seats, done, len(aspects))


def seat_points(sheet: Sheet, points: list[Aspect]) -> dict[str, dict[str, Fraction]]:
    """seat -> aspect -> points, of the seats that gave them all (one with an excused hole is left out
    whole)."""
    rows: dict[str, dict[str, Fraction]] = {}
    for seat in sheet.roster:
        row = {}
        for aspect in points:
            value = sheet.revealed.get((aspect.key, 0), {}).get(seat)
            if value is not None:
                row[aspect.key] = parse(value)
        if len(row) == len(points):
            rows[seat] = row
    return rows


# ---------------------------------------------------------------- components and units


def component_score(
    stream: Stream, unit: Unit, rules: GroupRules, component: Component, level: str
) -> ComponentScore:
    """A component of a unit at a level."""
    void = stream.voided.get(f"component:{component.id}")
    status = out(unit, component.id)
    fact = unit.statuses.get(f"component:{component.id}") or unit.statuses.get("stage")
    if void is not None:
        raw: Fraction | None = parse(component.max) if void[0] else ZERO
        return _weighted(rules, component, raw, 1, 1, "voided")
    if status == "zeroed":
        return _weighted(rules, component, ZERO, 1, 1, status)
    if status:
        return ComponentScore(component.id, None, None, 1, 1, status)
    if component.source == "marked":
        raw, done, of = _marked(stream, unit, rules, component, level)
    else:
        raw, done, of, status = _given(stream, unit, component)
        if status:
            return ComponentScore(component.id, None, None, 1, 1, status)
    if raw is not None and unit.adjustments:
        changes = (a[1] for a in unit.adjustments.values() if a[0] == component.id)
        raw = max(ZERO, raw + sum(changes, ZERO))
    return _weighted(rules, component, raw, done, of, fact.status if fact else "")


def _weighted(
    rules: GroupRules, component: Component, raw: Fraction | None, done: int, of: int, status: str
) -> ComponentScore:
    if raw is None:
        return ComponentScore(component.id, None, None, done, of, status)
    weighted = rules.profile.rounding.component(raw * parse(component.weight))
    passed = raw >= parse(component.pass_mark) if component.pass_mark and done == of else None
    return ComponentScore(component.id, raw, weighted, done, of, status, passed)


def _marked(
    stream: Stream, unit: Unit, rules: GroupRules, component: Component, level: str
) -> tuple[Fraction | None, int, int]:
    total, done = ZERO, 0
    panels: list[dict[str, Fraction]] = []
    subs = [sub for sub, owner in rules.component_of.items() if owner == component.id]
    for sub in subs:
        sheet = stream.sheets.get((unit.id, sub))
        if sheet is None:
            continue
        score = sheet_score(stream, rules, sheet, level)
        done += score.complete
        total += score.value
        if score.seats:
            panels.append(score.seats)
    rule = rules.profile.points
    if panels and rule.level == "component":
        # A seat that did not sit on every sheet has no total of the component: left out, not counted short.
        seats = [seat for seat in panels[0] if all(seat in panel for panel in panels)]
        sums = [sum((panel[seat] for panel in panels), ZERO) for seat in seats]
        if sums:
            trim = judgement.Trim(rule.high, rule.low, rule.min_seats)
            total += judgement.FUNCTIONS[rule.function](sums, trim)
    return (total if done or total else None), done, len(subs)


def _given(stream: Stream, unit: Unit, component: Component) -> tuple[Fraction | None, int, int, str]:
    """A component that is not marked here: (raw, done, of, status)."""
    if component.source == "imported":
        value, status = unit.imported.get(component.id, (None, ""))
        if status:
            return None, 1, 1, status
        return (None, 0, 1, "") if value is None else (parse(value), 1, 1, "")
    if component.source == "carried":
        carried = unit.carried.get(component.id)
        return (None, 0, 1, "") if carried is None else (brought(carried), 1, 1, "")
    times = [s for key, s in unit.seconds.items() if stream.sessions[key].component == component.id]
    if not times:
        return None, 0, 1, ""
    return time_mark(component, sum(times, ZERO)), 1, 1, ""


def brought(carried: str) -> Fraction:
    """What a text of ``Unit.carried`` stands for: a number, or numerator/denominator where it does not end.

    >>> brought("22.5"), brought("68/3")
    (Fraction(45, 2), Fraction(68, 3))
    """
    return Fraction(carried) if "/" in carried else parse(carried)


def time_mark(component: Component, seconds: Fraction) -> Fraction:
    """The mark that net seconds earn by the component's measure (to the millisecond); 0 where it has none
    for them."""
    rule = component.measure or {}
    measure = Measure(str(rule.get("kind", "value")), dict(rule.get("params", {})))
    result = measurement.mark(measure, parse(component.max), show(seconds, 3))
    return ZERO if isinstance(result, Refusal) else result


def unit_score(state: State, stream: Stream, unit: Unit, level: str) -> UnitScore:
    """A unit at a level; kept until something it rests on is touched."""
    kept = unit.scores.get(level)
    if kept is None:
        kept = unit.scores[level] = _unit_score(stream, unit, level)
        if kept.status == "excluded" and stream.groups[unit.group].profile.medals.ineligible == "vacate":
            kept.held = _unit_score(stream, _not_excluded(unit), level)
    return kept


def _not_excluded(unit: Unit) -> Unit:
    """The unit as it was before it was excluded."""
    statuses = {scope: fact for scope, fact in unit.statuses.items() if fact.status != "excluded"}
    return dataclasses.replace(unit, statuses=statuses, scores={})


def _unit_score(stream: Stream, unit: Unit, level: str) -> UnitScore:
    rules = stream.groups[unit.group]
    parts = tuple(component_score(stream, unit, rules, c, level) for c in rules.components)
    total = rules.profile.rounding.total(sum((p.weighted for p in parts if p.weighted is not None), ZERO))
    stage = unit.statuses.get("stage")
    status = stage.status if stage else next((p.status for p in parts if p.raw is None and p.status), "")
    done, of = sum(p.done for p in parts), sum(p.of for p in parts)
    ranked = done == of and (not status or status == "zeroed")
    keys = tuple(_key(stream, unit, rules, k.key, total, parts, level) for k in rules.profile.places.keys)
    return UnitScore(parts, total, done, of, status, ranked, keys)


def _key(
    stream: Stream,
    unit: Unit,
    rules: GroupRules,
    key: str,
    total: Fraction,
    parts: tuple[ComponentScore, ...],
    level: str,
) -> Fraction | None:
    """A ranking key: total, time, component:ID, criterion:KEY; play_off and decided as somebody gave them."""
    kind, _, what = key.partition(":")
    if kind == "total":
        return total
    if kind == "time":
        return sum(unit.seconds.values(), ZERO) if unit.seconds else None
    if kind == "component":
        return next((p.weighted for p in parts if p.id == what), None)
    if kind == "criterion":
        subs = [s for c in rules.scheme.criteria if c.key == what for s in c.subs]
        sheets = [stream.sheets.get((unit.id, s.key)) for s in subs]
        return sum((sheet_score(stream, rules, s, level).value for s in sheets if s), ZERO)
    settled = unit.settled.get(key)
    return settled.value if settled is not None else None


# ---------------------------------------------------------------- the standing of a group


@dataclass(slots=True)
class StandingRow:
    """One entry's line in a standing; place None = not ranked (yet)."""

    entry: str
    unit: str
    stream: str
    code: str
    score: UnitScore
    place: int | None = None
    tied: bool = False
    medal: str = ""
    scale: str = ""
    prize: str = ""
    vacates: int = 0
    """the place that an excluded entry leaves empty; 0: none"""

    @property
    def total(self) -> Fraction:
        """The total after the rounding policy."""
        return self.score.total


@dataclass(slots=True)
class Standing:
    """A group's entries in place order, the unranked after them in the order of their codes."""

    trade: str
    stage: str
    group: str
    level: str
    rows: list[StandingRow] = field(default_factory=list)
    rules: GroupRules | None = None


def level_of(feed: str) -> str:
    """The level at which facts may be added up for a feed setting."""
    return "revealed" if feed == "revealed" else "signed"


def ladder(state: State, trade: str, stage: str, group: str, level: str) -> Ladder | None:
    """The group's ladder at a level, brought up to date with the units touched since (None: nothing marks it
    yet)."""
    streams = [s for s in state.streams_of(trade, stage) if s.frozen and group in s.groups]
    if not streams:
        return None
    place = (trade, stage, group, level)
    found: Ladder | None = state.ladders.get(place)
    if found is None:
        rule = streams[0].groups[group].profile.places
        found = state.ladders[place] = Ladder(rule.directions, rule.joint)
        for stream in streams:
            stream.dirty.update(unit.id for unit in stream.units.values() if unit.group == group)
    for stream in streams:
        _refresh(state, stream)
    return found


def _refresh(state: State, stream: Stream) -> None:
    """Move every touched unit to its place, on every ladder that exists."""
    if not stream.dirty:
        return
    dirty, stream.dirty = stream.dirty, set()
    ladders = [
        (key, value) for key, value in state.ladders.items() if key[:2] == (stream.trade, stream.stage)
    ]
    for unit_id in dirty:
        unit = stream.units.get(unit_id)
        if unit is None or not unit.group:
            continue
        for (_, _, group, level), rungs in ladders:
            if group != unit.group:
                continue
            score = unit_score(state, stream, unit, level)
            stands = score.standing
            if stands is not None:
                rungs.put(unit_id, stands.keys)
            elif unit_id in rungs:
                rungs.remove(unit_id)


def place_of(state: State, stream: Stream, unit: Unit, level: str) -> Placed | None:
    """One unit's place in its group at a level, without drawing the whole standing."""
    rungs = ladder(state, stream.trade, stream.stage, unit.group, level)
    if rungs is None or unit.id not in rungs or not unit_score(state, stream, unit, level).ranked:
        return None
    return rungs.place(unit.id)


def standing(state: State, trade: str, stage: str, group: str, level: str, *, cut: bool = False) -> Standing:
    """The whole standing of a group at a feed level; ``cut``: frozen streams count as they stood at their
    freeze."""
    level = level_of(level)
    found = Standing(trade, stage, group, level)
    rungs = ladder(state, trade, stage, group, level)
    if rungs is None:
        return found
    rows: dict[str, StandingRow] = {}
    stands = False
    for stream in state.streams_of(trade, stage):
        if group not in stream.groups:
            continue
        found.rules = stream.groups[group]
        scores: dict[str, UnitScore] | None = stream.standstill.get(level) if cut else None
        stands = stands or scores is not None
        for unit in stream.units.values():
            if unit.group == group and (scores is None or unit.id in scores):
                score = unit_score(state, stream, unit, level) if scores is None else scores[unit.id]
                rows[unit.id] = StandingRow(unit.entry, unit.id, stream.name, unit.code, score)
    for placed in _ranked(rows, found.rules) if stands and found.rules else rungs:
        row = rows[placed.entry]
        row.tied = placed.tied
        if row.score.ranked:
            row.place = placed.place
            found.rows.append(row)
        else:
            row.vacates = placed.place
    found.rows += sorted((r for r in rows.values() if r.place is None), key=lambda r: r.code)
    if found.rules is not None:
        award(state, found, found.rules)
    return found


def _ranked(rows: dict[str, StandingRow], rules: GroupRules) -> list[Placed]:
    """The places of rows that no ladder keeps: scores of a freeze beside live ones of other sites."""
    taken = ((unit, row.score.standing) for unit, row in rows.items())
    ranked = (Row(unit, score.keys) for unit, score in taken if score is not None)
    return places(ranked, rules.profile.places.directions, rules.profile.places.joint)


def standstill(state: State, stream: Stream) -> dict[str, dict[str, UnitScore]]:
    """What a stream's units are worth at this moment, level -> unit -> score: what a frozen picture goes on
    showing.

    Scores of units and not a standing: the other sites of the stage are other streams, read in no fixed
    order.
    """
    return {
        level: {
            unit.id: unit_score(state, stream, unit, level) for unit in stream.units.values() if unit.group
        }
        for level in ("revealed", "signed")
    }


def exact_text(value: Fraction | None, places: int = 6) -> str | None:
    """A number as text: exact when it ends, else half-up to ``places``."""
    if value is None:
        return None
    try:
        return show(value)
    except ValueError:
        return show(value, places)


def result_rows(state: State, trade: str, stage: str, group: str) -> tuple[ResultRow, ...]:
    """What stands now as the values a result version keeps."""
    return rows_of(standing(state, trade, stage, group, "signed"))


def rows_of(found: Standing) -> tuple[ResultRow, ...]:
    """A standing as the values a result version keeps."""
    return tuple(_result_rows(found))


def _result_rows(found: Standing) -> Iterator[ResultRow]:
    rules = found.rules
    if rules is None:
        return
    for row in found.rows:
        unit = row.score
        gone = unit.status in ("absent", "withdrawn", "excluded")
        yield ResultRow(
            entry=row.entry,
            unit=row.unit,
            code=row.code,
            total=None if gone else rules.profile.rounding.show_total(unit.total),
            place=row.place,
            tied=row.tied,
            medal=row.medal,
            components=tuple(
                ComponentLine(c.id, exact_text(c.raw), exact_text(c.weighted), c.status, c.passed)
                for c in unit.components
            ),
            status=unit.status,
            scale=row.scale,
            ranked=row.place is not None,
            keys=tuple(exact_text(k) or "" for k in unit.keys[1:]),
            prize=row.prize,
        )
