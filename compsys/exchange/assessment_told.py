"""How parameters of refusals about assessments are said: parts, levels, states as words of a language."""

from __future__ import annotations

from collections.abc import Mapping

from compsys import words
from compsys.exchange.promotion_csv import level_name
from scoring_rules.promotion_model import LADDER

_WORDS = (("part", "part_"), ("kind", "supervisor_"), ("said", ""), ("state", ""))


def worded(params: Mapping[str, str], lang: str) -> dict[str, str]:
    """Parameters as people call them.

    >>> worded({"missing": "held education"}, "en")
    {'missing': 'level held, schooling'}
    >>> worded({"part": "theory", "level": "3", "n": "4"}, "en")
    {'part': 'theory', 'level': 'level 3 (senior worker)', 'n': '4'}
    """
    said = dict(params)
    for key, begin in _WORDS:
        code = f"assessment.word_{begin}{said.get(key, '')}"
        if key in said and code in words.catalogue():
            said[key] = words.say(code, lang)
    for key in ("level", "held"):
        if said.get(key) in LADDER:
            said[key] = level_name(said[key], lang)
    if "missing" in said:
        parts = (words.say(f"assessment.word_missing_{one}", lang) for one in said["missing"].split())
        said["missing"] = words.say("ui.comma", lang).join(parts)
    return said
