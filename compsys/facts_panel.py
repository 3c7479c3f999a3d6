"""The events of a sheet's way after its seats: what the supervisor hands back."""

from __future__ import annotations

from compsys.facts import Event


class HandedBack(Event, frozen=True, kw_only=True, tag="handed_back"):
    """The supervisor gives a sheet back to the chief instead of signing it: the chief's link of its chain and
    those after it fall."""

    unit: str
    sub: str
