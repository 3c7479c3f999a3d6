"""The verifier: a good journal is good, and every tampering is named with its stream and line."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

import compsys.verify as verifier
from compsys import events
from compsys.journal import SqliteJournal, write_export
from compsys.seal import digest, first, seal
from compsys.vault import Identity, Vault, canonical, commitment, make_master_key
from compsys.verify import Finding, Report, main, verify
from tests.compsys.journals import STREAMS, draft, make, mark, write

WEB = "web/final/main"
COOKING = "cooking/final/main"


def named(report: Report) -> set[tuple[str, str, int]]:
    return {(problem.code, problem.stream, problem.n) for problem in report.problems}


def tamper(directory: Path, *statements: tuple[str, tuple[Any, ...]]) -> None:
    """Change the database behind the journal's back."""
    with sqlite3.connect(directory / "journal.db") as db:
        for sql, parameters in statements:
            assert db.execute(sql, parameters).rowcount == 1, sql
    db.close()


def column(directory: Path, name: str, stream: str, n: int) -> Any:
    with sqlite3.connect(directory / "journal.db") as db:
        (value,) = db.execute(f"SELECT {name} FROM lines WHERE stream = ? AND n = ?", (stream, n)).fetchone()
    db.close()
    return value


def exported(directory: Path, target: Path) -> Path:
    with SqliteJournal(directory) as journal, target.open("wb") as out:
        write_export(journal, out)
    return target


@pytest.fixture
def directory(tmp_path: Path, rng: random.Random) -> Path:
    make(tmp_path / "data", rng)
    return tmp_path / "data"


def test_a_good_journal_is_good_as_directory_database_export_and_backup(
    directory: Path, tmp_path: Path
) -> None:
    with SqliteJournal(directory) as journal:
        journal.backup(tmp_path / "backup.db")
        heads = {stream: (head.n, head.seal.hex()) for stream, head in journal.heads().items()}
    export = exported(directory, tmp_path / "export.jsonl")
    for path in (directory, directory / "journal.db", tmp_path / "backup.db", export):
        report = verify(path)
        assert (report.status, report.problems, report.notes, report.lines) == (0, [], [], 36)
        assert report.competition == "c1"
        assert report.heads == heads


def test_a_running_journal_is_checked_with_what_stands_in_its_log(
    directory: Path, rng: random.Random
) -> None:
    with SqliteJournal(directory) as journal:
        write(journal, WEB, mark(rng), mark(rng))
        before = sorted((path.name, path.stat().st_size) for path in directory.iterdir())
        report = verify(directory)
        assert (report.status, report.lines, report.heads[WEB][0]) == (0, 38, 14)
        assert sorted((path.name, path.stat().st_size) for path in directory.iterdir()) == before
        write(journal, WEB, mark(rng))  # the check left the running journal alone


@pytest.mark.parametrize("n", [1, 5, 11])
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("open", "open_changed"),
        ("closed", "closed_changed"),
        ("closed_digest", "digest_changed"),
        ("seal", "seal_changed"),
    ],
)
def test_one_flipped_byte_is_named_with_its_column(
    directory: Path, rng: random.Random, name: str, code: str, n: int
) -> None:
    value = bytearray(column(directory, name, WEB, n))
    value[rng.randrange(len(value))] ^= 1 << rng.randrange(8)
    tamper(directory, (f"UPDATE lines SET {name} = ? WHERE stream = ? AND n = ?", (bytes(value), WEB, n)))
    found = {found for found in named(verify(directory)) if found[0] not in ("malformed", "newer_version")}
    assert found == {(code, WEB, n)}


def test_a_changed_last_line_is_named(directory: Path) -> None:
    for name in ("open", "seal"):
        copy = directory.with_name(f"copy-{name}")
        shutil.copytree(directory, copy)
        value = bytearray(column(copy, name, WEB, 12))
        value[-2] ^= 1
        tamper(copy, (f"UPDATE lines SET {name} = ? WHERE stream = ? AND n = 12", (bytes(value), WEB)))
        assert ("seal_mismatch", WEB, 12) in named(verify(copy))


@pytest.mark.parametrize(("n", "other"), [(5, 37), (5, 0), (1, 13), (12, 13), (6, -3)])
def test_a_changed_number_is_named(directory: Path, n: int, other: int) -> None:
    tamper(directory, ("UPDATE lines SET n = ? WHERE stream = ? AND n = ?", (other, WEB, n)))
    assert named(verify(directory)) == {("swapped", WEB, n)}


def test_a_changed_stream_is_named_by_where_the_line_came_from(directory: Path) -> None:
    tamper(directory, ("UPDATE lines SET stream = 'veb' WHERE stream = ? AND n = 5", (WEB,)))
    report = verify(directory)
    assert named(report) == {("moved", WEB, 5)}
    assert report.problems[0].params == {"to": "veb", "at": 5}


@pytest.mark.parametrize(("n", "at"), [(12, 13), (5, 13), (1, 20)])
def test_a_line_moved_to_another_stream_is_named(directory: Path, n: int, at: int) -> None:
    sql = "UPDATE lines SET stream = ?, n = ? WHERE stream = ? AND n = ?"
    tamper(directory, (sql, (COOKING, at, WEB, n)))
    assert ("moved", WEB, n) in named(verify(directory))


def test_a_block_moved_to_another_stream_is_named_line_by_line(directory: Path) -> None:
    sql = "UPDATE lines SET stream = ?, n = ? WHERE stream = ? AND n = ?"
    tamper(directory, *((sql, (COOKING, 8 + n, WEB, n)) for n in range(5, 9)))
    assert named(verify(directory)) == {("moved", WEB, n) for n in range(5, 9)}


def test_several_tamperings_are_each_named(directory: Path) -> None:
    sql = "UPDATE lines SET n = ? WHERE stream = ? AND n = ?"
    changed = column(directory, "open", COOKING, 3).replace(b'"A1.01"', b'"A1.02"')
    tamper(
        directory,
        ("UPDATE lines SET open = ? WHERE stream = ? AND n = 3", (changed, COOKING)),
        ("DELETE FROM lines WHERE stream = ? AND n = 7", (COOKING,)),
        *((sql, (to, WEB, n)) for n, to in ((4, 99), (5, 4), (99, 5))),
        ("UPDATE lines SET stream = ? WHERE stream = 'competition' AND n = 12", (COOKING + "/x",)),
        ("UPDATE lines SET closed = x'7b7d' WHERE stream = 'competition' AND n = 2", ()),
    )
    assert named(verify(directory)) == {
        ("open_changed", COOKING, 3), ("gap", COOKING, 7), ("swapped", WEB, 4), ("swapped", WEB, 5),
        ("moved", "competition", 12), ("closed_changed", "competition", 2),
    }  # fmt: skip


@pytest.mark.parametrize(("a", "b"), [(3, 4), (1, 2), (11, 12), (2, 9)])
def test_swapped_lines_are_both_named(directory: Path, a: int, b: int) -> None:
    sql = "UPDATE lines SET n = ? WHERE stream = ? AND n = ?"
    tamper(directory, (sql, (99, WEB, a)), (sql, (a, WEB, b)), (sql, (b, WEB, 99)))
    assert named(verify(directory)) == {("swapped", WEB, a), ("swapped", WEB, b)}


@pytest.mark.parametrize("gap", [(1, 1), (4, 4), (4, 7)])
def test_missing_lines_are_named(directory: Path, gap: tuple[int, int]) -> None:
    kept = verify(directory).data()
    for n in range(gap[0], gap[1] + 1):
        tamper(directory, ("DELETE FROM lines WHERE stream = ? AND n = ?", (WEB, n)))
    report = verify(directory, kept)
    assert named(report) == {("gap", WEB, gap[0])}
    assert report.problems[0].params == {"last": gap[1]}


def test_a_tail_cut_is_seen_only_against_a_kept_head(directory: Path, tmp_path: Path) -> None:
    kept = verify(directory).data()
    tamper(directory, ("DELETE FROM lines WHERE stream = ? AND n = 12", (WEB,)))
    assert verify(directory).status == 0
    assert named(verify(directory, kept)) == {("tail_cut", WEB, 12)}


def test_a_stream_that_vanished_whole_is_seen_against_a_kept_head(directory: Path) -> None:
    kept = verify(directory).data()
    with sqlite3.connect(directory / "journal.db") as db:
        db.execute("DELETE FROM lines WHERE stream = ?", (WEB,))
    db.close()
    assert named(verify(directory, kept)) == {("tail_cut", WEB, 1)}


def test_a_chain_rebuilt_after_a_change_is_seen_only_against_a_kept_head(directory: Path) -> None:
    kept = verify(directory).data()
    changed = column(directory, "open", WEB, 5).replace(b'"A1.01"', b'"A1.02"')
    tamper(directory, ("UPDATE lines SET open = ? WHERE stream = ? AND n = 5", (changed, WEB)))
    with sqlite3.connect(directory / "journal.db") as db:
        prev = first("c1", WEB)
        for n in range(1, 13):
            sql = "SELECT open, closed FROM lines WHERE stream = ? AND n = ?"
            open_part, closed = db.execute(sql, (WEB, n)).fetchone()
            prev = seal(prev, open_part, digest(closed))
            db.execute("UPDATE lines SET seal = ? WHERE stream = ? AND n = ?", (prev, WEB, n))
    db.close()
    assert verify(directory).status == 0
    assert named(verify(directory, kept)) == {("rebuilt", WEB, 12)}


def test_kept_heads_of_another_competition_are_refused(directory: Path) -> None:
    report = verify(directory, {"competition": "c2", "heads": {}})
    assert report.problems == [Finding("other_competition", params={"kept": "c2"})]


def test_a_newer_kind_or_version_is_named(directory: Path, rng: random.Random) -> None:
    with SqliteJournal(directory) as journal:
        write(
            journal,
            WEB,
            draft(rng, "marked", v=2),
            draft(rng, "teleported"),
            draft(rng)._replace(open=b"\xff{"),
        )
    assert named(verify(directory)) == {
        ("newer_version", WEB, 13), ("newer_version", WEB, 14), ("malformed", WEB, 15),
    }  # fmt: skip


def test_the_kinds_it_knows_are_those_of_the_core() -> None:
    tags = {kind.__struct_config__.tag for kind in get_args(events.AnyEvent)}
    assert set(verifier.KINDS) == tags


def test_a_result_that_cites_another_line_is_named(directory: Path, rng: random.Random) -> None:
    with SqliteJournal(directory) as journal:
        good = {"stream": WEB, "n": 12, "head": journal.head(WEB).seal.hex()}
        wrong = {"stream": COOKING, "n": 12, "head": journal.head(WEB).seal.hex()}
        absent = {"stream": WEB, "n": 13, "head": journal.head(WEB).seal.hex()}
        results = [draft(rng, "result_published", cites=cites) for cites in ([good], [good, wrong], [absent])]
        write(journal, "competition", *results)
    assert named(verify(directory)) == {
        ("cite_mismatch", "competition", 14),
        ("cite_mismatch", "competition", 15),
    }


def test_withheld_parts_are_counted_and_must_be_explained(directory: Path, rng: random.Random) -> None:
    with SqliteJournal(directory) as journal:
        write(journal, "competition", draft(rng, "withheld", stream=WEB, n=3))
        journal.forget([(WEB, 3)])
        assert verify(directory).problems == []
        journal.forget([(WEB, 4)])
    report = verify(directory)
    assert named(report) == {("withheld_unexplained", WEB, 4)}
    assert report.notes == [Finding("withheld", params={"count": 2})]
    assert report.notes[0].sentence() == "withheld: 2 closed parts withheld"


# ---------------------------------------------------------------- identities


@pytest.fixture
def bound(directory: Path, rng: random.Random) -> Callable[[Callable[[Vault], object]], Report]:
    """A journal that binds two persons; a function that lets something be done to the vault and checks."""
    keys = directory.parent / "keys"
    make_master_key(keys, rng.randbytes)

    def check(change: Callable[[Vault], object]) -> Report:
        with SqliteJournal(directory) as journal:
            vault = Vault(journal, keys, rng.randbytes)
            change(vault)
            vault.close()
        return verify(directory, key_file=keys / "master.key")

    people = {
        "p1": Identity({"zh-CN": "李娜"}, "id", "110101199003070012"),
        "p2": Identity({"en": "Bo"}, "id", "7"),
    }
    with SqliteJournal(directory) as journal:
        vault = Vault(journal, keys, rng.randbytes)
        for person, identity in people.items():
            vault.put(person, identity)
            salt = rng.randbytes(16).hex()
            made = commitment(salt, canonical(identity))
            line = draft(rng, "person_bound", person=person, commitment=made)
            closed = json.dumps({"salt": rng.randbytes(16).hex(), "secret": salt}).encode()
            write(journal, "competition", line._replace(closed=closed))
        vault.close()
    return check


def test_committed_identities_agree_with_the_vault(bound: Callable[..., Report]) -> None:
    report = bound(lambda vault: None)
    assert (report.problems, report.notes) == (
        [],
        [Finding("persons_checked", params={"count": 2, "erased": 0})],
    )


def test_a_swapped_identity_is_named(bound: Callable[..., Report]) -> None:
    def swap(vault: Vault) -> None:
        one, two = vault.get("p1"), vault.get("p2")
        assert isinstance(one, Identity) and isinstance(two, Identity)
        vault.put_many([("p1", two), ("p2", one)])

    report = bound(swap)
    assert named(report) == {("identity_swapped", "competition", 13), ("identity_swapped", "competition", 14)}
    assert report.problems[0].params == {"person": "p1"}


def test_rows_exchanged_behind_the_vaults_back_are_named(
    bound: Callable[..., Report], directory: Path
) -> None:
    bound(lambda vault: None)
    with sqlite3.connect(directory / "journal.db") as db:
        one, two = (row[0] for row in db.execute("SELECT sealed FROM persons ORDER BY person").fetchall())
        db.execute("UPDATE persons SET sealed = CASE person WHEN 'p1' THEN ? ELSE ? END", (two, one))
    db.close()
    report = verify(directory, key_file=directory.parent / "keys" / "master.key")
    assert named(report) == {
        ("person_unreadable", "competition", 13),
        ("person_unreadable", "competition", 14),
    }


def test_a_row_taken_out_is_named_and_an_erased_person_is_not(
    bound: Callable[..., Report], directory: Path
) -> None:
    report = bound(lambda vault: vault.erase("p1", "2026-11-22T00:00:00.000Z"))
    assert (report.problems, report.notes[-1].params) == ([], {"count": 1, "erased": 1})
    tamper(directory, ("DELETE FROM persons WHERE person = 'p2'", ()))
    assert named(bound(lambda vault: None)) == {("person_missing", "competition", 14)}


def test_without_the_key_it_says_what_was_not_compared(bound: Callable[..., Report], directory: Path) -> None:
    assert verify(directory).notes == [Finding("persons_unchecked", params={"count": 2})]


# ---------------------------------------------------------------- the command


def test_it_runs_alone_with_only_the_standard_library(
    bound: Callable[..., Report], directory: Path, tmp_path: Path
) -> None:
    bound(lambda vault: None)
    for name in ("verify.py", "verify_identity.py", "verify_log.py"):
        shutil.copy(Path(verifier.__file__).with_name(name), tmp_path / name)

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        isolated = [sys.executable, "-S", "-E", str(tmp_path / "verify.py"), *map(str, arguments)]
        return subprocess.run(isolated, capture_output=True, text=True, check=False, cwd=tmp_path)

    key = directory.parent / "keys" / "master.key"
    good = run(directory, "--json", "--key", key)
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout)["ok"] is True
    (tmp_path / "kept.json").write_text(good.stdout)
    tamper(directory, ("DELETE FROM lines WHERE stream = ? AND n = 12", (WEB,)))
    cut = run(directory, "--head", tmp_path / "kept.json")
    assert (cut.returncode, cut.stderr) == (1, "")
    assert cut.stdout.splitlines()[0] == f"tail_cut: {WEB} #12: cut off: the kept head is line 12"
    assert run(tmp_path / "nothing").returncode == 2


def test_what_cannot_be_read_says_so(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "words.txt").write_text("not a journal\n")
    (tmp_path / "newer.jsonl").write_text('{"compsys_journal":2,"competition":"c1"}\n')
    (tmp_path / "half.jsonl").write_text('{"compsys_journal":1,"competition":"c1"}\n{"stream":"a"}\n')
    half = (directory / "journal.db").read_bytes()
    (tmp_path / "half.db").write_bytes(half[: len(half) // 2])
    for name in ("absent", "words.txt", "newer.jsonl", "half.jsonl", "half.db"):
        assert main([str(tmp_path / name)]) == 2, name
        assert capsys.readouterr().out.startswith("unreadable: ")
    assert main([str(directory), "--head", str(tmp_path / "absent")]) == 2
    capsys.readouterr()
    (tmp_path / "broken.key").write_text("zz")
    assert main([str(directory), "--key", str(tmp_path / "broken.key"), "--lang", "zh-CN"]) == 2
    assert capsys.readouterr().out.startswith("unreadable: 无法读取")


def test_every_code_has_a_sentence_in_both_languages_that_takes_its_parameters(directory: Path) -> None:
    given = dict.fromkeys(("last", "at", "to", "head", "kept", "kind", "v", "cited", "person"), "x")
    given |= dict.fromkeys(("detail", "count", "bytes", "erased", "sha", "named", "there", "differ"), "x")
    for code in verifier.SENTENCES:
        for language in ("zh-CN", "en"):
            assert len(Finding(code, STREAMS[0], 1, given).sentence(language)) > len(code) + 20
