"""Who goes on to the next stage: the cut, pools, host places, wild cards, seeds, and who moves up instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple, TypeVar

from scoring_rules import exact
from scoring_rules.standings import Placed

TIES = ("in", "out")
WAYS = ("seeded", "pool", "pool_tie", "cut", "rest", "tie", "host", "wild_card", "moved_up")
"""Why an entry goes on. cut: by its place; rest: by its place among those that no pool took; tie and
pool_tie: with all who tie across the edge of the whole, or of a pool."""
CARRIES = ("none", "raw", "rescaled", "points")


def cut(placed: Sequence[Placed], count: int, ties: str = "in") -> list[str]:
    """The entries that go on, in place order: those of the first ``count`` places.

    ``placed`` in place order, joint places as ``standings.places`` gives them. Where entries tie at the edge,
    ``in`` takes all of them and ``out`` none. ValueError for another word or a negative count.
    Clause: china.md section 1 "top 30 of the theory heat go on, all tied at place 30 included".

    >>> field = [Placed("a", 1, False), Placed("b", 2, True), Placed("c", 2, True), Placed("d", 4, False)]
    >>> cut(field, 2), cut(field, 2, "out"), cut(field, 3)
    (['a', 'b', 'c'], ['a'], ['a', 'b', 'c'])
    >>> cut(field, 9), cut(field, 0)
    (['a', 'b', 'c', 'd'], [])
    """
    return [row.entry for row in _first(placed, count, ties)[0]]


class Candidate(NamedTuple):
    """A ranked entry before a cut: place, total, pool (county, heat, delegation), what it is besides."""

    entry: str
    place: int
    total: Fraction | None = None
    pool: str = ""
    seeded: bool = False
    host: bool = False
    wild_card: bool = False


@dataclass(frozen=True, slots=True)
class CutRule:
    """What a cut asks. `count`: how many go on by place (None: no limit of this kind), pool places included.

    `minimum`: the total that has to be reached ("" = none). `per_pool`: so many of each pool first. `host`:
    so many places for hosts that would otherwise not go on; seeds, host places and wild cards come on top of
    the count. `reserve`: how many of the next ones wait in order.
    """

    count: int | None = None
    minimum: str = ""
    ties: str = "in"
    per_pool: int = 0
    host: int = 0
    reserve: int = 0


@dataclass(frozen=True, slots=True)
class Selection:
    """Who goes on, each with the way it went, in place order; who waits, the next to move up first; and the
    groups that tie across an edge, to be looked at before anything is decided."""

    on: tuple[tuple[str, str], ...]
    reserve: tuple[str, ...] = ()
    edges: tuple[tuple[str, ...], ...] = ()

    @property
    def entries(self) -> tuple[str, ...]:
        """Those who go on."""
        return tuple(entry for entry, _ in self.on)


def select(candidates: Sequence[Candidate], rule: CutRule) -> Selection:
    """The selection by a rule: seeds, the first of each pool, the best of the rest, hosts, wild cards.

    `candidates` in place order. Seeded entries and wild cards go on whatever they reached; everybody else
    needs the minimum. Ties at the edge of a pool and of the whole follow `ties`: `in` takes all of them.
    Who is of no pool ("") goes on among the rest. Clause: china.md section 1, stage cut; the order of the
    ways is ours.

    >>> field = [Candidate("a", 1, Fraction(90), "x"), Candidate("b", 2, Fraction(80), "x"),
    ...          Candidate("c", 3, Fraction(70), "x"), Candidate("d", 4, Fraction(60), "y"),
    ...          Candidate("e", 5, Fraction(50), "y"), Candidate("h", 6, Fraction(40), "z", host=True)]
    >>> found = select(field, CutRule(count=4, minimum="45", per_pool=1, reserve=2))
    >>> found.on
    (('a', 'pool'), ('b', 'rest'), ('c', 'rest'), ('d', 'pool'))
    >>> found.reserve
    ('e',)
    >>> select(field, CutRule(count=2, host=1)).on[-1]
    ('h', 'host')
    """
    floor = exact.parse(rule.minimum) if rule.minimum else None
    ways = {c.entry: "seeded" for c in candidates if c.seeded}
    able = [c for c in candidates if c.entry not in ways and _reaches(c, floor)]
    taken = _pools(able, rule) if rule.per_pool else _Taken({}, ())
    ways |= taken.ways
    left = [c for c in able if c.entry not in ways]
    if rule.count is not None or not rule.per_pool:
        room = len(left) if rule.count is None else max(0, rule.count - len(taken.ways))
        found, tied = _first(left, room, rule.ties)
        ways |= dict.fromkeys((c.entry for c in found), "rest" if rule.per_pool else "cut")
        ways |= dict.fromkeys((c.entry for c in tied if c.entry in ways), "tie")
        taken = taken._replace(edges=(*taken.edges, tied) if tied else taken.edges)
    hosts = [c for c in able if c.host]
    lacking = max(0, rule.host - sum(c.entry in ways for c in hosts))
    found, _ = _first([c for c in hosts if c.entry not in ways], lacking, rule.ties)
    ways |= dict.fromkeys((c.entry for c in found), "host")
    ways |= {c.entry: "wild_card" for c in candidates if c.wild_card and c.entry not in ways}
    return Selection(
        tuple((c.entry, ways[c.entry]) for c in candidates if c.entry in ways),
        tuple([c.entry for c in able if c.entry not in ways][: rule.reserve]),
        tuple(tuple(c.entry for c in tied) for tied in taken.edges),
    )


class _Taken(NamedTuple):
    """entry -> its way, and the groups that tie across an edge."""

    ways: Mapping[str, str]
    edges: tuple[Sequence[Candidate], ...]


def _pools(able: Sequence[Candidate], rule: CutRule) -> _Taken:
    """The first so many of each pool."""
    pools: dict[str, list[Candidate]] = {}
    for candidate in able:
        if candidate.pool:
            pools.setdefault(candidate.pool, []).append(candidate)
    ways: dict[str, str] = {}
    edges = []
    for _, members in sorted(pools.items()):
        found, tied = _first(members, rule.per_pool, rule.ties)
        ways |= dict.fromkeys((c.entry for c in found), "pool")
        ways |= dict.fromkeys((c.entry for c in tied if c.entry in ways), "pool_tie")
        edges += [tied] if tied else []
    return _Taken(ways, tuple(edges))


def _reaches(candidate: Candidate, floor: Fraction | None) -> bool:
    return floor is None or (candidate.total is not None and candidate.total >= floor)


Row = TypeVar("Row", Placed, Candidate)


def _first(rows: Sequence[Row], count: int, ties: str) -> tuple[Sequence[Row], Sequence[Row]]:
    """Of rows in place order those of the first `count` places, and those who tie across the edge."""
    if ties not in TIES or count < 0:
        raise ValueError(f"{count} {ties}")
    if count == 0 or count >= len(rows) or rows[count - 1].place != rows[count].place:
        return rows[:count], ()
    place, start, end = rows[count].place, count, count
    while start and rows[start - 1].place == place:
        start -= 1
    while end < len(rows) and rows[end].place == place:
        end += 1
    return rows[: end if ties == "in" else start], rows[start:end]


def move_up(selection: Selection, withdrawn: Iterable[str]) -> Selection:
    """递补: for each entry that withdraws, the next of the reserve list goes on in its stead; the list gets
    shorter. Who withdraws from the reserve list itself just leaves it.

    >>> chosen = Selection((("a", "cut"), ("b", "cut")), ("c", "d"))
    >>> move_up(chosen, ["a", "c"])
    Selection(on=(('b', 'cut'), ('d', 'moved_up')), reserve=(), edges=())
    """
    gone = set(withdrawn)
    waiting = [entry for entry in selection.reserve if entry not in gone]
    stay = [(entry, way) for entry, way in selection.on if entry not in gone]
    free = len(selection.on) - len(stay)
    stay += [(entry, "moved_up") for entry in waiting[:free]]
    return replace(selection, on=tuple(stay), reserve=tuple(waiting[free:]))


def carried(
    total: Fraction,
    place: int,
    how: str,
    maximum: Fraction,
    new_maximum: Fraction,
    points: Sequence[str] = (),
) -> Fraction | None:
    """What an entry brings along into the next stage; None with `none`.

    `raw`: its total; `rescaled`: its share of the old maximum, of the new one; `points`: so many for its
    place (the first of `points` for place 1), 0 beyond the last. Exact; the next stage's weight and rounding
    come after. Clause: china.md section 1, "heat score carried into the final" (`carry_weight`).

    >>> [carried(Fraction(75), 2, how, Fraction(100), Fraction(30), ("10", "8")) for how in CARRIES]
    [None, Fraction(75, 1), Fraction(45, 2), Fraction(8, 1)]
    """
    if how == "none":
        return None
    if how == "raw":
        return total
    if how == "rescaled":
        return total * new_maximum / maximum
    if how == "points":
        return exact.parse(points[place - 1]) if place <= len(points) else Fraction(0)
    raise ValueError(how)
