"""What a person should look at before a scheme is agreed: all of `check`, then what is odd but markable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from scoring_rules import exact, measurement
from scoring_rules.refusal import Problem, Refusal
from scoring_rules.scheme_check import check
from scoring_rules.scheme_model import Aspect, Scheme, SubCriterion, aspects, sub_criteria

_WHOLE = re.compile(r"[0-9]{1,3}")
_FINE = 2
_LARGE_SHARE = Fraction(1, 2)  # ours: the source gives no limit, so it only asks to look
_HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Lint:
    """All problems in printed order, and the sums that a chief expert looks at; marks are exact.

    `do_nothing` is what an empty submission would earn, `gifts` are the aspects that give it (key, mark).
    """

    problems: tuple[Problem, ...]
    total: Fraction
    judged: Fraction
    do_nothing: Fraction
    gifts: tuple[tuple[str, Fraction], ...]


def lint(scheme: Scheme, expected: str = "100", at_lock: bool = False) -> Lint:
    """Everything worth a look. Errors are those of `check`; what is added here is only ever a warning.

    Codes added: day_missing, days_mixed, days_gap, max_fine, count_uneven, judgement_share, do_nothing.
    Clause: worldskills.md section 1 (day of marking, one form) and section 6, reader rules 9 and 10.

    >>> from scoring_rules.scheme_model import Criterion, Measure
    >>> half_off = Measure("deduction", {"deduction": "0.5"})
    >>> spelling = Aspect("s", {"en": "Spelling"}, "agreed", "1.5", measure=half_off)
    >>> found = lint(Scheme({"en": "x"}, criteria=(Criterion("A", {"en": "y"}, (SubCriterion(
    ...     "A1", {"en": "z"}, "1", (spelling,)),)),)), expected="1.5")
    >>> [(p.where, p.code, p.params["marks"]) for p in found.problems], found.do_nothing
    ([('A1/s', 'do_nothing', '1.5')], Fraction(3, 2))
    """
    marked = [a for a in aspects(scheme) if exact.is_number(a.max) and exact.parse(a.max) > 0]
    total = exact.total(exact.parse(a.max) for a in marked)
    judged = exact.total(exact.parse(a.max) for a in marked if a.method == "judgement")
    gifts = tuple((a.key, mark) for a in marked if (mark := nothing_done(a)))
    problems = check(scheme, expected, at_lock)
    problems += _days(scheme)
    problems += _aspects(scheme, dict(gifts))
    if scheme.sections and total and judged / total > _LARGE_SHARE:
        share = exact.show(exact.round_half_up(judged * _HUNDREDTHS / total, 1))
        problems.append(Problem("warning", "scheme", "judgement_share", {"share": share}))
    return Lint(tuple(problems), total, judged, exact.total(mark for _, mark in gifts), gifts)


def nothing_done(aspect: Aspect) -> Fraction:
    """What an empty submission would earn for an aspect: nothing counted, no error made, 0 measured.

    Of choices and steps the least; a judgement of 0. A measure that `check` complains of gives 0.

    >>> from scoring_rules.scheme_model import Measure
    >>> mutants = {"target": "0", "lowers": ["0"], "uppers": ["3"], "deductions": ["0"]}
    >>> nothing_done(Aspect("a", {}, "agreed", "1.75", measure=Measure("range", mutants)))
    Fraction(7, 4)
    """
    if aspect.method == "points":
        return exact.parse(aspect.low) if exact.is_number(aspect.low) else Fraction(0)
    if aspect.method != "agreed" or aspect.measure is None:
        return Fraction(0)
    maximum = exact.parse(aspect.max)
    if measurement.check(aspect.measure, maximum, ""):
        return Fraction(0)
    kind, least = aspect.measure.kind, Fraction(0)
    if kind == "pass_fail":
        return least
    if kind == "value":
        low = aspect.measure.params.get("low", "")
        listed = aspect.measure.params.get("values", [])
        values = [exact.parse(v) for v in listed] if isinstance(listed, list) else []
        return min(values) if values else (exact.parse(low) if isinstance(low, str) and low else least)
    answers = measurement.choices(aspect.measure) or ("0",)
    marks = [measurement.mark(aspect.measure, maximum, answer) for answer in answers]
    return min((m for m in marks if not isinstance(m, Refusal)), default=least)


def _days(scheme: Scheme) -> Iterator[Problem]:
    """Days belong to a WorldSkills scheme, or to any that names one."""
    subs = [s for s in sub_criteria(scheme) if s.aspects]
    named = {s.day for s in subs if s.day}
    if not scheme.sections and not named:
        return
    for sub in subs:
        if not sub.day:
            yield Problem("warning", sub.key, "day_missing")
    whole = {day for day in named if _WHOLE.fullmatch(day)}
    if whole and whole != named:
        others = ", ".join(sorted(day[:20] for day in named - whole))
        yield Problem("warning", "scheme", "days_mixed", {"days": others})
    numbers = sorted(int(day) for day in whole)
    if numbers:
        missing = [n for n in range(1, min(numbers[-1], 30)) if n not in numbers]
        if missing:
            yield Problem("warning", "scheme", "days_gap", {"days": ", ".join(map(str, missing))})


def _aspects(scheme: Scheme, gifts: dict[str, Fraction]) -> Iterator[Problem]:
    for sub in sub_criteria(scheme):
        for aspect in sub.aspects:
            yield from _aspect(sub, aspect, gifts.get(aspect.key, Fraction(0)))


def _aspect(sub: SubCriterion, aspect: Aspect, gift: Fraction) -> Iterator[Problem]:
    where = f"{sub.key}/{aspect.key}"
    if not exact.is_number(aspect.max):
        return
    maximum = exact.parse(aspect.max)
    if (maximum * _HUNDREDTHS).denominator != 1:
        yield Problem("warning", where, "max_fine", {"max": aspect.max})
    measure = aspect.measure if aspect.method == "agreed" else None
    if measure is not None and measure.kind == "count" and not measurement.check(measure, maximum, ""):
        possible = measure.params.get("possible", "")
        counted = isinstance(possible, str) and possible and not measure.params.get("each")
        if counted and (maximum * _HUNDREDTHS / exact.parse(str(possible))).denominator != 1:
            yield Problem("warning", where, "count_uneven", {"max": aspect.max, "possible": str(possible)})
    if gift:
        marks = exact.show(gift)
        yield Problem("warning", where, "do_nothing", {"marks": marks, "max": aspect.max})
