"""Component scores from outside: read from a CSV, matched to units, shown to their second checker."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from compsys import events as e
from compsys.events import Answer
from compsys.exchange.lists_scores import ABSENT
from compsys.records import Stage
from compsys.state import State, Stream
from scoring_rules import exact
from web.access import desk_of
from web.console_choices import entry_name
from web.console_page import act, refused, text, upload_of

if TYPE_CHECKING:
    from compsys.desk import Desk


def read_scores(data: bytes) -> tuple[list[tuple[int, str, str]], list[tuple[int, str, dict[str, str]]]]:
    """Rows (line, who, value) of a CSV with two columns, and what is wrong: (line, code, parameters).

    UTF-8 (with or without mark) or GB18030; comma, semicolon or tab; a first line of headings is passed over.
    """
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            content = data.decode("gb18030")
        except UnicodeDecodeError:
            return [], [(1, "scores.unreadable", {})]
    sample = content.split("\n", 1)[0]
    mark = max(",;\t", key=sample.count)
    rows: list[tuple[int, str, str]] = []
    wrong: list[tuple[int, str, dict[str, str]]] = []
    for line, cells in enumerate(csv.reader(io.StringIO(content), delimiter=mark), 1):
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if len(cells) < 2 or not cells[0]:
            wrong.append((line, "scores.two_columns", {}))
            continue
        value = exact.normalise(cells[1]) if cells[1] else ""
        if line == 1 and value and not exact.is_number(value) and value.lower() not in ABSENT:
            continue
        rows.append((line, cells[0], value))
    return rows, wrong or ([] if rows else [(1, "scores.empty", {})])


def matched(
    state: State, stream: Stream, rows: list[tuple[int, str, str]], by_code_only: bool
) -> tuple[list[tuple[str, str | None, str]], list[tuple[int, str, dict[str, str]]]]:
    """Rows (unit, value or None, status), and what is wrong. Who: a code, and for accounts a bib or entry id.

    A seat's upload knows codes only: what it sees must not tell whose code is whose.
    """
    units = {unit.code.upper(): unit.id for unit in stream.units.values()}
    if not by_code_only:
        for entry_id, unit in stream.by_entry.items():
            entry = state.setup.entries.get(entry_id)
            units.setdefault(entry_id.upper(), unit)
            if entry and entry.bib:
                units.setdefault(entry.bib.upper(), unit)
    found: list[tuple[str, str | None, str]] = []
    wrong: list[tuple[int, str, dict[str, str]]] = []
    seen: dict[str, int] = {}
    for line, who, value in rows:
        unit_id = units.get(who.upper())
        if unit_id is None:
            wrong.append((line, "scores.unknown", {"who": who[:40]}))
        elif unit_id in seen:
            wrong.append((line, "scores.twice", {"who": who[:40], "first": str(seen[unit_id])}))
        elif value.lower() in ABSENT:
            found.append((unit_id, None, "absent"))
        elif not value:
            wrong.append((line, "scores.blank", {"who": who[:40]}))
        elif not exact.is_number(value):
            wrong.append((line, "not_a_number", {"value": value[:40]}))
        else:
            found.append((unit_id, value, ""))
        if unit_id is not None:
            seen.setdefault(unit_id, line)
    return found, wrong


async def bring_scores(
    request: Request, stream_id: str, by_code_only: bool
) -> tuple[Answer | None, dict[str, Any]]:
    """Read an uploaded file and put its rows to the core: the answer, or every problem of the file."""
    form = await request.form(max_files=1, max_fields=12)
    name, data = await upload_of(form, "file")
    if not data:
        return refused("form.no_file"), {}
    rows, wrong = read_scores(data)
    async with desk_of(request).reading() as state:
        stream = state.streams.get(stream_id)
        if stream is None:
            return refused("not_drawn"), {}
        found, more = matched(state, stream, rows, by_code_only)
    wrong += more
    if wrong:
        said = [(line, code, params) for line, code, params in sorted(wrong, key=lambda w: w[0])]
        return None, {"rows_wrong": said, "file_name": name}
    command = e.ImportScores(
        stream=stream_id,
        component=text(form, "component"),
        digest=hashlib.sha256(data).hexdigest(),
        rows=tuple(found),
    )
    return await act(request, command, form), {}


def imports_shown(state: State, stage: Stage, me: str, lang: str, desk: Desk) -> list[dict[str, Any]]:
    """The imports of a stage; those that wait show their rows to an account by name, never beside a code."""
    found = []
    for stream in state.streams_of(stage.trade, stage.id):
        for n, brought in stream.imports.items():
            rows = []
            if not brought.confirmed_by:
                for unit_id, value, status in brought.rows:
                    entry = state.setup.entries.get(stream.units[unit_id].entry)
                    who = entry_name(state.setup, entry, desk.names, lang) if entry else "–"
                    rows.append((who, value, status))
            found.append(
                {
                    "n": n,
                    "stream": stream.name,
                    "component": brought.component,
                    "digest": brought.digest[:16],
                    "count": len(brought.rows),
                    "by": brought.by,
                    "confirmed": brought.confirmed_by,
                    "mine": brought.by == me,
                    "rows": sorted(rows),
                }
            )
    return found
