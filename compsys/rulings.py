"""What the chief decides: returns, re-votes, spreads, holes, voids, rosters, late marks, statuses."""

from __future__ import annotations

from msgspec import UNSET

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
    touch_all,
    touch_sheet,
    touch_unit,
    unaccept,
)
from compsys.marking import has_left, holes, reveal, reveal_sheet, too_late, unseal
from compsys.people import MARKERS, recused
from compsys.state import NOTHING, Cell, Sheet, State, StatusFact, Stream, without
from scoring_rules.exact import parse


def _place_of_aspect(ask: Ask, cmd: e.Revote | e.Resolve | e.Excuse) -> Place | e.Refused:
    """The open sheet an aspect of a unit is on; refused when unknown or locked."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    unit = stream.units.get(cmd.unit)
    if unit is None:
        return e.Refused("unknown_unit", {"unit": cmd.unit[:40]})
    sub = stream.groups[unit.group].sub_of.get(cmd.aspect)
    if sub is None:
        return e.Refused("unknown_aspect", {"aspect": cmd.aspect[:40]})
    place = find_sheet(ask, cmd, cmd.unit, sub)
    if isinstance(place, Place) and locked(stream, place.sheet):
        return e.Refused("locked", {"scope": f"{unit.code} {sub}"})
    if isinstance(place, Place) and not cmd.reason.strip():
        return e.Refused("reason_missing")
    return place


def decide_return(ask: Ask, cmd: e.Return) -> Decided:
    """Give a signed sheet back: its signatures fall, its values stay and can be changed."""
    place = find_sheet(ask, cmd, cmd.unit, cmd.sub)
    if isinstance(place, e.Refused):
        return place
    if locked(place.stream, place.sheet):
        return e.Refused("locked", {"scope": f"{place.unit.code} {cmd.sub}"})
    if not place.sheet.signed:
        return e.Refused("not_signed", {"unit": place.unit.code, "sub": cmd.sub})
    if place.sheet.acceptance and place.sheet.acceptance.state == "disputed":
        return e.Refused("disputed", {"unit": place.unit.code, "sub": cmd.sub})
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    return [ask.line(cmd.stream, e.Returned(**ask.stamp, unit=cmd.unit, sub=cmd.sub), text=cmd.reason)]


def apply_returned(state: State, stream: Stream, n: int, event: e.Returned, closed: e.Closed) -> Touched:
    """Signatures fall; points revealed by them are closed to scoring until signed again."""
    sheet = stream.sheets[(event.unit, event.sub)]
    sheet.signed.clear()
    sheet.steps, sheet.handed = NOTHING, ""
    sheet.complete = False
    sheet.returned = closed.text or "-"
    sheet.returns += ((n, closed.text),)
    for key in [k for k in sheet.revealed if k[1] == 0]:
        del sheet.revealed[key]
    tell(stream, n, event, f"{event.unit}.{event.sub}", closed.text)
    return touch_sheet(stream, sheet, n)


def tell(stream: Stream, n: int, event: e.AnyEvent, subject: str, text: str) -> None:
    """Note in the stream's history what was decided, about what, and why."""
    stream.history.append((n, event.t, type(event).__name__.lower(), subject, text))


def decide_revote(ask: Ask, cmd: e.Revote) -> Decided:
    """The next round of an aspect whose spread was too large (or whose sheet was returned): all vote again,
    sealed."""
    place = _place_of_aspect(ask, cmd)
    if isinstance(place, e.Refused):
        return place
    sheet, current = place.sheet, place.sheet.rounds.get(cmd.aspect, 1)
    again = bool(sheet.returned) and (cmd.aspect, current) in sheet.revealed
    if cmd.aspect not in sheet.spread and not again:
        return e.Refused("not_spread", {"aspect": cmd.aspect})
    if "lead" in ask.call.actor.roles and ask.call.actor.id not in sheet.roster:
        return e.Refused("not_yours", {"unit": place.unit.code, "sub": sheet.sub})
    if cmd.aspect in sheet.spread and current >= place.rules.profile.judgement.max_rounds:
        return e.Refused("rounds_used", {"rounds": str(current)})
    event = e.RoundOpened(**ask.stamp, unit=cmd.unit, aspect=cmd.aspect, round=current + 1)
    return [ask.line(cmd.stream, event, text=cmd.reason)]


def apply_round_opened(
    state: State, stream: Stream, n: int, event: e.RoundOpened, closed: e.Closed
) -> Touched:
    """All vote again, and who had signed a returned sheet already signs again; the earlier rounds stay."""
    sheet = sheet_of(stream, event.unit, event.aspect)
    sheet.signed.clear()
    sheet.rounds = {**sheet.rounds, event.aspect: event.round}
    sheet.spread -= {event.aspect}
    sheet.resolved = without(sheet.resolved, event.aspect)
    sheet.escalated = without(sheet.escalated, event.aspect)
    tell(stream, n, event, f"{event.unit}.{event.aspect}", closed.text)
    return touch_sheet(stream, sheet, n)


def sheet_of(stream: Stream, unit: str, aspect: str) -> Sheet:
    """The sheet an aspect of a unit is on."""
    return stream.sheets[(unit, stream.groups[stream.units[unit].group].sub_of[aspect])]


def decide_resolve(ask: Ask, cmd: e.Resolve) -> Decided:
    """The chief's mark once the profile's rounds are used up."""
    place = _place_of_aspect(ask, cmd)
    if isinstance(place, e.Refused):
        return place
    sheet, current = place.sheet, place.sheet.rounds.get(cmd.aspect, 1)
    if cmd.aspect not in sheet.spread:
        return e.Refused("not_spread", {"aspect": cmd.aspect})
    if current < place.rules.profile.judgement.max_rounds:
        return e.Refused("rounds_left", {"rounds": str(place.rules.profile.judgement.max_rounds - current)})
    maximum = place.rules.maxima[cmd.aspect]
    if not 0 <= parse(cmd.mark) <= maximum:
        return e.Refused("out_of_range", {"value": cmd.mark, "low": "0", "high": str(maximum)})
    event = e.Resolved(**ask.stamp, unit=cmd.unit, aspect=cmd.aspect, mark=cmd.mark)
    return [ask.line(cmd.stream, event, text=cmd.reason)]


def apply_resolved(state: State, stream: Stream, n: int, event: e.Resolved, closed: e.Closed) -> Touched:
    """The chief's mark stands for the panel's."""
    sheet = sheet_of(stream, event.unit, event.aspect)
    sheet.resolved = {**sheet.resolved, event.aspect: (event.mark, closed.text)}
    sheet.spread -= {event.aspect}
    tell(stream, n, event, f"{event.unit}.{event.aspect}", closed.text)
    return touch_sheet(stream, sheet, n)


def decide_excuse(ask: Ask, cmd: e.Excuse) -> Decided:
    """A reason for a hole; only where there is one."""
    place = _place_of_aspect(ask, cmd)
    if isinstance(place, e.Refused):
        return place
    sheet = place.sheet
    method = place.rules.aspects[cmd.aspect].method
    if (cmd.seat == e.ANY_SEAT) != (method == "agreed") or (
        cmd.seat != e.ANY_SEAT and cmd.seat not in sheet.roster
    ):
        return e.Refused("unknown_seat", {"seat": cmd.seat})
    if cmd.aspect not in holes(place.rules, sheet, place.stream, cmd.seat):
        return e.Refused("bad_scope", {"scope": cmd.aspect})
    event = e.Excused(**ask.stamp, unit=cmd.unit, aspect=cmd.aspect, seat=cmd.seat)
    lines = [ask.line(cmd.stream, event, text=cmd.reason)]
    if method == "judgement":
        cell = sheet.cells.get((cmd.aspect, cmd.seat, sheet.rounds.get(cmd.aspect, 1)))
        rest = tuple(seat for seat in sheet.roster if seat != cmd.seat)
        if cell is None or not cell.others:
            lines += reveal(ask, place, cmd.aspect, rest, {})
    return lines


def apply_excused(state: State, stream: Stream, n: int, event: e.Excused, closed: e.Closed) -> Touched:
    """The hole has a reason."""
    sheet = sheet_of(stream, event.unit, event.aspect)
    sheet.excused = {**sheet.excused, (event.aspect, event.seat): closed.text}
    tell(stream, n, event, f"{event.unit}.{event.aspect}", closed.text)
    return touch_sheet(stream, sheet, n)


def decide_void(ask: Ask, cmd: e.Void) -> Decided:
    """An aspect or component out for everybody: full marks to all, or counted for nobody."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    kind, _, what = cmd.what.partition(":")
    known = {
        "aspect": any(what in rules.aspects for rules in stream.groups.values()),
        "component": any(what == c.id for rules in stream.groups.values() for c in rules.components),
    }
    if not known.get(kind):
        return e.Refused("bad_scope", {"scope": cmd.what[:60]})
    if stream.locks:
        return e.Refused("locked", {"scope": next(iter(stream.locks))})
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    return [ask.line(cmd.stream, e.Voided(**ask.stamp, what=cmd.what, full=cmd.full), text=cmd.reason)]


def apply_voided(state: State, stream: Stream, n: int, event: e.Voided, closed: e.Closed) -> Touched:
    """Every unit's score changes."""
    stream.voided[event.what] = (event.full, closed.text)
    kind, _, what = event.what.partition(":")
    for sheet in stream.sheets.values():
        if kind == "component" or what in stream.groups[stream.units[sheet.unit].group].sub_of:
            sheet.spread -= {what}
            sheet.touched = n
            if kind == "aspect" and stream.groups[stream.units[sheet.unit].group].sub_of[what] == sheet.sub:
                unaccept(sheet)
    tell(stream, n, event, event.what, closed.text)
    return touch_all(stream)


def decide_change_roster(ask: Ask, cmd: e.ChangeRoster) -> Decided:
    """A seat leaves its unsigned sheets; a reserve may join. Votes that only waited for the leaver are
    revealed. In a rotation over all units the leaver stays on the sheets where who joins is recused: they are
    told, and somebody else is found for them."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    if cmd.leaves not in stream.seats:
        return e.Refused("unknown_seat", {"seat": cmd.leaves})
    joins = stream.seats.get(cmd.joins)
    if cmd.joins and (joins is None or joins.role not in MARKERS or cmd.joins == cmd.leaves):
        return e.Refused("unknown_seat", {"seat": cmd.joins})
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    chosen: list[tuple[Place, tuple[str, ...]]] = []
    skipped: list[tuple[str, str]] = []
    for sheet in stream.sheets.values():
        if (
            cmd.leaves not in sheet.roster
            or sheet.complete
            or cmd.leaves in sheet.signed
            or locked(stream, sheet)
        ):
            continue
        if cmd.unit not in ("*", sheet.unit):
            continue
        unit = stream.units[sheet.unit]
        rules = stream.groups[unit.group]
        entry = ask.state.setup.entries.get(unit.entry)
        blocks = rules.profile.recusal != "declare"
        if joins and entry and blocks and recused(joins.affiliations, entry.delegation):
            skipped.append((sheet.unit, sheet.sub))
            continue
        rest = tuple(s for s in sheet.roster if s != cmd.leaves)
        roster = (*rest, cmd.joins) if cmd.joins and cmd.joins not in rest else rest
        least = rules.profile.panel_min_seats
        if len(roster) < least:
            return e.Refused("panel_too_small", {"unit": unit.code, "sub": sheet.sub, "min": str(least)})
        chosen.append((Place(stream, unit, rules, sheet), roster))
    if joins and skipped and (cmd.unit != "*" or not chosen):
        return e.Refused("recused", {"seat": joins.label})
    if not chosen:
        return e.Refused("unknown_sheet", {"unit": cmd.unit, "sub": "*"})
    sheets = tuple((place.sheet.unit, place.sheet.sub) for place, _ in chosen)
    event = e.RosterChanged(
        **ask.stamp,
        leaves=cmd.leaves,
        joins=cmd.joins,
        sheets=sheets,
        everywhere=cmd.unit == "*",
        skipped=tuple(skipped) or UNSET,
    )
    return [ask.line(cmd.stream, event, text=cmd.reason), *_reveal_after_leaving(ask, chosen)]


def _reveal_after_leaving(ask: Ask, chosen: list[tuple[Place, tuple[str, ...]]]) -> list[e.Drafted]:
    lines: list[e.Drafted] = []
    for place, roster in chosen:
        for aspect in place.rules.subs[place.sheet.sub].aspects:
            if aspect.method == "judgement":
                lines += reveal(ask, place, aspect.key, roster, {})
        if _all_signed(place.sheet, roster):
            lines += reveal_sheet(ask, place, roster)
    return lines


def _all_signed(sheet: Sheet, roster: tuple[str, ...]) -> bool:
    """Whether only the leaver's signature was missing."""
    return all(seat in sheet.signed for seat in roster)


def apply_roster_changed(
    state: State, stream: Stream, n: int, event: e.RosterChanged, closed: e.Closed
) -> Touched:
    """The sheets have another roster; what the leaver gave no longer counts. A sheet that all others had
    signed is complete."""
    if event.everywhere:
        stream.left.add(event.leaves)
    touched: Touched = ()
    for unit, sub in event.sheets:
        sheet = stream.sheets[(unit, sub)]
        rest = tuple(s for s in sheet.roster if s != event.leaves)
        sheet.roster = (*rest, event.joins) if event.joins and event.joins not in rest else rest
        sheet.left += ((event.leaves, event.joins, closed.text),)
        sheet.keyed = without(sheet.keyed, event.leaves)
        sheet.keyers = without(sheet.keyers, event.leaves)
        if _all_signed(sheet, sheet.roster):
            sheet.complete, sheet.returned = True, ""
        touched += touch_sheet(stream, sheet, n)
    tell(stream, n, event, f"{event.leaves} > {event.joins or '-'}", closed.text)
    return touched


def decide_settle_late(ask: Ask, cmd: e.SettleLate) -> Decided:
    """Apply a late mark (its sheet must take it now) or leave it out."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    late = stream.late.get(cmd.n)
    if late is None:
        return e.Refused("late_unknown", {"n": str(cmd.n)})
    if late.settled:
        return e.Refused("late_settled", {"n": str(cmd.n)})
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    unit = stream.units[late.unit]
    rules = stream.groups[unit.group]
    place = Place(stream, unit, rules, stream.sheets[(late.unit, rules.sub_of[late.aspect])])
    rev = 0
    if cmd.accept:
        why = "left" if has_left(place.sheet, late.seat) else ""
        why = why or too_late(place, late.aspect, late.seat, late.round)
        if why:
            return e.Refused("locked" if why == "locked" else "bad_scope", {"scope": why})
        cell = place.sheet.cells.get((late.aspect, late.seat, late.round))
        rev = cell.rev + 1 if cell else 1
    event = e.LateSettled(**ask.stamp, of=cmd.n, accept=cmd.accept, rev=rev)
    lines = [ask.line(cmd.stream, event, text=cmd.reason)]
    if cmd.accept and rules.aspects[late.aspect].method == "judgement":
        lines += reveal(ask, place, late.aspect, place.sheet.roster, {late.seat: late.value})
    return lines


def apply_late_settled(
    state: State, stream: Stream, n: int, event: e.LateSettled, closed: e.Closed
) -> Touched:
    """The tray has one less; an applied value is the cell's newest."""
    late = stream.late[event.of]
    late.settled, late.reason = "applied" if event.accept else "left_out", closed.text
    if not event.accept:
        stream.unrevealed.discard(event.of)  # it will never be a vote
    touched: Touched = (("late", stream.name),)
    tell(stream, n, event, f"{late.unit}.{late.aspect}", closed.text)
    sheet = sheet_of(stream, late.unit, late.aspect)
    if not event.accept:
        touched += touch_sheet(stream, sheet, n, "")  # its seat hears what became of it
    else:
        sheet.cells[(late.aspect, late.seat, late.round)] = Cell(event.rev, late.value, n, late.seat, "late")
        touched += touch_sheet(stream, sheet, n)
    return touched


def decide_confirm_keyed(ask: Ask, cmd: e.ConfirmKeyed) -> Decided:
    """A second person reads the paper blind: where the readings differ, those values must be keyed again."""
    place = find_sheet(ask, cmd, cmd.unit, cmd.sub)
    if isinstance(place, e.Refused):
        return place
    if cmd.seat not in place.sheet.keyed:
        return e.Refused("unknown_sheet", {"unit": place.unit.code, "sub": cmd.sub})
    if ask.call.actor.id in place.sheet.keyers[cmd.seat]:
        return e.Refused("same_person")
    differs = []
    for aspect in place.rules.subs[cmd.sub].aspects:
        who = e.ANY_SEAT if aspect.method == "agreed" else cmd.seat
        cell = place.sheet.cells.get((aspect.key, who, place.sheet.rounds.get(aspect.key, 1)))
        if cell is not None and cell.via != "paper":
            continue  # given on a tablet: not on the paper, and no business of whoever reads it
        if not _equal(cell.value if cell else None, cmd.values.get(aspect.key)):
            differs.append(aspect.key)
    event = e.KeyedConfirmed(**ask.stamp, unit=cmd.unit, sub=cmd.sub, seat=cmd.seat, differs=tuple(differs))
    return [ask.line(cmd.stream, event)]


def _equal(one: str | None, two: str | None) -> bool:
    """Compared as the paper reads: same text, or same number (``2`` and ``2.0``)."""
    if one == two or one is None or two is None:
        return one == two
    try:
        return parse(one) == parse(two)
    except ValueError:
        return False


def apply_keyed_confirmed(
    state: State, stream: Stream, n: int, event: e.KeyedConfirmed, closed: e.Closed
) -> Touched:
    """Equal readings free the sheet for signature."""
    sheet = stream.sheets[(event.unit, event.sub)]
    if not event.differs:
        sheet.keyed = without(sheet.keyed, event.seat)
        sheet.keyers = without(sheet.keyers, event.seat)
    tell(stream, n, event, f"{event.unit}.{event.sub}", " ".join(event.differs))
    return touch_sheet(stream, sheet, n)


def decide_adjust(ask: Ask, cmd: e.Adjust) -> Decided:
    """A penalty or bonus with reason and enough signers; the same id again replaces it, amount 0 takes it
    back."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    unit = stream.units.get(cmd.unit)
    if unit is None:
        return e.Refused("unknown_unit", {"unit": cmd.unit[:40]})
    rules = stream.groups[unit.group]
    if cmd.component not in {c.id for c in rules.components}:
        return e.Refused("unknown_component", {"component": cmd.component[:40]})
    if "stage" in stream.locks or f"component:{cmd.component}" in stream.locks:
        return e.Refused("locked", {"scope": cmd.component})
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    if len(set(cmd.signers)) < rules.profile.penalty_signers:
        return e.Refused("signers_missing", {"count": str(rules.profile.penalty_signers)})
    event = e.Adjusted(
        **ask.stamp, id=cmd.id, unit=cmd.unit, component=cmd.component, amount=cmd.amount, signers=cmd.signers
    )
    return [ask.line(cmd.stream, event, text=cmd.reason)]


def apply_adjusted(state: State, stream: Stream, n: int, event: e.Adjusted, closed: e.Closed) -> Touched:
    """The unit's component moves by the amount."""
    unit = stream.units[event.unit]
    unit.adjustments[event.id] = (event.component, parse(event.amount), closed.text, event.signers)
    tell(stream, n, event, f"{event.unit}.{event.component} {event.amount}", closed.text)
    return touch_unit(stream, unit)


def bad_status(stream: Stream, unit_id: str, scope: str, status: str | None) -> e.Refused | None:
    """None, or why a unit cannot be that in a scope: unknown_unit, bad_scope, bad_status, locked."""
    unit = stream.units.get(unit_id)
    if unit is None:
        return e.Refused("unknown_unit", {"unit": unit_id[:40]})
    scopes = {"stage"} | {f"component:{c.id}" for c in stream.groups[unit.group].components}
    if scope not in scopes:
        return e.Refused("bad_scope", {"scope": scope[:60]})
    if status is None and scope not in unit.statuses:
        return e.Refused("bad_status", {"status": "none"})
    if scope in stream.locks or "stage" in stream.locks:
        return e.Refused("locked", {"scope": scope})
    return None


def decide_set_status(ask: Ask, cmd: e.SetStatus) -> Decided:
    """What a unit is instead of its marks, for the stage or a component; None takes it back."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    refusal = bad_status(stream, cmd.unit, cmd.scope, cmd.status)
    if refusal is not None:
        return refusal
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    event = e.StatusSet(**ask.stamp, unit=cmd.unit, scope=cmd.scope, status=cmd.status)
    return [ask.line(cmd.stream, event, text=cmd.reason)]


def apply_status_set(state: State, stream: Stream, n: int, event: e.StatusSet, closed: e.Closed) -> Touched:
    """The status stands (or fell)."""
    unit = stream.units[event.unit]
    if event.status is None:
        unit.statuses.pop(event.scope, None)
    else:
        unit.statuses[event.scope] = StatusFact(event.status, closed.text, closed.actor, n)
    tell(stream, n, event, f"{event.unit}.{event.scope} {event.status or '-'}", closed.text)
    touched = touch_unit(stream, unit)
    for key, sheet in stream.sheets.items():
        if key[0] == unit.id:
            touched += touch_sheet(stream, sheet, n, "")
    return touched


DECIDE: dict[type[e.Command], Decider] = {
    e.Return: decide_return,
    e.Revote: decide_revote,
    e.Resolve: decide_resolve,
    e.Excuse: decide_excuse,
    e.Void: decide_void,
    e.ChangeRoster: decide_change_roster,
    e.SettleLate: decide_settle_late,
    e.ConfirmKeyed: decide_confirm_keyed,
    e.Adjust: decide_adjust,
    e.SetStatus: decide_set_status,
}
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    e.Returned: apply_returned,
    e.RoundOpened: apply_round_opened,
    e.Resolved: apply_resolved,
    e.Excused: apply_excused,
    e.Voided: apply_voided,
    e.RosterChanged: apply_roster_changed,
    e.LateSettled: apply_late_settled,
    e.KeyedConfirmed: apply_keyed_confirmed,
    e.Adjusted: apply_adjusted,
    e.StatusSet: apply_status_set,
}
__all__ = ["APPLY_TABLE", "DECIDE", "sheet_of", "unseal"]
