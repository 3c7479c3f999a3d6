"""The chief's locks and releases: scopes with what they lack; unlocking and official results by two.

The second person (``web.console_confirm``) is the organizer: by account and password on the spot, or in the
console. What an organizer has asked for is confirmed here, on the chief's own enrolled device.
"""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import events as e
from compsys.events import Answer
from compsys.publishing import AUDIENCES
from compsys.sessions import incomplete
from compsys.state import Stream
from web import chief_acceptance, console_confirm
from web.access import CHIEF, actor, get, post
from web.chief_page import here, not_open, show, stream_here
from web.console_page import act, onward, refused, text, words_of
from web.last_words import unsent_refusal, warned

# ---------------------------------------------------------------- locks, the freeze, releases


async def lock(request: Request, answer: Answer | None = None) -> Response:
    """Every scope with what it lacks; unlocking and official results with a second person; the freeze."""
    if (page := await not_open(request)) is not None:
        return page
    async with here(request) as state:
        stream = stream_here(request, state)
        scopes, names = [], dict(scopes_of(stream))
        for scope, name in names.items():
            missing = incomplete(stream, scope)
            scopes.append(
                {
                    "scope": scope,
                    "name": name,
                    "locked": bool({scope, "stage"} & set(stream.locks)),
                    "missing": missing[:40],
                    "count": len(missing),
                }
            )
        results = [
            {
                "group": group,
                "name": dict(state.setup.groups[f"{stream.trade}/{stream.stage}/{group}"].name),
                "state": state.results[key].state
                if (key := (stream.trade, stream.stage, group)) in state.results
                else "none",
                "version": state.results[key].versions[-1].version
                if key in state.results and state.results[key].versions
                else "",
            }
            for group in stream.groups
        ]
        context = {
            "scopes": scopes,
            "locks": [(s, scope_called(stream, s), names.get(s, {})) for s in sorted(stream.locks)],
            "frozen": bool(stream.standstill),
            "marking": stream.marking,
            "results": results,
            "audiences": AUDIENCES,
            "wishes": console_confirm.panel(request, state),
            "unaccepted": chief_acceptance.waiting(stream),
            **warned(request, state, stream.name),
            "me": actor(request).id,
        }
    return show(request, "chief_lock.html", "lock", context, answer)


def scopes_of(stream: Stream) -> list[tuple[str, dict[str, str]]]:
    """The scopes that can be locked as a whole: the stage, its modules, its sessions."""
    parts = {f"component:{c.id}": dict(c.name) for r in stream.groups.values() for c in r.components}
    times = {
        f"session:{s.id}": dict(s.name) for s in stream.sessions.values() if f"component:{s.id}" not in parts
    }
    return [("stage", {}), *parts.items(), *times.items()]


def scope_called(stream: Stream, scope: str) -> str:
    """A scope in words that name no unit id: a sheet by its code."""
    kind, _, what = scope.partition(":")
    if kind != "sheet":
        return scope
    unit, _, sub = what.partition(".")
    return f"{stream.units[unit].code} {sub}"


async def lock_act(request: Request) -> Response:
    """Lock a scope, ask to unlock it, freeze the board, ask for a result, confirm what another asked."""
    form = await request.form(max_files=0, max_fields=20)
    async with here(request) as state:
        stream = stream_here(request, state)
    do, said = text(form, "do"), "ruled"
    answer: Answer | None
    if do == "lock":
        async with here(request) as state:
            refusal = unsent_refusal(warned(request, state, stream.name), text(form, "reason"))
        shut = e.Lock(stream=stream.name, scope=text(form, "scope"), reason=text(form, "reason"))
        answer, said = refusal or await act(request, shut, form), "locked"
    elif do == "freeze":
        on = text(form, "on") == "1"
        command = e.Freeze(stream=stream.name, on=on, reason=text(form, "reason"))
        answer, said = await act(request, command, form), "frozen" if on else "moving"
    elif do == "unlock":
        wish = e.Unlock(
            stream=stream.name, scope=text(form, "scope"), reason=text(form, "reason"), confirmed_by=""
        )
        answer, said = await console_confirm.ask(request, form, wish), "unlocked"
    elif do == "publish":
        answer, said = await _publish(request, form, stream), "published"
    elif do == "confirm":
        if text(form, "say") == "drop":
            console_confirm.drop(request, form)
            return onward("/chief/lock", "dropped")
        answer, said = await console_confirm.confirm(request, form), "confirmed"
    else:
        raise HTTPException(400, "malformed")
    if answer is not None and answer.a != "accepted":
        return await lock(request, answer)
    return onward("/chief/lock", said if answer else "asked")


async def missed(request: Request) -> Response:
    """Record the sheets for which no expert came, so that the day can end."""
    form = await request.form(max_files=0, max_fields=420)
    async with here(request) as state:
        command = chief_acceptance.missed(form, stream_here(request, state))
    answer = await act(request, command, form)
    return await lock(request, answer) if answer.a != "accepted" else onward("/chief/lock", "ruled")


async def _publish(request: Request, form: FormData, stream: Stream) -> Answer | None:
    """A provisional result at once, an official one with the organizer's confirmation."""
    rank: Any = text(form, "rank")
    audience: Any = text(form, "audience")
    if rank not in ("provisional", "official") or audience not in AUDIENCES:
        raise HTTPException(400, "malformed")
    command = e.Publish(
        trade=stream.trade,
        stage=stream.stage,
        group=text(form, "group"),
        rank=rank,
        audience=audience,
        reason=text(form, "reason"),
        note=words_of(form, "note"),
    )
    if rank == "provisional":
        return await act(request, command, form)
    if stream.marking != "locked":
        return refused("not_locked")
    return await console_confirm.ask(request, form, command)


routes = [
    get("/chief/lock", lock, CHIEF),
    post("/chief/lock", lock_act, CHIEF),
    post("/chief/lock/missed", missed, CHIEF),
]
