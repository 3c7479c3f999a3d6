"""Asks every route that the app declares, with every value its path may take, as one visitor; then links."""

from __future__ import annotations

import hashlib
import itertools
import re
from html import unescape

from compsys.records import KINDS
from tests.leak.visitors import House, Visitor
from web.access import Declared
from web.app import declarations
from web.statics import shelf

PICTURE = b"\xff\xd8\xff a photo of what a sealed vote is about"

VALUES: dict[str, tuple[str, ...]] = {
    "picture": (hashlib.sha256(PICTURE).hexdigest(),),
    "trade": ("cooking",),
    "stage": ("final",),
    "group": ("open",),
    "id": ("cooking",),
    "kind": tuple(KINDS),
    "key": ("cooking", "cooking/final", "cooking/final/open", "cooking/final/s1", "e1"),
    "code": ("A11", "A12"),
    "entry": ("A11", "A12", "e1"),
    "sub": ("A1", "B1", "C1"),
    "stream": ("cooking.final.main",),
    "to": ("final",),
    "seat": ("s1", "s5"),
    "form": ("csv", "xlsx", "json", "pdf"),
    "secret": ("0" * 32,),
    "token": ("0" * 32,),
    "name": ("compsys.css",),
    "folder": ("x",),
    "slug": ("centre",),
    "no": ("1",),
    "version": ("v1",),
    "digest": (f"sha256-{'0' * 64}",),
    "page": ("x", f"{shelf()[0]}.zh-CN"),
}
"""Parameter of a path -> the values asked; a route with another one must be given values here."""

BESIDES = ("/console/promotion?rules=hi-2023",)
"""Addresses that no path and no link leads to: here by a rule that proposes from any profile's results."""

PUBLIC_TOPICS = (
    "board:cooking/final/open",
    "medals:gold_first",
)


def urls(declared: Declared) -> list[str]:
    """A route's addresses with every value."""
    words = re.findall(r"\{(\w+)(?::path)?\}", declared.path)
    missing = set(words) - VALUES.keys()
    assert not missing, f"{declared.path}: give values for {sorted(missing)} in tests/leak/crawl.py"
    plain = re.sub(r"\{(\w+):path\}", r"{\1}", declared.path)
    return [
        plain.format(**dict(zip(words, values, strict=True)))
        for values in itertools.product(*(VALUES[word] for word in words))
    ]


async def crawl(visitor: Visitor) -> int:
    """Ask every page there is, allowed or not, follow the links, send every form empty.

    Returns how many addresses were answered with a page. A PDF takes a second, so each is made for the first
    visitor who may have it, and its versions by link are left out.
    """
    seen: set[str] = set()
    pages = 0
    todo = [url for route in declarations() if route.method == "GET" for url in urls(route)]
    todo += BESIDES
    while todo:
        url = todo.pop(0)
        if url in seen or url in visitor.house.printed:
            continue
        seen.add(url)
        status, body = await visitor.ask("GET", url)
        if status != 200:
            continue
        pages += 1
        if body.startswith(b"%PDF"):
            visitor.house.printed.add(url)
        links = map(unescape, re.findall(r'(?:href|action|src)="(/[^"#]*)', body.decode("utf-8", "replace")))
        todo += [link for link in links if not re.search(r"^/static/|lang=|\.pdf", link)]
        assert len(seen) < 2000, "the pages link to ever more pages"
    await forms(visitor)
    return pages


async def forms(visitor: Visitor) -> None:
    """Send every form with nothing but its token, where the visitor may: what it says back is a surface
    too."""
    for route in declarations():
        if route.method != "POST" or not set(visitor.roles) & route.roles or "logout" in route.path:
            continue
        for url in urls(route):
            await visitor.ask("POST", url, {"csrf": visitor.token, "k": visitor.house.key()})


def sockets(house: House) -> list[tuple[Visitor, str]]:
    """Who listens where: seats on their own line, everybody on the boards."""
    found = [(visitor, "/live/seat") for visitor in house.visitors.values() if visitor.device]
    for visitor in house.visitors.values():
        if not visitor.device:
            found += [(visitor, f"/live/board?topic={topic}") for topic in PUBLIC_TOPICS]
    return found
