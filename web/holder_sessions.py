"""A holder's door: the private link, the question that is asked once, the cookie, and slow guessing.

Architecture Invariant: every link that does not work (unknown, used up, replaced, revoked, run out, of
somebody erased) is answered in the same way, and a wrong answer counts before anything is awaited.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import holder_desk
from compsys.commands_holder import EnterAsHolder, RevokeHolderLink
from compsys.events import COMPETITION, NewerJournal
from compsys.holders import IN_DAYS
from compsys.journal_api import JournalError
from compsys.seal import BrokenChain
from compsys.vault_holder import answered, question
from web.access import cookie_name, desk_of, settings_of
from web.logins import Throttle, address, set_cookie
from web.render import page

if TYPE_CHECKING:
    from compsys.vault import Identity

COOKIE = "compsys_holder"
VIEW_COOKIE = "compsys_view"
FREE, MOST = 3, 10
"""Wrong answers to one link: so many at once, then waits; after so many the link works no more."""
LINKS_FREE = 20
"""Links that do not work, from one address, before waits begin."""
IN_SECONDS = IN_DAYS * 86_400

NOT_NOW = (JournalError, BrokenChain, NewerJournal, OSError)
"""What a journal says that cannot be read just now."""


class Doors:
    """The tries of this process: wrong answers by link and by address. A restart forgets waits, never a
    revoked link."""

    def __init__(self, request: Request) -> None:
        self.throttle = Throttle(settings_of(request))
        self.wrong: dict[str, int] = {}

    def failed(self, link: str) -> bool:
        """Count a wrong answer; whether it was one too many."""
        if len(self.wrong) > 10_000:
            self.wrong.clear()
        self.wrong[link] = self.wrong.get(link, 0) + 1
        return self.wrong[link] >= MOST


def doors_of(request: Request) -> Doors:
    """The app's doors, made when they are first asked for."""
    state = request.app.state
    if not hasattr(state, "holder_doors"):
        state.holder_doors = Doors(request)
    found: Doors = state.holder_doors
    return found


class Came(NamedTuple):
    """A holder who is in: the person, the identity (None: erased since), the digest of the browser's
    secret."""

    person: str
    identity: Identity | None
    session: str


async def came(request: Request) -> Came | None:
    """Who is in by this browser's cookie, None when nobody is."""
    cookie = request.cookies.get(cookie_name(request, COOKIE), "")
    if not cookie:
        return None
    desk, session = desk_of(request), holder_desk.digest(cookie)
    async with desk.reading(COMPETITION) as state:
        link = state.holders.session(session, desk.now())
    return Came(link.person, desk.names(link.person), session) if link else None


def let_in(request: Request, response: Response, secret: str) -> None:
    """Give a browser its cookie."""
    set_cookie(request, response, COOKIE, secret, IN_SECONDS)


def let_out(request: Request, response: Response, name: str = COOKIE) -> None:
    """Take the cookie back."""
    set_cookie(request, response, name, "", 0)


class Refusal(NamedTuple):
    """Why somebody is not let in: HTTP status, code, parameters."""

    status: int
    code: str
    params: dict[str, str]


BAD = Refusal(403, "holder.link_bad", {})


async def knock(request: Request, token: str) -> Refusal | str:
    """What is asked of somebody with a link that works (``id_number`` or ``phone``), or the one refusal."""
    found = await _linked(request, token)
    return found if isinstance(found, Refusal) else found.asks


class _Linked(NamedTuple):
    person: str
    link: str
    asks: str
    right: str


def slow(seconds: float) -> Refusal:
    """Too many tries: how long to wait."""
    return Refusal(429, "holder.throttled", {"seconds": str(int(seconds) + 1)})


async def _linked(request: Request, token: str) -> Refusal | _Linked:
    """The link of a token; what does not work is counted against the address."""
    throttle, name = doors_of(request).throttle, f"holder address {address(request)}"
    if (wait := throttle.wait(name)) > 0:
        return slow(wait)
    throttle.failed(name, LINKS_FREE)
    desk, digest = desk_of(request), holder_desk.digest(token)
    async with desk.reading(COMPETITION) as state:
        link = state.holders.link(digest, desk.now())
    asks, right = question(desk.names(link.person)) if link else ("", "")
    if link is None or not asks:
        return BAD
    throttle.forgive(name)
    return _Linked(link.person, digest, asks, right)


async def enter(request: Request, token: str, answer: str) -> Refusal | str:
    """The secret of a browser that answered right; else why not."""
    found = await _linked(request, token)
    if isinstance(found, Refusal):
        return found
    doors, name = doors_of(request), f"holder link {found.link}"
    if (wait := doors.throttle.wait(name)) > 0:
        return slow(wait)
    desk, actor = desk_of(request), holder_desk.holder(found.person)
    if not hmac.compare_digest(answered(answer).encode(), found.right.encode()):
        doors.throttle.failed(name, FREE)
        if not doors.failed(found.link):
            return Refusal(403, "holder.answer_wrong", {})
        command = RevokeHolderLink(person=found.person, why="guessed", link=found.link)
        await holder_desk.do(desk, actor, command)
        return BAD
    doors.throttle.passed(name)
    doors.wrong.pop(found.link, None)
    secret = holder_desk.token(desk) + holder_desk.token(desk)
    digest = holder_desk.digest(secret)
    said = await holder_desk.do(
        desk, actor, EnterAsHolder(person=found.person, link=found.link, session=digest)
    )
    if said.a == "retry":
        return Refusal(503, "holder.not_now", {})
    return secret if said.a == "accepted" else BAD


Page = Callable[[Request], Awaitable[Response]]
Inside = Callable[[Request, Came], Awaitable[Response]]


def calm(endpoint: Page) -> Page:
    """A page that says so, and looks again, while the journal cannot be read."""

    async def drawn(request: Request) -> Response:
        try:
            return await endpoint(request)
        except NOT_NOW:
            return not_now(request)

    return drawn


def not_now(request: Request) -> Response:
    """Nothing is lost; look again in a moment."""
    response = page(request, "holder_calm.html", {"code": "holder.not_now", "again": True}, status=503)
    response.headers["retry-after"] = "10"
    return response


def inside(endpoint: Inside, *, erased: bool = False) -> Page:
    """An endpoint for whoever is in; others see the door, and who was erased since the one page for that
    (``erased``: the endpoint works for them too)."""

    async def drawn(request: Request) -> Response:
        who = await came(request)
        if who is None:
            if request.method == "POST" or "text/html" not in request.headers.get("accept", ""):
                raise HTTPException(403, "holder.out")
            return door(request)
        if who.identity is None and not erased:
            return page(request, "holder_calm.html", {"code": "holder.erased", "again": False}, status=410)
        return await endpoint(request, who)

    return calm(drawn)


def door(request: Request) -> Response:
    """The page that a link opens: its script takes the token out of the address and asks the question."""
    return page(request, "holder.html")
