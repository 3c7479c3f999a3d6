"""Screens: one picture drawn, encoded and framed once, patched to the newest, never in a judge's way."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
from pathlib import Path
from typing import Any

import msgspec
import pytest

from compsys import boards
from compsys import events as e
from tests.web.venue import BOARD, Clock, Venue, act, ended, fast, greeted, hear, mark, played, tell, venue
from tests.world import MAIN
from web import hub


async def signed_sheet(place: Venue, unit: str = "u1") -> None:
    """Sign the agreed sheet of a unit, so that the public board moves."""
    actors = {}
    for seat in ("s1", "s2", "s3"):
        actors[seat] = e.Actor("seat", f"cooking/final/{seat}", ("lead" if seat == "s1" else "judge",))
    devices = {device.seat: device.id for device in place.desk.state.devices.values() if not device.revoked}

    async def send(seat: str, command: e.Command) -> None:
        call = e.Call(secrets.token_hex(16), actors[seat], command, devices[f"cooking/final/{seat}"])
        answer = await place.desk.submit(call)
        assert answer.a == "accepted", answer

    for aspect, value in (("B1.M1", "pass"), ("B1.M2", "3")):
        await send("s1", e.Mark(
            stream=MAIN, unit=unit, aspect=aspect, seat="*", round=1, value=value, base=0
        ))  # fmt: skip
    for seat in actors:
        await send(seat, e.Sign(stream=MAIN, unit=unit, sub="B1", seat=f"cooking/final/{seat}"))


async def enrolled(place: Venue) -> None:
    for seat in ("s1", "s2", "s3"):
        await place.tablet(seat)


@pytest.mark.parametrize("straight", [True, False])
def test_patched_pictures_are_the_drawn_ones(
    straight: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By raw frames to the transports, and by the app's own sending where there is none."""
    if not straight:
        monkeypatch.setattr("web.live.transport_of", lambda scope: None)

    async def scene() -> None:
        async with venue(tmp_path, change=fast) as place:
            await enrolled(place)
            async with place.browser().socket(BOARD) as one, place.browser().socket(BOARD) as two:
                wholes = [await hear(socket, "whole") for socket in (one, two)]
                assert wholes[0] == wholes[1] and wholes[0]["v"] == 1
                pictures = [whole["picture"] for whole in wholes]
                for unit in ("u1", "u2", "u3"):
                    await signed_sheet(place, unit)
                    async with place.desk.reading() as state:
                        drawn = boards.picture(state, "board:cooking/final/open", "public", lambda _: None)
                    for index, socket in enumerate((one, two)):
                        v = wholes[index]["v"]
                        while pictures[index] != msgspec.to_builtins(drawn):
                            change = await hear(socket, "change")
                            assert (change["base"], change["v"]) == (v, v + 1)
                            v += 1
                            pictures[index] = boards.patch(pictures[index], change)
                        wholes[index]["v"] = v

    played(scene)


def test_a_mark_that_may_not_be_seen_moves_no_screen(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, change=fast) as place:
            await enrolled(place)
            judge = await place.tablet("s1")
            async with place.browser().socket(BOARD) as screen, judge.socket("/live/seat") as socket:
                whole = await hear(screen, "whole")
                await greeted(socket)
                for aspect in ("A1.J1", "A1.J2", "C1.P1"):
                    await act(socket, mark("s1", aspect, "2"))
                ticks = place.run.app.state.live.hub.counts.ticks
                while (
                    place.run.app.state.live.hub.counts.ticks < ticks + 1
                    and place.run.app.state.live.hub.stale
                ):
                    await asyncio.sleep(0.01)
                await tell(screen, {"m": "ping"})
                assert json.loads(await screen.recv()) == {"m": "pong"}, "the next thing said is the pong"
                async with place.browser().socket(BOARD) as later:
                    assert await hear(later, "whole") == whole

    played(scene)


def test_a_slow_screen_delays_nobody_and_gets_the_newest_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        async with venue(tmp_path, change=fast) as place:
            await enrolled(place)
            live = place.run.app.state.live
            async with place.browser().socket(BOARD) as good, place.browser().socket(BOARD) as slow:
                await hear(good, "whole")
                await hear(slow, "whole")
                first, second = live.hub.watched["board:cooking/final/open"].screens
                assert first.transport is not None
                # a line that does not drain, as the kernel would report it
                stuck = Stuck(second.transport)
                second.transport = stuck
                await signed_sheet(place, "u1")
                await hear(good, "change")
                await signed_sheet(place, "u2")
                change = await hear(good, "change")
                assert stuck.written == 0 and live.hub.counts.skipped >= 1
                stuck.waiting = 0
                newest = await hear(slow, "whole")
                assert newest["v"] >= change["v"]
                assert newest["picture"] == live.pictures.kept["board:cooking/final/open"].picture

    played(scene)


class Stuck:
    """A transport whose buffer does not empty until told."""

    def __init__(self, real: Any) -> None:
        self.real, self.waiting, self.written = real, hub.SLOW + 1, 0

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return bool(self.real.is_closing())

    def write(self, data: bytes) -> None:
        self.written += 1
        self.real.write(data)


@pytest.mark.parametrize(
    ("path", "said", "end"),
    [
        ("/live/board?topic=board:none/final/open", "", (4404, "unknown_topic")),
        ("/live/board", "", (4404, "unknown_topic")),
        ("/live/board?topic=" + "x" * 500, "", (4404, "unknown_topic")),
        (BOARD, '{"m":"hello"}', (4400, "malformed")),
        (BOARD, "x" * 100, (4413, "too_large")),
    ],
)
def test_a_spectator_may_watch_and_nothing_else(
    path: str, said: str, end: tuple[int, str], tmp_path: Path
) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            async with place.browser().socket(path) as screen:
                if said:
                    await screen.send(said)
                assert await ended(screen) == end
            assert place.run.app.state.live.hub.screens == 0

    played(scene)


def test_a_spectator_who_talks_too_much_is_ended(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, change=Clock().set) as place:
            async with place.browser().socket(BOARD) as screen:
                for _ in range(6):
                    await tell(screen, {"m": "ping"})
                assert await ended(screen) == (4429, "throttled")

    played(scene)


def test_screens_that_leave_are_forgotten_and_topics_redrawn_for_the_next(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, change=fast) as place:
            await enrolled(place)
            live = place.run.app.state.live
            async with place.browser().socket(BOARD) as screen:
                before = await hear(screen, "whole")
                assert live.hub.screens == 1
            while live.hub.screens:
                await asyncio.sleep(0.01)
            await signed_sheet(place)
            async with place.browser().socket(BOARD) as screen:
                after = await hear(screen, "whole")
                assert after["v"] == before["v"] + 1 and after["picture"] != before["picture"]

    played(scene)


def test_many_screens_get_one_and_the_same_frame(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, change=fast) as place:
            await enrolled(place)
            browsers = [place.browser().socket(BOARD) for _ in range(120)]
            screens = await asyncio.gather(*(browser.__aenter__() for browser in browsers))
            try:
                await asyncio.gather(*(hear(screen, "whole") for screen in screens))
                await signed_sheet(place)
                changes = await asyncio.gather(*(screen.recv() for screen in screens))
                assert len(set(changes)) == 1
            finally:
                for browser in browsers:
                    await browser.__aexit__(None, None, None)

    played(scene)


def test_uvicorn_still_hands_out_its_transport(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place, place.browser().socket(BOARD) as screen:
            await hear(screen, "whole")
            (watched,) = place.run.app.state.live.hub.watched.values()
            (found,) = watched.screens
            assert isinstance(found.transport, asyncio.Transport)
            line = found.transport.get_extra_info("socket")
            assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), "or an answer waits 40 ms"

    played(scene)


def test_who_came_during_a_trouble_that_nobody_else_heard_of_hears_of_its_end(tmp_path: Path) -> None:
    """As where a public process was cut off from its desk for a moment between two looks."""

    async def scene() -> None:
        async with venue(tmp_path, change=fast) as place:
            screens = place.run.app.state.live.hub
            said = [b""]
            screens.remark_of = lambda topic: said[0]
            async with place.browser().socket(BOARD) as before:
                await hear(before, "whole")
                await screens.remark()
                said[0] = b'{"m":"behind","as_of":"2026-05-01T09:00:00.000Z"}'
                async with place.browser().socket(BOARD) as during:
                    assert (await hear(during, "behind"))["as_of"]
                    said[0] = b""
                    await screens.remark()
                    assert await hear(during, "current") == {"m": "current"}
                    said[0] = b'{"m":"behind","as_of":""}'
                    await screens.remark()
                    for socket in (before, during):
                        assert (await hear(socket, "behind"))["as_of"] == ""
                    async with place.browser().socket(BOARD) as after:
                        assert await hear(after, "behind")
                        said[0] = b""
                        await screens.remark()
                        for socket in (before, during, after):
                            await hear(socket, "current")

    played(scene)
