"""The pages of a competitor's own expert: that delegation's signed sheets, to accept or to dispute in words.

Architecture Invariant: nothing of another delegation is on these pages: no code, count, state or time; an
address of another competitor's sheet is answered as one that does not exist. A sheet is shown once all have
signed who sign before the expert, where the rules ask for acceptance; seats' votes and the chief's words only
where the profile says so (``signing.shows``). That the expert learns the own delegation's blind codes is what
acceptance means (docs/security.md).
"""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import acceptance, scoring, views
from compsys import events as e
from compsys.events import Answer
from compsys.exchange.competition_file import natural
from compsys.state import GroupRules, SeatState, Sheet, State, Stream, Unit
from web.access import EXPERT, actor, get, post
from web.chief import aspect_shown
from web.chief_page import here, not_open, show, stream_here
from web.console_page import act, onward, text
from web.floor import name_of

HOME = "/expert"
TOLD = ("accepted", "disputed", "dispute_stands", "dispute_returned", "expert_missed")
"""What of a sheet's history its expert reads."""


Own = tuple[Unit, Sheet, str]
"""A sheet of the own delegation's, with how it stands."""


def own_sheets(state: State, stream: Stream, seat: SeatState) -> list[Own]:
    """The sheets of an expert's own delegation that can be shown, with how they stand; by code."""
    found = []
    for unit in stream.units.values():
        if not acceptance.own(state, stream, seat, unit):
            continue
        rules = stream.groups[unit.group]
        for sub in rules.component_of:
            sheet = stream.sheets.get((unit.id, sub))
            if sheet is None or acceptance.gone(rules, unit, sheet):
                continue
            if standing := acceptance.standing(rules, sheet):
                found.append((unit, sheet, standing))
    return sorted(found, key=lambda one: (natural(one[0].code), natural(one[1].sub)))


def _seat(request: Request, stream: Stream) -> SeatState:
    found = stream.seats.get(actor(request).id)
    if found is None:
        raise HTTPException(409, "not_open")
    return found


async def overview(request: Request, answer: Answer | None = None) -> Response:
    """The own delegation's sheets that all have signed: what waits for a word first."""
    if (closed := await not_open(request)) is not None:
        return closed
    async with here(request) as state:
        stream = stream_here(request, state)
        found = own_sheets(state, stream, _seat(request, stream))
        rows = [
            {
                "code": unit.code,
                "name": name_of(request, state, stream, unit),
                "sub": sheet.sub,
                "title": dict(stream.groups[unit.group].subs[sheet.sub].title),
                "standing": standing,
                "waits": standing in acceptance.WAITS or standing == "missed",
            }
            for unit, sheet, standing in found
        ]
    context = {"rows": sorted(rows, key=lambda row: not row["waits"])}
    return show(request, "expert.html", "acceptance", context, answer)


def _next(own: list[Own], but: Sheet | None = None) -> str:
    """Where the next sheet is that waits for a word, "" when none does."""
    waits = (one for one in own if one[2] in acceptance.WAITS and one[1] is not but)
    return next((f"{HOME}/{unit.code}/{sheet.sub}" for unit, sheet, _ in waits), "")


def _place(request: Request, state: State, stream: Stream) -> tuple[Unit, Sheet, str, list[Own]]:
    """The sheet an address means, its standing, and all of the own ones; 404 for any other, as for none."""
    code, sub = str(request.path_params["code"]), str(request.path_params["sub"])
    own = own_sheets(state, stream, _seat(request, stream))
    for unit, sheet, standing in own:
        if (unit.code, sheet.sub) == (code, sub):
            return unit, sheet, standing, own
    raise HTTPException(404, "unknown_sheet")


async def sheet(request: Request, answer: Answer | None = None) -> Response:
    """One sheet, read only, and the two answers."""
    async with here(request) as state:
        stream = stream_here(request, state)
        unit, found, standing, own = _place(request, state, stream)
        rules = stream.groups[unit.group]
        view = views.sheet_for(state, stream, unit.id, found.sub, actor(request).id)
        votes = rules.profile.extras.shows == "votes"
        key = f"{unit.id}.{found.sub}"
        context = {
            "here": f"{HOME}/{unit.code}/{found.sub}",
            "code": unit.code,
            "name": name_of(request, state, stream, unit),
            "sub": found.sub,
            "sub_title": dict(rules.subs[found.sub].title),
            "session": dict(stream.sessions[found.session].name),
            "aspects": [
                _aspect(stream, rules, found, view, a.key, votes) for a in rules.subs[found.sub].aspects
            ],
            "total": _total(stream, rules, found),
            "standing": standing,
            "locked": view["state"] == "locked",
            "held": found.acceptance,
            "told": [(t, k, w) for _, t, k, about, w in stream.history if about == key and k in TOLD][::-1],
            "next": _next(own, found),
        }
    return show(request, "expert_sheet.html", "acceptance", context, answer)


def _aspect(
    stream: Stream, rules: GroupRules, found: Sheet, view: dict[str, Any], key: str, votes: bool
) -> dict[str, Any]:
    """An aspect as its expert may see it: what was measured and the mark; votes and words where rules say."""
    shown = aspect_shown(stream, rules, found, view, key)
    keep = {name: shown[name] for name in ("key", "title", "method", "max", "value", "mark")}
    for ruled in ("resolved", "escalated", "voided"):
        keep[ruled] = shown[ruled] if votes or not shown[ruled] else {**shown[ruled], "reason": ""}
    keep["excused"] = bool(shown["excused"])
    measure = rules.aspects[key].measure
    if shown["value"] is not None and measure and measure.kind == "choice":
        labels = measure.params.get("labels")
        picked = int(shown["value"]) - 1
        if isinstance(labels, list) and picked < len(labels):
            keep["value"] = labels[picked]
    keep["votes"] = [value for _, value in shown["votes"]] if votes else []
    return keep


def _total(stream: Stream, rules: GroupRules, found: Sheet) -> str | None:
    """The sheet's total, None where its points count by module and the sheet has none of its own."""
    points = any(a.method == "points" for a in rules.subs[found.sub].aspects)
    if points and rules.profile.points.level == "component":
        return None
    return scoring.exact_text(scoring.sheet_score(stream, rules, found, "signed").value, 4)


async def decide(request: Request) -> Response:
    """Accept the sheet, or dispute it with words; then on to the next that waits."""
    form = await request.form(max_files=0, max_fields=8)
    async with here(request) as state:
        stream = stream_here(request, state)
        unit, found, _, _ = _place(request, state, stream)
    yes = text(form, "do") == "accept"
    command = e.Accept(
        stream=stream.name,
        unit=unit.id,
        sub=found.sub,
        accept=yes,
        words="" if yes else text(form, "reason", 2000),
    )
    answer = await act(request, command, form)
    if answer.a != "accepted":
        return await sheet(request, answer)
    async with here(request) as state:
        stream = stream_here(request, state)
        after = _next(own_sheets(state, stream, _seat(request, stream)))
    return onward((yes and after) or HOME, "accepted" if yes else "disputed")


routes = [
    get(HOME, overview, EXPERT),
    get(f"{HOME}/{{code}}/{{sub}}", sheet, EXPERT),
    post(f"{HOME}/{{code}}/{{sub}}", decide, EXPERT),
]
