"""Kept parts and resits a second time, looking back from a day instead of writing a record forward.

It imports nothing of the product. One resit, one year, an absence is a try, cheating ends everything kept.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

Marks = dict[str, Fraction | str | None]
History = list[tuple[date, Marks]]


def state(parts: list[str], history: History, part: str, day: date) -> str:
    """new, resit or kept."""
    tries: list[tuple[date, Fraction | str | None]] = []
    for when, marks in this_round(parts, history):
        kept = bool(tries) and good(tries[-1][1]) and when <= a_year_after(tries[-1][0])
        if marks.get(part) is not None and not kept:
            tries.append((when, marks[part]))
    if not tries:
        return "new"
    when, mark = tries[-1]
    if day > a_year_after(when):
        return "new"
    return "kept" if good(mark) else "resit"


def this_round(parts: list[str], history: History) -> History:
    """The sittings since the last one that ended a round."""
    for i in range(len(history) - 1, -1, -1):
        if ended(parts, history[: i + 1]):
            return history[i + 1 :]
    return history


def ended(parts: list[str], history: History) -> bool:
    """Whether the last sitting ended its round: cheating, a resit that failed, or everything passed."""
    day, marks = history[-1]
    before = history[:-1]
    stood = {part: state(parts, before, part, day) for part in parts}
    tried = {p: marks[p] for p in parts if marks.get(p) is not None and stood[p] != "kept"}
    if any(not good(mark) and (mark == "zeroed" or stood[p] == "resit") for p, mark in tried.items()):
        return True
    return all(good(tried[p]) if p in tried else stood[p] == "kept" for p in parts)


def good(mark: Fraction | str | None) -> bool:
    """Sixty or an exemption."""
    return mark == "exempt" or (isinstance(mark, Fraction) and mark >= 60)


def a_year_after(day: date) -> date:
    """The last day that is within one year; after 29 February that is the next 28 February."""
    leap = day.month == 2 and day.day == 29
    start = day - timedelta(days=1) if leap else day
    return date(start.year + 1, start.month, start.day)
