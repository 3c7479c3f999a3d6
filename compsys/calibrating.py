"""Calibrations on the disk: a folder of plain files beside the journal, and what they fold to.

What a judge gave is on the disk before the answer; after a restart the same commands are taken again in the
same order. The folder can be deleted at any time: nothing else refers to it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from compsys import events as e
from compsys.calibration import Given, Plan, Sample

FOLDER = "calibration"
PLAN = "plan.json"
SAID = "said.json"


class Said(msgspec.Struct):
    """What the chief says of a calibration: seats left out, agreed values by aspect, whether it is closed."""

    left_out: tuple[str, ...] = ()
    agreed: dict[str, str] = {}
    closed: bool = False


class Calibration:
    """One calibration: its plan, what the chief said of it, each seat's sample."""

    def __init__(self, folder: Path, now: Callable[[], str]) -> None:
        self.folder = folder
        self.plan = msgspec.json.decode((folder / PLAN).read_bytes(), type=Plan)
        said = folder / SAID
        self.said = msgspec.json.decode(said.read_bytes(), type=Said) if said.exists() else Said()
        self.all = {part.seat: Sample(self.plan, part, now) for part in self.plan.parts}
        for seat, sample in self.all.items():
            path = self._file(seat)
            # A line that power took away in the middle was never answered.
            lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
            for line in lines:
                sample.again(msgspec.json.decode(line, type=Given))

    @property
    def samples(self) -> dict[str, Sample]:
        """The samples of the seats that take part."""
        return {seat: sample for seat, sample in self.all.items() if seat not in self.said.left_out}

    def _file(self, seat: str) -> Path:
        return self.folder / f"{hashlib.sha256(seat.encode()).hexdigest()[:16]}.jsonl"

    def keep(self, seat: str, call: e.Call, now: str) -> None:
        """A command of a seat that was taken; on the disk when this returns. Raises OSError."""
        line = msgspec.json.encode(Given(call.key, now, call.claimed, call.command)) + b"\n"  # type: ignore[arg-type]  # calls carry commands of the union
        with self._file(seat).open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def say(self, said: Said) -> None:
        """What the chief says now. Raises OSError."""
        _write(self.folder / SAID, msgspec.json.encode(said))
        self.said = said


def begin(directory: Path, plan: Plan, now: Callable[[], str]) -> Calibration:
    """Make a calibration in a data directory. Raises OSError."""
    folder = directory / FOLDER / plan.id
    folder.mkdir(mode=0o700, parents=True)
    _write(folder / PLAN, msgspec.json.encode(plan))
    return Calibration(folder, now)


def read(directory: Path, now: Callable[[], str]) -> dict[str, Calibration]:
    """The newest calibration of each stream, as it stands on the disk."""
    found: dict[str, Calibration] = {}
    for path in sorted((directory / FOLDER).glob(f"*/{PLAN}")):
        one = Calibration(path.parent, now)
        held = found.get(one.plan.stream)
        if held is None or held.plan.begun < one.plan.begun:
            found[one.plan.stream] = one
    return found


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
