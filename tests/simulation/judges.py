"""Judges for the kills: lean tablets that never stop marking and write down what they were told."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.simulation.floor import Cell, Place, units

Json = dict[str, Any]
OWN = [f"C1.{i}" for i in range(1, 5)]
SHARED = [f"B1.{i}" for i in range(1, 3)]
JUDGED = [f"A1.{i}" for i in range(1, 5)]
FINAL = ("accepted", "conflict", "late", "refused")
ANSWER = ("a", "stream", "n", "rev", "code", "params")


class Broken(AssertionError):
    """The server broke a promise."""


class Judge:
    """A tablet with its outbox (under stable keys), its ledger, and a hand that gives random values."""

    def __init__(self, place: Place, seed: str) -> None:
        self.place = place
        self.random = random.Random(seed)
        self.units = units(place.seat.partition("/")[0])
        self.commands: dict[str, Json] = {}
        """key -> command, of everything ever touched"""
        self.outbox: dict[str, Json] = {}
        """what has no final answer yet, in order"""
        self.told: dict[str, Json] = {}
        """the ledger: key -> the final answer"""
        self.newest: dict[Cell, tuple[int, str | None]] = {}
        """own cells: the last accepted revision and value"""
        self.revs: dict[Cell, int] = {}
        """the newest revision seen of any cell"""
        self.cursor: Json | None = None
        self.repeated = self.late_told = self.connections = 0
        """answers told once more; first answers of what an earlier server had already written"""
        self.retried: list[str] = []
        """codes of the answers that were none yet"""
        self.stopping = False
        self.resend = asyncio.Event()

    # ------------------------------------------------------------ the hand

    def _key(self) -> str:
        return f"{self.random.getrandbits(128):032x}"

    def _mark(self, unit: str, aspect: str, seat: str, value: str, base: int | str) -> Json:
        self.outbox[key := self._key()] = command = {
            "c": "mark",
            "stream": self.place.stream,
            "unit": unit,
            "aspect": aspect,
            "seat": seat,
            "round": 1,
            "value": value,
            "base": base,
        }
        self.commands[key] = command
        return {"k": key, "cmd": command}

    def touch(self) -> Json:
        """One more thing that the finger does; as an item of the wire."""
        chance, unit = self.random.random(), self.random.choice(self.units[:-1])
        if chance < 0.03 and self.told:  # something long answered, again: the same answer must come
            key = self.random.choice(list(self.told))
            return {"k": key, "cmd": self.commands[key]}
        if chance < 0.08:  # this unit has withdrawn
            return self._mark(self.units[-1], self.random.choice(OWN), self.place.seat, "5", 0)
        if chance < 0.12:  # out of range
            return self._mark(unit, self.random.choice(OWN), self.place.seat, "99", 0)
        if chance < 0.18:  # a vote: sealed, then revealed with the fifth
            aspect = self.random.choice(JUDGED)
            cell = (unit, aspect, self.place.seat)
            return self._mark(*cell, str(self.random.randrange(4)), self._base(cell))
        if chance < 0.40:  # the panel's value, over which the five meet
            cell = (unit, self.random.choice(SHARED), "*")
            return self._mark(*cell, str(self.random.randrange(1001)), self._base(cell))
        cell = (unit, self.random.choice(OWN), self.place.seat)
        stale = self.random.random() < 0.05
        value = f"{self.random.randrange(10)}{self.random.choice(('', '.5'))}"
        return self._mark(*cell, value, 0 if stale else self._base(cell))

    def _base(self, cell: Cell) -> int | str:
        """What a change builds on: the own change of this cell that is still under way, else the revision."""
        for key, command in reversed(self.outbox.items()):
            if cell_of(command) == cell:
                return key
        return self.revs.get(cell, 0)

    # ------------------------------------------------------------ the tablet

    async def work(self, server: Callable[[], Awaitable[int]]) -> None:
        """Mark over connections that break, until ``stopping`` and nothing is left in the outbox."""
        while not (self.stopping and not self.outbox):
            port = await server()
            try:
                async with connect(
                    f"ws://127.0.0.1:{port}/live/seat",
                    origin=f"http://127.0.0.1:{port}",  # type: ignore[arg-type]  # Origin is a str
                    additional_headers={"Cookie": f"compsys_device={self.place.cookie}"},
                    proxy=None,
                    compression=None,
                ) as socket:
                    self.connections += 1
                    await self._converse(socket)
            except (OSError, WebSocketException):
                await asyncio.sleep(0.01 + 0.04 * self.random.random())

    async def _converse(self, socket: ClientConnection) -> None:
        hello = {"m": "hello", "v": 2, "boot": "0", "cursor": self.cursor, "pending": len(self.outbox)}
        await socket.send(json.dumps(hello))
        self.hear(json.loads(await socket.recv()))
        listening = asyncio.create_task(self._listen(socket))
        try:
            self.resend.set()
            while not listening.done() and not (self.stopping and not self.outbox):
                if self.resend.is_set():
                    self.resend.clear()
                    again = [{"k": key, "cmd": command} for key, command in self.outbox.items()]
                    for start in range(0, len(again), 40):
                        await self._put(socket, again[start : start + 40])
                elif not self.stopping and len(self.outbox) < 12:
                    await self._put(socket, [self.touch() for _ in range(self.random.randint(1, 3))])
                await asyncio.sleep(0.3 * self.random.random())
            if listening.done():
                listening.result()
        finally:
            listening.cancel()

    def again(self) -> None:
        """Send again, under the same keys, what is in the outbox."""
        self.resend.set()

    async def _put(self, socket: ClientConnection, items: list[Json]) -> None:
        await socket.send(json.dumps({"m": "do", "items": items}))

    async def _listen(self, socket: ClientConnection) -> None:
        while True:
            self.hear(json.loads(await socket.recv()))

    # ------------------------------------------------------------ the ledger

    def hear(self, message: Json) -> None:
        """Write down what the server says; raises Broken when it contradicts what it said before."""
        if message["m"] == "hello" and self.cursor is not None and message["reset"]:
            raise Broken(f"{self.place.seat}: the server does not know {self.cursor}, which it gave itself")
        whole = message.get("whole", {})
        for sheet in [*message.get("sheets", ()), *whole.get("sheets", ())]:
            for aspect, view in sheet.get("aspects", {}).items():
                self._sees(sheet["unit"], aspect, view)
        for answer in message.get("items", ()):
            self._answered(answer)
        self.cursor = message.get("cursor", self.cursor)

    def _sees(self, unit: str, aspect: str, view: Json) -> None:
        cell = (unit, aspect, "*" if aspect in SHARED else self.place.seat)
        self.revs[cell] = max(self.revs.get(cell, 0), view["rev"])
        rev, value = self.newest.get(cell, (0, None))
        if cell[2] == "*":
            return
        if view["rev"] < rev or (view["rev"] == rev and view["value"] != value):
            raise Broken(f"{cell}: told {rev} {value!r}, now shown {view['rev']} {view['value']!r}")
        waits = sum(cell_of(command) == cell for command in self.outbox.values())
        if view["rev"] > rev + waits:
            raise Broken(f"{cell}: {waits} changes under way cannot make revision {view['rev']} of {rev}")

    def _answered(self, answer: Json) -> None:
        key = answer["k"]
        if answer["a"] == "retry":
            self.retried.append(answer["code"])
            return  # it stays in the outbox, and goes out again with the next connection or word
        if answer["a"] not in FINAL:
            raise Broken(answer)
        said = {word: answer[word] for word in ANSWER if word in answer}
        if key in self.told:
            self.repeated += 1
            if self.told[key] != said or not answer.get("dup"):
                raise Broken(f"{key}: first {self.told[key]}, then {answer}")
            return
        self.told[key] = said
        self.late_told += bool(answer.get("dup"))
        command = self.outbox.pop(key)
        if said["a"] == "accepted":
            cell = cell_of(command)
            self.newest[cell] = max(self.newest.get(cell, (0, None)), (said["rev"], command["value"]))
            self.revs[cell] = max(self.revs.get(cell, 0), said["rev"])


def cell_of(command: Json) -> Cell:
    """The cell of a mark."""
    return command["unit"], command["aspect"], command["seat"]
