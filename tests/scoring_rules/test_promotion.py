"""Promotion: worked cases of every rule set, a naive second implementation, and what always holds."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsys.exchange import promotion_csv, rule_csv
from scoring_rules import profiles
from scoring_rules.profiles import ProfileUnreadable, load, names, parse
from scoring_rules.promotion import limit, propose, propose_all, reach
from scoring_rules.promotion_model import LADDER, LEVELS, Band, Candidate, Promotion, height
from tests.scoring_rules import naive_promotion

PAGE = Path(__file__).parents[2] / "docs" / "rules" / "promotion.md"
WITH_RULE = tuple(name for name in names() if load(name).promotion is not None)
COLUMNS = ("entry", "group", "place", "field", "medal", "held_level", "passed", "size", "tier")
ANSWERS = ("level", "honours", "also", "reason")


def rule(name: str) -> Promotion:
    """The promotion rule of a shipped profile."""
    found = load(name).promotion
    assert found is not None
    return found


def level(name: str, **known: Any) -> str | None:
    """The level proposed under a shipped rule."""
    return propose(rule(name), Candidate("a", **known)).level


def worked() -> Iterator[tuple[str, int, dict[str, str]]]:
    """(profile, number of the row, cells by column) of every worked table of the page."""
    heading, columns = "", list[str]()
    for number, line in enumerate(PAGE.read_text("utf-8").splitlines(), 1):
        if line.startswith("## "):
            heading, columns = line[3:].partition(":")[0], []
        elif line.startswith("| `"):
            columns = re.findall(r"`(\w+)`", line)
        elif line.startswith("| ") and columns and heading in names():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            yield heading, number, dict(zip(columns, cells, strict=True))


WORKED = list(worked())


@pytest.mark.parametrize(("name", "number", "cells"), WORKED, ids=[f"{n}-{line}" for n, line, _ in WORKED])
def test_the_worked_tables_of_the_page_are_true(name: str, number: int, cells: dict[str, str]) -> None:
    given_columns = {**dict.fromkeys(COLUMNS, ""), **cells, "entry": "a"}
    asked = [column for column in given_columns if column not in ANSWERS]
    text = ",".join(asked) + "\n" + ",".join(given_columns[column] for column in asked) + "\n"
    sheet = rule_csv.read(text.encode(), "x.csv", promotion_csv.COLUMNS)
    rows = promotion_csv.candidates(sheet)
    assert sheet.faults == []
    (found,) = propose_all(rule(name), rows)
    assert (found.level or "", ", ".join(found.honours)) == (cells["level"], cells["honours"])
    if "also" in cells:
        assert " ".join(f"{a.kind} {a.name}" for a in found.also) == cells["also"]
    if "reason" in cells:
        assert found.reasons[0].code == cells["reason"]


def test_every_rule_set_has_a_worked_table() -> None:
    assert {name for name, _, _ in WORKED} == set(WITH_RULE)


def collected(shared_data: Path) -> dict[str, dict[str, Any]]:
    """The collected rule sets by id."""
    sets = json.loads((shared_data / "promotion_rules.json").read_text("utf-8"))
    return {one["id"]: one for one in sets}


def test_every_collected_rule_set_is_a_profile_with_its_source(shared_data: Path) -> None:
    for ident, one in collected(shared_data).items():
        assert rule(ident).source == one["source"]
        bands = one.get("promote") or one["bands"]
        assert len(rule(ident).bands) >= len(bands)


GROUPS = ("worker", "student", "teacher", "高级组", "中级组", "open")
OPEN = {"hlj-2011": {"市级一类", "市级二类", "市级", "行业单项"}}
"""Tiers of which the collection speaks in a note alone: not compared."""


def random_row(rng: random.Random, one: dict[str, Any]) -> dict[str, Any]:
    """A row of plain values, of the tiers and groups that the set and its neighbours know."""
    tiers = sorted({t for b in one.get("promote", one.get("bands", [])) for t in b.get("tier", [])})
    field = rng.choice((rng.randint(1, 12), rng.randint(1, 60), rng.randint(20, 400)))
    place = rng.randint(1, min(field, rng.choice((5, 12, 30, 400))))
    prize = rng.choice(("", "", "一等", "二等", "三等"))
    medal = rng.choice(("", "gold", "silver", "bronze", "excellence")) if not prize else ""
    barred = rng.random() < 0.1
    return {
        "group": rng.choice(GROUPS[:3]) if rng.random() < 0.8 else rng.choice(GROUPS),
        "tier": rng.choice(tiers) if tiers and rng.random() < 0.9 else rng.choice(("国家级一类", "省级二类")),
        "place": place if rng.random() < 0.95 else 0,
        "field": field,
        "medal": medal,
        "prize": prize or {"gold": "一等", "silver": "二等", "bronze": "三等"}.get(medal, ""),
        "held": rng.choice(("", "5", "4", "3", "2", "1")),
        "questions": rng.choice(("", "4", "3", "2", "1")) if one["id"] == "cq-2018" else "",
        "passed": rng.random() < 0.6,
        "size": rng.randint(1, 4),
        "this_year": rng.choice((0, 0, 0, 1)),
        "barred": barred,
        "barred_wholly": barred and one["id"] != "ah-2023",
    }


def candidate(row: dict[str, Any], ident: str) -> Candidate:
    """The same row for the product: barred is without a national standard in Anhui, else not eligible."""
    return Candidate(
        "a",
        place=row["place"] or None,
        field=row["field"],
        group=row["group"],
        tier=promotion_csv.TIERS.get(row["tier"], row["tier"]),
        medal=row["medal"],
        prize=promotion_csv.PRIZES[row["prize"]] if not row["medal"] else "",
        held=row["held"],
        questions=row["questions"],
        passed=row["passed"],
        size=row["size"],
        this_year=row["this_year"],
        standard=False if row["barred"] and ident == "ah-2023" else None,
        eligible=False if row["barred_wholly"] else None,
    )


def compare(one: dict[str, Any], rng: random.Random, rows: int) -> int:
    """Run both on random rows; how many were proposed for something."""
    ident, proposed = one["id"], 0
    for _ in range(rows):
        row = random_row(rng, one)
        if row["tier"] in OPEN.get(ident, ()):
            continue
        found = propose(rule(ident), candidate(row, ident))
        honours = naive_promotion.honours_of(one, row)
        expected = None if row["barred_wholly"] else naive_promotion.level_of(one, row)
        assert (found.level, set(found.honours)) == (expected, honours), row
        proposed += expected is not None or bool(honours)
    return proposed


def test_a_naive_reading_of_the_collection_agrees(shared_data: Path, rng: random.Random) -> None:
    silent = set()
    for ident, one in collected(shared_data).items():
        if not compare(one, rng, 400):
            silent.add(ident)
    assert silent == {"entry-rule-gd-style"}, "every other set has to propose something in 400 rows"


@pytest.mark.long
def test_a_naive_reading_agrees_at_length(shared_data: Path, rng: random.Random) -> None:
    for one in collected(shared_data).values():
        compare(one, rng, 20_000)


# ---------------------------------------------------------------- what always holds


def candidates() -> st.SearchStrategy[Candidate]:
    """Entries of every kind, with a place inside their field."""
    tiers = sorted({t for name in WITH_RULE for b in rule(name).bands for t in b.tiers})
    return st.builds(
        Candidate,
        st.just("a"),
        place=st.integers(1, 60),
        field=st.just(60) | st.integers(60, 400),
        group=st.sampled_from(("", "worker", "student", "teacher", "高级组", "中级组")),
        tier=st.sampled_from(("", *tiers)),
        track=st.sampled_from(("", "ws", "professional")),
        medal=st.sampled_from(("", "gold", "silver", "bronze", "excellence")),
        prize=st.sampled_from(("", "first", "third")),
        held=st.sampled_from(("", *LADDER)),
        passed=st.sampled_from((True, False, None)),
        size=st.integers(1, 4),
        this_year=st.integers(0, 2),
        eligible=st.sampled_from((True, False, None)),
        standard=st.sampled_from((True, False, None)),
        questions=st.sampled_from(("", *LEVELS)),
        squad=st.booleans(),
        shared=st.integers(1, 3),
    )


def reached(name: str) -> Iterator[Candidate]:
    """For each band of a rule somebody who reaches it, once for each level that he may hold."""
    for band in rule(name).bands:
        place = band.lo if band.unit == "rank" else 1 + band.lo * 4 if band.unit == "percent" else 1
        won = band.awards[0] if band.awards else "first" if band.unit == "prize" else ""
        c = Candidate(
            "a", place=place, field=400, passed=True, eligible=True, standard=True, questions="2",
            tier=next(iter(band.tiers), ""), group=next(iter(band.groups), "worker"),
            track=next(iter(band.tracks), ""), medal=won if band.unit == "award" else "",
            prize=won if band.unit == "prize" else "", squad=band.unit == "squad",
        )  # fmt: skip
        yield from (replace(c, held=held) for held in ("", *LADDER))


@pytest.mark.parametrize("name", WITH_RULE)
def test_nobody_is_proposed_for_a_level_at_or_below_his_own(name: str) -> None:
    levels = set()
    for c in reached(name):
        found = propose(rule(name), c)
        levels.add(found.level)
        if found.level is not None:
            assert found.level in LEVELS
            assert height(found.level) > height(c.held), c
    awards = {band.award for band in rule(name).bands} - {"by_authority", "none"}
    assert len(levels) > 1 or not awards or rule(name).kind == "eligibility", "the bands are reached"


@given(st.sampled_from(WITH_RULE), candidates())
def test_every_proposal_says_why_and_names_its_approver(name: str, c: Candidate) -> None:
    found = propose(rule(name), c)
    assert found.reasons
    codes = [reason.code for reason in found.reasons]
    if found.level is not None or found.honours or found.also:
        assert codes[-1] == "promotion.approval"
        assert found.clauses
    for lang in ("zh-CN", "en"):
        said = promotion_csv.reason(found, lang)
        assert said
        assert "{" not in said, "a parameter was left open"


PLACES_ALONE = tuple(n for n in WITH_RULE if all(b.unit in ("rank", "percent") for b in rule(n).bands))


@given(st.sampled_from(PLACES_ALONE), candidates(), st.integers(1, 60))
def test_a_better_place_never_gets_a_lower_level(name: str, c: Candidate, place: int) -> None:
    better, worse = sorted((c.place or 1, place))
    found = [propose(rule(name), replace(c, place=p, shared=1)).level for p in (better, worse)]
    assert height(found[0] or "") >= height(found[1] or "")


@pytest.mark.parametrize("name", WITH_RULE)
def test_whoever_was_promoted_this_year_waits_where_the_rule_says_so(name: str) -> None:
    for c in reached(name):
        found = propose(rule(name), replace(c, this_year=1))
        if rule(name).per_year:
            assert found.level is None
        else:
            assert found == propose(rule(name), replace(c, this_year=0))


@given(st.sampled_from(WITH_RULE), st.lists(candidates(), max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_the_table_changes_nothing(
    name: str, field: list[Candidate], dice: random.Random
) -> None:
    rows = [("", replace(c, entry=f"e{i}")) for i, c in enumerate(field)]
    mixed = dice.sample(rows, len(rows))
    found = {p.entry: p for p in propose_all(rule(name), rows)}
    assert {p.entry: p for p in propose_all(rule(name), mixed)} == found


@pytest.mark.parametrize("name", WITH_RULE)
def test_no_place_no_proposal(name: str) -> None:
    for c in (Candidate("a"), Candidate("a", place=1, status="excluded", group="worker", medal="gold"),
              Candidate("a", place=1, eligible=False, group="worker", medal="gold")):  # fmt: skip
        found = propose(rule(name), c)
        assert (found.level, found.honours, found.also) == (None, (), ())


@given(st.integers(1, 400), st.integers(0, 99), st.data())
def test_a_percent_band_is_the_published_comparison(field: int, lo: int, data: st.DataObject) -> None:
    hi = data.draw(st.integers(lo + 1, 100))
    ends = reach(Band("x", "percent", "2", lo, hi), field)
    assert ends is not None
    for place in range(1, field + 1):
        assert (ends[0] <= place <= ends[1]) == (lo * field < 100 * place <= hi * field)


@pytest.mark.parametrize(("rounding", "last"), [("floor", 7), ("half_up", 7), ("ceil", 8)])
def test_a_part_of_a_place_by_the_named_rounding(rounding: str, last: int) -> None:
    assert limit(20, 37, rounding) == last
    with pytest.raises(ValueError, match="bankers"):
        limit(20, 37, "bankers")


def test_joint_places_at_an_edge_are_all_in_or_all_out_and_always_told() -> None:
    rows = [("", Candidate(e, place=7, field=37, group="worker", held="3")) for e in "abc"]
    included = propose_all(rule("ah-2023"), rows)
    assert [(p.level, p.edge) for p in included] == [("2", True)] * 3
    assert {r.code for r in included[0].reasons} >= {"promotion.edge_include"}
    text = load("ah-2023").text.replace('edge_ties = "include"', 'edge_ties = "exclude"')
    strict = parse(text).promotion
    assert strict is not None
    excluded = propose_all(strict, rows)
    assert [(p.level, p.edge) for p in excluded] == [("2", True)] * 3, "holders of 3 in the next band"
    assert {p.clauses for p in excluded} == {("省级一类 21%-40%",)}
    beside = [("", Candidate("a", place=6, field=37, group="worker", held="3")), rows[0]]
    assert [p.edge for p in propose_all(rule("ah-2023"), beside)] == [False, False]
    inside = [("", Candidate(e, place=6, field=37, group="worker")) for e in "ab"]
    assert [p.edge for p in propose_all(rule("ah-2023"), inside)] == [False, False], "both within place 7"


def test_the_order_of_the_bands_in_the_file_changes_nothing() -> None:
    head, *bands = load("hlj-2011").text.partition("[[promotion.honours]]")[0].split("[[promotion.bands]]")
    honours = load("hlj-2011").text.partition("[[promotion.honours]]")[2]
    parts = [head, *reversed(bands)]
    backwards = parse("[[promotion.bands]]".join(parts) + "\n[[promotion.honours]]" + honours).promotion
    assert backwards is not None
    for place in (1, 5, 11):
        for held in ("", "3", "2"):
            c = Candidate("a", place=place, group="worker", tier="province_1", held=held, passed=True)
            assert propose(backwards, c) == propose(rule("hlj-2011"), c)


def why(name: str, **known: Any) -> str:
    """The code of the first reason."""
    return propose(rule(name), Candidate("a", **known)).reasons[0].code


def test_the_reason_tells_what_was_not_stated_from_what_stands_against_it() -> None:
    prize = {"place": 2, "prize": "second"}
    assert why("taishun-2023", **prize, passed=True) == "promotion.by_authority"
    assert why("taishun-2023", **prize, passed=False) == "promotion.not_passed"
    assert why("taishun-2023", **prize) == "promotion.no_pass"
    assert why("tj-2024", place=1, tier="city_1") == "promotion.no_group"
    assert why("tj-2024", place=1, group="worker") == "promotion.no_tier"
    assert why("tj-2024", place=1, group="worker", tier="school") == "promotion.no_field"
    assert why("tj-2024", place=1, group="teacher", tier="school") == "promotion.no_scope"
    assert why("cq-print-2010", place=9) == "promotion.no_band_pass"
    assert why("hn-2022", place=9) == "promotion.no_award"
    assert why("cq-2018", place=2, group="worker", tier="national_1") == "promotion.no_held"
    assert why("cq-2018", place=2, tier="county", prize="first") == "promotion.no_questions"
    assert why("cq-2018", place=2, tier="county", prize="first", questions="1") == "promotion.top_level"
    assert why("hlj-2011", place=2, tier="single_industry") == "promotion.none"
    assert why("cn-national-1", place=2, medal="gold", status="guest") == "promotion.status_guest"


def test_whose_group_is_not_stated_has_only_what_workers_and_students_both_have() -> None:
    assert level("ah-2023", place=1, field=37) == "2"
    assert level("cn-class1-print-2012", place=1) is None
    assert propose(rule("rural-2024"), Candidate("a", place=1, medal="gold")).honours == ()


def test_places_are_shared_within_one_trade_and_group_only() -> None:
    c = Candidate("a", place=3, field=37, group="worker")
    student = replace(c, entry="c", group="student")
    rows = [("welding", c), ("tiling", replace(c, entry="b")), ("welding", student)]
    assert [p.edge for p in propose_all(rule("ah-2023"), rows)] == [False, False, False]
    assert [p.edge for p in propose_all(rule("ah-2023"), [*rows, ("tiling", replace(c, entry="d"))])] == [
        False, True, False, True,
    ]  # fmt: skip


def test_a_student_of_a_separate_group_never_gets_above_3() -> None:
    for name in ("cn-class1-print-2012", "tj-2024"):
        for tier in ("city_1", "city_2", "school"):
            for held in ("", "5", "4", "3", "2"):
                found = level(name, place=1, field=100, group="student", tier=tier, held=held)
                assert found in (None, "3", "4")
    assert level("cn-national-1", place=9, field=36, group="student", medal="excellence") == "2"


def test_grades_above_level_1_are_never_promoted() -> None:
    for held in ("special", "chief", "1"):
        assert level("cn-national-1", place=1, medal="gold", held=held) is None
        assert level("cq-2018", place=1, tier="national_1", group="worker", held=held) is None


# ---------------------------------------------------------------- a rule that is wrong


AH = profiles.load("ah-2023").text if "ah-2023" in names() else ""


@pytest.mark.parametrize(
    ("old", "new", "code", "key"),
    [
        ('unit = "percent"\nlo = 0', 'unit = "percents"\nlo = 0', "profile_unknown_name", "unit"),
        ("lo = 0\nhi = 20", "lo = 0\nhi = 0", "profile_contradiction", "hi"),
        ("lo = 20\nhi = 40", "lo = 40\nhi = 20", "profile_contradiction", "hi"),
        ("lo = 20\nhi = 40", "lo = 20\nhi = 140", "profile_contradiction", "hi"),
        ("lo = 20\nhi = 40", "lo = 20\nhi = 40.5", "profile_number_not_text", "hi"),
        ('award = "2"', 'award = "0"', "profile_unknown_name", "award"),
        ('award = "2"', 'award = "title:"', "profile_unknown_name", "award"),
        ('held = { 2 = "1" }', 'held = { 2 = "3" }', "profile_contradiction", "held"),
        ('held = { 2 = "1" }', 'held = { 9 = "1" }', "profile_unknown_name", "held"),
        ('clause = "省级一类 前20%"\n', "", "profile_missing", "clause"),
        ('clause = "省级一类 前20%"\n', 'cluase = "x"\n', "profile_unknown_key", "cluase"),
        ("by_field = [[10, 1], [30, 2], [0, 3]]", "by_field = [[30, 1], [10, 2]]", "profile_wrong_type",
         "by_field"),
        ("top = 10\n", "top = 10\nby_size = { 1 = 5 }\n", "profile_contradiction", "top"),
        ('kind = "coach"', 'kind = "trainer"', "profile_unknown_name", "kind"),
        ('requires = ["standard"]', 'requires = ["standards"]', "profile_unknown_name", "requires"),
        ('rounding = "floor"', 'rounding = "down"', "profile_unknown_name", "rounding"),
        ('tier = "province_1"', 'tier = "省级一类"', "profile_unknown_name", "tier"),
        ('approver = ', 'aprover = ', "profile_unknown_key", "aprover"),
    ],
)  # fmt: skip
def test_one_wrong_line_is_named_with_its_line(old: str, new: str, code: str, key: str) -> None:
    text = AH.replace(old, new, 1)
    assert text != AH
    with pytest.raises(ProfileUnreadable) as unreadable:
        parse(text, "x.toml")
    problem = next(p for p in unreadable.value.problems if p.code == code)
    assert problem.params["key"].rpartition(".")[2] == key
    line = text.splitlines()[int(problem.where.removeprefix("x.toml:")) - 1]
    assert line.startswith((f"{key} =", "[[promotion.bands]]")), "the key's, or its table's where it lacks"


def test_a_section_that_says_nothing_is_refused() -> None:
    text = load("cook-off").text + '\n[promotion]\nsource = "x"\napprover = "y"\n'
    with pytest.raises(ProfileUnreadable) as unreadable:
        parse(text, "x.toml")
    assert [(p.code, p.params["detail"]) for p in unreadable.value.problems] == [
        ("profile_contradiction", "empty_or_repeated")
    ]


def test_a_rule_of_the_wrong_kind_is_reported_not_raised() -> None:
    rest = load("cook-off").text
    for text in (
        "promotion = 3\n" + rest,
        rest + "[promotion]\nbands = 3\nhonours = [3]\nprizes = 4\n",
        rest + "[promotion]\nbands = [{ unit = 3, held = 3, lo = true, awards = 3 }]\n",
        rest + "[[promotion]]\nbands = 3\n",
        rest + "[promotion]\nhonours = [{ by_size = [], by_field = [3], once = 1, persons = 0 }]\n",
    ):
        with pytest.raises(ProfileUnreadable):
            parse(text)
