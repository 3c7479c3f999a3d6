"""Compares committed identities with the encrypted persons: the part of verify.py that needs the key.

Stands alone beside verify.py: only Python's standard library, which has no AES, so that it is written out
here.
"""

from __future__ import annotations

import hmac
import json
import sqlite3
import struct
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

Bound = Mapping[str, tuple[str, int, str, str | None]]
"""person -> (stream, n, commitment as hex, salt) of the line that binds it; the salt is None when withheld,
"" when it is derived from the person's key."""
Persons = Mapping[str, tuple[bytes | None, str | None]]
"""person -> (encrypted identity, when erased)."""

NOTES = "#holder"
"""After a person's id: the row of what is kept for the holder, corrections among it."""


def _gf_double(value: int) -> int:
    return (value << 1) ^ (0x11B if value & 0x80 else 0)


def _aes_tables() -> bytes:
    """The substitution box of AES, made from its definition."""
    box, p, q = bytearray(256), 1, 1
    while True:
        p ^= _gf_double(p) & 0xFF if p < 0x80 else _gf_double(p)
        for shift in (1, 2, 4):
            q = (q ^ (q << shift)) & 0xFF
        q ^= 0x09 if q & 0x80 else 0
        turned = q | (q << 8)
        box[p] = (q ^ (turned >> 7) ^ (turned >> 6) ^ (turned >> 5) ^ (turned >> 4) ^ 0x63) & 0xFF
        if p == 1:
            box[0] = 0x63
            return bytes(box)


BOX = _aes_tables()


class Aes256Gcm:
    """Decryption with AES-256 in Galois counter mode (NIST SP 800-38D): the library has none."""

    def __init__(self, key: bytes) -> None:
        words = [key[i : i + 4] for i in range(0, 32, 4)]
        rcon = 1
        for i in range(8, 60):
            word = words[-1]
            if i % 8 == 0:
                word = bytes(BOX[b] for b in word[1:] + word[:1])
                word, rcon = bytes([word[0] ^ rcon]) + word[1:], _gf_double(rcon)
            elif i % 8 == 4:
                word = bytes(BOX[b] for b in word)
            words.append(bytes(a ^ b for a, b in zip(words[-8], word, strict=True)))
        self.rounds = [b"".join(words[i : i + 4]) for i in range(0, 60, 4)]
        self.h = int.from_bytes(self.block(bytes(16)), "big")

    def block(self, data: bytes) -> bytes:
        """Encrypt one block of 16 bytes."""
        state = [a ^ b for a, b in zip(data, self.rounds[0], strict=True)]
        for number, key in enumerate(self.rounds[1:], 1):
            state = [BOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
            if number < 14:
                mixed = []
                for column in range(0, 16, 4):
                    a = state[column : column + 4]
                    every = a[0] ^ a[1] ^ a[2] ^ a[3]
                    mixed += [a[i] ^ every ^ _gf_double(a[i] ^ a[(i + 1) % 4]) for i in range(4)]
                state = mixed
            state = [a ^ b for a, b in zip(state, key, strict=True)]
        return bytes(state)

    def decrypt(self, data: bytes, associated: bytes) -> bytes | None:
        """The text of nonce (12 bytes) + ciphertext + tag (16); None when it was changed or the key is
        another."""
        nonce, text, tag = data[:12], data[12:-16], data[-16:]
        hashed = 0
        lengths = struct.pack(">QQ", len(associated) * 8, len(text) * 8)
        padded = associated + bytes(-len(associated) % 16) + text + bytes(-len(text) % 16) + lengths
        for i in range(0, len(padded), 16):
            hashed = self._times_h(hashed ^ int.from_bytes(padded[i : i + 16], "big"))
        mask = self.block(nonce + struct.pack(">I", 1))
        expected = bytes(a ^ b for a, b in zip(hashed.to_bytes(16, "big"), mask, strict=True))
        if not hmac.compare_digest(expected, tag):
            return None
        plain = bytearray()
        for number, i in enumerate(range(0, len(text), 16), 2):
            stream = self.block(nonce + struct.pack(">I", number))
            plain += bytes(a ^ b for a, b in zip(text[i : i + 16], stream, strict=False))
        return bytes(plain)

    def _times_h(self, x: int) -> int:
        product, v = 0, self.h
        for bit in range(127, -1, -1):
            if x >> bit & 1:
                product ^= v
            v = (v >> 1) ^ (0xE1 << 120 if v & 1 else 0)
        return product


def canonical(identity: Mapping[str, Any]) -> bytes:
    """The bytes that a commitment was made of: JSON of id_number, id_type and name, keys sorted."""
    folded = unicodedata.normalize("NFKC", identity.get("id_number", ""))
    number = "".join(c for c in folded if not c.isspace() and c != "-").upper()
    name = {k: unicodedata.normalize("NFC", v).strip() for k, v in identity["name"].items()}
    data = {"id_number": number, "id_type": identity.get("id_type", ""), "name": name}
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def check_persons(
    bound: Bound, persons: Persons, key_file: Path
) -> Iterator[tuple[str, str, int, dict[str, str | int]]]:
    """Compare each committed identity with the encrypted one; yields (code, stream, n, params).

    ``key_file``: the master key, with ``persons.db`` beside it. Raises OSError, ValueError, sqlite3.Error
    for them.
    """
    master = bytes.fromhex(key_file.read_text("ascii").strip())
    keys = (key_file.parent / "persons.db").resolve(strict=True)
    with closing(sqlite3.connect(f"{keys.as_uri()}?mode=ro", uri=True)) as db:
        wrapped = dict(db.execute("SELECT person, wrapped FROM keys").fetchall())
    wrap = Aes256Gcm(hmac.digest(master, b"compsys/1 vault wrap", "sha256"))
    checked = erased = 0
    for person, (stream, n, committed, salt) in sorted(bound.items()):
        sealed, gone = persons.get(person, (None, None))
        if person not in persons or (sealed is None and gone is None):
            yield "person_missing", stream, n, {"person": person}
        elif sealed is None or person not in wrapped or salt is None:
            erased += 1
        elif (opened := _open(wrap, person, wrapped[person], sealed)) is None:
            yield "person_unreadable", stream, n, {"person": person}
        else:
            checked += 1
            plain, derived = opened
            known, salt = json.loads(plain), salt or derived
            notes = persons.get(f"{person}{NOTES}", (None, None))[0]
            coming = _coming(wrap, person, wrapped[person], notes)
            # Between the line of a corrected name and the name itself both are kept: either is who was bound.
            names = [known["name"]] + ([{**known["name"], **coming}] if coming else [])
            if committed not in (_committed(salt, {**known, "name": name}) for name in names):
                yield "identity_swapped", stream, n, {"person": person}
    yield "persons_checked", "", 0, {"count": checked, "erased": erased}


def _committed(salt: str, identity: Mapping[str, Any]) -> str:
    return hmac.digest(salt.encode(), b"compsys/1 identity\n" + canonical(identity), "sha256").hex()


def _coming(wrap: Aes256Gcm, person: str, wrapped: bytes, sealed: bytes | None) -> dict[str, str]:
    """The name that a correction is putting in just now; {} where there is none."""
    key = wrap.decrypt(wrapped, f"compsys/1 key {person}".encode()) if sealed else None
    name = f"compsys/1 person {person}{NOTES}".encode()
    plain = Aes256Gcm(key).decrypt(sealed, name) if key and sealed else None
    found = (json.loads(plain).get("next") or {}) if plain else {}
    return dict(found.get("name", {}))


def _open(wrap: Aes256Gcm, person: str, wrapped: bytes, sealed: bytes) -> tuple[bytes, str] | None:
    """A person's identity, and the salt that is derived from the key; None when it cannot be read."""
    key = wrap.decrypt(wrapped, f"compsys/1 key {person}".encode())
    plain = Aes256Gcm(key).decrypt(sealed, f"compsys/1 person {person}".encode()) if key else None
    return (plain, hmac.digest(key, b"compsys/1 salt", "sha256").hex()) if key and plain else None
