"""Arithmetic on UTC time texts (``2026-05-01T09:00:00.000Z``) without a clock: to milliseconds and back."""

from __future__ import annotations

import re

_FORM = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z\Z")


def millis(text: str) -> int:
    """Milliseconds since 1970 of a UTC time text; ValueError when it is none.

    >>> millis("1970-01-02T00:00:00.001Z")
    86400001
    """
    found = _FORM.match(text)
    if not found:
        raise ValueError(text)
    year, month, day, hour, minute, second, ms = (int(part) for part in found.groups())
    years = year - (month <= 2)
    era_day = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    days = 365 * years + years // 4 - years // 100 + years // 400 + era_day - 719468
    return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + ms


def text(ms: int) -> str:
    """The UTC time text of milliseconds since 1970.

    >>> text(millis("2026-02-28T23:59:59.999Z") + 1)
    '2026-03-01T00:00:00.000Z'
    """
    seconds, ms = divmod(ms, 1000)
    days, seconds = divmod(seconds, 86400)
    days += 719468
    era, of_era = divmod(days, 146097)
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + (3 if shifted < 10 else -9)
    day = of_year - (153 * shifted + 2) // 5 + 1
    year += era * 400 + (month <= 2)
    hour, rest = divmod(seconds, 3600)
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{rest // 60:02d}:{rest % 60:02d}.{ms:03d}Z"
