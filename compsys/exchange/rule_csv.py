"""Reads the plain tables that the rules' own commands take: columns by name, every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from compsys import words
from compsys.exchange.lists_read import Row, address, open_list
from compsys.exchange.xlsx_package import Unreadable
from scoring_rules import exact

Kind = Literal["text", "number", "whole", "word", "flag"]
Severity = Literal["error", "warning"]
FLAGS = {
    **dict.fromkeys(("yes", "true", "1", "是"), "yes"),
    **dict.fromkeys(("no", "false", "0", "否"), "no"),
}
"""What stands for yes and no in a column of flags; blank is neither."""


class Column(NamedTuple):
    """One column: its name in the header and what its cells may hold.

    `must`: the column has to be there; `filled`: none of its cells may be blank. `words`: what a word may be
    (small letters). `low`, `high`: bounds of a number or whole number, both inclusive, "" without one.
    """

    name: str
    kind: Kind = "text"
    must: bool = True
    filled: bool = True
    words: tuple[str, ...] = ()
    low: str = ""
    high: str = ""


class Fault(NamedTuple):
    """What is wrong at a row (from 1 as a spreadsheet counts, 0 = the file) and a column ("" = the row)."""

    row: int
    column: str
    code: str
    params: Mapping[str, str]
    severity: Severity = "error"
    cell: str = ""


class Record(NamedTuple):
    """One row: its number and the text of every column that was asked for, "" where nothing stands."""

    row: int
    values: Mapping[str, str]


@dataclass(slots=True)
class Sheet:
    """A table as read: its rows in the file's order, the columns it has, and every problem found."""

    records: list[Record] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    """name -> position from 1, of the columns that were asked for and are there"""
    faults: list[Fault] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing but warnings was found."""
        return all(fault.severity == "warning" for fault in self.faults)

    def say(self, row: int, column: str, code: str, **params: str) -> None:
        """Note an error of a cell, a row (column "") or the file (row 0)."""
        self._note("error", row, column, code, params)

    def warn(self, row: int, column: str, code: str, **params: str) -> None:
        """Note what somebody should know, though the table can be used."""
        self._note("warning", row, column, code, params)

    def _note(self, severity: Severity, row: int, column: str, code: str, params: dict[str, str]) -> None:
        cell = address(row, self.columns.get(column, 0)) if row else ""
        self.faults.append(Fault(row, column, code, params, severity, cell))

    def distinct(self, names: Sequence[str]) -> None:
        """Note every row whose texts in these columns together stand in an earlier row already.

        Rows in which the last of the columns is blank are left alone: they have their own problem.
        """
        first: dict[tuple[str, ...], int] = {}
        for row, values in self.records:
            key = tuple(values[name] for name in names)
            if key[-1] and first.setdefault(key, row) != row:
                said = " ".join(part for part in key if part)
                self.say(row, names[-1], "csv.twice", value=said, first=str(first[key]))

    def in_order(self) -> list[Fault]:
        """The problems in the order of the file: by row, then by column."""
        return sorted(self.faults, key=lambda f: (f.row, self.columns.get(f.column, 0)))


def read(data: bytes, name: str, columns: Collection[Column]) -> Sheet:
    """The table in a CSV (UTF-8 with or without BOM, UTF-16, GB18030) or in a workbook's first sheet.

    The first row that holds something is the header; its names are compared in small letters. Columns that
    nobody asked for are a warning. Numbers may be written full-width. Nothing is raised for bad input.

    >>> table = read(b"entry,total\\nA,61.42\\nB,many\\nB,-1\\n", "x.csv",
    ...              [Column("entry"), Column("total", "number", low="0", high="100")])
    >>> table.distinct(["entry"])
    >>> [(f.cell, f.column, f.code) for f in table.in_order()]
    [('B3', 'total', 'csv.not_a_number'), ('A4', 'entry', 'csv.twice'), ('B4', 'total', 'csv.too_low')]
    """
    sheet = Sheet()
    asked = {column.name: column for column in columns}
    header: list[str] = []

    def visit(row: Row) -> None:
        if not header:
            header.extend(_header(sheet, row, asked))
        else:
            _record(sheet, row, asked, len(header))

    try:
        file = open_list(data, name)
        tables = file.sheets()
        if tables:
            file.each(tables[0].name, visit)
    except Unreadable as error:
        sheet.records.clear()
        sheet.say(0, "", f"list.{error.code}", **error.params)
        return sheet
    if not sheet.records:
        sheet.say(0, "", "csv.no_rows")
    return sheet


def _header(sheet: Sheet, row: Row, asked: Mapping[str, Column]) -> list[str]:
    names = [exact.normalise(cell.text).lower() for cell in row.cells]
    for position, name in enumerate(names, 1):
        if name in sheet.columns:
            sheet.say(row.number, name, "csv.column_twice", name=name)
        elif name in asked:
            sheet.columns[name] = position
        elif name:
            sheet.warn(row.number, name, "csv.column_unknown", name=name, known=" ".join(asked))
    for name, column in asked.items():
        if column.must and name not in sheet.columns:
            sheet.say(row.number, name, "csv.column_missing", name=name)
    return names


def _record(sheet: Sheet, row: Row, asked: Mapping[str, Column], width: int) -> None:
    if any(cell.text.strip() for cell in row.cells[width:]):
        sheet.say(row.number, "", "csv.too_wide", found=str(len(row.cells)), width=str(width))
    values = dict.fromkeys(asked, "")
    for name, position in sheet.columns.items():
        cell = row.cell(position)
        if cell.formula is not None:
            sheet.say(row.number, name, "list.formula", formula=cell.formula)
            continue
        values[name] = _value(sheet, row.number, asked[name], cell.text)
    sheet.records.append(Record(row.number, values))


def _value(sheet: Sheet, row: int, column: Column, text: str) -> str:
    """The cell's text as the rules take it; what cannot be taken is noted and stands as "" from here on."""
    value = text.strip() if column.kind == "text" else exact.normalise(text)
    if not value:
        if column.filled:
            sheet.say(row, column.name, "csv.blank", name=column.name)
        return ""
    return _TAKES[column.kind](sheet, row, column, value)


def _text(sheet: Sheet, row: int, column: Column, value: str) -> str:
    return value


def _number(sheet: Sheet, row: int, column: Column, value: str) -> str:
    if not exact.is_number(value):
        sheet.say(row, column.name, "csv.not_a_number", value=value)
        return ""
    number = exact.parse(value)
    if column.kind == "whole" and number.denominator != 1:
        sheet.say(row, column.name, "csv.not_whole", value=value)
    elif column.low and number < exact.parse(column.low):
        sheet.say(row, column.name, "csv.too_low", value=value, low=column.low)
    elif column.high and number > exact.parse(column.high):
        sheet.say(row, column.name, "csv.too_high", value=value, high=column.high)
    else:
        return exact.show(number) if column.kind == "whole" else value
    return ""


def _word(sheet: Sheet, row: int, column: Column, value: str) -> str:
    if value.lower() in column.words:
        return value.lower()
    sheet.say(row, column.name, "csv.unknown_word", value=value, known=" ".join(column.words))
    return ""


def _flag(sheet: Sheet, row: int, column: Column, value: str) -> str:
    if value.lower() in FLAGS:
        return FLAGS[value.lower()]
    sheet.say(row, column.name, "csv.unknown_word", value=value, known="yes no")
    return ""


_TAKES: dict[Kind, Callable[[Sheet, int, Column, str], str]] = {
    "text": _text, "number": _number, "whole": _number, "word": _word, "flag": _flag,
}  # fmt: skip


def as_data(fault: Fault, lang: str) -> dict[str, Any]:
    """A problem as the commands print it in JSON, with its sentence and what to do."""
    return {
        "severity": fault.severity,
        "row": fault.row or None,
        "column": fault.column or None,
        "cell": fault.cell or None,
        "code": fault.code,
        "params": dict(fault.params),
        "message": words.say(fault.code, lang, **fault.params),
        "todo": words.todo(fault.code, lang, **fault.params),
    }
