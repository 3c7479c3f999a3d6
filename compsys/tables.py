"""The tables of a data directory, and the few statements on them that must be fast or exact.

The tables are SQLModel's, so that SQLite and PostgreSQL share one definition. The statements are compiled
from them once and run on the driver itself: a row costs 1.5 us that way and 70 us through the ORM.
"""

from __future__ import annotations

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint, insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import Field, SQLModel

FORMAT = 1
"""The version of this layout, kept in ``meta``; a newer one is refused at opening."""


class MetaRow(SQLModel, table=True):
    """What the database is: ``format`` and ``competition``."""

    __tablename__ = "meta"
    __table_args__ = {"sqlite_strict": True}
    key: str = Field(sa_type=Text, primary_key=True)
    value: str = Field(sa_type=Text)


class LineRow(SQLModel, table=True):
    """One line; ``id`` is the commit order. A rowid table with a unique pair is the fastest of those
    measured."""

    __tablename__ = "lines"
    __table_args__ = (UniqueConstraint("stream", "n"), {"sqlite_strict": True})
    id: int | None = Field(default=None, primary_key=True)
    stream: str = Field(sa_type=Text)
    n: int
    open: bytes = Field(sa_type=LargeBinary)
    closed: bytes | None = Field(sa_type=LargeBinary, nullable=True)
    closed_digest: bytes = Field(sa_type=LargeBinary)
    seal: bytes = Field(sa_type=LargeBinary)


class AuditRow(SQLModel, table=True):
    """One refusal: no line of the journal, but final for its key."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_key", "key"), {"sqlite_strict": True})
    id: int | None = Field(default=None, primary_key=True)
    at: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    key: str = Field(sa_type=Text)
    code: str = Field(sa_type=Text)
    detail: str = Field(sa_type=Text)


class PersonRow(SQLModel, table=True):
    """A person, encrypted under a key kept elsewhere; an erased person keeps the id and nothing else."""

    __tablename__ = "persons"
    __table_args__ = (Index("persons_lookup", "lookup"), {"sqlite_strict": True})
    person: str = Field(sa_type=Text, primary_key=True)
    sealed: bytes | None = Field(sa_type=LargeBinary, nullable=True)
    lookup: bytes | None = Field(sa_type=LargeBinary, nullable=True)
    erased: str | None = Field(sa_type=Text, nullable=True)


_SQLITE = sqlite.dialect(paramstyle="qmark")


def creation() -> list[str]:
    """The statements that make an empty SQLite database of this format, in order."""
    statements = []
    for table in SQLModel.metadata.sorted_tables:
        if table.name in {"meta", "lines", "audit", "persons"}:
            statements.append(str(CreateTable(table).compile(dialect=_SQLITE)))
            statements += [str(CreateIndex(index).compile(dialect=_SQLITE)) for index in table.indexes]
    return statements


def _insertion(model: type[SQLModel], *columns: str) -> str:
    table = SQLModel.metadata.tables[str(model.__tablename__)]
    return str(insert(table).compile(dialect=_SQLITE, column_keys=list(columns)))


INSERT_META = _insertion(MetaRow, "key", "value")
INSERT_LINE = _insertion(LineRow, "stream", "n", "open", "closed", "closed_digest", "seal")
ROWS = 32
INSERT_LINES = INSERT_LINE + (", " + INSERT_LINE.rpartition("VALUES ")[2]) * (ROWS - 1)
"""The same for so many lines at once: the driver lets go of the interpreter once per statement, and under a
busy event loop each time costs more than a row."""
INSERT_AUDIT = _insertion(AuditRow, "at", "source", "key", "code", "detail")
