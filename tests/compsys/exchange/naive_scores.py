"""A second, plain reader of score lists, with code of its own: what a list says each code got."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from xml.etree import ElementTree

NAMES = ("加密号", "成绩")
_MARK = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Grid = list[list[str]]


def folded(text: str) -> str:
    """Full-width characters as plain ones, without spaces and what cannot be seen."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) not in ("Cf", "Zs"))


def split(text: str, separator: str) -> Grid:
    """The cells of a CSV, character by character."""
    grid: Grid = [[""]]
    quoted = False
    i = 0
    while i < len(text):
        c = text[i]
        if quoted:
            if c == '"' and text[i + 1 : i + 2] == '"':
                grid[-1][-1] += '"'
                i += 1
            elif c == '"':
                quoted = False
            else:
                grid[-1][-1] += c
        elif c == '"' and not grid[-1][-1]:
            quoted = True
        elif c == separator:
            grid[-1].append("")
        elif c in "\r\n":
            i += text[i : i + 2] == "\r\n"
            grid.append([""])
        else:
            grid[-1][-1] += c
        i += 1
    return grid


def of_text(data: bytes) -> list[Grid]:
    """What the bytes may mean as CSV: by each separator, in the first encoding that fits."""
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        return [split(text, separator) for separator in ",;\t"]
    return []


def of_workbook(data: bytes) -> list[Grid]:
    """Every sheet of a workbook by its stored values."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    strings: list[str] = []
    if "xl/sharedStrings.xml" in archive.namelist():
        for item in ElementTree.fromstring(archive.read("xl/sharedStrings.xml")):
            strings.append("".join(part.text or "" for part in item.iter(f"{_MAIN}t")))
    grids = []
    for name in sorted(archive.namelist()):
        if re.fullmatch(r"xl/worksheets/sheet[0-9]+\.xml", name):
            grids.append(_sheet(ElementTree.fromstring(archive.read(name)), strings))
    return grids


def _sheet(root: ElementTree.Element, strings: list[str]) -> Grid:
    grid: Grid = []
    for row in root.iter(f"{_MAIN}row"):
        cells: list[str] = []
        for cell in row.iter(f"{_MAIN}c"):
            letters = re.sub(r"[^A-Z]", "", cell.get("r", ""))
            column = 0
            for letter in letters:
                column = column * 26 + ord(letter) - 64
            stored = "".join(v.text or "" for v in cell.iter(f"{_MAIN}v"))
            if cell.get("t") == "s" and stored:
                stored = strings[int(stored)]
            elif cell.get("t") == "inlineStr":
                stored = "".join(v.text or "" for v in cell.iter(f"{_MAIN}t"))
            elif cell.get("t", "n") == "n" and stored:
                stored = _shown(stored)
            cells += [""] * (column - len(cells)) if letters else [""]
            cells[(column or len(cells)) - 1] = stored
        grid.append(cells)
    return grid


def _shown(stored: str) -> str:
    """A stored binary number to the fifteen digits that a spreadsheet shows."""
    try:
        return format(Decimal(f"{Decimal(stored):.15g}"), "f")
    except InvalidOperation:
        return stored


def marks(data: bytes, codes: set[str]) -> dict[str, Fraction] | None:
    """Code -> mark as the list says, None where no row has the two headings."""
    grids = of_workbook(data) if data[:2] == b"PK" else of_text(data)
    for grid in grids:
        for at, row in enumerate(grid):
            heads = [folded(cell) for cell in row]
            if all(heads.count(name) == 1 for name in NAMES):
                return _below(grid[at + 1 :], heads.index(NAMES[0]), heads.index(NAMES[1]), codes)
    return None


def _below(rows: Grid, who: int, value: int, codes: set[str]) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for row in rows:
        if max(who, value) >= len(row):
            continue
        code, mark = folded(row[who]).upper(), folded(row[value]).replace("−", "-")
        if code in codes and _MARK.fullmatch(mark):
            found[code] = Fraction(mark)
    return found
