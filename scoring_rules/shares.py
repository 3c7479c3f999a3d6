"""Percentages of a field: of which entries, counted as entries or persons, rounded how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from scoring_rules import exact

BASES = ("entered", "checked_in", "started", "ranked")
"""What a percentage may be of. entered: every entry but guests. checked_in: without the absent. started:
without those who withdrew before they began. ranked: those with a place."""

UNITS = ("entries", "persons")
ROUNDINGS = ("floor", "half_up", "ceil")


class Field(NamedTuple):
    """How many there are of each base, in one unit."""

    entered: int = 0
    checked_in: int = 0
    started: int = 0
    ranked: int = 0

    def of(self, base: str) -> int:
        """The count of a base; KeyError for an unknown one."""
        if base not in BASES:
            raise KeyError(base)
        found: int = getattr(self, base)
        return found


_IN = {
    "ranked": BASES,
    "not_finished": ("entered", "checked_in", "started"),
    "excluded": ("entered", "checked_in", "started"),
    "withdrawn": ("entered", "checked_in"),
    "absent": ("entered",),
    "guest": (),
}
"""status -> the bases it counts in. A guest is out of the competition; an excluded entry did start."""


def field(members: Iterable[tuple[str, int]]) -> tuple[Field, Field]:
    """The field of (status, size) pairs, counted in entries and in persons; KeyError for an unknown status.

    >>> field([("ranked", 2), ("not_finished", 1), ("absent", 3), ("guest", 1)])[0]
    Field(entered=3, checked_in=2, started=2, ranked=1)
    >>> field([("ranked", 2), ("not_finished", 1), ("absent", 3), ("guest", 1)])[1].started
    3
    """
    entries, persons = dict.fromkeys(BASES, 0), dict.fromkeys(BASES, 0)
    for (status, size), count in Counter(members).items():
        for base in _IN[status]:
            entries[base] += count
            persons[base] += count * size
    return Field(**entries), Field(**persons)


def count(percent: Fraction, base: int, rounding: str) -> int:
    """So many percent of the base as a whole number; ValueError for an unknown rounding.

    >>> [count(Fraction(10), 37, r) for r in ROUNDINGS], count(Fraction(50), 37, "half_up")
    ([3, 4, 4], 19)
    """
    share = percent * base / 100
    if rounding == "floor":
        return share.numerator // share.denominator
    if rounding == "ceil":
        return -(-share.numerator // share.denominator)
    if rounding == "half_up":
        return exact.round_half_up(share, 0).numerator
    raise ValueError(rounding)
