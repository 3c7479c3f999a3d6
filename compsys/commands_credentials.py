"""Commands of the way of a promotion: issuers, keys, occupations, proposals, notice, approval, issuing."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from compsys.commands_base import Command
from compsys.records import Date
from compsys.records_credentials import Issuer, Occupation, Paper

Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
Said = Annotated[str, msgspec.Meta(max_length=2000)]
Key = Annotated[str, msgspec.Meta(pattern=r"^z[1-9A-HJ-NP-Za-km-z]{40,80}\Z")]
Slice = msgspec.Meta(min_length=1, max_length=200)


class SetIssuer(Command, frozen=True, kw_only=True, tag="set_issuer"):
    """Set a body that issues. Protected words in its name need an exception with whose authorisation."""

    issuer: Issuer


class SetOccupation(Command, frozen=True, kw_only=True, tag="set_occupation"):
    """Set an occupation of an edition."""

    occupation: Occupation


class MakeKey(Command, frozen=True, kw_only=True, tag="make_key"):
    """Give an issuer a (new) key: its public part; the private part is in the keys folder already."""

    issuer: str
    key: Key
    suite: Literal["Ed25519", "ES256"] = "Ed25519"


class MoveKey(Command, frozen=True, kw_only=True, tag="move_key"):
    """Retire a key, or revoke it because others may have it: then nothing that it signed holds."""

    issuer: str
    key: Key
    move: Literal["retired", "revoked"]
    reason: Said
    confirmed_by: str = ""


class NoteTraining(Command, frozen=True, kw_only=True, tag="note_training"):
    """Say who trained whom: rows of (person, training body or delegation, trainer's person id or "")."""

    rows: Annotated[tuple[tuple[str, str, str], ...], Slice]


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the office's records say of a person outside the contest: the level held (None unknown, ""
    none), the year of the last promotion, honours, the group."""

    person: str
    held: str | None = None
    promoted_in: str = ""
    honours: tuple[str, ...] = ()
    category: str = ""


class ProposeCredentials(Command, frozen=True, kw_only=True, tag="propose_credentials"):
    """Make a batch of proposals from the newest official version of a group's result.

    ``rules``: a profile's text whose promotion rule counts, "" = the group's own. ``occupation``:
    code@edition, "" = the stage's. ``participation``: awards also for those without medal or prize.
    """

    batch: Id
    paper: Paper
    issuer: str
    trade: str
    stage: str
    group: str
    rules: str = ""
    occupation: str = ""
    site: str = ""
    participation: bool = False
    facts: tuple[Fact, ...] = ()


class GiveNotice(Command, frozen=True, kw_only=True, tag="give_notice"):
    """Put a batch's list on public notice from a day on, for so many working days; ``holidays`` are none of
    them, ``workdays`` are although they fall on a weekend."""

    batch: Id
    since: Date
    days: Annotated[int, msgspec.Meta(ge=0, le=60)]
    holidays: tuple[Date, ...] = ()
    workdays: tuple[Date, ...] = ()


class Object(Command, frozen=True, kw_only=True, tag="object_notice"):
    """Record an objection to a row of a batch on notice (-1: to all of it)."""

    batch: Id
    row: int
    words: Said


class AnswerObjection(Command, frozen=True, kw_only=True, tag="answer_objection"):
    """Answer the objection of line n; upheld, its row leaves the list and a new version goes on notice."""

    batch: Id
    n: int
    upheld: bool
    words: Said
    since: str = ""
    days: Annotated[int, msgspec.Meta(ge=0, le=60)] = 0


class ApproveBatch(Command, frozen=True, kw_only=True, tag="approve_batch"):
    """Approve version ``version`` of a batch as the officer ``confirmed_by``: another person than who
    proposed it."""

    batch: Id
    version: int
    confirmed_by: str
    identity: tuple[str, ...] = ()
    authority: Annotated[str, msgspec.Meta(max_length=100)] = ""


class ReserveCredentials(Command, frozen=True, kw_only=True, tag="reserve_credentials"):
    """Give numbers to rows of an approved batch: (row, credential, subject, where to look for a free index in
    the status list), all random but the row; ``achievements``: row's place in it -> its whole text."""

    batch: Id
    rows: Annotated[tuple[tuple[int, Id, Id, int], ...], Slice]


class IssueCredentials(Command, frozen=True, kw_only=True, tag="issue_credentials"):
    """Say that reserved credentials are signed: (credential, rdfc value, jcs value, SHA-256)."""

    batch: Id
    rows: Annotated[tuple[tuple[Id, str, str, str], ...], Slice]


class VoidNumbers(Command, frozen=True, kw_only=True, tag="void_numbers"):
    """Say that reserved numbers are never issued: (credential, code: why)."""

    batch: Id
    rows: Annotated[tuple[tuple[Id, str], ...], Slice]


class MoveCredentials(Command, frozen=True, kw_only=True, tag="move_credentials"):
    """Revoke, suspend or reinstate credentials, with the reason; to revoke needs a second person."""

    move: Literal["revoked", "suspended", "reinstated"]
    credentials: Annotated[tuple[Id, ...], Slice]
    code: Literal["error", "fraud", "withdrawn", "result_changed", "key_revoked", "appeal", "other"] = "other"
    reason: Said
    confirmed_by: str = ""


class ReissueCredentials(Command, frozen=True, kw_only=True, tag="reissue_credentials"):
    """Give what was issued anew under the same ids: (credential, where to look for a free index); a later
    time, the same day of the award, the same number unless the issuer gives new ones."""

    rows: Annotated[tuple[tuple[Id, int], ...], Slice]
    code: Literal["name", "key_revoked", "error", "other"]
    reason: Said
    confirmed_by: str = ""


class LodgeAppeal(Command, frozen=True, kw_only=True, tag="lodge_appeal"):
    """Record an appeal against the result of a stage's group, or of one entry of it."""

    trade: str
    stage: str
    group: str
    words: Said
    delegation: str = ""
    entry: str = ""


class RuleAppeal(Command, frozen=True, kw_only=True, tag="rule_appeal"):
    """Record what became of the appeal of line n."""

    n: int
    outcome: Literal["upheld", "rejected", "withdrawn"]
    words: Said


CredentialCommand = (
    SetIssuer | SetOccupation | MakeKey | MoveKey | NoteTraining | ProposeCredentials | GiveNotice | Object
    | AnswerObjection | ApproveBatch | ReserveCredentials | IssueCredentials | VoidNumbers | MoveCredentials
    | ReissueCredentials | LodgeAppeal | RuleAppeal
)  # fmt: skip
"""The commands of this family."""

