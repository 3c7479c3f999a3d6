"""The pictures that marks and incidents name: files beside the journal, each named by its own SHA-256.

A line holds a picture's digest, the picture follows by itself. A file appears under its name only when all of
it is on the disk, so what has a name is whole unless somebody changed it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

FOLDER = "evidence"
LIMIT = 4 * 1024 * 1024
"""Bytes of one picture; a tablet's is a tenth of it."""
_NAME = re.compile(r"[0-9a-f]{64}\Z")


class Found(NamedTuple):
    """How the pictures that lines name stand: how many are named, how many are there, whose bytes differ."""

    named: int
    there: int
    differ: tuple[str, ...]


def kind_of(data: bytes) -> str:
    """The media type of a picture by its first bytes, "" for anything else.

    >>> kind_of(b"\\xff\\xd8\\xff\\xe0...."), kind_of(b"GIF89a")
    ('image/jpeg', '')
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/png" if data.startswith(b"\x89PNG\r\n\x1a\n") else ""


def plain(data: bytes) -> bytes:
    r"""A JPEG without what cameras write beside the picture (place, device, words); anything else as it is.

    >>> plain(b"\xff\xd8\xff\xe1\x00\x06Exif\xff\xda\x00\x02picture")
    b'\xff\xd8\xff\xda\x00\x02picture'
    """
    if not data.startswith(b"\xff\xd8"):
        return data
    kept, at = [data[:2]], 2
    while data[at : at + 1] == b"\xff" and at + 4 <= len(data):
        mark, end = data[at + 1], at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if mark == 0xDA:
            break
        if mark not in (0xE1, 0xED, 0xFE):  # Exif and XMP, IPTC, comments
            kept.append(data[at:end])
        at = end
    return b"".join((*kept, data[at:]))


class Evidence:
    """The folder of pictures of one data directory."""

    def __init__(self, directory: Path) -> None:
        self.folder = directory / FOLDER

    def path(self, sha: str) -> Path | None:
        """Where a picture is, None where it has not come (or where that is no digest)."""
        path = self.folder / sha
        return path if _NAME.match(sha) and path.is_file() else None

    def keep(self, data: bytes) -> str:
        """Keep a picture; returns its SHA-256 once it is on the disk. The same picture again changes nothing.

        Raises OSError (a full disk): then it is not kept.
        """
        sha = hashlib.sha256(data).hexdigest()
        if self.path(sha) and whole(self.folder / sha):
            return sha
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self.folder / f".{sha}.{os.getpid()}"
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.folder / sha)
        finally:
            part.unlink(missing_ok=True)
        _sync(self.folder)
        return sha

    def copy_to(self, directory: Path) -> int:
        """Copy the pictures that are not there yet beside a backup; returns how many. Raises OSError."""
        there, count = Evidence(directory), 0
        for path in sorted(self.folder.glob("*")) if self.folder.is_dir() else ():
            if _NAME.match(path.name) and not there.path(path.name):
                data = path.read_bytes()
                # One that was changed here is a copy of nothing: the copy's verifier says that it is missing.
                if hashlib.sha256(data).hexdigest() == path.name:
                    there.keep(data)
                    count += 1
        return count

    def stand(self, named: Iterable[str]) -> Found:
        """How the named pictures stand."""
        wanted = sorted(set(named))
        there = [sha for sha in wanted if self.path(sha)]
        return Found(len(wanted), len(there), tuple(s for s in there if not whole(self.folder / s)))


def whole(path: Path) -> bool:
    """Whether a picture's bytes are those that its name says."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == path.name


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
