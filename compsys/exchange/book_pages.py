"""Draws result books as A4 pages: head with its chip, result, what was decided, proofs, signatures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from compsys.exchange import results
from compsys.exchange.paper import find_font
from compsys.exchange.print_pages import INK, MARGIN, SOFT, WARN, WIDE, Column, Pages
from scoring_rules import exact

Data = dict[str, Any]


def draw(books: Sequence[Data], language: str) -> bytes:
    """The books as one PDF; every page says of which result it is, and page n of m. Raises FontMissing."""
    pages = Pages(find_font(), language)
    for book in books:
        first = pages.page + 1
        pages.zone = book["zone"]
        pages.add_page()
        _book(pages, book)
        parts = [pages.pick(book[name]) for name in ("trade", "stage", "group")]
        pages.number(" · ".join((*parts, pages.say(_plain(book["chip"])))), first)
    moments = [version["at"] for book in books for version in book["versions"]]
    # Dated by its newest version and not by the clock: the same results print as the same bytes.
    pages.set_creation_date(datetime.fromisoformat(max(moments, default="1970-01-01T00:00:00.000Z")))
    return bytes(pages.output())


def _plain(chip: Data) -> Data:
    return {key: value for key, value in chip.items() if key != "solid"}


# ---------------------------------------------------------------- one book


def _book(pages: Pages, book: Data) -> None:
    _head(pages, book)
    _result(pages, book)
    for section in book["sections"]:
        _section(pages, section)
    _nothing(pages, book)
    _proofs(pages, book)
    _signatures(pages, book)


def _head(pages: Pages, book: Data) -> None:
    top = MARGIN
    chip = pages.say(_plain(book["chip"]))
    pages.chip(chip, book["chip"]["solid"], MARGIN + WIDE, top + 6.5)
    pages.set_xy(MARGIN, top)
    pages.style(9.5, SOFT)
    pages.cell(WIDE, 5, f"{pages.pick(book['competition'])} · {pages.t('book.title')}")
    pages.set_xy(MARGIN, top + 5.5)
    pages.style(20, INK, True)
    number = f"{book['number']} " if book["number"] else ""
    pages.cell(WIDE - 50, 9, f"{number}{pages.pick(book['trade'])}")
    pages.set_xy(MARGIN, top + 15)
    said = [pages.pick(book["stage"]), pages.pick(book["group"])]
    said += [", ".join(book["days"]), pages.pick(book["place"])]
    pages.paragraph(" · ".join(filter(None, said)), 9.5)
    bodies = [f"{pages.t('book.organiser_' + o['role'])} {pages.pick(o['name'])}" for o in book["organisers"]]
    if bodies:
        pages.paragraph("   ".join(bodies), 8.5, SOFT)
    if book["released"]:
        held = [
            f"{pages.t('audience.' + who)} v{version}"
            for who, version in book["released"].items()
            if who != "office"
        ]
        pages.paragraph(f"{pages.t('book.released')} {' · '.join(held)}", 8.5, SOFT)
    pages.set_draw_color(*INK)
    pages.set_line_width(0.5)
    pages.line(MARGIN, pages.get_y() + 1.5, MARGIN + WIDE, pages.get_y() + 1.5)
    pages.set_line_width(0.2)
    pages.ln(3)
    note = pages.pick(book["note"])
    if note or book["annulled"]:
        _note(pages, book["annulled"] or note)
    if not book["named"]:
        pages.paragraph(pages.t("book.codes_only"), 8.5, SOFT)


def _note(pages: Pages, text: str) -> None:
    """The public note, framed."""
    pages.style(9.5)
    lines = pages.wrap(f"{pages.t('results.note')}  {text}", WIDE - 8)
    height = 5 * len(lines) + 3
    top = pages.get_y()
    pages.set_draw_color(*WARN)
    pages.rect(MARGIN, top, WIDE, height, "D", round_corners=True, corner_radius=1)
    for i, line in enumerate(lines):
        pages.set_xy(MARGIN + 4, top + 1.5 + 5 * i)
        pages.cell(WIDE - 8, 5, line)
    pages.set_xy(MARGIN, top + height + 2)


def _result(pages: Pages, book: Data) -> None:
    """The ranking: places, codes, names, components, totals, medals, statuses."""
    parts = book["components"]
    scaled = any(row["scale"] for row in book["rows"])
    prizes = results.has_prizes(book["rows"])
    fixed = 13 + 14 + 17 + 12 + 22 + (13 if scaled else 0) + (20 if prizes else 0)
    share = min(19.0, (WIDE - fixed - (44 if book["named"] else 0)) / max(1, len(parts)))
    name = WIDE - fixed - share * len(parts)
    columns = [
        Column(pages.t("board.place"), 13, True, 10.5, True),
        Column(pages.t("board.code"), 14, bold=True),
    ]
    columns += [Column(pages.t("board.name_delegation") if book["named"] else "", name)]
    for part in parts:
        weight = f" ×{part['weight']}" if part["weight"] != "1" else ""
        columns.append(Column(f"{pages.pick(part['name'])}{weight}", share, True))
    columns.append(Column(pages.t("board.total"), 17, True, 10.5, True))
    if scaled:
        columns.append(Column(pages.t("board.scale"), 13, True))
    if prizes:
        columns.append(Column(pages.t("board.prize"), 20, size=8, bold=True))
    columns += [Column(pages.t("board.medal"), 12), Column(pages.t("results.status"), 22, size=8)]
    pages.ln(1)
    pages.heads(columns)
    for row in book["rows"]:
        _result_row(pages, book, row, columns, scaled, prizes=prizes)


def _result_row(
    pages: Pages, book: Data, row: Data, columns: Sequence[Column], scaled: bool, *, prizes: bool
) -> None:
    texts = [_place(row), row["code"], _who(pages, row) if book["named"] else ""]
    held = {part["id"]: part for part in row["components"]}
    places = max((len((r["total"] or "").partition(".")[2]) for r in book["rows"]), default=2)
    for part in book["components"]:
        texts.append(_part(pages, held.get(part["id"]), places))
    texts.append((row["total"] or "") if row["ranked"] else "")
    texts += [row["scale"]] if scaled else []
    if prizes:
        texts.append(pages.t(f"prize.{row['prize']}") if row.get("prize") else "")
    texts += ["", pages.t(f"cell.{row['status']}") if row["status"] else ""]
    cells = []
    for column, text in zip(columns, texts, strict=True):
        pages.style(column.size, INK, column.bold)
        cells.append(pages.wrap(text, column.width - 2.4))
    height = max(6.2, max(4.4 * len(lines) for lines in cells) + 1.4)
    if not pages.room(height):
        pages.add_page()
        pages.heads(columns)
    top = pages.get_y()
    pages.row(columns, cells, height)
    if row["medal"]:
        before = sum(column.width for column in columns[:-2])
        pages.medal(row["medal"], book["chip"]["solid"], MARGIN + before + 5, top + height / 2)
        pages.set_xy(MARGIN, top + height)


def _place(row: Data) -> str:
    return f"{row['place']}{'=' if row['tied'] else ''}" if row["place"] is not None else ""


def _who(pages: Pages, row: Data) -> str:
    """Name and delegation, each on a line of its own where the name is known."""
    name = pages.pick(row["name"]) or pages.t("board.nameless")
    firm = pages.pick(row["delegation"]["name"]) if row["delegation"] else ""
    return f"{name} · {firm}" if firm else name


def _part(pages: Pages, part: Data | None, places: int) -> str:
    """A component: its weighted value with the total's decimals, or the status that stands instead."""
    if part is None:
        return ""
    if part["weighted"] is None:
        return pages.t("book.status_" + part["status"]) if part["status"] else ""
    return exact.show(exact.parse(part["weighted"]), places)


def _section(pages: Pages, section: Data) -> None:
    """One section as a table over the whole width; its widths are shares."""
    pages.heading(pages.t(section["title"]))
    whole = sum(section["widths"])
    columns = [
        Column(pages.t(head), WIDE * width / whole, size=8)
        for head, width in zip(section["heads"], section["widths"], strict=True)
    ]
    pages.lines_of(columns, [[pages.say(cell) for cell in row] for row in section["rows"]])


def _nothing(pages: Pages, book: Data) -> None:
    """Which sections had nothing to tell: their absence is a statement too."""
    if book["nothing"]:
        glue = "、" if pages.language == "zh-CN" else "; "
        listed = glue.join(pages.t(title) for title in book["nothing"])
        pages.ln(3)
        pages.need(12)
        pages.paragraph(pages.t("book.nothing", listed=listed), 8.5, SOFT)


def _proofs(pages: Pages, book: Data) -> None:
    """The rules with their digests, and the journal's lines that the versions cite."""
    pages.heading(pages.t("book.rules"), 20)
    columns = [Column("", 48, size=8), Column("", WIDE - 48, size=8)]
    rows = [
        [pages.t(rule["name"]), " ".join(filter(None, (rule["value"], pages.pick(rule.get("words")))))]
        for rule in book["rules"]
    ]
    pages.lines_of(columns, rows)
    if not book["cites"]:
        return
    pages.heading(pages.t("book.cites"), 20)
    pages.paragraph(pages.t("book.cites_why", journal=book["journal"]), 8, SOFT)
    heads = ("version", "stream", "n", "seal")
    columns = [
        Column(pages.t(f"book.head_{h}"), w, size=7.5) for h, w in zip(heads, (28, 42, 12, 98), strict=True)
    ]
    shown = [[pages.say(c["version"]), c["stream"], str(c["n"]), c["seal"]] for c in book["cites"]]
    pages.lines_of(columns, shown)


def _signatures(pages: Pages, book: Data) -> None:
    """A line for each who signs, kept together."""
    pages.need(38)
    pages.ln(5)
    pages.style(8.5, SOFT)
    pages.set_x(MARGIN)
    pages.cell(WIDE, 5, pages.t("book.sign_words"))
    pages.ln(17)
    top = pages.get_y()
    each = WIDE / len(book["signatures"])
    for i, role in enumerate(book["signatures"]):
        x = MARGIN + each * i
        pages.set_draw_color(*INK)
        pages.line(x, top, x + each - 5, top)
        pages.set_xy(x, top + 0.8)
        pages.style(8.5)
        pages.cell(each - 5, 4.5, pages.t(role))
        pages.set_xy(x, top + 5)
        pages.style(7.5, SOFT)
        pages.cell(each - 5, 4.5, pages.t("book.sign_date"))
    pages.set_xy(MARGIN, top + 10)
