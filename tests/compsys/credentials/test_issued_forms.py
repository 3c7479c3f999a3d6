"""What the program itself issues, of every kind: others accept it, by their schema, rules and contexts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from compsys.answers import Refused
from compsys.credentials import documents, jcs, multikey, nquads, proofs
from compsys.credentials.signer import Ed25519
from tests.compsys import certified
from tests.compsys.credentials import outside

Json = dict[str, Any]
PUBLIC = Ed25519(certified.SECRET).public
PAPERS = ("level", "award", "score")


def key_of(method: str) -> bytes | None:
    return PUBLIC if method.endswith(multikey.encode(PUBLIC)) else None


@pytest.fixture(scope="module")
def forms() -> dict[str, Json]:
    """The first certificate of each kind, from an official result by the whole way."""
    world = certified.official()
    made = {}
    for paper in PAPERS:
        batch = certified.issued(world, paper)
        held = world.state.credentials.held
        assert batch.issued, paper
        found = documents.document(world.state, certified.names(), held[batch.issued[min(batch.issued)]])
        assert not isinstance(found, Refused), found
        made[paper] = found
    return made


@pytest.mark.parametrize("paper", PAPERS)
def test_both_proofs_hold_by_our_check_and_by_the_specifications_alone(
    forms: dict[str, Json], paper: str, shared_data: Path
) -> None:
    made = jcs.parse(jcs.canonical(forms[paper]))
    assert proofs.verify(made, key_of).ok
    assert [outside.holds(shared_data / "ob3", made, proof) for proof in made["proof"]] == [True, True]


@pytest.mark.parametrize("paper", PAPERS)
def test_the_official_schema_and_the_validators_rules_are_satisfied(
    forms: dict[str, Json], paper: str, shared_data: Path
) -> None:
    assert outside.against_schema(shared_data / "ob3", forms[paper]) == []
    assert outside.against_rules(shared_data / "ob3", forms[paper]) == ""


@pytest.mark.parametrize("paper", PAPERS)
def test_nothing_is_shown_that_is_not_signed(
    forms: dict[str, Json], paper: str, shared_data: Path
) -> None:
    """A processor with the published contexts drops nothing and writes what we sign."""
    body = {name: value for name, value in forms[paper].items() if name != "proof"}
    assert outside.quads(shared_data / "ob3", body).encode() == nquads.canonical(body)
