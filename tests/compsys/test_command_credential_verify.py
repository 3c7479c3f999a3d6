"""``compsys credential verify`` and ``bundle``: the verdict, its exit status, and life after the server."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from compsys.credentials import jcs, proofs
from compsys.exchange import credential_bundle
from compsys.state_credentials import Credential
from tests.compsys.credential_cases import packed
from tests.compsys.test_command_line_day import english, run
from tests.web.certified_office import Office

__all__ = ["english"]  # a fixture of the other file


class Issued:
    """A directory in which certificates were issued; nobody serves it any more."""

    def __init__(self, folder: Path) -> None:
        made = Office(folder, count=4)

        async def work() -> None:
            async with made.opened():
                self.rows: list[Credential] = await made.issued()
                self.documents = [await made.document(row) for row in self.rows]
                await made.move(self.rows[2], "revoked")

        asyncio.run(work())
        self.folder = folder / "data"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issued]:
    """One directory for all tests here."""
    yield Issued(tmp_path_factory.mktemp("issued"))


def told(*args: object, status: int = 0) -> Any:
    """What the command gives as JSON."""
    found = run("credential", "verify", *args, "--json")
    assert found.exit_code == status, found.output
    return json.loads(found.stdout)


def file_of(folder: Path, document: dict[str, Any]) -> Path:
    """The document as a file."""
    path = folder / "certificate.json"
    path.write_bytes(jcs.canonical(document))
    return path


def test_a_number_a_file_and_a_link_are_checked(place: Issued, tmp_path: Path) -> None:
    number, document = place.rows[0].number, place.documents[0]
    found = run("credential", "verify", number, "--dir", place.folder)
    assert found.exit_code == 0, found.output
    for text in ("Valid", "选手0", number, "Level 2 / technician", "Welder 6-18-02-04", "Basis: Welding"):
        assert text in found.stdout, found.stdout
    link = f"https://c.example/v#{packed(proofs.only(document, proofs.JCS))}"
    for what in (file_of(tmp_path, document), link, document["id"]):
        assert told(what, "--dir", place.folder)["verdict"] == "valid"


def test_only_a_valid_one_has_status_0(place: Issued, tmp_path: Path) -> None:
    revoked = place.documents[2]
    path = file_of(tmp_path, revoked)
    assert told(path, "--dir", place.folder, status=1)["code"] == "revoked"
    assert told(path, "--dir", place.folder, "--offline", status=1)["code"] == "revoked_list"
    assert told("S000037000042269999999", "--dir", place.folder, status=1)["code"] == "number_here"
    path.write_bytes(jcs.canonical(revoked).replace("选手2".encode(), "选手9".encode()))
    assert told(path, "--dir", place.folder, status=1)["code"] == "altered"
    path.write_bytes(b"{")
    assert told(path, "--dir", place.folder, status=1)["code"] == "unreadable"
    assert run("credential", "verify", tmp_path / "none.json", "--dir", place.folder).exit_code == 2


def test_a_bundle_checks_without_the_directory(place: Issued, tmp_path: Path) -> None:
    out = tmp_path / "bundle.zip"
    found = run("credential", "bundle", "--dir", place.folder, "--out", out)
    assert found.exit_code == 0, found.output
    for document, status, code in ((place.documents[0], 0, "valid"), (place.documents[2], 1, "revoked_list")):
        path = file_of(tmp_path, document)
        assert told(path, "--bundle", out, status=status)["code"] == code
    assert told(place.rows[0].number, "--bundle", out, status=1)["code"] == "number_offline"
    assert run("credential", "verify", path, "--bundle", path).exit_code == 2
    with zipfile.ZipFile(out) as archive:
        names = set(archive.namelist())
        history = jcs.parse(archive.read("signed/centre.json"))
        texts = [archive.read(name).decode() for name in names]
    assert {"trust.json", "contexts.json", "page/index.html", "page/index.en.html"} <= names
    assert not any("选手" in text or place.rows[0].number in text for text in texts)
    key = credential_bundle.read(out).trust.issuers["https://c.example/issuers/centre"].keys[-1]
    checked = proofs.verify(history, lambda _: key.public, suites=(proofs.JCS,))
    assert checked.ok, checked
