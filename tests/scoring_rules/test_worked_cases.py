"""Worked cases of every rule book from its published text: docs/rules/cases.md and promotion.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from compsys.exchange import rank_csv, rule_csv
from scoring_rules.profile_sources import facts
from scoring_rules.profiles import load, names

PAGES = Path(__file__).parents[2] / "docs" / "rules"
ANSWERS = ("place", "scale", "medal", "prize", "advance")
GIVES = {
    "places.keys": "place",
    "scale.function": "scale",
    "medals.function": "medal",
    "prizes.steps": "prize",
    "cut.count": "advance",
}
"""Line of a profile -> what it answers."""
Cells = dict[str, str]


class Case(NamedTuple):
    """One table of the page: whose rules, the text they come from, the rows."""

    profile: str
    quoted: str
    rows: list[Cells]


def headed(page: str) -> Iterator[tuple[str, str]]:
    """(profile, what stands below its heading) of a page of rules."""
    for part in re.split(r"^## ", (PAGES / page).read_text("utf-8"), flags=re.M)[1:]:
        heading, _, below = part.partition("\n")
        yield heading.partition(":")[0], below


def cases() -> Iterator[Case]:
    """Every table of the page of cases."""
    for profile, below in headed("cases.md"):
        quoted = ""
        for block in map(str.strip, below.split("\n\n")):
            if block.startswith("> "):
                quoted = block
            if block.startswith("| `"):
                head, _, *lines = [line.strip("|").split("|") for line in block.splitlines()]
                heads = [name.strip(" `") for name in head]
                rows = [dict(zip(heads, (c.strip() for c in line), strict=True)) for line in lines]
                yield Case(profile, quoted, rows)


def spread(text: str, count: int) -> list[str]:
    """`93-87` or `4-18` as that many texts; a single one for each."""
    if "-" not in text.strip("-"):
        return [text] * count
    first, last = map(int, text.split("-"))
    return [str(n) for n in range(first, last + (1 if last > first else -1), 1 if last > first else -1)]


def entries(rows: list[Cells]) -> list[Cells]:
    """A row per entry."""
    found = []
    for row in rows:
        count = max(len(spread(row["total"], 1)), int(row.get("times", 1)))
        columns = {head: spread(cell, count) for head, cell in row.items() if head != "times"}
        assert {len(column) for column in columns.values()} == {count}, row
        found += [{head: column[i] for head, column in columns.items()} for i in range(count)]
    return [{"entry": f"e{i}", **row} for i, row in enumerate(found)]


CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=[f"{c.profile}-{i}" for i, c in enumerate(CASES)])
def test_the_case_is_what_the_rules_give(case: Case) -> None:
    """Through the table that the command reads; the order of its rows plays no part."""
    profile, rows = load(case.profile), entries(case.rows)
    asked = [head for head in rows[0] if head not in ANSWERS]
    lines = [",".join([*(row[head] for head in asked), ""]) for row in reversed(rows)]
    text = "\n".join([",".join([*asked, "delegation"]), *lines])
    sheet = rule_csv.read(text.encode(), "x.csv", rank_csv.columns(profile))
    groups = rank_csv.rank(sheet, profile)
    assert sheet.faults == []
    found: dict[str, Any] = {said["entry"]: said for said in rank_csv.as_data(sheet, profile, groups)}
    for row in rows:
        said = {head: found[row["entry"]].get(head) or "-" for head in row if head in ANSWERS}
        if "advance" in said:
            said["advance"] = "-" if said["advance"] == "-" else "yes"
        assert said == {head: row[head] for head in said}, row


def test_every_rule_book_has_a_case_from_its_text() -> None:
    """A profile that is shipped without one fails here."""
    promoting = {name for name, below in headed("promotion.md") if "\n| `" in below}
    assert {case.profile for case in CASES} | promoting >= set(names())
    assert {case.profile for case in CASES} <= set(names())
    for case in CASES:
        assert re.search(r"\((?:worldskills\.md|china\.md|promotion_rules\.json)", case.quoted), case


@pytest.mark.parametrize("name", names())
def test_what_a_rule_book_takes_from_its_own_text_is_in_a_case(name: str) -> None:
    """Each part with a source of its own has a table that asks for what it gives."""
    asked = {head for case in CASES if case.profile == name for head in case.rows[0]}
    sourced = {fact.key for fact in facts(load(name).text) if fact.state != "unverified"}
    assert {answer for key, answer in GIVES.items() if key in sourced} <= asked
