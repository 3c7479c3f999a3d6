"""Tables for the rules' commands: columns by name in every encoding, every problem at once with its cell."""

from __future__ import annotations

import io

import openpyxl
import pytest

from compsys.exchange import rule_csv
from compsys.exchange.rule_csv import Column, Sheet

COLUMNS = (
    Column("entry"),
    Column("delegation", filled=False),
    Column("total", "number", filled=False, low="0", high="100"),
    Column("size", "whole", must=False, filled=False, low="1"),
    Column("status", "word", must=False, filled=False, words=("ranked", "absent")),
    Column("eligible", "flag", must=False, filled=False),
)
TEXT = "entry,delegation,total,size,status,eligible\nA,广东,61.42,2,ranked,yes\nB,浙江,8.75,,absent,\n"


def read(data: bytes | str) -> Sheet:
    """The table, with the check that no entry stands twice."""
    sheet = rule_csv.read(data.encode() if isinstance(data, str) else data, "x.csv", COLUMNS)
    sheet.distinct(["entry"])
    return sheet


def found(sheet: Sheet) -> list[tuple[int, str, str]]:
    """Row, column and code of every problem."""
    return [(fault.row, fault.column, fault.code) for fault in sheet.in_order()]


def book() -> bytes:
    """The same table as a workbook."""
    workbook = openpyxl.Workbook()
    for line in TEXT.splitlines():
        workbook.active.append([float(c) if c == "61.42" else c or None for c in line.split(",")])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("gb18030"),
        TEXT.encode("utf-16"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("61.42", "６１．４２").encode(),
        TEXT.replace("entry,", " Entry ,").encode(),
        ("\n\n" + TEXT).encode(),
        book(),
    ],
)
def test_every_way_to_write_the_same_table_reads_the_same(data: bytes) -> None:
    sheet = read(data)
    assert sheet.sound and found(sheet) == []
    columns = ("entry", "delegation", "total", "size", "status", "eligible")
    assert [tuple(r.values[c] for c in columns) for r in sheet.records] == [
        ("A", "广东", "61.42", "2", "ranked", "yes"),
        ("B", "浙江", "8.75", "", "absent", ""),
    ]


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    sheet = read(
        "entry,delegation,total,size,status,eligible,colour\n"
        "A,GD,sixty,1.5,gone,perhaps,red\n"
        "A,GD,-1,0,ranked,no,\n"
        ",GD,100.01,1,,,,over\n"
    )
    assert not sheet.sound
    assert found(sheet) == [
        (1, "colour", "csv.column_unknown"),
        (2, "total", "csv.not_a_number"),
        (2, "size", "csv.not_whole"),
        (2, "status", "csv.unknown_word"),
        (2, "eligible", "csv.unknown_word"),
        (3, "entry", "csv.twice"),
        (3, "total", "csv.too_low"),
        (3, "size", "csv.too_low"),
        (4, "", "csv.too_wide"),
        (4, "entry", "csv.blank"),
        (4, "total", "csv.too_high"),
    ]
    told = rule_csv.as_data(sheet.in_order()[1], "en")
    assert (told["cell"], told["message"]) == ("C2", "“sixty” is not a number.")


def test_columns_that_lack_stand_twice_or_are_not_known() -> None:
    assert found(read("entry,delegation\nA,GD\n")) == [(1, "total", "csv.column_missing")]
    assert found(read("entry,delegation,total,total\nA,GD,1,2\n")) == [(1, "total", "csv.column_twice")]
    sheet = read("entry,delegation,total,remark\nA,GD,1,late\n")
    assert sheet.sound and found(sheet) == [(1, "remark", "csv.column_unknown")]
    assert "remark" not in sheet.records[0].values


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "list.file_empty"),
        (b"\x00\x01\x02\x03", "list.not_text"),
        (b"entry,delegation,total\n", "csv.no_rows"),
        (b'entry,delegation,total\nA,"GD"x,1\n', "list.bad_csv"),
        (b"PK\x03\x04 not a workbook at all", "list.workbook_damaged"),
    ],
)
def test_what_is_no_table_is_refused_as_a_whole(data: bytes, code: str) -> None:
    sheet = rule_csv.read(data, "x.csv", COLUMNS)
    assert not sheet.sound and sheet.records == []
    assert code in [fault.code for fault in sheet.faults]


def test_a_formula_is_not_its_value() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["entry", "delegation", "total"])
    workbook.active.append(["A", "GD", "=1+1"])
    out = io.BytesIO()
    workbook.save(out)
    assert found(read(out.getvalue())) == [(2, "total", "list.formula")]


def test_blank_stays_blank_and_two_blanks_are_not_the_same_entry() -> None:
    sheet = read("entry,delegation,total\nA,GD,\n,GD,1\n,GD,2\n")
    assert sheet.records[0].values["total"] == ""
    assert found(sheet) == [(3, "entry", "csv.blank"), (4, "entry", "csv.blank")]
