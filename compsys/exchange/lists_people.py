"""The person in a row of a list: who it is, whether the register knows them, what of it cannot be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import msgspec

from compsys import identity, vault
from compsys.exchange import lists_levels
from compsys.exchange import lists_values as lv
from compsys.exchange.lists_fields import clean, compared
from compsys.exchange.lists_findings import Changed, Look
from compsys.exchange.lists_header import Header
from compsys.exchange.lists_read import Row
from compsys.exchange.lists_values import Number
from compsys.state import Setup
from compsys.vault import Identity

LONGEST = 80
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """What a list is held against: the set-up, the register of persons, what has begun; never changed."""

    setup: Setup
    names: Mapping[str, Identity]
    """person -> who it is, of persons of the set-up"""
    drawn: frozenset[str] = frozenset()
    """trades whose units are drawn"""
    opened: frozenset[str] = frozenset()
    """streams whose marking was opened"""
    trade: str = ""
    """the trade that the whole list is said to be of"""


@dataclass(frozen=True, slots=True)
class Who:
    """The person of a row; ``fresh``: not known before this list; ``added``: what the list says more of them
    than was known."""

    row: int
    person: str
    name: dict[str, str]
    shown: str
    fresh: bool
    identity: Identity
    added: tuple[Changed, ...] = ()


@dataclass(slots=True)
class Cells:
    """The fields of one row as clean texts; formulas and error values are findings, not values."""

    look: Look
    header: Header
    row: Row
    wrong: bool = False

    def text(self, name: str, longest: int = LONGEST) -> str:
        """A field's text, "" when it is blank, has no column, or is no value."""
        column = self.header.column(name)
        if not column:
            return ""
        cell = self.row.cell(column)
        if cell.formula is not None:
            self.error(name, "formula", formula=cell.formula[:60])
            return ""
        if cell.kind == "error":
            self.error(name, "cell_error", value=clean(cell.text)[:20])
            return ""
        found = clean(cell.text)
        if len(found) > longest:
            self.error(name, "too_long", most=str(longest), found=str(len(found)))
            return ""
        return found

    def needed(self, name: str) -> str:
        """A field's text that must not be blank."""
        before = self.wrong
        found = self.text(name)
        if not found and self.wrong == before:
            self.error(name, "blank")
        return found

    def error(self, name: str, code: str, **params: str) -> None:
        """Something is wrong with a field: the row stays out."""
        self.wrong = True
        self.look.say(self.row.number, self.header.column(name), code, {"field": name, **params})

    def warn(self, name: str, code: str, **params: str) -> None:
        """Something of a field is to be looked at."""
        column = self.header.column(name)
        self.look.say(self.row.number, column, code, {"field": name, **params}, "warning")


def plain(number: Number) -> Key:
    """A number as numbers are compared: kind of document and digits."""
    return number.type, vault.canonical(Identity({}, "", number.number)).decode()


@dataclass(slots=True)
class Register:
    """Finds the persons of a list among those who are known, and mints ids for the others."""

    known: Known
    look: Look
    fresh: Callable[[], str]
    """a new random id each time"""
    _numbers: dict[Key, str] = field(default_factory=dict)
    _named: dict[Key, list[str]] = field(default_factory=lambda: defaultdict(list))
    _here: dict[Key, Who] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for person, who in self.known.names.items():
            if who.id_number:
                self._numbers.setdefault(plain(Number(who.id_type, who.id_number)), person)
        for entry in self.known.setup.entries.values():
            for member in entry.members:
                self._name(member.person, entry.delegation)
        for judge in self.known.setup.judges.values():
            for tie in judge.affiliations or ("",):
                self._name(judge.person, tie)

    def _name(self, person: str, delegation: str) -> None:
        who = self.known.names.get(person)
        for text in who.name.values() if who else ():
            key = (compared(text), delegation)
            if person not in self._named[key]:
                self._named[key].append(person)

    # ------------------------------------------------------------ one row

    def person(self, cells: Cells, tie: str) -> Who | None:
        """The person of a row (``tie``: their delegation); None when the row does not say who it is."""
        name = _name_of(cells)
        number = _number_of(cells)
        phone = cells.text("phone", 40)
        if not name or number is None:
            return None
        shown = next(iter(name.values()))
        key = plain(number) if number.number else ("name", f"{compared(shown)} {tie}")
        here = self._here.get(key)
        if here is not None:
            if _differ(here.name, name):
                params = {"first": str(here.row), "known": here.shown}
                cells.error("name_zh", "number_twice", **params)
                return None
            return here
        who = self._holding(cells, self._found(cells, name, number, phone, tie))
        self._here[key] = who
        return who

    def _holding(self, cells: Cells, who: Who) -> Who:
        """The person with the skill level and what else the row says that is held."""
        held = lists_levels.held_of(cells)
        if not held:
            return who
        if who.fresh:
            said = msgspec.to_builtins(who.identity) | held
            return replace(who, identity=msgspec.convert(said, Identity))
        identity, added = lists_levels.filled(cells, who.identity, held)
        return replace(who, identity=identity, added=added)

    def _found(self, cells: Cells, name: dict[str, str], number: Number, phone: str, tie: str) -> Who:
        said = Identity(name, number.type if number.number else "", number.number, phone)
        shown = next(iter(name.values()))
        person = self._numbers.get(plain(number), "") if number.number else ""
        if not person:
            person = self._by_name(name, number, tie)
        if not person:
            return Who(cells.row.number, f"p{self.fresh()[:12]}", name, shown, True, said)
        there = self.known.names[person]
        if _differ(there.name, name):
            cells.error("name_zh", "name_differs", known=next(iter(there.name.values()), ""))
        elif phone and phone != there.phone:
            cells.warn("phone", "kept")
        elif number.number and not there.id_number:
            cells.warn("id_number", "kept")
        return Who(cells.row.number, person, name, shown, False, there)

    def _by_name(self, name: dict[str, str], number: Number, tie: str) -> str:
        """A known person of this name and delegation, if there is one and no number speaks against it."""
        found = {p for text in name.values() for p in self._named.get((compared(text), tie), ())}
        fitting = [p for p in found if not number.number or not self.known.names[p].id_number]
        return fitting[0] if len(fitting) == 1 else ""


def _differ(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two persons' names contradict each other in a language both have."""
    return any(compared(one[lang]) != compared(other[lang]) for lang in one.keys() & other.keys())


def _name_of(cells: Cells) -> dict[str, str]:
    """The names of a row by language; a Latin name in the first column is an English one."""
    first = "name_zh" if cells.header.column("name_zh") else "name_en"
    local, english = cells.needed(first), cells.text("name_en")
    if local and local.isascii():
        return {"en": english or local}
    return {lang: text for lang, text in (("zh-CN", local), ("en", english)) if text}


def _number_of(cells: Cells) -> Number | None:
    """The identity number of a row ("" when the list has no such column); None when it is wrong."""
    column = cells.header.column("id_number")
    if not column:
        return Number("", "")
    before = cells.wrong
    said = lv.choice(cells.text("id_type"), lv.ID_WORDS)
    if said is None:
        cells.error("id_type", "unknown_id_type", value=cells.text("id_type")[:40])
    if not cells.needed("id_number") or cells.wrong != before:
        return None
    number = lv.identity_number(cells.row.cell(column), said or "")
    if number.fault:
        shown = number.number if number.fault == "identity_damaged" else identity.mask(number.number)
        cells.error("id_number", number.fault, value=shown[:40], length=str(len(number.number)))
        return None
    if number.type == "resident_id" and not _agrees(cells, number.number):
        return None
    return number


def _agrees(cells: Cells, number: str) -> bool:
    """Whether date of birth and sex, where the list has them, are those of the number."""
    right = True
    column = cells.header.column("birth")
    if column and cells.text("birth"):
        born = lv.birth_date(cells.row.cell(column))
        if born is None:
            cells.warn("birth", "birth_unreadable", value=cells.text("birth")[:20])
        elif lv.contradicts(number, born):
            cells.error("birth", "birth_differs", number=f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
            right = False
    sex = lv.choice(cells.text("sex"), lv.SEX_WORDS)
    if sex and sex != lv.sex_of(number):
        cells.error("sex", "sex_differs")
        right = False
    return right


# ---------------------------------------------------------------- names of things


class Names:
    """Things of the set-up by whatever a list may call them: id, code or number, name in any language."""

    def __init__(self, things: Mapping[str, tuple[str, ...]], titles: Mapping[str, str]) -> None:
        """``things``: id -> further words; ``titles``: id -> the name that is suggested."""
        self._ids: dict[str, list[str]] = defaultdict(list)
        self.titles = dict(titles)
        self._said: dict[str, str] = {}
        for key, words in things.items():
            for said in dict.fromkeys(compared(text) for text in (key, *words) if text):
                self._ids[said].append(key)
                self._said.setdefault(said, titles[key])

    def find(self, text: str) -> list[str]:
        """The ids that a text means: none, one, or several."""
        return self._ids.get(compared(text), [])

    @property
    def words(self) -> dict[str, str]:
        """Every word (as compared) with the title of what it means."""
        return self._said


def delegation_names(setup: Setup) -> Names:
    """The delegations of a set-up by id, code and names."""
    held = setup.delegations
    things = {key: (d.code, *d.name.values()) for key, d in held.items()}
    return Names(things, {key: next(iter(d.name.values()), key) for key, d in held.items()})


def trade_names(setup: Setup) -> Names:
    """The trades of a set-up by id, number and names."""
    held = setup.trades
    things = {key: (t.number, *t.name.values()) for key, t in held.items()}
    return Names(things, {key: next(iter(t.name.values()), key) for key, t in held.items()})


def changed(field_name: str, before: str, after: str) -> list[Changed]:
    """The change of a field, if it is one."""
    return [] if before == after else [Changed(field_name, before, after)]
