"""A served day for tests of public pages: trades with imported modules, driven from the test's own thread.

The server runs in a thread with a loop of its own, so that a browser can be driven beside it.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import random
import secrets
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from compsys import events as e
from compsys.desk import Desk
from compsys.vault import Identity
from tests.web.venue import Recorded, fast
from tests.world import ORGANIZER
from web.server import Running, running
from web.settings import Settings

T = TypeVar("T")
OTHER = e.Actor(kind="account", id="zhao", roles=("organizer",))
MODULES = {"knife": "0.35", "cooking": "0.4", "plating": "0.25"}
TITLES = {
    "knife": {"zh-CN": "刀工", "en": "Knife"},
    "cooking": {"zh-CN": "烹制", "en": "Cooking"},
    "plating": {"zh-CN": "摆盘", "en": "Plating"},
}
TRADES = {"hot": {"zh-CN": "热菜", "en": "Hot dishes"}, "cold": {"zh-CN": "冷拼", "en": "Cold platters"}}


def build(entries: int, disclosure: str) -> Recorded:
    """The set-up: two trades with three imported modules each; marking is open in both."""
    world = Recorded()
    name = {"zh-CN": "示范餐饮技能赛", "en": "Sample Catering Contest"}
    world.define("competition", id="c-test", name=name, days=["2026-05-01"])
    for i in range(1, entries + 1):
        world.define("delegation", id=f"d{i}", name={"zh-CN": f"第{i}食府", "en": f"House {i}"})
        world.define("person", id=f"p{i}")
    world.define("scheme", id="none", scheme={"title": {"en": "-"}, "criteria": []})
    parts = [
        {"id": key, "name": TITLES[key], "source": "imported", "weight": w} for key, w in MODULES.items()
    ]
    for order, (trade, title) in enumerate(TRADES.items()):
        world.define("trade", id=trade, name=title, order=order)
        final = {"zh-CN": "决赛", "en": "Final"}
        world.define("stage", id="final", trade=trade, name=final, disclosure=disclosure)
        world.define(
            "group", id="open", trade=trade, stage="final", name={"en": "Open"}, scheme="none",
            profile="cook-off", components=parts,
        )  # fmt: skip
        world.define("panel", id="panel", trade=trade, stage="final", name={"en": "Panel"})
        for seat in ("s1", "s2", "s3"):
            world.define("seat", id=seat, trade=trade, stage="final", panel="panel")
        units = []
        for i in range(1, entries + 1):
            world.define(
                "entry", id=f"{trade}-e{i}", trade=trade, delegation=f"d{i}", members=[{"person": f"p{i}"}]
            )
            units.append((f"{trade}-e{i}", unit_of(trade, i), f"A{10 + i}"))
        world.do(ORGANIZER, e.Draw(stream=stream_of(trade), units=tuple(units)))
        world.do(ORGANIZER, e.Open(stream=stream_of(trade)))
    return world


def stream_of(trade: str) -> str:
    """The one stream of a trade."""
    return f"{trade}.final.main"


def unit_of(trade: str, i: int) -> str:
    """The unit of the i-th entry."""
    return f"{trade}-u{i}"


class Day:
    """The running server and what a test does to it; every method is for the test's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, desk: Desk, run: Running, entries: int) -> None:
        self.loop, self.desk, self.run, self.entries = loop, desk, run, entries

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.run.port}"

    def do(self, command: e.Command, actor: e.Actor = ORGANIZER) -> e.Answer:
        """One command that must be accepted."""
        answer = self.wait(self.desk.submit(e.Call(secrets.token_hex(16), actor, command)))
        assert answer.a == "accepted", answer
        return answer

    def score(self, trade: str, module: str, values: dict[int, str]) -> None:
        """Import and confirm the scores of a module: entry number -> value."""
        rows = tuple((unit_of(trade, i), value, "") for i, value in sorted(values.items()))
        digest = f"{random.Random(str(rows)).getrandbits(256):064x}"
        stream = stream_of(trade)
        brought = self.do(e.ImportScores(stream=stream, component=module, digest=digest, rows=rows))
        self.do(e.ConfirmScores(stream=stream, n=brought.n), OTHER)

    def score_all(
        self, trade: str, numbers: random.Random, modules: tuple[str, ...] = tuple(MODULES)
    ) -> None:
        """Random scores for everybody, some of them equal."""
        for module in modules:
            self.score(
                trade, module, {i: str(numbers.randrange(40, 100, 4)) for i in range(1, self.entries + 1)}
            )

    def status(self, trade: str, i: int, status: str | None) -> None:
        """Say what an entry is instead of its marks."""
        self.do(
            e.SetStatus(
                stream=stream_of(trade), unit=unit_of(trade, i), scope="stage", status=status, reason="x"
            )
        )  # type: ignore[arg-type]  # the tests' words are the right ones

    def publish(self, trade: str, rank: str) -> None:
        """Lock and publish to the public."""
        if self.desk.state.streams[stream_of(trade)].marking != "locked":
            self.do(e.Lock(stream=stream_of(trade), scope="stage"))
        self.do(
            e.Publish(
                trade=trade, stage="final", group="open", rank=rank, audience="public", confirmed_by="zhao"
            )  # type: ignore[arg-type]  # the tests' words are the right ones
        )

    def version(self, topic: str) -> int:
        """The public version of a watched topic once everything that rang for it has been drawn and sent."""

        async def settled() -> int:
            shown = self.run.app.state.live.pictures.kept[topic]
            while shown.stale:
                await asyncio.sleep(0.01)
            return shown.v  # type: ignore[no-any-return]  # app.state is untyped

        return self.wait(settled())

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """One plain request: status, headers, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.run.port, timeout=20)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        connection.close()
        return found

    def picture(self, path: str) -> dict[str, Any]:
        """A picture's JSON."""
        found: dict[str, Any] = json.loads(self.get(path)[2])
        return found


async def _serve(
    path: Path,
    entries: int,
    disclosure: str,
    change: Callable[[Settings], Settings],
    ready: threading.Event,
    found: list[Day],
    end: asyncio.Event,
) -> None:
    world = build(entries, disclosure)
    clock = lambda: time.time_ns() // 1_000_000  # noqa: E731 (an argument)
    desk = await Desk.open(path / "data", clock, secrets.token_bytes, "c-test")
    try:
        for call in world.calls:
            answer = await desk.submit(call)
            assert answer.a == "accepted", (answer, call)
        persons = [(f"p{i}", Identity({"zh-CN": f"选手{i}号"})) for i in range(1, entries + 1)]
        await desk.put_persons(persons)
        async with running(desk, change=change) as run:
            found.append(Day(asyncio.get_running_loop(), desk, run, entries))
            ready.set()
            await end.wait()
    finally:
        ready.set()
        await desk.close()


@contextmanager
def day(
    path: Path,
    *,
    entries: int = 6,
    disclosure: str = "named_live",
    change: Callable[[Settings], Settings] = fast,
) -> Iterator[Day]:
    """A served day while the block runs; ``change``: what differs from the usual settings."""
    ready, found = threading.Event(), list[Day]()
    loop = asyncio.new_event_loop()
    end = asyncio.Event()
    work = loop.create_task(_serve(path, entries, disclosure, change, ready, found, end))
    thread = threading.Thread(target=lambda: loop.run_until_complete(work), daemon=True)
    thread.start()
    try:
        assert ready.wait(30)
        if not found:
            thread.join(10)
            work.result()
        yield found[0]
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(30)
        if not thread.is_alive():
            loop.close()
