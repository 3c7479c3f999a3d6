"""Certificates a second, in a batch: everything a press does against typst alone on the same sheets.

``python -m tests.bench.certificates`` prints one JSON object: pairs of rates, taken in turn.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial

from compsys.credentials.typesetting import Press
from tests.compsys.paper_samples import credential, paper

BATCH, ROUNDS = 100, 5


def rate(make: Callable[[], object]) -> float:
    """Certificates a second of one core, of one making of the batch: typst works in several threads."""
    start = time.process_time()
    made = make()
    assert isinstance(made, bytes), made
    return BATCH / (time.process_time() - start)


def measured() -> dict[str, object]:
    """The whole way (facts, glyphs, QR, PDF) and typst alone, other holders each time: nothing is kept."""
    found: list[dict[str, float]] = []
    with Press() as press:
        assert isinstance(press.print([paper(credential())]), bytes)
        for turn in range(ROUNDS):
            first = (2 * turn + 1) * BATCH
            mine = range(first, first + BATCH)
            papers = [paper(credential(f"李明{n}", n)) for n in mine]
            other = [paper(credential(f"王芳{n}", n + BATCH)) for n in mine]
            sheets = press.sheets(other)
            assert isinstance(sheets, list)
            whole = rate(partial(press.print, papers))
            alone = rate(partial(press.set, sheets))
            found.append({"whole": whole, "alone": alone})
    return {"pairs": found, "batch": BATCH}


if __name__ == "__main__":
    print(json.dumps(measured()))
