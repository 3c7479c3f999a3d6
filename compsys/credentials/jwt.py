"""A credential as VC-JWT, signed by ES256, and the reading of one.

Open Badges' form, not W3C's newer one: the payload is the credential itself without ``proof``, with the
claims ``iss``, ``sub``, ``jti``, ``nbf`` and ``exp`` beside its members. The key is named by an address; a
key that a token brings along is never believed.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from compsys.answers import Refused
from compsys.credentials import jcs
from compsys.credentials.jcs import Unsignable
from compsys.credentials.proofs import KeyOf
from compsys.credentials.signer import Signer, check

CLAIMS = ("iss", "sub", "jti", "nbf", "exp")
HEADER = {"alg", "kid", "jwk", "typ"}
"""All that a header may hold: other members could change what a signature means."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class JwtChecked(NamedTuple):
    """What a check of a token found: ``ok``, or code and params of the first reason; the credential (without
    the claims, {} when it could not be read: believe it only when ``ok``); the key's address."""

    ok: bool
    code: str
    params: dict[str, str]
    document: dict[str, Any]
    kid: str = ""


def issue(document: Mapping[str, Any], signer: Signer, kid: str) -> str:
    """The credential (``proof`` is left out) as a compact token; ``kid``: the address of the key's JWK.

    Raises Unsignable: no id, no issuer's or subject's id, a time that is none; what ``jcs.canonical`` raises.
    """
    if signer.algorithm != "ES256":
        raise ValueError("a token is signed by ES256")
    body = {name: value for name, value in document.items() if name != "proof"}
    for claim in CLAIMS:
        if claim in body:
            raise Unsignable("proof.member_unknown", claim)
    header = {"alg": "ES256", "kid": kid, "typ": "JWT"}
    told = f"{_packed(jcs.canonical(header))}.{_packed(jcs.canonical(body | claims(body)))}"
    return f"{told}.{_packed(signer.sign(told.encode()))}"


def claims(document: Mapping[str, Any]) -> dict[str, Any]:
    """The claims that a credential's token carries. Raises Unsignable where the credential lacks them."""
    issuer, subject = document.get("issuer"), document.get("credentialSubject")
    found: dict[str, Any] = {
        "iss": issuer.get("id") if type(issuer) is dict else issuer,
        "sub": subject.get("id") if type(subject) is dict else None,
        "jti": document.get("id"),
        "nbf": _seconds(document.get("validFrom"), "validFrom"),
    }
    for claim, where in (("iss", "issuer"), ("sub", "credentialSubject"), ("jti", "id")):
        if type(found[claim]) is not str:
            raise Unsignable("proof.id_bad", where)
    if "validUntil" in document:
        found["exp"] = _seconds(document["validUntil"], "validUntil")
    return found


def read(token: str, key_of: KeyOf) -> JwtChecked:
    """Check a token; never raises. ``key_of``: the address of a JWK -> public key (``Signer.public``).

    Says nothing of status, dates or the schema.

    >>> read("a.b.c", lambda kid: None).code
    'proof.jwt_bad'
    """
    document: dict[str, Any] = {}
    kid = ""
    try:
        told, header, payload, signature = _parts(token)
        kid = header["kid"]
        document = {name: value for name, value in payload.items() if name not in CLAIMS}
        expected = claims(document)
        for claim in CLAIMS:
            if payload.get(claim) != expected.get(claim) or type(payload.get(claim)) is bool:
                raise Unsignable("proof.claim_differs", claim=claim)
    except Unsignable as error:
        return JwtChecked(False, error.code, {"where": error.where, **error.params}, document, kid)
    issuer = expected["iss"]
    if not kid.startswith((f"{issuer}/keys/", f"{issuer}#")):
        return JwtChecked(False, "proof.method_foreign", {"method": kid, "issuer": issuer}, document, kid)
    key = key_of(kid)
    if isinstance(key, Refused):
        return JwtChecked(False, key.code, key.params, document, kid)
    if key is None:
        return JwtChecked(False, "proof.key_unknown", {"method": kid}, document, kid)
    if not check("ES256", key, signature, told):
        return JwtChecked(False, "proof.altered", {"suite": "ES256"}, document, kid)
    return JwtChecked(True, "", {}, document, kid)


def _parts(token: str) -> tuple[bytes, dict[str, Any], dict[str, Any], bytes]:
    """What was signed, header, payload, signature. Raises Unsignable."""
    parts = token.split(".") if len(token) <= jcs.LIMIT and token.isascii() else []
    if len(parts) != 3:
        raise Unsignable("proof.jwt_bad")
    try:
        head, body, signature = (_unpacked(part) for part in parts)
    except (binascii.Error, ValueError) as error:
        raise Unsignable("proof.jwt_bad") from error
    header, payload = jcs.parse(head), jcs.parse(body)
    if type(header) is not dict or type(payload) is not dict or "proof" in payload:
        raise Unsignable("proof.jwt_bad")
    if header.get("alg") != "ES256" or header.get("typ") != "JWT" or not set(header) <= HEADER:
        raise Unsignable("proof.jwt_header")
    if type(header.get("kid")) is not str:
        raise Unsignable("proof.jwt_header")
    return f"{parts[0]}.{parts[1]}".encode(), header, payload, signature


def _seconds(time: Any, where: str) -> int:
    """Seconds since 1970 of an RFC 3339 time."""
    try:
        when = datetime.fromisoformat(time)
        if "T" not in time or when.tzinfo is None:
            raise ValueError("a day, or a time of no place")
        return (when - _EPOCH) // timedelta(seconds=1)
    except (TypeError, ValueError, OverflowError) as error:
        raise Unsignable("proof.time_bad", where) from error


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpacked(text: str) -> bytes:
    """Base64url without padding; other letters and loose bits at the end are refused."""
    data = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    if _packed(data) != text:
        raise ValueError("not the one way to write this")
    return data
