"""What a mutant is: what to break, and which test must fail for it."""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """One breakage: in `file`, the text `old` becomes `new`, and `test` must fail."""

    name: str
    file: str
    old: str
    new: str
    test: str
