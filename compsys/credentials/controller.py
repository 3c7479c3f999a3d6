"""Who an issuer's keys are: its controller document, its did:web document, and what a key's history means.

A retired key signs no more and its old signatures stay good: it stays in both lists of the document. A key
that others had is revoked: it leaves ``assertionMethod``, and none of its signatures counts, whatever time
they name, since whoever has the key chooses the time.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from compsys.answers import Refused
from compsys.credentials import multikey
from compsys.credentials.proofs import KeyOf
from compsys.credentials.signer import Algorithm
from compsys.credentials.terms import CONTEXTS

CID_CONTEXTS = ["https://www.w3.org/ns/cid/v1", "https://w3id.org/security/multikey/v1"]
DID_CONTEXTS = [
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/security/jwk/v1",
]


class Key(NamedTuple):
    """One key of an issuer: ``public`` as ``Signer.public``; when it was created, retired ("" = it signs),
    revoked because others had it ("" = never); times as RFC 3339."""

    public: bytes
    algorithm: Algorithm
    created: str
    retired: str = ""
    revoked: str = ""


def fragment(key: Key) -> str:
    """The part of a key's id behind ``#``: its Multikey; for ES256 the beginning of a digest.

    >>> fragment(Key(bytes(32), "Ed25519", ""))[:6]
    'z6MkeT'
    """
    if key.algorithm == "Ed25519":
        return multikey.encode(key.public)
    return "es256-" + sha256(key.public).hexdigest()[:16]


def method(issuer: str, key: Key) -> str:
    """The id of a key as proofs name it (``verificationMethod``); ``issuer``: its id, an address."""
    return f"{issuer}#{fragment(key)}"


def kid(issuer: str, key: Key) -> str:
    """The address of an ES256 key's JWK, as a JWT names it: ``<issuer id>/keys/<fragment>``."""
    return f"{issuer}/keys/{fragment(key)}"


def jwk(key: Key) -> dict[str, Any]:
    """An ES256 key as a JWK (RFC 7517), to be served at ``kid``. Raises ValueError for another key."""
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key.public).public_numbers()
    x, y = (base64.urlsafe_b64encode(n.to_bytes(32, "big")).rstrip(b"=").decode() for n in (point.x, point.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "alg": "ES256", "use": "sig"}


def document(
    issuer: str, keys: Iterable[Key], profile: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The controller document (W3C Controlled Identifiers 1.0) that ``issuer``'s address answers with.

    ``profile``: the issuer as credentials name it; its members stand in the same document.
    """
    contexts = CID_CONTEXTS if profile is None else [*CID_CONTEXTS, CONTEXTS[1]]
    return {"@context": contexts, **(profile or {}), "id": issuer, **_keys(issuer, keys)}


def did_document(issuer: str, keys: Iterable[Key]) -> dict[str, Any]:
    """The same keys under the issuer's did:web, to be served at ``did_address``."""
    did = did_of(issuer)
    return {"@context": DID_CONTEXTS, "id": did, "alsoKnownAs": [issuer], **_keys(did, keys)}


def did_of(issuer: str) -> str:
    """The did:web of an address. Raises ValueError for one that is not https, or has a query.

    >>> did_of("https://c.example:8443/issuers/7")
    'did:web:c.example%3A8443:issuers:7'
    """
    scheme, _, rest = issuer.partition("://")
    if scheme != "https" or not rest or any(c in rest for c in "?#@ "):
        raise ValueError(f"no did:web for {issuer}")
    return ":".join(["did:web", *(part.replace(":", "%3A") for part in rest.rstrip("/").split("/"))])


def did_address(issuer: str) -> str:
    """Where the did:web document of an issuer is served.

    >>> did_address("https://c.example/issuers/7"), did_address("https://c.example")
    ('https://c.example/issuers/7/did.json', 'https://c.example/.well-known/did.json')
    """
    address = issuer.rstrip("/")
    return address + ("/did.json" if address.count("/") > 2 else "/.well-known/did.json")


def _keys(controller: str, keys: Iterable[Key]) -> dict[str, Any]:
    """The two lists of a document: every key that ever signed, and those whose signatures count."""
    methods, signing = [], []
    for key in keys:
        name = method(controller, key)
        entry: dict[str, Any] = {"id": name, "type": "Multikey", "controller": controller}
        if key.algorithm == "Ed25519":
            entry["publicKeyMultibase"] = multikey.encode(key.public)
        else:
            entry |= {"type": "JsonWebKey", "publicKeyJwk": jwk(key)}
        if key.revoked:
            entry["revoked"] = key.revoked
        else:
            signing.append(name)
        methods.append(entry)
    return {"verificationMethod": methods, "assertionMethod": signing}


def key_of(issuers: Mapping[str, Iterable[Key]], algorithm: Algorithm = "Ed25519") -> KeyOf:
    """What ``proofs.verify`` asks: keys by the id that a proof names, of issuers by their id. With
    ``algorithm`` ES256 by the address that a JWT names.

    A revoked key is refused: ``proof.key_revoked`` with method and revoked.
    """
    name = method if algorithm == "Ed25519" else kid
    known = {
        name(issuer, key): key
        for issuer, keys in issuers.items()
        for key in keys
        if key.algorithm == algorithm
    }

    def find(asked: str) -> bytes | Refused | None:
        key = known.get(asked)
        if key is not None and key.revoked:
            return Refused("proof.key_revoked", {"method": asked, "revoked": key.revoked})
        return key.public if key else None

    return find
