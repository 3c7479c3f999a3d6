"""The events of tablets that take a seat over from one another."""

from __future__ import annotations

from compsys.facts import Event


class DeviceSuperseded(Event, frozen=True, kw_only=True, tag="device_superseded"):
    """Another device has taken the seat; this one may still send the marks that it holds."""

    device: str
