"""What a checked certificate says, in one language: the sentence of who issued what to whom, and its facts.

The twin of ``web/static/credential_show.js``. Only what is signed is read, and only once it is proved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from compsys import words
from compsys.credentials.checking import Verdict, host_of

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
LEVELS = ("apprentice", "5", "4", "3", "2", "1", "special", "chief")


def side(text: object, lang: str) -> str:
    """One side of "中文 / English".

    >>> side("焊工 / Welder", "en"), side("Welder", "zh-CN"), side("国标 焊工 / 国标 焊工, level 2", "en")
    ('Welder', 'Welder', '国标 焊工, level 2')
    """
    whole = text if isinstance(text, str) else ""
    parts = whole.split(" / ")
    if len(parts) != 2 or not HAN.search(whole):
        return whole
    chinese, english = parts if HAN.search(parts[0]) else reversed(parts)
    return chinese if lang == "zh-CN" else english


def _many(value: Any) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


def _first(items: list[dict[str, Any]], name: str, value: str) -> dict[str, Any]:
    return next((item for item in items if item.get(name) == value), {})


def holder(document: Mapping[str, Any]) -> str:
    """The holder's name as it is signed, "" where there is none in clear."""
    found = _first(_many(document["credentialSubject"].get("identifier")), "identityType", "name")
    return str(found.get("identityHash", "")) if found.get("hashed") is False else ""


def level(document: Mapping[str, Any], lang: str) -> str:
    """The level in a language, whatever language the certificate names it in; "" where there is none."""
    subject = document["credentialSubject"]
    described = _many((subject.get("achievement") or {}).get("resultDescription"))
    for result in _many(subject.get("result")):
        what = _first(described, "id", str(result.get("resultDescription")))
        reached = _first(_many(what.get("rubricCriterionLevel")), "id", str(result.get("achievedLevel")))
        if reached:
            code = str(reached.get("level", ""))
            return (
                words.say(f"check.level.{code}", lang) if code in LEVELS else side(reached.get("name"), lang)
            )
    return ""


def basis(document: Mapping[str, Any], lang: str) -> str:
    """What it rests on: the result sheet's own words, else the description."""
    evidence = _many(document.get("evidence"))
    told = evidence[0].get("narrative") if evidence else None
    return side(told or document.get("description"), lang)


def sentence(document: Mapping[str, Any], lang: str) -> str:
    """Who issued what to whom, and on what basis."""
    subject, who = document["credentialSubject"], holder(document)
    title = document.get("name") or (subject.get("achievement") or {}).get("name")
    params = {
        "issuer": side((document["issuer"] or {}).get("name"), lang), "holder": who,
        "title": side(title, lang), "number": str(subject.get("licenseNumber", "")),
        "basis": basis(document, lang),
    }  # fmt: skip
    return words.say("check.sentence" if who else "check.sentence_unnamed", lang, **params)


def facts(document: Mapping[str, Any], lang: str) -> Iterator[tuple[str, str]]:
    """(code of ``check.fact.*``, text) of each fact that a certificate says."""
    subject = document["credentialSubject"]
    achievement = subject.get("achievement") or {}
    described = _many(achievement.get("resultDescription"))
    occupation = _first(_many(achievement.get("alignment")), "targetType", "ext:CNOccupation")
    yield "holder", holder(document)
    yield "level", level(document, lang)
    if occupation:
        yield "occupation", f"{side(occupation.get('targetName'), lang)} {occupation.get('targetCode', '')}"
    else:
        yield "occupation", side(achievement.get("fieldOfStudy"), lang)
    yield "specialization", side(achievement.get("specialization"), lang)
    yield "number", str(subject.get("licenseNumber", ""))
    yield "awarded", str(document.get("awardedDate") or document.get("validFrom", ""))[:10]
    yield "until", str(document.get("validUntil", ""))[:10]
    for result in _many(subject.get("result")):
        what = _first(described, "id", str(result.get("resultDescription")))
        if what and what.get("resultType") != "RubricCriterionLevel":
            yield "results", f"{side(what.get('name'), lang)}: {side(result.get('value'), lang)}"
    yield "rule", side((achievement.get("criteria") or {}).get("narrative"), lang)
    yield "issuer", side(document["issuer"].get("name"), lang)
    yield "domain", host_of(document["issuer"].get("id"))


def why(found: Verdict, lang: str) -> tuple[str, str]:
    """(the sentence of a verdict's code, what to do about it)."""
    params = {
        name: value[:10] if name in ("date", "newer") else value for name, value in found.params.items()
    }
    return words.say(f"check.{found.code}", lang, **params), words.todo(f"check.{found.code}", lang, **params)
