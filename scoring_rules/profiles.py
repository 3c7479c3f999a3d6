"""A rule book as data: the profile of a real event, read from TOML and checked whole before use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from scoring_rules import (
    delegations,
    exact,
    judgement,
    medals,
    profile_parts,
    promotion_reader,
    scale,
    shares,
    standings,
)
from scoring_rules.exact import Rounding
from scoring_rules.profile_parts import Extras
from scoring_rules.profile_reader import Reader
from scoring_rules.promotion_model import Promotion
from scoring_rules.refusal import Problem
from scoring_rules.scheme_data import digest
from scoring_rules.standings import Direction

OVER_SPREAD = ("revote", "override_with_reason")
AFTER_ROUNDS = ("chief", "reserve", "median")
RECUSAL = ("block", "drop", "declare")
SIGNERS = ("seats", "lead", "clerk", "chief", "supervisor")
DISCLOSURE = ("revealed", "signed", "released", "published")

_PLACE_KEY = re.compile(r"total|time|play_off|decided|(?:component|criterion):[A-Za-z0-9_.\-]{1,64}")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class JudgementRule:
    """Scores 0-3 of several seats: the function, the legal spread, what follows when it is exceeded.

    `over_spread`: revote, or override_with_reason (the lead may also let the votes stand, with the reason).
    `after_rounds`, after `max_rounds`: chief decides, a reserve joins for one more round (then the chief), or
    the median counts.
    """

    function: str
    max_spread: int
    max_rounds: int
    over_spread: str
    after_rounds: str
    discussion_seconds: int = 0
    """how long a panel may talk about a spread until it is told that time is up; 0: as long as it likes"""


@dataclass(frozen=True, slots=True)
class PointsRule:
    """Points of several seats: the function, the level it works at, what it drops, from how many seats on."""

    function: str
    level: str
    high: int
    low: int
    min_seats: int


@dataclass(frozen=True, slots=True)
class PlaceKey:
    """One key of the ranking.

    `total`, `time` (net, in seconds), `play_off` (加赛), `decided` (the chief's recorded order),
    `component:KEY` or `criterion:KEY`.
    """

    key: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class PlacesRule:
    """The ordered keys and what equal keys do: joint `skip` (1,2,2,4), `dense` (1,2,2,3) or `none`."""

    keys: tuple[PlaceKey, ...]
    joint: str

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The directions alone, as standings wants them."""
        return tuple(k.direction for k in self.keys)


@dataclass(frozen=True, slots=True)
class MedalsRule:
    """Who gets gold, silver, bronze, and who of the rest excellence; `ineligible` is move_up or vacate."""

    function: str
    params: Mapping[str, str]
    excellence: str
    excellence_params: Mapping[str, str]
    ineligible: str


@dataclass(frozen=True, slots=True)
class ScaleRule:
    """The scale function with its centre, spread, factor (text), smallest field and answer to MAD = 0."""

    function: str
    centre: str
    spread: str
    factor: str
    min_field: int
    zero_mad: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One rule book, whole, with the text it was read from and that text's SHA-256 (hex)."""

    id: str
    version: str
    title: Mapping[str, str]
    source: str
    judgement: JudgementRule
    points: PointsRule
    rounding: Rounding
    places: PlacesRule
    medals: MedalsRule
    scale: ScaleRule | None
    orders: tuple[str, ...]
    weights: Mapping[str, str]
    signing: tuple[str, ...]
    panel_min_seats: int
    recusal: str
    penalty_signers: int
    disclosure: str
    text: str
    digest: str
    extras: Extras = field(default_factory=Extras)
    promotion: Promotion | None = None


class ProfileUnreadable(ValueError):
    """The profile breaks the rules of profiles; `problems` holds every one, each with file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(f"{p.where}: {p.code}" for p in problems))
        self.problems = problems


def names() -> tuple[str, ...]:
    """The ids of the shipped profiles, sorted.

    >>> "cook-off" in names()
    True
    """
    shipped = (f.name for f in (files("scoring_rules") / "profiles").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in shipped if name.endswith(".toml")))


@lru_cache(maxsize=64)
def load(profile_id: str) -> Profile:
    """The shipped profile of that id; KeyError when there is none.

    >>> load("cook-off").points.level, load("worldskills-2026").medals.params["window"]
    ('sheet', '2')
    """
    if profile_id not in names():
        raise KeyError(profile_id)
    filename = f"{profile_id}.toml"
    return parse((files("scoring_rules") / "profiles" / filename).read_text("utf-8"), filename)


@lru_cache(maxsize=64)
def parse(text: str, filename: str = "profile.toml") -> Profile:
    """The profile a TOML text describes; ProfileUnreadable with all problems at once, each with its line.

    Codes: profile_not_toml, profile_missing, profile_unknown_key, profile_wrong_type, profile_unknown_name,
    profile_out_of_range, profile_bad_number, profile_number_not_text, profile_contradiction (detail:
    empty_or_repeated, trim_leaves_none, trim_without_trimming, window_without_scale, points_without_scale,
    over_100_percent, count_and_percent, pool_and_per_pool, carry_points, need_over_best).

    >>> broken = load("cook-off").text.replace('"sheet"', '"seat"').replace("high = 1", "high = 2.0")
    >>> try:
    ...     parse(broken, "x.toml")
    ... except ProfileUnreadable as e:
    ...     [(p.where, p.code) for p in e.problems]
    [('x.toml:20', 'profile_unknown_name'), ('x.toml:21', 'profile_number_not_text')]
    """
    r = Reader(text, filename)
    if not r.whole:
        empty = Problem("error", f"{filename}:1", "profile_missing", {"key": "id"})
        raise ProfileUnreadable(r.problems or [empty])
    profile = _read(r, text)
    r.leftovers()
    if not r.problems:
        _contradictions(r, profile)
    if r.problems:
        raise ProfileUnreadable(sorted(r.problems, key=lambda p: int(p.where.rpartition(":")[2])))
    return profile


def _read(r: Reader, text: str) -> Profile:
    return Profile(
        id=_id(r),
        version=r.text("version"),
        title=_title(r),
        source=r.text("source"),
        judgement=JudgementRule(
            r.text("judgement.function", judgement.JUDGEMENTS),
            r.whole_number("judgement.max_spread", 0, 3),
            r.whole_number("judgement.max_rounds", 1, 99),
            r.text("judgement.over_spread", OVER_SPREAD),
            r.text("judgement.after_rounds", AFTER_ROUNDS),
            r.whole_number("judgement.discussion_seconds", 0, 7200, absent=0),
        ),
        points=PointsRule(
            r.text("points.function", judgement.FUNCTIONS),
            r.text("points.level", judgement.LEVELS),
            r.whole_number("points.high", 0, 99),
            r.whole_number("points.low", 0, 99),
            r.whole_number("points.min_seats", 1, 99),
        ),
        rounding=_rounding(r),
        places=PlacesRule(_place_keys(r), r.text("places.joint", standings.JOINTS)),
        medals=_medals(r),
        scale=_scale(r) if r.has("scale") else None,
        orders=r.words("tables.orders", delegations.ORDERS),
        weights=r.texts("tables.weights", delegations.WEIGHTS, lambda _, v: _not_negative(v))
        or delegations.WEIGHTS,
        signing=r.words("signing.chain", SIGNERS),
        panel_min_seats=r.whole_number("panel.min_seats", 1, 99),
        recusal=r.text("panel.recusal", RECUSAL),
        penalty_signers=r.whole_number("penalties.signers", 1, 9),
        disclosure=r.text("disclosure.default", DISCLOSURE),
        text=text,
        digest=digest(text.encode()),
        extras=profile_parts.read(r),
        promotion=promotion_reader.read(r, text) if r.has("promotion") else None,
    )


def _id(r: Reader) -> str:
    found = r.text("id")
    if found and _NAME.fullmatch(found) is None:
        r.say("id", "profile_unknown_name", value=found, known="a-z 0-9 -")
    return found


def _title(r: Reader) -> Mapping[str, str]:
    found = r.texts("title", ("en", "zh-CN"), lambda _, __: True, needed=True)
    for language, text in found.items():
        if not text.strip():
            r.say(f"title.{language}", "profile_missing")
    return found


def _rounding(r: Reader) -> Rounding:
    policy, places = r.text("rounding.policy", exact.ROUNDING), r.whole_number("rounding.places", 0, 6)
    return exact.rounding(policy or "exact", places)


def _place_keys(r: Reader) -> tuple[PlaceKey, ...]:
    found = r.pairs("places.keys", (), ("asc", "desc"))
    for key, _ in found:
        if _PLACE_KEY.fullmatch(key) is None:
            r.say("places.keys", "profile_unknown_name", value=key,
                  known="total time play_off decided component:KEY criterion:KEY")
    return tuple(PlaceKey(key, "asc" if direction == "asc" else "desc") for key, direction in found)


def _medals(r: Reader) -> MedalsRule:
    function = r.text("medals.function", medals.FUNCTIONS)
    excellence = r.text("medals.excellence", medals.EXCELLENCES)
    return MedalsRule(
        function,
        r.texts("medals.params", medals.PARAMS.get(function, ()), _medal_param),
        excellence,
        r.texts("medals.excellence_params", medals.PARAMS.get(excellence, ()), _medal_param),
        r.text("medals.ineligible", medals.INELIGIBLE),
    )


def _medal_param(key: str, value: str) -> bool:
    if key == "compare":
        return value in ("rounded", "exact")
    if key == "rounding":
        return value in shares.ROUNDINGS
    return _not_negative(value) and not (key == "parts" and exact.parse(value) == 0)


def _not_negative(value: str) -> bool:
    return exact.is_number(value) and exact.parse(value) >= 0


def _scale(r: Reader) -> ScaleRule:
    return ScaleRule(
        r.text("scale.function", scale.FUNCTIONS),
        r.number("scale.centre"),
        r.number("scale.spread"),
        r.number("scale.factor"),
        r.whole_number("scale.min_field", 1, 999),
        r.text("scale.zero_mad", scale.ZERO_MAD),
    )


def _contradictions(r: Reader, profile: Profile) -> None:
    points = profile.points
    trims = points.function.startswith("trimmed_mean/")
    if trims and points.min_seats <= points.high + points.low:
        r.say("points.min_seats", "profile_contradiction", detail="trim_leaves_none")
    if not trims and points.high + points.low:
        r.say("points.function", "profile_contradiction", detail="trim_without_trimming")
    if profile.scale is None and profile.medals.function.startswith("ws_window/"):
        r.say("medals.function", "profile_contradiction", detail="window_without_scale")
    if profile.scale is None and profile.medals.excellence.startswith("at_least/"):
        r.say("medals.excellence", "profile_contradiction", detail="points_without_scale")
    if profile.scale is None and profile.extras.teams and profile.extras.teams.value == "scale":
        r.say("teams.value", "profile_contradiction", detail="points_without_scale")
