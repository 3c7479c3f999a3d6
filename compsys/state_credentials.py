"""What is held of issuers, keys, batches of proposals and credentials: little for each, there are many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from compsys.credentials.packed import EMPTY, Done, Issued, Numbers, Parts, Records, Rows, Unpacked
from compsys.facts_credentials import Basis, Row, Wording
from compsys.records_credentials import Issuer, Occupation

ENTRIES = 131_072
"""Entries of a status list: the fewest that the standard allows."""

RESERVED, VALID, SUSPENDED, REVOKED, SUPERSEDED, VOID = (
    "reserved", "valid", "suspended", "revoked", "superseded", "void",
)  # fmt: skip


@dataclass(slots=True)
class Key:
    """A signing key of an issuer: id (its public part as multibase), suite, since when, until when it signed
    ("" = still), when it was revoked ("" = it was not)."""

    id: str
    suite: str
    made: str
    retired: str = ""
    revoked: str = ""

    @property
    def signs(self) -> bool:
        """Whether it may sign something new."""
        return not (self.retired or self.revoked)


class Objection(msgspec.Struct):
    """An objection of line n to a row of a version (-1: to all); who said what, and what was answered:
    ``upheld`` None while nothing was."""

    n: int
    t: str
    version: int
    row: int
    by: str
    words: str
    upheld: bool | None = None
    answer: str = ""


class Appeal(msgspec.Struct):
    """An appeal of line n against a group's result: of whom, against which entry ("" = all of it), words; its
    ``outcome`` ("" = undecided), when, by whom, the ruling."""

    n: int
    t: str
    trade: str
    stage: str
    group: str
    delegation: str
    entry: str
    by: str
    words: str
    outcome: str = ""
    ruled: str = ""
    ruled_by: str = ""
    ruling: str = ""


class Notice(NamedTuple):
    """A list version on notice: first and last day, the rows that were taken off it, its line."""

    version: int
    since: str
    until: str
    out: tuple[int, ...]
    n: int


@dataclass(slots=True)
class Batch:
    """Proposals on the way: what they rest on, who made them, notices, the approval, which row is which
    credential."""

    id: str
    paper: str
    issuer: str
    basis: Basis
    occupation: str
    rules: str
    approver: str
    by: str
    t: str
    n: int
    text: str = ""
    before: str = ""
    rows: Rows = field(default_factory=Rows)
    notices: list[Notice] = field(default_factory=list)
    objections: dict[int, Objection] = field(default_factory=dict)
    approved: str = ""
    """when; "" = not yet"""
    approved_by: str = ""
    authority: str = ""
    version: int = 0
    """of the list that was approved"""
    out: dict[int, str] = field(default_factory=dict)
    """row -> why it was not approved"""
    identity: frozenset[str] = frozenset()
    issued: Issued = field(default_factory=Issued)
    """row -> its newest credential's id, from reservation on"""
    done: Done = field(default_factory=Done)
    """rows issued, or whose credential was revoked as they ask"""

    @property
    def state(self) -> str:
        """proposed, notice, approved or issued."""
        if self.approved:
            waits = any(i not in self.done and i not in self.out for i in range(len(self.rows)))
            return "approved" if waits else "issued"
        return "notice" if self.notices else "proposed"


class Slice(msgspec.Struct, frozen=True):
    """What the credentials of one line have in common. ``record``: which of the issuer's records (from 1)."""

    n: int
    batch: str
    issuer: str
    record: int
    key: str
    list: int
    created: str
    t: str
    achievements: tuple[str, ...]
    wording: Wording
    reissue: str = ""


class Credential(msgspec.Struct, gc=False):
    """One credential as issued once: ids as 32 hex, its number, which row of its slice's batch it is.

    Nothing it holds leads back to it, so the collector need not visit it. What ``Credentials.held`` gives is
    a copy: who changes it puts it back. ``awarded``: the first time it was issued, where that is not its
    slice's. ``status``: reserved, valid, suspended, revoked, superseded, void.
    """

    id: str
    subject: str
    number: str
    slice: Slice
    row: int
    index: int
    achievement: int
    person: str
    status: str = RESERVED
    awarded: str = ""
    rdfc: str = ""
    jcs: str = ""
    sha: str = ""
    moved: int = 0
    """line of its newest revocation, suspension or reinstatement"""

    @property
    def batch(self) -> str:
        """The batch whose row it is."""
        return self.slice.batch

    @property
    def issuer(self) -> str:
        """The issuer's id."""
        return self.slice.issuer

    @property
    def valid_from(self) -> str:
        """Since when, with the competition's offset from UTC."""
        return self.slice.created


_STATES = (RESERVED, VALID, SUSPENDED, REVOKED, SUPERSEDED, VOID)


class Held(MutableMapping[str, Credential]):
    """Id (32 hex) -> the credential as it was issued last, packed; in the order of first issue. What is
    taken out is a copy."""

    __slots__ = ("_at", "_records", "_slices")

    def __init__(self) -> None:
        self._records = Records()
        self._slices: list[Slice] = []
        self._at: dict[int, int] = {}
        """a slice's line -> its place in ``_slices``"""

    def __getitem__(self, key: str) -> Credential:
        place = self._records.find(key)
        if place == EMPTY:
            raise KeyError(key)
        return self._taken(place)

    def get(self, key: str, default: Any = None) -> Any:
        """As of a dict, without an exception for what is not there."""
        place = self._records.find(key)
        return default if place == EMPTY else self._taken(place)

    def _taken(self, place: int) -> Credential:
        p = self._records.take(place)
        return Credential(
            p.id, p.subject, p.number, self._slices[p.slice], p.row, p.index, p.achievement, p.person,
            _STATES[p.status], p.awarded, p.rdfc, p.jcs, p.sha, p.moved,
        )  # fmt: skip

    def __setitem__(self, key: str, value: Credential) -> None:
        assert key == value.id, "a credential stands under its own id"
        at = self._at.get(value.slice.n)
        if at is None:
            at = self._at[value.slice.n] = len(self._slices)
            self._slices.append(value.slice)
        parts = Parts(
            value.id, value.subject, at, value.row, value.index, value.achievement, value.moved,
            _STATES.index(value.status), value.sha, value.number, value.person, value.rdfc, value.jcs,
            value.awarded,
        )  # fmt: skip
        self._records.put(parts)

    def __delitem__(self, key: str) -> None:
        raise TypeError("what was issued stays")

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._records.find(key) != EMPTY

    def __iter__(self) -> Iterator[str]:
        return map(self._records.key, range(len(self._records)))

    def __len__(self) -> int:
        return len(self._records)

    def of(self, person: str) -> list[str]:
        """The ids of a person's, the oldest first."""
        return [self._records.key(place) for place in self._records.of(person)]


class Persons(Mapping[str, list[str]]):
    """Person -> the ids of their credentials, the oldest first."""

    __slots__ = ("_held",)

    def __init__(self, held: Held) -> None:
        self._held = held

    def __getitem__(self, person: str) -> list[str]:
        found = self._held.of(person)
        if not found:
            raise KeyError(person)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(credential.person for credential in self._held.values()))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Move(NamedTuple):
    """A revocation, suspension or reinstatement: its line, when, what, the reason as a code, who, who
    confirmed, the words ("" = withheld)."""

    n: int
    t: str
    move: str
    code: str
    by: str
    confirmed_by: str
    words: str


class Taken(msgspec.Struct, frozen=True):
    """What went out of the register: its line, when, what, by which map or of which batch, how many
    certificates, who, the SHA-256 of each file, what for ("" and () = withheld)."""

    n: int
    t: str
    what: str
    subject: str
    count: int
    by: str
    files: tuple[str, ...]
    purpose: str


@dataclass(slots=True)
class StatusList:
    """A status list of an issuer: which indexes are given away, which are set; ``since``: the newest line
    that changed a bit."""

    no: int
    taken: bytearray = field(default_factory=lambda: bytearray(ENTRIES // 8))
    bits: bytearray = field(default_factory=lambda: bytearray(ENTRIES // 8))
    count: int = 0
    t: str = ""

    def free(self, start: int) -> int:
        """The first free index from ``start`` on, around the end."""
        at = start % ENTRIES
        while self.taken[at >> 3] & (0x80 >> (at & 7)):
            at = (at + 1) % ENTRIES
        return at

    def take(self, index: int) -> None:
        """Give an index away."""
        self.taken[index >> 3] |= 0x80 >> (index & 7)
        self.count += 1

    def set(self, index: int, t: str) -> None:
        """Set an index's bit: revoked or superseded."""
        self.bits[index >> 3] |= 0x80 >> (index & 7)
        self.t = t


@dataclass(slots=True)
class Credentials:
    """All of it, by id."""

    issuers: dict[str, list[Issuer]] = field(default_factory=dict)
    """id -> its records, the newest last"""
    keys: dict[str, list[Key]] = field(default_factory=dict)
    """issuer -> its keys, the newest last"""
    occupations: dict[str, Occupation] = field(default_factory=dict)
    """code@edition -> occupation"""
    trained: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """person -> (training body or delegation, trainer) each"""
    batches: dict[str, Batch] = field(default_factory=dict)
    achievements: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    """(issuer, achievement) -> its versions, from 1"""
    held: Held = field(default_factory=Held)
    """id (32 hex) -> the credential as it was issued last (or reserved for the first time)"""
    waiting: dict[str, Credential] = field(default_factory=dict)
    """id -> reserved and neither issued nor void"""
    earlier: dict[str, tuple[Credential, ...]] = field(default_factory=dict)
    """id -> what was issued under it before, the oldest first"""
    numbers: Numbers = field(default_factory=Numbers)
    """number -> id; void ones too"""
    void: dict[str, str] = field(default_factory=dict)
    """number -> why it was never issued"""
    unpacked: Unpacked = field(default_factory=Unpacked, compare=False)
    """rows of batches that were asked for last"""
    serials: dict[tuple[str, ...], int] = field(default_factory=dict)
    """what a serial runs within -> the last one given"""
    lists: dict[str, list[StatusList]] = field(default_factory=dict)
    """issuer -> its status lists, from 1"""
    moves: dict[int, Move] = field(default_factory=dict)
    appeals: dict[int, Appeal] = field(default_factory=dict)
    """by their lines, settled ones too"""
    dictionaries: dict[str, str] = field(default_factory=dict)
    """of QR symbols, by name"""
    prints: dict[str, tuple[int, int]] = field(default_factory=dict)
    """id -> (line of its numbers, how often it was printed as issued then)"""
    taken: list[Taken] = field(default_factory=list)

    @property
    def persons(self) -> Persons:
        """person -> ids, the oldest first"""
        return Persons(self.held)

    def issuer(self, key: str) -> Issuer | None:
        """An issuer as it is now."""
        records = self.issuers.get(key)
        return records[-1] if records else None

    def key_of(self, issuer: str, suite: str = "Ed25519") -> Key | None:
        """The key that signs for an issuer now."""
        return next((k for k in reversed(self.keys.get(issuer, [])) if k.suite == suite and k.signs), None)

    def find(self, what: str) -> Credential | None:
        """A credential by its id (32 hex or UUID), its address or its number; reserved ones too."""
        found = what.rpartition("/")[2].strip()
        key = found.replace("-", "").lower()
        if key not in self.held and key not in self.waiting:
            key = self.numbers.get(found, "")
        return self.held.get(key) or self.waiting.get(key)

    def row(self, credential: Credential) -> Row:
        """The row of the batch that a credential rests on."""
        return self.batches[credential.slice.batch].rows[credential.row]

    def key(self, credential: Credential) -> Key | None:
        """The key that signed it."""
        keys = self.keys.get(credential.slice.issuer, [])
        return next((k for k in keys if k.id == credential.slice.key), None)
