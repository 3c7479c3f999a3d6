"""Delegation tables: three orders, ties as ties, teams counted once."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_rules import exact
from scoring_rules.delegations import Award, Line, table
from tests.scoring_rules import naive

AWARDS = st.lists(
    st.builds(
        Award, st.sampled_from("PQRSTU"), st.sampled_from(("gold", "silver", "bronze", "excellence", ""))
    ),
    max_size=60,
)


def won(delegation: str, gold: int, silver: int, bronze: int, excellence: int) -> list[Award]:
    """That many awards of each kind."""
    counts = {"gold": gold, "silver": silver, "bronze": bronze, "excellence": excellence}
    return [Award(delegation, medal) for medal, n in counts.items() for _ in range(n)]


def test_the_orders_of_the_two_tables_differ() -> None:
    """china.md section 8: P 1-0-0 + 2 has 6, Q 0-3-1 + 9 has 20."""
    awards = won("P", 1, 0, 0, 2) + won("Q", 0, 3, 1, 9)
    assert [line.delegation for line in table(awards, "gold_first")] == ["P", "Q"]
    assert [(line.delegation, exact.show(line.points)) for line in table(awards, "points")] == [
        ("Q", "20"), ("P", "6"),
    ]
    assert [(line.delegation, line.total) for line in table(awards, "total")] == [("Q", 4), ("P", 1)]


@pytest.mark.parametrize(
    ("medals", "points"),
    [((32, 13, 11, 27), "216"), ((16, 14, 5, 17), "133")],
    ids=("Guangdong 2020", "China at Kazan 2019"),
)
def test_published_point_totals(medals: tuple[int, int, int, int], points: str) -> None:
    (line,) = table(won("X", *medals), "points")
    assert exact.show(line.points) == points
    assert line == Line("X", 1, False, *medals, sum(medals[:3]), Fraction(points))


def test_ties_are_shown_as_ties() -> None:
    awards = won("B", 1, 1, 0, 0) + won("A", 1, 1, 0, 0) + won("C", 2, 0, 0, 0) + won("D", 1, 0, 5, 9)
    found = [(line.place, line.delegation, line.tied) for line in table(awards, "gold_first")]
    assert found == [(1, "C", False), (2, "A", True), (2, "B", True), (4, "D", False)]


def test_excellence_breaks_a_tie_gold_first_but_is_no_medal() -> None:
    awards = won("A", 1, 0, 0, 0) + won("B", 1, 0, 0, 1)
    assert [line.delegation for line in table(awards, "gold_first")] == ["B", "A"]
    assert [(line.place, line.total) for line in table(awards, "total")] == [(1, 1), (1, 1)]


def test_a_delegation_without_an_award_is_listed_where_it_is_named() -> None:
    found = table(won("A", 0, 0, 1, 0) + [Award("C", "")], "gold_first", delegations=("A", "B"))
    assert [(line.place, line.delegation) for line in found] == [(1, "A"), (2, "B"), (2, "C")]
    assert table([], "points") == []


def test_weights_are_data() -> None:
    (line,) = table(won("A", 1, 1, 1, 1), "points", {"gold": "5", "silver": "2.5", "bronze": "1"})
    assert exact.show(line.points) == "8.5"


@given(AWARDS)
@settings(max_examples=500)
def test_gold_first_agrees_with_counting_who_has_more(awards: list[Award]) -> None:
    kinds = ("gold", "silver", "bronze", "excellence")
    tallies = {
        d: (
            sum(a == Award(d, kinds[0]) for a in awards), sum(a == Award(d, kinds[1]) for a in awards),
            sum(a == Award(d, kinds[2]) for a in awards), sum(a == Award(d, kinds[3]) for a in awards),
        )
        for d in {a.delegation for a in awards}
    }
    found = table(awards, "gold_first")
    assert [(line.delegation, line.place) for line in found] == naive.gold_first(tallies)
    assert sum(line.total for line in found) == sum(a.medal in kinds[:3] for a in awards), "no medal is lost"


def test_a_misspelt_order_or_medal_is_a_broken_promise() -> None:
    with pytest.raises(ValueError, match="silver_first"):
        table([], "silver_first")
    with pytest.raises(KeyError):
        table([Award("A", "platinum")], "points")
