"""Marks and signatures: a seat's value, sealed until all have voted, and the signing of sheets."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET

from compsys import escalation, pictures, signing
from compsys import events as e
from compsys.asking import (
    APPLY,
    Ask,
    Decided,
    Decider,
    Place,
    Touched,
    find_sheet,
    locked,
    open_stream,
    out,
    touch_sheet,
)
from compsys.state import Cell, GroupRules, Late, Other, Sheet, State, Stream, without
from compsys.state_day import Pinned
from scoring_rules.judgement import spread
from scoring_rules.measurement import needs_reason, read
from scoring_rules.refusal import Refusal
from scoring_rules.scheme import Aspect

CellKey = tuple[str, str, int]


# ---------------------------------------------------------------- a value


def bad_value(aspect: Aspect, value: str | None) -> e.Refused | None:
    """None when a value is legal for its aspect (None = cleared is always legal), else the refusal with the
    rule."""
    if value is None:
        return None
    result = read(aspect, value)
    return e.Refused(result.code, dict(result.params)) if isinstance(result, Refusal) else None


def unsaid(aspect: Aspect, cmd: e.Mark) -> e.Refused | None:
    """reason_missing for errors counted at a tablet without words, where the scheme asks for them."""
    if aspect.method != "agreed" or cmd.via not in ("own", "panel") or cmd.note.strip():
        return None
    return e.Refused("reason_missing") if needs_reason(aspect.measure, cmd.value) else None


def whose(ask: Ask, cmd: e.Mark | e.Sign, place: Place, method: str) -> e.Refused | None:
    """None when the actor may give or sign this seat's value on this sheet (own tablet, panel tablet, keyed
    paper)."""
    actor, sheet = ask.call.actor, place.sheet
    if cmd.seat == e.ANY_SEAT:
        if method not in ("agreed", ""):
            return e.Refused("unknown_seat", {"seat": cmd.seat})
    elif sheet.left and cmd.seat == actor.id and method != "agreed" and _sends_on(cmd, sheet, actor.id):
        return None
    elif cmd.seat not in place.stream.seats:
        return e.Refused("unknown_seat", {"seat": cmd.seat})
    elif cmd.seat not in sheet.roster or method == "agreed":
        return e.Refused("not_yours", {"unit": place.unit.code, "sub": sheet.sub})
    if actor.roles == ("clerk",):
        return None if cmd.via == "paper" else e.Refused("not_allowed", {"role": "clerk"})
    if actor.id not in sheet.roster and not _sends_on(cmd, sheet, actor.id):
        return e.Refused("not_yours", {"unit": place.unit.code, "sub": sheet.sub})
    if cmd.seat in (actor.id, e.ANY_SEAT):
        return None
    panel = place.stream.seats[actor.id].panel
    same_tablet = cmd.via == "panel" and place.stream.panel_mode.get(panel) == "panel"
    return None if same_tablet else e.Refused("not_yours", {"unit": place.unit.code, "sub": sheet.sub})


def has_left(sheet: Sheet, seat: str) -> bool:
    """Whether a seat was on a sheet's roster and left: what its tablet still sends is kept, not counted."""
    return seat not in sheet.roster and any(seat == gone for gone, _, _ in sheet.left)


def _sends_on(cmd: e.Mark | e.Sign, sheet: Sheet, seat: str) -> bool:
    """Whether a mark comes from a seat that has left: it may lie in the tray, a signature may not."""
    return isinstance(cmd, e.Mark) and has_left(sheet, seat)


def too_late(place: Place, aspect: str, seat: str, round_: int) -> str:
    """Why a well-formed value can no longer be applied by itself ("" when it can): it goes to the tray."""
    stream, unit, rules, sheet = place
    if stream.marking == "locked" or locked(stream, sheet):
        return "locked"
    if sheet.complete or seat in sheet.signed or (seat == e.ANY_SEAT and sheet.signed):
        return "signed"
    if unit.statuses and out(unit, rules.component_of[sheet.sub]):
        return "status"
    if f"aspect:{aspect}" in stream.voided or f"component:{rules.component_of[sheet.sub]}" in stream.voided:
        return "voided"
    current = sheet.rounds.get(aspect, 1)
    if round_ < current:
        return "round_over"
    if (aspect, current) in sheet.revealed:
        return "revealed"
    return "resolved" if aspect in sheet.resolved else ""


def stale(state: State, stream: str, cell: Cell | None, base: int | str) -> str:
    """Whether a change's base is the cell's newest value: "" (yes), else conflict or late (the fate of the
    change it builds on)."""
    if isinstance(base, int):
        return "" if base == (cell.rev if cell else 0) else "conflict"
    kept = state.keys.get(base)
    if kept is None:
        return "conflict"
    if cell is not None and (kept.a, kept.stream, kept.n) == ("accepted", stream, cell.n):
        return ""
    return "late" if kept.a == "late" else "conflict"


def decide_mark(ask: Ask, cmd: e.Mark) -> Decided:
    """accepted, conflict or late as a line; a reveal follows when the last seat of a roster has voted."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    unit = stream.units.get(cmd.unit)
    if unit is None:
        return e.Refused("unknown_unit", {"unit": cmd.unit[:40]})
    rules = stream.groups[unit.group]
    aspect = rules.aspects.get(cmd.aspect)
    if aspect is None:
        return e.Refused("unknown_aspect", {"aspect": cmd.aspect[:40]})
    sheet = stream.sheets.get((unit.id, rules.sub_of[cmd.aspect]))
    if sheet is None:
        return e.Refused("unknown_sheet", {"unit": unit.code, "sub": rules.sub_of[cmd.aspect]})
    place = Place(stream, unit, rules, sheet)
    refusal = whose(ask, cmd, place, aspect.method) or bad_value(aspect, cmd.value) or unsaid(aspect, cmd)
    if refusal is None and cmd.round > sheet.rounds.get(cmd.aspect, 1):
        refusal = e.Refused("bad_round", {"round": str(cmd.round)})
    if refusal is not None:
        return refusal
    return _mark_lines(ask, cmd, place, aspect)


def _mark_lines(ask: Ask, cmd: e.Mark, place: Place, aspect: Aspect) -> Decided:
    cell = place.sheet.cells.get((cmd.aspect, cmd.seat, cmd.round))
    fate = stale(ask.state, cmd.stream, cell, cmd.base)
    why = "left" if place.sheet.left and has_left(place.sheet, ask.call.actor.id) else ""
    why = why or too_late(place, cmd.aspect, cmd.seat, cmd.round) or ("chained" if fate == "late" else "")
    where = {"unit": cmd.unit, "aspect": cmd.aspect, "seat": cmd.seat, "round": cmd.round}
    if why:
        late = e.MarkLate(t=ask.now, c=ask.state.n, why=why, **where)  # type: ignore[arg-type]  # the four fields of a cell
        return [ask.line(cmd.stream, late, secret=cmd.value, text=cmd.note, files=cmd.files)]
    if fate:
        conflict = e.MarkConflicted(t=ask.now, c=ask.state.n, **where)  # type: ignore[arg-type]  # the four fields of a cell
        return [ask.line(cmd.stream, conflict, secret=cmd.value, text=cmd.note, files=cmd.files)]
    rev = cell.rev + 1 if cell else 1
    sealed = aspect.method != "agreed"
    event = e.Marked(
        t=ask.now,
        c=ask.state.n,
        unit=cmd.unit,
        aspect=cmd.aspect,
        seat=cmd.seat,
        round=cmd.round,
        rev=rev,
        value=UNSET if sealed else cmd.value,
        via=cmd.via,
    )
    lines = [
        ask.line(cmd.stream, event, secret=cmd.value if sealed else None, text=cmd.note, files=cmd.files)
    ]
    if aspect.method == "judgement" and cmd.value is not None:
        lines += reveal(ask, place, cmd.aspect, place.sheet.roster, {cmd.seat: cmd.value})
    return lines


def reveal(
    ask: Ask, place: Place, aspect: str, roster: tuple[str, ...], new: Mapping[str, str | None]
) -> list[e.Drafted]:
    """The reveal line of a judgement aspect when every seat of ``roster`` has voted (``new``: votes of this
    very decision) or has an excused hole; else nothing. A seat that must choose between two values has not
    voted yet."""
    sheet = place.sheet
    round_ = sheet.rounds.get(aspect, 1)
    if (aspect, round_) in sheet.revealed or aspect in sheet.resolved:
        return []
    values: dict[str, str] = {}
    for seat in roster:
        value = new.get(seat)
        if value is None:
            cell = sheet.cells.get((aspect, seat, round_))
            if cell is not None and cell.others:
                return []
            value = cell.value if cell else None
        if value is not None:
            values[seat] = value
        elif (aspect, seat) not in sheet.excused:
            return []
    if not values:
        return []
    rule = place.rules.profile.judgement
    apart = spread([int(v) for v in values.values()])
    event = e.Revealed(
        t=ask.now,
        c=ask.state.n,
        unit=sheet.unit,
        aspect=aspect,
        round=round_,
        values=values,
        spread=apart,
        legal=apart <= rule.max_spread,
    )
    after = [] if event.legal else escalation.follows(ask, place, aspect, round_, roster)
    return [ask.more(place.stream.name, event), *after]


def apply_marked(state: State, stream: Stream, n: int, event: e.Marked, closed: e.Closed) -> Touched:
    """The cell has a new value."""
    rules = stream.groups[stream.units[event.unit].group]
    sheet = stream.sheets[(event.unit, rules.sub_of[event.aspect])]
    if event.value is UNSET:
        value = closed.secret
        _hold(stream, n, event)
    else:
        value = event.value
    once = stream.same.setdefault
    where, by, via = (event.aspect, event.seat, event.round), closed.actor, event.via
    sheet.cells[once(where, where)] = Cell(
        event.rev, once(value, value), n, once(by, by), once(via, via), closed.text, closed.files
    )
    if closed.files:
        _pin(stream, event, closed)
    if event.via == "paper":
        sheet.keyed = {**sheet.keyed, event.seat: by}
        sheet.keyers = {**sheet.keyers, event.seat: sheet.keyers.get(event.seat, frozenset()) | {by}}
    return touch_sheet(stream, sheet, n, event.aspect)


def _pin(stream: Stream, event: e.Marked | e.MarkConflicted | e.MarkLate, closed: e.Closed) -> None:
    to = Pinned(closed.actor, event.unit, event.aspect, event.seat, event.round)
    pictures.pin(stream, closed.files, to)


def unseal(stream: Stream, unit: str, aspect: str, round_: int) -> None:
    """The votes of (unit, aspect, round) are revealed: they no longer hold back the head that may be
    shown."""
    stream.unrevealed.difference_update(stream.sealed.pop((unit, aspect, round_), ()))


def apply_conflicted(
    state: State, stream: Stream, n: int, event: e.MarkConflicted, closed: e.Closed
) -> Touched:
    """Both values are kept; the cell waits for its judge."""
    sheet, method = _sheet_and_method(stream, event)
    cell = sheet.cells.get((event.aspect, event.seat, event.round))
    if cell is None:
        cell = sheet.cells[(event.aspect, event.seat, event.round)] = Cell(0, None, n)
    if closed.files:
        _pin(stream, event, closed)
    cell.others = (*cell.others, Other(closed.secret, n, closed.key, closed.actor))
    if method != "agreed":
        _hold(stream, n, event)
    return touch_sheet(stream, sheet, n, event.aspect)


def _sheet_and_method(stream: Stream, event: e.MarkConflicted | e.MarkLate) -> tuple[Sheet, str]:
    rules = stream.groups[stream.units[event.unit].group]
    return stream.sheets[(event.unit, rules.sub_of[event.aspect])], rules.aspects[event.aspect].method


def _hold(stream: Stream, n: int, event: e.Marked | e.MarkConflicted | e.MarkLate) -> None:
    """Line n holds a sealed vote: the head that may be shown stays before it until the vote is revealed."""
    stream.sealed.setdefault((event.unit, event.aspect, event.round), []).append(n)
    stream.waiting.append(n)
    stream.unrevealed.add(n)


def apply_late(state: State, stream: Stream, n: int, event: e.MarkLate, closed: e.Closed) -> Touched:
    """The value lies in the tray until the chief settles it: sealed like a vote while its round is."""
    sheet, method = _sheet_and_method(stream, event)
    shown = 0 if method == "points" else event.round
    if method != "agreed" and (event.aspect, shown) not in sheet.revealed:
        _hold(stream, n, event)
    if closed.files:
        _pin(stream, event, closed)
    stream.late[n] = Late(
        n, event.unit, event.aspect, event.seat, event.round, closed.secret, event.why, event.t, closed.actor
    )
    return (("late", stream.name),)


def apply_revealed(state: State, stream: Stream, n: int, event: e.Revealed, closed: e.Closed) -> Touched:
    """The panel sees the votes; too large a spread is marked as such."""
    rules = stream.groups[stream.units[event.unit].group]
    sheet = stream.sheets[(event.unit, rules.sub_of[event.aspect])]
    sheet.revealed[(event.aspect, event.round)] = event.values
    unseal(stream, event.unit, event.aspect, event.round)
    if not event.legal and not escalation.settled(sheet, event.aspect):
        sheet.spread |= {event.aspect}
        sheet.apart_since = {**sheet.apart_since, event.aspect: event.t}
    elif event.legal and escalation.rule_of(sheet, event.aspect, ""):
        sheet.escalated = without(sheet.escalated, event.aspect)
    return touch_sheet(stream, sheet, n, event.aspect)


# ---------------------------------------------------------------- signatures


def holes(rules: GroupRules, sheet: Sheet, stream: Stream, seat: str) -> list[str]:
    """The aspects of a sheet for which this seat (or the panel, where one value is agreed) still owes a
    value."""
    missing = []
    cells, rounds, excused, voided = sheet.cells, sheet.rounds, sheet.excused, stream.voided
    for aspect in rules.subs[sheet.sub].aspects:
        key, method = aspect.key, aspect.method
        if (voided and f"aspect:{key}" in voided) or key in sheet.resolved:
            continue
        round_ = rounds.get(key, 1)
        if method == "judgement" and (key, round_) in sheet.revealed:
            continue  # the vote is over: who joined after it owes none
        who = e.ANY_SEAT if method == "agreed" else seat
        cell = cells.get((key, who, round_))
        if (cell is None or cell.value is None) and not (excused and (key, who) in excused):
            missing.append(key)
    return missing


def unsettled(rules: GroupRules, sheet: Sheet, stream: Stream, seat: str) -> e.Refused | None:
    """None when a seat may sign a sheet: nothing blank, no two values, all votes revealed, no spread open."""
    missing = holes(rules, sheet, stream, seat)
    if missing:
        return e.Refused("holes", {"count": str(len(missing)), "aspects": " ".join(missing[:20])})
    for (aspect, who, round_), cell in sheet.cells.items():
        mine = who in (seat, e.ANY_SEAT) and round_ == sheet.rounds.get(aspect, 1)
        if cell.others and mine and f"aspect:{aspect}" not in stream.voided:
            return e.Refused("conflict_open", {"aspect": aspect})
    if sheet.spread:
        return e.Refused("spread_open", {"aspect": sorted(sheet.spread)[0]})
    for judged in (a.key for a in rules.subs[sheet.sub].aspects if a.method == "judgement"):
        settled = judged in sheet.resolved or f"aspect:{judged}" in stream.voided
        revealed = (judged, sheet.rounds.get(judged, 1)) in sheet.revealed
        if not settled and not revealed and not _all_excused(sheet, judged):
            return e.Refused("not_revealed", {"aspect": judged})
    if seat in sheet.keyed or e.ANY_SEAT in sheet.keyed:
        return e.Refused("keyed_unconfirmed", {"seat": stream.seats[seat].label})
    return None


def _all_excused(sheet: Sheet, aspect: str) -> bool:
    return all((aspect, seat) in sheet.excused for seat in sheet.roster)


def decide_sign(ask: Ask, cmd: e.Sign) -> Decided:
    """A seat's signature, or a later link of the profile's signing chain; reveals points when the last seat
    signs."""
    place = find_sheet(ask, cmd, cmd.unit, cmd.sub)
    if isinstance(place, e.Refused):
        return place
    stream, unit, rules, sheet = place
    if stream.marking == "locked" or locked(stream, sheet):
        return e.Refused("locked", {"scope": f"{unit.code} {cmd.sub}"})
    if cmd.step != "seats":
        return signing.decide_link(ask, cmd, place)
    refusal = whose(ask, cmd, place, "")
    if refusal is None and cmd.seat in sheet.signed:
        refusal = e.Refused("already_signed")
    if refusal is None:
        refusal = unsettled(rules, sheet, stream, cmd.seat)
    if refusal is not None:
        return refusal
    complete = all(seat in sheet.signed or seat == cmd.seat for seat in sheet.roster)
    event = e.Signed(**ask.stamp, unit=cmd.unit, sub=cmd.sub, seat=cmd.seat, complete=complete)
    lines = [ask.line(cmd.stream, event, text=cmd.digest)]
    if complete:
        lines += reveal_sheet(ask, place, sheet.roster)
    return lines


def reveal_sheet(ask: Ask, place: Place, roster: tuple[str, ...]) -> list[e.Drafted]:
    """The reveal line of a sheet whose points were sealed until all seats of ``roster`` had signed (nothing
    when it has no points)."""
    sheet = place.sheet
    values: dict[str, dict[str, str]] = {}
    for aspect in place.rules.subs[sheet.sub].aspects:
        if aspect.method != "points":
            continue
        for seat in roster:
            cell = sheet.cells.get((aspect.key, seat, 1))
            if cell is not None and cell.value is not None:
                values.setdefault(seat, {})[aspect.key] = cell.value
    if not values:
        return []
    return [
        ask.more(
            place.stream.name, e.SheetRevealed(**ask.stamp, unit=sheet.unit, sub=sheet.sub, values=values)
        )
    ]


def apply_signed(state: State, stream: Stream, n: int, event: e.Signed, closed: e.Closed) -> Touched:
    """The signature stands."""
    sheet = stream.sheets[(event.unit, event.sub)]
    if event.step == "seats":
        sheet.signed[event.seat] = n
        if event.complete:
            sheet.complete = True
            sheet.returned = ""
    else:
        signing.apply_link(sheet, n, event)
    return touch_sheet(stream, sheet, n, "")


def apply_sheet_revealed(
    state: State, stream: Stream, n: int, event: e.SheetRevealed, closed: e.Closed
) -> Touched:
    """All points of a signed sheet are open."""
    sheet = stream.sheets[(event.unit, event.sub)]
    for seat, values in event.values.items():
        for aspect, value in values.items():
            sheet.revealed.setdefault((aspect, 0), {})[seat] = value
    for aspect in {a for values in event.values.values() for a in values}:
        unseal(stream, event.unit, aspect, 1)
    return touch_sheet(stream, sheet, n)


DECIDE: dict[type[e.Command], Decider] = {e.Mark: decide_mark, e.Sign: decide_sign}
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    e.Marked: apply_marked,
    e.MarkConflicted: apply_conflicted,
    e.MarkLate: apply_late,
    e.Revealed: apply_revealed,
    e.SheetRevealed: apply_sheet_revealed,
    e.Signed: apply_signed,
}
