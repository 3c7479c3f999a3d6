"""The offsets of a calibration on paper: a row per aspect, a column per seat, the middle beside them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from compsys.calibration import Row
from compsys.exchange.paper import NO_TIME, find_font
from compsys.exchange.print_pages import SOFT, WIDE, Column, Pages


def draw(
    rows: Sequence[Row], seats: Sequence[str], labels: Sequence[str], begun: str, language: str
) -> bytes:
    """The sheet as PDF; each cell is the value and, below it, the offset. Raises FontMissing."""
    pages = Pages(find_font(), language)
    pages.set_title(pages.t("calibration.title"))
    pages.add_page()
    pages.style(15, bold=True)
    pages.cell(WIDE, 8, pages.t("calibration.title"))
    pages.ln(9)
    pages.paragraph(pages.t("calibration.print_note", at=begun[:16].replace("T", " ")), 8.5, SOFT)
    pages.ln(3)
    width = min(22.0, (WIDE - 70) / max(1, len(seats)))
    columns = [
        Column(pages.t("calibration.aspect"), WIDE - 18 - width * len(seats)),
        Column(pages.t("calibration.middle"), 18, right=True),
        *(Column(pages.t("seat.label", seat=label), width, right=True) for label in labels),
    ]
    body = []
    for row in rows:
        cells = [row.cells.get(seat) for seat in seats]
        told = [f"{shown(pages, cell[0])}\n{cell[1]}" if cell else "–" for cell in cells]
        middle = f"{row.middle} *" if row.is_set else row.middle
        body.append([f"{row.aspect} {pages.pick(row.title)}", middle, *told])
    pages.lines_of(columns, body)
    pages.ln(3)
    pages.paragraph(pages.t("calibration.print_foot"), 8, SOFT)
    # Not dated by the clock: the same offsets print as the same bytes.
    pages.set_creation_date(datetime.fromisoformat(NO_TIME))
    return bytes(pages.output())


def shown(pages: Pages, value: str) -> str:
    """A value in words where it is one."""
    return pages.t(f"cell.{value}") if value in ("pass", "fail") else value
