"""A full disk and a locked directory, under judges at work: all are told, and no mark is lost or doubled."""

from __future__ import annotations

import asyncio
import os
import resource
import secrets
from pathlib import Path
from typing import Any

import pytest

from compsys import journal, verify, words
from compsys.desk import Desk, folded
from compsys.journal_api import DirectoryLocked
from tests.simulation.floor import laid_out
from tests.simulation.judges import Judge
from tests.simulation.server import Server
from tests.simulation.test_kills import Hall, compare
from tests.web.venue import act, act_until, greeted, hear, mark, played, venue
from tests.world import MAIN
from web.server import serve


async def until(socket: Any, code: str) -> None:
    """Wait until the tablet is told of this fault ("" = it is over)."""
    while (await hear(socket, "fault"))["code"] != code:
        pass


def test_a_full_disk_is_told_at_once_and_marks_wait_for_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself says that the database is full: its page limit is set to what it has."""

    async def scene() -> None:
        async with venue(tmp_path) as place:
            desk = place.desk
            one, two = await place.tablet("s1"), await place.tablet("s2")
            async with one.socket("/live/seat") as a, two.socket("/live/seat") as b:
                await asyncio.gather(greeted(a), greeted(b))
                kept = mark("s1", "A1.J1", "2")
                (first,) = await act(a, kept)
                assert first["a"] == "accepted"

                with monkeypatch.context() as full:
                    pages = await desk.in_thread(lambda: desk.journal.rows("PRAGMA page_count")[0][0])
                    limit = f"max_page_count={pages}"
                    full.setattr(journal, "PRAGMAS", (*journal.PRAGMAS, limit))
                    await desk.in_thread(lambda: desk.journal.rows(f"PRAGMA {limit}"))
                    note = "满" * 480  # three bytes each: six such marks are more than a page
                    waiting = [mark("s1", "C1.P1", "5", note=note, unit=u) for u in ("u1", "u2", "u3")]
                    waiting += [mark("s1", "C1.P2", "5", note=note, unit=u) for u in ("u1", "u2", "u3")]
                    said: list[tuple[str, str]] = []
                    for item in waiting:
                        (answer,) = await act(a, item)
                        said.append((answer["a"], answer.get("code", "")))
                    took = said.count(("accepted", ""))
                    assert said[-1] == ("retry", "disk_full") and took < len(waiting), said
                    assert said == [("accepted", "")] * took + [("retry", "disk_full")] * (6 - took)
                    await until(b, "disk_full")  # the others hear of it without asking
                    (again,) = await act(a, waiting[-1])
                    assert (again["a"], again["code"]) == ("retry", "disk_full")
                    (told,) = await act(a, kept)
                    assert told["a"] in ("accepted", "retry")  # what was written before is at most not told
                    assert (await one.get("/board/cooking/final/open")).status == 200, "reading goes on"
                    async with place.browser().socket("/live/board?topic=medals:gold_first") as board:
                        await hear(board, "whole")

                await desk.in_thread(lambda: desk.journal.rows("PRAGMA max_page_count=1000000"))
                for item in waiting:  # room again: the tablet sends the same under the same keys
                    answer = await act_until(a, item)
                    assert (answer["a"], answer.get("rev")) == ("accepted", 1), answer
                await until(b, "")
                (told,) = await act(a, kept)
                assert told == first | {"dup": True}
            stream = desk.state.streams[MAIN]
            for item in waiting:
                cell = stream.sheets[item["cmd"]["unit"], "C1"].cells[
                    item["cmd"]["aspect"], "cooking/final/s1", 1
                ]
                assert (cell.rev, cell.value, cell.n) == (1, "5", desk.state.keys[item["k"]].n)
        assert verify.verify(tmp_path / "data").status == 0

    played(scene)
    for lang in words.LANGS:
        assert words.say("disk_full", lang) and words.todo("disk_full", lang)


def test_files_that_may_not_grow_under_fifty_judges(tmp_path: Path) -> None:
    """The system itself refuses to let any file of the server grow; then it lets them again."""
    directory = tmp_path / "data"

    async def scene() -> list[Judge]:
        judges = [Judge(place, place.seat) for place in await laid_out(directory)]
        hall = Hall(directory, judges)
        server = await hall.start()
        tasks = [asyncio.create_task(judge.work(hall.server)) for judge in judges]
        await answered(hall, 300)
        pid = server.process.pid
        assert pid is not None
        soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        held = max(path.stat().st_size for path in directory.iterdir() if path.name.startswith("journal.db"))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (held, hard))
        while not all(judge.retried for judge in judges):
            await asyncio.sleep(0.01)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))
        for judge in judges:
            judge.again()
        await answered(hall, 300)
        for judge in judges:
            judge.stopping = True
        while any(judge.outbox for judge in judges):
            for judge in judges:
                judge.again()
            await asyncio.sleep(0.2)
        await asyncio.gather(*tasks)
        await server.stop()
        return judges

    judges = asyncio.run(asyncio.wait_for(scene(), 110))
    assert {code for judge in judges for code in judge.retried} <= {"disk_full", "disk_error"}
    compare(judges, directory)
    assert verify.verify(directory).status == 0


async def answered(hall: Hall, more: int) -> None:
    """Wait for so many further answers."""
    wanted = hall.answers + more
    while hall.answers < wanted:
        await asyncio.sleep(0.01)


def test_a_data_directory_is_served_by_one_process_only(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            with pytest.raises(DirectoryLocked) as refused:
                await serve(tmp_path / "data", port=0, told=lambda run: None)
            assert refused.value.params == {"path": str(tmp_path / "data"), "pid": str(os.getpid())}
            tablet = await place.tablet("s1")
            async with tablet.socket("/live/seat") as socket:  # the first one goes on, unharmed
                await greeted(socket)
                (answer,) = await act(socket, mark("s1", "A1.J1", "2"))
                assert answer["a"] == "accepted"

    played(scene)
    said = {lang: words.say("cli.cannot.directory_locked", lang, pid="7", path="d") for lang in words.LANGS}
    assert all("7" in sentence for sentence in said.values()) and len(set(said.values())) == 2


def test_another_process_is_refused_the_directory_too(tmp_path: Path) -> None:
    async def scene() -> None:
        await laid_out(tmp_path / "data")
        server = Server(tmp_path / "data")
        await server.listening()
        try:
            with pytest.raises(DirectoryLocked) as refused:
                await Desk.open(tmp_path / "data", lambda: 0, secrets.token_bytes)
            assert refused.value.params["pid"] == str(server.process.pid)
        finally:
            await server.stop()
        with journal.SqliteJournal(tmp_path / "data") as free:
            assert folded(free).streams

    asyncio.run(scene())
