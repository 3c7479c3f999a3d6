"""Calibration: judges mark one sample alone on the tablet's own page, the chief sees how far each is off.

Nothing of it goes near the desk's journal; see ``compsys.calibration``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.websockets import WebSocket

from compsys import calibrating, calibration, people, words
from compsys import events as e
from compsys.calibrating import Calibration, Said
from compsys.calibration import Part, Plan, Sample
from compsys.clock import text as time_text
from compsys.exchange import calibration_pages, paper
from compsys.people import MARKERS
from compsys.state import Stream
from scoring_rules import exact
from web.access import CHIEF, MARKING, Device, desk_of, get, post, settings_of, socket, submit, visitor
from web.chief_page import here, not_open, show, stream_here
from web.console_page import onward, refused, text
from web.practice import SampleDesk
from web.render import language, page
from web.settings import Settings

log = logging.getLogger("compsys.calibration")
TAKEN = ("accepted", "conflict", "late")


class CalibrationDesk(SampleDesk):
    """One judge's sample; what is taken is on the disk before it is answered."""

    lesson: Sample

    def __init__(self, held: Calibration, part: Part, settings: Settings, now: Callable[[], str]) -> None:
        sample = held.all[part.seat]
        super().__init__(sample, Device(sample.device, calibration.SEAT, "judge", ""), settings, now)
        self.held, self.seat = held, part.seat

    def put(self, call: e.Call, conn: int, tell: Callable[[e.Answer], None]) -> None:
        """Decide a call now and keep it; a full disk is said, and the command waits on its tablet."""
        now = self.now()
        if self.seat not in self.held.samples or self.held.said.closed:
            tell(e.Answer(k=call.key, a="refused", code="calibration.over"))
            return
        answer, bells = self.lesson.take(call)
        if answer.a in TAKEN and not answer.dup:
            try:
                self.held.keep(self.seat, call, now)
            except OSError as error:
                log.error("a calibration was not kept: %s", error)
                self.fault = "disk_error"
                answer = e.Answer(k=call.key, a="retry", code="disk_error")
        tell(answer)
        self.tablets.rang(bells)


class Held:
    """The calibrations of this process, by stream, and the desks of the tablets in them."""

    def __init__(self, connection: HTTPConnection) -> None:
        self.settings = settings_of(connection)
        self.directory = desk_of(connection).directory
        self.of = calibrating.read(self.directory, self.now)
        self.desks: dict[tuple[str, str], CalibrationDesk] = {}

    def now(self) -> str:
        """UTC ms ``Z``."""
        return time_text(self.settings.clock())

    def begin(self, plan: Plan) -> None:
        """A new one, instead of the one before."""
        self.of[plan.stream] = calibrating.begin(self.directory, plan, self.now)

    def desk(self, stream: str, seat: str) -> CalibrationDesk | None:
        """The sample of a seat in the calibration under way; None where it has none."""
        held = self.of.get(stream)
        if held is None or held.said.closed or seat not in held.samples:
            return None
        found = self.desks.get((held.plan.id, seat))
        if found is None:
            part = next(part for part in held.plan.parts if part.seat == seat)
            found = self.desks[held.plan.id, seat] = CalibrationDesk(held, part, self.settings, self.now)
        return found


def held_of(connection: HTTPConnection) -> Held:
    """The calibrations of the app, read from the disk when they are first asked for."""
    state = connection.app.state
    if not hasattr(state, "calibrations"):
        state.calibrations = Held(connection)
    found: Held = state.calibrations
    return found


# ---------------------------------------------------------------- the judge


def _mine(connection: HTTPConnection) -> CalibrationDesk | None:
    device = visitor(connection).device
    assert device is not None, "only seats come here"
    stream = people.stream_of_seat(desk_of(connection).state, device.seat)
    return held_of(connection).desk(stream, device.seat)


async def waits(request: Request) -> Response:
    """Whether a sample waits for this judge: asked by the tablet where sheets are chosen."""
    found = _mine(request)
    body = {"waits": found is not None, "signed": bool(found and found.lesson.signed)}
    return Response(msgspec.json.encode(body), media_type="application/json")


async def sample(request: Request) -> Response:
    """The tablet's page over this judge's sample; back to marking where there is none."""
    found = _mine(request)
    if found is None:
        return RedirectResponse("/seat", 303)
    store = f"calibration/{found.held.plan.id}/{calibration.SEAT}"
    more: dict[str, Any] = {"store": store, "live": "/live/calibration", "theme": "light"}
    return page(request, "seat.html", more)


async def line(websocket: WebSocket) -> None:
    """A tablet's connection to its sample."""
    found = _mine(websocket)
    if found is None:
        await websocket.accept()
        await websocket.close(4403, "not_allowed")
        return
    await found.serve(websocket, settings_of(websocket))


# ---------------------------------------------------------------- the chief


def subs_of(stream: Stream) -> list[tuple[str, str, dict[str, str], int]]:
    """(group, sub-criterion, title, aspects) that can be calibrated."""
    return [
        (group, key, dict(sub.title), len(sub.aspects))
        for group, rules in stream.groups.items()
        for key, sub in rules.subs.items()
    ]


async def overview(request: Request, answer: e.Answer | None = None) -> Response:
    """The calibration of this stage: who has signed, and once all have, how far each is off."""
    if (closed := await not_open(request)) is not None:
        return closed
    async with here(request) as state:
        stream = stream_here(request, state)
        name, subs = stream.name, subs_of(stream)
    held = held_of(request).of.get(name)
    context: dict[str, Any] = {"subs": subs, "many": len({group for group, *_ in subs}) > 1, "held": None}
    if held is not None:
        context |= _shown(held)
    return show(request, "chief_calibration.html", "calibration", context, answer)


def _shown(held: Calibration) -> dict[str, Any]:
    samples = held.samples
    return {
        "held": held.plan.id,
        "begun": held.plan.begun,
        "of_subs": held.plan.subs,
        "closed": held.said.closed,
        "parts": [
            (p.seat, p.label, p.seat not in samples, p.seat in samples and samples[p.seat].signed)
            for p in held.plan.parts
        ],
        "columns": [(p.seat, p.label) for p in held.plan.parts if p.seat in samples],
        "rows": calibration.offsets(held.plan, samples, held.said.agreed),
    }


async def act(request: Request) -> Response:
    """Begin one, leave a seat out, set agreed values, or end it."""
    form = await request.form(max_files=0, max_fields=400)
    do, plan = text(form, "do", 20), None
    async with here(request) as state:
        stream = stream_here(request, state)
        held = held_of(request).of.get(stream.name)
        if do == "begin":
            chosen = [x for x in form.getlist("sub") if isinstance(x, str)]
            plan = _plan(request, stream, chosen, text(form, "k", 40))
    if do == "begin":
        if plan is None:
            return await overview(request, refused("calibration.nothing"))
        if held is None or held.plan.id != plan.id:
            held_of(request).begin(plan)
            await _announce(request, plan)
        return onward("/chief/calibration", "calibration_begun")
    if held is None:
        raise HTTPException(404, "unknown_page")
    said = held.said
    if do == "leave" and text(form, "seat", 130) in held.samples:
        said = Said((*said.left_out, text(form, "seat", 130)), said.agreed, said.closed)
    elif do == "agree":
        keys = [key for key in form if key.startswith("v:")]
        found = {key.removeprefix("v:"): exact.normalise(text(form, key, 20)) for key in keys}
        wrong = [value for value in found.values() if value and not exact.is_number(value)]
        if wrong:
            return await overview(request, refused("not_a_number", value=wrong[0]))
        said = Said(said.left_out, {key: value for key, value in found.items() if value}, said.closed)
    elif do == "close":
        said = Said(said.left_out, said.agreed, True)
    else:
        raise HTTPException(400, "malformed")
    held.say(said)
    return onward("/chief/calibration", "saved")


def _plan(request: Request, stream: Stream, chosen: list[str], key: str) -> Plan | None:
    """The plan for the chosen sub-criteria of one group ("group sub"), None where that is nothing."""
    group = chosen[0].partition(" ")[0] if chosen else ""
    rules = stream.groups.get(group)
    subs = tuple(sub for one in chosen for g, _, sub in [one.partition(" ")] if g == group)
    subs = tuple(sub for sub in subs if rules is not None and sub in rules.subs)
    parts = tuple(
        Part(seat.key, seat.label, seat.role)
        for seat in stream.seats.values()
        if seat.role in MARKERS and seat.key not in stream.left
    )
    if rules is None or not subs or not parts or len(key) != 32 or not key.isalnum():
        return None
    return Plan(key, stream.name, subs, calibration.part_of(rules, subs), parts, held_of(request).now())


async def _announce(request: Request, plan: Plan) -> None:
    """Judges hear of it where they are; that one could not be told keeps nothing back."""
    said = " ".join(words.say("calibration.announce", lang) for lang in words.LANGS)
    for part in plan.parts:
        answer = await submit(request, e.Announce(to=part.seat, text=said))
        if answer.a != "accepted":
            log.warning("the calibration was not announced: %s", answer.code)


async def printed(request: Request) -> Response:
    """The offsets on paper; there are none before all have signed."""
    async with here(request) as state:
        name = stream_here(request, state).name
    held = held_of(request).of.get(name)
    shown = _shown(held) if held is not None else {"rows": []}
    if held is None or not shown["rows"]:
        raise HTTPException(404, "unknown_page")
    labels = [label for _, label in shown["columns"]]
    seats = [seat for seat, _ in shown["columns"]]
    try:
        data = await asyncio.to_thread(
            calibration_pages.draw, shown["rows"], seats, labels, held.plan.begun, language(request)
        )
    except paper.FontMissing as missing:
        return await overview(request, refused("clerk.font_missing", fonts=", ".join(missing.looked[:4])))
    headers = {"content-disposition": 'inline; filename="calibration.pdf"'}
    return Response(data, headers=headers, media_type="application/pdf")


routes = [
    get("/seat/calibration/waits", waits, MARKING),
    get("/seat/calibration", sample, MARKING),
    socket("/live/calibration", line, MARKING),
    get("/chief/calibration", overview, CHIEF),
    post("/chief/calibration", act, CHIEF),
    get("/chief/calibration.pdf", printed, CHIEF),
]
