"""The competition file: the whole set-up of a competition as one JSON (or TOML) text, out and in again.

One object: ``format`` and one list per kind of record (``SECTIONS``), in this order; ``competition`` is a
single object. Fields are those of ``compsys.records`` (a scheme's are those of ``scoring_rules.scheme``; a
profile's ``text`` may be a list of lines); what has its default value is left out. ``persons`` also carry
what the vault keeps (``vault.Identity``: name, identity number, level held ...); all of it may be missing.
Records stand in the natural order of their keys, so that equal set-ups give equal bytes. Numbers are text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import FieldInfo, fields

from compsys import identity, vault
from compsys.events import BindPerson, Define, DefineAll
from compsys.exchange import json_text
from compsys.exchange.record_reader import RecordReader
from compsys.records import (
    KINDS,
    SCOPED,
    Competition,
    Person,
    ProfileRecord,
    Record,
    SchemeRecord,
    Session,
    Slug,
    key_of,
)
from compsys.setup_records import Overlay, references, twice
from compsys.state import Setup
from compsys.vault import Identity
from scoring_rules import profiles
from scoring_rules.refusal import Problem
from scoring_rules.scheme_data import SchemeUnreadable, from_data, to_data

FORMAT = "compsys-competition/1"

SECTIONS: dict[str, str] = {
    "competition": "competition",
    "delegations": "delegation",
    "trades": "trade",
    "stages": "stage",
    "schemes": "scheme",
    "profiles": "profile",
    "groups": "group",
    "persons": "person",
    "entries": "entry",
    "judges": "judge",
    "panels": "panel",
    "seats": "seat",
    "sessions": "session",
}
"""Section of the file -> kind of record, in the order of the file."""

_RANK = {name: i for i, name in enumerate(("zh-CN", "en", "office", "delegations", "ceremony", "public"))}
_KEPT = frozenset({"title", "criteria", "key", "name", "method", "max", "kind"})
_DIGITS = re.compile(r"([0-9]+)")


class PersonLine(Identity, frozen=True, kw_only=True, omit_defaults=True):
    """A person in the file: the id of the set-up record and what the vault keeps under it."""

    id: Slug
    name: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file holds: records to define, persons for the vault, and every problem at once."""

    items: tuple[Define, ...] = ()
    persons: dict[str, Identity] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the file may be imported: no problem is an error."""
        return not any(problem.severity == "error" for problem in self.problems)


# ---------------------------------------------------------------- out


def natural(text: str) -> tuple[list[tuple[int, int, str]], str]:
    """A sort key under which ``s2`` comes before ``s10``, and equal only for equal texts.

    >>> sorted(["s10", "s2", "a", "s02"], key=natural)
    ['a', 's02', 's2', 's10']
    """
    parts = _DIGITS.split(text)
    return [(0, int(part), "") if i % 2 else (1, 0, part) for i, part in enumerate(parts)], text


def dump(setup: Setup, persons: Mapping[str, Identity]) -> bytes:
    """The set-up as a competition file. ``persons``: what the vault says about persons; none = ids only."""
    whole: dict[str, Any] = {"format": FORMAT}
    for section, kind in SECTIONS.items():
        if kind == "competition":
            if setup.competition is not None:
                whole[section] = in_file(setup.competition)
            continue
        known = setup.records.get(kind, {})
        lines = []
        for key in sorted(known, key=natural):
            line = in_file(known[key])
            if kind == "person" and key in persons:
                line |= _plain(persons[key])
            lines.append(line)
        whole[section] = lines
    return json_text.write(whole)


def in_file(record: Record) -> dict[str, Any]:
    """A record as the file shows it: fields in order without defaults, schemes pruned, texts in lines."""
    line = _struct(record)
    if isinstance(record, SchemeRecord):
        line["scheme"] = _pruned(_scheme(record.scheme))
    elif isinstance(record, ProfileRecord):
        line["text"] = record.text.split("\n")
    return line


def canonical(record: Record) -> dict[str, Any]:
    """A record as the value of its ``Define``: equal records give equal values in equal order."""
    line = _struct(record)
    if isinstance(record, SchemeRecord):
        line["scheme"] = _scheme(record.scheme)
    return line


def _scheme(data: dict[str, Any]) -> Any:
    try:
        return to_data(from_data(data))
    except SchemeUnreadable:  # a draft from elsewhere: shown as it is
        return data


def _plain(value: Any) -> Any:
    """Structs as dicts without defaults; free dicts in the order of languages, audiences, then naturally."""
    if isinstance(value, msgspec.Struct):
        return _struct(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        order = sorted(value, key=lambda key: (_RANK.get(key, len(_RANK)), natural(key)))
        return {key: _plain(value[key]) for key in order}
    return value


@lru_cache
def _fields(kind: type[msgspec.Struct]) -> tuple[FieldInfo, ...]:
    """The fields of a struct: looking them up costs fifty times what a record has to be read for."""
    return fields(kind)


def _struct(value: msgspec.Struct) -> dict[str, Any]:
    line = {}
    for known in _fields(type(value)):
        held = getattr(value, known.name)
        default = {} if known.default_factory is dict else known.default
        if known.required or held != default:
            line[known.encode_name] = _plain(held)
    if isinstance(value, Session) and value.stations:
        seats = sorted(value.stations.items(), key=lambda pair: (natural(pair[1]), natural(pair[0])))
        line["stations"] = dict(seats)
    return line


def _pruned(value: Any) -> Any:
    """A scheme without what is empty or at its default; parameters of measures stay whole."""
    if isinstance(value, list):
        return [_pruned(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, item in value.items():
        empty = item in ("", None, False) or item == {} or item == [] or (key == "low" and item == "0")
        if key in _KEPT or not empty:
            kept[key] = item if key == "params" else _pruned(item)
    return kept


# ---------------------------------------------------------------- in


def load(data: bytes, name: str, known: Setup | None = None) -> Loaded:
    """What a competition file holds. ``name``: of the file (``.toml`` is read as TOML); ``known``: a set-up
    whose records the file may name without holding them.

    Problems carry a JSON path such as ``$.entries[12].delegation``. Codes, besides those of
    ``json_text.read``, ``record_reader``, ``scheme_data.from_data`` and ``profiles.parse``: file.not_object,
    file.unknown_format, file.unknown_section, file.id_twice, file.held_twice, file.unknown_reference,
    file.person_twice (warning), file.identity_wrong (warning).
    """
    whole, problems = json_text.read(data, name)
    if whole is None or any(problem.code == "file.bad_text" for problem in problems):
        return Loaded(problems=tuple(problems))
    reader = _FileReader(known or Setup())
    reader.problems.extend(problems)
    reader.whole(whole)
    return Loaded(tuple(reader.items), reader.persons, tuple(reader.problems))


class _FileReader(RecordReader):
    """Reads the sections one after the other, then looks at what they say of each other."""

    def __init__(self, known: Setup) -> None:
        super().__init__()
        self.items: list[Define] = []
        self.persons: dict[str, Identity] = {}
        self._overlay = Overlay(known)
        self._found: list[tuple[str, str, Record, str]] = []
        self._where: dict[tuple[str, str], str] = {}
        self._bad: set[tuple[str, str]] = set()
        """records that are there but wrong: what names them is not wrong as well"""

    def whole(self, value: Any) -> None:
        if not isinstance(value, dict):
            self.say("$", "file.not_object")
            return
        if value.get("format") != FORMAT:
            self.say("$.format", "file.unknown_format", found=str(value.get("format", "")), expected=FORMAT)
        for section in value:
            if section != "format" and section not in SECTIONS:
                self.say(f"$.{section}", "file.unknown_section", section=section, known=", ".join(SECTIONS))
        for section, kind in SECTIONS.items():
            self._section(section, kind, value.get(section))
        for kind, key, record, where in self._found:
            self.items.append(Define(kind=kind, id=key, value=canonical(record)))
            self._references(kind, record, where)
        self._identities()

    def _section(self, section: str, kind: str, value: Any) -> None:
        if value is None:
            return
        if kind == "competition":
            self._line(kind, value, f"$.{section}")
        elif not isinstance(value, list):
            self.say(f"$.{section}", "file.wrong_type", expected="list", found="object")
        else:
            for i, line in enumerate(value):
                self._line(kind, line, f"$.{section}[{i}]")

    def _line(self, kind: str, line: Any, where: str) -> None:
        read: dict[str, Callable[[Any, str], Record | None]] = {
            "person": self._person, "scheme": self._scheme_line, "profile": self._profile_line,
        }  # fmt: skip
        record = read[kind](line, where) if kind in read else self.record(line, KINDS[kind], where)
        if record is None:
            if isinstance(line, dict):
                scope = [str(line.get(name)) for name in (*SCOPED.get(kind, ()), "id")]
                self._bad.add((kind, "/".join(scope)))
            return
        key = key_of(kind, record)
        if (kind, key) in self._where:
            self.say(f"{where}.id", "file.id_twice", id=key, first=self._where[kind, key])
            return
        if held := twice(record):
            self.say(where + held.removeprefix("$"), "file.held_twice", id=key)
        self._where[kind, key] = where
        self._found.append((kind, key, record, where))
        self._overlay.put(kind, key, record)

    def _person(self, line: Any, where: str) -> Record | None:
        person = self.record(line, PersonLine, where)
        if person is None:
            return None
        if person.id_type not in identity.ID_TYPES:
            allowed = ", ".join(filter(None, identity.ID_TYPES))
            self.say(f"{where}.id_type", "file.not_a_choice", value=person.id_type, allowed=allowed)
        if person.id_type == "resident_id" and person.id_number and (no := identity.fault(person.id_number)):
            self.warn(f"{where}.id_number", "file.identity_wrong", id=person.id, fault=no)
        if len(line) > 1:
            held = {name: getattr(person, name) for name in Identity.__struct_fields__}
            self.persons.setdefault(person.id, Identity(**held))
        return Person(id=person.id)

    def _scheme_line(self, line: Any, where: str) -> Record | None:
        record = self.record(line, SchemeRecord, where)
        if record is None:
            return None
        try:
            from_data(record.scheme)
        except SchemeUnreadable as unreadable:
            for problem in unreadable.problems:
                at = f"{where}.scheme/{problem.where}"
                self.problems.append(Problem("error", at, problem.code, problem.params))
            return None
        return record

    def _profile_line(self, line: Any, where: str) -> Record | None:
        if isinstance(line, dict) and isinstance(line.get("text"), list):
            lines = line["text"]
            if not all(isinstance(part, str) for part in lines):
                self.say(f"{where}.text", "file.wrong_type", expected="text", found="list")
                return None
            line = line | {"text": "\n".join(lines)}
        record = self.record(line, ProfileRecord, where)
        if record is None:
            return None
        try:
            profiles.parse(record.text, f"{where}.text")
        except profiles.ProfileUnreadable as unreadable:
            self.problems.extend(getattr(unreadable, "problems", ()))
            return None
        return record

    def _references(self, kind: str, record: Record, where: str) -> None:
        for named in references(kind, record):
            owner = (named.kind, named.key)
            if named.kind == "site":
                owner = ("stage", named.key.rpartition("/")[0])
                if self._overlay.get(*owner) is None:
                    continue  # the stage itself is missing, and said to be
            if not self._overlay.has(named) and owner not in self._bad:
                at = f"{where}.{_path(named.field)}"
                self.say(at, "file.unknown_reference", of=named.kind, key=named.key)

    def _identities(self) -> None:
        """Two persons with one identity number: one person entered twice, or a typing error; to look at."""
        seen: dict[tuple[str, str], str] = {}
        for person, who in self.persons.items():
            number = (who.id_type, identity.normalise(who.id_number))
            if not number[1]:
                continue
            if number in seen:
                where = self._where["person", person]
                self.warn(f"{where}.id_number", "file.person_twice", id=person, first=seen[number])
            seen.setdefault(number, person)


def _path(dotted: str) -> str:
    """``members.0.person`` as ``members[0].person``.

    >>> _path("members.0.person")
    'members[0].person'
    """
    return re.sub(r"\.([0-9]+)(?=\.|$)", r"[\1]", dotted)


# ---------------------------------------------------------------- to the core


def to_commands(loaded: Loaded, salts: Mapping[str, str], known: Setup | None = None) -> DefineAll:
    """The one command that imports a file: all its records or none, and the bindings of its persons.

    ``salts``: person id -> at least 32 random hex digits; a person without one is not bound (it is bound
    already, or has no identity yet). ``known``: records that are already so are left out. Removes nothing.
    """
    overlay = Overlay(known or Setup())
    items = []
    for item in loaded.items:
        now = overlay.get(item.kind, item.id)
        if now is None or item.value is None or canonical(now) != item.value:
            items.append(item)
    bindings = []
    for person, who in loaded.persons.items():
        if person in salts:
            salt = salts[person]
            made = vault.commitment(salt, vault.canonical(who))
            bindings.append(BindPerson(person=person, commitment=made, salt=salt))
    return DefineAll(items=tuple(items), persons=tuple(bindings))


def as_setup(loaded: Loaded, known: Setup | None = None) -> Setup:
    """The set-up that importing the file into ``known`` would give, to look at before it is imported."""
    setup = Setup(competition=known.competition if known else None)
    setup.records = {kind: dict(held) for kind, held in known.records.items()} if known else {}
    for item in loaded.items:
        record = msgspec.convert(item.value, KINDS[item.kind])
        if isinstance(record, Competition):
            setup.competition = record
        setup.records.setdefault(item.kind, {})[item.id] = record
    return setup
