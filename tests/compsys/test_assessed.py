"""From an assessment to a credential: an employer with a resit, a third party elsewhere, corrections."""

from __future__ import annotations

import json
from typing import Any

import pytest

from compsys import assessed
from compsys import commands_assessment as a
from compsys.credentials import documents, numbering
from compsys.state_credentials import Batch, Credential
from tests.compsys import certified
from tests.compsys.assessed import (
    CLERK,
    INSPECTOR,
    OFFICER,
    SECOND,
    admit,
    candidacy,
    founded,
    held,
    later,
    marks,
    opening,
    proposed,
    ready,
    refused,
)
from tests.compsys.certified import SECRET
from tests.web.venue import Recorded
from tests.world import ORGANIZER

GOOD = ((0, "theory", "72"), (0, "practice", "81.5"))
PANELS = [(("practice", ("a0", "a1", "a2")),), (("practice", ("a3", "a4", "a5")),)]
CENTRE_KEY = bytes([1]) + SECRET[1:]


def issued(world: Recorded, batch: Batch, secret: bytes = SECRET) -> list[Credential]:
    """On notice, approved by another officer than who proposed, numbered and signed."""
    certified.approve(world, batch)
    answer = certified.reserve(world, batch)
    assert answer.a == "accepted", answer
    return certified.sign(world, batch, secret)


def document(world: Recorded, credential: Credential) -> dict[str, Any]:
    """The signed document, put together again from lines and names."""
    found = documents.document(world.state, certified.names(), credential)
    assert isinstance(found, dict), found
    return found


def test_an_employer_s_worker_passes_with_a_resit_and_gets_level_three() -> None:
    world = founded()
    ready(world, "w1", (0, "theory", "72"), (0, "practice", "55"), (1, "theory", "60"), (1, "practice", "60"))
    first = proposed(world, "w1", SECOND)
    assert [row.person for row in first.rows] == ["p00001"]
    again = {p: s.state for p, s in assessed.outcomes(world.state, held(world))["p00000"].again.items()}
    assert again == {"practice": "resit"}
    later(world, "2026-09-01")
    world.do(ORGANIZER, opening("w2", day="2026-09-01", panels=PANELS[1]))
    admit(world, "w2", candidacy(0))
    assert held(world, "w2").candidates["p00000"].parts == (("practice", "resit"),)
    world.do(CLERK, marks("w2", "import", (0, "practice", "66.5")))
    batch = proposed(world, "w2", SECOND)
    (row,) = batch.rows
    assert row.results == (("level", "3"), ("theory", "72"), ("practical", "66.5"))
    (credential,) = issued(world, batch)
    number = numbering.read(credential.number)
    assert number is not None and number.parts["body"] == "Y000165000007" and number.parts["level"] == "3"
    said = document(world, credential)
    assert said["evidence"][0]["genre"] == "Assessment"
    assert said["evidence"][0]["id"].endswith(f"/results/assessment/w2/sha256-{batch.basis.digest}")
    values = [r["value"] for r in said["credentialSubject"]["result"]]
    assert values[1:] == ["72", "66.5"] and "选手" not in said["credentialSubject"]["role"]


def test_a_failed_resit_leaves_nothing_kept() -> None:
    world = founded()
    ready(world, "w1", (0, "theory", "72"), (0, "practice", "55"))
    world.do(OFFICER, a.ConfirmAssessment(batch="w1"))
    later(world, "2026-09-01")
    ready(world, "w2", (0, "practice", "58"), day="2026-09-01", panels=PANELS[1])
    world.do(OFFICER, a.ConfirmAssessment(batch="w2"))
    later(world, "2026-10-01")
    world.do(ORGANIZER, opening("w3", day="2026-10-01", panels=(("practice", ("a6", "a7", "a8")),)))
    admit(world, "w3", candidacy(0))
    assert held(world, "w3").candidates["p00000"].parts == (("theory", "new"), ("practice", "new"))


def test_a_third_party_across_provinces_gives_level_four_by_its_site_s_code() -> None:
    world = founded()
    more = {"site": "wuhu", "provinces": ("37", "34", "13")}
    world.do(ORGANIZER, opening("s1", "centre", "4", **more))
    admit(world, "s1", candidacy(0, staff=False, held="5", since_held=2))
    world.do(CLERK, marks("s1", "import", *GOOD))
    (credential,) = issued(world, proposed(world, "s1", SECOND), CENTRE_KEY)
    number = numbering.read(credential.number)
    assert number is not None and number.parts["body"] == "S000034000043" and number.parts["level"] == "4"
    record = json.loads(assessed.record(world.state, held(world, "s1")))
    assert record["provinces"] == {"issuer": "37", "site": "34", "home": "13"}
    assert record["assessed"] == 1 and record["panels"] == {"practice": 3}
    assert document(world, credential)["issuer"]["otherIdentifier"][0]["identifier"] == "S000034000043"


def test_an_employer_appoints_a_special_grade_technician_by_the_number_of_the_decision() -> None:
    world = founded()
    world.do(ORGANIZER, opening("w1", level="special", way="appointment", panels=(), watch=()))
    unfit = a.AdmitCandidates(batch="w1", rows=(candidacy(1, held="2"),))
    assert refused(world, ORGANIZER, unfit)[0] == "assessment.not_eligible"
    admit(world, "w1", candidacy(0, held="1"))
    assert refused(world, OFFICER, a.ConfirmAssessment(batch="w1"))[0] == "assessment.paper_missing"
    world.do(SECOND, a.ConfirmAssessment(batch="w1", reason="聘字〔2026〕1号"))
    key = world.fresh()
    world.do(SECOND, a.ProposeAssessed(assessment="w1", batch=key))
    (credential,) = issued(world, world.state.credentials.batches[key])
    number = numbering.read(credential.number)
    assert number is not None and number.form == "appointed" and credential.number[15] == "T"


def test_the_public_record_tells_nobody_s_marks_and_stays_as_it_was() -> None:
    world = founded()
    ready(world, "w1", *GOOD, (1, "theory", "41.5"), (1, "practice", "absent"))
    batch = proposed(world)
    record = assessed.record(world.state, held(world))
    assert assessed.record_digest(world.state, held(world)) == batch.basis.digest
    assert not any(word in record for word in (b"81.5", b"41.5", b"p0000", b"a0", b"absent"))
    assert json.loads(record)["results"] == {"passed": 1, "failed": 1, "incomplete": 0}
    world.do(INSPECTOR, a.RaiseFinding(batch="w1", by="inner", severity="note", rule="1", words="事后提示"))
    assert assessed.record(world.state, held(world)) == record


def test_a_severe_finding_after_the_proposals_keeps_them_from_being_issued() -> None:
    world = founded()
    ready(world, "w1", *GOOD)
    batch = proposed(world, "w1", SECOND)
    certified.approve(world, batch)
    raised = a.RaiseFinding(batch="w1", by="outer", severity="severe", rule="8.2", words="试题外泄")
    n = world.do(INSPECTOR, raised).n
    answer = certified.reserve(world, batch)
    assert (answer.a, answer.code) == ("refused", "credential.appeal_open")
    world.do(CLERK, a.AnswerFinding(batch="w1", of=n, words="已查"))
    world.do(INSPECTOR, a.AnswerFinding(batch="w1", of=n, words="不属实", close=True))
    assert certified.reserve(world, batch).a == "accepted"


def test_a_correction_proposes_only_what_it_changes_and_takes_back_what_was_not_earned() -> None:
    world = founded()
    three = [(i, part, "70") for i in range(3) for part in ("theory", "practice")]
    ready(world, "w1", *three)
    first = proposed(world, "w1", SECOND)
    issued(world, first)
    change = marks("w1", "import", (1, "theory", "77"), (2, "practice", "absent"))
    assert refused(world, CLERK, change)[0] == "assessment.reason"
    world.do(CLERK, marks("w1", "import", (1, "theory", "77"), (2, "practice", "absent"), reason="卷面核对"))
    assert refused(world, SECOND, a.ProposeAssessed(assessment="w1", batch=world.fresh()))[0] == (
        "assessment.not_confirmed"
    )
    second = proposed(world, "w1", SECOND)
    assert [(row.person, row.action) for row in second.rows] == [("p00001", "replace"), ("p00002", "revoke")]
    assert second.basis.version == 2 and second.before == first.id
    issued(world, second)
    by_person = certified.by_person(world)
    assert sorted(by_person) == ["p00000", "p00001"]


def test_proposals_of_a_version_that_was_corrected_go_no_further() -> None:
    world = founded()
    ready(world, "w1", *GOOD)
    first = proposed(world, "w1", SECOND)
    world.do(CLERK, marks("w1", "import", (0, "theory", "73"), reason="卷面核对"))
    proposed(world, "w1", SECOND)
    from compsys.commands_credentials import GiveNotice

    notice = GiveNotice(batch=first.id, since=certified.day(world), days=5)
    assert refused(world, ORGANIZER, notice)[0] == "credential.result_superseded"


def test_nobody_is_proposed_twice_from_one_version() -> None:
    world = founded()
    ready(world, "w1", *GOOD)
    proposed(world)
    again = a.ProposeAssessed(assessment="w1", batch=world.fresh())
    assert refused(world, OFFICER, again)[0] == "credential.already_proposed"


def test_where_nobody_passed_nothing_is_proposed() -> None:
    world = founded()
    ready(world, "w1", (0, "theory", "59.9"), (0, "practice", "100"))
    world.do(OFFICER, a.ConfirmAssessment(batch="w1"))
    nothing = a.ProposeAssessed(assessment="w1", batch=world.fresh())
    assert refused(world, OFFICER, nothing)[0] == "assessment.nobody_passed"


@pytest.mark.parametrize("missing", ["theory", "practice", "review"])
def test_level_two_needs_all_three_parts(missing: str) -> None:
    world = founded()
    panels = (("practice", ("a1", "a3", "a5")), ("review", ("a1", "a3", "a7")))
    world.do(ORGANIZER, opening("w1", level="2", panels=panels))
    admit(world, "w1", candidacy(0, held="3"))
    rows = [(0, part, "59.9" if part == missing else "60") for part in ("theory", "practice", "review")]
    world.do(CLERK, marks("w1", "import", *rows))
    world.do(OFFICER, a.ConfirmAssessment(batch="w1"))
    row = held(world).versions[-1].rows["p00000"]
    assert row.result == "failed" and [p.part for p in row.parts if not p.passed] == [missing]
