"""``promote --official``: proposals of official results, said and written, and why there are none."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from compsys.desk import Desk
from tests.compsys.test_command_line import english, run
from tests.promoting import HELD, kept, played

__all__ = ["english"]  # a fixture of the other file


@pytest.fixture(scope="module")
def cup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with an official result."""
    folder = tmp_path_factory.mktemp("cup") / "data"
    asyncio.run(kept(folder, played()))
    return folder


@pytest.fixture(scope="module")
def early(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a provisional result only."""
    folder = tmp_path_factory.mktemp("early") / "data"
    asyncio.run(kept(folder, played(official=False)))
    return folder


def told(*args: object, status: int = 0) -> Any:
    """What the command gives as JSON."""
    found = run("promote", "--official", *args, "--json")
    assert found.exit_code == status, found.output
    return json.loads(found.stdout)


def test_each_person_gets_what_the_rules_give_for_place_and_level_held(cup: Path) -> None:
    rows = told("--dir", cup)["proposals"]
    assert [row["level"] for row in rows] == ["2", "1", None, "3", "2", "2", "3", "2"]
    assert [row["held"] for row in rows] == [held or "unknown" for held in HELD]
    first = rows[0]
    assert first["name"]["en"] == "Competitor 1" and first["version"] == 1 and first["place"] == 1
    assert first["clause"].startswith("provincial/1: ") and first["honours"] == ["全国技术能手"]
    assert first["approver"] in first["reason"] and first["held_source"] == "证0001"
    assert [row["edge"] for row in rows] == [False] * 4 + [True, True, False, False]
    assert "not known" in rows[4]["reason"]
    assert told("cooking", "--dir", cup)["proposals"] == rows


def test_a_person_reads_names_levels_and_counts(cup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = run("promote", "--official", "--dir", cup)
    assert found.exit_code == 0, found.output
    assert "Competitor 2 · Delegation 2" in found.stdout
    assert "1 at level 1 (senior technician)" in found.stdout and "1 without a level" in found.stdout
    assert "Of those with a level, 1 holds an unknown one" in found.stdout
    monkeypatch.setenv("COMPSYS_LANG", "zh")
    found = run("promote", "--official", "--dir", cup)
    assert "选手2" in found.stdout and "一级/高级技师 1 人" in found.stdout


def test_the_same_is_written_as_a_table(cup: Path, tmp_path: Path) -> None:
    out = tmp_path / "list.csv"
    assert run("promote", "--official", "--dir", cup, "--format", "csv", "-o", out).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig"))))
    assert [row["Level"] for row in rows][:3] == ["level 2 (technician)", "level 1 (senior technician)", ""]
    assert [row["Skill level held"] for row in rows][4] == "unknown"
    book = tmp_path / "list.xlsx"
    assert run("promote", "--official", "--dir", cup, "--format", "xlsx", "-o", book).exit_code == 0
    sheet = openpyxl.load_workbook(book).worksheets[0]
    assert sheet.max_row == 1 + len(HELD)
    data = run("promote", "--official", "--dir", cup, "--format", "json").stdout
    assert json.loads(data)["proposals"] == told("--dir", cup)["proposals"]


def test_another_rule_book_may_count(cup: Path) -> None:
    rows = told("--dir", cup, "--rules", "hi-2023")["proposals"]
    assert {row["clause"].partition(":")[0] for row in rows} == {"hi-2023/1"}
    assert told("--dir", cup, "--rules", "worldskills-2026", status=2)["code"] == "cli.promote.no_rule"


def test_before_the_official_result_nothing_is_proposed_and_it_is_said_why(early: Path) -> None:
    none = told("--dir", early, status=1)
    assert none["proposals"] == [] and not none["ok"]
    assert [row["message"] for row in none["waiting"]] == [
        "The result v1 is provisional; only official results propose anything."
    ]
    found = run("promote", "--official", "--dir", early)
    assert found.exit_code == 1 and "provisional" in found.stdout and "level" not in found.stdout
    found = run("promote", "--official", "--dir", early, "--format", "csv")
    assert found.exit_code == 1 and not found.stdout and "provisional" in found.stderr


def test_names_wait_until_the_official_result_has_left_the_office(tmp_path: Path) -> None:
    asyncio.run(kept(tmp_path / "data", played(audience="office")))
    none = told("--dir", tmp_path / "data", status=1)
    assert [row["code"] for row in none["waiting"]] == ["promotion.wait_release"]
    assert "Competitor" not in json.dumps(none)


def test_what_is_missing_or_does_not_go_together_is_said(cup: Path) -> None:
    for args, code in (
        (("promote",), "cli.promote.which"),
        (("promote", "places.csv"), "cli.promote.rules_missing"),
        (("promote", "places.csv", "--rules", "ah-2023", "--dir", cup), "cli.promote.table_only"),
        (("promote", "--official", "baking", "--dir", cup), "cli.unknown_target"),
    ):
        found = run(*args, "--json")
        assert found.exit_code == 2 and json.loads(found.stdout)["code"] == code, args


def test_an_erased_person_is_unknown(tmp_path: Path) -> None:
    async def scene() -> None:
        await kept(tmp_path / "data", played())
        desk = await Desk.open(tmp_path / "data", lambda: 1, lambda n: b"\x05" * n, "c-test")
        try:
            await desk.in_thread(lambda: desk.vault.erase("p2", "2026-05-02T00:00:00.000Z"))
        finally:
            await desk.close()

    asyncio.run(scene())
    row = told("--dir", tmp_path / "data")["proposals"][1]
    assert row["person"] == "p2" and row["name"] == {} and row["held"] == "unknown"
