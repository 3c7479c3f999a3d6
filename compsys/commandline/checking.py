"""Commands that check: ``verify``, ``replay``."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from compsys import replaying
from compsys import verify as verifier
from compsys.commandline.access import explained
from compsys.commandline.arguments import HERE, Database, Json
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
    told,
)
from compsys.evidence import FOLDER
from compsys.journal_postgres import PostgresJournal
from compsys.stores import database_of

Place = Annotated[Path, typer.Argument(metavar="DIR|FILE", help=told("cli.verify.place"), show_default=False)]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "verify", "cli.verify")(verify)
    command(app, "replay", "cli.replay")(replay)


def verify(
    place: Place = HERE,
    head: Annotated[Path | None, typer.Option("--head", help=told("cli.verify.head"))] = None,
    key: Annotated[Path | None, typer.Option("--key", help=told("cli.verify.key"))] = None,
    db: Database = "",
    as_json: Json = False,
) -> None:
    """Check chain, kept heads, cited results and identities; the work is ``compsys/verify.py``'s alone."""
    with explained(place, as_json):
        url = database_of(place, db) if place.is_dir() else ""
    if not url:
        _verify(place, head, key, as_json)
    with tempfile.TemporaryDirectory(prefix="compsys-") as folder:
        copy = Path(folder) / "journal.db"
        with explained(place, as_json), PostgresJournal(url, reading=True) as journal:
            journal.backup(copy)
        with suppress(OSError):  # where there is none, none is there
            copy.with_name(FOLDER).symlink_to((place / FOLDER).resolve())
        _verify(copy, head, key, as_json)


def _verify(place: Path, head: Path | None, key: Path | None, as_json: bool) -> NoReturn:
    argv = [str(place), "--lang", language()]
    argv += ["--head", str(head)] if head else []
    argv += ["--key", str(key)] if key else []
    end(verifier.main([*argv, "--json"] if as_json else argv))


def replay(place: Place = HERE, db: Database = "", as_json: Json = False) -> None:
    """Fold the journal again and recompute its results."""
    with explained(place, as_json):
        url = database_of(place, db) if place.is_dir() else ""
        if url:
            with PostgresJournal(url, reading=True) as journal:
                found = replaying.replay(journal.competition, journal.read)
        else:
            found = _replayed(place / "journal.db" if place.is_dir() else place, as_json)
    if as_json:
        give(_data(found))
    else:
        _print(found)
    end(OK if found.ok else PROBLEMS)


def _replayed(path: Path, as_json: bool) -> replaying.Replay:
    try:
        with path.open("rb") as file:
            database = file.read(16) == b"SQLite format 3\0"
        with verifier.open_database(path) if database else verifier.open_export(path) as source:
            return replaying.replay(source.competition, source.lines)
    except (verifier.Unreadable, ValueError, KeyError) as error:
        fail("cli.unreadable", as_json=as_json, status=UNREADABLE, path=path, detail=error)


def _data(found: replaying.Replay) -> dict[str, Any]:
    plain = asdict(found)
    for name in ("rewritten", "misrevealed"):
        plain[name] = [{"stream": stream, "n": n} for stream, n in plain[name]]
    return {"ok": found.ok, **plain}


def _print(found: replaying.Replay) -> None:
    say("cli.replay.lines", lines=found.lines, streams=found.streams)
    if found.withheld:
        say("cli.replay.withheld", n=found.withheld)
    say("cli.replay.same" if found.same_state else "cli.replay.other")
    say("cli.replay.reveals", n=found.reveals, wrong=len(found.misrevealed))
    for stream, n in found.rewritten:
        say("cli.replay.rewritten", stream=stream, n=n)
    for stream, n in found.misrevealed:
        say("cli.replay.misrevealed", stream=stream, n=n)
    for recount in found.results:
        version = told(f"status.{recount.rank}", version=recount.version)
        group = f"{recount.trade}/{recount.stage}/{recount.group}"
        if not recount.differences:
            say("cli.replay.result_same", group=group, version=version)
            continue
        say("cli.replay.result_differs", group=group, version=version, n=len(recount.differences))
        for it in recount.differences:
            line(f"  {it['code']}  {it['field']}: {it['stored']} | {it['now']}")
