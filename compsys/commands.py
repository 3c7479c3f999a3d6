"""Commands: what may be asked of the core, each with who may need it and what it carries."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from compsys.commands_acceptance import Accept as Accept
from compsys.commands_acceptance import AnswerDispute as AnswerDispute
from compsys.commands_acceptance import CompetitorSigns as CompetitorSigns
from compsys.commands_acceptance import MissExpert as MissExpert
from compsys.commands_assessment import AssessmentCommand
from compsys.commands_base import Actor as Actor
from compsys.commands_base import Call as Call
from compsys.commands_base import Command as Command
from compsys.commands_base import Marking as Marking
from compsys.commands_credentials import CredentialCommand
from compsys.commands_holder import HolderCommand
from compsys.commands_papers import PaperCommand
from compsys.commands_registers import RegisterCommand
from compsys.records import Audience, NumberText

Pictures = Annotated[
    tuple[Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")], ...], msgspec.Meta(max_length=8)
]
"""SHA-256 of each picture pinned to what is given; the pictures themselves come by themselves."""

# ---------------------------------------------------------------- commands: set-up (competition stream)


class Define(Command, frozen=True, kw_only=True, tag="define"):
    """Set (or, with value None, remove) one set-up record; ``kind`` as in ``records.KINDS``."""

    kind: str
    id: str
    value: dict[str, Any] | None


class DefineAll(Command, frozen=True, kw_only=True, tag="define_all"):
    """Set many records at once, all or nothing (an import)."""

    items: tuple[Define, ...]
    persons: tuple[BindPerson, ...] = ()


class ImportList(Command, frozen=True, kw_only=True, tag="import_list"):
    """Set the records that a list of other people gave (``what``: entrants, judges, delegations), all or
    nothing; ``digest``: the file's SHA-256 (hex). ``revert_list`` takes it back."""

    what: str
    digest: str
    items: tuple[Define, ...]
    persons: tuple[BindPerson, ...] = ()


class RevertList(Command, frozen=True, kw_only=True, tag="revert_list"):
    """Take the import of line n of ``competition`` back: every record as it was before. ``persons``: those
    whose identity becomes the earlier one again."""

    n: int
    persons: tuple[BindPerson, ...] = ()


class MapColumns(Command, frozen=True, kw_only=True, tag="map_columns"):
    """Remember what the columns of lists with this header mean (``shape``: its digest; "" = left out)."""

    shape: str
    columns: tuple[str, ...]


class BindPerson(Command, frozen=True, kw_only=True, tag="bind_person"):
    """Record the salted commitment to a person's identity; the salt goes to the closed part."""

    person: str
    commitment: str
    salt: str


class MakeAccount(Command, frozen=True, kw_only=True, tag="make_account"):
    """Make (or change the password of) an account with roles: organizer, supervisor, coding_officer,
    officer."""

    account: str
    roles: tuple[str, ...]
    secret: str
    """``scrypt$salt$hash``; closed part only."""


class IssueLink(Command, frozen=True, kw_only=True, tag="issue_link"):
    """Give a seat a one-time link: digest (SHA-256 hex) of its token, valid until ``expires`` (UTC ms
    text). ``slip``: printed and handed out, not scanned from a screen."""

    seat: str
    token: str
    expires: str
    slip: bool = False


class Enrol(Command, frozen=True, kw_only=True, tag="enrol"):
    """Spend a seat's link: ``token`` as in the link (digest), ``device`` a fresh id, ``device_key`` digest
    of its secret. ``approved``: the account that compared the words of tablet and console ("" = nobody had
    to). ``public``: the public half of a key that the tablet cannot give away ("" = it has none)."""

    seat: str
    token: str
    device: str
    device_key: str
    approved: str = ""
    public: str = ""


class RevokeDevice(Command, frozen=True, kw_only=True, tag="revoke_device"):
    """Take a device's right to act, at once."""

    device: str
    reason: str = ""


class SetPin(Command, frozen=True, kw_only=True, tag="set_pin"):
    """Give a judge's seat its PIN: a salted, peppered hash of it ("" = none any more)."""

    seat: str
    secret: str


class LockPin(Command, frozen=True, kw_only=True, tag="lock_pin"):
    """Take no PIN of a seat from this device any more: it was wrong too often."""

    seat: str
    device: str


class UnlockPin(Command, frozen=True, kw_only=True, tag="unlock_pin"):
    """Take a seat's PIN again, from all its devices."""

    seat: str


class KeepHeads(Command, frozen=True, kw_only=True, tag="keep_heads"):
    """Say that a copy off this machine (``where``) was checked: stream -> (n, seal) of its newest line."""

    heads: dict[str, tuple[int, str]]
    where: str


class Publish(Command, frozen=True, kw_only=True, tag="publish"):
    """Make a result version of (trade, stage, group), or release it to a further audience.

    official needs the stage locked and ``confirmed_by`` someone other than the actor; a correction (version
    > 1) needs a reason and a public note.
    """

    trade: str
    stage: str
    group: str
    rank: Literal["provisional", "official"]
    audience: Audience
    reason: str = ""
    note: dict[str, str] = {}
    confirmed_by: str = ""


class Annul(Command, frozen=True, kw_only=True, tag="annul"):
    """Declare the standing result of (trade, stage, group) void."""

    trade: str
    stage: str
    group: str
    reason: str
    confirmed_by: str = ""


class EnterMany(Command, frozen=True, kw_only=True, tag="enter_many"):
    """Enter many persons in a trade, each as an entry of its own, all or nothing. The salts of their
    commitments are derived from the persons' keys in the vault."""

    trade: str
    group: str
    rows: tuple[tuple[str, str, str, str, str], ...]
    """(entry, delegation, bib, person, commitment)"""
    site: str = "main"


class Cut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a cut asks besides its number of places and its ties.

    ``percent`` of ``base`` (with ``rounding``) instead of a number; ``minimum``: the total to be reached;
    ``per_pool`` of each ``pool`` (delegation, pool) first; ``host``: places for hosts; ``reserve``: so many
    wait; ``carry``: what totals become in the later stage, ``points`` for the places.
    """

    percent: str = ""
    base: str = "started"
    rounding: str = "floor"
    minimum: str = ""
    pool: str = ""
    per_pool: int = 0
    host: int = 0
    reserve: int = 0
    carry: str = "none"
    points: tuple[str, ...] = ()


class Advance(Command, frozen=True, kw_only=True, tag="advance"):
    """Say who goes on from a stage's official result to a later stage: the first ``count`` places (0: no
    number of places), with (``in``) or without (``out``) those who tie at the edge, and whatever else ``cut``
    asks; ``seeded`` and ``wild_cards`` go on besides, with a reason. Again as long as the later stage is not
    drawn."""

    trade: str
    stage: str
    group: str
    to: str
    count: int = 0
    ties: str = "in"
    cut: Cut | None = None
    seeded: tuple[str, ...] = ()
    wild_cards: tuple[str, ...] = ()
    reason: str = ""


class MoveUp(Command, frozen=True, kw_only=True, tag="move_up"):
    """An entry that went on (or waits) withdraws before the later stage is opened: the next of the reserve
    list goes on in its stead."""

    trade: str
    stage: str
    group: str
    to: str
    entry: str
    reason: str


class Withhold(Command, frozen=True, kw_only=True, tag="withhold"):
    """Record that the closed part of (stream, n) has been erased, and why."""

    stream: str
    n: int
    reason: str


# ---------------------------------------------------------------- commands: marking


class Draw(Marking, frozen=True, kw_only=True, tag="draw"):
    """Mint units: for each entry a random unit id and a blind code. Closed until results are named."""

    units: tuple[tuple[str, str, str], ...]
    """(entry, unit, code)"""


class Open(Marking, frozen=True, kw_only=True, tag="open"):
    """Open marking: freeze schemes, profiles, components, seats and sessions into the stream, whole.

    ``frozen`` is made by ``core.freeze(state, stream)``, so that the line says everything.
    """


class Session(Marking, frozen=True, kw_only=True, tag="session"):
    """Move a session: start (its sheets open with their rosters), pause, resume, stop."""

    session: str
    move: Literal["start", "pause", "resume", "stop"]
    reason: str = ""


class CheckIn(Marking, frozen=True, kw_only=True, tag="check_in"):
    """A unit is present (or late by so many minutes) for a session."""

    unit: str
    session: str
    minutes_late: int = 0
    identity: Literal["", "same", "other", "unproven"] = ""
    """what the look at the identity paper found; "" = nobody looked"""


class Finish(Marking, frozen=True, kw_only=True, tag="finish"):
    """A unit finished its work in a session now (or at net ``seconds``, from a stop-watch)."""

    unit: str
    session: str
    seconds: NumberText = "0"


class Credit(Marking, frozen=True, kw_only=True, tag="credit"):
    """Give a unit (or ``*`` all) extra seconds in a session, with the reason."""

    unit: str
    session: str
    seconds: int
    reason: str


class Announce(Command, frozen=True, kw_only=True, tag="announce"):
    """Say something to tablets: to all (``to`` is ""), to a trade, to TRADE/STAGE or to a seat. In the
    competition stream."""

    to: str = ""
    text: str


class ReadWord(Command, frozen=True, kw_only=True, tag="read_word"):
    """The seat that sends this has read the announcement at line ``n`` of the competition stream."""

    n: int


class Report(Marking, frozen=True, kw_only=True, tag="report"):
    """Report what happened, with the unit, session and station where they are known. ``absent``,
    ``withdrawn`` and ``excluded`` propose that a unit is that instead of marked, ``away`` that a ``seat`` of
    the lead's own panel leaves that unit's sheets: the chief decides."""

    incident: Literal[
        "equipment", "injury", "conduct", "task_error", "absent", "withdrawn", "excluded", "away"
    ]
    text: str
    unit: str = ""
    session: str = ""
    station: str = ""
    files: Pictures = ()
    seat: str = ""


class DecideIncident(Marking, frozen=True, kw_only=True, tag="decide_incident"):
    """Decide the incident reported at line ``n``: extra ``seconds`` (for all of the session where it
    concerns nobody in particular), a re-run, a penalty of ``amount`` (below
    zero) on a ``component``, confirmed by a second person, the proposed status (of a seat that is away: it
    leaves that unit's sheets; ``everywhere``: all its unsigned ones; ``joins``: who marks instead), or
    nothing."""

    n: int
    outcome: Literal["credit", "rerun", "penalty", "status", "everywhere", "none"]
    reason: str
    seconds: int = 0
    component: str = ""
    amount: NumberText = "0"
    confirmed_by: str = ""
    joins: str = ""


Status = Literal["absent", "not_finished", "withdrawn", "zeroed", "excluded"]


class SetStatus(Marking, frozen=True, kw_only=True, tag="set_status"):
    """Say what a unit is instead of its marks; scope ``stage`` or ``component:<id>``. Reversed by status
    None."""

    unit: str
    scope: str
    status: Status | None
    reason: str


class Mark(Marking, frozen=True, kw_only=True, tag="mark"):
    """One seat's value for one aspect of one unit in one round. value None = cleared.

    ``base``: the revision it replaces (0 = none yet), or the key of this device's own pending change of the
    same cell.
    ``via`` other than own: the actor enters for ``seat`` (panel tablet, keyed paper, import).
    """

    unit: str
    aspect: str
    seat: str
    round: int
    value: str | None
    base: int | str
    via: Literal["own", "panel", "paper", "import"] = "own"
    note: str = ""
    files: Pictures = ()


class Sign(Marking, frozen=True, kw_only=True, tag="sign"):
    """Sign a sheet as ``seat``; ``step`` is the link of the signing chain (seats first). ``digest`` of what
    was seen."""

    unit: str
    sub: str
    seat: str
    step: str = "seats"
    digest: str = ""
    via: Literal["own", "panel", "paper"] = "own"


class HandBack(Marking, frozen=True, kw_only=True, tag="hand_back"):
    """The supervisor gives a sheet back to the chief, with words, instead of signing it."""

    unit: str
    sub: str
    reason: str


class Return(Marking, frozen=True, kw_only=True, tag="return"):
    """Give a sheet back to its seats with words; its signatures fall."""

    unit: str
    sub: str
    reason: str


class Revote(Marking, frozen=True, kw_only=True, tag="revote"):
    """After the discussion of a spread: open the next round of an aspect, sealed again."""

    unit: str
    aspect: str
    reason: str


class LetStand(Marking, frozen=True, kw_only=True, tag="let_stand"):
    """Let votes stand although they are too far apart, where the profile allows that, with the reason."""

    unit: str
    aspect: str
    reason: str


class Resolve(Marking, frozen=True, kw_only=True, tag="resolve"):
    """The chief decides an aspect whose rounds are used up: its mark, with the reason."""

    unit: str
    aspect: str
    mark: NumberText
    reason: str


class Excuse(Marking, frozen=True, kw_only=True, tag="excuse"):
    """Give a reason for a hole: this seat's value for this aspect will not come."""

    unit: str
    aspect: str
    seat: str
    reason: str


class Void(Marking, frozen=True, kw_only=True, tag="void"):
    """Take an aspect or component out for everybody (``what``: ``aspect:<key>`` or ``component:<id>``).
    ``full``: everybody gets its full marks; otherwise it counts for nobody."""

    what: str
    full: bool
    reason: str


class ChangeRoster(Marking, frozen=True, kw_only=True, tag="change_roster"):
    """A seat leaves the sheets (of one unit, or all units not yet signed by it), a reserve may join."""

    leaves: str
    joins: str = ""
    unit: str = "*"
    reason: str


class Lock(Marking, frozen=True, kw_only=True, tag="lock"):
    """Lock a scope: ``sheet:<unit>.<sub>``, ``session:<id>``, ``component:<id>`` or ``stage``;
    ``reason`` where it is locked although something speaks against it."""

    scope: str
    reason: str = ""


class Unlock(Marking, frozen=True, kw_only=True, tag="unlock"):
    """Open a locked scope again: reason and a second pair of eyes."""

    scope: str
    reason: str
    confirmed_by: str


class SettleLate(Marking, frozen=True, kw_only=True, tag="settle_late"):
    """Decide a late mark of the tray: apply it (its sheet must be open) or leave it out, with the reason."""

    n: int
    accept: bool
    reason: str


class SettleTie(Marking, frozen=True, kw_only=True, tag="settle_tie"):
    """Say what entries that stand level have for a later ranking key: ``play_off`` their results of a
    play-off, ``decided`` their numbers in the chief's order; rows of (unit, number; None takes it back)."""

    key: Literal["play_off", "decided"]
    rows: tuple[tuple[str, NumberText | None], ...]
    reason: str


class ImportScores(Marking, frozen=True, kw_only=True, tag="import_scores"):
    """Bring in a component's scores: rows (unit, value or None, status or ""); the file's digest. Counts
    once confirmed."""

    component: str
    digest: str
    rows: tuple[tuple[str, str | None, str], ...]


class ConfirmScores(Marking, frozen=True, kw_only=True, tag="confirm_scores"):
    """A second person has checked the import that stands at line n."""

    n: int


class WithdrawScores(Marking, frozen=True, kw_only=True, tag="withdraw_scores"):
    """Take the import at line n back, as long as nobody has confirmed it."""

    n: int


class ConfirmKeyed(Marking, frozen=True, kw_only=True, tag="confirm_keyed"):
    """A second person has compared the keyed-in values of (unit, sub, seat) with the paper."""

    unit: str
    sub: str
    seat: str
    values: dict[str, str | None]
    """aspect -> value as read from the paper, blind to what was keyed."""


class Adjust(Marking, frozen=True, kw_only=True, tag="adjust"):
    """A penalty (negative) or bonus on a component, with reason and two signers; ``amount`` "0" reverses
    ``id``."""

    id: str
    unit: str
    component: str
    amount: NumberText
    reason: str
    signers: tuple[str, ...]


class Freeze(Marking, frozen=True, kw_only=True, tag="freeze"):
    """Stop (or go on) feeding the public picture: it stays computed from lines up to the cut-off."""

    on: bool
    reason: str = ""


AnyCommand = (
    Define | DefineAll | BindPerson | MakeAccount | IssueLink | Enrol | RevokeDevice | Publish | Annul |
    Withhold | Draw | Open | Session | CheckIn | Finish | Credit | SetStatus | Mark | Sign | Return | Revote
    | Resolve | Excuse | Void | ChangeRoster | Lock | Unlock | SettleLate | ImportScores | ConfirmScores |
    ConfirmKeyed | Adjust | Freeze | ImportList | RevertList | MapColumns | WithdrawScores | EnterMany |
    Advance | MoveUp | SettleTie | HandBack | LetStand |
    Announce | ReadWord | Report | DecideIncident |
    SetPin | LockPin | UnlockPin | KeepHeads |
    Accept | AnswerDispute | MissExpert | CompetitorSigns |
    CredentialCommand | RegisterCommand | PaperCommand | AssessmentCommand | HolderCommand
)  # fmt: skip

COMMAND_DECODER: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)
