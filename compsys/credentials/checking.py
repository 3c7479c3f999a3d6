"""One verdict about one certificate: by pinned issuers, their lists, and the register where it was asked.

The twin of ``web/static/credential_check.js``: the same questions in the same order, the same codes. A test
plays every case through both. Nothing is taken on trust from the certificate itself: a key that stands in it
is not looked at, and an issuer that is not on the list is not ours, however well it signed.

A code is one sentence of the catalogue, ``check.<code>``; what follows from it is its verdict.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from compsys import clock
from compsys.answers import Refused
from compsys.credentials import jcs, jwt, proofs, statuslist
from compsys.credentials.controller import Key, kid, method
from compsys.credentials.terms import CONTEXTS

SKEW = 10 * 60 * 1000
"""Clocks may be apart by this much (milliseconds)."""

Status = Literal["clear", "set", "unknown"]
"""What the status list says of a certificate: no mark, a mark, nothing (it could not be checked)."""

VERDICTS: Mapping[str, str] = {
    "valid": "valid",
    "revoked": "revoked",
    "revoked_list": "revoked",
    "suspended": "suspended",
    "superseded": "superseded",
    "expired": "expired",
    "not_ours": "not_ours",
    "not_in_register": "not_found",
    "number_unknown": "not_found",
    "number_here": "not_found",
    "id_unknown": "not_found",
    "altered": "altered",
    "proof_missing": "altered",
    "key_unknown": "altered",
    "key_revoked": "altered",
    "key_life": "altered",
    "issuer_wrong": "altered",
}
"""Code -> verdict; every other code could not be checked."""



@dataclass(frozen=True, slots=True)
class Issuer:
    """A pinned issuer: who it is, and every key it ever had. ``code``: its body code, "" = none."""

    id: str
    name: str
    code: str = ""
    url: str = ""
    keys: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Trust:
    """What is known without asking: issuers as of ``made``, the newest signed status list of each address,
    and the newest date of each that was ever seen (an older one is a replay)."""

    made: str
    issuers: Mapping[str, Issuer] = field(default_factory=dict)
    lists: Mapping[str, Any] = field(default_factory=dict)
    seen: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the register says of one id as of ``as_of``. ``state``: valid, revoked, suspended, superseded,
    unknown; ``valid_from``: that of the newest document; ``reason``: for people, "" = none is told."""

    state: str
    as_of: str
    valid_from: str = ""
    since: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``document``: what may be shown, None where nothing of it is proved. ``list``: the date of the status
    list that was read; ``asked``: when the register answered ("" = it was not asked)."""

    verdict: str
    code: str
    params: dict[str, str] = field(default_factory=dict)
    document: dict[str, Any] | None = None
    list: str = ""
    status: Status = "unknown"
    asked: str = ""


class _Stop(Exception):
    """A reason why it goes no further."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def said(code: str, **params: str) -> Verdict:
    """The verdict of a code, of which nothing is shown.

    >>> said("list_missing").verdict, said("altered").verdict
    ('could_not_check', 'altered')
    """
    return Verdict(VERDICTS.get(code, "could_not_check"), code, params)


def moment(text: object) -> int | None:
    """Milliseconds since 1970 of a time with its zone, None where it is none.

    >>> moment("1970-01-01T08:00:01+08:00"), moment("1970-01-01")
    (1000, None)
    """
    if not isinstance(text, str) or not re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text, re.A
    ):
        return None
    try:
        at = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return clock.millis(f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z")


def host_of(url: object) -> str:
    """The host of an address, the text itself where it is none.

    >>> host_of("https://c.example/issuers/7"), host_of("did:key:z6")
    ('c.example', 'did:key:z6')
    """
    found = re.match(r"[a-z]+://([^/?#]*)", str(url or ""))
    return found[1] if found else str(url or "")[:60]


def issuer_id(document: Mapping[str, Any]) -> object:
    """The id of a document's issuer, whatever it is."""
    issuer = document.get("issuer")
    return issuer.get("id") if isinstance(issuer, dict) else issuer


# ------------------------------------------------------------------ the signature


def address_of(issuer: str, key: Key) -> str:
    """The address by which signatures of a key name it."""
    return method(issuer, key) if key.algorithm == "Ed25519" else kid(issuer, key)


def _key_of(issuer: Issuer, named: str, algorithm: str, created: int | None, trust: Trust) -> Key:
    """The issuer's key of a proof."""
    if not named.startswith((f"{issuer.id}#", f"{issuer.id}/keys/")):
        raise _Stop("issuer_wrong")
    mine = (one for one in issuer.keys if one.algorithm == algorithm)
    key = next((one for one in mine if address_of(issuer.id, one) == named), None)
    if key is None:
        made = moment(trust.made)
        # A key list from before the signature cannot know a key that came after it.
        if created is not None and made is not None and created > made + SKEW:
            raise _Stop("key_newer", date=trust.made)
        raise _Stop("key_unknown")
    if key.revoked:
        raise _Stop("key_revoked", date=key.revoked)
    if created is not None:
        begun, retired = moment(key.created), moment(key.retired)
        if (begun is not None and created < begun - SKEW) or (
            retired is not None and created > retired + SKEW
        ):
            raise _Stop("key_life")
    return key


def _proofs(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = document.get("proof")
    items = found if isinstance(found, list) else [found]
    return [one for one in items if isinstance(one, dict)]


def _prove(document: dict[str, Any], issuer: Issuer, trust: Trust) -> None:
    """Every proof is right, and one of them is of the kind that phones check."""
    found = _proofs(document)
    if not any(one.get("cryptosuite") == proofs.JCS for one in found):
        raise _Stop("proof_missing")
    for proof in found:
        created = moment(proof.get("created"))
        if created is None:
            raise _Stop("altered")
        _key_of(issuer, str(proof.get("verificationMethod")), "Ed25519", created, trust)
    keys = {address_of(issuer.id, key): key.public for key in issuer.keys}
    if not proofs.verify(document, keys.get, suites=(proofs.JCS,)).ok:
        raise _Stop("altered")


# ------------------------------------------------------------------ the status


def _list_of(url: object, issuer: Issuer, trust: Trust, now: int) -> statuslist.StatusList:
    """A status list once it is proved."""
    document = trust.lists.get(url) if isinstance(url, str) else None
    if not isinstance(document, dict):
        raise _Stop("list_missing")
    if document.get("id") != url or issuer_id(document) != issuer.id:
        raise _Stop("list_wrong")
    try:
        _prove(document, issuer, trust)
    except _Stop as stop:
        raise stop if stop.code == "key_newer" else _Stop("list_wrong") from None
    found = statuslist.read(document)
    if isinstance(found, Refused) or found.purpose != "revocation":
        raise _Stop("list_wrong")
    made, newest = moment(found.valid_from), moment(trust.seen.get(str(url)))
    if made is None or made > now + SKEW:
        raise _Stop("list_wrong")
    if newest is not None and newest > made:
        raise _Stop("list_replayed", date=found.valid_from, newer=trust.seen[str(url)])
    return found


def _status(document: dict[str, Any], issuer: Issuer, trust: Trust, now: int) -> tuple[bool, str]:
    """(whether the certificate's bit is set, the date of the list)."""
    entry = document.get("credentialStatus")
    if not isinstance(entry, dict):
        raise _Stop("list_missing")
    at = entry.get("statusListIndex")
    kinds = (entry.get("type"), entry.get("statusPurpose"))
    if (
        kinds != ("BitstringStatusListEntry", "revocation")
        or not isinstance(at, str)
        or not re.fullmatch("0|[1-9][0-9]{0,9}", at, re.A)
    ):
        raise _Stop("list_wrong")
    found = _list_of(entry.get("statusListCredential"), issuer, trust, now)
    if int(at) >= len(found.bits) * 8:
        raise _Stop("list_wrong")
    signed = moment(next((p["created"] for p in _proofs(document)), document.get("validFrom")))
    made = moment(found.valid_from)
    # A list from before the signature says nothing of this certificate.
    if made is None or signed is None or made < signed - SKEW:
        raise _Stop("list_before", date=found.valid_from)
    return statuslist.is_set(found.bits, int(at)), found.valid_from


def _registered(document: Mapping[str, Any], standing: Standing) -> tuple[str, dict[str, str]]:
    """What the register said, as a code."""
    if standing.state == "unknown":
        return "not_in_register", {}
    if standing.state in ("revoked", "suspended"):
        return standing.state, {"date": standing.since, "reason": standing.reason}
    newest, ours = moment(standing.valid_from), moment(document.get("validFrom"))
    if standing.state == "superseded" or (newest is not None and ours is not None and ours < newest):
        return "superseded", {"date": standing.valid_from}
    return "valid", {}


def _standing(
    document: dict[str, Any], issuer: Issuer, trust: Trust, now: int, standing: Standing | None
) -> Verdict:
    found = Verdict("", "", document=document, asked=standing.as_of if standing else "")

    def end(code: str, params: dict[str, str] | None = None) -> Verdict:
        return replace(found, verdict=VERDICTS.get(code, "could_not_check"), code=code, params=params or {})

    stop: _Stop | None = None
    try:
        marked, date = _status(document, issuer, trust, now)
        found = replace(found, list=date, status="set" if marked else "clear")
    except _Stop as error:
        stop = error
    until = moment(document.get("validUntil"))
    over = until is not None and until < now
    if standing is not None:
        code, params = _registered(document, standing)
        if code != "valid":
            return end(code, params)
        stop = None  # the register was asked now; a list is as old as it is, and only its no weighs more
    if found.status == "set":
        return end("revoked_list", {"date": found.list})
    if over:
        return end("expired", {"date": str(document["validUntil"])})
    return end(stop.code, stop.params) if stop else end("valid")


# ------------------------------------------------------------------ the verdict


Prove = Callable[[Issuer], None]


def check(
    document: Any,
    trust: Trust,
    now: str,
    standing: Standing | None = None,
    prove: Prove | None = None,
) -> Verdict:
    """The verdict about a credential. ``now``: UTC time text; ``standing``: None = register not asked."""
    try:
        subject = document.get("credentialSubject") if isinstance(document, dict) else None
        if not isinstance(subject, dict) or not isinstance(issuer_id(document), str):
            raise _Stop("no_credential")
        if not trust.issuers:
            raise _Stop("issuers_missing")
        issuer = trust.issuers.get(str(issuer_id(document)))
        if issuer is None:
            raise _Stop("not_ours", domain=host_of(issuer_id(document)))
        contexts = document.get("@context")
        given = contexts if isinstance(contexts, list) else [contexts]
        strange = [one for one in given if one not in CONTEXTS]
        if strange:
            raise _Stop("context_unknown", context=str(strange[0])[:120])
        if given != list(CONTEXTS):
            raise _Stop("altered")
        if prove is None:
            _prove(document, issuer, trust)
        else:
            prove(issuer)
        known = [clock.millis(now), moment(trust.made), moment(standing.as_of) if standing else None]
        latest = max(one for one in known if one is not None)
        begins = moment(document.get("validFrom"))
        if begins is None:
            raise _Stop("altered")
        if begins > latest + SKEW:
            raise _Stop("clock", date=str(document["validFrom"]))
        return _standing(document, issuer, trust, latest, standing)
    except _Stop as stop:
        return said(stop.code, **stop.params)


def check_jwt(token: str, trust: Trust, now: str, standing: Standing | None = None) -> Verdict:
    """The verdict about a VC-JWT (ES256)."""
    opened = open_jwt(token)
    if opened is None:
        return said("unreadable")
    header, document = opened

    def prove(issuer: Issuer) -> None:
        if header.get("alg") != "ES256" or not isinstance(header.get("kid"), str):
            raise _Stop("proof_missing")
        key = _key_of(issuer, header["kid"], "ES256", None, trust)
        if not jwt.read(token, lambda kid: key.public if kid == header["kid"] else None).ok:
            raise _Stop("altered")

    return check(document, trust, now, standing, prove)


def base64url(text: str) -> bytes | None:
    """The bytes of base64url text without padding, read strictly; None where it is none."""
    try:
        found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    # Bits left over at the end would make two texts of the same bytes.
    return found if urlsafe_b64encode(found).rstrip(b"=").decode() == text else None


def open_jwt(token: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """(header, payload) of a JWT, unproved; None where it is none."""
    parts = token.strip().split(".")
    if len(parts) != 3 or not all(re.fullmatch("[A-Za-z0-9_-]+", part) for part in parts):
        return None
    opened = [base64url(part) for part in parts[:2]]
    try:
        header, payload = (jcs.parse(part or b"") for part in opened)
    except jcs.Unsignable:
        return None
    return (header, payload) if isinstance(header, dict) and isinstance(payload, dict) else None
