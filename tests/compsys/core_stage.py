"""A stage by a seed on the core in memory: rules, people, and the table that hears of every answer."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from compsys import events as e
from scoring_rules import profiles
from tests.naive_core import NaiveCore
from tests.naive_scores import Aspect, Part, Rules
from tests.world import LEVELS, MAIN, ORGANIZER, World

SUPERVISOR = e.Actor(kind="account", id="sun", roles=("supervisor",))
PREFIX = "cooking/final/"

ASPECTS = (
    ("A1.J1", "judgement", "8", "", ""),
    ("A1.J2", "judgement", "7", "", ""),
    ("A2.J3", "judgement", "5", "", ""),
    ("A2.P3", "points", "10", "", "0.25"),
    ("A2.M3", "agreed", "5", "value", "0.5"),
    ("B1.M1", "agreed", "15", "pass_fail", ""),
    ("B1.M2", "agreed", "10", "count", "7"),
    ("B1.M4", "agreed", "10", "deduction", "1.25"),
    ("C1.P1", "points", "15", "", "0.5"),
    ("C1.P2", "points", "15", "", "0.5"),
)
"""key, method, maximum, kind of measure, step or parameter: agreed, judged and pointed, apart and mixed"""

METHOD = {row[0]: row[1] for row in ASPECTS}

TOTAL = ("total", "desc")
PRACTICE, THEORY = ("component:practice", "desc"), ("component:theory", "desc")
BOOKS: dict[str, tuple[str, dict[str, str], Rules]] = {
    "worldskills-2026": ("", {}, Rules("mean", "aspect", 0, 0, 1, (None, None, 2), (TOTAL,), ())),
    "cook-off": (
        "",
        {},
        Rules("trimmed", "sheet", 1, 1, 3, (None, 2, 2), (TOTAL, PRACTICE, THEORY), ()),
    ),
    "cn-national": (
        "",
        {},
        Rules(
            *("trimmed", "sheet", 1, 1, 3, (2, 2, 2), (TOTAL, PRACTICE, THEORY, ("time", "asc"))),
            ("lead", "chief", "supervisor"),
        ),
    ),
    "own-median": (
        "cook-off",
        {
            '"trimmed_mean/1"': '"median/1"',
            '"sheet"': '"component"',
            "high = 1": "high = 0",
            "low = 1": "low = 0",
            "per_component_2dp": "exact",
            'after_rounds = "chief"': 'after_rounds = "median"',
        },
        Rules(
            *("median", "component", 0, 0, 3, (None, None, None), (TOTAL, PRACTICE, THEORY), ()),
            after="median",
        ),
    ),
    "own-trimmed": (
        "cook-off",
        {
            '"sheet"': '"aspect"',
            "max_spread = 1": "max_spread = 2",
            "max_rounds = 3": "max_rounds = 2",
            'after_rounds = "chief"': 'after_rounds = "reserve"',
        },
        Rules(
            *("trimmed", "aspect", 1, 1, 3, (None, 2, 2), (TOTAL, PRACTICE, THEORY), ()),
            limit=2,
            rounds=2,
            after="reserve",
        ),
    ),
}
"""rule book -> (the shipped one it is made of, what is replaced in its text, the same in numbers)"""


def scheme() -> dict[str, Any]:
    """The scheme as data."""

    def aspect(key: str, method: str, top: str, kind: str, given: str) -> dict[str, Any]:
        data: dict[str, Any] = {"key": key, "title": {"en": key}, "method": method, "max": top}
        if method == "judgement":
            data["descriptors"] = list(LEVELS)
        elif method == "points":
            data["step"] = given
        else:
            names = {"count": "possible", "deduction": "deduction", "value": "step"}
            data["measure"] = {"kind": kind, "params": {names[kind]: given} if given else {}}
        return data

    subs: dict[str, list[dict[str, Any]]] = {}
    for row in ASPECTS:
        subs.setdefault(row[0].split(".")[0], []).append(aspect(*row))
    return {
        "title": {"en": "Cooking"},
        "criteria": [
            {
                "key": letter,
                "title": {"en": letter},
                "subs": [
                    {"key": k, "title": {"en": k}, "aspects": v} for k, v in subs.items() if k[0] == letter
                ],
            }
            for letter in "ABC"
        ],
    }


def components(rng: random.Random) -> tuple[list[dict[str, Any]], list[Part]]:
    """The components, as set up and as the table has them."""
    minute = {"kind": "difference", "params": {"target": "0", "difference": "60", "deduction": "1"}}
    taste_apart, timed, theory = rng.random() < 0.5, rng.random() < 0.4, rng.random() < 0.6
    main = ("A1", "A2", "B1") if taste_apart else ("A1", "A2", "B1", "C1")
    found = [
        Part("practice", "marked", Fraction(70 if taste_apart else 100), Fraction("0.7"), main, "practice")
    ]
    if taste_apart:
        found.append(Part("taste", "marked", Fraction(30), Fraction("0.35"), ("C1",), "taste"))
    if theory:
        found.append(Part("theory", "imported", Fraction(100), Fraction("0.3")))
    if timed:
        found.append(Part("speed", "time", Fraction(10), Fraction("0.5"), (), "speed"))
    made = [
        {
            "id": p.id,
            "name": {"en": p.id},
            "source": p.source,
            "max": str(p.top),
            "weight": {"practice": "0.7", "taste": "0.35", "theory": "0.3", "speed": "0.5"}[p.id],
            **({"criteria": sorted({s[0] for s in p.subs})} if p.source == "marked" else {}),
            **({"measure": minute} if p.source == "time" else {}),
        }
        for p in found
    ]
    return made, found


class Act(NamedTuple):
    """Something somebody sent, and what came back."""

    call: e.Call
    answer: e.Answer
    first: bool
    """the key had no line before"""


class Staged:
    """A stage by a seed, the acts so far, and the table that hears of them."""

    def __init__(self, seed: int, watch: Callable[[Any], None] = lambda day: None) -> None:
        self.rng = rng = random.Random(f"day {seed}")
        self.world = World(seed)
        self.watch = watch
        """called after every delivery"""
        self.book = rng.choice(list(BOOKS))
        judges = rng.choice((3, 3, 4, 5))
        self.markers = [f"{PREFIX}s{i}" for i in range(1, judges + 3)]
        """all that may mark; the last two are reserves"""
        self.units = [f"u{i}" for i in range(1, rng.randint(2, 4))]
        roles = ["lead"] + ["judge"] * (judges - 1) + ["reserve"] * 2
        self.roles = dict(zip(self.markers, roles, strict=True)) | {
            PREFIX + name: name.rstrip("2") for name in ("chief", "clerk", "clerk2")
        }
        made, self.parts = components(rng)
        blocked: dict[str, tuple[str, ...]] = {}
        if rng.random() < 0.3:
            blocked[rng.choice(self.markers)] = ("d1",)
        self._set_up(made, blocked)
        aspects = [
            Aspect(k, k.split(".")[0], method, Fraction(top), kind, Fraction(given or "0"))
            for k, method, top, kind, given in ASPECTS
        ]
        self.naive = NaiveCore(
            BOOKS[self.book][2],
            {unit: f"d{unit[1:]}" for unit in self.units},
            {seat: (role, blocked.get(seat, ())) for seat, role in self.roles.items()},
            aspects,
            self.parts,
        )
        self.acts: list[Act] = []
        self.send(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))

    def _set_up(self, made: list[dict[str, Any]], blocked: dict[str, tuple[str, ...]]) -> None:
        world, rng = self.world, self.rng
        world.define("competition", id="c-test", name={"en": "Test"})
        world.define("trade", id="cooking", name={"en": "Cooking"})
        feed = rng.choice(({"public": "signed"}, {"public": "revealed"}, {"public": "released"}))
        world.define("stage", id="final", trade="cooking", name={"en": "Final"}, feed=feed)
        world.define("scheme", id="cooking", scheme=scheme())
        source, changes, _ = BOOKS[self.book]
        if source:
            text = profiles.load(source).text.replace(f'id = "{source}"', f'id = "{self.book}"')
            for old, new in changes.items():
                assert text.count(old) >= 1, old
                text = text.replace(old, new)
            world.define("profile", id=self.book, text=text)
        group = {"id": "open", "trade": "cooking", "stage": "final", "name": {"en": "Open"}}
        world.define("group", **group, scheme="cooking", profile=self.book, components=made)
        mode = rng.choice(("own", "own", "panel"))
        world.define("panel", id="panel", trade="cooking", stage="final", name={"en": "P"}, mode=mode)
        for unit in self.units:
            i = unit[1:]
            world.define("delegation", id=f"d{i}", name={"en": f"D{i}"})
            world.define("person", id=f"p{i}")
            world.define(
                "entry", id=f"e{i}", trade="cooking", delegation=f"d{i}", members=[{"person": f"p{i}"}]
            )
        for seat, role in self.roles.items():
            name = seat.removeprefix(PREFIX)
            more = {}
            if seat in blocked:
                world.define("person", id=f"pj{name}")
                world.define("judge", id=f"j{name}", person=f"pj{name}", affiliations=list(blocked[seat]))
                more = {"judge": f"j{name}"}
            world.define("seat", id=name, trade="cooking", stage="final", label=name, role=role, **more)
        for seat in self.roles:
            world.seat(seat.removeprefix(PREFIX))
        units = tuple((f"e{u[1:]}", u, f"A{10 + int(u[1:])}") for u in self.units)
        world.do(ORGANIZER, e.Draw(stream=MAIN, units=units))
        world.do(ORGANIZER, e.Open(stream=MAIN))

    # ------------------------------------------------------------ sending

    def actor(self, seat: str) -> e.Actor:
        """A seat as an actor."""
        return self.world.seat(seat.removeprefix(PREFIX))

    def deliver(self, call: e.Call) -> e.Answer:
        """Send a call; the table hears of it when it was the first of its key and not refused."""
        first = call.key not in self.world.state.keys
        answer = self.world.send(call)
        self.acts.append(Act(call, answer, first))
        if answer.a != "refused" and first:
            self.naive.hear(call.actor.id, call.key, call.command, answer)
        self.watch(self)
        return answer

    def send(self, actor: e.Actor, command: e.Command) -> e.Answer:
        """A fresh call."""
        return self.deliver(self.world.call(actor, command))

    # ------------------------------------------------------------ marks

    def value(self, aspect: str) -> str | None:
        """Mostly legal, seldom cleared, seldom nonsense."""
        what = self.rng.random()
        if what < 0.04:
            return None
        if what < 0.06:
            return self.rng.choice(("99", "-1", "x", "1e1", "", "0.3"))
        _, method, top, kind, _ = next(row for row in ASPECTS if row[0] == aspect)
        if method == "judgement":
            return self.rng.choice("1122223330")
        if kind == "pass_fail":
            return self.rng.choice(("pass", "pass", "fail"))
        if kind == "count":
            return str(self.rng.randint(0, 7))
        if kind == "deduction":
            return str(self.rng.randint(0, 9))
        return f"{self.rng.randint(0, 2 * int(top)) / 2:g}"

    def mark(self, seat: str, unit: str, aspect: str, **more: Any) -> e.Mark:
        """A mark on top of what the table has, unless ``base`` says otherwise."""
        whose = more.pop("whose", seat)
        who = "*" if METHOD[aspect] == "agreed" else whose
        round_ = more.pop("round", self.naive.round.get((unit, aspect), 1))
        base = more.pop("base", len(self.naive.values.get((unit, aspect, who, round_), [])))
        value = more.pop("value") if "value" in more else self.value(aspect)
        return e.Mark(
            stream=MAIN, unit=unit, aspect=aspect, seat=who, round=round_, value=value, base=base, **more
        )
