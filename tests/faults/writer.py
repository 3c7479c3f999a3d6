"""A program that writes a journal and tells, in a file of its own, what it has been told is committed.

    python writer.py DIRECTORY TOLD SEED [OFF]

TOLD gets one JSON object per acknowledged commit: {stream: [n, seal]}; the first is what reading showed at
the start.
"""

from __future__ import annotations

import json
import os
import random
import sys
from pathlib import Path

from compsys.journal import Batch, Head, SqliteJournal
from compsys.seal import follow
from tests.compsys.journals import STREAMS, mark


def main(directory: str, told: str, seed: str, synchronous: str = "FULL") -> None:
    """Write for a while: commits of several streams, checkpoints, erasures."""
    rng = random.Random(seed)
    out = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def tell(heads: dict[str, Head]) -> None:
        line = json.dumps({stream: [n, seal.hex()] for stream, (n, seal) in heads.items()}) + "\n"
        os.write(out, line.encode())

    with SqliteJournal(directory, "c1", batch=rng.choice((1, 10, 50, 10_000))) as journal:
        # A test's own settings: log rounds must be short enough to be cut within, and the contrary must fail.
        journal._db.execute(f"PRAGMA wal_autocheckpoint={rng.choice((8, 30, 1000))}").fetchall()
        if synchronous != "FULL":
            journal._db.execute(f"PRAGMA synchronous={synchronous}").fetchall()
        for _ in follow(journal.competition, journal.read()):
            pass
        tell(journal.heads())
        for _ in range(rng.randint(10, 50)):
            streams = rng.sample(STREAMS, rng.randint(1, 3))
            journal.append(
                [Batch(s, journal.head(s), [mark(rng) for _ in range(rng.randint(1, 8))]) for s in streams]
            )
            tell(journal.heads())
            if rng.random() < 0.05:
                journal.checkpoint()
            if rng.random() < 0.05:
                journal.forget([(streams[0], journal.head(streams[0]).n)])


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main(*sys.argv[1:])
