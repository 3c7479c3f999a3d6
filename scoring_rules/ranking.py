"""A whole field under one profile: places, scale points, medals, prizes, and what must still be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import compress, repeat
from operator import is_, itemgetter
from typing import Any, NamedTuple, TypeVar

from scoring_rules import award_edges, exact, medals, prizes, scale, shares, standings
from scoring_rules.exact import Whole
from scoring_rules.field import floor
from scoring_rules.profiles import Profile
from scoring_rules.refusal import Refusal
from scoring_rules.scale import Scaled
from scoring_rules.shares import Field
from scoring_rules.standings import Keys, Order

Row = TypeVar("Row", bound=tuple[Any, ...])
Point = TypeVar("Point", int, Fraction)
STATUSES = ("ranked", "absent", "not_finished", "withdrawn", "excluded", "guest")


class Entrant(NamedTuple):
    """An entry as the rules see it: its total, its keys, what became of it.

    `keys` has one value for each key of the profile, the total's among them. `eligible` False: ranked, but
    not awarded. `size`: persons in the entry.
    """

    entry: str
    total: Fraction | None
    keys: Keys
    status: str = "ranked"
    eligible: bool = True
    size: int = 1


class Outcome(NamedTuple):
    """What an entry comes to; place and scale None, medal and prize "" where there is none."""

    entry: str
    total: Fraction | None
    place: int | None
    tied: bool
    scale: int | None
    medal: str
    prize: str


class Notice(NamedTuple):
    """Something to look at before a result is released: a code, the entries it is about, parameters.

    Codes: rank.tie_at_medal, rank.tie_at_excellence, rank.tie_at_prize (edge), rank.undecided (place),
    rank.scale_too_small and rank.void (found, needed), rank.scale_substitute, rank.scale_refused.
    """

    code: str
    entries: tuple[str, ...] = ()
    params: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Ranking:
    """Outcomes in place order, the unranked last in the order given; the field's counts; notices."""

    outcomes: tuple[Outcome, ...]
    entries: Field
    persons: Field
    notices: tuple[Notice, ...]


def keys_of(profile: Profile, total: Fraction | None, named: Mapping[str, Fraction | None]) -> Keys:
    """The profile's keys in order: the total after the rounding policy, the others as `named` gives them.

    >>> from scoring_rules.profiles import load
    >>> keys_of(load("cook-off"), Fraction(90), {"component:practice": Fraction(60)})
    (Fraction(90, 1), Fraction(60, 1), None)
    """
    rounded = None if total is None else profile.rounding.total(total)
    return tuple(rounded if k.key == "total" else named.get(k.key) for k in profile.places.keys)


def rank(profile: Profile, entrants: Iterable[Entrant], maximum: Fraction | None = None) -> Ranking:
    """The ranking of one group. `maximum`: the highest total, of which a floor is so many percent.

    Places compare keys whose total is rounded by the policy. Only `ranked` entries have a place. The scale
    is made of the ranked ones, with `unfinished = "in"` also of the not finished that have a total; absent,
    excluded and guests are out of it. Medals and prizes count their base as `shares.field` does. Excluded
    entries with a total: under `vacate` their place and medal stay empty, under `move_up` others close up.
    Clause: worldskills.md sections 8 and 9; china.md sections 4 and 8.

    >>> from scoring_rules.profiles import load
    >>> field = [Entrant(e, Fraction(t), (Fraction(t),)) for e, t in (("a", 10), ("b", 30), ("c", 20))]
    >>> found = rank(load("worldskills-2026"), [*field, Entrant("d", None, (None,), "absent")])
    >>> [(o.entry, o.place, o.scale, o.medal) for o in found.outcomes]
    [('b', 1, 720, 'gold'), ('c', 2, 700, 'silver'), ('a', 3, 680, 'bronze'), ('d', None, None, '')]
    """
    members, held, numbers = _held(profile, list(entrants))
    order, (made, said) = _order(profile, held, numbers), _measured(profile, members, held, numbers)
    ranked, scales = [m.status == "ranked" for m in held], _beside(made.points if made else (), held)
    able, compared = [m.eligible and m.status == "ranked" for m in held], _points(profile, made, scales, held)
    names, totals, ranked, able, scales, points = _permuted(
        order.positions, [m.entry for m in held], [m.total for m in held], ranked, able, scales, compared
    )
    low, numbered = floor(profile, maximum), range(len(names))
    # Numbers instead of ids: sets of 200,000 texts would take as long as all the rest.
    known = repeat(None, len(names)) if low is None else totals
    contenders = _rows(medals.Contender, numbered, order.places, points, able, known)
    entries, persons = shares.field(map(itemgetter(3, 5), members))
    base, edges = entries.of(profile.extras.base), _edges(profile, entries, persons)
    awards = _awards(profile, contenders, base, low)
    won = _prizes(profile, contenders, held, order.positions, edges)
    found = _rows(
        Outcome, names, totals, order.places, order.tied, scales,
        [awards.get(i, "") for i in numbered], [won.get(i, "") for i in numbered],
    )  # fmt: skip
    found = list(compress(found, ranked))
    found += [Outcome(m.entry, m.total, None, False, None, "", "") for m in members if m.status != "ranked"]
    notices = (*_ties(profile, names, order, contenders, held, base, edges), *said, *_void(profile, base))
    return Ranking(tuple(found), entries, persons, notices)


# ---------------------------------------------------------------- columns


def _permuted(positions: Sequence[int], *columns: Sequence[Any]) -> Iterator[list[Any]]:
    """Columns in place order. What is read of an entry is read in the order given: there it lies together."""
    return ([column[i] for i in positions] for column in columns)


def _rows(kind: type[Row], *columns: Iterable[Any]) -> list[Row]:
    """Columns as rows of a kind, made in C: 200,000 constructors would take as long as all the rest."""
    return list(map(partial(tuple.__new__, kind), zip(*columns, strict=True)))


def _held(profile: Profile, members: list[Entrant]) -> tuple[list[Entrant], list[Entrant], Whole | None]:
    """The entries with their totals by the rounding policy; those among them that have a place or leave one
    empty; their totals as whole numbers where these are all entries, each ranked and with a total.

    Most fields have nothing to round.
    """
    places, stays = profile.rounding.total_places, profile.medals.ineligible == "vacate"
    numbers = exact.common([m.total for m in members if m.total is not None])
    if places is not None and 10**places % numbers.over:
        total = profile.rounding.total
        members = [m if m.total is None else m._replace(total=total(m.total)) for m in members]
        numbers = exact.common([m.total for m in members if m.total is not None])
    held = [m for m in members if m.status == "ranked" or (stays and _vacates(m))]
    plain = len(numbers.numbers) == len(members) and {m.status for m in members} == {"ranked"}
    return members, held, numbers if plain else None


def _order(profile: Profile, held: Sequence[Entrant], numbers: Whole | None) -> Order:
    rule = profile.places
    columns: list[standings.Column] = list(zip(*[m.keys for m in held], strict=True))
    if numbers is not None:  # a key is mostly the total itself
        totals = [m.total for m in held]
        columns = [numbers if all(map(is_, column, totals)) else column for column in columns]
    columns = columns if held else [() for _ in rule.directions]
    return standings.arranged([m.entry for m in held], columns, rule.directions, rule.joint)


def _vacates(member: Entrant) -> bool:
    return member.status == "excluded" and member.total is not None


def _awards(
    profile: Profile, contenders: Sequence[medals.Contender], base: int, low: Fraction | None
) -> medals.Awards:
    rule = profile.medals
    return medals.award(
        contenders, base, rule.function, rule.params, rule.excellence, rule.excellence_params,
        rule.ineligible, low,
    )  # fmt: skip


# ---------------------------------------------------------------- the scale


def _measured(
    profile: Profile, members: Sequence[Entrant], held: Sequence[Entrant], numbers: Whole | None
) -> tuple[Scaled | None, tuple[Notice, ...]]:
    """What the scale's population makes, its ranked ones first (None: no scale), and what is to be said."""
    rule = profile.scale
    if rule is None:
        return None, ()
    totals = [m.total for m in held if m.total is not None and m.status == "ranked"]
    if profile.extras.unfinished == "in":
        totals += [m.total for m in members if m.total is not None and m.status == "not_finished"]
    if not totals:
        return None, ()
    made = scale.FUNCTIONS[rule.function](
        totals if numbers is None else numbers,
        rule.centre, rule.spread, rule.factor, rule.min_field, rule.zero_mad,
    )  # fmt: skip
    if isinstance(made, Refusal):
        codes = {"field_too_small": "rank.scale_too_small", "mad_zero": "rank.scale_refused"}
        return None, (Notice(codes[made.code], (), made.params),)
    return made, (Notice("rank.scale_substitute"),) if made.basis == "mean_deviation" else ()


def _beside(points: Sequence[Point], held: Sequence[Entrant]) -> list[Point | None]:
    """The population's points beside those that are of it; None beside the others."""
    given = iter(points)
    return [next(given, None) if m.total is not None and m.status == "ranked" else None for m in held]


def _points(
    profile: Profile, made: Scaled | None, scales: Sequence[int | None], held: Sequence[Entrant]
) -> Sequence[Fraction | int | None]:
    """The scale points that medals compare: rounded, or exact where the profile says so; also of an excluded
    entry whose medal stays empty."""
    rule, close = profile.scale, profile.medals.params.get("compare") == "exact"
    if rule is None or made is None or (None not in scales and not close):
        return scales
    found: list[Fraction | int | None] = [*_beside(made.exact, held)] if close else [*scales]
    for i, member in enumerate(held):
        if member.status != "ranked" and member.total is not None:
            point = scale.beside(made, member.total, rule.centre, rule.spread)
            found[i] = point if close else exact.round_half_up(point, 0)
    return found


# ---------------------------------------------------------------- prizes


def _edges(profile: Profile, entries: Field, persons: Field) -> list[tuple[str, int]]:
    rule = profile.extras.prizes
    if rule is None:
        return []
    return award_edges.prize_edges(profile, (persons if rule.unit == "persons" else entries).of(rule.base))


def _prizes(
    profile: Profile,
    contenders: Sequence[medals.Contender],
    held: Sequence[Entrant],
    positions: Sequence[int],
    edges: Sequence[tuple[str, int]],
) -> dict[int, str]:
    """The prizes of contenders that are numbered in place order; where each stands among those held."""
    rule = profile.extras.prizes
    if rule is None:
        return {}
    closed = profile.medals.ineligible == "move_up"
    field = medals.closed_up(contenders) if closed else contenders
    sizes = [held[positions[c.entry]].size if rule.unit == "persons" else 1 for c in field]
    runners = _rows(prizes.Runner, [c.entry for c in field], [c.place for c in field], sizes)
    won = prizes.award(runners, edges, rule.ties)
    return {entry: prize for entry, prize in won.items() if contenders[entry].eligible}


# ---------------------------------------------------------------- what to look at


def _ties(
    profile: Profile,
    names: Sequence[str],
    order: Order,
    contenders: Sequence[medals.Contender],
    held: Sequence[Entrant],
    base: int,
    edges: Sequence[tuple[str, int]],
) -> list[Notice]:
    """Ties without a decision, then those across an edge; there who may not be awarded counts only where
    awards stay vacant."""
    found: list[Notice] = []
    if profile.places.joint == "none":
        for tie in award_edges.undecided(names, order.places):
            found.append(Notice(tie.code, tie.entries, {"place": str(tie.edge)}))
    places, positions = order.places, order.positions
    if profile.medals.ineligible == "move_up" and not all(c.eligible for c in contenders):
        stay = [c.entry for c in contenders if c.eligible]
        names, places, positions = _permuted(stay, names, places, positions)
    sizes = [held[i].size for i in positions] if edges else ()
    tied = award_edges.ties(profile, names, places, sizes, base, edges)
    return found + [Notice(tie.code, tie.entries, {"edge": str(tie.edge)}) for tie in tied]


def _void(profile: Profile, base: int) -> list[Notice]:
    """A field too small for any medal."""
    if profile.medals.function != "field_size/1":
        return []
    needed = profile.medals.params.get(medals.GOLD, medals.SMALLEST[medals.GOLD])
    if base >= exact.parse(needed):
        return []
    return [Notice("rank.void", (), {"found": str(base), "needed": needed})]
