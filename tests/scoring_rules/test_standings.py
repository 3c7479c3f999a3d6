"""Places with tie keys and joint rules, and the ladder that keeps them while marks come in."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_rules.sorted_keys import SortedKeys
from scoring_rules.standings import Direction, Keys, Ladder, Placed, Row, order, places, undecided
from tests.scoring_rules import naive

VALUES = st.one_of(
    st.none(), st.integers(-3, 5).map(Fraction), st.fractions(min_value=0, max_value=2, max_denominator=7)
)
JOINT = st.sampled_from(("skip", "dense", "none"))
SEEDS = st.integers(0, 2**32)


def random_field(seed: int) -> tuple[list[Direction], list[Keys]]:
    """Up to three keys, up to 14 entries, few values, so that most fields have ties."""
    rng = random.Random(seed)
    directions: list[Direction] = [rng.choice(("asc", "desc")) for _ in range(rng.randrange(4))]
    values = [None, *(Fraction(rng.randrange(-9, 30), rng.choice((1, 1, 2, 3, 7))) for _ in range(3))]
    return directions, [tuple(rng.choice(values) for _ in directions) for _ in range(rng.randrange(15))]


@given(SEEDS, JOINT)
@settings(max_examples=1500)
def test_places_agree_with_counting_those_before(seed: int, joint: str) -> None:
    directions, field = random_field(seed)
    keys = {f"e{i}": k for i, k in enumerate(field)}
    placed = places([Row(e, k) for e, k in keys.items()], directions, joint)
    assert {p.entry: (p.place, p.tied) for p in placed} == {
        e: naive.place(e, keys, directions, joint) for e in keys
    }
    assert [p.place for p in placed] == sorted(p.place for p in placed)


@given(SEEDS, JOINT)
def test_the_order_in_which_rows_arrive_changes_nothing(seed: int, joint: str) -> None:
    directions, field = random_field(seed)
    rows = [Row(f"e{i}", k) for i, k in enumerate(field)]
    shuffled = rows[:]
    random.Random(seed).shuffle(shuffled)
    assert places(shuffled, directions, joint) == places(rows, directions, joint)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=12), st.integers(0, 11), st.integers(0, 9), JOINT)
def test_a_better_total_never_lowers_a_place(totals: list[int], which: int, more: int, joint: str) -> None:
    which %= len(totals)

    def place_of(values: list[int]) -> int:
        rows = [Row(str(i), (Fraction(v),)) for i, v in enumerate(values)]
        return next(p.place for p in places(rows, ("desc",), joint) if p.entry == str(which))

    better = totals[:]
    better[which] += more
    assert place_of(better) <= place_of(totals)


def test_the_three_ways_to_share_places() -> None:
    rows = [Row(e, (Fraction(t),)) for e, t in (("a", 90), ("b", 80), ("c", 80), ("d", 70))]
    assert [p.place for p in places(rows, ("desc",), "skip")] == [1, 2, 2, 4]
    assert [p.place for p in places(rows, ("desc",), "dense")] == [1, 2, 2, 3]
    none = places(rows, ("desc",), "none")
    assert undecided(none) == [("b", "c")], "where no places are shared somebody must decide these first"


def test_lamp_assembly_ties_go_to_the_shorter_time() -> None:
    """china.md section 4: shorter practical time, practice, theory, joint."""
    keys = {"a": ("88", "30", "90", "80"), "b": ("88", "28", "80", "90"), "c": ("88", "28", "90", "70")}
    rows = [Row(e, tuple(Fraction(v) for v in k)) for e, k in keys.items()]
    placed = places(rows, ("desc", "asc", "desc", "desc"), "skip")
    assert [p.entry for p in placed] == ["c", "b", "a"]


def test_a_missing_tie_key_stands_after_every_number_in_both_directions() -> None:
    rows = [Row("none", (Fraction(1), None)), Row("big", (Fraction(1), Fraction(10**12))),
            Row("small", (Fraction(1), Fraction(-(10**12))))]
    for direction in ("asc", "desc"):
        directions: list[Direction] = ["desc", "asc" if direction == "asc" else "desc"]
        assert places(rows, directions, "skip")[-1].entry == "none"


def test_totals_that_differ_in_no_printed_digit_are_still_different() -> None:
    third = Fraction(1, 3)
    close = third + Fraction(1, 10**30)
    rows = [Row("a", (third,)), Row("b", (close,)), Row("c", (Fraction(2, 6),))]
    assert [(p.entry, p.place, p.tied) for p in places(rows, ("desc",), "skip")] == [
        ("b", 1, False), ("a", 2, True), ("c", 2, True),
    ]


def test_an_empty_field_and_a_misspelt_rule() -> None:
    assert places([], ("desc",), "skip") == []
    with pytest.raises(ValueError, match="joined"):
        places([], ("desc",), "joined")
    with pytest.raises(ValueError):
        places([Row("a", (Fraction(1),))], ("desc", "asc"), "skip")


@given(SEEDS, JOINT, st.sampled_from((1, 5, 40, 300)))
@settings(max_examples=150)
def test_the_ladder_is_what_sorting_everything_gives(seed: int, joint: str, size: int) -> None:
    rng = random.Random(seed)
    directions: tuple[Direction, ...] = ("desc", "asc")

    def keys() -> Keys:
        second = None if rng.random() < 0.2 else Fraction(rng.randrange(6), rng.choice((1, 3)))
        return Fraction(rng.randrange(8), 2), second

    now: dict[str, Keys] = {f"e{i}": keys() for i in range(rng.randrange(size))}
    ladder = Ladder(directions, joint, [Row(e, k) for e, k in now.items()])
    for _ in range(30):
        entry = f"e{rng.randrange(size)}"
        if entry in now and rng.random() < 0.3:
            del now[entry]
            ladder.remove(entry)
        else:
            now[entry] = keys()
            ladder.put(entry, now[entry])
    whole = places([Row(e, k) for e, k in now.items()], directions, joint)
    assert list(ladder) == whole
    assert len(ladder) == len(now)
    assert all(ladder.place(p.entry) == p for p in whole)
    assert [ladder.position(p.entry) for p in whole] == list(range(len(whole)))
    assert ladder.first(3) == whole[:3]
    start = rng.randrange(size)
    assert ladder.page(start, 7) == whole[start : start + 7]


def test_the_ladder_knows_who_is_on_it() -> None:
    ladder = Ladder(("desc",))
    ladder.put("a", (Fraction(3),))
    assert "a" in ladder
    assert "b" not in ladder
    ladder.put("a", (Fraction(4),))
    assert ladder.first(9) == [Placed("a", 1, False)]
    ladder.remove("a")
    assert ladder.first(9) == []
    with pytest.raises(KeyError):
        ladder.remove("a")
    with pytest.raises(KeyError):
        ladder.place("a")


def test_the_blocks_split_empty_and_still_count_right() -> None:
    rng = random.Random(7)
    keys = [(n,) for n in range(6000)]
    rng.shuffle(keys)
    found = SortedKeys()
    for key in keys:
        found.insert(key)
    assert list(found.slice(0, 6000)) == sorted(keys)
    assert [found.below((n,)) for n in (0, 1, 2999, 5999, 9999)] == [0, 1, 2999, 5999, 6000]
    for n in range(1000, 5000):
        found.remove((n,))
    assert len(found) == 2000
    assert list(found.slice(998, 1002)) == [(998,), (999,), (5000,), (5001,)]
    assert found.find((1000,)) == (1000, (5000,), (5001,))
    assert found.find((5999,)) == (1999, (5999,), None)
    left = [*range(1000), *range(5000, 6000)]
    assert [found.find((n,)) for n in left[:-1]] == [
        (i, (n,), (left[i + 1],)) for i, n in enumerate(left[:-1])
    ], "the next key is found over the edge of a block too"
    assert found.find((6000,)) == (2000, None, None)
    with pytest.raises(KeyError):
        found.remove((1000,))
    for n in (*range(1000), *range(5000, 6000)):
        found.remove((n,))
    assert len(found) == 0
    assert list(found.slice(0, 5)) == []


@given(st.lists(st.tuples(VALUES, VALUES), min_size=2, max_size=2))
def test_the_sort_key_says_what_the_directions_say(pair: list[Keys]) -> None:
    directions: tuple[Direction, ...] = ("desc", "asc")
    a, b = pair
    assert (order(a, directions) < order(b, directions)) == naive.better(a, b, directions)
    assert (order(a, directions) == order(b, directions)) == (a == b)
