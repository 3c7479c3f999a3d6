"""Workbooks altered in every way: no crash, no hang; what is called usable adds up as a second reader does.

Small dose here, more in `make long`. A failure prints the seed and the number of the case.
"""

from __future__ import annotations

import io
import random
import re
import time
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from compsys.exchange import cis_writer
from compsys.exchange.cis_report import facts_json
from compsys.exchange.cis_workbook import exit_code, read
from scoring_rules import scheme
from tests.compsys.exchange import naive_cis
from tests.compsys.exchange.cis_books import NBSP, ZERO_WIDTH, sound_book

SHEETS = re.compile(r"xl/worksheets/sheet[0-9]+\.xml")
CELL = re.compile(rb'<c r="([A-Z]+)([0-9]+)"[^>]*?(?:/>|>.*?</c>)', re.S)
ROW = re.compile(rb"<row .*?</row>", re.S)
SLOWEST = 20
"""Seconds of this process's time for one file: far above what is needed, far below a hang."""
TEXTS = (
    "", " ", NBSP, ZERO_WIDTH, "M", "J", "O", "S", "m", "Ｍ", "A1", "B2", "Z9", "0", "1", "2", "3", "3.0",
    "０", "-1", "0,5", "1.25", "１．５", "1e3", "abc", "=1", "+2", "TRUE", "Competition", "Criteria",
    "Criterion B",
    "Sub Criterion ID", "WorldSkills Occupational Standards", "Section", "Total Variation", "x" * 2000,
    "_x000D_", "😀",
)  # fmt: skip
NUMBERS = (
    "0", "1", "2.0", "-1", "0.1", "0.15000000000000002", "24.749999999999993", "1E-3", "1e400", "0.0000001",
    "99999999999999", "inf", "NaN", "", "1,5", "0x1", "１", "0.3333333333333333", "5.", ".5",
)  # fmt: skip

MARKS = ("0.125", "1.5", "0.15000000000000002", "24.749999999999993", "2.0", "3", "0.3333333333333333")


def escaped(text: str) -> bytes:
    return text.replace("&", "&amp;").replace("<", "&lt;").encode()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


# ---------------------------------------------------------------- alterations


def new_cell(rng: random.Random, at: bytes) -> bytes:
    """A cell with something a person or a program might have left there."""
    match rng.randrange(6):
        case 0:
            return b'<c r="%s"><v>%s</v></c>' % (at, escaped(rng.choice(NUMBERS)))
        case 1:
            return b'<c r="%s" t="inlineStr"><is><t>%s</t></is></c>' % (at, escaped(rng.choice(TEXTS)))
        case 2:
            return b'<c r="%s" t="str"><v>%s</v></c>' % (at, escaped(rng.choice(TEXTS)))
        case 3:
            stored = escaped(rng.choice(NUMBERS))
            return b'<c r="%s"><f>1+1</f><v>%s</v></c>' % (at, stored)
        case 4:
            return b'<c r="%s" t="%s"><v>1</v></c>' % (at, rng.choice((b"b", b"e", b"s", b"d", b"zz")))
        case _:
            return b""


def in_cells(rng: random.Random, text: bytes) -> bytes:
    """Some cells replaced; mostly where marks, types, ids and sections stand."""
    listed = list(CELL.finditer(text))
    for match in sorted(rng.sample(listed, min(len(listed), rng.randint(1, 4))), key=lambda m: -m.start()):
        column = match[1] if rng.random() < 0.4 else rng.choice((b"A", b"D", b"I", b"K", b"F", b"J", b"L"))
        place = column + match[2]
        other = re.search(rb'<c r="%s"[^>]*?(?:/>|>.*?</c>)' % place, text, re.S)
        where = other or match
        cell = new_cell(rng, place if other else match[1] + match[2])
        text = text[: where.start()] + cell + text[where.end() :]
    return text


def in_mark_cells(rng: random.Random, text: bytes) -> bytes:
    """Only marks, each by another one that may be read, as a number, a text or a formula's stored value."""
    listed = [match for match in CELL.finditer(text) if match[1] == b"K"]
    for match in sorted(rng.sample(listed, min(len(listed), rng.randint(1, 3))), key=lambda m: -m.start()):
        place, mark = b"K" + match[2], rng.choice(MARKS).encode()
        begun = rng.choice((b'<c r="%s">', b'<c r="%s" t="str">', b'<c r="%s"><f>1+1</f>')) % place
        cell = begun + b"<v>" + mark + b"</v></c>"
        text = text[: match.start()] + cell + text[match.end() :]
    return text


def in_rows(rng: random.Random, text: bytes) -> bytes:
    """A row gone, two exchanged, or rows without numbers."""
    rows = list(ROW.finditer(text))
    if len(rows) < 3:
        return text
    first, second = sorted(rng.sample(range(len(rows)), 2))
    a, b = rows[first], rows[second]
    if rng.random() < 0.5:
        return text[: a.start()] + text[a.end() :]
    one, two = renumbered(a[0], b[0]), renumbered(b[0], a[0])
    return text[: a.start()] + two + text[a.end() : b.start()] + one + text[b.end() :]


def renumbered(row: bytes, other: bytes) -> bytes:
    """A row under the number of another one."""
    number = re.search(rb'r="([0-9]+)"', other)
    assert number
    row = re.sub(rb'(<row [^>]*?r=")[0-9]+', rb"\g<1>" + number[1], row, count=1)
    return re.sub(rb'(<c r="[A-Z]+)[0-9]+', rb"\g<1>" + number[1], row)


def in_marks(rng: random.Random, text: bytes) -> bytes:
    """Characters of the XML itself changed."""
    broken = bytearray(text)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(broken))
        match rng.randrange(3):
            case 0:
                broken[at] = rng.choice(b'<>"=/&1Aa ')
            case 1:
                del broken[at : at + rng.randint(1, 30)]
            case _:
                signs = (b"<c/>", b"<row>", b"&#65;", b"<!-- -->", b"<v>1</v>", b"<![CDATA[")
                broken[at:at] = rng.choice(signs)
    return bytes(broken)


def in_sheet(change: Callable[[random.Random, bytes], bytes]) -> Callable[[random.Random, bytes], bytes]:
    def altered(rng: random.Random, data: bytes) -> bytes:
        parts = parts_of(data)
        sheets = sorted(name for name in parts if SHEETS.fullmatch(name))
        if not sheets:
            return data
        name = sheets[0] if rng.random() < 0.8 else rng.choice(sheets)
        return packed(parts | {name: change(rng, parts[name])})

    return altered


def in_parts(rng: random.Random, data: bytes) -> bytes:
    """A part gone, emptied, doubled into another, or altered as XML."""
    parts = parts_of(data)
    name, other = rng.choice(sorted(parts)), rng.choice(sorted(parts))
    match rng.randrange(4):
        case 0:
            del parts[name]
        case 1:
            parts[name] = b""
        case 2:
            parts[name] = parts[other]
        case _:
            parts[name] = in_marks(rng, parts[name]) if parts[name] else b"<x/>"
    return packed(parts)


def in_archive(rng: random.Random, data: bytes) -> bytes:
    """Bytes of the archive changed, or its end cut off."""
    broken = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        broken[rng.randrange(len(broken))] = rng.randrange(256)
    return bytes(broken[: rng.randrange(len(broken))] if rng.random() < 0.3 else broken)


ALTERED = (
    *[in_sheet(in_cells)] * 3, *[in_sheet(in_mark_cells)] * 2, in_sheet(in_rows), in_sheet(in_marks),
    in_parts, in_archive,
)  # fmt: skip


# ---------------------------------------------------------------- what must hold


def holds(data: bytes, case: str) -> bool:
    """Read it: an answer in time, in both languages; if usable, the sums of the second reader. Usable?"""
    begun = time.process_time()
    outcome = read(data, "x.xlsx")
    facts_json(outcome, "zh-CN")
    facts_json(outcome, "en")
    assert time.process_time() - begun < SLOWEST, case
    assert exit_code(outcome) in (0, 1, 2), case
    assert (exit_code(outcome) == 0) == (outcome.scheme is not None), case
    if outcome.refused:
        assert len(outcome.problems) == 1, case
    if outcome.scheme is None:
        assert outcome.problems, case
        return False
    seen, facts = naive_cis.count(data), outcome.facts
    assert (facts.measurement, facts.judgement) == (seen.measurement, seen.judgement), case
    assert facts.total == seen.total, case
    marks = [a.max for a in scheme.aspects(outcome.scheme) if a.max]
    assert sum(map(Fraction, marks), Fraction(0)) == seen.total, case
    return True


def sources(shared_data: Path) -> list[bytes]:
    """A hand-made file, the real ones, and one of our own writing."""
    real = [(shared_data / f"es{year}_web17.xlsx").read_bytes() for year in (2023, 2025)]
    written = read(real[0]).scheme
    assert written is not None
    return [sound_book().bytes(), *real, cis_writer.write(written)]


def dose(rng: random.Random, files: list[bytes], weights: list[int], cases: int) -> int:
    usable = 0
    for n in range(cases):
        number = rng.randrange(1 << 48)
        mine = random.Random(number)
        data = mine.choices(files, weights)[0]
        for _ in range(mine.choice((1, 1, 1, 2))):
            alter = mine.choice(ALTERED)
            data = alter(mine, data)
            if alter is in_archive:
                break  # no parts to alter any more
        usable += holds(data, f"case {n}, number {number}")
    return usable


def test_the_second_reader_agrees_on_what_is_not_altered(shared_data: Path) -> None:
    for n, data in enumerate(sources(shared_data)):
        assert holds(data, f"source {n}")


def test_altered_workbooks_are_read_rightly_or_not_at_all(shared_data: Path, rng: random.Random) -> None:
    usable = dose(rng, sources(shared_data), [30, 1, 1, 1], 150)
    assert 15 < usable < 140  # the alterations neither break everything nor nothing


@pytest.mark.long
def test_many_altered_workbooks_are_read_rightly_or_not_at_all(
    shared_data: Path, rng: random.Random
) -> None:
    assert dose(rng, sources(shared_data), [4, 1, 1, 1], 6_000)
