"""The demo in real sizes: from an empty directory to the results, with the time and memory it took."""

from __future__ import annotations

import asyncio
import gc
import resource
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from compsys import city, control, crowd, national
from compsys import events as e
from compsys.afternoon import ORGANIZER, Stuck
from compsys.demo import Serve, Told, make_account, password_for
from compsys.desk import Desk
from compsys.edition import Done, Edition
from compsys.exchange import competition_file
from compsys.records import KINDS
from compsys.state import Setup, State
from compsys.vault import Identity, canonical, commitment

RECORDS = 1000
"""Records per commit while the set-up is brought in."""
MEDALS = ("gold", "silver", "bronze")


async def bring_in(desk: Desk, setup: Setup, persons: Mapping[str, Identity]) -> None:
    """A generated set-up into an empty competition, persons first; raises Stuck when one part is refused."""
    await desk.put_persons(list(persons.items()))
    office = e.Actor("office", "office")
    for items in _parts(setup):
        bound = []
        for item in items:
            if item.kind == "person":
                salt = desk.fresh()
                made = commitment(salt, canonical(persons[item.id]))
                bound.append(e.BindPerson(person=item.id, commitment=made, salt=salt))
        command = e.DefineAll(items=tuple(items), persons=tuple(bound))
        answer = await desk.submit(e.Call(desk.fresh(), office, command))
        if answer.a != "accepted":
            raise Stuck(str(answer))


def _parts(setup: Setup) -> Iterator[list[e.Define]]:
    """The records in the order in which they refer to each other, some hundreds at a time."""
    part: list[e.Define] = []
    for kind in KINDS:
        for key, record in setup.records.get(kind, {}).items():
            part.append(e.Define(kind=kind, id=key, value=competition_file.canonical(record)))
            if len(part) == RECORDS:
                yield part
                part = []
    if part:
        yield part


# ---------------------------------------------------------------- what it took


@dataclass(slots=True)
class Took:
    """What a run took. Times in milliseconds, memory in bytes.

    ``brought_ms``: set-up and entrants; ``play_ms`` and ``cpu_ms``: from the first draw to the last official
    result, and this process's part of it; ``memory_per_mark``: what the process grew by meanwhile, by marks;
    ``peak``: the most it ever held; ``start_ms``: from opening the directory again until it can be served;
    ``trade_ms``: from touching its longest trade until that can be marked; ``folded_ms``: from opening until
    everything is folded.
    """

    marks: int = 0
    signatures: int = 0
    lines: int = 0
    commits: int = 0
    brought_ms: int = 0
    play_ms: int = 0
    cpu_ms: int = 0
    peak: int = 0
    memory_per_mark: int = 0
    start_ms: int = 0
    trade_ms: int = 0
    folded_ms: int = 0

    @property
    def marks_per_second(self) -> int:
        """Marks per second of the play."""
        return self.marks * 1000 // max(1, self.play_ms)


def held() -> int:
    """Bytes of memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()


def peak() -> int:
    """Bytes of memory that this process held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class Start(NamedTuple):
    """Milliseconds from opening a directory: until it can be served, then until its longest stream could be
    marked, and until everything was folded."""

    ready: int
    touched: int
    whole: int


async def started(directory: Path) -> Start:
    """What a start from a journal takes, with nothing folded that nobody asked for."""
    gc.collect()
    began = time.monotonic_ns()

    def since() -> int:
        return (time.monotonic_ns() - began) // 1_000_000

    desk = await Desk.open(directory, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, at_once=0)
    try:
        ready, rest = since(), desk.folding.rest
        longest = max(rest, key=lambda name: rest[name].upto, default=e.COMPETITION)
        async with desk.reading(longest):
            touched = since() - ready
        async with desk.reading():
            return Start(ready, touched, since())
    finally:
        await desk.close()


def winners(state: State) -> dict[str, int]:
    """Gold, silver, bronze: medals of the newest versions; ``persons``: who won them, all members of a team;
    ``tied``: medals shared by a joint place."""
    found = dict.fromkeys((*MEDALS, "persons", "tied"), 0)
    for result in state.results.values():
        for row in result.versions[-1].rows:
            if row.medal in MEDALS:
                entry = state.setup.entries[row.entry]
                found[row.medal] += 1
                found["tied"] += row.tied
                found["persons"] += sum(m.role != "reserve" and not m.until for m in entry.members)
    return found


# ---------------------------------------------------------------- the run


class Size(Protocol):
    """What is played: a set-up, who enters besides, the play."""

    competition: str

    def make(self, seed: int) -> tuple[Setup, Mapping[str, Identity]]:
        """The set-up and its persons."""
        ...

    async def enter(self, desk: Desk, seed: int) -> None:
        """Who enters in bulk."""
        ...

    async def play(self, edition: Edition) -> dict[str, int]:
        """All stages to their official results; what is to be told of it."""
        ...


class National:
    """The national final; ``trades``: only so many (0: all)."""

    competition = national.COMPETITION

    def __init__(self, trades: int = 0) -> None:
        self.shape = national.Shape(tuple(plan.id for plan in national.plans()[:trades]) if trades else ())

    def make(self, seed: int) -> tuple[Setup, Mapping[str, Identity]]:
        """The set-up and its persons."""
        return national.make(seed, self.shape)

    async def enter(self, desk: Desk, seed: int) -> None:
        """Nobody: all stand in the set-up."""

    async def play(self, edition: Edition) -> dict[str, int]:
        """All trades."""
        await edition.play()
        return {}


class City:
    """The city selection; ``trades``: only so many (0: all), with their share of the entrants."""

    competition = city.COMPETITION

    def __init__(self, trades: int = 0) -> None:
        whole = city.Funnel()
        part = trades or whole.trades
        shares = (whole.entrants * part // whole.trades, whole.finalists * part // whole.trades)
        self.funnel = city.Funnel(part, *shares)

    def make(self, seed: int) -> tuple[Setup, Mapping[str, Identity]]:
        """The set-up; its persons are the judges."""
        return city.make(seed, self.funnel)

    async def enter(self, desk: Desk, seed: int) -> None:
        """The entrants."""
        await city.enter(desk, seed, self.funnel)

    async def play(self, edition: Edition) -> dict[str, int]:
        """Heats, cuts, finals."""
        return {"advanced": await city.play(edition, self.funnel)}


SIZES: dict[str, Callable[[int], Size]] = {"national": National, "city": City}
"""Name -> what makes it, given how many trades (0: all)."""


@dataclass(slots=True)
class Hall:
    """A competition that is served and waits to be played: the desk, the addresses, the organizer's login,
    milliseconds that bringing it in took."""

    desk: Desk
    urls: tuple[str, ...]
    port: int
    account: str
    password: str
    size: Size
    brought_ms: int

    async def play(self, seed: int, told: Told, sockets: int) -> tuple[dict[str, Any], Took]:
        """Every trade to its official result, ``sockets`` of them with tablets over real sockets."""
        gc.collect()
        before, began, worked = held(), time.monotonic_ns(), time.process_time_ns()
        async with self.desk.reading() as state:
            order = sorted(state.setup.trades.values(), key=lambda trade: (trade.order, trade.id))
        over = [trade.id for trade in order][:sockets]
        edition = Edition(self.desk, seed, told, sockets=over)
        if over:
            async with crowd.beside(f"http://127.0.0.1:{self.port}", seed, edition.fail) as edition.crowd:
                found = await self.size.play(edition)
        else:
            found = await self.size.play(edition)
        done = edition.done
        took = Took(done.marks, done.signatures, self.desk.written, self.desk.commits, self.brought_ms)
        took.play_ms = (time.monotonic_ns() - began) // 1_000_000
        took.cpu_ms = (time.process_time_ns() - worked) // 1_000_000
        took.memory_per_mark = max(0, held() - before) // max(1, took.marks)
        took.peak = peak()
        async with self.desk.reading() as state:
            return facts(state, done) | found, took


def facts(state: State, done: Done) -> dict[str, Any]:
    """How big it was, and who won."""
    return {
        "trades": len(state.setup.trades),
        "delegations": len(state.setup.delegations),
        "entries": len(state.setup.entries),
        "competitors": sum(len(entry.members) for entry in state.setup.entries.values()),
        "judges": len(state.setup.judges),
        "over_sockets": len(set(done.sockets)),
        "straight": len(set(done.straight)),
        "medals": winners(state),
    }


@asynccontextmanager
async def served(
    directory: Path, host: str, port: int, serve: Serve, size: Size, seed: int
) -> AsyncIterator[Hall]:
    """A generated competition in a new directory, behind a real server and its control socket.

    Raises as ``demo.served`` does.
    """
    desk = await Desk.open(
        directory, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, size.competition
    )
    try:
        if desk.state.n:
            raise Stuck(f"{directory}")
        began = time.monotonic_ns()
        await bring_in(desk, *await asyncio.to_thread(size.make, seed))
        await size.enter(desk, seed)
        brought = (time.monotonic_ns() - began) // 1_000_000
        password = password_for(desk)
        await make_account(desk, password)
        async with control.listening(desk, directory), serve(desk, host, port) as run:
            yield Hall(desk, tuple(run.urls), run.port, ORGANIZER.id, password, size, brought)
    finally:
        await desk.close()


def told(found: dict[str, Any], took: Took) -> dict[str, Any]:
    """Everything as plain data."""
    return found | asdict(took) | {"marks_per_second": took.marks_per_second}
