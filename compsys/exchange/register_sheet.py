"""The sheet that an office uploads to a register: certificates in the columns of its map, all of it text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from compsys import identity, words
from compsys.exchange.register_map import MapColumn, RegisterMap, wanting, written
from compsys.exchange.register_row import Names, RegisterRow
from compsys.exchange.tables import Column, Table, guard, write_workbook

FORMS = ("xlsx", "csv")
_LONG = 11
"""From so many digits on spreadsheets drop some of a number that stands bare in a CSV."""


class Hole(NamedTuple):
    """Why a certificate is not in the sheet: its number, the column, the code with its parameters."""

    number: str
    head: str
    code: str
    params: dict[str, str]


@dataclass(slots=True)
class Sheet:
    """A sheet as it would be written: rows of texts in the map's columns, and who is not in it and why.

    ``left``: how many certificates have a kind or state that the map does not take.
    """

    map: RegisterMap
    rows: list[list[str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)

    @property
    def short(self) -> int:
        """How many certificates lack something."""
        return len({hole.number for hole in self.holes})


def prepare(found: RegisterMap, rows: Iterable[RegisterRow], names: Names) -> Sheet:
    """The sheet of these certificates, ordered by number: every hole of every row is noted.

    Codes: register.hole_erased (nobody knows the person any more), register.hole_blank, register.hole_long,
    register.hole_identity (a resident number that breaks GB 11643).
    """
    sheet = Sheet(found)
    for row in sorted(rows, key=lambda row: (row.number, row.id)):
        if row.kind not in found.kinds or row.state not in found.states:
            why = row.state if row.kind in found.kinds else row.kind
            sheet.left[why] = sheet.left.get(why, 0) + 1
            continue
        who = names(row.person)
        texts = [written(found, column, row, who, len(sheet.rows) + 1) for column in found.columns]
        holes = _holes(found, row, texts, erased=who is None)
        if who is not None and who.id_type == "resident_id" and "id_number" in found.personal:
            fault = identity.fault(identity.normalise(who.id_number)) if who.id_number else ""
            if fault:
                head = next(c.head for c in found.columns if c.what == "id_number")
                holes.append(Hole(row.number, head, "register.hole_identity", {"fault": fault}))
        if holes:
            sheet.holes += holes
        else:
            sheet.rows.append(texts)
            sheet.ids.append(row.id)
    return sheet


def _holes(found: RegisterMap, row: RegisterRow, texts: Sequence[str], erased: bool) -> list[Hole]:
    if erased and found.personal:
        return [Hole(row.number, "", "register.hole_erased", {"person": row.person})]
    holes = []
    for column, text in zip(found.columns, texts, strict=True):
        if wanting(column, row) and (not text or text == column.blank):
            holes.append(Hole(row.number, column.head, "register.hole_blank", {"head": column.head}))
        elif column.longest and len(text) > column.longest:
            params = {"head": column.head, "length": str(len(text)), "longest": str(column.longest)}
            holes.append(Hole(row.number, column.head, "register.hole_long", params))
    return holes


def files(sheet: Sheet, form: str) -> list[bytes]:
    """The sheet as files, more than one where the map bounds the rows of one; ValueError for another form.

    >>> from compsys.exchange import register_map
    >>> files(Sheet(register_map.load("cn-national"), rows=[["007", *[""] * 12]]), "csv")[0][-17:-2]
    b'007,,,,,,,,,,,,'
    """
    if form not in FORMS:
        raise ValueError(form)
    step = sheet.map.rows_per_file or max(len(sheet.rows), 1)
    slices = [sheet.rows[at : at + step] for at in range(0, len(sheet.rows), step)] or [[]]
    return [_xlsx(sheet.map, rows) if form == "xlsx" else _csv(sheet.map, rows) for rows in slices]


def _xlsx(found: RegisterMap, rows: Sequence[Sequence[str]]) -> bytes:
    """Every cell is text in a cell of the format Text: Excel keeps 18 digits, also where one is retyped."""
    columns = [Column(str(at), {"zh-CN": column.head}, kept=True) for at, column in enumerate(found.columns)]
    lines = [{str(at): text for at, text in enumerate(row)} for row in rows]
    return write_workbook([Table(found.sheet, columns, lines)], "zh-CN")


def _csv(found: RegisterMap, rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([guard(column.head) for column in found.columns])
    tab = found.csv_text == "tab"
    writer.writerows([[_plain(text, tab) for text in row] for row in rows])
    return ("\ufeff" + out.getvalue()).encode()


def _plain(text: str, tab: bool) -> str:
    """A text in a CSV; with ``tab`` a long number has a tab before it, which Excel takes for text."""
    return f"\t{text}" if tab and endangered(text) else guard(text)


def endangered(text: str) -> bool:
    """Whether a spreadsheet that opens a CSV would change a text: a long number, or one with a leading zero.

    >>> [endangered(text) for text in ("110105194912310021", "0012", "82.5", "12", "S0001")]
    [True, True, False, False, False]
    """
    return text.isascii() and text.isdigit() and (len(text) > _LONG or (text[0] == "0" and len(text) > 1))


def losing(sheet: Sheet, form: str) -> list[str]:
    """The heads whose numbers Excel would change when it opens the CSV; none in a workbook."""
    if form != "csv" or sheet.map.csv_text == "tab":
        return []
    at = {i for row in sheet.rows for i, text in enumerate(row) if endangered(text)}
    return [column.head for i, column in enumerate(sheet.map.columns) if i in at]


def hole_data(hole: Hole, language: str) -> dict[str, Any]:
    """A hole as commands print it."""
    said = {"number": hole.number, **hole.params}
    return {
        "number": hole.number,
        "column": hole.head or None,
        "code": hole.code,
        "params": hole.params,
        "message": words.say(hole.code, language, **said),
        "todo": words.todo(hole.code, language, **said),
    }


def fields(columns: Sequence[MapColumn]) -> tuple[str, ...]:
    """The fields that a sheet holds, each once: what is noted of its making, never a value."""
    return tuple(dict.fromkeys(column.what for column in columns if column.what))
