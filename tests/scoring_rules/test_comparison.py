"""Reports that compare delegations: published figures, sums that must hold, and a second plain count."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

from scoring_rules import best, comparison, derived, exact
from scoring_rules.award_changes import changes
from scoring_rules.best import Score
from scoring_rules.comparison import REPORTS, Result
from scoring_rules.derived import Part
from tests.conftest import SEED

WORTH = {"gold": 4, "silver": 3, "bronze": 2, "excellence": 1, "": 0}


def event(dice: random.Random) -> list[Result]:
    """Trades with teams of one to three, ties and missing scales among them."""
    found = []
    for trade in range(dice.randrange(1, 9)):
        size = dice.choice((1, 1, 2, 3))
        for place in range(1, dice.randrange(2, 9)):
            medal = {1: "gold", 2: "silver", 3: "bronze"}.get(place, dice.choice(("", "excellence")))
            scale = Fraction(dice.randrange(680, 740)) if dice.randrange(8) else None
            found.append(Result(f"D{dice.randrange(5)}", str(trade), medal, scale, size, place))
    return found


def plain(results: list[Result], name: str) -> dict[str, str]:
    """delegation -> printed figure, counted once more without the rules."""
    found = {}
    for owner in {r.delegation for r in results}:
        own = [r for r in results if r.delegation == owner]
        points = sum(WORTH[r.medal] for r in own)
        scores = [r.scale for r in own if r.scale is not None]
        figure: Fraction | None = {
            "medal_table": Fraction(sum(WORTH[r.medal] > 1 for r in own)),
            "total_medal_points": Fraction(points),
            "average_medal_points": Fraction(points, len({r.trade for r in own})),
            "total_point_score": sum(scores, Fraction(0)) if scores else None,
            "average_point_score": sum(scores, Fraction(0)) / len(scores) if scores else None,
        }[name]
        found[owner] = "" if figure is None else exact.show(figure, 2)
    return found


def test_the_reports_agree_with_a_plain_count_and_with_themselves() -> None:
    dice = random.Random(SEED)
    for _ in range(300):
        results = event(dice)
        held = comparison.tallies(results)
        for name in REPORTS:
            lines = comparison.report(name, held)
            shown = {row.delegation: "" if row.figure is None else exact.show(row.figure, 2) for row in lines}
            assert shown == plain(results, name)
            ranks = [row.rank for row in lines]
            assert ranks == sorted(ranks) and ranks[0] == 1
            if name != "medal_table":
                for one, other in itertools.pairwise(lines):
                    same = shown[one.delegation] == shown[other.delegation]
                    assert same == (one.rank == other.rank)
        for colour in ("gold", "silver", "bronze", "excellence"):
            won = [r for r in results if r.medal == colour]
            assert sum(t.medals[colour] for t in held.values()) == len(won), "one per entry, also of a team"
            assert sum(t.persons[colour] for t in held.values()) == sum(r.size for r in won), "one per person"


def test_persons_without_ties_are_three_times_the_sizes_of_the_teams() -> None:
    """76 singles, 9 pairs and a trio, as in 2020: 97 persons a colour, 291 in all."""
    sizes = [1] * 76 + [2] * 9 + [3]
    results = [
        Result(f"D{place}", str(trade), medal, None, size, place)
        for trade, size in enumerate(sizes)
        for place, medal in ((1, "gold"), (2, "silver"), (3, "bronze"))
    ]
    held = comparison.tallies(results)
    assert sum(t.winners for t in held.values()) == 291
    assert [held[f"D{i}"].winners for i in (1, 2, 3)] == [97, 97, 97]


def test_two_orders_may_differ_and_ties_share_a_rank() -> None:
    results = [Result("P", "1", "gold"), Result("P", "2", "excellence"), Result("P", "3", "excellence")]
    won = ["silver"] * 3 + ["bronze"] + ["excellence"] * 9
    results += [Result("Q", str(i), medal) for i, medal in enumerate(won)]
    held = comparison.tallies(results)
    assert [row.delegation for row in comparison.report("medal_table", held)] == ["P", "Q"]
    assert [(row.delegation, row.figure) for row in comparison.report("total_medal_points", held)] == [
        ("Q", 20), ("P", 6),
    ]  # fmt: skip
    won = ["gold", "gold", "bronze"]
    even = comparison.tallies(Result("ABC"[i], str(i), medal) for i, medal in enumerate(won))
    assert [(row.delegation, row.rank, row.tied) for row in comparison.report("medal_table", even)] == [
        ("A", 1, True), ("B", 1, True), ("C", 3, False),
    ]  # fmt: skip


def test_averages_are_joint_on_equal_printed_values() -> None:
    held = comparison.tallies(
        [Result("A", str(i), "gold" if i == 0 else "", None) for i in range(6)]
        + [Result("B", str(i), "gold" if i < 100 else "", None) for i in range(599)]
    )
    lines = comparison.report("average_medal_points", held)
    shown = [(row.rank, exact.show(row.figure or Fraction(0), 2)) for row in lines]
    assert shown == [(1, "0.67"), (1, "0.67")]


def test_best_of_nation_lists_every_nation_and_ties_share() -> None:
    scores = [Score("a", "P", "1", Fraction(731)), Score("b", "P", "2", Fraction(731)),
              Score("c", "Q", "1", Fraction(650))]  # fmt: skip
    found = best.best_of_delegations(scores)
    assert {d: [s.entry for s in entries] for d, entries in found.items()} == {"P": ["a", "b"], "Q": ["c"]}
    assert [s.entry for s in best.best_overall(scores)] == ["a", "b"]
    assert best.best_overall([]) == ()


def test_a_team_of_three_is_decided_by_its_total_time() -> None:
    def parts(owner: str, totals: tuple[int, ...], times: tuple[int, ...]) -> list[Part]:
        pairs = zip(totals, times, strict=True)
        return [
            Part(f"{owner}{i}", owner, Fraction(t), 100 - t, Fraction(s)) for i, (t, s) in enumerate(pairs)
        ]

    field = [*parts("X", (90, 80, 70, 10), (50, 60, 70, 1)), *parts("Y", (80, 80, 80), (60, 60, 50))]
    field += parts("Z", (99, 98), (1, 1))
    found = derived.best_of_sets(field, 3, 3, [("sum", "desc"), ("time", "asc")])
    assert [(t.owner, t.place, int(t.sum)) for t in found] == [("Y", 1, 240), ("X", 2, 240), ("Z", None, 197)]
    assert found[1].counted == ("X0", "X1", "X2")


def test_what_a_new_version_takes_and_gives() -> None:
    old = {"a": {"medal": "gold", "level": "2"}, "b": {"medal": "silver"}, "c": {}}
    new = {"a": {"medal": "", "level": "2"}, "b": {"medal": "gold"}, "c": {"medal": "silver"}}
    assert [(c.entry, c.kind, c.way) for c in changes(old, new)] == [
        ("a", "medal", "lost"), ("b", "medal", "changed"), ("c", "medal", "gained"),
    ]  # fmt: skip
    assert changes(new, new) == []
