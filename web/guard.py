"""The door of the whole app: allowed hosts, exact origins, and the headers every response carries."""

from __future__ import annotations

import logging
import re

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.settings import Settings

log = logging.getLogger("compsys.guard")

CSP = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'self'; form-action 'self'; "
    "img-src 'self' data:"
)
"""No inline script or style anywhere; 'self' covers the sockets of the same host and port. No HSTS and no
upgrade-insecure-requests: a venue without TLS must stay reachable."""

HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
TRUSTED = {"cross-origin-opener-policy": "same-origin"}
"""Further headers where browsers trust the origin (TLS, this machine); elsewhere they call it an error."""

PARTS = re.compile(r"/static/.*\.(css|js|json)\Z")
PART_HEADERS = ("x-content-type-options", "cross-origin-resource-policy")
"""What a page is made of is never a document of its own: only these mean anything there, and a tablet loads
some thirty of them on a bad network."""

SAFE = ("https", "wss")
READING = frozenset({"GET", "HEAD"})
LOOPBACK = re.compile(r"(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?\Z")


class Guard:
    """ASGI middleware. A Host that is not ours: 400. A write or a socket with a foreign Origin, or with
    none: 403."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.hosts = frozenset(settings.hosts)
        self.origins = frozenset(settings.origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        status, code = self.refusal(scope, headers)
        if status:
            log.warning("refused %s %s", code, scope["path"])
            await refuse(scope, send, status, code)
            return
        trusted = is_trusted(scope, headers)

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                part = bool(PARTS.match(scope["path"])) and message["status"] < 400
                dress(MutableHeaders(raw=message.setdefault("headers", [])), trusted, part)
            await send(message)

        await self.app(scope, receive, dressed)

    def refusal(self, scope: Scope, headers: Headers) -> tuple[int, str]:
        """(status, code) of why this request is turned away at the door, or (0, "")."""
        host = headers.getlist("host")
        if len(host) != 1 or host[0].lower() not in self.hosts:
            return 400, "foreign_host"
        writes = scope["type"] == "websocket" or scope["method"] not in READING
        origin = headers.getlist("origin")
        # A page that came by plain http, where it can be altered on its way, writes nothing over TLS.
        scheme = "https:" if scope["scheme"] in SAFE else "http:"
        if writes and (
            len(origin) != 1 or origin[0] not in self.origins or not origin[0].startswith(scheme)
        ):
            return 403, "foreign_origin"
        return 0, ""


def is_trusted(scope: Scope, headers: Headers) -> bool:
    """Whether a browser takes this origin for a secure context."""
    return scope["scheme"] in SAFE or LOOPBACK.match(headers.get("host", "")) is not None


def dress(headers: MutableHeaders, trusted: bool = False, part: bool = False) -> None:
    """Put the headers of every response on (a ``part`` of a page needs few); a page that says nothing of
    caching is never kept."""
    for name, value in (HEADERS | TRUSTED if trusted else HEADERS).items():
        if not part or name in PART_HEADERS:
            headers[name] = value
    headers.setdefault("cache-control", "no-store")


async def refuse(scope: Scope, send: Send, status: int, code: str) -> None:
    """Answer with a code and nothing else; a socket is refused before it is accepted."""
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    body = msgspec.json.encode({"code": code})
    headers = MutableHeaders(raw=[])
    headers["content-type"] = "application/json"
    headers["content-length"] = str(len(body))
    dress(headers)
    if kind.startswith("websocket") and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 4403})
        return
    await send({"type": f"{kind}.start", "status": status, "headers": headers.raw})
    await send({"type": f"{kind}.body", "body": body})
