"""The base of events, and those that say who goes on to a later stage and what breaks a tie."""

from __future__ import annotations

import msgspec

from compsys.commands import Cut


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """The base of all events. ``v`` version of the kind; ``c`` the competition line its decision used; ``t``
    UTC ms ``Z``."""

    v: int = 1
    c: int = 0
    t: str = ""


class Advanced(Event, frozen=True, kw_only=True, tag="advanced"):
    """Entries go on from version ``version`` of a stage's official result to the stage ``to``, by the rule of
    the cut; ``first``: not the continuation of the line before. ``ways``: why each of ``rows`` goes on;
    ``reserve``: who waits, the next to move up first; ``cut``: what the rule asks besides ``count`` (0: no
    number of places) and ``ties``."""

    trade: str
    stage: str
    group: str
    to: str
    version: int
    count: int
    ties: str
    first: bool
    rows: tuple[str, ...]
    ways: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    reserve: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    cut: Cut | msgspec.UnsetType = msgspec.UNSET


class MovedUp(Event, frozen=True, kw_only=True, tag="moved_up"):
    """The entry ``left`` does not go on to the stage ``to`` after all; ``joins`` of the reserve list does
    instead ("": nobody waits, or ``left`` only waited)."""

    trade: str
    stage: str
    group: str
    to: str
    left: str
    joins: str = ""


class TieSettled(Event, frozen=True, kw_only=True, tag="tie_settled"):
    """What entries that stand level have for the ranking key ``key``: results of a play-off, or their numbers
    in the chief's order; rows of (unit, number; None: taken back)."""

    key: str
    rows: tuple[tuple[str, str | None], ...]
