"""A competition moves between stores: everything arrives, the first is closed, nothing is overwritten."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from compsys import events as e
from compsys import verify
from compsys.__main__ import make_app
from compsys.desk import Desk
from compsys.journal import DATABASE, DirectoryLocked, SqliteJournal
from compsys.journal_api import DatabaseInUse, JournalError, JournalMoved
from compsys.journal_postgres import PostgresJournal
from compsys.moving import Differs, NoDirectory, NotEmpty, move
from compsys.seal import BrokenChain
from compsys.stores import NOTE
from compsys.vault import Identity, KeyMissing, KeyWrong, make_master_key
from compsys.words import say, todo
from tests.compsys.test_promises import START, mark, marked_world
from tests.postgres import PASSWORD, Postgres
from tests.world import ORGANIZER

ADA = Identity({"en": "Ada"}, "passport", "P1")
BO = Identity({"en": "Bo"}, "passport", "P2")


def played(folder: Path) -> None:
    """A small competition: marks, a refusal, a person, an erased person."""

    async def scene() -> None:
        world = marked_world()
        desk = await Desk.open(folder, lambda: START, random.Random(1).randbytes, "c-test")
        for call in world.calls:
            assert (await desk.submit(call)).a == "accepted"
        await desk.put_persons([("p1", ADA), ("p2", BO)])
        for person in ("p1", "p2"):
            define = e.Define(kind="person", id=person, value={"id": person})
            bind = e.BindPerson(person=person, commitment="ab" * 32, salt=desk.fresh())
            for command in (define, bind):
                answer = await desk.submit(world.call(ORGANIZER, command))
                assert answer.a == "accepted" or person == "p1", answer
        assert (await desk.erase("p2", ORGANIZER, "asked for it")).a == "accepted"
        assert (await desk.submit(mark(world, "s1", "A1.J1", "2"))).a == "accepted"
        assert (await desk.submit(mark(world, "s1", "A1.J1", "99"))).a == "refused"
        await desk.close()

    asyncio.run(scene())


def held(folder: Path, db: str = "") -> dict[str, Any]:
    """What a desk there holds, and the heads."""

    async def scene() -> dict[str, Any]:
        desk = await Desk.open(folder, lambda: START, random.Random(2).randbytes, db=db)
        try:
            heads = await desk.in_thread(desk.journal.heads)
            audits = await desk.in_thread(lambda: list(desk.journal.audits()))
            lines = await desk.in_thread(lambda: list(desk.journal.read()))
            names = {person: desk.names(person) for person in ("p1", "p2")}
            return {"heads": heads, "audits": audits, "lines": lines, "names": names}
        finally:
            await desk.close()

    return asyncio.run(scene())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    played(tmp_path / "home")
    return tmp_path / "home"


def test_there_and_back_everything_is_the_same(home: Path, tmp_path: Path, postgres: Postgres) -> None:
    before = held(home)
    assert before["names"] == {"p1": ADA, "p2": None} and len(before["audits"]) == 1
    db = postgres.database()
    moved = move(str(home), db)
    assert moved.lines == len(before["lines"]) and moved.streams == len(before["heads"])
    assert (moved.refusals, moved.persons) == (1, 2)
    assert PASSWORD not in moved.target and PASSWORD not in (home / NOTE).read_text()
    assert not (home / DATABASE).exists() and (home / "journal-moved.db").exists()
    assert held(home, db) == before
    away = tmp_path / "away"
    move(db, str(away), home / "keys")
    assert held(away) == before
    assert (away / "keys" / "master.key").stat().st_mode & 0o777 == 0o600
    assert verify.verify(away).problems == []
    with pytest.raises(JournalMoved):
        held(home, db)


def test_a_competition_comes_home_and_may_leave_again(home: Path, postgres: Postgres) -> None:
    before, db = held(home), postgres.database()
    move(str(home), db)
    assert held(home, db) == before
    (home / NOTE).write_text(db)
    move(str(home), other := postgres.database())
    assert held(home, other) == before
    move(other, str(home))
    assert not (home / NOTE).exists()
    assert held(home) == before


def test_a_directory_moves_to_a_directory_with_its_keys(home: Path, tmp_path: Path) -> None:
    before = held(home)
    move(str(home), str(tmp_path / "new"))
    assert held(tmp_path / "new") == before
    assert not (home / DATABASE).exists()


def test_nothing_is_overwritten(home: Path, tmp_path: Path, postgres: Postgres) -> None:
    played(tmp_path / "other")
    db = postgres.database()
    move(str(tmp_path / "other"), db)
    before = held(home)
    for target in (db, str(home), str(tmp_path / "other")):
        with pytest.raises((NotEmpty, DirectoryLocked)):
            move(str(home), target)
    assert held(home) == before
    with pytest.raises(NoDirectory):
        move(db, postgres.database())


def test_it_is_refused_while_somebody_is_at_work(home: Path, tmp_path: Path, postgres: Postgres) -> None:
    db = postgres.database()
    with SqliteJournal(home), pytest.raises(DirectoryLocked):
        move(str(home), db)
    move(str(home), db)
    with PostgresJournal(db) as working:
        with pytest.raises(DatabaseInUse):
            move(db, str(tmp_path / "away"), home / "keys")
        assert working.heads()
    with PostgresJournal(db, alone=True), pytest.raises(DatabaseInUse):
        PostgresJournal(db)


def test_without_the_right_keys_it_is_refused(
    home: Path, tmp_path: Path, postgres: Postgres, rng: random.Random
) -> None:
    move(str(home), db := postgres.database())
    with pytest.raises(KeyMissing):
        move(db, str(tmp_path / "away"))
    make_master_key(tmp_path / "away" / "keys", rng.randbytes)
    with pytest.raises(KeyWrong):
        move(db, str(tmp_path / "away"), home / "keys")
    assert not (tmp_path / "away" / DATABASE).exists()
    shutil.rmtree(tmp_path / "away")
    move(db, str(tmp_path / "away"), home / "keys")


def test_a_broken_chain_does_not_move(home: Path, postgres: Postgres) -> None:
    with sqlite3.connect(home / DATABASE) as db:
        db.execute("UPDATE lines SET open = CAST(replace(open, 'Cooking', 'Looking') AS BLOB)")
    db.close()
    url = postgres.database()
    with pytest.raises(BrokenChain):
        move(str(home), url)
    assert (home / DATABASE).exists() and not (home / NOTE).exists()
    assert postgres.ask("SELECT count(*) FROM lines", url) == [(0,)]


def test_what_arrives_otherwise_is_noticed_and_the_first_stays(
    home: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.database()
    fill = PostgresJournal.fill

    def spoilt(self: PostgresJournal, *given: Any) -> None:
        fill(self, *given)
        self._db.execute("UPDATE audit SET detail = 'x'")

    monkeypatch.setattr(PostgresJournal, "fill", spoilt)  # a database that keeps something else
    with pytest.raises(Differs, match="refusals 1"):
        move(str(home), url)
    assert (home / DATABASE).exists() and not (home / NOTE).exists()


# ---------------------------------------------------------------- as commands


def run(*words: str, db: str = "") -> tuple[int, str]:
    """A command: its exit status and everything it said."""
    environment = {"COMPSYS_LANG": "en", "COMPSYS_DB": db}
    done = CliRunner().invoke(make_app(), words, env=environment)
    return done.exit_code, done.output + done.stderr


def test_commands_work_on_a_database(home: Path, tmp_path: Path, postgres: Postgres) -> None:
    db = postgres.database()
    status, said = run("move", str(home), db, "--json")
    assert status == 0 and json.loads(said)["persons"] == 2
    assert PASSWORD not in said
    assert run("verify", str(home), "--db", db)[0] == 0
    status, said = run("replay", str(home), db=db)
    assert status == 0 and "Both orders" in said
    status, said = run("export", str(home), "--journal", "--out", str(tmp_path / "j.jsonl"), db=db)
    assert status == 0 and verify.verify(tmp_path / "j.jsonl").status == 0
    status, said = run("trades", str(home))
    assert status == 1 and "password" in said and "COMPSYS_DB" in said
    status, said = run("doctor", str(home), "--db", db, "--port", "0")
    assert "fsync is off" in said and "No synchronous standby" in said and status == 1
    status, said = run("new", str(tmp_path / "again"), "--db", db)
    assert status == 1 and "already" in said
    assert run("move", db, str(home))[0] == 0
    status, said = run("trades", str(home), db=db)
    assert status == 1 and "holds a competition of its own" in said
    assert run("trades", str(home))[0] == 0


def test_a_database_of_another_format_says_what_to_run(tmp_path: Path, postgres: Postgres) -> None:
    db = postgres.database()
    assert run("new", str(tmp_path / "one"), "--db", db)[0] == 0
    postgres.ask("UPDATE meta SET value = '7' WHERE key = 'format'", db)
    status, said = run("serve", str(tmp_path / "one"), "--db", db, "--port", "0")
    assert status == 2 and "format 7" in said and "pip install --upgrade compsys" in said
    other = postgres.database()
    postgres.ask("CREATE TABLE meta (name text)", other)
    status, said = run("serve", str(tmp_path / "one"), "--db", other, "--port", "0")
    assert (status == 2 and "meta" in said) or "column" in said


def test_a_database_that_is_down_at_the_start_is_said_in_a_sentence(tmp_path: Path) -> None:
    url = f"postgresql://judges:{PASSWORD}@127.0.0.1:1/karamay"
    for command in ("new", "serve", "verify", "replay", "doctor"):
        (tmp_path / command).mkdir()
        status, said = run(command, str(tmp_path / command), "--db", url)
        assert status == 1, (command, said)
        assert "postgresql://judges@127.0.0.1:1/karamay cannot be reached: " in said
        assert "Connection refused" in said and PASSWORD not in said


@pytest.mark.parametrize("error", [NotEmpty, Differs, NoDirectory, DatabaseInUse, JournalMoved])
def test_every_error_of_moving_has_its_sentence(error: type[JournalError]) -> None:
    code = f"cli.cannot.{error.code}"
    assert say(code, "en", path="x", to="y", what="z") != code and todo(code, "zh-CN")
