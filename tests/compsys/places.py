"""Where a journal may be, for tests that run on both: a directory, or a database of a real server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from compsys.journal import SqliteJournal
from compsys.journal_postgres import PostgresJournal
from compsys.seal import Line
from tests.postgres import Postgres

AnyJournal = SqliteJournal | PostgresJournal
KINDS = ("sqlite", "postgres")


class Place:
    """Journals by name; the same name is the same journal again."""

    def __init__(self, kind: str, folder: Path, server: Postgres | None) -> None:
        self.kind, self.folder, self.server = kind, folder, server
        self.urls: dict[str, str] = {}

    def open(self, competition: str | None = "c1", name: str = "data", **more: Any) -> AnyJournal:
        """A handle on the journal of this name."""
        if self.server is None:
            return SqliteJournal(self.folder / name, competition, **more)
        return PostgresJournal(self.url(name), competition, **more)

    def url(self, name: str = "data") -> str:
        """The URL of a journal's database ("" where it is a directory)."""
        if self.server is None:
            return ""
        if name not in self.urls:
            self.urls[name] = self.server.database()
        return self.urls[name]

    def run(self, journal: AnyJournal, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """A statement (with ``?`` for values) past the journal, as somebody at the database would give it."""
        if isinstance(journal, SqliteJournal):
            with journal.transaction() as db:
                return db.execute(statement, values).fetchall()
        return past(journal, statement, values)

    def slip_in(self, journal: AnyJournal, line: Line) -> None:
        """A line behind the journal's back, by somebody who takes no turn."""
        ids = self.run(journal, "SELECT max(id) FROM lines")[0][0] or 0
        self.run(journal, "INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?)", (ids + 1, *line))


def past(journal: PostgresJournal, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
    """A statement on a connection of its own."""
    import psycopg

    with psycopg.connect(journal.address.secret, autocommit=True) as db:
        found = db.execute(statement.replace("?", "%s").encode(), values)
        return found.fetchall() if found.description else []
