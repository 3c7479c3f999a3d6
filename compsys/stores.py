"""Where a competition's journal is: in its data directory (SQLite), or in a PostgreSQL database.

With a database the directory stays: it holds the keys of names, the control socket and files. It also notes
the database's address, without the password, so that no command takes the directory for an empty one.
"""

from __future__ import annotations

import os
from pathlib import Path

from compsys import postgres
from compsys.journal import DATABASE, SqliteJournal, take_directory
from compsys.journal_api import Journal, JournalMissing, JournalTwice
from compsys.journal_postgres import PostgresJournal

NOTE = "database.url"
"""The file in a data directory that says where its journal is, when it is not in it."""


def database_of(directory: Path, db: str = "") -> str:
    """The URL of a directory's database, "" when its journal is in it (or will be).

    ``db``: what the user says. Raises JournalTwice when the directory holds a journal of its own.
    """
    note = directory / NOTE
    if (directory / DATABASE).exists():
        if db:
            raise JournalTwice(path=str(directory), database=postgres.address(db).shown)
        return ""
    if db:
        return db
    return note.read_text("utf-8").strip() if note.exists() else ""


def holds_journal(directory: Path, db: str = "") -> bool:
    """Whether there is a competition already. Raises JournalError when that cannot be found out."""
    url = database_of(directory, db)
    if not url:
        return (directory / DATABASE).exists()
    try:
        PostgresJournal(url, reading=True).close()
    except JournalMissing:
        return False
    return True


def note_database(directory: Path, shown: str) -> None:
    """Note where the journal is (``shown``: without password)."""
    note = directory / NOTE
    if note.exists() and note.read_text("utf-8").strip() == shown:
        return
    part = note.with_suffix(".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, f"{shown}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    part.rename(note)


def open_journal(
    directory: Path, competition: str | None = None, db: str = "", like: Journal | None = None
) -> Journal:
    """The journal of a directory, opened in the thread that will use it, the directory held.

    ``competition``: the id to make it for when it is new, or to insist on. ``like``: the handle that this
    one follows. Raises JournalError.
    """
    url = database_of(directory, db)
    if not url:
        return SqliteJournal(directory, competition)
    if competition is None and not directory.is_dir():
        raise JournalMissing(path=str(directory))
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = take_directory(directory)
    try:
        before = like if isinstance(like, PostgresJournal) else None
        journal = PostgresJournal(url, competition, closed=lambda: os.close(held), like=before)
    except BaseException:
        os.close(held)
        raise
    note_database(directory, journal.place)
    return journal
