"""One certificate as registers, lists and figures see it: no name in it, only the person's id."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import msgspec

from compsys.vault import Identity
from scoring_rules.promotion_model import LADDER

LEVEL, AWARD, SCORE = "level", "award", "score"
KINDS = (LEVEL, AWARD, SCORE)
VALID, SUSPENDED, REVOKED, SUPERSEDED = "valid", "suspended", "revoked", "superseded"
STATES = (VALID, SUSPENDED, REVOKED, SUPERSEDED)
CONTEST, ASSESSMENT, APPOINTMENT = "contest", "assessment", "appointment"
WAYS = (CONTEST, ASSESSMENT, APPOINTMENT)
SKILLED = LADDER[LADDER.index("3") :]
"""高技能人才: level 3 and up (china.md 10)."""

Names = Callable[[str], Identity | None]
DAY = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z")


class RegisterRow(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One certificate. Texts in both languages stand as "中文 / English" in one string.

    ``kind``: level, award or score; ``level``: of ``promotion_model.LADDER`` ("" for an award);
    ``occupation``: its code G-MM-SS-NN; ``work``: the kind of work in it (工种); ``issued``: the day
    (YYYY-MM-DD) in the issuer's zone; marks as text, "" where there was no such part; ``firm``: who sent or
    employs the person; ``region``: two digits of the issuing site's province; ``home``: of the person's, ""
    unknown; ``trainer``: who taught, as a text, ``trainers``, ``assessors``: bodies and persons, by id;
    ``checked``: who looked at the identity document (officer, floor), "" nobody; ``filed``: issued under a
    filing that covered it; ``mended``: when the present form was issued, where that was later.
    """

    id: str
    number: str
    person: str
    kind: str = LEVEL
    state: str = VALID
    level: str = ""
    occupation: str = ""
    occupation_name: str = ""
    work: str = ""
    issuer: str = ""
    issuer_name: str = ""
    issuer_code: str = ""
    issued: str = ""
    mended: str = ""
    theory: str = ""
    practical: str = ""
    review: str = ""
    score: str = ""
    firm: str = ""
    firm_name: str = ""
    region: str = ""
    home: str = ""
    site: str = ""
    batch: str = ""
    way: str = CONTEST
    trainer: str = ""
    trainers: tuple[str, ...] = ()
    assessors: frozenset[str] = frozenset()
    checked: str = ""
    filed: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which certificates are meant: days inclusive (YYYY-MM-DD, "" = open), the others "" or empty = all."""

    since: str = ""
    until: str = ""
    issuer: str = ""
    batch: str = ""
    levels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = (LEVEL,)

    def has(self, row: RegisterRow) -> bool:
        """Whether a certificate is one of those.

        >>> Wanted(since="2026-01-01").has(RegisterRow(id="a", number="1", person="p", issued="2025-12-31"))
        False
        """
        return (
            row.kind in self.kinds
            and (not self.since or row.issued >= self.since)
            and (not self.until or row.issued <= self.until)
            and (not self.issuer or row.issuer == self.issuer)
            and (not self.batch or row.batch == self.batch)
            and (not self.levels or row.level in self.levels)
        )


def chosen(rows: Iterable[RegisterRow], wanted: Wanted) -> Iterator[RegisterRow]:
    """The certificates that are meant, in their order."""
    return (row for row in rows if wanted.has(row))


def half(text: str, language: str) -> str:
    """One language's half of a text in both; the whole where it has no halves.

    >>> half("焊工 / Welder", "zh-CN"), half("焊工 / Welder", "en"), half("三级/高级工", "en")
    ('焊工', 'Welder', '三级/高级工')
    """
    first, between, second = text.partition(" / ")
    return (second if language == "en" else first) if between else text
