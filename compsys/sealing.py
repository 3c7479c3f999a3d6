"""A drafted line sealed behind its stream's newest line and folded into the state, ahead of the disk."""

from __future__ import annotations

from compsys import core
from compsys import events as e
from compsys.asking import Touched
from compsys.journal_api import Head
from compsys.seal import Line, digest, first, seal
from compsys.state import State


def head_of(state: State, stream: str) -> Head:
    """Where a stream stands in the state; (0, its first seal) before its first line."""
    n, head = state.position(stream)
    return Head(n, head if n else first(state.id, stream))


def fold_sealed(state: State, drafted: e.Drafted) -> tuple[Line, Touched]:
    """Seal what was drafted and fold it: the line, and the keys it touched."""
    n, head = state.position(drafted.stream)
    if not n:
        head = first(state.id, drafted.stream)
    open_part, closed_part = e.pack(drafted.event, drafted.closed)
    closed_digest = digest(closed_part)
    head = seal(head, open_part, closed_digest)
    touched = core.apply(state, drafted.stream, n + 1, head, drafted.event, drafted.closed)
    return Line(drafted.stream, n + 1, open_part, closed_part, closed_digest, head), touched
