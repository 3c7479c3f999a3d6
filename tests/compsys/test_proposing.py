"""Proposals of official results: person by person, once a year, never from less than an official version."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from compsys import events as e
from compsys import proposing
from compsys.explain import Target, explain
from compsys.explain_told import told
from compsys.proposing import Known, Listed, Official, Place
from compsys.state import Result
from scoring_rules.profiles import load
from tests.provincial import KEY, exclude, provincial, publish, rules
from tests.world import ORGANIZER, World

PLACE = Place(*KEY)
NONE = ""
WORKER = Known(held=NONE, category="worker")


def official(world: World, about: Mapping[str, Known] | None = None, rule: str = "") -> Official:
    """The proposals of the one group; persons of whom nothing is said are workers without a level."""
    known = about or {}
    profile = load(rule) if rule else None
    return proposing.official(world.state, [PLACE], lambda person: known.get(person, WORKER), profile)


def levels(found: Official) -> dict[str, str | None]:
    """Person -> level."""
    return {it.person: it.proposal.level for it in found.listed}


def codes(it: Listed) -> list[str]:
    """The codes of the reasons, without their family."""
    return [reason.code.removeprefix("promotion.") for reason in it.proposal.reasons]


def test_only_an_official_result_proposes_anything_and_the_others_say_why() -> None:
    world = provincial(3)
    assert [w.code for w in official(world).waiting] == ["promotion.wait_none"]
    publish(world, rank="provisional")
    found = official(world)
    assert not found.listed and found.waiting[0].code == "promotion.wait_provisional"
    publish(world)
    assert levels(official(world)) == {"p1": "2", "p2": "2", "p3": "2"}
    world.do(ORGANIZER, e.Annul(trade=KEY[0], stage=KEY[1], group=KEY[2], reason="x", confirmed_by="ou"))
    assert [w.code for w in official(world).waiting] == ["promotion.wait_annulled"]


def test_a_trade_that_does_not_promote_and_rules_that_say_nothing_propose_nothing() -> None:
    world = provincial(3)
    publish(world)
    world.define("trade", id="cooking", name={"en": "Cooking"}, promotion=False)
    assert [w.code for w in official(world).waiting] == ["promotion.wait_switch"]
    assert proposing.proposed(world.state, *KEY) == {}
    world.define("trade", id="cooking", name={"en": "Cooking"})
    assert levels(official(world))
    silent = proposing.official(world.state, [PLACE], rules=load("worldskills-2026"))
    assert [w.code for w in silent.waiting] == ["promotion.wait_rule"]


def test_what_is_held_decides_and_what_nobody_stated_is_said_to_be_unknown() -> None:
    world = provincial(5)
    publish(world)
    about = {
        "p1": WORKER._replace(held="2"),
        "p2": WORKER._replace(held="1"),
        "p3": WORKER._replace(held=None),
        "p4": Known(held="4", category="student"),
        "p5": Known(held=None),
    }
    found = official(world, about)
    assert levels(found) == {"p1": "1", "p2": None, "p3": "2", "p4": "3", "p5": None}
    by = {it.person: it for it in found.listed}
    assert "check_held" in codes(by["p3"]) and by["p3"].held == "unknown"
    assert codes(by["p2"])[0] == "held_enough" and codes(by["p5"])[0] == "no_group"
    assert not any("check_held" in codes(by[p]) for p in ("p1", "p2", "p4"))


def test_a_group_says_who_competes_by_its_name_too_and_the_explanation_goes_by_it() -> None:
    world = provincial(5)
    publish(world)
    groups = world.state.setup.records["group"]
    for name, wanted in (("职工组", "2"), ("Students", "3"), ("Veterans", None)):
        groups["cooking/final/open"] = msgspec.structs.replace(
            groups["cooking/final/open"], name={"en": name}
        )
        found = proposing.official(world.state, [PLACE], lambda _: Known(held=NONE))
        assert {it.proposal.level for it in found.listed} == {wanted}, name
        assert proposing.proposed(world.state, *KEY)["e1"] == (wanted or "")
        explained = explain(world.state, Target(*KEY, "e1"))
        assert explained is not None
        step = explained.step("promotion")
        assert step is not None and step.value == (wanted or "")
        said = [told(child, "en", {}).note for child in step.children]
        assert any("the level held is not known" in note for note in said) == (wanted is not None)
        assert not any("{" in note for note in said)


def test_a_rule_of_its_own_takes_the_place_of_the_groups() -> None:
    world = provincial(5)
    publish(world)
    found = official(world, rule="hi-2023")
    assert {it.profile.id for it in found.listed} == {"hi-2023"}


def test_each_person_of_a_team_is_proposed_for_by_the_own_level_and_reserves_are_not() -> None:
    world = provincial(3)
    world.define("person", id="q1")
    world.define("person", id="q2")
    members = [{"person": "p1"}, {"person": "q1"}, {"person": "q2", "role": "reserve"}]
    world.define("entry", id="e1", trade="cooking", delegation="d1", name={"en": "A"}, members=members)
    publish(world)
    found = official(world, {"q1": WORKER._replace(held="2")})
    assert levels(found) == {"p1": "2", "q1": "1", "p2": "2", "p3": "2"}
    assert [it.version for it in found.listed] == [1, 1, 1, 1]


def test_a_tie_over_the_edge_of_a_band_is_marked() -> None:
    world = provincial(7, tie=5)
    publish(world)
    found = official(world)
    assert [it.person for it in found.listed if it.proposal.edge] == ["p5", "p6"]
    assert levels(found)["p6"] == "2" and levels(found)["p7"] == "3"


def test_who_was_promoted_this_year_is_not_promoted_again() -> None:
    own = rules().replace("[[promotion.bands]]", "per_year = 1\n\n[[promotion.bands]]", 1)
    world = provincial(3, own)
    publish(world)
    found = official(world, {"p1": WORKER._replace(promoted_in="2026"), "p2": Known(category="worker")})
    by = {it.person: it for it in found.listed}
    assert by["p1"].proposal.level is None and codes(by["p1"])[0] == "cap"
    assert by["p2"].proposal.level == "2" and "check_year" in codes(by["p2"])
    assert by["p3"].proposal.level == "2" and "check_year" not in codes(by["p3"])
    # last year's promotion is no obstacle
    last = official(world, {"p1": WORKER._replace(promoted_in="2025")})
    assert levels(last)["p1"] == "2"


def test_a_person_of_two_trades_is_promoted_once_by_the_higher_level() -> None:
    world = provincial(6)
    publish(world)
    world.define("competition", id="c-test", name={"en": "Test"}, days=["2026-05-01"], tier="city_2")
    world.define("trade", id="baking", name={"en": "Baking"}, tier="city_1")
    world.define("stage", id="final", trade="baking", name={"en": "Final"})
    world.define("group", id="open", trade="baking", stage="final", name={"en": "Open"})
    world.define("entry", id="b1", trade="baking", delegation="d1", members=[{"person": "p5"}])
    (version,) = world.state.results[KEY].versions
    row = msgspec.structs.replace(version.rows[0], entry="b1")
    other = msgspec.structs.replace(version, trade="baking", rows=(row,))
    world.state.results["baking", "final", "open"] = Result([other], [1], [version.t], {}, [""])
    assert levels(official(world, rule="tj-2024"))["p5"] == "3"  # alone, fifth of a class II contest
    places = [PLACE, Place("baking", "final", "open")]
    found = proposing.official(world.state, places, lambda _: WORKER, load("tj-2024"))
    mine = {it.place.trade: it for it in found.listed if it.person == "p5"}
    assert mine["baking"].proposal.level == "2" and mine["cooking"].proposal.level is None
    assert codes(mine["cooking"])[0] == "cap_here"
    assert mine["cooking"].proposal.reasons[0].params["trade"] == "baking"


def test_a_new_version_says_what_it_took_and_gave() -> None:
    world = provincial(7)
    publish(world)
    assert official(world).changed == ()
    exclude(world, "u1")
    publish(world, reason="ghost writer", note={"en": "excluded"})
    gone = {(c.entry.split("/")[-1], c.kind, c.way, c.before, c.after) for c in official(world).changed}
    assert ("p1", "level", "lost", "2", "") in gone
    assert ("p6", "level", "changed", "3", "2") in gone  # moved up into the first five
    assert ("p6", "honour", "gained", "", "全国技术能手") in gone
    assert not any(who == "p3" for who, *_ in gone)
