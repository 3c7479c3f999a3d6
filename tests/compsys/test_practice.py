"""Practice: the samples behave as a panel's sheets do, and the colleagues do what teaches."""

from __future__ import annotations

import pytest

from compsys import events as e
from compsys.demo import fixture
from compsys.practice import APART, FIXTURE, STREAM, Lesson
from compsys.state import Sheet

NOW = "2026-01-01T00:00:00.000Z"
DEVICE = "d" * 32


@pytest.fixture(params=["judge", "lead", "reserve"])
def lesson(request: pytest.FixtureRequest) -> Lesson:
    return Lesson(fixture(FIXTURE), request.param, DEVICE, lambda: NOW)


def first(lesson: Lesson) -> Sheet:
    return lesson.state.streams[STREAM].sheets[next(iter(lesson.state.streams[STREAM].units)), "A1"]


def give(lesson: Lesson, command: e.Command) -> e.Answer:
    actor = e.Actor("seat", lesson.seat, (lesson.role,))
    return lesson.take(e.Call(lesson.fresh(), actor, command, DEVICE))[0]


def vote(lesson: Lesson, aspect: str, value: str, round_: int = 1) -> None:
    mark = e.Mark(
        stream=STREAM,
        unit=first(lesson).unit,
        aspect=aspect,
        seat=lesson.seat,
        round=round_,
        value=value,
        base=0,
    )
    assert give(lesson, mark).a == "accepted"


def settle(lesson: Lesson) -> None:
    while lesson.panel():
        pass


def voted(lesson: Lesson, values: str) -> None:
    """Everything of the first sheet, the second round too."""
    for aspect, value in zip(("A1.J1", APART, "A1.J3"), values, strict=True):
        vote(lesson, aspect, value)
    settle(lesson)
    if lesson.role == "lead":
        again = e.Revote(stream=STREAM, unit=first(lesson).unit, aspect=APART, reason="heard")
        assert give(lesson, again).a == "accepted"
    vote(lesson, APART, values[1], 2)
    settle(lesson)


@pytest.mark.parametrize("value", ["0", "1", "2", "3"])
def test_votes_stay_sealed_until_the_colleagues_have_voted(lesson: Lesson, value: str) -> None:
    vote(lesson, "A1.J1", value)
    assert not first(lesson).revealed
    assert lesson.panel()
    assert not first(lesson).revealed, "one colleague is still missing"
    settle(lesson)
    votes = [int(one) for one in first(lesson).revealed["A1.J1", 1].values()]
    assert len(votes) == 3
    assert max(votes) - min(votes) <= 1


@pytest.mark.parametrize("value", ["0", "1", "2", "3"])
def test_one_aspect_is_always_voted_on_again(lesson: Lesson, value: str) -> None:
    vote(lesson, APART, value)
    while lesson.panel() and not lesson.apart:
        pass
    assert lesson.apart
    settle(lesson)
    assert lesson.apart == (lesson.role == "lead"), "who leads asks for the next round; others wait for it"


def sign(lesson: Lesson) -> e.Sign:
    return e.Sign(stream=STREAM, unit=first(lesson).unit, sub="A1", seat=lesson.seat, digest="x")


def test_the_first_signed_sheet_comes_back_once_and_stays_signed_then(lesson: Lesson) -> None:
    voted(lesson, "123")
    assert give(lesson, sign(lesson)).a == "accepted"
    settle(lesson)
    assert "sign again" in first(lesson).returned
    assert not first(lesson).complete
    assert give(lesson, sign(lesson)).a == "accepted"
    settle(lesson)
    assert first(lesson).complete
    assert not first(lesson).returned


def test_every_sheet_of_the_samples_can_be_signed_by_all(lesson: Lesson) -> None:
    values = {"B1.M1": "pass", "B1.M2": "7", "B1.M3": "119.8", "B1.M4": "1"}
    unit = first(lesson).unit
    for aspect, value in values.items():
        mark = e.Mark(stream=STREAM, unit=unit, aspect=aspect, seat="*", round=1, value=value, base=0)
        assert give(lesson, mark).a == "accepted"
    signed = e.Sign(stream=STREAM, unit=unit, sub="B1", seat=lesson.seat, digest="x")
    assert give(lesson, signed).a == "accepted"
    settle(lesson)
    assert len(lesson.state.streams[STREAM].sheets[unit, "B1"].returns) == 1
