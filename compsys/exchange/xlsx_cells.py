"""Reads the cells of a workbook as exact text with the formula beside its stored value, in bounded memory.

Own reader instead of openpyxl, which gives numbers as binary floats, dates by number format, values and
formulas only by two passes, rows out of order not at all, and answers damaged files with exceptions of many
kinds. (Tests read the same files through openpyxl as the second opinion.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, InvalidOperation
from typing import Literal

from compsys.exchange.xlsx_package import Package, Unreadable

MAX_SHEETS = 200
MAX_STRINGS = 500_000
MAX_TEXT = 40_000
MAX_ROWS = 20_000

_FIFTEEN = Context(prec=15)
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_NUMBER = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{0,40})?(?:[Ee][+-]?[0-9]{1,3})?")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")

Kind = Literal["number", "text", "bool", "error"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its stored text ("" when there is none), what kind that is, and its formula."""

    text: str
    kind: Kind = "text"
    formula: str | None = None


@dataclass(slots=True)
class Sheet:
    """The non-empty cells of one sheet within the asked columns, by (row, column), both from 1.

    `cut`: something stands below MAX_ROWS and was left out (often a stray cell at the very bottom).
    """

    name: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    last_row: int = 0
    cut: bool = False


def column_letter(column: int) -> str:
    """
    >>> column_letter(1), column_letter(14), column_letter(28)
    ('A', 'N', 'AB')
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def typed(kind: str, value: str, strings: Sequence[str], part: str) -> tuple[str, Kind]:
    """A stored value as text and what it is; ``kind``: the cell's ``t``, ``strings``: the shared ones.

    Raises Unreadable (workbook_damaged) for a shared string that is not there.

    >>> typed("n", "5.0", [], ""), typed("s", "0", ["five"], ""), typed("b", "1", [], "")
    (('5', 'number'), ('five', 'text'), ('TRUE', 'bool'))
    """
    match kind:
        case "s":
            index = int(value) if value.isascii() and value.isdigit() and len(value) < 8 else -1
            if not 0 <= index < len(strings):
                raise Unreadable("workbook_damaged", part=part)
            return strings[index], "text"
        case "b":
            return ("TRUE" if value.strip() == "1" else "FALSE"), "bool"
        case "e":
            return value, "error"
        case "n":
            number = number_text(value.strip())
            if number is None and value:
                return value, "error"
            return number or "", "number"
        case _:
            return value, "text"


def column_number(letters: str) -> int:
    """
    >>> column_number("A"), column_number("AB")
    (1, 28)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def number_text(stored: str) -> str | None:
    """A stored number as a plain decimal, to the 15 digits a workbook shows; None when it is not a number.

    Workbooks store binary numbers with 17 digits: what was typed as 0.15 may stand as 0.14999999999999999.

    >>> [number_text(t) for t in ("0.14999999999999999", "5.0", "2E-3", "24.749999999999993", "five")]
    ['0.15', '5', '0.002', '24.75', None]
    """
    if _NUMBER.fullmatch(stored) is None:
        return None
    try:
        value = _FIFTEEN.plus(Decimal(stored))
    except InvalidOperation:
        return None
    if value == 0:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def sheet_names(package: Package) -> list[tuple[str, str]]:
    """(name, part) of each worksheet in the workbook's order.

    Raises Unreadable: not_a_workbook (a zip archive without a workbook in it), workbook_damaged.
    """
    return workbook_part(package)[1]


def read_sheets(package: Package, names: Iterable[str], max_column: int) -> list[Sheet]:
    """The cells of the named sheets, columns 1..max_column only.

    Raises Unreadable: workbook_damaged, workbook_too_large and those of Package.read.
    """
    workbook, listed = workbook_part(package)
    strings_part = next((t for _, kind, t in package.relations(workbook) if kind == "sharedStrings"), "")
    strings = shared_strings(package, strings_part) if strings_part in package else []
    parts = dict(listed)
    return [_SheetReader(name, strings, max_column).read(package, parts[name]) for name in names]


def workbook_part(package: Package) -> tuple[str, list[tuple[str, str]]]:
    """The part that is the workbook, and (name, part) of each worksheet in its order.

    Raises Unreadable: not_a_workbook, workbook_damaged.
    """
    documents = [t for _, kind, t in package.relations("") if kind == "officeDocument"]
    part = documents[0] if documents else "xl/workbook.xml"
    if part not in package or not part.endswith(".xml") or part.startswith(("word/", "ppt/")):
        raise Unreadable("not_a_workbook", found=part if part in package else "")
    listed: list[tuple[str, str]] = []

    def start(tag: str, attrs: dict[str, str]) -> None:
        if tag == "sheet" and len(listed) < MAX_SHEETS:
            listed.append((attrs.get("name", ""), attrs.get("id", "")))

    package.parse(part, start)
    targets = {key: target for key, kind, target in package.relations(part) if kind == "worksheet"}
    found = [(name, targets[key]) for name, key in listed if targets.get(key, "") in package]
    if len({name for name, _ in found}) != len(found):
        raise Unreadable("workbook_damaged", part=part)
    return part, found


def shared_strings(package: Package, part: str) -> list[str]:
    """The texts that cells name by number. Raises Unreadable: workbook_too_large, workbook_damaged."""
    strings: list[str] = []
    reader = TextRuns()

    def start(tag: str, attrs: dict[str, str]) -> None:
        if tag == "si":
            if len(strings) >= MAX_STRINGS:
                raise Unreadable("workbook_too_large", limit_mb="")
            reader.clear()
        reader.start(tag)

    def end(tag: str) -> None:
        reader.end(tag)
        if tag == "si":
            strings.append(reader.value())

    package.parse(part, start, end, reader.text)
    return strings


class TextRuns:
    """Collects the text of <t> elements; phonetic readings (<rPh>) are not part of a cell's text."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self._in_text = False
        self._phonetic = False

    def clear(self) -> None:
        self._parts.clear()
        self._size = 0
        self._in_text = self._phonetic = False

    def start(self, tag: str) -> None:
        if tag == "t":
            self._in_text = True
        elif tag == "rPh":
            self._phonetic = True

    def end(self, tag: str) -> None:
        if tag == "t":
            self._in_text = False
        elif tag == "rPh":
            self._phonetic = False

    def text(self, data: str) -> None:
        if self._in_text and not self._phonetic:
            self._size += len(data)
            if self._size > MAX_TEXT:
                raise Unreadable("workbook_too_large", limit_mb="")
            self._parts.append(data)

    def value(self) -> str:
        return _ESCAPE.sub(_unescape, "".join(self._parts))


def _unescape(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code < 0xE000 else chr(code)  # half a pair is not a character


class _SheetReader:
    """One pass over a sheet's XML; keeps the cells that hold something."""

    def __init__(self, name: str, strings: list[str], max_column: int) -> None:
        self._sheet = Sheet(name)
        self._strings = strings
        self._max_column = max_column
        self._row = self._column = 0
        self._type = ""
        self._part = ""
        self._into: list[str] | None = None
        self._value: list[str] = []
        self._formula: list[str] = []
        self._has_formula = False
        self._runs = TextRuns()

    def read(self, package: Package, part: str) -> Sheet:
        self._part = part
        package.parse(part, self._start, self._end, self._text)
        return self._sheet

    def _start(self, tag: str, attrs: dict[str, str]) -> None:
        if tag == "row":
            self._row = self._number(attrs["r"]) if "r" in attrs else self._row + 1
            self._column = 0
        elif tag == "c":
            self._place(attrs.get("r"))
            self._type = attrs.get("t", "n")
            self._value, self._formula, self._has_formula, self._into = [], [], False, None
            self._runs.clear()
        elif tag == "v":
            self._into = self._value
        elif tag == "f":
            self._into = self._formula
            self._has_formula = True
        self._runs.start(tag)

    def _end(self, tag: str) -> None:
        self._runs.end(tag)
        if tag in ("v", "f"):
            self._into = None
        elif tag == "c":
            self._keep()

    def _text(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)
        else:
            self._runs.text(data)

    def _number(self, text: str) -> int:
        if not (text.isascii() and text.isdigit() and 0 < len(text) < 8):
            raise Unreadable("workbook_damaged", part=self._part)
        return int(text)

    def _place(self, reference: str | None) -> None:
        if reference is None:
            self._column += 1
            return
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            raise Unreadable("workbook_damaged", part=self._part)
        self._column, self._row = column_number(match[1]), int(match[2])

    def _keep(self) -> None:
        value = "".join(self._value)
        if self._type == "inlineStr":
            value = self._runs.value()
        if self._column > self._max_column or not (value or self._has_formula):
            return
        if self._row > MAX_ROWS:
            self._sheet.cut = True
            return
        if len(value) > MAX_TEXT:
            raise Unreadable("workbook_too_large", limit_mb="")
        at = (self._row, self._column)
        if at in self._sheet.cells:  # two values for one cell: which one was meant cannot be known
            raise Unreadable("workbook_damaged", part=self._part)
        formula = "".join(self._formula)[:MAX_TEXT] if self._has_formula else None
        text, kind = typed(self._type, value, self._strings, self._part)
        self._sheet.cells[at] = Cell(text, kind, formula)
        self._sheet.last_row = max(self._sheet.last_row, self._row)
