"""Cards for benches: the station large, its colour and word, and a code that a judge's tablet reads.

The code says trade and station and nothing of who works there: a card stays on its bench through all
sessions.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import segno

from compsys.exchange.print_pages import INK, LINE, MARGIN, SOFT, WIDE, Pages, cut_out

HIGH, GAP, CODE = 60.0, 4.0, 46.0
"""Millimetres: of a card, between two, of the code's side."""
COLOURS = {
    "red": (176, 36, 27),
    "orange": (255, 178, 92),
    "yellow": (255, 225, 77),
    "green": (10, 106, 76),
    "blue": (31, 95, 191),
    "purple": (87, 69, 138),
    "white": (255, 255, 255),
    "black": (17, 23, 29),
}


class Card(NamedTuple):
    """A bench: its trade's id and name, its station, its colour ("" = none) and the colour's word."""

    trade: str
    name: str
    station: str
    colour: str = ""
    word: str = ""


def code_of(trade: str, station: str) -> str:
    """What a bench's code says.

    >>> code_of("cooking", "07")
    'bench:cooking/07'
    """
    return f"bench:{trade}/{station}"


def cards_of(
    trade: str, name: str, sessions: Sequence[Mapping[str, Mapping[str, str]]], stations: Sequence[str]
) -> list[Card]:
    """One card per station, by station; ``sessions``: how each marks its benches, the first one counts."""
    found: dict[str, Card] = {}
    for station in sorted(set(stations), key=lambda one: (len(one), one)):
        marked = next((benches[station] for benches in sessions if station in benches), {})
        found[station] = Card(trade, name, station, marked.get("colour", ""), marked.get("word", ""))
    return list(found.values())


def draw(cards: Sequence[Card], language: str) -> bytes:
    """The cards as PDF, four to a page. Raises FontMissing."""
    return cut_out(language, "bench.cards", cards, HIGH, _card)


def _card(pages: Pages, card: Card) -> None:
    top, inner = pages.get_y(), MARGIN + CODE + 14
    pages.set_draw_color(*LINE)
    pages.rect(MARGIN, top, WIDE, HIGH)
    picture = io.BytesIO()
    code = segno.make(code_of(card.trade, card.station), error="q", micro=False)
    code.save(picture, kind="png", scale=8, border=4)
    pages.image(picture, MARGIN + 5, top + (HIGH - CODE) / 2, CODE, CODE)
    for at, text, size, bold in (
        (8, card.name, 10, False),
        (16, pages.t("bench.card", station=card.station), 38, True),
        (HIGH - 10, pages.t("bench.scan"), 7.5, False),
    ):
        pages.set_xy(inner, top + at)
        pages.style(size, INK if bold else SOFT, bold)
        pages.cell(WIDE - CODE - 20, size * 0.45, text)
    if card.colour:
        pages.set_fill_color(*COLOURS[card.colour])
        pages.set_draw_color(*INK)
        pages.rect(inner, top + 36, 24, 11, style="DF")
        pages.set_xy(inner + 28, top + 38)
        pages.style(16, INK, True)
        pages.cell(60, 7, card.word or pages.t(f"colour.{card.colour}"))
    pages.set_xy(MARGIN, top + HIGH + GAP)
