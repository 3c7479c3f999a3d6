"""Who goes on to the next stage: the first so many, with or without those who tie at the edge."""

from __future__ import annotations

from collections.abc import Sequence

from scoring_rules.standings import Placed

TIES = ("in", "out")


def cut(placed: Sequence[Placed], count: int, ties: str = "in") -> list[str]:
    """The entries that go on, in place order: those of the first ``count`` places.

    ``placed`` in place order, joint places as ``standings.places`` gives them. Where entries tie at the edge,
    ``in`` takes all of them and ``out`` none. ValueError for another word or a negative count.
    Clause: china.md section 1 "top 30 of the theory heat go on, all tied at place 30 included".

    >>> field = [Placed("a", 1, False), Placed("b", 2, True), Placed("c", 2, True), Placed("d", 4, False)]
    >>> cut(field, 2), cut(field, 2, "out"), cut(field, 3)
    (['a', 'b', 'c'], ['a'], ['a', 'b', 'c'])
    >>> cut(field, 9), cut(field, 0)
    (['a', 'b', 'c', 'd'], [])
    """
    if ties not in TIES or count < 0:
        raise ValueError(f"{count} {ties}")
    if count >= len(placed):
        return [row.entry for row in placed]
    if count == 0:
        return []
    edge, after = placed[count - 1].place, placed[count].place
    last = edge if ties == "in" or after != edge else edge - 1
    return [row.entry for row in placed if row.place <= last]
