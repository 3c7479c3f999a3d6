"""From one stage to the next: who goes on, by the official result and the rule of the cut, as a fact."""

from __future__ import annotations

from typing import NamedTuple

from compsys import events as e
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.records import Stage
from compsys.state import Advance, State, Stream
from scoring_rules.cuts import TIES, cut
from scoring_rules.standings import Placed

ROWS = 500
"""Entries of one line."""


class Chosen(NamedTuple):
    """Who would go on: of which version, the entries in place order, the last one's total, and how many
    stand on the place of the cut (more than one: they tie at the edge)."""

    version: int
    entries: tuple[str, ...]
    last: str
    at_edge: int


def chosen(state: State, cmd: e.Advance) -> Chosen | e.Refused:
    """The first ``count`` of an official result, for a later stage that is not drawn yet."""
    here, there = (state.setup.stages.get(f"{cmd.trade}/{stage}") for stage in (cmd.stage, cmd.to))
    if here is None or there is None or there.order <= here.order:
        return e.Refused("unknown_reference", {"key": f"{cmd.trade}/{cmd.to}"[:80]})
    if f"{cmd.trade}/{cmd.to}/{cmd.group}" not in state.setup.groups:
        return e.Refused("unknown_reference", {"key": f"{cmd.trade}/{cmd.to}/{cmd.group}"[:80]})
    if cmd.count < 1 or cmd.ties not in TIES:
        return e.Refused("malformed", {"field": "count"})
    for stream in state.streams_of(cmd.trade, cmd.to):
        if stream.units:
            return e.Refused("already_drawn", {"stream": stream.name})
    result = state.results.get((cmd.trade, cmd.stage, cmd.group))
    if result is None or result.annulled or not result.versions or result.versions[-1].rank != "official":
        return e.Refused("not_official", {"key": f"{cmd.trade}/{cmd.stage}/{cmd.group}"[:80]})
    version = result.versions[-1]
    placed = [Placed(row.entry, row.place, row.tied) for row in version.rows if row.place is not None]
    rows = tuple(cut(placed, cmd.count, cmd.ties))
    totals = {row.entry: row.total for row in version.rows}
    edge = placed[cmd.count - 1].place if cmd.count <= len(placed) else 0
    at_edge = sum(row.place == edge for row in placed)
    return Chosen(version.version, rows, totals[rows[-1]] or "" if rows else "", at_edge)


def decide_advance(ask: Ask, cmd: e.Advance) -> Decided:
    """Who goes on is a fact, in lines of bounded size."""
    found = chosen(ask.state, cmd)
    if isinstance(found, e.Refused):
        return found
    rows, lines = found.entries, []
    for start in range(0, max(1, len(rows)), ROWS):
        event = e.Advanced(
            **ask.stamp,
            trade=cmd.trade,
            stage=cmd.stage,
            group=cmd.group,
            to=cmd.to,
            version=found.version,
            count=cmd.count,
            ties=cmd.ties,
            first=not start,
            rows=rows[start : start + ROWS],
        )
        lines.append(ask.more(e.COMPETITION, event) if start else ask.line(e.COMPETITION, event))
    return lines


def apply_advanced(
    state: State, stream: Stream | None, n: int, event: e.Advanced, closed: e.Closed
) -> Touched:
    """These entries may be drawn in the later stage; the first line of a cut takes the place of an earlier
    one."""
    place = (event.trade, event.to, event.group)
    if event.first:
        state.advanced[place] = Advance(event.stage, event.version, event.count, event.ties, {})
    state.advanced[place].entries.update(dict.fromkeys(event.rows))
    return (("setup", "stage", f"{event.trade}/{event.to}"),)


class Ahead(NamedTuple):
    """A later stage of a group: who goes on to it as decided (None: nobody yet), whether its codes are drawn,
    and whether the result has another version since."""

    stage: Stage
    went: Advance | None
    drawn: bool
    stale: bool


def ahead(state: State, trade: str, stage: str, group: str) -> list[Ahead]:
    """The stages that this group's result may lead to, in their order."""
    here = state.setup.stages[f"{trade}/{stage}"]
    result = state.results.get((trade, stage, group))
    newest = result.versions[-1].version if result is not None and result.versions else 0
    found = []
    for there in sorted(state.setup.stages.values(), key=lambda s: s.order):
        later = there.trade == trade and there.order > here.order
        if not later or f"{trade}/{there.id}/{group}" not in state.setup.groups:
            continue
        went = state.advanced.get((trade, there.id, group))
        if went is not None and went.stage != stage:
            went = None
        drawn = any(stream.units for stream in state.streams_of(trade, there.id))
        found.append(Ahead(there, went, drawn, went is not None and went.version != newest))
    return found


DECIDE: dict[type[e.Command], Decider] = {e.Advance: decide_advance}
APPLY_TABLE: dict[type[e.Event], APPLY] = {e.Advanced: apply_advanced}
