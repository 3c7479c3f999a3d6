"""What others say of a credential: nothing here uses the program's own way of signing or checking.

PyLD with the contexts as W3C and 1EdTech publish them canonicalises, ``cryptography`` checks; the official
JSON Schema; the rules of the 1EdTech validator in the order in which it aborts. The published files lie in
``shared/data/ob3`` and are only read.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pyld import jsonld

Json = dict[str, Any]
PUBLISHED = {
    "https://www.w3.org/ns/credentials/v2": (
        "credentials-v2.json", "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"),
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": (
        "ob-v3p0-context-3.0.3.json", "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84"),
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json": (
        "ob-v3p0-extensions.json", "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93"),
    "https://www.w3.org/ns/cid/v1": (
        "cid-v1.jsonld", "ea216ecc1cb02cd39b693dba2250141e270ba0bf95890be107dd9a9e8e43de85"),
    "https://w3id.org/security/multikey/v1": (
        "security-multikey-v1.json", "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597"),
}  # fmt: skip
"""Contexts by address: file and digest. Nothing else is ever loaded, and nothing from the network."""
DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@cache
def context(folder: Path, url: str) -> Json:
    """A published context as PyLD's loader gives it."""
    name, digest = PUBLISHED[url]
    data = (folder / "contexts" / name).read_bytes()
    assert hashlib.sha256(data).hexdigest() == digest, f"{name} is not the published one"
    return {"contextUrl": None, "documentUrl": url, "document": json.loads(data)}


def quads(ob3: Path, document: Json) -> str:
    """Canonical N-Quads by PyLD with the published contexts; asserts that it dropped nothing."""
    options = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": lambda url, _options: context(ob3, url),
    }
    dropped: list[Any] = []
    jsonld.expand(document, options, on_property_dropped=dropped.append)
    assert not dropped, dropped
    return str(jsonld.normalize(document, options))


def base58(text: str) -> bytes:
    """Base58btc, one digit after the other."""
    number = 0
    for letter in text:
        number = number * 58 + ALPHABET.index(letter)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def key_in(method: str) -> bytes:
    """The Ed25519 key that the fragment of a verification method is."""
    data = base58(method.partition("#")[2].removeprefix("z"))
    assert data[:2] == b"\xed\x01"
    return data[2:]


def holds(ob3: Path, signed: Json, proof: Json) -> bool:
    """Whether one proof of a signed document holds, by the suite's specification alone."""
    body = {name: value for name, value in signed.items() if name != "proof"}
    config = {name: value for name, value in proof.items() if name != "proofValue"}
    if proof["cryptosuite"] == "eddsa-rdfc-2022":
        config["@context"] = body["@context"]
        parts = [quads(ob3, part).encode() for part in (config, body)]
    else:
        assert proof["cryptosuite"] == "eddsa-jcs-2022" and config["@context"] == body["@context"]
        parts = [
            json.dumps(part, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
            for part in (config, body)
        ]
    told = b"".join(hashlib.sha256(part).digest() for part in parts)
    key = Ed25519PublicKey.from_public_bytes(key_in(proof["verificationMethod"]))
    try:
        key.verify(base58(proof["proofValue"].removeprefix("z")), told)
    except InvalidSignature:
        return False
    return True


@cache
def schema(ob3: Path) -> jsonschema.Draft201909Validator:
    """1EdTech's JSON Schema of an AchievementCredential, with its formats checked."""
    text = (ob3 / "schema" / "ob_v3p0_achievementcredential_schema.json").read_text("utf-8")
    return jsonschema.Draft201909Validator(
        json.loads(text), format_checker=jsonschema.Draft201909Validator.FORMAT_CHECKER
    )


def against_schema(ob3: Path, signed: Json) -> list[str]:
    """What the official schema has against a credential; [] for nothing."""
    return [f"{error.json_path}: {error.message[:200]}" for error in schema(ob3).iter_errors(signed)]


def against_rules(ob3: Path, signed: Json) -> str:
    """The first thing the 1EdTech validator would stop at, "" when it would pass (but for the network)."""
    contexts, types = signed["@context"], signed["type"]
    if contexts[:2] != list(PUBLISHED)[:2]:
        return "contexts"
    badge = {"OpenBadgeCredential", "AchievementCredential"} & set(types)
    if "VerifiableCredential" not in types or not badge:
        return "type"
    if against_schema(ob3, signed):
        return "schema"
    subject, issuer = signed["credentialSubject"], signed["issuer"]
    if "AchievementSubject" not in subject["type"] or not (subject.get("id") or subject.get("identifier")):
        return "subject"
    if not {"id", "narrative"} & set(subject["achievement"]["criteria"]):
        return "criteria"
    if not all("Evidence" in one["type"] for one in signed.get("evidence", [])):
        return "evidence"
    if type(issuer) is not dict or "Profile" not in issuer["type"] or not issuer["url"].startswith("https://"):
        return "issuer"
    proof = next(one for one in signed["proof"] if one["proofPurpose"] == "assertionMethod")
    by, _, key = proof["verificationMethod"].partition("#")
    if proof["cryptosuite"] != "eddsa-rdfc-2022" or not key.startswith("z") or by != issuer["id"]:
        return "proof"
    if not holds(ob3, signed, proof):
        return "signature"
    if type(signed.get("credentialStatus", {})) is not dict:
        return "status"
    dates = [signed.get(name) for name in ("validFrom", "validUntil", "awardedDate")]
    if not all(DATETIME.match(date) for date in dates if date is not None):
        return "dates"
    return ""
