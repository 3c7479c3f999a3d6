"""Which line stands where, on SQLite: as a plain list says, through reopenings, lies and the older layout."""

from __future__ import annotations

import itertools
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compsys.journal import CommitFailed, Draft, JournalUnreadable, Line, SqliteJournal
from compsys.journal_places import pack
from compsys.seal import follow
from compsys.verify import verify
from tests.compsys.journals import STREAMS, batch, make, make_format_1, mark, write

WEB = "web/final/main"
COUNT = itertools.count()


def past(directory: Path, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
    """A statement behind the journal's back."""
    with closing(sqlite3.connect(directory / "journal.db")) as db, db:
        return db.execute(sql, values).fetchall()


def placed(directory: Path) -> int:
    """How many lines have a place on the disk."""
    return int(past(directory, "SELECT coalesce(sum(length(ids)), 0) / 4 FROM places")[0][0])


def assert_reads(journal: SqliteJournal, expected: list[Line]) -> None:
    """As the plain list says: everything, and each stream from each line on."""
    assert list(journal.read()) == expected
    for stream in {line.stream for line in expected} | {"nothing"}:
        own = [line for line in expected if line.stream == stream]
        assert journal.head(stream).n == len(own)
        for after in range(len(own) + 2):
            assert list(journal.read(stream, after)) == own[after:]


Step = tuple[str, Any]
APPEND = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 4)), min_size=1, max_size=5)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), APPEND),
        st.tuples(st.just("reopen"), st.integers(1, 9)),
        st.tuples(st.just("withhold"), st.integers(0, 99)),
        st.tuples(st.just("empty"), st.none()),
    ),
    max_size=14,
)


@given(st.integers(1, 9), STEPS)
@settings(max_examples=40)
def test_it_reads_like_a_plain_list(
    tmp_path_factory: pytest.TempPathFactory, size: int, steps: list[Step]
) -> None:
    directory = tmp_path_factory.getbasetemp() / f"plain{next(COUNT)}"
    expected: list[Line] = []
    journal = SqliteJournal(directory, "c1", batch=size)
    for what, how in steps:
        if what == "append":
            for stream, count in how:
                drafts = [Draft(b'{"kind":"frozen"}', bytes([i])) for i in range(count)]
                expected += write(journal, stream, *drafts)
        elif what == "withhold" and expected:
            line = expected[how % len(expected)]
            assert bool(journal.forget([(line.stream, line.n)])) is (line.closed is not None)
            expected[how % len(expected)] = line._replace(closed=None)
        else:
            journal.close()
            if what == "empty":
                past(directory, "DELETE FROM places")
            journal = SqliteJournal(directory, batch=how or size)
        assert_reads(journal, expected)
    journal.close()
    assert {problem.code for problem in verify(directory).problems} <= {"withheld_unexplained"}


def test_places_are_written_a_batch_at_a_time(tmp_path: Path, rng: random.Random) -> None:
    make(tmp_path / "data", rng, rounds=2, batch=10)
    assert placed(tmp_path / "data") == 12  # with the first append after ten or more were there
    with SqliteJournal(tmp_path / "data", batch=100) as journal:
        write(journal, WEB, mark(rng))
    assert placed(tmp_path / "data") == 12


def test_reading_shows_one_stream_as_of_that_moment_though_lines_are_placed(
    tmp_path: Path, rng: random.Random
) -> None:
    with SqliteJournal(tmp_path, "c1", batch=4) as journal:
        lines = write(journal, "a", *(mark(rng) for _ in range(3)))
        reader = journal.read("a")
        start = [next(reader)]
        for _ in range(5):
            write(journal, "a", mark(rng))
        assert start + list(reader) == lines


LIES = {
    "another line": ("UPDATE places SET ids = ? WHERE id = 2", (pack([1, 5, 6]),)),
    "exchanged": ("UPDATE places SET stream = CASE id WHEN 1 THEN ? ELSE ? END WHERE id < 3", STREAMS[1::-1]),
    "in another order": ("UPDATE places SET ids = ? WHERE id = 2", (pack([5, 4, 6]),)),
    "twice": ("INSERT INTO places SELECT 99, stream, n, ids FROM places WHERE id = 1", ()),
    "another number": ("UPDATE places SET n = 2 WHERE id = 2", ()),
    "half an id": ("UPDATE places SET ids = ? WHERE id = 2", (pack([4, 5, 6])[:-2],)),
    "one less": ("UPDATE places SET ids = ? WHERE id = 2", (pack([4, 5]),)),
    "nothing": ("UPDATE places SET ids = x'' WHERE id = 2", ()),
    "a line that is not there": ("UPDATE places SET ids = ? WHERE id = 5", (pack([4, 5, 4_000_000_000]),)),
    "left out": ("DELETE FROM places WHERE id = 1", ()),
    "another stream": ("UPDATE places SET stream = 'x' WHERE id = 2", ()),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_place_that_lies_is_never_believed_and_the_verifier_says_so(
    tmp_path: Path, rng: random.Random, lie: str
) -> None:
    directory = tmp_path / "data"
    written = make(directory, rng, batch=9)
    assert (placed(directory), verify(directory).status) == (27, 0)
    past(directory, *LIES[lie])
    found = verify(directory)
    assert found.status == 1 and {problem.code for problem in found.problems} == {"misplaced"}
    if lie == "in another order":  # which reading a stream mends by itself
        with SqliteJournal(directory) as journal:
            assert {stream: list(journal.read(stream)) for stream in STREAMS} == written
    else:
        with pytest.raises(JournalUnreadable), SqliteJournal(directory) as journal:
            for stream in STREAMS:
                list(journal.read(stream))
    past(directory, "DELETE FROM places")
    assert verify(directory).status == 0
    with SqliteJournal(directory) as journal:
        assert {stream: list(journal.read(stream)) for stream in STREAMS} == written


def test_a_wrong_place_erases_nothing(tmp_path: Path, rng: random.Random) -> None:
    directory = tmp_path / "data"
    make(directory, rng, batch=9)
    past(directory, *LIES["in another order"])
    with SqliteJournal(directory) as journal:
        for n in (1, 2):
            with pytest.raises(JournalUnreadable):
                journal.forget([(STREAMS[1], n)])
        assert all(line.closed for line in journal.read())


@pytest.mark.parametrize("size", [9, 1000])
def test_a_line_taken_out_or_put_in_twice_is_refused_at_the_opening(
    tmp_path: Path, rng: random.Random, size: int
) -> None:
    columns = "stream, n, open, closed, closed_digest, seal"
    for name, sql in {
        "end": "DELETE FROM lines WHERE id = 36",
        "middle": "DELETE FROM lines WHERE id = 34",
        "twice": f"INSERT INTO lines ({columns}) SELECT {columns} FROM lines WHERE id = 35",
    }.items():
        directory = tmp_path / name
        make(directory, rng, batch=size)
        past(directory, sql)
        if name == "end":  # a tail that was cut shows against kept heads only
            with SqliteJournal(directory) as journal:
                assert sum(head.n for head in journal.heads().values()) == 35
            continue
        assert verify(directory).status == 1
        with pytest.raises(JournalUnreadable):
            SqliteJournal(directory)


def test_a_line_taken_away_behind_the_journals_back_fails_the_next_commit(
    tmp_path: Path, rng: random.Random
) -> None:
    with SqliteJournal(tmp_path, "c1") as journal:
        write(journal, "a", mark(rng), mark(rng))
        with journal.transaction() as db:
            db.execute("DELETE FROM lines WHERE id = 2")
        with pytest.raises(CommitFailed, match="damaged"):
            journal.append([batch(journal, "b", mark(rng))])


# ---------------------------------------------------------------- the older layout


@pytest.fixture
def older(tmp_path: Path, rng: random.Random) -> tuple[Path, list[Line]]:
    """A directory of format 1, and its lines."""
    make(tmp_path / "made", rng)
    with SqliteJournal(tmp_path / "made") as journal:
        lines = list(journal.read())
    make_format_1(tmp_path / "older", lines)
    return tmp_path / "older", lines


def test_a_directory_of_format_1_is_read_and_written_on(
    older: tuple[Path, list[Line]], rng: random.Random
) -> None:
    directory, lines = older
    assert (verify(directory).status, verify(directory).lines) == (0, 36)
    with SqliteJournal(directory, "c1", batch=5) as journal:
        assert_reads(journal, lines)
        for _ in range(4):
            for stream in (*STREAMS, "new"):
                lines += write(journal, stream, mark(rng), mark(rng))
        assert_reads(journal, lines)
        assert list(follow("c1", journal.read())) == lines
    assert past(directory, "SELECT value FROM meta WHERE key = 'format'") == [("2",)]
    with SqliteJournal(directory) as journal:
        assert_reads(journal, lines)
    report = verify(directory)
    assert (report.status, report.lines) == (0, len(lines))


def test_a_broken_directory_of_format_1_stays_as_it_is(older: tuple[Path, list[Line]]) -> None:
    directory, _ = older
    past(directory, "DELETE FROM lines WHERE stream = ? AND n = 5", (WEB,))
    with pytest.raises(JournalUnreadable, match=f"{WEB}: line 6 after line 4"):
        SqliteJournal(directory)
    assert past(directory, "SELECT value FROM meta WHERE key = 'format'") == [("1",)]
    assert verify(directory).status == 1


def test_a_line_slipped_into_an_upgraded_directory_is_a_damage(
    older: tuple[Path, list[Line]], rng: random.Random
) -> None:
    directory, lines = older
    with SqliteJournal(directory) as journal:
        with journal.transaction() as db:
            values = lines[-1]._replace(n=lines[-1].n + 1)
            db.execute("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?)", (len(lines) + 1, *values))
        with pytest.raises(CommitFailed, match="damaged"):
            journal.append([batch(journal, lines[-1].stream, mark(rng))])
