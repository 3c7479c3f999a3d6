"""Events of assessments without a competition; the persons in them are ids, words stand in closed parts."""

from __future__ import annotations

import msgspec

from compsys.facts import Event


class AssessmentRulesTaken(Event, frozen=True, kw_only=True, tag="assessment_rules_taken"):
    """The rules under which assessments are held, whole (TOML), with their digest (SHA-256, hex)."""

    rules: str
    digest: str
    text: str


class AssessorNamed(Event, frozen=True, kw_only=True, tag="assessor_named"):
    """Somebody is an assessor of a grade from ``since`` to ``until`` (days): for which bodies he or she
    works, and whose kin he or she is (person ids)."""

    person: str
    grade: str
    since: str
    until: str
    bodies: tuple[str, ...] = ()
    kin: tuple[str, ...] = ()


class AssessmentOpened(Event, frozen=True, kw_only=True, tag="assessment_opened"):
    """An assessment batch (认定批次): who issues, where, in which occupation (code@edition), standard and
    level, on which day, by which rules and assessors; rows of (part, persons). ``provinces``: of issuer, test
    site and the candidates' home (GB/T 2260, two digits; "" not stated)."""

    batch: str
    issuer: str
    site: str
    provinces: tuple[str, str, str]
    occupation: str
    standard: str
    direction: str
    level: str
    way: str
    day: str
    rules: str
    panels: tuple[tuple[str, tuple[str, ...]], ...]
    watch: tuple[tuple[str, tuple[str, ...]], ...]
    supervisors: tuple[tuple[str, str], ...]


class CandidateRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One candidate: how each part is entered (rows of part, state), whether the standard's table admits
    (``admission``: met, check, not_met; by its row), what is held, whether the body's own staff; who trained
    (bodies, persons). ``commitment``: to the identity of somebody new ("" = known before)."""

    person: str
    parts: tuple[tuple[str, str], ...]
    admission: str
    row: str = ""
    missing: tuple[str, ...] = ()
    held: str = ""
    staff: bool = False
    home: str = ""
    bodies: tuple[str, ...] = ()
    trainers: tuple[str, ...] = ()
    commitment: str = ""


class CandidatesAdmitted(Event, frozen=True, kw_only=True, tag="candidates_admitted"):
    """Candidates of a batch, at most 200 to a line; ``digest``: of the list they came from (SHA-256)."""

    batch: str
    digest: str
    rows: tuple[CandidateRow, ...]


class CandidateCleared(Event, frozen=True, kw_only=True, tag="candidate_cleared"):
    """An officer looked at what nobody had stated of a candidate and admits him or her (words closed)."""

    batch: str
    person: str


class MarksEntered(Event, frozen=True, kw_only=True, tag="assessment_marks"):
    """Marks of a batch as one person has them: rows of (person, part, text; "" takes one back). ``via``:
    typed or import (``digest``: of the file). What counts is in ``assessment_confirmed``."""

    batch: str
    via: str
    digest: str
    rows: tuple[tuple[str, str, str], ...]


class Part(msgspec.Struct, frozen=True, array_like=True):
    """What came of a part: its name, how it was entered, the mark as text, whether it passed (None: not
    taken), the batch that the mark is from."""

    part: str
    state: str
    mark: str
    passed: bool | None
    batch: str


class OutcomeRow(msgspec.Struct, frozen=True, array_like=True):
    """What came of a candidate: passed, failed or incomplete, and the parts."""

    person: str
    result: str
    parts: tuple[Part, ...]


class AssessmentConfirmed(Event, frozen=True, kw_only=True, tag="assessment_confirmed"):
    """Version ``version`` of a batch's outcome, as values; ``first``: not the continuation of the line before
    (at most 200 rows each). A later version needs a reason (closed part)."""

    batch: str
    version: int
    first: bool
    rows: tuple[OutcomeRow, ...]


class FindingRaised(Event, frozen=True, kw_only=True, tag="finding_raised"):
    """A supervisor (``by``: inner 内督, outer 外督) found something: how grave (note, minor, severe), against
    which rule; what and what is to be done stand in the closed part."""

    batch: str
    by: str
    severity: str
    rule: str


class FindingAnswered(Event, frozen=True, kw_only=True, tag="finding_answered"):
    """The finding of line ``of`` was answered, or closed (``closed``); words in the closed part."""

    batch: str
    of: int
    closed: bool


AssessmentFact = (
    AssessmentRulesTaken
    | AssessorNamed
    | AssessmentOpened
    | CandidatesAdmitted
    | CandidateCleared
    | MarksEntered
    | AssessmentConfirmed
    | FindingRaised
    | FindingAnswered
)
