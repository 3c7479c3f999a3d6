"""What a journal promises: its values, its errors, its Protocol, and the form in which it is exported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

import msgspec

from compsys.seal import Line


class Head(NamedTuple):
    """Where a stream stands: its last line's number and seal; (0, first seal) when it has none."""

    n: int
    seal: bytes


class Draft(NamedTuple):
    """A line not yet sealed: the bytes of its two parts (``closed`` empty when there is nothing to close)."""

    open: bytes
    closed: bytes = b""


class Batch(NamedTuple):
    """What one writer wants to add to one stream, and the head it had read when it decided so."""

    stream: str
    after: Head
    lines: Sequence[Draft]


class Collision(NamedTuple):
    """Nothing of the batch was written: the stream stands at ``head``. ``own`` is False when the stream had
    not moved but the batch was undone with the others of an atomic append."""

    stream: str
    head: Head
    own: bool = True


class AuditEntry(NamedTuple):
    """A refusal: when (UTC text with ``Z``), from which device or address, for which key, which code,
    details."""

    at: str
    source: str
    key: str
    code: str
    detail: str = ""


class Notice(NamedTuple):
    """What desks over one journal tell each other beside the lines: ``device`` (a tablet has a newer
    connection, at another desk) or ``person`` (the vault holds something else about somebody)."""

    kind: str
    ref: str


class News(NamedTuple):
    """What others made durable since this handle looked last."""

    lines: Sequence[Line] = ()
    refusals: Sequence[AuditEntry] = ()
    notices: Sequence[Notice] = ()


class StoredPerson(NamedTuple):
    """A person as stored: encrypted (None once erased), the keyed look-up hash, when erased (UTC text)."""

    person: str
    sealed: bytes | None
    lookup: bytes | None
    erased: str | None = None


class JournalError(Exception):
    """The journal cannot do what was asked; ``code`` and ``params`` name it for the table of codes."""

    code = "journal_error"

    def __init__(self, **params: str) -> None:
        super().__init__(f"{self.code} {params}")
        self.params = params


class DirectoryLocked(JournalError):
    """Another process owns the data directory. Params: path, pid."""

    code = "directory_locked"


class JournalMissing(JournalError):
    """There is no journal in the directory, and no competition was given to make one. Params: path."""

    code = "journal_missing"


class JournalUnreadable(JournalError):
    """The file is no database, or one with damaged pages. Params: path, detail."""

    code = "journal_unreadable"


class FormatUnknown(JournalError):
    """The database is of a format this program does not know. Params: path, found, known."""

    code = "journal_format"


class OtherCompetition(JournalError):
    """The directory holds another competition. Params: path, found, wanted."""

    code = "other_competition"


class CommitFailed(JournalError):
    """The store did not take it. Params: kind (full, io, damaged, locked, readonly, gone, replaced, other),
    detail. ``gone``: no answer from the database server; ``replaced``: it holds an older journal than it did.

    What was being written may or may not be there after opening anew; this handle refuses everything from
    now on.
    """

    code = "commit_failed"

    @property
    def kind(self) -> str:
        """What failed: full, io, damaged, locked, readonly, gone, replaced or other."""
        return self.params["kind"]


class DatabaseUnreachable(JournalError):
    """The database server does not answer, or lets us not in. Params: path (without password), detail."""

    code = "database_unreachable"


class DatabaseInUse(JournalError):
    """Servers or commands are connected to the competition that is to be moved. Params: path."""

    code = "database_in_use"


class JournalMoved(JournalError):
    """The competition was moved away from here. Params: path, to."""

    code = "journal_moved"


class JournalTwice(JournalError):
    """A database was named for a directory that holds a journal of its own. Params: path, database."""

    code = "journal_twice"


class Journal(Protocol):
    """What the desk and its vault need of a journal: SqliteJournal, or PostgresJournal.

    ``shared``: others may write too. Then a writer begins (it waits for its turn and hears what others
    wrote), decides, appends; or finishes, with nothing to append. ``look`` hears without taking a turn.
    """

    shared: bool

    @property
    def competition(self) -> str: ...
    @property
    def place(self) -> str: ...
    def begin(self, notices: Sequence[Notice] = ()) -> News: ...
    def finish(self) -> None: ...
    def look(self) -> News: ...
    def head(self, stream: str) -> Head: ...
    def heads(self) -> dict[str, Head]: ...
    def append(
        self, batches: Sequence[Batch], audits: Sequence[AuditEntry] = (), *, atomic: bool = False
    ) -> list[list[Line] | Collision]: ...
    def append_sealed(
        self,
        lines: Sequence[Line],
        after: Mapping[str, Head],
        audits: Sequence[AuditEntry] = (),
        *,
        atomic: bool = False,
    ) -> list[Collision]: ...
    def read(self, stream: str | None = None, after: int = 0) -> Iterator[Line]: ...
    def audit(self, entry: AuditEntry) -> bool: ...
    def audited(self, key: str) -> AuditEntry | None: ...
    def audits(self, newest: int | None = None) -> Iterator[AuditEntry]: ...
    def keep_meta(self, key: str, value: str) -> str: ...
    def meta(self, key: str) -> str | None: ...
    def put_persons(self, rows: Sequence[StoredPerson]) -> None: ...
    def person(self, person: str) -> StoredPerson | None: ...
    def persons(self) -> Iterator[StoredPerson]: ...
    def persons_with(self, lookup: bytes) -> list[str]: ...
    def fill(
        self, lines: Iterable[Line], audits: Iterable[AuditEntry], persons: Iterable[StoredPerson], vault: str
    ) -> None: ...
    def forget(
        self, lines: Sequence[tuple[str, int]], persons: Sequence[str] = (), at: str = ""
    ) -> int: ...
    def backup(self, path: Path, between: Callable[[], object] | None = None) -> None: ...
    def checkpoint(self) -> bool: ...
    def close(self) -> None: ...


def write_export(journal: Journal, out: IO[bytes]) -> int:
    """Write the journal as JSON lines (header, then every line in commit order); returns how many lines.

    The form is that of docs/format.md, which ``compsys/verify.py`` reads. Parts are UTF-8 text by promise of
    their writers: raises UnicodeDecodeError when one is not.
    """
    out.write(export_header(journal.competition))
    count = 0
    for line in journal.read():
        out.write(export_line(line))
        count += 1
    return count


def export_header(competition: str) -> bytes:
    """The first line of an export.

    >>> export_header("c1")
    b'{"compsys_journal":1,"competition":"c1"}\\n'
    """
    return msgspec.json.encode({"compsys_journal": 1, "competition": competition}) + b"\n"


def export_line(line: Line) -> bytes:
    """One line of the journal as a line of an export; raises UnicodeDecodeError when a part is no text."""
    stream, n, open_part, closed, closed_digest, sealed = line
    told: dict[str, Any] = {
        "stream": stream,
        "n": n,
        "open": open_part.decode(),
        "closed": None if closed is None else closed.decode(),
        "closed_digest": closed_digest.hex(),
        "seal": sealed.hex(),
    }
    return msgspec.json.encode(told) + b"\n"
