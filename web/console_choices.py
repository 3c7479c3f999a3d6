"""What may be chosen in the forms of the set-up, and how records are called in lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from compsys import records, words
from compsys.exchange.competition_file import natural
from compsys.records import Record, SchemeRecord
from compsys.state import Setup
from compsys.vault import Identity
from scoring_rules import profiles
from scoring_rules.scheme_data import SchemeUnreadable, from_data
from scoring_rules.scheme_model import Scheme
from web.console_fields import Field

Option = tuple[str, str]
Names = Callable[[str], Identity | None]


class Choices:
    """The options of one form, in one language, within one scope (trade, stage)."""

    def __init__(self, setup: Setup, names: Names, lang: str, scope: Mapping[str, str]) -> None:
        self.setup = setup
        self.names = names
        self.lang = lang
        self.scope = scope

    def of(self, field: Field) -> list[Option]:
        """(value, text) of a field's options; an optional choice begins with an empty one."""
        if isinstance(field.choices, str):
            made: list[Option] = getattr(self, f"_{field.choices}")() if field.choices else []
            return made if field.required or field.widget == "many" else [("", "–"), *made]
        return [(value, self._fixed(field, value)) for value in field.choices]

    def _fixed(self, field: Field, value: str) -> str:
        if not value:
            return "–"
        return words.say(field.words.format(value=value), self.lang, weights="") if field.words else value

    def _said(self, record: Any) -> str:
        return words.pick(record.name, self.lang) or str(record.id)

    def _all(self, kind: str) -> list[Any]:
        known = self.setup.records.get(kind, {})
        return [known[key] for key in sorted(known, key=natural)]

    def _here(self, kind: str) -> list[Any]:
        """The records of a kind within the scope."""
        wanted = dict(self.scope)
        return [r for r in self._all(kind) if all(getattr(r, f, v) == v for f, v in wanted.items())]

    def _delegations(self) -> list[Option]:
        return [(d.id, self._said(d)) for d in self._all("delegation")]

    def _persons(self) -> list[Option]:
        pairs = [(p.id, self.person(p.id)) for p in self._all("person")]
        return sorted(pairs, key=lambda pair: pair[1])

    def person(self, person: str) -> str:
        """A person's name, else the id."""
        who = self.names(person)
        return (words.pick(who.name, self.lang) if who else "") or person

    def _judges(self) -> list[Option]:
        return [(j.id, f"{self.person(j.person)} ({j.id})") for j in self._all("judge")]

    def _schemes(self) -> list[Option]:
        return [(r.id, f"{scheme_title(r, self.lang)} ({r.id})") for r in self._all("scheme")]

    def _profiles(self) -> list[Option]:
        shipped = [
            (name, f"{words.pick(profiles.load(name).title, self.lang)} ({name})")
            for name in profiles.names()
        ]
        return [*shipped, *((r.id, r.id) for r in self._all("profile"))]

    def _stages_before(self) -> list[Option]:
        return [
            (s.id, self._said(s))
            for s in self._all("stage")
            if s.trade == self.scope.get("trade") and s.id != self.scope.get("stage")
        ]

    def _groups(self) -> list[Option]:
        found = {g.id: self._said(g) for g in self._here("group")}
        return list(found.items())

    def _sites(self) -> list[Option]:
        stages = [s for s in self._all("stage") if s.trade == self.scope.get("trade")]
        if "stage" in self.scope:
            stages = [s for s in stages if s.id == self.scope["stage"]]
        found = dict.fromkeys(site for stage in stages for site in stage.sites) or {"main": None}
        return [(site, site) for site in found]

    def _panels(self) -> list[Option]:
        return [(p.id, f"{self._said(p)} ({p.id})") for p in self._here("panel")]

    def _components(self) -> list[Option]:
        found = {c.id: self._said(c) for g in self._here("group") for c in g.components}
        return list(found.items())

    def _days(self) -> list[Option]:
        competition = self.setup.competition
        return [(day, day) for day in (competition.days if competition else ())]

    def _subs(self) -> list[Option]:
        """Criteria and sub-criteria that the stage's schemes have."""
        found: dict[str, str] = {}
        for group in self._here("group"):
            scheme = scheme_of(self.setup, group.scheme)
            for criterion in scheme.criteria if scheme else ():
                found[criterion.key] = f"{criterion.key} {words.pick(criterion.title, self.lang)}"
                for sub in criterion.subs:
                    found[sub.key] = f"{sub.key} {words.pick(sub.title, self.lang)}"
        return list(found.items())

    def entries(self) -> list[Option]:
        """The entries of the scope's trade: id and what they are called."""
        return [
            (e.id, entry_name(self.setup, e, self.names, self.lang))
            for e in self._all("entry")
            if e.trade == self.scope.get("trade")
        ]


def scheme_of(setup: Setup, key: str) -> Scheme | None:
    """A scheme that can be read, or None."""
    record = setup.records.get("scheme", {}).get(key)
    if not isinstance(record, SchemeRecord):
        return None
    try:
        return from_data(record.scheme)
    except SchemeUnreadable:
        return None


def scheme_title(record: Record, lang: str) -> str:
    """What a scheme is called."""
    assert isinstance(record, SchemeRecord)
    title = record.scheme.get("title", {})
    return (words.pick(title, lang) if isinstance(title, dict) else "") or record.id


def entry_name(setup: Setup, entry: records.Entry, names: Names, lang: str) -> str:
    """A team's name, else its members', before the delegation's."""
    if entry.name:
        called = words.pick(entry.name, lang)
    else:
        found = [names(member.person) for member in entry.members if member.role != "reserve"]
        called = ", ".join(words.pick(who.name, lang) for who in found if who)
    delegation = setup.delegations.get(entry.delegation)
    firm = words.pick(delegation.name, lang) if delegation else entry.delegation
    return " · ".join(part for part in (entry.bib, called or entry.id, firm) if part)


def called(setup: Setup, kind: str, record: Any, names: Names, lang: str) -> str:
    """What a record is called in a list."""
    if kind == "entry":
        return entry_name(setup, record, names, lang)
    if kind == "scheme":
        return scheme_title(record, lang)
    if kind in ("person", "judge"):
        who = names(record.id if kind == "person" else record.person)
        return (words.pick(who.name, lang) if who else "") or record.id
    if kind == "seat":
        return str(record.label or record.id)
    name = getattr(record, "name", {})
    return words.pick(name, lang) or str(record.id)


def place_called(setup: Setup, record: Any, lang: str) -> str:
    """Where a record belongs: trade, stage, in words."""
    parts = []
    trade = setup.trades.get(getattr(record, "trade", ""))
    if trade:
        parts.append(words.pick(trade.name, lang))
    stage = setup.stages.get(f"{getattr(record, 'trade', '')}/{getattr(record, 'stage', '')}")
    if stage:
        parts.append(words.pick(stage.name, lang))
    return " › ".join(parts)
