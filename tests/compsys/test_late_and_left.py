"""Who leaves a panel, and what becomes of marks that come too late: kept, told, never counted unasked."""

from __future__ import annotations

from typing import Any

import pytest

from compsys import events as e
from compsys import views
from tests.world import MAIN, ORGANIZER, World, opened, set_up


@pytest.fixture
def world() -> World:
    """Three entries, marking open, the session running."""
    return opened()


def rotate(leaves: str, joins: str, unit: str = "*") -> e.ChangeRoster:
    """A seat leaves, another joins."""
    who = {"leaves": f"cooking/final/{leaves}", "joins": f"cooking/final/{joins}"}
    return e.ChangeRoster(stream=MAIN, unit=unit, reason="rotation", **who)


def test_a_mark_of_a_judge_who_was_rotated_out_meanwhile_lies_in_the_tray(world: World) -> None:
    chief = world.seat("chief")
    world.mark("s3", "u1", "A1.J1", "2")
    world.do(chief, rotate("s3", "s4"))
    pending = world.mark("s3", "u1", "C1.P1", "9")
    agreed = world.mark("s3", "u1", "B1.M2", "4")
    assert (pending.a, agreed.a) == ("late", "late")
    assert {late.why for late in world.stream().late.values()} == {"left"}
    assert world.sign("s3", "u1", "A1").code == "not_yours", "a signature does not lie in a tray"
    assert world.mark("s4", "u1", "B1.M2", "3").a == "accepted", "the panel goes on"
    settle = e.SettleLate(stream=MAIN, n=pending.n, accept=True, reason="given before the change")
    assert world.refused(chief, settle) == "bad_scope", "what a leaver gave does not count"
    world.do(chief, e.SettleLate(stream=MAIN, n=pending.n, accept=False, reason="s4 has marked it"))
    world.do(chief, e.SettleLate(stream=MAIN, n=agreed.n, accept=True, reason="read off before the change"))
    cell = world.cell("u1", "B1.M2", "*")
    assert cell is not None and cell.value == "4"


def test_a_judge_who_was_never_on_the_sheet_is_refused_as_before(world: World) -> None:
    assert world.mark("s4", "u1", "A1.J1", "2").code == "not_yours"


def test_a_judge_hears_what_became_of_a_late_mark_and_nobody_else_does(world: World) -> None:
    chief = world.seat("chief")
    world.do(chief, e.SetStatus(stream=MAIN, unit="u1", scope="stage", status="absent", reason="not there"))
    one, two = (world.mark("s2", "u1", "C1.P1", value) for value in ("9", "8"))
    world.do(chief, e.SetStatus(stream=MAIN, unit="u1", scope="stage", status=None, reason="came after all"))

    def heard(seat: str) -> Any:
        sheets = views.sheets_since(world.state, world.stream(), f"cooking/final/{seat}", 0)
        return next(s for s in sheets if (s["unit"], s["sub"]) == ("u1", "C1")).get("late")

    assert heard("s2") is None
    before = world.stream().n
    world.do(chief, e.SettleLate(stream=MAIN, n=one.n, accept=False, reason="corrected since"))
    told = views.sheets_since(world.state, world.stream(), "cooking/final/s2", before)
    assert [s["late"] for s in told] == [{str(one.n): {"settled": "left_out", "reason": "corrected since"}}]
    world.do(chief, e.SettleLate(stream=MAIN, n=two.n, accept=True, reason="seen on the sheet"))
    assert heard("s2")[str(two.n)] == {"settled": "applied", "reason": "seen on the sheet"}
    assert heard("s1") is None and heard("chief") is None


def test_a_rotation_passes_over_the_sheets_where_who_joins_is_recused() -> None:
    world = set_up(World(), 2)
    world.define("person", id="p9")
    world.define("judge", id="j4", person="p9", affiliations=["d1"])
    world.define("seat", id="s4", trade="cooking", stage="final", panel="panel", label="4", role="reserve",
                 judge="j4")  # fmt: skip
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A11"), ("e2", "u2", "A12"))))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    chief = world.seat("chief")
    assert world.refused(chief, rotate("s3", "s4", "u1")) == "recused"
    world.do(chief, rotate("s3", "s4"))
    assert "cooking/final/s4" in world.sheet("u2", "A1").roster
    assert "cooking/final/s3" in world.sheet("u1", "A1").roster, "somebody must mark it: it was passed over"
    event = world.lines[-1][3]
    assert isinstance(event, e.RosterChanged)
    assert event.skipped == (("u1", "A1"), ("u1", "B1"), ("u1", "C1"))
    assert world.mark("s3", "u1", "A1.J1", "2").a == "accepted"


def test_extra_time_for_all_is_extra_time_for_each(world: World) -> None:
    chief = world.seat("chief")
    world.do(chief, e.Credit(stream=MAIN, unit="*", session="practice", seconds=120, reason="no power"))
    world.do(chief, e.Credit(stream=MAIN, unit="u1", session="practice", seconds=30, reason="a cable"))
    credit = {key: unit.credit["practice"] for key, unit in world.stream().units.items()}
    assert credit == {"u1": 150, "u2": 120, "u3": 120}
