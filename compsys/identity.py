"""Resident identity numbers (GB 11643): the check digit, what is accepted, how a number is masked."""

from __future__ import annotations

import re
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_SHAPE = re.compile(r"[0-9]{17}[0-9X]\Z")


def check_digit(body: str) -> str:
    """The eighteenth character for the first seventeen digits (area 6, birth 8, sequence 3).

    Clause: GB 11643: s = sum of digit x weight; the character at s mod 11 of ``10X98765432``.

    >>> check_digit("11010519491231002")
    'X'
    """
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def normalise(number: str) -> str:
    """The number as it is stored: ASCII, no spaces, a final ``x`` as ``X``.

    >>> normalise(" 11010519491231002x ")
    '11010519491231002X'
    """
    wide = {0xFF10 + i: str(i) for i in range(10)} | {0xFF38: "X", 0xFF58: "X"}
    return "".join(number.translate(wide).split()).upper()


def fault(number: str) -> str:
    """What is wrong with a resident identity number: ``shape``, ``date``, ``check`` or "" when it is right.

    >>> [fault(n) for n in ("11010519491231002X", "110105194912310020", "110105194913310024", "1101051949")]
    ['', 'check', 'date', 'shape']
    """
    if _SHAPE.match(number) is None:
        return "shape"
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return "date"
    return "" if check_digit(number[:17]) == number[17] else "check"


def mask(number: str) -> str:
    """The number as lists show it: the first six and the last four characters.

    >>> mask("11010519491231002X")
    '110105********002X'
    """
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}" if len(number) > 10 else "*" * len(number)


ID_TYPES = (
    "",
    "resident_id",
    "officer_id",
    "hk_macau_id",
    "taiwan_permit",
    "foreign_permanent_id",
    "passport",
    "other",
)
"""Kinds of identity document (证件类型); "" = none known. Only ``resident_id`` numbers follow GB 11643."""
