"""The WorldSkills Scale: the published example, monotony, and where the formula has no answer."""

from __future__ import annotations

import random
import statistics
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring_rules import exact
from scoring_rules.refusal import Refusal
from scoring_rules.scale import Scaled, scale
from tests.scoring_rules import naive


@st.composite
def fields(draw: st.DrawFn) -> list[Fraction]:
    """3 to 40 totals with two decimals, from a small or a large range."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    top = rng.choice((300, 10_000))
    return [Fraction(rng.randrange(top), 100) for _ in range(rng.randrange(3, 41))]


def published_field() -> list[Fraction]:
    """32 totals with the published median 8.00, MAD 7.00 and three totals; the rest is not public."""
    below = ["0"] * 8 + ["1"] * 4 + ["4", "6", "7", "7.25"]
    above = ["8.75", "9", "10", "12", "14"] + ["15"] * 10 + ["61.42"]
    return [exact.parse(t) for t in below + above]


def scaled(totals: list[Fraction], centre: str = "700", spread: str = "30") -> Scaled:
    """The scale of a field that has one."""
    found = scale(totals, centre, spread)
    assert isinstance(found, Scaled)
    return found


def test_the_published_example_of_32_entries() -> None:
    field = published_field()
    assert len(field) == 32
    found = scaled(field)
    by_total = dict(zip(field, found.points, strict=True))
    assert [by_total[exact.parse(t)] for t in ("61.42", "8.75", "0")] == [854, 702, 677]
    assert found.median == 8
    assert found.basis == "mad"
    assert exact.show(Fraction(30) / found.deviation, 6) == "2.890675"
    assert exact.show(found.exact[-1], 2) == "854.42"


@given(fields())
@settings(max_examples=1000)
def test_points_agree_with_the_plain_formula(totals: list[Fraction]) -> None:
    middle = statistics.median(totals)
    assume(statistics.median(abs(x - middle) for x in totals) != 0)
    assert list(scaled(totals).points) == naive.scale_points(totals, 700, 30, "1.4826")


@given(fields())
@settings(max_examples=200)
def test_the_scale_never_reverses_two_totals(totals: list[Fraction]) -> None:
    found = scaled(totals)
    for i, a in enumerate(totals):
        for j, b in enumerate(totals):
            if a > b:
                assert found.exact[i] > found.exact[j]
                assert found.points[i] >= found.points[j]
            if a == b:
                assert found.points[i] == found.points[j]


def test_all_equal_stand_at_the_centre() -> None:
    found = scaled([Fraction(55)] * 4)
    assert found.points == (700,) * 4
    assert found.basis == "none"


def test_a_zero_mad_takes_the_flagged_mean_deviation() -> None:
    field = [Fraction(50)] * 4 + [Fraction(60)]
    found = scaled(field)
    assert found.basis == "mean_deviation"
    assert found.deviation == exact.parse("1.253314") * 2
    assert found.points == (700, 700, 700, 700, 820)
    assert scale(field, zero_mad="refuse") == Refusal("mad_zero")
    assert isinstance(scale([Fraction(50)] * 5, zero_mad="refuse"), Scaled)


@pytest.mark.parametrize("size", [0, 1, 2])
def test_a_field_too_small_has_no_scale(size: int) -> None:
    found = scale([Fraction(n) for n in range(size)])
    assert found == Refusal("field_too_small", {"found": str(size), "needed": "3"})


def test_two_entries_would_always_be_720_and_680() -> None:
    found = scale([Fraction(90), Fraction(20)], min_field=2)
    assert isinstance(found, Scaled)
    assert found.points == (720, 680)


def test_no_upper_clamp_and_other_constants_are_data() -> None:
    field = [Fraction(n) for n in (0, 1, 2, 3, 1000)]
    assert max(scaled(field).points) > 1000
    assert scaled(field, centre="500", spread="10").points[2] == 500
