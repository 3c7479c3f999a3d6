"""How a process is, for whoever watches over it: /healthz for machines, /metrics with a few counters.

Nothing here is derived from a mark, a vote or a place. The same addresses are there in every role; a process
for spectators knows no accounts, so its counters (how many screens, how many frames, whether Redis answers)
are for anybody who reaches it.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from compsys.boards_home import HOME
from compsys.bus import NotYet
from web.access import ANYONE, ORGANIZER, SUPERVISOR, desk_of, get, settings_of
from web.live import Live, watching_of
from web.watch import Watch


async def healthz(request: Request) -> Response:
    """200 while it can do its work, else 503 and why: ``fault``, the code of what stands against it.

    ``role``: whom it serves. ``as_of``: null while what it shows is the newest, else as of when that was; a
    process for spectators that is cut off goes on showing what it has, so this alone is no fault.
    """
    fault, watching = "", watching_of(request)
    if isinstance(watching, Live):
        fault = desk_of(request).fault
    else:
        try:
            await watching.home()
        except NotYet:
            fault = "picture_not_yet"
    told = {"role": settings_of(request).role, "fault": fault, "as_of": watching.behind(HOME)}
    body = msgspec.json.encode(told)
    return Response(body, 503 if fault else 200, {"cache-control": "no-store"}, "application/json")


async def metrics(request: Request) -> Response:
    """Operational counters as plain text."""
    watching = watching_of(request)
    counts = watching.hub.counts
    numbers: dict[str, Any] = {
        "screens_connected": watching.hub.screens,
        "frames_to_screens_total": counts.sent,
        "frames_skipped_total": counts.skipped,
        "wholes_to_screens_total": counts.wholes,
    }
    if isinstance(watching, Live):
        numbers["tablets_connected"] = watching.tablets.connected
        numbers["desk_fault"] = int(bool(desk_of(request).fault))
        numbers["streams"] = desk_of(request).folding.total
        numbers["streams_folded"] = desk_of(request).folding.folded
        if watching.publisher is not None:
            numbers["redis_publishing"] = int(watching.publisher.leads)
            numbers["redis_topics"] = len(watching.publisher.sent)
    elif isinstance(watching, Watch):
        numbers["redis_connected"] = int(watching.mirror.connected)
        numbers["redis_topics"] = len(watching.mirror.held)
    return PlainTextResponse("".join(f"compsys_{name} {value}\n" for name, value in numbers.items()))


routes = [
    get("/healthz", healthz, ANYONE),
    get("/metrics", metrics, ORGANIZER | SUPERVISOR),
]

public_routes = [
    get("/healthz", healthz, ANYONE),
    get("/metrics", metrics, ANYONE),
]
