"""The only truth: an append-only list of sealed lines, committed together, in one data directory.

One process owns a data directory (a lock on its file ``lock``); one connection, used from the one thread that
opened it, does every write, checkpoint and backup. ``append`` returns only after its one commit is synced to
the disk. After a failed commit the handle refuses everything: close it, open anew and read again.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

import apsw

from compsys import tables
from compsys.journal_api import (
    AuditEntry,
    Batch,
    Collision,
    CommitFailed,
    DirectoryLocked,
    Draft,
    FormatUnknown,
    Head,
    Journal,
    JournalError,
    JournalMissing,
    JournalUnreadable,
    OtherCompetition,
    StoredPerson,
    write_export,
)
from compsys.journal_base import Appending, AuditLimit, checked_id
from compsys.journal_places import BATCH, Misplaced, Places
from compsys.seal import Line

__all__ = [
    "AuditEntry", "Batch", "Collision", "CommitFailed", "DirectoryLocked", "Draft", "FormatUnknown", "Head",
    "Journal", "JournalError", "JournalMissing", "JournalUnreadable", "Line", "OtherCompetition",
    "SqliteJournal", "as_commit_failed", "write_export",
]  # fmt: skip

DATABASE = "journal.db"
KNOWN = str(tables.SQLITE_FORMAT)
_PERSONS = "SELECT person, sealed, lookup, erased FROM persons"
PRAGMAS = (
    "page_size=8192",  # of a new database; an old one keeps its pages. Fewer of them to log and to check
    "locking_mode=EXCLUSIVE",  # SQLite itself keeps every other process out, and needs no shared memory file
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",  # what is withheld is overwritten, not only unlinked
    "cache_size=-16384",
)
STEP = 4 << 20
"""Bytes copied at once by a backup that lets others write in between."""
PATIENCE = 5000
"""Milliseconds that a connection waits for another's lock."""
_KINDS = {
    apsw.SQLITE_FULL: "full",
    apsw.SQLITE_IOERR: "io",
    apsw.SQLITE_CANTOPEN: "io",
    apsw.SQLITE_CORRUPT: "damaged",
    apsw.SQLITE_NOTADB: "damaged",
    apsw.SQLITE_BUSY: "locked",
    apsw.SQLITE_LOCKED: "locked",
    apsw.SQLITE_READONLY: "readonly",
}
_MISTAKES = (apsw.ConstraintError, apsw.MismatchError, apsw.BindingsError)
"""What the caller did wrong, and neither disk nor database."""


def _code(error: apsw.Error) -> int:
    """SQLite's own, extended; 0 for an error of the driver."""
    return int(getattr(error, "extendedresult", 0))


def as_commit_failed(error: apsw.Error) -> CommitFailed:
    """What an error of SQLite means for whoever was writing."""
    code = _code(error)
    names = apsw.mapping_extended_result_codes if code > 0xFF else apsw.mapping_result_codes
    name = str(names[code]) if code and code in names else ""
    return CommitFailed(kind=_KINDS.get(code & 0xFF, "other"), detail=f"{name} {error}".strip())


def connected(path: Path) -> apsw.Connection:
    """A connection to a database, made when it is not there. Raises apsw.Error."""
    db = apsw.Connection(str(path))
    db.set_busy_timeout(PATIENCE)
    return db


def _insert(db: apsw.Connection, lines: Sequence[Line]) -> int:
    """Write these lines, in their order; the ``id`` of the last."""
    for start in range(0, len(lines), tables.ROWS):
        some = lines[start : start + tables.ROWS]
        db.execute(tables.INSERT_LINES[len(some) - 1], tuple(chain.from_iterable(some)))
    return db.last_insert_rowid()


def take_directory(directory: Path) -> int:
    """Take the directory for this process: the open lock file. Raises DirectoryLocked."""
    handle = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as held:
        owner = os.pread(handle, 32, 0).decode("ascii", "replace").strip()
        os.close(handle)
        raise DirectoryLocked(path=str(directory), pid=owner or "?") from held
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def set_aside(path: Path) -> Iterator[Path]:
    """A folder to make a database in; at its end the database is moved to ``path``, synced.

    Raises FileExistsError where there is something at ``path``.
    """
    if path.exists():
        raise FileExistsError(path)
    with tempfile.TemporaryDirectory(prefix=f"{path.name}.part-", dir=path.parent) as folder:
        yield Path(folder)
        made = Path(folder) / DATABASE
        _sync(made)
        made.rename(path)
    _sync(path.parent)


class SqliteJournal(Appending):
    """A journal in ``directory/journal.db``. To be opened in the thread that will use it.

    ``competition``: the id to make a new journal for, or to insist on; None opens what is there.
    ``audit_limit``: refusals per minute (from one source, in all). ``batch``: how many lines are placed at
    once. Raises DirectoryLocked, JournalMissing, JournalUnreadable, FormatUnknown, OtherCompetition,
    CommitFailed; ValueError when the id is not 1-64 of ``A-Za-z0-9_.-``.
    """

    def __init__(
        self,
        directory: Path | str,
        competition: str | None = None,
        *,
        audit_limit: tuple[int, int] = (60, 600),
        batch: int = BATCH,
    ) -> None:
        checked_id(competition)
        self.directory = Path(directory)
        self.path = self.directory / DATABASE
        if competition is None and not self.path.exists():
            raise JournalMissing(path=str(self.path))
        if not self.directory.is_dir():
            self.directory.mkdir(parents=True, mode=0o700)
            _sync(self.directory.parent)
        self._lock: int | None = take_directory(self.directory)
        self._thread = threading.get_ident()
        self._failure: CommitFailed | None = None
        self._limit, self._batch = AuditLimit(*audit_limit), batch
        try:
            self._db = connected(self.path)
            try:
                self.competition = self._open(competition)
            except BaseException:
                self._db.close(force=True)
                raise
        except (UnicodeDecodeError, Misplaced) as error:  # the former for a flipped byte in the schema
            self._unlock()
            raise JournalUnreadable(path=str(self.path), detail=str(error)) from error
        except apsw.Error as error:
            self._unlock()
            failed = as_commit_failed(error)
            if failed.kind in ("damaged", "other"):
                raise JournalUnreadable(path=str(self.path), detail=str(error)) from error
            if failed.kind == "locked":
                raise DirectoryLocked(path=str(directory), pid="?") from error
            raise failed from error
        except BaseException:
            self._unlock()
            raise

    def _open(self, competition: str | None) -> str:
        """Set the connection up, make the tables when new, bring everything found onto the disk, read the
        heads."""
        run = self._db.execute
        for pragma in PRAGMAS:
            run(f"PRAGMA {pragma}").fetchall()
        if not run("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get:
            if competition is None:
                raise JournalMissing(path=str(self.path))
            self._create(competition)
            _sync(self.directory)
        # What a killed process had written but not synced can be read here and yet be lost by a power cut:
        # it must be on the disk before anybody hears that it is there. A checkpoint syncs the log and then
        # the database.
        self.checkpoint()
        meta = {str(key): str(value) for key, value in run("SELECT key, value FROM meta")}
        if meta.get("format") not in ("1", KNOWN):
            raise FormatUnknown(path=str(self.path), found=str(meta.get("format")), known=KNOWN)
        found = str(meta.get("competition"))
        if competition not in (None, found):
            raise OtherCompetition(path=str(self.path), found=found, wanted=str(competition))
        self._places = Places(self._db)
        if meta["format"] == "1":
            self._upgrade()
        else:
            self._heads = self._places.look()
        return found

    def _create(self, competition: str) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        for statement in tables.creation():
            self._db.execute(statement)
        self._db.executemany(tables.INSERT_META, [("format", KNOWN), ("competition", competition)])
        self._db.execute("COMMIT")

    def _upgrade(self) -> None:
        """From format 1. Its unique index stays: taking it away would write every line anew."""
        with self.transaction() as db:
            for statement in tables.places_creation():
                db.execute(statement)
            self._heads = self._places.look()
            self._places.write()
            db.execute("UPDATE meta SET value = ? WHERE key = 'format'", (KNOWN,))
        self._places.wrote()

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return str(self.path)

    def __enter__(self) -> SqliteJournal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- reading

    def read(self, stream: str | None = None, after: int = 0) -> Iterator[Line]:
        """The lines as stored and as of now: of one stream beyond its line ``after``, or of all streams in
        commit order beyond the first ``after`` lines. Seals are not checked here (``seal.follow`` does). To
        be read to the end or dropped soon: a checkpoint cannot shorten the log meanwhile. Raises
        JournalUnreadable."""
        self._usable()
        if stream is not None:
            return self._lines(self._places.read(stream, after))
        what = "SELECT stream, n, open, closed, closed_digest, seal FROM lines"
        cursor = self._db.execute(f"{what} WHERE id > ? AND id <= ? ORDER BY id", (after, self._places.last))
        return self._lines(map(Line._make, cursor))

    def _lines(self, lines: Iterable[Line]) -> Iterator[Line]:
        with self._readable():
            yield from lines

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Whatever cannot be read is JournalUnreadable."""
        try:
            yield
        except (apsw.Error, UnicodeDecodeError, Misplaced) as error:
            raise JournalUnreadable(path=str(self.path), detail=str(error)) from error

    # -- writing

    def _commit(self, lines: Sequence[Line], audits: Sequence[AuditEntry], atomic: bool) -> set[str]:
        """One transaction for all; the heads were compared already, and nobody else can write.

        Should a line be there nevertheless, nothing is written and this handle refuses everything
        (CommitFailed, damaged).
        """
        admitted = self._limit.admit(audits) if audits else []
        if not lines and not admitted:
            return set()
        places = self._places
        full = places.last - places.placed >= self._batch
        try:
            with self.transaction() as db:
                if full:
                    places.write()
                if lines and _insert(db, lines) != places.last + len(lines):
                    self._damaged(f"there are not {places.last} lines")
                if admitted:
                    db.executemany(tables.INSERT_AUDIT, admitted)
        except apsw.ConstraintError as error:
            if _code(error) != apsw.SQLITE_CONSTRAINT_UNIQUE:
                raise
            self._damaged(str(error))  # a database of format 1 has its unique index still
        if full:
            places.wrote()
        if lines:
            streams, numbers, *_, seals = zip(*lines, strict=True)
            places.add(streams)
            self._heads.update(zip(streams, zip(numbers, seals, strict=True), strict=True))
        return set()

    def _damaged(self, detail: str) -> NoReturn:
        self._failure = CommitFailed(kind="damaged", detail=detail)
        raise self._failure

    def _fail(self, error: apsw.Error) -> NoReturn:
        self._failure = as_commit_failed(error)
        raise self._failure from error

    def _usable(self) -> None:
        if self._failure:
            raise CommitFailed(**self._failure.params)
        if self._lock is None:
            raise RuntimeError("this journal is closed")
        if threading.get_ident() != self._thread:
            raise apsw.ThreadingViolationError("a journal stays with the thread that opened it")

    @contextmanager
    def transaction(self) -> Iterator[apsw.Connection]:
        """One durable transaction on the journal's own connection, for the tables beside the lines.

        Left by an exception of the caller's it is undone. Raises CommitFailed.
        """
        self._usable()
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.execute("COMMIT")
        except BaseException as error:
            with suppress(apsw.Error):  # SQLite may have undone the transaction itself
                self._db.execute("ROLLBACK")
            if isinstance(error, apsw.Error) and not isinstance(error, _MISTAKES):
                self._fail(error)
            raise

    def rows(self, sql: str, parameters: tuple[object, ...] = ()) -> list[Any]:
        """Read from the tables beside the lines. Raises JournalUnreadable."""
        self._usable()
        with self._readable():
            return self._db.execute(sql, parameters).fetchall()

    def audit(self, entry: AuditEntry) -> bool:
        """Write one refusal in a commit of its own; False when the rate limit kept it out. Raises
        CommitFailed."""
        self._usable()
        admitted = self._limit.admit([entry])
        if admitted:
            with self.transaction() as db:
                db.executemany(tables.INSERT_AUDIT, admitted)
        return entry in admitted

    def audited(self, key: str) -> AuditEntry | None:
        """The first refusal of this key: the answer that is final for it."""
        sql = "SELECT at, source, key, code, detail FROM audit WHERE key = ? ORDER BY id LIMIT 1"
        rows = self.rows(sql, (key,))
        return AuditEntry(*rows[0]) if rows else None

    def audits(self, newest: int | None = None) -> Iterator[AuditEntry]:
        """All refusals in their order; with ``newest`` only so many, the newest."""
        columns = "at, source, key, code, detail"
        if newest is None:
            return map(AuditEntry._make, self.rows(f"SELECT {columns} FROM audit ORDER BY id"))  # noqa: S608 fixed text
        inner = f"SELECT id, {columns} FROM audit ORDER BY id DESC LIMIT ?"  # noqa: S608 fixed text
        return map(AuditEntry._make, self.rows(f"SELECT {columns} FROM ({inner}) ORDER BY id", (newest,)))  # noqa: S608 fixed text

    # -- names and what else stands beside the lines (compsys/vault.py encrypts)

    def keep_meta(self, key: str, value: str) -> str:
        """Keep a value under a key, unless there is one: what is kept. Raises CommitFailed."""
        with self.transaction() as db:
            db.execute("INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)", (key, value))
            return str(db.execute("SELECT value FROM meta WHERE key = ?", (key,)).get)

    def meta(self, key: str) -> str | None:
        """What is kept under a key. Raises JournalUnreadable."""
        rows = self.rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def put_persons(self, rows: Sequence[StoredPerson]) -> None:
        """Write persons, new or changed, in one commit. Raises CommitFailed."""
        with self.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO persons VALUES (?, ?, ?, ?)", rows)

    def person(self, person: str) -> StoredPerson | None:
        """One person as stored."""
        rows = self.rows(f"{_PERSONS} WHERE person = ?", (person,))
        return StoredPerson(*rows[0]) if rows else None

    def persons(self) -> Iterator[StoredPerson]:
        """Every person, in the order of ids."""
        return map(StoredPerson._make, self.rows(f"{_PERSONS} ORDER BY person"))

    def persons_with(self, lookup: bytes) -> list[str]:
        """The ids of persons with this look-up hash, in their order."""
        sql = "SELECT person FROM persons WHERE lookup = ? ORDER BY person"
        return [person for (person,) in self.rows(sql, (lookup,))]

    def fill(
        self,
        lines: Iterable[Line],
        audits: Iterable[AuditEntry],
        persons: Iterable[StoredPerson],
        vault: str,
    ) -> None:
        """Put another journal's contents into this empty one, in one commit. ``vault``: its key's check.

        Raises CommitFailed.
        """
        with self.transaction() as db:
            heads, places = dict[str, tuple[int, bytes]](), Places(db)

            def passed() -> Iterator[Line]:
                for line in lines:
                    heads[line.stream] = line.n, line.seal
                    places.add([line.stream])
                    yield line

            db.executemany(tables.INSERT_LINE, passed())
            places.write()
            db.executemany(tables.INSERT_AUDIT, audits)
            db.executemany("INSERT INTO persons VALUES (?, ?, ?, ?)", persons)
            if vault:
                db.execute(tables.INSERT_META, ("vault_check", vault))
        places.wrote()
        self._heads, self._places = heads, places
        self.checkpoint()

    def forget(self, lines: Sequence[tuple[str, int]], persons: Sequence[str] = (), at: str = "") -> int:
        """Erase closed parts of lines (stream, n) from this directory's files, and empty persons' rows, in
        one commit; how many there were to erase. The lines' digests stay and the chain verifies.

        The caller first writes the lines that say why. Older backups keep it. Raises LookupError when there
        is no such line, CommitFailed.
        """
        gone = 0
        if not (lines or persons):
            return gone
        with self._readable(), self.transaction() as db:
            for stream, n in lines:
                gone += self._withheld(db, stream, n)
            empty = "UPDATE persons SET sealed = NULL, lookup = NULL, erased = ?"
            for person in persons:
                db.execute(f"{empty} WHERE person = ? AND erased IS NULL", (at, person))
                gone += db.changes()
        self.checkpoint()  # the log holds the bytes until it is emptied
        return gone

    def _withheld(self, db: apsw.Connection, stream: str, n: int) -> bool:
        """Empty one line's closed part; whether there was one."""
        found = self._places.find(stream, n)
        if found is None:
            raise LookupError(f"no line {n} in stream {stream!r}")
        db.execute("UPDATE lines SET closed = NULL WHERE id = ? AND closed IS NOT NULL", (found,))
        return bool(db.changes())

    def checkpoint(self) -> bool:
        """Bring the log into the database and empty it; False while an iterator of ``read`` is not read out.

        Raises CommitFailed.
        """
        self._usable()
        try:
            busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0]
        except apsw.LockedError:
            return False
        except apsw.Error as error:
            self._fail(error)
        return not busy

    def backup(self, path: Path, between: Callable[[], object] | None = None) -> None:
        """Copy the whole database to ``path``, synced, while it may go on being written to.

        ``between`` is called after each 4 MB, in this thread: there the caller may append; such lines are in
        the copy. The vault's master key is not in it. Raises FileExistsError, CommitFailed (this handle
        stays usable).
        """
        self._usable()
        if path.exists():
            raise FileExistsError(path)
        part = path.with_name(path.name + ".part")
        part.unlink(missing_ok=True)
        try:
            pages = STEP // int(self._db.execute("PRAGMA page_size").get)
            with closing(connected(part)) as copy:
                with copy.backup("main", self._db, "main") as copying:
                    while not copying.step(pages):
                        if between:
                            between()
                copy.execute("PRAGMA journal_mode=DELETE").fetchall()  # one file, nothing beside it
            _sync(part)
            part.rename(path)
            _sync(path.parent)
        except apsw.Error as error:
            raise as_commit_failed(error) from error
        finally:
            part.unlink(missing_ok=True)

    def close(self) -> None:
        """Give the directory free. Never raises; a second time does nothing."""
        if self._lock is None:
            return
        with suppress(apsw.Error):  # everything accepted is on the disk already; closing only tidies
            self._db.close(force=True)
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
