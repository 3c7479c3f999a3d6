"""What a new version of a result takes from whom and gives to whom: medals, prizes, proposed levels."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import UNSET, UnsetType

from compsys import proposing, scoring, team_lists
from compsys.events import AwardChange, ResultPublished, ResultRow, TeamRow
from compsys.state import Result, State
from scoring_rules.award_changes import Change, Held, changes

Place = tuple[str, str, str]
"""(trade, stage, group)"""


def between(
    before: ResultPublished, rows: Iterable[ResultRow], teams: Iterable[TeamRow] = ()
) -> tuple[AwardChange, ...]:
    """Medals and prizes that a later version's rows and teams hold otherwise, in the earlier one's order."""
    found = changes(_held(before.rows), _held(rows)) + changes(_teams(before.teams), _teams(teams))
    return tuple(AwardChange(c.entry, c.kind, c.before, c.after) for c in found)


def _held(rows: Iterable[ResultRow]) -> Held:
    return {row.entry: {"medal": row.medal, "prize": row.prize} for row in rows}


def _teams(teams: Iterable[TeamRow] | UnsetType) -> Held:
    return {} if isinstance(teams, UnsetType) else {row.team: {"team_prize": row.prize} for row in teams}


def standing_official(result: Result | None) -> ResultPublished | None:
    """The newest official version there was: what a correction is held against; None before there is one."""
    versions = result.versions if result is not None else []
    return next((version for version in reversed(versions) if version.rank == "official"), None)


def ahead(state: State, place: Place) -> list[Change]:
    """What publishing now would take and give since the newest official version, levels too; [] without one,
    while marking is not locked, or where everybody keeps everything."""
    official = standing_official(state.results.get(place))
    streams = [s for s in state.streams_of(*place[:2]) if place[2] in s.groups]
    if official is None or any(stream.marking != "locked" for stream in streams):
        return []
    stands = scoring.standing(state, *place, "signed")
    rows, teams = scoring.rows_of(stands), team_lists.of_standing(state, stands)
    found = _with_levels(state, place, official.rows, rows) if rows != official.rows else []
    return found + (changes(_teams(official.teams), _teams(teams)) if official.teams is not UNSET else [])


def taken(state: State, place: Place, index: int) -> list[Change]:
    """What a version (its place in the list) took and gave since the official version before it."""
    versions = state.results[place].versions
    version = versions[index]
    before = standing_official(Result(versions=versions[:index]))
    if before is None or version.rank != "official":
        return []
    teams = changes(_teams(before.teams), _teams(version.teams))
    same = before.rows == version.rows
    return ([] if same else _with_levels(state, place, before.rows, version.rows)) + teams


def _with_levels(
    state: State, place: Place, before: Iterable[ResultRow], after: Iterable[ResultRow]
) -> list[Change]:
    sides = []
    for rows in (tuple(before), tuple(after)):
        levels = proposing.proposed_rows(state, *place, rows)
        held = _held(rows)
        sides.append({entry: {**held[entry], "level": levels.get(entry, "")} for entry in held})
    return changes(*sides)


def word_of(kind: str, value: str) -> str:
    """The code of a medal, prize or level in words.

    >>> word_of("team_prize", "first"), word_of("level", "2")
    ('prize.first', 'promotion.level_2')
    """
    return {"level": "promotion.level_", "team_prize": "prize."}.get(kind, f"{kind}.") + value


def code_of(state: State, place: Place, entry: str) -> str:
    """The blind code of an entry in a stage, "" where it has none."""
    for stream in state.streams_of(*place[:2]):
        unit = stream.units.get(stream.by_entry.get(entry, ""))
        if unit is not None:
            return unit.code
    return ""
