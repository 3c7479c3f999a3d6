"""The draw: codes in no order, each once, none that is a station's number; the same chance, the same draw."""

from __future__ import annotations

import random
import re

from compsys.drawing import draw
from tests.world import MAIN, World, set_up

STATIONS = {f"x{n}": f"a{n}" for n in range(10, 100)}


def world_of(entries: int) -> World:
    """A set-up with so many more entries, in which every code A10 to A99 is the name of a station."""
    world = World()
    set_up(world)
    for i in range(entries):
        world.define("entry", id=f"x{i}", trade="cooking", group="open", site="main", delegation="d1")
    world.define(
        "session", id="all", trade="cooking", stage="final", component="practice", stations=STATIONS
    )
    return world


def test_codes_are_drawn_without_order_and_apart_from_stations() -> None:
    world = world_of(300)
    drawn = draw(world.state, MAIN, random.Random(5).randbytes)
    codes = [code for _, _, code in drawn.units]
    assert len(codes) >= 300 and len(set(codes)) == len(codes) and codes != sorted(codes)
    assert not {code.lower() for code in codes} & set(STATIONS.values())
    assert all(re.fullmatch(r"[A-HJ-NPR-Y][1-9][0-9]", code) for code in codes)
    assert drawn == draw(world.state, MAIN, random.Random(5).randbytes)
    assert drawn != draw(world.state, MAIN, random.Random(6).randbytes)
