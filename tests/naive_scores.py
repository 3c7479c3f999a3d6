"""Adding up a second time: the table of a stage as plain dictionaries, its totals and places from scratch."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Cell = tuple[str, str, str, int]
"""(unit, aspect, seat, round); the seat of an agreed value is ``*``."""

PaperKey = tuple[str, str]
"""(unit, sub-criterion)"""

OUT = ("absent", "withdrawn", "excluded", "zeroed")


@dataclass(frozen=True)
class Aspect:
    """An aspect as printed; ``counts``: what one item of an agreed count or error is worth, with its cap."""

    key: str
    sub: str
    method: str
    top: Fraction
    kind: str = ""
    per: Fraction = Fraction(0)


@dataclass(frozen=True)
class Part:
    """A component: what gives it, and for marked ones the sub-criteria; for time ones its session."""

    id: str
    source: str
    top: Fraction
    weight: Fraction
    subs: tuple[str, ...] = ()
    session: str = ""


@dataclass(frozen=True)
class Rules:
    """A rule book in numbers; ``places``: decimals of aspects, components, total (None = exact)."""

    points: str
    level: str
    high: int
    low: int
    trim_from: int
    places: tuple[int | None, int | None, int | None]
    keys: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]
    """who signs after the seats, before the stage can be locked"""
    limit: int = 1
    rounds: int = 3
    after: str = "chief"
    """what follows a vote that is apart in the last round: chief, reserve or median"""
    smallest: int = 3


@dataclass
class Paper:
    """One sub-criterion of one unit, as its panel has it before them."""

    seats: list[str]
    signed: set[str] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)
    returned: bool = False
    open_points: dict[str, dict[str, Fraction]] = field(default_factory=dict)
    """seat -> aspect -> points, since all have signed"""
    opened: int = 0
    """the line at which its points were last opened to all"""
    keyers: dict[str, set[str]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """All have signed."""
        return all(seat in self.signed for seat in self.seats)


def half_up(x: Fraction, places: int | None) -> Fraction:
    """As in school: away from zero from the half on."""
    if places is None:
        return x
    grown = abs(x) * 10**places + Fraction(1, 2)
    return Fraction(math.floor(grown) * (-1 if x < 0 else 1), 10**places)


class Table:
    """What is known of a stage at one moment, and what it adds up to."""

    rules: Rules
    units: dict[str, str]
    """unit -> delegation"""
    aspects: dict[str, Aspect]
    parts: list[Part]
    papers: dict[PaperKey, Paper]
    values: dict[Cell, list[str | None]]
    """every accepted value of a cell, the newest last"""
    rivals: dict[Cell, list[str | None]]
    round: dict[tuple[str, str], int]
    shown: dict[tuple[str, str, int], dict[str, int]]
    ruled: dict[tuple[str, str], Fraction]
    excused: set[tuple[str, str, str]]
    void: dict[str, bool]
    statuses: dict[tuple[str, str], str]
    imported: dict[tuple[str, str], tuple[str | None, str]]
    adjusted: dict[tuple[str, str], tuple[str, Fraction]]
    seconds: dict[tuple[str, str], Fraction]

    def out(self, unit: str, part: str) -> str:
        """The status that takes a unit out of a component."""
        for scope in ("stage", f"component:{part}"):
            if self.statuses.get((unit, scope)) in OUT:
                return self.statuses[unit, scope]
        return ""

    def spread_open(self, unit: str, aspect: str) -> bool:
        """Whether a vote stands with too large a spread."""
        now = self.round.get((unit, aspect), 1)
        votes = self.shown.get((unit, aspect, now))
        if self.rules.after == "median" and now >= self.rules.rounds:
            return False
        if not votes or (unit, aspect) in self.ruled or f"aspect:{aspect}" in self.void:
            return False
        return max(votes.values()) - min(votes.values()) > self.rules.limit

    def aspect_mark(self, unit: str, aspect: Aspect) -> Fraction | None:
        """What an aspect that is not points is worth; None = a hole."""
        key, paper = aspect.key, self.papers[unit, aspect.sub]
        if f"aspect:{key}" in self.void:
            return aspect.top if self.void[f"aspect:{key}"] else Fraction(0)
        if (unit, key) in self.ruled:
            return self.ruled[unit, key]
        if aspect.method == "agreed":
            cell = (unit, key, "*", 1)
            value = self.values.get(cell, [None])[-1]
            if value is not None and cell not in self.rivals:
                return half_up(measured(aspect, value), self.rules.places[0])
            return Fraction(0) if (unit, key, "*") in self.excused else None
        votes = self.shown.get((unit, key, self.round.get((unit, key), 1)))
        if votes and not self.spread_open(unit, key):
            counted = [v for s, v in votes.items() if s in paper.seats] or list(votes.values())
            apart = max(votes.values()) - min(votes.values()) > self.rules.limit
            if apart:  # only a rule book whose panel's median counts comes here
                counted = sorted(counted)
                counted = counted[(len(counted) - 1) // 2 : len(counted) // 2 + 1]
            return half_up(Fraction(sum(counted), 3 * len(counted)) * aspect.top, self.rules.places[0])
        return Fraction(0) if all((unit, key, s) in self.excused for s in paper.seats) else None

    def paper_score(self, unit: str, sub: str, level: str) -> tuple[Fraction, bool, dict[str, Fraction]]:
        """(sum so far, whether nothing is missing, each seat's points)."""
        paper, total, holes = self.papers[unit, sub], Fraction(0), 0
        if level == "signed" and not paper.complete:
            return total, False, {}
        pointed: list[Aspect] = []
        for aspect in (a for a in self.aspects.values() if a.sub == sub):
            if aspect.method == "points" and f"aspect:{aspect.key}" not in self.void:
                pointed.append(aspect)
                continue
            mark = self.aspect_mark(unit, aspect)
            holes += mark is None
            total += mark or 0
        if not pointed or not paper.complete:
            return total, not holes and not pointed, {}
        given = [paper.open_points.get(seat, {}) for seat in paper.seats]
        rows = {
            seat: [row[a.key] for a in pointed]
            for seat, row in zip(paper.seats, given, strict=True)
            if all(a.key in row for a in pointed)
        }
        if rows and self.rules.level == "sheet":
            total += self.panel([sum(row, Fraction(0)) for row in rows.values()])
        elif rows and self.rules.level == "aspect":
            total += sum(
                (self.panel(list(column)) for column in zip(*rows.values(), strict=True)), Fraction(0)
            )
        return total, not holes, {seat: sum(row, Fraction(0)) for seat, row in rows.items()}

    def panel(self, values: list[Fraction]) -> Fraction:
        """Several seats' numbers as one."""
        left = sorted(values)
        if self.rules.points == "median":
            half = len(left) // 2
            return left[half] if len(left) % 2 else (left[half - 1] + left[half]) / 2
        drop = self.rules.high + self.rules.low
        if self.rules.points == "trimmed" and len(left) >= self.rules.trim_from and len(left) > drop:
            left = left[self.rules.low : len(left) - self.rules.high]
        return sum(left, Fraction(0)) / len(left)

    def part_score(self, unit: str, part: Part, level: str) -> tuple[Fraction | None, bool, str]:
        """(weighted value or None, whether it is complete, the status that stands instead)."""
        if f"component:{part.id}" in self.void:
            raw: Fraction | None = part.top if self.void[f"component:{part.id}"] else Fraction(0)
            return self._weigh(part, raw), True, ""
        status = self.out(unit, part.id)
        if status:
            return (Fraction(0) if status == "zeroed" else None), True, status
        if part.source == "marked":
            raw, complete = self._marked(unit, part, level)
        elif part.source == "imported":
            value, status = self.imported.get((unit, part.id), (None, ""))
            if status:
                return None, True, status
            raw, complete = (None if value is None else Fraction(value)), value is not None
        else:
            seconds = self.seconds.get((unit, part.session))
            raw, complete = None, seconds is not None
            if seconds is not None:
                raw = max(Fraction(0), part.top - math.ceil(seconds / 60))
        if raw is None:
            return None, complete, ""
        changes = [amount for (u, _), (c, amount) in self.adjusted.items() if (u, c) == (unit, part.id)]
        raw = max(Fraction(0), raw + sum(changes, Fraction(0))) if changes else raw
        return self._weigh(part, raw), complete, ""

    def _weigh(self, part: Part, raw: Fraction | None) -> Fraction | None:
        return None if raw is None else half_up(raw * part.weight, self.rules.places[1])

    def _marked(self, unit: str, part: Part, level: str) -> tuple[Fraction | None, bool]:
        found = [self.paper_score(unit, s, level) for s in part.subs if (unit, s) in self.papers]
        total, done = sum((f[0] for f in found), Fraction(0)), sum(f[1] for f in found)
        seats = [f[2] for f in found if f[2]]
        if seats and self.rules.level == "component":
            everywhere = [s for s in seats[0] if all(s in other for other in seats)]
            if everywhere:
                total += self.panel([sum((row[s] for row in seats), Fraction(0)) for s in everywhere])
        return (total if done or total else None), done == len(part.subs)

    def totals(self, level: str) -> dict[str, tuple[Fraction, bool, list[Fraction | None]]]:
        """unit -> (total, whether it is ranked, its keys in order)."""
        found = {}
        for unit in self.units:
            scores = {part.id: self.part_score(unit, part, level) for part in self.parts}
            total = half_up(
                sum((s[0] or Fraction(0) for s in scores.values()), Fraction(0)), self.rules.places[2]
            )
            stage = self.statuses.get((unit, "stage"), "")
            gone = stage or next((s[2] for s in scores.values() if s[0] is None and s[2]), "")
            ranked = all(s[1] for s in scores.values()) and gone in ("", "zeroed")
            found[unit] = (total, ranked, list(self._keys(unit, total, scores)))
        return found

    def _keys(self, unit: str, total: Fraction, scores: dict[str, Any]) -> Iterator[Fraction | None]:
        for key, _ in self.rules.keys:
            kind, _, what = key.partition(":")
            if kind == "total":
                yield total
            elif kind == "time":
                times = [s for (u, _), s in self.seconds.items() if u == unit]
                yield sum(times, Fraction(0)) if times else None
            else:
                yield scores[what][0] if what in scores else None

    def places(self, level: str) -> dict[str, tuple[int, bool]]:
        """unit -> (place, shared) of those ranked: one more than those before it."""
        keys = {unit: tuple(keys) for unit, (_, ranked, keys) in self.totals(level).items() if ranked}
        return {
            unit: (1 + sum(self._before(o, mine) for o in keys.values()), list(keys.values()).count(mine) > 1)
            for unit, mine in keys.items()
        }

    def _before(self, one: tuple[Fraction | None, ...], two: tuple[Fraction | None, ...]) -> bool:
        for (_, direction), a, b in zip(self.rules.keys, one, two, strict=True):
            if a != b:
                if a is None or b is None:
                    return b is None
                return a > b if direction == "desc" else a < b
        return False


def measured(aspect: Aspect, value: str) -> Fraction:
    """An agreed value as a mark."""
    if aspect.kind == "pass_fail":
        return aspect.top if value == "pass" else Fraction(0)
    if aspect.kind == "count":
        return Fraction(value) / aspect.per * aspect.top
    if aspect.kind == "deduction":
        return max(Fraction(0), aspect.top - Fraction(value) * aspect.per)
    return Fraction(value)
