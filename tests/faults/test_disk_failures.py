"""A full or broken disk: the append fails with its kind, the handle refuses all, nothing told is lost."""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from compsys.journal import AuditEntry, Batch, CommitFailed, Draft, SqliteJournal
from compsys.seal import follow
from tests.compsys.journals import mark, write
from tests.faults.disk import build_shim

ROOT = Path(__file__).parents[2]
BIG = Draft(b"{}", b"x" * 3000)


def fill(journal: SqliteJournal) -> tuple[int, CommitFailed]:
    """Append until the disk takes no more: how many lines were told to be there, and the failure."""
    while True:
        try:
            journal.append([Batch("a", journal.head("a"), [BIG] * 5)])
        except CommitFailed as failed:
            return journal.head("a").n, failed


def assert_refuses_everything(journal: SqliteJournal) -> None:
    """After a failure nothing is tried again on the handle."""
    uses: list[Callable[[], object]] = [
        journal.heads,
        journal.read,
        journal.checkpoint,
        lambda: journal.append([]),
        lambda: journal.append_sealed([], {}),
        lambda: journal.audit(AuditEntry("2026-11-21T08:00:00.000Z", "", "", "x")),
        lambda: journal.audited("k"),
        lambda: journal.forget([("a", 1)]),
        lambda: journal.backup(Path("never")),
    ]
    for use in uses:
        with pytest.raises(CommitFailed):
            use()


def test_a_database_that_may_not_grow_is_full(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path, "c1")
    journal._db.execute("PRAGMA max_page_count=60").fetchall()  # a test's own way to a small disk
    told, failed = fill(journal)
    assert (failed.kind, failed.code) == ("full", "commit_failed")
    assert told >= 5
    assert_refuses_everything(journal)
    journal.close()
    with SqliteJournal(tmp_path) as again:
        assert len(list(follow("c1", again.read()))) == told
        write(again, "a", BIG)


PROGRAM = """
import json, resource, signal, sys
from pathlib import Path
from compsys.journal import CommitFailed, SqliteJournal
from tests.faults.test_disk_failures import fill
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[2])
journal = SqliteJournal(sys.argv[1], 'c1')
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
told, failed = fill(journal)
journal.close()
print(json.dumps([told, failed.kind]))
"""


def run(directory: Path, limit: int = 0, **environment: str) -> tuple[int, str]:
    """Fill a disk in a process of its own: (lines told, kind of failure)."""
    settings = os.environ | environment | {"PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, "-c", PROGRAM, str(directory), str(limit)]
    said = subprocess.run(arguments, capture_output=True, text=True, check=True, cwd=ROOT, env=settings)
    told, kind = json.loads(said.stdout)
    return told, kind


def test_a_file_that_may_not_grow_fails_the_commit(tmp_path: Path) -> None:
    told, kind = run(tmp_path, limit=300_000)
    assert (kind in ("io", "full"), told >= 5) == (True, True)
    with SqliteJournal(tmp_path) as again:
        assert len(list(follow("c1", again.read()))) >= told


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_shim(tmp_path_factory.mktemp("shim"))


@pytest.mark.parametrize(
    ("call", "number", "error", "kind"),
    [
        ("write", 90, errno.ENOSPC, "full"),
        ("write", 91, errno.ENOSPC, "full"),
        ("write", 120, errno.EIO, "io"),
        ("sync", 20, errno.EIO, "io"),
        ("sync", 21, errno.ENOSPC, "io"),
    ],
)
def test_each_failing_call_of_the_system_fails_the_commit(
    tmp_path: Path, shim: Path, call: str, number: int, error: int, kind: str
) -> None:
    data, fail = tmp_path / "data", f"{call}:{number}:{error}"
    told, found = run(
        data, LD_PRELOAD=str(shim), SHIM_ROOT=str(tmp_path), SHIM_LOG=str(tmp_path / "log"), SHIM_FAIL=fail
    )
    assert found == kind
    assert told >= 5
    with SqliteJournal(data) as again:
        there = list(follow("c1", again.read()))
        assert len(there) >= told
        write(again, "a", BIG)


def test_a_disk_that_is_full_at_the_start_says_so_and_frees_the_directory(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        with pytest.raises(CommitFailed):
            SqliteJournal(tmp_path, "c1")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    SqliteJournal(tmp_path, "c1").close()


def test_a_backup_without_room_leaves_the_journal_usable(tmp_path: Path, rng: random.Random) -> None:
    with SqliteJournal(tmp_path / "data", "c1") as journal:
        write(journal, "a", *[BIG] * 100)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        try:
            with pytest.raises(CommitFailed):
                journal.backup(tmp_path / "copy.db")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert [path.name for path in tmp_path.iterdir()] == ["data"]
        write(journal, "a", mark(rng))
