"""The lists of an assessment: candidates with what they hold and enter for, and marks per part."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from compsys.commands_assessment import Candidacy
from compsys.credentials import numbering
from compsys.exchange import lists_values as lv
from compsys.exchange.lists_fields import clean, compared, word
from compsys.exchange.lists_findings import Look
from compsys.exchange.lists_header import Header
from compsys.exchange.lists_levels import skill_level
from compsys.exchange.lists_people import Cells, Known, Register, Who
from compsys.exchange.lists_read import Row
from compsys.exchange.lists_scores import ABSENT, key
from compsys.identity import mask
from scoring_rules import exact
from scoring_rules.assessment_model import PARTS

STATES = {
    "new": "新考 初考 首次 是 报考 new yes y",
    "resit": "补考 重考 resit",
    "kept": "保留 已合格 免试 kept",
}
"""How a part is entered for (理论/实操/综合: 新考, 补考, 保留); a blank cell: not entered for."""
EDUCATION = {
    "none": "无 小学 初中 高中 primary secondary",
    "technical": "中技 中专 职高 技工学校 中级工班 technicalschool",
    "senior_technical": "高级工班 高级技工学校 seniortechnical",
    "technician_college": "预备技师班 预备技师 技师学院 techniciancollege",
    "college": "大专 专科 高职 college",
    "bachelor": "本科 大学本科 大学 硕士 博士 研究生 bachelor master doctor",
}
ANY = ("是", "yes", "y", "报考")
"""Words that enter for a part without saying how: the record knows."""
Entered = Literal["", "new", "resit"]
ZEROED = frozenset({"违纪", "作弊", "取消", "zeroed", "cheating"})
EXEMPT = frozenset({"免考", "exempt"})
_LEVELS = {code: level for level, code in numbering.LEVEL_CODES.items()}
_YEARS = re.compile(r"([0-9]{1,2})\s*年?(以上)?\Z")
_PROVINCE = re.compile(r"([1-9][0-9])([0-9]{4})?\Z")


@dataclass(frozen=True, slots=True)
class Desired:
    """A row of the list as it would be admitted, with the person."""

    row: int
    who: Who
    candidacy: Candidacy


@dataclass(frozen=True, slots=True)
class Bodies:
    """Which words mean which body: the issuer's own (``issuer`` -> its id), and assessors by name."""

    issuer: str
    own: frozenset[str]
    """the issuer's names, id and code, as compared"""
    assessors: Mapping[str, str] = field(default_factory=dict)
    """name or number as compared -> person, of those who may sit in panels"""

    def body(self, text: str) -> str:
        """A body's id where the words mean the issuer, else the words as compared."""
        return self.issuer if compared(text) in self.own else compared(text)


class Candidates:
    """Takes the rows of a list of candidates."""

    def __init__(
        self, look: Look, header: Header, known: Known, bodies: Bodies, fresh: Callable[[], str]
    ) -> None:
        self.look, self.header, self.bodies = look, header, bodies
        self.register = Register(known, look, fresh)
        self.found: list[Desired] = []
        self._seen: dict[str, int] = {}

    def row(self, row: Row) -> None:
        """One row below the header."""
        cells = Cells(self.look, self.header, row)
        employer = cells.text("employer")
        who = self.register.person(cells, compared(employer))
        candidacy = self._candidacy(cells, who, employer) if who is not None else None
        if who is None or candidacy is None or cells.wrong:
            self.look.count(row.number, who.shown if who else "", "error")
            return
        if who.person in self._seen:
            cells.error("id_number", "candidate_twice", row=str(self._seen[who.person]))
            self.look.count(row.number, who.shown, "error")
            return
        self._seen[who.person] = row.number
        self.found.append(Desired(row.number, who, candidacy))

    def finish(self) -> None:
        """All rows were taken."""

    def _candidacy(self, cells: Cells, who: Who, employer: str) -> Candidacy:
        level, stated = _held(cells, who)
        education = lv.choice(cells.text("education"), EDUCATION)
        if education is None:
            cells.warn("education", "unknown_word", value=cells.text("education")[:20])
        teacher = cells.text("trainer_person")
        trainer = self.bodies.assessors.get(compared(teacher), "") if teacher else ""
        home = _PROVINCE.match(cells.text("home"))
        return Candidacy(
            person=who.person,
            parts=_parts(cells),
            claimed=cells.text("condition"),
            held=level,
            held_stated=stated,
            years=_years(cells, "years"),
            since_held=_years(cells, "since_held"),
            education=education or "",
            staff=bool(employer) and self.bodies.body(employer) == self.bodies.issuer,
            home=home[1] if home else "",
            bodies=tuple(filter(None, (self.bodies.body(cells.text("trainer_org")),))),
            trainers=(trainer,) if trainer else (),
        )


def _held(cells: Cells, who: Who) -> tuple[str, bool]:
    """(the level held, whether anybody stated it): by the list's level, its certificate number, the register.
    A number that says another level than the list is wrong one way or the other."""
    said = skill_level(cells.text("held_level")) or ""
    number = cells.text("held_source")
    read = numbering.read(number) if number else None
    if number and read is None:
        cells.warn("held_source", "number_unread", value=number[:30])
    by_number = _LEVELS.get(read.parts.get("level", ""), "") if read is not None else ""
    if said not in ("", "none") and by_number and said != by_number:
        cells.error("held_source", "number_level", number=number[:30], level=by_number, said=said)
    level = said or by_number or who.identity.held_level
    return ("" if level == "none" else level), bool(level)


def _parts(cells: Cells) -> tuple[tuple[str, Entered], ...]:
    """The parts that a row enters for; none where the list has no such columns, or says nothing of any."""
    found: list[tuple[str, Entered]] = []
    for part in PARTS:
        text = cells.text(part)
        if not text:
            continue
        meant = lv.choice(text, STATES)
        if meant is None:
            cells.error(part, "unknown_word", value=text[:20])
        elif meant != "kept":
            found.append((part, "resit" if meant == "resit" else "" if word(text) in ANY else "new"))
    return tuple(found)


def _years(cells: Cells, name: str) -> int | None:
    text = cells.text(name)
    match = _YEARS.match(exact.normalise(text))
    if text and match is None:
        cells.warn(name, "unknown_word", value=text[:20])
    return int(match[1]) if match else None


@dataclass(frozen=True, slots=True)
class Sitter:
    """A candidate of a batch as a list of marks may call one."""

    person: str
    name: str
    number: str
    parts: tuple[str, ...]


class PartMarks:
    """Takes the rows of a list of marks: one column per part; a blank cell says nothing."""

    def __init__(self, look: Look, header: Header, sitters: list[Sitter]) -> None:
        self.look, self.header = look, header
        self.found: list[tuple[str, str, str]] = []
        self._numbers = {key(s.number): s for s in sitters if s.number}
        self._names: dict[str, list[Sitter]] = {}
        for sitter in sitters:
            self._names.setdefault(compared(sitter.name), []).append(sitter)
        self._seen: dict[str, int] = {}

    def row(self, row: Row) -> None:
        """One row below the header."""
        cells = Cells(self.look, self.header, row)
        sitter = self._sitter(cells)
        if sitter is None:
            self.look.count(row.number, cells.text("name_zh"), "error")
            return
        if sitter.person in self._seen:
            cells.error("id_number", "candidate_twice", row=str(self._seen[sitter.person]))
            self.look.count(row.number, sitter.name, "error")
            return
        self._seen[sitter.person] = row.number
        marks = [(part, self._mark(cells, part)) for part in PARTS if self.header.column(part)]
        said = [(part, text) for part, text in marks if text]
        for part, _ in said:
            if part not in sitter.parts:
                cells.error(part, "part_not_entered")
        if cells.wrong:
            self.look.count(row.number, sitter.name, "error")
            return
        self.look.count(row.number, sitter.name, "new" if said else "same")
        self.found += [(sitter.person, part, text) for part, text in said]

    def finish(self) -> None:
        """All rows were taken."""

    def _sitter(self, cells: Cells) -> Sitter | None:
        """The candidate of a row, by number, else by a name that only one of the batch has."""
        number, name = key(cells.text("id_number")), cells.text("name_zh")
        if number:
            sitter = self._numbers.get(number)
            if sitter is None:
                cells.error("id_number", "candidate_unknown", value=mask(number))
            elif name and compared(name) != compared(sitter.name):
                cells.error("name_zh", "name_differs", known=sitter.name)
                return None
            return sitter
        named = self._names.get(compared(name), [])
        if len(named) != 1:
            cells.error("name_zh", "candidate_several" if named else "candidate_unknown", value=name[:20])
            return None
        return named[0]

    def _mark(self, cells: Cells, part: str) -> str:
        """The mark as the journal takes it; what is none is an error, never nought."""
        text = cells.text(part)
        said = text.casefold()
        for words, meant in ((ABSENT, "absent"), (ZEROED, "zeroed"), (EXEMPT, "exempt")):
            if said in words:
                return meant
        number = exact.normalise(clean(text))
        if number and not exact.is_number(number):
            cells.error(part, "not_a_mark", value=text[:20])
        return number
