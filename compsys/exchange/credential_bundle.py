"""The bundle with which certificates outlive their server: key history, status lists, dictionaries, a page.

One zip file. ``trust.json`` holds the pinned issuers; ``signed/`` the same history of each, signed by its own
newest key; ``lists/`` the signed status lists; ``dictionaries/`` those of QR codes; ``contexts.json`` the
names and digests of the vocabularies; ``page/`` pages that check by themselves, from a disk or any server.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from compsys.credentials import jcs, pinned
from compsys.credentials.checking import Trust

CONTEXTS = {
    "https://www.w3.org/ns/credentials/v2": (
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"
    ),
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": (
        "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84"
    ),
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json": (
        "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93"
    ),
    "https://www.w3.org/ns/cid/v1": "ea216ecc1cb02cd39b693dba2250141e270ba0bf95890be107dd9a9e8e43de85",
}
"""Vocabulary -> SHA-256 of its official document (credentials.md 6)."""

LARGEST = 64 << 20


class NoBundle(ValueError):
    """The file is no bundle, or what is in it is not what it should be."""


class Bundle(NamedTuple):
    """What a bundle holds: pinned issuers with lists, and dictionaries by how their SHA-256 begins."""

    trust: Trust
    dictionaries: dict[str, bytes]


def written(told: Mapping[str, Any], pages: Mapping[str, str]) -> bytes:
    """The zip of what the office told (``trust``, ``lists``, ``signed``, ``dictionaries``); the same bytes
    for the same content."""
    files = {"trust.json": _json(told["trust"]), "contexts.json": _json(CONTEXTS)}
    for at, document in enumerate(told["lists"].values(), 1):
        files[f"lists/{at:04}.json"] = _json(document)
    for slug, document in told["signed"].items():
        files[f"signed/{slug}.json"] = _json(document)
    for name, text in told["dictionaries"].items():
        files[f"dictionaries/{name}"] = text.encode()
    files |= {f"page/{name}": text.encode() for name, text in pages.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode()


def read(path: Path) -> Bundle:
    """A bundle from its file. Raises OSError, NoBundle."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > LARGEST:
                raise NoBundle("too large")
            files = {name: archive.read(name) for name in archive.namelist()}
        lists = [jcs.parse(data) for name, data in files.items() if name.startswith("lists/")]
        trust = pinned.from_json(jcs.parse(files["trust.json"]), {one["id"]: one for one in lists})
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise NoBundle(str(error)) from error
    dictionaries = {
        hashlib.sha256(data).hexdigest()[:16]: data
        for name, data in files.items()
        if name.startswith("dictionaries/")
    }
    return Bundle(trust, dictionaries)
