"""A desk's status lists, signed when they are asked for: anew when a bit changed, else a few times an hour.

The date of a list is its age, so one that nothing changed is signed anew too. Where the private key is away
(moved, retired), the list as it was signed last is all there is.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from compsys.credentials import documents, known, working
from compsys.credentials.signer import Signer
from compsys.desk import Desk
from compsys.journal_api import JournalError
from compsys.state import State

Document = dict[str, Any]

_KEPT: WeakKeyDictionary[Desk, dict[str, Document]] = WeakKeyDictionary()
"""Per desk: address -> the list as it was signed last."""


def signer_of(desk: Desk, state: State, slug: str) -> Signer | None:
    """The key that signs for an issuer now, None where it has none. Raises JournalError: it is not here."""
    key = state.credentials.key_of(slug)
    return working.folder(desk).signer(documents.public_of(key.id, key.suite)) if key else None


def signed(desk: Desk, state: State, slug: str, no: int) -> Document | None:
    """An issuer's status list ``no`` (from 1); None where there is none. Raises JournalError."""
    lists = state.credentials.lists.get(slug, [])
    if not 0 < no <= len(lists):
        return None
    kept = _KEPT.setdefault(desk, {})
    url = known.list_address(state.credentials.issuers[slug][-1].address, no)
    before, now = kept.get(url), desk.now()
    if before is not None and not known.stale(before, lists[no - 1].t, now):
        return before
    signer = signer_of(desk, state, slug)
    if signer is None:
        return before
    kept[url] = known.signed_list(state, slug, no, signer, now)
    return kept[url]


def all_of(desk: Desk, state: State) -> tuple[dict[str, Document], list[str]]:
    """Every list by its address, and the addresses of those that nobody can sign here."""
    found, missing = dict[str, Document](), list[str]()
    for slug, lists in state.credentials.lists.items():
        for no in range(1, len(lists) + 1):
            try:
                document = signed(desk, state, slug, no)
            except JournalError:
                document = None
            url = known.list_address(state.credentials.issuers[slug][-1].address, no)
            if document is None:
                missing.append(url)
            else:
                found[url] = document
    return found, missing
