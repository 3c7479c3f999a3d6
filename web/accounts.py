"""Who comes in: the first account at first start, logins and their sessions, seats by one-time links."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import io
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import segno
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from compsys import clock
from compsys.events import Actor, Answer, Call, Enrol, IssueLink, MakeAccount
from web.access import (
    ACCOUNTS,
    ANYONE,
    DEVICE_COOKIE,
    LOGIN_COOKIE,
    desk_of,
    get,
    post,
    secret_digest,
    settings_of,
    visitor,
)
from web.render import page, refusal

if TYPE_CHECKING:
    from compsys.desk import Desk
    from web.settings import Settings

IDLE = 30 * 60.0
ABSOLUTE = 16 * 3600.0
FRESH = 5 * 60.0
"""Seconds: a login ends after so long unused; after so long in any case; a typed password confirms for so
long."""

LINK_MINUTES = 24 * 60
DEVICE_DAYS = 30
PASSWORD_LENGTH = (10, 200)
ACCOUNT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")
OFFICE = Actor("office", "office")


# ---------------------------------------------------------------- passwords


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**15, r=8, p=1, maxmem=2**26, dklen=32)


def hash_password(password: str) -> str:
    """``scrypt$salt$hash`` (hex) with n = 2^15, r = 8, p = 1."""
    salt = secrets.token_bytes(16)
    return f"scrypt${salt.hex()}${_scrypt(password, salt).hex()}"


def check_password(password: str, secret: str) -> bool:
    """Whether the password is the one of ``secret``; as slow for a secret of another form as for a real
    one."""
    kind, _, rest = secret.partition("$")
    salt, _, hashed = rest.partition("$")
    known = kind == "scrypt" and len(salt) == 32
    made = _scrypt(password, bytes.fromhex(salt) if known else b"\0" * 16)
    return hmac.compare_digest(made.hex(), hashed) and known


@dataclass(slots=True)
class Tries:
    """Failed tries of one name or address, and until when nothing more is tried."""

    failed: int = 0
    until: float = 0.0


class Throttle:
    """Five free tries per account name and twenty per address, then waits that double up to a minute:
    guessing is slow, and nobody's typing locks an organizer out for long."""

    LONGEST = 60.0

    def __init__(self, settings: Settings) -> None:
        self.seconds = settings.seconds
        self.tries: dict[str, Tries] = {}

    def wait(self, *names: str) -> float:
        """Seconds until a try of all these names may be made (0 = now)."""
        return max(0.0, *(self.tries.get(name, Tries()).until - self.seconds() for name in names))

    def failed(self, name: str, free: int) -> None:
        """Count a failed try."""
        if len(self.tries) > 10_000:
            self.tries = {key: value for key, value in self.tries.items() if value.until > self.seconds()}
        found = self.tries.setdefault(name, Tries())
        found.failed += 1
        if found.failed >= free:
            found.until = self.seconds() + min(self.LONGEST, 2.0 ** (found.failed - free))

    def passed(self, name: str) -> None:
        """Forget the failures of a name."""
        self.tries.pop(name, None)


# ---------------------------------------------------------------- logins


@dataclass(slots=True)
class Login:
    """One browser that is logged in: its account, the token its forms carry, when it came, was seen, typed
    a password."""

    account: str
    form_token: str
    came: float
    seen: float
    fresh: float


class Logins:
    """The logins of this process, in memory: a restart ends them all. Browsers hold an opaque id; we keep
    its digest."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.held: dict[str, Login] = {}
        self.throttle = Throttle(settings)
        self.hashing = asyncio.Semaphore(2)

    def open(self, account: str) -> str:
        """A new login of an account: the cookie's value (256 random bits)."""
        now = self.settings.seconds()
        self.held = {key: login for key, login in self.held.items() if self._alive(login, now)}
        cookie = self.settings.token(32)
        self.held[secret_digest(cookie)] = Login(account, self.settings.token(16), now, now, now)
        return cookie

    def find(self, cookie: str) -> Login | None:
        """The login of a cookie, marked as seen now; None when it is unknown or over."""
        login = self.held.get(secret_digest(cookie)) if cookie else None
        now = self.settings.seconds()
        if login is None or not self._alive(login, now):
            return None
        login.seen = now
        return login

    def close(self, cookie: str) -> None:
        """End a login."""
        self.held.pop(secret_digest(cookie), None)

    def close_all(self, account: str, *, but: Login | None = None) -> None:
        """End every login of an account (its password changed, its roles were taken)."""
        self.held = {k: login for k, login in self.held.items() if login.account != account or login is but}

    @staticmethod
    def _alive(login: Login, now: float) -> bool:
        return now - login.seen < IDLE and now - login.came < ABSOLUTE

    async def prove(self, desk: Desk, account: str, password: str, address: str) -> tuple[bool, float]:
        """(whether the password is the account's, seconds to wait before a next try); hashing leaves the
        event loop."""
        names = f"account {account}", f"address {address}"
        wait = self.throttle.wait(*names)
        if wait > 0:
            return False, wait
        async with desk.reading() as state:
            known = state.accounts.get(account)
        async with self.hashing:
            right = await asyncio.to_thread(check_password, password, known.secret if known else "")
        if right:
            self.throttle.passed(names[0])
            return True, 0.0
        self.throttle.failed(names[0], 5)
        self.throttle.failed(names[1], 20)
        return False, self.throttle.wait(*names)


def logins_of(connection: HTTPConnection) -> Logins:
    """The logins of the app."""
    logins: Logins = connection.app.state.logins
    return logins


def address(connection: HTTPConnection) -> str:
    """Where a request comes from."""
    return connection.client.host if connection.client else ""


async def fresh_login(request: Request, password: str = "") -> bool:
    """Whether this login's password was typed within the last minutes; with ``password``: types it now.

    Lock, release and correction ask for it. Tries are throttled like logins.
    """
    login = visitor(request).login
    if login is None:
        return False
    logins = logins_of(request)
    now = logins.settings.seconds()
    if password:
        right, _ = await logins.prove(desk_of(request), login.account, password, address(request))
        if right:
            login.fresh = now
        return right
    return now - login.fresh < FRESH


def text(form: FormData, name: str, limit: int = 200) -> str:
    """A form's text field without spaces around it, "" when it is missing, a file or longer than
    ``limit``."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) and len(value) <= limit else ""


def _password(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) and len(value) <= PASSWORD_LENGTH[1] else ""


def _local(path: str) -> str:
    """A path of our own to go on to; anything else becomes the console."""
    return path if re.match(r"/(?![/\\])[\w\-./]*\Z", path, re.ASCII) else "/console"


def _enter(request: Request, account: str, onward: str) -> Response:
    """Log an account in: a new id (an older one of this browser ends), and on to where it wanted to be."""
    logins = logins_of(request)
    logins.close(request.cookies.get(LOGIN_COOKIE, ""))
    response = RedirectResponse(onward, 303)
    cookie = logins.open(account)
    _set_cookie(request, response, LOGIN_COOKIE, cookie, int(ABSOLUTE))
    return response


def _set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    secure = settings_of(request).secure
    response.set_cookie(
        name, value, max_age=seconds, httponly=True, samesite="strict", secure=secure, path="/"
    )


async def login_page(request: Request) -> Response:
    """The form."""
    return page(
        request,
        "login.html",
        {"code": "", "params": {}, "next": _local(request.query_params.get("next", ""))},
    )


async def login(request: Request) -> Response:
    """Try name and password; after a wrong one the form again, saying why."""
    form = await request.form(max_files=0, max_fields=8)
    account, password, onward = text(form, "account"), _password(form, "password"), _local(text(form, "next"))
    right, wait = await logins_of(request).prove(desk_of(request), account, password, address(request))
    if right:
        return _enter(request, account, onward)
    code, status = ("throttled", 429) if wait >= 1 else ("login_failed", 403)
    context = {"code": code, "params": {"seconds": str(int(wait) + 1)}, "next": onward}
    return page(request, "login.html", context, status=status)


async def logout(request: Request) -> Response:
    """End this login."""
    logins_of(request).close(request.cookies.get(LOGIN_COOKIE, ""))
    response = RedirectResponse("/", 303)
    response.delete_cookie(LOGIN_COOKIE, path="/", httponly=True, samesite="strict")
    return response


# ---------------------------------------------------------------- the first account


async def _first_start_open(request: Request) -> bool:
    """Whether this link's secret is the one the server printed, and no account exists yet."""
    secret = settings_of(request).first_start
    given = str(request.path_params["secret"])
    if not secret or not hmac.compare_digest(secret.encode(), given.encode()):
        return False
    async with desk_of(request).reading() as state:
        return not state.accounts


async def first_start_page(request: Request) -> Response:
    """The form that makes the organizer's account."""
    if not await _first_start_open(request):
        return refusal(request, 404, "link_spent")
    return page(request, "first_start.html", {"problems": {}, "account": "organizer"})


async def first_start(request: Request) -> Response:
    """Make the first account and log it in; the link is then spent."""
    if not await _first_start_open(request):
        return refusal(request, 404, "link_spent")
    form = await request.form(max_files=0, max_fields=8)
    account, password = text(form, "account"), _password(form, "password")
    problems = {}
    if not ACCOUNT_NAME.match(account):
        problems["account"] = "account.bad_name"
    if len(password) < PASSWORD_LENGTH[0]:
        problems["password"] = "account.short_password"  # noqa: S105 (a code of the catalogue)
    elif password != _password(form, "again"):
        problems["again"] = "account.not_the_same"
    if problems:
        return page(request, "first_start.html", {"problems": problems, "account": account}, status=422)
    answer = await make_account(desk_of(request), account, ("organizer",), password)
    if answer.a != "accepted":
        return refusal(request, 409, answer.code, answer.params)
    settings_of(request).first_start = ""
    return _enter(request, account, "/console")


async def make_account(
    desk: Desk, account: str, roles: tuple[str, ...], password: str, actor: Actor = OFFICE
) -> Answer:
    """Make an account (or change its password and roles)."""
    secret = await asyncio.to_thread(hash_password, password)
    command = MakeAccount(account=account, roles=roles, secret=secret)
    return await desk.submit(Call(key=secrets.token_hex(16), actor=actor, command=command))


# ---------------------------------------------------------------- seats


async def issue_link(
    desk: Desk, seat: str, actor: Actor, base: str, *, minutes: int = LINK_MINUTES
) -> tuple[str, Answer]:
    """A one-time link for a seat (key ``trade/stage/seat``) and the answer; "" when it was not accepted.

    The token (128 random bits) stands in the link's fragment, which no server and no log ever sees; the
    journal has its digest only.
    """
    token = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    expires = clock.text(clock.millis(desk.now()) + minutes * 60_000)
    command = IssueLink(seat=seat, token=secret_digest(token), expires=expires)
    answer = await desk.submit(Call(key=secrets.token_hex(16), actor=actor, command=command))
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


class _Token(msgspec.Struct, forbid_unknown_fields=True):
    """What the enrolment page sends."""

    token: str


async def enrol(request: Request) -> Response:
    """Spend a link: the tablet gets its cookie and the way to its page."""
    desk = desk_of(request)
    try:
        token = msgspec.json.decode(await request.body(), type=_Token).token
    except msgspec.DecodeError as error:
        raise HTTPException(400, "malformed") from error
    digest = secret_digest(token)
    async with desk.reading() as state:
        link = state.links.get(digest)
    if link is None:
        return refusal(request, 403, "link_unknown")
    device, secret = secrets.token_hex(8), secrets.token_hex(16)
    command = Enrol(seat=link.seat, token=digest, device=device, device_key=secret_digest(secret))
    actor = Actor("seat", link.seat, ("link",))
    answer = await desk.submit(Call(key=secrets.token_hex(16), actor=actor, command=command, device=device))
    if answer.a != "accepted":
        return refusal(request, 503 if answer.a == "retry" else 403, answer.code, answer.params)
    async with desk.reading() as state:
        role = state.setup.seats[link.seat].role
    body: dict[str, Any] = {"seat": link.seat, "role": role, "next": HOME.get(role, "/seat")}
    response = Response(msgspec.json.encode(body), media_type="application/json")
    _set_cookie(request, response, DEVICE_COOKIE, f"{device}.{secret}", DEVICE_DAYS * 86400)
    return response


HOME = {"chief": "/chief", "clerk": "/clerk", "floor": "/chief"}
"""Where a seat's page is, by role; all others mark at /seat."""

routes = [
    get("/login", login_page, ANYONE),
    post("/login", login, ANYONE),
    post("/logout", logout, ACCOUNTS),
    get("/first-start/{secret}", first_start_page, ANYONE),
    post("/first-start/{secret}", first_start, ANYONE),
    get("/enrol", enrol_page, ANYONE),
    post("/enrol", enrol, ANYONE),
]
