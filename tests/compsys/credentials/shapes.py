"""A dozen shapes of credentials, invented: what the tests of the proofs sign, alter and show to others."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from compsys.credentials import multikey, statuslist
from compsys.credentials.signer import Ed25519
from compsys.credentials.terms import CONTEXTS

Json = dict[str, Any]
HOST = "https://c.example"
ISSUER = f"{HOST}/issuers/7"
SIGNER = Ed25519(bytes(range(32)))
METHOD = f"{ISSUER}#{multikey.encode(SIGNER.public)}"
CREATED = "2025-10-20T09:00:03+08:00"


def key_of(method: str) -> bytes | None:
    """The one key that the tests know."""
    return SIGNER.public if method == METHOD else None


def issuer() -> Json:
    """A body that assesses."""
    return {
        "id": ISSUER, "type": ["Profile"], "name": "示例技能评价中心 / Example Skills Assessment Centre",
        "url": HOST, "email": "cert@c.example",
        "otherIdentifier": [
            {"type": "IdentifierEntry", "identifier": "S000037000042",
             "identifierType": "ext:CNAssessmentBodyCode"},
        ],
    }  # fmt: skip


def achievement() -> Json:
    """Welder, level 3: what it is, what its results mean."""
    about = f"{HOST}/ach/w3/v1"
    levels = [("5", "五级/初级工"), ("4", "四级/中级工"), ("3", "三级/高级工")]
    return {
        "id": about, "type": ["Achievement"], "achievementType": "Certification",
        "name": "焊工 三级/高级工 / Welder, level 3", "description": "国家职业技能标准 焊工 三级/高级工",
        "humanCode": "6-18-02-04/3", "inLanguage": "zh-CN", "version": "1",
        "fieldOfStudy": "焊接 / Welding", "specialization": "焊条电弧焊", "tag": ["焊工", "高级工"],
        "criteria": {"id": f"{HOST}/criteria/w3/v1",
                     "narrative": "理论、实操均不低于 60 分且名次不低于第 10 名。"},
        "creator": {"id": f"{HOST}/profiles/standard", "type": ["Profile"], "name": "标准发布单位"},
        "image": {"id": f"{HOST}/badges/w3.png", "type": "Image", "caption": "焊工 三级/高级工"},
        "alignment": [
            {"type": ["Alignment"], "targetType": "ext:CNOccupation", "targetCode": "6-18-02-04",
             "targetFramework": "中华人民共和国职业分类大典（2022年版）", "targetName": "焊工",
             "targetUrl": f"{HOST}/occupations/2022/6-18-02-04"},
        ],
        "resultDescription": [
            {"id": f"{about}#level", "type": ["ResultDescription"], "name": "职业技能等级",
             "resultType": "RubricCriterionLevel", "requiredLevel": f"{about}#level-3",
             "rubricCriterionLevel": [
                 {"id": f"{about}#level-{at}", "type": ["RubricCriterionLevel"], "name": name, "level": at}
                 for at, name in levels]},
            {"id": f"{about}#mark", "type": ["ResultDescription"], "name": "总分（百分制）",
             "resultType": "RawScore", "valueMin": "0", "valueMax": "100", "requiredValue": "60"},
            {"id": f"{about}#rank", "type": ["ResultDescription"], "name": "名次", "resultType": "ext:Rank"},
            {"id": f"{about}#award", "type": ["ResultDescription"], "name": "奖项", "resultType": "ext:Award",
             "allowedValue": ["优胜奖", "铜牌", "银牌", "金牌"]},
        ],
    }  # fmt: skip


def result(what: str, value: str, **more: str) -> Json:
    """One result of the achievement above."""
    return {
        "type": ["Result"],
        "resultDescription": f"{HOST}/ach/w3/v1#{what}",
        "value": value,
        **more,
    }


def worked() -> Json:
    """The worked example: a level certificate with everything in it."""
    return {
        "@context": list(CONTEXTS), "id": f"{HOST}/credentials/5f2c9a84-0b7e-4d15-8a36-c1e07d94b2f8",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "职业技能等级证书：焊工，三级/高级工 / Skill-level certificate: welder, level 3",
        "description": "依据 2025 年示例市职业技能竞赛焊接赛项最终成绩核发", "issuer": issuer(),
        "validFrom": "2025-10-20T09:00:00+08:00", "awardedDate": "2025-10-20T09:00:00+08:00",
        "credentialSubject": {
            "id": "urn:uuid:c0a7b3d2-94e1-4f68-9b5d-2e81f6a90c37", "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "hashed": False, "identityHash": "李明", "identityType": "name"},
            ],
            "licenseNumber": "S000037000042253000017", "role": "选手 / Competitor",
            "activityStartDate": "2025-10-11T08:30:00+08:00", "activityEndDate": "2025-10-13T17:00:00+08:00",
            "achievement": achievement(),
            "result": [
                result("level", "三级/高级工", status="Completed", achievedLevel=f"{HOST}/ach/w3/v1#level-3"),
                result("mark", "82.35"), result("rank", "5"), result("award", "优胜奖"),
            ],
        },
        "evidence": [
            {"id": f"{HOST}/results/2025/welding/v1/sha256-{'ab' * 32}", "type": ["Evidence"],
             "name": "锁定成绩单 / Locked result sheet", "genre": "CompetitionResult",
             "narrative": "焊接赛项最终成绩 v1；62 人完赛"},
        ],
        "credentialSchema": [
            {"id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
             "type": "1EdTechJsonSchemaValidator2019"},
        ],
        "credentialStatus": statuslist.entry(f"{HOST}/status/7/1", 60233),
    }  # fmt: skip


def award() -> Json:
    """A medal: no level, no licence number, no status."""
    made = worked()
    subject = made["credentialSubject"]
    subject["achievement"] |= {"achievementType": "Award", "name": "焊接赛项 金牌 / Welding, gold medal"}
    subject["achievement"]["resultDescription"] = subject["achievement"]["resultDescription"][2:]
    subject["result"] = [result("rank", "1"), result("award", "金牌")]
    del subject["licenseNumber"], made["credentialStatus"], subject["achievement"]["humanCode"]
    return made | {"name": "获奖证书 / Certificate of award"}


def score() -> Json:
    """A statement of scores, issued by one body about another's assessment."""
    made = award()
    subject = made["credentialSubject"]
    subject["source"] = {"id": f"{HOST}/issuers/9", "type": ["Profile"], "name": "承办学校 / Hosting school"}
    subject["achievement"]["achievementType"] = "Assessment"
    subject["result"] = [result("rank", "17", status="Completed")]
    return made | {"name": "成绩证明 / Statement of results", "validUntil": "2030-10-20T09:00:00+08:00"}


def least() -> Json:
    """As little as the schema lets stand."""
    return {
        "@context": CONTEXTS[:2], "id": f"{HOST}/credentials/1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"], "name": "A",
        "issuer": {"id": ISSUER, "type": ["Profile"], "name": "B", "url": HOST},
        "validFrom": "2025-10-20T01:00:00Z",
        "credentialSubject": {
            "id": "urn:uuid:1", "type": ["AchievementSubject"],
            "achievement": {"id": f"{HOST}/ach/1", "type": ["Achievement"], "name": "C", "description": "D",
                            "criteria": {"narrative": "E"}},
        },
    }  # fmt: skip


def alike() -> Json:
    """Two scales with the same words, two results alike: nodes that only their neighbours tell apart."""
    made = worked()
    subject = made["credentialSubject"]
    about = f"{HOST}/ach/w3/v1"
    for part in ("theory", "practice"):
        subject["achievement"]["resultDescription"].append(
            {"id": f"{about}#{part}", "type": ["ResultDescription"], "name": "结论",
             "resultType": "ext:Conclusion", "allowedValue": ["不合格", "合格", "优秀"]}
        )  # fmt: skip
    subject["result"] += [result("theory", "合格"), result("practice", "合格"), result("practice", "合格")]
    return made


def hashed() -> Json:
    """Identities as salted digests, a licence's end, a body with an address and a parent."""
    made = worked()
    made["credentialSubject"]["identifier"] += [
        {"type": "IdentityObject", "hashed": True, "identityType": kind, "salt": "7d1f0c52a9e84b36" * 2,
         "identityHash": "sha256$60ca6530da76342adeba61f9e46ba080770e7411f4e98c6abf670ad2ecdafb9d"}
        for kind in ("emailAddress", "ext:EntryId")
    ]  # fmt: skip
    made["issuer"] |= {
        "description": "第三方评价机构", "phone": "+86-10-0000", "official": "备案",
        "image": {"id": f"{HOST}/seal.png", "type": "Image"},
        "address": {"type": ["Address"], "addressCountry": "中国", "addressCountryCode": "CN",
                    "addressRegion": "山东省", "addressLocality": "示例市", "postalCode": "250000",
                    "streetAddress": "示例路 1 号"},
        "parentOrg": {"id": f"{HOST}/issuers/1", "type": ["Profile"], "name": "集团"},
    }  # fmt: skip
    return made


def twice() -> Json:
    """The issuer wrote the standard as well: one object in two places, its nameless part twice."""
    made = worked()
    made["credentialSubject"]["achievement"]["creator"] = issuer()
    made["credentialSubject"]["source"] = issuer()
    return made


def escapes() -> Json:
    """Quotes, backslashes, lines, tabs, a character beyond the basic plane, no-break spaces."""
    made = worked()
    made["description"] = 'He said "3/高级工"\\n,\r\n\tthen\\ left.\u2028\u00a0\ufeff "'
    made["credentialSubject"]["identifier"][0]["identityHash"] = "李\U000241fe·Ö’\u0308 𠮷"
    made["credentialSubject"]["result"][1]["value"] = ""
    return made


def related() -> Json:
    """Everything of the table that no other shape has."""
    made = worked()
    subject = made["credentialSubject"]
    subject |= {"term": "2025", "narrative": "说明", "image": {"id": f"{HOST}/p.png", "type": "Image"}}
    made["image"] = {"id": f"{HOST}/c.png", "type": "Image", "caption": "证书"}
    made["evidence"].append(
        {"id": f"{HOST}/photo", "type": ["Evidence"], "description": "照片", "audience": "雇主"}
    )
    about = subject["achievement"]
    about["related"] = [
        {"id": f"{HOST}/ach/w2/v1", "type": ["Related"], "version": "1", "inLanguage": "en"},
    ]
    about["otherIdentifier"] = [
        {"type": "IdentifierEntry", "identifier": f"GZ-{n}", "identifierType": "ext:Standard"} for n in (1, 2)
    ]
    place = {"type": ["Alignment"], "targetName": "Welder", "targetUrl": f"{HOST}/isco/7212",
             "targetDescription": "ISCO-08"}  # fmt: skip
    about["resultDescription"][0]["alignment"] = [place]
    about["resultDescription"][0]["rubricCriterionLevel"][0] |= {
        "points": "5", "description": "初级", "alignment": [place],
    }  # fmt: skip
    subject["result"][0]["alignment"] = [{"id": f"{HOST}/isco/7212", **place}]
    return made


def nameless() -> Json:
    """A subject without an id, so that nodes without ids hang on one another."""
    made = worked()
    del made["credentialSubject"]["id"]
    for found in made["credentialSubject"]["result"][:2]:
        found["alignment"] = [{"type": ["Alignment"], "targetName": "焊工", "targetUrl": f"{HOST}/o"}]
    made["credentialSubject"]["source"] = {"type": ["Profile"], "name": "甲"}
    return made


def repeated() -> Json:
    """Entries that nothing tells apart, some of them with neighbours that look alike."""
    made = nameless()
    entry = {"type": "IdentifierEntry", "identifier": "1", "identifierType": "ext:A"}
    made["issuer"]["otherIdentifier"] = [dict(entry) for _ in range(4)]
    found = made["credentialSubject"]["result"]
    found += [copy.deepcopy(found[1]) for _ in range(3)]
    return made


def status_list() -> Json:
    """A status list with nothing set."""
    bits = statuslist.bits_of([])
    return statuslist.list_credential(f"{HOST}/status/7/1", ISSUER, bits, "2025-10-20T09:00:00+08:00")


def status_list_dated() -> Json:
    """A status list with some set, that tells how long it holds."""
    bits = statuslist.bits_of([0, 60233, 131071])
    return statuslist.list_credential(
        f"{HOST}/status/7/2", ISSUER, bits, "2025-10-20T09:00:00+08:00", "2025-10-27T09:00:00+08:00", 300_000
    ) | {"name": "状态清单", "description": "Status list"}


BADGES: tuple[Callable[[], Json], ...] = (
    worked, award, score, least, alike, hashed, twice, escapes, related, nameless, repeated,
)  # fmt: skip
"""Shapes of Open Badges."""
SHAPES = (*BADGES, status_list, status_list_dated)


def paths(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value that is no object and no array, with the way to it."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(item, (*at, key))
    else:
        yield at, value


def put(document: Json, path: tuple[str | int, ...], value: Any) -> Json:
    """A copy of the document with another value at a path."""
    made: Any = copy.deepcopy(document)
    inner = made
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return dict(made)
