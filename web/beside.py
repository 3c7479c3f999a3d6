"""What a page shows that takes long to work out: in a copy of the server beside it, so that no mark waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request

from compsys.beside import beside
from compsys.state import State
from web.access import desk_of


async def worked_out(
    request: Request, work: Callable[[State], dict[str, Any]], *streams: str
) -> dict[str, Any]:
    """What ``work`` makes of the state, as data; an HTTPException that it raises is raised here.

    ``streams``: as of ``Desk.reading``.
    """

    def run(state: State) -> bytes:
        try:
            return msgspec.json.encode({"found": work(state)})
        except HTTPException as refused:
            return msgspec.json.encode({"status": refused.status_code, "code": refused.detail})

    told = msgspec.json.decode(await beside(desk_of(request), run, *streams))
    if "found" not in told:
        raise HTTPException(told["status"], told["code"])
    found: dict[str, Any] = told["found"]
    return found
