"""Commands, events and answers: what may be asked of the core, what it records, what it says back.

A *command* is a wish with a 128-bit key made where the finger touched. ``core.decide`` turns it into
*events* (facts, past tense) or into a ``Refused``. A *line* of the journal is one event: its open part
(kind, v, c, t and the event's fields) and its closed part (``Closed``: who, with which device and key, free
text, a sealed value). Every kind has a version; ``unpack`` upcasts old ones and refuses unknown or newer
ones.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import msgspec

from compsys.records import Audience, NumberText

COMPETITION = "competition"
"""The name of the stream that holds set-up and publications."""

ANY_SEAT = "*"
"""The seat of an ``agreed`` cell: one value for the whole panel."""


# ---------------------------------------------------------------- who asks


class Actor(msgspec.Struct, frozen=True):
    """Who asks: ``account`` (id, its roles), ``seat`` (key ``trade/stage/seat``, its role) or ``office``
    (the command line on the machine itself)."""

    kind: Literal["account", "seat", "office"]
    id: str
    roles: tuple[str, ...] = ()


class Call(msgspec.Struct, frozen=True):
    """A command on its way to the core: its key (32 hex), its actor and device, the tablet's own claim of
    the time."""

    key: str
    actor: Actor
    command: Command
    device: str = ""
    claimed: str = ""


class Command(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="c"
):
    """The base of all commands; ``c`` on the wire names the kind."""


class Marking(Command, frozen=True, kw_only=True):
    """The base of commands to one marking unit stream."""

    stream: str


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


class BindPerson(Command, frozen=True, kw_only=True, tag="bind_person"):
    """Record the salted commitment to a person's identity; the salt goes to the closed part."""

    person: str
    commitment: str
    salt: str


class MakeAccount(Command, frozen=True, kw_only=True, tag="make_account"):
    """Make (or change the password of) an account with roles: organizer, supervisor, coding_officer."""

    account: str
    roles: tuple[str, ...]
    secret: str
    """``scrypt$salt$hash``; closed part only."""


class IssueLink(Command, frozen=True, kw_only=True, tag="issue_link"):
    """Give a seat a one-time link: digest (SHA-256 hex) of its token, valid until ``expires`` (UTC ms
    text)."""

    seat: str
    token: str
    expires: str


class Enrol(Command, frozen=True, kw_only=True, tag="enrol"):
    """Spend a seat's link: ``token`` as in the link (digest), ``device`` a fresh id, ``device_key`` digest
    of its secret."""

    seat: str
    token: str
    device: str
    device_key: str


class RevokeDevice(Command, frozen=True, kw_only=True, tag="revoke_device"):
    """Take a device's right to act, at once."""

    device: str
    reason: str = ""


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
    files: tuple[str, ...] = ()


class Sign(Marking, frozen=True, kw_only=True, tag="sign"):
    """Sign a sheet as ``seat``; ``step`` is the link of the signing chain (seats first). ``digest`` of what
    was seen."""

    unit: str
    sub: str
    seat: str
    step: str = "seats"
    digest: str = ""
    via: Literal["own", "panel", "paper"] = "own"


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
    """Lock a scope: ``sheet:<unit>.<sub>``, ``session:<id>``, ``component:<id>`` or ``stage``."""

    scope: str


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


class ImportScores(Marking, frozen=True, kw_only=True, tag="import_scores"):
    """Bring in a component's scores: rows (unit, value or None, status or ""); the file's digest. Counts
    once confirmed."""

    component: str
    digest: str
    rows: tuple[tuple[str, str | None, str], ...]


class ConfirmScores(Marking, frozen=True, kw_only=True, tag="confirm_scores"):
    """A second person has checked the import that stands at line n."""

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
    ConfirmKeyed | Adjust | Freeze
)  # fmt: skip

COMMAND_DECODER: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)


# ---------------------------------------------------------------- events


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """The base of all events. ``v`` version of the kind; ``c`` the competition line its decision used; ``t``
    UTC ms ``Z``."""

    v: int = 1
    c: int = 0
    t: str = ""


class Defined(Event, frozen=True, kw_only=True, tag="defined"):
    """A set-up record was set (value) or removed (None)."""

    what: str
    id: str
    value: dict[str, Any] | None


class PersonBound(Event, frozen=True, kw_only=True, tag="person_bound"):
    """The commitment to a person's identity (salt in the closed part)."""

    person: str
    commitment: str


class AccountMade(Event, frozen=True, kw_only=True, tag="account_made"):
    """An account exists with these roles (its secret is in the closed part)."""

    account: str
    roles: tuple[str, ...]


class LinkIssued(Event, frozen=True, kw_only=True, tag="link_issued"):
    """A seat has a one-time link until ``expires`` (token digest in the closed part)."""

    seat: str
    expires: str


class Enrolled(Event, frozen=True, kw_only=True, tag="enrolled"):
    """A device took a seat (its key's digest is in the closed part)."""

    seat: str
    device: str


class DeviceRevoked(Event, frozen=True, kw_only=True, tag="device_revoked"):
    """A device may no longer act."""

    device: str


class Cite(msgspec.Struct, frozen=True):
    """Where a result came from: the stream's line n and its seal (hex)."""

    stream: str
    n: int
    head: str


class ComponentLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One component in a result row: raw and weighted value as exact text, or the status that stands
    instead."""

    id: str
    raw: str | None
    weighted: str | None
    status: str = ""
    passed: bool | None = None


class ResultRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry in a result: values as text; ``place`` None when not ranked, with the status that says
    why."""

    entry: str
    unit: str
    code: str
    total: str | None
    place: int | None
    tied: bool
    medal: str
    components: tuple[ComponentLine, ...]
    status: str = ""
    scale: str = ""
    ranked: bool = True
    keys: tuple[str, ...] = ()
    """Tie-break values after the total, in the profile's order, as text ("" = none)."""


class ResultPublished(Event, frozen=True, kw_only=True, tag="result_published"):
    """A result version, as values, with everything it stood on (promise 12)."""

    trade: str
    stage: str
    group: str
    version: int
    rank: str
    audience: str
    rows: tuple[ResultRow, ...]
    cites: tuple[Cite, ...]
    digests: dict[str, str]
    """scheme, profile, rosters, rules -> digest (hex) or version."""
    note: dict[str, str] = {}
    confirmed_by: str = ""


class Released(Event, frozen=True, kw_only=True, tag="released"):
    """An audience may now see this existing version."""

    trade: str
    stage: str
    group: str
    version: int
    rank: str
    audience: str


class Annulled(Event, frozen=True, kw_only=True, tag="annulled"):
    """The result is void."""

    trade: str
    stage: str
    group: str
    version: int
    confirmed_by: str = ""


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
    ScoresConfirmed | KeyedConfirmed | Adjusted | Frozen
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
    text: str = ""
    files: tuple[str, ...] = ()
    secret: Any = None


class Drafted(msgspec.Struct, frozen=True):
    """An event about to become a line of ``stream``."""

    stream: str
    event: AnyEvent
    closed: Closed


# ---------------------------------------------------------------- answers


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of the five answers. ``a``; the line's stream and n; the cell's new revision; for refused and
    retry a code with parameters; ``dup`` when the same key was answered before."""

    k: str
    a: Literal["accepted", "conflict", "late", "refused", "retry"]
    stream: str = ""
    n: int = 0
    rev: int = 0
    code: str = ""
    params: dict[str, str] = {}
    dup: bool = False


class Refused(msgspec.Struct, frozen=True):
    """An expected refusal: a code of ``CODES`` and its parameters."""

    code: str
    params: dict[str, str] = {}


CODES: tuple[str, ...] = (
    # form
    "malformed", "too_large", "bad_key", "key_reused", "unknown_stream", "unknown_kind", "unknown_record",
    "bad_record", "in_use", "frozen_record", "unknown_reference",
    # who
    "not_allowed", "not_yours", "not_enrolled", "device_revoked", "old_connection", "link_spent",
    "link_expired", "link_unknown", "login_failed", "same_person", "confirmation_missing", "recused",
    "foreign_origin", "throttled", # when
    "not_drawn", "already_drawn", "redraw_refused", "not_open", "already_open", "session_state",
    "session_unknown", "not_checked_in", "already_published", "nothing_to_publish", "not_locked",
    "already_locked", "locked", # what
    "unknown_unit", "unknown_aspect", "unknown_sheet", "unknown_seat", "unknown_component", "bad_round",
    "bad_base", "not_a_number", "not_a_score", "not_pass_or_fail", "not_whole", "out_of_range", "off_step",
    "not_a_choice", "too_many", "bad_value", "reason_missing", "signers_missing",
    "note_missing", "bad_scope", "bad_status",
    # sheets
    "holes", "conflict_open", "spread_open", "not_revealed", "already_signed", "not_signed",
    "keyed_unconfirmed", "not_spread", "rounds_left", "rounds_used", "late_unknown", "late_settled",
    "import_unknown", "import_confirmed", "panel_too_small", "incomplete", "ties_open", "scheme_errors",
    "profile_errors", # retry
    "disk_full", "disk_error", "starting", "busy", "internal_error",
)  # fmt: skip
"""Every code an answer may carry; each has a sentence and what to do in the catalogue, in zh-CN and en."""


# ---------------------------------------------------------------- bytes

EVENT_DECODER: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
CLOSED_DECODER: msgspec.json.Decoder[Closed] = msgspec.json.Decoder(Closed)
ENCODER = msgspec.json.Encoder()


class NewerJournal(Exception):
    """A line's kind or version is unknown to this program: refuse to start, and say so."""


def pack(event: AnyEvent, closed: Closed) -> tuple[bytes, bytes]:
    """The two parts of a line as bytes (JSON, no spaces), to be stored as written.

    >>> pack(Frozen(on=True, t="2026-01-01T00:00:00.000Z"), Closed(salt="00"))[0]
    b'{"kind":"frozen","t":"2026-01-01T00:00:00.000Z","on":true}'
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
