"""What is held of who may come in: tablets, their one-time links, the console's accounts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Device:
    """An enrolled tablet.

    ``superseded``: another one has the seat now; what this one holds of marks is still taken.
    """

    id: str
    seat: str
    key: str
    revoked: bool = False
    n: int = 0
    approved: str = ""
    """the account that compared the words of tablet and console"""
    superseded: bool = False
    public: str = ""
    """the public half of its own key (P-256, base64url of the point), "" = it has none"""

    @property
    def standing(self) -> str:
        """active, draining (superseded) or revoked."""
        return "revoked" if self.revoked else "draining" if self.superseded else "active"


@dataclass(slots=True)
class Link:
    """A seat's one-time link."""

    seat: str
    token: str
    expires: str
    spent: bool = False
    slip: bool = False
    """printed and handed out, not scanned from a screen"""


@dataclass(slots=True)
class Account:
    """An account of the console."""

    id: str
    roles: tuple[str, ...]
    secret: str


@dataclass(slots=True)
class Pin:
    """A judge's PIN: what is kept of it, and the devices from which it is not taken."""

    secret: str
    locked: set[str]
