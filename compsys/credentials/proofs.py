"""Signs a credential with two proofs side by side, and says of a signed one which proof holds and why not.

Both are of W3C's Data Integrity EdDSA suites, by one Ed25519 key, neither covering the other.
``eddsa-rdfc-2022`` signs the meaning and is what Open Badges tools read; ``eddsa-jcs-2022`` signs every value
of the JSON and can be checked by a small page. The signature is over SHA-256 of the proof's own members, then
SHA-256 of the document without ``proof``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from compsys.answers import Refused
from compsys.credentials import jcs, multikey, nquads
from compsys.credentials.jcs import Unsignable
from compsys.credentials.nquads import Prepared
from compsys.credentials.signer import Signer, check
from compsys.credentials.terms import RDF, SECURITY, TABLE, XSD, Table

RDFC = "eddsa-rdfc-2022"
JCS = "eddsa-jcs-2022"
BOTH = (RDFC, JCS)
"""The suites in the order they stand in: tools of Open Badges take the first proof."""

KeyOf = Callable[[str], bytes | Refused | None]
"""A ``verificationMethod``'s public key (32 bytes); a refusal when the key is not to be believed (revoked);
None when nobody knows it."""

_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})\Z"
)
_MEMBERS = {"type", "cryptosuite", "created", "verificationMethod", "proofPurpose"}
_MOST = 8
"""Proofs in a document: each costs a signature's check."""


class ProofChecked(NamedTuple):
    """One proof: its suite ("" when it names none), a code ("" when it holds) and the sentence's
    parameters."""

    suite: str
    code: str
    params: dict[str, str]


class Checked(NamedTuple):
    """What a check found. ``ok``: every proof holds and those asked for are there; otherwise ``code`` and
    ``params`` of the first reason. ``proofs``: each by itself. ``issuer``, ``method``, ``created``: as the
    document and its first proof say ("" where they do not): believe them only when ``ok``."""

    ok: bool
    code: str
    params: dict[str, str]
    proofs: tuple[ProofChecked, ...] = ()
    issuer: str = ""
    method: str = ""
    created: str = ""


def sign(
    document: Mapping[str, Any],
    signer: Signer,
    method: str,
    created: str,
    prepared: Prepared | None = None,
    suites: Sequence[str] = BOTH,
    table: Table = TABLE,
) -> dict[str, Any]:
    """A new document: the old one with ``proof``, a list of both proofs.

    ``method``: ``<issuer id>#<multikey>``; ``created``: RFC 3339 with seconds; ``prepared``: one for all
    documents of a batch; ``suites``: one alone, for what no other program reads. The same
    arguments give the same bytes. Raises Unsignable where ``problem`` would have refused, ValueError for a
    key that is not Ed25519.
    """
    if signer.algorithm != "Ed25519":
        raise ValueError("both suites sign by Ed25519")
    if "proof" in document:
        raise Unsignable("proof.signed_already", "proof")
    jcs.check(document)
    rdfc, jcs_ = _configs(document, method, created, table)
    made = []
    if RDFC in suites:
        hashed = _hashed(_config_quads(rdfc), nquads.canonical(document, table, prepared))
        made.append({**rdfc, "proofValue": _value(signer.sign(hashed))})
    if JCS in suites:
        hashed = _hashed(jcs.written(jcs_), jcs.written(document))
        made.append({**jcs_, "proofValue": _value(signer.sign(hashed))})
    return {**document, "proof": made}


def attach(
    document: Mapping[str, Any], method: str, created: str, values: Sequence[str], table: Table = TABLE
) -> dict[str, Any]:
    """The signed document again from what was kept of it: ``values`` are those of the two proofs.

    Checks no signature: whoever uses it compares the digest, or verifies. Raises Unsignable.
    """
    rdfc, jcs_ = _configs(document, method, created, table)
    proof = [{**config, "proofValue": value} for config, value in zip((rdfc, jcs_), values, strict=True)]
    return {**document, "proof": proof}


def values(signed: Mapping[str, Any]) -> tuple[str, str]:
    """The two proof values of a document that ``sign`` made: what a line keeps of them."""
    first, second = signed["proof"]
    return first["proofValue"], second["proofValue"]


def only(signed: Mapping[str, Any], suite: str) -> dict[str, Any]:
    """The signed document with the proof of one suite alone (a list of one), as a QR code carries it."""
    return {**signed, "proof": [one for one in signed["proof"] if one["cryptosuite"] == suite]}


def verify(
    document: Any,
    key_of: KeyOf,
    suites: Sequence[str] = BOTH,
    any_issuer: bool = False,
    prepared: Prepared | None = None,
    table: Table = TABLE,
) -> Checked:
    """Whether a signed document is as its issuer signed it. Takes whatever ``jcs.parse`` gives; never raises.

    ``suites``: those that must be there; every other proof that is there must hold as well. The part of
    ``verificationMethod`` before ``#`` must be the issuer's id, or the issuer were another than the signer;
    ``any_issuer`` lets that pass (published test vectors). ``prepared``: one for many documents. Says
    nothing of status, dates or the schema.

    >>> verify({"proof": []}, lambda method: None).code
    'proof.missing'
    """
    try:
        jcs.check(document)
    except Unsignable as error:
        return Checked(False, error.code, {"where": error.where, **error.params})
    if type(document) is not dict:
        return Checked(False, "proof.shape_wrong", {"where": ""})
    listed = document.get("proof", [])
    found = [listed] if type(listed) is dict else listed
    issuer = _issuer(document)
    if type(found) is not list or not found or not all(type(one) is dict for one in found):
        return Checked(False, "proof.missing", {}, issuer=issuer)
    if len(found) > _MOST:
        return Checked(False, "proof.too_large", {"limit": str(_MOST)}, issuer=issuer)
    body = {name: value for name, value in document.items() if name != "proof"}
    claim = _Claim(body, None if any_issuer else issuer, key_of, table, prepared)
    proofs = tuple(_one(claim, one) for one in found)
    first = found[0]
    told = (issuer, _text(first.get("verificationMethod")), _text(first.get("created")))
    for proof in proofs:
        if proof.code:
            return Checked(False, proof.code, proof.params, proofs, *told)
    held = [proof.suite for proof in proofs]
    for suite in suites:
        if suite not in held:
            return Checked(False, "proof.suite_missing", {"suite": suite}, proofs, *told)
    told_by = {(one.get("verificationMethod"), one.get("created")) for one in found}
    if len(set(held)) != len(held) or len(told_by) > 1:
        return Checked(False, "proof.not_a_pair", {}, proofs, *told)
    return Checked(True, "", {}, proofs, *told)


class _Claim(NamedTuple):
    """What proofs are about: the document without them; whose id a method must begin with, None for
    anybody's; where keys, terms and prepared parts are."""

    body: dict[str, Any]
    issuer: str | None
    key_of: KeyOf
    table: Table
    prepared: Prepared | None


def _one(claim: _Claim, proof: dict[str, Any]) -> ProofChecked:
    """Check one proof."""
    suite = _text(proof.get("cryptosuite"))
    try:
        hashed, method, signature = _told(claim, proof, suite)
    except Unsignable as error:
        return ProofChecked(suite, error.code, {"where": error.where, **error.params})
    if claim.issuer is not None and method.partition("#")[0] != claim.issuer:
        return ProofChecked(suite, "proof.method_foreign", {"method": method, "issuer": claim.issuer})
    key = claim.key_of(method)
    if isinstance(key, Refused):
        return ProofChecked(suite, key.code, key.params)
    if key is None:
        return ProofChecked(suite, "proof.key_unknown", {"method": method})
    if not check("Ed25519", key, signature, hashed):
        return ProofChecked(suite, "proof.altered", {"suite": suite})
    return ProofChecked(suite, "", {})


def _told(claim: _Claim, proof: dict[str, Any], suite: str) -> tuple[bytes, str, bytes]:
    """What a proof says it signed (64 bytes), by which method, and its signature. Raises Unsignable."""
    if suite not in BOTH:
        raise Unsignable("proof.suite_unknown", "proof", suite=suite[:100])
    allowed = _MEMBERS | {"proofValue"} | ({"@context"} if suite == JCS else set())
    for name in proof:
        if name not in allowed:
            raise Unsignable("proof.member_unknown", "proof", jcs.shown(name))
    method, created = _text(proof.get("verificationMethod")), _text(proof.get("created"))
    if proof.get("type") != "DataIntegrityProof" or proof.get("proofPurpose") != "assertionMethod":
        raise Unsignable("proof.purpose_wrong", "proof")
    rdfc, expected = _configs(claim.body, method, created, claim.table, any_context=suite == JCS)
    value = _text(proof.get("proofValue"))
    try:
        signature = multikey.base58_decode(value[1:]) if value.startswith("z") else b""
    except ValueError:
        signature = b""
    if len(signature) != 64:
        raise Unsignable("proof.value_bad", "proof", "proofValue")
    if suite == RDFC:
        meaning = nquads.canonical(claim.body, claim.table, claim.prepared)
        return _hashed(_config_quads(rdfc), meaning), method, signature
    config = {name: item for name, item in proof.items() if name != "proofValue"}
    if config != expected:
        raise Unsignable("proof.context_differs", "proof", "@context")
    return _hashed(jcs.written(config), jcs.written(claim.body)), method, signature


def _configs(
    document: Mapping[str, Any], method: str, created: str, table: Table, any_context: bool = False
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The members of both proofs without their values. Raises Unsignable: ``proof.id_bad``,
    ``proof.time_bad``, ``proof.context_unknown``."""
    if not table.ids.match(method) or len(method) > nquads.ID_LONGEST:
        raise Unsignable("proof.id_bad", "proof", "verificationMethod")
    if not _TIME.match(created):
        raise Unsignable("proof.time_bad", "proof", "created")
    contexts = document.get("@context")
    if not any_context and (type(contexts) is not list or tuple(map(str, contexts)) not in table.contexts):
        raise Unsignable("proof.context_unknown", "@context")
    rdfc: dict[str, Any] = {
        "type": "DataIntegrityProof",
        "cryptosuite": RDFC,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    return rdfc, {**rdfc, "cryptosuite": JCS, "@context": contexts}


def _config_quads(proof: Mapping[str, Any]) -> bytes:
    """A proof's members as canonical N-Quads: five lines whose order never changes."""
    return (
        f'_:c14n0 <http://purl.org/dc/terms/created> "{proof["created"]}"^^<{XSD}dateTime> .\n'
        f"_:c14n0 <{RDF}type> <{SECURITY}DataIntegrityProof> .\n"
        f'_:c14n0 <{SECURITY}cryptosuite> "{proof["cryptosuite"]}"^^<{SECURITY}cryptosuiteString> .\n'
        f"_:c14n0 <{SECURITY}proofPurpose> <{SECURITY}assertionMethod> .\n"
        f"_:c14n0 <{SECURITY}verificationMethod> <{proof['verificationMethod']}> .\n"
    ).encode()


def _hashed(config: bytes, document: bytes) -> bytes:
    return sha256(config).digest() + sha256(document).digest()


def _value(signature: bytes) -> str:
    return "z" + multikey.base58_encode(signature)


def _issuer(document: Mapping[str, Any]) -> str:
    """The issuer's id, "" when there is none."""
    issuer = document.get("issuer")
    return _text(issuer.get("id") if type(issuer) is dict else issuer)


def _text(value: Any) -> str:
    return value if type(value) is str else ""
