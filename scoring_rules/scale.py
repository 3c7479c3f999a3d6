"""The WorldSkills Scale: totals of one field on a scale whose median competitor stands at 700."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from scoring_rules import exact
from scoring_rules.refusal import Refusal

ZERO_MAD = ("mean_deviation", "refuse")

_MEAN_DEVIATION_FACTOR = exact.parse("1.253314")


@dataclass(frozen=True, slots=True)
class Scaled:
    """The scale points of a field, in the order of its totals: rounded to whole points, and exact.

    `basis` says what the differences were divided by: `mad`, `mean_deviation` (a flagged substitute) or
    `none` (all totals equal). median and deviation are in marks; deviation is after its factor.
    """

    points: tuple[int, ...]
    exact: tuple[Fraction, ...]
    basis: str
    median: Fraction
    deviation: Fraction


def scale(
    totals: Sequence[Fraction],
    centre: str = "700",
    spread: str = "30",
    factor: str = "1.4826",
    min_field: int = 3,
    zero_mad: str = "mean_deviation",
) -> Scaled | Refusal:
    """centre + spread * (x - median) / (factor * MAD) for each total, half up to whole points, unclamped.

    `totals` are those of all entries that started, zeros included, a team as one; after the rounding
    policy. Both medians of an even field are the mean of the two middle values. MAD = 0: all totals equal
    stand at the centre; else the mean deviation times 1.253314 takes its place, or `mad_zero` is refused
    (zero_mad = refuse). Fewer than `min_field` totals: `field_too_small`, and raw totals stand alone.
    Clause: worldskills.md section 8 (one real export of 32 reproduced; MAD = 0 and tiny fields ours).

    >>> field = [exact.parse(t) for t in ("0", "8", "8", "15", "61.42")]
    >>> result = scale(field)
    >>> result.points, exact.show(result.median), exact.show(result.deviation)
    ((677, 700, 700, 720, 854), '8', '10.3782')
    >>> scale(field[:2])
    Refusal(code='field_too_small', params={'found': '2', 'needed': '3'})
    """
    if len(totals) < max(min_field, 1):
        return Refusal("field_too_small", {"found": str(len(totals)), "needed": str(max(min_field, 1))})
    whole, denominator = exact.common(totals)
    quarters, unit = [4 * n for n in whole], 4 * denominator
    # Quarters of the common unit: both medians are whole numbers, and 200,000 of them are sorted in C.
    middle = median_of(quarters)
    distances = [abs(n - middle) for n in quarters]
    deviation, basis = exact.parse(factor) * Fraction(median_of(distances), unit), "mad"
    if deviation == 0 and any(distances):
        if zero_mad == "refuse":
            return Refusal("mad_zero")
        apart = Fraction(sum(distances), unit * len(distances))
        deviation, basis = _MEAN_DEVIATION_FACTOR * apart, "mean_deviation"
    if deviation == 0:
        basis = "none"
    found = {n: _point(Fraction(n - middle, unit), deviation, centre, spread) for n in set(quarters)}
    rounded = {n: exact.round_half_up(p, 0).numerator for n, p in found.items()}
    return Scaled(
        tuple(rounded[n] for n in quarters), tuple(found[n] for n in quarters),
        basis, Fraction(middle, unit), deviation,
    )  # fmt: skip


def _point(apart: Fraction, deviation: Fraction, centre: str, spread: str) -> Fraction:
    """The points of a total so many marks from the median."""
    start = exact.parse(centre)
    return start if deviation == 0 else start + exact.parse(spread) * apart / deviation


def beside(scaled: Scaled, total: Fraction, centre: str = "700", spread: str = "30") -> Fraction:
    """The exact points of a total that is not of the population, on the scale the population made.

    >>> field = scale([Fraction(n) for n in (10, 20, 30)])
    >>> exact.show(beside(field, Fraction(20)))
    '700'
    """
    return _point(total - scaled.median, scaled.deviation, centre, spread)


def median_of(values: Sequence[int]) -> int:
    """The middle of whole numbers, the mean of the two middle ones of an even field; that must be whole.

    >>> median_of([12, 4, 8, 40])
    10
    """
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) // 2


FUNCTIONS: dict[str, Callable[..., Scaled | Refusal]] = {"ws_scale/1": scale}
"""Scale functions by the name a profile gives."""
