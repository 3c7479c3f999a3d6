"""Pictures on their way to spectators: each topic drawn once, encoded once, counted by a version of its own.

Bells only mark topics as stale; a stale topic is drawn when somebody watches or asks. A version counts the
visible changes of its topic and nothing else, so it says no more than the pictures did. ``run`` names this
publisher: a screen that knows another run, or misses a version, fetches the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from compsys import boards
from compsys.records import Audience, Words
from compsys.vault import Identity

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from compsys.state import State

ENCODER = msgspec.json.Encoder()
KEPT = 512
"""Topics kept while nobody watches them; beyond, the one asked for longest ago goes."""


class Source(Protocol):
    """What the bus needs of the desk: durable state to read, and names."""

    def reading(self) -> AbstractAsyncContextManager[State]: ...
    def names(self, person: str) -> Identity | None: ...


class Shown:
    """One topic as it was last drawn."""

    __slots__ = ("_whole", "picture", "run", "stale", "topic", "v")

    def __init__(self, topic: str, run: str, picture: dict[str, Any]) -> None:
        self.topic, self.run, self.picture, self.v = topic, run, picture, 1
        self.stale = False
        self._whole = b""

    @property
    def whole(self) -> bytes:
        """The whole picture as its message, encoded at first need."""
        if not self._whole:
            head = {"m": "whole", "topic": self.topic, "run": self.run, "v": self.v}
            self._whole = ENCODER.encode({**head, "picture": self.picture})
        return self._whole

    def turn(self, picture: dict[str, Any]) -> bytes:
        """Become the next picture; the message of the change, b"" when nothing visible differs."""
        self.stale = False
        found = boards.change(self.picture, picture)
        if found is None:
            return b""
        head = {"m": "change", "topic": self.topic, "run": self.run, "v": self.v + 1, "base": self.v}
        self.picture, self.v, self._whole = picture, self.v + 1, b""
        return ENCODER.encode({**head, **found})


class Pictures:
    """All topics of one audience in this process."""

    def __init__(self, source: Source, audience: Audience, token: Callable[[int], str]) -> None:
        self.source = source
        self.audience = audience
        self.token = token
        self.kept: dict[str, Shown] = {}

    def rang(self, touched: Iterable[tuple[Any, ...]]) -> list[str]:
        """Lines became durable: the topics they may change are stale from now on; their names."""
        keys = list(touched)
        fresh = (shown for shown in self.kept.values() if not shown.stale)
        found = [shown for shown in fresh if boards.concerns(shown.topic, keys)]
        for shown in found:
            shown.stale = True
        return [shown.topic for shown in found]

    async def newest(self, topic: str, *, hold: bool = False) -> Shown:
        """The topic as it stands now; raises ``boards.UnknownTopic``.

        ``hold``: others watch it and expect its next change from the ticker, so a stale one stays as it was
        last sent.
        """
        shown = self.kept.get(topic)
        if shown is None or (shown.stale and not hold):
            await self.draw([topic])
            shown = self.kept[topic]
        self.kept[topic] = self.kept.pop(topic)
        return shown

    async def draw(self, topics: Iterable[str]) -> list[tuple[Shown, bytes]]:
        """Draw these topics from one durable state; those that changed, each with the message of its change.

        A topic that is gone (its group was removed) is forgotten; raises ``boards.UnknownTopic`` for one
        never drawn.
        """
        changed = []
        async with self.source.reading() as state:
            for topic in topics:
                shown = self.kept.get(topic)
                try:
                    picture = boards.picture(state, topic, self.audience, self._name)
                except boards.UnknownTopic:
                    if shown is None:
                        raise
                    shown.stale = False
                    continue
                if shown is None:
                    self._keep(Shown(topic, self.token(8), picture))
                elif message := shown.turn(picture):
                    changed.append((shown, message))
        return changed

    def _name(self, person: str) -> Words | None:
        found = self.source.names(person)
        return found.name if found is not None else None

    def _keep(self, shown: Shown) -> None:
        self.kept[shown.topic] = shown

    def trim(self, watched: Callable[[str], bool]) -> None:
        """Forget what nobody watches, the longest unasked first, down to KEPT."""
        too_many = len(self.kept) - KEPT
        if too_many > 0:
            for topic in [name for name in self.kept if not watched(name)][:too_many]:
                del self.kept[topic]
