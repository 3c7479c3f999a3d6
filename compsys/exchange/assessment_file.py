"""The file that opens an assessment batch: what is assessed where on which day, and by whom (TOML)."""

from __future__ import annotations

import tomllib
from typing import Literal

import msgspec

from compsys.commands_assessment import Day, Ident, OpenAssessment, Province, Short
from compsys.exchange.lists_values import identity_number
from compsys.exchange.xlsx_cells import Cell
from compsys.vault import Identity


class Base(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of these records: a key that nobody knows is an error."""


class Whom(Base, frozen=True, kw_only=True):
    """A person of the file, by name and identity number."""

    name: str
    id_number: str
    name_en: str = ""
    id_type: str = ""


class Panelist(Whom, frozen=True, kw_only=True):
    """An assessor with grade and term; the parts in whose panels he or she sits, for which bodies he or she
    works, of which candidates he or she is kin."""

    grade: Literal["assessor", "senior"]
    since: Day
    until: Day
    parts: tuple[str, ...] = ()
    bodies: tuple[Short, ...] = ()
    kin: tuple[Whom, ...] = ()


class Invigilator(Whom, frozen=True, kw_only=True):
    """Who watches in which parts."""

    parts: tuple[str, ...]


class Overseer(Whom, frozen=True, kw_only=True):
    """A supervisor: inner (内督) or outer (外督)."""

    kind: Literal["inner", "outer"]


class Provinces(Base, frozen=True, kw_only=True):
    """Of the issuer, the test site and the candidates' home (two digits of GB/T 2260)."""

    issuer: Province = ""
    site: Province = ""
    home: Province = ""


class Description(Base, frozen=True, kw_only=True):
    """The whole file. ``rules``: shipped rules by their id, or a .toml file beside this one."""

    id: Ident
    issuer: Ident
    occupation: Short
    level: Short
    day: Day
    site: Short = ""
    standard: Short = ""
    direction: Short = ""
    way: Literal["exam", "appointment"] = "exam"
    rules: str = "cn"
    provinces: Provinces = Provinces()
    assessors: tuple[Panelist, ...] = ()
    invigilators: tuple[Invigilator, ...] = ()
    supervisors: tuple[Overseer, ...] = ()

    @property
    def people(self) -> list[Whom]:
        """Everybody in the file."""
        kin = [whom for one in self.assessors for whom in one.kin]
        return [*self.assessors, *self.invigilators, *self.supervisors, *kin]


class Unreadable(ValueError):
    """The file is none of this kind; ``detail`` says where and why, ``code`` the sentence."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code, params)
        self.code, self.params = code, params


def load(data: bytes) -> Description:
    """The file's description. Raises Unreadable with a code ``assessment.file_*``."""
    try:
        found = tomllib.loads(data.decode("utf-8-sig"))
        return msgspec.convert(found, Description)
    except UnicodeDecodeError as error:
        raise Unreadable("assessment.file_form", detail=str(error)) from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Unreadable("assessment.file_form", detail=str(error)) from error


def identity_of(whom: Whom) -> Identity:
    """Who a person of the file is. Raises Unreadable for an identity number that cannot be one."""
    number = identity_number(Cell(whom.id_number), whom.id_type)
    if number.fault or not whom.name.strip():
        raise Unreadable("assessment.file_person", name=whom.name, fault=number.fault or "name")
    name = {"zh-CN": whom.name.strip()} if not whom.name.isascii() else {"en": whom.name.strip()}
    if whom.name_en:
        name["en"] = whom.name_en
    return Identity(name, number.type, number.number)


def opening(found: Description, rules: str, persons: dict[tuple[str, str], str]) -> OpenAssessment:
    """The command that opens the batch; ``persons``: (name, number as written) -> person id."""

    def of(part: str, people: tuple[Panelist, ...] | tuple[Invigilator, ...]) -> tuple[str, ...]:
        return tuple(persons[one.name, one.id_number] for one in people if part in one.parts)

    names = dict.fromkeys(p for one in found.assessors for p in one.parts)
    names |= dict.fromkeys(p for one in found.invigilators for p in one.parts)
    where = found.provinces
    return OpenAssessment(
        batch=found.id,
        issuer=found.issuer,
        site=found.site,
        provinces=(where.issuer, where.site, where.home),
        occupation=found.occupation,
        standard=found.standard,
        direction=found.direction,
        level=found.level,
        way=found.way,
        day=found.day,
        rules=rules,
        panels=tuple((part, panel) for part in names if (panel := of(part, found.assessors))),
        watch=tuple((part, watch) for part in names if (watch := of(part, found.invigilators))),
        supervisors=tuple((one.kind, persons[one.name, one.id_number]) for one in found.supervisors),
    )
