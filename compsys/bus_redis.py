"""The public's pictures in Redis: under which names, and the few steps that must be one.

Redis holds no truth. One publisher at a time, the holder of a lease of a few seconds, sets pictures; whoever
lost the lease can no longer write, because each step looks at it first. A publisher counts its steps in
Redis: where the count is not what it should be (flushed, restarted, restored, evicted) all is set anew.

Judges' topics, votes, positions of streams and names that may not be shown are never written here. Public
processes may have an account that reads ``compsys:1:public:*`` and adds to ``compsys:1:wanted``, no more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

PREFIX = "compsys:1:"
"""The number changes when what a picture says changes: processes of two kinds never read each other's."""

LEASE = PREFIX + "public:lease"
"""The token of the publisher; it goes by itself when that one no longer beats."""
AS_OF = PREFIX + "public:as_of"
"""When everything that was durable had last been set here: UTC, text."""
PICTURES = PREFIX + "public:pictures"
"""topic -> its whole message."""
VERSIONS = PREFIX + "public:versions"
"""topic -> its cursor; and "" -> how many steps the publisher has made."""
FEED = PREFIX + "public:feed"
"""Stream of changes: t topic, c cursor, b the cursor it builds on, m the message (b"" = fetch the whole)."""
WANTED = PREFIX + "wanted"
"""Stream of topics that public processes show: t, a JSON list."""
BELLS = PREFIX + "bells"
"""Channel between desks that share a store: [[stream, n], ...]; no public process may listen."""

LEASE_MS = 3000
FEED_LENGTH = 200
WANTED_LENGTH = 200
TIMEOUT = 2.0
"""Seconds without a word from Redis before it counts as lost."""

LOST = (RedisError, OSError, TimeoutError, msgspec.MsgspecError)
"""What talking to Redis may end with: away, full, refusing, slow, or saying what is not ours."""


class BadAddress(ValueError):
    """This is no address of a Redis server."""


def connect(url: str) -> Redis:
    """A client of the server at ``redis://``, ``rediss://`` or ``unix://``; nothing is sent yet. Raises
    BadAddress."""
    try:
        return Redis.from_url(
            url,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            retry=Retry(NoBackoff(), 0),  # who asks decides when to ask again
            protocol=2,
        )
    except ValueError as error:
        raise BadAddress("not redis://, rediss:// or unix://") from error


def told(error: BaseException) -> str:
    """An error of LOST in a few words for a log, without what may be secret in it."""
    return f"{type(error).__name__}: {error}" if isinstance(error, RedisError) else type(error).__name__


@asynccontextmanager
async def beside(*jobs: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these for as long as the block does; one that breaks ends the block with its error."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(job) for job in jobs]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


# ---------------------------------------------------------------- steps that are one

BEAT = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 'held' end
if not holder or ARGV[6] == '1' or redis.call('HGET', KEYS[4], '') ~= ARGV[4]
   or redis.call('HLEN', KEYS[3]) ~= tonumber(ARGV[5]) then
  redis.call('DEL', KEYS[3], KEYS[4])
  redis.call('HSET', KEYS[4], '', '0')
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 'taken'
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('SET', KEYS[2], ARGV[3])
return 'kept'
"""
"""KEYS lease as_of pictures versions; ARGV token, ms, time, steps, pictures set, 1 = begin anew."""

SET = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('HGET', KEYS[3], '') ~= ARGV[2] then return 0 end
redis.call('HINCRBY', KEYS[3], '', 1)
redis.call('HSET', KEYS[2], ARGV[3], ARGV[5])
redis.call('HSET', KEYS[3], ARGV[3], ARGV[4])
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[8], '*',
  't', ARGV[3], 'c', ARGV[4], 'b', ARGV[6], 'm', ARGV[7])
return 1
"""
"""KEYS lease pictures versions feed; ARGV token, steps, topic, cursor, whole, base, change, feed's length."""

DROP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('HGET', KEYS[3], '') ~= ARGV[2] then return 0 end
redis.call('HINCRBY', KEYS[3], '', 1)
redis.call('HDEL', KEYS[2], ARGV[3])
redis.call('HDEL', KEYS[3], ARGV[3])
return 1
"""
"""KEYS lease pictures versions; ARGV token, steps, topic."""

RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""
"""KEYS lease; ARGV token."""


class Script(Protocol):
    """A script as redis-py calls it."""

    async def __call__(self, *, keys: list[str], args: list[Any]) -> Any: ...


# ---------------------------------------------------------------- reading streams

Id = tuple[int, int]
START: Id = (0, 0)


def id_of(raw: bytes) -> Id:
    """An entry's id as numbers.

    >>> id_of(b"1526919030474-55")
    (1526919030474, 55)
    """
    ms, _, n = raw.partition(b"-")
    return int(ms), int(n)


async def tail(client: Redis, stream: str) -> Id:
    """The id of a stream's newest entry, START when it has none."""
    found: Any = await client.xrevrange(stream, count=1)
    return id_of(found[0][0]) if found else START


async def entries(client: Redis, stream: str, after: Id, block: int) -> tuple[Id, list[dict[bytes, bytes]]]:
    """The entries of a stream after an id, waiting at most ``block`` ms for one; and the id to go on from.

    A stream that was flushed and begun anew under a clock that went back is read from its beginning.
    """
    found: Any = await client.xread({stream: f"{after[0]}-{after[1]}"}, count=100, block=block)
    if not found:
        newest = await tail(client, stream)
        return (after if newest >= after else START), []
    rows = found[0][1]
    return id_of(rows[-1][0]), [fields for _, fields in rows]
