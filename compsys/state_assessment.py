"""What is held of assessments without a competition: rules, assessors, batches with candidates and marks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from compsys.facts_assessment import AssessmentOpened, AssessorNamed, CandidateRow, OutcomeRow
from scoring_rules.assessment_model import AssessmentRules


class Cleared(NamedTuple):
    """Who admitted a candidate after looking at papers, by which line, with which words."""

    by: str
    n: int
    words: str


class Given(NamedTuple):
    """A mark as one person entered it: the text, how (typed, import), by which line."""

    text: str
    via: str
    n: int


@dataclass(slots=True)
class Found:
    """A supervisor's finding: its line, who raised it, how grave, what was answered; closed by whom."""

    n: int
    t: str
    by: str
    actor: str
    severity: str
    rule: str
    words: str
    answers: list[tuple[str, str, str]] = field(default_factory=list)
    """(time, account, words)"""
    closed_by: str = ""


@dataclass(slots=True)
class Outcomes:
    """One confirmed version: its line, time, who confirmed, why (later versions), the rows by person."""

    version: int
    n: int
    t: str
    by: str
    reason: str
    rows: dict[str, OutcomeRow] = field(default_factory=dict)


@dataclass(slots=True)
class Held:
    """An assessment batch: as opened, its candidates, the marks as each person entered them, findings,
    confirmed versions."""

    opened: AssessmentOpened
    n: int
    by: str
    candidates: dict[str, CandidateRow] = field(default_factory=dict)
    lists: list[str] = field(default_factory=list)
    """digests of the lists that were taken"""
    cleared: dict[str, Cleared] = field(default_factory=dict)
    marks: dict[tuple[str, str], dict[str, Given]] = field(default_factory=dict)
    """(person, part) -> who entered it -> what"""
    reason: str = ""
    """why marks changed after the newest version"""
    changed: bool = False
    """whether marks or candidates changed since the newest version"""
    findings: dict[int, Found] = field(default_factory=dict)
    versions: list[Outcomes] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The batch's id."""
        return self.opened.batch

    @property
    def severe(self) -> list[Found]:
        """The severe findings that are not closed."""
        return [f for f in self.findings.values() if f.severity == "severe" and not f.closed_by]

    @property
    def state(self) -> str:
        """frozen, open or confirmed."""
        if self.severe:
            return "frozen"
        return "confirmed" if self.versions and not self.changed else "open"


@dataclass(slots=True)
class Assessments:
    """All of it: rules by digest, assessors by person, batches by id in the order they were opened."""

    rules: dict[str, AssessmentRules] = field(default_factory=dict)
    assessors: dict[str, AssessorNamed] = field(default_factory=dict)
    batches: dict[str, Held] = field(default_factory=dict)
