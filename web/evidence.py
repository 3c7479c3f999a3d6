"""Pictures of marks and incidents: a tablet brings them after the mark that names them, who may see it looks.

Architecture Invariant: a picture that may not be seen and one that there is not are the same answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging

import msgspec
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import evidence, people, pictures
from compsys.events import Answer
from compsys.evidence import Evidence
from web.access import CHIEF, MARKING, ORGANIZER, SUPERVISOR, actor, desk_of, get, post, visitor
from web.chief_page import here
from web.console_page import refused, upload_of
from web.render import refusal

log = logging.getLogger("compsys.evidence")
KEPT = "private, max-age=86400, immutable"


def evidence_of(request: Request) -> Evidence:
    """The pictures of the competition that is served."""
    return Evidence(desk_of(request).directory)


def stand_of(
    request: Request, at: str, files: tuple[str, ...], name: str
) -> list[tuple[str, str, bool]]:
    """(address below ``at``, name, whether it has come) of pictures, as ``_parts.html`` draws them."""
    held = evidence_of(request)
    return [(f"{at}/{sha}", name, held.path(sha) is not None) for sha in files]


async def of_form(request: Request, form: FormData) -> tuple[str, ...] | Answer:
    """The SHA-256 of a form's picture, kept on the disk (none: none was chosen), or why it is not taken."""
    _, data = await upload_of(form, "picture")
    data = evidence.plain(data)
    if not data:
        return ()
    if not evidence.kind_of(data):
        return refused("picture.kind")
    if len(data) > evidence.LIMIT:
        return refused("too_large")
    try:
        return (await asyncio.to_thread(evidence_of(request).keep, data),)
    except OSError as error:
        log.error("a picture was not kept: %s", error)
        return refused("disk_error")


async def bring(request: Request) -> Response:
    """A picture from a tablet, after the mark that names it: kept on the disk before the answer.

    409 ``picture.unnamed``: no mark of this seat that is known here names it (yet, or any more).
    """
    data = await request.body()
    device, desk = visitor(request).device, desk_of(request)
    assert device is not None, "only seats come here"
    if not evidence.kind_of(data) or evidence.plain(data) != data:
        return refusal(request, 415, "picture.kind")
    sha = hashlib.sha256(data).hexdigest()
    async with here(request) as state:
        stream = state.streams.get(people.stream_of_seat(state, device.seat))
        named = stream is not None and pictures.pinned_by(stream, sha, device.seat)
    if not named:
        return refusal(request, 409, "picture.unnamed")
    try:
        await asyncio.to_thread(Evidence(desk.directory).keep, data)
    except OSError as error:
        log.error("a picture was not kept: %s", error)
        return refusal(request, 503, "disk_error")
    return Response(msgspec.json.encode({"sha256": sha}), media_type="application/json")


async def own(request: Request) -> Response:
    """A picture for a tablet: the seat's own, or one at a value that is open to its panel."""
    seat, sha = actor(request).id, str(request.path_params["picture"])
    async with here(request) as state:
        stream = state.streams.get(people.stream_of_seat(state, seat))
        may = stream is not None and pictures.for_seat(stream, sha, seat)
    return await _sent(request, sha, may)


async def chief(request: Request) -> Response:
    """A picture for the chief, once the value it is pinned to is revealed."""
    sha = str(request.path_params["picture"])
    async with here(request) as state:
        stream = state.streams.get(people.stream_of_seat(state, actor(request).id))
        may = stream is not None and pictures.for_chief(stream, sha)
    return await _sent(request, sha, may)


async def incident(request: Request) -> Response:
    """A picture of an incident, for the office; those of marks are the panel's and the chief's."""
    name, sha = str(request.path_params["stream"]), str(request.path_params["picture"])
    async with desk_of(request).reading(name) as state:
        stream = state.streams.get(name)
        may = stream is not None and any(to.incident for to in stream.pictures.get(sha, ()))
    return await _sent(request, sha, may)


async def _sent(request: Request, sha: str, may: bool) -> Response:
    path = evidence_of(request).path(sha) if may else None
    if path is None:
        raise HTTPException(404, "unknown_page")
    data = await asyncio.to_thread(path.read_bytes)
    return Response(data, headers={"cache-control": KEPT}, media_type=evidence.kind_of(data) or "image/jpeg")


routes = [
    post("/seat/evidence", bring, MARKING, limit=evidence.LIMIT),
    get("/seat/evidence/{picture}", own, MARKING),
    get("/chief/evidence/{picture}", chief, CHIEF),
    get("/console/evidence/{stream}/{picture}", incident, ORGANIZER | SUPERVISOR),
]
