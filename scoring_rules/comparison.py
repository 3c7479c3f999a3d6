"""Reports that compare delegations: medal table, medal points and point scores, summed and averaged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from scoring_rules import exact
from scoring_rules.delegations import WEIGHTS
from scoring_rules.medals import BRONZE, COLOURS, EXCELLENCE, GOLD, SILVER
from scoring_rules.standings import Direction, placed

REPORTS = (
    "medal_table", "total_medal_points", "average_medal_points", "total_point_score", "average_point_score",
)  # fmt: skip


class Result(NamedTuple):
    """One entry's result in one trade: a team is one entry of `size` persons. `medal` "" without one."""

    delegation: str
    trade: str
    medal: str = ""
    scale: Fraction | int | None = None
    size: int = 1
    place: int | None = None


@dataclass(slots=True)
class Tally:
    """What a delegation has: medals and persons by colour, trades it competed in, scale scores, places."""

    medals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WEIGHTS, 0))
    persons: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WEIGHTS, 0))
    trades: set[str] = field(default_factory=set)
    scores: list[Fraction | int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    @property
    def winners(self) -> int:
        """Persons with gold, silver or bronze."""
        return sum(self.persons[colour] for colour in COLOURS)


class Line(NamedTuple):
    """A delegation's line in a report: its rank (joint on equal figures), the figure, what it was made of."""

    delegation: str
    rank: int
    tied: bool
    figure: Fraction | None
    tally: Tally


def tallies(results: Iterable[Result]) -> dict[str, Tally]:
    """delegation -> what it has, in the order of first mention; KeyError for an unknown medal.

    A team's medal counts once for its delegation, and once per person where persons are counted.
    Clause: worldskills.md section 9 "a team counts as ONE competitor"; china.md section 8.

    >>> found = tallies([Result("P", "1", "gold", None, 3), Result("P", "2", "excellence", None, 2)])["P"]
    >>> found.medals["gold"], found.winners, len(found.trades)
    (1, 3, 2)
    """
    own: dict[str, list[Result]] = {}
    for row in results:
        if row[0] in own:
            own[row[0]].append(row)
        else:
            own[row[0]] = [row]
    return {delegation: _tally(rows) for delegation, rows in own.items()}


def _tally(rows: Sequence[Result]) -> Tally:
    _, trades, medals, scales, sizes, places = zip(*rows, strict=True)
    found = Tally(trades=set(trades))
    for (medal, size), count in Counter(zip(medals, sizes, strict=True)).items():
        if medal:
            found.medals[medal] += count
            found.persons[medal] += count * size
    found.scores = [x for x in scales if x is not None]
    found.places = [n for n in places if n is not None]
    return found


def medal_points(tally: Tally, weights: Mapping[str, str] | None = None) -> Fraction:
    """Total Medal Points: weights times medals, 4, 3, 2 and 1 unless the profile says otherwise.

    Clause: worldskills.md section 9, report 2: China at Kazan 2019, 16 gold, 14 silver, 5 bronze, 17
    excellence. A team's medal counts once.

    >>> china = Tally(medals={"gold": 16, "silver": 14, "bronze": 5, "excellence": 17})
    >>> exact.show(medal_points(china))
    '133'
    """
    weigh = WEIGHTS if weights is None else weights
    return exact.total(exact.parse(weigh.get(medal, "0")) * n for medal, n in tally.medals.items())


def report(
    name: str, held: Mapping[str, Tally], weights: Mapping[str, str] | None = None, decimals: int = 2
) -> list[Line]:
    """One report in its order, best first; equal printed figures share a rank (1,2,2,4).

    medal_table: gold, then silver, bronze, excellence; the figure is the medals in all. total_medal_points;
    average_medal_points: divided by the trades the delegation competed in. total_point_score: the sum of its
    scale scores; average_point_score: their mean, None (ranked last) where there is none. Averages are
    rounded half up to `decimals` before they are compared. KeyError for another name.
    Clause: worldskills.md section 9, member comparison reports 2 to 5: "rank descending, joint on equal
    printed values (2 dp)"; china.md section 8 (a).

    >>> held = tallies([Result("P", "1", "gold", Fraction(750)), Result("P", "2", "", Fraction(650)),
    ...                 Result("Q", "1", "silver", Fraction(730)), Result("Q", "2", "bronze", Fraction(700))])
    >>> for name in REPORTS:
    ...     print(name, *((l.delegation, l.rank, exact.show(l.figure, 2)) for l in report(name, held)))
    medal_table ('P', 1, '1.00') ('Q', 2, '2.00')
    total_medal_points ('Q', 1, '5.00') ('P', 2, '4.00')
    average_medal_points ('Q', 1, '2.50') ('P', 2, '2.00')
    total_point_score ('Q', 1, '1430.00') ('P', 2, '1400.00')
    average_point_score ('Q', 1, '715.00') ('P', 2, '700.00')
    """
    figures = {d: _FIGURES[name](tally, weights, decimals) for d, tally in held.items()}
    if name == "medal_table":
        order = (GOLD, SILVER, BRONZE, EXCELLENCE)
        keys = [tuple(Fraction(t.medals[m]) for m in order) for t in held.values()]
        return _lines(held, figures, keys)
    return _lines(held, figures, [(figures[d],) for d in held])


def _lines(
    held: Mapping[str, Tally],
    figures: Mapping[str, Fraction | None],
    keys: Sequence[tuple[Fraction | None, ...]],
) -> list[Line]:
    best_first: list[Direction] = ["desc"] * (len(keys[0]) if keys else 0)
    ranked = placed(list(held), keys, best_first, "skip")
    return [Line(p.entry, p.place, p.tied, figures[p.entry], held[p.entry]) for p in ranked]


_Figure = Callable[[Tally, Mapping[str, str] | None, int], Fraction | None]


def _medals(tally: Tally, weights: Mapping[str, str] | None, decimals: int) -> Fraction:
    return Fraction(sum(tally.medals[colour] for colour in COLOURS))


def _points(tally: Tally, weights: Mapping[str, str] | None, decimals: int) -> Fraction:
    return medal_points(tally, weights)


def _average_points(tally: Tally, weights: Mapping[str, str] | None, decimals: int) -> Fraction:
    return exact.round_half_up(medal_points(tally, weights) / len(tally.trades), decimals)


def _score(tally: Tally, weights: Mapping[str, str] | None, decimals: int) -> Fraction | None:
    return exact.total(tally.scores) if tally.scores else None


def _average_score(tally: Tally, weights: Mapping[str, str] | None, decimals: int) -> Fraction | None:
    if not tally.scores:
        return None
    return exact.round_half_up(exact.total(tally.scores) / len(tally.scores), decimals)


_FIGURES: dict[str, _Figure] = {
    "medal_table": _medals, "total_medal_points": _points, "average_medal_points": _average_points,
    "total_point_score": _score, "average_point_score": _average_score,
}  # fmt: skip


def place_scores(held: Mapping[str, Tally], scores: Sequence[str]) -> list[Line]:
    """Scores by place: so many for place 1, for place 2 and so on, nothing beyond the last; summed, ranked.

    Clause: china.md section 8 (b), "or places score n..1".

    >>> held = tallies([Result("P", "1", place=1), Result("P", "2", place=4), Result("Q", "1", place=2)])
    >>> [(l.delegation, exact.show(l.figure)) for l in place_scores(held, ["3", "2", "1"])]
    [('P', '3'), ('Q', '2')]
    """
    worth = [exact.parse(score) for score in scores]
    figures: dict[str, Fraction | None] = {
        d: exact.total(worth[place - 1] for place in tally.places if place <= len(worth))
        for d, tally in held.items()
    }
    return _lines(held, figures, [(figures[d],) for d in held])


def composite(held: Mapping[str, Tally], weights: Mapping[str, str] | None = None) -> list[Line]:
    """N + 1 - rank summed over the reports of points (N delegations): optional, used by some delegations.

    Clause: worldskills.md section 9, after report 5.

    >>> held = tallies([Result("P", "1", "gold", Fraction(750)), Result("Q", "1", "", Fraction(650))])
    >>> [(l.delegation, exact.show(l.figure)) for l in composite(held)]
    [('P', '8'), ('Q', '4')]
    """
    sums: dict[str, int] = dict.fromkeys(held, 0)
    for name in REPORTS[1:]:
        for found in report(name, held, weights):
            sums[found.delegation] += len(held) + 1 - found.rank
    figures: dict[str, Fraction | None] = {d: Fraction(n) for d, n in sums.items()}
    return _lines(held, figures, [(figures[d],) for d in held])
