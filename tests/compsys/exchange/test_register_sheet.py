"""Upload sheets: a map says every problem of its own at once, and Excel mangles no number."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsys import words
from compsys.exchange import register_map, register_sheet, register_toml
from compsys.exchange.register_row import SUPERSEDED
from tests.compsys.exchange.register_rows import names, person, resident, row
from tests.compsys.exchange.test_cis_office import office as office
from tests.compsys.exchange.test_cis_office import opened_in_office

NATIONAL = register_map.load("cn-national")


def own(columns: str, top: str = "") -> register_map.RegisterMap:
    head = f'format = "compsys-register-map/1"\nid = "own"\nversion = "1"\nsheet = "A"\n{top}\n'
    return register_map.parse(head + 'name = { zh-CN = "本办" }\n' + columns, "own.toml")


def codes(text: str) -> list[tuple[str, str]]:
    with pytest.raises(register_toml.Unsound) as error:
        register_map.parse(text, "own.toml")
    return [(problem.where, problem.code) for problem in error.value.problems]


def test_the_shipped_map_holds_the_thirteen_columns_of_the_upload_sheet() -> None:
    assert [column.head for column in NATIONAL.columns] == [
        "证书编号", "姓名", "证件类型", "证件号码", "职业名称", "工种/职业方向", "等级", "理论成绩",
        "技能成绩", "综合评审成绩", "评定成绩", "发证日期", "评价机构",
    ]  # fmt: skip
    assert NATIONAL.personal == ("name", "id_type", "id_number") and NATIONAL.unverified


def test_a_map_says_everything_that_is_wrong_at_once_with_its_lines() -> None:
    text = """format = "compsys-register-map/2"
id = "Own Map"
sheet = 7
dates = "x"
date = "DD.MM.YYYY"

[[column]]
head = "编号"
field = "nummer"

[[column]]
head = "编号"
field = "work"
value = "x"
words = { "3" = "三" }
must = "yes"
longest = 1.5

[[column]]
field = "level"
words = { "9" = "九级" }
date = "YYYYMMDD"
"""
    assert codes(text) == [
        ("own.toml:1", "register.file_choice"),  # no version and no name either
        ("own.toml:1", "register.file_missing"),
        ("own.toml:1", "register.file_missing"),
        ("own.toml:2", "register.file_slug"),
        ("own.toml:3", "register.file_not_text"),
        ("own.toml:4", "register.file_unknown"),
        ("own.toml:5", "register.file_choice"),
        ("own.toml:9", "register.file_choice"),
        ("own.toml:12", "register.file_head_twice"),
        ("own.toml:14", "register.file_field_and_value"),
        ("own.toml:15", "register.file_no_codes"),
        ("own.toml:16", "register.file_not_flag"),
        ("own.toml:17", "register.file_not_whole"),
        ("own.toml:19", "register.file_missing"),
        ("own.toml:21", "register.file_choice"),
        ("own.toml:22", "register.file_no_day"),
    ]


def test_each_problem_of_a_map_has_a_sentence_without_a_hole_in_both_languages() -> None:
    with pytest.raises(register_toml.Unsound) as error:
        register_map.parse('id = "A B"\nkinds = "level"\n[[column]]\nlongest = -1\nwords = 1', "own.toml")
    for problem in error.value.problems:
        for language in words.LANGS:
            said = register_toml.as_data(problem, language)
            assert "{" not in said["message"] + said["todo"] and said["todo"], said


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader_of_maps(text: str) -> None:
    with pytest.raises(register_toml.Unsound):
        register_map.parse(text, "own.toml")


def test_a_number_of_18_digits_and_a_leading_zero_come_out_of_a_workbook_as_they_went_in() -> None:
    whole = resident(1)
    assert whole.isdigit() or whole[-1] == "X"
    sheet = register_sheet.prepare(NATIONAL, [row(1, number="0099000126300017")], names(1).get)
    [data] = register_sheet.files(sheet, "xlsx")
    cells = openpyxl.load_workbook(io.BytesIO(data))["证书数据"]
    got = {cells.cell(1, at).value: cells.cell(2, at) for at in range(1, 14)}
    assert got["证书编号"].value == "0099000126300017" and got["证件号码"].value == whole
    assert {cell.data_type for cell in got.values() if cell.value is not None} == {"s"}
    assert {cell.number_format for cell in got.values() if cell.value is not None} == {"@"}
    told = {head: cell.value for head, cell in got.items()}
    assert (told["等级"], told["发证日期"], told["证件类型"]) == ("三级/高级工", "2026-05-01", "居民身份证")
    assert (told["职业名称"], told["技能成绩"], told["综合评审成绩"]) == ("中式烹调师", "82.5", None)


def test_libreoffice_keeps_every_text_of_the_sheet(office: Path) -> None:
    sheet = register_sheet.prepare(NATIONAL, [row(1), row(2, number="007")], names(1, 2).get)
    [data] = register_sheet.files(sheet, "xlsx")
    saved = openpyxl.load_workbook(io.BytesIO(opened_in_office(data, office)))["证书数据"]
    lines = saved.iter_rows(min_row=2, values_only=True)
    assert [[text or "" for text in line] for line in lines] == sheet.rows


def test_a_hole_keeps_a_certificate_out_and_all_holes_are_told() -> None:
    nothing = {"theory": "", "practical": "", "way": "assessment"}
    rows = [row(1, **nothing), row(2, theory=""), row(3), row(4, **nothing | {"level": "special"})]
    known = names(1, 2) | {"p4": person(4, id_number=resident(4)[:-1] + "Y")}
    sheet = register_sheet.prepare(NATIONAL, rows, known.get)
    assert [(hole.number[-1], hole.head, hole.code) for hole in sheet.holes] == [
        ("1", "理论成绩", "register.hole_blank"),
        ("1", "技能成绩", "register.hole_blank"),
        ("3", "", "register.hole_erased"),
        ("4", "证件号码", "register.hole_identity"),  # an appointed level has no paper, a contest need not
    ]
    assert sheet.ids == ["urn:2"] and sheet.short == 3
    for hole in sheet.holes:
        said = register_sheet.hole_data(hole, "en")
        assert "{" not in said["message"] and said["todo"]


def test_only_what_the_map_takes_goes_out() -> None:
    rows = [row(1), row(2, state="revoked"), row(3, state=SUPERSEDED), row(4, kind="award", level="")]
    sheet = register_sheet.prepare(NATIONAL, rows, names(1, 2, 3, 4).get)
    assert sheet.ids == ["urn:1"] and sheet.left == {"revoked": 1, "superseded": 1, "award": 1}


def test_an_office_writes_its_own_map() -> None:
    columns = """
[[column]]
head = "序号"
field = "row"
[[column]]
head = "级别"
field = "level"
words = { "3" = "高级" }
[[column]]
head = "日期"
field = "issued"
date = "YYYYMMDD"
[[column]]
head = "评审"
field = "review"
blank = "/"
must = true
levels = ["2", "1"]
[[column]]
head = "来源"
value = "竞赛"
[[column]]
head = "单位"
field = "firm_name"
longest = 4
"""
    found = own(columns, 'date = "YYYY/MM/DD"\nrows_per_file = 1')
    rows = [
        row(1, firm_name="食堂"), row(2, level="2", review="61"), row(3, level="1"),
        row(4, firm_name="一二三四五"),
    ]  # fmt: skip
    sheet = register_sheet.prepare(found, rows, names(1, 2, 3, 4).get)
    assert sheet.rows == [
        ["1", "高级", "20260501", "/", "竞赛", "食堂"],
        ["2", "二级/技师", "20260501", "61", "竞赛", ""],
    ]
    assert [hole.code for hole in sheet.holes] == ["register.hole_blank", "register.hole_long"]
    assert len(register_sheet.files(sheet, "xlsx")) == 2  # the office's system takes one row a file


def test_a_csv_says_which_columns_excel_would_change_and_a_map_can_guard_them() -> None:
    found = own('[[column]]\nhead = "号"\nfield = "id_number"\n[[column]]\nhead = "工种"\nfield = "work"')
    who = {"p1": person(1, id_type="other", id_number="123456789012345678")}
    sheet = register_sheet.prepare(found, [row(1, work="=1+1")], who.get)
    [data] = register_sheet.files(sheet, "csv")
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig")))) == [
        ["号", "工种"], ["123456789012345678", "'=1+1"],
    ]  # fmt: skip
    assert register_sheet.losing(sheet, "csv") == ["号"] and register_sheet.losing(sheet, "xlsx") == []
    tabbed = own('[[column]]\nhead = "号"\nfield = "id_number"', 'csv_text = "tab"')
    sheet = register_sheet.prepare(tabbed, [row(1)], who.get)
    assert b"\t123456789012345678" in register_sheet.files(sheet, "csv")[0]
    assert register_sheet.losing(sheet, "csv") == []


def test_equal_sheets_are_equal_bytes() -> None:
    one, other = (
        register_sheet.files(register_sheet.prepare(NATIONAL, rows, names(1, 2).get), "xlsx")
        for rows in ([row(1), row(2)], [row(2), row(1)])
    )
    assert one == other and zipfile.ZipFile(io.BytesIO(one[0])).testzip() is None
