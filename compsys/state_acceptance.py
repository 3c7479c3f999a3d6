"""What is held of a signed sheet's acceptance by the competitor's own expert, and of the competitor."""

from __future__ import annotations

from typing import NamedTuple

VOID = "void"
"""The word for what was given to a sheet that has changed since."""


class Acceptance(NamedTuple):
    """Where a sheet's acceptance stands: accepted, disputed, stands (a dispute was answered so), missed, or
    void (the sheet changed since); by the line, time, seat or account, and words of the last step.
    ``dispute``: the words of the dispute; ``votes``: (for, all) of its answer."""

    state: str
    n: int
    t: str
    by: str
    words: str = ""
    dispute: str = ""
    votes: tuple[int, int] = (0, 0)


class Heard(NamedTuple):
    """What the competitor said to a sheet that was read aloud: agrees, refuses, absent, or void; line, time,
    witness, words."""

    outcome: str
    n: int
    t: str
    by: str
    words: str = ""
