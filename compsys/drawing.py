"""The draw of a stream: a random unit and blind code for every entry marked there; chance comes in."""

from __future__ import annotations

from collections.abc import Callable

from compsys.events import Draw
from compsys.state import State

LETTERS = "ABCDEFGHJKLMNPRSTUVWXY"
"""Letters of blind codes: none that is read for a digit or for another letter."""


def draw(state: State, stream: str, randomness: Callable[[int], bytes]) -> Draw:
    """The draw of ``trade.stage.site``: entries of its groups at this site, in random order.

    ``randomness``: n -> n random bytes.
    """
    trade, stage, site = (stream.split(".") + ["", "", ""])[:3]
    setup = state.setup
    groups = {g.id for g in setup.groups.values() if (g.trade, g.stage) == (trade, stage)}
    entries = [
        x.id
        for x in setup.entries.values()
        if (x.trade, x.site) == (trade, site)
        and x.group in groups
        and ((cut := state.advanced.get((trade, stage, x.group))) is None or x.id in cut.entries)
    ]
    stations = {w.upper() for s in setup.sessions.values() if s.trade == trade for w in s.stations.values()}
    codes = _codes(len(entries), stations, randomness)
    units = tuple(
        (entry, f"u{randomness(8).hex()}", code) for entry, code in zip(entries, codes, strict=True)
    )
    return Draw(stream=stream, units=units)


def _codes(count: int, taken: set[str], randomness: Callable[[int], bytes]) -> list[str]:
    """Different codes: a letter and two digits (three for over 800 entries), none of them ``taken``.

    >>> _codes(2, set(), bytes)
    ['A10', 'Y99']
    """
    digits = 2 if count <= 800 else 3
    low = 10 ** (digits - 1)
    free = [f"{a}{n}" for a in LETTERS for n in range(low, 10 * low) if f"{a}{n}" not in taken]
    chosen = []
    for _ in range(count):
        place = int.from_bytes(randomness(16)) % len(free)
        chosen.append(free[place])
        free[place] = free[-1]
        free.pop()
    return chosen
