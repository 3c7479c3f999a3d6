"""Aspects keep their keys when a scheme comes again changed; what is told is what was done to it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from scoring_rules.scheme import Aspect, Criterion, Measure, Scheme, Section, SubCriterion, aspects
from scoring_rules.scheme_match import Match, compare

LEVELS = tuple({"en": f"Level {n}"} for n in range(4))
TEXTS = (
    "Navigation is there", "Footer has the copyright", "Home page loads under a second",
    "Images have alternative texts", "The form refuses empty fields", "A deleted record is gone",
)


def aspect(key: str, text: str, maximum: str = "1", **more: object) -> Aspect:
    """A measurement."""
    return replace(Aspect(key, {"en": text}, "agreed", maximum), **more)  # type: ignore[arg-type]  # real fields


def scheme(**subs: tuple[Aspect, ...]) -> Scheme:
    """Criterion A with these sub-criteria, each titled by its key."""
    listed = tuple(SubCriterion(key, {"en": f"Part {key}"}, "1", held) for key, held in subs.items())
    return Scheme({"en": "Web"}, "17", (), (Criterion("A", {"en": "All"}, listed),))


def positional(found: Scheme) -> Scheme:
    """The same scheme as a reader gives it: keys by place."""
    def sub(s: SubCriterion) -> SubCriterion:
        return replace(s, aspects=tuple(
            replace(a, key=f"{s.key}.{'J' if a.method == 'judgement' else 'M'}{n}")
            for n, a in enumerate(s.aspects, 1)
        ))  # fmt: skip

    return replace(found, criteria=tuple(replace(c, subs=tuple(map(sub, c.subs))) for c in found.criteria))


OLD = scheme(
    A1=tuple(aspect(f"k{n}", text) for n, text in enumerate(TEXTS[:3])),
    A2=tuple(aspect(f"k{n}", text) for n, text in enumerate(TEXTS[3:], 3)),
)


def by_key(old: Scheme, new: Scheme) -> dict[str, Match]:
    return {m.key: m for m in compare(old, positional(new)).matches}


def test_an_inserted_row_shifts_no_key() -> None:
    a1, a2 = OLD.criteria[0].subs
    new = scheme(A1=(aspect("", "Something else altogether"), *a1.aspects), A2=a2.aspects)
    found = compare(OLD, positional(new))
    assert [a.key for a in aspects(found.scheme)] == ["A1.M1", "k0", "k1", "k2", "k3", "k4", "k5"]
    assert (found.count("new"), found.count("unchanged"), found.count("gone")) == (1, 6, 0)


def test_renamed_moved_other_marks_new_and_gone_are_each_told() -> None:
    new = scheme(
        A1=(aspect("", "Navigation is there and works"), aspect("", TEXTS[1], "1.5")),
        A2=(aspect("", TEXTS[3]), aspect("", TEXTS[2]), aspect("", TEXTS[4]), aspect("", "Wholly new")),
    )
    found = by_key(OLD, new)
    assert (found["k0"].fields, found["k0"].sure) == (("renamed",), False)
    assert (found["k1"].fields, found["k1"].sure) == (("marks",), True)
    assert (found["k2"].fields, found["k2"].old_sub, found["k2"].new_sub) == (("moved",), "A1", "A2")
    assert found["k3"].kind == found["k4"].kind == "unchanged"
    assert found["k5"].kind == "gone" and found["A2.M4"].kind == "new"


def test_two_texts_that_have_nothing_in_common_are_never_one_aspect_by_their_place() -> None:
    old, new = aspect("k", "Bread has a crust"), aspect("A1.M1", "Soup is hot")
    found = compare(scheme(A1=(old,)), scheme(A1=(new,)))
    assert [(m.kind, m.key) for m in found.matches] == [("new", "A1.M1"), ("gone", "k")]


def test_a_new_aspect_never_gets_the_key_of_one_that_is_gone() -> None:
    old = scheme(A1=(aspect("A1.M1", "Bread has a crust"),))
    found = compare(old, scheme(A1=(aspect("A1.M1", "Soup is hot"),)))
    assert [a.key for a in aspects(found.scheme)] == ["A1.M1-2"]


def test_a_guess_that_is_none_can_be_refused_and_a_sure_match_cannot() -> None:
    new = positional(scheme(A1=(aspect("", "Navigation is there and works"), aspect("", TEXTS[1]))))
    found = compare(OLD, new, ["k0", "k1"])
    kinds = {m.key: m.kind for m in found.matches}
    assert (kinds["A1.M1"], kinds["k0"], kinds["k1"]) == ("new", "gone", "unchanged")


def test_the_same_text_twice_is_paired_by_what_else_it_says() -> None:
    no_token = {"requirement": "no token"}
    old = scheme(A1=(aspect("a", "Returns 401", "1"), aspect("b", "Returns 401", "0.5", **no_token)))
    new = scheme(A1=(aspect("", "Returns 401", "0.5", **no_token), aspect("", "Returns 401", "1")))
    found = compare(old, positional(new))
    assert [a.key for a in aspects(found.scheme)] == ["b", "a"] and found.same
    fewer = compare(old, positional(scheme(A1=(aspect("", "Returns 401", "2"),))))
    assert [(m.key, m.sure) for m in fewer.matches if m.kind == "changed"] == [("a", False)]


def test_a_renumbered_sub_criterion_takes_its_aspects_along() -> None:
    a1, a2 = OLD.criteria[0].subs
    inserted = SubCriterion("A1", {"en": "Before all"}, "1", (aspect("", "First of all"),))
    subs = (inserted, replace(a1, key="A2"), replace(a2, key="A3"))
    new = replace(OLD, criteria=(replace(OLD.criteria[0], subs=subs),))
    found = compare(OLD, positional(new))
    assert [a.key for a in aspects(found.scheme)][1:] == ["k0", "k1", "k2", "k3", "k4", "k5"]
    assert {m.fields for m in found.matches if m.old} == {("moved",)}
    assert [(d.where, d.field) for d in found.others] == [("A1", "new")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"section": "2"}, "section"),
        ({"requirement": "401"}, "requirement"),
        ({"note": {"en": "n"}}, "note"),
        ({"measure": Measure("count", {"possible": "3"})}, "measure"),
        ({"method": "judgement", "descriptors": LEVELS}, "method"),
    ],
)
def test_each_field_that_changes_is_named(change: dict[str, object], field: str) -> None:
    old = scheme(A1=(aspect("k", TEXTS[0], section="1"),))
    new = scheme(A1=(aspect("", TEXTS[0], **{"section": "1", **change}),))
    assert field in by_key(old, new)["k"].fields


def test_where_a_calculation_stood_in_a_file_is_no_change() -> None:
    told = Measure("count", {"possible": "3.0", "cis_row": "7", "cis_type": "NUMBER_COMPLETED"})
    old = scheme(A1=(aspect("k", TEXTS[0], measure=Measure("count", {"possible": "3"})),))
    found = compare(old, positional(scheme(A1=(aspect("", TEXTS[0], measure=told),))))
    assert found.same and found.scheme == old


def test_changes_of_titles_days_and_sections_are_told_beside_the_aspects() -> None:
    old = replace(OLD, sections=(Section("1", {"en": "Work"}, "60"), Section("2", {"en": "Talk"}, "40")))
    criterion = old.criteria[0]
    later = replace(criterion.subs[0], day="2")
    new = replace(
        old, number="18", sections=(Section("1", {"en": "Work"}, "55"), Section("3", {"en": "Think"}, "45")),
        criteria=(replace(criterion, title={"en": "Everything"}, subs=(later, *criterion.subs[1:])),),
    )  # fmt: skip
    assert [(d.where, d.field, d.before, d.after) for d in compare(old, new).others] == [
        ("scheme", "number", "17", "18"), ("section/1", "weight", "60", "55"),
        ("section/3", "new", "", "Think"), ("section/2", "gone", "Talk", ""),
        ("A", "title", "All", "Everything"), ("A1", "day", "1", "2"),
    ]


def test_shuffled_rows_of_a_large_scheme_keep_every_key(rng: random.Random) -> None:
    subs = {
        f"A{n}": tuple(aspect(f"k{n}-{i}", f"Point {n} of part {i} is done", str(i + 1)) for i in range(12))
        for n in range(1, 20)
    }
    old = scheme(**subs)
    shuffled = {key: tuple(rng.sample(held, len(held))) for key, held in subs.items()}
    found = compare(old, positional(scheme(**shuffled)))
    assert [a.key for a in aspects(found.scheme)] == [a.key for held in shuffled.values() for a in held]
    assert found.same


def test_thousands_of_aspects_that_are_all_different_are_not_compared_for_ever() -> None:
    old = scheme(A1=tuple(aspect(f"k{n}", f"{n:05} old text that is there") for n in range(900)))
    new = scheme(A1=tuple(aspect("", f"{n:05} new words that are there") for n in range(900, 1800)))
    found = compare(old, positional(new))
    assert len(found.matches) == 900 + found.count("gone")
