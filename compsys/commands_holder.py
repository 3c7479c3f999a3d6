"""Commands of holders and about them: private links, corrections of a name, views shared with an employer."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from compsys.commands_base import Command

Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
"""SHA-256 of a token (hex)."""
Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8,32}\Z")]
Person = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]

AT_ONCE = 200
"""Links of one line."""


class IssueHolderLinks(Command, frozen=True, kw_only=True, tag="issue_holder_links"):
    """New private links: (person, digest of the token) each; older links of these persons stop working.
    ``slip``: printed and handed out."""

    rows: Annotated[tuple[tuple[Person, Digest], ...], msgspec.Meta(min_length=1, max_length=AT_ONCE)]
    expires: str
    slip: bool = False


class RevokeHolderLink(Command, frozen=True, kw_only=True, tag="revoke_holder_link"):
    """A person's private link works no more. ``link``: only where it is this one (by its holder's door, after
    too many wrong answers)."""

    person: Person
    why: Literal["office", "guessed"] = "office"
    link: Digest | Literal[""] = ""


class EnterAsHolder(Command, frozen=True, kw_only=True, tag="enter_as_holder"):
    """Come in by a private link, after the question was answered; ``session``: digest of what the browser
    gets for it."""

    person: Person
    link: Digest
    session: Digest


class LeaveAsHolder(Command, frozen=True, kw_only=True, tag="leave_as_holder"):
    """This browser is out again."""

    person: Person
    session: Digest


class AskCorrection(Command, frozen=True, kw_only=True, tag="ask_correction"):
    """A holder asks for the own name to be corrected; name and words were put into the vault before."""

    id: Id
    person: Person


class SettleCorrection(Command, frozen=True, kw_only=True, tag="settle_correction"):
    """The officer ``confirmed_by`` accepts a correction (``commitment``: of the person with the corrected
    name, ``salt``: its salt) or refuses it (both empty)."""

    id: Id
    confirmed_by: Annotated[str, msgspec.Meta(max_length=60)]
    commitment: Digest | Literal[""] = ""
    salt: Annotated[str, msgspec.Meta(max_length=64)] = ""


class ShareView(Command, frozen=True, kw_only=True, tag="share_view"):
    """A holder lets whoever has the token see these own credentials until ``expires``."""

    id: Id
    person: Person
    token: Digest
    credentials: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=100)]
    expires: str


class RevokeView(Command, frozen=True, kw_only=True, tag="revoke_view"):
    """The holder takes a shared view back."""

    id: Id
    person: Person


class OpenView(Command, frozen=True, kw_only=True, tag="open_view"):
    """Somebody opened a shared view, which its holder may know."""

    id: Id


HolderCommand = (
    IssueHolderLinks | RevokeHolderLink | EnterAsHolder | LeaveAsHolder | AskCorrection | SettleCorrection
    | ShareView | RevokeView | OpenView
)  # fmt: skip
"""The commands of this family."""
