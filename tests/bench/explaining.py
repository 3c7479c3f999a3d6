"""Bench: the steps of one entry with 200 aspects judged by three seats, as a tree and as JSON.

``python -m tests.bench.explaining`` prints its figures as JSON.
"""

from __future__ import annotations

import json
import time
from typing import Any

from compsys import events as e
from compsys.explain import Explained, Target, explain
from tests.world import LEVELS, MAIN, ORGANIZER, World, set_up

SUBS, EACH, TURNS = 20, 10, 30
TARGET = Target("cooking", "final", "open", "e1")


def scheme() -> dict[str, Any]:
    """20 sub-criteria of 10 judged aspects, half a mark each."""
    subs = [
        {
            "key": f"A{i}",
            "title": {"en": f"Part {i}"},
            "aspects": [
                {"key": f"A{i}.J{j}", "title": {"en": f"Look {j}"}, "method": "judgement", "max": "0.5",
                 "descriptors": list(LEVELS)}
                for j in range(1, EACH + 1)
            ],
        }
        for i in range(1, SUBS + 1)
    ]  # fmt: skip
    return {"title": {"en": "Many"}, "criteria": [{"key": "A", "title": {"en": "All"}, "subs": subs}]}


def marked() -> World:
    """Two entries; the first is marked and signed whole."""
    world = set_up(World(), 2)
    world.define("scheme", id="cooking", scheme=scheme())
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A11"), ("e2", "u2", "A12"))))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    for i in range(1, SUBS + 1):
        for seat in ("s1", "s2", "s3"):
            for j in range(1, EACH + 1):
                if world.mark(seat, "u1", f"A{i}.J{j}", "2" if seat == "s2" else "3").a != "accepted":
                    raise RuntimeError(f"A{i}.J{j}")
        for seat in ("s1", "s2", "s3"):
            if world.sign(seat, "u1", f"A{i}").a != "accepted":
                raise RuntimeError(f"A{i}")
    return world


def nodes(found: Explained) -> int:
    """How many steps there are."""
    todo, count = list(found.steps), 0
    while todo:
        count += 1
        todo += todo.pop().children
    return count


def run() -> dict[str, Any]:
    """Milliseconds of each turn: the tree, and the tree written as JSON (as a command sends it)."""
    state = marked().state
    trees, written = [], []
    count = 0
    for _ in range(TURNS):
        begun = time.perf_counter()
        found = explain(state, TARGET)
        trees.append((time.perf_counter() - begun) * 1e3)
        if found is None:
            raise RuntimeError("nothing to explain")
        begun = time.perf_counter()
        e.ENCODER.encode(found)
        written.append((time.perf_counter() - begun) * 1e3)
        count = nodes(found)
    return {"tree_ms": trees, "json_ms": written, "nodes": count}


if __name__ == "__main__":
    print(json.dumps(run()))
