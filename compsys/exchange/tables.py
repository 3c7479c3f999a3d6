"""Writes a table of plain rows as CSV, XLSX or JSON: the same rows give the same bytes on every run."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from compsys import words
from scoring_rules import exact
from scoring_rules.scheme import Words

Value = str | int | None
"""A cell: text (marks and totals included), a whole number, or None for blank, which is not zero."""

Row = Mapping[str, Value]

_FORMULA = "=+-@\t\r\n＝＋－＠"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_STAMP = b"2000-01-01T00:00:00Z"
_STAMPED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_LONGEST_TEXT = 32_767
_DIGITS = 15
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the row's key, its heading in the languages, and whether its texts are numbers.

    Only a column said to be of numbers is written as numbers into XLSX: a code 007 or a year stays text.
    ``kept``: text also for whoever types over a cell, so that a long number loses no digits then either.
    """

    key: str
    title: Words
    number: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet of a workbook."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Row]


def write_csv(columns: Sequence[Column], rows: Sequence[Row], language: str = "zh-CN") -> bytes:
    """CSV as spreadsheet programs expect it: UTF-8 with byte order mark, commas, CR LF; numbers as text.

    A text that a spreadsheet would take for a formula gets an apostrophe before it. KeyError when a row
    lacks a column.

    >>> write_csv([Column("total", {"en": "Total"})], [{"total": "83.25"}, {"total": "=1+1"}], "en")
    b"\\xef\\xbb\\xbfTotal\\r\\n83.25\\r\\n'=1+1\\r\\n"
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([guard(words.pick(c.title, language)) for c in columns])
    for row in rows:
        writer.writerow([guard(_text(row[c.key])) for c in columns])
    return ("\ufeff" + out.getvalue()).encode()


def write_json(columns: Sequence[Column], rows: Sequence[Row], language: str = "zh-CN") -> bytes:
    """{"columns": [{"key", "title"}], "rows": [{key: text or null}]}, numbers as text, keys in column order.

    KeyError when a row lacks a column.

    >>> write_json([Column("n", {"en": "No."})], [{"n": 1}, {"n": None}], "en").decode()
    '{"columns":[{"key":"n","title":"No."}],"rows":[\\n{"n":"1"},\\n{"n":null}]}\\n'
    """
    heads = [{"key": c.key, "title": _whole(words.pick(c.title, language))} for c in columns]
    texts = [{c.key: None if row[c.key] is None else _text(row[c.key]) for c in columns} for row in rows]
    lines = ["\n" + _json(line) for line in texts]
    return f'{{"columns":{_json(heads)},"rows":[{",".join(lines)}]}}\n'.encode()


def write_xlsx(
    columns: Sequence[Column], rows: Sequence[Row], language: str = "zh-CN", sheet: str = "Results"
) -> bytes:
    """One table as a workbook; see write_workbook."""
    return write_workbook([Table(sheet, columns, rows)], language)


def write_workbook(tables: Sequence[Table], language: str = "zh-CN") -> bytes:
    """A workbook with one sheet per table. ValueError without a table; KeyError when a row lacks a column.

    In a column of numbers a number stands as a number, with its decimals kept by the cell's format, as far as
    15 digits hold it exactly; everything else is text and never a formula. Names of sheets are made legal and
    different. Time stamps inside are fixed, so that equal tables give equal bytes.
    """
    if not tables:
        raise ValueError("a workbook needs a table")
    workbook = Workbook(write_only=True)
    taken: set[str] = set()
    for table in tables:
        sheet = workbook.create_sheet(_sheet_name(table.name, taken))
        sheet.freeze_panes = "A2"
        for index, width in enumerate(_widths(table, language), 1):
            sheet.column_dimensions[get_column_letter(index)].width = width
        heads = []
        for column in table.columns:
            head = _text_cell(sheet, words.pick(column.title, language))
            head.font, head.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
            heads.append(head)
        sheet.append(heads)
        for row in table.rows:
            sheet.append([_cell(sheet, _text(row[c.key]), c) for c in table.columns])
    out = io.BytesIO()
    workbook.save(out)
    return unstamped(out.getvalue())


def guard(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it as a formula; numbers pass.

    >>> [guard(t) for t in ("-1.5", "-1+cmd", "=A1", " @x", "Zhang", "")]
    ['-1.5', "'-1+cmd", "'=A1", "' @x", 'Zhang', '']
    """
    begins = text.lstrip(" \u00a0\u3000")[:1]
    if begins and begins in _FORMULA and not exact.is_number(text):
        return f"'{text}"
    return text


def _text(value: Value) -> str:
    if value is None:
        return ""
    return _whole(str(value))


def _whole(text: str) -> str:
    """Half of a surrogate pair cannot be encoded; it becomes the replacement character."""
    return _SURROGATE.sub("\ufffd", text)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _cell(sheet: object, text: str, column: Column) -> WriteOnlyCell | None:
    if not text:
        return None
    digits = len(text.lstrip("-").replace(".", "").strip("0"))
    if column.number and exact.is_number(text) and digits <= _DIGITS:
        decimals = len(text.partition(".")[2])
        cell = WriteOnlyCell(sheet, Decimal(text))
        cell.number_format = f"0.{'0' * decimals}" if decimals else "0"
        return cell
    cell = _text_cell(sheet, text)
    if column.kept:
        cell.number_format = "@"
    return cell


def _text_cell(sheet: object, text: str) -> WriteOnlyCell:
    text = _CONTROL.sub("\ufffd", text)
    if len(text) > _LONGEST_TEXT:
        text = text[: _LONGEST_TEXT - 1] + "…"
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    if guard(text) != text:
        cell.quotePrefix = True  # stays text when somebody edits the cell
    return cell


def _sheet_name(name: str, taken: set[str]) -> str:
    """At most 31 characters, none of []:*?/\\, no apostrophe at the ends, different from the others."""
    base = _SHEET_NAME.sub(" ", _whole(name)).strip().strip("'")[:31].rstrip("' ") or "Sheet"
    found, count = base, 1
    while found.casefold() in taken:
        count += 1
        tail = f" {count}"
        found = base[: 31 - len(tail)] + tail
    taken.add(found.casefold())
    return found


def _widths(table: Table, language: str) -> list[int]:
    widths = []
    for column in table.columns:
        longest = _width(words.pick(column.title, language))
        for row in table.rows[:500]:
            longest = max(longest, _width(_text(row[column.key])))
        widths.append(min(longest, _WIDEST) + 2)
    return widths


def _width(text: str) -> int:
    """Width in digits of the longest line: a Chinese character takes two."""
    lines = text.splitlines() or [""]
    return max(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in lines)


def unstamped(data: bytes) -> bytes:
    """The same workbook with every time stamp fixed, inside and in the archive."""
    out = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(data))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "docProps/core.xml":
                part = _STAMPED.sub(rb"\g<1>" + _STAMP + rb"\g<2>", part)
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            target.writestr(entry, part)
    return out.getvalue()
