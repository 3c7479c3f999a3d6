"""A signed credential put together again: from lines, and the holder's name in the vault.

No copy of a signed document is kept anywhere. What comes out must have the digest of its line: where the name
on record is another one since, that is said, and nothing else is shown in its stead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from compsys.answers import Refused
from compsys.credentials import controller, jcs, multikey, proofs, statement
from compsys.credentials.jcs import Unsignable
from compsys.state import State
from compsys.state_credentials import RESERVED, VOID, Credential
from compsys.vault import Identity
from compsys.words import LANGS

Names = Callable[[str], Identity | None]


def holder_name(who: Identity | None) -> str:
    """A person's name as a credential says it: the Chinese one, else the first that is there; "" for nobody.

    >>> holder_name(Identity({"en": "Li Na", "zh-CN": "李娜"})), holder_name(None)
    ('李娜', '')
    """
    names: Mapping[str, str] = who.name if who is not None else {}
    found = next((names[lang] for lang in LANGS if names.get(lang)), "") or next(iter(names.values()), "")
    return found.strip()


def digest(signed: Mapping[str, Any]) -> str:
    """SHA-256 of a signed document's canonical JSON, in hex: what its line keeps."""
    return hashlib.sha256(jcs.written(signed)).hexdigest()


def document(state: State, names: Names, credential: Credential) -> dict[str, Any] | Refused:
    """The signed document of a credential, byte for byte as it was signed.

    Refused: credential.not_issued, credential.person_erased (no name any more), credential.document_differs
    (another name on record).
    """
    if credential.status in (RESERVED, VOID):
        return Refused("credential.not_issued", {"number": credential.number})
    name = holder_name(names(credential.person))
    if not name:
        return Refused("credential.person_erased", {"number": credential.number})
    unsigned = statement.unsigned(state, credential, name)
    method = statement.method_of(state, credential)
    try:
        signed = proofs.attach(unsigned, method, credential.valid_from, (credential.rdfc, credential.jcs))
    except Unsignable:
        return Refused("credential.document_differs", {"number": credential.number})
    if digest(signed) != credential.sha:
        return Refused("credential.document_differs", {"number": credential.number})
    return signed


def key_text(public: bytes, suite: str) -> str:
    """A public key as its id in lines: Multikey for Ed25519, else ``z`` and base58 of the key itself."""
    return multikey.encode(public) if suite == "Ed25519" else "z" + multikey.base58_encode(public)


def public_of(key: str, suite: str) -> bytes:
    """The public key of an id; raises ValueError."""
    return multikey.decode(key) if suite == "Ed25519" else multikey.base58_decode(key[1:])


def controller_keys(state: State, issuer: str) -> list[controller.Key]:
    """The keys of an issuer as its controller document tells them."""
    return [
        controller.Key(public_of(k.id, k.suite), k.suite, k.made, k.retired, k.revoked)  # type: ignore[arg-type]  # a suite
        for k in state.credentials.keys.get(issuer, [])
    ]
