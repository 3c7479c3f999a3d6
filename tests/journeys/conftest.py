"""What the journeys share: a test that asks for a topology walks its journey on each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.topologies import TOPOLOGIES, Topology, standing


@pytest.fixture(scope="module", params=TOPOLOGIES)
def topology(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    """Where the journeys of one file are walked, one after the other, each with a journal of its own where
    it makes one: see ``Topology``."""
    name = request.param
    server = None if name == "sqlite" else request.getfixturevalue("postgres")
    with standing(name, tmp_path_factory.mktemp(name), server) as found:
        yield found
