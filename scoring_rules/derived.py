"""Lists over sets of entries: team classification, the best so many of each delegation, by their own keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from scoring_rules import exact
from scoring_rules.standings import Direction, Row, places

SETS = ("delegation", "team", "pool")
"""The columns by which entries may be put together."""

VALUES = ("total", "scale", "time")
KEYS = ("sum", "time", "members", "best_place", "places")
"""Keys of a set: the sum of its counted values, of their times, how many counted, their best place, the sum
of their places."""

FUNCTIONS = ("best_of_set/1",)


class Part(NamedTuple):
    """One ranked entry of a set: what it counts with, its place, its net time in seconds."""

    entry: str
    owner: str
    value: Fraction
    place: int
    time: Fraction | None = None


class Team(NamedTuple):
    """A set's line: place (None: fewer than are needed), the counted sum, whose results counted."""

    owner: str
    place: int | None
    tied: bool
    sum: Fraction
    counted: tuple[str, ...]


def best_of_sets(
    parts: Iterable[Part],
    best: int,
    need: int,
    keys: Sequence[tuple[str, Direction]],
    joint: str = "skip",
) -> list[Team]:
    """Sets in place order, those with fewer than `need` results last and without a place.

    The `best` results of each set count (0: all), the better placed first. Sets compare by `keys` in order;
    a time that is missing makes the set's time missing. KeyError for an unknown key.
    Clause: china.md section 4, lamp assembly: "team = sum of 3, tie -> total time".

    >>> field = [Part("a", "X", Fraction(90), 1, Fraction(50)), Part("b", "Y", Fraction(80), 2, Fraction(40)),
    ...          Part("c", "Y", Fraction(70), 3, Fraction(45)), Part("d", "X", Fraction(60), 4, Fraction(30)),
    ...          Part("e", "X", Fraction(50), 5, Fraction(30)), Part("f", "Z", Fraction(40), 6)]
    >>> found = best_of_sets(field, 2, 2, [("sum", "desc"), ("time", "asc")])
    >>> [(t.owner, t.place, exact.show(t.sum), t.counted) for t in found]
    [('X', 1, '150', ('a', 'd')), ('Y', 2, '150', ('b', 'c')), ('Z', None, '40', ('f',))]
    """
    held: dict[str, list[Part]] = {}
    for part in sorted(parts, key=lambda p: (p.place, p.entry)):
        held.setdefault(part.owner, []).append(part)
    counted = {owner: members[: best or None] for owner, members in held.items()}
    whole = {owner: members for owner, members in counted.items() if len(members) >= need}
    rows = [Row(owner, tuple(_KEY[key](members) for key, _ in keys)) for owner, members in whole.items()]
    placed = places(rows, [direction for _, direction in keys], joint)
    found = [_team(p.entry, p.place, p.tied, counted[p.entry]) for p in placed]
    return found + [_team(owner, None, False, counted[owner]) for owner in sorted(set(held) - set(whole))]


def direction(word: str) -> Direction:
    """A direction from its word: `asc`, else `desc`."""
    return "asc" if word == "asc" else "desc"


def _team(owner: str, place: int | None, tied: bool, members: Sequence[Part]) -> Team:
    return Team(owner, place, tied, _sum(members), tuple(m.entry for m in members))


def _sum(members: Sequence[Part]) -> Fraction:
    return exact.total(m.value for m in members)


def _time(members: Sequence[Part]) -> Fraction | None:
    times = [m.time for m in members if m.time is not None]
    return exact.total(times) if len(times) == len(members) else None


_KEY: dict[str, Callable[[Sequence[Part]], Fraction | None]] = {
    "sum": _sum,
    "time": _time,
    "members": lambda members: Fraction(len(members)),
    "best_place": lambda members: Fraction(min(m.place for m in members)),
    "places": lambda members: Fraction(sum(m.place for m in members)),
}
