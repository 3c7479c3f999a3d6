"""Irregular marking-scheme workbooks: each irregularity is read, warned of or refused at its own cell."""

from __future__ import annotations

import io
from fractions import Fraction

import openpyxl
import pytest

from compsys.exchange.cis_report import facts_json
from compsys.exchange.cis_workbook import exit_code, read
from scoring_rules import scheme
from tests.compsys.exchange.cis_books import (
    LETTERS,
    NBSP,
    ZERO_WIDTH,
    Book,
    changed,
    codes,
    found_aspect,
    sound_book,
    with_stored_values,
)


@pytest.mark.parametrize("shift", [0, 7, 60])
def test_a_sound_workbook_has_no_problem_wherever_its_rows_are(shift: int) -> None:
    _, outcome = changed(lambda book: None, shift)
    assert codes(outcome) == []
    assert exit_code(outcome) == 0
    assert outcome.facts.total == 100
    assert [str(c.mark) for c in outcome.facts.criteria] == ["20"] * 5


# -- rule 1: values


@pytest.mark.parametrize("written", [1, 1.0, "1", " 1 ", f"{NBSP}1{ZERO_WIDTH}", "1.0", "１"])
def test_one_is_one_however_it_is_written(written: object) -> None:
    def change(book: Book) -> None:
        book.put(f"C{book.sub['A']}", written).put(f"I{book.m['A']}", written)
        book.put(f"A{book.standard['1']}", written).put(f"J{book.m['A']}", written)

    _, outcome = changed(change)
    assert codes(outcome) == []
    assert outcome.scheme is not None and outcome.scheme.criteria[0].subs[0].day == "1"
    assert found_aspect(outcome, "A1.M1").section == "1"


@pytest.mark.parametrize("blank", ["", " ", NBSP, ZERO_WIDTH, f" {NBSP}\n", "\u3000"])
def test_every_kind_of_blank_is_blank(blank: str) -> None:
    def change(book: Book) -> None:
        row = book.m["B"]
        for column in "ABCFH":
            book.put(f"{column}{row}", blank)
        book.put(f"A{row + 6}", blank).put(f"F{row + 6}", blank)  # between two criteria

    _, outcome = changed(change)
    assert codes(outcome) == []
    assert found_aspect(outcome, "B1.M1").method == "agreed"


@pytest.mark.parametrize(
    ("written", "mark"), [("12", "12"), ("12,0", "12"), (" 12.00 ", "12"), ("１２", "12"), ("12,25", "12.25")]
)
def test_text_marks_are_taken_with_a_warning(written: str, mark: str) -> None:
    book, outcome = changed(lambda book: book.put(f"K{book.m['C']}", written))
    assert ("warning", f"K{book.m['C']}", "number_as_text") in codes(outcome)
    assert Fraction(found_aspect(outcome, "C1.M1").max) == Fraction(mark)


def test_binary_noise_in_a_stored_mark_is_not_a_difference() -> None:
    _, outcome = changed(lambda book: book.put(f"K{book.m['C']}", 12.000000000000002))
    assert codes(outcome) == []
    assert found_aspect(outcome, "C1.M1").max == "12"


def test_a_mark_of_too_many_decimals_is_rounded_and_says_so() -> None:
    book, outcome = changed(lambda book: book.put(f"K{book.m['C']}", 0.33333333333))
    assert ("warning", f"K{book.m['C']}", "number_rounded") in codes(outcome)
    assert found_aspect(outcome, "C1.M1").max == "0.333333"


# -- rule 2: totals are never trusted


def test_wrong_literal_totals_are_warned_of_with_both_values() -> None:
    def change(book: Book) -> None:
        book.put(f"K{book.listed['B']}", 25).put(f"N{book.header['C']}", "19.5").put(f"N{book.footer}", 99)

    book, outcome = changed(change)
    assert codes(outcome) == [
        ("warning", f"K{book.listed['B']}", "total_differs"),
        ("warning", f"N{book.header['C']}", "total_differs"),
        ("warning", f"N{book.footer}", "total_differs"),
    ]
    assert outcome.problems[0].params == {"stated": "25", "computed": "20.00"}
    assert outcome.facts.total == 100


def test_a_stale_stored_value_of_a_total_formula_changes_nothing_but_is_said() -> None:
    book = sound_book()
    data = with_stored_values(book, {f"N{book.header['A']}": "77", f"N{book.footer}": "100.00000000000006"})
    outcome = read(data, "x.xlsx")
    assert codes(outcome) == [("warning", f"N{book.header['A']}", "stored_total_stale")]
    assert outcome.facts.criteria[0].mark == 20


def test_the_stored_value_of_a_mark_formula_is_never_a_mark() -> None:
    book = sound_book()
    book.put(f"K{book.m['A']}", "=6+6")
    outcome = read(with_stored_values(book, {f"K{book.m['A']}": "12"}), "x.xlsx")
    assert ("error", f"K{book.m['A']}", "mark_is_formula") in codes(outcome)
    assert exit_code(outcome) == 1 and outcome.scheme is None
    assert outcome.facts.total == 88 and outcome.facts.measurement == 5


def test_weights_may_stand_in_the_other_column() -> None:
    def change(book: Book) -> None:
        row = book.standard["1"]
        book.put(f"I{row}", f"=SUMIF(I20:I90,A{row},K20:K90)").put(f"J{row}", 60)

    _, outcome = changed(change)
    assert outcome.facts.standards[0].weight == 60
    assert codes(outcome) == []


def test_a_weight_that_is_nowhere_is_unknown_not_zero() -> None:
    book, outcome = changed(lambda book: book.put(f"I{book.standard['1']}", None))
    assert ("warning", f"I{book.standard['1']}", "weight_unknown") in codes(outcome)
    listed = facts_json(outcome)["standards"]
    assert isinstance(listed, list) and listed[0]["weight"] is None


def test_variation_is_shown_per_section_and_above_five_in_all() -> None:
    book, outcome = changed(lambda book: book.put(f"I{book.m['A']}", 2))
    assert codes(outcome) == [
        ("warning", f"K{book.standard['1']}", "standard_differs"),
        ("warning", f"K{book.standard['2']}", "standard_differs"),
        ("warning", f"K{book.standard['2'] + 1}", "variation_large"),
    ]
    assert outcome.problems[2].params == {"variation": "24.00"}


# -- rule 3: the letter of a block


def test_the_block_letter_comes_from_the_first_sub_criterion_when_column_l_is_silent() -> None:
    _, outcome = changed(lambda book: book.put(f"L{book.header['D']}", None))
    assert codes(outcome) == []
    assert [c.id for c in outcome.facts.criteria] == list(LETTERS)


def test_a_block_that_is_not_in_the_criteria_table_and_a_listed_criterion_without_block() -> None:
    book, outcome = changed(lambda book: book.put(f"A{book.listed['E']}", "H"))
    assert ("warning", f"A{book.listed['E']}", "criterion_empty") in codes(outcome)
    assert ("warning", f"L{book.header['E']}", "criterion_not_listed") in codes(outcome)
    assert outcome.facts.total == 100 and exit_code(outcome) == 0


def test_unused_letters_of_the_criteria_table_are_no_problem() -> None:
    def change(book: Book) -> None:
        row = book.listed["E"]
        book.put(f"A{row + 1}", "F").put(f"A{row + 2}", "G").put(f"B{row + 2}", " ")

    _, outcome = changed(change)
    assert codes(outcome) == []


def test_an_empty_block_is_a_warning_and_carries_no_marks() -> None:
    def change(book: Book) -> None:
        for row in range(book.sub["E"], book.j["E"] + 5):
            for column in range(1, 12):
                book.sheet.cell(row, column).value = None

    book, outcome = changed(change)
    assert ("warning", f"A{book.listed['E']}", "criterion_empty") in codes(outcome)
    assert [c.id for c in outcome.facts.criteria] == list("ABCD")
    assert outcome.scheme is not None and len(outcome.scheme.criteria) == 4


# -- rule 4: kinds of rows


def test_an_aspect_on_the_row_of_its_sub_criterion() -> None:
    def change(book: Book) -> None:
        for column in "DEIJK":
            book.put(f"{column}{book.sub['B']}", book.sheet[f"{column}{book.m['B']}"].value)
            book.put(f"{column}{book.m['B']}", None)

    _, outcome = changed(change)
    assert codes(outcome) == []
    assert outcome.facts.total == 100 and found_aspect(outcome, "B1.M1").max == "12"


def test_captions_and_continuation_rows_belong_to_their_aspects() -> None:
    def change(book: Book) -> None:
        sheet = book.sheet
        sheet.insert_rows(book.m["A"])
        sheet.cell(book.m["A"], 5, "Dimensions")
        sheet.insert_rows(book.m["A"] + 2)
        sheet.cell(book.m["A"] + 2, 7, "measured at three points")
        sheet.cell(book.m["A"] + 1, 7, "use the gauge")

    _, outcome = changed(change)
    note = found_aspect(outcome, "A1.M1").note
    assert note == {"en": "Dimensions\nuse the gauge\nmeasured at three points"}
    assert outcome.facts.total == 100


def test_a_row_nobody_understands_is_named_and_its_mark_is_an_error() -> None:
    def change(book: Book) -> None:
        row = book.footer - 1
        book.put(f"C{row - 1}", "tea break").put(f"E{row}", "Extra").put(f"K{row}", 2)

    book, outcome = changed(change)
    assert ("warning", f"C{book.footer - 2}", "row_not_understood") in codes(outcome)
    assert ("error", f"K{book.footer - 1}", "mark_without_type") in codes(outcome)
    assert outcome.facts.total == 100


@pytest.mark.parametrize("junk", ["A 1b", "1A", "Part", "A1234"])
def test_a_broken_sub_criterion_id_never_hides_its_aspects_in_the_one_above(junk: str) -> None:
    book, outcome = changed(lambda book: book.put(f"A{book.sub['C']}", junk))
    assert ("error", f"A{book.sub['C']}", "sub_id_malformed") in codes(outcome)
    assert ("error", f"D{book.m['C']}", "aspect_without_sub") in codes(outcome)


# -- rules 5 and 6: incomplete and partial


def test_a_missing_mark_is_incomplete_and_never_zero() -> None:
    book, outcome = changed(lambda book: book.put(f"K{book.m['A']}", NBSP))
    assert ("warning", f"K{book.m['A']}", "mark_missing") in codes(outcome)
    assert exit_code(outcome) == 0
    incomplete = found_aspect(outcome, "A1.M1")
    assert incomplete.max == ""
    assert outcome.scheme is not None
    assert "max_bad" in {p.code for p in scheme.check(outcome.scheme) if p.severity == "error"}


def test_a_repeated_day_is_fine_and_a_different_one_is_warned_of() -> None:
    book, outcome = changed(lambda book: book.put(f"C{book.m['A']}", "1").put(f"C{book.m['B']}", 2))
    assert codes(outcome) == [("warning", f"C{book.m['B']}", "day_differs")]
    assert outcome.problems[0].params == {"day": "2", "sub": "B1", "sub_day": "1"}


def test_a_partial_scheme_is_imported_with_a_warning() -> None:
    def change(book: Book) -> None:
        book.sheet.delete_rows(book.header["D"], book.footer - book.header["D"])

    _, outcome = changed(change)
    assert {code for _, _, code in codes(outcome)} >= {"total_not_100", "criteria_number"}
    assert exit_code(outcome) == 0 and outcome.facts.total == 60


# -- rule 7: junk


def test_notes_to_the_right_and_far_below_are_ignored() -> None:
    def change(book: Book) -> None:
        below = book.footer + 5
        book.put(f"P{book.m['A']}", "M").put("AW628", 12).put(f"A{below}", "Z9").put(f"K{below}", 3)

    _, outcome = changed(change)
    assert codes(outcome) == []


def test_without_footer_reading_stops_after_two_hundred_blank_rows() -> None:
    def change(book: Book) -> None:
        for column in "LMN":
            book.put(f"{column}{book.footer}", None)
        book.put(f"A{book.footer + 260}", "E9").put("A1048576", "bottom")

    _, outcome = changed(change)
    assert [code for _, _, code in codes(outcome)] == ["footer_missing"]
    assert outcome.facts.sub_criteria == 5


# -- rule 8: other formats


def test_a_home_made_sheet_is_refused_with_one_problem() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for line in (["No", "Type", "Aspect", "Max"], [1, "J1", "Layout", 2], [2, "M4", "Links", 1]):
        sheet.append(line)
    out = io.BytesIO()
    workbook.save(out)
    outcome = read(out.getvalue(), "home.xlsx")
    assert codes(outcome) == [("error", "", "not_cis_scheme")]
    assert exit_code(outcome) == 2 and outcome.scheme is None
    assert facts_json(outcome)["total"] == "0.00"


@pytest.mark.parametrize(
    ("cell", "missing"),
    [
        ("A3", "A: WorldSkills Occupational Standards"), ("K19", "K19: mark"), ("D19", "D19: type"),
        ("I19", "I19: section"),
    ],
)
def test_a_look_alike_is_refused_naming_the_missing_landmark(cell: str, missing: str) -> None:
    book, outcome = changed(lambda book: book.put(cell, "Something else"))
    assert book.header["A"] == 19
    assert codes(outcome) == [("error", "", "not_cis_scheme")]
    assert outcome.problems[0].params["missing"] == missing
    assert exit_code(outcome) == 2


def test_a_renamed_sheet_is_found_by_its_landmarks() -> None:
    def change(book: Book) -> None:
        book.sheet.title = "Sheet1"

    _, outcome = changed(change)
    assert codes(outcome) == [("warning", "A1", "sheet_renamed")]
    assert outcome.facts.total == 100
