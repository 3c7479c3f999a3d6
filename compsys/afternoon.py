"""The sample afternoon: a competition played to its official results, with all that goes wrong on a day.

The script acts as organizer, chief experts and clerks through the desk; judges are ``simulate.Judge`` over
their own protocol. What happens to which unit follows from the seed and from the order of codes, never from
timing.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable, Coroutine, Iterable
from fractions import Fraction
from typing import Any

from compsys import events as e
from compsys import scoring
from compsys.clock import millis, text
from compsys.desk import Bell, Desk
from compsys.people import MARKERS
from compsys.records import stream_name
from compsys.simulate import Judge, Network, Plan, dice
from compsys.state import Sheet, State, Stream
from compsys.views import aspect_view
from scoring_rules.exact import parse, show

ORGANIZER = e.Actor("account", "organizer", ("organizer",))
GROUP = "open"
LINK_HOURS = 12


class Stuck(Exception):
    """The script was refused something: the program or the fixture is at fault."""


class Afternoon:
    """Plays every trade of an imported competition. ``told``: called with a word and what it is about."""

    def __init__(
        self, desk: Desk, network: Network, seed: int, pace: float, told: Callable[[str, str], None]
    ) -> None:
        self.desk, self.network, self.seed, self.pace, self.told = desk, network, seed, pace, told
        self.plan = Plan(seed)
        self.judges: list[Judge] = []
        self.running: set[asyncio.Task[None]] = set()
        self.rang = asyncio.Condition()
        self.bells = 0
        self.failed: BaseException | None = None

    async def play(self) -> None:
        """From the draw to the official results of all trades."""
        stop = self.desk.listen(self._bell)
        try:
            async with self.desk.reading() as state:
                stages = list(state.setup.stages.values())
            days = [
                SCRIPTS.get(stage.trade, TradeDay)(self, stage.trade, stage.id, site)
                for stage in sorted(stages, key=lambda s: (s.trade, s.order))
                for site in stage.sites
            ]
            for day in days:
                await day.prepare()
            self.told("ready", "")
            await self._all(day.play() for day in days)
        finally:
            stop()
            for judge in self.judges:
                judge.dead = True
                judge.wake.set()
            for task in self.running:
                task.cancel()
            await asyncio.gather(*self.running, return_exceptions=True)

    async def _all(self, plays: Iterable[Coroutine[Any, Any, None]]) -> None:
        """All days side by side; the first that is stuck ends them, and its reason is what is raised."""
        try:
            async with asyncio.TaskGroup() as group:
                for play in plays:
                    group.create_task(play)
        except BaseExceptionGroup as group_of:
            stuck, others = group_of.split(Stuck)
            if stuck is not None and others is None:
                raise Stuck(str(stuck.exceptions[0])) from group_of
            raise

    def _bell(self, bells: list[Bell]) -> None:
        self.bells += len(bells)
        task = asyncio.ensure_future(self._notify())
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    async def _notify(self) -> None:
        async with self.rang:
            self.rang.notify_all()

    async def until(self, what: Callable[[State], bool]) -> None:
        """Wait until durable state says so."""
        while True:
            async with self.rang:
                if self.failed is not None:
                    raise Stuck(f"a tablet failed: {self.failed!r}") from self.failed
                async with self.desk.reading() as state:
                    if what(state):
                        return
                await self.rang.wait()

    async def do(
        self, actor: e.Actor, command: e.AnyCommand, device: str = "", answer: str = "accepted"
    ) -> e.Answer:
        """A command that must be answered as the script expects."""
        call = e.Call(key=self.desk.fresh(), actor=actor, command=command, device=device)
        got = await self.desk.submit(call)
        if got.a != answer:
            raise Stuck(f"{type(command).__name__}: {got}")
        return got

    async def link(self, seat: str) -> str:
        """A one-time link's token for a seat."""
        token = self.desk.fresh()
        expires = text(millis(self.desk.now()) + LINK_HOURS * 3_600_000)
        digest = hashlib.sha256(token.encode()).hexdigest()
        await self.do(ORGANIZER, e.IssueLink(seat=seat, token=digest, expires=expires))
        return token

    def run(self, judge: Judge) -> None:
        """Let a judge's tablet work."""
        self.judges.append(judge)
        task = asyncio.create_task(judge.run(), name=judge.seat)
        self.running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A tablet's program ended; one that failed would be waited for in vain, so the day stops."""
        self.running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.failed = task.exception()
            self._bell([])


class TradeDay:
    """One trade's afternoon at one site; the scripts below add what goes wrong."""

    def __init__(self, afternoon: Afternoon, trade: str, stage: str, site: str) -> None:
        self.afternoon, self.trade, self.stage = afternoon, trade, stage
        self.name = stream_name(trade, stage, site)
        self.plan = afternoon.plan
        self.seats: dict[str, Judge] = {}
        self.codes: dict[str, list[str]] = {}
        """session -> codes of its units, in order"""
        self.units: dict[str, str] = {}
        """code -> unit"""

    # ------------------------------------------------------------ words

    def actor(self, seat: str) -> e.Actor:
        """A seat of this trade as an actor."""
        judge = self.seats[seat]
        return e.Actor("seat", judge.seat, (judge.role,))

    async def by(self, seat: str, command: e.AnyCommand, answer: str = "accepted") -> e.Answer:
        """A command of one of the trade's seats, from whichever tablet holds it (somebody may look over its
        shoulder)."""
        device = self.seats[seat].device
        async with self.afternoon.desk.reading() as state:
            if state.devices[device].standing != "active":
                held = (
                    d.id
                    for d in state.devices.values()
                    if d.seat == self.seats[seat].seat and d.standing == "active"
                )
                device = next(held, device)
        return await self.afternoon.do(self.actor(seat), command, device, answer)

    async def stream(self) -> Stream:
        """The durable stream."""
        async with self.afternoon.desk.reading() as state:
            return state.streams[self.name]

    def seats_of(self, *roles: str) -> list[str]:
        """The trade's seats with these roles, in order of their names."""
        return sorted(name for name, judge in self.seats.items() if judge.role in roles)

    async def aspects(self, method: str, sub: str = "") -> list[tuple[str, str]]:
        """(sub-criterion, aspect) of a method, in scheme order."""
        rules = (await self.stream()).groups[GROUP]
        return [
            (rules.sub_of[a.key], a.key)
            for a in rules.aspects.values()
            if a.method == method and sub in ("", rules.sub_of[a.key])
        ]

    # ------------------------------------------------------------ the day

    async def prepare(self) -> None:
        """Draw, open, enrol every seat's tablet."""
        afternoon = self.afternoon
        draw = random.Random(dice(afternoon.seed, "draw", self.name))
        async with afternoon.desk.reading() as state:
            entries = sorted(x.id for x in state.setup.entries.values() if x.trade == self.trade)
            seats = sorted(x for x in state.setup.seats if x.startswith(f"{self.trade}/{self.stage}/"))
            roles = {x: state.setup.seats[x].role for x in seats}
            letter = "ABCDEFGH"[sorted(state.setup.trades).index(self.trade) % 8]
        draw.shuffle(entries)
        numbers = sorted(draw.sample(range(10, 100), len(entries)))
        draw.shuffle(numbers)
        rows = tuple(
            (entry, f"u{draw.getrandbits(64):016x}", f"{letter}{number}")
            for entry, number in zip(entries, numbers, strict=True)
        )
        self.units = {code: unit for _, unit, code in rows}
        await afternoon.do(ORGANIZER, e.Draw(stream=self.name, units=rows))
        await afternoon.do(ORGANIZER, e.Open(stream=self.name))
        for seat in seats:
            judge = Judge(afternoon.network, seat, roles[seat], self.plan, afternoon.pace, afternoon.seed)
            await judge.enrol(await afternoon.link(seat))
            self.seats[seat.rpartition("/")[2]] = judge
            if roles[seat] in MARKERS:
                afternoon.run(judge)
        stream = await self.stream()
        for key, session in stream.sessions.items():
            self.codes[key] = sorted(stream.units[u].code for u in session.stations)

    async def play(self) -> None:
        """Theory, sessions, lock, results."""
        await self.before()
        await self.theory()
        for session in sorted(self.codes):
            await self.before_session(session)
            await self.by("chief", e.Session(stream=self.name, session=session, move="start"))
            for code in self.codes[session]:
                if not (await self.stream()).units[self.units[code]].statuses:
                    unit = self.units[code]
                    await self.by("floor", e.CheckIn(stream=self.name, unit=unit, session=session))
            await self.during(session)
            await self.afternoon.until(lambda state, s=session: self._finished(state, s))  # type: ignore[misc]  # bound at once
            await self.after_session(session)
            await self.afternoon.until(lambda state, s=session: self._finished(state, s))  # type: ignore[misc]  # bound at once
            await self.by("chief", e.Session(stream=self.name, session=session, move="stop"))
            self.afternoon.told("session", f"{self.trade} {session}")
        await self.results()

    def _finished(self, state: State, session: str) -> bool:
        stream = state.streams[self.name]
        return all(
            self._settled(stream, sheet) for sheet in stream.sheets.values() if sheet.session == session
        )

    @staticmethod
    def _settled(stream: Stream, sheet: Sheet) -> bool:
        return sheet.complete or bool(stream.units[sheet.unit].statuses)

    async def theory(self) -> None:
        """The clerk imports the theory marks; the chief compares and confirms."""
        stream = await self.stream()
        components = [c for c in stream.groups[GROUP].components if c.source == "imported"]
        for component in components:
            rows: list[tuple[str, str | None, str]] = []
            for code in sorted(self.units):
                unit = stream.units[self.units[code]]
                if unit.statuses:
                    rows.append((unit.id, None, "absent"))
                    continue
                halves = 110 + dice(self.afternoon.seed, "theory", code) % 86
                rows.append((unit.id, show(Fraction(halves, 2)), ""))
            digest = hashlib.sha256(repr(rows).encode()).hexdigest()
            command = e.ImportScores(
                stream=self.name, component=component.id, digest=digest, rows=tuple(rows)
            )
            answer = await self.by("clerk", command)
            await self.by("chief", e.ConfirmScores(stream=self.name, n=answer.n))

    async def results(self) -> None:
        """Lock, provisional to the delegations and the public, official."""
        await self.by("chief", e.Lock(stream=self.name, scope="stage"))
        await self.after_lock()
        for audience in ("delegations", "public"):
            await self.publish("provisional", audience)
        await self.pause(2)
        await self.publish("official", "public")
        self.afternoon.told("official", self.trade)
        await self.after_official()

    async def publish(
        self, rank: str, audience: str, reason: str = "", note: dict[str, str] | None = None
    ) -> None:
        """A result version; the organizer asks, the chief confirms."""
        command = e.Publish(
            trade=self.trade,
            stage=self.stage,
            group=GROUP,
            rank=rank,  # type: ignore[arg-type]  # one of the two words
            audience=audience,  # type: ignore[arg-type]  # one of the four words
            reason=reason,
            note=note or {},
            confirmed_by=self.seats["chief"].seat if rank == "official" else "",
        )
        await self.afternoon.do(ORGANIZER, command)

    async def pause(self, thoughts: float) -> None:
        """Wait as long as so many marks take."""
        await asyncio.sleep(self.afternoon.pace * thoughts)

    async def change_sheet(
        self, code: str, sub: str, values: Iterable[tuple[str, str, str]], reason: str
    ) -> None:
        """Return a signed sheet; the seats enter other values (aspect, seat, value) and sign again."""
        unit = self.units[code]
        for aspect, seat, value in values:
            self.plan.says[(self.name, code, aspect, seat, 1)] = value
        await self.by("chief", e.Return(stream=self.name, unit=unit, sub=sub, reason=reason))
        await self.afternoon.until(lambda state: state.streams[self.name].sheets[(unit, sub)].complete)

    # ------------------------------------------------------------ what goes wrong

    async def before(self) -> None:
        """Before anything is marked."""

    async def before_session(self, session: str) -> None:
        """Before a session starts."""

    async def during(self, session: str) -> None:
        """While it runs."""

    async def after_session(self, session: str) -> None:
        """When its sheets are signed."""

    async def after_lock(self) -> None:
        """When the stage is locked."""

    async def after_official(self) -> None:
        """When the result is official."""


class HotDishes(TradeDay):
    """A cook is absent, one earns zero, a judge withdraws, a mark comes late, a medal is corrected to v2."""

    async def before(self) -> None:
        first = self.codes[min(self.codes)]
        self.plan.zero.add((self.name, first[1]))
        absent = e.SetStatus(
            stream=self.name, unit=self.units[first[0]], scope="stage", status="absent", reason="检录未到"
        )
        await self.by("chief", absent)

    async def before_session(self, session: str) -> None:
        if session == sorted(self.codes)[1]:
            self.plan.silent.add(self.seats["judge-3"].seat)

    async def during(self, session: str) -> None:
        if session == sorted(self.codes)[1]:
            leave = e.ChangeRoster(
                stream=self.name,
                leaves=self.seats["judge-3"].seat,
                joins=self.seats["reserve"].seat,
                reason="身体不适，候补入席",
            )
            await self.by("chief", leave)

    async def after_lock(self) -> None:
        (_, aspect), *_ = await self.aspects("points")
        unit = self.units[self.codes[max(self.codes)][0]]
        late = e.Mark(
            stream=self.name,
            unit=unit,
            aspect=aspect,
            seat=self.seats["judge-1"].seat,
            round=1,
            value="1",
            base=1,
        )
        answer = await self.by("judge-1", late, "late")
        left_out = e.SettleLate(stream=self.name, n=answer.n, accept=False, reason="签字后到达，与签字表不符")
        await self.by("chief", left_out)

    async def after_official(self) -> None:
        await self.pause(6)
        async with self.afternoon.desk.reading() as state:
            rows = scoring.standing(state, self.trade, self.stage, GROUP, "signed").rows
        third, fourth = rows[2], rows[3]
        weight = next(
            parse(c.weight) for c in (await self.stream()).groups[GROUP].components if c.id == "practice"
        )
        step = Fraction((third.total - fourth.total) / weight * 2).__ceil__() + 2
        rules = (await self.stream()).groups[GROUP]
        sub, aspect = max(await self.aspects("points"), key=lambda pair: rules.maxima[pair[1]])
        unlock = e.Unlock(
            stream=self.name, scope="stage", reason="第三名烹调项漏扣", confirmed_by=ORGANIZER.id
        )
        await self.by("chief", unlock)
        stream = await self.stream()
        sheet = stream.sheets[(third.unit, sub)]
        changes = []
        for seat in sheet.roster:
            cell = sheet.cells[(aspect, seat, 1)]
            lower = max(Fraction(0), parse(cell.value or "0") - Fraction(step, 2))
            changes.append((aspect, seat, show(lower)))
        # On a sheet of the first session sits the judge who left since: called back to sign it again.
        self.plan.silent.discard(self.seats["judge-3"].seat)
        await self.change_sheet(third.code, sub, changes, "漏扣：提前加料")
        await self.by("chief", e.Lock(stream=self.name, scope="stage"))
        note = {
            "zh-CN": "更正热菜第 3 名：漏扣分已补记。",
            "en": "Place 3 in hot dishes corrected: a missed deduction.",
        }
        await self.publish("official", "public", "漏扣分补记", note)
        self.afternoon.told("corrected", self.trade)


class Plating(TradeDay):
    """A tablet dies and is replaced; two values meet in one cell and their judge chooses."""

    async def before_session(self, session: str) -> None:
        if session == max(self.codes):
            (sub, _), *_ = await self.aspects("points")
            self.plan.held.add((self.name, self.codes[session][0], sub))

    async def during(self, session: str) -> None:
        if session == min(self.codes):
            await self._replace("judge-2")
        if session == max(self.codes):
            await self._conflict(session)

    async def _replace(self, seat: str) -> None:
        old = self.seats[seat]
        await self.afternoon.until(
            lambda state: any(
                c.by == old.seat for s in state.streams[self.name].sheets.values() for c in s.cells.values()
            )
        )
        fresh = old.replaced_by(self.afternoon.network)
        await fresh.enrol(await self.afternoon.link(old.seat))
        self.seats[seat] = fresh
        self.afternoon.run(fresh)

    async def _conflict(self, session: str) -> None:
        (sub, aspect), *_ = await self.aspects("points")
        code, seat = self.codes[session][0], self.seats["judge-1"].seat
        unit = self.units[code]
        cell = (aspect, seat, 1)
        await self.afternoon.until(lambda state: cell in state.streams[self.name].sheets[(unit, sub)].cells)
        other = e.Mark(stream=self.name, unit=unit, aspect=aspect, seat=seat, round=1, value="0", base=0)
        await self.by("judge-1", other, "conflict")
        await self.afternoon.until(
            lambda state: not state.streams[self.name].sheets[(unit, sub)].cells[cell].others
        )
        self.plan.held.discard((self.name, code, sub))
        for judge in self.seats.values():
            judge.poke()


class Pastry(TradeDay):
    """A signed sheet is returned, changed and signed again."""

    async def after_session(self, session: str) -> None:
        if session == min(self.codes):
            (sub, aspect), *_ = await self.aspects("points")
            code, seat = self.codes[session][0], self.seats["judge-1"].seat
            await self.change_sheet(code, sub, [(aspect, seat, "4")], "与现场记录不符，请核对")


class FoodCarving(TradeDay):
    """One judge marks one sheet on paper; the clerk keys it in, the chief reads it again."""

    async def before_session(self, session: str) -> None:
        if session == min(self.codes):
            (sub, _), *_ = await self.aspects("points")
            self.paper = (self.codes[session][0], sub, self.seats["judge-4"].seat)
            self.plan.on_paper.add((self.name, *self.paper))

    async def during(self, session: str) -> None:
        if session != min(self.codes):
            return
        code, sub, seat = self.paper
        unit = self.units[code]
        values: dict[str, str | None] = {}
        stream = await self.stream()
        for _, aspect in await self.aspects("points", sub):
            shown = aspect_view(stream.groups[GROUP].aspects[aspect])
            value = values[aspect] = self.plan.value(self.name, code, shown, seat, 1)
            mark = e.Mark(
                stream=self.name,
                unit=unit,
                aspect=aspect,
                seat=seat,
                round=1,
                value=value,
                base=0,
                via="paper",
            )
            await self.by("clerk", mark)
        await self.by("chief", e.ConfirmKeyed(stream=self.name, unit=unit, sub=sub, seat=seat, values=values))
        await self.by("clerk", e.Sign(stream=self.name, unit=unit, sub=sub, seat=seat, via="paper"))


class RestaurantService(TradeDay):
    """A spread is discussed and voted again; another one uses up its rounds and the chief decides."""

    async def before(self) -> None:
        (sub, aspect), *_ = await self.aspects("judgement")
        panel = self.seats_of("lead", "judge")[-3:]
        voters = [self.seats[name].seat for name in panel]
        codes = self.codes[min(self.codes)]
        stream = await self.stream()
        rounds = stream.groups[GROUP].profile.judgement.max_rounds
        self.stubborn = (codes[3], sub, aspect, rounds)
        for seat, first, second in zip(voters, ("0", "2", "1"), ("1", "2", "1"), strict=True):
            self.plan.says[(self.name, codes[2], aspect, seat, 1)] = first
            self.plan.says[(self.name, codes[2], aspect, seat, 2)] = second
            for round_ in range(1, rounds + 1):
                self.plan.says[(self.name, codes[3], aspect, seat, round_)] = first

    async def during(self, session: str) -> None:
        if session != min(self.codes):
            return
        code, sub, aspect, rounds = self.stubborn
        unit = self.units[code]

        def used_up(state: State) -> bool:
            sheet = state.streams[self.name].sheets[(unit, sub)]
            return aspect in sheet.spread and sheet.rounds.get(aspect, 1) == rounds

        await self.afternoon.until(used_up)
        await self.by(
            "chief",
            e.Resolve(stream=self.name, unit=unit, aspect=aspect, mark="1", reason="三轮未果，裁判长裁定"),
        )


SCRIPTS: dict[str, type[TradeDay]] = {
    "hot-dishes": HotDishes,
    "plating": Plating,
    "pastry": Pastry,
    "food-carving": FoodCarving,
    "restaurant-service": RestaurantService,
}
