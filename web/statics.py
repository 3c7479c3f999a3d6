"""The files of the pages: read once, named by the hash of them all, compressed, kept by browsers for good.

One hash names the whole folder (``/static/<hash>/seat.js``), so that a module's relative imports stay
within one version. The plain name (``/static/compsys.css``) works as well and is revalidated on each use.
The catalogue of each language is served under ``/static/`` by the name ``compsys.words`` gives it; for a
script in ``OWN_WORDS`` there is one with only what that script and its imports can say.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
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

OWN_WORDS = ("seat.js", "credential.js")
"""Scripts with a catalogue of their own: of pages that must be light, or that say what no other page says."""

BLOCK = rb"/\*(?:[^*]|\*(?!/))*\*/"
COMMENTS = {
    ".js": re.compile(rb"^[ \t]*(?:" + BLOCK + rb"|//[^\n]*)[ \t]*\n", re.M),
    ".css": re.compile(rb"^[ \t]*" + BLOCK + rb"[ \t]*\n", re.M),
}

IMPORTS = re.compile(r"""^(?:import|\}) (?:[^"\n]* )?"\./(\w+\.js)";""", re.M)
LATER = re.compile(r"""\bimport\("\./(\w+\.js)"\)""")


@dataclass(frozen=True, slots=True)
class File:
    """One file as it is sent: its type, its bytes, the same compressed (b"" where that does not pay), its
    tag."""

    kind: str
    data: bytes
    packed: bytes
    tag: str


def without_comments(name: str, data: bytes) -> bytes:
    r"""A script or a style sheet without the comments that stand on lines of their own: they are a third of
    what a tablet would load.

    >>> without_comments("a.js", b"/** Why. */\n// how\nlet a = 1; // stays\n/** @type {X} */ (a);\n")
    b'let a = 1; // stays\n/** @type {X} */ (a);\n'
    """
    pattern = COMMENTS.get(name[name.rfind(".") :])
    return pattern.sub(b"", data) if pattern else data


def _file(name: str, data: bytes) -> File:
    suffix = name[name.rfind(".") :]
    data = without_comments(name, data)
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
    said = ["", *(_source(found, script) for script in OWN_WORDS)]
    for name, data in (words.browser(lang, scripts) for lang in words.LANGS for scripts in said):
        found[name] = _file(name, data)
    return whole.hexdigest()[:12], found


def _reached(found: Mapping[str, File], script: str, *, later: bool) -> list[str]:
    """A script and all that it imports, each before what it brings in; ``later``: also what it may import
    while it runs."""
    reached = [script]
    for name in reached:  # grows while it is walked
        text = found[name].data.decode()
        more = [*IMPORTS.findall(text), *(LATER.findall(text) if later else ())]
        reached += [one for one in dict.fromkeys(more) if one not in reached]
    return reached


def _source(found: Mapping[str, File], script: str) -> str:
    return "\n".join(found[name].data.decode() for name in _reached(found, script, later=True))


@cache
def modules(script: str) -> tuple[str, ...]:
    """The URLs of a script and of every module that it imports: all can be fetched at once."""
    _, found = shelf()
    return tuple(static(name) for name in _reached(found, script, later=False))


@cache
def whole(script: str) -> tuple[str, ...]:
    """The URLs of a script and of everything that it may ever import."""
    _, found = shelf()
    return tuple(static(name) for name in _reached(found, script, later=True))


@cache
def words_of(script: str, lang: str) -> str:
    """The URL of the catalogue with what one script (of ``OWN_WORDS``) and its imports can say."""
    assert script in OWN_WORDS, "only for these the file is on the shelf"
    return f"/static/{words.browser(lang, _source(shelf()[1], script))[0]}"


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
    if file.packed and unpacks(request):
        data, headers["content-encoding"] = file.packed, "gzip"
    return Response(data, headers=headers, media_type=file.kind)


def unpacks(request: Request) -> bool:
    """Whether the browser that asks takes compressed answers."""
    return "gzip" in request.headers.get("accept-encoding", "")
