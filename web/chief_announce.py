"""The chief's announcements to the own stage's tablets, and the lines that chief, clerk and floor read."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from compsys import announcing, words
from compsys.events import COMPETITION, Announce, Answer, ReadWord
from web.access import CHIEF, CLERK, EXPERT, FLOOR, actor, desk_of, get, post
from web.chief_page import show
from web.console_announce import choices, told
from web.console_page import act, onward, text
from web.enrol import HOME
from web.render import language


async def page(request: Request, answer: Answer | None = None, typed: str = "") -> Response:
    """What this stage's seats were told, who has read it, and a form for the next."""
    lang = language(request)
    own = actor(request).id.rpartition("/")[0]
    async with desk_of(request).reading(COMPETITION) as state:
        seats = [key for key in state.setup.seats if announcing.for_seat(own, key)]
        groups = [
            (words.say("console.kinds.stage", lang), [(own, words.say("announce.to_stage", lang))]),
            (words.say("console.kinds.seat", lang), choices(state, lang, seats)),
        ]
        context = {
            "groups": groups,
            "told": told(state, lang, own),
            "typed": typed,
            "longest": announcing.LONGEST,
        }
    return show(request, "chief_announce.html", "announce", context, answer)


async def announce(request: Request) -> Response:
    """Say it to the own stage or one of its seats."""
    form = await request.form(max_files=0, max_fields=8)
    command = Announce(to=text(form, "to", 200), text=text(form, "text"))
    answer = await act(request, command, form)
    if answer.a != "accepted":
        return await page(request, answer, command.text)
    return onward("/chief/announce", "announced")


async def read(request: Request) -> Response:
    """An announcement was read at a seat whose page is not a tablet's."""
    form = await request.form(max_files=0, max_fields=8)
    n = text(form, "n", 12)
    await act(request, ReadWord(n=int(n) if n.isdecimal() else 0), form)
    return onward(HOME[actor(request).roles[0]])


routes = [
    get("/chief/announce", page, CHIEF),
    post("/chief/announce", announce, CHIEF),
    post("/chief/announce/read", read, CHIEF | CLERK | FLOOR | EXPERT),
]
