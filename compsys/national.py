"""A competition in the shape of the First National Skills Competition (2020), made from a seed.

Real are the facts in ``fixtures/national-2020*.csv``: 86 trades with their team sizes, 36 delegations, 2,557
competitors, about 2,300 judges, three days. Invented are all people, who enters where, the schemes and the
sessions. ``Shape`` makes a smaller one of the same make.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

from compsys.records import (
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
from compsys.synthetic import person, table, words
from compsys.synthetic_schemes import LETTERS, points, worldskills
from compsys.vault import Identity
from scoring_rules import profiles
from scoring_rules.exact import show, total
from scoring_rules.scheme import Scheme, criterion_total
from scoring_rules.scheme_data import to_data

STAGE = "final"
GROUP = "open"
COMPETITION = "national-2020"
FEWEST = 14
"""Entries of a trade at least."""
REGULAR = {"worldskills": 3, "national": 5}
"""Regular judges of a panel; each panel has one reserve besides, who steps in for a recused one."""
Role = Literal["judge", "lead", "reserve", "chief", "clerk", "floor"]
OFFICIALS: tuple[tuple[Role, str], ...] = (("chief", "CE"), ("clerk", "CL"), ("floor", "FL"))


@dataclass(frozen=True, slots=True)
class Plan:
    """A trade as the facts have it: code, track (worldskills, national), name, persons per entry."""

    code: str
    track: str
    name: Words
    number: str
    size: int

    @property
    def id(self) -> str:
        """Its id: the code in small letters; names repeat between the tracks."""
        return self.code.lower()


@dataclass(frozen=True, slots=True)
class Shape:
    """How big: which trades (empty: all), competitors in all (0: as in 2020), per cent of a scheme."""

    trades: tuple[str, ...] = ()
    competitors: int = 0
    share: int = 100


SMALL = Shape(("w03", "w17", "w23", "g04"), 80, 12)
"""A reduced one for tests: a trio, a single, a pair and a trade marked in points."""


def facts() -> dict[str, str]:
    """What is known of the event, by name."""
    return {row["fact"]: row["value"] for row in table("national-2020.csv")}


def plans(shape: Shape = Shape()) -> list[Plan]:
    """The trades, in the order of the facts; KeyError for one that is not among them."""
    known = {
        plan.id: plan
        for plan in (
            Plan(r["code"], r["track"], words(r["zh"], r["en"]), r["number"], int(r["team_size"]))
            for r in table("national-2020-trades.csv")
        )
    }
    return [known[trade] for trade in shape.trades] if shape.trades else list(known.values())


def fields(random: Random, found: list[Plan], competitors: int, most: int) -> dict[str, int]:
    """Trade -> number of entries, at most ``most`` each, so that their members are ``competitors`` in all.

    ValueError when no numbers do that.
    """
    persons = sum(plan.size for plan in found)
    low = min(FEWEST, max(3, competitors // persons - 2))
    if not persons * low <= competitors <= persons * most:
        raise ValueError(f"{competitors} competitors")
    usual = competitors // persons
    spread = min(usual - low, most - usual)
    sizes = {plan.id: usual + random.randint(-spread, spread) for plan in found}
    left = competitors - sum(sizes[plan.id] * plan.size for plan in found)
    while left:
        # One step nearer at a time, in a trade that can take it; singles make up what teams cannot.
        step = 1 if left > 0 else -1
        able = [p for p in found if low <= sizes[p.id] + step <= most and p.size <= abs(left)]
        if not able:
            raise ValueError(f"{competitors} competitors")
        chosen = random.choice(able)
        sizes[chosen.id] += step
        left -= step * chosen.size
    return sizes


class Maker:
    """What has been made so far: set-up, persons, and the source of chance."""

    def __init__(self, seed: object) -> None:
        self.random = Random(f"national {seed}")
        self.seed = seed
        self.setup = Setup()
        self.persons: dict[str, Identity] = {}
        self.delegations: list[str] = []
        self.whole: set[str] = set()
        """delegations that enter every trade"""

    def put(self, kind: str, record: Record) -> None:
        """One more record."""
        if isinstance(record, Competition):
            self.setup.competition = record
        self.setup.records.setdefault(kind, {})[key_of(kind, record)] = record

    def token(self, prefix: str) -> str:
        """A random id."""
        return f"{prefix}{self.random.getrandbits(48):012x}"

    def person(self) -> str:
        """One more person; the id."""
        who = self.token("p")
        self.persons[who] = person(self.random, len(self.persons))
        self.put("person", Person(id=who))
        return who

    def judge(self, *ties: str) -> str:
        """One more judge; the id."""
        judge = Judge(id=self.token("j"), person=self.person(), affiliations=ties)
        self.put("judge", judge)
        return judge.id

    # ------------------------------------------------------------ the competition

    def competition(self, days: int) -> tuple[str, ...]:
        """The competition and its delegations; its days."""
        known = facts()
        first = date.fromisoformat(known["first_day"])
        dates = tuple((first + timedelta(day)).isoformat() for day in range(days))
        host = Organiser(
            words("人力资源和社会保障部", "Ministry of Human Resources and Social Security"), "host"
        )
        self.put(
            "competition",
            Competition(
                id=COMPETITION,
                name=words(known["zh"], known["en"]),
                days=dates,
                organisers=(host,),
                table_orders=("gold_first", "points"),
                place=words(known["city_zh"], known["city_en"]),
            ),
        )
        for row in table("national-2020-delegations.csv"):
            made = Delegation(
                id=row["id"], name=words(row["zh"], row["en"]), code=row["code"], kind=row["kind"]
            )
            self.put("delegation", made)
            self.delegations.append(made.id)
        provinces = [row["id"] for row in table("national-2020-delegations.csv") if row["kind"] == "province"]
        self.whole = set(self.random.sample(provinces, int(known["provinces_in_all_trades"])))
        return dates

    def profile(self, track: str, components: tuple[str, ...]) -> None:
        """The national rule profile with the tie keys that the track's modules give, and its signing chain.

        Ties are broken by the modules, the last one first (china.md section 4, by module marks).
        """
        shipped = profiles.load("cn-national").text
        keys = ", ".join(f'["{key}", "desc"]' for key in ("total", *(f"component:{c}" for c in components)))
        text = "\n".join(_changed(line, track, keys) for line in shipped.split("\n"))
        profiles.parse(text, track)
        self.put("profile", ProfileRecord(id=f"national-{track}", text=text))

    # ------------------------------------------------------------ a trade

    def trade(self, order: int, plan: Plan, entries: int, days: tuple[str, ...], share: int) -> None:
        """A trade with everything that opening it needs."""
        self.put("trade", Trade(id=plan.id, name=plan.name, number=plan.number or plan.code, order=order))
        stage = Stage(id=STAGE, trade=plan.id, name=words("决赛", "Final"), feed={"public": "published"})
        self.put("stage", stage)
        scheme, components = self.rules(plan, share)
        self.put("scheme", SchemeRecord(id=plan.id, scheme=to_data(scheme)))
        group = Group(
            id=GROUP,
            trade=plan.id,
            stage=STAGE,
            name=words("公开组", "Open"),
            scheme=plan.id,
            profile=f"national-{plan.track}",
            components=components,
        )
        self.put("group", group)
        self.sessions(plan, components, self.entries(order, plan, entries), days)
        for criterion in scheme.criteria:
            self.panel(plan, criterion.key)
        for role, label in OFFICIALS:
            self.seat(plan, role, label, role, "panel", self.judge())

    def rules(self, plan: Plan, share: int) -> tuple[Scheme, tuple[Component, ...]]:
        """A trade's scheme, and the components it is shared out to."""
        title = {lang: f"{text} {_SCHEME[lang]}" for lang, text in plan.name.items()}
        seed = f"{self.seed} {plan.code}"
        if plan.track == "national":
            theory = Component(id="theory", name=words("理论", "Theory"), source="imported", weight="0.2")
            practice = Component(id="practice", name=words("实操", "Practice"), weight="0.8")
            return points(seed, title, "ABCD", 2, 3 if share == 100 else 1), (practice, theory)
        scheme = worldskills(seed, title, share)
        components = []
        for number, pair in enumerate(zip(LETTERS[::2], LETTERS[1::2], strict=True), 1):
            top = total(criterion_total(c) for c in scheme.criteria if c.key in pair)
            name = words(f"模块{number}", f"Module {number}")
            components.append(Component(id=f"m{number}", name=name, max=show(top), criteria=pair))
        return scheme, tuple(components)

    def entries(self, order: int, plan: Plan, count: int) -> list[Entry]:
        """So many delegations enter, each with one person or team."""
        rest = [d for d in self.delegations if d not in self.whole]
        chosen = sorted(self.whole)[:count]
        chosen += self.random.sample(rest, count - len(chosen))
        made = []
        for i, delegation in enumerate(sorted(chosen, key=self.delegations.index), 1):
            members = tuple(Membership(person=self.person()) for _ in range(plan.size))
            called = self.setup.delegations[delegation].name
            entry = Entry(
                id=self.token("e"),
                trade=plan.id,
                delegation=delegation,
                bib=f"{order:02d}{i:02d}",
                members=members,
                name={lang: f"{text}{_TEAM[lang]}" for lang, text in called.items()} if plan.size > 1 else {},
            )
            self.put("entry", entry)
            made.append(entry)
        return made

    def sessions(
        self, plan: Plan, components: tuple[Component, ...], entries: list[Entry], days: tuple[str, ...]
    ) -> None:
        """A module a day for everybody; or one practice in two batches."""
        drawn = self.random.sample(entries, len(entries))
        stations = {entry.id: f"{i:02d}" for i, entry in enumerate(drawn, 1)}
        if plan.track == "worldskills":
            runs = [(c, n, stations, days[(n - 1) % len(days)]) for n, c in enumerate(components, 1)]
        else:
            half = -(-len(drawn) // 2)
            parts = [dict(list(stations.items())[:half]), dict(list(stations.items())[half:])]
            runs = [(components[0], n, part, days[n - 1]) for n, part in enumerate(parts, 1)]
        for component, number, part, day in runs:
            session = Session(
                id=f"s{number}",
                trade=plan.id,
                stage=STAGE,
                component=component.id,
                name=words(f"第{'一二三'[number - 1]}场", f"Session {number}"),
                batch=number,
                day=day,
                start="09:00",
                minutes=300,
                stations=part,
            )
            self.put("session", session)

    def panel(self, plan: Plan, letter: str) -> None:
        """The panel of a criterion: its judges of different delegations, and a reserve."""
        count = REGULAR[plan.track]
        ties = self.random.sample(self.delegations, count + 1)
        panel = f"panel-{letter.lower()}"
        name = words(f"评分{letter}组", f"Panel {letter}")
        self.put("panel", Panel(id=panel, trade=plan.id, stage=STAGE, name=name, subs=(letter,)))
        for i in range(1, count + 1):
            role: Role = "lead" if i == 1 else "judge"
            self.seat(plan, f"{letter.lower()}{i}", f"{letter}{i}", role, panel, self.judge(ties[i - 1]))
        self.seat(plan, f"{letter.lower()}r", f"{letter}R", "reserve", panel, self.judge(ties[count]))

    def seat(self, plan: Plan, key: str, label: str, role: Role, panel: str, judge: str) -> None:
        """One seat of a trade."""
        seat = Seat(id=key, trade=plan.id, stage=STAGE, panel=panel, label=label, role=role, judge=judge)
        self.put("seat", seat)


_SCHEME = words("评分方案", "marking scheme")
_TEAM = words("队", " team")
_CHAINS = {"worldskills": '["seats", "chief"]', "national": '["seats", "lead", "chief", "supervisor"]'}


def _changed(line: str, track: str, keys: str) -> str:
    """A line of the shipped profile as the track has it."""
    if line.startswith("id ="):
        return f'id = "national-{track}"'
    if line.startswith("keys ="):
        return f"keys = [{keys}]"
    return f"chain = {_CHAINS[track]}" if line.startswith("chain =") else line


def make(seed: object, shape: Shape = Shape()) -> tuple[Setup, dict[str, Identity]]:
    """The whole set-up and who the persons are: the same for the same seed and shape.

    KeyError for a trade that is not among the facts; ValueError where the trades cannot hold the competitors.
    """
    maker = Maker(seed)
    known = facts()
    days = maker.competition(int(known["days"]))
    maker.profile("worldskills", ("m3", "m2", "m1"))
    maker.profile("national", ("practice", "theory"))
    found = plans(shape)
    persons = sum(plan.size for plan in found)
    usual = int(known["competitors"]) * persons // sum(plan.size for plan in plans())
    sizes = fields(maker.random, found, shape.competitors or usual, len(maker.delegations))
    for order, plan in enumerate(found, 1):
        maker.trade(order, plan, sizes[plan.id], days, shape.share)
    return maker.setup, maker.persons
