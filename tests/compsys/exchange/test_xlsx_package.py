"""Files made to harm or to mislead are refused with one code, in bounded time and memory."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from compsys.exchange import cis_workbook
from compsys.exchange.cis_report import facts_json
from compsys.exchange.cis_workbook import exit_code, read
from compsys.exchange.xlsx_package import MAX_FILE, MAX_UNPACKED
from tests.compsys.exchange.cis_books import NBSP, sound_book

SHEET = "xl/worksheets/sheet1.xml"
TITLE = b't="inlineStr"><is><t>17 Web Development</t></is>'
SHARED = b't="s"><v>0</v>'
MEGABYTE = 2**20


def rewritten(change: Callable[[str, bytes], bytes | None], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The sound workbook with its parts changed; None leaves a part out."""
    out = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(sound_book().bytes()))
    with zipfile.ZipFile(out, "w", compression) as target:
        for name in source.namelist():
            data = change(name, source.read(name))
            if data is not None:
                target.writestr(name, data)
    return out.getvalue()


def in_sheet(old: bytes, new: bytes) -> bytes:
    def change(name: str, data: bytes) -> bytes:
        if name != SHEET:
            return data
        assert old in data
        return data.replace(old, new, 1)

    return rewritten(change)


def other_zip(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, text in files.items():
            target.writestr(name, text)
    return out.getvalue()


def office_file(part: str) -> bytes:
    """An office file of another kind: its main part is not a workbook in XML."""
    relation = f'<Relationship Id="r" Type="a/officeDocument" Target="{part}"/>'
    return other_zip({part: "<x/>", "_rels/.rels": f"<Relationships>{relation}</Relationships>"})


def with_flag(data: bytes, flag: int) -> bytes:
    """The archive with a general purpose flag set on every entry of its central directory."""
    broken = bytearray(data)
    at = broken.find(b"PK\x01\x02")
    while at >= 0:
        bits = struct.unpack_from("<H", broken, at + 8)[0] | flag
        struct.pack_into("<H", broken, at + 8, bits)
        at = broken.find(b"PK\x01\x02", at + 4)
    return bytes(broken)


OLE = bytes.fromhex("D0CF11E0A1B11AE1")
ENTITY_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b"<worksheet><sheetData><row><c t='str'><v>&b;</v></c></row></sheetData></worksheet>"
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"%PDF-1.7 not a workbook", "not_a_workbook"),
        (b"A;B;C\n1;2;3\n", "not_a_workbook"),
        (OLE + bytes(600), "old_xls"),
        (OLE + bytes(64) + "EncryptedPackage".encode("utf-16-le") + bytes(600), "workbook_encrypted"),
        (b"PK\x03\x04", "workbook_damaged"),
        (sound_book().bytes()[:-100], "workbook_damaged"),
        (sound_book().bytes()[:2000], "workbook_damaged"),
        (with_flag(sound_book().bytes(), 1), "workbook_encrypted"),
        (other_zip({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "not_a_workbook"),
        (office_file("word/document.xml"), "not_a_workbook"),
        (office_file("xl/workbook.bin"), "not_a_workbook"),
        (rewritten(lambda name, data: ENTITY_BOMB if name == SHEET else data), "workbook_unsafe"),
        (rewritten(lambda name, data: ENTITY_BOMB.decode().encode("utf-16") if name == SHEET else data),
         "workbook_unsafe"),
        (rewritten(lambda name, data: data[:-40] if name == SHEET else data), "workbook_damaged"),
        (rewritten(lambda name, data: data, zipfile.ZIP_BZIP2), "workbook_damaged"),
        (in_sheet(b'r="A3"', b'r="A1"'), "workbook_damaged"),  # two values for one cell
        (in_sheet(b'r="A3"', b'r="A0"'), "workbook_damaged"),
        (in_sheet(b'r="A3"', b'r="AAAA3"'), "workbook_damaged"),
        (in_sheet(TITLE, SHARED.replace(b"0", b"9999")), "workbook_damaged"),
        (in_sheet(TITLE, SHARED.replace(b"0", b"-1")), "workbook_damaged"),
    ],
)
def test_one_clear_refusal(data: bytes, code: str) -> None:
    outcome = read(data, "x.xlsx")
    assert [(p.severity, p.code) for p in outcome.problems] == [("error", code)]
    assert exit_code(outcome) == 2 and outcome.scheme is None
    for language in ("en", "zh-CN"):
        problems = facts_json(outcome, language)["problems"]
        assert isinstance(problems, list) and "{" not in problems[0]["message"]


def test_a_file_that_is_not_there_and_one_that_is_too_large(tmp_path: Path) -> None:
    assert [p.code for p in read(tmp_path / "none.xlsx").problems] == ["file_unreadable"]
    assert [p.code for p in read(tmp_path).problems] == ["file_unreadable"]
    large = tmp_path / "large.xlsx"
    with large.open("wb") as file:
        file.truncate(MAX_FILE + 1)
    assert [p.code for p in read(large).problems] == ["file_too_large"]


def memory_of(data: bytes) -> tuple[int, cis_workbook.CisRead]:
    tracemalloc.start()
    try:
        outcome = read(data, "x.xlsx")
        return tracemalloc.get_traced_memory()[1], outcome
    finally:
        tracemalloc.stop()


def test_a_zip_bomb_is_refused_by_the_sizes_it_declares() -> None:
    bomb = rewritten(lambda name, data: bytes(MAX_UNPACKED) if name == "xl/styles.xml" else data)
    assert len(bomb) < MEGABYTE
    peak, outcome = memory_of(bomb)
    assert [p.code for p in outcome.problems] == ["workbook_too_large"]
    assert peak < 4 * MEGABYTE


def test_a_zip_bomb_that_declares_a_small_size_gains_nothing() -> None:
    bomb = bytearray(rewritten(lambda name, data: data + b" " * MAX_UNPACKED if name == SHEET else data))
    at = bomb.rfind(SHEET.encode()) - 46
    assert bomb[at : at + 4] == b"PK\x01\x02"
    struct.pack_into("<I", bomb, at + 24, 5000)
    peak, outcome = memory_of(bytes(bomb))
    assert [p.code for p in outcome.problems] == ["workbook_damaged"]
    assert peak < 8 * MEGABYTE


def test_ten_thousand_columns_are_read_past() -> None:
    cells = b"".join(b"<c><v>7</v></c>" for _ in range(10_000))
    peak, outcome = memory_of(in_sheet(b"</sheetData>", b'<row r="500">' + cells + b"</row></sheetData>"))
    assert outcome.problems == () and outcome.facts.total == 100
    assert peak < 8 * MEGABYTE


def test_a_sheet_without_end_is_refused() -> None:
    rows = b"".join(b'<row r="%d"><c r="B%d"><v>7</v></c></row>' % (n, n) for n in range(80, 21_000, 150))
    book = sound_book()
    for column in "LMN":
        book.put(f"{column}{book.footer}", NBSP)
    source = zipfile.ZipFile(io.BytesIO(book.bytes()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == SHEET:
                data = data.replace(b"</sheetData>", rows + b"</sheetData>")
            target.writestr(name, data)
    assert [p.code for p in read(out.getvalue(), "x").problems] == ["workbook_too_many_rows"]


def test_many_archive_entries_are_refused_before_they_are_listed() -> None:
    data = other_zip({f"xl/{n}.xml": "" for n in range(2_100)})
    assert [p.code for p in read(data, "x").problems] == ["workbook_too_large"]


def test_rows_in_any_order_strict_names_inline_and_rich_texts_read_alike() -> None:
    def change(name: str, data: bytes) -> bytes:
        transitional = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        data = data.replace(transitional, b"http://purl.oclc.org/ooxml/spreadsheetml/main")
        if name == "xl/theme/theme1.xml":  # a part to put the shared texts in
            rich = b"<r><t>17 Web </t></r><rPh><t>noise</t></rPh><r><t>Development_x000D_</t></r>"
            return b"<sst><si>" + rich + b"</si></sst>"
        if name == "xl/_rels/workbook.xml.rels":
            return data.replace(b"/relationships/theme", b"/relationships/sharedStrings")
        if name == SHEET:
            assert TITLE in data
            data = data.replace(TITLE, SHARED)
            start, end = data.index(b"<sheetData>") + 11, data.index(b"</sheetData>")
            rows = [row + b"</row>" for row in data[start:end].split(b"</row>") if row]
            return data[:start] + b"".join(reversed(rows)) + data[end:]
        return data

    plain, other = read(sound_book().bytes(), "x"), read(rewritten(change), "x")
    assert other.skill.name == "Web Development"
    assert other == plain


def test_other_languages_names_of_sheets_and_parts_do_not_matter() -> None:
    def change(name: str, data: bytes) -> bytes:
        if name == "xl/_rels/workbook.xml.rels":
            return data.replace(b"/xl/worksheets/sheet1.xml", b"worksheets/../worksheets/sheet1.xml")
        return data

    assert read(rewritten(change), "x").problems == ()
