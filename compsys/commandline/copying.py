"""``compsys backup``: copies a competition to another disk while it runs, and checks the copy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from compsys import control
from compsys import verify as verifier
from compsys.commandline.access import explained, key, office
from compsys.commandline.arguments import HERE, Database, Folder, Json
from compsys.commandline.terminal import PROBLEMS, command, end, fail, give, say, told
from compsys.desk import Desk
from compsys.events import KeepHeads
from compsys.evidence import Evidence
from compsys.journal import DATABASE, SqliteJournal
from compsys.journal_postgres import PostgresJournal
from compsys.moving import copy_keys
from compsys.stores import database_of
from compsys.vault import MASTER_KEY, PERSON_KEYS

Target = Annotated[Path, typer.Argument(metavar="TO", help=told("cli.backup.to"), show_default=False)]
Elsewhere = Annotated[str, typer.Option("--elsewhere", metavar="WHERE", help=told("cli.backup.elsewhere"))]
Keys = Annotated[Path | None, typer.Option("--keys", metavar="DIR", help=told("cli.backup.keys"))]


def add(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "backup", "cli.backup")(backup)


async def copy(desk: Desk, params: dict[str, Any]) -> None:
    """Copy the journal to ``path``, between two commits: marks that come meanwhile wait for it."""
    path = Path(params["path"])
    await desk.in_thread(lambda: desk.journal.backup(path))


control.ACTIONS["backup"] = copy


def backup(
    to: Target,
    directory: Folder = HERE,
    keys: Keys = None,
    elsewhere: Elsewhere = "",
    db: Database = "",
    as_json: Json = False,
) -> None:
    """Copy the journal (and, to another place, the keys of names), then check the copy.

    ``elsewhere``: the copy is off this machine; once it is checked the competition is told how far it goes.
    """
    path = to / DATABASE
    for there in (path, *((keys / MASTER_KEY, keys / PERSON_KEYS) if keys else ())):
        if there.exists():
            fail("cli.file_exists", as_json=as_json, path=there)
    if keys is not None and keys.resolve() in (to.resolve(), (to / "keys").resolve()):
        fail("cli.backup.together", as_json=as_json)
    with explained(to, as_json):
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
        if elsewhere and not database_of(directory, db) and to.stat().st_dev == directory.stat().st_dev:
            fail("cli.backup.same_disk", as_json=as_json, to=to)
    with explained(directory, as_json):
        _copied(directory, path.resolve(), db)
        # After the journal: a picture whose mark came meanwhile does no harm, one that is missing would.
        pictures = Evidence(directory).copy_to(to)
        if keys is not None:
            copy_keys(directory / "keys", keys)
    found = verifier.verify(path)
    size = path.stat().st_size if path.exists() else 0
    if elsewhere and not found.problems:
        _tell_kept(directory, found.heads, elsewhere, db, as_json)
    if as_json:
        give({**found.data(), "to": str(to), "bytes": size, "pictures": pictures})
    else:
        code = "cli.backup.bad" if found.problems else "cli.backup.done"
        say(code, to=to, lines=found.lines, streams=len(found.heads), bytes=size)
        if pictures:
            say("cli.backup.pictures", n=pictures)
        if keys is None:
            say("cli.backup.no_keys")
        if elsewhere and not found.problems:
            say("cli.backup.kept", where=elsewhere)
    if found.problems:
        end(PROBLEMS)


def _tell_kept(
    directory: Path, heads: dict[str, tuple[int, str]], where: str, db: str, as_json: bool
) -> None:
    """Say how far the copy goes; a refusal ends the command, and the copy stays."""
    with office(directory, as_json, db=db) as desk:
        answer = desk.do(KeepHeads(heads=heads, where=where), key())
    if answer.a != "accepted":
        fail(answer.code or answer.a, answer.params, as_json=as_json)


def _copied(directory: Path, path: Path, db: str) -> None:
    """Through the server where one runs on a file; else by opening the journal."""
    if url := database_of(directory, db):
        with PostgresJournal(url, reading=True) as database:
            database.backup(path)
        return
    try:
        client = control.Client(directory)
    except control.NoServer:
        with SqliteJournal(directory) as journal:
            journal.backup(path)
        return
    with client:
        client.query("backup", path=str(path))

