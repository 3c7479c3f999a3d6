"""A set-up that lists are held against, and how to look at one without a desk."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable
from typing import Any

import msgspec
import openpyxl

from compsys.exchange import lists_look
from compsys.exchange.lists_findings import Look
from compsys.exchange.lists_look import Wish
from compsys.exchange.lists_people import Known
from compsys.exchange.lists_scores import Book, Owing, key
from compsys.identity import check_digit
from compsys.records import KINDS, key_of
from compsys.state import Setup
from compsys.vault import Identity


def number(day: str = "19900101", sequence: int = 1) -> str:
    """A resident number of nobody (area 999999)."""
    body = f"999999{day}{sequence:03}"
    return body + check_digit(body)


def setup(*more: tuple[str, dict[str, Any]]) -> Setup:
    """Two trades, three companies; the trades' sessions are on one day and overlap by half an hour."""
    found = Setup()
    base: list[tuple[str, dict[str, Any]]] = [
        ("delegation", {"id": "poplar", "name": {"zh-CN": "胡杨宾馆", "en": "Poplar Hotel"}, "code": "01"}),
        ("delegation", {"id": "tianshan", "name": {"zh-CN": "天山饭店"}}),
        ("delegation", {"id": "oil", "name": {"zh-CN": "石油酒店"}}),
    ]
    for trade, name, start in (("hot", "热菜", "09:00"), ("pastry", "面点", "11:30")):
        at = {"trade": trade, "stage": "final"}
        base += [
            ("trade", {"id": trade, "name": {"zh-CN": name}, "number": f"T-{trade}"}),
            ("stage", {"id": "final", "trade": trade, "name": {"zh-CN": "决赛"}}),
            ("group", {"id": "open", **at, "name": {"zh-CN": "公开组"}}),
            ("panel", {"id": "p1", **at, "name": {"zh-CN": "一组"}}),
            ("session", {"id": "s", **at, "component": "x", "day": "2026-05-01", "start": start,
                         "minutes": 180}),
        ]  # fmt: skip
    for kind, value in [*base, *more]:
        record = msgspec.convert(value, KINDS[kind])
        found.records.setdefault(kind, {})[key_of(kind, record)] = record
    return found


def known(*more: tuple[str, dict[str, Any]], names: dict[str, Identity] | None = None, **how: Any) -> Known:
    return Known(setup(*more), names or {}, **how)


def look(
    data: bytes | str, against: Known | None = None, wish: Wish | None = None, name: str = "list", **maps: Any
) -> Look:
    """Look at a list of persons or delegations."""
    raw = data.encode() if isinstance(data, str) else data
    opened = lists_look.begin(io.BytesIO(raw), name, wish or Wish(), maps.get("mappings", {}))
    if opened.header is None:
        return opened.look
    count = itertools.count(1)
    return lists_look.people(opened, against or known(), lambda: f"{next(count):012x}".ljust(32, "0"))


def book(units: Iterable[tuple[str, str]], maximum: str = "100", **now: tuple[str | None, str]) -> Book:
    """Who owes a score: (code, bib) of each."""
    made = Book("theory")
    for i, (code, bib) in enumerate(units):
        owes = Owing("hot.final.main", f"u{i}", maximum, now.get(code))
        made.owing += 1
        for word in (code, bib):
            if word:
                made.put(key(word), owes, "hot")
    return made


def look_scores(data: bytes | str, owing: Book, columns: tuple[str, ...] | None = None) -> Look:
    """Look at a list of scores."""
    raw = data.encode() if isinstance(data, str) else data
    opened = lists_look.begin(io.BytesIO(raw), "scores", Wish("scores", columns=columns), {})
    if opened.header is None:
        return opened.look
    return lists_look.scores(opened, owing, {"热菜": "hot"})


def found(looked: Look) -> list[tuple[str, str]]:
    """(cell, code without its family) of everything found."""
    return [(f.where, f.code.removeprefix("list.")) for f in looked.findings]


def xlsx(rows: Iterable[Iterable[Any]], merged: Iterable[str] = (), title: str = "名单") -> bytes:
    """A workbook of one sheet."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for area in merged:
        sheet.merge_cells(area)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
