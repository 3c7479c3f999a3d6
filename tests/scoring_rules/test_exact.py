"""Numbers from text and back: the grammar, half-up rounding, the policies."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scoring_rules import exact
from tests.scoring_rules import naive

NUMBERS = st.from_regex(r"\A-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?\Z", fullmatch=True).filter(str.isascii)
FRACTIONS = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6)


@given(NUMBERS)
@settings(max_examples=600)
def test_every_number_of_the_grammar_is_read_as_decimal_reads_it(text: str) -> None:
    value = exact.parse(text)
    assert value == Fraction(Decimal(text))
    assert exact.is_number(text)
    assert exact.parse(exact.show(value)) == value


NOT_NUMBERS = (
    "", " ", "-", ".", "1.", ".5", "+1", "01", "-01", "00", "1e3", "1E3", "1_0", "１２.５", "٣", "NaN",
    "sNaN", "inf", "-inf", "1/2", "1,5", " 1", "1 ", "1\n", "\n1", "1234567890123", "1.1234567", "0x10",
    "--1", "1.2.3", "\u00a01",
)


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_everything_else_is_refused_before_any_constructor(text: str) -> None:
    assert not exact.is_number(text)
    with pytest.raises(exact.NotANumber) as caught:
        exact.parse(text)
    assert caught.value.args == (text,)


@given(st.text(max_size=12))
@settings(max_examples=600)
def test_no_text_makes_parse_do_anything_but_read_or_refuse(text: str) -> None:
    try:
        value = exact.parse(text)
    except exact.NotANumber:
        assert not exact.is_number(text)
    else:
        assert value == Fraction(Decimal(text))


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("１２.５", "12.5"), ("１２．５", "12.5"), ("－３", "-3"), ("\u2212" + "3", "-3"), (" 7 ", "7"),
     ("\u00a07\u3000", "7"), ("\u200b8\ufeff", "8"), ("9.5", "9.5")],
)
def test_what_people_type_is_brought_to_the_grammar(typed: str, wanted: str) -> None:
    assert exact.normalise(typed) == wanted
    assert exact.is_number(exact.normalise(typed))


@pytest.mark.parametrize("typed", ["1_0", "1,5", "1 0", "٣", "一"])
def test_normalising_does_not_guess(typed: str) -> None:
    assert not exact.is_number(exact.normalise(typed))


@given(FRACTIONS, st.integers(0, 6))
@example(Fraction(24975, 1000), 2)
@example(Fraction(5, 1000), 2)
@example(Fraction(-5, 1000), 2)
@example(Fraction(1, 2), 0)
@settings(max_examples=600)
def test_rounding_is_that_of_the_printed_tables(x: Fraction, places: int) -> None:
    rounded = exact.round_half_up(x, places)
    printed = naive.decimal_round(x, places)
    assert rounded == Fraction(printed)
    assert Decimal(exact.show(x, places)) == printed
    assert len(exact.show(x, places).partition(".")[2]) == places
    assert not exact.show(x, places).startswith("-0") or rounded != 0


def test_a_half_goes_up_where_half_even_and_floats_would_not() -> None:
    weighted = exact.parse("83.25") * exact.parse("0.30")
    assert exact.show(weighted) == "24.975"
    assert exact.show(weighted, 2) == "24.98"
    assert exact.show(Fraction(5, 2), 0) == "3"
    assert exact.show(Fraction(-5, 2), 0) == "-3"


def test_a_number_that_never_ends_is_not_shown_without_places() -> None:
    with pytest.raises(ValueError, match="places"):
        exact.show(Fraction(1, 3))
    assert exact.show(Fraction(1, 2**20)) == format(Decimal(1) / 2**20, "f")
    assert exact.show(Fraction(-7)) == "-7"


@given(st.lists(FRACTIONS, max_size=8))
def test_the_sum_is_the_sum(values: list[Fraction]) -> None:
    assert exact.total(values) == sum(values, Fraction(0))


def test_the_place_of_rounding_matters() -> None:
    """worldskills.md section 4: three aspects of 0.50, each judged 1, 1, 2."""
    marks = [Fraction(2, 9)] * 3
    shown = {
        name: policy.show_total(policy.total(policy.component(exact.total(policy.aspect(m) for m in marks))))
        for name, policy in exact.ROUNDING.items()
    }
    assert shown == {
        "total_2dp": "0.67", "per_aspect_2dp": "0.66", "per_component_2dp": "0.67", "exact": "0.666667",
    }


def test_three_modules_of_the_chinese_example_add_up() -> None:
    """china.md section 3: 25/55/20 on 72, 81, 58 gives 18.00 + 44.55 + 11.60 = 74.15."""
    policy = exact.ROUNDING["per_component_2dp"]
    parts = [
        policy.component(exact.parse(mark) * exact.parse(weight))
        for mark, weight in (("72", "0.25"), ("81", "0.55"), ("58", "0.20"))
    ]
    assert [exact.show(p, 2) for p in parts] == ["18.00", "44.55", "11.60"]
    assert policy.show_total(policy.total(exact.total(parts))) == "74.15"


def test_component_rounding_happens_before_the_total() -> None:
    halves = [Fraction(5, 1000), Fraction(5, 1000)]
    for name, wanted in (("per_component_2dp", "0.02"), ("total_2dp", "0.01")):
        policy = exact.rounding(name)
        assert policy.show_total(policy.total(exact.total(policy.component(h) for h in halves))) == wanted


def test_a_policy_with_other_places_keeps_its_levels() -> None:
    policy = exact.rounding("per_component_2dp", 3)
    assert policy.aspect(Fraction(1, 3)) == Fraction(1, 3)
    assert policy.component(Fraction(1, 3)) == Fraction(333, 1000)
    assert policy.show_total(policy.total(Fraction(2, 3))) == "0.667"
    with pytest.raises(KeyError):
        exact.rounding("bankers")
