"""Why this place: the steps add up to what scoring says, the leaves are what a second adding up finds."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from compsys import events as e
from compsys import explain_told, scoring, words
from compsys.bounds import bounds
from compsys.explain import Target, explain, find
from compsys.explain_marks import Node, dropping
from scoring_rules import delegations, judgement, measurement, medals, profiles, scale
from scoring_rules.exact import parse, show
from tests.compsys.core_day import Day
from tests.conftest import SEED
from tests.re_add import again
from tests.world import MAIN, ORGANIZER, World, mark_all, opened, set_up

WHERE = ("cooking", "final", "open")


def nodes(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield node
    for child in node.children:
        yield from nodes(child)


def value(text: str) -> Fraction | None:
    """A node's value as a number."""
    return Fraction(text) if text else None


def adds_up(day: Day) -> int:
    """Every entry's steps are what scoring and the second adding up have; how many nodes were held against
    it."""
    state, naive, seen = day.world.state, day.naive, 0
    standing = scoring.standing(state, *WHERE, "signed")
    totals, places = naive.totals("signed"), naive.places("signed")
    for row in standing.rows:
        told = explain(state, Target(*WHERE, row.entry))
        assert told is not None and told.unit == row.unit
        total = told.steps[0]
        again(total)
        assert value(total.value) == row.total == totals[row.unit][0]
        place = told.step("place")
        assert place is not None and place.value == str(row.place or "")
        assert place.value == str(places[row.unit][0] if row.unit in places else "")
        assert [value(k.value) for k in place.children] == list(row.score.keys) == totals[row.unit][2]
        medal = told.step("medal")
        assert medal is not None and medal.value == row.medal
        for score, component in zip(row.score.components, total.children, strict=True):
            assert value(component.value) == score.weighted
            assert value(component.inputs.get("raw", "")) == (score.raw if component.value else None)
        seen += sum(1 for _ in nodes(total)) + leaves(day, total, row.unit)
    return seen


def leaves(day: Day, total: Node, unit: str) -> int:
    """The marks at the bottom are the second adding up's own."""
    seen = 0
    for sub in (node for node in nodes(total) if node.what == "sub" and node.value):
        score, complete, _ = day.naive.paper_score(unit, sub.key, "signed")
        assert (Fraction(sub.value), sub.note == "") == (score, complete)
        for aspect in (node for node in sub.children if node.what == "aspect"):
            known = day.naive.aspects[aspect.key]
            if known.method != "points" or aspect.note.startswith("voided"):
                assert value(aspect.value) == day.naive.aspect_mark(unit, known)
                seen += 1
    return seen


def test_the_steps_of_random_days_add_up() -> None:
    seen, rules = 0, set[str]()
    for seed in range(16):
        day = Day(seed)
        rng = random.Random(seed)
        for _ in range(120):
            day.step()
            if rng.random() < 0.08:
                seen += adds_up(day)
        day.finish()
        seen += adds_up(day)
        for target in (Target(*WHERE, f"e{unit[1:]}") for unit in day.units):
            told = explain(day.world.state, target)
            rules |= {n.rule for n in nodes(told.steps[0])} if told else set()
    assert seen > 3000
    assert rules >= {
        "sum/1", "sum_floor/1", "weight/1", "ws_average/1", "trimmed_mean/1", "mean/1", "median/1",
        "pass_fail/1", "count/1", "deduction/1", "difference/1", "value/1",
    }  # fmt: skip


@pytest.mark.long
def test_the_steps_of_thousands_of_random_entries_add_up() -> None:
    for seed in range(SEED, SEED + 400):
        day = Day(seed)
        for _ in range(150):
            day.step()
            if day.rng.random() < 0.03:
                adds_up(day)
        day.finish()
        adds_up(day)


def test_nothing_of_an_unsigned_sheet_is_told() -> None:
    for seed in range(6):
        day = Day(seed)
        for _ in range(100):
            day.step()
        stream = day.world.stream()
        for unit in stream.units.values():
            told = explain(day.world.state, Target(*WHERE, unit.entry))
            assert told is not None
            for sub in (n for n in nodes(told.steps[0]) if n.what == "sub"):
                sheet = stream.sheets.get((unit.id, sub.key))
                if sheet is None or not sheet.complete:
                    assert not sub.value and not sub.children


def test_the_vote_of_a_seat_that_left_is_shown_and_does_not_count() -> None:
    world = opened(1)
    for seat, score in (("s1", "3"), ("s2", "3"), ("s3", "2")):
        assert world.mark(seat, "u1", "A1.J1", score).a == "accepted"
    out, into = "cooking/final/s3", "cooking/final/s4"
    leave = e.ChangeRoster(stream=MAIN, leaves=out, joins=into, unit="*", reason="ill")
    world.do(world.seat("chief"), leave)
    for seat in ("s1", "s2", "s4"):
        assert world.mark(seat, "u1", "A1.J2", "2").a == "accepted"
    for seat in ("s1", "s2", "s4"):
        assert world.sign(seat, "u1", "A1").a == "accepted"
    told = explain(world.state, Target(*WHERE, "e1"))
    assert told is not None
    judged = next(node for node in nodes(told.steps[0]) if node.key == "A1.J1")
    assert judged.value == "10"  # of the two that stayed
    notes = [(child.key.rpartition("/")[2], child.note) for child in judged.children]
    assert sorted(notes) == [("s1", ""), ("s2", ""), ("s3", "left_out")]
    again(told.steps[0])


def test_an_entry_is_found_by_its_id_its_code_and_its_bib() -> None:
    state = Day(3).world.state
    assert find(state, "cooking", "", "", "e1") == [Target(*WHERE, "e1")]
    code = state.streams[MAIN].units["u1"].code
    assert find(state, "cooking", "final", "open", code) == [Target(*WHERE, "e1")]
    assert find(state, "cooking", "", "", "nobody") == [] == find(state, "other", "", "", "e1")


def test_the_worked_case_of_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rules" / "explaining.md").read_text("utf-8")
    rows = re.findall(r"^\| (J\d) \| (\S+) \| (\S+) \| (\S+) \|(?: dropped, (\w+))?", page, re.M)
    sums = {seat: parse(one) + parse(two) for seat, one, two, _, _ in rows}
    assert [show(total) for total in sums.values()] == [row[3] for row in rows]
    trim = judgement.Trim(1, 1, 3)
    words_of = {"dropped_high": "highest", "dropped_low": "lowest"}
    dropped = {seat: words_of[note] for seat, note in dropping("trimmed_mean/1", sums, trim).items()}
    assert dropped == {row[0]: row[4] for row in rows if row[4]}
    mean = judgement.trimmed_mean(list(sums.values()), trim)
    assert f"{mean.numerator}/{mean.denominator}" in page and show(mean, 6) in page


def test_every_rule_and_note_has_its_sentence() -> None:
    known = words.catalogue()
    functions = [
        *judgement.FUNCTIONS, *judgement.JUDGEMENTS, *medals.FUNCTIONS, *medals.EXCELLENCES, *scale.FUNCTIONS,
        *(f"{order}/1" for order in delegations.ORDERS), *(f"{kind}/1" for kind in measurement.KNOWN),
    ]  # fmt: skip
    assert not [name for name in functions if f"explain.rule.{name.replace('/', '_')}" not in known]


def test_the_words_of_random_days_lack_nothing() -> None:
    for seed in range(6):
        day = Day(seed)
        for _ in range(100):
            day.step()
        day.finish()
        for unit in day.units:
            told = explain(day.world.state, Target(*WHERE, f"e{unit[1:]}"))
            assert told is not None
            for lang in words.LANGS:
                said = "\n".join(explain_told.lines(told, lang))
                assert "{" not in said and "}" not in said, said


def test_a_floor_that_takes_a_medal_is_told_and_nothing_is_safe_under_it() -> None:
    world = World()
    text = profiles.load("cook-off").text.replace('id = "cook-off"', 'id = "own"')
    changed = text.replace('ineligible = "move_up"', 'ineligible = "move_up"\nfloor = "60"')
    world.define("profile", id="own", text=changed)
    set_up(world, 2, profile="own")
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A11"), ("e2", "u2", "A12"))))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    mark_all(world, "u1")
    mark_all(world, "u2", judged="1", passed="fail")
    told = explain(world.state, Target(*WHERE, "e2"))
    assert told is not None
    medal = told.step("medal")
    assert medal is not None and (medal.value, medal.note, medal.inputs["floor"]) == ("", "below_floor", "60")
    certain = {row.entry: row.certain for row in bounds(world.state, *WHERE)}
    assert certain == {"e1": ("final", "gold", "medal"), "e2": ("final", "no_medal")}


def test_a_proposed_level_is_explained_with_its_clause_and_reasons() -> None:
    world = opened(3, profile="cn-national-1")
    for i, unit in enumerate(("u1", "u2", "u3")):
        mark_all(world, unit, points=str(12 - i))
    told = explain(world.state, Target(*WHERE, "e1"))
    assert told is not None
    step = told.step("promotion")
    assert step is not None and (step.value, step.rule) == ("2", "promotion/1") and step.inputs["honours"]
    said = "\n".join(explain_told.lines(told, "en"))
    assert "level 2 (technician)" in said and "To be approved by" in said
    assert explain(opened(1).state, Target(*WHERE, "e1")) is not None
