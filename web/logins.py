"""Passwords, their throttling, and the logins of this process: who is signed in, and how freshly."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from compsys import passwords
from compsys.events import COMPETITION
from web.access import cookie_name, desk_of, over_tls, secret_digest, visitor

if TYPE_CHECKING:
    from compsys.desk import Bell, Desk
    from web.settings import Settings

IDLE = 30 * 60.0
ABSOLUTE = 16 * 3600.0
FRESH = 5 * 60.0
"""Seconds: a login ends after so long unused; after so long in any case; a typed password confirms for so
long."""


def hash_password(password: str) -> str:
    """A password as it is kept, with a fresh salt."""
    return passwords.hashed(password, secrets.token_bytes(16))


check_password = passwords.right


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

    def forgive(self, name: str) -> None:
        """Take one failure back: it was none."""
        found = self.tries.get(name)
        if found is not None:
            found.failed, found.until = max(0, found.failed - 1), 0.0

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

    def rang(self, bells: list[Bell]) -> None:
        """An account whose password or roles changed has to log in again, everywhere."""
        changed = {key[2] for bell in bells for key in bell.touched if key[:2] == ("setup", "account")}
        if changed:
            self.held = {key: login for key, login in self.held.items() if login.account not in changed}

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
        # Counted as failed before anything is awaited: tries made at once must not slip past each other.
        self.throttle.failed(names[0], 5)
        self.throttle.failed(names[1], 20)
        async with desk.reading(COMPETITION) as state:
            known = state.accounts.get(account)
        async with self.hashing:
            right = await asyncio.to_thread(check_password, password, known.secret if known else "")
        if right:
            self.throttle.passed(names[0])
            self.throttle.forgive(names[1])
            return True, 0.0
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


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """A cookie that scripts cannot read and other sites cannot send; under TLS it never leaves it."""
    secure = over_tls(request)
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=seconds,
        httponly=True,
        samesite="strict",
        secure=secure,
        path="/",
    )
