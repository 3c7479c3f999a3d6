"""Reads a profile's TOML whole: unknown names, wrong types, missing parts and contradictions, with lines."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Mapping

from scoring_rules import exact
from scoring_rules.refusal import Problem

_HEADER = re.compile(r"\s*\[\s*([A-Za-z0-9_.\-]+)\s*\]")
_ASSIGN = re.compile(r"\s*([A-Za-z0-9_\-]+)\s*=")
_AT_LINE = re.compile(r"line ([0-9]+)")


class NotText(str):
    """A number written with a decimal point or exponent outside quotes: kept as written, to be reported."""


def lines_of(text: str) -> dict[str, int]:
    """Where each section and each key stands: `rounding` and `rounding.policy` -> line from 1.

    >>> lines_of('id = "x"\\n[rounding]\\npolicy = "exact"')
    {'id': 1, 'rounding': 2, 'rounding.policy': 3}
    """
    found: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            section = header.group(1) + "."
            found.setdefault(header.group(1), number)
        elif assign := _ASSIGN.match(line):
            found.setdefault(section + assign.group(1), number)
    return found


class Reader:
    """Takes values out of one parsed profile; a problem is noted, an empty value taken, and it goes on."""

    def __init__(self, text: str, filename: str) -> None:
        self.filename = filename
        self.problems: list[Problem] = []
        self._lines = lines_of(text)
        self._read: set[str] = set()
        try:
            self._data: Mapping[str, object] = tomllib.loads(text, parse_float=NotText)
        except tomllib.TOMLDecodeError as e:
            at = _AT_LINE.search(str(e))
            line = at.group(1) if at else str(text.count("\n") + 1)
            where = f"{filename}:{line}"
            self.problems.append(Problem("error", where, "profile_not_toml", {"detail": str(e)}))
            self._data = {}
        self.whole = bool(self._data)

    def say(self, path: str, code: str, **params: str) -> None:
        """Note a problem at the line of the path, else of what it stands in, else at the top."""
        at = path
        while at and at not in self._lines:
            at = at.rpartition(".")[0]
        problem = Problem("error", f"{self.filename}:{self._lines.get(at, 1)}", code, {"key": path, **params})
        if problem not in self.problems:
            self.problems.append(problem)

    def has(self, section: str) -> bool:
        """Whether the section is there at all."""
        return section in self._data

    def value(self, path: str, needed: bool = True) -> object:
        """What stands at `section.key` or `key`, None when nothing does."""
        self._read.add(path)
        section, _, key = path.rpartition(".")
        if not section:
            found = self._data.get(key)
        else:
            self._read.add(section)
            table = self._data.get(section)
            if table is None and needed:
                self.say(section, "profile_missing")
                return None
            found = table.get(key) if isinstance(table, dict) else None
        if found is None and needed:
            self.say(path, "profile_missing")
        return found

    def wrong(self, path: str, wanted: str, value: object) -> None:
        """Note a value of the wrong type; None was reported as missing already."""
        if isinstance(value, NotText):
            self.say(path, "profile_number_not_text", value=str(value))
        elif value is not None:
            self.say(path, "profile_wrong_type", wanted=wanted, value=str(value))

    def text(self, path: str, allowed: Collection[str] = (), needed: bool = True) -> str:
        """A text, one of `allowed` where given."""
        value = self.value(path, needed)
        if not isinstance(value, str) or isinstance(value, NotText):
            self.wrong(path, "text", value)
            return ""
        if allowed and value not in allowed:
            self.say(path, "profile_unknown_name", value=value, known=" ".join(allowed))
            return ""
        return value

    def whole_number(self, path: str, low: int, high: int, absent: int | None = None) -> int:
        """A whole number within low..high; `absent`: what stands where the key does not, else it must."""
        value = self.value(path, absent is None)
        if value is None and absent is not None:
            return absent
        if not isinstance(value, int) or isinstance(value, bool):
            self.wrong(path, "whole number", value)
            return low
        if not low <= value <= high:
            self.say(path, "profile_out_of_range", value=str(value), low=str(low), high=str(high))
            return low
        return value

    def number(self, path: str) -> str:
        """An exact number above zero, as text."""
        value = self.text(path)
        if value and not (exact.is_number(value) and exact.parse(value) > 0):
            self.say(path, "profile_bad_number", value=value)
        return value

    def words(self, path: str, allowed: Collection[str]) -> tuple[str, ...]:
        """A list of texts, each one of `allowed`, none twice, at least one."""
        value = self.value(path)
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            self.wrong(path, "list of texts", value)
            return ()
        for word in value:
            if word not in allowed:
                self.say(path, "profile_unknown_name", value=word, known=" ".join(allowed))
        if len(set(value)) != len(value) or not value:
            self.say(path, "profile_contradiction", detail="empty_or_repeated")
        return tuple(value)

    def pairs(
        self, path: str, first: Collection[str] = (), second: Collection[str] = ()
    ) -> tuple[tuple[str, str], ...]:
        """Pairs of texts, at least one, no first of a pair twice; `first`, `second`: known words."""
        value = self.value(path)
        if not isinstance(value, list) or not value:
            self.wrong(path, "list of pairs", value)
            return ()
        found: list[tuple[str, str]] = []
        for pair in value:
            texts = isinstance(pair, list) and len(pair) == 2 and all(isinstance(p, str) for p in pair)
            if not texts or any(isinstance(p, NotText) for p in pair):
                self.wrong(path, "list of pairs", pair)
                continue
            for said, known in zip(pair, (first, second), strict=True):
                if known and said not in known:
                    self.say(path, "profile_unknown_name", value=said, known=" ".join(known))
            found.append((pair[0], pair[1]))
        if len({one for one, _ in found}) != len(found):
            self.say(path, "profile_contradiction", detail="empty_or_repeated")
        return tuple(found)

    def texts(
        self, path: str, allowed: Collection[str], check: Callable[[str, str], bool], needed: bool = False
    ) -> dict[str, str]:
        """A table of texts whose keys are of `allowed` and whose values pass `check(key, value)`."""
        value = self.value(path, needed)
        if not isinstance(value, dict):
            self.wrong(path, "table of texts", value)
            return {}
        found: dict[str, str] = {}
        for key, item in value.items():
            self._read.add(f"{path}.{key}")
            if key not in allowed:
                self.say(f"{path}.{key}", "profile_unknown_name", value=key, known=" ".join(allowed))
            elif not isinstance(item, str) or isinstance(item, NotText):
                self.wrong(f"{path}.{key}", "text", item)
            elif not check(key, item):
                self.say(f"{path}.{key}", "profile_bad_number", value=item)
            else:
                found[key] = item
        return found

    def leftovers(self) -> None:
        """Note every section and key nobody asked for: a misspelt line must not be a silent default."""
        for name, value in self._data.items():
            if name not in self._read:
                self.say(name, "profile_unknown_key")
            elif isinstance(value, dict) and name != "title":
                for key in value:
                    if f"{name}.{key}" not in self._read:
                        self.say(f"{name}.{key}", "profile_unknown_key")
