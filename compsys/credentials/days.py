"""Days and times of the way of a promotion: the competition's clock, working days, the end of a notice."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from compsys.state import State


def local(state: State, now: str) -> str:
    """A UTC moment (milliseconds, ``Z``) as the competition's clock shows it: to the second, with offset."""
    held = state.setup.competition
    zone = ZoneInfo(held.zone if held is not None else "Asia/Shanghai")
    moment = datetime.fromisoformat(now).astimezone(zone).replace(microsecond=0)
    return moment.isoformat()


def later(moment: str, than: str) -> str:
    """A moment, or if it is not later than another one, the second after that.

    >>> later("2026-05-01T09:00:00+08:00", "2026-05-01T09:00:00+08:00")
    '2026-05-01T09:00:01+08:00'
    """
    before = datetime.fromisoformat(than)
    if datetime.fromisoformat(moment) > before:
        return moment
    return (before + timedelta(seconds=1)).isoformat()


def until(since: str, days: int, holidays: Container[str] = (), workdays: Container[str] = ()) -> str:
    """The last of so many working days from a day on; the day before ``since`` for none.

    >>> until("2026-05-01", 3), until("2026-05-01", 3, holidays=("2026-05-01",)), until("2026-05-01", 0)
    ('2026-05-05', '2026-05-06', '2026-04-30')
    """
    day = date.fromisoformat(since) - timedelta(days=1)
    while days > 0:
        day += timedelta(days=1)
        text = day.isoformat()
        if text in workdays or (day.weekday() < 5 and text not in holidays):
            days -= 1
    return day.isoformat()
