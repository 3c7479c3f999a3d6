"""Issuing as a server does it: keys made and opened, one slice after another reserved, signed, issued.

A slice is at most 200 rows: reserved in one line, signed between the judges' work a few at a time, issued in
a second line. After a kill anywhere the next call signs what waits, with the same key and time, and goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from compsys import commands_credentials as c
from compsys import events as e
from compsys.credentials import documents, proofs, statement
from compsys.credentials.jcs import Unsignable
from compsys.credentials.keyfolder import KeyFolder
from compsys.credentials.nquads import Prepared
from compsys.credentials.signer import Algorithm, Signer
from compsys.desk import Desk
from compsys.journal_api import JournalError
from compsys.state import State
from compsys.state_credentials import Batch, Credential
from compsys.vault import Identity

SLICE = 200
"""Rows of one line."""
CHUNK = 8
"""Documents signed at once in the event loop: some three milliseconds."""

Row = tuple[str, str, str, str]
Before = Callable[[Path, State, Batch, Sequence[tuple[int, Identity | None]]], e.Refused | None]

BEFORE: list[Before] = []
"""What must hold of a slice's holders before a number is given: each is asked with the data directory and
(row, identity) pairs; a name that cannot be printed, say."""

_LOCKS: WeakKeyDictionary[Desk, asyncio.Lock] = WeakKeyDictionary()


class Issued(NamedTuple):
    """What one slice came to: the refusal that stopped it (None: nothing did), how many were issued, revoked
    by a correction, and void; how many rows of the batch are left."""

    refused: e.Answer | None
    issued: int = 0
    revoked: int = 0
    void: tuple[tuple[str, str], ...] = ()
    left: int = 0


def folder(desk: Desk) -> KeyFolder:
    """The keys of a desk's directory. Raises JournalError."""
    return KeyFolder(desk.directory / "keys", desk._randomness)


async def submit(desk: Desk, actor: e.Actor, command: e.AnyCommand) -> e.Answer:
    """Put a command with a key of its own."""
    return await desk.submit(e.Call(key=desk.fresh(), actor=actor, command=command))


def refusal(found: e.Refused) -> e.Answer:
    """A refusal as an answer."""
    return e.Answer(k="", a="refused", code=found.code, params=found.params)


async def make_key(desk: Desk, actor: e.Actor, issuer: str, suite: Algorithm = "Ed25519") -> e.Answer:
    """Make a key for an issuer: on the disk first, then known. The one before it is retired by that."""
    async with desk.reading(e.COMPETITION) as state:
        if state.credentials.issuer(issuer) is None:
            return refusal(e.Refused("credential.issuer_unknown", {"issuer": issuer[:40]}))
    public = await desk.in_thread(lambda: folder(desk).create(suite))
    key = documents.key_text(public, suite)
    return await submit(desk, actor, c.MakeKey(issuer=issuer, key=key, suite=suite))


# ---------------------------------------------------------------- one slice


async def issue(desk: Desk, actor: e.Actor, batch: str, most: int = SLICE) -> Issued:
    """Issue the next slice of a batch, what waits for its signature first; ``left`` says how many remain."""
    lock = _LOCKS.setdefault(desk, asyncio.Lock())
    async with lock:
        waiting = await _waiting(desk, batch)
        if not waiting:
            answer = await _reserve(desk, actor, batch, min(most, SLICE))
            if answer is not None and answer.a != "accepted":
                return Issued(answer)
            waiting = await _waiting(desk, batch)
        return await _finish(desk, actor, batch, waiting[:SLICE])


async def reissue(
    desk: Desk, actor: e.Actor, credentials: Sequence[str], code: str, reason: str, confirmed_by: str
) -> Issued:
    """Issue credentials of one batch anew under their ids, at most 200."""
    lock = _LOCKS.setdefault(desk, asyncio.Lock())
    async with lock:
        async with desk.reading(e.COMPETITION) as state:
            known = state.credentials
            found = [known.held[key] for key in credentials if key in known.held]
            if len(found) != len(credentials) or not found:
                params = {"id": next((k for k in credentials if k not in known.held), "-")}
                return Issued(refusal(e.Refused("credential.credential_unknown", params)))
            batch = found[0].batch
            holders = [(one.row, desk.names(one.person)) for one in found]
            why = _asked(desk.directory, state, known.batches[batch], holders)
        if why is not None:
            return Issued(refusal(why))
        rows = tuple((one.id, int(desk.fresh()[:8], 16)) for one in found)
        command = c.ReissueCredentials(rows=rows, code=code, reason=reason, confirmed_by=confirmed_by)  # type: ignore[arg-type]  # checked by the command line
        answer = await submit(desk, actor, command)
        if answer.a != "accepted":
            return Issued(answer)
        return await _finish(desk, actor, batch, await _waiting(desk, batch))


def _asked(
    directory: Path, state: State, batch: Batch, holders: Sequence[tuple[int, Identity | None]]
) -> e.Refused | None:
    """Why these holders' credentials cannot be issued at all."""
    for row, who in holders:
        if not documents.holder_name(who):
            return e.Refused("credential.holder_unnamed", {"row": str(row)})
    return next((why for ask in BEFORE if (why := ask(directory, state, batch, holders)) is not None), None)


async def _waiting(desk: Desk, batch: str) -> list[str]:
    async with desk.reading(e.COMPETITION) as state:
        return [key for key, found in state.credentials.waiting.items() if found.batch == batch]


async def _reserve(desk: Desk, actor: e.Actor, batch: str, most: int) -> e.Answer | None:
    """Give numbers to the next rows; None where no row is left."""
    async with desk.reading() as state:
        found = state.credentials.batches.get(batch)
        if found is None:
            return refusal(e.Refused("credential.batch_unknown", {"batch": batch}))
        rows = left_of(found)[:most]
        if not rows:
            return None if found.approved else refusal(e.Refused("credential.not_approved", {"batch": batch}))
        new = [i for i in rows if found.rows[i].action != "revoke"]
        why = _asked(desk.directory, state, found, [(i, desk.names(found.rows[i].person)) for i in new])
    if why is not None:
        return refusal(why)
    uuid = statement.random_uuid
    wanted = tuple((i, uuid(desk.fresh()), uuid(desk.fresh()), int(desk.fresh()[:8], 16)) for i in rows)
    return await submit(desk, actor, c.ReserveCredentials(batch=batch, rows=wanted))


def left_of(batch: Batch) -> list[int]:
    """Rows of an approved batch that nothing was issued for yet."""
    if not batch.approved:
        return []
    return [i for i in range(len(batch.rows)) if i not in batch.out and i not in batch.done]


async def _finish(desk: Desk, actor: e.Actor, batch: str, waiting: Sequence[str]) -> Issued:
    """Sign what waits and issue it; what cannot be signed becomes void, with its reason."""
    signed, void = list[Row](), list[tuple[str, str]]()
    signers, prepared = dict[str, Signer | str](), Prepared()
    for at in range(0, len(waiting), CHUNK):
        async with desk.reading(e.COMPETITION) as state:
            for key in waiting[at : at + CHUNK]:
                credential = state.credentials.waiting[key]
                name = credential.slice.key
                if name not in signers:
                    signers[name] = _signer(desk, state, credential)
                found = _signed(desk, state, credential, signers[name], prepared)
                void.append((key, found)) if isinstance(found, str) else signed.append(found)
        await asyncio.sleep(0)
    if (missing := next((s for s in signers.values() if s == "credential.signer_missing"), None)) is not None:
        return Issued(refusal(e.Refused(str(missing), {"batch": batch})))
    commands: list[e.AnyCommand] = []
    if signed:
        commands.append(c.IssueCredentials(batch=batch, rows=tuple(signed)))
    if void:
        commands.append(c.VoidNumbers(batch=batch, rows=tuple(void)))
    for command in commands:
        answer = await submit(desk, actor, command)
        if answer.a != "accepted":
            return Issued(answer)
    async with desk.reading(e.COMPETITION) as state:
        found_batch = state.credentials.batches[batch]
        left = len(left_of(found_batch)) + sum(w.batch == batch for w in state.credentials.waiting.values())
    return Issued(None, len(signed), 0, tuple(void), left)


def _signer(desk: Desk, state: State, credential: Credential) -> Signer | str:
    """The private key that a reservation names, or the code that says why there is none."""
    key = state.credentials.key(credential)
    if key is None or key.revoked:
        return "credential.key_revoked"
    try:
        return folder(desk).signer(documents.public_of(key.id, key.suite))
    except JournalError:
        return "credential.signer_missing"


def _signed(
    desk: Desk, state: State, credential: Credential, signer: Signer | str, prepared: Prepared
) -> Row | str:
    """What a line keeps of a signed credential, or the code that says why it cannot be signed."""
    if isinstance(signer, str):
        return signer
    name = documents.holder_name(desk.names(credential.person))
    unsigned = statement.unsigned(state, credential, name)
    if (wrong := statement.problem(unsigned)) is not None:
        return wrong.code
    method = statement.method_of(state, credential)
    try:
        document = proofs.sign(unsigned, signer, method, credential.valid_from, prepared)
    except Unsignable as error:
        return error.code
    rdfc, jcs = proofs.values(document)
    return credential.id, rdfc, jcs, documents.digest(document)


def told(found: Issued) -> dict[str, Any]:
    """What one slice came to, for a wire."""
    if found.refused is not None:
        return {"ok": False, "code": found.refused.code or found.refused.a, "params": found.refused.params}
    void = [list(pair) for pair in found.void]
    return {"ok": True, "issued": found.issued, "void": void, "left": found.left}
