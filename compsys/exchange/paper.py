"""Blank marking sheets on A4 as PDF: one per code, sub-criterion and seat, to be filled in by hand.

A sheet carries no name and no delegation: the blind code, the seat, the aspects with what may be entered, a
line for each value, and its own id as text and QR, so that the clerk finds the right form. Chinese needs a
font of the machine (Noto Sans CJK or a like one); without any, ``FontMissing`` names what was looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import segno
from fpdf import FPDF

from compsys import words
from scoring_rules.scheme_model import Aspect, Words

FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "C:/Windows/Fonts",
)
FONT_NAMES = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "NotoSansSC-Regular.ttf",
    "SourceHanSansSC-Regular.otf",
    "SourceHanSansCN-Regular.otf",
    "wqy-microhei.ttc",
    "msyh.ttc",
    "PingFang.ttc",
)
SIMPLIFIED = 2
"""Which face of the Noto collection is the one for simplified Chinese."""
MARGIN, WIDE = 16.0, 178.0
"""Millimetres: the margin, and the width between the margins of A4."""


class FontMissing(Exception):
    """No font with Chinese characters on this machine. ``looked``: the file names that were looked for."""

    def __init__(self, looked: Sequence[str]) -> None:
        super().__init__(", ".join(looked))
        self.looked = tuple(looked)


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """One sheet to print: ids and words, no name of anybody. ``seat`` "" is the panel's common sheet."""

    id: str
    competition: Words
    trade: Words
    session: Words
    code: str
    station: str
    sub: str
    title: Words
    seat: str
    aspects: tuple[Aspect, ...] = field(default_factory=tuple)
    competitor: bool = False
    """whether the competitor signs it too, once it was read aloud"""


def find_font(folders: Iterable[str] = FONT_FOLDERS) -> Path:
    """The first usable font of the machine; raises FontMissing."""
    known: dict[str, Path] = {}
    for folder in map(Path, folders):
        if folder.is_dir():
            known |= {file.name: file for file in folder.rglob("*") if file.name in FONT_NAMES}
    for name in FONT_NAMES:
        if name in known:
            return known[name]
    raise FontMissing(FONT_NAMES)


NO_TIME = "1970-01-01T00:00:00.000Z"


class _Book(FPDF):
    """A PDF whose foot carries the sheet's id and its page of how many."""

    def __init__(self, font: Path, lang: str, made: str) -> None:
        super().__init__(orientation="portrait", unit="mm", format="A4")
        self.set_creation_date(datetime.fromisoformat(made))
        self.lang, self.sheet, self.first, self.pages_of = lang, "", 1, 1
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(True, 22)
        face = SIMPLIFIED if font.name.startswith("NotoSansCJK") else 0
        self.add_font("cjk", fname=font, collection_font_number=face)
        self.set_title(words.say("paper.title", lang))

    def finished(self) -> bytes:
        """The PDF's bytes; the book is then done with."""
        try:
            return bytes(self.output())
        finally:
            self.release()

    def release(self) -> None:
        """Close the font's file, which the library keeps open."""
        for font in self.fonts.values():
            if (opened := getattr(font, "ttfont", None)) is not None:
                opened.close()

    def footer(self) -> None:
        """The sheet's id, and page n of m."""
        self.set_y(-16)
        self.set_font("cjk", size=8)
        self.cell(WIDE - 40, 5, self.sheet)
        page = self.page - self.first + 1
        self.cell(40, 5, words.say("ui.page_of", self.lang, page=page, pages=self.pages_of), align="R")


def sheets(
    pages: Sequence[PaperSheet],
    lang: str,
    font: Path | None = None,
    *,
    made: str = "1970-01-01T00:00:00.000Z",
) -> bytes:
    """The sheets as one PDF in their order, each beginning on a page of its own; ``made``: the UTC time it
    carries. Raises FontMissing.

    Drawn twice where a sheet needs more than one page, so that every page says of how many it is.
    """
    found = font or find_font()
    first = _Book(found, lang, made)
    counts = _draw(first, pages, [1] * len(pages))
    if all(count == 1 for count in counts):
        return first.finished()
    first.release()
    book = _Book(found, lang, made)
    _draw(book, pages, counts)
    return book.finished()


def _draw(book: _Book, pages: Sequence[PaperSheet], counts: Sequence[int]) -> list[int]:
    """Draw all sheets; how many pages each took."""
    taken = []
    for sheet, count in zip(pages, counts, strict=True):
        book.sheet, book.pages_of = sheet.id, count
        book.first = book.page + 1
        book.add_page()
        _head(book, sheet)
        for number, aspect in enumerate(sheet.aspects, 1):
            _aspect(book, number, aspect)
        _foot(book, ("paper.signature", "paper.date"))
        if sheet.competitor:
            _foot(book, ("paper.competitor", "paper.date"))
        taken.append(book.page - book.first + 1)
    return taken


def _head(book: _Book, sheet: PaperSheet) -> None:
    """Competition, trade and session; the code as a plate; the sub-criterion; the QR of the sheet's id."""
    lang, top = book.lang, MARGIN
    _qr(book, sheet.id, MARGIN + WIDE - 24, top, 24)
    book.set_font("cjk", size=10)
    book.set_xy(MARGIN, top)
    book.cell(120, 5, words.pick(sheet.competition, lang))
    book.set_xy(MARGIN, top + 5.5)
    book.set_font("cjk", size=13)
    book.cell(120, 6.5, words.pick(sheet.trade, lang))
    book.set_xy(MARGIN, top + 12.5)
    book.set_font("cjk", size=10)
    book.cell(120, 5, words.pick(sheet.session, lang))
    plate = top + 20
    book.set_fill_color(17, 23, 29)
    book.set_text_color(255, 255, 255)
    book.set_font("cjk", size=26)
    width = book.get_string_width(sheet.code) + 10
    book.set_xy(MARGIN, plate)
    book.cell(width, 13, sheet.code, fill=True, align="C")
    book.set_text_color(17, 23, 29)
    book.set_font("cjk", size=13)
    seat = words.say("seat.label", lang, seat=sheet.seat) if sheet.seat else words.say("paper.panel", lang)
    station = words.say("paper.station", lang, station=sheet.station) if sheet.station else ""
    book.set_xy(MARGIN + width + 5, plate)
    book.cell(60, 6.5, seat)
    book.set_xy(MARGIN + width + 5, plate + 6.5)
    book.set_font("cjk", size=10)
    book.cell(60, 6.5, station)
    book.set_xy(MARGIN, plate + 18)
    book.set_font("cjk", size=14)
    book.multi_cell(WIDE, 7, f"{sheet.sub}  {words.pick(sheet.title, lang)}", new_x="LMARGIN", new_y="NEXT")
    book.set_font("cjk", size=9)
    book.set_text_color(69, 81, 93)
    book.multi_cell(WIDE, 5, words.say("paper.how", lang), new_x="LMARGIN", new_y="NEXT")
    book.set_text_color(17, 23, 29)
    book.ln(2)


def _aspect(book: _Book, number: int, aspect: Aspect) -> None:
    """One aspect: its number, title, what may be entered, the levels, and the box for the value."""
    lang, text_wide = book.lang, WIDE - 44
    levels = [
        f"{n}  {words.pick(level, lang)}"
        for n, level in enumerate(aspect.descriptors)
        if words.pick(level, lang)
    ]
    note = words.pick(aspect.note, lang)
    lines = [(f"{number}.  {words.pick(aspect.title, lang)}", 10.5, 5.2), (allowed(aspect, lang), 8.5, 4.4)]
    lines += [(note, 8.5, 4.4)] if note else []
    lines += [(level, 8.5, 4.4) for level in levels]
    high = 4.0
    for words_, size, line in lines:
        book.set_font("cjk", size=size)
        broken = book.multi_cell(text_wide, line, words_, dry_run=True, output="LINES")
        high += line * (len(broken) if isinstance(broken, list) else 1)
    high = max(high, 15.0)
    if book.get_y() + high > book.page_break_trigger:
        book.add_page()
    top = book.get_y()
    book.set_draw_color(110, 122, 134)
    book.line(MARGIN, top, MARGIN + WIDE, top)
    book.set_y(top + 2)
    for words_, size, line in lines:
        book.set_font("cjk", size=size)
        book.set_x(MARGIN)
        book.multi_cell(text_wide, line, words_, new_x="LMARGIN", new_y="NEXT")
    book.set_draw_color(17, 23, 29)
    book.set_line_width(0.5)
    book.rect(MARGIN + WIDE - 38, top + 2, 38, 11)
    book.set_line_width(0.2)
    book.set_y(top + high)


def allowed(aspect: Aspect, lang: str) -> str:
    """What may be entered for an aspect, in words.

    >>> allowed(Aspect("A1.J1", {"en": "Look"}, "judgement", "2"), "en")
    '0, 1, 2 or 3; worth up to 2'
    """
    if aspect.method == "judgement":
        return words.say("paper.judgement", lang, max=aspect.max)
    if aspect.method == "points":
        return words.say("paper.points", lang, low=aspect.low, max=aspect.max, step=aspect.step)
    kind = aspect.measure.kind if aspect.measure else "pass_fail"
    return words.say("paper.agreed", lang, how=words.say(f"measure.{kind}", lang), max=aspect.max)


def _foot(book: _Book, lines: tuple[str, str]) -> None:
    """Where somebody signs."""
    if book.get_y() + 24 > book.page_break_trigger:
        book.add_page()
    book.ln(8)
    top = book.get_y()
    book.set_font("cjk", size=10)
    for i, code in enumerate(lines):
        left = MARGIN + i * 100
        book.line(left, top + 10, left + (88 if i == 0 else 78), top + 10)
        book.set_xy(left, top + 11)
        book.cell(80, 5, words.say(code, book.lang))


def _qr(book: _Book, text: str, left: float, top: float, side: float) -> None:
    """A QR code drawn as squares."""
    matrix = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    size = side / len(matrix)
    book.set_fill_color(0, 0, 0)
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if dark:
                book.rect(left + x * size, top + y * size, size, size, style="F")
