"""The events of judges' PINs: set, locked after wrong ones, taken again."""

from __future__ import annotations

from compsys.facts import Event


class PinSet(Event, frozen=True, kw_only=True, tag="pin_set"):
    """A seat has a PIN, or (``given`` false) none any more; its hash is in the closed part."""

    seat: str
    given: bool = True


class PinLocked(Event, frozen=True, kw_only=True, tag="pin_locked"):
    """A seat's PIN is not taken from this device any more: it was wrong too often."""

    seat: str
    device: str


class PinUnlocked(Event, frozen=True, kw_only=True, tag="pin_unlocked"):
    """A seat's PIN is taken again."""

    seat: str
