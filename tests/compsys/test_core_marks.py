"""The five answers, sealed votes and their reveal, rounds, conflicts, late marks, paper."""

from __future__ import annotations

import pytest

from compsys import events as e
from compsys import views
from compsys.state import State
from tests.world import MAIN, ORGANIZER, World, mark_all, opened


@pytest.fixture
def world() -> World:
    """Three entries, marking open, the session running."""
    return opened()


def seen_by(world: World, seat: str, unit: str, sub: str) -> dict[str, object]:
    """A sheet as a seat sees it."""
    return views.sheet_for(world.state, world.stream(), unit, sub, f"cooking/final/{seat}")


def test_the_same_key_again_gives_the_same_answer_and_changes_nothing(world: World) -> None:
    call = world.call(
        world.seat("s1"),
        e.Mark(stream=MAIN, unit="u1", aspect="A1.J1", seat="cooking/final/s1", round=1, value="2", base=0),
    )
    first = world.send(call)
    lines = len(world.lines)
    again = world.send(call)
    assert (again.a, again.n, again.rev, again.dup) == (first.a, first.n, first.rev, True)
    assert len(world.lines) == lines


def test_a_key_with_other_content_is_refused(world: World) -> None:
    mark = {
        "stream": MAIN,
        "unit": "u1",
        "aspect": "A1.J1",
        "seat": "cooking/final/s1",
        "round": 1,
        "base": 0,
    }
    key = world.fresh()
    assert world.send(world.call(world.seat("s1"), e.Mark(**mark, value="2"), key)).a == "accepted"
    answer = world.send(world.call(world.seat("s1"), e.Mark(**mark, value="3"), key))
    assert (answer.a, answer.code) == ("refused", "key_reused")
    assert world.cell("u1", "A1.J1", "s1").value == "2"  # type: ignore[union-attr]  # the cell exists


def test_keys_are_known_after_a_restart(world: World) -> None:
    from compsys import core

    call = world.call(
        world.seat("s1"),
        e.Mark(stream=MAIN, unit="u1", aspect="B1.M1", seat="*", round=1, value="pass", base=0),
    )
    first = world.send(call)
    world.state = core.fold(State(id="c-test"), world.lines)
    assert world.send(call).n == first.n


@pytest.mark.parametrize(
    ("aspect", "value", "code"),
    [
        ("A1.J1", "4", "not_a_score"),
        ("A1.J1", "1.5", "not_a_score"),
        ("A1.J1", "２", "not_a_score"),
        ("C1.P1", "15.5", "out_of_range"),
        ("C1.P1", "7.25", "off_step"),
        ("C1.P1", "1_0", "not_a_number"),
        ("B1.M1", "yes", "not_pass_or_fail"),
        ("B1.M2", "5", "too_many"),
    ],
)
def test_a_value_outside_its_rule_is_refused_with_the_rule(
    world: World, aspect: str, value: str, code: str
) -> None:
    answer = world.mark("s1", "u1", aspect, value)
    assert (answer.a, answer.code) == ("refused", code)
    assert world.sheet("u1", aspect[:2]).cells == {}


def test_a_vote_stays_sealed_until_the_whole_roster_has_voted(world: World) -> None:
    world.mark("s1", "u1", "A1.J1", "3")
    world.mark("s2", "u1", "A1.J1", "2")
    third = seen_by(world, "s3", "u1", "A1")["aspects"]["A1.J1"]  # type: ignore[index]  # a sheet is a dict
    assert "revealed" not in third
    assert third["value"] is None
    assert third["voted"] == ["cooking/final/s1", "cooking/final/s2"]
    world.mark("s3", "u1", "A1.J1", "2")
    third = seen_by(world, "s3", "u1", "A1")["aspects"]["A1.J1"]  # type: ignore[index]  # a sheet is a dict
    assert third["revealed"] == {"cooking/final/s1": "3", "cooking/final/s2": "2", "cooking/final/s3": "2"}
    assert third["legal"]


def test_a_vote_is_in_the_closed_part_of_its_line_only(world: World) -> None:
    world.mark("s1", "u1", "A1.J1", "3")
    open_part, closed_part = e.pack(world.lines[-1][3], world.lines[-1][4])
    assert b'"value"' not in open_part
    assert b'"secret":"3"' in closed_part


def test_no_seal_that_depends_on_a_sealed_vote_reaches_a_seat(world: World) -> None:
    before = views.cursor(world.stream())
    world.mark("s1", "u1", "A1.J1", "3")
    world.mark("s2", "u2", "B1.M1", "pass")
    assert views.cursor(world.stream()) == before
    world.mark("s2", "u1", "A1.J1", "3")
    world.mark("s3", "u1", "A1.J1", "3")
    assert views.cursor(world.stream())["n"] == world.stream().n


def test_a_spread_is_discussed_and_voted_again_until_the_rounds_are_used(world: World) -> None:
    for seat, value in (("s1", "0"), ("s2", "2"), ("s3", "1")):
        world.mark(seat, "u1", "A1.J1", value)
    assert world.sheet("u1", "A1").spread == {"A1.J1"}
    assert world.mark("s1", "u1", "A1.J1", "1").a == "late"
    limit = world.stream().groups["open"].profile.judgement.max_rounds
    lead = world.seat("s1")
    for round_ in range(2, limit + 1):
        world.do(lead, e.Revote(stream=MAIN, unit="u1", aspect="A1.J1", reason="talked"))
        for seat, value in (("s1", "0"), ("s2", "2"), ("s3", "1")):
            assert world.mark(seat, "u1", "A1.J1", value).a == "accepted"
        assert world.sheet("u1", "A1").rounds["A1.J1"] == round_
    assert world.refused(lead, e.Revote(stream=MAIN, unit="u1", aspect="A1.J1", reason="x")) == "rounds_used"
    chief = world.seat("chief")
    world.do(chief, e.Resolve(stream=MAIN, unit="u1", aspect="A1.J1", mark="5", reason="piece checked again"))
    view = seen_by(world, "s2", "u1", "A1")["aspects"]["A1.J1"]  # type: ignore[index]  # a sheet is a dict
    assert view["mark"] == "5"
    assert len(view["rounds"]) == limit - 1


def test_the_chief_may_not_resolve_while_rounds_are_left(world: World) -> None:
    for seat, value in (("s1", "0"), ("s2", "2"), ("s3", "1")):
        world.mark(seat, "u1", "A1.J1", value)
    command = e.Resolve(stream=MAIN, unit="u1", aspect="A1.J1", mark="5", reason="now")
    assert world.refused(world.seat("chief"), command) == "rounds_left"


def test_two_values_on_one_base_are_both_kept_and_the_judge_chooses(world: World) -> None:
    assert world.mark("s1", "u1", "C1.P1", "8").rev == 1
    assert world.mark("s1", "u1", "C1.P1", "9", base=0).a == "conflict"
    cell = world.cell("u1", "C1.P1", "s1")
    assert cell is not None
    assert (cell.value, [o.value for o in cell.others]) == ("8", ["9"])
    world.mark("s1", "u1", "C1.P2", "9")
    assert world.sign("s1", "u1", "C1").code == "conflict_open"
    others = seen_by(world, "s2", "u1", "C1")["aspects"]["C1.P1"]  # type: ignore[index]  # a sheet is a dict
    assert "others" not in others
    assert world.mark("s1", "u1", "C1.P1", "9").a == "accepted"
    assert world.sign("s1", "u1", "C1").a == "accepted"


def test_a_tablet_never_conflicts_with_its_own_pending_change(world: World) -> None:
    first = world.mark("s1", "u1", "C1.P1", "8")
    assert world.mark("s1", "u1", "C1.P1", "9", base=first.k).a == "accepted"
    late_key = world.mark("s1", "u1", "C1.P1", "7", base=0)
    assert late_key.a == "conflict"
    assert world.mark("s1", "u1", "C1.P1", "6", base=late_key.k).a == "conflict"


def test_marks_after_the_lock_go_to_the_tray_and_are_never_applied_by_themselves(world: World) -> None:
    for unit in ("u1", "u2", "u3"):
        mark_all(world, unit)
    chief = world.seat("chief")
    world.do(chief, e.Lock(stream=MAIN, scope="stage"))
    answer = world.mark("s1", "u1", "B1.M2", "4")
    assert answer.a == "late"
    assert world.cell("u1", "B1.M2", "*").value == "3"  # type: ignore[union-attr]  # the cell exists
    assert world.stream().late[answer.n].value == "4"
    settle = e.SettleLate(stream=MAIN, n=answer.n, accept=True, reason="he was offline")
    assert world.refused(chief, settle) == "locked"
    world.do(chief, e.Unlock(stream=MAIN, scope="stage", reason="late mark", confirmed_by="lin"))
    world.do(chief, e.Return(stream=MAIN, unit="u1", sub="B1", reason="late mark"))
    world.do(chief, settle)
    assert world.cell("u1", "B1.M2", "*").value == "4"  # type: ignore[union-attr]  # the cell exists
    assert world.refused(chief, settle) == "late_settled"


def test_a_mark_of_another_seat_is_refused(world: World) -> None:
    assert world.mark("s1", "u1", "C1.P1", "8", whose="cooking/final/s2").code == "not_yours"
    assert world.mark("s4", "u1", "C1.P1", "8").code == "not_yours"
    assert world.mark("chief", "u1", "C1.P1", "8").code == "not_allowed"


def test_a_judge_of_the_same_delegation_is_not_on_the_roster(world: World) -> None:
    from tests.world import set_up

    other = set_up(World(2), 2)
    other.define("person", id="pj")
    other.define("judge", id="j1", person="pj", affiliations=["d1"])
    other.define("seat", id="s2", trade="cooking", stage="final", panel="panel", label="s2", judge="j1")
    other.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A11"), ("e2", "u2", "A12"))))
    other.do(ORGANIZER, e.Open(stream=MAIN))
    other.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    assert other.sheet("u1", "A1").roster == ("cooking/final/s1", "cooking/final/s3", "cooking/final/s4")
    assert "cooking/final/s2" in other.sheet("u2", "A1").roster
    assert other.mark("s2", "u1", "A1.J1", "3").code == "not_yours"


def test_a_blank_is_not_zero(world: World) -> None:
    for aspect in ("A1.J1", "A1.J2"):
        for seat in ("s1", "s2", "s3"):
            world.mark(seat, "u1", aspect, "0")
    assert world.sign("s1", "u1", "A1").a == "accepted"
    world.mark("s1", "u2", "C1.P1", "0")
    answer = world.sign("s1", "u2", "C1")
    assert (answer.code, answer.params["aspects"]) == ("holes", "C1.P2")
    world.mark("s1", "u2", "C1.P1", None)
    assert world.sign("s1", "u2", "C1").params["count"] == "2"


def test_a_judge_leaves_and_the_votes_that_waited_for_him_are_revealed(world: World) -> None:
    world.mark("s1", "u1", "A1.J1", "3")
    world.mark("s2", "u1", "A1.J1", "2")
    chief = world.seat("chief")
    leave = e.ChangeRoster(stream=MAIN, leaves="cooking/final/s3", unit="*", reason="ill")
    assert world.refused(chief, leave) == "panel_too_small"
    world.do(
        chief,
        e.ChangeRoster(stream=MAIN, leaves="cooking/final/s3", joins="cooking/final/s4", reason="ill"),
    )
    assert world.mark("s3", "u1", "A1.J1", "0").a == "late"
    world.mark("s4", "u1", "A1.J1", "2")
    assert world.sheet("u1", "A1").revealed[("A1.J1", 1)] == {
        "cooking/final/s1": "3",
        "cooking/final/s2": "2",
        "cooking/final/s4": "2",
    }


def test_keyed_paper_needs_a_second_reader(world: World) -> None:
    clerk, second = world.seat("clerk"), world.seat("clerk2")
    seat = "cooking/final/s3"
    for aspect, value in (("C1.P1", "8"), ("C1.P2", "9.5")):
        assert world.mark("clerk", "u1", aspect, value, whose=seat, via="paper").a == "accepted"
    sign = e.Sign(stream=MAIN, unit="u1", sub="C1", seat=seat, via="paper")
    assert world.refused(clerk, sign) == "keyed_unconfirmed"
    confirm = e.ConfirmKeyed(
        stream=MAIN, unit="u1", sub="C1", seat=seat, values={"C1.P1": "8.0", "C1.P2": "9.5"}
    )
    assert world.refused(clerk, confirm) == "same_person"
    wrong = e.ConfirmKeyed(stream=MAIN, unit="u1", sub="C1", seat=seat, values={"C1.P1": "3", "C1.P2": "9.5"})
    world.do(second, wrong)
    assert world.refused(clerk, sign) == "keyed_unconfirmed"
    world.do(second, confirm)
    world.do(clerk, sign)
    assert seat in world.sheet("u1", "C1").signed
