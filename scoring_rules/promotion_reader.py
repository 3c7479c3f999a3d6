"""Reads the section ``[promotion]`` of a profile: bands and honours, every problem noted with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from scoring_rules import promotion_model as model
from scoring_rules import shares
from scoring_rules.profile_reader import NotText, Reader
from scoring_rules.promotion_model import Band, Honour, Promotion
from scoring_rules.refusal import Problem

_ENTRY = re.compile(r"\s*\[\[\s*promotion\.([a-z]+)\s*\]\]")
_OTHER = re.compile(r"\s*\[")
_KEY = re.compile(r"\s*([A-Za-z0-9_\-]+)\s*=")
_SCOPE = ("clause", "tier", "groups", "track", "awards", "unverified")
_BAND = (*_SCOPE, "unit", "award", "lo", "hi", "held", "requires")
_HONOUR = (*_SCOPE, "name", "kind", "top", "by_size", "by_field", "once", "persons")


def read(r: Reader, text: str) -> Promotion:
    """The section as a Promotion; what is wrong is noted in ``r`` with its line, all at once.

    Codes are those of profiles; details of profile_contradiction here: empty_or_repeated, band_without_end,
    band_upside_down, held_not_raised, honour_without_measure.
    """
    bands, honours = _tables(r, text, "bands"), _tables(r, text, "honours")
    if not bands and not honours:
        r.say("promotion", "profile_contradiction", detail="empty_or_repeated")
    return Promotion(
        source=r.text("promotion.source"),
        kind=_default(r, "kind", model.KINDS),
        approver=r.text("promotion.approver"),
        bands=tuple(_band(e) for e in bands),
        honours=tuple(_honour(e) for e in honours),
        requires=_optional(r, "requires", model.REQUIREMENTS),
        per_year=r.whole_number("promotion.per_year", 1, 9) if _there(r, "per_year") else 0,
        base=r.text("promotion.base", shares.BASES) if _there(r, "base") else "started",
        rounding=_default(r, "rounding", shares.ROUNDINGS),
        edge_ties=_default(r, "edge_ties", model.EDGE_TIES),
        tier=r.text("promotion.tier", model.TIERS) if _there(r, "tier") else "",
        prizes=_prizes(r),
        open=_optional(r, "open"),
    )


def _there(r: Reader, key: str) -> bool:
    return r.value(f"promotion.{key}", needed=False) is not None


def _default(r: Reader, key: str, allowed: Sequence[str]) -> str:
    """One of the words; the first of them where the key is left out."""
    return r.text(f"promotion.{key}", allowed) if _there(r, key) else allowed[0]


def _optional(r: Reader, key: str, allowed: Collection[str] = ()) -> tuple[str, ...]:
    if not _there(r, key):
        return ()
    value = r.value(f"promotion.{key}")
    if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
        r.wrong(f"promotion.{key}", "list of texts", value)
        return ()
    for word in value:
        if allowed and word not in allowed:
            r.say(f"promotion.{key}", "profile_unknown_name", value=word, known=" ".join(allowed))
    return tuple(value)


def _prizes(r: Reader) -> tuple[tuple[str, int], ...]:
    """How many there are of each prize, where the profile's own prizes go by place; checked there."""
    if not r.has("prizes") or r.value("prizes.function", needed=False) != "by_place/1":
        return ()
    steps = r.value("prizes.steps", needed=False)
    pairs = steps if isinstance(steps, list) else []
    return tuple((str(p[0]), int(p[1])) for p in pairs if len(p) == 2 and str(p[1]).isdigit())


class _Entry:
    """One ``[[promotion.bands]]`` or ``[[promotion.honours]]``: its values, and lines for what is wrong."""

    def __init__(self, r: Reader, what: str, values: Mapping[str, Any], lines: Mapping[str, int]) -> None:
        self._r, self._what, self._values, self._lines = r, what, values, lines

    def say(self, key: str, code: str, **params: str) -> None:
        where = f"{self._r.filename}:{self._lines.get(key, self._lines.get('', 1))}"
        self._r.problems.append(
            Problem("error", where, code, {"key": f"promotion.{self._what}.{key}", **params})
        )

    def known(self, keys: Collection[str]) -> None:
        for key in self._values:
            if key not in keys:
                self.say(key, "profile_unknown_key")

    def get(
        self, key: str, fits: Callable[[Any], bool], wanted: str, default: Any, needed: bool = False
    ) -> Any:
        """The value when it fits, else what is wrong noted and the default."""
        value = self._values.get(key)
        if value is None:
            if needed:
                self.say(key, "profile_missing")
            return default
        if not fits(value):
            number = isinstance(value, NotText)
            self.say(key, "profile_number_not_text" if number else "profile_wrong_type",
                     value=str(value), **({} if number else {"wanted": wanted}))  # fmt: skip
            return default
        return value

    def text(self, key: str, allowed: Collection[str] = (), needed: bool = True, default: str = "") -> str:
        value: str = self.get(key, _is_text, "text", default, needed)
        if value and allowed and value not in allowed:
            self.say(key, "profile_unknown_name", value=value, known=" ".join(allowed))
        return value

    def whole(self, key: str, low: int, high: int) -> int:
        value: int = self.get(key, lambda v: type(v) is int, "whole number", low)
        if not low <= value <= high:
            self.say(key, "profile_out_of_range", value=str(value), low=str(low), high=str(high))
        return value

    def words(self, key: str, allowed: Collection[str] = ()) -> tuple[str, ...]:
        def fits(value: Any) -> bool:
            return isinstance(value, list) and bool(value) and all(_is_text(v) and v for v in value)

        value = self.get(key, fits, "list of texts", [])
        for word in value:
            if allowed and word not in allowed:
                self.say(key, "profile_unknown_name", value=word, known=" ".join(allowed))
        return tuple(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, NotText)


def _tables(r: Reader, text: str, what: str) -> list[_Entry]:
    """The tables of ``[[promotion.WHAT]]`` with the line of each of their keys ("" = of the table)."""
    value = r.value(f"promotion.{what}", needed=False)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        r.wrong(f"promotion.{what}", f"[[promotion.{what}]]", value)
        return []
    places: list[dict[str, int]] = []
    at: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if entry := _ENTRY.match(line):
            at = {"": number}
            if entry[1] == what:
                places.append(at)
        elif _OTHER.match(line):
            at = {}
        elif key := _KEY.match(line):
            at.setdefault(key[1], number)
    places += [{}] * (len(value) - len(places))  # written in another way: then the section's first line
    return [_Entry(r, what, entry, lines) for entry, lines in zip(value, places, strict=False)]


def _award(e: _Entry) -> str:
    value = e.text("award")
    kind, _, what = value.partition(":")
    fine = value in (*model.LEVELS, *model.FIXED_AWARDS) or (
        (kind == "apply" and what in model.LEVELS) or (kind == "title" and what.strip() != "")
    )
    if value and not fine:
        known = " ".join((*model.LEVELS, *model.FIXED_AWARDS, "apply:LEVEL", "title:NAME"))
        e.say("award", "profile_unknown_name", value=value, known=known)
    return value


def _band(e: _Entry) -> Band:
    e.known(_BAND)
    unit, award = e.text("unit", model.UNITS), _award(e)
    lo, hi = e.whole("lo", 0, 999_999), e.whole("hi", 0, 999_999)
    counted = unit in ("rank", "percent")
    if counted != bool(hi) or (not counted and lo) or (unit == "rank" and not lo):
        e.say("hi", "profile_contradiction", detail="band_without_end")
    elif counted and (lo > hi or (unit == "percent" and not lo < hi <= 100)):
        e.say("hi", "profile_contradiction", detail="band_upside_down")
    awards = e.words("awards", model.AWARDS)
    if bool(awards) != (unit == "award") and unit != "prize":
        e.say("awards", "profile_contradiction", detail="band_without_end")
    return Band(
        clause=e.text("clause"),
        unit=unit,
        award=award,
        lo=lo,
        hi=hi,
        tiers=e.words("tier", model.TIERS),
        groups=e.words("groups"),
        tracks=e.words("track", model.TRACKS),
        awards=awards,
        held=_held(e),
        requires=e.words("requires", model.REQUIREMENTS),
        unverified=e.text("unverified", needed=False),
    )


def _held(e: _Entry) -> dict[str, str | None]:
    """``{ 2 = "1" }``: a holder of 2 gets 1; ``{ 2 = "none" }``: nothing. Always above what is held."""

    def fits(value: Any) -> bool:
        return isinstance(value, dict) and all(_is_text(v) for v in value.values())

    value = e.get("held", fits, "table of levels", {})
    found: dict[str, str | None] = {}
    for held, gets in value.items():
        if held not in model.LADDER or gets not in (*model.LEVELS, "none"):
            known = " ".join((*model.LEVELS, "none"))
            e.say("held", "profile_unknown_name", value=f"{held} {gets}", known=known)
        elif gets != "none" and not model.above(gets, held):
            e.say("held", "profile_contradiction", detail="held_not_raised")
        else:
            found[held] = None if gets == "none" else gets
    return found


def _honour(e: _Entry) -> Honour:
    e.known(_HONOUR)
    top = e.whole("top", 0, 999_999)
    by_size, by_field = _by_size(e), _by_field(e)
    awards = e.words("awards", model.AWARDS)
    if [bool(top), bool(by_size), bool(by_field), bool(awards)].count(True) != 1:
        e.say("top", "profile_contradiction", detail="honour_without_measure")
    return Honour(
        name=e.text("name"),
        clause=e.text("clause"),
        kind=e.text("kind", model.HONOUR_KINDS, needed=False, default="honour"),
        top=top,
        by_size=by_size,
        by_field=by_field,
        awards=awards,
        tiers=e.words("tier", model.TIERS),
        groups=e.words("groups"),
        tracks=e.words("track", model.TRACKS),
        once=e.get("once", lambda v: isinstance(v, bool), "true or false", False),
        persons=e.whole("persons", 1, 99),
        unverified=e.text("unverified", needed=False),
    )


def _by_size(e: _Entry) -> dict[int, int]:
    """``{ 1 = 5, 2 = 3 }``: persons in the entry -> last place."""

    def fits(value: Any) -> bool:
        counts = isinstance(value, dict) and all(type(n) is int and n > 0 for n in value.values())
        return counts and all(size.isdigit() for size in value)

    return {int(size): top for size, top in e.get("by_size", fits, "table of counts", {}).items()}


def _by_field(e: _Entry) -> tuple[tuple[int, int], ...]:
    """``[[10, 1], [30, 2], [0, 3]]``: up to 10 entries place 1, up to 30 place 2, more place 3."""

    def fits(value: Any) -> bool:
        pairs = isinstance(value, list) and all(
            isinstance(pair, list) and [type(n) for n in pair] == [int, int] for pair in value
        )
        ends = [n for n, _ in value] if pairs else [0]
        ends = ends[:-1] if ends[-1:] == [0] else ends
        return pairs and bool(value) and ends == sorted({n for n in ends if n > 0})

    return tuple((n, top) for n, top in e.get("by_field", fits, "list of [entries, place]", []))
