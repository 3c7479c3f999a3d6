"""What stands of a group as the values of a result, worked out before it is decided on.

Publishing a field of tens of thousands would hold everybody up for seconds. So the values are worked out
beside the server first (``beside.prepare``) and kept with the heads of everything they rest on; the decision
takes them where all those heads are still the same, and otherwise works them out itself.
"""

from __future__ import annotations

import msgspec

from compsys import events as e
from compsys import scoring, team_lists
from compsys.state import State

Place = tuple[str, str, str]


class Prepared(msgspec.Struct, frozen=True):
    """Rows and lists of teams, and the (stream, n, seal) that they rest on: the competition's first."""

    heads: tuple[tuple[str, int, str], ...]
    rows: tuple[e.ResultRow, ...]
    teams: tuple[e.TeamRow, ...] = ()


def prepared(state: State, place: Place) -> Prepared:
    """What stands now, worked out now."""
    found = scoring.standing(state, *place, "signed")
    return Prepared(heads(state, place), scoring.rows_of(found), team_lists.of_standing(state, found))


def what_stands(state: State, place: Place) -> Prepared:
    """What stands now: as it was prepared, if nothing has been written since."""
    kept: Prepared | None = state.prepared.get(place)
    return kept if kept is not None and kept.heads == heads(state, place) else prepared(state, place)


def heads(state: State, place: Place) -> tuple[tuple[str, int, str], ...]:
    """Where the competition and the stage's streams stand: a seal stands for all before it."""
    streams = sorted((s.name, s.n, s.head.hex()) for s in state.streams_of(place[0], place[1]))
    return ((e.COMPETITION, state.n, state.head.hex()), *streams)
