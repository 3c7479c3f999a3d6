"""A panel's one tablet: what its lead entered for the others comes back to the lead, nothing else does."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from compsys import events as e
from compsys.views import SheetView, sheet_for
from tests.world import MAIN, ORGANIZER, World, set_up

PREFIX = "cooking/final/"


def shared(entries: int = 1, **how: Any) -> World:
    """Marking open, and the panel shares the tablet of its lead s1."""
    world = set_up(World(), entries, **how)
    panel = {"id": "panel", "trade": "cooking", "stage": "final", "name": {"en": "Panel"}, "mode": "panel"}
    world.define("panel", **panel)
    units = tuple((f"e{i}", f"u{i}", f"A{10 + i}") for i in range(1, entries + 1))
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=units))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    return world


def entered(world: World, seat: str, value: str | None, aspect: str = "A1.J1", **more: Any) -> e.Answer:
    """The lead enters a seat's value on the panel's tablet."""
    return world.mark("s1", "u1", aspect, value, whose=f"{PREFIX}{seat}", via="panel", **more)


def told(world: World, seat: str = "s1", aspect: str = "A1.J1") -> dict[str, dict[str, Any]]:
    """What a seat is told of the others: seat -> what of this aspect."""
    sub = aspect.split(".")[0]
    panel = sheet_for(world.state, world.stream(), "u1", sub, f"{PREFIX}{seat}").get("panel", {})
    return {one.removeprefix(PREFIX): cells[aspect] for one, cells in panel.items() if aspect in cells}


def test_what_the_lead_entered_comes_back_to_the_lead_alone() -> None:
    world = shared()
    assert entered(world, "s2", "3", note="pale").a == "accepted"
    assert entered(world, "s3", "1", aspect="A1.J2").a == "accepted"
    assert told(world) == {"s2": {"value": "3", "rev": 1, "note": "pale"}}
    assert told(world, aspect="A1.J2") == {"s3": {"value": "1", "rev": 1}}
    for seat in ("s2", "s3", "s4", "chief", "clerk"):
        assert "panel" not in sheet_for(world.state, world.stream(), "u1", "A1", f"{PREFIX}{seat}"), seat
    # What the first tablet was told is the base that a spare one builds on.
    assert entered(world, "s2", "2", base=told(world)["s2"]["rev"]).a == "accepted"
    assert told(world) == {"s2": {"value": "2", "rev": 2}}


def test_a_panel_of_own_tablets_tells_its_lead_nothing() -> None:
    world = shared()
    assert entered(world, "s2", "3").a == "accepted"
    world.stream().panel_mode = {"panel": "own"}
    assert told(world) == {}


@pytest.mark.parametrize("aspect", ["A1.J1", "C1.P1"])
def test_what_a_seat_gave_on_its_own_tablet_is_as_sealed_to_the_lead_as_to_all(aspect: str) -> None:
    seen = []
    for value in "03":
        world = shared()
        assert world.mark("s2", "u1", aspect, value, note=f"n{value}").a == "accepted"
        assert entered(world, "s2", "1", aspect=aspect, base=0).a == "conflict"
        assert world.mark("s3", "u1", aspect, value).a == "accepted"
        sub = aspect.split(".")[0]
        seen.append(SheetView(world.stream(), "u1", sub).encoded(f"{PREFIX}s1"))
        assert told(world, aspect=aspect)["s3"] == {"value": None, "rev": 0, "elsewhere": True}
        assert told(world, aspect=aspect)["s2"] == {
            "value": None,
            "rev": 1,
            "others": ["1"],
            "elsewhere": True,
        }
    assert seen[0] == seen[1]


def test_a_second_value_of_a_seats_own_tablet_is_not_told_either() -> None:
    world = shared()
    assert entered(world, "s2", "1").a == "accepted"
    assert world.mark("s2", "u1", "A1.J1", "3", base=0).a == "conflict"
    assert told(world)["s2"] == {"value": "1", "rev": 1, "elsewhere": True}


def test_a_conflict_of_two_tablets_of_the_lead_is_settled_by_the_lead_and_the_votes_are_shown() -> None:
    world = shared()
    assert entered(world, "s2", "3").a == "accepted"
    assert entered(world, "s2", "1", base=0).a == "conflict"  # kept on the first tablet, sent late
    for seat, value in (("s1", "2"), ("s3", "2")):
        assert entered(world, seat, value).a == "accepted"
    cell = told(world)["s2"]
    assert cell == {"value": "3", "rev": 1, "others": ["1"]}
    assert ("A1.J1", 1) not in world.sheet("u1", "A1").revealed
    assert entered(world, "s2", "1", base=cell["rev"]).a == "accepted"
    values = {"s1": "2", "s2": "1", "s3": "2"}
    assert world.sheet("u1", "A1").revealed["A1.J1", 1] == {f"{PREFIX}{s}": v for s, v in values.items()}


def test_what_a_clerk_keyed_for_a_seat_is_not_told_to_the_lead() -> None:
    world = shared()
    assert world.mark("clerk", "u1", "A1.J1", "3", whose=f"{PREFIX}s2", via="paper").a == "accepted"
    assert told(world) == {"s2": {"value": None, "rev": 0, "elsewhere": True}}


def test_the_spliced_bytes_of_a_panels_tablet_say_what_the_data_says(rng: random.Random) -> None:
    world, some = shared(), 0
    for _ in range(60):
        seat, aspect = rng.choice(["s1", "s2", "s3"]), rng.choice(["A1.J1", "A1.J2", "C1.P1"])
        how = {"base": 0} if rng.random() < 0.3 else {}
        if rng.random() < 0.6:
            entered(world, seat, rng.choice("0123"), aspect=aspect, **how)
        else:
            world.mark(seat, "u1", aspect, rng.choice("0123"), **how)
        for sub in ("A1", "C1"):
            view = SheetView(world.stream(), "u1", sub)
            for name in ("s1", "s2", "chief"):
                plain = view.view(f"{PREFIX}{name}")
                assert msgspec.json.decode(view.encoded(f"{PREFIX}{name}")) == plain
                part = msgspec.json.decode(view.encoded(f"{PREFIX}{name}", ["A1.J1"]))
                assert part.get("panel") == plain.get("panel")
                some += "panel" in plain
    assert some > 30
