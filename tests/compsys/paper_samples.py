"""Signed credentials of invented people to print, bake and scan: the shape that is issued, a real key."""

from __future__ import annotations

import json
import zlib
from struct import pack
from typing import Any

from compsys.credentials import multikey, proofs, qr
from compsys.credentials.certificate import Paper
from compsys.credentials.signer import Ed25519
from compsys.credentials.terms import CONTEXTS

BASE = "https://c.example"
ISSUER = f"{BASE}/issuers/7"
SIGNER = Ed25519(bytes(range(32)))
METHOD = f"{ISSUER}#{multikey.encode(SIGNER.public)}"
AWARDS = [
    *("参与奖 / Participation", "优胜奖 / Excellence"),
    *("铜牌 / Bronze medal", "银牌 / Silver medal", "金牌 / Gold medal"),
]

Json = dict[str, Any]


def key_of(method: str) -> bytes | None:
    """The one issuer's public key."""
    return SIGNER.public if method == METHOD else None


def achievement(**given: str) -> Json:
    """Welder, level 3, with four results; ``given`` replaces texts."""
    here = f"{BASE}/ach/w3/v1"
    level = {"type": ["RubricCriterionLevel"]}
    plain = {"type": ["ResultDescription"]}
    return {
        "id": here, "type": ["Achievement"], "achievementType": "Certification",
        "name": "焊工 三级/高级工 / Welder, level 3", "description": "国家职业技能标准 焊工 三级/高级工",
        "humanCode": "6-18-02-04/3", "inLanguage": "zh-CN", "version": "1", "fieldOfStudy": "焊接 / Welding",
        "specialization": given.get("specialization", "焊条电弧焊 / Shielded metal arc welding"),
        "criteria": {"id": f"{BASE}/criteria/w3/v1", "narrative": "理论、实操均不低于 60 分。"},
        "alignment": [
            {
                "type": ["Alignment"], "targetType": "ext:CNOccupation", "targetCode": "6-18-02-04",
                "targetName": given.get("occupation", "焊工 / Welder"),
                "targetFramework": "中华人民共和国职业分类大典（2022年版）",
                "targetUrl": f"{BASE}/occupations/2022/6-18-02-04",
            }
        ],
        "resultDescription": [
            plain | {
                "id": f"{here}#level", "name": "职业技能等级 / Skill level",
                "resultType": "RubricCriterionLevel", "requiredLevel": f"{here}#level-3",
                "rubricCriterionLevel": [
                    level | {"id": f"{here}#level-4", "name": "四级/中级工", "level": "4"},
                    level | {"id": f"{here}#level-3", "name": "三级/高级工", "level": "3"},
                ],
            },
            plain | {
                "id": f"{here}#mark", "name": "总分（百分制） / Total of 100", "resultType": "RawScore",
                "valueMin": "0", "valueMax": "100",
            },
            plain | {"id": f"{here}#rank", "name": "名次 / Place", "resultType": "ext:Rank"},
            plain | {
                "id": f"{here}#award", "name": "奖项 / Award", "resultType": "ext:Award",
                "allowedValue": AWARDS,
            },
        ],
    }  # fmt: skip


def _result(what: str, value: str) -> Json:
    return {"type": ["Result"], "resultDescription": f"{BASE}/ach/w3/v1#{what}", "value": value}


def credential(name: str = "李明", serial: int = 17, **given: str) -> Json:
    """A signed credential; ``given``: award, mark, rank, issuer, specialization, occupation, description."""
    here = f"{BASE}/ach/w3/v1"
    document: Json = {
        "@context": list(CONTEXTS),
        "id": f"{BASE}/credentials/5f2c9a84-0b7e-4d15-8a36-{serial:012x}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "职业技能等级证书：焊工，三级/高级工 / Skill-level certificate: welder, level 3",
        "description": given.get(
            "description",
            "依据 2025 年示例市职业技能竞赛焊接赛项最终成绩核发 / By the final result of the 2025 contest",
        ),
        "issuer": {
            "id": ISSUER, "type": ["Profile"], "url": BASE, "email": "cert@c.example",
            "name": given.get("issuer", "示例技能评价中心 / Example Skills Assessment Centre"),
            "otherIdentifier": [
                {
                    "type": "IdentifierEntry", "identifier": "S000037000042",
                    "identifierType": "ext:CNAssessmentBodyCode",
                }
            ],
        },
        "validFrom": "2025-10-20T09:00:00+08:00", "awardedDate": "2025-10-20T09:00:00+08:00",
        "credentialSubject": {
            "id": f"urn:uuid:c0a7b3d2-94e1-4f68-9b5d-{serial * 7919:012x}", "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "hashed": False, "identityHash": name, "identityType": "name"}
            ],
            "licenseNumber": f"S000037000042253{serial:06d}", "role": "选手 / Competitor",
            "achievement": achievement(**given),
            "result": [
                {
                    "type": ["Result"], "value": "三级/高级工", "status": "Completed",
                    "resultDescription": f"{here}#level", "achievedLevel": f"{here}#level-3",
                },
                _result("mark", given.get("mark", "82.35")),
                _result("rank", given.get("rank", "5")),
                _result("award", given.get("award", AWARDS[1])),
            ],
        },
        "evidence": [
            {
                "id": f"{BASE}/results/2025/welding/v1/sha256-{'ab' * 32}", "type": ["Evidence"],
                "name": "锁定成绩单 / Locked result sheet", "genre": "CompetitionResult",
                "narrative": "焊接赛项最终成绩 v1；62 人完赛",
            }
        ],
        "credentialStatus": {
            "id": f"{BASE}/status/2025/1#{serial * 37}", "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation", "statusListIndex": f"{serial * 37}",
            "statusListCredential": f"{BASE}/status/2025/1",
        },
    }  # fmt: skip
    return proofs.sign(document, SIGNER, METHOD, "2025-10-20T09:00:03+08:00")


def paper(document: Json, kind: str = "level", **given: Any) -> Paper:
    """A credential as it goes to the press, its bytes as they are delivered."""
    signed = json.dumps(document, ensure_ascii=False, indent=1).encode()
    shown: dict[str, Any] = {
        "id_type": "居民身份证 / Resident identity card", "id_tail": "002X",
        "event": "2025 年示例市职业技能竞赛 / 2025 Example City Skills Competition",
        "trade": "焊接 / Welding",
    }  # fmt: skip
    address = qr.address(BASE, document, qr.dictionary(document))
    return Paper(signed, kind, address, f"{BASE}/v", **(shown | given))


def png(width: int = 30, height: int = 42) -> bytes:
    """A plain grey picture, whole and valid."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body))

    head = pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xa0" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
