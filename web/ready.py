"""Makes a tablet ready before its first use: the venue's certificate step by step, a test of the tablet."""

from __future__ import annotations

import hashlib
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import certificates
from web.access import ANYONE, get, over_tls, settings_of
from web.render import language, page

PLATFORMS: dict[str, tuple[tuple[str, str], ...]] = {
    "ipados": (("load", "button"), ("install", "list"), ("trust", "switch"), ("awake", "awake")),
    "android": (("load", "button"), ("install", "list"), ("trust", "dialog"), ("awake", "awake")),
    "windows": (("load", "button"), ("install", "dialog"), ("trust", "list"), ("awake", "awake")),
}
"""Platform -> its steps: (what the step is about, which drawing stands beside it)."""

TESTS = ("browser", "storage", "clock", "tls", "worker", "awake")
"""What a tablet tests itself for, in this order; each has a sentence for well, for mend and for without."""


def platform(request: Request) -> str:
    """Which system a page is read on: what was chosen, else what the browser says of itself. (An iPad calls
    itself a Macintosh.)"""
    chosen = request.query_params.get("for", "")
    if chosen in PLATFORMS:
        return chosen
    said = request.headers.get("user-agent", "")
    if "Android" in said:
        return "android"
    return "windows" if "Windows" in said else "ipados"


def fingerprint(root: bytes, lang: str) -> dict[str, Any]:
    """A root certificate's SHA-256 as people compare it: ``words``, ``colours`` (their numbers), ``hex``;
    {} where there is none."""
    if not root:
        return {}
    digest = hashlib.sha256(root).digest()
    return {
        "words": certificates.words(digest, lang),
        "colours": certificates.colours(digest),
        "hex": f"SHA-256 {digest.hex(' ', 2).upper()}",
    }


async def ready(request: Request) -> Response:
    """The page: the root's fingerprint, the steps of one platform, the tablet's test of itself."""
    settings, here = settings_of(request), platform(request)
    context = {
        "platform": here,
        "platforms": tuple(PLATFORMS),
        "steps": PLATFORMS[here],
        "tests": TESTS,
        "secure": over_tls(request),
        "tls": settings.base if settings.plain else "",
        "plain": settings.plain,
        "root": fingerprint(settings.root, language(request)),
    }
    return page(request, "ready.html", context)


async def root(request: Request) -> Response:
    """The venue's root certificate, as every system takes it for installing."""
    found = settings_of(request).root
    if not found:
        raise HTTPException(404, "unknown_page")
    return Response(found, media_type="application/x-x509-ca-cert")


routes = [get("/ready", ready, ANYONE), get("/ready/venue.crt", root, ANYONE)]
