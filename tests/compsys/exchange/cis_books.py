"""Hand-made marking-scheme workbooks for tests, and a second reader that only adds cells up."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from compsys.exchange.cis_report import where
from compsys.exchange.cis_workbook import CisRead, read
from scoring_rules import scheme
from scoring_rules.scheme import Aspect

NBSP, ZERO_WIDTH = "\u00a0", "\u200b"
MAIN = "CIS Marking Scheme Import"
LETTERS = "ABCDE"
HEADER = (
    "Sub\nCriterion\nID", "Sub Criterion\nName or Description", "Day of Marking",
    "Aspect\nType\nM = Meas\nJ = Judg", "Aspect - Description", "Judg Score",
    "Extra Aspect Description (Meas or Judg)\nOR\nJudgement Score Description (Judg only)",
    "Requirement\n(Measurement Only)", "WSOS Section", "Calculation Row \n(Export only)", "Max\nMark",
)


@dataclass
class Book:
    """A sound scheme of five criteria with 20 marks each: one M of 12 and one J of 8; and where its rows are.

    `header[x]`, `sub[x]`, `m[x]`, `j[x]` (its descriptors follow) are the rows of criterion x.
    """

    workbook: Workbook = field(default_factory=Workbook)
    header: dict[str, int] = field(default_factory=dict)
    sub: dict[str, int] = field(default_factory=dict)
    m: dict[str, int] = field(default_factory=dict)
    j: dict[str, int] = field(default_factory=dict)
    listed: dict[str, int] = field(default_factory=dict)
    standard: dict[str, int] = field(default_factory=dict)
    footer: int = 0

    @property
    def sheet(self) -> Worksheet:
        """The marking-scheme sheet."""
        return self.workbook[MAIN]

    @property
    def calculations(self) -> Worksheet:
        """The Calculations sheet."""
        return self.workbook["Calculations"]

    def put(self, cell: str, value: object) -> Book:
        """Set one cell of the main sheet."""
        self.sheet[cell] = value
        return self

    def bytes(self) -> bytes:
        """The workbook as a file."""
        out = io.BytesIO()
        self.workbook.save(out)
        return out.getvalue()


def sound_book(shift: int = 0) -> Book:
    """A workbook without any problem; `shift` blank rows push everything below the title down."""
    book = Book()
    sheet = book.workbook.active
    assert isinstance(sheet, Worksheet)
    sheet.title = MAIN
    book.workbook.create_sheet("Calculations")
    book.calculations.append(["Measurement", "PASS_FAIL", True, ""])
    sheet["A1"] = "17 Web Development"
    row = 3 + shift
    sheet.cell(row, 1, "WorldSkills Occupational Standards")
    headings = ((1, "Section"), (2, "WSOS Marks"), (9, "WSOS Marks"), (10, "Aspect Marks"), (11, "Variation"))
    for column, text in headings:
        sheet.cell(row + 1, column, text)
    for index, (key, weight) in enumerate((("1", 60), ("2", 40))):
        book.standard[key] = row + 2 + index
        sheet.cell(row + 2 + index, 1, int(key))
        sheet.cell(row + 2 + index, 2, f"Standard {key}")
        sheet.cell(row + 2 + index, 9, weight)
        sheet.cell(row + 2 + index, 10, f"=SUMIF(I20:I90,A{row + 2 + index},K20:K90)")
    sheet.cell(row + 4, 9, "Total Variation")
    row += 7
    sheet.cell(row, 1, "Criteria")
    for column, text in ((1, "ID"), (2, "Name"), (11, "Mark")):
        sheet.cell(row + 1, column, text)
    for index, letter in enumerate(LETTERS):
        book.listed[letter] = row + 2 + index
        for column, value in ((1, letter), (2, f"Criterion name {letter}"), (11, 20)):
            sheet.cell(row + 2 + index, column, value)
    row += 9 + shift
    for letter in LETTERS:
        row = _block(book, letter, row)
    book.footer = row + 2
    for column, value in ((12, "Competition"), (13, "Total\nMark"), (14, f"=SUM(N1:N{row})")):
        sheet.cell(book.footer, column, value)
    return book


def _block(book: Book, letter: str, row: int) -> int:
    sheet = book.sheet
    book.header[letter] = row
    for column, text in enumerate(HEADER, 1):
        sheet.cell(row, column, text)
    total = f"=SUM(K{row + 1}:K{row + 8})"
    for column, text in ((12, f"Criterion {letter}"), (13, "Total\nMark"), (14, total)):
        sheet.cell(row, column, text)
    book.sub[letter], book.m[letter], book.j[letter] = row + 1, row + 2, row + 3
    rows: list[dict[int, object]] = [
        {1: f"{letter}1", 2: f"Sub {letter}1", 3: 1},
        {4: "M", 5: f"Measured {letter}", 9: 1, 10: 1, 11: 12},
        {4: "J", 5: f"Judged {letter}", 9: 2, 11: 8},
    ]
    for offset, values in enumerate(rows, 1):
        for column, value in values.items():
            sheet.cell(row + offset, column, value)
    for level in range(4):
        sheet.cell(row + 4 + level, 6, level)
        sheet.cell(row + 4 + level, 7, f"Level {level}")
    return row + 9


@dataclass(frozen=True)
class Tally:
    """What the second reader counted."""

    measurement: int
    judgement: int
    subs: int
    total: Fraction
    by_criterion: dict[str, Fraction]
    by_section: dict[str, Fraction]


def tally(data: bytes, letter_of: Callable[[str], str] = lambda key: key[:1]) -> Tally:
    """Add up the raw cells through openpyxl, sharing no code with the reader under test.

    Every row with M or J in D counts; its mark is the typed number in K; its criterion the letter of the
    last sub-criterion above it.
    """
    sheet = openpyxl.load_workbook(io.BytesIO(data))[MAIN]
    kinds: list[str] = []
    subs = 0
    letter = ""
    by_criterion: dict[str, Fraction] = {}
    by_section: dict[str, Fraction] = {}
    for cells in sheet.iter_rows(max_col=14):
        key = str(cells[0].value or "").strip()
        if len(key) in (2, 3) and key[0].isupper() and key[1:].isdigit():
            subs += 1
            letter = letter_of(key)
        kind = str(cells[3].value or "").strip()
        if kind in ("M", "J"):
            kinds.append(kind)
            mark = cells[10].value
            if isinstance(mark, int | float):
                exact = Fraction(Decimal(repr(mark)))
                by_criterion[letter] = by_criterion.get(letter, Fraction(0)) + exact
                section = str(cells[8].value)
                by_section[section] = by_section.get(section, Fraction(0)) + exact
    total = sum(by_criterion.values(), Fraction(0))
    return Tally(kinds.count("M"), kinds.count("J"), subs, total, by_criterion, by_section)


def with_stored_values(book: Book, stored: dict[str, str], kind: str = "n") -> bytes:
    """The workbook with a value stored beside the named formulas, as a spreadsheet program would leave it."""
    source = zipfile.ZipFile(io.BytesIO(book.bytes()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                text = data.decode()
                for cell, value in stored.items():
                    text, times = re.subn(
                        rf'<c r="{cell}"([^>]*)><f>(.*?)</f><v ?/?>(?:</v>)?</c>',
                        rf'<c r="{cell}" t="{kind}"><f>\2</f><v>{value}</v></c>',
                        text,
                    )
                    assert times == 1, cell
                data = text.encode()
            target.writestr(name, data)
    return out.getvalue()


def codes(outcome: CisRead) -> list[tuple[str, str, str]]:
    """(severity, cell, code) of every problem."""
    return [(p.severity, where(p), p.code) for p in outcome.problems]


def changed(change: Callable[[Book], object], shift: int = 0) -> tuple[Book, CisRead]:
    """The sound workbook with a change made to it, and how it is read."""
    book = sound_book(shift)
    change(book)
    return book, read(book.bytes(), "x.xlsx")


def found_aspect(outcome: CisRead, key: str) -> Aspect:
    """One aspect of a workbook that was read without error."""
    assert outcome.scheme is not None, codes(outcome)
    return next(a for a in scheme.aspects(outcome.scheme) if a.key == key)
