"""The events of a holder: private links, who came in by one, a name to correct, views shared with others.

Nothing here names anybody: tokens stand as digests in closed parts, and what a holder or an officer wrote is
in the vault (``compsys.vault_holder``), so that it goes when the person is erased.
"""

from __future__ import annotations

from compsys.facts import Event


class HolderLinksIssued(Event, frozen=True, kw_only=True, tag="holder_links_issued"):
    """These persons have a new private link each, and no older one; the digests of the tokens stand in the
    closed part in the same order."""

    persons: tuple[str, ...]
    expires: str
    slip: bool = False


class HolderLinkRevoked(Event, frozen=True, kw_only=True, tag="holder_link_revoked"):
    """A person's private link works no more (``why``: office, guessed), and whoever came in by it is out."""

    person: str
    why: str


class HolderCame(Event, frozen=True, kw_only=True, tag="holder_came"):
    """Somebody came in by a person's private link and answered what was asked; digests of the link and of
    the browser's own secret in the closed part."""

    person: str


class HolderLeft(Event, frozen=True, kw_only=True, tag="holder_left"):
    """A browser that had come in is out again."""

    person: str


class CorrectionAsked(Event, frozen=True, kw_only=True, tag="correction_asked"):
    """A holder asks for a name to be corrected; name and words are in the vault."""

    id: str
    person: str


class CorrectionSettled(Event, frozen=True, kw_only=True, tag="correction_settled"):
    """An officer (``by``: the account) accepted or refused a correction; where it is accepted, the line that
    binds the person to the corrected name follows."""

    id: str
    accepted: bool
    by: str


class ViewShared(Event, frozen=True, kw_only=True, tag="view_shared"):
    """A holder lets somebody see these credentials until then; the token's digest is in the closed part."""

    id: str
    person: str
    credentials: tuple[str, ...]
    expires: str


class ViewRevoked(Event, frozen=True, kw_only=True, tag="view_revoked"):
    """The holder took a shared view back."""

    id: str


class ViewOpened(Event, frozen=True, kw_only=True, tag="view_opened"):
    """Somebody opened a shared view."""

    id: str


HolderFact = (
    HolderLinksIssued | HolderLinkRevoked | HolderCame | HolderLeft | CorrectionAsked | CorrectionSettled
    | ViewShared | ViewRevoked | ViewOpened
)  # fmt: skip
"""The events of this family."""
