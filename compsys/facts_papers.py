"""The events of printed certificates: which were printed how often, and the dictionaries of their symbols."""

from __future__ import annotations

from compsys.facts import Event


class DictionaryKept(Event, frozen=True, kw_only=True, tag="dictionary_kept"):
    """The preset dictionary that QR symbols of a class of credentials name: it never changes, holds nobody's
    data, and is served for ever. ``name``: the first 16 hex digits of its SHA-256."""

    name: str
    text: str


class CredentialsPrinted(Event, frozen=True, kw_only=True, tag="credentials_printed"):
    """Certificates were printed: rows of (credential, line that gave it its number, how many prints of it
    there are now). ``embargo``: before the result was public, for a ceremony."""

    rows: tuple[tuple[str, int, int], ...]
    embargo: bool = False


PaperFact = DictionaryKept | CredentialsPrinted
"""The events of this family."""
