"""What the console says of awards before they are given: ties at edges, what a version takes and gives."""

from __future__ import annotations

from typing import Any

from compsys import edges, reawarding
from compsys.desk import Desk
from compsys.exchange.results import change_data, left_office
from compsys.state import Result, State

Place = reawarding.Place


def named(state: State, place: Place) -> bool:
    """Whether names may stand beside codes: the newest version has left the office, or marking is not blind.

    A name beside a code before that would end the blindness of marking.
    """
    result = state.results.get(place, Result())
    blind = state.setup.stages[f"{place[0]}/{place[1]}"].blind
    return bool(result.versions) and (not blind or left_office(result, len(result.versions) - 1))


def ready(state: State, place: Place) -> bool:
    """Whether a version may be made that says anything new: all is locked, and the newest one is not an
    official one that cites everything written since."""
    streams = [s for s in state.streams_of(*place[:2]) if place[2] in s.groups]
    if not streams or any(stream.marking != "locked" for stream in streams):
        return False
    result = state.results.get(place, Result())
    cited = {cite.stream: cite.n for cite in result.versions[-1].cites} if result.state == "official" else {}
    return any(cited.get(stream.name) != stream.n for stream in streams)


def ties(state: State, place: Place) -> list[dict[str, Any]]:
    """Ties across the last place of a medal or prize, by code, while a version may be made."""
    return edges.ties(state, *place) if ready(state, place) else []


def changes(state: State, desk: Desk, place: Place) -> list[dict[str, Any]]:
    """What publishing now would take from whom and give to whom, those who lose first; [] where nothing."""
    if not ready(state, place):
        return []
    found = sorted(reawarding.ahead(state, place), key=lambda change: change.way != "lost")
    told = named(state, place)
    return [change_data(state, desk.names, place, change, named=told) for change in found]
