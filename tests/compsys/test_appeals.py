"""Appeals: an open one holds a result's papers back, and nothing else; each is ruled on once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from compsys import commands_credentials as c
from compsys.credentials.checks import open_questions
from tests.compsys import certified
from tests.compsys.test_command_credential import kept, told
from tests.world import ORGANIZER, World

HELD = "credential.appeal_open"


def lodge(world: World, **more: str) -> int:
    """An appeal of a delegation; its number."""
    said = {"delegation": "d0", "words": "module B was measured twice", **more}
    n = world.do(ORGANIZER, c.LodgeAppeal(**{**certified.WHERE, **said})).n
    assert n is not None
    return n


def ruling(n: int, outcome: str = "rejected") -> c.RuleAppeal:
    """What becomes of it."""
    return c.RuleAppeal(n=n, outcome=outcome, words="measured once")  # type: ignore[arg-type]  # a word of the command


@pytest.mark.parametrize("outcome", ["upheld", "rejected", "withdrawn"])
def test_nothing_is_issued_while_an_appeal_is_open(outcome: str) -> None:
    world = certified.official(4)
    batch = certified.propose(world, count=4)
    certified.approve(world, batch)
    n = lodge(world)
    assert certified.reserve(world, batch).code == HELD
    world.do(certified.SECOND, ruling(n, outcome))
    assert certified.reserve(world, batch).a == "accepted"
    found = world.state.credentials.appeals[n]
    assert (found.outcome, found.words, found.ruling) == (
        outcome, "module B was measured twice", "measured once",
    )  # fmt: skip


def test_an_open_appeal_is_said_of_every_row_of_its_group() -> None:
    world = certified.official(4)
    other = certified.propose(certified.official(4), count=4)
    assert not any("appeal" in row.failed for row in other.rows)
    lodge(world, entry="e00001")
    batch = certified.propose(world, count=4)
    assert open_questions(world.state, batch.basis) == ["appeal"]
    assert all("appeal" in row.failed for row in batch.rows)


def test_each_appeal_is_ruled_on_once_and_names_what_there_is() -> None:
    world = certified.official(4)
    n = lodge(world)
    world.do(certified.SECOND, ruling(n))
    assert world.refused(certified.SECOND, ruling(n)) == "credential.appeal_unknown"
    for more, code in (
        ({"group": "none"}, "credential.appeal_where"),
        ({"delegation": "d9"}, "credential.appeal_whose"),
        ({"entry": "e99999"}, "credential.appeal_whose"),
        ({"words": " "}, "reason_missing"),
    ):
        said = {**certified.WHERE, "words": "x", **more}
        assert world.refused(ORGANIZER, c.LodgeAppeal(**said)) == code


def test_the_commands_record_list_and_end_an_appeal(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    asyncio.run(kept(folder, 4))
    n = told("appeal", "weld/final/open", "--words", "twice", "--delegation", "d0", "--dir", folder)["n"]
    [one] = told("appeals", "--dir", folder)
    assert (one["n"], one["where"], one["delegation"], one["words"], one["outcome"]) == (
        n, "weld/final/open", "d0", "twice", "",
    )  # fmt: skip
    assert told("ruling", n, "withdrawn", "--words", "no longer", "--dir", folder)["outcome"] == "withdrawn"
    assert told("appeals", "--dir", folder) == []
    assert [one["ruling"] for one in told("appeals", "--all", "--dir", folder)] == ["no longer"]
