"""Looks at a whole list: finds its header, holds each row against what is known, gathers what it would do."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO, Protocol

from compsys.exchange import lists_fields as lf
from compsys.exchange import lists_header
from compsys.exchange.lists_delegations import Delegations
from compsys.exchange.lists_entrants import Entrants
from compsys.exchange.lists_findings import Look, Severity
from compsys.exchange.lists_header import Header
from compsys.exchange.lists_judges import Judges
from compsys.exchange.lists_people import Known
from compsys.exchange.lists_read import ListFile, Row, Tick, no_tick, open_list
from compsys.exchange.lists_scores import Book, Scores
from compsys.exchange.xlsx_package import Unreadable
from scoring_rules import exact

MAX_PEOPLE = 60_000
"""Rows of a list of persons: each of them is a person, an entry and three lines of the journal."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is said of a list beside its file: its kind, sheet, columns; the trade or stage, the component."""

    kind: str = ""
    sheet: str = ""
    columns: tuple[str, ...] | None = None
    """the meaning of the columns as somebody corrected it (A first, "" = left out)"""
    target: str = ""
    """``TRADE[/STAGE[/GROUP]]`` that the whole list is of"""
    component: str = ""
    stream: str = ""
    """the one stream that scores are of: a seat's"""


class Reader(Protocol):
    """Takes the rows of one kind of list."""

    def row(self, row: Row) -> None:
        """One row below the header."""
        ...

    def finish(self) -> None:
        """All rows were taken."""
        ...


def digest_of(handle: BinaryIO) -> str:
    """SHA-256 (hex) of a file, read in steps."""
    handle.seek(0)
    digest = hashlib.sha256()
    while chunk := handle.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


@dataclass(slots=True)
class Opened:
    """A file whose header was found, or one that cannot be used: then it has none, and ``look`` says why."""

    look: Look
    file: ListFile | None = None
    header: Header | None = None


def begin(handle: BinaryIO, name: str, wish: Wish, mappings: Mapping[str, tuple[str, ...]]) -> Opened:
    """Open a list and find its header. What stands in the way is a finding about the file."""
    look = Look(name, digest_of(handle))
    try:
        file = open_list(handle, name)
        look.said = dict(file.said)
        header = lists_header.find(file, mappings, wish.kind, wish.sheet)
    except Unreadable as refused:
        look.unreadable = True
        look.say(0, 0, refused.code, refused.params)
        return Opened(look)
    if header is None:
        look.unreadable = True
        look.say(0, 0, "no_header", {})
        return Opened(look)
    if wish.columns is not None:
        width = len(header.labels)
        columns = tuple(c if c in lf.WORDS[header.kind] else "" for c in wish.columns[:width])
        header = replace(header, columns=columns + ("",) * (width - len(columns)))
    if header.sheet:
        look.said["sheet"] = header.sheet
    look.header = header
    return Opened(look, file, header)


def people(opened: Opened, known: Known, fresh: Callable[[], str], tick: Tick = no_tick) -> Look:
    """Look at a list of entrants, judges or delegations; ``fresh``: a new random id each time."""
    header = opened.header
    assert header is not None
    makers: dict[str, Callable[[Look, Header, Known, Callable[[], str]], Reader]]
    makers = {lf.ENTRANTS: Entrants, lf.JUDGES: Judges, lf.DELEGATIONS: Delegations}
    given = frozenset({"trade"} if known.trade else ())
    if not _whole(opened.look, header, given):
        return opened.look
    if header.kind == lf.ENTRANTS and not header.column("id_number"):
        opened.look.say(0, 0, "no_numbers", {}, "warning")
    reader = makers[header.kind](opened.look, header, known, fresh)
    return _read(opened, reader, MAX_PEOPLE, tick)


def scores(opened: Opened, book: Book, trades: Mapping[str, str], tick: Tick = no_tick) -> Look:
    """Look at a list of scores."""
    header = opened.header
    assert header is not None
    opened.look.component = book.component
    if not _whole(opened.look, header, frozenset()):
        return opened.look
    if not book.owing:
        opened.look.say(0, 0, "nothing_owed", {"component": book.component})
        return opened.look
    return _read(opened, Scores(opened.look, header, book, trades), 0, tick)


def read(opened: Opened, reader: Reader) -> Look:
    """Show every row below the header to a reader of its own kind, where every needed column is there."""
    assert opened.header is not None
    if not _whole(opened.look, opened.header, frozenset()):
        return opened.look
    return _read(opened, reader, MAX_PEOPLE, no_tick)


def _repeats(row: Row, header: Header) -> bool:
    """Whether a row is the header once more, as at the top of each printed page."""
    if row.cells[0].text and row.cells[0].text not in header.labels[0]:
        return False
    last = [label.rpartition(" / ")[2] for label in header.labels]
    return [lf.clean(row.cell(column).text) for column in range(1, len(last) + 1)] == last


def _whole(look: Look, header: Header, given: frozenset[str]) -> bool:
    """Whether every column that is needed is there."""
    twice = {name for name in header.columns if name and header.columns.count(name) > 1}
    for name in sorted(twice):
        look.say(0, 0, "column_twice", {"field": name})
    for name in header.missing(given):
        look.say(0, 0, "column_missing", {"field": name})
    if (row := _as_header(header)) is not None:
        look.say(header.last, row, "header_is_row", {})
        look.say(0, 0, "no_header", {})
    severity: Severity = "error" if header.kind == lf.SCORES else "warning"
    for row in header.above[:20]:
        look.say(row, 0, "above_header", {}, severity)
    if header.above and header.kind == lf.SCORES:
        look.say(0, 0, "rows_above", {"n": str(len(header.above)), "row": str(header.last)})
    return not look.stopped


def _as_header(header: Header) -> int | None:
    """The column that shows that a row of the list was taken for its header: a mark or a long number."""
    for name in ("value", "id_number"):
        column = header.column(name)
        said = exact.normalise(header.labels[column - 1].rpartition(" / ")[2]) if column else ""
        if exact.is_number(said) or (name == "id_number" and said[:6].isdigit()):
            return column
    return None


def _read(opened: Opened, reader: Reader, most: int, tick: Tick) -> Look:
    look, header = opened.look, opened.header
    assert opened.file is not None and header is not None
    count = 0

    def visit(row: Row) -> None:
        nonlocal count
        if row.number <= header.last or _repeats(row, header):
            return
        count += 1
        if most and count > most:
            raise Unreadable("too_many_rows", limit=str(most))
        reader.row(row)

    try:
        opened.file.each(header.sheet, visit, tick)
        reader.finish()
    except Unreadable as refused:
        look.say(0, 0, refused.code, refused.params)
    if not count:
        look.say(0, 0, "empty", {})
    if look.stopped:
        look.items.clear()
        look.persons.clear()
        look.scores.clear()
    return look
