"""What this office knows of its own certificates, as checking asks: who is pinned, how each one stands.

Nothing here is about what is not issued: a reserved number, a void one and one that never was are the same.
"""

from __future__ import annotations

from typing import Any

from compsys.credentials import documents, proofs, statuslist
from compsys.credentials.achievements import name_of
from compsys.credentials.checking import Issuer, Standing, Trust, moment
from compsys.credentials.controller import Key, method
from compsys.credentials.papers import embargoed
from compsys.credentials.signer import Signer
from compsys.state import State
from compsys.state_credentials import RESERVED, REVOKED, SUSPENDED, VOID, Batch, Credential

LASTS = 15 * 60 * 1000
"""Milliseconds after which a status list that nothing changed is signed anew: its date is its age."""


def keys_of(state: State, slug: str) -> tuple[Key, ...]:
    """Every key that an issuer ever had."""
    return tuple(documents.controller_keys(state, slug))


def both(names: Any) -> str:
    """A name in both languages as certificates write it."""
    found = list(dict.fromkeys(filter(None, (names.get("zh-CN", ""), names.get("en", "")))))
    return " / ".join(found)


def trust_of(state: State, now: str) -> Trust:
    """Every address under which a body of this office ever issued, with the whole history of its keys."""
    issuers: dict[str, Issuer] = {}
    for slug, records in state.credentials.issuers.items():
        keys = keys_of(state, slug)
        for record in records:
            code = record.filing.code if record.filing else ""
            issuers[record.address] = Issuer(record.address, both(record.name), code, record.base, keys)
    return Trust(now, issuers)


def standing_of(state: State, credential: Credential | None, now: str) -> Standing:
    """How a certificate stands; ``unknown`` for whatever was not issued."""
    if credential is None or credential.status in (RESERVED, VOID):
        return Standing("unknown", now)
    if credential.status in (REVOKED, SUSPENDED):
        move = state.credentials.moves.get(credential.moved)
        return Standing(credential.status, now, credential.valid_from, since=move.t if move else "")
    return Standing(credential.status, now, credential.valid_from)


def shown_publicly(state: State, batch: Batch) -> bool:
    """Whether the public may already know what a batch issued: awards are printed before their ceremony."""
    return not embargoed(state, batch)


def achieved_publicly(state: State, slug: str, name: str) -> bool:
    """Whether the public may know of a certificate of this achievement."""
    return any(
        name in {name_of(state, batch, batch.rows[i]) for i in batch.done}
        for batch in state.credentials.batches.values()
        if batch.issuer == slug and shown_publicly(state, batch)
    )


def issued(state: State, what: str) -> Credential | None:
    """The newest issued certificate of an id or a number; None for whatever was not issued."""
    found = state.credentials.find(what)
    return None if found is None or found.status in (RESERVED, VOID) else found


def list_address(address: str, no: int) -> str:
    """Where an issuer's status list is.

    >>> list_address("https://c.example/issuers/centre", 1)
    'https://c.example/status/centre/1'
    """
    base, _, slug = address.rpartition("/issuers/")
    return f"{base}/status/{slug}/{no}"


def list_addresses(state: State) -> list[str]:
    """The addresses of all status lists."""
    held = state.credentials
    return [
        list_address(address, no + 1)
        for slug, lists in held.lists.items()
        for address in dict.fromkeys(record.address for record in held.issuers.get(slug, ()))
        for no in range(len(lists))
    ]


def signed_list(state: State, slug: str, no: int, signer: Signer, at: str) -> dict[str, Any]:
    """An issuer's status list ``no`` (from 1) as it stands, signed at a time (RFC 3339) by its key.

    Raises KeyError, IndexError: there is no such list.
    """
    held = state.credentials
    record, kept = held.issuers[slug][-1], held.lists[slug][no - 1]
    url = list_address(record.address, no)
    document = statuslist.list_credential(url, record.address, bytes(kept.bits), at, ttl=LASTS)
    key = Key(signer.public, "Ed25519", "")
    return proofs.sign(document, signer, method(record.address, key), at)


def stale(document: dict[str, Any] | None, changed: str, now: str) -> bool:
    """Whether a kept status list is to be signed anew: too old, or a bit changed since."""
    made, at = moment(document.get("validFrom")) if document else None, moment(now)
    if made is None or at is None:
        return True
    since = moment(changed)
    return at - made > LASTS or (since is not None and since >= made)
