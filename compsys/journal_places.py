"""Where the lines of each stream stand in a journal on SQLite: held in memory, kept in the table ``places``.

An index of (stream, n) kept line by line costs a page of its own for almost every line, since neighbours in a
commit belong to different streams. So the ids of each stream's lines are in memory, 4 bytes a line, and are
written down some thousand lines at a time: one row per stream and batch, at the end of a table that only
grows. What is not written down yet (the *tail*) is found at the opening by reading those lines. Nothing is in
``places`` that the lines do not say: emptied, it is right too, and all is tail.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Sequence

import apsw

from compsys.seal import Line

BATCH = 2048
"""Lines placed at once."""
PAGE = 256
"""Lines of a stream fetched at once."""
INSERT = "INSERT INTO places (stream, n, ids) VALUES (?, ?, ?)"
_LINE = "SELECT stream, n, open, closed, closed_digest, seal FROM lines"


class Misplaced(Exception):
    """Places and lines do not agree, or a line stands twice or not at all; says which."""


def pack(ids: Sequence[int]) -> bytes:
    """Ids as a row of ``places`` holds them: each in 4 bytes, the lowest first.

    >>> pack([1, 258]).hex()
    '0100000002010000'
    """
    return struct.pack(f"<{len(ids)}I", *ids)


class Places:
    """The places in one database, as its one connection sees them.

    ``last``: the ``id`` of the newest line; ``placed``: of the newest that is written down.
    """

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self.last = self.placed = 0
        self._ids: dict[str, array[int]] = {}
        self._written: dict[str, int] = {}
        self._coming: list[str] = []
        """the streams of the newest lines, whose ids are not in ``_ids`` yet"""

    def look(self) -> dict[str, tuple[int, bytes]]:
        """Find out what is there: where each stream stands. Raises Misplaced, apsw.Error."""
        run = self._db.execute
        for stream, n, packed in run("SELECT stream, n, ids FROM places ORDER BY id"):
            ids = self._ids.setdefault(stream, array("I"))
            if n != len(ids) + 1 or not isinstance(packed, bytes) or not packed or len(packed) % 4:
                raise Misplaced(f"{stream}: place of line {n} after line {len(ids)}")
            ids.extend(struct.unpack(f"<{len(packed) // 4}I", packed))
        self.placed = self.last = max((ids[-1] for ids in self._ids.values()), default=0)
        if self.placed != sum(map(len, self._ids.values())):
            raise Misplaced(f"{sum(map(len, self._ids.values()))} places of {self.placed} lines")
        heads = dict[str, tuple[int, bytes]]()
        for stream, ids in self._ids.items():
            row = run("SELECT stream, n, seal FROM lines WHERE id = ?", (ids[-1],)).fetchone()
            if row is None or row[:2] != (stream, len(ids)):
                raise Misplaced(f"{stream}: line {len(ids)} is not where it should be")
            heads[stream] = row[1], row[2]
        self._wrote()
        # NOT INDEXED: a database of format 1 still has its index, which is of no use here.
        counts = dict(self._written)
        tail = "SELECT id, stream, n, seal FROM lines NOT INDEXED WHERE id > ? ORDER BY id"
        for line_id, stream, n, sealed in run(tail, (self.placed,)):
            before = counts.get(stream, 0)
            if line_id != self.last + 1 or n != before + 1 or not isinstance(stream, str):
                raise Misplaced(f"{stream}: line {n} after line {before}, {line_id} after {self.last}")
            self.add([stream])
            counts[stream] = n
            heads[stream] = n, sealed
        return heads

    def add(self, streams: Sequence[str]) -> None:
        """The next lines are of these streams."""
        self._coming.extend(streams)
        self.last += len(streams)

    def _settled(self) -> dict[str, array[int]]:
        """The ids of each stream's lines, all of them."""
        found = self._ids
        for line_id, stream in enumerate(self._coming, self.last + 1 - len(self._coming)):
            ids = found.get(stream)
            if ids is None:
                ids = found[stream] = array("I")
            ids.append(line_id)
        self._coming.clear()
        return found

    def write(self) -> None:
        """Write the tail down, in the transaction that is open; ``wrote`` once that is committed."""
        rows = []
        for stream, ids in self._settled().items():
            start = self._written.get(stream, 0)
            if start < len(ids):
                rows.append((stream, start + 1, pack(ids[start:])))
        self._db.executemany(INSERT, rows)

    def wrote(self) -> None:
        """What was written down is committed."""
        self._wrote()
        self.placed = self.last

    def _wrote(self) -> None:
        self._written = {stream: len(ids) for stream, ids in self._settled().items()}

    def find(self, stream: str, n: int) -> int | None:
        """The ``id`` of a line; None when there is none. Raises Misplaced."""
        ids = self._settled().get(stream, ())
        if not 0 < n <= len(ids):
            return None
        sql = "SELECT 1 FROM lines WHERE id = ? AND stream = ? AND n = ?"
        if not self._db.execute(sql, (ids[n - 1], stream, n)).get:
            raise Misplaced(f"{stream}: line {n} is not where it should be")
        return ids[n - 1]

    def read(self, stream: str, after: int) -> Iterator[Line]:
        """The lines of a stream beyond ``after`` that are there now, each of them. Raises Misplaced,
        apsw.Error."""
        return self._pages(stream, after, self._settled().get(stream, array("I"))[after:])

    def _pages(self, stream: str, n: int, ids: array[int]) -> Iterator[Line]:
        for start in range(0, len(ids), PAGE):
            some = ids[start : start + PAGE]
            marks = ", ".join("?" * len(some))
            rows = self._db.execute(f"{_LINE} WHERE id IN ({marks}) ORDER BY id", tuple(some)).fetchall()
            for row in rows:
                n += 1
                if row[1] != n or row[0] != stream:
                    raise Misplaced(f"{stream}: line {n} is not where it should be")
                yield Line._make(row)
            if len(rows) < len(some):
                raise Misplaced(f"{stream}: no line {n + 1}")
