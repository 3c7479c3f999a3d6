"""Random pictures of boards and medal tables, and how to compare what server and browser draw of them."""

from __future__ import annotations

import random
from typing import Any

from web.render import environment

BOOL = (True, False)

COMPARE = """async ([picture, parts]) => {
  const draw = await import("/static/board_rows.js");
  const rows = (made) => picture.rows.map((row) => made(row, picture));
  const made = {
    state: () => [draw.state(picture)],
    notes: () => [draw.notes(picture)],
    heads: () => [draw.heads(picture)],
    rows: () => rows(draw.boardRow),
    bump: () => [draw.bump(picture, false)],
    teams: () => [draw.teams(picture)],
    wall_bump: () => [draw.bump(picture, true)],
    wall_state: () => [draw.wallState(picture)],
    wall_count: () => [draw.wallCount(picture)],
    wall_rows: () => rows(draw.wallRow),
    medal_state: () => [draw.medalState(picture)],
    medal_rows: () => rows(draw.medalRow),
    sums: () => [draw.sums(picture)],
    recent: () => [draw.recent(picture)],
    waiting: () => [draw.waiting(picture)],
    best: () => [draw.best(picture)],
  };
  const wrong = [];
  for (const [name, html] of Object.entries(parts)) {
    const box = document.createElement("template");
    box.innerHTML = html;
    const other = document.createElement("template");
    other.content.append(...made[name]());
    if (!box.content.isEqualNode(other.content)) wrong.push([name, box.innerHTML, other.innerHTML]);
  }
  return wrong;
}"""


def words(numbers: random.Random) -> dict[str, str]:
    """Some name: in both languages, in one, odd, or long."""
    odd = ["<b>&amp;\"'", "阿依努尔·热合曼", "", "Zoë & Co.", "一二三四五六七八九十一二三四"]
    return numbers.choice(
        [
            {"zh-CN": "热菜", "en": "Hot"}, {"zh-CN": "只有中文"}, {"en": "English only"},
            {"ug": "ئاش", "en": "x"}, {"zh-CN": numbers.choice(odd), "en": numbers.choice(odd)},
            {"zh-CN": "Same", "en": "Same"}, {},
        ]
    )  # fmt: skip


def a_row(numbers: random.Random, key: str, place: int | None, picture: dict[str, Any]) -> dict[str, Any]:
    """Some row of a board."""
    pick = numbers.choice
    parts = [
        "12.50",
        None,
        {"value": "3.00", "part": True},
        {"status": "absent"},
        {"status": "voided"},
        "0.00",
    ]
    row: dict[str, Any] = {"key": key, "components": [pick(parts) for _ in picture["columns"]]}
    if picture["named"]:
        row |= pick([{}, {"name": words(numbers) or {"en": "N"}, "delegation": words(numbers)}])
    if numbers.random() < 0.7:
        row["code"] = key
    if place is None:
        row |= {"done": 1, "of": numbers.randrange(1, 4), "sheets": [2, 5]}
        if numbers.random() < 0.5:
            row["status"] = pick(["absent", "not_finished", "withdrawn", "excluded"])
        return row
    row |= {"place": place, "total": "61.25", **pick([{}, {"tied": True}]), **pick([{}, {"cut": True}])}
    row |= pick([{}, {"change": numbers.randrange(-2, 3)}])
    row |= pick([{}, {"medal": pick(["gold", "silver", "bronze", "excellence"])}, {"status": "zeroed"}])
    row |= pick([{}, {}, {"prize": pick(["grand", "first", "second", "third", "excellence"])}])
    return row | pick([{}, {"scale": "712"}])


def some_teams(numbers: random.Random) -> dict[str, Any]:
    """Some list of teams."""
    found = []
    for n in range(numbers.randrange(0, 4)):
        counted = [numbers.choice([{"code": f"A{i}"}, {"name": {"en": "N"}}]) for i in range(n)]
        place = numbers.choice([None, n + 1])
        row = {"place": place, "tied": numbers.choice(BOOL), "team": f"t{n}", "name": words(numbers)}
        found.append(row | {"sum": "250.5", "counted": counted, "prize": numbers.choice(["", "first"])})
    return {"teams": found}


def some_awards(numbers: random.Random) -> dict[str, Any]:
    """What a correction may have taken and given."""
    values = {"medal": ["gold", "excellence"], "prize": ["first", "third"]}
    found = []
    for n in range(numbers.randrange(1, 4)):
        kind = numbers.choice(["medal", "prize"])
        one: dict[str, Any] = {"kind": kind}
        one |= numbers.choice([{}, {"code": f"A{n}"}, {"name": words(numbers), "delegation": words(numbers)}])
        was, now = values[kind]
        found.append(one | numbers.choice([{"before": was}, {"after": now}, {"before": was, "after": now}]))
    return {"awards": found, **numbers.choice([{}, {"awards_more": 7}])}


def a_board(numbers: random.Random) -> dict[str, Any]:
    """Some picture of a board, of any status, language and size."""
    pick = numbers.choice
    kind = pick(["none", "live", "frozen", "provisional", "official", "annulled"])
    picture: dict[str, Any] = {
        "kind": "board", "named": pick(BOOL), "scaled": pick(BOOL), "medals": pick(BOOL),
        "zone": pick(["Asia/Shanghai", "Asia/Urumqi", "UTC"]),
        "note": pick([{}, {"en": "Place 1 <corrected>"}]),
        "as_of": pick(["", "2026-05-01T17:03:22.117Z"]), "max": "100", "title": words(numbers),
        "columns": [{"id": "x", "name": words(numbers), "max": "35"} for _ in range(numbers.randrange(1, 5))],
        "status": {
            "kind": kind, "version": 3, "corrected": pick(BOOL), "level": pick(["signed", "revealed"]),
            "marking": pick(["setup", "drawn", "open", "locked"]),
        },
    }  # fmt: skip
    if picture["note"]:
        picture |= numbers.choice([{}, some_awards(numbers)])
    picture |= numbers.choice([{}, some_teams(numbers)])
    ranked, others = numbers.randrange(0, 5), numbers.randrange(0, 3)
    rows = [a_row(numbers, f"R{i}", i + 1 if i < ranked else None, picture) for i in range(ranked + others)]
    if len(picture["columns"]) > 1 and ranked > 1 and numbers.random() < 0.7:
        for i, row in enumerate(rows[:ranked]):
            row["trail"] = [numbers.randrange(1, 9) for _ in picture["columns"][1:]]
            row["lane"] = [numbers.randrange(ranked) for _ in picture["columns"][1:]] + [i]
    return picture | {"rows": rows, "counts": {"ranked": ranked, "of": len(rows)}}


def a_medal_table(numbers: random.Random) -> dict[str, Any]:
    """Some picture of a medal table."""
    counts = ("gold", "silver", "bronze", "excellence", "total")
    rows = [
        {
            "key": f"d{i}", "place": i + 1, "tied": numbers.random() < 0.3, "name": words(numbers),
            "points": "7.5",
            **{count: numbers.randrange(0, 9) for count in counts},
        }
        for i in range(numbers.randrange(0, 5))
    ]  # fmt: skip
    recent = [
        {
            "title": words(numbers), "group": words(numbers), "version": 2,
            "corrected": numbers.random() < 0.5,
            "winners": [{"medal": "gold", "delegation": words(numbers)}][: numbers.randrange(2)],
        }
        for _ in range(numbers.randrange(0, 3))
    ]  # fmt: skip
    who = [{"title": words(numbers), "group": words(numbers), **numbers.choice([{}, {"name": {"en": "N"}}])}]
    firm = {"name": words(numbers), "who": who * numbers.randrange(1, 3), "scale": "731"}
    best = {"overall": [{**who[0], "delegation": words(numbers), "scale": "731"}], "delegations": [firm]}
    why = ["not_started", "marking", "review", "provisional", "annulled"]
    waiting = [
        {"title": words(numbers), "group": {}, "why": numbers.choice(why)}
        for _ in range(numbers.randrange(0, 3))
    ]
    return {
        "kind": "medals", "zone": "Asia/Shanghai",
        "as_of": numbers.choice(["", "2026-05-01T17:03:22.117Z"]),
        "status": {"kind": numbers.choice(["none", "provisional", "official"])}, "rows": rows,
        "recent": recent,
        "waiting": waiting, "counts": {"counted": len(recent), "of": len(recent) + len(waiting)},
        "sums": dict.fromkeys(counts, 3), **numbers.choice([{}, {"best": best}]),
    }  # fmt: skip


def server_parts(picture: dict[str, Any], lang: str) -> dict[str, str]:
    """What the server's macros write for a picture, part by part."""
    found: Any = environment(lang, picture["zone"]).get_template("_board.html").make_module()
    if picture["kind"] == "medals":
        most = max((row["total"] for row in picture["rows"]), default=0)
        return {
            "medal_state": found.medal_state(picture), "sums": found.medal_foot(picture),
            "best": found.best(picture), "recent": found.recent(picture), "waiting": found.waiting(picture),
            "medal_rows": "".join(found.medal_row(row, most) for row in picture["rows"]),
        }  # fmt: skip
    return {
        "state": found.state(picture), "notes": found.notes(picture), "heads": found.heads(picture),
        "teams": found.teams(picture),
        "rows": "".join(found.row(row, picture) for row in picture["rows"]),
        "bump": found.bump(picture, False), "wall_bump": found.bump(picture, True),
        "wall_state": found.wall_state(picture), "wall_count": found.wall_count(picture),
        "wall_rows": "".join(found.wall_row(row, picture, False) for row in picture["rows"]),
    }  # fmt: skip
