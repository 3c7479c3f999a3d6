"""Cuts between stages: places, percentages, minimum, pools, hosts, wild cards, seeds, the reserve list."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_rules import cuts, prizes, shares
from scoring_rules.cuts import Candidate, CutRule, Selection, move_up, select
from scoring_rules.prizes import Runner, Step
from scoring_rules.profiles import load


def field(*totals: int, pools: str = "") -> list[Candidate]:
    """Candidates in place order, joint on equal totals; pools by letter."""
    ordered = sorted(totals, reverse=True)
    return [
        Candidate(f"e{i}", ordered.index(t) + 1, Fraction(t), pools[i] if pools else "")
        for i, t in enumerate(ordered)
    ]


def ways(selection: Selection) -> str:
    """Who goes on, short."""
    return " ".join(f"{entry}:{way}" for entry, way in selection.on)


def test_all_who_tie_at_the_cut_go_through_or_none() -> None:
    tied = field(9, 8, 7, 7, 6)
    assert ways(select(tied, CutRule(3))) == "e0:cut e1:cut e2:tie e3:tie"
    assert ways(select(tied, CutRule(3, ties="out"))) == "e0:cut e1:cut"


def test_a_minimum_holds_for_all_but_seeds_and_wild_cards() -> None:
    some = field(90, 70, 50, 40)
    some[3] = some[3]._replace(wild_card=True)
    assert ways(select(some, CutRule(4, minimum="60"))) == "e0:cut e1:cut e3:wild_card"
    some[2] = some[2]._replace(seeded=True)
    assert ways(select(some, CutRule(1, minimum="60"))) == "e0:cut e2:seeded e3:wild_card"
    assert ways(select(field(90, 70, 50), CutRule(minimum="60"))) == "e0:cut e1:cut"


def test_the_first_of_each_pool_then_the_best_of_the_rest() -> None:
    some = field(9, 8, 7, 6, 5, 4, pools="aaabbc")
    assert ways(select(some, CutRule(4, per_pool=1))) == "e0:pool e1:rest e3:pool e5:pool"
    assert ways(select(some, CutRule(per_pool=2))) == "e0:pool e1:pool e3:pool e4:pool e5:pool"


def test_a_host_place_is_given_only_where_no_host_went_on() -> None:
    some = field(9, 8, 7, 6)
    some[2] = some[2]._replace(host=True)
    some[3] = some[3]._replace(host=True)
    assert ways(select(some, CutRule(2, host=1))) == "e0:cut e1:cut e2:host"
    assert ways(select(some, CutRule(3, host=1))) == "e0:cut e1:cut e2:cut"


def test_the_next_moves_up_for_each_who_withdraws() -> None:
    chosen = select(field(9, 8, 7, 6, 5), CutRule(2, reserve=2))
    assert chosen.reserve == ("e2", "e3")
    assert ways(move_up(chosen, ["e0"])) == "e1:cut e2:moved_up"
    assert move_up(chosen, ["e0", "e1", "e2"]).on == (("e3", "moved_up"),)


@given(st.lists(st.integers(0, 9), max_size=15), st.integers(0, 15), st.sampled_from(cuts.TIES))
def test_nobody_behind_goes_on_before_somebody_ahead(totals: list[int], count: int, ties: str) -> None:
    candidates = field(*totals)
    on = set(select(candidates, CutRule(count, ties=ties)).entries)
    last = max((c.place for c in candidates if c.entry in on), default=0)
    assert all(c.entry in on for c in candidates if c.place <= last)
    if ties == "in":
        assert len(on) >= min(count, len(candidates))
    else:
        assert len(on) <= count or len(on) == len(candidates)


def test_what_is_carried_along() -> None:
    def bring(how: str, place: int = 1) -> Fraction | None:
        return cuts.carried(Fraction(81), place, how, Fraction(90), Fraction(30), ("8", "5"))

    assert [bring(how) for how in cuts.CARRIES] == [None, 81, 27, 8]
    assert bring("points", 3) == 0
    with pytest.raises(ValueError, match="all"):
        bring("all")


def test_the_heat_of_a_class_one_contest_takes_thirty_and_who_ties() -> None:
    rule = load("cn-class-1-heat").extras.cut
    assert rule is not None and (rule.count, rule.ties, rule.carry) == (30, "in", "raw")
    heat = field(*range(100, 60, -1), 71)
    assert len(select(heat, CutRule(rule.count, ties=rule.ties)).on) == 31


# ---------------------------------------------------------------- shares and prizes


@pytest.mark.parametrize(
    ("percent", "base", "found"), [("10", 37, (3, 4, 4)), ("20", 37, (7, 7, 8)), ("50", 37, (18, 19, 19)),
                                   ("33.5", 10, (3, 3, 4)), ("0", 9, (0, 0, 0)), ("100", 9, (9, 9, 9))],
)  # fmt: skip
def test_each_rounding_of_a_percentage(percent: str, base: int, found: tuple[int, ...]) -> None:
    assert tuple(shares.count(Fraction(percent), base, how) for how in shares.ROUNDINGS) == found


def test_each_base_counts_its_own_entries_and_persons() -> None:
    members = [("ranked", 3), ("ranked", 1), ("not_finished", 2), ("excluded", 1)]
    entries, persons = shares.field([*members, ("withdrawn", 1), ("absent", 4), ("guest", 9)])
    assert entries == (6, 5, 4, 2) and persons == (12, 8, 7, 4)


def test_prizes_share_a_place_and_may_count_persons() -> None:
    steps = [Step("first", Fraction(1)), Step("second", Fraction(2))]
    edges = prizes.place_edges(steps)
    field = [Runner("a", 1), Runner("b", 1), Runner("c", 3), Runner("d", 4)]
    assert prizes.award(field, edges) == {"a": "first", "b": "first", "c": "second"}
    assert prizes.award(field, edges, "out") == {"a": "second", "b": "second", "c": "second"}
    teams = [Runner("a", 1, 3), Runner("b", 2, 3)]
    assert prizes.award(teams, [("first", 3), ("second", 5)]) == {"a": "first", "b": "second"}
