"""Which measured numbers earn an aspect's whole mark, which a part of it: the bar beside the keypad."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from scoring_rules import exact, measurement
from scoring_rules.scheme_model import Measure


class Piece(NamedTuple):
    """Numbers from ``low`` to ``high`` (text, "" = without end) that earn ``full`` or ``part`` of the mark.

    What lies between pieces earns nothing. An end that two pieces share belongs to one of them only: whoever
    must know asks ``measurement.mark``.
    """

    low: str
    high: str
    earns: str


def pieces(measure: Measure | None, maximum: Fraction) -> tuple[Piece, ...]:
    """The pieces of a measure in rising order; () for kinds that are not measured against a tolerance.

    Drawn from the marking rule itself at its own bounds and between them, so it cannot say otherwise.
    Clause: worldskills.md section 7, RANGED_SCORE and REGULAR_DIFFERENCE_DEDUCTION; china.md section 3.

    >>> bands = {"lowers": ["1.0", "0.8"], "uppers": ["1.4", "1.6"], "deductions": ["0", "2"]}
    >>> [tuple(piece) for piece in pieces(Measure("range", bands), Fraction(5))]
    [('0.8', '1', 'part'), ('1', '1.4', 'full'), ('1.4', '1.6', 'part')]
    >>> weight = Measure("difference", {"target": "450", "difference": "10", "deduction": "2"})
    >>> [tuple(piece) for piece in pieces(weight, Fraction(5))]
    [('430', '450', 'part'), ('450', '450', 'full'), ('450', '470', 'part')]
    >>> hot = Measure("range", {"lowers": ["70"], "uppers": [""], "deductions": ["0"]})
    >>> [tuple(piece) for piece in pieces(hot, Fraction(4))]
    [('70', '', 'full')]
    """
    if measure is None or measure.kind not in ("range", "difference") or maximum <= 0:
        return ()
    merged: list[tuple[Fraction | None, Fraction | None, str]] = []
    for low, high, earns in _stretches(measure, maximum):
        if merged and merged[-1][2] == earns:
            merged[-1] = (merged[-1][0], high, earns)
        elif low is None or low != high or earns == "full":
            merged.append((low, high, earns))
    return tuple(Piece(_text(low), _text(high), earns) for low, high, earns in merged if earns)


def _text(end: Fraction | None) -> str:
    return "" if end is None else exact.show(end)


def _stretches(measure: Measure, maximum: Fraction) -> Iterator[tuple[Fraction | None, Fraction | None, str]]:
    """The stretches between the rule's bounds and the bounds themselves, rising, with what each earns."""
    bounds = sorted(set(_bounds(measure, maximum)))
    if not bounds:
        return

    def earns(x: Fraction) -> str:
        mark = measurement.earned(measure, maximum, x)
        return "full" if mark == maximum else "part" if mark > 0 else ""

    yield None, bounds[0], earns(bounds[0] - 1)
    for at, bound in enumerate(bounds):
        yield bound, bound, earns(bound)
        if at + 1 < len(bounds):
            yield bound, bounds[at + 1], earns((bound + bounds[at + 1]) / 2)
    yield bounds[-1], None, earns(bounds[-1] + 1)


def _bounds(measure: Measure, maximum: Fraction) -> Iterator[Fraction]:
    """The numbers at which the mark may jump from nothing to a part, or to the whole."""
    params = measure.params
    if measure.kind == "range":
        for name in ("target", "lowers", "uppers"):
            found = params.get(name, "")
            yield from (exact.parse(one) for one in ([found] if isinstance(found, str) else found) if one)
        return
    target, step = measurement.steps_of(params)
    deduction = measurement.deducted(params, maximum)
    last = ceil(maximum / deduction) if deduction else 0
    for k in {0, 1, max(0, last - 1), last}:
        yield target - k * step
        yield target + k * step
