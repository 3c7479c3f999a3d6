"""Assessments without a competition: who opens one, who is admitted, whose marks count, what freezes it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from compsys import commands_assessment as a
from compsys import core
from compsys import facts_assessment as f
from compsys.state import State
from tests.compsys.assessed import (
    CLERK,
    INSPECTOR,
    OFFICER,
    SECOND,
    TYPIST,
    admit,
    bound,
    candidacy,
    founded,
    held,
    later,
    marks,
    name_assessor,
    opening,
    ready,
    refused,
)
from tests.world import ORGANIZER

GOOD = ((0, "theory", "72"), (0, "practice", "81.5"))


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"issuer": "nobody"}, "assessment.issuer_unknown"),
        ({"level": "6"}, "assessment.level_unknown"),
        ({"level": "apprentice"}, "assessment.confer_no_certificate"),
        ({"level": "special"}, "assessment.confer_appointed"),
        ({"way": "appointment"}, "assessment.confer_examined"),
        ({"issuer": "centre", "level": "special", "way": "appointment"}, "assessment.confer_body"),
        ({"issuer": "centre", "level": "2"}, "credential.level_unfiled"),
        ({"day": "2029-01-01"}, "credential.filing_expired"),
        ({"day": "2026-02-30"}, "assessment.day"),
        ({"occupation": "6-18-02-05@2022"}, "credential.occupation_unfiled"),
        ({"site": "moon"}, "assessment.site_unknown"),
        ({"rules": "id = 1"}, "assessment.rules"),
        ({"panels": (("review", ("a0", "a1", "a2")),)}, "assessment.assess_no_part"),
        ({"panels": (("practice", ("a0", "a1")),)}, "assessment.panel_small"),
        ({"panels": (("practice", ("a0", "a1", "a1")),)}, "assessment.panel_twice"),
        ({"panels": (("practice", ("a0", "a1", "p00000")),)}, "assessment.assessor_unknown"),
        ({"level": "2"}, "assessment.assessor_grade"),
        ({"day": "2028-07-01"}, "assessment.assessor_term"),
        ({"watch": (("theory", ("s1",)),)}, "assessment.watch_small"),
        ({"supervisors": (("inner", "s1"),)}, "assessment.supervisor_missing"),
        ({"supervisors": (("inner", "s1"), ("outer", "a1"))}, "assessment.supervisor_sits"),
    ],
)
def test_a_batch_that_may_not_be_is_refused_by_its_own_code(more: dict[str, Any], code: str) -> None:
    assert refused(founded(), ORGANIZER, opening(**more))[0] == code


def test_panels_of_a_body_change_by_half_and_nobody_sits_four_times_in_a_row() -> None:
    world = founded()
    world.do(ORGANIZER, opening("w1"))
    assert refused(world, ORGANIZER, opening("w2"))[0] == "assessment.panel_unchanged"
    for ident, panel in (("w2", ("a0", "a3", "a4")), ("w3", ("a0", "a5", "a6"))):
        world.do(ORGANIZER, opening(ident, panels=(("practice", panel),)))
    fourth = opening("w4", panels=(("practice", ("a0", "a7", "a8")),))
    code, params = refused(world, ORGANIZER, fourth)
    assert code == "assessment.assessor_in_a_row" and params["times"] == "3"
    elsewhere = opening("w4", "centre", panels=(("practice", ("a0", "a7", "a8")),))
    world.do(ORGANIZER, elsewhere)  # another body counts its own panels


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"staff": False}, "assessment.not_staff"),
        ({"held": "3"}, "assessment.held_enough"),
        ({"since_held": 1, "education": "none"}, "assessment.not_eligible"),
        ({"bodies": ("works",)}, "assessment.trainer_issuer"),
        ({"bodies": ("school",)}, "assessment.trainer_body"),
        ({"trainers": ("a2",)}, "assessment.trainer_person"),
        ({"person": "a2"}, "assessment.assessor_self"),
        ({"person": "p00003"}, "assessment.assessor_kin"),
        ({"person": "p99999"}, "assessment.person_unknown"),
        ({"parts": (("review", "new"),)}, "assessment.assess_no_part"),
        ({"parts": (("theory", "resit"),)}, "assessment.assess_entered"),
    ],
)
def test_a_candidate_who_may_not_be_is_refused_by_its_own_code(more: dict[str, Any], code: str) -> None:
    world = founded()
    name_assessor(world, "a1", grade="senior", bodies=("school",), kin=("p00003",))
    world.do(ORGANIZER, opening())
    command = a.AdmitCandidates(batch="w1", rows=(candidacy(0, **more),))
    assert refused(world, ORGANIZER, command)[0] == code
    assert not held(world).candidates


def test_training_that_was_noted_elsewhere_counts_as_what_the_list_says() -> None:
    from compsys.commands_credentials import NoteTraining

    world = founded()
    world.do(ORGANIZER, NoteTraining(rows=(("p00000", "works", ""),)))
    world.do(ORGANIZER, opening())
    command = a.AdmitCandidates(batch="w1", rows=(candidacy(0),))
    assert refused(world, ORGANIZER, command)[0] == "assessment.trainer_issuer"


def test_a_third_party_takes_everybody_and_an_employer_its_own_staff_alone() -> None:
    world = founded()
    world.do(ORGANIZER, opening("s1", "centre", "4", site="wuhu", provinces=("37", "34", "13")))
    admit(world, "s1", candidacy(0, staff=False, held="5", since_held=2, home="65"))
    row = held(world, "s1").candidates["p00000"]
    assert (row.home, held(world, "s1").opened.provinces) == ("65", ("37", "34", "13"))


def test_a_new_person_is_bound_by_a_commitment_and_a_known_one_is_not_bound_again() -> None:
    world = founded()
    world.do(ORGANIZER, opening())
    new = candidacy(50, commitment=bound(50))
    admit(world, "w1", new)
    assert world.state.commitments["p00050"] == (bound(50), "")
    again = a.AdmitCandidates(batch="w1", rows=(candidacy(0, commitment=bound(0)),))
    assert refused(world, ORGANIZER, again)[0] == "assessment.person_unknown"


def test_thirty_one_candidates_need_a_third_invigilator() -> None:
    world = founded(31)
    world.do(ORGANIZER, opening())
    admit(world, "w1", *(candidacy(i) for i in range(30)))
    code, params = refused(world, ORGANIZER, a.AdmitCandidates(batch="w1", rows=(candidacy(30),)))
    assert code == "assessment.watch_small" and params["needed"] == "3"


def test_what_nobody_stated_waits_for_an_officer_who_looked() -> None:
    world = founded()
    world.do(ORGANIZER, opening())
    admit(world, "w1", candidacy(0, held="", held_stated=False, since_held=None))
    world.do(CLERK, marks("w1", "import", *GOOD))
    confirm = a.ConfirmAssessment(batch="w1")
    assert refused(world, OFFICER, confirm)[0] == "assessment.uncleared"
    clear = a.ClearCandidate(batch="w1", person="p00000", reason="看过证书")
    assert refused(world, CLERK, clear)[0] == "not_allowed"
    world.do(OFFICER, clear)
    world.do(OFFICER, confirm)
    assert refused(world, OFFICER, clear)[0] == "assessment.nothing_to_check"


# ---------------------------------------------------------------- marks


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ((0, "theory", "101"), "assessment.assess_range"),
        ((0, "theory", "59.95"), "assessment.assess_decimals"),
        ((0, "theory", "l00"), "assessment.assess_number"),
        ((0, "review", "60"), "assessment.not_entered"),
        ((9, "theory", "60"), "assessment.candidate_unknown"),
    ],
)
def test_a_mark_that_is_none_enters_nothing_of_its_list(row: tuple[int, str, str], code: str) -> None:
    world = founded()
    world.do(ORGANIZER, opening())
    admit(world, "w1", candidacy(0))
    assert refused(world, CLERK, marks("w1", "import", (0, "practice", "70"), row))[0] == code
    assert not held(world).marks


def test_an_import_counts_once_somebody_else_confirms_it() -> None:
    world = founded()
    ready(world, "w1", *GOOD)
    assert refused(world, CLERK, a.ConfirmAssessment(batch="w1"))[0] == "not_allowed"
    world.do(OFFICER, marks("w1", "import", *GOOD))
    other = msgspec.structs.replace(CLERK, roles=("officer",))
    world.do(other, a.ConfirmAssessment(batch="w1"))  # two persons have the same marks
    assert [row.result for row in held(world).versions[-1].rows.values()] == ["passed"]


def test_who_entered_the_marks_alone_does_not_confirm_them() -> None:
    world = founded()
    world.do(ORGANIZER, opening())
    admit(world, "w1", candidacy(0))
    world.do(OFFICER, marks("w1", "import", *GOOD))
    assert refused(world, OFFICER, a.ConfirmAssessment(batch="w1"))[0] == "same_person"
    world.do(SECOND, a.ConfirmAssessment(batch="w1"))


def test_what_is_typed_is_typed_by_two_and_a_difference_is_shown_until_it_is_settled() -> None:
    world = founded()
    world.do(ORGANIZER, opening())
    admit(world, "w1", candidacy(0))
    world.do(CLERK, marks("w1", "typed", *GOOD))
    confirm = a.ConfirmAssessment(batch="w1")
    assert refused(world, OFFICER, confirm)[0] == "assessment.typed_once"
    world.do(TYPIST, marks("w1", "typed", (0, "theory", "77"), (0, "practice", "81.5")))
    code, params = refused(world, OFFICER, confirm)
    assert code == "assessment.differs" and params["said"] == "72 / 77" and params["person"] == "p00000"
    world.do(TYPIST, marks("w1", "typed", (0, "theory", "72")))
    world.do(OFFICER, confirm)
    assert held(world).versions[-1].rows["p00000"].parts[0].mark == "72"


def test_a_hole_is_waited_for_and_an_absence_is_none() -> None:
    world = founded()
    ready(world, "w1", (0, "theory", "72"))
    confirm = a.ConfirmAssessment(batch="w1")
    code, params = refused(world, OFFICER, confirm)
    assert code == "assessment.hole" and params["part"] == "practice"
    world.do(CLERK, marks("w1", "import", (0, "practice", "absent")))
    world.do(OFFICER, confirm)
    row = held(world).versions[-1].rows["p00000"]
    assert (row.result, row.parts[1].mark, row.parts[1].passed) == ("failed", "absent", False)


def test_nothing_is_confirmed_before_its_day_nor_without_candidates() -> None:
    world = founded()
    world.do(ORGANIZER, opening("w1"))
    assert refused(world, OFFICER, a.ConfirmAssessment(batch="w1"))[0] == "assessment.no_candidates"
    panel = (("practice", ("a3", "a4", "a5")),)
    ready(world, "w2", *GOOD, day="2027-12-01", panels=panel)
    assert refused(world, OFFICER, a.ConfirmAssessment(batch="w2"))[0] == "assessment.too_early"
    later(world, "2027-12-01")
    world.do(OFFICER, a.ConfirmAssessment(batch="w2"))


# ---------------------------------------------------------------- supervision


def test_an_open_severe_finding_freezes_the_batch_until_another_person_closes_it() -> None:
    world = founded()
    ready(world, "w1", *GOOD)
    raised = a.RaiseFinding(batch="w1", by="outer", severity="severe", rule="8.2", words="考场门未关")
    n = world.do(INSPECTOR, raised).n
    assert held(world).state == "frozen"
    confirm = a.ConfirmAssessment(batch="w1")
    assert refused(world, OFFICER, confirm)[0] == "assessment.frozen"
    close = a.AnswerFinding(batch="w1", of=n, words="已看", close=True)
    assert refused(world, INSPECTOR, close)[0] == "assessment.finding_unanswered"
    world.do(CLERK, a.AnswerFinding(batch="w1", of=n, words="已重考"))
    assert refused(world, CLERK, close)[0] == "same_person"
    world.do(INSPECTOR, close)
    world.do(OFFICER, confirm)
    assert refused(world, INSPECTOR, close)[0] == "assessment.finding_closed"
    nothing = a.AnswerFinding(batch="w1", of=1, words="?")
    assert refused(world, INSPECTOR, nothing)[0] == "assessment.finding_unknown"


def test_a_minor_finding_is_kept_and_freezes_nothing() -> None:
    world = founded()
    ready(world, "w1", *GOOD)
    world.do(INSPECTOR, a.RaiseFinding(batch="w1", by="inner", severity="minor", rule="3", words="迟到"))
    world.do(OFFICER, a.ConfirmAssessment(batch="w1"))
    assert len(held(world).findings) == 1 and held(world).state == "confirmed"


def test_the_lines_alone_give_the_same_again() -> None:
    world = founded()
    ready(world, "w1", *GOOD)
    world.do(OFFICER, a.ConfirmAssessment(batch="w1"))
    again = core.fold(State(id=world.state.id), world.lines)
    assert again.assessments == world.state.assessments
    assert {type(event) for *_, event, _ in world.lines} >= {f.AssessmentOpened, f.AssessmentConfirmed}
