"""A big competition just started: who is served at once, what the others are told, and how damage ends it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from compsys.control import OFFICE, answer
from tests.compsys.test_folding import Held, desk_of
from tests.journeys.test_national import SEED
from tests.journeys.test_national import played as edition_of
from tests.web.venue import Browser, hear, played
from web.enrol import issue_link
from web.server import running

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reduced national final, played: more lines than are folded before anything is served."""
    where = tmp_path_factory.mktemp("started") / "edition"
    edition_of(where, SEED)
    return where


def test_judges_are_served_while_trades_are_folded_and_the_others_are_told(edition: Path) -> None:
    async def scene() -> None:
        async with desk_of(edition) as desk:
            mine, *others = desk.folding.rest
            held = Held(desk, mine)
            async with running(desk) as run:
                trade, stage, _ = mine.split(".")
                seat = next(key for key in desk.state.setup.seats if key.startswith(f"{trade}/{stage}/a1"))
                url, issued = await issue_link(desk, seat, OFFICE, "http://x")
                assert issued.a == "accepted"
                tablet = Browser(run)
                assert (await tablet.post_json("/enrol", {"token": url.partition("#")[2]})).status == 200
                async with tablet.socket("/live/seat") as socket:
                    await socket.send('{"m":"hello","v":2,"boot":"1","cursor":null,"pending":0}')
                    hello = await hear(socket, "hello")
                    assert hello["whole"]["marking"] == "locked" and hello["whole"]["sheets"]
                assert desk.folding.folded == 1

                office = Browser(run)
                login = {"account": "organizer", "password": "a password of the test", "next": "/console"}
                assert (await office.post("/login", login)).status == 303
                counted = (await office.get("/metrics")).text
                assert f"compsys_streams {len(others) + 1}\ncompsys_streams_folded 1\n" in counted
                for path in ("/console?lang=en", "/?lang=en", "/medals?lang=en"):
                    told = await office.get(path, Accept="text/html")
                    assert told.status == 200 and 'http-equiv="refresh"' in told.text, path
                    assert "The server has just started: 1 of 4 trades are back." in told.text
                assert (await office.get("/console/setup?lang=en", Accept="text/html")).status == 200
                asked = json.dumps({"query": "folding"}).encode()
                assert json.loads(await answer(desk, asked)) == {"value": {"folded": 1, "total": 4}}

                held.open.set()
                async with desk.reading():
                    pass
                assert 'http-equiv="refresh"' not in (await office.get("/console", Accept="text/html")).text
                assert (await office.get("/medals", Accept="text/html")).status == 200

    played(scene)


def harmed(edition: Path, where: Path) -> Path:
    """A copy with one line of a marking stream changed."""
    where.mkdir()
    shutil.copytree(edition / "keys", where / "keys")
    shutil.copy(edition / "journal.db", where / "journal.db")
    with sqlite3.connect(where / "journal.db") as db:
        changed = "UPDATE lines SET open = CAST(open || ' ' AS BLOB) WHERE stream LIKE 'w23.%' AND n = 100"
        assert db.execute(changed).rowcount == 1
    db.close()
    return where


def run(*command: Any) -> subprocess.CompletedProcess[str]:
    line, spoken = [sys.executable, "-m", "compsys", *map(str, command)], os.environ | {"LANG": "en_GB.UTF-8"}
    return subprocess.run(
        line, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, env=spoken
    )


def test_a_server_that_comes_to_a_broken_stream_ends_and_says_where(edition: Path, tmp_path: Path) -> None:
    where = harmed(edition, tmp_path / "harmed")
    ended = run("serve", where, "--port", "0")
    assert "http://127.0.0.1:" in ended.stdout, "it had begun to serve"
    assert ended.returncode == 2
    assert "line 100 of w23.final.main does not follow the line before it" in ended.stderr
    assert "compsys verify" in ended.stderr and "Traceback" not in ended.stderr
    told = run("results", "--all", "--format", "json", "--dir", where)
    assert told.returncode == 2 and "Traceback" not in told.stderr


def test_the_journal_is_as_it_was_after_all_that(edition: Path) -> None:
    async def scene() -> None:
        async with desk_of(edition) as desk, desk.reading() as state:
            assert len(state.streams) == 4

    asyncio.run(scene())
