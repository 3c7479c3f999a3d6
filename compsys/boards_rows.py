"""Draws the rows of a board: from a live standing or from a stored version, named or by code only.

Rows are JSON-able dictionaries with what is not empty, keyed, in the order shown: ranked ones in place order,
then those not ranked, ordered by key so that unequal progress is never ranked silently. Numbers are text,
already rounded for the eye.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import msgspec
from msgspec import UNSET

from compsys import team_lists
from compsys.boards_feed import Source
from compsys.events import AwardChange, ResultRow
from compsys.records import Component, Entry, Words
from compsys.scoring import StandingRow
from compsys.state import State
from scoring_rules import exact

Names = Callable[[str], "Words | None"]
"""Person id -> the person's name in its languages, None when erased or unknown."""

LANES = 10
"""So many of the first ranked rows are drawn as lines from component to component."""

MEDAL_ZONE = ("gold", "silver", "bronze")
TRAIL_LIMIT = 300
"""Up to so many ranked rows each tells its place after each component (and the change by the last one)."""


@dataclass(slots=True)
class Part:
    """One component before it is drawn: its weighted value so far, or the status that stands instead."""

    value: Fraction | None
    status: str = ""
    complete: bool = True

    @property
    def settled(self) -> bool:
        """It is complete, or a status stands instead."""
        return self.status != "" or (self.complete and self.value is not None)


@dataclass(slots=True)
class Line:
    """One entry before it is drawn, whichever source it comes from."""

    entry: str
    code: str
    total: str | None
    place: int | None
    tied: bool
    medal: str
    status: str
    scale: str
    parts: list[Part] = field(default_factory=list)
    sheets: tuple[int, int] = (0, 0)
    """of a live standing: sheets (and given components) that count, of how many"""
    prize: str = ""


def from_standing(
    rows: Iterable[StandingRow], components: Sequence[Component], show: exact.Rounding
) -> list[Line]:
    """Lines of a live standing: totals of complete entries only, components as far as they are fed."""
    order = {component.id: index for index, component in enumerate(components)}
    lines = []
    for row in rows:
        parts = [Part(None) for _ in components]
        for score in row.score.components:
            if score.id in order:
                parts[order[score.id]] = Part(score.weighted, score.status, score.complete)
        ranked = row.place is not None
        total = show.show_total(row.total) if ranked else None
        lines.append(
            Line(
                row.entry,
                row.code,
                total,
                row.place,
                row.tied,
                row.medal if ranked else "",
                row.score.status,
                row.scale if ranked else "",
                parts,
                (row.score.done, row.score.of),
                row.prize if ranked else "",
            )
        )
    return lines


def from_version(rows: Iterable[ResultRow], components: Sequence[Component]) -> list[Line]:
    """Lines of a stored version, as it was stored: nothing is computed again."""
    order = {component.id: index for index, component in enumerate(components)}
    lines = []
    for row in rows:
        parts = [Part(None) for _ in components]
        for component in row.components:
            if component.id in order:
                text = component.weighted
                value = exact.parse(text) if text is not None and exact.is_number(text) else None
                parts[order[component.id]] = Part(value, component.status)
        place = row.place if row.ranked else None
        total = row.total if place is not None else None
        lines.append(
            Line(
                row.entry,
                row.code,
                total,
                place,
                row.tied,
                row.medal,
                row.status,
                row.scale,
                parts,
                prize=row.prize,
            )
        )
    return lines


def arrange(lines: Iterable[Line], source: Source) -> list[Line]:
    """All lines in the order shown."""
    return sorted(lines, key=lambda line: (line.place is None, line.place or 0, _key(line, source)))


def draw(
    state: State, arranged: Sequence[Line], page: slice, source: Source, names: Names, places: int
) -> list[dict[str, Any]]:
    """The rows of a page of arranged lines; ``places``: decimals of the components."""
    ranked = [line for line in arranged if line.place is not None]
    trails = _trails(ranked) if len(ranked) <= TRAIL_LIMIT else {}
    lanes = _lanes(ranked[:LANES], trails)
    rows = []
    for index in range(*page.indices(len(arranged))):
        line = arranged[index]
        row = _row(state, line, source, names, places)
        if line.place is None:
            row |= _progress(line)
        else:
            cut = index > 0 and line.medal not in MEDAL_ZONE and arranged[index - 1].medal in MEDAL_ZONE
            row |= _standing(line, trails.get(line.entry, []), source, cut=cut)
            row |= _filled({"lane": lanes.get(line.entry)})
        rows.append(row)
    return rows


def _key(line: Line, source: Source) -> str:
    return line.entry if source.by_entry else line.code


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    return {word: value for word, value in row.items() if value not in ("", None, False, [])}


def _row(state: State, line: Line, source: Source, names: Names, places: int) -> dict[str, Any]:
    """What ranked and unranked rows share: key, components, code, name, delegation, status."""
    entry = state.setup.entries.get(line.entry) if source.named else None
    delegation = state.setup.delegations.get(entry.delegation) if entry else None
    row = {
        "code": line.code if source.coded else "",
        "name": entry_name(entry, names) if entry else None,
        "delegation": dict(delegation.name) if delegation else None,
        "status": line.status,
    }
    return {"key": _key(line, source), **_filled(row), "components": [_cell(p, places) for p in line.parts]}


def _cell(part: Part, places: int) -> str | dict[str, Any] | None:
    """A component as shown: text; ``{value, part}`` while incomplete; ``{status}``; None = nothing yet."""
    if part.value is None:
        return {"status": part.status} if part.status else None
    value = exact.show(part.value, places)
    return value if part.settled else {"value": value, "part": True}


def _progress(line: Line) -> dict[str, Any]:
    """Why a row is not ranked yet: settled components, and sheets where there is one component only."""
    settled = sum(part.settled for part in line.parts)
    return {"done": settled, "of": len(line.parts), "sheets": list(line.sheets)}


def _standing(line: Line, trail: list[int], source: Source, *, cut: bool) -> dict[str, Any]:
    """Place, total, medal; ``trail``: its places before the last component, ``change``: by the last one."""
    moved = trail[-1] - (line.place or 0) if trail and source.kind != "official" else None
    row = {
        "tied": line.tied,
        "total": line.total,
        "scale": line.scale,
        "medal": line.medal,
        "prize": line.prize,
        "trail": trail,
        "cut": cut,
    }
    return {"place": line.place, **({} if moved is None else {"change": moved}), **_filled(row)}


TEAMS = 300
"""So many teams of a list stand in its picture."""


def teams(state: State, source: Source, names: Names) -> dict[str, Any]:
    """``teams``: the list of teams of the version that is shown, named or not at all; nothing without one."""
    version = source.version
    if version is None or not source.named or not isinstance(version.teams, tuple):
        return {}
    entries = state.setup.entries
    shown = msgspec.structs.replace(version, teams=version.teams[:TEAMS])
    counted = {entry for team in version.teams[:TEAMS] for entry in team.counted}
    called = {key: entry_name(entries[key], names) for key in counted if key in entries}
    listed = team_lists.told(state, shown, called, coded=source.coded)
    return {"teams": [{**team, "counted": list(map(_filled, team["counted"]))} for team in listed]}


TAKEN = 100
"""So many of the medals and prizes that a correction took and gave stand in its picture."""


def taken(state: State, source: Source, names: Names) -> dict[str, Any]:
    """``awards``: what the correction that is shown took and gave, who loses first; ``awards_more``: how many
    stand only in the result itself. Nothing where it took and gave nothing."""
    version = source.version
    if version is None or version.awards is UNSET or not version.awards:
        return {}
    codes = {row.entry: row.code for row in version.rows}
    lines = sorted(version.awards, key=lambda change: bool(change.after))
    found: dict[str, Any] = {"awards": [_taken(state, c, codes, source, names) for c in lines[:TAKEN]]}
    return found | ({"awards_more": len(lines) - TAKEN} if len(lines) > TAKEN else {})


def _taken(
    state: State, change: AwardChange, codes: Mapping[str, str], source: Source, names: Names
) -> dict[str, Any]:
    entry = state.setup.entries.get(change.entry) if source.named else None
    delegation = state.setup.delegations.get(entry.delegation) if entry else None
    name = entry_name(entry, names) if entry else None
    if change.kind == "team_prize" and source.named:
        name = team_lists.name_of(state, change.entry)
    told = {
        "code": codes.get(change.entry, "") if source.coded else "",
        "name": name,
        "delegation": dict(delegation.name) if delegation else None,
        "before": change.before,
        "after": change.after,
    }
    return {"kind": change.kind, **_filled(told)}


def entry_name(entry: Entry, names: Names) -> Words | None:
    """A team's own name, else the names of its members (reserves left out), else None.

    >>> one = Entry(id="e1", trade="t", delegation="d", name={"en": "Team A"})
    >>> entry_name(one, lambda person: None)
    {'en': 'Team A'}
    """
    if entry.name:
        return dict(entry.name)
    found = [names(m.person) for m in entry.members if m.role != "reserve" and not m.until]
    known = [name for name in found if name]
    if len(known) < 2:
        return dict(known[0]) if known else None
    langs = [lang for lang in ("zh-CN", "en") if any(lang in name for name in known)]
    glue = {"zh-CN": "、", "en": ", "}
    return {
        lang: glue[lang].join(name.get(lang) or next(iter(name.values())) for name in known) for lang in langs
    }


def _trails(ranked: Sequence[Line]) -> dict[str, list[int]]:
    """entry -> its place among the ranked after each component but the last (their order is the scheme's)."""
    count = min((len(line.parts) for line in ranked), default=0)
    if count < 2:
        return {}
    found: dict[str, list[int]] = {line.entry: [] for line in ranked}
    sums = [Fraction(0)] * len(ranked)
    for step in range(count - 1):
        sums = [old + (line.parts[step].value or 0) for old, line in zip(sums, ranked, strict=True)]
        first: dict[Fraction, int] = {}
        for place, value in enumerate(sorted(sums, reverse=True), 1):
            first.setdefault(value, place)
        for line, value in zip(ranked, sums, strict=True):
            found[line.entry].append(first[value])
    return found


def _lanes(first: Sequence[Line], trails: dict[str, list[int]]) -> dict[str, list[int]]:
    """entry -> where its line runs among these after each component, from 0; equal places side by side."""
    if len(first) < 2 or not trails:
        return {}
    steps = len(trails[first[0].entry])
    found: dict[str, list[int]] = {line.entry: [] for line in first}
    for step in range(steps):
        for lane, line in enumerate(sorted(first, key=lambda line: trails[line.entry][step])):
            found[line.entry].append(lane)
    for lane, line in enumerate(first):
        found[line.entry].append(lane)
    return found
