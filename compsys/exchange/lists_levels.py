"""What a row of a list says that a person holds: skill level, its certificate, honours, year of promotion."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from compsys.exchange.lists_fields import compared
from compsys.exchange.lists_findings import Changed
from compsys.exchange.promotion_csv import GROUPS, LEVELS
from compsys.vault import Identity

if TYPE_CHECKING:
    from compsys.exchange.lists_people import Cells

_YEAR = re.compile(r"([0-9]{4})年?\Z")
_DRESS = re.compile(r"国家职业资格|职业技能等级|职业资格|技能等级|[()（）/／\s]")
_DIGITS = dict(zip("一二三四五", "12345", strict=True))
_NAMES = (
    ("高级技师", "1"),
    ("技师", "2"),
    ("高级工", "3"),
    ("中级工", "4"),
    ("初级工", "5"),
    ("学徒工", "apprentice"),
)


def skill_level(text: str) -> str | None:
    """The level that a cell means: a code of ``Identity.held_level``, "" for a blank cell (unknown), None for
    what is no level, or two at once.

    >>> [skill_level(text) for text in ("高级工（三级）", "国家职业资格二级", "2", "无", "", "高级")]
    ['3', '2', '2', 'none', '', None]
    >>> skill_level("三级/技师") is None
    True
    """
    said = compared(text)
    if not said:
        return ""
    if said in LEVELS:
        return LEVELS[said] or "none"
    if said in ("没有", "没有等级", "无等级"):
        return "none"
    rest = _DRESS.sub("", said)
    if LEVELS.get(rest):
        return LEVELS[rest]
    found = {_DIGITS[digit] for digit in re.findall("([一二三四五])级", rest)}
    rest = re.sub("[一二三四五]级", "", rest)
    for name, level in _NAMES:
        if name in rest:
            rest = rest.replace(name, "")
            found.add(level)
    return found.pop() if len(found) == 1 and not rest else None


def held_of(cells: Cells) -> dict[str, str]:
    """The fields of ``Identity`` that a row states; what cannot be understood is noted as an error."""
    held = {name: cells.text(name) for name in ("held_source", "honours_held")}
    level = skill_level(cells.text("held_level"))
    if level is None:
        cells.error("held_level", "unknown_level", value=cells.text("held_level")[:40])
    held["held_level"] = level or ""
    year = cells.text("promoted_in")
    match = _YEAR.match(year)
    if year and match is None:
        cells.error("promoted_in", "unknown_word", value=year[:20])
    held["promoted_in"] = match[1] if match else ""
    group = compared(cells.text("category"))
    named = GROUPS.get(group, group)
    if named not in ("", "worker", "student", "teacher"):
        cells.error("category", "unknown_word", value=cells.text("category")[:20])
        named = ""
    held["category"] = named
    return {name: said for name, said in held.items() if said}


def filled(cells: Cells, there: Identity, held: dict[str, str]) -> tuple[Identity, tuple[Changed, ...]]:
    """A registered person with what a list adds where nothing was known; what differs stays as registered."""
    new: dict[str, Any] = {}
    for name, said in held.items():
        now = getattr(there, name)
        if not now:
            new[name] = said
        elif now != said:
            cells.warn(name, "kept")
    changes = tuple(Changed(name, "", said) for name, said in new.items())
    return msgspec.structs.replace(there, **new) if new else there, changes
