"""Prizes beside medals: who has which in a standing and in an official result, and what an exclusion does."""

from __future__ import annotations

import itertools
import random
import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsys import awarding, boards, bounds, explain, explain_told, scoring, whatif
from compsys import events as e
from scoring_rules import field, profiles, ranking, standings
from scoring_rules.profiles import Profile, load
from tests.provincial import KEY, PRIZES, exclude, provincial, publish, rules
from tests.world import MAIN, World, mark_all, opened


def prizes(world: World) -> list[tuple[str, int | None, str]]:
    """(code, place, prize) in order."""
    rows = scoring.standing(world.state, *KEY, "signed").rows
    return [(r.code, r.place, r.prize) for r in rows]


def test_prizes_by_share_stand_in_the_standing_and_in_the_official_result() -> None:
    # 10, 20 and 30 % of five that started, each rounded up: 1, 1 and 2
    world = provincial(5)
    assert prizes(world) == [
        ("A11", 1, "first"), ("A12", 2, "second"), ("A13", 3, "third"), ("A14", 4, "third"), ("A15", 5, ""),
    ]  # fmt: skip
    publish(world)
    stored = world.state.results[KEY].versions[-1]
    assert [(r.code, r.prize, r.medal) for r in stored.rows][:2] == [
        ("A11", "first", ""),
        ("A12", "second", ""),
    ]
    line = e.ENCODER.encode(stored)
    assert line.count(b'"prize"') == 4, "an entry without a prize says nothing of it"


def test_the_base_of_a_share_is_the_one_that_the_rules_name() -> None:
    def held(base: str) -> list[str]:
        world = provincial(5, rules(base, "half_up"))
        chief = world.seat("chief")
        world.do(chief, e.Unlock(stream=MAIN, scope="stage", reason="r", confirmed_by="lin"))
        for unit, status in (("u4", "withdrawn"), ("u5", "absent")):
            command = e.SetStatus(stream=MAIN, unit=unit, scope="stage", status=status, reason="r")
            world.do(chief, command)
        return [prize for _, _, prize in prizes(world)]

    # entered 5: 1, 1, 2 of 0.5, 1, 1.5 half up; started 3: 0, 1, 1 of 0.3, 0.6, 0.9
    assert held("entered") == ["first", "second", "third", "", ""]
    assert held("checked_in") == ["second", "third", "", "", ""]
    assert held("started") == ["second", "third", "", "", ""]


def test_a_guest_has_no_prize_and_makes_no_prize_more() -> None:
    world = provincial(5, rules(rounding="half_up"))
    guest = {"id": "e1", "trade": "cooking", "delegation": "d1", "members": [{"person": "p1"}], "guest": True}
    world.define("entry", **guest)
    # 10, 20, 30 % of four, half up: 0, 1, 1 (of five it would be 1, 1, 2); the guest's place closes up
    assert [prize for _, _, prize in prizes(world)] == ["", "second", "third", "", ""]


def test_after_an_exclusion_the_others_move_up_or_the_place_stays_empty() -> None:
    def after(ineligible: str) -> list[tuple[str, int | None, str]]:
        world = provincial(5, rules(ineligible=ineligible))
        publish(world)
        exclude(world, "u1")
        publish(world, reason="ghost writer", note={"en": "Place 1 excluded"})
        stored = world.state.results[KEY].versions[-1]
        assert stored.version == 2
        live = scoring.place_of(world.state, world.stream(), world.stream().units["u2"], "signed")
        assert live is not None and live.place == stored.rows[0].place
        gone = scoring.place_of(world.state, world.stream(), world.stream().units["u1"], "signed")
        assert gone is None
        return [(r.code, r.place, r.prize) for r in stored.rows]

    assert after("move_up") == [
        ("A12", 1, "first"), ("A13", 2, "second"), ("A14", 3, "third"), ("A15", 4, "third"),
        ("A11", None, ""),
    ]  # fmt: skip
    assert after("vacate") == [
        ("A12", 2, "second"), ("A13", 3, "third"), ("A14", 4, "third"), ("A15", 5, ""), ("A11", None, ""),
    ]  # fmt: skip


def test_a_frozen_board_keeps_the_place_that_was_left_empty() -> None:
    world = provincial(3, rules(ineligible="vacate"))
    exclude(world, "u1")
    world.stream().standstill = {"newest": {}, **scoring.standstill(world.state, world.stream())}
    found = scoring.standing(world.state, *KEY, "signed", cut=True)
    assert [(r.code, r.place) for r in found.rows] == [("A12", 2), ("A13", 3), ("A11", None)]


def test_a_tie_at_the_edge_of_a_prize_is_told_before_release() -> None:
    def told(world: World) -> list[tuple[str, int, tuple[str, ...]]]:
        found = scoring.standing(world.state, *KEY, "signed")
        return [tuple(tie) for tie in awarding.ties(world.state, found)]  # type: ignore[misc]  # a plain tuple

    assert told(provincial(5)) == []
    assert told(provincial(5, tie=1)) == [("rank.tie_at_prize", 1, ("u1", "u2"))]
    assert told(provincial(5, tie=3)) == [], "both are inside the third prizes"


def test_no_prizes_before_the_last_stage_and_none_where_the_trade_gives_none() -> None:
    world = provincial(3)
    world.define("stage", id="grand", trade="cooking", name={"en": "Grand final"}, order=9)
    assert {prize for _, _, prize in prizes(world)} == {""}


def test_why_this_prize_names_field_share_and_how_far_each_goes() -> None:
    world = provincial(5)
    found = explain.explain(world.state, explain.Target(*KEY, "e2"))
    assert found is not None
    step = found.step("prize")
    assert step is not None and (step.value, step.rule, step.clause) == ("second", "by_share/1", "prizes")
    assert step.inputs["of"] == "5" and step.inputs["edges"] == "first:1 second:2 third:4"
    told = "\n".join(explain_told.lines(found, "en"))
    assert "First prize 10 %" in told and "5 entries started, rounded up" in told and "Third prize 4" in told
    last = explain.explain(world.state, explain.Target(*KEY, "e5"))
    assert last is not None and (other := last.step("prize")) is not None
    assert (other.value, other.note) == ("", "no_prize")


def test_what_if_lists_the_prizes_that_would_be_others() -> None:
    world = provincial(5)
    found = whatif.what_if(world.state, explain.Target(*KEY, "e1"), whatif.Supposed(status="excluded"))
    assert isinstance(found, whatif.Outcome)
    changed = {(c.who, c.before, c.after) for c in found.changed if c.field == "prize"}
    assert {("e1", "first", ""), ("e2", "second", "first"), ("e5", "", "third")} <= changed


def test_bounds_count_the_place_that_stays_empty() -> None:
    world = opened(3, profile="provincial", own=rules(ineligible="vacate"))
    for i in (1, 2):
        mark_all(world, f"u{i}", points=str(14 - i))
    status = e.SetStatus(stream=MAIN, unit="u1", scope="stage", status="excluded", reason="r")
    world.do(world.seat("chief"), status)
    found = {row.entry: (row.best_place, row.worst_place) for row in bounds.bounds(world.state, *KEY)}
    assert found == {"e1": (0, 0), "e2": (2, 3), "e3": (1, 3)}
    mark_all(world, "u3", points="1")
    final = {r.entry: r.place for r in scoring.standing(world.state, *KEY, "signed").rows}
    assert final == {"e1": None, "e2": 2, "e3": 3}


def board(world: World, audience: str = "public") -> dict[str, Any]:
    """The picture of the group's board."""
    names = {f"p{i}": {"en": f"Person {i}"} for i in range(1, 10)}
    return boards.picture(world.state, "board:cooking/final/open", audience, names.get)  # type: ignore[arg-type]  # an audience


def test_a_board_shows_prizes_when_it_may_show_what_they_are_made_of() -> None:
    world = provincial(5, feed={"public": "published"})
    assert board(world)["rows"] == []
    publish(world, audience="office")
    assert board(world)["rows"] == [], "the office's version is not the public's"
    publish(world)
    rows = board(world)["rows"]
    assert [row.get("prize") for row in rows] == ["first", "second", "third", "third", None]
    assert "awards" not in board(world)


def test_a_live_board_tells_who_would_have_a_prize() -> None:
    assert [row.get("prize") for row in board(provincial(5))["rows"]][:2] == ["first", "second"]


def test_the_public_note_of_a_correction_comes_with_what_it_took_and_gave() -> None:
    world = provincial(6)
    publish(world)
    before = board(world)
    exclude(world, "u1")
    assert board(world) == before, "nothing of a correction is public before it is"
    publish(world, audience="office", reason="ghost writer", note={"en": "Corrected"})
    assert board(world) == before
    publish(world)
    after = board(world)
    assert after["awards"][0] == {
        "kind": "prize", "code": "A11", "name": {"en": "Person 1"}, "delegation": {"en": "Delegation 1"},
        "before": "first",
    }  # fmt: skip
    assert [(a.get("before"), a.get("after")) for a in after["awards"][1:]] == [
        ("second", "first"), ("third", "second"), (None, "third"),
    ]  # fmt: skip
    change = boards.change(before, after)
    assert change is not None and boards.patch(before, change) == after
    back = boards.change(after, before)
    assert back is not None and boards.patch(after, back) == before


@pytest.mark.parametrize("ineligible", ["move_up", "vacate"])
@given(data=st.data())
def test_the_field_agrees_with_the_ranking_of_tables(ineligible: str, data: st.DataObject) -> None:
    text = rules(
        data.draw(st.sampled_from(["entered", "checked_in", "started", "ranked"])),
        data.draw(st.sampled_from(["floor", "half_up", "ceil"])),
        ineligible,
    )
    text = text.replace('function = "none" # unverified', 'function = "by_places/1"')
    if data.draw(st.booleans()):
        text = with_scale(ineligible, data.draw(st.sampled_from(["in", "out"])))
    unit = data.draw(st.sampled_from(["entries", "persons"]))
    text = text.replace('base = "', f'unit = "{unit}"\nbase = "')
    profile = profiles.parse(text)
    seed = data.draw(st.integers(0, 10**6))
    entrants = list(field_of(random.Random(seed), profile))
    expected = ranking.rank(profile, entrants)
    runners = {
        m.entry: field.Runner(m.entry, m.total, m.keys, m.eligible, m.status, size=m.size) for m in entrants
    }
    stays = [
        m for m in entrants if m.status == "ranked" or (ineligible == "vacate" and m.status == "excluded")
    ]
    rows = [standings.Row(m.entry, m.keys) for m in stays]
    placed = standings.places(rows, profile.places.directions, profile.places.joint)
    found = [(s.entry, s.place, s.scale, s.medal, s.prize) for s in field.honours(profile, placed, runners)]
    wanted = [(o.entry, o.place, o.scale, o.medal, o.prize) for o in expected.outcomes if o.place]
    assert sorted(found) == sorted(wanted), seed


@given(seed=st.integers(0, 10**6), how=st.sampled_from(["in", "out"]))
def test_a_guest_changes_nobody_elses_scale_medal_or_prize(seed: int, how: str) -> None:
    """Ranked among the others, and out of the scale, of every base and of every award."""
    profile = profiles.parse(with_scale("move_up", how))
    entrants = list(field_of(random.Random(seed), profile))
    guests = {m.entry for m in entrants[::3]}

    def awards(members: list[ranking.Entrant]) -> dict[str, tuple[int | None, str, str]]:
        runners = {
            m.entry: field.Runner(m.entry, m.total, m.keys, m.eligible, m.status, m.entry in guests, m.size)
            for m in members
        }
        rows = [standings.Row(m.entry, m.keys) for m in members if m.status == "ranked"]
        placed = standings.places(rows, profile.places.directions, profile.places.joint)
        return {s.entry: (s.scale, s.medal, s.prize) for s in field.honours(profile, placed, runners)}

    found = awards(entrants)
    assert {found.pop(guest, (None, "", "")) for guest in guests} == {(None, "", "")}
    assert found == awards([m for m in entrants if m.entry not in guests]), seed


def with_scale(ineligible: str, unfinished: str) -> str:
    """The rules of WorldSkills, with prizes besides."""
    text = re.sub(r'(?m)^ineligible = "\w+"', f'ineligible = "{ineligible}"', load("worldskills-2026").text)
    text = re.sub(r"(?m)^\[scale\].*$", f'\\g<0>\nunfinished = "{unfinished}"', text)
    return text + PRIZES.format(base="started", rounding="half_up")


def field_of(dice: random.Random, profile: Profile) -> list[ranking.Entrant]:
    """Some entrants with ties, teams, and all that may become of an entry."""
    statuses = ["ranked"] * 5 + ["absent", "not_finished", "withdrawn", "excluded"]
    found = []
    for n in itertools.takewhile(lambda n: n < dice.randint(1, 30), itertools.count()):
        total = Fraction(dice.randint(0, 12))
        keys = tuple(total for _ in profile.places.keys)
        status = dice.choice(statuses)
        known = total if status in ("ranked", "excluded", "not_finished") else None
        found.append(
            ranking.Entrant(f"e{n:02}", known, keys, status, dice.random() > 0.1, dice.randint(1, 4))
        )
    return found
