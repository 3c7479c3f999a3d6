"""What is hidden changes no byte that goes to Redis: not its values, nor when and how often they were set.

A tap between the publisher and a real Redis writes down every byte it is sent; the rest is as in test_public.
"""

from __future__ import annotations

import asyncio
import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from compsys import simulate_network
from compsys.bus_publish import Publisher
from compsys.bus_redis import connect
from compsys.simulate_network import SimulatedLoop
from tests.leak.test_public import (
    CASES,
    COMMON,
    OTHER,
    SEATS,
    TOPICS,
    Case,
    Day,
    Facts,
    one_finished,
    world,
    wrong_level,
    wrong_time,
    wrong_version,
)
from tests.leak.visitors import House, Record, differences, played, without_chance
from tests.redis_server import RedisServer, redis_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as found:
        yield found


class Tap:
    """Carries connections on to Redis, and keeps what was sent to it."""

    def __init__(self, server: RedisServer) -> None:
        self.server, self.sent = server, b""
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self.door.getsockname()[1]}/0"
        self.thread = threading.Thread(target=self.carry, daemon=True)
        self.thread.start()

    def carry(self) -> None:
        client, _ = self.door.accept()
        with client, socket.create_connection(("127.0.0.1", self.server.port)) as far:
            other = {client: far, far: client}
            with selectors.DefaultSelector() as lines:
                for line in other:
                    lines.register(line, selectors.EVENT_READ)
                while True:
                    for key, _ in lines.select():
                        line: Any = key.fileobj
                        data = line.recv(65536)
                        if not data:
                            return
                        if line is client:
                            self.sent += data
                        other[line].sendall(data)


@contextmanager
def waiting_for_sockets(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """While the block runs the simulated clock stands, and the loop waits for real sockets."""
    real = selectors.SelectSelector.select
    with patch.context() as inner:
        inner.setattr(
            simulate_network._Jumping, "select", lambda self, timeout=None: real(self, 5 if timeout else 0)
        )
        yield


class Publishing:
    """The house's publisher, woken when the test says so."""

    def __init__(self, house: House, tap: Tap, patch: pytest.MonkeyPatch, record: Record) -> None:
        self.tap, self.patch, self.told = tap, patch, record.setdefault("redis", [])
        self.hub = house.app.state.live.hub
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimulatedLoop)
        self.publisher = Publisher(connect(tap.url), "the desk's token", lambda: house.now, loop.time)
        self.hub.follower = self.publisher

    async def wake(self, *, beat: bool = False) -> None:
        """What a publisher does when it is woken, or when a beat is due."""
        await asyncio.sleep(1)  # the ticker draws what is stale
        before = len(self.tap.sent)
        with waiting_for_sockets(self.patch):
            for topic in TOPICS:
                self.publisher.want(topic)
            if beat:
                await self.publisher.beat(self.hub)
            elif self.publisher.leads:
                await self.publisher.send(self.hub)
        if len(self.tap.sent) > before:
            self.told.append(self.tap.sent[before:].decode())


def run(directory: Path, server: RedisServer, case: Case, facts: Facts) -> tuple[Record, Record]:
    """What went to Redis until the hidden was shown, and after it."""
    server.flush()
    server.client().script_flush()
    tap = Tap(server)
    after: Record = {}
    before: Record = {}

    async def script(house: House) -> None:
        publishing = Publishing(house, tap, patch, before)
        act = Day.act

        async def acted(day: Day, seat: str, command: Any) -> None:
            await act(day, seat, command)
            await publishing.wake()

        patch.setattr(Day, "act", acted)
        for seat in (*SEATS, "chief"):
            await house.seat(seat)
        day = Day(house, COMMON)
        await house.at(10)
        await publishing.wake(beat=True)
        await case.before(day, COMMON)
        await house.at(1000)
        await publishing.wake(beat=True)
        day.facts = facts
        await case.hidden(day, facts)
        await house.at(2000)
        await publishing.wake(beat=True)
        publishing.told = after.setdefault("redis", [])
        await case.after(day, facts)
        await house.at(9000)
        await publishing.wake(beat=True)
        with waiting_for_sockets(patch):
            await publishing.publisher.redis.aclose()

    with pytest.MonkeyPatch.context() as patch:
        without_chance(patch)
        played(directory, world(case.stage), script)
    tap.door.close()
    return before, after


async def one_vote(day: Day, facts: Facts) -> None:
    """A sealed vote of one judge of three, set again as often as the facts say."""
    await day.mark("s1", "u2", "A1.J1", facts.judged)
    for base in range(1, 1 + facts.again):
        await day.mark("s1", "u2", "A1.J1", str(base), base)


async def the_other_votes(day: Day, facts: Facts) -> None:
    for seat in SEATS[1:]:
        await day.mark(seat, "u2", "A1.J1", facts.judged)


SEALED = {"one sealed vote": Case({"feed": {"public": "revealed"}}, one_finished, one_vote, the_other_votes)}
SAME_TIMES = Facts(judged="3", points="7.5")


@pytest.mark.parametrize("name", [*SEALED, *CASES])
def test_what_is_hidden_changes_no_byte_that_redis_gets(
    name: str, server: RedisServer, tmp_path: Path
) -> None:
    case = (SEALED | CASES)[name]
    (one, shown), (other, also) = (
        run(tmp_path / str(facts.pace), server, case, facts) for facts in (COMMON, OTHER)
    )
    assert len(one["redis"]) >= 3 and "board:cooking/final/open" in one["redis"][0]
    assert differences(one, other) == []
    assert differences(shown, also) != [], "what was hidden never came out: the two do not differ"


@pytest.mark.parametrize("leak", [wrong_level, wrong_time, wrong_version])
def test_a_planted_leak_is_found(
    leak: Callable[[pytest.MonkeyPatch], None],
    server: RedisServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leak(monkeypatch)
    (one, _), (other, _) = (
        run(tmp_path / f"{facts.pace}", server, CASES["signed"], facts) for facts in (COMMON, OTHER)
    )
    assert differences(one, other) != []
