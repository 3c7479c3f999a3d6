"""Medals by place and by window, excellence, entries that cannot be awarded, and a field in one call."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_rules import medals
from scoring_rules.field import Runner, Standing, stand
from scoring_rules.medals import Contender, award
from scoring_rules.profiles import load, parse
from scoring_rules.standings import Row, places
from tests.scoring_rules import naive

SCORES = st.lists(st.integers(690, 712), max_size=14)


def field_of(scores: list[int]) -> list[Contender]:
    """Contenders with the places their scores give."""
    placed = places([Row(f"e{i}", (Fraction(s),)) for i, s in enumerate(scores)], ("desc",), "skip")
    return [Contender(p.entry, p.place, Fraction(scores[int(p.entry[1:])])) for p in placed]


@pytest.mark.parametrize(
    ("scores", "gold", "silver", "bronze"),
    [
        ((741, 735, 728, 726, 725), {741}, {735}, {728, 726}),
        ((741, 739, 738, 736, 735), {741, 739}, set(), {738, 736}),
        ((741, 740, 739, 737, 736), {741, 740, 739}, set(), {737}),
        ((741, 740, 739, 736), {741, 740, 739}, set(), set()),
        ((741, 735, 734, 731), {741}, {735, 734}, set()),
        ((741, 735, 734, 733, 731, 730), {741}, {735, 734, 733}, {731}),
        ((741, 735, 728), {741}, {735}, {728}),
        ((741, 735), {741}, {735}, set()),
        ((741,), {741}, set(), set()),
        ((741, 739), {741, 739}, set(), set()),
        ((741, 739, 737), {741, 739}, set(), {737}),
    ],
)
def test_every_branch_of_the_window(
    scores: tuple[int, ...], gold: set[int], silver: set[int], bronze: set[int]
) -> None:
    awards = award(field_of(list(scores)), len(scores), "ws_window/1", {"window": "2"})
    by_colour = {
        colour: {scores[int(e[1:])] for e, m in awards.items() if m == colour} for colour in medals.COLOURS
    }
    assert by_colour == {"gold": gold, "silver": silver, "bronze": bronze}


@given(SCORES, st.integers(0, 5))
@settings(max_examples=1000)
def test_the_window_agrees_with_the_text_read_line_by_line(scores: list[int], w: int) -> None:
    field = field_of(scores)
    found = award(field, len(scores), "ws_window/1", {"window": str(w)})
    points = {f"e{i}": Fraction(s) for i, s in enumerate(scores)}
    assert found == naive.window_medals(points, Fraction(w))


@given(SCORES, st.integers(0, 5))
def test_equal_scores_never_get_different_medals_and_nobody_is_skipped(scores: list[int], w: int) -> None:
    found = award(field_of(scores), len(scores), "ws_window/1", {"window": str(w)})
    ordered = sorted(range(len(scores)), key=lambda i: -scores[i])
    colours = [("gold", "silver", "bronze", "").index(found.get(f"e{i}", "")) for i in ordered]
    assert colours == sorted(colours)
    for i in range(len(scores)):
        for j in range(i):
            assert scores[i] != scores[j] or found.get(f"e{i}") == found.get(f"e{j}")


def test_exact_points_may_be_compared_instead_of_rounded_ones() -> None:
    close = [Contender("a", 1, Fraction(7414, 10)), Contender("b", 2, Fraction(7393, 10))]
    assert award(close, 2, "ws_window/1", {"window": "2"}) == {"a": "gold", "b": "silver"}
    rounded = [Contender("a", 1, Fraction(741)), Contender("b", 2, Fraction(739))]
    assert award(rounded, 2, "ws_window/1", {"window": "2"}) == {"a": "gold", "b": "gold"}


def test_without_a_scale_the_window_gives_medals_by_place() -> None:
    field = [Contender("a", 1), Contender("b", 2)]
    assert award(field, 2, "ws_window/1", {"window": "2"}) == {"a": "gold", "b": "silver"}


@given(st.lists(st.integers(0, 6), max_size=14))
@settings(max_examples=500)
def test_medals_by_place_agree_with_one_two_three(scores: list[int]) -> None:
    field = field_of(scores)
    printed = naive.place_medals({c.entry: c.place for c in field})
    assert award(field, len(field), "by_places/1", {}) == printed


@pytest.mark.parametrize(
    ("scores", "colours"),
    [((9, 9, 8, 7), "gold gold bronze"), ((9, 8, 8, 7), "gold silver silver"),
     ((9, 9, 9, 7), "gold gold gold"),
     ((9, 8, 7, 7), "gold silver bronze bronze"), ((9,), "gold"), ((), "")],
)
def test_shared_places_share_their_medal_and_use_up_the_next(scores: tuple[int, ...], colours: str) -> None:
    awards = award(field_of(list(scores)), len(scores), "by_places/1", {})
    assert " ".join(awards[e] for e in sorted(awards)) == colours


@pytest.mark.parametrize(("started", "last"), [(37, 18), (36, 18), (8, 4), (7, None), (3, None)])
def test_excellence_goes_to_the_first_half_of_those_who_started(started: int, last: int | None) -> None:
    field = [Contender(str(i), i) for i in range(1, started + 1)]
    awards = award(field, started, "by_places/1", {}, "top_half/1")
    found = sorted(int(e) for e, m in awards.items() if m == "excellence")
    assert found == ([] if last is None else list(range(4, last + 1)))


def test_the_first_half_begins_after_place_three_even_where_no_medal_was_given() -> None:
    field = field_of([741, 740, 739, 735, 730, 720, 710, 700, 699, 698])
    assert award(field, 10, "by_places/1", {}, "top_half/1")["e3"] == "excellence"
    third = [Contender("a", 3), Contender("b", 4)]
    assert medals.top_half(third, {}, 10, {}) == {"b"}


def test_the_base_of_the_half_is_who_started_not_who_is_ranked() -> None:
    field = [Contender(str(i), i) for i in range(1, 7)]
    awards = award(field, 10, "by_places/1", {}, "top_half/1")
    assert {e for e, m in awards.items() if m == "excellence"} == {"4", "5"}


def test_excellence_by_points_is_for_every_non_medallist_at_700() -> None:
    field = field_of([741, 735, 728, 700, 699])
    awards = award(field, 5, "ws_window/1", {"window": "2"}, "at_least/1", {"points": "700"})
    assert awards == {"e0": "gold", "e1": "silver", "e2": "bronze", "e3": "excellence"}
    low = award(field_of([690, 680, 670, 660]), 4, "ws_window/1", {}, "at_least/1", {})
    assert sorted(low.values()) == ["bronze", "gold", "silver"], "a medallist may be below 700"


def test_a_guest_is_ranked_but_not_awarded() -> None:
    field = [Contender("guest", 1, Fraction(750), eligible=False), *field_of([741, 735, 728])]
    moved = award(field, 4, "by_places/1", {})
    assert moved == {"e0": "gold", "e1": "silver", "e2": "bronze"}
    ranked = [Contender("guest", 1, None, False), Contender("b", 2), Contender("c", 3), Contender("d", 4)]
    assert award(ranked, 4, "by_places/1", {}, ineligible="vacate") == {"b": "silver", "c": "bronze"}
    assert award(field, 4, "ws_window/1", {})["e0"] == "gold"
    joint = [Contender("guest", 1, None, False), Contender("b", 1), Contender("c", 3)]
    assert award(joint, 3, "by_places/1", {}) == {"b": "gold", "c": "silver"}


def test_an_unknown_function_is_a_broken_promise() -> None:
    with pytest.raises(KeyError):
        award([], 0, "by_lot/1", {})


def test_a_worldskills_field_in_one_call() -> None:
    totals = {"a": 61, "b": 60, "c": 40, "d": 40, "e": 12, "f": 0}
    field = [Runner(e, Fraction(t), (Fraction(t),)) for e, t in totals.items()]
    found = stand(load("worldskills-2026"), field)
    assert [(s.entry, s.place, s.tied) for s in found] == [
        ("a", 1, False), ("b", 2, False), ("c", 3, True), ("d", 3, True), ("e", 5, False), ("f", 6, False),
    ]
    # median 40, MAD 20.5: 30 / (1.4826 * 20.5) = 0.98706 points per mark.
    assert [s.scale for s in found] == [721, 720, 700, 700, 672, 661]
    assert [s.medal for s in found] == ["gold", "gold", "bronze", "bronze", "", ""]


def test_a_profile_that_compares_exact_points_does() -> None:
    # 720.96 and 719.51: 1.45 apart, but 1 apart once rounded to 721 and 720.
    text = load("worldskills-2026").text.replace('window = "2"', 'window = "1.4"')
    totals = {"a": "61", "b": "59.55", "c": "40", "d": "40", "e": "12", "f": "0"}
    field = [Runner(e, Fraction(t), (Fraction(t),)) for e, t in totals.items()]
    medal = {
        compare: [s.medal for s in stand(parse(text.replace('"rounded"', f'"{compare}"')), field)][:2]
        for compare in ("rounded", "exact")
    }
    assert medal == {"rounded": ["gold", "gold"], "exact": ["gold", "silver"]}


def test_a_worldskills_field_too_small_for_the_scale_has_medals_by_place() -> None:
    field = [Runner("a", Fraction(90), (Fraction(90),)), Runner("b", Fraction(20), (Fraction(20),))]
    assert stand(load("worldskills-2026"), field) == [
        Standing("a", 1, False, None, "gold"), Standing("b", 2, False, None, "silver"),
    ]


def test_a_cook_off_field_breaks_ties_by_practice_then_theory_then_shares() -> None:
    marks = {"a": (80, 56, 24), "b": (80, 58, 22), "c": (80, 58, 22), "d": (70, 50, 20), "e": (60, 40, 20)}
    field = [Runner(e, Fraction(m[0]), tuple(Fraction(v) for v in m)) for e, m in marks.items()]
    found = stand(load("cook-off"), field, participants=10)
    assert [(s.entry, s.place, s.medal) for s in found] == [
        ("b", 1, "gold"), ("c", 1, "gold"), ("a", 3, "bronze"),
        ("d", 4, "excellence"), ("e", 5, "excellence"),
    ]
    assert all(s.scale is None for s in found)
