"""Statistics of a register: certificates by year or month, level, occupation, issuer, firm, province.

Levels are also added up as offices do: 初中级工 is levels 5 and 4, 高技能人才 level 3 and up.
Every figure stands beside that of a year before and the change in percent, exact, with one decimal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from compsys import words
from compsys.exchange.register_row import LEVEL, REVOKED, SKILLED, SUPERSEDED, RegisterRow, Wanted, half
from compsys.exchange.tables import Column, Row, Table
from scoring_rules import exact
from scoring_rules.promotion_model import LADDER

FORMAT = "compsys-credential-figures/1"
PERIODS = ("year", "month")
DIMENSIONS = ("occupation", "issuer", "firm", "region", "way", "batch")
BUCKETS: Mapping[str, tuple[str, ...]] = {"basic": ("5", "4"), "skilled": SKILLED}
"""初中级工 and 高技能人才."""
NOT_COUNTED = (REVOKED, SUPERSEDED)
PLACES = 1
"""Decimals of a percentage."""

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: its period and dimensions, certificates per level, and what is added up.

    ``before``: all certificates of the same line a year before, None where the register does not reach so
    far back; ``change``: in percent, "" where there is nothing to compare with.
    """

    key: Key
    levels: Mapping[str, int]
    total: int
    basic: int
    skilled: int
    before: int | None
    change: str
    skilled_share: str


@dataclass(slots=True)
class Figures:
    """The statistics: ``by`` names the parts of each key; ``left``: certificates that are not counted, by
    state; ``since``: the first day of the register; ``until``: the last day that was counted."""

    by: tuple[str, ...]
    lines: list[Figure] = field(default_factory=list)
    whole: Figure | None = None
    left: dict[str, int] = field(default_factory=dict)
    since: str = ""
    until: str = ""
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    """(dimension, code) -> what it is called"""


def percent(part: int, whole: int) -> str:
    """A part in percent, half up to one decimal; "" of nothing.

    >>> percent(3080, 8028), percent(1, 0)
    ('38.4', '')
    """
    return exact.show(Fraction(100 * part, whole), PLACES) if whole else ""


def change(now: int, before: int | None) -> str:
    """The change against a year before in percent; "" where there was nothing, or nothing is known.

    >>> change(8028, 6981), change(3, 4), change(5, 0), change(5, None)
    ('15.0', '-25.0', '', '')
    """
    return percent(now - before, before) if before else ""


def figures(
    rows: Iterable[RegisterRow], period: str, by: Sequence[str], wanted: Wanted, today: str
) -> Figures:
    """The statistics of certificates. ``period``: of PERIODS; ``by``: of DIMENSIONS, at most two.

    ``wanted`` narrows them; its days bound the lines, not what the year before is taken from. ``today``
    (YYYY-MM-DD): a period that is not over yet is compared with the year before up to the same day.
    ValueError for another period or dimension.
    """
    if period not in PERIODS or not set(by) <= set(DIMENSIONS) or len(by) > 2:
        raise ValueError(period, *by)
    width = 4 if period == "year" else 7
    until = min(wanted.until, today) if wanted.until else today
    anyday = Wanted("", "", wanted.issuer, wanted.batch, wanted.levels, (LEVEL,))
    found = Figures((period, *by), until=until)
    days: Counter[tuple[str, Key, str]] = Counter()
    for row in rows:
        if row.kind == LEVEL and (not found.since or row.issued < found.since):
            found.since = row.issued
        if not anyday.has(row) or row.issued > until:
            continue
        if row.state in NOT_COUNTED:
            if row.issued >= wanted.since:
                found.left[row.state] = found.left.get(row.state, 0) + 1
            continue
        key = tuple(_part(row, name) for name in by)
        for name, code in zip(by, key, strict=True):
            if (name, code) not in found.names:
                found.names[name, code] = _called(row, name)
        days[row.issued, key, row.level] += 1
    _lines(found, days, width, wanted.since)
    return found


def _part(row: RegisterRow, name: str) -> str:
    return {"firm": row.firm, "issuer": row.issuer, "occupation": row.occupation, "region": row.region,
            "way": row.way, "batch": row.batch}[name]  # fmt: skip


def _called(row: RegisterRow, name: str) -> str:
    return {"firm": row.firm_name, "issuer": row.issuer_name, "occupation": row.occupation_name}.get(name, "")


def earlier(day: str) -> str:
    """The same day a year before, as text that sorts; 29 February as the last of the month.

    >>> earlier("2026-03-01"), earlier("2024-02"), earlier("2021")
    ('2025-03-01', '2023-02', '2020')
    """
    return f"{int(day[:4]) - 1:04}{day[4:]}"


def _lines(found: Figures, days: Mapping[tuple[str, Key, str], int], width: int, since: str) -> None:
    """One line per period and key, and one of everything; each beside the same a year before."""
    counts: dict[Key, Counter[str]] = {}
    before: Counter[Key] = Counter()
    whole: Counter[str] = Counter()
    whole_before = 0
    for (day, key, level), n in days.items():
        if day >= since:
            counts.setdefault((day[:width], *key), Counter())[level] += n
            whole[level] += n
        following = f"{int(day[:4]) + 1:04}{day[4:]}"  # this day next year: what it is compared with
        if since <= following <= found.until:
            before[(following[:width], *key)] += n
            whole_before += n
    for key in sorted(counts.keys() | {key for key in before if key[0] in {k[0] for k in counts}}):
        reaches = bool(found.since) and found.since[:width] <= earlier(key[0])
        found.lines.append(_figure(key, counts.get(key, Counter()), before[key] if reaches else None))
    one = {key[0] for key in counts}
    known = len(one) == 1 and found.since[:width] <= earlier(next(iter(one)))
    found.whole = _figure((), whole, whole_before if known else None)


def _figure(key: Key, levels: Mapping[str, int], before: int | None) -> Figure:
    total = sum(levels.values())
    basic, skilled = (sum(levels.get(level, 0) for level in BUCKETS[name]) for name in ("basic", "skilled"))
    counted = {level: levels.get(level, 0) for level in LADDER if levels.get(level)}
    return Figure(key, counted, total, basic, skilled, before, change(total, before), percent(skilled, total))


# ---------------------------------------------------------------- told


def as_data(found: Figures) -> dict[str, Any]:
    """The statistics as ``compsys credential figures --json`` prints them: counts as numbers, percentages as
    text, null for what is not known."""
    return {
        "format": FORMAT,
        "by": list(found.by),
        "since": found.since,
        "until": found.until,
        "not_counted": dict(sorted(found.left.items())),
        "lines": [_data(found, one) for one in found.lines],
        "whole": _data(found, found.whole) if found.whole else None,
    }


def _data(found: Figures, one: Figure) -> dict[str, Any]:
    key = dict(zip(found.by, one.key, strict=False))
    called = {name: found.names.get((name, code), "") for name, code in key.items()}
    names = {f"{name}_name": text for name, text in called.items() if text}
    return {
        **key,
        **names,
        "levels": dict(one.levels),
        "basic": one.basic,
        "skilled": one.skilled,
        "total": one.total,
        "skilled_share": one.skilled_share or None,
        "year_before": one.before,
        "change": one.change or None,
    }


def table(found: Figures, language: str) -> Table:
    """The statistics as one sheet: a column per level that occurs, then what is added up."""
    whole = [*found.lines, *([found.whole] if found.whole and len(found.lines) != 1 else [])]
    levels = [level for level in LADDER if any(level in one.levels for one in whole)]
    columns = [
        *(Column(name, _words(f"register.head_{name}")) for name in found.by),
        *(Column(f"level_{level}", _words(f"promotion.level_{level}"), number=True) for level in levels),
        *(Column(head, _words(f"register.head_{head}"), number=True)
          for head in ("total", "basic", "skilled", "skilled_share", "year_before", "change")),
    ]  # fmt: skip
    rows = [_row(found, one, levels, language) for one in whole]
    return Table(words.say("register.sheet_figures", language), columns, rows)


def _words(code: str) -> dict[str, str]:
    return {language: words.say(code, language) for language in words.LANGS}


def _row(found: Figures, one: Figure, levels: Sequence[str], language: str) -> Row:
    all_of = words.say("register.all", language)
    key = [told_key(found, name, code, language) for name, code in zip(found.by, one.key, strict=False)]
    parts = dict(zip(found.by, key or [all_of, *[""] * (len(found.by) - 1)], strict=True))
    return {
        **parts,
        **{f"level_{level}": one.levels.get(level, 0) for level in levels},
        "total": one.total,
        "basic": one.basic,
        "skilled": one.skilled,
        "skilled_share": one.skilled_share or None,
        "year_before": one.before,
        "change": one.change or None,
    }


def told_key(found: Figures, name: str, code: str, language: str) -> str:
    """What a part of a key is called: an occupation with its code, "not stated" for nothing."""
    if not code:
        return words.say("register.unstated", language)
    if name == "way":
        return words.say(f"register.way_{code}", language)
    called = half(found.names.get((name, code), ""), language)
    return " ".join(filter(None, (code, called))) if name == "occupation" else called or code


# ---------------------------------------------------------------- the share of skilled staff


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm's staff: how many, how many are found as persons, how many of those hold a valid certificate,
    and of level 3 and up. ``share``: skilled of all staff, in percent."""

    name: str
    staff: int
    known: int
    holders: int
    skilled: int
    levels: Mapping[str, int]
    share: str


def firms(
    staff: Iterable[tuple[str, str, str]],
    find: Callable[[str, str], Sequence[str]],
    rows: Iterable[RegisterRow],
) -> list[Firm]:
    """The share of skilled staff per firm, by a staff list of (firm, kind of document, number).

    ``find``: the persons with this document; somebody counts once, with the highest level of a certificate
    that is valid. Whoever is not found holds no certificate *of this register*: the share is at least that.
    """
    best: dict[str, str] = {}
    for row in rows:
        if row.kind == LEVEL and row.state == "valid" and row.level in LADDER:
            held = best.get(row.person)
            if held is None or LADDER.index(row.level) > LADDER.index(held):
                best[row.person] = row.level
    people: dict[str, dict[tuple[str, str], None]] = {}
    for firm, kind, number in staff:
        people.setdefault(firm, {})[kind, number] = None
    return [_firm(name, list(found), find, best) for name, found in people.items()]


def _firm(
    name: str,
    staff: Sequence[tuple[str, str]],
    find: Callable[[str, str], Sequence[str]],
    best: Mapping[str, str],
) -> Firm:
    levels: Counter[str] = Counter()
    known = 0
    for kind, number in staff:
        persons = find(kind, number)
        known += bool(persons)
        held = [best[person] for person in persons if person in best]
        if held:
            levels[max(held, key=LADDER.index)] += 1
    skilled = sum(levels[level] for level in SKILLED)
    counted = {level: levels[level] for level in LADDER if levels[level]}
    share = percent(skilled, len(staff))
    return Firm(name, len(staff), known, sum(levels.values()), skilled, counted, share)


_FIRM = ("firm", "staff", "known", "holders", "skilled", "share")


def firm_data(found: Sequence[Firm]) -> list[dict[str, Any]]:
    """The firms as JSON."""
    return [{**{name: getattr(one, "name" if name == "firm" else name) for name in _FIRM},
             "share": one.share or None, "levels": dict(one.levels)} for one in found]  # fmt: skip


def firm_table(found: Sequence[Firm], language: str) -> Table:
    """The firms as one sheet."""
    columns = [Column(name, _words(f"register.head_{name}"), number=name != "firm") for name in _FIRM]
    rows = [{name: data[name] for name in _FIRM} for data in firm_data(found)]
    return Table(words.say("register.sheet_firms", language), columns, rows)
