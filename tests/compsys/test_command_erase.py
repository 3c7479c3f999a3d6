"""``compsys erase``: who it means, what it asks, what is gone afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.compsys.test_command_line import KARAMAY, run

REASON = ("--reason", "asked for it", "--yes")


@pytest.fixture(autouse=True, name="english")
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPSYS_LANG", "en")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A directory with the Karamay set-up."""
    assert run("new", tmp_path / "k", "--file", KARAMAY).exit_code == 0
    return tmp_path / "k"


def persons(made: Path) -> dict[str, str]:
    """Person id -> Chinese name, as exported."""
    whole = json.loads(run("export", made).stdout)
    return {found["id"]: found["name"]["zh-CN"] for found in whole["persons"] if "name" in found}


def test_a_person_is_erased_by_name_and_nobody_else_is(made: Path) -> None:
    before = persons(made)
    who, name = next((key, name) for key, name in before.items() if list(before.values()).count(name) == 1)
    done = run("erase", name, "--dir", made, *REASON, "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 0 and told["ok"] and told["erased"] == who
    assert persons(made) == {key: name for key, name in before.items() if key != who}
    assert name not in run("export", made).stdout
    checked = run("verify", made)
    assert checked.exit_code == 0 and "withheld" in checked.output


def test_what_is_not_clear_erases_nobody(made: Path) -> None:
    before = persons(made)
    who = next(iter(before))
    for words, said in (
        (("erase", who, "--dir", made), "The reason is missing"),
        (("erase", "Nobody At All", "--dir", made, *REASON), "There is no such record"),
        (("erase", who, "--dir", made, "--reason", "asked"), "add --yes"),
    ):
        refused = run(*words)
        assert refused.exit_code != 0 and said in refused.output, refused.output
    assert persons(made) == before
