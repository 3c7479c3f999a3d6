"""The start page's picture: which trades and boards there are, and how far they are.

Its topic is ``home``. A public process knows from it which boards exist at all, so nobody can make a desk
draw what is not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from compsys import boards
from compsys.records import Audience
from compsys.state import State

HOME = "home"

_KINDS = frozenset({"setup", "result", "sheet", "unit", "stream", "session"})


def picture(state: State, audience: Audience) -> boards.Picture:
    """What there is to see, one row per trade; ``orders``: those of the medal table, the first one first."""
    competition = state.setup.competition
    rows = [
        {"key": found["trade"], "name": found["name"], "boards": found["boards"]}
        for found in boards.contents(state, audience)
    ]
    return {
        "topic": HOME,
        "kind": "home",
        "event": dict(competition.name) if competition else {},
        "zone": competition.zone if competition else "UTC",
        "orders": list(boards.orders(state)),
        "rows": rows,
    }


def concerns(touched: Iterable[tuple[Any, ...]]) -> bool:
    """Whether keys that ``core.apply`` touched may change it."""
    return any(key[0] in _KINDS for key in touched)


def lists(home: boards.Picture, topic: str) -> bool:
    """Whether a topic is one of those it lists: itself, a medal table, a board or a further page of one.

    >>> home = {"orders": ["total"], "rows": [{"key": "t", "boards": [{"path": "t/final/open"}]}]}
    >>> [lists(home, topic) for topic in ("home", "medals:total", "board:t/final/open?page=2", "board:t/x/y")]
    [True, True, True, False]
    """
    kind, _, rest = topic.partition(":")
    if kind == "medals":
        return rest in home["orders"]
    path, mark, number = rest.partition("?page=")
    if kind != "board" or (mark and not boards.is_page_number(number)):
        return topic == HOME
    return any(board["path"] == path for row in home["rows"] for board in row["boards"])
