"""The forms in which a holder takes a certificate along, and what a shared view says of it at this moment."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from compsys import evidence, words
from compsys.answers import Refused as Refused
from compsys.commands_papers import KeepDictionaries
from compsys.credentials import (
    baking,
    certificate,
    checking,
    controller,
    documents,
    glyphs,
    jwt,
    known,
    papers,
    qr,
    statement,
    working,
)
from compsys.credentials.achievements import both
from compsys.credentials.typesetting import Press, font_missing
from compsys.events import COMPETITION, Actor
from compsys.holder_papers import Paper, paper
from compsys.journal_api import JournalError
from compsys.vault import Identity

if TYPE_CHECKING:
    from compsys.desk import Desk
    from compsys.state import State
    from compsys.state_credentials import Credential

FORMS = ("pdf", "png", "svg", "json", "jwt")
"""The forms, what most people want first."""
KINDS = {
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "json": "application/ld+json",
    "jwt": "application/jwt",
}
OFFICE = Actor("office", "office")
TAIL = 4
PRESSES = asyncio.Semaphore(1)
"""One press at a time: a hall of phones does not take the server's memory."""


class Made(NamedTuple):
    """One form of one credential: file name, media type, bytes."""

    name: str
    kind: str
    data: bytes


class Live(NamedTuple):
    """A shared credential with its verdict of now; ``list``: when its status list was last changed."""

    paper: Paper
    verdict: str
    list: str


def forms_of(state: State, key: str) -> tuple[str, ...]:
    """The forms that a credential can be had in: a token where its issuer has a key for tokens."""
    found = state.credentials.held[key]
    has_key = state.credentials.key_of(found.issuer, "ES256") is not None
    return FORMS if has_key else tuple(form for form in FORMS if form != "jwt")


async def made(desk: Desk, key: str, form: str) -> Made | Refused:
    """A credential in a form, the bytes that the office's own commands write (a PDF: as the first print)."""
    async with desk.reading(COMPETITION) as state:
        found = state.credentials.held[key]
        signed = documents.document(state, desk.names, found)
        if isinstance(signed, Refused):
            return signed
        preset = papers.dictionary(state, found)
        kept = qr.name(preset) in state.credentials.dictionaries
        asked = _paper(desk, state, found, signed, preset)
        data: bytes | Refused = b""
        if form == "json":
            data = readable(signed)
        elif form == "jwt":
            data = _token(desk, state, found, signed)
    if form in ("pdf", "png", "svg"):
        if form == "pdf" and not kept:
            # What the symbol was packed with must be known before the symbol leaves.
            answer = await working.submit(desk, OFFICE, KeepDictionaries(credentials=(key,)))
            if answer.a != "accepted":
                return Refused(answer.code or "holder.not_now", answer.params)
        async with PRESSES:
            data = await asyncio.to_thread(_pressed, desk.directory, found.issuer, asked, signed, form)
    if isinstance(data, Refused):
        return data
    return Made(f"{found.number}.{form}", KINDS[form], data)


def readable(signed: Any) -> bytes:
    """A signed document as a file."""
    return (json.dumps(signed, ensure_ascii=False, indent=1) + "\n").encode()


def _paper(
    desk: Desk, state: State, found: Credential, signed: Any, preset: bytes
) -> certificate.Paper:
    held = state.credentials
    batch, issuer = held.batches[found.batch], statement.issuer_of(state, found)
    who = desk.names(found.person) or Identity({})
    trade, competition = state.setup.trades.get(batch.basis.trade), state.setup.competition
    of_result = competition is not None and batch.basis.kind == "result"
    earlier = held.earlier.get(found.id, ())
    id_type = [words.say(f"id_type.{who.id_type}", lang) for lang in words.LANGS] if who.id_type else []
    return certificate.Paper(
        signed=readable(signed),
        kind=batch.paper,
        address=qr.address(issuer.base, signed, preset),
        query=issuer.query or f"{issuer.base}/v",
        id_type=" / ".join(id_type),
        id_tail=who.id_number[-TAIL:] if len(who.id_number) > 2 * TAIL else "",
        event=both(competition.name) if of_result and competition is not None else "",
        trade=both(trade.name) if trade is not None else "",
        replaces=earlier[-1].valid_from[:10] if earlier else "",
    )


def _token(desk: Desk, state: State, found: Credential, signed: Any) -> bytes | Refused:
    key = state.credentials.key_of(found.issuer, "ES256")
    if key is None:
        return Refused("credential.jwt_key_missing", {"issuer": found.issuer})
    try:
        signer = working.folder(desk).signer(documents.public_of(key.id, key.suite))
    except JournalError:
        return Refused("credential.signer_missing", {"batch": found.batch})
    public = controller.Key(signer.public, "ES256", key.made)
    kid = controller.kid(statement.issuer_of(state, found).address, public)
    return jwt.issue(signed, signer, kid).encode()


def _pressed(
    directory: Path, issuer: str, asked: certificate.Paper, signed: Any, form: str
) -> bytes | Refused:
    """Typeset in a thread: the page, or the badge with the credential in it."""
    own = directory / "templates"
    try:
        with Press([own, own / issuer], [directory / "fonts"]) as press:
            if form == "pdf":
                return press.print([asked])
            said = certificate.badge(asked)
            drawn = said if isinstance(said, Refused) else press.badge(form, **said)
    except glyphs.SerifMissing as missing:
        return font_missing(missing)
    if isinstance(drawn, Refused):
        return drawn
    text = json.dumps(signed, ensure_ascii=False, separators=(",", ":"))
    if form == "png":
        return baking.bake_png(drawn, text)
    baked = baking.bake_svg(drawn.decode(), text)
    return baked if isinstance(baked, Refused) else baked.encode()


def live(desk: Desk, state: State, key: str) -> Live:
    """What a check of a credential says now: its own signatures, and the register."""
    found = state.credentials.held[key]
    status = state.credentials.lists[found.issuer][found.slice.list - 1]
    signed = documents.document(state, desk.names, found)
    if isinstance(signed, Refused):
        return Live(paper(state, key), "could_not_check", status.t)
    now = desk.now()
    standing = known.standing_of(state, found, now)
    verdict = checking.check(signed, known.trust_of(state, now), now, standing=standing)
    return Live(paper(state, key), verdict.verdict, status.t)


def kind_of(data: bytes) -> str:
    """The media type of what somebody encloses: a picture or a PDF, "" for anything else.

    >>> kind_of(b"%PDF-1.7 ..."), kind_of(b"GIF89a")
    ('application/pdf', '')
    """
    return evidence.kind_of(data) or ("application/pdf" if data.startswith(b"%PDF-") else "")
