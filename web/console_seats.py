"""The console's seats: their judges, one-time links and devices, and which tablets are connected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from compsys import clock
from compsys.events import Answer, RevokeDevice
from compsys.exchange.competition_file import natural
from compsys.state import State
from web.access import ORGANIZER, SUPERVISOR, actor, base_of, desk_of, get, post, settings_of
from web.console_choices import called
from web.console_page import act, done_once, draw, key_of_form, made_once, onward, refused, text
from web.console_run import stages_in_order
from web.enrol import LINK_MINUTES, SLIP_HOURS, issue_link, qr_svg
from web.last_words import unsent
from web.live import live_of
from web.pins import locked_pins
from web.ready import fingerprint
from web.render import language
from web.statics import shelf
from web.waiting import waiting_of

if TYPE_CHECKING:
    from compsys.desk import Desk
    from compsys.state_access import Device

READERS = ORGANIZER | SUPERVISOR
SILENT = 20.0
"""Seconds after which a connected tablet deserves a look."""


def tablets(request: Request, state: State) -> list[dict[str, Any]]:
    """Every tablet of a seat that marks (``last_words.unsent``): whether it is connected, and how long it has
    been silent."""
    found = []
    for row in unsent(live_of(request).tablets, state):
        seat = state.setup.seats[row["key"]]
        look = "off" if not row["connected"] else "slow" if row["silent"] > SILENT else "ok"
        trade = state.setup.trades.get(seat.trade)
        found.append(row | {"look": look, "trade_id": seat.trade, "trade": dict(trade.name) if trade else {}})
    return sorted(found, key=lambda t: natural(t["key"]))


def keyless(request: Request, state: State) -> list[Device]:
    """The devices whose cookie came without their own key, for as long as they may act."""
    found = [state.devices.get(name) for name in live_of(request).tablets.without_key]
    return [device for device in found if device is not None and device.standing == "active"]


# ---------------------------------------------------------------- seats, links, devices


async def seats(
    request: Request, answer: Answer | None = None, fresh: dict[str, Any] | None = None
) -> Response:
    """Every seat with its judge and devices; fresh links (``links``, ``slip``, ``expires``) stand on top,
    big, to be scanned or printed."""
    desk, lang = desk_of(request), language(request)
    at = request.query_params.get("at", "")
    async with desk.reading() as state:
        connected: dict[str, list[dict[str, Any]]] = {}
        for row in tablets(request, state):
            connected.setdefault(row["key"], []).append(row)
        stages = []
        for stage in stages_in_order(state):
            key = f"{stage.trade}/{stage.id}"
            if at and key != at:
                continue
            trade = state.setup.trades.get(stage.trade)
            rows = [
                _seat_row(state, k, connected, desk, lang)
                for k in sorted(state.setup.seats, key=natural)
                if k.startswith(key + "/")
            ]
            stages.append(
                {
                    "key": key,
                    "name": dict(trade.name) if trade else {},
                    "stage_name": dict(stage.name),
                    "rows": rows,
                }
            )
        locked = locked_pins(state)
        waits = [
            {"id": one.id, "seat": seat_name(state, one.seat), "words": one.words}
            for one in waiting_of(request).all()
        ]
    context = {
        "stages": stages,
        "waits": waits,
        "locked": locked,
        "links": [],
        "now": desk.now(),
        "hours": SLIP_HOURS,
        "minutes": LINK_MINUTES,
        "left": 0,
        "ready": ready_of(request),
        "page_now": shelf()[0],
        **(fresh or {}),
    }
    return draw(request, "console_seats.html", "seats", context, answer=answer)


def ready_of(request: Request) -> dict[str, Any]:
    """What the office compares with a new tablet: the venue's fingerprint, and where it is made ready."""
    settings = settings_of(request)
    url = f"{settings.plain or settings.base}/ready"
    return {"url": url, "qr": qr_svg(url), "root": fingerprint(settings.root, language(request))}


def _seat_row(
    state: State, key: str, connected: dict[str, list[dict[str, Any]]], desk: Desk, lang: str
) -> dict[str, Any]:
    seat = state.setup.seats[key]
    judge = state.setup.judges.get(seat.judge)
    open_link = any(link.seat == key and not link.spent for link in state.links.values())
    devices = [d.id for d in state.devices.values() if d.seat == key and not d.revoked]
    pin = state.pins.get(key)
    return {
        "key": key,
        "label": seat.label or seat.id,
        "role": seat.role,
        "panel": seat.panel,
        "site": seat.site,
        "judge": called(state.setup, "judge", judge, desk.names, lang) if judge else "",
        "devices": devices,
        "pin": pin is not None,
        "link": open_link,
        "tablet": next((t for t in connected.get(key, ()) if t["standing"] == "active"), None),
        "earlier": [t for t in connected.get(key, ()) if t["standing"] == "draining"],
    }


def _way(form: FormData) -> tuple[bool, int]:
    """(whether the links are slips to be printed, minutes they hold)."""
    if text(form, "way") != "slips":
        return False, LINK_MINUTES
    hours = text(form, "hours", 3)
    chosen = int(hours) if hours.isdigit() else 0
    return True, 60 * (chosen if chosen in SLIP_HOURS else SLIP_HOURS[0])


async def make_links(request: Request) -> Response:
    """One-time links for the chosen seats, each as URL and QR: on the screen for minutes, or to be printed
    for the hours chosen. Sent again, the form shows the same links."""
    form = await request.form(max_files=0, max_fields=400)
    wanted = [key for key in form.getlist("seat") if isinstance(key, str)][:200]
    base, who, desk = base_of(request), actor(request), desk_of(request)
    key, (slip, minutes) = key_of_form(form), _way(form)
    chosen = made_once(request, f"seats {key}", lambda: tuple(wanted))
    ends = clock.millis(desk.now()) + minutes * 60_000
    expires = made_once(request, f"until {key}", lambda: clock.text(ends))

    async def work() -> list[tuple[str, str, Answer]]:
        return [
            (seat, *await issue_link(desk, seat, who, base, minutes=minutes, slip=slip)) for seat in chosen
        ]

    made = await done_once(request, f"links {key}", work)
    bad = next((answer for _, url, answer in made if not url), None)
    links = []
    async with desk.reading() as state:
        for seat_key, url, _ in made:
            seat = state.setup.seats.get(seat_key)
            if url and seat:
                trade = state.setup.trades.get(seat.trade)
                links.append(
                    {
                        "key": seat_key,
                        "seat": seat.label or seat.id,
                        "role": seat.role,
                        "url": url,
                        "qr": qr_svg(url),
                        "trade": dict(trade.name) if trade else {},
                    }
                )
    left = max(0, clock.millis(expires) - clock.millis(desk.now())) // 1000
    return await seats(request, bad, {"links": links, "slip": slip, "expires": expires, "left": left})


async def approve(request: Request) -> Response:
    """Let a tablet in whose four words are the same there and here, or turn it away."""
    form = await request.form(max_files=0, max_fields=8)
    word: Literal["yes", "no"] = "yes" if text(form, "say") == "yes" else "no"
    if not waiting_of(request).say(text(form, "wait", 40), word, actor(request).id):
        return await seats(request, refused("enrol_over"))
    return onward("/console/seats", "let_in" if word == "yes" else "turned_away")


def seat_name(state: State, key: str) -> str:
    """What a seat is called in lists: its label."""
    seat = state.setup.seats.get(key)
    return (seat.label or seat.id) if seat else key


async def revoke(request: Request) -> Response:
    """Take a device's right to act, at once."""
    form = await request.form(max_files=0, max_fields=8)
    answer = await act(request, RevokeDevice(device=text(form, "device"), reason=text(form, "reason")), form)
    return await seats(request, answer) if answer.a != "accepted" else onward("/console/seats", "revoked")


routes = [
    get("/console/seats", seats, READERS),
    post("/console/seats/links", make_links, ORGANIZER),
    post("/console/seats/approve", approve, ORGANIZER),
    post("/console/seats/revoke", revoke, ORGANIZER),
]
