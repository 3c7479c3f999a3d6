"""Reads data of unknown shape as a typed record and notes every problem at once, each with its path."""

from __future__ import annotations

from datetime import date
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec.structs import fields

from compsys.records import Date, NumberText, Slug
from scoring_rules import exact
from scoring_rules.refusal import Problem

S = TypeVar("S", bound=msgspec.Struct)

_NAMES: dict[Any, str] = {str: "text", int: "integer", bool: "boolean", dict: "object", list: "list"}


class RecordReader:
    """Walks values beside the types they should have; ``problems`` grows, nothing is raised."""

    def __init__(self) -> None:
        """Start with no problems."""
        self.problems: list[Problem] = []

    def say(self, where: str, code: str, **params: str) -> None:
        """Note one problem that keeps the file from being imported."""
        self.problems.append(Problem("error", where, code, params))

    def warn(self, where: str, code: str, **params: str) -> None:
        """Note something to look at that does not keep the file from being imported."""
        self.problems.append(Problem("warning", where, code, params))

    def record(self, value: Any, kind: type[S], where: str) -> S | None:
        """``value`` as a ``kind``, or None when any of it is wrong.

        Codes: file.wrong_type, file.unknown_field, file.missing_field, file.bad_id, file.bad_number,
        file.bad_date, file.not_a_choice.

        >>> from compsys.records import Trade
        >>> reader = RecordReader()
        >>> reader.record({"id": "X", "kind": "real", "colour": "red"}, Trade, "$.trades[0]")
        >>> [(p.where, p.code) for p in reader.problems]
        [('$.trades[0].colour', 'file.unknown_field'), ('$.trades[0].id', 'file.bad_id'),
         ('$.trades[0].name', 'file.missing_field'), ('$.trades[0].kind', 'file.not_a_choice')]
        """
        before = len(self.problems)
        plain = self._struct(value, kind, where)
        return msgspec.convert(plain, kind) if len(self.problems) == before else None

    def _wrong(self, value: Any, expected: str, where: str) -> None:
        found = _NAMES.get(type(value), "null" if value is None else type(value).__name__)
        self.say(where, "file.wrong_type", expected=expected, found=found)

    def _struct(self, value: Any, kind: type[msgspec.Struct], where: str) -> Any:
        if not isinstance(value, dict):
            return self._wrong(value, "object", where)
        known = fields(kind)
        names = {field.encode_name for field in known}
        for name in value:
            if name not in names:
                fits = ", ".join(sorted(names))
                self.say(f"{where}.{name}", "file.unknown_field", field=str(name), known=fits)
        plain = {}
        for field in known:
            if field.encode_name in value:
                at = f"{where}.{field.encode_name}"
                plain[field.encode_name] = self._value(value[field.encode_name], field.type, at)
            elif field.required:
                self.say(f"{where}.{field.encode_name}", "file.missing_field", field=field.encode_name)
        return plain

    def _value(self, value: Any, hint: Any, where: str) -> Any:
        origin = get_origin(hint)
        if origin in (Union, UnionType):  # only "... or nothing" occurs
            inner = next(arg for arg in get_args(hint) if arg is not type(None))
            return None if value is None else self._value(value, inner, where)
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            return self._struct(value, hint, where)
        if origin is tuple:
            if not isinstance(value, list):
                return self._wrong(value, "list", where)
            return [self._value(item, get_args(hint)[0], f"{where}[{i}]") for i, item in enumerate(value)]
        if origin is dict:
            return self._dict(value, get_args(hint), where)
        return value if hint is Any else self._leaf(value, hint, where)

    def _dict(self, value: Any, hints: tuple[Any, ...], where: str) -> Any:
        if not isinstance(value, dict):
            return self._wrong(value, "object", where)
        for key in value:
            if hints[0] is not str:
                self._leaf(key, hints[0], f"{where}.{key}")
        return {key: self._value(item, hints[1], f"{where}.{key}") for key, item in value.items()}

    def _leaf(self, value: Any, hint: Any, where: str) -> Any:
        if hint == NumberText and type(value) is int:
            value = str(value)
        try:
            plain = msgspec.convert(value, hint)
        except msgspec.ValidationError:
            self._refuse_leaf(value, hint, where)
            return None
        if hint == Date:
            try:
                date.fromisoformat(plain)
            except ValueError:
                self.say(where, "file.bad_date", value=plain)
        return plain

    def _refuse_leaf(self, value: Any, hint: Any, where: str) -> None:
        shown = value if isinstance(value, str) else ""
        if get_origin(hint) is Literal:
            self.say(where, "file.not_a_choice", value=shown, allowed=", ".join(get_args(hint)))
        elif not isinstance(value, str) or hint in (str, int, bool):
            expected = hint if hint in _NAMES else str
            self._wrong(value, _NAMES[expected], where)
        elif hint == Slug:
            self.say(where, "file.bad_id", value=shown)
        elif hint == Date:
            self.say(where, "file.bad_date", value=shown)
        else:
            self.say(where, "file.bad_number", value=exact.normalise(shown))
