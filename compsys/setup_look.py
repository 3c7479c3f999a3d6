"""The set-up indexed to be looked at: what belongs to a stage, a group's rules, what was found so far."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from compsys.records import Entry, Group, Panel, ProfileRecord, SchemeRecord, Seat, Session, Stage
from compsys.state import Setup
from scoring_rules import profiles
from scoring_rules import scheme as schemes
from scoring_rules.profiles import Profile
from scoring_rules.scheme import Scheme
from scoring_rules.scheme_data import SchemeUnreadable, from_data

Severity = Literal["must", "look"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing about the set-up: ``must`` keeps the trade from opening, ``look`` deserves a look.

    ``where``: (kind, key) of the record it is about; ``trade``: whose opening it concerns, "" = the whole
    competition. ``code`` has its sentence in the catalogue, ``params`` are texts.
    """

    severity: Severity
    where: tuple[str, str]
    code: str
    params: dict[str, str] = field(default_factory=dict)
    trade: str = ""


class Look:
    """One look at a set-up: lists by stage and trade made once, rules read once, problems collected."""

    def __init__(self, setup: Setup, trade: str = "") -> None:
        """Index ``setup``; with ``trade`` only that trade is looked at."""
        self.setup = setup
        self.problems: list[Problem] = []
        self._told: set[tuple[object, ...]] = set()
        self.stages: dict[str, list[Stage]] = defaultdict(list)
        self.entries: dict[str, list[Entry]] = defaultdict(list)
        self.groups: dict[str, list[Group]] = defaultdict(list)
        self.panels: dict[str, list[Panel]] = defaultdict(list)
        self.seats: dict[str, list[Seat]] = defaultdict(list)
        self.sessions: dict[str, list[Session]] = defaultdict(list)
        for stage in setup.stages.values():
            self.stages[stage.trade].append(stage)
        for entry in setup.entries.values():
            self.entries[entry.trade].append(entry)
        for record in setup.groups.values():
            self.groups[f"{record.trade}/{record.stage}"].append(record)
        for panel in setup.panels.values():
            self.panels[f"{panel.trade}/{panel.stage}"].append(panel)
        for seat in setup.seats.values():
            self.seats[f"{seat.trade}/{seat.stage}"].append(seat)
        for session in setup.sessions.values():
            self.sessions[f"{session.trade}/{session.stage}"].append(session)
        self.trades = [t for t in setup.trades.values() if not trade or t.id == trade]
        self._schemes: dict[str, Scheme | None] = {}
        self._profiles: dict[str, Profile | None] = {}

    def say(self, severity: Severity, where: tuple[str, str], code: str, trade: str, **params: str) -> None:
        """Note one problem; ``code`` without its prefix ``setup.``."""
        self.add(Problem(severity, where, f"setup.{code}", params, trade))

    def add(self, problem: Problem) -> None:
        """Note a problem once, however many groups share the scheme or profile that has it."""
        told = (problem.where, problem.code, problem.trade, *problem.params.items())
        if told not in self._told:
            self._told.add(told)
            self.problems.append(problem)

    def scheme(self, group: Group) -> Scheme | None:
        """The group's scheme, None when it has none or an unreadable one."""
        if group.scheme not in self._schemes:
            record = self.setup.records.get("scheme", {}).get(group.scheme)
            try:
                found = from_data(record.scheme) if isinstance(record, SchemeRecord) else None
            except SchemeUnreadable:
                found = None
            self._schemes[group.scheme] = found
        return self._schemes[group.scheme]

    def profile(self, group: Group) -> Profile | None:
        """The group's rule profile, the organizers' own or a shipped one; None when unknown or unreadable."""
        if group.profile not in self._profiles:
            own = self.setup.records.get("profile", {}).get(group.profile)
            found = None
            try:
                if isinstance(own, ProfileRecord):
                    found = profiles.parse(own.text, group.profile)
                else:
                    found = profiles.load(group.profile)
            except (KeyError, profiles.ProfileUnreadable):
                pass
            self._profiles[group.profile] = found
        return self._profiles[group.profile]

    def marked_subs(self, group: Group) -> dict[str, str]:
        """Sub-criterion -> the marked component it counts in: the first that names it, as when opening."""
        scheme = self.scheme(group)
        marked = [part for part in group.components if part.source == "marked"]
        found: dict[str, str] = {}
        for criterion in scheme.criteria if scheme else ():
            owner = next((p.id for p in marked if not p.criteria or criterion.key in p.criteria), "")
            if owner:
                found |= {sub.key: owner for sub in criterion.subs}
        return found

    def methods(self, group: Group) -> set[str]:
        """The methods that the group's scheme uses."""
        scheme = self.scheme(group)
        return {aspect.method for aspect in schemes.aspects(scheme)} if scheme else set()


def panel_marks(panel: Panel, sub: str) -> bool:
    """Whether a panel marks a sub-criterion: it names none, the sub-criterion, or its criterion's letter.

    >>> panel = Panel(id="p", trade="t", stage="s", subs=("A1", "B"))
    >>> [panel_marks(panel, sub) for sub in ("A1", "A2", "B7")]
    [True, False, True]
    """
    return not panel.subs or sub in panel.subs or sub.rstrip("0123456789") in panel.subs


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar.

    >>> is_day("2024-02-29"), is_day("2023-02-29"), is_day("")
    (True, False, False)
    """
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False
