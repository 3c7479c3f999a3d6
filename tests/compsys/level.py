"""A trade in memory whose entries stand level, under rules with a play-off and the chief's order."""

from __future__ import annotations

import msgspec

from compsys import events as e
from scoring_rules import profiles
from tests.world import MAIN, ORGANIZER, World, mark_all, set_up

KEYS = '["play_off", "desc"], ["decided", "asc"]'


def ruled(world: World, entries: int = 4, keys: str = KEYS) -> World:
    """A set-up whose rules rank by total, a play-off and the chief's order."""
    set_up(world, entries)
    text = profiles.load("cook-off").text.split("\n")
    line = next(i for i, x in enumerate(text) if x.startswith("keys ="))
    text[line] = f'keys = [["total", "desc"], {keys}]'
    world.define("profile", id="own", text="\n".join(text))
    group = msgspec.structs.replace(world.state.setup.groups["cooking/final/open"], profile="own")
    world.do(ORGANIZER, e.Define(kind="group", id="cooking/final/open", value=msgspec.to_builtins(group)))
    return world


def level(entries: int = 4, keys: str = KEYS, world: World | None = None) -> World:
    """Units u1 .. of such rules, all signed: u1 stands ahead, the others are level."""
    world = ruled(world or World(7), entries, keys)
    units = tuple((f"e{i}", f"u{i}", f"A{10 + i}") for i in range(1, entries + 1))
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=units))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    for i in range(1, entries + 1):
        mark_all(world, f"u{i}", count="4" if i == 1 else "3")
    return world
