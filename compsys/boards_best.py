"""Draws the best of all and of each delegation: the highest scale points in the results an audience has.

A trade counts with its last stage and where its switch ``best_of`` says so. Guests and who may not be awarded
count for nobody. Only official results are read, as they were stored.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from compsys.boards_medals import Contest, contests
from compsys.boards_rows import Names, entry_name
from compsys.records import Audience
from compsys.state import State
from scoring_rules.best import Score, best_of_delegations, best_overall


def bests(state: State, audience: Audience, names: Names) -> dict[str, Any]:
    """``best``: ``overall`` and ``delegations``, ties side by side; nothing without official scale points."""
    found = {
        f"{contest.trade.id}/{contest.group.id}": contest
        for contest in contests(state, audience, lambda trade: trade.best_of)
        if contest.version is not None
    }
    scores = [score for key, contest in found.items() for score in _scores(state, key, contest)]
    if not scores:
        return {}
    firms: list[dict[str, Any]] = [
        {
            "key": delegation,
            "name": _called(state, delegation),
            "who": [_who(state, score, found[score.trade], names) for score in best],
            "scale": str(best[0].score),
        }
        for delegation, best in best_of_delegations(scores).items()
    ]
    firms.sort(key=lambda row: (-int(row["scale"]), row["key"]))
    overall = [
        {
            **_who(state, score, found[score.trade], names),
            "delegation": _called(state, score.delegation),
            "scale": str(score.score),
        }
        for score in best_overall(scores)
    ]
    return {"best": {"overall": overall, "delegations": firms}}


def _scores(state: State, key: str, contest: Contest) -> list[Score]:
    assert contest.version is not None
    found = []
    for row in contest.version.rows:
        entry = state.setup.entries.get(row.entry)
        if row.scale and entry is not None and entry.eligible and not entry.guest:
            found.append(Score(row.entry, entry.delegation, key, Fraction(row.scale)))
    return found


def _called(state: State, delegation: str) -> dict[str, str]:
    record = state.setup.delegations.get(delegation)
    return dict(record.name) if record else {}


def _who(state: State, score: Score, contest: Contest, names: Names) -> dict[str, Any]:
    name = entry_name(state.setup.entries[score.entry], names)
    return {**({"name": name} if name else {}), **contest.name}
