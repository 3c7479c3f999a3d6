"""The best of each delegation and the best of all: the highest scale scores, ties and teams too."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple


class Score(NamedTuple):
    """An entry's scale score in its trade; `delegation` may be a nation."""

    entry: str
    delegation: str
    trade: str
    score: Fraction


def best_of_delegations(scores: Iterable[Score]) -> dict[str, tuple[Score, ...]]:
    """delegation -> those of its entries with the highest score; several where they tie. Every delegation
    that scored is listed.

    Clause: worldskills.md section 9, Best of Nation: "highest scale score of each member; all members
    listed"; china.md section 2, 参赛队最佳, one per delegation.

    >>> field = [Score("a", "P", "1", Fraction(720)), Score("b", "P", "2", Fraction(731)),
    ...          Score("c", "Q", "1", Fraction(690)), Score("d", "Q", "2", Fraction(690))]
    >>> {d: [s.entry for s in best] for d, best in best_of_delegations(field).items()}
    {'P': ['b'], 'Q': ['c', 'd']}
    """
    held: dict[str, list[Score]] = {}
    for score in scores:
        held.setdefault(score.delegation, []).append(score)
    return {d: _highest(held[d]) for d in sorted(held)}


def best_overall(scores: Iterable[Score]) -> tuple[Score, ...]:
    """Those with the highest score of the whole event; ties and teams share.

    Clause: worldskills.md section 9, Albert Vidal Award.

    >>> field = [Score("a", "P", "1", Fraction(720)), Score("b", "Q", "2", Fraction(731))]
    >>> [s.entry for s in best_overall(field)]
    ['b']
    """
    return _highest(list(scores))


def _highest(scores: list[Score]) -> tuple[Score, ...]:
    top = max((s.score for s in scores), default=None)
    return tuple(sorted(s for s in scores if s.score == top))
