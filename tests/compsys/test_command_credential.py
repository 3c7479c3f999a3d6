"""The way of a promotion at the command line, as an office goes it: from an official result to documents."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from compsys import events as e
from compsys import passwords
from compsys.__main__ import make_app
from compsys.credentials import documents, proofs
from compsys.desk import Desk
from tests.compsys import certified
from tests.world import OFFICE

PASSWORD = "eleven judges at one table"


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPSYS_LANG", "en")


def run(*args: object) -> Any:
    """One command, as typed."""
    return CliRunner().invoke(make_app(), ["credential", *map(str, args)], prog_name="compsys")


def told(*args: object) -> Any:
    """A command's JSON; it must not fail."""
    done = run(*args, "--json")
    assert done.exit_code == 0, (done.stdout, done.stderr)
    return json.loads(done.stdout)


async def kept(folder: Path, count: int = 8, **more: Any) -> None:
    """The contest in a directory of its own, with names and the officers' passwords."""
    covered = certified.filing(since="2000-01-01", until="2099-12-31")
    world = certified.official(count, **{"filing": covered, **more})
    desk = await Desk.open(folder, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, "c-test")
    try:
        for call in world.calls:
            answer = await desk.submit(call)
            assert answer.a == "accepted", (answer, call)
        await desk.put_persons([(f"p{i:05d}", certified.identity(i)) for i in range(count)])
        for officer in certified.OFFICERS:
            secret = passwords.hashed(PASSWORD, secrets.token_bytes(16))
            made = e.MakeAccount(account=officer, roles=("officer",), secret=secret)
            await desk.submit(e.Call(key=desk.fresh(), actor=OFFICE, command=made))
    finally:
        await desk.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the official result, and a key of its own."""
    found = tmp_path_factory.mktemp("made") / "c"
    asyncio.run(kept(found))
    told("key", "centre", "--new", "--dir", found)
    return found


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of it, for one test."""
    (tmp_path / "password").write_text(PASSWORD + "\n")
    return Path(shutil.copytree(made, tmp_path / "c"))


def approved(folder: Path, *paper: str) -> str:
    """A batch proposed, on notice for no days, approved; its id."""
    secret = folder.parent / "password"
    batch = told("propose", "weld/final/open", "--issuer", "centre", *paper, "--dir", folder)["batch"]
    if "--rules" in paper or not paper:
        told("notice", batch[:8], "--days", "0", "--dir", folder)
    told(
        "approve", batch[:8], "--officer", "qian", "--identity", "all", "--password-file", secret,
        "--dir", folder,
    )  # fmt: skip
    return str(batch)


def test_from_the_official_result_to_a_document_that_verifies_and_is_revoked(folder: Path) -> None:
    at = ("--dir", folder)
    batch = approved(folder)
    assert told("issue", batch[:8], *at) == {"ok": True, "issued": 4, "void": []}
    assert told("issue", *at)["issued"] == 0
    found = told("list", "--issued", *at)["credentials"]
    assert [(one["name"]["zh-CN"], one["level"]) for one in found] == [
        ("选手0", "2"), ("选手1", "2"), ("选手2", "2"), ("选手3", "3"),
    ]  # fmt: skip
    number = found[0]["number"]
    assert number.startswith("S000037000042") and number.endswith("2000001") and len(number) == 22
    document = json.loads(run("export", number, *at).stdout)
    assert document["credentialSubject"]["licenseNumber"] == number
    keys = told("key", "centre", *at)["keys"]
    issuer = document["issuer"]["id"]
    signing = keys[-1]["id"]
    public = documents.public_of(signing, "Ed25519")
    checked = proofs.verify(document, lambda method: public if method == f"{issuer}#{signing}" else None)
    assert checked.ok, checked
    wrong = run("revoke", number, "--reason", "x", "--code", "fraud", "--json", *at)
    assert wrong.exit_code == 1 and json.loads(wrong.stdout)["code"] == "confirmation_missing"
    secret = folder.parent / "password"
    gone = told(
        "revoke", number, "--reason", "替考", "--code", "fraud", "--confirmed-by", "sun",
        "--password-file", secret, *at,
    )  # fmt: skip
    assert gone["credentials"][0]["status"] == "revoked"
    assert gone["credentials"][0]["reason"] | {"at": ""} == {"code": "fraud", "words": "替考", "at": ""}


def test_the_steps_are_told_to_people_with_what_comes_next(folder: Path) -> None:
    at = ("--dir", folder)
    proposed = run("propose", "weld/final/open", "--issuer", "centre", *at)
    assert proposed.exit_code == 0, proposed.stderr
    assert "level 2 (technician)" in proposed.stdout and "compsys credential notice" in proposed.stdout
    assert "not known: identity, pass marks" in proposed.stdout
    batch = told("list", *at)["batches"][0]["batch"]
    early = run("approve", batch[:8], "--officer", "qian", "--password-file", folder.parent / "password", *at)
    assert early.exit_code == 1 and "[credential.notice_missing]" in early.stderr
    running = run("notice", batch[:8], "--days", "5", *at)
    assert "on notice" in running.stdout
    early = run("approve", batch[:8], "--officer", "qian", "--password-file", folder.parent / "password", *at)
    assert early.exit_code == 1 and "[credential.notice_running]" in early.stderr
    said = run("object", batch[:8], "1", "--words", "not the same person", *at)
    n = said.stdout.split("Objection ")[1].split()[0]
    answered = run("answer", batch[:8], n, "--upheld", "--words", "checked", "--days", "0", *at)
    assert "Version 2 leaves out rows 1" in answered.stdout, answered.stderr
    wrong = run("approve", batch[:8], "--officer", "lin", "--password-file", folder.parent / "password", *at)
    assert wrong.exit_code == 1 and "[login_failed]" in wrong.stderr


def test_two_people_are_needed_and_the_proposer_is_not_the_second(folder: Path) -> None:
    secret = ("--password-file", folder.parent / "password", "--dir", folder)
    made = told("propose", "weld/final/open", "--issuer", "centre", "--award", "--by", "qian", *secret)
    batch = made["batch"]
    own = run("approve", batch, "--officer", "qian", "--identity", "all", *secret)
    assert own.exit_code == 1 and "[same_person]" in own.stderr
    none = run("approve", batch, "--identity", "all", "--dir", folder)
    assert none.exit_code == 1 and "[confirmation_missing]" in none.stderr
    assert told("approve", batch, "--officer", "sun", "--identity", "all", *secret)["approved_by"] == "sun"


def test_a_token_is_signed_by_a_key_of_its_own(folder: Path) -> None:
    at = ("--dir", folder)
    batch = approved(folder, "--score")
    told("issue", batch, *at)
    number = told("list", "--issued", *at)["credentials"][0]["number"]
    missing = run("export", number, "--format", "jwt", *at)
    assert missing.exit_code == 1 and "[credential.jwt_key_missing]" in missing.stderr
    told("key", "centre", "--new", "--suite", "ES256", *at)
    token = run("export", number, "--format", "jwt", *at).stdout
    assert token.count(".") == 2
    many = told("export", "--batch", batch, "--out", folder.parent / "papers", *at)
    assert many["written"] == 8 == len(list((folder.parent / "papers").glob("*.json")))


