"""The table of mutants: what to break, and which test must fail for it.

Add one by copying a line: `old` must stand exactly once in `file`, `test` is a pytest node id.
"""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """One breakage: in `file`, the text `old` becomes `new`, and `test` must fail."""

    name: str
    file: str
    old: str
    new: str
    test: str


MUTANTS: list[Mutant] = [
    Mutant(
        "half rounds down",
        "scoring_rules/exact.py",
        "if 2 * rest >= denominator:",
        "if 2 * rest > denominator:",
        "scoring_rules/exact.py::scoring_rules.exact.round_half_up",
    ),
    Mutant(
        "sheet totals trimmed by aspect",
        "scoring_rules/judgement.py",
        "    return function([exact.total(seat.values()) for seat in seats], trim)",
        "    return exact.total(function(values, trim) for values in _by_aspect(rows.values()))",
        "scoring_rules/judgement.py::scoring_rules.judgement.panel_points",
    ),
    Mutant(
        "trimming drops every value equal to the highest",
        "scoring_rules/judgement.py",
        "    numerators.sort()\n",
        "    numerators = sorted(set(numerators))\n    n = len(numerators)\n",
        "scoring_rules/judgement.py::scoring_rules.judgement.trimmed_mean",
    ),
]
