"""Incidents: reported by floor, lead or chief, decided once by the chief; a penalty needs a second person."""

from __future__ import annotations

from typing import Any

import pytest

from compsys import events as e
from compsys import views
from tests.world import MAIN, World, opened

WHERE: dict[str, Any] = {"stream": MAIN, "unit": "u1", "session": "practice"}


def reported(world: World, kind: str = "equipment", **more: Any) -> int:
    """The line of a report of the chief."""
    told = {**WHERE, "text": "the oven went out", **more}
    report = e.Report(incident=kind, **told)  # type: ignore[arg-type]  # a literal
    return world.do(world.seat("chief"), report).n


def decide(world: World, n: int, outcome: str, **more: Any) -> str:
    """The refusal of a decision, "" when it stands."""
    told = {"reason": "seen by two", **more}
    command = e.DecideIncident(stream=MAIN, n=n, outcome=outcome, **told)  # type: ignore[arg-type]  # a literal
    return world.send(world.call(world.seat("chief"), command)).code


def test_extra_time_that_is_decided_counts_as_any_other_credit() -> None:
    world = opened(2)
    n = reported(world)
    assert world.stream().incidents[n].text == "the oven went out"
    assert decide(world, n, "credit", seconds=0) == "not_a_number"
    assert decide(world, n, "credit", seconds=300) == ""
    assert world.stream().units["u1"].credit == {"practice": 300}
    assert ("credited", "u1 300", "seen by two") in [h[2:] for h in world.stream().history]
    assert decide(world, n, "none") == "incident_decided"


def test_extra_time_for_what_concerns_nobody_in_particular_is_for_all_of_the_session() -> None:
    world = opened(2)
    assert decide(world, reported(world, unit=""), "credit", seconds=60) == ""
    assert [unit.credit for unit in world.stream().units.values()] == [{"practice": 60}] * 2


def test_a_judge_proposes_what_a_competitor_is_and_the_chief_decides() -> None:
    world = opened(2)
    stream = world.stream()

    def propose(kind: str, **more: Any) -> str:
        told = {**WHERE, "text": "not at the station", **more}
        report = e.Report(incident=kind, **told)  # type: ignore[arg-type]  # a literal
        return world.send(world.call(world.seat("s2"), report)).code

    assert propose("equipment") == "not_allowed"
    assert propose("absent", unit="") == "unknown_unit"
    assert propose("absent", text=" ") == "reason_missing"
    assert propose("absent") == ""
    n = stream.n
    shown = views.sheet_for(world.state, stream, "u1", "A1", "cooking/final/s1")
    assert (shown["proposed"], shown["status"], shown["n"]) == (["absent"], "", n)
    assert "proposed" not in views.sheet_for(world.state, stream, "u2", "A1", "cooking/final/s1")
    world.mark("s1", "u1", "A1.J1", "2")
    assert decide(world, n, "status") == ""
    assert stream.units["u1"].statuses["stage"].status == "absent"
    shown = views.sheet_for(world.state, stream, "u1", "A1", "cooking/final/s1")
    assert (shown.get("proposed"), shown["status"]) == (None, "absent")
    assert decide(world, n, "none") == "incident_decided"
    assert propose("withdrawn", unit="u2") == ""
    assert decide(world, stream.n, "none") == ""
    assert stream.units["u2"].statuses == {}
    assert decide(world, reported(world), "status") == "bad_status"


def test_a_penalty_needs_a_second_person_and_moves_the_component() -> None:
    world = opened(2)
    n = reported(world, "conduct")
    fine = {"component": "practice", "amount": "-2"}
    assert decide(world, n, "penalty", **fine) == "confirmation_missing"
    assert decide(world, n, "penalty", **fine, confirmed_by="cooking/final/chief") == "same_person"
    two = {"confirmed_by": "ou"}
    assert decide(world, n, "penalty", component="practice", amount="2", **two) == "not_a_number"
    assert decide(world, n, "penalty", component="sleep", amount="-2", **two) == "unknown_component"
    assert decide(world, n, "penalty", **fine, **two) == ""
    component, amount, why, signers = world.stream().units["u1"].adjustments[f"incident-{n}"]
    assert (component, amount, why, signers) == (
        "practice",
        -2,
        "seen by two",
        ("cooking/final/chief", "ou"),
    )
    found = world.stream().incidents[n]
    assert (found.outcome, found.confirmed_by) == ("penalty", "ou")


@pytest.mark.parametrize("outcome", ["rerun", "none"])
def test_a_rerun_and_no_action_are_said_and_change_no_number(outcome: str) -> None:
    world = opened(2)
    n = reported(world, "injury", unit="")
    assert decide(world, n, outcome, reason=" ") == "reason_missing"
    assert decide(world, n, outcome) == ""
    assert not world.stream().units["u1"].credit and not world.stream().units["u1"].adjustments


def test_who_may_report_and_what() -> None:
    world = opened(2)
    chief = world.seat("chief")

    def why(seat: e.Actor, text: str, **more: str) -> str:
        return world.refused(seat, e.Report(stream=MAIN, incident="injury", text=text, **more))

    assert why(world.seat("s2"), "a cut") == "not_allowed"
    assert why(chief, "") == "reason_missing"
    assert why(chief, "x" * 501) == "too_large"
    assert why(chief, "x", unit="u9") == "unknown_unit"
    assert decide(world, 9999, "none") == "unknown_record"


def test_the_look_at_the_identity_paper_is_kept_with_the_check_in() -> None:
    world = opened(2)
    chief = world.seat("chief")
    world.do(chief, e.CheckIn(stream=MAIN, unit="u1", session="practice", minutes_late=3, identity="same"))
    world.do(chief, e.CheckIn(stream=MAIN, unit="u2", session="practice"))
    units = world.stream().units
    assert (units["u1"].present, dict(units["u1"].identity)) == ({"practice": 3}, {"practice": "same"})
    assert not units["u2"].identity


def test_a_lead_calls_a_seat_away_and_the_chief_takes_it_off_the_panel() -> None:
    world = opened(2)
    stream = world.stream()

    def away(seat: str, by: str = "s1", **more: Any) -> str:
        told = {**WHERE, "text": "has not come back", "seat": f"cooking/final/{seat}", **more}
        return world.send(world.call(world.seat(by), e.Report(incident="away", **told))).code

    assert away("s3", by="s2") == "not_allowed", "a judge says so of nobody"
    assert away("s1") == "unknown_seat", "nor a lead of the own seat"
    assert away("s4") == "unknown_sheet", "nor of a reserve that marks nothing"
    assert away("s3", unit="") == "unknown_sheet"
    assert away("s3", text=" ") == "reason_missing"
    assert away("s3") == ""
    first = stream.n
    for seat in ("s1", "s2"):
        assert world.mark(seat, "u1", "A1.J1", "2").a == "accepted"
    sheet = stream.sheets["u1", "A1"]
    assert (1, "A1.J1") not in sheet.cells and "A1.J1" not in sheet.spread
    view = views.seat_hello(world.state, "cooking/final/s1")["sheets"]
    assert {one["unit"] for one in view if one.get("away") == ["cooking/final/s3"]} == {"u1"}
    assert "cooking/final/s3" in sheet.roster, "it is the chief's to decide"
    assert decide(world, first, "credit", seconds=60) == "bad_status"
    assert decide(world, first, "status") == "panel_too_small"
    assert decide(world, first, "status", joins="cooking/final/s4") == ""
    assert stream.sheets["u1", "A1"].roster[-1] == "cooking/final/s4"
    assert "cooking/final/s3" not in stream.sheets["u1", "A1"].roster
    assert "cooking/final/s3" in stream.sheets["u2", "A1"].roster
    assert away("s3", unit="u2") == ""
    assert decide(world, stream.n, "everywhere", joins="cooking/final/s4") == ""
    assert "cooking/final/s3" not in stream.sheets["u2", "A1"].roster
    assert "cooking/final/s3" in stream.left
    view = views.seat_hello(world.state, "cooking/final/s1")["sheets"]
    assert not any("away" in one for one in view)
    assert decide(world, reported(world), "everywhere") == "bad_status", "only a seat leaves everywhere"
