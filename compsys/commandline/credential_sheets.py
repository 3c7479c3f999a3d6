"""What printing asks of the desk: signed documents with what only paper shows, and the count of prints."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from compsys import control, passwords, words
from compsys import events as e
from compsys.commands_papers import PrintCredentials
from compsys.credentials import documents, glyphs, papers, qr, statement, working
from compsys.credentials.achievements import both
from compsys.desk import Desk
from compsys.state import State
from compsys.state_credentials import VALID, Batch, Credential
from compsys.vault import Identity

Params = dict[str, Any]

FONTS = "fonts"
"""The folder of a data directory for fonts with rare characters."""
TAIL = 4


def _find(state: State, params: Params) -> list[Credential] | e.Refused:
    """The credentials asked for: ``which`` (numbers, ids), else what stands of a ``batch``, a ``delegation``,
    a ``paper``."""
    held = state.credentials
    if params.get("which"):
        found = []
        for one in params["which"]:
            credential = held.find(one)
            if credential is None or credential.id not in held.held:
                return e.Refused("credential.credential_unknown", {"id": one[:80]})
            found.append(credential)
        return found
    wanted = [b for key, b in held.batches.items() if key.startswith(params.get("batch", "").lower())]
    if params.get("batch") and len(wanted) != 1:
        return e.Refused("credential.batch_unknown", {"batch": params["batch"][:40]})
    of = {b.id for b in wanted if not params.get("paper") or b.paper == params["paper"]}
    return [
        one
        for one in held.held.values()
        if one.status == VALID
        and one.batch in of
        and (not params.get("delegation") or held.row(one).delegation == params["delegation"])
    ]


def wanted(desk: Desk, state: State, params: Params) -> Params:
    """The ids asked for (32 hex) in the order of printing: by delegation, then as they were issued."""
    found = _find(state, params)
    if isinstance(found, e.Refused):
        return {"code": found.code, "params": found.params}
    held = state.credentials
    known = [(held.row(one).delegation, one) for one in found]
    known.sort(key=lambda pair: pair[0])
    return {"credentials": [{"id": o.id, "delegation": place, "issuer": o.issuer} for place, o in known]}


def sheets(desk: Desk, state: State, params: Params) -> list[Params]:
    """Each of ``which`` (ids) as paper shows it, with the signed document; or the code that says why not."""
    made = papers.Dictionaries(state)
    return [_sheet(desk, state, state.credentials.held[key], made) for key in params["which"]]


def _sheet(desk: Desk, state: State, credential: Credential, made: papers.Dictionaries) -> Params:
    signed = documents.document(state, desk.names, credential)
    if isinstance(signed, e.Refused):
        return {"code": signed.code, "params": signed.params}
    held = state.credentials
    batch, row = held.batches[credential.batch], held.row(credential)
    issuer = statement.issuer_of(state, credential)
    who = desk.names(credential.person) or Identity({})
    trade = state.setup.trades.get(batch.basis.trade)
    earlier = held.earlier.get(credential.id, ())
    competition = state.setup.competition
    return {
        "id": credential.id, "number": credential.number, "paper": batch.paper, "issuer": credential.issuer,
        "delegation": row.delegation, "person": credential.person, "document": signed,
        "address": qr.address(issuer.base, signed, made.of(credential)),
        "query": issuer.query or f"{issuer.base}/v",
        "id_type": _both(f"id_type.{who.id_type}") if who.id_type else "",
        "id_tail": who.id_number[-TAIL:] if len(who.id_number) > 2 * TAIL else "",
        "event": both(competition.name) if competition is not None and batch.basis.kind == "result" else "",
        "trade": both(trade.name) if trade is not None else "",
        "prints": papers.prints(state, credential),
        "replaces": earlier[-1].valid_from[:10] if earlier else "",
        "embargo": papers.embargoed(state, batch),
    }  # fmt: skip


def _both(code: str) -> str:
    return " / ".join(words.say(code, lang) for lang in words.LANGS)


async def count(desk: Desk, params: Params) -> Params:
    """Count prints of ``which`` (ids, at most 200) in the journal, as the office or as account ``by``."""
    actor = control.OFFICE
    if by := params.get("by", ""):
        async with desk.reading(e.COMPETITION) as state:
            known = state.accounts.get(by)
        secret = known.secret if known else ""
        right = await asyncio.to_thread(passwords.right, params.get("password", ""), secret)
        if known is None or not right:
            return {"a": "refused", "code": "login_failed", "params": {}}
        actor = e.Actor("account", by, known.roles)
    answer = await working.submit(desk, actor, PrintCredentials(credentials=tuple(params["which"])))
    return {"a": answer.a, "code": answer.code, "params": answer.params}


def printable(
    directory: Path, state: State, batch: Batch, holders: Sequence[tuple[int, Identity | None]]
) -> e.Refused | None:
    """Why a slice gets no numbers: a holder's name that no font here can print. Where this machine has no
    fonts at all it prints nothing, and says nothing."""
    try:
        faces = glyphs.find([directory / FONTS])
    except (glyphs.SerifMissing, OSError):
        return None
    for _, who in holders:
        name = documents.holder_name(who)
        if lost := faces.missing([name]):
            codes = " ".join(f"U+{ord(sign):04X}" for sign in lost)
            return e.Refused("print.glyph", {"holder": name, "signs": lost, "codes": codes})
    return None


working.BEFORE.append(printable)
control.QUERIES |= {"credential_wanted": wanted, "credential_sheets": sheets}
control.ACTIONS |= {"credential_count": count}
