"""A judge's PIN: kept as a peppered hash, asked at signatures where the stage says so, never in a command."""

from __future__ import annotations

import msgspec
import pytest

from compsys import events as e
from compsys import pins
from tests.world import MAIN, ORGANIZER, World, opened

SECRET = pins.hashed("274913", bytes(16), b"p" * 32)


def asking() -> World:
    """A competition whose stage asks for PINs, every vote of one sheet given."""
    world = opened(1, pin=True)
    voted(world)
    return world


def voted(world: World) -> None:
    """Every vote of A1, unsigned."""
    for seat in ("s1", "s2", "s3"):
        for aspect in ("A1.J1", "A1.J2"):
            assert world.mark(seat, "u1", aspect, "2").a == "accepted"


def sign(world: World, seat: str, proved: str) -> e.Answer:
    """A signature of a seat, whose PIN or another's was typed."""
    actor = world.seat(seat)
    call = world.call(actor, e.Sign(stream=MAIN, unit="u1", sub="A1", seat=actor.id))
    return world.send(msgspec.structs.replace(call, proved=proved))


def test_a_signature_asks_for_the_pin_of_its_own_seat() -> None:
    world = asking()
    one, other = world.seat("s1").id, world.seat("s2").id
    assert sign(world, "s1", "").code == "pin_needed"
    assert sign(world, "s1", other).code == "pin_needed", "another judge's PIN is none"
    assert sign(world, "s1", one).a == "accepted"
    assert world.mark("s1", "u1", "C1.P1", "8").a == "accepted", "a value asks for none"


def test_without_the_stages_word_nobody_is_asked() -> None:
    world = opened(1)
    voted(world)
    assert sign(world, "s1", "").a == "accepted"


def test_a_judge_sets_the_first_pin_of_the_own_seat_and_no_other() -> None:
    world = asking()
    judge, other = world.seat("s1"), world.seat("s2")
    assert world.refused(judge, e.SetPin(seat=other.id, secret=SECRET)) == "not_yours"
    assert world.refused(judge, e.SetPin(seat=judge.id, secret="")) == "not_yours"
    assert world.refused(judge, e.SetPin(seat=judge.id, secret="274913")) == "malformed"
    assert world.refused(ORGANIZER, e.SetPin(seat=world.seat("chief").id, secret=SECRET)) == "unknown_seat"
    world.do(judge, e.SetPin(seat=judge.id, secret=SECRET))
    assert world.refused(judge, e.SetPin(seat=judge.id, secret=SECRET)) == "pin_stands"
    world.do(ORGANIZER, e.SetPin(seat=judge.id, secret=""))
    world.do(judge, e.SetPin(seat=judge.id, secret=SECRET))
    assert SECRET not in str([e.pack(event, e.Closed(salt=""))[0] for _, _, _, event, _ in world.lines])


def test_wrong_ones_lock_a_device_until_chief_or_organizer_unlock_it() -> None:
    world = asking()
    judge, chief = world.seat("s1"), world.seat("chief")
    world.do(judge, e.SetPin(seat=judge.id, secret=SECRET))
    device = world.devices[judge.id]
    assert world.refused(judge, e.LockPin(seat=judge.id, device="another")) == "not_yours"
    for actor in (chief, ORGANIZER):
        world.do(judge, e.LockPin(seat=judge.id, device=device))
        assert world.state.pins[judge.id].locked == {device}
        world.do(actor, e.UnlockPin(seat=judge.id))
        assert not world.state.pins[judge.id].locked
    assert world.refused(judge, e.UnlockPin(seat=judge.id)) == "not_allowed"


def test_a_stolen_hash_is_worth_nothing_without_the_servers_key() -> None:
    assert pins.right("274913", SECRET, b"p" * 32)
    assert not any(pins.right("274913", SECRET, pepper) for pepper in (b"", b"q" * 32))
    with pytest.raises(TypeError):
        e.Sign(stream=MAIN, unit="u1", sub="A1", seat="s1", pin="274913")  # type: ignore[call-arg]  # that is it
