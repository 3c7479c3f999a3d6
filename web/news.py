"""Who hears of which line: events are told at once and none is left out, progress conflates.

A line that changes what a seat may see is an event: it is told at once and none is left out. A sealed vote
changes nothing but who has voted; its sender has the answer, and everybody else hears of it as progress, a
few times a second.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msgspec import Raw

from compsys import views

if TYPE_CHECKING:
    from compsys.desk import Bell
    from compsys.state import State, Stream

MORE = ("stream", "session")
"""Touched keys after which a seat needs everything again: marking opened, a session moved, a void, a lock."""

Sheet = tuple[str, str]


@dataclass(slots=True)
class News:
    """What some lines of one stream mean: ``whole`` (more than sheets changed), sheets with events, sheets
    with nothing but sealed votes, and the kinds of keys touched."""

    whole: bool = False
    events: set[Sheet] = field(default_factory=set)
    progress: set[Sheet] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)


def by_stream(bells: Iterable[Bell]) -> dict[str, list[Bell]]:
    """Bells by their stream, in their order."""
    found: dict[str, list[Bell]] = {}
    for bell in bells:
        found.setdefault(bell.stream, []).append(bell)
    return found


def sort_out(stream: Stream, bells: Iterable[Bell]) -> News:
    """The news in lines of one stream, as the state stands now."""
    news = News()
    for bell in bells:
        sealed = bell.n in stream.unrevealed
        sheets = [(key[2], key[3]) for key in bell.touched if key[0] == "sheet"]
        for key in bell.touched:
            news.kinds.add(key[0])
            if key[0] == "unit" and not sheets:
                # a status, a penalty: the unit was touched by itself, so all of its sheets are
                news.events.update(_sheets_of(stream, key[2]))
        (news.progress if sealed else news.events).update(sheets)
    news.progress -= news.events
    news.whole = not news.kinds.isdisjoint(MORE)
    return news


def _sheets_of(stream: Stream, unit: str) -> list[Sheet]:
    found = stream.units.get(unit)
    rules = stream.groups.get(found.group) if found else None
    return [(unit, sub) for sub in (rules.subs if rules else ()) if (unit, sub) in stream.sheets]


Views = dict[Sheet, views.SheetView]
"""Sheets as they stand in one reading of the state: each is drawn once for all the seats that hear of it."""


def event(
    state: State,
    stream: Stream,
    seat: str,
    sheets: Iterable[Sheet],
    drawn: Views,
    *,
    told: int,
    whole: bool = False,
) -> dict[str, Any]:
    """The message to a seat about touched sheets; those that are not its business are left out.

    ``drawn``: the sheets of this reading so far, one dict for all seats. ``told``: the newest line of the
    stream whose news have gone out. The state may be ahead of it; a cursor that said so would let a tablet
    that drops out now come back without the news in between.
    """
    n = min(stream.safe_n(), told)
    cursor = {"n": n, "seal": stream.prefix(n)}
    message: dict[str, Any] = {"m": "ev", "n": cursor["n"], "cursor": cursor, "sheets": []}
    if whole:
        message["whole"] = views.seat_hello(state, seat)
        return message
    for sheet in sorted(sheets):
        if views.concerns(stream, seat, *sheet):
            message["sheets"].append(_sheet(stream, sheet, seat, drawn))
    return message


def _sheet(stream: Stream, sheet: Sheet, seat: str, drawn: Views) -> Raw | dict[str, Any]:
    """A sheet as a seat may see it, or that it is no longer the seat's business."""
    if views.sees_all(stream, seat) or seat in stream.sheets[sheet].roster:
        view = drawn.get(sheet)
        if view is None:
            view = drawn[sheet] = views.SheetView(stream, *sheet)
        return Raw(view.encoded(seat))
    return {"unit": sheet[0], "sub": sheet[1], "gone": True}
