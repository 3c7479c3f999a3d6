"""Commands for marking schemes: ``scheme check``, ``import``, ``export``, ``checklist``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from compsys import words
from compsys.commandline.access import explained, key, office
from compsys.commandline.arguments import GRAVE, HERE, Directory, Folder, Json, refused, write
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
from compsys.exchange import checklist, cis_report, cis_workbook, cis_writer, scheme_told
from compsys.exchange.paper import FontMissing
from scoring_rules import exact, scheme_data, scheme_match
from scoring_rules.scheme import Scheme

File = Annotated[Path, typer.Argument(metavar="FILE", help=told("cli.scheme.file"))]
Which = Annotated[str, typer.Argument(metavar="TRADE[/STAGE[/GROUP]]", help=told("cli.scheme.which"))]
What = Annotated[str, typer.Argument(metavar="TARGET|FILE", help=told("cli.scheme.what"))]
Out = Annotated[Path | None, typer.Option("--out", "-o", help=told("cli.out"))]
Against = Annotated[str, typer.Option("--against", metavar="TARGET", help=told("cli.scheme.against"))]
Lang = Annotated[str, typer.Option("--lang", help=told("cli.scheme.lang"))]
NotSame = Annotated[
    list[str] | None, typer.Option("--not-same", metavar="KEY", help=told("cli.scheme.not_same"))
]
WORKBOOKS = (".xlsx", ".xlsm", ".xls")


def add(app: typer.Typer) -> None:
    """Add the commands."""
    scheme = typer.Typer(help=told("cli.scheme"), no_args_is_help=True, rich_markup_mode=None)
    scheme.callback()(lambda: None)
    command(scheme, "check", "cli.scheme.check")(check)
    command(scheme, "import", "cli.scheme.import")(bring)
    command(scheme, "export", "cli.scheme.export")(export)
    command(scheme, "checklist", "cli.scheme.checklist")(print_checklist)
    app.add_typer(scheme, name="scheme")


def speech(lang: str) -> str:
    """The language asked for, else the terminal's."""
    return lang if lang in words.LANGS else language()


# ---------------------------------------------------------------- check


def check(
    file: File,
    against: Against = "",
    directory: Folder = HERE,
    not_same: NotSame = None,
    as_json: Json = False,
) -> None:
    """Check a CIS marking-scheme workbook; 0 usable, 1 errors, 2 not in this format."""
    with explained(file, as_json):
        data = file.read_bytes()
    read = cis_workbook.read(data, file.name)
    changes: dict[str, Any] | None = None
    if against and read.scheme is not None:
        held = Held(directory, against, as_json)
        changes = _compared(held.scheme, read.scheme, not_same or ())[1]
    _report(read, as_json, changes)
    end(cis_workbook.exit_code(read) or OK)


def _report(read: cis_workbook.CisRead, as_json: bool, changes: dict[str, Any] | None = None) -> None:
    if as_json:
        facts = cis_report.facts_json(read, language())
        give(facts if changes is None else facts | {"changes": changes})
        return
    for problem in cis_report.told(read, language()):
        cell = f" {problem['cell']}" if problem["cell"] else ""
        line(f"{told(GRAVE[problem['severity']])}{cell}: {problem['message']} [{problem['code']}]")
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
    if changes is not None:
        _tell(changes)


# ---------------------------------------------------------------- what changes


def _compared(old: Scheme, new: Scheme, not_same: Sequence[str]) -> tuple[Scheme, dict[str, Any]]:
    """The new scheme under the old keys, and what it changes as data."""
    found = scheme_match.compare(old, new, not_same)
    return found.scheme, scheme_told.changes(found, old, language())


def _tell(changes: dict[str, Any]) -> None:
    """What changes, line by line."""
    if changes["same"]:
        say("match.same")
        return
    for other in changes["others"]:
        line(f"{other['where']}: {told('match.' + other['field'])}: {_arrow(other)}")
    for aspect in changes["aspects"]:
        line(f"{told('match.' + aspect['change'])} {aspect['sub']} {aspect['key']}: {aspect['title']}")
        for field in aspect["fields"]:
            line(f"  {told('match.' + field['field'])}: {_arrow(field)}")
        if not aspect["sure"]:
            line(f"  {told('match.guess')}")
    say("match.counts", **changes["counts"])
    if changes["total"]["before"] != changes["total"]["after"]:
        say("match.total", **changes["total"])


def _arrow(change: dict[str, str]) -> str:
    return " → ".join(filter(None, (change["before"], change["after"])))


# ---------------------------------------------------------------- schemes of a competition


class Held:
    """One scheme of a competition, named by its id or by the groups that use it; else the command ends."""

    def __init__(self, directory: Path, target: str, as_json: bool = False) -> None:
        with office(directory, as_json) as desk:
            found = desk.query("schemes", target=target)
        schemes = found["schemes"]
        if not found["known"]:
            fail("cli.unknown_target", as_json=as_json, status=UNREADABLE, target=target, known=found["all"])
        if not schemes:
            fail("cli.scheme.none", as_json=as_json, status=UNREADABLE, target=target)
        if len(schemes) > 1:
            ids = " ".join(s["id"] for s in schemes)
            fail("cli.scheme.several", as_json=as_json, status=UNREADABLE, target=target, ids=ids)
        self.record: dict[str, Any] = schemes[0]
        self.scheme = scheme_data.from_data(self.record["scheme"])


def bring(
    file: File,
    directory: Directory = HERE,
    trade: Annotated[str, typer.Option("--trade", help=told("cli.import.trade"))] = "",
    ident: Annotated[str, typer.Option("--id", help=told("cli.import.id"))] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=told("cli.scheme.dry_run"))] = False,
    not_same: NotSame = None,
    partial: Annotated[bool, typer.Option("--partial", help=told("cli.scheme.partial"))] = False,
    as_json: Json = False,
) -> None:
    """Import a workbook as a trade's scheme, matched with the one there is."""
    with explained(file, as_json):
        data = file.read_bytes()
    bring_scheme(file, data, directory, trade, ident, as_json, dry_run, not_same or (), partial)


def bring_scheme(
    file: Path,
    data: bytes,
    directory: Path,
    trade: str,
    ident: str,
    as_json: bool,
    dry_run: bool = False,
    not_same: Sequence[str] = (),
    partial: bool = False,
) -> None:
    """Read a CIS workbook and define its scheme under the trade's id, keeping the keys of what was there."""
    if not trade and not ident:
        fail("cli.import.trade_missing", as_json=as_json, status=UNREADABLE, file=file)
    read = cis_workbook.read(data, file.name)
    if cis_workbook.exit_code(read) or read.scheme is None:
        _report(read, as_json)
        end(cis_workbook.exit_code(read) or PROBLEMS)
    scheme = replace(read.scheme, partial=read.scheme.partial or partial)
    changes: dict[str, Any] | None = None
    pointed: list[str] = []
    with office(directory, as_json) as desk:
        found = desk.query("schemes", target=trade)
        if trade and not found["known"]:
            fail("cli.unknown_target", as_json=as_json, status=UNREADABLE, target=trade, known=found["all"])
        # A trade whose groups all use one scheme means that one.
        only = found["schemes"][0]["id"] if trade and len(found["schemes"]) == 1 else trade
        ident = ident or only
        before = desk.query("schemes", target="", id=ident)["schemes"]
        if before:
            old = scheme_data.from_data(before[0]["scheme"])
            scheme, changes = _compared(old, scheme, not_same)
            if partial and not old.partial:
                changes["same"] = False
        if not dry_run and not (changes or {}).get("same"):
            source = f"{file.name} sha256:{hashlib.sha256(data).hexdigest()}"
            value = {"id": ident, "scheme": scheme_data.to_data(scheme), "source": source}
            refused(desk.do(Define(kind="scheme", id=ident, value=value), key()), as_json)
        if trade and not dry_run:
            pointed = desk.query("point", trade=trade, scheme=ident)
    _brought(read, ident, pointed, changes, dry_run, as_json)


def _brought(
    read: cis_workbook.CisRead,
    ident: str,
    pointed: list[str],
    changes: dict[str, Any] | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    if as_json:
        facts = cis_report.facts_json(read, language())
        given = {"ok": True, "scheme": ident, "groups": pointed, "dry_run": dry_run, "facts": facts}
        give(given if changes is None else given | {"changes": changes})
        return
    _report(read, False, changes)
    if dry_run:
        say("cli.scheme.would")
    elif changes is not None and changes["same"]:
        say("cli.scheme.same")
    else:
        say("cli.import.scheme", scheme=ident)
    if pointed:
        say("cli.import.pointed", groups=", ".join(pointed))


def export(target: Which, out: Out = None, directory: Folder = HERE, lang: Lang = "") -> None:
    """Write a scheme as a CIS workbook."""
    held = Held(directory, target)
    problems = cis_writer.obstacles(held.scheme, speech(lang))
    for problem in problems:
        said = cis_report.in_words(problem, language())
        line(f"{told(GRAVE[problem.severity])} {problem.where}: {said} [{problem.code}]")
    if problems:
        fail("cli.scheme.cannot_write")
    with explained(directory):
        write(cis_writer.write(held.scheme, speech(lang)), out)


def print_checklist(what: What, out: Out = None, directory: Folder = HERE, lang: Lang = "") -> None:
    """Print the check-list of a scheme, of a competition or of a workbook."""
    if Path(what).suffix.lower() in WORKBOOKS:
        file = Path(what)
        with explained(file):
            data = file.read_bytes()
        read = cis_workbook.read(data, file.name)
        if read.scheme is None:
            _report(read, False)
            end(cis_workbook.exit_code(read) or PROBLEMS)
        told_of = checklist.data(read.scheme, source=file.name)
    else:
        held = Held(directory, what)
        scheme, record = held.scheme, held.record
        told_of = checklist.data(
            scheme, stored=record["scheme"], source=record["source"], of=record["of"], expected=record["max"]
        )
    try:
        drawn = checklist.draw(told_of, speech(lang))
    except FontMissing as missing:
        fail("clerk.font_missing", fonts=", ".join(missing.looked[:4]))
    with explained(directory):
        write(drawn, out)
