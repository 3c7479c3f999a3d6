"""``compsys rank``, ``tables``, ``rules``: what the published examples give, every problem of a bad table."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from scoring_rules import profiles
from tests.compsys.test_command_line import english, run

__all__ = ["english"]  # a fixture of the other file

EXPORT = (
    *("0", "0", "0.5", "1", "1", "1", "1", "1", "1", "2", "3", "4", "5", "6", "7.5", "7.75"),
    *("8.25", "8.75", "9", "10", "12", "14", "15", "15", "15", "15", "16", "18", "20", "30", "45", "61.42"),
)
"""32 totals with the median 8.00 and the MAD 7.00 of the real export in worldskills.md section 8."""


def table(path: Path, text: str) -> Path:
    """A table as a file."""
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """The field of 32."""
    rows = "".join(f"E{i:02d},D{i % 7},{total}\n" for i, total in enumerate(EXPORT))
    return table(tmp_path / "totals.csv", f"entry,delegation,total\n{rows}")


def told(*args: object) -> Any:
    """What a command gives as JSON."""
    found = run(*args, "--json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_the_field_of_32_gives_854_702_and_677(export: Path) -> None:
    found = told("rank", export, "--rules", "worldskills-2026")
    assert found["profile"] == "worldskills-2026"
    by_total = {row["total"]: row for row in found["entries"]}
    assert [by_total[t]["scale"] for t in ("61.42", "8.75", "0.00")] == ["854", "702", "677"]
    assert list(by_total["61.42"]) == ["entry", "delegation", "total", "place", "scale", "medal"]
    assert by_total["61.42"]["medal"] == "gold" and by_total["0.00"]["medal"] is None
    totals = [Fraction(row["total"]) for row in found["entries"]]
    assert totals == sorted(totals, reverse=True)
    assert [row["place"] for row in found["entries"]][-2:] == ["31", "31"]
    assert found["problems"] == []


def test_unranked_rows_come_last_without_place_scale_or_medal(tmp_path: Path) -> None:
    file = table(
        tmp_path / "x.csv",
        "entry,delegation,total,status,eligible\nA,P,,absent,\nB,P,50,,\nC,Q,90,guest,\nD,Q,80,,no\nE,R,70,,\n"
        "F,R,95,excluded,\nG,R,10,not_finished,\nH,S,60,ranked,yes\n",
    )
    found = told("rank", file, "--rules", "worldskills-2026")["entries"]
    assert [(row["entry"], row["place"], row["medal"]) for row in found] == [
        ("D", "1", None), ("E", "2", "gold"), ("H", "3", "silver"), ("B", "4", "bronze"),
        ("A", None, None), ("C", None, None), ("F", None, None), ("G", None, None),
    ]  # fmt: skip
    assert [row["scale"] for row in found][4:] == [None] * 4


def test_each_group_is_ranked_apart(tmp_path: Path) -> None:
    rows = "A,P,50,worker\nA,P,70,student\nB,Q,60,worker\nC,Q,65,student\n"
    file = table(tmp_path / "x.csv", f"entry,delegation,total,group\n{rows}")
    found = told("rank", file, "--rules", "cook-off")
    assert [(row["group"], row["entry"], row["place"]) for row in found["entries"]] == [
        ("worker", "B", "1"), ("worker", "A", "2"), ("student", "A", "1"), ("student", "C", "2"),
    ]  # fmt: skip


def test_a_tie_break_column_decides_and_what_stays_tied_is_listed(tmp_path: Path) -> None:
    head = "entry,delegation,total,practice,component:theory\n"
    rows = "A,P,80,50,30\nB,Q,80,55,25\nC,R,70,40,30\nD,S,70,40,30\n"
    found = told("rank", table(tmp_path / "x.csv", head + rows), "--rules", "cn-national")
    assert [(row["entry"], row["place"], row["medal"]) for row in found["entries"]] == [
        ("B", "1", "gold"), ("A", "2", "silver"), ("C", "3", "bronze"), ("D", "3", "bronze"),
    ]  # fmt: skip
    (tie,) = found["problems"]
    assert (tie["code"], tie["entries"], tie["params"]["edge"]) == ("rank.tie_at_medal", ["C", "D"], "3")
    said = run("rank", tmp_path / "x.csv", "--rules", "cn-national")
    assert "A tie at medal 3: C, D." in said.stderr and "Gold" in said.stdout


def test_every_problem_of_a_bad_table_is_told_and_nothing_like_a_result(tmp_path: Path) -> None:
    file = table(
        tmp_path / "bad.csv",
        "entry,delegation,total,status\nA,P,many,ranked\nB,P,-1,\nB,Q,101,\nC,Q,50,lost\nD,Q,,ranked\n,Q,20,\n",
    )
    found = run("rank", file, "--rules", "worldskills-2026", "--json")
    assert found.exit_code == 1
    given = json.loads(found.stdout)
    assert "entries" not in given and given["ok"] is False
    assert [(p["row"], p["column"], p["code"]) for p in given["problems"]] == [
        (2, "total", "csv.not_a_number"),
        (3, "total", "csv.too_low"),
        (4, "entry", "csv.twice"),
        (4, "total", "csv.too_high"),
        (5, "status", "csv.unknown_word"),
        (6, "total", "csv.blank"),
        (7, "entry", "csv.blank"),
    ]
    plain = run("rank", file, "--rules", "worldskills-2026")
    assert (plain.exit_code, plain.stdout) == (1, "")
    assert "row 2 (C2) total" in plain.stderr and plain.stderr.count("error") == 7


def test_the_maximum_is_the_profile_s_unless_it_is_given(tmp_path: Path) -> None:
    file = table(tmp_path / "x.csv", "entry,delegation,total\nA,P,150\nB,Q,120\nC,R,130\n")
    assert run("rank", file, "--rules", "cook-off").exit_code == 1
    assert [row["entry"] for row in told("rank", file, "--rules", "cook-off", "--max", "200")["entries"]] == [
        "A", "C", "B",
    ]  # fmt: skip
    assert run("rank", file, "--rules", "cook-off", "--max", "lots").exit_code == 2


def test_a_missing_column_an_unknown_profile_and_a_missing_file(tmp_path: Path) -> None:
    file = table(tmp_path / "x.csv", "entry,points\nA,1\n")
    found = run("rank", file, "--rules", "cook-off", "--json")
    problems = json.loads(found.stdout)["problems"]
    errors = [(p["column"], p["code"]) for p in problems if p["severity"] == "error"]
    assert found.exit_code == 1
    assert errors == [("delegation", "csv.column_missing"), ("total", "csv.column_missing")]
    assert run("rank", file, "--rules", "no-such").exit_code == 2
    assert run("rank", tmp_path / "none.csv", "--rules", "cook-off").exit_code == 2


# ---------------------------------------------------------------- tables


KAZAN = ["gold"] * 16 + ["silver"] * 14 + ["bronze"] * 5 + ["excellence"] * 17


def test_china_at_kazan_has_133_medal_points(tmp_path: Path) -> None:
    rows = [f"CN,{i},,{medal},700,1" for i, medal in enumerate([*KAZAN, "", ""])]
    rows += ["RU,0,2,silver,740,2", "RU,1,,,690,1"]
    file = table(tmp_path / "x.csv", "delegation,trade,place,medal,scale,size\n" + "\n".join(rows))
    found = told("tables", file, "--rules", "worldskills-2026")
    assert " ".join(found["reports"]) == (
        "medal_table total_medal_points average_medal_points total_point_score average_point_score"
    )
    china = {name: rows[0] for name, rows in found["reports"].items()}
    assert all(
        row["delegation"] == "CN" and row["rank"] == "1" for name, row in china.items() if name[0] != "a"
    )
    assert china["total_medal_points"]["points"] == "133"
    reports = found["reports"]
    average = {row["delegation"]: (row["rank"], row["points"]) for row in reports["average_medal_points"]}
    assert average == {"CN": ("1", "2.46"), "RU": ("2", "1.50")}
    scores = {row["delegation"]: (row["rank"], row["points"]) for row in reports["average_point_score"]}
    assert scores == {"RU": ("1", "715.00"), "CN": ("2", "700.00")}
    table_row = reports["medal_table"][1]
    assert (table_row["silver"], table_row["total"], table_row["persons"]) == ("1", "1", "2")


def test_excluded_trades_drop_out_and_unknown_medals_are_told(tmp_path: Path) -> None:
    head = "delegation,trade,place,medal,scale,size,excluded\n"
    file = table(tmp_path / "x.csv", head + "P,1,1,gold,750,1,\nP,2,1,金牌,760,1,yes\nQ,1,2,,690,1,no\n")
    points = told("tables", file, "--rules", "worldskills-2026")["reports"]["total_medal_points"]
    assert [(row["delegation"], row["points"]) for row in points] == [("P", "4"), ("Q", "0")]
    assert "Medal table" in run("tables", file, "--rules", "worldskills-2026").stdout
    bad = table(tmp_path / "bad.csv", head + "P,1,first,platinum,high,0,maybe\n")
    found = run("tables", bad, "--rules", "worldskills-2026", "--json")
    assert found.exit_code == 1 and "reports" not in json.loads(found.stdout)
    assert [p["column"] for p in json.loads(found.stdout)["problems"]] == [
        "place", "medal", "scale", "size", "excluded",
    ]  # fmt: skip


# ---------------------------------------------------------------- rules


def test_the_list_names_every_shipped_rule_book() -> None:
    found = told("rules", "list")
    assert [book["id"] for book in found] == list(profiles.names())
    said = run("rules", "list").stdout
    assert all(name in said for name in profiles.names())


@pytest.mark.parametrize("name", profiles.names())
def test_show_gives_every_line_with_its_source_or_says_that_there_is_none(name: str) -> None:
    found = told("rules", "show", name)
    assert found["id"] == name and found["digest"] == profiles.load(name).digest
    for fact in found["facts"]:
        assert fact["source"] or fact["state"] == "unverified", fact
        assert fact["state"] != "verified" or not fact["source"].startswith("unverified"), fact
    said = run("rules", "show", name).stdout
    assert "medals.function" in said and "unverified" in said


def test_show_tells_apart_what_has_a_source_and_what_has_none() -> None:
    facts = {fact["key"]: fact for fact in told("rules", "show", "worldskills-2026")["facts"]}
    assert facts["scale.centre"] | {"line": 0} == {
        "line": 0, "key": "scale.centre", "value": '"700"', "source": "section 8", "state": "verified",
    }  # fmt: skip
    assert facts["scale.zero_mad"]["state"] == "unverified"
    assert facts["medals.params"]["state"] == "partly"


def test_check_tells_every_problem_with_file_and_line(tmp_path: Path) -> None:
    text = profiles.load("cook-off").text
    broken = text.replace('level = "sheet"', 'level = "seat"').replace("[penalties]", "[fines]")
    file = table(tmp_path / "mine.toml", broken)
    found = run("rules", "check", file, "--json")
    assert found.exit_code == 1
    problems = json.loads(found.stdout)["problems"]
    assert [(p["where"].rpartition(":")[0], p["code"]) for p in problems] == [
        ("mine.toml", "profile_missing"),
        ("mine.toml", "profile_unknown_name"),
        ("mine.toml", "profile_unknown_key"),
    ]
    assert run("rank", file, "--rules", file).exit_code == 1
    good = table(tmp_path / "good.toml", text)
    assert told("rules", "check", good)["profiles"][0]["id"] == "cook-off"
    assert "is sound" in run("rules", "check", good).stdout
