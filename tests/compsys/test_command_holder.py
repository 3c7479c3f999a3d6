"""``compsys credential holder-link|corrections|correct``: links on slips, a name corrected by an officer."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument

from compsys import events as e
from compsys import holder_desk, passwords
from tests.compsys.holders import MISREAD, OFFICE, OFFICER, RIGHT, issued, number, opened, person, put
from tests.compsys.test_command_line import run

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True, name="english")
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPSYS_LANG", "en")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A directory where people were issued certificates and one of them asks for a corrected name."""

    async def day() -> None:
        desk = await issued(tmp_path / "k")
        kept = passwords.hashed(PASSWORD, bytes(16))
        await put(desk, e.MakeAccount(account=OFFICER, roles=("officer",), secret=kept), OFFICE)
        answer = await holder_desk.ask(
            desk, person(0), {"zh-CN": RIGHT}, "misread", ("image/png", b"\x89PNG proof")
        )
        assert answer.a == "accepted"
        await desk.close()

    asyncio.run(day())
    (tmp_path / "password").write_text(PASSWORD)
    return tmp_path / "k"


def test_slips_for_a_delegation_name_those_who_get_none(made: Path) -> None:
    slips = made.parent / "slips.pdf"
    done = run("credential", "holder-link", "--delegation", "d0", "--slips", slips, "--dir", made, "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 0 and {one["person"] for one in told["links"]} == {person(0), person(2)}
    pages = PdfDocument(slips.read_bytes())
    text = "\n".join(page.get_textpage().get_text_range() for page in pages)
    assert all(link["url"].partition("#")[2][:8] in text.replace("\r\n", "") for link in told["links"])
    assert "Works until" in text and number(0) not in text
    assert run("verify", made).exit_code == 0


def test_a_link_by_number_and_its_end(made: Path) -> None:
    where = ("--base", "http://10.0.0.5:8000", "--dir", made)
    done = run("credential", "holder-link", "S000037000042262000001", *where)
    assert done.exit_code == 0 and "http://10.0.0.5:8000/holder#" in done.output
    assert run("credential", "holder-link", person(0), "--revoke", "--dir", made).exit_code == 0
    again = run("credential", "holder-link", person(0), "--revoke", "--dir", made)
    assert again.exit_code == 1 and "no link that works" in again.output
    nobody = run("credential", "holder-link", "Nobody At All", "--dir", made)
    assert nobody.exit_code == 1 and "[holder.nobody]" in nobody.output
    assert run("credential", "holder-link", "--dir", made).exit_code == 2


def test_an_officer_corrects_a_name_with_the_own_password(made: Path) -> None:
    found = run("credential", "corrections", "--files", made.parent / "proofs", "--dir", made, "--json")
    (told,) = json.loads(found.stdout)["corrections"]
    assert told["name"] == {"zh-CN": RIGHT} and told["now"]["zh-CN"] == MISREAD and told["words"] == "misread"
    assert (made.parent / "proofs" / f"{told['id']}.png").read_bytes() == b"\x89PNG proof"
    assert RIGHT in run("credential", "corrections", "--dir", made).output
    how = ("--confirmed-by", OFFICER, "--password-file", made.parent / "password", "--dir", made)
    (made.parent / "wrong").write_text("not it at all")
    wrong = ("--confirmed-by", OFFICER, "--password-file", made.parent / "wrong", "--dir", made)
    assert "[login_failed]" in run("credential", "correct", told["id"], "--accept", *wrong).output
    assert run("credential", "correct", told["id"], *how).exit_code == 2
    assert "[reason_missing]" in run("credential", "correct", told["id"], "--refuse", *how).output
    done = run("credential", "correct", told["id"][:6], "--accept", *how)
    assert done.exit_code == 0 and "2 certificates were issued anew" in done.output, done.output
    assert "No correction waits" in run("credential", "corrections", "--dir", made).output
    assert "Corrected" in run("credential", "corrections", "--all", "--dir", made).output
    assert run("verify", made, "--key", made / "keys" / "master.key").exit_code == 0

    async def named() -> str:
        desk = await opened(made, 2)
        known = desk.names(person(0))
        await desk.close()
        return known.name["zh-CN"] if known else ""

    assert asyncio.run(named()) == RIGHT
