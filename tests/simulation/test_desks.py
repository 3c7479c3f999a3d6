"""Two desks over one database under twenty judges who change between them; desks and database are killed."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.conftest import SEED
from tests.postgres import Postgres
from tests.simulation.floor import laid_out
from tests.simulation.judges import Judge
from tests.simulation.server import Server
from tests.simulation.test_kills import compare, verified

JUDGES = 20


class Venue:
    """Two desks and the database under them; judges connect to either."""

    def __init__(self, folder: Path, judges: list[Judge], db: str, rng: random.Random) -> None:
        self.homes = [folder / "data", folder / "other"]
        self.judges, self.db, self.rng = judges, db, rng
        self.ports = [0, 0]
        self.servers: list[Server | None] = [None, None]
        self.homes[1].mkdir()
        (self.homes[1] / "keys").symlink_to(self.homes[0] / "keys")

    async def server(self) -> int:
        """The port of one that is up."""
        while not any(self.servers):
            await asyncio.sleep(0.01)
        return self.ports[self.rng.choice([i for i in (0, 1) if self.servers[i]])]

    async def start(self, which: int) -> None:
        """Start a desk."""
        server = Server(self.homes[which], self.ports[which], self.db)
        self.ports[which] = await server.listening()
        self.servers[which] = server

    async def kill(self, which: int) -> None:
        """``kill -9`` a desk; its judges go to the other."""
        server, self.servers[which] = self.servers[which], None
        assert server is not None
        await server.kill()

    async def more(self, count: int) -> None:
        """Wait until the judges have heard so many more final answers."""
        wanted = sum(len(judge.told) for judge in self.judges) + count
        while sum(len(judge.told) for judge in self.judges) < wanted:
            for task in self.tasks:
                if task.done():
                    task.result()
                    raise AssertionError(f"{task.get_name()} stopped marking")
            await asyncio.sleep(0.005)

    async def play(self, rounds: int, postgres: Postgres) -> None:
        """In each round a desk is killed and started again, and in every second the database too."""
        for which in (0, 1):
            await self.start(which)
        self.tasks = [
            asyncio.create_task(judge.work(self.server), name=judge.place.seat) for judge in self.judges
        ]
        for number in range(rounds):
            await self.more(self.rng.randint(50, 200))
            which = number % 2
            await self.kill(which)
            await self.more(self.rng.randint(1, 100))
            if number % 2:
                await asyncio.to_thread(postgres.kill if self.rng.random() < 0.5 else postgres.stop)
                await asyncio.sleep(self.rng.random())
                await asyncio.to_thread(postgres.start)
            await self.start(which)
        await self.more(100)
        for judge in self.judges:
            judge.stopping = True
        while not all(task.done() for task in self.tasks):
            for judge in self.judges:
                judge.again()  # what was answered with retry goes again, as a tablet sends it after a pause
            await asyncio.wait(self.tasks, timeout=0.5)
        await asyncio.gather(*self.tasks)
        for server in self.servers:
            assert server is not None
            await server.stop()


@pytest.mark.parametrize("rounds", [2, pytest.param(30, marks=pytest.mark.long)])
def test_two_desks_and_their_database_are_killed_under_judges_who_change_between_them(
    rounds: int, tmp_path: Path, rng: random.Random, postgres: Postgres
) -> None:
    print(f"seed {SEED}: {rounds} rounds")
    db = postgres.database()

    async def scene() -> list[Judge]:
        places = await laid_out(tmp_path / "data", db)
        judges = [Judge(place, f"{rng.random()}") for place in places[:JUDGES]]
        async with asyncio.timeout(90 + 15 * rounds):
            await Venue(tmp_path, judges, db, rng).play(rounds, postgres)
        return judges

    judges = asyncio.run(scene())
    counts = compare(judges, tmp_path / "data", db)
    codes = {code for judge in judges for code in judge.retried}
    print(dict(counts), codes)
    assert counts["accepted"] and "database_gone" in codes
    report = verified(tmp_path / "data", db)
    assert report.status == 0 and report.lines, report.problems
