"""The result book of a (trade, stage, group): the result, everything that was decided on the way, the proofs.

``data`` gathers it as JSON-able data without a language: what a page or a PDF then draws. A cell is text, a
``{"code", ...}`` to be said with its parameters, ``{"at": UTC}``, ``{"lines": [...]}``, words by language, or
a list of these.
Names of competitors stand in it under the rule of ``results``: not before the result has left the office.
"""

from __future__ import annotations

from collections.abc import Sequence

from compsys import words
from compsys.exchange.book_sections import Sections
from compsys.exchange.book_teller import Cell, Data, version_cell
from compsys.exchange.paper import FontMissing as FontMissing
from compsys.exchange.results import Names
from compsys.state import Result, State


def data(state: State, names: Names, trade: str, stage: str, group: str) -> Data:
    """The book of a group. Raises LookupError while marking is under way and no version was made: a book
    would show what is still sealed."""
    key = f"{trade}/{stage}/{group}"
    record = state.setup.groups[key]
    streams = [s for s in state.streams_of(trade, stage) if s.frozen and group in s.groups]
    result = state.results.get((trade, stage, group), Result())
    if not streams or not (result.versions or all(s.marking == "locked" for s in streams)):
        raise LookupError(key)
    tell = Sections(state, names, record, streams, result)
    sections = tell.sections()
    return {
        **tell.head(),
        "chip": _chip(result),
        "annulled": result.annulled,
        "note": dict(result.versions[-1].note) if result.versions else {},
        **tell.result(),
        "sections": [section for section in sections if section["rows"]],
        "nothing": [section["title"] for section in sections if not section["rows"]],
        "rules": tell.rules(),
        "cites": [
            {"version": version_cell(v), "stream": c.stream, "n": c.n, "seal": c.head}
            for v in result.versions
            for c in v.cites
        ],
        "lines": [
            {"version": version_cell(v), "n": n} for v, n in zip(result.versions, result.lines, strict=True)
        ],
        "signatures": ["role.chief", "role.clerk", "role.supervisor", "role.organizer"],
    }


def _chip(result: Result) -> Data:
    """The standing of the result in one chip: ``solid`` when it is official."""
    if result.annulled:
        return {"code": "status.annulled", "solid": False}
    if not result.versions:
        return {"code": "status.locked", "solid": False}
    last = result.versions[-1]
    corrected = last.rank == "official" and last.version > 1
    code = "status.corrected" if corrected else f"status.{last.rank}"
    return {"code": code, "version": last.version, "solid": last.rank == "official"}


def say(cell: Cell, language: str, zone: str) -> str:
    """A cell in words.

    >>> say([{"code": "status.signed"}, {"zh-CN": "热菜"}], "zh-CN", "UTC")
    '已签字、热菜'
    """
    if cell is None:
        return ""
    if isinstance(cell, list):
        return ("、" if language == "zh-CN" else ", ").join(
            filter(None, (say(c, language, zone) for c in cell))
        )
    if isinstance(cell, dict):
        if "code" in cell:
            given = {k: say(v, language, zone) for k, v in cell.items() if k != "code"}
            return words.say(cell["code"], language, **given)
        if "lines" in cell:
            return "\n".join(say(line, language, zone) for line in cell["lines"])
        if "at" in cell:
            return words.when(cell["at"], language, zone, "full")
        return words.pick(cell, language)
    return str(cell)


def pdf(books: Sequence[Data], language: str) -> bytes:
    """Books as one PDF, each beginning on a page of its own. Raises FontMissing; takes some seconds."""
    from compsys.exchange.book_pages import draw  # the drawing library is slow to load and needed here only

    return draw(books, language)


def write(state: State, names: Names, trade: str, stage: str, group: str, language: str) -> bytes:
    """A group's book as PDF. Raises LookupError (see ``data``) and FontMissing."""
    return pdf([data(state, names, trade, stage, group)], language)
