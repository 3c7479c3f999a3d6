"""Tablets at the door: who waits for the console to compare four words, held by the process that was asked.

A link on the screen is scanned under the organizer's eyes; a printed slip has been out of the house for a
night. So the console asks for the words of slips only, unless the competition wants them of all or of none
(``records.Competition.approval``). The words come from the link, from what the tablet drew for itself and
from what the server drew after that: neither side can choose them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from starlette.requests import Request

from web.access import secret_digest, settings_of

if TYPE_CHECKING:
    from compsys.state import State
    from compsys.state_access import Link

SILENT = 15.0
"""Seconds after which a tablet that asks no more is not at the door any more."""
MOST = 200
"""Tablets that may wait at once."""
WORDS = 64
"""Words of the catalogue's list (``seat.seal_words``), of which four stand for 24 bits."""


@dataclass(slots=True)
class Waits:
    """A tablet at the door: a public name, its link's seat and digest, its four words, what was said of it
    by whom."""

    id: str
    hand: str
    seat: str
    token: str
    words: tuple[int, ...]
    heard: float
    said: Literal["", "yes", "no"] = ""
    by: str = ""
    public: str = ""
    """the public half of its own key"""


@dataclass(slots=True)
class Waiting:
    """All tablets at the door of this process."""

    seconds: Callable[[], float]
    held: dict[str, Waits] = field(default_factory=dict)
    """digest of the tablet's own secret -> it"""

    def begin(self, hand: str, seat: str, token: str, nonce: str, public: str = "") -> Waits:
        """A tablet comes to the door with a link; asked again, it stands there already."""
        self._sweep()
        digest = secret_digest(hand)
        found = self.held.get(digest)
        if found is None or found.token != token:
            if len(self.held) >= MOST:
                del self.held[next(iter(self.held))]
            found = Waits(nonce[:12], digest, seat, token, words(token, hand, nonce), self.seconds())
            found.public = public
            self.held[digest] = found
        return found

    def find(self, hand: str) -> Waits | None:
        """The tablet that proves itself so, heard now; None when it stands here no more."""
        self._sweep()
        found = self.held.get(secret_digest(hand))
        if found is not None:
            found.heard = self.seconds()
        return found

    def forget(self, waits: Waits) -> None:
        """It is in, or was turned away."""
        self.held.pop(waits.hand, None)

    def all(self) -> list[Waits]:
        """Those of whom nothing was said yet, in the order in which they came."""
        self._sweep()
        return [found for found in self.held.values() if not found.said]

    def say(self, name: str, word: Literal["yes", "no"], by: str) -> bool:
        """Let one in, or turn it away; False when it stands here no more."""
        found = next((one for one in self.all() if one.id == name), None)
        if found is None:
            return False
        found.said, found.by = word, by
        return True

    def _sweep(self) -> None:
        now = self.seconds()
        self.held = {key: one for key, one in self.held.items() if now - one.heard <= SILENT}


def words(token: str, hand: str, nonce: str) -> tuple[int, ...]:
    """Four places in the list of words.

    >>> words("a", "b", "c") == words("a", "b", "c"), words("a", "b", "c") == words("a", "b", "d")
    (True, False)
    """
    digest = hashlib.sha256(f"{token}/{hand}/{nonce}".encode()).digest()
    return tuple(byte % WORDS for byte in digest[:4])


def asks_approval(state: State, link: Link) -> bool:
    """Whether the console must let in who comes with this link."""
    competition = state.setup.competition
    asked = competition.approval if competition else "slips"
    return asked == "all" or (asked == "slips" and link.slip)


def waiting_of(request: Request) -> Waiting:
    """The door of the app, made when somebody first stands there."""
    state = request.app.state
    if not hasattr(state, "waiting"):
        state.waiting = Waiting(settings_of(request).seconds)
    found: Waiting = state.waiting
    return found
