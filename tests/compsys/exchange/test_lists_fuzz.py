"""Lists that nobody thought of: no crash, no hang, and never another mark than a second reader finds."""

from __future__ import annotations

import io
import random
import re
import time
import zipfile
import zlib
from collections.abc import Callable
from fractions import Fraction

import openpyxl
import pytest

from compsys import words
from compsys.exchange import lists_book, lists_tell
from compsys.exchange.lists_findings import Look
from compsys.exchange.lists_look import Wish
from tests.compsys.exchange import naive_scores
from tests.compsys.exchange.list_worlds import book, known, look, look_scores, number, xlsx
from tests.conftest import SEED
from tests.web import lists_files

CODES = [f"A{i}" for i in range(11, 31)]
UNITS = [(code, "") for code in CODES]
SLOWEST = 5.0
"""Seconds of this process's time for one small list: a hang is caught, a busy machine is not."""

ODD = (
    "", " ", "\u3000", "缺考", "absent", "-1", "１００", "1e2", "=1+1", "+5", "@x", "\t", '"', "'",
    "NaN", "inf", "0.1234567", "88,5", "１２.５", "٣", "1_0", "0x1F", "\ufeff", "\u200b7",
    "\u22125", "A11", "加密号",
    "3.70284E+17", "999999999999999999", "#N/A", "\U0001f600", "a" * 300, "0\n1", "1;2", "1,2", "²",
)  # fmt: skip
Rows = list[list[str]]


def plain(rng: random.Random) -> Rows:
    """A right list of scores, sometimes with titles, blank rows and further columns."""
    rows: Rows = [["成绩单"]] if rng.random() < 0.5 else []
    rows.append(["序号", "加密号", "姓名", "成绩", "备注"])
    codes = rng.sample(CODES, rng.randint(1, len(CODES)))
    for i, code in enumerate(codes, 1):
        mark = (
            f"{rng.randint(0, 100)}"
            if rng.random() < 0.5
            else f"{rng.randint(0, 99)}.{rng.randint(0, 99):02}"
        )
        rows.append([str(i), code, "", mark, ""])
        if rng.random() < 0.05:
            rows.append([""])
    return rows


def disturbed(rng: random.Random, rows: Rows) -> Rows:
    """Cells exchanged for odd ones, rows doubled, dropped, shortened, moved."""
    for _ in range(rng.choice((0, 0, 1, 1, 2, 5))):
        at = rng.randrange(len(rows))
        match rng.randrange(6):
            case 0 | 1 | 2:
                row = list(rows[at])
                row[rng.randrange(len(row))] = rng.choice(ODD)
                rows[at] = row
            case 3:
                rows.insert(rng.randrange(len(rows)), list(rows[at]))
            case 4:
                rows[at] = rows[at][: rng.randrange(len(rows[at]) + 1)] or [""]
            case _:
                rng.shuffle(rows[at]) if rng.random() < 0.2 else rows.append(list(rows[at])[::-1])
    return rows


def as_text(rng: random.Random, rows: Rows) -> bytes:
    separator = rng.choice(",;\t")
    ending = rng.choice(("\n", "\r\n"))
    lines = []
    for row in rows:
        cells = []
        for cell in row:
            must = any(c in cell for c in separator + '"\n\r')
            quoted = '"' + cell.replace('"', '""') + '"'
            cells.append(quoted if must or rng.random() < 0.1 else cell)
        lines.append(separator.join(cells))
    encoding = rng.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16"))
    return (ending.join(lines) + ending).encode(encoding, "replace")


def as_book(rng: random.Random, rows: Rows) -> bytes:
    def cell(text: str) -> object:
        number_ = re.fullmatch(r"-?[0-9]{1,6}(\.[0-9]{1,3})?", text)
        kept = "".join(c for c in text if c >= " " or c in "\t\n")
        return float(text) if number_ and rng.random() < 0.7 else kept

    merged = ["A1:E1"] if len(rows[0]) == 1 else []
    return xlsx([[cell(text) for text in row] for row in rows], merged)


def bitten(rng: random.Random, data: bytes) -> bytes:
    """Bytes changed, cut out, put in."""
    found = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        at = rng.randrange(len(found) + 1)
        match rng.randrange(4):
            case 0 if found:
                found[min(at, len(found) - 1)] = rng.randrange(256)
            case 1:
                del found[at : at + rng.choice((1, 2, 30))]
            case 2:
                found[at:at] = rng.choice(
                    (b'"', b",", b"\n", b"\x00", b"\xff", "，".encode(), b"\xef\xbb\xbf")
                )
            case _:
                found = found[:at] if rng.random() < 0.3 else found
    return bytes(found)


def inside(rng: random.Random, data: bytes) -> bytes:
    """One part of a workbook changed, the archive whole again."""
    out = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(data))
    victim = rng.choice(source.namelist() + ["xl/worksheets/sheet1.xml"] * 8)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            if name == victim:
                part = bent(rng, part)
            if name != victim or rng.random() < 0.97:
                target.writestr(name, part)
    return out.getvalue()


def bent(rng: random.Random, part: bytes) -> bytes:
    """XML with an attribute, a value or a tag exchanged."""
    places = [m.span(1) for m in re.finditer(rb'[">]([^<>"]{1,40})[<"]', part)]
    if not places or rng.random() < 0.1:
        return bitten(rng, part)
    for _ in range(rng.choice((1, 1, 3))):
        start, end = rng.choice(places)
        new = rng.choice((
            b"1", b"", b"A1", b"B2", b"ZZZ99999999", b"s", b"inlineStr", b"e", b"b", b"-5", b"1E400",
            b"99999999",
            b"\xff\xfe", b"&lt;", b"0.30000000000000004", part[slice(*rng.choice(places))],
        ))  # fmt: skip
        if end <= len(part):
            part = part[:start] + new + part[end:]
    return part


def a_list(rng: random.Random) -> bytes:
    rows = disturbed(rng, plain(rng))
    if rng.random() < 0.5:
        data = as_text(rng, rows)
        return bitten(rng, data) if rng.random() < 0.4 else data
    data = as_book(rng, rows)
    chance = rng.random()
    return inside(rng, data) if chance < 0.4 else bitten(rng, data) if chance < 0.5 else data


def told(looked: Look) -> None:
    """Everything found has a sentence in both languages, and nothing in the workbook runs."""
    for lang in words.LANGS:
        lists_tell.as_data(looked, lang)
        for finding in looked.findings:
            said = lists_tell.sentence(finding, lang) + lists_tell.advice(finding, lang)
            assert "{" not in re.sub(r"\{[^a-z]", "", said) or "{" in str(finding.params), (finding, said)


def agrees(data: bytes, looked: Look) -> bool:
    """Whether a second reader could tell too, and then found the same marks."""
    if looked.stopped or looked.counts["error"]:
        return False
    try:
        second = naive_scores.marks(data, set(CODES))
    except (KeyError, ValueError, IndexError, zipfile.BadZipFile, zlib.error, EOFError, SyntaxError,
            NotImplementedError, OSError):  # fmt: skip
        return False
    if second is None:
        return False
    units = {f"u{i}": code for i, code in enumerate(CODES)}
    ours = {
        units[unit]: Fraction(value)
        for rows in looked.scores.values()
        for unit, value, _ in rows
        if value is not None
    }
    assert ours == second
    return True


def dose(count: int, seed: int, make: Callable[[random.Random], bytes]) -> int:
    """Look at so many lists; how many of them two readers could compare."""
    compared = 0
    for i in range(count):
        rng = random.Random(f"{seed} {i}")
        data = make(rng)
        started = time.process_time()
        looked = look_scores(data, book(UNITS))
        assert time.process_time() - started < SLOWEST, (seed, i)
        told(looked)
        compared += agrees(data, looked)
    return compared


def people_dose(count: int, seed: int) -> None:
    """Lists of persons and delegations, disturbed in every way; their findings as a workbook."""
    against = known()
    for i in range(count):
        rng = random.Random(f"people {seed} {i}")
        data = a_person_list(rng)
        started = time.process_time()
        wish = Wish(rng.choice(("", "entrants", "judges", "delegations")))
        looked = look(data, against, wish)
        told(looked)
        if i % 5 == 0:
            made = openpyxl.load_workbook(io.BytesIO(lists_book.write(data, looked, "en")))
            cells = [c for sheet in made for row in sheet.iter_rows() for c in row]
            assert not any(c.data_type == "f" for c in cells), (seed, i)
        assert time.process_time() - started < SLOWEST, (seed, i)
        assert len({item.id for item in looked.items if item.kind == "person"}) == len(looked.persons)


def a_person_list(rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        return inside(rng, lists_files.entrants())
    heads = ["姓名", "身份证号", "单位", "赛项", "出生日期", "性别", "队名", "裁判职务", "席位", "代码"]
    rng.shuffle(heads)
    rows: Rows = [heads[: rng.randint(2, len(heads))]]
    values = {
        "姓名": ("张三", "李四", "John"), "身份证号": tuple(number(sequence=n) for n in range(1, 9)),
        "单位": ("胡杨宾馆", "天山饭店", "胡扬宾馆"), "赛项": ("热菜", "面点", "T-hot"),
        "出生日期": ("1990-01-01", "32874"), "性别": ("男", "女"), "队名": ("", "红队"),
        "裁判职务": ("裁判", "裁判长"), "席位": ("", "1"), "代码": ("01", "02"),
    }  # fmt: skip
    for _ in range(rng.randint(1, 12)):
        rows.append([rng.choice(values[head]) for head in rows[0]])
    rows = disturbed(rng, rows)
    data = as_text(rng, rows) if rng.random() < 0.6 else as_book(rng, rows)
    return bitten(rng, data) if rng.random() < 0.2 else data


def test_no_score_list_breaks_or_misleads_the_reader() -> None:
    count = 250
    assert dose(count, SEED, a_list) > count // 10, "two readers must have compared many"


def test_no_list_of_people_breaks_the_reader() -> None:
    people_dose(150, SEED)


@pytest.mark.long
def test_a_long_dose_of_score_lists() -> None:
    count = 20_000
    assert dose(count, SEED, a_list) > count // 10


@pytest.mark.long
def test_a_long_dose_of_lists_of_people() -> None:
    people_dose(5_000, SEED)
