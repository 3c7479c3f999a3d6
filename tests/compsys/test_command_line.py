"""The command line on a directory of its own: setting up, opening, refusing, what it says, how it ends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest
import typer
from typer.testing import CliRunner

from compsys import words
from compsys.__main__ import make_app
from compsys.commandline import access
from compsys.commandline.doctor import LOSING
from compsys.exchange import competition_file
from compsys.journal import Batch, Draft, SqliteJournal
from compsys.journal_api import CommitFailed

ROOT = Path(__file__).parents[2]
KARAMAY = ROOT / "fixtures" / "karamay-2022.json"


def run(*args: object, stdin: str | None = None) -> Any:
    """One command, as typed."""
    return CliRunner().invoke(make_app(), [str(arg) for arg in args], input=stdin, prog_name="compsys")


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("COMPSYS_LANG", "en")
    yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the Karamay set-up."""
    where = tmp_path_factory.mktemp("made") / "k"
    found = run("new", where, "--file", KARAMAY, "--json")
    assert found.exit_code == 0, found.output
    return where


# ---------------------------------------------------------------- setting up


def test_what_was_imported_is_exported_byte_for_byte(made: Path, tmp_path: Path) -> None:
    assert run("export", made).stdout_bytes == KARAMAY.read_bytes()
    out = tmp_path / "out.json"
    assert run("export", made, "--no-persons", "--out", out).exit_code == 0
    bare = competition_file.load(out.read_bytes(), "out.json")
    assert bare.ok and not bare.persons and len(bare.items) == 345


def test_importing_again_changes_nothing_and_says_so(made: Path) -> None:
    found = run("import", KARAMAY, made)
    assert found.exit_code == 0 and found.stdout.startswith("All 345 records are so already")
    told = json.loads(run("import", KARAMAY, made, "--json").stdout)
    assert (told["ok"], told["records"], told["changed"], told["answer"]) == (True, 345, 0, None)


def test_a_directory_is_made_once(made: Path, tmp_path: Path) -> None:
    again = run("new", made, "--json")
    assert again.exit_code == 1 and json.loads(again.stdout)["code"] == "cli.there_already"
    assert run("new", tmp_path / "x", "--id", "no spaces here").exit_code == 2
    empty = run("new", tmp_path / "Spring Cup")
    assert empty.exit_code == 0 and "spring-cup" in empty.stdout
    assert json.loads(run("trades", tmp_path / "Spring Cup", "--json").stdout)["groups"] == []


def test_a_wrong_file_is_told_whole_and_changes_nothing(made: Path, tmp_path: Path) -> None:
    whole = json.loads(KARAMAY.read_text("utf-8"))
    whole["trades"][0]["kind"] = "sport"
    whole["entries"][3]["delegation"] = "nobody"
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(whole), "utf-8")
    found = run("import", wrong, made)
    assert found.exit_code == 1
    assert "$.trades[0].kind" in found.stdout and "$.entries[3].delegation" in found.stdout
    assert found.stdout.rstrip().endswith("2 errors; nothing was changed.")
    told = json.loads(run("import", wrong, made, "--json").stdout)
    assert not told["ok"] and all(problem["message"] for problem in told["problems"])
    new = run("new", tmp_path / "fresh", "--file", wrong)
    assert new.exit_code == 1 and not (tmp_path / "fresh").exists()
    assert run("export", made).stdout_bytes == KARAMAY.read_bytes()


def test_what_cannot_be_read_ends_with_two(made: Path, tmp_path: Path) -> None:
    junk = tmp_path / "junk.json"
    junk.write_bytes(b"{not json")
    assert run("import", junk, made).exit_code == 2
    assert run("import", tmp_path / "none.json", made).exit_code == 2
    assert run("trades", tmp_path).exit_code == 2
    assert run("verify", tmp_path).exit_code == 2
    assert run("replay", junk).exit_code == 2
    assert run("no-such-command").exit_code == 2
    assert run("results", "--dir", made).exit_code == 2


# ---------------------------------------------------------------- a scheme


def test_a_real_scheme_is_checked_and_becomes_a_trades_scheme(tmp_path: Path, shared_data: Path) -> None:
    book = shared_data / "es2025_web17.xlsx"
    facts = run("scheme", "check", book, "--json")
    told = json.loads(facts.stdout)
    assert facts.exit_code == 0 and told["sub_criteria"] == 31 and told["total"] == "100.00"
    assert [c["mark"] for c in told["criteria"]] == ["16.50", "23.00", "16.75", "22.00", "16.75", "5.00"]
    shown = run("scheme", "check", book)
    assert "31 sub-criteria, 173 measurement and 19 judgement aspects" in shown.stdout
    where = _web(tmp_path)
    assert run("import", book, where).exit_code == 2  # for which trade?
    assert run("import", book, where, "--trade", "baking").exit_code == 2
    found = run("import", book, where, "--trade", "web", "--json")
    assert found.exit_code == 0 and json.loads(found.stdout)["groups"] == ["web/final/open"]
    exported = json.loads(run("export", where).stdout)
    assert exported["groups"][0]["scheme"] == "web" and len(exported["schemes"]) == 1
    assert run("scheme", "check", KARAMAY).exit_code == 2


def _web(folder: Path) -> Path:
    """A competition with one trade that has no scheme yet."""
    whole = {
        "format": competition_file.FORMAT,
        "competition": {"id": "es", "name": {"en": "EuroSkills"}},
        "trades": [{"id": "web", "name": {"en": "Web technologies"}}],
        "stages": [{"id": "final", "trade": "web", "name": {"en": "Final"}}],
        "groups": [{"id": "open", "trade": "web", "stage": "final", "name": {"en": "Open"}}],
    }
    file = folder / "web.json"
    file.write_text(json.dumps(whole), "utf-8")
    assert run("new", folder / "web", "--file", file).exit_code == 0
    return folder / "web"


# ---------------------------------------------------------------- the day


def test_open_draws_first_and_lock_lists_what_is_missing(made: Path) -> None:
    found = run("open", "plating/final", "--dir", made, "--json")
    assert found.exit_code == 0
    assert json.loads(found.stdout)["streams"] == [
        {"stream": "plating.final.main", "drawn": True, "entries": 15}
    ]
    again = run("open", "plating", "--dir", made)
    assert again.exit_code == 1 and "already_open" in again.stderr
    lock = run("lock", "plating", "--dir", made, "--json")
    told = json.loads(lock.stdout)
    assert lock.exit_code == 1 and told["code"] == "incomplete" and len(told["missing"]) == 75
    assert re.fullmatch("[A-Z][0-9]{2}", told["missing"][0]["code"])
    shown = run("lock", "plating", "--dir", made).stdout.splitlines()
    assert len(shown) == 75 and shown[0].endswith("the sheet is not open yet")
    groups = json.loads(run("trades", made, "--json").stdout)["groups"]
    assert {g["trade"]: g["sites"]["main"] for g in groups}["plating"] == "open"
    table = run("trades", made).stdout
    assert re.search(r"plating/final/open .* Marking +0/60 ", table)


def test_what_does_not_exist_or_may_not_be_is_refused(made: Path) -> None:
    unknown = run("open", "skiing", "--dir", made)
    assert unknown.exit_code == 2 and "hot-dishes/final/open" in unknown.stderr
    early = run("publish", "pastry", "--as", "provisional", "--to", "public", "--dir", made, "--json")
    assert early.exit_code == 1 and json.loads(early.stdout)["code"] == "not_locked"
    alone = run("publish", "pastry", "--as", "official", "--to", "public", "--dir", made)
    assert alone.exit_code == 2 and "--confirmed-by" in alone.stderr
    blind = run(
        "publish", "pastry", "--as", "official", "--to", "public", "--confirmed-by", "zhao", "--dir", made
    )
    assert blind.exit_code == 2 and "--password-file" in blind.stderr
    assert run("results", "pastry", "--dir", made).exit_code == 1
    assert run("results", "pastry", "--all", "--dir", made).exit_code == 2


def test_opening_tells_every_problem_of_the_set_up(tmp_path: Path) -> None:
    where = _web(tmp_path)
    found = run("open", "web", "--dir", where)
    assert found.exit_code == 1 and "setup.blocking" in found.stderr
    assert len(found.stdout.splitlines()) >= 2 and "[setup." in found.stdout
    assert json.loads(run("open", "web", "--dir", where, "--json").stdout)["code"] == "setup.blocking"


# ---------------------------------------------------------------- what is wrong with a directory


def test_a_newer_journal_is_named_and_left_alone(tmp_path: Path) -> None:
    assert run("new", tmp_path / "n").exit_code == 0
    with SqliteJournal(tmp_path / "n") as journal:
        line = Draft(b'{"kind":"time_machine","v":1,"t":"2030-01-01T00:00:00.000Z"}', b'{"salt":"00"}')
        journal.append([Batch("competition", journal.head("competition"), (line,))])
    found = run("trades", tmp_path / "n")
    assert found.exit_code == 2 and "A newer program wrote it" in found.stderr
    assert run("replay", tmp_path / "n").exit_code == 2


def test_a_held_directory_and_a_lost_key_are_named(tmp_path: Path) -> None:
    where = tmp_path / "n"
    assert run("new", where).exit_code == 0
    with SqliteJournal(where):
        held = run("trades", where)
        assert held.exit_code == 1 and "Process" in held.stderr
        doctor = json.loads(run("doctor", where, "--json").stdout)
        assert not doctor["ok"]
        assert [c["state"] for c in doctor["checks"] if c["check"] == "directory"] == ["bad"]
    (where / "keys" / "master.key").chmod(0o644)
    assert "Others may read the key" in run("trades", where).stderr
    assert run("doctor", where).exit_code == 1


def test_a_full_disk_says_what_to_do(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(typer.Exit) as ended:
        access.refuse(CommitFailed(kind="full", detail="SQLITE_FULL"), tmp_path)
    assert ended.value.exit_code == 1 and "[disk_full]" in capsys.readouterr().err


def test_a_healthy_directory_has_nothing_to_mend(made: Path) -> None:
    found = run("doctor", made, "--port", "0", "--json")
    told = json.loads(found.stdout)
    assert found.exit_code == 0 and told["ok"]
    names = [check["check"] for check in told["checks"]]
    assert names == ["python", "sqlite", "directory", "disk", "sync", "fonts", "key", "clock", "port"]
    (version,) = {check["version"] for check in told["checks"] if check["check"] == "sqlite"}
    assert version == apsw.sqlite_lib_version()
    assert tuple(map(int, version.split("."))) > LOSING[1], "a version that can lose commits"
    (made / "backups").mkdir()
    (made / "backups" / "master.key").write_text("x")
    try:
        assert run("doctor", made).exit_code == 1
    finally:
        (made / "backups" / "master.key").unlink()
        (made / "backups").rmdir()


# ---------------------------------------------------------------- the journal


def test_an_exported_journal_is_whole_and_folds_to_the_same(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "journal.jsonl"
    assert run("export", made, "--journal", "--out", out).exit_code == 0
    assert out.stat().st_mode & 0o077 == 0
    assert run("export", made, "--journal").stdout_bytes == out.read_bytes()
    assert run("export", made, "--journal", "--out", out).exit_code == 1  # never over another file
    assert run("verify", out).exit_code == run("verify", made).exit_code == 0
    heads = tmp_path / "heads.json"
    heads.write_text(run("verify", made, "--json").stdout)
    assert run("verify", out, "--head", heads).exit_code == 0
    lines = out.read_bytes().splitlines(keepends=True)
    (tmp_path / "cut.jsonl").write_bytes(b"".join(lines[:-3]))
    cut = run("verify", tmp_path / "cut.jsonl", "--head", heads)
    assert cut.exit_code == 1 and "tail_cut" in cut.stdout
    told = json.loads(run("replay", out, "--json").stdout)
    assert told["ok"] and told["lines"] == len(lines) - 1 and told["same_state"]


# ---------------------------------------------------------------- help


def commands() -> dict[str, Any]:
    """Every command by the words that call it."""
    found: dict[str, Any] = {}

    def walk(group: Any, before: str) -> None:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                walk(command, f"{before}{name} ")
            else:
                found[before + name] = command

    walk(typer.main.get_command(make_app()), "")
    return found


@pytest.mark.parametrize("language", words.LANGS)
def test_every_command_has_help_with_an_example(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPSYS_LANG", language)
    for name, command in commands().items():
        shown = run(*name.split(), "--help")
        assert shown.exit_code == 0
        assert re.search(rf"(Examples?:|例：)\n +compsys {name}\b", shown.stdout), name
        for option in command.params:
            assert getattr(option, "help", "") or option.name == "help", (name, option.name)


def test_the_document_of_the_command_line_names_everything() -> None:
    text = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    for name, command in commands().items():
        # The commands of this one group share a section, which names each.
        whole = "credential" if name.startswith("credential ") else name
        section = text.partition(f"## compsys {whole}\n")[2].partition("\n## ")[0]
        assert section, f"no section for compsys {name}"
        said = whole == name or f"`{name.split()[1]}" in section or f"`compsys {name}" in section
        assert said, f"{name} is not in its group's section"
        for option in command.params:
            for flag in (*option.opts, *option.secondary_opts):
                if flag.startswith("--") and flag != "--help":
                    assert f"`{flag}" in section, (name, flag)
