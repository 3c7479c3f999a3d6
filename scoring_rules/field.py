"""One ranked field under one profile: its scale points, medals, excellence and prizes in a single call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from scoring_rules import award_edges, exact, medals, prizes, scale, shares, standings
from scoring_rules.award_edges import Tie
from scoring_rules.profiles import Profile
from scoring_rules.refusal import Refusal
from scoring_rules.scale import Scaled
from scoring_rules.standings import Keys, Placed, Row


@dataclass(frozen=True, slots=True)
class Runner:
    """An entry with the total after the rounding policy (None: none). A guest, or who is not `eligible`, is
    ranked and not awarded.

    `status` is one of `shares.field`: an excluded one stands among the placed where the rules leave its place
    empty (`vacate`), else only `ranked` ones do. `size`: persons in the entry.
    """

    entry: str
    total: Fraction | None
    keys: Keys
    eligible: bool = True
    status: str = "ranked"
    guest: bool = False
    size: int = 1

    @property
    def awarded(self) -> bool:
        """Whether it may have an award at all."""
        return self.eligible and not self.guest and self.status == "ranked"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an entry stands; `scale` None without a scale, `medal` and `prize` "" without an award."""

    entry: str
    place: int
    tied: bool
    scale: int | None
    medal: str
    prize: str = ""


def stand(profile: Profile, runners: Iterable[Runner], participants: int | None = None) -> list[Standing]:
    """Every runner's standing, in place order: `standings.places`, then `honours`.

    >>> from scoring_rules.profiles import load
    >>> totals = {"a": Fraction(90), "b": Fraction(80), "c": Fraction(90)}
    >>> field = [Runner(entry, total, (total, None, None)) for entry, total in totals.items()]
    >>> [(s.entry, s.place, s.medal) for s in stand(load("cook-off"), field)]
    [('a', 1, 'gold'), ('c', 1, 'gold'), ('b', 3, 'bronze')]
    """
    field = {runner.entry: runner for runner in runners}
    placed = standings.places(
        (Row(r.entry, r.keys) for r in field.values()), profile.places.directions, profile.places.joint
    )
    return honours(profile, placed, field, participants)


def honours(
    profile: Profile,
    placed: Sequence[Placed],
    field: Mapping[str, Runner],
    participants: int | None = None,
    maximum: Fraction | None = None,
) -> list[Standing]:
    """Scale points, medals and prizes of entries whose places are known already, in the order given.

    `placed` are all entries that have a place or leave one empty, zeros included; `field` has these and,
    where anything counts them, those that are not ranked. `participants`: how many the medals' base has
    (default: counted in the field by the profile's base). `maximum`: the highest total, of which a floor is
    so many percent (default: the profile's). A field too small for the scale has no scale points, and the
    window's medals then go by places. Clause: worldskills.md sections 8 and 9; china.md sections 4 and 8.

    >>> from scoring_rules.profiles import load
    >>> field = {e: Runner(e, Fraction(t), (Fraction(t),)) for e, t in zip("abcdefgh", range(80, 0, -10))}
    >>> placed = [Placed(e, n, False) for n, e in enumerate(field, 1)]
    >>> [(s.entry, s.prize) for s in honours(load("cn-cnc-2012"), placed, field)][:6]
    [('a', 'first'), ('b', 'second'), ('c', 'second'), ('d', 'third'), ('e', 'third'), ('f', '')]
    """
    members = [field[p.entry] for p in placed]
    population, scaled = measured(profile, placed, field)
    whole: dict[str, int] = {}
    if scaled is not None:
        whole = dict(zip((m.entry for m in population), scaled.points, strict=True))
    points = _points(profile, population, scaled, members)
    contenders = [
        medals.Contender(m.entry, p.place, points.get(m.entry), m.awarded, m.total)
        for p, m in zip(placed, members, strict=True)
    ]
    rule = profile.medals
    awards = medals.award(
        contenders, base_of(profile, field) if participants is None else participants,
        rule.function, rule.params, rule.excellence, rule.excellence_params, rule.ineligible,
        floor(profile, maximum),
    )  # fmt: skip
    won = _prizes(profile, contenders, field)
    return [
        Standing(*p, whole.get(p.entry), awards.get(p.entry, ""), won.get(p.entry, ""))
        for p in placed
        if field[p.entry].status == "ranked"
    ]


def floor(profile: Profile, maximum: Fraction | None = None) -> Fraction | None:
    """The total below which nobody is awarded: so many percent of the maximum; None without a floor."""
    if not profile.extras.floor:
        return None
    whole = exact.parse(profile.extras.maximum) if maximum is None else maximum
    return exact.parse(profile.extras.floor) * whole / 100


# ---------------------------------------------------------------- the scale


def field_scale(profile: Profile, totals: Sequence[Fraction]) -> Scaled | None:
    """The scale points of these totals, in their order; None without a scale or for too small a field."""
    rule = profile.scale
    if rule is None:
        return None
    found = scale.FUNCTIONS[rule.function](
        totals, rule.centre, rule.spread, rule.factor, rule.min_field, rule.zero_mad
    )
    return None if isinstance(found, Refusal) else found


def measured(
    profile: Profile, placed: Sequence[Placed], field: Mapping[str, Runner]
) -> tuple[list[Runner], Scaled | None]:
    """The scale's population and what it makes: the ranked, with `unfinished = "in"` also the not finished
    that have a total; guests, and an entry that only leaves its place empty, are out of it."""
    population = [field[p.entry] for p in placed if field[p.entry].status == "ranked"]
    if profile.extras.unfinished == "in":
        population += [r for r in field.values() if r.status == "not_finished" and r.total is not None]
    population = [r for r in population if not r.guest]
    return population, field_scale(profile, [r.total for r in population if r.total is not None])


def _points(
    profile: Profile, population: Sequence[Runner], scaled: Scaled | None, members: Sequence[Runner]
) -> dict[str, Fraction]:
    """entry -> the scale points that medals compare, rounded or exact as the profile says."""
    rule = profile.scale
    if rule is None or scaled is None:
        return {}
    close = profile.medals.params.get("compare") == "exact"
    whole = {p: Fraction(p) for p in set(scaled.points)}
    values = scaled.exact if close else [whole[p] for p in scaled.points]
    found = {r.entry: value for r, value in zip(population, values, strict=True)}
    for member in members:
        out = member.guest or member.status != "ranked"  # its medal is to stay empty, or nobody's
        if out and member.total is not None:
            point = scale.beside(scaled, member.total, rule.centre, rule.spread)
            found[member.entry] = point if close else exact.round_half_up(point, 0)
    return found


# ---------------------------------------------------------------- prizes, bases, ties


def base_of(profile: Profile, field: Mapping[str, Runner]) -> int:
    """How many entries the medals' base has; guests are of no base."""
    tally = Counter("guest" if r.guest else r.status for r in field.values())
    return sum(n * shares.field([(status, 1)])[0].of(profile.extras.base) for status, n in tally.items())


def prize_base(profile: Profile, field: Mapping[str, Runner]) -> int:
    """How many entries or persons the shares of prizes are of; guests are of no base. 0 without prizes."""
    rule = profile.extras.prizes
    if rule is None:
        return 0
    counted = shares.field(("guest" if r.guest else r.status, r.size) for r in field.values())
    return counted[rule.unit == "persons"].of(rule.base)


def prize_edges(profile: Profile, field: Mapping[str, Runner]) -> list[tuple[str, int]]:
    """Each prize with the last place that still has it; [] without prizes."""
    return award_edges.prize_edges(profile, prize_base(profile, field))


def _prizes(
    profile: Profile, contenders: Sequence[medals.Contender], field: Mapping[str, Runner]
) -> dict[str, str]:
    rule = profile.extras.prizes
    if rule is None:
        return {}
    counted = medals.closed_up(contenders) if profile.medals.ineligible == "move_up" else contenders
    persons = rule.unit == "persons"
    runners = [prizes.Runner(c.entry, c.place, field[c.entry].size if persons else 1) for c in counted]
    won = prizes.award(runners, prize_edges(profile, field), rule.ties)
    return {entry: prize for entry, prize in won.items() if field[entry].awarded}


def ties(profile: Profile, placed: Sequence[Placed], field: Mapping[str, Runner]) -> list[Tie]:
    """Ties across the last place of a medal, of excellence or of a prize: to look at before a release.

    Those who may not be awarded do not count where others move up.

    >>> from scoring_rules.profiles import load
    >>> totals = {"a": 90, "b": 80, "c": 80, "d": 70, "e": 60, "f": 50, "g": 40, "h": 30, "i": 20, "j": 10}
    >>> field = {e: Runner(e, Fraction(t), (Fraction(t),)) for e, t in totals.items()}
    >>> placed = standings.places([Row(r.entry, r.keys) for r in field.values()], ["desc"], "skip")
    >>> ties(load("cn-cnc-2012"), placed, field), ties(load("cn-national"), placed, field)[0].edge
    ([], 2)
    """
    vacate = profile.medals.ineligible == "vacate"
    stay = [p for p in placed if vacate or field[p.entry].awarded]
    names, places = [p.entry for p in stay], [p.place for p in stay]
    found = award_edges.undecided(names, places) if profile.places.joint == "none" else []
    sizes = [field[name].size for name in names]
    edges = prize_edges(profile, field)
    return found + award_edges.ties(profile, names, places, sizes, base_of(profile, field), edges)
