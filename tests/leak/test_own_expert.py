"""A competitor's own expert is told nothing of another delegation: two competitions that differ in its facts.

What differs is the other competitor's marks, notes, signatures, acceptance, dispute, answer; on every page
that the expert's seat may ask, and on those it may not, no byte does. The one thing that this seat learns
under blind marking is which codes are its own delegation's (docs/security.md): that is held as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from compsys import acceptance
from compsys import events as e
from compsys.state import SeatState, State, Stream, Unit
from scoring_rules.profiles import load
from tests.leak.crawl import crawl
from tests.leak.visitors import House, Record, differences, played, without_chance
from tests.web.venue import Recorded
from tests.world import MAIN, ORGANIZER, set_up

JUDGES = ("s1", "s2", "s3")


@dataclass(frozen=True)
class Other:
    """What is done about the other delegation's competitor, A12."""

    judged: str = "2"
    measured: str = "3"
    note: str = "fine"
    signed: bool = True
    words: str = ""
    """of a dispute, which is answered; "" = accepted"""
    code: str = "A12"
    heard: str = "agrees"


def world(other: Other) -> Recorded:
    """Two delegations with an expert each, under rules that ask for both signatures."""
    text = load("worldskills-2026").text.replace('id = "worldskills-2026"', 'id = "own"')
    asks = 'acceptance = "own_expert"\nshows = "votes"\ncompetitor = "all"'
    built = Recorded()
    shut = {"public": "published"}  # what the public is told live is another test's
    text = text.replace("\nchain = [", f"\n{asks}\nchain = [")
    set_up(built, entries=2, feed=shut, profile="own", own=text)
    for i in (1, 2):
        built.define("person", id=f"px{i}")
        built.define("judge", id=f"jx{i}", person=f"px{i}", affiliations=[f"d{i}"])
        of_stage = {"trade": "cooking", "stage": "final", "label": f"X{i}"}
        built.define("seat", id=f"x{i}", role="expert", judge=f"jx{i}", **of_stage)
    units = (("e1", "u1", "A11"), ("e2", "u2", other.code))
    built.do(ORGANIZER, e.Draw(stream=MAIN, units=units))
    built.do(ORGANIZER, e.Open(stream=MAIN))
    built.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    return built


async def marked(house: House, unit: str, judged: str, measured: str, note: str = "") -> None:
    """Every value of a unit."""
    for seat in JUDGES:
        visitor = house.visitors[seat]
        for aspect in ("A1.J1", "A1.J2", "C1.P1", "C1.P2"):
            cell: dict[str, Any] = {"unit": unit, "aspect": aspect, "seat": visitor.actor.id, "round": 1}
            value = judged if aspect.startswith("A") else measured
            mark = e.Mark(stream=MAIN, **cell, value=value, base=0, note=note)
            await house.do(visitor.actor, mark, visitor.device)
    for aspect, value in (("B1.M1", "pass"), ("B1.M2", measured)):
        cell = {"unit": unit, "aspect": aspect, "seat": "*", "round": 1}
        lead = house.visitors["s1"]
        await house.do(lead.actor, e.Mark(stream=MAIN, **cell, value=value, base=0), lead.device)


async def by(house: House, seat: str, command: e.Command) -> None:
    """A command of a seat."""
    visitor = house.visitors[seat]
    await house.do(visitor.actor, command, visitor.device)


async def signed(house: House, unit: str) -> None:
    """All signatures of a unit."""
    for sub in ("A1", "B1", "C1"):
        for seat in JUDGES:
            await by(house, seat, e.Sign(stream=MAIN, unit=unit, sub=sub, seat=f"cooking/final/{seat}"))


def run(directory: Path, other: Other, *, own: bool = True) -> Record:
    """Both are marked; the other one as ``other`` says; then both experts ask everything.

    ``own``: whether the first one's sheets are signed.
    """

    async def script(house: House) -> None:
        for seat in (*JUDGES, "chief", "x1", "x2"):
            await house.seat(seat)
        await marked(house, "u2", other.judged, other.measured, other.note)
        await marked(house, "u1", "3", "2")
        if own:
            await signed(house, "u1")
        if other.signed:
            await signed(house, "u2")
            await settled(house, other)
        await house.at(60)
        for name in ("x1", "x2"):
            assert await crawl(house.visitors[name]) > 3
            async with house.visitors[name].socket("/live/seat") as line:
                assert line.heard == [{"m": "bye", "code": "not_allowed"}]
        for sheet in ("A11/A1", "A12/A1", "Z99/A1"):
            for say in ("accept", "dispute"):
                form = {"csrf": house.visitors["x1"].token, "k": house.key(), "do": say, "reason": "no"}
                await house.visitors["x1"].ask("POST", f"/expert/{sheet}", form)

    return played(directory, world(other), script)


async def settled(house: House, other: Other) -> None:
    """What the other delegation's expert, the chief and the other competitor do."""
    of: dict[str, Any] = {"stream": MAIN, "unit": "u2", "sub": "A1"}
    said = e.Accept(**of, accept=not other.words, words=other.words)
    await by(house, "x2", said)
    if other.words:
        await by(house, "chief", e.AnswerDispute(**of, outcome="stands", words=f"no {other.words}"))
    heard: Any = {"outcome": other.heard, "code": other.code, "words": other.words}
    await by(house, "s1", e.CompetitorSigns(**of, **heard))


def told(directory: Path, other: Other, **how: Any) -> Record:
    """What the first delegation's expert was told in a run without chance."""
    with pytest.MonkeyPatch.context() as patch:
        without_chance(patch)
        record = run(directory, other, **how)
    return {"x1": record["x1"]}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The run that the others are held against."""
    return told(tmp_path_factory.mktemp("base") / "data", Other())


VARIANTS = {
    "marks and notes": Other(judged="0", measured="1", note="burnt"),
    "a dispute, its answer, a refusal": Other(words="far too low", heard="refuses"),
    "no signature": Other(signed=False),
}


@pytest.mark.parametrize("what", list(VARIANTS))
def test_no_byte_of_another_delegation_reaches_an_expert(what: str, base: Record, tmp_path: Path) -> None:
    other = told(tmp_path / "data", VARIANTS[what])
    assert len(other["x1"]) > 20
    assert differences(base, other) == []


def test_the_own_codes_are_told_after_the_signatures_and_no_other_ever(base: Record, tmp_path: Path) -> None:
    def pages(record: Record) -> str:
        return "".join(one.partition("\n\n")[2] for one in record["x1"])

    assert "A11" in pages(base) and "A12" not in pages(base)
    before = told(tmp_path / "data", Other(), own=False)
    assert "A11" not in pages(before) and "A12" not in pages(before)


# ---------------------------------------------------------------- a leak is found


def leak_all_own(patch: pytest.MonkeyPatch) -> None:
    """Every competitor counts as the own one."""

    def leaky(state: State, stream: Stream, seat: SeatState, unit: Unit) -> bool:
        return seat.role == acceptance.EXPERT

    patch.setattr(acceptance, "own", leaky)


@pytest.mark.parametrize("leak", [leak_all_own])
def test_a_planted_leak_is_found(
    leak: Callable[[pytest.MonkeyPatch], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leak(monkeypatch)
    runs = [told(tmp_path / other.judged, other) for other in (Other(), Other(judged="0"))]
    assert differences(*runs)
