"""Power cuts: what the writer was told is committed is there afterwards, whatever else is lost or torn.

`kill -9` proves nothing about syncing, since the page cache survives it. So a writer runs under a library
that records each write and sync, the disk is rebuilt as a cut at a random moment may leave it, and the next
writer goes on from there. The same disk without syncs must lose something, or the test would show nothing.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from compsys.journal import SqliteJournal
from compsys.seal import follow
from compsys.verify import verify
from tests.compsys.journals import make, make_format_1
from tests.faults.disk import Disk, Inode, Record, build_shim, read_log

ROOT = Path(__file__).parents[2]


class Lost(AssertionError):
    """Something that was told to be committed is not there, or what is there is broken."""


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_shim(tmp_path_factory.mktemp("shim"))


class Machine:
    """A computer with one disk, which lives through cuts of its power and kills of its server."""

    def __init__(self, home: Path, shim: Path, rng: random.Random, synchronous: str) -> None:
        self.data, self.told_file, self.home = home / "data", home / "told", home
        self.shim, self.rng, self.synchronous = shim, rng, synchronous
        self.disk = Disk(self.data)
        self.told: dict[str, dict[int, str]] = {}
        self.disk.lay_out(self.data)

    def live(self, cut: bool, moment: Callable[[list[Record]], int] | None = None) -> None:
        """Start the writer, stop it at a moment of its record (or a random one) by a cut or a kill."""
        log = self.home / "log"
        log.unlink(missing_ok=True)
        self.told_file.unlink(missing_ok=True)
        seed = str(self.rng.getrandbits(32))
        program = [sys.executable, "-m", "tests.faults.writer", str(self.data), str(self.told_file), seed]
        environment = {"LD_PRELOAD": str(self.shim), "SHIM_ROOT": str(self.home), "SHIM_LOG": str(log)}
        settings = os.environ | environment | {"PYTHONPATH": str(ROOT)}
        subprocess.run([*program, self.synchronous], env=settings, cwd=ROOT, check=True)
        records = list(read_log(log))
        assert any(record.op == "S" for record in records) or self.synchronous == "OFF"
        until = moment(records) if moment else self.rng.randint(1, len(records))
        for record in records[:until]:
            if record.path == str(self.told_file):
                self._hear(record.data)
            else:
                self.disk.take(record)
        if cut:
            self.disk.cut_power(self.rng)
        self.disk.lay_out(self.data)

    def _hear(self, data: bytes) -> None:
        for line in data.splitlines():
            heads: dict[str, Any] = json.loads(line)
            for stream, (n, seal) in heads.items():
                self.told.setdefault(stream, {})[n] = seal

    def check(self) -> int:
        """Read the disk on another machine: everything told is there and the chain holds. How many were
        told."""
        copy = self.home / "copy"
        self.disk.lay_out(copy)
        try:
            with SqliteJournal(copy, "c1") as journal:
                there = {(line.stream, line.n): line.seal.hex() for line in follow("c1", journal.read())}
                apart = [line for stream in journal.heads() for line in journal.read(stream)]
                assert {(line.stream, line.n): line.seal.hex() for line in apart} == there
        except Exception as error:  # whatever it is, it speaks against the journal
            raise Lost(f"not readable after the cut: {error!r}") from error
        for stream, lines in self.told.items():
            for n, seal in lines.items():
                if there.get((stream, n)) != seal:
                    raise Lost(f"line {n} of {stream} was told to be committed")
        if (report := verify(copy)).status and there:
            unexplained = {problem.code for problem in report.problems} - {"withheld_unexplained"}
            if unexplained:
                raise Lost(f"the verifier finds {unexplained}")
        return sum(map(len, self.told.values()))


def live_through(machine: Machine, cuts: int) -> int:
    """So many power cuts, with kills between; how many commits were told in all."""
    told = done = 0
    while done < cuts:
        cut = machine.rng.random() < 0.75
        machine.live(cut)
        if cut:
            told = machine.check()
            done += 1
    return told


def test_what_was_told_survives_20_power_cuts(tmp_path: Path, shim: Path, rng: random.Random) -> None:
    assert live_through(Machine(tmp_path, shim, rng, "FULL"), 20) > 200


@pytest.mark.long
def test_what_was_told_survives_500_power_cuts(tmp_path: Path, shim: Path, rng: random.Random) -> None:
    for start in range(20):
        live_through(Machine(tmp_path / str(start), shim, rng, "FULL"), 25)


def test_what_was_read_after_a_kill_survives_a_power_cut(
    tmp_path: Path, shim: Path, rng: random.Random
) -> None:
    """Killed between writing a commit and syncing it; the next server reads it, says so, is cut."""

    def just_before_a_commit_is_synced(records: list[Record]) -> int:
        log = [i for i, record in enumerate(records) if record.path.endswith("-wal")]
        return rng.choice([b for a, b in pairwise(log) if records[a].op == "W" and records[b].op == "S"])

    def just_after_reading(records: list[Record]) -> int:
        return next(i for i, r in enumerate(records) if r.op == "W" and r.path.endswith("told")) + 1

    machine = Machine(tmp_path, shim, rng, "FULL")
    for _ in range(5):
        machine.live(False, just_before_a_commit_is_synced)
        machine.live(True, just_after_reading)
        machine.check()


@pytest.mark.long
def test_what_was_told_by_an_older_program_survives_cuts_of_the_upgrade(
    tmp_path: Path, shim: Path, rng: random.Random
) -> None:
    make(tmp_path / "made", rng, rounds=30)
    with SqliteJournal(tmp_path / "made") as journal:
        lines = list(journal.read())
    make_format_1(tmp_path / "older", lines)
    content = (tmp_path / "older" / "journal.db").read_bytes()

    def while_it_upgrades(records: list[Record]) -> int:
        writes = [(i, record.path) for i, record in enumerate(records) if record.op == "W"]
        log, told = (next(i for i, path in writes if path.endswith(end)) for end in ("-wal", "told"))
        return rng.randint(log, told)

    for cut in range(12):
        machine = Machine(tmp_path / str(cut), shim, rng, "FULL")
        machine.disk.names["journal.db"] = machine.disk.safe_names["journal.db"] = Inode(bytearray(content))
        machine.disk.lay_out(machine.data)
        for line in lines:
            machine.told.setdefault(line.stream, {})[line.n] = line.seal.hex()
        machine.live(True, while_it_upgrades)
        machine.check()


@pytest.mark.parametrize("synchronous", ["OFF", "NORMAL"])
def test_the_same_cuts_lose_something_without_a_sync_at_each_commit(
    tmp_path: Path, shim: Path, rng: random.Random, synchronous: str
) -> None:
    with pytest.raises(Lost):
        live_through(Machine(tmp_path, shim, rng, synchronous), 20)
