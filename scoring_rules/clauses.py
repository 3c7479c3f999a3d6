"""What a profile says about where its sections come from: the clause beside each section's first line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

_SECTION = re.compile(r"""\s*\[\s*([A-Za-z0-9_.\-]+)\s*\]\s*(?:#\s*(.*?)\s*)?""")
_COMMENT = re.compile(r"""(?:[^"'#]|"(?:[^"\\]|\\.)*"|'[^']*')*#\s*(.*?)\s*""")


@lru_cache(maxsize=64)
def cited(text: str) -> Mapping[str, str]:
    """Section -> what its header line cites, then what its lines mark ("" = nothing), of a profile's TOML.

    >>> found = cited('[points] # section 3: two sheets dropped\\nhigh = 1\\nlow = 1 # unverified\\n')
    >>> found["points"]
    'section 3: two sheets dropped; low: unverified'
    """
    found: dict[str, list[str]] = {}
    section = ""
    for line in text.splitlines():
        header = _SECTION.fullmatch(line)
        if header:
            section = header[1]
            found[section] = [header[2]] if header[2] else []
            continue
        comment = _COMMENT.fullmatch(line)
        key, assigns, _ = line.partition("#")[0].partition("=")
        if section and comment and comment[1]:
            found[section].append(f"{key.strip()}: {comment[1]}" if assigns else comment[1])
    return MappingProxyType({name: "; ".join(said) for name, said in found.items()})
