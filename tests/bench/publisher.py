"""A hub whose board of 200 rows changes ten times a second, published into Redis, as a process of its own.

``python -m tests.bench.publisher URL``. The board's pictures are drawn before; every row differs from one to
the next. So the way is measured and not the drawing. Each picture's ``as_of`` is when it set out, by the
clock that all processes of the machine share.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from compsys import boards, boards_home
from compsys import bus_redis as store
from compsys import events as e
from compsys.boards_home import HOME
from compsys.bus import Paint, Pictures
from compsys.bus_publish import Publisher
from tests.bench.remote import Json, obey
from tests.bench.venue import clock
from tests.web.board_day import MODULES, OTHER, build, stream_of, unit_of
from tests.world import ORGANIZER
from web.hub import Hub

ROWS, EVERY = 200, 0.1
BOARD = "board:hot/final/open"


class Drawn:
    """Two pictures of one board, in turn; and the start page."""

    def __init__(self) -> None:
        world, chance = build(ROWS, "named_live"), random.Random(1)
        self.pictures = []
        for _ in range(2):
            for module in MODULES:
                rows = tuple(
                    (unit_of("hot", i), f"{chance.randrange(1000) / 10}", "") for i in range(1, ROWS + 1)
                )
                brought = world.do(
                    ORGANIZER,
                    e.ImportScores(
                        stream=stream_of("hot"),
                        component=module,
                        digest=f"{chance.getrandbits(256):064x}",
                        rows=rows,
                    ),
                )
                world.do(OTHER, e.ConfirmScores(stream=stream_of("hot"), n=brought.n))
            self.pictures.append(
                boards.picture(world.state, BOARD, "public", lambda person: {"zh-CN": f"选手{person}"})
            )
        self.home = boards_home.picture(world.state, "public")
        self.board, self.turn = self.pictures[0], 0

    @asynccontextmanager
    async def painting(self, topics: Sequence[str]) -> AsyncIterator[Paint]:
        """As any painter."""
        yield lambda topic: self.home if topic == HOME else self.board

    def ready(self, topic: str) -> bool:
        """As any painter."""
        return True

    def change(self) -> None:
        """The next picture sets out."""
        self.turn += 1
        self.board = {**self.pictures[self.turn % 2], "as_of": repr(time.monotonic())}


async def main(redis: str) -> None:
    """Publish until standard input ends."""
    drawn = Drawn()
    client = store.connect(redis)
    publisher = Publisher(client, secrets.token_hex(8), clock, time.monotonic)
    pictures = Pictures(drawn, secrets.token_hex)
    hub = Hub(pictures, 1000, publisher)

    async def ready(question: Json) -> Json:
        """Once a public process shows the board."""
        while not publisher.holds(BOARD):
            await asyncio.sleep(0.05)
        return {}

    async def pump(question: Json) -> Json:
        """So many changes, ten a second; the bytes of one."""
        for _ in range(question["pictures"]):
            drawn.change()
            hub.rang(pictures.spoil([BOARD]))
            await asyncio.sleep(EVERY)
        return {"bytes": len(pictures.kept[BOARD].whole)}

    async def floor(question: Json) -> Json:
        """As many messages of as many bytes through a bare stream, forty a second."""
        message = b"x" * question["bytes"]
        for _ in range(question["pictures"]):
            await client.xadd("floor", {"at": repr(time.monotonic()), "m": message}, maxlen=10)
            await asyncio.sleep(EVERY / 4)
        return {}

    async with publisher.running(hub):
        ticking = asyncio.create_task(hub.tick_for_ever())
        await obey({"ready": ready, "pump": pump, "floor": floor})
        ticking.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
