"""Folds each stream of a journal when it is first touched, the others beside the day's work in slices.

What a line of a marking stream folds to rests on its own stream alone, and the competition stream on itself
alone: so the competition comes first and the streams in whatever order they are touched. A stream appears in
the state when it is folded to its end, never before.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from compsys import commands as c
from compsys import commands_assessment as ca
from compsys import commands_credentials as cc
from compsys import commands_holder as ch
from compsys import core
from compsys import events as e
from compsys.asking import Touched
from compsys.commands_papers import KeepDictionaries, PrintCredentials
from compsys.commands_registers import NoteRegister
from compsys.journal_api import CommitFailed, Journal, JournalError
from compsys.seal import BrokenChain, Line, check, first
from compsys.state import State, Stream

log = logging.getLogger("compsys.desk")

AT_ONCE = 2000
"""Lines that are folded before anything is served: fewer than would be noticed."""

PAGE = 200
"""Lines read at once in the journal's thread; a commit may have to wait for that."""

SLICE = 0.002
"""Seconds of the event loop that folding takes at once."""

QUIET = 0.0005
"""Seconds for which others used the loop between two slices; with more, what nobody waits for makes way."""

PATIENCE = 0.005
"""Seconds for which folding waits for a commit to end: a hall that marks without pause does not starve it."""

PAUSE = 0.1
"""Seconds before a journal that cannot be read just now is tried again."""

ALL = ""
"""What needs every stream; a need that ends in a dot means the streams whose names begin so."""


class Bell(NamedTuple):
    """A durable line: where it stands and which keys it touched."""

    stream: str
    n: int
    touched: Touched


_ALL_STREAMS = (
    c.Define, c.DefineAll, c.ImportList, c.RevertList, c.Draw, cc.ApproveBatch, cc.ReserveCredentials,
)  # fmt: skip
"""They ask which streams stand on a record, which units there are anywhere, what is open at the stage of a
batch."""

_COMPETITION = (
    c.MapColumns, c.BindPerson, c.MakeAccount, c.IssueLink, c.Enrol, c.RevokeDevice, c.Annul, c.EnterMany,
    c.Announce, c.ReadWord,
    c.SetPin, c.LockPin, c.UnlockPin,
    cc.SetIssuer, cc.SetOccupation, cc.MakeKey, cc.MoveKey, cc.NoteTraining, cc.GiveNotice, cc.Object,
    ca.NameAssessor, ca.OpenAssessment, ca.AdmitCandidates, ca.ClearCandidate, ca.EnterMarks,
    ca.ConfirmAssessment, ca.ProposeAssessed, ca.RaiseFinding, ca.AnswerFinding,
    cc.AnswerObjection, cc.IssueCredentials, cc.VoidNumbers, cc.MoveCredentials, cc.ReissueCredentials,
    cc.LodgeAppeal, cc.RuleAppeal,
    NoteRegister, PrintCredentials, KeepDictionaries,
    ch.IssueHolderLinks, ch.RevokeHolderLink, ch.EnterAsHolder, ch.LeaveAsHolder, ch.AskCorrection,
    ch.SettleCorrection, ch.ShareView, ch.RevokeView, ch.OpenView,
)  # fmt: skip


def needs(command: c.Command) -> tuple[str, ...]:
    """The streams besides the competition that a decision on a command reads.

    >>> needs(c.Lock(stream="pastry.final.main", scope="stage"))
    ('pastry.final.main',)
    >>> needs(c.Advance(trade="pastry", stage="heat", group="open", to="final", count=8))
    ('pastry.',)
    >>> needs(c.Open(stream="pastry.final.main")), needs(c.SettleTie(
    ...     stream="pastry.final.main", key="decided", rows=(), reason=""))
    (('pastry.',), ('pastry.final.',))
    """
    if isinstance(command, _ALL_STREAMS):
        return (ALL,)
    if isinstance(command, c.Open):  # the rules of the stages that totals are carried from
        return (command.stream.partition(".")[0] + ".",)
    if isinstance(command, c.SettleTie):  # who stands level at the other sites too
        return (command.stream.rpartition(".")[0] + ".",)
    if isinstance(command, c.Marking | c.Withhold):
        return (command.stream,)
    if isinstance(command, c.KeepHeads):
        return tuple(command.heads)
    if isinstance(command, c.Publish | c.Advance | c.MoveUp | cc.ProposeCredentials):
        return (f"{command.trade}.",)
    return () if isinstance(command, _COMPETITION) else (ALL,)


@dataclass(slots=True, eq=False)
class Part:
    """One stream on its way into the state: a state of its own, but for the keys, and how far it is.

    ``upto``: the newest line known; ``told``: the newest one that listeners know, ``prefix``: its seal as it
    was told, ``bells``: of the lines beyond.
    """

    name: str
    upto: int
    state: State
    told: int
    prefix: str = ""
    n: int = 0
    head: bytes = b""
    wanted: bool = False
    bells: list[Bell] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.head = first(self.state.id, self.name)

    @property
    def stream(self) -> Stream:
        """The stream as far as it is folded."""
        return self.state.streams[self.name]

    def fold(self, lines: Iterable[Line], until: float = 0.0) -> None:
        """Fold lines that follow, as many as there are, or until a moment of ``time.monotonic``.

        Raises BrokenChain, events.NewerJournal.
        """
        decode, unpack, apply, state = e.CLOSED_DECODER.decode, e.unpack, core.apply, self.state
        collecting = gc.isenabled()
        gc.disable()  # nothing here is garbage: looking for it would cost more than the fold
        try:
            for line in lines:
                check(self.n, self.head, line)
                closed = decode(line.closed) if line.closed is not None else None
                touched = apply(state, line.stream, line.n, line.seal, unpack(line.open), closed)
                self.n, self.head = line.n, line.seal
                if line.n > self.told:
                    self.bells.append(Bell(line.stream, line.n, touched))
                if until and not line.n % 8 and time.monotonic() >= until:
                    return
        finally:
            if collecting:
                gc.enable()

    def read(self, journal: Journal) -> None:
        """Fold all there is, here and now. Raises as ``fold``, and JournalError."""
        self.fold(journal.read(self.name))
        if self.n < self.upto:
            raise BrokenChain("gap", self.name, self.n + 1)

    def said(self) -> list[Bell]:
        """The bells of what nobody was told of. Where an older journal took this one's place, whoever shows
        the stream begins anew."""
        if self.prefix and (self.n < self.told or self.stream.prefix(self.told) != self.prefix):
            self.bells.append(Bell(self.name, self.n, anew(self.name)))
        return self.bells


def anew(stream: str) -> Touched:
    """The keys of a stream that is another one than before."""
    return (("stream", stream), ("session", stream, ""))


Read = Callable[[str, int], Awaitable[list[Line]]]


class Folding:
    """The streams of a desk that are not folded yet.

    ``read``: a page of a stream's lines beyond a number; ``settled``: set while nothing is ahead of the disk;
    ``take``: puts a folded stream into the state; ``harmed``: told that the journal is damaged.
    """

    def __init__(
        self,
        read: Read,
        settled: asyncio.Event,
        take: Callable[[Part], None],
        harmed: Callable[[], None],
    ) -> None:
        self._read, self._settled, self._take, self._harmed = read, settled, take, harmed
        self.rest: dict[str, Part] = {}
        self.total = 0
        """streams that the journal had when it was opened, the competition left out"""
        self.damage: Exception | None = None
        """what stands against folding on: a broken chain, an unreadable journal"""
        self._wanted: dict[str, None] = {}
        self._halted = False
        self._work = asyncio.Event()

    # ------------------------------------------------------------ what is there

    @property
    def folded(self) -> int:
        """How many of the streams are folded."""
        return self.total - len(self.rest)

    def missing(self, names: Iterable[str]) -> list[Part]:
        """What is not folded yet of the needs."""
        rest = self.rest
        if not rest:
            return []
        found = []
        for name in names:
            if name in rest:
                found.append(rest[name])
            elif name == ALL or name.endswith("."):
                found += [part for other, part in rest.items() if other.startswith(name)]
        return found

    def want(self, parts: Iterable[Part]) -> None:
        """Fold these before what nobody waits for."""
        for part in parts:
            if not part.wanted:
                part.wanted = True
                self._wanted[part.name] = None

    async def until(self, names: tuple[str, ...]) -> None:
        """Wait until some of what is missing of the needs is folded; raises what stands against it."""
        missing = self.missing(names)
        if self.damage is not None and missing:
            raise self.damage
        if ALL not in names:  # who needs everything waits for it; folding goes on beside the others' work
            self.want(missing)
        if missing:
            await missing[0].done.wait()

    def heard(self, stream: str, n: int) -> bool:
        """Line n of a stream was written by somebody else: whether the folding will come to it."""
        part = self.rest.get(stream)
        if part is not None:
            part.upto = max(part.upto, n)
        return part is not None

    # ------------------------------------------------------------ opened, and anew

    def halt(self) -> None:
        """The journal is being opened anew: what is under way is worth nothing."""
        self._halted = True

    def load(self, parts: Iterable[Part], total: int) -> None:
        """What is to be folded of a journal just opened. Who waited for a stream goes on waiting for it."""
        before, self.rest, self.total, self._wanted = self.rest, {}, total, {}
        for part in parts:
            old = before.pop(part.name, None)
            wanted = part.wanted
            if old is not None:
                part.done, wanted = old.done, wanted or old.wanted
            part.wanted = False
            self.rest[part.name] = part
            self.want([part] if wanted else [])
        for old in before.values():
            old.done.set()
        self._halted = False
        self._work.set()

    # ------------------------------------------------------------ folding

    async def run(self) -> None:
        """Fold what there is to fold; until cancelled."""
        while True:
            if not self.rest or self.damage is not None:
                self._work.clear()
                await self._work.wait()
            elif self._halted:
                await asyncio.sleep(PAUSE)
            else:
                await self._some()

    async def _some(self) -> None:
        """A page of the stream that is waited for longest, or of the first one."""
        part = self.rest[next(iter(self._wanted), next(iter(self.rest)))]
        try:
            lines = await self._read(part.name, part.n)
        except (JournalError, RuntimeError) as error:
            if isinstance(error, CommitFailed) or self._stale(part):
                await asyncio.sleep(PAUSE)  # whoever commits finds out, and opens the journal anew
            else:
                self._hurt(error)
            return
        try:
            await self._fold(part, lines)
        except Exception as error:  # noqa: BLE001  a broken chain or worse: it ends the server, which says so
            self._hurt(error)

    def _stale(self, part: Part) -> bool:
        return self._halted or self.rest.get(part.name) is not part

    async def _fold(self, part: Part, lines: list[Line]) -> None:
        if not lines and part.n < part.upto and not self._stale(part):
            raise BrokenChain("gap", part.name, part.n + 1)
        begun = part.n
        while part.n - begun < len(lines):
            if self._stale(part):
                return
            part.fold(lines[part.n - begun :], time.monotonic() + SLICE)
            await self._breathe(part)
        while not self._settled.is_set():
            await self._settled.wait()
        if self._stale(part) or part.n < part.upto:
            return
        del self.rest[part.name]
        self._wanted.pop(part.name, None)
        self._take(part)
        part.done.set()
        if gc.isenabled():
            gc.freeze()  # it stays: no round of the collector need visit it, and hold everybody up

    async def _breathe(self, part: Part) -> None:
        """Let others use the loop, and the interpreter while a commit is under way in the journal's thread;
        what nobody waits for lets them have more of it."""
        began = time.monotonic()
        await asyncio.sleep(0)
        if not self._settled.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._settled.wait(), PATIENCE)
        busy = time.monotonic() - began
        if busy > QUIET and not part.wanted:
            await asyncio.sleep(max(SLICE, busy))

    def _hurt(self, error: Exception) -> None:
        log.error("the journal is damaged: %s", error)
        self.damage = error
        for part in self.rest.values():
            part.done.set()
        self._harmed()
