"""Writes measures as rows of the Calculations sheet, each at the row it came from where that is free."""

from __future__ import annotations

import re
from dataclasses import dataclass

from compsys.exchange.cis_grid import BLANK_ROWS, clean
from scoring_rules import exact
from scoring_rules.scheme import Aspect, Measure, Params, Scheme, aspects

OURS = "COMPSYS_"
"""Types and keys of ours that CIS has not; its import leaves the calculation row alone ("Export only")."""

_SPLITS = re.compile(r"#-#(?=[A-Z0-9_]+:::)")
_ROW = re.compile("[1-9][0-9]{0,3}")
_KEPT = re.compile("cis_([A-Z0-9_]{1,60})")
_DECIMALS = 8
_PLAIN = Measure("pass_fail")
_CIS = {
    "pass_fail": "PASS_FAIL", "count": "NUMBER_COMPLETED", "difference": "REGULAR_DIFFERENCE_DEDUCTION",
    "choice": "CHOICE", "range": "RANGED_SCORE", "deduction": f"{OURS}DEDUCTION", "value": f"{OURS}VALUE",
    "points": f"{OURS}POINTS",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the sheet: columns A to D."""

    name: str
    type: str
    shared: bool
    params: str


def place(scheme: Scheme) -> tuple[dict[int, Row], dict[str, int]]:
    """The sheet's rows by number, and for each aspect (by key) the row it points at; none: full or zero.

    What was read from row n goes to row n again; equal measures are written once; the others follow, and
    what no aspect uses has rows of its own.
    """
    wanted = [
        (aspect.key, row, _wish((aspect.measure or _PLAIN).params.get("cis_row", "")))
        for aspect in aspects(scheme)
        if (row := _row(aspect)) is not None
    ]
    spare = [(Row(clean(s.name), s.type, s.shared, clean(s.params)), _wish(s.row)) for s in scheme.spare]
    rows: dict[int, Row] = {}
    points: dict[str, int] = {}
    left: list[Row] = []
    last = 0
    # Aspects first where both want a row: a marked aspect must find its own.
    for key, row, n in sorted([*wanted, *(("", *s) for s in spare)], key=lambda w: (w[2], not w[0])):
        # The reader stops after a gap of blank rows: a row far below the others would not be found again.
        if n and n - last < BLANK_ROWS and (n not in rows or (key and rows[n] == row)):
            rows[n], last = row, n
            if key:
                points[key] = n
        elif not key:
            left.append(row)
    where = {rows[n]: n for n in sorted(set(points.values()), reverse=True)}
    for key, row, _ in wanted:
        if key not in points:
            n = where.get(row) or max(rows, default=0) + 1
            rows[n] = row
            where[row] = points[key] = n
    for row in left:
        rows[max(rows, default=0) + 1] = row
    return rows, points


def _wish(row: object) -> int:
    return int(row) if isinstance(row, str) and _ROW.fullmatch(row) else 0


def _row(aspect: Aspect) -> Row | None:
    """The aspect's calculation; None for full or zero without a row of its own, and for judgement."""
    if aspect.method == "judgement":
        return None
    measure = aspect.measure or Measure("pass_fail")
    if aspect.method == "points":
        measure = Measure("points", {"low": aspect.low, "step": aspect.step})
    held = {name: value for name, value in measure.params.items() if isinstance(value, str)}
    if measure.kind == "pass_fail" and "cis_type" not in held:
        return None
    kind = _CIS[measure.kind]
    if measure.kind == "value" and held.get("cis_type") and held["cis_type"] not in _CIS.values():
        kind = held["cis_type"]  # a type we do not know goes back under its own name
    pairs = _PAIRS[measure.kind](measure.params)
    pairs += [_pair(kept[1], *_halves(held[n])) for n in sorted(held) if (kept := _KEPT.fullmatch(n))]
    shared = held.get("cis_shared", "true") == "true"
    return Row(clean(held.get("cis_name", "")), kind, shared, clean("#-#".join(pairs)))


def _halves(kept: str) -> tuple[str, str]:
    number, _, text = kept.partition("#x~x#")
    return number, text


def _pair(key: str, number: str = "", text: str = "") -> str:
    """One parameter; a text that would look like the next parameter is pulled apart."""
    return f"{key}:::{_number(number)}#x~x#{_SPLITS.sub('# - #', clean(text))}"


def _number(text: str) -> str:
    """Eight decimals, zero as the format has it.

    >>> _number("33.3"), _number("0"), _number("")
    ('33.30000000', '0E-8', '')
    """
    if not text or not exact.is_number(text):
        return ""
    if exact.parse(text) == 0:
        return "0E-8"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(_DECIMALS, '0')}"


def _text(params: Params, name: str, default: str = "") -> str:
    found = params.get(name, "")
    return found if isinstance(found, str) and found else default


def _list(params: Params, name: str) -> list[str]:
    found = params.get(name, [])
    return found if isinstance(found, list) else []


def _none(params: Params) -> list[str]:
    return []


def _optional(params: Params, words: tuple[str, ...], numbers: tuple[str, ...] = ()) -> list[str]:
    """Parameters of ours that the format has no key for, where they are set."""
    pairs = [_pair(OURS + n.upper(), "", _text(params, n)) for n in words if _text(params, n)]
    return pairs + [_pair(OURS + n.upper(), _text(params, n)) for n in numbers if _text(params, n)]


def _count(params: Params) -> list[str]:
    return [_pair("NUM_POSSIBLE", _text(params, "possible")), *_optional(params, ("over",), ("each",))]


def _difference(params: Params) -> list[str]:
    return [
        _pair("TARGET_VALUE", _text(params, "target")),
        _pair("DIFFERENCE", _text(params, "difference")),
        _pair("DIFFERENCE_TYPE", "", _text(params, "difference_type", "unit").upper()),
        _pair("DEDUCTION", _text(params, "deduction")),
        _pair("DEDUCTION_TYPE", "", _text(params, "deduction_type", "unit").upper()),
        *_optional(params, ("steps",)),
    ]


def _deduction(params: Params) -> list[str]:
    kind = _text(params, "deduction_type", "unit").upper()
    return [_pair("DEDUCTION", _text(params, "deduction")), _pair("DEDUCTION_TYPE", "", kind)]


def _choice(params: Params) -> list[str]:
    deductions, labels = _list(params, "deductions"), _list(params, "labels")
    pairs = [_pair("DEDUCTION_TYPE", "", _text(params, "deduction_type", "unit").upper())]
    for i, deduction in enumerate(deductions, 1):
        label = labels[i - 1] if i <= len(labels) else ""
        pairs.append(_pair(f"CHOICE{i}_LABEL", "", label.strip() or f"#{i}"))
        pairs.append(_pair(f"CHOICE{i}_DEDUCTION", deduction or "0"))
    return pairs


def _range(params: Params) -> list[str]:
    pairs = [
        _pair("DEDUCTION_TYPE", "", _text(params, "deduction_type", "unit").upper()),
        _pair("TARGET_VALUE", _text(params, "target")),
    ]
    columns = (("LOWER", "lowers"), ("UPPER", "uppers"), ("DEDUCTION", "deductions"))
    for i in range(1, len(_list(params, "deductions")) + 1):
        pairs += [_pair(f"RANGE{i}_{word}", _list(params, name)[i - 1]) for word, name in columns]
    return pairs


def _value(params: Params) -> list[str]:
    listed = [_pair(f"{OURS}VALUE{i}", v) for i, v in enumerate(_list(params, "values"), 1)]
    return [*_optional(params, (), ("low", "step")), *listed]


_PAIRS = {
    "pass_fail": _none, "count": _count, "difference": _difference, "deduction": _deduction,
    "choice": _choice, "range": _range, "value": _value, "points": _value,
}
