"""The organizer's list as a workbook with the findings: the same cells, comments where something is wrong."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from compsys import words
from compsys.exchange import lists_tell
from compsys.exchange.lists_findings import Finding, Look
from compsys.exchange.lists_read import ListFile, Row, open_list
from compsys.exchange.tables import guard, unstamped
from compsys.exchange.xlsx_cells import Cell
from compsys.exchange.xlsx_package import Unreadable
from scoring_rules import exact

_EXACT_DIGITS = 15
_LONGEST = 32_000
_EDGE = {
    "error": Border(*[Side(style="thick", color="B0241B")] * 4),
    "warning": Border(*[Side(style="mediumDashed", color="854F00")] * 4),
}
_FILL = {
    "error": PatternFill("solid", fgColor="FBE5E2"),
    "warning": PatternFill("solid", fgColor="FFEFCC"),
}
_WIDTHS = (10, 18, 70, 60, 28)
"""Of the columns of the sheet of findings, in digits."""

_COMMENTED = 3_000
"""Cells that get a comment; the sheet of findings has all that were kept."""


def write(source: Any, look: Look, lang: str) -> bytes:
    """The list again, cell by cell at the same addresses, comments on what was found, and a sheet that lists
    the findings. No text in it is a formula. ``source``: as for ``open_list``."""
    book = Workbook(write_only=True)
    try:
        file: ListFile | None = open_list(source, look.name)
    except Unreadable:
        file = None
    if file is not None and look.header is not None:
        _list(book, file, look, lang)
    _findings(book, look, lang)
    out = io.BytesIO()
    book.save(out)
    return unstamped(out.getvalue())


def _list(book: Any, file: ListFile, look: Look, lang: str) -> None:
    header = look.header
    assert header is not None
    sheet = book.create_sheet(_title(header.sheet, words.say("list.book.list", lang)))
    for index, label in enumerate(header.labels):
        said = [label.rpartition(" / ")[2], *(row[index] for row in header.samples if index < len(row))]
        width = max(10, min(30, 2 + max(map(_wide, said))))
        sheet.column_dimensions[get_column_letter(index + 1)].width = width
    _one_page_wide(sheet)
    sheet.freeze_panes = f"A{header.last + 1}"
    for top, left, bottom, right in header.merged:
        if (bottom - top + 1) * (right - left + 1) <= 1_000:
            sheet.merged_cells.add(f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}")
    at: dict[tuple[int, int], list[Finding]] = defaultdict(list)
    for finding in look.findings[:_COMMENTED]:
        if finding.row:
            at[finding.row, finding.column or 1].append(finding)
    done = 0

    def visit(row: Row) -> None:
        nonlocal done
        for _ in range(done + 1, row.number):
            sheet.append([])
        done = row.number
        cells = list(_cells(sheet, row, at, header.last, header.column("birth"), lang))
        sheet.append(cells)

    try:
        file.each(header.sheet, visit)
    except Unreadable:  # what could be read stands there; the findings say where it ended
        return


def _cells(
    sheet: Any, row: Row, at: dict[tuple[int, int], list[Finding]], head: int, born: int, lang: str
) -> Iterator[WriteOnlyCell | None]:
    width = len(row.cells)
    if here := [column for number, column in at if number == row.number and column > width]:
        width = max(here)
    for column in range(1, width + 1):
        cell, found = row.cell(column), at.get((row.number, column), ())
        if not (cell.text or cell.formula is not None or found):
            yield None
            continue
        made = _cell(sheet, cell)
        if column == born and cell.kind == "number" and len(cell.text) == 5:
            made.number_format = "yyyy-mm-dd"
        if row.number <= head:
            made.font = Font(bold=True)
        if row.number == head:
            made.alignment = Alignment(wrap_text=True, vertical="center")
        if found:
            worst = "error" if any(f.severity == "error" for f in found) else "warning"
            made.fill, made.border = _FILL[worst], _EDGE[worst]
            made.comment = _comment(found, lang)
        yield made


def _cell(sheet: Any, cell: Cell) -> WriteOnlyCell:
    """A cell as it stands in the list: a number as a number where that loses nothing, all else as text."""
    digits = cell.text.lstrip("-").replace(".", "").strip("0")
    if cell.kind == "number" and exact.is_number(cell.text) and len(digits) <= _EXACT_DIGITS:
        return WriteOnlyCell(sheet, Decimal(cell.text))
    text = cell.text if cell.formula is None else f"={cell.formula}"
    return text_cell(sheet, text)


def text_cell(sheet: Any, text: str) -> WriteOnlyCell:
    """A text that no spreadsheet takes for a formula, whatever it begins with."""
    clean = "".join(c if c >= " " or c in "\t\n" else "\ufffd" for c in text)[:_LONGEST]
    clean = "".join("\ufffd" if "\ud800" <= c <= "\udfff" or c in "\ufffe\uffff" else c for c in clean)
    made = WriteOnlyCell(sheet, clean)
    made.data_type = "s"
    if guard(clean) != clean:
        made.quotePrefix = True
    return made


def _comment(found: Any, lang: str) -> Comment:
    lines = []
    for finding in found:
        lines.append(f"{lists_tell.sentence(finding, lang)} {lists_tell.advice(finding, lang)}".strip())
    text = "\n".join(lines)[:2_000]
    comment = Comment(text, "compsys")
    comment.width, comment.height = 320, 60 + 40 * len(lines)
    return comment


def _one_page_wide(sheet: Any) -> None:
    """Printed, all its columns stand on one page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _findings(book: Any, look: Look, lang: str) -> None:
    sheet = book.create_sheet(words.say("list.book.findings", lang))
    for letter, width in zip("ABCDE", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    _one_page_wide(sheet)
    sheet.freeze_panes = "A2"
    heads = []
    for code in ("cell", "severity", "what", "todo", "code"):
        head = text_cell(sheet, words.say(f"list.book.{code}", lang))
        head.font = Font(bold=True)
        heads.append(head)
    sheet.append(heads)
    for number, finding in enumerate(look.findings, 2):
        texts = (
            finding.where,
            words.say(f"list.severity.{finding.severity}", lang),
            lists_tell.sentence(finding, lang),
            lists_tell.advice(finding, lang),
            finding.code,
        )
        cells = [text_cell(sheet, text) for text in texts]
        lines = max(-(-_wide(text) // width) for text, width in zip(texts, _WIDTHS, strict=True))
        sheet.row_dimensions[number].height = 15 * max(1, lines)
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append(cells)


def _wide(text: str) -> int:
    """How wide a text is, in digits: a Chinese character takes two."""
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text)


def _title(name: str, other: str) -> str:
    """A legal name of a sheet."""
    kept = "".join(c for c in name if c not in "[]:*?/\\" and c >= " ").strip("' ")[:31]
    return kept if kept and kept.casefold() != "history" else other
