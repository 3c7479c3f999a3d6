"""Bench: a whole issuing job, both lines of each slice on the disk, beside the bare signing of its documents.

``python -m tests.bench.issuing`` prints its figures as JSON: pairs of seconds per certificate (job, signing),
alternated in one process.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import tempfile
import time
from pathlib import Path
from typing import Any

from compsys import commands_credentials as c
from compsys import events as e
from compsys.credentials import documents, proofs, statement, working
from compsys.credentials.nquads import Prepared
from compsys.credentials.signer import Ed25519
from compsys.desk import Desk
from tests.compsys import certified
from tests.world import ORGANIZER

COUNT = 2000
TURNS = 3


async def job(folder: Path) -> tuple[float, list[dict[str, Any]]]:
    """Seconds per certificate of issuing a batch of scores, and the unsigned documents of it."""
    world = certified.official(COUNT, templates={"score": "{issuer}-{kind}{year:4}-{serial:6}"})
    desk = await Desk.open(folder, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, "c-test")
    try:
        for call in world.calls:
            assert (await desk.submit(call)).a == "accepted"
        await desk.put_persons([(f"p{i:05d}", certified.identity(i)) for i in range(COUNT)])
        assert (await working.make_key(desk, ORGANIZER, "centre")).a == "accepted"
        batch = desk.fresh()
        await working.submit(desk, ORGANIZER, certified.proposal(batch, "score", COUNT))
        approval = c.ApproveBatch(batch=batch, version=0, confirmed_by="qian", identity=("*",))
        assert (await working.submit(desk, ORGANIZER, approval)).a == "accepted"
        begun, left = time.perf_counter(), 1
        while left:
            found = await working.issue(desk, ORGANIZER, batch)
            assert found.refused is None and not found.void, found
            left = found.left
        took = time.perf_counter() - begun
        async with desk.reading(e.COMPETITION) as state:
            unsigned = [
                statement.unsigned(state, one, documents.holder_name(desk.names(one.person)))
                for one in state.credentials.held.values()
            ]
        return took / COUNT, unsigned
    finally:
        await desk.close()


def bare(unsigned: list[dict[str, Any]]) -> float:
    """Seconds per certificate of signing alone, both proofs, as a batch is signed."""
    signer, prepared = Ed25519(certified.SECRET), Prepared()
    begun = time.perf_counter()
    for one in unsigned:
        proofs.sign(one, signer, f"{one['issuer']['id']}#k", one["validFrom"], prepared)
    return (time.perf_counter() - begun) / len(unsigned)


def main() -> None:
    """Alternate the two."""
    pairs = []
    for _ in range(TURNS):
        with tempfile.TemporaryDirectory() as folder:
            whole, unsigned = asyncio.run(job(Path(folder) / "c"))
            pairs.append((whole, bare(unsigned)))
    print(json.dumps({"pairs": pairs, "count": COUNT}))


if __name__ == "__main__":
    main()
