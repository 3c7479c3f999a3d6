"""A marking scheme as plain data with a stable order of keys, and back with every problem at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import TypeVar

from scoring_rules.refusal import Problem
from scoring_rules.scheme_model import (
    Aspect,
    Criterion,
    Measure,
    Params,
    Scheme,
    Section,
    SpareCalculation,
    SubCriterion,
    Words,
)

T = TypeVar("T")


class SchemeUnreadable(ValueError):
    """The data is not a scheme; `problems` names every place at once."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(f"{p.where}: {p.code}" for p in problems))
        self.problems = problems


def digest(text: bytes) -> str:
    """SHA-256 of the bytes as stored, in hex: what freezing writes beside a scheme or a profile.

    >>> digest(b"")[:16]
    'e3b0c44298fc1c14'
    """
    return hashlib.sha256(text).hexdigest()


def to_data(scheme: Scheme) -> dict[str, object]:
    """The scheme as dicts, lists, texts and booleans; equal schemes give equal data in equal order.

    >>> scheme = Scheme({"en": "Soup"}, criteria=(Criterion("A", {"en": "Taste"}),))
    >>> from_data(to_data(scheme)) == scheme
    True
    """
    return {
        "title": _words(scheme.title),
        "number": scheme.number,
        "partial": scheme.partial,
        "sections": [
            {"key": s.key, "name": _words(s.name), "weight": s.weight} for s in scheme.sections
        ],
        "criteria": [
            {
                "key": c.key,
                "title": _words(c.title),
                "subs": [
                    {
                        "key": s.key, "title": _words(s.title), "day": s.day,
                        "aspects": [_aspect(a) for a in s.aspects],
                    }
                    for s in c.subs
                ],
            }
            for c in scheme.criteria
        ],
    } | ({"spare": [_spare(s) for s in scheme.spare]} if scheme.spare else {})
    # Left out where there is none: what was frozen and signed for keeps its digest.


def _spare(s: SpareCalculation) -> dict[str, object]:
    return {"row": s.row, "type": s.type, "name": s.name, "shared": s.shared, "params": s.params}


def _words(words: Words) -> dict[str, str]:
    return {language: words[language] for language in sorted(words)}


def _aspect(a: Aspect) -> dict[str, object]:
    return {
        "key": a.key, "title": _words(a.title), "method": a.method, "max": a.max, "low": a.low,
        "step": a.step, "section": a.section, "requirement": a.requirement, "note": _words(a.note),
        "descriptors": [_words(d) for d in a.descriptors],
        "measure": None if a.measure is None else {
            "kind": a.measure.kind,
            "params": {
                k: v if isinstance(v, str) else list(v) for k, v in sorted(a.measure.params.items())
            },
        },
        "reference": a.reference,
    }


def from_data(data: object) -> Scheme:
    """The scheme that `to_data` wrote; SchemeUnreadable with all problems for anything else.

    This settles the shape only; whether the scheme can be marked with is `scheme.check`. Codes:
    data_not_object, data_not_list, data_not_text, data_not_bool, data_missing, data_unknown_key.

    >>> try:
    ...     from_data({"title": {"en": 1}, "criteria": [7]})
    ... except SchemeUnreadable as e:
    ...     [(p.where, p.code) for p in e.problems]
    [('title/en', 'data_not_text'), ('criteria/1', 'data_not_object')]
    """
    reader = _Reader()
    scheme = reader.scheme(data)
    if reader.problems:
        raise SchemeUnreadable(reader.problems)
    return scheme


class _Reader:
    """Reads data of unknown shape; on a problem notes it, takes an empty value and goes on."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def say(self, where: str, code: str, **params: str) -> None:
        self.problems.append(Problem("error", where, code, params))

    def fields(self, data: object, where: str, needed: str, optional: str) -> Mapping[str, object]:
        if not isinstance(data, dict) or not all(isinstance(k, str) for k in data):
            self.say(where or "/", "data_not_object")
            return {}
        for key in needed.split():
            if key not in data:
                self.say(_at(where, key), "data_missing")
        known = {*needed.split(), *optional.split()}
        for key in data:
            if key not in known:
                self.say(_at(where, key), "data_unknown_key")
        return data

    def text(self, fields: Mapping[str, object], name: str, where: str, default: str = "") -> str:
        value = fields.get(name, default)
        if isinstance(value, str):
            return value
        self.say(_at(where, name), "data_not_text")
        return default

    def truth(self, fields: Mapping[str, object], name: str, where: str) -> bool:
        value = fields.get(name, False)
        if not isinstance(value, bool):
            self.say(_at(where, name), "data_not_bool")
        return value is True

    def words(self, value: object, where: str) -> Words:
        if not isinstance(value, dict):
            self.say(where, "data_not_object")
            return {}
        found: Words = {}
        for language, text in value.items():
            if isinstance(language, str) and isinstance(text, str):
                found[language] = text
            else:
                self.say(_at(where, str(language)), "data_not_text")
        return found

    def listed(
        self, fields: Mapping[str, object], name: str, where: str, read: Callable[[object, str], T]
    ) -> tuple[T, ...]:
        value = fields.get(name, [])
        if not isinstance(value, list):
            self.say(_at(where, name), "data_not_list")
            return ()
        return tuple(read(item, f"{_at(where, name)}/{i}") for i, item in enumerate(value, 1))

    def scheme(self, data: object) -> Scheme:
        f = self.fields(data, "", "title criteria", "number partial sections spare")
        return Scheme(
            title=self.words(f.get("title", {}), "title"),
            number=self.text(f, "number", ""),
            sections=self.listed(f, "sections", "", self.section),
            criteria=self.listed(f, "criteria", "", self.criterion),
            partial=self.truth(f, "partial", ""),
            spare=self.listed(f, "spare", "", self.spare),
        )

    def spare(self, data: object, where: str) -> SpareCalculation:
        f = self.fields(data, where, "row type", "name shared params")
        return SpareCalculation(
            self.text(f, "row", where),
            self.text(f, "type", where),
            self.text(f, "name", where),
            self.truth(f, "shared", where),
            self.text(f, "params", where),
        )

    def section(self, data: object, where: str) -> Section:
        f = self.fields(data, where, "key name", "weight")
        return Section(
            self.text(f, "key", where),
            self.words(f.get("name", {}), _at(where, "name")),
            self.text(f, "weight", where),
        )

    def criterion(self, data: object, where: str) -> Criterion:
        f = self.fields(data, where, "key title", "subs")
        return Criterion(
            self.text(f, "key", where),
            self.words(f.get("title", {}), _at(where, "title")),
            self.listed(f, "subs", where, self.sub),
        )

    def sub(self, data: object, where: str) -> SubCriterion:
        f = self.fields(data, where, "key title", "day aspects")
        return SubCriterion(
            self.text(f, "key", where),
            self.words(f.get("title", {}), _at(where, "title")),
            self.text(f, "day", where),
            self.listed(f, "aspects", where, self.aspect),
        )

    def aspect(self, data: object, where: str) -> Aspect:
        f = self.fields(
            data, where, "key title method max",
            "note requirement section descriptors measure low step reference",
        )
        measure = f.get("measure")
        return Aspect(
            key=self.text(f, "key", where),
            title=self.words(f.get("title", {}), _at(where, "title")),
            method=self.text(f, "method", where),
            max=self.text(f, "max", where),
            note=self.words(f.get("note", {}), _at(where, "note")),
            requirement=self.text(f, "requirement", where),
            section=self.text(f, "section", where),
            descriptors=self.listed(f, "descriptors", where, self.words),
            measure=None if measure is None else self.measure(measure, _at(where, "measure")),
            low=self.text(f, "low", where, "0"),
            step=self.text(f, "step", where),
            reference=self.text(f, "reference", where),
        )

    def measure(self, data: object, where: str) -> Measure:
        f = self.fields(data, where, "kind", "params")
        params: Params = {}
        raw = f.get("params", {})
        if not isinstance(raw, dict):
            self.say(_at(where, "params"), "data_not_object")
            raw = {}
        for key, value in raw.items():
            if isinstance(key, str) and isinstance(value, str):
                params[key] = value
            elif isinstance(key, str) and isinstance(value, list) and all(isinstance(v, str) for v in value):
                params[key] = list(value)
            else:
                self.say(_at(where, f"params/{key}"), "data_not_text")
        return Measure(self.text(f, "kind", where), params)


def _at(where: str, name: str) -> str:
    return f"{where}/{name}" if where else name
