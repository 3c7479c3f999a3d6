"""Calibration: each judge alone, offsets only when all have signed, the same again after a restart."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from compsys import events as e
from compsys.calibrating import FOLDER, Said, begin, read
from compsys.calibration import SEAT, STREAM, UNIT, Part, Plan, Sample, offsets, part_of, waiting
from tests.world import MAIN, ORGANIZER, World, set_up

NOW = "2026-05-01T09:00:00.000Z"
JUDGE = e.Actor("seat", SEAT, ("judge",))
SEATS = ("s1", "s2", "s3")
ASPECTS = ("A1.J1", "A1.J2", "B1.M1", "B1.M2", "C1.P1", "C1.P2")
SUBS = ("A1", "B1", "C1")


def now() -> str:
    return NOW


def plan(subs: tuple[str, ...] = SUBS, seats: tuple[str, ...] = SEATS) -> Plan:
    world = set_up(World(), 1)
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A11"),)))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    parts = tuple(Part(f"cooking/final/{seat}", seat[1:], "judge") for seat in seats)
    return Plan("ab" * 16, MAIN, subs, part_of(world.stream().groups["open"], subs), parts, NOW)


def mark(sample: Sample, aspect: str, value: str) -> e.Call:
    seat = e.ANY_SEAT if aspect.startswith("B") else SEAT
    where = {"stream": STREAM, "unit": UNIT, "aspect": aspect, "seat": seat, "round": 1}
    return e.Call(sample.fresh(), JUDGE, e.Mark(**where, value=value, base=0), sample.device)  # type: ignore[arg-type]  # the fields of a cell


def sign(sample: Sample, sub: str) -> e.Call:
    return e.Call(sample.fresh(), JUDGE, e.Sign(stream=STREAM, unit=UNIT, sub=sub, seat=SEAT), sample.device)


def told(sample: Sample, *calls: e.Call) -> list[str]:
    return [sample.take(call)[0].a for call in calls]


def fill(sample: Sample, judged: str, passed: str, count: str, points: str) -> None:
    values = (judged, judged, passed, count, points, points)
    calls = [mark(sample, aspect, value) for aspect, value in zip(ASPECTS, values, strict=True)]
    assert told(sample, *calls, *(sign(sample, sub) for sub in SUBS)) == ["accepted"] * 9


VALUES = st.tuples(
    st.sampled_from("0123"),
    st.sampled_from(("pass", "fail")),
    st.integers(0, 4).map(str),
    st.integers(0, 30).map(lambda n: f"{n // 2}.5" if n % 2 else str(n // 2)),
)


@settings(max_examples=12, deadline=None)
@given(st.lists(VALUES, min_size=3, max_size=3))
def test_offsets_are_there_when_the_last_has_signed_and_not_before(values: list[tuple[str, ...]]) -> None:
    made = plan()
    samples = {part.seat: Sample(made, part, now) for part in made.parts}
    for i, sample in enumerate(samples.values()):
        assert len(waiting(samples)) == 3 - i
        assert offsets(made, samples, {}) == [], "nothing before all have signed"
        fill(sample, *values[i])
    rows = offsets(made, samples, {})
    assert [row.aspect for row in rows] == list(ASPECTS)
    for row in rows:
        assert set(row.cells) == set(samples)
        # Each is rounded to two places by itself; around a mean they cancel out.
        assert abs(sum(Fraction(off) for _, off in row.cells.values())) <= Fraction(3, 200)
    votes = {seat: value for (seat, (value, _)) in rows[0].cells.items()}
    assert list(votes.values()) == [one[0] for one in values]
    agreed = offsets(made, samples, {"C1.P1": "3"})[4]
    assert agreed.is_set and agreed.middle == "3.00"
    for (value, off), given_ in zip(agreed.cells.values(), values, strict=True):
        assert value == given_[3] and Fraction(off) == Fraction(given_[3]) - 3


def test_a_judge_alone_votes_without_a_panel_and_sees_no_other() -> None:
    made = plan(("A1",))
    one, two = (Sample(made, part, now) for part in made.parts[:2])
    assert told(one, mark(one, "A1.J1", "3"), mark(one, "A1.J2", "0"), sign(one, "A1")) == ["accepted"] * 3
    assert one.signed and not two.signed
    assert one.values() == {"A1.J1": ("3", Fraction(3)), "A1.J2": ("0", Fraction(0))}
    assert two.values() == {}
    assert told(two, mark(two, "C1.P1", "3")) == ["refused"], "no part of this calibration"


def test_a_judge_changes_every_value_until_the_signature() -> None:
    made = plan(("A1", "C1"))
    one = Sample(made, made.parts[0], now)
    first = [mark(one, aspect, "3") for aspect in ("A1.J1", "A1.J2", "C1.P1", "C1.P2")]
    assert told(one, *first) == ["accepted"] * 4
    assert told(one, *(changed(one, call, "1") for call in first)) == ["accepted"] * 4
    assert told(one, sign(one, "A1"), sign(one, "C1")) == ["accepted"] * 2
    assert {number for _, number in one.values().values()} == {Fraction(1)}
    assert told(one, changed(one, first[0], "2")) == ["late"], "what is signed stays"
    short = Sample(made, made.parts[1], now)
    assert told(short, mark(short, "A1.J1", "2"), sign(short, "A1")) == ["accepted", "refused"]
    assert told(short, changed(short, mark(short, "A1.J1", "2"), "0")) == ["accepted"]


def changed(sample: Sample, call: e.Call, value: str) -> e.Call:
    assert isinstance(call.command, e.Mark)
    command = msgspec.structs.replace(call.command, value=value, base=1)
    return e.Call(sample.fresh(), JUDGE, command, sample.device)


def test_a_restart_finds_what_was_taken_and_the_chief_said(tmp_path: Path) -> None:
    made = plan(("C1",), ("s1", "s2"))
    held = begin(tmp_path, made, now)
    first, second = made.parts
    for call in (mark(held.all[first.seat], "C1.P1", "3"), mark(held.all[first.seat], "C1.P2", "4.5")):
        assert told(held.all[first.seat], call) == ["accepted"]
        held.keep(first.seat, call, NOW)
    held.say(Said((second.seat,), {"C1.P1": "2"}))
    # Power went in the middle of a line that was never answered.
    path = next((tmp_path / FOLDER / made.id).glob("*.jsonl"))
    path.write_bytes(path.read_bytes() + b'{"key":"half')
    again = read(tmp_path, now)[MAIN]
    sample = again.samples[first.seat]
    assert list(again.samples) == [first.seat] and again.said.agreed == {"C1.P1": "2"}
    assert sample.values() == {"C1.P1": ("3", Fraction(3)), "C1.P2": ("4.5", Fraction(9, 2))}
    assert told(sample, call) == ["accepted"], "the same key has the same answer"
    assert len(sample.state.streams[STREAM].sheets) == 1
