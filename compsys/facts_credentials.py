"""The events of credentials: issuers, keys and occupations, and the way from a proposal to what was issued.

Ids of credentials, subjects and batches are 32 hex digits (a credential's address writes them as a UUID).
No line holds a name or a signed document: what was signed is put together again from lines and the vault.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from compsys.facts import Event
from compsys.records_credentials import Issuer, Occupation, Paper

Absent = msgspec.UnsetType


class IssuerSet(Event, frozen=True, kw_only=True, tag="issuer_set"):
    """A body that issues was set: its newest record counts, earlier ones stand for what they issued."""

    issuer: Issuer


class OccupationSet(Event, frozen=True, kw_only=True, tag="occupation_set"):
    """An occupation of an edition was set."""

    occupation: Occupation


class KeyMade(Event, frozen=True, kw_only=True, tag="key_made"):
    """An issuer has a key: its public part as multibase text (``z6Mk...``), which is also its id; from now on
    it signs, and the one before it no more."""

    issuer: str
    key: str
    suite: Literal["Ed25519", "ES256"]


class KeyMoved(Event, frozen=True, kw_only=True, tag="key_moved"):
    """A key signs no more (``retired``) or nothing that it ever signed holds (``revoked``: compromised); why
    stands in the closed part."""

    issuer: str
    key: str
    move: Literal["retired", "revoked"]


class TrainingNoted(Event, frozen=True, kw_only=True, tag="training_noted"):
    """Who trained whom: rows of (person, training body or delegation, trainer's person id or "")."""

    rows: tuple[tuple[str, str, str], ...]


class Basis(msgspec.Struct, frozen=True, omit_defaults=True):
    """What proposals rest on: a version of a result (``kind`` result) or an assessment (``id``), with the
    SHA-256 of its public document, the number of its entries, its days, and the highest total."""

    kind: Literal["result", "assessment"]
    digest: str
    trade: str = ""
    stage: str = ""
    group: str = ""
    version: int = 0
    id: str = ""
    field: int = 0
    days: tuple[str, ...] = ()
    maximum: str = "100"


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is proposed for one person: which level or award by which clause, on which values.

    ``results``: (level, mark, rank, award, theory, practical or review; value as text), in the order of the
    certificate. ``failed`` and ``unknown``: checks (codes) that speak against it, and that nobody can answer
    here. ``action``: new, or of a correction ``replace`` or ``revoke`` the credential ``of`` (its id).
    ``held``: the level held, "" none, ``unknown``.
    """

    person: str
    entry: str = ""
    delegation: str = ""
    level: str = ""
    award: str = ""
    results: tuple[tuple[str, str], ...] = ()
    clause: str = ""
    held: str = "unknown"
    failed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    action: Literal["new", "replace", "revoke"] = "new"
    of: str = ""
    site: str = ""
    """the issuer's site whose code the number has ("" = the body's own)"""
    direction: str = ""
    """工种/职业方向"""


class CredentialsProposed(Event, frozen=True, kw_only=True, tag="credentials_proposed"):
    """A batch of proposals, its rows 200 to a line. The first line (``first``) says on what they rest, by
    which rules (id/version; ``text`` where they are not the group's own) and who has to approve."""

    batch: str
    rows: tuple[Row, ...]
    first: bool = False
    paper: Paper | Absent = msgspec.UNSET
    issuer: str | Absent = msgspec.UNSET
    basis: Basis | Absent = msgspec.UNSET
    occupation: str | Absent = msgspec.UNSET
    rules: str | Absent = msgspec.UNSET
    text: str | Absent = msgspec.UNSET
    approver: str | Absent = msgspec.UNSET
    before: str | Absent = msgspec.UNSET
    """the batch that a correction comes after"""


class NoticeGiven(Event, frozen=True, kw_only=True, tag="notice_given"):
    """Version ``version`` of a batch's list is on public notice (公示) from ``since`` to the end of
    ``until`` (dates); ``digest``: SHA-256 of its rows; ``out``: rows that an objection took off."""

    batch: str
    version: int
    since: str
    until: str
    days: int
    digest: str
    out: tuple[int, ...] = ()


class Objected(Event, frozen=True, kw_only=True, tag="objected"):
    """Somebody objected to row ``row`` of a notice's list (-1: to the whole of it); words in the closed
    part."""

    batch: str
    version: int
    row: int


class ObjectionAnswered(Event, frozen=True, kw_only=True, tag="objection_answered"):
    """The objection of line ``of`` was upheld (its row leaves the list) or not; the answer in the closed
    part."""

    batch: str
    of: int
    upheld: bool


class BatchApproved(Event, frozen=True, kw_only=True, tag="batch_approved"):
    """An officer approved version ``version`` of a batch: all rows but ``out`` (row, code: why not).
    ``by``: the officer, another person than who proposed; ``identity``: persons whom the officer knows to be
    who they say; ``authority``: in whose name."""

    batch: str
    version: int
    by: str
    out: tuple[tuple[int, str], ...] = ()
    identity: tuple[str, ...] = ()
    authority: str = ""


class AchievementFrozen(Event, frozen=True, kw_only=True, tag="achievement_frozen"):
    """Version ``version`` of what an issuer's credentials say was achieved, whole, for ever."""

    issuer: str
    achievement: str
    version: int
    value: dict[str, Any]


class Wording(msgspec.Struct, frozen=True):
    """What a line's credentials say in words besides their achievements: the holder's role, each award of
    its rows, name and narrative of the evidence.

    Kept, because a later program or a renamed trade would word them otherwise, and they are signed.
    """

    role: str
    awards: dict[str, str]
    evidence: str
    narrative: str


class CredentialsReserved(Event, frozen=True, kw_only=True, tag="credentials_reserved"):
    """Numbers are given to rows of a batch, not yet issued: rows of (row, credential, subject, number, index
    in the status list, achievement: its place in ``achievements``); ``achievements``: ID/vN.

    ``key`` will sign them; ``record``: which of the issuer's records they show (from 1); ``created``: the
    time that they say; ``wording``: what they say of role, awards and evidence, as it was worded then.
    ``reissue``: why what has these ids already is issued anew.
    """

    batch: str
    issuer: str
    record: int
    key: str
    list: int
    created: str
    achievements: tuple[str, ...]
    wording: Wording
    rows: tuple[tuple[int, str, str, str, int, int], ...]
    reissue: str | Absent = msgspec.UNSET


class CredentialsIssued(Event, frozen=True, kw_only=True, tag="credentials_issued"):
    """Reserved credentials are issued: rows of (credential, eddsa-rdfc-2022 value, eddsa-jcs-2022 value,
    SHA-256 of the signed document's canonical JSON)."""

    batch: str
    rows: tuple[tuple[str, str, str, str], ...]


class NumbersVoided(Event, frozen=True, kw_only=True, tag="numbers_voided"):
    """Reserved numbers that are never issued: rows of (credential, number, code: why)."""

    batch: str
    rows: tuple[tuple[str, str, str], ...]


class CredentialsMoved(Event, frozen=True, kw_only=True, tag="credentials_moved"):
    """Issued credentials were revoked, suspended or reinstated; ``code``: the reason as a word, the words
    themselves in the closed part; ``confirmed_by``: the second person of a revocation."""

    move: Literal["revoked", "suspended", "reinstated"]
    code: str
    rows: tuple[str, ...]
    confirmed_by: str = ""


class AppealLodged(Event, frozen=True, kw_only=True, tag="appeal_lodged"):
    """A delegation's leader appealed (申诉) against the result of a stage's group, or of one entry of it
    (``entry``); ``delegation`` "": another who may. Words in the closed part.
    """

    trade: str
    stage: str
    group: str
    delegation: str = ""
    entry: str = ""


class AppealRuled(Event, frozen=True, kw_only=True, tag="appeal_ruled"):
    """The appeal of line ``of`` was decided, or withdrawn; the ruling in the closed part."""

    of: int
    outcome: Literal["upheld", "rejected", "withdrawn"]


CredentialFact = (
    IssuerSet | OccupationSet | KeyMade | KeyMoved | TrainingNoted | CredentialsProposed | NoticeGiven
    | Objected | ObjectionAnswered | BatchApproved | AchievementFrozen | CredentialsReserved
    | CredentialsIssued | NumbersVoided | CredentialsMoved | AppealLodged | AppealRuled
)  # fmt: skip
"""The events of this family."""
