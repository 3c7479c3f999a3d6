"""The command ``promote``: proposals of skill levels and honours for a table of published places."""

from __future__ import annotations

from pathlib import Path

import typer

from compsys.commandline.arguments import Json
from compsys.commandline.rule_files import Rules, Table, profile_of, refuse, table_of
from compsys.commandline.terminal import UNREADABLE, command, fail, give, language, say, table, told
from compsys.exchange import promotion_csv
from scoring_rules import profiles, promotion

ELSEWHERE = {"cn-national": "cn-national-1"}
"""Profiles whose text stays as journals hold it, and where the promotion rule of the same event stands."""


def add(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "promote", "cli.promote")(promote)


def promote(file: Table, rules: Rules, as_json: Json = False) -> None:
    """Read the table, propose, print; a table with problems prints nothing but them."""
    profile = profile_of(rules, as_json)
    if profile.promotion is None and profile.id in ELSEWHERE:
        profile = profiles.load(ELSEWHERE[profile.id])
    if profile.promotion is None:
        known = " ".join(name for name in profiles.names() if profiles.load(name).promotion)
        fail("cli.promote.no_rule", as_json=as_json, status=UNREADABLE, profile=profile.id, known=known)
    sheet = table_of(Path(file), promotion_csv.COLUMNS, as_json)
    rows = promotion_csv.candidates(sheet)
    refuse(sheet, as_json)
    proposals = promotion.propose_all(profile.promotion, rows)
    if as_json:
        give([promotion_csv.as_data(profile, p, language()) for p in proposals])
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
            for p in proposals
        ),
    )
    levels = sum(p.level is not None for p in proposals)
    say("cli.promote.count", n=len(proposals), levels=levels, honours=sum(len(p.honours) for p in proposals))
    for what in profile.promotion.open:
        say("cli.promote.open", what=what)
