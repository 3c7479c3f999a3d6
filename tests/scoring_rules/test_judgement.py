"""Several seats to one mark: the formula, the spread, trimming and its level."""

from __future__ import annotations

import random
import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_rules import exact, judgement
from scoring_rules.judgement import Trim
from scoring_rules.refusal import Refusal
from tests.scoring_rules import naive

MARKS = st.integers(0, 1000).map(lambda n: Fraction(n, 10))
TRIMS = st.builds(Trim, st.integers(0, 3), st.integers(0, 3), st.integers(1, 7))


@pytest.mark.parametrize(
    ("maximum", "scores", "printed"),
    [("1.00", (2, 2, 3), "0.78"), ("2.00", (3, 3, 2), "1.78"), ("1.50", (2, 2, 2), "1.00"),
     ("0.50", (1, 1, 2), "0.22"), ("1.00", (1, 2, 2), "0.56"), ("2.00", (2, 3, 2), "1.56"),
     ("2.00", (0, 0, 0), "0.00"), ("2.00", (3, 3, 3), "2.00"), ("1.00", (3,), "1.00")],
)
def test_the_tables_of_both_rule_books(maximum: str, scores: tuple[int, ...], printed: str) -> None:
    assert exact.show(judgement.average(scores, exact.parse(maximum)), 2) == printed


@given(st.lists(st.integers(0, 3), min_size=1, max_size=9), st.integers(1, 2000))
@settings(max_examples=600)
def test_average_agrees_with_the_plain_reading(scores: list[int], hundredths: int) -> None:
    maximum = Fraction(hundredths, 100)
    mark = judgement.average(scores, maximum)
    assert mark == naive.judged(maximum, scores)
    assert 0 <= mark <= maximum


@pytest.mark.parametrize("scores", [(), (4,), (-1, 2), (0, 1, 5)])
def test_scores_that_cannot_be_are_a_broken_promise(scores: tuple[int, ...]) -> None:
    with pytest.raises(ValueError):
        judgement.average(scores, Fraction(1))


@pytest.mark.parametrize(
    ("scores", "spread"), [((0, 1, 2), 2), ((1, 2, 2), 1), ((3, 3, 3), 0), ((1, 2, 3), 2), ((0, 3), 3)]
)
def test_spread(scores: tuple[int, ...], spread: int) -> None:
    assert judgement.spread(scores) == spread


@pytest.mark.parametrize("text", ["0", "1", "2", "3"])
def test_a_score_is_one_of_four(text: str) -> None:
    assert judgement.score(text) == int(text)


@pytest.mark.parametrize("text", ["4", "-1", "1.0", "", " 1", "２", "two", "01"])
def test_any_other_score_is_refused(text: str) -> None:
    assert judgement.score(text) == Refusal("not_a_score", {"value": text})


def test_points_keep_their_range_and_grid() -> None:
    ten = Fraction(10)
    assert judgement.points("9.5", Fraction(0), ten, Fraction(1, 2)) == Fraction(19, 2)
    assert judgement.points("0", Fraction(0), ten) == 0
    refused = {t: judgement.points(t, Fraction(1), ten, Fraction(1, 2)) for t in ("10.01", "0.5", "9.3", "x")}
    assert {t: r.code for t, r in refused.items() if isinstance(r, Refusal)} == {
        "10.01": "out_of_range", "0.5": "out_of_range", "9.3": "off_step", "x": "not_a_number",
    }
    assert judgement.points("10", Fraction(0), ten, Fraction(3)) == 10, "the maximum is always reachable"
    assert judgement.points("7", Fraction(1), ten, Fraction(2)) == 7, "the grid begins at the low end"


def test_the_printed_trimmed_panel() -> None:
    panel = [exact.parse(v) for v in ("8.6", "9.0", "9.1", "9.3", "9.8")]
    assert exact.show(judgement.trimmed_mean(panel, Trim()), 2) == "9.13"


def test_trimming_drops_one_at_each_end_even_when_shared() -> None:
    values = [Fraction(v) for v in (9, 9, 5, 5, 7)]
    assert judgement.trimmed_mean(values, Trim()) == Fraction(7)


def test_under_the_stated_seats_it_is_the_plain_mean() -> None:
    assert judgement.trimmed_mean([Fraction(9), Fraction(5)], Trim(1, 1, 3)) == 7
    assert judgement.trimmed_mean([Fraction(9), Fraction(5), Fraction(4)], Trim(1, 1, 3)) == 5
    assert judgement.trimmed_mean([Fraction(9), Fraction(5), Fraction(4)], Trim(1, 1, 4)) == 6
    assert judgement.trimmed_mean([Fraction(9), Fraction(5)], Trim(1, 1, 1)) == 7, "never trimmed to nothing"


@given(st.lists(MARKS, min_size=1, max_size=9), TRIMS)
@settings(max_examples=800)
def test_trimmed_mean_agrees_with_the_plain_reading(values: list[Fraction], trim: Trim) -> None:
    found = judgement.trimmed_mean(values, trim)
    assert found == naive.trimmed(values, *trim)
    assert min(values) <= found <= max(values)
    assert judgement.trimmed_mean(values[::-1], trim) == found


@given(st.lists(MARKS, min_size=1, max_size=9), TRIMS, st.integers(0, 8), st.integers(0, 50))
def test_a_better_mark_never_lowers_the_result(
    values: list[Fraction], trim: Trim, which: int, more: int
) -> None:
    better = list(values)
    better[which % len(values)] += more
    for function in judgement.FUNCTIONS.values():
        assert function(better, trim) >= function(values, trim)


def test_mean_and_median() -> None:
    values = [Fraction(v) for v in (1, 10, 4, 3)]
    assert judgement.mean(values) == Fraction(9, 2)
    assert judgement.median(values) == Fraction(7, 2)
    assert judgement.median(values[:3]) == 4
    assert judgement.median([Fraction(2)]) == 2


@pytest.mark.parametrize("name", sorted(judgement.FUNCTIONS))
def test_no_values_is_a_broken_promise_not_a_zero(name: str) -> None:
    with pytest.raises(ValueError, match="no values"):
        judgement.FUNCTIONS[name]([], Trim())


PAIRS = ((9, 9), (9, 5), (5, 9), (7, 7), (7, 7))


@pytest.mark.parametrize(
    ("level", "printed"), [("aspect", "15.33"), ("sheet", "14.00"), ("component", "14.00")]
)
def test_the_level_of_trimming_decides(level: str, printed: str) -> None:
    rows = {f"s{i}": {"a": Fraction(a), "b": Fraction(b)} for i, (a, b) in enumerate(PAIRS)}
    found = judgement.panel_points(rows, level, judgement.FUNCTIONS["trimmed_mean/1"], Trim(1, 1, 3))
    assert exact.show(found, 2) == printed


@given(st.integers(1, 7), st.integers(1, 4), st.booleans(), TRIMS, st.integers(0, 2**32))
@settings(max_examples=600)
def test_panels_agree_with_the_plain_reading(
    seats: int, aspects: int, by_sheet: bool, trim: Trim, seed: int
) -> None:
    rng = random.Random(seed)
    rows = {
        f"s{s}": {f"a{a}": Fraction(rng.randrange(100), 4) for a in range(aspects)} for s in range(seats)
    }
    level = "sheet" if by_sheet else "aspect"
    found = judgement.panel_points(rows, level, judgement.trimmed_mean, trim)
    assert found == naive.panel(rows, by_sheet, *trim)


def test_a_hole_in_a_sheet_is_never_counted_as_zero() -> None:
    rows = {"s1": {"a": Fraction(9), "b": Fraction(9)}, "s2": {"a": Fraction(9)}}
    for level in ("sheet", "component"):
        with pytest.raises(judgement.RaggedPanel):
            judgement.panel_points(rows, level, judgement.mean, Trim())
    assert judgement.panel_points(rows, "aspect", judgement.mean, Trim()) == 18


def test_an_unknown_level_or_an_empty_panel_is_a_broken_promise() -> None:
    with pytest.raises(ValueError, match="seats"):
        judgement.panel_points({}, "aspect", judgement.mean, Trim())
    with pytest.raises(ValueError, match="module"):
        judgement.panel_points({"s": {"a": Fraction(1)}}, "module", judgement.mean, Trim())


def test_the_page_of_panels_that_stay_apart_has_the_marks_right() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rules" / "panels.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if re.match(r"\| [0-3] ", line)]
    assert len(rows) == 5
    for cast, spread_, chief, median_ in rows:
        votes = [int(vote) for vote in cast.split()]
        legal = judgement.spread(votes) <= 1
        average = exact.show(judgement.average(votes, Fraction(6)), 2)
        middle = exact.show(judgement.SETTLED[judgement.OUTCOMES["median"]](votes, Fraction(6)), 2)
        assert spread_ == str(judgement.spread(votes))
        assert (chief, median_) == ((average, average) if legal else ("-", middle))
