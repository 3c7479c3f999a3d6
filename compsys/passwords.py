"""Passwords of accounts: how they are kept (scrypt with a salt) and compared in constant time."""

from __future__ import annotations

import hashlib
import hmac


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**15, r=8, p=1, maxmem=2**26, dklen=32)


def hashed(password: str, salt: bytes) -> str:
    """``scrypt$salt$hash`` (hex) with n = 2^15, r = 8, p = 1. ``salt``: 16 random bytes."""
    return f"scrypt${salt.hex()}${_scrypt(password, salt).hex()}"


def right(password: str, secret: str) -> bool:
    """Whether the password is the one of ``secret``; as slow for a secret of another form as for a real one.

    >>> right("four words are long", hashed("four words are long", bytes(16))), right("no", "")
    (True, False)
    """
    kind, _, rest = secret.partition("$")
    salt, _, key = rest.partition("$")
    known = kind == "scrypt" and len(salt) == 32
    made = _scrypt(password, bytes.fromhex(salt) if known else b"\0" * 16)
    return hmac.compare_digest(made.hex(), key) and known
