"""The judges' side of the live connection: one ``Tablet`` per socket on /live/seat, and who hears of which
line.

S->C messages: ``hello`` (seat, time, cursor, reset, whole or the sheets changed since the cursor), ``ans``
(answers, in the order of their items, only ever after the gate), ``ev`` (n, cursor, the touched sheets as
this seat may see them; or ``whole`` when more than sheets changed), ``pong`` (time, cursor), ``bye`` (code)
and then a close with ``wire.CLOSE``. The cursor is the safe head: no unrevealed vote of anybody precedes
it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from compsys import people, views
from compsys.events import Actor, Answer, Call, Refused
from web import wire
from web.access import Device

if TYPE_CHECKING:
    from compsys.desk import Bell, Desk
    from compsys.state import State, Stream
    from web.settings import Settings

log = logging.getLogger("compsys.live")
ENCODER = msgspec.json.Encoder()
THROTTLED_AFTER = -100.0
"""Messages over the allowed rate, each answered ``retry``, after which the connection ends."""

MORE = ("stream", "session")
"""Touched keys after which a seat needs everything again: marking opened, a session moved, a void, a lock."""

Sheet = tuple[str, str]


class Tablet:
    """One connection of a seat's device."""

    def __init__(self, websocket: WebSocket, desk: Desk, device: Device, settings: Settings) -> None:
        self.websocket = websocket
        self.desk = desk
        self.device = device
        self.actor = Actor("seat", device.seat, (device.role,))
        self.seconds = settings.seconds
        self.heard = self.seconds()
        self.bucket = wire.Bucket(settings.messages_per_second, settings.messages_at_once, self.heard)
        self.connection = 0
        self.stream = ""
        self.pending = 0
        self.ready = False
        self.closed = False

    async def send(self, message: dict[str, Any]) -> None:
        """One message, if the connection still stands."""
        if not self.closed and self.websocket.application_state == WebSocketState.CONNECTED:
            await self.websocket.send_text(ENCODER.encode(message).decode())

    async def bye(self, word: str) -> None:
        """Say why, and close."""
        if self.closed:
            return
        try:
            await self.send({"m": "bye", "code": word})
            self.closed = True
            if self.websocket.application_state == WebSocketState.CONNECTED:
                await self.websocket.close(wire.CLOSE[word], word)
        except (WebSocketDisconnect, RuntimeError):
            self.closed = True  # it was gone before it could be told

    async def receive(self) -> wire.Said:
        """The next message; raises Bye, or WebSocketDisconnect at the end."""
        message = await self.websocket.receive()
        if message["type"] != "websocket.receive":
            raise WebSocketDisconnect(message.get("code", 1005))
        self.heard = self.seconds()
        said = wire.read(message.get("text") or message.get("bytes") or b"")
        if self.device.role not in wire.MESSAGES.get(type(said), ()):
            raise wire.Bye("not_allowed")
        return said

    async def greet(self) -> wire.Hello:
        """The first message, which must be a hello and come soon."""
        try:
            said = await asyncio.wait_for(self.receive(), wire.HELLO_WITHIN)
        except TimeoutError as error:
            raise wire.Bye("silent") from error
        if not isinstance(said, wire.Hello):
            raise wire.Bye("malformed")
        return said

    async def welcome(self, hello: wire.Hello, shape: dict[str, int]) -> None:
        """Say where we stand: what changed since the tablet's cursor, or everything when that cursor is not
        ours."""
        async with self.desk.reading() as state:
            stream = state.streams.get(self.stream)
            message: dict[str, Any] = {"m": "hello", "seat": self.device.seat, "time": self.desk.now()}
            message["cursor"] = cursor_of(stream)
            cursor = hello.cursor
            if cursor is not None and (stream is None or not views.known(stream, cursor.n, cursor.seal)):
                cursor = None
            message["reset"] = hello.cursor is not None and cursor is None
            if cursor is None or stream is None or cursor.n < shape.get(self.stream, 0):
                message["whole"] = views.seat_hello(state, self.device.seat)
                message["sheets"] = []
            else:
                message["sheets"] = views.sheets_since(state, stream, self.device.seat, cursor.n)
            if self.desk.fault:
                message["fault"] = self.desk.fault
            self.ready = True
        await self.send(message)

    async def converse(self) -> None:
        """Answer until the connection ends; raises Bye or WebSocketDisconnect."""
        while True:
            said = await self.receive()
            over = self.bucket.take(self.heard)
            if not self.desk.current(self.device.id, self.connection):
                raise wire.Bye("old_connection")
            if over < THROTTLED_AFTER:
                raise wire.Bye("throttled")
            if isinstance(said, wire.Do):
                await self.send({"m": "ans", "items": await self.act(said.items, throttled=over < 0)})
            elif isinstance(said, wire.Ping):
                self.pending = said.pending
                await self.pong()
            else:
                raise wire.Bye("malformed")

    async def pong(self) -> None:
        """The server's time and the safe head."""
        async with self.desk.reading() as state:
            cursor = cursor_of(state.streams.get(self.stream))
        await self.send({"m": "pong", "time": self.desk.now(), "cursor": cursor})

    async def act(self, items: list[wire.Item], *, throttled: bool = False) -> list[Answer]:
        """The answers to a batch, in its order; the desk decides them in that order, together with
        everybody else's."""
        waiting: list[Answer | asyncio.Task[Answer]] = []
        for item in items:
            if throttled:
                waiting.append(Answer(k=item.k, a="retry", code="throttled", params={"seconds": "1"}))
                continue
            command = wire.command(item, self.device.role)
            if isinstance(command, Refused) or not people.may(self.actor, type(command)):
                why = command if isinstance(command, Refused) else Refused("not_allowed")
                waiting.append(Answer(k=item.k, a="refused", code=why.code, params=why.params))
                continue
            call = Call(item.k, self.actor, command, self.device.id, item.at)
            if len(items) == 1:
                return [await self.desk.submit(call, self.connection)]
            waiting.append(asyncio.create_task(self.desk.submit(call, self.connection)))
        return [answer if isinstance(answer, Answer) else await answer for answer in waiting]


def cursor_of(stream: Stream | None) -> dict[str, Any]:
    """The safe head of a stream as a cursor; n = 0 before its first line."""
    return views.cursor(stream) if stream is not None else {"n": 0, "seal": ""}


def sheet_of(state: State, stream: Stream, sheet: Sheet, seat: str) -> dict[str, Any]:
    """A touched sheet for a seat it concerns: as it may see it, or that it is no longer its business."""
    if views.sees_all(stream, seat) or seat in stream.sheets[sheet].roster:
        return views.sheet_for(state, stream, *sheet, seat)
    return {"unit": sheet[0], "sub": sheet[1], "gone": True}


class Tablets:
    """All connected tablets, by stream; each bell becomes one message to each seat it concerns."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self.desk = desk
        self.settings = settings
        self.by_stream: dict[str, set[Tablet]] = {}
        self.by_device: dict[str, Tablet] = {}
        self.bells: asyncio.Queue[list[Bell]] = asyncio.Queue()
        self.fault = ""
        self.shape: dict[str, int] = {}
        """stream -> newest line since which only sheets changed (as far as this process knows)"""

    @property
    def connected(self) -> int:
        """How many tablets are connected."""
        return len(self.by_device)

    async def serve(self, tablet: Tablet) -> None:
        """One connection from its hello to its end; an older one of the same device ends first."""
        await tablet.websocket.accept()
        try:
            hello = await tablet.greet()
            tablet.connection = self.desk.fence(tablet.device.id)
            async with self.desk.reading() as state:
                tablet.stream = people.stream_of_seat(state, tablet.device.seat)
                self.shape.setdefault(tablet.stream, state.position(tablet.stream)[0])
            older = self.by_device.pop(tablet.device.id, None)
            # Listening begins before the state is read, so that no line falls between.
            self.by_device[tablet.device.id] = tablet
            self.by_stream.setdefault(tablet.stream, set()).add(tablet)
            if older is not None:
                self._forget(older)
                await older.bye("old_connection")
            await tablet.welcome(hello, self.shape)
            await tablet.converse()
        except wire.Bye as bye:
            log.info("bye %s to %s", bye.word, tablet.device.seat)
            await tablet.bye(bye.word)
        except WebSocketDisconnect:
            tablet.closed = True
        finally:
            self._forget(tablet)

    def _forget(self, tablet: Tablet) -> None:
        if self.by_device.get(tablet.device.id) is tablet:
            del self.by_device[tablet.device.id]
        self.by_stream.get(tablet.stream, set()).discard(tablet)

    def rang(self, bells: list[Bell]) -> None:
        """Lines became durable; their seats hear of them in this order, none left out."""
        for bell in bells:
            if any(key[0] in MORE for key in bell.touched):
                self.shape[bell.stream] = bell.n
        self.bells.put_nowait(bells)

    async def tell_for_ever(self) -> None:
        """Turn bells into messages; until cancelled."""
        while True:
            bells = await self.bells.get()
            await self._tell_fault()
            told: list[tuple[Tablet, dict[str, Any]]] = []
            ended: list[Tablet] = []
            async with self.desk.reading() as state:
                for bell in bells:
                    ended += self._ended(state, bell)
                for name, touched in _by_stream(bells).items():
                    told += self._events(state, name, touched)
            for tablet, message in told:
                await self._tell(tablet, message)
            for tablet in ended:
                await tablet.bye("device_revoked")

    async def _tell_fault(self) -> None:
        """Full or broken disk: everybody hears of it at once, and when it is over."""
        if self.desk.fault != self.fault:
            self.fault = self.desk.fault
            for tablet in list(self.by_device.values()):
                await self._tell(tablet, {"m": "fault", "code": self.fault})

    @staticmethod
    async def _tell(tablet: Tablet, message: dict[str, Any]) -> None:
        try:
            await asyncio.wait_for(tablet.send(message), 1.0)
        except TimeoutError:
            # It reads nothing: it will come again and be told what changed since its cursor.
            tablet.closed = True
            transport = tablet.websocket.scope.get("extensions", {}).get("compsys.transport")
            if transport is not None:
                transport.abort()
        except (WebSocketDisconnect, RuntimeError):
            tablet.closed = True

    def _ended(self, state: State, bell: Bell) -> list[Tablet]:
        """Tablets whose device, or whose seat's role, was taken by this line."""
        found = []
        for key in bell.touched:
            if key[0] == "device" or key[:2] == ("setup", "seat"):
                for tablet in self.by_device.values():
                    device = state.devices.get(tablet.device.id)
                    seat = state.setup.seats.get(tablet.device.seat)
                    role = seat.role if seat else ""
                    if device is None or device.revoked or role != tablet.device.role:
                        found.append(tablet)
        return found

    def _events(
        self, state: State, name: str, touched: Iterable[tuple[str, ...]]
    ) -> list[tuple[Tablet, dict[str, Any]]]:
        """What each tablet of a stream is told of these touched keys."""
        stream, tablets = state.streams.get(name), self.by_stream.get(name)
        if stream is None or not tablets:
            return []
        kinds = {key[0] for key in touched}
        cursor = cursor_of(stream)
        sheets = _sheets(stream, touched)
        told = []
        for tablet in tablets:
            if not tablet.ready:
                continue  # its welcome is still to come and will hold all of this
            message: dict[str, Any] = {"m": "ev", "n": cursor["n"], "cursor": cursor, "sheets": []}
            if tablet.device.role == "chief":
                message["kinds"] = sorted(kinds)
            if kinds.intersection(MORE):
                message["whole"] = views.seat_hello(state, tablet.device.seat)
            else:
                seat = tablet.device.seat
                mine = [key for key in sheets if views.concerns(stream, seat, *key)]
                if not mine and "kinds" not in message:
                    continue
                message["sheets"] = [sheet_of(state, stream, key, seat) for key in mine]
            told.append((tablet, message))
        return told

    async def drop_silent(self) -> None:
        """End the connections that have said nothing for too long; until cancelled."""
        while True:
            await asyncio.sleep(1.0)
            late = self.settings.seconds() - wire.SILENT_AFTER
            for tablet in [tablet for tablet in self.by_device.values() if tablet.heard < late]:
                await tablet.bye("silent")
                self._forget(tablet)


def _sheets(stream: Stream, touched: Iterable[tuple[str, ...]]) -> list[Sheet]:
    """The sheets among touched keys; a unit touched by itself (a status, a penalty) means all of its
    sheets."""
    keys = list(touched)
    found = {(key[2], key[3]) for key in keys if key[0] == "sheet"}
    of_units = {unit for unit, _ in found}
    for key in keys:
        if key[0] == "unit" and key[2] not in of_units and key[2] in stream.units:
            rules = stream.groups.get(stream.units[key[2]].group)
            found.update(
                (key[2], sub) for sub in (rules.subs if rules else ()) if (key[2], sub) in stream.sheets
            )
    return sorted(found)


def _by_stream(bells: list[Bell]) -> dict[str, set[tuple[str, ...]]]:
    found: dict[str, set[tuple[str, ...]]] = {}
    for bell in bells:
        found.setdefault(bell.stream, set()).update(bell.touched)
    return found
