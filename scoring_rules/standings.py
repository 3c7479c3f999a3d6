"""Totals and tie keys become places: all at once, or kept in order while the marks come in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from typing import Any, Literal, NamedTuple

from scoring_rules import exact
from scoring_rules.sorted_keys import Key, SortedKeys

Direction = Literal["asc", "desc"]
Keys = tuple[Fraction | None, ...]
JOINTS = ("skip", "dense", "none")

_SCALE = 1_000_000


class Row(NamedTuple):
    """One entry and its keys in the profile's order; the total comes already rounded by the policy."""

    entry: str
    keys: Keys


class Placed(NamedTuple):
    """An entry's place from 1. `tied`: others have the same keys; under joint `none` somebody must decide."""

    entry: str
    place: int
    tied: bool


def order(keys: Keys, directions: Sequence[Direction]) -> Key:
    """The keys as one tuple that sorts best first, of plain integers wherever the numbers end early.

    Each number becomes (0, millionths, exact remainder), so that tuples compare in C and nothing is rounded;
    a missing key becomes (1,) padded: after every number, whatever the direction.

    >>> order((Fraction(5, 2), None), ("desc", "asc"))
    (0, -2500000, 0, 1, 0, 0)
    """
    found: list[Any] = []
    for x, direction in zip(keys, directions, strict=True):
        if x is None:
            found += (1, 0, 0)
            continue
        numerator, denominator = x.as_integer_ratio()
        if direction == "desc":
            numerator = -numerator
        whole, rest = divmod(numerator * _SCALE, denominator)
        found += (0, whole, _remainder(rest, denominator) if rest else 0)
    return tuple(found)


@lru_cache(maxsize=4096)
def _remainder(rest: int, denominator: int) -> Fraction:
    """One object for equal remainders: tuples compare identical items without asking Fraction."""
    return Fraction(rest, denominator)


def _check(joint: str, directions: Sequence[Direction]) -> None:
    if joint not in JOINTS or any(d not in ("asc", "desc") for d in directions):
        raise ValueError(f"{joint} {list(directions)}")


def places(rows: Iterable[Row], directions: Sequence[Direction], joint: str) -> list[Placed]:
    """Every entry's place, in place order; entries with equal keys in the order of their ids.

    The first key decides, then the next. A key that is None stands after every number, and equals None.
    joint: `skip` 1,2,2,4; `dense` 1,2,2,3; `none`: no joint places are awarded, so an entry still `tied`
    here (placed as by skip) waits for a decision, recorded as a further key. Without directions all tie.
    Clause: china.md section 4; worldskills.md section 9 "ranks 1, 2, 2, 4 on equal scores".

    >>> rows = [Row("a", (Fraction(9), Fraction(30))), Row("b", (Fraction(9), Fraction(28))),
    ...         Row("c", (Fraction(8), None)), Row("d", (Fraction(8), None)), Row("e", (Fraction(7), None))]
    >>> [p.place for p in places(rows, ("desc", "asc"), "skip")]
    [1, 2, 3, 3, 5]
    >>> [(p.entry, p.place) for p in places(rows, ("desc", "asc"), "dense")][-1]
    ('e', 4)
    """
    held = list(rows)
    return placed([row.entry for row in held], [row.keys for row in held], directions, joint)


def placed(
    entries: Sequence[str], keys: Sequence[Keys], directions: Sequence[Direction], joint: str
) -> list[Placed]:
    """`places` of entries and their keys side by side: a field of 200,000 in one pass.

    >>> placed(["a", "b"], [(Fraction(1),), (Fraction(2),)], ("desc",), "skip")
    [Placed(entry='b', place=1, tied=False), Placed(entry='a', place=2, tied=False)]
    """
    _check(joint, directions)
    if any(len(own) != len(directions) for own in keys):
        raise ValueError("keys and directions differ in number")
    one = _one_number(keys, directions)
    found: list[Placed] = []
    best_first = sorted(range(len(entries)), key=one.__getitem__)
    for groups, (_, group) in enumerate(groupby(best_first, key=one.__getitem__), 1):
        members = sorted(entries[i] for i in group)
        place, tied = (groups if joint == "dense" else len(found) + 1), len(members) > 1
        found += [Placed(entry, place, tied) for entry in members]
    return found


def _one_number(keys: Sequence[Keys], directions: Sequence[Direction]) -> Sequence[int]:
    """All keys of an entry as one whole number that sorts best first, as `order` does.

    Each key becomes a whole number over the denominator of its column; these are put side by side like
    digits, each column as wide as its range.
    """
    found: Sequence[int] = [0] * len(keys)
    for values, direction in zip(zip(*keys, strict=True), directions, strict=False):
        there = [x for x in values if x is not None]
        if not there:
            continue
        whole, _ = exact.common(there)
        if direction == "desc":
            whole = [-n for n in whole]
        least, wide = min(whole), max(whole) - min(whole) + 1
        if len(there) < len(values):
            numbers = iter(whole)
            whole = [least + wide if x is None else next(numbers) for x in values]
            wide += 1  # what lacks stands behind every number
        found = [n * wide + (m - least) for n, m in zip(found, whole, strict=True)]
    return found


def undecided(placed: Iterable[Placed]) -> list[tuple[str, ...]]:
    """The groups of entries that share a place: what must be decided first where no joint places exist.

    Clause: worldskills.md section 9 "No shared ranks and keys exhausted: the Chief Expert decides".

    >>> undecided([Placed("a", 1, False), Placed("b", 2, True), Placed("c", 2, True)])
    [('b', 'c')]
    """
    tied = [p for p in placed if p.tied]
    return [tuple(p.entry for p in group) for _, group in groupby(tied, key=lambda p: p.place)]


def at_edges(placed: Sequence[Placed], edges: Iterable[int]) -> list[tuple[int, tuple[str, ...]]]:
    """Ties that stand across an edge: for each count in `edges` (medals, prizes, a cut) that falls inside a
    group of joint entries, that count with the group. `placed` in place order.

    Clause: the organizer sees them before anything is released; china.md section 4, worldskills.md section 9.

    >>> field = [Placed("a", 1, False), Placed("b", 2, True), Placed("c", 2, True), Placed("d", 4, False)]
    >>> at_edges(field, (1, 2, 3))
    [(2, ('b', 'c'))]
    """
    found: list[tuple[int, tuple[str, ...]]] = []
    for edge in sorted(set(edges)):
        if 0 < edge < len(placed) and placed[edge - 1].place == placed[edge].place:
            place, first, last = placed[edge].place, edge - 1, edge
            while first > 0 and placed[first - 1].place == place:
                first -= 1
            while last + 1 < len(placed) and placed[last + 1].place == place:
                last += 1
            found.append((edge, tuple(p.entry for p in placed[first : last + 1])))
    return found


class Ladder:
    """Standings kept in order: one entry moves, is found and is placed in logarithmic steps.

    Agrees with `places` at every moment (order, places, ties).

    >>> ladder = Ladder(("desc",), "skip")
    >>> for entry, total in (("a", 7), ("b", 9), ("c", 9)):
    ...     ladder.put(entry, (Fraction(total),))
    >>> ladder.place("a"), ladder.place("b")
    (Placed(entry='a', place=3, tied=False), Placed(entry='b', place=1, tied=True))
    >>> ladder.put("a", (Fraction(10),)); [p.entry for p in ladder.first(2)]
    ['a', 'b']
    """

    __slots__ = ("_directions", "_groups", "_keys", "_ordered", "joint")

    def __init__(
        self, directions: Sequence[Direction], joint: str = "skip", rows: Iterable[Row] = ()
    ) -> None:
        _check(joint, directions)
        self._directions = tuple(directions)
        self.joint = joint
        self._keys: dict[str, Key] = {row.entry: order(row.keys, self._directions) for row in rows}
        self._ordered = SortedKeys((*key, entry) for entry, key in self._keys.items())
        self._groups = SortedKeys(set(self._keys.values())) if joint == "dense" else None

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, entry: object) -> bool:
        return entry in self._keys

    def put(self, entry: str, keys: Keys) -> None:
        """Insert the entry or move it to these keys."""
        key = order(keys, self._directions)
        old = self._keys.get(entry)
        if old == key:
            return
        if old is not None:
            self._take(entry, old)
        self._keys[entry] = key
        if self._groups is not None and not self._shared(key):
            self._groups.insert(key)
        self._ordered.insert((*key, entry))

    def remove(self, entry: str) -> None:
        """Take the entry out; KeyError when it is not there."""
        self._take(entry, self._keys.pop(entry))

    def place(self, entry: str) -> Placed:
        """The entry's place from 1; KeyError when it is not there."""
        key = self._keys[entry]
        place, _, second = self._ordered.find(key)
        if self._groups is not None:
            place = self._groups.below(key)
        return Placed(entry, place + 1, second is not None and second[:-1] == key)

    def first(self, count: int) -> list[Placed]:
        """The first `count` entries, in place order."""
        return self.page(0, count)

    def page(self, start: int, count: int) -> list[Placed]:
        """`count` entries from position `start` (from 0), in place order."""
        found: list[Placed] = []
        before: Key | None = None
        for item in self._ordered.slice(start, start + count):
            key, entry = item[:-1], item[-1]
            if key == before:
                found.append(Placed(entry, found[-1].place, True))
            else:
                found.append(self.place(entry))
            before = key
        return found

    def __iter__(self) -> Iterator[Placed]:
        return iter(self.page(0, len(self)))

    def position(self, entry: str) -> int:
        """Where the entry stands from 0, ties in the order of their ids: the page it is on."""
        return self._ordered.below((*self._keys[entry], entry))

    def _take(self, entry: str, key: Key) -> None:
        self._ordered.remove((*key, entry))
        if self._groups is not None and not self._shared(key):
            self._groups.remove(key)

    def _shared(self, key: Key) -> bool:
        """Whether any entry that is in the list has this key."""
        first = self._ordered.find(key)[1]
        return first is not None and first[:-1] == key
