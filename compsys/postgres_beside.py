"""What stands beside the lines on PostgreSQL: refusals, names, withholding, copies in and out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg

from compsys import postgres, tables
from compsys.journal import SqliteJournal, set_aside
from compsys.journal_api import AuditEntry, News, Notice, StoredPerson
from compsys.journal_base import AuditLimit
from compsys.postgres import number
from compsys.postgres_watch import LONG, Watched
from compsys.seal import Line

PAGE = 2000
"""Lines fetched at once when reading."""
AUDITS = "SELECT at, source, key, code, detail FROM audit"
_NAMED = "FROM unnest(%s::text[], %s::bigint[]) AS named (stream, n)"
_COUNTED = f"SELECT count(*) {_NAMED} JOIN lines USING (stream, n)"
_WITHHELD = (
    f"UPDATE lines SET closed = NULL {_NAMED} "  # noqa: S608 fixed text
    "WHERE lines.stream = named.stream AND lines.n = named.n AND closed IS NOT NULL"
)
_EMPTIED = (
    "UPDATE persons SET sealed = NULL, lookup = NULL, erased = %s WHERE person = ANY(%s) AND erased IS NULL"
)
_PERSONS = "SELECT person, sealed, lookup, erased FROM persons"


TIDY = 20_000
"""After so many notices those that a later one says again are taken away: about 2 MB, beside one notice per
tablet and per person."""
_TIDIED = (
    b"DELETE FROM notices USING (SELECT kind, ref, max(id) AS last FROM notices GROUP BY kind, ref) AS kept "
    b"WHERE notices.kind = kept.kind AND notices.ref = kept.ref AND notices.id < kept.last"
)


class Beside:
    """The half of PostgresJournal that is not about appending lines."""

    competition: str
    desk: str
    _db: Watched
    _wire: postgres.Wire
    _limit: AuditLimit
    _heads: dict[str, tuple[int, bytes]]
    _seen: list[int]
    _turn: int
    _begun: bool

    def _usable(self) -> None:
        raise NotImplementedError

    def _guarded(self, longest: float = 0.0) -> AbstractContextManager[None]:
        raise NotImplementedError

    def begin(self, notices: Sequence[Notice] = ()) -> News:
        raise NotImplementedError

    def _refuse(self, entries: Sequence[AuditEntry]) -> None:
        raise NotImplementedError

    def read(self, stream: str | None = None, after: int = 0) -> Iterator[Line]:
        raise NotImplementedError

    @contextmanager
    def _turned(self, *notices: Notice) -> Iterator[psycopg.Connection[Any]]:
        """One durable transaction of one's own turn, for the tables beside the lines. What others wrote
        before it stays news."""
        with self._guarded():
            with self._db.transaction():
                self._db.execute("SELECT pg_advisory_xact_lock(%s)", (self._turn,))
                (newest,) = self._db.execute("SELECT max(id) FROM notices").fetchone() or (None,)
                yield self._db
                rows = [(n, self.desk, *told) for n, told in enumerate(notices, (newest or 0) + 1)]
                if rows:
                    with self._db.cursor() as cursor:
                        cursor.executemany("INSERT INTO notices VALUES (%s, %s, %s, %s)", rows)
                self._tidy(newest or 0, len(notices))

    def _tidy(self, newest: int, more: int) -> None:
        """In one's turn, with ``more`` notices beyond the newest: take away what is said again later.

        A notice says "look anew" of a tablet or a person, so its newest says all of them, to a desk that
        slept for however long. By age one could only guess who has heard what. The newest of all stays, so
        numbers go on from it.
        """
        if newest // TIDY < (newest + more) // TIDY:
            self._wire.simple(_TIDIED)

    # -- beside the lines

    def audit(self, entry: AuditEntry) -> bool:
        """Write one refusal in a commit of its own; False when the rate limit kept it out. Raises
        CommitFailed."""
        self._usable()
        admitted = self._limit.admit([entry])
        if admitted:
            with self._guarded():
                self.begin()
                self._refuse(admitted)
                self._wire.commit()
                self._begun = False
            self._seen[1] += len(admitted)
        return entry in admitted

    def audited(self, key: str) -> AuditEntry | None:
        """The first refusal of this key: the answer that is final for it."""
        rows = self._rows(f"{AUDITS} WHERE key = %s ORDER BY id LIMIT 1", (key,))
        return AuditEntry(*rows[0]) if rows else None

    def audits(self, newest: int | None = None) -> Iterator[AuditEntry]:
        """All refusals in their order; with ``newest`` only so many, the newest."""
        start = 0 if newest is None else max(0, self._seen[1] - newest)
        rows = self._rows(f"{AUDITS} WHERE id > %s AND id <= %s ORDER BY id", (start, self._seen[1]))
        return map(AuditEntry._make, rows)

    def _rows(self, sql: str, values: tuple[object, ...] = ()) -> list[Any]:
        with self._guarded():
            return self._db.execute(sql.encode(), values, binary=True).fetchall()

    def keep_meta(self, key: str, value: str) -> str:
        """Keep a value under a key, unless there is one: what is kept. Raises CommitFailed."""
        found = self.meta(key)
        if found is not None:
            return found
        with self._turned() as db:
            sql = "INSERT INTO meta (key, value) VALUES (%s, %s) ON CONFLICT (key) DO NOTHING"
            db.execute(sql, (key, value))
        return str(self.meta(key))

    def meta(self, key: str) -> str | None:
        """What is kept under a key."""
        rows = self._rows("SELECT value FROM meta WHERE key = %s", (key,))
        return str(rows[0][0]) if rows else None

    def put_persons(self, rows: Sequence[StoredPerson]) -> None:
        """Write persons, new or changed, in one commit. Raises CommitFailed."""
        sql = (
            "INSERT INTO persons (person, sealed, lookup, erased) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (person) DO UPDATE SET sealed = excluded.sealed, lookup = excluded.lookup, "
            "erased = excluded.erased"
        )
        with self._turned(*(Notice("person", row.person) for row in rows)) as db, db.cursor() as cursor:
            cursor.executemany(sql, rows)

    def person(self, person: str) -> StoredPerson | None:
        """One person as stored."""
        rows = self._rows(f"{_PERSONS} WHERE person = %s", (person,))
        return StoredPerson(*rows[0]) if rows else None

    def persons(self) -> Iterator[StoredPerson]:
        """Every person, in the order of ids."""
        return map(StoredPerson._make, self._rows(f'{_PERSONS} ORDER BY person COLLATE "C"'))

    def persons_with(self, lookup: bytes) -> list[str]:
        """The ids of persons with this look-up hash, in their order."""
        sql = 'SELECT person FROM persons WHERE lookup = %s ORDER BY person COLLATE "C"'
        return [person for (person,) in self._rows(sql, (lookup,))]

    def forget(self, lines: Sequence[tuple[str, int]], persons: Sequence[str] = (), at: str = "") -> int:
        """Erase closed parts of lines (stream, n), and empty persons' rows, in one commit; how many there
        were to erase. The lines' digests stay and the chain verifies.

        The caller first writes the lines that say why. The server's backups, its log and its standbys' logs
        keep it until they are gone. Raises LookupError when there is no such line, CommitFailed.
        """
        if not (lines or persons):
            return 0
        wanted = sorted(set(lines))
        listed = ([stream for stream, _ in wanted], [n for _, n in wanted])
        with self._turned(*(Notice("person", person) for person in persons)) as db:
            (there,) = db.execute(_COUNTED, listed).fetchone() or (0,)
            if there != len(wanted):
                raise LookupError(f"{len(wanted) - there} of the lines are not there, such as {wanted[0]}")
            gone = db.execute(_WITHHELD, listed).rowcount if wanted else 0
            if persons:
                gone += db.execute(_EMPTIED, (at, list(persons))).rowcount
        self.checkpoint()
        return gone

    def checkpoint(self) -> bool:
        """Let the server take away row versions that nobody needs any more. Raises CommitFailed."""
        with self._guarded(LONG):
            self._db.execute("VACUUM lines, persons")
        return True

    def backup(self, path: Path, between: Callable[[], object] | None = None) -> None:
        """Copy the whole journal to ``path`` as a database of SQLite, synced, while it may go on.

        ``between`` is called after each page; what is appended there is in the copy. The vault's master key
        is not in it. Raises FileExistsError, CommitFailed.
        """
        self._usable()
        with set_aside(path) as folder, SqliteJournal(folder, self.competition) as copy:
            copy.fill(self._growing(between), self.audits(), self.persons(), self.meta("vault_check") or "")

    def _growing(self, between: Callable[[], object] | None) -> Iterator[Line]:
        """All lines, with those that are appended meanwhile."""
        after = 0
        while page := list(islice(self.read(after=after), PAGE)):
            yield from page
            after += len(page)
            if between and len(page) == PAGE:
                between()

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
        heads, counts = dict[str, tuple[int, bytes]](), [0, 0]

        def numbered(which: int, rows: Iterable[Any]) -> Iterator[tuple[bytes | None, ...]]:
            for row in rows:
                counts[which] += 1
                if isinstance(row, Line):
                    heads[row.stream] = row.n, row.seal
                yield (number(counts[which]), *map(_binary, row))

        with self._turned() as db:
            for statement, rows in (
                (tables.COPY_LINES, numbered(0, lines)),
                (tables.COPY_AUDIT, numbered(1, audits)),
                (tables.COPY_PERSONS, (tuple(map(_binary, row)) for row in persons)),
            ):
                with db.cursor() as cursor, cursor.copy(statement.encode()) as copy:
                    for block in _blocks(postgres.copy_rows(rows)):
                        copy.write(block)
                        self._db.watch.heard()
            if vault:
                db.execute("INSERT INTO meta (key, value) VALUES ('vault_check', %s)", (vault,))
        self._heads, self._seen[:2] = heads, counts

    def mark_moved(self, to: str) -> None:
        """Say that the competition has gone ``to`` another place: nobody opens it here any more."""
        self.keep_meta("moved", to)


def _binary(value: str | int | bytes | None) -> bytes | None:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode()
    return number(value) if isinstance(value, int) else value


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces joined to blocks worth sending."""
    rest = iter(pieces)
    while some := list(islice(rest, 500)):
        yield b"".join(some)
