"""A4 pages that look like the other screens: fonts, wrapped text, tables that break, chip, medals."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from fpdf import FPDF

from compsys import words
from compsys.exchange.book import say
from compsys.exchange.paper import NO_TIME, SIMPLIFIED, find_font

MARGIN, FOOT = 15.0, 20.0
WIDE = 210 - 2 * MARGIN
INK, SOFT, LINE, WARN = (17, 23, 29), (69, 81, 93), (203, 210, 216), (133, 79, 0)
MEDALS = {
    "gold": ((240, 194, 60), (122, 87, 0)),
    "silver": ((211, 218, 224), (83, 96, 107)),
    "bronze": ((226, 166, 118), (124, 64, 21)),
    "excellence": ((228, 222, 242), (87, 69, 138)),
}
_NOT_FIRST = "，。、；：！？）》」』”’%,.;:!?)]}"
"""Signs that do not begin a line."""


Slip = TypeVar("Slip")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: heading, width in millimetres, right-aligned, size of its text in points."""

    head: str
    width: float
    right: bool = False
    size: float = 8.5
    bold: bool = False


class Pages(FPDF):
    """A PDF that knows its book's foot, its fonts and how tables break."""

    def __init__(self, font: Path, language: str) -> None:
        super().__init__(orientation="portrait", unit="mm", format="A4")
        self.language, self.zone = language, "UTC"
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(False)
        face = SIMPLIFIED if font.name.startswith("NotoSansCJK") else 0
        bold = font.with_name(font.name.replace("Regular", "Bold"))
        self.add_font("book", "", font, collection_font_number=face)
        self.add_font("book", "B", bold if bold.exists() else font, collection_font_number=face)
        self.set_title(words.say("book.title", language))

    def number(self, foot: str, first: int) -> None:
        """Write the foot of every page from ``first`` on, now that it is known how many there are."""
        last = self.page
        for page in range(first, last + 1):
            self.page = page
            self.set_font(
                "book", "B", 1
            )  # what the page ended with is not what is current: make it write anew
            self.style(7.5, SOFT)
            self.set_draw_color(*INK)  # nor is its pen
            self.set_draw_color(*LINE)
            self.set_line_width(0.3)
            self.set_line_width(0.2)
            self.line(MARGIN, self.h - 14, MARGIN + WIDE, self.h - 14)
            self.set_xy(MARGIN, self.h - 13)
            self.cell(WIDE - 40, 5, foot)
            of = self.t("ui.page_of", page=page - first + 1, pages=last - first + 1)
            self.cell(40, 5, of, align="R")

    # ------------------------------------------------------------ words

    def say(self, cell: Any) -> str:
        """A cell of the book in words."""
        return say(cell, self.language, self.zone)

    def t(self, code: str, **params: object) -> str:
        """A sentence of the catalogue."""
        return words.say(code, self.language, **params)

    def pick(self, names: Any) -> str:
        """A name."""
        return words.pick(names, self.language)

    # ------------------------------------------------------------ text

    def style(self, size: float, colour: tuple[int, int, int] = INK, bold: bool = False) -> None:
        """Size in points, colour, weight of the text to come."""
        self.set_font("book", "B" if bold else "", size)
        self.set_text_color(*colour)

    def room(self, height: float) -> bool:
        """Whether so many millimetres are left on the page."""
        return self.get_y() + height <= self.h - FOOT

    def need(self, height: float) -> None:
        """A new page unless so many millimetres are left."""
        if not self.room(height):
            self.add_page()

    def wrap(self, text: str, width: float) -> list[str]:
        """The text broken into lines: Latin words stay whole where they fit, Chinese breaks anywhere."""
        found: list[str] = []
        for paragraph in text.split("\n"):
            line = ""
            for piece in _pieces(paragraph):
                if line and self.get_string_width(line + piece.rstrip()) > width:
                    found.append(line.rstrip())
                    line = ""
                while self.get_string_width(piece.rstrip()) > width and len(piece) > 1:
                    cut = next(
                        (
                            i
                            for i in range(len(piece) - 1, 1, -1)
                            if self.get_string_width(piece[:i]) <= width
                        ),
                        1,
                    )
                    found.append(piece[:cut])
                    piece = piece[cut:]
                line += piece if line else piece.lstrip()
            found.append(line.rstrip())
        return found

    def paragraph(
        self, text: str, size: float = 9, colour: tuple[int, int, int] = INK, width: float = WIDE
    ) -> None:
        """Lines of text from the left margin."""
        self.style(size, colour)
        height = size * 0.5
        for line in self.wrap(text, width):
            self.need(height)
            self.set_x(MARGIN)
            self.cell(width, height, line)
            self.ln(height)

    def heading(self, text: str, keep: float = 14) -> None:
        """A section's heading, never alone at the foot of a page."""
        self.need(8 + keep)
        self.ln(3.5)
        self.set_x(MARGIN)
        self.style(10.5, INK, True)
        self.cell(WIDE, 5.5, text)
        self.ln(6)

    # ------------------------------------------------------------ tables

    def lines_of(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Rows unbroken, headings on every page they continue on."""
        self.heads(columns)
        for row in rows:
            cells = []
            for column, text in zip(columns, row, strict=True):
                self.style(column.size, INK, column.bold)
                cells.append(self.wrap(text, column.width - 2.4))
            height = max(4.4 * len(lines) for lines in cells) + 1.4
            if not self.room(height):
                self.add_page()
                self.heads(columns)
            self.row(columns, cells, height)

    def heads(self, columns: Sequence[Column]) -> None:
        if not any(column.head for column in columns):
            return
        self.style(7.5, SOFT)
        cells = [self.wrap(column.head, column.width - 2.4) for column in columns]
        height = max(len(lines) for lines in cells) * 3.6 + 1.2
        top, x = self.get_y(), MARGIN
        for column, lines in zip(columns, cells, strict=True):
            for i, line in enumerate(lines):
                self.set_xy(x + 1.2, top + height - 0.6 - 3.6 * (len(lines) - i))
                self.cell(column.width - 2.4, 3.6, line, align="R" if column.right else "L")
            x += column.width
        self.set_draw_color(*INK)
        self.set_line_width(0.3)
        self.line(MARGIN, top + height, MARGIN + sum(c.width for c in columns), top + height)
        self.set_line_width(0.2)
        self.set_xy(MARGIN, top + height)

    def row(self, columns: Sequence[Column], cells: Sequence[Sequence[str]], height: float) -> None:
        top, x = self.get_y(), MARGIN
        for column, lines in zip(columns, cells, strict=True):
            self.style(column.size, INK, column.bold)
            for i, line in enumerate(lines):
                self.set_xy(x + 1.2, top + 0.7 + 4.4 * i)
                self.cell(column.width - 2.4, 4.4, line, align="R" if column.right else "L")
            x += column.width
        self.set_draw_color(*LINE)
        self.line(MARGIN, top + height, MARGIN + sum(c.width for c in columns), top + height)
        self.set_xy(MARGIN, top + height)

    # ------------------------------------------------------------ marks

    def chip(self, text: str, solid: bool, right: float, top: float) -> None:
        """The result's standing: solid when official, dashed when not."""
        self.style(10, (255, 255, 255) if solid else INK, True)
        width = self.get_string_width(text) + 7
        self.set_draw_color(*INK)
        self.set_fill_color(*INK)
        if not solid:
            self.set_dash_pattern(1, 0.8)
        self.rect(right - width, top, width, 7, "DF" if solid else "D", round_corners=True, corner_radius=1)
        self.set_dash_pattern()
        self.set_xy(right - width, top)
        self.cell(width, 7, text, align="C")

    def medal(self, medal: str, solid: bool, x: float, y: float) -> None:
        """A medal's mark: filled when official, hollow when not, with its character."""
        fill, edge = MEDALS[medal]
        self.set_draw_color(*edge)
        self.set_fill_color(*fill)
        self.set_line_width(0.35)
        kind = "DF" if solid else "D"
        if medal == "excellence":
            self.rect(x - 2, y - 2, 4, 4, kind, round_corners=True, corner_radius=0.8)
        elif medal == "bronze":
            flat = ((-2.2, 0), (-1.1, -1.9), (1.1, -1.9), (2.2, 0), (1.1, 1.9), (-1.1, 1.9))
            self.polygon([(x + dx, y + dy) for dx, dy in flat], style=kind)
        else:
            self.ellipse(x - 2.1, y - 2.1, 4.2, 4.2, kind)
        self.set_line_width(0.2)
        self.style(6.5, INK if solid else edge, True)
        self.set_xy(x - 2.1, y - 2.1)
        self.cell(4.2, 4.2, self.t(f"medal.{medal}_mark"), align="C")


def _pieces(text: str) -> Iterator[str]:
    """What may stand at the end of a line: Latin words with their space, single wide characters with the
    signs that cling to them."""
    piece = ""
    for i, sign in enumerate(text):
        piece += sign
        after = text[i + 1 : i + 2]
        wide = unicodedata.east_asian_width(sign) in "WF"
        next_wide = unicodedata.east_asian_width(after) in "WF" if after else False
        if after and after not in _NOT_FIRST and (wide or next_wide or sign == " "):
            yield piece
            piece = ""
    if piece:
        yield piece


def cut_out(
    language: str, title: str, slips: Iterable[Slip], high: float, one: Callable[[Pages, Slip], None]
) -> bytes:
    """Slips to be cut out, one below the other, as PDF; ``title``: a code; ``high``: millimetres of each.

    Not dated by the clock: the same slips print as the same bytes. Raises FontMissing.
    """
    pages = Pages(find_font(), language)
    pages.set_title(pages.t(title))
    pages.add_page()
    for slip in slips:
        pages.need(high)
        one(pages, slip)
    pages.set_creation_date(datetime.fromisoformat(NO_TIME))
    return bytes(pages.output())
