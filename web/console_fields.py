"""The forms of the set-up as data: each kind's fields, and records to form values and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from compsys.records import KINDS, SCOPED, Record
from scoring_rules import exact
from scoring_rules.delegations import ORDERS
from scoring_rules.promotion_model import LADDER, LEVELS, TIERS, TRACKS


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in the record, its widget, where its choices come from, whether it must be filled.

    Widgets: words, slug, minted, text, number, int, date, time, flag, choice, many, lines, list, area,
    json, feed, stations, rows.
    ``choices``: texts, or the name of a list that ``console_choices`` makes. ``rows``: the fields of a row.
    """

    name: str
    widget: str = "text"
    choices: tuple[str, ...] | str = ()
    required: bool = False
    rows: tuple[Field, ...] = ()
    words: str = ""
    """pattern of the catalogue codes of fixed choices"""


ID = Field("id", "slug", required=True)
NAME = Field("name", "words", required=True)
SITE = Field("site", "choice", "sites", required=True)
ORDER = Field("order", "int")

COMPONENT = (
    Field("id", "slug", required=True),
    NAME,
    Field("source", "choice", ("marked", "imported", "carried", "time"), words="source.{value}"),
    Field("max", "number", required=True),
    Field("weight", "number", required=True),
    Field("pass_mark", "number"),
    Field("part", "choice", ("", "theory", "practical", "review"), words="register.part_{value}"),
    Field("criteria", "list"),
    Field("from_stage", "choice", "stages_before"),
    Field("measure", "json"),
)

KINDS_OF_TRADE = ("official", "demonstration", "host", "exhibition")
DISCLOSURES = ("anonymous_live", "named_live", "none_until_final")
TIER = Field("tier", "choice", ("", *TIERS), words="promotion.tier_{value}")
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "white", "black")
SEAT_ROLES = ("judge", "lead", "reserve", "chief", "clerk", "floor", "expert")

FORMS: dict[str, tuple[Field, ...]] = {
    "competition": (
        ID,
        NAME,
        Field("place", "words"),
        Field("zone", "text", required=True),
        Field("days", "lines"),
        Field("table_orders", "many", ORDERS, words="medals.{value}"),
        Field("approval", "choice", ("slips", "all", "none"), words="approval.{value}"),
        Field("lock_minutes", "int"),
        Field(
            "organisers",
            "rows",
            rows=(
                NAME,
                Field("role", "choice", ("host", "organizer", "co"), words="organiser.{value}"),
            ),
        ),
        TIER,
    ),
    "delegation": (
        ID,
        NAME,
        Field("code"),
        Field(
            "kind",
            "choice",
            ("company", "school", "province", "city", "country", "other"),
            words="delegation.{value}",
        ),
        Field("host", "flag"),
    ),
    "trade": (
        ID,
        NAME,
        Field("number"),
        Field("kind", "choice", KINDS_OF_TRADE, words="trade_kind.{value}"),
        ORDER,
        Field("medals", "flag"),
        Field("medal_table", "flag"),
        Field("points_tables", "flag"),
        Field("best_of", "flag"),
        Field("promotion", "flag"),
        TIER,
        Field("track", "choice", ("", *TRACKS), words="promotion.track_{value}"),
        Field("standard", "choice", ("", "yes", "no"), words="promotion.standard_{value}"),
        Field("question_level", "choice", ("", *LEVELS), words="promotion.level_{value}"),
    ),
    "stage": (
        ID,
        NAME,
        ORDER,
        Field("sites", "lines", required=True),
        Field("blind", "flag"),
        Field("pin", "flag"),
        Field("disclosure", "choice", DISCLOSURES, words="disclosure.{value}"),
        Field("feed", "feed"),
    ),
    "group": (
        ID,
        NAME,
        Field("scheme", "choice", "schemes"),
        Field("profile", "choice", "profiles", required=True),
        Field("components", "rows", rows=COMPONENT),
    ),
    "profile": (ID, Field("text", "area", required=True)),
    "person": (
        Field("id", "minted"),
        NAME,
        Field(
            "id_type",
            "choice",
            (
                "",
                "resident_id",
                "passport",
                "officer_id",
                "hk_macau_id",
                "taiwan_permit",
                "foreign_permanent_id",
                "other",
            ),
            words="id_type.{value}",
        ),
        Field("id_number"),
        Field("phone"),
        Field("note"),
        Field("category", "choice", ("", "worker", "student", "teacher"), words="promotion.group_{value}"),
        Field("held_level", "choice", ("", "none", *LADDER), words="promotion.level_{value}"),
        Field("held_source"),
        Field("promoted_in"),
        Field("honours_held"),
    ),
    "entry": (
        Field("id", "minted"),
        Field("group", "choice", "groups", required=True),
        Field("delegation", "choice", "delegations", required=True),
        Field("bib"),
        SITE,
        Field(
            "members",
            "rows",
            rows=(
                Field("person", "choice", "persons", required=True),
                Field("role", "choice", ("member", "captain", "reserve"), words="member.{value}"),
                Field("since", "date"),
                Field("until", "date"),
            ),
        ),
        Field("new_person", "words"),
        Field("name", "words"),
        Field("eligible", "flag"),
        Field("guest", "flag"),
        Field("pool"),
        Field("team"),
        Field("seeded", "flag"),
        Field("squad", "flag"),
    ),
    "judge": (
        ID,
        Field("person", "choice", "persons"),
        Field("new_person", "words"),
        Field("affiliations", "many", "delegations"),
        Field("employers", "lines"),
    ),
    "panel": (
        ID,
        Field("name", "words"),
        SITE,
        Field("subs", "many", "subs"),
        Field("mode", "choice", ("own", "panel"), words="panel_mode.{value}"),
    ),
    "seat": (
        ID,
        Field("label"),
        Field("role", "choice", SEAT_ROLES, words="role.{value}"),
        SITE,
        Field("panel", "choice", "panels"),
        Field("judge", "choice", "judges"),
    ),
    "session": (
        ID,
        Field("name", "words"),
        SITE,
        Field("component", "choice", "components", required=True),
        Field("batch", "int", required=True),
        Field("day", "choice", "days"),
        Field("start", "time"),
        Field("minutes", "int"),
        Field("stations", "stations"),
        Field(
            "benches",
            "rows",
            rows=(
                Field("station", required=True),
                Field("colour", "choice", COLOURS, words="colour.{value}"),
                Field("word", "words"),
            ),
        ),
    ),
}
"""Kind -> its fields in the order of the form; schemes have a page of their own."""

ABOUT = (
    "id_type", "id_number", "phone", "note", "category", "held_level", "held_source", "promoted_in",
    "honours_held",
)  # fmt: skip
"""Fields of a person's form, beside the name, that the vault keeps."""
BESIDE = {
    "person": ("name", *ABOUT),
    "entry": ("new_person",),
    "judge": ("new_person", "employers"),
}
"""Fields of a form that are not fields of the record: what the vault keeps, and helpers."""

AUDIENCES = ("office", "delegations", "ceremony", "public")
Values = Mapping[str, Sequence[str]]


def scope_of(kind: str) -> tuple[str, ...]:
    """The fields that say where a record of a kind belongs.

    >>> scope_of("seat"), scope_of("entry"), scope_of("trade")
    (('trade', 'stage'), ('trade',), ())
    """
    return ("trade",) if kind == "entry" else SCOPED.get(kind, ())


# ---------------------------------------------------------------- record -> form


def shown(kind: str, record: Record) -> dict[str, list[str]]:
    """A record as the texts of its form's fields."""
    data = msgspec.to_builtins(record)
    defaults = {
        field.name: getattr(record, field.name) for field in FORMS[kind] if hasattr(record, field.name)
    }
    values: dict[str, list[str]] = {}
    for field in FORMS[kind]:
        if field.name in defaults:
            held = data.get(field.name, msgspec.to_builtins(defaults[field.name]))
            _show(values, field, field.name, held)
    if kind == "judge":
        values["employers"] = ["\n".join(a for a in data.get("affiliations", ()) if ":" in a)]
    return values


def _show(values: dict[str, list[str]], field: Field, name: str, held: Any) -> None:
    if field.widget in ("words", "feed"):
        for part, words in (held or {}).items():
            values[f"{name}.{part}"] = [words]
    elif field.widget == "flag":
        values[name] = ["1"] if held else []
    elif field.widget == "many":
        values[name] = list(held)
    elif field.widget == "lines":
        values[name] = ["\n".join(held)]
    elif field.widget == "list":
        values[name] = [" ".join(held)]
    elif field.widget == "json":
        values[name] = [msgspec.json.encode(held).decode() if held else ""]
    elif field.widget == "stations":
        for entry, station in (held or {}).items():
            values[f"{name}.{entry}"] = [station]
        values[name] = list(held or {})
    elif field.widget == "rows":
        values[f"{name}#"] = [str(len(held))]
        for i, row in enumerate(held):
            for inner in field.rows:
                default = {"max": "100", "weight": "1", "source": "marked", "role": "member"}.get(inner.name)
                empty: Any = {} if inner.widget == "words" else () if inner.widget == "list" else ""
                _show(values, inner, f"{name}.{i}.{inner.name}", row.get(inner.name, default or empty))
    else:
        values[name] = [str(held)]


def fresh(kind: str) -> dict[str, list[str]]:
    """The values of an empty form: the defaults of the record."""
    values: dict[str, list[str]] = {}
    struct = {f.name: f for f in msgspec.structs.fields(KINDS[kind])}
    for field in FORMS[kind]:
        known = struct.get(field.name)
        if known is None or known.required or known.default is msgspec.NODEFAULT:
            continue
        _show(values, field, field.name, known.default)
    if kind == "stage":
        values["feed.public"] = ["signed"]
    return values


# ---------------------------------------------------------------- form -> record


def typed(kind: str, values: Values, scope: Mapping[str, str]) -> dict[str, Any]:
    """The record that a form's texts mean, as data; what was left empty is left out."""
    data: dict[str, Any] = dict(scope)
    for field in FORMS[kind]:
        if field.name in BESIDE.get(kind, ()):
            continue
        held = _typed(values, field, field.name)
        if held is not None:
            data[field.name] = held
    if kind == "judge":
        employers = [line.strip() for line in one(values, "employers").split("\n") if line.strip()]
        named = [line if ":" in line else f"employer:{line}" for line in employers]
        data["affiliations"] = [*data.get("affiliations", ()), *named]
    return data


def one(values: Values, name: str) -> str:
    """The one text of a field, "" when there is none."""
    held = values.get(name) or [""]
    return held[0].strip()


def words_typed(values: Values, name: str) -> dict[str, str]:
    """The words of a field, without the empty ones."""
    found = {lang: one(values, f"{name}.{lang}") for lang in ("zh-CN", "en")}
    return {lang: text for lang, text in found.items() if text}


def _typed(values: Values, field: Field, name: str) -> Any:
    """What a field says; None = nothing."""
    if field.widget == "words":
        return words_typed(values, name)
    if field.widget == "feed":
        return {a: one(values, f"{name}.{a}") for a in AUDIENCES if one(values, f"{name}.{a}")}
    if field.widget == "flag":
        return bool(values.get(name))
    if field.widget == "many":
        return [value for value in values.get(name, ()) if value]
    if field.widget == "rows":
        return _rows(values, field, name)
    if field.widget == "stations":
        return {entry: one(values, f"{name}.{entry}") for entry in values.get(name, ()) if entry}
    return _simple(field, one(values, name))


def _simple(field: Field, text: str) -> Any:
    if field.widget == "lines":
        return [line.strip() for line in text.split("\n") if line.strip()]
    if field.widget == "list":
        return text.replace(",", " ").replace("，", " ").split()
    if not text:
        return None
    if field.widget == "number":
        return exact.normalise(text)
    if field.widget == "int":
        number = exact.normalise(text)
        return int(number) if number.lstrip("-").isdigit() and number.isascii() and len(number) < 10 else text
    if field.widget == "json":
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            return text
    return text


def _rows(values: Values, field: Field, name: str) -> list[dict[str, Any]]:
    found = []
    count = one(values, f"{name}#")
    for i in range(min(int(count), 100) if count.isdigit() else 0):
        if values.get(f"{name}.{i}.gone"):
            continue
        row = {inner.name: _typed(values, inner, f"{name}.{i}.{inner.name}") for inner in field.rows}
        row = {key: held for key, held in row.items() if held not in (None, [])}
        # A row in which only the preset choices stand was never filled in.
        filled = any(
            one(values, f"{name}.{i}.{inner.name}") or words_typed(values, f"{name}.{i}.{inner.name}")
            for inner in field.rows
            if inner.name not in ("role", "source", "max", "weight")
        )
        if filled:
            found.append(row)
    return found
