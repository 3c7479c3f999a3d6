"""What is held of what was brought in: imports of component scores, lists and what they changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from compsys.records import Record


@dataclass(slots=True)
class Import:
    """An import of component scores: its rows and who brought and checked them."""

    component: str
    digest: str
    rows: tuple[tuple[str, str | None, str], ...]
    by: str
    confirmed_by: str = ""


class Change(NamedTuple):
    """One record that a list set: what stood there before (None = nothing) and what it became."""

    kind: str
    key: str
    before: Record | None
    after: Record | None


@dataclass(slots=True)
class Brought:
    """A list that was taken: its lines, what they changed, whose identity they bound; "" or who took it
    back."""

    n: int
    what: str
    digest: str
    until: int
    by: str
    t: str
    changes: list[Change] = field(default_factory=list)
    bound: list[str] = field(default_factory=list)
    reverted: str = ""
