"""The words of an assessment without a competition: parts, marks, sittings, bodies, assessors, outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from scoring_rules.promotion_model import LADDER

PARTS = ("theory", "practice", "review")
"""理论, 技能（实操）, 综合评审: the parts an assessment may have, in the order they are taken."""
ENTERED = ("new", "resit", "kept")
"""新考, 补考, 保留: how somebody stands in a part before it is taken."""
STATUSES = ("absent", "zeroed", "exempt")
"""What may stand for a mark: 缺考, 违纪, 免考. A hole is None: blank is none of these, and no zero."""
BODIES = ("Y", "S")
"""用人单位 (own staff only) and 社会培训评价组织 (for the public), as the first letter of a number says."""
WAYS = ("exam", "appointment", "none")
"""How a level is come by in a body: assessed, appointed (聘任), or not with a certificate at all."""
GRADES = ("assessor", "senior")
"""考评员, 高级考评员, lowest first."""
SUPERVISORS = ("inner", "outer")
"""内督 (the body's own), 外督 (sent by the authority)."""
EDUCATION = ("none", "technical", "senior_technical", "technician_college", "college", "bachelor")
"""Schooling a row may ask for, lowest first: 无, 中技/中专, 高级工班/大专同等, 预备技师班, 大专, 本科."""

Mark = Fraction | str | None
"""A number, one of STATUSES, or None: nobody has entered it yet."""


@dataclass(frozen=True, slots=True)
class PartRule:
    """One part: what it is out of, what passes, of which levels it is, and how it must be held.

    ``minutes``: at least so long. ``panel``: at least so many assessors (0: none), ``odd`` in number where
    said; ``room``: candidates to one invigilator (0: none), ``watch``: invigilators at least.
    """

    name: str
    levels: tuple[str, ...]
    maximum: Fraction
    needed: Fraction
    decimals: int
    minutes: int
    panel: int
    odd: bool
    room: int
    watch: int
    unverified: str = ""


@dataclass(frozen=True, slots=True)
class LevelRule:
    """Who may confer a level and how: kinds of body, the way, whether a certificate is given for it.

    ``grade``: the assessor's grade it needs. ``after``: a level that must be held for it ("" none).
    """

    level: str
    bodies: tuple[str, ...]
    way: str
    certificate: bool
    grade: str
    after: str = ""
    unverified: str = ""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """One row of a standard's table: who meets all that the row asks for may be assessed at its level.

    ``occupation`` and ``edition`` "*": every one that has no row of its own. ``years``: in the occupation;
    with ``held`` since that certificate. ``education``: at least this schooling.
    """

    id: str
    occupation: str
    edition: str
    level: str
    held: str
    years: int
    education: str
    clause: str
    unverified: str = ""


@dataclass(frozen=True, slots=True)
class Exam:
    """How passes are kept and failed parts taken again: whole years, tries, and what no mark counts as.

    ``absent`` counts as a try (``counts``) or leaves everything as it stood (``nothing``); ``zeroed``
    ends what is kept (``ends``) or fails the part alone (``part``).
    """

    kept_years: int
    resits: int
    absent: str
    zeroed: str


@dataclass(frozen=True, slots=True)
class Panels:
    """What holds for every panel: how often in a row, how much changes, how long an assessor's term is."""

    in_a_row: int
    changed_percent: int
    term_years: int
    supervisors: tuple[str, ...]
    severe_freezes: bool


@dataclass(frozen=True, slots=True)
class AssessmentRules:
    """The rules of assessments, whole, with the text they were read from and that text's SHA-256 (hex)."""

    id: str
    version: str
    title: Mapping[str, str]
    source: str
    parts: tuple[PartRule, ...]
    levels: tuple[LevelRule, ...]
    exam: Exam
    panels: Panels
    eligibility: tuple[Eligibility, ...]
    text: str
    digest: str

    def level(self, level: str) -> LevelRule:
        """What holds for a level; KeyError for what is none of the eight."""
        return next(rule for rule in self.levels if rule.level == level)

    def parts_of(self, level: str) -> tuple[PartRule, ...]:
        """The parts of a level in their order; none for a level that is not examined."""
        return tuple(part for part in self.parts if level in part.levels)


@dataclass(frozen=True, slots=True)
class Sitting:
    """What one person did in one assessment: the day and a mark for each part that was entered for."""

    day: date
    marks: Mapping[str, Mark]
    id: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands in a part on a day: new, resit or kept (mark, sitting, until when).

    ``until`` of a resit: the last day it may be taken as one.
    """

    state: str
    mark: Fraction | None = None
    sitting: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class PartOutcome:
    """What came of a part: how it was entered, the mark that counts, whether it passed (None: not known)."""

    part: str
    state: str
    mark: Mark
    passed: bool | None
    sitting: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a sitting: passed, failed, incomplete (parts not entered for yet) or waiting (a hole).

    ``again``: how each part that is not passed may be taken next, and until when as a resit.
    """

    result: str
    parts: tuple[PartOutcome, ...]
    again: Mapping[str, Standing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assessor:
    """Who sits in a panel: the grade, the term, the bodies the person works for, whose kin the person is.

    ``since`` and ``until`` are days; ``trained`` and ``kin`` hold the persons concerned.
    """

    person: str
    grade: str
    since: date
    until: date
    bodies: tuple[str, ...] = ()
    kin: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Examined:
    """One candidate as a panel sees them: the person and who trained that person (bodies and persons)."""

    person: str
    trainer_bodies: tuple[str, ...] = ()
    trainer_persons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Background:
    """What is known of a candidate when admission is asked for; None and "" mean "not stated"."""

    held: str = ""
    held_stated: bool = True
    years: int | None = None
    since_held: int | None = None
    education: str = ""


assert len(LADDER) == 8, "new eight-level series (china.md section 10)"
