"""The tables of a data directory, and the few statements on them that must be fast or exact.

The tables are SQLModel's, so that SQLite and PostgreSQL share one definition. The statements are compiled
from them once and run on the driver itself: a row costs 1.5 us that way and 70 us through the ORM.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Dialect, Index, Integer, LargeBinary, Text, UniqueConstraint, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import Field, SQLModel

FORMAT = 1
"""The version of this layout on PostgreSQL, kept in ``meta``; a newer one is refused at opening."""
SQLITE_FORMAT = 2
"""The same on SQLite. In format 1 a unique index of ``lines`` stood where ``places`` stands now."""

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""Whole numbers of 64 bits, which SQLite calls INTEGER."""


class MetaRow(SQLModel, table=True):
    """What the database is: ``format`` and ``competition``."""

    __tablename__ = "meta"
    __table_args__ = {"sqlite_strict": True}
    key: str = Field(sa_type=Text, primary_key=True)
    value: str = Field(sa_type=Text)


class LineRow(SQLModel, table=True):
    """One line; ``id`` is the commit order, without gaps. On SQLite ``places`` takes the part of the unique
    pair: an index kept line by line writes a page for almost every line of a commit."""

    __tablename__ = "lines"
    __table_args__ = (UniqueConstraint("stream", "n").ddl_if(dialect="postgresql"), {"sqlite_strict": True})
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    stream: str = Field(sa_type=Text)
    n: int = Field(sa_type=NUMBER)
    open: bytes = Field(sa_type=LargeBinary)
    closed: bytes | None = Field(sa_type=LargeBinary, nullable=True)
    closed_digest: bytes = Field(sa_type=LargeBinary)
    seal: bytes = Field(sa_type=LargeBinary)


class PlaceRow(SQLModel, table=True):
    """Which lines of a stream stand where, ``n`` and those after it: ``ids``, 4 bytes each (see
    journal_places.py)."""

    __tablename__ = "places"
    __table_args__ = {"sqlite_strict": True}
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    stream: str = Field(sa_type=Text)
    n: int = Field(sa_type=NUMBER)
    ids: bytes = Field(sa_type=LargeBinary)


class AuditRow(SQLModel, table=True):
    """One refusal: no line of the journal, but final for its key."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_key", "key"), {"sqlite_strict": True})
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
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


class NoticeRow(SQLModel, table=True):
    """What desks over one database tell each other beside the lines; says nothing once it was heard."""

    __tablename__ = "notices"
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    desk: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    ref: str = Field(sa_type=Text)


_SQLITE = sqlite.dialect(paramstyle="qmark")
_POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]  # the library has no types here
SHARED = ("audit", "lines", "meta", "persons")
OF_ONE = (*SHARED, "places")
OF_MANY = (*SHARED, "notices")


def _creation(names: tuple[str, ...], dialect: Dialect) -> list[str]:
    statements = []
    for table in SQLModel.metadata.sorted_tables:
        if table.name in names:
            statements.append(str(CreateTable(table).compile(dialect=dialect)))
            statements += [str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes]
    return statements


def creation() -> list[str]:
    """The statements that make an empty SQLite database of this format, in order."""
    return _creation(OF_ONE, _SQLITE)


def places_creation() -> list[str]:
    """The statements that add ``places`` to an SQLite database of format 1."""
    return _creation(("places",), _SQLITE)


def postgres_creation() -> list[str]:
    """The statements that make an empty PostgreSQL database of this format, in order."""
    return _creation(OF_MANY, _POSTGRES)


def _insertion(model: type[SQLModel], *columns: str) -> str:
    table = SQLModel.metadata.tables[str(model.__tablename__)]
    return str(insert(table).compile(dialect=_SQLITE, column_keys=list(columns)))


INSERT_META = _insertion(MetaRow, "key", "value")
INSERT_LINE = _insertion(LineRow, "stream", "n", "open", "closed", "closed_digest", "seal")
ROWS = 64
INSERT_LINES = [INSERT_LINE + (", " + INSERT_LINE.rpartition("VALUES ")[2]) * more for more in range(ROWS)]
"""The same for one line, two lines ... ROWS lines at once: the driver lets go of the interpreter once per
statement, and under a busy event loop each time costs more than a row."""
INSERT_AUDIT = _insertion(AuditRow, "at", "source", "key", "code", "detail")
"""A refusal."""
COPY_LINES = "COPY lines (id, stream, n, open, closed, closed_digest, seal) FROM STDIN (FORMAT BINARY)"
COPY_AUDIT = "COPY audit (id, at, source, key, code, detail) FROM STDIN (FORMAT BINARY)"
COPY_PERSONS = "COPY persons (person, sealed, lookup, erased) FROM STDIN (FORMAT BINARY)"
UNNEST_LINES = (
    "INSERT INTO lines (id, stream, n, open, closed, closed_digest, seal) SELECT * FROM unnest("
    "$1::bigint[], $2::text[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[])"
)
"""PostgreSQL's many rows in one statement: seven arrays. COPY needs two more turns on the wire and is slower
at the size of a commit."""
UNNEST_AUDIT = (
    "INSERT INTO audit (id, at, source, key, code, detail) SELECT * FROM unnest("
    "$1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])"
)
UNNEST_NOTICES = (
    "INSERT INTO notices (id, desk, kind, ref) SELECT * FROM unnest("
    "$1::bigint[], $2::text[], $3::text[], $4::text[])"
)
