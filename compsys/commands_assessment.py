"""Commands about assessments without a competition: batches, candidates, marks, confirmation, findings."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from compsys.commands_base import Command

Said = Annotated[str, msgspec.Meta(max_length=2000)]
Short = Annotated[str, msgspec.Meta(max_length=80)]
Ident = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
Day = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
Province = Annotated[str, msgspec.Meta(pattern=r"^([1-9][0-9])?\Z")]
Digest = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?\Z")]
People = tuple[tuple[Short, tuple[Ident, ...]], ...]


class NameAssessor(Command, frozen=True, kw_only=True, tag="name_assessor"):
    """Say that a person is an assessor (考评员 ``assessor``, 高级考评员 ``senior``) for a term; said again,
    it changes. ``kin``: candidates whom the person may not assess."""

    person: Ident
    grade: Literal["assessor", "senior"]
    since: Day
    until: Day
    bodies: tuple[Short, ...] = ()
    kin: tuple[Ident, ...] = ()


class OpenAssessment(Command, frozen=True, kw_only=True, tag="open_assessment"):
    """Open an assessment batch with its panels, invigilators and supervisors (rows of part or kind, persons).

    ``occupation``: code@edition; ``standard``: the edition of the occupational standard, by which the table
    of admission is chosen; ``rules``: the text of the rules (TOML); ``provinces``: of issuer, site,
    candidates' home.
    """

    batch: Ident
    issuer: Ident
    site: Short
    provinces: tuple[Province, Province, Province]
    occupation: Short
    level: Short
    day: Day
    rules: Annotated[str, msgspec.Meta(max_length=200_000)]
    standard: Short = ""
    direction: Short = ""
    way: Literal["exam", "appointment"] = "exam"
    panels: People = ()
    watch: People = ()
    supervisors: tuple[tuple[Literal["inner", "outer"], Ident], ...] = ()


class Candidacy(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a list says of a candidate: parts entered for (rows of part, new or resit or ""), the condition
    claimed, what is held and since how many years, schooling, years in the occupation (None: not stated),
    whether the body's own staff, home province, who trained. ``commitment``: of somebody new."""

    person: Ident
    parts: tuple[tuple[Short, Literal["", "new", "resit"]], ...] = ()
    claimed: Short = ""
    held: Short = ""
    held_stated: bool = False
    years: int | None = None
    since_held: int | None = None
    education: Short = ""
    staff: bool = False
    home: Province = ""
    bodies: tuple[Short, ...] = ()
    trainers: tuple[Ident, ...] = ()
    commitment: Digest = ""


class AdmitCandidates(Command, frozen=True, kw_only=True, tag="admit_candidates"):
    """Admit the candidates of a list to a batch, all or none; ``digest``: the list's SHA-256."""

    batch: Ident
    rows: Annotated[tuple[Candidacy, ...], msgspec.Meta(min_length=1, max_length=10_000)]
    digest: Digest = ""


class ClearCandidate(Command, frozen=True, kw_only=True, tag="clear_candidate"):
    """Admit a candidate of whom the table could not be answered, having looked at papers; with words."""

    batch: Ident
    person: Ident
    reason: Said


class EnterMarks(Command, frozen=True, kw_only=True, tag="enter_assessment_marks"):
    """Enter marks as the actor has them: rows of (person, part, text): a number, absent, zeroed, exempt, or
    "" to take one back. ``via`` import counts with the confirmation; typed needs a second typist.
    ``reason``: where an outcome was confirmed already."""

    batch: Ident
    via: Literal["typed", "import"]
    rows: Annotated[tuple[tuple[Ident, Short, Short], ...], msgspec.Meta(min_length=1, max_length=30_000)]
    digest: Digest = ""
    reason: Said = ""


class ConfirmAssessment(Command, frozen=True, kw_only=True, tag="confirm_assessment"):
    """A second officer confirms a batch's outcome; a later version needs a reason, an appointment its paper
    (number of the decision) as the reason."""

    batch: Ident
    reason: Said = ""


class ProposeAssessed(Command, frozen=True, kw_only=True, tag="propose_assessed"):
    """Propose a certificate for everybody who passed the assessment ``assessment`` by its newest confirmed
    version; ``batch``: a new id (32 hex) of the proposals, which go the way of all proposals."""

    assessment: Ident
    batch: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]


class RaiseFinding(Command, frozen=True, kw_only=True, tag="raise_finding"):
    """A supervisor's finding about a batch: what, against which rule, what is to be done."""

    batch: Ident
    by: Literal["inner", "outer"]
    severity: Literal["note", "minor", "severe"]
    rule: Short
    words: Said


class AnswerFinding(Command, frozen=True, kw_only=True, tag="answer_finding"):
    """Answer the finding of line ``of``, or close it (``close``) once it was answered by somebody else."""

    batch: Ident
    of: int
    words: Said
    close: bool = False


AssessmentCommand = (
    NameAssessor
    | OpenAssessment
    | AdmitCandidates
    | ClearCandidate
    | EnterMarks
    | ConfirmAssessment
    | ProposeAssessed
    | RaiseFinding
    | AnswerFinding
)
