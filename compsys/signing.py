"""A sheet's signing chain after its seats: whose link is next, its signing, what the supervisor hands back.

The chain is the profile's (``signing.chain``, say seats, lead, chief, supervisor). A chain that ends with the
chief ends with the lock itself; every other link is signed by itself, in the chain's order.
"""

from __future__ import annotations

from compsys import events as e
from compsys.asking import APPLY, Ask, Decided, Decider, Place, Touched, find_sheet, locked, touch_sheet
from compsys.state import GroupRules, Sheet, State, Stream

LEAD, CHIEF, SUPERVISOR = "lead", "chief", "supervisor"


def next_link(rules: GroupRules, sheet: Sheet) -> str:
    """The link of the chain that a sheet waits for once its seats have signed; "" when it waits for none."""
    if not sheet.complete:
        return ""
    return next((link for link in rules.profile.signing[1:] if link not in sheet.steps), "")


def signer(stream: Stream, sheet: Sheet, link: str) -> str:
    """The role that signs a link of this sheet: its own; the chief's for the lead's link of a sheet whose
    roster has no lead (recused, rotated out, or a panel without one)."""
    if link == LEAD and not any(stream.seats[seat].role == LEAD for seat in sheet.roster):
        return CHIEF
    return link


def unsigned(rules: GroupRules, sheet: Sheet) -> tuple[str, ...]:
    """The links that a lock still waits for: a chief at the chain's end signs by locking."""
    chain = rules.profile.signing[1:]
    asked = chain[:-1] if chain[-1:] == (CHIEF,) else chain
    return tuple(link for link in asked if link not in sheet.steps)


def decide_link(ask: Ask, cmd: e.Sign, place: Place) -> Decided:
    """A later link of the signing chain: in the chain's order, by whose link it is on this sheet."""
    stream, sheet, chain = place.stream, place.sheet, place.rules.profile.signing[1:]
    if cmd.step not in chain or (role := signer(stream, sheet, cmd.step)) not in ask.call.actor.roles:
        return e.Refused("not_allowed", {"role": cmd.step})
    where = {"unit": place.unit.code, "sub": cmd.sub}
    if role == LEAD and ask.call.actor.id not in sheet.roster:
        return e.Refused("not_yours", where)
    if not sheet.complete:
        return e.Refused("not_signed", where)
    for before in chain[: chain.index(cmd.step)]:
        if before not in sheet.steps:
            return e.Refused("not_signed", where | {"step": before})
    if cmd.step in sheet.steps:
        return e.Refused("already_signed")
    event = e.Signed(**ask.stamp, unit=cmd.unit, sub=cmd.sub, seat=ask.call.actor.id, step=cmd.step)
    return [ask.line(cmd.stream, event, text=cmd.digest)]


def apply_link(sheet: Sheet, n: int, event: e.Signed) -> None:
    """A later link stands; what was handed back is settled by the chief's or the supervisor's signature."""
    sheet.steps = {**sheet.steps, event.step: (event.seat, n)}
    if event.step in (CHIEF, SUPERVISOR):
        sheet.handed = ""


def decide_hand_back(ask: Ask, cmd: e.HandBack) -> Decided:
    """The supervisor will not sign a sheet that waits for the supervisor: it goes back to the chief with
    words."""
    place = find_sheet(ask, cmd, cmd.unit, cmd.sub)
    if isinstance(place, e.Refused):
        return place
    if locked(place.stream, place.sheet):
        return e.Refused("locked", {"scope": f"{place.unit.code} {cmd.sub}"})
    if next_link(place.rules, place.sheet) != SUPERVISOR:
        return e.Refused("not_signed", {"unit": place.unit.code, "sub": cmd.sub})
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    return [ask.line(cmd.stream, e.HandedBack(**ask.stamp, unit=cmd.unit, sub=cmd.sub), text=cmd.reason)]


def apply_handed_back(
    state: State, stream: Stream, n: int, event: e.HandedBack, closed: e.Closed
) -> Touched:
    """The chief's link and those after it fall; the words stand until the chief signs again or returns it."""
    sheet = stream.sheets[(event.unit, event.sub)]
    chain = stream.groups[stream.units[event.unit].group].profile.signing
    kept = chain[: chain.index(CHIEF)] if CHIEF in chain else chain
    sheet.steps = {link: signed for link, signed in sheet.steps.items() if link in kept}
    sheet.handed = closed.text or "-"
    stream.history.append((n, event.t, "handedback", f"{event.unit}.{event.sub}", closed.text))
    return touch_sheet(stream, sheet, n, "")


DECIDE: dict[type[e.Command], Decider] = {e.HandBack: decide_hand_back}
APPLY_TABLE: dict[type[e.Event], APPLY] = {e.HandedBack: apply_handed_back}
