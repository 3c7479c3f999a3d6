"""Practice: samples in memory that one judge marks among simulated colleagues; nothing of it is written down.

A ``Lesson`` is a competition of its own, decided by the very core that decides real marks, so that a judge
trains on the true screens and the true rules: votes are sealed until all have voted, the votes on one aspect
always lie too far apart, and the chief returns the first signed sheet once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from compsys import core, words
from compsys import events as e
from compsys.exchange import competition_file
from compsys.folding import Bell
from compsys.sealing import fold_sealed
from compsys.simulate import dice
from compsys.state import Sheet, State

FIXTURE = "practice.json"
STREAM = "practice.sample.main"
CODES = ("P1", "P2", "P3")
APART = "A1.J2"
"""The aspect on which the colleagues' first votes lie too far from the visitor's."""
LEAD, THIRD, CHIEF = (f"practice/sample/{seat}" for seat in ("s1", "s3", "chief"))
OFFICE = e.Actor(kind="office", id="office")
ORGANIZER = e.Actor(kind="account", id="practice", roles=("organizer",))


class Alone:
    """A competition of its own in memory, decided by the core that decides real marks. ``name``: what its
    random numbers are made of; ``now``: gives UTC ms ``Z``."""

    def __init__(self, name: str, now: Callable[[], str]) -> None:
        self.state = State(id="practice")
        self._now, self._drawn = now, 0
        self._name, self._devices = name, dict[str, str]()

    def fresh(self) -> str:
        """The next 32 hex digits: nothing here is worth guessing."""
        self._drawn += 1
        return hashlib.blake2b(f"{self._name}/{self._drawn}".encode(), digest_size=16).hexdigest()

    def take(self, call: e.Call) -> tuple[e.Answer, list[Bell]]:
        """Decide a call and fold its lines: the answer, and the bells of its lines."""
        decided = core.decide(self.state, call, self._now(), self.fresh)
        if isinstance(decided, e.Refused):
            return e.Answer(k=call.key, a="refused", code=decided.code, params=decided.params), []
        if isinstance(decided, e.Answer):
            return decided, []
        folded = [fold_sealed(self.state, drafted) for drafted in decided]
        kept = self.state.keys[call.key]
        answer = e.Answer(k=call.key, a=kept.a, stream=kept.stream, n=kept.n, rev=kept.rev)  # type: ignore[arg-type]  # kept.a is one of the five words
        return answer, [Bell(line.stream, line.n, touched) for line, touched in folded]

    def _do(self, actor: e.Actor, command: e.Command) -> list[Bell]:
        answer, bells = self.take(e.Call(self.fresh(), actor, command, self._devices.get(actor.id, "")))
        if answer.a != "accepted":
            raise AssertionError(f"what nobody sends was refused: {answer} {command}")
        return bells

    def _enrol(self, seat: str, device: str) -> None:
        self._devices[seat] = device
        self._do(ORGANIZER, e.IssueLink(seat=seat, token=seat, expires="9999"))
        self._do(OFFICE, e.Enrol(seat=seat, token=seat, device=device, device_key=""))


class Lesson(Alone):
    """One judge's samples and the rest of the panel. ``file``: the samples as a competition file; ``role``:
    of the real seat; ``device``: the tablet's id; ``now``: gives UTC ms ``Z``."""

    def __init__(self, file: bytes, role: str, device: str, now: Callable[[], str]) -> None:
        super().__init__(device, now)
        self.role = "lead" if role == "lead" else "judge"
        self.seat = LEAD if role == "lead" else THIRD
        self._returned = False
        loaded = competition_file.load(file, FIXTURE)
        self._do(OFFICE, competition_file.to_commands(loaded, {}))
        rows = tuple((f"e{i}", self.fresh(), code) for i, code in enumerate(CODES, 1))
        self._do(ORGANIZER, e.Draw(stream=STREAM, units=rows))
        self._do(ORGANIZER, e.Open(stream=STREAM))
        for seat in list(self.state.setup.seats):
            self._enrol(seat, device if seat == self.seat else self.fresh())
        self._do(ORGANIZER, e.Session(stream=STREAM, session="s1", move="start"))

    @property
    def apart(self) -> bool:
        """Whether votes lie too far apart, so that the panel is talking."""
        return any(sheet.spread for sheet in self.state.streams[STREAM].sheets.values())

    def panel(self) -> list[Bell]:
        """The next thing the rest of the panel does; no bells when all wait for the visitor."""
        for sheet in self.state.streams[STREAM].sheets.values():
            wanted = self._vote(sheet) or self._again(sheet) or self._sign(sheet) or self._return(sheet)
            if wanted is not None:
                return self._do(*wanted)
        return []

    def _actor(self, seat: str) -> e.Actor:
        return e.Actor("seat", seat, (self.state.setup.seats[seat].role,))

    def _vote(self, sheet: Sheet) -> tuple[e.Actor, e.Command] | None:
        """A colleague votes on what the visitor has voted on."""
        for (aspect, seat, round_), cell in sheet.cells.items():
            over = (aspect, round_) in sheet.revealed or sheet.rounds.get(aspect, 1) != round_
            if seat != self.seat or cell.value is None or over:
                continue
            for other in sheet.roster:
                if (aspect, other, round_) in sheet.cells:
                    continue
                value = self._value(sheet, aspect, other, round_, int(cell.value))
                return self._actor(other), e.Mark(
                    stream=STREAM,
                    unit=sheet.unit,
                    aspect=aspect,
                    seat=other,
                    round=round_,
                    value=value,
                    base=0,
                )
        return None

    @staticmethod
    def _value(sheet: Sheet, aspect: str, seat: str, round_: int, visitors: int) -> str:
        if aspect == APART and round_ == 1:
            return "3" if visitors < 2 else "0"
        apart = dice(sheet.unit, aspect, round_) % 2 if seat == sheet.roster[1] else 0
        return str(visitors - apart if visitors else visitors + apart)

    def _again(self, sheet: Sheet) -> tuple[e.Actor, e.Command] | None:
        """After a spread the lead asks for another round; a visitor who leads does it."""
        if self.role == "lead" or not sheet.spread:
            return None
        aspect = min(sheet.spread)
        return self._actor(LEAD), e.Revote(
            stream=STREAM, unit=sheet.unit, aspect=aspect, reason=_both("practice.heard")
        )

    def _sign(self, sheet: Sheet) -> tuple[e.Actor, e.Command] | None:
        """Colleagues sign what the visitor has signed."""
        if self.seat not in sheet.signed:
            return None
        for other in sheet.roster:
            if other not in sheet.signed:
                return self._actor(other), e.Sign(stream=STREAM, unit=sheet.unit, sub=sheet.sub, seat=other)
        return None

    def _return(self, sheet: Sheet) -> tuple[e.Actor, e.Command] | None:
        """The chief returns the first sheet that all have signed."""
        if self._returned or not sheet.complete:
            return None
        self._returned = True
        reason = _both("practice.returned")
        return self._actor(CHIEF), e.Return(stream=STREAM, unit=sheet.unit, sub=sheet.sub, reason=reason)


def _both(code: str) -> str:
    """A sentence in both languages: what colleagues say is free text, which nobody translates."""
    return f"{words.say(code, 'zh-CN')} {words.say(code, 'en')}"
