"""Calibration: every judge marks the same sample alone; afterwards each one's offsets are told.

Architecture Invariant: nothing of a calibration is in the journal. Each judge has a competition of their own
in memory, of one unit and one seat, under the real scheme; so no result, board, medal or export can know of
it, and no judge can learn another's value. Offsets exist only once everybody who takes part has signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import msgspec

from compsys import events as e
from compsys import scoring
from compsys.folding import Bell
from compsys.marking import holes
from compsys.practice import ORGANIZER, Alone
from compsys.records import KINDS, key_of
from compsys.state import GroupRules, Sheet
from scoring_rules import exact, profiles
from scoring_rules.scheme_data import to_data

STREAM = "calibration.sample.main"
SEAT, EMPTY = "calibration/sample/s1", "calibration/sample/s2"
CODE, UNIT = "S1", "sample"
NAMES = {"zh-CN": "校准样品", "en": "Calibration sample"}


class Part(msgspec.Struct, frozen=True):
    """A seat that takes part: its key, its label, its role."""

    seat: str
    label: str
    role: str


class Plan(msgspec.Struct, frozen=True):
    """A calibration: of which stream, on which part of the scheme (as data), with which seats, begun when."""

    id: str
    stream: str
    subs: tuple[str, ...]
    scheme: dict[str, Any]
    parts: tuple[Part, ...]
    begun: str


class Given(msgspec.Struct, frozen=True):
    """A judge's command as it was taken, to be taken again after a restart."""

    key: str
    now: str
    claimed: str
    command: e.AnyCommand


def part_of(rules: GroupRules, subs: Sequence[str]) -> dict[str, Any]:
    """The scheme with these sub-criteria alone, as data."""
    data: dict[str, Any] = dict(to_data(rules.scheme))
    criteria = []
    for criterion in data["criteria"]:
        kept = [sub for sub in criterion["subs"] if sub["key"] in subs]
        if kept:
            criteria.append({**criterion, "subs": kept})
    return {**data, "criteria": criteria}


def rule_book() -> str:
    """The rules of a sample: one seat, its own signature, nothing to discuss."""
    text = profiles.load("worldskills-2026").text
    for old, new in (
        ("min_seats = 3", "min_seats = 1"),
        ('chain = ["seats", "chief"]', 'chain = ["seats"]'),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


class Sample(Alone):
    """One judge's sample. ``now``: gives UTC ms ``Z``."""

    def __init__(self, plan: Plan, part: Part, now: Callable[[], str]) -> None:
        super().__init__(f"{plan.id}/{part.seat}", now)
        self.device = self.fresh()
        of_stage = {"trade": "calibration", "stage": "sample"}
        rules = {"scheme": "sample", "profile": "sample"}
        component = {"id": "sample", "name": NAMES, "max": exact.show(_whole(plan.scheme))}
        for kind, id_, more in (
            ("competition", "calibration", {"name": NAMES, "days": ["2026-01-01"]}),
            ("delegation", "d1", {"name": NAMES}),
            ("trade", "calibration", {"name": NAMES}),
            ("stage", "sample", {"trade": "calibration", "name": NAMES}),
            ("scheme", "sample", {"scheme": plan.scheme}),
            ("profile", "sample", {"text": rule_book()}),
            ("group", "open", {**of_stage, **rules, "name": NAMES, "components": [component]}),
            ("person", "p1", {}),
            ("entry", "e1", {"trade": "calibration", "delegation": "d1", "members": [{"person": "p1"}]}),
            ("panel", "panel", {**of_stage, "name": NAMES}),
            ("seat", "s1", {**of_stage, "panel": "panel", "label": part.label, "role": "judge"}),
            ("seat", "s2", {**of_stage, "panel": "panel", "label": "-", "role": "judge"}),
            ("seat", "chief", {**of_stage, "panel": "panel", "label": "-", "role": "chief"}),
            ("session", "s1", {**of_stage, "component": "sample", "batch": 1}),
        ):
            record = {"id": id_, **more}
            key = key_of(kind, msgspec.convert(record, KINDS[kind]))
            self._do(ORGANIZER, e.Define(kind=kind, id=key, value=record))
        self._do(ORGANIZER, e.Draw(stream=STREAM, units=(("e1", UNIT, CODE),)))
        self._do(ORGANIZER, e.Open(stream=STREAM))
        self._enrol(SEAT, self.device)
        self._enrol(EMPTY, self.fresh())
        self._do(ORGANIZER, e.Session(stream=STREAM, session="s1", move="start"))
        # A vote alone would be open, and closed to changes, at once. So there is a second seat with two
        # values that it has not chosen between; it takes the judge's own when the judge signs.
        for sheet in self.sheets:
            for aspect in self._asked(sheet.sub, "judgement"):
                for value in ("0", "3"):
                    self._empty(sheet, aspect, value, 0)

    def _asked(self, sub: str, *methods: str) -> list[str]:
        rules = self.state.streams[STREAM].groups["open"]
        return [aspect.key for aspect in rules.subs[sub].aspects if aspect.method in methods]

    def _empty(self, sheet: Sheet, aspect: str, value: str, base: int) -> list[Bell]:
        where = {"stream": STREAM, "unit": UNIT, "aspect": aspect, "seat": EMPTY, "round": 1}
        command = e.Mark(**where, value=value, base=base)  # type: ignore[arg-type]  # the fields of a cell
        actor = e.Actor("seat", EMPTY, ("judge",))
        return self.decided(e.Call(self.fresh(), actor, command, self._devices[EMPTY]))[1]

    def decided(self, call: e.Call) -> tuple[e.Answer, list[Bell]]:
        """Decide a call and nothing besides."""
        return super().take(call)

    def take(self, call: e.Call) -> tuple[e.Answer, list[Bell]]:
        """Decide a call; with the judge's signature the empty seat gives the same values and signs."""
        command = call.command
        if not isinstance(command, e.Sign) or call.actor.id != SEAT or self.state.keys.get(call.key):
            return self.decided(call)
        sheet = next((one for one in self.sheets if one.sub == command.sub), None)
        if sheet is None:
            return self.decided(call)
        stream, bells = self.state.streams[STREAM], list[Bell]()
        if not holes(stream.groups["open"], sheet, stream, SEAT):
            for aspect in self._asked(sheet.sub, "judgement", "points"):
                cell, held = sheet.cells[aspect, SEAT, 1], sheet.cells.get((aspect, EMPTY, 1))
                if cell.value is not None and (aspect, 1) not in sheet.revealed:
                    bells += self._empty(sheet, aspect, cell.value, held.rev if held else 0)
        answer, more = self.decided(call)
        bells += more
        if answer.a == "accepted":
            signs = e.Sign(stream=STREAM, unit=UNIT, sub=sheet.sub, seat=EMPTY)
            actor = e.Actor("seat", EMPTY, ("judge",))
            bells += self.decided(e.Call(self.fresh(), actor, signs, self._devices[EMPTY]))[1]
        return answer, bells

    def again(self, given: Given) -> None:
        """Take a command again as it was taken then."""
        actor = e.Actor("seat", SEAT, ("judge",))
        kept, self._now = self._now, lambda: given.now
        try:
            self.take(e.Call(given.key, actor, given.command, self.device, given.claimed))
        finally:
            self._now = kept

    @property
    def sheets(self) -> list[Sheet]:
        """Its sheets."""
        return list(self.state.streams[STREAM].sheets.values())

    @property
    def signed(self) -> bool:
        """Whether the judge has signed everything."""
        return all(sheet.complete for sheet in self.sheets)

    def values(self) -> dict[str, tuple[str, Fraction]]:
        """aspect -> what was given and its number here: the vote or points, of an agreed aspect the mark."""
        stream = self.state.streams[STREAM]
        rules = stream.groups["open"]
        found = {}
        for sheet in self.sheets:
            for aspect in rules.subs[sheet.sub].aspects:
                seat = e.ANY_SEAT if aspect.method == "agreed" else SEAT
                cell = sheet.cells.get((aspect.key, seat, 1))
                if cell is None or cell.value is None:
                    continue
                agreed = aspect.method == "agreed"
                mark = scoring.aspect_mark(stream, rules, sheet, aspect) if agreed else None
                number = mark if agreed else exact.parse(cell.value)
                if number is not None:
                    found[aspect.key] = (cell.value, number)
        return found


def _whole(scheme: Mapping[str, Any]) -> Fraction:
    aspects = [a for c in scheme["criteria"] for s in c["subs"] for a in s["aspects"]]
    return sum((exact.parse(a["max"]) for a in aspects), Fraction(0))


@dataclass(frozen=True, slots=True)
class Row:
    """An aspect of the sheet: what each seat gave and how far that is from the middle (seat -> value, offset
    as text); the middle: the value somebody set as the agreed one, else the mean."""

    aspect: str
    title: dict[str, str]
    method: str
    max: str
    middle: str
    is_set: bool
    cells: dict[str, tuple[str, str]]


def waiting(samples: Mapping[str, Sample]) -> list[str]:
    """The seats that have not signed."""
    return [seat for seat, sample in samples.items() if not sample.signed]


def offsets(plan: Plan, samples: Mapping[str, Sample], agreed: Mapping[str, str]) -> list[Row]:
    """Each seat's offset per aspect from the agreed value, else from the mean of all; nothing at all while
    anybody has still to sign. ``agreed``: aspect -> number as text."""
    if not samples or waiting(samples):
        return []
    given = {seat: sample.values() for seat, sample in samples.items()}
    rows = []
    for criterion in plan.scheme["criteria"]:
        for sub in criterion["subs"]:
            for aspect in sub["aspects"]:
                key = str(aspect["key"])
                cells = {seat: values[key] for seat, values in given.items() if key in values}
                if cells:
                    rows.append(_row(aspect, cells, agreed.get(key, "")))
    return rows


def _row(aspect: Mapping[str, Any], cells: Mapping[str, tuple[str, Fraction]], agreed: str) -> Row:
    numbers = [number for _, number in cells.values()]
    middle = exact.parse(agreed) if agreed else sum(numbers, Fraction(0)) / len(numbers)
    shown = {seat: (value, signed_text(number - middle)) for seat, (value, number) in cells.items()}
    return Row(
        str(aspect["key"]),
        dict(aspect["title"]),
        str(aspect["method"]),
        str(aspect["max"]),
        exact.show(middle, 2),
        bool(agreed),
        shown,
    )


def signed_text(number: Fraction) -> str:
    """An offset to two places, with its sign.

    >>> [signed_text(Fraction(n, 3)) for n in (-2, 0, 1)]
    ['-0.67', '0', '+0.33']
    """
    text = exact.show(number, 2)
    if text.strip("-0.") == "":
        return "0"
    return text if number < 0 else f"+{text}"
