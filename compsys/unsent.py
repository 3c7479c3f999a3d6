"""Which tablets may hold marks that a lock would keep out, as far as the journal alone tells."""

from __future__ import annotations

from typing import Any

from compsys.asking import out
from compsys.people import MARKERS, stream_of_seat
from compsys.state import State


def settled(state: State, stream: str) -> set[str]:
    """The seats of a stream that have signed every sheet that they owe."""
    found = state.streams.get(stream)
    if found is None:
        return set()
    owing = {
        seat
        for (unit, sub), sheet in found.sheets.items()
        if not out(found.units[unit], found.groups[found.units[unit].group].component_of[sub])
        for seat in sheet.roster
        if seat not in sheet.signed
    }
    return set(found.seats) - owing


def may_hold(state: State, stream: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of tablets (``pending``, ``sure``, ``standing``, ``key``: their seat) those that may hold marks.

    A tablet that is silent, but whose seat has signed all its sheets, holds nothing: a tablet takes no mark
    for a sheet that it signed, and signs none with marks unsent. An earlier tablet of a seat may, whatever
    was signed on the later one.
    """
    done = settled(state, stream)
    return [
        row
        for row in rows
        if row["pending"] or (not row["sure"] and (row["standing"] == "draining" or row["key"] not in done))
    ]


def unheard(state: State, stream: str) -> list[dict[str, Any]]:
    """Of the tablets of a stream's judges those that may hold marks, where no server heard any of them."""
    rows = []
    for device in state.devices.values():
        seat = state.setup.seats.get(device.seat)
        if device.revoked or seat is None or seat.role not in MARKERS:
            continue
        if stream_of_seat(state, device.seat) == stream:
            told: dict[str, Any] = {"key": device.seat, "seat": seat.label or seat.id}
            rows.append(told | {"standing": device.standing, "pending": None, "sure": False, "heard": ""})
    return sorted(may_hold(state, stream, rows), key=lambda row: row["key"])
