"""A disk rebuilt from a recorded log: what it holds for sure, and what a power cut may leave of the rest.

The rules are the harshest that POSIX allows and SQLite claims to survive. What was written to a file counts
only after a sync of that file; until then each of its 512-byte sectors may be there, be missing, or hold
rubbish, independently of order, and likewise each truncation. A name (creation, removal, renaming) counts
only after a sync of its directory; until then names come in order, up to any of them. Bytes that were not
written are never harmed.
"""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).with_name("shim.c")
SECTOR = 512


def build_shim(directory: Path) -> Path:
    """Compile the recording library. Fails, and says what was not run, where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler, "no C compiler (cc): the power-cut tests were NOT run; install gcc"
    library = directory / "shim.so"
    command = [
        compiler,
        "-shared",
        "-fPIC",
        "-O1",
        "-Wall",
        "-Werror",
        "-o",
        str(library),
        str(SOURCE),
        "-ldl",
    ]
    subprocess.run(command, check=True)
    return library


class Record(NamedTuple):
    """One recorded call: C created, W written, T truncated, S synced, U unlinked, R renamed (data: the new
    name)."""

    op: str
    offset: int
    path: str
    data: bytes


def read_log(path: Path) -> Iterator[Record]:
    """The records of a log, in order."""
    log, at = path.read_bytes(), 0
    while at < len(log):
        op, offset, length, size = struct.unpack_from("<cqII", log, at)
        at += 17
        name, data = log[at : at + length].decode(), log[at + length : at + length + size]
        at += length + size
        yield Record(op.decode(), offset, name, data)


@dataclass
class Inode:
    """A file's bytes: those that are safe, and the changes since its last sync."""

    safe: bytearray = field(default_factory=bytearray)
    pending: list[Record] = field(default_factory=list)

    def sync(self) -> None:
        """Everything is safe now."""
        for record in self.pending:
            _apply(self.safe, record.offset, record)
        self.pending.clear()

    def now(self) -> bytes:
        """What a reader sees while the power is on (and after a mere kill)."""
        content = bytearray(self.safe)
        for record in self.pending:
            _apply(content, record.offset, record)
        return bytes(content)

    def after_cut(self, rng: random.Random) -> bytes:
        """What may be left: any part of what was pending, with torn sectors."""
        content = bytearray(self.safe)
        kept, torn = rng.choice((0.0, 0.1, 0.5, 0.9, 1.0)), rng.choice((0.0, 0.0, 0.1))
        for record in self.pending:
            if record.op == "T":
                if rng.random() < kept:
                    _apply(content, record.offset, record)
                continue
            at, end = record.offset, record.offset + len(record.data)
            while at < end:
                upto = min(end, (at // SECTOR + 1) * SECTOR)
                part = record.data[at - record.offset : upto - record.offset]
                if rng.random() < torn:
                    _apply(content, at, record._replace(data=rng.randbytes(len(part))))
                elif rng.random() < kept:
                    _apply(content, at, record._replace(data=part))
                at = upto
        return bytes(content)


def _apply(content: bytearray, offset: int, record: Record) -> None:
    if record.op == "T":
        content[offset:] = bytes(max(0, offset - len(content)))
        return
    content += bytes(max(0, offset - len(content)))
    content[offset : offset + len(record.data)] = record.data


class Disk:
    """One directory of files (no directories in it), as a sequence of records makes it."""

    def __init__(self, directory: Path) -> None:
        self.directory = str(directory)
        self.safe_names: dict[str, Inode] = {}
        self.names: dict[str, Inode] = {}
        self.pending: list[tuple[str, Inode | None]] = []

    def take(self, record: Record) -> None:
        """Let one recorded call happen."""
        name = record.path[len(self.directory) + 1 :]
        if record.path == self.directory:
            if record.op == "S":
                _rename_all(self.safe_names, self.pending)
                self.pending.clear()
        elif record.op == "C":
            self._name((name, Inode()))
        elif record.op == "U":
            self._name((name, None))
        elif record.op == "R":
            new = record.data.decode()[len(self.directory) + 1 :]
            self._name((new, self.names[name]), (name, None))
        elif record.op == "S":
            self.names[name].sync()
        else:
            self.names[name].pending.append(record)

    def _name(self, *changes: tuple[str, Inode | None]) -> None:
        self.pending += changes
        _rename_all(self.names, changes)

    def cut_power(self, rng: random.Random) -> None:
        """From now on the disk is what the cut left, all of it safe."""
        _rename_all(self.safe_names, self.pending[: rng.randint(0, len(self.pending))])
        self.names = {name: Inode(bytearray(inode.after_cut(rng))) for name, inode in self.safe_names.items()}
        self.safe_names, self.pending = dict(self.names), []

    def lay_out(self, directory: Path) -> None:
        """Write the files, as a reader sees them now, into a directory of their own."""
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        for name, inode in self.names.items():
            (directory / name).write_bytes(inode.now())


def _rename_all(names: dict[str, Inode], changes: Sequence[tuple[str, Inode | None]]) -> None:
    for name, inode in changes:
        if inode is None:
            names.pop(name, None)
        else:
            names[name] = inode
