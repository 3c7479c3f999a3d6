"""Reads one group's streams for its result book: what and who, the result, the rules, and small words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from compsys.events import ResultPublished
from compsys.exchange import results
from compsys.exchange.results import Names
from compsys.records import Group
from compsys.scoring import result_rows
from compsys.state import Result, Sheet, State, Stream, Unit

Data = dict[str, Any]
Cell = Any
"""Text, ``{"code", ...}``, ``{"at": UTC}``, ``{"lines": [...]}``, words by language, None, or a list."""
Happening = tuple[int, str, str, str, str]
"""(n, time, kind, subject, text) as ``Stream.history`` has it."""


def version_cell(version: ResultPublished) -> Cell:
    """A version in words."""
    return {"code": f"status.{version.rank}", "version": version.version}


@dataclass(frozen=True, slots=True)
class Teller:
    """Reads one group's streams for the book."""

    state: State
    names: Names
    group: Group
    streams: Sequence[Stream]
    outcome: Result

    # ------------------------------------------------------------ what and who

    def head(self) -> Data:
        """Competition, trade, stage and group, organisers, place and days."""
        setup, group = self.state.setup, self.group
        held = setup.competition
        trade, stage = setup.trades[group.trade], setup.stages[f"{group.trade}/{group.stage}"]
        zone = ZoneInfo(held.zone if held else "UTC")
        begun = [s.started for stream in self.streams for s in stream.sessions.values() if s.started]
        days = {datetime.fromisoformat(moment).astimezone(zone).date().isoformat() for moment in begun}
        return {
            "competition": dict(held.name) if held else {},
            "zone": held.zone if held else "UTC",
            "place": dict(held.place) if held else {},
            "organisers": [{"role": o.role, "name": dict(o.name)} for o in held.organisers] if held else [],
            "trade": dict(trade.name),
            "number": trade.number,
            "stage": dict(stage.name),
            "group": dict(group.name),
            "key": f"{group.trade}/{group.stage}/{group.id}",
            "days": sorted(days),
            "journal": self.state.id,
        }

    def result(self) -> Data:
        """The newest version's picture; before there is one, the locked standing by code only."""
        where = (self.group.trade, self.group.stage, self.group.id)
        if self.outcome.versions:
            found = results.picture(self.state, self.names, *where)
            return {name: found[name] for name in ("named", "components", "rows", "versions", "released")}
        rows = [
            results.row_data(self.state, self.names, row, named=False)
            for row in result_rows(self.state, *where)
        ]
        parts = results.components_of(self.state, *where)
        return {
            "named": False,
            "components": [results.component_data(part) for part in parts],
            "rows": rows,
            "versions": [],
            "released": {},
        }

    def rules(self) -> list[Data]:
        """What the result was computed by, with digests as marking froze them."""
        stream = self.streams[0]
        held = stream.groups[self.group.id]
        profile, scheme = held.profile, held.scheme
        found: list[Data] = [
            {
                "name": "book.profile",
                "value": f"{profile.id} v{profile.version}",
                "words": dict(profile.title),
            },
            {"name": "book.profile_digest", "value": stream.digests.get(f"profile/{self.group.id}", "")},
            {"name": "book.scheme", "value": scheme.number, "words": dict(scheme.title)},
            {"name": "book.scheme_digest", "value": stream.digests.get(f"scheme/{self.group.id}", "")},
        ]
        if self.outcome.versions:
            digests = self.outcome.versions[-1].digests
            found.append({"name": "book.rosters_digest", "value": digests.get("rosters", "")})
            found.append({"name": "book.rules_version", "value": digests.get("rules", "")})
        return found

    # ------------------------------------------------------------ small words

    def units(self) -> Iterator[tuple[Stream, Unit]]:
        """The group's units in the order of their codes."""
        found = ((s, u) for s in self.streams for u in s.units.values() if u.group == self.group.id)
        return iter(sorted(found, key=lambda pair: pair[1].code))

    def sheets(self) -> Iterator[tuple[Stream, Unit, Sheet]]:
        """The group's sheets by code and sub-criterion."""
        for stream, unit in self.units():
            for sub in stream.groups[self.group.id].subs:
                sheet = stream.sheets.get((unit.id, sub))
                if sheet is not None:
                    yield stream, unit, sheet

    def happened(self, *kinds: str) -> Iterator[tuple[Stream, Happening]]:
        """What the streams' histories tell of these kinds, in order; other groups' units left out."""
        for stream in self.streams:
            for told in stream.history:
                unit = stream.units.get(told[3].split(".")[0].split(" ")[0])
                if told[2] in kinds and (unit is None or unit.group == self.group.id):
                    yield stream, told

    def who(self, stream: Stream, actor: str) -> Cell:
        """A seat by its label, an account by its name."""
        seat = stream.seats.get(actor)
        if seat is None:
            return {"code": "book.office"} if actor == "office" else actor
        if seat.role in ("chief", "clerk", "floor", "expert"):
            return {"code": f"role.{seat.role}"}
        return {"code": "seat.label", "seat": seat.label}

    def component(self, name: str) -> Cell:
        """A component by its name."""
        for part in self.streams[0].groups[self.group.id].components:
            if part.id == name:
                return dict(part.name)
        return name

    def scope(self, stream: Stream, scope: str) -> Cell:
        """What a lock or a status covers."""
        kind, _, what = scope.partition(":")
        if kind == "component":
            return self.component(what)
        if kind == "session":
            return dict(stream.sessions[what].name) or what
        if kind == "sheet":
            unit, _, sub = what.partition(".")
            return f"{stream.units[unit].code} {sub}"
        return {"code": "book.whole_stage"}

    def aspect(self, stream: Stream, key: str) -> Cell:
        """An aspect by its key and title."""
        found = stream.groups[self.group.id].aspects[key]
        return {"code": "book.aspect", "key": key, "title": dict(found.title)}
