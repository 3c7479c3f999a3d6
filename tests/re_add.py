"""Adds an explanation up again from its leaves, by arithmetic of its own: what explain is held against."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

from compsys.explain_marks import Node
from tests.naive_scores import half_up

Inputs = dict[str, str]


def again(node: Node) -> Fraction | None:
    """A node's value from its children and inputs alone, after checking every node below; None = nothing."""
    below = [(child, again(child)) for child in node.children]
    if not node.value or node.what == "agreed":
        return None  # what was agreed is text of its own kind ("pass")
    value = Fraction(node.value)
    if not node.children or node.note in ("voided_full", "voided_zero", "zeroed"):
        return value
    counted = [x for child, x in below if x is not None and not child.note.startswith(("dropped", "left_"))]
    name = node.rule.split("/")[0]
    if name.startswith("trimmed") and node.note != "plain_mean":
        every = [x for child, x in below if x is not None and child.note != "left_out"]
        dropped = len(every) - len(counted)
        assert dropped == int(node.inputs["high"]) + int(node.inputs["low"])
        low, high = int(node.inputs["low"]), int(node.inputs["high"])
        assert sorted(counted) == sorted(every)[low : len(every) - high]
    if name in MEASURED:
        found = MEASURED[name](node)
    else:
        found = RULES[name](counted, node.inputs)
    if node.before:
        assert Fraction(node.before) == found, (node.what, node.key, node.rule)
    places = int(node.rounding) if node.rounding else None
    assert half_up(found, places) == value, (node.what, node.key, node.rule, found)
    return value


def _mean(values: Sequence[Fraction], _: Inputs) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def _median(values: Sequence[Fraction], _: Inputs) -> Fraction:
    left, half = sorted(values), len(values) // 2
    return left[half] if len(left) % 2 else (left[half - 1] + left[half]) / 2


RULES: dict[str, Callable[[Sequence[Fraction], Inputs], Fraction]] = {
    "sum": lambda values, _: sum(values, Fraction(0)),
    "sum_floor": lambda values, _: max(Fraction(0), sum(values, Fraction(0))),
    "weight": lambda values, inputs: values[0] * Fraction(inputs["weight"]),
    "ws_average": lambda values, inputs: Fraction(inputs["max"]) * sum(values) / (3 * len(values)),
    "mean": _mean,
    "trimmed_mean": _mean,
    "median": _median,
    "ws_median": lambda values, inputs: Fraction(inputs["max"]) * _median(values, inputs) / 3,
}


def _count(node: Node) -> Fraction:
    return Fraction(node.inputs["max"]) * Fraction(node.children[0].value) / Fraction(node.inputs["possible"])


def _deduction(node: Node) -> Fraction:
    errors = Fraction(node.children[0].value)
    return max(Fraction(0), Fraction(node.inputs["max"]) - errors * Fraction(node.inputs["deduction"]))


def _minutes(node: Node) -> Fraction:
    """The time components of these tests lose their deduction with every step begun."""
    seconds = sum((Fraction(child.value) for child in node.children), Fraction(0))
    steps = math.ceil(abs(seconds - Fraction(node.inputs["target"])) / Fraction(node.inputs["difference"]))
    return max(Fraction(0), Fraction(node.inputs["max"]) - steps * Fraction(node.inputs["deduction"]))


MEASURED: dict[str, Callable[[Node], Fraction]] = {
    "pass_fail": lambda node: Fraction(node.inputs["max"]) * (node.children[0].value == "pass"),
    "count": _count,
    "deduction": _deduction,
    "difference": _minutes,
    "value": lambda node: Fraction(node.children[0].value),
}
