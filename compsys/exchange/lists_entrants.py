"""A list of entrants held against the set-up: persons, entries of one or of a team, two trades at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from compsys.commands import Define
from compsys.exchange import lists_values as lv
from compsys.exchange.lists_fields import compared, nearest
from compsys.exchange.lists_findings import Changed, Look, State
from compsys.exchange.lists_header import Header
from compsys.exchange.lists_people import Cells, Known, Register, Who, changed, delegation_names, trade_names
from compsys.exchange.lists_read import Row
from compsys.records import Entry, Session


@dataclass(frozen=True, slots=True)
class Line:
    """What one row says."""

    row: int
    who: Who
    trade: str
    group: str
    delegation: str
    site: str
    bib: str
    pool: str
    team: str
    role: str


class Entrants:
    """Takes the rows one by one; ``finish`` says what the whole list would do."""

    def __init__(self, look: Look, header: Header, known: Known, fresh: Callable[[], str]) -> None:
        self._look, self._header, self._known, self._fresh = look, header, known, fresh
        self._register = Register(known, look, fresh)
        self._delegations, self._trades = delegation_names(known.setup), trade_names(known.setup)
        self._lines: list[Line] = []
        self._bad: list[tuple[int, str]] = []
        self._torn: set[tuple[str, str]] = set()
        """(delegation, team) of rows with errors: the whole team waits"""
        self._first: dict[tuple[str, str], int] = {}
        self._entry_of: dict[tuple[str, str], Entry] = {}
        self._of_person: dict[str, list[Entry]] = defaultdict(list)
        for entry in known.setup.entries.values():
            for member in entry.members:
                self._entry_of.setdefault((entry.trade, member.person), entry)
                self._of_person[member.person].append(entry)

    # ------------------------------------------------------------ rows

    def row(self, row: Row) -> None:
        """One row of the list."""
        cells = Cells(self._look, self._header, row)
        delegation = self._delegation(cells)
        trade = self._trade(cells)
        who = self._register.person(cells, delegation)
        line = Line(
            row.number,
            who,
            trade,
            self._group(cells, trade),
            delegation,
            self._site(cells, trade),
            cells.text("bib", 20),
            cells.text("pool", 60),
            cells.text("team"),
            self._role(cells),
        ) if who and trade else None  # fmt: skip
        if line is not None:
            self._not_twice(cells, line)
        if line is None or cells.wrong:
            name = cells.text("name_zh") or cells.text("name_en")
            self._bad.append((row.number, name[:40]))
            if team := cells.text("team"):
                self._torn.add((delegation, compared(team)))
            return
        self._lines.append(line)

    def _delegation(self, cells: Cells) -> str:
        said = cells.needed("delegation")
        if not said:
            return ""
        found = self._delegations.find(said)
        if len(found) == 1:
            return found[0]
        near = nearest(said, self._delegations.words)
        code = "delegation_ambiguous" if found else "unknown_delegation"
        cells.error("delegation", code, value=said, nearest=near)
        return ""

    def _trade(self, cells: Cells) -> str:
        if not self._header.column("trade"):
            return self._known.trade
        said = cells.needed("trade")
        if not said:
            return ""
        found = self._trades.find(said)
        if len(found) == 1:
            return found[0]
        code = "trade_ambiguous" if found else "unknown_trade"
        near = ", ".join(found) or nearest(said, self._trades.words)
        cells.error("trade", code, value=said, nearest=near)
        return ""

    def _group(self, cells: Cells, trade: str) -> str:
        """The group's id; a trade of one group needs none to be said."""
        said = cells.text("group")
        groups = {g.id: g for g in self._known.setup.groups.values() if g.trade == trade}
        if not trade or (not said and not groups):
            return "open"
        if not said:
            if len(groups) == 1:
                return next(iter(groups))
            cells.error("group", "group_missing", known=", ".join(groups))
            return ""
        wanted = compared(said)
        for key, group in groups.items():
            if wanted == compared(key) or wanted in map(compared, group.name.values()):
                return key
        words = {compared(w): w for g in groups.values() for w in (g.id, *g.name.values())}
        cells.error("group", "unknown_group", value=said, nearest=nearest(said, words))
        return ""

    def _site(self, cells: Cells, trade: str) -> str:
        stages = [s for s in self._known.setup.stages.values() if s.trade == trade]
        sites = list(dict.fromkeys(site for stage in stages for site in stage.sites)) or ["main"]
        said = cells.text("site")
        if not said:
            return "main" if "main" in sites else sites[0]
        found = next((site for site in sites if compared(site) == compared(said)), "")
        if not found and trade:
            cells.error("site", "unknown_site", value=said, known=", ".join(sites))
        return found

    def _role(self, cells: Cells) -> str:
        said = cells.text("role")
        role = lv.choice(said, lv.MEMBER_WORDS)
        if role is None:
            cells.error("role", "unknown_word", value=said)
        return role or "member"

    def _not_twice(self, cells: Cells, line: Line) -> None:
        """Once in a trade; in two trades only at different times."""
        key = (line.who.person, line.trade)
        if key in self._first:
            cells.error("name_zh", "person_twice", first=str(self._first[key]), who=line.who.shown)
            return
        self._first[key] = line.row
        entry = self._entry_of.get((line.trade, line.who.person))
        mine = self._sessions(line.trade, line.site, entry.id if entry else "")
        others: dict[str, tuple[str, str]] = {
            e.trade: (e.site, e.id) for e in self._of_person[line.who.person] if e.trade != line.trade
        }
        for earlier in self._lines:
            if earlier.who.person == line.who.person and earlier.trade != line.trade:
                others.setdefault(earlier.trade, (earlier.site, ""))
        for trade, (site, other) in others.items():
            clash = _clash(mine, self._sessions(trade, site, other))
            title = self._trades.titles[trade]
            if clash is None:
                cells.warn("trade", "two_trades", other=title)
            elif clash[2]:
                when = f"{clash[0].day} {clash[0].start}".strip()
                cells.error("trade", "two_trades_at_once", other=title, when=when)
            else:
                cells.warn("trade", "two_trades_one_day", other=title, day=clash[0].day)

    def _sessions(self, trade: str, site: str, entry: str) -> list[Session]:
        """The sessions in which an entry works; one that has no place yet may come into each."""
        held = self._known.setup.sessions.values()
        here = [s for s in held if (s.trade, s.site) == (trade, site)]
        placed = [s for s in here if entry and entry in s.stations]
        return placed or [s for s in here if not s.stations] or here

    # ------------------------------------------------------------ the whole

    def finish(self) -> None:
        """Entries out of lines: counts, changes, and what to define."""
        entries: dict[tuple[str, ...], list[Line]] = defaultdict(list)
        for line in self._lines:
            alone = ("", line.who.person)
            key = ("team", line.delegation, compared(line.team)) if line.team else alone
            entries[line.trade, *key].append(line)
        self._bibs()
        for row, name in self._bad:
            self._look.count(row, name, "error")
        for lines in entries.values():
            self._entry(lines)
        self._look.rows.sort(key=lambda looked: looked.row)

    def _bibs(self) -> None:
        held: dict[tuple[str, str], int] = {}
        for line in self._lines:
            if not line.bib:
                continue
            first = held.setdefault((line.trade, line.bib), line.row)
            if first != line.row and not line.team:
                column = self._header.column("bib")
                params = {"bib": line.bib, "first": str(first)}
                self._look.say(line.row, column, "bib_twice", params, "warning")

    def _entry(self, lines: list[Line]) -> None:
        head = lines[0]
        if head.team and (head.delegation, compared(head.team)) in self._torn:
            for line in lines:
                self._stays_out(line, "team", "team_waits", team=line.team)
            return
        there = self._there(lines)
        if head.trade in self._known.drawn and (there is None or self._moves(there, head)):
            for line in lines:
                code = "drawn" if there is None else "frozen"
                self._stays_out(line, "trade", code, trade=self._trades.titles[head.trade])
            return
        value = self._value(there, lines)
        entry = msgspec.convert(value, Entry)
        changes = [] if there is None else self._changes(there, entry)
        state: State = "new" if there is None else "changed" if changes else "same"
        said = (self._delegations.titles.get(entry.delegation, ""), self._trades.titles[head.trade])
        what = " · ".join(text for text in said if text) if there is None else ""
        for line in lines:
            told = [*changes, *line.who.added]
            self._look.count(line.row, line.who.shown, "changed" if told else state, told, what)
            self._person(line.who)
        if state != "same":
            self._look.items.append(Define(kind="entry", id=entry.id, value=value))

    def _person(self, who: Who) -> None:
        if who.fresh and who.person not in self._look.persons:
            self._look.persons[who.person] = who.identity
            self._look.items.append(Define(kind="person", id=who.person, value={"id": who.person}))
        elif who.added:
            self._look.persons[who.person] = who.identity

    def _stays_out(self, line: Line, name: str, code: str, **params: str) -> None:
        column = self._header.column(name)
        self._look.say(line.row, column, code, {"field": name, **params})
        self._look.count(line.row, line.who.shown, "error")

    def _there(self, lines: list[Line]) -> Entry | None:
        """The entry that these rows are of already: of one of the persons, or the team of that name."""
        for line in lines:
            entry = self._entry_of.get((line.trade, line.who.person))
            if entry is not None:
                return entry
        head = lines[0]
        if not head.team:
            return None
        for entry in self._known.setup.entries.values():
            named = any(compared(name) == compared(head.team) for name in entry.name.values())
            if named and (entry.trade, entry.delegation) == (head.trade, head.delegation):
                return entry
        return None

    @staticmethod
    def _moves(there: Entry, head: Line) -> bool:
        """Whether taking the rows would change what a drawn unit stands on."""
        return (there.group, there.site) != (head.group, head.site)

    def _value(self, there: Entry | None, lines: list[Line]) -> dict[str, Any]:
        """The entry as it would be; what the list does not say stays as it is."""
        head = lines[0]
        value: dict[str, Any] = {"id": f"e{self._fresh()[:12]}"}
        if there is not None:
            value = msgspec.to_builtins(there)
        value |= {"trade": head.trade, "group": head.group, "delegation": head.delegation}
        site = head.site if self._header.column("site") else ""
        for name, said in (("bib", head.bib), ("pool", head.pool), ("site", site)):
            if said:
                value[name] = said
        if there is None:
            value["site"] = head.site
        if head.team:
            lang = "en" if head.team.isascii() else "zh-CN"
            value["name"] = {**value.get("name", {}), lang: head.team}
        members = {m["person"]: m for m in value.get("members", ())}
        for line in lines:
            before = members.get(line.who.person, {})
            role = {"role": line.role} if self._header.column("role") or not before else {}
            members[line.who.person] = {**before, "person": line.who.person, **role}
        value["members"] = list(members.values())
        return value

    def _changes(self, there: Entry, entry: Entry) -> list[Changed]:
        titles = self._delegations.titles
        told = changed("delegation", titles.get(there.delegation, ""), titles.get(entry.delegation, ""))
        for name in ("group", "bib", "pool", "site"):
            told += changed(name, getattr(there, name), getattr(entry, name))
        told += changed("team", _title(there), _title(entry))
        if there.members != entry.members:
            told.append(Changed("members", str(len(there.members)), str(len(entry.members))))
        return told


def _title(entry: Entry) -> str:
    return " / ".join(entry.name.values())


def _clash(mine: list[Session], theirs: list[Session]) -> tuple[Session, Session, bool] | None:
    """Two sessions on one day, and whether they are known to overlap; None when all are on other days."""
    maybe = None
    for one in mine:
        for other in theirs:
            if not one.day or one.day != other.day:
                continue
            spans = _span(one), _span(other)
            if spans[0] is None or spans[1] is None:
                maybe = maybe or (one, other, False)
            elif spans[0][0] < spans[1][1] and spans[1][0] < spans[0][1]:
                return one, other, True
    return maybe


def _span(session: Session) -> tuple[int, int] | None:
    """From when to when, in minutes of the day; None when that is not planned yet."""
    hour, _, minute = session.start.partition(":")
    if not (hour.isdigit() and minute.isdigit() and session.minutes > 0):
        return None
    start = int(hour) * 60 + int(minute)
    return start, start + session.minutes
