"""Reads the criteria of a marking-scheme sheet row by row: sub-criteria, aspects, descriptors, captions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from compsys.exchange.cis_grid import (
    A,
    B,
    C,
    D,
    E,
    F,
    Findings,
    G,
    Grid,
    H,
    I,
    J,
    K,
    L,
    at,
    squeeze,
)
from compsys.exchange.cis_layout import Landmarks, is_header, note_number

SUB = re.compile(r"([A-Z])[0-9]{1,3}")
_BLOCK = re.compile(r"criterion ([a-z])")
_TYPES = {"M": "M", "J": "J", "O": "M", "S": "J"}
_LEVELS = ("0", "1", "2", "3")

Kind = Literal[
    "sub", "aspect", "unknown_type", "bad_sub", "descriptor", "bad_descriptor", "continuation", "caption",
    "blank", "other",
]


@dataclass(slots=True)
class RawAspect:
    """An aspect row with what the rows below add to it. `letter` is M, J, O, S, or "" for an unknown type."""

    row: int
    letter: str
    text: str
    requirement: str
    section: str
    calculation: str
    mark: str
    caption: str = ""
    extra: list[str] = field(default_factory=list)
    descriptors: dict[int, str] = field(default_factory=dict)
    descriptor_order: list[int] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """M or J, the old letters O and S included; "" for an unknown type."""
        return _TYPES.get(self.letter, "")


@dataclass(slots=True)
class RawSub:
    """One sub-criterion; `key` is "" for aspects that stand before the first one of their criterion."""

    row: int
    key: str
    name: str
    day: str
    aspects: list[RawAspect] = field(default_factory=list)


@dataclass(slots=True)
class RawBlock:
    """The rows under one header; `letter` from its `Criterion X`, else from its first sub-criterion."""

    row: int
    letter: str
    subs: list[RawSub] = field(default_factory=list)

    @property
    def aspects(self) -> list[RawAspect]:
        """Every aspect of the block whose type is known."""
        return [a for s in self.subs for a in s.aspects if a.kind]


def classify(grid: Grid, row: int) -> Kind:
    """The kind of a row below a header, by precedence."""
    first = grid.token(row, A).upper()
    if SUB.fullmatch(first):
        return "sub"
    letter = grid.token(row, D).upper()
    if letter:
        return "aspect" if letter in _TYPES else "unknown_type"
    if first:
        return "bad_sub"
    level = grid.token(row, F)
    if level:
        return "descriptor" if level in _LEVELS else "bad_descriptor"
    match grid.filled(row, B, K):
        case filled if not filled:
            return "blank"
        case filled if filled == {G}:
            return "continuation"
        case filled if filled == {E}:
            return "caption"
        case _:
            return "other"


class BlockReader:
    """Walks the rows once and keeps the criterion, sub-criterion and aspect they belong to."""

    def __init__(self, grid: Grid, findings: Findings) -> None:
        self._grid = grid
        self._findings = findings
        self.blocks: list[RawBlock] = []
        self._sub: RawSub | None = None
        self._aspect: RawAspect | None = None
        self._caption = ""
        self._keys: set[str] = set()

    def read(self, marks: Landmarks) -> list[RawBlock]:
        """Every block between the first header and the footer."""
        takes: dict[Kind, Callable[[int], None]] = {
            "sub": self._take_sub, "aspect": self._take_aspect, "unknown_type": self._take_unknown,
            "bad_sub": self._take_bad_sub, "descriptor": self._take_descriptor,
            "bad_descriptor": self._take_bad_descriptor, "continuation": self._take_continuation,
            "caption": self._take_caption, "other": self._take_other,
        }
        for row in marks.rows:
            if row < marks.headers[0] or row == marks.footer:
                continue
            if is_header(self._grid.text(row, A)):
                self._take_header(row)
                continue
            take = takes.get(classify(self._grid, row))
            if take is not None:
                take(row)
        return self.blocks

    def _error(self, column: int, row: int, code: str, **params: str) -> None:
        self._findings.error(self._grid.name, at(column, row), code, **params)

    def _warning(self, column: int, row: int, code: str, **params: str) -> None:
        self._findings.warning(self._grid.name, at(column, row), code, **params)

    def _take_header(self, row: int) -> None:
        match = _BLOCK.fullmatch(squeeze(self._grid.text(row, L)))
        letter = match[1].upper() if match else ""
        if letter and any(block.letter == letter for block in self.blocks):
            self._error(L, row, "criterion_block_repeated", criterion=letter)
        self.blocks.append(RawBlock(row, letter))
        self._sub = self._aspect = None
        self._caption = ""

    def _take_sub(self, row: int) -> None:
        grid, block = self._grid, self.blocks[-1]
        key = grid.token(row, A).upper()
        if not block.letter:
            block.letter = key[0]
        if key[0] != block.letter:
            self._error(A, row, "sub_wrong_letter", sub=key, criterion=block.letter)
        if key in self._keys:
            self._error(A, row, "sub_duplicate", sub=key)
        self._keys.add(key)
        if grid.has_formula(row, A) or grid.has_formula(row, C):
            self._warning(A if grid.has_formula(row, A) else C, row, "formula_in_text")
        name = " ".join(grid.text(row, B).split())
        if not name:
            self._warning(B, row, "name_missing", id=key)
        self._sub = RawSub(row, key, name, "" if grid.has_formula(row, C) else grid.token(row, C))
        self._aspect, self._caption = None, ""
        block.subs.append(self._sub)
        letter = grid.token(row, D).upper()
        if letter:
            self._add_aspect(row, letter)
        elif grid.filled(row, E, K):
            self._take_other(row)

    def _take_aspect(self, row: int) -> None:
        if self._grid.token(row, A):
            self._take_bad_sub(row)
        self._add_aspect(row, self._grid.token(row, D).upper())
        self._check_day(row)

    def _take_unknown(self, row: int) -> None:
        if self._grid.token(row, A):
            self._take_bad_sub(row)
        self._add_aspect(row, self._grid.token(row, D).upper())

    def _take_bad_sub(self, row: int) -> None:
        self._error(A, row, "sub_id_malformed", found=self._grid.text(row, A)[:40])

    def _check_day(self, row: int) -> None:
        day, sub = self._grid.token(row, C), self._sub
        if not day or sub is None:
            return
        if not sub.day:
            sub.day = day
        elif sub.day != day:
            self._warning(C, row, "day_differs", day=day[:20], sub=sub.key, sub_day=sub.day[:20])

    def _add_aspect(self, row: int, letter: str) -> None:
        grid = self._grid
        if self._sub is None:
            self._error(D, row, "aspect_without_sub")
            self._sub = RawSub(row, "", "", "")
            self.blocks[-1].subs.append(self._sub)
        if letter not in _TYPES:
            self._error(D, row, "type_unknown", found=letter[:40])
        elif letter in ("O", "S"):
            self._warning(D, row, "type_old_letter", found=letter, read_as=_TYPES[letter])
        for column in (E, G, H):
            if grid.has_formula(row, column):
                self._warning(column, row, "formula_in_text")
        if grid.token(row, F):
            self._warning(F, row, "value_ignored", found=grid.text(row, F)[:40])
        aspect = RawAspect(
            row, letter if letter in _TYPES else "", grid.text(row, E), grid.text(row, H), grid.token(row, I),
            grid.token(row, J), self._mark(row), self._caption,
        )
        if extra := grid.text(row, G):
            aspect.extra.append(extra)
        if not aspect.text:
            self._warning(E, row, "description_missing")
        self._sub.aspects.append(aspect)
        self._aspect = aspect

    def _mark(self, row: int) -> str:
        """The maximum mark as text, never a formula's value; "" with a finding when there is none."""
        reading = self._grid.number(row, K)
        if reading.note == "blank":
            self._warning(K, row, "mark_missing")
        elif reading.note == "formula":
            self._error(K, row, "mark_is_formula", formula=self._grid.text(row, K)[:80])
        elif reading.note == "not_a_number" or reading.value is None:
            self._error(K, row, "mark_not_a_number", found=self._grid.text(row, K)[:40])
        elif reading.value < 0:
            self._error(K, row, "mark_negative", mark=reading.text)
        elif reading.value == 0:
            self._error(K, row, "mark_zero")
        else:
            note_number(self._grid, row, K, reading, self._findings)
            return reading.text
        return ""

    def _take_descriptor(self, row: int) -> None:
        grid, aspect, level = self._grid, self._aspect, int(self._grid.token(row, F))
        if grid.token(row, K):
            self._error(K, row, "mark_without_type")
        if aspect is None:
            self._error(F, row, "descriptor_without_aspect", level=str(level))
            return
        if aspect.kind == "M":
            self._warning(F, row, "descriptor_on_measurement", level=str(level))
            return
        text = grid.text(row, G)
        if not text:
            self._error(G, row, "descriptor_blank", level=str(level))
        if grid.has_formula(row, G):
            self._warning(G, row, "formula_in_text")
        if level in aspect.descriptors:
            self._error(F, row, "descriptor_duplicate", level=str(level))
            return
        if aspect.descriptor_order and level < aspect.descriptor_order[-1]:
            self._warning(F, row, "descriptor_out_of_order", level=str(level))
        aspect.descriptors[level] = text
        aspect.descriptor_order.append(level)

    def _take_bad_descriptor(self, row: int) -> None:
        aspect = self._aspect
        if aspect is not None and aspect.letter == "S":  # the old 1..10 scale had no fixed descriptors
            self._warning(F, row, "value_ignored", found=self._grid.text(row, F)[:40])
        else:
            self._error(F, row, "descriptor_level", found=self._grid.text(row, F)[:40])

    def _take_continuation(self, row: int) -> None:
        if self._aspect is None:
            self._take_other(row)
        else:
            self._aspect.extra.append(self._grid.text(row, G))

    def _take_caption(self, row: int) -> None:
        self._caption = self._grid.text(row, E)

    def _take_other(self, row: int) -> None:
        filled = sorted(self._grid.filled(row, B, K))
        if K in filled:
            self._error(K, row, "mark_without_type")
        else:
            texts = "; ".join(squeeze(self._grid.text(row, c))[:40] for c in filled)
            self._warning(filled[0], row, "row_not_understood", text=texts[:160])


def check_blocks(blocks: list[RawBlock], grid: Grid, findings: Findings) -> None:
    """What can only be said once a criterion is whole: all descriptors, nothing empty, a day for each."""
    for block in blocks:
        for sub in block.subs:
            if sub.key and not sub.aspects:
                findings.warning(grid.name, at(A, sub.row), "sub_empty", sub=sub.key)
            if sub.key and not sub.day:
                findings.warning(grid.name, at(C, sub.row), "day_missing", sub=sub.key)
        for aspect in block.aspects:
            missing = [str(n) for n in range(4) if n not in aspect.descriptors]
            if aspect.letter == "J" and missing:
                findings.error(grid.name, at(D, aspect.row), "descriptors_missing", levels=", ".join(missing))
