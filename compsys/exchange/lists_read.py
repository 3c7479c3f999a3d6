"""Reads a list of other people, .csv or .xlsx, row by row: exact texts with addresses, in bounded memory.

Nothing is guessed away: what the encoding and the separator are is said, a cell keeps its text as it stands
in the file, and a formula is told apart from a value.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple, Protocol

from compsys.exchange.xlsx_cells import Cell, column_letter
from compsys.exchange.xlsx_package import Unreadable

MAX_COLUMNS = 256
MAX_ROWS = 1_000_000
MAX_BYTES = 64 * 1024 * 1024
HEAD_ROWS = 40
"""Rows among which a header is looked for."""

NOTHING = Cell("")
_CHUNK = 1 << 20
_TICK = 2_000
_CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")
_SEPARATORS = ",;\t"
_SEP_LINE = re.compile(r"sep=([,;\t])\r?\n?\Z", re.I)
_NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 (BOM)", "utf-16": "UTF-16", "gb18030": "GB18030"}


class Row(NamedTuple):
    """One row: its number in a spreadsheet (from 1) and its cells from column A on."""

    number: int
    cells: tuple[Cell, ...]

    def cell(self, column: int) -> Cell:
        """The cell of a column (from 1); an empty one beyond the last."""
        return self.cells[column - 1] if 0 < column <= len(self.cells) else NOTHING

    @property
    def blank(self) -> bool:
        """Whether nothing but spaces stands in it."""
        return not any(cell.formula is not None or cell.text.strip() for cell in self.cells)


class Stop(Exception):
    """Raised by a visitor that has read enough."""


Visit = Callable[[Row], None]
Tick = Callable[[int], None]


def no_tick(rows: int) -> None:
    """Tell nobody how far the reading is."""


@dataclass(slots=True)
class Sheet:
    """One table of a file: its name ("" for CSV), its first rows, its merged areas (row, column, row,
    column)."""

    name: str
    head: list[Row] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


class ListFile(Protocol):
    """A list that can be read again and again from its beginning."""

    name: str
    said: dict[str, str]
    """what was found out: ``format``, and ``encoding`` and ``separator`` of a CSV"""

    def sheets(self) -> list[Sheet]:
        """Its tables with their first HEAD_ROWS rows."""
        ...

    def each(self, sheet: str, visit: Visit, tick: Tick = no_tick) -> None:
        """Show every row that holds something to ``visit``, in order; ``tick`` hears how many were shown."""
        ...


def address(row: int, column: int) -> str:
    """A cell as a spreadsheet calls it; without a column the row alone.

    >>> address(17, 2), address(17, 0)
    ('B17', '17')
    """
    return f"{column_letter(column)}{row}" if column else str(row)


def open_list(source: BinaryIO | bytes, name: str) -> ListFile:
    """The list in a file, by what is in it, not by its name.

    Raises Unreadable with a code ``list.*``: file_empty, file_too_large, not_text, and those of a workbook.
    """
    handle = io.BytesIO(source) if isinstance(source, bytes) else source
    size = handle.seek(0, io.SEEK_END)
    handle.seek(0)
    if not size:
        raise Unreadable("file_empty")
    if size > MAX_BYTES:
        raise Unreadable("file_too_large", limit_mb=str(MAX_BYTES >> 20))
    start = handle.read(8)
    if start.startswith((b"PK", bytes.fromhex("D0CF11E0A1B11AE1"))):
        from compsys.exchange.lists_xlsx import Workbook

        return Workbook(handle, name)
    return CsvList(handle, name)


class CsvList:
    """A list as text: UTF-8 with or without byte order mark, UTF-16 with one, else GB18030."""

    def __init__(self, handle: BinaryIO, name: str) -> None:
        self._handle, self.name = handle, name
        self._encoding = _encoding(handle)
        self._separator, self._skip = self._looked_at()
        separator = {"\t": "Tab"}.get(self._separator, self._separator)
        self.said = {"format": "CSV", "encoding": _NAMES[self._encoding], "separator": separator}

    def sheets(self) -> list[Sheet]:
        """The one table."""
        sheet = Sheet("")

        def visit(row: Row) -> None:
            if row.number > HEAD_ROWS:
                raise Stop
            sheet.head.append(row)

        self.each("", visit)
        return [sheet]

    def each(self, sheet: str, visit: Visit, tick: Tick = no_tick) -> None:
        """Every row; raises Unreadable: bad_csv (a quotation mark out of place), too_many_columns,
        too_many_rows."""
        with self._lines() as lines:
            for _ in range(self._skip):
                next(lines)
            reader = csv.reader(lines, delimiter=self._separator, strict=True)
            number = 0
            try:
                for number, cells in enumerate(reader, 1):
                    if number % _TICK == 0:
                        tick(number)
                    if len(cells) > MAX_COLUMNS and any(text.strip() for text in cells[MAX_COLUMNS:]):
                        raise Unreadable("too_many_columns", found=str(len(cells)), limit=str(MAX_COLUMNS))
                    if number > MAX_ROWS:
                        raise Unreadable("too_many_rows", limit=str(MAX_ROWS))
                    row = Row(number, tuple(Cell(text) if text else NOTHING for text in cells))
                    if not row.blank:
                        visit(row)
            except Stop:
                return
            except csv.Error as error:
                raise Unreadable("bad_csv", line=str(reader.line_num + self._skip)) from error
            tick(number)

    @contextmanager
    def _lines(self) -> Iterator[Iterator[str]]:
        self._handle.seek(0)
        text = io.TextIOWrapper(self._handle, encoding=self._encoding, newline="")
        try:
            yield iter(text)
        finally:
            text.detach()

    def _looked_at(self) -> tuple[str, int]:
        """(separator, lines to pass over): the one under which most of the first rows are equally wide."""
        with self._lines() as lines:
            first = [line for line, _ in zip(lines, range(HEAD_ROWS), strict=False)]
        if first and (said := _SEP_LINE.match(first[0])):
            return said[1], 1
        best = (0, 0)
        found = ","
        for separator in _SEPARATORS:
            try:
                widths = [len(cells) for cells in csv.reader(first, delimiter=separator)]
            except csv.Error:
                continue
            wide = Counter(width for width in widths if width > 1)
            width, times = max(wide.items(), key=lambda pair: (pair[1], pair[0]), default=(0, 0))
            if (times, width) > best:
                best, found = (times, width), separator
        return found, 0


def _encoding(handle: BinaryIO) -> str:
    """How the text is encoded, tried on the whole file. Raises Unreadable not_text."""
    handle.seek(0)
    start = handle.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tried = ["utf-16"]
    elif start.startswith(codecs.BOM_UTF8):
        tried = ["utf-8-sig"]
    else:
        tried = ["utf-8", "gb18030"]
    for encoding in tried:
        if _decodes(handle, encoding):
            return encoding
    raise Unreadable("not_text")


def _decodes(handle: BinaryIO, encoding: str) -> bool:
    handle.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while True:
            chunk = handle.read(_CHUNK)
            if _CONTROL.search(decoder.decode(chunk, not chunk)):
                return False
            if not chunk:
                return True
    except UnicodeError:
        return False
