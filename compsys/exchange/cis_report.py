"""What is said of a marking-scheme workbook that was read: its facts as data, every problem in words."""

from __future__ import annotations

from compsys import words
from compsys.exchange.cis_grid import Finding, squeeze
from compsys.exchange.cis_layout import CALCULATIONS
from compsys.exchange.cis_workbook import CisRead, shown
from scoring_rules import scheme_lint
from scoring_rules.scheme import Problem, aspects

ADDED = frozenset({
    "aspect_count", "sheet_long", "aspect_large", "step_uneven", "days_mixed", "days_gap", "max_fine",
    "count_uneven", "judgement_share", "do_nothing",
})  # fmt: skip
"""What linting says of a scheme beyond what its reader has said at its cell already."""


def facts_json(outcome: CisRead, language: str = "en") -> dict[str, object]:
    """What `compsys scheme check --json` prints; marks are text, an unknown weight is null."""
    facts = outcome.facts
    return {
        "skill": {"number": outcome.skill.number, "name": outcome.skill.name},
        "criteria": [{"id": c.id, "name": c.name, "mark": shown(c.mark)} for c in facts.criteria],
        "sub_criteria": facts.sub_criteria,
        "aspects": {"measurement": facts.measurement, "judgement": facts.judgement},
        "total": shown(facts.total),
        "standards": [
            {
                "section": s.section,
                "name": s.name,
                "weight": None if s.weight is None else shown(s.weight),
                "marks": shown(s.marks),
            }
            for s in facts.standards
        ],
        "calculations": facts.calculations,
        "problems": told(outcome, language),
    }


def told(outcome: CisRead, language: str = "en") -> list[dict[str, str]]:
    """Every problem in words, the reader's and then linting's: {severity, cell, code, message}."""
    found = [
        {"severity": p.severity, "cell": where(p), "code": p.code, "message": sentence(p, language)}
        for p in outcome.problems
    ]
    return found + [
        {"severity": p.severity, "cell": place, "code": p.code, "message": in_words(p, language)}
        for p, place in linted(outcome)
    ]


def linted(outcome: CisRead) -> list[tuple[Problem, str]]:
    """What linting adds, each with its cell ("" for the whole scheme); nothing for a file with errors."""
    if outcome.scheme is None:
        return []
    cells = {a.key: a.reference for a in aspects(outcome.scheme)} | dict(outcome.places)
    found = [p for p in scheme_lint.lint(outcome.scheme).problems if p.code in ADDED]
    return [(p, cells.get(p.where.rpartition("/")[2], "")) for p in found]


def in_words(problem: Problem, language: str) -> str:
    """A problem of a scheme in words, with what to do about it."""
    todo = words.todo(problem.code, language, **problem.params)
    said = words.say(problem.code, language, **problem.params)
    return said + (" " if todo and language == "en" else "") + todo


def where(problem: Finding) -> str:
    """The problem's cell; the sheet's name goes before it unless it is the marking-scheme sheet itself."""
    if problem.sheet == CALCULATIONS or (problem.sheet and squeeze(problem.sheet) == squeeze(CALCULATIONS)):
        return f"{problem.sheet}!{problem.cell}"
    return problem.cell


def sentence(problem: Finding, language: str = "en") -> str:
    """The problem in words: what is wrong and, where somebody has to act, what to do.

    >>> sentence(Finding("error", "", "K25", "mark_zero"), "zh-CN")
    '满分为零。'
    """
    code = f"cis.{problem.code}"
    what = words.say(code, language, **problem.params)
    todo = words.todo(code, language, **problem.params)
    return what + (" " if todo and language == "en" else "") + todo
