"""Puts a signed credential into its badge picture, PNG or SVG, and reads it out again: once, never twice.

PNG: one uncompressed iTXt chunk with the keyword ``openbadgecredential``. SVG: one element of the Open Badges
name space, first below ``<svg>``: a compact JWS in its ``verify`` attribute, or the JSON as its CDATA. Rules:
Open Badges 3.0, "Baked badges".
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final

from compsys.answers import Refused

KEYWORD: Final = b"openbadgecredential"
OTHERS: Final = (KEYWORD, b"openbadges")
"""Keywords of a picture that is baked, the one of the older standard too."""

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
TEXTS: Final = (b"iTXt", b"tEXt", b"zTXt")
SPACE: Final = "https://purl.imsglobal.org/spec/ob/v3p0"
ROOT: Final = re.compile(r"<svg\b[^>]*>")
ELEMENT: Final = re.compile(
    r"""<openbadges:credential(?:\s+verify=["']([^"']+)["'])?\s*"""
    r"""(?:/>|>\s*(?:<!\[CDATA\[(.*?)\]\]>)?\s*</openbadges:credential>)""",
    re.DOTALL,
)
JWS: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def bake_png(picture: bytes, credential: str) -> bytes | Refused:
    """A PNG with a credential (JSON or compact JWS) in it.

    Refused: ``baking.not_png``; ``baking.twice`` (it holds one already).
    """
    chunks = list(_chunks(picture))
    if not chunks or chunks[0][0] != b"IHDR" or chunks[-1][0] != b"IEND":
        return Refused("baking.not_png")
    if any(kind in TEXTS and body.split(b"\0", 1)[0] in OTHERS for kind, body in chunks):
        return Refused("baking.twice")
    # keyword, not compressed, no method, no language, no translated keyword
    body = KEYWORD + b"\0\0\0\0\0" + credential.encode()
    return SIGNATURE + b"".join(
        _chunk(kind, data) for kind, data in (chunks[0], (b"iTXt", body), *chunks[1:])
    )


def read_png(picture: bytes) -> str | None:
    """The credential in a baked PNG; None where there is none, or more than one."""
    found = [
        body for kind, body in _chunks(picture) if kind == b"iTXt" and body.split(b"\0", 1)[0] == KEYWORD
    ]
    if len(found) != 1:
        return None
    rest = found[0][len(KEYWORD) + 1 :]
    compressed, text = rest[:1], rest[2:].split(b"\0", 2)[-1]
    try:
        return text.decode() if compressed == b"\0" else None
    except UnicodeDecodeError:
        return None


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, data) of each chunk of a PNG, up to the first that is cut or damaged."""
    if not picture.startswith(SIGNATURE):
        return
    at = len(SIGNATURE)
    while at + 12 <= len(picture):
        length = int.from_bytes(picture[at : at + 4], "big")
        kind, body = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        if picture[at + 8 + length : at + 12 + length] != struct.pack(">I", zlib.crc32(kind + body)):
            return
        yield kind, body
        at += 12 + length


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bake_svg(picture: str, credential: str) -> str | Refused:
    """An SVG with a credential (JSON or compact JWS) in it.

    Refused: ``baking.not_svg``; ``baking.twice``; ``baking.cdata`` (the JSON holds the end of a CDATA part).
    """
    root = ROOT.search(picture)
    if root is None or root.group().endswith("/>"):
        return Refused("baking.not_svg")
    if "<openbadges:" in picture or "xmlns:openbadges" in picture:
        return Refused("baking.twice")
    if "]]>" in credential:
        return Refused("baking.cdata")
    if JWS.fullmatch(credential):
        element = f'<openbadges:credential verify="{credential}"/>'
    else:
        element = f"<openbadges:credential><![CDATA[{credential}]]></openbadges:credential>"
    opened = f'{root.group()[:-1]} xmlns:openbadges="{SPACE}">'
    return picture[: root.start()] + opened + element + picture[root.end() :]


def read_svg(picture: str) -> str | None:
    """The credential in a baked SVG; None where there is none, or more than one."""
    found = ELEMENT.findall(picture)
    if len(found) != 1:
        return None
    verify, data = found[0]
    return verify or data or None
