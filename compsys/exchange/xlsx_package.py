"""Opens a stranger's .xlsx as a zip archive within fixed limits, or says in one code why it is not opened."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

MAX_FILE = 16 * 1024 * 1024
MAX_PARTS = 2_000
MAX_PART = 32 * 1024 * 1024
MAX_UNPACKED = 64 * 1024 * 1024

_CHUNK = 64 * 1024
_COMPOUND = bytes.fromhex("D0CF11E0A1B11AE1")
_CENTRAL = b"PK\x01\x02"
# What zipfile raises on archives that are cut, altered or made to mislead.
_ARCHIVE_ERRORS = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError,
    struct.error,
)

StartElement = Callable[[str, dict[str, str]], None]


class Unreadable(Exception):
    """The file is refused as a whole; `code` is stable, `params` are texts."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def load(source: Path | str | bytes) -> bytes:
    """The file's bytes, its size asked before anything is read.

    Raises Unreadable: file_unreadable (not there, not a file, no right to it), file_empty, file_too_large.
    """
    if isinstance(source, bytes):
        data = source
    else:
        try:
            with Path(source).open("rb") as file:
                data = file.read(MAX_FILE + 1)
        except OSError as error:
            raise Unreadable("file_unreadable", reason=type(error).__name__) from error
    if not data:
        raise Unreadable("file_empty")
    if len(data) > MAX_FILE:
        raise Unreadable("file_too_large", limit_mb=str(MAX_FILE // 2**20))
    return data


class Package:
    """The parts of one .xlsx archive, each unpacked within the limits, whatever its header claims."""

    def __init__(self, data: bytes) -> None:
        """Raises Unreadable: old_xls, workbook_encrypted, not_a_workbook, workbook_damaged,
        workbook_too_large.
        """
        _refuse_by_signature(data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _ARCHIVE_ERRORS as error:
            raise Unreadable("workbook_damaged", part="") from error
        infos = self._zip.infolist()
        self._names = {info.filename.lstrip("/"): info for info in infos}
        if len(self._names) != len(infos):
            raise Unreadable("workbook_damaged", part="")
        if sum(info.file_size for info in infos) > MAX_UNPACKED:
            raise Unreadable("workbook_too_large", limit_mb=str(MAX_UNPACKED // 2**20))
        self._unpacked = 0

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def read(self, name: str) -> bytes:
        """One part's bytes, unpacked in small steps so that a false size in its header gains nothing.

        Raises Unreadable: workbook_damaged, workbook_encrypted, workbook_too_large.
        """
        info = self._names.get(name)
        if info is None or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable("workbook_damaged", part=name)
        if info.flag_bits & 0x1:
            raise Unreadable("workbook_encrypted")
        chunks: list[bytes] = []
        size = 0
        try:
            with self._zip.open(info) as part:
                while chunk := part.read(_CHUNK):
                    chunks.append(chunk)
                    size += len(chunk)
                    self._unpacked += len(chunk)
                    if size > MAX_PART or self._unpacked > MAX_UNPACKED:
                        raise Unreadable("workbook_too_large", limit_mb=str(MAX_PART // 2**20))
        except _ARCHIVE_ERRORS as error:
            raise Unreadable("workbook_damaged", part=name) from error
        return b"".join(chunks)

    def parse(
        self,
        name: str,
        start: StartElement,
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Stream one XML part through the callbacks, names without their namespace.

        A document type declaration is refused before it can define an entity. The part is handed to expat at
        one go: in pieces, one endless token would be scanned again for every piece. Raises Unreadable:
        workbook_damaged, workbook_unsafe and those of `read`; what a callback raises passes through.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = lambda tag, attrs: start(
            local(tag), {local(key): value for key, value in attrs.items()}
        )
        if end is not None:
            on_end = end
            parser.EndElementHandler = lambda tag: on_end(local(tag))
        if text is not None:
            parser.CharacterDataHandler = text
        try:
            parser.Parse(self.read(name), True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise Unreadable("workbook_damaged", part=name) from error

    def relations(self, part: str) -> list[tuple[str, str, str]]:
        """(id, last word of the type, target part) for each relation of `part` ("" for the whole package)."""
        folder, base = posixpath.split(part)
        name = posixpath.join(folder, "_rels", f"{base}.rels")
        found: list[tuple[str, str, str]] = []

        def start(tag: str, attrs: dict[str, str]) -> None:
            if tag == "Relationship" and attrs.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attrs.get("Target", ""))).lstrip("/")
                found.append((attrs.get("Id", ""), attrs.get("Type", "").rpartition("/")[2], target))

        if name in self:
            self.parse(name, start)
        return found


def local(name: str) -> str:
    """The name without its namespace: workbooks of the transitional and the strict kind read alike."""
    return name.rpartition(" ")[2]


def _refuse_doctype(*_: object) -> None:
    raise Unreadable("workbook_unsafe")


def _refuse_by_signature(data: bytes) -> None:
    if data.startswith(_COMPOUND):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable("workbook_encrypted")
        raise Unreadable("old_xls")
    if not data.startswith(b"PK"):
        raise Unreadable("not_a_workbook", found="")
    if data.count(_CENTRAL) > MAX_PARTS:
        raise Unreadable("workbook_too_large", limit_mb=str(MAX_UNPACKED // 2**20))
