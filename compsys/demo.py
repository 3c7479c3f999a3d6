"""The demo: a sample competition played by simulated judges, from an empty directory to official results."""

from __future__ import annotations

import asyncio
import hashlib
import random
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from compsys import control, passwords
from compsys import events as e
from compsys.afternoon import ORGANIZER, Afternoon, Stuck
from compsys.boards_rows import entry_name
from compsys.clock import millis, text
from compsys.desk import Desk
from compsys.exchange import competition_file
from compsys.journal_api import write_export
from compsys.simulate import Network, dice
from compsys.simulate_network import App, RealNetwork, SimulatedLoop, SimulatedNetwork
from compsys.state import State
from compsys.vault import Identity

FIXTURE = "karamay-2022.json"
COMPETITION = "karamay-2022"
VISITORS = {
    "chief": "restaurant-service/final/chief",
    "clerk": "hot-dishes/final/clerk",
    "judge": "pastry/final/judge-5",
}
"""The seats a visitor may take over without upsetting the script: nothing of it hangs on what they give."""
VIRTUAL_HOST = "demo.localhost:8000"
VIRTUAL_START = 1_662_166_800_000
"""2022-09-03 09:00 in Karamay's time zone, in UTC milliseconds: where the simulated clock starts."""

VIRTUAL_PACE = 0.6

Told = Callable[[str, str], None]


async def bring_in(desk: Desk, data: bytes, name: str) -> None:
    """Import a competition file into an empty competition; raises Stuck with the first problem."""
    loaded = competition_file.load(data, name)
    errors = [p for p in loaded.problems if p.severity == "error"]
    if errors:
        raise Stuck(str(errors[0]))
    salts = {person: desk.fresh() for person in sorted(loaded.persons)}
    command = competition_file.to_commands(loaded, salts)
    persons: list[tuple[str, Identity]] = list(loaded.persons.items())
    await desk.put_persons(persons)
    answer = await desk.submit(e.Call(key=desk.fresh(), actor=e.Actor("office", "office"), command=command))
    if answer.a != "accepted":
        raise Stuck(f"{name}: {answer}")


def fixture(name: str = FIXTURE) -> bytes:
    """A competition file that comes with the program."""
    return files("fixtures").joinpath(name).read_bytes()


def called() -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """entry -> its name and its delegation's, as the sample file has them."""
    loaded = competition_file.load(fixture(), FIXTURE)
    setup = competition_file.as_setup(loaded)
    names = {person: dict(who.name) for person, who in loaded.persons.items()}
    return {
        entry.id: (entry_name(entry, names.get) or {}, dict(setup.delegations[entry.delegation].name))
        for entry in setup.entries.values()
    }


def password_for(desk: Desk) -> str:
    """A password for the demo's organizer: random, shown once."""
    return desk.fresh()[:12]


async def make_account(desk: Desk, password: str) -> None:
    """The demo's organizer account."""
    secret = passwords.hashed(password, bytes.fromhex(desk.fresh()))
    command = e.MakeAccount(account=ORGANIZER.id, roles=("organizer",), secret=secret)
    await desk.submit(e.Call(key=desk.fresh(), actor=e.Actor("office", "office"), command=command))


async def play(desk: Desk, network: Network, seed: int, pace: float, told: Told) -> Afternoon:
    """Play the sample afternoon on an open desk that holds the sample competition."""
    afternoon = Afternoon(desk, network, seed, pace, told)
    await afternoon.play()
    return afternoon


def results(state: State) -> dict[str, Any]:
    """The results as values that depend on nothing but the seed: per group every version with its rows."""
    found: dict[str, Any] = {}
    for (trade, stage, group), result in sorted(state.results.items()):
        found[f"{trade}/{stage}/{group}"] = [
            {
                "version": version.version,
                "rank": version.rank,
                "note": version.note,
                "rows": [_row(row) for row in version.rows],
            }
            for version in result.versions
        ]
    return found


def _row(row: e.ResultRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "entry": row.entry,
        "place": row.place,
        "tied": row.tied,
        "total": row.total,
        "medal": row.medal,
        "status": row.status,
        "scale": row.scale,
        "components": [
            {"id": c.id, "raw": c.raw, "weighted": c.weighted, "status": c.status} for c in row.components
        ],
    }


# ---------------------------------------------------------------- simulated clock and network


def run_virtual(
    directory: Path, seed: int, told: Told, make_app: Callable[[Desk, str], App]
) -> dict[str, Any]:
    """Play on a simulated clock and network: the same seed gives the same journal, byte for byte.

    Leaves ``journal.jsonl`` in the directory. ``make_app``: the server's app for a desk and its address.
    """
    loop = SimulatedLoop()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(_virtual(directory, seed, told, make_app))
    finally:
        loop.close()
        asyncio.set_event_loop(None)


async def _virtual(
    directory: Path, seed: int, told: Told, make_app: Callable[[Desk, str], App]
) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    source = random.Random(dice(seed, "ids"))
    desk = await Desk.open(
        directory,
        lambda: VIRTUAL_START + int(loop.time() * 1000),
        source.randbytes,
        COMPETITION,
        threaded=False,
    )
    try:
        await bring_in(desk, fixture(), FIXTURE)
        await make_account(desk, "virtual")
        app = make_app(desk, VIRTUAL_HOST)
        stop, started = asyncio.Event(), asyncio.Event()
        life = asyncio.create_task(SimulatedNetwork.lifespan(app, stop, started))
        await started.wait()
        network = SimulatedNetwork(app, VIRTUAL_HOST, seed)
        try:
            afternoon = await play(desk, network, seed, VIRTUAL_PACE, told)
        finally:
            stop.set()
            await life
        with (directory / "journal.jsonl").open("wb") as out:
            lines = write_export(desk.journal, out)
        return summary(desk, afternoon) | {"lines": lines, "cuts": network.cuts, "seconds": int(loop.time())}
    finally:
        await desk.close()


def summary(desk: Desk, afternoon: Afternoon) -> dict[str, Any]:
    """What the demo tells at its end."""
    ledger = [pair for judge in afternoon.judges for pair in judge.ledger]
    return {
        "results": results(desk.state),
        "marks": sum(command["c"] == "mark" for command, _ in ledger),
        "reconnects": sum(judge.reconnects for judge in afternoon.judges),
        "commits": desk.commits,
    }


# ---------------------------------------------------------------- real server


Serve = Callable[[Desk, str, int], AbstractAsyncContextManager[Any]]
"""The web room's server: given an open desk, host and port; its object has ``urls``, ``port`` and ``app``."""


@dataclass(slots=True)
class Venue:
    """A demo that is served and waits to be played: the desk, the addresses, the organizer's login."""

    desk: Desk
    urls: tuple[str, ...]
    port: int
    account: str
    password: str

    async def play(self, seed: int, pace: float, told: Told) -> dict[str, Any]:
        """Play the afternoon over real sockets. ``pace``: seconds a judge takes for a mark (0: none)."""
        network = RealNetwork(f"http://127.0.0.1:{self.port}")
        return summary(self.desk, await play(self.desk, network, seed, pace, told))

    async def link(self, seat: str) -> str:
        """A one-time link that opens a seat's screen; whoever follows it takes the seat over."""
        token = self.desk.fresh()
        expires = text(millis(self.desk.now()) + 12 * 3_600_000)
        command = e.IssueLink(seat=seat, token=hashlib.sha256(token.encode()).hexdigest(), expires=expires)
        answer = await self.desk.submit(e.Call(key=self.desk.fresh(), actor=ORGANIZER, command=command))
        if answer.a != "accepted":
            raise Stuck(f"{seat}: {answer}")
        return f"{self.urls[0]}/enrol#{token}"


@asynccontextmanager
async def served(directory: Path, host: str, port: int, serve: Serve) -> AsyncIterator[Venue]:
    """The sample competition in a new directory, behind a real server and its control socket.

    Raises OSError when the port is in use, OtherCompetition, DirectoryLocked, ... of ``journal_api``, Stuck
    when the directory holds a demo already.
    """
    desk = await Desk.open(directory, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, COMPETITION)
    try:
        if desk.state.n:
            raise Stuck(f"{directory}")
        await bring_in(desk, fixture(), FIXTURE)
        password = password_for(desk)
        await make_account(desk, password)
        async with control.listening(desk, directory), serve(desk, host, port) as run:
            yield Venue(desk, tuple(run.urls), run.port, ORGANIZER.id, password)
    finally:
        await desk.close()
