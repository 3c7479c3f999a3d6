"""What of the register went out, as facts: who took which columns when; every making of a list is one."""

from __future__ import annotations

from compsys import events as e
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.commands_registers import NoteRegister
from compsys.facts_registers import RegisterTaken
from compsys.state import State, Stream
from compsys.state_credentials import Taken


def decide_note(ask: Ask, cmd: NoteRegister) -> Decided:
    """It is written down before anything leaves."""
    if not cmd.subject.strip():
        return e.Refused("malformed", {"field": "subject"})
    event = RegisterTaken(
        **ask.stamp, what=cmd.what, subject=cmd.subject, columns=cmd.columns, count=cmd.count
    )
    return [ask.line(e.COMPETITION, event, secret=cmd.files, text=cmd.purpose.strip())]


def apply_taken(
    state: State, stream: Stream | None, n: int, event: RegisterTaken, closed: e.Closed
) -> Touched:
    """It is known who took it."""
    files = tuple(map(str, closed.secret or ()))
    state.credentials.taken.append(
        Taken(n, event.t, event.what, event.subject, event.count, closed.actor, files, closed.text)
    )
    return (("register",),)


DECIDE: dict[type[e.Command], Decider] = {NoteRegister: decide_note}
APPLY_TABLE: dict[type[e.Event], APPLY] = {RegisterTaken: apply_taken}
