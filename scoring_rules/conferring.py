"""Who may confer which of the eight levels, in which way, and who may be assessed for it at all."""

from __future__ import annotations

from dataclasses import dataclass

from scoring_rules.assessment_model import EDUCATION, AssessmentRules, Background, Eligibility
from scoring_rules.promotion_model import LADDER, height
from scoring_rules.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether somebody may be assessed: met (by a row), check (nobody stated enough) or not_met.

    ``row``: the id of the row that is met, or of the nearest that might be; ``missing``: what to find out.
    """

    state: str
    row: str
    missing: tuple[str, ...] = ()


def may_confer(rules: AssessmentRules, level: str, body: str, way: str) -> Refusal | None:
    """Whether a body of a kind may confer a level in a way, with a certificate for it; None: it may.

    ``way``: exam or appointment. Codes: level_unknown, confer_no_certificate (apprentice), confer_body,
    confer_appointed (only by appointment), confer_examined (only by assessment).
    Clause: china.md sections 10 and 11: eight levels; 特级技师 and 首席技师 are appointed inside enterprises.

    >>> from scoring_rules import assessment_rules
    >>> cn = assessment_rules.load("cn")
    >>> may_confer(cn, "3", "Y", "exam"), may_confer(cn, "special", "Y", "appointment")
    (None, None)
    >>> for said in (("apprentice", "Y", "exam"), ("chief", "S", "appointment"), ("special", "Y", "exam"),
    ...     ("2", "S", "appointment"), ("6", "S", "exam")):
    ...     print(may_confer(cn, *said).code)
    assessment.confer_no_certificate
    assessment.confer_body
    assessment.confer_appointed
    assessment.confer_examined
    assessment.level_unknown
    """
    if level not in LADDER:
        return Refusal("assessment.level_unknown", {"level": level[:40]})
    rule, params = rules.level(level), {"level": level, "body": body}
    if not rule.certificate:
        return Refusal("assessment.confer_no_certificate", params)
    if body not in rule.bodies:
        return Refusal("assessment.confer_body", params | {"bodies": " ".join(rule.bodies)})
    if way != rule.way:
        appointed = rule.way == "appointment"
        return Refusal("assessment.confer_appointed" if appointed else "assessment.confer_examined", params)
    return None


def table(rules: AssessmentRules, occupation: str, edition: str, level: str) -> tuple[Eligibility, ...]:
    """The rows that hold for an occupation, standard edition and level: its own, else the general ones.

    >>> from scoring_rules import assessment_rules
    >>> cn = assessment_rules.load("cn")
    >>> [row.id for row in table(cn, "6-18-02-04", "older", "3")], table(cn, "6-18-02-04", "2031", "3")
    (['3-held', '3-college'], ())
    """
    rows = [row for row in rules.eligibility if row.level == level and row.edition in ("*", edition)]
    return tuple(row for row in rows if row.occupation == occupation) or tuple(
        row for row in rows if row.occupation == "*"
    )


def admission(
    rules: AssessmentRules, occupation: str, edition: str, level: str, known: Background, claimed: str = ""
) -> Admission:
    """Whether somebody may be assessed, by the table of the occupation and the standard's edition.

    ``claimed``: the row the candidate names (考生申报条件), "" any. What nobody stated is to be checked: it
    is neither met nor missing. A level held already, or a higher one, is not assessed again.
    Clause: china.md section 10 (older standard): 5: one year; 4: level 5 + 2; 3: level 4 + 4, or college + 2.

    >>> from scoring_rules import assessment_rules
    >>> cn = assessment_rules.load("cn")
    >>> def ask(**known):
    ...     return admission(cn, "6-18-02-04", "older", "3", Background(**known))
    >>> ask(held="4", since_held=4), ask(years=2, education="college").row
    (Admission(state='met', row='3-held', missing=()), '3-college')
    >>> ask(held="4", since_held=3, education="none").state, ask(held="4").missing
    ('not_met', ('since_held',))
    >>> ask(held="3", since_held=9).missing
    ('held_enough',)
    """
    rows = [row for row in table(rules, occupation, edition, level) if claimed in ("", row.id)]
    if known.held and height(known.held) >= height(level):
        return Admission("not_met", "", ("held_enough",))
    if not rows:
        return Admission("check", "", ("no_row" if claimed else "no_table",))
    judged = [(row, *_against(row, known)) for row in rows]
    met = [row for row, failed, missing in judged if not failed and not missing]
    if met:
        return Admission("met", met[0].id)
    open_rows = [(row, missing) for row, failed, missing in judged if not failed]
    if open_rows:
        row, missing = min(open_rows, key=lambda one: len(one[1]))
        return Admission("check", row.id, tuple(missing))
    return Admission("not_met", rows[0].id)


def _against(row: Eligibility, known: Background) -> tuple[bool, list[str]]:
    """(something stated falls short of the row, what of the row nobody stated)."""
    failed, missing = False, []
    if row.held:
        if not known.held_stated:
            missing.append("held")
        elif height(known.held) < height(row.held):
            failed = True
    if row.education:
        if not known.education:
            missing.append("education")
        elif EDUCATION.index(known.education) < EDUCATION.index(row.education):
            failed = True
    if row.years:
        name = "since_held" if row.held else "years"
        stated = known.since_held if row.held else known.years
        if stated is None:
            missing.append(name)
        elif stated < row.years:
            failed = True
    return failed, missing
