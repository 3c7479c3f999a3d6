"""Lists over sets of entries, by a group's rules: teams, delegations or pools by the best results of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from compsys import awarding
from compsys.events import ResultPublished, TeamRow
from compsys.records import Entry
from compsys.scoring import Standing, StandingRow, exact_text
from compsys.state import State
from scoring_rules import derived, prizes
from scoring_rules.derived import Part, Team
from scoring_rules.exact import parse
from scoring_rules.profile_parts import TeamsRule


def ranked(rule: TeamsRule, parts: Iterable[Part]) -> list[tuple[Team, str]]:
    """The sets in place order, those with too few results last, each with its prize ("" = none)."""
    keys = [(key, derived.direction(way)) for key, way in rule.keys]
    found = derived.best_of_sets(parts, rule.best, rule.need, keys, rule.joint)
    runners = [prizes.Runner(team.owner, team.place) for team in found if team.place is not None]
    edges = prizes.place_edges([prizes.Step(name, parse(amount)) for name, amount in rule.prizes])
    won = prizes.award(runners, edges)
    return [(team, won.get(team.owner, "")) for team in found]


def of_standing(state: State, found: Standing) -> tuple[TeamRow, ...]:
    """A group's list as the values that a result version keeps; () where the rules have none.

    Guests count for nobody. Prizes are given where medals and prizes are.
    """
    rule = found.rules.profile.extras.teams if found.rules is not None else None
    if rule is None or found.rules is None:
        return ()
    parts = [part for row in found.rows if (part := _part(state, rule, row)) is not None]
    wins = awarding.gives_awards(state, found)
    show = found.rules.profile.rounding.show_total
    return tuple(
        TeamRow(
            team.owner,
            team.place,
            show(team.sum) if rule.value == "total" else exact_text(team.sum) or "",
            team.counted,
            team.tied,
            prize if wins else "",
        )
        for team, prize in ranked(rule, parts)
    )


def _part(state: State, rule: TeamsRule, row: StandingRow) -> Part | None:
    """What a ranked entry counts with in its set; None where it counts in none."""
    entry = state.setup.entries.get(row.entry)
    owner = owner_of(entry, rule.over)
    if row.place is None or entry is None or not owner or entry.guest:
        return None
    seconds = state.streams[row.stream].units[row.unit].seconds
    time = sum(seconds.values(), Fraction(0)) if seconds else None
    scale = Fraction(row.scale) if row.scale else None
    value = {"total": row.total, "time": time, "scale": scale}[rule.value]
    return None if value is None else Part(row.entry, owner, value, row.place, time)


def owner_of(entry: Entry | None, over: str) -> str:
    """The set an entry is of: its delegation, its team, its pool; "" for none."""
    if entry is None:
        return ""
    return {"delegation": entry.delegation, "team": entry.team, "pool": entry.pool}[over]


def told(
    state: State, version: ResultPublished, called: Mapping[str, Any], *, coded: bool = True
) -> list[dict[str, Any]]:
    """A version's list as values, for whom names may be told: place, name, sum, whose results counted.

    ``called``: entry -> its name in its languages; ``coded``: with blind codes beside.
    """
    rows = version.teams if isinstance(version.teams, tuple) else ()
    codes = {row.entry: row.code for row in version.rows} if coded else {}
    return [
        {
            "place": row.place,
            "tied": row.tied,
            "team": row.team,
            "name": name_of(state, row.team),
            "sum": row.sum,
            "counted": [
                {"code": codes.get(entry, ""), "name": dict(called.get(entry) or {})} for entry in row.counted
            ],
            "prize": row.prize,
        }
        for row in rows
    ]


def name_of(state: State, team: str) -> dict[str, str]:
    """What a set is called: a delegation by its name, else the word that entries have for it."""
    delegation = state.setup.delegations.get(team)
    return dict(delegation.name) if delegation is not None else {"en": team, "zh-CN": team}
