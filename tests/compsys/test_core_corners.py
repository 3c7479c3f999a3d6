"""Corners of marking that random days found: where a panel could not go on, or a head told too early."""

from __future__ import annotations

import pytest

from compsys import events as e
from compsys import views
from tests.world import MAIN, ORGANIZER, World, mark_all, opened, set_up

S = "cooking/final/"


@pytest.fixture
def world() -> World:
    """Two entries, marking open."""
    return opened(2)


def of_five() -> World:
    """One entry before a panel of five."""
    world = set_up(World(), 1)
    for name in ("s5", "s6"):
        world.define("seat", id=name, trade="cooking", stage="final", panel="panel", label=name)
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A11"),)))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    return world


def test_a_judge_with_two_values_has_not_voted_until_one_is_chosen(world: World) -> None:
    world.mark("s1", "u1", "A1.J1", "2")
    assert world.mark("s1", "u1", "A1.J1", "3", base=0).a == "conflict"
    world.mark("s2", "u1", "A1.J1", "2")
    world.mark("s3", "u1", "A1.J1", "2")
    assert not world.sheet("u1", "A1").revealed
    assert world.mark("s1", "u1", "A1.J1", "3").a == "accepted"
    assert world.sheet("u1", "A1").revealed["A1.J1", 1][S + "s1"] == "3"


def test_who_joins_after_a_reveal_owes_no_vote_for_it(world: World) -> None:
    for seat in ("s1", "s2", "s3"):
        world.mark(seat, "u1", "A1.J1", "2")
    chief = world.seat("chief")
    world.do(chief, e.ChangeRoster(stream=MAIN, leaves=S + "s3", joins=S + "s4", unit="u1", reason="ill"))
    for seat in ("s1", "s2", "s4"):
        assert world.mark(seat, "u1", "A1.J2", "3").a == "accepted"
    assert [world.sign(seat, "u1", "A1").a for seat in ("s1", "s2", "s4")] == ["accepted"] * 3


def test_a_sheet_that_only_the_leaver_had_not_signed_is_complete() -> None:
    world = of_five()
    seats = ("s1", "s2", "s3", "s5", "s6")
    for seat in seats:
        for aspect in ("C1.P1", "C1.P2"):
            world.mark(seat, "u1", aspect, "9")
    assert [world.sign(seat, "u1", "C1").a for seat in seats[:4]] == ["accepted"] * 4
    assert not world.sheet("u1", "C1").complete
    world.do(world.seat("chief"), e.ChangeRoster(stream=MAIN, leaves=S + "s6", reason="ill"))
    sheet = world.sheet("u1", "C1")
    assert sheet.complete
    assert set(sheet.revealed["C1.P1", 0]) == {S + seat for seat in seats[:4]}
    assert views.cursor(world.stream())["n"] == world.stream().n


def test_who_signed_a_returned_sheet_before_a_new_round_votes_and_signs_again(world: World) -> None:
    mark_all(world, "u1")
    chief = world.seat("chief")
    world.do(chief, e.Return(stream=MAIN, unit="u1", sub="A1", reason="look again"))
    assert world.sign("s1", "u1", "A1").a == "accepted"
    world.do(world.seat("s1"), e.Revote(stream=MAIN, unit="u1", aspect="A1.J1", reason="talked"))
    for seat in ("s1", "s2", "s3"):
        assert world.mark(seat, "u1", "A1.J1", "3").a == "accepted"
    assert [world.sign(seat, "u1", "A1").a for seat in ("s1", "s2", "s3")] == ["accepted"] * 3


def test_a_late_value_of_a_sealed_round_holds_the_head_back_too(world: World) -> None:
    for aspect in ("C1.P1", "C1.P2"):
        world.mark("s2", "u1", aspect, "9")
    assert world.sign("s2", "u1", "C1").a == "accepted"
    for aspect in ("C1.P1", "C1.P2"):
        for seat in ("s1", "s3"):
            world.mark(seat, "u1", aspect, "9")
    late = world.mark("s2", "u1", "C1.P1", "8")
    assert late.a == "late"
    assert views.cursor(world.stream())["n"] < late.n
    for seat in ("s1", "s3"):
        assert world.sign(seat, "u1", "C1").a == "accepted"
    assert views.cursor(world.stream())["n"] == world.stream().n


def test_a_late_value_that_is_left_out_holds_nothing_back(world: World) -> None:
    left = e.SetStatus(stream=MAIN, unit="u1", scope="stage", status="withdrawn", reason="ill")
    world.do(world.seat("chief"), left)
    late = world.mark("s1", "u1", "A1.J1", "2")
    assert views.cursor(world.stream())["n"] == late.n - 1
    world.do(world.seat("chief"), e.SettleLate(stream=MAIN, n=late.n, accept=False, reason="withdrawn"))
    assert views.cursor(world.stream())["n"] == world.stream().n


def test_two_clerks_cannot_confirm_what_they_keyed_together(world: World) -> None:
    seat = S + "s3"
    assert world.mark("clerk", "u1", "C1.P1", "8", whose=seat, via="paper").a == "accepted"
    assert world.mark("clerk2", "u1", "C1.P2", "9", whose=seat, via="paper").a == "accepted"
    values: dict[str, str | None] = {"C1.P1": "8", "C1.P2": "9"}
    confirm = e.ConfirmKeyed(stream=MAIN, unit="u1", sub="C1", seat=seat, values=values)
    assert world.refused(world.seat("clerk"), confirm) == "same_person"
    assert world.refused(world.seat("clerk2"), confirm) == "same_person"
    world.do(world.seat("chief"), confirm)
    assert not world.sheet("u1", "C1").keyed


def test_two_values_of_a_void_aspect_keep_nobody_from_signing(world: World) -> None:
    assert world.mark("s1", "u1", "B1.M1", "pass", base=3).a == "conflict"
    world.mark("s1", "u1", "B1.M2", "3")
    assert world.sign("s1", "u1", "B1").code == "holes"
    world.do(world.seat("chief"), e.Void(stream=MAIN, what="aspect:B1.M1", full=True, reason="unfair"))
    assert world.sign("s1", "u1", "B1").a == "accepted"
