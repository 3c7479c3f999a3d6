"""Acts of everybody on a random day, sensible and not, and what they do to bring a stage to its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from compsys import events as e
from tests.compsys.core_stage import ASPECTS, METHOD, PREFIX, SUPERVISOR, Staged
from tests.world import MAIN, ORGANIZER

MOVES: tuple[Literal["start", "pause", "resume", "stop"], ...] = ("start", "start", "pause", "resume", "stop")


class Day(Staged):
    """A random day: ``step`` is one act of somebody."""

    def some(self) -> tuple[str, str, str]:
        """A seat that may mark, a unit and an aspect."""
        rng = self.rng
        return rng.choice(self.markers), rng.choice(self.units), rng.choice(ASPECTS)[0]

    def act_mark(self) -> None:
        """One mark, of whoever, on whatever base."""
        seat, unit, aspect = self.some()
        more: dict[str, Any] = {}
        what = self.rng.random()
        if what < 0.1:
            more["base"] = self.rng.randint(0, 3)
        elif what < 0.2 and self.acts:
            more["base"] = self.rng.choice(self.acts).call.key
        elif what < 0.25:
            more["round"] = self.rng.randint(1, 3)
        elif what < 0.3:
            more |= {"whose": self.rng.choice(self.markers), "via": "panel"}
        if self.rng.random() < 0.05:
            seat = self.rng.choice(list(self.roles))
        self.send(self.actor(seat), self.mark(seat, unit, aspect, **more))

    def act_fill(self) -> None:
        """A seat fills what it owes on a paper, mostly agreeing with the others; then perhaps signs."""
        if not self.naive.papers:
            return
        (unit, sub), paper = self.rng.choice(list(self.naive.papers.items()))
        seat = self.rng.choice(paper.seats)
        for aspect in self.naive.owed(unit, sub, seat):
            value = self.value(aspect) if self.rng.random() < 0.4 else self.agreeable(aspect)
            self.send(self.actor(seat), self.mark(seat, unit, aspect, value=value))
        if self.rng.random() < 0.6:
            self.sign(seat, unit, sub)

    def agreeable(self, aspect: str) -> str:
        """A value that everybody can live with."""
        method, kind = next((r[1], r[3]) for r in ASPECTS if r[0] == aspect)
        return "pass" if kind == "pass_fail" else self.rng.choice("23") if method == "judgement" else "4"

    def act_burst(self) -> None:
        """A tablet's outbox after a dead spot: changes of one cell in a chain, delivered out of order and
        twice."""
        seat, unit, aspect = self.some()
        first = self.mark(seat, unit, aspect)
        calls = [self.world.call(self.actor(seat), first)]
        for _ in range(self.rng.randint(1, 3)):
            then = self.mark(seat, unit, aspect, base=calls[-1].key, round=first.round)
            calls.append(self.world.call(self.actor(seat), then))
        if self.rng.random() < 0.5:
            self.rng.shuffle(calls)
        for call in calls + self.rng.sample(calls, self.rng.randint(0, len(calls))):
            self.deliver(call)

    def act_quarrel(self) -> None:
        """A panel is apart, talks, and is apart again; perhaps until the chief must decide."""
        unit, aspect = (
            self.rng.choice(self.units),
            self.rng.choice([a for a in METHOD if METHOD[a] == "judgement"]),
        )
        paper, chief = self.naive.papers.get((unit, aspect.split(".")[0])), self.actor(PREFIX + "chief")
        for _ in range(self.rng.randint(1, 4) if paper else 0):
            for i, seat in enumerate(paper.seats if paper else ()):
                value = "0" if i == 0 else self.rng.choice("23")
                self.send(self.actor(seat), self.mark(seat, unit, aspect, value=value))
            self.send(chief, e.Resolve(stream=MAIN, unit=unit, aspect=aspect, mark="3.5", reason="checked"))
            who = self.rng.choice((self.actor(self.markers[0]), chief))
            self.send(who, e.Revote(stream=MAIN, unit=unit, aspect=aspect, reason="talked"))

    def act_choose(self) -> None:
        """A judge chooses between two values."""
        if self.naive.rivals:
            unit, aspect, seat, round_ = self.rng.choice(list(self.naive.rivals))
            who = self.rng.choice(self.markers) if seat == "*" else seat
            self.send(self.actor(who), self.mark(who, unit, aspect, round=round_))

    def act_paper(self) -> None:
        """A clerk keys what a judge wrote, and somebody reads it again."""
        if not self.naive.papers:
            return
        (unit, sub), paper = self.rng.choice(list(self.naive.papers.items()))
        seat, clerks = self.rng.choice(paper.seats), [PREFIX + "clerk", PREFIX + "clerk2"]
        aspects = [r[0] for r in ASPECTS if r[0].startswith(sub + ".")]
        for aspect in self.rng.sample(aspects, self.rng.randint(1, len(aspects))):
            self.send(self.actor(self.rng.choice(clerks)), self.mark(seat, unit, aspect, via="paper"))
        self.check_paper(unit, sub, self.rng.choice((seat, "*")))

    def check_paper(self, unit: str, sub: str, seat: str, *, careful: bool = False) -> None:
        """Somebody confirms keyed paper, mostly reading it right; ``careful``: the chief, who does."""
        values: dict[str, str | None] = {}
        for key, method, *_ in (r for r in ASPECTS if r[0].startswith(sub + ".")):
            cell = (unit, key, "*" if method == "agreed" else seat, self.naive.round.get((unit, key), 1))
            if cell in self.naive.values:
                wrong = self.rng.random() < 0.05 and not careful
                values[key] = "7" if wrong else self.naive.values[cell][-1]
        chief = PREFIX + "chief"
        reader = chief if careful else self.rng.choice((PREFIX + "clerk", PREFIX + "clerk2", chief))
        self.send(
            self.actor(reader), e.ConfirmKeyed(stream=MAIN, unit=unit, sub=sub, seat=seat, values=values)
        )

    def sign(self, seat: str, unit: str, sub: str) -> None:
        """A signature."""
        self.send(self.actor(seat), e.Sign(stream=MAIN, unit=unit, sub=sub, seat=seat))

    def act_sign(self) -> None:
        """A signature of a seat, or of the next in the chain."""
        seat, unit, aspect = self.some()
        sub = aspect.split(".")[0]
        if self.rng.random() < 0.6:
            self.sign(seat, unit, sub)
            return
        for step in ("lead", "chief", "supervisor"):
            who = {"lead": self.markers[0], "chief": PREFIX + "chief"}.get(step)
            actor = self.actor(who) if who else SUPERVISOR
            self.send(actor, e.Sign(stream=MAIN, unit=unit, sub=sub, seat=actor.id, step=step))

    # ------------------------------------------------------------ everybody else

    def act_again(self) -> None:
        """An old call once more; seldom with another content."""
        old = self.rng.choice(self.acts)
        command = old.call.command
        if self.rng.random() < 0.2 and isinstance(command, e.Mark) and old.answer.a != "refused":
            other = e.Mark(**{**{f: getattr(command, f) for f in command.__struct_fields__}, "note": "other"})
            answer = self.deliver(self.world.call(old.call.actor, other, old.call.key))
            assert (answer.a, answer.code) == ("refused", "key_reused")
            return
        self.deliver(old.call)

    def act_ruling(self) -> None:
        """Something the chief decides."""
        rng = self.rng
        seat, unit, aspect = self.some()
        sub, chief = aspect.split(".")[0], self.actor(PREFIX + "chief")
        where = {"stream": MAIN, "unit": unit}
        agreed = METHOD[aspect] == "agreed"
        scopes = ["stage", *(f"component:{part.id}" for part in self.parts)]
        part = rng.choice(self.parts).id
        status: e.Status | None = rng.choice(
            (None, None, "absent", "not_finished", "withdrawn", "zeroed", "excluded")
        )
        choices: list[tuple[int, Callable[[], e.Command]]] = [
            (6, lambda: e.Return(**where, sub=sub, reason="look again")),
            (8, lambda: e.Revote(**where, aspect=self.wide(unit) or aspect, reason="talked")),
            (2, lambda: e.Resolve(**where, aspect=self.wide(unit) or aspect, mark="3.5", reason="checked")),
            (3, lambda: e.Excuse(**where, aspect=aspect, seat="*" if agreed else seat, reason="broken")),
            (2, lambda: self.roster(seat, unit)),
            (2, lambda: e.SetStatus(**where, scope=rng.choice(scopes), status=status, reason="seen")),
            (2, lambda: self.penalty(unit, part)),
            (1, lambda: self.void(aspect, part)),
            (6, self.settle),
        ]
        make = rng.choices([c[1] for c in choices], [c[0] for c in choices])[0]
        self.send(chief, make())

    def wide(self, unit: str) -> str:
        """An aspect of a unit with an open spread, "" when there is none."""
        return next((r[0] for r in ASPECTS if self.naive.spread_open(unit, r[0])), "")

    def roster(self, seat: str, unit: str) -> e.Command:
        """A judge leaves, a reserve may join."""
        joins = self.rng.choice(("", *self.markers[-2:]))
        unit = self.rng.choice((unit, "*"))
        return e.ChangeRoster(stream=MAIN, leaves=seat, joins=joins, unit=unit, reason="ill")

    def penalty(self, unit: str, part: str) -> e.Command:
        """A penalty or a bonus, at times with one signer too few."""
        amount, signers = (
            self.rng.choice(("-2.5", "-100", "1", "0")),
            self.rng.choice((("a", "b"), ("a", "a"))),
        )
        number = self.rng.choice(("x1", "x2"))
        return e.Adjust(
            stream=MAIN, id=number, unit=unit, component=part, amount=amount, reason="r", signers=signers
        )

    def void(self, aspect: str, part: str) -> e.Command:
        """An aspect, seldom a component, out for all."""
        what = f"component:{part}" if self.rng.random() < 0.2 else f"aspect:{aspect}"
        return e.Void(stream=MAIN, what=what, full=self.rng.random() < 0.5, reason="unfair")

    def settle(self) -> e.Command:
        """A late mark of the tray, or one that is not there."""
        n = self.rng.choice(list(self.naive.tray) or [3])
        return e.SettleLate(stream=MAIN, n=n, accept=self.rng.random() < 0.6, reason="decided")

    def act_floor(self) -> None:
        """Sessions, times, imports, locks, the freeze."""
        rng = self.rng
        unit, part, session = rng.choice(self.units), rng.choice(self.parts), rng.choice(self.parts).session
        chief = self.actor(PREFIX + "chief")
        move = rng.choice(MOVES)
        signed = [f"sheet:{u}.{s}" for (u, s), paper in self.naive.papers.items() if paper.complete]
        one = rng.choice(signed or [f"sheet:{unit}.A1"])
        scope = rng.choice(("stage", f"component:{part.id}", f"session:{session}", one, one))
        where = {"stream": MAIN, "unit": unit, "session": session}
        choices: list[tuple[int, Callable[[], e.Command]]] = [
            (4, lambda: e.Session(stream=MAIN, session=session, move=move, reason="so")),
            (2, lambda: e.CheckIn(**where, minutes_late=rng.randint(0, 9))),
            (2, lambda: e.Credit(**where, seconds=rng.randint(1, 99), reason="tool")),
            (4, lambda: e.Finish(**where, seconds=f"{rng.randint(1, 700)}.5")),
            (4, lambda: e.Lock(stream=MAIN, scope=scope)),
            (4, lambda: self.unlock(scope)),
            (1, lambda: e.Freeze(stream=MAIN, on=rng.random() < 0.5, reason="show")),
            (4, self.bring),
            (8, self.check),
        ]
        make = rng.choices([c[1] for c in choices], [c[0] for c in choices])[0]
        self.send(rng.choice((chief, ORGANIZER)), make())

    def unlock(self, scope: str) -> e.Command:
        """Open a lock that stands, if one does; at times without a second person."""
        scope = self.rng.choice(sorted(self.naive.locks) or [scope])
        by = self.rng.choice(("zhao", "zhao", "", "lin", PREFIX + "chief"))
        return e.Unlock(stream=MAIN, scope=scope, reason="correction", confirmed_by=by)

    def bring(self) -> e.Command:
        """Component scores, at times of a component that is not imported."""
        rows = []
        for unit in self.rng.sample(self.units, self.rng.randint(1, len(self.units))):
            given = f"{self.rng.randint(0, 400) / 4:g}"
            rows.append((unit, None, "absent") if self.rng.random() < 0.1 else (unit, given, ""))
        part = self.rng.choice(("theory", "theory", "practice"))
        return e.ImportScores(stream=MAIN, component=part, digest="ab", rows=tuple(rows))

    def check(self) -> e.Command:
        """The second look at an import."""
        return e.ConfirmScores(stream=MAIN, n=self.rng.choice(list(self.naive.pending_imports) or [1]))

    def step(self) -> None:
        """One act of somebody."""
        acts = {
            self.act_mark: 30,
            self.act_fill: 30,
            self.act_burst: 8,
            self.act_choose: 6,
            self.act_quarrel: 4,
            self.act_paper: 3,
            self.act_sign: 14,
            self.act_again: 10,
            self.act_ruling: 24,
            self.act_floor: 14,
        }
        self.rng.choices(list(acts), list(acts.values()))[0]()

    # ------------------------------------------------------------ to the end

    def finish(self) -> e.Answer:
        """Let everybody do what is still owed, then lock the stage: the answer to the lock."""
        chief = self.actor(PREFIX + "chief")
        for scope in sorted(self.naive.locks):
            self.send(chief, e.Unlock(stream=MAIN, scope=scope, reason="go on", confirmed_by="zhao"))
        for part in self.parts:
            if part.session and part.session not in self.naive.sessions:
                self.send(chief, e.Session(stream=MAIN, session=part.session, move="start"))
            for unit in self.units:
                if part.source == "time" and (unit, part.session) not in self.naive.seconds:
                    seconds = f"{self.rng.randint(1, 9)}0"
                    self.send(chief, e.Finish(stream=MAIN, unit=unit, session=part.session, seconds=seconds))
            if part.source == "imported":
                rows = tuple((unit, "50.5", "") for unit in self.units)
                brought = e.ImportScores(stream=MAIN, component=part.id, digest="cd", rows=rows)
                answer = self.send(self.actor(PREFIX + "clerk"), brought)
                self.send(chief, e.ConfirmScores(stream=MAIN, n=answer.n))
        for unit, sub in self.naive.papers:
            for _ in range(5):
                self.finish_paper(unit, sub)
        return self.send(chief, e.Lock(stream=MAIN, scope="stage"))

    def finish_paper(self, unit: str, sub: str) -> None:
        """One round about a paper: choose, fill, talk, check, sign."""
        paper, chief = self.naive.papers[unit, sub], self.actor(PREFIX + "chief")
        aspects = [row[0] for row in ASPECTS if row[0].startswith(sub + ".")]
        for aspect in aspects:
            if self.naive.spread_open(unit, aspect):
                if self.naive.round.get((unit, aspect), 1) < self.naive.rules.rounds:
                    self.send(chief, e.Revote(stream=MAIN, unit=unit, aspect=aspect, reason="talked"))
                else:
                    self.send(
                        chief, e.Resolve(stream=MAIN, unit=unit, aspect=aspect, mark="2.25", reason="so")
                    )
        for seat in [*paper.seats]:
            for aspect in aspects:
                cell = (unit, aspect, "*" if METHOD[aspect] == "agreed" else seat)
                if (*cell, self.naive.round.get((unit, aspect), 1)) in self.naive.rivals:
                    self.send(self.actor(seat), self.mark(seat, unit, aspect, value=self.agreeable(aspect)))
            for aspect in self.naive.owed(unit, sub, seat):
                self.send(self.actor(seat), self.mark(seat, unit, aspect, value=self.agreeable(aspect)))
        for seat in sorted(paper.keyers):
            self.check_paper(unit, sub, seat, careful=True)
        for seat in paper.seats:
            if seat not in paper.signed:
                self.sign(seat, unit, sub)
        for step, actor in (
            ("lead", self.actor(self.markers[0]) if self.markers[0] in paper.seats else chief),
            ("chief", chief),
            ("supervisor", SUPERVISOR),
        ):
            if step in self.naive.rules.steps and step not in paper.steps:
                self.send(actor, e.Sign(stream=MAIN, unit=unit, sub=sub, seat=actor.id, step=step))
