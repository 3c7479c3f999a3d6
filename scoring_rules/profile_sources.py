"""Where each line of a profile comes from: the source its comment or table cites, and what is unverified."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, NamedTuple

State = Literal["verified", "partly", "unverified"]
_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\-]+)\s*\]\]?\s*$")
_ASSIGN = re.compile(r"\s*([A-Za-z0-9_\-]+)\s*=\s*(.*)$", re.S)
_TEXTS = re.compile(r"""\"(?:[^"\\]|\\.)*"|'[^']*'""")
_ABOUT = ("id", "version", "source", "title")
"""Top-level names that say what the profile is, not what it rules."""


class Fact(NamedTuple):
    """One line of data: where it stands, its key, its value as written, the source cited, whether it holds.

    `partly`: the source of its table says that something in it is unverified, without saying which.
    """

    line: int
    key: str
    value: str
    source: str
    state: State


@dataclass(slots=True)
class _Table:
    path: str
    comment: str
    rows: list[tuple[int, str, str, str]] = field(default_factory=list)
    """line, key, value, comment"""


_TOLD = ("source", "clause", "unverified")
"""Keys of a table that say where it comes from."""


def facts(text: str) -> list[Fact]:
    """Every line of data of a profile's text, in its order; the text has been parsed without problems.

    A comment behind a key cites the key's source, one behind a table's header that of its keys; the keys
    `source` and `clause` of a table do the same. No source, or the word "unverified": unverified. Where a
    header's comment says "KEY unverified", only that key is.

    >>> for fact in facts('[a] # section 3\\nx = "1"\\ny = 2 # unverified\\n[b]\\nz = 3\\n'):
    ...     print(fact.line, fact.key, fact.value, fact.state)
    2 a.x "1" verified
    3 a.y 2 unverified
    5 b.z 3 unverified
    """
    found: list[Fact] = []
    sources: dict[str, str] = {}
    for table in _tables(text):
        told = {key: value.strip('"') for _, key, value, _ in table.rows if key in _TOLD and table.path}
        above = sources.get(table.path.rpartition(".")[0], "")
        cited = [table.comment or above, told.get("source", ""), told.get("clause", "")]
        source = sources[table.path] = "; ".join(part for part in cited if part)
        if "unverified" in told:
            source = f"unverified: {told['unverified']}"
        keys = {key for _, key, _, _ in table.rows}
        for number, key, value, comment in table.rows:
            path = f"{table.path}.{key}" if table.path else key
            if key in told or path.partition(".")[0] in _ABOUT:
                continue
            state = _own(comment) if comment else _inherited(source, key, keys)
            found.append(Fact(number, path, value, comment or source, state))
    return found


@lru_cache(maxsize=64)
def cited(text: str) -> Mapping[str, str]:
    """Section -> what its header cites, then what its lines mark ("" = nothing), lists of tables included.

    >>> cited('[points] # section 3: two sheets dropped\\nhigh = 1\\nlow = 1 # unverified\\n')["points"]
    'section 3: two sheets dropped; low: unverified'
    """
    found: dict[str, list[str]] = {}
    for table in _tables(text):
        section = table.path.partition(".")[0] if "[" in table.path else table.path
        said = found.setdefault(section, []) if section else []
        said += [table.comment] if table.comment else []
        said += [f"{key}: {comment}" for _, key, _, comment in table.rows if comment]
    return MappingProxyType({section: "; ".join(said) for section, said in found.items()})


def _own(comment: str) -> State:
    return "unverified" if "unverified" in comment else "verified"


def _inherited(source: str, key: str, keys: set[str]) -> State:
    """What a table's source means for one of its keys."""
    if not source or source.startswith("unverified"):
        return "unverified"
    if "unverified" not in source:
        return "verified"
    named = {name for name in re.findall(r"([a-z_]+) unverified", source) if name in keys}
    if named:
        return "unverified" if key in named else "verified"
    return "partly"


def _tables(text: str) -> list[_Table]:
    """The tables of a profile, the top one first; those of a list are numbered from 1."""
    found = [_Table("", "")]
    counts: dict[str, int] = {}
    for number, data, comment in _lines(text):
        if header := _HEADER.match(data):
            path = header[2]
            if header[1] == "[[":
                counts[path] = counts.get(path, 0) + 1
                path = f"{path}[{counts[path]}]"
            found.append(_Table(path, comment))
        elif assign := _ASSIGN.match(data):
            found[-1].rows.append((number, assign[1], assign[2].strip(), comment))
    return found


def _lines(text: str) -> list[tuple[int, str, str]]:
    """(line number, data, comment) with the lines of a list that goes on joined to its first."""
    found: list[tuple[int, str, str]] = []
    held, start, open_brackets = "", 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        data, comment = _split(line)
        if open_brackets:
            held += " " + data.strip()
        else:
            held, start = data.rstrip(), number
        open_brackets = _balance(held) if "=" in held else 0
        if not open_brackets and held.strip():
            found.append((start, held, comment))
            held = ""
    return found


def _split(line: str) -> tuple[str, str]:
    """Data and comment: the first # outside a quoted text.

    >>> _split("x = 'a # b' # section 3"), _split('y = "c # d"')
    (("x = 'a # b' ", 'section 3'), ('y = "c # d"', ''))
    """
    quoted = _TEXTS.sub(lambda text: "." * len(text[0]), line)
    at = quoted.find("#")
    return (line, "") if at < 0 else (line[:at], line[at + 1 :].strip())


def _balance(text: str) -> int:
    outside = _TEXTS.sub("", text)
    return outside.count("[") + outside.count("{") - outside.count("]") - outside.count("}")
