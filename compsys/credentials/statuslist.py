"""Status by Bitstring Status List (W3C): one bit for each credential, in a list that is itself a credential.

A list is long and indexes are random, so that a list tells nobody how many credentials there are or which
belong together. Lists are compared as bits: programs compress them to different bytes.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from compsys.answers import Refused
from compsys.credentials.jcs import Unsignable
from compsys.credentials.terms import V2

LENGTH = 131_072
"""Entries of a list: the standard's least, so that one credential hides among many."""
LONGEST = 16 * LENGTH
"""Entries of the longest list that is read."""
_GZIP = 31
"""zlib's word for gzip's frame, without a time in it."""


class StatusList(NamedTuple):
    """A list as read: its address, issuer's id, purpose, bits, and from when to when it holds (RFC 3339, ""
    = it does not say); ``ttl``: milliseconds that it may be kept, None = it does not say."""

    url: str
    issuer: str
    purpose: str
    bits: bytes
    valid_from: str
    valid_until: str
    ttl: int | None


def bits_of(indexes: Iterable[int], length: int = LENGTH) -> bytes:
    """The bits of a list in which these indexes are set. Raises ValueError: an index outside, a length that
    is short or no multiple of eight.

    >>> bits_of([0, 9])[:2].hex()
    '8040'
    """
    if length < LENGTH or length % 8:
        raise ValueError(f"a list of {length} entries")
    bits = bytearray(length // 8)
    for index in indexes:
        if not 0 <= index < length:
            raise ValueError(f"no entry {index} in a list of {length}")
        bits[index // 8] |= 0x80 >> index % 8
    return bytes(bits)


def is_set(bits: bytes, index: int) -> bool:
    """Whether an entry is set (index 0 is the highest bit of byte 0). Raises ValueError outside the list."""
    if not 0 <= index < len(bits) * 8:
        raise ValueError(f"no entry {index} in a list of {len(bits) * 8}")
    return bool(bits[index // 8] & 0x80 >> index % 8)


def choose(candidates: Iterable[int], taken: Collection[int], n: int, length: int = LENGTH) -> list[int]:
    """The first ``n`` of the random ``candidates`` (0 to length - 1) that are free and differ; ``taken``: a
    set. Raises ValueError when there are not enough.

    >>> choose([5, 5, 7, 9], {7}, 2)
    [5, 9]
    """
    found: dict[int, None] = {}
    for index in candidates:
        if len(found) == n:
            break
        if not 0 <= index < length:
            raise ValueError(f"no entry {index} in a list of {length}")
        if index not in taken:
            found[index] = None
    if len(found) < n:
        raise ValueError(f"{len(found)} free indexes instead of {n}")
    return list(found)


def encode(bits: bytes) -> str:
    """The bits as ``encodedList``: gzip in multibase base64url.

    >>> decode(encode(bits_of([3]))) == bits_of([3])
    True
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, _GZIP)
    packed = packer.compress(bits) + packer.flush()
    return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bits of an ``encodedList``. Raises Unsignable: ``proof.list_bad`` for what is no such list, is too
    short or longer than ``LONGEST``."""
    bad = Unsignable("proof.list_bad", "credentialSubject", "encodedList")
    if not text.startswith("u") or not text.isascii() or len(text) > LONGEST // 4:
        raise bad
    try:
        packed = base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), b"-_", validate=True)
        reader = zlib.decompressobj(_GZIP)
        # One byte more than allowed shows that there is more: nothing is unpacked beyond it.
        bits = reader.decompress(packed, LONGEST // 8 + 1)
    except (zlib.error, binascii.Error, ValueError) as error:
        raise bad from error
    if not reader.eof or reader.unused_data or not LENGTH <= len(bits) * 8 <= LONGEST:
        raise bad
    return bits


def entry(list_url: str, index: int, purpose: str = "revocation") -> dict[str, Any]:
    """The ``credentialStatus`` of a credential: its place in a list.

    >>> entry("https://c.example/status/7/1", 5)["statusListIndex"]
    '5'
    """
    return {
        "id": f"{list_url}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": list_url,
    }


def list_credential(
    url: str,
    issuer: str,
    bits: bytes,
    valid_from: str,
    valid_until: str = "",
    ttl: int | None = None,
    purpose: str = "revocation",
) -> dict[str, Any]:
    """A list as a credential, to be signed by ``proofs.sign`` and served at ``url``; ``ttl`` in
    milliseconds. Raises ValueError for too few bits."""
    if len(bits) * 8 < LENGTH:
        raise ValueError("too short a list")
    subject: dict[str, Any] = {
        "id": f"{url}#list",
        "type": "BitstringStatusList",
        "statusPurpose": purpose,
        "encodedList": encode(bits),
    }
    if ttl is not None:
        subject["ttl"] = ttl
    made: dict[str, Any] = {
        "@context": [V2],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": valid_from,
    }
    if valid_until:
        made["validUntil"] = valid_until
    return made | {"credentialSubject": subject}


def read(document: Any) -> StatusList | Refused:
    """What a list credential says, ``proof.list_bad`` for what is none. Verify its proofs first."""
    subject = document.get("credentialSubject") if type(document) is dict else None
    types = document.get("type") if type(document) is dict else None
    if type(subject) is not dict or type(types) is not list or "BitstringStatusListCredential" not in types:
        return Refused("proof.list_bad", {"where": ""})
    issuer, ttl = document.get("issuer"), subject.get("ttl")
    if type(issuer) is dict:
        issuer = issuer.get("id")
    texts = (
        document.get("id"), issuer, subject.get("statusPurpose"), subject.get("encodedList"),
        document.get("validFrom", ""), document.get("validUntil", ""),
    )  # fmt: skip
    if subject.get("type") not in ("BitstringStatusList", ["BitstringStatusList"]):
        return Refused("proof.list_bad", {"where": "credentialSubject"})
    if not all(type(text) is str for text in texts) or not (ttl is None or type(ttl) is int):
        return Refused("proof.list_bad", {"where": "credentialSubject"})
    url, by, purpose, packed, since, until = (str(text) for text in texts)
    try:
        return StatusList(url, by, purpose, decode(packed), since, until, ttl)
    except Unsignable as error:
        return error.refused()
