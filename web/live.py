"""The sockets: judges' tablets on /live/seat, spectators on /live/board."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from web.access import Declared
from web.settings import Settings

if TYPE_CHECKING:
    from compsys.desk import Desk

routes: list[Declared] = []


class Live:
    """What runs beside the requests: the hub of seats and the publishers of pictures."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self.desk = desk
        self.settings = settings

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen to the desk for as long as the app runs."""
        yield
