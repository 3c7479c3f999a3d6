"""Commands for marking schemes on a directory: out as a workbook, changed, compared, in again, signed for."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.compsys.test_command_line import english, made, run

__all__ = ["english", "made"]  # fixtures of the other file
SHEET = "CIS Marking Scheme Import"


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    """The workbook of the dish's scheme."""
    out = tmp_path / "hot.xlsx"
    assert run("scheme", "export", "hot-dishes", "-o", out, "--dir", made).exit_code == 0
    return out


def changed(book: Path) -> Path:
    """The workbook after somebody edited it: one text, one mark, one row gone, one row more."""
    workbook = openpyxl.load_workbook(book)
    sheet = workbook[SHEET]
    rows = [row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 4).value == "M"]
    sheet.cell(rows[0], 5).value = f"{sheet.cell(rows[0], 5).value}, twice"
    sheet.cell(rows[1], 11).value = 7.25
    sheet.cell(rows[2], 5).value = "Wholly other words here 42"
    other = book.with_name("other.xlsx")
    workbook.save(other)
    return other


def told(*args: object) -> Any:
    """What a command gives as JSON."""
    found = run(*args, "--json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def keys(where: Path) -> dict[str, str]:
    """Key -> English title of the dish's aspects."""
    exported = json.loads(run("export", where).stdout)
    held = next(s["scheme"] for s in exported["schemes"] if s["id"] == "hot-dishes")
    subs = [sub for criterion in held["criteria"] for sub in criterion["subs"]]
    return {a["key"]: a["title"].get("en", "") for sub in subs for a in sub["aspects"]}


def text_of(pdf: Path) -> str:
    """What a PDF says, by a program that only reads PDF; "" on a machine without it."""
    assert pdf.read_bytes().startswith(b"%PDF-")
    if not shutil.which("pdftotext"):
        return ""
    shown = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True)
    return shown.stdout.decode()


def test_an_exported_workbook_changes_nothing_when_it_comes_again(made: Path, book: Path) -> None:
    before = run("export", made).stdout_bytes
    found = told("scheme", "import", book, made, "--trade", "hot-dishes")
    assert found["changes"]["same"] and found["scheme"] == "hot-dishes" and found["groups"] == []
    assert run("export", made).stdout_bytes == before
    assert "nothing was written" in run("scheme", "import", book, made, "--trade", "hot-dishes").stdout
    assert "nothing changed" in run("scheme", "check", book, "--against", "hot-dishes", "--dir", made).stdout


def test_a_changed_workbook_is_told_first_and_taken_with_its_keys(made: Path, book: Path) -> None:
    other, before = changed(book), keys(made)
    first, second, third = list(before)[:3]
    for how in (("scheme", "import", other, made, "--trade", "hot-dishes", "--dry-run"),
                ("import", other, made, "--trade", "hot-dishes", "--dry-run")):  # fmt: skip
        found = told(*how)
        counts = {name: n for name, n in found["changes"]["counts"].items() if n}
        assert counts.pop("unchanged") == len(before) - 3
        assert counts == {"renamed": 1, "marks": 1, "new": 1, "gone": 1, "changed": 2}
        assert keys(made) == before
    said = run("scheme", "check", other, "--against", "hot-dishes", "--dir", made).stdout
    assert "Renamed: " in said and f"{before[first]}, twice" in said and "→ 7.25" in said
    refused = told("scheme", "check", other, "--against", "hot-dishes", "--dir", made, "--not-same", first)
    assert refused["changes"]["counts"]["new"] == 2
    assert told("scheme", "import", other, made, "--trade", "hot-dishes")["ok"]
    after = keys(made)
    assert after[first] == f"{before[first]}, twice" and after[second] == before[second]
    assert third not in after and len(after) == len(before)
    assert set(before) - set(after) == {third}


def test_a_target_that_is_not_there_is_refused_with_what_there_is(made: Path, tmp_path: Path) -> None:
    for command in (("export", "floristry"), ("checklist", "floristry")):
        found = run("scheme", *command, "-o", tmp_path / "x", "--dir", made)
        assert found.exit_code == 2 and "hot-dishes" in found.stderr
        assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_the_check_list_holds_the_digest_that_opening_freezes(made: Path, tmp_path: Path, lang: str) -> None:
    out = tmp_path / "check.pdf"
    assert run("scheme", "checklist", "pastry", "-o", out, "--dir", made, "--lang", lang).exit_code == 0
    run("open", "pastry", "--dir", made)  # the second language finds it open already
    journal = run("export", made, "--journal").stdout_bytes.replace(b"\\", b"")
    frozen = re.search(rb'"scheme/open":"([0-9a-f]{64})"', journal[journal.rindex(b"pastry.final") :])
    assert frozen is not None
    if text := text_of(out):
        assert frozen[1].decode() in "".join(text.split())
        assert ("裁判长" if lang == "zh-CN" else "Chief expert") in text


def test_the_check_list_of_a_workbook_tells_its_sums(shared_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "check.pdf"
    assert run("scheme", "checklist", shared_data / "es2025_web17.xlsx", "-o", out).exit_code == 0
    if text := text_of(out):
        assert "Measured 80.75, judged 19.25 (19.3 % of the marks)." in text
        assert "An empty submission would earn 1.75: E1.M3 1.75." in text


def test_a_partial_scheme_is_declared_on_import(made: Path, shared_data: Path) -> None:
    book = shared_data / "es2023_web17.xlsx"
    assert told("scheme", "import", book, made, "--id", "web", "--partial")["ok"]
    exported = json.loads(run("export", made).stdout)
    assert next(s["scheme"] for s in exported["schemes"] if s["id"] == "web")["partial"] is True
    out = run("scheme", "export", "web", "--dir", made)
    assert out.stdout_bytes.startswith(b"PK")
