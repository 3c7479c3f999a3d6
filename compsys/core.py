"""The core: ``decide(state, call)`` gives events, answer or refusal; ``apply(state, line)`` folds one line.

Each family of commands has its module (setup, sessions, marking, rulings, publishing) with two tables:
DECIDE from command to function and APPLY from event to function. This file joins the tables, keeps
exactly-once, and folds lines.

Architecture Invariant: time, random ids and the journal's seals come in as arguments; nothing here reads a
clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from compsys import (
    acceptance,
    advancing,
    announcing,
    assessed,
    assessing,
    enrolment,
    entering,
    escalation,
    holders,
    importing,
    incidents,
    keeping,
    marking,
    opening,
    people,
    pins,
    publishing,
    rulings,
    sessions,
    setting_lists,
    setting_up,
    signing,
    ties,
)
from compsys.asking import APPLY, Ask, Decider, Touched
from compsys.boards_feed import fed_by
from compsys.credentials import appeals, issuing, notices, offices, papers, proposals, registers
from compsys.events import (
    COMPETITION,
    Answer,
    AnyEvent,
    Call,
    Closed,
    Command,
    Drafted,
    Event,
    LateSettled,
    MarkConflicted,
    Marked,
    MarkLate,
    Refused,
    Sign,
    content_digest,
)
from compsys.keys import Kept
from compsys.state import State, Stream

DECIDE: dict[type[Command], Decider] = {
    **setting_up.DECIDE,
    **enrolment.DECIDE,
    **pins.DECIDE,
    **keeping.DECIDE,
    **opening.DECIDE,
    **sessions.DECIDE,
    **marking.DECIDE,
    **signing.DECIDE,
    **escalation.DECIDE,
    **rulings.DECIDE,
    **ties.DECIDE,
    **importing.DECIDE,
    **entering.DECIDE,
    **advancing.DECIDE,
    **setting_lists.DECIDE,
    **publishing.DECIDE,
    **announcing.DECIDE,
    **incidents.DECIDE,
    **acceptance.DECIDE,
    **assessing.DECIDE,
    **assessed.DECIDE,
    **offices.DECIDE,
    **proposals.DECIDE,
    **appeals.DECIDE,
    **notices.DECIDE,
    **issuing.DECIDE,
    **registers.DECIDE,
    **papers.DECIDE,
    **holders.DECIDE,
}

_APPLY: dict[type[Event], APPLY] = {
    **setting_up.APPLY_TABLE,
    **enrolment.APPLY_TABLE,
    **pins.APPLY_TABLE,
    **keeping.APPLY_TABLE,
    **opening.APPLY_TABLE,
    **sessions.APPLY_TABLE,
    **marking.APPLY_TABLE,
    **signing.APPLY_TABLE,
    **escalation.APPLY_TABLE,
    **rulings.APPLY_TABLE,
    **ties.APPLY_TABLE,
    **importing.APPLY_TABLE,
    **entering.APPLY_TABLE,
    **advancing.APPLY_TABLE,
    **setting_lists.APPLY_TABLE,
    **publishing.APPLY_TABLE,
    **announcing.APPLY_TABLE,
    **incidents.APPLY_TABLE,
    **acceptance.APPLY_TABLE,
    **assessing.APPLY_TABLE,
    **assessed.APPLY_TABLE,
    **offices.APPLY_TABLE,
    **proposals.APPLY_TABLE,
    **appeals.APPLY_TABLE,
    **notices.APPLY_TABLE,
    **issuing.APPLY_TABLE,
    **registers.APPLY_TABLE,
    **papers.APPLY_TABLE,
    **holders.APPLY_TABLE,
}

_KEY = re.compile(r"[0-9a-f]{32}\Z")


def decide(state: State, call: Call, now: str, fresh: Callable[[], str]) -> list[Drafted] | Answer | Refused:
    """What a call leads to: the lines to write, the answer it already had, or a refusal. Changes nothing.

    ``now``: UTC milliseconds with ``Z``; ``fresh``: a new random 32-hex id each time it is called.
    """
    if not _KEY.match(call.key):
        return Refused("bad_key")
    digest = content_digest(call.actor, call.command)
    kept = state.keys.find(call.key, digest)
    if kept is not None:
        return again(call.key, kept) if kept.h == digest else Refused("key_reused")
    refusal = people.check(state, call)
    if refusal is None and isinstance(call.command, Sign):
        refusal = pins.check(state, call)
    if refusal is not None:
        return refusal
    return DECIDE[type(call.command)](Ask(state, call, now, fresh, digest), call.command)


def again(key: str, kept: Kept) -> Answer:
    """The answer a key had, marked as a duplicate."""
    return Answer(k=key, a=kept.a, stream=kept.stream, n=kept.n, rev=kept.rev, dup=True)  # type: ignore[arg-type]  # kept.a is one of the five words


def answer_kind(event: AnyEvent) -> str:
    """Which of the answers a command gets whose first line is this event."""
    return _OTHER_ANSWERS.get(type(event), "accepted")


_OTHER_ANSWERS: dict[type[Event], str] = {MarkConflicted: "conflict", MarkLate: "late"}


def apply(state: State, stream: str, n: int, seal: bytes, event: AnyEvent, closed: Closed | None) -> Touched:
    """Fold one line into the state (in place) and say which keys it touched.

    ``closed`` is None where the closed part was withheld: then what it held is unknown and is treated as not
    there.
    """
    if stream == COMPETITION:
        state.n, state.head = n, seal
        state.seals += seal[:8]
        target = None
    else:
        target = state.streams.get(stream)
        if target is None:
            trade, stage, site = stream.split(".")
            target = state.streams[stream] = Stream(stream, trade, stage, site)
        target.n, target.head = n, seal
        target.seals += seal[:8]
    if closed is None:
        closed = Closed(salt="")
    touched = _APPLY[type(event)](state, target, n, event, closed)
    if target is not None:
        for level in fed_by(event):
            target.newest[level] = event.t
    if closed.key:
        rev = event.rev if isinstance(event, (Marked, LateSettled)) else 0
        state.keys[closed.key] = Kept(closed.h, stream, n, answer_kind(event), rev)
    return touched


def fold(state: State, lines: Iterable[tuple[str, int, bytes, AnyEvent, Closed | None]]) -> State:
    """Apply many lines in their order."""
    for stream, n, seal, event, closed in lines:
        apply(state, stream, n, seal, event, closed)
    return state
