"""A signed sheet's acceptance by the competitor's own expert, and the competitor's signature.

A sheet waits for its expert once every link of the signing chain but the lock is there (worldskills.md 5:
team, chief expert, own expert, lock). Whatever changes a value afterwards takes both away again
(``asking.touch_sheet``). Who did not come never keeps a day from ending: the chief records that.
"""

from __future__ import annotations

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
from compsys.people import recused
from compsys.signing import unsigned
from compsys.state import GroupRules, SeatState, Sheet, State, Stream, Unit
from compsys.state_acceptance import VOID, Acceptance, Heard

EXPERT = "expert"
OWN_EXPERT = "own_expert"
WAITS = ("waiting", VOID)
"""States in which an expert has still to say something."""
SETTLED = ("accepted", "stands")


def asks(rules: GroupRules) -> bool:
    """Whether the rules ask for acceptance by the competitor's own expert."""
    return rules.profile.extras.acceptance == OWN_EXPERT


def asks_competitor(rules: GroupRules, sub: str) -> bool:
    """Whether the rules ask for the competitor's signature on a sub-criterion's sheets (``measured``: where
    all is measured and nothing judged)."""
    wanted = rules.profile.extras.competitor
    if wanted != "measured":
        return wanted == "all"
    return all(aspect.method == "agreed" for aspect in rules.subs[sub].aspects)


def heard(rules: GroupRules, sheet: Sheet) -> str:
    """agrees, refuses, absent, void (the sheet changed since) or waiting; "" where the rules do not ask."""
    if not asks_competitor(rules, sheet.sub):
        return ""
    return sheet.heard.outcome if sheet.heard else "waiting"


def ready(rules: GroupRules, sheet: Sheet) -> bool:
    """Whether all have signed who sign before the expert."""
    return sheet.complete and not unsigned(rules, sheet)


def standing(rules: GroupRules, sheet: Sheet) -> str:
    """accepted, disputed, stands, missed, void or waiting; "" where nothing is asked or it is too early."""
    if not asks(rules) or not ready(rules, sheet):
        return ""
    return sheet.acceptance.state if sheet.acceptance else "waiting"


def lacks(rules: GroupRules, sheet: Sheet) -> list[str]:
    """What of this keeps a signed sheet from being locked: not_accepted, disputed, competitor_unsigned."""
    found = []
    state = standing(rules, sheet)
    if state in WAITS:
        found.append("not_accepted")
    elif state == "disputed":
        found.append("disputed")
    if heard(rules, sheet) in WAITS:
        found.append("competitor_unsigned")
    return found


def gone(rules: GroupRules, unit: Unit, sheet: Sheet) -> bool:
    """Whether a sheet's unit is out of its module: nobody waits for a word on it."""
    return bool(out(unit, rules.component_of[sheet.sub]))


def own(state: State, stream: Stream, seat: SeatState, unit: Unit) -> bool:
    """Whether an expert's seat speaks for a unit: its entry is of a delegation that the seat belongs to."""
    entry = state.setup.entries.get(unit.entry)
    return seat.role == EXPERT and entry is not None and recused(seat.affiliations, entry.delegation)


def _place(ask: Ask, cmd: e.Accept | e.AnswerDispute | e.CompetitorSigns) -> Place | e.Refused:
    """The sheet a command is about, if it is not locked."""
    place = find_sheet(ask, cmd, cmd.unit, cmd.sub)
    if isinstance(place, Place) and (
        place.stream.marking == "locked" or locked(place.stream, place.sheet)
    ):
        return e.Refused("locked", {"scope": f"{place.unit.code} {cmd.sub}"})
    return place


# ---------------------------------------------------------------- the expert


def decide_accept(ask: Ask, cmd: e.Accept) -> Decided:
    """The own expert's word on a sheet that all have signed; about any other competitor nothing is said, not
    even that there is one."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    seat, unit = stream.seats.get(ask.call.actor.id), stream.units.get(cmd.unit)
    if seat is None or unit is None or not own(ask.state, stream, seat, unit):
        return e.Refused("unknown_unit", {"unit": cmd.unit[:40]})
    place = _place(ask, cmd)
    if isinstance(place, e.Refused):
        return place
    rules, sheet = place.rules, place.sheet
    if not asks(rules):
        return e.Refused("not_asked")
    if not ready(rules, sheet) or gone(rules, unit, sheet):
        return e.Refused("not_signed", {"unit": unit.code, "sub": cmd.sub})
    state = standing(rules, sheet)
    if state in SETTLED or (state == "disputed" and not cmd.accept):
        return e.Refused("already_accepted")
    if not cmd.accept and not cmd.words.strip():
        return e.Refused("reason_missing")
    kind = e.Accepted if cmd.accept else e.Disputed
    return [ask.line(cmd.stream, kind(**ask.stamp, unit=cmd.unit, sub=cmd.sub), text=cmd.words)]


def apply_accept(
    state: State, stream: Stream, n: int, event: e.Accepted | e.Disputed, closed: e.Closed
) -> Touched:
    """The expert's word stands until the sheet changes."""
    sheet = stream.sheets[(event.unit, event.sub)]
    word = "accepted" if isinstance(event, e.Accepted) else "disputed"
    dispute = closed.text if word == "disputed" else ""
    sheet.acceptance = Acceptance(word, n, event.t, closed.actor, closed.text, dispute)
    stream.history.append((n, event.t, word, f"{event.unit}.{event.sub}", closed.text))
    return touch_sheet(stream, sheet, n, "")


# ---------------------------------------------------------------- the chief


def decide_answer(ask: Ask, cmd: e.AnswerDispute) -> Decided:
    """A dispute is answered with words, and with the vote where the experts voted: more than half of them are
    for the outcome (worldskills.md 5). Returned, it goes the way of every returned sheet."""
    place = _place(ask, cmd)
    if isinstance(place, e.Refused):
        return place
    if place.sheet.acceptance is None or place.sheet.acceptance.state != "disputed":
        return e.Refused("not_disputed", {"unit": place.unit.code, "sub": cmd.sub})
    if not cmd.words.strip():
        return e.Refused("reason_missing")
    if cmd.votes_for > cmd.votes_all or (cmd.votes_all and 2 * cmd.votes_for <= cmd.votes_all):
        return e.Refused("vote_short", {"for": str(cmd.votes_for), "all": str(cmd.votes_all)})
    event = e.DisputeAnswered(
        **ask.stamp,
        unit=cmd.unit,
        sub=cmd.sub,
        outcome=cmd.outcome,
        votes_for=cmd.votes_for,
        votes_all=cmd.votes_all,
    )
    lines = [ask.line(cmd.stream, event, text=cmd.words)]
    if cmd.outcome == "returned":
        back = e.Returned(**ask.stamp, unit=cmd.unit, sub=cmd.sub)
        lines.append(ask.more(cmd.stream, back, text=cmd.words))
    return lines


def apply_answered(
    state: State, stream: Stream, n: int, event: e.DisputeAnswered, closed: e.Closed
) -> Touched:
    """The dispute no longer holds the sheet back; the expert reads the answer."""
    sheet = stream.sheets[(event.unit, event.sub)]
    dispute = sheet.acceptance.dispute if sheet.acceptance else ""
    votes = (event.votes_for, event.votes_all)
    sheet.acceptance = Acceptance(event.outcome, n, event.t, closed.actor, closed.text, dispute, votes)
    kind = f"dispute_{event.outcome}"
    stream.history.append((n, event.t, kind, f"{event.unit}.{event.sub}", closed.text))
    return touch_sheet(stream, sheet, n, "")


def decide_miss(ask: Ask, cmd: e.MissExpert) -> Decided:
    """Sheets that wait for an expert who does not come wait no longer; a dispute is answered, not missed."""
    stream = open_stream(ask, cmd.stream)
    if isinstance(stream, e.Refused):
        return stream
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    if not cmd.sheets:
        return e.Refused("unknown_sheet", {"unit": "-", "sub": "-"})
    for unit_id, sub in cmd.sheets:
        place = find_sheet(ask, cmd, unit_id, sub)
        if isinstance(place, e.Refused):
            return place
        if stream.marking == "locked" or locked(stream, place.sheet):
            return e.Refused("locked", {"scope": f"{place.unit.code} {sub}"})
        if standing(place.rules, place.sheet) not in WAITS:
            return e.Refused("not_signed", {"unit": place.unit.code, "sub": sub})
    sheets = tuple(dict.fromkeys(cmd.sheets))
    return [ask.line(cmd.stream, e.ExpertMissed(**ask.stamp, sheets=sheets), text=cmd.reason)]


def apply_missed(state: State, stream: Stream, n: int, event: e.ExpertMissed, closed: e.Closed) -> Touched:
    """These sheets are not held back any more; an expert who comes after all may still speak."""
    touched: Touched = ()
    for unit, sub in event.sheets:
        sheet = stream.sheets[(unit, sub)]
        sheet.acceptance = Acceptance("missed", n, event.t, closed.actor, closed.text)
        stream.history.append((n, event.t, "expert_missed", f"{unit}.{sub}", closed.text))
        touched += touch_sheet(stream, sheet, n, "")
    return touched


# ---------------------------------------------------------------- the competitor


def decide_competitor(ask: Ask, cmd: e.CompetitorSigns) -> Decided:
    """The competitor types the own code and agrees or refuses; a refusal and an absence need words and hold
    nothing back."""
    place = _place(ask, cmd)
    if isinstance(place, e.Refused):
        return place
    where = {"unit": place.unit.code, "sub": cmd.sub}
    if not asks_competitor(place.rules, cmd.sub):
        return e.Refused("not_asked")
    actor = ask.call.actor
    if "chief" not in actor.roles and actor.id not in place.sheet.roster:
        return e.Refused("not_yours", where)
    if not place.sheet.complete:
        return e.Refused("not_signed", where)
    if cmd.outcome == "agrees" and cmd.code.strip().upper() != place.unit.code.upper():
        return e.Refused("code_differs", {"code": cmd.code})
    if cmd.outcome != "agrees" and not cmd.words.strip():
        return e.Refused("reason_missing")
    event = e.CompetitorSigned(**ask.stamp, unit=cmd.unit, sub=cmd.sub, outcome=cmd.outcome)
    return [ask.line(cmd.stream, event, text=cmd.words)]


def apply_competitor(
    state: State, stream: Stream, n: int, event: e.CompetitorSigned, closed: e.Closed
) -> Touched:
    """What the competitor said stands until the sheet changes."""
    sheet = stream.sheets[(event.unit, event.sub)]
    sheet.heard = Heard(event.outcome, n, event.t, closed.actor, closed.text)
    kind = f"competitor_{event.outcome}"
    stream.history.append((n, event.t, kind, f"{event.unit}.{event.sub}", closed.text))
    return touch_sheet(stream, sheet, n, "")


DECIDE: dict[type[e.Command], Decider] = {
    e.Accept: decide_accept,
    e.AnswerDispute: decide_answer,
    e.MissExpert: decide_miss,
    e.CompetitorSigns: decide_competitor,
}
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    e.Accepted: apply_accept,
    e.Disputed: apply_accept,
    e.DisputeAnswered: apply_answered,
    e.ExpertMissed: apply_missed,
    e.CompetitorSigned: apply_competitor,
}
