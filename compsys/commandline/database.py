"""What ``doctor`` and ``serve`` say of a database: whether it is reached, and what its commits are worth."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from psycopg import Connection, Error

from compsys import postgres
from compsys.journal_api import JournalError
from compsys.journal_postgres import PostgresJournal

GOOD, LOOK, BAD = "ok", "look", "bad"
TRIES = 20


class Said(NamedTuple):
    """What was found: how it stands (ok, look, bad), its sentence's code and parameters."""

    name: str
    state: str
    code: str
    params: dict[str, object]


def looked_at(url: str) -> Iterator[Said]:
    """Reach the database and look; what is in the way is said too."""
    try:
        with PostgresJournal(url, reading=True) as journal:
            shown = journal.place
    except JournalError as error:
        if error.code != "journal_missing":
            yield Said("database", BAD, f"cli.cannot.{error.code}", dict(error.params))
            return
        shown = postgres.address(url).shown
        yield Said("journal", LOOK, "cli.db.empty", {"path": shown})
    with postgres.connected(postgres.address(url)) as connection:
        version = f"{connection.info.server_version // 10_000}"
        yield Said("database", GOOD, "cli.db.reached", {"version": version, "path": shown})
        try:
            with connection.watch.waiting():
                found = [*worth(connection)]
                took = _commit_us(connection)
            yield from found
            yield Said("commit", GOOD, "cli.doctor.sync", {"ms": f"{took / 1000:.1f}"})
        except Error as error:
            said = str(error).partition("\n")[0]
            yield Said("database", BAD, "cli.cannot.database_unreachable", {"path": shown, "detail": said})


def warnings(url: str) -> Iterator[Said]:
    """What whoever starts a server on this database should know."""
    try:
        with postgres.connected(postgres.address(url), reading=True) as connection:
            with connection.watch.waiting():
                found = [said for said in worth(connection) if said.state != GOOD]
            yield from found
    except (JournalError, Error):
        return  # the server itself says why it cannot start


def worth(connection: Connection[Any]) -> Iterator[Said]:
    """What survives what: the server's disk, and a standby."""
    names = ("fsync", "full_page_writes", "synchronous_standby_names")
    told = [connection.execute(f"SHOW {name}".encode()).fetchone() or ("",) for name in names]
    shown = dict(zip(names, (str(value) for (value,) in told), strict=True))
    for name in names[:2]:
        if shown[name] != "on":
            yield Said("commit", BAD, "cli.db.unsafe", {"setting": name})
    wanted = shown["synchronous_standby_names"]
    if not wanted:
        yield Said("standby", LOOK, "cli.db.alone", {})
        return
    found = connection.execute("SELECT application_name, sync_state FROM pg_stat_replication").fetchall()
    waited = [str(name) for name, state in found if state in ("sync", "quorum")]
    if waited:
        yield Said("standby", GOOD, "cli.db.standby", {"names": ", ".join(waited)})
    elif any(state is None for _, state in found):
        yield Said("standby", LOOK, "cli.db.standby_unseen", {"names": wanted})
    else:
        yield Said("standby", BAD, "cli.db.standby_gone", {"names": wanted})


def _commit_us(connection: Connection[Any]) -> int:
    """The median microseconds of a commit that is waited for."""
    times = []
    for _ in range(TRIES):
        begun = time.perf_counter_ns()
        connection.execute("SELECT pg_logical_emit_message(true, 'compsys', 'doctor')")
        times.append(time.perf_counter_ns() - begun)
    return int(statistics.median(times)) // 1000
