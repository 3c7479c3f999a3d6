"""The rules a second time, as slowly and plainly as the printed text reads; shares no code with the first."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

WIDE = Context(prec=400)


def decimal_round(x: Fraction, places: int) -> Decimal:
    """Long division to 300 digits, then the printed rounding. Exact halves end early, so they survive it."""
    quotient = WIDE.divide(Decimal(x.numerator), Decimal(x.denominator))
    return quotient.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=WIDE)


def judged(maximum: Fraction, scores: Sequence[int]) -> Fraction:
    """Mean over three, times the maximum."""
    return sum((Fraction(s) for s in scores), Fraction(0)) / len(scores) / 3 * maximum


def trimmed(values: Sequence[Fraction], high: int, low: int, min_seats: int) -> Fraction:
    """Strike out the largest and the smallest one after the other, then the mean of what stands."""
    left = list(values)
    if len(left) >= min_seats and len(left) > high + low:
        for _ in range(high):
            left.remove(max(left))
        for _ in range(low):
            left.remove(min(left))
    return sum(left, Fraction(0)) / len(left)


def panel(
    rows: Mapping[str, Mapping[str, Fraction]], by_sheet: bool, high: int, low: int, seats: int
) -> Fraction:
    """By sheet: each judge's total first. By aspect: each column first."""
    if by_sheet:
        return trimmed([sum(row.values(), Fraction(0)) for row in rows.values()], high, low, seats)
    aspects = list(next(iter(rows.values())))
    columns = [[row[a] for row in rows.values()] for a in aspects]
    return sum((trimmed(column, high, low, seats) for column in columns), Fraction(0))


def better(a: Sequence[Fraction | None], b: Sequence[Fraction | None], directions: Sequence[str]) -> bool:
    """Whether a stands before b: the first key in which they differ; nothing after something."""
    for x, y, direction in zip(a, b, directions, strict=True):
        if x == y:
            continue
        if x is None or y is None:
            return y is None
        return x > y if direction == "desc" else x < y
    return False


def place(
    entry: str, keys: Mapping[str, Sequence[Fraction | None]], directions: Sequence[str], joint: str
) -> tuple[int, bool]:
    """Count those before; and whether anybody else has the same keys."""
    mine = keys[entry]
    before = [other for other in keys.values() if better(other, mine, directions)]
    tied = sum(1 for other in keys.values() if tuple(other) == tuple(mine)) > 1
    if joint == "dense":
        return len({tuple(other) for other in before}) + 1, tied
    return len(before) + 1, tied


def scale_points(totals: Sequence[Fraction], centre: int, spread: int, factor: str) -> list[int]:
    """The formula of the printed scale; only for fields whose MAD is not zero."""
    middle = statistics.median(totals)
    mad = statistics.median(abs(x - middle) for x in totals)
    unit = Fraction(factor) * mad
    return [int(decimal_round(centre + spread * (x - middle) / unit, 0)) for x in totals]


def window_medals(scores: Mapping[str, Fraction], w: Fraction) -> dict[str, str]:
    """The four branches of the 2015 text, read line by line, on sets."""
    left = dict(scores)
    found: dict[str, str] = {}

    def take(colour: str, anchor: Fraction) -> list[Fraction]:
        group = [e for e, s in left.items() if abs(anchor - s) <= w]
        taken = [left.pop(e) for e in group]
        found.update(dict.fromkeys(group, colour))
        return taken

    def best() -> Fraction:
        return max(left.values())

    if not left:
        return found
    gold = take("gold", best())
    if len(gold) == 1:
        if left:
            silver = take("silver", best())
            if left:
                take("bronze", best() if len(silver) == 1 else min(silver))
    elif len(gold) == 2:
        if left:
            take("bronze", best())
    else:
        take("bronze", min(gold))
    return found


def place_medals(places: Mapping[str, int]) -> dict[str, str]:
    """One, two, three."""
    names = {1: "gold", 2: "silver", 3: "bronze"}
    return {e: names[p] for e, p in places.items() if p in names}


def measured(kind: str, params: Mapping[str, str | list[str]], maximum: Fraction, value: str) -> Fraction:
    """A legal value's mark, per kind, from the tables of the printed rules."""

    def num(name: str) -> Fraction:
        text = params[name]
        assert isinstance(text, str)
        return Fraction(text)

    def minus(deduction: Fraction) -> Fraction:
        if params.get("deduction_type") == "percent":
            deduction = maximum / 100 * deduction
        rest = maximum - deduction
        return rest if rest > 0 else Fraction(0)

    if kind == "pass_fail":
        return maximum if value == "pass" else Fraction(0)
    if kind == "count":
        k = int(value)
        if params.get("over") == "cap" and k > num("possible"):
            k = int(num("possible"))
        if "each" in params:
            gained = sum((num("each") for _ in range(k)), Fraction(0))
            return gained if gained < maximum else maximum
        return sum((maximum / num("possible") for _ in range(k)), Fraction(0))
    if kind == "deduction":
        return minus(sum((num("deduction") for _ in range(int(value))), Fraction(0)))
    if kind == "difference":
        x, target, d = Fraction(value), num("target"), num("difference")
        if params.get("difference_type") == "percent":
            d = abs(target) * d / 100
        ratio = abs(x - target) / d
        if params.get("steps") == "proportional":
            return minus(ratio * num("deduction"))
        steps = math.floor(ratio) if params.get("steps") == "floor" else math.ceil(ratio)
        return minus(Fraction(steps) * num("deduction"))
    if kind == "choice":
        return minus(Fraction(params["deductions"][int(value) - 1]))
    raise AssertionError(kind)


def gold_first(tallies: Mapping[str, tuple[int, int, int, int]]) -> list[tuple[str, int]]:
    """Delegations with their places: who has more gold; of equals more silver; and so on."""
    return sorted(
        ((d, 1 + sum(1 for other in tallies.values() if other > mine)) for d, mine in tallies.items()),
        key=lambda line: (line[1], line[0]),
    )
