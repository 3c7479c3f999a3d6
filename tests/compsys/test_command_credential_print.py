"""Certificates printed at the command line: counted, a PDF for each delegation, badges, what stops one."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from pathlib import Path
from typing import Any

import msgspec
import pypdfium2
import pytest
import zxingcpp

from compsys import events as e
from compsys.commands_papers import PrintCredentials
from compsys.credentials import baking, jcs, proofs, qr
from compsys.credentials.multikey import decode
from compsys.credentials.typesetting import NAMES
from compsys.desk import Desk
from compsys.vault import Identity
from tests.compsys.test_certificate_paper import texts
from tests.compsys.test_command_credential import approved, kept, run, told

NAMED = ["选手0", "选手1", "选手2", "选手3"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with four level certificates (two delegations) and eight awards."""
    found = tmp_path_factory.mktemp("printed") / "c"
    asyncio.run(kept(found))
    (found.parent / "password").write_text("eleven judges at one table\n")
    told("key", "centre", "--new", "--dir", found)
    told("issue", approved(found), "--dir", found)
    told("issue", approved(found, "--award"), "--dir", found)
    return found


def printing(folder: Path, *args: object) -> Any:
    return told("print", *args, "--dir", folder)


def test_one_pdf_for_each_delegation_counted_and_reprints_say_so(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPSYS_LANG", "en")
    out = tmp_path / "out"
    done = printing(made, "--paper", "level", "--by-delegation", "-o", out)
    assert done["certificates"] == 4
    files = [(Path(one["path"]).name, one["certificates"]) for one in done["files"]]
    assert files == [("d0.pdf", 2), ("d1.pdf", 2)]
    pages = texts((out / "d0.pdf").read_bytes()) + texts((out / "d1.pdf").read_bytes())
    assert all(any(name in page for page in pages) for name in NAMED)
    assert not any("Reprint" in page for page in pages)
    one = tmp_path / "one.pdf"
    printing(made, "--paper", "level", "--delegation", "d0", "-o", one)
    again = texts(one.read_bytes())
    assert len(again) == 2 and all("补印1/Reprint1" in page for page in again)


def test_the_symbol_and_the_attachment_verify_with_what_the_journal_keeps(made: Path, tmp_path: Path) -> None:
    one = tmp_path / "one.pdf"
    found = told("list", "--issued", "--dir", made)["credentials"]
    number = next(c["number"] for c in found if c["name"]["zh-CN"] == "选手1" and c["paper"] == "level")
    printing(made, number, "--language", "zh-CN", "-o", one)
    pdf = pypdfium2.PdfDocument(one)
    key = decode(told("key", "centre", "--dir", made)["keys"][-1]["id"])
    attached = jcs.parse(bytes(pdf.get_attachment(0).get_data()))
    assert proofs.verify(attached, lambda method: key).ok
    assert bytes(pdf.get_attachment(0).get_data()) == run("export", number, "--dir", made).stdout.encode()
    read = zxingcpp.read_barcodes(pdf[0].render(scale=150 / 72).to_pil())[0].text
    opened = qr.open_fragment(read, asyncio.run(dictionaries(made)))
    assert isinstance(opened, dict) and opened["credentialSubject"]["licenseNumber"] == number
    assert proofs.verify(opened, lambda method: key, suites=(proofs.JCS,)).ok


async def dictionaries(folder: Path) -> dict[str, bytes]:
    """The dictionaries in a directory's journal."""
    desk = await Desk.open(folder, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, None)
    try:
        async with desk.reading(e.COMPETITION) as state:
            return {name: text.encode() for name, text in state.credentials.dictionaries.items()}
    finally:
        await desk.close()


def test_badges_hold_the_document_and_are_no_prints(made: Path, tmp_path: Path) -> None:
    for form, read in (("png", baking.read_png), ("svg", lambda data: baking.read_svg(data.decode()))):
        printing(made, "--paper", "award", "--format", form, "-o", tmp_path / form)
        files = sorted((tmp_path / form).iterdir())
        assert len(files) == 4 or len(files) == 8
        text = read(files[0].read_bytes())  # type: ignore[operator]  # one of two readers
        assert json.loads(text or "")["credentialSubject"]["licenseNumber"] == files[0].stem
    first = tmp_path / "awards.pdf"
    printing(made, "--paper", "award", "-o", first)
    assert not any("Reprint" in page for page in texts(first.read_bytes()))


def test_a_broken_template_counts_nothing_and_names_its_line(made: Path, tmp_path: Path) -> None:
    assert set(NAMES) == {"level", "award", "score", "badge", "parts"}
    own = made / "templates" / "centre"
    own.mkdir(parents=True)
    try:
        assert run("template", "score", "-o", own / "score.typ").exit_code == 0
        text = (own / "score.typ").read_text("utf-8")
        (own / "score.typ").write_text(text + "\n#let broken = (\n", "utf-8")
        done = run("print", "--paper", "level", "--json", "-o", tmp_path / "x.pdf", "--dir", made)
        said = json.loads(done.stdout)
        assert done.exit_code == 1 and said["code"] == "print.template"
        place = (said["params"]["file"], int(said["params"]["line"]))
        assert place == ("score.typ", len(text.splitlines()) + 2)
        assert not (tmp_path / "x.pdf").exists()
    finally:
        (own / "score.typ").unlink()
        own.rmdir()
        (made / "templates").rmdir()


def test_what_was_asked_for_wrongly_says_what_to_write(made: Path, tmp_path: Path) -> None:
    for args, code in (
        (("--paper", "gold"), "cli.credential_print.no_paper"),
        (("--language", "fr"), "cli.credential_print.no_language"),
        (("--format", "png"), "cli.credential_print.folder"),
        (("--delegation", "nobody"), "cli.credential_print.nothing"),
        (("S000037000042263999999",), "credential.credential_unknown"),
        (("--batch", "ffffffff"), "credential.batch_unknown"),
    ):
        done = run("print", *args, "--json", "--dir", made)
        assert done.exit_code != 0 and json.loads(done.stdout)["code"] == code, args


def test_a_name_that_cannot_be_printed_gets_no_number(tmp_path: Path) -> None:
    """The slice stops before a number is given, with the name; nothing is reserved."""
    folder = tmp_path / "c"
    asyncio.run(kept(folder))
    (tmp_path / "password").write_text("eleven judges at one table\n")
    asyncio.run(renamed(folder, "p00001", "王\U0003134a"))
    told("key", "centre", "--new", "--dir", folder)
    batch = approved(folder)
    done = run("issue", batch[:8], "--json", "--dir", folder)
    said = json.loads(done.stdout)
    assert done.exit_code == 1 and said["code"] == "print.glyph"
    assert said["params"]["holder"] == "王\U0003134a"
    assert told("list", "--issued", "--dir", folder)["credentials"] == []


async def renamed(folder: Path, person: str, name: str) -> None:
    """A person has another name on record."""
    desk = await Desk.open(folder, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, None)
    try:
        await desk.put_persons([(person, Identity({"zh-CN": name}, held_level="none", category="worker"))])
    finally:
        await desk.close()


def test_the_commands_wire_form_is_bounded() -> None:
    """More than a slice in one command is refused by its shape."""
    wire = {"c": "print_credentials", "credentials": ["ab" * 16] * 201}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wire, PrintCredentials)
