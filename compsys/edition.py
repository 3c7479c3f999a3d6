"""Plays a competition of many trades to its official results: draw, sessions, marks, signatures, publication.

Officials act through the desk. Judges' marks come in one of two ways, trade by trade: from tablets over real
sockets (``crowd``), or straight to the desk by ``Hand``, as fast as the desk takes them. What is marked
follows from the seed and the order of codes, so that both ways give the same results.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, Protocol

from compsys import events as e
from compsys.afternoon import LINK_HOURS, ORGANIZER, Stuck
from compsys.clock import millis, text
from compsys.desk import Bell, Desk
from compsys.people import MARKERS
from compsys.records import stream_name
from compsys.simulate import Json, Plan, dice
from compsys.state import GroupRules, Sheet, State, Stream
from compsys.views import aspect_view
from scoring_rules.exact import show

SUPERVISOR = e.Actor("account", "supervisor", ("supervisor",))
NOBODY = "-"
"""What stands instead of a password's hash where nobody signs in."""
BURST = 2000
"""Calls put to the desk at a time; the next ones follow when all are answered."""
AT_ONCE = 6
"""Trades that are marked side by side."""
REASON = "各席说明理由后重评"


class BigPlan(Plan):
    """What the judges of a big competition give: now and then too far apart at first, so that they vote
    again."""

    def value(self, stream: str, code: str, aspect: Json, seat: str, round_: int) -> str | None:
        """The value of a cell as text (for ``agreed`` the seat is ``*``)."""
        if aspect["method"] == "judgement" and round_ == 1:
            luck = dice(self.seed, "spread", stream, code, aspect["key"])
            if luck % 16 == 0:
                return "0" if dice(luck, seat) % 2 else "2"
        return super().value(stream, code, aspect, seat, round_)


class Crowd(Protocol):
    """The tablets of a trade's seats, wherever they run."""

    def tablets(self, trade: str, seats: dict[str, tuple[str, str]]) -> AbstractAsyncContextManager[None]:
        """Enrol and run the tablets of these seats (key -> role and link token) while the block runs."""
        ...


@dataclass(slots=True)
class Done:
    """What was done: marks and signatures, trades marked over sockets and straight."""

    marks: int = 0
    signatures: int = 0
    sockets: list[str] = field(default_factory=list)
    straight: list[str] = field(default_factory=list)


class Edition:
    """Plays every trade of an imported competition.

    ``sockets``: the trades whose judges use tablets of ``crowd``; the others' marks go straight to the desk.
    ``told``: called with a word and what it is about.
    """

    def __init__(
        self,
        desk: Desk,
        seed: int,
        told: Callable[[str, str], None],
        *,
        crowd: Crowd | None = None,
        sockets: Iterable[str] = (),
    ) -> None:
        self.desk, self.seed, self.told = desk, seed, told
        self.crowd, self.sockets = crowd, set(sockets)
        self.plan = BigPlan(seed)
        self.done = Done()
        self.staged: type[StagePlay] = StagePlay
        self.stages: dict[str, StagePlay] = {}
        self.failed = ""

    async def play(self, stages: Iterable[tuple[str, str]] = ()) -> None:
        """The stages named (trade, stage), or all: from the draw to the official result, some at a time."""
        async with self.desk.reading() as state:
            wanted = list(stages) or [(s.trade, s.id) for s in state.setup.stages.values()]
            known = "supervisor" in state.accounts
        if not known:
            await self.do(
                ORGANIZER, e.MakeAccount(account=SUPERVISOR.id, roles=("supervisor",), secret=NOBODY)
            )
        stop = self.desk.listen(self._rang)
        room = asyncio.Semaphore(AT_ONCE)
        try:
            async with asyncio.TaskGroup() as group:
                for trade, stage in wanted:
                    group.create_task(self._one(room, trade, stage))
        except BaseExceptionGroup as several:
            stuck, others = several.split(Stuck)
            if stuck is not None and others is None:
                raise Stuck(str(stuck.exceptions[0])) from several
            raise
        finally:
            stop()

    async def _one(self, room: asyncio.Semaphore, trade: str, stage: str) -> None:
        async with room:
            name = stream_name(trade, stage, "main")
            played = self.stages[name] = self.staged(self, trade, stage)
            await played.play()
            del self.stages[name]

    def _rang(self, bells: list[Bell]) -> None:
        for bell in bells:
            if (played := self.stages.get(bell.stream)) is not None:
                played.heard(bell)

    def fail(self, why: str) -> None:
        """A tablet failed and would be waited for in vain: the play stops."""
        self.failed = why
        for played in self.stages.values():
            played.calm.set()

    # ------------------------------------------------------------ the desk

    async def do(self, actor: e.Actor, command: e.AnyCommand, device: str = "") -> e.Answer:
        """A command that must be accepted."""
        answer = await self.desk.submit(e.Call(self.desk.fresh(), actor, command, device))
        if answer.a != "accepted":
            raise Stuck(f"{type(command).__name__}: {answer}")
        return answer

    async def burst(self, calls: Iterable[tuple[e.Actor, e.AnyCommand, str]]) -> None:
        """Many commands (actor, command, device), each of which must be accepted, in their order."""
        many = iter(calls)
        while part := [call for call, _ in zip(many, range(BURST), strict=False)]:
            left = len(part)
            ended: asyncio.Future[e.Answer | None] = asyncio.get_running_loop().create_future()

            def tell(answer: e.Answer, ended: asyncio.Future[e.Answer | None] = ended) -> None:
                nonlocal left
                left -= 1
                if ended.done():
                    return
                if answer.a != "accepted":
                    ended.set_result(answer)
                elif not left:
                    ended.set_result(None)

            for actor, command, device in part:
                self.desk.put(e.Call(self.desk.fresh(), actor, command, device), 0, tell)
            refused = await ended
            if refused is not None:
                raise Stuck(str(refused))

    async def link(self, seat: str) -> str:
        """A one-time link's token for a seat."""
        token = self.desk.fresh()
        expires = text(millis(self.desk.now()) + LINK_HOURS * 3_600_000)
        digest = hashlib.sha256(token.encode()).hexdigest()
        await self.do(ORGANIZER, e.IssueLink(seat=seat, token=digest, expires=expires))
        return token

    async def enrol(self, seats: Iterable[str]) -> dict[str, str]:
        """Devices for these seats without tablets: seat -> device."""
        expires = text(millis(self.desk.now()) + LINK_HOURS * 3_600_000)
        devices: dict[str, str] = {}
        calls: list[tuple[e.Actor, e.AnyCommand, str]] = []
        office = e.Actor("office", "office")
        for seat in seats:
            token, device = self.desk.fresh(), self.desk.fresh()
            calls.append((ORGANIZER, e.IssueLink(seat=seat, token=token, expires=expires), ""))
            spent = e.Enrol(seat=seat, token=token, device=device, device_key=self.desk.fresh())
            calls.append((office, spent, ""))
            devices[seat] = device
        await self.burst(calls)
        return devices


class StagePlay:
    """One stage of one trade, at its one site."""

    def __init__(self, edition: Edition, trade: str, stage: str) -> None:
        self.edition, self.desk, self.plan = edition, edition.desk, edition.plan
        self.trade, self.stage = trade, stage
        self.name = stream_name(trade, stage, "main")
        self.seats: dict[str, str] = {}
        """seat -> role"""
        self.devices: dict[str, str] = {}
        """seat -> device, of those that act through the desk"""
        self.absent: set[str] = set()
        """units that did not come"""
        self.open: set[tuple[str, str]] = set()
        """sheets of the running session that are not complete"""
        self.calm = asyncio.Event()
        self.unsettled: set[tuple[str, str]] = set()
        """sheets with a spread that the chief must look at"""

    # ------------------------------------------------------------ words

    def seat(self, name: str) -> tuple[e.Actor, str]:
        """A seat of this stage as an actor, with its device."""
        key = f"{self.trade}/{self.stage}/{name}"
        return e.Actor("seat", key, (self.seats[key],)), self.devices[key]

    async def by(self, name: str, command: e.AnyCommand) -> e.Answer:
        """A command of one of the stage's officials."""
        actor, device = self.seat(name)
        return await self.edition.do(actor, command, device)

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[Stream]:
        """The durable stream. Do not await inside."""
        async with self.desk.reading() as state:
            yield state.streams[self.name]

    # ------------------------------------------------------------ the day

    async def play(self) -> None:
        """From the draw to the official result."""
        units = await self.prepare()
        await self.given(units)
        markers = {seat: role for seat, role in self.seats.items() if role in MARKERS}
        over_sockets = self.trade in self.edition.sockets and self.edition.crowd is not None
        (self.edition.done.sockets if over_sockets else self.edition.done.straight).append(self.trade)
        tablets: AbstractAsyncContextManager[None] = nullcontext()
        if over_sockets and self.edition.crowd is not None:
            links = {seat: (role, await self.edition.link(seat)) for seat, role in markers.items()}
            tablets = self.edition.crowd.tablets(self.trade, links)
        else:
            self.devices |= await self.edition.enrol(markers)
        async with tablets:
            async with self.stream() as stream:
                sessions = sorted(stream.sessions)
            for session in sessions:
                await self.session(session, over_sockets)
        await self.results()

    async def prepare(self) -> list[tuple[str, str]]:
        """Draw, open, give the officials their devices; (code, unit) in the order of codes."""
        edition = self.edition
        async with self.desk.reading() as state:
            entries = self.entries(state)
            prefix = f"{self.trade}/{self.stage}/"
            self.seats = {key: s.role for key, s in state.setup.seats.items() if key.startswith(prefix)}
        rows = drawn(dice(edition.seed, "draw", self.name), entries)
        await edition.do(ORGANIZER, e.Draw(stream=self.name, units=rows))
        await edition.do(ORGANIZER, e.Open(stream=self.name))
        officials = [seat for seat, role in self.seats.items() if role not in MARKERS]
        self.devices = await edition.enrol(officials)
        units = sorted((code, unit) for _, unit, code in rows)
        for code, unit in units:
            if dice(edition.seed, "absent", self.name, code) % 211 == 0 and len(units) > 8:
                self.absent.add(unit)
                absent = e.SetStatus(
                    stream=self.name, unit=unit, scope="stage", status="absent", reason="检录未到"
                )
                await self.by("chief", absent)
        return units

    def entries(self, state: State) -> list[str]:
        """The entries that are marked in this stage, in the order of their ids."""
        cuts = {group: cut.entries for (t, s, group), cut in state.advanced.items() if (t, s) == self.key}
        return sorted(
            x.id
            for x in state.setup.entries.values()
            if x.trade == self.trade and (x.group not in cuts or x.id in cuts[x.group])
        )

    @property
    def key(self) -> tuple[str, str]:
        """(trade, stage)"""
        return self.trade, self.stage

    async def given(self, units: list[tuple[str, str]]) -> None:
        """Theory marks, imported by the clerk and confirmed by the chief."""
        async with self.stream() as stream:
            wanted = [
                component.id
                for rules in stream.groups.values()
                for component in rules.components
                if component.source == "imported"
            ]
        for component in wanted:
            rows = tuple(
                (unit, None, "absent")
                if unit in self.absent
                else (unit, show(Fraction(100 + dice(self.edition.seed, "theory", code) % 101, 2)), "")
                for code, unit in units
            )
            digest = hashlib.sha256(repr(rows).encode()).hexdigest()
            command = e.ImportScores(stream=self.name, component=component, digest=digest, rows=rows)
            answer = await self.by("clerk", command)
            await self.by("chief", e.ConfirmScores(stream=self.name, n=answer.n))

    async def session(self, session: str, over_sockets: bool) -> None:
        """Start it, see to it that every sheet is marked and signed, stop it."""
        await self.by("chief", e.Session(stream=self.name, session=session, move="start"))
        async with self.stream() as stream:
            here = [unit for unit in stream.sessions[session].stations if unit not in self.absent]
            sheets = {key: s for key, s in stream.sheets.items() if s.session == session and s.unit in here}
            rules = stream.groups
            codes = {unit: stream.units[unit].code for unit in here}
            groups = {unit: stream.units[unit].group for unit in here}
        actor, device = self.seat("floor")
        came = (e.CheckIn(stream=self.name, unit=unit, session=session) for unit in here)
        await self.edition.burst((actor, command, device) for command in came)
        if over_sockets:
            await self.watch()
        else:
            hand = Hand(self)
            for unit in here:
                own = [sheet for sheet in sheets.values() if sheet.unit == unit]
                await self.edition.burst(hand.marks(own, codes[unit], rules[groups[unit]]))
        await self.countersign(sheets)
        await self.by("chief", e.Session(stream=self.name, session=session, move="stop"))

    async def countersign(self, sheets: dict[tuple[str, str], Sheet]) -> None:
        """The further links of the signing chain, but for a chief's at its end: that one is the lock."""
        async with self.stream() as stream:
            chain = next(iter(stream.groups.values())).profile.signing[1:]
            leads = {
                key: next((s for s in sheet.roster if stream.seats[s].role == "lead"), "chief")
                for key, sheet in sheets.items()
            }
        steps = chain[:-1] if chain[-1:] == ("chief",) else chain

        def calls() -> Iterable[tuple[e.Actor, e.AnyCommand, str]]:
            for step in steps:
                for unit, sub in sheets:
                    name = leads[unit, sub].rpartition("/")[2] if step == "lead" else step
                    actor, device = (SUPERVISOR, "") if step == "supervisor" else self.seat(name)
                    yield (
                        actor,
                        e.Sign(stream=self.name, unit=unit, sub=sub, seat=actor.id, step=step),
                        device,
                    )

        await self.edition.burst(calls())

    async def results(self) -> None:
        """Lock, a provisional result for the delegations, the official one for everybody."""
        await self.by("chief", e.Lock(stream=self.name, scope="stage"))
        async with self.stream() as stream:
            groups = list(stream.groups)
            for sheet in stream.sheets.values():
                self.edition.done.marks += sum(cell.rev for cell in sheet.cells.values())
                self.edition.done.signatures += len(sheet.signed) + len(sheet.steps)
        for group in groups:
            await self.publish(group, "provisional", "delegations")
            await self.publish(group, "official", "public", f"{self.trade}/{self.stage}/chief")
        self.edition.told("official", self.trade)

    async def publish(
        self,
        group: str,
        rank: Literal["provisional", "official"],
        audience: Literal["delegations", "public"],
        confirmed_by: str = "",
    ) -> None:
        """A result version of a group."""
        command = e.Publish(
            trade=self.trade,
            stage=self.stage,
            group=group,
            rank=rank,
            audience=audience,
            confirmed_by=confirmed_by,
        )
        await self.edition.do(ORGANIZER, command)

    # ------------------------------------------------------------ while tablets mark

    async def watch(self) -> None:
        """Until every open sheet is signed; the chief opens the next round where no lead sits on the
        roster."""
        async with self.stream() as stream:
            self.open = {
                key
                for key, sheet in stream.sheets.items()
                if not sheet.complete and sheet.unit not in self.absent
            }
        while self.open:
            self.calm.clear()
            await self.calm.wait()
            if self.edition.failed:
                raise Stuck(f"a tablet failed: {self.edition.failed}")
            looked, self.unsettled = self.unsettled, set()
            async with self.stream() as stream:
                calls = [
                    e.Revote(stream=self.name, unit=unit, aspect=aspect, reason=REASON)
                    for unit, sub in looked
                    for aspect in sorted(stream.sheets[unit, sub].spread)
                    if not self.led(stream, stream.sheets[unit, sub])
                ]
            for command in calls:
                await self.by("chief", command)

    @staticmethod
    def led(stream: Stream, sheet: Sheet) -> bool:
        """Whether one of a sheet's seats is its panel's lead."""
        return any(stream.seats[seat].role == "lead" for seat in sheet.roster)

    def heard(self, bell: Bell) -> None:
        """A line of this stream became durable."""
        for key in bell.touched:
            if key[0] != "sheet" or (key[2], key[3]) not in self.open:
                continue
            sheet = self.desk.state.streams[self.name].sheets[(key[2], key[3])]
            if sheet.complete:
                self.open.discard((sheet.unit, sheet.sub))
                if not self.open:
                    self.calm.set()
            elif sheet.spread:
                self.unsettled.add((sheet.unit, sheet.sub))
                self.calm.set()


class Hand:
    """All the judges of a stage, marking straight at the desk: what ``simulate.Judge`` does, in order."""

    def __init__(self, played: StagePlay) -> None:
        self.played, self.plan = played, played.plan
        self.views: dict[str, Json] = {}

    def marks(
        self, sheets: list[Sheet], code: str, rules: GroupRules
    ) -> Iterable[tuple[e.Actor, e.AnyCommand, str]]:
        """Everything that is given on these sheets of one unit, and their signatures."""
        name = self.played.name
        for sheet in sheets:
            for aspect in rules.subs[sheet.sub].aspects:
                view = self.views.get(aspect.key) or self.views.setdefault(aspect.key, aspect_view(aspect))
                if aspect.method == "agreed":
                    value = self.plan.value(name, code, view, e.ANY_SEAT, 1)
                    enters = sheet.roster[dice(sheet.unit, aspect.key) % len(sheet.roster)]
                    yield self._mark(sheet, aspect.key, e.ANY_SEAT, 1, value, enters)
                    continue
                values = {seat: self.plan.value(name, code, view, seat, 1) for seat in sheet.roster}
                for seat, value in values.items():
                    yield self._mark(sheet, aspect.key, seat, 1, value, seat)
                if (
                    aspect.method == "judgement"
                    and apart(values.values()) > rules.profile.judgement.max_spread
                ):
                    actor, device = self.played.seat("chief")
                    yield (
                        actor,
                        e.Revote(stream=name, unit=sheet.unit, aspect=aspect.key, reason=REASON),
                        device,
                    )
                    for seat in sheet.roster:
                        value = self.plan.value(name, code, view, seat, 2)
                        yield self._mark(sheet, aspect.key, seat, 2, value, seat)
            for seat in sheet.roster:
                actor, device = self.played.seat(seat.rpartition("/")[2])
                yield actor, e.Sign(stream=name, unit=sheet.unit, sub=sheet.sub, seat=seat), device

    def _mark(
        self, sheet: Sheet, aspect: str, seat: str, round_: int, value: str | None, by: str
    ) -> tuple[e.Actor, e.AnyCommand, str]:
        actor, device = self.played.seat(by.rpartition("/")[2])
        command = e.Mark(
            stream=self.played.name,
            unit=sheet.unit,
            aspect=aspect,
            seat=seat,
            round=round_,
            value=value,
            base=0,
        )
        return actor, command, device


def apart(values: Iterable[str | None]) -> int:
    """How far votes are apart.

    >>> apart(["0", "2", "1"])
    2
    """
    numbers = [int(value) for value in values if value is not None]
    return max(numbers) - min(numbers)


def drawn(seed: int, entries: list[str]) -> tuple[tuple[str, str, str], ...]:
    """The draw of these entries: (entry, unit, code), the same for the same seed.

    >>> len({code for _, _, code in drawn(1, [f"e{i}" for i in range(3000)])})
    3000
    """
    draw = random.Random(seed)
    low = 100 if len(entries) <= 900 else 10_000
    numbers = draw.sample(range(low, low * 10), len(entries))
    order = draw.sample(entries, len(entries))
    return tuple(
        (entry, f"u{draw.getrandbits(64):016x}", str(n)) for entry, n in zip(order, numbers, strict=True)
    )
