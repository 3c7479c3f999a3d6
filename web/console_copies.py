"""Copies off this machine in the console: what the last one covers, and taking the heads of a new one."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from compsys import clock
from compsys.events import COMPETITION, Answer, KeepHeads
from compsys.keeping import WHERE, heads_of
from compsys.state import State, Stream
from web.access import ORGANIZER, SUPERVISOR, UPLOAD, desk_of, get, post
from web.console_page import act, draw, onward, refused, text, upload_of

READERS = ORGANIZER | SUPERVISOR
OLD = 30
"""Minutes after which a copy is called old while marks are taken."""
BACKUP = "compsys backup /mnt/usb/1200 --elsewhere"
CHECK = "compsys verify /mnt/usb/1200 --json > heads-1200.json"


def uncovered(state: State, stream: Stream) -> bool:
    """Whether marking goes on and there is a line that no copy elsewhere is known to hold, as far as the
    office may know: what an unrevealed vote precedes says nothing."""
    open_ = stream.frozen and stream.marking != "locked" and bool(stream.sheets)
    return open_ and stream.safe_n() > state.kept.heads.get(stream.name, 0)


def aging(state: State, now: str) -> tuple[str, dict[str, Any]] | None:
    """What the office is told while marks are taken: that there is no copy elsewhere, or how old the last one
    is; None while it is young, or holds everything."""
    if not any(uncovered(state, stream) for stream in state.streams.values()):
        return None
    if not state.kept.at:
        return "live.copy_never", {}
    minutes = (clock.millis(now) - clock.millis(state.kept.at)) // 60_000
    return ("live.copy_old", {"n": minutes}) if minutes >= OLD else None


async def copies(request: Request, answer: Answer | None = None) -> Response:
    """When and where the last copy was made, which trades go beyond it, and the form for a new one."""
    desk = desk_of(request)
    async with desk.reading() as state:
        kept = state.kept
        beyond = [
            {"name": dict(trade.name) if (trade := state.setup.trades.get(s.trade)) else {}, "site": s.site}
            for s in state.streams.values()
            if uncovered(state, s)
        ]
        aged = aging(state, desk.now())
        context = {"at": kept.at, "where": kept.where, "beyond": beyond, "aged": aged}
    fixed = {"most": WHERE, "backup": BACKUP, "check": CHECK}
    return draw(request, "console_copies.html", "file", context | fixed, answer=answer)


async def keep(request: Request) -> Response:
    """Take what was printed about a copy made elsewhere: its heads, each of which must be ours."""
    form = await request.form(max_files=1, max_fields=8)
    name, data = await upload_of(form, "file")
    try:
        told = msgspec.json.decode(data)
    except msgspec.DecodeError:
        told = None
    async with desk_of(request).reading(COMPETITION) as state:
        heads = heads_of(told, state.id)
    if heads is None:
        return await copies(request, refused("copies.not_heads", name=name))
    if isinstance(told, dict) and told.get("problems"):
        return await copies(request, refused("copies.bad", name=name))
    answer = await act(request, KeepHeads(heads=heads, where=text(form, "where", WHERE)), form)
    return await copies(request, answer) if answer.a != "accepted" else onward("/console/copies", "copy_kept")


routes = [
    get("/console/copies", copies, READERS),
    post("/console/copies", keep, ORGANIZER, limit=UPLOAD),
]
