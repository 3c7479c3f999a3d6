"""What if a mark or ruling were another: all that would change, as a page; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from compsys import explain_told
from compsys.events import Answer, Refused
from compsys.exchange.results import status_word
from compsys.explain import Target
from compsys.publishing import AUDIENCES
from compsys.state import State, Stream, Unit
from compsys.whatif import CHIEF as DECIDED
from compsys.whatif import STATUSES, Changed, Outcome, Supposed, what_if
from compsys.words import pick, say
from scoring_rules.scheme import Aspect
from web import chief_page
from web.access import CHIEF, ORGANIZER, SUPERVISOR, desk_of, get
from web.beside import worked_out
from web.console_choices import entry_name
from web.console_explain import asked_by_chief, asked_for, headed, may_name
from web.console_page import draw, refused
from web.render import language

READERS = ORGANIZER | SUPERVISOR
SHOWN = 200
"""Entries and delegations of a list on the page; `compsys whatif` gives them all."""

EVERY = "every"
"""Instead of a seat: each of them."""

WAYS = {
    "mark": ("aspect", "seat", "mark"),
    "status": ("status", "scope"),
    "amount": ("component", "amount"),
    "void": ("void", "full"),
}
"""What may be supposed -> the fields of its form."""

FIELDS = (
    "place", "medal", "prize", "total", "scale", "status", "promotion", "honours",
    "gold", "silver", "bronze", "excellence", "points",
)  # fmt: skip
"""The columns of what would change, those that nobody changes left out."""


async def page(request: Request) -> Response:
    """An entry of the office's choice."""
    lang, desk = language(request), desk_of(request)

    def work(state: State) -> dict[str, Any]:
        target = asked_for(request, state)
        entry = state.setup.entries.get(target.entry)
        named = may_name(state, *target[:3])
        name = entry_name(state.setup, entry, desk.names, lang) if entry and named else ""
        back = request.url.path.replace("/whatif/", "/explain/", 1)
        return _shown(request, state, target) | headed(state, target) | {"name": name, "back": back}

    found = await worked_out(request, work)
    return draw(request, "console_whatif.html", "results", found, answer=_refusal(found))


async def chief(request: Request) -> Response:
    """The same for the chief of the stream, by code only."""

    def work(state: State) -> dict[str, Any]:
        target, code = asked_by_chief(request, state)
        return _shown(request, state, target) | {"back": f"/chief/explain/{code}"}

    found = await worked_out(request, work)
    return chief_page.show(request, "chief_whatif.html", "sheets", found, _refusal(found))


def _refusal(found: dict[str, Any]) -> Answer | None:
    """Why it cannot be supposed, taken out of what was found."""
    why = found.pop("why", None)
    return refused(why[0], **why[1]) if why else None


def _shown(request: Request, state: State, target: Target) -> dict[str, Any]:
    """What the template draws: the forms with what was typed, and what would change, or why it cannot be
    supposed (``why``: code and params)."""
    lang, typed = language(request), request.query_params
    stream, unit = next(
        (stream, stream.units[key])
        for stream in state.streams_of(target.trade, target.stage)
        if (key := stream.by_entry.get(target.entry)) is not None
    )
    way = typed.get("what", "")
    found: dict[str, Any] = {
        "code": unit.code, "way": way, "outcome": None,
        "typed": {name: typed.get(name, "")[:80] for names in WAYS.values() for name in names},
        **_choices(stream, unit, lang),
    }  # fmt: skip
    if way not in WAYS:
        return found
    wished = {name: typed.get(name, "").strip()[:80] for name in WAYS[way] if name != "full"}
    wished = {name: value for name, value in wished.items() if value and (name, value) != ("seat", EVERY)}
    if wished.keys() & {"mark", "status", "amount", "void"} == set():
        return found | {"why": ("whatif.nothing", {})}
    outcome = what_if(state, target, Supposed(**wished, full=bool(typed.get("full"))))
    if isinstance(outcome, Refused):
        return found | {"why": (outcome.code, dict(outcome.params))}
    return found | {"outcome": _told(state, outcome, unit, lang)}


# ---------------------------------------------------------------- what may be supposed


def _choices(stream: Stream, unit: Unit, lang: str) -> dict[str, Any]:
    """The options of the forms: only what this unit has."""
    rules = stream.groups[unit.group]
    components = [(c.id, pick(c.name, lang) or c.id) for c in rules.components]
    subs = []
    for key, sub in rules.subs.items():
        aspects = [(a.key, f"{a.key} {pick(a.title, lang)}", _range(a)) for a in sub.aspects]
        if aspects and (unit.id, key) in stream.sheets:
            subs.append((f"{key} {pick(sub.title, lang)}", aspects))
    seats = dict.fromkeys(seat for sheet in stream.sheets.values() if sheet.unit == unit.id
                          for seat in sheet.roster)  # fmt: skip
    statuses = [*STATUSES, *(["none"] if unit.statuses else [])]
    return {
        "subs": subs,
        "seats": [(EVERY, say("whatif.every_seat", lang)),
                  *((seat, say("seat.label", lang, seat=stream.seats[seat].label)) for seat in seats),
                  (DECIDED, say("whatif.chief", lang))],
        "statuses": [(word, say("whatif.no_status", lang) if word == "none" else status_word(word, lang))
                     for word in statuses],
        "scopes": [("stage", say("whatif.stage", lang)),
                   *((f"component:{key}", name) for key, name in components)],
        "components": components,
        "voids": [*((f"component:{key}", name) for key, name in components),
                  *((f"aspect:{key}", name) for _, aspects in subs for key, name, _ in aspects)],
    }  # fmt: skip


def _range(aspect: Aspect) -> str:
    """What may be given for an aspect: 0–3, 0–20; what is measured has ways of its own."""
    if aspect.method == "judgement":
        return "0–3"
    if aspect.method == "points":
        return f"{aspect.low or '0'}–{aspect.max}"
    return ""


# ---------------------------------------------------------------- what would change


def _told(state: State, outcome: Outcome, unit: Unit, lang: str) -> dict[str, Any]:
    """What would change, in words."""
    entries = [it for it in outcome.changed if it.kind == "entry"]
    tables = [it for it in outcome.changed if it.kind == "table"]
    codes = {
        one.entry: one.code
        for stream in state.streams_of(outcome.target["trade"], outcome.target["stage"])
        for one in stream.units.values()
    }
    mine = [it for it in entries if it.who == unit.entry]
    lists = [_matrix("whatif.others", [it for it in entries if it.who != unit.entry], lang)]
    for order in dict.fromkeys(it.order for it in tables):
        title = say("whatif.medal_table", lang, order=say(f"explain.order.{order}", lang))
        lists.append(_matrix(title, [it for it in tables if it.order == order], lang))
    return {
        "mine": [explain_told.differing(_about(it), lang) for it in _ordered(mine)],
        "lists": [found for found in lists if found["rows"]],
        "published": [_version(it, lang) for it in outcome.published],
        "advance": [
            {"to": _stage_name(state, outcome, it["to"]),
             "joins": [codes.get(entry, "") for entry in it["joins"]],
             "leaves": [codes.get(entry, "") for entry in it["leaves"]]}
            for it in outcome.advance
        ],
        "counts": [(say(f"whatif.count_{field}", lang, n=n), n) for field, n in _counts(entries)],
        "nothing": not (outcome.changed or outcome.published or outcome.advance),
    }  # fmt: skip


def _about(it: Changed) -> Mapping[str, str]:
    return {"field": it.field, "before": it.before, "after": it.after}


def _ordered(changed: Iterable[Changed]) -> list[Changed]:
    return sorted(changed, key=lambda it: FIELDS.index(it.field) if it.field in FIELDS else len(FIELDS))


def _counts(entries: list[Changed]) -> list[tuple[str, int]]:
    """How many entries would have another place, medal, prize, total."""
    counted = [(field, sum(it.field == field for it in entries)) for field in ("place", "medal", "prize")]
    return [(field, n) for field, n in counted if n]


def _matrix(title: str, changed: list[Changed], lang: str) -> dict[str, Any]:
    """A line for each who changes, a column for each field that anybody changes."""
    fields = [*dict.fromkeys(it.field for it in _ordered(changed))]
    lines: dict[str, dict[str, Any]] = {}
    for it in changed:
        line = lines.setdefault(it.who, {"code": it.code, "name": dict(it.name), "cells": {}})
        _, before, after = explain_told.differing(_about(it), lang)
        line["cells"][it.field] = (before, after)
    shown = list(lines.values())[:SHOWN]
    return {
        "title": say(title, lang) if title.startswith("whatif.") else title,
        "heads": [say(f"explain.field.{field}", lang) for field in fields],
        "rows": [{**line, "cells": [line["cells"].get(field) for field in fields]} for line in shown],
        "more": len(lines) - len(shown),
    }


def _version(it: Mapping[str, Any], lang: str) -> str:
    """A version that would be wrong, with who has it."""
    has = say("ui.comma", lang).join(say(f"audience.{a}", lang) for a in AUDIENCES if a in it["audiences"])
    rank = say(f"explain.rank.{it['rank']}", lang)
    about = {"version": it["version"], "entries": it["entries"]}
    return say("cli.whatif.published", lang, rank=rank, audiences=has, **about)


def _stage_name(state: State, outcome: Outcome, to: str) -> dict[str, str]:
    stage = state.setup.stages.get(f"{outcome.target['trade']}/{to}")
    return dict(stage.name) if stage else {}


routes = [
    get("/console/whatif/{trade}/{stage}/{group}/{entry}", page, READERS),
    get("/chief/whatif/{code}", chief, CHIEF),
]
