"""Component scores from outside in the console: what was brought, shown to their second checker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compsys.records import Stage
from compsys.state import State
from web.console_choices import entry_name

if TYPE_CHECKING:
    from compsys.desk import Desk


def imports_shown(state: State, stage: Stage, me: str, lang: str, desk: Desk) -> list[dict[str, Any]]:
    """The imports of a stage; those that wait show their rows to an account by name, never beside a code."""
    found = []
    for stream in state.streams_of(stage.trade, stage.id):
        for n, brought in stream.imports.items():
            rows = []
            if not brought.confirmed_by:
                for unit_id, value, status in brought.rows:
                    entry = state.setup.entries.get(stream.units[unit_id].entry)
                    who = entry_name(state.setup, entry, desk.names, lang) if entry else "–"
                    rows.append((who, value, status))
            found.append(
                {
                    "n": n,
                    "stream": stream.name,
                    "component": brought.component,
                    "digest": brought.digest[:16],
                    "count": len(brought.rows),
                    "by": brought.by,
                    "confirmed": brought.confirmed_by,
                    "mine": brought.by == me,
                    "rows": sorted(rows),
                }
            )
    return found
