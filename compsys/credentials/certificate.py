"""Reads from a signed credential what its paper says, and joins to it what only paper shows.

Nothing of substance is printed that was not signed: names, level, results, number and dates come from the
credential's own JSON, which is attached to the PDF byte for byte. What only paper shows is the kind of
identity document with its last four characters, the photo, the picture of the seal, and the count of prints.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final

from compsys.answers import Refused
from compsys.credentials import jcs, qr

KINDS: Final = ("level", "award", "score")
"""职业技能等级证书, 获奖证书, 成绩证明: one template each."""

RIBBONS: Final = (
    ("gold", ("金牌", "金奖", "一等奖", "冠军", "特等奖")),
    ("silver", ("银牌", "银奖", "二等奖", "亚军")),
    ("bronze", ("铜牌", "铜奖", "三等奖", "季军")),
)
"""The colour of an award by what its Chinese name holds; any other award has the plain colours."""

OCCUPATION: Final = "ext:CNOccupation"
AWARD: Final = "ext:Award"
LEVEL: Final = "RubricCriterionLevel"

Json = dict[str, Any]
Two = dict[str, str]


@dataclass(frozen=True, slots=True)
class Paper:
    """One certificate to print.

    ``signed``: the signed credential's bytes, as they are delivered. ``address``: what the QR symbol says;
    ``query``: the official address printed in words. ``id_type`` in both languages and ``id_tail``, the last
    four characters, or "" for none. ``event``, ``trade``: names of competition and trade in both languages.
    ``photo``, ``seal``: PNG or JPEG. ``reprint``: 0 for the first print; ``replaces``: the day (ISO) of the
    earlier certificate of the same number that this one supersedes.
    """

    signed: bytes
    kind: str
    address: str
    query: str
    language: str = "zh-CN"
    id_type: str = ""
    id_tail: str = ""
    event: str = ""
    trade: str = ""
    photo: bytes | None = None
    seal: bytes | None = None
    reprint: int = 0
    replaces: str = ""


def halves(text: str) -> Two:
    """The two languages of one text; a text without the divider is Chinese alone.

    >>> halves("焊接 / Welding"), halves("三级/高级工")
    ({'zh': '焊接', 'en': 'Welding'}, {'zh': '三级/高级工', 'en': ''})
    """
    chinese, _, english = text.partition(" / ")
    return {"zh": chinese.strip(), "en": english.strip()}


def day(moment: str) -> dict[str, int]:
    """The date of a moment as the credential writes it, in its own offset.

    >>> day("2025-10-20T09:00:00+08:00")
    {'year': 2025, 'month': 10, 'day': 20}
    """
    year, month, number = moment[:10].split("-")
    return {"year": int(year), "month": int(month), "day": int(number)}


def ribbon(award: str) -> str:
    """The colour of an award: gold, silver, bronze or plain.

    >>> ribbon("金牌"), ribbon("三等奖"), ribbon("优胜奖")
    ('gold', 'bronze', 'plain')
    """
    for colour, names in RIBBONS:
        if any(name in award for name in names):
            return colour
    return "plain"


def sheet(paper: Paper) -> Json | Refused:
    """What the template is given for one certificate; all of it text, numbers and pairs.

    Refused: ``print.not_credential``; ``print.not_level`` (number: a level's title for a credential that
    gives none).
    """
    try:
        document = jcs.parse(paper.signed)
        return _sheet(document, paper)
    except (jcs.Unsignable, LookupError, TypeError, ValueError, AttributeError):
        return Refused("print.not_credential")


def _sheet(document: Json, paper: Paper) -> Json | Refused:
    subject = document["credentialSubject"]
    achievement = subject["achievement"]
    results = _results(subject, achievement)
    level = next((one for one in results if one["type"] == LEVEL), None)
    number = str(subject.get("licenseNumber", ""))
    if paper.kind == "level" and (level is None or achievement.get("achievementType") != "Certification"):
        return Refused("print.not_level", {"number": number})
    award: Two = next((one["value"] for one in results if one["type"] == AWARD), halves(achievement["name"]))
    issuer = document["issuer"]
    evidence = (document.get("evidence") or [{}])[0]
    return {
        "kind": paper.kind,
        "language": paper.language,
        "holder": qr.holder(document),
        "number": number,
        "id-type": halves(paper.id_type),
        "id-tail": paper.id_tail,
        "name": halves(document["name"]),
        "title": halves(achievement["name"]),
        "occupation": _occupation(achievement),
        "specialization": halves(achievement.get("specialization", "")),
        "level": {**(level or {"value": halves("")})["value"], "digit": _digit(achievement)},
        "award": award,
        "ribbon": ribbon(award["zh"]),
        "results": [{"label": one["label"], "value": one["value"]} for one in results],
        "event": halves(paper.event or document.get("description", "")),
        "trade": halves(paper.trade),
        "basis": _sentence(halves(document.get("description", ""))),
        "evidence": evidence.get("narrative") or evidence.get("name", ""),
        "issuer": {**halves(issuer["name"]), "code": _code(issuer)},
        "awarded": day(document.get("awardedDate") or document["validFrom"]),
        "issued": day(document["validFrom"]),
        "query": paper.query,
        "reprint": paper.reprint,
        "replaces": day(paper.replaces) if paper.replaces else None,
    }


def _results(subject: Json, achievement: Json) -> list[Json]:
    """Each result with the description's name, its type, and its value in both languages."""
    described = {one["id"]: one for one in achievement.get("resultDescription", ())}
    found = []
    for one in subject.get("result", ()):
        what = described[one["resultDescription"]]
        found.append(
            {"type": what["resultType"], "label": halves(what["name"]), "value": halves(one.get("value", ""))}
        )
    return found


def _occupation(achievement: Json) -> Two:
    """The occupation's name: of the classification where it stands, else the achievement's."""
    for one in achievement.get("alignment", ()):
        if one.get("targetType") == OCCUPATION:
            return halves(one["targetName"])
    return halves(achievement.get("fieldOfStudy") or achievement["name"])


def _digit(achievement: Json) -> str:
    """The level behind the stroke of ``humanCode``, "" where there is none."""
    return str(achievement.get("humanCode", "")).rpartition("/")[2][:1]


def _code(issuer: Json) -> str:
    """The body's filed code."""
    for one in issuer.get("otherIdentifier", ()):
        return str(one.get("identifier", ""))
    return ""


def _sentence(two: Two) -> Two:
    """Without the full stop at the end, which the template puts."""
    return {key: text.rstrip("。.") for key, text in two.items()}


def badge(paper: Paper) -> dict[str, str] | Refused:
    """The words and colour of a certificate's badge (see badge.typ). Refused: as ``sheet``."""
    found = sheet(paper)
    if isinstance(found, Refused):
        return found
    if paper.kind == "level":
        # 三级/高级工: the level's number large, its name below
        large, _, small = found["level"]["zh"].partition("/")
        about, colour = found["occupation"], "plain"
    else:
        large, small = found["award"]["zh"], found["award"]["en"]
        about, colour = found["trade"] if found["trade"]["zh"] else found["occupation"], found["ribbon"]
        if paper.kind == "score":
            large, small, colour = found["name"]["zh"].partition("：")[0], "", "plain"
    return {"colour": colour, "top": about["zh"], "large": large, "small": small, "bottom": about["en"]}


def texts(value: Any) -> list[str]:
    """Every text in what a template is given, for the check of its glyphs."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return []


NOT_IN_A_NAME: Final = re.compile(r"[^0-9A-Za-z._-]")


def attachment(number: str, signed: bytes) -> str:
    """The name under which the signed JSON is attached: its number, or what its bytes give.

    >>> attachment("S000037000042253000017", b"")
    'S000037000042253000017.json'
    """
    return (NOT_IN_A_NAME.sub("-", number) or hashlib.sha256(signed).hexdigest()[:16]) + ".json"
