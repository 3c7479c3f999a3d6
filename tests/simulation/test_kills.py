"""``kill -9`` at random moments under fifty marking judges: nothing told is lost, nothing applied twice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from compsys import events as e
from compsys import verify
from compsys.desk import folded
from compsys.journal_postgres import PostgresJournal
from compsys.stores import open_journal
from tests.conftest import SEED
from tests.simulation.floor import laid_out
from tests.simulation.judges import Judge, cell_of
from tests.simulation.server import Server

JUDGES = 50


class Hall:
    """The judges and the server that is killed under them."""

    def __init__(self, directory: Path, judges: list[Judge], db: str = "") -> None:
        self.directory, self.judges, self.db = directory, judges, db
        self.port = 0
        self.up = asyncio.Event()

    async def server(self) -> int:
        """Wait for a server; its port."""
        await self.up.wait()
        return self.port

    @property
    def answers(self) -> int:
        """Final answers that came, in all."""
        return sum(len(judge.told) for judge in self.judges)

    async def start(self) -> Server:
        """A server that listens."""
        server = Server(self.directory, self.port, self.db)
        self.port = await server.listening()
        self.up.set()
        return server

    async def wait(self, rng: random.Random) -> str:
        """Wait until the moment of a kill, and say which it was."""
        if rng.random() < 0.2:
            await asyncio.sleep(pause := rng.random() * 0.15)
            return f"{pause * 1000:.0f} ms after it listened"
        wanted = self.answers + (more := rng.randint(1, 400))
        while self.answers < wanted:
            self.check()
            await asyncio.sleep(0.002)
        await asyncio.sleep(rng.random() * 0.02)
        return f"after {more} further answers"

    def check(self) -> None:
        """Raise what a judge found broken."""
        for task in self.tasks:
            if task.done():
                task.result()
                raise AssertionError(f"{task.get_name()} stopped marking")

    async def play(self, kills: int, rng: random.Random) -> None:
        """So many kills, then a server that answers everything left, and stops in order."""
        self.tasks = [
            asyncio.create_task(judge.work(self.server), name=judge.place.seat) for judge in self.judges
        ]
        for number in range(kills):
            if rng.random() < 0.1:  # while it is still starting
                server = Server(self.directory, self.port, self.db)
                await asyncio.sleep(rng.random() * 0.2)
                moment = "at its start"
            else:
                server = await self.start()
                moment = await self.wait(rng)
            flying = sum(len(judge.outbox) for judge in self.judges)
            self.up.clear()
            await server.kill()
            print(f"kill {number + 1}: {moment}, {flying} marks unanswered, {self.answers} answered")
        server = await self.start()
        for judge in self.judges:
            judge.stopping = True
        await asyncio.gather(*self.tasks)
        await server.stop()


def contents(directory: Path, db: str) -> tuple[Any, list[tuple[str, int, Any, Any]]]:
    """What the journal holds: its fold, and the lines of marks as (stream, n, event, closed)."""
    kinds = e.Marked | e.MarkConflicted | e.MarkLate
    with closing(open_journal(directory, db=db)) as journal:
        state = folded(journal)
        lines = [
            (line.stream, line.n, e.unpack(line.open), e.CLOSED_DECODER.decode(line.closed or b""))
            for line in journal.read()
        ]
    return state, [line for line in lines if isinstance(line[2], kinds)]


def compare(judges: list[Judge], directory: Path, db: str = "") -> Counter[str]:
    """The journal against the judges' ledgers; the answers by kind."""
    state, lines = contents(directory, db)
    commands = {key: command for judge in judges for key, command in judge.commands.items()}
    told = {key: answer for judge in judges for key, answer in judge.told.items()}
    assert told.keys() == commands.keys(), "every key has its answer"
    counts = Counter(answer["a"] for answer in told.values())

    # lines = accepted + conflict + late; every key at most one line, and it is the one the judge was told of
    assert len(lines) == counts["accepted"] + counts["conflict"] + counts["late"]
    assert len({closed.key for _, _, _, closed in lines}) == len(lines)
    words: dict[Any, str] = {e.Marked: "accepted", e.MarkConflicted: "conflict", e.MarkLate: "late"}
    for stream, n, event, closed in lines:
        answer = told[closed.key]
        assert (answer["a"], answer["stream"], answer["n"]) == (words[type(event)], stream, n)

    # each cell: its revisions are told of once each, and it equals the last one
    accepted: dict[tuple[Any, ...], dict[int, str]] = {}
    for key, answer in told.items():
        if answer["a"] == "accepted":
            cell = (commands[key]["stream"], *cell_of(commands[key]))
            assert answer["rev"] not in accepted.setdefault(cell, {}), f"{cell} twice"
            accepted[cell][answer["rev"]] = commands[key]["value"]
    found = {
        (name, unit, aspect, seat): (cell.rev, cell.value)
        for name, stream in state.streams.items()
        for (unit, _), sheet in stream.sheets.items()
        for (aspect, seat, _), cell in sheet.cells.items()
        if cell.rev
    }
    assert found == {cell: (max(revs), revs[max(revs)]) for cell, revs in accepted.items()}
    for cell, revs in accepted.items():
        assert sorted(revs) == list(range(1, len(revs) + 1)), cell
    return counts


def verified(directory: Path, db: str) -> verify.Report:
    """What the verifier says; of a database's journal it gets a copy."""
    if not db:
        return verify.verify(directory)
    with PostgresJournal(db, reading=True) as journal:
        journal.backup(directory / "copy.db")
    return verify.verify(directory / "copy.db")


@pytest.mark.parametrize(
    ("store", "kills"),
    [
        ("sqlite", 12),
        ("postgres", 6),
        pytest.param("sqlite", 200, marks=pytest.mark.long),
        pytest.param("postgres", 100, marks=pytest.mark.long),
    ],
)
def test_kills_at_random_moments_lose_nothing_and_apply_nothing_twice(
    store: str, kills: int, tmp_path: Path, rng: random.Random, request: pytest.FixtureRequest
) -> None:
    directory = tmp_path / "data"
    db = request.getfixturevalue("postgres").database() if store == "postgres" else ""
    print(f"seed {SEED}: {kills} kills")

    async def scene() -> list[Judge]:
        places = await laid_out(directory, db)
        judges = [Judge(place, f"{rng.random()}") for place in places]
        assert len(judges) == JUDGES
        async with asyncio.timeout(60 + 10 * kills):
            await Hall(directory, judges, db).play(kills, rng)
        return judges

    judges = asyncio.run(scene())
    counts = compare(judges, directory, db)
    overtaken = sum(judge.late_told for judge in judges)
    print(dict(counts), f"{overtaken} were on disk when their server was killed and told by a later one")
    assert counts["conflict"] and counts["late"] and counts["refused"]
    assert overtaken or kills < 100, "no kill ever came between the disk and the telling"
    assert sum(judge.connections for judge in judges) > JUDGES * kills / 4

    report = verified(directory, db)
    assert report.status == 0 and report.lines, report.problems
