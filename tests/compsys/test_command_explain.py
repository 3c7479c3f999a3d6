"""``explain``, ``whatif`` and ``bounds`` on a played demo: what they say, and that nothing is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compsys.journal import SqliteJournal, write_export
from tests.compsys.test_command_line_day import demo, english, run

__all__ = ["english"]  # a fixture of the other file
TRADE = "food-carving"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a demo played to its end."""
    where = tmp_path_factory.mktemp("played") / "demo"
    demo(where, "--finish", "--seed", 7, "--port", 0)
    return where


def told(*args: object, status: int = 0) -> Any:
    """What a command gives as JSON."""
    found = run(*args, "--json")
    assert found.exit_code == status, found.output
    return json.loads(found.stdout)


def journal(where: Path) -> bytes:
    """The whole journal, byte for byte."""
    out = where.parent / "journal.jsonl"
    with SqliteJournal(where) as held, out.open("wb") as file:
        write_export(held, file)
    return out.read_bytes()


def rows(where: Path) -> list[dict[str, Any]]:
    """The rows of the trade's newest result."""
    found = run("results", TRADE, "--format", "json", "--dir", where)
    assert found.exit_code == 0, found.output
    data = json.loads(found.stdout)
    picture = data["results"][0] if "results" in data else data
    result: list[dict[str, Any]] = picture["rows"]
    return result


def aspects(node: dict[str, Any]) -> list[str]:
    """The keys of all aspects below a node."""
    mine = [node["key"]] if node["what"] in ("points", "aspect") and "key" in node else []
    return mine + [key for child in node.get("children", ()) for key in aspects(child)]


def test_a_medal_is_explained_by_directory_or_by_dir_and_as_published(played: Path) -> None:
    first = rows(played)[0]
    one = told("explain", played, TRADE, first["code"])
    assert one == told("explain", "--dir", played, f"{TRADE}/final", first["code"])
    steps = {step["what"]: step for step in one["steps"]}
    assert steps["total"]["value"] == first["total"] and steps["place"]["value"] == "1"
    assert steps["medal"]["value"] == "gold" and steps["table"]["inputs"]["gold"] >= "1"
    assert one["published"] == {"version": 1, "rank": "official", "annulled": False, "differs": []}
    assert "unverified" in one["clauses"]["judgement"]
    said = run("explain", played, TRADE, first["code"])
    assert said.exit_code == 0 and "lowest, dropped" in said.stdout and "trimmed_mean/1" in said.stdout


def test_who_is_not_there_is_refused(played: Path) -> None:
    assert told("explain", played, TRADE, "nobody", status=2)["code"] == "cli.explain.unknown"
    assert told("explain", played, "baking", "A11", status=2)["code"] == "cli.explain.unknown"
    assert told("explain", TRADE, status=2)["code"] == "cli.explain.usage"


def test_one_aspect_raised_moves_a_place_and_a_medal_and_writes_nothing(played: Path) -> None:
    before = journal(played)
    first, second = rows(played)[:2]
    total = told("explain", played, TRADE, second["code"])["steps"][0]
    moved = None
    for key in dict.fromkeys(aspects(total)):
        for value in ("25", "20", "15", "10", "5"):
            found = run("whatif", played, TRADE, second["code"], "--aspect", key, "--mark", value, "--json")
            if found.exit_code == 0:
                break
        outcome = json.loads(found.stdout)
        changes = {(c.get("code"), c["field"]): c["after"] for c in outcome.get("changed", ())}
        if changes.get((second["code"], "place")) == "1":
            moved = outcome, changes
            break
    assert moved is not None, "no aspect of the second could make it the first"
    outcome, changes = moved
    assert changes[second["code"], "medal"] == "gold" and changes[first["code"], "medal"] == "silver"
    assert any(c["kind"] == "table" and c["field"] == "gold" for c in outcome["changed"])
    (version,) = outcome["published"]
    assert version["rank"] == "official" and "public" in version["audiences"]
    assert journal(played) == before
    assert told("whatif", played, TRADE, first["code"], status=2)["code"] == "cli.whatif.one"
    wrong = told("whatif", played, TRADE, first["code"], "--amount", "x", "--component", "practice", status=1)
    assert wrong["code"] == "not_a_number"


def test_what_is_certain_once_all_is_locked_is_the_result(played: Path) -> None:
    (group,) = told("bounds", TRADE, "--dir", played)["groups"]
    result = {row["code"]: row for row in rows(played)}
    assert len(group["entries"]) == len(result) > 10
    for entry in group["entries"]:
        row = result[entry["code"]]
        assert entry["best_place"] == entry["worst_place"] == row["place"] and "final" in entry["certain"]
        assert ("medal" in entry["certain"]) == (row["medal"] in ("gold", "silver", "bronze"))
    said = run("bounds", TRADE, "--dir", played)
    assert said.exit_code == 0 and "gold is safe" in said.stdout
    assert told("bounds", "baking", "--dir", played, status=2)["code"] == "cli.unknown_target"
