"""What issues credentials and for what: issuers with their filing and sites, occupations with their standard.

Bodies and occupations are public; no record here holds a person.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from compsys.records import Date, Slug, Words

Text = Annotated[str, msgspec.Meta(max_length=400)]
Address = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s<>\"{}|\\^`]{1,200}[^\s<>\"{}|\\^`/]\Z")]
"""A web address without a slash at its end."""
BodyCode = Annotated[str, msgspec.Meta(pattern=r"^[YS][0-9]{12}\Z")]
"""Positions 1-13 of a certificate number: kind of body, body, province, site (china.md 12)."""
OccupationCode = Annotated[str, msgspec.Meta(pattern=r"^[0-9]-[0-9]{2}-[0-9]{2}-[0-9]{2}\Z")]
Edition = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}\Z")]
"""The year of the classification of occupations (职业分类大典) in which a code stands."""

Level = Literal["apprentice", "5", "4", "3", "2", "1", "special", "chief"]
"""The eight levels, 学徒工 to 首席技师 (china.md 10)."""
Within = Literal["issuer", "site", "year", "level", "kind"]
Paper = Literal["level", "award", "score"]
"""Kinds of certificates: 职业技能等级证书, 获奖证书, 成绩证明."""


class Base(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The base of these records."""


class Scope(Base, frozen=True, kw_only=True):
    """An occupation that a body is filed for, and at which levels."""

    occupation: OccupationCode
    edition: Edition
    levels: tuple[Level, ...]


class Filing(Base, frozen=True, kw_only=True):
    """A recorded filing (备案): the number that the authority gave, from when to when (both days count), the
    body's code, what it covers."""

    number: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    authority: Text
    since: Date
    until: Date
    code: BodyCode
    scopes: tuple[Scope, ...]

    @property
    def kind(self) -> str:
        """Y: an employer (用人单位), S: a social body (社会培训评价组织)."""
        return self.code[0]


class Place(Base, frozen=True, kw_only=True):
    """A site (站点) with a body code of its own; its province may be another than the body's."""

    id: Slug
    name: Words
    code: BodyCode
    address: Text = ""


class Allowed(Base, frozen=True, kw_only=True):
    """A protected word that this body may use: by whose authorisation, why."""

    word: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    by: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=400)]


class Issuer(Base, frozen=True, kw_only=True):
    """A body that issues credentials. Without a filing: awards and scores only.

    ``base``: the address under which its documents are served (``BASE/issuers/ID``); ``query``: where it says
    certificates are checked ("": ``BASE/v``). ``templates``: kind of certificate -> template of its numbers
    (``credentials.numbering``); ``counts``: what its serials run within, of issuer, site, year, level, kind.
    ``trains``: delegations and other bodies that are the same house (考培分离).
    """

    id: Slug
    name: Words
    base: Address
    email: Annotated[str, msgspec.Meta(pattern=r"^([^\s@]+@[^\s@]+)?\Z", max_length=100)] = ""
    query: Annotated[str, msgspec.Meta(max_length=200)] = ""
    filing: Filing | None = None
    sites: tuple[Place, ...] = ()
    templates: dict[Paper, Text] = {}
    counts: tuple[Within, ...] = ("issuer", "year", "level", "kind")
    reissue_keeps_number: bool = True
    trains: tuple[str, ...] = ()
    exceptions: tuple[Allowed, ...] = ()

    @property
    def address(self) -> str:
        """The issuer's own address, its id in credentials."""
        return f"{self.base}/issuers/{self.id}"


class Occupation(Base, frozen=True, kw_only=True):
    """An occupation (职业) of an edition of the classification, its national standard, the levels that has,
    its ISCO-08 group and WorldSkills skill number ("" = none known)."""

    code: OccupationCode
    edition: Edition
    name: Words
    standard: Text = ""
    """its name, "" = there is none"""
    standard_edition: Annotated[str, msgspec.Meta(max_length=40)] = ""
    levels: tuple[Level, ...] = ("5", "4", "3", "2", "1")
    isco: Annotated[str, msgspec.Meta(pattern=r"^([0-9]{4})?\Z")] = ""
    worldskills: Annotated[str, msgspec.Meta(max_length=8)] = ""
    directions: tuple[Words, ...] = ()
    """工种/职业方向"""

    @property
    def key(self) -> str:
        """Code and edition: ``6-18-02-04@2022``."""
        return f"{self.code}@{self.edition}"
