"""The locked result sheet: a version of an official result as a public document, the same bytes for ever.

It is what a credential's evidence names by its SHA-256. It rests on the line of the version alone: codes and
values, no names, so that neither a later name nor a later set-up changes it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec

from compsys.facts_results import ResultPublished

FORMAT = "compsys-result-sheet/1"


def sheet(competition: str, version: ResultPublished) -> dict[str, Any]:
    """The document: which result, its rows in order, what it stood on. Text and whole numbers only."""
    rows = [
        {
            "code": row.code,
            "place": row.place,
            "tied": row.tied,
            "total": row.total,
            "medal": row.medal,
            "prize": row.prize,
            "status": row.status,
            "ranked": row.ranked,
            "components": [msgspec.to_builtins(part) for part in row.components],
        }
        for row in version.rows
    ]
    return {
        "format": FORMAT,
        "competition": competition,
        "trade": version.trade,
        "stage": version.stage,
        "group": version.group,
        "version": version.version,
        "rank": version.rank,
        "at": version.t,
        "digests": dict(version.digests),
        "cites": [{"stream": c.stream, "n": c.n, "head": c.head} for c in version.cites],
        "rows": rows,
    }


def sheet_bytes(competition: str, version: ResultPublished) -> bytes:
    """The document's bytes: JSON with sorted keys, without spaces, UTF-8."""
    data = sheet(competition, version)
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(competition: str, version: ResultPublished) -> str:
    """SHA-256 of the document, in hex."""
    return hashlib.sha256(sheet_bytes(competition, version)).hexdigest()
