"""The supervisor's pages: the sheets that wait for this signature, each read only, to sign or to hand back.

A sheet's values are shown once all its seats have signed, by code only; never a name, never an earlier round
(those are the panel's and the chief's). The supervisor signs where the signing chain asks for it, or hands
the sheet back to the chief with words; nothing else is changed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import events as e
from compsys import views
from compsys.bus import NotYet
from compsys.events import Answer
from compsys.exchange.competition_file import natural
from compsys.signing import SUPERVISOR as LINK
from compsys.signing import next_link
from compsys.state import GroupRules, Sheet, State, Stream, Unit
from web.access import SUPERVISOR, actor, desk_of, get, post
from web.chief import aspect_shown, told, unit_of
from web.console_page import act, draw, onward, text
from web.console_run import stages_in_order

HOME = "/supervisor"
AT_ONCE = 300
"""Sheets of one stage that are listed at once; the next follow when these are signed."""


# ---------------------------------------------------------------- what waits


def waiting(stream: Stream) -> list[tuple[Unit, Sheet]]:
    """The sheets of a stream that wait for the supervisor, by code and sub-criterion."""
    found = [
        (stream.units[sheet.unit], sheet)
        for sheet in stream.sheets.values()
        if next_link(stream.groups[stream.units[sheet.unit].group], sheet) == LINK
    ]
    return sorted(found, key=lambda pair: (natural(pair[0].code), natural(pair[1].sub)))


def asked(state: State) -> Iterator[tuple[dict[str, Any], Stream]]:
    """The streams whose rules ask for a supervisor, in the order of the trades, with what they are called."""
    for stage in stages_in_order(state):
        trade = state.setup.trades.get(stage.trade)
        for stream in state.streams_of(stage.trade, stage.id):
            if any(LINK in rules.profile.signing for rules in stream.groups.values()):
                name = dict(trade.name) if trade else {}
                yield {"name": name, "stage": dict(stage.name), "site": stream.site}, stream


async def overview(request: Request, answer: Answer | None = None) -> Response:
    """What waits for the supervisor, trade by trade, and how far the rest is."""
    desk = desk_of(request)
    if not desk.ready():
        raise NotYet("everything")
    async with desk.reading() as state:
        trades = [titles | _row(stream) for titles, stream in asked(state)]
    context = {"trades": trades, "waiting": sum(t["count"] for t in trades), "most": AT_ONCE}
    return _draw(request, "supervisor.html", context, answer)


def _row(stream: Stream) -> dict[str, Any]:
    """A stream's waiting sheets, and how many are with others or signed already."""
    found = waiting(stream)
    links = [next_link(stream.groups[stream.units[s.unit].group], s) for s in stream.sheets.values()]
    signed = sum(LINK in sheet.steps for sheet in stream.sheets.values())
    return {
        "stream": stream.name,
        "locked": stream.marking == "locked",
        "count": len(found),
        "signed": signed,
        "of": len(stream.sheets),
        "with_chief": links.count("chief"),
        "with_lead": links.count("lead"),
        "sheets": [
            {
                "unit": unit.id,
                "code": unit.code,
                "sub": sheet.sub,
                "title": dict(stream.groups[unit.group].subs[sheet.sub].title),
                "links": signatures(stream, stream.groups[unit.group], sheet),
            }
            for unit, sheet in found[:AT_ONCE]
        ],
    }


def signatures(stream: Stream, rules: GroupRules, sheet: Sheet) -> list[tuple[str, str]]:
    """(link of the chain, who signed it: labels of seats, an account; "" = nobody yet)."""
    seats = ", ".join(stream.seats[seat].label for seat in sheet.signed if seat in stream.seats)
    found = [("seats", seats)]
    for link in rules.profile.signing[1:]:
        who = sheet.steps.get(link, ("", 0))[0]
        found.append((link, stream.seats[who].label if who in stream.seats else who))
    return found


def _draw(request: Request, template: str, context: dict[str, Any], answer: Answer | None) -> Response:
    # Its one right is used here, so the frame does not say that nothing can be done.
    return draw(request, template, "signing", {"may_write": True} | context, answer=answer)


async def sign_chosen(request: Request) -> Response:
    """Sign the ticked sheets of one stream; what is refused is said and stays."""
    form = await request.form(max_files=0, max_fields=AT_ONCE + 20)
    stream = text(form, "stream", 200)
    chosen = [value.partition(".") for value in form.getlist("sheet") if isinstance(value, str)]
    refused = None
    for unit, _, sub in chosen:
        command = e.Sign(stream=stream, unit=unit, sub=sub, seat=actor(request).id, step=LINK)
        answer = await act(request, command, form, part=f"{unit}.{sub}")
        refused = refused or (answer if answer.a != "accepted" else None)
    return await overview(request, refused) if refused else onward(HOME, "signed" if chosen else "unchanged")


# ---------------------------------------------------------------- one sheet


def _place(request: Request, state: State) -> tuple[Stream, Unit, Sheet, GroupRules]:
    """The sheet an address means, once all its seats have signed; 404 for any other."""
    stream = next((s for _, s in asked(state) if s.name == request.path_params["stream"]), None)
    if stream is None:
        raise HTTPException(404, "unknown_stream")
    unit = unit_of(stream, str(request.path_params["code"]))
    sheet = stream.sheets.get((unit.id, str(request.path_params["sub"])))
    if sheet is None or not sheet.complete:
        raise HTTPException(404, "unknown_sheet")
    return stream, unit, sheet, stream.groups[unit.group]


async def sheet(request: Request, answer: Answer | None = None) -> Response:
    """One signed sheet, read only: values and marks, who signed, what was decided about it."""
    async with desk_of(request).reading() as state:
        stream, unit, found, rules = _place(request, state)
        view = views.sheet_for(state, stream, unit.id, found.sub, actor(request).id)
        aspects = [
            aspect_shown(stream, rules, found, view, a.key) | {"rounds": []}
            for a in rules.subs[found.sub].aspects
        ]
        trade = state.setup.trades.get(stream.trade)
        others = waiting(stream)
        context = {
            "here": f"{HOME}/{stream.name}/{unit.code}/{found.sub}",
            "trade": dict(trade.name) if trade else {},
            "code": unit.code,
            "sub": found.sub,
            "sub_title": dict(rules.subs[found.sub].title),
            "state": view["state"],
            "aspects": aspects,
            "links": signatures(stream, rules, found),
            "waits": next_link(rules, found) == LINK and view["state"] != "locked",
            "handed": found.handed,
            "history": told(stream, f"{unit.id}.{found.sub}", [a["key"] for a in aspects], unit.id),
            "left": len(others),
        }
    return _draw(request, "supervisor_sheet.html", context, answer)


async def decide(request: Request) -> Response:
    """Sign the sheet, or hand it back to the chief with words; then on to the next that waits."""
    form = await request.form(max_files=0, max_fields=8)
    async with desk_of(request).reading() as state:
        stream, unit, found, _ = _place(request, state)
    name, sub = stream.name, found.sub
    command: e.Command
    if text(form, "do") == "hand_back":
        why, said = text(form, "reason"), "handed_back"
        command = e.HandBack(stream=name, unit=unit.id, sub=sub, reason=why)
    else:
        me = actor(request).id
        command, said = e.Sign(stream=name, unit=unit.id, sub=sub, seat=me, step=LINK), "signed"
    answer = await act(request, command, form)
    if answer.a != "accepted":
        return await sheet(request, answer)
    async with desk_of(request).reading() as state:
        after = waiting(state.streams[name])
    if not after:
        return onward(HOME, said)
    unit, found = after[0]
    return onward(f"{HOME}/{name}/{unit.code}/{found.sub}", said)


routes = [
    get(HOME, overview, SUPERVISOR),
    post(HOME, sign_chosen, SUPERVISOR),
    get(f"{HOME}/{{stream}}/{{code}}/{{sub}}", sheet, SUPERVISOR),
    post(f"{HOME}/{{stream}}/{{code}}/{{sub}}", decide, SUPERVISOR),
]
