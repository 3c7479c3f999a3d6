"""Calibration over the wire: marked on the tablets' own line, told to the chief at the end, in no journal."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection

from compsys import scoring, words
from compsys.calibration import SEAT, STREAM, UNIT
from tests.web.test_chief import chief_of
from tests.web.test_console import fill
from tests.web.venue import Browser, Venue, act, greeted, played, venue
from tests.world import MAIN

AT = "/chief/calibration"
BEGIN = {"do": "begin", "sub": "open A1"}


def mark(aspect: str, value: str) -> dict[str, Any]:
    where = {"stream": STREAM, "unit": UNIT, "aspect": aspect, "round": 1, "seat": SEAT}
    return {"k": secrets.token_hex(16), "cmd": {"c": "mark", **where, "value": value, "base": 0}}


def signature() -> dict[str, Any]:
    cmd = {"c": "sign", "stream": STREAM, "unit": UNIT, "sub": "A1", "seat": SEAT}
    return {"k": secrets.token_hex(16), "cmd": cmd}


async def given(socket: ClientConnection, *items: dict[str, Any]) -> None:
    for item in items:
        (answer,) = await act(socket, item)
        assert answer["a"] == "accepted", answer


async def marks(browser: Browser, values: str, *, signs: bool = True) -> None:
    async with browser.socket("/live/calibration") as socket:
        hello = await greeted(socket)
        assert [sheet["code"] for sheet in hello["whole"]["sheets"]] == ["S1"]
        await given(socket, *(mark(f"A1.J{i}", value) for i, value in enumerate(values, 1)))
        if signs:
            await given(socket, signature())


def of_marking(there: Venue) -> tuple[Any, ...]:
    """All that a calibration must not touch."""
    state = there.desk.state
    stream = state.streams[MAIN]
    standing = scoring.result_rows(state, "cooking", "final", "open")
    return stream.n, stream.head, len(stream.sheets), standing


def test_offsets_come_when_all_have_signed_and_nothing_is_in_the_journal(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            chief, judges = await chief_of(there), [await there.tablet(f"s{i}") for i in (1, 2, 3)]
            before = of_marking(there)
            assert (await judges[0].get("/seat/calibration")).status == 303
            assert (await fill(chief, AT, AT, {"do": "begin"})).status == 409
            assert (await fill(chief, AT, AT, BEGIN)).status == 303
            waits = await judges[0].get("/seat/calibration/waits")
            assert waits.json == {"waits": True, "signed": False}
            assert 'data-live="/live/calibration"' in (await judges[0].get("/seat/calibration")).text
            assert (await fill(chief, AT, AT, {"do": "leave", "seat": "cooking/final/s4"})).status == 303
            empty = (await chief.get(AT)).text
            await marks(judges[0], "30", signs=False)
            assert (await chief.get(AT)).text.count("not signed yet") == empty.count("not signed yet")
            assert (await chief.get("/chief/calibration.pdf")).status == 404
            await marks_on(judges[0])
            await marks(judges[1], "11")
            page = (await chief.get(AT)).text
            assert "+1" not in page and words.say("calibration.never_before", "en") in page
            await marks(judges[2], "22")
            page = (await chief.get(AT)).text
            assert "<b>+1.00</b>" in page and "<b>-1.00</b>" in page
            assert (await fill(chief, AT, AT, {"do": "agree", "v:A1.J1": "x"})).status == 409
            assert (await fill(chief, AT, AT, {"do": "agree", "v:A1.J1": "1"})).status == 303
            assert "<b>+2.00</b>" in (await chief.get(AT)).text
            told = await chief.get("/chief/calibration.pdf")
            assert told.status == 200 and told.body.startswith(b"%PDF")
            assert (await fill(chief, AT, AT, {"do": "close"})).status == 303
            assert (await judges[1].get("/seat/calibration")).status == 303
            assert of_marking(there) == before
            assert not any(sheet.cells for sheet in there.desk.state.streams[MAIN].sheets.values())

    played(scene)


async def marks_on(browser: Browser) -> None:
    """Comes back, finds what was given, and signs."""
    async with browser.socket("/live/calibration") as socket:
        hello = await greeted(socket)
        (sheet,) = hello["whole"]["sheets"]
        assert [sheet["aspects"][f"A1.J{i}"]["value"] for i in (1, 2)] == ["3", "0"]
        await given(socket, signature())


def test_the_chief_is_told_the_same_whatever_was_given_so_far(tmp_path: Path) -> None:
    seen: list[str] = []

    async def scene(values: str, folder: Path) -> None:
        async with venue(folder) as there:
            chief, judges = await chief_of(there), [await there.tablet(f"s{i}") for i in (1, 2)]
            assert (await fill(chief, AT, AT, BEGIN)).status == 303
            for judge in judges:
                await marks(judge, values)
            page = (await chief.get(AT)).text
            seen.append(stripped(page))
            assert (await judges[0].get(AT)).status == 403
            other = await there.tablet("s3")
            async with other.socket("/live/calibration") as socket:
                (sheet,) = (await greeted(socket))["whole"]["sheets"]
                assert sheet["n"] and all(one["value"] is None for one in sheet["aspects"].values())

    played(lambda: scene("30", tmp_path / "a"))
    played(lambda: scene("12", tmp_path / "b"))
    assert seen[0] == seen[1]


def stripped(page: str) -> str:
    """A page without the keys and times that differ in any two."""


    page = re.sub(r'name="(k|csrf)" value="[0-9a-f]+"', "", page)
    return re.sub(r"\d\d:\d\d|<time[^>]*>", "", page)


def test_a_judge_who_is_left_out_gives_nothing_more(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            chief, judge = await chief_of(there), await there.tablet("s1")
            assert (await fill(chief, AT, AT, BEGIN)).status == 303
            async with judge.socket("/live/calibration") as socket:
                await greeted(socket)
                assert (await fill(chief, AT, AT, {"do": "leave", "seat": "cooking/final/s1"})).status == 303
                (answer,) = await act(socket, mark("A1.J1", "2"))
                assert (answer["a"], answer["code"]) == ("refused", "calibration.over")
            assert (await judge.get("/seat/calibration/waits")).json["waits"] is False

    played(scene)
