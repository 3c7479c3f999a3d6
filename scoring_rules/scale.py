"""The WorldSkills Scale: totals of one field on a scale whose median competitor stands at 700."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from scoring_rules import exact
from scoring_rules.exact import Whole
from scoring_rules.refusal import Refusal

ZERO_MAD = ("mean_deviation", "refuse")

_MEAN_DEVIATION_FACTOR = exact.parse("1.253314")


@dataclass(frozen=True, slots=True)
class Scaled:
    """The scale points of a field, in the order of its totals: rounded to whole points, and exact (`finer`).

    `basis` says what the differences were divided by: `mad`, `mean_deviation` (a flagged substitute) or
    `none` (all totals equal). median and deviation are in marks; deviation is after its factor.
    """

    points: tuple[int, ...]
    finer: Whole
    basis: str
    median: Fraction
    deviation: Fraction

    @property
    def exact(self) -> tuple[Fraction, ...]:
        """The points before they are rounded, made anew each time."""
        made = {n: Fraction(n, self.finer.over) for n in set(self.finer.numbers)}
        return tuple(made[n] for n in self.finer.numbers)


def scale(
    totals: Sequence[Fraction] | Whole,
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
    whole, denominator = totals if isinstance(totals, Whole) else exact.common(totals)
    if len(whole) < max(min_field, 1):
        return Refusal("field_too_small", {"found": str(len(whole)), "needed": str(max(min_field, 1))})
    held = Counter(whole)
    # Quarters of the common unit: both medians are whole numbers, and equal totals are worked out once.
    unit, middle = 4 * denominator, median_of({4 * n: count for n, count in held.items()})
    apart = Counter[int]()
    for n, count in held.items():
        apart[abs(4 * n - middle)] += count
    deviation, basis = exact.parse(factor) * Fraction(median_of(apart), unit), "mad"
    if deviation == 0 and len(apart) > 1:
        if zero_mad == "refuse":
            return Refusal("mad_zero")
        summed = sum(n * count for n, count in apart.items())
        deviation, basis = _MEAN_DEVIATION_FACTOR * Fraction(summed, unit * len(whole)), "mean_deviation"
    if deviation == 0:
        basis = "none"
    start, step = exact.parse(centre), _step(deviation, spread) / unit
    (first, each), over = exact.common((start, step))
    finer = {n: first + each * (4 * n - middle) for n in held}
    points = {n: exact.half_up(m, over) for n, m in finer.items()}
    return Scaled(
        tuple(map(points.__getitem__, whole)), Whole(list(map(finer.__getitem__, whole)), over),
        basis, Fraction(middle, unit), deviation,
    )  # fmt: skip


def _step(deviation: Fraction, spread: str) -> Fraction:
    """The points a mark is worth; none where all totals are equal."""
    return exact.parse(spread) / deviation if deviation else Fraction(0)


def beside(scaled: Scaled, total: Fraction, centre: str = "700", spread: str = "30") -> Fraction:
    """The exact points of a total that is not of the population, on the scale the population made.

    >>> field = scale([Fraction(n) for n in (10, 20, 30)])
    >>> exact.show(beside(field, Fraction(20)))
    '700'
    """
    return exact.parse(centre) + _step(scaled.deviation, spread) * (total - scaled.median)


def median_of(counts: Mapping[int, int]) -> int:
    """The middle of whole numbers, each there so many times; of an even field the mean of the two middle
    ones, which must be whole.

    >>> median_of({12: 1, 4: 1, 8: 1, 40: 1}), median_of({0: 5, 7: 2})
    (10, 0)
    """
    ordered = sorted(counts)
    passed, field = list(accumulate(counts[n] for n in ordered)), sum(counts.values())
    low, high = (ordered[bisect_right(passed, at)] for at in ((field - 1) // 2, field // 2))
    return (low + high) // 2


FUNCTIONS: dict[str, Callable[..., Scaled | Refusal]] = {"ws_scale/1": scale}
"""Scale functions by the name a profile gives."""
