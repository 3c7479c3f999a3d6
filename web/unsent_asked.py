"""What ``compsys lock`` asks the server beside it: which tablets may still hold marks.

Apart from ``web.last_words``, since it knows the desk: a process for spectators loads none of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from compsys import control
from compsys.desk import Desk
from compsys.unsent import unheard
from web.last_words import warned_of

if TYPE_CHECKING:
    from web.tablets import Tablets

TABLETS: WeakKeyDictionary[Desk, Tablets] = WeakKeyDictionary()
"""The tablets of each desk that this process serves."""


async def asked(desk: Desk, params: dict[str, Any]) -> dict[str, Any]:
    """As ``web.last_words.warned``, for the command line."""
    tablets, stream = TABLETS.get(desk), params["stream"]
    async with desk.reading(stream) as state:
        if tablets is None:
            return {"unsent": unheard(state, stream), "elsewhere": False}
        return warned_of(tablets, state, stream)


control.ACTIONS["unsent"] = asked
