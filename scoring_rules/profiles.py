"""A rule book as data: the profile of a real event, read from TOML and checked whole before use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scoring_rules.exact import Rounding

Direction = Literal["asc", "desc"]


@dataclass(frozen=True, slots=True)
class JudgementRule:
    """Scores 0-3 of several seats: the function, the legal spread, what follows when it is exceeded."""

    function: str
    max_spread: int
    max_rounds: int
    over_spread: str
    after_rounds: str


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
    """One key of the ranking: `total`, `time`, `decided`, `component:KEY` or `criterion:KEY`."""

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


class ProfileUnreadable(ValueError):
    """The profile breaks the rules of profiles; `problems` holds every one, each with file and line."""


def load(profile_id: str) -> Profile:
    """The shipped profile of that id, such as `cook-off`; KeyError when there is none."""
    raise NotImplementedError


def parse(text: str, filename: str = "") -> Profile:
    """The profile a TOML text describes; ProfileUnreadable with all problems at once."""
    raise NotImplementedError
