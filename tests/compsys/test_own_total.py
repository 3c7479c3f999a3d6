"""A judge's running total: of what this seat gave and what is open to it, where the rules show it."""

from __future__ import annotations

import pytest

from compsys import events as e
from compsys.views import SheetView, sheet_for
from scoring_rules import profiles
from tests.world import MAIN, ORGANIZER, World, set_up, with_totals


def opened(own: str = "") -> World:
    world = set_up(World(), 1, **({"own": own, "profile": "with-totals"} if own else {}))
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A11"),)))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    return world


def total(world: World, seat: str, sub: str = "A1") -> dict[str, str]:
    view = sheet_for(world.state, world.stream(), "u1", sub, f"cooking/final/{seat}")
    found: dict[str, str] = view["total"]
    return found


def test_it_adds_what_the_seat_gave_and_what_is_open_to_it() -> None:
    world = opened(with_totals())
    maxima = world.stream().groups["open"].maxima
    assert total(world, "s1") == {"sum": "0", "of": "0"}
    world.mark("s1", "u1", "C1.P1", "12")
    world.mark("s2", "u1", "C1.P1", "7")
    assert total(world, "s1") == {"sum": "12", "of": str(maxima["C1.P1"])}
    assert total(world, "s2")["sum"] == "7" and total(world, "s3")["sum"] == "0"
    world.mark("s1", "u1", "A1.J1", "3")
    world.mark("s2", "u1", "A1.J1", "3")
    assert total(world, "s1")["sum"] == "12", "not even the own vote counts before the reveal"
    world.mark("s3", "u1", "A1.J1", "3")
    whole = maxima["C1.P1"] + maxima["A1.J1"]
    assert total(world, "s1") == {"sum": str(12 + maxima["A1.J1"]), "of": str(whole)}
    world.mark("s2", "u1", "B1.M1", "pass")
    assert total(world, "s1", "C1")["of"] == str(whole + maxima["B1.M1"])


def test_nobody_who_marks_nothing_here_has_one_and_both_ways_of_drawing_say_the_same() -> None:
    world = opened(with_totals())
    world.mark("s1", "u1", "C1.P1", "12")
    for seat in ("s4", "chief", "clerk"):
        seen = sheet_for(world.state, world.stream(), "u1", "A1", f"cooking/final/{seat}")
        assert "total" not in seen, seat
    view = SheetView(world.stream(), "u1", "C1")
    assert b'"total":{"sum":"12"' in view.encoded("cooking/final/s1")
    assert b'"total":{"sum":"0"' in view.encoded("cooking/final/s2")


def test_no_rule_book_shows_it_unless_it_says_so() -> None:
    world = opened()
    world.mark("s1", "u1", "C1.P1", "12")
    assert "total" not in sheet_for(world.state, world.stream(), "u1", "C1", "cooking/final/s1")
    assert not any(profiles.load(name).extras.own_total for name in profiles.names())
    wrong = with_totals().replace('own_total = "shown"', 'own_total = "hidden"')
    with pytest.raises(profiles.ProfileUnreadable):
        profiles.parse(wrong, "with-totals")
