"""Proposals of a competition's own official results as data and as tables (CSV, XLSX), a row per person.

``picture`` says everything as values without a language; ``told`` and ``render`` put it into words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from compsys import proposing, words
from compsys.exchange import promotion_csv
from compsys.exchange.results import left_office
from compsys.exchange.tables import Column, Row, Table, write_csv, write_workbook
from compsys.proposing import Known, Listed, Place, Waiting
from compsys.state import State
from compsys.vault import Identity
from scoring_rules.award_changes import Change
from scoring_rules.profiles import Profile
from scoring_rules.promotion_model import LEVELS, Reason

FORMAT = "compsys-promotions/1"
FORMS = ("csv", "xlsx", "json")
NOTHING, UNKNOWN = "none", "unknown"
Names = Callable[[str], Identity | None]
Picture = dict[str, Any]


def known(who: Identity | None) -> Known:
    """What a person's record says for promotion; nothing of somebody erased.

    >>> known(Identity({}, held_level="none", honours_held="A; B")), known(None).held
    (Known(held='', promoted_in='', honours=('A', 'B'), category=''), None)
    """
    if who is None:
        return proposing.UNKNOWN
    held = {"": None, NOTHING: ""}.get(who.held_level, who.held_level)
    names = who.honours_held.replace("、", ";").replace("；", ";").split(";")
    honours = tuple(name.strip() for name in names if name.strip())
    return Known(held, who.promoted_in, honours, who.category)


# ---------------------------------------------------------------- what is proposed


def picture(state: State, names: Names, places: Sequence[Place], rules: Profile | None = None) -> Picture:
    """The proposals of the official results of groups, JSON-able; ``rules``: by another profile's rule.

    A group whose names may not stand beside codes yet waits, as one without an official result does.
    """
    blind = [place for place in places if _nameless(state, place)]
    open_ = [place for place in places if place not in blind]
    found = proposing.official(state, open_, lambda person: known(names(person)), rules)
    waiting = [*found.waiting, *(Waiting(place, "promotion.wait_release") for place in blind)]
    listed = {it.key: it for it in found.listed}
    held = state.setup.competition
    return {
        "competition": {"id": held.id if held else state.id, "name": dict(held.name) if held else {}},
        "rules": {"id": rules.id, "version": rules.version} if rules else None,
        "proposals": [_listed(state, names, it) for it in found.listed],
        "waiting": [{**_place(state, w.place), "code": w.code, "params": dict(w.params)} for w in waiting],
        "changed": [_changed(state, names, change, listed) for change in found.changed],
        "open": _open(found.listed),
    }


def _nameless(state: State, place: Place) -> bool:
    """Whether an official result stands that only the office has, of a stage that was marked blind."""
    result = state.results.get(place)
    if result is None or not result.versions or result.versions[-1].rank != "official" or result.annulled:
        return False
    stage = state.setup.stages.get(f"{place.trade}/{place.stage}")
    return bool(stage and stage.blind) and not left_office(result, len(result.versions) - 1)


def _place(state: State, place: Place) -> Picture:
    setup = state.setup
    group = setup.groups.get("/".join(place))
    stage = setup.stages.get(f"{place.trade}/{place.stage}")
    trade = setup.trades.get(place.trade)
    return {
        "trade": {"id": place.trade, "name": dict(trade.name) if trade else {}},
        "stage": {"id": place.stage, "name": dict(stage.name) if stage else {}},
        "group": {"id": place.group, "name": dict(group.name) if group else {}},
    }


def _who(state: State, names: Names, entry: str, person: str) -> Picture:
    record = state.setup.entries.get(entry)
    delegation = state.setup.delegations.get(record.delegation) if record else None
    who = names(person) if person else None
    return {
        "entry": entry,
        "bib": record.bib if record else "",
        "team": dict(record.name) if record else {},
        "person": person,
        "name": dict(who.name) if who else {},
        "delegation": {"id": delegation.id, "name": dict(delegation.name)} if delegation else None,
    }


def _listed(state: State, names: Names, it: Listed) -> Picture:
    proposal, rules = it.proposal, it.profile.promotion
    assert rules is not None
    who = names(it.person) if it.person else None
    return {
        **_place(state, it.place),
        "version": it.version,
        **_who(state, names, it.row.entry, it.person),
        "place": it.row.place,
        "medal": it.row.medal,
        "prize": it.row.prize,
        "held": it.held or NOTHING,
        "held_source": who.held_source if who else "",
        "level": proposal.level,
        "honours": list(proposal.honours),
        "also": [{"kind": a.kind, "name": a.name, "persons": str(a.persons)} for a in proposal.also],
        "clause": promotion_csv.clause(it.profile, proposal),
        "reasons": [_reason(state, r) for r in proposal.reasons],
        "approver": rules.approver,
        "edge": proposal.edge,
    }


def _reason(state: State, said: Reason) -> Picture:
    """A reason; the trade that it names with its name."""
    trade = state.setup.trades.get(said.params.get("trade", ""))
    more = {"trade": dict(trade.name)} if trade else {}
    return {"code": said.code, "params": dict(said.params), **more}


def _changed(state: State, names: Names, change: Change, listed: Mapping[str, Listed]) -> Picture:
    trade, stage, group, entry, person = change.entry.split("/")
    place = Place(trade, stage, group)
    version = listed[change.entry].version if change.entry in listed else 0
    return {
        **_place(state, place),
        "version": version,
        **_who(state, names, entry, person),
        "kind": change.kind,
        "way": change.way,
        "before": change.before,
        "after": change.after,
    }


def approvers(proposals: Iterable[Mapping[str, Any]]) -> list[str]:
    """Who must approve what is proposed."""
    return list(dict.fromkeys(row["approver"] for row in proposals if row["level"] or row["honours"]))


def _open(listed: Iterable[Listed]) -> list[str]:
    """What the texts of the rules leave open, each once."""
    profiles = {it.profile.id: it.profile for it in listed}.values()
    return list(dict.fromkeys(what for p in profiles if p.promotion for what in p.promotion.open))


def counts(proposals: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many persons per proposed level, highest first; "" = none."""
    found = Counter(row["level"] or "" for row in proposals)
    return {level: found[level] for level in (*reversed(LEVELS), "") if found[level]}


def unknown(proposals: Iterable[Mapping[str, Any]]) -> int:
    """How many persons are proposed for a level while the one they hold is unknown."""
    return sum(row["level"] is not None and row["held"] == UNKNOWN for row in proposals)


# ---------------------------------------------------------------- in words


def told(found: Picture, language: str) -> Picture:
    """The picture with its sentences in a language, under the names that ``compsys promote`` gives."""
    return {
        **{key: found[key] for key in ("competition", "rules")},
        "proposals": [_told(row, language) for row in found["proposals"]],
        "waiting": [
            {**row, "message": words.say(row["code"], language, **row["params"])} for row in found["waiting"]
        ],
        "changed": found["changed"],
        "open": [promotion_csv.open_word(what, language) for what in found["open"]],
    }


def _told(row: Mapping[str, Any], language: str) -> Picture:
    return {**{k: v for k, v in row.items() if k != "reasons"}, "reason": reason(row, language)}


def reason(row: Mapping[str, Any], language: str, *, approval: bool = True) -> str:
    """Why a person is proposed for this level, or for none; without ``approval`` not who approves it."""
    found = []
    for said in row["reasons"]:
        named = {"trade": words.pick(said["trade"], language)} if "trade" in said else {}
        if approval or said["code"] != "promotion.approval":
            found.append(Reason(said["code"], said["params"] | named))
    return promotion_csv.sentences(found, language)


def held_word(row: Mapping[str, Any], language: str) -> str:
    """The level held in words: also "none held" and "unknown"."""
    return words.say(f"promotion.level_{row['held']}", language)


def level_word(level: str | None, language: str) -> str:
    """A proposed level in words, "" for none."""
    return promotion_csv.level_name(level, language) if level else ""


def name_word(row: Mapping[str, Any], language: str) -> str:
    """What a person is called: the name, else the team's, else the entry."""
    return words.pick(row["name"], language) or words.pick(row["team"], language) or str(row["entry"])


def change_word(row: Mapping[str, Any], language: str) -> str:
    """What a new version took or gave, as a sentence."""

    def said(value: str) -> str:
        return level_word(value, language) if row["kind"] == "level" else value

    return words.say(
        f"promotion.{row['way']}",
        language,
        trade=words.pick(row["trade"]["name"], language),
        version=row["version"],
        name=name_word(row, language),
        before=said(row["before"]),
        after=said(row["after"]),
    )


def also_word(row: Mapping[str, Any]) -> str:
    """Titles, coaches' honours and seats in the squad."""
    return ", ".join(a["name"] for a in row["also"])


def _words(code: str) -> dict[str, str]:
    return {lang: words.say(code, lang) for lang in words.LANGS}


def columns() -> list[Column]:
    """The columns of the table."""
    number = {"place"}
    heads = {
        "trade": "board.trades", "stage": "results.stage", "group": "results.group",
        "version": "results.version", "place": "board.place", "medal": "board.medal", "bib": "results.bib",
        "name": "board.name", "team": "field.entry.name", "delegation": "board.delegation",
        "held": "field.person.held_level", "held_source": "field.person.held_source",
        "level": "cli.promote.level", "honours": "cli.promote.honours", "also": "promotion.also",
        "clause": "cli.promote.clause", "reason": "cli.promote.reason", "approver": "promotion.approver",
        "edge": "promotion.edge",
    }  # fmt: skip
    return [Column(key, _words(code), number=key in number) for key, code in heads.items()]


def rows(found: Picture, language: str) -> list[Row]:
    """The rows under ``columns``: words in the language, None for blank."""
    return [_flat(row, language) for row in found["proposals"]]


def _flat(row: Mapping[str, Any], language: str) -> Row:
    delegation = row["delegation"]
    return {
        **{part: words.pick(row[part]["name"], language) for part in ("trade", "stage", "group")},
        "version": f"v{row['version']}",
        "place": row["place"],
        "medal": words.say(f"medal.{row['medal']}", language) if row["medal"] else None,
        "bib": row["bib"] or None,
        "name": words.pick(row["name"], language) or row["person"] or None,
        "team": words.pick(row["team"], language) or None,
        "delegation": words.pick(delegation["name"], language) if delegation else None,
        "held": held_word(row, language),
        "held_source": row["held_source"] or None,
        "level": level_word(row["level"], language) or None,
        "honours": ", ".join(row["honours"]) or None,
        "also": also_word(row) or None,
        "clause": row["clause"],
        "reason": reason(row, language),
        "approver": row["approver"],
        "edge": words.say("cell.tied", language) if row["edge"] else None,
    }


def render(found: Picture, form: str, language: str) -> bytes:
    """The picture as one file: ``csv``, ``xlsx`` or ``json``; equal pictures give equal bytes.

    ValueError for another form.
    """
    if form == "json":
        whole = {"format": FORMAT, **told(found, language)}
        return msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n"
    if form == "csv":
        return write_csv(columns(), rows(found, language), language)
    if form == "xlsx":
        name = words.say("promotion.sheet", language)
        return write_workbook(
            [Table(name, columns(), rows(found, language)), _why(found, language)], language
        )
    raise ValueError(form)


def _why(found: Picture, language: str) -> Table:
    """The sheet of groups that propose nothing, and why."""
    heads = {"trade": "board.trades", "stage": "results.stage", "group": "results.group"}
    lines: list[Row] = [
        {part: words.pick(row[part]["name"], language) for part in heads}
        | {"reason": words.say(row["code"], language, **row["params"])}
        for row in found["waiting"]
    ]
    names = {**heads, "reason": "cli.promote.reason"}
    sheet = words.say("promotion.without", language)
    return Table(sheet, [Column(key, _words(code)) for key, code in names.items()], lines)
