"""A city's selection in the shape of a funnel: 74 trades, 200,000 entrants by exam, 30,000 before panels.

Real are the numbers (74 trades, 200,000 in the selection, over 30,000 competitors); everything else is
invented, from a seed. The heat is an exam whose marks come in from outside; the official result of each
trade is cut, those who tie at the edge included; who goes on is marked by two panels of three, and the exam
counts for three tenths of the final.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from random import Random

from compsys import events as e
from compsys.afternoon import ORGANIZER
from compsys.desk import Desk
from compsys.edition import Edition, StagePlay
from compsys.exchange.competition_file import canonical as as_value
from compsys.national import GROUP, OFFICIALS, Maker
from compsys.records import (
    Competition,
    Component,
    Delegation,
    Group,
    Panel,
    ProfileRecord,
    Record,
    SchemeRecord,
    Seat,
    Session,
    Stage,
    Trade,
    key_of,
)
from compsys.simulate import dice
from compsys.state import Setup
from compsys.synthetic import person, words
from compsys.synthetic_schemes import points
from compsys.vault import Identity, Vault, canonical, commitment
from scoring_rules import profiles
from scoring_rules.exact import show
from scoring_rules.scheme_data import to_data

COMPETITION = "city-selection"
HEAT, FINAL = "heat", "final"
DAYS = ("2021-05-10", "2021-05-11", "2021-05-12")
COUNTIES = tuple(
    words(zh, en)
    for zh, en in (
        ("东城区", "East District"),
        ("西城区", "West District"),
        ("滨河区", "Riverside District"),
        ("开发区", "Development Zone"),
        ("临江县", "Linjiang County"),
        ("青山县", "Qingshan County"),
        ("白沙县", "Baisha County"),
        ("石桥市", "Shiqiao City"),
        ("大湖市", "Dahu City"),
        ("松岭市", "Songling City"),
        ("北港区", "North Port District"),
        ("南屏县", "Nanping Mill County"),
    )
)
"""Delegations, invented."""
PANELS = (("a", "A"), ("b", "B"))
BATCH = 60
"""Entries of one session of the final."""
PART = 5000
"""Entrants brought in at a time: so many names are held besides those that are stored."""


@dataclass(frozen=True, slots=True)
class Funnel:
    """How big: trades, entrants in all, and how many are to go on."""

    trades: int = 74
    entrants: int = 200_000
    finalists: int = 30_000

    def field(self, number: int) -> int:
        """Entrants of a trade, counted from 0."""
        return self.entrants // self.trades + (number < self.entrants % self.trades)

    def places(self, number: int) -> int:
        """How many of a trade go on."""
        return self.finalists // self.trades + (number < self.finalists % self.trades)


def make(seed: object, funnel: Funnel = Funnel()) -> tuple[Setup, dict[str, Identity]]:
    """The set-up without its entrants; the persons are the judges."""
    maker = Maker(f"city {seed}")
    maker.put(
        "competition",
        Competition(
            id=COMPETITION,
            name=words("全市职业技能选拔赛", "City Skills Selection"),
            days=DAYS,
            table_orders=("gold_first", "points"),
        ),
    )
    for number, name in enumerate(COUNTIES, 1):
        maker.put("delegation", Delegation(id=f"county-{number:02d}", name=name, code=f"{number:02d}"))
        maker.delegations.append(f"county-{number:02d}")
    maker.put("profile", ProfileRecord(id="city", text=_profile()))
    for number in range(funnel.trades):
        _trade(maker, number)
    return maker.setup, maker.persons


def _profile() -> str:
    """The national profile with the keys of this funnel, and the chief's lock as the last signature."""
    keys = '[["total", "desc"], ["component:practice", "desc"]]'
    changed = {"id =": 'id = "city"', "keys =": f"keys = {keys}", "chain =": 'chain = ["seats", "chief"]'}
    lines = profiles.load("cn-national").text.split("\n")
    text = "\n".join(
        next((new for old, new in changed.items() if line.startswith(old)), line) for line in lines
    )
    profiles.parse(text, "city")
    return text


def trade_of(number: int) -> str:
    """The id of a trade, counted from 0."""
    return f"t{number + 1:02d}"


def _trade(maker: Maker, number: int) -> None:
    trade = trade_of(number)
    name = words(f"选拔赛项{number + 1:02d}", f"Selection trade {number + 1:02d}")
    maker.put("trade", Trade(id=trade, name=name, number=f"{number + 1:02d}", order=number + 1))
    exam = Component(id="exam", name=words("理论考试", "Theory exam"), source="imported")
    practice = Component(id="practice", name=words("实操", "Practice"), weight="0.7")
    carried = Component(
        id="carried", name=words("选拔成绩", "Selection"), source="carried", from_stage=HEAT, weight="0.3"
    )
    scheme = points(f"{maker.seed} {trade}", words("实操评分方案", "Practice marking scheme"), "AB", 1, 2)
    maker.put("scheme", SchemeRecord(id=trade, scheme=to_data(scheme)))
    stages = (
        (HEAT, words("选拔", "Selection"), (exam,)),
        (FINAL, words("决赛", "Final"), (practice, carried)),
    )
    for order, (stage, called, components) in enumerate(stages):
        at = {"trade": trade, "stage": stage}
        maker.put(
            "stage", Stage(id=stage, trade=trade, name=called, order=order, feed={"public": "published"})
        )
        group = Group(
            id=GROUP,
            **at,
            name=words("职工组", "Workers"),
            profile="city",
            scheme=trade if stage == FINAL else "",
            components=components,
        )
        maker.put("group", group)
        for role, label in OFFICIALS:
            maker.put("seat", Seat(id=role, **at, role=role, label=label, judge=maker.judge()))
    for panel, letter in PANELS:
        called = words(f"评分{letter}组", f"Panel {letter}")
        maker.put("panel", Panel(id=panel, trade=trade, stage=FINAL, name=called, subs=(letter,)))
        ties = maker.random.sample(maker.delegations, 4)
        for i, tie in enumerate(ties, 1):
            seat = Seat(
                id=f"{panel}{i}",
                trade=trade,
                stage=FINAL,
                panel=panel,
                label=f"{letter}{i}",
                role="lead" if i == 1 else "reserve" if i == 4 else "judge",
                judge=maker.judge(tie),
            )
            maker.put("seat", seat)


# ---------------------------------------------------------------- entrants


@dataclass(frozen=True, slots=True)
class Entrant:
    """One who enters: ids of entry and person, delegation, number, identity."""

    entry: str
    person: str
    delegation: str
    bib: str
    identity: Identity


def entrants(seed: object, funnel: Funnel, number: int, first: int) -> Iterator[Entrant]:
    """The entrants of a trade, one at a time; ``first``: the number of the first of them among all."""
    random = Random(f"city {seed} entrants {number}")
    for i in range(funnel.field(number)):
        yield Entrant(
            f"e{random.getrandbits(48):012x}",
            f"q{random.getrandbits(48):012x}",
            f"county-{random.randrange(len(COUNTIES)) + 1:02d}",
            f"{i + 1:05d}",
            person(random, first + i),
        )


async def enter(desk: Desk, seed: object, funnel: Funnel) -> int:
    """Bring all entrants in, some thousands at a time; how many."""
    judges = len(desk.state.setup.records.get("person", {}))
    done = 0
    for number in range(funnel.trades):
        coming = entrants(seed, funnel, number, judges + done)
        while part := list(islice(coming, PART)):
            await desk.put_persons([(one.person, one.identity) for one in part])
            rows = await desk.in_thread(lambda part=part: _rows(desk.vault, part))  # type: ignore[misc]  # bound at once
            command = e.EnterMany(trade=trade_of(number), group=GROUP, rows=rows)
            await _do(desk, command)
            done += len(part)
    return done


def _rows(vault: Vault, part: list[Entrant]) -> tuple[tuple[str, str, str, str, str], ...]:
    return tuple(
        (
            one.entry,
            one.delegation,
            one.bib,
            one.person,
            commitment(vault.salt(one.person), canonical(one.identity)),
        )
        for one in part
    )


async def _do(desk: Desk, command: e.AnyCommand) -> None:
    answer = await desk.submit(e.Call(desk.fresh(), ORGANIZER, command))
    if answer.a != "accepted":
        raise RuntimeError(f"{type(command).__name__}: {answer}")


# ---------------------------------------------------------------- the play


class CityPlay(StagePlay):
    """A stage of one trade of the funnel."""

    async def prepare(self) -> list[tuple[str, str]]:
        """The final's sessions are planned once it is known who goes on; then as everywhere."""
        if self.stage == FINAL:
            await self._plan()
        return await super().prepare()

    async def _plan(self) -> None:
        async with self.desk.reading() as state:
            going = self.entries(state)
        order = Random(dice(self.edition.seed, "plan", self.trade)).sample(going, len(going))
        sessions: list[Record] = []
        for start in range(0, len(order), BATCH):
            number = start // BATCH + 1
            stations = {entry: f"{i:02d}" for i, entry in enumerate(order[start : start + BATCH], 1)}
            session = Session(
                id=f"s{number:03d}",
                trade=self.trade,
                stage=FINAL,
                component="practice",
                name=words(f"第{number}场", f"Session {number}"),
                batch=number,
                day=DAYS[(number - 1) % len(DAYS)],
                minutes=120,
                stations=stations,
            )
            sessions.append(session)
        items = tuple(e.Define(kind="session", id=key_of("session", s), value=as_value(s)) for s in sessions)
        await self.edition.do(ORGANIZER, e.DefineAll(items=items))

    async def given(self, units: list[tuple[str, str]]) -> None:
        """The exam's marks, a whole list at once; whoever did not come is absent."""
        if self.stage != HEAT:
            return
        rows = tuple((unit, *self.exam(code, unit)) for code, unit in units)
        digest = hashlib.sha256(repr(rows).encode()).hexdigest()
        command = e.ImportScores(stream=self.name, component="exam", digest=digest, rows=rows)
        answer = await self.by("clerk", command)
        await self.by("chief", e.ConfirmScores(stream=self.name, n=answer.n))

    def exam(self, code: str, unit: str) -> tuple[str | None, str]:
        """A mark in halves, the sum of four throws, so that many tie in the middle; or absent."""
        if unit in self.absent:
            return None, "absent"
        throws = dice(self.edition.seed, "exam", self.name, code)
        return show(
            Fraction(sum(throws >> shift & 63 for shift in (0, 6, 12, 18)), 3).limit_denominator(2)
        ), ""


async def play(edition: Edition, funnel: Funnel) -> int:
    """Every heat, the cuts, every final; how many went on."""
    trades = [trade_of(number) for number in range(funnel.trades)]
    edition.staged = CityPlay
    await edition.play([(trade, HEAT) for trade in trades])
    for number, trade in enumerate(trades):
        cut = e.Advance(trade=trade, stage=HEAT, group=GROUP, to=FINAL, count=funnel.places(number))
        await edition.do(ORGANIZER, cut)
    await edition.play([(trade, FINAL) for trade in trades])
    return sum(len(went.entries) for went in edition.desk.state.advanced.values())
