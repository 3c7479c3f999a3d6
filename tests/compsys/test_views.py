"""What a seat sees of a sheet: the same as data and as the bytes spliced for a whole panel at once."""

from __future__ import annotations

import random

import msgspec

from compsys import events as e
from compsys.views import SheetView, sheet_for
from tests.world import MAIN, ORGANIZER, World, opened

SEATS = ("s1", "s2", "s3", "s4", "chief", "clerk")


def same_for_all(world: World) -> int:
    """Every sheet for every seat, spliced and plain; how many there were."""
    stream, count = world.stream(), 0
    for unit, sub in stream.sheets:
        shared = SheetView(stream, unit, sub)
        for name in SEATS:
            seat = f"cooking/final/{name}"
            plain = sheet_for(world.state, stream, unit, sub, seat)
            assert msgspec.json.decode(shared.encoded(seat)) == plain
            assert shared.view(seat) == plain
            count += 1
    return count


def act(world: World, rng: random.Random) -> None:
    """One random act of a panel, refused or not."""
    seat, unit = rng.choice(SEATS[:3]), rng.choice(["u1", "u2"])
    aspect = rng.choice(["A1.J1", "A1.J2", "B1.M1", "B1.M2", "C1.P1", "C1.P2"])
    sub, chief = aspect.split(".")[0], world.seat("chief")
    what = rng.random()
    if what < 0.75:
        values = {"A": "0123", "B": ("pass", "fail") if aspect == "B1.M1" else "01234", "C": ("7", "12.5")}
        value = rng.choice([*values[aspect[0]], None])
        stale = {"base": 0} if what < 0.1 else {}
        world.mark(seat, unit, aspect, value, note=rng.choice(["", '漏盐 "x"']), **stale)
    elif what < 0.85:
        world.sign(seat, unit, sub)
    elif what < 0.9:
        world.send(world.call(chief, e.Return(stream=MAIN, unit=unit, sub=sub, reason="再看")))
    elif what < 0.94:
        world.send(world.call(chief, e.Revote(stream=MAIN, unit=unit, aspect=aspect, reason="讨论")))
    elif what < 0.96:
        resolved = e.Resolve(stream=MAIN, unit=unit, aspect=aspect, mark="4", reason="裁定")
        world.send(world.call(chief, resolved))
    elif what < 0.98:
        excused = e.Excuse(stream=MAIN, unit=unit, aspect=aspect, seat=f"cooking/final/{seat}", reason="病")
        world.send(world.call(chief, excused))
    else:
        world.send(world.call(chief, e.Void(stream=MAIN, what=f"aspect:{aspect}", full=True, reason="题错")))


def test_the_spliced_bytes_say_what_the_data_says_whatever_has_happened(rng: random.Random) -> None:
    for _ in range(4):
        world = opened(2)
        assert same_for_all(world) == 2 * 3 * len(SEATS)
        for _ in range(60):
            act(world, rng)
            same_for_all(world)
        world.send(world.call(ORGANIZER, e.Lock(stream=MAIN, scope="sheet:u1.A1")))
        same_for_all(world)


def test_one_view_for_the_panel_tells_nobody_a_vote_of_another_before_its_reveal() -> None:
    worlds = [opened(1), opened(1)]
    for world, value in zip(worlds, "03", strict=True):
        assert world.mark("s1", "u1", "A1.J1", value).a == "accepted"
        assert world.mark("s2", "u1", "A1.J1", "2").a == "accepted"
    views = [SheetView(world.stream(), "u1", "A1") for world in worlds]
    for name in SEATS:
        told = [view.encoded(f"cooking/final/{name}") for view in views]
        assert (told[0] == told[1]) is (name != "s1")
