"""Writes a scheme as a marking-scheme workbook: the layout that is read, with formulas for its sums."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from compsys import words as catalogue
from compsys.exchange.cis_grid import A, B, C, D, E, F, G, H, I, J, K, L, M, N, clean, token_of
from compsys.exchange.cis_layout import CALCULATIONS, SHEET
from compsys.exchange.cis_rows import SUB
from compsys.exchange.cis_writer_calculations import Row, place
from compsys.exchange.tables import guard, unstamped
from scoring_rules import exact, scheme_check
from scoring_rules.scheme import (
    Aspect,
    Criterion,
    Problem,
    Scheme,
    SubCriterion,
    Words,
    aspects,
    sub_criteria,
)

HEADER = (
    "Sub\nCriterion\nID", "Sub Criterion\nName or Description", "Day of Marking",
    "Aspect\nType\nM = Meas\nJ = Judg", "Aspect - Description", "Judg Score",
    "Extra Aspect Description (Meas or Judg)\nOR\nJudgement Score Description (Judg only)",
    "Requirement\n(Measurement Only)", "WSOS Section", "Calculation Row \n(Export only)", "Max\nMark",
)
_WIDTHS = (8, 39, 8, 9, 52, 8, 47, 16, 12, 12, 11, 18, 8, 11)
_SHADE = PatternFill("solid", fgColor="E3E8EC")
_WRAP = Alignment(wrap_text=True, vertical="top")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NO_CHARACTER = re.compile("[\ud800-\udfff\ufffe\uffff]")
_LONGEST = 32_767
_DIGITS = 15
_LATER = frozenset({"max_bad", "weights_not_100", "total_wrong"})  # a draft may have these and be written


def obstacles(scheme: Scheme, language: str) -> list[Problem]:
    """What keeps a scheme from being written in this format; a draft without all its marks can be.

    Codes: those of the scheme's own errors, cis_sub_key (only a letter and up to three digits), cis_section
    (two sections that a cell cannot tell apart), cis_text_long (more than a cell holds).
    """
    found = [
        p for p in scheme_check.check(scheme)
        if p.severity == "error" and (p.code not in _LATER or p.params.get("value"))
    ]
    for sub in sub_criteria(scheme):
        if SUB.fullmatch(sub.key) is None:
            found.append(Problem("error", sub.key, "cis_sub_key", {"key": sub.key}))
    for spare in scheme.spare:
        if not spare.type.strip():
            found.append(Problem("error", f"{CALCULATIONS} {spare.row}", "cis.calculation_without_type", {}))
    seen: dict[str, str] = {}
    for section in scheme.sections:
        if seen.setdefault(token_of(section.key), section.key) != section.key:
            found.append(Problem("error", f"section/{section.key}", "cis_section", {"key": section.key}))
    for where, text in _texts(scheme, language):
        if len(text) > _LONGEST:
            found.append(Problem("error", where, "cis_text_long", {"limit": str(_LONGEST)}))
    return found


def _texts(scheme: Scheme, language: str) -> Iterator[tuple[str, str]]:
    for aspect in aspects(scheme):
        told = (aspect.title, aspect.note, *aspect.descriptors)
        yield from ((aspect.key, _text(words, language)) for words in told)
        yield aspect.key, clean(aspect.requirement)
    rows, _ = place(scheme)
    yield from ((f"{CALCULATIONS} {n}", row.params) for n, row in rows.items())


def write(scheme: Scheme, language: str = "en") -> bytes:
    """The workbook of a scheme without `obstacles`; texts in `language` where they are there in it.

    Equal schemes give equal bytes. Reading it gives the scheme again, with positional keys and one language;
    `scheme_match.compare` gives both back. Sums are formulas, marks are numbers, no text is ever a formula.
    Clause: worldskills.md section 6, the table of parts, and reader rule 11; section 7.
    """
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = SHEET
    _Writer(sheet, scheme, language).write()
    rows, _ = place(scheme)
    _calculations(book.create_sheet(CALCULATIONS), rows)
    out = io.BytesIO()
    book.save(out)
    return unstamped(out.getvalue())


class _Writer:
    """Walks down the marking-scheme sheet."""

    def __init__(self, sheet: Worksheet, scheme: Scheme, language: str) -> None:
        self.sheet, self.scheme, self.language = sheet, scheme, language
        self.row = 1
        self.points = place(scheme)[1]
        self.first = self.last = 0
        self.standards: list[int] = []

    def write(self) -> None:
        for column, width in enumerate(_WIDTHS, 1):
            self.sheet.column_dimensions[self.sheet.cell(1, column).column_letter].width = width
        self.text(1, A, f"{self.scheme.number} {self.say(self.scheme.title)}".strip(), bold=True)
        self.sheet.merge_cells(start_row=1, end_row=1, start_column=A, end_column=K)
        self.row = 3
        self.front()
        self.first = self.row + 1
        for criterion in self.scheme.criteria:
            self.block(criterion)
        self.last = self.row
        self.text(self.row, L, "Competition", bold=True)
        self.text(self.row, M, "Total\nMark", bold=True)
        self.formula(self.row, N, f"=SUM(N1:N{self.row - 1})")
        for n, row in enumerate(self.standards):
            key = f"A{row}"
            self.formula(row, J, f"=SUMIF(I{self.first}:I{self.last},{key},K{self.first}:K{self.last})")
            if self.scheme.sections[n].weight:
                self.formula(row, K, f"=ABS(I{row}-J{row})")

    def front(self) -> None:
        """The tables of standards and criteria."""
        self.heads({A: "WorldSkills Occupational Standards"}, A, K)
        self.heads({A: "Section", B: "WSOS Marks", I: "WSOS Marks", J: "Aspect Marks", K: "Variation"}, B, H)
        for section in self.scheme.sections:
            self.token(self.row, A, section.key)
            self.text(self.row, B, self.line(section.name))
            self.number(self.row, I, section.weight)
            self.standards.append(self.row)
            self.row += 1
        self.text(self.row, I, "Total Variation", bold=True)
        if self.standards:
            self.formula(self.row, K, f"=SUM(K{self.standards[0]}:K{self.standards[-1]})")
        self.row += 3
        self.heads({A: "Criteria"}, A, K)
        self.heads({A: "ID", B: "Name", K: "Mark"}, B, J)
        for criterion in self.scheme.criteria:
            self.text(self.row, A, criterion.key)
            self.text(self.row, B, self.line(criterion.title))
            marks = [exact.parse(a.max) for s in criterion.subs for a in s.aspects if a.max]
            self.number(self.row, K, exact.show(exact.total(marks)))
            self.row += 1
        self.row += 2

    def block(self, criterion: Criterion) -> None:
        """One criterion: its header with its sum, then its rows and a blank one."""
        head = self.row
        self.heads(dict(enumerate(HEADER, 1)) | {L: f"Criterion {criterion.key}", M: "Total\nMark"})
        for sub in criterion.subs:
            self.sub(sub)
        self.formula(head, N, f"=SUM(K{head + 1}:K{max(self.row - 1, head + 1)})")
        self.row += 1

    def sub(self, sub: SubCriterion) -> None:
        self.text(self.row, A, sub.key)
        self.text(self.row, B, self.line(sub.title))
        self.token(self.row, C, sub.day)
        self.row += 1
        for aspect in sub.aspects:
            self.aspect(aspect)

    def aspect(self, aspect: Aspect) -> None:
        row = self.row
        self.text(row, D, "J" if aspect.method == "judgement" else "M")
        self.text(row, E, self.say(aspect.title))
        self.text(row, G, self.say(aspect.note))
        self.text(row, H, clean(aspect.requirement))
        self.token(row, I, aspect.section)
        self.number(row, J, str(self.points.get(aspect.key, "")))
        self.number(row, K, aspect.max)
        self.row += 1
        for level, words in enumerate(aspect.descriptors if aspect.method == "judgement" else ()):
            self.number(self.row, F, str(level))
            self.text(self.row, G, self.say(words))
            self.row += 1

    # -- cells

    def say(self, words: Words) -> str:
        return _text(words, self.language)

    def line(self, words: Words) -> str:
        return " ".join(self.say(words).split())

    def heads(self, texts: dict[int, str], first: int = 0, last: int = 0) -> None:
        for column, text in texts.items():
            self.text(self.row, column, text, bold=True)
            self.sheet.cell(self.row, column).fill = _SHADE
        if first:
            self.sheet.merge_cells(
                start_row=self.row, end_row=self.row, start_column=first, end_column=last
            )
        self.row += 1

    def text(self, row: int, column: int, text: str, bold: bool = False) -> None:
        _put_text(self.sheet, row, column, text, bold)

    def token(self, row: int, column: int, text: str) -> None:
        """An id: as a number where it is one, as people type them."""
        plain = token_of(text)
        if plain.isascii() and plain.isdecimal():
            self.number(row, column, plain)
        else:
            self.text(row, column, plain)

    def number(self, row: int, column: int, text: str) -> None:
        if len(text.replace(".", "")) > _DIGITS:  # more than a spreadsheet's numbers hold
            self.text(row, column, text)
        elif text:
            self.sheet.cell(row, column).value = Decimal(text)

    def formula(self, row: int, column: int, formula: str) -> None:
        cell = self.sheet.cell(row, column)
        cell.value, cell.number_format = formula, "0.00"


def _put_text(sheet: Worksheet, row: int, column: int, text: str, bold: bool = False) -> None:
    if not text:
        return
    cell = sheet.cell(row, column)
    cell.value = _LOOKS_ESCAPED.sub("_x005F_", text)
    cell.data_type = "s"
    cell.alignment = _WRAP
    if bold:
        cell.font = Font(bold=True)
    if guard(text) != text:
        cell.quotePrefix = True  # stays text when somebody edits the cell


def _text(words: Words, language: str) -> str:
    return _NO_CHARACTER.sub("", clean(catalogue.pick(words, language)))


def _calculations(sheet: Worksheet, rows: dict[int, Row]) -> None:
    for column, width in zip("ABCD", (22, 30, 8, 70), strict=True):
        sheet.column_dimensions[column].width = width
    for n, row in rows.items():
        _put_text(sheet, n, A, row.name)
        _put_text(sheet, n, B, row.type)
        sheet.cell(n, C).value = row.shared
        _put_text(sheet, n, D, row.params)
