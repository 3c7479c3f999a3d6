"""Commands for marking schemes: ``scheme check`` and the import of a workbook."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from compsys.commandline.access import explained, key, office
from compsys.commandline.arguments import GRAVE, Json, refused
from compsys.commandline.terminal import (
    OK,
    PROBLEMS,
    UNREADABLE,
    command,
    end,
    fail,
    give,
    language,
    line,
    say,
    table,
    told,
)
from compsys.events import Define
from compsys.exchange import cis_workbook
from scoring_rules import exact, scheme_data


def add(app: typer.Typer) -> None:
    """Add the commands."""
    scheme = typer.Typer(help=told("cli.scheme"), no_args_is_help=True, rich_markup_mode=None)
    scheme.callback()(lambda: None)
    command(scheme, "check", "cli.scheme.check")(check)
    app.add_typer(scheme, name="scheme")


def bring_scheme(file: Path, data: bytes, directory: Path, trade: str, ident: str, as_json: bool) -> None:
    """Read a CIS workbook and define its scheme under the trade's id."""
    if not trade and not ident:
        fail("cli.import.trade_missing", as_json=as_json, status=UNREADABLE, file=file)
    read = cis_workbook.read(data, file.name)
    if cis_workbook.exit_code(read) or read.scheme is None:
        _scheme_report(read, as_json)
        end(cis_workbook.exit_code(read) or PROBLEMS)
    source = f"{file.name} sha256:{hashlib.sha256(data).hexdigest()}"
    value = {"id": ident or trade, "scheme": scheme_data.to_data(read.scheme), "source": source}
    with office(directory, as_json) as desk:
        groups = desk.query("trades")["groups"]
        if trade and trade not in {group["trade"] for group in groups}:
            known = " ".join(dict.fromkeys(group["trade"] for group in groups))
            fail("cli.unknown_target", as_json=as_json, status=UNREADABLE, target=trade, known=known)
        answer = desk.do(Define(kind="scheme", id=ident or trade, value=value), key())
        wanted = trade if answer.a == "accepted" else ""
        pointed = desk.query("point", trade=wanted, scheme=ident or trade) if wanted else []
    refused(answer, as_json)
    if as_json:
        facts = cis_workbook.facts_json(read, language())
        give({"ok": True, "scheme": ident or trade, "groups": pointed, "facts": facts})
        return
    _scheme_report(read, False)
    say("cli.import.scheme", scheme=ident or trade)
    if pointed:
        say("cli.import.pointed", groups=", ".join(pointed))


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=told("cli.scheme.file"))], as_json: Json = False
) -> None:
    """Check a CIS marking-scheme workbook; 0 usable, 1 errors, 2 not in this format."""
    with explained(file, as_json):
        data = file.read_bytes()
    read = cis_workbook.read(data, file.name)
    _scheme_report(read, as_json)
    end(cis_workbook.exit_code(read) or OK)


def _scheme_report(read: cis_workbook.CisRead, as_json: bool) -> None:
    facts = cis_workbook.facts_json(read, language())
    if as_json:
        give(facts)
        return
    for problem in read.problems:
        where = cis_workbook.where(problem)
        said = cis_workbook.sentence(problem, language())
        line(f"{told(GRAVE[problem.severity])} {where}: {said} [{problem.code}]")
    if read.refused:
        return
    line(f"{read.skill.number} {read.skill.name}".strip())
    table(
        ("", told("ui.title"), told("cli.scheme.mark")),
        [[c.id, c.name, exact.show(c.mark, 2)] for c in read.facts.criteria],
        (2,),
    )
    held = read.facts
    say(
        "cli.scheme.facts",
        subs=held.sub_criteria,
        measurement=held.measurement,
        judgement=held.judgement,
        calculations=held.calculations,
        total=exact.show(held.total, 2),
    )
