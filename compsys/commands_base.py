"""Who asks the core, and the bases of what may be asked: the call, its actor, commands of both kinds."""

from __future__ import annotations

from typing import Literal

import msgspec


class Actor(msgspec.Struct, frozen=True):
    """Who asks: ``account`` (id, its roles), ``seat`` (key ``trade/stage/seat``, its role) or ``office``
    (the command line on the machine itself), ``holder`` (person: who came in by a private link)."""

    kind: Literal["account", "seat", "office", "holder"]
    id: str
    roles: tuple[str, ...] = ()


class Call(msgspec.Struct, frozen=True):
    """A command on its way to the core: its key (32 hex), its actor and device, the tablet's own claim of
    the time."""

    key: str
    actor: Actor
    command: Command
    device: str = ""
    claimed: str = ""
    proved: str = ""
    """the seat whose PIN was typed for this call; beside the command, whose content stays the same"""
    brought: str = ""
    """the account that brought it in a file of the tablet's unsent marks; beside the command as well"""
    again: bool = False
    """it was accepted once, in a history that a backup has replaced since: what it rests on may come again"""


class Command(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="c"
):
    """The base of all commands; ``c`` on the wire names the kind."""


class Marking(Command, frozen=True, kw_only=True):
    """The base of commands to one marking unit stream."""

    stream: str
