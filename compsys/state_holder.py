"""What is held of holders: private links, browsers that came in, corrections asked for, shared views."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class HolderLink:
    """A person's private link. ``revoked``: "" or why it works no more (new, office, guessed); ``came``: how
    often somebody came in by it, ``last``: when."""

    person: str
    digest: str
    expires: str
    t: str
    slip: bool = False
    revoked: str = ""
    came: int = 0
    last: str = ""


@dataclass(slots=True)
class Correction:
    """A name to be corrected: waiting, accepted or refused. ``n``: the line that settled it."""

    id: str
    person: str
    t: str
    state: str = "waiting"
    settled: str = ""
    by: str = ""
    n: int = 0


@dataclass(slots=True)
class View:
    """Credentials that a holder lets somebody see; ``opened``: how often that was used, ``last``: when."""

    id: str
    person: str
    digest: str
    credentials: tuple[str, ...]
    expires: str
    t: str
    revoked: str = ""
    opened: int = 0
    last: str = ""


@dataclass(slots=True)
class Holders:
    """All holders' affairs; every look-up is by key, however many holders there are."""

    links: dict[str, HolderLink] = field(default_factory=dict)
    """digest of the token -> link, the newest of each person alone"""
    link_of: dict[str, str] = field(default_factory=dict)
    """person -> digest of the newest link"""
    sessions: dict[str, tuple[str, str]] = field(default_factory=dict)
    """digest of a browser's secret -> digest of the link it came by, until when it is in"""
    corrections: dict[str, Correction] = field(default_factory=dict)
    corrections_of: dict[str, list[str]] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    """corrections that no officer has settled"""
    views: dict[str, View] = field(default_factory=dict)
    views_of: dict[str, list[str]] = field(default_factory=dict)
    view_by: dict[str, str] = field(default_factory=dict)
    """digest of the token -> id of the view"""

    def link(self, digest: str, now: str) -> HolderLink | None:
        """The link of a token's digest, None for every link that does not work now."""
        found = self.links.get(digest)
        return found if found and not found.revoked and found.expires > now else None

    def session(self, digest: str, now: str) -> HolderLink | None:
        """The link by which a browser came in, None where it is out."""
        link, until = self.sessions.get(digest, ("", ""))
        return self.link(link, now) if until > now else None

    def view(self, digest: str, now: str) -> View | None:
        """The shared view of a token's digest, None for every one that does not work now."""
        found = self.views.get(self.view_by.get(digest, ""))
        return found if found and not found.revoked and found.expires > now else None
