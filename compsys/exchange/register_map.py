"""Column maps: which columns an office's upload sheet has, and what of a certificate stands in each.

A map is a TOML file. One is shipped (``cn-national``); an office copies it and changes heads, order, words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from compsys import identity, words
from compsys.exchange import register_toml
from compsys.exchange.register_row import KINDS, STATES, WAYS, Names, RegisterRow, half
from compsys.exchange.register_toml import Part, Unsound
from compsys.vault import Identity
from scoring_rules.promotion_model import LADDER

FORMAT = "compsys-register-map/1"
DATES = {
    "YYYY-MM-DD": "{}-{}-{}",
    "YYYYMMDD": "{}{}{}",
    "YYYY/MM/DD": "{}/{}/{}",
    "YYYY年MM月DD日": "{}年{}月{}日",
}
TEXTS = (
    "number", "occupation", "work", "issuer_code", "theory", "practical", "review", "score", "firm_name",
    "region", "home", "site", "batch", "trainer", "occupation_name", "issuer_name", "id",
)  # fmt: skip
DAYS = ("issued", "mended")
CODED = ("level", "state", "kind", "way", "id_type", "checked")
PERSONAL = ("name", "id_type", "id_number", "phone")
"""What is read from the vault and stands nowhere else."""
FIELDS = (*TEXTS, *DAYS, *CODED, "name", "id_number", "phone", "level_code", "row")
CSV_TEXT = ("plain", "tab")
_CODES = {
    "level": LADDER,
    "state": STATES,
    "kind": KINDS,
    "way": WAYS,
    "id_type": tuple(kind for kind in identity.ID_TYPES if kind),
    "checked": ("officer", "floor", ""),
}


@dataclass(frozen=True, slots=True)
class MapColumn:
    """One column: its head, and either ``what`` of a certificate stands in it, or a fixed ``value``.

    ``must``: no row without it, of certificates of these ``levels`` and ``ways`` (empty: all);
    ``words``: what is written for a code; ``blank``: what is written where there is nothing; ``longest``:
    characters (0 = any number).
    """

    head: str
    what: str = ""
    value: str = ""
    must: bool = False
    levels: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    blank: str = ""
    date: str = ""
    longest: int = 0


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """An upload sheet as a map says it. ``digest``: SHA-256 of its text (hex)."""

    id: str
    version: str
    name: Mapping[str, str]
    sheet: str
    columns: tuple[MapColumn, ...]
    digest: str
    kinds: tuple[str, ...] = ("level",)
    states: tuple[str, ...] = ("valid",)
    date: str = "YYYY-MM-DD"
    language: str = "zh-CN"
    rows_per_file: int = 0
    csv_text: str = "plain"
    unverified: str = ""

    @property
    def personal(self) -> tuple[str, ...]:
        """The fields of persons' identities that the sheet holds."""
        return tuple(dict.fromkeys(c.what for c in self.columns if c.what in PERSONAL))


def shipped() -> list[str]:
    """The ids of the maps that come with the program."""
    folder = files("compsys") / "exchange" / "register_maps"
    return sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))


def text_of(ident: str) -> str:
    """The text of a shipped map; KeyError for another id.

    >>> text_of("cn-national").splitlines()[2]
    'format = "compsys-register-map/1"'
    """
    if ident not in shipped():
        raise KeyError(ident)
    return (files("compsys") / "exchange" / "register_maps" / f"{ident}.toml").read_text("utf-8")


def load(ident: str) -> RegisterMap:
    """A shipped map; KeyError for another id."""
    return parse(text_of(ident), f"{ident}.toml")


def parse(text: str, name: str) -> RegisterMap:
    """A map from its text (``name``: of the file, for what is wrong). Raises Unsound with every problem.

    >>> try:
    ...     parse('format = "compsys-register-map/1"\\nid = "x"\\n[[column]]\\nfield = "nmae"', "x.toml")
    ... except Unsound as error:
    ...     [(p.where, p.code) for p in error.problems][-2:]
    [('x.toml:3', 'register.file_missing'), ('x.toml:4', 'register.file_choice')]
    """
    file = register_toml.File(text, name)
    top = file.top()
    top.text("format", (FORMAT,), needed=True)
    found = RegisterMap(
        id=top.slug("id"),
        version=top.text("version", needed=True),
        name=top.names("name"),
        sheet=top.text("sheet", needed=True),
        columns=_columns(file.parts("column")),
        digest=hashlib.sha256(text.encode()).hexdigest(),
        kinds=top.texts("kinds", KINDS) or ("level",),
        states=top.texts("states", STATES) or ("valid",),
        date=top.text("date", DATES) or "YYYY-MM-DD",
        language=top.text("language", words.LANGS) or "zh-CN",
        rows_per_file=top.whole("rows_per_file", 1_000_000),
        csv_text=top.text("csv_text", CSV_TEXT) or "plain",
        unverified=top.text("unverified"),
    )
    top.rest(("column",))
    file.done()
    return found


def _columns(parts: list[Part]) -> tuple[MapColumn, ...]:
    heads: dict[str, int] = {}
    found = []
    for number, part in enumerate(parts, 1):
        column = _column(part)
        if column.head and (first := heads.setdefault(column.head, number)) != number:
            part.say("head", "register.file_head_twice", value=column.head, first=str(first))
        found.append(column)
    return tuple(found)


def _column(part: Part) -> MapColumn:
    name, value = part.text("field", FIELDS), part.text("value")
    if "field" not in part.data and "value" not in part.data:
        part.say("field", "register.file_field_or_value")
    if "field" in part.data and "value" in part.data:
        part.say("value", "register.file_field_and_value")
    said = part.table("words", _CODES.get(name, ()))
    if said and name and name not in CODED:
        part.say("words", "register.file_no_codes", field=name, known=" ".join(CODED))
    date = part.text("date", DATES)
    if date and name and name not in DAYS:
        part.say("date", "register.file_no_day", field=name, known=" ".join(DAYS))
    column = MapColumn(
        head=part.text("head", needed=True).strip(),
        what=name,
        value=value,
        must=part.flag("must"),
        levels=part.texts("levels", LADDER),
        ways=part.texts("ways", WAYS),
        words=said,
        blank=part.text("blank"),
        date=date,
        longest=part.whole("longest", 32_767),
    )
    part.rest()
    return column


def written(found: RegisterMap, column: MapColumn, row: RegisterRow, who: Identity | None, at: int) -> str:
    """What stands in a column for a certificate, "" for nothing. ``who``: None = nobody knows any more;
    ``at``: the row's number from 1."""
    if not column.what:
        return column.value
    said = _said(found, column, row, who, at)
    return said or column.blank


def _said(found: RegisterMap, column: MapColumn, row: RegisterRow, who: Identity | None, at: int) -> str:
    name, language = column.what, found.language
    if name == "row":
        return str(at)
    if name == "level_code":
        return row.level
    if name == "name":
        return words.pick(who.name, language) if who else ""
    if name in ("id_number", "phone"):
        return identity.normalise(getattr(who, name)) if who else ""
    if name in CODED:
        code = (who.id_type if who else "") if name == "id_type" else str(getattr(row, name))
        return column.words.get(code) or _word(name, code, language)
    if name in DAYS:
        return day(getattr(row, name), column.date or found.date)
    return half(str(getattr(row, name)), language)


def _word(name: str, code: str, language: str) -> str:
    if not code:
        return ""
    prefix = {"level": "promotion.level_", "id_type": "id_type."}.get(name, f"register.{name}_")
    return words.say(f"{prefix}{code}", language)


def day(text: str, pattern: str) -> str:
    """A day as a sheet writes it; "" for none.

    >>> day("2026-03-01", "YYYY年MM月DD日"), day("", "YYYYMMDD")
    ('2026年03月01日', '')
    """
    return DATES[pattern].format(*text.split("-")) if text else ""


def wanting(column: MapColumn, row: RegisterRow) -> bool:
    """Whether a certificate must have something in a column."""
    of_level = not column.levels or row.level in column.levels
    return column.must and of_level and (not column.ways or row.way in column.ways)


__all__ = [
    "FIELDS", "FORMAT", "MapColumn", "Names", "RegisterMap", "Unsound", "day", "load", "parse", "shipped",
    "text_of", "wanting", "written",
]  # fmt: skip
