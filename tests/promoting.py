"""A played competition of eight with names and levels held, for tests of promotion proposals."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

from compsys import events as e
from compsys.desk import Desk
from compsys.vault import Identity
from tests.provincial import lock, publish, rules
from tests.web.venue import Recorded
from tests.world import MAIN, ORGANIZER, mark_all, set_up

HELD = ("none", "2", "1", "4", "", "3", "none", "3")
"""p1..p8: the level each holds; of p5 it is unknown. The first is best placed, 5 and 6 share a place."""


def persons() -> dict[str, Identity]:
    """Who they are: workers, the fourth a student."""
    found = {}
    for i, held in enumerate(HELD, 1):
        names = {"zh-CN": f"选手{i}", "en": f"Competitor {i}"}
        category = "student" if i == 4 else "worker"
        source = f"证{i:04}" if held else ""
        found[f"p{i}"] = Identity(names, held_level=held, held_source=source, category=category)  # type: ignore[arg-type]  # one of the levels
    return found


def played(official: bool = True, audience: str = "public") -> Recorded:
    """Marked and locked; with the provisional result, and the ``official`` one for an ``audience``."""
    world = Recorded()
    set_up(world, len(HELD), profile="provincial", own=rules())
    units = tuple((f"e{i}", f"u{i}", f"A{10 + i}") for i in range(1, len(HELD) + 1))
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=units))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    for i, (_, unit, _) in enumerate(units, 1):
        mark_all(world, unit, points=str(14 - min(i, 5) if i < 7 else 14 - i))
    lock(world)
    publish(world, audience, rank="provisional")
    if official:
        publish(world, audience)
    return world


async def kept(folder: Path, world: Recorded) -> None:
    """The competition in a directory of its own, with the names."""
    desk = await Desk.open(folder, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, "c-test")
    try:
        for call in world.calls:
            answer = await desk.submit(call)
            assert answer.a == "accepted", (answer, call)
        await desk.put_persons(list(persons().items()))
    finally:
        await desk.close()
