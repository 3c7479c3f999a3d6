"""Ties that somebody must break: who stands level, a play-off, the chief's order, and what they move."""

from __future__ import annotations

import pytest

from compsys import bounds, core, explain, scoring, ties, whatif
from compsys import events as e
from compsys.exchange import book
from compsys.state import State
from tests.compsys.level import level
from tests.world import MAIN, OFFICE, ORGANIZER, World

GROUP = ("cooking", "final", "open")


def settle(key: str, rows: dict[str, str | None], reason: str = "play-off at noon") -> e.SettleTie:
    return e.SettleTie(stream=MAIN, key=key, rows=tuple(rows.items()), reason=reason)  # type: ignore[arg-type]  # one of the two words


def order(world: World) -> str:
    found = scoring.standing(world.state, *GROUP, "signed")
    return " ".join(f"{row.unit}:{row.place}{'=' if row.tied else ''}" for row in found.rows)


def test_a_play_off_sets_level_entries_apart_and_may_be_taken_back() -> None:
    world = level()
    assert order(world) == "u1:1 u2:2= u3:2= u4:2="
    assert [(x.place, len(x.units), x.broken) for x in ties.level(world.state, *GROUP)] == [(2, 3, False)]
    world.do(world.seat("chief"), settle("play_off", {"u2": "7.5", "u3": "9", "u4": "8"}))
    assert order(world) == "u1:1 u3:2 u4:3 u2:4"
    assert ties.level(world.state, *GROUP)[0].broken
    world.do(world.seat("chief"), settle("play_off", {"u2": None, "u3": None, "u4": None}, "wrong task"))
    assert order(world) == "u1:1 u2:2= u3:2= u4:2="
    world.do(world.seat("chief"), settle("play_off", {"u2": "1", "u3": "2"}))
    again = core.fold(State(id=world.state.id), world.lines).streams[MAIN].units
    assert [x.settled for x in again.values()] == [x.settled for x in world.stream().units.values()]


def test_the_chiefs_order_stands_after_the_play_off() -> None:
    world = level()
    chief = world.seat("chief")
    world.do(chief, settle("play_off", {"u2": "8", "u3": "8", "u4": "9"}))
    world.do(chief, settle("decided", {"u3": "1", "u2": "2"}, "the cleaner bench"))
    assert order(world) == "u1:1 u4:2 u3:3 u2:4"
    kept = world.stream().units["u3"].settled["decided"]
    assert (kept.value, kept.reason, kept.by) == (1, "the cleaner bench", chief.id)
    row = next(x for x in scoring.result_rows(world.state, *GROUP) if x.unit == "u3")
    assert row.keys == ("8", "1")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (settle("play_off", {"u1": "1", "u2": "2"}), "not_tied"),
        (settle("decided", {"u2": "1", "u3": "2"}), "key_unused"),
        (settle("play_off", {"u9": "1"}), "unknown_unit"),
        (settle("play_off", {}), "malformed"),
        (settle("play_off", {"u2": "1"}, " "), "reason_missing"),
    ],
)
def test_what_cannot_be_settled_is_refused(command: e.SettleTie, code: str) -> None:
    world = level(keys='["play_off", "desc"]')
    assert world.refused(world.seat("chief"), command) == code


def test_only_chief_and_organizer_settle_and_only_before_the_lock() -> None:
    world = level()
    assert world.refused(world.seat("s1"), settle("play_off", {"u2": "1", "u3": "2"})) == "not_allowed"
    world.do(OFFICE, settle("play_off", {"u2": "1", "u3": "2", "u4": "3"}))
    world.do(ORGANIZER, e.Lock(stream=MAIN, scope="stage"))
    assert world.refused(world.seat("chief"), settle("play_off", {"u2": "5"})) == "locked"


def test_who_is_not_through_stands_level_with_nobody() -> None:
    world = level()
    away = e.SetStatus(stream=MAIN, unit="u4", scope="stage", status="absent", reason="x")
    world.do(world.seat("chief"), away)
    assert world.refused(world.seat("chief"), settle("play_off", {"u3": "1", "u4": "2"})) == "not_tied"


def test_bounds_hold_for_every_play_off_that_may_come() -> None:
    world = level()
    before = {b.code: b for b in bounds.bounds(world.state, *GROUP)}
    assert [(b.best_place, b.worst_place) for b in before.values()] == [(1, 1)] + [(2, 4)] * 3
    assert "final" not in before["A12"].certain
    world.do(world.seat("chief"), settle("play_off", {"u2": "1", "u3": "2", "u4": "3"}))
    for row in scoring.standing(world.state, *GROUP, "signed").rows:
        assert row.place is not None
        assert before[row.code].best_place <= row.place <= before[row.code].worst_place
    world.do(ORGANIZER, e.Lock(stream=MAIN, scope="stage"))
    assert all("final" in b.certain for b in bounds.bounds(world.state, *GROUP))


def test_the_place_is_explained_by_the_play_off_with_its_reason() -> None:
    world = level()
    world.do(world.seat("chief"), settle("play_off", {"u2": "1", "u3": "2.5", "u4": "3"}, "gala at noon"))
    found = explain.explain(world.state, explain.Target(*GROUP, "e3"))
    assert found is not None
    place = found.step("place")
    assert place is not None and place.value == "3" and place.inputs["above_key"] == "play_off"
    key = next(node for node in place.children if node.key == "play_off")
    assert (key.value, key.inputs["reason"], key.inputs["by"]) == ("2.5", "gala at noon", "chief")


def test_a_supposed_mark_leaves_what_was_settled() -> None:
    world = level()
    world.do(world.seat("chief"), settle("play_off", {"u2": "3", "u3": "2", "u4": "1"}))
    target = explain.Target(*GROUP, "e4")
    outcome = whatif.what_if(world.state, target, whatif.Supposed(aspect="B1.M2", mark="4"))
    assert isinstance(outcome, whatif.Outcome)
    moved = {(x.who, x.field): (x.before, x.after) for x in outcome.changed}
    # Level with u1, and the only one of the two with a number: ahead until u1 gets one too.
    assert moved["e4", "place"] == ("4", "1")
    assert order(world) == "u1:1 u2:2 u3:3 u4:4"


def test_the_result_book_tells_what_settled_a_tie() -> None:
    world = level()
    world.do(world.seat("chief"), settle("play_off", {"u2": "3", "u3": "2"}, "one more round"))
    world.do(world.seat("chief"), settle("play_off", {"u3": None}, "mistaken"))
    world.do(ORGANIZER, e.Lock(stream=MAIN, scope="stage"))
    trade, stage, group = GROUP
    world.do(
        ORGANIZER, e.Publish(trade=trade, stage=stage, group=group, rank="provisional", audience="office")
    )
    sections = {s["title"]: s for s in book.data(world.state, lambda _: None, *GROUP)["sections"]}
    told = [row[1:5] for row in sections["book.ties"]["rows"]]
    by = {"code": "explain.key.play_off"}
    assert told == [
        ["A12", by, "3", "one more round"],
        ["A13", by, "2", "one more round"],
        ["A13", by, {"code": "book.taken_back"}, "mistaken"],
    ]
