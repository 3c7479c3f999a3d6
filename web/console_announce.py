"""Announcements from the console to tablets: to all, a trade, a stage or a seat, and who has read each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from compsys import announcing, words
from compsys.events import COMPETITION, Announce, Answer
from compsys.exchange.competition_file import natural
from compsys.state import State
from web.access import ORGANIZER, SUPERVISOR, desk_of, get, post
from web.console_page import act, draw, onward, text
from web.console_run import stages_in_order
from web.render import language


def told(state: State, lang: str, within: str = "") -> list[dict[str, Any]]:
    """The announcements, the newest first, each with who has read it and who has not; ``within``: those that
    seats of a stage hear of, and of those seats."""
    found = []
    named = short_name if within else seat_name
    for word in reversed(state.words.values()):
        seats = [
            (seat, at) for seat, at in announcing.readers(state, word) if announcing.for_seat(within, seat)
        ]
        if within and not (word.to.startswith(f"{within}/") or announcing.for_seat(word.to, within)):
            continue
        seats.sort(key=lambda pair: natural(pair[0]))
        found.append(
            {
                "at": word.t,
                "to": name_of(state, word.to, lang),
                "by": seat_name(state, word.by, lang),
                "text": word.text,
                "read": [(named(state, seat, lang), at) for seat, at in seats if at],
                "unread": [named(state, seat, lang) for seat, at in seats if not at],
                "of": len(seats),
            }
        )
    return found


def short_name(state: State, key: str, lang: str) -> str:
    """A seat by its label alone."""
    seat = state.setup.seats[key]
    return words.say("seat.label", lang, seat=seat.label or seat.id)


def seat_name(state: State, key: str, lang: str) -> str:
    """A seat with its trade and stage; of an account its id."""
    seat = state.setup.seats.get(key)
    if seat is None:
        return key
    where = name_of(state, f"{seat.trade}/{seat.stage}", lang)
    return f"{where}{words.say('ui.comma', lang)}{short_name(state, key, lang)}"


def name_of(state: State, to: str, lang: str) -> str:
    """Whom an announcement is for."""
    setup = state.setup
    if not to:
        return words.say("announce.to_all", lang)
    if to in setup.seats:
        return seat_name(state, to, lang)
    trade = setup.trades.get(to.partition("/")[0])
    stage = setup.stages.get(to)
    named = [words.pick(one.name, lang) or one.id for one in (trade, stage) if one is not None]
    return words.say("ui.comma", lang).join(named) or to


def choices(state: State, lang: str, seats: Iterable[str]) -> list[tuple[str, str]]:
    """These seats as choices of a list."""
    return [(key, seat_name(state, key, lang)) for key in sorted(seats, key=natural)]


async def page(request: Request, answer: Answer | None = None, typed: str = "") -> Response:
    """What was announced, who has read it, and a form for the next."""
    lang = language(request)
    async with desk_of(request).reading(COMPETITION) as state:
        stages = [f"{stage.trade}/{stage.id}" for stage in stages_in_order(state)]
        trades = list(dict.fromkeys(key.partition("/")[0] for key in stages))
        groups = [
            (words.say("console.kinds.trade", lang), [(key, name_of(state, key, lang)) for key in trades]),
            (words.say("console.kinds.stage", lang), [(key, name_of(state, key, lang)) for key in stages]),
            (words.say("console.kinds.seat", lang), choices(state, lang, state.setup.seats)),
        ]
        context = {"groups": groups, "told": told(state, lang), "typed": typed, "longest": announcing.LONGEST}
    return draw(request, "console_announce.html", "announce", context, answer=answer)


async def announce(request: Request) -> Response:
    """Say it."""
    form = await request.form(max_files=0, max_fields=8)
    command = Announce(to=text(form, "to", 200), text=text(form, "text"))
    answer = await act(request, command, form)
    if answer.a != "accepted":
        return await page(request, answer, command.text)
    return onward("/console/announce", "announced")


routes = [
    get("/console/announce", page, ORGANIZER | SUPERVISOR),
    post("/console/announce", announce, ORGANIZER),
]
