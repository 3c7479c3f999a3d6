"""Reads the Calculations sheet of a marking-scheme workbook and maps each row to one of our measures."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from compsys.exchange.cis_grid import A, B, C, D, Findings, Grid, Reading, at, read_number
from compsys.exchange.xlsx_cells import Cell
from scoring_rules import measurement
from scoring_rules.exact import Number
from scoring_rules.scheme import Measure, Params, SpareCalculation

_PAIR = re.compile(r"#-#(?=[A-Z0-9_]+:::)")
_KEY = re.compile(r"[A-Z0-9_]{1,60}")
_VALUE_SIGN = "#x~x#"
_CHOICE = re.compile(r"CHOICE([1-9][0-9]{0,2})_(LABEL|DEDUCTION)")
_RANGE = re.compile(r"RANGE([1-9][0-9]{0,2})_(LOWER|UPPER|DEDUCTION)")
_LISTED = re.compile(r"COMPSYS_VALUE([1-9][0-9]{0,2})")


@dataclass(frozen=True, slots=True)
class Calculation:
    """One row: its type, and the measure it maps to (None when its parameters cannot be read).

    `spare` is the row as it stands, where no aspect uses it.
    """

    row: int
    type: str
    measure: Measure | None
    spare: SpareCalculation | None = None


@dataclass(slots=True)
class _Row:
    """A row while it is read: parameters as (number, text), the keys not yet used, what went wrong."""

    params: dict[str, tuple[str, str]]
    left: set[str] = field(default_factory=set)

    def number(self, key: str) -> str:
        self.left.discard(key)
        return self.params.get(key, ("", ""))[0]

    def word(self, key: str, default: str = "unit") -> str:
        self.left.discard(key)
        return self.params.get(key, ("", ""))[1].strip().lower() or default

    def text(self, key: str) -> str:
        self.left.discard(key)
        return self.params.get(key, ("", ""))[1]


def read_calculations(grid: Grid | None, used: set[int], findings: Findings) -> dict[int, Calculation]:
    """Every calculation by its row number; `used` are the rows that aspects point at.

    What is wrong with a used row is an error, with an unused one a warning.
    """
    found: dict[int, Calculation] = {}
    if grid is None:
        return found
    for row in grid.rows():
        kind = grid.token(row, B).upper()
        if not kind:
            if grid.filled(row, A, D):
                findings.warning(grid.name, at(B, row), "calculation_without_type")
            continue
        say = findings.error if row in used else findings.warning
        params = _parameters(grid, row, say)
        measure = None if params is None else _measure(kind, params)
        if measure is not None and measure.kind == "value" and kind not in _KINDS:
            findings.warning(grid.name, at(B, row), "calculation_unknown", type=kind[:60])
        if measure is not None:
            measure.params["cis_type"] = kind[:60]
            if name := grid.text(row, A):
                measure.params["cis_name"] = name[:200]
            measure.params["cis_shared"] = "true" if _shared(grid, row) else "false"
        if measure is not None and not _sound(grid, row, measure, say):
            measure = None
        found[row] = Calculation(row, kind, measure, None if row in used else _spare(grid, row, kind))
    return found


def _spare(grid: Grid, row: int, kind: str) -> SpareCalculation | None:
    """The row's texts; None where one of them is a formula, whose result is nobody's word."""
    if any(grid.has_formula(row, column) for column in (A, B, D)):
        return None
    return SpareCalculation(str(row), kind, grid.text(row, A), _shared(grid, row), grid.text(row, D))


def _shared(grid: Grid, row: int) -> bool:
    """Column C; LibreOffice saves a truth value as the formula TRUE()."""
    return grid.token(row, C).upper() in ("TRUE", "1", "=TRUE()")


def _sound(grid: Grid, row: int, measure: Measure, say: Callable[..., None]) -> bool:
    judged = Measure("value", measure.params) if measure.kind == "points" else measure
    problems = measurement.check(judged, Number(10**6), f"calculation {row}")
    for problem in problems:
        say(grid.name, at(D, row), problem.code, **problem.params)
    return not problems


def _parameters(grid: Grid, row: int, say: Callable[..., None]) -> dict[str, tuple[str, str]] | None:
    """KEY -> (number in our grammar or "", text); None when the cell cannot be taken apart."""
    text = grid.text(row, D)
    if grid.has_formula(row, D):
        say(grid.name, at(D, row), "calculation_malformed", part=text[:80])
        return None
    params: dict[str, tuple[str, str]] = {}
    for pair in _PAIR.split(text) if text else []:
        key, colon, value = pair.partition(":::")
        number, sign, words = value.partition(_VALUE_SIGN)
        reading = _reading(number)
        formed = bool(colon and sign and _KEY.fullmatch(key))
        if not formed or key in params or reading.note == "not_a_number":
            say(grid.name, at(D, row), "calculation_malformed", part=pair[:80])
            return None
        if reading.note == "rounded":
            say(grid.name, at(D, row), "calculation_rounded", part=pair[:80], value=reading.text)
        params[key] = (reading.text, words)
    return params


def _reading(number: str) -> Reading:
    return read_number(Cell(number.strip(), "number")) if number.strip() else Reading("", "blank")


def _measure(kind: str, params: dict[str, tuple[str, str]]) -> Measure:
    row = _Row(params, set(params))
    name, build = _KINDS.get(kind, ("value", _nothing))
    measured = build(row)
    for key in sorted(row.left):  # kept for writing the workbook back
        measured[f"cis_{key}"] = _VALUE_SIGN.join(params[key])
    return Measure(name, measured)


def _nothing(row: _Row) -> Params:
    return {}


def _optional(row: _Row, words: tuple[str, ...], numbers: tuple[str, ...] = ()) -> Params:
    """Parameters of ours, under keys that CIS has not; left out where they are not set."""
    found: Params = {n: w for n in words if (w := row.word(f"COMPSYS_{n.upper()}", ""))}
    return found | {n: t for n in numbers if (t := row.number(f"COMPSYS_{n.upper()}"))}


def _count(row: _Row) -> Params:
    return {"possible": row.number("NUM_POSSIBLE"), **_optional(row, ("over",), ("each",))}


def _deduction(row: _Row) -> Params:
    return {"deduction": row.number("DEDUCTION"), "deduction_type": row.word("DEDUCTION_TYPE")}


def _value(row: _Row) -> Params:
    listed: Params = {"values": [row.number(f"COMPSYS_VALUE{i}") for i in _indices(row, _LISTED)]}
    return _optional(row, (), ("low", "step")) | (listed if listed["values"] else {})


def _points(row: _Row) -> Params:
    return {"low": row.number("COMPSYS_LOW") or "0", "step": row.number("COMPSYS_STEP")}


def _difference(row: _Row) -> Params:
    return {
        **_optional(row, ("steps",)),
        "target": row.number("TARGET_VALUE"),
        "difference": row.number("DIFFERENCE"),
        "difference_type": row.word("DIFFERENCE_TYPE"),
        "deduction": row.number("DEDUCTION"),
        "deduction_type": row.word("DEDUCTION_TYPE"),
    }


def _choice(row: _Row) -> Params:
    """Choices in their numbered order; one without a label that deducts nothing is unset and not offered."""
    labels: list[str] = []
    deductions: list[str] = []
    for index in _indices(row, _CHOICE):
        label, deduction = row.text(f"CHOICE{index}_LABEL").strip(), row.number(f"CHOICE{index}_DEDUCTION")
        if label or deduction not in ("", "0"):
            labels.append(label or f"#{index}")
            deductions.append(deduction or "0")
    return {"labels": labels, "deductions": deductions, "deduction_type": row.word("DEDUCTION_TYPE")}


def _range(row: _Row) -> Params:
    bands = _indices(row, _RANGE)
    return {
        "target": row.number("TARGET_VALUE"),
        "lowers": [row.number(f"RANGE{i}_LOWER") for i in bands],
        "uppers": [row.number(f"RANGE{i}_UPPER") for i in bands],
        "deductions": [row.number(f"RANGE{i}_DEDUCTION") for i in bands],
        "deduction_type": row.word("DEDUCTION_TYPE"),
    }


def _indices(row: _Row, pattern: re.Pattern[str]) -> list[int]:
    return sorted({int(match[1]) for key in row.params if (match := pattern.fullmatch(key))})


_KINDS: dict[str, tuple[str, Callable[[_Row], Params]]] = {
    "PASS_FAIL": ("pass_fail", _nothing),
    "NUMBER_COMPLETED": ("count", _count),
    "REGULAR_DIFFERENCE_DEDUCTION": ("difference", _difference),
    "CHOICE": ("choice", _choice),
    "RANGED_SCORE": ("range", _range),
    # Ours, for what CIS has no calculation for: see cis_writer_calculations.py.
    "COMPSYS_DEDUCTION": ("deduction", _deduction),
    "COMPSYS_VALUE": ("value", _value),
    "COMPSYS_POINTS": ("points", _points),
}
