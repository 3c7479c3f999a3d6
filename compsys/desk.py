"""The desk: takes calls in order, decides ahead of the disk, commits together, then opens the gate.

Nothing derived from a line (answer, bell, picture) leaves before the line is durable. While a commit is
under way the state is ahead of the disk: readers wait in ``reading()``. After a commit error the handle is
never used again: the journal is opened anew, the state folded anew, and everybody waiting is told ``retry``.

Architecture Invariant: one thread owns the journal's connection; the event loop owns the state.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

from compsys import core
from compsys import events as e
from compsys.asking import Touched
from compsys.clock import millis, text
from compsys.journal import CommitFailed, SqliteJournal
from compsys.journal_api import AuditEntry, JournalError
from compsys.seal import Line, digest, first, follow, seal
from compsys.state import State
from compsys.vault import Identity, Vault, make_master_key

log = logging.getLogger("compsys.desk")
T = TypeVar("T")

BATCH = 500
"""At most so many calls per commit: bounds how long the first of them waits for the last."""

PAUSE = 0.5
"""Seconds after a failed commit in which nothing is tried again: opening the journal folds it whole."""

KEPT_REFUSALS = 50_000
POOL = 1024
"""Bytes of randomness drawn at once: every line needs 16, and asking the system costs more than a hash."""


class Bell(NamedTuple):
    """A durable line: where it stands and which keys it touched."""

    stream: str
    n: int
    touched: Touched


class Waiting(NamedTuple):
    """A call in the queue: its connection (fenced when newer ones exist) and who is told the answer."""

    call: e.Call
    conn: int
    tell: Callable[[e.Answer], None]


class Desk:
    """The committer of one competition. Open it with ``await Desk.open(...)``; close it with ``await
    desk.close()``."""

    def __init__(
        self,
        directory: Path,
        clock: Callable[[], int],
        randomness: Callable[[int], bytes],
        competition: str | None,
    ) -> None:
        self.directory = directory
        self.state = State()
        self.fault = ""
        self._opened, self._again = True, 0.0
        """"" or the code that answers carry while nothing can be written: disk_full, disk_error"""
        self.commits = self.written = 0
        """commits and lines since the start: lines per sync"""
        self._clock = clock
        self._randomness = randomness
        self._pool = ""
        self._competition = competition
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._queue: list[Waiting] = []
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._listeners: list[Callable[[list[Bell]], None]] = []
        self._refused: OrderedDict[str, tuple[str, e.Answer]] = OrderedDict()
        self._connections: dict[str, int] = {}
        self._last = 0
        self._closing = False
        self.threaded = True
        self._names: dict[str, Identity] = {}
        self.journal: SqliteJournal
        self.vault: Vault
        self._task: asyncio.Task[None] | None = None

    # ------------------------------------------------------------ opening and closing

    @classmethod
    async def open(
        cls,
        directory: Path | str,
        clock: Callable[[], int],
        randomness: Callable[[int], bytes],
        competition: str | None = None,
        *,
        threaded: bool = True,
    ) -> Desk:
        """Open a data directory (``competition``: the id to make it for when it is new) and fold its journal.

        ``threaded`` False: the journal's work is done in the event loop (for a simulated clock, where
        waiting for a thread would be a matter of chance).

        Raises JournalError (DirectoryLocked, JournalMissing, FormatUnknown, ...), events.NewerJournal,
        seal.BrokenChain.
        """
        desk = cls(Path(directory), clock, randomness, competition)
        desk.threaded = threaded
        try:
            await desk.in_thread(desk._open_journal)
        except BaseException:
            desk._thread.shutdown()
            raise
        desk._task = asyncio.create_task(desk._run(), name="desk")
        return desk

    def _open_journal(self) -> None:
        """In the journal's thread: open, fold, read refusals and names."""
        self.journal = SqliteJournal(self.directory, self._competition)
        if not self.threaded:
            # A simulated day promises nothing to anybody: it does not wait for the disk.
            self.journal.rows("PRAGMA synchronous=OFF")
        self._competition = self.journal.competition
        keys = self.directory / "keys"
        if not (keys / "master.key").exists():
            make_master_key(keys, self._randomness)
        self.vault = Vault(self.journal, keys, self._randomness)
        self.state = folded(self.journal)
        for stream, n in self.state.withheld:
            self.journal.withhold(stream, n)  # again: a kill may have come between saying so and doing it
        self._last = max(self._last, last_time(self.journal))
        for row in self.journal.rows("SELECT key, code, detail FROM audit WHERE key != '' ORDER BY id"):
            self._remember(row[0], row[1], row[2])
        self._names = {
            person: identity for person, identity in self.vault.all() if isinstance(identity, Identity)
        }

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run work in the thread that owns the journal's connection."""
        if not self.threaded:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Finish what is queued, then close the journal."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task
        await self.in_thread(self.journal.close)
        self._thread.shutdown()

    # ------------------------------------------------------------ what others ask of the desk

    async def submit(self, call: e.Call, conn: int = 0) -> e.Answer:
        """The answer to a call, once it may leave. ``conn``: the connection number of its device (0: not
        fenced)."""
        answer: asyncio.Future[e.Answer] = asyncio.get_running_loop().create_future()
        self.put(call, conn, lambda found: None if answer.done() else answer.set_result(found))
        return await answer

    def put(self, call: e.Call, conn: int, tell: Callable[[e.Answer], None]) -> None:
        """Queue a call now, behind those put before; ``tell`` hears its answer, once it may leave."""
        if self._closing:
            loop = asyncio.get_running_loop()
            loop.call_soon(tell, e.Answer(k=call.key, a="retry", code="starting"))
            return
        self._queue.append(Waiting(call, conn, tell))
        self._wake.set()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[State]:
        """The state when nothing in it is ahead of the disk. Do not await inside."""
        while not self._settled.is_set():
            await self._settled.wait()
        yield self.state

    def listen(self, callback: Callable[[list[Bell]], None]) -> Callable[[], None]:
        """Call back after each commit with the bells of its lines (in the event loop, state settled);
        returns how to stop."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def fence(self, device: str) -> int:
        """A new connection of a device: its number; older ones of the device may no longer write."""
        self._connections[device] = self._connections.get(device, 0) + 1
        return self._connections[device]

    def current(self, device: str, conn: int) -> bool:
        """Whether a connection is its device's newest."""
        return conn == 0 or self._connections.get(device, 0) == conn

    def names(self, person: str) -> Identity | None:
        """A person's identity from the vault (None: not there, or erased)."""
        return self._names.get(person)

    async def put_persons(self, persons: list[tuple[str, Identity]]) -> None:
        """Write persons into the vault."""
        await self.in_thread(lambda: self.vault.put_many(persons))
        self._names.update(persons)

    async def erase(self, person: str, actor: e.Actor, reason: str) -> e.Answer:
        """Forget a person: their key is destroyed, the closed parts that could tie them to the journal are
        withheld.

        The lines that say so come first. Refused when the person is unknown or no reason is given.
        """
        async with self.reading() as state:
            bound = list(state.bound.get(person, ()))
        answer = e.Answer(k="", a="refused", code="unknown_record", params={"kind": "person", "id": person})
        if not bound:
            return answer
        for n in bound:
            command = e.Withhold(stream=e.COMPETITION, n=n, reason=reason)
            answer = await self.submit(e.Call(key=self.fresh(), actor=actor, command=command))
            if answer.a != "accepted":
                return answer
        at = self.now()

        def work() -> None:
            for n in bound:
                self.journal.withhold(e.COMPETITION, n)
            self.vault.erase(person, at)

        await self.in_thread(work)
        self._names.pop(person, None)
        return answer

    def now(self) -> str:
        """The time of the next line: never before the last one's."""
        self._last = max(self._last, self._clock())
        return text(self._last)

    def fresh(self) -> str:
        """32 random hex digits."""
        if not self._pool:
            self._pool = self._randomness(POOL).hex()
        found, self._pool = self._pool[:32], self._pool[32:]
        return found

    # ------------------------------------------------------------ the committer

    async def _run(self) -> None:
        while not (self._closing and not self._queue):
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
                try:
                    await self._commit(batch)
                except Exception:
                    log.exception("the desk could not commit")
                    await self._recover(batch, "disk_error")
                await asyncio.sleep(0)  # readers that waited for this commit come before the next one

    async def _commit(self, batch: list[Waiting]) -> None:
        if self.fault and not await self._usable():
            self._retry(batch, self.fault)
            return
        answers: list[tuple[Waiting, e.Answer]] = []
        lines: list[Line] = []
        bells: list[Bell] = []
        audits: list[AuditEntry] = []
        now = self.now()
        self._settled.clear()
        for waiting in batch:
            answers.append((waiting, self._decide(waiting, now, lines, bells, audits)))
        if lines or audits:
            try:
                collisions = await self.in_thread(lambda: self.journal.append_sealed(lines, audits))
            except CommitFailed as error:
                log.error("commit failed: %s", error)
                await self._recover(batch, "disk_full" if error.kind == "full" else "disk_error")
                return
            if collisions:
                raise RuntimeError(f"another writer: {collisions}")
            self.commits += 1
            self.written += len(lines)
            self.fault = ""  # only what was written proves that writing goes again
        self._open_gate(answers, bells)

    def _open_gate(self, answers: list[tuple[Waiting, e.Answer]], bells: list[Bell]) -> None:
        self._settled.set()
        self._tell(answers)
        if bells:
            for listener in list(self._listeners):
                try:
                    listener(bells)
                except Exception:  # a listener's fault must not stop the desk; it is logged whole
                    log.exception("a listener failed")

    def _tell(self, answers: Iterable[tuple[Waiting, e.Answer]]) -> None:
        """Tell each its answer; who cannot be told does not keep the others waiting."""
        for waiting, answer in answers:
            try:
                waiting.tell(answer)
            except Exception:  # a listener's fault, logged whole
                log.exception("an answer could not be told")

    def _decide(
        self, waiting: Waiting, now: str, lines: list[Line], bells: list[Bell], audits: list[AuditEntry]
    ) -> e.Answer:
        call = waiting.call
        known = self._refused.get(call.key)
        if known is not None and call.key not in self.state.keys:
            return self._refused_again(call, known, now, audits)
        if not self.current(call.device, waiting.conn):
            return e.Answer(k=call.key, a="retry", code="old_connection")
        try:
            decided = core.decide(self.state, call, now, self.fresh)
        except (
            Exception
        ):  # a broken promise in one decision must not take the others down; nothing was applied
            log.exception("a decision failed: %s", type(call.command).__name__)
            return e.Answer(k=call.key, a="retry", code="internal_error")
        if isinstance(decided, e.Answer):
            return decided
        if isinstance(decided, e.Refused):
            return self._refuse(call, decided, now, audits)
        for drafted in decided:
            line, touched = self._seal(drafted)
            lines.append(line)
            bells.append(Bell(line.stream, line.n, touched))
        kept = self.state.keys[call.key]
        return e.Answer(k=call.key, a=kept.a, stream=kept.stream, n=kept.n, rev=kept.rev)  # type: ignore[arg-type]  # kept.a is one of the five words

    def _seal(self, drafted: e.Drafted) -> tuple[Line, Touched]:
        stream = drafted.stream
        n, head = self.state.position(stream)
        if n == 0:
            head = first(self.state.id, stream)
        open_part, closed_part = e.pack(drafted.event, drafted.closed)
        closed_digest = digest(closed_part)
        head = seal(head, open_part, closed_digest)
        touched = core.apply(self.state, stream, n + 1, head, drafted.event, drafted.closed)
        return Line(stream, n + 1, open_part, closed_part, closed_digest, head), touched

    # ------------------------------------------------------------ refusals are final for their key

    def _refuse(self, call: e.Call, refused: e.Refused, now: str, audits: list[AuditEntry]) -> e.Answer:
        answer = e.Answer(k=call.key, a="refused", code=refused.code, params=refused.params)
        content = e.content_digest(call.actor, call.command)
        detail = json.dumps(
            {"h": content, "params": refused.params, "who": call.actor.id}, ensure_ascii=False
        )
        audits.append(AuditEntry(now, call.device or call.actor.id, call.key, refused.code, detail))
        if refused.code not in ("key_reused", "bad_key"):
            self._keep(call.key, content, answer)
        return answer

    def _refused_again(
        self, call: e.Call, known: tuple[str, e.Answer], now: str, audits: list[AuditEntry]
    ) -> e.Answer:
        if known[0] == e.content_digest(call.actor, call.command):
            return e.Answer(k=call.key, a="refused", code=known[1].code, params=known[1].params, dup=True)
        return self._refuse(call, e.Refused("key_reused"), now, audits)

    def _keep(self, key: str, content: str, answer: e.Answer) -> None:
        self._refused[key] = (content, answer)
        if len(self._refused) > KEPT_REFUSALS:
            self._refused.popitem(last=False)

    def _remember(self, key: str, code: str, detail: str) -> None:
        if code in ("key_reused", "bad_key", "throttled"):
            return
        told = json.loads(detail or "{}")
        answer = e.Answer(k=key, a="refused", code=code, params=told.get("params", {}))
        self._keep(key, told.get("h", ""), answer)

    # ------------------------------------------------------------ faults

    def _retry(self, batch: list[Waiting], code: str) -> None:
        self._tell((waiting, e.Answer(k=waiting.call.key, a="retry", code=code)) for waiting in batch)

    async def _recover(self, batch: list[Waiting], code: str) -> None:
        """After a failed commit: what was being written may or may not be there; only the journal knows."""
        self.fault = code
        for waiting in batch:
            # A refusal may rest on lines of this batch that are lost now; one that is on disk is read again.
            self._refused.pop(waiting.call.key, None)
        await self._reopen()
        self._settled.set()
        self._retry(batch, code)
        for listener in list(self._listeners):
            listener([])

    async def _usable(self) -> bool:
        """Whether it is time to try again, on a journal that could be opened."""
        if asyncio.get_running_loop().time() < self._again:
            return False
        return self._opened or await self._reopen()

    async def _reopen(self) -> bool:
        """Open the journal anew and fold it; False when even that fails."""

        def again() -> None:
            self.journal.close()
            self._open_journal()

        self._settled.clear()
        self._opened = False
        try:
            await self.in_thread(again)
            self._opened = True
        except (JournalError, OSError) as error:
            log.error("the journal cannot be opened: %s", error)
        finally:
            self._again = asyncio.get_running_loop().time() + PAUSE
            self._settled.set()
        return self._opened


def folded(journal: SqliteJournal) -> State:
    """The state that a journal folds to; raises BrokenChain where a line does not follow the one before
    it."""
    state = State(id=journal.competition)
    decode, unpack, apply = e.CLOSED_DECODER.decode, e.unpack, core.apply
    collecting = gc.isenabled()
    gc.disable()  # nothing here is garbage: looking for it would cost more than the fold
    try:
        for line in follow(journal.competition, journal.read()):
            closed = decode(line.closed) if line.closed is not None else None
            apply(state, line.stream, line.n, line.seal, unpack(line.open), closed)
    finally:
        if collecting:
            gc.enable()
    return state


def last_time(journal: SqliteJournal) -> int:
    """Milliseconds of the newest line (0 when there is none)."""
    last = 0
    for stream, head in journal.heads().items():
        for line in journal.read(stream, head.n - 1):
            last = max(last, millis(e.unpack(line.open).t))
    return last
