"""What is held of a day beside the marks: announcements and who read them, incidents, where pictures are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(slots=True)
class Word:
    """An announcement: line n of the competition stream, when, to whom, by whom, its words, and which seat
    read it when."""

    n: int
    t: str
    to: str
    by: str
    text: str
    read: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Incident:
    """A reported incident, and once it is decided: the outcome, why, by whom, when and with which second
    person."""

    n: int
    t: str
    kind: str
    unit: str
    session: str
    station: str
    text: str
    by: str
    outcome: str = ""
    reason: str = ""
    decided_by: str = ""
    decided: str = ""
    confirmed_by: str = ""
    files: tuple[str, ...] = ()
    seat: str = ""


class Pinned(NamedTuple):
    """What a picture was pinned to: a value of a cell (``incident`` 0) or the incident of that line; ``by``:
    who pinned it."""

    by: str
    unit: str
    aspect: str = ""
    seat: str = ""
    round: int = 0
    incident: int = 0
