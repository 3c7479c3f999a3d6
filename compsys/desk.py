"""The desk: takes calls in order, decides ahead of the disk, commits together, then opens the gate.

Nothing derived from a line (answer, bell, picture) leaves before the line is durable. While a commit is
under way the state is ahead of the disk: readers wait in ``reading()``. After a commit error the handle is
never used again: the journal is opened anew, the state folded anew, and everybody waiting is told ``retry``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from compsys import core
from compsys import events as e
from compsys.folding import ALL, AT_ONCE, Bell, needs
from compsys.holding import Holding, folded
from compsys.journal_api import AuditEntry, CommitFailed, Head, JournalError, Notice
from compsys.refusals import waits
from compsys.seal import BrokenChain, Line
from compsys.sealing import fold_sealed, head_of
from compsys.state import State

__all__ = ["BATCH", "PAUSE", "Bell", "Desk", "Waiting", "folded"]

log = logging.getLogger("compsys.desk")

BATCH = 500
"""At most so many calls per commit: bounds how long the first of them waits for the last."""

PAUSE = 0.5
"""Seconds after a failed commit in which nothing is tried again: opening the journal folds it whole."""

POLL = 1.0
"""Seconds between looks at what other desks wrote, where there may be others."""

FAULTS = dict.fromkeys(("gone", "locked", "readonly", "replaced"), "database_gone") | {"full": "disk_full"}
"""Kind of a failed commit -> the code of the answers meanwhile; any other is disk_error."""


class Waiting(NamedTuple):
    """A call in the queue: its connection (fenced when newer ones exist) and who is told the answer."""

    call: e.Call
    conn: int
    tell: Callable[[e.Answer], None]


class Desk(Holding):
    """The committer of one competition. Open it with ``await Desk.open(...)``; close it with ``await
    desk.close()``.

    Over PostgreSQL there may be several: each takes its turn, hears what the others wrote, decides, commits.
    """

    def __init__(
        self,
        directory: Path,
        clock: Callable[[], int],
        randomness: Callable[[int], bytes],
        competition: str | None,
        db: str = "",
    ) -> None:
        super().__init__(directory, clock, randomness, competition, db)
        self.fault = ""
        """"" or the code of answers while nothing can be written: disk_full, disk_error, database_gone"""
        self._opened, self._again = True, 0.0
        self.commits = self.written = 0
        """commits and lines since the start: lines per sync"""
        self._queue: list[Waiting] = []
        self._wake = asyncio.Event()
        self._due = False
        self._parked: list[Waiting] = []
        """calls whose streams are being folded"""
        self._heard = asyncio.Event()
        self._heard.set()
        self._listeners: list[Callable[[list[Bell]], None]] = []
        self.damaged: Callable[[], None] = lambda: None
        """called when a stream is found damaged: ``folding.damage`` says how"""
        self._closing = False
        self._tasks: list[asyncio.Task[None]] = []

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
        db: str = "",
        at_once: int = AT_ONCE,
    ) -> Desk:
        """Open a data directory (``competition``: the id to make it for when it is new) and fold its journal:
        the competition stream, and the others too when they have few lines together (``at_once``). A longer
        stream is folded when it is first touched, or beside the work, one after the other.

        ``db``: the URL of the PostgreSQL database that holds the journal ("": where the directory says).

        ``threaded`` False: the journal's work is done in the event loop (for a simulated clock, where
        waiting for a thread would be a matter of chance).

        Raises JournalError (DirectoryLocked, JournalMissing, FormatUnknown, ...), events.NewerJournal,
        seal.BrokenChain.
        """
        desk = cls(Path(directory), clock, randomness, competition, db)
        desk.threaded, desk.at_once = threaded, at_once
        try:
            await desk._work(desk._open_journal)
        except BaseException:
            desk._thread.shutdown()
            raise
        desk._tasks.append(asyncio.create_task(desk._run(), name="desk"))
        desk.folding.load(desk._parts, desk._total)
        if desk._parts:
            desk._tasks.append(asyncio.create_task(desk.folding.run(), name="folding"))
        if desk.journal.shared:
            desk._tasks.append(asyncio.create_task(desk._poll(), name="polling"))
        return desk

    async def close(self) -> None:
        """Finish what is queued, then close the journal."""
        self._closing = True
        parked, self._parked = self._parked, []
        self._retry(parked, "starting")
        self._wake.set()
        if self._tasks:
            await self._tasks[0]
        for beside in self._tasks[1:]:
            beside.cancel()
        await self._work(self.journal.close)
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
    async def reading(self, *streams: str) -> AsyncIterator[State]:
        """The state when nothing in it is ahead of the disk. Do not await inside.

        ``streams``: those that are read besides the competition (COMPETITION: none; nothing said: all; a name
        that ends in a dot: those that begin so). The rest may not be folded yet. Raises what was found wrong
        with the journal of one of these.

        After a device has come (``fence``), perhaps from another desk, the state knows at least what that
        desk had told it.
        """
        while True:
            if not (self._settled.is_set() and self._heard.is_set()):
                await self._settled.wait()
                await self._heard.wait()
            elif self.folding.missing(streams or (ALL,)):
                await self.folding.until(streams or (ALL,))
            else:
                break
        yield self.state

    def ready(self, *streams: str) -> bool:
        """Whether these (as of ``reading``) are folded."""
        return not self.folding.missing(streams or (ALL,))

    def listen(self, callback: Callable[[list[Bell]], None]) -> Callable[[], None]:
        """Call back after each commit with the bells of its lines (in the event loop, state settled);
        returns how to stop."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def fence(self, device: str) -> int:
        """A new connection of a device: its number; older ones of the device may no longer write."""
        self._connections[device] = self._connections.get(device, 0) + 1
        if self.journal.shared:
            # Told with the next commit at the latest, so before anything that this connection writes: from
            # then on the other desks refuse the device's connections to them.
            self._notices.append(Notice("device", device))
            self._heard.clear()
            self.rung()
        return self._connections[device]

    def current(self, device: str, conn: int) -> bool:
        """Whether a connection is its device's newest."""
        return conn == 0 or self._connections.get(device, 0) == conn

    def rung(self) -> None:
        """Other desks may have written: look soon (without a bell this is done every second)."""
        self._due = self.journal.shared
        self._wake.set()

    async def erase(self, person: str, actor: e.Actor, reason: str) -> e.Answer:
        """As ``erase_many``, of one person; refused when they are unknown."""
        return await self.erase_many([person], actor, reason)

    async def erase_many(self, persons: Sequence[str], actor: e.Actor, reason: str) -> e.Answer:
        """Forget persons: their keys are destroyed, the closed parts that could tie them to the journal are
        withheld, thousands of them as quickly as one.

        The lines that say so come first. Refused when none is known or no reason is given; the answer is that
        of the first line that could not be written, and then nothing is erased.
        """
        await self._look()  # another desk may have bound them
        async with self.reading(e.COMPETITION) as state:
            bound = [n for person in persons for n in state.bound.get(person, ())]
        params = {"kind": "person", "id": ", ".join(persons[:1])}
        answer = e.Answer(k="", a="refused", code="unknown_record", params=params)
        for start in range(0, len(bound), BATCH):
            calls = [
                e.Call(self.fresh(), actor, e.Withhold(stream=e.COMPETITION, n=n, reason=reason))
                for n in bound[start : start + BATCH]
            ]
            for answer in await asyncio.gather(*map(self.submit, calls)):
                if answer.a != "accepted":
                    return answer
        if not bound:
            return answer
        at = self.now()

        def work() -> None:
            self.journal.forget([(e.COMPETITION, n) for n in bound])
            self.vault.erase_many(persons, at)

        await self.in_thread(work)
        for person in persons:
            self._names.pop(person, None)
        async with self.reading():
            # No line says so that a board could hear of: what shows the names is drawn anew without them.
            n = self._told.get(e.COMPETITION, 0)
            self._ring([Bell(e.COMPETITION, n, tuple(("setup", "person", person) for person in persons))])
        return answer

    # ------------------------------------------------------------ the committer

    async def _run(self) -> None:
        while not (self._closing and not self._queue):
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
                try:
                    await self._commit(batch)
                except CommitFailed as error:
                    log.error("the turn could not be ended: %s", error)
                    await self._recover(batch, self._fault_of(error))
                except Exception:  # nothing of this batch may be half done: opened anew, everybody told retry
                    log.exception("the desk could not commit")
                    await self._recover(batch, "disk_error")
                await asyncio.sleep(0)  # readers that waited for this commit come before the next one
            if self._due:
                await self._look()
            if self.fault or not self._notices:
                self._heard.set()

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL)
            self.rung()

    async def _look(self) -> None:
        """Fold what others wrote, and tell it; tell them what they are to know."""
        self._due = False
        if not self.journal.shared:
            return
        if self.fault and not await self._usable():
            return
        try:
            async with self._turn:
                others = await self._hear(self.journal.begin if self._notices else None)
                if self._notices:
                    await self._finish()
        except CommitFailed as error:
            await self._recover([], self._fault_of(error))
            return
        except Exception:  # as above; nobody waits for this look
            log.exception("the desk could not look")
            await self._recover([], "disk_error")
            return
        over = self.fault == "database_gone"  # it answers again, and what is there could be read
        if over:
            self.fault = ""
        if others or over:
            self._ring(others)

    async def _commit(self, batch: list[Waiting]) -> None:
        if self.fault and not await self._usable():
            self._retry(batch, self.fault)
            return
        if self.folding.rest and not (batch := self._ready(batch)):
            return
        if not self.journal.shared:
            await self._commit_on(batch, [])
            return
        async with self._turn:
            try:
                count = len(self._notices)
                others = await self._hear(self.journal.begin)
            except CommitFailed as error:
                log.error("no turn to write: %s", error)
                await self._recover(batch, self._fault_of(error))
                return
            if await self._commit_on(batch, others):
                del self._notices[:count]

    def _ready(self, batch: list[Waiting]) -> list[Waiting]:
        """The calls whose streams are folded; the others wait for theirs."""
        found = []
        for waiting in batch:
            missing = self.folding.missing(needs(waiting.call.command))
            if not missing:
                found.append(waiting)
            elif self.folding.damage is not None or self._closing:
                self._retry([waiting], "starting")
            else:
                self.folding.want(missing)
                self._parked.append(waiting)
        return found

    def _folded(self, bells: list[Bell]) -> None:
        self._queue[:0], self._parked = self._parked, []
        self._wake.set()
        if bells:
            self._ring(bells)

    def _harmed(self) -> None:
        parked, self._parked = self._parked, []
        self._retry(parked, "starting")
        self.damaged()

    async def _commit_on(self, batch: list[Waiting], bells: list[Bell]) -> bool:
        """Decide and commit; ``bells``: of what others wrote, told with one's own. False when it failed."""
        answers: list[tuple[Waiting, e.Answer]] = []
        lines: list[Line] = []
        after: dict[str, Head] = {}
        audits: list[AuditEntry] = []
        now = self.now()
        self._settled.clear()
        for waiting in batch:
            answers.append((waiting, self._decide(waiting, now, lines, after, bells, audits)))
        if lines or audits:
            try:
                work = partial(self.journal.append_sealed, lines, after, audits, atomic=True)
                collisions = await self._work(work)
            except CommitFailed as error:
                log.error("commit failed: %s", error)
                await self._recover(batch, self._fault_of(error))
                return False
            if collisions:
                await self._decide_again(batch)
                return False
            self.commits += 1
            self.written += len(lines)
            self.fault = ""  # only what was written proves that writing goes again
        elif self.journal.shared:
            await self._work(self.journal.finish)
        self._open_gate(answers, bells)
        return True

    async def _decide_again(self, batch: list[Waiting]) -> None:
        """Somebody wrote without taking a turn, so nothing was written: catch up, and decide once more."""
        log.error("a line was there that nobody had told of: deciding again")
        self._forget(batch)
        untold = await self._reopen()
        if untold is None:
            await self._recover(batch, "database_gone")
            return
        self._queue[:0] = batch
        self._ring(untold)

    def _open_gate(self, answers: list[tuple[Waiting, e.Answer]], bells: list[Bell]) -> None:
        self._settled.set()
        self._tell(answers)
        if bells:
            self._ring(bells)

    def _ring(self, bells: list[Bell]) -> None:
        for bell in bells:
            self._told[bell.stream] = bell.n
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
        self,
        waiting: Waiting,
        now: str,
        lines: list[Line],
        after: dict[str, Head],
        bells: list[Bell],
        audits: list[AuditEntry],
    ) -> e.Answer:
        call = waiting.call
        known = self._refused.get(call.key)
        if known is not None and call.key not in self.state.keys:
            return self._refused.again(call, known, now, audits)
        if not self.current(call.device, waiting.conn):
            return e.Answer(k=call.key, a="retry", code="old_connection")
        try:
            decided = core.decide(self.state, call, now, self.fresh)
        except Exception:  # a broken promise here must not take the others down; nothing was applied
            log.exception("a decision failed: %s", type(call.command).__name__)
            return e.Answer(k=call.key, a="retry", code="internal_error")
        if isinstance(decided, e.Answer):
            return decided
        if isinstance(decided, e.Refused):
            return waits(call, decided) or self._refused.refuse(call, decided, now, audits)
        for drafted in decided:
            if drafted.stream not in after:
                after[drafted.stream] = head_of(self.state, drafted.stream)
            line, touched = fold_sealed(self.state, drafted)
            lines.append(line)
            bells.append(Bell(line.stream, line.n, touched))
        kept = self.state.keys[call.key]
        return e.Answer(k=call.key, a=kept.a, stream=kept.stream, n=kept.n, rev=kept.rev)  # type: ignore[arg-type]  # kept.a is one of the five words

    # ------------------------------------------------------------ faults

    def _retry(self, batch: list[Waiting], code: str) -> None:
        self._tell((waiting, e.Answer(k=waiting.call.key, a="retry", code=code)) for waiting in batch)

    @staticmethod
    def _fault_of(error: CommitFailed) -> str:
        return FAULTS.get(error.kind, "disk_error")

    def _forget(self, batch: list[Waiting]) -> None:
        for waiting in batch:
            # A refusal may rest on lines of this batch that are lost now; one that is on disk is read again.
            self._refused.forget(waiting.call.key)

    async def _recover(self, batch: list[Waiting], code: str) -> None:
        """After a failed commit: what was being written may or may not be there; only the journal knows."""
        self.fault = code
        self._forget(batch)
        untold = await self._reopen()
        self._settled.set()
        parked, self._parked = self._parked, []
        self._retry([*batch, *parked], code)
        self._ring(untold or [])

    async def _usable(self) -> bool:
        """Whether it is time to try again, on a journal that could be opened."""
        if asyncio.get_running_loop().time() < self._again:
            return False
        if self._opened:
            return True
        untold = await self._reopen()
        if untold:
            self._ring(untold)
        return untold is not None

    async def _reopen(self) -> list[Bell] | None:
        """Open the journal anew and fold it: bells of what nobody was told of. None when even that fails."""

        def again() -> list[Bell]:
            self.vault.close()
            self.journal.close()
            return self._open_journal(like=self.journal)

        self._settled.clear()
        self._opened = False
        self.folding.halt()
        untold: list[Bell] | None = None
        try:
            untold = await self._work(again)
            self._opened = True
            self.folding.load(self._parts, self._total)
            if self._parts and not any(task.get_name() == "folding" for task in self._tasks):
                self._tasks.append(asyncio.create_task(self.folding.run(), name="folding"))
        except (JournalError, OSError, BrokenChain, e.NewerJournal) as error:
            log.error("the journal cannot be opened: %s", error)
        finally:
            self._again = asyncio.get_running_loop().time() + PAUSE
            self._settled.set()
        return untold
