"""A panel that stays apart: median, reserve or chief by the rules; votes that may stand; recusals."""

from __future__ import annotations

from fractions import Fraction

import pytest

from compsys import events as e
from compsys import explain_told, replaying, scoring, views, whatif
from compsys.explain import Target, explain
from scoring_rules import profiles
from tests.golden.make import stored
from tests.world import MAIN, ORGANIZER, World, opened, set_up


def book(**changed: str) -> str:
    """A rule book of one's own: WorldSkills' with other answers to a spread or a recusal."""
    text = profiles.load("worldskills-2026").text
    for key, value in changed.items():
        usual = {"after_rounds": "chief", "over_spread": "revote", "recusal": "block"}[key]
        assert f'{key} = "{usual}"' in text
        text = text.replace(f'{key} = "{usual}"', f'{key} = "{value}"')
    return text.replace('id = "worldskills-2026"', 'id = "own"')


def apart(world: World, rounds: int = 3) -> None:
    """The panel is apart in every round."""
    votes, aspect = ("0", "2", "3"), "A1.J1"
    for round_ in range(1, rounds + 1):
        for seat, vote in zip(("s1", "s2", "s3"), votes, strict=True):
            assert world.mark(seat, "u1", aspect, vote).a == "accepted"
        if round_ < rounds:
            again = e.Revote(stream=MAIN, unit="u1", aspect=aspect, reason="talked")
            world.do(world.seat("s1"), again)


def own(**changed: str) -> World:
    return opened(1, profile="own", own=book(**changed))


def with_two_reserves() -> World:
    """A panel with two reserves: only one of them may ever join a sheet."""
    world = set_up(World(1), 1, profile="own", own=book(after_rounds="reserve"))
    world.define(
        "seat", id="s5", trade="cooking", stage="final", panel="panel", label="s5", role="reserve"
    )
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A11"),)))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    return world


def mark_of(world: World, aspect: str = "A1.J1") -> Fraction | None:
    stream, sheet = world.stream(), world.sheet("u1", "A1")
    rules = stream.groups["open"]
    return scoring.aspect_mark(stream, rules, sheet, rules.aspects[aspect])


def seen(world: World, seat: str = "s2") -> dict[str, object]:
    view = views.sheet_for(world.state, world.stream(), "u1", "A1", f"cooking/final/{seat}")
    found: dict[str, object] = view["aspects"]["A1.J1"]
    return found


def test_the_median_counts_after_the_last_round_and_not_before() -> None:
    world = own(after_rounds="median")
    apart(world, rounds=2)
    world.do(world.seat("s1"), e.Revote(stream=MAIN, unit="u1", aspect="A1.J1", reason="talked"))
    assert mark_of(world) is None and not world.sheet("u1", "A1").escalated
    for seat, vote in (("s1", "0"), ("s2", "2"), ("s3", "3")):
        world.mark(seat, "u1", "A1.J1", vote)
    assert mark_of(world) == Fraction(20, 3), "the median of 0, 2, 3 of 3, times 10"
    assert seen(world)["escalated"] == {"outcome": "median", "reason": ""} and seen(world)["legal"] is True
    chief = e.Resolve(stream=MAIN, unit="u1", aspect="A1.J1", mark="5", reason="no")
    assert world.refused(world.seat("chief"), chief) == "not_spread", "it is settled by the rules"


def test_a_panel_within_the_limit_has_its_average_in_the_last_round_too() -> None:
    world = own(after_rounds="median")
    apart(world, rounds=2)
    world.do(world.seat("s1"), e.Revote(stream=MAIN, unit="u1", aspect="A1.J1", reason="talked"))
    for seat, vote in (("s1", "2"), ("s2", "2"), ("s3", "3")):
        world.mark(seat, "u1", "A1.J1", vote)
    assert mark_of(world) == Fraction(70, 9) and "escalated" not in seen(world)


def test_a_sheet_settled_by_its_median_is_signed_replayed_explained_and_supposed_otherwise() -> None:
    world = own(after_rounds="median")
    apart(world)
    for seat in ("s1", "s2", "s3"):
        for aspect, value in {"A1.J2": "2", "C1.P1": "12", "C1.P2": "12"}.items():
            assert world.mark(seat, "u1", aspect, value).a == "accepted"
    for aspect, value in {"B1.M1": "pass", "B1.M2": "3"}.items():
        assert world.mark("s1", "u1", aspect, value).a == "accepted"
    for seat in ("s1", "s2", "s3"):
        for sub in ("A1", "B1", "C1"):
            assert world.sign(seat, "u1", sub).a == "accepted"
    found = replaying.replay("c-test", lambda: stored(world))
    assert found.ok and not found.misrevealed
    target = Target("cooking", "final", "open", "e1")
    explained = explain(world.state, target)
    assert explained is not None
    told = "\n".join(explain_told.lines(explained, "en"))
    assert "ws_median/1" in told and "6.66" in told
    higher = whatif.Supposed(aspect="A1.J1", seat="s2", mark="3")
    supposed = whatif.what_if(world.state, target, higher)
    assert not isinstance(supposed, e.Refused)
    [total] = [(it.before, it.after) for it in supposed.changed if it.field == "total"]
    assert total == ("82.33", "85.67"), "the median would be 3 of 3"


def test_a_reserve_joins_all_vote_again_sealed_and_then_the_chief_decides() -> None:
    world = with_two_reserves()
    apart(world)
    sheet = world.sheet("u1", "A1")
    assert sheet.roster[-1] == "cooking/final/s4" and sheet.rounds["A1.J1"] == 4 and not sheet.spread
    assert seen(world)["escalated"] == {"outcome": "reserve", "reason": ""}
    for seat, vote in (("s1", "0"), ("s2", "2"), ("s3", "3")):
        assert world.mark(seat, "u1", "A1.J1", vote).a == "accepted"
    assert "revealed" not in seen(world) and seen(world, "s4")["value"] is None, "sealed until all voted"
    assert world.mark("s4", "u1", "A1.J1", "2").a == "accepted"
    assert mark_of(world) is None and sheet.spread == {"A1.J1"}
    again = e.Revote(stream=MAIN, unit="u1", aspect="A1.J1", reason="talked")
    assert world.refused(world.seat("s1"), again) == "rounds_used"
    chief = e.Resolve(stream=MAIN, unit="u1", aspect="A1.J1", mark="5", reason="seen the work")
    world.do(world.seat("chief"), chief)
    assert mark_of(world) == 5


def test_with_a_reserve_a_panel_that_agrees_has_the_average_of_all_four() -> None:
    world = own(after_rounds="reserve")
    apart(world)
    for seat, vote in (("s1", "1"), ("s2", "2"), ("s3", "2"), ("s4", "2")):
        world.mark(seat, "u1", "A1.J1", vote)
    assert mark_of(world) == Fraction(70, 12)


def test_where_no_reserve_is_free_the_chief_decides() -> None:
    world = own(after_rounds="reserve")
    swap = e.ChangeRoster(stream=MAIN, leaves="cooking/final/s3", joins="cooking/final/s4", reason="ill")
    world.do(ORGANIZER, swap)
    for round_ in (1, 2, 3):
        for seat, vote in (("s1", "0"), ("s2", "2"), ("s4", "3")):
            world.mark(seat, "u1", "A1.J1", vote)
        if round_ < 3:
            world.do(world.seat("s1"), e.Revote(stream=MAIN, unit="u1", aspect="A1.J1", reason="talked"))
    assert world.sheet("u1", "A1").spread == {"A1.J1"}
    chief = e.Resolve(stream=MAIN, unit="u1", aspect="A1.J1", mark="5", reason="seen the work")
    world.do(world.seat("chief"), chief)


def test_votes_that_are_apart_may_stand_with_words_where_the_rules_allow_it() -> None:
    stand = e.LetStand(stream=MAIN, unit="u1", aspect="A1.J1", reason="two looked from the other side")
    strict = opened(1)
    apart(strict, rounds=1)
    assert strict.refused(strict.seat("s1"), stand) == "not_allowed"
    world = own(over_spread="override_with_reason")
    assert world.refused(world.seat("s1"), stand) == "not_spread"
    apart(world, rounds=1)
    assert world.refused(world.seat("s2"), stand) == "not_allowed"
    silent = e.LetStand(stream=MAIN, unit="u1", aspect="A1.J1", reason=" ")
    assert world.refused(world.seat("s1"), silent) == "reason_missing"
    world.do(world.seat("s1"), stand)
    assert mark_of(world) == Fraction(50, 9)
    assert seen(world)["escalated"] == {"outcome": "stands", "reason": "two looked from the other side"}


def test_a_returned_sheet_that_is_voted_again_forgets_what_followed() -> None:
    world = own(after_rounds="median")
    apart(world)
    for seat in ("s1", "s2", "s3"):
        world.mark(seat, "u1", "A1.J2", "2")
    for seat in ("s1", "s2", "s3"):
        assert world.sign(seat, "u1", "A1").a == "accepted"
    world.do(world.seat("chief"), e.Return(stream=MAIN, unit="u1", sub="A1", reason="look again"))
    world.do(world.seat("s1"), e.Revote(stream=MAIN, unit="u1", aspect="A1.J1", reason="looked"))
    assert mark_of(world) is None and not world.sheet("u1", "A1").escalated


@pytest.mark.parametrize(
    ("recusal", "roster"),
    [("block", ["s1", "s2", "s4"]), ("drop", ["s1", "s2"]), ("declare", ["s1", "s2", "s3"])],
)
def test_what_a_recusal_does_to_a_panel_is_the_rule_books(recusal: str, roster: list[str]) -> None:
    text = book() if recusal == "block" else book(recusal=recusal)
    world = set_up(World(), 1, profile="own", own=text.replace("min_seats = 3", "min_seats = 2"))
    world.define("person", id="p9")
    world.define("judge", id="j3", person="p9", affiliations=["d1"])
    world.define("seat", id="s3", trade="cooking", stage="final", panel="panel", label="3", role="judge",
                 judge="j3")  # fmt: skip
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A11"),)))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    assert [seat.rpartition("/")[2] for seat in world.sheet("u1", "A1").roster] == roster


def test_the_words_of_every_outcome_reach_the_tablet() -> None:
    world = own(after_rounds="reserve")
    rules = views.seat_hello(world.state, "cooking/final/s1")["groups"]["open"]
    assert (rules["after_rounds"], rules["over_spread"]) == ("reserve", "revote")
