"""Packs a signed credential into an address short enough for a QR symbol, and opens it again.

The address is ``https://HOST/v#1.<dictionary>.<data>``. ``data`` is base64url, without padding, of the raw
deflate of the RFC 8785 bytes of the credential with its eddsa-jcs-2022 proof alone, made with a preset
dictionary: the bytes of a synthetic credential of the same achievement, issuer and status list, in which all
that belongs to one person is empty. ``dictionary`` is the beginning of its SHA-256. A dictionary never
changes and holds nobody's data; it is kept with the journal, so a symbol printed today opens in ten years.
What comes after ``#`` is never sent to a server by a browser.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final

from compsys.answers import Refused
from compsys.credentials import jcs, proofs

VERSION: Final = "1"
NO_DICTIONARY: Final = "0"
NAME: Final = 16
"""Hex digits of a dictionary's SHA-256 that name it: the signature, not this name, is what protects."""

LARGEST: Final = 65_536
"""Bytes of a credential: an address that unpacks to more is refused before memory is taken."""

NO_ID: Final = "00000000-0000-0000-0000-000000000000"
SERIAL: Final = re.compile(r"\d{1,6}$")
FRAGMENT: Final = re.compile(r"1\.(0|[0-9a-f]{16})\.([A-Za-z0-9_-]+)")

Json = dict[str, Any]


def dictionary(signed: Json, method: str = "") -> bytes:
    """The preset dictionary for a credential: the same bytes for all of its achievement, issuer, list and
    year, whoever holds them. ``signed``: with proofs, or without and with the ``method`` they will name.

    Only members of the class are taken over; a text in which the holder's name stands is left out, so that
    a dictionary can be given to anybody.
    """
    subject = signed["credentialSubject"]
    achievement = subject.get("achievement", {})
    status = signed.get("credentialStatus", {})
    made: Json = {
        key: signed[key]
        for key in ("@context", "type", "name", "description", "issuer", "evidence", "credentialSchema")
        if key in signed
    }
    made |= {key: _year(signed[key]) for key in ("validFrom", "awardedDate", "validUntil") if key in signed}
    made["id"] = _anonymous(signed.get("id", ""))
    made["credentialSubject"] = {
        key: subject[key]
        for key in ("type", "achievement", "role", "source", "activityStartDate", "activityEndDate")
        if key in subject
    } | {
        "id": f"urn:uuid:{NO_ID}",
        "identifier": [
            {"hashed": False, "identityHash": "", "identityType": "name", "type": "IdentityObject"}
        ],
        "licenseNumber": SERIAL.sub("", subject.get("licenseNumber", "")),
        "result": [
            {"resultDescription": one.get("id", ""), "status": "Completed", "type": ["Result"], "value": ""}
            for one in achievement.get("resultDescription", ())
        ],
    }
    if status:
        place = status.get("statusListCredential", "")
        made["credentialStatus"] = {**status, "id": f"{place}#", "statusListIndex": ""}
    made["proof"] = [_proof(signed, method)]
    return jcs.canonical(_without(made, holder(signed)))


def holder(document: Json) -> str:
    """The name in clear of a credential's subject, "" where there is none."""
    for one in document["credentialSubject"].get("identifier", ()):
        if one.get("identityType") == "name" and not one.get("hashed"):
            return str(one.get("identityHash", ""))
    return ""


def _proof(signed: Json, method: str) -> Json:
    """The proof of the synthetic credential: all but value and moment."""
    kept = [one for one in signed.get("proof", ()) if one.get("cryptosuite") == proofs.JCS]
    return {
        "@context": signed.get("@context", []),
        "created": _year(kept[0]["created"] if kept else signed.get("validFrom", "")),
        "cryptosuite": proofs.JCS,
        "proofPurpose": "assertionMethod",
        "proofValue": "z",
        "type": "DataIntegrityProof",
        "verificationMethod": kept[0]["verificationMethod"] if kept else method,
    }


def _year(moment: str) -> str:
    """A moment's year and offset alone."""
    return f"{moment[:4]}-01-01T00:00:00{moment[19:]}"


def _anonymous(address: str) -> str:
    """An address with its last part replaced by an empty id."""
    return f"{address.rpartition('/')[0]}/{NO_ID}"


def _without(value: Any, name: str) -> Any:
    """The value with every text emptied in which a name stands. A name of one character is in too many."""
    if isinstance(value, str):
        return "" if len(name) > 1 and name in value else value
    if isinstance(value, list):
        return [_without(one, name) for one in value]
    if isinstance(value, dict):
        return {key: _without(one, name) for key, one in value.items()}
    return value


def name(preset: bytes) -> str:
    """What names a dictionary in an address.

    >>> name(b"")
    'e3b0c44298fc1c14'
    """
    return hashlib.sha256(preset).hexdigest()[:NAME]


def fragment(signed: Json, preset: bytes = b"") -> str:
    """What stands behind ``#``: version, dictionary, data. ``preset`` empty: without a dictionary (longer).
    ``signed`` must carry an eddsa-jcs-2022 proof."""
    plain = jcs.canonical(proofs.only(signed, proofs.JCS))
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, preset)
    packed = packer.compress(plain) + packer.flush()
    data = urlsafe_b64encode(packed).rstrip(b"=").decode()
    return f"{VERSION}.{name(preset) if preset else NO_DICTIONARY}.{data}"


def address(base: str, signed: Json, preset: bytes = b"") -> str:
    """The address for the symbol. ``base``: the public site, such as ``https://c.example``."""
    return f"{base.rstrip('/')}/v#{fragment(signed, preset)}"


def open_fragment(text: str, presets: Mapping[str, bytes] | Callable[[str], bytes | None]) -> Json | Refused:
    """The credential in an address or in what stands behind its ``#``; nothing is verified by this.

    ``presets``: dictionaries by name. Refused: ``qr.shape`` (not such an address), ``qr.dictionary`` (name:
    a dictionary that is not here, or not the one that was named), ``qr.cut`` (the data ends too early),
    ``qr.damaged``, ``qr.large``.
    """
    found = FRAGMENT.fullmatch(text.rpartition("#")[2].strip())
    if found is None:
        return Refused("qr.shape")
    wanted, data = found.groups()
    preset = b""
    if wanted != NO_DICTIONARY:
        get = presets.get if isinstance(presets, Mapping) else presets
        preset = get(wanted) or b""
        if not preset or name(preset) != wanted:
            return Refused("qr.dictionary", {"name": wanted})
    return _unpack(data, preset)


def _unpack(data: str, preset: bytes) -> Json | Refused:
    if len(data) % 4 == 1:  # no number of whole bytes has such a length
        return Refused("qr.cut")
    unpacker = zlib.decompressobj(-15, preset)
    try:
        plain = unpacker.decompress(urlsafe_b64decode(data + "=" * (-len(data) % 4)), LARGEST + 1)
    except zlib.error:
        return Refused("qr.damaged")
    if len(plain) > LARGEST:
        return Refused("qr.large", {"most": str(LARGEST)})
    if not unpacker.eof:
        return Refused("qr.cut")
    try:
        document = jcs.parse(plain)
    except jcs.Unsignable:
        return Refused("qr.damaged")
    return document if isinstance(document, dict) and not unpacker.unused_data else Refused("qr.damaged")
