"""The judges' side of the live connection: one ``Tablet`` per socket on /live/seat, told of its lines.

S->C messages: ``ask`` (a nonce, before anything is said; a device with a key of its own signs it),
``hello`` (seat, page: the version of the page that is served, time, cursor, reset, whole or the sheets
changed since the cursor; ``kept``, as in ``pong``), ``ans`` (answers, in the order of their items, only ever
after the gate), ``ev`` (see ``web.news``: n, cursor, the touched sheets as this seat may see them; or
``whole`` when more than sheets changed), ``pong`` (time, cursor; ``kept``, how far a copy elsewhere reaches,
when that changed), ``fault`` (code, "" = over) while nothing can be written, ``bye`` (code) and then a close
with ``wire.CLOSE``. The cursor is the safe head: no unrevealed vote of anybody precedes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from compsys import announcing, keeping, people, views
from compsys.events import COMPETITION, Actor, Answer, Call, Refused
from web import news, pins, wire
from web.access import Device, holds_key
from web.handed_over import HandedOver
from web.last_words import LastWords
from web.news import Sheets
from web.sockets import text_frame, transport_of, wire_of
from web.statics import shelf

if TYPE_CHECKING:
    from compsys.desk import Bell, Desk
    from compsys.state import State, Stream
    from web.settings import Settings

log = logging.getLogger("compsys.live")
ENCODER = msgspec.json.Encoder()
THROTTLED_AFTER = -100.0
"""Messages over the allowed rate, each answered ``retry``, after which the connection ends."""

AHEAD = 8
"""Messages of a tablet that may wait for their answers before the next one is read."""

UNREAD = 512 * 1024
"""Bytes a tablet may leave unread; with more it is ended, comes again, and is told what changed since."""


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
        self.words = LastWords()
        self.nonce = settings.token(16)
        self.kept = 0
        self.ready = False
        self.closed = False
        self.line = transport_of(websocket.scope)
        self.said: list[bytes] = []
        self.writer: asyncio.Task[None] | None = None
        self.unanswered = 0
        self.room: asyncio.Future[None] | None = None

    def say(self, message: dict[str, Any]) -> None:
        """One message, if the connection still stands; straight to the transport where there is one.

        What is said within one turn of the event loop (an answer and the news of the same commit, say)
        leaves in one write: a write costs more than most messages do.
        """
        if self.closed or self.websocket.application_state != WebSocketState.CONNECTED:
            return
        if not self.said:
            asyncio.get_running_loop().call_soon(self.flush)
        self.said.append(ENCODER.encode(message))

    def flush(self) -> None:
        """Write what was said."""
        line = self.line
        if line is None:
            if self.said and self.writer is None:
                self.writer = asyncio.create_task(self._write())
            return
        said, self.said = self.said, []
        if not said:
            return
        if line.is_closing():
            self.closed = True
        elif line.get_write_buffer_size() > UNREAD:
            self.closed = True
            line.abort()
        else:
            line.write(text_frame(said[0]) if len(said) == 1 else b"".join(map(text_frame, said)))

    async def _write(self) -> None:
        """Where there is no transport to write to: one message after the other, as the app sends them."""
        try:
            while self.said and not self.closed:
                await asyncio.wait_for(self.websocket.send_text(self.said.pop(0).decode()), 1.0)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            self.closed = True  # it reads nothing, or is gone: its own receive() ends, or the silence does
        finally:
            self.writer = None

    async def bye(self, word: str) -> None:
        """Say why, and close."""
        if self.closed:
            return
        try:
            self.say({"m": "bye", "code": word})
            self.flush()
            if self.writer is not None:
                await self.writer
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
        return self.read(message.get("text") or message.get("bytes") or b"")

    def read(self, frame: str | bytes) -> wire.Said:
        """A frame as a message that this tablet may send; raises Bye."""
        self.heard = self.seconds()
        said = wire.read(frame)
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

    def note(self, said: wire.Hello | wire.Ping) -> None:
        """Remember what the tablet says of itself."""
        words = self.words
        words.pending, words.page = said.pending, said.page or words.page
        words.heard, words.time = self.heard, self.desk.now()
        if isinstance(said, wire.Ping):
            words.battery, words.skew = said.battery, said.skew
            if said.has is not None:
                words.has = frozenset(said.has.split())

    async def welcome(self, hello: wire.Hello, shape: dict[str, int], standing: dict[str, Any]) -> None:
        """Say where we stand: what changed since the tablet's cursor, or everything when that cursor is not
        ours."""
        async with self.desk.reading(self.stream) as state:
            stream = state.streams.get(self.stream)
            message: dict[str, Any] = {"m": "hello", "seat": self.device.seat, "time": self.desk.now()}
            message["cursor"] = cursor_of(stream)
            if kept := self.covered(state, message["cursor"]):
                message["kept"] = kept
            message["page"] = shelf()[0]
            message |= standing
            cursor = hello.cursor
            if cursor is not None and (stream is None or not views.known(stream, cursor.n, cursor.seal)):
                cursor = None
            message["reset"] = hello.cursor is not None and cursor is None
            if hello.brings:
                message["sheets"] = []  # nobody looks: it is told neither of sheets nor of news
            elif cursor is None or stream is None or cursor.n < shape.get(self.stream, 0):
                message["whole"] = views.seat_hello(state, self.device.seat)
                message["sheets"] = []
            else:
                message["sheets"] = views.sheets_since(state, stream, self.device.seat, cursor.n)
            if self.desk.fault:
                message["fault"] = self.desk.fault
            if not hello.brings and (words := announcing.unread(state, self.device.seat)):
                message["words"] = words
            self.ready = not hello.brings
        self.say(message)

    async def converse(self, spoke: Callable[[Tablet], None]) -> None:
        """Answer until the connection ends; raises Bye or WebSocketDisconnect. ``spoke``: told of each
        ping."""
        line = wire_of(self.websocket.scope)
        if line is not None:
            line.ear = self.hear
        while True:
            said = await self.receive()
            over = self.bucket.take(self.heard)
            if not self.desk.current(self.device.id, self.connection):
                raise wire.Bye("old_connection")
            if over < THROTTLED_AFTER:
                raise wire.Bye("throttled")
            if isinstance(said, wire.Do):
                self.act(said.items, throttled=over < 0)
                if self.unanswered >= AHEAD:
                    self.room = asyncio.get_running_loop().create_future()
                    await self.room
            elif isinstance(said, wire.Ping):
                self.note(said)
                await self.pong()
                spoke(self)
            else:
                raise wire.Bye("malformed")

    def hear(self, frame: bytes) -> bool:
        """Take commands the moment they arrive if nothing stands against it; the rest is for ``converse``."""
        if self.unanswered >= AHEAD or not self.desk.current(self.device.id, self.connection):
            return False
        try:
            said = self.read(frame)
        except wire.Bye:
            return False
        if not isinstance(said, wire.Do):
            return False
        over = self.bucket.take(self.heard)
        if over < THROTTLED_AFTER:
            return False
        self.act(said.items, throttled=over < 0)
        return True

    async def pong(self) -> None:
        """The server's time and the safe head."""
        async with self.desk.reading(self.stream) as state:
            cursor = cursor_of(state.streams.get(self.stream))
            kept = self.covered(state, cursor)
        self.say({"m": "pong", "time": self.desk.now(), "cursor": cursor} | ({"kept": kept} if kept else {}))

    def covered(self, state: State, cursor: dict[str, Any]) -> int:
        """How far a copy elsewhere reaches of what this tablet may know, where that is new to it; else 0.

        Told with the heartbeat, not with each mark: a tablet that keeps a record three seconds longer loses
        nothing.
        """
        kept = keeping.reaches(state, self.stream, cursor["n"])
        if kept == self.kept:
            return 0
        self.kept = kept
        return kept

    def act(self, items: list[wire.Item], *, throttled: bool = False) -> None:
        """Put a batch to the desk, which decides it in its order, together with everybody else's; its
        answers are told in the same order."""
        self.unanswered += 1
        reply = Reply(self, len(items))
        for at, item in enumerate(items):
            if throttled:
                reply.take(at, Answer(k=item.k, a="retry", code="throttled", params={"seconds": "1"}))
                continue
            command = wire.command(item, self.device.role)
            if isinstance(command, Refused) or not people.may(self.actor, type(command)):
                why = command if isinstance(command, Refused) else Refused("not_allowed")
                reply.take(at, Answer(k=item.k, a="refused", code=why.code, params=why.params))
                continue
            proof = ""
            if item.ticket:
                seat = getattr(command, "seat", "")
                proof = pins.proof(self.desk, item.ticket, self.device.id, seat, item.k)
            call = Call(item.k, self.actor, command, self.device.id, item.at, proof)
            if item.again:
                call = msgspec.structs.replace(call, again=True)
            self.desk.put(call, self.connection, partial(reply.take, at))
        if not items:
            self.answer([])

    def answer(self, answers: Sequence[Answer | None]) -> None:
        """The answers to one message."""
        self.unanswered -= 1
        if self.room is not None and not self.room.done():
            self.room.set_result(None)
        self.say({"m": "ans", "items": answers})


class Reply:
    """The answers to one message, told together once the last is there, in the order of its items."""

    __slots__ = ("answers", "missing", "tablet")

    def __init__(self, tablet: Tablet, size: int) -> None:
        self.tablet, self.missing = tablet, size
        self.answers: list[Answer | None] = [None] * size

    def take(self, at: int, answer: Answer) -> None:
        """The answer to the item at this place."""
        self.answers[at] = answer
        self.missing -= 1
        if not self.missing:
            self.tablet.answer(self.answers)


def cursor_of(stream: Stream | None) -> dict[str, Any]:
    """The safe head of a stream as a cursor; n = 0 before its first line."""
    return views.cursor(stream) if stream is not None else {"n": 0, "seal": ""}


class Tablets:
    """All connected tablets, by stream; each bell becomes one message to each seat it concerns."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self.desk = desk
        self.settings = settings
        # Ordered, not sets: who hears first among equals must come back with the seed of a simulated day.
        self.by_stream: dict[str, dict[Tablet, None]] = {}
        self.by_device: dict[str, Tablet] = {}
        self.without_key: dict[str, str] = {}
        """device -> when its cookie last came without its key"""
        self.words: dict[str, LastWords] = {}
        """device -> what it last said, also when it is gone"""
        self.handed_over = HandedOver(self)
        self.leaving: asyncio.Queue[Tablet | Exception] = asyncio.Queue()
        """who must go because its device or role was taken; or why news could not be told"""
        self.behind: dict[str, Sheets] = {}
        """stream -> sheets with votes that its tablets have not been told of"""
        self.some_behind = asyncio.Event()
        self.fault = ""
        self.told: dict[str, int] = {}
        """stream -> newest line whose news have been told"""
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
            tablet.say({"m": "ask", "nonce": tablet.nonce})
            hello = await tablet.greet()
            self._proved(tablet, hello.proof)
            if hello.brings and tablet.device.id in self.by_device:
                raise wire.Bye("old_connection")  # its own page is here and sends for itself
            tablet.words = self.words.setdefault(tablet.device.id, tablet.words)
            tablet.note(hello)
            tablet.connection = self.desk.fence(tablet.device.id)
            async with self.desk.reading(COMPETITION) as state:
                tablet.stream = people.stream_of_seat(state, tablet.device.seat)
            async with self.desk.reading(tablet.stream) as state:
                self.shape.setdefault(tablet.stream, state.position(tablet.stream)[0])
            older = self.by_device.pop(tablet.device.id, None)
            # Listening begins before the state is read, so that no line falls between.
            self.by_device[tablet.device.id] = tablet
            self.by_stream.setdefault(tablet.stream, {})[tablet] = None
            if older is not None:
                self._forget(older)
                await older.bye("old_connection")
            async with self.desk.reading(COMPETITION) as state:
                standing = self.handed_over.welcomed(state, tablet)
            await tablet.welcome(hello, self.shape, standing)
            self.handed_over.spoke(tablet)
            await tablet.converse(self.handed_over.spoke)
        except wire.Bye as bye:
            log.info("bye %s to %s", bye.word, tablet.device.seat)
            await tablet.bye(bye.word)
        except WebSocketDisconnect:
            tablet.closed = True
        finally:
            self._forget(tablet)

    def _proved(self, tablet: Tablet, proof: str) -> None:
        """Raise Bye where a tablet's cookie comes without the tablet's key: it was copied, or the browser
        lost its key. The tablet itself, if it is here, stays."""
        if not holds_key(tablet.device, tablet.nonce, proof):
            self.without_key[tablet.device.id] = self.desk.now()
            log.warning("%s: a cookie of its tablet came without the tablet's key", tablet.device.seat)
            raise wire.Bye("no_key")

    def _forget(self, tablet: Tablet) -> None:
        if self.by_device.get(tablet.device.id) is tablet:
            del self.by_device[tablet.device.id]
        self.by_stream.get(tablet.stream, {}).pop(tablet, None)
        self.handed_over.left(tablet)

    def rang(self, bells: list[Bell]) -> None:
        """Lines became durable; their seats hear of them in this order, none left out.

        Said at once, while the state is settled: so an answer and the news of its commit leave in one write.
        """
        for bell in bells:
            for key in bell.touched:
                if key[0] in news.MORE:
                    self.shape[bell.stream] = bell.n
        try:
            self._tell(bells)
        except Exception as error:  # tablets that were not told must not go on: it ends the app's run
            log.exception("news could not be told")
            self.leaving.put_nowait(error)

    def _tell(self, bells: list[Bell]) -> None:
        self._tell_fault()
        state = self.desk.state
        told: list[tuple[Tablet, dict[str, Any]]] = []
        for name, of_stream in news.by_stream(bells).items():
            if name == COMPETITION:
                for tablet in self._ended(state, of_stream):
                    self.leaving.put_nowait(tablet)
                told += self._words(state, of_stream)
                self.handed_over.rang(state, of_stream)
            else:
                told += self._events(state, name, of_stream)
        for tablet, message in told:
            tablet.say(message)

    def _words(self, state: State, bells: list[Bell]) -> list[tuple[Tablet, dict[str, Any]]]:
        """What each tablet has to read, where these lines changed that: an announcement does for all it is
        for, a receipt for its seat alone."""
        touched = [key for bell in bells for key in bell.touched if key[0] == "word"]
        to = {state.words[int(key[1])].to for key in touched if len(key) == 2 and int(key[1]) in state.words}
        seats = {key[2] for key in touched if len(key) == 3}
        found = []
        for tablet in self.by_device.values() if touched else ():
            seat = tablet.device.seat
            if tablet.ready and (seat in seats or any(announcing.for_seat(one, seat) for one in to)):
                found.append((tablet, {"m": "words", "words": announcing.unread(state, seat)}))
        return found

    async def dismiss_for_ever(self) -> None:
        """End the connections of those who must go; until cancelled. Raises why news could not be told."""
        while True:
            tablet = await self.leaving.get()
            if isinstance(tablet, Exception):
                raise tablet
            await tablet.bye("device_revoked")

    def _events(self, state: State, name: str, bells: list[Bell]) -> list[tuple[Tablet, dict[str, Any]]]:
        """What each tablet of a stream is told of these lines now; progress is noted for later."""
        stream, tablets = state.streams.get(name), self.by_stream.get(name)
        self.told[name] = bells[-1].n
        if stream is None or not tablets:
            return []
        found, drawn = news.sort_out(stream, bells), news.Views()
        cursor = news.cursor(stream, self.told[name])
        behind = self.behind.setdefault(name, {})
        for sheet, aspects in found.progress.items():
            news.note(behind, sheet, aspects)
            self.some_behind.set()
        news.forget(behind, found.events)
        told = []
        for tablet in tablets:
            if not tablet.ready:
                continue  # its welcome is still to come and will hold all of this
            chief = tablet.device.role == "chief" and found.kinds != {"sheet", "unit"}
            if not (found.whole or found.events or chief):
                continue
            seat = tablet.device.seat
            message = news.event(state, stream, seat, found.events, drawn, cursor=cursor, whole=found.whole)
            if tablet.device.role == "chief":
                message["kinds"] = sorted(found.kinds)
            if found.whole or message["sheets"] or chief:
                told.append((tablet, message))
        return told

    async def tell_progress_for_ever(self) -> None:
        """Who has voted meanwhile, half as often as pictures, as one message per tablet; until cancelled."""
        while True:
            await self.some_behind.wait()
            await asyncio.sleep(2 / self.settings.pictures_per_second)
            self.some_behind.clear()
            behind, self.behind = self.behind, {}
            for name, sheets in behind.items():
                # One stream per reading: marks go on being decided between them.
                async with self.desk.reading(name) as state:
                    told = self._progress(state, name, sheets)
                for tablet, message in told:
                    tablet.say(message)

    def _progress(self, state: State, name: str, sheets: Sheets) -> list[tuple[Tablet, dict[str, Any]]]:
        """What each tablet of a stream is told of the votes on these sheets."""
        stream, drawn = state.streams.get(name), news.Views()
        told: list[tuple[Tablet, dict[str, Any]]] = []
        if stream is None or not sheets:
            return told
        cursor = news.cursor(stream, self.told.get(name, 0))
        for tablet in self.by_stream.get(name, ()):
            if tablet.ready:
                message = news.event(state, stream, tablet.device.seat, sheets, drawn, cursor=cursor)
                if message["sheets"]:
                    told.append((tablet, message))
        return told

    def _tell_fault(self) -> None:
        """Full or broken disk: everybody hears of it at once, and when it is over."""
        if self.desk.fault != self.fault:
            self.fault = self.desk.fault
            for tablet in list(self.by_device.values()):
                tablet.say({"m": "fault", "code": self.fault})

    def _ended(self, state: State, bells: list[Bell]) -> list[Tablet]:
        """Tablets whose device, or whose seat's role, was taken by these lines."""
        keys = [key for bell in bells for key in bell.touched]
        if not any(key[0] == "device" or key[:2] == ("setup", "seat") for key in keys):
            return []
        found = []
        for tablet in self.by_device.values():
            device = state.devices.get(tablet.device.id)
            seat = state.setup.seats.get(tablet.device.seat)
            if device is None or device.revoked or seat is None or seat.role != tablet.device.role:
                found.append(tablet)
        return found

    async def drop_silent(self) -> None:
        """End the connections that have said nothing for too long; until cancelled."""
        while True:
            before = self.settings.seconds()
            await asyncio.sleep(1.0)
            if self.settings.seconds() > before + 2.0:
                continue  # this process stood still itself: what tablets said meanwhile is still to be read
            late = self.settings.seconds() - wire.SILENT_AFTER
            for tablet in [tablet for tablet in self.by_device.values() if tablet.heard < late]:
                await tablet.bye("silent")
                self._forget(tablet)
