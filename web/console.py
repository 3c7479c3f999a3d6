"""The organizer's home and the accounts; joins the console's rooms.

A second person (``web.console_confirm``) stands behind official results, corrections, annulments and
unlocking. Supervisors read everything here and confirm; only organizers write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import clock
from compsys.bus import NotYet
from compsys.events import Answer, MakeAccount
from compsys.exchange.competition_file import natural
from compsys.state import State, Stream
from web import (
    console_advance,
    console_bounds,
    console_confirm,
    console_copies,
    console_explain,
    console_file,
    console_pins,
    console_promotion,
    console_results,
    console_run,
    console_scheme,
    console_seats,
    console_setup,
    console_unsent,
    console_whatif,
)
from web.access import ORGANIZER, SUPERVISOR, actor, desk_of, get, post, submit
from web.accounts import ACCOUNT_NAME, PASSWORD_LENGTH
from web.console_choices import called
from web.console_page import done_once, draw, kept, key_of_form, onward, text
from web.console_run import session_tally, stages_in_order, tally
from web.console_seats import keyless, seat_name, tablets
from web.console_setup import problems_shown
from web.logins import hash_password
from web.render import language
from web.waiting import waiting_of

if TYPE_CHECKING:
    from compsys.records import Stage

READERS = ORGANIZER | SUPERVISOR
SHOWN = 6
"""Problems on the first page; the rest stand on their own."""


# ---------------------------------------------------------------- home


async def home(request: Request) -> Response:
    """Where everything stands: what must be done, how far each session is, clocks, tablets."""
    desk, lang = desk_of(request), language(request)
    everything = request.url.path.endswith("/problems")
    if not desk.ready():
        raise NotYet("everything")
    async with desk.reading() as state:
        trades = [_trade(state, stage) for stage in stages_in_order(state)]
        live = live_problems(request, state, lang)
        still = [t["trade"] for t in trades if t["marking"] in ("setup", "drawn")]
        unfinished = [
            p for p in problems_shown(state, lang, desk) if p["trade"] in ("", *still) or not trades
        ]
        competition = state.setup.competition
        counts = {kind: len(state.setup.records.get(kind, {})) for kind in ("entry", "delegation", "trade")}
        clocks = _clocks(state)
        connected = tablets(request, state)
        steps = _steps(state)
        wishes = console_confirm.panel(request, state)
    problems = live + unfinished
    context = {
        "event": dict(competition.name) if competition else {},
        "counts": counts,
        "trades": trades,
        "columns": max((len(t["sessions"]) for t in trades), default=0),
        "problems": problems if everything else problems[:SHOWN],
        "more": len(problems) - SHOWN,
        "musts": sum(p["must"] for p in problems),
        "looks": sum(not p["must"] for p in problems),
        "everything": everything,
        "clocks": clocks,
        "tablets": connected,
        "steps": steps,
        "now": desk.now(),
        "wishes": wishes,
        "fault": desk.fault,
        "me": actor(request).id,
    }
    return draw(request, "console.html", "home", context)


def _trade(state: State, stage: Stage) -> dict[str, Any]:
    """A stage as a row of the completion table: a cell per session, over all its sites."""
    trade = state.setup.trades.get(stage.trade)
    streams = list(state.streams_of(stage.trade, stage.id))
    cells = []
    for stream in streams:
        for session in sorted(
            stream.sessions.values(), key=lambda s: (natural(s.component), s.batch, natural(s.id))
        ):
            facts = session_tally(stream, session.id)
            if facts["of"]:
                locked = stream.marking == "locked" or f"session:{session.id}" in stream.locks
                cells.append(
                    {
                        "name": dict(session.name),
                        "id": session.id,
                        "state": session.state,
                        "locked": locked,
                        **facts,
                    }
                )
    groups = [key for key in state.setup.groups if key.startswith(f"{stage.trade}/{stage.id}/")]
    results = [
        state.results[(stage.trade, stage.id, k.split("/")[2])]
        for k in groups
        if (stage.trade, stage.id, k.split("/")[2]) in state.results
    ]
    marking = [s.marking for s in streams] or ["setup"]
    rank = [r.state for r in results]
    return {
        "trade": stage.trade,
        "stage": stage.id,
        "name": dict(trade.name) if trade else {},
        "stage_name": dict(stage.name),
        "sessions": cells,
        "marking": min(marking, key=("setup", "drawn", "open", "locked").index),
        "result": "official"
        if rank and all(r == "official" for r in rank)
        else (rank[0] if rank else "none"),
        "version": results[0].versions[-1].version if results and results[0].versions else "",
        "several": sum(s.trade == stage.trade for s in state.setup.stages.values()) > 1,
        **_sum([tally(s) for s in streams]),
    }


def _sum(tallies: list[dict[str, int]]) -> dict[str, int]:
    done, of = sum(t["done"] for t in tallies), sum(t["of"] for t in tallies)
    return {"done": done, "of": of, "percent": 100 * done // of if of else 0}


def _steps(state: State) -> list[tuple[str, str, str]]:
    """The way of a competition with where it is: (word, state, where)."""
    streams = list(state.streams.values())
    stages = sum(len(s.sites) for s in state.setup.stages.values())
    groups = len(state.setup.groups)
    official = sum(r.state == "official" for r in state.results.values())
    public = sum("public" in r.released for r in state.results.values())
    done = [
        bool(stages) and sum(s.marking != "setup" for s in streams) >= stages,
        bool(stages) and sum(s.frozen for s in streams) >= stages,
        bool(stages) and sum(s.marking == "locked" for s in streams) >= stages,
        bool(groups) and official >= groups,
        bool(groups) and public >= groups and official >= groups,
    ]
    words = (
        ("setup", "/console/setup"),
        ("draw", "/console/run"),
        ("marking", "/console/run"),
        ("official", "/console/results"),
        ("release", "/console/results"),
    )
    now = done.index(False) if False in done else len(done)
    return [
        (w, "done" if i < now else "now" if i == now else "next", href) for i, (w, href) in enumerate(words)
    ]


def _clocks(state: State) -> list[dict[str, Any]]:
    """Sessions that run or rest: since when, until when."""
    found = []
    for stream in state.streams.values():
        trade = state.setup.trades.get(stream.trade)
        for session in stream.sessions.values():
            if session.state not in ("running", "paused"):
                continue
            ends = ""
            if session.minutes and session.state == "running":
                ends = clock.text(
                    clock.millis(session.started) + session.minutes * 60_000 + session.paused_ms
                )
            found.append(
                {
                    "trade": dict(trade.name) if trade else {},
                    "name": dict(session.name),
                    "state": session.state,
                    "started": session.started,
                    "ends": ends,
                    "href": f"/console/run/{stream.trade}/{stream.stage}",
                }
            )
    return sorted(found, key=lambda c: str(c["ends"] or "~"))[:5]


def waiting(stream: Stream) -> list[tuple[int, bool, str]]:
    """How many conflicts, spreads, late values and returned sheets wait: (count, must be solved, code)."""
    sheets = stream.sheets.values()
    return [
        (sum(any(c.others for c in s.cells.values()) for s in sheets), True, "live.conflicts"),
        (sum(bool(s.spread) for s in sheets), True, "live.spreads"),
        (sum(not x.settled for x in stream.late.values()), True, "live.late"),
        (sum(bool(s.returned) and not s.complete for s in sheets), False, "live.returned"),
    ]


def live_problems(request: Request, state: State, lang: str) -> list[dict[str, Any]]:
    """What waits for somebody while marking goes on: that it is there, never a value or a name."""
    found: list[dict[str, Any]] = []

    def add(must: bool, code: str, trade: str, href: str, *, about: str = "", **params: object) -> None:
        record = state.setup.trades.get(trade)
        who = called(state.setup, "trade", record, lambda _: None, lang) if record else trade
        row = {"must": must, "code": code, "params": params, "kind": "live", "who": who}
        found.append(row | {"trade": about, "href": href})

    for stream in state.streams.values():
        if not stream.frozen or stream.marking == "locked":
            continue
        where, trade = f"/console/run/{stream.trade}/{stream.stage}", stream.trade
        for n, brought in stream.imports.items():
            if not brought.confirmed_by:
                told = {"component": brought.component, "n": len(brought.rows)}
                add(True, "live.import_waits", trade, f"{where}#import-{n}", about=trade, **told)
        for count, must, code in waiting(stream):
            if count:
                add(must, code, trade, where, about=trade, n=count)
    if at_the_door := len(waiting_of(request).all()):
        add(True, "live.tablets_wait", "", "/console/seats", n=at_the_door)
    if aged := console_copies.aging(state, desk_of(request).now()):
        add(False, aged[0], "", "/console/copies", **aged[1])
    for device in keyless(request, state):
        trade, label = device.seat.split("/")[0], seat_name(state, device.seat)
        add(True, "live.no_key", trade, "/console/seats", seat=label)
    off: dict[str, list[str]] = {}
    for tablet in tablets(request, state):
        if tablet["look"] == "off" and tablet["standing"] == "active":
            off.setdefault(tablet["key"].split("/")[0], []).append(tablet["seat"])
    for trade, labels in off.items():
        add(False, "live.tablets_off", trade, "/console/seats", n=len(labels), seats=", ".join(labels))
    return sorted(found, key=lambda p: not p["must"])


# ---------------------------------------------------------------- accounts


async def accounts(
    request: Request,
    answer: Answer | None = None,
    wrong: dict[str, str] | None = None,
    values: dict[str, list[str]] | None = None,
) -> Response:
    """The accounts with their roles, and the form that makes one."""
    async with desk_of(request).reading() as state:
        rows = [(a.id, a.roles) for a in sorted(state.accounts.values(), key=lambda a: a.id)]
    context = {"rows": rows, "wrong": wrong or {}, "values": values or {}, "lengths": PASSWORD_LENGTH}
    return draw(
        request, "console_accounts.html", "accounts", context, answer=answer, status=422 if wrong else 0
    )


async def make_account(request: Request) -> Response:
    """Make an account, or give it another password and other roles."""
    form = await request.form(max_files=0, max_fields=12)
    name = text(form, "account", 40)
    known = ("organizer", "supervisor", "coding_officer", "officer")
    roles = tuple(role for role in known if role in form.getlist("role"))
    typed = form.get("password", "")
    password = typed if isinstance(typed, str) and len(typed) <= PASSWORD_LENGTH[1] else ""
    wrong = {}
    if not ACCOUNT_NAME.match(name):
        wrong["account"] = "account.bad_name"
    if len(password) < PASSWORD_LENGTH[0]:
        wrong["password"] = "account.short_password"  # noqa: S105 (a code of the catalogue)
    if not roles:
        wrong["role"] = "account.no_role"
    async with desk_of(request).reading() as state:
        organizers = {a.id for a in state.accounts.values() if "organizer" in a.roles}
    if organizers == {name} and "organizer" not in roles:
        wrong["role"] = "account.last_organizer"
    if wrong:
        return await accounts(request, wrong=wrong, values=kept(form))
    key = key_of_form(form)

    async def work() -> Answer:
        import asyncio

        secret = await asyncio.to_thread(hash_password, password)
        return await submit(request, MakeAccount(account=name, roles=roles, secret=secret), key=key)

    answer = await done_once(request, f"account {key}", work)
    if answer.a != "accepted":
        return await accounts(request, answer, values=kept(form))
    return onward("/console/accounts", "account")


async def unknown(request: Request) -> Response:
    """An address of the console that is no page."""
    raise HTTPException(404, "unknown_page")


routes = [
    get("/console", home, READERS),
    get("/console/problems", home, READERS),
    get("/console/accounts", accounts, READERS),
    post("/console/accounts", make_account, ORGANIZER),
    *console_seats.routes,
    *console_pins.routes,
    *console_scheme.routes,
    *console_setup.routes,
    *console_file.routes,
    *console_unsent.routes,
    *console_copies.routes,
    *console_run.routes,
    *console_results.routes,
    *console_explain.routes,
    *console_whatif.routes,
    *console_bounds.routes,
    *console_promotion.routes,
    *console_advance.routes,
]
