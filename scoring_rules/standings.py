"""Totals and tie keys become places: all at once, or kept in order while the marks come in."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, chain, count, groupby, repeat
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
    if any(len(own) != len(directions) for own in keys):
        raise ValueError("keys and directions differ in number")
    columns = list(zip(*keys, strict=True)) if keys else [() for _ in directions]
    order = arranged(entries, columns, directions, joint)
    names = (entries[i] for i in order.positions)
    return [Placed(*row) for row in zip(names, order.places, order.tied, strict=True)]


class Order(NamedTuple):
    """A field in place order, by columns: where an entry stood in what was given, its place, whether tied."""

    positions: list[int]
    places: list[int]
    tied: list[bool]


Column = Sequence[Fraction | None] | exact.Whole
"""One key of a whole field, in the order of its entries; as whole numbers where these are made already."""


def arranged(
    entries: Sequence[str], columns: Sequence[Column], directions: Sequence[Direction], joint: str
) -> Order:
    """`placed` by columns, one for each key, into columns: nothing is made per entry, for fields of 200,000.

    >>> arranged(["b", "a"], [(Fraction(1), Fraction(1))], ("desc",), "skip")
    Order(positions=[1, 0], places=[1, 1], tied=[True, True])
    """
    _check(joint, directions)
    groups: dict[int, list[int]] = {}
    for i, number in enumerate(_one_number(len(entries), columns, directions)):
        if number in groups:
            groups[number].append(i)
        else:
            groups[number] = [i]
    best_first = [groups[number] for number in sorted(groups)]
    for group in best_first:
        if len(group) > 1:
            group.sort(key=entries.__getitem__)
    sizes = list(map(len, best_first))
    places = count(1) if joint == "dense" else accumulate(sizes, initial=1)
    return Order(
        list(chain.from_iterable(best_first)),
        list(chain.from_iterable(map(repeat, places, sizes))),
        list(chain.from_iterable(repeat(size > 1, size) for size in sizes)),
    )


def _one_number(field: int, columns: Sequence[Column], directions: Sequence[Direction]) -> Sequence[int]:
    """All keys of an entry as one whole number that sorts best first, as `order` does.

    Each key becomes a whole number over the denominator of its column; these are put side by side like
    digits, each column as wide as its range.
    """
    found: list[int] = []
    for column, direction in zip(columns, directions, strict=True):
        whole = column.numbers if isinstance(column, exact.Whole) else exact.common(_there(column)).numbers
        if direction == "desc":
            whole = [-n for n in whole]
        least = min(whole, default=0)
        wide = max(whole, default=0) - least + 1
        if not isinstance(column, exact.Whole) and len(whole) < field:
            numbers = iter(whole)
            whole = [least + wide if x is None else next(numbers) for x in column]
            wide += 1  # what lacks stands behind every number
        found = [n * wide + (m - least) for n, m in zip(found, whole, strict=True)] if found else whole
    return found or [0] * field


def _there(values: Sequence[Fraction | None]) -> list[Fraction]:
    return [x for x in values if x is not None]


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
    spans = across([p.place for p in placed], edges)
    return [(edge, tuple(p.entry for p in placed[first:end])) for edge, first, end in spans]


def across(places: Sequence[int], edges: Iterable[int]) -> list[tuple[int, int, int]]:
    """`at_edges` of places alone, in place order: each such edge, where its group begins and ends (from 0).

    >>> across([1, 2, 2, 4], (1, 2, 3))
    [(2, 1, 3)]
    """
    found: list[tuple[int, int, int]] = []
    for edge in sorted(set(edges)):
        if 0 < edge < len(places) and places[edge - 1] == places[edge]:
            found.append((edge, bisect_left(places, places[edge]), bisect_right(places, places[edge])))
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
