"""Pictures through a real Redis: whatever happens to it, what is held ends as what a desk would draw."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from redis.exceptions import NoPermissionError

from compsys import boards
from compsys import bus_redis as store
from compsys.boards_home import HOME
from compsys.bus import FromState, NotYet, Pictures
from compsys.bus_bells import Bells
from compsys.bus_mirror import GRACE, Mirror
from compsys.bus_publish import BEAT, WANTED_FOR, Publisher
from compsys.desk import Bell
from tests.compsys.test_bus import BOARD, Reader
from tests.redis_server import RedisServer, redis_server
from tests.world import MAIN, World, mark_all, opened
from web.hub import Hub

MEDALS = "medals:gold_first"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as found:
        yield found


@pytest.fixture(autouse=True)
def empty(server: RedisServer) -> None:
    server.client().config_set("maxmemory", 0)
    server.flush()


class Desk:
    """A world with its publisher, driven step by step; its seconds are the test's."""

    def __init__(self, server: RedisServer, world: World, clock: Clock) -> None:
        self.world, self.clock = world, clock
        self.pictures = Pictures(FromState(Reader(world), "public"), secrets.token_hex)
        client = store.connect(server.url)
        self.publisher = Publisher(client, secrets.token_hex(8), lambda: world.now, clock)
        self.hub = Hub(self.pictures, 50, self.publisher)

    def changed(self, unit: str = "u1") -> None:
        """Lines of a unit became durable."""
        self.hub.rang(self.pictures.rang([("sheet", MAIN, unit, "B1")]))

    async def beat(self) -> None:
        self.world.now += 1000
        self.clock.now += BEAT
        await self.publisher.beat(self.hub)

    async def send(self) -> None:
        """What a woken publisher does between two beats."""
        if self.publisher.leads:
            await self.hub.tick()
            await self.publisher.send(self.hub)

    def drawn(self, topic: str) -> Any:
        return msgspec.to_builtins(boards.picture(self.world.state, topic, "public", lambda p: {"en": p}))


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Public:
    """A public process without its pages."""

    def __init__(self, server: RedisServer, clock: Clock) -> None:
        self.mirror = Mirror(store.connect(server.url), clock)
        self.pictures = Pictures(self.mirror, secrets.token_hex)
        self.came: list[str] = []
        self.mirror.arrived = self.came.extend

    async def read(self) -> None:
        await self.mirror.read(1)

    async def look(self) -> None:
        await self.mirror.look()

    def want(self, topic: str) -> None:
        self.mirror.wanted.setdefault(topic, self.mirror.seconds())

    def held(self, topic: str) -> Any:
        found = self.mirror.held.get(topic)
        return found.picture if found else None


@asynccontextmanager
async def stage(server: RedisServer, **how: Any) -> AsyncIterator[tuple[Desk, Public]]:
    """A desk that publishes the board, and a public process that holds it; ``how``: the stage's settings."""
    clock = Clock()
    desk, public = Desk(server, opened(**how), clock), Public(server, clock)
    try:
        desk.publisher.want(BOARD)
        public.want(BOARD)
        await desk.beat()
        await public.look()
        yield desk, public
    finally:
        await desk.publisher.redis.aclose()
        await public.mirror.redis.aclose()


def test_a_change_fits_what_is_held_and_no_whole_is_fetched(server: RedisServer) -> None:
    async def scene() -> None:
        async with stage(server) as (desk, public):
            assert public.held(BOARD) == desk.drawn(BOARD) and public.held(HOME) is not None
            await public.read()
            asked = server.client().info("commandstats")
            for unit in ("u1", "u2", "u3"):
                mark_all(desk.world, unit)
                desk.changed(unit)
                await desk.send()
                await public.read()
                assert public.held(BOARD) == desk.drawn(BOARD)
            now = server.client().info("commandstats")
            assert now["cmdstat_hmget"] == asked["cmdstat_hmget"], "a whole was fetched"
            assert public.came.count(BOARD) == 4

    asyncio.run(scene())


def test_what_nobody_may_see_yet_sets_nothing(server: RedisServer) -> None:
    async def scene() -> None:
        async with stage(server) as (desk, _public):
            steps = desk.publisher.steps
            assert desk.world.mark("s1", "u1", "A1.J1", "3").a == "accepted"
            desk.changed()
            await desk.send()
            await desk.beat()
            assert desk.publisher.steps == steps

    asyncio.run(scene())


def test_only_what_is_wanted_is_drawn_and_it_is_taken_away_after_a_while(server: RedisServer) -> None:
    async def scene() -> None:
        async with stage(server) as (desk, _public):
            client = server.client()
            assert set(client.hkeys(store.PICTURES)) == {BOARD.encode(), HOME.encode()}
            desk.publisher.want(MEDALS)
            desk.publisher.want("board:none/of/these")
            await desk.send()
            assert set(client.hkeys(store.PICTURES)) == {BOARD.encode(), HOME.encode(), MEDALS.encode()}
            for _ in range(int(WANTED_FOR / BEAT) + 1):
                desk.publisher.want(BOARD)
                await desk.beat()
            assert set(client.hkeys(store.PICTURES)) == {BOARD.encode(), HOME.encode()}
            mark_all(desk.world, "u1")
            desk.changed()
            assert desk.hub.stale == {BOARD}
            await desk.beat()
            assert desk.publisher.leads and desk.publisher.steps > 3

    asyncio.run(scene())


def test_a_topic_wanted_again_comes_as_it_is_now(server: RedisServer) -> None:
    async def scene() -> None:
        async with stage(server) as (desk, public):
            for _ in range(int(WANTED_FOR / BEAT) + 2):
                await desk.beat()
            mark_all(desk.world, "u1")
            desk.changed()
            desk.publisher.want(BOARD)
            await desk.send()
            await public.look()
            assert public.held(BOARD) == desk.drawn(BOARD)

    asyncio.run(scene())


def test_a_missed_change_makes_it_fetch_the_whole(server: RedisServer) -> None:
    async def scene() -> None:
        async with stage(server) as (desk, public):
            for unit in ("u1", "u2"):
                mark_all(desk.world, unit)
                desk.changed(unit)
                await desk.send()
                if unit == "u1":
                    server.client().delete(store.FEED)
            await public.read()
            assert public.held(BOARD) == desk.drawn(BOARD)

    asyncio.run(scene())


def test_a_change_that_never_came_is_seen_at_the_next_look(server: RedisServer) -> None:
    async def scene() -> None:
        async with stage(server) as (desk, public):
            mark_all(desk.world, "u1")
            desk.changed()
            await desk.send()
            server.client().delete(store.FEED)
            await public.look()
            assert public.held(BOARD) == desk.drawn(BOARD)

    asyncio.run(scene())


def test_it_says_as_of_when_it_was_the_newest_and_stops_when_it_is_again(server: RedisServer) -> None:
    async def scene() -> None:
        async with stage(server) as (desk, public):
            await public.look()
            as_of = server.client().get(store.AS_OF).decode()
            assert public.mirror.behind(BOARD) is None
            server.flush()
            await public.look()
            assert public.mirror.behind(BOARD) is None, "a moment is no reason to say so"
            desk.clock.now += GRACE + 0.1
            await public.look()
            assert public.mirror.behind(BOARD) == as_of and public.held(BOARD) is not None
            await desk.beat()
            await public.look()
            assert public.mirror.behind(BOARD) is None

    asyncio.run(scene())


def test_a_publisher_that_is_gone_is_noticed_although_redis_answers(server: RedisServer) -> None:
    async def scene() -> None:
        async with stage(server) as (desk, public):
            await public.look()
            server.client().delete(store.LEASE)
            desk.clock.now += GRACE + 0.1
            await public.look()
            assert public.mirror.behind(BOARD)
            late = Public(server, desk.clock)
            late.want(BOARD)
            await late.look()
            assert late.held(BOARD) == public.held(BOARD), "what stands there is shown"
            assert late.mirror.behind(BOARD), "and said to be old"
            await late.mirror.redis.aclose()

    asyncio.run(scene())


def test_an_old_snapshot_of_redis_does_not_stay(server: RedisServer) -> None:
    async def scene() -> None:
        async with stage(server) as (desk, public):
            client = server.client()
            keys = [key for key in client.keys("*") if client.type(key) != b"stream"]
            kept = {key: client.dump(key) for key in keys}
            mark_all(desk.world, "u1")
            desk.changed()
            await desk.send()
            await public.read()
            for key, value in kept.items():
                client.restore(key, 3000 if key == store.LEASE.encode() else 0, value, replace=True)
            await desk.beat()
            await public.look()
            assert public.held(BOARD) == desk.drawn(BOARD) and public.mirror.behind(BOARD) is None
            fresh = Public(server, desk.clock)
            fresh.want(BOARD)
            await fresh.look()
            assert fresh.held(BOARD) == desk.drawn(BOARD)
            await fresh.mirror.redis.aclose()

    asyncio.run(scene())


def test_a_picture_that_redis_threw_out_is_set_again(server: RedisServer) -> None:
    async def scene() -> None:
        async with stage(server) as (desk, _public):
            server.client().hdel(store.PICTURES, BOARD)
            await desk.beat()
            assert server.client().hexists(store.PICTURES, BOARD)

    asyncio.run(scene())


def test_a_full_redis_stops_publishing_and_nothing_else(server: RedisServer) -> None:
    async def scene() -> None:
        async with stage(server) as (desk, public):
            server.client().config_set("maxmemory", 1)
            mark_all(desk.world, "u1")
            desk.changed()
            with pytest.raises(store.LOST):
                await desk.send()
            desk.publisher.leads = False
            for _ in range(3):
                with pytest.raises(store.LOST):
                    await desk.beat()
            server.client().config_set("maxmemory", 0)
            await desk.beat()
            await public.look()
            assert public.held(BOARD) == desk.drawn(BOARD)

    asyncio.run(scene())


# ---------------------------------------------------------------- two desks


def test_of_two_desks_one_publishes_and_the_other_takes_over(server: RedisServer) -> None:
    async def scene() -> None:
        async with stage(server) as (desk, public):
            other = Desk(server, desk.world, desk.clock)
            other.publisher.want(BOARD)
            await other.beat()
            assert desk.publisher.leads and not other.publisher.leads
            assert not other.publisher.holds(BOARD), "it draws nothing for nobody"
            server.client().delete(store.LEASE)
            await other.beat()
            assert other.publisher.leads
            mark_all(desk.world, "u1")
            for each in (desk, other):
                each.changed()
                await each.send()
            assert not desk.publisher.leads, "who lost the lease cannot write"
            await desk.beat()
            assert not desk.publisher.leads and other.publisher.leads
            await public.look()
            assert public.held(BOARD) == desk.drawn(BOARD)
            await other.publisher.redis.aclose()

    asyncio.run(scene())


def test_a_desk_that_was_away_sets_no_older_picture(server: RedisServer) -> None:
    async def scene() -> None:
        async with stage(server) as (desk, public):
            other = Desk(server, opened(), desk.clock)
            other.publisher.want(BOARD)
            server.client().delete(store.LEASE)
            mark_all(other.world, "u1")
            await other.beat()
            await public.look()
            newer = public.held(BOARD)
            assert newer == other.drawn(BOARD) != desk.drawn(BOARD)
            mark_all(desk.world, "u2")  # it has not read what the other one wrote
            desk.changed("u2")
            await desk.send()
            await public.read()
            await public.look()
            assert public.held(BOARD) == newer
            await other.publisher.redis.aclose()

    asyncio.run(scene())


def same_where_it_says_so(public: Public, *desks: Desk) -> None:
    """A picture that is held under a version is the picture that has this version."""
    held = public.mirror.held[BOARD]
    for desk in desks:
        shown = desk.pictures.kept.get(BOARD)
        if shown is not None and held.cursor == f"{shown.run}.{shown.v}":
            assert held.picture == msgspec.to_builtins(shown.picture)


def test_whatever_happens_what_is_held_ends_as_what_is_drawn(server: RedisServer, rng: random.Random) -> None:
    """Changes, beats, looks, lost messages in any order, two desks over one state, a Redis that forgets."""

    async def scene() -> None:
        async with stage(server, feed={"public": "revealed"}) as (desk, public):
            other = Desk(server, desk.world, desk.clock)
            seen = set()
            base = {"u1": 0, "u2": 0, "u3": 0}
            client = server.client()
            for _ in range(400):
                match rng.randrange(12):
                    case 0 | 1 | 2:
                        unit, value = rng.choice(list(base)), str(rng.randrange(5))
                        found = desk.world.mark("s2", unit, "B1.M2", value, base=base[unit])
                        base[unit] = found.rev or base[unit]
                        desk.changed(unit)
                        other.changed(unit)
                    case 3 | 4:
                        await rng.choice((desk, other)).send()
                    case 5 | 6:
                        await rng.choice((desk, other)).beat()
                    case 7 | 8:
                        await public.read()
                        same_where_it_says_so(public, desk, other)
                    case 9:
                        await public.look()
                        seen.add(str(public.held(BOARD)))
                    case 10:
                        client.delete(rng.choice((store.FEED, store.LEASE, store.PICTURES, store.VERSIONS)))
                    case _:
                        desk.publisher.want(BOARD)
                        other.publisher.want(BOARD)
                        if rng.random() < 0.2:
                            server.flush()
            for each in (desk, other, desk, other):
                each.publisher.want(BOARD)
                await each.beat()
            await public.look()
            assert public.held(BOARD) == desk.drawn(BOARD) and public.mirror.behind(BOARD) is None
            assert len(seen) > 10, "the board hardly moved"
            await other.publisher.redis.aclose()

    asyncio.run(scene())


# ---------------------------------------------------------------- what is asked, and by whom


def test_what_does_not_exist_is_never_asked_for(server: RedisServer) -> None:
    async def scene() -> None:
        async with stage(server) as (_desk, public):
            for topic in ("board:x/y/z", "medals:shiniest", "", f"{BOARD}?page=0", f"{BOARD}?page=2"):
                with pytest.raises(boards.UnknownTopic):
                    await public.pictures.newest(topic)
                assert topic not in public.mirror.wanted
            public.mirror.connected = False
            with pytest.raises(NotYet):
                await public.pictures.newest(MEDALS)

    asyncio.run(scene())


def test_what_stands_in_redis_and_is_not_ours_is_survived(server: RedisServer) -> None:
    async def scene() -> None:
        async with stage(server) as (desk, public):
            client = server.client()
            client.xadd(store.WANTED, {"t": b"\xff nonsense"})
            client.xadd(store.FEED, {"t": BOARD, "c": "x.1", "b": "", "m": b"{"})
            listening = asyncio.create_task(desk.publisher.listen_for_ever())
            await public.read()
            client.xadd(store.WANTED, {"t": msgspec.json.encode([MEDALS, 7])})
            client.xadd(store.WANTED, {"t": msgspec.json.encode(["x" * 300])})
            for _ in range(500):
                client.xadd(store.WANTED, {"t": msgspec.json.encode([MEDALS])})
                await asyncio.sleep(0.01)
                if MEDALS in desk.publisher.wanted:
                    break
            listening.cancel()
            assert set(desk.publisher.wanted) == {BOARD, MEDALS}
            assert public.held(BOARD) == desk.drawn(BOARD)

    asyncio.run(scene())


def test_bells_wake_the_other_desk_once_and_not_oneself(server: RedisServer) -> None:
    async def scene() -> None:
        rung: list[str] = []
        one, two = (Bells(store.connect(server.url), name, lambda n=name: rung.append(n)) for name in "ab")  # type: ignore[misc]  # bound at once
        async with one.running(), two.running():
            while server.client().pubsub_numsub(store.BELLS)[0][1] < 2:
                await asyncio.sleep(0.01)
            one.ring([Bell("hot.final.main", n, ()) for n in (1, 2, 3)])
            async with asyncio.timeout(5):
                while rung != ["b"]:
                    await asyncio.sleep(0.01)
            two.ring([Bell("hot.final.main", 3, ())])  # it has read them: they are not its own
            two.ring([Bell("cold.final.main", 1, ())])
            async with asyncio.timeout(5):
                while rung != ["b", "a"]:
                    await asyncio.sleep(0.01)

    asyncio.run(scene())


def test_an_address_that_is_none_is_refused_and_never_repeated() -> None:
    with pytest.raises(store.BadAddress) as found:
        store.connect("http://user:secret@host")
    assert "secret" not in str(found.value)


def test_what_a_lost_redis_is_called_holds_no_password() -> None:
    async def scene() -> None:
        client = store.connect("redis://user:secret@127.0.0.1:1/0")
        with pytest.raises(store.LOST) as found:
            await client.ping()
        assert "secret" not in store.told(found.value)

    asyncio.run(scene())


def test_the_documented_account_reads_pictures_and_nothing_else(server: RedisServer) -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    lines = [line for line in page.splitlines() if line.startswith("ACL SETUSER ")]
    admin = server.client()
    for line in lines:
        admin.execute_command(*line.split())

    async def scene() -> None:
        clock = Clock()
        desk = Desk(server, opened(), clock)
        address = f"127.0.0.1:{server.port}/0"
        desk.publisher.redis = store.connect(f"redis://desk:PASSWORD@{address}")
        public = Public(server, clock)
        public.mirror.redis = store.connect(f"redis://board:PASSWORD@{address}")
        publisher = Publisher(desk.publisher.redis, "t", lambda: desk.world.now, clock)
        desk.publisher = desk.hub.follower = publisher
        public.want(BOARD)
        async with public.mirror.running(), publisher.running(desk.hub):
            async with asyncio.timeout(10):
                while public.held(BOARD) is None:
                    clock.now += 0.1
                    await asyncio.sleep(0.02)
        assert public.held(BOARD) == desk.drawn(BOARD)

    asyncio.run(scene())
    board = server.client(username="board", password="PASSWORD")
    for act in (
        lambda: board.hset(store.PICTURES, "x", "y"),
        lambda: board.get(store.WANTED),
        lambda: board.xread({store.WANTED: "0-0"}),
        lambda: board.publish(store.BELLS, "x"),
        lambda: board.execute_command("SUBSCRIBE", store.BELLS),
        lambda: board.flushall(),
        lambda: board.keys("*"),
        lambda: board.delete(store.LEASE),
    ):
        with pytest.raises(NoPermissionError):
            act()
    for name in ("desk", "board"):
        admin.execute_command("ACL", "DELUSER", name)
