"""Finds a list's header, under title rows and merged cells, and what each of its columns means."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from compsys.exchange import lists_fields as lf
from compsys.exchange.lists_read import HEAD_ROWS, MAX_COLUMNS, ListFile, Row, Sheet


@dataclass(frozen=True, slots=True)
class Header:
    """Where the list begins and what its columns are called."""

    sheet: str
    kind: str
    last: int
    """the header's last row: data begin below it"""
    labels: tuple[str, ...]
    """per column (A first) what its header says, merged ones joined: 身份信息 / 证件号码"""
    columns: tuple[str, ...]
    """per column its field, "" = left out"""
    shape: str
    """digest (32 hex) of the labels: under it the meaning of the columns is remembered; holds no name"""
    remembered: bool = False
    above: tuple[int, ...] = ()
    """rows above it that look like rows of the list"""
    samples: tuple[tuple[str, ...], ...] = field(default=())
    merged: tuple[tuple[int, int, int, int], ...] = ()

    def column(self, name: str) -> int:
        """The column (from 1) of a field, 0 when none has it."""
        return self.columns.index(name) + 1 if name in self.columns else 0

    def missing(self, given: frozenset[str] = frozenset()) -> list[str]:
        """Fields without which the list cannot be read; ``given``: those said for the whole list."""
        held = {*self.columns, *given}
        return [names[0] for names in lf.REQUIRED[self.kind] if not held & set(names)]


@dataclass(frozen=True, slots=True)
class _Found:
    sheet: Sheet
    kind: str
    top: int
    last: int
    labels: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def named(self) -> int:
        """How many of its columns are known."""
        return len(set(self.columns) - {""})

    @property
    def whole(self) -> bool:
        """Whether it has every column that is needed (a trade may be said for all)."""
        needed = [set(names) for names in lf.REQUIRED[self.kind] if names != ("trade",)]
        return all(names & set(self.columns) for names in needed)

    @property
    def worth(self) -> tuple[bool, int]:
        """Whole, how many columns are known: for choosing between sheets and kinds."""
        return self.whole, self.named


def find(
    file: ListFile, mappings: Mapping[str, tuple[str, ...]], kind: str = "", sheet: str = ""
) -> Header | None:
    """The header of a file's list; None when no row has two cells.

    ``kind``: what the list is said to be ("" = to be found out); ``sheet``: of which sheet ("" = the one
    with the best header); ``mappings``: shape -> columns, what was said earlier of such a header.
    """
    tables = [s for s in file.sheets() if not sheet or s.name == sheet]
    kinds = (kind,) if kind else _guessed(file.name, tables)
    best: _Found | None = None
    for looked in kinds:
        for table in tables:
            found = _first(_candidates(table, looked, mappings))
            if found is not None and (best is None or found.worth > best.worth):
                best = found
        if best is not None and best.whole:
            break
    if best is None:
        best = _unknown(tables, kind or lf.ENTRANTS)
    return _header(best, mappings) if best is not None else None


def _first(candidates: list[_Found]) -> _Found | None:
    """The topmost header of a sheet that is whole; a header repeated further down is none. A row below
    counts when it is the lower part of the same merged header."""
    best: _Found | None = None
    for found in candidates:
        part = best is not None and found.top <= best.last
        if best is None or (part and found.named >= best.named) or (found.whole and not best.whole):
            best = found
    return best


def _unknown(tables: list[Sheet], kind: str) -> _Found | None:
    """The first row with two cells or more: its columns have yet to be told."""
    for table in tables:
        for row in table.head:
            if sum(bool(cell.text.strip()) for cell in row.cells) > 1:
                labels = _labels(_grid(table), row.number, row.number)
                return _Found(table, kind, row.number, row.number, labels, ("",) * len(labels))
    return None


_SPEAKING = (
    (lf.SCORES, ("成绩", "得分", "score", "marks", "分数")),
    (lf.JUDGES, ("裁判", "执裁", "judge", "expert", "考评")),
    (lf.DELEGATIONS, ("代表队名", "单位名单", "单位一览", "delegations", "companies")),
    (lf.ENTRANTS, ("选手", "参赛", "entrant", "competitor", "报名")),
)


def _guessed(name: str, tables: list[Sheet]) -> tuple[str, ...]:
    """Kinds in the order in which they are tried: what name, titles and headers speak of first."""
    texts = [name, *(s.name for s in tables)]
    texts += [cell.text for s in tables for row in s.head[:6] for cell in row.cells]
    said = " ".join(texts).lower()
    order = (lf.SCORES, lf.ENTRANTS, lf.JUDGES, lf.DELEGATIONS)
    speaking = [kind for kind, words in _SPEAKING if any(word in said for word in words)]
    return tuple(dict.fromkeys([*(k for k in order if k in speaking), *order]))


def _candidates(table: Sheet, kind: str, mappings: Mapping[str, tuple[str, ...]]) -> list[_Found]:
    """Every row of the head that may be the header's last one."""
    grid = _grid(table)
    found = []
    for row in table.head:
        top = _top(table, row.number)
        labels = _labels(grid, top, row.number)
        columns = _meant(kind, labels)
        shape = _shape(kind, labels)
        if shape in mappings:
            columns = _as_remembered(kind, mappings[shape], len(labels))
        named = sum(bool(name) for name in columns)
        if named >= min(2, len(lf.REQUIRED[kind])):
            found.append(_Found(table, kind, top, row.number, labels, columns))
    return found


def _grid(table: Sheet) -> dict[tuple[int, int], str]:
    """The head's texts with merged areas filled."""
    grid = {
        (row.number, column): lf.clean(cell.text)
        for row in table.head
        for column, cell in enumerate(row.cells, 1)
        if cell.text.strip()
    }
    for top, left, bottom, right in table.merged:
        text = grid.get((top, left), "")
        if not text or top > HEAD_ROWS:
            continue
        for row in range(top, min(bottom, HEAD_ROWS) + 1):
            for column in range(left, min(right, MAX_COLUMNS) + 1):
                grid[row, column] = text
    return grid


def _top(table: Sheet, bottom: int) -> int:
    """The header's first row: merged areas that end in it or stand over its parts reach further up."""
    top = bottom
    for _ in range(3):
        above = [
            (first, left, last, right)
            for first, left, last, right in table.merged
            if (first < top <= last) or (last == top - 1 and _over(table, left, right))
        ]
        if not above:
            return top
        top = min(first for first, *_ in above)
    return top


def _over(table: Sheet, left: int, right: int) -> bool:
    """Whether a merged area is a part of the header, not a title over the whole table."""
    widest = max((len(row.cells) for row in table.head), default=0)
    return right - left + 1 < widest


def _labels(grid: dict[tuple[int, int], str], top: int, bottom: int) -> tuple[str, ...]:
    last = max((column for row, column in grid if row == bottom), default=0)
    labels = []
    for column in range(1, last + 1):
        parts = [grid.get((row, column), "") for row in range(top, bottom + 1)]
        labels.append(" / ".join(dict.fromkeys(part for part in parts if part)))
    return tuple(labels)


def _meant(kind: str, labels: tuple[str, ...]) -> tuple[str, ...]:
    """Each column's field; of several columns for one field the one with the better word has it."""
    best: dict[str, tuple[int, int]] = {}
    for column, label in enumerate(labels):
        parts = label.split(" / ")
        said = lf.known(kind, parts[-1]) or lf.known(kind, "".join(parts))
        if said is None:
            continue
        name, rank = said
        if name not in best or rank < best[name][0]:
            best[name] = (rank, column)
    columns = [""] * len(labels)
    for name, (_, column) in best.items():
        columns[column] = name
    return tuple(columns)


def _shape(kind: str, labels: tuple[str, ...]) -> str:
    said = "\x1f".join([kind, *(lf.word(label) for label in labels)])
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _as_remembered(kind: str, columns: tuple[str, ...], width: int) -> tuple[str, ...]:
    told = [name if name in lf.WORDS[kind] else "" for name in columns[:width]]
    return tuple(told + [""] * (width - len(told)))


def _header(found: _Found, mappings: Mapping[str, tuple[str, ...]]) -> Header:
    shape = _shape(found.kind, found.labels)
    below: list[Row] = [row for row in found.sheet.head if row.number > found.last][:3]
    width = len(found.labels)
    samples = tuple(tuple(lf.clean(row.cell(c).text)[:40] for c in range(1, width + 1)) for row in below)
    return Header(
        found.sheet.name,
        found.kind,
        found.last,
        found.labels,
        found.columns,
        shape,
        shape in mappings,
        _above(found),
        samples,
        tuple(found.sheet.merged),
    )


def _above(found: _Found) -> tuple[int, ...]:
    """Rows above the header in which more than half of the known columns are filled: no titles."""
    known = [column for column, name in enumerate(found.columns, 1) if name]
    rows = [row for row in found.sheet.head if row.number < found.top]
    full = [sum(bool(row.cell(column).text.strip()) for column in known) for row in rows]
    return tuple(row.number for row, filled in zip(rows, full, strict=True) if 2 * filled > len(known) > 1)
