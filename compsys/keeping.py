"""Copies off this machine: which lines one is known to hold, so that tablets may let go of what they kept."""

from __future__ import annotations

from typing import Any

from compsys import events as e
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.state import State, Stream

PREFIX = 16
"""Hex digits of a seal that are compared, as in a tablet's cursor."""
WHERE = 200


def decide_keep_heads(ask: Ask, cmd: e.KeepHeads) -> Decided:
    """Take the heads of a copy made elsewhere: each must be a line of ours, or nothing of them is taken.

    What is written down reaches only as far as a seat may know: a head beyond an unrevealed vote would be
    something derived from it.
    """
    if not cmd.where.strip() or len(cmd.where) > WHERE:
        return e.Refused("malformed", {"field": "where"})
    heads: dict[str, tuple[int, str]] = {}
    for name, (n, seal) in cmd.heads.items():
        if n < 1:
            continue
        if len(seal) < PREFIX or prefix(ask.state, name, n) != seal[:PREFIX].lower():
            return e.Refused("head_unknown", {"stream": name[:120], "n": str(n)})
        stream = ask.state.streams.get(name) if name != e.COMPETITION else None
        if stream is not None and (safe := min(n, stream.safe_n())):
            heads[name] = (safe, stream.prefix(safe))
    event = e.HeadsKept(**ask.stamp, heads=heads)
    return [ask.line(e.COMPETITION, event, text=cmd.where.strip())]


def prefix(state: State, name: str, n: int) -> str:
    """The first 16 hex of the seal of a stream's line; "" where there is no such line."""
    stream = state.streams.get(name) if name != e.COMPETITION else state
    found = stream.seals[8 * n - 8 : 8 * n].hex() if stream is not None and n > 0 else ""
    return found if len(found) == PREFIX else ""


def apply_heads_kept(
    state: State, stream: Stream | None, n: int, event: e.HeadsKept, closed: e.Closed
) -> Touched:
    """An older copy takes back nothing: what a newer one holds is still there."""
    kept = state.kept
    kept.at, kept.where = event.t, closed.text
    for name, (upto, _) in event.heads.items():
        kept.heads[name] = max(upto, kept.heads.get(name, 0))
    return (("kept",),)


def reaches(state: State, stream: str, known: int) -> int:
    """How far of a stream a copy elsewhere reaches, as far as somebody may know who knows line ``known``."""
    return min(state.kept.heads.get(stream, 0), known)


def heads_of(data: Any, competition: str) -> dict[str, tuple[int, str]] | None:
    """The heads in what ``compsys verify --json`` or ``compsys backup --json`` printed, of this competition;
    None for anything else.

    >>> heads_of({"competition": "c", "heads": {"a.b.c": [3, "00ff" * 16]}}, "c")["a.b.c"][0]
    3
    >>> heads_of({"competition": "d", "heads": {}}, "c"), heads_of([], "c")
    (None, None)
    """
    if not isinstance(data, dict) or data.get("competition") != competition:
        return None
    heads = data.get("heads")
    if not isinstance(heads, dict) or not heads:
        return None
    found = {}
    for name, head in heads.items():
        if not (isinstance(head, list) and len(head) == 2):
            return None
        n, seal = head
        if type(n) is not int or not isinstance(seal, str):
            return None
        found[str(name)] = (n, seal)
    return found


DECIDE: dict[type[e.Command], Decider] = {e.KeepHeads: decide_keep_heads}
APPLY_TABLE: dict[type[e.Event], APPLY] = {e.HeadsKept: apply_heads_kept}
