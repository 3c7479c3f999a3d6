"""Simulated judges who use the tablets' own protocol, over real sockets or a simulated network and clock.

A ``Judge`` is a tablet with a plan: what it would give for each cell is a pure function of the seed. It
keeps an outbox under stable keys, re-sends after every reconnect, and never looks at anything but what the
server sent it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from typing import Any, Protocol

Json = dict[str, Any]
Wanted = tuple[tuple[Any, ...], Json]
"""What a judge would do next: what makes it that act (so that it is done once), and the command."""


PING_AFTER = 2.5
"""Seconds after which a tablet that has said nothing says that it is there; as the page does."""


class Gone(Exception):
    """The connection ended."""


class Wire(Protocol):
    """One connection of a tablet, whatever carries it."""

    async def send(self, text: str) -> None: ...
    async def receive(self) -> str: ...
    async def close(self) -> None: ...


class Network(Protocol):
    """How tablets reach the server."""

    async def post(self, path: str, body: bytes) -> tuple[int, bytes, str]:
        """POST a JSON body: (status, body, value of the cookie that was set)."""
        ...

    async def connect(self, cookie: str) -> Wire:
        """A tablet's socket; raises Gone."""
        ...


# ---------------------------------------------------------------- the plan


def dice(*parts: object) -> int:
    """A number of 64 bits that depends on nothing but its parts.

    >>> dice(1, "a") == dice(1, "a"), dice(1, "a") == dice(2, "a")
    (True, False)
    """
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


class Plan:
    """What each seat would give for each cell: from the seed, or as a script says."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.says: dict[tuple[str, str, str, str, int], str | None] = {}
        """(stream, code, aspect, seat or *, round) -> value; None = this seat says nothing"""
        self.zero: set[tuple[str, str]] = set()
        """(stream, code) of units that earn nothing"""
        self.silent: set[str] = set()
        """seats that no longer mark"""
        self.on_paper: set[tuple[str, str, str, str]] = set()
        """(stream, code, sub, seat) marked on paper instead of the tablet"""
        self.held: set[tuple[str, str, str]] = set()
        """(stream, code, sub) that a script keeps from being signed for now"""

    def value(self, stream: str, code: str, aspect: Json, seat: str, round_: int) -> str | None:
        """The value of a cell as text (for ``agreed`` the seat is ``*``)."""
        key = (stream, code, aspect["key"], seat, round_)
        if key in self.says:
            return self.says[key]
        if (stream, code) in self.zero:
            return _nothing(aspect)
        skill = 45 + dice(self.seed, stream, code) % 50
        luck = dice(self.seed, stream, code, aspect["key"]) % 31 - 15
        eye = dice(self.seed, stream, code, aspect["key"], seat) % 13 - 6
        share = max(0, min(100, skill + luck + eye))
        if aspect["method"] == "judgement":
            base = max(0, min(3, (skill + luck) * 4 // 100))
            return str(max(0, min(3, base + (1 if eye > 4 and base < 3 else 0))))
        if aspect["method"] == "points":
            return _points(aspect, share)
        return _agreed(aspect, share)


def _nothing(aspect: Json) -> str:
    if aspect["method"] in ("judgement", "points"):
        return "0"
    return _agreed(aspect, 0)


def _points(aspect: Json, share: int) -> str:
    """A share (per cent) of the aspect's maximum, on a grid of halves."""
    whole, _, rest = str(aspect["max"]).partition(".")
    halves = (int(whole) * 2 + (1 if rest[:1] >= "5" else 0)) * share // 100
    return f"{halves // 2}.5" if halves % 2 else str(halves // 2)


def _agreed(aspect: Json, share: int) -> str:
    measure = aspect["measure"]
    kind, params = measure["kind"], measure["params"]
    if kind == "pass_fail":
        return "pass" if share >= 45 else "fail"
    if kind == "count":
        return str(int(params["possible"]) * share // 100)
    if kind == "deduction":
        return str((100 - share) // 20)
    if kind == "choice":
        options = aspect["choices"]
        return str(1 + min(len(options) - 1, (100 - share) * len(options) // 101))
    if kind == "value" and params.get("values"):
        options = params["values"]
        return str(options[min(len(options) - 1, (100 - share) * len(options) // 101)])
    if kind == "difference":
        whole = int(str(params["target"]).partition(".")[0])
        return str(whole + (100 - share) // 25)
    if kind == "range":
        target = params.get("target")
        if target and str(target) != "0":
            return str(int(str(target).partition(".")[0]) * share // 100)
        lowers = [x for x in params.get("lowers", []) if x]
        return (
            str(int(str(lowers[0]).partition(".")[0]) + (100 - share) // 4)
            if lowers
            else str((100 - share) // 8)
        )
    return _points(aspect, share)


# ---------------------------------------------------------------- a judge


class Judge:
    """One seat's tablet and the person at it."""

    def __init__(self, network: Network, seat: str, role: str, plan: Plan, pace: float, seed: int) -> None:
        self.network, self.seat, self.role, self.plan = network, seat, role, plan
        self.pace = pace
        self.random = random.Random(dice(seed, "judge", seat))
        self.cookie = ""
        self.device = ""
        self.stream = ""
        self.sheets: dict[tuple[str, str], Json] = {}
        self.aspects: dict[tuple[str, str], list[Json]] = {}
        self.outbox: dict[str, Json] = {}
        """key -> item not yet answered for good, in order"""
        self.kept: dict[str, Json] = {}
        """key -> item answered with a line, until its sheet is locked"""
        self.ledger: list[tuple[Json, Json]] = []
        """(command, answer) as this tablet knows them"""
        self.look: dict[tuple[str, str], None] = {}
        """sheets to look at again"""
        self.done: set[tuple[Any, ...]] = set()
        self.cursor: Json | None = None
        self.dead = False
        self.wake = asyncio.Event()
        self.boot = self._key()
        self.reconnects = 0

    def _key(self) -> str:
        return f"{self.random.getrandbits(128):032x}"

    async def enrol(self, token: str) -> None:
        """Spend a link and become the seat's tablet."""
        status, body, cookie = await self.network.post("/enrol", json.dumps({"token": token}).encode())
        if status != 200:
            raise RuntimeError(f"enrolment of {self.seat}: {status} {body!r}")
        self.cookie, self.device = cookie, cookie.partition(".")[0]

    def replaced_by(self, network: Network) -> Judge:
        """A fresh tablet for the same seat; what the old one had not sent dies with it."""
        self.dead = True
        fresh = Judge(network, self.seat, self.role, self.plan, self.pace, dice(self.boot))
        fresh.ledger = self.ledger
        return fresh

    async def run(self) -> None:
        """Connect, mark, reconnect, until told to stop by ``dead``."""
        attempt = 0
        while not self.dead:
            try:
                wire = await self.network.connect(self.cookie)
            except Gone:
                attempt += 1
                await asyncio.sleep(self.random.random() * min(15.0, 0.5 * 2**attempt))
                continue
            attempt = 0
            try:
                await self._converse(wire)
            except Gone:
                self.reconnects += 1
            finally:
                await wire.close()

    async def _converse(self, wire: Wire) -> None:
        hello = {"m": "hello", "v": 2, "boot": self.boot, "cursor": self.cursor, "pending": len(self.outbox)}
        await wire.send(json.dumps(hello))
        said: Json = {"m": ""}
        while said["m"] != "hello":
            said = json.loads(await wire.receive())
            self._heard(said)
        since = self.cursor["n"] if self.cursor else 0
        again = [item for item in self.kept.values() if item.get("n", 0) > since]
        for start in range(0, len(again), 50):
            await self._put(wire, again[start : start + 50])
        for item in self.outbox.values():
            item["sent"] = False  # whether it arrived is not known: it goes again under its own key
        listener = asyncio.create_task(self._listen(wire))
        clock = asyncio.get_running_loop().time
        spoke = clock()
        try:
            while not self.dead and not listener.done():
                items = self._next()
                if items:
                    await self._put(wire, items)
                    spoke = clock()
                    await self._think()
                else:
                    self.wake.clear()
                    waiter = asyncio.create_task(self.wake.wait())
                    try:
                        until = asyncio.FIRST_COMPLETED
                        await asyncio.wait({waiter, listener}, timeout=PING_AFTER, return_when=until)
                    finally:
                        waiter.cancel()
                    if clock() >= spoke + PING_AFTER:
                        await wire.send(json.dumps({"m": "ping", "pending": len(self.outbox)}))
                        spoke = clock()
            if listener.done():
                listener.result()
        finally:
            listener.cancel()

    async def _think(self) -> None:
        if self.pace:
            await asyncio.sleep(self.pace * (0.5 + self.random.random()))

    async def _put(self, wire: Wire, items: list[Json]) -> None:
        """Send items and wait until each is answered (the answers come through the listener)."""
        sent = [{"k": item["k"], "cmd": item["cmd"]} for item in items]
        await wire.send(json.dumps({"m": "do", "items": sent}, ensure_ascii=False))

    async def _listen(self, wire: Wire) -> None:
        while True:
            self._heard(json.loads(await wire.receive()))

    def _heard(self, message: Json) -> None:
        if message["m"] == "bye":
            if message["code"] in ("device_revoked", "old_connection", "not_enrolled"):
                self.dead = True
            raise Gone(message["code"])
        for answer in message.get("items", ()):
            self._answered(answer)
        if "whole" in message:
            self._whole(message["whole"])
        for sheet in message.get("sheets", ()):
            self._sheet(sheet)
        if message.get("cursor"):
            self.cursor = message["cursor"]
        self.wake.set()

    def _answered(self, answer: Json) -> None:
        item = self.outbox.get(answer["k"])
        if item is None:
            return
        if answer["a"] == "retry":
            item["sent"] = False
            return
        del self.outbox[answer["k"]]
        self.ledger.append((item["cmd"], answer))
        if answer["a"] != "refused":
            item["n"] = answer.get("n", 0)
            self.kept[answer["k"]] = item
        sheet = self.sheets.get((item["cmd"].get("unit", ""), item["cmd"].get("sub", "")))
        if item["cmd"]["c"] == "sign" and sheet is not None and answer["a"] == "accepted":
            sheet["mine"]["signed"] = True  # known before the sheet itself is told again

    def _whole(self, whole: Json) -> None:
        self.stream = whole["stream"]
        self.sheets.clear()
        for group, rules in whole["groups"].items():
            for sub in rules["subs"]:
                self.aspects[(group, sub["key"])] = sub["aspects"]
        for sheet in whole["sheets"]:
            self._sheet(sheet)

    def _sheet(self, sheet: Json) -> None:
        place = (sheet["unit"], sheet["sub"])
        if sheet.get("gone"):
            self.sheets.pop(place, None)
            return
        before = self.sheets.get(place)
        if sheet.pop("part", False) and before is not None:
            sheet["aspects"] = {**before["aspects"], **sheet["aspects"]}
        if before is None or sheet["n"] >= before["n"]:
            self.sheets[place] = sheet
            self.look[place] = None

    # ------------------------------------------------------------ what to do next

    def _next(self) -> list[Json]:
        """The items to send now: unsent ones of the outbox, else new ones (one at a time when paced)."""
        unsent = [item for item in self.outbox.values() if not item["sent"]]
        if not unsent and not self.outbox and self.seat not in self.plan.silent:
            for place, command in self._wanted()[: 1 if self.pace else 40]:
                self.done.add(place)
                key = self._key()
                self.outbox[key] = {"k": key, "cmd": command, "sent": False}
            unsent = list(self.outbox.values())
        for item in unsent:
            item["sent"] = True
        return unsent[:40]

    def _wanted(self) -> list[Wanted]:
        """The next acts on the sheets that changed since nothing was left to do on them, at most 40."""
        found: list[Wanted] = []
        for place in list(self.look):
            sheet = self.sheets.get(place)
            todo = self._on(sheet) if sheet else []
            found += todo
            if not todo:
                del self.look[place]
            if len(found) >= 40:
                break
        return found

    def _on(self, sheet: Json) -> list[Wanted]:
        if sheet["state"] not in ("open", "returned") or not sheet["mine"]["marks"] or sheet["status"]:
            return []
        if (self.stream, sheet["code"], sheet["sub"], self.seat) in self.plan.on_paper:
            return []
        return self._marks(sheet) or self._after(sheet)

    def poke(self) -> None:
        """Look at every sheet again: the plan has changed."""
        self.look = dict.fromkeys(self.sheets)
        self.wake.set()

    def _marks(self, sheet: Json) -> list[Wanted]:
        found: list[Wanted] = []
        for aspect in self.aspects[(sheet["group"], sheet["sub"])]:
            view = sheet["aspects"][aspect["key"]]
            agreed = aspect["method"] == "agreed"
            if (
                "resolved" in view
                or "voided" in view
                or (aspect["method"] == "judgement" and "revealed" in view)
            ):
                continue
            who = "*" if agreed else self.seat
            if who in view.get("excused", {}):
                continue
            if agreed and not self._enters(sheet, aspect["key"]):
                continue
            value = self.plan.value(self.stream, sheet["code"], aspect, who, view["round"])
            place = (sheet["unit"], aspect["key"], view["round"], value)
            if view.get("others"):
                place = ("choose", sheet["unit"], aspect["key"], view["rev"])
            elif value is None or view["value"] == value:
                continue
            if place in self.done:
                continue
            command = {
                "c": "mark",
                "stream": self.stream,
                "unit": sheet["unit"],
                "aspect": aspect["key"],
                "seat": who,
                "round": view["round"],
                "value": value,
                "base": view["rev"],
            }
            found.append((place, command))
        return found

    def _enters(self, sheet: Json, aspect: str) -> bool:
        """Whether this seat types the panel's agreed value of an aspect: one of the roster does, by the
        dice."""
        present = [seat["seat"] for seat in sheet["roster"] if seat["seat"] not in self.plan.silent]
        return bool(present) and present[dice(sheet["unit"], aspect) % len(present)] == self.seat

    def _after(self, sheet: Json) -> list[Wanted]:
        """Once nothing is left to mark: the lead calls a re-vote, everybody signs what is complete."""
        where = {"stream": self.stream, "unit": sheet["unit"]}
        spread = [key for key, view in sheet["aspects"].items() if view.get("legal") is False]
        if spread:
            calls = [key for key in spread if self.role == "lead" and sheet["aspects"][key]["rounds_left"]]
            wanted: list[Wanted] = [
                (
                    ("revote", sheet["unit"], key, sheet["aspects"][key]["round"]),
                    {"c": "revote", **where, "aspect": key, "reason": "各席说明理由后重评"},
                )
                for key in calls
            ]
            return [pair for pair in wanted if pair[0] not in self.done]
        place = ("sign", sheet["unit"], sheet["sub"], sheet["n"])
        if place in self.done or not self._ready(sheet):
            return []
        return [(place, {"c": "sign", **where, "sub": sheet["sub"], "seat": self.seat})]

    def _ready(self, sheet: Json) -> bool:
        """Whether a careful judge would sign now."""
        held = (self.stream, sheet["code"], sheet["sub"]) in self.plan.held
        if held or sheet["holes"] or sheet["mine"]["signed"] or sheet["keyed"]:
            return False
        for aspect in self.aspects[(sheet["group"], sheet["sub"])]:
            view = sheet["aspects"][aspect["key"]]
            settled = {"revealed", "resolved", "voided"} & view.keys()
            if view.get("others") or (aspect["method"] == "judgement" and not settled):
                return False
        return True
