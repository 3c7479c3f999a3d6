"""Several seats, one mark: judgement with its spread; trimmed mean, mean and median at a stated level."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from scoring_rules import exact
from scoring_rules.refusal import Refusal

LEVELS = ("aspect", "sheet", "component")
_SCORES = {"0": 0, "1": 1, "2": 2, "3": 3}


class Trim(NamedTuple):
    """How many values a panel function drops at the top and at the bottom, and from how many seats on."""

    high: int = 1
    low: int = 1
    min_seats: int = 3


DEFAULT_TRIM = Trim()


def score(text: str) -> int | Refusal:
    """A judgement score 0, 1, 2 or 3; anything else is refused with `not_a_score`.

    Clause: worldskills.md section 3: 0 below industry standard, 1 meets, 2 exceeds in respects, 3 excellent.

    >>> score("2"), score("1.5").code
    (2, 'not_a_score')
    """
    found = _SCORES.get(text)
    return Refusal("not_a_score", {"value": text}) if found is None else found


def points(text: str, low: Fraction, high: Fraction, step: Fraction | None = None) -> Fraction | Refusal:
    """Points of one seat within low..high, on the grid low + k * step where a step is given; `high` always.

    Refused with not_a_number, out_of_range (low, high) or off_step (step).

    >>> points("9.25", Fraction(0), Fraction(10), Fraction(1, 4))
    Fraction(37, 4)
    >>> points("9.3", Fraction(0), Fraction(10), Fraction(1, 4)).code
    'off_step'
    """
    try:
        value = exact.parse(text)
    except exact.NotANumber:
        return Refusal("not_a_number", {"value": text})
    if not low <= value <= high:
        return Refusal("out_of_range", {"value": text, "low": exact.show(low), "high": exact.show(high)})
    if step is not None and value != high and ((value - low) / step).denominator != 1:
        return Refusal("off_step", {"value": text, "step": exact.show(step)})
    return value


def average(scores: Sequence[int], maximum: Fraction) -> Fraction:
    """max * sum(s) / (3 * n): the mark for the scores 0..3 of n seats, exact; ValueError if not legal.

    Clause: worldskills.md section 3, formula; china.md section 3: "mean/3 x max".

    >>> exact.show(average((2, 3, 2), Fraction(2)), 2), exact.show(average((1, 1, 2), Fraction(1, 2)), 2)
    ('1.56', '0.22')
    """
    n = len(scores)
    if n == 0 or min(scores) < 0 or max(scores) > 3:
        raise ValueError("scores must be 0..3 and at least one")
    return Fraction(maximum.numerator * sum(scores), maximum.denominator * 3 * n)


def spread(scores: Sequence[int]) -> int:
    """max - min of the scores; 0 and 1 are accepted, more calls for a re-vote. ValueError if none.

    Clause: worldskills.md section 3, spread (分差); china.md section 3 "max-min > 1: no mark".

    >>> spread((2, 2, 3)), spread((0, 1, 2))
    (1, 2)
    """
    return max(scores) - min(scores)


def mean(values: Sequence[Fraction], trim: Trim = DEFAULT_TRIM) -> Fraction:
    """The plain mean; `trim` is taken so that every panel function is called alike, and ignored.

    >>> mean([Fraction(7), Fraction(8), Fraction(8)])
    Fraction(23, 3)
    """
    if not values:
        raise ValueError("no values")
    summed = exact.total(values)
    return Fraction(summed.numerator, summed.denominator * len(values))


def median(values: Sequence[Fraction], trim: Trim = DEFAULT_TRIM) -> Fraction:
    """The middle value, or the mean of the two middle ones; `trim` is ignored.

    Clause: worldskills.md section 8 "even n: mean of the two middle values".

    >>> median([Fraction(3), Fraction(1), Fraction(2), Fraction(10)])
    Fraction(5, 2)
    """
    if not values:
        raise ValueError("no values")
    ordered, half = sorted(values), len(values) // 2
    if len(ordered) % 2:
        return ordered[half]
    return mean(ordered[half - 1 : half + 1])


def trimmed_mean(values: Sequence[Fraction], trim: Trim = DEFAULT_TRIM) -> Fraction:
    """The mean after dropping `high` values at the top and `low` at the bottom, one each even when shared.

    Under `min_seats` values, or where dropping would leave none, it is the plain mean.
    Clause: china.md section 3: "drops ONE value at each end even if shared; unsubmitted referees do not
    count; under 3 marks: plain mean".

    >>> panel = [exact.parse(v) for v in ("8.6", "9.0", "9.1", "9.3", "9.8")]
    >>> exact.show(trimmed_mean(panel), 2)
    '9.13'
    >>> trimmed_mean([Fraction(9), Fraction(9), Fraction(9), Fraction(5)])
    Fraction(9, 1)
    >>> trimmed_mean([Fraction(9), Fraction(5)])
    Fraction(7, 1)
    """
    n = len(values)
    high, low, min_seats = trim
    if n < min_seats or n <= high + low:
        return mean(values)
    if n == 0:
        raise ValueError("no values")
    numerators, denominator = exact.common(values)
    numerators.sort()
    return Fraction(sum(numerators[low : n - high]), denominator * (n - high - low))


PanelFunction = Callable[[Sequence[Fraction], Trim], Fraction]

FUNCTIONS: dict[str, PanelFunction] = {
    "trimmed_mean/1": trimmed_mean,
    "mean/1": mean,
    "median/1": median,
}
"""Functions for points, by the name a profile gives. New arithmetic is a new version; the old one stays."""

JUDGEMENTS: dict[str, Callable[[Sequence[int], Fraction], Fraction]] = {"ws_average/1": average}
"""Functions for judgement scores, by the name a profile gives."""


def middle(scores: Sequence[int], maximum: Fraction) -> Fraction:
    """max * median(s) / 3: the mark of a panel that stays apart, where the rules let its median count.

    Of an even number of scores the mean of the two middle ones. ValueError if not legal scores.
    Clause: the profile's own (`judgement.after_rounds`); no published rule book that is shipped has it.

    >>> exact.show(middle((0, 2, 3), Fraction(6)), 2), exact.show(middle((0, 0, 3, 3), Fraction(6)), 2)
    ('4.00', '3.00')
    """
    if not scores or min(scores) < 0 or max(scores) > 3:
        raise ValueError("scores must be 0..3 and at least one")
    return median([Fraction(s) for s in scores]) * maximum / 3


SETTLED: dict[str, Callable[[Sequence[int], Fraction], Fraction]] = {**JUDGEMENTS, "ws_median/1": middle}
"""Functions for the votes of an aspect, however it was settled, by the name that its line gives."""

OUTCOMES = {"median": "ws_median/1"}
"""What may follow the last round by itself, and the function by which the votes count then."""


class RaggedPanel(ValueError):
    """A seat has not given what the others have: its sheet total would be a hole counted as zero."""


def panel_points(
    rows: Mapping[str, Mapping[str, Fraction]], level: str, function: PanelFunction, trim: Trim
) -> Fraction:
    """The points of a panel: rows[seat][aspect] -> one number, the function applied at the stated level.

    `aspect`: to each aspect's values, then summed. `sheet`: to each seat's total over the rows given, which
    are one sheet; `component`: the same where the caller gives all the sheets of one component. A seat that
    has not submitted is left out by the caller; one that has given only part of what others gave raises
    RaggedPanel at sheet and component level. Clause: china.md section 3, trimmed panel. The levels differ:

    >>> pairs = ((9, 9), (9, 5), (5, 9), (7, 7), (7, 7))
    >>> rows = {str(i): {"a": Fraction(a), "b": Fraction(b)} for i, (a, b) in enumerate(pairs)}
    >>> for level in ("aspect", "sheet"):
    ...     print(level, exact.show(panel_points(rows, level, trimmed_mean, Trim()), 2))
    aspect 15.33
    sheet 14.00
    """
    if not rows:
        raise ValueError("no seats")
    if level == "aspect":
        return exact.total(function(values, trim) for values in _by_aspect(rows.values()))
    if level not in LEVELS:
        raise ValueError(level)
    seats = list(rows.values())
    first = seats[0].keys()
    if any(seat.keys() != first for seat in seats):
        raise RaggedPanel(level)
    return function([exact.total(seat.values()) for seat in seats], trim)


def _by_aspect(seats: Iterable[Mapping[str, Fraction]]) -> Iterable[list[Fraction]]:
    columns: dict[str, list[Fraction]] = {}
    for seat in seats:
        for aspect, value in seat.items():
            columns.setdefault(aspect, []).append(value)
    return columns.values()
