"""The event of copies off this machine: how far of each stream one covers."""

from __future__ import annotations

from compsys.facts import Event


class HeadsKept(Event, frozen=True, kw_only=True, tag="heads_kept"):
    """A copy off this machine holds each stream up to a line: stream -> (n, first 16 hex of its seal).

    Where an unrevealed vote stands before the copy's own head, n is the line before that vote. Where the copy
    is stands in the closed part.
    """

    heads: dict[str, tuple[int, str]]
