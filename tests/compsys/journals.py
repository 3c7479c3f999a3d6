"""Journals to test with: small, real files, written by the journal itself."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from compsys.journal import Batch, Draft, Journal, Line, SqliteJournal
from compsys.journal_places import BATCH

STREAMS = ("competition", "cooking/final/main", "web/final/main")


def draft(rng: random.Random, kind: str = "marked", **fields: Any) -> Draft:
    """A line as the core writes it: an event, and a closed part that nobody can guess."""
    event = {"kind": kind, "v": 1, "t": "2026-11-21T08:00:00.000Z", **fields}
    closed = {"salt": rng.randbytes(16).hex(), "actor": "web/final/s1", "key": rng.randbytes(16).hex()}
    return Draft(_json(event), _json(closed))


def mark(rng: random.Random) -> Draft:
    """A mark of some unit."""
    where = {"unit": rng.randbytes(6).hex(), "aspect": "A1.01", "seat": "s1", "round": 1}
    return draft(rng, "marked", **where, rev=1, value=str(rng.randrange(4)))


def batch(journal: Journal, stream: str, *drafts: Draft) -> Batch:
    """What would be appended to a stream as it stands."""
    return Batch(stream, journal.head(stream), drafts)


def write(journal: Journal, stream: str, *drafts: Draft) -> list[Line]:
    """Append to one stream; it must be taken."""
    (lines,) = journal.append([Batch(stream, journal.head(stream), drafts)])
    assert isinstance(lines, list)
    return lines


def make(
    directory: Path, rng: random.Random, rounds: int = 4, batch: int = BATCH
) -> dict[str, list[Line]]:
    """A closed journal of 3 streams with 3 lines a round each; what was written, by stream."""
    written: dict[str, list[Line]] = {stream: [] for stream in STREAMS}
    with SqliteJournal(directory, "c1", batch=batch) as journal:
        for _ in range(rounds):
            for stream in STREAMS:
                written[stream] += write(journal, stream, *(mark(rng) for _ in range(3)))
    return written


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()


FORMAT_1 = """
CREATE TABLE meta (key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (key)) STRICT;
CREATE TABLE lines (
    id INTEGER NOT NULL, stream TEXT NOT NULL, n INTEGER NOT NULL, open BLOB NOT NULL, closed BLOB,
    closed_digest BLOB NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (id), UNIQUE (stream, n)
) STRICT;
CREATE TABLE audit (
    id INTEGER NOT NULL, at TEXT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL, code TEXT NOT NULL,
    detail TEXT NOT NULL, PRIMARY KEY (id)
) STRICT;
CREATE INDEX audit_key ON audit (key);
CREATE TABLE persons (
    person TEXT NOT NULL, sealed BLOB, lookup BLOB, erased TEXT, PRIMARY KEY (person)
) STRICT;
CREATE INDEX persons_lookup ON persons (lookup);
INSERT INTO meta VALUES ('format', '1'), ('competition', 'c1');
"""
"""The layout before there was ``places``."""


def make_format_1(directory: Path, lines: Iterable[Line]) -> None:
    """A data directory of format 1, with these lines."""
    directory.mkdir()
    with closing(sqlite3.connect(directory / "journal.db")) as db, db:
        db.executescript(FORMAT_1)
        columns = "stream, n, open, closed, closed_digest, seal"
        db.executemany(f"INSERT INTO lines ({columns}) VALUES (?, ?, ?, ?, ?, ?)", lines)
