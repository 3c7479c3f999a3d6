"""Pictures on their way to spectators: each topic drawn once, encoded once, counted by a version of its own.

Bells only mark topics as stale; a stale topic is drawn when somebody watches or asks. A version counts the
visible changes of its topic and nothing else, so it says no more than the pictures did. ``run`` names this
publisher: a screen that knows another run, or misses a version, fetches the whole.

Where pictures come from is a ``Painter``: the state of this process's desk (``FromState``), or what another
process's desk has published (``compsys.bus_mirror``).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from compsys import boards, boards_home
from compsys.boards import Picture
from compsys.boards_home import HOME
from compsys.records import Audience, Words

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from compsys.state import State
    from compsys.vault import Identity

ENCODER = msgspec.json.Encoder()
KEPT = 512
"""Topics kept while nobody watches them; beyond, the one asked for longest ago goes."""

Paint = Callable[[str], Picture]
"""A topic's picture; raises ``boards.UnknownTopic``."""


class NotYet(Exception):
    """There may be such a picture, but it has not come from where it is drawn."""


class Painter(Protocol):
    """Where pictures come from."""

    def painting(self, topics: Sequence[str]) -> AbstractAsyncContextManager[Paint]:
        """Paints these topics while the block runs, all as of one moment; do not await inside. Raises
        ``boards.UnknownTopic`` and ``NotYet``."""
        ...

    def ready(self, topic: str) -> bool:
        """Whether painting a topic waits for nothing that may take long."""
        ...


class Source(Protocol):
    """What is needed of the desk: durable state to read, and names."""

    def reading(self, *streams: str) -> AbstractAsyncContextManager[State]: ...
    def ready(self, *streams: str) -> bool: ...
    def names(self, person: str) -> Identity | None: ...


CHECKING = "checking"
"""The topic of what certificates are checked with: issuers' documents, status lists, dictionaries."""
ISSUING = ("issuer", "credential", "batch", "dictionary")
"""What is touched when one of these changes."""

Paints = Callable[["State"], boards.Picture]


class FromState:
    """Pictures of a desk's state, for one audience."""

    def __init__(self, source: Source, audience: Audience, checking: Paints | None = None) -> None:
        self.source = source
        self.audience = audience
        self.checking = checking
        """draws what certificates are checked with, for processes that have no desk"""

    @asynccontextmanager
    async def painting(self, topics: Sequence[str]) -> AsyncIterator[Paint]:
        """Paint from durable state; nobody is kept waiting while it is folded."""
        if not all(map(self.ready, topics)):
            raise NotYet(*topics)
        async with self.source.reading(*{boards.needs(topic) for topic in topics}) as state:
            yield lambda topic: self._picture(state, topic)

    def ready(self, topic: str) -> bool:
        """Whether the streams that a topic shows are folded."""
        return self.source.ready(boards.needs(topic))

    def _picture(self, state: State, topic: str) -> boards.Picture:
        if topic == HOME:
            return boards_home.picture(state, self.audience)
        if topic == CHECKING and self.checking is not None:
            return self.checking(state)
        return boards.picture(state, topic, self.audience, self._name)

    def _name(self, person: str) -> Words | None:
        found = self.source.names(person)
        return found.name if found is not None else None


def concerns(topic: str, touched: list[tuple[Any, ...]]) -> bool:
    """Whether keys that ``core.apply`` touched may change this topic."""
    if topic == CHECKING:
        return any(key[0] in ISSUING for key in touched)
    return boards_home.concerns(touched) if topic == HOME else boards.concerns(topic, touched)


class Shown:
    """One topic as it was last drawn."""

    __slots__ = ("_whole", "asked", "picture", "run", "stale", "topic", "v")

    def __init__(self, topic: str, run: str, picture: dict[str, Any]) -> None:
        self.topic, self.run, self.picture, self.v = topic, run, picture, 1
        self.stale = False
        self.asked = True
        """whether anybody asked for it since this was last looked at"""
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

    def __init__(self, painter: Painter, token: Callable[[int], str]) -> None:
        self.painter = painter
        self.token = token
        self.kept: dict[str, Shown] = {}

    def rang(self, touched: Iterable[tuple[Any, ...]]) -> list[str]:
        """Lines became durable: the topics they may change are stale from now on; their names."""
        keys = list(touched)
        return self.spoil(
            topic for topic, shown in self.kept.items() if not shown.stale and concerns(topic, keys)
        )

    def spoil(self, topics: Iterable[str]) -> list[str]:
        """These topics are stale from now on; the names of those that are kept."""
        found = [topic for topic in topics if topic in self.kept]
        for topic in found:
            self.kept[topic].stale = True
        return found

    async def newest(self, topic: str, *, hold: bool = False) -> Shown:
        """The topic as it stands now; raises ``boards.UnknownTopic`` (also for a page beyond a board's last)
        and ``NotYet``.

        ``hold``: others watch it and expect its next change from the ticker, so a stale one stays as it was
        last sent.
        """
        shown = self.kept.get(topic)
        if shown is None or (shown.stale and not hold):
            await self.draw([topic])
            shown = self.kept[topic]
        if shown.picture.get("page", 1) > shown.picture.get("pages", 1):
            # Who watches it already is sent what became of it; nobody new comes to it.
            if not hold:
                self.forget(topic)
            raise boards.UnknownTopic(topic)
        self.kept[topic] = self.kept.pop(topic)
        shown.asked = True
        return shown

    async def draw(self, topics: Iterable[str]) -> list[tuple[Shown, bytes]]:
        """Draw these topics as of one moment; those that changed, each with the message of its change.

        A topic that is gone (its group was removed) is forgotten; raises ``boards.UnknownTopic`` for one
        never drawn, ``NotYet`` for one that has not come.
        """
        changed = []
        wanted = list(topics)
        async with self.painter.painting(wanted) as paint:
            for topic in wanted:
                shown = self.kept.get(topic)
                try:
                    picture = paint(topic)
                except (boards.UnknownTopic, NotYet):
                    if shown is None:
                        raise
                    shown.stale = False
                    continue
                if shown is None:
                    self.kept[topic] = Shown(topic, self.token(8), picture)
                elif message := shown.turn(picture):
                    changed.append((shown, message))
        return changed

    def forget(self, topic: str) -> None:
        """Keep a topic no longer."""
        self.kept.pop(topic, None)

    def trim(self, watched: Callable[[str], bool]) -> None:
        """Forget what nobody watches, the longest unasked first, down to KEPT."""
        too_many = len(self.kept) - KEPT
        if too_many > 0:
            for topic in [name for name in self.kept if not watched(name)][:too_many]:
                del self.kept[topic]
