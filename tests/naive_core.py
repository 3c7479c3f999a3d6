"""The core a second time, as plainly as the rules read: from commands and their answers alone to places.

It is told each command that was not refused with the answer it got, in their order, and nothing else: no
event, no line, no state. It keeps what a careful clerk with a large table would keep, says which answer a
mark had to get, and adds up from scratch whenever it is asked. It shares no code with the program.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tests.naive_scores import Aspect, Cell, Paper, PaperKey, Part, Rules, Table


class NaiveCore(Table):
    """A stage on a large table. Seats are known by key -> (role, delegations they may not mark)."""

    def __init__(
        self,
        rules: Rules,
        units: dict[str, str],
        seats: dict[str, tuple[str, tuple[str, ...]]],
        aspects: list[Aspect],
        parts: list[Part],
    ) -> None:
        self.rules, self.units, self.seats, self.parts = rules, units, seats, parts
        self.aspects = {aspect.key: aspect for aspect in aspects}
        self.part_of = {sub: part for part in parts for sub in part.subs}
        self.papers: dict[PaperKey, Paper] = {}
        self.on_paper: set[Cell] = set()
        self.values: dict[Cell, list[str | None]] = {}
        """every accepted value of a cell, the newest last"""
        self.newest_key: dict[Cell, str] = {}
        self.rivals: dict[Cell, list[str | None]] = {}
        self.answered: dict[str, str] = {}
        self.tray: dict[int, tuple[Cell, str | None]] = {}
        self.round: dict[tuple[str, str], int] = {}
        self.shown: dict[tuple[str, str, int], dict[str, int]] = {}
        self.joined: set[tuple[str, str]] = set()
        """(unit, aspect) for which a reserve has joined"""
        self.ruled: dict[tuple[str, str], Fraction] = {}
        self.excused: set[tuple[str, str, str]] = set()
        self.void: dict[str, bool] = {}
        self.statuses: dict[tuple[str, str], str] = {}
        self.locks: set[str] = set()
        self.left: set[str] = set()
        self.quit: dict[PaperKey, set[str]] = {}
        """who left each paper"""
        self.pending_imports: dict[int, Any] = {}
        self.imported: dict[tuple[str, str], tuple[str | None, str]] = {}
        self.adjusted: dict[tuple[str, str], tuple[str, Fraction]] = {}
        self.seconds: dict[tuple[str, str], Fraction] = {}
        self.sessions: dict[str, str] = {}
        """session -> component"""

    # ------------------------------------------------------------ what was said

    def hear(self, actor: str, key: str, command: Any, answer: Any) -> None:
        """One command that was not refused, and its answer."""
        if type(command).__name__ == "Mark":
            expected = self.fate(command, actor)
            assert answer.a == expected, (command, answer, expected)
        self.answered[key] = answer.a
        getattr(self, f"_{type(command).__name__.lower()}")(command, answer, actor, key)
        self._look_for_votes()

    def fate(self, command: Any, actor: str) -> str:
        """Which answer a well-formed mark must get."""
        sub = self.aspects[command.aspect].sub
        if self._gone(actor, command.unit, sub):
            return "late"
        cell = (command.unit, command.aspect, command.seat, command.round)
        of_late = isinstance(command.base, str) and self.answered.get(command.base) == "late"
        fits = (
            command.base == self.newest_key.get(cell, "")
            if isinstance(command.base, str)
            else command.base == len(self.values.get(cell, []))
        )
        if self._closed(cell, sub) or (of_late and not fits):
            return "late"
        return "accepted" if fits else "conflict"

    def _gone(self, seat: str, unit: str, sub: str) -> bool:
        """Whether a seat was on a paper and is not any more."""
        return seat in self.quit.get((unit, sub), ()) and seat not in self.papers[unit, sub].seats

    def _closed(self, cell: Cell, sub: str) -> bool:
        unit, aspect, seat, round_ = cell
        paper, part = self.papers[unit, sub], self.part_of[sub]
        if self.is_locked(unit, sub) or paper.complete or seat in paper.signed:
            return True
        if seat == "*" and paper.signed:
            return True
        if self.out(unit, part.id) or f"aspect:{aspect}" in self.void or f"component:{part.id}" in self.void:
            return True
        now = self.round.get((unit, aspect), 1)
        return round_ < now or (unit, aspect, now) in self.shown or (unit, aspect) in self.ruled

    def is_locked(self, unit: str, sub: str) -> bool:
        """Whether a lock covers a paper."""
        part = self.part_of[sub]
        covers = {"stage", f"sheet:{unit}.{sub}", f"component:{part.id}", f"session:{part.session}"}
        return not self.locks.isdisjoint(covers)

    def _mark(self, command: Any, answer: Any, actor: str, key: str) -> None:
        cell = (command.unit, command.aspect, command.seat, command.round)
        paper = self.papers[command.unit, self.aspects[command.aspect].sub]
        gone = command.seat == actor and self._gone(actor, command.unit, self.aspects[command.aspect].sub)
        assert command.seat == "*" or command.seat in paper.seats or gone, (
            "a mark of a seat that is not on the roster"
        )
        if answer.a == "late":
            self.tray[answer.n] = (cell, command.value)
        elif answer.a == "conflict":
            self.rivals.setdefault(cell, []).append(command.value)
        else:
            self._accept(cell, command.value, key)
            self.on_paper.discard(cell)
            if command.via == "paper":
                self.on_paper.add(cell)
                paper.keyers.setdefault(command.seat, set()).add(actor)

    def _accept(self, cell: Cell, value: str | None, key: str) -> None:
        self.values.setdefault(cell, []).append(value)
        self.newest_key[cell] = key
        self.rivals.pop(cell, None)

    def _settlelate(self, command: Any, answer: Any, actor: str, key: str) -> None:
        cell, value = self.tray.pop(command.n)
        if command.accept:
            assert not self._closed(cell, self.aspects[cell[1]].sub), "a late mark applied to a closed sheet"
            assert cell[2] == "*" or cell[2] in self.papers[cell[0], self.aspects[cell[1]].sub].seats
            self._accept(cell, value, key)
            self.on_paper.discard(cell)

    def _sign(self, command: Any, answer: Any, actor: str, key: str) -> None:
        paper = self.papers[command.unit, command.sub]
        if command.step != "seats":
            assert paper.complete
            if command.step == "lead":
                leads = [seat for seat in paper.seats if self.seats[seat][0] == "lead"]
                assert actor in leads or not leads, "countersigned by somebody else's lead"
            paper.steps.add(command.step)
            return
        assert command.seat in paper.seats
        assert not self.owed(command.unit, command.sub, command.seat), "signed with a hole"
        assert command.seat not in paper.keyers and "*" not in paper.keyers, "signed with unchecked paper"
        paper.signed.add(command.seat)
        self._sign_off(command.unit, command.sub, answer.n)

    def owed(self, unit: str, sub: str, seat: str) -> list[str]:
        """The aspects that a seat has still to give a value for."""
        missing = []
        for aspect in self.aspects.values():
            if aspect.sub != sub or f"aspect:{aspect.key}" in self.void or (unit, aspect.key) in self.ruled:
                continue
            now = self.round.get((unit, aspect.key), 1)
            if aspect.method == "judgement" and (unit, aspect.key, now) in self.shown:
                continue  # the vote is over
            who = "*" if aspect.method == "agreed" else seat
            value = self.values.get((unit, aspect.key, who, now), [None])[-1]
            if value is None and (unit, aspect.key, who) not in self.excused:
                missing.append(aspect.key)
        return missing

    def _sign_off(self, unit: str, sub: str, n: int) -> None:
        """When the last seat has signed, everybody's points are open."""
        paper = self.papers[unit, sub]
        if not paper.complete:
            return
        paper.returned, paper.opened = False, n
        for aspect in self.aspects.values():
            if aspect.sub != sub or aspect.method != "points":
                continue
            for seat in paper.seats:
                value = self.values.get((unit, aspect.key, seat, 1), [None])[-1]
                if value is not None:
                    paper.open_points.setdefault(seat, {})[aspect.key] = Fraction(value)

    # ------------------------------------------------------------ what was ruled

    def _return(self, command: Any, answer: Any, actor: str, key: str) -> None:
        paper = self.papers[command.unit, command.sub]
        paper.returned = True
        paper.signed, paper.steps, paper.open_points = set(), set(), {}

    def _revote(self, command: Any, answer: Any, actor: str, key: str) -> None:
        where = (command.unit, command.aspect)
        self.round[where] = self.round.get(where, 1) + 1
        self.ruled.pop(where, None)
        self.joined.discard(where)
        self.papers[command.unit, self.aspects[command.aspect].sub].signed.clear()

    def _resolve(self, command: Any, answer: Any, actor: str, key: str) -> None:
        assert self.round.get((command.unit, command.aspect), 1) >= self.rules.rounds
        self.ruled[command.unit, command.aspect] = Fraction(command.mark)

    def _excuse(self, command: Any, answer: Any, actor: str, key: str) -> None:
        self.excused.add((command.unit, command.aspect, command.seat))

    def _void(self, command: Any, answer: Any, actor: str, key: str) -> None:
        self.void[command.what] = command.full

    def _changeroster(self, command: Any, answer: Any, actor: str, key: str) -> None:
        if command.unit == "*":
            self.left.add(command.leaves)
        for (unit, sub), paper in self.papers.items():
            leaves = command.leaves in paper.seats and command.leaves not in paper.signed
            if not leaves or self.is_locked(unit, sub) or command.unit not in ("*", unit):
                continue
            recused = command.joins and self.units[unit] in self.seats[command.joins][1]
            if recused and command.unit == "*":
                continue
            paper.seats.remove(command.leaves)
            self.quit.setdefault((unit, sub), set()).add(command.leaves)
            if command.joins and command.joins not in paper.seats:
                assert self.units[unit] not in self.seats[command.joins][1], "a recused judge joined"
                paper.seats.append(command.joins)
            assert len(paper.seats) >= self.rules.smallest
            paper.keyers.pop(command.leaves, None)
            self._sign_off(unit, sub, answer.n)

    def _setstatus(self, command: Any, answer: Any, actor: str, key: str) -> None:
        self.statuses.pop((command.unit, command.scope), None)
        if command.status is not None:
            self.statuses[command.unit, command.scope] = command.status

    def _adjust(self, command: Any, answer: Any, actor: str, key: str) -> None:
        assert len(set(command.signers)) >= 2
        self.adjusted[command.unit, command.id] = (command.component, Fraction(command.amount))

    def _lock(self, command: Any, answer: Any, actor: str, key: str) -> None:
        kind, _, what = command.scope.partition(":")
        for unit in self.units:
            for sub, part in self.part_of.items():
                chosen = {"stage": True, "sheet": what == f"{unit}.{sub}", "component": what == part.id}
                if not chosen.get(kind, what == part.session) or f"component:{part.id}" in self.void:
                    continue
                paper = self.papers.get((unit, sub))
                done = paper is not None and paper.complete and set(self.rules.steps) <= paper.steps
                assert done or self.out(unit, part.id), f"locked with a hole at {unit} {sub}"
        self.locks.add(command.scope)

    def _unlock(self, command: Any, answer: Any, actor: str, key: str) -> None:
        assert command.confirmed_by not in ("", actor)
        self.locks.discard(command.scope)

    def _importscores(self, command: Any, answer: Any, actor: str, key: str) -> None:
        self.pending_imports[answer.n] = (actor, command)

    def _confirmscores(self, command: Any, answer: Any, actor: str, key: str) -> None:
        who, found = self.pending_imports.pop(command.n)
        assert who != actor, "the same person brought and checked an import"
        for unit, value, status in found.rows:
            self.imported[unit, found.component] = (value, status)

    def _confirmkeyed(self, command: Any, answer: Any, actor: str, key: str) -> None:
        paper = self.papers[command.unit, command.sub]
        assert actor not in paper.keyers[command.seat], "the same person keyed and checked a paper"
        for aspect in (a for a in self.aspects.values() if a.sub == command.sub):
            who = "*" if aspect.method == "agreed" else command.seat
            cell = (command.unit, aspect.key, who, self.round.get((command.unit, aspect.key), 1))
            if cell in self.values and cell not in self.on_paper:
                continue  # given on a tablet: not on the paper
            if command.values.get(aspect.key) != self.values.get(cell, [None])[-1]:
                return
        paper.keyers.pop(command.seat)

    def _session(self, command: Any, answer: Any, actor: str, key: str) -> None:
        if command.move != "start":
            return
        part = next(part for part in self.parts if part.session == command.session)
        self.sessions[command.session] = part.id
        markers = {seat: who for seat, who in self.seats.items() if who[0] in ("lead", "judge", "reserve")}
        for unit, delegation in self.units.items():
            able = [s for s, who in markers.items() if s not in self.left and delegation not in who[1]]
            regular = [s for s in able if markers[s][0] != "reserve"]
            spare = [s for s in able if markers[s][0] == "reserve"]
            wanted = sum(who[0] != "reserve" for who in markers.values())
            for sub in part.subs:
                self.papers[unit, sub] = Paper(regular + spare[: max(0, wanted - len(regular))])

    def _finish(self, command: Any, answer: Any, actor: str, key: str) -> None:
        self.seconds[command.unit, command.session] = Fraction(command.seconds)

    def _ignored(self, command: Any, answer: Any, actor: str, key: str) -> None:
        """What changes no number."""

    _checkin = _credit = _freeze = _ignored

    # ------------------------------------------------------------ sealed votes

    def _look_for_votes(self) -> None:
        """Open every vote for which nobody is waited for any more."""
        for (unit, sub), paper in self.papers.items():
            for aspect in self.aspects.values():
                now = self.round.get((unit, aspect.key), 1)
                if aspect.sub != sub or aspect.method != "judgement" or (unit, aspect.key, now) in self.shown:
                    continue
                votes = {s: self.values.get((unit, aspect.key, s, now), [None])[-1] for s in paper.seats}
                waiting = (
                    (votes[s] is None and (unit, aspect.key, s) not in self.excused)
                    or (unit, aspect.key, s, now) in self.rivals
                    for s in paper.seats
                )
                if not any(waiting) and any(v is not None for v in votes.values()):
                    self.shown[unit, aspect.key, now] = {s: int(v) for s, v in votes.items() if v is not None}
                    self._escalate(unit, sub, aspect.key, now)

    def _escalate(self, unit: str, sub: str, aspect: str, now: int) -> None:
        """A panel that is apart in its last round: by some books a reserve comes and all vote again."""
        votes, paper = self.shown[unit, aspect, now].values(), self.papers[unit, sub]
        apart = max(votes) - min(votes) > self.rules.limit
        used = now >= self.rules.rounds and (unit, aspect) not in self.joined
        if not apart or not used or self.rules.after != "reserve":
            return
        away = {*paper.seats, *self.left, *self.quit.get((unit, sub), ())}
        for seat, (role, blocked) in self.seats.items():
            if role == "reserve" and seat not in away and self.units[unit] not in blocked:
                paper.seats.append(seat)
                paper.signed.clear()
                self.joined.add((unit, aspect))
                self.round[unit, aspect] = now + 1
                return

    def is_open(self, cell: Cell) -> bool:
        """Whether the panel may know the value of a cell by now."""
        unit, aspect, seat, round_ = cell
        method = self.aspects[aspect].method
        if method == "points":
            return aspect in self.papers[unit, self.aspects[aspect].sub].open_points.get(seat, {})
        return method == "agreed" or (unit, aspect, round_) in self.shown
