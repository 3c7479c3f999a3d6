"""The optional parts of a profile: read whole, every problem with its line; without them nothing changes."""

from __future__ import annotations

import pytest

from scoring_rules.profile_parts import Extras
from scoring_rules.profile_sources import facts
from scoring_rules.profiles import ProfileUnreadable, load, names, parse
from scoring_rules.refusal import Problem

COOK_OFF = load("cook-off").text
PRIZES = """
[prizes]
function = "by_share/1"
steps = [["first", "10"], ["second", "20"]]
base = "started"
rounding = "half_up"
counting = "each"
"""
CUT = """
[cut]
count = 30
ties = "in"
pool = "delegation"
per_pool = 2
carry = "points"
carry_points = ["8", "5"]
"""
TEAMS = """
[teams]
function = "best_of_set/1"
over = "team"
value = "total"
best = 3
keys = [["sum", "desc"], ["time", "asc"]]
joint = "skip"
"""
WHOLE = COOK_OFF + PRIZES + CUT + TEAMS + '\n[total]\nmax = "200"\n'


def problems_of(text: str) -> list[Problem]:
    """What parsing the text reports, [] when it is fine."""
    try:
        parse(text, "x.toml")
    except ProfileUnreadable as e:
        return e.problems
    return []


def test_every_part_is_read() -> None:
    extras = parse(WHOLE, "x.toml").extras
    assert extras.maximum == "200"
    assert extras.prizes is not None and extras.prizes.steps == (("first", "10"), ("second", "20"))
    assert (extras.prizes.unit, extras.prizes.ties) == ("entries", "in")
    assert extras.cut is not None and (extras.cut.pool, extras.cut.carry_points) == ("delegation", ("8", "5"))
    assert extras.teams is not None and (extras.teams.best, extras.teams.need) == (3, 3)


@pytest.mark.parametrize("name", ["worldskills-2026", "cook-off", "cn-national"])
def test_a_profile_without_them_reads_as_before(name: str) -> None:
    assert load(name).extras == Extras()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('["second", "20"]', '["second", "95"]', "profile_contradiction"),
        ('["second", "20"]', '["fifth", "20"]', "profile_unknown_name"),
        ('["second", "20"]', '["second", "none"]', "profile_bad_number"),
        ('["second", "20"]', '["second", 20]', "profile_wrong_type"),
        ('["second", "20"]', '["first", "20"]', "profile_contradiction"),
        ('"by_share/1"', '"by_share/9"', "profile_unknown_name"),
        ('base = "started"', 'base = "seen"', "profile_unknown_name"),
        ('counting = "each"', "", "profile_missing"),
        ("count = 30", 'count = 30\npercent = "10"', "profile_contradiction"),
        ("count = 30", "count = 30.5", "profile_number_not_text"),
        ("count = 30", 'count = 30\nminimum = "-1"', "profile_bad_number"),
        ('pool = "delegation"\n', "", "profile_contradiction"),
        ('carry = "points"', 'carry = "raw"', "profile_contradiction"),
        ('carry_points = ["8", "5"]', "carry_points = [8]", "profile_wrong_type"),
        ('over = "team"', 'over = "colour"', "profile_unknown_name"),
        ('["time", "asc"]', '["luck", "asc"]', "profile_unknown_name"),
        ('["time", "asc"]', '["time", "up"]', "profile_unknown_name"),
        ("best = 3", "best = 3\nneed = 4", "profile_contradiction"),
        ('value = "total"', 'value = "scale"', "profile_contradiction"),
        ('max = "200"', 'max = "0"', "profile_bad_number"),
        ('max = "200"', 'max = "200"\nmin = "0"', "profile_unknown_key"),
        ('ineligible = "move_up"', 'ineligible = "move_up"\nfloor = "101"', "profile_bad_number"),
        ('ineligible = "move_up"', 'ineligible = "move_up"\nbase = "seen"', "profile_unknown_name"),
    ],
)
def test_one_wrong_line_is_named_with_its_line(old: str, new: str, code: str) -> None:
    assert WHOLE.count(old) == 1
    text = WHOLE.replace(old, new)
    found = problems_of(text)
    assert code in [p.code for p in found], found
    problem = next(p for p in found if p.code == code)
    line = text.splitlines()[int(problem.where.removeprefix("x.toml:")) - 1]
    section, _, key = problem.params["key"].partition(".")
    assert line.startswith((f"{key} =", f"[{section}]"))


def test_problems_of_all_parts_come_at_once_in_the_order_of_the_lines() -> None:
    text = WHOLE.replace('base = "started"', 'base = "x"').replace('over = "team"', 'over = "y"')
    text = text.replace('max = "200"', 'max = "many"')
    found = problems_of(text)
    assert [p.code for p in found] == ["profile_unknown_name", "profile_unknown_name", "profile_bad_number"]
    lines = [int(p.where.rpartition(":")[2]) for p in found]
    assert lines == sorted(lines)


@pytest.mark.parametrize("name", names())
def test_every_line_of_data_cites_a_source_or_is_unverified(name: str) -> None:
    found = facts(load(name).text)
    assert all(fact.source or fact.state == "unverified" for fact in found)
    stands = load(name).text.splitlines()
    for fact in found:
        key = fact.key.rpartition(".")[2]
        assert stands[fact.line - 1].strip().startswith(key), fact


def test_states_of_lines() -> None:
    states = {f.key: f.state for f in facts(load("cn-national").text)}
    assert states["tables.weights"] == "unverified" and states["tables.orders"] == "verified"
    assert states["points.level"] == "partly" and states["medals.function"] == "verified"
    assert states["penalties.signers"] == "unverified"
