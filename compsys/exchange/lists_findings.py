"""What looking at a list found: per row what taking it would do, per cell what is wrong, and what to take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from compsys.commands import Define
from compsys.exchange.lists_header import Header
from compsys.exchange.lists_read import address
from compsys.vault import Identity

Severity = Literal["error", "warning"]
State = Literal["new", "changed", "same", "error"]
STATES: tuple[State, ...] = ("new", "changed", "same", "error")

KEPT_ROWS = 5_000
"""Rows that are kept to be shown; counts count all of them, and rows with findings come first."""


class Finding(NamedTuple):
    """Something about a cell (``column`` 0: about its row, ``row`` 0: about the file): a code with
    parameters."""

    severity: Severity
    row: int
    column: int
    code: str
    params: Mapping[str, str]

    @property
    def where(self) -> str:
        """The cell's address, the row's number, or "" for the file."""
        return address(self.row, self.column) if self.row else ""


class Changed(NamedTuple):
    """A field that taking the row would change."""

    field: str
    before: str
    after: str


@dataclass(slots=True)
class LookedRow:
    """A row of the list: who it is about, what taking it would do."""

    row: int
    who: str
    state: State
    changes: list[Changed] = field(default_factory=list)
    what: str = ""
    """what a new row says beside the name, so that a wrong column shows before anything is taken"""


@dataclass(slots=True)
class Look:
    """A whole list, looked at. ``items`` and ``persons`` (or ``scores``) are what taking it would set."""

    name: str
    digest: str
    said: dict[str, str] = field(default_factory=dict)
    header: Header | None = None
    rows: list[LookedRow] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))
    findings: list[Finding] = field(default_factory=list)
    more: int = 0
    """findings beyond those that are kept"""
    items: list[Define] = field(default_factory=list)
    persons: dict[str, Identity] = field(default_factory=dict)
    scores: dict[str, list[tuple[str, str | None, str]]] = field(default_factory=dict)
    """stream -> (unit, value or None, status)"""
    component: str = ""
    unreadable: bool = False

    @property
    def kind(self) -> str:
        """What the list is of: entrants, judges, delegations, scores."""
        return self.header.kind if self.header else ""

    @property
    def total(self) -> int:
        """Its rows."""
        return sum(self.counts.values())

    @property
    def stopped(self) -> bool:
        """Whether the file as a whole cannot be used."""
        return any(f.severity == "error" and f.row == 0 for f in self.findings)

    @property
    def takes(self) -> bool:
        """Whether there is something to take."""
        return not self.stopped and bool(self.items or self.persons or self.scores)

    @property
    def partly(self) -> bool:
        """Whether rows with errors may stay out: not of scores, of which a missing one would be unseen."""
        return self.kind != "scores"

    def say(
        self, row: int, column: int, code: str, params: Mapping[str, str], severity: Severity = "error"
    ) -> None:
        """Note a finding."""
        if len(self.findings) >= KEPT_ROWS:
            self.more += 1
            return
        self.findings.append(Finding(severity, row, column, f"list.{code}", params))

    def count(
        self, row: int, who: str, state: State, changes: list[Changed] | None = None, what: str = ""
    ) -> None:
        """Note a row."""
        self.counts[state] += 1
        if len(self.rows) < KEPT_ROWS:
            self.rows.append(LookedRow(row, who, state, changes or [], what))
