"""What only the journal on SQLite promises: its directory, its log, what is left in its files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from compsys.journal import (
    PRAGMAS,
    AuditEntry,
    DirectoryLocked,
    Draft,
    JournalUnreadable,
    OtherCompetition,
    SqliteJournal,
)
from compsys.seal import follow
from tests.compsys.journals import batch, write

A, B = Draft(b'{"kind":"a"}', b"shut"), Draft(b'{"kind":"b"}')
ROOT = Path(__file__).parents[2]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with SqliteJournal(tmp_path / "data", "c1") as opened:
        yield opened


def commits(journal: SqliteJournal) -> int:
    """How many transactions stand in the log."""
    log = (journal.directory / "journal.db-wal").read_bytes()
    page = int.from_bytes(log[8:12], "big")
    return sum(log[at + 4 : at + 8] != bytes(4) for at in range(32, len(log), 24 + page))


def test_everything_that_waited_is_one_commit(journal: SqliteJournal) -> None:
    journal.checkpoint()
    refusal = AuditEntry("2026-11-21T08:00:00.000Z", "device", "key", "locked")
    journal.append([batch(journal, f"s{i}", A, B) for i in range(50)], [refusal] * 3)
    assert commits(journal) == 1


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


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"not a database, and longer than a header" * 100)
    with pytest.raises(JournalUnreadable):
        SqliteJournal(tmp_path)


def test_a_withheld_part_is_gone_from_every_file_and_the_chain_verifies(journal: SqliteJournal) -> None:
    secret = b"a name that must go " * 40
    kept = write(journal, "a", A, Draft(b'{"kind":"withheld","stream":"a","n":3}'), Draft(B.open, secret), A)
    assert secret[:60] in (journal.directory / "journal.db-wal").read_bytes()
    assert journal.forget([("a", 3)])
    assert not journal.forget([("a", 3)])
    for path in journal.directory.iterdir():
        assert secret[:20] not in path.read_bytes(), path.name
    assert list(follow("c1", journal.read())) == [*kept[:2], kept[2]._replace(closed=None), kept[3]]
    with pytest.raises(LookupError):
        journal.forget([("a", 9)])


def test_closing_never_raises_though_somebody_reads(journal: SqliteJournal) -> None:
    write(journal, "a", A, B)
    reader = journal.read()
    next(reader)
    journal.close()
    with SqliteJournal(journal.directory) as again:
        assert again.head("a").n == 2


def test_a_directory_with_smaller_pages_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older = tuple(pragma for pragma in PRAGMAS if not pragma.startswith("page_size"))
    with monkeypatch.context() as then:
        then.setattr("compsys.journal.PRAGMAS", ("page_size=4096", *older))
        SqliteJournal(tmp_path / "data", "c1").close()
    with SqliteJournal(tmp_path / "data") as journal:
        lines = write(journal, "a", A, B)
        assert journal.rows("PRAGMA page_size") == [(4096,)]
        (tmp_path / "copied").mkdir()
        journal.backup(tmp_path / "copied" / "journal.db")
    with SqliteJournal(tmp_path / "copied") as copy:
        assert list(copy.read()) == lines


def test_a_checkpoint_empties_the_log_unless_somebody_reads(journal: SqliteJournal) -> None:
    write(journal, "a", A, B)
    reader = journal.read()
    next(reader)
    write(journal, "a", A)
    assert not journal.checkpoint()
    list(reader)
    assert journal.checkpoint()
    assert (journal.directory / "journal.db-wal").stat().st_size == 0


