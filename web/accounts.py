"""People come in: the first account at first start, the login form and its end."""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from typing import TYPE_CHECKING

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from compsys.events import COMPETITION, Actor, Answer, Call, MakeAccount
from web.access import (
    ACCOUNTS,
    ANYONE,
    LOGIN_COOKIE,
    cookie_name,
    desk_of,
    get,
    post,
    settings_of,
)
from web.enrol import HOME as HOME  # where a seat belongs; the seat page reads it here
from web.logins import ABSOLUTE, address, hash_password, logins_of, set_cookie
from web.render import page, refusal

if TYPE_CHECKING:
    from compsys.desk import Desk

PASSWORD_LENGTH = (10, 200)
ACCOUNT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")
OFFICE = Actor("office", "office")


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
    logins.close(request.cookies.get(cookie_name(request, LOGIN_COOKIE), ""))
    response = RedirectResponse(onward, 303)
    cookie = logins.open(account)
    set_cookie(request, response, LOGIN_COOKIE, cookie, int(ABSOLUTE))
    return response


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
    logins_of(request).close(request.cookies.get(cookie_name(request, LOGIN_COOKIE), ""))
    response = RedirectResponse("/", 303)
    set_cookie(request, response, LOGIN_COOKIE, "", 0)
    return response


# ---------------------------------------------------------------- the first account


async def _first_start_open(request: Request) -> bool:
    """Whether this link's secret is the one the server printed, and no account exists yet."""
    secret = settings_of(request).first_start
    given = str(request.path_params["secret"])
    if not secret or not hmac.compare_digest(secret.encode(), given.encode()):
        return False
    async with desk_of(request).reading(COMPETITION) as state:
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
    settings = settings_of(request)
    secret, settings.first_start = settings.first_start, ""  # spent before anything is awaited: it works once
    answer = await make_account(desk_of(request), account, ("organizer",), password)
    if answer.a != "accepted":
        settings.first_start = secret
        return refusal(request, 409, answer.code, answer.params)
    return _enter(request, account, "/console")


async def make_account(
    desk: Desk, account: str, roles: tuple[str, ...], password: str, actor: Actor = OFFICE
) -> Answer:
    """Make an account (or change its password and roles)."""
    secret = await asyncio.to_thread(hash_password, password)
    command = MakeAccount(account=account, roles=roles, secret=secret)
    return await desk.submit(Call(key=secrets.token_hex(16), actor=actor, command=command))


routes = [
    get("/login", login_page, ANYONE),
    post("/login", login, ANYONE),
    post("/logout", logout, ACCOUNTS),
    get("/first-start/{secret}", first_start_page, ANYONE),
    post("/first-start/{secret}", first_start, ANYONE),
]
