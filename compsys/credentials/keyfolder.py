"""Issuers' private keys on the disk: one file each in ``keys/issuers``, encrypted under the master key.

A file is named by the public key's digest, holds nothing that tells whose it is, is readable by its owner
alone, and is on the disk before its public key is told to anybody. No secret stands in a database. Like all
of ``keys/`` these are backed up apart from the data: whoever loses them cannot sign, but loses no
certificate.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from compsys.credentials.signer import Algorithm, Signer, opened, secret_of
from compsys.journal_api import JournalError
from compsys.vault import KeyExposed, KeyWrong, load_master_key, subkey

FOLDER = "issuers"


class SignerMissing(JournalError):
    """There is no private key for this public key. Params: path."""

    code = "signer_missing"


class _Kept(msgspec.Struct, forbid_unknown_fields=True):
    """What a file holds: version, algorithm, public key, nonce + encrypted secret (base64 in JSON)."""

    v: int
    algorithm: Algorithm
    public: bytes
    sealed: bytes


def copy_signers(source: Path, target: Path) -> None:
    """Copy issuers' private keys, encrypted as they are, from one folder of keys to another. Raises
    OSError."""
    for path in sorted((source / FOLDER).glob("*.key")):
        _write(target / FOLDER, path.name, path.read_bytes())


def _write(folder: Path, name: str, data: bytes) -> None:
    """A file that only its owner reads, on the disk when this returns: it is whole there, or it is not."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    part = path.with_suffix(".part")
    with suppress(FileNotFoundError):
        part.unlink()
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)
    part.rename(path)
    _sync(folder)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


class KeyFolder:
    """The private keys of a data directory's issuers.

    ``keys``: the directory of the master key; ``randomness``: n -> n random bytes. Raises KeyMissing,
    KeyExposed, KeyWrong.
    """

    def __init__(self, keys: Path, randomness: Callable[[int], bytes]) -> None:
        self._folder, self._random = keys / FOLDER, randomness
        self._cipher = AESGCM(subkey(load_master_key(keys), "issuer"))

    def create(self, algorithm: Algorithm) -> bytes:
        """Make a new key, synced; its public key, by which it is asked for. Raises OSError."""
        secret = secret_of(algorithm, self._random(40))
        public = opened(algorithm, secret).public
        nonce = self._random(12)
        sealed = nonce + self._cipher.encrypt(nonce, secret, self._bound(algorithm, public))
        data = msgspec.json.encode(_Kept(1, algorithm, public, sealed)) + b"\n"
        path = self._path(public)
        _write(path.parent, path.name, data)
        return public

    def signer(self, public: bytes) -> Signer:
        """The key that belongs to a public key. Raises SignerMissing, KeyExposed, KeyWrong."""
        path = self._path(public)
        try:
            mode, data = path.stat().st_mode & 0o777, path.read_bytes()
        except FileNotFoundError as missing:
            raise SignerMissing(path=str(path)) from missing
        if mode & 0o077:
            raise KeyExposed(path=str(path), mode=f"{mode:o}")
        try:
            kept = msgspec.json.decode(data, type=_Kept)
            nonce, sealed = kept.sealed[:12], kept.sealed[12:]
            secret = self._cipher.decrypt(nonce, sealed, self._bound(kept.algorithm, kept.public))
            found = opened(kept.algorithm, secret)
        except (msgspec.DecodeError, InvalidTag, ValueError) as error:
            raise KeyWrong(path=str(path)) from error
        if kept.v != 1 or found.public != public:
            raise KeyWrong(path=str(path))
        return found

    def held(self) -> list[bytes]:
        """The digests (32 bytes each) of the public keys whose private keys are here, in order."""
        names = (path.stem for path in self._folder.glob("*.key"))
        return sorted(bytes.fromhex(name) for name in names if len(name) == 64)

    def holds(self, public: bytes) -> bool:
        """Whether the private key of a public key is here."""
        return self._path(public).exists()

    def destroy(self, public: bytes) -> bool:
        """Remove a private key for good; False when it was not there. Backups of ``keys/`` still hold it."""
        try:
            self._path(public).unlink()
        except FileNotFoundError:
            return False
        _sync(self._folder)
        return True

    def _path(self, public: bytes) -> Path:
        return self._folder / f"{sha256(public).hexdigest()}.key"

    @staticmethod
    def _bound(algorithm: str, public: bytes) -> bytes:
        """What a sealed secret belongs to: no file can take another's place."""
        return b"compsys/1 issuer " + algorithm.encode() + b" " + public
