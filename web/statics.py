"""The files of the pages: read once, named by the hash of them all, compressed, kept by browsers for good.

One hash names the whole folder (``/static/<hash>/seat.js``), so that a module's relative imports stay
within one version. The plain name (``/static/compsys.css``) works as well and is revalidated on each use.
The catalogue of each language is served under ``/static/`` by the name ``compsys.words`` gives it.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import words

FOREVER = "public, max-age=31536000, immutable"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
}


@dataclass(frozen=True, slots=True)
class File:
    """One file as it is sent: its type, its bytes, the same compressed (b"" where that does not pay), its
    tag."""

    kind: str
    data: bytes
    packed: bytes
    tag: str


def _file(name: str, data: bytes) -> File:
    suffix = name[name.rfind(".") :]
    kind = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = gzip.compress(data, mtime=0) if len(data) > 600 else b""
    return File(kind, data, packed if len(packed) < len(data) else b"", hashlib.sha256(data).hexdigest()[:16])


@cache
def shelf() -> tuple[str, Mapping[str, File]]:
    """The hash of all files, and each by name."""
    found: dict[str, File] = {}
    for item in sorted((files("web") / "static").iterdir(), key=lambda item: item.name):
        if item.is_file() and not item.name.startswith("."):
            found[item.name] = _file(item.name, item.read_bytes())
    whole = hashlib.sha256("".join(f"{name}:{file.tag};" for name, file in found.items()).encode())
    for lang in words.LANGS:
        name, data = words.browser(lang)
        found[name] = _file(name, data)
    return whole.hexdigest()[:12], found


def static(name: str) -> str:
    """The URL under which a file of web/static may be kept for good; raises KeyError for one that is not
    there."""
    folder, found = shelf()
    found[name]
    return f"/static/{folder}/{name}"


async def serve(request: Request) -> Response:
    """A file by name; with the right hash in its path (or in its name) it is immutable."""
    folder, found = shelf()
    name = request.path_params["name"]
    named = request.path_params.get("folder", "")
    file = found.get(name)
    if file is None or (named and named != folder):
        raise HTTPException(404, "unknown_page")
    lasting = bool(named) or (name.startswith("words.") and name.endswith(".json"))
    headers = {
        "cache-control": FOREVER if lasting else "no-cache",
        "etag": f'"{file.tag}"',
        "vary": "accept-encoding",
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    data = file.data
    if file.packed and "gzip" in request.headers.get("accept-encoding", ""):
        data, headers["content-encoding"] = file.packed, "gzip"
    return Response(data, headers=headers, media_type=file.kind)
