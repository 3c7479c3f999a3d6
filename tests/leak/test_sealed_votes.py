"""Sealed votes: what four of five seats have voted changes no byte that anybody else is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from compsys import events as e
from compsys import scoring, views
from compsys.evidence import Evidence
from compsys.state import GroupRules, Sheet, State, Stream
from scoring_rules.scheme import Aspect
from tests.leak.crawl import PICTURE, VALUES, crawl, sockets
from tests.leak.visitors import House, Record, Socket, differences, played, without_chance
from tests.web.venue import Recorded
from tests.world import MAIN, ORGANIZER, set_up, with_totals

VOTERS = ("s1", "s2", "s3", "s5")
LAST = "s6"
SECRETIVE = "s5"
"""Whose one vote differs; what this seat itself is told may of course differ."""


@dataclass(frozen=True)
class Votes:
    """What SECRETIVE gives, each unrevealed: two runs differ in one of these."""

    judged: str = "3"
    points: str = "2"
    note: str = "x"
    conflict: str = "0"
    """a second value, of an old base, where the first one stands"""
    late: str = "1"
    """a value for a unit that has withdrawn: in the chief's tray"""
    files: tuple[str, ...] = ()
    """pictures pinned to the one judgement"""

    def items(self, house: House) -> list[dict[str, Any]]:
        """As items of the wire."""
        return [
            mark(house, SECRETIVE, "A1.J1", self.judged, **({"files": self.files} if self.files else {})),
            mark(house, SECRETIVE, "C1.P1", self.points, note=self.note),
            mark(house, SECRETIVE, "A1.J2", self.conflict),
            mark(house, SECRETIVE, "A1.J2", self.late, unit="u2"),
        ]


def world(feed: str = "revealed", mode: str = "own", totals: bool = False) -> Recorded:
    """Five judges, one reserve, chief, clerks and floor; marking open; ``feed``: what the public sees;
    ``mode``: of the panel's tablets; ``totals``: each tablet adds up what its seat knows."""
    built = Recorded()
    own = {"own": with_totals(), "profile": "with-totals"} if totals else {}
    set_up(built, entries=2, feed={"public": feed}, **own)
    if mode != "own":
        of_stage = {"trade": "cooking", "stage": "final", "name": {"en": "Panel"}}
        built.define("panel", id="panel", mode=mode, **of_stage)
    for seat, role in (("s5", "judge"), ("s6", "judge"), ("floor", "floor")):
        built.define("seat", id=seat, trade="cooking", stage="final", panel="panel", label=seat, role=role)
    units = tuple((entry, f"u{i}", f"A{10 + i}") for i, entry in enumerate(built.state.setup.entries, 1))
    built.do(ORGANIZER, e.Draw(stream=MAIN, units=units))
    built.do(ORGANIZER, e.Open(stream=MAIN))
    built.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    gone = e.SetStatus(stream=MAIN, unit="u2", scope="stage", status="withdrawn", reason="ill")
    built.do(ORGANIZER, gone)
    return built


def mark(house: House, seat: str, aspect: str, value: str, unit: str = "u1", **more: Any) -> dict[str, Any]:
    """A mark as an item of the wire."""
    where = {"stream": MAIN, "unit": unit, "aspect": aspect, "round": 1, "seat": f"cooking/final/{seat}"}
    return {"k": house.key(), "cmd": {"c": "mark", **where, "value": value, "base": 0, **more}}


async def everybody(house: House) -> None:
    """One of every role comes."""
    for seat in (*VOTERS, LAST, "s4", "chief", "clerk", "clerk2", "floor"):
        await house.seat(seat)
    for role in ("organizer", "supervisor", "coding_officer"):
        await house.account(role.replace("_", "-"), role)
    house.public()


def hello(cursor: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"m": "hello", "v": 2, "boot": "00", "cursor": cursor, "pending": 0, "lang": "en"}


def run(
    directory: Path,
    votes: Votes,
    *,
    pages: bool = True,
    reveal: bool = False,
    feed: str = "revealed",
    mode: str = "own",
    totals: bool = False,
) -> Record:
    """Four of five seats vote, one of them ``votes``; everybody listens, asks and tries everything.

    ``pages``: with every page; ``reveal``: at the end the fifth seat votes as well; ``feed``: of the public.
    """

    async def script(house: House) -> None:
        await everybody(house)
        if votes.files:
            Evidence(house.desk.directory).keep(PICTURE)
        async with AsyncExitStack() as stack:
            lines: dict[str, Any] = {}
            for visitor, url in sockets(house):
                first = hello() if url == "/live/seat" else None
                lines[visitor.name] = await stack.enter_async_context(visitor.socket(url, first))
            for number, seat in enumerate(VOTERS):
                await house.at(10 + number)
                items = [mark(house, seat, aspect, value) for aspect, value in USUAL]
                own = [mark(house, seat, "A1.J1", "2")]
                items += votes.items(house) if seat == SECRETIVE else own
                lines[seat].say({"m": "do", "items": items})
            await copied(house)
            await house.at(20)
            for visitor, url in sockets(house):
                lines[visitor.name].say({"m": "ping", "pending": 0} if url == "/live/seat" else {"m": "ping"})
            for seat in (LAST, "chief", "s1"):  # acts that are refused or answered while the vote is sealed
                where = {"stream": MAIN, "unit": "u1", "sub": "A1", "seat": f"cooking/final/{seat}"}
                lines[seat].say({"m": "do", "items": [{"k": house.key(), "cmd": {"c": "sign", **where}}]})
            await house.at(30)
            given = [a["a"] for said in lines[SECRETIVE].heard if said["m"] == "ans" for a in said["items"]]
            assert given == ["accepted"] * 4 + ["conflict", "late"], given
            if reveal:
                lines[LAST].say({"m": "do", "items": [mark(house, LAST, "A1.J1", "2")]})
                await house.at(40)
        await again(house)
        if pages:
            for visitor in house.visitors.values():
                if visitor.name != SECRETIVE and (not reveal or visitor.name in NO_VALUE):
                    assert await crawl(visitor) > 3, visitor.name

    return played(directory, world(feed, mode, totals), script)


async def copied(house: House) -> None:
    """A copy off the machine is told of, its heads beyond the sealed votes."""
    found = house.desk.state.streams[MAIN]
    await house.do(ORGANIZER, e.KeepHeads(heads={MAIN: (found.n, found.head.hex())}, where="red stick"))


USUAL = (("A1.J2", "1"), ("C1.P2", "7"))
"""What all four give besides."""


def welcome(line: Socket) -> dict[str, Any]:
    """What a tablet is welcomed with."""
    return next(said for said in line.heard if said["m"] == "hello")


async def again(house: House) -> None:
    """Everybody comes back with the cursor that was last told, and without one."""
    for visitor in house.visitors.values():
        if visitor.device:
            async with visitor.socket("/live/seat", hello()) as line:
                cursor = welcome(line)["cursor"]
            async with visitor.socket("/live/seat", hello(cursor)) as line:
                assert welcome(line)["reset"] is False
                line.say({"m": "shout"})
                await asyncio.sleep(1)
                assert line.heard[-1] == {"m": "bye", "code": "malformed"}


def told(directory: Path, votes: Votes, **how: Any) -> Record:
    """What everybody was told in a run without chance."""
    with pytest.MonkeyPatch.context() as patch:
        without_chance(patch)
        return run(directory, votes, **how)


def others(record: Record) -> Record:
    return {who: said for who, said in record.items() if who != SECRETIVE}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The run that the others are held against."""
    return told(tmp_path_factory.mktemp("base") / "data", Votes())


VARIANTS = {
    "one judgement": Votes(judged="0"),
    "everything sealed": Votes("0", "12.5", "far too salty for me", "3", "3", VALUES["picture"]),
}
ONE_BY_ONE = {
    "points": Votes(points="12.5"),
    "the note of a vote": Votes(note="far too salty for me"),
    "a second value in conflict": Votes(conflict="3"),
    "a late value": Votes(late="3"),
}


@pytest.mark.parametrize(
    "what", [*VARIANTS, *(pytest.param(one, marks=pytest.mark.long) for one in ONE_BY_ONE)]
)
def test_an_unrevealed_vote_changes_no_byte_for_anybody_else(what: str, base: Record, tmp_path: Path) -> None:
    other = told(tmp_path / "data", (VARIANTS | ONE_BY_ONE)[what])
    assert len(other) == 15 and all(other.values()), "somebody was told nothing"
    assert any('"kept":' in one for one in base["s1"]), "nobody heard of the copy"
    assert differences(others(base), others(other)) == []


def test_nor_for_the_lead_whose_tablet_the_panel_shares(tmp_path: Path) -> None:
    runs = [told(tmp_path / votes.judged, votes, pages=False, mode="panel") for votes in TWO]
    assert differences(*map(others, runs)) == []


def test_nor_where_tablets_add_up_what_their_seat_knows(tmp_path: Path) -> None:
    runs = [told(tmp_path / votes.judged, votes, pages=False, totals=True) for votes in (TWO[0], EVERYTHING)]
    assert any('"total":{"sum":"' in one for one in runs[0]["s1"])
    assert differences(*map(others, runs)) == []


def test_what_the_votes_were_is_told_once_all_have_voted(tmp_path: Path) -> None:
    runs = [told(tmp_path / votes.judged, votes, pages=False, reveal=True) for votes in TWO]
    found = {line.partition(":")[0] for line in differences(*map(others, runs))}
    assert found >= {"s1", "s2", "s3", "s6", "chief", "public"}, found
    assert not found & {"s4", "log", *NO_VALUE}, found


NO_VALUE = ("clerk", "clerk2", "floor")
"""They are told of no value, vote, spread or round, whether it is revealed or not."""


@pytest.mark.parametrize("judged", ["0", "1"])
def test_clerk_and_floor_learn_nothing_from_a_reveal(judged: str, tmp_path: Path) -> None:
    """On no page and in no frame, while the public sees nothing yet; but for why a signature is refused where
    the panel has still to vote again."""
    how = {"reveal": True, "feed": "published"}
    runs = [told(tmp_path / votes.judged, votes, **how) for votes in (Votes("2"), Votes(judged=judged))]
    blind = [
        {who: [one for one in record[who] if "POST /clerk/sign" not in one] for who in NO_VALUE}
        for record in runs
    ]
    assert all(len(said) > 20 for record in blind for said in record.values())
    assert differences(*blind) == []


TWO = (Votes(), Votes(judged="1"))
EVERYTHING = VARIANTS["everything sealed"]


# ---------------------------------------------------------------- a leak is found


def leak_in_the_sheet(patch: pytest.MonkeyPatch) -> None:
    """The sheet of a seat says what the others have voted."""
    real = views.sheet_for

    def leaky(state: State, stream: Stream, unit: str, sub: str, seat: str) -> dict[str, Any]:
        cells = stream.sheets[(unit, sub)].cells
        return real(state, stream, unit, sub, seat) | {"sum": [cell.value for cell in cells.values()]}

    patch.setattr(views, "sheet_for", leaky)


def leak_in_the_total(patch: pytest.MonkeyPatch) -> None:
    """What is public at ``revealed`` counts what is not revealed."""
    real = scoring.aspect_mark

    def leaky(stream: Stream, rules: GroupRules, sheet: Sheet, aspect: Aspect) -> Fraction | None:
        found = real(stream, rules, sheet, aspect)
        given = [int(cell.value or 0) for (key, _, _), cell in sheet.cells.items() if key == aspect.key]
        return Fraction(sum(given)) if found is None and aspect.method == "judgement" and given else found

    patch.setattr(scoring, "aspect_mark", leaky)


def leak_in_the_cursor(patch: pytest.MonkeyPatch) -> None:
    """The cursor is the newest line, sealed votes and all."""
    patch.setattr(views, "cursor", lambda stream: {"n": stream.n, "seal": stream.prefix(stream.n)})


@pytest.mark.parametrize(
    ("leak", "who"),
    [
        (leak_in_the_sheet, {"s1", "s2", "s3", "s6", "chief", "clerk"}),
        (leak_in_the_total, {"public", "organizer"}),
        (leak_in_the_cursor, {"s1", "s4", "chief", "floor"}),
    ],
)
def test_a_planted_leak_is_found(
    leak: Callable[[pytest.MonkeyPatch], None], who: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leak(monkeypatch)
    runs = [told(tmp_path / votes.judged, votes, pages=False) for votes in TWO]
    found = {line.partition(":")[0] for line in differences(*map(others, runs))}
    assert found >= who, found
