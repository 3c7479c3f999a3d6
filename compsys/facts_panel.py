"""The events of a sheet's way after its seats: what the supervisor hands back."""

from __future__ import annotations

from compsys.facts import Event


class HandedBack(Event, frozen=True, kw_only=True, tag="handed_back"):
    """The supervisor gives a sheet back to the chief instead of signing it: the chief's link of its chain and
    those after it fall."""

    unit: str
    sub: str


class Escalated(Event, frozen=True, kw_only=True, tag="escalated"):
    """What follows a vote that stays apart. ``outcome`` median: the votes count by the function ``rule``;
    reserve: ``joins`` comes to the sheet, all vote again in round ``round``; stands: the votes count as they
    are, with the reason in the closed part."""

    unit: str
    aspect: str
    round: int
    outcome: str
    rule: str = ""
    joins: str = ""
