"""Reads the table of ``compsys rank`` into entrants, and says a ranking as data."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from compsys import team_lists, words
from compsys.exchange.rule_csv import Column, Record, Sheet
from scoring_rules import cuts, derived, exact, ranking, shares
from scoring_rules.profiles import Profile
from scoring_rules.ranking import Entrant, Notice, Outcome, Ranking


class Group(NamedTuple):
    """One group of the table: its word ("" without one), its rows as read, its ranking."""

    name: str
    records: dict[str, Record]
    ranking: Ranking


def columns(profile: Profile, maximum: str = "") -> list[Column]:
    """What the table may hold: the fixed columns, those of the profile's tie-break keys, and what a cut or a
    list of teams asks. A key ``component:practice`` is a column of that name, or ``practice`` alone."""
    high = maximum or profile.extras.maximum
    found = [
        Column("entry"),
        Column("delegation", filled=False),
        Column("total", "number", filled=False, low="0", high=high),
        Column("size", "whole", must=False, filled=False, low="1"),
        Column("group", must=False, filled=False),
        Column("status", "word", must=False, filled=False, words=ranking.STATUSES),
        Column("eligible", "flag", must=False, filled=False),
    ]
    names = [name for key in profile.places.keys if key.key != "total" for name in _names(key.key)]
    names += ["time"] if profile.extras.teams and "time" not in names else []
    found += [Column(name, "number", must=False, filled=False) for name in dict.fromkeys(names)]
    sets = {profile.extras.teams.over} if profile.extras.teams else set()
    if profile.extras.cut:
        found += [Column(name, "flag", must=False, filled=False) for name in ("seeded", "host", "wild_card")]
        sets |= {profile.extras.cut.pool} - {""}
    return found + [Column(name, filled=False) for name in sorted(sets - {"delegation"})]


def _names(key: str) -> list[str]:
    """The columns in which a key's values may stand, the better one first."""
    name = key.lower()
    return list(dict.fromkeys([name, name.rpartition(":")[2]]))


def rank(sheet: Sheet, profile: Profile, maximum: str = "") -> list[Group]:
    """Every group ranked apart, in the order of the table; what cannot be is noted in the sheet.

    Codes besides those of reading: csv.twice (an entry again in its group), csv.blank (a ranked entry
    without a total). A sheet that is not sound gives no groups.
    """
    sheet.distinct(["group", "entry"])
    told = {fault.row for fault in sheet.faults if fault.column in ("total", "status")}
    held: dict[str, dict[str, Record]] = {}
    for record in sheet.records:
        values = record.values
        lacks = "total" in sheet.columns and not values["total"] and record.row not in told
        if lacks and values["status"] in ("", "ranked"):
            sheet.say(record.row, "total", "csv.blank", name="total")
        held.setdefault(values["group"], {}).setdefault(values["entry"], record)
    if not sheet.sound:
        return []
    high = exact.parse(maximum) if maximum else None
    return [
        Group(name, records, ranking.rank(profile, [_entrant(profile, r) for r in records.values()], high))
        for name, records in held.items()
    ]


def _entrant(profile: Profile, record: Record) -> Entrant:
    values = record.values
    total = exact.parse(values["total"]) if values["total"] else None
    named = {k.key: _first(record, k.key) for k in profile.places.keys if k.key != "total"}
    return Entrant(
        values["entry"],
        total,
        ranking.keys_of(profile, total, named),
        values["status"] or "ranked",
        values["eligible"] != "no",
        int(values["size"] or 1),
    )


def _first(record: Record, key: str) -> Fraction | None:
    text = next((record.values[name] for name in _names(key) if record.values.get(name)), "")
    return exact.parse(text) if text else None


# ---------------------------------------------------------------- as data


def as_data(sheet: Sheet, profile: Profile, groups: Sequence[Group]) -> list[dict[str, Any]]:
    """The entries as ``compsys rank --json`` prints them: in place order, group by group, unranked last."""
    ranked: list[dict[str, Any]] = []
    rest: list[dict[str, Any]] = []
    for group in groups:
        ways = selection(profile, group)[0]
        for outcome in group.ranking.outcomes:
            data = _entry(sheet, profile, group, outcome)
            if profile.extras.cut is not None:
                data["advance"] = ways.get(outcome.entry)
            (rest if outcome.place is None else ranked).append(data)
    return ranked + rest


def _entry(sheet: Sheet, profile: Profile, group: Group, outcome: Outcome) -> dict[str, Any]:
    data: dict[str, Any] = {
        "entry": outcome.entry,
        "delegation": group.records[outcome.entry].values["delegation"],
        "total": None if outcome.total is None else profile.rounding.show_total(outcome.total),
        "place": None if outcome.place is None else str(outcome.place),
        "scale": None if outcome.scale is None else str(outcome.scale),
        "medal": outcome.medal or None,
    }
    if profile.extras.prizes is not None:
        data["prize"] = outcome.prize or None
    if "group" in sheet.columns:
        data["group"] = group.name
    return data


def notice_data(notice: Notice, group: str, lang: str) -> dict[str, Any]:
    """Something to look at before release, with its sentence."""
    entries = (", " if lang == "en" else "、").join(notice.entries)
    params = {**notice.params, "entries": entries, "group": group}
    return {
        "severity": "warning",
        "row": None,
        "column": None,
        "cell": None,
        "code": notice.code,
        "params": {**notice.params, "group": group},
        "entries": list(notice.entries),
        "message": words.say(notice.code, lang, **params),
        "todo": words.todo(notice.code, lang, **params),
    }


# ---------------------------------------------------------------- the cut and lists of teams


def selection(profile: Profile, group: Group) -> tuple[dict[str, str], tuple[str, ...]]:
    """entry -> the way it goes on to the next stage, and the reserve list; empty without a cut."""
    rule = profile.extras.cut
    if rule is None:
        return {}, ()
    count = rule.count
    if rule.percent:
        count = shares.count(exact.parse(rule.percent), group.ranking.entries.of(rule.base), rule.rounding)
    candidates = [
        cuts.Candidate(
            o.entry, o.place, o.total, group.records[o.entry].values[rule.pool] if rule.pool else "",
            *(group.records[o.entry].values[flag] == "yes" for flag in ("seeded", "host", "wild_card")),
        )
        for o in group.ranking.outcomes if o.place is not None
    ]  # fmt: skip
    asked = cuts.CutRule(count, rule.minimum, rule.ties, rule.per_pool, rule.host, rule.reserve)
    found = cuts.select(candidates, asked)
    return dict(found.on), found.reserve


def teams(profile: Profile, group: Group) -> list[dict[str, Any]]:
    """The list of teams of a group, with prizes where the profile gives them; [] without such a list."""
    rule = profile.extras.teams
    if rule is None:
        return []
    parts = []
    for o in group.ranking.outcomes:
        record = group.records[o.entry]
        time = _first(record, "time")
        scale = None if o.scale is None else Fraction(o.scale)
        value = {"total": o.total, "time": time, "scale": scale}[rule.value]
        if o.place is not None and value is not None and record.values[rule.over]:
            parts.append(derived.Part(o.entry, record.values[rule.over], value, o.place, time))
    return [
        {
            rule.over: team.owner,
            "place": None if team.place is None else str(team.place),
            "sum": profile.rounding.show_total(team.sum),
            "counted": list(team.counted),
            "prize": prize or None,
        }
        for team, prize in team_lists.ranked(rule, parts)
    ]
