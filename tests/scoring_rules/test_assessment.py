"""Assessments: what is kept and taken again, who may sit in a panel, who confers which level."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_rules import assessment_rules
from scoring_rules.assessment import enter, outcome, passes, read_mark, standings
from scoring_rules.assessment_model import Assessor, Background, Examined, Mark, Sitting
from scoring_rules.assessment_rules import AssessmentUnreadable, load, parse
from scoring_rules.assessors import check_apart, check_assessor, check_panel, check_watch
from scoring_rules.conferring import admission, may_confer, table
from scoring_rules.promotion_model import LADDER
from scoring_rules.refusal import Refusal
from tests.scoring_rules import naive_assessment

CN = load("cn")
DAY = date(2026, 3, 1)
TERM = (date(2024, 1, 1), date(2026, 12, 31))

PARTS = tuple(part.name for part in CN.parts)
marks = st.one_of(
    st.sampled_from(["absent", "zeroed", "exempt", None]),
    st.integers(560, 640).map(lambda tenths: Fraction(tenths, 10)),
)
rounds = st.lists(
    st.tuples(
        st.integers(1, 420),
        st.dictionaries(st.sampled_from(PARTS), marks, max_size=3),
    ),
    max_size=7,
)


def panel(people: str, grade: str = "senior") -> list[Assessor]:
    return [Assessor(person, grade, *TERM) for person in people]


def codes(found: list[Refusal]) -> list[str]:
    return [refusal.code.removeprefix("assessment.") for refusal in found]


@given(level=st.sampled_from(["3", "1"]), said=rounds, later=st.integers(0, 800))
def test_what_is_kept_and_taken_again_agrees_with_a_second_reading(
    level: str, said: list[tuple[int, dict[str, Mark]]], later: int
) -> None:
    parts = [part.name for part in CN.parts_of(level)]
    day, history = DAY, list[tuple[date, dict[str, Mark]]]()
    for gap, taken in said:
        day += timedelta(days=gap)
        history.append((day, {p: m for p, m in taken.items() if p in parts}))
    sittings = [Sitting(d, m, str(i)) for i, (d, m) in enumerate(history)]
    day += timedelta(days=later)
    found = {part: stood.state for part, stood in standings(CN, level, sittings, day).items()}
    assert found == {part: naive_assessment.state(parts, history, part, day) for part in parts}
    for part in parts:
        entered = enter(CN, level, sittings, day, "", part)
        assert isinstance(entered, Refusal) == (found[part] == "kept")


@given(level=st.sampled_from(["5", "2"]), taken=st.dictionaries(st.sampled_from(PARTS), marks))
def test_a_sitting_passes_only_with_every_part_of_the_level_at_its_mark(
    level: str, taken: dict[str, Mark]
) -> None:
    rules = CN.parts_of(level)
    found = outcome(CN, level, [], Sitting(DAY, taken, "a"))
    known = [passes(rule, taken.get(rule.name)) for rule in rules]
    assert (found.result == "passed") == all(known)
    assert (found.result == "waiting") == any(taken.get(r.name, 0) is None for r in rules)
    assert [p.part for p in found.parts] == [rule.name for rule in rules]


def test_sixty_passes_and_fifty_nine_point_nine_does_not() -> None:
    theory = CN.parts[0]
    assert passes(theory, read_mark(theory, "60.0")) and not passes(theory, read_mark(theory, "59.9"))


def test_a_kept_pass_counts_on_its_last_day_and_not_the_day_after() -> None:
    first = Sitting(DAY, {"theory": Fraction(72), "practice": Fraction(55)}, "a")
    resit = {"practice": Fraction(81)}
    assert outcome(CN, "3", [first], Sitting(date(2027, 3, 1), resit, "b")).result == "passed"
    late = outcome(CN, "3", [first], Sitting(date(2027, 3, 2), resit, "b"))
    assert (late.result, [p.passed for p in late.parts]) == ("incomplete", [None, True])


def test_a_second_resit_follows_only_where_the_rules_have_two() -> None:
    twice = replace(CN, exam=replace(CN.exam, resits=2))
    never = replace(CN, exam=replace(CN.exam, resits=0))
    first = Sitting(DAY, {"theory": Fraction(72), "practice": Fraction(55)}, "a")
    again = Sitting(DAY + timedelta(days=40), {"practice": Fraction(59)}, "b")
    day = DAY + timedelta(days=80)
    states = [[s.state for s in standings(r, "3", [first, again], day).values()] for r in (CN, twice)]
    assert states == [["new", "new"], ["kept", "resit"]]
    assert [s.state for s in standings(never, "3", [first], day).values()] == ["new", "new"]


def test_an_absence_is_a_try_or_none_as_the_rules_say() -> None:
    kinder = replace(CN, exam=replace(CN.exam, absent="nothing"))
    first = Sitting(DAY, {"theory": Fraction(72), "practice": Fraction(55)}, "a")
    missed = Sitting(DAY + timedelta(days=40), {"practice": "absent"}, "b")
    day = DAY + timedelta(days=80)
    assert [s.state for s in standings(CN, "3", [first, missed], day).values()] == ["new", "new"]
    assert [s.state for s in standings(kinder, "3", [first, missed], day).values()] == ["kept", "resit"]


def test_a_hole_is_waited_for_and_is_no_zero() -> None:
    found = outcome(CN, "3", [], Sitting(DAY, {"theory": Fraction(72), "practice": None}, "a"))
    assert found.result == "waiting" and found.parts[1].passed is None


@pytest.mark.parametrize("level", LADDER)
def test_every_level_says_who_confers_it(level: str) -> None:
    ways = {
        (body, way)
        for body in ("Y", "S")
        for way in ("exam", "appointment")
        if may_confer(CN, level, body, way) is None
    }
    assert ways == {
        "apprentice": set(),
        "special": {("Y", "appointment")},
        "chief": {("Y", "appointment")},
    }.get(level, {("Y", "exam"), ("S", "exam")})


def test_an_apprentice_certificate_is_a_matter_of_data() -> None:
    first, *others = CN.levels
    own = replace(CN, levels=(replace(first, certificate=True, way="exam"), *others))
    assert may_confer(own, "apprentice", "Y", "exam") is None


def test_each_offence_of_a_panel_has_its_own_code() -> None:
    _, practice, review = CN.parts
    assert codes(check_panel(CN, "3", practice, panel("ab"), DAY, [])) == ["panel_small"]
    assert codes(check_panel(CN, "2", review, panel("abcd"), DAY, [])) == ["panel_even"]
    assert codes(check_panel(CN, "3", practice, panel("aab"), DAY, [])) == ["panel_twice"]
    assert codes(check_panel(CN, "3", practice, panel("abc"), DAY, [["a", "b", "x"]])) == ["panel_unchanged"]
    assert codes(check_panel(CN, "3", practice, panel("abcd"), DAY, [["a", "b", "x"]])) == []
    assert codes(check_panel(CN, "2", practice, panel("abc", "assessor"), DAY, [])) == ["assessor_grade"] * 3
    three = [["a", "x", "y"], ["a", "v", "w"], ["a", "x", "y"]]
    assert codes(check_panel(CN, "3", practice, panel("abc"), DAY, three)) == ["assessor_in_a_row"]
    assert codes(check_panel(CN, "3", practice, panel("abc"), DAY, [*three, ["x", "y", "z"]])) == []


def test_a_term_ends_by_its_own_end_and_after_three_years_whichever_comes_first() -> None:
    def states(since: date, until: date, day: date) -> list[str]:
        return codes(check_assessor(CN, "3", Assessor("a", "assessor", since, until), day))

    long = (date(2023, 3, 1), date(2030, 1, 1))
    assert states(*long, date(2026, 2, 28)) == [] and states(*long, DAY) == ["assessor_term"]
    assert states(date(2025, 1, 1), date(2026, 2, 28), DAY) == ["assessor_term"]


def test_who_trained_a_candidate_is_neither_issuer_nor_in_the_panel() -> None:
    people = [Assessor("a", "senior", *TERM, bodies=("school",)), Assessor("b", "senior", *TERM)]
    assert codes(check_apart("body", people, [Examined("x", ("body",))])) == ["trainer_issuer"]
    assert codes(check_apart("body", people, [Examined("x", ("school",))])) == ["trainer_body"]
    assert codes(check_apart("body", people, [Examined("x", (), ("b",))])) == ["trainer_person"]
    assert codes(check_apart("body", people, [Examined("a")])) == ["assessor_self"]
    assert codes(check_apart("body", people, [Examined("x", ("elsewhere",), ("c",))])) == []


def test_invigilators_are_one_to_fifteen_and_never_one_alone() -> None:
    theory, practice, _ = CN.parts
    assert check_watch(theory, 1, 1) is not None and check_watch(theory, 30, 2) is None
    assert check_watch(theory, 31, 2) is not None and check_watch(practice, 99, 0) is None


def test_a_row_of_the_occupation_s_own_standard_replaces_the_general_ones() -> None:
    own = replace(CN.eligibility[0], id="own", occupation="6-31-01-07", edition="2031", level="3", years=9)
    rules = replace(CN, eligibility=(*CN.eligibility, own))
    assert [row.id for row in table(rules, "6-31-01-07", "2031", "3")] == ["own"]
    assert admission(rules, "6-31-01-07", "2031", "3", Background(years=9)).state == "met"
    assert admission(rules, "6-31-01-07", "2032", "3", Background(years=9)).missing == ("no_table",)
    short = Background(years=9, education="none", held="5")
    assert admission(rules, "6-18-02-04", "older", "3", short).state == "not_met"


def test_what_nobody_stated_is_neither_met_nor_missing() -> None:
    unknown = Background(held_stated=False)
    assert admission(CN, "6-18-02-04", "older", "3", unknown).state == "check"
    assert admission(CN, "6-18-02-04", "older", "2", unknown).missing == ("held", "since_held")
    assert admission(CN, "6-18-02-04", "older", "2", Background(held="", held_stated=True)).state == "not_met"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('level = "5"\nbodies', 'level = "4"\nbodies', "profile_contradiction"),
        ('needed = "60"', 'needed = "160"', "profile_out_of_range"),
        ("minutes = 90", "minuets = 90", "profile_unknown_key"),
        ('maximum = "100"', "maximum = 100.0", "profile_wrong_type"),
        ("severe_freezes = true", 'severe_freezes = "yes"', "profile_wrong_type"),
        ('bodies = ["Y"]', 'bodies = ["Z"]', "profile_unknown_name"),
        ("[exam]", "[exma]", "profile_missing"),
        ('id = "4-held"', 'id = "5-year"', "profile_contradiction"),
    ],
)
def test_rules_with_a_slip_are_refused_with_its_line(old: str, new: str, code: str) -> None:
    assert old in CN.text
    with pytest.raises(AssessmentUnreadable) as failed:
        parse(CN.text.replace(old, new, 1), "x.toml")
    found = [p for p in failed.value.problems if p.code == code]
    assert found and all(p.where.startswith("x.toml:") for p in found)


def test_every_unverified_line_says_so() -> None:
    assert assessment_rules.names() == ("cn",)
    assert {level.level for level in CN.levels if level.unverified} == {"apprentice", "special", "chief"}
