"""Announcements to tablets: who they are for, who may make them, who has read them."""

from __future__ import annotations

from compsys import announcing
from compsys import events as e
from tests.world import MAIN, ORGANIZER, World, opened


def heard(world: World, seat: str) -> list[str]:
    """What a seat has still to read."""
    return [word["text"] for word in announcing.unread(world.state, f"cooking/final/{seat}")]


def test_an_announcement_is_for_all_a_trade_a_stage_or_a_seat_until_it_is_read() -> None:
    world = opened(2)
    one = world.seat("s1")
    to_all = world.do(ORGANIZER, e.Announce(text="Lunch at noon"))
    world.do(ORGANIZER, e.Announce(to="cooking", text="New plates"))
    world.do(ORGANIZER, e.Announce(to="cooking/final/s2", text="Come to the desk"))
    assert heard(world, "s1") == ["Lunch at noon", "New plates"]
    assert heard(world, "s2") == ["Lunch at noon", "New plates", "Come to the desk"]
    world.do(one, e.ReadWord(n=to_all.n))
    assert heard(world, "s1") == ["New plates"] and "Lunch at noon" in heard(world, "s2")
    word = world.state.words[to_all.n]
    read = dict(announcing.readers(world.state, word))
    assert read["cooking/final/s1"] and not read.get("cooking/final/s2")
    first = word.read["cooking/final/s1"]
    world.do(one, e.ReadWord(n=to_all.n))
    assert word.read["cooking/final/s1"] == first


def test_no_line_of_the_marking_stream_moves_with_an_announcement() -> None:
    world = opened(2)
    seat = world.seat("s1")
    before = world.stream().n, world.stream().head
    said = world.do(ORGANIZER, e.Announce(text="Lunch at noon"))
    world.do(seat, e.ReadWord(n=said.n))
    assert (world.stream().n, world.stream().head) == before


def test_who_may_announce_what() -> None:
    world = opened(2)
    chief, seat = world.seat("chief"), world.seat("s1")
    assert world.refused(chief, e.Announce(text="To everybody")) == "not_yours"
    assert world.refused(chief, e.Announce(to="cooking", text="To other stages too")) == "not_yours"
    world.do(chief, e.Announce(to="cooking/final", text="Sign before lunch"))
    secret = world.do(chief, e.Announce(to="cooking/final/s2", text="Come here"))
    assert world.refused(seat, e.Announce(to="cooking/final", text="By a judge")) == "not_allowed"
    assert world.refused(seat, e.ReadWord(n=secret.n)) == "not_yours"
    assert world.refused(seat, e.ReadWord(n=9999)) == "unknown_record"
    assert world.refused(ORGANIZER, e.Announce(to="nowhere", text="x")) == "unknown_reference"
    assert world.refused(ORGANIZER, e.Announce(text="  ")) == "reason_missing"
    assert heard(world, "s1") == ["Sign before lunch"]
    assert MAIN in world.state.streams
