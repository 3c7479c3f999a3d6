"""What a cell of a marking-scheme workbook says: cleaned text, token or number, and the list of findings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from compsys.exchange.xlsx_cells import MAX_ROWS, Cell, Sheet, column_letter, number_text
from compsys.exchange.xlsx_package import Unreadable
from scoring_rules import exact

A, B, C, D, E, F, G, H, I, J, K, L, M, N = range(1, 15)  # noqa: E741 - they are the workbook's column letters
LAST_COLUMN = N
BLANK_ROWS = 200
MAX_FINDINGS = 2_000

_INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_CONTROL = {c: None for c in range(32) if c not in (9, 10)}
_COMMA = re.compile(r"(-?[0-9]+),([0-9]+)")
_PLACES = 6

Note = Literal["", "blank", "formula", "text", "rounded", "not_a_number"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of the file: where (sheet, cell), how grave, which code, texts to fill its sentence."""

    severity: Literal["error", "warning"]
    sheet: str
    cell: str
    code: str
    params: dict[str, str] = field(default_factory=dict)


class Findings:
    """Collects every problem of one file; past MAX_FINDINGS it says so once and keeps no more."""

    def __init__(self) -> None:
        self.items: list[Finding] = []

    def error(self, sheet: str, cell: str, code: str, /, **params: str) -> None:
        """A problem that makes the scheme unusable."""
        self._add(Finding("error", sheet, cell, code, params))

    def warning(self, sheet: str, cell: str, code: str, /, **params: str) -> None:
        """A problem that somebody should see and may accept."""
        self._add(Finding("warning", sheet, cell, code, params))

    def _add(self, finding: Finding) -> None:
        if len(self.items) < MAX_FINDINGS:
            self.items.append(finding)
        elif len(self.items) == MAX_FINDINGS:
            self.items.append(Finding("error", finding.sheet, finding.cell, "too_many_problems"))


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell read as a number: its text in the grammar ("" when there is none) and what was odd about it."""

    text: str
    note: Note = ""

    @property
    def value(self) -> Fraction | None:
        """The exact number, None when there is none."""
        return exact.parse(self.text) if self.text else None


class Grid:
    """One sheet seen as rows of columns A..N; a formula's stored value is never taken for a cell's value."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self.name = sheet.name

    def cell(self, row: int, column: int) -> Cell | None:
        """The cell as stored, None when empty."""
        return self._sheet.cells.get((row, column))

    def text(self, row: int, column: int) -> str:
        """The cell's cleaned text; "=..." for a formula; "" for every kind of blank."""
        cell = self.cell(row, column)
        if cell is None:
            return ""
        return clean(cell.text) if cell.formula is None else f"={clean(cell.formula)}"

    def token(self, row: int, column: int) -> str:
        """The cell as a short identifier: 1, 1.0, "1", " 1 " and a full-width 1 are all "1"."""
        return token_of(self.text(row, column))

    def has_formula(self, row: int, column: int) -> bool:
        """Whether the cell computes its value."""
        cell = self.cell(row, column)
        return cell is not None and cell.formula is not None

    def number(self, row: int, column: int) -> Reading:
        """The cell as a number a person put there: formulas have none, texts are read and noted."""
        cell = self.cell(row, column)
        if cell is None or (cell.formula is None and not clean(cell.text)):
            return Reading("", "blank")
        if cell.formula is not None:
            return Reading("", "formula")
        return read_number(cell)

    def stored(self, row: int, column: int) -> Reading:
        """What a formula last came to, for comparison only; blank where there is no formula or no value."""
        cell = self.cell(row, column)
        if cell is None or cell.formula is None or cell.kind != "number" or not cell.text:
            return Reading("", "blank")
        return read_number(cell)

    def filled(self, row: int, first: int = A, last: int = N) -> set[int]:
        """The columns of a row that hold more than blanks."""
        return {column for column in range(first, last + 1) if self.text(row, column)}

    def rows(self) -> Iterator[int]:
        """Rows that hold something, down to the first gap of BLANK_ROWS.

        Raises Unreadable workbook_too_many_rows when content goes on, without such a gap, past the limit.
        """
        last = 0
        for row in range(1, self._sheet.last_row + 1):
            if self.filled(row):
                last = row
                yield row
            elif row - last > BLANK_ROWS:
                return
        if self._sheet.cut and MAX_ROWS - last <= BLANK_ROWS:
            raise Unreadable("workbook_too_many_rows", limit=str(MAX_ROWS))


def at(column: int, row: int) -> str:
    """
    >>> at(K, 25)
    'K25'
    """
    return f"{column_letter(column)}{row}"


def clean(text: str) -> str:
    """Text without surrounding blanks of any kind, zero-width marks and control characters; lines kept.

    >>> clean("\\u00a0 two\\r\\nlines\\u200b ")
    'two\\nlines'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_INVISIBLE).translate(_CONTROL).strip()


def token_of(text: str) -> str:
    """A short identifier as it is compared: numbers plainly, full-width signs as usual ones.

    >>> token_of(" １.0"), token_of("C-1")
    ('1', 'C-1')
    """
    plain = unicodedata.normalize("NFKC", clean(text)).strip()
    number = number_text(plain)
    return number if number is not None else plain


def squeeze(text: str) -> str:
    """A landmark's text for comparison: one space between words, no case.

    >>> squeeze("Sub\\nCriterion\\nID")
    'sub criterion id'
    """
    return " ".join(text.split()).casefold()


def read_number(cell: Cell) -> Reading:
    """A number cell, or a text that is one (full-width digits and a decimal comma included).

    >>> read_number(Cell("0,25"))
    Reading(text='0.25', note='text')
    >>> read_number(Cell("0.3333333333", "number"))
    Reading(text='0.333333', note='rounded')
    >>> read_number(Cell("TRUE", "bool")).note
    'not_a_number'
    """
    if cell.kind in ("bool", "error"):
        return Reading("", "not_a_number")
    text = exact.normalise(clean(cell.text))
    comma = _COMMA.fullmatch(text)
    number = number_text(f"{comma[1]}.{comma[2]}" if comma else text)
    if number is None or (cell.kind == "text" and "e" in text.casefold()):
        return Reading("", "not_a_number")
    note: Note = "text" if cell.kind == "text" else ""
    whole, _, decimals = number.partition(".")
    if len(whole.lstrip("-")) > 12:
        return Reading("", "not_a_number")
    if len(decimals) > _PLACES:
        rounded = exact.round_half_up(Fraction(number), _PLACES)
        return Reading(exact.show(rounded), "rounded")
    return Reading(number, note)
