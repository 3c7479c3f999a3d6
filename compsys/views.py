"""What a seat may see, as data: its sheets, its panel's revealed votes, the chief's matrix, and nothing else.

Architecture Invariant: under blind marking no entry id, name or delegation leaves through these functions,
and no value of another seat before its reveal.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from compsys import acceptance, own_total, panel_tablet, scoring
from compsys.asking import locked, out
from compsys.events import ANY_SEAT, ENCODER
from compsys.incidents import away, proposed
from compsys.marking import holes
from compsys.sessions import incomplete
from compsys.signing import next_link
from compsys.state import Cell, GroupRules, Sheet, State, Stream, Unit
from scoring_rules import tolerance
from scoring_rules.exact import parse
from scoring_rules.measurement import choices
from scoring_rules.scheme import Aspect


def cursor(stream: Stream) -> dict[str, Any]:
    """The newest line a seat may know of: its number and 16 hex of its seal; no unrevealed vote precedes
    it."""
    n = stream.safe_n()
    return {"n": n, "seal": stream.prefix(n)}


def known(stream: Stream, n: int, seal: str) -> bool:
    """Whether a tablet's cursor is a line of this history (else its history was replaced by a backup)."""
    return 0 <= n <= stream.n and stream.prefix(n) == seal


def sees_all(stream: Stream, seat: str) -> bool:
    """Whether a seat hears of every sheet of its stream: the chief with what is revealed, clerk and floor of
    nothing that was marked."""
    found = stream.seats.get(seat)
    return found is not None and found.role in ("chief", "clerk", "floor")


def told_no_value(stream: Stream, seat: str) -> bool:
    """Whether a seat is told of no value, vote, spread or round, revealed or not: clerk and floor.

    A clerk keys paper in forms that show what this clerk has keyed, and needs nothing of the others.
    """
    found = stream.seats.get(seat)
    return found is not None and found.role in ("clerk", "floor")


def sheet_state(stream: Stream, sheet: Sheet) -> str:
    """open, returned, signed or locked."""
    if stream.marking == "locked" or locked(stream, sheet):
        return "locked"
    if sheet.complete:
        return "signed"
    return "returned" if sheet.returned else "open"


class SheetView:
    """A sheet as its seats may see it at one moment: what is the same for all of them is made once.

    ``view`` is the wire's ``sheet`` for a seat as data, ``encoded`` the same as JSON. Made and used within
    one reading of the state; not kept.
    """

    __slots__ = ("_aspects", "_head", "_panel", "_pieces", "_rules", "_sheet", "_stream", "_unit")

    def __init__(self, stream: Stream, unit: str, sub: str) -> None:
        self._stream, self._sheet = stream, stream.sheets[(unit, sub)]
        self._unit = stream.units[unit]
        self._rules = stream.groups[self._unit.group]
        self._aspects = self._rules.subs[sub].aspects
        self._head = b""
        self._pieces: dict[str, tuple[int, bytes, bytes]] = {}
        self._panel: list[str] | None = None
        """what the panel owes, where every aspect is agreed and so all seats owe the same"""

    def view(self, seat: str) -> dict[str, Any]:
        """The sheet for a seat."""
        if told_no_value(self._stream, seat):
            return self._outline()
        aspects = {}
        for aspect in self._aspects:
            shared = _shared(self._stream, self._rules, self._sheet, aspect)
            aspects[aspect.key] = {**_own(self._cell(aspect, shared["round"], seat)), **shared}
        head = _head(self._stream, self._unit, self._rules, self._sheet)
        return {**head, **self._mine(seat), "aspects": aspects}

    def encoded(self, seat: str, only: Collection[str] | None = None) -> bytes:
        """The sheet for a seat, as JSON; ``only``: a part, with ``part`` true and these aspects alone."""
        if seat not in self._sheet.roster and told_no_value(self._stream, seat):
            return ENCODER.encode(self._outline() | ({} if only is None else {"part": True}))
        if not self._head:
            head = _head(self._stream, self._unit, self._rules, self._sheet)
            self._head = ENCODER.encode(head)[:-1] + b","
        found = []
        for aspect in self._aspects:
            if only is None or aspect.key in only:
                round_, opening, rest = self._pieces.get(aspect.key) or self._piece(aspect)
                if opening:
                    own = ENCODER.encode(_own(self._cell(aspect, round_, seat)))
                    found.append(opening + own[1:-1] + rest)
                else:
                    found.append(rest)
        mine = ENCODER.encode(self._mine(seat))[1:-1]
        aspects = b',"aspects":{' if only is None else b',"part":true,"aspects":{'
        return b"".join((self._head, mine, aspects, b",".join(found), b"}}"))

    def _piece(self, aspect: Aspect) -> tuple[int, bytes, bytes]:
        """An aspect's round, and the JSON before and after a seat's own part (all of it after, where one
        value is agreed); kept for the next seat."""
        shared = _shared(self._stream, self._rules, self._sheet, aspect)
        round_: int = shared["round"]
        opening, rest = ENCODER.encode(aspect.key) + b":{", b"," + ENCODER.encode(shared)[1:]
        if aspect.method == "agreed":
            own = ENCODER.encode(_own(self._cell(aspect, round_, ANY_SEAT)))[1:-1]
            opening, rest = b"", opening + own + rest
        self._pieces[aspect.key] = (round_, opening, rest)
        return round_, opening, rest

    def _outline(self) -> dict[str, Any]:
        """The sheet for whoever is told of no value: where it is, whose it is, how far its signatures are."""
        head = _head(self._stream, self._unit, self._rules, self._sheet)
        nothing = {"mine": {"signed": False, "marks": False}, "holes": [], "aspects": {}}
        return {**head, "returned": "", **nothing}

    def _cell(self, aspect: Aspect, round_: int, seat: str) -> Cell | None:
        return self._sheet.cells.get((aspect.key, ANY_SEAT if aspect.method == "agreed" else seat, round_))

    def _mine(self, seat: str) -> dict[str, Any]:
        marks = seat in self._sheet.roster
        owed = self._owed(seat) if marks else []
        mine: dict[str, Any] = {"mine": {"signed": seat in self._sheet.signed, "marks": marks}, "holes": owed}
        if late := late_of(self._stream, self._sheet, seat) if self._stream.late else {}:
            mine["late"] = late
        if marks and self._rules.profile.extras.own_total:
            mine["total"] = own_total.so_far(self._stream, self._rules, self._unit, seat)
        shares = marks and "panel" in self._stream.panel_mode.values()
        if shares and (panel := panel_tablet.entered(self._stream, self._sheet, self._aspects, seat)):
            mine["panel"] = panel
        return mine

    def _owed(self, seat: str) -> list[str]:
        if self._panel is not None:
            return self._panel
        owed = holes(self._rules, self._sheet, self._stream, seat)
        if all(aspect.method == "agreed" for aspect in self._aspects):
            self._panel = owed
        return owed


def sheet_for(state: State, stream: Stream, unit: str, sub: str, seat: str) -> dict[str, Any]:
    """A sheet as a seat may see it (the wire's ``sheet``)."""
    return SheetView(stream, unit, sub).view(seat)


def _head(stream: Stream, unit: Unit, rules: GroupRules, sheet: Sheet) -> dict[str, Any]:
    """A sheet without its aspects, as far as it is the same for all seats."""
    credit = unit.credit.get(sheet.session, 0)
    return {
        **({"credit": credit} if credit else {}),
        "unit": unit.id,
        "code": unit.code,
        "sub": sheet.sub,
        "group": unit.group,
        "session": sheet.session,
        "station": unit.stations.get(sheet.session, ""),
        **_bench(stream, unit, sheet),
        **({"proposed": waits} if (waits := proposed(stream, unit.id)) else {}),
        **({"away": gone} if (gone := away(stream, unit.id)) else {}),
        "state": sheet_state(stream, sheet),
        "n": sheet.touched,
        "roster": [
            {
                "seat": s,
                "label": stream.seats[s].label,
                # No reserve is told from a judge: that would say that somebody is recused for this code.
                "role": "lead" if stream.seats[s].role == "lead" else "judge",
                "signed": s in sheet.signed,
            }
            for s in sheet.roster
        ],
        "returned": sheet.returned,
        "status": out(unit, rules.component_of[sheet.sub]),
        "keyed": sorted(sheet.keyed),
        **({"steps": sorted(sheet.steps)} if sheet.steps else {}),
        **({"heard": said} if sheet.complete and (said := acceptance.heard(rules, sheet)) else {}),
    }


def _bench(stream: Stream, unit: Unit, sheet: Sheet) -> dict[str, Any]:
    """The colour and word of the bench where the unit works, nothing where benches have none."""
    session = stream.sessions.get(sheet.session)
    found = session.benches.get(unit.stations.get(sheet.session, "")) if session else None
    return {"bench": found} if found else {}


def _shared(stream: Stream, rules: GroupRules, sheet: Sheet, aspect: Aspect) -> dict[str, Any]:
    """An aspect as far as it is the same for all seats: nothing of a vote before its reveal but who voted."""
    round_ = sheet.rounds.get(aspect.key, 1)
    view: dict[str, Any] = {"round": round_}
    if aspect.method == "agreed":
        cell = sheet.cells.get((aspect.key, ANY_SEAT, round_))
        if cell is not None:
            view["by"] = cell.by
    else:
        view["voted"] = [s for s in sheet.roster if _has_value(sheet.cells.get((aspect.key, s, round_)))]
    if void := stream.voided.get(f"aspect:{aspect.key}"):
        view["voided"] = {"full": void[0], "reason": void[1]}
    if aspect.key in sheet.resolved:
        decided, reason = sheet.resolved[aspect.key]
        view["resolved"] = {"mark": decided, "reason": reason}
    if aspect.key in sheet.escalated:
        outcome, _, reason = sheet.escalated[aspect.key]
        view["escalated"] = {"outcome": outcome, "reason": reason}
    excused = {s: reason for (a, s), reason in sheet.excused.items() if a == aspect.key}
    if excused:
        view["excused"] = excused
    shown = 0 if aspect.method == "points" else round_
    if (aspect.key, shown) in sheet.revealed:
        values = sheet.revealed[(aspect.key, shown)]
        view["revealed"] = values
        if aspect.method == "judgement":
            numbers = [int(v) for v in values.values()]
            view["spread"] = max(numbers) - min(numbers)
            view["legal"] = aspect.key not in sheet.spread
            if aspect.key in sheet.spread and aspect.key in sheet.apart_since:
                view["since"] = sheet.apart_since[aspect.key]
            view["rounds_left"] = max(0, rules.profile.judgement.max_rounds - round_)
    earlier = [sheet.revealed[(aspect.key, r)] for r in range(1, round_) if (aspect.key, r) in sheet.revealed]
    if earlier:
        view["rounds"] = earlier
    if aspect.method != "points":
        mark = scoring.aspect_mark(stream, rules, sheet, aspect)
        if mark is not None:
            view["mark"] = scoring.exact_text(mark, 4)
    return view


def _has_value(cell: Cell | None) -> bool:
    return cell is not None and (cell.value is not None or bool(cell.others))


def _own(cell: Cell | None) -> dict[str, Any]:
    if cell is None:
        return {"value": None, "rev": 0}
    view: dict[str, Any] = {"value": cell.value, "rev": cell.rev}
    if cell.note:
        view["note"] = cell.note
    if cell.files:
        view["files"] = cell.files
    if cell.others:
        view["others"] = [other.value for other in cell.others]
    return view


def rules_view(rules: GroupRules) -> dict[str, Any]:
    """A group's scheme as a tablet shows it: criteria, sub-criteria, aspects with what may be entered."""
    return {
        "title": rules.scheme.title,
        "max_spread": rules.profile.judgement.max_spread,
        "max_rounds": rules.profile.judgement.max_rounds,
        **({"discussion": seconds} if (seconds := rules.profile.judgement.discussion_seconds) else {}),
        "chain": list(rules.profile.signing[1:]),
        "after_rounds": rules.profile.judgement.after_rounds,
        "over_spread": rules.profile.judgement.over_spread,
        "subs": [
            {
                "key": sub.key,
                "title": sub.title,
                "criterion": criterion.key,
                "criterion_title": criterion.title,
                "component": rules.component_of[sub.key],
                "aspects": [aspect_view(aspect) for aspect in sub.aspects],
            }
            for criterion in rules.scheme.criteria
            for sub in criterion.subs
        ],
    }


def aspect_view(aspect: Aspect) -> dict[str, Any]:
    """An aspect as a tablet shows it."""
    view: dict[str, Any] = {
        "key": aspect.key,
        "title": aspect.title,
        "method": aspect.method,
        "max": aspect.max,
        "note": aspect.note,
        "requirement": aspect.requirement,
    }
    if aspect.method == "judgement":
        view["descriptors"] = list(aspect.descriptors)
    elif aspect.method == "points":
        view |= {"low": aspect.low, "step": aspect.step}
    else:
        measure = aspect.measure
        view["measure"] = {
            "kind": measure.kind if measure else "pass_fail",
            "params": dict(measure.params) if measure else {},
        }
        view["choices"] = list(choices(measure))
        if found := tolerance.pieces(measure, parse(aspect.max)):
            view["tolerance"] = [list(piece) for piece in found]
    return view


def session_view(stream: Stream, session: str) -> dict[str, Any]:
    """A session's clock and stations by unit."""
    found = stream.sessions[session]
    return {
        "id": found.id,
        "component": found.component,
        "batch": found.batch,
        "name": found.name,
        "state": found.state,
        "started": found.started,
        "paused_at": found.paused_at,
        "paused_ms": found.paused_ms,
        "stopped": found.stopped,
        "minutes": found.minutes,
    }


def seat_hello(state: State, seat: str) -> dict[str, Any]:
    """Everything a seat's page stands on: who it is, the schemes, the sessions, its sheets."""
    record = state.setup.seats[seat]
    stream = state.streams.get(f"{record.trade}.{record.stage}.{record.site}")
    trade = state.setup.trades.get(record.trade)
    stage = state.setup.stages.get(f"{record.trade}/{record.stage}")
    competition = state.setup.competition
    hello: dict[str, Any] = {
        "seat": {"key": seat, "label": record.label or record.id, "role": record.role, "panel": record.panel},
        "competition": competition.name if competition else {},
        "trade": trade.name if trade else {},
        "stage": stage.name if stage else {},
        "stream": stream.name if stream else f"{record.trade}.{record.stage}.{record.site}",
        "marking": stream.marking if stream else "setup",
        "sheets": [],
        "groups": {},
        "sessions": [],
    }
    if stream is None or not stream.frozen:
        return hello
    hello["mode"] = stream.panel_mode.get(record.panel, "own")
    hello["groups"] = {key: rules_view(rules) for key, rules in stream.groups.items()}
    hello["sessions"] = [session_view(stream, key) for key in stream.sessions]
    hello["sheets"] = sheets_since(state, stream, seat, 0)
    return hello


def late_of(stream: Stream, sheet: Sheet, seat: str) -> dict[str, dict[str, str]]:
    """What became of the late marks that a seat's tablet sent for a sheet: line -> applied or left_out, and
    why; those that wait are not named."""
    aspects = {a.key for a in stream.groups[stream.units[sheet.unit].group].subs[sheet.sub].aspects}
    return {
        str(late.n): {"settled": late.settled, "reason": late.reason}
        for late in stream.late.values()
        if late.by == seat and late.settled and late.unit == sheet.unit and late.aspect in aspects
    }


def gone_view(stream: Stream, sheet: Sheet, seat: str) -> dict[str, Any]:
    """A sheet that a seat has left, with what became of its late marks."""
    late = late_of(stream, sheet, seat)
    return {"unit": sheet.unit, "sub": sheet.sub, "gone": True, **({"late": late} if late else {})}


def sheets_since(state: State, stream: Stream, seat: str, n: int) -> list[dict[str, Any]]:
    """The seat's sheets that changed after line n, by code and sub-criterion; a sheet it left says so."""
    everything = sees_all(stream, seat)
    found: list[dict[str, Any]] = []
    for (unit, sub), sheet in stream.sheets.items():
        if sheet.touched <= n:
            continue
        if everything or seat in sheet.roster:
            found.append(sheet_for(state, stream, unit, sub, seat))
        elif n and any(seat == left for left, _, _ in sheet.left):
            found.append(gone_view(stream, sheet, seat))
    return found


def chief_matrix(state: State, stream: Stream) -> dict[str, Any]:
    """The chief's overview: codes x sub-criteria with each sheet's state, the tray, what stands in the way
    of the lock.

    No value that is not revealed, no name, no delegation.
    """
    subs = sorted({sub for rules in stream.groups.values() for sub in rules.component_of})
    rows = []
    for unit in sorted(stream.units.values(), key=lambda u: u.code):
        rows.append({
            "unit": unit.id,
            "code": unit.code,
            "group": unit.group,
            "statuses": {scope: {"status": f.status, "reason": f.reason} for scope, f in
            unit.statuses.items()}, "present": dict(unit.present),
            "imported": {c: {"value": v, "status": s} for c, (v, s) in unit.imported.items()},
            "cells": {sub: _matrix_cell(stream, unit, sub) for sub in subs},
        })  # fmt: skip
    return {
        "stream": stream.name,
        "marking": stream.marking,
        "subs": subs,
        "rows": rows,
        "sessions": [session_view(stream, key) for key in stream.sessions],
        "locks": sorted(stream.locks),
        "late": [
            {
                "n": late.n,
                "code": stream.units[late.unit].code,
                "aspect": late.aspect,
                "seat": stream.seats[late.seat].label if late.seat in stream.seats else late.seat,
                "why": late.why,
                "at": late.at,
                "settled": late.settled,
            }
            for late in stream.late.values()
        ],
        "imports": [
            {
                "n": n,
                "component": i.component,
                "digest": i.digest,
                "rows": len(i.rows),
                "by": i.by,
                "confirmed": i.confirmed_by,
            }
            for n, i in stream.imports.items()
        ],
        "missing": [
            {"code": code, "what": what, "why": why} for code, what, why in incomplete(stream, "stage")
        ],
        "frozen": bool(stream.standstill),
        "cursor": cursor(stream),
    }


def _matrix_cell(stream: Stream, unit: Unit, sub: str) -> dict[str, Any]:
    rules = stream.groups[unit.group]
    sheet = stream.sheets.get((unit.id, sub))
    if sub not in rules.subs:
        return {"state": "none"}
    gone = out(unit, rules.component_of[sub])
    if gone:
        return {"state": gone}
    if sheet is None:
        return {"state": "planned"}
    aspects = rules.subs[sub].aspects
    owed = {seat: holes(rules, sheet, stream, seat) for seat in sheet.roster}
    conflicts = sum(bool(c.others) for (a, _, r), c in sheet.cells.items() if r == sheet.rounds.get(a, 1))
    return {
        "state": sheet_state(stream, sheet),
        "done": len(aspects) * len(owed) - sum(len(h) for h in owed.values()),
        "of": len(aspects) * len(owed),
        "waiting": [stream.seats[s].label for s, h in owed.items() if h],
        "unsigned": [stream.seats[s].label for s in sheet.roster if s not in sheet.signed],
        "spread": sorted(sheet.spread),
        "conflicts": conflicts,
        "returned": sheet.returned,
        "handed": sheet.handed,
        "next": next_link(rules, sheet),
        **({"acceptance": said} if (said := acceptance.standing(rules, sheet)) else {}),
    }
