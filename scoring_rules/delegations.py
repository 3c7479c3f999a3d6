"""Delegation tables: gold first, by total, or by weighted points; ties are shown as ties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from scoring_rules import exact
from scoring_rules.medals import BRONZE, EXCELLENCE, GOLD, SILVER
from scoring_rules.standings import Direction, Row, places

ORDERS = ("gold_first", "total", "points")
WEIGHTS: dict[str, str] = {GOLD: "4", SILVER: "3", BRONZE: "2", EXCELLENCE: "1"}
"""Points per medal where a profile says nothing. Clause: worldskills.md section 9, Total Medal Points."""


@dataclass(frozen=True, slots=True)
class Award:
    """One entry's award in one trade; a team is one award. `medal` is a colour, `excellence` or ""."""

    delegation: str
    medal: str


@dataclass(frozen=True, slots=True)
class Line:
    """A delegation's line: joint place, medals per colour, excellences, medals in all, weighted points."""

    delegation: str
    place: int
    tied: bool
    gold: int
    silver: int
    bronze: int
    excellence: int
    total: int
    points: Fraction


def table(
    awards: Iterable[Award],
    order: str,
    weights: Mapping[str, str] | None = None,
    delegations: Iterable[str] = (),
) -> list[Line]:
    """The table in the stated order; equal delegations share a place (1,2,2,4) and stand by their key.

    `delegations` names those to list even without an award. gold_first: gold, then silver, then bronze, then
    excellence. total: gold + silver + bronze, excellence not counted. points: the weighted sum, excellence
    counted. KeyError for an unknown medal, ValueError for an unknown order.
    Clause: china.md section 8, (a) medal table and (b) total points; worldskills.md section 9, report 2.

    >>> awards = [Award("P", "gold"), *[Award("P", "excellence")] * 2, *[Award("Q", "silver")] * 3,
    ...           Award("Q", "bronze"), *[Award("Q", "excellence")] * 9]
    >>> [(l.delegation, exact.show(l.points)) for l in table(awards, "gold_first")]
    [('P', '6'), ('Q', '20')]
    >>> [l.delegation for l in table(awards, "points")]
    ['Q', 'P']
    """
    if order not in ORDERS:
        raise ValueError(order)
    weigh = {medal: exact.parse(w) for medal, w in (WEIGHTS if weights is None else weights).items()}
    tallies: dict[str, dict[str, int]] = {d: dict.fromkeys(WEIGHTS, 0) for d in delegations}
    for award in awards:
        tally = tallies.setdefault(award.delegation, dict.fromkeys(WEIGHTS, 0))
        if award.medal:
            tally[award.medal] += 1
    points = {d: exact.total(weigh.get(m, Fraction(0)) * n for m, n in t.items()) for d, t in tallies.items()}
    rows = [Row(d, _keys(order, tally, points[d])) for d, tally in tallies.items()]
    best_first: list[Direction] = ["desc"] * (len(rows[0].keys) if rows else 0)
    return [
        _line(p.entry, p.place, p.tied, tallies[p.entry], points[p.entry])
        for p in places(rows, best_first, "skip")
    ]


def _keys(order: str, tally: Mapping[str, int], points: Fraction) -> tuple[Fraction, ...]:
    if order == "gold_first":
        return tuple(Fraction(tally[m]) for m in (GOLD, SILVER, BRONZE, EXCELLENCE))
    if order == "points":
        return (points,)
    return (Fraction(tally[GOLD] + tally[SILVER] + tally[BRONZE]),)


def _line(delegation: str, place: int, tied: bool, tally: Mapping[str, int], points: Fraction) -> Line:
    gold, silver, bronze = tally[GOLD], tally[SILVER], tally[BRONZE]
    return Line(
        delegation, place, tied, gold, silver, bronze, tally[EXCELLENCE], gold + silver + bronze, points
    )
