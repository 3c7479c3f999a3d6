"""The set-up of a competition as typed records: what the competition file holds and what organizers define.

Every record has an ``id`` that is unique within its kind. Ids of things that organizers name (trades, stages,
sites, panels, seats, sessions) are short slugs; ids of persons and entries are random and never derived from
a person. Names of things are ``Words`` (``{"zh-CN": ..., "en": ...}``). Numbers are text. No record here
holds a person's name or identity number: those live in the vault, under the person's id.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec

Words = dict[str, str]
Slug = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
RandomId = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
NumberText = Annotated[str, msgspec.Meta(pattern=r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?\Z")]
Date = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]

FeedLevel = Literal["revealed", "signed", "released", "published"]
"""What may feed a picture: aspect complete, sheet signed, result released, result published (design promise
8)."""

Tier = Literal[
    "", "national_comprehensive", "national_1", "national_2", "inter_provincial",
    "province_comprehensive", "province_1", "province_2", "city_comprehensive", "city_1", "city_2", "city",
    "county", "industry", "single_industry", "enterprise", "school",
]  # fmt: skip
"""Which kind of contest it is, for rules on promotion (``scoring_rules.promotion_model.TIERS``)."""

Audience = Literal["office", "delegations", "ceremony", "public"]


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The base of all set-up records."""

    id: Slug


class Organiser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body that hosts (主办), organizes (承办) or supports (协办) the competition."""

    name: Words
    role: Literal["host", "organizer", "co"]


class Competition(Record, frozen=True, kw_only=True):
    """The whole: name, IANA time zone, days, organizers, the official orders of the medal table."""

    name: Words
    zone: str = "Asia/Shanghai"
    days: tuple[Date, ...] = ()
    organisers: tuple[Organiser, ...] = ()
    table_orders: tuple[str, ...] = ("gold_first",)
    place: Words = {}
    tier: Tier = ""
    approval: Literal["slips", "all", "none"] = "slips"
    """which tablets the console lets in only by matching words: those with a printed slip, all, or none"""
    lock_minutes: Annotated[int, msgspec.Meta(ge=0, le=240)] = 10
    """a judge's tablet that nobody touched for so long locks its screen (0 = never)"""


class Delegation(Record, frozen=True, kw_only=True):
    """Who sends entries: a member, province, company or school."""

    name: Words
    code: str = ""
    kind: str = "company"
    host: bool = False
    """the host's own (东道主): a cut may keep places for it"""


class Trade(Record, frozen=True, kw_only=True):
    """One skill competition (赛项), its switches, and what rules on promotion ask of it.

    ``tier``: which kind of contest it is ("" = as the competition), ``track``: for what it selects,
    ``standard``: whether the occupation has a national standard, ``question_level``: the level the questions
    were set at; "" = not stated.
    """

    name: Words
    number: str = ""
    kind: Literal["official", "demonstration", "host", "exhibition"] = "official"
    medals: bool = True
    medal_table: bool = True
    points_tables: bool = True
    best_of: bool = True
    promotion: bool = True
    order: int = 0
    tier: Tier = ""
    track: Literal["", "ws", "national", "professional"] = ""
    standard: Literal["", "yes", "no"] = ""
    question_level: Literal["", "5", "4", "3", "2", "1"] = ""


class Stage(Record, frozen=True, kw_only=True):
    """A stage (阶段) of a trade. ``id`` is ``trade.stage``'s second half: unique within the trade, as
    ``trade`` + ``id``.

    ``feed``: per audience, what may feed its pictures. ``blind``: judges see codes only. ``disclosure``:
    what the public sees of an entry before results are published.
    """

    trade: Slug
    name: Words
    order: int = 0
    sites: tuple[Slug, ...] = ("main",)
    blind: bool = True
    disclosure: Literal["anonymous_live", "named_live", "none_until_final"] = "anonymous_live"
    pin: bool = False
    """a judge's signature asks for the judge's PIN"""
    occupation: Annotated[str, msgspec.Meta(pattern=r"^([0-9]-[0-9]{2}-[0-9]{2}-[0-9]{2}@[0-9]{4})?\Z")] = ""
    """the occupation whose skill it shows: code@edition of the classification ("" = not stated)"""
    standard_edition: Annotated[str, msgspec.Meta(max_length=40)] = ""
    """the edition of the occupation's standard that the tasks were set by"""
    question_level: Literal["", "5", "4", "3", "2", "1"] = ""
    """the level of the questions (试题等级); "" = as the trade says"""
    feed: dict[Audience, FeedLevel] = msgspec.field(default_factory=lambda: {"public": "signed"})


class Component(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a stage's total (模块): raw maximum, weight (total += raw x weight), pass mark, origin.

    marked: the criteria named (empty = all criteria of the scheme). imported: typed or read from a file.
    carried: an earlier stage's official total. time: the session's net seconds turned into a mark by
    ``measure``.
    """

    id: Slug
    name: Words
    source: Literal["marked", "imported", "carried", "time"] = "marked"
    max: NumberText = "100"
    weight: NumberText = "1"
    pass_mark: NumberText = ""
    part: Literal["", "theory", "practical", "review"] = ""
    """which part of a skill assessment it is: registers ask for theory and practical marks apart"""
    criteria: tuple[str, ...] = ()
    from_stage: str = ""
    measure: dict[str, Any] | None = None


class Group(Record, frozen=True, kw_only=True):
    """(stage, group): what attaches scheme, components and rule profile. ``id`` is unique within trade and
    stage."""

    trade: Slug
    stage: Slug
    name: Words
    scheme: str = ""
    profile: str = "worldskills-2026"
    components: tuple[Component, ...] = ()


class SchemeRecord(Record, frozen=True, kw_only=True):
    """A marking scheme as data (the form of ``scoring_rules.scheme.to_data``)."""

    scheme: dict[str, Any]
    source: str = ""


class ProfileRecord(Record, frozen=True, kw_only=True):
    """A rule profile of the organizers' own: TOML text; profiles shipped with the rulebook need no record."""

    text: str


class Membership(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who belongs to an entry, as what, from when to when (dates, both optional)."""

    person: RandomId
    role: Literal["member", "reserve", "captain"] = "member"
    since: str = ""
    until: str = ""


class Entry(Record, frozen=True, kw_only=True):
    """What competes (选手 or 队): trade and group, delegation, members. ``name`` only for teams."""

    trade: Slug
    group: Slug = "open"
    delegation: Slug
    bib: str = ""
    name: Words = {}
    members: tuple[Membership, ...] = ()
    eligible: bool = True
    guest: bool = False
    pool: Annotated[str, msgspec.Meta(max_length=60)] = ""
    """heat group or county, of which a cut may take the first so many"""
    team: Annotated[str, msgspec.Meta(max_length=60)] = ""
    """the team of several entries that a list of teams adds up (团体)"""
    seeded: bool = False
    """goes on to every later stage directly, whatever the cut (种子直通)"""
    squad: bool = False
    """in the national squad (国家集训队)"""
    site: Slug = "main"


class Person(Record, frozen=True, kw_only=True):
    """A person by id only; the vault holds name and identity, the journal a salted commitment."""


class Judge(Record, frozen=True, kw_only=True):
    """A judge: the person and the affiliations that recuse (delegation ids, or ``employer:...`` words)."""

    person: RandomId
    affiliations: tuple[str, ...] = ()


class Seat(Record, frozen=True, kw_only=True):
    """A place at a table whose value a mark is (席位). Judges come and go; the seat's record says who sits
    there.

    role judge|lead|reserve mark; chief runs the trade; clerk keys in paper; floor checks in and
    times; expert accepts the sheets of the delegations among the judge's affiliations.
    """

    trade: Slug
    stage: Slug
    site: Slug = "main"
    panel: Slug = "panel"
    label: str = ""
    role: Literal["judge", "lead", "reserve", "chief", "clerk", "floor", "expert"] = "judge"
    judge: str = ""


class Panel(Record, frozen=True, kw_only=True):
    """A marking team (评分小组): the sub-criteria it marks (empty = all); its seats name it."""

    trade: Slug
    stage: Slug
    site: Slug = "main"
    name: Words = {}
    subs: tuple[str, ...] = ()
    mode: Literal["own", "panel"] = "own"


Colour = Literal["red", "orange", "yellow", "green", "blue", "purple", "white", "black"]
"""What a bench is marked with, beside its word."""


class Bench(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a station's bench is told from afar: a colour, never without its word."""

    station: str
    colour: Colour
    word: Words = {}


class Session(Record, frozen=True, kw_only=True):
    """component x batch x day x stations (场次): the entries that work then, each at a station."""

    trade: Slug
    stage: Slug
    site: Slug = "main"
    component: Slug
    name: Words = {}
    batch: int = 1
    day: str = ""
    start: str = ""
    minutes: int = 0
    stations: dict[str, str] = {}
    """entry id -> station; empty = all entries of the stage at this site."""
    benches: tuple[Bench, ...] = ()


KINDS: dict[str, type[Record]] = {
    "competition": Competition,
    "delegation": Delegation,
    "trade": Trade,
    "stage": Stage,
    "scheme": SchemeRecord,
    "profile": ProfileRecord,
    "group": Group,
    "person": Person,
    "entry": Entry,
    "judge": Judge,
    "panel": Panel,
    "seat": Seat,
    "session": Session,
}
"""Every kind, in the order in which an import defines them (references point backwards)."""

SCOPED: dict[str, tuple[str, ...]] = {
    "stage": ("trade",),
    "group": ("trade", "stage"),
    "panel": ("trade", "stage"),
    "seat": ("trade", "stage"),
    "session": ("trade", "stage"),
}
"""Kinds whose id is unique only within the named fields: their key is ``trade/stage/id``."""


def key_of(kind: str, record: Record) -> str:
    """The key of a record within its kind: its id, prefixed by its scope.

    >>> key_of("stage", Stage(id="final", trade="pastry", name={"en": "Final"}))
    'pastry/final'
    """
    return "/".join([*(getattr(record, field) for field in SCOPED.get(kind, ())), record.id])


@lru_cache(maxsize=4096)
def stream_name(trade: str, stage: str, site: str) -> str:
    """The journal stream of a marking unit stream: trade x stage x site.

    >>> stream_name("pastry", "final", "main")
    'pastry.final.main'
    """
    return f"{trade}.{stage}.{site}"
