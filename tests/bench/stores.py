"""Bench: the journal's stores over 86 streams at 50 lines per commit, and one and two desks on PostgreSQL.

``python -m tests.bench.stores`` prints its figures as JSON. SQLite stands against appending the same bytes to
a file and ``fdatasync``; PostgreSQL against asyncpg's unnest of the same rows, without turns, heads or seals.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import asyncpg

from compsys import events as e
from compsys import tables
from compsys.desk import Desk
from compsys.journal import SqliteJournal
from compsys.journal_api import Head
from compsys.journal_postgres import PostgresJournal
from compsys.seal import Line, digest, first, seal
from tests.bench import venue
from tests.bench.remote import Json, Remote, obey
from tests.postgres import Postgres
from web.listening import settle_memory

STREAMS, LINES = 86, 50
COMMITS, PAIRS = 60, 15
OPEN, CLOSED = 150, 210
"""Bytes of a mark's two parts."""
SECONDS, JUDGES = 3.0, 40


class Sealed(NamedTuple):
    """What a desk hands its journal: sealed lines, and where each of their streams stood before."""

    lines: list[Line]
    after: dict[str, Head]


def commits() -> Iterator[Sealed]:
    """Sealed lines, 50 at a time, spread over the streams."""
    names = [f"t{i:02}.final.main" for i in range(STREAMS)]
    heads = {name: Head(0, first("c1", name)) for name in names}
    at = 0
    while True:
        lines, after = [], {}
        for _ in range(LINES):
            name = names[at % STREAMS]
            at += 1
            n, prev = after[name] = heads[name]
            part, closed = os.urandom(OPEN // 2).hex().encode(), os.urandom(CLOSED // 2).hex().encode()
            line = Line(name, n + 1, part, closed, digest(closed), seal(prev, part, digest(closed)))
            heads[name] = Head(line.n, line.seal)
            lines.append(line)
        yield Sealed(lines, after)


Write = Callable[[Sealed], object]


def alternated(one: Write, other: Write) -> list[tuple[float, float]]:
    """Lines per second of both, measured by turns."""
    sources = commits(), commits()
    pairs = []
    for turn in range(PAIRS + 1):
        rates = []
        for write, source in ((one, sources[0]), (other, sources[1])):
            batches = list(islice(source, COMMITS))
            begun = time.perf_counter()
            for batch in batches:
                write(batch)
            rates.append(COMMITS * LINES / (time.perf_counter() - begun))
        if turn:
            pairs.append((rates[0], rates[1]))
    return pairs


def on_sqlite(folder: Path) -> list[tuple[float, float]]:
    """The journal against a file."""
    with SqliteJournal(folder / "sqlite", "c1") as journal, (folder / "plain").open("ab", buffering=0) as out:

        def plain(sealed: Sealed) -> None:
            parts = [part for line in sealed.lines for part in (line.open, line.closed or b"", line.seal)]
            out.write(b"".join(parts))
            os.fdatasync(out.fileno())

        return alternated(lambda sealed: journal.append_sealed(*sealed), plain)


def on_postgres(server: Postgres) -> list[tuple[float, float]]:
    """A turn of the journal against one bare statement."""
    url = server.database()
    with PostgresJournal(url, "c1"):
        pass  # makes the same tables for the floor
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(url))
    statement = loop.run_until_complete(connection.prepare(tables.UNNEST_LINES))
    given = 0

    def bare(sealed: Sealed) -> None:
        nonlocal given
        lines = sealed.lines
        ids = range(given + 1, given + 1 + len(lines))
        given += len(lines)
        loop.run_until_complete(statement.fetch(ids, *zip(*lines, strict=True)))

    with PostgresJournal(server.database(), "c1") as journal:

        def turn(sealed: Sealed) -> None:
            journal.begin()
            journal.append_sealed(*sealed, atomic=True)

        pairs = alternated(turn, bare)
    loop.run_until_complete(connection.close())
    loop.close()
    return pairs


# ---------------------------------------------------------------- desks


async def marking(desk: Desk, places: list[Json], seconds: float) -> int:
    """Judges who give their next mark when the last is answered; how many were accepted."""
    until = time.monotonic() + seconds
    accepted = 0

    async def judge(place: Json) -> None:
        nonlocal accepted
        actor = e.Actor("seat", place["seat"], ("judge",))
        device = place["cookie"].partition(".")[0]
        cells = [(unit, f"C1.{i}") for unit in place["units"] for i in range(1, venue.ASPECTS + 1)]
        for unit, aspect in cells:
            if time.monotonic() > until:
                return
            mark = e.Mark(
                stream=place["stream"], unit=unit, aspect=aspect, seat=place["seat"], round=1,
                value=str(secrets.randbelow(6)), base=0,
            )  # fmt: skip
            answer = await desk.submit(e.Call(secrets.token_hex(16), actor, mark, device))
            accepted += answer.a == "accepted"

    await asyncio.gather(*(judge(place) for place in places))
    return accepted


async def desk_process(home: Path, url: str) -> None:
    """A desk that obeys ``run`` with the places to mark at."""
    desk = await Desk.open(home, venue.clock, secrets.token_bytes, db=url)

    async def run(question: Json) -> Json:
        commits, written = desk.commits, desk.written
        begun = time.perf_counter()
        accepted = await marking(desk, question["places"], question["seconds"])
        took = time.perf_counter() - begun
        lines = (desk.written - written) / max(1, desk.commits - commits)
        return {"rate": accepted / took, "lines_per_commit": lines}

    try:
        await obey({"run": run})
    finally:
        await desk.close()


def on_desks(folder: Path, server: Postgres) -> Json:
    """Marks per second of one desk, and of two at once."""
    url = server.database()
    streams = venue.build(folder / "one", url)
    places = [{"stream": s["stream"], "units": s["units"], **seat} for s in streams for seat in s["seats"]]
    (folder / "two").mkdir()
    (folder / "two" / "keys").symlink_to((folder / "one" / "keys").resolve())
    desks = [Remote("tests.bench.stores", "desk", str(folder / name), url) for name in ("one", "two")]
    try:
        alone = desks[0].ask(do="run", places=places[:JUDGES], seconds=SECONDS)
        for desk, start in zip(desks, (JUDGES, 2 * JUDGES), strict=True):
            desk.send(do="run", places=places[start : start + JUDGES], seconds=SECONDS)
        both = [desk.take() for desk in desks]
    finally:
        for desk in desks:
            desk.close()
    return {"alone": alone, "both": both}


def main() -> None:
    """All of it, in a folder on a disk."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True)
    settle_memory()  # as every server of ours does
    server = Postgres(fsync="on", full_page_writes="on", autovacuum="on")
    try:
        found = {
            "sqlite": on_sqlite(folder),
            "postgres": on_postgres(server),
            "desks": on_desks(folder, server),
        }
        print(json.dumps(found))
    finally:
        server.remove()
        shutil.rmtree(folder)


if __name__ == "__main__":
    if sys.argv[1] == "desk":
        asyncio.run(desk_process(Path(sys.argv[2]), sys.argv[3]))
    else:
        main()
