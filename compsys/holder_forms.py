"""The forms in which a holder takes a certificate along, and what a shared view says of it at this moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from compsys import evidence
from compsys.answers import Refused as Refused
from compsys.credentials import documents, jcs
from compsys.holder_papers import Paper, paper

if TYPE_CHECKING:
    from compsys.desk import Desk
    from compsys.state import State

FORMS = ("pdf", "png", "svg", "json", "jwt")
"""The forms, what most people want first."""


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


async def made(desk: Desk, key: str, form: str) -> Made | Refused:
    """A credential in a form, the bytes that the office's export writes."""
    async with desk.reading("competition") as state:
        found = state.credentials.held[key]
        signed = documents.document(state, desk.names, found)
    if isinstance(signed, Refused):
        return signed
    return Made(f"{found.number}.json", "application/ld+json", jcs.canonical(signed))


def live(desk: Desk, state: State, key: str) -> Live:
    """What a check of a credential says now, from the register and by its own signatures."""
    found = state.credentials.held[key]
    status = state.credentials.lists[found.issuer][found.slice.list - 1]
    return Live(paper(state, key), found.status, status.t)


def kind_of(data: bytes) -> str:
    """The media type of what somebody encloses: a picture or a PDF, "" for anything else.

    >>> kind_of(b"%PDF-1.7 ..."), kind_of(b"GIF89a")
    ('application/pdf', '')
    """
    return evidence.kind_of(data) or ("application/pdf" if data.startswith(b"%PDF-") else "")
