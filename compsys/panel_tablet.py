"""One tablet for a panel: what its lead entered for the other seats, told to whichever tablet the lead has.

Architecture Invariant: of what a seat gave on its own tablet, or somebody else entered for it, these
functions tell only that there is such a value; it is as sealed to the lead as to everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from compsys.state import Cell, Sheet, Stream
from scoring_rules.scheme import Aspect


def holds(stream: Stream, sheet: Sheet, seat: str) -> bool:
    """Whether a seat holds its panel's one tablet: it leads a panel that shares one, and marks this sheet."""
    found = stream.seats.get(seat)
    shared = found is not None and stream.panel_mode.get(found.panel) == "panel"
    return shared and found is not None and found.role == "lead" and seat in sheet.roster


def entered(
    stream: Stream, sheet: Sheet, aspects: Iterable[Aspect], seat: str
) -> dict[str, dict[str, dict[str, Any]]]:
    """What this lead entered for the other seats in the current rounds: seat -> aspect -> value, rev, note,
    others (a second value that the lead entered) and elsewhere (a value was given otherwise).

    Empty where the seat does not hold its panel's tablet.
    """
    found: dict[str, dict[str, dict[str, Any]]] = {}
    if not holds(stream, sheet, seat):
        return found
    for aspect in aspects:
        if aspect.method == "agreed":
            continue
        for other in sheet.roster:
            cell = sheet.cells.get((aspect.key, other, sheet.rounds.get(aspect.key, 1)))
            if other != seat and cell is not None:
                found.setdefault(other, {})[aspect.key] = _told(cell, seat)
    return found


def _told(cell: Cell, lead: str) -> dict[str, Any]:
    """A cell of another seat as the lead may know it. ``rev`` is what a further value builds on."""
    by_lead = cell.via == "panel" and cell.by == lead
    blank = cell.value is None
    others = [other.value for other in cell.others if other.by == lead]
    view: dict[str, Any] = {"value": cell.value if by_lead else None, "rev": 0}
    if by_lead or blank or others:
        view["rev"] = cell.rev
    if by_lead and cell.note:
        view["note"] = cell.note
    if by_lead and cell.files:
        view["files"] = cell.files
    if others:
        view["others"] = others
    if (not by_lead and not blank) or len(others) < len(cell.others):
        view["elsewhere"] = True
    return view
