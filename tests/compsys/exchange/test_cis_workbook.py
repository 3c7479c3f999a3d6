"""The two real marking-scheme workbooks are read exactly, and as a second reader reads them."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from compsys.exchange.cis_report import facts_json
from compsys.exchange.cis_workbook import CisRead, exit_code, read
from scoring_rules import measurement, scheme
from scoring_rules.scheme import Aspect, Scheme
from tests.compsys.exchange.cis_books import sound_book, tally

ES2025, ES2023 = "es2025_web17.xlsx", "es2023_web17.xlsx"


def real(shared_data: Path, name: str) -> CisRead:
    return read(shared_data / name)


def whole(outcome: CisRead) -> Scheme:
    assert outcome.scheme is not None
    return outcome.scheme


def aspect(outcome: CisRead, key: str) -> Aspect:
    return next(a for a in scheme.aspects(whole(outcome)) if a.key == key)


def test_es2025_facts_are_those_of_the_issue(shared_data: Path) -> None:
    outcome = real(shared_data, ES2025)
    facts = facts_json(outcome)
    problems = facts.pop("problems")
    assert facts == {
        "skill": {"number": "17", "name": "Web Development"},
        "criteria": [
            {"id": "A", "name": "Static Website Design", "mark": "16.50"},
            {"id": "B", "name": "Dynamic website with server-side rendering", "mark": "23.00"},
            {"id": "C", "name": "REST API", "mark": "16.75"},
            {"id": "D", "name": "Interactive Frontend using an API", "mark": "22.00"},
            {"id": "E", "name": "Advanced Web Development", "mark": "16.75"},
            {"id": "F", "name": "Fun Module", "mark": "5.00"},
        ],
        "sub_criteria": 31,
        "aspects": {"measurement": 173, "judgement": 19},
        "total": "100.00",
        "standards": [
            {"section": section, "name": name, "weight": weight, "marks": marks}
            for section, name, weight, marks in (
                ("1", "Work organization and self-management", "5.00", "5.00"),
                ("2", "Communication and interpersonal skills", "5.00", "5.25"),
                ("3", "Design Implementation", "25.00", "24.75"),
                ("4", "Front-End Development", "25.00", "24.75"),
                ("5", "Back-End Development", "40.00", "40.25"),
            )
        ],
        "calculations": 12,
    }
    assert isinstance(problems, list)
    assert [(p["severity"], p["cell"], p["code"]) for p in problems] == [
        *(("warning", f"K{row}", "standard_differs") for row in (6, 7, 8, 9)),
        ("warning", "A271", "count_uneven"),  # 0.25 over six items
        ("warning", "A334", "do_nothing"),  # no surviving mutants where there are no tests
    ]
    assert all(set(p) == {"severity", "cell", "code", "message"} and p["message"] for p in problems)
    assert exit_code(outcome) == 0


def test_es2023_facts_and_not_a_single_problem(shared_data: Path) -> None:
    outcome = real(shared_data, ES2023)
    facts = outcome.facts
    assert [f"{c.id} {c.mark}" for c in facts.criteria] == ["A 17", "B 23", "C 17", "D 22", "E 16", "F 5"]
    assert (facts.sub_criteria, facts.measurement, facts.judgement) == (36, 123, 26)
    assert facts.total == 100 and facts.calculations == 0
    assert all(s.weight == s.marks for s in facts.standards)
    assert outcome.problems == () and facts_json(outcome)["problems"] == []


@pytest.mark.parametrize("name", [ES2025, ES2023])
def test_a_second_reader_adds_the_same_cells_to_the_same_sums(shared_data: Path, name: str) -> None:
    facts = real(shared_data, name).facts
    other = tally((shared_data / name).read_bytes())
    assert (facts.measurement, facts.judgement) == (other.measurement, other.judgement)
    assert facts.sub_criteria == other.subs
    assert facts.total == other.total
    assert {c.id: c.mark for c in facts.criteria} == other.by_criterion
    assert {s.section: s.marks for s in facts.standards} == other.by_section


@pytest.mark.parametrize("name", [ES2025, ES2023])
def test_the_scheme_can_be_marked_with_and_survives_storage(shared_data: Path, name: str) -> None:
    found = whole(real(shared_data, name))
    assert [p for p in scheme.check(found, at_lock=True) if p.severity == "error"] == []
    assert scheme.from_data(scheme.to_data(found)) == found
    keys = [a.key for a in scheme.aspects(found)]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[A-Za-z0-9.\-]{1,40}", key) for key in keys)
    assert whole(real(shared_data, name)) == found


def test_keys_days_texts_and_cells_of_es2025(shared_data: Path) -> None:
    outcome = real(shared_data, ES2025)
    found = whole(outcome)
    subs = {s.key: s for s in scheme.sub_criteria(found)}
    assert subs["B4"].title == {"en": "Functionality — Public Site"} and subs["B4"].day == "1"
    # B5 and its first aspect share one row; nothing of it is lost.
    assert [a.key for a in subs["B5"].aspects][:2] == ["B5.M1", "B5.M2"]
    assert aspect(outcome, "B5.M1").reference == "A185"
    assert aspect(outcome, "A1.J1").title == {"en": "Navigation design"}
    assert [d["en"][:15] for d in aspect(outcome, "A1.J1").descriptors] == [
        "Not implemented", "Navigation has ", "Design of the n", "The highlighted",
    ]
    assert aspect(outcome, "C2.M3").requirement == "Assert: 401"
    # Rows 332-334 hold a non-breaking space where a descriptor's level would stand.
    assert [a.key for a in subs["E1"].aspects] == ["E1.M1", "E1.M2", "E1.M3", "E1.J1", "E1.J2"]
    assert aspect(outcome, "E1.M1").requirement == ""
    assert sum(a.requirement != "" for a in scheme.aspects(found)) == 26


@pytest.mark.parametrize(
    ("key", "value", "mark"),
    [
        ("A1.M1", "pass", "1/2"),
        ("D3.M10", "4", "1/6"),  # calculation row 6: 6 possible, 0.25
        ("E2.M3", "2", "1/2"),  # NUMBER_COMPLETED 3 of 0.75
        ("A5.M1", "2", "2001/2000"),  # 33.3 % off 1.50
        ("B3.M1", "4", "3/2"),  # the best choice is the last one
        ("B3.M1", "1", "0"),
        ("E1.M2", "100", "7/4"),  # coverage: target 100
        ("E1.M2", "20", "0"),
        ("E1.M2", "20.5", "7/10"),
        ("E1.M3", "3", "7/4"),  # surviving mutants: up to 3 is full
        ("E1.M3", "15", "7/10"),
        ("E1.M3", "16", "0"),
    ],
)
def test_calculations_of_es2025_give_the_marks_of_the_reference(
    shared_data: Path, key: str, value: str, mark: str
) -> None:
    found = aspect(real(shared_data, ES2025), key)
    assert measurement.mark(found.measure, Fraction(found.max), value) == Fraction(mark)


def test_kinds_of_measures_of_es2025(shared_data: Path) -> None:
    found = whole(real(shared_data, ES2025))
    kinds = Counter(a.measure.kind for a in scheme.aspects(found) if a.measure)
    assert kinds == {"pass_fail": 161, "count": 6, "choice": 4, "range": 2}


def test_messages_come_in_both_languages() -> None:
    book = sound_book()
    book.put(f"K{book.m['A']}", -1)
    outcome = read(book.bytes(), "x.xlsx")
    messages = [facts_json(outcome, language)["problems"] for language in ("en", "zh-CN")]
    assert isinstance(messages[0], list) and isinstance(messages[1], list)
    assert messages[0][0]["message"] == "The maximum mark -1 is negative."
    assert messages[1][0]["message"] == "满分 -1 为负数。"
