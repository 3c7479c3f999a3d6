"""The rules of assessments as data: read from TOML and checked whole, every problem with its line."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from typing import Any

from scoring_rules import assessment_model as model
from scoring_rules import exact
from scoring_rules.assessment_model import AssessmentRules, Eligibility, Exam, LevelRule, Panels, PartRule
from scoring_rules.profile_reader import NotText, Reader
from scoring_rules.promotion_model import LADDER
from scoring_rules.refusal import Problem
from scoring_rules.scheme_data import digest

_TABLE = re.compile(r"\s*\[\[\s*([a-z]+)\s*\]\]")
_PART = {"name", "levels", "maximum", "needed", "decimals", "minutes", "panel", "odd", "room", "watch"}
_LEVEL = {"level", "bodies", "way", "certificate", "grade", "after"}
_ROW = {"id", "occupation", "edition", "level", "held", "years", "education", "clause"}


class AssessmentUnreadable(ValueError):
    """The rules break the rules of rules; `problems` holds every one, each with file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(f"{p.where}: {p.code}" for p in problems))
        self.problems = problems


def names() -> tuple[str, ...]:
    """The ids of the shipped rules of assessments, sorted.

    >>> names()
    ('cn',)
    """
    shipped = (f.name for f in (files("scoring_rules") / "assessments").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in shipped if name.endswith(".toml")))


@lru_cache(maxsize=16)
def load(rules_id: str) -> AssessmentRules:
    """The shipped rules of that id; KeyError when there are none.

    >>> [part.name for part in load("cn").parts_of("2")], [part.name for part in load("cn").parts_of("3")]
    (['theory', 'practice', 'review'], ['theory', 'practice'])
    """
    if rules_id not in names():
        raise KeyError(rules_id)
    filename = f"{rules_id}.toml"
    return parse((files("scoring_rules") / "assessments" / filename).read_text("utf-8"), filename)


@lru_cache(maxsize=16)
def parse(text: str, filename: str = "rules.toml") -> AssessmentRules:
    """The rules a TOML text describes; AssessmentUnreadable with all problems at once, each with its line.

    Codes are those of profiles (profile_missing, profile_unknown_name, ...).

    >>> broken = load("cn").text.replace('"theory"', '"thoery"', 1).replace("resits = 1", "resits = 10")
    >>> try:
    ...     parse(broken, "x.toml")
    ... except AssessmentUnreadable as e:
    ...     [(p.where, p.code) for p in e.problems]
    [('x.toml:12', 'profile_out_of_range'), ('x.toml:23', 'profile_unknown_name')]
    """
    r = Reader(text, filename)
    if not r.whole:
        empty = Problem("error", f"{filename}:1", "profile_missing", {"key": "id"})
        raise AssessmentUnreadable(r.problems or [empty])
    found = AssessmentRules(
        id=r.text("id"),
        version=r.text("version"),
        title=r.texts("title", ("en", "zh-CN"), lambda _, __: True, needed=True),
        source=r.text("source"),
        parts=tuple(_part(row) for row in _rows(r, text, "parts", _PART)),
        levels=tuple(_level(row) for row in _rows(r, text, "levels", _LEVEL)),
        exam=Exam(
            r.whole_number("exam.kept_years", 0, 9),
            r.whole_number("exam.resits", 0, 9),
            r.text("exam.absent", ("counts", "nothing")),
            r.text("exam.zeroed", ("ends", "part")),
        ),
        panels=Panels(
            r.whole_number("panels.in_a_row", 1, 99),
            r.whole_number("panels.changed_percent", 0, 100),
            r.whole_number("panels.term_years", 1, 99),
            _supervisors(r),
            _truth(r, "panels.severe_freezes"),
        ),
        eligibility=tuple(_row(row) for row in _rows(r, text, "eligibility", _ROW)),
        text=text,
        digest=digest(text.encode()),
    )
    r.leftovers()
    _whole(r, found)
    if r.problems:
        raise AssessmentUnreadable(sorted(r.problems, key=lambda p: int(p.where.rpartition(":")[2])))
    return found


def _supervisors(r: Reader) -> tuple[str, ...]:
    """Which supervisors must be there; an empty list: none has to."""
    value = r.value("panels.supervisors")
    return () if value == [] else r.words("panels.supervisors", model.SUPERVISORS)


def _truth(r: Reader, path: str) -> bool:
    value = r.value(path)
    if not isinstance(value, bool):
        r.wrong(path, "true or false", value)
    return value is True


class _Values:
    """One table of a list of tables: its values, and the line for what is wrong in it."""

    def __init__(self, r: Reader, what: str, values: Mapping[str, Any], line: int) -> None:
        self._r, self._what, self._values, self._line = r, what, values, line

    def say(self, key: str, code: str, **params: str) -> None:
        where = f"{self._r.filename}:{self._line}"
        self._r.problems.append(Problem("error", where, code, {"key": f"{self._what}.{key}", **params}))

    def text(self, key: str, known: Collection[str] = (), needed: bool = True) -> str:
        value = self._values.get(key)
        if value is None:
            if needed:
                self.say(key, "profile_missing")
            return ""
        if not isinstance(value, str) or isinstance(value, NotText):
            self.say(key, "profile_wrong_type", wanted="text", value=str(value))
            return ""
        if known and value not in known:
            self.say(key, "profile_unknown_name", value=value, known=" ".join(known))
            return ""
        return value

    def words(self, key: str, known: Collection[str]) -> tuple[str, ...]:
        value = self._values.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
            self.say(key, "profile_wrong_type", wanted="list of texts", value=str(value))
            return ()
        for word in value:
            if word not in known:
                self.say(key, "profile_unknown_name", value=word, known=" ".join(known))
        return tuple(value)

    def whole(self, key: str, low: int, high: int, absent: int = 0) -> int:
        value = self._values.get(key, absent)
        if type(value) is not int:
            self.say(key, "profile_wrong_type", wanted="whole number", value=str(value))
            return low
        if not low <= value <= high:
            self.say(key, "profile_out_of_range", value=str(value), low=str(low), high=str(high))
        return value

    def number(self, key: str) -> Fraction:
        value = self.text(key)
        if value and (not exact.is_number(value) or exact.parse(value) < 0):
            self.say(key, "profile_bad_number", value=value)
            return Fraction(0)
        return exact.parse(value) if value else Fraction(0)

    def truth(self, key: str, absent: bool | None = None) -> bool:
        value = self._values.get(key, absent)
        if not isinstance(value, bool):
            self.say(key, "profile_wrong_type", wanted="true or false", value=str(value))
        return value is True


def _rows(r: Reader, text: str, name: str, known: Collection[str]) -> list[_Values]:
    """The tables of a list with the line of each; a key that nobody knows is a problem."""
    value = r.value(name)
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        r.wrong(name, f"[[{name}]]", value)
        return []
    headers = ((n, _TABLE.match(line)) for n, line in enumerate(text.splitlines(), 1))
    lines = [n for n, header in headers if header and header[1] == name]
    lines += [1] * (len(value) - len(lines))  # written as one array: then the top of the file
    rows = [_Values(r, name, row, line) for row, line in zip(value, lines, strict=False)]
    for found, row in zip(rows, value, strict=True):
        for key in row:
            if key not in known and key != "unverified":
                found.say(key, "profile_unknown_key")
    return rows


def _part(row: _Values) -> PartRule:
    return PartRule(
        name=row.text("name", model.PARTS),
        levels=row.words("levels", LADDER),
        maximum=row.number("maximum"),
        needed=row.number("needed"),
        decimals=row.whole("decimals", 0, 6),
        minutes=row.whole("minutes", 0, 999),
        panel=row.whole("panel", 0, 99),
        odd=row.truth("odd", False),
        room=row.whole("room", 0, 999),
        watch=row.whole("watch", 0, 99),
        unverified=row.text("unverified", needed=False),
    )


def _level(row: _Values) -> LevelRule:
    return LevelRule(
        level=row.text("level", LADDER),
        bodies=row.words("bodies", model.BODIES),
        way=row.text("way", model.WAYS),
        certificate=row.truth("certificate"),
        grade=row.text("grade", model.GRADES),
        after=row.text("after", LADDER, needed=False),
        unverified=row.text("unverified", needed=False),
    )


def _row(row: _Values) -> Eligibility:
    return Eligibility(
        id=row.text("id"),
        occupation=row.text("occupation"),
        edition=row.text("edition"),
        level=row.text("level", LADDER),
        held=row.text("held", LADDER, needed=False),
        years=row.whole("years", 0, 60),
        education=row.text("education", model.EDUCATION, needed=False),
        clause=row.text("clause"),
        unverified=row.text("unverified", needed=False),
    )


def _whole(r: Reader, found: AssessmentRules) -> None:
    """What is wrong between the tables: a level missing or twice, a pass mark out of reach, an id twice."""
    stated = [rule.level for rule in found.levels]
    for level in LADDER:
        if r.has("levels") and stated.count(level) != 1:
            r.say("levels", "profile_contradiction", detail="empty_or_repeated")
            break
    for part in found.parts:
        if part.needed > part.maximum:
            r.say("parts", "profile_out_of_range", value=exact.show(part.needed), low="0",
                  high=exact.show(part.maximum))  # fmt: skip
    ids = [row.id for row in found.eligibility]
    names = [part.name for part in found.parts if part.name]
    if len({*ids}) != len(ids) or len({*names}) != len(names):
        r.say("eligibility", "profile_contradiction", detail="empty_or_repeated")
    for rule in found.levels:
        if rule.way == "exam" and not found.parts_of(rule.level):
            r.say("parts", "profile_missing", what=rule.level)
