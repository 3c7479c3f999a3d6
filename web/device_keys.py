"""A tablet's own key: whether a connection that carries its cookie has the key that no cookie holds.

The key is made in the browser when the tablet is enrolled over TLS, and cannot be read there (see
``static/device_key.js``); here is its public half. Plain http has no such keys: there a cookie is all.
"""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

POINT = 65
"""Bytes of a point of P-256 as browsers give it: 04, x, y."""


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        return b""


def sound(public: str) -> bool:
    """Whether a text (base64url) is a point of P-256."""
    return _key(public) is not None


def _key(public: str) -> ec.EllipticCurvePublicKey | None:
    point = _bytes(public) if public.isascii() else b""
    if len(point) != POINT:
        return None
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return None


def question(store: str, nonce: str) -> bytes:
    """What is signed: whose tablet's database it is (competition and seat), and what this very connection was
    asked."""
    return f"compsys/1 device {store} {nonce}".encode()


def proves(public: str, store: str, nonce: str, proof: str) -> bool:
    """Whether ``proof`` (base64url, r and s of 32 bytes each) is the key's signature of the question."""
    key, found = _key(public), _bytes(proof) if proof.isascii() else b""
    if key is None or len(found) != 64:
        return False
    r, s = int.from_bytes(found[:32]), int.from_bytes(found[32:])
    try:
        key.verify(utils.encode_dss_signature(r, s), question(store, nonce), ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
