"""What the pages of the office, the chief and the clerk share: frame, messages, forms that act once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from compsys.events import Answer, Command
from compsys.words import catalogue
from web.access import CLERK, ORGANIZER, SUPERVISOR, actor, submit, visitor
from web.render import page

if TYPE_CHECKING:
    from web.console_confirm import Wish

T = TypeVar("T")
KEPT = 2000
FILES = 8

NAV: tuple[tuple[str, str, str], ...] = (
    ("home", "/console", "menu"),
    ("setup", "/console/setup", "file"),
    ("people", "/console/people", "people"),
    ("run", "/console/run", "clock"),
    ("seats", "/console/seats", "tablet"),
    ("announce", "/console/announce", "speak"),
    ("incidents", "/console/incidents", "triangle"),
    ("results", "/console/results", "shield"),
    ("promotion", "/console/promotion", "trophy"),
    ("file", "/console/file", "upload"),
    ("accounts", "/console/accounts", "gear"),
)
"""The console's side: section, address, icon."""
SUPERVISORS: tuple[tuple[str, str, str], ...] = (("signing", "/supervisor", "sign"),)
"""What a supervisor's side has besides."""


@dataclass(slots=True)
class Memory:
    """What this process keeps between two pages; a restart loses it and nobody's work with it."""

    made: OrderedDict[tuple[str, str], Any] = field(default_factory=OrderedDict)
    """(who, form key) -> what was minted for it (codes, links, salts): a form sent twice acts once"""
    files: OrderedDict[str, tuple[str, str, bytes]] = field(default_factory=OrderedDict)
    """token -> (who, name, bytes) of a file that was looked at and not yet imported"""
    wishes: OrderedDict[str, Wish] = field(default_factory=OrderedDict)
    """form key -> an act that waits for its second person"""


def memory_of(request: Request) -> Memory:
    """The app's memory, made when it is first asked for."""
    state = request.app.state
    if not hasattr(state, "console"):
        state.console = Memory()
    memory: Memory = state.console
    return memory


def made_once(request: Request, key: str, make: Callable[[], T]) -> T:
    """What was made for this form's key: the first time by ``make``, after that the same again."""
    made = memory_of(request).made
    place = (actor(request).id, key)
    if place not in made:
        made[place] = make()
        while len(made) > KEPT:
            made.popitem(last=False)
    found: T = made[place]
    return found


async def done_once(request: Request, key: str, work: Callable[[], Awaitable[T]]) -> T:
    """The result of a piece of work that is begun once for a form's key, however often it is sent."""

    async def run() -> T:
        return await work()

    task = made_once(request, key, lambda: asyncio.ensure_future(run()))
    found = await asyncio.shield(task)
    if getattr(found, "a", "") == "retry":  # undecided: the same form may be sent again
        memory_of(request).made.pop((actor(request).id, key), None)
    return found


# ---------------------------------------------------------------- forms


def text(form: FormData, name: str, limit: int = 4000) -> str:
    """A text field without spaces around it; "" when it is missing, a file, or longer than ``limit``."""
    value = form.get(name, "")
    return value.strip().replace("\r\n", "\n") if isinstance(value, str) and len(value) <= limit else ""


def words_of(form: FormData, name: str) -> dict[str, str]:
    """The fields NAME.zh-CN and NAME.en as words, without the empty ones."""
    found = {lang: text(form, f"{name}.{lang}") for lang in ("zh-CN", "en")}
    return {lang: words for lang, words in found.items() if words}


def key_of_form(form: FormData) -> str:
    """The key that was drawn into the form."""
    return text(form, "k", 64)


def kept(form: FormData) -> dict[str, list[str]]:
    """What was typed, to be shown again beside the reason why it was refused (never a password)."""
    names = [name for name in form if name not in ("csrf", "k") and "password" not in name]
    return {name: [v for v in form.getlist(name) if isinstance(v, str)] for name in names}


async def upload_of(form: FormData, name: str) -> tuple[str, bytes]:
    """(name, bytes) of an uploaded file; ("", b"") when none was chosen."""
    value = form.get(name)
    if not isinstance(value, UploadFile) or not value.filename:
        return "", b""
    return value.filename[:200], await value.read()


# ---------------------------------------------------------------- answers


def status_of(answer: Answer) -> int:
    """The HTTP status of a page that shows this answer."""
    return {"refused": 409, "retry": 503}.get(answer.a, 200)


def message(answer: Answer | None) -> dict[str, Any] | None:
    """A refusal as a line above the form; None when there is nothing to say."""
    if answer is None or answer.a not in ("refused", "retry"):
        return None
    return {"code": answer.code, "params": dict(answer.params)}


def refused(code: str, **params: str) -> Answer:
    """A refusal made by a page itself, before any command was given."""
    return Answer(k="", a="refused", code=code, params=params)


def onward(path: str, said: str = "") -> Response:
    """On to a page after something was done; ``said``: the end of a code ``done.*`` to be shown there."""
    return RedirectResponse(f"{path}{'&' if '?' in path else '?'}done={said}" if said else path, 303)


async def act(request: Request, command: Command, form: FormData, part: str = "") -> Answer:
    """Give one command under the form's key; ``part`` makes a key of its own for each of several."""
    return await submit(request, command, key=part_key(key_of_form(form), part))


def part_key(key: str, part: str) -> str:
    """A key for one part of a form: the same part of the same form has the same key.

    >>> part_key("ab", ""), len(part_key("ab", "A1.M1"))
    ('ab', 32)
    """
    if not part or not key:
        return key
    import hashlib

    return hashlib.sha256(f"{key}/{part}".encode()).hexdigest()[:32]


# ---------------------------------------------------------------- pages


def draw(
    request: Request,
    template: str,
    section: str,
    context: dict[str, Any],
    *,
    answer: Answer | None = None,
    status: int = 0,
) -> Response:
    """A page in its frame: the current section, what was just done, what was refused."""
    who = visitor(request)
    end = request.query_params.get("done", "")
    said = f"done.{end}"
    nav = NAV if who.roles & (ORGANIZER | SUPERVISOR) else ()
    frame = {
        "section": section,
        "nav": nav + (SUPERVISORS if who.roles & SUPERVISOR else ()),
        "account": who.login.account if who.login else "",
        "may_write": bool(who.roles & ORGANIZER),
        "is_clerk": bool(who.device and who.device.role in CLERK),
        "done": said if said in catalogue() and request.method == "GET" else "",
        "refused": message(answer),
        "known_words": catalogue(),
    }
    code = status or (status_of(answer) if answer else 200)
    return page(request, template, frame | context, status=code)
