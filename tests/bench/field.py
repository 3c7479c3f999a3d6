"""Bench: a trade of 200,000 entries from totals to places, scale points, medals and delegation tables.

``python -m tests.bench.field`` prints its figures as JSON. The floor is sorting the same entries by their
totals as whole numbers, in the same process; the two alternate. Garbage is not collected meanwhile, as in
``compsys rank``.
"""

from __future__ import annotations

import gc
import json
import random
import time
from fractions import Fraction

from scoring_rules import comparison, ranking
from scoring_rules.comparison import Result
from scoring_rules.profiles import load
from scoring_rules.ranking import Entrant, Ranking

ENTRIES, DELEGATIONS, PAIRS = 200_000, 400, 5


def entrants() -> list[Entrant]:
    """A field with totals in hundredths, ranked by WorldSkills rules: scale, window and excellence."""
    dice, profile = random.Random(ENTRIES), load("worldskills-2026")
    totals = [Fraction(dice.randrange(10_001), 100) for _ in range(ENTRIES)]
    return [Entrant(f"e{i}", t, ranking.keys_of(profile, t, {})) for i, t in enumerate(totals)]


def whole(field: list[Entrant]) -> Ranking:
    """Standings, medals and all five tables in one pass."""
    profile = load("worldskills-2026")
    found = ranking.rank(profile, field)
    owners = [f"d{i}" for i in range(DELEGATIONS)]
    results = [Result(owners[n % DELEGATIONS], "1", o.medal, o.scale) for n, o in enumerate(found.outcomes)]
    held = comparison.tallies(results)
    for name in comparison.REPORTS:
        comparison.report(name, held, profile.weights)
    return found


def main() -> None:
    """Alternate between sorting and the whole; CPU seconds of each."""
    field = entrants()
    gc.collect()
    gc.disable()
    pairs = []
    for _ in range(PAIRS):
        begun = time.thread_time()
        sorted((-int(100 * e.total), e.entry) for e in field if e.total is not None)
        between = time.thread_time()
        found = whole(field)
        pairs.append((between - begun, time.thread_time() - between))
        del found
        gc.collect()
    print(json.dumps({"pairs": pairs, "entries": ENTRIES}))


if __name__ == "__main__":
    main()
