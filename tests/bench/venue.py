"""The competition that the benches mark: 40 trades, each with a panel of five, as data directories on disk.

Sheets have six aspects, as the sub-criteria of the WorldSkills Web Technologies 2025 workbook have on average
(192 aspects in 31 sub-criteria): one judged 0-3, one measured and agreed, one of points.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import time
from pathlib import Path
from typing import Any

from compsys import events as e
from compsys.desk import Desk
from compsys.records import KINDS
from web.access import secret_digest

STREAMS, SEATS, UNITS, ASPECTS = 40, 5, 40, 6
OFFICE = e.Actor("office", "office")
LEVELS = [{"zh-CN": zh, "en": en} for zh, en in (
    ("明显低于行业标准。", "Clearly below the standard of the trade."),
    ("达到行业标准。", "Meets the standard of the trade."),
    ("达到标准，部分超过。", "Meets the standard, exceeds it in part."),
    ("出色，完全超过行业标准。", "Excellent: exceeds the standard throughout."),
)]  # fmt: skip
Json = dict[str, Any]


def words(zh: str, en: str) -> dict[str, str]:
    """A name in both languages."""
    return {"zh-CN": zh, "en": en}


def scheme() -> Json:
    """A1 judged, B1 agreed, C1 points: six aspects each."""
    count = {"kind": "count", "params": {"possible": "10"}}
    kinds: dict[str, Json] = {
        "A": {"method": "judgement", "max": "5", "descriptors": LEVELS},
        "B": {"method": "agreed", "max": "5", "measure": count},
        "C": {"method": "points", "max": "5", "step": "0.5"},
    }
    criteria = []
    for key, kind in kinds.items():
        aspects = [
            {"key": f"{key}1.{i}", "title": words(f"评分点 {i}", f"Aspect {i}"), **kind}
            for i in range(1, ASPECTS + 1)
        ]
        sub = {"key": f"{key}1", "title": words("子项", "Sub-criterion"), "aspects": aspects}
        criteria.append({"key": key, "title": words("大项", "Criterion"), "subs": [sub]})
    return {"title": words("评分方案", "Scheme"), "criteria": criteria}


def records() -> list[tuple[str, str, Json]]:
    """Every set-up record as (kind, key, value), in the order in which kinds refer to each other."""
    found: list[tuple[str, str, Json]] = [
        ("competition", "c-bench", {"id": "c-bench", "name": words("基准", "Bench"), "days": ["2026-05-01"]}),
        ("delegation", "d1", {"id": "d1", "name": words("代表队", "Team")}),
        ("scheme", "small", {"id": "small", "scheme": scheme()}),
    ]
    for trade in trades():
        place = {"trade": trade, "stage": "final"}
        scope = f"{trade}/final"
        name = words(f"赛项 {trade}", f"Trade {trade}")
        stage = {"id": "final", "trade": trade, "name": words("决赛", "Final")}
        group = {"id": "open", "name": words("公开组", "Open"), "scheme": "small"}
        component = {"id": "practice", "name": words("实操", "Practice"), "max": "90"}
        found += [
            ("trade", trade, {"id": trade, "name": name}),
            ("stage", scope, {**stage, "feed": {"public": "revealed"}}),
            ("group", f"{scope}/open", {**place, **group, "components": [component]}),
            ("panel", f"{scope}/panel", {**place, "id": "panel", "name": words("评分组", "Panel")}),
        ]
        for i in range(1, SEATS + 1):
            role = "lead" if i == 1 else "judge"
            found.append(("seat", f"{scope}/s{i}", {**place, "id": f"s{i}", "label": str(i), "role": role}))
        found += [
            ("entry", f"{trade}-{i}", {"id": f"{trade}-{i}", "trade": trade, "delegation": "d1"})
            for i in range(1, UNITS + 1)
        ]
    order = list(KINDS)
    return sorted(found, key=lambda record: order.index(record[0]))


def trades() -> list[str]:
    """The ids of all trades."""
    return [f"t{i:02}" for i in range(1, STREAMS + 1)]


def clock() -> int:
    """UTC milliseconds."""
    return time.time_ns() // 1_000_000


async def _do(desk: Desk, command: e.AnyCommand) -> None:
    answer = await desk.submit(e.Call(key=desk.fresh(), actor=OFFICE, command=command))
    if answer.a != "accepted":
        raise RuntimeError(f"{type(command).__name__}: {answer}")


async def _enrol(desk: Desk, seat: str) -> Json:
    """A device for a seat: the seat's key and the cookie of its device."""
    token, device, secret = desk.fresh(), desk.fresh(), desk.fresh()
    await _do(desk, e.IssueLink(seat=seat, token=token, expires="2099-01-01T00:00:00.000Z"))
    await _do(desk, e.Enrol(seat=seat, token=token, device=device, device_key=secret_digest(secret)))
    return {"seat": seat, "cookie": f"{device}.{secret}"}


async def _build(directory: Path, db: str) -> list[Json]:
    desk = await Desk.open(directory, clock, secrets.token_bytes, "c-bench", db=db)
    try:
        items = tuple(e.Define(kind=kind, id=key, value=value) for kind, key, value in records())
        await _do(desk, e.DefineAll(items=items))
        streams = []
        for trade in trades():
            name = f"{trade}.final.main"
            units = {f"{trade}-{i}": desk.fresh() for i in range(1, UNITS + 1)}
            rows = tuple((entry, unit, f"K{i:03}") for i, (entry, unit) in enumerate(units.items(), 100))
            await _do(desk, e.Draw(stream=name, units=rows))
            await _do(desk, e.Open(stream=name))
            await _do(desk, e.Session(stream=name, session="practice", move="start"))
            seats = [await _enrol(desk, f"{trade}/final/s{i}") for i in range(1, SEATS + 1)]
            streams.append({"stream": name, "seats": seats, "units": list(units.values())})
        return streams
    finally:
        await desk.close()


def build(directory: Path, db: str = "") -> list[Json]:
    """A new data directory (and its database), opened for marking: its streams, cookies and units, which
    are in ``venue.json`` too."""
    shutil.rmtree(directory, ignore_errors=True)
    streams = asyncio.run(_build(directory, db))
    (directory / "venue.json").write_text(json.dumps(streams))
    return streams


def copy(directory: Path, name: str) -> Path:
    """A copy of a data directory beside it."""
    target = directory.with_name(name)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(directory, target)
    return target
