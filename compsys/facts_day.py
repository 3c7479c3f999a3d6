"""The events of a day beside the marks: what is said to tablets and who has read it, what happened."""

from __future__ import annotations

import msgspec

from compsys.facts import Event


class Announced(Event, frozen=True, kw_only=True, tag="announced"):
    """Something was said to tablets: to everybody ("") or to a trade, stage or seat (its words in the closed
    part)."""

    to: str


class WordRead(Event, frozen=True, kw_only=True, tag="word_read"):
    """A seat has read the announcement of line ``of`` of this stream."""

    of: int
    seat: str


class Reported(Event, frozen=True, kw_only=True, tag="reported"):
    """Something happened: of which kind, to which unit, in which session, at which station ("" where none);
    its words in the closed part. ``seat``: who is away of a panel, by its lead's word."""

    incident: str
    unit: str = ""
    session: str = ""
    station: str = ""
    seat: str | msgspec.UnsetType = msgspec.UNSET


class IncidentDecided(Event, frozen=True, kw_only=True, tag="incident_decided"):
    """What followed the report of line ``of``: credit, rerun, penalty, status, everywhere or none;
    ``confirmed_by``: the second person of a penalty. What follows stands in the lines after it."""

    of: int
    outcome: str
    confirmed_by: str | msgspec.UnsetType = msgspec.UNSET
