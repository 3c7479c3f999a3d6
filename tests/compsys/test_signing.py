"""The signing chain after the seats: in its order, by whose link it is, and handed back by the supervisor."""

from __future__ import annotations

import pytest

from compsys import events as e
from compsys import views
from tests.world import MAIN, ORGANIZER, World, mark_all, opened, set_up

SUPERVISOR = e.Actor(kind="account", id="ou", roles=("supervisor",))
LONG = "cn-national"
"""A rule book whose sheets are signed by seats, lead, chief and supervisor."""


def sign(step: str, seat: str = "", unit: str = "u1", sub: str = "A1") -> e.Sign:
    return e.Sign(stream=MAIN, unit=unit, sub=sub, seat=seat or step, step=step)


@pytest.fixture
def world() -> World:
    """One entry, marked and signed by all seats."""
    built = opened(1, profile=LONG)
    mark_all(built, "u1")
    return built


def waits(world: World, sub: str = "A1") -> str:
    """What the chief's overview says the sheet waits for."""
    row = views.chief_matrix(world.state, world.stream())["rows"][0]
    found: str = row["cells"][sub]["next"]
    return found


def through(world: World, *subs: str) -> None:
    """Every later link of these sheets."""
    for sub in subs:
        world.do(world.seat("s1"), sign("lead", sub=sub))
        world.do(world.seat("chief"), sign("chief", sub=sub))
        world.do(SUPERVISOR, sign("supervisor", sub=sub))


def test_the_links_are_signed_in_their_order_and_then_the_stage_locks(world: World) -> None:
    assert waits(world) == "lead"
    assert world.refused(world.seat("chief"), sign("chief")) == "not_signed"
    assert world.refused(SUPERVISOR, sign("supervisor")) == "not_signed"
    through(world, "A1", "B1")
    assert world.refused(ORGANIZER, e.Lock(stream=MAIN, scope="stage")) == "incomplete"
    through(world, "C1")
    assert waits(world) == ""
    assert views.sheet_for(world.state, world.stream(), "u1", "A1", "cooking/final/s2")["steps"] == [
        "chief", "lead", "supervisor",
    ]  # fmt: skip
    world.do(ORGANIZER, e.Lock(stream=MAIN, scope="stage"))


def test_a_link_is_signed_by_whom_it_is_for(world: World) -> None:
    for other in ("s2", "s4", "clerk"):
        assert world.refused(world.seat(other), sign("lead")) == "not_allowed"
    assert world.refused(world.seat("chief"), sign("lead")) == "not_allowed"
    world.do(world.seat("s1"), sign("lead"))
    assert world.refused(world.seat("s1"), sign("lead")) == "already_signed"
    assert world.refused(world.seat("s1"), sign("chief")) == "not_allowed"
    assert world.refused(ORGANIZER, sign("supervisor")) == "not_allowed"


def test_a_lead_of_another_panel_does_not_sign_for_this_one() -> None:
    world = set_up(World(), 1, profile=LONG)
    world.define("panel", id="two", trade="cooking", stage="final", name={"en": "Two"}, subs=["B1"])
    world.define("seat", id="s9", trade="cooking", stage="final", panel="two", label="9", role="lead")
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A11"),)))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    for seat in ("s1", "s2", "s3"):
        for aspect in ("A1.J1", "A1.J2"):
            assert world.mark(seat, "u1", aspect, "2").a == "accepted"
    for seat in ("s1", "s2", "s3"):
        assert world.sign(seat, "u1", "A1").a == "accepted"
    assert world.refused(world.seat("s9"), sign("lead")) == "not_yours"
    world.do(world.seat("s1"), sign("lead"))


def test_the_chief_signs_for_a_lead_who_left_the_panel() -> None:
    world = opened(1, profile=LONG)
    gone = e.ChangeRoster(
        stream=MAIN, leaves="cooking/final/s1", joins="cooking/final/s4", reason="taken ill"
    )
    world.do(ORGANIZER, gone)
    for seat in ("s2", "s3", "s4"):
        for aspect in ("A1.J1", "A1.J2"):
            assert world.mark(seat, "u1", aspect, "2").a == "accepted"
    for seat in ("s2", "s3", "s4"):
        assert world.sign(seat, "u1", "A1").a == "accepted"
    assert world.refused(world.seat("s2"), sign("lead")) == "not_allowed"
    world.do(world.seat("chief"), sign("lead"))
    world.do(world.seat("chief"), sign("chief"))
    assert waits(world) == "supervisor"


def test_a_sheet_is_handed_back_to_the_chief_who_signs_again_or_returns_it(world: World) -> None:
    back = e.HandBack(stream=MAIN, unit="u1", sub="A1", reason="whose handwriting is this?")
    assert world.refused(SUPERVISOR, back) == "not_signed"
    world.do(world.seat("s1"), sign("lead"))
    world.do(world.seat("chief"), sign("chief"))
    assert world.refused(world.seat("chief"), back) == "not_allowed"
    wordless = e.HandBack(stream=MAIN, unit="u1", sub="A1", reason=" ")
    assert world.refused(SUPERVISOR, wordless) == "reason_missing"
    world.do(SUPERVISOR, back)
    assert waits(world) == "chief" and world.sheet("u1", "A1").handed == "whose handwriting is this?"
    assert world.refused(SUPERVISOR, sign("supervisor")) == "not_signed"
    seen = views.sheet_for(world.state, world.stream(), "u1", "A1", "cooking/final/s2")
    assert "handwriting" not in str(seen) and seen["steps"] == ["lead"]
    world.do(world.seat("chief"), sign("chief"))
    assert waits(world) == "supervisor" and not world.sheet("u1", "A1").handed
    world.do(SUPERVISOR, back)
    world.do(world.seat("chief"), e.Return(stream=MAIN, unit="u1", sub="A1", reason="say whose it is"))
    assert waits(world) == "" and not world.sheet("u1", "A1").handed and not world.sheet("u1", "A1").steps


def test_nothing_is_handed_back_once_it_is_locked(world: World) -> None:
    through(world, "B1", "C1")
    world.do(world.seat("s1"), sign("lead"))
    world.do(world.seat("chief"), sign("chief"))
    world.do(SUPERVISOR, sign("supervisor"))
    world.do(ORGANIZER, e.Lock(stream=MAIN, scope="sheet:u1.A1"))
    back = e.HandBack(stream=MAIN, unit="u1", sub="A1", reason="no")
    assert world.refused(SUPERVISOR, back) == "locked"


def test_no_reserve_is_told_from_a_judge_on_a_tablet() -> None:
    """A reserve on a roster would say that a judge is recused, hence something of whose code it is."""
    world = opened(1)
    swap = e.ChangeRoster(stream=MAIN, leaves="cooking/final/s3", joins="cooking/final/s4", reason="rotation")
    world.do(ORGANIZER, swap)
    seen = views.sheet_for(world.state, world.stream(), "u1", "A1", "cooking/final/s2")
    assert [seat["role"] for seat in seen["roster"]] == ["lead", "judge", "judge"]
