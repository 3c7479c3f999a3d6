"""A list of scores held against the units that owe them: no unit twice, no blank taken for zero, no sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from compsys.exchange.lists_fields import clean, compared, nearest
from compsys.exchange.lists_findings import Changed, Look
from compsys.exchange.lists_header import Header
from compsys.exchange.lists_read import Row
from compsys.exchange.xlsx_cells import Cell
from scoring_rules import exact

Value = tuple[str | None, str]
"""(value, status): a mark as text, or None with the status that says why."""

ABSENT = frozenset({"absent", "dns", "缺考", "缺席", "未参赛", "缺", "弃权未到"})
"""Words that say that somebody was not there, in both languages: absent is not 0."""

PRESENT = frozenset({"", "正常", "参加", "已考", "到考", "present", "ok", "normal"})


class Owing(NamedTuple):
    """A unit that owes a score: where it is, the most it can get, what it has; ``name`` where a list may be
    held against it (never of a unit that is found by its blind code)."""

    stream: str
    unit: str
    maximum: str
    now: Value | None
    name: str = ""


@dataclass(slots=True)
class Book:
    """The units that owe a component's score, by the words of a list; None under a word of several."""

    component: str
    words: dict[str, Owing | None] = field(default_factory=dict)
    trades: dict[str, dict[str, Owing | None]] = field(default_factory=dict)
    """trade (as compared) -> the same, for lists that name the trade"""
    owing: int = 0

    def put(self, word: str, owes: Owing, trade: str) -> None:
        """Note under which word a unit is found."""
        for table in (self.words, self.trades.setdefault(trade, {})):
            before = table.setdefault(word, owes)
            if before is not None and before.unit != owes.unit:
                table[word] = None


def key(text: str) -> str:
    """A code, bib or number as it is looked up.

    >>> key(" ａ１２ "), key("110105 19491231 002x")
    ('A12', '11010519491231002X')
    """
    return clean(text).replace(" ", "").upper()


class Scores:
    """Takes the rows one by one, in little memory: of a row stays what differs from what is known."""

    def __init__(self, look: Look, header: Header, book: Book, trades: Mapping[str, str]) -> None:
        """``trades``: every word for a trade (as compared) -> its id."""
        self._look, self._header, self._book, self._trades = look, header, book, trades
        self._who = header.column("who") or header.column("id_number")
        self._value, self._status = header.column("value"), header.column("status")
        self._name, self._trade = header.column("name_zh"), header.column("trade")
        self._seen: dict[str, int] = {}
        self._maxima: dict[str, Fraction] = {}

    def row(self, row: Row) -> None:
        """One row of the list."""
        said = key(row.cell(self._who).text)
        shown = _masked(said)  # as the list says it: a code beside a bib would tell whose code it is
        owes = self._owes(row, said)
        value = self._read(row, owes) if owes else None
        if owes is None or value is None:
            self._look.count(row.number, shown, "error")
            return
        if value == owes.now:
            self._look.count(row.number, shown, "same")
            return
        rows = self._look.scores.setdefault(owes.stream, [])
        rows.append((owes.unit, *value))
        if owes.now is None:
            self._look.count(row.number, shown, "new", what=value[0] or value[1])
        else:
            change = Changed("value", owes.now[0] or owes.now[1], value[0] or value[1])
            self._look.count(row.number, shown, "changed", [change])

    def _say(self, row: Row, column: int, code: str, **params: str) -> None:
        self._look.say(row.number, column, code, params)

    def _owes(self, row: Row, said: str) -> Owing | None:
        """The unit of a row, once."""
        if row.cell(self._who).formula is not None:
            self._say(row, self._who, "formula", formula=row.cell(self._who).formula or "")
            return None
        table = self._book.words
        if self._trade:
            trade = clean(row.cell(self._trade).text)
            found = self._trades.get(compared(trade))
            if found is None:
                near = nearest(trade, dict(self._trades))
                self._say(row, self._trade, "unknown_trade", value=trade[:40], nearest=near)
                return None
            table = self._book.trades.get(found, {})
        if not said:
            self._say(row, self._who, "blank")
            return None
        if said not in table:
            self._say(row, self._who, "score_unknown", who=_masked(said))
            return None
        owes = table[said]
        if owes is None:
            self._say(row, self._who, "score_ambiguous", who=_masked(said))
            return None
        first = self._seen.setdefault(owes.unit, row.number)
        if first != row.number:
            self._say(row, self._who, "score_twice", who=_masked(said), first=str(first))
            return None
        name = compared(row.cell(self._name).text) if self._name else ""
        if name and owes.name and name != compared(owes.name):
            self._say(row, self._name, "score_name", who=_masked(said))
            return None
        return owes

    def _read(self, row: Row, owes: Owing) -> Value | None:
        """The value of a row, None when it has none that counts."""
        cell = row.cell(self._value)
        if cell.formula is not None:
            self._say(row, self._value, "formula", formula=cell.formula[:60])
            return None
        text, status = clean(cell.text), clean(row.cell(self._status).text).lower() if self._status else ""
        absent = text.lower() in ABSENT or status in ABSENT
        if absent and text and text.lower() not in ABSENT:
            self._say(row, self._value, "absent_with_mark", value=text[:20])
            return None
        if absent:
            return None, "absent"
        if status not in PRESENT and not exact.is_number(exact.normalise(status)):
            self._look.say(row.number, self._status, "unknown_word", {"value": status[:40]}, "warning")
        if not text:
            self._say(row, self._value, "mark_blank")
            return None
        return self._number(row, cell, text, owes)

    def _number(self, row: Row, cell: Cell, text: str, owes: Owing) -> Value | None:
        number = exact.normalise(text)
        if not exact.is_number(number):
            whole, dot, part = number.partition(".")
            long = bool(dot) and part.isascii() and part.isdigit() and len(part) > 6
            fits = long and exact.is_number(whole)
            code = "mark_decimals" if fits else "mark_not_a_number"
            self._say(row, self._value, code, value=text[:30])
            return None
        most = self._maxima.get(owes.maximum)
        if most is None:
            most = self._maxima[owes.maximum] = exact.parse(owes.maximum)
        value = exact.parse(number)
        if value < 0:
            self._say(row, self._value, "mark_negative", value=number)
            return None
        if value > most:
            self._say(row, self._value, "mark_range", value=number, high=owes.maximum)
            return None
        return number, ""

    def finish(self) -> None:
        """Who owes a score and does not stand in the list: to be looked at, for blank is not zero."""
        missing = self._book.owing - len(self._seen)
        if missing > 0 and self._seen:
            params = {"n": str(missing), "of": str(self._book.owing)}
            self._look.say(0, 0, "scores_missing", params, "warning")


def _masked(word: str) -> str:
    """A word of a list that may be an identity number.

    >>> _masked("A12"), _masked("11010519491231002X")
    ('A12', '110105********002X')
    """
    from compsys.identity import mask

    return mask(word) if len(word) > 14 else word[:40]
