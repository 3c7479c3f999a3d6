"""From an official result to credentials: checks, notice, two people, numbers, corrections, keys."""

from __future__ import annotations

from typing import Any

import pytest

from compsys import commands_credentials as c
from compsys import events as e
from compsys.credentials import documents, proofs
from compsys.credentials.checks import separate
from compsys.credentials.controller import key_of
from tests.compsys import certified
from tests.compsys.certified import (
    KEY,
    OTHER,
    approve,
    by_person,
    correct,
    day,
    filing,
    founded,
    issued,
    issuer,
    keyed,
    names,
    official,
    propose,
    reserve,
    sign,
)
from tests.world import ORGANIZER, World


def verified(world: World, credential: Any) -> proofs.Checked:
    """What a checker with the issuer's key history says of a credential's document."""
    document = documents.document(world.state, names(), credential)
    assert isinstance(document, dict), document
    keys = documents.controller_keys(world.state, "centre")
    return proofs.verify(document, key_of({"https://c.example/issuers/centre": keys}))


def numbers(world: World, paper: str = "level") -> list[str]:
    """Numbers of what stands, in order."""
    return sorted(found.number for found in by_person(world, paper).values())


# ---------------------------------------------------------------- the way


def test_the_whole_way_gives_levels_by_place_with_numbers_in_order_and_documents_that_verify() -> None:
    world = official(8)
    batch = issued(world)
    assert batch.state == "issued"
    stands = by_person(world)
    rows = {person: world.state.credentials.row(found) for person, found in stands.items()}
    levels = {person: row.level for person, row in rows.items()}
    assert levels == {"p00000": "2", "p00001": "2", "p00002": "2", "p00003": "3"}
    assert numbers(world) == [
        "S000037000042262000001", "S000037000042262000002", "S000037000042262000003",
        "S000037000042263000001",
    ]  # fmt: skip
    assert all(verified(world, found).ok for found in stands.values())
    assert len({found.index for found in stands.values()}) == 4


def test_nothing_is_proposed_before_the_result_is_official_and_nothing_twice() -> None:
    world = founded(4)
    assert world.refused(ORGANIZER, certified.proposal("a" * 32)) == "not_official"
    world = official(8)
    propose(world)
    assert world.refused(ORGANIZER, certified.proposal("b" * 32)) == "credential.already_proposed"
    issued(world, "award")
    assert world.refused(ORGANIZER, certified.proposal("c" * 32, "award")) == "credential.nothing_to_propose"


def test_what_speaks_against_a_row_keeps_it_out_and_what_nobody_knows_is_said() -> None:
    world = official(8)
    world.do(ORGANIZER, c.NoteTraining(rows=(("p00000", "centre", ""), ("p00001", "school", ""))))
    batch = propose(world)
    said = {row.person: (row.failed, row.unknown) for row in batch.rows}
    assert said["p00000"] == (("separation",), ("identity", "passes"))
    assert said["p00001"] == ((), ("identity", "passes"))
    assert said["p00002"] == ((), ("identity", "passes", "separation"))
    approve(world, batch)
    assert dict(batch.out) == {0: "separation"}
    assert separate(world.state, frozenset({"school"}), "p00001") is False


def test_an_officer_answers_for_who_they_are_where_nobody_looked() -> None:
    world = official(8)
    batch = propose(world)
    world.do(ORGANIZER, c.GiveNotice(batch=batch.id, since=day(world), days=0))
    asked = c.ApproveBatch(batch=batch.id, version=1, confirmed_by="qian")
    assert world.refused(ORGANIZER, asked) == "credential.nothing_to_approve"
    world.do(ORGANIZER, c.ApproveBatch(batch=batch.id, version=1, confirmed_by="qian", identity=("p00002",)))
    assert dict(batch.out) == {0: "identity", 1: "identity", 3: "identity"}


def test_a_level_once_a_year_whatever_the_contest() -> None:
    world = official(8)
    issued(world)
    facts = (c.Fact(person="p00004", held="", promoted_in="2026"),)
    made = c.ProposeCredentials(
        batch="d" * 32, paper="level", issuer="centre", **certified.WHERE, facts=facts, rules=certified.RULES
    )
    assert world.refused(ORGANIZER, made) == "credential.nothing_to_propose"


# ---------------------------------------------------------------- issuers


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"filing": None}, "credential.issuer_unfiled"),
        ({"filing": filing(until="2026-05-01")}, "credential.nothing_to_approve"),
        ({"filing": filing(since="2027-01-01")}, "credential.nothing_to_approve"),
    ],
)
def test_an_issuer_gives_levels_only_under_a_filing_of_that_day(change: dict[str, Any], code: str) -> None:
    world = official(8, **change)
    made = certified.proposal("a" * 32)
    answer = world.send(world.call(ORGANIZER, made))
    if answer.a == "refused":
        assert answer.code == code
        assert issued(world, "award").state == "issued"  # awards need none
        return
    batch = world.state.credentials.batches["a" * 32]
    assert all("filing" in row.failed for row in batch.rows)
    world.do(ORGANIZER, c.GiveNotice(batch=batch.id, since=day(world), days=0))
    asked = c.ApproveBatch(batch=batch.id, version=1, confirmed_by="qian", identity=("*",))
    assert world.refused(ORGANIZER, asked) == code


def test_the_filing_is_looked_at_again_on_the_day_of_issue_each_fault_by_its_own_sentence() -> None:
    world = official(8)
    batch = propose(world)
    approve(world, batch)
    faults = (
        (filing(until="2026-02-01"), "credential.filing_expired"),
        (filing(since="2027-02-01"), "credential.filing_not_yet"),
        (filing(scopes=()), "credential.occupation_unfiled"),
        (filing(scopes=(certified.Scope(occupation="6-18-02-04", edition="2022", levels=("3",)),)),
         "credential.level_unfiled"),
    )  # fmt: skip
    for changed, code in faults:
        world.do(ORGANIZER, c.SetIssuer(issuer=issuer(filing=changed)))
        assert reserve(world, batch).code == code
    world.do(ORGANIZER, c.SetIssuer(issuer=issuer(filing=filing(number="续"))))
    assert reserve(world, batch).a == "accepted"


def test_protected_words_need_an_authorisation_that_stands_in_the_journal() -> None:
    world = founded(2)
    name = {"zh-CN": "中国示例中心"}
    assert world.refused(ORGANIZER, c.SetIssuer(issuer=issuer(name=name))) == "credential.word_protected"
    allowed = (certified.Allowed(word="中国", by="人社部", reason="批文 1 号"),)
    world.do(ORGANIZER, c.SetIssuer(issuer=issuer(name=name, exceptions=allowed)))
    assert world.state.credentials.issuers["centre"][-1].exceptions[0].by == "人社部"


# ---------------------------------------------------------------- notice, two people


def test_a_notice_runs_working_days_and_an_upheld_objection_makes_a_new_version() -> None:
    world = official(8)
    batch = propose(world)
    world.do(ORGANIZER, c.GiveNotice(batch=batch.id, since=day(world), days=3))
    asked = c.ApproveBatch(batch=batch.id, version=1, confirmed_by="qian", identity=("*",))
    assert world.refused(ORGANIZER, asked) == "credential.notice_running"
    told = world.do(ORGANIZER, c.Object(batch=batch.id, row=1, words="并非本人"))
    world.now += 10 * 86_400_000
    assert world.refused(ORGANIZER, asked) == "credential.objection_open"
    world.do(ORGANIZER, c.AnswerObjection(batch=batch.id, n=told.n, upheld=True, words="属实"))
    assert world.refused(ORGANIZER, asked) == "credential.list_changed"
    asked = c.ApproveBatch(batch=batch.id, version=2, confirmed_by="qian", identity=("*",))
    world.now += 86_400_000
    world.do(ORGANIZER, asked)
    assert dict(batch.out) == {1: "objection"}
    reserve(world, batch)
    assert "p00001" not in {found.person for found in sign(world, batch)}


def test_two_people_and_the_second_is_an_officer_who_did_not_propose() -> None:
    world = official(8)
    qian = e.Actor("account", "qian", ("officer",))
    batch = propose(world, "award", actor=qian)
    made = e.MakeAccount(account="second", roles=("organizer",), secret="scrypt$00$11")
    world.do(certified.OFFICE, made)
    for who, code in (("", "confirmation_missing"), ("lin", "same_person"), ("qian", "same_person"),
                      ("second", "credential.not_an_officer")):  # fmt: skip
        asked = c.ApproveBatch(batch=batch.id, version=0, confirmed_by=who)
        assert world.refused(ORGANIZER, asked) == code
    assert reserve(world, batch).code == "credential.not_approved"
    world.do(ORGANIZER, c.ApproveBatch(batch=batch.id, version=0, confirmed_by="sun"))
    assert batch.approved_by == "sun"


def test_nothing_is_issued_while_an_incident_of_the_stage_is_open() -> None:
    world = official(8)
    batch = propose(world)
    approve(world, batch)
    chief = _chief(world)
    report = e.Report(stream=certified.WELD, incident="conduct", text="疑似替考", unit="u00000")
    told = world.do(chief, report)
    assert reserve(world, batch).code == "credential.appeal_open"
    decided = e.DecideIncident(stream=certified.WELD, n=told.n, outcome="none", reason="查无实据")
    world.do(chief, decided)
    assert reserve(world, batch).a == "accepted"


def _chief(world: World) -> e.Actor:
    token, device = world.fresh(), world.fresh()
    seat = "weld/final/chief"
    world.do(ORGANIZER, e.IssueLink(seat=seat, token=token, expires="2099-01-01T00:00:00.000Z"))
    world.do(certified.OFFICE, e.Enrol(seat=seat, token=token, device=device, device_key="k"))
    world.devices[seat] = device
    return e.Actor(kind="seat", id=seat, roles=("chief",))


# ---------------------------------------------------------------- numbers


def test_a_number_that_fails_is_void_with_its_reason_and_no_number_comes_twice() -> None:
    world = official(8)
    batch = propose(world)
    approve(world, batch)
    reserve(world, batch)
    held = world.state.credentials
    first = next(key for key, found in held.waiting.items() if found.number.endswith("2000002"))
    world.do(ORGANIZER, c.VoidNumbers(batch=batch.id, rows=((first, "credential.holder_unnamed"),)))
    sign(world, batch)
    assert batch.state == "approved"
    reserve(world, batch)
    sign(world, batch)
    assert batch.state == "issued"
    given = [*numbers(world), *held.void]
    assert sorted(n[-7:] for n in given) == ["2000001", "2000002", "2000003", "2000004", "3000001"]
    assert dict(held.void) == {"S000037000042262000002": "credential.holder_unnamed"}


def test_a_row_is_issued_once() -> None:
    world = official(8)
    batch = issued(world)
    assert reserve(world, batch, [0]).code == "credential.row_issued"
    assert reserve(world, batch, [7]).code == "credential.row_unknown"


def test_serials_stop_at_their_last() -> None:
    world = official(8, templates={"level": "{body}{year:2}{level}{serial:1}"})
    batch = propose(world)
    approve(world, batch)
    world.state.credentials.serials["centre", "2026", "2", "level"] = 8
    assert reserve(world, batch).code == "credential.serials_used_up"
    assert not world.state.credentials.waiting


# ---------------------------------------------------------------- corrections


def test_a_corrected_result_touches_exactly_the_credentials_it_changes() -> None:
    world = official(8)
    issued(world)
    issued(world, "award")
    before, awards = by_person(world), by_person(world, "award")
    correct(world, "u00003")  # the fourth place, excellence: the fifth moves up
    again = issued(world)
    did = {(world.state.credentials.row(f).person, r.action) for f, r in _done(world, again)}
    assert did == {("p00003", "revoke"), ("p00004", "new")}
    after = by_person(world)
    assert set(after) == {"p00000", "p00001", "p00002", "p00004"}
    assert all(after[p].sha == before[p].sha for p in ("p00000", "p00001", "p00002"))
    assert world.state.credentials.held[before["p00003"].id].status == "revoked"
    assert after["p00004"].number == "S000037000042263000002"
    second = issued(world, "award")
    assert {row.person for row in second.rows} == {"p00003", "p00004"}
    assert by_person(world, "award")["p00000"].sha == awards["p00000"].sha


def _done(world: World, batch: Any) -> list[Any]:
    held = world.state.credentials
    found = []
    for i, row in enumerate(batch.rows):
        key = row.of or batch.issued[i]
        found.append((held.held[key], row))
    return found


def test_a_medal_that_changes_is_the_same_credential_anew_and_the_old_print_is_superseded() -> None:
    world = official(8)
    issued(world, "award")
    before = by_person(world, "award")
    correct(world, "u00001")  # the silver: bronze becomes silver, and so on
    batch = issued(world, "award")
    actions = {row.person: row.action for row in batch.rows}
    assert actions == {"p00001": "revoke", "p00002": "replace", "p00003": "replace", "p00004": "new"}
    after = by_person(world, "award")["p00002"]
    old = before["p00002"]
    held = world.state.credentials
    assert after.id == old.id and after.number == old.number and after.index != old.index
    assert after.valid_from > old.valid_from and (after.awarded or after.valid_from) == old.valid_from
    assert [f.status for f in held.earlier[after.id]] == ["superseded"]
    bits = held.lists["centre"][0].bits
    assert bits[old.index >> 3] & (0x80 >> (old.index & 7))
    assert not bits[after.index >> 3] & (0x80 >> (after.index & 7))
    document = documents.document(world.state, names(), after)
    assert isinstance(document, dict)
    results = document["credentialSubject"]["result"]
    said = {one["resultDescription"].partition("#")[2]: one["value"] for one in results}
    assert said["award"] == "银牌 / Silver" and said["rank"] == "2"
    assert verified(world, after).ok


def test_a_batch_of_a_result_that_was_corrected_stops() -> None:
    world = official(8)
    batch = propose(world)
    approve(world, batch)
    correct(world, "u00005")
    assert reserve(world, batch).code == "credential.result_superseded"
    assert world.state.results[KEY].versions[-1].version == 2
    assert propose(world).before == batch.id


# ---------------------------------------------------------------- keys


def test_after_a_rotation_old_credentials_hold_and_new_ones_have_the_new_key() -> None:
    world = official(8)
    issued(world)
    new = keyed(world, OTHER)
    issued(world, "award", OTHER)
    assert all(verified(world, found).ok for found in world.state.credentials.held.values())
    assert {found.slice.key for found in by_person(world, "award").values()} == {new}


def test_a_compromised_key_holds_nothing_and_all_is_issued_anew_under_the_same_ids() -> None:
    world = official(8)
    batch = issued(world)
    old = world.state.credentials.keys["centre"][0].id
    before = by_person(world)
    revoke = c.MoveKey(issuer="centre", key=old, move="revoked", reason="外泄", confirmed_by="lin")
    assert world.refused(ORGANIZER, revoke) == "same_person"
    gone = c.MoveKey(issuer="centre", key=old, move="revoked", reason="外泄", confirmed_by="qian")
    world.do(ORGANIZER, gone)
    assert {verified(world, found).code for found in before.values()} == {"proof.key_revoked"}
    assert reserve(world, propose_award(world)).code == "credential.key_revoked"
    keyed(world, OTHER)
    rows = tuple((found.id, 7) for found in before.values())
    again = {"rows": rows, "code": "key_revoked", "reason": "换钥"}
    world.do(ORGANIZER, c.ReissueCredentials(**again, confirmed_by="qian"))  # type: ignore[arg-type]  # spread
    sign(world, batch, OTHER)
    after = by_person(world)
    assert {p: (f.id, f.number, f.subject) for p, f in after.items()} == {
        p: (f.id, f.number, f.subject) for p, f in before.items()
    }
    assert all(verified(world, found).ok for found in after.values())


def propose_award(world: World) -> Any:
    """An approved batch of awards."""
    batch = propose(world, "award")
    approve(world, batch)
    return batch


def test_suspended_comes_back_revoked_does_not() -> None:
    world = official(8)
    issued(world)
    one = by_person(world)["p00000"]

    def moved(move: Any, confirmed_by: str = "qian") -> c.MoveCredentials:
        return c.MoveCredentials(move=move, credentials=(one.id,), reason="申诉", confirmed_by=confirmed_by)

    world.do(ORGANIZER, moved("suspended"))
    assert world.state.credentials.held[one.id].status == "suspended"
    assert world.refused(ORGANIZER, moved("suspended")) == "credential.credential_state"
    world.do(ORGANIZER, moved("reinstated"))
    assert world.refused(ORGANIZER, moved("revoked", "")) == "confirmation_missing"
    world.do(ORGANIZER, moved("revoked"))
    assert world.refused(ORGANIZER, moved("reinstated")) == "credential.credential_state"


# ---------------------------------------------------------------- names


def test_a_changed_name_is_said_and_a_reissue_keeps_the_number() -> None:
    world = official(8)
    batch = issued(world)
    one = by_person(world)["p00000"]

    def renamed(person: str) -> Any:
        return certified.identity(77)

    answer = documents.document(world.state, renamed, one)
    assert isinstance(answer, e.Refused) and answer.code == "credential.document_differs"
    nobody = documents.document(world.state, lambda person: None, one)
    assert isinstance(nobody, e.Refused) and nobody.code == "credential.person_erased"
    assert isinstance(documents.document(world.state, names(), one), dict)
    assert batch.state == "issued"


def test_a_body_without_a_filing_gives_scores_with_numbers_of_its_own() -> None:
    world = official(3, filing=None)
    issued(world, "score")
    assert numbers(world, "score") == ["CENTRE-S2026-000001", "CENTRE-S2026-000002", "CENTRE-S2026-000003"]
    found = by_person(world, "score")["p00001"]
    document = documents.document(world.state, names(), found)
    assert isinstance(document, dict)
    assert document["credentialSubject"]["achievement"]["achievementType"] == "Award"
    assert "humanCode" not in document["credentialSubject"]["achievement"]
