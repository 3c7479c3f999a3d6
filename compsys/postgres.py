"""One connection to PostgreSQL: its address without the password, its settings, its errors, arrays of rows.

The statements of a commit go through ``psycopg.pq``, libpq as it is: a commit of 50 lines then takes a third
of the time that psycopg's cursors take, and the interpreter is free while libpq waits.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import quote

import psycopg
from psycopg import conninfo, pq

from compsys.journal_api import CommitFailed, DatabaseUnreachable, JournalError, JournalUnreadable
from compsys.postgres_watch import Watch, Watched

SCHEMES = ("postgresql://", "postgres://")
PATIENCE = "10s"
"""How long a writer waits for its turn, and how long the server lets one sit on its turn doing nothing."""
DEFAULTS: dict[str, Any] = {
    "connect_timeout": 5,
    "target_session_attrs": "read-write",  # of several hosts the one that may be written to
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""What the URL may set otherwise: within about ten seconds a server that is gone is known to be gone."""
SESSION = (
    "SET default_transaction_isolation = 'read committed'",
    f"SET lock_timeout = '{PATIENCE}'",
    f"SET idle_in_transaction_session_timeout = '{PATIENCE}'",
    "SET client_min_messages = 'warning'",
)


def is_url(text: str) -> bool:
    """Whether it names a PostgreSQL database.

    >>> is_url("postgresql://host/name"), is_url("/srv/karamay")
    (True, False)
    """
    return text.startswith(SCHEMES)


class Address(NamedTuple):
    """A database: how to reach it (``secret``: with the password), and how it may be shown and kept."""

    secret: str
    shown: str

    def __repr__(self) -> str:
        return self.shown


def address(url: str) -> Address:
    """Read a URL. Raises DatabaseUnreachable when it is none: its text may hold a password, so it is not
    repeated."""
    try:
        parts = conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        raise DatabaseUnreachable(path="postgresql://?", detail="the address cannot be read") from None
    secret = {**DEFAULTS, **parts, "application_name": "compsys"}
    user = f"{quote(str(parts['user']), safe='')}@" if parts.get("user") else ""
    hosts, ports = (str(parts.get(name) or "").split(",") for name in ("host", "port"))
    ports += ports[-1:] * (len(hosts) - len(ports))
    hosts = [f"[{host}]" if ":" in host else quote(host, safe="") for host in hosts]
    where = ",".join(f"{h}:{p}" if p else h for h, p in zip(hosts, ports, strict=False))
    rest = {k: v for k, v in parts.items() if k not in ("user", "password", "host", "port", "dbname")}
    query = "&".join(f"{k}={quote(str(v), safe='')}" for k, v in rest.items() if k != "sslpassword")
    shown = f"postgresql://{user}{where}/{quote(str(parts.get('dbname') or ''))}{'?' if query else ''}{query}"
    return Address(conninfo.make_conninfo(**secret), shown)


def connected(at: Address, reading: bool = False) -> Watched:
    """A connection set up for a journal, with its watch. Raises DatabaseUnreachable, CommitFailed."""
    more = {"target_session_attrs": "any"} if reading else {}
    try:
        connection = Watched.connect(at.secret, autocommit=True, **more)  # type: ignore[arg-type]  # options by name
    except psycopg.Error as error:
        raise DatabaseUnreachable(path=at.shown, detail=_first_line(str(error))) from None
    connection.watch = Watch(connection.fileno())
    try:
        with connection.watch.waiting():
            for statement in SESSION:
                connection.execute(statement.encode())
            (waits,) = connection.execute("SHOW synchronous_commit").fetchone() or ("",)
            if waits != "remote_apply":  # stronger still
                connection.execute("SET synchronous_commit = on")
            if reading:
                connection.execute("SET default_transaction_read_only = on")
    except psycopg.Error as error:
        connection.close()
        raise failure(error, at.shown) from None
    return connection


KINDS = {
    "53100": "full", "58030": "io", "XX001": "damaged", "XX002": "damaged", "55P03": "locked",
    "25006": "readonly", "25P03": "gone", "57P01": "gone", "57P02": "gone", "57P03": "gone", "57P05": "gone",
}  # fmt: skip
"""SQLSTATE -> what it means for whoever was writing."""
UNIQUE = "23505"


def kind_of(state: str, lost: bool) -> str:
    """The kind of a CommitFailed: by SQLSTATE; ``lost``: the connection is."""
    return "gone" if lost or state.startswith("08") else KINDS.get(state, "other")


def failure(error: psycopg.Error, place: str) -> JournalError:
    """What an error of psycopg means. What the tables lack makes the database one of an unknown kind."""
    lost = isinstance(error, psycopg.OperationalError) and error.sqlstate is None
    if error.sqlstate in ("42P01", "42703"):
        return JournalUnreadable(path=place, detail=_first_line(str(error)))
    return CommitFailed(kind=kind_of(error.sqlstate or "", lost), detail=_first_line(str(error)))


def _first_line(text: str) -> str:
    return next(iter(text.splitlines()), "")


class Failed(Exception):
    """A statement through libpq failed: its SQLSTATE ("" when the connection is lost) and first line."""

    def __init__(self, state: str, lost: bool, detail: str) -> None:
        super().__init__(state, detail)
        self.state, self.lost, self.detail = state, lost, detail

    def as_commit_failed(self) -> CommitFailed:
        """What it means for whoever was writing."""
        return CommitFailed(kind=kind_of(self.state, self.lost), detail=f"{self.state} {self.detail}".strip())


GOOD = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.EMPTY_QUERY)


class Wire:
    """The few statements of every commit, straight through libpq."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.libpq = connection.pgconn
        self.libpq.notice_handler = self._warned
        self._warning, self._parting = "", False

    def _warned(self, result: Any) -> None:
        self._warning = result.error_message.decode("utf-8", "replace")
        # A server that goes says so beside whatever it was asked: the connection is as good as lost.
        severity = result.error_field(pq.DiagnosticField.SEVERITY_NONLOCALIZED) or b""
        self._parting = self._parting or severity in (b"FATAL", b"PANIC")

    def prepare(self, name: bytes, statement: str) -> None:
        """Prepare a statement. Raises Failed."""
        self._checked(self.libpq.prepare(name, statement.encode()))

    def simple(self, statements: bytes) -> list[tuple[bytes | None, ...]]:
        """Several statements in one turn on the wire; the rows of the last, as text. Raises Failed."""
        return rows(self._checked(self.libpq.exec_(statements)))

    def run(self, name: bytes, values: Sequence[bytes]) -> list[tuple[bytes | None, ...]]:
        """A prepared statement, everything in binary; its rows. Raises Failed."""
        return rows(self._checked(self.libpq.exec_prepared(name, values, [1] * len(values), 1)))

    def commit(self) -> None:
        """Commit; raises Failed when it did not happen, or when a standby may not have it.

        A transaction that had failed is undone by COMMIT without an error, and where somebody cancels the
        wait for a standby the server only warns: neither is a commit.
        """
        self._warning = ""
        result = self.libpq.exec_(b"COMMIT")
        self._checked(result)
        if result.command_status != b"COMMIT" or self._warning:
            raise Failed("40000", self._parting, _first_line(self._warning) or "the transaction was undone")

    def _checked(self, result: Any) -> Any:
        if result.status in GOOD:
            return result
        state = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
        lost = self._parting or self.libpq.status == pq.ConnStatus.BAD
        raise Failed(state, lost, _first_line(result.error_message.decode("utf-8", "replace")))


def rows(result: Any) -> list[tuple[bytes | None, ...]]:
    """All rows of a result."""
    columns = range(result.nfields)
    value = result.get_value
    return [tuple([value(row, column) for column in columns]) for row in range(result.ntuples)]


INT8, TEXT, BYTEA = 20, 25, 17
_eight = struct.Struct(">q").pack
_sized = struct.Struct(">i").pack
_head = struct.Struct(">iiiii").pack
_NULL = _sized(-1)


def number(value: int) -> bytes:
    """A bigint in binary."""
    return _eight(value)


def as_number(value: bytes | None) -> int:
    """A binary bigint as a number; raises ValueError for NULL."""
    if value is None:
        raise ValueError("NULL where a number should be")
    return int.from_bytes(value, "big", signed=True)


def array(kind: int, items: Sequence[bytes | None]) -> bytes:
    """An array of one dimension in PostgreSQL's binary form.

    >>> array(TEXT, [b"a", None]).hex()
    '00000001000000010000001900000002000000010000000161ffffffff'
    """
    parts = [_head(1, 1, kind, len(items), 1)]
    for item in items:
        parts += (_NULL,) if item is None else (_sized(len(item)), item)
    return b"".join(parts)


def numbers(items: Iterable[int]) -> bytes:
    """An array of bigint."""
    return array(INT8, [_eight(item) for item in items])


def texts(items: Iterable[str]) -> bytes:
    """An array of text. PostgreSQL's text cannot hold NUL: what a stranger sent of it becomes U+FFFD."""
    return array(TEXT, [item.replace("\0", "\ufffd").encode() for item in items])


def copy_rows(rows: Iterable[Sequence[bytes | None]]) -> Iterable[bytes]:
    """Rows as a binary COPY takes them, in pieces."""
    yield b"PGCOPY\n\xff\r\n\0" + bytes(8)
    for row in rows:
        parts = [len(row).to_bytes(2, "big")]
        for value in row:
            parts += (_NULL,) if value is None else (_sized(len(value)), value)
        yield b"".join(parts)
    yield b"\xff\xff"


def lock_key(purpose: str) -> int:
    """The number of an advisory lock.

    >>> lock_key("write c1") != lock_key("use c1")
    True
    """
    return int.from_bytes(sha256(b"compsys/1 lock " + purpose.encode()).digest()[:8], "big", signed=True)
