"""The result book tells everything that was decided, and no name before its time."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from compsys import events as e
from compsys import words
from compsys.exchange import book, paper
from tests.compsys.exchange.test_results import NAMES, WHERE, correct, marked, publish
from tests.world import MAIN, ORGANIZER, World, mark_all, opened

ZONE = "Asia/Shanghai"


def data(world: World) -> dict[str, Any]:
    return book.data(world.state, NAMES.get, *WHERE)


def section(found: dict[str, Any], name: str) -> list[list[str]]:
    """A section's rows in English; [] when it had nothing to tell."""
    rows = [s["rows"] for s in found["sections"] if s["title"] == f"book.{name}"]
    return [[book.say(cell, "en", ZONE) for cell in row] for row in rows[0]] if rows else []


def eventful() -> World:
    """A day on which everything goes wrong once, up to a second version."""
    world = opened(3, theory=True)
    chief, clerk = world.seat("chief"), world.seat("clerk")
    for seat, vote in (("s1", "0"), ("s2", "2"), ("s3", "3")):
        world.mark(seat, "u1", "A1.J1", vote)
    world.do(chief, e.Revote(stream=MAIN, unit="u1", aspect="A1.J1", reason="理由已说明"))
    for seat, vote in (("s1", "2"), ("s2", "2"), ("s3", "3")):
        world.mark(seat, "u1", "A1.J1", vote)
    world.do(chief, e.ChangeRoster(stream=MAIN, leaves="cooking/final/s3", joins="cooking/final/s4",
                                   unit="u2", reason="身体不适"))  # fmt: skip
    for seat in ("s1", "s2", "s3"):
        world.mark(seat, "u1", "A1.J2", "2")
        for aspect in ("C1.P1", "C1.P2"):
            if seat != "s2":
                world.mark(seat, "u1", aspect, "12")
    for aspect in ("C1.P1", "C1.P2"):
        keyed = {"unit": "u1", "aspect": aspect, "seat": "cooking/final/s2", "value": "9", "via": "paper"}
        world.do(clerk, e.Mark(stream=MAIN, round=1, base=0, **keyed))  # type: ignore[arg-type]  # its own fields
    values: dict[str, str | None] = {"C1.P1": "9", "C1.P2": "9"}
    world.do(chief, e.ConfirmKeyed(stream=MAIN, unit="u1", sub="C1", seat="cooking/final/s2", values=values))
    world.mark("s1", "u1", "B1.M1", "pass")
    world.mark("s1", "u1", "B1.M2", "3")
    for seat in ("s1", "s2", "s3"):
        for sub in ("A1", "B1", "C1"):
            assert world.sign(seat, "u1", sub).a == "accepted"
    world.do(chief, e.Return(stream=MAIN, unit="u1", sub="B1", reason="数错了"))
    world.mark("s1", "u1", "B1.M2", "4")
    for seat in ("s1", "s2", "s3"):
        world.sign(seat, "u1", "B1")
    late = world.mark("s1", "u1", "C1.P1", "1")
    world.do(chief, e.SettleLate(stream=MAIN, n=late.n, accept=False, reason="签字后到达"))
    world.do(chief, e.SetStatus(stream=MAIN, unit="u2", scope="stage", status="withdrawn", reason="受伤"))
    world.do(chief, e.SetStatus(stream=MAIN, unit="u3", scope="stage", status="absent", reason="检录未到"))
    rows = (("u1", "88.5", ""), ("u2", None, "absent"), ("u3", None, "absent"))
    brought = e.ImportScores(stream=MAIN, component="theory", digest="ab" * 32, rows=rows)
    world.do(chief, e.ConfirmScores(stream=MAIN, n=world.do(clerk, brought).n))
    world.do(chief, e.Lock(stream=MAIN, scope="stage"))
    publish(world, "official")
    correct(world)
    return world


def test_each_thing_that_went_wrong_is_told_with_its_reason_and_line() -> None:
    found = data(eventful())
    (again,) = section(found, "revotes")
    assert (
        again[0] == "A11" and "round 1: s1:0 s2:2 s3:3" in again[2] and "round 2: s1:2 s2:2 s3:3" in again[2]
    )
    assert again[3] == "理由已说明"
    (roster,) = section(found, "rosters")
    assert roster[1:5] == ["Seat s3", "Seat s4", "3", "身体不适"]
    (keyed,) = section(found, "paper")
    assert keyed[0] == "A11" and keyed[2:5] == ["Seat s2", "Clerk", "both readings equal"]
    (returned,) = section(found, "returned")
    assert returned[2:5] == ["B1 Craft", "数错了", "Signed"]
    (late,) = section(found, "late")
    assert late[1] == "A11" and late[4:6] == ["1", "left out, 签字后到达"]
    statuses = section(found, "statuses")
    assert [(row[1], row[3], row[4]) for row in statuses] == [
        ("A12", "DNF, withdrawn", "受伤"),
        ("A13", "DNS, did not start", "检录未到"),
    ]
    (brought,) = section(found, "imports")
    assert brought[:5] == ["Theory", "3 rows, 2 absent", "ab" * 16, "Clerk", "Chief expert"]
    (less,) = section(found, "adjusted")
    assert less[1:6] == ["A11", "Practice", "-9", "提前加料", "x, y"]
    assert [(row[1], row[3]) for row in section(found, "locks")] == [
        ("Lock", ""),
        ("Unlock", "漏扣"),
        ("Lock", ""),
    ]
    for name in ("returned", "rosters", "late", "statuses", "locks"):
        assert all(row[-1].isdigit() for row in section(found, name)), name


def test_two_versions_say_what_changed_and_what_they_stand_on() -> None:
    world = eventful()
    found = data(world)
    versions = section(found, "versions")
    assert [row[1] for row in versions] == ["Official v1", "Official v2"]
    assert "漏扣补记" in versions[1][4] and versions[1][3] == "zhao"
    (change,) = section(found, "changes")
    assert change[1] == "A11" and "→" in change[2]
    assert found["chip"] == {"code": "status.corrected", "version": 2, "solid": True}
    stream = world.state.streams[MAIN]
    cited = found["cites"][-1]
    assert cited["n"] == stream.n and cited["seal"] == stream.head.hex()
    values = {rule["name"]: rule["value"] for rule in found["rules"]}
    assert values["book.profile"].startswith("worldskills-2026") and len(values["book.scheme_digest"]) == 64


def test_what_did_not_happen_is_said_as_well() -> None:
    world = marked()
    publish(world)
    found = data(world)
    assert {"book.returned", "book.revotes", "book.late"} <= set(found["nothing"])
    assert "book.imports" not in found["nothing"]


def test_no_name_and_no_sealed_vote_before_its_time() -> None:
    world = marked()
    told = json.dumps(data(world), ensure_ascii=False)
    assert "王小明" not in told and "Delegation" not in told and '"e1"' not in told
    publish(world, audience="office")
    assert "王小明" not in json.dumps(data(world), ensure_ascii=False)
    publish(world, audience="delegations")
    assert "王小明" in json.dumps(data(world), ensure_ascii=False)
    running = opened(1)
    mark_all(running, "u1")
    with pytest.raises(LookupError):
        data(running)


def test_a_late_vote_stays_sealed_while_its_sheet_is_marked_again() -> None:
    world = eventful()
    assert section(data(world), "late")[0][4] == "1"
    world.do(world.seat("chief"), e.Unlock(stream=MAIN, scope="stage", reason="再评", confirmed_by="lin"))
    world.do(world.seat("chief"), e.Return(stream=MAIN, unit="u1", sub="C1", reason="再评"))
    assert world.sign("s1", "u1", "C1").a == "accepted"
    assert world.mark("s1", "u1", "C1.P2", "2").a == "late"
    assert [row[4:6] for row in section(data(world), "late")] == [
        ["1", "left out, 签字后到达"],
        ["", "not decided"],
    ]


def test_an_annulled_result_says_so_and_is_not_solid() -> None:
    world = marked()
    publish(world, "official")
    trade, stage, group = WHERE
    world.do(ORGANIZER, e.Annul(trade=trade, stage=stage, group=group, reason="泄题", confirmed_by="zhao"))
    found = data(world)
    assert found["chip"] == {"code": "status.annulled", "solid": False} and found["annulled"] == "泄题"


def test_every_cell_has_its_words_in_both_languages() -> None:
    found = data(eventful())
    for language in words.LANGS:
        for part in found["sections"]:
            assert len(part["heads"]) == len(part["widths"])
            for head in (part["title"], *part["heads"]):
                words.say(head, language)
            for row in part["rows"]:
                assert len(row) == len(part["heads"]), part["title"]
                assert all(isinstance(book.say(cell, language, ZONE), str) for cell in row)


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf))


def test_the_pdf_is_the_same_each_time_and_numbers_its_pages() -> None:
    found = json.loads(json.dumps(data(eventful())))  # as it comes over the control socket
    one = book.pdf([found], "zh-CN")
    assert one.startswith(b"%PDF-") and pages(one) >= 2
    assert one == book.pdf([found], "zh-CN")
    if shutil.which("pdftotext"):
        text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=one, capture_output=True, check=True)
        shown = text.stdout.decode()
        assert f"第 1 页，共 {pages(one)} 页" in shown and f"第 {pages(one)} 页，共 {pages(one)} 页" in shown
        assert "王小明" in shown and "更正第 1 名。" in shown and "正式成绩 v2 更正" in shown


def test_without_a_chinese_font_it_says_what_was_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(paper.find_font, "__defaults__", ((str(tmp_path),),))
    world = marked()
    publish(world)
    with pytest.raises(book.FontMissing) as missing:
        book.write(world.state, NAMES.get, *WHERE, "en")
    assert "NotoSansCJK-Regular.ttc" in missing.value.looked
