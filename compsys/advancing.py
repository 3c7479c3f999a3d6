"""From one stage to the next: who goes on, by the official result and the rule of the cut, as a fact."""

from __future__ import annotations

from compsys import events as e
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.state import Advance, State, Stream
from scoring_rules.cuts import TIES, cut
from scoring_rules.standings import Placed

ROWS = 500
"""Entries of one line."""


def decide_advance(ask: Ask, cmd: e.Advance) -> Decided:
    """The first ``count`` of an official result go on to a later stage that is not drawn yet."""
    state = ask.state
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
    lines = []
    for start in range(0, max(1, len(rows)), ROWS):
        event = e.Advanced(
            **ask.stamp,
            trade=cmd.trade,
            stage=cmd.stage,
            group=cmd.group,
            to=cmd.to,
            version=version.version,
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


DECIDE: dict[type[e.Command], Decider] = {e.Advance: decide_advance}
APPLY_TABLE: dict[type[e.Event], APPLY] = {e.Advanced: apply_advanced}
