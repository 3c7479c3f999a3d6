"""The events of results: a version as values, who may see it, and what makes it void."""

from __future__ import annotations

import msgspec

from compsys.facts import Event


class Cite(msgspec.Struct, frozen=True):
    """Where a result came from: the stream's line n and its seal (hex)."""

    stream: str
    n: int
    head: str


class ComponentLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One component in a result row: raw and weighted value as exact text, or the status that stands
    instead."""

    id: str
    raw: str | None
    weighted: str | None
    status: str = ""
    passed: bool | None = None


class ResultRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry in a result: values as text; ``place`` None when not ranked, with the status that says
    why."""

    entry: str
    unit: str
    code: str
    total: str | None
    place: int | None
    tied: bool
    medal: str
    components: tuple[ComponentLine, ...]
    status: str = ""
    scale: str = ""
    ranked: bool = True
    keys: tuple[str, ...] = ()
    """Tie-break values after the total, in the profile's order, as text ("" = none)."""
    prize: str = ""
    """grand, first, second, third or excellence, where the rules give prizes."""


class AwardChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """A medal or prize (``kind``) that a version takes from an entry or gives it: what it held before and
    after, "" for none."""

    entry: str
    kind: str
    before: str = ""
    after: str = ""


class TeamRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One set of a list of teams: the delegation, team or pool; place null: fewer results than are needed;
    the sum as text; the entries whose results counted, the best first."""

    team: str
    place: int | None
    sum: str
    counted: tuple[str, ...]
    tied: bool = False
    prize: str = ""


class ResultPublished(Event, frozen=True, kw_only=True, tag="result_published"):
    """A result version, as values, with everything it stood on (promise 12)."""

    trade: str
    stage: str
    group: str
    version: int
    rank: str
    audience: str
    rows: tuple[ResultRow, ...]
    cites: tuple[Cite, ...]
    digests: dict[str, str]
    """scheme, profile, rosters, rules -> digest (hex) or version."""
    note: dict[str, str] = {}
    confirmed_by: str = ""
    awards: tuple[AwardChange, ...] | msgspec.UnsetType = msgspec.UNSET
    """of a correction: what it takes and gives since the official version before; absent where nothing."""
    teams: tuple[TeamRow, ...] | msgspec.UnsetType = msgspec.UNSET
    """the list of teams, where the rules have one."""


class Released(Event, frozen=True, kw_only=True, tag="released"):
    """An audience may now see this existing version."""

    trade: str
    stage: str
    group: str
    version: int
    rank: str
    audience: str


class Annulled(Event, frozen=True, kw_only=True, tag="annulled"):
    """The result is void."""

    trade: str
    stage: str
    group: str
    version: int
    confirmed_by: str = ""
