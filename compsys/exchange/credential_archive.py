"""The archive of one batch of certificates (认定批次): a folder or zip of volumes with a manifest of hashes.

Volumes as offices file them: entry, filing, process, results, works, certificates (china.md 14). What the
program knows it writes itself; what it does not (sign-in sheets, room records, photographs) somebody adds as
files. A volume that stays empty is said to be. Nothing is ever changed in an archive: ``check`` says what is
no longer as it was filed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

import msgspec

FORMAT = "compsys-credential-archive/1"
MANIFEST = "manifest.json"
VOLUMES = ("entry", "filing", "process", "results", "works", "certificates")
FOLDERS = {name: f"{at:02}-{name}" for at, name in enumerate(VOLUMES, 1)}
PAPER, ELECTRONIC = 3, 5
"""Years that paper and files are kept at least (china.md 14)."""
_BLOCK = 1 << 20
_SAFE = re.compile(r"[^\x00-\x1f\\:*?\"<>|]{1,200}\Z")
_LARGEST = 64 * 1024 * 1024
"""Bytes of a manifest that is read: one line of it per file."""


class BadArchive(ValueError):
    """What makes an archive or a file for it unusable: ``code`` with ``params``."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code, params)
        self.code, self.params = code, params


class Item(msgspec.Struct, frozen=True):
    """One file of an archive: its path in it, its volume, bytes and SHA-256 (hex)."""

    path: str
    volume: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive holds and how long it is kept: ``made`` UTC text, days as YYYY-MM-DD.

    ``competition``, ``n`` and ``head``: the journal's line that the program's own files stand on;
    ``empty``: volumes without a file.
    """

    format: str
    batch: str
    competition: str
    n: int
    head: str
    made: str
    closed: str
    keep_paper_until: str
    keep_files_until: str
    certificates: int
    empty: tuple[str, ...]
    files: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What is archived: its id, the journal it stands on, the day it was closed, and the program's own files
    as volume -> name -> bytes."""

    id: str
    competition: str
    n: int
    head: str
    closed: str
    certificates: int
    own: Mapping[str, Mapping[str, bytes]]


@dataclass(slots=True)
class Found:
    """What a check found: ``problems`` as (code, path); empty = as it was filed."""

    manifest: Manifest | None = None
    digest: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)


def years_later(day: str, years: int) -> str:
    """The day so many years later; of 29 February the day after where there is none.

    >>> years_later("2026-05-01", 3), years_later("2024-02-29", 5)
    ('2029-05-01', '2029-03-01')
    """
    found = f"{int(day[:4]) + years:04}{day[4:]}"
    leap = int(found[:4]) % 4 == 0 and (int(found[:4]) % 100 != 0 or int(found[:4]) % 400 == 0)
    return f"{found[:4]}-03-01" if found[5:] == "02-29" and not leap else found


def put(data: Any) -> bytes:
    """JSON as archives hold it: indented, with a final newline."""
    return json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n"


# ---------------------------------------------------------------- making


def added(folder: Path) -> Iterator[tuple[str, str, Path]]:
    """(volume, path in the archive, file) of what somebody adds: a folder with one folder per volume.

    Raises BadArchive: archive.add_volume (a folder that is no volume), archive.add_name, archive.add_link
    (a link or device: an archive holds what it says, not what a link leads to).
    """
    for volume in sorted(folder.iterdir()):
        name = volume.name.partition("-")[2] if volume.name in FOLDERS.values() else volume.name
        if name not in VOLUMES or not volume.is_dir():
            raise BadArchive("archive.add_volume", name=volume.name, known=" ".join(VOLUMES))
        for file in sorted(volume.rglob("*")):
            inside = file.relative_to(volume).as_posix()
            if file.is_symlink():
                raise BadArchive("archive.add_link", path=str(file))
            if file.is_dir():
                continue
            if not stat.S_ISREG(file.stat().st_mode):
                raise BadArchive("archive.add_link", path=str(file))
            if not all(_SAFE.match(part) for part in inside.split("/")):
                raise BadArchive("archive.add_name", path=str(file))
            yield name, f"{FOLDERS[name]}/{inside}", file


@dataclass(frozen=True, slots=True)
class Made:
    """An archive that is whole on the disk, but not yet under its name; ``digest``: SHA-256 of the
    manifest."""

    manifest: Manifest
    digest: str
    part: Path
    out: Path

    def keep(self) -> None:
        """Give it its name. Raises OSError."""
        self.part.rename(self.out)
        _sync(self.out.parent)

    def drop(self) -> None:
        """Take it away again."""
        if self.part.is_dir():
            shutil.rmtree(self.part, ignore_errors=True)
        self.part.unlink(missing_ok=True)


def make(batch: Batch, add: Path | None, out: Path, made: str) -> Made:
    """Write an archive for ``out`` (new; a name that ends in .zip: a zip, else a folder), readable by its
    owner only. It gets its name by ``keep``, so that whoever must know of it is told before.

    ``add``: the folder of what somebody adds; ``made``: UTC text. Raises BadArchive, FileExistsError,
    OSError.
    """
    if out.exists():
        raise FileExistsError(str(out))
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    sink: _Zip | _Folder = _Zip(part) if out.suffix.lower() == ".zip" else _Folder(part)
    try:
        items = _fill(sink, batch, add)
        manifest = Manifest(
            format=FORMAT,
            batch=batch.id,
            competition=batch.competition,
            n=batch.n,
            head=batch.head,
            made=made,
            closed=batch.closed,
            keep_paper_until=years_later(batch.closed, PAPER),
            keep_files_until=years_later(batch.closed, ELECTRONIC),
            certificates=batch.certificates,
            empty=tuple(name for name in VOLUMES if name not in {item.volume for item in items}),
            files=tuple(items),
        )
        said = put(msgspec.to_builtins(manifest))
        sink.write(MANIFEST, said)
        sink.close()
    except BaseException:
        sink.drop()
        raise
    return Made(manifest, hashlib.sha256(said).hexdigest(), part, out)


def _fill(sink: _Zip | _Folder, batch: Batch, add: Path | None) -> list[Item]:
    items: dict[str, Item] = {}

    def take(volume: str, path: str, data: bytes) -> None:
        if path in items:
            raise BadArchive("archive.add_twice", path=path)
        sink.write(path, data)
        items[path] = Item(path, volume, len(data), hashlib.sha256(data).hexdigest())

    for volume in VOLUMES:
        for name, data in sorted(batch.own.get(volume, {}).items()):
            take(volume, f"{FOLDERS[volume]}/{name}", data)
    for volume, path, file in added(add) if add else ():
        take(volume, path, file.read_bytes())
    return [items[path] for path in sorted(items)]


class _Folder:
    """Writes files below a new folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(mode=0o700)

    def write(self, name: str, data: bytes) -> None:
        to = self.path / PurePosixPath(name)
        for above in reversed(PurePosixPath(name).parents[:-1]):
            (self.path / above).mkdir(mode=0o700, exist_ok=True)  # "parents" would leave them to all
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        for folder in (self.path, *(p for p in self.path.rglob("*") if p.is_dir())):
            _sync(folder)

    def drop(self) -> None:
        """Leave nothing half made behind."""
        shutil.rmtree(self.path, ignore_errors=True)


class _Zip:
    """Writes files into a new zip, with fixed times, so that equal archives are equal bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=6)

    def write(self, name: str, data: bytes) -> None:
        entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        self._zip.writestr(entry, data)

    def close(self) -> None:
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def drop(self) -> None:
        """Leave nothing half made behind."""
        if not self._file.closed:
            self._zip.close()
            self._file.close()
        self.path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# ---------------------------------------------------------------- checking


def check(path: Path) -> Found:
    """Hold an archive against its manifest. Problems: archive.no_manifest, archive.bad_manifest,
    archive.newer, archive.missing, archive.changed, archive.extra, archive.unreadable."""
    found = Found()
    try:
        if path.is_dir():
            _check(found, _names(path), lambda name: _opened(path / name))
        else:
            with zipfile.ZipFile(path) as zipped:
                names = [name for name in zipped.namelist() if not name.endswith("/")]
                found.problems += [
                    ("archive.extra", n) for n in dict.fromkeys(names) if names.count(n) > 1
                ]
                _check(found, set(names), lambda name: zipped.open(name))
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        found.problems.append(("archive.unreadable", str(error)))
    return found


def _opened(path: Path) -> IO[bytes]:
    """A file of a folder, never what a link leads to. Raises OSError."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")


def _names(folder: Path) -> set[str]:
    """Every file below a folder; a link is a file of its own, whatever it leads to."""
    return {
        p.relative_to(folder).as_posix()
        for p in folder.rglob("*")
        if p.is_symlink() or not p.is_dir()
    }


def _check(found: Found, names: set[str], opened: Any) -> None:
    if MANIFEST not in names:
        found.problems.append(("archive.no_manifest", MANIFEST))
        return
    with opened(MANIFEST) as file:
        said = file.read(_LARGEST)
    found.digest = hashlib.sha256(said).hexdigest()
    try:
        if json.loads(said).get("format") != FORMAT:
            found.problems.append(("archive.newer", MANIFEST))
            return
        found.manifest = msgspec.json.decode(said, type=Manifest)
    except (ValueError, AttributeError, RecursionError):
        found.problems.append(("archive.bad_manifest", MANIFEST))
        return
    for item in found.manifest.files:
        if item.path not in names:
            found.problems.append(("archive.missing", item.path))
            continue
        try:
            with opened(item.path) as file:
                same = _digest(file) == (item.sha256, item.bytes)
        except (OSError, zipfile.BadZipFile, EOFError):
            same = False
        if not same:
            found.problems.append(("archive.changed", item.path))
    known = {MANIFEST, *(item.path for item in found.manifest.files)}
    found.problems += [("archive.extra", name) for name in sorted(names - known)]


def _digest(file: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while block := file.read(_BLOCK):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size


def over(manifest: Manifest, today: str) -> tuple[str, ...]:
    """What need not be kept any longer on a day: ``paper``, ``files``."""
    ends = {"paper": manifest.keep_paper_until, "files": manifest.keep_files_until}
    return tuple(name for name, until in ends.items() if today > until)


def index(manifest: Manifest, names: Sequence[str]) -> dict[str, int]:
    """How many files each volume has, in the order of ``names``."""
    return {name: sum(item.volume == name for item in manifest.files) for name in names}
