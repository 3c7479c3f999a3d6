"""Statuses, locks, imports, results and corrections, as those who read them notice."""

from __future__ import annotations

from fractions import Fraction

import pytest

from compsys import core, scoring
from compsys import events as e
from compsys.state import State
from tests.world import MAIN, ORGANIZER, World, mark_all, opened

WHERE = {"trade": "cooking", "stage": "final", "group": "open"}
KEY = ("cooking", "final", "open")


def total(world: World, unit: str, level: str = "signed") -> Fraction:
    """A unit's total at a level."""
    return scoring.unit_score(world.state, world.stream(), world.stream().units[unit], level).total


def standing(world: World, level: str = "signed") -> list[tuple[str, int | None, str]]:
    """(code, place, total) in order."""
    rows = scoring.standing(world.state, *KEY, level).rows
    return [(r.code, r.place, str(r.total)) for r in rows]


def finished(**how: object) -> World:
    """Three entries marked and locked: u1 best, u3 worst."""
    world = opened(**how)  # type: ignore[arg-type]  # passed on as given
    for unit, judged in (("u1", "3"), ("u2", "2"), ("u3", "1")):
        mark_all(world, unit, judged=judged)
    world.do(world.seat("chief"), e.Lock(stream=MAIN, scope="stage"))
    return world


def test_marks_add_up_to_the_printed_rules() -> None:
    world = opened()
    mark_all(world, "u1", judged="2", points="12", passed="pass", count="3")
    # judged 2/3 of 20, passed 30, 3 of 4 pieces of 20, points: per aspect trimmed or mean of equal values
    assert total(world, "u1") == Fraction("82.33")


def test_a_level_counts_only_what_it_may() -> None:
    world = opened()
    for seat in ("s1", "s2", "s3"):
        world.mark(seat, "u1", "A1.J1", "3")
    world.mark("s1", "u1", "B1.M1", "pass")
    assert total(world, "u1", "revealed") == 40
    assert total(world, "u1", "signed") == 0


def test_an_entry_is_ranked_only_when_complete() -> None:
    world = opened()
    mark_all(world, "u2")
    world.mark("s1", "u1", "B1.M1", "pass")
    assert standing(world) == [("A12", 1, "8233/100"), ("A11", None, "0"), ("A13", None, "0")]


def test_nobody_wins_a_medal_below_the_floor_of_the_rules() -> None:
    world = opened(profile="algeria")
    mark_all(world, "u1", judged="3")
    mark_all(world, "u2", passed="fail")
    mark_all(world, "u3", passed="fail", count="4")
    rows = scoring.standing(world.state, *KEY, "signed").rows
    assert [(r.code, r.total > 60, r.medal) for r in rows] == [
        ("A11", True, "gold"), ("A13", False, ""), ("A12", False, ""),
    ]  # fmt: skip


def test_absent_zeroed_and_blank_differ() -> None:
    world = opened()
    mark_all(world, "u1")
    chief = world.seat("chief")
    world.do(
        chief, e.SetStatus(stream=MAIN, unit="u2", scope="stage", status="absent", reason="did not come")
    )
    world.do(chief, e.SetStatus(stream=MAIN, unit="u3", scope="stage", status="zeroed", reason="phone"))
    world.do(chief, e.Lock(stream=MAIN, scope="stage"))
    assert [(code, place) for code, place, _ in standing(world)] == [("A11", 1), ("A13", 2), ("A12", None)]
    rows = scoring.result_rows(world.state, *KEY)
    assert [(r.code, r.total, r.status) for r in rows] == [
        ("A11", "82.33", ""),
        ("A13", "0.00", "zeroed"),
        ("A12", None, "absent"),
    ]


def test_a_status_can_be_taken_back() -> None:
    world = opened()
    mark_all(world, "u1")
    chief = world.seat("chief")
    status = {"stream": MAIN, "unit": "u1", "scope": "stage"}
    world.do(chief, e.SetStatus(**status, status="excluded", reason="doubt"))
    assert standing(world)[0][1] is None
    world.do(chief, e.SetStatus(**status, status=None, reason="cleared"))
    assert standing(world)[0] == ("A11", 1, "8233/100")


def test_a_hole_keeps_the_stage_open_until_somebody_gives_a_reason() -> None:
    world = opened(1)
    for seat in ("s1", "s2", "s3"):
        for aspect in ("A1.J1", "A1.J2"):
            world.mark(seat, "u1", aspect, "3")
        for aspect in ("C1.P1", "C1.P2"):
            world.mark(seat, "u1", aspect, "10")
    world.mark("s1", "u1", "B1.M1", "pass")
    assert world.sign("s1", "u1", "B1").code == "holes"
    chief = world.seat("chief")
    assert world.refused(chief, e.Lock(stream=MAIN, scope="stage")) == "incomplete"
    excuse = {"stream": MAIN, "unit": "u1", "aspect": "B1.M2", "seat": "*"}
    assert world.refused(chief, e.Excuse(**excuse, reason=" ")) == "reason_missing"
    world.do(chief, e.Excuse(**excuse, reason="scale broken"))
    for seat in ("s1", "s2", "s3"):
        for sub in ("A1", "B1", "C1"):
            assert world.sign(seat, "u1", sub).a == "accepted"
    world.do(chief, e.Lock(stream=MAIN, scope="stage"))
    assert total(world, "u1") == 20 + 30 + 20


def test_imported_scores_count_after_a_second_check_and_absent_is_not_zero() -> None:
    world = opened(2, profile="cook-off", theory=True)
    rows = (("u1", "83.25", ""), ("u2", None, "absent"))
    clerk, chief = world.seat("clerk"), world.seat("chief")
    command = {"stream": MAIN, "component": "theory", "digest": "ab"}
    assert world.refused(clerk, e.ImportScores(**command, rows=(("u1", "100.5", ""),))) == "out_of_range"
    assert world.refused(clerk, e.ImportScores(**command, rows=(("u1", None, ""),))) == "bad_status"
    answer = world.do(clerk, e.ImportScores(**command, rows=rows))
    assert total(world, "u1") == 0
    assert world.refused(clerk, e.ConfirmScores(stream=MAIN, n=answer.n)) == "same_person"
    world.do(chief, e.ConfirmScores(stream=MAIN, n=answer.n))
    assert total(world, "u1") == Fraction("24.98")  # 83.25 x 0.3 = 24.975, half up
    found = scoring.unit_score(world.state, world.stream(), world.stream().units["u2"], "signed")
    assert (found.components[0].raw, found.components[0].status) == (None, "absent")


def test_the_trimmed_mean_is_of_sheet_totals() -> None:
    world = opened(1, profile="cook-off")
    for seat, (one, two) in {"s1": ("9", "9"), "s2": ("9", "5"), "s3": ("5", "12")}.items():
        world.mark(seat, "u1", "C1.P1", one)
        world.mark(seat, "u1", "C1.P2", two)
        assert total(world, "u1", "revealed") == 0
    for seat in ("s1", "s2", "s3"):
        world.sign(seat, "u1", "C1")
    assert (
        total(world, "u1", "revealed") == 17
    )  # totals 18, 14, 17: the middle one; by aspect it would be 9 + 9


def test_a_void_aspect_gives_everybody_the_same() -> None:
    world = opened(2)
    mark_all(world, "u1", passed="pass")
    mark_all(world, "u2", passed="fail")
    chief = world.seat("chief")
    world.do(chief, e.Void(stream=MAIN, what="aspect:B1.M1", full=True, reason="task error"))
    assert total(world, "u1") == total(world, "u2") == Fraction("82.33")


def test_a_penalty_has_a_reason_and_two_signers_and_stops_at_zero() -> None:
    world = opened(1)
    mark_all(world, "u1")
    chief = world.seat("chief")
    penalty = {"stream": MAIN, "id": "x1", "unit": "u1", "component": "practice"}
    assert (
        world.refused(chief, e.Adjust(**penalty, amount="-5", reason="r", signers=("a",)))
        == "signers_missing"
    )
    world.do(chief, e.Adjust(**penalty, amount="-5", reason="warning", signers=("a", "b")))
    assert total(world, "u1") == Fraction("77.33")
    world.do(chief, e.Adjust(**penalty, amount="-500", reason="worse", signers=("a", "b")))
    assert total(world, "u1") == 0
    world.do(chief, e.Adjust(**penalty, amount="0", reason="taken back", signers=("a", "b")))
    assert total(world, "u1") == Fraction("82.33")


def test_official_needs_a_lock_and_a_second_person() -> None:
    world = opened(1)
    mark_all(world, "u1")
    official = {**WHERE, "rank": "official", "audience": "public"}
    assert world.refused(ORGANIZER, e.Publish(**official, confirmed_by="x")) == "not_locked"
    world.do(world.seat("chief"), e.Lock(stream=MAIN, scope="stage"))
    assert world.refused(ORGANIZER, e.Publish(**official)) == "confirmation_missing"
    assert world.refused(ORGANIZER, e.Publish(**official, confirmed_by="lin")) == "same_person"
    world.do(ORGANIZER, e.Publish(**official, confirmed_by="cooking/final/chief"))
    assert world.state.results[KEY].versions[-1].rank == "official"


def test_a_correction_adds_v2_and_v1_stays_readable() -> None:
    world = finished()
    chief = world.seat("chief")
    world.do(
        ORGANIZER, e.Publish(**WHERE, rank="official", audience="public", confirmed_by="cooking/final/chief")
    )
    first = world.state.results[KEY].versions[0]
    world.do(chief, e.Unlock(stream=MAIN, scope="stage", reason="unit missing", confirmed_by="lin"))
    world.do(chief, e.Return(stream=MAIN, unit="u1", sub="B1", reason="unit missing"))
    world.mark("s1", "u1", "B1.M1", "fail")
    for seat in ("s1", "s2", "s3"):
        assert world.sign(seat, "u1", "B1").a == "accepted"
    world.do(chief, e.Lock(stream=MAIN, scope="stage"))
    again = {**WHERE, "rank": "official", "audience": "public", "confirmed_by": "cooking/final/chief"}
    assert world.refused(ORGANIZER, e.Publish(**again)) == "reason_missing"
    assert world.refused(ORGANIZER, e.Publish(**again, reason="typing error")) == "note_missing"
    world.do(ORGANIZER, e.Publish(**again, reason="typing error", note={"en": "Place 1 corrected"}))
    versions = world.state.results[KEY].versions
    assert versions[0] == first
    assert [v.version for v in versions] == [1, 2]
    assert [r.code for r in versions[1].rows if r.medal == "gold"] == ["A12"]


def test_an_official_result_cites_what_it_stood_on() -> None:
    world = finished()
    n, head = world.state.position(MAIN)
    world.do(ORGANIZER, e.Publish(**WHERE, rank="official", audience="public", confirmed_by="chief"))
    version = world.state.results[KEY].versions[-1]
    assert version.cites == (e.Cite(MAIN, n, head.hex()),)
    assert set(version.digests) == {"scheme", "profile", "rosters", "rules"}


def test_a_fold_of_the_lines_is_the_state() -> None:
    world = finished(profile="cook-off")
    again = core.fold(State(id="c-test"), world.lines)
    assert again.keys == world.state.keys
    assert standing(world) == [
        (r.code, r.place, str(r.total)) for r in scoring.standing(again, *KEY, "signed").rows
    ]
    for key, sheet in world.stream().sheets.items():
        other = again.streams[MAIN].sheets[key]
        assert (sheet.cells, sheet.signed, sheet.revealed) == (other.cells, other.signed, other.revealed)


def test_set_up_that_marking_stands_on_cannot_be_pulled_away() -> None:
    world = opened(1)
    group = world.state.setup.groups["cooking/final/open"]
    value = {"id": "open", "trade": "cooking", "stage": "final", "name": group.name, "profile": "cook-off"}
    assert (
        world.refused(ORGANIZER, e.Define(kind="group", id="cooking/final/open", value=value))
        == "frozen_record"
    )
    redraw = e.Draw(stream=MAIN, units=(("e1", "u9", "B1"),))
    assert world.refused(ORGANIZER, redraw) == "redraw_refused"


def test_net_time_leaves_out_pauses_and_credit() -> None:
    world = opened(1)
    chief = world.seat("chief")
    started = world.stream().sessions["practice"].started
    world.do(chief, e.Session(stream=MAIN, session="practice", move="pause", reason="power cut"))
    world.now += 600_000
    world.do(chief, e.Session(stream=MAIN, session="practice", move="resume"))
    world.do(chief, e.Credit(stream=MAIN, unit="u1", session="practice", seconds=1, reason="tool"))
    world.now += 60_000
    world.do(chief, e.Finish(stream=MAIN, unit="u1", session="practice"))
    from compsys.clock import millis, text

    gross = millis(text(world.now)) - millis(started)
    assert world.stream().units["u1"].seconds["practice"] == Fraction(gross - 601_000 - 1000, 1000)


@pytest.mark.parametrize("role", ["s1", "clerk", "chief"])
def test_a_revoked_device_acts_no_more(role: str) -> None:
    world = opened(1)
    actor = world.seat(role)
    world.do(ORGANIZER, e.RevokeDevice(device=world.devices[actor.id], reason="lost"))
    command = e.Sign(stream=MAIN, unit="u1", sub="A1", seat=actor.id)
    assert world.refused(actor, command) == "device_revoked"


def test_a_link_works_once_and_only_in_time() -> None:
    world = opened(1)
    seat = "cooking/final/s4"
    link = {"seat": seat, "token": "t1"}
    world.do(ORGANIZER, e.IssueLink(**link, expires="2020-01-01T00:00:00.000Z"))
    enrol = {"seat": seat, "device": "dev", "device_key": "k"}
    office = e.Actor(kind="office", id="office")
    assert world.refused(office, e.Enrol(**enrol, token="t1")) == "link_expired"
    world.do(ORGANIZER, e.IssueLink(seat=seat, token="t2", expires="2099-01-01T00:00:00.000Z"))
    world.do(office, e.Enrol(**enrol, token="t2"))
    assert (
        world.refused(office, e.Enrol(seat=seat, device="dev2", device_key="k", token="t2")) == "link_spent"
    )
    assert world.refused(office, e.Enrol(**enrol, token="zz")) == "link_unknown"
