"""What would change if one mark or ruling were another: worked out on a copy, the state stays as it is.

A mark is only supposed on a signed sheet: nothing else counts, and what is sealed stays unread.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from compsys import advancing, boards_medals, marking, proposing, rulings, scoring
from compsys import events as e
from compsys.escalation import settled
from compsys.explain import LEVEL, Target
from compsys.publishing import AUDIENCES
from compsys.records import Audience, Words
from compsys.scoring import Standing, StandingRow
from compsys.state import Result, Sheet, State, Stream, Unit
from scoring_rules.exact import is_number, parse
from scoring_rules.judgement import spread
from scoring_rules.promotion_model import Proposal

CHIEF = "chief"
"""Instead of a seat: the mark that the chief decides."""


class Supposed(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What is supposed of an entry: a value of an aspect (of one seat, of every seat, of the chief), a status
    with its scope ("none" takes it back), or an amount added to a component; or, of everybody at its site,
    ``void``: "aspect:KEY" or "component:ID", for which nobody (``full``: everybody) gets the marks."""

    aspect: str = ""
    mark: str = ""
    seat: str = ""
    status: str = ""
    scope: str = "stage"
    component: str = ""
    amount: str = ""
    void: str = ""
    full: bool = False


class Changed(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One field of one entry (or delegation, in one order) before and after."""

    kind: Literal["entry", "table"]
    who: str
    field: str
    before: str
    after: str
    code: str = ""
    order: str = ""
    name: Words = {}


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Everything that would change; ``published``: versions that would say otherwise, with who has them;
    ``advance``: who would go on to a later stage, or no longer."""

    target: dict[str, str]
    supposed: Supposed
    changed: tuple[Changed, ...]
    published: tuple[dict[str, Any], ...] = ()
    advance: tuple[dict[str, Any], ...] = ()


def what_if(state: State, target: Target, supposed: Supposed) -> Outcome | e.Refused:
    """What would change; or why this cannot be supposed: the codes of a mark or ruling, and
    whatif.not_signed, whatif.spread, whatif.nothing, whatif.decided."""
    found = _unit(state, target)
    if found is None:
        return e.Refused("unknown_unit", {"unit": target.entry[:40]})
    before = scoring.standing(state, *target[:3], LEVEL)
    other, stream, unit = copied(state, *found, whole=bool(supposed.void))
    refusal = _suppose(other, stream, unit, supposed)
    if refusal is not None:
        return refusal
    after = scoring.standing(other, *target[:3], LEVEL)
    changed = (*_entries(before, after), *_promotions(state, other, before, after))
    _publish(other, target)
    return Outcome(
        target=target._asdict(),
        supposed=supposed,
        changed=(*changed, *_tables(state, other, target)),
        published=_published(state, other, target),
        advance=_advance(state, other, target),
    )


def _unit(state: State, target: Target) -> tuple[Stream, Unit] | None:
    for stream in state.streams_of(target.trade, target.stage):
        unit = stream.units.get(stream.by_entry.get(target.entry, ""))
        if unit is not None and unit.group == target.group and stream.frozen:
            return stream, unit
    return None


def copied(
    state: State, stream: Stream, unit: Unit, *, whole: bool = False
) -> tuple[State, Stream, Unit]:
    """A state of its own as far as one unit's (``whole``: every unit of the stream's) marks, statuses and
    scores go; the rest is shared and must only be read."""
    other, mine = copy.copy(state), copy.copy(stream)
    touched = stream.units.values() if whole else (unit,)
    mine.units = {**stream.units, **{one.id: _unit_of(one) for one in touched}}
    mine.sheets = {
        key: _sheet(sheet) if whole or key[0] == unit.id else sheet for key, sheet in stream.sheets.items()
    }
    mine.same, mine.sealed, mine.unrevealed = {}, dict(stream.sealed), set(stream.unrevealed)
    mine.history, mine.dirty, mine.voided = list(stream.history), set(stream.dirty), dict(stream.voided)
    other.streams = {**state.streams, stream.name: mine}
    # Ladders hold what was touched in the streams that they were made over: the copy makes its own.
    other.ladders, other.results = {}, dict(state.results)
    return other, mine, mine.units[unit.id]


def _unit_of(unit: Unit) -> Unit:
    mine = copy.copy(unit)
    mine.statuses, mine.adjustments, mine.scores = dict(unit.statuses), dict(unit.adjustments), {}
    return mine


def _sheet(sheet: Sheet) -> Sheet:
    mine = copy.copy(sheet)
    mine.cells = dict(sheet.cells)
    mine.revealed = {key: dict(values) for key, values in sheet.revealed.items()}
    mine.scores = {}
    return mine


# ---------------------------------------------------------------- what is supposed


def _suppose(state: State, stream: Stream, unit: Unit, supposed: Supposed) -> e.Refused | None:
    """Fold what is supposed into the copy, as its line would be."""
    if supposed.aspect:
        drafted = _mark(stream, unit, supposed)
    elif supposed.status:
        drafted = _status(stream, unit, supposed)
    elif supposed.amount:
        drafted = _amount(stream, unit, supposed)
    elif supposed.void:
        drafted = _void(stream, unit, supposed)
    else:
        drafted = e.Refused("whatif.nothing")
    if isinstance(drafted, e.Refused):
        return drafted
    fold = {**marking.APPLY_TABLE, **rulings.APPLY_TABLE}[type(drafted)]
    fold(state, stream, stream.n, drafted, e.Closed(salt=""))
    return None


def _mark(stream: Stream, unit: Unit, supposed: Supposed) -> e.AnyEvent | e.Refused:
    rules = stream.groups[unit.group]
    aspect = rules.aspects.get(supposed.aspect)
    if aspect is None:
        return e.Refused("unknown_aspect", {"aspect": supposed.aspect[:40]})
    sheet = stream.sheets.get((unit.id, rules.sub_of[aspect.key]))
    if sheet is None or not sheet.complete:
        return e.Refused("whatif.not_signed", {"unit": unit.code, "sub": rules.sub_of[aspect.key]})
    if supposed.seat == CHIEF:
        top = rules.maxima[aspect.key]
        if not is_number(supposed.mark) or not 0 <= parse(supposed.mark) <= top:
            return e.Refused("out_of_range", {"value": supposed.mark[:40], "low": "0", "high": aspect.max})
        if aspect.method != "judgement":
            return e.Refused("whatif.decided", {"aspect": aspect.key})
        return e.Resolved(unit=unit.id, aspect=aspect.key, mark=supposed.mark)
    refusal = marking.bad_value(aspect, supposed.mark)
    if refusal is not None:
        return refusal
    if aspect.method == "agreed":
        cell = sheet.cells.get((aspect.key, e.ANY_SEAT, 1))
        rev = cell.rev + 1 if cell else 1
        return e.Marked(
            unit=unit.id, aspect=aspect.key, seat=e.ANY_SEAT, round=1, rev=rev, value=supposed.mark
        )
    seats = _seats(stream, sheet, supposed.seat)
    if isinstance(seats, e.Refused):
        return seats
    given = dict.fromkeys(seats, supposed.mark)
    if aspect.method == "points":
        values = _points(sheet)
        for seat, value in given.items():
            values[seat] = {**values.get(seat, {}), aspect.key: value}
        return e.SheetRevealed(unit=unit.id, sub=sheet.sub, values=values)
    round_ = sheet.rounds.get(aspect.key, 1)
    votes = {**sheet.revealed.get((aspect.key, round_), {}), **given}
    apart, limit = spread([int(v) for v in votes.values()]), rules.profile.judgement.max_spread
    if apart > limit and not settled(sheet, aspect.key):
        return e.Refused("whatif.spread", {"aspect": aspect.key, "spread": str(apart), "max": str(limit)})
    return e.Revealed(
        unit=unit.id, aspect=aspect.key, round=round_, values=votes, spread=apart, legal=apart <= limit
    )


def _seats(stream: Stream, sheet: Sheet, wanted: str) -> tuple[str, ...] | e.Refused:
    """The seats of the roster that ``wanted`` names by key, last part of the key or label ("" = all)."""
    found = tuple(
        seat
        for seat in sheet.roster
        if not wanted or wanted in (seat, seat.rpartition("/")[2], stream.seats[seat].label)
    )
    return found or e.Refused("unknown_seat", {"seat": wanted[:40]})


def _points(sheet: Sheet) -> dict[str, dict[str, str]]:
    """seat -> aspect -> points as revealed with the sheet."""
    found: dict[str, dict[str, str]] = {}
    for (aspect, round_), values in sheet.revealed.items():
        if round_ == 0:
            for seat, value in values.items():
                found.setdefault(seat, {})[aspect] = value
    return found


STATUSES = ("absent", "not_finished", "withdrawn", "zeroed", "excluded")


def _status(stream: Stream, unit: Unit, supposed: Supposed) -> e.AnyEvent | e.Refused:
    scopes = {"stage"} | {f"component:{c.id}" for c in stream.groups[unit.group].components}
    if supposed.scope not in scopes:
        return e.Refused("bad_scope", {"scope": supposed.scope[:60]})
    if supposed.status == "none":
        if supposed.scope not in unit.statuses:
            return e.Refused("bad_status", {"status": "none"})
        return e.StatusSet(unit=unit.id, scope=supposed.scope, status=None)
    if supposed.status not in STATUSES:
        return e.Refused("bad_status", {"status": supposed.status[:40]})
    return e.StatusSet(unit=unit.id, scope=supposed.scope, status=supposed.status)


def _amount(stream: Stream, unit: Unit, supposed: Supposed) -> e.AnyEvent | e.Refused:
    components = [c.id for c in stream.groups[unit.group].components]
    component = supposed.component or (components[0] if len(components) == 1 else "")
    if component not in components:
        return e.Refused("unknown_component", {"component": component[:40]})
    if not is_number(supposed.amount):
        return e.Refused("not_a_number", {"value": supposed.amount[:40]})
    return e.Adjusted(id="", unit=unit.id, component=component, amount=supposed.amount, signers=())


def _void(stream: Stream, unit: Unit, supposed: Supposed) -> e.AnyEvent | e.Refused:
    kind, _, what = supposed.void.partition(":")
    rules = stream.groups[unit.group]
    if kind == "component" and what in [c.id for c in rules.components]:
        return e.Voided(what=supposed.void, full=supposed.full)
    if kind == "aspect" and what in rules.aspects:
        return e.Voided(what=supposed.void, full=supposed.full)
    return e.Refused("unknown_aspect" if kind == "aspect" else "unknown_component", {kind[:20]: what[:40]})


# ---------------------------------------------------------------- what would change


def _row(row: StandingRow, found: Standing) -> dict[str, str]:
    rules = found.rules
    gone = row.score.status in ("absent", "withdrawn", "excluded")
    total = "" if gone or rules is None else rules.profile.rounding.show_total(row.total)
    place = "" if row.place is None else str(row.place)
    about = {"scale": row.scale, "medal": row.medal, "prize": row.prize, "status": row.score.status}
    return {"total": total, "place": place, **about}


def _entries(before: Standing, after: Standing) -> tuple[Changed, ...]:
    """Every field of every entry that differs, in the order of the standing after."""
    old = {row.entry: _row(row, before) for row in before.rows}
    found: list[Changed] = []
    for row in after.rows:
        new = _row(row, after)
        was = old.get(row.entry, dict.fromkeys(new, ""))
        found += (
            Changed(kind="entry", who=row.entry, code=row.code, field=f, before=was[f], after=new[f])
            for f in new if was[f] != new[f]
        )  # fmt: skip
    return tuple(found)


def _promotions(state: State, other: State, before: Standing, after: Standing) -> Iterator[Changed]:
    """Levels and honours that would be proposed otherwise, as for persons who hold none."""
    old, new = proposing.proposals(state, before), proposing.proposals(other, after)
    codes = {row.entry: row.code for row in after.rows}
    for entry in new:
        for field in ("promotion", "honours"):
            was, now = (_proposed(found.get(entry), field) for found in (old, new))
            if was != now:
                yield Changed(kind="entry", who=entry, code=codes[entry], field=field, before=was, after=now)


def _proposed(proposal: Proposal | None, field: str) -> str:
    if proposal is None:
        return ""
    return (proposal.level or "") if field == "promotion" else ", ".join(proposal.honours)


def _publish(other: State, target: Target) -> None:
    """In the copy, a version with what would stand now takes the place of the standing one."""
    result = other.results.get(target[:3])
    if result is None or not result.versions or result.annulled:
        return
    newest = result.versions[-1]
    rows = scoring.result_rows(other, *target[:3])
    supposed = msgspec.structs.replace(newest, version=newest.version + 1, rows=rows)
    other.results[target[:3]] = Result(
        versions=[*result.versions, supposed],
        lines=[*result.lines, 0],
        times=[*result.times, result.times[-1]],
        released=dict.fromkeys(result.released, len(result.versions)),
        reasons=[*result.reasons, ""],
    )


def _widest(result: Result | None) -> Audience:
    """The widest audience that has a version of the result: its medal table is looked at."""
    found: Audience = "office"
    for audience in AUDIENCES:
        if result is not None and audience in result.released:
            found = audience  # type: ignore[assignment]  # AUDIENCES are the audiences
    return found


def _tables(state: State, other: State, target: Target) -> tuple[Changed, ...]:
    """The medal table's rows that differ, in each official order."""
    audience = _widest(state.results.get(target[:3]))
    orders = state.setup.competition.table_orders if state.setup.competition else ()
    found: list[Changed] = []
    for order in orders:
        tables = [boards_medals.picture(s, order, orders, audience)["rows"] for s in (state, other)]
        old, new = ({row["key"]: row for row in rows} for rows in tables)
        for key in dict.fromkeys([*new, *old]):
            found += _cells(key, order, old.get(key, {}), new.get(key, {}))
    return tuple(found)


def _cells(key: str, order: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Changed]:
    return [
        Changed(
            kind="table", who=key, order=order, field=f, name=(new or old)["name"],
            before=str(old.get(f, "")), after=str(new.get(f, "")),
        )
        for f in ("place", "gold", "silver", "bronze", "excellence", "points")
        if old.get(f) != new.get(f)
    ]  # fmt: skip


def _published(state: State, other: State, target: Target) -> tuple[dict[str, Any], ...]:
    """The versions that somebody has and that would say otherwise."""
    result = state.results.get(target[:3])
    if result is None or not result.versions:
        return ()
    now = {row.entry: row for row in scoring.result_rows(other, *target[:3])}
    found = []
    for index in sorted({*result.released.values(), len(result.versions) - 1}):
        version = result.versions[index]
        differs = [row.entry for row in version.rows if now.get(row.entry) != row]
        if differs:
            has = [audience for audience in AUDIENCES if result.released.get(audience) == index]
            about = {"version": version.version, "rank": version.rank, "audiences": has}
            found.append({**about, "entries": len(differs)})
    return tuple(found)


def _advance(state: State, other: State, target: Target) -> tuple[dict[str, Any], ...]:
    """Who would go on to a later stage by the cut that was decided, and who no longer."""
    rows = scoring.result_rows(other, *target[:3])
    found = []
    for (trade, to, group), went in state.advanced.items():
        if (trade, group, went.stage) != (target.trade, target.group, target.stage):
            continue
        asked = advancing.again(trade, to, group, went)
        chosen = advancing.select(state.setup, asked, rows, went.version, went.withdrawn).entries
        joins = [entry for entry in chosen if entry not in went.entries]
        leaves = [entry for entry in went.entries if entry not in chosen]
        if joins or leaves:
            found.append({"to": to, "joins": joins, "leaves": leaves})
    return tuple(found)
