"""A whole field in one call: against the second implementation, its properties, worked cases."""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_rules import comparison, ranking
from scoring_rules.comparison import Result
from scoring_rules.medals import COLOURS
from scoring_rules.profiles import Profile, load, names, parse
from scoring_rules.ranking import Entrant, Ranking
from tests.conftest import SEED
from tests.scoring_rules.naive_rank import Trade

STATUSES = ("", "", "", "", "", "ranked", "absent", "not_finished", "withdrawn", "excluded", "guest")
Row = dict[str, str]
OFTEN = ("worldskills-2026", "worldskills-500", "cn-national", "cook-off") * 5


def rank(profile: Profile, rows: list[Row]) -> Ranking:
    """The rows of texts through the rules."""
    return ranking.rank(profile, [entrant(profile, row) for row in rows])


def entrant(profile: Profile, row: Row) -> Entrant:
    """One row as the rules see it."""
    total = Fraction(row["total"]) if row["total"] else None
    named = {k.key: Fraction(row[k.key]) for k in profile.places.keys if row.get(k.key)}
    keys = ranking.keys_of(profile, total, named)
    return Entrant(
        row["entry"], total, keys, row["status"] or "ranked", row["eligible"] != "no", int(row["size"] or 1)
    )


def found(profile: Profile, rows: list[Row]) -> dict[str, tuple[int | None, int | None, str, str]]:
    """entry -> place, scale, medal, prize."""
    return {o.entry: (o.place, o.scale, o.medal, o.prize) for o in rank(profile, rows).outcomes}


# ---------------------------------------------------------------- random trades, two implementations


def trade(dice: random.Random, profile: Profile) -> list[Row]:
    """A trade of up to 14 entries, coarse enough for ties, some of them not ranked."""
    coarse = dice.choice(("1", "5", "0.25", "0.005"))
    keys = [k.key for k in profile.places.keys if k.key != "total"]
    rows = []
    for i in range(dice.randrange(15)):
        status = dice.choice(STATUSES)
        total = Fraction(coarse) * dice.randrange(12)
        blank = status not in ("", "ranked") and dice.randrange(2)
        row = {"entry": f"e{i}", "total": "" if blank else str(float(total)), "status": status}
        row |= {"eligible": dice.choice(("", "", "yes", "no")), "size": dice.choice(("", "1", "2", "3"))}
        row |= {key: dice.choice(("", "1", "2", "2.5")) for key in keys}
        rows.append(row)
    return rows


def rule_book(dice: random.Random) -> Profile:
    """A shipped profile, or one with parts changed at random."""
    profile = load(dice.choice((*names(), *OFTEN)))
    text, data = profile.text, tomllib.loads(profile.text)
    if dice.randrange(3):
        for old, new in changes(dice, data):
            assert text.count(old) == 1, (profile.id, old)
            text = text.replace(old, new)
    if "prizes" not in data and dice.randrange(2):
        text = text.replace("[tables]", f"{prizes(dice)}\n[tables]", 1)
    return parse(text, f"{profile.id}.toml")


def changes(dice: random.Random, data: dict[str, Any]) -> list[tuple[str, str]]:
    """Lines of the sections places and medals, put another way."""
    found = [(f'joint = "{data["places"]["joint"]}"', f'joint = "{dice.choice(("skip", "dense", "none"))}"')]
    if "teams" in data:
        found = []
    medals, half = data["medals"], 'excellence_params = { parts = "2" }'
    ineligible = f'ineligible = "{dice.choice(("move_up", "vacate"))}"'
    if dice.randrange(3) == 0 and "floor" not in medals:
        ineligible += f'\nfloor = "{dice.choice(("1", "2.5", "10"))}"'
    if dice.randrange(3) == 0 and "base" not in medals:
        ineligible += f'\nbase = "{dice.choice(("entered", "checked_in", "started", "ranked"))}"'
    found.append((f'ineligible = "{medals["ineligible"]}"', ineligible))
    if medals["function"] == "by_places/1" and dice.randrange(2):
        found.append(('"by_places/1"', '"field_size/1"'))
    if medals["excellence"] == "top_half/1" and medals["excellence_params"] == {"parts": "2"}:
        percent, way = dice.choice(("30", "50")), dice.choice(("floor", "half_up", "ceil"))
        share = f'{{ percent = "{percent}", rounding = "{way}" }}'
        found += [('"top_half/1"', '"top_share/1"'), (half, f"excellence_params = {share}")]
    if medals["function"] == "ws_window/1":
        compare, wide = dice.choice(("rounded", "exact")), dice.randrange(9)
        found.append(('window = "2", compare = "rounded"', f'window = "{wide}", compare = "{compare}"'))
    return found


def prizes(dice: random.Random) -> str:
    """A section of prizes."""
    shares = {"function": "by_share/1", "base": dice.choice(("entered", "started", "ranked")),
              "rounding": dice.choice(("floor", "half_up", "ceil")),
              "counting": dice.choice(("each", "cumulated"))}  # fmt: skip
    said = shares if dice.randrange(2) else {"function": "by_place/1"}
    said |= {"unit": dice.choice(("entries", "persons")), "ties": dice.choice(("in", "out"))}
    steps = 'steps = [["first", "10"], ["second", "20"], ["third", "30"]]'
    if said["function"] == "by_place/1":
        steps = 'steps = [["first", "1"], ["second", "2"], ["third", "3"]]'
    return "\n".join(["[prizes]", steps, *(f'{key} = "{value}"' for key, value in said.items()), ""])


def agree(seed: int, trades: int) -> Counter[str]:
    """Work so many random trades out twice; what was in them."""
    dice, seen, profile = random.Random(seed), Counter[str](), load("cook-off")
    for n in range(trades):
        if n % 5 == 0:
            profile = rule_book(dice)
        rows = trade(dice, profile)
        first, second = found(profile, rows), Trade(tomllib.loads(profile.text), rows).result()
        assert first == second, (seed, n, profile.text, rows)
        seen.update(medal for _, _, medal, _ in first.values() if medal)
        seen.update(f"{prize} prize" for _, _, _, prize in first.values() if prize)
        seen[profile.medals.function] += 1
        seen["vacated"] += profile.medals.ineligible == "vacate"
        seen["scaled"] += any(scale is not None for _, scale, _, _ in first.values())
    return seen


def test_the_second_implementation_agrees_on_thousands_of_random_trades() -> None:
    seen = agree(SEED, 2500)
    wanted = {"gold", "silver", "bronze", "excellence", "first prize", "third prize", "vacated", "scaled"}
    assert all(seen[word] > 50 for word in wanted), seen
    assert {"by_places/1", "ws_window/1", "field_size/1", "none"} <= set(seen)


@pytest.mark.long
def test_the_second_implementation_agrees_on_very_many_random_trades() -> None:
    agree(SEED + 1, 60_000)


# ---------------------------------------------------------------- properties

FIVE = ("worldskills-2026", "cn-national", "cook-off", "cn-cnc-2012", "moscow-masters")
SHIPPED = [load(name) for name in FIVE]
PROFILES = st.sampled_from(SHIPPED)
EXACT = load("worldskills-2026").text.replace('policy = "total_2dp"', 'policy = "exact"')
TOTALS = st.lists(st.integers(0, 400), min_size=1, max_size=25)


def plain(totals: list[int]) -> list[Row]:
    """Ranked entries with totals in quarters of a mark."""
    return [
        {"entry": f"e{i}", "total": str(t / 4), "status": "", "eligible": "", "size": str(1 + i % 3)}
        for i, t in enumerate(totals)
    ]


@given(PROFILES, TOTALS, st.randoms(use_true_random=False))
def test_permuting_changes_nothing(profile: Profile, totals: list[int], dice: random.Random) -> None:
    rows = plain(totals)
    shuffled = dice.sample(rows, len(rows))
    assert found(profile, rows) == found(profile, shuffled)


@given(PROFILES, TOTALS, st.integers(0, 24), st.integers(1, 200))
def test_a_better_total_lowers_no_place(profile: Profile, totals: list[int], who: int, more: int) -> None:
    who %= len(totals)
    raised = [min(400, t + more) if i == who else t for i, t in enumerate(totals)]
    old, new = (found(profile, plain(t))[f"e{who}"][0] or 0 for t in (totals, raised))
    assert new <= old


@given(TOTALS)
def test_the_scale_is_monotone_and_its_median_stands_at_the_centre(totals: list[int]) -> None:
    field = found(SHIPPED[0], plain(totals))
    scales = [(t, field[f"e{i}"][1]) for i, t in enumerate(totals)]
    assert all((scale is None) == (len(totals) < 3) for _, scale in scales)
    for t, scale in scales:
        for u, other in scales:
            assert scale is None or other is None or t < u or scale >= other
    if len(totals) >= 3 and len(totals) % 2:
        middle = sorted(totals)[len(totals) // 2]
        assert dict(scales)[middle] == 700


@given(PROFILES, TOTALS)
def test_medals_never_skip_and_equal_totals_get_equal_ones(profile: Profile, totals: list[int]) -> None:
    field = found(profile, plain(totals))
    order = ["gold", "silver", "bronze", "excellence", ""]
    by_total = sorted((-t, order.index(field[f"e{i}"][2])) for i, t in enumerate(totals))
    assert [rank for _, rank in by_total] == sorted(rank for _, rank in by_total)
    for i, t in enumerate(totals):
        assert all(field[f"e{i}"][2:] == field[f"e{j}"][2:] for j, u in enumerate(totals) if u == t)


@given(st.lists(st.integers(0, 400), min_size=6, max_size=25, unique=True))
def test_without_ties_there_is_one_of_each_medal(totals: list[int]) -> None:
    won = [o.medal for o in rank(load("moscow-masters"), plain(totals)).outcomes if o.medal]
    assert won == ["gold", "silver", "bronze"]


@given(PROFILES, st.lists(TOTALS, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_medals_by_trade_are_those_of_the_delegations_and_persons_are_team_sizes(
    profile: Profile, trades: list[list[int]], dice: random.Random
) -> None:
    results, won, persons = [], Counter[str](), Counter[str]()
    for number, totals in enumerate(trades):
        sizes = {row["entry"]: int(row["size"]) for row in plain(totals)}
        here = Counter[str]()
        for o in rank(profile, plain(totals)).outcomes:
            size = sizes[o.entry]
            results.append(Result(f"D{dice.randrange(3)}", str(number), o.medal, o.scale, size, o.place))
            here[o.medal] += 1
            persons[o.medal] += size
        won += here
        given = sum(here[colour] for colour in COLOURS)
        if profile.medals.function in ("by_places/1", "ws_window/1"):
            assert given >= min(3, len(totals)), "shared medals use up the next ones, none is lost"
            assert here["gold"] and (here["gold"] == 1 or not here["silver"])
    held = comparison.tallies(results).values()
    for medal in (*COLOURS, "excellence"):
        assert sum(tally.medals[medal] for tally in held) == won[medal]
        assert sum(tally.persons[medal] for tally in held) == persons[medal]
    assert sum(tally.winners for tally in held) == sum(persons[colour] for colour in COLOURS)


# ---------------------------------------------------------------- worked cases


def test_totals_are_rounded_before_they_are_compared() -> None:
    """83.245 and 83.25 are printed alike, so they share a place; 83.244 stands behind."""
    rows = [{**row, "total": t} for row, t in zip(plain([0] * 3), ("83.245", "83.25", "83.244"), strict=True)]
    assert [(o.entry, o.place, o.medal) for o in rank(load("worldskills-2026"), rows).outcomes] == [
        ("e0", 1, "gold"), ("e1", 1, "gold"), ("e2", 3, "bronze"),
    ]  # fmt: skip
    assert [o.place for o in rank(parse(EXACT, "x.toml"), rows).outcomes] == [1, 2, 3]


def test_excluded_after_the_medals_moves_up_or_leaves_the_medal_vacant() -> None:
    rows = plain([400, 380, 360, 340, 320, 300, 280, 260])
    before = found(load("cn-national"), rows)
    rows[1]["status"] = "excluded"
    text = load("cn-national").text
    moved = found(load("cn-national"), rows)
    left = found(parse(text.replace('"move_up"', '"vacate"'), "x.toml"), rows)
    medals = [[field[f"e{i}"][2] for i in range(4)] for field in (before, moved, left)]
    assert medals == [
        ["gold", "silver", "bronze", "excellence"],
        ["gold", "", "silver", "bronze"],
        ["gold", "", "bronze", "excellence"],
    ]
    assert [left[f"e{i}"][0] for i in range(4)] == [1, None, 3, 4]
    assert [moved[f"e{i}"][0] for i in range(4)] == [1, None, 2, 3]


def test_a_ranked_entry_without_a_total_stands_last_and_apart_from_the_scale() -> None:
    """As many totals as entries with a place, and yet not theirs: the absent one's does not slip in."""
    profile = load("worldskills-2026")
    totals = {"a": 30, "b": None, "c": 20, "d": 10}
    field = [
        Entrant(entry, None if t is None else Fraction(t), (None if t is None else Fraction(t),))
        for entry, t in totals.items()
    ]
    said = ranking.rank(profile, [*field, Entrant("gone", Fraction(90), (Fraction(90),), "absent")])
    assert [(o.entry, o.place, o.scale) for o in said.outcomes] == [
        ("a", 1, 720), ("c", 2, 700), ("d", 3, 680), ("b", 4, None), ("gone", None, None),
    ]  # fmt: skip


def test_ties_at_an_edge_are_listed_before_release() -> None:
    said = rank(load("cn-national"), plain([400, 380, 360, 360, 200, 200, 100]))
    assert [(n.code, n.entries, n.params) for n in said.notices] == [
        ("rank.tie_at_medal", ("e2", "e3"), {"edge": "3"}),
    ]
    said = rank(load("cn-cnc-2012"), plain([300, 300, 200, 100, 90, 80, 70, 60, 50, 40]))
    assert [(n.code, n.entries) for n in said.notices] == [("rank.tie_at_prize", ("e0", "e1"))]
    rows = plain([400, 380, 360, 340, 340, 100])
    rows[0]["eligible"] = "no"
    assert [(n.code, n.entries, n.params) for n in rank(load("cn-national"), rows).notices] == [
        ("rank.tie_at_medal", ("e3", "e4"), {"edge": "3"}),
    ], "others move up, so the bronze is between the fourth and the fifth"
    persons = load("cn-cnc-2012").text.replace("[prizes]", '[prizes]\nunit = "persons"', 1)
    teams = [{**row, "size": "2"} for row in plain([300, 200, 200, 100, 90, 80, 70, 60, 50, 40])]
    told = [(n.entries, n.params["edge"]) for n in rank(parse(persons, "x.toml"), teams).notices]
    assert told == [], "two persons of the first, four of the next two"
    teams[0]["size"] = "1"
    told = [(n.entries, n.params["edge"]) for n in rank(parse(persons, "x.toml"), teams).notices]
    assert told == [(("e1", "e2"), "2")], "10 % of 19 persons are two"
    said = rank(load("jx-pcb"), plain([300, 300, 200]))
    assert ("rank.undecided", ("e0", "e1"), {"place": "1"}) in said.notices


def test_a_small_or_flat_field_says_what_became_of_its_scale() -> None:
    profile = load("worldskills-2026")
    assert [n.code for n in rank(profile, plain([300, 200])).notices] == ["rank.scale_too_small"]
    assert "rank.scale_substitute" in [n.code for n in rank(profile, plain([300, 200, 200, 200])).notices]
    assert [n.code for n in rank(load("moscow-masters"), plain([300, 200, 100])).notices] == ["rank.void"]


def test_cnc_prizes_as_published_ten_twenty_and_thirty_percent() -> None:
    field = found(load("cn-cnc-2012"), plain(list(range(400, 360, -1))))
    won = Counter(prize for *_, prize in field.values())
    assert won == {"first": 4, "second": 8, "third": 12, "": 16}
    assert not any(medal for _, _, medal, _ in field.values())


@pytest.mark.parametrize("name", ["cn-class-1", "cn-class-2"])
def test_the_classes_give_prizes_and_promote(name: str) -> None:
    profile = load(name)
    field = found(profile, plain(list(range(400, 370, -1))))
    assert Counter(prize for *_, prize in field.values()) == {"first": 3, "second": 6, "third": 9, "": 12}
    assert profile.promotion is not None and profile.promotion.bands
