"""A whole field under one profile: places, scale points, medals, prizes, and what must still be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from scoring_rules import exact, medals, prizes, scale, shares, standings
from scoring_rules.field import floor
from scoring_rules.profiles import Profile
from scoring_rules.refusal import Refusal
from scoring_rules.scale import Scaled
from scoring_rules.shares import Field
from scoring_rules.standings import Keys, Placed

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
    members = _rounded(profile, list(entrants))
    stays = profile.medals.ineligible == "vacate"
    held = {m.entry: m for m in members if m.status == "ranked" or (stays and _vacates(m))}
    keys, rule = [m.keys for m in held.values()], profile.places
    placed = standings.placed(list(held), keys, rule.directions, rule.joint)
    standing = [held[p.entry] for p in placed]
    entries, persons = shares.field((m.status, m.size) for m in members)
    measured = _measured(profile, members)
    contenders = _contenders(placed, standing, _points(profile, measured, standing))
    base = entries.of(profile.extras.base)
    awards = _awards(profile, contenders, base, maximum)
    edges = _edges(profile, entries, persons)
    won = _prizes(profile, contenders, held, edges)
    made = measured.made.points if measured.made else ()
    whole = {m.entry: p for m, p in zip(measured.population, made, strict=True)}
    pairs = [(p, m) for p, m in zip(placed, standing, strict=True) if m.status == "ranked"]
    names = [p.entry for p, _ in pairs]
    columns = (
        names, [m.total for _, m in pairs], [p.place for p, _ in pairs], [p.tied for p, _ in pairs],
        map(whole.get, names), [awards.get(name, "") for name in names],
        [won.get(name, "") for name in names],
    )  # fmt: skip
    found = list(map(Outcome._make, zip(*columns, strict=True)))
    rest = (m for m in members if m.status != "ranked")
    found += [Outcome(m.entry, m.total, None, False, None, "", "") for m in rest]
    notices = (*_ties(profile, placed, base, edges), *measured.notices, *_void(profile, base))
    return Ranking(tuple(found), entries, persons, notices)


def _rounded(profile: Profile, members: list[Entrant]) -> list[Entrant]:
    """The same entries, their totals by the rounding policy; most fields have nothing to round."""
    places = profile.rounding.total_places
    _, denominator = exact.common(m.total for m in members if m.total is not None)
    if places is None or 10**places % denominator == 0:
        return members
    total = profile.rounding.total
    return [m if m.total is None else m._replace(total=total(m.total)) for m in members]


def _vacates(member: Entrant) -> bool:
    return member.status == "excluded" and member.total is not None


def _contenders(
    placed: Sequence[Placed], standing: Sequence[Entrant], points: Mapping[str, Fraction]
) -> list[medals.Contender]:
    # Columns first: 200,000 entries are then made into tuples in C.
    eligible = [m.eligible and m.status == "ranked" for m in standing]
    columns = (
        [p.entry for p in placed], [p.place for p in placed], map(points.get, [p.entry for p in placed]),
        eligible, [m.total for m in standing],
    )  # fmt: skip
    return list(map(medals.Contender._make, zip(*columns, strict=True)))


def _awards(
    profile: Profile, contenders: Sequence[medals.Contender], base: int, maximum: Fraction | None
) -> medals.Awards:
    rule = profile.medals
    return medals.award(
        contenders, base, rule.function, rule.params, rule.excellence, rule.excellence_params,
        rule.ineligible, floor(profile, maximum),
    )  # fmt: skip


# ---------------------------------------------------------------- the scale


def _population(profile: Profile, members: Sequence[Entrant]) -> list[Entrant]:
    counts = ("ranked", "not_finished") if profile.extras.unfinished == "in" else ("ranked",)
    return [m for m in members if m.status in counts and m.total is not None]


class _Measured(NamedTuple):
    """The scale's population with what it made (None: no scale), and what is to be said of it."""

    population: Sequence[Entrant] = ()
    made: Scaled | None = None
    notices: tuple[Notice, ...] = ()


def _measured(profile: Profile, members: Sequence[Entrant]) -> _Measured:
    rule = profile.scale
    population = _population(profile, members)
    if rule is None or not population:
        return _Measured()
    totals = [m.total for m in population if m.total is not None]
    made = scale.FUNCTIONS[rule.function](
        totals, rule.centre, rule.spread, rule.factor, rule.min_field, rule.zero_mad
    )
    if isinstance(made, Refusal):
        codes = {"field_too_small": "rank.scale_too_small", "mad_zero": "rank.scale_refused"}
        return _Measured(notices=(Notice(codes[made.code], (), made.params),))
    flagged = (Notice("rank.scale_substitute"),) if made.basis == "mean_deviation" else ()
    return _Measured(population, made, flagged)


def _points(profile: Profile, measured: _Measured, placed: Sequence[Entrant]) -> dict[str, Fraction]:
    """entry -> the scale points that medals compare, rounded or exact as the profile says."""
    rule, made = profile.scale, measured.made
    if rule is None or made is None:
        return {}
    close = profile.medals.params.get("compare") == "exact"
    whole = {p: Fraction(p) for p in set(made.points)}
    values = made.exact if close else [whole[p] for p in made.points]
    found = {m.entry: value for m, value in zip(measured.population, values, strict=True)}
    for member in placed:
        if member.entry not in found and member.total is not None:  # an excluded one whose medal stays vacant
            point = scale.beside(made, member.total, rule.centre, rule.spread)
            found[member.entry] = point if close else exact.round_half_up(point, 0)
    return found


# ---------------------------------------------------------------- prizes


def _edges(profile: Profile, entries: Field, persons: Field) -> list[tuple[str, int]]:
    rule = profile.extras.prizes
    if rule is None:
        return []
    steps = [prizes.Step(prize, exact.parse(amount)) for prize, amount in rule.steps]
    if rule.function == "by_place/1":
        return prizes.place_edges(steps)
    base = (persons if rule.unit == "persons" else entries).of(rule.base)
    return prizes.edges(steps, base, rule.rounding, rule.counting)


def _prizes(
    profile: Profile,
    contenders: Sequence[medals.Contender],
    held: Mapping[str, Entrant],
    edges: Sequence[tuple[str, int]],
) -> dict[str, str]:
    rule = profile.extras.prizes
    if rule is None:
        return {}
    closed = profile.medals.ineligible == "move_up"
    field = medals.closed_up(contenders) if closed else contenders
    sizes = rule.unit == "persons"
    runners = [prizes.Runner(c.entry, c.place, held[c.entry].size if sizes else 1) for c in field]
    won = prizes.award(runners, edges, rule.ties)
    able = {c.entry for c in contenders if c.eligible}
    return {entry: prize for entry, prize in won.items() if entry in able}


# ---------------------------------------------------------------- what to look at


def _ties(
    profile: Profile, placed: Sequence[Placed], base: int, edges: Sequence[tuple[str, int]]
) -> list[Notice]:
    found = [
        Notice("rank.undecided", group, {"place": str(place)})
        for place, group in (_undecided(placed) if profile.places.joint == "none" else ())
    ]
    counted = {"rank.tie_at_medal": [1, 2, 3] if profile.medals.function != "none" else []}
    counted["rank.tie_at_excellence"] = _last_excellent(profile, base)
    counted["rank.tie_at_prize"] = [last for _, last in edges]
    for code, counts in counted.items():
        for edge, group in standings.at_edges(placed, counts):
            found.append(Notice(code, group, {"edge": str(edge)}))
    return found


def _undecided(placed: Sequence[Placed]) -> list[tuple[int, tuple[str, ...]]]:
    places = {p.entry: p.place for p in placed}
    return [(places[group[0]], group) for group in standings.undecided(placed)]


def _last_excellent(profile: Profile, base: int) -> list[int]:
    """The last place with excellence, where places decide it and it lies behind the medals."""
    rule, params = profile.medals, profile.medals.excellence_params
    last = 0
    if rule.excellence == "top_half/1":
        last = int(Fraction(base) / exact.parse(params.get("parts", "2")))
    if rule.excellence == "top_share/1":
        last = shares.count(exact.parse(params.get("percent", "50")), base, params.get("rounding", "floor"))
    return [last] if last > exact.parse(params.get("after", "3")) else []


def _void(profile: Profile, base: int) -> list[Notice]:
    """A field too small for any medal."""
    if profile.medals.function != "field_size/1":
        return []
    needed = profile.medals.params.get(medals.GOLD, medals.SMALLEST[medals.GOLD])
    if base >= exact.parse(needed):
        return []
    return [Notice("rank.void", (), {"found": str(base), "needed": needed})]
