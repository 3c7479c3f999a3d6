"""The command ``promote``: proposals of levels and honours for a table of places, or for official results."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer

from compsys import control, proposing
from compsys.commandline.access import explained, office
from compsys.commandline.answers import chosen
from compsys.commandline.arguments import HERE, Folder, Json, write
from compsys.commandline.rule_files import profile_of, refuse, table_of
from compsys.commandline.terminal import (
    PROBLEMS,
    UNREADABLE,
    aside,
    command,
    end,
    fail,
    give,
    language,
    line,
    named,
    say,
    table,
    told,
)
from compsys.desk import Desk
from compsys.exchange import promotion_csv, promotions
from compsys.proposing import ELSEWHERE, Place
from compsys.state import State
from scoring_rules import profiles, promotion
from scoring_rules.profiles import Profile


class Form(StrEnum):
    """What proposals can be written as."""

    csv = "csv"
    xlsx = "xlsx"
    json = "json"


What = Annotated[
    str,
    typer.Argument(metavar="FILE|TRADE[/STAGE[/GROUP]]", help=told("cli.promote.what"), show_default=False),
]
Rules = Annotated[
    str, typer.Option("--rules", "-r", metavar="PROFILE", help=told("cli.promote.rules"), show_default=False)
]
OfficialFlag = Annotated[bool, typer.Option("--official", help=told("cli.promote.official_flag"))]
FormOption = Annotated[
    Form | None, typer.Option("--format", help=told("cli.promote.format"), show_default=False)
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help=told("cli.out"), show_default=False)]


def add(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "promote", "cli.promote")(promote)


def proposals(desk: Desk, state: State, params: dict[str, Any]) -> dict[str, Any]:
    """The proposals of a ``target``'s official results as ``promotions.picture`` says them; ``rules``: the
    text of a profile whose rule counts, "" for each group's own."""
    target = params["target"]
    places = [Place(g.trade, g.stage, g.id) for g in chosen(state, target)]
    if not target:  # what is switched off, or decided later, is no news where nobody asked for it
        places = [p for p in places if proposing.promotes(state, p) is None]
    rules = profiles.parse(params["rules"], "rules") if params["rules"] else None
    return {"known": bool(places) or not target, **promotions.picture(state, desk.names, places, rules)}


control.QUERIES["proposals"] = proposals
control.BESIDE |= {"proposals"}


def promote(
    what: What = "",
    rules: Rules = "",
    official: OfficialFlag = False,
    directory: Folder = HERE,
    form: FormOption = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Read the table or the official results, propose, print; a table with problems prints nothing else."""
    if official:
        _official(what, rules, directory, form, out, as_json)
        return
    for option, given in (("--dir", directory != HERE), ("--format", form), ("--out", out)):
        if given:
            fail("cli.promote.table_only", as_json=as_json, status=UNREADABLE, option=option)
    if not what:
        fail("cli.promote.which", as_json=as_json, status=UNREADABLE)
    _table(Path(what), rules, as_json)


def _profile(rules: str, as_json: bool) -> Profile:
    """The profile of that name, with a section on promotion."""
    profile = profile_of(rules, as_json)
    if profile.promotion is None and profile.id in ELSEWHERE:
        profile = profiles.load(ELSEWHERE[profile.id])
    if profile.promotion is None:
        fail(
            "cli.promote.no_rule", as_json=as_json, status=UNREADABLE, profile=profile.id, known=_promoting()
        )
    return profile


def _promoting() -> str:
    return " ".join(name for name in profiles.names() if profiles.load(name).promotion)


# ---------------------------------------------------------------- a table


def _table(file: Path, rules: str, as_json: bool) -> None:
    if not rules:
        fail("cli.promote.rules_missing", as_json=as_json, status=UNREADABLE, known=_promoting())
    profile = _profile(rules, as_json)
    assert profile.promotion is not None
    sheet = table_of(file, promotion_csv.COLUMNS, as_json)
    rows = promotion_csv.candidates(sheet)
    refuse(sheet, as_json)
    found = promotion.propose_all(profile.promotion, rows)
    if as_json:
        give([promotion_csv.as_data(profile, p, language()) for p in found])
        return
    lang = language()
    heads = ("entry", "level", "honours", "clause", "reason")
    table(
        [told(f"cli.promote.{head}") for head in heads],
        (
            (
                p.entry,
                promotion_csv.level_name(p.level, lang) if p.level else "",
                ", ".join(p.honours),
                promotion_csv.clause(profile, p),
                promotion_csv.reason(p, lang),
            )
            for p in found
        ),
    )
    levels = sum(p.level is not None for p in found)
    say("cli.promote.count", n=len(found), levels=levels, honours=sum(len(p.honours) for p in found))
    _open(profile.promotion.open)


def _open(left: Sequence[str]) -> None:
    for what in left:
        say("cli.promote.open", what=promotion_csv.open_word(what, language()))


# ---------------------------------------------------------------- official results


def _official(
    target: str, rules: str, directory: Path, form: Form | None, out: Path | None, as_json: bool
) -> None:
    profile = _profile(rules, as_json) if rules else None
    if form == Form.xlsx and out is None and sys.stdout.isatty():
        fail("cli.results.binary", as_json=as_json, status=UNREADABLE)
    with office(directory, as_json) as desk:
        found = desk.query("proposals", target=target, rules=profile.text if profile else "")
        if not found.pop("known"):
            known = " ".join(dict.fromkeys(g["trade"] for g in desk.query("trades")["groups"]))
            fail("cli.unknown_target", as_json=as_json, status=UNREADABLE, target=target, known=known)
    lang = language()
    if form is not None and found["proposals"]:
        with explained(out or HERE, as_json):
            write(promotions.render(found, form.value, lang), out)
        return
    if as_json:
        give({"ok": bool(found["proposals"]), **promotions.told(found, lang)})
    elif form is not None:  # a file that somebody redirects must not hold sentences
        _waits(found, aside)
    else:
        _say(found, lang)
    if not found["proposals"]:
        if not as_json:
            fail("cli.promote.none_official")
        end(PROBLEMS)


def _say(found: Mapping[str, Any], lang: str) -> None:
    """Each group's persons, then who has no proposals and why, what changed, how many of which level."""

    for _, rows in groupby(
        found["proposals"], key=lambda row: [row[p]["id"] for p in ("trade", "stage", "group")]
    ):
        listed = list(rows)
        head = listed[0]
        say(
            "cli.promote.head",
            **_place(head),
            version=head["version"],
            rules=head["clause"].partition(":")[0],
        )
        _persons(listed, lang)
        line()
    _waits(found, line)
    for row in found["changed"]:
        line(promotions.change_word(row, lang))
    if not found["proposals"]:
        return
    counted = promotions.counts(found["proposals"])
    said = [
        told("cli.promote.at_level", level=promotion_csv.level_name(level, lang), n=n)
        if level
        else told("cli.promote.without", n=n)
        for level, n in counted.items()
    ]
    say("cli.promote.persons", n=len(found["proposals"]), said=told("ui.comma").join(said))
    if by := promotions.approvers(found["proposals"]):
        say("promotion.approval", by=told("ui.comma").join(by))
    if unknown := promotions.unknown(found["proposals"]):
        say("cli.promote.unknown", n=unknown)
    _open(found["open"])


def _place(row: Mapping[str, Any]) -> dict[str, str]:
    return {part: named(row[part]["name"]) for part in ("trade", "stage", "group")}


def _waits(found: Mapping[str, Any], put: Callable[[str], None]) -> None:
    """Say which groups have no proposals, and why."""
    for row in found["waiting"]:
        why = told(row["code"], **row["params"])
        put(told("cli.promote.waits", **_place(row), why=why))


def _persons(rows: Sequence[Mapping[str, Any]], lang: str) -> None:
    heads = ("place", "person", "held", "level", "honours", "reason")
    words = {"place": "cli.rank.place"} | {head: f"cli.promote.{head}" for head in heads[1:]}
    table(
        [told(words[head]) for head in heads],
        (
            (
                str(row["place"] or ""),
                " · ".join(filter(None, (promotions.name_word(row, lang), _firm(row)))),
                promotions.held_word(row, lang),
                promotions.level_word(row["level"], lang),
                ", ".join(row["honours"]),
                promotions.reason(row, lang, approval=False),
            )
            for row in rows
        ),
        [0],
    )


def _firm(row: Mapping[str, Any]) -> str:
    return named(row["delegation"]["name"]) if row["delegation"] else ""
