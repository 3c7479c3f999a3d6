"""Reads a WorldSkills CIS marking-scheme workbook into a scheme, with every problem and its cell at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from compsys.exchange.cis_calculations import Calculation, read_calculations
from compsys.exchange.cis_grid import LAST_COLUMN, A, B, Finding, Findings, Grid, I, J, K, L, N, at, squeeze
from compsys.exchange.cis_layout import CALCULATIONS, SHEET, Front, Landmarks, find_landmarks, read_front
from compsys.exchange.cis_rows import BlockReader, RawAspect, RawBlock, RawSub, check_blocks
from compsys.exchange.xlsx_cells import read_sheets, sheet_names
from compsys.exchange.xlsx_package import Package, Unreadable, load
from scoring_rules import exact
from scoring_rules.scheme import Aspect, Criterion, Measure, Scheme, Section, SubCriterion, Words

_CJK = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_ROW = re.compile("[1-9][0-9]{0,6}")
_OTHER_SHEETS = 20
_LARGE_VARIATION = 5
_FEWEST_CRITERIA, _MOST_CRITERIA = 5, 9


@dataclass(frozen=True, slots=True)
class Skill:
    """What the title says: the number as text, the name."""

    number: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class CriterionFact:
    """One criterion that carries marks."""

    id: str
    name: str
    mark: Fraction


@dataclass(frozen=True, slots=True)
class StandardFact:
    """One section of the standards: declared weight (None unknown) and the marks filed under it."""

    row: int
    section: str
    name: str
    weight: Fraction | None
    marks: Fraction


@dataclass(frozen=True, slots=True)
class Facts:
    """What could be counted, errors or not; marks that could not be read are left out, never taken as 0."""

    criteria: tuple[CriterionFact, ...] = ()
    sub_criteria: int = 0
    measurement: int = 0
    judgement: int = 0
    total: Fraction = Fraction(0)
    standards: tuple[StandardFact, ...] = ()
    calculations: int = 0


@dataclass(frozen=True, slots=True)
class CisRead:
    """The outcome for one file.

    `scheme` is there when there is no error (an aspect without a mark has max "": incomplete, not lockable).
    `refused` means the file is not in this format; then `problems` holds exactly one finding.
    """

    name: str
    scheme: Scheme | None
    skill: Skill
    facts: Facts
    problems: tuple[Finding, ...]
    refused: bool = False
    places: Mapping[str, str] = field(default_factory=dict)
    """letter of a criterion or id of a sub-criterion -> its cell"""


def read(source: Path | str | bytes, name: str = "") -> CisRead:
    """Read one workbook: a path or the file's bytes; `name` is what to call it. Never raises for a bad file.

    Clause: worldskills.md sections 6 and 7. Sums come from the aspects alone; formulas are recognised and
    their stored values only compared.
    """
    if not name and not isinstance(source, bytes):
        name = Path(source).name
    findings = Findings()
    try:
        package = Package(load(source))
        grid, calculations = _open(package, findings)
        marks = find_landmarks(grid)
    except Unreadable as refusal:
        problem = Finding("error", "", "", refusal.code, dict(refusal.params))
        return CisRead(name, None, Skill(), Facts(), (problem,), refused=True)
    return _read_grid(name, grid, calculations, marks, findings)


def exit_code(outcome: CisRead) -> int:
    """0: usable, warnings allowed; 1: has errors; 2: not in this format."""
    if outcome.refused:
        return 2
    return 1 if any(p.severity == "error" for p in outcome.problems) else 0


def _open(package: Package, findings: Findings) -> tuple[Grid, Grid | None]:
    """The marking-scheme sheet (by its name, else by its landmarks) and the Calculations sheet."""
    names = [name for name, _ in sheet_names(package)]
    by_title = {squeeze(name): name for name in reversed(names)}
    calculations = by_title.get(squeeze(CALCULATIONS))
    wanted = by_title.get(squeeze(SHEET))
    candidates = [wanted] if wanted else [n for n in names if n != calculations][:_OTHER_SHEETS]
    listed = candidates + ([calculations] if calculations else [])
    grids = {sheet.name: Grid(sheet) for sheet in read_sheets(package, listed, LAST_COLUMN)}
    side = grids[calculations] if calculations else None
    if wanted:
        return grids[wanted], side
    for name in candidates:
        try:
            find_landmarks(grids[name])
        except Unreadable:
            continue
        findings.warning(name, "A1", "sheet_renamed", sheet=name[:40], expected=SHEET)
        return grids[name], side
    raise Unreadable("not_cis_scheme", missing=f"sheet {SHEET}", found="; ".join(n[:40] for n in names[:6]))


def _read_grid(name: str, grid: Grid, side: Grid | None, marks: Landmarks, findings: Findings) -> CisRead:
    front = read_front(grid, marks, findings)
    blocks = BlockReader(grid, findings).read(marks)
    check_blocks(blocks, grid, findings)
    tokens = {a.calculation for block in blocks for a in block.aspects if a.kind == "M"}
    used = {int(token) for token in tokens if _ROW.fullmatch(token)}
    calculations = read_calculations(side, used, findings)
    measures = _link(blocks, calculations, grid, findings)
    _check_sections(blocks, front, marks, grid, findings)
    facts = _count(front, blocks, calculations)
    _compare(grid, marks, front, blocks, facts, findings)
    usable = not any(p.severity == "error" for p in findings.items)
    scheme = _scheme(front, blocks, measures) if usable else None
    if scheme is not None:
        scheme = replace(scheme, spare=tuple(c.spare for c in calculations.values() if c.spare))
    places = {block.letter: at(L, block.row) for block in reversed(blocks)}
    places |= {sub.key: at(A, sub.row) for block in blocks for sub in block.subs}
    skill = Skill(front.number, front.name)
    return CisRead(name, scheme, skill, facts, tuple(findings.items), places=places)


def _link(
    blocks: list[RawBlock], calculations: dict[int, Calculation], grid: Grid, findings: Findings
) -> dict[int, Measure]:
    """Aspect row -> its measure; a measurement without a calculation is full or zero."""
    measures: dict[int, Measure] = {}
    for aspect in (a for block in blocks for a in block.aspects):
        cell, token = at(J, aspect.row), aspect.calculation
        if aspect.kind == "J":
            if token:
                findings.warning(grid.name, cell, "calculation_on_judgement", found=token[:40])
        elif not token:
            measures[aspect.row] = Measure("pass_fail")
        elif _ROW.fullmatch(token) is None or int(token) not in calculations:
            findings.error(grid.name, cell, "calculation_missing", found=token[:40])
        else:
            measure = calculations[int(token)].measure
            if measure is not None:
                measures[aspect.row] = Measure(measure.kind, {**measure.params, "cis_row": token})
    return measures


def _check_sections(
    blocks: list[RawBlock], front: Front, marks: Landmarks, grid: Grid, findings: Findings
) -> None:
    """Each aspect names a listed section; a scheme that lists none and names none is read without them."""
    known = {s.key for s in front.standards}
    if not known:
        named = any(a.section or grid.has_formula(a.row, I) for block in blocks for a in block.aspects)
        say, code = (findings.error, "standards_missing") if named else (findings.warning, "standards_none")
        say(grid.name, at(A, marks.standards), code)
        if not named:
            return
    for aspect in (a for block in blocks for a in block.aspects):
        if grid.has_formula(aspect.row, I) or (aspect.section and aspect.section not in known):
            findings.error(grid.name, at(I, aspect.row), "section_unknown", section=aspect.section[:40])
        elif not aspect.section:
            findings.error(grid.name, at(I, aspect.row), "section_missing")


def _count(front: Front, blocks: list[RawBlock], calculations: dict[int, Calculation]) -> Facts:
    aspects = [a for block in blocks for a in block.aspects]
    by_letter: dict[str, list[RawAspect]] = {}
    for block in blocks:
        by_letter.setdefault(block.letter, []).extend(block.aspects)
    criteria = []
    for letter, members in by_letter.items():
        mark = _sum(members)
        if mark:
            listed = front.criteria.get(letter)
            criteria.append(CriterionFact(letter, listed.name if listed else "", mark))
    standards = tuple(
        StandardFact(
            s.row, s.key, s.name, exact.parse(s.weight) if s.weight else None,
            _sum([a for a in aspects if a.section == s.key]),
        )
        for s in front.standards
    )
    return Facts(
        criteria=tuple(criteria),
        sub_criteria=sum(1 for block in blocks for sub in block.subs if sub.key),
        measurement=sum(a.kind == "M" for a in aspects),
        judgement=sum(a.kind == "J" for a in aspects),
        total=_sum(aspects),
        standards=standards,
        calculations=len(calculations),
    )


def _sum(aspects: list[RawAspect]) -> Fraction:
    return exact.total(exact.parse(a.mark) for a in aspects if a.mark)


def _compare(
    grid: Grid, marks: Landmarks, front: Front, blocks: list[RawBlock], facts: Facts, findings: Findings
) -> None:
    """Set what the file says of its sums beside what its aspects come to; all differences are warnings."""
    if not facts.measurement + facts.judgement:
        findings.error(grid.name, at(A, marks.headers[0]), "no_aspects")
        return
    _compare_criteria(grid, front, blocks, facts, findings)
    for standard in facts.standards:
        for column in (I, J):
            if column == J or grid.has_formula(standard.row, column):
                _compare_cell(grid, standard.row, column, standard.marks, findings)
    for block in blocks:
        _compare_cell(grid, block.row, N, _sum(block.aspects), findings)
    if marks.footer:
        _compare_cell(grid, marks.footer, N, facts.total, findings)
    _compare_standards(grid, facts, findings)
    if facts.total != 100:
        cell = at(N, marks.footer) if marks.footer else at(L, marks.headers[0])
        findings.warning(grid.name, cell, "total_not_100", total=shown(facts.total))


def _compare_criteria(
    grid: Grid, front: Front, blocks: list[RawBlock], facts: Facts, findings: Findings
) -> None:
    carried = {c.id: c.mark for c in facts.criteria}
    for listed in front.criteria.values():
        stated = grid.number(listed.row, K)
        if listed.letter not in carried and (listed.name or stated.value):
            findings.warning(grid.name, at(A, listed.row), "criterion_empty", criterion=listed.letter)
        if listed.letter in carried or stated.value:
            _compare_cell(grid, listed.row, K, carried.get(listed.letter, Fraction(0)), findings)
    for block in blocks:
        if block.aspects and block.letter not in front.criteria and front.criteria:
            findings.warning(grid.name, at(L, block.row), "criterion_not_listed", criterion=block.letter)
        listed_here = front.criteria.get(block.letter)
        if listed_here is not None and not listed_here.name and block.aspects:
            findings.warning(grid.name, at(B, listed_here.row), "name_missing", id=block.letter)
    if not _FEWEST_CRITERIA <= len(carried) <= _MOST_CRITERIA:
        findings.warning(grid.name, at(A, blocks[0].row), "criteria_number", count=str(len(carried)))


def _compare_cell(grid: Grid, row: int, column: int, computed: Fraction, findings: Findings) -> None:
    stated, stored = grid.number(row, column), grid.stored(row, column)
    if stated.note == "not_a_number":
        findings.warning(grid.name, at(column, row), "total_not_a_number", found=grid.text(row, column)[:40])
    for reading, code in ((stated, "total_differs"), (stored, "stored_total_stale")):
        if reading.value is not None and reading.value != computed:
            findings.warning(
                grid.name, at(column, row), code, stated=reading.text, computed=shown(computed)
            )


def _compare_standards(grid: Grid, facts: Facts, findings: Findings) -> None:
    variation = Fraction(0)
    for standard in facts.standards:
        if standard.weight is None or standard.weight == standard.marks:
            continue
        difference = abs(standard.weight - standard.marks)
        variation += difference
        findings.warning(
            grid.name, at(K, standard.row), "standard_differs", section=standard.section[:40],
            weight=shown(standard.weight), marks=shown(standard.marks), variation=shown(difference),
        )
    if variation > _LARGE_VARIATION:
        findings.warning(
            grid.name, at(K, facts.standards[-1].row + 1), "variation_large", variation=shown(variation)
        )
    weights = [s.weight for s in facts.standards]
    if weights and None not in weights and exact.total(w for w in weights if w is not None) != 100:
        total = shown(exact.total(w for w in weights if w is not None))
        findings.warning(grid.name, at(I, facts.standards[0].row), "weights_not_100", total=total)


def _scheme(front: Front, blocks: list[RawBlock], measures: dict[int, Measure]) -> Scheme:
    """The scheme of a file without errors; empty criteria and sub-criteria carry nothing and stay out."""
    criteria = []
    for block in blocks:
        subs = tuple(_sub(sub, measures) for sub in block.subs if sub.aspects)
        if subs:
            listed = front.criteria.get(block.letter)
            title = listed.name if listed and listed.name else block.letter
            criteria.append(Criterion(block.letter, words(title), subs))
    sections = tuple(Section(s.key, words(s.name or s.key), s.weight) for s in front.standards)
    return Scheme(words(front.name or front.number or "-"), front.number, sections, tuple(criteria))


def _sub(sub: RawSub, measures: dict[int, Measure]) -> SubCriterion:
    """Aspects get their permanent keys here, once: sub-criterion, type, place among its type (A1.M3)."""
    counts = {"M": 0, "J": 0}
    aspects = []
    for raw in sub.aspects:
        counts[raw.kind] += 1
        aspects.append(_aspect(raw, f"{sub.key}.{raw.kind}{counts[raw.kind]}", measures))
    return SubCriterion(sub.key, words(sub.name or sub.key), sub.day, tuple(aspects))


def _aspect(raw: RawAspect, key: str, measures: dict[int, Measure]) -> Aspect:
    # The old letter S was scored 1..10, for which the 0..3 formula does not hold: points, open to review.
    method = {"M": "agreed", "O": "agreed", "J": "judgement", "S": "points"}[raw.letter]
    note = "\n".join(text for text in (raw.caption, *raw.extra) if text)
    measure = measures.get(raw.row) if method == "agreed" else None
    given: dict[str, str] = {}
    if measure is not None and measure.kind == "points":  # several judges' points, written by us
        given = {name: str(measure.params[name]) for name in ("low", "step")}
        method, measure = "points", None
    return Aspect(
        key=key,
        title=words(raw.text or note or key),
        method=method,
        max=raw.mark,
        note=words(note) if note else {},
        requirement=raw.requirement,
        section=raw.section,
        descriptors=tuple(words(raw.descriptors[n]) for n in range(4)) if method == "judgement" else (),
        measure=measure,
        reference=at(A, raw.row),
        **given,
    )


def words(text: str) -> Words:
    """A scheme's text under the language it is written in.

    >>> words("Home page"), words("首页 Home")
    ({'en': 'Home page'}, {'zh-CN': '首页 Home'})
    """
    return {"zh-CN" if _CJK.search(text) else "en": text}


def shown(x: Fraction) -> str:
    """At least two decimals, more only where the exact value needs them."""
    exactly = exact.show(x)
    return exactly if len(exactly.partition(".")[2]) > 2 else exact.show(x, 2)
