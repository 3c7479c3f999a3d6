"""Bad input: each kind has its own code, its sentence in both languages, and its consequence.

Whatever came, nothing that was accepted is lost or applied twice: the judge's value stands, the journal has
as many lines more as the answer says, and the same seat goes on marking.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from compsys import events as e
from compsys import verify, words
from tests.journeys.topologies import Topology
from tests.web.venue import Browser, Venue, act, ended, greeted, hear, mark, played, tell, venue
from tests.world import MAIN
from web.access import DEVICE_COOKIE
from web.settings import Settings

FIRST = "0" * 31 + "1"
"""The key of the mark that was accepted before anything bad came."""

Provoke = Callable[[Venue, Browser], Awaitable[tuple[str, str]]]


@dataclass(frozen=True)
class Kind:
    """A kind of bad input: what provokes it, what comes back (how, code), lines it makes, its sentence."""

    provoke: Provoke
    back: tuple[str, str]
    lines: int = 0
    sentence: str = ""


async def connected(tablet: Browser) -> ClientConnection:
    """A socket that said hello."""
    socket = await tablet.socket("/live/seat")
    await greeted(socket)
    return socket


async def closed(socket: ClientConnection) -> tuple[str, str]:
    """How a connection is ended by the server: its close code and its word."""
    code, word = await ended(socket)
    return f"closed {code}", word


def frame(text: str) -> Provoke:
    """A message as it is."""

    async def provoke(place: Venue, tablet: Browser) -> tuple[str, str]:
        socket = await connected(tablet)
        await socket.send(text)
        return await closed(socket)

    return provoke


def item(**change: object) -> Provoke:
    """A mark in which something is changed; ``k``: its key."""

    async def provoke(place: Venue, tablet: Browser) -> tuple[str, str]:
        spoilt = mark("s1", "A1.J2", "2", key=str(change.get("k", "")))
        spoilt["cmd"] |= {name: value for name, value in change.items() if name != "k"}
        async with tablet.socket("/live/seat") as socket:
            await greeted(socket)
            (answer,) = await act(socket, spoilt)
            (again,) = await act(socket, spoilt)
        assert again | {"dup": True} == answer | {"dup": True}, "the same again is answered the same"
        return answer["a"], answer.get("code", "")

    return provoke


async def after_lock(place: Venue, tablet: Browser) -> tuple[str, str]:
    await place.do(e.SetStatus(stream=MAIN, unit="u2", scope="stage", status="absent", reason="x"))
    return await item(unit="u2")(place, tablet)


def door(path: str, origin: str | None) -> Provoke:
    """A socket or a form from another site, or from none."""

    async def provoke(place: Venue, tablet: Browser) -> tuple[str, str]:
        if path.startswith("/live"):
            with pytest.raises(InvalidStatus) as refused:
                await tablet.socket(path, origin=origin)
            answer = refused.value.response
            return f"http {answer.status_code}", json.loads(bytes(answer.body or b"{}"))["code"]
        told = await tablet.post(path, {"account": "lin"}, {"Origin": origin or ""})
        return f"http {told.status}", told.json["code"]

    return provoke


def cookie(change: Callable[[str], str]) -> Provoke:
    """A socket of somebody who is not enrolled."""

    async def provoke(place: Venue, tablet: Browser) -> tuple[str, str]:
        stranger = place.browser()
        stranger.cookies = {name: change(value) for name, value in tablet.cookies.items() if change(value)}
        return await closed(await stranger.socket("/live/seat"))

    return provoke


async def replayed(place: Venue, tablet: Browser) -> tuple[str, str]:
    """A message on a connection whose device has a newer one by now, of which it has not heard yet."""
    old = await connected(tablet)
    place.desk.fence(tablet.cookies[DEVICE_COOKIE].partition(".")[0])
    await tell(old, {"m": "do", "items": [mark("s1", "A1.J2", "3")]})
    return await closed(old)


async def too_fast(place: Venue, tablet: Browser) -> tuple[str, str]:
    async with tablet.socket("/live/seat") as socket:
        await greeted(socket)
        for _ in range(SLOW):
            await tell(socket, {"m": "ping", "pending": 0})
        (answer,) = await act(socket, mark("s1", "A1.J2", "2"))
        return answer["a"], answer["code"]


async def far_too_fast(place: Venue, tablet: Browser) -> tuple[str, str]:
    socket = await connected(tablet)
    for _ in range(SLOW + 100):
        await tell(socket, {"m": "ping", "pending": 0})
        await hear(socket, "pong")
    await tell(socket, {"m": "ping", "pending": 0})
    return await closed(socket)


SLOW = 20


def slow(settings: Settings) -> Settings:
    """A limit that a test reaches soon: one message in 10,000 seconds, 20 at once."""
    return replace(settings, messages_per_second=0, messages_at_once=SLOW)


MANY = json.dumps({"m": "do", "items": [{"k": "0" * 32, "cmd": {}}] * 51})

KINDS: dict[str, Kind] = {
    "malformed message": Kind(frame("{"), ("closed 4400", "malformed")),
    "malformed mark": Kind(item(round="one"), ("refused", "malformed")),
    "unknown command": Kind(item(c="burn"), ("refused", "unknown_kind")),
    "no key": Kind(item(k="x"), ("refused", "bad_key")),
    "oversized message": Kind(frame("x" * 17_000), ("closed 1009", ""), sentence="too_large"),
    "oversized note": Kind(item(note="x" * 501), ("refused", "too_large")),
    "too many items": Kind(frame(MANY), ("closed 4413", "too_large")),
    "out of range": Kind(item(aspect="C1.P1", value="16"), ("refused", "out_of_range")),
    "no number": Kind(item(aspect="C1.P1", value="１２"), ("refused", "not_a_number")),
    "no score": Kind(item(value="4"), ("refused", "not_a_score")),
    "off the grid": Kind(item(aspect="C1.P1", value="1.3"), ("refused", "off_step")),
    "wrong seat": Kind(item(seat="cooking/final/s2"), ("refused", "not_yours")),
    "a role's command": Kind(item(c="return", sub="A1", reason="x"), ("refused", "malformed")),
    "unknown unit": Kind(item(unit="u9"), ("refused", "unknown_unit")),
    "stale revision": Kind(item(aspect="A1.J1", value="3"), ("conflict", ""), 1, "say.conflict"),
    "reused key": Kind(item(k=FIRST), ("refused", "key_reused")),
    "after the lock": Kind(after_lock, ("late", ""), 2, "say.late"),
    "foreign Origin": Kind(door("/live/seat", "http://evil.example"), ("http 403", "foreign_origin")),
    "missing Origin": Kind(door("/live/seat", None), ("http 403", "foreign_origin")),
    "form of another site": Kind(door("/login", "http://evil.example"), ("http 403", "foreign_origin")),
    "form without Origin": Kind(door("/login", None), ("http 403", "foreign_origin")),
    "not enrolled": Kind(cookie(lambda value: ""), ("closed 4401", "not_enrolled")),
    "wrong secret": Kind(cookie(lambda value: value[:-1]), ("closed 4401", "not_enrolled")),
    "replayed connection": Kind(replayed, ("closed 4409", "old_connection")),
    "too fast": Kind(too_fast, ("retry", "throttled")),
    "far too fast": Kind(far_too_fast, ("closed 4429", "throttled")),
}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_has_its_code_its_sentence_and_its_consequence(
    name: str, tmp_path: Path, topology: Topology
) -> None:
    kind, db = KINDS[name], topology.database()

    def change(settings: Settings) -> Settings:
        return topology.desk(slow(settings) if "fast" in name else settings)

    async def scene() -> None:
        async with venue(tmp_path, change=change, db=db) as place:
            tablet = await place.tablet("s1")
            async with tablet.socket("/live/seat") as socket:
                await greeted(socket)
                (first,) = await act(socket, mark("s1", "A1.J1", "2", key=FIRST))
                assert first["a"] == "accepted"
            before = place.desk.state.streams[MAIN].n

            assert await kind.provoke(place, tablet) == kind.back

            assert place.desk.journal.head(MAIN).n == before + kind.lines
            cell = place.desk.state.streams[MAIN].sheets["u1", "A1"].cells["A1.J1", "cooking/final/s1", 1]
            assert (cell.rev, cell.value, cell.n) == (1, "2", first["n"])
            async with tablet.socket("/live/seat") as socket:
                await greeted(socket)
                (again,) = await act(socket, mark("s1", "A1.J1", "2", key=FIRST))
                assert again == first | {"dup": True}
                (good,) = await act(socket, mark("s1", "B1.M1", "pass"))
                assert (good["a"], good["rev"]) == ("accepted", 1)
            await place.desk.in_thread(lambda: place.desk.journal.backup(tmp_path / "copy.db"))
        assert verify.verify(tmp_path / "copy.db").status == 0

    played(scene)
    code = kind.sentence or kind.back[1]
    shown = {lang: words.say(code, lang) for lang in words.LANGS}
    assert len(set(shown.values())) == 2 and all(len(said) > 3 for said in shown.values())
    if not code.startswith("say."):
        assert all(words.todo(code, lang) for lang in words.LANGS), f"{code}: and what to do?"


def test_every_consequence_is_told_apart() -> None:
    """No two kinds that a person must act upon differently share a sentence."""
    groups = [
        {"malformed message", "malformed mark", "a role's command"},
        {"too fast", "far too fast"},
        {"oversized message", "oversized note", "too many items"},
        {"not enrolled", "wrong secret"},
        {"foreign Origin", "missing Origin", "form of another site", "form without Origin"},
    ]
    alike = {name: min(group) for group in groups for name in group}
    said: dict[str, str] = {}
    for name, kind in KINDS.items():
        sentence = words.say(kind.sentence or kind.back[1], "en")
        assert said.setdefault(sentence, alike.get(name, name)) == alike.get(name, name), name
    assert len(said) == len(KINDS) - sum(len(group) - 1 for group in groups)


def test_a_key_of_another_seat_is_not_answered_for(tmp_path: Path, topology: Topology) -> None:
    """Who learns a key cannot learn by it what it was answered with."""

    async def scene() -> None:
        async with venue(tmp_path, change=topology.desk, db=topology.database()) as place:
            one, two = await place.tablet("s1"), await place.tablet("s2")
            key = secrets.token_hex(16)
            async with one.socket("/live/seat") as a, two.socket("/live/seat") as b:
                await asyncio.gather(greeted(a), greeted(b))
                await act(a, mark("s1", "A1.J1", "2", key=key))
                (answer,) = await act(b, mark("s1", "A1.J1", "2", key=key))
                assert (answer["a"], answer["code"], answer.get("n")) == ("refused", "key_reused", None)

    played(scene)
