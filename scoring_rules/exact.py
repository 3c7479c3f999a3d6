"""Text to exact number and back, and the named policies by which totals are rounded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any, NamedTuple

Number = Fraction

_GRAMMAR = re.compile(r"-?(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,6})?")
_TENS = tuple(10**i for i in range(31))

_FULL_WIDTH = {0xFF10 + i: str(i) for i in range(10)}
_SIGNS = {0xFF0E: ".", 0xFF0D: "-", 0x2212: "-", 0x3002: "."}
_INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_NORMAL = {**_FULL_WIDTH, **_SIGNS, **_INVISIBLE}


class NotANumber(ValueError):
    """The text is not a number of the grammar; `args[0]` is the text."""


@lru_cache(maxsize=65_536)
def parse(text: str) -> Fraction:
    """The exact number a text stands for; raises NotANumber for anything outside the grammar.

    Clause: design, formats, Numbers: `-?(0|[1-9][0-9]{0,11})(\\.[0-9]{1,6})?`, ASCII, checked before any
    constructor sees the text. Equal values of different spelling are equal numbers.

    >>> parse("12.50") == parse("12.5")
    True
    >>> parse("-0.25")
    Fraction(-1, 4)
    >>> for bad in ("1_0", "sNaN", "01", ".5", "1e3", "\\uff11", " 1"):
    ...     try:
    ...         print(parse(bad))
    ...     except NotANumber:
    ...         pass
    """
    if _GRAMMAR.fullmatch(text) is None:
        raise NotANumber(text)
    whole, _, decimals = text.partition(".")
    if not decimals:
        return Fraction(int(whole))
    return Fraction(int(whole + decimals), _TENS[len(decimals)])


def is_number(text: str) -> bool:
    """Whether `parse` takes the text.

    >>> is_number("12.5"), is_number("12,5")
    (True, False)
    """
    return _GRAMMAR.fullmatch(text) is not None


def normalise(text: str) -> str:
    """What a person typed, as the grammar wants it: ASCII digits, sign and point, no surrounding space.

    For forms and imports only; wires and journals carry the grammar and nothing else. What is still outside
    the grammar afterwards is left for `parse` to refuse. Clause: worldskills.md section 6, reader rule 1.

    >>> normalise("\\u3000\\uff11\\uff12\\uff0e\\uff15\\u200b\\u00a0")
    '12.5'
    """
    return text.translate(_NORMAL).strip()


def total(values: Iterable[Fraction | int]) -> Fraction:
    """The exact sum; one common denominator instead of a reduction per addition, as it runs on every mark.

    >>> total([Fraction(1, 3), Fraction(1, 6), Fraction(1, 2)])
    Fraction(1, 1)
    """
    numerators, denominator = common(values)
    return Fraction(sum(numerators), denominator)


class Whole(NamedTuple):
    """Values as whole numbers over one common denominator."""

    numbers: list[int]
    over: int


def common(values: Iterable[Fraction | int]) -> Whole:
    """The values over one common denominator, so that sums and sorts run on plain integers.

    >>> common([Fraction(1, 3), Fraction(1, 6)])
    Whole(numbers=[2, 1], over=6)
    """
    held: list[Any] = list(values)
    if set(map(type, held)) <= {int}:
        return Whole(held, 1)
    ratios = [x.as_integer_ratio() for x in held]
    denominators = {d for _, d in ratios}
    over = lcm(*denominators)
    if len(denominators) < 2:
        return Whole([n for n, _ in ratios], over)
    return Whole([n * (over // d) for n, d in ratios], over)


def round_half_up(x: Fraction, places: int) -> Fraction:
    """`x` to so many decimals, a half away from zero (ROUND_HALF_UP of the printed tables), never half-even.

    Clause: worldskills.md section 4 "half up, never half-even"; china.md section 3: 83.25 x 0.30 -> 24.98.

    >>> show(round_half_up(parse("83.25") * parse("0.30"), 2), 2)
    '24.98'
    >>> show(round_half_up(parse("-0.125"), 2))
    '-0.13'
    """
    tens, denominator = _TENS[places], x.denominator
    if tens % denominator == 0:
        return x
    return Fraction(half_up(x.numerator * tens, denominator), tens)


def half_up(numerator: int, denominator: int) -> int:
    """The quotient as a whole number, a half away from zero; the denominator is positive.

    >>> half_up(5, 2), half_up(-5, 2), half_up(7, 3)
    (3, -3, 2)
    """
    quotient, rest = divmod(abs(numerator), denominator)
    if 2 * rest >= denominator:
        quotient += 1
    return -quotient if numerator < 0 else quotient


def _places_of(denominator: int) -> int:
    """How many decimals 1/denominator needs; ValueError when it never ends."""
    for places in range(7):
        if _TENS[places] % denominator == 0:
            return places
    twos = fives = 0
    while denominator % 2 == 0:
        denominator //= 2
        twos += 1
    while denominator % 5 == 0:
        denominator //= 5
        fives += 1
    if denominator != 1:
        raise ValueError("the decimal does not end: say how many places")
    return max(twos, fives)


def show(x: Fraction, places: int | None = None) -> str:
    """The number as text: exact and shortest, or rounded half up to `places` decimals and padded to them.

    Raises ValueError for a number whose decimals never end when no places are given.

    >>> show(Fraction(5, 2)), show(Fraction(5, 2), 2), show(Fraction(2, 3), 2), show(Fraction(-1, 1000), 2)
    ('2.5', '2.50', '0.67', '0.00')
    """
    if places is None:
        places = _places_of(x.denominator)
    else:
        x = round_half_up(x, places)
    if places == 0:
        return str(x.numerator)
    digits = str(abs(x.numerator) * 10**places // x.denominator).rjust(places + 1, "0")
    return f"{'-' if x.numerator < 0 else ''}{digits[:-places]}.{digits[-places:]}"


@dataclass(frozen=True, slots=True)
class Rounding:
    """Where a result is rounded: decimals of an aspect's mark, of a component's contribution, of the total.

    None means "kept exact at this level". Ranking and scale use the total after the policy, so that equal
    printed totals are equal; shown subtotals are rounded for the eye, the sum goes on with these values.
    """

    name: str
    aspect_places: int | None
    component_places: int | None
    total_places: int | None

    def aspect(self, x: Fraction) -> Fraction:
        """An aspect's mark under this policy."""
        return x if self.aspect_places is None else round_half_up(x, self.aspect_places)

    def component(self, x: Fraction) -> Fraction:
        """A component's contribution to the total (after its weight) under this policy."""
        return x if self.component_places is None else round_half_up(x, self.component_places)

    def total(self, x: Fraction) -> Fraction:
        """The total under this policy."""
        return x if self.total_places is None else round_half_up(x, self.total_places)

    def show_total(self, x: Fraction) -> str:
        """The total as printed: padded to the policy's places; else exact if it ends, else 6 places."""
        if self.total_places is not None:
            return show(x, self.total_places)
        try:
            return show(x)
        except ValueError:
            return show(x, 6)


ROUNDING: dict[str, Rounding] = {
    "total_2dp": Rounding("total_2dp", None, None, 2),
    "per_component_2dp": Rounding("per_component_2dp", None, 2, 2),
    "per_aspect_2dp": Rounding("per_aspect_2dp", 2, 2, 2),
    "exact": Rounding("exact", None, None, None),
}
"""Policies by name. total_2dp: WorldSkills default; per_aspect_2dp and per_component_2dp: china.md section 3
("2 decimals half up" per judged aspect; "modules and total to 2 decimals"); exact: nothing is rounded."""


def rounding(name: str, places: int = 2) -> Rounding:
    """The named policy with another number of decimals; KeyError for an unknown name.

    Three aspects of 0.50, each judged 1,1,2 (worldskills.md section 4):

    >>> marks = [Fraction(2, 9)] * 3
    >>> for name in ("total_2dp", "per_aspect_2dp", "exact"):
    ...     policy = rounding(name)
    ...     print(name, policy.show_total(policy.total(total(policy.aspect(m) for m in marks))))
    total_2dp 0.67
    per_aspect_2dp 0.66
    exact 0.666667
    """
    base = ROUNDING[name]
    if places == 2:
        return base

    def at(level: int | None) -> int | None:
        return None if level is None else places

    return Rounding(name, at(base.aspect_places), at(base.component_places), at(base.total_places))
