"""Issuing: numbers are reserved, credentials signed and issued; what fails becomes void; what came is moved.

Two lines for each slice of a batch. Between them lies the signing: whoever is killed there signs the same
again, because what is signed and the time it says stand in the first line and Ed25519 has no chance in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from msgspec import UnsetType

from compsys import commands_credentials as c
from compsys import events as e
from compsys import facts_credentials as f
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.credentials import achievements, numbering, statement
from compsys.credentials.checks import open_questions
from compsys.credentials.days import later, local
from compsys.credentials.notices import overtaken
from compsys.credentials.offices import filing_fault, forbidden, second
from compsys.facts_credentials import Row
from compsys.records_credentials import Issuer
from compsys.state import State, Stream
from compsys.state_credentials import (
    ENTRIES,
    REVOKED,
    SUPERSEDED,
    SUSPENDED,
    VALID,
    VOID,
    Batch,
    Credential,
    Credentials,
    Key,
    Move,
    Slice,
    StatusList,
)

_PROOF = re.compile(r"z[1-9A-HJ-NP-Za-km-z]{1,200}\Z")
_SHA = re.compile(r"[0-9a-f]{64}\Z")


class Ready(NamedTuple):
    """What a slice is issued with."""

    issuer: Issuer
    key: Key
    created: str
    day: str


def ready(ask: Ask, issuer: str) -> Ready | e.Refused:
    """An issuer with a key that signs: else issuer_unknown, key_revoked, key_missing."""
    held = ask.state.credentials
    record, key = held.issuer(issuer), held.key_of(issuer)
    if record is None:
        return e.Refused("credential.issuer_unknown", {"issuer": issuer[:40]})
    if key is None:
        keys = [k for k in held.keys.get(issuer, []) if k.suite == "Ed25519"]
        code = "credential.key_revoked" if keys and keys[-1].revoked else "credential.key_missing"
        return e.Refused(code, {"issuer": issuer})
    created = local(ask.state, ask.now)
    return Ready(record, key, created, created[:10])


# ---------------------------------------------------------------- numbers


def template_of(issuer: Issuer, paper: str) -> str:
    """The template of an issuer's numbers of a kind."""
    own = issuer.templates.get(paper)  # type: ignore[call-overload]  # a word of Paper
    return own or (numbering.LEVEL_TEMPLATE if paper == "level" else numbering.OTHER_TEMPLATE)


class Counter:
    """Gives the next numbers of one decision; what it gave counts once the line is folded."""

    def __init__(self, held: Credentials, issuer: Issuer, paper: str, year: str) -> None:
        self.held, self.issuer, self.paper, self.year = held, issuer, paper, year
        self.template = template_of(issuer, paper)
        self.given: dict[tuple[str, ...], int] = {}

    def next(self, row: Row) -> str | e.Refused:
        """The next number for a row: else level_uncertified, serials_used_up, number_taken."""
        if row.level and row.level not in numbering.LEVEL_CODES:
            return e.Refused("credential.level_uncertified", {"level": row.level})
        within = scope(self.issuer, row, self.paper, self.year)
        serial = self.given.get(within, self.held.serials.get(within, 0)) + 1
        if serial > numbering.last(self.template):
            return e.Refused("credential.serials_used_up", {"issuer": self.issuer.id, "year": self.year})
        number = numbering.number(self.template, values(self.issuer, row, self.paper, self.year), serial)
        if number in self.held.numbers:
            return e.Refused("credential.number_taken", {"number": number})
        self.given[within] = serial
        return number


def scope(issuer: Issuer, row: Row, paper: str, year: str) -> tuple[str, ...]:
    """What a serial runs within, as the issuer says (``counts``), always beginning with the issuer."""
    known = {"issuer": issuer.id, "site": row.site, "year": year, "level": row.level, "kind": paper}
    return (issuer.id, *(known[name] for name in issuer.counts if name != "issuer"))


def values(issuer: Issuer, row: Row, paper: str, year: str) -> dict[str, str]:
    """What the segments of a template hold for a row."""
    site = next((s for s in issuer.sites if s.id == row.site), None)
    body = site.code if site else issuer.filing.code if issuer.filing else "0" * 13
    named = {"issuer": issuer.id, "site": row.site, "kind": paper}
    return {"body": body, "year": year, "level": row.level or "5", **named}


# ---------------------------------------------------------------- reserved


def decide_reserve(ask: Ask, cmd: c.ReserveCredentials) -> Decided:
    """Numbers for rows of an approved batch, checked once more on the day; rows that only revoke do so."""
    held = ask.state.credentials
    batch = held.batches.get(cmd.batch)
    if batch is None:
        return e.Refused("credential.batch_unknown", {"batch": cmd.batch})
    if not batch.approved:
        return e.Refused("credential.not_approved", {"batch": batch.id})
    if (why := overtaken(ask.state, batch)) is not None:
        return why
    if open_questions(ask.state, batch.basis):
        return e.Refused("credential.appeal_open", {"batch": batch.id})
    made = ready(ask, batch.issuer)
    if isinstance(made, e.Refused):
        return made
    for i, *_ in cmd.rows:
        if not 0 <= i < len(batch.rows) or i in batch.out:
            return e.Refused("credential.row_unknown", {"row": str(i)})
        if i in batch.done or (i in batch.issued and batch.issued[i] in held.waiting):
            return e.Refused("credential.row_issued", {"row": str(i)})
    if (refusal := _unfiled(batch, made, [row for row, *_ in cmd.rows])) is not None:
        return refusal
    return _reserved(ask, batch, made, cmd.rows)


def _unfiled(batch: Batch, made: Ready, rows: Iterable[int]) -> e.Refused | None:
    """Why the filing does not cover the rows on this day."""
    if batch.paper != "level":
        return None
    for level in {batch.rows[i].level for i in rows if batch.rows[i].action != "revoke"}:
        if (fault := filing_fault(made.issuer, batch.occupation, level, made.day)) is not None:
            return e.Refused(*fault)
    return None


def _reserved(
    ask: Ask, batch: Batch, made: Ready, wanted: Iterable[tuple[int, str, str, int]]
) -> Decided:
    """The lines: achievements that are new, the numbers, and what is revoked."""
    held, lines = ask.state.credentials, list[e.Drafted]()
    counter = Counter(held, made.issuer, batch.paper, made.created[:4])
    status, book = _list(held, batch.issuer), achievements.Book(ask.state, batch, made.issuer)
    rows, gone, taken, created = [], [], set[int](), made.created
    for i, credential, subject, start in wanted:
        row = batch.rows[i]
        old = held.held.get(row.of)
        if row.action == "revoke":
            gone.append(row.of)
            continue
        if credential in held.held or credential in held.waiting:
            return e.Refused("credential.id_taken", {"id": credential})
        number: str | e.Refused
        if row.action == "replace" and old is not None:
            credential, subject = old.id, old.subject
            number = old.number if made.issuer.reissue_keeps_number else counter.next(row)
            created = later(created, old.valid_from)
        else:
            number = counter.next(row)
        if isinstance(number, e.Refused):
            return number
        index = _free(status, start, taken)
        rows.append((i, credential, subject, number, index, book.of(row)))
    for fresh in book.fresh:
        if word := forbidden(made.issuer, fresh["value"]["name"], filed=batch.paper == "level"):
            return e.Refused("credential.word_protected", {"word": word})
        lines.append(_line(ask, lines, f.AchievementFrozen(**ask.stamp, issuer=batch.issuer, **fresh)))
    if rows:
        event = f.CredentialsReserved(
            **ask.stamp, batch=batch.id, issuer=batch.issuer, record=len(held.issuers[batch.issuer]),
            key=made.key.id, list=status.no, created=created, achievements=tuple(book.names),
            wording=statement.wording(ask.state, batch, [batch.rows[i] for i, *_ in rows]),
            rows=tuple(rows),
        )  # fmt: skip
        lines.append(_line(ask, lines, event))
    if gone:
        moved = f.CredentialsMoved(
            **ask.stamp, move="revoked", code="result_changed", rows=tuple(gone),
            confirmed_by=batch.approved_by,
        )  # fmt: skip
        lines.append(_line(ask, lines, moved))
    return lines


def _line(ask: Ask, before: list[e.Drafted], event: e.AnyEvent) -> e.Drafted:
    """The first line of the decision carries its key."""
    return ask.more(e.COMPETITION, event) if before else ask.line(e.COMPETITION, event)


def _list(held: Credentials, issuer: str) -> StatusList:
    """The status list that is filled now: a new one when half of the last one's entries are given away."""
    lists = held.lists.get(issuer, [])
    return lists[-1] if lists and lists[-1].count < ENTRIES // 2 else StatusList(len(lists) + 1)


def _free(status: StatusList, start: int, taken: set[int]) -> int:
    index = status.free(start)
    while index in taken:
        index = status.free(index + 1)
    taken.add(index)
    return index


def apply_frozen(
    state: State, stream: Stream | None, n: int, event: f.AchievementFrozen, closed: e.Closed
) -> Touched:
    """This version says the same for ever."""
    state.credentials.achievements.setdefault((event.issuer, event.achievement), []).append(event.value)
    return ()


def apply_reserved(
    state: State, stream: Stream | None, n: int, event: f.CredentialsReserved, closed: e.Closed
) -> Touched:
    """The numbers and indexes are given away; the credentials wait for their signatures."""
    held = state.credentials
    batch, record = held.batches[event.batch], held.issuers[event.issuer][event.record - 1]
    reissue = "" if isinstance(event.reissue, UnsetType) else event.reissue
    common = Slice(
        n, event.batch, event.issuer, event.record, event.key, event.list, event.created, event.t,
        event.achievements, event.wording, reissue,
    )  # fmt: skip
    lists = held.lists.setdefault(event.issuer, [])
    if event.list > len(lists):
        lists.append(StatusList(event.list))
    status, year = lists[event.list - 1], event.created[:4]
    for i, key, subject, number, index, achievement in event.rows:
        row, old = batch.rows[i], held.held.get(key)
        credential = Credential(
            key, subject, number, common, i, index, achievement, row.person,
            awarded=(old.awarded or old.valid_from) if old else "",
        )  # fmt: skip
        held.waiting[key] = credential
        batch.issued[i] = key
        status.take(index)
        if number not in held.numbers:
            within = scope(record, row, batch.paper, year)
            held.serials[within] = held.serials.get(within, 0) + 1
            held.numbers[number] = key
    return (("batch", event.batch),)


# ---------------------------------------------------------------- issued, void


def decide_issue(ask: Ask, cmd: c.IssueCredentials) -> Decided:
    """Reserved ones are signed; what is issued already (a slice told twice) is refused."""
    held = ask.state.credentials
    for key, rdfc, jcs, sha in cmd.rows:
        waiting = held.waiting.get(key)
        if waiting is None or waiting.slice.batch != cmd.batch:
            return e.Refused("credential.not_reserved", {"id": key})
        signer = held.key(waiting)
        if signer is None or signer.revoked:
            return e.Refused("credential.key_revoked", {"issuer": waiting.issuer})
        if not (_PROOF.match(rdfc) and _PROOF.match(jcs) and _SHA.match(sha)):
            return e.Refused("malformed", {"field": "rows"})
    return [ask.line(e.COMPETITION, f.CredentialsIssued(**ask.stamp, batch=cmd.batch, rows=cmd.rows))]


def apply_issued(
    state: State, stream: Stream | None, n: int, event: f.CredentialsIssued, closed: e.Closed
) -> Touched:
    """They stand; what had the same id before is superseded."""
    held = state.credentials
    batch = held.batches[event.batch]
    for key, rdfc, jcs, sha in event.rows:
        credential = held.waiting.pop(key)
        credential.rdfc, credential.jcs, credential.sha, credential.status = rdfc, jcs, sha, VALID
        old = held.held.get(key)
        if old is not None:
            _supersede(held, old, event.t)
            credential.status = SUSPENDED if old.status == SUSPENDED else VALID
            held.earlier[key] = (*held.earlier.get(key, ()), old)
            old.status = SUPERSEDED
        held.held[key] = credential
        held.numbers[credential.number] = key
        batch.done.add(credential.row)
    return (("batch", event.batch), *(("credential", row[0]) for row in event.rows))


def _supersede(held: Credentials, old: Credential, t: str) -> None:
    held.lists[old.issuer][old.slice.list - 1].set(old.index, t)


def decide_void(ask: Ask, cmd: c.VoidNumbers) -> Decided:
    """Reserved numbers that will never be issued, each with its reason: no gap is unexplained."""
    held, rows = ask.state.credentials, []
    for key, why in cmd.rows:
        waiting = held.waiting.get(key)
        if waiting is None or waiting.slice.batch != cmd.batch:
            return e.Refused("credential.not_reserved", {"id": key})
        rows.append((key, waiting.number, why[:60]))
    return [ask.line(e.COMPETITION, f.NumbersVoided(**ask.stamp, batch=cmd.batch, rows=tuple(rows)))]


def apply_voided(
    state: State, stream: Stream | None, n: int, event: f.NumbersVoided, closed: e.Closed
) -> Touched:
    """The numbers are spent; the rows may be issued with others. A reissue keeps what stood before."""
    held = state.credentials
    batch = held.batches[event.batch]
    for key, number, why in event.rows:
        credential = held.waiting.pop(key)
        credential.status = VOID
        old = held.held.get(key)
        if old is None or old.number != number:
            held.void[number] = why
        if old is None:
            batch.issued.pop(credential.row, None)
    return (("batch", event.batch),)


# ---------------------------------------------------------------- moved, reissued

_FROM = {"revoked": (VALID, SUSPENDED), "suspended": (VALID,), "reinstated": (SUSPENDED,)}


def decide_move(ask: Ask, cmd: c.MoveCredentials) -> Decided:
    """Revoke (for good, with a second person), suspend, or reinstate what was suspended."""
    held = ask.state.credentials
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    for key in cmd.credentials:
        credential = held.held.get(key)
        if credential is None:
            return e.Refused("credential.credential_unknown", {"id": key})
        if credential.status not in _FROM[cmd.move]:
            params = {"number": credential.number, "state": credential.status}
            return e.Refused("credential.credential_state", params)
    if cmd.move == "revoked" and (refusal := second(ask, cmd.confirmed_by)) is not None:
        return refusal
    event = f.CredentialsMoved(
        **ask.stamp, move=cmd.move, code=cmd.code, rows=cmd.credentials, confirmed_by=cmd.confirmed_by
    )
    return [ask.line(e.COMPETITION, event, text=cmd.reason.strip())]


def apply_moved(
    state: State, stream: Stream | None, n: int, event: f.CredentialsMoved, closed: e.Closed
) -> Touched:
    """Revoked ones set their bit; a suspension is ours alone, and the other way round too."""
    held = state.credentials
    held.moves[n] = Move(n, event.t, event.move, event.code, closed.actor, event.confirmed_by, closed.text)
    status = {"revoked": REVOKED, "suspended": SUSPENDED, "reinstated": VALID}[event.move]
    for key in event.rows:
        credential = held.held[key]
        credential.status, credential.moved = status, n
        held.held[key] = credential
        if event.move == "revoked":
            held.lists[credential.issuer][credential.slice.list - 1].set(credential.index, event.t)
            _row_done(held, key)
    return tuple(("credential", key) for key in event.rows)


def _row_done(held: Credentials, key: str) -> None:
    """The row of a correction that asked for this revocation is done."""
    for batch in held.batches.values():
        if batch.before and batch.approved:
            batch.done |= {i for i, r in enumerate(batch.rows) if r.action == "revoke" and r.of == key}


def decide_reissue(ask: Ask, cmd: c.ReissueCredentials) -> Decided:
    """The same credentials anew, under the issuer's key of today: one slice for each batch they came from."""
    held = ask.state.credentials
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    if (refusal := second(ask, cmd.confirmed_by)) is not None:
        return refusal
    of: dict[tuple[str, str], list[tuple[Credential, int]]] = {}
    for key, start in cmd.rows:
        old = held.held.get(key)
        if old is None:
            return e.Refused("credential.credential_unknown", {"id": key})
        if key in held.waiting:
            return e.Refused("credential.row_issued", {"row": str(old.row)})
        if old.status not in (VALID, SUSPENDED):
            return e.Refused("credential.credential_state", {"number": old.number, "state": old.status})
        of.setdefault((old.issuer, old.batch), []).append((old, start))
    lines: list[e.Drafted] = []
    if len(of) > 1:
        return e.Refused("malformed", {"field": "rows"})
    for (issuer, batch), found in of.items():
        made = ready(ask, issuer)
        if isinstance(made, e.Refused):
            return made
        event = _again(ask, held.batches[batch], made, found, cmd.code)
        if isinstance(event, e.Refused):
            return event
        lines.append(ask.line(e.COMPETITION, event, text=cmd.reason.strip()))
    return lines


def _again(
    ask: Ask, batch: Batch, made: Ready, found: list[tuple[Credential, int]], code: str
) -> f.CredentialsReserved | e.Refused:
    """The line of a reissue: achievements as they were."""
    held, created = ask.state.credentials, made.created
    counter = Counter(held, made.issuer, batch.paper, made.created[:4])
    status, taken, names, rows = _list(held, batch.issuer), set[int](), list[str](), []
    for old, start in found:
        number: str | e.Refused = old.number
        if not made.issuer.reissue_keeps_number:
            number = counter.next(batch.rows[old.row])
        if isinstance(number, e.Refused):
            return number
        created = later(created, old.valid_from)
        name = old.slice.achievements[old.achievement]
        if name not in names:
            names.append(name)
        index = _free(status, start, taken)
        rows.append((old.row, old.id, old.subject, number, index, names.index(name)))
    return f.CredentialsReserved(
        **ask.stamp, batch=batch.id, issuer=batch.issuer, record=len(held.issuers[batch.issuer]),
        key=made.key.id, list=status.no, created=created, achievements=tuple(names),
        wording=statement.wording(ask.state, batch, [batch.rows[i] for i, *_ in rows]),
        rows=tuple(rows), reissue=code,
    )  # fmt: skip


DECIDE: dict[type[e.Command], Decider] = {
    c.ReserveCredentials: decide_reserve,
    c.IssueCredentials: decide_issue,
    c.VoidNumbers: decide_void,
    c.MoveCredentials: decide_move,
    c.ReissueCredentials: decide_reissue,
}
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    f.AchievementFrozen: apply_frozen,
    f.CredentialsReserved: apply_reserved,
    f.CredentialsIssued: apply_issued,
    f.NumbersVoided: apply_voided,
    f.CredentialsMoved: apply_moved,
}
