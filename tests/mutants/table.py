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


MUTANTS: list[Mutant] = []
