"""Private links of certificate holders on slips to be cut and handed out: printed once, kept nowhere."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import NamedTuple

import segno

from compsys.exchange.print_pages import INK, LINE, MARGIN, SOFT, WIDE, Pages, cut_out

HIGH, CODE = 62.0, 44.0
"""Millimetres: of a slip, of its code's side."""


class Slip(NamedTuple):
    """Whose slip it is, the certificates' numbers, the address, until when it works (a date)."""

    name: str
    numbers: Sequence[str]
    url: str
    until: str


def draw(slips: Sequence[Slip], language: str) -> bytes:
    """The slips as PDF, four to a page. Raises FontMissing."""
    return cut_out(language, "holder.slips", slips, HIGH, _slip)


def _slip(pages: Pages, slip: Slip) -> None:
    top, inner = pages.get_y(), MARGIN + CODE + 10
    pages.set_draw_color(*LINE)
    pages.rect(MARGIN, top, WIDE, HIGH - 4)
    picture = io.BytesIO()
    segno.make(slip.url, error="m", micro=False).save(picture, kind="png", scale=6, border=4)
    pages.image(picture, MARGIN + 4, top + (HIGH - 4 - CODE) / 2, CODE, CODE)
    wide = WIDE - CODE - 14
    for at, text, size, bold in (
        (5, pages.t("holder.title"), 9, False),
        (10, slip.name, 18, True),
        (20, "  ".join(slip.numbers[:2]) + (" …" if len(slip.numbers) > 2 else ""), 8.5, False),
        (26, pages.t("holder.slip_scan"), 8.5, False),
        (44, pages.t("holder.slip_until", day=slip.until), 8.5, False),
        (49, pages.t("holder.slip_keep"), 8, False),
    ):
        pages.set_xy(inner, top + at)
        pages.style(size, INK if bold else SOFT, bold)
        pages.cell(wide, size * 0.5, text)
    pages.style(8, INK)
    for i, line in enumerate(pages.wrap(slip.url, wide)[:3]):
        pages.set_xy(inner, top + 31 + 4 * i)
        pages.cell(wide, 4, line)
    pages.set_xy(MARGIN, top + HIGH)
