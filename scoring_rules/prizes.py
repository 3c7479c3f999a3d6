"""Prizes beside or instead of medals (一等奖, 二等奖, 三等奖): by shares of the field or by places."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from scoring_rules import shares

COUNTINGS = ("each", "cumulated")
TIES = ("in", "out")
PRIZES = ("grand", "first", "second", "third", "excellence")
"""Names a profile may give: 特等奖, 一等奖, 二等奖, 三等奖, 优秀奖."""


class Step(NamedTuple):
    """One prize and how much of it there is: a percentage (by_share/1) or a number of places (by_place/1)."""

    prize: str
    amount: Fraction


class Runner(NamedTuple):
    """An entry that may win a prize: its place among them, the persons in it; `entry` as in `Contender`."""

    entry: Any
    place: int
    size: int = 1


def edges(steps: Sequence[Step], base: int, rounding: str, counting: str) -> list[tuple[str, int]]:
    """Each prize with the last place that still has it, from percentages of the base.

    `each`: every percentage is rounded by itself, then they are added up; `cumulated`: percentages are added
    up first and each sum is rounded. Clause: worldskills.md section 9, "prizes by percent (2012 style)";
    promotion_rules.json, cn-cnc-2012 (10 %, 20 %, 30 %); rounding unverified, a parameter.

    >>> steps = [Step("first", Fraction(10)), Step("second", Fraction(20)), Step("third", Fraction(30))]
    >>> edges(steps, 37, "half_up", "each"), edges(steps, 37, "half_up", "cumulated")
    ([('first', 4), ('second', 11), ('third', 22)], [('first', 4), ('second', 11), ('third', 22)])
    >>> edges(steps, 33, "floor", "each"), edges(steps, 33, "floor", "cumulated")
    ([('first', 3), ('second', 9), ('third', 18)], [('first', 3), ('second', 9), ('third', 19)])
    """
    found: list[tuple[str, int]] = []
    last, percent = 0, Fraction(0)
    for prize, amount in steps:
        percent += amount
        if counting == "cumulated":
            last = shares.count(percent, base, rounding)
        elif counting == "each":
            last += shares.count(amount, base, rounding)
        else:
            raise ValueError(counting)
        found.append((prize, last))
    return found


def place_edges(steps: Sequence[Step]) -> list[tuple[str, int]]:
    """Each prize with the last place that still has it, from numbers of places: 1, 2, 3 -> 1, 3, 6.

    >>> place_edges([Step("first", Fraction(1)), Step("second", Fraction(2)), Step("third", Fraction(3))])
    [('first', 1), ('second', 3), ('third', 6)]
    """
    found: list[tuple[str, int]] = []
    for prize, amount in steps:
        found.append((prize, int(amount) + (found[-1][1] if found else 0)))
    return found


def award(runners: Sequence[Runner], found: Sequence[tuple[str, int]], ties: str = "in") -> dict[Any, str]:
    """entry -> prize, by the edges of `edges` or `place_edges`; entries beyond the last edge are absent.

    Runners come in place order; those who share a place share its prize. Where they stand across an edge,
    `in` gives all of them the better prize, `out` the next one. Persons count where sizes are given: an
    entry stands where the first of its persons stands.

    >>> field = [Runner("a", 1), Runner("b", 2), Runner("c", 2), Runner("d", 4)]
    >>> award(field, [("first", 2), ("second", 3)]), award(field, [("first", 2), ("second", 3)], "out")
    ({'a': 'first', 'b': 'first', 'c': 'first'}, {'a': 'first', 'b': 'second', 'c': 'second'})
    """
    if ties not in TIES:
        raise ValueError(ties)
    awards: dict[Any, str] = {}
    before, left = 0, list(reversed(found))
    for _, group in groupby(runners, key=itemgetter(1)):
        members = list(group)
        last = before + sum(size for _, _, size in members)
        stands = before + 1 if ties == "in" else last
        while left and stands > left[-1][1]:  # nobody behind stands before this edge either
            left.pop()
        if not left:
            break
        awards.update((entry, left[-1][0]) for entry, _, _ in members)
        before = last
    return awards


FUNCTIONS = ("by_share/1", "by_place/1")
