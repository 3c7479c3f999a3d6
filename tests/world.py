"""A small world for tests: a state, seeded ids, a simulated clock, and short words for commands."""

from __future__ import annotations

import random
from typing import Any

from compsys import core, seal
from compsys import events as e
from compsys.clock import text
from compsys.records import KINDS, key_of
from compsys.state import Cell, Sheet, State, Stream
from scoring_rules import profiles

OFFICE = e.Actor(kind="office", id="office")
ORGANIZER = e.Actor(kind="account", id="lin", roles=("organizer",))
MAIN = "cooking.final.main"

LEVELS = tuple({"en": word} for word in ("below", "meets", "exceeds", "excellent"))


def scheme() -> dict[str, Any]:
    """Two criteria: A1 judged (two aspects) and B1 agreed (pass/fail, count); C1 points."""
    judged = [
        {
            "key": f"A1.J{i}",
            "title": {"en": f"Look {i}"},
            "method": "judgement",
            "max": "10",
            "descriptors": list(LEVELS),
        }
        for i in (1, 2)
    ]
    agreed = [
        {
            "key": "B1.M1",
            "title": {"en": "Clean"},
            "method": "agreed",
            "max": "30",
            "measure": {"kind": "pass_fail", "params": {}},
        },
        {
            "key": "B1.M2",
            "title": {"en": "Pieces"},
            "method": "agreed",
            "max": "20",
            "measure": {"kind": "count", "params": {"possible": "4"}},
        },
    ]
    points = [
        {"key": f"C1.P{i}", "title": {"en": f"Taste {i}"}, "method": "points", "max": "15", "step": "0.5"}
        for i in (1, 2)
    ]
    return {
        "title": {"en": "Cooking"},
        "criteria": [
            {
                "key": "A",
                "title": {"en": "Look"},
                "subs": [{"key": "A1", "title": {"en": "Look"}, "aspects": judged}],
            },
            {
                "key": "B",
                "title": {"en": "Craft"},
                "subs": [{"key": "B1", "title": {"en": "Craft"}, "aspects": agreed}],
            },
            {
                "key": "C",
                "title": {"en": "Taste"},
                "subs": [{"key": "C1", "title": {"en": "Taste"}, "aspects": points}],
            },
        ],
    }


class World:
    """A competition of one trade in memory, folded line by line as the desk would."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.state = State(id="c-test")
        self.now = 1_780_000_000_000
        self.lines: list[tuple[str, int, bytes, e.AnyEvent, e.Closed]] = []
        self.devices: dict[str, str] = {}

    def fresh(self) -> str:
        """32 hex from the seed."""
        return f"{self.random.getrandbits(128):032x}"

    def call(self, actor: e.Actor, command: e.Command, key: str = "") -> e.Call:
        """A command with a key of its own and the actor's device."""
        return e.Call(
            key=key or self.fresh(), actor=actor, command=command, device=self.devices.get(actor.id, "")
        )

    def send(self, call: e.Call) -> e.Answer:
        """Decide, seal, apply; the answer as the desk would give it."""
        self.now += 1000
        decided = core.decide(self.state, call, text(self.now), self.fresh)
        if isinstance(decided, e.Refused):
            return e.Answer(k=call.key, a="refused", code=decided.code, params=decided.params)
        if isinstance(decided, e.Answer):
            return decided
        for drafted in decided:
            n, head = self.state.position(drafted.stream)
            if n == 0:
                head = seal.first(self.state.id, drafted.stream)
            open_part, closed_part = e.pack(drafted.event, drafted.closed)
            head = seal.seal(head, open_part, seal.digest(closed_part))
            line = (drafted.stream, n + 1, head, e.unpack(open_part), e.CLOSED_DECODER.decode(closed_part))
            self.lines.append(line)
            core.apply(self.state, *line)
        kept = self.state.keys[call.key]
        return core.again(call.key, kept)

    def do(self, actor: e.Actor, command: e.Command) -> e.Answer:
        """Send a fresh call that must not be refused."""
        answer = self.send(self.call(actor, command))
        assert answer.a != "refused", (answer, command)
        return answer

    def refused(self, actor: e.Actor, command: e.Command) -> str:
        """The code with which a command is refused."""
        answer = self.send(self.call(actor, command))
        assert answer.a == "refused", answer
        return answer.code

    def define(self, kind: str, **value: Any) -> None:
        """Define one record."""
        import msgspec

        record = msgspec.convert(value, KINDS[kind])
        self.do(ORGANIZER, e.Define(kind=kind, id=key_of(kind, record), value=value))

    def seat(self, name: str) -> e.Actor:
        """The actor of a seat of the one stage, enrolled when first asked for."""
        key = f"cooking/final/{name}"
        if key not in self.devices:
            token, device = self.fresh(), self.fresh()
            self.do(ORGANIZER, e.IssueLink(seat=key, token=token, expires="2099-01-01T00:00:00.000Z"))
            self.do(OFFICE, e.Enrol(seat=key, token=token, device=device, device_key="k"))
            self.devices[key] = device
        return e.Actor(kind="seat", id=key, roles=(self.state.setup.seats[key].role,))

    def stream(self) -> Stream:
        """The one stream."""
        return self.state.streams[MAIN]

    def sheet(self, unit: str, sub: str) -> Sheet:
        """A sheet of it."""
        return self.stream().sheets[(unit, sub)]

    def cell(self, unit: str, aspect: str, seat: str, round_: int = 1) -> Cell | None:
        """A cell of it, or None."""
        sub = aspect.split(".")[0]
        return self.sheet(unit, sub).cells.get(
            (aspect, seat if seat == "*" else f"cooking/final/{seat}", round_)
        )

    def mark(self, seat: str, unit: str, aspect: str, value: str | None, **more: Any) -> e.Answer:
        """One seat's value, on top of the newest one unless ``base`` says otherwise."""
        sheet = self.sheet(unit, aspect.split(".")[0])
        round_ = more.pop("round", sheet.rounds.get(aspect, 1))
        who = "*" if aspect.startswith("B") else more.pop("whose", f"cooking/final/{seat}")
        cell = sheet.cells.get((aspect, who, round_))
        base = more.pop("base", cell.rev if cell else 0)
        command = e.Mark(
            stream=MAIN, unit=unit, aspect=aspect, seat=who, round=round_, value=value, base=base, **more
        )
        return self.send(self.call(self.seat(seat), command))

    def sign(self, seat: str, unit: str, sub: str) -> e.Answer:
        """One seat's signature."""
        return self.send(
            self.call(self.seat(seat), e.Sign(stream=MAIN, unit=unit, sub=sub, seat=f"cooking/final/{seat}"))
        )


def with_totals() -> str:
    """A rule book as worldskills-2026 under which a judge's tablet shows a running total."""
    text = profiles.load("worldskills-2026").text.replace('id = "worldskills-2026"', 'id = "with-totals"')
    return f'{text}\n[tablet]\nown_total = "shown"\n'


def set_up(
    world: World,
    entries: int = 3,
    profile: str = "worldskills-2026",
    theory: bool = False,
    own: str = "",
    **stage: Any,
) -> World:
    """One trade with three judges, a reserve, a chief and a clerk; entries e1.. of delegations d1.. .

    ``own``: the text of a rule book of the organizers' own, which ``profile`` then names.
    """
    components: list[dict[str, Any]] = [{"id": "practice", "name": {"en": "Practice"}}]
    if theory:
        components = [
            {"id": "theory", "name": {"en": "Theory"}, "source": "imported", "weight": "0.3"},
            {"id": "practice", "name": {"en": "Practice"}, "weight": "0.7"},
        ]
    world.define("competition", id="c-test", name={"en": "Test"}, days=["2026-05-01"])
    world.define("trade", id="cooking", name={"en": "Cooking"})
    world.define("stage", id="final", trade="cooking", name={"en": "Final"}, **stage)
    world.define("scheme", id="cooking", scheme=scheme())
    if own:
        world.define("profile", id=profile, text=own)
    world.define(
        "group", id="open", trade="cooking", stage="final", name={"en": "Open"}, scheme="cooking",
        profile=profile, components=components,
    )  # fmt: skip
    world.define("panel", id="panel", trade="cooking", stage="final", name={"en": "Panel"})
    for i in range(1, entries + 1):
        world.define("delegation", id=f"d{i}", name={"en": f"Delegation {i}"})
        world.define("person", id=f"p{i}")
        world.define("entry", id=f"e{i}", trade="cooking", delegation=f"d{i}", members=[{"person": f"p{i}"}])
    seats = {
        "s1": "lead",
        "s2": "judge",
        "s3": "judge",
        "s4": "reserve",
        "chief": "chief",
        "clerk": "clerk",
        "clerk2": "clerk",
    }
    for seat, role in seats.items():
        world.define("seat", id=seat, trade="cooking", stage="final", panel="panel", label=seat, role=role)
    return world


def opened(entries: int = 3, **how: Any) -> World:
    """A world with marking open and its session running; units u1.. with codes A11.. ."""
    world = set_up(World(how.pop("seed", 1)), entries, **how)
    units = tuple((f"e{i}", f"u{i}", f"A{10 + i}") for i in range(1, entries + 1))
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=units))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    return world


def mark_all(
    world: World, unit: str, judged: str = "2", points: str = "12", passed: str = "pass", count: str = "3"
) -> None:
    """Every value of a unit by every seat, and all signatures."""
    for seat in ("s1", "s2", "s3"):
        for aspect in ("A1.J1", "A1.J2"):
            assert world.mark(seat, unit, aspect, judged).a == "accepted"
        for aspect in ("C1.P1", "C1.P2"):
            assert world.mark(seat, unit, aspect, points).a == "accepted"
    assert world.mark("s1", unit, "B1.M1", passed).a == "accepted"
    assert world.mark("s2", unit, "B1.M2", count).a == "accepted"
    for seat in ("s1", "s2", "s3"):
        for sub in ("A1", "B1", "C1"):
            answer = world.sign(seat, unit, sub)
            assert answer.a == "accepted", answer
