"""The commands ``rank`` and ``tables``: totals to places and medals, results to reports, by a rule book."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from compsys.commandline.arguments import GRAVE, Json
from compsys.commandline.rule_files import Rules, Table, profile_of, refuse, table_of
from compsys.commandline.terminal import (
    UNREADABLE,
    aside,
    command,
    fail,
    give,
    joined,
    language,
    line,
    named,
    say,
    table,
    told,
)
from compsys.exchange import rank_csv, rule_csv, tables_csv
from compsys.exchange.rank_csv import Group
from compsys.exchange.rule_csv import Sheet
from scoring_rules import exact
from scoring_rules.profiles import Profile

Maximum = Annotated[str, typer.Option("--max", metavar="N", help=told("cli.rank.max"), show_default=False)]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "rank", "cli.rank")(rank)
    command(app, "tables", "cli.tables")(tables)


@contextmanager
def unswept() -> Iterator[None]:
    """Without looking for garbage: of a big table everything that is made stays till the end."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


# ---------------------------------------------------------------- rank


def rank(file: Table, rules: Rules, maximum: Maximum = "", as_json: Json = False) -> None:
    """Places, scale points, medals and prizes of a table of totals."""
    profile = profile_of(rules, as_json)
    if maximum and not (exact.is_number(maximum) and exact.parse(maximum) > 0):
        fail("cli.rank.max_not_a_number", as_json=as_json, status=UNREADABLE, value=maximum)
    with unswept():
        sheet = table_of(file, rank_csv.columns(profile, maximum), as_json)
        groups = rank_csv.rank(sheet, profile, maximum)
    refuse(sheet, as_json)
    notices = [rank_csv.notice_data(n, g.name, language()) for g in groups for n in g.ranking.notices]
    if as_json:
        problems = [rule_csv.as_data(f, language()) for f in sheet.in_order()] + notices
        given = {"profile": profile.id, "entries": rank_csv.as_data(sheet, profile, groups)}
        give({**given, **_more(profile, groups), "problems": problems})
        return
    for group in groups:
        _tell(sheet, profile, group)
    for notice in notices:
        aside(f"{told(GRAVE['warning'])} {joined(notice['message'], notice['todo'])} [{notice['code']}]")


def _more(profile: Profile, groups: Sequence[Group]) -> dict[str, Any]:
    """Lists that a profile has beside the places: teams, and who waits for a free place."""
    more: dict[str, Any] = {}
    if profile.extras.teams is not None:
        more["teams"] = [{"group": g.name, "teams": rank_csv.teams(profile, g)} for g in groups]
    if profile.extras.cut is not None:
        waiting = ((g.name, rank_csv.selection(profile, g)[1]) for g in groups)
        more["reserve"] = [{"group": name, "entries": list(entries)} for name, entries in waiting]
    return more


def _tell(sheet: Sheet, profile: Profile, group: Group) -> None:
    if group.name:
        line(told("cli.rank.group", group=group.name))
    heads = ["place", "entry", "delegation", "total", "scale", "medal", "prize", "advance", "status"]
    rows = [
        {
            **row,
            "medal": _medal(row["medal"]),
            "prize": _prize(row.get("prize")),
            "advance": _way(row.get("advance")),
            "status": _status(group.records[row["entry"]].values["status"]),
        }
        for row in rank_csv.as_data(sheet, profile, [group])
    ]
    _table({head: told(f"cli.rank.{head}") for head in heads}, rows, {"place", "total", "scale"})
    for team in rank_csv.teams(profile, group):
        shown = {"team": next(iter(team.values())), "place": team["place"] or "-", "sum": team["sum"]}
        say("cli.rank.team", **shown, counted=" ".join(team["counted"]), prize=_prize(team["prize"]))
    waiting = rank_csv.selection(profile, group)[1]
    if waiting:
        say("cli.rank.reserve", entries=", ".join(waiting))


def _medal(medal: str | None) -> str:
    return told(f"medal.{medal}") if medal else ""


def _prize(prize: str | None) -> str:
    return told(f"prize.{prize}") if prize else ""


def _way(way: str | None) -> str:
    return told(f"cut.{way}") if way else ""


def _status(status: str) -> str:
    return told(f"cli.rank.status_{status}") if status not in ("", "ranked") else ""


def _table(heads: Mapping[str, str], rows: Sequence[dict[str, Any]], numbers: set[str]) -> None:
    """Print the columns in which anything stands."""
    shown = [head for head in heads if any(row.get(head) for row in rows)]
    right = [i for i, head in enumerate(shown) if head in numbers]
    cells = [[str(row.get(head) or "") for head in shown] for row in rows]
    table([heads[head] for head in shown], cells, right)


# ---------------------------------------------------------------- tables


def tables(file: Table, rules: Rules, as_json: Json = False) -> None:
    """The reports that compare delegations."""
    profile = profile_of(rules, as_json)
    sheet = table_of(file, tables_csv.COLUMNS, as_json)
    refuse(sheet, as_json)
    found = tables_csv.reports(profile, tables_csv.results(sheet))
    if as_json:
        give({"reports": found})
        return
    line(named(profile.title))
    for name, rows in found.items():
        line()
        say(f"cli.tables.{name}")
        heads = ["rank", *(head for head in (rows[0] if rows else {}) if head != "rank")]
        _table({head: told(f"cli.tables.{head}") for head in heads}, rows, set(heads) - {"delegation"})
