"""Who may use what: every route and every socket declares its roles, and what is not declared is refused.

A screen module ends with a table of its routes::

    routes = [
        get("/console", overview, ORGANIZER | SUPERVISOR),
        post("/console/trades", save_trade, ORGANIZER),
        socket("/live/board", watch, ANYONE),
    ]

Inside an endpoint ``visitor(request)`` says who is there and ``desk_of(request)`` is the desk. An endpoint
runs only after its roles, the form token of a POST and the size of its body were checked. Roles are those
of accounts (organizer, supervisor, coding_officer, officer), of seats (``records.Seat.role``), and
``anyone`` for the public.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, unquote

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from compsys.events import COMPETITION, Actor, Answer, Call, Command

if TYPE_CHECKING:
    from compsys.desk import Desk
    from compsys.state import State
    from web.logins import Login, Logins
    from web.settings import Settings

ANYONE = frozenset({"anyone"})
ORGANIZER = frozenset({"organizer"})
SUPERVISOR = frozenset({"supervisor"})
CODING = frozenset({"coding_officer"})
OFFICER = frozenset({"officer"})
"""Approves credentials; works at the command line, with nothing of the console but the way in and out."""
ACCOUNTS = ORGANIZER | SUPERVISOR | CODING | OFFICER
MARKING = frozenset({"judge", "lead", "reserve"})
CHIEF = frozenset({"chief"})
CLERK = frozenset({"clerk"})
FLOOR = frozenset({"floor"})
EXPERT = frozenset({"expert"})
"""A competitor's own expert: reads and accepts that delegation's sheets, and has no socket."""
SEATS = MARKING | CHIEF | CLERK | FLOOR
ROLES = ANYONE | ACCOUNTS | SEATS | EXPERT

DEVICE_COOKIE = "compsys_device"
LOGIN_COOKIE = "compsys_login"
STORE_COOKIE = "compsys_store"
"""Which of a tablet's seats is at work, as the name of its database; scripts read and write it, it is no
secret."""
BETWEEN = "~"
"""Between the seats of one tablet in its device cookie."""
SEATS_HELD = 12
"""Seats that one tablet may hold."""
FORM_FIELD = "csrf"
FORM_HEADER = "x-compsys-form"
SMALL_BODY = 64 * 1024
UPLOAD = 8 * 1024 * 1024


def over_tls(connection: HTTPConnection) -> bool:
    """Whether this request or socket came over TLS."""
    return connection.scope["scheme"] in ("https", "wss")


def base_of(connection: HTTPConnection) -> str:
    """Where links lead that are made on this connection: to TLS from TLS, to plain http from plain http, so
    that a venue whose tablets do not trust the certificate goes on at the plain address."""
    settings = settings_of(connection)
    return settings.plain if settings.plain and not over_tls(connection) else settings.base


def cookie_name(connection: HTTPConnection, name: str) -> str:
    """A cookie's name on this connection: under TLS another one, which only TLS can set and only TLS sends.

    Cookies know no ports. Under one name, a page by plain http could neither replace the one that TLS set,
    nor would TLS know one that was slipped in by plain http from its own.
    """
    return f"__Host-{name}" if over_tls(connection) else name


HttpEndpoint = Callable[[Request], Awaitable[Response]]
SocketEndpoint = Callable[[WebSocket], Awaitable[None]]


class Undeclared(TypeError):
    """A route without a declaration of who may use it: the program does not start with one."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One route: its path, how it is reached, who may use it, how large its body may be (bytes)."""

    method: Literal["GET", "POST", "WS"]
    path: str
    endpoint: Callable[..., Awaitable[Response | None]]
    roles: frozenset[str]
    limit: int = SMALL_BODY

    def __post_init__(self) -> None:
        if not self.roles or not self.roles <= ROLES:
            raise Undeclared(f"{self.method} {self.path}: roles {sorted(self.roles)}")


def get(path: str, endpoint: HttpEndpoint, roles: frozenset[str]) -> Declared:
    """A page or file that only reads."""
    return Declared("GET", path, endpoint, roles, limit=0)


def post(path: str, endpoint: HttpEndpoint, roles: frozenset[str], *, limit: int = SMALL_BODY) -> Declared:
    """A form: Origin and form token are checked before the endpoint runs; ``limit`` bounds the body in
    bytes."""
    return Declared("POST", path, endpoint, roles, limit=limit)


def socket(path: str, endpoint: SocketEndpoint, roles: frozenset[str]) -> Declared:
    """A WebSocket; the endpoint accepts it. A visitor without one of the roles gets 4401 or 4403 and no
    word more."""
    return Declared("WS", path, endpoint, roles)


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled tablet as its cookie proved it: its id, its seat's key and role."""

    id: str
    seat: str
    role: str
    form_token: str
    public: str = ""
    """the public half of its own key, "" = it has none: then its cookie is all that it proves itself with"""
    store: str = ""
    """the name of its database: competition and seat"""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is there: a login, an enrolled device, both or neither; ``actor`` is the one the route's roles
    let in. ``held``: all seats that this tablet holds, of which ``device`` is the one at work."""

    login: Login | None = None
    roles: frozenset[str] = frozenset()
    device: Device | None = None
    actor: Actor | None = None
    held: tuple[Device, ...] = ()

    def acting(self, allowed: frozenset[str]) -> Visitor | None:
        """This visitor with the actor that ``allowed`` lets in, or None."""
        if self.login is not None and self.roles & allowed:
            actor = Actor("account", self.login.account, tuple(sorted(self.roles)))
            return replace(self, actor=actor)
        if self.device is not None and self.device.role in allowed:
            actor = Actor("seat", self.device.seat, (self.device.role,))
            return replace(self, actor=actor)
        return self if "anyone" in allowed else None

    @property
    def form_token(self) -> str:
        """What this visitor's forms must carry; "" for the anonymous (whose POSTs stand on Origin alone)."""
        if self.actor is not None and self.actor.kind == "seat":
            return self.device.form_token if self.device else ""
        return self.login.form_token if self.login else ""


def settings_of(connection: HTTPConnection) -> Settings:
    """The settings the app was made with."""
    settings: Settings = connection.app.state.settings
    return settings


def desk_of(connection: HTTPConnection) -> Desk:
    """The desk the app was made with."""
    desk: Desk = connection.app.state.desk
    return desk


def visitor(connection: HTTPConnection) -> Visitor:
    """Who is there, as the guard of the route found out (nobody where a page is drawn outside of any
    route)."""
    found: Visitor = getattr(connection.state, "visitor", Visitor())
    return found


def actor(connection: HTTPConnection) -> Actor:
    """The actor of this request; only for routes that do not admit ``anyone``."""
    found = visitor(connection).actor
    if found is None:
        raise HTTPException(403, "not_allowed")
    return found


async def submit(request: Request, command: Command, *, key: str = "") -> Answer:
    """Put one command of this request's actor to the desk and wait for its answer.

    ``key``: the form's hidden field ``k`` (32 hex, made when the form was drawn), so that a form that is
    sent twice acts once; without it a fresh one.
    """
    who = visitor(request)
    device = who.device.id if who.device and who.actor and who.actor.kind == "seat" else ""
    return await desk_of(request).submit(
        Call(key=key or secrets.token_hex(16), actor=actor(request), command=command, device=device)
    )


def secret_digest(secret: str) -> str:
    """What is kept of a random token or device secret: SHA-256, hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def device_of(state: State, cookie: str) -> Device | None:
    """The device that ``<id>.<secret>`` proves, or None (unknown, wrong secret, revoked, its seat is
    gone; superseded, unless its seat marks: then it may still bring its marks)."""
    name, _, secret = cookie.partition(".")
    device = state.devices.get(name)
    if device is None or device.revoked or not hmac.compare_digest(device.key, secret_digest(secret)):
        return None
    seat = state.setup.seats.get(device.seat)
    if seat is None:
        return None
    if device.superseded and seat.role not in MARKING:
        return None
    token = hashlib.sha256(b"form " + secret.encode()).hexdigest()[:32]
    return Device(
        device.id, device.seat, seat.role, token, device.public, f"{state.id}/{device.seat}"
    )


def at_work(connection: HTTPConnection, held: tuple[Device, ...]) -> Device | None:
    """Which of a tablet's seats a request is of: the one it names (``?as=``), none where the tablet does not
    hold that; else the one that was last at work; else the one that came last."""
    named = connection.query_params.get("as")
    if named is not None:
        return next((device for device in held if device.seat == named), None)
    store = unquote(connection.cookies.get(cookie_name(connection, STORE_COOKIE), ""))
    last = store.partition("/")[2]
    return next((device for device in held if device.seat == last), held[0] if held else None)


async def identify(connection: HTTPConnection) -> Visitor:
    """Who a request's cookies prove, as the state stands now (so a taken role or device ends at once)."""
    logins: Logins | None = connection.app.state.logins
    if logins is None:
        return Visitor()  # a process for spectators knows nobody
    login = logins.find(connection.cookies.get(cookie_name(connection, LOGIN_COOKIE), ""))
    cookie = connection.cookies.get(cookie_name(connection, DEVICE_COOKIE), "")
    if login is None and not cookie:
        return Visitor()
    async with desk_of(connection).reading(COMPETITION) as state:
        account = state.accounts.get(login.account) if login else None
        roles = frozenset(account.roles) if account else frozenset()
        found = [device_of(state, one) for one in cookie.split(BETWEEN)[:SEATS_HELD]]
    held = tuple(device for device in found if device is not None)
    return Visitor(login if account else None, roles, at_work(connection, held), held=held)


def bounded(receive: Receive, limit: int) -> Receive:
    """``receive`` that breaks with 413 once more than ``limit`` bytes of body came."""
    came = 0

    async def take() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > limit:
            raise HTTPException(413, "too_large")
        return message

    return take


class Checked:
    """The ASGI app around a declared endpoint: identifies, checks roles, body and form token, then calls
    it."""

    def __init__(self, declared: Declared) -> None:
        self.declared = declared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.socket(WebSocket(scope, receive, send))
        else:
            request = Request(scope, bounded(receive, self.declared.limit), send)
            try:
                response = await self.page(request)
            finally:
                await request.close()  # an upload's temporary file ends with its request
            await response(scope, receive, send)

    async def page(self, request: Request) -> Response:
        """The endpoint's response, or what says why not."""
        declared = self.declared
        if int(request.headers.get("content-length") or 0) > declared.limit:
            raise HTTPException(413, "too_large")
        came = await identify(request)
        request.state.visitor = came
        who = came.acting(declared.roles)
        if who is None:
            if came.login is None and declared.method == "GET" and declared.roles & ACCOUNTS:
                return RedirectResponse(f"/login?next={quote(request.url.path)}", 303)
            raise HTTPException(403, "not_allowed" if came.login or came.device else "not_enrolled")
        request.state.visitor = who
        # A POST for anyone acts for nobody in particular: it stands on the exact Origin alone.
        if declared.method == "POST" and who.actor is not None and not await carries(request, who):
            raise HTTPException(403, "form_expired")
        response = await declared.endpoint(request)
        assert response is not None
        return response

    async def socket(self, websocket: WebSocket) -> None:
        """Run the socket's endpoint, or accept and close with 4401 (nobody) or 4403 (not this role)."""
        came = await identify(websocket)
        who = came.acting(self.declared.roles)
        if who is None:
            code, word = (4403, "not_allowed") if came.login or came.device else (4401, "not_enrolled")
            await websocket.accept()
            await websocket.send_text(msgspec.json.encode({"m": "bye", "code": word}).decode())
            await websocket.close(code, word)
            return
        websocket.state.visitor = who
        await self.declared.endpoint(websocket)


async def carries(request: Request, who: Visitor) -> bool:
    """Whether the request has the form token, in its header (scripts) or its form; of a device with a key of
    its own followed by ``.`` and the key's signature of the token."""
    given = request.headers.get(FORM_HEADER)
    if given is None:
        field = (await request.form(max_files=4, max_fields=4000)).get(FORM_FIELD, "")
        given = field if isinstance(field, str) else ""
    token, _, proof = given.partition(".")
    if not hmac.compare_digest(token.encode(), who.form_token.encode()):
        return False
    return who.actor is None or who.actor.kind != "seat" or holds_key(who.device, token, proof)


def holds_key(device: Device | None, asked: str, proof: str) -> bool:
    """Whether who comes with a device's cookie has its key too, where it has one."""
    if device is None or not device.public:
        return True
    # Imported where it is used: most processes and tablets have no such keys.
    from web.device_keys import proves

    return proves(device.public, device.store, asked, proof)


def mount(declarations: Iterable[Declared]) -> list[Route | WebSocketRoute]:
    """Starlette routes of the declarations, each behind its check; raises Undeclared for anything else."""
    routes: list[Route | WebSocketRoute] = []
    for declared in declarations:
        if not isinstance(declared, Declared):
            raise Undeclared(repr(declared))
        if declared.method == "WS":
            routes.append(WebSocketRoute(declared.path, Checked(declared)))
        else:
            routes.append(Route(declared.path, Checked(declared), methods=[declared.method]))
    return routes
