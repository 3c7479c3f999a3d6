"""What skill level a standing proposes for each entry, by the rules' section on promotion.

The competition does not know which level a person holds: each is proposed as for one who holds none, and
says what is to be checked (``compsys promote`` takes a table that knows more).
"""

from __future__ import annotations

from compsys import scoring
from compsys.scoring import Standing, StandingRow
from compsys.state import State
from scoring_rules import promotion
from scoring_rules.promotion_model import GROUPS, Candidate, Proposal


def proposals(state: State, found: Standing) -> dict[str, Proposal]:
    """entry -> its proposal; {} where the rules propose nothing, the trade does not, or a later stage
    decides."""
    rules = found.rules
    trade = state.setup.trades.get(found.trade)
    if rules is None or rules.profile.promotion is None:
        return {}
    if not scoring.is_last(state, found.trade, found.stage) or (trade is not None and not trade.promotion):
        return {}
    field = _field(state, found, rules.profile.promotion.base)
    shared: dict[int, int] = {}
    for row in found.rows:
        if row.place is not None:
            shared[row.place] = shared.get(row.place, 0) + 1
    candidates = [_candidate(state, row, found.group, field, shared) for row in found.rows]
    listed = [(found.trade, candidate) for candidate in candidates]
    return {p.entry: p for p in promotion.propose_all(rules.profile.promotion, listed)}


def _field(state: State, found: Standing, base: str) -> int:
    """How many entries the percentages are of."""
    out = {"entered": (), "checked_in": ("absent",), "started": ("absent", "withdrawn")}
    if base == "ranked":
        return sum(row.place is not None for row in found.rows)
    return sum(row.score.status not in out[base] for row in found.rows)


def _candidate(state: State, row: StandingRow, group: str, field: int, shared: dict[int, int]) -> Candidate:
    entry = state.setup.entries.get(row.entry)
    passes = [part.passed for part in row.score.components if part.passed is not None]
    members = [m for m in entry.members if m.role != "reserve" and not m.until] if entry else []
    return Candidate(
        row.entry,
        row.place,
        field,
        group=group if group in GROUPS else "",
        medal=row.medal,
        passed=all(passes) if passes else None,
        size=max(1, len(members)),
        status=row.score.status or "ranked",
        eligible=None if scoring.is_eligible(state, row) else False,
        shared=shared.get(row.place or 0, 1),
    )
