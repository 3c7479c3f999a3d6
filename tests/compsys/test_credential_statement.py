"""Issued documents satisfy the official schema; what no schema says is refused before anything is signed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compsys import commands_credentials as c
from compsys.credentials import documents, nquads, numbering, statement
from compsys.credentials.sheets import digest, sheet_bytes
from compsys.records_credentials import Place as Site
from tests.compsys import certified
from tests.compsys.certified import KEY, by_person, issued, issuer, names, official, propose
from tests.compsys.credentials import outside
from tests.world import ORGANIZER

Json = dict[str, Any]
PAPERS = ("level", "award", "score")


@pytest.fixture
def ob3(shared_data: Path) -> Path:
    """Where the official schema is."""
    return shared_data / "ob3"


@pytest.fixture(scope="module")
def papers() -> dict[str, Json]:
    """One signed document of each kind."""
    world = official(8)
    found = {}
    for paper in PAPERS:
        issued(world, paper)
        one = by_person(world, paper)["p00001"]
        made = documents.document(world.state, names(), one)
        assert isinstance(made, dict)
        found[paper] = made
    return found


@pytest.mark.parametrize("paper", PAPERS)
def test_what_is_issued_satisfies_the_official_schema_and_the_validators_rules(
    papers: dict[str, Json], paper: str, ob3: Path
) -> None:
    assert outside.against_schema(ob3, papers[paper]) == []
    assert outside.against_rules(ob3, papers[paper]) == ""


def _plain(papers: dict[str, Json]) -> Json:
    return copy.deepcopy({k: v for k, v in papers["level"].items() if k != "proof"})


def _number(document: Json) -> None:
    document["credentialSubject"]["licenseNumber"] = "S000037000042263000001"


def _body(document: Json) -> None:
    document["credentialSubject"]["licenseNumber"] = "S000037000043262000001"


def _mark(document: Json) -> None:
    result = document["credentialSubject"]["result"]
    next(one for one in result if one["resultDescription"].endswith("#mark"))["value"] = "100.01"


def _award(document: Json) -> None:
    result = document["credentialSubject"]["result"]
    next(one for one in result if one["resultDescription"].endswith("#award"))["value"] = "一等"


def _level(document: Json) -> None:
    document["credentialSubject"]["result"][0]["achievedLevel"] += "9"


def _described(document: Json) -> None:
    document["credentialSubject"]["result"][1]["resultDescription"] += "s"


def _text(document: Json) -> None:
    document["credentialSubject"]["achievement"]["name"] = "Schweißer, e\u0301clat"


def _name(document: Json) -> None:
    document["credentialSubject"]["identifier"][0]["identityHash"] = " "


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_number, "number_level"), (_body, "number_body"), (_mark, "value_range"), (_award, "value_range"),
        (_level, "result_unknown"), (_described, "result_unknown"), (_text, "text_form"),
        (_name, "name_missing"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_not_signed(
    papers: dict[str, Json], change: Callable[[Json], None], code: str
) -> None:
    document = _plain(papers)
    assert statement.problem(document) is None and nquads.problem(document) is None
    change(document)
    found = statement.problem(document)
    assert found is not None and found.code == f"credential.{code}"


def test_the_evidence_names_the_digest_of_a_document_without_names(papers: dict[str, Json]) -> None:
    world = official(8)
    version = world.state.results[KEY].versions[-1]
    evidence = papers["level"]["evidence"][0]
    assert evidence["id"].endswith(f"/results/weld/final/open/v1/sha256-{digest('c-test', version)}")
    data = sheet_bytes("c-test", version)
    assert data == sheet_bytes("c-test", official(8).state.results[KEY].versions[-1])
    assert b"A00001" in data and "选手".encode() not in data and b"e00001" not in data


def test_a_site_gives_the_number_its_code_and_stands_in_the_document() -> None:
    site = Site(id="wuhu", name={"zh-CN": "芜湖站点"}, code="S000034000007")
    world = official(8, sites=(site,))
    issued(world, site="wuhu")
    one = by_person(world)["p00000"]
    assert one.number.startswith("S000034000007262")
    made = documents.document(world.state, names(), one)
    assert isinstance(made, dict)
    assert made["issuer"]["otherIdentifier"][0]["identifier"] == site.code
    far = propose(world, "award", site="wuhu")
    assert far.rows[0].site == "wuhu"
    elsewhere = certified.proposal("f" * 32, "score", site="nowhere")
    assert world.refused(ORGANIZER, elsewhere) == "unknown_reference"


def test_a_changed_wording_is_a_new_version_and_the_old_one_stands() -> None:
    world = official(8)
    issued(world)
    before = by_person(world)["p00000"]
    world.do(ORGANIZER, c.SetOccupation(occupation=certified.occupation(standard_edition="2026")))
    certified.correct(world, "u00001")
    issued(world)
    after = by_person(world)["p00002"]
    assert before.slice.achievements[before.achievement].endswith("level-2/v1")
    assert after.slice.achievements[after.achievement].endswith("level-2/v2")
    kept = documents.document(world.state, names(), by_person(world)["p00000"])
    assert isinstance(kept, dict) and "2018" in kept["description"]


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{body}{year:2}{level}", True), ("{serial:6}{serial:6}", True), ("{colour}{serial:6}", True),
        ("X{serial:4}", False),
    ],
)  # fmt: skip
def test_a_template_has_one_serial_and_known_segments(template: str, fault: bool) -> None:
    world = certified.founded(2)
    answer = world.send(world.call(ORGANIZER, c.SetIssuer(issuer=issuer(templates={"level": template}))))
    assert (answer.code == "credential.template_wrong") is fault


def test_old_numbers_are_recognised() -> None:
    old = numbering.read("1623 0000 0051 2345")
    assert old is not None and old.form == "old_16" and old.parts["level"] == "5"
    assert numbering.read("X000037000042262000001") is None
