"""Seats come in: a one-time link as URL and QR, the page it opens, the cookie a tablet gets for it."""

from __future__ import annotations

import base64
import io
import secrets
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from urllib.parse import quote

import msgspec
import segno
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import clock
from compsys.events import COMPETITION, Actor, Answer, Call, Enrol, IssueLink, RevokeDevice
from web.access import (
    ANYONE,
    BETWEEN,
    DEVICE_COOKIE,
    MARKING,
    SEATS_HELD,
    STORE_COOKIE,
    cookie_name,
    desk_of,
    get,
    over_tls,
    post,
    secret_digest,
    visitor,
)
from web.device_keys import sound
from web.logins import set_cookie
from web.render import page, refusal
from web.waiting import Waits, asks_approval, waiting_of

if TYPE_CHECKING:
    from compsys.desk import Desk

LINK_MINUTES = 10
"""A link on a screen is scanned at once, by the tablet that lies beside it."""
SLIP_HOURS = (24, 12, 48, 72)
"""A slip is printed, cut and handed out, often on the evening before: its end is the organizer's choice (the
first is offered)."""
DEVICE_DAYS = 30


async def issue_link(
    desk: Desk,
    seat: str,
    actor: Actor,
    base: str,
    *,
    minutes: int = LINK_MINUTES,
    slip: bool = False,
    device: str = "",
) -> tuple[str, Answer]:
    """A one-time link for a seat (key ``trade/stage/seat``) and the answer; "" when it was not accepted.
    ``device``: the chief's, who asks for it.

    The token (128 random bits) stands in the link's fragment, which no server and no log ever sees; the
    journal has its digest only.
    """
    token = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    expires = clock.text(clock.millis(desk.now()) + minutes * 60_000)
    command = IssueLink(seat=seat, token=secret_digest(token), expires=expires, slip=slip)
    answer = await desk.submit(Call(key=desk.fresh(), actor=actor, command=command, device=device))
    return (f"{base}/enrol#{token}" if answer.a == "accepted" else ""), answer


def qr_svg(url: str) -> str:
    """A link as a QR code: one SVG element for a page (its colours come from the page)."""
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=True,
        nl=False,
        omitsize=True,
        border=4,
        light="#fff",
        dark="#000",
    )
    return out.getvalue().decode()


async def enrol_page(request: Request) -> Response:
    """The page a seat's link opens: its script takes the token out of the fragment and sends it."""
    return page(request, "enrol.html")


Hand = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
"""What a tablet drew for itself: it proves that it is the one whose words were compared."""


class _Token(msgspec.Struct, forbid_unknown_fields=True):
    """What the enrolment page sends."""

    token: str
    hand: Hand = ""
    public: Annotated[str, msgspec.Meta(max_length=128)] = ""


class _Hand(msgspec.Struct, forbid_unknown_fields=True):
    """What a tablet that waits sends, once a second."""

    hand: Hand


S = TypeVar("S", _Token, _Hand)


async def _said(request: Request, shape: type[S]) -> S:
    try:
        return msgspec.json.decode(await request.body(), type=shape)
    except msgspec.DecodeError as error:
        raise HTTPException(400, "malformed") from error


async def enrol(request: Request) -> Response:
    """Spend a link: the tablet gets its cookie and the way to its page, at once or once the console has
    compared the words (``waits``, ``words``: four places in the catalogue's list)."""
    desk, said = desk_of(request), await _said(request, _Token)
    digest, public = secret_digest(said.token), key_of(request, said.public)
    async with desk.reading(COMPETITION) as state:
        link = state.links.get(digest)
        asks = asks_approval(state, link) if link else False
    if link is None:
        return refusal(request, 403, "link_unknown")
    if not asks:
        return await _let_in(request, link.seat, digest, public)
    if link.spent or link.expires <= desk.now():
        return refusal(request, 403, "link_spent" if link.spent else "link_expired")
    if not said.hand:
        raise HTTPException(400, "malformed")
    found = waiting_of(request).begin(said.hand, link.seat, digest, desk.fresh(), public)
    return _told_to_wait(found)


async def wait(request: Request) -> Response:
    """How a tablet that waits stands: it waits, is let in (and gets its cookie), or was turned away."""
    found = waiting_of(request).find((await _said(request, _Hand)).hand)
    if found is None:
        return refusal(request, 403, "enrol_over")
    if found.said == "no":
        waiting_of(request).forget(found)
        return refusal(request, 403, "enrol_rejected")
    if found.said == "":
        return _told_to_wait(found)
    waiting_of(request).forget(found)
    return await _let_in(request, found.seat, found.token, found.public, found.by)


def _told_to_wait(found: Waits) -> Response:
    body = msgspec.json.encode({"waits": True, "words": found.words})
    return Response(body, media_type="application/json")


def key_of(request: Request, public: str) -> str:
    """The public half of a tablet's own key; none by plain http, where browsers make none."""
    if not public or not over_tls(request):
        return ""
    if not sound(public):
        raise HTTPException(400, "malformed")
    return public


async def _let_in(request: Request, seat: str, digest: str, public: str, approved: str = "") -> Response:
    desk = desk_of(request)
    async with desk.reading(COMPETITION) as state:
        store, role = f"{state.id}/{seat}", state.setup.seats[seat].role
    beside = kept_beside(request, seat, role)
    if len(beside) >= SEATS_HELD:
        return refusal(request, 403, "tablet_full", {"n": str(SEATS_HELD)})
    device, secret = desk.fresh()[:16], desk.fresh()
    command = Enrol(
        seat=seat,
        token=digest,
        device=device,
        device_key=secret_digest(secret),
        approved=approved,
        # Other seats work with pages and forms, which no script signs.
        public=public if role in MARKING else "",
    )
    actor = Actor("seat", seat, ("link",))
    answer = await desk.submit(Call(key=desk.fresh(), actor=actor, command=command, device=device))
    if answer.a != "accepted":
        return refusal(request, 503 if answer.a == "retry" else 403, answer.code, answer.params)
    body: dict[str, Any] = {"seat": seat, "role": role, "next": HOME.get(role, "/seat"), "store": store}
    response = Response(msgspec.json.encode(body), media_type="application/json")
    hold(request, response, [f"{device}.{secret}", *beside], store)
    for before in visitor(request).held:
        if before.seat == seat:
            # The same tablet again: what it holds goes with its new enrolment, none is left with the old.
            await give_up(desk, before.id, "enrolled again")
    return response


async def give_up(desk: Desk, device: str, reason: str) -> Answer:
    """A tablet holds one of its seats no more."""
    command = RevokeDevice(device=device, reason=reason)
    return await desk.submit(Call(desk.fresh(), Actor("office", "office"), command))


def kept_beside(request: Request, seat: str, role: str) -> list[str]:
    """What this tablet's cookie goes on to hold beside a seat that comes (or goes): judges of a panel share
    one tablet; a chief, a clerk and a floor officer have theirs alone."""
    held = {device.id for device in visitor(request).held if device.seat != seat and device.role in MARKING}
    cookie = request.cookies.get(cookie_name(request, DEVICE_COOKIE), "")
    return [one for one in cookie.split(BETWEEN) if role in MARKING and one.partition(".")[0] in held]


def hold(request: Request, response: Response, devices: list[str], store: str) -> None:
    """Give a tablet its cookies: what proves its seats, and which of them is at work."""
    set_cookie(request, response, DEVICE_COOKIE, BETWEEN.join(devices), DEVICE_DAYS * 86400)
    at_work(request, response, store)


def at_work(request: Request, response: Response, store: str) -> None:
    """Say which seat is at work at this tablet, by the name of its database; its script says so too, when
    another judge of the tablet takes over, with or without a line."""
    response.set_cookie(
        cookie_name(request, STORE_COOKIE),
        quote(store, safe=""),
        max_age=DEVICE_DAYS * 86400,
        samesite="lax",
        secure=over_tls(request),
        path="/",
    )


HOME = {"chief": "/chief", "clerk": "/clerk", "floor": "/floor", "expert": "/expert"}
"""Where a seat's page is, by role; all others mark at /seat."""

routes = [
    get("/enrol", enrol_page, ANYONE),
    post("/enrol", enrol, ANYONE),
    post("/enrol/wait", wait, ANYONE),
]
