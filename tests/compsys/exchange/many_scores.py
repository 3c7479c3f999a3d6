"""Scores of very many people, looked at in a process of its own, so that its memory can be measured."""

from __future__ import annotations

import asyncio
import resource
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

from compsys.exchange import lists_look
from compsys.exchange.lists_look import Wish
from compsys.exchange.lists_scores import Book, Owing, key


def peak() -> int:
    """The most memory this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


async def measured(rows: int, folder: Path) -> dict[str, Any]:
    """Write so many scores as GB18030 CSV and look at them; counts, seconds, what reading added in MB."""
    path = folder / "scores.csv"
    expected = Fraction(0)
    with path.open("w", encoding="gb18030") as out:
        out.write("全市理论考试成绩\n准考证号,姓名,理论成绩\n")
        for i in range(rows):
            value = f"{i % 100}.{i % 4 * 25:02}"
            expected += Fraction(value)
            out.write(f"2022{i:08},考生{i},{value}\n")
    book = Book("theory", owing=rows)
    for i in range(rows):
        owes = Owing("hot.final.main", f"u{i:08}", "100", None)
        book.put(key(f"2022{i:08}"), owes, "hot")
    ticks: list[int] = []
    before, started = peak(), time.perf_counter()
    with path.open("rb") as handle:
        opened = await asyncio.to_thread(lists_look.begin, handle, path.name, Wish("scores"), {})
        looked = await asyncio.to_thread(lists_look.scores, opened, book, {}, ticks.append)
    marks = [value for _, value, _ in looked.scores["hot.final.main"]]
    return {
        "counts": looked.counts,
        "seconds": round(time.perf_counter() - started, 2),
        "reading_mb": peak() - before,
        "peak_mb": peak(),
        "ticks": len(ticks),
        "sum": str(sum((Fraction(value) for value in marks if value), Fraction(0))),
        "expected": str(expected),
        "said": looked.said,
    }
