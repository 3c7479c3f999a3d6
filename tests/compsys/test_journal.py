"""The journal's contract: order, one commit for all, collisions, the lock, formats, erasing, copies."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compsys.journal import (
    AuditEntry,
    Batch,
    Collision,
    DirectoryLocked,
    Draft,
    FormatUnknown,
    Head,
    Journal,
    JournalMissing,
    JournalUnreadable,
    Line,
    OtherCompetition,
    SqliteJournal,
    write_export,
)
from compsys.seal import BrokenChain, digest, first, follow, seal
from compsys.verify import verify
from tests.compsys.journals import mark, write

A, B = Draft(b'{"kind":"a"}', b"shut"), Draft(b'{"kind":"b"}')
ROOT = Path(__file__).parents[2]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with SqliteJournal(tmp_path / "data", "c1") as opened:
        yield opened


def batch(journal: SqliteJournal, stream: str, *drafts: Draft) -> Batch:
    return Batch(stream, journal.head(stream), drafts)


def commits(journal: SqliteJournal) -> int:
    """How many transactions stand in the log."""
    log = (journal.directory / "journal.db-wal").read_bytes()
    page = int.from_bytes(log[8:12], "big")
    return sum(log[at + 4 : at + 8] != bytes(4) for at in range(32, len(log), 24 + page))


# ---------------------------------------------------------------- lines


def test_a_line_is_sealed_to_the_one_before_and_its_bytes_are_kept(journal: SqliteJournal) -> None:
    draft = Draft('{ "名" :1 }'.encode(), b"\x00\xff")
    lines = write(journal, "web", draft, B)
    prev = seal(first("c1", "web"), draft.open, digest(draft.closed))
    assert lines[0] == Line("web", 1, draft.open, draft.closed, digest(draft.closed), prev)
    assert lines[1].seal == seal(prev, B.open, digest(b""))
    assert list(journal.read()) == lines
    assert journal.head("web") == Head(2, lines[1].seal)


def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    with SqliteJournal(tmp_path, "c1") as journal:
        lines = write(journal, "web", A, B) + write(journal, "cooking", B)
        heads = journal.heads()
    with SqliteJournal(tmp_path) as journal:
        assert (journal.competition, journal.heads(), list(journal.read())) == ("c1", heads, lines)


def test_reading_all_streams_is_in_commit_order_and_one_stream_in_its_own(journal: SqliteJournal) -> None:
    write(journal, "b", A)
    write(journal, "a", A, B)
    write(journal, "b", B)
    assert [(line.stream, line.n) for line in journal.read()] == [("b", 1), ("a", 1), ("a", 2), ("b", 2)]
    assert [(line.stream, line.n) for line in journal.read(None, 2)] == [("a", 2), ("b", 2)]
    assert [line.n for line in journal.read("a", 1)] == [2]
    assert list(journal.read("nothing")) == []


def test_reading_shows_the_journal_of_that_moment(journal: SqliteJournal) -> None:
    write(journal, "a", A)
    everything, one = journal.read(), journal.read("a")
    start = [next(everything), next(one)]
    write(journal, "a", B)
    assert len(start) + len(list(everything)) + len(list(one)) == 2


# ---------------------------------------------------------------- appending


def test_everything_that_waited_is_one_commit(journal: SqliteJournal) -> None:
    journal.checkpoint()
    refusal = AuditEntry("2026-11-21T08:00:00.000Z", "device", "key", "locked")
    journal.append([batch(journal, f"s{i}", A, B) for i in range(50)], [refusal] * 3)
    assert commits(journal) == 1


def test_a_collision_leaves_only_its_stream_out(journal: SqliteJournal) -> None:
    (line,) = write(journal, "web", A)
    stale = Batch("web", Head(0, first("c1", "web")), [B])
    forged = Batch("web", Head(1, bytes(32)), [B])
    answers = journal.append([stale, batch(journal, "cooking", A), forged])
    assert answers[0] == answers[2] == Collision("web", Head(1, line.seal))
    assert [line.stream for line in journal.read()] == ["web", "cooking"]


def test_batches_of_one_stream_in_one_call_follow_each_other(journal: SqliteJournal) -> None:
    start = journal.head("web")
    after = Head(1, seal(start.seal, A.open, digest(A.closed)))
    answers = journal.append([Batch("web", start, [A]), Batch("web", after, [B]), Batch("web", start, [B])])
    assert [isinstance(answer, Collision) for answer in answers] == [False, False, True]
    assert [line.n for line in follow("c1", journal.read())] == [1, 2]


def test_an_atomic_append_is_all_or_nothing(journal: SqliteJournal) -> None:
    (line,) = write(journal, "web", A)
    stale = Batch("web", Head(0, first("c1", "web")), [B])
    refusal = AuditEntry("2026-11-21T08:00:00.000Z", "device", "key", "locked")
    answers = journal.append([batch(journal, "competition", A), stale], [refusal], atomic=True)
    assert answers == [
        Collision("competition", Head(0, first("c1", "competition")), own=False),
        Collision("web", Head(1, line.seal)),
    ]
    assert list(journal.read()) == [line]
    assert journal.audited("key") == refusal  # a refusal is final, whatever became of the rest
    assert all(journal.append([batch(journal, s, A) for s in ("competition", "web")], atomic=True))
    assert len(list(journal.read())) == 3


@pytest.mark.parametrize("atomic", [False, True])
def test_a_line_that_is_there_unexpectedly_is_a_collision_too(journal: SqliteJournal, atomic: bool) -> None:
    """Behind the journal's back (as another process would, on PostgreSQL): the unique key finds it."""
    foreign = Line(
        "web", 1, A.open, A.closed, digest(A.closed), seal(first("c1", "web"), A.open, digest(A.closed))
    )
    with journal.transaction() as db:
        db.execute("INSERT INTO lines VALUES (NULL, ?, ?, ?, ?, ?, ?)", foreign)
    batches = [batch(journal, s, B, A) for s in ("competition", "web", "cooking")]
    answers = journal.append(batches, atomic=atomic)
    assert answers[1] == Collision("web", Head(1, foreign.seal))
    written = ["web"] if atomic else ["web", "competition", "competition", "cooking", "cooking"]
    assert [line.stream for line in journal.read()] == written
    assert len(journal.append([batch(journal, "web", B)])[0]) == 1
    assert list(follow("c1", journal.read())) == list(journal.read())


def test_lines_sealed_by_the_caller_are_taken_in_any_mixture(journal: SqliteJournal, tmp_path: Path) -> None:
    with SqliteJournal(tmp_path / "other", "c1") as other:
        one, two = write(other, "a", A, B), write(other, "b", B, A)
    assert journal.append_sealed([one[0], two[0], two[1], one[1]]) == []
    assert [(line.stream, line.n) for line in follow("c1", journal.read())] == [
        ("a", 1),
        ("b", 1),
        ("b", 2),
        ("a", 2),
    ]
    assert journal.append_sealed([one[0]]) == [Collision("a", Head(2, one[1].seal))]
    with pytest.raises(ValueError, match="does not follow"):
        journal.append_sealed([Line("c", 1, *one[0][2:]), Line("c", 3, *one[1][2:])])


def test_sealed_lines_that_do_not_follow_the_head_are_left_out(journal: SqliteJournal) -> None:
    (line,) = write(journal, "a", A)
    wrong = Line("a", 2, B.open, B.closed, digest(B.closed), bytes(32))
    right = Line("b", 1, B.open, B.closed, digest(B.closed), seal(first("c1", "b"), B.open, digest(B.closed)))
    assert journal.append_sealed([wrong, right]) == [Collision("a", Head(1, line.seal))]
    assert [line.stream for line in journal.read()] == ["a", "b"]


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.booleans()), max_size=5), max_size=8
    )
)
@settings(max_examples=25)
def test_any_sequence_of_appends_keeps_whole_chains(
    tmp_path_factory: pytest.TempPathFactory, calls: list[list[tuple[str, int, bool]]]
) -> None:
    with SqliteJournal(tmp_path_factory.mktemp("any"), "c1") as journal:
        expected: list[Line] = []
        for call in calls:
            batches = [
                Batch(s, journal.head(s)._replace(seal=bytes(32)) if stale else journal.head(s), [A] * count)
                for s, count, stale in call
            ]
            for answer in journal.append(batches):
                expected += answer if isinstance(answer, list) else []
        assert list(follow("c1", journal.read())) == expected
        last = {line.stream: Head(line.n, line.seal) for line in expected}
        assert journal.heads() == last


def test_the_walk_names_the_first_line_that_does_not_follow(journal: SqliteJournal) -> None:
    lines = write(journal, "a", A, B, A)
    for broken, code, n in (
        ([lines[0], lines[2]], "gap", 3),
        ([lines[0], lines[1]._replace(open=b"x")], "seal", 2),
        ([lines[0]._replace(closed=b"x")], "closed_digest", 1),
        ([lines[0]._replace(stream="b")], "seal", 1),
    ):
        with pytest.raises(BrokenChain) as caught:
            list(follow("c1", broken))
        assert (caught.value.code, caught.value.n) == (code, n)


# ---------------------------------------------------------------- the directory


def test_a_second_process_is_refused_and_told_who_holds_the_directory(journal: SqliteJournal) -> None:
    program = "import sys; from compsys.journal import *\n"
    program += "try: SqliteJournal(sys.argv[1])\nexcept DirectoryLocked as e: print(e.code, e.params['pid'])"
    arguments = [sys.executable, "-c", program, str(journal.directory)]
    said = subprocess.run(arguments, capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout.split() == ["directory_locked", str(os.getpid())]


def test_the_directory_is_free_again_after_closing_and_after_a_failed_opening(tmp_path: Path) -> None:
    SqliteJournal(tmp_path, "c1").close()
    with pytest.raises(OtherCompetition):
        SqliteJournal(tmp_path, "c2")
    journal = SqliteJournal(tmp_path, "c1")
    with pytest.raises(DirectoryLocked):
        SqliteJournal(tmp_path, "c1")
    journal.close()
    journal.close()
    with pytest.raises(RuntimeError, match="closed"):
        journal.heads()
    SqliteJournal(tmp_path).close()


def test_a_killed_owner_does_not_keep_the_directory(tmp_path: Path) -> None:
    program = "import sys, time; from compsys.journal import *\nj = SqliteJournal(sys.argv[1], 'c1')\n"
    program += (
        "j.append([Batch('a', j.head('a'), [Draft(b'{}')])]); print('there', flush=True); time.sleep(60)"
    )
    arguments = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, cwd=ROOT) as owner:
        assert owner.stdout is not None and owner.stdout.readline() == b"there\n"
        with pytest.raises(DirectoryLocked):
            SqliteJournal(tmp_path)
        owner.send_signal(signal.SIGKILL)
        owner.wait()
    with SqliteJournal(tmp_path) as journal:
        assert journal.head("a").n == 1


def test_no_journal_is_made_where_none_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(JournalMissing):
        SqliteJournal(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(ValueError, match="competition id"):
        SqliteJournal(tmp_path, "a/b")


def test_a_newer_format_is_refused_by_its_number(tmp_path: Path) -> None:
    with SqliteJournal(tmp_path, "c1") as journal, journal.transaction() as db:
        db.execute("UPDATE meta SET value = '2' WHERE key = 'format'")
    with pytest.raises(FormatUnknown) as refused:
        SqliteJournal(tmp_path)
    assert (refused.value.params["found"], refused.value.params["known"]) == ("2", "1")
    assert "2" in str(verify(tmp_path).problems[0].sentence())


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"not a database, and longer than a header" * 100)
    with pytest.raises(JournalUnreadable):
        SqliteJournal(tmp_path)


def test_it_stays_with_the_thread_that_opened_it(journal: SqliteJournal) -> None:
    seen: list[BaseException] = []

    def use() -> None:
        try:
            journal.append([batch(journal, "a", A)])
        except BaseException as error:  # noqa: BLE001 it is handed to the test's own thread
            seen.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert isinstance(seen[0], sqlite3.ProgrammingError)
    assert len(write(journal, "a", A)) == 1  # a mistake of the caller's is no failure of the disk


# ---------------------------------------------------------------- beside the lines


def test_a_refusal_is_final_for_its_key(tmp_path: Path) -> None:
    at = "2026-11-21T08:00:00.000Z"
    with SqliteJournal(tmp_path, "c1") as journal:
        assert journal.audited("k") is None
        journal.append([batch(journal, "a", A)], [AuditEntry(at, "d", "k", "locked", "{}")])
        assert journal.audit(AuditEntry(at, "d", "k", "key_reused"))
    with SqliteJournal(tmp_path) as journal:
        assert journal.audited("k") == AuditEntry(at, "d", "k", "locked", "{}")


def test_a_flood_of_refusals_is_counted_not_written(tmp_path: Path) -> None:
    with SqliteJournal(tmp_path, "c1", audit_limit=(3, 5)) as journal:
        first_minute = [
            AuditEntry("2026-11-21T08:00:59.000Z", s, f"{s}{i}", "x") for s in "ab" for i in range(4)
        ]
        assert [journal.audit(entry) for entry in first_minute] == [True] * 3 + [False] + [True] * 2 + [
            False
        ] * 2
        assert journal.audit(AuditEntry("2026-11-21T08:01:00.000Z", "a", "later", "x"))
        rows = journal.rows("SELECT code, detail FROM audit ORDER BY id")
        assert rows == [("x", "")] * 5 + [("throttled", "3"), ("x", "")]


def test_a_withheld_part_is_gone_from_every_file_and_the_chain_verifies(journal: SqliteJournal) -> None:
    secret = b"a name that must go " * 40
    kept = write(journal, "a", A, Draft(b'{"kind":"withheld","stream":"a","n":3}'), Draft(B.open, secret), A)
    assert secret[:60] in (journal.directory / "journal.db-wal").read_bytes()
    assert journal.withhold("a", 3)
    assert not journal.withhold("a", 3)
    for path in journal.directory.iterdir():
        assert secret[:20] not in path.read_bytes(), path.name
    assert list(follow("c1", journal.read())) == [*kept[:2], kept[2]._replace(closed=None), kept[3]]
    with pytest.raises(LookupError):
        journal.withhold("a", 9)


def test_a_backup_is_whole_though_lines_are_written_meanwhile(
    journal: SqliteJournal, tmp_path: Path, rng: random.Random
) -> None:
    write(journal, "a", *(Draft(b"{}", rng.randbytes(3000)) for _ in range(3000)))
    steps = []

    def meanwhile() -> None:
        steps.append(write(journal, "a", mark(rng)))

    journal.backup(tmp_path / "copy.db", meanwhile)
    assert len(steps) > 1
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["copy.db"]
    with pytest.raises(FileExistsError):
        journal.backup(tmp_path / "copy.db")
    (tmp_path / "restored").mkdir()
    (tmp_path / "copy.db").rename(tmp_path / "restored" / "journal.db")
    with SqliteJournal(tmp_path / "restored") as restored:
        there = list(follow("c1", restored.read()))
        assert 3000 < len(there) <= 3000 + len(steps)
        assert there == list(journal.read())[: len(there)]


def test_a_checkpoint_empties_the_log_unless_somebody_reads(journal: SqliteJournal) -> None:
    write(journal, "a", A, B)
    reader = journal.read()
    next(reader)
    write(journal, "a", A)
    assert not journal.checkpoint()
    list(reader)
    assert journal.checkpoint()
    assert (journal.directory / "journal.db-wal").stat().st_size == 0


def test_the_export_is_the_same_for_the_same_lines_and_verifies(
    journal: SqliteJournal, tmp_path: Path
) -> None:
    write(
        journal,
        "a",
        Draft('{"kind":"frozen","text":"雕刻"}'.encode(), b"{}"),
        B._replace(open=b'{"kind":"frozen"}'),
    )
    for name in ("one.jsonl", "two.jsonl"):
        with (tmp_path / name).open("wb") as out:
            assert write_export(journal, out) == 2
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()
    assert "雕刻".encode() in (tmp_path / "one.jsonl").read_bytes()
    assert verify(tmp_path / "one.jsonl").status == 0


def test_it_is_a_journal_as_the_desk_wants_it(journal: SqliteJournal) -> None:
    wanted: Journal = journal
    assert wanted.competition == "c1"
