"""What desks tell each other beside the lines does not grow for ever, and nobody misses it for that."""

from __future__ import annotations

import pytest

from compsys import postgres_beside
from compsys.journal_api import Notice, StoredPerson
from compsys.journal_postgres import PostgresJournal
from tests.postgres import Postgres

EVERY = 10


@pytest.fixture
def db(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(postgres_beside, "TIDY", EVERY)
    return postgres.database()


def stored(journal: PostgresJournal) -> list[tuple[str, str]]:
    return journal._rows("SELECT kind, ref FROM notices ORDER BY id")


def test_notices_that_are_said_again_go_and_a_desk_that_slept_hears_of_all(db: str) -> None:
    with PostgresJournal(db, "c-test") as one, PostgresJournal(db) as slept:
        one.begin([Notice("device", "once")])
        one.finish()
        for turn in range(EVERY * 5):
            one.begin([Notice("device", f"tablet{turn % 3}")])
            one.finish()
        kept = stored(one)
        assert len(kept) < EVERY + 4 and ("device", "once") in kept
        told = {notice.ref for notice in slept.look().notices}
        assert told == {"once", "tablet0", "tablet1", "tablet2"}
        one.begin([Notice("device", "tablet0")])
        one.finish()
        assert [notice.ref for notice in slept.look().notices] == ["tablet0"], "numbers went on"
        assert not slept.look().notices


def test_names_that_are_written_again_and_again_count_once(db: str) -> None:
    with PostgresJournal(db, "c-test") as one, PostgresJournal(db) as slept:
        for turn in range(EVERY * 3):
            one.put_persons([StoredPerson(f"p{turn % 2}", b"x", None)])
        assert len(stored(one)) < EVERY + 2
        assert {notice.ref for notice in slept.look().notices} == {"p0", "p1"}
