"""Commands, events and answers: what may be asked of the core, what it records, what it says back.

A *command* is a wish with a 128-bit key made where the finger touched. ``core.decide`` turns it into
*events* (facts, past tense) or into a ``Refused``. A *line* of the journal is one event: its open part
(kind, v, c, t and the event's fields) and its closed part (``Closed``: who, with which device and key, free
text, a sealed value). Every kind has a version; ``unpack`` upcasts old ones and refuses unknown or newer
ones.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from compsys import commands
from compsys.answers import Answer as Answer
from compsys.answers import Refused as Refused
from compsys.codes import CODES as CODES
from compsys.facts import Advanced as Advanced
from compsys.facts import Event as Event
from compsys.facts import MovedUp as MovedUp
from compsys.facts import TieSettled as TieSettled
from compsys.facts_acceptance import Accepted as Accepted
from compsys.facts_acceptance import CompetitorSigned as CompetitorSigned
from compsys.facts_acceptance import DisputeAnswered as DisputeAnswered
from compsys.facts_acceptance import Disputed as Disputed
from compsys.facts_acceptance import ExpertMissed as ExpertMissed
from compsys.facts_assessment import AssessmentFact
from compsys.facts_credentials import CredentialFact
from compsys.facts_day import Announced as Announced
from compsys.facts_day import IncidentDecided as IncidentDecided
from compsys.facts_day import Reported as Reported
from compsys.facts_day import WordRead as WordRead
from compsys.facts_devices import DeviceSuperseded as DeviceSuperseded
from compsys.facts_holder import HolderFact
from compsys.facts_kept import HeadsKept as HeadsKept
from compsys.facts_panel import Escalated as Escalated
from compsys.facts_panel import HandedBack as HandedBack
from compsys.facts_papers import PaperFact
from compsys.facts_pins import PinLocked as PinLocked
from compsys.facts_pins import PinSet as PinSet
from compsys.facts_pins import PinUnlocked as PinUnlocked
from compsys.facts_registers import RegisterFact
from compsys.facts_results import Annulled as Annulled
from compsys.facts_results import AwardChange as AwardChange
from compsys.facts_results import Cite as Cite
from compsys.facts_results import ComponentLine as ComponentLine
from compsys.facts_results import Released as Released
from compsys.facts_results import ResultPublished as ResultPublished
from compsys.facts_results import ResultRow as ResultRow
from compsys.facts_results import TeamRow as TeamRow

# Commands by the name of this module, beside what they lead to.
COMMAND_DECODER = commands.COMMAND_DECODER
Accept = commands.Accept
Actor = commands.Actor
Adjust = commands.Adjust
Advance = commands.Advance
Announce = commands.Announce
Annul = commands.Annul
AnswerDispute = commands.AnswerDispute
AnyCommand = commands.AnyCommand
BindPerson = commands.BindPerson
Call = commands.Call
ChangeRoster = commands.ChangeRoster
CheckIn = commands.CheckIn
Command = commands.Command
CompetitorSigns = commands.CompetitorSigns
ConfirmKeyed = commands.ConfirmKeyed
ConfirmScores = commands.ConfirmScores
Cut = commands.Cut
Credit = commands.Credit
DecideIncident = commands.DecideIncident
Define = commands.Define
DefineAll = commands.DefineAll
Draw = commands.Draw
Enrol = commands.Enrol
EnterMany = commands.EnterMany
Excuse = commands.Excuse
Finish = commands.Finish
Freeze = commands.Freeze
HandBack = commands.HandBack
ImportList = commands.ImportList
ImportScores = commands.ImportScores
IssueLink = commands.IssueLink
KeepHeads = commands.KeepHeads
LetStand = commands.LetStand
Lock = commands.Lock
LockPin = commands.LockPin
MakeAccount = commands.MakeAccount
MapColumns = commands.MapColumns
Mark = commands.Mark
Marking = commands.Marking
MissExpert = commands.MissExpert
MoveUp = commands.MoveUp
Open = commands.Open
Publish = commands.Publish
ReadWord = commands.ReadWord
Report = commands.Report
Resolve = commands.Resolve
Return = commands.Return
RevertList = commands.RevertList
RevokeDevice = commands.RevokeDevice
Revote = commands.Revote
Session = commands.Session
SetPin = commands.SetPin
SetStatus = commands.SetStatus
SettleLate = commands.SettleLate
SettleTie = commands.SettleTie
Sign = commands.Sign
Status = commands.Status
Unlock = commands.Unlock
UnlockPin = commands.UnlockPin
Void = commands.Void
WithdrawScores = commands.WithdrawScores
Withhold = commands.Withhold

COMPETITION = "competition"
"""The name of the stream that holds set-up and publications."""

ANY_SEAT = "*"
"""The seat of an ``agreed`` cell: one value for the whole panel."""


# ---------------------------------------------------------------- events


class Defined(Event, frozen=True, kw_only=True, tag="defined"):
    """A set-up record was set (value) or removed (None)."""

    what: str
    id: str
    value: dict[str, Any] | None


class PersonBound(Event, frozen=True, kw_only=True, tag="person_bound"):
    """The commitment to a person's identity (salt in the closed part)."""

    person: str
    commitment: str


class Entered(Event, frozen=True, kw_only=True, tag="entered"):
    """Persons entered in a trade, each as an entry of its own, with the commitment to the identity (salt
    derived from the person's key); rows of (entry, delegation, bib, person, commitment)."""

    trade: str
    group: str
    site: str
    rows: tuple[tuple[str, str, str, str, str], ...]


class ListImported(Event, frozen=True, kw_only=True, tag="list_imported"):
    """A list was taken: the ``lines`` lines that follow in this stream are what it set."""

    what: str
    digest: str
    lines: int


class ListReverted(Event, frozen=True, kw_only=True, tag="list_reverted"):
    """The list of line ``of`` was taken back: the ``lines`` lines that follow are what that set."""

    of: int
    lines: int


class ColumnsMapped(Event, frozen=True, kw_only=True, tag="columns_mapped"):
    """What the columns of lists with this header mean."""

    shape: str
    columns: tuple[str, ...]


class AccountMade(Event, frozen=True, kw_only=True, tag="account_made"):
    """An account exists with these roles (its secret is in the closed part)."""

    account: str
    roles: tuple[str, ...]


class LinkIssued(Event, frozen=True, kw_only=True, tag="link_issued"):
    """A seat has a one-time link until ``expires`` (token digest in the closed part); ``slip``: on paper."""

    seat: str
    expires: str
    slip: bool | msgspec.UnsetType = msgspec.UNSET


class Enrolled(Event, frozen=True, kw_only=True, tag="enrolled"):
    """A device took a seat (its key's digest is in the closed part); ``approved``: the account that let it
    in."""

    seat: str
    device: str
    approved: str | msgspec.UnsetType = msgspec.UNSET


class DeviceRevoked(Event, frozen=True, kw_only=True, tag="device_revoked"):
    """A device may no longer act."""

    device: str


class Withheld(Event, frozen=True, kw_only=True, tag="withheld"):
    """The closed part of (stream, n) was erased."""

    stream: str
    n: int


class Drawn(Event, frozen=True, kw_only=True, tag="drawn"):
    """Units and their codes, sorted by code; which entry each is stays in the closed part (secret: unit ->
    entry)."""

    units: tuple[tuple[str, str], ...]
    """(unit, code)"""


class Opened(Event, frozen=True, kw_only=True, tag="opened"):
    """Marking is open; ``frozen`` is everything that marking stands on (see ``core.freeze``)."""

    frozen: dict[str, Any]
    digests: dict[str, str]


class SessionMoved(Event, frozen=True, kw_only=True, tag="session_moved"):
    """A session started, paused, resumed or stopped; on start: the rosters its sheets open with, (unit, sub,
    seats)."""

    session: str
    move: str
    rosters: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


class CheckedIn(Event, frozen=True, kw_only=True, tag="checked_in"):
    """A unit is present."""

    unit: str
    session: str
    minutes_late: int = 0
    identity: str | msgspec.UnsetType = msgspec.UNSET
    """same, other or unproven: what the look at the identity paper found"""


class Finished(Event, frozen=True, kw_only=True, tag="finished"):
    """A unit's net seconds in a session (pauses and credit taken off)."""

    unit: str
    session: str
    seconds: str


class Credited(Event, frozen=True, kw_only=True, tag="credited"):
    """Extra seconds."""

    unit: str
    session: str
    seconds: int


class StatusSet(Event, frozen=True, kw_only=True, tag="status_set"):
    """A status with its scope (None = reversed)."""

    unit: str
    scope: str
    status: str | None


class Marked(Event, frozen=True, kw_only=True, tag="marked"):
    """An accepted value. ``value`` is absent (UNSET) while it is sealed: then it is the closed part's
    secret."""

    unit: str
    aspect: str
    seat: str
    round: int
    rev: int
    value: str | msgspec.UnsetType | None = msgspec.UNSET
    via: str = "own"


class MarkConflicted(Event, frozen=True, kw_only=True, tag="mark_conflicted"):
    """A value that met another one than it knew; both are kept (this one in the closed part)."""

    unit: str
    aspect: str
    seat: str
    round: int


class MarkLate(Event, frozen=True, kw_only=True, tag="mark_late"):
    """A value that came after its sheet was signed or locked, or for a round that is over; in the tray
    (closed part)."""

    unit: str
    aspect: str
    seat: str
    round: int
    why: str


class Revealed(Event, frozen=True, kw_only=True, tag="revealed"):
    """All seats of the roster have voted an aspect: the values, and whether the spread is legal."""

    unit: str
    aspect: str
    round: int
    values: dict[str, str]
    spread: int
    legal: bool


class SheetRevealed(Event, frozen=True, kw_only=True, tag="sheet_revealed"):
    """All seats have signed a ``points`` sheet: seat -> aspect -> value."""

    unit: str
    sub: str
    values: dict[str, dict[str, str]]


class Signed(Event, frozen=True, kw_only=True, tag="signed"):
    """A seat (or a later link of the chain) signed a sheet; ``complete``: the seats' step is now done."""

    unit: str
    sub: str
    seat: str
    step: str = "seats"
    complete: bool = False


class Returned(Event, frozen=True, kw_only=True, tag="returned"):
    """A sheet was given back; its signatures fell."""

    unit: str
    sub: str


class RoundOpened(Event, frozen=True, kw_only=True, tag="round_opened"):
    """The next round of an aspect."""

    unit: str
    aspect: str
    round: int


class Resolved(Event, frozen=True, kw_only=True, tag="resolved"):
    """The chief's mark for an aspect."""

    unit: str
    aspect: str
    mark: str


class Excused(Event, frozen=True, kw_only=True, tag="excused"):
    """A hole with a reason."""

    unit: str
    aspect: str
    seat: str


class Voided(Event, frozen=True, kw_only=True, tag="voided"):
    """An aspect or component is out for everybody."""

    what: str
    full: bool


class RosterChanged(Event, frozen=True, kw_only=True, tag="roster_changed"):
    """Sheets (unit, sub) whose roster changed."""

    leaves: str
    joins: str
    sheets: tuple[tuple[str, str], ...]
    everywhere: bool = False
    """the seat left for good: later sessions open without it"""
    skipped: tuple[tuple[str, str], ...] | msgspec.UnsetType = msgspec.UNSET
    """sheets that it did not leave, because who joins is recused there"""


class Locked(Event, frozen=True, kw_only=True, tag="locked"):
    """A scope is locked."""

    scope: str


class Unlocked(Event, frozen=True, kw_only=True, tag="unlocked"):
    """A scope is open again."""

    scope: str
    confirmed_by: str


class LateSettled(Event, frozen=True, kw_only=True, tag="late_settled"):
    """The late mark of line n was applied (then ``rev`` is its new revision) or left out."""

    of: int
    accept: bool
    rev: int = 0


class ScoresImported(Event, frozen=True, kw_only=True, tag="scores_imported"):
    """A component's scores, waiting for the second checker."""

    component: str
    digest: str
    rows: tuple[tuple[str, str | None, str], ...]


class ScoresConfirmed(Event, frozen=True, kw_only=True, tag="scores_confirmed"):
    """The import of line ``of`` counts."""

    of: int


class ScoresContinued(Event, frozen=True, kw_only=True, tag="scores_continued"):
    """Further rows of the import of line ``of``, written together with it: no line grows without bounds."""

    of: int
    rows: tuple[tuple[str, str | None, str], ...]


class ScoresWithdrawn(Event, frozen=True, kw_only=True, tag="scores_withdrawn"):
    """The import of line ``of`` was taken back before it counted."""

    of: int


class KeyedConfirmed(Event, frozen=True, kw_only=True, tag="keyed_confirmed"):
    """Second reading of keyed paper: ``differs`` lists the aspects where the readings differ (to be keyed
    again)."""

    unit: str
    sub: str
    seat: str
    differs: tuple[str, ...] = ()


class Adjusted(Event, frozen=True, kw_only=True, tag="adjusted"):
    """A penalty or bonus."""

    id: str
    unit: str
    component: str
    amount: str
    signers: tuple[str, ...]


class Frozen(Event, frozen=True, kw_only=True, tag="frozen"):
    """The public picture stands still (or moves again)."""

    on: bool


AnyEvent = (
    Defined | PersonBound | AccountMade | LinkIssued | Enrolled | DeviceRevoked | ResultPublished | Released
    | Annulled | Withheld | Drawn | Opened | SessionMoved | CheckedIn | Finished | Credited | StatusSet |
    Marked | MarkConflicted | MarkLate | Revealed | SheetRevealed | Signed | Returned | RoundOpened |
    Resolved | Excused | Voided | RosterChanged | Locked | Unlocked | LateSettled | ScoresImported |
    ScoresConfirmed | KeyedConfirmed | Adjusted | Frozen | ListImported | ListReverted | ColumnsMapped |
    ScoresContinued | ScoresWithdrawn | Entered | Advanced | MovedUp | TieSettled |
    HandedBack | Escalated |
    Announced | WordRead | Reported | IncidentDecided |
    PinSet | PinLocked | PinUnlocked | DeviceSuperseded | HeadsKept |
    Accepted | Disputed | DisputeAnswered | ExpertMissed | CompetitorSigned |
    CredentialFact | RegisterFact | PaperFact | AssessmentFact | HolderFact
)  # fmt: skip


class Closed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The closed part of a line. ``h``: digest of the command's content; ``salt`` makes the part
    unguessable."""

    salt: str
    actor: str = ""
    device: str = ""
    key: str = ""
    h: str = ""
    claimed: str = ""
    brought: str = ""
    text: str = ""
    files: tuple[str, ...] = ()
    secret: Any = None


class Drafted(msgspec.Struct, frozen=True):
    """An event about to become a line of ``stream``."""

    stream: str
    event: AnyEvent
    closed: Closed


# ---------------------------------------------------------------- bytes

EVENT_DECODER: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
CLOSED_DECODER: msgspec.json.Decoder[Closed] = msgspec.json.Decoder(Closed)
ENCODER = msgspec.json.Encoder()


class NewerJournal(Exception):
    """A line's kind or version is unknown to this program: refuse to start, and say so."""


def pack(event: AnyEvent, closed: Closed) -> tuple[bytes, bytes]:
    """The two parts of a line as bytes (JSON, no spaces), to be stored as written.

    >>> pack(Frozen(on=True, t="2026-01-01T00:00:00.000Z"), Closed(salt="00"))[0]
    b'{"kind":"frozen","v":1,"c":0,"t":"2026-01-01T00:00:00.000Z","on":true}'
    """
    return ENCODER.encode(event), ENCODER.encode(closed)


def unpack(open_part: bytes) -> AnyEvent:
    """The event of a line's open part; raises NewerJournal for what this program does not know."""
    try:
        event = EVENT_DECODER.decode(open_part)
    except msgspec.ValidationError as error:
        raise NewerJournal(str(error)) from error
    if event.v != 1:
        raise NewerJournal(f"{type(event).__name__} v{event.v}")
    return event


def content_digest(actor: Actor, command: Command) -> str:
    """What a key stands for: 16 hex over actor and command, without clocks and connections."""
    return hashlib.blake2b(actor.id.encode() + b"\0" + ENCODER.encode(command), digest_size=8).hexdigest()
