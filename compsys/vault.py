"""Names and identity numbers of persons, each encrypted under a key of their own that erasing destroys.

The journal knows persons by id only. Here is what an id means: a row of the table ``persons`` beside the
lines, encrypted with AES-256-GCM. The person's key stands in ``keys/persons.db``, itself wrapped by
``keys/master.key``: both are outside the database and outside its backups, so that erasing a person also
makes every old backup of that person unreadable. Whoever keeps the data directory backs ``keys/`` up apart
from it, on other media.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import apsw
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from compsys.journal import as_commit_failed, connected
from compsys.journal_api import Journal, JournalError, StoredPerson

MASTER_KEY = "master.key"
PERSON_KEYS = "persons.db"
CHECK = "vault_check"
"""The key of ``meta`` under which a digest of the master key stands: another key is refused at once."""
BESIDE = "#"
"""Between a person's id and the short name of what is kept beside the identity; no id has it."""


class Identity(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who a person is: name per language, kind and number of the identity document, and what only the office
    sees.

    ``held_level``: a skill level (``promotion_model.LADDER``), ``none``, or "" = unknown; ``held_source``:
    where that is known from (a certificate's number); ``promoted_in``: the year of the last promotion by a
    contest; ``honours_held``: names with ``;`` between; ``category``: worker, student, teacher or "".
    """

    name: dict[str, str]
    id_type: str = ""
    id_number: str = ""
    phone: str = ""
    note: str = ""
    held_level: Literal["", "none", "apprentice", "5", "4", "3", "2", "1", "special", "chief"] = ""
    held_source: str = ""
    promoted_in: Annotated[str, msgspec.Meta(pattern=r"^([0-9]{4})?\Z")] = ""
    honours_held: str = ""
    category: Literal["", "worker", "student", "teacher"] = ""


class Erased(NamedTuple):
    """The person was erased (``at``: UTC text, "" when only the key is known to be gone)."""

    person: str
    at: str


class KeyMissing(JournalError):
    """There is no master key where it should be. Params: path."""

    code = "vault_key_missing"


class KeyExposed(JournalError):
    """Others than the owner may read the master key. Params: path, mode."""

    code = "vault_key_exposed"


class KeyWrong(JournalError):
    """The master key is not the one these persons were written with, or a row was changed. Params: path or
    person."""

    code = "vault_key_wrong"


def _plain(number: str) -> str:
    """An identity number as compared: full-width folded, blanks and hyphens dropped, letters upper-case."""
    folded = unicodedata.normalize("NFKC", number)
    return "".join(c for c in folded if not c.isspace() and c != "-").upper()


def canonical(identity: Identity) -> bytes:
    """The identity as bytes that are equal for equal persons: JSON of id_number, id_type and name, keys
    sorted.

    >>> canonical(Identity({"en": " Li Na "}, "passport", "e 12-34")).decode()
    '{"id_number":"E1234","id_type":"passport","name":{"en":"Li Na"}}'
    """
    name = {language: unicodedata.normalize("NFC", text).strip() for language, text in identity.name.items()}
    data = {"id_number": _plain(identity.id_number), "id_type": identity.id_type, "name": name}
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def commitment(salt: str, identity: bytes) -> str:
    """What the journal records of an identity (hex of HMAC-SHA-256 under the salt): binds it without telling
    it.

    ``salt``: at least 32 random hex digits, in the closed part of the line; ``identity``: ``canonical``
    bytes. Whoever erases the person also withholds that closed part: with the salt known, a short number
    could be guessed. Raises ValueError for a shorter salt.
    """
    if len(salt) < 32:
        raise ValueError("a salt of less than 128 bits")
    return hmac.digest(salt.encode(), b"compsys/1 identity\n" + identity, "sha256").hex()


def make_master_key(keys: Path, randomness: Callable[[int], bytes]) -> bytes:
    """Make ``keys/master.key`` (64 hex digits, readable by its owner only), synced. Raises
    FileExistsError."""
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = randomness(32)
    handle = os.open(keys / MASTER_KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, key.hex().encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
    directory = os.open(keys, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return key


def load_master_key(keys: Path) -> bytes:
    """The 32 bytes of ``keys/master.key``. Raises KeyMissing, KeyExposed, KeyWrong (not 64 hex digits)."""
    path = keys / MASTER_KEY
    try:
        mode = path.stat().st_mode & 0o777
        text = path.read_bytes().strip()
    except FileNotFoundError as missing:
        raise KeyMissing(path=str(path)) from missing
    if mode & 0o077:
        raise KeyExposed(path=str(path), mode=f"{mode:o}")
    with suppress(ValueError):
        if len(key := bytes.fromhex(text.decode("ascii", "replace"))) == 32:
            return key
    raise KeyWrong(path=str(path))


def subkey(master: bytes, purpose: str) -> bytes:
    """A key for one purpose (32 bytes): ``wrap`` persons' keys, ``lookup`` hashes, ``check`` of the master
    key, ``pin`` judges' PINs."""
    return hmac.digest(master, b"compsys/1 vault " + purpose.encode(), "sha256")


def check_of(master: bytes) -> str:
    """What stands in the store so that another master key is refused at once (64 hex digits)."""
    return hashlib.sha256(subkey(master, "check")).hexdigest()


class Vault:
    """The persons of a data directory. Uses the journal's connection, hence its thread.

    ``keys``: the directory of the master key; ``randomness``: n -> n random bytes. Raises KeyMissing,
    KeyExposed, KeyWrong when the key is not the one this database was begun with.
    """

    def __init__(self, journal: Journal, keys: Path, randomness: Callable[[int], bytes]) -> None:
        self._journal, self._random = journal, randomness
        master = load_master_key(keys)
        self._wrap, self._lookup_key = AESGCM(subkey(master, "wrap")), subkey(master, "lookup")
        self.pepper = subkey(master, "pin")
        """what judges' PINs are mixed with"""
        check = check_of(master)
        if not hmac.compare_digest(journal.keep_meta(CHECK, check), check):
            raise KeyWrong(path=str(keys / MASTER_KEY))
        path = keys / PERSON_KEYS
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._keys = connected(path)
        for pragma in ("journal_mode=DELETE", "synchronous=FULL", "secure_delete=ON"):
            self._keys.execute(f"PRAGMA {pragma}").fetchall()
        self._keys.execute("CREATE TABLE IF NOT EXISTS keys (person TEXT PRIMARY KEY, wrapped BLOB) STRICT")

    def close(self) -> None:
        """Close the file of persons' keys (the journal is closed by its owner)."""
        self._keys.close()

    def put(self, person: str, identity: Identity) -> None:
        """Write one person, new or changed. Raises CommitFailed."""
        self.put_many([(person, identity)])

    def put_many(self, persons: Iterable[tuple[str, Identity]]) -> None:
        """Write many persons in one commit. Raises CommitFailed."""
        persons = list(persons)
        # The keys first: a key without a row is nothing, a row without its key would be a person lost.
        fresh = [
            (person, self._encrypt(self._wrap, "key", person, self._random(32))) for person, _ in persons
        ]
        self._change_keys("INSERT OR IGNORE INTO keys VALUES (?, ?)", fresh)
        rows = []
        for person, identity in persons:
            key = self._key(person)
            assert key is not None
            sealed = self._encrypt(key, "person", person, msgspec.json.encode(identity))
            looked = self._hash(identity.id_type, identity.id_number)
            rows.append(StoredPerson(person, sealed, looked))
        self._journal.put_persons(rows)

    def get(self, person: str) -> Identity | Erased | None:
        """The person; Erased when its key is destroyed; None when never heard of. Raises KeyWrong."""
        row = self._journal.person(person) if BESIDE not in person else None
        return self._open(row) if row else None

    def put_beside(
        self, person: str, beside: Mapping[str, bytes], identity: Identity | None = None
    ) -> bool:
        """Keep more of a person under the same key, so that erasing takes it along: bytes by a short name,
        and in the same commit the ``identity``, where it changes. False: there is no such person (any more).
        Raises CommitFailed."""
        key = self._key(person)
        if key is None:
            return False
        names = {f"{person}{BESIDE}{name}": data for name, data in beside.items()}
        rows = [
            StoredPerson(name, self._encrypt(key, "person", name, data), None) for name, data in names.items()
        ]
        if identity is not None:
            sealed = self._encrypt(key, "person", person, msgspec.json.encode(identity))
            rows.append(StoredPerson(person, sealed, self._hash(identity.id_type, identity.id_number)))
        self._journal.put_persons(rows)
        return True

    def beside(self, person: str, name: str) -> bytes | None:
        """What is kept of a person under a short name; None where there is nothing (any more). Raises
        KeyWrong."""
        row, key = self._journal.person(f"{person}{BESIDE}{name}"), self._key(person)
        return self._decrypt(key, "person", row.person, row.sealed) if row and row.sealed and key else None

    def drop_beside(self, person: str, name: str, at: str) -> None:
        """Forget what is kept under a short name (``at``: UTC text). Raises CommitFailed."""
        self._journal.forget((), [f"{person}{BESIDE}{name}"], at)

    def all_beside(self, name: str) -> Iterator[tuple[str, bytes]]:
        """(person, what is kept under a short name) of everybody. Raises KeyWrong."""
        end = BESIDE + name
        for row in self._journal.persons():
            if row.person.endswith(end) and (data := self.beside(row.person.removesuffix(end), name)):
                yield row.person.removesuffix(end), data

    def all(self) -> Iterator[tuple[str, Identity | Erased]]:
        """Every person with its id, in the order of ids. Raises KeyWrong."""
        for row in self._journal.persons():
            if BESIDE not in row.person:
                yield row.person, self._open(row)

    def find(self, id_type: str, id_number: str) -> list[str]:
        """The ids of persons with this identity number, however it is spaced or cased; [] for an empty
        number."""
        looked = self._hash(id_type, id_number)
        return [] if looked is None else self._journal.persons_with(looked)

    def erase(self, person: str, at: str) -> bool:
        """As ``erase_many``, of one person; False when there was nobody to erase."""
        return self.erase_many([person], at) > 0

    def erase_many(self, persons: Sequence[str], at: str) -> int:
        """Destroy the persons' keys and empty their rows (``at``: UTC text), each in one commit; 0 when
        there was nobody to erase.

        From then on no backup of the database gives these persons back. Raises CommitFailed.
        """
        gone = self._change_keys("DELETE FROM keys WHERE person = ?", [(person,) for person in persons])
        known = set(persons)
        rows = (row.person for row in self._journal.persons() if BESIDE in row.person)
        more = [name for name in rows if name.partition(BESIDE)[0] in known]
        return gone + self._journal.forget((), [*persons, *more], at)

    def _change_keys(self, sql: str, rows: Iterable[tuple[object, ...]]) -> int:
        """One synced change of the file of persons' keys; how many rows it touched."""
        try:
            self._keys.execute("BEGIN IMMEDIATE")
            before = self._keys.total_changes()
            self._keys.executemany(sql, rows)
            touched = self._keys.total_changes() - before
            self._keys.execute("COMMIT")
        except apsw.Error as error:
            with suppress(apsw.Error):  # SQLite may have undone the transaction itself
                self._keys.execute("ROLLBACK")
            raise as_commit_failed(error) from error
        return touched

    def salt(self, person: str) -> str:
        """The salt of a commitment made among many (64 hex digits): derived from the person's own key, so
        that it goes when that is destroyed. KeyError for nobody, or somebody erased."""
        key = self._bytes(person)
        if key is None:
            raise KeyError(person)
        return hmac.digest(key, b"compsys/1 salt", "sha256").hex()

    def _bytes(self, person: str) -> bytes | None:
        row = self._keys.execute("SELECT wrapped FROM keys WHERE person = ?", (person,)).fetchone()
        return self._decrypt(self._wrap, "key", person, row[0]) if row else None

    def _key(self, person: str) -> AESGCM | None:
        key = self._bytes(person)
        return AESGCM(key) if key else None

    def _open(self, row: StoredPerson) -> Identity | Erased:
        person, sealed, _, erased = row
        if sealed is None or (key := self._key(person)) is None:
            return Erased(person, erased or "")
        return msgspec.json.decode(self._decrypt(key, "person", person, sealed), type=Identity)

    def _hash(self, id_type: str, id_number: str) -> bytes | None:
        """The keyed look-up hash: equal numbers are found, and without the key nothing can be tried."""
        number = _plain(id_number)
        return hmac.digest(self._lookup_key, f"{id_type}\n{number}".encode(), "sha256") if number else None

    def _encrypt(self, key: AESGCM, what: str, person: str, data: bytes) -> bytes:
        nonce = self._random(12)
        return nonce + key.encrypt(nonce, data, f"compsys/1 {what} {person}".encode())

    def _decrypt(self, key: AESGCM, what: str, person: str, data: bytes) -> bytes:
        try:
            return key.decrypt(data[:12], data[12:], f"compsys/1 {what} {person}".encode())
        except InvalidTag as error:
            raise KeyWrong(person=person) from error
