"""One ranked field under one profile: its scale points, medals and excellence in a single call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from scoring_rules import exact, medals, scale, standings
from scoring_rules.profiles import Profile
from scoring_rules.refusal import Refusal
from scoring_rules.standings import Keys, Placed, Row


@dataclass(frozen=True, slots=True)
class Runner:
    """A ranked entry with the total after the rounding policy; a guest is ranked but not `eligible`."""

    entry: str
    total: Fraction
    keys: Keys
    eligible: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an entry stands; `scale` None without a scale, `medal` "" without an award."""

    entry: str
    place: int
    tied: bool
    scale: int | None
    medal: str


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
    field: dict[str, Runner],
    participants: int | None = None,
    maximum: Fraction | None = None,
) -> list[Standing]:
    """Scale points and medals of entries whose places are known already, in the order given.

    `placed` are all entries that started and are ranked, zeros included; `participants` where more started
    than are ranked. `maximum`: the highest total, of which a floor is so many percent (default: the
    profile's). A field too small for the scale has no scale points, and the window's medals then go by
    places. Clause: worldskills.md sections 8 and 9; china.md sections 4 and 8.
    """
    scaled = field_scale(profile, [field[p.entry].total for p in placed])
    rule = profile.medals
    points: list[Fraction | None] = [None] * len(placed)
    if scaled is not None and rule.params.get("compare") == "exact":
        points = list(scaled.exact)
    elif scaled is not None:
        points = [Fraction(p) for p in scaled.points]
    contenders = [
        medals.Contender(p.entry, p.place, x, field[p.entry].eligible, field[p.entry].total)
        for p, x in zip(placed, points, strict=True)
    ]
    awards = medals.award(
        contenders, len(placed) if participants is None else participants,
        rule.function, rule.params, rule.excellence, rule.excellence_params, rule.ineligible,
        floor(profile, maximum),
    )
    return [
        Standing(*p, None if scaled is None else scaled.points[i], awards.get(p.entry, ""))
        for i, p in enumerate(placed)
    ]


def floor(profile: Profile, maximum: Fraction | None = None) -> Fraction | None:
    """The total below which nobody is awarded: so many percent of the maximum; None without a floor."""
    if not profile.extras.floor:
        return None
    whole = exact.parse(profile.extras.maximum) if maximum is None else maximum
    return exact.parse(profile.extras.floor) * whole / 100


def field_scale(profile: Profile, totals: Sequence[Fraction]) -> scale.Scaled | None:
    """The scale points of these totals, in their order; None without a scale or for too small a field."""
    rule = profile.scale
    if rule is None:
        return None
    found = scale.FUNCTIONS[rule.function](
        totals, rule.centre, rule.spread, rule.factor, rule.min_field, rule.zero_mad
    )
    return None if isinstance(found, Refusal) else found
