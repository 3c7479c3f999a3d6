"""The shipped rule books, and profiles that are wrong: every problem at once, each with its line."""

from __future__ import annotations

import hashlib

import pytest

from scoring_rules import profiles
from scoring_rules.profiles import PlaceKey, ProfileUnreadable, load, names, parse
from scoring_rules.refusal import Problem

COOK_OFF = load("cook-off").text
PARTS = 'excellence_params = { parts = "2" }'


def problems_of(text: str) -> list[Problem]:
    """What parsing the text reports, [] when it is fine."""
    try:
        parse(text, "x.toml")
    except ProfileUnreadable as e:
        return e.problems
    return []


def line_of(text: str, start: str) -> str:
    """Where the first line that begins so stands."""
    return f"x.toml:{[line.startswith(start) for line in text.splitlines()].index(True) + 1}"


@pytest.mark.parametrize("name", names())
def test_every_shipped_profile_reads_whole_and_keeps_its_source(name: str) -> None:
    profile = load(name)
    assert profile.id == name
    assert profile.digest == hashlib.sha256(profile.text.encode()).hexdigest()
    assert set(profile.title) == {"en", "zh-CN"}
    assert parse(profile.text, name) == profile, "the frozen text alone gives the profile back"


def test_the_three_of_this_release_are_shipped() -> None:
    assert {"worldskills-2026", "cook-off", "cn-national"} <= set(names())


def test_the_cook_off_as_agreed() -> None:
    profile = load("cook-off")
    points = profile.points
    assert (points.function, points.level, points.high, points.low, points.min_seats) == (
        "trimmed_mean/1", "sheet", 1, 1, 3,
    )
    assert profile.places.keys == (
        PlaceKey("total", "desc"),
        PlaceKey("component:practice", "desc"),
        PlaceKey("component:theory", "desc"),
    )
    assert profile.places.directions == ("desc", "desc", "desc")
    assert profile.places.joint == "skip"
    assert (profile.medals.function, profile.medals.excellence) == ("by_places/1", "top_half/1")
    assert profile.scale is None
    assert profile.orders == ("gold_first", "points")


def test_worldskills_as_published() -> None:
    profile = load("worldskills-2026")
    assert (profile.judgement.max_spread, profile.judgement.over_spread) == (1, "revote")
    assert profile.scale is not None
    assert (profile.scale.centre, profile.scale.spread, profile.scale.factor) == ("700", "30", "1.4826")
    assert profile.medals.params == {"window": "2", "compare": "rounded"}
    assert profile.medals.excellence_params == {"points": "700"}
    assert profile.weights == {"gold": "4", "silver": "3", "bronze": "2", "excellence": "1"}
    assert profile.rounding.name == "total_2dp"


def test_no_profile_of_that_name() -> None:
    for name in ("nobody", "../cook-off", "cook-off.toml", ""):
        with pytest.raises(KeyError):
            load(name)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('function = "trimmed_mean/1"', 'function = "trimmed_mean/9"', "profile_unknown_name"),
        ('level = "sheet"', 'level = "judge"', "profile_unknown_name"),
        ('level = "sheet"', "level = 3", "profile_wrong_type"),
        ("min_seats = 3\n\n[rounding]", "min_seats = 0\n\n[rounding]", "profile_out_of_range"),
        ("high = 1", "high = true", "profile_wrong_type"),
        ("high = 1", "high = 1.5", "profile_number_not_text"),
        ("high = 1", "hihg = 1", "profile_unknown_key"),
        ('joint = "skip"', 'joint = "shared"', "profile_unknown_name"),
        ('joint = "skip"', "", "profile_missing"),
        ('"component:theory", "desc"', '"theory", "desc"', "profile_unknown_name"),
        ('"component:theory", "desc"', '"component:theory", "down"', "profile_unknown_name"),
        ('"component:theory", "desc"', '"total", "desc"', "profile_contradiction"),
        ('policy = "per_component_2dp"', 'policy = "bankers"', "profile_unknown_name"),
        (PARTS, 'excellence_params = { parts = "0" }', "profile_bad_number"),
        (PARTS, "excellence_params = { parts = 2.0 }", "profile_number_not_text"),
        (PARTS, 'excellence_params = { halves = "2" }', "profile_unknown_name"),
        ('gold = "4"', 'gold = "-4"', "profile_bad_number"),
        ('orders = ["gold_first", "points"]', "orders = []", "profile_contradiction"),
        ('orders = ["gold_first", "points"]', 'orders = "points"', "profile_wrong_type"),
        ('chain = ["seats", "chief"]', 'chain = ["seats", "king"]', "profile_unknown_name"),
        ('default = "signed"', 'default = "always"', "profile_unknown_name"),
        ("low = 1", "low = 2", "profile_contradiction"),
        ('function = "trimmed_mean/1"', 'function = "mean/1"', "profile_contradiction"),
        ('function = "by_places/1"', 'function = "ws_window/1"', "profile_contradiction"),
        (f'excellence = "top_half/1"\n{PARTS}', 'excellence = "at_least/1"', "profile_contradiction"),
        ('id = "cook-off"', 'id = "Cook Off"', "profile_unknown_name"),
        ('en = "Catering skills contest (cook-off)"', 'en = ""', "profile_missing"),
    ],
)
def test_one_wrong_line_is_named_with_its_line(old: str, new: str, code: str) -> None:
    assert COOK_OFF.count(old) == 1
    text = COOK_OFF.replace(old, new)
    found = problems_of(text)
    assert code in [p.code for p in found]
    problem = next(p for p in found if p.code == code)
    section, _, keys = problem.params["key"].partition(".")
    line = text.splitlines()[int(problem.where.removeprefix("x.toml:")) - 1]
    names = (f"{keys.partition('.')[0]} =", f"{section} =", f"[{section}]")
    assert line.startswith(names), "the key's line, or its section's where it lacks"


def test_every_problem_is_reported_at_once_in_the_order_of_the_lines() -> None:
    text = (
        COOK_OFF.replace('level = "sheet"', 'level = "x"')
        .replace('joint = "skip"', 'joint = "y"')
        .replace("[penalties]", "[fines]")
    )
    found = [(p.where, p.code) for p in problems_of(text)]
    assert found == [
        ("x.toml:1", "profile_missing"),
        (line_of(text, 'level = "x"'), "profile_unknown_name"),
        (line_of(text, 'joint = "y"'), "profile_unknown_name"),
        (line_of(text, "[fines]"), "profile_unknown_key"),
    ]


def test_what_is_no_toml_at_all_names_the_line() -> None:
    (problem,) = problems_of('id = "x"\nversion = \n')
    assert (problem.where, problem.code) == ("x.toml:2", "profile_not_toml")
    assert [p.code for p in problems_of("")] == ["profile_missing"]
    assert [p.code for p in problems_of("[judgement]\n[judgement]")] == ["profile_not_toml"]


def test_sections_of_the_wrong_kind_are_reported_not_raised() -> None:
    codes = {p.code for p in problems_of('judgement = 3\nplaces = "x"\nscale = []\ntitle = 1\n')}
    assert codes == {"profile_missing", "profile_wrong_type"}


def test_the_vocabulary_of_profiles_is_closed() -> None:
    assert profiles.RECUSAL == ("block", "drop", "declare")
    assert "seats" in profiles.SIGNERS
