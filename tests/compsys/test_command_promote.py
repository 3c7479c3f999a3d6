"""The command ``promote``: what it prints of a table, and that a table with problems prints nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compsys import words
from compsys.exchange import promotion_csv
from scoring_rules import profiles
from scoring_rules.promotion_model import LADDER, TIERS
from tests.compsys.test_command_line import english, run

__all__ = ["english"]  # a fixture of the other file
HEAD = "entry,group,place,field,medal,held_level,passed,size,tier"
ANHUI = f"""{HEAD}
a,worker,7,37,,2,yes,1,
b,职工组,8,37,,中级工,yes,1,省级一类
c,student,8,37,,2,yes,1,Province-1
d,worker,7,37,,1,yes,1,province_1
e,worker,,37,,,,,
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of the Anhui examples."""
    return written(tmp_path, ANHUI)


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """A table in a file."""
    path = folder / "places.csv"
    path.write_text(text, encoding=encoding)
    return path


def told(*args: object) -> Any:
    """What the command gives as JSON."""
    found = run("promote", *args, "--json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_each_row_gives_level_honours_clause_and_reason(table: Path) -> None:
    rows = told(table, "--rules", "ah-2023")
    assert [(row["entry"], row["level"]) for row in rows] == [
        ("a", "1"), ("b", "3"), ("c", None), ("d", None), ("e", None),
    ]  # fmt: skip
    assert all(set(row) == {"entry", "level", "honours", "clause", "reason"} for row in rows)
    assert rows[0]["clause"] == "ah-2023/1: 省级一类 前20%"
    assert "level 2 (technician) is held: level 1 (senior technician)" in rows[0]["reason"]
    assert "national standard" in rows[0]["reason"]
    assert "already" in rows[2]["reason"]
    assert rows[4]["reason"] == "There is no place."


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_tables_as_spreadsheets_save_them(tmp_path: Path, table: Path, encoding: str) -> None:
    plain = told(table, "--rules", "ah-2023")
    assert told(written(tmp_path, ANHUI, encoding), "--rules", "ah-2023") == plain


def test_a_person_reads_a_table_and_a_count(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = run("promote", table, "--rules", "ah-2023")
    assert found.exit_code == 0
    assert "Entry" in found.stdout
    assert "5 entries, 2 levels and 0 honours proposed" in found.stdout
    assert "The text leaves open: bands of provincial class II (default: none)." in found.stdout
    monkeypatch.setenv("COMPSYS_LANG", "zh")
    found = run("promote", table, "--rules", "ah-2023")
    assert "一级/高级技师" in found.stdout
    assert "须经安徽省人力资源和社会保障厅批准" in found.stdout


def test_honours_and_what_comes_besides(tmp_path: Path) -> None:
    table = written(tmp_path, f"{HEAD},track\na,worker,1,30,gold,,yes,1,,ws\nb,worker,9,30,优胜奖,,yes,1,,\n")
    first, second = told(table, "--rules", "cn-national-2")
    assert (first["level"], first["honours"]) == ("2", ["全国技术能手"])
    assert first["also"] == [{"kind": "squad", "name": "国家集训队", "persons": "1"}]
    assert (second["level"], second["honours"]) == ("2", [])
    assert "also" not in second


def test_once_per_person_and_year(tmp_path: Path) -> None:
    rows = "a,worker,1,30,,2,yes,1,市级一类,1\nb,worker,2,30,,2,yes,1,市级一类,\n"
    table = written(tmp_path, f"{HEAD},held_this_year\n{rows}")
    first, second = told(table, "--rules", "tj-2024")
    assert (first["level"], second["level"]) == (None, "1")
    assert "in this year already" in first["reason"]
    assert first["honours"] == ["天津市技术能手"]


def test_every_problem_at_once_with_row_and_column_and_nothing_else(tmp_path: Path) -> None:
    table = written(
        tmp_path,
        f"{HEAD}\na,worker,first,37,,2,yes,1,\na,worker,3,37,golden,2,yes,1,\nb,worker,38,37,,6,maybe,0,\n",
    )
    found = run("promote", table, "--rules", "ah-2023", "--json")
    assert found.exit_code == 1
    said = json.loads(found.stdout)
    assert set(said) == {"ok", "problems"}
    assert [(p["row"], p["column"], p["code"]) for p in said["problems"]] == [
        (2, "place", "csv.not_a_number"),
        (3, "entry", "csv.twice"),
        (3, "medal", "csv.unknown_word"),
        (4, "place", "csv.too_high"),
        (4, "held_level", "csv.unknown_word"),
        (4, "passed", "csv.unknown_word"),
        (4, "size", "csv.too_low"),
    ]
    plain = run("promote", table, "--rules", "ah-2023")
    assert (plain.exit_code, plain.stdout) == (1, "")
    assert plain.stderr.count("csv.") == 7


def test_a_missing_column_and_an_empty_table_are_problems(tmp_path: Path) -> None:
    lacking = HEAD.replace("place,", "").replace(",tier", "")
    table = written(tmp_path, f"{lacking}\na,worker,37,,2,yes,1\n")
    found = run("promote", table, "--rules", "ah-2023", "--json")
    problems = json.loads(found.stdout)["problems"]
    assert [(p["column"], p["code"]) for p in problems] == [
        ("place", "csv.column_missing"), ("tier", "csv.column_missing"),
    ]  # fmt: skip
    assert run("promote", written(tmp_path, f"{HEAD}\n"), "--rules", "ah-2023").exit_code == 1


def test_a_tier_nobody_knows_is_told_though_it_may_not_matter(tmp_path: Path) -> None:
    table = written(tmp_path, f"{HEAD}\na,worker,1,30,gold,,yes,1,省级壹类\n")
    found = run("promote", table, "--rules", "cn-national-1", "--json")
    assert (found.exit_code, json.loads(found.stdout)[0]["level"]) == (0, "2")
    assert "省级壹类" in found.stderr


def test_a_rule_book_without_promotion_or_unknown_is_refused_with_those_that_have_one(table: Path) -> None:
    found = run("promote", table, "--rules", "worldskills-2026")
    assert found.exit_code == 2
    assert "ah-2023" in found.stderr
    assert "cook-off" not in found.stderr
    assert run("promote", table, "--rules", "nobody").exit_code == 2


def test_the_first_national_profile_goes_by_its_own_events_rule(tmp_path: Path) -> None:
    table = written(tmp_path, f"{HEAD}\na,worker,1,30,gold,2,yes,1,\n")
    (row,) = told(table, "--rules", "cn-national")
    assert (row["level"], row["honours"]) == ("1", ["全国技术能手"])
    assert row["clause"].startswith("cn-national-1/1: ")


def test_a_rule_book_of_ones_own(table: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(profiles.load("ah-2023").text.replace("hi = 20\n", "hi = 10\n"), encoding="utf-8")
    first, *_ = told(table, "--rules", own)
    assert first["level"] is None


def test_the_words_of_the_published_texts_are_known() -> None:
    assert set(promotion_csv.TIERS.values()) - {""} == set(TIERS)
    assert set(promotion_csv.LEVELS.values()) - {""} == set(LADDER)
    for level in LADDER:
        assert promotion_csv.level_name(level, "zh-CN") != promotion_csv.level_name(level, "en")
    assert all(words.catalogue()[f"promotion.level_{level}"] for level in LADDER)


def test_an_unknown_level_is_not_none_and_is_to_be_checked(tmp_path: Path) -> None:
    rows = "\n".join(f"{i},worker,1,36,gold,{held},,1," for i, held in enumerate(("", "unknown", "未知")))
    none, *unknown = told(written(tmp_path, f"{HEAD}\n{rows}\n"), "--rules", "cn-national-1")
    assert none["level"] == "2" and "not known" not in none["reason"]
    for row in unknown:
        assert row["level"] == "2" and "the level held is not known" in row["reason"]
        assert "level 1 (senior technician) for whoever holds it" in row["reason"]


def test_what_rule_books_leave_open_is_said_in_both_languages() -> None:
    for name in profiles.names():
        rules = profiles.load(name).promotion
        parts = [*rules.bands, *rules.honours] if rules else []
        for what in (*(rules.open if rules else ()), *(part.unverified for part in parts if part.unverified)):
            assert what in promotion_csv.OPEN, (name, what)
            assert all(promotion_csv.open_word(what, lang) for lang in words.LANGS)
