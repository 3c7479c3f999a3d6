"""The worked tables of docs/rules: each row of each table is computed again by the rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from scoring_rules import comparison, derived, exact, medals, prizes, ranking, scale, shares
from scoring_rules.award_changes import changes
from scoring_rules.comparison import Result, Tally
from scoring_rules.cuts import Candidate, CutRule, carried, select
from scoring_rules.derived import Part
from scoring_rules.judgement import average
from scoring_rules.medals import Contender
from scoring_rules.prizes import Step
from scoring_rules.profiles import load, parse
from scoring_rules.ranking import Entrant
from scoring_rules.standings import Row, places

PAGES = Path(__file__).parents[2] / "docs" / "rules"
Cells = dict[str, str]
COLOURS = ("gold", "silver", "bronze")


def tables(page: str) -> Iterator[tuple[tuple[str, ...], list[Cells]]]:
    """Every table of a page: its heads, its rows by head."""
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    for block in re.findall(r"(?:^\|.*\|\n)+", text + "\n", re.M):
        lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
        yield tuple(lines[0]), [dict(zip(lines[0], line, strict=True)) for line in lines[2:]]


# ---------------------------------------------------------------- rounding


def half_up(row: Cells) -> str:
    return exact.show(exact.parse(row["number"]), int(row["decimals"]))


def rounding_policies(rows: list[Cells]) -> None:
    marks = [average((1, 1, 2), Fraction(1, 2))] * 3
    for row in rows:
        policy = exact.rounding(row["policy"])
        summed = policy.component(sum((policy.aspect(m) for m in marks), Fraction(0)))
        assert policy.show_total(policy.total(summed)) == row["total"], row


def rounding_numbers(rows: list[Cells]) -> None:
    for row in rows:
        assert half_up(row) == row["rounded"], row


def rounding_bases(rows: list[Cells]) -> None:
    for row in rows:
        entries, _ = shares.field([(row["status"], 1)])
        assert [str(entries.of(base)) for base in shares.BASES] == [row[base] for base in shares.BASES], row


def rounding_shares(rows: list[Cells]) -> None:
    for row in rows:
        for how in shares.ROUNDINGS:
            assert str(shares.count(Fraction(row["percent"]), 37, how)) == row[how], row


# ---------------------------------------------------------------- places


def places_keys(rows: list[Cells]) -> None:
    names = ("total", "practice", "time")
    field = [
        Row(row["entry"], tuple(exact.parse(row[n]) if row[n] else None for n in names)) for row in rows
    ]
    found = {p.entry: str(p.place) for p in places(field, ("desc", "desc", "asc"), "skip")}
    assert found == {row["entry"]: row["place"] for row in rows}


def places_joint(rows: list[Cells]) -> None:
    field = [Row(str(i), (exact.parse(row["total"]),)) for i, row in enumerate(rows)]
    for joint in ("skip", "dense"):
        assert [str(p.place) for p in places(field, ("desc",), joint)] == [row[joint] for row in rows]


def places_settled(rows: list[Cells]) -> None:
    names = ("total", "play_off", "decided")
    field = [
        Row(row["entry"], tuple(exact.parse(row[n]) if row[n] else None for n in names)) for row in rows
    ]
    found = {p.entry: str(p.place) for p in places(field, ("desc", "desc", "asc"), "none")}
    assert found == {row["entry"]: row["place"] for row in rows}


def places_cut(rows: list[Cells]) -> None:
    totals = [int(row["total"]) for row in rows]
    field = [Candidate(row["entry"], totals.index(int(row["total"])) + 1) for row in rows]
    for ties in ("in", "out"):
        on = select(field, CutRule(3, ties=ties)).entries
        assert list(on) == [row["entry"] for row in rows if row[ties] == "yes"]


def places_ways(rows: list[Cells]) -> None:
    totals = [int(row["total"]) for row in rows]
    field = [
        Candidate(
            row["entry"], totals.index(int(row["total"])) + 1, pool=row["pool"], host=row["host"] == "yes",
            wild_card=row["goes on"] == "wild_card",
        )
        for row in rows
    ]  # fmt: skip
    found = select(field, CutRule(3, per_pool=1, host=1, reserve=2))
    waits = dict(zip(found.reserve, ("1st reserve", "2nd reserve"), strict=True))
    assert {**dict(found.on), **waits} == {row["entry"]: row["goes on"] for row in rows}


def places_carried(rows: list[Cells]) -> None:
    for row in rows:
        for how in ("raw", "rescaled", "points"):
            total, points = Fraction(row["total"]), ("10", "8", "6")
            brought = carried(total, int(row["place"]), how, Fraction(70), Fraction(30), points)
            assert str(brought) == row[how], row


def places_teams(rows: list[Cells]) -> None:
    rule = load("guzhen-lamps").extras.teams
    assert rule is not None
    parts = [
        Part(f"{row['team']}{i}", row["team"], Fraction(total), 100 - int(total), Fraction(time))
        for row in rows
        for i, (total, time) in enumerate(zip(row["totals"].split(), row["times"].split(), strict=True))
    ]
    keys = [(key, derived.direction(way)) for key, way in rule.keys]
    found = derived.best_of_sets(parts, rule.best, rule.need, keys, rule.joint)
    assert [(t.owner, exact.show(t.sum, 2), str(t.place or "")) for t in found] == [
        (row["team"], row["sum"], row["place"]) for row in rows
    ]


# ---------------------------------------------------------------- scale


def scale_export(rows: list[Cells]) -> None:
    others = [Fraction(1)] * 14 + [Fraction(8)] + [Fraction(15)] * 13
    found = scale.scale([*others, *(Fraction(row["total"]) for row in rows)])
    assert isinstance(found, scale.Scaled)
    assert (len(found.points), found.median, found.deviation) == (32, 8, Fraction("10.3782"))
    assert [str(p) for p in found.points[-4:]] == [row["scale"] for row in rows]


def scale_edges(rows: list[Cells]) -> None:
    for row in rows:
        found = scale.scale([Fraction(t) for t in row["totals"].split()])
        points = " ".join(map(str, found.points)) if isinstance(found, scale.Scaled) else ""
        assert points == row["scales"], row


# ---------------------------------------------------------------- medals


def won(awards: dict[str, str], count: int) -> str:
    """The awards of entries 0..count-1 in order."""
    return " ".join(awards.get(str(i), "-") for i in range(count))


def medals_places(rows: list[Cells]) -> None:
    for row in rows:
        field = [Contender(str(i), int(p)) for i, p in enumerate(row["places"].split())]
        assert won(medals.by_places(field, {}), len(field)) == row["medals"], row


def medals_window(rows: list[Cells]) -> None:
    for row in rows:
        field = [Contender(s, i, Fraction(s)) for i, s in enumerate(row["scale points"].split(), 1)]
        awards = medals.ws_window(field, load("worldskills-2026").medals.params)
        for colour in COLOURS:
            assert " ".join(c.entry for c in field if awards.get(c.entry) == colour) == row[colour], row


def medals_size(rows: list[Cells]) -> None:
    rule = load("moscow-masters").medals
    for row in rows:
        count = int(row["participants"])
        field = [Contender(str(i), i + 1) for i in range(count)]
        awards = medals.award(field, count, rule.function, rule.params)
        assert " ".join(awards.values()) == row["medals"].strip("-"), row


def medals_floor(rows: list[Cells]) -> None:
    profile = load("algeria")
    for row in rows:
        totals = [Fraction(t) for t in row["totals"].split()]
        field = [Entrant(str(i), t, ranking.keys_of(profile, t, {})) for i, t in enumerate(totals)]
        awards = {o.entry: o.medal or "-" for o in ranking.rank(profile, field).outcomes}
        assert won(awards, len(field)) == row["medals"], row


def medals_excellence(rows: list[Cells]) -> None:
    for row in rows:
        count = int(row["participants"])
        field = [Contender(str(i), i) for i in range(1, count + 1)]
        for head in list(row)[1:]:
            name, _, how = head.partition(" ")
            awards = medals.award(
                field, count, "by_places/1", {}, f"{name}/1", {"rounding": how} if how else {}
            )
            had = [int(e) for e, medal in awards.items() if medal == "excellence"]
            assert (f"{min(had)}-{max(had)}" if had else "") == row[head], row


def medals_prizes(rows: list[Cells]) -> None:
    steps = [Step("first", Fraction(10)), Step("second", Fraction(20)), Step("third", Fraction(30))]
    for row in rows:
        found = prizes.edges(steps, int(row["started"]), row["rounding"], row["counting"])
        assert [(prize, str(last)) for prize, last in found] == [
            (prize, row[f"{prize} to"]) for prize in ("first", "second", "third")
        ]


def medals_excluded(rows: list[Cells]) -> None:
    text = load("cn-national").text
    for row in rows:
        profile = parse(text.replace('"move_up"', f'"{row["rule"]}"'), "x.toml")
        field = []
        for entry, total in zip("ABCD", (90, 80, 70, 60), strict=True):
            keys = ranking.keys_of(profile, Fraction(total), {})
            field.append(Entrant(entry, Fraction(total), keys, "excluded" if entry == "A" else "ranked"))
        found = {o.entry: o.medal or "-" for o in ranking.rank(profile, field).outcomes}
        assert found == {"A": row["A excluded"], "B": row["B"], "C": row["C"], "D": row["D"]}, row


# ---------------------------------------------------------------- tables


def tables_points(rows: list[Cells]) -> None:
    held = {
        row["delegation"]: Tally(medals={m: int(row[m]) for m in (*COLOURS, "excellence")}) for row in rows
    }
    for row in rows:
        assert exact.show(comparison.medal_points(held[row["delegation"]])) == row["points"], row
    pair = {name: held[name] for name in ("P", "Q")}
    assert [found.delegation for found in comparison.report("medal_table", pair)] == ["P", "Q"]
    assert [found.delegation for found in comparison.report("total_medal_points", pair)] == ["Q", "P"]


def tables_persons(rows: list[Cells]) -> None:
    for row in rows:
        sizes = [1] * int(row["single"]) + [2] * int(row["pairs"]) + [3] * int(row["trios"])
        results = [Result("all", str(i), colour, None, n) for i, n in enumerate(sizes) for colour in COLOURS]
        assert str(comparison.tallies(results)["all"].winners) == row["winners"]


def tables_changes(rows: list[Cells]) -> None:
    before, after = ({row["entry"]: {"medal": row[when]} for row in rows} for when in ("before", "after"))
    found = [(c.entry, c.before, c.after, c.way) for c in changes(before, after)]
    assert found == [tuple(row.values()) for row in rows]


RUN: dict[str, tuple[Callable[[list[Cells]], None], ...]] = {
    "rounding": (rounding_numbers, rounding_policies, rounding_bases, rounding_shares),
    "places": (
        places_keys, places_joint, places_settled, places_cut, places_ways, places_carried, places_teams,
    ),
    "scale": (scale_export, scale_edges),
    "medals": (
        medals_places, medals_window, medals_size, medals_floor, medals_excellence, medals_prizes,
        medals_excluded,
    ),
    "tables": (tables_points, tables_persons, tables_changes),
}


@pytest.mark.parametrize("page", RUN)
def test_every_table_of_the_page_is_what_the_rules_give(page: str) -> None:
    found = list(tables(page))
    assert len(found) == len(RUN[page]), "a table that nobody runs"
    for (_, rows), run in zip(found, RUN[page], strict=True):
        assert rows
        run(rows)
