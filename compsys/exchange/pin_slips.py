"""Judges' PINs on slips to be cut, folded and sealed: what is printed once and kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from compsys.exchange.print_pages import INK, LINE, MARGIN, SOFT, WIDE, Pages, cut_out

HIGH = 58.0
"""Millimetres of a slip: its upper half names the seat, its lower half, folded in, holds the PIN."""


class Slip(NamedTuple):
    """A seat in words (trade, label, role) and its PIN."""

    trade: str
    seat: str
    role: str
    pin: str


def draw(slips: Sequence[Slip], language: str) -> bytes:
    """The slips as PDF, four to a page. Raises FontMissing."""
    return cut_out(language, "pins.slips", slips, HIGH, _slip)


def _slip(pages: Pages, slip: Slip) -> None:
    top = pages.get_y()
    pages.set_draw_color(*LINE)
    pages.rect(MARGIN, top, WIDE, HIGH - 4)
    pages.set_dash_pattern(dash=1.5, gap=1.5)
    pages.line(MARGIN, top + 24, MARGIN + WIDE, top + 24)
    pages.set_dash_pattern()
    for at, text, size, bold in (
        (4, f"{slip.trade} · {slip.role}", 9.5, False),
        (10, slip.seat, 20, True),
        (28, pages.t("pins.yours"), 8.5, False),
        (34, f"{slip.pin[:3]} {slip.pin[3:]}", 22, True),
        (46, pages.t("pins.keep"), 8, False),
    ):
        pages.set_xy(MARGIN + 6, top + at)
        pages.style(size, INK if bold else SOFT, bold)
        pages.cell(WIDE - 12, size * 0.5, text)
    pages.set_xy(MARGIN, top + HIGH)
