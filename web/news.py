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
Sheets = dict[Sheet, set[str] | None]
"""Sheets that changed, each with the aspects that did (none: only what stands above them), or None: all."""


def note(found: Sheets, sheet: Sheet, aspects: Iterable[str] | None) -> None:
    """These aspects of a sheet changed too (None: the whole sheet did)."""
    if aspects is None:
        found[sheet] = None
        return
    known = found.setdefault(sheet, set())
    if known is not None:
        known.update(aspects)


def forget(found: Sheets, told: Sheets) -> None:
    """What was told need not be told again."""
    for sheet in told.keys() & found.keys():
        left, aspects = found[sheet], told[sheet]
        if aspects is None:
            del found[sheet]
        elif left is not None:
            left -= aspects
            if not left:
                del found[sheet]


@dataclass(slots=True)
class News:
    """What some lines of one stream mean: ``whole`` (more than sheets changed), sheets with events, sheets
    with nothing but sealed votes, and the kinds of keys touched."""

    whole: bool = False
    events: Sheets = field(default_factory=dict)
    progress: Sheets = field(default_factory=dict)
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
        found = news.progress if bell.n in stream.unrevealed else news.events
        alone = True
        for key in bell.touched:
            news.kinds.add(key[0])
            if key[0] == "sheet":
                note(found, (key[2], key[3]), key[4:] or None)
                alone = False
            elif key[0] == "unit" and alone:
                # a status, a penalty: the unit was touched by itself, so all of its sheets are
                for sheet in _sheets_of(stream, key[2]):
                    note(news.events, sheet, None)
    forget(news.progress, news.events)
    news.whole = not news.kinds.isdisjoint(MORE)
    return news


def _sheets_of(stream: Stream, unit: str) -> list[Sheet]:
    found = stream.units.get(unit)
    rules = stream.groups.get(found.group) if found else None
    return [(unit, sub) for sub in (rules.subs if rules else ()) if (unit, sub) in stream.sheets]


Views = dict[Sheet, views.SheetView]
"""Sheets as they stand in one reading of the state: each is drawn once for all the seats that hear of it."""


def cursor(stream: Stream, told: int) -> dict[str, Any]:
    """How far a tablet has heard that hears the news up to line ``told``.

    The state may be ahead of it; a cursor that said so would let a tablet that drops out now come back
    without the news in between.
    """
    n = min(stream.safe_n(), told)
    return {"n": n, "seal": stream.prefix(n)}


def event(
    state: State,
    stream: Stream,
    seat: str,
    sheets: Sheets,
    drawn: Views,
    *,
    cursor: dict[str, Any],
    whole: bool = False,
) -> dict[str, Any]:
    """The message to a seat about touched sheets; those that are not its business are left out.

    A sheet of which only some aspects changed comes with ``part`` true and those aspects alone, to be laid
    over the sheet as the tablet holds it.

    ``drawn``: the sheets of this reading so far, one dict for all seats.
    """
    message: dict[str, Any] = {"m": "ev", "n": cursor["n"], "cursor": cursor, "sheets": []}
    if whole:
        message["whole"] = views.seat_hello(state, seat)
        return message
    everything = views.sees_all(stream, seat)
    no_value = everything and views.told_no_value(stream, seat)
    for place in sorted(sheets):
        sheet, aspects = stream.sheets.get(place), sheets[place]
        if sheet is None:
            continue
        if no_value and aspects is not None and "" not in aspects:
            continue  # only values changed: that they did is no business of this seat
        if everything or seat in sheet.roster:
            view = drawn.get(place)
            if view is None:
                view = drawn[place] = views.SheetView(stream, *place)
            message["sheets"].append(Raw(view.encoded(seat, aspects)))
        elif any(seat == left for left, _, _ in sheet.left):
            message["sheets"].append(views.gone_view(stream, sheet, seat))
    return message
