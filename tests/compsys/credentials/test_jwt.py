"""A credential as a token: what Open Badges asks for, and no other token gets through."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from compsys.credentials import controller, jwt, proofs, signer
from compsys.credentials.controller import Key
from compsys.credentials.jcs import Unsignable
from tests.compsys.credentials import shapes
from tests.compsys.credentials.shapes import CREATED, ISSUER

Json = dict[str, Any]
WEB = signer.ES256(b"\x04" * 32)
KEY = Key(WEB.public, "ES256", CREATED)
KID = controller.kid(ISSUER, KEY)
FIND = controller.key_of({ISSUER: [KEY]}, "ES256")


def part(token: str, at: int) -> Json:
    text = token.split(".")[at]
    return dict(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))


def packed(value: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def by_hand(header: Json, payload: Json, key: signer.ES256 = WEB) -> str:
    """A token with any header and payload, signed well."""
    told = f"{packed(header)}.{packed(payload)}"
    return f"{told}.{base64.urlsafe_b64encode(key.sign(told.encode())).rstrip(b'=').decode()}"


HEADER = {"alg": "ES256", "kid": KID, "typ": "JWT"}


@pytest.mark.parametrize("shape", [shapes.worked, shapes.award, shapes.score, shapes.escapes])
def test_a_token_holds_the_credential_and_its_claims(shape: Callable[[], Json]) -> None:
    signed = proofs.sign(shape(), shapes.SIGNER, shapes.METHOD, CREATED)
    token = jwt.issue(signed, WEB, KID)
    assert token == jwt.issue(signed, WEB, KID)
    assert part(token, 0) == HEADER
    payload = part(token, 1)
    document = shape()
    assert {name: payload[name] for name in document} == document
    claims = {name: value for name, value in payload.items() if name not in document}
    expected = {"iss": ISSUER, "sub": document["credentialSubject"]["id"], "jti": document["id"],
                "nbf": 1760922000}  # fmt: skip
    if "validUntil" in document:
        expected["exp"] = 1918688400
    assert claims == expected
    found = jwt.read(token, FIND)
    assert found == (True, "", {}, document, KID)


def test_another_program_verifies_it() -> None:
    """By cryptography with the JWK that the key's address answers with."""
    token = jwt.issue(shapes.worked(), WEB, KID)
    told, _, signature = token.rpartition(".")
    jwk = controller.jwk(KEY)
    x, y = (int.from_bytes(base64.urlsafe_b64decode(jwk[name] + "==")) for name in ("x", "y"))
    raw = base64.urlsafe_b64decode(signature + "==")
    assert len(raw) == 64
    der = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    key.verify(der, told.encode(), ec.ECDSA(SHA256()))


def test_no_other_header_is_believed() -> None:
    payload = part(jwt.issue(shapes.worked(), WEB, KID), 1)
    assert jwt.read(by_hand(HEADER, payload), FIND).ok
    other = signer.ES256(b"\x05" * 32)
    brought = controller.jwk(Key(other.public, "ES256", CREATED))
    for change in (
        {"alg": "none"}, {"alg": "HS256"}, {"alg": "RS256"}, {"typ": "vc+jwt"}, {"typ": None}, {"kid": None},
        {"kid": 5}, {"crit": ["b64"]}, {"b64": False}, {"x5u": "https://c.example/x"}, {"jku": KID},
    ):  # fmt: skip
        assert jwt.read(by_hand({**HEADER, **change}, payload), FIND).code == "proof.jwt_header", change
    found = jwt.read(by_hand({**HEADER, "jwk": brought}, payload, other), FIND)
    assert found.code == "proof.altered", "a key that a token brings along proves nothing"
    strange = f"https://d.example/issuers/1/keys/{controller.fragment(KEY)}"
    assert jwt.read(by_hand({**HEADER, "kid": strange}, payload), FIND).code == "proof.method_foreign"
    unknown = f"{ISSUER}/keys/es256-0"
    assert jwt.read(by_hand({**HEADER, "kid": unknown}, payload), FIND).code == "proof.key_unknown"
    revoked = controller.key_of({ISSUER: [KEY._replace(revoked=CREATED)]}, "ES256")
    assert jwt.read(by_hand(HEADER, payload), revoked).code == "proof.key_revoked"


def test_claims_that_say_something_else_than_the_credential_are_refused() -> None:
    payload = part(jwt.issue(shapes.worked(), WEB, KID), 1)
    for claim, value in (
        ("iss", "https://d.example"), ("sub", "urn:uuid:2"), ("jti", "urn:uuid:3"), ("nbf", 1),
        ("nbf", "1760922000"), ("exp", 1918688400),
    ):  # fmt: skip
        found = jwt.read(by_hand(HEADER, {**payload, claim: value}), FIND)
        assert (found.code, found.params["claim"]) == ("proof.claim_differs", claim)
    for claim in ("iss", "sub", "jti", "nbf"):
        less = {name: value for name, value in payload.items() if name != claim}
        assert jwt.read(by_hand(HEADER, less), FIND).code == "proof.claim_differs"


def test_any_altered_letter_is_refused() -> None:
    token = jwt.issue(shapes.least(), WEB, KID)
    for at, letter in enumerate(token):
        altered = token[:at] + ("A" if letter != "A" else "B") + token[at + 1 :]
        found = jwt.read(altered, FIND)
        assert not found.ok and found.code.startswith("proof."), at
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = letters.index(token[-1])
    for other in range(last - last % 16, last - last % 16 + 16):  # the same bytes in base64, were it lax
        assert jwt.read(token[:-1] + letters[other], FIND).ok == (other == last)
    assert not jwt.read(token + "==", FIND).ok and not jwt.read(token + "\n", FIND).ok


PARTS = st.lists(st.text("eyJh.AZ09_-", max_size=30), min_size=3, max_size=3)


@given(st.text(max_size=60) | PARTS.map(".".join))
def test_rubbish_is_refused_and_nothing_else(token: str) -> None:
    found = jwt.read(token, FIND)
    assert not found.ok and found.code.startswith("proof.")


def test_rubbish_in_a_tokens_clothes_is_refused_and_nothing_else() -> None:
    for header in (HEADER, {}, {"alg": "ES256"}):
        for payload in ({}, {"validFrom": 5}, {"issuer": [], "validFrom": "x"}, {"proof": {}},
                        {"issuer": {"id": 5}, "id": [], "validFrom": "2025-10-20"}):  # fmt: skip
            assert not jwt.read(by_hand(header, payload), FIND).ok


def test_what_lacks_what_a_token_needs_is_not_issued() -> None:
    for path, value in (
        (("credentialSubject", "id"), None), (("id",), 5), (("issuer", "id"), None),
        (("validFrom",), "2025-10-20"), (("validFrom",), "2025-10-20T09:00:00"), (("name",), 1.5),
        (("jti",), "urn:uuid:1"),
    ):  # fmt: skip
        with pytest.raises(Unsignable):
            jwt.issue(shapes.put(shapes.worked(), path, value), WEB, KID)
    with pytest.raises(ValueError, match="ES256"):
        jwt.issue(shapes.worked(), shapes.SIGNER, KID)
