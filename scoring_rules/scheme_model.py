"""The shapes of a marking scheme: criterion, sub-criterion, aspect, measure, and the sums over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from scoring_rules import exact

Words = dict[str, str]
"""A text in its languages: {"zh-CN": ..., "en": ...}, at least one of them; {} where a text is optional."""

Params = dict[str, str | list[str]]
"""Parameters of a measure; numbers stay text."""

METHODS = ("judgement", "points", "agreed")
MEASURE_KINDS = ("pass_fail", "count", "deduction", "difference", "choice", "range", "value")


@dataclass(frozen=True, slots=True)
class Measure:
    """How an agreed value becomes a mark; the parameters of each kind stand in measurement.py."""

    kind: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing marked (评分点); `max`, `low`, `step` are numbers as text; `reference` is a cell or row."""

    key: str
    title: Words
    method: str
    max: str
    note: Words = field(default_factory=dict)
    requirement: str = ""
    section: str = ""
    descriptors: tuple[Words, ...] = ()
    measure: Measure | None = None
    low: str = "0"
    step: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class SubCriterion:
    """One sheet's worth of aspects (评分子项), such as A1."""

    key: str
    title: Words
    day: str = ""
    aspects: tuple[Aspect, ...] = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One lettered part of the scheme (评分大项); its mark is the sum of its aspects, never typed."""

    key: str
    title: Words
    subs: tuple[SubCriterion, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the occupational standards (职业标准) with its weight in per cent, as text."""

    key: str
    name: Words
    weight: str = ""


@dataclass(frozen=True, slots=True)
class SpareCalculation:
    """A calculation of a workbook that no aspect uses: kept as its row says it, to be written back.

    `row` is the row it stood at, as text; `shared` and `params` are the workbook's own.
    """

    row: str
    type: str
    name: str = ""
    shared: bool = False
    params: str = ""


@dataclass(frozen=True, slots=True)
class Scheme:
    """A whole marking scheme (评分方案). `partial`: declared to hold only some of the criteria.

    Nothing is marked by `spare`: see SpareCalculation.
    """

    title: Words
    number: str = ""
    sections: tuple[Section, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    partial: bool = False
    spare: tuple[SpareCalculation, ...] = ()


def sub_criteria(scheme: Scheme) -> Iterator[SubCriterion]:
    """Every sub-criterion in printed order."""
    for criterion in scheme.criteria:
        yield from criterion.subs


def aspects(scheme: Scheme) -> Iterator[Aspect]:
    """Every aspect in printed order."""
    for sub in sub_criteria(scheme):
        yield from sub.aspects


def maximum(aspect: Aspect) -> Fraction:
    """The aspect's maximum mark; NotANumber when the scheme was never checked."""
    return exact.parse(aspect.max)


def sub_total(sub: SubCriterion) -> Fraction:
    """The most one sheet can give."""
    return exact.total(maximum(a) for a in sub.aspects)


def criterion_total(criterion: Criterion) -> Fraction:
    """The most one criterion can give: the sum of its aspects, whatever a printed table says."""
    return exact.total(sub_total(s) for s in criterion.subs)


def total(scheme: Scheme) -> Fraction:
    """The most the scheme can give; the WorldSkills schemes sum to 100."""
    return exact.total(criterion_total(c) for c in scheme.criteria)
