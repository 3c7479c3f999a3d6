"""Lists of teams: in the official result, by their own keys and prizes, in files and book, on the board."""

from __future__ import annotations

import io
import json
import random
import zipfile
from fractions import Fraction
from itertools import groupby

import msgspec
import pytest

from compsys import boards, core, edges, reawarding, replaying, scoring, team_lists
from compsys import events as e
from compsys.exchange import book, results
from compsys.state import State
from compsys.vault import Identity
from scoring_rules.derived import Part
from scoring_rules.profile_parts import TeamsRule
from tests.golden import make
from tests.provincial import KEY, exclude, lock, publish, rules
from tests.world import World, mark_all, opened

NAMES = {f"p{i}": Identity({"en": f"Person {i}"}) for i in range(1, 10)}
TEAMS = """
[teams] # the two best of each team, tied ones by members and then by the best place
function = "best_of_set/1"
over = "{over}"
value = "total"
best = 2
need = 2
keys = [["sum", "desc"], ["best_place", "asc"]]
joint = "skip"
prizes = [["first", "1"], ["second", "1"]]
"""


def competition(over: str = "team", entries: int = 7, **how: str) -> World:
    """Entries e1 .. from the best down; teams red (1, 4, 6), blue (2, 3) and green (5 alone); e7 in none."""
    own = rules(more=TEAMS.format(over=over), **how)
    world = opened(entries, profile="provincial", own=own)
    teams = {1: "red", 4: "red", 6: "red", 2: "blue", 3: "blue", 5: "green"}
    for i in range(1, entries + 1):
        changed = {"team": teams[i]} if i in teams else {}
        world.define(
            "entry", id=f"e{i}", trade="cooking", delegation=f"d{(i + 1) // 2}",
            members=[{"person": f"p{i}"}], **changed,
        )  # fmt: skip
        mark_all(world, f"u{i}", points=str(15 - i))
    lock(world)
    return world


def listed(world: World) -> list[tuple[str, int | None, tuple[str, ...], str]]:
    """The list of the newest version."""
    teams = world.state.results[KEY].versions[-1].teams
    assert isinstance(teams, tuple)
    return [(t.team, t.place, t.counted, t.prize) for t in teams]


def test_the_best_of_each_team_are_added_up_in_the_official_result() -> None:
    world = competition()
    publish(world)
    assert listed(world) == [
        ("red", 1, ("e1", "e4"), "first"), ("blue", 2, ("e2", "e3"), "second"), ("green", None, ("e5",), ""),
    ]  # fmt: skip
    sums = {t.sum for t in world.state.results[KEY].versions[-1].teams[:2]}  # type: ignore[union-attr]  # is there
    assert len(sums) == 1, "the sums tie: the better best place decides"
    again = core.fold(State(id="c-test"), world.lines)
    assert again.results[KEY].versions == world.state.results[KEY].versions


def test_delegations_are_sets_too() -> None:
    world = competition("delegation")
    publish(world)
    assert [team for team, _, _, _ in listed(world)] == ["d1", "d2", "d3", "d4"]


def test_without_such_a_rule_a_line_says_nothing_of_teams() -> None:
    world = opened(2)
    for unit in ("u1", "u2"):
        mark_all(world, unit)
    lock(world)
    publish(world)
    assert b'"teams"' not in e.ENCODER.encode(world.state.results[KEY].versions[-1])


def test_an_exclusion_takes_a_teams_prize_too() -> None:
    world = competition()
    publish(world)
    exclude(world, "u4")
    ahead = {(c.entry, c.kind): (c.before, c.after) for c in reawarding.ahead(world.state, KEY)}
    assert ahead["red", "team_prize"] == ("first", "second")
    assert ahead["blue", "team_prize"] == ("second", "first")
    publish(world, reason="r", note={"en": "n"})
    awards = world.state.results[KEY].versions[-1].awards
    assert awards is not msgspec.UNSET
    assert {(a.entry, a.before) for a in awards if a.kind == "team_prize"} == {
        ("blue", "second"), ("red", "first"),
    }  # fmt: skip
    assert boards.picture(world.state, "board:cooking/final/open", "public", lambda p: None)["awards"]


def test_the_public_sees_the_list_with_the_result_and_not_before() -> None:
    world = competition()

    def shown() -> boards.Picture:
        called = {p: {"en": f"Person {p}"} for p in NAMES}
        return boards.picture(world.state, "board:cooking/final/open", "public", called.get)

    assert "teams" not in shown(), "a standing that is only live has no list"
    publish(world, audience="office")
    assert "teams" not in shown()
    before = shown()
    publish(world)
    first = shown()["teams"][0]
    assert (first["place"], first["name"]["en"], first["prize"]) == (1, "red", "first")
    assert [one["name"]["en"] for one in first["counted"]] == ["Person p1", "Person p4"]
    change = boards.change(before, shown())
    assert change is not None and boards.patch(before, change) == shown()


def test_files_and_book_have_it_once_names_may_be_told() -> None:
    world = competition()
    publish(world, audience="office")
    assert "teams" not in results.picture(world.state, NAMES.get, *KEY)
    publish(world)
    held = json.loads(results.write(world.state, NAMES.get, *KEY, "json", "en"))["results"][0]
    assert [(t["team"], t["place"]) for t in held["teams"]] == [("red", 1), ("blue", 2), ("green", None)]
    with zipfile.ZipFile(io.BytesIO(results.write(world.state, NAMES.get, *KEY, "xlsx", "en"))) as package:
        texts = b"".join(package.read(name) for name in package.namelist()).decode()
    assert "Team list" in texts and "Person 1, Person 4" in texts
    told = book.data(world.state, NAMES.get, *KEY)
    section = next(s for s in told["sections"] if s["title"] == "book.teams")
    first = held["teams"][0]
    said = [[book.say(cell, "en", "UTC") for cell in row] for row in section["rows"]]
    assert said[0] == ["1", "red", first["sum"], "Person 1, Person 4", "First prize"]
    assert said[2][0] == "too few results"


def test_a_replay_counts_prizes_and_teams_again() -> None:
    world = competition()
    publish(world)
    exclude(world, "u4")
    publish(world, reason="r", note={"en": "n"})
    found = replaying.replay("c-test", lambda: make.stored(world))
    assert [recount.differences for recount in found.results] == [[], []]
    last = world.state.results[KEY].versions[-1]
    assert isinstance(last.teams, tuple)
    other = msgspec.structs.replace(last, teams=last.teams[1:])
    fields = [difference["field"] for difference in replaying._differences(world.state, other)]
    assert fields == ["team"], "a team that the stored list lacks is a difference"
    bare = msgspec.structs.replace(
        last, rows=tuple(msgspec.structs.replace(row, prize="") for row in last.rows), teams=msgspec.UNSET
    )
    assert not list(replaying._differences(world.state, bare)), "a version older than prizes has none"


def test_a_tie_at_a_teams_prize_is_told_before_release() -> None:
    own = rules(more=TEAMS.format(over="delegation").replace(', ["best_place", "asc"]', ""))
    world = opened(4, profile="provincial", own=own)
    for i, points in ((1, 12), (2, 9), (3, 11), (4, 10)):
        members = [{"person": f"p{i}"}]
        world.define("entry", id=f"e{i}", trade="cooking", delegation=f"d{(i + 1) // 2}", members=members)
        mark_all(world, f"u{i}", points=str(points))
    assert edges.ties(world.state, *KEY) == [], "nothing can be released before the lock"
    lock(world)
    told = [tie for tie in edges.ties(world.state, *KEY) if tie["teams"]]
    assert [(tie["code"], tie["edge"], tie["entries"]) for tie in told] == [
        ("rank.tie_at_prize", "1", ["d1", "d2"])
    ]
    assert told[0]["names"][0] == {"en": "Delegation 1"}


def test_a_guest_counts_for_no_team() -> None:
    world = competition()
    members = [{"person": "p2"}]
    world.define("entry", id="e2", trade="cooking", delegation="d1", members=members, team="blue", guest=True)
    rows = team_lists.of_standing(world.state, scoring.standing(world.state, *KEY, "signed"))
    assert [(t.team, t.place) for t in rows] == [("red", 1), ("blue", None), ("green", None)]


@pytest.mark.parametrize("seed", range(200))
def test_ranked_teams_agree_with_a_plain_count(seed: int) -> None:
    dice = random.Random(seed)
    best, need = dice.randint(0, 3), dice.randint(1, 3)
    rule = TeamsRule(
        "best_of_set/1", "team", "total", best, min(need, best or need), (("sum", "desc"),), "skip",
        (("first", "1"), ("third", "2")),
    )  # fmt: skip
    totals = sorted((Fraction(dice.randint(0, 20)) for _ in range(dice.randint(0, 20))), reverse=True)
    parts = [Part(f"e{n:02}", dice.choice("xyz"), total, n + 1) for n, total in enumerate(totals)]
    held = {owner: sorted((p.value for p in parts if p.owner == owner), reverse=True) for owner in "xyz"}
    sums = {o: sum(v[: best or None], Fraction(0)) for o, v in held.items() if len(v) >= rule.need}
    expected = []
    for value, owners in groupby(sorted(sums, key=lambda o: -sums[o]), key=lambda o: sums[o]):
        place = 1 + sum(other > value for other in sums.values())
        prize = "first" if place == 1 else "third" if place <= 3 else ""
        expected += [(owner, place, prize) for owner in owners]
    found = [(t.owner, t.place, prize) for t, prize in team_lists.ranked(rule, parts) if t.place]
    assert sorted(found) == sorted(expected), seed
