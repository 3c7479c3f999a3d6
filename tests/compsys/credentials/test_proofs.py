"""Two proofs side by side: they reproduce the published vectors, and no altered value passes either."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsys.answers import Refused
from compsys.credentials import jcs, multikey, nquads, proofs, signer, terms
from compsys.credentials.jcs import Unsignable
from compsys.credentials.proofs import BOTH, JCS, RDFC
from compsys.credentials.terms import Kind, Member
from tests.compsys.credentials import shapes
from tests.compsys.credentials.shapes import CREATED, METHOD, SIGNER, key_of

Json = dict[str, Any]


@cache
def signed(shape: Callable[[], Json] = shapes.worked) -> Json:
    """A signed shape; nobody alters it, but copies of it."""
    return proofs.sign(shape(), SIGNER, METHOD, CREATED)


def in_method(method: str) -> bytes:
    """The published vectors carry their key in the method."""
    return multikey.decode(method.partition("#")[2])


# ---------------------------------------------------------------- published vectors

ALUMNI = terms.Table(
    {
        "Alumni": Kind(
            {
                "VerifiableCredential": terms.VC + "VerifiableCredential",
                "AlumniCredential": "https://www.w3.org/ns/credentials/examples#AlumniCredential",
            },
            {
                **terms.KINDS["StatusListCredential"].members,
                "credentialSubject": Member(terms.VC + "credentialSubject", "object", kinds=("Person",)),
            },
        ),
        "Person": Kind({}, {"alumniOf": Member("https://www.w3.org/ns/credentials/examples#alumniOf")}),
        "Profile": terms.KINDS["Profile"],
    },
    ("Alumni",),
    {(terms.V2, "https://www.w3.org/ns/credentials/examples/v2"): 2},
)
"""The words of W3C's example, which no credential of ours has."""


def vector(shared_data: Path, name: str) -> str:
    return (shared_data / "ob3" / "vectors" / name).read_text("utf-8")


def test_the_w3c_vector_of_eddsa_jcs_2022(shared_data: Path) -> None:
    document = jcs.parse(vector(shared_data, "eddsa-jcs-2022/signedJCS.json"))
    body = {name: value for name, value in document.items() if name != "proof"}
    config = {name: value for name, value in document["proof"].items() if name != "proofValue"}
    assert jcs.canonical(body).decode() == vector(shared_data, "eddsa-jcs-2022/canonDocJCS.txt")
    assert jcs.canonical(config).decode() == vector(shared_data, "eddsa-jcs-2022/proofCanonJCS.txt")
    assert jcs.digest(body) == vector(shared_data, "eddsa-jcs-2022/docHashJCS.txt")
    assert jcs.digest(config) == vector(shared_data, "eddsa-jcs-2022/proofHashJCS.txt")
    assert proofs.verify(document, in_method, (JCS,), any_issuer=True).ok


def test_the_w3c_vector_of_eddsa_rdfc_2022(shared_data: Path) -> None:
    document = jcs.parse(vector(shared_data, "eddsa-rdfc-2022/signedDataInt.json"))
    body = {name: value for name, value in document.items() if name != "proof"}
    published = vector(shared_data, "eddsa-rdfc-2022/canonDocDataInt.txt")
    assert nquads.canonical(body, ALUMNI).decode() == published
    assert proofs.verify(document, in_method, (RDFC,), any_issuer=True, table=ALUMNI).ok


def test_our_signing_makes_the_values_that_w3c_published(shared_data: Path) -> None:
    pair = json.loads(vector(shared_data, "keyPair.json"))
    key = signer.Ed25519(multikey.base58_decode(pair["privateKeyMultibase"][1:])[2:])
    assert multikey.encode(key.public) == pair["publicKeyMultibase"]
    document = json.loads(vector(shared_data, "unsigned.json"))
    method = f"did:key:{pair['publicKeyMultibase']}#{pair['publicKeyMultibase']}"
    made = proofs.sign(document, key, method, "2023-02-24T23:36:38Z", table=ALUMNI)
    published = [
        json.loads(vector(shared_data, f"{suite}/{name}"))["proof"]
        for suite, name in ((RDFC, "signedDataInt.json"), (JCS, "signedJCS.json"))
    ]
    assert made["proof"] == published


def test_the_w3c_vector_with_nodes_that_have_no_id(shared_data: Path) -> None:
    """An employment document: the credential itself, its subject and a part have no id."""
    folder = "eddsa-rdfc-2022/employ"
    document = json.loads(vector(shared_data, f"{folder}/signedDataInt.json"))
    citizen, schema = "https://w3id.org/citizenship#", terms.SCHEMA
    xsd = terms.XSD + "dateTime"
    table = terms.Table(
        {
            "Employment": Kind(
                {
                    "VerifiableCredential": terms.VC + "VerifiableCredential",
                    "EmploymentAuthorizationDocumentCredential": citizen
                    + "EmploymentAuthorizationDocumentCredential",
                },
                {
                    **terms.KINDS["StatusListCredential"].members,
                    "issuer": Member(terms.VC + "issuer", "object", kinds=("Office",)),
                    "credentialSubject": Member(terms.VC + "credentialSubject", "object", kinds=("Person",)),
                },
            ),
            "Office": Kind({}, {"image": Member(schema + "image", "link")}),
            "Person": Kind(
                {"Person": schema + "Person", "EmployablePerson": citizen + "EmployablePerson"},
                {
                    **{name: Member(schema + name) for name in ("givenName", "additionalName", "familyName")},
                    "image": Member(schema + "image", "link"),
                    "gender": Member(schema + "gender"),
                    "residentSince": Member(citizen + "residentSince", "text", xsd),
                    "birthCountry": Member(citizen + "birthCountry"),
                    "birthDate": Member(schema + "birthDate", "text", xsd),
                    "employmentAuthorizationDocument": Member(
                        citizen + "employmentAuthorizationDocument", "object", kinds=("Paper",)
                    ),
                },
            ),
            "Paper": Kind(
                {"EmploymentAuthorizationDocument": citizen + "EmploymentAuthorizationDocument"},
                {
                    "identifier": Member(schema + "identifier"),
                    "lprCategory": Member(citizen + "lprCategory"),
                    "lprNumber": Member(citizen + "lprNumber"),
                },
            ),
        },
        ("Employment",),
        {tuple(document["@context"]): 2},
        terms.re.compile(r"(?:https?|urn|did|data):[!#-;=?-\[\]_a-z~]+\Z"),
    )
    body = {name: value for name, value in document.items() if name != "proof"}
    assert nquads.canonical(body, table).decode() == vector(shared_data, f"{folder}/canonDocDataInt.txt")
    assert proofs.verify(document, in_method, (RDFC,), any_issuer=True, table=table).ok


def test_the_1edtech_vector(shared_data: Path) -> None:
    document = jcs.parse(vector(shared_data, "1edtech/signed-credential.json"))
    body = {name: value for name, value in document.items() if name != "proof"}
    assert nquads.canonical(body).decode() == vector(shared_data, "1edtech/document-canon.txt")
    assert proofs.verify(document, in_method, (RDFC,)).ok
    altered = shapes.put(document, ("credentialSubject", "achievement", "name"), "Teamwork!")
    assert proofs.verify(altered, in_method, (RDFC,)).code == "proof.altered"


# ---------------------------------------------------------------- signing and checking


@pytest.mark.parametrize("shape", shapes.SHAPES)
def test_what_was_signed_verifies_also_after_a_way_through_files(shape: Callable[[], Json]) -> None:
    made = signed(shape)
    assert [one["cryptosuite"] for one in made["proof"]] == [RDFC, JCS]
    assert "@context" not in made["proof"][0] and made["proof"][1]["@context"] == made["@context"]
    written = json.dumps(made, indent=3, ensure_ascii=True)
    found = proofs.verify(jcs.parse(written), key_of)
    assert found.ok and not found.code
    assert (found.issuer, found.method, found.created) == (shapes.ISSUER, METHOD, CREATED)
    assert [one.code for one in found.proofs] == ["", ""]


def test_the_same_arguments_give_the_same_bytes() -> None:
    """So a batch that was killed signs again what it had signed."""
    prepared = nquads.Prepared()
    again = [proofs.sign(shapes.worked(), SIGNER, METHOD, CREATED, given) for given in (None, prepared)]
    assert signed() == again[0] == again[1]


def test_a_signed_document_is_put_together_again_from_its_proof_values() -> None:
    made = signed()
    again = proofs.attach(shapes.worked(), METHOD, CREATED, proofs.values(made))
    assert jcs.canonical(again) == jcs.canonical(made) and jcs.digest(again) == jcs.digest(made)


def test_one_proof_alone_is_enough_where_only_that_is_asked_for() -> None:
    alone = proofs.only(signed(), JCS)
    assert proofs.verify(alone, key_of, (JCS,)).ok
    assert proofs.verify({**alone, "proof": alone["proof"][0]}, key_of, (JCS,)).ok
    found = proofs.verify(alone, key_of)
    assert (found.ok, found.code, found.params) == (False, "proof.suite_missing", {"suite": RDFC})


def alterations(value: Any) -> list[Any]:
    """Other values for one: the nearest, and of other kinds."""
    if isinstance(value, bool):
        return [not value, None, str(value).lower()]
    if isinstance(value, int):
        return [value + 1, str(value), None]
    return [value + " ", value[:-1], value + "​", "", None, 0, [value], {"a": value}]


def assert_both_fail(made: Json, path: tuple[str | int, ...], value: Any) -> None:
    """Altered at a path, neither proof holds."""
    altered = shapes.put(made, path, value)
    found = proofs.verify(altered, key_of)
    failed = {one.suite for one in found.proofs if one.code}
    assert not found.ok, (path, value)
    # The form that signs meaning does not tell a text from an array of it, in the few places where the
    # table takes both; and a document that is no JSON of ours has no proofs to speak of.
    both = failed == set(BOTH) or not found.proofs
    same_meaning = path[-1] == "type" and value == [made_at(made, path)]
    assert both or same_meaning, (path, value, found)


def made_at(document: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


def body_paths(made: Json) -> list[tuple[tuple[str | int, ...], Any]]:
    return [(path, value) for path, value in shapes.paths(made) if path[0] != "proof"]


def test_changing_any_single_value_of_the_worked_example_makes_both_proofs_fail() -> None:
    made = signed()
    for path, value in body_paths(made):
        for other in alterations(value)[:3]:
            if other != value:
                assert_both_fail(made, path, other)


@pytest.mark.long
@pytest.mark.parametrize("shape", shapes.SHAPES)
def test_changing_any_single_value_of_any_shape_makes_both_proofs_fail(shape: Callable[[], Json]) -> None:
    made = signed(shape)
    for path, value in body_paths(made):
        for other in alterations(value):
            if other != value:
                assert_both_fail(made, path, other)


@given(st.data())
def test_any_other_text_anywhere_makes_both_proofs_fail(data: st.DataObject) -> None:
    made = signed()
    path, value = data.draw(st.sampled_from(body_paths(made)))
    other = data.draw(st.text(max_size=12) | st.none() | st.booleans() | st.integers())
    if other != value or type(other) is not type(value):
        assert_both_fail(made, path, other)


def test_taking_out_or_putting_in_any_member_makes_both_proofs_fail() -> None:
    made = signed()
    places = {path[:depth] for path, _ in body_paths(made) for depth in range(1, len(path) + 1)}
    for path in places:
        altered = copy.deepcopy(made)
        inner = made_at(altered, path[:-1])
        del inner[path[-1]]
        found = proofs.verify(altered, key_of)
        assert {one.suite for one in found.proofs if one.code} == set(BOTH), path
    for path in {path[:-1] for path in places if isinstance(path[-1], str)}:
        for name, value in (("term", "2025"), ("name", "甲"), ("zzz", "1"), ("awardedDate", CREATED)):
            if name not in made_at(made, path):
                found = proofs.verify(shapes.put(made, (*path, name), value), key_of)
                assert {one.suite for one in found.proofs if one.code} == set(BOTH), (path, name)


def test_what_the_meaning_does_not_hold_the_other_proof_does() -> None:
    """The order of arrays is nothing in RDF, but for a scale's; eddsa-jcs-2022 signs it."""
    made = signed()
    arrays = {
        path[:-1]: len(made_at(made, path[:-1])) for path, _ in body_paths(made) if isinstance(path[-1], int)
    }
    turned = 0
    for path, size in arrays.items():
        if size > 1:
            altered = copy.deepcopy(made)
            made_at(altered, path).reverse()
            found = proofs.verify(altered, key_of)
            failed = [one.suite for one in found.proofs if one.code]
            signs_order = path[-1] in ("allowedValue", "@context")
            assert not found.ok and failed == ([RDFC, JCS] if signs_order else [JCS]), path
            turned += 1
    assert turned >= 4


def test_changing_any_value_of_a_proof_makes_the_check_fail() -> None:
    """No proof covers the other one, but both must name one key and one time."""
    made = signed()
    for path, value in shapes.paths(made["proof"], ("proof",)):
        for other in alterations(value):
            if other != value:
                assert not proofs.verify(shapes.put(made, path, other), key_of).ok, (path, other)
    for name, value in (("created", "2025-10-20T09:00:04+08:00"), ("verificationMethod", METHOD + "x")):
        altered = shapes.put(shapes.put(made, ("proof", 0, name), value), ("proof", 1, name), value)
        found = proofs.verify(altered, lambda method: SIGNER.public)
        assert [one.code for one in found.proofs] == ["proof.altered"] * 2, name
    for name in ("expires", "domain", "nonce", "id"):
        altered = shapes.put(made, ("proof", 0, name), "https://c.example/1")
        assert proofs.verify(altered, key_of).code == "proof.member_unknown"


def test_each_reason_has_its_code() -> None:
    made = signed()
    other = signer.Ed25519(b"\x01" * 32)
    foreign = f"https://d.example/issuers/1#{multikey.encode(other.public)}"
    by_other = proofs.sign(shapes.worked(), other, foreign, CREATED)

    def code(document: Any, find: proofs.KeyOf = key_of) -> str:
        found = proofs.verify(document, find)
        assert not found.ok
        return found.code

    assert code(shapes.worked()) == "proof.missing"
    assert code({**made, "proof": []}) == "proof.missing"
    assert code({**made, "proof": made["proof"] * 5}) == "proof.too_large"
    assert code({**made, "proof": made["proof"] * 2}) == "proof.not_a_pair"
    assert code(shapes.put(made, ("name",), "x")) == "proof.altered"
    assert code(shapes.put(made, ("points",), "x")) == "proof.member_unknown"
    assert code(shapes.put(made, ("points",), 1.5)) == "proof.number_bad"
    assert code(by_other) == "proof.method_foreign"
    assert code(made, lambda method: None) == "proof.key_unknown"
    assert code(made, lambda method: other.public) == "proof.altered"
    assert code(made, lambda method: b"short") == "proof.altered"
    assert code(made, lambda method: Refused("proof.key_revoked", {})) == "proof.key_revoked"
    assert code(shapes.put(made, ("proof", 0, "cryptosuite"), "eddsa-2022")) == "proof.suite_unknown"
    assert code(shapes.put(made, ("proof", 0, "proofPurpose"), "authentication")) == "proof.purpose_wrong"
    assert code(shapes.put(made, ("proof", 0, "proofValue"), "z111")) == "proof.value_bad"
    assert code(shapes.put(made, ("proof", 0, "created"), "2025-10-20")) == "proof.time_bad"
    assert code(shapes.put(made, ("proof", 1, "@context"), ["x"])) == "proof.context_differs"
    later = proofs.sign(shapes.worked(), SIGNER, METHOD, "2026-01-01T00:00:00Z")["proof"]
    assert code({**made, "proof": [made["proof"][0], later[1]]}) == "proof.not_a_pair"


def test_what_cannot_be_signed_is_not() -> None:
    def code(document: Json, method: str = METHOD, created: str = CREATED) -> str:
        with pytest.raises(Unsignable) as refused:
            proofs.sign(document, SIGNER, method, created)
        return refused.value.code

    assert code(signed()) == "proof.signed_already"
    assert code(shapes.worked(), "key 1") == "proof.id_bad"
    assert code(shapes.worked(), created="2025-10-20T09:00:03") == "proof.time_bad"
    assert code(shapes.put(shapes.worked(), ("name",), "\x00")) == "proof.text_bad"
    with pytest.raises(ValueError, match="Ed25519"):
        proofs.sign(shapes.worked(), signer.ES256(b"\x01" * 32), METHOD, CREATED)


RUBBISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(RUBBISH)
def test_rubbish_is_refused_and_nothing_else(value: Any) -> None:
    found = proofs.verify(value, key_of)
    assert not found.ok and found.code.startswith("proof.")
    assert nquads.problem(value) is not None


@given(st.data())
def test_rubbish_in_a_credentials_clothes_is_refused_and_nothing_else(data: st.DataObject) -> None:
    made = signed()
    places = [path[:depth] for path, _ in shapes.paths(made) for depth in range(1, len(path) + 1)]
    for _ in range(data.draw(st.integers(1, 3))):
        made = shapes.put(made, data.draw(st.sampled_from(places)), data.draw(RUBBISH))
        places = [path for path in places if reachable(made, path)]
    found = proofs.verify(made, key_of)
    assert found.ok or found.code.startswith("proof.")


def reachable(document: Any, path: tuple[str | int, ...]) -> bool:
    try:
        made_at(document, path)
    except (KeyError, IndexError, TypeError):
        return False
    return True


def test_a_file_with_any_byte_altered_is_refused(rng: random.Random) -> None:
    data = jcs.canonical(signed())
    refused = 0
    for _ in range(150):
        at, bit = rng.randrange(len(data)), 1 << rng.randrange(8)
        altered = data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
        try:
            found = proofs.verify(jcs.parse(altered), key_of)
        except Unsignable as error:
            assert error.code.startswith("proof.")
        else:
            assert not found.ok, altered
        refused += 1
    assert refused == 150
