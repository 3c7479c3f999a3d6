"""A judge's running total of one competitor: what this seat gave and what is open to it, nothing else.

Architecture Invariant: every number in it stands in this seat's own view already. A vote that is sealed, this
seat's own vote of an aspect that is judged together included, adds nothing before the reveal.
"""

from __future__ import annotations

from fractions import Fraction

from compsys import scoring
from compsys.state import GroupRules, Sheet, Stream, Unit
from scoring_rules.exact import parse
from scoring_rules.scheme import Aspect

ZERO = Fraction(0)


def so_far(stream: Stream, rules: GroupRules, unit: Unit, seat: str) -> dict[str, str | None]:
    """``sum`` of the marks that a seat knows of a unit on its own sheets, ``of`` their maxima, as text."""
    total, most = ZERO, ZERO
    for sub in rules.subs:
        sheet = stream.sheets.get((unit.id, sub))
        if sheet is None or seat not in sheet.roster:
            continue
        for aspect in rules.subs[sub].aspects:
            mark = _known(stream, rules, sheet, aspect, seat)
            if mark is not None:
                total, most = total + mark, most + rules.maxima[aspect.key]
    return {"sum": scoring.exact_text(total, 4), "of": scoring.exact_text(most, 4)}


def _known(stream: Stream, rules: GroupRules, sheet: Sheet, aspect: Aspect, seat: str) -> Fraction | None:
    if aspect.method != "points":
        return scoring.aspect_mark(stream, rules, sheet, aspect)
    if void := stream.voided.get(f"aspect:{aspect.key}"):
        return rules.maxima[aspect.key] if void[0] else ZERO
    cell = sheet.cells.get((aspect.key, seat, sheet.rounds.get(aspect.key, 1)))
    return None if cell is None or cell.value is None or cell.others else parse(cell.value)
