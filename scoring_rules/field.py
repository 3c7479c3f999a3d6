"""One field under one profile: keys become places, scale points and medals in a single call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from scoring_rules import medals, scale, standings
from scoring_rules.profiles import Profile
from scoring_rules.refusal import Refusal
from scoring_rules.standings import Keys, Row


@dataclass(frozen=True, slots=True)
class Runner:
    """A ranked entry with the total after the rounding policy and the keys in the profile's order."""

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
    """Every runner's standing, in place order.

    Give all entries that started and are ranked, zeros included; `participants` where more started than are
    ranked. A field too small for the scale has no scale points, and the window's medals go by places.
    Clause: worldskills.md sections 8 and 9; china.md sections 4 and 8.

    >>> from scoring_rules.profiles import load
    >>> totals = {"a": Fraction(90), "b": Fraction(80), "c": Fraction(90)}
    >>> field = [Runner(entry, total, (total, None, None)) for entry, total in totals.items()]
    >>> [(s.entry, s.place, s.medal) for s in stand(load("cook-off"), field)]
    [('a', 1, 'gold'), ('c', 1, 'gold'), ('b', 3, 'bronze')]
    """
    field = list(runners)
    placed = standings.places(
        (Row(r.entry, r.keys) for r in field), profile.places.directions, profile.places.joint
    )
    by_entry = {r.entry: i for i, r in enumerate(field)}
    scaled = field_scale(profile, [r.total for r in field])
    use_exact = profile.medals.params.get("compare") == "exact"

    def points(i: int) -> Fraction | None:
        if scaled is None:
            return None
        return scaled.exact[i] if use_exact else Fraction(scaled.points[i])

    contenders = [
        medals.Contender(p.entry, p.place, points(by_entry[p.entry]), field[by_entry[p.entry]].eligible)
        for p in placed
    ]
    rule = profile.medals
    awards = medals.award(
        contenders, len(field) if participants is None else participants,
        rule.function, rule.params, rule.excellence, rule.excellence_params, rule.ineligible,
    )
    return [
        Standing(
            p.entry, p.place, p.tied,
            None if scaled is None else scaled.points[by_entry[p.entry]], awards.get(p.entry, ""),
        )
        for p in placed
    ]


def field_scale(profile: Profile, totals: list[Fraction]) -> scale.Scaled | None:
    """The scale points of these totals, in their order; None without a scale or for too small a field."""
    rule = profile.scale
    if rule is None:
        return None
    found = scale.FUNCTIONS[rule.function](
        totals, rule.centre, rule.spread, rule.factor, rule.min_field, rule.zero_mad
    )
    return None if isinstance(found, Refusal) else found
