"""Whether a panel may assess: size, grades and terms, change, kinship, and who trained whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from scoring_rules.assessment import years_on
from scoring_rules.assessment_model import GRADES, AssessmentRules, Assessor, Examined, PartRule
from scoring_rules.refusal import Refusal


def check_panel(
    rules: AssessmentRules,
    level: str,
    part: PartRule,
    panel: Sequence[Assessor],
    day: date,
    before: Sequence[Sequence[str]],
) -> list[Refusal]:
    """What keeps a panel from a part of a level on a day, all of it at once; none: it may sit.

    ``before``: the persons of the same body's earlier panels of this part, oldest first.
    Codes: panel_small, panel_even, panel_twice, panel_unchanged, and those of ``check_assessor``.
    Clause: china.md sections 10 (at least three; a review panel odd) and 11 (three times in a row, half).

    >>> from scoring_rules import assessment_rules
    >>> cn = assessment_rules.load("cn")
    >>> theory, practice, review = cn.parts
    >>> term, day = (date(2024, 1, 1), date(2026, 12, 31)), date(2026, 5, 1)
    >>> abc = [Assessor(person, "senior", *term) for person in "abcd"]
    >>> check_panel(cn, "3", practice, abc[:3], day, [])
    []
    >>> [r.code for r in check_panel(cn, "2", review, abc, day, [["a", "b", "c"]])]
    ['assessment.panel_even', 'assessment.panel_unchanged']
    >>> [r.code for r in check_panel(cn, "3", practice, abc[:2], day, [["a", "x", "y"]] * 3)]
    ['assessment.panel_small', 'assessment.assessor_in_a_row']
    """
    found: list[Refusal] = []
    persons = [assessor.person for assessor in panel]
    size = {"part": part.name, "size": str(len(panel)), "needed": str(part.panel)}
    if len(panel) < part.panel:
        found.append(Refusal("assessment.panel_small", size))
    elif part.odd and len(panel) % 2 == 0:
        found.append(Refusal("assessment.panel_even", size))
    for person in sorted({p for p in persons if persons.count(p) > 1}):
        found.append(Refusal("assessment.panel_twice", {"person": person, "part": part.name}))
    for assessor in panel:
        found += check_assessor(rules, level, assessor, day)
        run = rules.panels.in_a_row
        if len(before) >= run and all(assessor.person in earlier for earlier in before[len(before) - run :]):
            times = {"person": assessor.person, "times": str(run)}
            found.append(Refusal("assessment.assessor_in_a_row", times))
    if before and panel and not _changed(rules, persons, before[-1]):
        stayed = str(len({*persons} & {*before[-1]}))
        percent = str(rules.panels.changed_percent)
        found.append(Refusal("assessment.panel_unchanged", size | {"stayed": stayed, "percent": percent}))
    return found


def check_assessor(rules: AssessmentRules, level: str, assessor: Assessor, day: date) -> list[Refusal]:
    """What keeps one assessor from a level on a day: assessor_term, assessor_grade.

    Clause: china.md section 11: 考评员 for levels 5 to 3, 高级考评员 for all; a term of three years.

    >>> from scoring_rules import assessment_rules
    >>> cn = assessment_rules.load("cn")
    >>> young = Assessor("a", "assessor", date(2023, 6, 1), date(2027, 5, 31))
    >>> [r.code for r in check_assessor(cn, "2", young, date(2026, 6, 1))]
    ['assessment.assessor_term', 'assessment.assessor_grade']
    >>> check_assessor(cn, "3", young, date(2026, 5, 31))
    []
    """
    found = []
    last = min(assessor.until, _term_end(assessor.since, rules.panels.term_years))
    if not assessor.since <= day <= last:
        params = {"person": assessor.person, "since": assessor.since.isoformat(), "until": last.isoformat()}
        found.append(Refusal("assessment.assessor_term", params))
    needed = rules.level(level).grade
    if GRADES.index(assessor.grade) < GRADES.index(needed):
        params = {"person": assessor.person, "grade": assessor.grade, "needed": needed, "level": level}
        found.append(Refusal("assessment.assessor_grade", params))
    return found


def check_apart(issuer: str, panel: Sequence[Assessor], candidates: Sequence[Examined]) -> list[Refusal]:
    """Who trained a candidate assesses him not, nor does kin: each offence by its own code.

    Codes: trainer_issuer (the issuing body trained the candidate), trainer_body (an assessor works for a body
    that did), trainer_person (an assessor did), assessor_self, assessor_kin.
    Clause: china.md section 11: 考培分离, 评培分离; recusal for kin.

    >>> term = (date(2024, 1, 1), date(2026, 12, 31))
    >>> panel = [Assessor("a", "senior", *term, bodies=("school",)), Assessor("b", "senior", *term)]
    >>> panel.append(Assessor("c", "senior", *term, kin=frozenset({"x"})))
    >>> taught = [Examined("x", ("school",), ("b",)), Examined("y", ("body",))]
    >>> for refusal in check_apart("body", panel, taught):
    ...     print(refusal.params["candidate"], refusal.code)
    x assessment.trainer_body
    x assessment.trainer_person
    x assessment.assessor_kin
    y assessment.trainer_issuer
    """
    found = []
    for one in candidates:
        if issuer in one.trainer_bodies:
            found.append(Refusal("assessment.trainer_issuer", {"candidate": one.person, "body": issuer}))
        for assessor in panel:
            params = {"candidate": one.person, "person": assessor.person}
            shared = [body for body in assessor.bodies if body in one.trainer_bodies]
            if shared:
                found.append(Refusal("assessment.trainer_body", params | {"body": shared[0]}))
            if assessor.person in one.trainer_persons:
                found.append(Refusal("assessment.trainer_person", params))
            if assessor.person == one.person:
                found.append(Refusal("assessment.assessor_self", params))
            if one.person in assessor.kin:
                found.append(Refusal("assessment.assessor_kin", params))
    return found


def check_watch(part: PartRule, candidates: int, invigilators: int) -> Refusal | None:
    """Whether enough invigilators are in a room: one to so many candidates, never fewer than the least.

    Code: watch_small. Clause: china.md section 10: theory: one to 15 and at least two per room.

    >>> from scoring_rules import assessment_rules
    >>> theory = assessment_rules.load("cn").parts[0]
    >>> [check_watch(theory, people, 2) is None for people in (1, 30, 31)]
    [True, True, False]
    """
    if not part.room or not candidates:
        return None
    needed = max(part.watch, -(-candidates // part.room))
    if invigilators >= needed:
        return None
    params = {"part": part.name, "watch": str(invigilators), "needed": str(needed)}
    return Refusal("assessment.watch_small", params)


def _changed(rules: AssessmentRules, persons: Sequence[str], earlier: Sequence[str]) -> bool:
    """Whether enough of a panel is new: so many percent of the seats, counted without rounding."""
    new = sum(person not in earlier for person in persons)
    return 100 * new >= rules.panels.changed_percent * len(persons)


def _term_end(since: date, years: int) -> date:
    """The last day of a term that begins on a day: the day before the same day so many years on."""
    return date.fromordinal(years_on(since, years).toordinal() - 1)
