"""What the office knows of its certificates: how each stands, and what the public may know yet."""

from __future__ import annotations

import pytest

from compsys import commands_credentials as c
from compsys.clock import text
from compsys.credentials import known, statement
from compsys.credentials.signer import Ed25519
from tests.compsys import certified
from tests.world import ORGANIZER, World

NOW = "2026-11-22T10:00:00.000Z"


def state_of(world: World, what: str) -> str:
    """How something stands by what the register says."""
    return known.standing_of(world.state, known.issued(world.state, what), NOW).state


def test_a_reserved_number_is_as_unknown_as_one_that_never_was() -> None:
    world = certified.official(4)
    batch = certified.propose(world, count=4)
    certified.approve(world, batch)
    certified.reserve(world, batch)
    waiting = list(world.state.credentials.waiting.values())
    assert waiting
    for one in waiting:
        for what in (one.number, one.id, statement.uuid_of(one.id)):
            assert known.issued(world.state, what) is None
            assert state_of(world, what) == state_of(world, "S000037000042269999999") == "unknown"
    name = next(iter(world.state.credentials.achievements))[1]
    assert not known.achieved_publicly(world.state, "centre", name)
    certified.sign(world, batch)
    assert {state_of(world, one.number) for one in waiting} == {"valid"}
    assert known.achieved_publicly(world.state, "centre", name)


def test_moves_show_with_their_day_and_a_reinstated_one_is_valid_again() -> None:
    world = certified.official(4)
    certified.issued(world, count=4)
    one = next(iter(world.state.credentials.held.values()))
    for move, stands in (("suspended", "suspended"), ("reinstated", "valid"), ("revoked", "revoked")):
        command = c.MoveCredentials(
            move=move,  # type: ignore[arg-type]  # its words
            credentials=(one.id,),
            reason="x",
            confirmed_by="qian",
        )
        world.do(ORGANIZER, command)
        found = known.standing_of(world.state, known.issued(world.state, one.number), NOW)
        assert (found.state, bool(found.since)) == (stands, stands != "valid")
        assert found.reason == ""  # the words of a reason are nobody's but the office's


def test_awards_before_their_ceremony_are_nobodys_business() -> None:
    """A result that the office alone has: its awards are issued and printed, and found by nobody."""
    world = certified.official(4)
    result = next(iter(world.state.results.values()))
    shown = dict(result.released)
    result.released.clear()
    certified.issued(world, "award", count=4)
    batch = next(iter(world.state.credentials.batches.values()))
    names = {name for _, name in world.state.credentials.achievements}
    assert not known.shown_publicly(world.state, batch)
    assert not any(known.achieved_publicly(world.state, "centre", name) for name in names)
    result.released.update(shown)
    assert known.shown_publicly(world.state, batch)
    assert all(known.achieved_publicly(world.state, "centre", name) for name in names)


def test_a_status_list_is_signed_anew_when_a_bit_changed_or_after_a_while() -> None:
    world = certified.official(4)
    certified.issued(world, count=4)
    document = known.signed_list(world.state, "centre", 1, Ed25519(certified.SECRET), NOW)
    assert document["id"] == known.list_addresses(world.state)[0] == "https://c.example/status/centre/1"
    at = 1_795_000_000_000
    made = document | {"validFrom": text(at)}
    assert not known.stale(made, "", text(at + known.LASTS))
    assert known.stale(made, "", text(at + known.LASTS + 1))
    assert known.stale(made, text(at), text(at)) and not known.stale(made, text(at - 1), text(at))
    assert known.stale(None, "", NOW)
    with pytest.raises(IndexError):
        known.signed_list(world.state, "centre", 2, Ed25519(certified.SECRET), NOW)
