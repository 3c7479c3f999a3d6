"""What the commands about holders ask of the desk: links for persons or a delegation, corrections settled."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

from compsys import clock, control, holder_desk, holder_papers, passwords
from compsys import events as e
from compsys.commands_holder import RevokeHolderLink
from compsys.credentials.statement import issuer_of
from compsys.desk import Desk
from compsys.holders import DAY
from compsys.state import State
from compsys.vault_holder import question

Params = dict[str, Any]
FIELDS = ("id", "person", "t", "state", "settled", "by")
"""What is told of a correction."""


def _persons(desk: Desk, state: State, params: Params) -> list[str] | e.Refused:
    """The persons meant: by id, whole name or certificate number; or all of a delegation that have papers."""
    held = state.credentials
    if wanted := params.get("delegation", ""):
        rows = ((held.row(one).delegation, one.person) for one in held.held.values())
        return sorted({person for place, person in rows if place == wanted})
    found: list[str] = []
    for who in params["which"]:
        named = [p for p in held.persons if (i := desk.names(p)) is not None and who in i.name.values()]
        known = held.find(who)
        meant = [who] if who in held.persons else [known.person] if known else named
        if len(meant) != 1:
            code = "holder.several" if meant else "holder.nobody"
            return e.Refused(code, {"who": who[:80], "known": " ".join(meant[:8])} if meant else {})
        found += meant
    return list(dict.fromkeys(found))


def _told(answer: e.Answer) -> Params:
    return {"a": answer.a, "code": answer.code, "params": dict(answer.params)}


async def link(desk: Desk, params: Params) -> Params:
    """New private links; who can be asked nothing, or sees nothing yet, is left out and named (of a
    delegation), or stops the command."""
    async with desk.reading(e.COMPETITION) as state:
        found = _persons(desk, state, params)
        if isinstance(found, e.Refused):
            return {"a": "refused", "code": found.code, "params": dict(found.params)}
        left = [
            (p, "holder.no_question" if holder_papers.issued(state, p) else "holder.nothing_issued")
            for p in found
            if not (holder_papers.issued(state, p) and question(desk.names(p))[0])
        ]
    if left and not params.get("delegation"):
        return {"a": "refused", "code": left[0][1], "params": {"person": left[0][0]}}
    going = [person for person in found if person not in dict(left)]
    expires = clock.text(clock.millis(desk.now()) + int(params["days"]) * DAY)
    links, answer = await holder_desk.issue(desk, going, expires, control.OFFICE, slip=params["slip"])
    async with desk.reading(e.COMPETITION) as state:
        rows = [_row(desk, state, one, params.get("base", "")) for one in links]
    return _told(answer) | {"links": rows, "expires": expires, "left": [list(pair) for pair in left]}


def _row(desk: Desk, state: State, made: holder_desk.Link, base: str) -> Params:
    held = state.credentials
    papers = [held.held[key] for key in holder_papers.issued(state, made.person)]
    who = desk.names(made.person)
    where = base or issuer_of(state, papers[-1]).base
    return {
        "person": made.person,
        "name": dict(who.name) if who else {},
        "numbers": [one.number for one in papers],
        "url": f"{where.rstrip('/')}/holder#{made.token}",
    }


async def revoke(desk: Desk, params: Params) -> Params:
    """End a person's link."""
    async with desk.reading(e.COMPETITION) as state:
        found = _persons(desk, state, params)
    if isinstance(found, e.Refused):
        return {"a": "refused", "code": found.code, "params": dict(found.params)}
    answer = e.Answer(k="", a="refused", code="holder.nobody")
    for person in found:
        answer = await holder_desk.do(desk, control.OFFICE, RevokeHolderLink(person=person))
        if answer.a != "accepted":
            break
    return _told(answer)


async def corrections(desk: Desk, params: Params) -> list[Params]:
    """Corrections that wait (``all``: all there ever were), with what the vault has of them; ``files``: with
    what is enclosed."""
    async with desk.reading(e.COMPETITION) as state:
        held = state.holders
        ids = held.corrections if params["all"] else sorted(held.waiting)
        found = [{name: getattr(held.corrections[one], name) for name in FIELDS} for one in ids]
        stale = {one["person"]: len(holder_papers.stale(state, one["person"])) for one in found}
    rows = []
    for one in found:
        person, id_ = one["person"], one["id"]
        asked, who = (await holder_desk.notes(desk, person)).asked.get(id_), desk.names(person)
        now = dict(who.name) if who else {}
        more: Params = {"name": {}, "words": "", "answer": "", "file": "", "now": now}
        if asked is not None:
            more |= {"name": asked.name, "words": asked.words, "answer": asked.answer, "file": asked.file}
        if params["files"] and more["file"] and one["state"] == "waiting":
            data = await desk.in_thread(lambda p=person, i=id_: desk.vault.beside(p, f"file-{i}"))  # type: ignore[misc]  # bound at once
            more["data"] = base64.b64encode(data or b"").decode()
        rows.append(one | more | {"stale": stale[person] if one["state"] == "accepted" else 0})
    return rows


async def settle(desk: Desk, params: Params) -> Params:
    """Accept or refuse a correction as the officer ``by``, whose ``password`` must be right."""
    async with desk.reading(e.COMPETITION) as state:
        account = state.accounts.get(params["by"])
        begun = [one for one in state.holders.corrections if one.startswith(params["id"])]
    if not await asyncio.to_thread(passwords.right, params["password"], account.secret if account else ""):
        return {"a": "refused", "code": "login_failed", "params": {}}
    id_ = begun[0] if len(begun) == 1 else params["id"]
    if not params["accept"]:
        return _told(await holder_desk.refuse(desk, id_, control.OFFICE, params["words"], params["by"]))
    done = await holder_desk.accept(desk, id_, control.OFFICE, params["words"], params["by"])
    return _told(done.answer) | {"reissued": len(done.reissued)}


control.ACTIONS |= {
    "holder_link": link,
    "holder_revoke": revoke,
    "holder_corrections": corrections,
    "holder_settle": settle,
}
