"""Who may do what where: one table from command to roles; a seat acts only in its own stream."""

from __future__ import annotations

from functools import lru_cache

from compsys import commands_assessment as a
from compsys import commands_credentials as c
from compsys import commands_holder as ch
from compsys import events as e
from compsys.commands_papers import KeepDictionaries, PrintCredentials
from compsys.commands_registers import NoteRegister
from compsys.records import stream_name
from compsys.state import State

ORGANIZER = "organizer"
OFFICER = "officer"
HOLDER = "holder"
MARKERS = ("judge", "lead", "reserve")

MAY: dict[type[e.Command], tuple[str, ...]] = {
    e.Define: (ORGANIZER,),
    e.DefineAll: (ORGANIZER,),
    e.BindPerson: (ORGANIZER,),
    e.ImportList: (ORGANIZER,),
    e.RevertList: (ORGANIZER,),
    e.MapColumns: (ORGANIZER,),
    e.MakeAccount: (ORGANIZER,),
    e.IssueLink: (ORGANIZER, "chief"),
    e.Enrol: ("link",),
    e.RevokeDevice: (ORGANIZER,),
    e.SetPin: (ORGANIZER, *MARKERS),
    e.LockPin: MARKERS,
    e.UnlockPin: (ORGANIZER, "chief"),
    e.KeepHeads: (ORGANIZER,),
    e.Publish: (ORGANIZER, "chief"),
    e.Annul: (ORGANIZER,),
    e.EnterMany: (ORGANIZER,),
    e.Advance: (ORGANIZER,),
    e.MoveUp: (ORGANIZER,),
    e.Withhold: (ORGANIZER,),
    e.Draw: (ORGANIZER, "coding_officer"),
    e.Open: (ORGANIZER, "chief"),
    e.Session: (ORGANIZER, "chief", "floor"),
    e.CheckIn: (ORGANIZER, "chief", "floor"),
    e.Finish: (ORGANIZER, "chief", "floor"),
    e.Credit: ("chief", "floor"),
    e.SetStatus: ("chief", ORGANIZER),
    e.Mark: (*MARKERS, "clerk"),
    e.Sign: (*MARKERS, "clerk", "chief", "supervisor"),
    e.Return: ("chief",),
    e.HandBack: ("supervisor",),
    e.Revote: ("lead", "chief"),
    e.LetStand: ("lead", "chief"),
    e.Resolve: ("chief",),
    e.Excuse: ("chief",),
    e.Void: ("chief",),
    e.ChangeRoster: ("chief", ORGANIZER),
    e.Lock: ("chief", ORGANIZER),
    e.Unlock: ("chief", ORGANIZER),
    e.SettleLate: ("chief",),
    e.ImportScores: ("clerk", "chief", ORGANIZER),
    e.ConfirmScores: ("clerk", "chief", ORGANIZER),
    e.WithdrawScores: ("clerk", "chief", ORGANIZER),
    e.ConfirmKeyed: ("clerk", "chief"),
    e.Adjust: ("chief",),
    e.SettleTie: ("chief", ORGANIZER),
    e.Freeze: (ORGANIZER, "chief"),
    e.Announce: (ORGANIZER, "chief"),
    e.ReadWord: (*MARKERS, "chief", "clerk", "floor", "expert"),
    e.Report: (*MARKERS, "chief", "floor"),
    e.DecideIncident: ("chief",),
    e.Accept: ("expert",),
    e.AnswerDispute: ("chief",),
    e.MissExpert: ("chief",),
    e.CompetitorSigns: (*MARKERS, "chief"),
    a.NameAssessor: (ORGANIZER,),
    a.OpenAssessment: (ORGANIZER,),
    a.AdmitCandidates: (ORGANIZER,),
    a.ClearCandidate: (OFFICER,),
    a.EnterMarks: (ORGANIZER, OFFICER),
    a.ConfirmAssessment: (OFFICER,),
    a.ProposeAssessed: (ORGANIZER, OFFICER),
    a.RaiseFinding: (ORGANIZER, "supervisor"),
    a.AnswerFinding: (ORGANIZER, OFFICER, "supervisor"),
    c.SetIssuer: (ORGANIZER,),
    c.SetOccupation: (ORGANIZER,),
    c.MakeKey: (ORGANIZER,),
    c.MoveKey: (ORGANIZER,),
    c.NoteTraining: (ORGANIZER,),
    c.ProposeCredentials: (ORGANIZER, OFFICER),
    c.GiveNotice: (ORGANIZER, OFFICER),
    c.Object: (ORGANIZER, OFFICER),
    c.AnswerObjection: (ORGANIZER, OFFICER),
    c.ApproveBatch: (ORGANIZER, OFFICER),
    c.ReserveCredentials: (ORGANIZER, OFFICER),
    c.IssueCredentials: (ORGANIZER, OFFICER),
    c.VoidNumbers: (ORGANIZER, OFFICER),
    c.MoveCredentials: (ORGANIZER, OFFICER),
    c.ReissueCredentials: (ORGANIZER, OFFICER),
    c.LodgeAppeal: (ORGANIZER, OFFICER),
    c.RuleAppeal: (ORGANIZER, OFFICER),
    NoteRegister: (ORGANIZER, OFFICER),
    PrintCredentials: (ORGANIZER, OFFICER),
    KeepDictionaries: (ORGANIZER, OFFICER),
    ch.IssueHolderLinks: (ORGANIZER, OFFICER),
    ch.RevokeHolderLink: (ORGANIZER, OFFICER, HOLDER),
    ch.EnterAsHolder: (HOLDER,),
    ch.LeaveAsHolder: (HOLDER,),
    ch.AskCorrection: (HOLDER,),
    ch.SettleCorrection: (ORGANIZER, OFFICER),
    ch.ShareView: (HOLDER,),
    ch.RevokeView: (HOLDER,),
    ch.OpenView: (HOLDER,),
}
"""Command -> the roles that may give it. Deny by default: a command that is not here is nobody's."""


def may(actor: e.Actor, kind: type[e.Command]) -> bool:
    """Whether an actor's roles allow a kind of command at all (the office counts as organizer).

    >>> may(e.Actor(kind="seat", id="a/b/c", roles=("judge",)), e.Lock)
    False
    """
    return _may((ORGANIZER, "link") if actor.kind == "office" else actor.roles, kind)


@lru_cache(maxsize=4096)
def _may(roles: tuple[str, ...], kind: type[e.Command]) -> bool:
    return any(role in MAY.get(kind, ()) for role in roles)


def check(state: State, call: e.Call) -> e.Refused | None:
    """None, or why this actor (with this device) may not give this command: not_allowed, device_revoked,
    device_superseded, not_enrolled, not_yours."""
    actor = call.actor
    if not may(actor, type(call.command)):
        return e.Refused("not_allowed", {"role": ",".join(actor.roles)})
    if actor.kind != "seat" or isinstance(call.command, e.Enrol):
        return None
    refusal = _of_device(state, call)
    if refusal is not None:
        return refusal
    if isinstance(call.command, e.Marking) and call.command.stream != stream_of_seat(state, actor.id):
        return e.Refused("not_yours", {"stream": call.command.stream})
    if isinstance(call.command, e.Publish) and not actor.id.startswith(
        f"{call.command.trade}/{call.command.stage}/"
    ):
        return e.Refused("not_yours", {"stream": call.command.trade})
    return None


def _of_device(state: State, call: e.Call) -> e.Refused | None:
    """Why not with this device; a file of marks that somebody answers for needs none, not even a good one."""
    if call.brought:
        return None if isinstance(call.command, e.Mark) else e.Refused("not_enrolled")
    device = state.devices.get(call.device)
    if device is None or device.seat != call.actor.id:
        return e.Refused("not_enrolled")
    if device.revoked:
        return e.Refused("device_revoked")
    if device.superseded and not isinstance(call.command, e.Mark):
        return e.Refused("device_superseded")
    return None


def stream_of_seat(state: State, seat: str) -> str:
    """The stream a seat belongs to, "" when the seat is unknown."""
    record = state.setup.seats.get(seat)
    return stream_name(record.trade, record.stage, record.site) if record else ""


def recused(affiliations: tuple[str, ...], delegation: str) -> bool:
    """Whether a judge may not mark an entry of this delegation (worldskills.md 5: no compatriot marking)."""
    return delegation in affiliations
