"""``compsys credential assess`` and its neighbours: an assessment in a directory without trades, as typed."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from compsys import commands_credentials as c
from compsys import control
from compsys import events as e
from compsys.desk import Desk
from compsys.identity import check_digit
from tests.compsys.assessed import CENTRE, LEVELS, WORKS
from tests.compsys.certified import occupation
from tests.compsys.test_command_line import english, run

__all__ = ["english"]  # a fixture of the other file

PASSWORD = "four words are long"
ROLES = {"zhao": "organizer", "li": "organizer", "qian": "officer", "zhou": "supervisor"}
MARKS = "姓名,身份证号,理论,技能\n"
HEAD = "姓名,证件类型,证件号,文化程度,工作单位,原证书号,原职业等级,持证年限,培训机构,理论,实操\n"


def number(i: int, sex: int = 1) -> str:
    """An identity number of nobody: area 999999."""
    body = f"99999919800101{2 * i + sex:03d}"
    return body + check_digit(body)


def person(i: int, name: str = "") -> str:
    return f'name = "{name or f"考评员{i}"}"\nid_number = "{number(i)}"\n'


def batch(ident: str, panel: tuple[int, ...] = (50, 51, 52), **more: str) -> str:
    """The file of a batch of the works, level 3; ``more``: lines that stand instead."""
    lines = {
        "issuer": '"works"', "occupation": '"6-18-02-04@2022"', "standard": '"older"', "level": '"3"',
        "day": '"2021-03-01"', "provinces": '{ issuer = "65", site = "65", home = "65" }',
    } | more  # fmt: skip
    said = f'id = "{ident}"\n' + "".join(f"{key} = {value}\n" for key, value in lines.items())
    for i in panel:
        said += f'[[assessors]]\n{person(i)}grade = "assessor"\nsince = "2020-06-01"\nuntil = "2023-05-31"\n'
        said += 'parts = ["practice"]\nbodies = ["甲技校"]\n' if i == 51 else 'parts = ["practice"]\n'
    for i in (60, 61):
        said += f'[[invigilators]]\n{person(i, f"监考{i}")}parts = ["theory"]\n'
    for i, kind in ((70, "inner"), (71, "outer")):
        said += f'[[supervisors]]\n{person(i, f"督导{i}")}kind = "{kind}"\n'
    return said


def row(i: int, employer: str = "示例机械厂", certificate: str = "", level: str = "四级", **more: str) -> str:
    """A candidate's row."""
    known = {"years": "5", "school": "", "theory": "新考", "practice": "新考"} | more
    cells = [f"考生{i}", "居民身份证", number(i), "高中", employer, certificate, level]
    return ",".join([*cells, *(known[name] for name in ("years", "school", "theory", "practice"))]) + "\n"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory without a trade: two bodies, an occupation, accounts made by the command."""
    folder = tmp_path_factory.mktemp("house")
    assert run("new", folder / "firm").exit_code == 0

    async def bodies() -> None:
        desk = await Desk.open(folder / "firm", lambda: time.time_ns() // 1_000_000, secrets.token_bytes)
        try:
            for command in (
                c.SetIssuer(issuer=WORKS), c.SetIssuer(issuer=CENTRE),
                c.SetOccupation(occupation=occupation(levels=LEVELS)),
            ):  # fmt: skip
                call = e.Call(key=desk.fresh(), actor=control.OFFICE, command=command)
                assert (await desk.submit(call)).a == "accepted"
        finally:
            await desk.close()

    asyncio.run(bodies())
    (folder / "pw").write_text(PASSWORD + "\n")
    for name, role in ROLES.items():
        done = credential(folder, "account", name, "--role", role, "--password-file", folder / "pw")
        assert done["ok"]
    opened(folder, "there", (80, 81, 82), day='"2021-01-01"')
    return folder


def credential(folder: Path, *words: object, status: int = 0) -> Any:
    """What the command gives as JSON."""
    found = run("credential", *words, "--dir", folder / "firm", "--json")
    assert found.exit_code == status, found.output
    return json.loads(found.stdout)


def said(folder: Path, *words: object) -> tuple[int, str]:
    """Exit status and everything a person reads."""
    found = run("credential", *words, "--dir", folder / "firm")
    return found.exit_code, found.output


def file(folder: Path, name: str, text: str) -> Path:
    """A file that somebody made."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def as_(folder: Path, account: str) -> tuple[object, ...]:
    return "--as", account, "--password-file", folder / "pw"


def opened(folder: Path, ident: str, panel: tuple[int, ...], **more: str) -> None:
    """A batch opened by its file."""
    credential(folder, "assess", file(folder, f"{ident}.toml", batch(ident, panel, **more)))


def test_from_an_empty_directory_to_proposals_with_a_resit(bare: Path) -> None:
    status, text = said(bare, "assess", file(bare, "w1.toml", batch("w1")))
    assert status == 0 and "Next: compsys credential candidates w1" in text
    listed = file(bare, "c.csv", HEAD + row(1) + row(2, certificate="1623000000412345", level=""))
    found = credential(bare, "candidates", "w1", listed)
    assert found["admitted"] == 2 and found["checks"] == 0
    given = f"{MARKS}考生1,{number(1)},72,55\n考生2,{number(2)},60,60\n"
    assert credential(bare, "marks", "w1", file(bare, "m.csv", given), *as_(bare, "zhao"))["entered"] == 4
    status, text = said(bare, "confirm", "w1", *as_(bare, "qian"))
    assert status == 0, text
    assert "考生1" in text and "55 (below)" in text and "practice resit until 2022-03-01" in text
    assert "Who passed is proposed" in text
    opened(bare, "w2", (53, 54, 55), day='"2021-06-01"')
    credential(bare, "candidates", "w2", file(bare, "c2.csv", HEAD + row(1, theory="保留", practice="补考")))
    again = file(bare, "m2.csv", f"身份证号,技能\n{number(1)},66.5\n")
    credential(bare, "marks", "w2", again, *as_(bare, "zhao"))
    found = credential(bare, "confirm", "w2", *as_(bare, "qian"))
    (who,) = found["assessment"]["candidates"]
    assert who["result"] == "passed" and len(found["proposals"]) == 32
    assert who["marks"] == {
        "theory": {"state": "kept", "mark": "72", "passed": "yes"},
        "practice": {"state": "resit", "mark": "66.5", "passed": "yes"},
    }


def test_each_row_that_may_not_be_admitted_says_why_by_name_and_none_of_the_list_is_taken(bare: Path) -> None:
    opened(bare, "r1", (56, 57, 58), day='"2021-06-02"')
    rows = [
        row(10), row(11, employer="别的厂"), row(12, level="三级"), row(13, years="1"),
        row(14, school="示例机械厂"), row(15, certificate="1623000000512345"), row(16, level=""),
        row(17, theory="补考"),
    ]  # fmt: skip
    listed = file(bare, "r.csv", HEAD + "".join(rows))
    status, text = said(bare, "candidates", "r1", listed)
    assert status == 1 and "考生11 is not of the body's own staff" in text
    sentences = ("考生12 holds level 3", "考生13 does not meet", "trained the candidate 考生14", "says 4")
    for sentence in sentences:
        assert sentence in text, sentence
    assert "the record says new" in text and "The conditions of 考生16 are to be checked" in text
    assert not credential(bare, "assessments", "r1")["assessments"][0]["candidates"]
    found = credential(bare, "candidates", "r1", listed, "--skip-errors")
    assert (found["admitted"], found["checks"]) == (2, 1)
    assert said(bare, "clear", "r1", "考生16", "--reason", "看过")[0] == 1  # the office is no officer
    status, text = said(bare, "clear", "r1", "考生16", "--reason", "看过证书", *as_(bare, "qian"))
    assert status == 0 and "考生16 is admitted" in text


def test_marks_typed_twice_show_where_they_differ_and_a_wrong_row_enters_nothing(bare: Path) -> None:
    opened(bare, "t1", (59, 62, 63), day='"2021-06-03"')
    credential(bare, "candidates", "t1", file(bare, "t.csv", HEAD + row(20) + row(21)))
    rows = (f"考生20,{number(20)},7O,80", f"考生99,{number(99)},60,60", f"考生21,{number(21)},60,60")
    wrong = file(bare, "wrong.csv", MARKS + "\n".join(rows))
    status, text = said(bare, "marks", "t1", wrong, "--typed", *as_(bare, "zhao"))
    assert status == 1 and "“7O” is no mark" in text and "is no candidate of this batch" in text
    assert number(99) not in text
    waits = credential(bare, "assessments", "t1")["assessments"][0]["candidates"]
    assert [who["marks"]["theory"]["mark"] for who in waits] == ["", ""]
    one = f"{MARKS}考生20,{number(20)},70,80\n考生21,{number(21)},缺考,61\n"
    credential(bare, "marks", "t1", file(bare, "a.csv", one), "--typed", *as_(bare, "zhao"))
    status, text = said(bare, "confirm", "t1", *as_(bare, "qian"))
    assert status == 1 and "was typed by one person only" in text and "考生20" in text
    two = file(bare, "b.csv", one.replace("70", "79"))
    status, text = said(bare, "marks", "t1", two, "--typed", *as_(bare, "li"))
    assert status == 0 and "Different: 考生20, theory: zhao 70, li 79" in text
    assert said(bare, "confirm", "t1", *as_(bare, "qian"))[0] == 1
    credential(bare, "marks", "t1", file(bare, "b.csv", one), "--typed", *as_(bare, "li"))
    found = credential(bare, "confirm", "t1", *as_(bare, "qian"))["assessment"]
    assert [w["result"] for w in found["candidates"]] == ["passed", "failed"]
    assert found["candidates"][1]["marks"]["theory"] == {"state": "new", "mark": "absent", "passed": "no"}


def test_a_finding_is_raised_answered_and_closed_and_freezes_meanwhile(bare: Path) -> None:
    opened(bare, "f1", (64, 65, 66), day='"2021-06-04"')
    credential(bare, "candidates", "f1", file(bare, "f.csv", HEAD + row(30)))
    given = file(bare, "fm.csv", f"{MARKS}考生30,{number(30)},70,80\n")
    credential(bare, "marks", "f1", given, *as_(bare, "zhao"))
    more = ("--severity", "severe", "--rule", "8.2", "--words", "考场门未关", *as_(bare, "zhou"))
    status, text = said(bare, "finding", "f1", "--by", "outer", *more)
    assert status == 0 and "frozen" in text and "outer supervisor" in text and "waits for an answer" in text
    n = credential(bare, "assessments", "f1")["assessments"][0]["findings"][0]["n"]
    status, text = said(bare, "confirm", "f1", *as_(bare, "qian"))
    assert status == 1 and "the batch is frozen" in text
    credential(bare, "finding", "f1", "--answer", n, "--words", "已处理", *as_(bare, "zhao"))
    credential(bare, "finding", "f1", "--close", n, "--words", "属实", *as_(bare, "zhou"))
    assert credential(bare, "confirm", "f1", *as_(bare, "qian"))["assessment"]["state"] == "confirmed"


def test_a_wrong_password_and_a_missing_name_do_nothing(bare: Path) -> None:
    wrong = file(bare, "nopw", "no\n")
    status, text = said(bare, "confirm", "there", "--as", "qian", "--password-file", wrong)
    assert status == 1 and "login_failed" in text
    status, text = said(bare, "confirm", "there")
    assert status == 2 and "Add --as ACCOUNT" in text
    short = credential(bare, "account", "x", "--password-file", wrong, status=1)
    assert short["code"] == "account.short_password"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("id = ", "This is no file of an assessment"),
        ("colour = 1\n" + batch("x1"), "colour"),
        (batch("x1").replace(number(50), number(50)[:-1] + "Z"), "The identity number of 考评员50 is wrong"),
        (batch("x1", level='"1"'), "is an assessor and may not assess level 1 (senior technician)"),
        (batch("x1", level='"apprentice"'), "No certificate is given"),
        (batch("x1", issuer='"centre"', level='"2"'), "level"),
        (batch("x1", panel=(50, 51)), "it needs 3"),
        (batch("x1", rules='"nowhere"'), "There are no rules"),
        (batch("there"), "There is an assessment “there” already"),
    ],
)
def test_a_file_that_opens_nothing_says_why(bare: Path, text: str, sentence: str) -> None:
    before = len(credential(bare, "assessments")["assessments"])
    status, told = said(bare, "assess", file(bare, "x.toml", text))
    assert status in (1, 2) and sentence in told, told
    assert len(credential(bare, "assessments")["assessments"]) == before


def test_a_third_party_elsewhere_takes_anybody_and_keeps_training_apart(bare: Path) -> None:
    where = '{ issuer = "37", site = "34", home = "13" }'
    opened(bare, "s1", (67, 68, 51), issuer='"centre"', level='"4"', site='"wuhu"', provinces=where)
    new = {"employer": "某公司", "level": "五级"}
    rows = row(40, **new) + row(41, **new, school="甲技校")
    status, text = said(bare, "candidates", "s1", file(bare, "s.csv", HEAD + rows))
    assert status == 1 and "考评员51 works for 甲技校, which trained the candidate 考生41" in text
    found = credential(bare, "candidates", "s1", bare / "s.csv", "--skip-errors")
    assert found["admitted"] == 1
    shown = credential(bare, "assessments", "s1")["assessments"][0]
    assert shown["provinces"] == ["37", "34", "13"] and shown["people"]["outer"][0]["zh-CN"] == "督导71"


def test_names_and_numbers_stand_in_no_line(bare: Path) -> None:
    credential(bare, "candidates", "there", file(bare, "n.csv", HEAD + row(90)))
    found = run("verify", bare / "firm", "--json")
    assert found.exit_code == 0, found.output
    data = b"".join(p.read_bytes() for p in (bare / "firm").glob("journal.db*"))
    for word in ("考生90", "考评员80", number(90)):
        assert word.encode() not in data, word


def test_from_an_empty_directory_to_a_certificate_that_is_checked_by_commands_alone(tmp_path: Path) -> None:
    assert run("new", tmp_path / "firm").exit_code == 0
    records = {"issuer": WORKS, "occupation": occupation(levels=LEVELS)}
    for kind, record in records.items():
        data = json.dumps(msgspec.to_builtins(record), ensure_ascii=False)
        credential(tmp_path, kind, file(tmp_path, f"{kind}.json", data))
    credential(tmp_path, "key", "works", "--new")
    (tmp_path / "pw").write_text(PASSWORD + "\n")
    for name, role in {**ROLES, "sun": "officer"}.items():
        credential(tmp_path, "account", name, "--role", role, "--password-file", tmp_path / "pw")
    opened(tmp_path, "w1", (50, 51, 52))
    credential(tmp_path, "candidates", "w1", file(tmp_path, "c.csv", HEAD + row(1) + row(2)))
    given = f"{MARKS}考生1,{number(1)},72,81.5\n考生2,{number(2)},90,缺考\n"
    credential(tmp_path, "marks", "w1", file(tmp_path, "m.csv", given), *as_(tmp_path, "zhao"))
    made = credential(tmp_path, "confirm", "w1", *as_(tmp_path, "qian"))["proposals"]
    credential(tmp_path, "notice", made, "--since", "2021-03-08")
    approval = ("--identity", "all", "--password-file", tmp_path / "pw")
    status, text = said(tmp_path, "approve", made, "--officer", "qian", *approval)
    assert status == 1 and "same_person" in text  # who confirmed and so proposed does not approve
    credential(tmp_path, "approve", made, "--officer", "sun", *approval)
    credential(tmp_path, "issue", made)
    (held,) = credential(tmp_path, "list", "--issued")["credentials"]
    assert held["number"].startswith("Y000165000007") and held["number"][15] == "3"
    found = run("credential", "verify", held["number"], "--dir", tmp_path / "firm")
    assert found.exit_code == 0 and "考生1" in found.output, found.output
    assert said(tmp_path, "export", "--batch", made, "--out", tmp_path / "one.json")[0] == 0
    document = json.loads((tmp_path / "one.json").read_text("utf-8"))
    assert [r["value"] for r in document["credentialSubject"]["result"]][1:] == ["72", "81.5"]
