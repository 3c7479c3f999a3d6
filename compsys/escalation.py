"""What follows when a panel stays apart: the median counts, a reserve joins and all vote again, or it stands.

The profile says it (``judgement.after_rounds``: chief, reserve, median; ``judgement.over_spread``: revote or
override_with_reason). After the last round the outcome follows the reveal by itself. The chief decides where
the profile says so, where no reserve is free, and where the panel is apart even with the reserve.
"""

from __future__ import annotations

from compsys import events as e
from compsys.asking import APPLY, Ask, Decided, Decider, Place, Touched, find_sheet, locked, touch_sheet
from compsys.people import recused
from compsys.state import Sheet, State, Stream
from scoring_rules.judgement import OUTCOMES

STANDS, RESERVE = "stands", "reserve"


def free_reserve(ask: Ask, place: Place, roster: tuple[str, ...]) -> str:
    """The first reserve of the sheet's panel who may join this sheet; "" when none is free."""
    stream, sheet = place.stream, place.sheet
    entry = ask.state.setup.entries.get(place.unit.entry)
    delegation = entry.delegation if entry else ""
    panels = {stream.seats[seat].panel for seat in roster}
    gone = {seat for seat, _, _ in sheet.left} | stream.left | {*roster, *sheet.roster}
    for seat in stream.seats.values():
        blocked = place.rules.profile.recusal != "declare" and recused(seat.affiliations, delegation)
        if seat.role == RESERVE and seat.panel in panels and seat.key not in gone and not blocked:
            return seat.key
    return ""


def follows(
    ask: Ask, place: Place, aspect: str, round_: int, roster: tuple[str, ...]
) -> list[e.Drafted]:
    """The line that follows the reveal of too large a spread in round ``round_``: none before the last round,
    none where the chief decides."""
    rule = place.rules.profile.judgement
    if round_ < rule.max_rounds:
        return []
    unit, name = place.sheet.unit, place.stream.name
    if (outcome := rule.after_rounds) in OUTCOMES:
        function = OUTCOMES[outcome]
        event = e.Escalated(
            **ask.stamp, unit=unit, aspect=aspect, round=round_, outcome=outcome, rule=function
        )
        return [ask.more(name, event)]
    joined = place.sheet.escalated.get(aspect, ("", "", ""))[0] == RESERVE
    joins = free_reserve(ask, place, roster) if rule.after_rounds == RESERVE and not joined else ""
    if not joins:
        return []
    event = e.Escalated(
        **ask.stamp, unit=unit, aspect=aspect, round=round_ + 1, outcome=RESERVE, joins=joins
    )
    return [ask.more(name, event)]


def decide_let_stand(ask: Ask, cmd: e.LetStand) -> Decided:
    """The votes stand although they are apart: only where the profile allows it, with the reason."""
    stream = ask.state.streams.get(cmd.stream)
    unit = stream.units.get(cmd.unit) if stream else None
    sub = stream.groups[unit.group].sub_of.get(cmd.aspect, "") if stream and unit else ""
    place = find_sheet(ask, cmd, cmd.unit, sub)
    if isinstance(place, e.Refused):
        return place
    if locked(place.stream, place.sheet):
        return e.Refused("locked", {"scope": f"{place.unit.code} {sub}"})
    if place.rules.profile.judgement.over_spread != "override_with_reason":
        return e.Refused("not_allowed", {"role": ",".join(ask.call.actor.roles)})
    if cmd.aspect not in place.sheet.spread:
        return e.Refused("not_spread", {"aspect": cmd.aspect})
    if "lead" in ask.call.actor.roles and ask.call.actor.id not in place.sheet.roster:
        return e.Refused("not_yours", {"unit": place.unit.code, "sub": sub})
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    round_ = place.sheet.rounds.get(cmd.aspect, 1)
    event = e.Escalated(**ask.stamp, unit=cmd.unit, aspect=cmd.aspect, round=round_, outcome=STANDS)
    return [ask.line(cmd.stream, event, text=cmd.reason)]


def apply_escalated(state: State, stream: Stream, n: int, event: e.Escalated, closed: e.Closed) -> Touched:
    """The spread is settled; where a reserve joins, the whole panel votes again."""
    sheet = stream.sheets[(event.unit, stream.groups[stream.units[event.unit].group].sub_of[event.aspect])]
    sheet.spread -= {event.aspect}
    sheet.escalated = {**sheet.escalated, event.aspect: (event.outcome, event.rule, closed.text)}
    if event.outcome == RESERVE:
        sheet.roster = (*sheet.roster, event.joins)
        sheet.rounds = {**sheet.rounds, event.aspect: event.round}
        sheet.signed.clear()
    stream.history.append((n, event.t, "escalated", f"{event.unit}.{event.aspect}", closed.text))
    return touch_sheet(stream, sheet, n)


def rule_of(sheet: Sheet, aspect: str, usual: str) -> str:
    """The name of the function that makes an aspect's votes its mark: the profile's, or what followed."""
    return sheet.escalated.get(aspect, ("", "", ""))[1] or usual


def settled(sheet: Sheet, aspect: str) -> bool:
    """Whether votes of an aspect count although they are apart."""
    return sheet.escalated.get(aspect, (RESERVE, "", ""))[0] != RESERVE


DECIDE: dict[type[e.Command], Decider] = {e.LetStand: decide_let_stand}
APPLY_TABLE: dict[type[e.Event], APPLY] = {e.Escalated: apply_escalated}
