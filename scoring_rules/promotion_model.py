"""The words of promotion: levels, bands of places, honours, the one who is considered, what is proposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scoring_rules.prizes import PRIZES

LADDER = ("apprentice", "5", "4", "3", "2", "1", "special", "chief")
"""The eight levels, lowest first: 学徒工, 五级 to 一级 by their codes, 特级技师, 首席技师 (levels.json)."""
LEVELS = ("5", "4", "3", "2", "1")
"""The levels a contest may promote to: what lies above them is appointed (china.md section 10)."""

GROUPS = ("worker", "student", "teacher", "open")
GROUP_NAMES = {
    **dict.fromkeys(("职工", "职工组", "workers"), "worker"),
    **dict.fromkeys(("学生", "学生组", "students"), "student"),
    **dict.fromkeys(("教师", "教师组", "teachers"), "teacher"),
    "公开组": "open",
}
"""Further words for the groups."""
TIERS = (
    "national_comprehensive", "national_1", "national_2", "inter_provincial",
    "province_comprehensive", "province_1", "province_2",
    "city_comprehensive", "city_1", "city_2", "city",
    "county", "industry", "single_industry", "enterprise", "school",
)  # fmt: skip
TRACKS = ("ws", "national", "professional")
MEDALS = ("gold", "silver", "bronze", "excellence")
AWARDS = tuple(dict.fromkeys((*MEDALS, *PRIZES)))
UNITS = ("rank", "percent", "award", "prize", "pass", "squad")
REQUIREMENTS = ("passed", "eligible", "standard", "questions_2")
HONOUR_KINDS = ("honour", "coach", "squad")
KINDS = ("level", "eligibility")
EDGE_TIES = ("include", "exclude")
STATES = ("ranked", "absent", "not_finished", "withdrawn", "excluded", "guest")
FIXED_AWARDS = ("held+1", "questions+1", "by_authority", "none")
"""Awards that are no level: one above the held level, one above the questions' level, a level that the text
leaves to the authority, nothing. Besides: a level, ``apply:LEVEL`` and ``title:NAME``."""


@dataclass(frozen=True, slots=True)
class Band:
    """One line of a promotion rule: who reaches it, and which level that gives.

    ``unit`` says what ``lo`` and ``hi`` count: places (``rank``: lo..hi), percent of the field (``percent``:
    above lo to hi); with ``award``, ``prize``, ``pass`` and ``squad`` they are 0. Empty ``tiers``,
    ``groups``, ``tracks`` mean all. ``held`` gives the level for a holder of a level; None: nothing.
    """

    clause: str
    unit: str
    award: str
    lo: int = 0
    hi: int = 0
    tiers: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    awards: tuple[str, ...] = ()
    held: Mapping[str, str | None] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    unverified: str = ""


@dataclass(frozen=True, slots=True)
class Honour:
    """A title for the first places: to place ``top``, or a place by team size or by size of the field.

    ``by_field`` holds (largest field, top) in rising order, the last without an end (0). ``once``: not to
    one who holds it already. ``kind``: the entry's own honour, its coach's, or a seat in the squad.
    """

    name: str
    clause: str
    kind: str = "honour"
    top: int = 0
    by_size: Mapping[int, int] = field(default_factory=dict)
    by_field: tuple[tuple[int, int], ...] = ()
    awards: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    once: bool = False
    persons: int = 1
    unverified: str = ""


@dataclass(frozen=True, slots=True)
class Promotion:
    """One published promotion rule, whole. ``per_year`` 0: no cap; ``prizes``: (prize, how many), in order.

    ``base`` says what a field of percentages counts (shares.BASES, in entries), ``rounding`` what a part of a
    place is worth. ``tier``: what an entry without one is taken for. ``approver`` must approve each proposal.
    ``open``: what the text leaves open, with what is taken instead.
    """

    source: str
    kind: str
    approver: str
    bands: tuple[Band, ...]
    honours: tuple[Honour, ...]
    requires: tuple[str, ...]
    per_year: int
    base: str
    rounding: str
    edge_ties: str
    tier: str
    prizes: tuple[tuple[str, int], ...]
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entry with its published result and what is known of it; None and "" mean "not stated".

    ``field``: entries in the base. ``size``: persons in the entry. ``held``: a level of LADDER, "" without
    one; where nobody stated it (``held_stated`` False) a proposal says what is to be checked.
    ``this_year``: promotions received in this year. ``shared``: entries at this place, itself included.
    """

    entry: str
    place: int | None = None
    field: int | None = None
    group: str = ""
    tier: str = ""
    track: str = ""
    medal: str = ""
    prize: str = ""
    held: str = ""
    passed: bool | None = None
    size: int = 1
    this_year: int = 0
    status: str = "ranked"
    eligible: bool | None = None
    standard: bool | None = None
    questions: str = ""
    squad: bool = False
    honours: tuple[str, ...] = ()
    shared: int = 1
    held_stated: bool = True


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as a code with parameters; codes are ``promotion.*`` of the catalogue."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Also:
    """Something proposed besides: ``kind`` title, coach or squad, with its name and for how many persons."""

    kind: str
    name: str
    clause: str
    persons: int = 1


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for one entry, never more than proposed: somebody named must approve it.

    ``reasons``: the first says why this level or none; what follows it is to be known or to be checked.
    """

    entry: str
    level: str | None
    honours: tuple[str, ...]
    clauses: tuple[str, ...]
    reasons: Sequence[Reason]
    also: tuple[Also, ...] = ()
    edge: bool = False


def above(level: str, other: str) -> bool:
    """Whether a level stands above another; "" (none held) is below all. ValueError for what is no level.

    >>> above("2", "3"), above("special", "1"), above("5", ""), above("3", "3")
    (True, True, True, False)
    """
    return height(level) > height(other)


def height(level: str) -> int:
    """How high a level stands, 0 for none; ValueError for what is no level.

    >>> height(""), height("5"), height("1")
    (0, 2, 6)
    """
    return LADDER.index(level) + 1 if level else 0


def next_above(level: str) -> str | None:
    """The level one above, None above level 1: 特级技师 and 首席技师 are appointed, not promoted to.

    Clause: china.md section 10 (eight levels).

    >>> next_above("3"), next_above("apprentice"), next_above("1")
    ('2', '5', None)
    """
    found = LADDER[height(level) : height(level) + 1]
    return found[0] if found and found[0] in LEVELS else None
