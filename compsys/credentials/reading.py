"""Finds the certificate in whatever was given: a QR link, JSON, a token, a PDF, a picture; checks nothing.

The twin of ``web/static/credential_read.js``.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zlib
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from compsys.credentials import jcs
from compsys.credentials.checking import Verdict, base64url, said

QR = re.compile(r"1\.(0|[0-9a-f]{16})\.([A-Za-z0-9_-]*)\Z")
"""The fragment of a QR code's link: form 1, how its dictionary's SHA-256 begins, what was packed."""
QR_LIMIT = 1 << 20


READING = {"proof.too_large": "too_large", "proof.key_twice": "name_twice"}

Kind = Literal["document", "jwt", "qr", "number", "id"]


class Found(NamedTuple):
    """What a text or a file is: a document, or the text of a token, of a QR code's fragment, of a number, of
    a random id."""

    kind: Kind
    value: Any


NUMBER = re.compile(r"(?=(?:[^0-9]*[0-9]){6})[A-Z0-9][A-Z0-9-]{4,58}[A-Z0-9]\Z", re.A)
"""Numbers are as an issuer's template has them: letters, digits, hyphens; at least six digits."""
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z", re.A)
JWT = re.compile(r"[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\Z")
LARGEST = 1 << 20
FILE_LARGEST = 20 << 20


def plain(number: str) -> str:
    """A number as it was typed, full-width letters and spaces put right.

    >>> plain(" ｓ0000 3700004 ")
    'S00003700004'
    """
    return re.sub(r"[\s\u200b]", "", unicodedata.normalize("NFKC", number)).upper()


def from_text(given: str) -> Found | Verdict:
    """What a typed, pasted or scanned text is, or why it is nothing."""
    text = given.strip()
    if not text:
        return said("no_credential")
    if len(text) > LARGEST:
        return said("too_large")
    if text.startswith("{"):
        document = read(text)
        return document if isinstance(document, Verdict) else Found("document", document)
    if JWT.match(text):
        return Found("jwt", text)
    if UUID.match(text):
        return Found("id", text)
    if NUMBER.match(plain(text)):
        return Found("number", plain(text))
    return _link(text) or said("unreadable" if len(text) > 80 else "no_credential")


def _link(text: str) -> Found | None:
    """A link of a QR code or of a certificate's own page."""
    if re.match(r"#?1\.", text):
        return Found("qr", text.lstrip("#"))
    found = re.match(r"https?://[^\s/]+(/[^\s?#]*)?(?:\?[^\s#]*)?(?:#(\S+))?\Z", text)
    if found is None:
        return None
    if found[2]:
        return Found("qr", found[2])
    name = (found[1] or "").rpartition("/credentials/")[2]
    return Found("id", name) if UUID.match(name) else None


# ------------------------------------------------------------------ files


def from_file(data: bytes) -> Found | Verdict:
    """The certificate in a file: the attachment of a PDF, what is baked into a PNG or SVG, JSON, a token."""
    if len(data) > FILE_LARGEST:
        return said("too_large")
    if data.startswith(b"%PDF-"):
        return _pdf(data)
    if data.startswith(b"\x89PNG"):
        return _png(data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return said("unreadable")
    return _svg(text) if text.lstrip().startswith("<") else from_text(text)


def _png(data: bytes) -> Found | Verdict:
    """The iTXt chunk of a baked badge."""
    keyword, at = b"openbadgecredential\0", 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        chunk = data[at + 8 : at + 8 + length]
        if data[at + 4 : at + 8] == b"iTXt" and chunk.startswith(keyword):
            flag, _, rest = chunk[len(keyword) :][:1], *chunk[len(keyword) + 2 :].partition(b"\0")[1:]
            text = rest.partition(b"\0")[2]
            return _decoded(text) if flag == b"\0" else said("unreadable")
        at += 12 + length
    return said("no_qr")


def _decoded(data: bytes) -> Found | Verdict:
    try:
        return from_text(data.decode())
    except UnicodeDecodeError:
        return said("unreadable")


def _svg(text: str) -> Found | Verdict:
    """The first element of a baked drawing: a token as its attribute, or JSON as its content."""
    token = re.search(r'<openbadges:credential\b[^>]*\bverify="([^"]+)"', text)
    if token:
        return from_text(token[1])
    json = re.search(r"<openbadges:credential\b[^>]*>\s*<!\[CDATA\[(.*?)\]\]>", text, re.S)
    return from_text(json[1]) if json else said("no_credential")


STREAM = re.compile(
    rb"<<((?:(?!>>\s*stream|endobj).)*?/EmbeddedFile\b(?:(?!endobj).)*?)>>\s*stream\r?\n", re.S
)


def _pdf(data: bytes) -> Found | Verdict:
    """The file attached to a certificate's PDF."""
    for found in STREAM.finditer(data):
        packed = data[found.end() :]
        if b"/FlateDecode" in found[1]:
            try:
                text = zlib.decompressobj().decompress(packed, LARGEST)
            except zlib.error:
                continue
        else:
            text = packed.partition(b"endstream")[0]
        if text.lstrip().startswith(b"{"):
            return _decoded(text)
    return said("no_credential")


# ------------------------------------------------------------------ texts


def read(data: bytes | str) -> Any | Verdict:
    """The document of a JSON text, or why there is none."""
    try:
        return jcs.parse(data.lstrip() if isinstance(data, str) else data.lstrip(b"\xef\xbb\xbf \t\r\n"))
    except jcs.Unsignable as error:
        named = {"name": error.params["key"]} if error.code == "proof.key_twice" else {}
        return said(READING.get(error.code, "unreadable"), **named)


def open_qr(fragment: str, dictionary: Callable[[str], bytes | None]) -> Any | Verdict:
    """The document of a QR code's fragment, or why there is none. ``dictionary``: bytes by how their SHA-256
    begins (16 hex digits)."""
    found = QR.match(fragment.strip().lstrip("#"))
    if not found:
        return said("qr_damaged")
    named, packed = found[1], found[2]
    data = base64url(packed[:-1] if len(packed) % 4 == 1 else packed)
    words = b"" if named == "0" else dictionary(named)
    if data is None:
        return said("qr_cut")
    if words is None:
        return said("dictionary_unknown", dictionary=named)
    if words and not hashlib.sha256(words).hexdigest().startswith(named):
        return said("dictionary_wrong", dictionary=named)
    engine = zlib.decompressobj(-15, zdict=words) if words else zlib.decompressobj(-15)
    try:
        text = engine.decompress(data, QR_LIMIT)
    except zlib.error:
        return said("qr_damaged")
    if engine.unconsumed_tail:
        return said("too_large")
    if not engine.eof:
        return said("qr_cut")
    document = read(text) if not engine.unused_data else said("qr_damaged")
    return said("qr_damaged") if isinstance(document, Verdict) else document
