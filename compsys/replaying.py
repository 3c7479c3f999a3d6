"""Folds a journal again: does it fold to the same state in another order, and do its results still follow?

A result is recomputed from the rules where its line stands in the journal, on what was known then; a
difference is reported and changes nothing (an official result is a fact).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from compsys import core, scoring, team_lists
from compsys import events as e
from compsys.events import COMPETITION
from compsys.state import State


class Line(Protocol):
    """A line as stored."""

    @property
    def stream(self) -> str: ...
    @property
    def n(self) -> int: ...
    @property
    def open(self) -> bytes: ...
    @property
    def closed(self) -> bytes | None: ...
    @property
    def seal(self) -> bytes: ...


Difference = dict[str, Any]
Unpacked = tuple[str, int, bytes, e.AnyEvent, e.Closed | None]


@dataclass(slots=True)
class Recount:
    """A stored result beside what the rules give for it now."""

    trade: str
    stage: str
    group: str
    version: int
    rank: str
    n: int
    differences: list[Difference] = field(default_factory=list)
    """each {"code", "field", "stored", "now"}"""


@dataclass(slots=True)
class Replay:
    """What folding again found: lines and streams, how many closed parts are withheld, lines that are not
    written the way they are read, whether both orders fold to one state, votes that were revealed as other
    values than were given, the results."""

    lines: int = 0
    streams: int = 0
    withheld: int = 0
    rewritten: list[tuple[str, int]] = field(default_factory=list)
    same_state: bool = True
    reveals: int = 0
    misrevealed: list[tuple[str, int]] = field(default_factory=list)
    results: list[Recount] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing differs (where closed parts are withheld, results cannot be judged)."""
        known = self.withheld or not any(recount.differences for recount in self.results)
        return bool(self.same_state and not self.rewritten and not self.misrevealed and known)


def replay(competition: str, lines: Callable[[], Iterable[Line]]) -> Replay:
    """Fold the lines twice: as they were committed, and stream by stream. Raises events.NewerJournal."""
    found = Replay()
    one = State(id=competition)
    apart: dict[str, list[Unpacked]] = {}
    for line in lines():
        item = _unpack(line)
        found.lines += 1
        found.withheld += item[4] is None
        if not _same_bytes(line, item):
            found.rewritten.append((line.stream, line.n))
        _look(found, one, item)
        core.apply(one, *item)
        apart.setdefault(line.stream, []).append(item)
    found.streams = len(apart)
    other = State(id=competition)
    for name in sorted(apart, key=lambda stream: (stream != COMPETITION, stream)):
        core.fold(other, apart[name])
    _forget(one)
    _forget(other)
    found.same_state = one == other
    return found


def _unpack(line: Line) -> Unpacked:
    closed = e.CLOSED_DECODER.decode(line.closed) if line.closed is not None else None
    return line.stream, line.n, line.seal, e.unpack(line.open), closed


def _same_bytes(line: Line, item: Unpacked) -> bool:
    """Whether writing what was read gives the stored bytes."""
    if e.ENCODER.encode(item[3]) != line.open:
        return False
    return item[4] is None or e.ENCODER.encode(item[4]) == line.closed


def _look(found: Replay, state: State, item: Unpacked) -> None:
    """Judge a line on the state it was decided on."""
    stream, n, _, event, _ = item
    if isinstance(event, e.ResultPublished):
        recount = Recount(event.trade, event.stage, event.group, event.version, event.rank, n)
        recount.differences = list(_differences(state, event))
        found.results.append(recount)
    elif isinstance(event, e.Revealed | e.SheetRevealed):
        found.reveals += 1
        if not found.withheld and not _revealed_right(state, stream, event):
            found.misrevealed.append((stream, n))


def _differences(state: State, event: e.ResultPublished) -> Iterator[Difference]:
    stands = scoring.standing(state, event.trade, event.stage, event.group, "signed")
    now = {row.unit: row for row in scoring.rows_of(stands)}
    # A version older than prizes has none in any row, whatever its rules say: that is no difference.
    silent = () if any(row.prize for row in event.rows) else ("prize",)
    for stored in event.rows:
        row = now.pop(stored.unit, None)
        if row is None:
            yield {"code": stored.code, "field": "entry", "stored": stored.code, "now": None}
            continue
        old, new = msgspec.to_builtins(stored), msgspec.to_builtins(row)
        for name in sorted({*old, *new} - {*silent}):
            if old.get(name) != new.get(name):
                yield {"code": stored.code, "field": name, "stored": old.get(name), "now": new.get(name)}
    for row in now.values():
        yield {"code": row.code, "field": "entry", "stored": None, "now": row.code}
    if isinstance(event.teams, tuple):
        yield from _teams_differ(event.teams, team_lists.of_standing(state, stands))


def _teams_differ(stored: tuple[e.TeamRow, ...], now: tuple[e.TeamRow, ...]) -> Iterator[Difference]:
    known = {row.team: row for row in now}
    for row in stored:
        other = known.pop(row.team, None)
        if row != other:
            told = None if other is None else e.ENCODER.encode(other).decode()
            yield {"code": row.team, "field": "team", "stored": e.ENCODER.encode(row).decode(), "now": told}
    for team in known:
        yield {"code": team, "field": "team", "stored": None, "now": team}


def _revealed_right(state: State, name: str, event: e.Revealed | e.SheetRevealed) -> bool:
    """Whether what was revealed is what the seats had given."""
    stream = state.streams[name]
    if isinstance(event, e.SheetRevealed):
        cells = stream.sheets[(event.unit, event.sub)].cells
        given = {
            seat: {aspect: c.value for (aspect, s, _), c in cells.items() if s == seat and aspect in values}
            for seat, values in event.values.items()
        }
        return given == event.values
    rules = stream.groups[stream.units[event.unit].group]
    sheet = stream.sheets[(event.unit, rules.sub_of[event.aspect])]
    keys = ((seat, sheet.cells.get((event.aspect, seat, event.round))) for seat in event.values)
    return {seat: cell.value if cell else None for seat, cell in keys} == event.values


def _forget(state: State) -> None:
    """Drop what is only computed: it differs by what was asked for."""
    state.ladders.clear()
    for stream in state.streams.values():
        stream.dirty.clear()
        for unit in stream.units.values():
            unit.scores.clear()
        for sheet in stream.sheets.values():
            sheet.scores.clear()
