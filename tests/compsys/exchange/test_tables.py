"""Result tables leave the house exact, harmless in a spreadsheet and byte-equal for equal input."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsys.exchange.tables import Column, Row, Table, write_csv, write_json, write_workbook, write_xlsx
from compsys.exchange.xlsx_cells import read_sheets, sheet_names
from compsys.exchange.xlsx_package import Package
from scoring_rules import exact

COLUMNS = [
    Column("place", {"zh-CN": "名次", "en": "Place"}, number=True),
    Column("code", {"zh-CN": "代码", "en": "Code"}),
    Column("name", {"zh-CN": "姓名"}),
    Column("total", {"zh-CN": "总分", "en": "Total"}, number=True),
]
ROWS: list[Row] = [
    {"place": 1, "code": "007", "name": "王小明", "total": "83.20"},
    {"place": "2=", "code": "E5", "name": '=HYPERLINK("http://x","y")', "total": "-0.5"},
    {"place": None, "code": "-1+1", "name": "Anna, \"A\"\nB", "total": None},
    {"place": "4", "code": "", "name": "@x", "total": "0"},
    {"place": "5", "code": "x", "name": " ＝1", "total": "123456789012.123456"},
]


def stored(data: bytes, sheet: int = 0) -> list[list[tuple[object, str]]]:
    found = openpyxl.load_workbook(io.BytesIO(data)).worksheets[sheet]
    return [[(cell.value, cell.data_type) for cell in row] for row in found.iter_rows()]


def test_csv_keeps_numbers_as_text_and_formulas_harmless() -> None:
    data = write_csv(COLUMNS, ROWS, "en")
    assert data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert lines == [
        ["Place", "Code", "姓名", "Total"],
        ["1", "007", "王小明", "83.20"],
        ["2=", "E5", "'=HYPERLINK(\"http://x\",\"y\")", "-0.5"],
        ["", "'-1+1", 'Anna, "A"\nB', ""],
        ["4", "", "'@x", "0"],
        ["5", "x", "' ＝1", "123456789012.123456"],
    ]
    assert write_csv(COLUMNS, [], "zh-CN").decode("utf-8-sig") == "名次,代码,姓名,总分\r\n"


def test_json_tells_blank_from_zero_and_keeps_the_decimals() -> None:
    data = json.loads(write_json(COLUMNS, ROWS, "zh-CN"))
    assert [c["title"] for c in data["columns"]] == ["名次", "代码", "姓名", "总分"]
    assert [row["total"] for row in data["rows"]] == ["83.20", "-0.5", None, "0", "123456789012.123456"]
    assert data["rows"][0]["place"] == "1" and data["rows"][1]["name"].startswith("=HYPER")
    assert json.loads(write_json(COLUMNS, []))["rows"] == []


def test_xlsx_writes_numbers_where_they_are_exact_and_text_for_everything_else() -> None:
    data = write_xlsx(COLUMNS, ROWS, "en")
    lines = stored(data)
    assert [value for value, _ in lines[0]] == ["Place", "Code", "姓名", "Total"]
    assert lines[1] == [(1, "n"), ("007", "s"), ("王小明", "s"), (83.2, "n")]
    assert lines[2] == [("2=", "s"), ("E5", "s"), ('=HYPERLINK("http://x","y")', "s"), (-0.5, "n")]
    assert lines[3][0] == (None, "n") and lines[3][1] == ("-1+1", "s") and lines[3][3] == (None, "n")
    assert lines[4][3] == (0, "n")
    assert lines[5][3] == ("123456789012.123456", "s")  # 18 digits: a number would lose three
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert sheet["D2"].number_format == "0.00" and sheet["A2"].number_format == "0"
    assert sheet["C3"].quotePrefix and not sheet["C2"].quotePrefix


def test_no_formula_is_ever_written() -> None:
    package = Package(write_xlsx(COLUMNS, ROWS))
    (sheet,) = read_sheets(package, [name for name, _ in sheet_names(package)], 20)
    assert sheet.cells and all(cell.formula is None for cell in sheet.cells.values())


@pytest.mark.parametrize("writer", [write_csv, write_json, write_xlsx])
def test_another_process_with_other_hashes_writes_the_same_bytes(writer: object) -> None:
    name = getattr(writer, "__name__", "")
    code = (
        "import sys\n"
        "from tests.compsys.exchange import test_tables as t\n"
        "from compsys.exchange import tables\n"
        f"sys.stdout.buffer.write(tables.{name}(t.COLUMNS, t.ROWS, 'en'))\n"
    )
    env = {**os.environ, "PYTHONHASHSEED": "12345"}
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=env).stdout
    here = {"write_csv": write_csv, "write_json": write_json, "write_xlsx": write_xlsx}[name]
    assert other == here(COLUMNS, ROWS, "en")


def test_no_time_of_writing_is_left_in_the_workbook() -> None:
    archive = zipfile.ZipFile(io.BytesIO(write_xlsx(COLUMNS, ROWS)))
    assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    core = archive.read("docProps/core.xml").decode()
    assert core.count("2000-01-01T00:00:00Z") == 2


def test_sheets_get_legal_and_different_names() -> None:
    long = "Cabinet making and joinery, selection"
    names = ["A/B: [x]", long, long, "", "'q'", "RESULTS", "results"]
    data = write_workbook([Table(name, COLUMNS, ROWS) for name in names], "en")
    found = openpyxl.load_workbook(io.BytesIO(data)).sheetnames
    assert len({name.casefold() for name in found}) == len(names)
    assert all(0 < len(name) <= 31 for name in found)
    assert found[0] == "A B   x" and found[2].endswith(" 2")


def test_a_row_without_a_column_is_a_broken_promise() -> None:
    row: Row = {"place": "1"}
    for writer in (write_csv, write_json, write_xlsx):
        with pytest.raises(KeyError):
            writer(COLUMNS, [row])
    with pytest.raises(ValueError, match="needs a table"):
        write_workbook([])


@given(st.lists(st.text(st.characters(), max_size=40), min_size=1, max_size=6))
def test_any_text_can_be_written_and_comes_back_as_text(texts: list[str]) -> None:
    columns = [Column("x", {"en": "X"}, number=True), Column("y", {"en": "Y"})]
    rows: list[Row] = [{"x": text, "y": text} for text in texts]
    found = list(csv.reader(io.StringIO(write_csv(columns, rows).decode("utf-8-sig"), newline="")))
    assert len(found) == len(rows) + 1
    for line in found[1:]:
        assert line[1][:1] not in set("=+-@\t\r\n") or exact.is_number(line[1])
    assert len(json.loads(write_json(columns, rows))["rows"]) == len(rows)
    package = Package(write_xlsx(columns, rows))
    (sheet,) = read_sheets(package, ["Results"], 5)
    for number, text in enumerate(texts, 2):
        cell = sheet.cells.get((number, 2))
        clean = "".join(c for c in text if c.isprintable())
        assert cell is None or cell.kind == "text"
        if clean == text:
            assert (cell.text if cell else "") == text
