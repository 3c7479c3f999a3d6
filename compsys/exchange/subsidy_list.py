"""Who of a register may be paid a subsidy, and who not and why: one row per certificate and scheme.

A scheme is an office's own TOML file, like a column map. Only persons who are registered, whose document
somebody looked at, and whose certificate is valid; whoever was taught by who assessed them is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from compsys import words
from compsys.exchange import register_toml
from compsys.exchange.register_row import DAY, LEVEL, VALID, WAYS, Names, RegisterRow, half
from compsys.exchange.register_toml import Part
from compsys.exchange.tables import Column, Row, Table
from compsys.identity import mask
from compsys.vault import Identity
from scoring_rules import exact
from scoring_rules.promotion_model import LADDER

FORMAT = "compsys-subsidies/1"
_LEVELS = tuple(level for level in LADDER if level != "apprentice")
"""An apprentice gets no certificate (china.md 10)."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """One subsidy: whose certificates it pays for. Empty = all; days inclusive; ``amounts``: level -> text,
    exact; ``factors``: ``away`` (assessed in another province), a multiplier as text."""

    id: str
    name: Mapping[str, str]
    levels: tuple[str, ...] = ()
    occupations: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    amounts: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Paid:
    """One certificate under one scheme; ``amount`` "" where the scheme names none."""

    scheme: Scheme
    row: RegisterRow
    who: Identity
    amount: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """A certificate that a scheme does not pay for, and every reason (codes) of it."""

    scheme: Scheme
    row: RegisterRow
    who: Identity | None
    reasons: tuple[str, ...]


@dataclass(slots=True)
class Subsidies:
    """The list: who is in it and who is not. Certificates that a scheme does not mean are in neither."""

    paid: list[Paid] = field(default_factory=list)
    excluded: list[Excluded] = field(default_factory=list)


def parse(text: str, name: str) -> tuple[Scheme, ...]:
    """The schemes in a file's text. Raises register_toml.Unsound with every problem.

    >>> parse('format = "compsys-subsidies/1"\\n[[scheme]]\\nid = "a"\\nname = {zh-CN = "甲"}\\n'
    ...       'amounts = {"3" = "2000"}', "x.toml")[0].amounts
    {'3': '2000'}
    """
    file = register_toml.File(text, name)
    top = file.top()
    top.text("format", (FORMAT,), needed=True)
    schemes: list[Scheme] = []
    for part in file.parts("scheme"):
        one = _scheme(part)
        if one.id and one.id in {other.id for other in schemes}:
            part.say("id", "register.file_id_twice", value=one.id)
        schemes.append(one)
    top.rest(("scheme",))
    file.done()
    return tuple(schemes)


def _scheme(part: Part) -> Scheme:
    for key in ("since", "until"):
        if (said := part.text(key)) and not DAY.match(said):
            part.say(key, "register.file_day", value=said)
    amounts = part.table("amounts", _LEVELS)
    factors = part.table("factors", ("away",))
    for key, table in (("amounts", amounts), ("factors", factors)):
        for said in table.values():
            if not exact.is_number(said) or exact.parse(said) < 0:
                part.say(key, "register.file_amount", value=said)
    found = Scheme(
        id=part.slug("id"),
        name=part.names("name"),
        levels=part.texts("levels", _LEVELS),
        occupations=part.texts("occupations"),
        issuers=part.texts("issuers"),
        homes=part.texts("homes"),
        ways=part.texts("ways", WAYS),
        since=part.text("since"),
        until=part.text("until"),
        amounts=amounts,
        factors=factors,
    )
    part.rest()
    return found


def means(scheme: Scheme, row: RegisterRow) -> bool:
    """Whether a scheme is about a certificate at all: its kind, level, occupation, issuer, province, day."""
    return (
        row.kind == LEVEL
        and (not scheme.levels or row.level in scheme.levels)
        and (not scheme.occupations or row.occupation in scheme.occupations)
        and (not scheme.issuers or row.issuer in scheme.issuers)
        and (not scheme.homes or row.home in scheme.homes)
        and (not scheme.ways or row.way in scheme.ways)
        and (not scheme.since or row.issued >= scheme.since)
        and (not scheme.until or row.issued <= scheme.until)
    )


def listed(
    schemes: Iterable[Scheme],
    rows: Iterable[RegisterRow],
    names: Names,
    before: Callable[[str, str], bool] = lambda scheme, number: False,
) -> Subsidies:
    """The subsidies of these certificates, in the order of schemes, then numbers.

    ``before(scheme, number)``: whether an earlier list already had this certificate under this scheme.
    """
    found = Subsidies()
    ordered = sorted(rows, key=lambda row: (row.number, row.id))
    for scheme in schemes:
        seen: set[str] = set()
        for row in ordered:
            if not means(scheme, row):
                continue
            who = names(row.person)
            reasons = _reasons(row, who)
            if before(scheme.id, row.number):
                reasons.append("register.out_before")
            if row.number in seen:
                reasons.append("register.out_twice")
            seen.add(row.number)
            if reasons or who is None:
                found.excluded.append(Excluded(scheme, row, who, tuple(reasons)))
            else:
                found.paid.append(Paid(scheme, row, who, amount(scheme, row)))
    return found


def _reasons(row: RegisterRow, who: Identity | None) -> list[str]:
    """Why a certificate is not paid for: all of it, in the order of the rule."""
    found = []
    if who is None:
        found.append("register.out_erased")
    elif not who.id_number:
        found.append("register.out_unregistered")
    if not row.checked:  # a number that is merely on record was never compared with anybody's document
        found.append("register.out_unchecked")
    if row.state != VALID:
        found.append(f"register.out_{row.state}")
    if not row.filed:
        found.append("register.out_unfiled")
    if taught(row):
        found.append("register.out_taught")
    return found


def taught(row: RegisterRow) -> bool:
    """Whether who trained a person also assessed or certified (考培分离, china.md 11).

    >>> taught(RegisterRow(id="a", number="1", person="p", issuer="x", trainers=("x",)))
    True
    """
    return any(who == row.issuer or who in row.assessors for who in row.trainers)


def amount(scheme: Scheme, row: RegisterRow) -> str:
    """What a scheme pays for a certificate, exact, "" where it names nothing for the level.

    >>> amount(Scheme("a", {}, amounts={"3": "1500"}, factors={"away": "1.5"}),
    ...        RegisterRow(id="a", number="1", person="p", level="3", region="31", home="53"))
    '2250'
    """
    said = scheme.amounts.get(row.level, "")
    if not said:
        return ""
    value = exact.parse(said)
    if row.home and row.region and row.home != row.region:
        value *= exact.parse(scheme.factors.get("away", "1"))
    return exact.show(value)


# ---------------------------------------------------------------- as tables


COLUMNS = (
    "scheme", "number", "name", "id_type", "id_number", "level", "occupation", "work", "issuer", "trainer",
    "issued", "firm", "checked", "amount",
)  # fmt: skip
PERSONAL = ("name", "id_type", "id_number")


def _words(code: str) -> dict[str, str]:
    return {language: words.say(code, language) for language in words.LANGS}


def tables(found: Subsidies, language: str) -> list[Table]:
    """Two sheets: who is paid for, with the whole identity number, and who is not, with the masked one."""
    heads = [Column(head, _words(f"register.head_{head}"), kept=head != "amount") for head in COLUMNS]
    paid = [_paid(one, language) for one in found.paid]
    out = [*heads[:-1], Column("reasons", _words("register.head_reasons"))]
    left = [_excluded(one, language) for one in found.excluded]
    return [
        Table(words.say("register.sheet_paid", language), heads, paid),
        Table(words.say("register.sheet_excluded", language), out, left),
    ]


def _row(
    scheme: Scheme, row: RegisterRow, who: Identity | None, number: str, language: str
) -> dict[str, Any]:
    return {
        "scheme": words.pick(scheme.name, language),
        "number": row.number,
        "name": words.pick(who.name, language) if who else None,
        "id_type": words.say(f"id_type.{who.id_type}", language) if who and who.id_type else None,
        "id_number": number or None,
        "level": words.say(f"promotion.level_{row.level}", language) if row.level else None,
        "occupation": " ".join(filter(None, (row.occupation, half(row.occupation_name, language)))) or None,
        "work": half(row.work, language) or None,
        "issuer": half(row.issuer_name, language) or row.issuer or None,
        "trainer": row.trainer or None,
        "issued": row.issued,
        "firm": half(row.firm_name, language) or None,
        "checked": words.say(f"register.checked_{row.checked}", language) if row.checked else None,
    }


def _paid(one: Paid, language: str) -> Row:
    whole = _row(one.scheme, one.row, one.who, one.who.id_number, language)
    return whole | {"amount": one.amount or None}


def _excluded(one: Excluded, language: str) -> Row:
    masked = mask(one.who.id_number) if one.who and one.who.id_number else ""
    joined = words.say("ui.comma", language).join(words.say(code, language) for code in one.reasons)
    return _row(one.scheme, one.row, one.who, masked, language) | {"reasons": joined}


def counts(found: Subsidies) -> dict[str, Any]:
    """How many are in, how many out, of what reason, and the exact sum of each scheme's amounts."""
    sums: dict[str, Fraction] = {}
    for one in found.paid:
        if one.amount:
            sums[one.scheme.id] = sums.get(one.scheme.id, Fraction(0)) + exact.parse(one.amount)
    reasons = Counter(code for one in found.excluded for code in one.reasons)
    return {
        "paid": len(found.paid),
        "excluded": len(found.excluded),
        "reasons": dict(sorted(reasons.items())),
        "sums": {scheme: exact.show(total) for scheme, total in sums.items()},
    }
