"""The public record of an assessment at the address that a certificate's evidence names."""

from __future__ import annotations

from pathlib import Path

from compsys import assessed
from compsys.credentials import statement
from tests.compsys.assessed import SECOND, WORKS, founded, held, name_assessor, proposed, ready
from tests.web.venue import played, venue


def test_the_record_stands_at_its_address_for_everybody_and_names_nobody(tmp_path: Path) -> None:
    world = founded()
    for i in range(3):
        name_assessor(world, f"a{i}", since="2020-06-01", until="2023-05-31")
    marks = ((0, "theory", "72"), (0, "practice", "81.5"))
    ready(world, "w1", *marks, day="2021-03-01")
    batch = proposed(world, "w1", SECOND)
    address = statement.evidence_address(WORKS, batch.basis).removeprefix(WORKS.base)

    async def scene() -> None:
        async with venue(tmp_path, world=world) as place:
            async with place.desk.reading() as state:
                digest = assessed.record_digest(state, state.assessments.batches["w1"])
                data = assessed.record(state, state.assessments.batches["w1"])
            anybody = place.browser()
            where = address.rpartition("-")[0]
            told = await anybody.get(f"{where}-{digest}")
            assert (told.status, told.body) == (200, data)
            assert told.json["level"] == "3" and told.json["assessed"] == 1
            for missing in (f"{where}-{'0' * 64}", f"/results/assessment/none/sha256-{digest}"):
                assert (await anybody.get(missing)).status == 404

    played(scene)
    assert where_of(address) == ("w1", assessed.record_digest(world.state, held(world)))


def where_of(address: str) -> tuple[str, str]:
    """The batch and the digest that an address names."""
    _, _, _, batch, digest = address.split("/")
    return batch, digest.removeprefix("sha256-")
