"""What others need to check with, as JSON and back: issuers with the history of their keys, and lists.

The same shape is what the page asks for (``/v/trust.json``), what a public process is told, and what a bundle
holds. A key's ``key`` is base64url: 32 bytes (Ed25519), or x and y of 32 bytes each (ES256).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from compsys.credentials.checking import Issuer, Trust, address_of, moment
from compsys.credentials.controller import Key

FORM = "compsys-trust/1"


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _key(issuer: str, key: Key) -> dict[str, str]:
    raw = key.public
    if key.algorithm == "ES256":
        numbers = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw).public_numbers()
        raw = numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    return {
        "method": address_of(issuer, key), "algorithm": key.algorithm, "key": _packed(raw),
        "created": key.created, "retired": key.retired, "revoked": key.revoked,
    }  # fmt: skip


def to_json(
    trust: Trust, base: str = "", register: bool = False, dictionaries: Iterable[str] = ()
) -> dict[str, Any]:
    """What is pinned, as JSON. ``base``: the office's own address; ``register``: whether it answers for
    single certificates; ``lists``: the addresses of status lists, not the lists."""
    issuers = [
        {
            "id": one.id, "name": one.name, "code": one.code, "url": one.url,
            "keys": [_key(one.id, key) for key in one.keys],
        }
        for one in trust.issuers.values()
    ]  # fmt: skip
    return {
        "form": FORM, "made": trust.made, "base": base, "register": register, "issuers": issuers,
        "lists": sorted(trust.lists), "dictionaries": sorted(dictionaries),
    }  # fmt: skip


def _key_back(data: Mapping[str, str]) -> Key:
    raw = base64.urlsafe_b64decode(data["key"] + "=" * (-len(data["key"]) % 4))
    dates = (data["created"], data["retired"], data["revoked"])
    if data["algorithm"] == "ES256":
        if len(raw) != 64:
            raise ValueError("an ES256 key has two numbers of 32 bytes")
        return Key(bytes([2 + (raw[63] & 1)]) + raw[:32], "ES256", *dates)
    if data["algorithm"] != "Ed25519" or len(raw) != 32:
        raise ValueError(f"no such key: {data['algorithm']}")
    return Key(raw, "Ed25519", *dates)


def from_json(data: Any, lists: Mapping[str, Any] | None = None) -> Trust:
    """What is pinned, read back. Raises ValueError where it is something else."""
    try:
        if data["form"] != FORM or moment(data["made"]) is None:
            raise ValueError("not a list of issuers")
        issuers = {
            str(one["id"]): Issuer(
                one["id"], one["name"], one["code"], one["url"], tuple(_key_back(key) for key in one["keys"])
            )
            for one in data["issuers"]
        }
    except (KeyError, TypeError) as error:
        raise ValueError("not a list of issuers") from error
    return Trust(data["made"], issuers, dict(lists or {}))
