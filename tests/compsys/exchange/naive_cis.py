"""A second reader of marking-scheme workbooks, plainly: it counts aspects and adds up marks, and no more.

It shares no code with the reader under test: own archive and XML handling, numbers by way of Decimal.
"""

from __future__ import annotations

import io
import posixpath
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from xml.etree import ElementTree

TITLE = "cis marking scheme import"
GAP = 200
DROPPED = "".join(map(chr, [*range(9), *range(11, 32), 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF]))


@dataclass(frozen=True)
class Cell:
    """Kind (`n`, `text`, `formula`, `other`) and text."""

    kind: str
    text: str


@dataclass(frozen=True)
class Count:
    """What was counted."""

    measurement: int
    judgement: int
    total: Fraction
    by_section: dict[str, Fraction]


def bare(tag: str) -> str:
    return tag.rpartition("}")[2]


def attribute(element: ElementTree.Element, name: str) -> str | None:
    """An attribute, whatever its namespace."""
    return next((v for k, v in element.attrib.items() if bare(k) == name), None)


def tidy(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c not in DROPPED).strip()


def texts_of(element: ElementTree.Element) -> str:
    """The text of all <t>, without phonetic readings."""
    said: list[str] = []

    def walk(node: ElementTree.Element, aloud: bool) -> None:
        if bare(node.tag) == "t" and not aloud:
            said.append(node.text or "")
        for child in node:
            walk(child, aloud or bare(child.tag) == "rPh")

    walk(element, False)
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: _sign(m), "".join(said))


def _sign(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)


def targets(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Relation id -> (kind, part)."""
    folder, name = posixpath.split(part)
    listed = posixpath.join(folder, "_rels", name + ".rels")
    if listed not in archive.namelist():
        return {}
    found = {}
    for element in ElementTree.fromstring(archive.read(listed)):
        target = posixpath.normpath(posixpath.join("/", folder, element.get("Target", ""))).lstrip("/")
        found[element.get("Id", "")] = (element.get("Type", "").rpartition("/")[2], target)
    return found


def cells(data: bytes) -> dict[tuple[int, int], Cell]:
    """The marking-scheme sheet's cells by (row, column)."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    book = next((t for k, t in targets(archive, "").values() if k == "officeDocument"), "xl/workbook.xml")
    related = targets(archive, book)
    sheets = [
        ((attribute(e, "name") or ""), related[attribute(e, "id") or ""][1])
        for e in ElementTree.fromstring(archive.read(book)).iter()
        if bare(e.tag) == "sheet" and (attribute(e, "id") or "") in related
    ]
    named = [part for name, part in sheets if " ".join(name.split()).casefold() == TITLE]
    candidates = named[:1] or [part for _, part in sheets]
    shared: list[str] = []
    for kind, part in related.values():
        if kind == "sharedStrings" and part in archive.namelist():
            root = ElementTree.fromstring(archive.read(part))
            shared = [texts_of(e) for e in root.iter() if bare(e.tag) == "si"]
            break
    for part in candidates:
        found = sheet(archive.read(part), shared)
        if first_header(found):
            return found
    raise LookupError("no marking scheme in it")


def sheet(text: bytes, shared: list[str]) -> dict[tuple[int, int], Cell]:
    found: dict[tuple[int, int], Cell] = {}
    row = column = 0
    for element in ElementTree.fromstring(text).iter():
        if bare(element.tag) == "row":
            row, column = int(element.get("r", row + 1)), 0
        elif bare(element.tag) == "c":
            column += 1
            if (at := element.get("r")) is not None:
                letters = re.match("[A-Z]+", at)
                assert letters
                column = 0
                for letter in letters[0]:
                    column = 26 * column + ord(letter) - 64
                row = int(at[letters.end() :])
            cell = one(element, shared)
            if cell is not None and column <= 14 and row <= 20_000:
                found[row, column] = cell
    return found


def one(element: ElementTree.Element, shared: list[str]) -> Cell | None:
    parts = {bare(child.tag): child for child in element}
    formula, value = parts.get("f"), parts.get("v")
    stored = (value.text or "") if value is not None else ""
    kind = element.get("t", "n")
    if formula is not None:
        return Cell("formula", "=" + tidy(formula.text or ""))
    if kind == "inlineStr":
        stored = texts_of(element)
    if not stored:
        return None
    if kind == "s":
        return Cell("text", shared[int(stored)])
    if kind in ("b", "e"):
        return Cell("other", stored)
    return Cell("n" if kind == "n" else "text", stored)


def said(found: dict[tuple[int, int], Cell], row: int, column: int) -> str:
    cell = found.get((row, column))
    return tidy(cell.text) if cell else ""


def word(found: dict[tuple[int, int], Cell], row: int, column: int) -> str:
    return unicodedata.normalize("NFKC", said(found, row, column)).strip()


def first_header(found: dict[tuple[int, int], Cell]) -> int:
    rows = sorted({row for row, _ in found})
    return next((row for row in rows if heads(said(found, row, 1))), 0)


def heads(text: str) -> bool:
    text = " ".join(text.split()).casefold()
    return text.startswith("sub") and "criterion" in text


def lines(found: dict[tuple[int, int], Cell]) -> Iterator[int]:
    """Rows below the first header, down to the footer or the first long gap."""
    last, begun = 0, False
    for row in sorted({row for row, _ in found if any(said(found, row, c) for c in range(1, 15))}):
        if row - last > GAP + 1:
            return
        last = row
        if heads(said(found, row, 1)):
            begun = True
        elif begun and " ".join(said(found, row, 12).split()).casefold() == "competition":
            return
        elif begun:
            yield row


def number(cell: Cell) -> Fraction:
    """A mark, to the fifteen digits that a workbook shows and to six decimals, half up."""
    text = unicodedata.normalize("NFKC", tidy(cell.text)).strip().replace("−", "-").replace(",", ".")
    shown = Decimal(format(Decimal(text), ".15g"))
    return Fraction(shown.quantize(Decimal("0.000001"), ROUND_HALF_UP))


def count(data: bytes) -> Count:
    """The aspects and their marks; LookupError when there is no such sheet."""
    found = cells(data)
    kinds: list[str] = []
    by_section: dict[str, Fraction] = {}
    for row in lines(found):
        kind = word(found, row, 4).upper()
        if kind not in ("M", "J", "O", "S"):
            continue
        kinds.append("M" if kind in "MO" else "J")
        if said(found, row, 11):
            section = word(found, row, 9)
            section = section.split(".")[0] if re.fullmatch(r"\d+\.0+", section) else section
            by_section[section] = by_section.get(section, Fraction(0)) + number(found[row, 11])
    total = sum(by_section.values(), Fraction(0))
    return Count(kinds.count("M"), kinds.count("J"), total, by_section)
