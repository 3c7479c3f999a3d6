"""The journal on PostgreSQL: the same promises as on SQLite, with several desks over one competition.

Who writes takes its turn first (``pg_advisory_xact_lock``), hears what the others wrote, decides on that, and
commits: writers wait, they do not collide. The key (stream, n) is the last defence. ``id`` numbers lines
without gaps in the order of commits, for numbers are given while it is one's turn; so what lies beyond the
last id one has seen is news, and all of it.

One thread uses a handle. After a failure the handle refuses everything: close it, open anew and read again.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, NoReturn

import psycopg

from compsys import postgres, tables
from compsys.journal_api import (
    AuditEntry,
    CommitFailed,
    DatabaseInUse,
    FormatUnknown,
    JournalError,
    JournalMissing,
    JournalMoved,
    JournalUnreadable,
    News,
    Notice,
    OtherCompetition,
)
from compsys.journal_base import Appending, AuditLimit, checked_id
from compsys.postgres import Failed, as_number, lock_key, number
from compsys.postgres_beside import AUDITS, PAGE, Beside
from compsys.seal import BrokenChain, Line, digest, seal

_LINES = "SELECT stream, n, open, closed, closed_digest, seal FROM lines"
_STAND = "SELECT (SELECT max(id) FROM lines), (SELECT max(id) FROM audit), (SELECT max(id) FROM notices)"
_HEADS = (
    "SELECT lines.stream, lines.n, lines.seal FROM lines JOIN "
    "(SELECT stream, max(n) AS n FROM lines GROUP BY stream) AS last USING (stream, n)"
)
_STATEMENTS = {
    b"news": f"{_LINES} WHERE id > $1 AND id <= $2 ORDER BY id",
    b"one": f"{_LINES} WHERE stream = $1 AND n > $2 AND n <= $3 ORDER BY n LIMIT $4",
    b"refused": f"{AUDITS} WHERE id > $1 AND id <= $2 ORDER BY id",
    b"noticed": "SELECT desk, kind, ref FROM notices WHERE id > $1 AND id <= $2 ORDER BY id",
    b"lines": tables.UNNEST_LINES,
    b"audit": tables.UNNEST_AUDIT,
    b"notices": tables.UNNEST_NOTICES,
}


def _line(row: Sequence[Any]) -> Line:
    stream, n, open_part, closed, closed_digest, sealed = row
    return Line(stream.decode(), as_number(n), open_part, closed, closed_digest, sealed)


def _ask(row: Sequence[Any]) -> tuple[str, ...]:
    return tuple(value.decode() for value in row)


class PostgresJournal(Beside, Appending):
    """A journal in the database of ``url``. To be opened in the thread that will use it.

    ``competition``: the id to make a new journal for in an empty database, or to insist on; None opens what
    is there. ``alone``: only if nobody else is connected to it, and nobody can be while it is open;
    ``reading``: for reading only, also from a standby, also what was moved away. ``like``: the handle before
    this one, whose notices it goes on hearing. ``closed``: called once it is closed. Raises
    DatabaseUnreachable, DatabaseInUse, JournalMissing, JournalMoved, FormatUnknown, OtherCompetition,
    JournalUnreadable, CommitFailed; ValueError as SqliteJournal does.
    """

    shared = True

    def __init__(
        self,
        url: str,
        competition: str | None = None,
        *,
        alone: bool = False,
        reading: bool = False,
        audit_limit: tuple[int, int] = (60, 600),
        closed: Callable[[], object] = lambda: None,
        like: PostgresJournal | None = None,
    ) -> None:
        checked_id(competition)
        self.address = postgres.address(url)
        self.place = self.address.shown
        self.desk = like.desk if like else secrets.token_hex(8)
        self._thread = threading.get_ident()
        self._limit = AuditLimit(*audit_limit)
        self._failure: CommitFailed | None = None
        self._closed, self._on_close = False, closed
        self._begun = self._written = False
        self._reading = reading
        self._db = postgres.connected(self.address, reading)
        try:
            self._wire = postgres.Wire(self._db)
            with self._db.watch.waiting():
                self.competition = self._open(competition, alone)
            if like:
                self._seen[2] = min(self._seen[2], like._seen[2])
        except psycopg.Error as error:
            self._db.close()
            raise postgres.failure(error, self.place) from None
        except Failed as failed:
            self._db.close()
            raise failed.as_commit_failed() from None
        except BaseException:
            self._db.close()
            raise

    # -- opening and closing

    def _open(self, competition: str | None, alone: bool) -> str:
        if not self._there():
            if competition is None:
                raise JournalMissing(path=self.place)
            self._create(competition)
        meta = self._meta()
        found = str(meta.get("competition"))
        if meta.get("format") != str(tables.FORMAT):
            raise FormatUnknown(path=self.place, found=str(meta.get("format")), known=str(tables.FORMAT))
        if competition not in (None, found):
            raise OtherCompetition(path=self.place, found=found, wanted=str(competition))
        if not self._reading:
            if "moved" in meta:
                raise JournalMoved(path=self.place, to=meta["moved"])
            self._take(found, alone)
        self._turn = lock_key(f"write {found}")
        for name, statement in _STATEMENTS.items():
            self._wire.prepare(name, statement)
        self._db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._heads = {s: (n, bytes(h)) for s, n, h in self._db.execute(_HEADS, binary=True)}
        self._seen = [value or 0 for value in self._db.execute(_STAND).fetchone() or ()]
        self._db.execute("COMMIT")
        if not self._reading:
            # What is there may be there only here: a commit whose wait for its standby was broken off shows
            # its lines nevertheless. One commit that is waited for stands behind all that was read.
            self._wire.simple(b"BEGIN; SELECT pg_logical_emit_message(true, 'compsys', 'opened')")
            self._wire.commit()
        return found

    def _there(self) -> bool:
        (found,) = self._db.execute("SELECT to_regclass('meta')").fetchone() or (None,)
        return found is not None

    def _meta(self) -> dict[str, str]:
        return dict(self._db.execute("SELECT key, value FROM meta").fetchall())

    def _create(self, competition: str) -> None:
        with self._db.transaction():
            # Two that find the database empty at one moment: the second finds it made.
            self._db.execute("SELECT pg_advisory_xact_lock(%s)", (lock_key("create"),))
            if self._there():
                return
            for statement in tables.postgres_creation():
                self._db.execute(statement.encode())
            for pair in (("format", str(tables.FORMAT)), ("competition", competition)):
                self._db.execute("INSERT INTO meta (key, value) VALUES (%s, %s)", pair)

    def _take(self, competition: str, alone: bool) -> None:
        """Be one of those who use it, or the only one; until the connection ends. Raises DatabaseInUse."""
        how = b"SELECT pg_try_advisory_lock(%s)" if alone else b"SELECT pg_try_advisory_lock_shared(%s)"
        (got,) = self._db.execute(how, (lock_key(f"use {competition}"),)).fetchone() or (False,)
        if not got:
            raise DatabaseInUse(path=self.place)

    def __enter__(self) -> PostgresJournal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection. Never raises; a second time does nothing."""
        if not self._closed:
            self._closed = True
            with suppress(psycopg.Error):
                self._db.close()
            self._on_close()

    def _usable(self) -> None:
        if self._failure:
            raise CommitFailed(**self._failure.params)
        if self._closed:
            raise RuntimeError("this journal is closed")
        if threading.get_ident() != self._thread:
            raise psycopg.ProgrammingError("a journal stays with the thread that opened it")

    def _fail(self, failure: JournalError) -> NoReturn:
        """From now on this handle refuses everything (a connection that is lost proves nothing)."""
        if isinstance(failure, CommitFailed):
            if self._db.watch.cut:
                failure = CommitFailed(kind="gone", detail="the server was silent for too long")
            self._failure = failure
        raise failure

    @contextmanager
    def _guarded(self, longest: float = 0.0) -> Iterator[None]:
        """Whatever the server refuses becomes a failure of this handle, and so does its silence
        (``longest``: seconds of it)."""
        self._usable()
        try:
            with self._db.watch.waiting(longest):
                yield
        except Failed as failed:
            self._fail(failed.as_commit_failed())
        except (psycopg.IntegrityError, psycopg.ProgrammingError, psycopg.DataError):
            raise  # a mistake of the caller's
        except psycopg.Error as error:
            self._fail(postgres.failure(error, self.place))

    # -- taking turns

    def begin(self, notices: Sequence[Notice] = ()) -> News:
        """Take the turn to write, waiting for it; what others wrote meanwhile. Raises CommitFailed,
        BrokenChain.

        ``notices``: told to the others with what is written now.
        """
        with self._guarded():
            if self._begun:
                return News()
            start = b"BEGIN; SELECT pg_advisory_xact_lock(%d); " % self._turn
            stand = self._wire.simple(start + _STAND.encode())
            self._begun, self._written = True, bool(notices)
            news = self._news(stand[0])
            if notices:
                ids = range(self._seen[2] + 1, self._seen[2] + 1 + len(notices))
                kinds, refs = zip(*notices, strict=True)
                desk = postgres.texts([self.desk] * len(notices))
                parts = [postgres.numbers(ids), desk, postgres.texts(kinds), postgres.texts(refs)]
                self._wire.run(b"notices", parts)
                self._tidy(self._seen[2], len(notices))
            return news

    def finish(self) -> None:
        """Give the turn back, with no lines to write (notices are). Raises CommitFailed."""
        with self._guarded():
            if self._begun:
                if self._written:
                    self._wire.commit()
                else:
                    self._wire.simple(b"ROLLBACK")
                self._begun = False

    def look(self) -> News:
        """What others wrote meanwhile, without taking a turn. Raises CommitFailed, BrokenChain."""
        with self._guarded():
            return self._news(self._wire.simple(_STAND.encode())[0])

    def _news(self, stand: Sequence[bytes | None]) -> News:
        """What lies beyond what was seen; ``stand``: the newest ids of lines, refusals, notices."""
        newest = [int(value or 0) for value in stand]
        before, self._seen = self._seen, newest
        if newest == before:
            return News()
        if newest[0] < before[0]:
            detail = f"{newest[0]} lines, of which {before[0]} were seen"
            self._fail(CommitFailed(kind="replaced", detail=detail))

        def beyond(name: bytes, which: int) -> list[tuple[bytes | None, ...]]:
            same = newest[which] == before[which]
            return [] if same else self._wire.run(name, [number(before[which]), number(newest[which])])

        lines = [_line(row) for row in beyond(b"news", 0)]
        refusals = [AuditEntry(*_ask(row)) for row in beyond(b"refused", 1)]
        told = [_ask(row) for row in beyond(b"noticed", 2)]
        self._follow(lines)
        return News(lines, refusals, [Notice(kind, ref) for desk, kind, ref in told if desk != self.desk])

    def _follow(self, lines: Iterable[Line]) -> None:
        """Move the heads on; raises BrokenChain where a line of others' does not follow."""
        for line in lines:
            head = self.head(line.stream)
            if line.n != head.n + 1:
                raise BrokenChain("gap", line.stream, line.n)
            if line.closed is not None and digest(line.closed) != line.closed_digest:
                raise BrokenChain("closed_digest", line.stream, line.n)
            if line.seal != seal(head.seal, line.open, line.closed_digest):
                raise BrokenChain("seal", line.stream, line.n)
            self._heads[line.stream] = line.n, line.seal

    # -- reading

    def read(self, stream: str | None = None, after: int = 0) -> Iterator[Line]:
        """The lines as stored and as far as this handle knows them: of one stream beyond its line ``after``,
        or of all streams in commit order beyond the first ``after`` lines. Raises CommitFailed."""
        self._usable()
        return self._all(after, self._seen[0]) if stream is None else self._of(stream, after)

    def _all(self, after: int, end: int) -> Iterator[Line]:
        while after < end:
            with self._guarded():
                upto = min(end, after + PAGE)
                rows = self._wire.run(b"news", [number(after), number(upto)])
            yield from map(_line, rows)
            after = upto

    def _of(self, stream: str, after: int) -> Iterator[Line]:
        end = self.head(stream).n
        return self._pages(stream, after, end)

    def _pages(self, stream: str, after: int, end: int) -> Iterator[Line]:
        while after < end:
            with self._guarded():
                values = [stream.encode(), number(after), number(end), number(PAGE)]
                rows = self._wire.run(b"one", values)
            if not rows:
                raise JournalUnreadable(path=self.place, detail=f"{stream}: no line {after + 1}")
            yield from map(_line, rows)
            after += len(rows)

    # -- writing

    def _commit(self, lines: Sequence[Line], audits: Sequence[AuditEntry], atomic: bool) -> set[str]:
        """One transaction for all; returns the streams whose lines were not written because they had moved.

        The heads were compared in one's own turn, and who keeps to turns cannot be in the way. Should a line
        be there nevertheless, everything is undone and written again stream by stream.
        """
        admitted = self._limit.admit(audits) if audits else []
        moved = set[str]()
        with self._guarded():
            if not lines and not admitted:
                self.finish()
                return moved
            if not self._begun:
                self.begin()
            try:
                if lines:
                    self._insert(lines)
            except Failed as failed:
                if failed.state != postgres.UNIQUE:
                    raise
                self._wire.simple(b"ROLLBACK")
                self._begun = False
                self.begin()
                moved = self._write_apart(lines, atomic)
            if admitted:
                self._refuse(admitted)
            self._wire.commit()
            self._begun = False
        written = [line for line in lines if line.stream not in moved] if moved else lines
        if not (moved and atomic):
            for line in written:
                self._heads[line.stream] = line.n, line.seal
            self._seen[0] += len(written)
        self._seen[1] += len(admitted)
        return moved

    def _insert(self, lines: Sequence[Line]) -> None:
        start = self._seen[0] + 1
        streams, ns, opens, closeds, digests, seals = zip(*lines, strict=True)
        arrays = [postgres.array(postgres.BYTEA, part) for part in (opens, closeds, digests, seals)]
        ids = postgres.numbers(range(start, start + len(lines)))
        self._wire.run(b"lines", [ids, postgres.texts(streams), postgres.numbers(ns), *arrays])

    def _refuse(self, entries: Sequence[AuditEntry]) -> None:
        ids = postgres.numbers(range(self._seen[1] + 1, self._seen[1] + 1 + len(entries)))
        self._wire.run(b"audit", [ids, *(postgres.texts(part) for part in zip(*entries, strict=True))])

    def _write_apart(self, lines: Sequence[Line], atomic: bool) -> set[str]:
        """The lines of the streams that have not moved; with ``atomic`` none when one has."""
        moved = set[str]()
        for stream, line in {line.stream: line for line in reversed(lines)}.items():
            head = self.head(stream)
            if line.n != head.n + 1 or line.seal != seal(head.seal, line.open, line.closed_digest):
                moved.add(stream)
        left = [line for line in lines if line.stream not in moved]
        if left and not (moved and atomic):
            self._insert(left)
        return moved
