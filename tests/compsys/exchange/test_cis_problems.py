"""Every problem of a marking-scheme workbook at once, its calculations, and whatever a file may hold."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsys import words
from compsys.exchange import cis_workbook
from compsys.exchange.cis_report import facts_json
from compsys.exchange.cis_workbook import CisRead, exit_code, read
from scoring_rules import measurement, scheme
from tests.compsys.exchange.cis_books import (
    LETTERS,
    NBSP,
    Book,
    changed,
    codes,
    found_aspect,
    sound_book,
    tally,
    with_stored_values,
)

# -- rule 9: all problems at once, each at its cell


def test_every_problem_is_reported_in_one_run() -> None:
    def change(book: Book) -> None:
        book.put(f"K{book.m['A']}", 0).put(f"K{book.j['A']}", -2).put(f"K{book.m['B']}", "two")
        book.put(f"A{book.sub['C']}", "D7").put(f"A{book.sub['E']}", "B1").put(f"D{book.m['D']}", "X")
        book.put(f"I{book.j['D']}", 9).put(f"J{book.m['E']}", 5).put(f"I{book.j['C']}", None)
        book.put(f"F{book.j['B'] + 2}", 2).put(f"G{book.j['E'] + 4}", None).put(f"F{book.j['C'] + 4}", 4)

    book, outcome = changed(change)
    errors = {(cell, code) for severity, cell, code in codes(outcome) if severity == "error"}
    assert errors == {
        (f"K{book.m['A']}", "mark_zero"), (f"K{book.j['A']}", "mark_negative"),
        (f"K{book.m['B']}", "mark_not_a_number"), (f"A{book.sub['C']}", "sub_wrong_letter"),
        (f"A{book.sub['E']}", "sub_wrong_letter"), (f"A{book.sub['E']}", "sub_duplicate"),
        (f"D{book.m['D']}", "type_unknown"), (f"I{book.j['D']}", "section_unknown"),
        (f"J{book.m['E']}", "calculation_missing"), (f"I{book.j['C']}", "section_missing"),
        (f"D{book.j['B']}", "descriptors_missing"), (f"F{book.j['B'] + 3}", "descriptor_duplicate"),
        (f"G{book.j['E'] + 4}", "descriptor_blank"), (f"F{book.j['C'] + 4}", "descriptor_level"),
        (f"D{book.j['C']}", "descriptors_missing"),
    }
    assert exit_code(outcome) == 1 and outcome.scheme is None
    assert outcome.facts.measurement == 4 and outcome.facts.judgement == 5


def test_descriptors_out_of_order_are_sorted_and_on_a_measurement_ignored() -> None:
    def change(book: Book) -> None:
        row = book.j["A"]
        for offset, level in enumerate((3, 1, 0, 2), 1):
            book.put(f"F{row + offset}", level).put(f"G{row + offset}", f"Level {level}")
        book.put(f"D{book.j['B']}", "M").put(f"J{book.j['B']}", 1)

    _, outcome = changed(change)
    assert {(c, s) for s, _, c in codes(outcome)} == {
        ("descriptor_out_of_order", "warning"), ("descriptor_on_measurement", "warning"),
    }
    assert [d["en"] for d in found_aspect(outcome, "A1.J1").descriptors] == [f"Level {n}" for n in range(4)]
    assert found_aspect(outcome, "B1.M2").descriptors == ()


def test_old_type_letters_are_accepted_but_never_under_the_new_formula() -> None:
    book, outcome = changed(lambda book: book.put(f"D{book.m['A']}", "O").put(f"D{book.j['A']}", "S"))
    assert [(c, cell) for _, cell, c in codes(outcome) if c == "type_old_letter"] == [
        ("type_old_letter", f"D{book.m['A']}"), ("type_old_letter", f"D{book.j['A']}"),
    ]
    assert found_aspect(outcome, "A1.M1").method == "agreed"
    assert found_aspect(outcome, "A1.J1").method == "points"


@pytest.mark.parametrize(
    ("title", "number", "name"),
    [
        ("17 Web Development", "17", "Web Development"), ("#D1  Robot\nSystems", "#D1", "Robot Systems"),
        ("Cooking", "", "Cooking"), (None, "", ""), ("34 烹饪", "34", "烹饪"), ("07", "07", ""),
    ],
)
def test_titles(title: object, number: str, name: str) -> None:
    _, outcome = changed(lambda book: book.put("A1", title))
    assert (outcome.skill.number, outcome.skill.name) == (number, name)
    assert exit_code(outcome) == 0


def test_chinese_texts_are_kept_under_chinese() -> None:
    _, outcome = changed(lambda book: book.put(f"E{book.m['A']}", "尺寸 25 mm"))
    assert found_aspect(outcome, "A1.M1").title == {"zh-CN": "尺寸 25 mm"}


def test_a_formula_where_text_belongs_is_not_replaced_by_its_stored_value() -> None:
    book = sound_book()
    book.put(f"E{book.m['A']}", "=B1")
    outcome = read(with_stored_values(book, {f"E{book.m['A']}": "A lie"}, kind="str"), "x.xlsx")
    assert ("warning", f"E{book.m['A']}", "formula_in_text") in codes(outcome)
    assert found_aspect(outcome, "A1.M1").title == {"en": "=B1"}


# -- the Calculations sheet


def calculated(kind: object, params: str, column: str = "J") -> CisRead:
    def change(book: Book) -> None:
        book.calculations["B4"], book.calculations["C4"], book.calculations["D4"] = kind, False, params
        book.put(f"{column}{book.m['A']}", 4)

    return changed(change)[1]


def test_an_empty_row_of_calculations_still_counts() -> None:
    outcome = calculated("NUMBER_COMPLETED", "NUM_POSSIBLE:::3.00000000#x~x#")
    assert codes(outcome) == []
    measure = found_aspect(outcome, "A1.M1").measure
    assert measure is not None and measure.kind == "count" and measure.params["possible"] == "3"
    assert outcome.facts.calculations == 2


def test_difference_keeps_its_words_and_numbers() -> None:
    outcome = calculated(
        "REGULAR_DIFFERENCE_DEDUCTION",
        "TARGET_VALUE:::120.00000000#x~x##-#DIFFERENCE:::2.00000000#x~x##-#DIFFERENCE_TYPE:::#x~x#UNIT"
        "#-#DEDUCTION:::0.25000000#x~x##-#DEDUCTION_TYPE:::#x~x#UNIT#-#FUTURE:::1.00000000#x~x#",
    )
    measure = found_aspect(outcome, "A1.M1").measure
    assert measure is not None and measure.kind == "difference"
    assert {k: v for k, v in measure.params.items() if not k.startswith("cis_")} == {
        "target": "120", "difference": "2", "difference_type": "unit", "deduction": "0.25",
        "deduction_type": "unit",
    }
    assert measure.params["cis_FUTURE"] == "1#x~x#"


def test_an_unknown_type_is_marked_by_hand() -> None:
    outcome = calculated("TIME_POINTS", "A:::1.00000000#x~x#")
    assert codes(outcome) == [("warning", "Calculations!B4", "calculation_unknown")]
    measure = found_aspect(outcome, "A1.M1").measure
    assert measure is not None and measure.kind == "value"


@pytest.mark.parametrize(
    ("kind", "params", "code"),
    [
        ("NUMBER_COMPLETED", "", "measure_param_missing"),
        ("NUMBER_COMPLETED", "NUM_POSSIBLE:::0E-8#x~x#", "measure_not_positive"),
        ("NUMBER_COMPLETED", "NUM_POSSIBLE=3", "calculation_malformed"),
        ("NUMBER_COMPLETED", "NUM_POSSIBLE:::three#x~x#", "calculation_malformed"),
        ("CHOICE", "DEDUCTION_TYPE:::#x~x#PERCENT", "measure_param_missing"),
        ("CHOICE", "DEDUCTION_TYPE:::#x~x#HALVES#-#CHOICE1_LABEL:::#x~x#a", "measure_param_bad"),
    ],
)
def test_a_broken_calculation_is_an_error_when_used(kind: str, params: str, code: str) -> None:
    outcome = calculated(kind, params)
    assert ("error", "Calculations!D4", code) in codes(outcome)
    assert exit_code(outcome) == 1
    unused = calculated(kind, params, column="P")
    assert ("warning", "Calculations!D4", code) in codes(unused)
    assert exit_code(unused) == 0


@pytest.mark.parametrize("row", [3, 99, "x", -1, 1.5])
def test_a_calculation_row_that_is_not_there(row: object) -> None:
    book, outcome = changed(lambda book: book.put(f"J{book.m['A']}", row))
    assert ("error", f"J{book.m['A']}", "calculation_missing") in codes(outcome)


def test_no_calculations_sheet_and_no_rows_named_is_full_or_zero() -> None:
    def change(book: Book) -> None:
        book.workbook.remove(book.calculations)
        for letter in LETTERS:
            book.put(f"J{book.m[letter]}", None)

    _, outcome = changed(change)
    assert codes(outcome) == []
    measure = found_aspect(outcome, "A1.M1").measure
    assert measure is not None and measure.kind == "pass_fail"


# -- any file at all


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 40),
    st.floats(-3, 30, allow_nan=False).map(lambda x: round(x, 3)),
    st.sampled_from([
        "M", "J", "", " ", NBSP, "A1", "B2", "Z9", "0,5", "1.25", "=1+1", "#REF!", "Sub Criterion", "３",
        "1e5", "Competition", "Criteria", "WorldSkills Occupational Standards", "x" * 300, "-0", "inf", "NaN",
    ]),
)


@given(
    st.lists(
        st.tuples(st.sampled_from("ABCDEFGHIJKLN"), st.integers(1, 70), VALUES), min_size=1, max_size=8
    )
)
def test_whatever_stands_in_the_cells_a_usable_scheme_has_the_sum_of_its_cells(
    edits: list[tuple[str, int, object]],
) -> None:
    book = sound_book()
    for column, row, value in edits:
        book.put(f"{column}{row}", value)
    data = book.bytes()
    outcome = read(data, "x.xlsx")
    assert exit_code(outcome) in (0, 1, 2)
    for language in words.LANGS:
        facts_json(outcome, language)
    if outcome.scheme is None:
        return
    complete = all(a.max for a in scheme.aspects(outcome.scheme))
    texts = any(p.code in ("number_as_text", "number_rounded") for p in outcome.problems)
    if complete and not texts and not any(str(v).strip(NBSP + " ") == "Competition" for _, _, v in edits):
        assert scheme.total(outcome.scheme) == outcome.facts.total == tally(data).total


def test_a_thousand_random_bytes_changed_never_end_in_a_traceback(rng: random.Random) -> None:
    data = sound_book().bytes()
    for _ in range(300):
        broken = bytearray(data)
        for _ in range(rng.randint(1, 8)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        cut = rng.choice([len(broken), rng.randrange(len(broken))])
        outcome = read(bytes(broken[:cut]), "x.xlsx")
        if outcome.scheme is not None and exit_code(outcome) == 0:
            assert outcome.facts.total == scheme.total(outcome.scheme)


def test_every_code_of_the_reader_has_its_sentence_and_no_sentence_is_without_use() -> None:
    room = Path(cis_workbook.__file__).parent
    sources = [p.read_text("utf-8") for p in (*room.glob("cis_*.py"), *room.glob("xlsx_*.py"))]
    told = {code.removeprefix("cis.") for code in words.catalogue() if code.startswith("cis.")}
    used = {code for source in sources for code in re.findall(r'"([a-z]+(?:_[a-z0-9]+)+)"', source)}
    raising = re.compile(r'(?:Unreadable\(|cell, |row\), )"([a-z_0-9]+)"')
    raised = {code for source in sources for code in raising.findall(source)}
    measures = set(re.findall(r'"(measure_[a-z_]+)"', Path(measurement.__file__).read_text("utf-8")))
    assert len(raised) > 30 and len(measures) > 4
    assert raised | measures <= told
    assert told <= used | measures
