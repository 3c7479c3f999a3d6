"""The frame of the chief's, the floor officer's and the clerk's pages, and the stream of their seat."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import announcing, people
from compsys.events import COMPETITION, Answer
from compsys.state import State, Stream
from web.access import actor, desk_of
from web.console_page import draw

NAV = (
    ("sheets", "/chief", "table"),
    ("tray", "/chief/tray", "note"),
    ("sessions", "/chief/sessions", "clock"),
    ("panel", "/chief/panel", "people"),
    ("seats", "/chief/seats", "tablet"),
    ("ties", "/chief/ties", "half"),
    ("lock", "/chief/lock", "lock"),
    ("incidents", "/chief/incidents", "triangle"),
    ("announce", "/chief/announce", "speak"),
    ("calibration", "/chief/calibration", "half"),
)
CLERK_NAV = (
    ("keying", "/clerk", "edit"),
    ("print", "/clerk/print", "print"),
    ("scores", "/clerk/scores", "upload"),
)
FLOOR_NAV = (
    ("floor", "/floor", "people"),
    ("sessions", "/chief/sessions", "clock"),
    ("report", "/floor/report", "triangle"),
)
EXPERT_NAV = (("acceptance", "/expert", "sign"),)
STATUSES = ("absent", "not_finished", "withdrawn", "zeroed", "excluded")


def stream_here(request: Request, state: State) -> Stream:
    """The stream of this seat; 404 (not open yet) before marking is open."""
    stream = state.streams.get(people.stream_of_seat(state, actor(request).id))
    if stream is None or not stream.frozen:
        raise HTTPException(409, "not_open")
    return stream


def show(
    request: Request,
    template: str,
    section: str,
    context: dict[str, Any],
    answer: Answer | None = None,
    status: int = 0,
) -> Response:
    """A page in the chief's (or floor officer's) frame."""
    seat = actor(request).id
    setup = desk_of(request).state.setup
    record = setup.seats[seat]
    trade, stage = setup.trades.get(record.trade), setup.stages.get(f"{record.trade}/{record.stage}")
    shown = {"clerk": CLERK_NAV, "floor": FLOOR_NAV, "expert": EXPERT_NAV}.get(record.role, NAV)
    frame = {
        "seat_nav": shown,
        "seat": record.label or record.id,
        "role": record.role,
        "trade": dict(trade.name) if trade else {},
        "stage": dict(stage.name) if stage else {},
        "home": shown[0][1],
        "unread": announcing.unread(desk_of(request).state, seat),
    }
    return draw(request, template, section, frame | context, answer=answer, status=status)


def here(request: Request) -> AbstractAsyncContextManager[State]:
    """The state with the stream of this seat (``Desk.reading``)."""
    desk = desk_of(request)
    return desk.reading(people.stream_of_seat(desk.state, actor(request).id) or COMPETITION)


async def not_open(request: Request) -> Response | None:
    """The page that says that marking is not open yet, or None when it is."""
    async with here(request) as state:
        stream = state.streams.get(people.stream_of_seat(state, actor(request).id))
        ready = stream is not None and stream.frozen
    return None if ready else show(request, "chief_wait.html", "sheets", {})
