"""Bounds: on days cut off at random lines what then came was within them, and what was certain held."""

from __future__ import annotations

import random
import re
from fractions import Fraction
from pathlib import Path

import pytest

from compsys import core, scoring
from compsys import events as e
from compsys.bounds import Bounded, bounds
from compsys.state import State
from scoring_rules import profiles
from tests.compsys.core_day import Day
from tests.conftest import SEED
from tests.world import MAIN, ORGANIZER, World, mark_all, opened, set_up

WHERE = ("cooking", "final", "open")
RULINGS = (e.Returned, e.StatusSet, e.Voided, e.Adjusted)
MEDALS = ("gold", "silver", "bronze")


def ruling(state: State, event: e.AnyEvent) -> bool:
    """Whether a line changes what had been settled: bounds say nothing of such."""
    stream = state.streams.get(MAIN)
    if isinstance(event, RULINGS):
        return True
    if stream is None:
        return False
    if isinstance(event, e.Finished):
        return event.session in stream.units[event.unit].seconds
    if isinstance(event, e.ScoresConfirmed):
        brought = stream.imports[event.of]
        return any(brought.component in stream.units[unit].imported for unit, _, _ in brought.rows)
    return isinstance(event, e.Unlocked) and event.scope == "stage"


def looks(day: Day, rng: random.Random) -> list[list[Bounded]]:
    """The bounds at random lines, once the last ruling was made; the lines of one decision stand together."""
    state, found = State(id=day.world.state.id), list[list[Bounded]]()
    ends = [not line[4].key for line in day.world.lines[1:]] + [False]
    for (name, n, head, event, closed), goes_on in zip(day.world.lines, ends, strict=True):
        if ruling(state, event):
            found.clear()
        core.apply(state, name, n, head, event, closed)
        if not goes_on and (rng.random() < 0.15 or not found):
            found.append(bounds(state, *WHERE))
    return found


def held(day: Day, looked: list[list[Bounded]]) -> int:
    """Every final total and place is within each of these bounds; how many were open."""
    final = {row.entry: row for row in scoring.standing(day.world.state, *WHERE, "signed").rows}
    open_ones = 0
    for row in (row for look in looked for row in look):
        end = final[row.entry]
        about = (day.book, row, end.total, end.place, end.medal)
        assert Fraction(row.worst_total) - TINY <= end.total <= Fraction(row.best_total) + TINY, about
        if end.place is None:
            assert row.certain in ((), ("not_ranked",), ("no_medal",), ("not_ranked", "no_medal")), about
            continue
        assert row.best_place <= end.place <= row.worst_place, about
        assert "not_ranked" not in row.certain, about
        assert "gold" not in row.certain or end.medal == "gold", about
        assert "medal" not in row.certain or end.medal in MEDALS, about
        assert "no_medal" not in row.certain or end.medal not in MEDALS, about
        open_ones += row.best_place != row.worst_place
    return open_ones


TINY = Fraction(1, 1_000_000)
"""Exact totals that do not end are printed with six decimals."""


def dose(seeds: range) -> int:
    """Days to their end; how many bounds were open when they were looked at."""
    seen = 0
    for seed in seeds:
        day = Day(seed)
        rng = random.Random(seed)
        for _ in range(rng.choice((0, 20, 80, 160))):
            day.step()
        if day.finish().a == "accepted":
            seen += held(day, looks(day, rng))
    return seen


def test_bounds_hold_on_days_cut_off_at_any_line() -> None:
    assert dose(range(24)) > 200


@pytest.mark.long
def test_bounds_hold_on_hundreds_of_days() -> None:
    assert dose(range(SEED, SEED + 400)) > 1000


def test_what_is_certain_while_one_still_waits() -> None:
    world = opened(5)
    for i, unit in enumerate(("u1", "u2", "u3", "u4")):
        mark_all(world, unit, judged="3", passed="pass", count="4", points=str(15 - i))
    rows = {row.entry: row for row in bounds(world.state, *WHERE)}
    # the best that there is: at worst shared
    assert (rows["e1"].best_place, rows["e1"].worst_place) == (1, 1)
    assert rows["e1"].certain == ("final", "gold", "medal")
    assert (rows["e2"].best_place, rows["e2"].worst_place) == (2, 3)
    assert rows["e2"].certain == ("medal",)
    assert (rows["e5"].worst_total, rows["e5"].best_total) == ("0.00", "100.00")
    assert (rows["e5"].best_place, rows["e5"].worst_place) == (1, 5)
    page = (Path(__file__).parents[2] / "docs" / "rules" / "explaining.md").read_text("utf-8")
    told = re.findall(r"^\| (e\d), [^|]* \| (\S+) \| (\S+) \| (\d) \| (\d) \|$", page, re.M)
    assert len(told) == 3
    for entry, *values in told:
        row = rows[entry]
        assert [row.worst_total, row.best_total, str(row.best_place), str(row.worst_place)] == values
    mark_all(world, "u5", judged="2", passed="fail", count="0", points="5")
    rows = {row.entry: row for row in bounds(world.state, *WHERE)}
    assert all("final" in row.certain for row in rows.values())
    # fourth: no medal by place; the window may share one, so that there is none is not said
    assert rows["e4"].certain == ("final",)


def test_who_may_still_be_absent_is_not_ahead_for_certain() -> None:
    world = opened(2, theory=True, profile="cook-off")
    mark_all(world, "u1", judged="3", passed="pass", count="4", points="15")
    mark_all(world, "u2", judged="0", passed="fail", count="0", points="1")
    chief, clerk = world.seat("chief"), world.seat("clerk")

    def bring(*rows: tuple[str, str | None, str]) -> None:
        brought = e.ImportScores(stream=MAIN, component="theory", digest="ab", rows=rows)
        world.do(chief, e.ConfirmScores(stream=MAIN, n=world.do(clerk, brought).n))

    bring(("u2", "50", ""))
    rows = {row.entry: row for row in bounds(world.state, *WHERE)}
    assert (rows["e2"].best_place, rows["e2"].worst_place) == (1, 2)
    bring(("u1", None, "absent"))
    rows = {row.entry: row for row in bounds(world.state, *WHERE)}
    assert rows["e1"].certain == ("not_ranked", "no_medal") and rows["e1"].best_place == 0
    assert "gold" in rows["e2"].certain


def test_points_reckoned_over_a_component_stay_open_until_all_of_it_is_signed() -> None:
    world = World()
    text = profiles.load("cook-off").text.replace('id = "cook-off"', 'id = "own"')
    world.define("profile", id="own", text=text.replace('"sheet"', '"component"'))
    set_up(world, 1, profile="own")
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A11"),)))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    for seat in ("s1", "s2", "s3"):
        for aspect in ("C1.P1", "C1.P2"):
            assert world.mark(seat, "u1", aspect, "15").a == "accepted"
    for seat in ("s1", "s2", "s3"):
        assert world.sign(seat, "u1", "C1").a == "accepted"
    (row,) = bounds(world.state, *WHERE)
    assert (row.worst_total, row.best_total) == ("0.00", "100.00")


def test_nothing_sealed_moves_a_bound() -> None:
    world = opened(3)
    before = bounds(world.state, *WHERE)
    for seat in ("s1", "s2", "s3"):
        world.mark(seat, "u1", "A1.J1", "3")
        world.mark(seat, "u1", "C1.P1", "1")
    assert bounds(world.state, *WHERE) == before
