"""A competition floor for the kills: ten trades with panels of five, and what each judge may mark."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from compsys import events as e
from compsys.desk import Desk
from compsys.records import KINDS, key_of
from tests.world import LEVELS, OFFICE, ORGANIZER
from web.access import secret_digest

TRADES = 10
SEATS = 5
UNITS = 4
"""Units of each trade; the last one has withdrawn, and what is given for it goes to the tray."""

Cell = tuple[str, str, str]
"""(unit, aspect, seat or *)"""


def scheme() -> dict[str, Any]:
    """A: judged, sealed until all have voted. B: one agreed value for the panel. C: points, sealed until
    signed."""

    def criterion(letter: str, aspects: list[dict[str, Any]]) -> dict[str, Any]:
        title = {"en": letter}
        named = [
            {"key": f"{letter}1.{number}", "title": title, **aspect}
            for number, aspect in enumerate(aspects, 1)
        ]
        sub = {"key": f"{letter}1", "title": title, "aspects": named}
        return {"key": letter, "title": title, "subs": [sub]}

    judged = {"method": "judgement", "max": "5", "descriptors": list(LEVELS)}
    count = {
        "method": "agreed",
        "max": "20",
        "measure": {"kind": "count", "params": {"possible": "1000"}},
    }
    points = {"method": "points", "max": "10", "step": "0.5"}
    return {
        "title": {"en": "Cooking"},
        "criteria": [
            criterion("A", [judged] * 4),
            criterion("B", [count] * 2),
            criterion("C", [points] * 4),
        ],
    }


def units(trade: str) -> list[str]:
    """The units of a trade."""
    return [f"{trade}-u{number}" for number in range(1, UNITS + 1)]


def records(trade: str) -> list[tuple[str, dict[str, Any]]]:
    """The set-up of one trade."""
    name = {"en": trade}
    at = {"trade": trade, "stage": "final"}
    found: list[tuple[str, dict[str, Any]]] = [
        ("trade", {"id": trade, "name": name}),
        ("stage", {"id": "final", "trade": trade, "name": name}),
        (
            "group",
            {
                "id": "open",
                **at,
                "name": name,
                "scheme": "all",
                "profile": "cook-off",
                "components": [{"id": "practice", "name": name, "max": "100"}],
            },
        ),
        ("panel", {"id": "panel", **at, "name": name}),
        ("session", {"id": "day", **at, "component": "practice", "name": name}),
    ]
    for unit in units(trade):
        found.append(("entry", {"id": f"e-{unit}", "trade": trade, "delegation": "d", "name": name}))
    for number in range(1, SEATS + 1):
        found.append(("seat", {"id": f"s{number}", **at, "label": f"{number}"}))
    found.append(("seat", {"id": "chief", **at, "label": "chief", "role": "chief"}))
    return found


@dataclass(frozen=True)
class Place:
    """A judge's seat: its key, its tablet's cookie, its stream."""

    seat: str
    cookie: str
    stream: str


async def laid_out(directory: Path, db: str = "") -> list[Place]:
    """Make the data directory (and its database) with all trades open; the fifty places of the judges."""
    desk = await Desk.open(
        directory, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, "c-kills", db=db
    )

    async def do(command: e.Command, actor: e.Actor = ORGANIZER) -> None:
        answer = await desk.submit(e.Call(secrets.token_hex(16), actor, command))
        assert answer.a == "accepted", (answer, command)

    async def define(kind: str, value: dict[str, Any]) -> None:
        record = msgspec.convert(value, KINDS[kind])
        await do(e.Define(kind=kind, id=key_of(kind, record), value=value))

    try:
        await define("competition", {"id": "c-kills", "name": {"en": "Kills"}, "days": ["2026-05-01"]})
        await define("delegation", {"id": "d", "name": {"en": "D"}})
        await define("scheme", {"id": "all", "scheme": scheme()})
        places: list[Place] = []
        for trade in (f"t{number}" for number in range(TRADES)):
            for kind, value in records(trade):
                await define(kind, value)
            stream = f"{trade}.final.main"
            rows = tuple((f"e-{unit}", unit, f"A{i}") for i, unit in enumerate(units(trade), 11))
            await do(e.Draw(stream=stream, units=rows))
            await do(e.Open(stream=stream))
            await do(e.Session(stream=stream, session="day", move="start"))
            gone = units(trade)[-1]
            await do(e.SetStatus(stream=stream, unit=gone, scope="stage", status="withdrawn", reason="ill"))
            for number in range(1, SEATS + 1):
                seat = f"{trade}/final/s{number}"
                token, device, secret = (secrets.token_hex(16) for _ in range(3))
                await do(e.IssueLink(seat=seat, token=token, expires="2099-01-01T00:00:00.000Z"))
                key = secret_digest(secret)
                await do(e.Enrol(seat=seat, token=token, device=device, device_key=key), OFFICE)
                places.append(Place(seat, f"{device}.{secret}", stream))
        return places
    finally:
        await desk.close()
