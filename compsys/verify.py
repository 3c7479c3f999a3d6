"""Checks a journal from outside: the chain of every stream, kept heads, cited results, committed identities.

Stands alone: only Python's standard library, nothing of the program whose journal it checks.

    python verify.py DIR|FILE [--head FILE] [--key FILE] [--json] [--lang zh-CN|en]

DIR is a data directory, FILE a ``journal.db``, a backup of it, or an exported ``.jsonl``. ``--head`` names
a file ``{"competition": id, "heads": {stream: [n, seal]}}`` kept elsewhere earlier (the output of
``--json`` is one); ``--key`` the vault's master key, with ``persons.db`` beside it. Exit status 0: good; 1:
problems; 2: unreadable. The formats are those of docs/format.md.
"""

from __future__ import annotations

import argparse
import fcntl
import importlib.util
import json
import shutil
import sqlite3
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, NamedTuple

_KINDS = """defined person_bound account_made link_issued enrolled device_revoked result_published released
annulled withheld drawn opened session_moved checked_in finished credited status_set marked mark_conflicted
mark_late revealed sheet_revealed signed returned round_opened resolved excused voided roster_changed locked
unlocked late_settled scores_imported scores_confirmed keyed_confirmed adjusted frozen list_imported
list_reverted columns_mapped scores_continued scores_withdrawn entered advanced moved_up tie_settled
handed_back escalated announced word_read reported incident_decided pin_set pin_locked pin_unlocked
device_superseded accepted disputed dispute_answered expert_missed competitor_signed heads_kept
issuer_set occupation_set key_made key_moved training_noted credentials_proposed notice_given objected
objection_answered batch_approved achievement_frozen credentials_reserved credentials_issued numbers_voided
credentials_moved appeal_lodged appeal_ruled register_taken dictionary_kept credentials_printed
assessment_rules_taken assessor_named assessment_opened candidates_admitted candidate_cleared
assessment_marks assessment_confirmed finding_raised finding_answered
holder_links_issued holder_link_revoked holder_came holder_left correction_asked
correction_settled view_shared view_revoked view_opened"""
KINDS = dict.fromkeys(_KINDS.split(), 1)
"""Kind of line -> the newest version this verifier knows."""

SENTENCES = {
    "gap": ("第 {n} 至 {last} 行缺失", "lines {n} to {last} are missing"),
    "open_changed": ("公开部分或其摘要被改动", "the open part (or closed digest) was changed"),
    "closed_changed": ("非公开部分被改动", "the closed part was changed"),
    "digest_changed": ("非公开部分的摘要被改动", "the digest of the closed part was changed"),
    "seal_changed": ("校验值被改动", "the seal was changed"),
    "seal_mismatch": ("与前一行不相接", "the line does not follow the line before it"),
    "swapped": ("该行现位于第 {at} 行的位置", "this line stands in the place of line {at}"),
    "moved": ("该行被移至 {to} 第 {at} 行", "this line was moved to {to}, line {at}"),
    "duplicate": ("行号重复", "two lines have this number"),
    "tail_cut": ("留存的头部为第 {head} 行, 其后被截去", "cut off: the kept head is line {head}"),
    "rebuilt": ("与留存的头部不符: 历史被改写", "differs from the kept head: rebuilt"),
    "other_competition": ("留存的头部属于另一赛事 {kept}", "kept heads of competition {kept}"),
    "newer_version": ("未知类型 {kind} v{v}, 需要新版程序", "unknown kind {kind} v{v}: use a newer program"),
    "malformed": ("内容不合格式", "the line is not of its kind's form"),
    "cite_mismatch": ("引用的 {cited} 第 {at} 行不符", "the cited line {at} of {cited} differs"),
    "withheld_unexplained": ("非公开部分被抹去而无记录说明", "closed part erased, no line says why"),
    "identity_swapped": ("人员 {person} 的身份与承诺值不符", "{person} is not who was bound here"),
    "person_unreadable": ("人员 {person} 的加密记录无法解开", "the record of {person} does not open"),
    "person_missing": ("人员 {person} 没有身份记录", "there is no record of person {person}"),
    "misplaced": ("places 表所记有误; 清空该表即会重建", "places is wrong here; emptied, it is made anew"),
    "database_damaged": ("数据库文件损坏: {detail}", "the database file is damaged: {detail}"),
    "unreadable": ("无法读取: {detail}", "cannot be read: {detail}"),
    "withheld": ("{count} 处非公开部分已不予公开", "{count} closed parts withheld"),
    "log_tail": ("日志末尾 {bytes} 字节未成提交", "log: {bytes} bytes of no whole commit ignored"),
    "picture_differs": ("图片 {sha} 的内容被改动", "the bytes of picture {sha} were changed"),
    "pictures": ("图片 {named}, 存 {there}, 改 {differ}", "{named} pictures, {there} there, {differ} differ"),
    "persons_checked": ("已核对 {count} 人, 已删除 {erased} 人", "{count} persons compared, {erased} erased"),
    "persons_unchecked": ("未给出密钥, {count} 人的身份未核对", "no key: {count} persons not compared"),
}
"""Code -> what it says, in Chinese and English."""


class Line(NamedTuple):
    """One line as stored."""

    stream: str
    n: int
    open: bytes
    closed: bytes | None
    digest: bytes
    seal: bytes


@dataclass(frozen=True)
class Finding:
    """One thing found: its code, where (stream, n), and the parameters of its sentence."""

    code: str
    stream: str = ""
    n: int = 0
    params: Mapping[str, str | int] = field(default_factory=dict)

    def sentence(self, language: str = "en") -> str:
        """What was found, in ``zh-CN`` or ``en``."""
        words = SENTENCES[self.code][0 if language == "zh-CN" else 1]
        where = f"{self.stream} #{self.n}: " if self.stream else ""
        return f"{self.code}: {where}{words.format(n=self.n, **self.params)}"

    def data(self) -> dict[str, Any]:
        """As JSON."""
        return {"code": self.code, "stream": self.stream, "n": self.n, **self.params}


@dataclass
class Report:
    """What a check found: ``problems`` speak against the journal, ``notes`` do not."""

    competition: str = ""
    lines: int = 0
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    readable: bool = True

    @property
    def status(self) -> int:
        """The exit status: 0 good, 1 problems, 2 unreadable."""
        return 2 if not self.readable else 1 if self.problems else 0

    def data(self) -> dict[str, Any]:
        """As JSON; it may serve as a file of kept heads later."""
        return {
            "ok": self.status == 0,
            "competition": self.competition,
            "lines": self.lines,
            "heads": {stream: list(head) for stream, head in sorted(self.heads.items())},
            "problems": [problem.data() for problem in self.problems],
            "notes": [note.data() for note in self.notes],
        }


class Unreadable(Exception):
    """The file cannot be read as a journal at all."""


def first(competition: str, stream: str) -> bytes:
    """What stands before line 1 of a stream."""
    return sha256(b"compsys/1 " + competition.encode() + b"/" + stream.encode()).digest()


def follows(prev: bytes, line: Line) -> bool:
    """Whether the line's seal is the one it must have after ``prev``."""
    return sha256(prev + sha256(line.open).digest() + line.digest).digest() == line.seal


def sound(line: Line) -> bool:
    """Whether the closed part, unless withheld, is the one its digest was made of."""
    return line.closed is None or sha256(line.closed).digest() == line.digest


class Chains:
    """The quick pass over all lines in stored order: is every chain whole? Keeps 32 bytes a line."""

    def __init__(self, competition: str) -> None:
        self.competition = competition
        self.seals: dict[str, bytearray] = {}
        self.whole = True
        self.count = 0

    def add(self, line: Line) -> None:
        """Take the next line; ``whole`` falls when it does not follow."""
        self.count += 1
        if (seals := self.seals.get(line.stream)) is None:
            seals = self.seals[line.stream] = bytearray(first(self.competition, line.stream))
        if line.n * 32 != len(seals) or not sound(line) or not follows(bytes(seals[-32:]), line):
            self.whole = False
        if 0 < line.n < len(seals) // 32 + 1_000_000:  # what is missing stays zero
            seals += bytes(max(0, (line.n + 1) * 32 - len(seals)))
            seals[line.n * 32 : line.n * 32 + 32] = line.seal[:32].ljust(32)

    def at(self, stream: str, n: int) -> bytes | None:
        """The seal of a line; None when there is no such line."""
        seals = self.seals.get(stream, b"")
        found = bytes(seals[32 * n : 32 * n + 32]) if n > 0 else b""
        return found if any(found) else None


STRICT, LENIENT, BLAME = range(3)


class Diagnosis:
    """The slow pass over a broken journal: which lines were changed, swapped, moved, or are missing."""

    def __init__(self, competition: str, lines: Iterator[Line]) -> None:
        self.competition = competition
        self.found: list[Finding] = []
        self.streams: dict[str, dict[int, Line]] = {}
        self.suspects: dict[tuple[str, int], Line] = {}
        self.placed: dict[tuple[str, int], Line] = {}
        self.budget = 500_000  # comparisons when looking for where a line belongs
        for line in lines:
            own = self.streams.setdefault(line.stream, {})
            if line.n in own:
                self.found.append(Finding("duplicate", line.stream, line.n))
            own.setdefault(line.n, line)

    def run(self) -> list[Finding]:
        """All findings, in the order of streams and numbers."""
        for stream, own in self.streams.items():
            prev, expected = first(self.competition, stream), 1
            for n in sorted(own):
                if n != expected or not follows(prev, own[n]):
                    self.suspects[stream, n] = own[n]
                prev, expected = own[n].seal, n + 1
        for step in (STRICT, LENIENT, BLAME):  # each over all streams: a line may belong into any other
            for stream in sorted(self.streams):
                self._walk(stream, step)
        return sorted(self.found, key=lambda finding: (finding.stream, finding.n))

    def _walk(self, stream: str, step: int) -> None:
        """Go along a stream place by place.

        ``prev`` is None where what a line must follow is not known. Strayed lines are called to a place only
        while the walk is ``sure`` to be on the stream's own chain: in the strict step up to the first line
        that does not follow, in the lenient one up to the first gap.
        """
        own, n, sure = self.streams[stream], 1, step != BLAME
        prev: bytes | None = first(self.competition, stream)
        while True:
            line, strayed = own.get(n), self.placed.get((stream, n))
            if strayed:
                prev = strayed.seal
            elif line and prev and follows(prev, line):
                if sure:
                    self.suspects.pop((stream, n), None)  # it only stood after something wrong
                if step == BLAME and not sound(line):
                    self.found.append(Finding("closed_changed", stream, n))
                prev = line.seal
            elif prev and sure and (strayed := self._belongs(prev, stream, n)):
                prev = strayed.seal
            elif line:
                prev = self._changed(prev, line) if prev and step == BLAME else line.seal
                sure = sure and step == LENIENT
            else:
                further = min((number for number in own if number > n), default=0)
                if not further:
                    return
                if step == BLAME:
                    self.found.append(Finding("gap", stream, n, {"last": further - 1}))
                prev, n, sure = None, further - 1, False
            n += 1

    def _belongs(self, prev: bytes, stream: str, n: int) -> Line | None:
        """The suspect that must stand at (stream, n) but stands elsewhere; the nearest come first."""
        if self.budget < 0:
            return None
        for at in sorted(self.suspects, key=lambda at: (at[0] != stream, abs(at[1] - n))):
            self.budget -= 1
            line = self.suspects[at]
            if at != (stream, n) and follows(prev, line):
                del self.suspects[at], self.streams[at[0]][at[1]]
                if after := self.streams[at[0]].get(at[1] + 1):
                    self.suspects[at[0], at[1] + 1] = after  # it may have strayed along
                self.placed[stream, n] = line
                code, params = ("swapped", {}) if at[0] == stream else ("moved", {"to": at[0]})
                self.found.append(Finding(code, stream, n, {**params, "at": at[1]}))
                return line
        return None

    def _changed(self, prev: bytes, line: Line) -> bytes | None:
        """Say which part of a line was changed; the seal that the next line follows, if it can be known."""
        after = self.streams[line.stream].get(line.n + 1)
        true_digest = sha256(line.closed).digest() if line.closed is not None else line.digest
        computed = sha256(prev + sha256(line.open).digest() + line.digest).digest()
        code, seal = "seal_mismatch", None
        if true_digest != line.digest and follows(prev, line._replace(digest=true_digest)):
            code, seal = "digest_changed", line.seal
        elif after and follows(computed, after):
            code, seal = "seal_changed", computed
        elif after and follows(line.seal, after):
            code, seal = "open_changed", line.seal
        self.found.append(Finding(code, line.stream, line.n))
        return seal


class Contents:
    """What the open parts say that can be checked: versions, citations, erasures, committed identities."""

    def __init__(self) -> None:
        self.problems: list[Finding] = []
        self.cites: list[tuple[str, int, str, int, str]] = []
        self.withheld: set[tuple[str, int]] = set()
        self.explained: set[tuple[str, int]] = set()
        self.bound: dict[str, tuple[str, int, str, str | None]] = {}
        self.pictures: set[str] = set()

    def add(self, line: Line) -> None:
        """Take one line."""
        where = (line.stream, line.n)
        if line.closed is None:
            self.withheld.add(where)
        try:
            data = json.loads(line.open)
            kind, version = data["kind"], data.get("v", 1)
            if line.closed and b'"files"' in line.closed:
                self.pictures |= {str(sha) for sha in json.loads(line.closed).get("files", ())}
            if not isinstance(version, int) or version > KINDS.get(kind, 0):
                self.problems.append(Finding("newer_version", *where, {"kind": str(kind), "v": str(version)}))
            elif kind == "result_published":
                self.cites += [(*where, str(c["stream"]), int(c["n"]), str(c["head"])) for c in data["cites"]]
            elif kind == "withheld":
                self.explained.add((str(data["stream"]), int(data["n"])))
            elif kind == "person_bound":
                self.bound[data["person"]] = (*where, str(data["commitment"]), _salt(line.closed))
            elif kind == "entered":
                self.bound |= {row[3]: (*where, str(row[4]), "") for row in data["rows"]}
            elif kind == "candidates_admitted":
                new = [row for row in data["rows"] if row.get("commitment")]
                self.bound |= {row["person"]: (*where, str(row["commitment"]), "") for row in new}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.problems.append(Finding("malformed", *where))

    def check(self, chains: Chains) -> Iterator[Finding]:
        """The problems, once all lines were taken."""
        yield from self.problems
        for stream, n, cited, at, head in self.cites:
            found = chains.at(cited, at)
            if found is None or found.hex() != head:
                yield Finding("cite_mismatch", stream, n, {"cited": cited, "at": at})
        for stream, n in sorted(self.withheld - self.explained):
            yield Finding("withheld_unexplained", stream, n)


def _salt(closed: bytes | None) -> str | None:
    """The salt of a commitment in a closed part: its ``secret``, else its ``salt``; None when withheld."""
    if closed is None:
        return None
    data = json.loads(closed)
    secret = data.get("secret")
    if isinstance(secret, dict):
        secret = secret.get("salt")
    return str(secret or data.get("salt", ""))


def check_heads(report: Report, kept: Mapping[str, Any], chains: Chains) -> Iterator[Finding]:
    """Compare with heads kept elsewhere: ``{"competition": id, "heads": {stream: [n, seal]}}``."""
    if kept.get("competition") not in (None, report.competition):
        yield Finding("other_competition", params={"kept": str(kept["competition"])})
        return
    for stream, (n, seal) in sorted(kept["heads"].items()):
        last = len(chains.seals.get(stream, bytes(32))) // 32 - 1
        found = chains.at(stream, n)
        if n > last:
            yield Finding("tail_cut", stream, last + 1, {"head": n})
        elif found is not None and found.hex() != seal:
            yield Finding("rebuilt", stream, n)


class Source:
    """A journal opened for reading: its competition and, as often as wanted, its lines in stored order."""

    def __init__(self, lines: Callable[[], Iterator[Line]], competition: str) -> None:
        self.lines, self.competition = lines, competition
        self.notes: list[Finding] = []
        self.damage: list[Finding] = []
        self.misplaced: Callable[[], list[Finding]] = list
        self.persons: dict[str, tuple[bytes | None, str | None]] = {}


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()  # whatever a damaged record made of it


@contextmanager
def open_database(path: Path) -> Iterator[Source]:
    """A copy of the database with its log, as SQLite would find both after a power cut."""
    with tempfile.TemporaryDirectory(prefix="verify-") as directory:
        copy = Path(directory) / "journal.db"
        _copy_still(path, copy)
        log = copy.with_name("journal.db-wal")
        data = log.read_bytes() if log.exists() else b""
        tail = _beside("verify_log").log_tail(data) if data else 0
        try:
            with closing(sqlite3.connect(copy)) as db:  # reads the log into the copy
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            with closing(sqlite3.connect(f"{copy.resolve().as_uri()}?immutable=1", uri=True)) as db:
                db.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
                yield _database(db, tail)
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # the latter for a damaged schema
            raise Unreadable(f"{path}: {error}") from error


def _database(db: sqlite3.Connection, tail: int) -> Source:
    meta = dict(db.execute("SELECT key, value FROM meta NOT INDEXED").fetchall())
    if meta.get("format") not in ("1", "2"):
        raise Unreadable(f"format {meta.get('format')} is not known (1 and 2 are)")
    # NOT INDEXED: the index holds copies of stream and n, which would hide a change in the table.
    sql = "SELECT stream, n, open, closed, closed_digest, seal FROM lines NOT INDEXED ORDER BY id"

    def lines() -> Iterator[Line]:
        for stream, n, open_part, closed, digest, seal in db.execute(sql):
            number = n if isinstance(n, int) else -1
            shut = None if closed is None else _bytes(closed)
            yield Line(str(stream), number, _bytes(open_part), shut, _bytes(digest), _bytes(seal))

    source = Source(lines, str(meta.get("competition")))
    if meta["format"] == "2":
        source.misplaced = lambda: _misplaced(db)
    for person, sealed, erased in db.execute("SELECT person, sealed, erased FROM persons NOT INDEXED"):
        source.persons[person] = (sealed, erased)
    for (detail,) in db.execute("PRAGMA integrity_check(5)").fetchall():
        if detail != "ok":
            source.damage.append(Finding("database_damaged", params={"detail": detail}))
    if tail:
        source.notes.append(Finding("log_tail", params={"bytes": tail}))
    return source


def _misplaced(db: sqlite3.Connection) -> list[Finding]:
    """The first line of each stream of which ``places`` says otherwise than the lines themselves."""
    places, wrong = dict[str, list[int]](), dict[str, int]()
    for stream, n, packed in db.execute("SELECT stream, n, ids FROM places NOT INDEXED ORDER BY id"):
        own, ids = places.setdefault(str(stream), []), _bytes(packed)
        if n != len(own) + 1 or not ids or len(ids) % 4:
            wrong.setdefault(str(stream), len(own) + 1)
        own += (line_id for (line_id,) in struct.iter_unpack("<I", ids[: len(ids) // 4 * 4]))
    newest = max((max(own, default=0) for own in places.values()), default=0)
    sql = "SELECT id, stream, n FROM lines NOT INDEXED WHERE id <= ? ORDER BY id"
    for line_id, stream, n in db.execute(sql, (newest,)):
        own = places.get(stream, [])
        if n > len(own) or own[n - 1] != line_id:
            wrong.setdefault(stream, n)
        else:
            own[n - 1] = 0
    left = {stream: n for stream, own in places.items() for n in range(len(own), 0, -1) if own[n - 1]}
    return [Finding("misplaced", stream, n) for stream, n in sorted((left | wrong).items())]


def _copy_still(path: Path, copy: Path) -> None:
    """Copy database and log so that both are of one moment, though a server may be at work on them."""
    log, log_copy = path.with_name(path.name + "-wal"), copy.with_name("journal.db-wal")
    lock = path.parent / "lock"
    with (lock if lock.exists() else path).open("rb") as held:
        with suppress(BlockingIOError):  # a server is at work; else it is kept from starting meanwhile
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
        for _ in range(50):
            shutil.copyfile(path, copy)
            shutil.copyfile(log, log_copy) if log.exists() else None
            same_log = not log.exists() or log.read_bytes()[:32] == log_copy.read_bytes()[:32]
            if same_log and _digest(path) == _digest(copy):
                return
    raise Unreadable(f"{path} is being written to all the time; check a backup of it")


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return file_digest(file, "sha256").digest()


@contextmanager
def open_export(path: Path) -> Iterator[Source]:
    """An exported journal: a header object, then one object per line."""
    with path.open("rb") as file:
        try:
            header = json.loads(file.readline())
            version, competition = header["compsys_journal"], str(header["competition"])
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"{path}: no journal header") from error
    if version != 1:
        raise Unreadable(f"format {version} is not known (1 is)")

    def lines() -> Iterator[Line]:
        with path.open("rb") as again:
            again.readline()
            yield from (_parse(path, number, raw) for number, raw in enumerate(again, 2))

    yield Source(lines, competition)


def _parse(path: Path, number: int, raw: bytes) -> Line:
    try:
        data = json.loads(raw)
        closed = None if data["closed"] is None else data["closed"].encode("utf-8", "surrogatepass")
        open_part = data["open"].encode("utf-8", "surrogatepass")
        digest, seal = bytes.fromhex(data["closed_digest"]), bytes.fromhex(data["seal"])
        return Line(str(data["stream"]), int(data["n"]), open_part, closed, digest, seal)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"{path}: line {number} of the file is no line of a journal") from error


def verify(path: Path, kept: Mapping[str, Any] | None = None, key_file: Path | None = None) -> Report:
    """Check a data directory, database file or export; against kept heads, with the vault's key, if given."""
    report = Report()
    try:
        path = path / "journal.db" if path.is_dir() else path
        with path.open("rb") as file:
            database = file.read(16) == b"SQLite format 3\0"
        with open_database(path) if database else open_export(path) as source:
            contents = _check(report, source, kept, key_file)
        if contents.pictures:
            check_pictures(report, contents.pictures, path.parent / "evidence")
    except (Unreadable, OSError, sqlite3.Error) as error:
        report.readable = False
        report.problems.append(Finding("unreadable", params={"detail": str(error)}))
    return report


def check_pictures(report: Report, named: set[str], folder: Path) -> None:
    """Hold the pictures that lines name against the files beside the journal; one may still be on its way."""
    there = [sha for sha in sorted(named) if sha.isalnum() and (folder / sha).is_file()]
    bad = [sha for sha in there if _digest(folder / sha).hex() != sha]
    report.problems += [Finding("picture_differs", params={"sha": sha}) for sha in bad]
    counts = {"named": len(named), "there": len(there), "differ": len(bad)}
    report.notes.append(Finding("pictures", params=counts))


def _check(report: Report, source: Source, kept: Mapping[str, Any] | None, key: Path | None) -> Contents:
    report.competition, report.problems, report.notes = source.competition, source.damage, source.notes
    chains, contents = Chains(source.competition), Contents()
    for line in source.lines():
        chains.add(line)
        contents.add(line)
    report.lines = chains.count
    report.heads = {s: (len(seals) // 32 - 1, seals[-32:].hex()) for s, seals in chains.seals.items()}
    # In whole chains only the lines' places may be wrong.
    broken = [] if chains.whole else Diagnosis(source.competition, source.lines()).run()
    report.problems += source.misplaced() if chains.whole else broken
    report.problems += contents.check(chains)
    if kept is not None:
        report.problems += check_heads(report, kept, chains)
    if contents.withheld:
        report.notes.append(Finding("withheld", params={"count": len(contents.withheld)}))
    if key:
        _check_persons(report, source, contents, key)
    elif contents.bound:
        report.notes.append(Finding("persons_unchecked", params={"count": len(contents.bound)}))
    return contents


def _beside(name: str) -> Any:
    """A module of this program's folder, by path: outside any package too."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.exists():
        raise Unreadable(f"{path} is needed too")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _check_persons(report: Report, source: Source, contents: Contents, key_file: Path) -> None:
    identities = _beside("verify_identity")
    try:
        for code, stream, n, params in identities.check_persons(contents.bound, source.persons, key_file):
            found = Finding(code, stream, n, params)
            (report.notes if code == "persons_checked" else report.problems).append(found)
    except ValueError as error:
        raise Unreadable(f"{key_file}: {error}") from error


def main(argv: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("path", type=Path, help="data directory, journal.db, a backup, or an exported .jsonl")
    parser.add_argument("--head", type=Path, help="heads kept elsewhere earlier (JSON)")
    parser.add_argument("--key", type=Path, help="the vault's master.key, with persons.db beside it")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--lang", choices=("zh-CN", "en"), default="en")
    options = parser.parse_args(argv)
    try:
        kept = json.loads(options.head.read_bytes()) if options.head else None
    except (OSError, ValueError) as error:
        print(Finding("unreadable", params={"detail": f"{options.head}: {error}"}).sentence(options.lang))
        return 2
    report = verify(options.path, kept, options.key)
    if options.json:
        print(json.dumps(report.data(), ensure_ascii=False, indent=1))
        return report.status
    for finding in report.problems + report.notes:
        print(finding.sentence(options.lang))
    words = "{} 行, {} 条流, {} 个问题" if options.lang == "zh-CN" else "{} lines in {} streams, {} problems"
    print(f"{report.competition}: {words.format(report.lines, len(report.heads), len(report.problems))}")
    return report.status


if __name__ == "__main__":
    sys.exit(main())
