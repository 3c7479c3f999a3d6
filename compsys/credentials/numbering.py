"""Certificate numbers: templates with segments as data, serials, and what an old number says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

LEVEL_CODES = {"5": "5", "4": "4", "3": "3", "2": "2", "1": "1", "special": "T", "chief": "S"}
"""Level -> its sign at position 16 (china.md 12; the letters of the appointed levels are not confirmed by a
published text). An apprentice (学徒工) gets no certificate."""

KINDS = {"level": "L", "award": "A", "score": "S"}

LEVEL_TEMPLATE = "{body}{year:2}{level}{serial:6}"
"""22 characters: body 13, year 2, level 1, serial 6 (china.md 12)."""
OTHER_TEMPLATE = "{issuer}-{kind}{year:4}-{serial:6}"

_SEGMENT = re.compile(r"\{(\w+)(?::([1-9]))?\}")
_WIDTHS = {"body": 13, "year": 2, "level": 1, "kind": 1, "serial": 6}
_PATTERNS = {"body": "[YS][0-9]{12}", "level": "[1-5TS]", "kind": "[LAS]", "issuer": "[A-Z0-9-]+"}


class Segment(NamedTuple):
    """A part of a template: what it holds (``text``: itself) and how many characters (0: as many as it
    has)."""

    name: str
    width: int
    text: str = ""


@lru_cache(maxsize=256)
def segments(template: str) -> tuple[Segment, ...]:
    """The parts of a template; raises ValueError for an unknown one, or without exactly one serial.

    >>> [s.name for s in segments(LEVEL_TEMPLATE)]
    ['body', 'year', 'level', 'serial']
    """
    found, at = list[Segment](), 0
    for match in _SEGMENT.finditer(template):
        if match.start() > at:
            found.append(Segment("text", match.start() - at, template[at : match.start()]))
        name, at = match[1], match.end()
        if name not in {*_WIDTHS, "issuer", "site"}:
            raise ValueError(name)
        found.append(Segment(name, int(match[2] or _WIDTHS.get(name, 0))))
    if at < len(template):
        found.append(Segment("text", len(template) - at, template[at:]))
    if sum(s.name == "serial" for s in found) != 1 or any(set(s.text) & set("{}") for s in found):
        raise ValueError("serial")
    return tuple(found)


def last(template: str) -> int:
    """The highest serial: 999999 for six digits."""
    return int(10 ** next(s.width for s in segments(template) if s.name == "serial")) - 1


def number(template: str, values: Mapping[str, str], serial: int) -> str:
    """A number: ``values`` holds body, year (four digits), level, kind, issuer. Raises KeyError for what is
    not there, ValueError for a serial beyond the last.

    Clause: china.md 12.

    >>> number(LEVEL_TEMPLATE, {"body": "Y000123000001", "year": "2019", "level": "5"}, 1)
    'Y000123000001195000001'
    >>> number(LEVEL_TEMPLATE, {"body": "S000037000042", "year": "2025", "level": "special"}, 17)
    'S00003700004225T000017'
    """
    if not 0 < serial <= last(template):
        raise ValueError(serial)
    parts = []
    for segment in segments(template):
        match segment.name:
            case "text":
                parts.append(segment.text)
            case "serial":
                parts.append(str(serial).zfill(segment.width))
            case "year":
                parts.append(values["year"][-segment.width :])
            case "level":
                parts.append(LEVEL_CODES[values["level"]])
            case "kind":
                parts.append(KINDS[values["kind"]])
            case "issuer":
                parts.append(values["issuer"].upper())
            case name:
                parts.append(values[name])
    return "".join(parts)


@lru_cache(maxsize=256)
def _pattern(template: str) -> re.Pattern[str]:
    parts = []
    for i, segment in enumerate(segments(template)):
        if segment.name == "text":
            parts.append(re.escape(segment.text))
        else:
            shape = _PATTERNS.get(segment.name, f"[0-9]{{{segment.width}}}")
            parts.append(f"(?P<{segment.name}{i}>{shape})")
    return re.compile("".join(parts) + r"\Z")


class Number(NamedTuple):
    """What a number says: its form (new, appointed, old_16, old_13, other) and its parts by name."""

    form: str
    parts: Mapping[str, str]


_NEW = re.compile(r"([YS][0-9]{12})([0-9]{2})([1-5TS])([0-9]{6})\Z")
_OLD = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})([0-4])([0-9]{3})([1-5])([0-9]{5})\Z")
_OLD_PARTS = ("year", "province", "city", "kind", "body", "level", "serial")


def read(text: str, template: str = "") -> Number | None:
    """What a number says by itself (or by a template); None when it is no number of a known form.

    Clause: china.md 12: 22 characters; 16 digits YY PP CC K NNN L SSSSS; 13 digits of Shanghai get 000 in
    front.

    >>> read("Y000123000001195000001").parts["level"], read("1623000000512345").form
    ('5', 'old_16')
    >>> read("S00003700004225T000017").form, read("3000000512345").form, read("12") is None
    ('appointed', 'old_13', True)
    """
    plain = "".join(text.split()).upper()
    if template:
        found = _pattern(template).match(plain)
        if found is None:
            return None
        return Number("other", {re.sub(r"\d+\Z", "", k): v for k, v in found.groupdict().items()})
    if (match := _NEW.match(plain)) is not None:
        parts = dict(zip(("body", "year", "level", "serial"), match.groups(), strict=True))
        return Number("appointed" if match[3] in "TS" else "new", parts)
    form = "old_13" if len(plain) == 13 else "old_16"
    if (match := _OLD.match(plain.zfill(16) if form == "old_13" else plain)) is not None:
        return Number(form, dict(zip(_OLD_PARTS, match.groups(), strict=True)))
    return None
