"""Tests that a patched picture is the redrawn one, and which topics a bell concerns."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsys import boards
from tests.compsys.test_boards import BOARD, seen
from tests.world import MAIN, opened


def drawn(numbers: random.Random) -> dict[str, Any]:
    """Some picture of a topic: rows come, go, move and change."""
    keys = numbers.sample("abcdefgh17", numbers.randrange(0, 9))
    rows = [
        {"key": key, "total": str(numbers.randrange(4)), "place": place} for place, key in enumerate(keys, 1)
    ]
    return {"as_of": str(numbers.randrange(3)), "counts": {"of": len(rows)}, "rows": rows}


@given(st.randoms(use_true_random=False), st.integers(1, 12))
def test_the_patched_picture_is_the_redrawn_one(numbers: random.Random, steps: int) -> None:
    held = drawn(numbers)
    for _ in range(steps):
        new = drawn(numbers)
        if numbers.random() < 0.3:
            new = copy.deepcopy(held)
            for found in new["rows"][: numbers.randrange(3)]:
                found["total"] = "9"
        before = copy.deepcopy(held)
        found = boards.change(held, new)
        assert held == before, "change() wrote into the old picture"
        assert (found is None) == (json.dumps(held) == json.dumps(new))
        if found is not None:
            wire = json.loads(json.dumps(found))
            held = boards.patch(held, wire)
        assert json.dumps(held) == json.dumps(new)


@given(st.randoms(use_true_random=False))
def test_the_hint_of_touched_rows_gives_the_same_change(numbers: random.Random) -> None:
    old, new = drawn(numbers), drawn(numbers)
    before = {r["key"]: r for r in old["rows"]}
    touched = {r["key"] for r in new["rows"] if before.get(r["key"]) != r}
    assert boards.change(old, new, touched) == boards.change(old, new)


def test_the_order_is_sent_only_when_it_changes() -> None:
    old = {"rows": [{"key": "a"}, {"key": "b"}, {"key": "c"}]}
    gone = boards.change(old, {"rows": [{"key": "a"}, {"key": "c"}]})
    assert gone == {"set": {}, "rows": {"b": None}}
    moved = boards.change(old, {"rows": [{"key": "b"}, {"key": "a"}, {"key": "c"}]})
    assert moved == {"set": {}, "rows": {}, "order": ["b", "a", "c"]}


def test_pictures_of_a_day_patch_into_each_other_and_only_visible_changes_count() -> None:
    world = opened(feed={"public": "revealed"})
    held, versions = seen(world), 0
    numbers = random.Random(7)
    for _ in range(120):
        unit, seat = numbers.choice(("u1", "u2", "u3")), numbers.choice(("s1", "s2", "s3"))
        aspect = numbers.choice(("A1.J1", "A1.J2", "B1.M1"))
        world.mark(seat, unit, aspect, numbers.choice(("1", "2")) if aspect[0] == "A" else "pass")
        new = seen(world)
        found = boards.change(held, new)
        versions += found is not None
        held = boards.patch(held, found) if found else held
        assert held == new
    assert 0 < versions < 60


@pytest.mark.parametrize(
    ("touched", "topic", "expected"),
    [
        (("sheet", MAIN, "u1", "A1"), BOARD, True),
        (("unit", MAIN, "u1"), "medals:points", False),
        (("unit", "cooking.heat.main", "u1"), BOARD, False),
        (("stream", MAIN), "medals:points", True),
        (("result", "cooking", "final", "open"), "medals:points", True),
        (("result", "cooking", "final", "open"), f"{BOARD}?page=2", True),
        (("result", "cooking", "final", "student"), BOARD, False),
        (("setup", "delegation", "d1"), BOARD, True),
        (("device", "x"), BOARD, False),
        (("late", MAIN), BOARD, False),
    ],
)
def test_a_bell_concerns_the_topics_it_may_change(
    touched: tuple[str, ...], topic: str, expected: bool
) -> None:
    assert boards.concerns(topic, [touched]) is expected
