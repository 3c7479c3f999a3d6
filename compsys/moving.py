"""Copies a competition from one store to another, and looks whether everything has arrived.

Lines keep their order, bytes and seals; refusals and encrypted names go along. The keys of names are in no
store: they go from directory to directory. Where the competition came from is closed at the end, so that
nobody goes on with the copy that was left behind.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from compsys import postgres
from compsys.credentials.keyfolder import copy_signers
from compsys.journal import DATABASE, SqliteJournal, connected, set_aside, take_directory
from compsys.journal_api import AuditEntry, Journal, JournalError
from compsys.journal_postgres import PostgresJournal
from compsys.seal import follow
from compsys.stores import NOTE, database_of, note_database
from compsys.vault import CHECK, MASTER_KEY, PERSON_KEYS, KeyWrong, check_of, load_master_key

LEFT = "journal-moved.db"
"""The name of a directory's journal once it was moved away."""


class NotEmpty(JournalError):
    """There is something already where the competition is to go. Params: path."""

    code = "not_empty"


class Differs(JournalError):
    """What arrived is not what was sent; nothing was closed. Params: path, what."""

    code = "copy_differs"


class NoDirectory(JournalError):
    """Two databases and no directory: nobody knows where the keys of names are. Params: path."""

    code = "no_directory"


class Moved(NamedTuple):
    """What was moved: the competition, how many lines in how many streams, refusals, persons; from and to."""

    competition: str
    lines: int
    streams: int
    refusals: int
    persons: int
    source: str
    target: str


def move(source: str, target: str, keys: Path | None = None) -> Moved:
    """Move a competition: each side a data directory or the URL of a database.

    A directory that notes a database stands for that database. Moving to a database, the directory that it
    came from becomes its home; moving to a directory, that needs the keys of names: its own, those of the
    directory it came from, or ``keys``. Raises JournalError (DirectoryLocked, DatabaseInUse, NotEmpty,
    Differs, ...), seal.BrokenChain.
    """
    home = None if postgres.is_url(source) else Path(source)
    if postgres.is_url(target):
        if home is None:
            raise NoDirectory(path=postgres.address(target).shown)
        return _to_database(home, target)
    return _to_directory(source, home, Path(target), keys)


@contextmanager
def _opened(source: str, home: Path | None) -> Iterator[SqliteJournal | PostgresJournal]:
    """The journal that is to be moved, with nobody else at it."""
    url = source if home is None else database_of(home)
    if home is not None and not url:
        with SqliteJournal(home) as journal:
            yield journal
        return
    held = take_directory(home) if home else None
    try:
        with PostgresJournal(url, alone=True) as database:
            yield database
    finally:
        if held is not None:
            os.close(held)


def _to_database(home: Path, url: str) -> Moved:
    with _opened(str(home), home) as source:
        with PostgresJournal(url, source.competition, alone=True) as target:
            if not _is_empty(target):
                raise NotEmpty(path=target.place)
            moved = _copied(source, target)
            shown = target.place
        if isinstance(source, PostgresJournal):
            source.mark_moved(shown)
    if (home / DATABASE).exists():
        (home / DATABASE).rename(home / LEFT)
    note_database(home, shown)
    return moved


def _to_directory(source: str, home: Path | None, directory: Path, keys: Path | None) -> Moved:
    if (directory / DATABASE).exists():
        raise NotEmpty(path=str(directory))
    with _opened(source, home) as journal:
        noted = database_of(directory)
        if noted and noted != journal.place:
            raise NotEmpty(path=str(directory))
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = None if home is not None and home.samefile(directory) else take_directory(directory)
        try:
            _bring_keys(keys or (home / "keys" if home else None), directory / "keys", journal.meta(CHECK))
            with set_aside(directory / DATABASE) as part, SqliteJournal(part, journal.competition) as made:
                moved = _copied(journal, made)._replace(target=str(directory))
        finally:
            if held is not None:
                os.close(held)
        if isinstance(journal, PostgresJournal):
            journal.mark_moved(str(directory))
    if isinstance(journal, SqliteJournal) and home:
        (home / DATABASE).rename(home / LEFT)
    (directory / NOTE).unlink(missing_ok=True)
    return moved


def _is_empty(journal: Journal) -> bool:
    beside = (*journal.persons(), *journal.audits(1))
    return not journal.heads() and not beside and journal.meta(CHECK) is None


def _copied(source: Journal, target: Journal) -> Moved:
    """Fill the target from the source and compare both. Raises Differs, seal.BrokenChain."""
    lines = follow(source.competition, source.read())
    target.fill(lines, source.audits(), source.persons(), source.meta(CHECK) or "")
    counts = (
        _compared("lines", source.read(), follow(target.competition, target.read()), target),
        len(source.heads()),
        _compared("refusals", map(_plain, source.audits()), target.audits(), target),
        _compared("persons", source.persons(), target.persons(), target),
    )
    if source.heads() != target.heads():
        raise Differs(path=target.place, what="heads")
    return Moved(source.competition, *counts, source.place, target.place)


def _plain(entry: AuditEntry) -> AuditEntry:
    """As PostgreSQL can keep it: its text has no NUL."""
    return AuditEntry(*(part.replace("\0", "\ufffd") for part in entry))


def _compared(what: str, sent: Iterable[object], arrived: Iterable[object], target: Journal) -> int:
    """How many there are, all of them equal. Raises Differs."""
    count = 0
    for one, other in zip_longest(sent, arrived):
        if one != other:
            raise Differs(path=target.place, what=f"{what} {count + 1}")
        count += 1
    return count


def _bring_keys(source: Path | None, target: Path, check: str | None) -> None:
    """Have the keys of names in the new directory, those that belong to this vault. Raises KeyMissing,
    KeyWrong."""
    if check is None:
        return  # no names yet: a key is made at the first start
    if not (target / MASTER_KEY).exists() and source is not None and source.is_dir():
        copy_keys(source, target)
    if check_of(load_master_key(target)) != check:
        raise KeyWrong(path=str(target / MASTER_KEY))


def copy_keys(source: Path, target: Path) -> None:
    """Copy the keys of names and of issuers, which may be added to meanwhile, to another folder."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy_signers(source, target)
    with suppress(FileNotFoundError):
        shutil.copy2(source / MASTER_KEY, target / MASTER_KEY)
    if (source / PERSON_KEYS).exists():
        with (
            closing(connected(source / PERSON_KEYS)) as there,
            closing(connected(target / PERSON_KEYS)) as here,
            here.backup("main", there, "main") as copying,
        ):
            copying.step()
        (target / PERSON_KEYS).chmod(0o600)
