"""Appeals (申诉): lodged against a result, open until somebody rules; meanwhile nothing of it is certified.

Pure. An appeal is never taken out: withdrawn ones stay as such. What a ruling changes is changed as anything
else is, by marks, statuses and a further version of the result.
"""

from __future__ import annotations

from compsys import commands_credentials as c
from compsys import events as e
from compsys import facts_credentials as f
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.facts_credentials import Basis
from compsys.state import State, Stream
from compsys.state_credentials import Appeal


def undecided(state: State, basis: Basis) -> list[Appeal]:
    """The open appeals that touch the stage and group of a result, in the order they came."""
    if basis.kind != "result":
        return []
    where = (basis.trade, basis.stage, basis.group)
    return [a for a in state.credentials.appeals.values() if not a.outcome and where_of(a) == where]


def where_of(appeal: Appeal) -> tuple[str, str, str]:
    """Trade, stage and group whose result it is against."""
    return appeal.trade, appeal.stage, appeal.group


def decide_lodge(ask: Ask, cmd: c.LodgeAppeal) -> Decided:
    """Whoever may appeal has done so: the office records it, whatever the hour; a ruling may say it was late.

    Clause: china.md section 7: written, by the leader of a delegation; never deleted.
    """
    setup = ask.state.setup
    if f"{cmd.trade}/{cmd.stage}/{cmd.group}" not in setup.groups:
        where = f"{cmd.trade}/{cmd.stage}/{cmd.group}"
        return e.Refused("credential.appeal_where", {"where": where[:120]})
    if cmd.delegation and cmd.delegation not in setup.delegations:
        return e.Refused("credential.appeal_whose", {"what": cmd.delegation[:80]})
    entry = setup.entries.get(cmd.entry)
    if cmd.entry and (entry is None or (entry.trade, entry.group) != (cmd.trade, cmd.group)):
        return e.Refused("credential.appeal_whose", {"what": cmd.entry[:80]})
    if not cmd.words.strip():
        return e.Refused("reason_missing")
    event = f.AppealLodged(
        **ask.stamp, trade=cmd.trade, stage=cmd.stage, group=cmd.group, delegation=cmd.delegation,
        entry=cmd.entry,
    )  # fmt: skip
    return [ask.line(e.COMPETITION, event, text=cmd.words.strip())]


def apply_lodged(
    state: State, stream: Stream | None, n: int, event: f.AppealLodged, closed: e.Closed
) -> Touched:
    """It is open."""
    state.credentials.appeals[n] = Appeal(
        n, event.t, event.trade, event.stage, event.group, event.delegation, event.entry, closed.actor,
        closed.text,
    )  # fmt: skip
    return (("appeals",),)


def decide_rule(ask: Ask, cmd: c.RuleAppeal) -> Decided:
    """Once, with words."""
    found = ask.state.credentials.appeals.get(cmd.n)
    if found is None or found.outcome:
        return e.Refused("credential.appeal_unknown", {"n": str(cmd.n)})
    if not cmd.words.strip():
        return e.Refused("reason_missing")
    event = f.AppealRuled(**ask.stamp, of=cmd.n, outcome=cmd.outcome)
    return [ask.line(e.COMPETITION, event, text=cmd.words.strip())]


def apply_ruled(
    state: State, stream: Stream | None, n: int, event: f.AppealRuled, closed: e.Closed
) -> Touched:
    """It holds nothing back any more."""
    found = state.credentials.appeals[event.of]
    found.outcome, found.ruled = event.outcome, event.t
    found.ruled_by, found.ruling = closed.actor, closed.text
    return (("appeals",),)


DECIDE: dict[type[e.Command], Decider] = {c.LodgeAppeal: decide_lodge, c.RuleAppeal: decide_rule}
APPLY_TABLE: dict[type[e.Event], APPLY] = {f.AppealLodged: apply_lodged, f.AppealRuled: apply_ruled}
