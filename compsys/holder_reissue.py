"""After a corrected name: that person's credentials are issued anew, going on where a kill stopped them.

Each is reserved under its old id and number with a later time, signed, issued; what stood before is then
superseded. What was reserved and not issued is signed first: the same lines give the same bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from compsys import events as e
from compsys.credentials import glyphs, working
from compsys.holder_papers import CORRECTED, stale

if TYPE_CHECKING:
    from compsys.desk import Desk

REASON = "holder: a name was corrected"
"""What the line says besides its code: no name."""


async def unprintable(directory: Path, name: Mapping[str, str]) -> e.Refused | None:
    """Why a name cannot stand on a certificate: characters that no font here (nor in the directory's folder
    of fonts) has; None when it can."""
    try:
        faces = await asyncio.to_thread(glyphs.find, [directory / "fonts"])
    except glyphs.SerifMissing as missing:
        return e.Refused("holder.no_font", {"folders": ", ".join(missing.looked)})
    if not (lost := faces.missing(name.values())):
        return None
    codes = " ".join(f"U+{ord(sign):04X}" for sign in lost)
    return e.Refused("holder.glyph", {"signs": lost, "codes": codes})


async def reissue(
    desk: Desk, person: str, actor: e.Actor, officer: str
) -> tuple[e.Answer, tuple[str, ...]]:
    """Issue a person's credentials anew that say an earlier name: the answer, and which ones were."""
    async with desk.reading(e.COMPETITION) as state:
        before = stale(state, person)
    while True:
        async with desk.reading(e.COMPETITION) as state:
            left = stale(state, person)
            known = state.credentials
            waiting = [known.waiting[key].batch for key in left if key in known.waiting]
            batches = [known.held[key].batch for key in left]
        if not left:
            return e.Answer(k="", a="accepted"), before
        if waiting:  # a kill, or another reissue: what was reserved is signed first, and nothing else
            found = await working.issue(desk, actor, waiting[0])
        else:
            part = [key for key, batch in zip(left, batches, strict=True) if batch == batches[0]]
            part = part[: working.SLICE]
            found = await working.reissue(desk, actor, part, CORRECTED, REASON, officer)
        if found.refused is not None:
            return found.refused, ()
        if found.void:
            return e.Answer(k="", a="refused", code=found.void[0][1], params={"id": found.void[0][0]}), ()
