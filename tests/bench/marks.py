"""Bench: 200 closed-loop judges against the product, the product without one of its parts, and an echo."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tests.bench import venue
from tests.bench.remote import Json, Remote

KINDS = ("whole", "single", "diskless", "echo")
ROUNDS, SECONDS = 12, 1.0


def run(folder: Path) -> dict[str, list[Json]]:
    """Kind of server -> its runs, taken in turn; the first round, which fills caches, is left out."""
    place = folder / "venue"
    servers: dict[str, Remote] = {}
    judges = Remote("tests.bench.judges", str(place / "venue.json"))
    try:
        for kind in KINDS:
            directory = venue.copy(place, kind)
            servers[kind] = Remote("tests.bench.server", str(directory), kind)
            seat(judges, kind, servers[kind])
        rounds = [{kind: once(judges, kind, servers[kind]) for kind in KINDS} for _ in range(ROUNDS)]
        return {kind: [turn[kind] for turn in rounds[1:]] for kind in KINDS}
    finally:
        for remote in (judges, *servers.values()):
            with contextlib.suppress(OSError):
                remote.close()


def seat(judges: Remote, name: str, server: Remote) -> None:
    """Every judge connects; raises RuntimeError when one cannot."""
    seated = judges.ask(do="connect", name=name, port=server.ask(do="where")["port"])
    if seated["error"]:
        raise RuntimeError(seated["error"])


def once(judges: Remote, name: str, server: Remote) -> Json:
    """One run: answers per second, CPU seconds per mark, lines per commit. Raises RuntimeError when a mark
    was not accepted."""
    before = server.ask(do="usage")
    found = judges.ask(do="run", name=name, seconds=SECONDS, over=name == "echo")
    after = server.ask(do="usage")
    if found["error"]:
        raise RuntimeError(f"{name}: {found['error']}")
    found["cpu"] = (after["cpu"] - before["cpu"]) / found["marks"]
    commits = after.get("commits", 0) - before.get("commits", 0)
    found["lines_per_commit"] = (after["lines"] - before["lines"]) / commits if commits else 0.0
    return found
