"""What a correction takes and gives: told before it is confirmed, kept in its line and in files."""

from __future__ import annotations

import json

import msgspec

from compsys import core, reawarding
from compsys import events as e
from compsys.exchange import book, results
from compsys.state import State
from compsys.vault import Identity
from tests.provincial import KEY, exclude, provincial, publish, rules
from tests.world import MAIN, World

NAMES = {f"p{i}": Identity({"zh-CN": f"选手{i}", "en": f"Person {i}"}) for i in range(1, 10)}
NOTE = {"en": "Entry 1 was excluded."}


def corrected(ineligible: str = "move_up", entries: int = 6) -> World:
    """v1 official and public, its first excluded, v2 official and public."""
    world = provincial(entries, rules(ineligible=ineligible))
    publish(world)
    exclude(world, "u1")
    publish(world, reason="ghost writer", note=NOTE)
    return world


def said(world: World) -> list[tuple[str, str, str, str]]:
    """What the newest version's line says that it took and gave."""
    awards = world.state.results[KEY].versions[-1].awards
    assert awards is not msgspec.UNSET
    return [(a.entry, a.kind, a.before, a.after) for a in awards]


def test_a_correction_lists_prizes_lost_and_gained_where_others_move_up() -> None:
    # six started: 10, 20, 30 % rounded up are 1, 2 and 2
    assert said(corrected()) == [
        ("e1", "prize", "first", ""), ("e2", "prize", "second", "first"),
        ("e4", "prize", "third", "second"), ("e6", "prize", "", "third"),
    ]  # fmt: skip


def test_where_the_place_stays_empty_only_the_excluded_one_loses() -> None:
    assert said(corrected("vacate")) == [("e1", "prize", "first", "")]


def test_a_line_that_takes_nothing_says_nothing_of_it() -> None:
    world = provincial(3)
    publish(world)
    version = world.state.results[KEY].versions[-1]
    assert b'"awards"' not in e.ENCODER.encode(version)


def test_it_is_known_before_it_is_confirmed_and_with_the_levels_that_go_with_it() -> None:
    world = provincial(6)
    assert reawarding.ahead(world.state, KEY) == [], "nothing official stands yet"
    publish(world)
    exclude(world, "u1")
    found = {(c.entry, c.kind): c.way for c in reawarding.ahead(world.state, KEY)}
    assert found["e1", "prize"] == "lost" and found["e6", "prize"] == "gained"
    before = world.state.results[KEY].versions
    assert len(before) == 1, "looking writes nothing"
    publish(world, reason="ghost writer", note=NOTE)
    assert reawarding.ahead(world.state, KEY) == []
    told = reawarding.taken(world.state, KEY, 1)
    assert {(c.entry, c.kind): c.way for c in told} == found


def test_nothing_is_told_while_the_stage_is_open_again() -> None:
    world = provincial(4)
    publish(world)
    chief = world.seat("chief")
    world.do(chief, e.Unlock(stream=MAIN, scope="stage", reason="r", confirmed_by="lin"))
    world.do(chief, e.SetStatus(stream=MAIN, unit="u1", scope="stage", status="excluded", reason="r"))
    assert reawarding.ahead(world.state, KEY) == []


def test_a_provisional_version_between_is_passed_over() -> None:
    world = provincial(4)
    publish(world, rank="provisional")
    exclude(world, "u1")
    publish(world)
    assert world.state.results[KEY].versions[-1].awards is msgspec.UNSET, "nothing official was taken back"


def test_a_fold_of_the_lines_says_the_same() -> None:
    world = corrected()
    again = core.fold(State(id="c-test"), world.lines)
    assert again.results[KEY].versions == world.state.results[KEY].versions


def test_the_files_show_prizes_and_the_data_what_was_taken() -> None:
    world = corrected()
    csv = results.write(world.state, NAMES.get, *KEY, "csv", "en").decode("utf-8-sig")
    head, first, *_ = csv.splitlines()
    assert "Prize" in head.split(",") and "First prize" in first and "Person 2" in first
    held = json.loads(results.write(world.state, NAMES.get, *KEY, "json", "en"))["results"][0]
    assert [row.get("prize", "") for row in held["rows"]] == [
        "first", "second", "second", "third", "third", "",
    ]  # fmt: skip
    lost = held["awards"][0]
    assert (lost["way"], lost["kind"], lost["name"]["en"]) == ("lost", "prize", "Person 1")
    assert lost["code"] == "A11"


def test_no_name_stands_beside_what_was_lost_before_the_result_left_the_office() -> None:
    world = provincial(6)
    publish(world, audience="office")
    exclude(world, "u1")
    publish(world, audience="office", reason="ghost writer", note=NOTE)
    held = results.picture(world.state, NAMES.get, *KEY)
    assert held["awards"][0]["code"] == "A11"
    assert not any(line["name"] or line["entry"] or line["delegation"] for line in held["awards"])


def test_the_book_lists_them_by_name() -> None:
    told = book.data(corrected().state, NAMES.get, *KEY)
    section = next(s for s in told["sections"] if s["title"] == "book.awards")
    words = [[book.say(cell, "en", "UTC") for cell in row] for row in section["rows"]]
    assert words[0] == ["Official v2", "A11", "Person 1, Delegation 1", "Prize, Lost", "First prize", "–"]
    changes = next(s for s in told["sections"] if s["title"] == "book.changes")
    assert "Second prize → First prize" in [book.say(row[4], "en", "UTC") for row in changes["rows"]]
    assert book.pdf([told], "zh-CN").startswith(b"%PDF-")


def test_a_result_without_awards_has_no_such_section() -> None:
    world = provincial(3)
    publish(world)
    told = book.data(world.state, NAMES.get, *KEY)
    titles = [s["title"] for s in told["sections"]] + told["nothing"]
    assert "book.awards" not in titles
