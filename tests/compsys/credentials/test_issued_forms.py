"""What the program itself issues, of every kind: others accept it, by their schema, rules and contexts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from compsys import commands_credentials as c
from compsys.answers import Refused
from compsys.credentials import (
    controller,
    documents,
    jcs,
    jwt,
    known,
    multikey,
    nquads,
    proofs,
    statement,
    statuslist,
)
from compsys.credentials.controller import Key
from compsys.credentials.signer import ES256, Ed25519
from compsys.state_credentials import Batch
from tests.compsys import assessed, certified
from tests.compsys.credentials import outside
from tests.world import ORGANIZER, World

Json = dict[str, Any]
SIGNER = Ed25519(certified.SECRET)
FORMS = ("level", "award", "participation", "score", "assessed", "reissued")
AT = "2026-06-01T08:00:00+08:00"


def key_of(method: str) -> bytes | None:
    return SIGNER.public if method.endswith(multikey.encode(SIGNER.public)) else None


def document(world: World, batch: Batch, row: int) -> Json:
    found = documents.document(
        world.state, certified.names(), world.state.credentials.held[batch.issued[row]]
    )
    assert not isinstance(found, Refused), found
    return found


@pytest.fixture(scope="module")
def contest() -> World:
    """An official result and an issuer that may do all."""
    return certified.official()


@pytest.fixture(scope="module")
def forms(contest: World) -> dict[str, Json]:
    """One certificate of each kind, each by the whole way from a result or from an assessment."""
    made = {}
    batches = {paper: certified.issued(contest, paper) for paper in ("level", "score")}
    batches["award"] = certified.issued(contest, "award", participation=True)
    for name, paper, row in (
        ("level", "level", 0), ("award", "award", 0), ("participation", "award", -1), ("score", "score", 0),
    ):  # fmt: skip
        made[name] = document(contest, batches[paper], sorted(batches[paper].issued)[row])
    level = batches["level"]
    rows = ((level.issued[0], 7),)
    contest.do(ORGANIZER, c.ReissueCredentials(rows=rows, code="error", reason="错字", confirmed_by="qian"))
    certified.sign(contest, level)
    made["reissued"] = document(contest, level, 0)
    firm = assessed.founded()
    assessed.ready(firm, "w1", (0, "theory", "82"), (0, "practice", "75"))
    assessed.later(firm, "2026-03-02")
    batch = assessed.proposed(firm, actor=assessed.SECOND)
    certified.approve(firm, batch)
    certified.reserve(firm, batch)
    certified.sign(firm, batch)
    made["assessed"] = document(firm, batch, 0)
    return made


def test_they_are_of_different_kinds(forms: dict[str, Json]) -> None:
    assert tuple(sorted(forms)) == tuple(sorted(FORMS))
    names = {form: made["name"].partition("：")[0] for form, made in forms.items()}
    assert names["level"] == names["reissued"] == names["assessed"] == "职业技能等级证书", names
    assert names["award"] == names["participation"] != names["level"]
    assert forms["reissued"]["id"] == forms["level"]["id"]
    assert forms["reissued"]["validFrom"] > forms["level"]["validFrom"]
    values = [str(one["credentialSubject"]["result"]) for one in (forms["award"], forms["participation"])]
    assert "金牌" in values[0] and "金牌" not in values[1]


@pytest.mark.parametrize("form", FORMS)
def test_both_proofs_hold_by_our_check_and_by_the_specifications_alone(
    forms: dict[str, Json], form: str, shared_data: Path
) -> None:
    made = jcs.parse(jcs.canonical(forms[form]))
    assert proofs.verify(made, key_of).ok
    assert [outside.holds(shared_data / "ob3", made, proof) for proof in made["proof"]] == [True, True]


@pytest.mark.parametrize("form", FORMS)
def test_the_official_schema_and_the_validators_rules_are_satisfied(
    forms: dict[str, Json], form: str, shared_data: Path
) -> None:
    assert outside.against_schema(shared_data / "ob3", forms[form]) == []
    assert outside.against_rules(shared_data / "ob3", forms[form]) == ""


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_shown_that_is_not_signed(forms: dict[str, Json], form: str, shared_data: Path) -> None:
    """A processor with the published contexts drops nothing and writes what we sign."""
    body = {name: value for name, value in forms[form].items() if name != "proof"}
    assert outside.quads(shared_data / "ob3", body).encode() == nquads.canonical(body)


@pytest.mark.parametrize("form", FORMS)
def test_each_is_a_token_too_and_holds_the_same(forms: dict[str, Json], form: str) -> None:
    made = forms[form]
    key = ES256(b"\x07" * 32)
    issuer = made["issuer"]["id"]
    web = Key(key.public, "ES256", AT)
    token = jwt.issue(made, key, controller.kid(issuer, web))
    found = jwt.read(token, controller.key_of({issuer: [web]}, "ES256"))
    assert found.ok and {**found.document, "proof": made["proof"]} == made


def test_the_status_list_and_the_issuers_document_are_as_others_read_them(
    contest: World, forms: dict[str, Json], shared_data: Path
) -> None:
    ob3 = shared_data / "ob3"
    made = known.signed_list(contest.state, "centre", 1, SIGNER, AT)
    assert proofs.verify(made, key_of).ok
    assert [outside.holds(ob3, made, proof) for proof in made["proof"]] == [True, True]
    found = statuslist.read(made)
    assert not isinstance(found, Refused)
    old, new = (int(forms[form]["credentialStatus"]["statusListIndex"]) for form in ("level", "reissued"))
    assert (statuslist.is_set(found.bits, old), statuslist.is_set(found.bits, new)) == (True, False)
    assert found.url == forms["level"]["credentialStatus"]["statusListCredential"]
    record = contest.state.credentials.issuer("centre")
    assert record is not None
    keys = known.keys_of(contest.state, "centre")
    told = controller.document(record.address, keys, statement.profile(record))
    methods = forms["level"]["proof"][0]["verificationMethod"]
    assert methods in told["assertionMethod"] and outside.quads(ob3, told)
