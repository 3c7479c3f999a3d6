"""Says what looking at a list found: findings as sentences, the whole as JSON-able data."""

from __future__ import annotations

from typing import Any

from compsys import words
from compsys.exchange.lists_findings import Finding, Look
from compsys.exchange.xlsx_cells import column_letter

SHOWN = 2_000
"""Rows and findings that are told at once; counts count all."""


def field_name(name: str, lang: str) -> str:
    """A field as people call it.

    >>> field_name("id_number", "en")
    'identity number'
    """
    return words.say(f"list.field.{name}", lang)


def params_of(finding: Finding, lang: str) -> dict[str, str]:
    """A finding's parameters, its field as people call it."""
    params = dict(finding.params)
    if "field" in params:
        params["field"] = field_name(params["field"], lang)
    return params


def sentence(finding: Finding, lang: str) -> str:
    """What is found, without what to do."""
    return words.say(finding.code, lang, **params_of(finding, lang))


def advice(finding: Finding, lang: str) -> str:
    """What to do about it ("" = nothing)."""
    return words.todo(finding.code, lang, **params_of(finding, lang))


def as_data(look: Look, lang: str) -> dict[str, Any]:
    """A look as ``compsys import --dry-run --json`` prints it."""
    header = look.header
    return {
        "file": look.name,
        "digest": look.digest,
        "read": look.said,
        "kind": look.kind,
        "component": look.component,
        "header": None if header is None else {
            "row": header.last,
            "shape": header.shape,
            "remembered": header.remembered,
            "columns": [
                {"column": column_letter(i), "label": label, "field": name}
                for i, (label, name) in enumerate(zip(header.labels, header.columns, strict=True), 1)
            ],
        },
        "counts": dict(look.counts),
        "rows": [
            {
                "row": r.row,
                "who": r.who,
                "state": r.state,
                "what": r.what,
                "changes": [{"field": c.field, "before": c.before, "after": c.after} for c in r.changes],
            }
            for r in look.rows[:SHOWN]
        ],
        "findings": [
            {
                "severity": f.severity,
                "cell": f.where,
                "code": f.code,
                "params": dict(f.params),
                "message": sentence(f, lang),
                "todo": advice(f, lang),
            }
            for f in look.findings[:SHOWN]
        ],
        "more": look.more + max(0, len(look.findings) - SHOWN),
        "takes": look.takes,
        "partly": look.partly,
        "unreadable": look.unreadable,
    }  # fmt: skip
