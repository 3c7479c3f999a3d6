"""Makes random valid competitions from a seed: teams, reserves, dates, stages, groups, sites, odd names.

Nothing here is real: identity numbers have the area 999999, which no place has, and a right check digit.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from compsys.identity import check_digit
from compsys.records import (
    KINDS,
    Competition,
    Component,
    Delegation,
    Entry,
    Group,
    Judge,
    Membership,
    Organiser,
    Panel,
    Person,
    ProfileRecord,
    Record,
    SchemeRecord,
    Seat,
    Session,
    Stage,
    Trade,
    Words,
    key_of,
)
from compsys.state import Setup
from compsys.vault import Identity
from scoring_rules import exact, profiles
from scoring_rules.scheme import Aspect, Criterion, Measure, Scheme, Section, SubCriterion
from scoring_rules.scheme_data import to_data

HELD = ("", "none", "3", "", "1", "apprentice")
SURNAMES = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "欧阳", "𠮷田", "阿不都", "买买提"]
GIVEN = [
    "伟",
    "芳",
    "娜",
    "秀英",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
    "古丽娜尔·阿不力孜",
    "叶尔肯·哈布力",
    "朵朵",
]
LATIN = [
    "Zoë Ångström",
    "O'Brien",
    'Anna "Annie" Ó Súilleabháin',
    "Nguyễn Thị Hạnh",
    "José",
    "e\u0301clair",
    "İpek",
]
ODD = [
    "شەھزادە",  # right to left
    "👩🏽\u200d🍳",  # one picture of four code points
    "back\\slash / slash",
    "line\u2028separator",
    "two\nlines\tand a tab",
    "  spaces around  ",
    '{curly} [square] "quoted" <b>&amp;',
    "\u202eoverride",
    "0012",
    "null",
]
DESCRIPTORS = tuple(
    {"zh-CN": zh, "en": en}
    for zh, en in (
        ("未达标准", "below the standard"),
        ("达到标准", "meets the standard"),
        ("部分超过标准", "meets and in part exceeds it"),
        ("优秀", "excellent"),
    )
)


def resident_id(born: date, sequence: int) -> str:
    """A number of the area 999999 with a right check digit.

    >>> resident_id(date(1990, 1, 1), 7)[:14]
    '99999919900101'
    """
    body = f"999999{born:%Y%m%d}{sequence % 1000:03d}"
    return body + check_digit(body)


class _Maker:
    """Holds the random source and collects records."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.setup = Setup()
        self.persons: dict[str, Identity] = {}
        self.days = self._days()

    def put(self, kind: str, record: Record) -> None:
        if isinstance(record, Competition):
            self.setup.competition = record
        self.setup.records.setdefault(kind, {})[key_of(kind, record)] = record

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def token(self, prefix: str) -> str:
        return f"{prefix}{self.random.getrandbits(48):012x}"

    def words(self, zh: str, en: str) -> Words:
        if self.chance(15):
            zh = self.random.choice(ODD) + zh
        both = {"zh-CN": zh, "en": en}
        kinds = [both, both, {"en": en, "zh-CN": zh}, {"zh-CN": zh}, {"en": en}, both | {"ug": "مۇسابىقە"}]
        return self.random.choice(kinds)

    def _days(self) -> tuple[str, ...]:
        first = date(2022, 1, 1) + timedelta(self.random.randrange(2000))
        return tuple((first + timedelta(i)).isoformat() for i in range(self.random.randrange(1, 4)))

    # -- people

    def person(self) -> str:
        pick = self.random
        who = self.token("p")
        self.put("person", Person(id=who))
        name = pick.choice(SURNAMES) + pick.choice(GIVEN)
        given = {"zh-CN": name} if self.chance(60) else {"zh-CN": name, "en": pick.choice(LATIN)}
        if self.chance(8):
            given = {"en": pick.choice(LATIN + ODD)}
        born = date(1958, 1, 1) + timedelta(pick.randrange(18_000))
        if self.chance(90):
            number = resident_id(born, len(self.persons) + 1)
            phone = f"1990{pick.randrange(10**7):07d}" if self.chance(80) else ""
            held: Any = HELD[len(self.persons) % len(HELD)]  # no further draw: seeds keep their competitions
            self.persons[who] = Identity(given, "resident_id", number, phone, held_level=held)
        elif self.chance(50):
            self.persons[who] = Identity(
                given, "passport", f"E{pick.randrange(10**8):08d}", note=pick.choice(ODD)
            )
        return who

    # -- rules

    def measure(self) -> Measure | None:
        kinds: list[Measure | None] = [
            None,
            Measure("pass_fail"),
            Measure("count", {"possible": str(self.random.randrange(2, 9))}),
            Measure("deduction", {"deduction": "0.25"}),
            Measure("difference", {"target": "120", "difference": "2", "deduction": "0.25", "steps": "ceil"}),
            Measure(
                "choice",
                {
                    "labels": ["none", "", "全部"],
                    "deductions": ["0", "50", "100"],
                    "deduction_type": "percent",
                },
            ),
            Measure("range", {"lowers": ["79.80", ""], "uppers": ["80.20", ""], "deductions": ["0", ""]}),
            Measure("value", {"step": "0.5", "low": "0"}),
        ]
        return self.random.choice(kinds)

    def aspect(self, key: str, maximum: str, section: str) -> Aspect:
        title = self.words("评分点", "Aspect")
        method = self.random.choice(("judgement", "points", "agreed"))
        if method == "judgement":
            return Aspect(key, title, method, maximum, section=section, descriptors=DESCRIPTORS)
        if method == "points":
            low = "0" if self.chance(80) else "-0.5"
            return Aspect(key, title, method, maximum, section=section, step="0.5", low=low)
        note = self.words("要求", "Requirement") if self.chance(40) else {}
        found = self.measure()
        return Aspect(
            key,
            title,
            method,
            maximum,
            note=note,
            requirement="±0.2 mm",
            section=section,
            measure=found,
            reference=self.random.choice(("", "F14")),
        )

    def scheme(self, key: str) -> tuple[Scheme, list[str]]:
        letters = "ABCDE"[: self.random.randrange(1, 6)]
        sections = (Section("1", {"en": "Work"}, "60"), Section("2", {"zh-CN": "安全"}, "40"))
        sections = sections if self.chance(30) else ()
        criteria = []
        for letter in letters:
            subs = []
            for i in range(1, self.random.randrange(2, 5)):
                maxima = [f"{self.random.randrange(1, 5)}.5" for _ in range(self.random.randrange(1, 5))]
                aspects = tuple(
                    self.aspect(f"{letter}{i}.{j}", m, self.random.choice("12") if sections else "")
                    for j, m in enumerate(maxima, 1)
                )
                subs.append(SubCriterion(f"{letter}{i}", self.words("子项", "Part"), self.days[0], aspects))
            criteria.append(Criterion(letter, self.words("大项", "Criterion"), tuple(subs)))
        scheme = Scheme(
            self.words("方案", "Scheme"), "17", sections, tuple(criteria), partial=self.chance(20)
        )
        self.put(
            "scheme", SchemeRecord(id=key, scheme=to_data(scheme), source=self.random.choice(("", "x.xlsx")))
        )
        return scheme, list(letters)

    def components(self, scheme: Scheme, letters: list[str], before: str) -> tuple[Component, ...]:
        from scoring_rules.scheme import criterion_total

        top = exact.show(exact.total(criterion_total(c) for c in scheme.criteria))
        parts = [
            Component(
                id="practice",
                name=self.words("实操", "Practice"),
                max=top,
                weight="0.7",
                criteria=tuple(letters) if self.chance(50) else (),
            )
        ]
        if self.chance(60):
            parts.append(
                Component(
                    id="theory", name={"zh-CN": "理论"}, source="imported", weight="0.3", pass_mark="60"
                )
            )
        if before and self.chance(50):
            parts.append(Component(id="heat", name={"en": "Heat"}, source="carried", from_stage=before))
        if self.chance(20):
            rule = {
                "kind": "difference",
                "params": {"target": "3600", "difference": "60", "deduction": "0.5"},
            }
            parts.append(Component(id="time", name={"en": "Time"}, source="time", max="5", measure=rule))
        return tuple(parts)

    # -- trades

    def trade(self, key: str, order: int, delegations: list[str], profile_ids: list[str]) -> None:
        pick = self.random
        kind = pick.choice(("official", "official", "demonstration", "host", "exhibition"))
        self.put(
            "trade",
            Trade(
                id=key,
                name=self.words("赛项", f"Trade {key}"),
                number=str(order),
                kind=kind,
                medal_table=kind == "official",
                promotion=self.chance(50),
                order=order,
                tier="province_1" if order % 3 else "",
                question_level="3" if order % 2 else "",
            ),
        )
        sites = ("main",) if self.chance(60) else ("karamay", "dushanzi")
        groups = ["open"] if self.chance(50) else ["worker", "student"]
        entries = self.entries(key, groups, sites, delegations)
        judges = [self.judge(delegations) for _ in range(5 * len(sites))]
        before = ""
        for number, stage in enumerate(("final",) if self.chance(60) else ("heat", "final")):
            disclosure = pick.choice(("anonymous_live", "none_until_final"))
            feed = pick.choice(({"public": "signed"}, {"public": "published", "office": "revealed"}))
            self.put(
                "stage",
                Stage(
                    id=stage,
                    trade=key,
                    name=self.words("阶段", stage),
                    order=number,
                    sites=sites,
                    disclosure=disclosure,
                    feed=feed,
                ),
            )
            scheme, letters = self.scheme(f"{key}-{stage}")
            for group in groups:
                self.put(
                    "group",
                    Group(
                        id=group,
                        trade=key,
                        stage=stage,
                        name=self.words("组", group),
                        scheme=f"{key}-{stage}",
                        profile=pick.choice(profile_ids),
                        components=self.components(scheme, letters, before),
                    ),
                )
            for i, site in enumerate(sites):
                here = [entry for entry in entries if entry.site == site]
                self.stage_site(key, stage, site, here, judges[5 * i : 5 * i + 5], letters)
            before = stage

    def judge(self, delegations: list[str]) -> str:
        who = self.token("j")
        ties = self.random.sample(delegations, self.random.randrange(0, 2))
        self.put("judge", Judge(id=who, person=self.person(), affiliations=(*ties, "employer:食府 & Co.")))
        return who

    def entries(
        self, trade: str, groups: list[str], sites: tuple[str, ...], senders: list[str]
    ) -> list[Entry]:
        made = []
        team = self.chance(40)
        for i in range(self.random.randrange(2, 9)):
            members = [Membership(person=self.person(), role="captain" if team else "member")]
            if team:
                members.append(Membership(person=self.person()))
                left = self.days[0]
                members.append(Membership(person=self.person(), until=left))
                members.append(Membership(person=self.person(), role="reserve", since=left))
            entry = Entry(
                id=self.token("e"),
                trade=trade,
                group=groups[i % len(groups)],
                delegation=self.random.choice(senders),
                bib=f"{i + 1:02d}",
                name=self.words("队", f"Team {i}") if team else {},
                members=tuple(members),
                eligible=self.chance(95),
                guest=self.chance(5),
                site=sites[i % len(sites)],
            )
            self.put("entry", entry)
            made.append(entry)
        return made

    def stage_site(
        self, trade: str, stage: str, site: str, entries: list[Entry], judges: list[str], letters: list[str]
    ) -> None:
        panel = f"panel-{site}"
        self.put(
            "panel",
            Panel(
                id=panel,
                trade=trade,
                stage=stage,
                site=site,
                name=self.words("评分组", "Panel"),
                mode=self.random.choice(("own", "panel")),
            ),
        )
        for i, judge in enumerate(judges, 1):
            self.put(
                "seat",
                Seat(
                    id=f"{site}-{i}",
                    trade=trade,
                    stage=stage,
                    site=site,
                    panel=panel,
                    label=f"{i}号",
                    role="lead" if i == 1 else "judge",
                    judge=judge,
                ),
            )
        for role in ("chief", "clerk", "floor", "reserve"):
            self.put(
                "seat", Seat(id=f"{site}-{role}", trade=trade, stage=stage, site=site, panel=panel, role=role)
            )
        half = len(entries) // 2
        batches = [entries] if self.chance(50) or not half else [entries[:half], entries[half:]]
        for number, batch in enumerate(batches, 1):
            stations = {entry.id: f"{site[:1].upper()}{i}" for i, entry in enumerate(batch, 1)}
            self.put(
                "session",
                Session(
                    id=f"{site}-s{number}",
                    trade=trade,
                    stage=stage,
                    site=site,
                    component="practice",
                    name=self.words("第一场", "Session"),
                    batch=number,
                    day=self.days[-1],
                    start="09:30",
                    minutes=90,
                    stations=stations if len(batches) > 1 else {},
                ),
            )


def competition(seed: int) -> tuple[Setup, dict[str, Identity]]:
    """A valid competition with the vault's view of its persons; equal for equal seeds."""
    make = _Maker(seed)
    host = Organiser(name=make.words("人社局", "Bureau"), role="host")
    orders = make.random.choice((("gold_first",), ("gold_first", "points"), ()))
    make.put(
        "competition",
        Competition(
            id="cup",
            name=make.words("技能大赛", "Skills Cup"),
            days=make.days,
            zone=make.random.choice(("Asia/Shanghai", "Asia/Urumqi")),
            organisers=(host,),
            table_orders=orders,
            place=make.words("克拉玛依", "Karamay"),
        ),
    )
    senders = []
    for i in range(make.random.randrange(2, 14)):
        make.put(
            "delegation", Delegation(id=f"d{i}", name=make.words(f"第{i}代表队", f"Team {i}"), code=f"D{i}")
        )
        senders.append(f"d{i}")
    profile_ids = ["worldskills-2026", "cook-off", "cn-national"]
    if make.chance(30):
        text = profiles.load("cook-off").text.replace('id = "cook-off"', 'id = "own-rules"')
        make.put("profile", ProfileRecord(id="own-rules", text=text))
        profile_ids.append("own-rules")
    for i in range(make.random.randrange(1, 4)):
        make.trade(f"trade-{i}", i, senders, profile_ids)
    return make.setup, make.persons


def values(setup: Setup) -> dict[tuple[str, str], Any]:
    """Every record by (kind, key), to compare two set-ups whatever order they were made in."""
    assert set(setup.records) <= set(KINDS)
    return {(kind, key): record for kind, held in setup.records.items() for key, record in held.items()}
