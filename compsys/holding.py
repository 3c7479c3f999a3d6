"""What a desk holds: the journal, the vault, the state folded from it; and how it hears what others wrote.

Architecture Invariant: one thread owns the journal's connection; the event loop owns the state.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TypeVar

from compsys import core
from compsys import events as e
from compsys.beside import AT_ONCE as COPIES
from compsys.clock import millis, text
from compsys.folding import AT_ONCE, PAGE, Bell, Folding, Part, anew
from compsys.journal import SqliteJournal
from compsys.journal_api import Head, Journal, News, Notice
from compsys.keys import Keys
from compsys.refusals import KEPT, Refusals
from compsys.seal import Line, follow
from compsys.state import Partly, State
from compsys.stores import database_of, open_journal
from compsys.vault import CHECK, MASTER_KEY, Erased, Identity, Vault, load_master_key, make_master_key
from compsys.vault_holder import mend

T = TypeVar("T")

POOL = 1024
"""Bytes of randomness drawn at once: every line needs 16, and asking the system costs more than a hash."""


Names = dict[str, Identity | Erased | None]
"""What the vault now holds of some persons."""


class Holding:
    """Journal, vault and state of one data directory, opened and used through one thread."""

    def __init__(
        self,
        directory: Path,
        clock: Callable[[], int],
        randomness: Callable[[int], bytes],
        competition: str | None,
        db: str = "",
    ) -> None:
        self.directory, self._db = directory, db
        self.state = State()
        self.threaded = True
        self.apart = asyncio.Semaphore(COPIES)
        """copies of this process that work beside it (``beside``)"""
        self.journal: Journal
        self.vault: Vault
        self._clock = clock
        self._randomness = randomness
        self._pool = ""
        self._competition = competition
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._refused = Refusals()
        self._names: dict[str, Identity] = {}
        self._connections: dict[str, int] = {}
        self._notices: list[Notice] = []
        """what other desks are to be told with the next commit"""
        self._told: dict[str, int] = {}
        """stream -> newest line that listeners were told of"""
        self._turn = asyncio.Lock()
        """held from taking the turn to write to the commit: what others want of the journal comes after"""
        self._last = 0
        self.at_once = AT_ONCE
        """lines that are folded before anything else is done"""
        self._parts: list[Part] = []
        self._total = 0
        """what is left to fold of the journal just opened, of how many marking streams"""
        self._sure = False
        """whether the state is what some journal said, with nothing half done"""
        self._settled = asyncio.Event()
        self._settled.set()
        self.folding = Folding(self._page, self._settled, self._take, self._harmed)

    # ------------------------------------------------------------ opening

    def _open_journal(self, like: Journal | None = None) -> list[Bell]:
        """In the journal's thread: open, fold, read refusals and names; the bells of lines not told of."""
        self._db = database_of(self.directory, self._db)  # what the directory notes has no password later
        self.journal = open_journal(self.directory, self._competition, self._db, like)
        try:
            if not self.threaded and isinstance(self.journal, SqliteJournal):
                # A simulated day promises nothing to anybody: it does not wait for the disk.
                self.journal.rows("PRAGMA synchronous=OFF")
            self._competition = self.journal.competition
            self.vault = self._open_vault(self.directory / "keys")
            untold = self._fold()
            self.journal.forget(self.state.withheld)  # again: a kill may come between saying so and doing it
            mend(self.vault, self.state.commitments)  # as well between a corrected name's line and the name
            for entry in self.journal.audits(KEPT):
                self._refused.remember(entry)
            self._names = {
                person: identity for person, identity in self.vault.all() if isinstance(identity, Identity)
            }
        except BaseException:
            self.journal.close()
            raise
        return untold

    def _open_vault(self, keys: Path) -> Vault:
        if not (keys / MASTER_KEY).exists():
            if self.journal.meta(CHECK) is not None:
                load_master_key(keys)  # says that it is missing: a new one would be the wrong one
            make_master_key(keys, self._randomness)
        return Vault(self.journal, keys, self._randomness)

    def _fold(self) -> list[Bell]:
        """Make the state what the journal says, but for what is left to ``folding``; the bells of lines that
        nobody was told of.

        Where the seal of a stream is that of the state, and all was told, it is that already.
        """
        heads, before, stand = self.journal.heads(), self.state, self.stand()
        self._total = len(heads.keys() - {e.COMPETITION})
        if not before.id:
            self._told = {name: head.n for name, head in heads.items()}
        told, self._sure, sure = self._told, False, self._sure
        same = {name for name, at in heads.items() if stand.get(name) == at and told.get(name) == at.n}
        kept = same if sure else set()
        if sure and len(kept) == len(heads) == len(stand):
            self._parts, self._sure = [], True
            return []
        keys = before.keys if sure else Keys()
        keys.keep(kept)
        state, bells = before, []
        if e.COMPETITION not in kept:
            state = State(id=self.journal.competition, keys=keys)
            part = self._part(state, e.COMPETITION, heads.get(e.COMPETITION, Head(0, b"")))
            part.read(self.journal)
            bells += part.bells
        streams = {stream.name: stream for stream in before.folded() if stream.name in kept}
        rest = [name for name in heads if name not in kept and name != e.COMPETITION]
        parts = [self._part(State(id=state.id, keys=keys), name, heads[name], before) for name in rest]
        if not self.threaded or sum(part.upto for part in parts) <= self.at_once:
            for part in parts:
                part.read(self.journal)
                streams[part.name] = part.stream
                bells += self._said(part)
            parts = []
        for name in [name for name, n in told.items() if n and name not in heads]:
            bells.append(Bell(name, 0, anew(name)))
            told[name] = 0
        state.ladders.clear()
        state.streams = Partly(streams, [part.name for part in parts]) if parts else streams
        self.state, self._parts, self._sure = state, parts, True
        self._last = max(self._last, last_time(self.journal))
        return bells

    def _part(self, state: State, name: str, head: Head, before: State | None = None) -> Part:
        """A stream that is to be folded."""
        told = self._told.get(name, 0)
        old = next((s for s in before.folded() if s.name == name), None) if before else None
        prefix = old.prefix(told) if old else ""
        return Part(name, head.n, state, told, prefix, wanted=old is not None)

    def _said(self, part: Part) -> list[Bell]:
        """The bells of a stream that was folded; what was told of it before may be told again."""
        found = part.said()
        if part.n < part.told:
            self._told[part.name] = part.n
        return found

    # ------------------------------------------------------------ what is folded beside

    async def _page(self, stream: str, after: int) -> list[Line]:
        """Some lines of a stream beyond a number, as far as the journal is known."""

        def work() -> list[Line]:
            with closing(iter(self.journal.read(stream, after))) as lines:  # type: ignore[type-var]  # a generator
                return list(islice(lines, PAGE))

        return await self.in_thread(work)

    def _take(self, part: Part) -> None:
        """A stream is folded to its end: it is in the state from now on."""
        streams = self.state.streams
        assert isinstance(streams, Partly)
        streams.unfolded.discard(part.name)
        streams[part.name] = part.stream
        if not streams.unfolded:
            self.state.streams = dict(streams)
        self._folded(self._said(part))

    def _folded(self, bells: list[Bell]) -> None:
        """A stream was folded: the bells of what nobody was told of."""

    def _harmed(self) -> None:
        """The journal is damaged."""

    def stand(self) -> dict[str, Head]:
        """Where each stream of the state stands, as far as they are folded."""
        found = {stream.name: Head(stream.n, stream.head) for stream in self.state.folded()}
        found[e.COMPETITION] = Head(self.state.n, self.state.head)
        return {name: head for name, head in found.items() if head.n}

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run work in the thread that owns the journal's connection, not between a turn's begin and end."""
        if not self.journal.shared:
            return await self._work(work)
        async with self._turn:
            return await self._work(work)

    async def _work(self, work: Callable[[], T]) -> T:
        if not self.threaded:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    # ------------------------------------------------------------ what others wrote

    async def _hear(self, begin: Callable[[Sequence[Notice]], News] | None) -> list[Bell]:
        """Take the turn (or only look), and fold what others wrote: the bells of it."""
        notices = list(self._notices)

        def work() -> tuple[News, Names]:
            news = begin(notices) if begin else self.journal.look()
            changed = {notice.ref for notice in news.notices if notice.kind == "person"}
            return news, {person: self.vault.get(person) for person in changed}

        news, names = await self._work(work)
        bells = []
        for line in news.lines:
            closed = e.CLOSED_DECODER.decode(line.closed) if line.closed is not None else None
            event = e.unpack(line.open)
            self._last = max(self._last, millis(event.t))
            if self.folding.heard(line.stream, line.n) or line.n <= self.state.position(line.stream)[0]:
                continue  # it is, or was, folded with its stream
            touched = core.apply(self.state, line.stream, line.n, line.seal, event, closed)
            bells.append(Bell(line.stream, line.n, touched))
        for entry in news.refusals:
            self._refused.remember(entry)
        for notice in news.notices:
            # A connection here that the others are still to be told of is newer than theirs.
            if notice.kind == "device" and notice not in self._notices:
                self._connections[notice.ref] = self._connections.get(notice.ref, 0) + 1
        for person, identity in names.items():
            if isinstance(identity, Identity):
                self._names[person] = identity
            else:
                self._names.pop(person, None)
        if names:  # no line says it to a board: an erased name must leave this desk's pictures too
            named = tuple(("setup", "person", person) for person in names)
            bells.append(Bell(e.COMPETITION, self.state.n, named))
        return bells

    async def _finish(self) -> None:
        """End the turn with no lines; what others were to be told is told."""
        count = len(self._notices)
        await self._work(self.journal.finish)
        del self._notices[:count]

    # ------------------------------------------------------------ names, times, ids

    def names(self, person: str) -> Identity | None:
        """A person's identity from the vault (None: not there, or erased)."""
        return self._names.get(person)

    async def put_persons(self, persons: list[tuple[str, Identity]]) -> None:
        """Write persons into the vault."""
        await self.in_thread(lambda: self.vault.put_many(persons))
        self._names.update(persons)

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


def folded(journal: Journal, heard: Callable[[Bell], None] | None = None) -> State:
    """The state that a journal folds to; raises BrokenChain where a line does not follow the one before
    it. ``heard``: called with each line's bell."""
    state = State(id=journal.competition)
    decode, unpack, apply = e.CLOSED_DECODER.decode, e.unpack, core.apply
    collecting = gc.isenabled()
    gc.disable()  # nothing here is garbage: looking for it would cost more than the fold
    try:
        for line in follow(journal.competition, journal.read()):
            closed = decode(line.closed) if line.closed is not None else None
            touched = apply(state, line.stream, line.n, line.seal, unpack(line.open), closed)
            if heard is not None:
                heard(Bell(line.stream, line.n, touched))
    finally:
        if collecting:
            gc.enable()
    return state


def last_time(journal: Journal) -> int:
    """Milliseconds of the newest line (0 when there is none)."""
    last = 0
    for stream, head in journal.heads().items():
        for line in journal.read(stream, head.n - 1):
            last = max(last, millis(e.unpack(line.open).t))
    return last
