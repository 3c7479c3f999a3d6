"""A list in a workbook: the rows of its sheets one by one, merged areas, texts as they are stored."""

from __future__ import annotations

import re
from typing import BinaryIO

from compsys.exchange import xlsx_cells
from compsys.exchange.lists_read import (
    HEAD_ROWS,
    MAX_COLUMNS,
    MAX_ROWS,
    NOTHING,
    Row,
    Sheet,
    Stop,
    Tick,
    Visit,
    no_tick,
)
from compsys.exchange.xlsx_cells import MAX_TEXT, Cell, TextRuns, typed
from compsys.exchange.xlsx_package import MAX_FILE, Package, Unreadable

MAX_LOOKED_AT = 20
"""Sheets in which a header is looked for."""

MAX_MERGED = 2_000
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref=["'](\w{2,10}):(\w{2,10})["']""")
_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})\Z")
_TICK = 2_000


class Workbook:
    """A list as .xlsx; opened anew for each reading, within the limits of ``xlsx_package``."""

    def __init__(self, handle: BinaryIO, name: str) -> None:
        """Raises Unreadable: those of ``Package`` and of the workbook's table of sheets."""
        handle.seek(0)
        data = handle.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            raise Unreadable("file_too_large", limit_mb=str(MAX_FILE >> 20))
        self._data, self.name = data, name
        self.said = {"format": "XLSX"}
        package = Package(data)
        self._part, listed = xlsx_cells.workbook_part(package)
        self._parts = dict(listed)
        strings = [t for _, kind, t in package.relations(self._part) if kind == "sharedStrings"]
        held = strings[0] if strings and strings[0] in package else ""
        self._strings = xlsx_cells.shared_strings(package, held) if held else []

    def sheets(self) -> list[Sheet]:
        """The first MAX_LOOKED_AT sheets, each with its first rows and its merged areas."""
        found = []
        for name in list(self._parts)[:MAX_LOOKED_AT]:
            sheet = Sheet(name)

            def visit(row: Row, sheet: Sheet = sheet) -> None:
                if row.number > HEAD_ROWS:
                    raise Stop
                sheet.head.append(row)

            self.each(name, visit)
            sheet.merged = self._merged(name)
            found.append(sheet)
        return found

    def _merged(self, sheet: str) -> list[tuple[int, int, int, int]]:
        areas: list[tuple[int, int, int, int]] = []
        for match in _MERGED.finditer(Package(self._data).read(self._parts[sheet])):
            first, last = (_PLACE.match(side.decode("ascii", "replace")) for side in match.groups())
            if first and last and len(areas) < MAX_MERGED:
                left, right = xlsx_cells.column_number(first[1]), xlsx_cells.column_number(last[1])
                areas.append((int(first[2]), left, int(last[2]), right))
        return areas

    def each(self, sheet: str, visit: Visit, tick: Tick = no_tick) -> None:
        """Every row that holds something. Raises Unreadable: workbook_damaged (rows or cells out of order
        among it), too_many_columns, too_many_rows."""
        reader = _Rows(self._parts[sheet], self._strings, visit, tick)
        try:
            Package(self._data).parse(self._parts[sheet], reader.start, reader.end, reader.text)
        except Stop:
            return
        tick(reader.row)


class _Rows:
    """One pass over a sheet's XML; gives each row away when it ends."""

    def __init__(self, part: str, strings: list[str], visit: Visit, tick: Tick) -> None:
        self._part, self._strings, self._visit, self._tick = part, strings, visit, tick
        self.row = self._column = self._shown = 0
        self._cells: list[Cell] = []
        self._type = ""
        self._into: list[str] | None = None
        self._value: list[str] = []
        self._formula: list[str] | None = None
        self._size = 0
        self._runs = TextRuns()

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        if tag == "row":
            self._begin_row(attrs.get("r"))
        elif tag == "c":
            self._place(attrs.get("r"))
            self._type = attrs.get("t", "n")
            self._value, self._formula, self._into, self._size = [], None, None, 0
            self._runs.clear()
        elif tag == "v":
            self._into = self._value
        elif tag == "f":
            self._formula = self._into = []
        self._runs.start(tag)

    def end(self, tag: str) -> None:
        self._runs.end(tag)
        if tag in ("v", "f"):
            self._into = None
        elif tag == "c":
            self._keep()
        elif tag == "row":
            self._end_row()

    def text(self, data: str) -> None:
        if self._into is None:
            self._runs.text(data)
            return
        self._size += len(data)
        if self._size > MAX_TEXT:
            raise Unreadable("workbook_too_large", limit_mb="")
        self._into.append(data)

    def _begin_row(self, said: str | None) -> None:
        number = self.row + 1
        if said is not None:
            if not (said.isascii() and said.isdigit() and 0 < len(said) < 8):
                raise Unreadable("workbook_damaged", part=self._part)
            number = int(said)
        if number <= self.row:
            raise Unreadable("workbook_damaged", part=self._part)
        self.row, self._column, self._cells = number, 0, []

    def _place(self, reference: str | None) -> None:
        column = self._column + 1
        if reference is not None:
            match = _PLACE.match(reference)
            if match is None or int(match[2]) != self.row:
                raise Unreadable("workbook_damaged", part=self._part)
            column = xlsx_cells.column_number(match[1])
        if column <= self._column:
            raise Unreadable("workbook_damaged", part=self._part)
        self._column = column

    def _keep(self) -> None:
        value = self._runs.value() if self._type == "inlineStr" else "".join(self._value)
        if not value and self._formula is None:
            return
        if self._column > MAX_COLUMNS:
            found = str(self._column)
            raise Unreadable("too_many_columns", found=found, limit=str(MAX_COLUMNS))
        self._cells.extend([NOTHING] * (self._column - len(self._cells)))
        text, kind = typed(self._type, value, self._strings, self._part)
        formula = None if self._formula is None else "".join(self._formula)
        self._cells[self._column - 1] = Cell(text, kind, formula)

    def _end_row(self) -> None:
        if self.row > MAX_ROWS:
            raise Unreadable("too_many_rows", limit=str(MAX_ROWS))
        row = Row(self.row, tuple(self._cells))
        if not row.blank:
            self._shown += 1
            if self._shown % _TICK == 0:
                self._tick(self.row)
            self._visit(row)
