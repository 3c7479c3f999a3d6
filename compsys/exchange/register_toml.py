"""Reads the files in which an office writes its column maps and subsidies: every problem at once, by line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from compsys import words
from scoring_rules.refusal import Problem

_TABLE = re.compile(r"\s*\[\[\s*([A-Za-z0-9_\-]+)\s*\]\]")
_ASSIGN = re.compile(r"\s*([A-Za-z0-9_\-]+)\s*=")
_AT_LINE = re.compile(r"line ([0-9]+)")
_SLUG = re.compile(r"[a-z0-9][a-z0-9\-]{0,39}\Z")


class Unsound(ValueError):
    """A file that cannot be used; ``problems``: everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.where} {p.code}" for p in problems))
        self.problems = tuple(problems)


class File:
    """One TOML file of plain keys and one kind of ``[[table]]``; what is wrong is noted, and it goes on."""

    def __init__(self, text: str, name: str) -> None:
        self.name, self.problems = name, list[Problem]()
        self._lines = _lines(text)
        self.data: Mapping[str, Any] = {}
        try:
            self.data = tomllib.loads(text.removeprefix("\ufeff"), parse_float=lambda said: _Float(said))
        except tomllib.TOMLDecodeError as error:
            at = _AT_LINE.search(str(error))
            self.problems.append(
                Problem(
                    "error",
                    f"{name}:{at.group(1) if at else text.count(chr(10)) + 1}",
                    "register.file_toml",
                    {"detail": str(error)},
                )
            )

    def say(self, part: Part | None, key: str, code: str, **params: str) -> None:
        """Note what is wrong with a key of the file (``part`` None) or of one of its tables."""
        inside = f"{part.kind}.{part.index}" if part else ""
        line = self._lines.get(f"{inside}.{key}") or self._lines.get(inside) or 1
        self.problems.append(Problem("error", f"{self.name}:{line}", code, {"key": key, **params}))

    def top(self) -> Part:
        """The keys of the file itself."""
        return Part(self, "", -1, self.data)

    def parts(self, kind: str) -> list[Part]:
        """The tables ``[[kind]]`` in their order; none at all is a problem."""
        found = self.data.get(kind)
        if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
            if not self.problems:
                self.say(None, kind, "register.file_no_table")
            return []
        return [Part(self, kind, index, one) for index, one in enumerate(found)]

    def done(self) -> None:
        """Raise Unsound when anything was found wrong."""
        if self.problems:
            raise Unsound(sorted(self.problems, key=lambda p: int(p.where.rpartition(":")[2])))


class _Float(str):
    """A number with a decimal point outside quotes, as written: to be put into quotes."""


class Part:
    """One table of a file, or its top; what was asked for is known, the rest is reported by ``rest``."""

    def __init__(self, file: File, kind: str, index: int, data: Mapping[str, Any]) -> None:
        self.file, self.kind, self.index, self.data = file, kind, index, data
        self._asked: set[str] = set()

    def say(self, key: str, code: str, **params: str) -> None:
        """Note what is wrong with one of its keys."""
        self.file.say(self if self.kind else None, key, code, **params)

    def text(self, key: str, known: Collection[str] = (), needed: bool = False) -> str:
        """A text, one of ``known`` where that is given; "" where nothing stands."""
        found = self._take(key, needed)
        if found is None:
            return ""
        if not isinstance(found, str) or isinstance(found, _Float):
            self._wrong(key, "register.file_not_text", found)
            return ""
        if known and found not in known:
            self.say(key, "register.file_choice", value=found, known=" ".join(known))
            return ""
        return found

    def slug(self, key: str) -> str:
        """A needed short name: small letters, digits, hyphens."""
        found = self.text(key, needed=True)
        if found and not _SLUG.match(found):
            self.say(key, "register.file_slug", value=found)
        return found

    def texts(self, key: str, known: Collection[str] = ()) -> tuple[str, ...]:
        """A list of texts, each one of ``known`` where that is given; () where nothing stands."""
        found = self._take(key, False)
        if found is None:
            return ()
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            self._wrong(key, "register.file_not_texts", found)
            return ()
        for one in found:
            if known and one not in known:
                self.say(key, "register.file_choice", value=one, known=" ".join(known))
        return tuple(found)

    def table(self, key: str, known: Collection[str] = (), needed: bool = False) -> dict[str, str]:
        """An inline table of texts, its keys of ``known`` where that is given; {} where nothing stands."""
        found = self._take(key, needed)
        if found is None:
            return {}
        if not isinstance(found, dict) or not all(type(one) is str for one in found.values()):
            self._wrong(key, "register.file_not_table", found)
            return {}
        for one in found:
            if known and one not in known:
                self.say(key, "register.file_choice", value=one, known=" ".join(known))
        return found

    def names(self, key: str) -> dict[str, str]:
        """A needed name in zh-CN and, where there is one, in en."""
        return self.table(key, words.LANGS, needed=True)

    def flag(self, key: str) -> bool:
        """True or false; false where nothing stands."""
        found = self._take(key, False)
        if found is not None and not isinstance(found, bool):
            self._wrong(key, "register.file_not_flag", found)
        return found is True

    def whole(self, key: str, high: int) -> int:
        """A whole number from 0; 0 where nothing stands."""
        found = self._take(key, False)
        if found is None:
            return 0
        if type(found) is not int or not 0 <= found <= high:
            self._wrong(key, "register.file_not_whole", found, high=str(high))
            return 0
        return found

    def rest(self, tables: Collection[str] = ()) -> None:
        """Note every key that nothing asked for."""
        for key in self.data:
            if key not in self._asked and key not in tables:
                self.say(key, "register.file_unknown", known=" ".join(sorted(self._asked | set(tables))))

    def _take(self, key: str, needed: bool) -> Any:
        self._asked.add(key)
        found = self.data.get(key)
        if found is None and needed:
            self.say(key, "register.file_missing")
        return found

    def _wrong(self, key: str, code: str, found: object, **params: str) -> None:
        self.say(key, code, value=str(found)[:60], **params)


def _lines(text: str) -> dict[str, int]:
    """Where each key stands: ``.id``, ``column.0``, ``column.0.head`` -> line from 1."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        if table := _TABLE.match(line):
            kind = table[1]
            inside = f"{kind}.{counts.setdefault(kind, 0)}"
            counts[kind] += 1
            found.setdefault(inside, number)
        elif assign := _ASSIGN.match(line):
            found.setdefault(f"{inside}.{assign[1]}", number)
    return found


def as_data(problem: Problem, language: str) -> dict[str, Any]:
    """A problem as commands print it: where, code, the sentence and what to do."""
    return {
        "severity": problem.severity,
        "where": problem.where,
        "code": problem.code,
        "params": dict(problem.params),
        "message": words.say(problem.code, language, **problem.params),
        "todo": words.todo(problem.code, language, **problem.params),
    }
