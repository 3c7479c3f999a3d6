"""What signs: one small interface, and the two kinds of key behind it, Ed25519 and ES256 (P-256).

Nothing here reads a disk or draws a number: secrets come in as bytes. Where they are kept is
``keyfolder``. A key in a card, or of another algorithm, is one more class with the same three members.
"""

from __future__ import annotations

from typing import Literal, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Algorithm = Literal["Ed25519", "ES256"]
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256: a secret is a whole number from 1 to one below it."""


class Signer(Protocol):
    """A key that signs. ``public``: 32 bytes (Ed25519) or a compressed point of 33 bytes (ES256)."""

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm's name."""

    @property
    def public(self) -> bytes:
        """The public key."""

    def sign(self, data: bytes) -> bytes:
        """The signature over the data (64 bytes), the same each time."""


class Ed25519:
    """An Ed25519 key of 32 secret bytes (RFC 8032)."""

    algorithm: Algorithm = "Ed25519"

    def __init__(self, secret: bytes) -> None:
        self._key = ed25519.Ed25519PrivateKey.from_private_bytes(secret)
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        """The signature over the data (64 bytes)."""
        return self._key.sign(data)


class ES256:
    """A P-256 key of 32 secret bytes; signs with SHA-256 and a nonce made of key and data (RFC 6979).

    Raises ValueError for a secret that is no number of the curve's.
    """

    algorithm: Algorithm = "ES256"

    def __init__(self, secret: bytes) -> None:
        number = int.from_bytes(secret, "big")
        if len(secret) != 32 or not 0 < number < _ORDER:
            raise ValueError("not a P-256 secret")
        self._key = ec.derive_private_key(number, ec.SECP256R1())
        self.public = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)

    def sign(self, data: bytes) -> bytes:
        """The signature over the data: r and s as 32 bytes each (RFC 7518, 3.4)."""
        found = self._key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(found)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def opened(algorithm: str, secret: bytes) -> Ed25519 | ES256:
    """The key of a secret. Raises ValueError: another algorithm, a secret of the wrong length."""
    if algorithm == "Ed25519":
        return Ed25519(secret)
    if algorithm == "ES256":
        return ES256(secret)
    raise ValueError(f"no such algorithm: {algorithm}")


def secret_of(algorithm: Algorithm, chance: bytes) -> bytes:
    """A new secret (32 bytes) made of 40 random bytes: enough that no number of P-256 is likelier.

    >>> len(secret_of("ES256", bytes(40)))
    32
    """
    if len(chance) != 40:
        raise ValueError("a secret is made of 40 random bytes")
    if algorithm == "Ed25519":
        return chance[:32]
    return (int.from_bytes(chance, "big") % (_ORDER - 1) + 1).to_bytes(32, "big")


def check(algorithm: str, public: bytes, signature: bytes, data: bytes) -> bool:
    """Whether the signature over the data is this key's; False for whatever is no key or no signature.

    >>> key = Ed25519(bytes(32))
    >>> check("Ed25519", key.public, key.sign(b"1"), b"1"), check("Ed25519", key.public, b"", b"1")
    (True, False)
    """
    if len(signature) != 64:
        return False
    try:
        if algorithm == "Ed25519":
            ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
            return True
        if algorithm == "ES256":
            point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            point.verify(encode_dss_signature(r, s), data, ec.ECDSA(hashes.SHA256()))
            return True
    except (InvalidSignature, ValueError):
        return False
    return False
