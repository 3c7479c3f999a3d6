"""Linting says what is odd though it can be marked, and never makes an error of it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from scoring_rules.scheme import Aspect, Criterion, Measure, Scheme, Section, SubCriterion, check
from scoring_rules.scheme_lint import lint, nothing_done

LEVELS = tuple({"en": f"Level {n}"} for n in range(4))


def of(*listed: Aspect, days: tuple[str, ...] = ("1",), section: bool = True) -> Scheme:
    """A scheme with one sub-criterion per day, the aspects in each."""
    subs = tuple(
        SubCriterion(f"A{n}", {"en": "s"}, day, tuple(
            Aspect(f"{n}{a.key}", a.title, a.method, a.max, descriptors=a.descriptors, measure=a.measure,
                   low=a.low, section="1" if section else "")
            for a in listed
        ))
        for n, day in enumerate(days, 1)
    )  # fmt: skip
    sections = (Section("1", {"en": "Work"}, "100"),) if section else ()
    return Scheme({"en": "x"}, "1", sections, (Criterion("A", {"en": "c"}, subs),))


def measured(maximum: str = "1", measure: Measure | None = None) -> Aspect:
    return Aspect("m", {"en": "m"}, "agreed", maximum, measure=measure)


def added(scheme: Scheme) -> list[tuple[str, str]]:
    """What linting says beyond the check."""
    known = check(scheme)
    found = lint(scheme).problems
    assert [p for p in found if p.severity == "error"] == [p for p in known if p.severity == "error"]
    return [(p.where, p.code) for p in found if p not in known]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (("1", "2", "3"), []),
        (("1", ""), [("A2", "day_missing")]),
        (("1", "4"), [("scheme", "days_gap")]),
        (("1", "C2"), [("scheme", "days_mixed")]),
        (("C1", "C2"), []),
    ],
)
def test_days(days: tuple[str, ...], expected: list[tuple[str, str]]) -> None:
    assert added(of(measured(), days=days)) == expected


def test_days_are_not_asked_of_a_scheme_that_knows_none() -> None:
    assert added(of(measured(), days=("", ""), section=False)) == []


def test_marks_that_print_does_not_show() -> None:
    assert added(of(measured("0.125"))) == [("A1/1m", "max_fine")]
    assert added(of(measured("0.25", Measure("count", {"possible": "6"})))) == [("A1/1m", "count_uneven")]
    assert added(of(measured("0.25", Measure("count", {"possible": "5"})))) == []


def test_more_judged_than_measured() -> None:
    judged = Aspect("j", {"en": "j"}, "judgement", "2", descriptors=LEVELS)
    assert added(of(measured("1"), judged)) == [("scheme", "judgement_share")]
    assert added(of(measured("2"), judged)) == []
    assert lint(of(measured("2"), judged)).judged == 2


@pytest.mark.parametrize(
    ("measure", "mark"),
    [
        (None, "0"), (Measure("pass_fail"), "0"), (Measure("count", {"possible": "4"}), "0"),
        (Measure("deduction", {"deduction": "0.5"}), "2"),
        (Measure("difference", {"target": "3", "difference": "1", "deduction": "0.5"}), "1/2"),
        (Measure("choice", {"labels": ["a", "b"], "deductions": ["0.5", "1.5"]}), "1/2"),
        (Measure("choice", {"labels": ["a", "b"], "deductions": ["0", "2"]}), "0"),
        (Measure("range", {"target": "0", "lowers": ["0"], "uppers": ["3"], "deductions": ["0"]}), "2"),
        (Measure("value", {"low": "0.5"}), "1/2"), (Measure("value", {"values": ["1", "2"]}), "1"),
        (Measure("count", {"possible": "none"}), "0"),
    ],
)
def test_what_an_empty_submission_would_earn(measure: Measure | None, mark: str) -> None:
    assert nothing_done(measured("2", measure)) == Fraction(mark)


def test_the_sum_of_what_is_given_for_nothing() -> None:
    found = lint(of(measured("2", Measure("deduction", {"deduction": "1"})), days=("1", "2")))
    assert found.do_nothing == 4 and found.gifts == (("1m", Fraction(2)), ("2m", Fraction(2)))
    assert [p.where for p in found.problems if p.code == "do_nothing"] == ["A1/1m", "A2/2m"]
