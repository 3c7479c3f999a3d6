"""On which stores and processes the same journey is walked: where the journal is, and who serves the public.

``sqlite``: one process over a directory. ``postgres``: one process over a database. ``apart``: over a
database, judges and office at one process, spectators at another, a Redis between them that a test may kill
and flush.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.postgres import Postgres
from tests.redis_server import RedisServer, redis_server
from web.settings import Settings

TOPOLOGIES = ("sqlite", "postgres", "apart")


@dataclass(frozen=True)
class Topology:
    """``server``: where the journals are (None: in their directories). ``redis``: between the desk and the
    public's process (None: one process serves everybody)."""

    name: str
    server: Postgres | None = None
    redis: RedisServer | None = None

    def database(self) -> str:
        """The URL of a new, empty database, "" where the journal is in its directory."""
        return self.server.database() if self.server else ""

    @property
    def address(self) -> str:
        """Where its Redis is, "" without one."""
        return self.redis.url if self.redis else ""

    def desk(self, settings: Settings) -> Settings:
        """The settings of the process with the desk."""
        return replace(settings, role="desk" if self.redis else "all", redis=self.address)


@contextmanager
def standing(name: str, folder: Path, server: Postgres | None) -> Iterator[Topology]:
    """One of TOPOLOGIES, while the block runs; ``server``: for those that have a database."""
    if name != "apart":
        yield Topology(name, server)
        return
    with redis_server(folder / "redis") as redis:
        yield Topology(name, server, redis)
