"""What came of an assessment: parts passed, kept or to be taken again, and what that makes of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from scoring_rules import exact
from scoring_rules.assessment_model import (
    STATUSES,
    AssessmentRules,
    Mark,
    Outcome,
    PartOutcome,
    PartRule,
    Sitting,
    Standing,
)
from scoring_rules.refusal import Refusal


def years_on(day: date, years: int) -> date:
    """The same day so many years on; 29 February becomes 28 February in a common year.

    >>> years_on(date(2024, 2, 29), 1).isoformat(), years_on(date(2024, 3, 1), 2).isoformat()
    ('2025-02-28', '2026-03-01')
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def read_mark(rule: PartRule, text: str) -> Mark | Refusal:
    """What was typed for a part as a mark: a number within its maximum, a status word, or None for nothing.

    Codes: assess_number, assess_range, assess_decimals. Clause: china.md section 10: each part /100.

    >>> from scoring_rules import assessment_rules
    >>> theory = assessment_rules.load("cn").parts[0]
    >>> read_mark(theory, "59.5"), read_mark(theory, ""), read_mark(theory, "absent")
    (Fraction(119, 2), None, 'absent')
    >>> for text in ("100.5", "-1", "6o", "59.95"):
    ...     print(read_mark(theory, text).code)
    assessment.assess_range
    assessment.assess_range
    assessment.assess_number
    assessment.assess_decimals
    """
    if not text:
        return None
    if text in STATUSES:
        return text
    params = {"part": rule.name, "value": text[:40]}
    if not exact.is_number(text):
        return Refusal("assessment.assess_number", params)
    value = exact.parse(text)
    if not 0 <= value <= rule.maximum:
        return Refusal("assessment.assess_range", params | {"maximum": exact.show(rule.maximum)})
    if (value * 10**rule.decimals).denominator != 1:
        return Refusal("assessment.assess_decimals", params | {"decimals": str(rule.decimals)})
    return value


def passes(rule: PartRule, mark: Mark) -> bool | None:
    """Whether a mark passes its part; None where there is none yet. An exemption passes.

    Clause: china.md section 10: each at least 60; 60 itself passes, 59.9 does not.

    >>> from scoring_rules import assessment_rules
    >>> theory = assessment_rules.load("cn").parts[0]
    >>> [passes(theory, mark) for mark in (Fraction(60), Fraction(599, 10), "absent", "exempt", None)]
    [True, False, False, True, None]
    """
    if mark is None:
        return None
    if isinstance(mark, str):
        return mark == "exempt"
    return mark >= rule.needed


def standings(
    rules: AssessmentRules, level: str, sittings: Sequence[Sitting], day: date
) -> dict[str, Standing]:
    """How somebody stands on a day in each part of a level, after all sittings before that day's.

    ``sittings``: those at one body in one occupation and level, in the order they were held. A pass is kept
    for the years the rules say; a failed part may be taken again as often as they say within the same years;
    who fails the last resit starts anew in every part, and so does who has passed them all.
    Clause: china.md section 10: one failed part: passes kept one year, one resit; 新考, 补考, kept.

    >>> from scoring_rules import assessment_rules
    >>> cn = assessment_rules.load("cn")
    >>> first = Sitting(date(2026, 3, 1), {"theory": Fraction(72), "practice": Fraction(55)}, "a")
    >>> now = standings(cn, "3", [first], date(2026, 9, 1))
    >>> now["theory"].state, now["practice"].state, now["practice"].until.isoformat()
    ('kept', 'resit', '2027-03-01')
    >>> [s.state for s in standings(cn, "3", [first], date(2027, 3, 2)).values()]
    ['new', 'new']
    >>> again = Sitting(date(2026, 9, 1), {"practice": Fraction(58)}, "b")
    >>> [s.state for s in standings(cn, "3", [first, again], date(2026, 10, 1)).values()]
    ['new', 'new']
    """
    book = _Book(rules, level)
    for sitting in sittings:
        book.sit(sitting)
    return book.on(day)


def enter(
    rules: AssessmentRules, level: str, sittings: Sequence[Sitting], day: date, said: str, part: str
) -> Refusal | str:
    """How a part may be entered for on a day: new or resit, or why not; ``said``: what the list says, or "".

    Codes: assess_no_part (the level has no such part), assess_kept (it is passed and still kept),
    assess_entered (the list says another state than the record).

    >>> from scoring_rules import assessment_rules
    >>> cn = assessment_rules.load("cn")
    >>> first = Sitting(date(2026, 3, 1), {"theory": Fraction(72), "practice": Fraction(55)}, "a")
    >>> day = date(2026, 9, 1)
    >>> enter(cn, "3", [first], day, "resit", "practice"), enter(cn, "3", [first], day, "", "practice")
    ('resit', 'resit')
    >>> [enter(cn, "3", [first], day, *said).code for said in (("new", "theory"), ("new", "practice"))]
    ['assessment.assess_kept', 'assessment.assess_entered']
    >>> enter(cn, "3", [], day, "new", "review").code
    'assessment.assess_no_part'
    """
    standing = standings(rules, level, sittings, day).get(part)
    if standing is None:
        return Refusal("assessment.assess_no_part", {"part": part, "level": level})
    if standing.state == "kept":
        until = standing.until.isoformat() if standing.until else ""
        return Refusal("assessment.assess_kept", {"part": part, "until": until})
    if said and said != standing.state:
        return Refusal("assessment.assess_entered", {"part": part, "said": said, "state": standing.state})
    return standing.state


def outcome(rules: AssessmentRules, level: str, earlier: Sequence[Sitting], now: Sitting) -> Outcome:
    """What came of a sitting with what was kept from earlier ones.

    Clause: china.md section 10: every part of the level at least its pass mark; nothing is averaged.

    >>> from scoring_rules import assessment_rules
    >>> cn = assessment_rules.load("cn")
    >>> first = Sitting(date(2026, 3, 1), {"theory": Fraction(72), "practice": Fraction(55)}, "a")
    >>> outcome(cn, "3", [], first).result
    'failed'
    >>> again = Sitting(date(2026, 9, 1), {"practice": Fraction(60)}, "b")
    >>> [(p.part, p.state, p.passed, p.sitting) for p in outcome(cn, "3", [first], again).parts]
    [('theory', 'kept', True, 'a'), ('practice', 'resit', True, 'b')]
    >>> outcome(cn, "3", [first], again).result, outcome(cn, "2", [first], again).result
    ('passed', 'incomplete')
    """
    before = standings(rules, level, earlier, now.day)
    parts = []
    for rule in rules.parts_of(level):
        stood = before[rule.name]
        if rule.name in now.marks:
            mark = now.marks[rule.name]
            parts.append(PartOutcome(rule.name, stood.state, mark, passes(rule, mark), now.id))
        elif stood.state == "kept":
            parts.append(PartOutcome(rule.name, "kept", stood.mark, True, stood.sitting))
        else:
            parts.append(PartOutcome(rule.name, stood.state, None, None))
    taken = {p.part for p in parts if p.part in now.marks}
    found = [p.passed for p in parts]
    if any(p.passed is None and p.part in taken for p in parts):
        return Outcome("waiting", tuple(parts))
    if found and all(found):
        return Outcome("passed", tuple(parts))
    result = "failed" if False in found else "incomplete"
    after = standings(rules, level, [*earlier, now], now.day)
    again = {name: stood for name, stood in after.items() if stood.state != "kept"}
    return Outcome(result, tuple(parts), again)


class _Book:
    """Somebody's record in one level at one body, written forward sitting by sitting."""

    def __init__(self, rules: AssessmentRules, level: str) -> None:
        self._rules, self._parts = rules, {p.name: p for p in rules.parts_of(level)}
        self._passed: dict[str, tuple[date, Mark, str]] = {}
        self._failed: dict[str, tuple[date, int]] = {}

    def on(self, day: date) -> dict[str, Standing]:
        """The standing of every part on a day."""
        return {name: self._standing(name, day) for name in self._parts}

    def _standing(self, part: str, day: date) -> Standing:
        years = self._rules.exam.kept_years
        if part in self._passed:
            passed, mark, sitting = self._passed[part]
            until = years_on(passed, years)
            if day <= until:
                return Standing("kept", mark if isinstance(mark, Fraction) else None, sitting, until)
        if part in self._failed:
            until = years_on(self._failed[part][0], years)
            if day <= until:
                return Standing("resit", until=until)
        return Standing("new")

    def sit(self, sitting: Sitting) -> None:
        """Write a sitting down. A last resit failed, a zero for cheating and a full pass end the round."""
        exam, over = self._rules.exam, False
        before = self.on(sitting.day)
        for name, mark in sitting.marks.items():
            rule = self._parts.get(name)
            if rule is None or mark is None or (mark == "absent" and exam.absent == "nothing"):
                continue
            state = before[name].state
            if state == "kept":  # not entered for, so not taken (``enter``)
                continue
            if passes(rule, mark):
                self._passed[name] = (sitting.day, mark, sitting.id)
                self._failed.pop(name, None)
                continue
            over = over or (mark == "zeroed" and exam.zeroed == "ends")
            if state == "resit":
                first, tries = self._failed[name]
                over = over or tries + 1 >= exam.resits
                self._failed[name] = (first, tries + 1)
            elif state == "new":
                self._passed.pop(name, None)
                self._failed[name] = (sitting.day, 0)
                over = over or exam.resits == 0
        if over or all(stood.state == "kept" for stood in self.on(sitting.day).values()):
            self._passed.clear()
            self._failed.clear()
