"""The parts a profile may have and need not: the maximum, prizes, the cut, lists of teams, a floor."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from scoring_rules import cuts, derived, exact, prizes, shares, standings
from scoring_rules.profile_reader import Reader

MAXIMUM = "100"
"""The highest total where a profile names none."""
ACCEPTANCE = ("own_expert",)
SHOWS = ("marks", "votes")
COMPETITOR = ("measured", "all")


@dataclass(frozen=True, slots=True)
class PrizesRule:
    """Prizes by share or by place: the steps (prize, amount as text), and of which field, rounded how."""

    function: str
    steps: tuple[tuple[str, str], ...]
    base: str
    unit: str
    rounding: str
    counting: str
    ties: str


@dataclass(frozen=True, slots=True)
class CutRule:
    """Who goes on to the next stage: `count` places or `percent` of a base, and what `cuts.CutRule` says."""

    count: int | None
    percent: str
    base: str
    rounding: str
    minimum: str
    ties: str
    pool: str
    per_pool: int
    host: int
    reserve: int
    carry: str
    carry_points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TeamsRule:
    """A list over sets of entries: the `best` so many of each, at least `need`, by which value and keys."""

    function: str
    over: str
    value: str
    best: int
    need: int
    keys: tuple[tuple[str, str], ...]
    joint: str
    prizes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Extras:
    """The optional parts of a profile, each with the value that stands where it is absent."""

    maximum: str = MAXIMUM
    floor: str = ""
    base: str = "started"
    unfinished: str = "out"
    decimals: int = 2
    place_scores: tuple[str, ...] = ()
    prizes: PrizesRule | None = None
    cut: CutRule | None = None
    teams: TeamsRule | None = None
    own_total: str = ""
    """shown: a judge's tablet adds up what this seat gave and what is open to it; "" = it does not"""
    acceptance: str = ""
    """whose acceptance a signed sheet waits for: own_expert, the competitor's; "" = nobody's"""
    shows: str = "marks"
    """what that expert is shown of a sheet: the marks, or the seats' values and rulings besides"""
    competitor: str = ""
    """which sheets the competitor signs once they were read aloud: measured, all; "" = none"""


def read(r: Reader) -> Extras:
    """Every optional part; a part that is there is checked whole."""
    return Extras(
        maximum=r.number("total.max") if r.has("total") else MAXIMUM,
        floor=_percent(r, "medals.floor"),
        base=r.text("medals.base", shares.BASES, needed=False) or "started",
        unfinished=r.text("scale.unfinished", ("in", "out"), needed=False) or "out",
        decimals=r.whole_number("tables.decimals", 0, 6, 2),
        place_scores=_numbers(r, "tables.place_scores"),
        prizes=_prizes(r) if r.has("prizes") else None,
        cut=_cut(r) if r.has("cut") else None,
        teams=_teams(r) if r.has("teams") else None,
        own_total=r.text("tablet.own_total", ("shown",), needed=False),
        acceptance=r.text("signing.acceptance", ACCEPTANCE, needed=False),
        shows=r.text("signing.shows", SHOWS, needed=False) or "marks",
        competitor=r.text("signing.competitor", COMPETITOR, needed=False),
    )


def _prizes(r: Reader) -> PrizesRule:
    function = r.text("prizes.function", prizes.FUNCTIONS)
    shared = function != "by_place/1"
    return PrizesRule(
        function,
        _steps(r, "prizes.steps", shared),
        r.text("prizes.base", shares.BASES, needed=shared) or "started",
        r.text("prizes.unit", shares.UNITS, needed=False) or "entries",
        r.text("prizes.rounding", shares.ROUNDINGS, needed=shared) or "floor",
        r.text("prizes.counting", prizes.COUNTINGS, needed=shared) or "each",
        r.text("prizes.ties", prizes.TIES, needed=False) or "in",
    )


def _steps(r: Reader, path: str, shared: bool) -> tuple[tuple[str, str], ...]:
    found = r.pairs(path, prizes.PRIZES)
    for prize, amount in found:
        number = exact.parse(amount) if exact.is_number(amount) else Fraction(0)
        if number <= 0 or (not shared and number.denominator != 1):
            r.say(path, "profile_bad_number", value=f"{prize} {amount}")
    numbers = [exact.parse(amount) for _, amount in found if exact.is_number(amount)]
    if shared and exact.total(numbers) > 100:
        r.say(path, "profile_contradiction", detail="over_100_percent")
    return found


def _cut(r: Reader) -> CutRule:
    count = r.value("cut.count", needed=False)
    rule = CutRule(
        None if count is None else r.whole_number("cut.count", 0, 999_999),
        _percent(r, "cut.percent"),
        r.text("cut.base", shares.BASES, needed=False) or "started",
        r.text("cut.rounding", shares.ROUNDINGS, needed=False) or "floor",
        _total(r, "cut.minimum"),
        r.text("cut.ties", cuts.TIES),
        r.text("cut.pool", derived.SETS, needed=False),
        r.whole_number("cut.per_pool", 0, 999_999, 0),
        r.whole_number("cut.host", 0, 999, 0),
        r.whole_number("cut.reserve", 0, 999_999, 0),
        r.text("cut.carry", cuts.CARRIES, needed=False) or "none",
        _numbers(r, "cut.carry_points"),
    )
    if rule.count is not None and rule.percent:
        r.say("cut.percent", "profile_contradiction", detail="count_and_percent")
    if bool(rule.pool) != bool(rule.per_pool):
        r.say("cut.pool", "profile_contradiction", detail="pool_and_per_pool")
    if (rule.carry == "points") != bool(rule.carry_points):
        r.say("cut.carry", "profile_contradiction", detail="carry_points")
    return rule


def _teams(r: Reader) -> TeamsRule:
    best = r.whole_number("teams.best", 0, 999, 0)
    rule = TeamsRule(
        r.text("teams.function", derived.FUNCTIONS),
        r.text("teams.over", derived.SETS),
        r.text("teams.value", derived.VALUES),
        best,
        r.whole_number("teams.need", 1, 999, best or 1),
        r.pairs("teams.keys", (), ("asc", "desc")),
        r.text("teams.joint", standings.JOINTS),
        _steps(r, "teams.prizes", False) if r.value("teams.prizes", needed=False) is not None else (),
    )
    if best and rule.need > best:
        r.say("teams.need", "profile_contradiction", detail="need_over_best")
    for key, _ in rule.keys:
        if key not in derived.KEYS:
            r.say("teams.keys", "profile_unknown_name", value=key, known=" ".join(derived.KEYS))
    return rule


def _percent(r: Reader, path: str) -> str:
    """A percentage from 0 to 100 as text, "" where none is given."""
    value = r.text(path, needed=False)
    if value and not (exact.is_number(value) and 0 <= exact.parse(value) <= 100):
        r.say(path, "profile_bad_number", value=value)
        return ""
    return value


def _total(r: Reader, path: str) -> str:
    """A total as text, "" where none is given."""
    value = r.text(path, needed=False)
    if value and not (exact.is_number(value) and exact.parse(value) >= 0):
        r.say(path, "profile_bad_number", value=value)
        return ""
    return value


def _numbers(r: Reader, path: str) -> tuple[str, ...]:
    """A list of numbers as texts, () where none is given."""
    value = r.value(path, needed=False)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(v, str) and exact.is_number(v) for v in value):
        r.wrong(path, "list of numbers as texts", value)
        return ()
    return tuple(str(v) for v in value)
