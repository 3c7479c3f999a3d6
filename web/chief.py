"""The chief expert's pages: sheets by code, one sheet, one code, the tray.

What is seen here is what ``compsys.views`` gives a chief: states and revealed values by blind code; no value
before its reveal, no name, no delegation. Sessions and rosters are in ``chief_day``, locks and releases in
``chief_lock``.
"""

from __future__ import annotations

import secrets
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from compsys import events as e
from compsys import pictures, views
from compsys.events import Answer
from compsys.exchange.competition_file import natural
from compsys.incidents import AWAY, PROPOSALS
from compsys.marking import holes
from compsys.signing import next_link, signer
from compsys.state import GroupRules, Sheet, Stream, Unit
from compsys.words import say
from scoring_rules import exact
from scoring_rules.scheme import Aspect
from web import chief_acceptance, chief_day, chief_lock, chief_ties, console_confirm
from web.access import CHIEF, FLOOR, actor, get, post
from web.chief_page import STATUSES, here, not_open, show, stream_here
from web.console_page import act, onward, refused, text
from web.evidence import stand_of
from web.pins import locked_pins
from web.render import language

# ---------------------------------------------------------------- codes x sheets

DONE = ("signed", "accepted", "disputed", "locked")
"""Kinds of cells whose sheet all seats have signed."""


async def matrix(request: Request) -> Response:
    """All sheets of the stage by code, each as a shape and a word; what waits; how ready the lock is."""
    if actor(request).roles == ("floor",):
        return RedirectResponse("/chief/sessions", 303)
    if (page := await not_open(request)) is not None:
        return page
    async with here(request) as state:
        stream = stream_here(request, state)
        view = views.chief_matrix(state, stream)
        titles = sub_titles(stream)
        late = late_cells(stream)
        wishes = console_confirm.panel(request, state)
        papers = papers_waiting(stream)
        proposals = proposals_waiting(stream)
    rows = [
        {
            **row,
            "cells": [
                (sub, cell_shown(row["cells"][sub], (row["unit"], sub) in late)) for sub in view["subs"]
            ],
        }
        for row in view["rows"]
    ]
    counts = tray_counts(view) | {"papers": len(papers), "proposed": len(proposals)}
    context = {
        "subs": [(sub, titles.get(sub, {})) for sub in view["subs"]],
        "rows": rows,
        "counts": counts,
        "missing": len(view["missing"]),
        "marking": view["marking"],
        "frozen": view["frozen"],
        "sessions": view["sessions"],
        "wishes": wishes,
        "total": sum(1 for row in rows for _, cell in row["cells"] if cell["kind"] != "blank"),
        "signed": sum(1 for row in rows for _, cell in row["cells"] if cell["kind"] in DONE),
    }
    return show(request, "chief.html", "sheets", context)


def sub_titles(stream: Stream) -> dict[str, dict[str, str]]:
    """Sub-criterion -> its title."""
    return {sub.key: dict(sub.title) for rules in stream.groups.values() for sub in rules.subs.values()}


def late_cells(stream: Stream) -> set[tuple[str, str]]:
    """(unit, sub-criterion) of late marks that nobody has settled."""
    return {
        (x.unit, stream.groups[stream.units[x.unit].group].sub_of[x.aspect])
        for x in stream.late.values()
        if not x.settled
    }


def tray_counts(view: dict[str, Any]) -> dict[str, int]:
    """How many late marks, conflicts, spreads and returns wait."""
    cells = [cell for row in view["rows"] for cell in row["cells"].values()]
    return {
        "late": sum(not x["settled"] for x in view["late"]),
        "conflict": sum(bool(c.get("conflicts")) for c in cells),
        "spread": sum(bool(c.get("spread")) for c in cells),
        "returned": sum(c["state"] == "returned" for c in cells),
        "handed": sum(bool(c.get("handed")) for c in cells),
        "disputed": sum(c.get("acceptance") == "disputed" for c in cells),
        "imports": sum(not x["confirmed"] for x in view["imports"]),
    }


def proposals_waiting(stream: Stream) -> list[dict[str, Any]]:
    """What seats propose that a competitor is instead of marked: nobody has decided yet.

    ``i``: the proposal's place among the incidents; its line's number would count sealed votes.
    """
    return [
        {
            "i": i,
            "code": stream.units[found.unit].code,
            "status": found.kind,
            "seat": stream.seats[found.seat].label if found.seat in stream.seats else "",
            "text": found.text,
            "by": stream.seats[found.by].label if found.by in stream.seats else found.by,
        }
        for i, found in enumerate(stream.incidents.values())
        if not found.outcome and found.kind in (*PROPOSALS, AWAY)
    ]


def papers_waiting(stream: Stream) -> list[dict[str, str]]:
    """Sheets with keyed paper that nobody has read a second time."""
    found = [
        {"code": stream.units[unit].code, "sub": sub, "kind": "paper"}
        for (unit, sub), sheet in stream.sheets.items()
        if sheet.keyed
    ]
    return sorted(found, key=lambda x: (natural(x["code"]), natural(x["sub"])))


def cell_shown(cell: dict[str, Any], late: bool) -> dict[str, Any]:
    """A cell of the matrix as the template draws it: the kind of its shape, how far it is."""
    state, done, of = cell["state"], cell.get("done", 0), cell.get("of", 0)
    if state == "none":
        kind = "blank"
    elif state == "planned":
        kind = "planned"
    elif state in STATUSES:
        kind = "status"
    elif state == "signed" and cell.get("acceptance") in ("disputed", "accepted", "stands"):
        kind = "disputed" if cell["acceptance"] == "disputed" else "accepted"
    elif state in ("locked", "signed"):
        kind = state
    elif late:
        kind = "late"
    elif cell.get("conflicts"):
        kind = "conflict"
    elif cell.get("spread"):
        kind = "spread"
    elif state == "returned":
        kind = "returned"
    else:
        kind = "full" if of and done == of else "part" if done else "none"
    return {"kind": kind, "state": state, "done": done, "of": of, "percent": 100 * done // of if of else 0}


# ---------------------------------------------------------------- one sheet


async def sheet(request: Request, answer: Answer | None = None) -> Response:
    """One sheet: what is revealed of each aspect, who has signed, and what the chief may do about it."""
    code, sub = str(request.path_params["code"]), str(request.path_params["sub"])
    async with here(request) as state:
        stream = stream_here(request, state)
        unit = unit_of(stream, code)
        found = stream.sheets.get((unit.id, sub))
        if found is None:
            raise HTTPException(404, "unknown_sheet")
        rules = stream.groups[unit.group]
        view = views.sheet_for(state, stream, unit.id, sub, actor(request).id)
        context = {
            "code": code,
            "sub": sub,
            "sub_title": dict(rules.subs[sub].title),
            "session": dict(stream.sessions[found.session].name),
            "view": view,
            "aspects": [
                aspect_shown(stream, rules, found, view, a.key)
                | {"pictures": pictures_shown(request, stream, found, a)}
                for a in rules.subs[sub].aspects
            ],
            "holes": holes_shown(stream, rules, found),
            "seats": {key: seat.label for key, seat in stream.seats.items()},
            "link": mine_to_sign(stream, rules, found),
            "waits_for": next_link(rules, found),
            "handed": found.handed,
            "acceptance": chief_acceptance.shown(rules, found),
            "history": told(stream, f"{unit.id}.{sub}", [a.key for a in rules.subs[sub].aspects], unit.id),
            "limit": rules.profile.judgement.max_spread,
            "locked_scope": f"sheet:{unit.id}.{sub}",
        }
    return show(request, "chief_sheet.html", "sheets", context, answer)


def mine_to_sign(stream: Stream, rules: GroupRules, found: Sheet) -> str:
    """The link of the chain that the chief signs next here ("" = none): the chief's own, or the lead's where
    the roster has no lead."""
    link = next_link(rules, found)
    return link if link and signer(stream, found, link) == "chief" else ""


def unit_of(stream: Stream, code: str) -> Unit:
    """The unit of a blind code; 404 when there is none."""
    found = stream.by_code.get(code)
    if found is None:
        raise HTTPException(404, "unknown_unit")
    return stream.units[found]


def aspect_shown(
    stream: Stream, rules: GroupRules, found: Sheet, view: dict[str, Any], key: str
) -> dict[str, Any]:
    """An aspect as the chief may see it: revealed votes, the mark, how far apart, what may follow."""
    aspect, seen = rules.aspects[key], view["aspects"][key]
    rounds_left = rules.profile.judgement.max_rounds - seen["round"]
    spread = key in found.spread
    again = bool(found.returned) and "revealed" in seen
    return {
        "key": key,
        "title": dict(aspect.title),
        "method": aspect.method,
        "max": aspect.max,
        "round": seen["round"],
        "votes": [
            (stream.seats[s].label, v) for s, v in seen.get("revealed", {}).items() if s in stream.seats
        ],
        "waiting": [stream.seats[s].label for s in found.roster if s not in seen.get("voted", found.roster)],
        "value": seen["value"] if aspect.method == "agreed" else None,
        "conflict": any(c.others for (a, _, r), c in found.cells.items() if a == key and r == seen["round"]),
        "mark": seen.get("mark"),
        "spread": seen.get("spread") if spread else None,
        "rounds": [" ".join(values.values()) for values in seen.get("rounds", [])],
        "resolved": seen.get("resolved"),
        "escalated": seen.get("escalated"),
        "voided": seen.get("voided"),
        "excused": [
            (stream.seats[s].label if s in stream.seats else "", why)
            for s, why in seen.get("excused", {}).items()
        ],
        "may": "resolve" if spread and rounds_left <= 0 else "revote" if spread or again else "",
    }


def pictures_shown(
    request: Request, stream: Stream, found: Sheet, aspect: Aspect
) -> list[tuple[str, str, bool]]:
    """(address, name, whether it has come) of each picture at what may be seen of an aspect."""
    told, lang = [], language(request)
    for seat, files in pictures.shown(stream, found, aspect.key, aspect.method):
        label = stream.seats[seat].label if seat in stream.seats else ""
        name = say("picture.of", lang, seat=label) if label else say("picture.of_panel", lang)
        told += stand_of(request, "/chief/evidence", files, name)
    return told


def holes_shown(stream: Stream, rules: GroupRules, found: Sheet) -> list[tuple[str, str, str]]:
    """(aspect, seat, seat's label) of every value that is still owed; the panel's own stands once."""
    owed = []
    agreed = {a.key for a in rules.subs[found.sub].aspects if a.method == "agreed"}
    for i, seat in enumerate(found.roster):
        for aspect in holes(rules, found, stream, seat):
            if aspect not in agreed:
                owed.append((aspect, seat, stream.seats[seat].label))
            elif i == 0:
                owed.append((aspect, e.ANY_SEAT, ""))
    return sorted(owed)


def told(stream: Stream, sheet_key: str, aspects: list[str], unit: str) -> list[tuple[str, str, str]]:
    """What has been decided about a sheet: (time, kind, words), newest first."""
    subjects = {sheet_key, *(f"{unit}.{key}" for key in aspects)}
    found = [(t, kind, words) for _, t, kind, subject, words in stream.history if subject in subjects]
    return found[::-1]


# ---------------------------------------------------------------- acts on a sheet


async def rule(request: Request) -> Response:
    """Whatever the chief decides about one sheet: the form's field ``do`` names it."""
    form = await request.form(max_files=0, max_fields=20)
    if text(form, "do") == "resolve" and not exact.is_number(mark_typed(form)):
        return await sheet(request, refused("not_a_number", value=mark_typed(form)[:40]))
    async with here(request) as state:
        stream = stream_here(request, state)
        unit = unit_of(stream, str(request.path_params["code"]))
        command = ruling(form, stream.name, unit.id, str(request.path_params["sub"]), actor(request).id)
    answer = await act(request, command, form)
    if answer.a != "accepted":
        return await sheet(request, answer)
    return onward("/chief/sheet/{code}/{sub}".format(**request.path_params), "ruled")


def mark_typed(form: FormData) -> str:
    """The mark the chief typed, in plain digits."""
    return exact.normalise(text(form, "mark", 40))


def ruling(form: FormData, stream: str, unit: str, sub: str, me: str) -> e.Command:
    """The command a form on a sheet's page asks for; 400 for one that there is not."""
    reason, aspect = text(form, "reason"), text(form, "aspect")
    do = text(form, "do")
    if do in chief_acceptance.DOES:
        return chief_acceptance.command(form, stream, unit, sub)
    if do == "return":
        return e.Return(stream=stream, unit=unit, sub=sub, reason=reason)
    if do == "revote":
        return e.Revote(stream=stream, unit=unit, aspect=aspect, reason=reason)
    if do == "resolve":
        return e.Resolve(stream=stream, unit=unit, aspect=aspect, mark=mark_typed(form), reason=reason)
    if do == "excuse":
        aspect, _, seat = text(form, "hole").partition(" ")
        return e.Excuse(stream=stream, unit=unit, aspect=aspect, seat=seat, reason=reason)
    if do == "sign":
        return e.Sign(stream=stream, unit=unit, sub=sub, seat=me, step=text(form, "link", 20) or "chief")
    if do == "lock":
        return e.Lock(stream=stream, scope=f"sheet:{unit}.{sub}")
    raise HTTPException(400, "malformed")


# ---------------------------------------------------------------- one code


async def unit_page(request: Request, answer: Answer | None = None) -> Response:
    """One code: statuses, penalties, presence and times, imported scores, by code only."""
    code = str(request.path_params["code"])
    async with here(request) as state:
        stream = stream_here(request, state)
        unit = unit_of(stream, code)
        rules = stream.groups[unit.group]
        seat_labels = {key: seat.label for key, seat in stream.seats.items()}
        context = {
            "code": code,
            "explained": stream.marking == "locked",
            "components": [(c.id, dict(c.name), c.source) for c in rules.components],
            "statuses": [
                {"scope": scope, "status": f.status, "reason": f.reason, "by": seat_labels.get(f.by, f.by)}
                for scope, f in unit.statuses.items()
            ],
            "choices": STATUSES,
            "penalties": [
                {
                    "id": i,
                    "component": c,
                    "amount": exact.show(a),
                    "reason": why,
                    "signers": [seat_labels.get(s, s) for s in signers],
                    "keys": signers,
                }
                for i, (c, a, why, signers) in unit.adjustments.items()
                if a
            ],
            "signers": [(key, seat.label) for key, seat in stream.seats.items() if seat.role != "clerk"],
            "need": rules.profile.penalty_signers,
            "imported": [(c, v, s) for c, (v, s) in unit.imported.items()],
            "sheets": [
                (sub, dict(rules.subs[sub].title)) for sub in rules.subs if (unit.id, sub) in stream.sheets
            ],
            "me": actor(request).id,
            "fresh_id": secrets.token_hex(8),
        }
    return show(request, "chief_unit.html", "sheets", context, answer)


async def unit_act(request: Request) -> Response:
    """A status with scope and reason (or its reversal), or a penalty with its signers."""
    form = await request.form(max_files=0, max_fields=30)
    async with here(request) as state:
        stream = stream_here(request, state)
        unit = unit_of(stream, str(request.path_params["code"]))
    if text(form, "do") == "status":
        status: Any = text(form, "status") or None
        if status not in (None, *STATUSES):
            raise HTTPException(400, "malformed")
        command: e.Command = e.SetStatus(
            stream=stream.name,
            unit=unit.id,
            scope=text(form, "scope"),
            status=status,
            reason=text(form, "reason"),
        )
    else:
        amount = exact.normalise(text(form, "amount"))
        if not exact.is_number(amount):
            return await unit_page(request, refused("not_a_number", value=amount[:40]))
        signers = tuple(dict.fromkeys(s for s in form.getlist("signer") if isinstance(s, str) and s))
        command = e.Adjust(
            stream=stream.name,
            id=text(form, "id", 40),
            unit=unit.id,
            component=text(form, "component"),
            amount=amount,
            reason=text(form, "reason"),
            signers=signers,
        )
    answer = await act(request, command, form)
    if answer.a != "accepted":
        return await unit_page(request, answer)
    return onward("/chief/unit/{code}".format(**request.path_params), "ruled")


# ---------------------------------------------------------------- tray


async def tray(request: Request, answer: Answer | None = None) -> Response:
    """Late marks to settle, conflicts and spreads that others must settle, sheets that were given back."""
    if (page := await not_open(request)) is not None:
        return page
    async with here(request) as state:
        stream = stream_here(request, state)
        view = views.chief_matrix(state, stream)
        subs = {a: sub for rules in stream.groups.values() for a, sub in rules.sub_of.items()}
        papers = papers_waiting(stream)
        proposals = proposals_waiting(stream)
        locked = locked_pins(state, actor(request).id)
    waits = [
        {"code": row["code"], "sub": sub, "kind": kind}
        for row in view["rows"]
        for sub, cell in row["cells"].items()
        for kind in ("disputed", "conflict", "spread", "returned", "handed")
        if cell.get("acceptance") == kind
        or (kind == "conflict" and cell.get("conflicts"))
        or (kind == "handed" and cell.get("handed"))
        or (kind == "spread" and cell.get("spread"))
        or cell["state"] == kind
    ] + papers
    context = {
        "locked": locked,
        "late": [x for x in view["late"] if not x["settled"]],
        "settled": [x for x in view["late"] if x["settled"]],
        "waits": waits,
        "proposals": proposals,
        "reserves": [(s.key, s.label) for s in stream.seats.values() if s.role == "reserve"],
        "imports": [x for x in view["imports"] if not x["confirmed"]],
        "sub_of": subs,
        "me": actor(request).id,
    }
    return show(request, "chief_tray.html", "tray", context, answer)


async def settle(request: Request) -> Response:
    """Apply a late mark or leave it out; or confirm an import as its second checker."""
    form = await request.form(max_files=0, max_fields=8)
    async with here(request) as state:
        stream = stream_here(request, state)
        incidents = list(stream.incidents)
    n = int(text(form, "n", 12)) if text(form, "n", 12).isdecimal() else 0
    command: e.Command
    if text(form, "do") == "proposal":
        n = incidents[n] if n < len(incidents) else 0
        says: Any = {"apply": "status", "everywhere": "everywhere"}.get(text(form, "say"), "none")
        command = e.DecideIncident(
            stream=stream.name, n=n, outcome=says, reason=text(form, "reason"), joins=text(form, "joins", 130)
        )
    elif text(form, "do") == "import":
        command = e.ConfirmScores(stream=stream.name, n=n)
    else:
        accept = text(form, "say") == "apply"
        command = e.SettleLate(stream=stream.name, n=n, accept=accept, reason=text(form, "reason"))
    answer = await act(request, command, form)
    return await tray(request, answer) if answer.a != "accepted" else onward("/chief/tray", "ruled")


routes = [
    get("/chief", matrix, CHIEF | FLOOR),
    get("/chief/sheet/{code}/{sub}", sheet, CHIEF),
    post("/chief/sheet/{code}/{sub}", rule, CHIEF),
    get("/chief/unit/{code}", unit_page, CHIEF),
    post("/chief/unit/{code}", unit_act, CHIEF),
    get("/chief/tray", tray, CHIEF),
    post("/chief/tray", settle, CHIEF),
    *chief_day.routes,
    *chief_lock.routes,
    *chief_ties.routes,
]
