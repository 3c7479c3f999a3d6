"""A marking scheme: its sums, every problem at once, and its form as data."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_rules import scheme
from scoring_rules.scheme import (
    Aspect,
    Criterion,
    Measure,
    Scheme,
    SchemeUnreadable,
    Section,
    SubCriterion,
    check,
)

FOUR = tuple({"en": f"level {n}"} for n in range(4))
JUDGED = Aspect("k1", {"en": "Finish", "zh-CN": "外观"}, "judgement", "2", section="1", descriptors=FOUR)
THREE = Measure("count", {"possible": "3"})
COUNTED = Aspect("k2", {"en": "Holes"}, "agreed", "1.5", section="1", measure=THREE)
POINTS = Aspect("k3", {"zh-CN": "口味"}, "points", "10", section="1", low="0", step="0.5")


def of(*aspects: Aspect, sections: tuple[Section, ...] = (), letter: str = "A") -> Scheme:
    """A scheme of one criterion and one sheet."""
    sub = SubCriterion(f"{letter}1", {"en": "Sheet"}, "C1", aspects)
    return Scheme({"en": "Trade"}, "17", sections, (Criterion(letter, {"en": "Module"}, (sub,)),))


def found(scheme_: Scheme, expected: str = "13.5", at_lock: bool = False) -> list[tuple[str, str, str]]:
    """The problems as (severity, where, code)."""
    return [(p.severity, p.where, p.code) for p in check(scheme_, expected, at_lock)]


GOOD = of(JUDGED, COUNTED, POINTS)


def test_the_sums_are_those_of_the_aspects() -> None:
    assert scheme.total(GOOD) == Fraction(27, 2)
    assert scheme.criterion_total(GOOD.criteria[0]) == Fraction(27, 2)
    assert scheme.sub_total(GOOD.criteria[0].subs[0]) == Fraction(27, 2)
    assert [a.key for a in scheme.aspects(GOOD)] == ["k1", "k2", "k3"]
    assert [s.key for s in scheme.sub_criteria(GOOD)] == ["A1"]


def test_a_good_scheme_has_no_problem() -> None:
    assert found(GOOD, at_lock=True) == []


@pytest.mark.parametrize(
    ("aspect", "code"),
    [
        (replace(JUDGED, max="0"), "max_not_positive"),
        (replace(JUDGED, max="-1"), "max_not_positive"),
        (replace(JUDGED, max="1,5"), "max_bad"),
        (replace(JUDGED, max=""), "max_bad"),
        (replace(JUDGED, descriptors=FOUR[:3]), "descriptors_missing"),
        (replace(JUDGED, descriptors=(*FOUR[:3], {"en": " "})), "descriptors_missing"),
        (replace(JUDGED, method="ranking"), "method_unknown"),
        (replace(JUDGED, key=""), "aspect_key_bad"),
        (replace(JUDGED, key="a/b"), "aspect_key_bad"),
        (replace(JUDGED, title={}), "title_missing"),
        (replace(JUDGED, title={"en": "  "}), "title_missing"),
        (replace(COUNTED, measure=Measure("count")), "measure_param_missing"),
        (replace(COUNTED, measure=Measure("guess")), "measure_kind_unknown"),
        (replace(POINTS, low="ten"), "low_bad"),
        (replace(POINTS, low="10"), "low_bad"),
        (replace(POINTS, step="0"), "step_bad"),
        (replace(POINTS, step="x"), "step_bad"),
    ],
)
def test_an_aspect_that_cannot_be_marked_is_an_error_with_its_path(aspect: Aspect, code: str) -> None:
    assert ("error", f"A1/{aspect.key}", code) in found(of(aspect))


@pytest.mark.parametrize(
    ("aspect", "code"),
    [(replace(COUNTED, descriptors=FOUR), "descriptors_unused"),
     (replace(POINTS, measure=Measure("pass_fail")), "measure_unused"),
     (replace(POINTS, step="3"), "step_uneven")],
)
def test_what_is_odd_but_can_be_marked_is_a_warning(aspect: Aspect, code: str) -> None:
    assert found(of(aspect), aspect.max) == [("warning", f"A1/{aspect.key}", code)]


def test_keys_are_the_printed_ones_and_nothing_has_two_owners() -> None:
    wrong = of(JUDGED, letter="A")
    twice = replace(wrong, criteria=(*wrong.criteria, *of(JUDGED, letter="A").criteria))
    codes = {code for _, _, code in found(twice)}
    assert {"criterion_key_duplicate", "sub_key_duplicate", "aspect_key_duplicate"} <= codes
    bad = replace(wrong, criteria=(replace(wrong.criteria[0], key="b"),))
    assert {("b", "criterion_key_bad"), ("A1", "sub_key_bad")} <= {(w, c) for _, w, c in found(bad)}
    for key in ("A", "A1a", "A１", "AA1", ""):
        sub = replace(wrong.criteria[0].subs[0], key=key)
        odd = replace(wrong, criteria=(replace(wrong.criteria[0], subs=(sub,)),))
        assert "sub_key_bad" in {c for _, _, c in found(odd)}


def test_empty_parts_warn_and_an_empty_scheme_is_an_error() -> None:
    assert ("error", "scheme", "no_criteria") in found(Scheme({"en": "x"}))
    empty = Scheme({"en": "x"}, criteria=(Criterion("A", {"en": "x"}),))
    assert found(empty, "0") == [("warning", "A", "criterion_empty")]
    assert found(of(), "0") == [("warning", "A1", "sub_empty")]


def test_a_wrong_total_warns_while_drafting_and_blocks_at_lock_unless_partial() -> None:
    assert found(GOOD, "100") == [("warning", "scheme", "total_wrong")]
    assert found(GOOD, "100", at_lock=True) == [("error", "scheme", "total_wrong")]
    assert found(replace(GOOD, partial=True), "100", at_lock=True) == [("warning", "scheme", "total_wrong")]
    assert check(GOOD, "100")[0].params == {"total": "13.5", "expected": "100"}


def worldskills(weights: tuple[str, ...], marks: tuple[str, ...], count: int = 80) -> Scheme:
    """Five criteria; the aspects of each section are worth 0.01 but the last, which makes its sum."""
    sections = tuple(Section(str(i), {"en": f"s{i}"}, w) for i, w in enumerate(weights, 1))
    per = count // len(marks)
    made = []
    for i, mark in enumerate(marks, 1):
        rest = Fraction(mark) - Fraction(per - 1, 100)
        for n in range(per):
            worth = "0.01" if n < per - 1 else scheme_text(rest)
            made.append(Aspect(f"k{i}.{n}", {"en": "x"}, "agreed", worth, section=str(i)))
    fifths = [made[i::25] for i in range(25)]
    criteria = tuple(
        Criterion(c, {"en": c}, tuple(
            SubCriterion(f"{c}{s + 1}", {"en": "x"}, "C1", tuple(fifths[i * 5 + s])) for s in range(5)
        ))
        for i, c in enumerate("ABCDE")
    )
    return Scheme({"en": "x"}, "1", sections, criteria)


def scheme_text(x: Fraction) -> str:
    """Two decimals, enough here."""
    return f"{x.numerator * 100 // x.denominator // 100}.{x.numerator * 100 // x.denominator % 100:02d}"


def test_the_weights_of_the_sections_are_held_against_the_aspects() -> None:
    near = worldskills(("5", "5", "25", "25", "40"), ("5", "5.25", "24.75", "24.75", "40.25"))
    assert "variation" not in {c for _, _, c in found(near, "100")}, "total variation 1.0 is allowed"
    far = worldskills(("10", "10", "20", "20", "40"), ("13", "10", "17", "20", "40"))
    problem = next(p for p in check(far) if p.code == "variation")
    assert (problem.severity, problem.params) == ("warning", {"total": "6", "sections": "1:3 3:3"})


def test_sections_are_numbers_that_sum_to_100_and_every_aspect_has_one_of_them() -> None:
    good = worldskills(("50", "50"), ("50", "50"))
    assert not [c for s, _, c in found(good, "100") if s == "error"]
    first, second = good.sections
    cases = {
        "weights_not_100": replace(good, sections=(first, replace(second, weight="49"))),
        "weight_bad": replace(good, sections=(first, replace(second, weight="fifty"))),
        "section_duplicate": replace(good, sections=(first, second, first)),
        "section_unknown": replace(good, sections=(replace(first, weight="100"),)),
        "section_missing": of(replace(JUDGED, section=""), sections=good.sections),
    }
    for code, wrong in cases.items():
        assert code in {c for s, _, c in found(wrong, "100") if s == "error"}, code


def test_every_problem_is_reported_in_one_run() -> None:
    broken = of(
        replace(JUDGED, max="0"), replace(COUNTED, measure=Measure("guess")), replace(POINTS, step="-1")
    )
    assert [(w, c) for _, w, c in found(broken, "11.5")] == [
        ("A1/k1", "max_not_positive"), ("A1/k2", "measure_kind_unknown"), ("A1/k3", "step_bad"),
    ]


# -- as data

TEXT = st.text(max_size=5)
WORDS = st.dictionaries(st.sampled_from(("en", "zh-CN")), TEXT)
ASPECTS = st.builds(
    Aspect, key=TEXT, title=WORDS, method=TEXT, max=TEXT, note=WORDS, requirement=TEXT, section=TEXT,
    descriptors=st.lists(WORDS, max_size=4).map(tuple),
    measure=st.none() | st.builds(
        Measure, TEXT, st.dictionaries(TEXT, TEXT | st.lists(TEXT, max_size=3), max_size=3)
    ),
    low=TEXT, step=TEXT, reference=TEXT,
)
SCHEMES = st.builds(
    Scheme, title=WORDS, number=TEXT, partial=st.booleans(),
    sections=st.lists(st.builds(Section, TEXT, WORDS, TEXT), max_size=2).map(tuple),
    criteria=st.lists(
        st.builds(Criterion, TEXT, WORDS, st.lists(
            st.builds(SubCriterion, TEXT, WORDS, TEXT, st.lists(ASPECTS, max_size=2).map(tuple)), max_size=2
        ).map(tuple)), max_size=2,
    ).map(tuple),
)


@given(SCHEMES)
@settings(max_examples=150)
def test_data_and_back_is_the_same_scheme_in_the_same_bytes(one: Scheme) -> None:
    text = json.dumps(scheme.to_data(one))
    again = scheme.from_data(json.loads(text))
    assert again == one
    assert json.dumps(scheme.to_data(again)) == text


@given(SCHEMES)
@settings(max_examples=150)
def test_checking_never_raises_whatever_the_scheme_holds(one: Scheme) -> None:
    assert all(p.code and p.where for p in check(one))


def test_the_order_of_words_and_params_does_not_show_in_the_data() -> None:
    one = Measure("count", {"possible": "3", "over": "cap"})
    other = Measure("count", {"over": "cap", "possible": "3"})
    a = of(replace(COUNTED, title={"en": "x", "zh-CN": "y"}, measure=one))
    b = of(replace(COUNTED, title={"zh-CN": "y", "en": "x"}, measure=other))
    assert json.dumps(scheme.to_data(a)) == json.dumps(scheme.to_data(b))


ASPECT = "criteria/1/subs/1/aspects/1"


def with_aspect(fields: dict[str, object]) -> dict[str, object]:
    """Data of a scheme with one aspect that has these fields."""
    aspect = {"key": "1", "title": {}, "method": "agreed", **fields}
    sub = {"key": "A1", "title": {}, "aspects": [aspect]}
    return {"title": {"en": "x"}, "criteria": [{"key": "A", "title": {}, "subs": [sub]}]}


@pytest.mark.parametrize(
    ("data", "where", "code"),
    [
        (None, "/", "data_not_object"),
        ([], "/", "data_not_object"),
        ({"criteria": []}, "title", "data_missing"),
        ({"title": {"en": "x"}, "criteria": {}}, "criteria", "data_not_list"),
        ({"title": {"en": "x"}, "criteria": [], "colour": "red"}, "colour", "data_unknown_key"),
        ({"title": {"en": "x"}, "criteria": [], "number": 17}, "number", "data_not_text"),
        ({"title": {"en": "x"}, "criteria": [], "partial": "no"}, "partial", "data_not_bool"),
        ({"title": "x", "criteria": []}, "title", "data_not_object"),
        ({"title": {"en": 1}, "criteria": []}, "title/en", "data_not_text"),
        ({"title": {"en": "x"}, "criteria": [{"key": "A", "title": {"en": "x"}, "subs": [{"key": 1}]}]},
         "criteria/1/subs/1/key", "data_not_text"),
        (with_aspect({"max": 1.5}), f"{ASPECT}/max", "data_not_text"),
        (with_aspect({"max": "1", "measure": {"kind": "count", "params": {"possible": 3}}}),
         f"{ASPECT}/measure/params/possible", "data_not_text"),
        (with_aspect({"max": "1", "measure": "count"}), f"{ASPECT}/measure", "data_not_object"),
    ],
)
def test_data_of_another_shape_names_the_place(data: object, where: str, code: str) -> None:
    with pytest.raises(SchemeUnreadable) as caught:
        scheme.from_data(data)
    assert (where, code) in [(p.where, p.code) for p in caught.value.problems]


KEYS = st.sampled_from(("title", "criteria", "key", "subs", "aspects", "measure", "params"))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
)


@given(ANYTHING)
@settings(max_examples=300)
def test_no_data_makes_reading_do_anything_but_read_or_list_problems(data: object) -> None:
    try:
        scheme.from_data(data)
    except SchemeUnreadable as e:
        assert e.problems


def test_the_digest_is_that_of_the_bytes() -> None:
    assert scheme.digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
