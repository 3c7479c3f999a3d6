"""Ties at the edge of a medal, of excellence, of a prize, of a team's prize: to look at before a release."""

from __future__ import annotations

from typing import Any

from compsys import awarding, scoring, team_lists
from compsys.scoring import Standing
from compsys.state import State
from scoring_rules import prizes, standings
from scoring_rules.exact import parse
from scoring_rules.standings import Placed


def ties(state: State, trade: str, stage: str, group: str) -> list[dict[str, Any]]:
    """As values: the code of the sentence, the edge, who stands across it (blind codes, or ids of teams
    with their ``names``), whether they are teams. [] while marking is not locked: nothing can be released."""
    streams = [s for s in state.streams_of(trade, stage) if group in s.groups]
    if not streams or any(stream.marking != "locked" for stream in streams):
        return []
    found = scoring.standing(state, trade, stage, group, "signed")
    codes = {row.unit: row.code for row in found.rows}
    told = [
        {"code": tie.code, "edge": str(tie.edge), "entries": [codes[unit] for unit in tie.entries]}
        for tie in awarding.ties(state, found)
    ]
    return [{**tie, "teams": False} for tie in told] + _teams(state, found)


def _teams(state: State, found: Standing) -> list[dict[str, Any]]:
    rule = found.rules.profile.extras.teams if found.rules is not None else None
    if rule is None or not rule.prizes or not awarding.gives_awards(state, found):
        return []
    steps = [prizes.Step(name, parse(amount)) for name, amount in rule.prizes]
    listed = team_lists.of_standing(state, found)
    placed = [Placed(team.team, team.place, team.tied) for team in listed if team.place is not None]
    across = standings.at_edges(placed, [last for _, last in prizes.place_edges(steps)])
    return [
        {
            "code": "rank.tie_at_prize",
            "edge": str(edge),
            "entries": list(teams),
            "teams": True,
            "names": [team_lists.name_of(state, team) for team in teams],
        }
        for edge, teams in across
    ]
