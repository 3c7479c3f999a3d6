"""Draws the medal table: over the results an audience officially has, with what is not yet counted and why.

A trade counts with its last stage; each group of it has its own medals. A team's medal is one medal for its
delegation, however many members it has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from compsys.boards_feed import marking_state, source
from compsys.events import ResultPublished
from compsys.records import Audience, Group, Trade
from compsys.state import State
from scoring_rules import exact
from scoring_rules.delegations import WEIGHTS, Award, table

RECENT = 4
"""How many of the newest official results stand beside the table."""

_WHY = {"setup": "not_started", "drawn": "not_started", "open": "marking", "locked": "review"}


@dataclass(frozen=True, slots=True)
class Contest:
    """One set of medals: a group of a trade's last stage; its official version, or why it waits."""

    trade: Trade
    group: Group
    alone: bool
    version: ResultPublished | None
    time: str
    why: str = ""

    @property
    def name(self) -> dict[str, Any]:
        """The trade's name, and the group's where the trade has several."""
        return {"title": dict(self.trade.name), "group": {} if self.alone else dict(self.group.name)}


def counts(trade: Trade) -> bool:
    """Whether a trade's medals stand in the medal table."""
    return trade.medals and trade.medal_table


def contests(state: State, audience: Audience, wanted: Callable[[Trade], bool] = counts) -> list[Contest]:
    """Every set of medals that the table counts or waits for, in the trades' order; ``wanted``: of which
    trades."""
    found = []
    trades = sorted(state.setup.trades.values(), key=lambda trade: (trade.order, trade.id))
    for trade in trades:
        if not wanted(trade):
            continue
        stages = [stage for stage in state.setup.stages.values() if stage.trade == trade.id]
        if not stages:
            continue
        last = max(stages, key=lambda stage: stage.order)
        groups = [g for g in state.setup.groups.values() if (g.trade, g.stage) == (trade.id, last.id)]
        found += [_contest(state, trade, group, len(groups) == 1, audience) for group in groups]
    return found


def _contest(state: State, trade: Trade, group: Group, alone: bool, audience: Audience) -> Contest:
    fed = source(state, trade.id, group.stage, group.id, audience)
    if fed.kind == "official":
        return Contest(trade, group, alone, fed.version, fed.as_of)
    if fed.kind in ("annulled", "provisional"):
        return Contest(trade, group, alone, None, fed.as_of, fed.kind)
    return Contest(trade, group, alone, None, "", _WHY[marking_state(state, trade.id, group.stage)])


def picture(state: State, order: str, orders: tuple[str, ...], audience: Audience) -> dict[str, Any]:
    """The medal table in an order (of ``scoring_rules.delegations``) for an audience."""
    found = contests(state, audience)
    counted = [contest for contest in found if contest.version is not None]
    weights = _weights(state, counted)
    rows = _rows(state, counted, order, weights)
    competition = state.setup.competition
    kind = "none" if not counted else "official" if len(counted) == len(found) else "provisional"
    return {
        "topic": f"medals:{order}",
        "kind": "medals",
        "event": dict(competition.name) if competition else {},
        "zone": competition.zone if competition else "UTC",
        "order": order,
        "orders": list(orders),
        "weights": weights,
        "status": {"kind": kind},
        "as_of": max((contest.time for contest in counted), default=""),
        "counts": {"counted": len(counted), "of": len(found)},
        "sums": {
            word: sum(row[word] for row in rows)
            for word in ("gold", "silver", "bronze", "excellence", "total")
        },
        "recent": _recent(state, counted),
        "waiting": [{"trade": c.trade.id, **c.name, "why": c.why} for c in found if c.version is None],
        "rows": rows,
    }


def _weights(state: State, counted: list[Contest]) -> dict[str, str]:
    """Points per medal, as the first counted trade's profile says; the usual ones where none says."""
    for contest in counted:
        for stream in state.streams_of(contest.trade.id, contest.group.stage):
            rules = stream.groups.get(contest.group.id)
            if rules is not None and rules.profile.weights:
                return dict(rules.profile.weights)
    return dict(WEIGHTS)


def _rows(state: State, counted: list[Contest], order: str, weights: dict[str, str]) -> list[dict[str, Any]]:
    """One row per delegation that competed in a counted trade; equal ones share a place."""
    awards = [
        Award(entry.delegation, row.medal)
        for contest in counted
        if contest.version is not None
        for row in contest.version.rows
        if (entry := state.setup.entries.get(row.entry)) is not None
    ]
    rows = []
    for line in table(awards, order, weights):
        record = state.setup.delegations.get(line.delegation)
        rows.append(
            {
                "key": line.delegation,
                "place": line.place,
                "tied": line.tied,
                "name": dict(record.name) if record else {},
                "gold": line.gold,
                "silver": line.silver,
                "bronze": line.bronze,
                "excellence": line.excellence,
                "total": line.total,
                "points": exact.show(line.points),
            }
        )
    return rows


def _recent(state: State, counted: list[Contest]) -> list[dict[str, Any]]:
    """The newest official results: version, whether it corrects an official one, who has which medal."""
    newest = sorted(counted, key=lambda contest: contest.time, reverse=True)[:RECENT]
    found = []
    for contest in newest:
        version = contest.version
        assert version is not None
        earlier = state.results[(contest.trade.id, contest.group.stage, contest.group.id)].versions
        winners = []
        for row in sorted(version.rows, key=lambda row: (row.place or 0, row.entry)):
            entry = state.setup.entries.get(row.entry)
            record = state.setup.delegations.get(entry.delegation) if entry else None
            if row.medal in ("gold", "silver", "bronze") and record is not None:
                winners.append({"medal": row.medal, "delegation": dict(record.name)})
        found.append(
            {
                "trade": contest.trade.id,
                **contest.name,
                "version": version.version,
                "corrected": any(v.rank == "official" and v.version < version.version for v in earlier),
                "winners": winners,
            }
        )
    return found
