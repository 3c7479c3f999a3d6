"""``compsys credential sheet``, ``subsidy``, ``figures``, ``archive``, ``archive-check`` on a directory."""

from __future__ import annotations

import asyncio
import io
import json
import random
import stat
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest

from compsys import commands_credentials as c
from compsys import control, passwords
from compsys import events as e
from compsys.credentials import working
from compsys.desk import Desk
from compsys.exchange import credential_archive
from compsys.journal import SqliteJournal
from compsys.vault import Identity
from tests.compsys import certified
from tests.compsys.exchange.register_rows import resident
from tests.compsys.test_command_line import english, run
from tests.conftest import SEED

__all__ = ["english"]  # a fixture of the other file

COUNT = 8
PARTS = [
    {"id": "exam", "name": {"en": "Exam"}, "source": "imported", "part": "theory", "weight": "0.3"},
    {"id": "practice", "name": {"en": "Practice"}, "source": "imported", "part": "practical", "max": "60"},
]


def identity(at: int) -> Identity:
    """Registered by name, but for the second."""
    number = resident(at) if at != 1 else ""
    known = certified.identity(at)
    return msgspec.structs.replace(known, id_type="resident_id", id_number=number)


def certified_world() -> tuple[Any, str]:
    """A result with a theory and a practical mark, and an approved batch of level certificates."""
    world = certified.founded(COUNT)
    group = {"id": "open", "trade": "weld", "stage": "final", "name": {"en": "Welding"}, "profile": "hi-2023"}
    world.define("group", **group, components=PARTS)
    units = tuple((f"e{i:05d}", f"u{i:05d}", f"A{i:05d}") for i in range(COUNT))
    world.do(certified.OFFICE, e.Draw(stream=certified.WELD, units=units))
    world.do(certified.OFFICE, e.Open(stream=certified.WELD))
    for part, top in (("exam", 98), ("practice", 60)):
        given = tuple((f"u{i:05d}", str(top - i), "") for i in range(COUNT))
        scores = e.ImportScores(stream=certified.WELD, component=part, digest="0", rows=given)
        n = world.do(certified.ORGANIZER, scores).n
        world.do(certified.SECOND, e.ConfirmScores(stream=certified.WELD, n=n))
    world.do(certified.ORGANIZER, e.Lock(stream=certified.WELD, scope="stage"))
    certified.publish(world)
    trained = (("p00002", "centre", ""), ("p00003", "d1", "p00099"))
    world.do(certified.ORGANIZER, c.NoteTraining(rows=trained))
    batch = certified.propose(world, count=COUNT)
    certified.approve(world, batch)
    return world, batch.id


async def kept(folder: Path) -> str:
    """The world in a directory, with names, a key and its certificates issued; the batch."""
    world, batch = certified_world()
    chance = random.Random(SEED)
    desk = await Desk.open(folder, lambda: world.now, chance.randbytes, "c-test")
    try:
        for call in world.calls:
            answer = await desk.submit(call)
            assert answer.a == "accepted", (answer, call)
        await desk.put_persons([(f"p{i:05d}", identity(i)) for i in range(COUNT)])
        secret = passwords.hashed("open sesame", bytes(16))
        clerk = e.MakeAccount(account="yu", roles=("officer",), secret=secret)
        assert (await working.submit(desk, certified.OFFICE, clerk)).a == "accepted"
        assert (await working.make_key(desk, certified.ORGANIZER, "centre")).a == "accepted"
        done = await working.issue(desk, certified.ORGANIZER, batch)
        assert done.refused is None and not done.left, done
    finally:
        await desk.close()
    return batch


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A directory with certificates, and their batch."""
    folder = tmp_path_factory.mktemp("cup") / "data"
    return folder, asyncio.run(kept(folder))


@pytest.fixture
def cup(made: tuple[Path, str]) -> Path:
    return made[0]


def told(*args: object, status: int = 0) -> Any:
    """What the command gives as JSON."""
    found = run("credential", *args, "--json")
    assert found.exit_code == status, found.output
    return json.loads(found.stdout)


def taken(cup: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The lines that say what went out: open and closed parts."""
    journal = SqliteJournal(cup)
    try:
        lines = [line for line in journal.read("competition") if b'"register_taken"' in line.open]
        return [(json.loads(line.open), json.loads(line.closed or b"{}")) for line in lines]
    finally:
        journal.close()


def book(path: Path) -> Any:
    return openpyxl.load_workbook(io.BytesIO(path.read_bytes()))


def test_a_sheet_with_holes_is_not_written_and_every_hole_is_told(cup: Path, tmp_path: Path) -> None:
    out = tmp_path / "upload.xlsx"
    before = len(taken(cup))
    found = told("sheet", "--dir", cup, "-o", out, status=1)
    holes = [(hole["code"], hole["column"]) for hole in found["holes"]]
    assert holes == [("register.hole_blank", "证件号码")]
    assert not out.exists() and found["written"] == [] and len(taken(cup)) == before
    said = run("credential", "sheet", "--dir", cup, "-o", out)
    assert "证件号码" in said.output and "Nothing was written" in said.output


def test_the_sheet_is_its_owners_alone_and_its_making_is_a_line_without_a_value(
    cup: Path, tmp_path: Path
) -> None:
    out = tmp_path / "upload.xlsx"
    found = told("sheet", "--dir", cup, "-o", out, "--skip-holes", "--purpose", "2026 upload")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600 and found["short"] == 1
    rows = list(book(out)["证书数据"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == found["rows"] and {row[3] for row in rows} <= {resident(i) for i in range(COUNT)}
    first = next(row for row in rows if row[1] == "选手0")
    assert first[4:9] == ("焊工", None, "二级/技师", "98", "100") and first[9] is None
    assert first[11:13] == ("2026-05-30", "示例技能评价中心")
    said, closed = taken(cup)[-1]
    assert (said["what"], said["subject"], said["count"]) == ("sheet", "cn-national/1", len(rows))
    assert "id_number" in said["columns"] and closed["actor"] == "office" and closed["text"] == "2026 upload"
    whole = json.dumps([said, closed])
    assert not [i for i in range(COUNT) if resident(i) in whole or f"选手{i}" in whole]
    again = run("credential", "sheet", "--dir", cup, "-o", out, "--skip-holes")
    assert again.exit_code == 1 and "file_exists" in again.output


def test_the_journal_names_the_account_that_took_a_sheet_and_a_wrong_password_takes_none(
    cup: Path, tmp_path: Path
) -> None:
    out, word = tmp_path / "upload.xlsx", tmp_path / "word"
    word.write_text("open sesam\n")
    options = ("sheet", "--dir", cup, "-o", out, "--skip-holes", "--as", "yu", "--password-file", word)
    before = len(taken(cup))
    assert told(*options, status=1)["code"] == "login_failed"
    assert not out.exists() and len(taken(cup)) == before
    word.write_text("open sesame\n")
    told(*options)
    assert taken(cup)[-1][1]["actor"] == "yu" and out.exists()


def test_an_office_begins_its_own_map_from_the_shipped_one(cup: Path, tmp_path: Path) -> None:
    own, out = tmp_path / "own.toml", tmp_path / "own.csv"
    text = run("credential", "sheet", "--show-map").stdout
    text = text.replace('head = "姓名"', 'head = "名字"')
    own.write_text(text.replace('field = "id_number"', 'field = "nummer"'))
    found = told("sheet", "--dir", cup, "--map", own, "-o", out, status=1)
    assert [p["code"] for p in found["problems"]] == ["register.file_choice"]
    own.write_text(text.replace('[[column]]\nhead = "证件号码"\nfield = "id_number"\nmust = true\n', ""))
    told("sheet", "--dir", cup, "--map", own, "-o", out)
    head = out.read_text("utf-8-sig").splitlines()[0]
    assert head.startswith("证书编号,名字,证件类型,职业名称")
    wrong = {
        "cli.register.no_map": ("--map", "nowhere", "-o", out),
        "cli.register.out_missing": (),
        "register.file_day": ("-o", out, "--since", "1.5.2026"),
        "register.file_choice": ("-o", out, "--level", "9"),
    }
    for code, options in wrong.items():
        assert told("sheet", "--dir", cup, *options, status=2)["code"] == code


def test_the_subsidy_list_says_who_is_out_and_why_and_does_not_pay_twice(cup: Path, tmp_path: Path) -> None:
    schemes = tmp_path / "schemes.toml"
    schemes.write_text(
        'format = "compsys-subsidies/1"\n[[scheme]]\nid = "a"\nname = { zh-CN = "甲", en = "A" }\n'
        'amounts = { "2" = "2000", "3" = "1500" }\n'
    )
    out = tmp_path / "list.xlsx"
    found = told("subsidy", schemes, "--dir", cup, "-o", out)
    assert found["reasons"] == {"register.out_unregistered": 1}
    assert found["paid"] >= 2 and stat.S_IMODE(out.stat().st_mode) == 0o600
    assert taken(cup)[-1][0]["what"] == "subsidy"
    again = told("subsidy", schemes, "--dir", cup, "-o", tmp_path / "next.xlsx", "--before", out)
    assert again["paid"] == 0 and again["reasons"]["register.out_before"] == found["paid"]
    wrong = told("subsidy", schemes, "--dir", cup, "-o", tmp_path / "x.xlsx", "--before", schemes, status=2)
    assert wrong["code"] == "cli.register.no_earlier"


def test_figures_count_levels_and_the_skilled_of_a_staff_list(cup: Path, tmp_path: Path) -> None:
    found = told("figures", "--dir", cup, "--by", "firm")
    assert found["whole"]["total"] == found["whole"]["skilled"] == sum(r["total"] for r in found["lines"])
    assert {row["firm_name"] for row in found["lines"]} <= {"D0", "D1"}
    assert found["lines"][0]["year"] == "2026"
    said = run("credential", "figures", "--dir", cup, "--level", "2")
    assert "level 2" in said.stdout and "Up to" in said.stdout
    table = run("credential", "figures", "--dir", cup, "--format", "csv").stdout
    assert table.lstrip("\ufeff").startswith("Year,")
    staff = tmp_path / "staff.csv"
    people = [f"甲,{resident(0)}", f"甲,{resident(7)}", "甲,999999199001019999", "乙,nobody"]
    staff.write_text("单位,证件号码\n" + "\n".join(people))
    firms = told("figures", "--dir", cup, "--staff", staff)["firms"]
    assert [(one["firm"], one["staff"], one["skilled"]) for one in firms][1] == ("乙", 1, 0)
    assert firms[0]["staff"] == 3 and firms[0]["known"] == 2 and firms[0]["skilled"] >= 1
    staff.write_text("单位,姓名\n甲,张三\n")
    wrong = told("figures", "--dir", cup, "--staff", staff, status=1)
    assert wrong["problems"][0]["code"] == "csv.column_missing"


def test_an_archive_is_whole_noted_checked_and_its_looks_are_logged(
    made: tuple[Path, str], tmp_path: Path
) -> None:
    cup, batch = made
    scans, out = tmp_path / "scans", tmp_path / "batch.zip"
    (scans / "process").mkdir(parents=True)
    (scans / "process" / "签到表.pdf").write_bytes(b"%PDF")
    found = told("archive", batch, "--dir", cup, "--add", scans, "-o", out)
    manifest = found["manifest"]
    assert manifest["empty"] == ["works"] and manifest["files"]["process"] == 2
    assert manifest["files"]["certificates"] == manifest["certificates"] + 1 and manifest["certificates"] > 2
    assert (manifest["keep_paper_until"], manifest["keep_files_until"]) == ("2029-05-30", "2031-05-30")
    good = told("archive-check", out, "--dir", cup)
    assert good["ok"] and good["same_as_journal"] is True and good["noted"]
    assert told("archive-check", out)["same_as_journal"] is None
    log = told("archive", "--list", "--dir", cup)["taken"]
    assert [one["what"] for one in log][-2:] == ["archive", "archive_checked"]
    assert "look at an archive" in run("credential", "archive", "--list", "--dir", cup).stdout
    again = tmp_path / "again.zip"
    told("archive", batch, "--dir", cup, "-o", again)
    whole = credential_archive.check(again)
    assert whole.manifest is not None and not whole.problems
    data = out.read_bytes()
    out.write_bytes(data[:-30])
    assert run("credential", "archive-check", out, "--dir", cup).exit_code == 2
    unknown = told("archive", "f" * 32, "--dir", cup, "-o", tmp_path / "no.zip", status=2)
    assert unknown["params"]["known"] == batch


def test_certificates_in_an_archive_are_the_signed_documents_and_no_identity_number_is_in_it(
    made: tuple[Path, str], tmp_path: Path
) -> None:
    cup, batch = made
    out = tmp_path / "batch"
    told("archive", batch, "--dir", cup, "-o", out)
    register = json.loads((out / "06-certificates" / "register.json").read_text())
    signed = json.loads((out / "06-certificates" / f"{register[0]['number']}.json").read_text())
    assert len(signed["proof"]) == 2 and signed["credentialSubject"]["licenseNumber"] == register[0]["number"]
    whole = b"".join(path.read_bytes() for path in sorted(out.rglob("*.json")))
    assert not [i for i in range(COUNT) if resident(i).encode() in whole]
    manifest = json.loads((out / "manifest.json").read_text())
    (out / "manifest.json").write_text(json.dumps(manifest | {"keep_files_until": "2026-12-31"}))
    found = told("archive-check", out, "--dir", cup, status=1)
    assert [p["code"] for p in found["problems"]] == ["archive.unknown"], "a manifest that was replaced whole"


def test_the_same_through_a_running_server(made: tuple[Path, str], tmp_path: Path) -> None:
    cup, batch = made

    async def served() -> list[Any]:
        desk = await Desk.open(cup, lambda: 1_790_000_000_000, random.Random(SEED).randbytes)
        try:
            async with control.listening(desk, cup):
                at, skip = ("--dir", cup), "--skip-holes"
                return [
                    await asyncio.to_thread(told, "sheet", *at, "-o", tmp_path / "s.xlsx", skip),
                    await asyncio.to_thread(told, "figures", *at),
                    await asyncio.to_thread(told, "archive", batch, *at, "-o", tmp_path / "b"),
                    await asyncio.to_thread(told, "archive-check", tmp_path / "b", *at),
                    await asyncio.to_thread(
                        run, "credential", "sheet", *at, "-o", tmp_path / "no" / "s.xlsx", skip
                    ),
                ]
        finally:
            await desk.close()

    sheet, figures, archive, check, lost = asyncio.run(served())
    assert sheet["rows"] and figures["whole"]["total"] > sheet["rows"] and check["same_as_journal"] is True
    assert archive["manifest"]["certificates"] == figures["whole"]["total"]
    assert stat.S_IMODE((tmp_path / "s.xlsx").stat().st_mode) == 0o600
    assert lost.exit_code == 2 and "/no/" in lost.output, "the folder is not there"
