"""Copies off this machine on the console: when it warns, and what it takes for a copy."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from compsys import clock, verify
from compsys import events as e
from tests.web.venue import Browser, played, venue
from tests.world import MAIN
from web import console_copies


async def brought(console: Browser, data: bytes) -> str:
    """The page after a file was brought."""
    fields = {"csrf": await console.form_token("/console/copies"), "k": secrets.token_hex(16)}
    fields["where"] = "red stick"
    part = '--cut\r\nContent-Disposition: form-data; name="{}"\r\n\r\n'
    body = "".join(part.format(name) + value + "\r\n" for name, value in fields.items()).encode()
    body += part.format('file"; filename="heads.json').encode() + data + b"\r\n--cut--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=cut", "Accept-Language": "en"}
    told = await console.ask("POST", "/console/copies", body, kind)
    return (await page(console, told.headers["location"])) if told.status == 303 else told.text


async def page(console: Browser, path: str) -> str:
    """A page in English."""
    return (await console.get(path, **{"Accept-Language": "en"})).text


def test_the_console_warns_until_a_copy_elsewhere_is_told_of(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            console = await place.organizer()
            home = await page(console, "/console")
            assert "no copy off this machine" in home and "/console/copies" in home
            copy = tmp_path / "copy.db"
            await place.desk.in_thread(lambda: place.desk.journal.backup(copy))
            good = verify.verify(copy).data()
            for bad in (b"x", b"[]", json.dumps(good | {"competition": "other"}).encode()):
                assert "is no check of a copy" in await brought(console, bad)
            broken = good | {"problems": [{"code": "gap"}]}
            assert "has problems" in await brought(console, json.dumps(broken).encode())
            n, seal = good["heads"][MAIN]
            foreign = good | {"heads": {MAIN: [n, "00" + seal[2:]]}}
            assert f"Line {n} of {MAIN} in it" in await brought(console, json.dumps(foreign).encode())
            assert not place.desk.state.kept.at
            told = await brought(console, json.dumps(good).encode())
            assert "The copy counts" in told and "red stick" in told
            assert "copy off this machine" not in await page(console, "/console")
            reader = await place.organizer("wu", ("supervisor",))
            assert "red stick" in await page(reader, "/console/copies")
            assert (await reader.post("/console/copies", {})).status == 403

    played(scene)


def test_a_copy_grows_old_while_marks_are_taken_and_only_then(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            state = place.desk.state

            async def copied() -> str:
                heads = {MAIN: (state.streams[MAIN].n, state.streams[MAIN].head.hex())}
                await place.do(e.KeepHeads(heads=heads, where="red stick"))
                return clock.text(clock.millis(state.kept.at) + console_copies.OLD * 60_000)

            assert console_copies.aging(state, await copied()) is None, "nothing happened since"
            await place.do(e.Session(stream=MAIN, session="practice", move="pause", reason="lunch"))
            assert console_copies.aging(state, place.desk.now()) is None, "it is young"
            later = clock.text(clock.millis(state.kept.at) + console_copies.OLD * 60_000)
            assert console_copies.aging(state, later) == ("live.copy_old", {"n": console_copies.OLD})
            assert console_copies.aging(state, await copied()) is None

    played(scene)
