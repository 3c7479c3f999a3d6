"""What commands about credentials ask of the desk: reading what stands, and the steps of the way.

A step with a second person checks that person's password first; ``by`` lets an account act instead of the
office.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from compsys import commands_credentials as c
from compsys import control, passwords, proposing
from compsys import events as e
from compsys.credentials import controller, documents, jwt, statement, working
from compsys.credentials.days import local
from compsys.credentials.notices import differences
from compsys.desk import Desk
from compsys.exchange import promotions
from compsys.journal_api import JournalError
from compsys.state import State
from compsys.state_credentials import Batch, Credential

Params = dict[str, Any]

COMMANDS: msgspec.json.Decoder[c.CredentialCommand] = msgspec.json.Decoder(c.CredentialCommand)


def _names(state: State, desk: Desk, person: str) -> dict[str, str]:
    who = desk.names(person)
    return dict(who.name) if who is not None else {}


# ---------------------------------------------------------------- reading


def offices(desk: Desk, state: State, params: Params) -> Params:
    """Issuers as they are now with their keys and what they issued, occupations, and today's date."""
    held = state.credentials
    counted: dict[str, int] = {}
    for found in held.held.values():
        counted[found.issuer] = counted.get(found.issuer, 0) + 1
    return {
        "today": local(state, desk.now())[:10],
        "issuers": [
            {
                **msgspec.to_builtins(records[-1]),
                "records": len(records),
                "issued": counted.get(slug, 0),
                "keys": [
                    {"id": k.id, "suite": k.suite, "made": k.made, "retired": k.retired, "revoked": k.revoked}
                    for k in held.keys.get(slug, [])
                ],
            }
            for slug, records in held.issuers.items()
        ],
        "occupations": [msgspec.to_builtins(found) for found in held.occupations.values()],
    }


def _batch(state: State, batch: Batch) -> Params:
    """A batch in short."""
    basis = batch.basis
    return {
        "batch": batch.id, "paper": batch.paper, "issuer": batch.issuer, "state": batch.state,
        "trade": basis.trade, "stage": basis.stage, "group": basis.group, "version": basis.version,
        "assessment": basis.id, "rules": batch.rules, "occupation": batch.occupation, "by": batch.by,
        "at": batch.t, "approver": batch.approver, "approved": batch.approved,
        "approved_by": batch.approved_by, "rows": len(batch.rows), "out": len(batch.out),
        "done": len(batch.done), "list": batch.notices[-1].version if batch.notices else 0,
        "until": batch.notices[-1].until if batch.notices else "",
        "open": [o.n for o in batch.objections.values() if o.upheld is None],
        **({"before": batch.before} if batch.before else {}),
    }  # fmt: skip


def batches(desk: Desk, state: State, params: Params) -> list[Params]:
    """Every batch in short, the oldest first."""
    return [_batch(state, found) for found in state.credentials.batches.values()]


def _find(state: State, prefix: str) -> Batch | None:
    """The batch of an id or of the beginning of one."""
    found = [b for key, b in state.credentials.batches.items() if key.startswith(prefix.lower())]
    return found[0] if len(found) == 1 and len(prefix) >= 4 else None


def batch(desk: Desk, state: State, params: Params) -> Params | None:
    """A batch whole: its rows with names and checks, notices, objections, what its newest list changed."""
    found = _find(state, params["batch"])
    if found is None:
        return None
    off = found.notices[-1].out if found.notices else ()
    rows = [
        {
            "row": i, **msgspec.to_builtins(row), "name": _names(state, desk, row.person),
            "results": dict(row.results), "out": found.out.get(i, "objection" if i in off else ""),
            "failed": list(row.failed), "unknown": list(row.unknown),
            "number": _number(state, found.issued.get(i, "")), "issued": i in found.done,
        }
        for i, row in enumerate(found.rows)
    ]  # fmt: skip
    objections = [msgspec.to_builtins(o) for o in found.objections.values()]
    notices = [dict(zip(n._fields, n, strict=True)) for n in found.notices]
    return {
        **_batch(state, found), "list_rows": rows, "objections": objections, "notices": notices,
        "changed": differences(state, found),
    }  # fmt: skip


def _number(state: State, key: str) -> str:
    held = state.credentials
    found = held.held.get(key) or held.waiting.get(key)
    return found.number if found is not None else ""


def _told(desk: Desk, state: State, found: Credential) -> Params:
    """A credential in short."""
    held = state.credentials
    row, of = held.row(found), held.batches[found.batch]
    move = held.moves.get(found.moved)
    return {
        "id": statement.uuid_of(found.id), "number": found.number, "status": found.status,
        "paper": of.paper, "issuer": found.issuer, "person": found.person,
        "name": _names(state, desk, found.person), "level": row.level, "award": row.award,
        "valid_from": found.valid_from, "awarded": found.awarded or found.valid_from, "batch": of.id,
        "row": found.row, "key": found.slice.key, "address": statement.address_of(state, found),
        "earlier": len(held.earlier.get(found.id, ())),
        "reason": {"code": move.code, "words": move.words, "at": move.t} if move else None,
    }  # fmt: skip


def credentials(desk: Desk, state: State, params: Params) -> list[Params]:
    """What was issued: all, or those of ``which`` (numbers, ids, addresses), a ``batch``, a ``key``, a
    ``status``, a ``paper``."""
    held = state.credentials
    if params.get("which"):
        wanted = [held.find(one) for one in params["which"]]
        return [_told(desk, state, one) for one in wanted if one is not None]
    found = []
    of = _find(state, params["batch"]) if params.get("batch") else None
    for one in held.held.values():
        if of is not None and one.batch != of.id:
            continue
        if params.get("key") and one.slice.key != params["key"]:
            continue
        if params.get("status") and one.status != params["status"]:
            continue
        if params.get("paper") and held.batches[one.batch].paper != params["paper"]:
            continue
        found.append(_told(desk, state, one))
    return found


def void(desk: Desk, state: State, params: Params) -> Params:
    """Numbers that were reserved and never issued, each with why; how many wait for their signature."""
    held = state.credentials
    spent = [{"number": number, "code": code} for number, code in held.void.items()]
    return {"void": spent, "waiting": len(held.waiting)}


def papers(desk: Desk, state: State, params: Params) -> list[Params]:
    """The signed documents of ``which``, each put together again; or the code that says why not."""
    found = []
    for one in params["which"]:
        credential = state.credentials.find(one)
        if credential is None:
            found.append({"id": one, "code": "credential.credential_unknown", "params": {"id": one[:80]}})
            continue
        made = documents.document(state, desk.names, credential)
        told = {"id": statement.uuid_of(credential.id), "number": credential.number}
        if isinstance(made, e.Refused):
            found.append({**told, "code": made.code, "params": made.params})
        else:
            found.append({**told, "status": credential.status, "document": made})
    return found


# ---------------------------------------------------------------- steps


async def _person(desk: Desk, account: str, password: str) -> bool:
    """Whether this is the account's password."""
    async with desk.reading(e.COMPETITION) as state:
        known = state.accounts.get(account)
    return await asyncio.to_thread(passwords.right, password, known.secret if known else "")


async def _actor(desk: Desk, params: Params) -> e.Actor | e.Answer:
    """Who acts: the office, or an account with its password; the refusal where that is wrong."""
    by, given = params.get("by", ""), params.get("passwords", {})
    if not by:
        return control.OFFICE
    if not await _person(desk, by, given.get(by, "")):
        return e.Answer(k="", a="refused", code="login_failed")
    async with desk.reading(e.COMPETITION) as state:
        return e.Actor("account", by, state.accounts[by].roles)


async def _allowed(desk: Desk, params: Params, confirmed_by: str) -> e.Actor | e.Answer:
    """Who acts, once the second person's password is right too."""
    actor = await _actor(desk, params)
    if isinstance(actor, e.Answer) or not confirmed_by or confirmed_by == actor.id:
        return actor
    right = await _person(desk, confirmed_by, params.get("passwords", {}).get(confirmed_by, ""))
    return actor if right else e.Answer(k="", a="refused", code="login_failed")


def _said(answer: e.Answer) -> Params:
    found: Params = msgspec.to_builtins(answer)
    return found


async def step(desk: Desk, params: Params) -> Params:
    """One command of the way (``command``, as on the wire); the answer."""
    command = COMMANDS.decode(msgspec.json.encode(params["command"]))
    actor = await _allowed(desk, params, getattr(command, "confirmed_by", ""))
    if isinstance(actor, e.Answer):
        return _said(actor)
    if hasattr(command, "batch"):
        async with desk.reading(e.COMPETITION) as state:
            found = _find(state, command.batch)
        command = msgspec.structs.replace(command, batch=found.id if found else command.batch)
    return _said(await working.submit(desk, actor, command))


async def propose(desk: Desk, params: Params) -> Params:
    """Make a batch (``command`` without ``batch`` and ``facts``); what the vault knows goes along."""
    actor = await _actor(desk, params)
    if isinstance(actor, e.Answer):
        return _said(actor)
    given = params["command"]
    async with desk.reading() as state:
        persons = [
            person
            for entry in state.setup.entries.values()
            if (entry.trade, entry.group) == (given["trade"], given["group"])
            for person in proposing.members(entry)
        ]
        facts = tuple(_fact(person, desk) for person in persons)
    made = msgspec.convert({**given, "batch": desk.fresh()}, c.ProposeCredentials)
    answer = await working.submit(desk, actor, msgspec.structs.replace(made, facts=facts))
    return {**_said(answer), "batch": made.batch}


def _fact(person: str, desk: Desk) -> c.Fact:
    known = promotions.known(desk.names(person))
    return c.Fact(
        person=person, held=known.held, promoted_in=known.promoted_in, honours=known.honours,
        category=known.category,
    )  # fmt: skip


async def new_key(desk: Desk, params: Params) -> Params:
    """Make a key for an issuer."""
    try:
        return _said(await working.make_key(desk, control.OFFICE, params["issuer"], params["suite"]))
    except JournalError as error:
        return {"a": "refused", "code": f"cli.cannot.{error.code}", "params": dict(error.params)}


async def issue(desk: Desk, params: Params) -> Params:
    """Issue the next slice of a batch: how many, and how many are left."""
    async with desk.reading(e.COMPETITION) as state:
        found = _find(state, params["batch"])
    return working.told(await working.issue(desk, control.OFFICE, found.id if found else params["batch"]))


async def waiting(desk: Desk, params: Params) -> list[str]:
    """Batches with something to issue, the oldest first."""
    async with desk.reading(e.COMPETITION) as state:
        held = state.credentials
        reserved = {one.batch for one in held.waiting.values()}
        return [key for key, b in held.batches.items() if key in reserved or working.left_of(b)]


async def reissue(desk: Desk, params: Params) -> Params:
    """Issue a slice of credentials of one batch anew (``credentials``: ids as 32 hex)."""
    actor = await _allowed(desk, params, params["confirmed_by"])
    if isinstance(actor, e.Answer):
        return {"ok": False, "code": actor.code, "params": actor.params}
    found = await working.reissue(
        desk, actor, params["credentials"], params["code"], params["reason"], params["confirmed_by"]
    )
    return working.told(found)


async def as_jwt(desk: Desk, params: Params) -> list[Params]:
    """The credentials of ``which`` as VC-JWT, by the issuer's ES256 key."""
    async with desk.reading() as state:
        found = papers(desk, state, params)
        for one in found:
            if "document" in one:
                one |= _signed_token(desk, state, one["document"], one["number"])
                one.pop("document")
    return found


def _signed_token(desk: Desk, state: State, document: Mapping[str, Any], number: str) -> Params:
    """The token of one document, or the code that says why there is none."""
    credential = state.credentials.find(number)
    assert credential is not None
    key = state.credentials.key_of(credential.issuer, "ES256")
    if key is None:
        return {"code": "credential.jwt_key_missing", "params": {"issuer": credential.issuer}}
    try:
        signer = working.folder(desk).signer(documents.public_of(key.id, key.suite))
    except JournalError:
        return {"code": "credential.signer_missing", "params": {"batch": credential.batch}}
    issuer = statement.issuer_of(state, credential).address
    public = controller.Key(signer.public, "ES256", key.made)
    return {"jwt": jwt.issue(document, signer, controller.kid(issuer, public))}


control.QUERIES |= {
    "credential_offices": offices,
    "credential_batches": batches,
    "credential_batch": batch,
    "credentials": credentials,
    "credential_void": void,
    "credential_papers": papers,
}
control.BESIDE |= {"credentials", "credential_papers"}
control.ACTIONS |= {
    "credential_step": step,
    "credential_propose": propose,
    "credential_key": new_key,
    "credential_issue": issue,
    "credential_waiting": waiting,
    "credential_reissue": reissue,
    "credential_jwt": as_jwt,
}

