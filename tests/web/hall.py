"""A hall for tests of the tablets' page: a small bilingual competition, served by a process that can be killed.

``python -m tests.web.hall FOLDER PORT`` serves a data directory; the tests start, stop and kill it by its process.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from compsys import control
from compsys import events as e
from compsys.commands import AnyCommand
from compsys.desk import Desk
from tests.web.venue import Recorded
from tests.world import ORGANIZER
from web.access import secret_digest
from web.server import Running, serve

ROOT = Path(__file__).parents[2]
STREAM = "hot-dishes.final.main"
CODES = ("A11", "A14", "A15", "A17", "A20", "A22", "A26")
LEVELS = {
    "cut": (
        ("规格混乱，连刀、碎料明显，影响烹制与成菜。", "Cuts of mixed size; joined pieces and scraps disturb the dish."),
        ("规格基本统一，个别偏差，可按菜单出品。", "Mostly even, a few strays. Could be served."),
        ("规格统一，部分处理明显好于日常出品。", "Even throughout; parts clearly better than daily service."),
        ("粗细、长短、厚薄精准一致，整盘无可挑剔。", "Length, width and thickness exact across the whole plate."),
    ),
    "plain": (
        ("明显低于行业标准。", "Clearly below the standard of the trade."),
        ("达到行业标准。", "Meets the standard of the trade."),
        ("达到标准，部分超过。", "Meets the standard, exceeds it in part."),
        ("出色，完全超过行业标准。", "Excellent: exceeds the standard throughout."),
    ),
}  # fmt: skip
JUDGED = (
    ("刀工均匀度", "Evenness of cut", "cut", "取主料 10 片平铺，看厚薄、长短是否一致；连刀、碎料超过 2 片记 0。", "Lay out 10 slices of the main ingredient. Compare thickness and length; more than 2 joined or broken pieces is a 0."),
    ("原料初加工", "Trimming", "plain", "看净料率和边角料的使用。", "Look at the yield and the use of trimmings."),
    ("操作台整洁", "Tidy station", "plain", "全程观察。", "Watch throughout."),
    ("用火与安全", "Use of fire", "plain", "全程观察，明火不离人。", "Watch throughout; no open fire is left alone."),
)  # fmt: skip
AGREED: tuple[tuple[str, str, str, dict[str, Any] | None], ...] = (
    ("按时完成", "Finished in time", "4", None),
    ("合格件数", "Pieces that fit", "6", {"kind": "count", "params": {"possible": "12"}}),
    ("咸度（%）", "Salinity (%)", "5", {"kind": "range", "params": {"lowers": ["1.00", "0.80"], "uppers": ["1.40", "1.60"], "deductions": ["0", "2"]}}),
    ("菜量（克）", "Weight (g)", "5", {"kind": "difference", "params": {"target": "450", "difference": "10", "deduction": "0.5"}}),
    ("装盘温度", "Plate temperature", "4", {"kind": "choice", "params": {"labels": ["不低于 70 ℃", "60 到 70 ℃", "低于 60 ℃"], "deductions": ["0", "2", "4"]}}),
)  # fmt: skip
POINTS = (
    ("口味：咸淡适中，层次分明", "Taste: balanced, with distinct layers", "20"),
    ("火候与质感", "Heat control and texture", "15"),
)


def words(zh: str, en: str) -> dict[str, str]:
    """A name in both languages."""
    return {"zh-CN": zh, "en": en}


def scheme() -> dict[str, Any]:
    """A1 judged, B1 agreed, C1 points."""
    judged = [
        {
            "key": f"A1.J{i}", "title": words(zh, en), "method": "judgement", "max": "5", "note": words(look, see),
            "descriptors": [words(*pair) for pair in LEVELS[levels]],
        }
        for i, (zh, en, levels, look, see) in enumerate(JUDGED, 1)
    ]  # fmt: skip
    agreed = [
        {"key": f"B1.M{i}", "title": words(zh, en), "method": "agreed", "max": top, **({"measure": measure} if measure else {})}
        for i, (zh, en, top, measure) in enumerate(AGREED, 1)
    ]  # fmt: skip
    points = [
        {"key": f"C1.P{i}", "title": words(zh, en), "method": "points", "max": top, "step": "0.5"}
        for i, (zh, en, top) in enumerate(POINTS, 1)
    ]
    subs = [
        ("A", words("操作过程", "Process"), words("刀工与初加工", "Knife work"), judged),
        ("B", words("测量", "Measurement"), words("规格与温度", "Size and temperature"), agreed),
        ("C", words("成品", "Finished dish"), words("烹调与调味", "Cooking and seasoning"), points),
    ]
    return {
        "title": words("热菜", "Hot dishes"),
        "criteria": [
            {"key": key, "title": title, "subs": [{"key": f"{key}1", "title": sub, "aspects": aspects}]}
            for key, title, sub, aspects in subs
        ],
    }


def competition(seats: int, mode: str) -> Recorded:
    """The set-up, drawn and open, its first session running."""
    world = Recorded()
    world.define("competition", id="c-hall", name=words("餐饮技能大赛", "Catering Skills"), days=["2026-05-01"])
    world.define("trade", id="hot-dishes", name=words("热菜", "Hot dishes"))
    world.define("stage", id="final", trade="hot-dishes", name=words("决赛", "Final"))
    world.define("scheme", id="hot-dishes", scheme=scheme())
    world.define("group", id="open", trade="hot-dishes", stage="final", name=words("公开组", "Open"), scheme="hot-dishes", components=[{"id": "practice", "name": words("实操", "Practice")}])  # fmt: skip
    world.define("panel", id="panel", trade="hot-dishes", stage="final", name=words("评分一组", "Panel 1"), mode=mode)
    for i in range(1, len(CODES) + 1):
        world.define("delegation", id=f"d{i}", name=words(f"第 {i} 队", f"Team {i}"))
        world.define("person", id=f"p{i}")
        world.define("entry", id=f"e{i}", trade="hot-dishes", delegation=f"d{i}", members=[{"person": f"p{i}"}])
    roles = [(str(i), "lead" if i == 1 else "judge") for i in range(1, seats + 1)]
    for name, role in [*roles, ("chief", "chief")]:
        world.define("seat", id=name if role == "chief" else f"s{name}", trade="hot-dishes", stage="final", panel="panel", label=name, role=role)  # fmt: skip
    stations = {f"e{i}": f"{i:02}" for i in range(1, len(CODES) + 1)}
    world.define("session", id="second", trade="hot-dishes", stage="final", component="practice", batch=2, name=words("第 2 场", "session 2"), stations=stations)  # fmt: skip
    units = tuple((f"e{i}", f"u{i}", code) for i, code in enumerate(CODES, 1))
    world.do(ORGANIZER, e.Draw(stream=STREAM, units=units))
    world.do(ORGANIZER, e.Open(stream=STREAM))
    world.do(ORGANIZER, e.Session(stream=STREAM, session="second", move="start"))
    return world


class Hall:
    """A served competition: its address, one-time links, the process that serves it."""

    def __init__(self, folder: Path, seats: int = 3, mode: str = "own") -> None:
        self.folder = folder / "data"
        self.world = competition(seats, mode)
        self.tokens: dict[str, str] = {}
        asyncio.run(self._make())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.server: subprocess.Popen[str] | None = None

    async def _make(self) -> None:
        desk = await Desk.open(self.folder, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, "c-hall")
        for call in self.world.calls:
            answer = await desk.submit(call)
            assert answer.a == "accepted", (answer, call)
        await desk.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve, and wait until it says so."""
        command = [sys.executable, "-m", "tests.web.hall", str(self.folder), str(self.port)]
        self.server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.server.stdout is not None
        line = self.server.stdout.readline()
        assert line.startswith("http"), line

    def kill(self) -> None:
        """End the server as a power switch would."""
        assert self.server is not None
        self.server.send_signal(signal.SIGKILL)
        self.server.wait()
        if self.server.stdout is not None:
            self.server.stdout.close()
        self.server = None

    def do(self, command: AnyCommand) -> e.Answer:
        """A command of the office."""
        with control.Client(self.folder) as client:
            answer = client.do(command, secrets.token_hex(16))
        assert answer.a == "accepted", answer
        return answer

    def link(self, seat: str) -> str:
        """A fresh one-time link of a seat."""
        token = secrets.token_hex(16)
        key = f"hot-dishes/final/{seat}"
        self.do(e.IssueLink(seat=key, token=secret_digest(token), expires="2099-01-01T00:00:00.000Z"))
        return f"{self.url}/enrol#{token}"

    def tablet(self, seat: str) -> Tablet:
        """A seat's tablet without a page."""
        token = self.link(seat).partition("#")[2]
        asked = urllib.request.Request(
            f"{self.url}/enrol", json.dumps({"token": token}).encode(), {"Origin": self.url, "Content-Type": "application/json"}
        )  # fmt: skip
        with urllib.request.urlopen(asked, timeout=10) as told:
            return Tablet(self.url, seat, told.headers["set-cookie"].split(";")[0])


@dataclass(frozen=True)
class Tablet:
    """A seat that speaks the tablets' protocol, one connection per command."""

    url: str
    seat: str
    cookie: str

    @contextmanager
    def line(self) -> Iterator[ClientConnection]:
        """A greeted connection."""
        with connect(
            self.url.replace("http", "ws") + "/live/seat",
            origin=Origin(self.url),
            additional_headers={"Cookie": self.cookie},
            proxy=None,
            max_size=None,
        ) as line:
            line.send(json.dumps({"m": "hello", "v": 1, "boot": "00", "cursor": None, "pending": 0, "lang": "en"}))
            heard(line, "hello")
            yield line

    def act(self, c: str, **cmd: Any) -> dict[str, Any]:
        """Send one command; its answer, which must not be a refusal."""
        command = {"c": c, "stream": STREAM, **cmd}
        with self.line() as line:
            line.send(json.dumps({"m": "do", "items": [{"k": secrets.token_hex(16), "cmd": command}]}))
            answer: dict[str, Any] = heard(line, "ans")["items"][0]
        assert answer["a"] != "refused", (answer, command)
        return answer

    def vote(self, unit: str, aspect: str, value: str | None, **more: Any) -> dict[str, Any]:
        """One value."""
        who = "*" if aspect.startswith("B") else f"hot-dishes/final/{self.seat}"
        return self.act("mark", **{"unit": unit, "aspect": aspect, "seat": who, "round": 1, "value": value, "base": 0, **more})  # fmt: skip

    def sign(self, unit: str, sub: str) -> dict[str, Any]:
        """Its signature."""
        return self.act("sign", unit=unit, sub=sub, seat=f"hot-dishes/final/{self.seat}")


def heard(line: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of a kind."""
    while True:
        message: dict[str, Any] = json.loads(line.recv(timeout=10))
        if message["m"] == kind:
            return message


@contextmanager
def hall(folder: Path, seats: int = 3, mode: str = "own") -> Iterator[Hall]:
    """A running hall."""
    made = Hall(folder, seats, mode)
    made.start()
    try:
        yield made
    finally:
        if made.server is not None:
            made.kill()


def told(run: Running) -> None:
    """Say that the server listens."""
    print(run.urls[0], flush=True)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]), told=told))
