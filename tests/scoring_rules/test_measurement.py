"""Agreed values to marks: every kind, its edges, its refusals, and measures checked before use."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_rules import exact, measurement
from scoring_rules.refusal import Refusal
from scoring_rules.scheme import Aspect, Measure, Params
from tests.scoring_rules import naive

COVERAGE = Measure(
    "range",
    {"target": "100", "lowers": ["0", "20", "0"], "uppers": ["20", "0", "0"],
     "deductions": ["100", "60", "0"], "deduction_type": "percent"},
)
MUTANTS = Measure(
    "range",
    {"target": "0", "lowers": ["0", "0", ""], "uppers": ["3", "15", ""], "deductions": ["0", "60", ""],
     "deduction_type": "percent"},
)
AXE = Measure(
    "choice",
    {"labels": ["no violations", "max 2", "max 3", "more"], "deductions": ["0", "33.3", "66.6", "100"],
     "deduction_type": "percent"},
)


def shown(measure: Measure | None, maximum: str, value: str) -> str:
    """The mark as exact text, or the code of the refusal."""
    found = measurement.mark(measure, exact.parse(maximum), value)
    return found.code if isinstance(found, Refusal) else exact.show(found)


@pytest.mark.parametrize(
    ("measure", "maximum", "values"),
    [
        (None, "0.75", {"pass": "0.75", "fail": "0", "": "not_pass_or_fail", "1": "not_pass_or_fail"}),
        (Measure("count", {"possible": "3"}), "0.75", {"0": "0", "2": "0.5", "3": "0.75", "4": "too_many"}),
        (Measure("count", {"possible": "3", "over": "cap"}), "0.75", {"4": "0.75"}),
        (Measure("count", {"each": "2"}), "25", {"0": "0", "12": "24", "13": "25", "999": "25"}),
        (Measure("count", {"each": "0.1"}), "1.0", {"3": "0.3", "10": "1", "11": "1"}),
        (Measure("count", {"each": "0.1", "possible": "4"}), "1", {"4": "0.4", "5": "too_many"}),
        (Measure("count", {"possible": "3"}), "1",
         {"-1": "out_of_range", "1.5": "not_whole", "x": "not_a_number", "3.0": "1"}),
        (Measure("deduction", {"deduction": "0.25"}), "2.00", {"0": "2", "3": "1.25", "8": "0", "9": "0"}),
        (Measure("deduction", {"deduction": "2"}), "10", {"3": "4", "6": "0", "0.5": "not_whole"}),
        (Measure("deduction", {"deduction": "10", "deduction_type": "percent"}), "2",
         {"1": "1.8", "11": "0"}),
        (Measure("deduction", {"deduction": "1"}), "2", {"3": "0"}),  # false reports from their own bucket
        (
            Measure("difference", {"target": "120", "difference": "2", "deduction": "0.25"}), "1",
            {"120": "1", "121": "0.75", "122": "0.75", "123": "0.5", "117": "0.5", "130": "0"},
        ),
        (
            Measure("difference", {"target": "50", "difference": "10", "difference_type": "percent",
                                   "deduction": "20", "deduction_type": "percent"}), "5",
            {"50": "5", "55": "4", "44.99": "3", "75": "0"},
        ),
        (AXE, "0.75", {"1": "0.75", "2": "0.50025", "max 2": "0.50025", "4": "0"}),
        (AXE, "0.75", dict.fromkeys(("0", "5", "", "Max 2", "00001", "١"), "not_a_choice")),
        (COVERAGE, "1", {"": "not_a_number", "１": "not_a_number"}),
        (COVERAGE, "1",
         {"100": "1", "99.99": "0.4", "20.01": "0.4", "20": "0", "0": "0", "-1": "0", "101": "0.4"}),
        (MUTANTS, "1", {"0": "1", "3": "1", "3.5": "0.4", "15": "0.4", "15.01": "0", "-1": "0"}),
        (Measure("range", {"lowers": ["79.80"], "uppers": ["80.20"], "deductions": ["0"]}), "1",
         {"79.8": "1", "80.20": "1", "79.79": "0", "80.21": "0"}),
        (Measure("range", {"lowers": ["0"], "uppers": ["0"], "deductions": ["0.5"]}), "1",
         {"0": "0.5", "1": "0"}),
        (Measure("value"), "1", {"0": "0", "0.01": "0.01", "1": "1", "0.005": "off_step"}),
        (Measure("value"), "1", {"1.01": "out_of_range", "-0.01": "out_of_range"}),
        (Measure("value", {"step": "0.4"}), "1", {"0.8": "0.8", "1": "1", "0.5": "off_step"}),
        (Measure("value", {"values": ["0", "0.5", "1.0"]}), "1",
         {"1": "1", "0.50": "0.5", "0.7": "not_a_choice"}),
        (Measure("value", {"low": "0.5"}), "1", {"0.4": "out_of_range", "0.5": "0.5"}),
    ],
)
def test_values_and_what_they_earn(measure: Measure | None, maximum: str, values: Mapping[str, str]) -> None:
    assert {value: shown(measure, maximum, value) for value in values} == values


def test_a_number_among_labels_is_always_the_number_of_the_choice() -> None:
    backwards = Measure("choice", {"labels": ["2", "1", "zero"], "deductions": ["0", "0.5", "1"]})
    assert shown(backwards, "1", "2") == "0.5"
    assert shown(backwards, "1", "zero") == "0"


def test_a_refusal_says_what_was_wrong_and_what_is_allowed() -> None:
    assert measurement.mark(Measure("count", {"possible": "3"}), Fraction(1), "4") == Refusal(
        "too_many", {"value": "4", "possible": "3"}
    )
    assert measurement.mark(Measure("value"), Fraction(1), "2") == Refusal(
        "out_of_range", {"value": "2", "low": "0", "high": "1"}
    )


WHOLE = st.integers(0, 40).map(str)
HUNDREDTHS = st.integers(1, 5000).map(lambda n: exact.show(Fraction(n, 100)))
TYPES = st.sampled_from(("unit", "percent"))
LEGAL: st.SearchStrategy[tuple[str, Params, str]] = st.one_of(
    st.tuples(st.just("pass_fail"), st.just({}), st.sampled_from(("pass", "fail"))),
    st.tuples(
        st.just("count"),
        st.fixed_dictionaries({"possible": st.integers(1, 40).map(str), "over": st.just("cap")}),
        WHOLE,
    ),
    st.tuples(st.just("count"), st.fixed_dictionaries({"each": HUNDREDTHS}), WHOLE),
    st.tuples(
        st.just("deduction"),
        st.fixed_dictionaries({"deduction": HUNDREDTHS, "deduction_type": TYPES}),
        WHOLE,
    ),
    st.tuples(
        st.just("difference"),
        st.fixed_dictionaries({
            "target": HUNDREDTHS, "difference": HUNDREDTHS, "deduction": HUNDREDTHS,
            "deduction_type": TYPES,
            "difference_type": TYPES,
            "steps": st.sampled_from(("ceil", "floor", "proportional")),
        }),
        HUNDREDTHS,
    ),
    st.tuples(
        st.just("choice"),
        st.fixed_dictionaries({
            "deductions": st.lists(HUNDREDTHS, min_size=4, max_size=4),
            "deduction_type": TYPES,
        }),
        st.sampled_from("1234"),
    ),
)


@given(LEGAL, st.integers(1, 1000))
@settings(max_examples=600)
def test_marks_agree_with_the_plain_reading(case: tuple[str, Params, str], hundredths: int) -> None:
    kind, params, value = case
    maximum = Fraction(hundredths, 100)
    assert measurement.check(Measure(kind, params), maximum, "A1/1") == []
    mark = measurement.mark(Measure(kind, params), maximum, value)
    assert isinstance(mark, Fraction)
    assert mark == naive.measured(kind, params, maximum, value)
    assert 0 <= mark <= maximum


JUNK = st.one_of(st.text(max_size=6), st.lists(st.text(max_size=3), max_size=4), HUNDREDTHS, WHOLE,
                 st.lists(HUNDREDTHS, max_size=4), st.just("percent"), st.just("-1"))


@given(
    st.sampled_from(sorted(measurement.KNOWN)).flatmap(
        lambda kind: st.tuples(
            st.just(kind),
            st.dictionaries(st.sampled_from((*measurement.KNOWN[kind], "unknown")), JUNK),
        )
    ),
    st.one_of(st.text(max_size=5), HUNDREDTHS, st.sampled_from("1234")),
)
@settings(max_examples=600)
def test_a_measure_that_passes_its_check_never_raises(case: tuple[str, Params], value: str) -> None:
    measure = Measure(*case)
    if measurement.check(measure, Fraction(2), "A1/1"):
        return
    mark = measurement.mark(measure, Fraction(2), value)
    assert isinstance(mark, Refusal) or 0 <= mark <= 2


@pytest.mark.parametrize(
    ("measure", "codes"),
    [
        (Measure("telepathy"), ["measure_kind_unknown"]),
        (Measure("count"), ["measure_param_missing"]),
        (Measure("count", {"possible": "0"}), ["measure_not_positive"]),
        (Measure("count", {"possible": "2.5"}), ["measure_param_bad"]),
        (Measure("count", {"possible": "3", "over": "perhaps"}), ["measure_param_bad"]),
        (Measure("deduction"), ["measure_param_missing"]),
        (Measure("deduction", {"deduction": "-1"}), ["measure_not_positive"]),
        (Measure("deduction", {"deduction": ["1"]}), ["measure_param_bad"]),
        (Measure("difference"), ["measure_param_missing"] * 3),
        (Measure("difference", {"target": "0", "difference": "5", "difference_type": "percent",
                                "deduction": "1"}), ["measure_not_positive"]),
        (Measure("choice"), ["measure_param_missing"]),
        (Measure("choice", {"labels": ["a"], "deductions": ["0", "1"]}), ["measure_lengths_differ"]),
        (Measure("choice", {"labels": ["a", "a"], "deductions": ["0", "1"]}), ["measure_label_duplicate"]),
        (Measure("choice", {"deductions": ["0", "much"]}), ["measure_param_bad"]),
        (Measure("range", {"lowers": ["0"], "uppers": [], "deductions": ["1"]}), ["measure_lengths_differ"]),
        (Measure("value", {"values": ["0", "3"]}), ["measure_above_maximum"]),
        (Measure("value", {"values": ["0", ""]}), ["measure_param_bad"]),
        (Measure("value", {"step": "0"}), ["measure_not_positive"]),
        (AXE, []), (COVERAGE, []), (MUTANTS, []), (Measure("pass_fail"), []),
    ],
)
def test_what_is_wrong_with_a_measure_is_said_at_once(measure: Measure, codes: list[str]) -> None:
    problems = measurement.check(measure, Fraction(2), "B2/7")
    assert [p.code for p in problems] == codes
    assert all(p.where == "B2/7" and p.severity == "error" for p in problems)


def test_reading_a_seats_text_follows_the_aspects_method() -> None:
    title = {"en": "x"}
    assert measurement.read(Aspect("a", title, "judgement", "2"), "3") == 3
    assert measurement.read(Aspect("a", title, "points", "10", step="0.5"), "7.5") == Fraction(15, 2)
    assert measurement.read(Aspect("a", title, "agreed", "2"), "pass") == 2
    refused = [
        measurement.read(Aspect("a", title, "judgement", "2"), "4"),
        measurement.read(Aspect("a", title, "points", "10", step="0.5"), "7.3"),
        measurement.read(Aspect("a", title, "points", "10", low="1"), "0"),
        measurement.read(Aspect("a", title, "agreed", "2"), "2"),
    ]
    codes = [r.code for r in refused if isinstance(r, Refusal)]
    assert codes == ["not_a_score", "off_step", "out_of_range", "not_pass_or_fail"]


def test_what_to_pick_from_is_in_the_schemes_order() -> None:
    assert measurement.choices(None) == ("pass", "fail")
    assert measurement.choices(AXE) == ("1", "2", "3", "4")
    assert measurement.choices(Measure("value", {"values": ["1", "0.5"]})) == ("1", "0.5")
    assert measurement.choices(COVERAGE) == ()
