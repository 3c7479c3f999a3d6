"""How much of a session is left: its clock as a word and whole seconds, from times that come in as text.

``web/static/seat_clock.js`` says the same on a tablet; a clock that runs out submits nothing and closes
nothing, it only says so.
"""

from __future__ import annotations

from typing import NamedTuple

from compsys.clock import millis
from compsys.state import SessionState


class Clock(NamedTuple):
    """``word``: left, over, paused (with what is left of it), gone (a session without an end), ended;
    ``seconds``: whole seconds of it."""

    word: str
    seconds: int

    @property
    def time(self) -> str:
        """Minutes and seconds, from an hour on with hours; "" of an ended session.

        >>> Clock("left", 65).time, Clock("over", 3723).time, Clock("ended", 0).time
        ('01:05', '1:02:03', '')
        """
        if self.word == "ended":
            return ""
        minutes, seconds = divmod(self.seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def stand(session: SessionState, credit: int, now: str) -> Clock | None:
    """Where a session's clock stands at a time (UTC text) for a unit with so many extra seconds; None before
    its start.

    >>> begun = {"state": "running", "started": "2026-05-01T08:00:00.000Z", "minutes": 60}
    >>> session = SessionState("s", "c", 1, {}, **begun)
    >>> stand(session, 0, "2026-05-01T08:59:00.000Z"), stand(session, 300, "2026-05-01T09:06:01.000Z")
    (Clock(word='left', seconds=60), Clock(word='over', seconds=61))
    """
    if not session.started:
        return None
    if session.state == "stopped":
        return Clock("ended", 0)
    paused = session.state == "paused"
    gone = millis(session.paused_at if paused else now) - millis(session.started) - session.paused_ms
    gone = max(0, gone) // 1000
    if not session.minutes:
        return Clock("paused" if paused else "gone", gone)
    left = session.minutes * 60 + credit - gone
    if left < 0:
        return Clock("over", -left)
    return Clock("paused" if paused else "left", left)
