"""Rows of a register: what the state says of each certificate, of a contest and of an assessment."""

from __future__ import annotations

import pytest

from compsys import commands_credentials as c
from compsys.exchange import archive_files, register_rows
from compsys.exchange.register_row import RegisterRow
from compsys.exchange.subsidy_list import taught
from tests.compsys import assessed, certified
from tests.world import ORGANIZER, World


def rows(world: World) -> dict[str, RegisterRow]:
    """person -> the certificate."""
    return {row.person: row for row in register_rows.rows(world.state)}




def test_what_a_contest_says_stands_in_its_rows() -> None:
    world = certified.official(8)
    world.do(ORGANIZER, c.NoteTraining(rows=(("p00000", "d1", "p00007"),)))
    certified.issued(world)
    world.do(ORGANIZER, c.NoteTraining(rows=(("p00001", "centre", ""),)))  # which nobody had said before
    found = rows(world)
    first = found["p00000"]
    assert (first.kind, first.level, first.state, first.way) == ("level", "2", "valid", "contest")
    assert (first.occupation, first.occupation_name) == ("6-18-02-04", "焊工 / Welder")
    assert (first.issuer, first.issuer_code, first.region) == ("centre", certified.BODY, "37")
    assert first.firm == "d0" and first.score == "95.00" and first.theory == "" and first.filed
    assert first.trainers == ("d1", "p00007") and first.trainer == "D1" and not taught(first)
    assert taught(found["p00001"]), "the body that issues also trained"
    assert first.issued == certified.by_person(world)["p00000"].valid_from[:10] and first.mended == ""


def test_what_is_issued_anew_is_one_row_with_the_day_of_the_award() -> None:
    world = certified.official(8)
    certified.issued(world)
    before = rows(world)
    one = certified.by_person(world)["p00000"]
    world.now += 40 * 86_400_000
    again = c.ReissueCredentials(rows=((one.id, 7),), code="name", reason="改名", confirmed_by="sun")
    world.do(ORGANIZER, again)
    certified.sign(world, world.state.credentials.batches[one.batch])
    after = rows(world)
    assert len(after) == len(before) == sum(1 for _ in register_rows.rows(world.state))
    assert after["p00000"].number == before["p00000"].number
    assert after["p00000"].issued == before["p00000"].issued < after["p00000"].mended
    other = certified.by_person(world)["p00001"]
    gone = c.MoveCredentials(
        move="revoked", credentials=(other.id,), code="fraud", reason="替考", confirmed_by="sun"
    )
    world.do(ORGANIZER, gone)
    assert rows(world)["p00001"].state == "revoked"


def test_only_who_looked_at_the_document_makes_it_checked() -> None:
    world = certified.official(6)
    batch = certified.propose(world, "award", participation=True, count=6)
    world.do(ORGANIZER, c.ApproveBatch(batch=batch.id, version=0, confirmed_by="qian", identity=("p00001",)))
    certified.reserve(world, batch, [i for i in range(len(batch.rows)) if i not in batch.out])
    certified.sign(world, batch)
    units = world.state.streams[certified.WELD].units
    units["u00002"].identity = {"d1": "same"}
    units["u00003"].identity = {"d1": "same", "d2": "other"}
    found = rows(world)
    checked = {person: row.checked for person, row in found.items() if person < "p00004"}
    assert checked.get("p00001") == "officer" and checked.get("p00002") == "floor"
    assert checked.get("p00000", "") == "" and checked.get("p00003", "") == "", "other than the document says"


def test_what_an_assessment_says_stands_in_its_rows_and_its_archive() -> None:
    world = assessed.founded()
    marks = [(i, part, mark) for i in (0, 1) for part, mark in (("theory", "82"), ("practice", "75.5"))]
    assessed.ready(world, "w1", *marks, provinces=("65", "34", "53"))
    assessed.later(world, "2026-03-02")
    batch = assessed.proposed(world, "w1", assessed.SECOND)
    certified.approve(world, batch)
    assert certified.reserve(world, batch).a == "accepted"
    certified.sign(world, batch, bytes([0]) + certified.SECRET[1:])
    row = rows(world)["p00000"]
    assert (row.way, row.level, row.theory, row.practical, row.score) == ("assessment", "3", "82", "75.5", "")
    assert (row.firm, row.firm_name) == ("works", "示例机械厂 / Example Works"), "its own staff"
    assert row.region == "34" and row.checked == "officer" and row.filed
    assert {"works"} | {f"a{i}" for i in range(2)} <= row.assessors
    filed = archive_files.filed(world.state, certified.names(), batch, "2026-03-05")
    assert set(filed.own["results"]) == {"v1.json"}
    assert b'"kind":"assessment"' in filed.own["results"]["v1.json"]
    assert b'"panels"' in filed.own["process"]["batch.json"] and filed.certificates == 2


@pytest.mark.parametrize(
    ("raw", "most", "told"), [("60", "60", "100"), ("1", "3", "33.33"), ("0", "60", "0")]
)
def test_marks_of_another_maximum_are_told_as_of_100(raw: str, most: str, told: str) -> None:
    assert register_rows.of_100(raw, most) == told
