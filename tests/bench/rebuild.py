"""Bench: folding a journal into the state, against reading and hashing the same lines.

``python -m tests.bench.rebuild DIRECTORY`` prints its figures as JSON. The journal is the one that the
judges of the other benches have written.
"""

from __future__ import annotations

import json
import sys
import time
from hashlib import sha256
from pathlib import Path

import apsw

from compsys.desk import folded
from compsys.journal import DATABASE, SqliteJournal
from compsys.seal import first

PAIRS = 5


def read_and_hash(directory: Path, competition: str) -> int:
    """The floor: every line read by the bare driver and its seal computed; how many there were."""
    heads: dict[str, bytes] = {}
    count = 0
    db = apsw.Connection(str(directory / DATABASE))
    try:
        for stream, open_part, closed in db.execute("SELECT stream, open, closed FROM lines ORDER BY id"):
            prev = heads.get(stream) or first(competition, stream)
            heads[stream] = sha256(prev + sha256(open_part).digest() + sha256(closed).digest()).digest()
            count += 1
    finally:
        db.close()
    return count


def fold(directory: Path) -> int:
    """What a start of the server does: open, fold, verify; the lines of all streams."""
    with SqliteJournal(directory) as journal:
        state = folded(journal)
    return state.n + sum(stream.n for stream in state.streams.values())


def main(directory: Path) -> None:
    """Alternate; seconds of each."""
    with SqliteJournal(directory) as journal:
        competition = journal.competition
    pairs = []
    lines = set()
    for turn in range(PAIRS + 1):
        times = []
        for folds in (False, True):
            begun = time.process_time()
            lines.add(fold(directory) if folds else read_and_hash(directory, competition))
            times.append(time.process_time() - begun)
        if turn:  # the first round warms the page cache
            pairs.append(times)
    if len(lines) != 1:
        raise RuntimeError(f"not the same lines: {lines}")
    print(json.dumps({"pairs": pairs, "lines": lines.pop()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
