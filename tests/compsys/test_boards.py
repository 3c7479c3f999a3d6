"""Tests pictures: what feeds them for whom, how rows are ranked and named, and what they never tell."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest

from compsys import boards, boards_rows, core
from compsys import events as e
from compsys.records import Audience
from compsys.state import State
from tests.world import MAIN, ORGANIZER, World, mark_all, opened

BOARD = "board:cooking/final/open"
NAMES = {f"p{i}": {"zh-CN": f"选手{i}", "en": f"Person {i}"} for i in range(1, 400)}


def seen(world: World, audience: Audience = "public", topic: str = BOARD) -> dict[str, Any]:
    """What an audience sees now."""
    return boards.picture(world.state, topic, audience, NAMES.get)


def row(picture: dict[str, Any], key: str) -> dict[str, Any]:
    """The row of a key."""
    return next(row for row in picture["rows"] if row["key"] == key)


def publish(world: World, rank: Literal["provisional", "official"], audience: Audience, **more: str) -> None:
    """Lock if need be, then publish."""
    if world.stream().marking != "locked":
        world.do(ORGANIZER, e.Lock(stream=MAIN, scope="stage"))
    command = e.Publish(
        trade="cooking", stage="final", group="open", rank=rank, audience=audience, confirmed_by="zhao",
        reason=more.get("reason", ""), note={"en": more["note"]} if "note" in more else {},
    )  # fmt: skip
    world.do(ORGANIZER, command)


def all_marked(world: World) -> None:
    """u1 87.., u2 best, u3 and further equal to u1."""
    for unit in world.stream().units:
        mark_all(world, unit, judged="3" if unit == "u2" else "2")


# ---------------------------------------------------------------- what feeds a board


def test_an_unsigned_sheet_feeds_nothing_that_the_public_sees() -> None:
    world = opened()
    before = seen(world)
    for seat in ("s1", "s2", "s3"):
        world.mark(seat, "u1", "A1.J1", "3")
        world.mark(seat, "u1", "A1.J2", "3")
    world.mark("s1", "u1", "B1.M1", "pass")
    world.sign("s1", "u1", "A1")
    world.sign("s2", "u1", "A1")
    assert seen(world) == before
    world.sign("s3", "u1", "A1")
    after = seen(world)
    assert row(after, "A11")["components"] == [{"value": "20.00", "part": True}]
    assert row(after, "A11")["sheets"] == [1, 3]
    assert after["as_of"] > before["as_of"]


def test_at_revealed_an_aspect_feeds_when_all_have_voted_and_the_spread_is_legal() -> None:
    world = opened(feed={"public": "revealed"})
    before = seen(world)
    world.mark("s1", "u1", "A1.J1", "1")
    world.mark("s2", "u1", "A1.J1", "2")
    assert seen(world) == before, "two of three votes told something"
    world.mark("s3", "u1", "A1.J1", "2")
    shown = seen(world)
    assert row(shown, "A11")["components"] == [{"value": "5.56", "part": True}]
    world.mark("s1", "u1", "A1.J2", "0")
    world.mark("s2", "u1", "A1.J2", "3")
    world.mark("s3", "u1", "A1.J2", "3")
    assert seen(world) == shown, "a spread that is too large fed the board"


def test_each_audience_has_its_own_level_and_the_others_the_public_one() -> None:
    world = opened(feed={"public": "published", "delegations": "revealed"})
    for seat in ("s1", "s2", "s3"):
        world.mark(seat, "u1", "A1.J1", "2")
    assert row(seen(world, "delegations"), "A11")["components"] != [None]
    assert seen(world)["rows"] == []
    assert seen(world)["status"]["kind"] == "none"
    assert seen(world, "ceremony") == seen(world)


def test_released_shows_any_version_of_this_audience_published_only_an_official_one() -> None:
    for level, at_provisional in (("released", "provisional"), ("published", "none")):
        world = opened(feed={"public": level})
        all_marked(world)
        publish(world, "provisional", "delegations")
        assert seen(world)["status"]["kind"] == "none"
        assert seen(world, "delegations")["status"]["kind"] == at_provisional
        publish(world, "provisional", "public")
        assert seen(world)["status"]["kind"] == at_provisional
        publish(world, "official", "public")
        assert seen(world)["status"] == {
            "kind": "official", "version": 1, "corrected": False, "marking": "locked", "level": "",
        }  # fmt: skip


def test_a_stored_version_is_shown_as_stored_whatever_is_marked_later() -> None:
    world = opened()
    all_marked(world)
    publish(world, "provisional", "public")
    before = seen(world)
    world.do(ORGANIZER, e.Unlock(stream=MAIN, scope="stage", reason="u1 again", confirmed_by="zhao"))
    world.do(world.seat("chief"), e.Return(stream=MAIN, unit="u2", sub="A1", reason="again"))
    after = seen(world)
    assert after["rows"] == before["rows"]
    assert after["status"]["version"] == 1


def test_a_correction_is_named_with_its_note() -> None:
    world = opened()
    all_marked(world)
    publish(world, "official", "public")
    world.do(ORGANIZER, e.Unlock(stream=MAIN, scope="stage", reason="u1 again", confirmed_by="zhao"))
    status = e.SetStatus(stream=MAIN, unit="u2", scope="stage", status="excluded", reason="appeal")
    world.do(world.seat("chief"), status)
    publish(world, "official", "public", reason="appeal upheld", note="Place 1 corrected")
    shown = seen(world)
    assert (shown["status"]["version"], shown["status"]["corrected"]) == (2, True)
    assert shown["note"] == {"en": "Place 1 corrected"}
    assert "place" not in row(shown, "A12")
    assert row(shown, "A12")["status"] == "excluded"


def test_an_annulled_result_shows_no_row() -> None:
    world = opened()
    all_marked(world)
    publish(world, "official", "public")
    annul = e.Annul(trade="cooking", stage="final", group="open", reason="wrong scheme", confirmed_by="zhao")
    world.do(ORGANIZER, annul)
    assert seen(world)["status"]["kind"] == "annulled"
    assert seen(world)["rows"] == []


# ---------------------------------------------------------------- who may be known


def test_codes_only_until_results_are_published_to_that_audience() -> None:
    world = opened()
    all_marked(world)
    text = json.dumps(seen(world), ensure_ascii=False)
    assert "A12" in text
    assert not any(word in text for word in ("选手", "Person", "Delegation", "e1", "u1"))
    publish(world, "provisional", "delegations")
    assert "选手" not in json.dumps(seen(world), ensure_ascii=False)
    first = seen(world, "delegations")["rows"][0]
    assert first["name"] == NAMES["p2"]
    assert first["delegation"] == {"en": "Delegation 2"}
    publish(world, "official", "public")
    assert seen(world)["rows"][0]["name"] == NAMES["p2"]
    assert seen(world)["rows"][0]["key"] == "A12", "the row is still the same row"


def test_named_live_shows_names_but_not_the_codes_that_judges_know() -> None:
    world = opened(disclosure="named_live")
    all_marked(world)
    text = json.dumps(seen(world), ensure_ascii=False)
    assert "选手2" in text
    assert not any(code in text for code in ("A11", "A12", "A13"))


def test_none_until_final_shows_nothing_before_a_version_is_released() -> None:
    world = opened(disclosure="none_until_final")
    before = seen(world)
    all_marked(world)
    assert seen(world) == before
    assert before["rows"] == [] and before["counts"] == {"ranked": 0, "of": 0}
    publish(world, "official", "public")
    assert seen(world)["rows"][0]["name"] == NAMES["p2"]


def test_an_erased_person_leaves_the_row_without_a_name() -> None:
    world = opened()
    all_marked(world)
    publish(world, "official", "public")
    shown = boards.picture(world.state, BOARD, "public", lambda person: None)
    assert "name" not in shown["rows"][0]
    assert shown["rows"][0]["code"] == "A12"


# ---------------------------------------------------------------- standing still


def test_a_frozen_picture_does_not_move_by_a_byte_and_goes_on_afterwards() -> None:
    world = opened()
    mark_all(world, "u1")
    world.do(ORGANIZER, e.Freeze(stream=MAIN, on=True))
    frozen = json.dumps(seen(world))
    assert seen(world)["status"]["kind"] == "frozen"
    mark_all(world, "u2", judged="3")
    world.do(world.seat("chief"), e.Return(stream=MAIN, unit="u1", sub="A1", reason="again"))
    void = e.Void(stream=MAIN, what="aspect:B1.M1", full=True, reason="broken stove")
    world.do(world.seat("chief"), void)
    assert json.dumps(seen(world)) == frozen
    assert seen(world, "office")["rows"][0]["key"] == "A12"
    world.do(ORGANIZER, e.Freeze(stream=MAIN, on=False))
    assert row(seen(world), "A12")["place"] == 1


def test_a_restart_brings_the_frozen_picture_back() -> None:
    world = opened()
    mark_all(world, "u1")
    world.do(ORGANIZER, e.Freeze(stream=MAIN, on=True))
    mark_all(world, "u2", judged="3")
    again = core.fold(State(id="c-test"), world.lines)
    assert boards.picture(again, BOARD, "public", NAMES.get) == seen(world)


def test_a_frozen_site_stands_still_beside_one_that_goes_on() -> None:
    world = World()
    world.define("competition", id="c-test", name={"en": "Test"})
    world.define("trade", id="t", name={"en": "T"})
    world.define("stage", id="s", trade="t", name={"en": "S"}, sites=["east", "west"])
    world.define("scheme", id="none", scheme={"title": {"en": "-"}, "criteria": []})
    part = {"id": "theory", "name": {"en": "Theory"}, "source": "imported"}
    world.define(
        "group", id="open", trade="t", stage="s", name={"en": "G"}, scheme="none", profile="cook-off",
        components=[part],
    )  # fmt: skip
    world.define("delegation", id="d", name={"en": "D"})
    zhao = e.Actor(kind="account", id="zhao", roles=("organizer",))

    def score(site: str, *values: str) -> None:
        rows = tuple((f"{site}{i}", value, "") for i, value in enumerate(values))
        stream = f"t.s.{site}"
        brought = e.ImportScores(
            stream=stream, component="theory", digest=f"{len(world.lines):064x}", rows=rows
        )
        world.do(zhao, e.ConfirmScores(stream=stream, n=world.do(ORGANIZER, brought).n))

    for site, code in (("east", "E"), ("west", "W")):
        for i in range(2):
            world.define("person", id=f"p-{site}{i}")
            member = {"person": f"p-{site}{i}"}
            world.define("entry", id=f"e-{site}{i}", trade="t", delegation="d", site=site, members=[member])
        world.define("panel", id=f"panel-{site}", trade="t", stage="s", site=site, name={"en": site})
        for seat in range(3):
            world.define("seat", id=f"{site}-{seat}", trade="t", stage="s", site=site, panel=f"panel-{site}")
        units = tuple((f"e-{site}{i}", f"{site}{i}", f"{code}{i}") for i in range(2))
        world.do(ORGANIZER, e.Draw(stream=f"t.s.{site}", units=units))
        world.do(ORGANIZER, e.Open(stream=f"t.s.{site}"))
        score(site, "50", "60")
    world.do(ORGANIZER, e.Freeze(stream="t.s.east", on=True))
    score("east", "99", "98")
    score("west", "70", "55")
    shown = [(r["key"], r["place"], r["total"]) for r in seen(world, topic="board:t/s/open")["rows"]]
    assert shown == [("W0", 1, "70.00"), ("E1", 2, "60.00"), ("W1", 3, "55.00"), ("E0", 4, "50.00")]


# ---------------------------------------------------------------- rows


def test_ties_share_a_place_and_the_cut_stands_under_the_medal_zone() -> None:
    world = opened(6, profile="cook-off")
    all_marked(world)
    shown = seen(world)
    assert [(r["key"], r["place"], r.get("tied", False)) for r in shown["rows"]][:3] == [
        ("A12", 1, False), ("A11", 2, True), ("A13", 2, True),
    ]  # fmt: skip
    assert [r.get("medal", "") for r in shown["rows"]] == ["gold", *["silver"] * 5]
    for unit, amount in (("u5", "-1"), ("u6", "-2")):
        adjust = e.Adjust(
            stream=MAIN,
            id=unit,
            unit=unit,
            component="practice",
            amount=amount,
            reason="late",
            signers=("a", "b"),
        )
        world.do(world.seat("chief"), adjust)
    rows = seen(world)["rows"]
    assert [(r["key"], r.get("cut", False)) for r in rows[-3:]] == [
        ("A14", False),
        ("A15", True),
        ("A16", False),
    ]


def test_incomplete_and_absent_entries_stand_unranked_after_the_others() -> None:
    world = opened(4)
    mark_all(world, "u3")
    world.do(
        world.seat("chief"), e.SetStatus(stream=MAIN, unit="u1", scope="stage", status="absent", reason="ill")
    )
    rows = seen(world)["rows"]
    assert [r["key"] for r in rows] == ["A13", "A11", "A12", "A14"]
    assert [r.get("place") for r in rows] == [1, None, None, None]
    assert rows[1]["status"] == "absent"
    assert rows[2]["components"] == [None] and "total" not in rows[2]
    assert seen(world)["counts"] == {"ranked": 1, "of": 4}


def test_the_change_is_the_one_by_the_last_component() -> None:
    world = opened(3, theory=True)
    rows = (("u1", "90", ""), ("u2", "40", ""), ("u3", "60", ""))
    world.do(world.seat("clerk"), e.ImportScores(stream=MAIN, component="theory", digest="0" * 64, rows=rows))
    imported = max(world.stream().imports)
    world.do(world.seat("clerk2"), e.ConfirmScores(stream=MAIN, n=imported))
    mark_all(world, "u1", judged="1", points="1", passed="fail", count="0")
    mark_all(world, "u2", judged="3", points="15")
    mark_all(world, "u3", judged="3", points="15")
    shown = seen(world)
    assert [(r["key"], r["trail"], r["change"]) for r in shown["rows"]] == [
        ("A13", [2], 1), ("A12", [3], 1), ("A11", [1], -2),
    ]  # fmt: skip
    assert [c["max"] for c in shown["columns"]] == ["30", "70"]


def test_equal_sums_after_a_component_share_a_place_in_the_trail() -> None:
    world = opened(3, theory=True)
    rows = (("u1", "60", ""), ("u2", "60", ""), ("u3", "50", ""))
    world.do(world.seat("clerk"), e.ImportScores(stream=MAIN, component="theory", digest="0" * 64, rows=rows))
    world.do(world.seat("clerk2"), e.ConfirmScores(stream=MAIN, n=max(world.stream().imports)))
    for unit, judged in (("u1", "1"), ("u2", "2"), ("u3", "3")):
        mark_all(world, unit, judged=judged)
    found = {r["key"]: (r["trail"], r["lane"]) for r in seen(world)["rows"]}
    assert [trail for trail, _ in (found["A11"], found["A12"], found["A13"])] == [[1], [1], [3]]
    assert sorted(lane[0] for _, lane in found.values()) == [0, 1, 2]


def test_a_team_has_its_own_name_and_members_without_reserves_otherwise() -> None:
    world = World()
    world.define("delegation", id="d", name={"en": "D"})
    world.define("trade", id="t", name={"en": "T"})
    members = [{"person": "p1"}, {"person": "p2"}, {"person": "p3", "role": "reserve"}]
    for person in ("p1", "p2", "p3"):
        world.define("person", id=person)
    world.define("entry", id="e1", trade="t", delegation="d", members=members)
    found = boards_rows.entry_name(world.state.setup.entries["e1"], NAMES.get)
    assert found == {"zh-CN": "选手1、选手2", "en": "Person 1, Person 2"}


def test_more_rows_than_a_page_are_further_topics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "PAGE", 2)
    world = opened(5)
    assert boards.topics(world.state)[:3] == [BOARD, f"{BOARD}?page=2", f"{BOARD}?page=3"]
    assert [r["key"] for r in seen(world, topic=f"{BOARD}?page=3")["rows"]] == ["A15"]
    assert seen(world)["pages"] == 3
    for wrong in (
        f"{BOARD}?page=0",
        f"{BOARD}?page=1",
        f"{BOARD}?page=x",
        f"{BOARD}?page=01",
        "board:a/b/c",
        "x",
    ):
        with pytest.raises(boards.UnknownTopic):
            seen(world, topic=wrong)


# ---------------------------------------------------------------- the medal table


def test_only_officially_published_results_count_and_the_others_say_why() -> None:
    world = opened()
    world.define("trade", id="pastry", name={"en": "Pastry"}, order=2)
    world.define("stage", id="final", trade="pastry", name={"en": "Final"})
    world.define("group", id="open", trade="pastry", stage="final", name={"en": "Open"}, components=[])
    all_marked(world)

    def medals(audience: Audience = "public") -> dict[str, Any]:
        return seen(world, audience, "medals:gold_first")

    assert medals()["rows"] == [] and [w["why"] for w in medals()["waiting"]] == ["marking", "not_started"]
    publish(world, "provisional", "public")
    assert [w["why"] for w in medals()["waiting"]] == ["provisional", "not_started"]
    publish(world, "official", "delegations")
    assert [w["why"] for w in medals()["waiting"]] == ["provisional", "not_started"]
    assert medals("delegations")["counts"] == {"counted": 1, "of": 2}
    publish(world, "official", "public")
    shown = medals()
    assert shown["status"]["kind"] == "provisional"
    assert [(r["key"], r["place"], r["tied"], r["gold"]) for r in shown["rows"]] == [
        ("d2", 1, False, 1), ("d1", 2, True, 0), ("d3", 2, True, 0),
    ]  # fmt: skip
    assert shown["recent"][0]["winners"][0] == {"medal": "gold", "delegation": {"en": "Delegation 2"}}


def test_the_orders_of_the_competition_stand_first() -> None:
    world = opened()
    assert boards.orders(world.state)[0] == "gold_first"
    world.define("competition", id="c-test", name={"en": "Test"}, table_orders=["points"])
    assert boards.orders(world.state) == ("points", "gold_first", "total")


# ---------------------------------------------------------------- hidden facts


def test_two_days_that_differ_only_in_an_unrevealed_vote_look_the_same_to_everybody() -> None:
    pictures = []
    for hidden in ("0", "3"):
        world = opened(feed={"public": "revealed", "office": "revealed", "delegations": "signed"})
        mark_all(world, "u1")
        for seat in ("s1", "s2"):
            world.mark(seat, "u2", "A1.J1", hidden)
            world.mark(seat, "u2", "C1.P1", hidden)
        topics = boards.topics(world.state)
        audiences: tuple[Audience, ...] = ("office", "delegations", "ceremony", "public")
        pictures.append([json.dumps(seen(world, a, t)) for a in audiences for t in topics])
    assert pictures[0] == pictures[1]
