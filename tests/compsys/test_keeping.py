"""How far copies off this machine reach: only what is ours counts, and nothing sealed is told."""

from __future__ import annotations

from compsys import events as e
from compsys import keeping
from tests.world import MAIN, ORGANIZER, World, opened


def heads(world: World) -> dict[str, tuple[int, str]]:
    """The heads of everything, as a copy made now has them."""
    found = {name: (stream.n, stream.head.hex()) for name, stream in world.state.streams.items()}
    return found | {e.COMPETITION: (world.state.n, world.state.head.hex())}


def voted(world: World, *seats: str, aspect: str = "A1.J1") -> None:
    """A vote of each seat."""
    for seat in seats:
        assert world.mark(seat, "u1", aspect, "2").a == "accepted"


def test_a_copy_reaches_to_its_heads_and_later_marks_lie_beyond_it() -> None:
    world = opened(1)
    voted(world, "s1", "s2", "s3")
    world.do(ORGANIZER, e.KeepHeads(heads=heads(world), where="red stick"))
    n = world.state.streams[MAIN].n
    assert keeping.reaches(world.state, MAIN, n) == n
    assert (world.state.kept.where, world.state.kept.at[:4]) == ("red stick", "2026")
    voted(world, "s1", "s2", "s3", aspect="A1.J2")
    assert keeping.reaches(world.state, MAIN, world.state.streams[MAIN].n) == n
    assert keeping.reaches(world.state, "pastry.final.main", 9) == 0, "nobody copied that"


def test_a_copy_says_nothing_that_depends_on_a_sealed_vote() -> None:
    """Two days that differ in one sealed vote write the same of a copy made while it is sealed."""
    told = []
    for vote in ("1", "3"):
        world = opened(1)
        world.mark("s1", "u1", "A1.J1", vote)
        made = heads(world)
        world.do(ORGANIZER, e.KeepHeads(heads=made, where="red stick"))
        event = world.lines[-1][3]
        assert isinstance(event, e.HeadsKept)
        told.append(event.heads)
        before = world.state.streams[MAIN].n
        voted(world, "s2", "s3")
        # The copy does hold the vote; that counts when the same copy is told of again.
        assert keeping.reaches(world.state, MAIN, world.state.streams[MAIN].n) < before
        world.do(ORGANIZER, e.KeepHeads(heads=made, where="red stick"))
        assert keeping.reaches(world.state, MAIN, world.state.streams[MAIN].n) == before
    assert told[0] == told[1]


def test_a_head_that_is_not_ours_is_refused_with_its_stream_and_nothing_of_the_copy_counts() -> None:
    world, other = opened(1), opened(1, seed=5)
    voted(world, "s1", "s2", "s3")
    for name, head in (
        (MAIN, (world.state.streams[MAIN].n, other.state.streams[MAIN].head.hex())),
        (MAIN, (world.state.streams[MAIN].n + 1, world.state.streams[MAIN].head.hex())),
        (MAIN, (world.state.streams[MAIN].n, "")),
        (e.COMPETITION, (world.state.n, "00" * 32)),
        ("pastry.final.main", (1, "00" * 32)),
    ):
        answer = world.send(world.call(ORGANIZER, e.KeepHeads(heads=heads(world) | {name: head}, where="x")))
        assert (answer.code, answer.params["stream"]) == ("head_unknown", name)
    assert world.refused(ORGANIZER, e.KeepHeads(heads=heads(world), where=" ")) == "malformed"
    assert world.refused(world.seat("chief"), e.KeepHeads(heads=heads(world), where="x")) == "not_allowed"
    assert not world.state.kept.heads


def test_an_older_copy_takes_back_nothing() -> None:
    world = opened(1)
    older = heads(world)
    voted(world, "s1", "s2", "s3")
    world.do(ORGANIZER, e.KeepHeads(heads=heads(world), where="new"))
    n = world.state.kept.heads[MAIN]
    world.do(ORGANIZER, e.KeepHeads(heads=older, where="old"))
    assert world.state.kept.heads[MAIN] == n
