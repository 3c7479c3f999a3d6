"""Commands that set a competition up: ``new``, ``import``, ``export``."""

from __future__ import annotations

import base64
import re
import secrets
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from compsys import words
from compsys.commandline import lists
from compsys.commandline.access import Office, explained, office
from compsys.commandline.answers import UNREADABLE as UNREADABLE_CODES
from compsys.commandline.arguments import GRAVE, HERE, Database, Directory, Json, write
from compsys.commandline.schemes import bring_scheme
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
    say,
    told,
)
from compsys.evidence import Evidence
from compsys.exchange import competition_file
from compsys.stores import holds_journal

Columns = Annotated[
    list[str] | None, typer.Option("--column", metavar="LETTER=FIELD", help=told("cli.import.column"))
]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "new", "cli.new")(new)
    command(app, "import", "cli.import")(bring)
    command(app, "export", "cli.export")(take)


# ---------------------------------------------------------------- new


def new(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help=told("cli.new.directory"))],
    file: Annotated[Path | None, typer.Option("--file", help=told("cli.new.file"))] = None,
    ident: Annotated[str, typer.Option("--id", help=told("cli.new.id"))] = "",
    db: Database = "",
    as_json: Json = False,
) -> None:
    """Make a data directory, empty or with the set-up of a competition file."""
    with explained(directory, as_json):
        data = file.read_bytes() if file else b""
        if holds_journal(directory, db):
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
    with office(directory, as_json, called, db) as desk:
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
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help=told("cli.import.file"))] = None,
    directory: Directory = HERE,
    trade: Annotated[str, typer.Option("--trade", help=told("cli.import.trade"))] = "",
    ident: Annotated[str, typer.Option("--id", help=told("cli.import.id"))] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=told("cli.import.dry_run"))] = False,
    revert: Annotated[str, typer.Option("--revert", metavar="ID", help=told("cli.import.revert"))] = "",
    kind: Annotated[str, typer.Option("--as", metavar="KIND", help=told("cli.import.as"))] = "",
    component: Annotated[str, typer.Option("--component", help=told("cli.import.component"))] = "",
    sheet: Annotated[str, typer.Option("--sheet", help=told("cli.import.sheet"))] = "",
    columns: Columns = None,
    skip_errors: Annotated[bool, typer.Option("--skip-errors", help=told("cli.import.skip_errors"))] = False,
    findings: Annotated[Path | None, typer.Option("--findings", help=told("cli.import.findings"))] = None,
    as_json: Json = False,
) -> None:
    """Import a competition file, a marking scheme or a list of other people; take an import back."""
    if revert:  # the one argument that is left is the directory
        lists.revert(revert, file or directory, as_json)
        return
    if file is None:
        fail("cli.import.no_file", as_json=as_json, status=UNREADABLE)
    with explained(directory, as_json):
        data = file.read_bytes()
    if lists.is_list(file, kind, trade):
        wish = {"kind": kind, "target": trade, "component": component, "sheet": sheet}
        how = {"dry_run": dry_run, "skip_errors": skip_errors, "findings": findings, "as_json": as_json}
        lists.bring(file, directory, columns=columns or [], **wish, **how)  # type: ignore[arg-type]  # one dict of texts, one of flags
        return
    if file.suffix.lower() in lists.BOOKS:
        bring_scheme(file, data, directory, trade, ident, as_json, dry_run)
        return
    _whole_file(file, data, directory, dry_run, as_json)


def _whole_file(file: Path, data: bytes, directory: Path, dry_run: bool, as_json: bool) -> None:
    """A competition file: all of it, or every problem."""
    with office(directory, as_json) as desk:
        found = _bring_file(desk, file.name, data, dry_run)
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


def _bring_file(desk: Office, name: str, data: bytes, dry_run: bool = False) -> dict[str, Any]:
    text = base64.b64encode(data).decode()
    found: dict[str, Any] = desk.query("import_file", file=name, data=text, dry_run=dry_run)
    return found


def _report(found: dict[str, Any]) -> None:
    for problem in found["problems"]:
        line(sentence(problem))
    if found["answer"] is None and found["changed"]:
        say("cli.import.would", changed=found["changed"], records=found["records"], persons=found["persons"])
    elif found["answer"] is None:
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


# ---------------------------------------------------------------- export


def take(
    directory: Directory = HERE,
    out: Annotated[Path | None, typer.Option("--out", "-o", help=told("cli.out"))] = None,
    db: Database = "",
    journal: Annotated[bool, typer.Option("--journal", help=told("cli.export.journal"))] = False,
    persons: Annotated[bool, typer.Option("--persons/--no-persons", help=told("cli.export.persons"))] = True,
) -> None:
    """Write the competition file, or the journal."""
    with office(directory, db=db) as desk:
        if journal:
            _journal(desk, directory, out)
        else:
            write(desk.query("export", persons=persons).encode(), out)


def _journal(desk: Office, directory: Path, out: Path | None) -> None:
    if out is not None:
        if out.exists():
            fail("cli.file_exists", path=out)
        aside(told("cli.export.lines", lines=desk.query("journal", path=str(out.resolve())), path=out))
        if pictures := Evidence(directory).copy_to(out.resolve().parent):
            aside(told("cli.backup.pictures", n=pictures))
        return
    with tempfile.TemporaryDirectory(prefix="compsys-") as folder:
        copy = Path(folder) / f"{secrets.token_hex(8)}.jsonl"
        desk.query("journal", path=str(copy))
        with copy.open("rb") as file:
            while block := file.read(1 << 20):
                sys.stdout.buffer.write(block)
        sys.stdout.buffer.flush()
