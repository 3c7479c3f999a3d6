"""What the vault keeps beside a person for the holder's sake: corrections in words, labels of shared views.

A correction that is accepted changes two places, the journal's commitment and the vault's name. So the name
to come is put beside the old one first (``next``), then the line is written, then the name: ``mended`` ends
what a kill left in between, by what the journal says, and the verifier knows ``next`` too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import msgspec

from compsys.vault import Identity, Vault, canonical, commitment

NOTES = "holder"
"""The short name under which the notes stand; a correction's file is under ``file-ID``."""


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """A correction in words: the name asked for by language, why; ``file``: the media type of what was
    enclosed, ``answer``: the officer's words, ``was``: the name before it was accepted."""

    name: dict[str, str]
    words: str = ""
    file: str = ""
    answer: str = ""
    was: dict[str, str] = {}


class Next(msgspec.Struct, frozen=True):
    """The name that a correction being accepted gives."""

    id: str
    name: dict[str, str]


class Notes(msgspec.Struct, frozen=True, omit_defaults=True):
    """All of it: corrections and shared views by id; ``next``: the name that is being put in."""

    asked: dict[str, Asked] = {}
    views: dict[str, str] = {}
    next: Next | None = None


def notes_of(vault: Vault, person: str) -> Notes:
    """The notes of a person; empty where there are none (any more)."""
    data = vault.beside(person, NOTES)
    return msgspec.json.decode(data, type=Notes) if data else Notes()


def keep(vault: Vault, person: str, notes: Notes, identity: Identity | None = None) -> bool:
    """Keep the notes, and with them the identity where it changes; False: there is no such person."""
    return vault.put_beside(person, {NOTES: msgspec.json.encode(notes)}, identity)


def named(identity: Identity, name: Mapping[str, str]) -> Identity:
    """The same person under a corrected name; a language that is not corrected keeps its name.

    >>> named(Identity({"zh-CN": "张三", "en": "Zhang San"}), {"zh-CN": "张山"}).name
    {'zh-CN': '张山', 'en': 'Zhang San'}
    """
    return msgspec.structs.replace(identity, name={**identity.name, **name})


def mend(vault: Vault, commitments: Mapping[str, tuple[str, str]]) -> None:
    """End the corrections that a kill left between the line and the name. ``commitments``: person ->
    (commitment, salt), as the journal has them."""
    for person, data in list(vault.all_beside(NOTES)):
        if msgspec.json.decode(data, type=Notes).next is not None:
            settle(vault, person, commitments)


def settle(vault: Vault, person: str, commitments: Mapping[str, tuple[str, str]]) -> Identity | None:
    """Put the name to come in, where the journal binds the person to it; the new identity, or None where the
    line is not there: then the old name stays, and the one to come lies beside it for another try."""
    notes, known = notes_of(vault, person), vault.get(person)
    made, salt = commitments.get(person, ("", ""))
    if notes.next is None or not salt or not isinstance(known, Identity):
        return None
    changed = named(known, notes.next.name)
    if commitment(salt, canonical(changed)) != made:
        return None
    asked = notes.asked.get(notes.next.id)
    if asked is not None and not asked.was:
        told = msgspec.structs.replace(asked, was=known.name)
        notes = msgspec.structs.replace(notes, asked={**notes.asked, notes.next.id: told})
    keep(vault, person, msgspec.structs.replace(notes, next=None), changed)
    return changed


def question(identity: Identity | None) -> tuple[str, str]:
    """What somebody who has the link is asked, and the right answer: the last four characters of the identity
    number, else of the phone number; ("", "") where neither is known.

    >>> question(Identity({}, "resident_id", "99999919900101002x", "13800001234"))
    ('id_number', '002X')
    >>> question(Identity({}, phone="138 0000 1234")), question(Identity({"en": "Bo"}))
    (('phone', '1234'), ('', ''))
    """
    for asked in ("id_number", "phone"):
        plain = answered(getattr(identity, asked, ""))
        if len(plain) >= 6:
            return asked, plain[-4:]
    return "", ""


def answered(text: str) -> str:
    """An answer as compared: full-width folded, blanks and hyphens dropped, letters upper-case.

    >>> answered(" ００2x")
    '002X'
    """
    folded = unicodedata.normalize("NFKC", text)
    return "".join(c for c in folded if not c.isspace() and c != "-").upper()
