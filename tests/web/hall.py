"""A hall for tests of the tablets' page: a bilingual competition, served by a process that can be killed."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from compsys import control
from compsys import events as e
from compsys.commands import AnyCommand
from compsys.desk import Desk
from compsys.state import State
from compsys.stores import open_journal
from compsys.vault import Identity
from tests.web.venue import Recorded
from tests.world import ORGANIZER
from web.access import secret_digest

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
STREAM = "hot-dishes.final.main"
CODES = ("A11", "A14", "A15", "A17", "A20", "A22", "A26")


def words(zh: str, en: str) -> dict[str, str]:
    """A name in both languages."""
    return {"zh-CN": zh, "en": en}


def scheme() -> dict[str, Any]:
    """A1 judged (four aspects), B1 agreed (five kinds of measurement), C1 points (two)."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("hall.json").read_text("utf-8"))
    return found


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Run work in a thread with a loop of its own: the thread of a browser test has one already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def competition(
    seats: int = 3,
    mode: str = "own",
    *,
    marks: dict[str, Any] | None = None,
    codes: tuple[str, ...] = CODES,
    profile: str = "worldskills-2026",
    own: str = "",
    clerks: tuple[str, ...] = (),
    benches: tuple[dict[str, Any], ...] = (),
    pin: bool = False,
    minutes: int = 0,
    floor: bool = False,
    experts: int = 0,
) -> Recorded:
    """The set-up, drawn and open, its first session running; ``marks``: a scheme other than the hall's;
    ``experts``: so many delegations have an expert of their own."""
    world = Recorded()
    world.define(
        "competition", id="c-hall", name=words("餐饮技能大赛", "Catering Skills"), days=["2026-05-01"]
    )
    world.define("trade", id="hot-dishes", name=words("热菜", "Hot dishes"))
    world.define("stage", id="final", trade="hot-dishes", name=words("决赛", "Final"), pin=pin)
    if own:
        world.define("profile", id=profile, text=own)
    world.define("scheme", id="hot-dishes", scheme=marks or scheme())
    of_stage = {"trade": "hot-dishes", "stage": "final"}
    practice = {"id": "practice", "name": words("实操", "Practice")}
    opens = words("公开组", "Open")
    group = {"scheme": "hot-dishes", "profile": profile, "components": [practice]}
    world.define("group", id="open", name=opens, **group, **of_stage)
    world.define("panel", id="panel", name=words("评分一组", "Panel 1"), mode=mode, **of_stage)
    for i in range(1, len(codes) + 1):
        world.define("delegation", id=f"d{i}", name=words(f"第 {i} 队", f"Team {i}"))
        world.define("person", id=f"p{i}")
        world.define(
            "entry", id=f"e{i}", trade="hot-dishes", delegation=f"d{i}", members=[{"person": f"p{i}"}]
        )
    roles = [(str(i), "lead" if i == 1 else "judge") for i in range(1, seats + 1)]
    floors = [("floor", "floor")] if floor else []
    for name, role in [*roles, ("chief", "chief"), *((clerk, "clerk") for clerk in clerks), *floors]:
        key = f"s{name}" if role in ("lead", "judge") else name
        world.define("seat", id=key, panel="panel", label=name, role=role, **of_stage)
    for i in range(1, experts + 1):
        world.define("person", id=f"px{i}")
        world.define("judge", id=f"jx{i}", person=f"px{i}", affiliations=[f"d{i}"])
        world.define("seat", id=f"x{i}", label=f"X{i}", role="expert", judge=f"jx{i}", **of_stage)
    stations = {f"e{i}": f"{i:02}" for i in range(1, len(codes) + 1)}
    session = {
        "component": "practice",
        "batch": 2,
        "name": words("第 2 场", "session 2"),
        "stations": stations,
        "minutes": minutes,
        **({"benches": benches} if benches else {}),
    }
    world.define("session", id="second", **session, **of_stage)
    units = tuple((f"e{i}", f"u{i}", code) for i, code in enumerate(codes, 1))
    world.do(ORGANIZER, e.Draw(stream=STREAM, units=units))
    world.do(ORGANIZER, e.Open(stream=STREAM))
    world.do(ORGANIZER, e.Session(stream=STREAM, session="second", move="start"))
    return world


class Hall:
    """A served competition: its address, one-time links, the process that serves it.

    ``db``: the URL of its database ("" = in its directory). ``redis``: where the public's pictures go;
    with it, spectators are not served here. ``front``: the name or address its pages are reached by.
    """

    ago = 0
    """milliseconds since its set-up and its first session's start"""
    host = "127.0.0.1"
    """the address it listens on"""
    options: tuple[str, ...] = ()
    """further options of ``compsys serve``"""

    def __init__(
        self, folder: Path, world: Recorded, db: str = "", redis: str = "", front: str = "127.0.0.1"
    ) -> None:
        self.folder = folder / "data"
        self.world = world
        self.db, self.redis, self.front = db, redis, front
        self.tokens: dict[str, str] = {}
        apart(self._make())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.server: subprocess.Popen[str] | None = None

    async def _desk(self) -> Desk:
        """Its desk, while no server runs."""
        return await Desk.open(
            self.folder,
            lambda: time.time_ns() // 1_000_000 - self.ago,
            secrets.token_bytes,
            "c-hall",
            db=self.db,
        )

    async def _make(self) -> None:
        desk = await self._desk()
        for call in self.world.calls:
            answer = await desk.submit(call)
            assert answer.a == "accepted", (answer, call)
        numbers = range(1, len(self.world.state.setup.entries) + 1)
        await desk.put_persons([(f"p{i}", Identity(words(f"选手{i}号", f"Competitor {i}"))) for i in numbers])
        await desk.close()

    @property
    def url(self) -> str:
        """Where browsers find it."""
        return f"http://{self.front}:{self.port}"

    @property
    def direct(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve, and wait until it says so."""
        command = [sys.executable, "-m", "compsys", "serve", str(self.folder), "--port", str(self.port)]
        command += ["--host", self.host, "--name", self.front, *self.options]
        role = ["--role", "desk"] if self.redis else []
        # Addresses may hold passwords, so they go in by the environment, as an organizer would have it.
        places = {"COMPSYS_DB": self.db, "COMPSYS_REDIS": self.redis, "COMPSYS_LANG": "en"}
        self.server = subprocess.Popen(
            [*command, *role], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | places
        )
        assert self.server.stdout is not None
        said = [self.server.stdout.readline() for _ in range(2)]
        assert said[1].strip() == f"{self.url}/", said

    def kill(self) -> None:
        """End the server as a power switch would."""
        assert self.server is not None
        self.server.send_signal(signal.SIGKILL)
        self.server.wait()
        if self.server.stdout is not None:
            self.server.stdout.close()
        self.server = None

    def cells(self) -> dict[tuple[str, str, str, int], str | None]:
        """What the journal holds (the server must not run): (unit, aspect, seat, round) -> value."""
        stream = apart(self.folded()).streams[STREAM]
        return {
            (sheet.unit, aspect, seat.rpartition("/")[2], round_): cell.value
            for sheet in stream.sheets.values()
            for (aspect, seat, round_), cell in sheet.cells.items()
        }

    def lines(self) -> list[tuple[e.AnyEvent, e.Closed]]:
        """The lines of the trade in their order (the server must not run)."""
        with closing(open_journal(self.folder, "c-hall", db=self.db)) as journal:
            found = list(journal.read(STREAM))
        return [(e.unpack(one.open), e.CLOSED_DECODER.decode(one.closed or b"{}")) for one in found]

    async def folded(self) -> State:
        """What its journal folds to (the server must not run)."""
        desk = await self._desk()
        async with desk.reading(STREAM):  # a long stream is folded when it is first touched
            pass
        await desk.close()
        return desk.state

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
        headers = {"Origin": self.direct, "Content-Type": "application/json"}
        body = json.dumps({"token": token}).encode()
        asked = urllib.request.Request(f"{self.direct}/enrol", body, headers)
        with urllib.request.urlopen(asked, timeout=30) as told:
            return Tablet(self.direct, seat, told.headers["set-cookie"].split(";")[0])


@dataclass(frozen=True)
class Tablet:
    """A seat that speaks the tablets' protocol, one connection per command."""

    url: str
    seat: str
    cookie: str
    sheets: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    @contextmanager
    def line(self) -> Iterator[ClientConnection]:
        """A greeted connection."""
        with connect(
            self.url.replace("http", "ws") + "/live/seat",
            origin=Origin(self.url),
            additional_headers={"Cookie": self.cookie},
            proxy=None,
            open_timeout=30,
            max_size=None,
        ) as line:
            line.send(
                json.dumps({"m": "hello", "v": 2, "boot": "00", "cursor": None, "pending": 0, "lang": "en"})
            )
            for sheet in heard(line, "hello")["whole"]["sheets"]:
                self.sheets[sheet["unit"], sheet["sub"]] = sheet
            yield line

    def sheet(self, unit: str, sub: str) -> dict[str, Any]:
        """A sheet as the server shows it to this seat now."""
        with self.line():
            return self.sheets[unit, sub]

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
        given = {"seat": who, "round": 1, "value": value, "base": 0, **more}
        return self.act("mark", unit=unit, aspect=aspect, **given)

    def sign(self, unit: str, sub: str) -> dict[str, Any]:
        """Its signature."""
        return self.act("sign", unit=unit, sub=sub, seat=f"hot-dishes/final/{self.seat}")


def heard(line: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of a kind."""
    while True:
        message: dict[str, Any] = json.loads(line.recv(timeout=30))
        if message["m"] == kind:
            return message


@contextmanager
def hall(
    folder: Path,
    seats: int = 3,
    mode: str = "own",
    world: Recorded | None = None,
    *,
    db: str = "",
    redis: str = "",
    front: str = "127.0.0.1",
) -> Iterator[Hall]:
    """A running hall; of a competition of the test's own where ``world`` is one; ``db``, ``redis``,
    ``front``: as in ``Hall``."""
    made = Hall(folder, world or competition(seats, mode), db, redis, front)
    made.start()
    try:
        yield made
    finally:
        if made.server is not None:
            made.kill()
