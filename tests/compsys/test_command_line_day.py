"""The command line on a played day and beside a running server: demo, results, releases, errors."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from compsys import control, passwords
from compsys import events as e
from compsys.__main__ import make_app

ROOT = Path(__file__).parents[2]
KARAMAY = ROOT / "fixtures" / "karamay-2022.json"
ENVIRONMENT = {**os.environ, "COMPSYS_LANG": "en", "PYTHONPATH": str(ROOT)}
STREAM = "hot-dishes.final.main"
PASSWORD = "eleven judges at one table"


def run(*args: object) -> Any:
    """One command, as typed."""
    return CliRunner().invoke(make_app(), [str(arg) for arg in args], prog_name="compsys")


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPSYS_LANG", "en")


def start(*args: object) -> subprocess.Popen[str]:
    """A command as a process of its own."""
    command = [sys.executable, "-m", "compsys", *map(str, args)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, env=ENVIRONMENT, **pipes)  # type: ignore[call-overload, no-any-return]  # the two pipes


def demo(folder: Path, *args: object) -> dict[str, Any]:
    """A demo played to its end, as its JSON tells it."""
    process = start("demo", "--json", "--dir", folder, *args)
    out, err = process.communicate(timeout=500)
    assert process.returncode == 0, err
    told: dict[str, Any] = json.loads(out)
    return told


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The directory of a demo that was played with real sockets, and what it told."""
    where = tmp_path_factory.mktemp("played") / "demo"
    return where, demo(where, "--finish", "--seed", 7, "--port", 0)


@contextmanager
def served(where: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server of a directory, and everything it said until it listened."""
    process = start("serve", where, "--port", 0)
    said = ""
    assert process.stdout is not None
    while "Ctrl-C" not in said:
        line = process.stdout.readline()
        assert line, (process.wait(), process.stderr.read() if process.stderr else "")
        said += line
    try:
        yield process, said
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        process.stdout.close()
        assert process.stderr is not None
        process.stderr.close()


# ---------------------------------------------------------------- the demo


def test_the_day_holds_everything_that_goes_wrong(played: tuple[Path, dict[str, Any]]) -> None:
    where, told = played
    versions = {key: [(v["version"], v["rank"]) for v in found] for key, found in told["results"].items()}
    assert versions["hot-dishes/final/open"][-1] == (2, "official")
    assert len(versions) == 5 and all(found[-1][1] == "official" for found in versions.values())
    rows = told["results"]["hot-dishes/final/open"][-1]["rows"]
    assert [row["status"] for row in rows if row["place"] is None] == ["absent"]
    zero = [row for row in rows if any(c["id"] == "practice" and c["raw"] == "0" for c in row["components"])]
    assert len(zero) == 1 and zero[0]["place"] is not None
    replay = json.loads(run("replay", where, "--json").stdout)
    assert replay["ok"] and replay["reveals"] > 300 and len(replay["results"]) == 11


def test_the_demo_ends_with_certificates_of_the_prize_winners_that_verify(
    played: tuple[Path, dict[str, Any]],
) -> None:
    where, told = played
    made = told["certificates"]
    written = sorted(file.stem for file in Path(made["folder"]).glob("*.json"))
    assert written == made["numbers"] and len(written) == made["issued"] > 20
    levels = {number[15] for number in written}
    assert levels == {"2", "3"}
    checked = run("credential", "verify", written[0], "--dir", where, "--json")
    assert checked.exit_code == 0 and json.loads(checked.stdout)["verdict"] == "valid", checked.stdout
    if made["pdf"]:
        assert (Path(made["folder"]) / made["pdf"]).read_bytes().startswith(b"%PDF-1.7")


def test_a_demo_is_played_into_a_new_directory_only(played: tuple[Path, dict[str, Any]]) -> None:
    before = (played[0] / "journal.db").read_bytes()
    again = run("demo", "--finish", "--port", 0, "--dir", played[0], "--json")
    assert again.exit_code == 1 and json.loads(again.stdout)["code"] == "cli.demo.stuck"
    assert (played[0] / "journal.db").read_bytes() == before


# ---------------------------------------------------------------- results


def test_results_as_tables_data_and_book(played: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    where, told = played
    found = run("results", "hot-dishes", "--dir", where)
    rows = list(csv.DictReader(io.StringIO(found.stdout_bytes.decode("utf-8-sig"), newline="")))
    stored = told["results"]["hot-dishes/final/open"][-1]["rows"]
    assert [(r["Code"], r["Total"]) for r in rows] == [(r["code"], r["total"] or "") for r in stored]
    assert rows[0]["Competitor"] and rows[0]["Medal"] == "Gold" and rows[-1]["Status"] == "DNS, did not start"
    older = run("results", "hot-dishes/final", "--version", 1, "--format", "json", "--dir", where)
    first = json.loads(older.stdout)["results"][0]
    assert (
        first["version"] == 1
        and first["rows"]
        != json.loads(run("results", "hot-dishes", "--format", "json", "--dir", where).stdout)["results"][0][
            "rows"
        ]
    )
    book = tmp_path / "all.xlsx"
    assert run("results", "--all", "--format", "xlsx", "--out", book, "--dir", where).exit_code == 0
    assert openpyxl.load_workbook(book).sheetnames == [
        "Hot dishes", "Plate design", "Food carving", "Pastry", "Restaurant service", "Versions",
    ]  # fmt: skip
    pdf = run("results", "plating", "--format", "pdf", "--lang", "zh-CN", "--dir", where)
    assert pdf.exit_code == 0 and pdf.stdout_bytes.startswith(b"%PDF-")
    assert run("results", "plating", "--version", 9, "--dir", where).exit_code == 1


def lines(where: Path, stream: str) -> Iterator[dict[str, Any]]:
    """The open parts of a stream in the exported journal."""
    for raw in run("export", where, "--journal").stdout_bytes.splitlines()[1:]:
        line = json.loads(raw)
        if line["stream"] == stream:
            yield json.loads(line["open"])


# ---------------------------------------------------------------- beside a server


def test_commands_speak_to_the_running_server(tmp_path: Path) -> None:
    where = tmp_path / "k"
    assert run("new", where).exit_code == 0
    with served(where) as (_, said):
        assert re.search(r"http://127\.0\.0\.1:[0-9]+/first-start/[0-9a-f]{32}", said)
        found = run("import", KARAMAY, where, "--json")
        assert found.exit_code == 0 and json.loads(found.stdout)["changed"] == 345
        assert run("export", where).stdout_bytes == KARAMAY.read_bytes()
        assert json.loads(run("open", "pastry", "--dir", where, "--json").stdout)["streams"][0]["drawn"]
        journal = tmp_path / "j.jsonl"
        assert run("export", where, "--journal", "--out", journal).exit_code == 0
        assert run("verify", journal).exit_code == run("verify", where).exit_code == 0
        assert run("replay", where).exit_code == 0
        second = run("serve", where, "--port", 0)
        assert second.exit_code == 1 and re.search(r"Process [0-9]+ is using", second.stderr)
        assert run("doctor", where, "--port", 0).exit_code == 0
    groups = json.loads(run("trades", where, "--json").stdout)["groups"]
    assert [g["sites"]["main"] for g in groups if g["trade"] == "pastry"] == ["open"]


def test_a_taken_port_is_said_so(played: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    where = tmp_path / "d"
    assert run("new", where).exit_code == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for command in (("serve", where), ("demo", "--finish", "--dir", tmp_path / "x")):
            found = run(*command, "--port", port)
            assert found.exit_code == 1 and f"Cannot listen on 127.0.0.1:{port}" in found.stderr


def test_a_second_person_types_the_password(played: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    where = tmp_path / "copy"
    shutil.copytree(played[0], where)
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    right.write_text(PASSWORD + "\n")
    wrong.write_text("something else\n")
    again = (
        "publish",
        "hot-dishes",
        "--as",
        "official",
        "--to",
        "public",
        "--confirmed-by",
        "zhao",
        "--dir",
        where,
    )
    with served(where):
        with control.Client(where) as client:
            secret = passwords.hashed(PASSWORD, bytes(16))
            made = e.MakeAccount(account="zhao", roles=("supervisor",), secret=secret)
            assert client.do(made, "ab" * 16).a == "accepted"
        refused = run(*again, "--password-file", wrong)
        assert refused.exit_code == 1 and "[login_failed]" in refused.stderr
        nobody = run(*again, "--password-file", right, "--confirmed-by", "nobody")
        assert nobody.exit_code == 1 and "[login_failed]" in nobody.stderr
        known = run(*again, "--password-file", right)
        assert known.exit_code == 1 and "[already_published]" in known.stderr
        third = unit_in_third_place(where)
        with control.Client(where) as client:
            less = e.Unlock(stream=STREAM, scope="stage", reason="申诉", confirmed_by="zhao")
            assert client.do(less, "cd" * 16).a == "accepted"
            mend = e.SetStatus(stream=STREAM, unit=third, scope="stage", status="excluded", reason="违规")
            assert client.do(mend, "ef" * 16).a == "accepted"
        assert run("lock", "hot-dishes", "--dir", where).exit_code == 0
        bare = run(*again, "--password-file", right)
        assert bare.exit_code == 1 and "[reason_missing]" in bare.stderr
        note = ("--reason", "违规", "--note-zh", "第 3 名取消资格。", "--note-en", "Place 3 excluded.")
        seen = run(*again, "--password-file", wrong, *note)
        assert "this version takes and gives" in seen.stderr and "Medal Lost, Bronze -> -" in seen.stderr
        told = json.loads(run(*again, "--password-file", right, *note, "--json").stdout)
        taken = [it for it in told["published"][0]["awards"] if it["kind"] == "medal"]
        lost = next(it for it in taken if it["way"] == "lost")
        assert (lost["before"], lost["after"]) == ("bronze", "") and lost["name"]["en"]
        assert told["published"][0]["version"] == 3 and told["published"][0]["state"] == "official"
    newest = json.loads(run("results", "hot-dishes", "--format", "json", "--dir", where).stdout)["results"][0]
    assert (
        newest["version"] == 3
        and newest["confirmed_by"] == "zhao"
        and newest["note"]["en"] == "Place 3 excluded."
    )


def unit_in_third_place(where: Path) -> str:
    """Its id, as the draw's line has it."""
    newest = json.loads(run("results", "hot-dishes", "--format", "json", "--dir", where).stdout)["results"][0]
    (drawn,) = (event for event in lines(where, STREAM) if event["kind"] == "drawn")
    return str({code: unit for unit, code in drawn["units"]}[newest["rows"][2]["code"]])
