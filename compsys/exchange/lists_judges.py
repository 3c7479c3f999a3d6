"""A list of judges held against the set-up: persons, what recuses them, and the seats they take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from compsys.commands import Define
from compsys.exchange import lists_values as lv
from compsys.exchange.lists_fields import compared, distance, nearest
from compsys.exchange.lists_findings import Changed, Look, State
from compsys.exchange.lists_header import Header
from compsys.exchange.lists_people import Cells, Known, Register, Who, changed, delegation_names, trade_names
from compsys.exchange.lists_read import Row
from compsys.records import Judge, Panel, Seat, Stage, key_of, stream_name
from compsys.setup_records import MARKING_ROLES

Role = Literal["judge", "lead", "reserve", "chief", "clerk", "floor", "expert"]
_PREFIX = {"chief": "chief", "clerk": "clerk", "floor": "floor", "expert": "expert"}


@dataclass(slots=True)
class Sitting:
    """Where a row puts its judge; ``stage`` None: nowhere yet."""

    stage: Stage | None = None
    site: str = "main"
    role: Role = "judge"
    said_role: bool = False
    panel: str = ""
    label: str = ""


class Judges:
    """Takes the rows one by one: records of judges, and of the seats that they are given."""

    def __init__(self, look: Look, header: Header, known: Known, fresh: Callable[[], str]) -> None:
        self._look, self._header, self._known, self._fresh = look, header, known, fresh
        self._register = Register(known, look, fresh)
        self._delegations, self._trades = delegation_names(known.setup), trade_names(known.setup)
        self._judge_of = {judge.person: judge for judge in known.setup.judges.values()}
        self._ties: dict[str, list[str]] = {}
        self._new: dict[str, dict[str, Any]] = {}
        self._seats: dict[str, Seat] = dict(known.setup.seats)
        self._panels: dict[str, Panel] = dict(known.setup.panels)
        self._first: dict[tuple[str, str], int] = {}
        self._competing: dict[str, set[str]] = defaultdict(set)
        for entry in known.setup.entries.values():
            for member in entry.members:
                self._competing[member.person].add(entry.trade)

    def row(self, row: Row) -> None:
        """One row of the list."""
        cells = Cells(self._look, self._header, row)
        tie = self._tie(cells)
        who = self._register.person(cells, tie)
        place = self._place(cells)
        if who and place.stage:
            self._not_twice(cells, who, place.stage.trade)
        if who is None or cells.wrong:
            name = cells.text("name_zh") or cells.text("name_en")
            self._look.count(row.number, name[:40], "error")
            return
        kept = len(self._look.items)
        fresh, told = self._judge(who, tie)
        if place.stage is not None:
            told += self._sit(cells, who, place.stage, place)
            if cells.wrong:
                self._take_back(who, kept, fresh)
                self._look.count(row.number, who.shown, "error")
                return
        state: State = "new" if fresh else "changed" if told else "same"
        self._look.count(row.number, who.shown, state, told)

    # ------------------------------------------------------------ what a row says

    def _tie(self, cells: Cells) -> str:
        """The affiliation of a row: a delegation's id, else ``employer:NAME``; one nearly a delegation's name
        is an error, for a recusal would be lost unseen."""
        said = cells.text("delegation")
        if not said:
            return ""
        found = self._delegations.find(said)
        if len(found) == 1:
            return found[0]
        near = nearest(said, self._delegations.words)
        if found or (near and distance(compared(said), compared(near), 2) <= 2):
            code = "delegation_ambiguous" if found else "unknown_delegation"
            cells.error("delegation", code, value=said, nearest=near)
        return f"employer:{said}"

    def _place(self, cells: Cells) -> Sitting:
        trade = self._trade(cells)
        role = lv.choice(cells.text("role"), lv.ROLE_WORDS)
        if role is None:
            cells.error("role", "unknown_word", value=cells.text("role")[:40])
        if not trade:
            return Sitting()
        stage = self._stage(cells, trade)
        if stage is None:
            return Sitting()
        site = next((s for s in stage.sites if compared(s) == compared(cells.text("site"))), "")
        if cells.text("site") and not site:
            cells.error("site", "unknown_site", value=cells.text("site"), known=", ".join(stage.sites))
        place = Sitting(stage, site or stage.sites[0], role or "judge", bool(role))  # type: ignore[arg-type]  # a word of ROLE_WORDS
        place.panel, place.label = cells.text("panel", 40), cells.text("seat", 20)
        return place

    def _trade(self, cells: Cells) -> str:
        said = cells.text("trade")
        if not said:
            return self._known.trade
        found = self._trades.find(said)
        if len(found) == 1:
            return found[0]
        near = ", ".join(found) or nearest(said, self._trades.words)
        cells.error("trade", "trade_ambiguous" if found else "unknown_trade", value=said, nearest=near)
        return ""

    def _stage(self, cells: Cells, trade: str) -> Stage | None:
        stages = [s for s in self._known.setup.stages.values() if s.trade == trade]
        said = cells.text("stage")
        if said:
            wanted = compared(said)
            fitting = [s for s in stages if wanted in (compared(s.id), *map(compared, s.name.values()))]
            if not fitting:
                words = {compared(w): w for s in stages for w in (s.id, *s.name.values())}
                cells.error("stage", "unknown_stage", value=said, nearest=nearest(said, words))
            return fitting[0] if fitting else None
        if not stages:
            cells.error("trade", "trade_without_stage", trade=self._trades.titles[trade])
            return None
        return max(stages, key=lambda stage: stage.order)

    def _not_twice(self, cells: Cells, who: Who, trade: str) -> None:
        first = self._first.setdefault((who.person, trade), cells.row.number)
        if first != cells.row.number:
            cells.error("name_zh", "person_twice", first=str(first), who=who.shown)
        elif trade in self._competing[who.person]:
            cells.error("name_zh", "judge_competes", trade=self._trades.titles[trade])

    # ------------------------------------------------------------ what it would do

    def _judge(self, who: Who, tie: str) -> tuple[bool, list[Changed]]:
        """Note the judge; (whether they are new, what would change)."""
        there = self._judge_of.get(who.person)
        if who.fresh and who.person not in self._look.persons:
            self._look.persons[who.person] = who.identity
            self._look.items.append(Define(kind="person", id=who.person, value={"id": who.person}))
        held = self._ties.setdefault(who.person, list(there.affiliations) if there else [])
        before = list(held)
        if tie and tie not in held:
            held.append(tie)
        value = self._new.get(who.person)
        fresh = value is None and there is None
        if value is None and (there is None or held != before):
            value = {"id": there.id if there else f"j{self._fresh()[:12]}", "person": who.person}
            self._new[who.person] = value
        if value is not None:
            value["affiliations"] = list(held)
        told = [] if fresh else changed("delegation", ", ".join(before), ", ".join(held))
        return fresh, told

    def _take_back(self, who: Who, kept: int, fresh: bool) -> None:
        """The row stays out: so does what was noted for it."""
        del self._look.items[kept:]
        if fresh:
            self._look.persons.pop(who.person, None)
            self._new.pop(who.person, None)
            self._ties.pop(who.person, None)

    def _judge_id(self, who: Who) -> str:
        value = self._new.get(who.person)
        return str(value["id"]) if value else self._judge_of[who.person].id

    def _sit(self, cells: Cells, who: Who, stage: Stage, place: Sitting) -> list[Changed]:
        """Give the judge a seat: the one they have, the one named, a free one of that role, or a new one."""
        judge = self._judge_id(who)
        here = [s for s in self._seats.values() if (s.trade, s.stage, s.site) == (
            stage.trade, stage.id, place.site)]  # fmt: skip
        has = next((s for s in here if s.judge == judge), None)
        if has is not None and (not place.said_role or has.role == place.role) and not place.label:
            return []
        seat = self._named(cells, here, place, judge) if place.label else None
        panel = self._panel(cells, stage, place)
        if cells.wrong:
            return []
        if seat is None and has is None:
            free = (s for s in here if not s.judge and s.role == place.role)
            seat = next((s for s in free if not place.panel or s.panel == panel), None)
        target = seat or has or self._seat(stage, place, panel)
        after = msgspec.structs.replace(target, judge=judge, label=place.label or target.label)
        if place.said_role:
            after = msgspec.structs.replace(after, role=place.role)
        if place.panel:
            after = msgspec.structs.replace(after, panel=panel)
        wanted = [after]
        if has is not None and has.id != after.id:
            wanted.insert(0, msgspec.structs.replace(has, judge=""))
        wanted = [s for s in wanted if self._seats.get(key_of("seat", s)) != s]
        if wanted and stream_name(stage.trade, stage.id, place.site) in self._known.opened:
            cells.error("trade", "frozen", trade=self._trades.titles[stage.trade])
            return []
        for record in wanted:
            self._seats[key_of("seat", record)] = record
            value = msgspec.to_builtins(record)
            self._look.items.append(Define(kind="seat", id=key_of("seat", record), value=value))
        was = f"{has.role} {has.label or has.id}" if has else ""
        return [Changed("seat", was, f"{after.role} {after.label or after.id}")] if wanted else []

    def _named(self, cells: Cells, here: list[Seat], place: Sitting, judge: str) -> Seat | None:
        wanted = compared(place.label)
        seat = next((s for s in here if wanted in (compared(s.id), compared(s.label))), None)
        if seat is not None and seat.judge and seat.judge != judge:
            cells.error("seat", "seat_taken", value=place.label)
        return seat

    def _panel(self, cells: Cells, stage: Stage, place: Sitting) -> str:
        """The panel of a marking seat: named, the only one, or one that is made."""
        if place.role not in MARKING_ROLES:
            return "panel"
        here = [p for p in self._panels.values() if (p.trade, p.stage, p.site) == (
            stage.trade, stage.id, place.site)]  # fmt: skip
        if place.panel:
            wanted = compared(place.panel)
            fitting = [p for p in here if wanted in (compared(p.id), *map(compared, p.name.values()))]
            if fitting:
                return fitting[0].id
            words = {compared(w): w for p in here for w in (p.id, *p.name.values())}
            cells.error("panel", "unknown_panel", value=place.panel, nearest=nearest(place.panel, words))
            return ""
        if here:
            return here[0].id
        panel = Panel(id="panel", trade=stage.trade, stage=stage.id, site=place.site)
        key = key_of("panel", panel)
        if key not in self._panels:
            self._panels[key] = panel
            self._look.items.append(Define(kind="panel", id=key, value=msgspec.to_builtins(panel)))
        return "panel"

    def _seat(self, stage: Stage, place: Sitting, panel: str) -> Seat:
        """A new seat with the next free id: s4, clerk2."""
        at = f"{stage.trade}/{stage.id}"
        prefix = _PREFIX.get(place.role, "s")
        number = 1
        while f"{at}/{prefix}{number}" in self._seats or (number == 1 and f"{at}/{prefix}" in self._seats):
            number += 1
        key = prefix if number == 1 and prefix != "s" else f"{prefix}{number}"
        at_site = Seat(id=key, trade=stage.trade, stage=stage.id, site=place.site)
        return msgspec.structs.replace(at_site, panel=panel, role=place.role, label=str(number))

    def finish(self) -> None:
        """The judges' own records, which the seats name."""
        for value in self._new.values():
            judge = msgspec.convert(value, Judge)
            self._look.items.append(Define(kind="judge", id=judge.id, value=value))
