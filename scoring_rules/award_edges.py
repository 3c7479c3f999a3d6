"""Where awards end, and which ties stand across: medals, excellence, prizes of entries or persons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate, groupby
from typing import NamedTuple

from scoring_rules import exact, prizes, shares, standings
from scoring_rules.profiles import Profile


class Tie(NamedTuple):
    """Entries that stand across the last place of an award: code, that place, the entries.

    Codes: rank.tie_at_medal, rank.tie_at_excellence, rank.tie_at_prize; rank.undecided where the profile
    knows no joint places at all.
    """

    code: str
    edge: int
    entries: tuple[str, ...]


def last_excellent(profile: Profile, base: int) -> list[int]:
    """The last place with excellence, where places decide it and it lies behind the medals; else [].

    >>> from scoring_rules.profiles import load
    >>> last_excellent(load("cn-national"), 37), last_excellent(load("worldskills-2026"), 37)
    ([18], [])
    """
    rule, params = profile.medals, profile.medals.excellence_params
    last = 0
    if rule.excellence == "top_half/1":
        last = int(Fraction(base) / exact.parse(params.get("parts", "2")))
    if rule.excellence == "top_share/1":
        last = shares.count(exact.parse(params.get("percent", "50")), base, params.get("rounding", "floor"))
    return [last] if last > exact.parse(params.get("after", "3")) else []


def prize_edges(profile: Profile, base: int) -> list[tuple[str, int]]:
    """Each prize with the last place that still has it, of a base of so many; [] without prizes.

    >>> from scoring_rules.profiles import load
    >>> prize_edges(load("cn-cnc-2012"), 40)
    [('first', 4), ('second', 12), ('third', 24)]
    """
    rule = profile.extras.prizes
    if rule is None:
        return []
    steps = [prizes.Step(prize, exact.parse(amount)) for prize, amount in rule.steps]
    if rule.function == "by_place/1":
        return prizes.place_edges(steps)
    return prizes.edges(steps, base, rule.rounding, rule.counting)


def undecided(names: Sequence[str], places: Sequence[int]) -> list[Tie]:
    """Those that share a place, where no joint places exist and somebody has to decide.

    >>> undecided(["a", "b", "c"], [1, 1, 3])
    [Tie(code='rank.undecided', edge=1, entries=('a', 'b'))]
    """
    return [Tie("rank.undecided", places[first], tuple(names[first:end])) for first, end in _shared(places)]


def ties(
    profile: Profile,
    names: Sequence[str],
    places: Sequence[int],
    sizes: Sequence[int],
    base: int,
    edges: Sequence[tuple[str, int]],
) -> list[Tie]:
    """Ties across the last place of a medal, of excellence (of a base of so many) or of a prize.

    The columns are in place order and hold those alone who count: where others move up, only who may be
    awarded. Prizes of persons end within a group where they end among its persons (`sizes`).
    Clause: the organizer sees them before anything is released; china.md section 4, worldskills.md section 9.

    >>> from scoring_rules.profiles import load
    >>> ties(load("cn-national"), "abcd", [1, 2, 3, 3], [1] * 4, 4, [])
    [Tie(code='rank.tie_at_medal', edge=3, entries=('c', 'd'))]
    """
    counted = {"rank.tie_at_medal": [1, 2, 3] if profile.medals.function != "none" else []}
    counted["rank.tie_at_excellence"] = last_excellent(profile, base)
    found = [
        Tie(code, edge, tuple(names[first:end]))
        for code, counts in counted.items()
        for edge, first, end in standings.across(places, counts)
    ]
    persons = profile.extras.prizes is not None and profile.extras.prizes.unit == "persons"
    ends = list(accumulate(sizes if persons else [1] * len(places), initial=0))
    for first, end in _shared(places) if edges else ():
        here = [edge for _, edge in edges if ends[first] < edge < ends[end]]
        found += [Tie("rank.tie_at_prize", edge, tuple(names[first:end])) for edge in here]
    return found


def _shared(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where each group of joint places begins and ends, from 0."""
    first = 0
    for _, group in groupby(places):
        end = first + len(list(group))
        if end - first > 1:
            yield first, end
        first = end
