"""The desk against a real journal: erasing a person, a broken chain, final refusals."""

from __future__ import annotations

import asyncio
import itertools
import random
import sqlite3
from pathlib import Path

import pytest

from compsys import events as e
from compsys import verify
from compsys.desk import Desk
from compsys.seal import BrokenChain
from compsys.vault import Identity, canonical, commitment
from tests.world import ORGANIZER


async def opened(directory: Path, seed: int = 1) -> Desk:
    """A desk on a directory, with a clock that ticks and seeded randomness."""
    ticks = itertools.count(1_780_000_000_000, 1000)
    return await Desk.open(directory, lambda: next(ticks), random.Random(seed).randbytes, "c-test")


async def put(desk: Desk, command: e.AnyCommand) -> e.Answer:
    """A command of the organizer under a fresh key."""
    return await desk.submit(e.Call(key=desk.fresh(), actor=ORGANIZER, command=command))


async def with_person(desk: Desk) -> None:
    """A competition and one person, bound by a commitment."""
    who = Identity(name={"en": "Ada"}, id_type="passport", id_number="P1")
    await put(desk, e.Define(kind="competition", id="c-test", value={"id": "c-test", "name": {"en": "Test"}}))
    await put(desk, e.Define(kind="person", id="p1", value={"id": "p1"}))
    await desk.put_persons([("p1", who)])
    salt = desk.fresh()
    bound = e.BindPerson(person="p1", commitment=commitment(salt, canonical(who)), salt=salt)
    assert (await put(desk, bound)).a == "accepted"


def test_an_erased_person_is_gone_and_the_chain_verifies_and_says_so(tmp_path: Path) -> None:
    async def day() -> None:
        desk = await opened(tmp_path)
        await with_person(desk)
        assert desk.names("p1") is not None
        heard: list[tuple[object, ...]] = []
        desk.listen(lambda bells: heard.extend((*key, desk.names("p1")) for b in bells for key in b.touched))
        answer = await desk.erase("p1", ORGANIZER, "asked for it")
        assert answer.a == "accepted"
        assert desk.names("p1") is None
        assert ("setup", "person", "p1", None) in heard  # boards that show the name are drawn without it
        await desk.close()
        again = await opened(tmp_path)
        assert again.names("p1") is None
        await again.close()

    asyncio.run(day())
    report = verify.verify(tmp_path)
    assert report.problems == []
    assert [note.code for note in report.notes if note.code == "withheld"] == ["withheld"]


def test_nobody_unknown_is_erased(tmp_path: Path) -> None:
    async def day() -> str:
        desk = await opened(tmp_path)
        answer = await desk.erase("p9", ORGANIZER, "asked for it")
        await desk.close()
        return answer.code

    assert asyncio.run(day()) == "unknown_record"


def test_a_desk_does_not_start_on_a_broken_chain(tmp_path: Path) -> None:
    async def day() -> None:
        desk = await opened(tmp_path)
        await with_person(desk)
        await desk.close()

    asyncio.run(day())
    with sqlite3.connect(tmp_path / "journal.db") as db:
        db.execute("UPDATE lines SET open = CAST(replace(open, 'Test', 'Text') AS BLOB) WHERE n = 1")
    db.close()
    with pytest.raises(BrokenChain, match="competition"):
        asyncio.run(opened(tmp_path))


def test_a_refusal_is_final_for_its_key_even_after_a_restart(tmp_path: Path) -> None:
    command = e.Define(kind="person", id="p1", value={"id": "p2"})

    async def day() -> list[e.Answer]:
        desk = await opened(tmp_path)
        call = e.Call(key=desk.fresh(), actor=ORGANIZER, command=command)
        answers = [await desk.submit(call), await desk.submit(call)]
        await desk.close()
        desk = await opened(tmp_path, 2)
        answers.append(await desk.submit(call))
        other = e.Define(kind="person", id="p1", value={"id": "p1"})
        answers.append(await desk.submit(e.Call(key=call.key, actor=ORGANIZER, command=other)))
        await desk.close()
        return answers

    answers = asyncio.run(day())
    assert [a.code for a in answers] == ["bad_record", "bad_record", "bad_record", "key_reused"]
    assert [a.dup for a in answers] == [False, True, True, False]
