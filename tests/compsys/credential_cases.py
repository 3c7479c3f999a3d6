"""Every case of checking a certificate, signed with real keys: what is given and known, what must follow.

``cases()`` gives them; Python's checker and the page's scripts are both held against the same list.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from compsys.credentials import jcs, jwt, proofs, statuslist
from compsys.credentials.checking import Issuer, Standing, Trust
from compsys.credentials.controller import Key, kid, method
from compsys.credentials.signer import ES256, Ed25519
from compsys.credentials.terms import CONTEXTS

BASE = "https://c.example"
ISSUER = f"{BASE}/issuers/centre"
LIST = f"{BASE}/status/centre/1"
CREDENTIAL = f"{BASE}/credentials/5f2c9a84-0b7e-4d15-8a36-c1e07d94b2f8"
NUMBER = "S000037000042253000017"
CREATED = "2025-10-20T09:00:03+08:00"
LISTED = "2025-11-01T00:00:00Z"
MADE = "2025-11-02T00:00:00.000Z"
NOW = "2025-11-03T04:05:06.000Z"
INDEX = 60233

OLD, NEW, LOST, OTHER = (Ed25519(bytes([n]) * 32) for n in (1, 2, 3, 4))
TOKENS = ES256(bytes([5]) * 32)
KEYS = {
    "old": Key(OLD.public, "Ed25519", "2024-01-01T00:00:00Z", retired="2025-10-25T00:00:00Z"),
    "new": Key(NEW.public, "Ed25519", "2025-10-25T00:00:00Z"),
    "lost": Key(LOST.public, "Ed25519", "2024-01-01T00:00:00Z", revoked="2025-10-30T00:00:00Z"),
    "tokens": Key(TOKENS.public, "ES256", "2024-01-01T00:00:00Z"),
}


def credential(**changes: Any) -> dict[str, Any]:
    """An unsigned credential of the shape that the office issues; no real person."""
    ach = f"{BASE}/ach/centre/welder/v1"
    level = {
        "id": f"{ach}#level", "type": ["ResultDescription"], "name": "技能等级 / Skill level",
        "resultType": "RubricCriterionLevel",
        "rubricCriterionLevel": [
            {
                "id": f"{ach}#level-{n}", "type": ["RubricCriterionLevel"], "level": n,
                "name": {"3": "三级/高级工 / Level 3", "2": "二级/技师 / Level 2"}[n],
            }
            for n in ("3", "2")
        ],
    }  # fmt: skip
    mark = {
        "id": f"{ach}#mark", "type": ["ResultDescription"], "name": "总分 / Total mark",
        "resultType": "RawScore", "valueMin": "0", "valueMax": "100",
    }  # fmt: skip
    return {
        "@context": list(CONTEXTS),
        "id": CREDENTIAL,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "职业技能等级证书：焊工，二级/技师 / Skill-level certificate: welder, level 2",
        "description": "示例市职业技能竞赛焊接赛项成绩 / Result in welding, Example City",
        "issuer": {
            "id": ISSUER, "type": ["Profile"], "name": "示例技能评价中心 / Example Skills Assessment Centre",
            "url": BASE,
            "otherIdentifier": [
                {
                    "type": "IdentifierEntry", "identifier": NUMBER[:13],
                    "identifierType": "ext:CNAssessmentBodyCode",
                }
            ],
        },
        "validFrom": "2025-10-20T09:00:00+08:00",
        "awardedDate": "2025-10-20T09:00:00+08:00",
        "credentialSubject": {
            "id": "urn:uuid:c0a7b3d2-94e1-4f68-9b5d-2e81f6a90c37",
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "hashed": False, "identityHash": "李明", "identityType": "name"}
            ],
            "licenseNumber": NUMBER,
            "role": "选手 / Competitor",
            "activityStartDate": "2025-10-11T08:30:00+08:00",
            "activityEndDate": "2025-10-13T17:00:00+08:00",
            "achievement": {
                "id": ach, "type": ["Achievement"], "achievementType": "Certification",
                "name": "焊工 二级/技师 / Welder, level 2", "description": "焊工标准 / Standard of welders",
                "humanCode": "6-18-02-04/2", "fieldOfStudy": "焊接 / Welding",
                "criteria": {"narrative": "名次不低于第 3 名。 / Third place or better."},
                "alignment": [
                    {
                        "type": ["Alignment"], "targetType": "ext:CNOccupation", "targetCode": "6-18-02-04",
                        "targetName": "焊工 / Welder", "targetUrl": f"{BASE}/occupations/2022/6-18-02-04",
                    }
                ],
                "resultDescription": [level, mark],
            },
            "result": [
                {
                    "type": ["Result"], "resultDescription": f"{ach}#level",
                    "achievedLevel": f"{ach}#level-2", "value": "二级/技师", "status": "Completed",
                },
                {"type": ["Result"], "resultDescription": f"{ach}#mark", "value": "82.35"},
            ],
        },
        "evidence": [
            {
                "id": f"{BASE}/results/welding/final/open/v1/sha256-{'0' * 64}", "type": ["Evidence"],
                "name": "锁定成绩单 / Locked result sheet", "genre": "CompetitionResult",
                "narrative": "焊接赛项最终成绩 v1；62 人完赛 / Welding, final result v1; 62 finished",
            }
        ],
        "credentialStatus": statuslist.entry(LIST, INDEX),
    } | changes  # fmt: skip


def signed(document: dict[str, Any], by: Ed25519 = OLD, created: str = CREATED) -> dict[str, Any]:
    """The document with both proofs, by a key of the issuer that it names."""
    name = method(document["issuer"]["id"], Key(by.public, "Ed25519", ""))
    return proofs.sign(document, by, name, created)


def listed(*indexes: int, at: str = LISTED, by: Ed25519 = NEW, issuer: str = ISSUER) -> dict[str, Any]:
    """A signed status list with these indexes set."""
    document = statuslist.list_credential(LIST, issuer, statuslist.bits_of(indexes), at)
    return proofs.sign(document, by, method(issuer, Key(by.public, "Ed25519", "")), at)


def trust(**changes: Any) -> Trust:
    """What is pinned and kept."""
    issuer = Issuer(ISSUER, "示例技能评价中心", NUMBER[:13], BASE, tuple(KEYS.values()))
    return replace(Trust(MADE, {ISSUER: issuer}, {LIST: listed()}), **changes)


def packed(document: Any, words: bytes = b"", text: bytes | None = None) -> str:
    """A QR code's fragment."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=words) if words else zlib.compressobj(9, 8, -15)
    data = engine.compress(jcs.canonical(document) if text is None else text) + engine.flush()
    name = hashlib.sha256(words).hexdigest()[:16] if words else "0"
    return f"1.{name}.{base64.urlsafe_b64encode(data).rstrip(b'=').decode()}"


GOOD = signed(credential())
WORDS = jcs.canonical(proofs.only(signed(credential(id=CREDENTIAL.replace("5f2c", "0000"))), proofs.JCS))
"""A dictionary: the bytes of another credential."""
DICTIONARIES = {hashlib.sha256(WORDS).hexdigest()[:16]: WORDS, "0123456789abcdef": b"something else"}


@dataclass(frozen=True)
class Case:
    """``given``: a document, or text of a ``kind`` (json, jwt, qr); ``code``: what must be said."""

    name: str
    code: str
    given: Any
    kind: str = "document"
    trust: Trust = trust()  # noqa: RUF009 it is frozen
    now: str = NOW
    standing: Standing | None = None


def altered(*path: str | int, to: Any) -> dict[str, Any]:
    """The good credential with one value changed."""
    document = copy.deepcopy(GOOD)
    place: Any = document
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = to
    return document


def without(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The same without one member."""
    return {key: value for key, value in document.items() if key != name}


def says(state: str, valid_from: str = "2025-10-20T09:00:00+08:00") -> Standing:
    """An answer of the register."""
    return Standing(state, NOW, valid_from, since="2025-11-02T10:00:00.000Z")


def cases() -> Iterator[Case]:
    """All of them."""
    yield from of_proofs()
    yield from of_status()
    yield from of_reading()


def of_proofs() -> Iterator[Case]:
    """Signature, issuer, key, context, clock."""
    yield Case("good", "valid", GOOD)
    yield Case("only the phone's proof", "valid", proofs.only(GOOD, proofs.JCS))
    yield Case(
        "a person's name", "altered", altered("credentialSubject", "identifier", 0, "identityHash", to="李四")
    )
    yield Case("one digit", "altered", altered("credentialSubject", "result", 1, "value", to="92.35"))
    yield Case("a member more", "altered", altered("credentialSubject", "note", to="x"))
    yield Case(
        "proof of another time", "altered", altered("proof", 1, "created", to="2025-10-20T09:00:04+08:00")
    )
    yield Case("proof without time", "altered", altered("proof", 1, "created", to=""))
    yield Case("proof of another context", "altered", altered("proof", 1, "@context", to=[CONTEXTS[0]]))
    yield Case("signature cut", "altered", altered("proof", 1, "proofValue", to="z11"))
    yield Case("no proof", "proof_missing", without(GOOD, "proof"))
    yield Case("only the other proof", "proof_missing", proofs.only(GOOD, proofs.RDFC))
    yield Case("empty", "no_credential", {})
    yield Case("a list", "no_credential", [GOOD])
    yield Case(
        "not ours",
        "not_ours",
        signed(
            credential(issuer={"id": "https://harvard.example/i", "type": ["Profile"], "name": "H"}), OTHER
        ),
    )
    own = GOOD["proof"][1]["verificationMethod"].replace(ISSUER, "did:key:z6MkOther")
    yield Case("key named in itself", "issuer_wrong", altered("proof", 1, "verificationMethod", to=own))
    yield Case("unknown key", "key_unknown", signed(credential(), OTHER))
    later = {"validFrom": "2025-11-02T23:00:00Z"}
    yield Case("key newer than list", "key_newer", signed(credential(**later), OTHER, "2025-11-02T23:00:00Z"))
    yield Case("compromised", "key_revoked", signed(credential(), LOST))
    yield Case(
        "compromised, whatever the register says",
        "key_revoked",
        signed(credential(), LOST),
        standing=says("valid"),
    )
    yield Case("after retirement", "key_life", signed(credential(), OLD, "2025-10-26T00:00:00Z"))
    yield Case("before the key", "key_life", signed(credential(), NEW))
    yield Case("clocks a little apart", "valid", signed(credential(), OLD, "2025-10-25T00:05:00Z"))
    strange = [*CONTEXTS, "https://evil.example/ctx"]
    yield Case("unknown context", "context_unknown", altered("@context", to=strange))
    yield Case("contexts turned", "altered", altered("@context", to=CONTEXTS[::-1]))
    yield Case("context missing", "altered", altered("@context", to=list(CONTEXTS[:2])))
    yield Case("begins later", "clock", signed(credential(validFrom="2025-11-20T00:00:00Z"), OLD))
    yield Case("slow clock, newer list of keys", "valid", GOOD, now="2019-01-01T00:00:00.000Z")
    yield Case(
        "slow clock",
        "clock",
        GOOD,
        now="2019-01-01T00:00:00.000Z",
        trust=trust(made="2019-01-01T00:00:00.000Z", lists={}),
    )
    yield Case("no issuers", "issuers_missing", GOOD, trust=trust(issuers={}))


def of_status() -> Iterator[Case]:
    """The status list and the register."""
    yield Case("revoked by list", "revoked_list", GOOD, trust=trust(lists={LIST: listed(INDEX)}))
    yield Case("another's bit", "valid", GOOD, trust=trust(lists={LIST: listed(INDEX + 1)}))
    yield Case("no list", "list_missing", GOOD, trust=trust(lists={}))
    yield Case("no list, register", "valid", GOOD, trust=trust(lists={}), standing=says("valid"))
    forged = copy.deepcopy(listed(INDEX))
    forged["credentialSubject"]["encodedList"] = listed()["credentialSubject"]["encodedList"]
    yield Case("list altered", "list_wrong", GOOD, trust=trust(lists={LIST: forged}))
    yield Case(
        "list of another", "list_wrong", GOOD, trust=trust(lists={LIST: listed(issuer="https://x.example/i")})
    )
    yield Case("list by a lost key", "list_wrong", GOOD, trust=trust(lists={LIST: listed(by=LOST)}))
    yield Case("list replayed", "list_replayed", GOOD, trust=trust(seen={LIST: "2025-11-02T12:00:00Z"}))
    yield Case(
        "list before the certificate",
        "list_before",
        GOOD,
        trust=trust(lists={LIST: listed(at="2025-10-19T00:00:00Z", by=OLD)}),
    )
    yield Case(
        "list of tomorrow", "list_wrong", GOOD, trust=trust(lists={LIST: listed(at="2025-11-09T00:00:00Z")})
    )
    beyond = signed(credential(credentialStatus=statuslist.entry(LIST, 131072)))
    yield Case("index beyond", "list_wrong", beyond)
    yield Case("no status", "list_missing", signed(without(credential(), "credentialStatus")))
    until = signed(credential(validUntil="2025-11-01T00:00:00Z"))
    yield Case("expired", "expired", until)
    yield Case("expired, register", "expired", until, standing=says("valid"))
    yield Case("revoked and expired", "revoked_list", until, trust=trust(lists={LIST: listed(INDEX)}))
    for state in ("revoked", "suspended", "superseded"):
        yield Case(f"register: {state}", state, GOOD, standing=says(state))
    yield Case("register: newer one", "superseded", GOOD, standing=says("valid", "2025-11-01T00:00:00+08:00"))
    yield Case("register: unknown", "not_in_register", GOOD, standing=says("unknown", ""))
    yield Case(
        "register yes, list no",
        "revoked_list",
        GOOD,
        trust=trust(lists={LIST: listed(INDEX)}),
        standing=says("valid"),
    )


def of_reading() -> Iterator[Case]:
    """QR codes, tokens and texts."""
    small = proofs.only(GOOD, proofs.JCS)
    whole = packed(small, WORDS)
    yield Case("QR", "valid", whole, "qr")
    yield Case("QR without dictionary", "valid", packed(small), "qr")
    yield Case("QR cut", "qr_cut", whole[: len(whole) * 2 // 3], "qr")
    yield Case("QR cut to its head", "qr_cut", whole[:19], "qr")
    yield Case("QR of another form", "qr_damaged", "2.0.AAAA", "qr")
    yield Case("QR with more behind", "qr_damaged", whole + "AAAA", "qr")
    yield Case("QR of no document", "qr_damaged", packed(None, text=b"not json"), "qr")
    name = whole.split(".")[1]
    yield Case("dictionary unknown", "dictionary_unknown", whole.replace(name, "f" * 16), "qr")
    yield Case("dictionary wrong", "dictionary_wrong", whole.replace(name, "0123456789abcdef"), "qr")
    yield Case("name twice", "name_twice", '{"a":1,"a":2}', "json")
    for text in ("{", "[1,2", '{"a":1.5}', '{"a":"\\ud800"}', '{"a":01}', '{"a":1}x', "{'a':1}"):
        yield Case(f"unreadable {text}", "unreadable", text, "json")
    bare = credential()
    key = kid(ISSUER, KEYS["tokens"])
    token = jwt.issue(bare, TOKENS, key)
    yield Case("token", "valid", token, "jwt")
    head, _, proof = token.split(".")
    other = jwt.issue(credential(name="x"), TOKENS, key).split(".")
    yield Case("token altered", "altered", ".".join([head, other[1], proof]), "jwt")
    yield Case("token by another", "altered", jwt.issue(bare, ES256(bytes([6]) * 32), key), "jwt")
    yield Case("token of an unknown key", "key_unknown", jwt.issue(bare, TOKENS, key + "0"), "jwt")
    yield Case("token in pieces", "unreadable", "AAAAAAAAAAAA.AAAAAAAAAAAA.AAAAAAAAAAAA", "jwt")
    yield Case("token, revoked", "revoked_list", token, "jwt", trust=trust(lists={LIST: listed(INDEX)}))
