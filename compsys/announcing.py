"""Announcements of the office (or a chief expert) to tablets, and who has read them.

They stand in the competition stream: no line of a marking stream moves with them, and no cursor.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compsys import events as e
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.state import State, Stream
from compsys.state_day import Word

LONGEST = 500
"""Characters of an announcement."""


def for_seat(to: str, seat: str) -> bool:
    """Whether what was said ``to`` somebody is for a seat.

    >>> [for_seat(to, "pastry/final/s1") for to in ("", "pastry", "pastry/final/s1", "pa")]
    [True, True, True, False]
    """
    return not to or seat == to or seat.startswith(f"{to}/")


def unread(state: State, seat: str) -> list[dict[str, Any]]:
    """What a seat has not read yet, the oldest first, as its page shows it."""
    return [
        {"n": word.n, "at": word.t, "by": "chief" if "/" in word.by else "office", "text": word.text}
        for word in state.words.values()
        if for_seat(word.to, seat) and seat not in word.read
    ]


def readers(state: State, word: Word) -> Iterator[tuple[str, str]]:
    """The seats that an announcement is for, each with when it was read ("" = not yet); of those that nobody
    ever took, none."""
    taken = {device.seat for device in state.devices.values() if not device.revoked}
    for seat in state.setup.seats:
        if for_seat(word.to, seat) and (seat in taken or seat in word.read):
            yield seat, word.read.get(seat, "")


def _known(state: State, to: str) -> bool:
    setup = state.setup
    return not to or to in setup.trades or to in setup.stages or to in setup.seats


def decide_announce(ask: Ask, cmd: e.Announce) -> Decided:
    """Say something to tablets; a chief to those of the own stage alone."""
    actor = ask.call.actor
    if not _known(ask.state, cmd.to):
        return e.Refused("unknown_reference", {"key": cmd.to[:60]})
    if actor.kind == "seat":
        own = actor.id.rpartition("/")[0]
        if cmd.to != own and not cmd.to.startswith(f"{own}/"):
            return e.Refused("not_yours", {"stream": cmd.to[:60]})
    if not cmd.text.strip():
        return e.Refused("reason_missing")
    if len(cmd.text) > LONGEST:
        return e.Refused("too_large")
    return [ask.line(e.COMPETITION, e.Announced(**ask.stamp, to=cmd.to), text=cmd.text.strip())]


def apply_announced(
    state: State, stream: Stream | None, n: int, event: e.Announced, closed: e.Closed
) -> Touched:
    """It is there to be read; nothing is to be read of what was erased."""
    if closed.text:
        state.words[n] = Word(n, event.t, event.to, closed.actor, closed.text)
    return (("word", str(n)),)


def decide_read_word(ask: Ask, cmd: e.ReadWord) -> Decided:
    """A seat has read an announcement that is for it."""
    word, seat = ask.state.words.get(cmd.n), ask.call.actor.id
    if word is None:
        return e.Refused("unknown_record")
    if not for_seat(word.to, seat):
        return e.Refused("not_yours", {"stream": word.to})
    return [ask.line(e.COMPETITION, e.WordRead(**ask.stamp, of=cmd.n, seat=seat))]


def apply_word_read(
    state: State, stream: Stream | None, n: int, event: e.WordRead, closed: e.Closed
) -> Touched:
    """The first time counts."""
    word = state.words.get(event.of)
    if word is not None:
        word.read.setdefault(event.seat, event.t)
    return (("word", str(event.of), event.seat),)


DECIDE: dict[type[e.Command], Decider] = {e.Announce: decide_announce, e.ReadWord: decide_read_word}
APPLY_TABLE: dict[type[e.Event], APPLY] = {e.Announced: apply_announced, e.WordRead: apply_word_read}
