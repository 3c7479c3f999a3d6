"""What a later version of a result takes from whom and gives to whom: medals, prizes, levels, papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

KINDS = ("medal", "prize", "place", "level", "certificate", "honour")
Held = Mapping[str, Mapping[str, str]]
"""entry -> kind -> what it holds ("" = nothing)."""


class Change(NamedTuple):
    """One thing that is another one for an entry: `before` and `after` are "" for nothing."""

    entry: str
    kind: str
    before: str
    after: str

    @property
    def way(self) -> str:
        """lost, gained or changed."""
        if not self.after:
            return "lost"
        return "changed" if self.before else "gained"


def changes(before: Held, after: Held) -> list[Change]:
    """Every difference, entry by entry in the order of `before`, then of those that are new.

    Clause: exclusion after the medals: "the next version lists medals, certificates and promotions lost and
    gained". Empty when nothing differs.

    >>> old = {"a": {"medal": "gold"}, "b": {"medal": "silver"}, "c": {"medal": "bronze"}, "d": {}}
    >>> new = {"a": {}, "b": {"medal": "gold"}, "c": {"medal": "silver"}, "d": {"medal": "bronze"}}
    >>> [(c.entry, c.way, c.before, c.after) for c in changes(old, new)][:2]
    [('a', 'lost', 'gold', ''), ('b', 'changed', 'silver', 'gold')]
    >>> [c.way for c in changes(old, new)]
    ['lost', 'changed', 'changed', 'gained']
    """
    found = []
    for entry in dict.fromkeys([*before, *after]):
        was, now = before.get(entry, {}), after.get(entry, {})
        for kind in dict.fromkeys([*was, *now]):
            if was.get(kind, "") != now.get(kind, ""):
                found.append(Change(entry, kind, was.get(kind, ""), now.get(kind, "")))
    return found
