"""Gold, silver, bronze by place or by the shared-medal window, and excellence for some of the rest."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from operator import attrgetter
from typing import Any, NamedTuple

from scoring_rules import exact, shares

GOLD, SILVER, BRONZE, EXCELLENCE = "gold", "silver", "bronze", "excellence"
COLOURS = (GOLD, SILVER, BRONZE)
INELIGIBLE = ("move_up", "vacate")


class Contender(NamedTuple):
    """A ranked entry: its place, its points (scale points, or None where there is no scale), its standing.

    `entry` is its id, or whatever else tells it from the others and can be sorted: in a large field its
    number. `eligible` False: ranked, but never awarded (a guest, an entry excluded after the fact). `total`
    is what a floor is compared with.
    """

    entry: Any
    place: int
    points: Fraction | int | None = None
    eligible: bool = True
    total: Fraction | None = None


Awards = dict[Any, str]
Params = Mapping[str, str]


def by_places(contenders: Sequence[Contender], params: Params, participants: int = 0) -> Awards:
    """Gold, silver, bronze to places 1, 2, 3; entries that share a place share its medal.

    Two golds at place 1 leave no place 2, so no silver; a field of two has no bronze. No parameters.
    Clause: china.md section 8 "places 1/2/3 = medals"; worldskills.md section 9, "Gold, silver, bronze to
    1st, 2nd, 3rd".

    >>> by_places([Contender("a", 1), Contender("b", 1), Contender("c", 3), Contender("d", 4)], {})
    {'a': 'gold', 'b': 'gold', 'c': 'bronze'}
    """
    return {c.entry: COLOURS[c.place - 1] for c in contenders if c.place <= 3}


def field_size(contenders: Sequence[Contender], params: Params, participants: int = 0) -> Awards:
    """Medals by place, fewer of them in a small field: each colour only from so many participants on.

    `gold`, `silver`, `bronze`: the smallest field with that medal (defaults 4, 5, 6); under `gold` the
    competition is void, nobody is awarded. Clause: worldskills.md section 9, local variants, Moscow Masters:
    "6+ entries: G, S, B; 5: G, S; 4: G; 3 or fewer: competition void".

    >>> five = [Contender(e, i) for i, e in enumerate("abcde", 1)]
    >>> field_size(five, {}, 5), field_size(five, {}, 4), field_size(five, {}, 3)
    ({'a': 'gold', 'b': 'silver'}, {'a': 'gold'}, {})
    """
    smallest = {colour: exact.parse(params.get(colour, low)) for colour, low in SMALLEST.items()}
    won = by_places(contenders, params)
    return {entry: colour for entry, colour in won.items() if participants >= smallest[colour]}


SMALLEST = {GOLD: "4", SILVER: "5", BRONZE: "6"}


def no_medals(contenders: Sequence[Contender], params: Params, participants: int = 0) -> Awards:
    """No medals at all: an event of prizes only.

    >>> no_medals([Contender("a", 1)], {})
    {}
    """
    return {}


def ws_window(contenders: Sequence[Contender], params: Params, participants: int = 0) -> Awards:
    """Medals shared by entries at most `window` points apart (default 2), anchored at the first of a group.

    Gold: all within the window of the best. One gold: silver is all within the window of the next; one
    silver: bronze is all within the window of the next; more silvers: bronze only within the window of the
    last silver. Two golds: no silver, bronze is all within the window of the next. Three or more golds: no
    silver, bronze only within the window of the last gold. Where a contender has no points (a field too
    small for the scale) medals go by places. Clause: worldskills.md section 9, all branches.

    >>> def won(*scores):
    ...     field = [Contender(str(s), i, Fraction(s)) for i, s in enumerate(scores, 1)]
    ...     awards = ws_window(field, {"window": "2"})
    ...     return [" ".join(s for s, m in awards.items() if m == colour) for colour in COLOURS]
    >>> won(741, 735, 728, 726, 725)
    ['741', '735', '728 726']
    >>> won(741, 739, 738, 736, 735)
    ['741 739', '', '738 736']
    >>> won(741, 740, 739, 737, 736)
    ['741 740 739', '', '737']
    >>> won(741, 740, 739, 736)
    ['741 740 739', '', '']
    >>> won(741, 735, 734, 731)
    ['741', '735 734', '']
    >>> won(741, 735, 734, 733, 731, 730)
    ['741', '735 734 733', '731']
    """
    window = exact.parse(params.get("window", "2"))
    points = [c.points for c in contenders if c.points is not None]
    if len(points) != len(contenders):
        return by_places(contenders, params)
    whole, over = exact.common(points)  # compared as whole numbers
    wide = window.numerator * over // window.denominator
    # Three groups reach at most three windows and two gaps down: only the best are sorted.
    least = _least(whole, wide)
    scored = sorted((-n, contenders[i].entry) for i, n in enumerate(whole) if n >= least)

    def within(anchor: int, start: int) -> int:
        """The end of the group that begins at `start`: all at most the window below the anchor."""
        end = start
        while end < len(scored) and scored[end][0] - anchor <= wide:
            end += 1
        return end

    def group_from(start: int) -> int:
        return within(scored[start][0], start) if start < len(scored) else start

    golds = group_from(0)
    silvers = group_from(golds) if golds == 1 else golds
    if golds >= 3 or silvers - golds >= 2:
        bronzes = within(scored[silvers - 1][0], silvers)
    else:
        bronzes = group_from(silvers)
    ends = ((GOLD, 0, golds), (SILVER, golds, silvers), (BRONZE, silvers, bronzes))
    return {entry: colour for colour, start, end in ends for _, entry in scored[start:end]}


def _least(points: Sequence[int], wide: int) -> int:
    """The lowest points that may have a medal: within a window of the best, of the next, of the one after."""
    least, left = 0, sorted(set(points))
    for _ in COLOURS:
        if left:
            least = left[-1] - wide
            del left[bisect_left(left, least) :]
    return least


def top_half(contenders: Sequence[Contender], medals: Awards, participants: int, params: Params) -> set[str]:
    """优胜奖: without a medal, place > 3 and 2 * place <= participants (those who started).

    `parts` (default 2) is the denominator: the first half. Clause: china.md section 8 (37 -> places 4 to 18).

    >>> field = [Contender(str(i), i) for i in range(1, 38)]
    >>> found = sorted(int(e) for e in top_half(field, by_places(field, {}), 37, {}))
    >>> found[0], found[-1], len(found)
    (4, 18, 15)
    """
    parts, over = exact.parse(params.get("parts", "2")).as_integer_ratio()
    rest = (c for c in contenders if c.entry not in medals)
    return {c.entry for c in rest if c.place > 3 and parts * c.place <= participants * over}


def top_share(contenders: Sequence[Contender], medals: Awards, participants: int, params: Params) -> set[str]:
    """Without a medal, behind place 3 and within the first `percent` (default 50) of the participants.

    `rounding` (floor, half_up, ceil; default floor) makes the share a number of places; `after` (default 3)
    is the last place before it. Clause: worldskills.md section 9, local variants, Hainan: "after the top 3
    within the top half (rounding: parameter)".

    >>> field = [Contender(str(i), i) for i in range(1, 38)]
    >>> [max(int(e) for e in top_share(field, {}, 37, {"rounding": r})) for r in ("floor", "half_up", "ceil")]
    [18, 19, 19]
    """
    percent, after = exact.parse(params.get("percent", "50")), exact.parse(params.get("after", "3"))
    last = shares.count(percent, participants, params.get("rounding", "floor"))
    return {c.entry for c in contenders if c.entry not in medals and after < c.place <= last}


def at_least(contenders: Sequence[Contender], medals: Awards, participants: int, params: Params) -> set[str]:
    """Medal for Excellence: every non-medallist with at least `points` (default 700); without points nobody.

    Clause: worldskills.md section 9, Medallion for Excellence.

    >>> field = [Contender(e, i, Fraction(p)) for i, e, p in ((1, "a", 720), (2, "b", 700), (3, "c", 699))]
    >>> at_least(field, {"a": "gold"}, 3, {})
    {'b'}
    """
    floor: Fraction | int = exact.parse(params.get("points", "700"))
    floor = floor.numerator if floor.denominator == 1 else floor  # whole points are compared in C
    return {
        entry
        for entry, _, points, _, _ in contenders
        if points is not None and points >= floor and entry not in medals
    }


def nobody(contenders: Sequence[Contender], medals: Awards, participants: int, params: Params) -> set[str]:
    """No excellence is awarded."""
    return set()


FUNCTIONS: dict[str, Callable[[Sequence[Contender], Params, int], Awards]] = {
    "by_places/1": by_places,
    "ws_window/1": ws_window,
    "field_size/1": field_size,
    "none": no_medals,
}
EXCELLENCES: dict[str, Callable[[Sequence[Contender], Awards, int, Params], set[str]]] = {
    "none": nobody,
    "top_half/1": top_half,
    "top_share/1": top_share,
    "at_least/1": at_least,
}
PARAMS: dict[str, tuple[str, ...]] = {
    "by_places/1": (), "ws_window/1": ("window", "compare"), "field_size/1": COLOURS,
    "none": (), "top_half/1": ("parts",), "top_share/1": ("percent", "rounding", "after"),
    "at_least/1": ("points",),
}  # fmt: skip
"""The parameters each function knows. `compare` (rounded, exact) says which scale points the caller gives."""


def award(
    contenders: Sequence[Contender],
    participants: int,
    function: str,
    params: Params,
    excellence: str = "none",
    excellence_params: Params | None = None,
    ineligible: str = "move_up",
    floor: Fraction | None = None,
) -> Awards:
    """Who gets what: entry -> gold, silver, bronze or excellence; an entry without an award is absent.

    `participants` is the count the profile's excellence names (entries that started). Ineligible entries
    never get an award: with `move_up` the others' places close up first, with `vacate` the award that would
    be theirs is given to nobody. Below the `floor` (a total) nobody is awarded, and nobody moves up for it:
    who stands behind is below it too. KeyError for an unknown function name. Clause of the floor:
    worldskills.md section 9, local variants, Algeria: "none under 60 %".

    >>> low = [Contender("a", 1, None, True, Fraction(61)), Contender("b", 2, None, True, Fraction(59))]
    >>> award(low, 2, "by_places/1", {}, floor=Fraction(60))
    {'a': 'gold'}
    >>> field = [Contender("guest", 1, None, False), *(Contender(e, i) for i, e in enumerate("abc", 2))]
    >>> award(field, 4, "by_places/1", {}), award(field, 4, "by_places/1", {}, ineligible="vacate")
    ({'a': 'gold', 'b': 'silver', 'c': 'bronze'}, {'a': 'silver', 'b': 'bronze'})
    """
    field = closed_up(contenders) if ineligible == "move_up" else list(contenders)
    awards = FUNCTIONS[function](field, params, participants)
    excellent = EXCELLENCES[excellence](field, awards, participants, excellence_params or {})
    awards.update((c.entry, EXCELLENCE) for c in field if c.entry in excellent)
    if ineligible == "vacate":
        barred = {c.entry for c in contenders if not c.eligible}
        awards = {entry: medal for entry, medal in awards.items() if entry not in barred}
    if floor is not None:
        low = {c.entry for c in contenders if c.total is None or c.total < floor}
        awards = {entry: medal for entry, medal in awards.items() if entry not in low}
    return awards


def closed_up(contenders: Sequence[Contender]) -> list[Contender]:
    """The eligible contenders alone, with places counted among themselves (joint places stay joint).

    >>> field = [Contender("guest", 1, None, False), Contender("a", 2), Contender("b", 2)]
    >>> [c.place for c in closed_up(field)]
    [1, 1]
    """
    if _closed(contenders):
        return list(contenders)
    found: list[Contender] = []
    place, last = 0, 0
    able = sorted((c for c in contenders if c.eligible), key=attrgetter("place"))
    for count, c in enumerate(able, 1):
        if c.place != last:
            place, last = count, c.place
        found.append(Contender(c.entry, place, c.points, True, c.total))
    return found


def _closed(contenders: Sequence[Contender]) -> bool:
    """Whether all are eligible, in place order, and places count as they will: nothing is to close up."""
    last = 0
    for count, c in enumerate(contenders, 1):
        if not c.eligible or (c.place != count and c.place != last):
            return False
        last = c.place
    return True
