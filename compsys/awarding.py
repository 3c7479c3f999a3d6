"""Who is awarded in a standing: scale points, medals, prizes by the rulebook, and the ties at their edges."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from scoring_rules import field as field_rules
from scoring_rules.award_edges import Tie
from scoring_rules.exact import parse
from scoring_rules.field import Runner
from scoring_rules.standings import Placed

if TYPE_CHECKING:
    from compsys.records import Entry
    from compsys.scoring import Standing, StandingRow
    from compsys.state import GroupRules, State

ZERO = Fraction(0)


def award(state: State, found: Standing, rules: GroupRules) -> None:
    """Scale points, medals and prizes of the ranked rows."""
    rows = {row.unit: row for row in found.rows}
    wins = gives_awards(state, found)
    runners = field_of(state, found)
    for stands in field_rules.honours(rules.profile, placed_of(found), runners, None, highest(rules)):
        row = rows[stands.entry]
        row.scale = "" if stands.scale is None else str(stands.scale)
        row.medal = stands.medal if wins else ""
        row.prize = stands.prize if wins else ""


def gives_awards(state: State, found: Standing) -> bool:
    """Whether medals and prizes are won here: the trade has them, and no stage comes after this one."""
    trade = state.setup.trades.get(found.trade)
    return (trade is None or trade.medals) and is_last(state, found.trade, found.stage)


def placed_of(found: Standing) -> list[Placed]:
    """The places of a standing, and those that an excluded entry leaves empty, in place order."""
    ranked = [Placed(row.unit, row.place, row.tied) for row in found.rows if row.place is not None]
    if not any(row.vacates for row in found.rows):
        return ranked
    empty = [Placed(row.unit, row.vacates, row.tied) for row in found.rows if row.vacates]
    return sorted([*ranked, *empty], key=lambda placed: placed.place)


def field_of(state: State, found: Standing) -> dict[str, Runner]:
    """unit -> what the rules ask of it, of every row, ranked or not."""
    return {row.unit: _runner(state, row) for row in found.rows}


def _runner(state: State, row: StandingRow) -> Runner:
    entry = state.setup.entries.get(row.entry)
    total: Fraction | None = row.total
    status = "ranked"
    if row.place is None:
        # What is still being marked has started; its total so far is of no scale.
        status = row.score.status if row.score.status in _GONE else "not_finished"
        total = row.total if row.score.status == "not_finished" and row.score.complete else None
        if row.vacates and row.score.held is not None:
            total = row.score.held.total
    return Runner(
        row.unit, total, row.score.keys, entry is None or entry.eligible, status,
        entry is not None and entry.guest, size_of(entry),
    )  # fmt: skip


_GONE = ("absent", "withdrawn", "excluded")


def size_of(entry: Entry | None) -> int:
    """The persons in an entry, reserves and those who left not among them; at least one."""
    members = [m for m in entry.members if m.role != "reserve" and not m.until] if entry else []
    return max(1, len(members))


def ties(state: State, found: Standing) -> list[Tie]:
    """Ties across the edge of a medal, of excellence or of a prize, entries named by their units."""
    if found.rules is None or not gives_awards(state, found):
        return []
    return field_rules.ties(found.rules.profile, placed_of(found), field_of(state, found))


def highest(rules: GroupRules) -> Fraction:
    """The highest total of a group: what a floor is a percentage of."""
    return sum((parse(c.max) * parse(c.weight) for c in rules.components), ZERO)


def is_last(state: State, trade: str, stage: str) -> bool:
    """Whether no stage of the trade comes after this one: medals are won in the last."""
    here = state.setup.stages.get(f"{trade}/{stage}")
    later = (other.order for other in state.setup.stages.values() if other.trade == trade)
    return here is None or max(later) <= here.order


def is_eligible(state: State, row: StandingRow) -> bool:
    """Whether an entry may be awarded: neither a guest nor barred."""
    entry = state.setup.entries.get(row.entry)
    return entry is None or (entry.eligible and not entry.guest)
