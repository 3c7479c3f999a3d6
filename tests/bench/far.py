"""Bench: a change of 200 rows from a desk through Redis and another process to a spectator's socket."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

from tests.bench.publisher import BOARD
from tests.bench.remote import Json, Remote
from tests.bench.screens import Screens
from tests.redis_server import RedisServer, redis_server
from tests.web.public_process import public

PICTURES, RUNS = 150, 3
AS_OF = re.compile(rb'"as_of":"(\d+\.\d+)"')


def percentile(values: list[float], percent: int) -> float:
    """The value below which so many percent lie."""
    found = sorted(values)
    return found[min(len(found) - 1, len(found) * percent // 100)]


class Watcher(threading.Thread):
    """A spectator as light as Python allows: how long each change was on its way, in seconds."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.screens = Screens()
        self.screens.some(port, BOARD, 1)
        (self.screen,) = self.screens.screens.values()
        self.took: list[float] = []
        self.over = False

    def run(self) -> None:
        while not self.over:
            before = self.screen.frames
            self.screens.turn(0.2)
            if self.screen.frames > before and (found := AS_OF.search(self.screen.last)):
                self.took.append(self.screens.last - float(found[1]))


def bare(server: RedisServer, desk: Remote, size: int) -> list[float]:
    """Seconds that as many bytes take through a bare stream, into this process."""
    client = server.client()
    client.delete("floor")
    desk.send(do="floor", pictures=PICTURES, bytes=size)
    found: list[float] = []
    last = "0-0"
    while len(found) < PICTURES:
        for _, rows in client.xread({"floor": last}, block=4000):
            now = time.monotonic()
            for number, fields in rows:
                last = number
                found.append(now - float(fields[b"at"]))
    desk.take()
    return found


def run(folder: Path) -> Json:
    """Per run, in seconds: the way of a change to the spectator; of as many bytes through a bare stream."""
    runs = []
    with redis_server(folder / "redis") as server, public(folder / "empty", server.url) as far:
        desk = Remote("tests.bench.publisher", server.url)
        try:
            far.until(BOARD.replace("board:", "/board/"), lacks="has not arrived")
            watcher = Watcher(far.port)
            watcher.start()
            desk.ask(do="ready")
            desk.ask(do="pump", pictures=20)
            for _ in range(RUNS):
                watcher.took.clear()
                size = desk.ask(do="pump", pictures=PICTURES)["bytes"]
                time.sleep(0.5)
                took = list(watcher.took)
                floor = bare(server, desk, size)
                runs.append({
                    "pictures": PICTURES, "came": len(took), "bytes": size,
                    "p50": percentile(took, 50), "p99": percentile(took, 99),
                    "floor_p50": percentile(floor, 50), "floor_p99": percentile(floor, 99),
                })  # fmt: skip
            watcher.over = True
            watcher.join(5)
        finally:
            desk.close()
    return {"runs": runs}
