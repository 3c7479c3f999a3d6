"""The two spreadsheets of a cook-off, as a personnel office and an examiner send them, errors planted."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
from openpyxl.styles import Alignment

from compsys.identity import check_digit

SHEET = "报名汇总"
COMPANIES = ("胡杨宾馆", "天山饭店", "石油酒店", "金龙镇餐厅")


def number(day: str, sequence: int) -> str:
    """A resident number of nobody (area 999999)."""
    body = f"999999{day}{sequence:03}"
    return body + check_digit(body)


def entrants() -> bytes:
    """A title, a second line, a header of two rows with merged cells, 13 rows; ten of them are wrong."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = SHEET
    sheet.append(["克拉玛依市餐饮行业技能大赛选手报名表"])
    sheet.merge_cells("A1:H1")
    sheet.append(["填报单位：人力资源部", None, None, None, None, None, "2026年5月"])
    sheet.append(["序号", "姓名", "身份信息", None, None, "单位", "赛项", "手机号码"])
    sheet.append([None, None, "证件类型", "证件号码", "出生日期", None, None, None])
    for area in ("A3:A4", "B3:B4", "C3:E3", "F3:F4", "G3:G4", "H3:H4"):
        sheet.merge_cells(area)
    for cell in sheet[3]:
        cell.alignment = Alignment(horizontal="center")
    kind = "居民身份证"
    rows = [
        ["马晓燕", kind, number("19900105", 12), date(1990, 1, 5), "胡杨宾馆", "热菜", "13999990001"],
        ["李\u3000娜", kind, number("19910206", 22), "1991-02-06", "天山饭店\u00a0", "热 菜", 13999990002],
        ["王建国", kind, 3.70284199001010016e17, "1990-01-01", "石油酒店", "热菜", None],
        ["赵敏", kind, number("19920307", 34)[:17] + "5", "1992-03-07", "石油酒店", "面点", None],
        ["孙丽", kind, number("19930408", 44), "1994-04-08", "金龙镇餐厅", "面点", None],
        ["周涛", kind, number("19940509", 51), "1994.05.09", "胡扬宾馆", "面点", None],
        ["吴刚", kind, number("19950610", 63), "1995年6月10日", "天山饭店", "热莱", None],
        ["马晓燕", kind, number("19900105", 12), "1990-01-05", "胡杨宾馆", "热菜", None],
        ["", kind, number("19960711", 71), None, "石油酒店", "热菜", None],
        ["John Smith", "护照", "E12345678", None, "金龙镇餐厅", "面点", None],
        ["郑爽", kind, "=D5", None, "石油酒店", "热菜", None],
        ["钱多多", kind, "９９９９９９" + number("19970812", 83)[6:], None, "石油酒店", "热菜", "=1+1"],
        ["李娜", kind, number("19910206", 22), "1991-02-06", "天山饭店", "面点", None],
    ]  # fmt: skip
    for index, row in enumerate(rows, 1):
        sheet.append([index, *row])
    for row in sheet.iter_rows(min_row=5, min_col=4, max_col=4):
        if isinstance(row[0].value, str) and not row[0].value.startswith("="):
            row[0].number_format = "@"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WRONG = {
    "D7": "identity_damaged",
    "D8": "identity_check",
    "E9": "birth_differs",
    "F10": "unknown_delegation",
    "G11": "unknown_trade",
    "B12": "person_twice",
    "B13": "blank",
    "D15": "formula",
    "H16": "formula",
    "G17": "two_trades_at_once",
}
"""What is wrong with `entrants`, by cell."""


def cook_off() -> list[tuple[str, str, dict[str, Any]]]:
    """What they are held against: companies, and two trades at one time that have not begun yet."""
    found: list[tuple[str, str, dict[str, Any]]] = []
    for i, name in enumerate(COMPANIES, 1):
        found.append(("delegation", f"c{i}", {"id": f"c{i}", "name": {"zh-CN": name}}))
    for key, name in (("hot", "热菜"), ("pastry", "面点")):
        at = {"trade": key, "stage": "final"}
        component = {"id": "dish", "name": {"zh-CN": "作品"}, "max": "100"}
        found += [
            ("trade", key, {"id": key, "name": {"zh-CN": name}}),
            ("stage", f"{key}/final", {"id": "final", "trade": key, "name": {"zh-CN": "决赛"}}),
            ("group", f"{key}/final/open", {
                "id": "open", **at, "name": {"zh-CN": "公开组"}, "components": [component],
            }),
            ("session", f"{key}/final/morning", {
                "id": "morning", **at, "component": "dish", "name": {"zh-CN": "上午场"}, "day": "2026-05-16",
                "start": "09:00", "minutes": 180,
            }),
        ]  # fmt: skip
    return found


def corrected(annotated: bytes) -> bytes:
    """The annotated workbook as the personnel office sends it back: each marked cell put right, in place."""
    book = openpyxl.load_workbook(io.BytesIO(annotated))
    sheet = book[SHEET]
    right = {
        "D7": number("19900101", 33), "D8": number("19920307", 34), "E9": "1993-04-08", "F10": "胡杨宾馆",
        "G11": "热菜", "B13": "冯强", "D15": number("19980913", 94), "H16": "13999990016",
    }  # fmt: skip
    for cell, value in right.items():
        sheet[cell].value = value
        sheet[cell].comment = None
    for row in (17, 12):  # twice, and in two trades at one time: one of the two goes
        sheet.delete_rows(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def scores(codes: list[str]) -> bytes:
    """Theory scores by blind code as CSV in GB18030 with semicolons; six of the rows are wrong."""
    rows = ["理论考试成绩单", "加密号;姓名;理论成绩;备注"]
    values = ["８８．５", "缺考", "101", "-3", "七十", ""]
    rows += [f"{code};;{value};" for code, value in zip(codes, values, strict=False)]
    rows += [f"{codes[0]};;77;", "Z99;;60;", f"{codes[6]};;92.25;"]
    return ("\r\n".join(rows) + "\r\n").encode("gb18030")
