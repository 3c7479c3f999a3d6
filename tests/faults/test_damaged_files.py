"""A damaged data directory: a log cut at any frame or overwritten, or a byte flipped in the database."""

from __future__ import annotations

import random
import shutil
import struct
from pathlib import Path

import pytest

from compsys.journal import JournalError, SqliteJournal
from compsys.seal import BrokenChain, follow
from compsys.verify import verify
from tests.compsys.journals import STREAMS, make, mark, write

Lines = dict[tuple[str, int], bytes]


@pytest.fixture
def running(tmp_path: Path, rng: random.Random) -> tuple[Path, list[tuple[int, Lines]]]:
    """A data directory as a kill leaves it, its log full; and what stood in the log's first so many bytes."""
    make(tmp_path / "data", rng, rounds=1, batch=4)
    stages: list[tuple[int, Lines]] = []
    there: Lines = {}
    with SqliteJournal(tmp_path / "data", batch=16) as journal:
        log = tmp_path / "data" / "journal.db-wal"
        there |= {(line.stream, line.n): line.seal for line in journal.read()}
        stages.append((log.stat().st_size, dict(there)))
        for _ in range(12):
            for line in write(journal, rng.choice(STREAMS), *(mark(rng) for _ in range(rng.randint(1, 9)))):
                there[line.stream, line.n] = line.seal
            stages.append((log.stat().st_size, dict(there)))
        shutil.copytree(tmp_path / "data", tmp_path / "left")
    return tmp_path / "left", stages


def read_again(directory: Path) -> Lines:
    """What a server finds at its start, its chain checked; stream by stream it finds the same."""
    with SqliteJournal(directory) as journal:
        apart = [line for stream in journal.heads() for line in journal.read(stream)]
        there = list(follow("c1", journal.read()))
        assert sorted(apart) == sorted(there)
        return {(line.stream, line.n): line.seal for line in there}


def with_log(left: Path, log: bytes) -> Path:
    copy = left.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(left, copy)
    (copy / "journal.db-wal").write_bytes(log)
    return copy


def test_a_log_cut_anywhere_holds_every_commit_before_the_cut(
    running: tuple[Path, list[tuple[int, Lines]]], rng: random.Random
) -> None:
    left, stages = running
    log = (left / "journal.db-wal").read_bytes()
    page = struct.unpack(">I", log[8:12])[0]
    frames = list(range(32, len(log) + 1, 24 + page))
    cuts = [0, 31, *frames, *rng.sample(range(32, len(log)), 8)]
    for cut in cuts:
        copy = with_log(left, log[:cut])
        whole = [(size, lines) for size, lines in stages if size <= cut] or stages[:1]
        report = verify(copy)
        assert (report.status, report.lines) == (0, len(whole[-1][1])), cut
        torn = cut - max(whole[-1][0], 32 if cut >= 32 else 0)
        assert [note.params["bytes"] for note in report.notes] == ([torn] if torn else [])
        assert read_again(copy) == whole[-1][1], cut


def test_a_log_with_random_bytes_holds_every_commit_before_them_and_says_so(
    running: tuple[Path, list[tuple[int, Lines]]], rng: random.Random
) -> None:
    left, stages = running
    log = (left / "journal.db-wal").read_bytes()
    kept = verify(left).data()
    for _ in range(25):
        at, size = rng.randrange(len(log)), rng.choice((1, 16, 512, 5000))
        copy = with_log(left, log[:at] + rng.randbytes(size) + log[at + size :])
        before = [lines for length, lines in stages if length <= at] or [stages[0][1]]
        report = verify(copy, kept)
        after = read_again(copy)
        assert after.items() >= before[-1].items()
        assert after in [lines for _, lines in stages]
        if len(after) < len(stages[-1][1]):
            assert {problem.code for problem in report.problems} == {"tail_cut"}
            assert [note.code for note in report.notes] == ["log_tail"]


def test_a_flipped_byte_anywhere_in_the_database_is_seen_or_does_no_harm(
    tmp_path: Path, rng: random.Random
) -> None:
    make(tmp_path / "data", rng, rounds=8, batch=16)
    sound = read_again(tmp_path / "data")
    content = (tmp_path / "data" / "journal.db").read_bytes()
    seen = 0
    for _ in range(120):
        at = rng.randrange(len(content))
        flipped = content[:at] + bytes([content[at] ^ (1 << rng.randrange(8))]) + content[at + 1 :]
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        (tmp_path / "copy").mkdir()
        (tmp_path / "copy" / "journal.db").write_bytes(flipped)
        report = verify(tmp_path / "copy")
        try:
            found = read_again(tmp_path / "copy")
        except (JournalError, BrokenChain):
            found = {}
        seen += report.status != 0
        assert report.status != 0 or found == sound, f"byte {at}"
    assert seen > 20
