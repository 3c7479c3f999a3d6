"""What a new reading of a scheme changes, told as data: per aspect what it was and what it is."""

from __future__ import annotations

from typing import Any

from compsys import words
from scoring_rules import exact
from scoring_rules.scheme import Aspect, Measure, Scheme, aspects, total
from scoring_rules.scheme_changes import ASPECT_FIELDS
from scoring_rules.scheme_match import Comparison, Match

COUNTED = ("unchanged", "renamed", "moved", "marks", "new", "gone")
"""What is counted above the list; an aspect may be in several of them."""


def changes(found: Comparison, old: Scheme, language: str) -> dict[str, Any]:
    """The comparison as data: {same, counts, total {before, after}, aspects, others}; marks are text.

    aspects: [{change, key, sub, sure, title, fields: [{field, before, after}]}], without the unchanged ones.
    others: [{where, field, before, after}] of title, sections, criteria, sub-criteria.
    """
    counts = {name: found.count(name) for name in COUNTED}
    counts["changed"] = found.count("changed")
    return {
        "same": found.same,
        "counts": counts,
        "total": {"before": _total(old), "after": _total(found.scheme)},
        "aspects": [_aspect(m, language) for m in found.matches if m.kind != "unchanged"],
        "others": [
            {"where": d.where, "field": d.field, "before": d.before, "after": d.after} for d in found.others
        ],
    }


def _total(scheme: Scheme) -> str:
    """The sum of the marks that are there; "" when one is missing."""
    whole = all(exact.is_number(a.max) for a in aspects(scheme))
    return exact.show(total(scheme), 2) if whole else ""


def _aspect(match: Match, language: str) -> dict[str, Any]:
    there = match.new or match.old
    assert there is not None  # a match has at least one side
    return {
        "change": match.kind,
        "key": match.key,
        "sub": match.new_sub or match.old_sub,
        "sure": match.sure,
        "title": words.pick(there.title, language),
        "max": there.max,
        "fields": [_field(match, field, language) for field in ASPECT_FIELDS if field in match.fields],
    }


def _field(match: Match, field: str, language: str) -> dict[str, str]:
    assert match.old is not None and match.new is not None  # only a pair has changed fields
    if field == "moved":
        return {"field": field, "before": match.old_sub, "after": match.new_sub}
    return {
        "field": field,
        "before": _value(match.old, field, language),
        "after": _value(match.new, field, language),
    }


def _value(aspect: Aspect, field: str, language: str) -> str:
    match field:
        case "renamed":
            return words.pick(aspect.title, language)
        case "marks":
            return aspect.max
        case "method":
            return words.say(f"method.{aspect.method}", language)
        case "section":
            return aspect.section
        case "measure":
            return _measure(aspect.measure, language)
        case "descriptors":
            return " / ".join(f"{n} {words.pick(d, language)}" for n, d in enumerate(aspect.descriptors))
        case "requirement":
            return aspect.requirement
        case "note":
            return words.pick(aspect.note, language)
        case _:
            return f"{aspect.low}–{aspect.max}{f' ({aspect.step})' if aspect.step else ''}"


def _measure(measure: Measure | None, language: str) -> str:
    """The kind and its numbers in short."""
    if measure is None:
        return words.say("measure.pass_fail", language)
    said = [words.say(f"measure.{measure.kind}", language)]
    for name, value in sorted(measure.params.items()):
        if value and not name.startswith("cis_"):
            said.append(f"{name} {value if isinstance(value, str) else ', '.join(v or '–' for v in value)}")
    return "; ".join(said)
