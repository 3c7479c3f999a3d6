"""Commands that set a competition up: ``new``, ``import``, ``export``, ``scheme check``."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from compsys import words
from compsys.commandline.access import Office, explained, key, office
from compsys.commandline.answers import UNREADABLE as UNREADABLE_CODES
from compsys.commandline.terminal import (
    OK,
    PROBLEMS,
    UNREADABLE,
    aside,
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
from compsys.events import Answer, Define
from compsys.exchange import cis_workbook, competition_file
from compsys.journal import DATABASE
from scoring_rules import exact, scheme_data

Json = Annotated[bool, typer.Option("--json", help=told("cli.json"))]
Directory = Annotated[Path, typer.Argument(metavar="DIR", help=told("cli.directory"), show_default=False)]
HERE = Path()
GRAVE = {"error": "cli.error", "warning": "cli.warning"}


def add(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "new", "cli.new")(new)
    command(app, "import", "cli.import")(bring)
    command(app, "export", "cli.export")(take)
    scheme = typer.Typer(help=told("cli.scheme"), no_args_is_help=True, rich_markup_mode=None)
    scheme.callback()(lambda: None)
    command(scheme, "check", "cli.scheme.check")(scheme_check)
    app.add_typer(scheme, name="scheme")


# ---------------------------------------------------------------- new


def new(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help=told("cli.new.directory"))],
    file: Annotated[Path | None, typer.Option("--file", help=told("cli.new.file"))] = None,
    ident: Annotated[str, typer.Option("--id", help=told("cli.new.id"))] = "",
    as_json: Json = False,
) -> None:
    """Make a data directory, empty or with the set-up of a competition file."""
    with explained(directory, as_json):
        data = file.read_bytes() if file else b""
        if (directory / DATABASE).exists():
            fail("cli.there_already", as_json=as_json, path=directory)
        called = ident
        if file:
            loaded = competition_file.load(data, file.name)
            if not loaded.ok:
                refuse_file([_told(p) for p in loaded.problems], file, bool(loaded.items), as_json)
            called = called or next((i.id for i in loaded.items if i.kind == "competition"), "")
    called = called or slug(directory.resolve().name)
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", called):
        fail("cli.bad_id", as_json=as_json, status=UNREADABLE, id=called)
    with office(directory, as_json, called) as desk:
        told_back = _bring_file(desk, file.name, data) if file else None
    if as_json:
        give({"ok": True, "directory": str(directory), "competition": called, "import": told_back})
        return
    say("cli.new.made", directory=directory, competition=called)
    if told_back:
        _report(told_back)
    say("cli.new.next", directory=directory)


def slug(name: str) -> str:
    """An id of a competition made of a directory's name.

    >>> slug("Karamay 2022"), slug("赛事")
    ('karamay-2022', 'competition')
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "competition"


# ---------------------------------------------------------------- import


def bring(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=told("cli.import.file"))],
    directory: Directory = HERE,
    trade: Annotated[str, typer.Option("--trade", help=told("cli.import.trade"))] = "",
    ident: Annotated[str, typer.Option("--id", help=told("cli.import.id"))] = "",
    as_json: Json = False,
) -> None:
    """Import a competition file, or a marking scheme for a trade."""
    with explained(directory, as_json):
        data = file.read_bytes()
    if file.suffix.lower() in (".xlsx", ".xlsm"):
        bring_scheme(file, data, directory, trade, ident, as_json)
        return
    with office(directory, as_json) as desk:
        found = _bring_file(desk, file.name, data)
    errors = [p for p in found["problems"] if p["severity"] == "error"]
    if errors:
        refuse_file(found["problems"], file, not found["unreadable"], as_json)
    answer = found["answer"]
    if answer is not None and answer["a"] != "accepted":
        fail(answer["code"], answer.get("params"), as_json=as_json)
    if as_json:
        give({"ok": True, **found})
    else:
        _report(found)


def _bring_file(desk: Office, name: str, data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = desk.query("import_file", file=name, data=base64.b64encode(data).decode())
    return found


def _report(found: dict[str, Any]) -> None:
    for problem in found["problems"]:
        line(sentence(problem))
    if found["answer"] is None:
        say("cli.import.same", records=found["records"])
    else:
        say("cli.import.done", changed=found["changed"], records=found["records"], persons=found["persons"])


def _told(problem: Any) -> dict[str, Any]:
    """A problem as data."""
    params = dict(problem.params)
    return {"severity": problem.severity, "where": problem.where, "code": problem.code, "params": params}


def sentence(problem: dict[str, Any]) -> str:
    """A problem of a file as one line: how grave, where, what, what to do."""
    lang, code, params = language(), problem["code"], problem["params"]
    said = f"{words.say(code, lang, **params)} {words.todo(code, lang, **params)}".strip()
    return f"{told(GRAVE[problem['severity']])} {problem['where']}: {said} [{code}]"


def _said(problem: dict[str, Any]) -> dict[str, Any]:
    return problem | {"message": words.say(problem["code"], language(), **problem["params"])}


def refuse_file(problems: list[dict[str, Any]], file: Path, read: bool, as_json: bool) -> None:
    """End the command with every problem of a file; ``read``: whether anything in it could be read."""
    if as_json:
        give({"ok": False, "problems": [_said(problem) for problem in problems]})
    else:
        for problem in problems:
            line(sentence(problem))
        errors = sum(problem["severity"] == "error" for problem in problems)
        say("cli.import.refused", file=file, errors=errors)
    unreadable = not read or all(problem["code"] in UNREADABLE_CODES for problem in problems)
    end(UNREADABLE if unreadable else PROBLEMS)


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


def refused(answer: Answer, as_json: bool) -> None:
    """End the command unless the answer is ``accepted``."""
    if answer.a != "accepted":
        fail(answer.code or answer.a, answer.params, as_json=as_json)


# ---------------------------------------------------------------- export


def take(
    directory: Directory = HERE,
    out: Annotated[Path | None, typer.Option("--out", "-o", help=told("cli.out"))] = None,
    journal: Annotated[bool, typer.Option("--journal", help=told("cli.export.journal"))] = False,
    persons: Annotated[bool, typer.Option("--persons/--no-persons", help=told("cli.export.persons"))] = True,
) -> None:
    """Write the competition file, or the journal."""
    with office(directory) as desk:
        if journal:
            _journal(desk, out)
        else:
            write(desk.query("export", persons=persons).encode(), out)


def _journal(desk: Office, out: Path | None) -> None:
    if out is not None:
        if out.exists():
            fail("cli.file_exists", path=out)
        aside(told("cli.export.lines", lines=desk.query("journal", path=str(out.resolve())), path=out))
        return
    with tempfile.TemporaryDirectory(prefix="compsys-") as folder:
        copy = Path(folder) / f"{secrets.token_hex(8)}.jsonl"
        desk.query("journal", path=str(copy))
        with copy.open("rb") as file:
            while block := file.read(1 << 20):
                sys.stdout.buffer.write(block)
        sys.stdout.buffer.flush()


def write(data: bytes, out: Path | None) -> None:
    """Write a command's product to a file, or to standard output."""
    if out is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    out.write_bytes(data)
    aside(told("cli.written", path=out, bytes=len(data)))


# ---------------------------------------------------------------- scheme check


def scheme_check(
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
