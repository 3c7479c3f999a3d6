"""Public keys and signatures as the text that credentials carry: base58btc, and Multikey for Ed25519."""

from __future__ import annotations

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ED25519 = b"\xed\x01"
"""What stands before an Ed25519 public key (W3C Controlled Identifiers, 2.2.2)."""
_DIGITS = {letter: value for value, letter in enumerate(ALPHABET)}
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_CHUNK = 10
_BASE = 58**_CHUNK
"""Digits are made ten at a time: long division of a whole signature is slow."""
_LONGEST = 128


def base58_encode(data: bytes) -> str:
    """The bytes as base58btc, without multibase's ``z``.

    >>> base58_encode(b"\\x00hello")
    '1Cn8eVZg'
    """
    number, chunks = int.from_bytes(data, "big"), []
    while number:
        number, rest = divmod(number, _BASE)
        for _ in range(_CHUNK // 2):
            rest, pair = divmod(rest, 3364)
            chunks.append(_PAIRS[pair])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(chunks)).lstrip("1")


def base58_decode(text: str) -> bytes:
    """The bytes of base58btc text, without multibase's ``z``. Raises ValueError: other letters, too long.

    >>> base58_decode("1Cn8eVZg")
    b'\\x00hello'
    """
    if len(text) > _LONGEST:
        raise ValueError("too long for a key or a signature")
    number = 0
    for letter in text:
        digit = _DIGITS.get(letter)
        if digit is None:
            raise ValueError("not base58btc")
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode(public: bytes) -> str:
    """An Ed25519 public key (32 bytes) as Multikey. Raises ValueError.

    >>> encode(bytes(32))
    'z6MkeTG3bFFSLYVU7VqhgZxqr6YzpaGrQtFMh1uvqGy1vDnP'
    """
    if len(public) != 32:
        raise ValueError("an Ed25519 public key has 32 bytes")
    return "z" + base58_encode(ED25519 + public)


def decode(text: str) -> bytes:
    """The 32 bytes of an Ed25519 public key from its Multikey. Raises ValueError for anything else.

    >>> decode("z6MkeTG3bFFSLYVU7VqhgZxqr6YzpaGrQtFMh1uvqGy1vDnP") == bytes(32)
    True
    """
    if not text.startswith("z"):
        raise ValueError("not base58btc multibase")
    data = base58_decode(text[1:])
    if len(data) != 34 or not data.startswith(ED25519):
        raise ValueError("not an Ed25519 public key")
    return data[2:]
