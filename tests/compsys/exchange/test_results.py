"""Result tables say what was decided: statuses in words, names only after the release, bytes that repeat."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import openpyxl
import pytest

from compsys import events as e
from compsys.exchange import results
from compsys.vault import Identity
from tests.world import MAIN, ORGANIZER, World, mark_all, opened

WHERE = ("cooking", "final", "open")
NAMES = {
    "p1": Identity({"zh-CN": "王小明", "en": "Wang Xiaoming"}),
    "p2": Identity({"zh-CN": "=李娜", "en": "=Li Na"}),
    "p3": Identity({"zh-CN": "陈刚"}),
}


def publish(world: World, rank: Any = "provisional", audience: Any = "public", **more: Any) -> None:
    """A version, with whom it needs."""
    confirmed = "zhao" if rank == "official" else ""
    trade, stage, group = WHERE
    command = e.Publish(
        trade=trade,
        stage=stage,
        group=group,
        rank=rank,
        audience=audience,
        confirmed_by=confirmed,
        **more,
    )
    world.do(ORGANIZER, command)


def marked(**how: Any) -> World:
    """Three cooks with a theory exam: one places first, one is zeroed in practice, one is absent."""
    world = opened(3, theory=True, **how)
    mark_all(world, "u1")
    zero = e.SetStatus(stream=MAIN, unit="u2", scope="component:practice", status="zeroed", reason="抄袭")
    world.do(world.seat("chief"), zero)
    gone = e.SetStatus(stream=MAIN, unit="u3", scope="stage", status="absent", reason="检录未到")
    world.do(world.seat("chief"), gone)
    rows = (("u1", "88.5", ""), ("u2", "0", ""), ("u3", None, "absent"))
    answer = world.do(
        world.seat("clerk"), e.ImportScores(stream=MAIN, component="theory", digest="ab" * 32, rows=rows)
    )
    world.do(world.seat("chief"), e.ConfirmScores(stream=MAIN, n=answer.n))
    world.do(world.seat("chief"), e.Lock(stream=MAIN, scope="stage"))
    return world


def table(data: bytes) -> list[dict[str, str]]:
    """A CSV as its reader sees it."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def write(world: World, form: str, language: str = "en", version: int = 0) -> bytes:
    return results.write(world.state, NAMES.get, *WHERE, form, language, version)


def test_blank_zero_and_statuses_stay_apart() -> None:
    world = marked()
    publish(world)
    first, zeroed, absent = table(write(world, "csv"))
    assert (first["Place"], first["Total"], first["Medal"], first["Status"]) == ("1", "84.18", "Gold", "")
    assert (first["Theory raw"], first["Theory weighted"], first["Practice raw"]) == (
        "88.5",
        "26.55",
        "82.333333",
    )
    assert (zeroed["Practice raw"], zeroed["Practice Status"]) == ("0", "Set to zero")
    assert (zeroed["Theory raw"], zeroed["Theory Status"], zeroed["Place"]) == ("0", "", "2")
    assert (absent["Place"], absent["Total"], absent["Theory raw"]) == ("", "", "")
    assert absent["Status"] == absent["Theory Status"] == "DNS, did not start"


def test_names_come_with_the_release_and_not_before() -> None:
    world = marked()
    publish(world, audience="office")
    before = write(world, "json") + write(world, "csv", "zh-CN") + write(world, "xlsx")
    assert "王小明".encode() not in before and b"Wang" not in before and b"Delegation 1" not in before
    assert b'"e1"' not in before and b'"entry": "e' not in before
    publish(world, audience="delegations")
    first = table(write(world, "csv", "zh-CN"))[0]
    assert (first["选手"], first["代表队"], first["加密号"]) == ("王小明", "Delegation 1", "A11")
    open_marking = marked(blind=False)
    publish(open_marking, audience="office")
    assert table(write(open_marking, "csv"))[0]["Competitor"] == "Wang Xiaoming"


def test_a_name_is_never_a_formula_and_an_erased_one_is_blank() -> None:
    world = marked()
    publish(world)
    assert table(write(world, "csv"))[1]["Competitor"] == "'=Li Na"
    erased = results.write(world.state, lambda person: None, *WHERE, "csv", "en")
    assert [row["Competitor"] for row in table(erased)] == ["", "", ""]


def test_the_workbook_has_numbers_where_they_are_numbers_and_a_sheet_of_versions() -> None:
    world = marked()
    publish(world)
    publish(world, "official")
    book = openpyxl.load_workbook(io.BytesIO(write(world, "xlsx")))
    sheet, versions = book.worksheets
    head = [cell.value for cell in sheet[1]]
    assert sheet[2][head.index("Total")].value == 84.18
    assert sheet[4][head.index("Total")].value is None
    told = [[cell.value for cell in row] for row in versions.iter_rows(min_row=2)]
    assert [row[3] for row in told] == ["Provisional v1", "Official v1"]
    assert told[1][-1] == "zhao"


def correct(world: World) -> None:
    """Unlock, give the first less, publish v2."""
    chief = world.seat("chief")
    world.do(chief, e.Unlock(stream=MAIN, scope="stage", reason="漏扣", confirmed_by="lin"))
    less = e.Adjust(
        stream=MAIN,
        id="a1",
        unit="u1",
        component="practice",
        amount="-9",
        reason="提前加料",
        signers=("x", "y"),
    )
    world.do(chief, less)
    world.do(chief, e.Lock(stream=MAIN, scope="stage"))
    publish(world, "official", reason="漏扣补记", note={"zh-CN": "更正第 1 名。", "en": "Place 1 corrected."})


def test_older_versions_stay_readable_with_their_values() -> None:
    world = marked()
    publish(world, "official")
    correct(world)
    assert table(write(world, "csv"))[0]["Total"] == "77.88"
    assert table(write(world, "csv", version=1))[0]["Total"] == "84.18"
    found = json.loads(write(world, "json"))["results"][0]
    assert [(v["version"], v["reason"], v["note"].get("en")) for v in found["versions"]] == [
        (1, "", None),
        (2, "漏扣补记", "Place 1 corrected."),
    ]
    assert found["released"]["public"] == 2 and found["annulled"] == ""
    with pytest.raises(LookupError):
        write(world, "csv", version=3)


def test_no_result_is_an_error_and_not_an_empty_table() -> None:
    with pytest.raises(LookupError):
        write(marked(), "csv")


def test_json_numbers_are_text_and_the_same_fold_gives_the_same_bytes() -> None:
    one, other = marked(), marked()
    for world in (one, other):
        publish(world)
    for form in results.FORMS:
        assert write(one, form) == write(other, form)

    def walk(value: Any) -> None:
        assert not isinstance(value, float)
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(item)

    walk(json.loads(write(one, "json")))


def test_several_results_share_one_table_and_one_workbook() -> None:
    world = marked()
    publish(world)
    publish(world, "official")
    one = results.picture(world.state, NAMES.get, *WHERE)
    other = json.loads(json.dumps(one)) | {"components": [], "trade": {"id": "x", "name": {"en": "Other"}}}
    lines = table(results.render([one, other], "csv", "en"))
    assert [line["Trades"] for line in lines] == ["Cooking"] * 3 + ["Other"] * 3
    assert lines[0]["Theory raw"] == "88.5" and lines[3]["Theory raw"] == ""
    book = openpyxl.load_workbook(io.BytesIO(results.render([one, other], "xlsx", "en")))
    assert book.sheetnames == ["Cooking", "Other", "Versions"]
