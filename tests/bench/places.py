"""Bench: deciding, applying and placing one mark, with 30 entries and with 30,000.

``python -m tests.bench.places`` prints its figures as JSON. One stage of the cook-off's rules: places by
total, then practice, then theory (three keys); values so coarse that thousands share a place.
"""

from __future__ import annotations

import json
import random
import time
from typing import Any

from compsys import core, scoring
from compsys import events as e
from compsys.clock import text
from compsys.state import State
from tests.bench.venue import words

STREAM = "cooking.final.main"
OFFICE = e.Actor("office", "office")
CLERK = e.Actor("seat", "cooking/final/clerk", ("clerk",))
JUDGE = e.Actor("seat", "cooking/final/s1", ("lead",))
SMALL, LARGE = 30, 30_000
MARKS, PAIRS = 200, 15


class Field:
    """A stage in memory, every entry marked and placed."""

    def __init__(self, entries: int) -> None:
        self.random = random.Random(entries)
        self.state = State(id="c-bench")
        self.now = 1_780_000_000_000
        self.devices: dict[str, str] = {}
        self.set_up(entries)
        self.units = list(self.state.streams[STREAM].units)
        for unit in self.units:
            self.mark(unit, "A1.1")
        self.place(self.units[0])

    def fresh(self) -> str:
        """32 hex."""
        return f"{self.random.getrandbits(128):032x}"

    def do(self, actor: e.Actor, command: e.AnyCommand) -> None:
        """Decide and apply; raises RuntimeError when it is refused."""
        self.now += 1
        call = e.Call(self.fresh(), actor, command, self.devices.get(actor.id, ""))
        decided = core.decide(self.state, call, text(self.now), self.fresh)
        if not isinstance(decided, list):
            raise RuntimeError(f"{command}: {decided}")
        for drafted in decided:
            n, _ = self.state.position(drafted.stream)
            core.apply(self.state, drafted.stream, n + 1, b"\0" * 32, drafted.event, drafted.closed)

    def set_up(self, entries: int) -> None:
        """Define, draw, open, start, and bring the theory scores in."""
        items = [e.Define(kind=kind, id=key, value=value) for kind, key, value in records(entries)]
        self.do(OFFICE, e.DefineAll(items=tuple(items)))
        units = tuple((f"e{i}", f"u{i}", f"K{i}") for i in range(entries))
        self.do(OFFICE, e.Draw(stream=STREAM, units=units))
        self.do(OFFICE, e.Open(stream=STREAM))
        self.do(OFFICE, e.Session(stream=STREAM, session="practice", move="start"))
        for actor in (JUDGE, CLERK):
            token, device = self.fresh(), self.fresh()
            self.do(OFFICE, e.IssueLink(seat=actor.id, token=token, expires="2099-01-01T00:00:00.000Z"))
            self.do(OFFICE, e.Enrol(seat=actor.id, token=token, device=device, device_key="k"))
            self.devices[actor.id] = device
        rows: tuple[tuple[str, str | None, str], ...]
        rows = tuple((unit, str(10 * self.random.randrange(5)), "") for _, unit, _ in units)
        first = self.state.streams[STREAM].n + 1
        self.do(CLERK, e.ImportScores(stream=STREAM, component="theory", digest="00", rows=rows))
        self.do(OFFICE, e.ConfirmScores(stream=STREAM, n=first))

    def mark(self, unit: str, aspect: str) -> None:
        """One new value."""
        cell = self.state.streams[STREAM].sheets[(unit, "A1")].cells.get((aspect, "*", 1))
        value, base = str(self.random.randrange(11)), cell.rev if cell else 0
        mark = e.Mark(stream=STREAM, unit=unit, aspect=aspect, seat="*", round=1, value=value, base=base)
        self.do(JUDGE, mark)

    def place(self, unit: str) -> int:
        """The entry's own place."""
        stream = self.state.streams[STREAM]
        placed = scoring.place_of(self.state, stream, stream.units[unit], "revealed")
        if placed is None:
            raise RuntimeError(f"{unit} has no place")
        return placed.place

    def batch(self, count: int) -> float:
        """Seconds per mark: decided, applied, own place read."""
        chosen = [self.random.choice(self.units) for _ in range(count)]
        begun = time.thread_time()
        for unit in chosen:
            self.mark(unit, "A1.1")
            self.place(unit)
        return (time.thread_time() - begun) / count


def records(entries: int) -> list[tuple[str, str, dict[str, Any]]]:
    """One trade, marked by one agreed aspect."""
    count = {"kind": "count", "params": {"possible": "10"}}
    title = words("数", "Count")
    aspects = [{"key": "A1.1", "title": title, "method": "agreed", "max": "100", "measure": count}]
    sub = {"key": "A1", "title": words("子项", "Sub"), "aspects": aspects}
    criteria = [{"key": "A", "title": words("大项", "Criterion"), "subs": [sub]}]
    place, name = {"trade": "cooking", "stage": "final"}, words("甲", "A")
    components = [
        {"id": "practice", "name": name, "weight": "0.7"},
        {"id": "theory", "name": name, "weight": "0.3", "source": "imported"},
    ]
    group = {**place, "id": "open", "name": name, "scheme": "cooking", "profile": "cook-off"}
    seats = {"s1": "lead", "s2": "judge", "s3": "judge", "clerk": "clerk"}
    return [
        ("competition", "c-bench", {"id": "c-bench", "name": name}),
        ("delegation", "d1", {"id": "d1", "name": name}),
        ("trade", "cooking", {"id": "cooking", "name": name}),
        ("stage", "cooking/final", {"id": "final", "trade": "cooking", "name": name}),
        ("scheme", "cooking", {"id": "cooking", "scheme": {"title": name, "criteria": criteria}}),
        ("group", "cooking/final/open", {**group, "components": components}),
        *(
            ("entry", f"e{i}", {"id": f"e{i}", "trade": "cooking", "delegation": "d1"})
            for i in range(entries)
        ),
        ("panel", "cooking/final/panel", {**place, "id": "panel"}),
        *(("seat", f"cooking/final/{seat}", {**place, "id": seat, "role": r}) for seat, r in seats.items()),
    ]


def main() -> None:
    """Alternate between the two fields; the median of each."""
    small, large = Field(SMALL), Field(LARGE)
    places = {large.place(unit) for unit in large.units}
    small.batch(MARKS)
    large.batch(MARKS)
    pairs = [(small.batch(MARKS), large.batch(MARKS)) for _ in range(PAIRS)]
    print(json.dumps({"pairs": pairs, "entries": LARGE, "different_places": len(places)}))


if __name__ == "__main__":
    main()
