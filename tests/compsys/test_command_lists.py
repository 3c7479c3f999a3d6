"""``compsys import`` of lists: what it prints, how it ends; very many scores in little memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from compsys import control
from tests.compsys.exchange.list_worlds import number
from tests.compsys.test_command_line import KARAMAY, ROOT, run
from tests.web import lists_files

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture(autouse=True, name="english")
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPSYS_LANG", "en")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A directory with the Karamay set-up."""
    assert run("new", tmp_path / "k", "--file", KARAMAY).exit_code == 0
    return tmp_path / "k"


def names(made: Path) -> tuple[str, str]:
    """A company and a trade of the set-up, as a list would write them."""
    whole = json.loads(KARAMAY.read_text("utf-8"))
    return whole["delegations"][0]["name"]["zh-CN"], whole["trades"][0]["name"]["zh-CN"]


def entrants(made: Path, *more: str) -> str:
    company, trade = names(made)
    rows = [f"张三,{number(sequence=1)},{company},{trade}", *more]
    return "姓名,身份证号,单位,赛项\n" + "".join(f"{row}\n" for row in rows)


def test_a_dry_run_changes_nothing_and_tells_all_of_it_as_json(made: Path, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(entrants(made, "李四,3.70284E+17,没有的公司,热菜"), "gb18030")
    before = run("export", made).stdout_bytes
    found = run("import", "--dry-run", file, made, "--json")
    told = json.loads(found.stdout)
    assert found.exit_code == 1 and told["dry_run"] and not told["ok"]
    assert told["read"] == {"format": "CSV", "encoding": "GB18030", "separator": ","}
    assert told["counts"] == {"new": 1, "changed": 0, "same": 0, "error": 1}
    assert {f["cell"]: f["code"] for f in told["findings"]} == {
        "B3": "list.identity_damaged", "C3": "list.unknown_delegation"
    }  # fmt: skip
    assert run("export", made).stdout_bytes == before


def test_errors_keep_all_out_unless_such_rows_are_left_out_and_it_can_be_taken_back(
    made: Path, tmp_path: Path
) -> None:
    file, findings = tmp_path / "list.csv", tmp_path / "findings.xlsx"
    file.write_text(entrants(made, "李四,,没有的公司,热菜"))
    before = run("export", made).stdout_bytes
    refused = run("import", file, made, "--findings", findings)
    assert refused.exit_code == 1 and "nothing was imported" in refused.stdout
    assert run("export", made).stdout_bytes == before
    sheet = openpyxl.load_workbook(findings).worksheets[0]
    assert {c.coordinate for row in sheet for c in row if c.comment} == {"B3", "C3"}
    taken = run("import", file, made, "--skip-errors", "--json")
    (ident,) = json.loads(taken.stdout)["imports"]
    assert taken.exit_code == 0 and run("export", made).stdout_bytes != before
    again = json.loads(run("import", file, made, "--skip-errors", "--json").stdout)
    assert again["counts"]["same"] == 1 and not again["imports"]
    assert run("import", "--revert", ident.rpartition(":")[2], made).exit_code == 0
    assert run("export", made).stdout_bytes == before
    twice = run("import", "--revert", ident, made, "--json")
    assert twice.exit_code == 1 and json.loads(twice.stdout)["code"] == "import_reverted"
    assert json.loads(run("import", "--revert", "x", made, "--json").stdout)["code"] == "import_unknown"
    assert json.loads(run("verify", made, "--json").stdout)["problems"] == []


def test_a_column_that_is_told_is_remembered_but_not_by_a_dry_run(made: Path, tmp_path: Path) -> None:
    company, trade = names(made)
    file = tmp_path / "odd.csv"
    file.write_text(f"甲,乙,丙\n张三,{company},{trade}\n")
    told = ("--column", "A=name_zh", "--column", "b=delegation", "--column", "C=trade")
    assert json.loads(run("import", "--dry-run", file, made, *told, "--json").stdout)["counts"]["new"] == 1
    assert run("import", "--dry-run", file, made).exit_code == 1
    assert run("import", file, made, *told).exit_code == 0
    remembered = json.loads(run("import", "--dry-run", file, made, "--json").stdout)
    assert remembered["header"]["remembered"] and remembered["counts"]["same"] == 1


def test_what_is_no_list_ends_with_2(made: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.xls"
    old.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600))
    found = run("import", "--dry-run", old, made)
    assert found.exit_code == 2 and "old .xls" in found.stdout
    assert run("import", tmp_path / "gone.csv", made).exit_code == 2
    assert run("import", old, made, "--as", "cooks").exit_code == 2
    assert run("import").exit_code == 2


def test_a_workbook_of_entrants_is_not_taken_for_a_scheme(made: Path, tmp_path: Path) -> None:
    file = tmp_path / "报名表.xlsx"
    file.write_bytes(lists_files.entrants())
    told = json.loads(run("import", "--dry-run", file, made, "--json").stdout)
    assert told["kind"] == "entrants" and told["header"]["row"] == 4
    assert "list.identity_damaged" in {f["code"] for f in told["findings"]}


def test_a_competition_file_can_be_looked_at_too(made: Path, tmp_path: Path) -> None:
    whole = json.loads(KARAMAY.read_text("utf-8"))
    whole["delegations"][0]["code"] = "XX"
    file = tmp_path / "changed.json"
    file.write_text(json.dumps(whole), "utf-8")
    before = run("export", made).stdout_bytes
    told = json.loads(run("import", "--dry-run", file, made, "--json").stdout)
    assert told["changed"] == 1 and run("export", made).stdout_bytes == before


# ---------------------------------------------------------------- many


MANY = """
import asyncio, json, resource, sys, time
from pathlib import Path
from tests.compsys.exchange import many_scores
print(json.dumps(asyncio.run(many_scores.measured(int(sys.argv[1]), Path(sys.argv[2])))))
"""


def many(rows: int, tmp_path: Path) -> dict[str, Any]:
    """What looking at so many scores takes, in a process of its own."""
    command = [sys.executable, "-c", MANY, str(rows), str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, env=environment)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_twenty_thousand_scores_are_read_in_little_memory(tmp_path: Path) -> None:
    found = many(20_000, tmp_path)
    assert found["counts"] == {"new": 20_000, "changed": 0, "same": 0, "error": 0}
    assert found["ticks"] >= 5 and found["sum"] == found["expected"]
    assert found["reading_mb"] < 60, found


@pytest.mark.long
def test_two_hundred_thousand_scores_are_read_in_bounded_memory(tmp_path: Path) -> None:
    found = many(200_000, tmp_path)
    assert found["counts"]["new"] == 200_000 and found["sum"] == found["expected"]
    assert found["reading_mb"] < 300, found


def test_the_socket_of_a_server_answers_what_the_command_asks() -> None:
    asked = {"list_begin", "list_wait", "list_take", "list_findings", "list_end", "list_revert"}
    assert asked <= set(control.ACTIONS)
