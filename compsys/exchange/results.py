"""Result versions as data and as tables: CSV, XLSX and JSON, one row per entry, statuses in words.

``picture`` says what a version holds, as values without a language; ``render`` writes pictures. Names stand
in a picture once the version has left the office (released to delegations, ceremony or public) or where
marking is not blind: before that a name beside a code would break the blindness.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from compsys import reawarding, team_lists, words
from compsys.boards_rows import entry_name
from compsys.events import AwardChange, ResultPublished, ResultRow
from compsys.exchange.tables import Column, Row, Table, write_csv, write_workbook
from compsys.publishing import AUDIENCES
from compsys.records import Component
from compsys.state import Result, State
from compsys.vault import Identity
from scoring_rules.award_changes import Change

FORMAT = "compsys-results/1"
FORMS = ("csv", "xlsx", "json")
Names = Callable[[str], Identity | None]
Picture = dict[str, Any]


# ---------------------------------------------------------------- what a version holds


def picture(state: State, names: Names, trade: str, stage: str, group: str, version: int = 0) -> Picture:
    """A version of a result (0: the newest) with everything that explains it; JSON-able, numbers as text.

    Raises LookupError when the group has no such version.
    """
    result = state.results.get((trade, stage, group), Result())
    index = _index(result, version)
    found = result.versions[index]
    named = not _blind(state, trade, stage) or left_office(result, index)
    components = components_of(state, trade, stage, group)
    setup = state.setup
    held = setup.competition
    return {
        "competition": {"id": held.id if held else state.id, "name": dict(held.name) if held else {}},
        "trade": {"id": trade, "name": dict(setup.trades[trade].name)},
        "stage": {"id": stage, "name": dict(setup.stages[f"{trade}/{stage}"].name)},
        "group": {"id": group, "name": dict(setup.groups[f"{trade}/{stage}/{group}"].name)},
        **told(result, index),
        "annulled": result.annulled,
        "named": named,
        "released": {
            a: result.versions[result.released[a]].version for a in AUDIENCES if a in result.released
        },
        "versions": [told(result, i) for i in range(len(result.versions))],
        "components": [component_data(component) for component in components],
        "rows": [row_data(state, names, row, named=named) for row in found.rows],
        **awards_data(state, names, found, named=named),
        **({"teams": teams} if named and (teams := teams_data(state, names, found)) else {}),
        "digests": dict(sorted(found.digests.items())),
        "cites": [msgspec.to_builtins(cite) for cite in found.cites],
    }


def _index(result: Result, version: int) -> int:
    """The place of a version in its list: the newest of that number (official follows provisional)."""
    for index in range(len(result.versions) - 1, -1, -1):
        if version in (0, result.versions[index].version):
            return index
    raise LookupError(version)


def _blind(state: State, trade: str, stage: str) -> bool:
    streams = [s for s in state.streams_of(trade, stage) if s.frozen]
    return any(s.blind for s in streams) if streams else state.setup.stages[f"{trade}/{stage}"].blind


def left_office(result: Result, index: int) -> bool:
    """Whether a version, or one before it, was released to anybody outside the office."""
    wider = [v.audience for v in result.versions[: index + 1]] + [
        audience for audience, i in result.released.items() if i <= index
    ]
    return any(audience != "office" for audience in wider)


def components_of(state: State, trade: str, stage: str, group: str) -> Sequence[Component]:
    """A group's components as marking froze them, else as they are set up."""
    for stream in state.streams_of(trade, stage):
        if group in stream.groups:
            return stream.groups[group].components
    return state.setup.groups[f"{trade}/{stage}/{group}"].components


def told(result: Result, index: int) -> dict[str, Any]:
    """What is said of a version beside its rows."""
    found: ResultPublished = result.versions[index]
    return {
        "version": found.version,
        "rank": found.rank,
        "at": result.times[index],
        "n": result.lines[index],
        "audience": found.audience,
        "reason": result.reasons[index],
        "note": dict(found.note),
        "confirmed_by": found.confirmed_by,
    }


def component_data(component: Component) -> dict[str, Any]:
    """What is told of a component."""
    return {
        "id": component.id,
        "name": dict(component.name),
        "max": component.max,
        "weight": component.weight,
        "pass_mark": component.pass_mark,
    }


def row_data(state: State, names: Names, row: ResultRow, *, named: bool) -> dict[str, Any]:
    """A result's row as values; ``named``: with what tells who the entry is."""
    entry = state.setup.entries.get(row.entry) if named else None
    delegation = state.setup.delegations.get(entry.delegation) if entry else None
    return {
        "place": row.place,
        "tied": row.tied,
        "code": row.code,
        "entry": row.entry if named else "",
        "bib": entry.bib if entry else "",
        "name": (entry_name(entry, _called(names)) or {}) if entry else {},
        "delegation": {"id": entry.delegation, "name": dict(delegation.name)}
        if entry and delegation
        else None,
        "components": [
            {"id": c.id, "raw": c.raw, "weighted": c.weighted, "status": c.status, "passed": c.passed}
            for c in row.components
        ],
        "total": row.total,
        "scale": row.scale,
        "medal": row.medal,
        **({"prize": row.prize} if row.prize else {}),
        "status": row.status,
        "ranked": row.ranked,
    }


def teams_data(state: State, names: Names, found: ResultPublished) -> list[dict[str, Any]]:
    """The list of teams of a version; only for where names may be told: a team says whose a code is."""
    if found.teams is UNSET:
        return []
    entries = state.setup.entries
    counted = [entry for team in found.teams for entry in team.counted]
    called = {key: entry_name(entries[key], _called(names)) for key in counted if key in entries}
    return team_lists.told(state, found, called)


def awards_data(
    state: State, names: Names, found: ResultPublished, *, named: bool
) -> dict[str, list[dict[str, Any]]]:
    """``awards``: the medals and prizes that a correction took and gave; nothing where there are none."""
    if found.awards is UNSET:
        return {}
    lines = [
        change_data(state, names, (found.trade, found.stage, found.group), change, named=named)
        for change in found.awards
    ]
    return {"awards": lines} if lines else {}


def change_data(
    state: State, names: Names, place: reawarding.Place, change: AwardChange | Change, *, named: bool
) -> dict[str, Any]:
    """One thing lost or gained; ``named``: with what tells who the entry is."""
    entry = state.setup.entries.get(change.entry) if named else None
    delegation = state.setup.delegations.get(entry.delegation) if entry else None
    if change.kind == "team_prize":
        team = team_lists.name_of(state, change.entry) if named else {}
        return _change("", change.entry if named else "", team, {}, change)
    name = (entry_name(entry, _called(names)) or {}) if entry else {}
    firm = dict(delegation.name) if delegation else {}
    code = reawarding.code_of(state, place, change.entry)
    return _change(code, change.entry if named else "", name, firm, change)


def _change(
    code: str, entry: str, name: Mapping[str, str], firm: Mapping[str, str], change: AwardChange | Change
) -> dict[str, Any]:
    return {
        "code": code,
        "entry": entry,
        "name": dict(name),
        "delegation": dict(firm),
        "kind": change.kind,
        "way": Change(change.entry, change.kind, change.before, change.after).way,
        "before": change.before,
        "after": change.after,
    }


def _called(names: Names) -> Callable[[str], dict[str, str] | None]:
    """The name alone of a person, as the boards ask for it."""

    def name(person: str) -> dict[str, str] | None:
        who = names(person)
        return dict(who.name) if who else None

    return name


# ---------------------------------------------------------------- as tables


def _words(code: str) -> dict[str, str]:
    return {lang: words.say(code, lang) for lang in words.LANGS}


def _heads(name: Mapping[str, str], code: str) -> dict[str, str]:
    """A component's name and what of it stands in the column."""
    return {lang: f"{words.pick(name, lang)} {words.say(code, lang)}" for lang in words.LANGS}


def columns(found: Picture) -> list[Column]:
    """The columns of a version: what each entry is, its components, what it earned."""
    heads = [
        Column("place", _words("board.place"), number=True),
        Column("tied", _words("cell.tied")),
        Column("code", _words("board.code")),
    ]
    if found["named"]:
        heads += [
            Column("bib", _words("results.bib")),
            Column("name", _words("board.name")),
            Column("delegation", _words("board.delegation")),
        ]
    for component in found["components"]:
        key, name = component["id"], component["name"]
        heads += [
            Column(f"{key}.raw", _heads(name, "results.raw"), number=True),
            Column(f"{key}.weighted", _heads(name, "results.weighted"), number=True),
            Column(f"{key}.status", _heads(name, "results.status")),
        ]
    return [
        *heads,
        Column("total", _words("board.total"), number=True),
        Column("scale", _words("board.scale"), number=True),
        Column("medal", _words("board.medal")),
        *([Column("prize", _words("board.prize"))] if has_prizes(found["rows"]) else []),
        Column("status", _words("results.status")),
    ]


def has_prizes(lines: Sequence[Mapping[str, Any]]) -> bool:
    """Whether any row has a prize: then there is a column of them."""
    return any(line.get("prize") for line in lines)


def rows(found: Picture, language: str) -> list[Row]:
    """The rows under ``columns``: words in the language, numbers as exact text, None for blank."""
    return [_flat(row, found["components"], language) for row in found["rows"]]


def _flat(row: Mapping[str, Any], components: Sequence[Mapping[str, Any]], language: str) -> Row:
    delegation = row["delegation"]
    flat: dict[str, str | int | None] = {
        "place": row["place"],
        "tied": words.say("cell.tied", language) if row["tied"] else None,
        "code": row["code"],
        "bib": row["bib"] or None,
        "name": words.pick(row["name"], language) or None,
        "delegation": words.pick(delegation["name"], language) if delegation else None,
        "total": row["total"],
        "scale": row["scale"] or None,
        "medal": words.say(f"medal.{row['medal']}", language) if row["medal"] else None,
        "status": status_word(row["status"], language) or None,
    }
    flat["prize"] = words.say(f"prize.{row['prize']}", language) if row.get("prize") else None
    parts = {part["id"]: part for part in row["components"]}
    for component in components:
        key = component["id"]
        part = parts.get(key, {"raw": None, "weighted": None, "status": "", "passed": None})
        said = [status_word(part["status"], language)]
        if part["passed"] is not None:
            said.append(words.say("cell.pass" if part["passed"] else "cell.fail", language))
        flat |= {f"{key}.raw": part["raw"], f"{key}.weighted": part["weighted"]}
        flat[f"{key}.status"] = " ".join(filter(None, said)) or None
    return flat


def status_word(status: str, language: str) -> str:
    """A status in words ("" for none): a component that is void for all says so."""
    if not status:
        return ""
    return words.say("cell.void" if status == "voided" else f"cell.{status}", language)


def version_word(said: Mapping[str, Any], language: str) -> str:
    """``正式成绩 v2`` or ``Provisional v1``."""
    return words.say(f"status.{said['rank']}", language, version=said["version"])


_ABOUT = (
    ("trade", "board.trades"),
    ("stage", "results.stage"),
    ("group", "results.group"),
    ("version", "results.version"),
)


def _placed(found: Picture, language: str) -> dict[str, str | int | None]:
    """Which trade, stage, group and version a row is of, for tables that hold several."""
    return {
        "trade": words.pick(found["trade"]["name"], language),
        "stage": words.pick(found["stage"]["name"], language),
        "group": words.pick(found["group"]["name"], language),
        "version": version_word(found, language),
    }


def _versions(pictures: Sequence[Picture], language: str) -> Table:
    """The sheet that says which versions there are and why."""
    heads = [Column(key, _words(code)) for key, code in _ABOUT]
    heads += [
        Column("at", _words("ui.time")),
        Column("reason", _words("ui.reason")),
        Column("note", _words("results.note")),
        Column("confirmed_by", _words("results.confirmed_by")),
    ]
    lines: list[Row] = []
    for found in pictures:
        for said in found["versions"]:
            lines.append(
                _placed(found, language)
                | {
                    "version": version_word(said, language),
                    "at": said["at"],
                    "reason": said["reason"] or None,
                }
                | {
                    "note": words.pick(said["note"], language) or None,
                    "confirmed_by": said["confirmed_by"] or None,
                }
            )
    return Table(words.say("results.versions", language), heads, lines)


def render(pictures: Sequence[Picture], form: str, language: str) -> bytes:
    """Pictures as one file: ``csv`` (one table), ``xlsx`` (a sheet each, and one of versions) or ``json``.

    Equal pictures give equal bytes. ValueError without a picture or for another form.
    """
    if not pictures or form not in FORMS:
        raise ValueError(f"{len(pictures)} pictures as {form}")
    if form == "json":
        whole = {"format": FORMAT, "results": list(pictures)}
        return msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n"
    if form == "csv":
        return _csv(pictures, language)
    tables = [
        Table(words.pick(found["trade"]["name"], language), columns(found), rows(found, language))
        for found in pictures
    ]
    teams = [found for found in pictures if found.get("teams")]
    more = [_teams(teams, language)] if teams else []
    return write_workbook([*tables, *more, _versions(pictures, language)], language)


def _teams(pictures: Sequence[Picture], language: str) -> Table:
    """The sheet of the lists of teams."""
    heads = [Column(key, _words(code)) for key, code in _ABOUT]
    heads += [
        Column("place", _words("board.place"), number=True),
        Column("tied", _words("cell.tied")),
        Column("team", _words("team.name")),
        Column("sum", _words("team.sum"), number=True),
        Column("counted", _words("team.counted")),
        Column("prize", _words("board.prize")),
    ]
    lines: list[Row] = []
    for found in pictures:
        for team in found["teams"]:
            lines.append(
                _placed(found, language)
                | {
                    "place": team["place"],
                    "tied": words.say("cell.tied", language) if team["tied"] else None,
                    "team": words.pick(team["name"], language),
                    "sum": team["sum"],
                    "counted": counted_said(team, language),
                    "prize": words.say(f"prize.{team['prize']}", language) if team["prize"] else None,
                }
            )
    return Table(words.say("team.title", language), heads, lines)


def counted_said(team: Mapping[str, Any], language: str) -> str:
    """Whose results counted, by name, else by code."""
    glue = "、" if language == "zh-CN" else ", "
    return glue.join(words.pick(one["name"], language) or one["code"] for one in team["counted"])


def _csv(pictures: Sequence[Picture], language: str) -> bytes:
    """One table; several results stand under each other, with what a row is of in its first columns."""
    if len(pictures) == 1:
        return write_csv(columns(pictures[0]), rows(pictures[0], language), language)
    heads = {key: Column(key, _words(code)) for key, code in _ABOUT}
    lines: list[dict[str, str | int | None]] = []
    for found in pictures:
        for column in columns(found):
            heads.setdefault(column.key, column)
        lines += [_placed(found, language) | dict(row) for row in rows(found, language)]
    return write_csv(
        list(heads.values()), [{key: line.get(key) for key in heads} for line in lines], language
    )


def write(
    state: State, names: Names, trade: str, stage: str, group: str, form: str, language: str, version: int = 0
) -> bytes:
    """A group's result (0: its newest version) as a file. Raises LookupError when there is none."""
    return render([picture(state, names, trade, stage, group, version)], form, language)
