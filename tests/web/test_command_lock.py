"""``compsys lock`` beside a running server warns of tablets as the chief's page does."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from compsys import control
from compsys import events as e
from tests.compsys.test_command_line import run
from tests.web.venue import greeted, hear, played, tell, venue
from tests.world import MAIN


@pytest.fixture(autouse=True, name="english")
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPSYS_LANG", "en")


def test_a_lock_by_command_names_unsent_marks_and_wants_a_reason(tmp_path: Path) -> None:
    data = tmp_path / "data"

    async def scene() -> None:
        async with venue(tmp_path) as place, control.listening(place.desk, data):
            for unit in place.desk.state.streams[MAIN].units:
                why = {"scope": "stage", "status": "absent", "reason": "did not come"}
                await place.do(e.SetStatus(stream=MAIN, unit=unit, **why))
            tablet = await place.tablet("s1")

            async def locked(*more: str) -> tuple[int, str]:
                done = await asyncio.to_thread(run, "lock", "cooking/final", "--dir", data, *more)
                return done.exit_code, done.output

            async with tablet.socket("/live/seat") as line:
                await greeted(line)
                said = {"m": "ping", "pending": 2, "battery": 57, "has": "storage awake"}
                await tell(line, said)
                await hear(line, "pong")
                status, output = await locked()
                assert status == 1 and "Seat s1 has 2 unsent marks." in output
                assert "Marks may still be on 1 tablet" in output
                console = await place.organizer()
                seats = (await console.get("/console/seats", **{"Accept-Language": "en"})).text
                assert "battery 57%" in seats and "no TLS" in seats and "no storage" not in seats
            status, output = await locked()
            assert status == 1 and "is not connected; when last heard" in output
            told = await asyncio.to_thread(run, "lock", "cooking/final", "--dir", data, "--json")
            assert json.loads(told.stdout)["code"] == "lock.unsent"
            assert place.desk.state.streams[MAIN].marking == "open"
            status, output = await locked("--reason", "its judge has gone home")
            assert status == 0 and place.desk.state.streams[MAIN].marking == "locked"

    played(scene)
