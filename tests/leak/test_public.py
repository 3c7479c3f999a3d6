"""What feed, disclosure or freeze hide changes no public byte: two competitions that differ in nothing else.

The two differ in hidden values and in when and how often they were given: no time, count, version, size or
tag may tell. Public is every page and JSON that anybody may ask, and the sockets of the boards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from compsys import boards, boards_feed
from compsys import events as e
from compsys.clock import text
from tests.leak.crawl import urls
from tests.leak.visitors import START, House, Record, differences, played, without_chance
from tests.web.venue import Recorded
from tests.world import MAIN, ORGANIZER, set_up
from web.access import ANYONE
from web.app import declarations

SEATS = ("s1", "s2", "s3")
STAGE: dict[str, Any] = {"trade": "cooking", "stage": "final", "group": "open"}
TOPICS = ("board:cooking/final/open", "medals:gold_first", "medals:total")
EXTRA = ("/board/cooking/final/open?mode=wall", "/medals?order=total", "/?lang=en")


@dataclass(frozen=True)
class Facts:
    """What is hidden: values, how often they were set, and when (seconds after the moment)."""

    judged: str = "2"
    points: str = "12"
    again: int = 0
    """so many values are set once more"""
    pace: int = 1
    """seconds between two acts"""


class Day:
    """The acts of a marking day, each at its own second."""

    def __init__(self, house: House, facts: Facts) -> None:
        self.house, self.facts = house, facts

    async def act(self, seat: str, command: e.Command) -> None:
        """One act of a seat."""
        await asyncio.sleep(self.facts.pace)
        self.house.now += self.facts.pace * 1000
        visitor = self.house.visitors[seat]
        await self.house.do(visitor.actor, command, visitor.device)

    async def mark(self, seat: str, unit: str, aspect: str, value: str, base: int = 0) -> None:
        who = "*" if aspect.startswith("B") else f"cooking/final/{seat}"
        cell: dict[str, Any] = {"unit": unit, "aspect": aspect, "seat": who, "round": 1}
        await self.act(seat, e.Mark(stream=MAIN, **cell, value=value, base=base))

    async def give(self, unit: str, facts: Facts) -> None:
        """Every value of a unit by every seat."""
        for seat in SEATS:
            for aspect in ("A1.J1", "A1.J2"):
                await self.mark(seat, unit, aspect, facts.judged)
            for aspect in ("C1.P1", "C1.P2"):
                await self.mark(seat, unit, aspect, facts.points)
        await self.mark("s1", unit, "B1.M1", "pass")
        await self.mark("s2", unit, "B1.M2", "3")
        for base in range(1, 1 + facts.again):
            await self.mark("s3", unit, "B1.M2", str(base), base)

    async def sign(self, unit: str, *subs: str) -> None:
        """All signatures of a unit's sheets."""
        for sub in subs or ("A1", "B1", "C1"):
            for seat in SEATS:
                await self.act(seat, e.Sign(stream=MAIN, unit=unit, sub=sub, seat=f"cooking/final/{seat}"))

    async def finished(self, unit: str, facts: Facts) -> None:
        """A unit marked and signed."""
        await self.give(unit, facts)
        await self.sign(unit)

    async def publish(self, rank: Any, audience: Any) -> None:
        """A version for an audience."""
        confirmed = "cooking/final/chief" if rank == "official" else ""
        await self.house.do(
            ORGANIZER, e.Publish(**STAGE, rank=rank, audience=audience, confirmed_by=confirmed)
        )


Act = Callable[[Day, Facts], Awaitable[None]]


@dataclass(frozen=True)
class Case:
    """Settings of the stage; what everybody may know, what is hidden, and what makes the hidden public."""

    stage: dict[str, Any]
    before: Act
    hidden: Act
    after: Act


COMMON = Facts()
"""What is the same in both."""


async def one_finished(day: Day, facts: Facts) -> None:
    await day.finished("u1", COMMON)


async def given_unsigned(day: Day, facts: Facts) -> None:
    """Marks of u2 revealed and agreed, two of its three sheets' signatures incomplete."""
    await day.give("u2", facts)
    for sub in ("A1", "B1", "C1"):
        seat = SEATS[0]
        await day.act(seat, e.Sign(stream=MAIN, unit="u2", sub=sub, seat=f"cooking/final/{seat}"))


async def signed(day: Day, facts: Facts) -> None:
    for sub in ("A1", "B1", "C1"):
        for seat in SEATS[1:]:
            await day.act(seat, e.Sign(stream=MAIN, unit="u2", sub=sub, seat=f"cooking/final/{seat}"))


async def nothing(day: Day, facts: Facts) -> None:
    """Nothing."""


async def two_more(day: Day, facts: Facts) -> None:
    await day.finished("u2", facts)
    await day.finished("u3", COMMON)


async def locked(day: Day, facts: Facts) -> None:
    await day.act("chief", e.Lock(stream=MAIN, scope="stage"))


async def two_and_lock(day: Day, facts: Facts) -> None:
    await two_more(day, facts)
    await locked(day, facts)


async def all_and_delegations(day: Day, facts: Facts) -> None:
    """Everything marked, locked and released to the delegations."""
    await two_more(day, facts)
    await locked(day, facts)
    await day.publish("provisional", "delegations")


async def provisional(day: Day, facts: Facts) -> None:
    await day.publish("provisional", "public")


async def provisional_for_all(day: Day, facts: Facts) -> None:
    await two_more(day, facts)
    await locked(day, facts)
    await day.publish("provisional", "public")


async def official(day: Day, facts: Facts) -> None:
    await day.publish("official", "public")


async def finished_and_frozen(day: Day, facts: Facts) -> None:
    await day.finished("u1", COMMON)
    await day.house.do(ORGANIZER, e.Freeze(stream=MAIN, on=True, reason="the ceremony"))


async def thawed(day: Day, facts: Facts) -> None:
    await day.house.do(ORGANIZER, e.Freeze(stream=MAIN, on=False))


CASES = {
    "signed": Case({"feed": {"public": "signed"}}, one_finished, given_unsigned, signed),
    "none until final": Case({"disclosure": "none_until_final"}, one_finished, two_and_lock, official),
    "released": Case({"feed": {"public": "released"}}, one_finished, all_and_delegations, provisional),
    "published": Case({"feed": {"public": "published"}}, one_finished, provisional_for_all, official),
    "named, signed": Case({"disclosure": "named_live"}, one_finished, given_unsigned, signed),
    "frozen at signed": Case({"feed": {"public": "signed"}}, finished_and_frozen, two_more, thawed),
    "frozen at revealed": Case({"feed": {"public": "revealed"}}, finished_and_frozen, two_more, thawed),
}


def world(stage: dict[str, Any]) -> Recorded:
    """Three judges, three units; marking open."""
    built = Recorded()
    set_up(built, entries=3, **stage)
    units = tuple((entry, f"u{i}", f"A{10 + i}") for i, entry in enumerate(built.state.setup.entries, 1))
    built.do(ORGANIZER, e.Draw(stream=MAIN, units=units))
    built.do(ORGANIZER, e.Open(stream=MAIN))
    built.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    return built


async def look(house: House, name: str) -> None:
    """A spectator of this name asks every page that anybody may see."""
    visitor = house.public(name)
    pages = [
        url
        for route in declarations()
        if route.method == "GET" and route.roles == ANYONE and "static" not in route.path
        for url in urls(route)
    ]
    answers = [(await visitor.ask("GET", url))[0] for url in [*pages, *EXTRA]]
    assert answers.count(200) >= 6, answers


def run(directory: Path, case: Case, facts: Facts) -> tuple[Record, Record]:
    """What the public was told until the hidden was shown, and after it."""

    async def script(house: House) -> None:
        for seat in (*SEATS, "chief"):
            await house.seat(seat)
        day = Day(house, facts)
        async with AsyncExitStack() as stack:
            await house.at(10)
            for topic in TOPICS:
                await stack.enter_async_context(
                    house.public(f"screen {topic}").socket(f"/live/board?topic={topic}")
                )
            await look(house, "first")
            day.facts = COMMON
            await case.before(day, COMMON)
            await house.at(1000)
            await look(house, "before")
            day.facts = facts
            await case.hidden(day, facts)
            await house.at(2000)
            await look(house, "hidden")
            marks.update({who: len(told) for who, told in house.record.items()})
        for topic in TOPICS:  # who comes now is told no more than who was there
            async with house.public(f"late {topic}").socket(f"/live/board?topic={topic}"):
                pass
        marks.update({who: len(told) for who, told in house.record.items() if who.startswith("late")})
        await case.after(day, facts)
        await house.at(9000)
        await look(house, "after")

    marks: dict[str, int] = {}
    with pytest.MonkeyPatch.context() as patch:
        without_chance(patch)
        record = played(directory, world(case.stage), script)
    public = {
        who: told[: marks[who]]
        for who, told in record.items()
        if who in marks and who not in (*SEATS, "chief")
    }
    return public, {"after": record["after"]}


OTHER = Facts(judged="3", points="7.5", again=3, pace=7)


@pytest.mark.parametrize("name", CASES)
def test_what_is_hidden_changes_no_public_byte(name: str, tmp_path: Path) -> None:
    (one, shown), (other, also) = (
        run(tmp_path / str(facts.pace), CASES[name], facts) for facts in (COMMON, OTHER)
    )
    assert {"first", "before", "hidden", "log", *(f"screen {t}" for t in TOPICS)} <= one.keys()
    assert differences(one, other) == []
    assert one["before"] != one["first"] or name not in ("signed", "named, signed"), "nothing was ever shown"
    assert differences(shown, also) != [], "what was hidden never came out: the two do not differ"


def wrong_level(patch: pytest.MonkeyPatch) -> None:
    """The public gets ``revealed`` where ``signed`` was set."""
    patch.setattr(boards_feed, "level_of", lambda feed, audience: "revealed")


def wrong_time(patch: pytest.MonkeyPatch) -> None:
    """The clock of a board moves with every line."""
    patch.setattr(boards_feed, "_time", lambda stream, level, cut: text(START + stream.n * 1000))


def wrong_version(patch: pytest.MonkeyPatch) -> None:
    """Every drawing counts as a change."""
    real = boards.change
    empty: boards.Change = {"set": {}, "rows": {}}
    patch.setattr(boards, "change", lambda old, new, touched=None: real(old, new, touched) or empty)


@pytest.mark.parametrize("leak", [wrong_level, wrong_time, wrong_version])
def test_a_planted_leak_is_found(
    leak: Callable[[pytest.MonkeyPatch], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leak(monkeypatch)
    (one, _), (other, _) = (run(tmp_path / f"{f.pace}", CASES["signed"], f) for f in (COMMON, OTHER))
    assert differences(one, other) != []
