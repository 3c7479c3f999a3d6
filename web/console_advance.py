"""Who goes on, on the page of a result: to a later stage, looked at before it is decided."""

from __future__ import annotations

from typing import Any

from compsys import advancing
from compsys.events import Advance, Refused
from compsys.state import State
from scoring_rules.cuts import TIES

MOST = 1_000_000


def panel(
    state: State, trade: str, stage: str, group: str, values: dict[str, list[str]]
) -> list[dict[str, Any]]:
    """The later stages of a group, each with what was decided, and with the look somebody asks for."""
    found = []
    for ahead in advancing.ahead(state, trade, stage, group):
        wished = (values.get("to") or [""])[0] == ahead.stage.id
        look = _look(state, trade, stage, group, values) if wished else None
        went = ahead.went
        found.append({
            "to": ahead.stage.id, "name": dict(ahead.stage.name), "drawn": ahead.drawn, "stale": ahead.stale,
            "went": {"n": len(went.entries), "version": went.version, "top": went.count, "ties": went.ties}
            if went else None,
            "look": look, "top": (values.get("top") or [""])[0] if wished else went.count if went else "",
            "ties": (values.get("ties") or ["in"])[0] if wished else went.ties if went else "in",
        })  # fmt: skip
    return found


def _look(
    state: State, trade: str, stage: str, group: str, values: dict[str, list[str]]
) -> dict[str, Any] | None:
    command = command_of(trade, stage, group, {name: found[0] for name, found in values.items() if found})
    found = advancing.chosen(state, command) if command else None
    if found is None or isinstance(found, Refused):
        return None
    return {"n": len(found.entries), "last": found.last, "at_edge": max(map(len, found.edges), default=0)}


def command_of(trade: str, stage: str, group: str, typed: dict[str, str]) -> Advance | None:
    """What was typed as a command; None when it is no number of places."""
    top, ties = typed.get("top", ""), typed.get("ties", "in")
    if not (top.isascii() and top.isdigit() and 0 < int(top[:8]) <= MOST and ties in TIES):
        return None
    return Advance(trade=trade, stage=stage, group=group, to=typed.get("to", ""), count=int(top), ties=ties)
