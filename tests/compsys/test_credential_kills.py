"""Killed in the midst of issuing a batch: resumed, with no number skipped, doubled or lost."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from compsys import events as e
from compsys.credentials import documents, proofs
from compsys.credentials.controller import key_of
from compsys.desk import Desk
from tests.compsys.test_command_credential import approved, kept, told

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "COMPSYS_LANG": "en", "PYTHONPATH": str(ROOT)}


def issue_and_kill(folder: Path, batch: str, writes: int) -> bool:
    """Start to issue, kill -9 at so many-th write seen to the journal's log; whether it ended before that."""
    log = folder / "journal.db-wal"
    command = [sys.executable, "-m", "compsys", "credential", "issue", batch, "--dir", str(folder), "--json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    before, seen = written(log), 0
    with subprocess.Popen(command, env=ENVIRONMENT, **pipes) as process:
        limit = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < limit:
            now = written(log)
            seen, before = seen + (now != before), now
            if seen >= writes:
                process.send_signal(signal.SIGKILL)
                break
            os.sched_yield()
        process.communicate()
        return process.returncode == 0


def written(log: Path) -> int:
    """When the log was written to last. Its size tells nothing: it is filled again from its beginning."""
    try:
        return log.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def checked(folder: Path, count: int, seed: int) -> None:
    """Every row has one number, the serials have no gap, and every document verifies."""

    async def look() -> None:
        desk = await Desk.open(folder, lambda: time.time_ns() // 1_000_000, secrets.token_bytes)
        try:
            async with desk.reading() as state:
                held = state.credentials
                found = list(held.held.values())
                assert len(found) == count and not list(held.waiting.values()), seed
                assert max(Counter(one.person for one in found).values()) == 1, seed
                serials = sorted(int(one.number[-6:]) for one in found)
                spent = sorted(int(number[-6:]) for number in held.void)
                assert sorted(serials + spent) == list(range(1, count + len(spent) + 1)), seed
                assert len({(one.slice.list, one.index) for one in found}) == count, seed
                keys = documents.controller_keys(state, "centre")
                known = key_of({"https://c.example/issuers/centre": keys})
                for one in random.Random(seed).sample(found, min(40, count)):
                    made = documents.document(state, desk.names, one)
                    assert not isinstance(made, e.Refused), (seed, made)
                    assert proofs.verify(made, known).ok, seed
        finally:
            await desk.close()

    asyncio.run(look())


def journey(tmp_path: Path, count: int, kills: int, seed: int) -> None:
    """A batch of scores of ``count`` entrants, killed ``kills`` times."""
    folder = tmp_path / "c"
    asyncio.run(kept(folder, count, templates={"score": "{issuer}-{kind}{year:4}-{serial:6}"}))
    (tmp_path / "password").write_text("eleven judges at one table\n")
    told("key", "centre", "--new", "--dir", folder)
    batch = approved(folder, "--score")
    # The first writes are the opening's and a reservation's; what comes later is anywhere in a slice.
    some, done = random.Random(seed), 0
    for writes in [1, 3, *(some.randint(1, 6) for _ in range(kills))][:kills]:
        if issue_and_kill(folder, batch, writes):
            break
        done += 1
    assert done >= min(kills, 8) - 1, (seed, done)
    assert told("issue", batch, "--dir", folder)["ok"], seed
    checked(folder, count, seed)
    assert told("issue", batch, "--dir", folder)["issued"] == 0, seed


def test_a_batch_that_is_killed_is_resumed_with_no_number_lost_or_doubled(tmp_path: Path) -> None:
    journey(tmp_path, 300, 2, seed=20261)


@pytest.mark.long
def test_ten_thousand_rows_and_ten_kills(tmp_path: Path) -> None:
    journey(tmp_path, 10_000, 10, seed=20262)
