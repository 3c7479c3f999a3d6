"""The second pair of eyes: an official result, a correction, an annulment or an unlocking needs two people.

There are two ways, and no third. Both prove the second person by what only that person has:

- on the spot: the second person types their own account and password into the first person's form; the
  password is checked (and throttled) like a login, and must be another account's, organizer or supervisor;
- on their own screen: the form is sent without; then the act waits as a *wish*. An organizer or supervisor
  sees it in the console and confirms with their own password typed there; a chief expert's seat sees the
  wishes of its own stage on its enrolled tablet and confirms there.

Only then is the one command given, by its first person, under the key of the first form, with
``confirmed_by`` = the second person's account (or seat). The core refuses when both are the same. Wishes
are kept in this process for half an hour; a restart drops them, and nothing has happened then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.datastructures import FormData
from starlette.requests import Request

from compsys import words
from compsys.beside import prepare
from compsys.events import Actor, Annul, Answer, Call, Command, DecideIncident, Publish, Unlock
from web import console_awards
from web.access import actor, desk_of, settings_of, visitor
from web.console_page import key_of_form, memory_of, refused, text
from web.logins import address, fresh_login, logins_of
from web.render import language

if TYPE_CHECKING:
    from compsys.records import Group, Stage, Trade
    from compsys.state import Setup, State

KEPT_SECONDS = 30 * 60.0
MOST = 200
CONFIRMERS = frozenset({"organizer", "supervisor"})
Confirmable = Publish | Annul | Unlock | DecideIncident


@dataclass(frozen=True, slots=True)
class Wish:
    """An act that its first person has asked for: the call as it will be given, and what became of it."""

    key: str
    who: Actor
    device: str
    command: Confirmable
    at: float
    answer: Answer | None = None

    @property
    def place(self) -> tuple[str, str]:
        """The trade and stage it concerns."""
        if isinstance(self.command, Unlock | DecideIncident):
            trade, stage, _ = self.command.stream.split(".")
            return trade, stage
        return self.command.trade, self.command.stage


def waiting(request: Request) -> list[Wish]:
    """The wishes that this visitor may confirm (or has asked for) and that are neither done nor too old."""
    wishes = memory_of(request).wishes
    now = settings_of(request).seconds()
    for key in [key for key, wish in wishes.items() if now - wish.at > KEPT_SECONDS]:
        del wishes[key]
    who = actor(request)
    found = [wish for wish in wishes.values() if wish.answer is None]
    if who.kind == "seat":
        mine = tuple(who.id.split("/")[:2])
        found = [wish for wish in found if wish.place == mine]
    return found


async def ask(request: Request, form: FormData, command: Confirmable) -> Answer | None:
    """Give the command when a second person stands in the form; None when it now waits for one.

    Refusals: same_person, login_failed, throttled, and what the core says.
    """
    key = key_of_form(form)
    wishes = memory_of(request).wishes
    if key in wishes and wishes[key].answer is not None:
        return wishes[key].answer
    second = text(form, "second", 60)
    if second:
        if second == actor(request).id:
            return refused("same_person")
        async with desk_of(request).reading() as state:
            able = may_confirm(state, second)
        logins = logins_of(request)
        typed = form.get("second_password", "")
        password = typed if isinstance(typed, str) else ""
        right, wait = await logins.prove(desk_of(request), second, password, address(request))
        if not right or not able:
            return refused("throttled", seconds=str(int(wait) + 1)) if wait >= 1 else refused("login_failed")
    wish = wishes.get(key) or _wish(request, key, command)
    if second:
        return await give(request, wish, second)
    problem = foreseen(wish)
    if problem is not None:
        return problem
    wishes[key] = wish
    while len(wishes) > MOST:
        wishes.popitem(last=False)
    return None


def foreseen(wish: Wish) -> Answer | None:
    """What the core would refuse whoever confirms: better said at once to the first person."""
    command = wish.command
    if isinstance(command, (Annul, Unlock, DecideIncident)) and not command.reason.strip():
        return refused("reason_missing")
    return None


def _wish(request: Request, key: str, command: Confirmable) -> Wish:
    who = visitor(request)
    first = actor(request)
    device = who.device.id if who.device and first.kind == "seat" else ""
    return Wish(key, first, device, command, settings_of(request).seconds())


def may_confirm(state: State, account: str) -> bool:
    """Whether an account may be a second person."""
    known = state.accounts.get(account)
    return known is not None and bool(CONFIRMERS & set(known.roles))


async def give(request: Request, wish: Wish, second: str) -> Answer:
    """Give the wished command, confirmed by ``second``; the same wish again has the same answer."""
    wishes = memory_of(request).wishes
    command: Command = msgspec.structs.replace(wish.command, confirmed_by=second)
    if isinstance(command, Publish):
        await prepare(desk_of(request), (command.trade, command.stage, command.group))
    answer = await desk_of(request).submit(
        Call(key=wish.key, actor=wish.who, command=command, device=wish.device)
    )
    if answer.a == "accepted":
        wishes[wish.key] = replace(wish, answer=answer)
    elif answer.a == "refused":
        wishes.pop(wish.key, None)  # a refusal is final for its key: it has to be asked anew
    return answer


async def confirm(request: Request, form: FormData) -> Answer:
    """The second person confirms on their own screen: an account by its password, a seat by its device.

    Refusals: unknown_record (no such wish any more), same_person, login_failed, not_yours, the core's.
    """
    wish = memory_of(request).wishes.get(text(form, "wish", 64))
    if wish is None:
        return refused("unknown_record")
    if wish.answer is not None:
        return wish.answer
    who = actor(request)
    if who.id == wish.who.id:
        return refused("same_person")
    if who.kind == "seat":
        if tuple(who.id.split("/")[:2]) != wish.place:
            return refused("not_yours")
    else:
        password = form.get("password", "")
        if not isinstance(password, str) or not password or not await fresh_login(request, password):
            return refused("login_failed")
    return await give(request, wish, who.id)


def drop(request: Request, form: FormData) -> None:
    """Take a wish back (its first person) or decline it (a second one): nothing has happened."""
    key = text(form, "wish", 64)
    wish = memory_of(request).wishes.get(key)
    if wish is not None and wish.answer is None and wish in waiting(request):
        del memory_of(request).wishes[key]


def panel(request: Request, state: State, place: tuple[str, str] | None = None) -> list[dict[str, Any]]:
    """What waits for a second person (``place``: of one trade and stage), as pages show it."""
    lang = language(request)
    wishes = [w for w in waiting(request) if place is None or w.place == place]
    return [shown(w, state.setup, lang) | _takes(request, state, w) for w in wishes]


def _takes(request: Request, state: State, wish: Wish) -> dict[str, Any]:
    """What the version that waits would take and give: the second person sees it before confirming."""
    command = wish.command
    if not isinstance(command, Publish) or command.rank != "official":
        return {"awards": ()}
    where = (command.trade, command.stage, command.group)
    return {"awards": console_awards.changes(state, desk_of(request), where)}


def shown(wish: Wish, setup: Setup, lang: str) -> dict[str, str]:
    """A wish as pages show it: what, where, who asked, with which words."""
    command, (trade, stage) = wish.command, wish.place
    kinds = {"Publish": "publish", "Annul": "annul", "Unlock": "unlock", "DecideIncident": "incident"}
    kind = kinds[type(command).__name__]
    if isinstance(command, DecideIncident):
        scope = f"{command.amount} {command.component}"
    elif isinstance(command, Unlock):
        scope = words.say("chief.scope_stage", lang) if command.scope == "stage" else command.scope
    else:
        scope = _named(setup.groups.get(f"{trade}/{stage}/{command.group}"), command.group, lang)
    seat = setup.seats.get(wish.who.id)
    return {
        "key": wish.key,
        "kind": kind,
        "who": wish.who.id,
        "by": words.say("seat.label", lang, seat=seat.label or seat.id) if seat else wish.who.id,
        "trade": _named(setup.trades.get(trade), trade, lang),
        "stage": _named(setup.stages.get(f"{trade}/{stage}"), stage, lang),
        "scope": scope,
        "reason": command.reason,
        "audience": getattr(command, "audience", ""),
        "rank": getattr(command, "rank", ""),
    }


def _named(record: Trade | Stage | Group | None, key: str, lang: str) -> str:
    return (words.pick(record.name, lang) if record else "") or key
