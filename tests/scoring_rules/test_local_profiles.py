"""The smaller shipped rule books, by what their texts say: who wins what, and which lines are unverified."""

from __future__ import annotations

import tomllib
from fractions import Fraction

import pytest

from scoring_rules import medals
from scoring_rules.medals import Contender
from scoring_rules.prizes import Step, edges, place_edges
from scoring_rules.profile_sources import facts
from scoring_rules.profiles import load, names
from scoring_rules.scale import Scaled, scale

FIRST = ("cn-national", "cook-off", "worldskills-2026")


def awards(profile: str, field: list[Contender], participants: int) -> dict[str, str]:
    """The medals of a field by a shipped profile, its floor taken of 100."""
    rules = load(profile)
    floor = Fraction(rules.extras.floor) if rules.extras.floor else None
    return medals.award(
        field, participants, rules.medals.function, rules.medals.params,
        rules.medals.excellence, rules.medals.excellence_params, floor=floor,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("entries", "colours"),
    [(7, "gold silver bronze"), (6, "gold silver bronze"), (5, "gold silver"), (4, "gold"), (3, ""), (1, "")],
)
def test_moscow_gives_as_many_medals_as_the_field_is_large(entries: int, colours: str) -> None:
    field = [Contender(str(i), i) for i in range(1, entries + 1)]
    assert " ".join(awards("moscow-masters", field, entries).values()) == colours


def test_algeria_gives_no_medal_under_60_percent() -> None:
    field = [Contender(str(i), i, None, True, Fraction(total)) for i, total in enumerate((71, 60, 59, 40), 1)]
    assert awards("algeria", field, 4) == {"1": "gold", "2": "silver"}
    assert awards("algeria", [Contender("a", 1, None, True, Fraction(59))], 1) == {}


def test_the_older_scale_stands_at_500_and_its_medallion_too() -> None:
    rules = load("worldskills-500")
    assert rules.scale is not None
    totals = [Fraction(n) for n in (61, 60, 40, 40, 12, 0)]
    found = scale(totals, rules.scale.centre, rules.scale.spread, rules.scale.factor)
    assert isinstance(found, Scaled)
    assert found.points[2] == 500
    field = [Contender(str(i), i, Fraction(p)) for i, p in enumerate(found.points, 1)]
    given = medals.award(
        field, 6, rules.medals.function, rules.medals.params, "at_least/1", rules.medals.excellence_params
    )
    assert given == {"1": "gold", "2": "gold", "3": "bronze", "4": "bronze"}
    assert rules.medals.excellence_params == {"points": "500"}


def test_prizes_as_published() -> None:
    cnc, printing = load("cn-cnc-2012").extras.prizes, load("cq-print-2010").extras.prizes
    assert cnc is not None
    assert printing is not None
    steps = [Step(prize, Fraction(amount)) for prize, amount in cnc.steps]
    assert edges(steps, 100, cnc.rounding, cnc.counting) == [("first", 10), ("second", 30), ("third", 60)]
    steps = [Step(prize, Fraction(amount)) for prize, amount in printing.steps]
    assert place_edges(steps) == [("first", 1), ("second", 3), ("third", 6)]


def test_hainan_has_no_joint_places_and_excellence_in_the_first_half_behind_the_medals() -> None:
    assert load("hi-2023").places.joint == "none"
    field = [Contender(str(i), i) for i in range(1, 14)]
    given = awards("hi-2023", field, 13)
    assert [e for e, m in given.items() if m == "excellence"] == ["4", "5", "6"]


@pytest.mark.parametrize("name", sorted(set(names()) - set(FIRST)))
def test_every_line_of_a_rule_book_names_its_source_or_says_that_it_has_none(name: str) -> None:
    """Beside the line, or for its whole table, stands the clause it goes by, or the word unverified."""
    text = load(name).text
    assert [fact.key for fact in facts(text) if not fact.source] == []
    promotion = tomllib.loads(text).get("promotion", {})
    assert not promotion or promotion["source"]
    assert all(entry["clause"] for kind in ("bands", "honours") for entry in promotion.get(kind, []))
