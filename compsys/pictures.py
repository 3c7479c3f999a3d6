"""Who may see a picture: what it is pinned to, and whether that may be known yet.

Architecture Invariant: a picture is as sealed as the value it is pinned to. Before the reveal of a vote its
picture is shown to the seat that pinned it and to nobody else, not even as missing.
"""

from __future__ import annotations

from compsys.events import ANY_SEAT
from compsys.state import Cell, Sheet, Stream
from compsys.state_day import Pinned


def pin(stream: Stream, files: tuple[str, ...], to: Pinned) -> None:
    """A line names these pictures."""
    for sha in files:
        held = stream.pictures.get(sha, ())
        if to not in held:
            stream.pictures[sha] = (*held, to)


def is_open(stream: Stream, to: Pinned) -> bool:
    """Whether what a picture is pinned to may be known to the chief: an incident, a value of the whole panel,
    a vote after its reveal."""
    if to.incident:
        return True
    rules = stream.groups[stream.units[to.unit].group]
    sheet = stream.sheets.get((to.unit, rules.sub_of[to.aspect]))
    return sheet is not None and _revealed(rules.aspects[to.aspect].method, sheet, to.aspect, to.round)


def _revealed(method: str, sheet: Sheet, aspect: str, round_: int) -> bool:
    return method == "agreed" or (aspect, 0 if method == "points" else round_) in sheet.revealed


def for_chief(stream: Stream, sha: str) -> bool:
    """Whether the chief of a stream may see a picture."""
    return any(is_open(stream, to) for to in stream.pictures.get(sha, ()))


def for_seat(stream: Stream, sha: str, seat: str) -> bool:
    """Whether a seat may see a picture: its own, or one at a value that is open to its panel."""
    for to in stream.pictures.get(sha, ()):
        if seat in (to.by, to.seat):
            return True
        if to.incident:
            continue
        sheet = stream.sheets.get((to.unit, stream.groups[stream.units[to.unit].group].sub_of[to.aspect]))
        if sheet is not None and seat in sheet.roster and is_open(stream, to):
            return True
    return False


def pinned_by(stream: Stream, sha: str, seat: str) -> bool:
    """Whether a line that a seat gave names a picture: only such a picture is taken."""
    return any(seat == to.by for to in stream.pictures.get(sha, ()))


def shown(stream: Stream, sheet: Sheet, aspect: str, method: str) -> list[tuple[str, tuple[str, ...]]]:
    """(seat, its pictures) at the current values of an aspect, as far as they may be known."""
    round_ = sheet.rounds.get(aspect, 1)
    if not _revealed(method, sheet, aspect, round_):
        return []
    seats = (ANY_SEAT,) if method == "agreed" else sheet.roster
    found: list[tuple[str, tuple[str, ...]]] = []
    for seat in seats:
        cell: Cell | None = sheet.cells.get((aspect, seat, round_))
        if cell is not None and cell.files:
            found.append((seat, cell.files))
    return found
