"""Finds the landmarks of a marking-scheme sheet and reads its title, standards table and criteria table."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from compsys.exchange.cis_grid import A, B, D, E, Findings, Grid, I, J, K, L, Reading, at, squeeze
from compsys.exchange.xlsx_package import Unreadable

SHEET = "CIS Marking Scheme Import"
CALCULATIONS = "Calculations"
_CRITERIA = ("criteria", "assessment criteria")
# What each column's heading must speak of, in the header row over every criterion.
_COLUMNS = {D: ("type",), E: ("description", "aspect"), I: ("section", "wsos"), K: ("mark", "max")}


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Rows where the parts of the sheet begin; `criteria` and `footer` are 0 when missing."""

    standards: int
    criteria: int
    headers: tuple[int, ...]
    footer: int
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Standard:
    """One row of the standards table: section id, name, weight as text ("" unknown)."""

    row: int
    key: str
    name: str
    weight: str


@dataclass(frozen=True, slots=True)
class ListedCriterion:
    """One row of the criteria table."""

    row: int
    letter: str
    name: str


@dataclass(slots=True)
class Front:
    """What stands above the first criterion."""

    number: str = ""
    name: str = ""
    standards: list[Standard] = field(default_factory=list)
    criteria: dict[str, ListedCriterion] = field(default_factory=dict)


def is_header(text: str) -> bool:
    """
    >>> is_header("Sub\\nCriterion\\nID"), is_header("Substance")
    (True, False)
    """
    words = squeeze(text)
    return words.startswith("sub") and "criterion" in words


def find_landmarks(grid: Grid) -> Landmarks:
    """The landmarks of one sheet. Raises Unreadable not_cis_scheme naming the one that is missing."""
    standards = criteria = footer = 0
    headers: list[int] = []
    rows: list[int] = []
    for row in grid.rows():
        rows.append(row)
        first = grid.text(row, A)
        words = squeeze(first)
        if not standards and words.startswith("worldskills") and "standard" in words:
            standards = row
        elif not headers and not criteria and words in _CRITERIA:
            criteria = row
        elif is_header(first):
            headers.append(row)
        elif headers and squeeze(grid.text(row, L)) == "competition":
            footer = row
            break
    if not headers:
        raise Unreadable("not_cis_scheme", missing="A: Sub Criterion ID", found=_first_texts(grid, rows))
    if not standards or standards > headers[0]:
        missing = "A: WorldSkills Occupational Standards"
        raise Unreadable("not_cis_scheme", missing=missing, found=_first_texts(grid, rows))
    for column, signs in _COLUMNS.items():
        heading = squeeze(grid.text(headers[0], column))
        if not any(sign in heading for sign in signs):
            missing = f"{at(column, headers[0])}: {signs[0]}"
            raise Unreadable("not_cis_scheme", missing=missing, found=heading[:80])
    return Landmarks(standards, criteria, tuple(headers), footer, tuple(rows))


def _first_texts(grid: Grid, rows: list[int]) -> str:
    texts = (squeeze(grid.text(row, column)) for row in rows[:12] for column in sorted(grid.filled(row)))
    return "; ".join(text[:40] for _, text in zip(range(6), texts, strict=False))


def read_front(grid: Grid, marks: Landmarks, findings: Findings) -> Front:
    """Title, standards and criteria table, with what is wrong in them."""
    front = Front()
    _read_title(grid, marks, front, findings)
    end = marks.criteria or marks.headers[0]
    if marks.criteria and marks.criteria < marks.standards:
        end = marks.headers[0]
    _read_standards(grid, [r for r in marks.rows if marks.standards < r < end], front, findings)
    if marks.criteria:
        rows = [r for r in marks.rows if marks.criteria < r < marks.headers[0] and r != marks.standards]
        _read_criteria(grid, rows, front, findings)
    else:
        findings.warning(grid.name, at(A, marks.headers[0]), "criteria_table_missing")
    if not marks.footer:
        findings.warning(grid.name, at(L, marks.rows[-1]), "footer_missing")
    for row in marks.headers[1:]:
        for column, words in _COLUMNS.items():
            heading = squeeze(grid.text(row, column))
            if not any(word in heading for word in words):
                cell = at(column, row)
                findings.error(grid.name, cell, "header_differs", expected=words[0], found=heading[:80])
    return front


def _read_title(grid: Grid, marks: Landmarks, front: Front, findings: Findings) -> None:
    """The number is the first word, kept as text; it may carry letters or a # but has a digit in it."""
    title = " ".join(grid.text(1, A).split()) if marks.rows[0] == 1 and marks.standards > 1 else ""
    number, _, name = title.partition(" ")
    if title and not re.search(r"[0-9]", number):
        findings.warning(grid.name, "A1", "title_without_number", title=title[:80])
        number, name = "", title
    if not title:
        findings.warning(grid.name, "A1", "title_missing")
    front.number, front.name = number, name.strip()


def _read_standards(grid: Grid, rows: list[int], front: Front, findings: Findings) -> None:
    seen: set[str] = set()
    for row in rows:
        key = grid.token(row, A)
        if squeeze(key) in ("section", "id") or squeeze(grid.text(row, I)) == "total variation":
            continue
        if not key or grid.has_formula(row, A):
            findings.warning(grid.name, at(A, row), "row_not_understood", text=_row_text(grid, row))
            continue
        if key in seen:
            findings.error(grid.name, at(A, row), "section_duplicate", section=key[:40])
            continue
        seen.add(key)
        name = " ".join(grid.text(row, B).split())
        if not name:
            findings.warning(grid.name, at(B, row), "name_missing", id=key[:40])
        front.standards.append(Standard(row, key, name, _weight(grid, row, key, findings)))


def _weight(grid: Grid, row: int, key: str, findings: Findings) -> str:
    """The weight: column I if a number, else J (files with the two swapped exist), else unknown."""
    for column in (I, J):
        reading = grid.number(row, column)
        if reading.text:
            note_number(grid, row, column, reading, findings)
            return reading.text
    findings.warning(grid.name, at(I, row), "weight_unknown", section=key[:40])
    return ""


def _read_criteria(grid: Grid, rows: list[int], front: Front, findings: Findings) -> None:
    for row in rows:
        letter = grid.token(row, A).upper()
        if squeeze(letter) == "id":
            continue
        if re.fullmatch(r"[A-Z]", letter) is None:
            findings.warning(grid.name, at(A, row), "row_not_understood", text=_row_text(grid, row))
        elif letter in front.criteria:
            findings.error(grid.name, at(A, row), "criterion_duplicate", criterion=letter)
        else:
            front.criteria[letter] = ListedCriterion(row, letter, " ".join(grid.text(row, B).split()))


def note_number(grid: Grid, row: int, column: int, reading: Reading, findings: Findings) -> None:
    """Say what was odd about a number that was nevertheless read."""
    if reading.note == "text":
        findings.warning(grid.name, at(column, row), "number_as_text", value=reading.text)
    elif reading.note == "rounded":
        stored = grid.text(row, column)[:40]
        findings.warning(grid.name, at(column, row), "number_rounded", value=reading.text, stored=stored)


def _row_text(grid: Grid, row: int) -> str:
    return "; ".join(squeeze(grid.text(row, c))[:40] for c in sorted(grid.filled(row)))[:160]
