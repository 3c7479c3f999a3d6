"""Lists as other people make them: every encoding and habit that is right, every file that is not usable."""

from __future__ import annotations

import io
import zipfile

import pytest

from compsys.exchange import lists_read
from compsys.exchange.lists_look import Wish
from compsys.exchange.lists_read import MAX_COLUMNS, Row, address, open_list
from tests.compsys.exchange.list_worlds import found, known, look, number, xlsx

LIST = f"姓名,身份证号,单位,赛项\n张三,{number()},胡杨宾馆,热菜\n"


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 (BOM)"), ("gb18030", "GB18030"), ("utf-16", "UTF-16")],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_encoding_separator_and_line_end(encoding: str, said: str, separator: str, ending: str) -> None:
    text = LIST.replace(",", separator).replace("\n", ending)
    looked = look(text.encode(encoding))
    assert looked.said["encoding"] == said
    assert looked.said["separator"] == {"\t": "Tab"}.get(separator, separator)
    assert looked.counts["new"] == 1 and not looked.findings


def test_a_spreadsheets_own_line_about_the_separator_is_no_row() -> None:
    looked = look("sep=;\n" + LIST.replace(",", ";"))
    assert looked.header is not None and looked.header.last == 1
    assert looked.rows[0].row == 2 and looked.counts["new"] == 1


def test_titles_merged_headers_wide_digits_and_spaces() -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in number())
    rows = [
        ["选手报名表", None, None, None, None],
        ["2026 年 5 月"],
        ["序号", "姓\u3000名", "身份信息", None, "单位\u00a0", "赛 项"],
        [None, None, "证件类型", "证件号码（18位）"],
        [1, " 张\u3000三\u200b", "身份证", f"{wide[:6]} {wide[6:]}\u00a0", "\u3000胡杨宾馆 ", "热\u3000菜"],
    ]
    merged = ["A1:F1", "A3:A4", "B3:B4", "C3:D3", "E3:E4", "F3:F4"]
    looked = look(xlsx(rows, merged))
    assert looked.header is not None and looked.header.last == 4
    assert looked.header.columns == ("", "name_zh", "id_type", "id_number", "delegation", "trade")
    assert not looked.findings and looked.counts["new"] == 1
    (who,) = looked.persons.values()
    assert who.name == {"zh-CN": "张三"} and who.id_number == number()


def test_the_sheet_with_the_list_is_found_among_others() -> None:
    import openpyxl

    made = openpyxl.Workbook()
    notes = made.active
    assert notes is not None
    notes.append(["填表说明", "请认真填写"])
    sheet = made.create_sheet("选手")
    for line in LIST.splitlines():
        sheet.append(line.split(","))
    out = io.BytesIO()
    made.save(out)
    looked = look(out.getvalue())
    assert looked.said["sheet"] == "选手" and looked.counts["new"] == 1


def test_a_header_nobody_knows_is_told_and_then_remembered() -> None:
    odd = "甲,乙,丙\n张三,胡杨宾馆,热菜\n"
    looked = look(odd)
    assert looked.stopped and {code for _, code in found(looked)} == {"column_missing"}
    assert looked.header is not None
    meaning = ("name_zh", "delegation", "trade")
    corrected = look(odd, wish=Wish(columns=meaning))
    assert corrected.counts["new"] == 1
    again = look(odd, mappings={looked.header.shape: meaning})
    assert again.counts["new"] == 1 and again.header is not None and again.header.remembered
    other = look(odd.replace("丙", "丁"), mappings={looked.header.shape: meaning})
    assert other.stopped, "another header is another shape"


def test_a_shape_says_nothing_of_the_people() -> None:
    one, two = look(LIST), look(LIST.replace("张三", "李四"))
    assert one.header is not None and two.header is not None
    assert one.header.shape == two.header.shape


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The workbook with one part exchanged."""
    out = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(data))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            target.writestr(part, content if part == name else source.read(part))
    return out.getvalue()


def sheet_of(rows: str) -> bytes:
    head = (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    )
    return f"{head}<sheetData>{rows}</sheetData></worksheet>".encode()


BOOK = xlsx([line.split(",") for line in LIST.splitlines()])
SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>"""
HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "file_empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_text"),
    "text with zeros": ("姓名,单位\n".encode() + b"\0" * 10, "not_text"),
    "broken utf-16": ("\ufeff姓名".encode("utf-16-le") + b"\x00", "not_text"),
    "an old workbook": (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600, "old_xls"),
    "a protected one": (
        bytes.fromhex("D0CF11E0A1B11AE1") + "EncryptedPackage".encode("utf-16-le"), "workbook_encrypted"
    ),
    "half an archive": (cut(BOOK), "workbook_damaged"),
    "an archive of something else": (
        with_part(BOOK, "xl/workbook.xml", b"<a/>").replace(b"xl/workbook.xml", b"zz/workbook.xml"),
        "not_a_workbook",
    ),
    "entities": (with_part(BOOK, SHEET, ENTITIES), "workbook_unsafe"),
    "a bomb": (with_part(BOOK, SHEET, sheet_of(" " * 40_000_000)), "workbook_too_large"),
    "rows out of order": (
        with_part(BOOK, SHEET, sheet_of('<row r="5"></row><row r="2"></row>')), "workbook_damaged"
    ),
    "a cell twice": (
        with_part(BOOK, SHEET, sheet_of('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>')),
        "workbook_damaged",
    ),
    "10,000 columns": (xlsx([["姓名"] + ["x"] * 10_000]), "too_many_columns"),
    "10,000 columns of text": (("姓名" + ",x" * 10_000 + "\n").encode(), "too_many_columns"),
    "a quotation that never ends": (LIST.encode() + b'"abc', "bad_csv"),
    "no table": (b"hello\n", "no_header"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_what_cannot_be_used_is_one_finding_of_the_file(what: str) -> None:
    data, code = HOSTILE[what]
    looked = look(data)
    assert [(f.where, f.code) for f in looked.findings] == [("", f"list.{code}")]
    assert not looked.takes and not looked.items


def test_formatted_but_empty_columns_far_out_are_no_columns() -> None:
    wide = LIST.splitlines()[0] + "," * 5_000 + "\n" + LIST.splitlines()[1] + "\n"
    assert look(wide).counts["new"] == 1


def test_a_list_is_read_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A visitor that has enough stops the reading: the rest of a large file is never split into cells."""
    file = open_list(("a,b\n" * 100_000).encode(), "x.csv")
    seen: list[Row] = []

    def visit(row: Row) -> None:
        seen.append(row)
        if len(seen) == 3:
            raise lists_read.Stop

    file.each("", visit)
    assert [row.number for row in seen] == [1, 2, 3]
    monkeypatch.setattr(lists_read, "MAX_ROWS", 1_000)
    assert found(look("姓名,单位,赛项\n" + "张三,胡杨宾馆,热菜\n" * 1_001, known())) != []


def test_addresses_are_those_of_a_spreadsheet() -> None:
    assert address(3, MAX_COLUMNS) == "IV3"
    looked = look('姓名,单位,赛项\n"张\n三",没有的,热菜\n\n李四,没有的,热菜\n')
    assert [where for where, _ in found(looked)] == ["", "B2", "B4"], "a cell of two lines is one row"


def test_a_person_is_never_taken_for_the_header() -> None:
    bare = LIST.split("\n", 1)[1]
    width = bare.splitlines()[0].count(",") + 1
    meant = ("name_zh", "id_number", "delegation", "trade", *([""] * (width - 4)))
    looked = look(bare, wish=Wish(kind="entrants", columns=meant))
    assert looked.stopped and not looked.items
    assert ("B1", "header_is_row") in found(looked)
