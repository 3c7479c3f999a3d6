"""``compsys ties``: lists who stands level, takes a play-off and the chief's order, and takes them back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.compsys.level import level
from tests.compsys.test_command_line import run
from tests.web.venue import Recorded, played, venue

GROUP = "cooking/final/open"


def asked(directory: Path, *words: str) -> dict[str, object]:
    done = run("ties", GROUP, *words, "--dir", directory, "--json")
    assert done.exit_code == 0, done.output
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_a_tie_is_listed_broken_and_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPSYS_LANG", "en")

    async def scene() -> None:
        async with venue(tmp_path, world=level(world=Recorded(7))):
            pass

    played(scene)
    data = tmp_path / "data"
    told = run("ties", GROUP, "--dir", data)
    assert told.exit_code == 0 and "Level at place 2:" in told.output and "A14" in told.output
    codes = ("A12=7.5", "A13=9", "a14=８")
    words = [part for code in codes for part in ("--play-off", code)]
    assert run("ties", GROUP, *words, "--dir", data).exit_code == 1, "a reason is needed"
    found = asked(data, *words, "--reason", "one more round")
    assert found["keys"] == ["play_off", "decided"]
    (tie,) = found["ties"]  # type: ignore[misc]  # a list of one
    assert tie["broken"] and [(u["code"], u["place"]) for u in tie["units"]] == [
        ("A13", 2), ("A14", 3), ("A12", 4),
    ]  # fmt: skip
    settled = {"value": "9", "by": "office", "reason": "one more round"}
    assert tie["units"][0]["play_off"] == settled
    assert "set apart" in run("ties", GROUP, "--dir", data).output
    back = [part for code in ("A12=", "A13=", "A14=") for part in ("--play-off", code)]
    (tie,) = asked(data, *back, "--reason", "the wrong task")["ties"]  # type: ignore[misc]  # a list of one
    assert not tie["broken"]
    (tie,) = asked(data, "--order", "A14, a12, A13", "--reason", "the bench")["ties"]  # type: ignore[misc]  # a list of one
    assert [u["code"] for u in tie["units"]] == ["A14", "A12", "A13"]


def test_what_cannot_be_settled_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPSYS_LANG", "en")

    async def scene() -> None:
        async with venue(tmp_path, world=level(keys='["decided", "asc"]', world=Recorded(7))):
            pass

    played(scene)
    why = ("--reason", "x", "--dir", tmp_path / "data")
    wrong = {
        ("--play-off", "A12=1", "--play-off", "A13=2"): (1, "do not rank by this"),
        ("--order", "A11,A12"): (1, "does not stand level"),
        ("--order", "A99,A12"): (1, "A99"),
        ("--play-off", "A12"): (2, "is not CODE=RESULT"),
        ("--play-off", "A12=1e3"): (2, "is not CODE=RESULT"),
        ("--play-off", "A12=1", "--order", "A12"): (2, "one after the other"),
    }
    for words, (status, said) in wrong.items():
        done = run("ties", GROUP, *words, *why)
        assert done.exit_code == status and said in done.output, (words, done.output)
    assert run("ties", "cooking/final", *why).exit_code == 2
    assert run("ties", "cooking/final/none", *why).exit_code == 2
