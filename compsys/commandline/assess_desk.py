"""What ``compsys credential`` asks the desk about assessments: batches opened, lists looked at and taken."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from compsys import assessed, assessing, control, passwords, vault
from compsys import commands_assessment as a
from compsys import events as e
from compsys.desk import Desk
from compsys.exchange import assessment_file, lists_look, lists_tell
from compsys.exchange import lists_fields as lf
from compsys.exchange.assessment_told import worded
from compsys.exchange.lists_candidates import Bodies, Candidates, Desired, PartMarks, Sitter
from compsys.exchange.lists_findings import Finding, Look
from compsys.exchange.lists_look import Wish
from compsys.exchange.lists_people import Known
from compsys.state import Setup, State
from compsys.state_assessment import Held
from compsys.vault import Identity

Params = dict[str, Any]
SHORTEST = 10
"""Characters of a password, as on the page of accounts."""


def _answer(code: str, params: dict[str, str] | None = None) -> Params:
    found: Params = msgspec.to_builtins(e.Answer(k="", a="refused", code=code, params=params or {}))
    return found


async def _put(desk: Desk, command: e.AnyCommand, actor: e.Actor = control.OFFICE) -> Params:
    call = e.Call(key=desk.fresh(), actor=actor, command=command)
    found: Params = msgspec.to_builtins(await desk.submit(call))
    return found


async def actor_of(desk: Desk, account: str, password: str) -> e.Actor | None:
    """The account as an actor once its password was right; "" is the office on this machine; else None."""
    if not account:
        return control.OFFICE
    async with desk.reading() as state:
        held = state.accounts.get(account)
    if not await asyncio.to_thread(passwords.right, password, held.secret if held else ""):
        return None
    return e.Actor("account", account, held.roles if held else ())


async def as_account(desk: Desk, params: Params) -> Params:
    """Put a ``command`` as an ``account`` ("" the office) whose ``password`` is right; the answer."""
    actor = await actor_of(desk, params["account"], params["password"])
    if actor is None:
        return _answer("login_failed")
    command: e.AnyCommand = msgspec.convert(params["command"], e.AnyCommand)
    return await _put(desk, command, actor)


async def make_account(desk: Desk, params: Params) -> Params:
    """An account with a ``role`` and a ``password``; one that is too short is refused."""
    if len(params["password"]) < SHORTEST:
        return _answer("account.short_password")
    salt = bytes.fromhex(desk.fresh())
    secret = await asyncio.to_thread(passwords.hashed, params["password"], salt)
    return await _put(desk, e.MakeAccount(account=params["account"], roles=(params["role"],), secret=secret))


# ---------------------------------------------------------------- a batch


async def begin(desk: Desk, params: Params) -> Params:
    """Open the batch of a file (``data``, ``rules``: texts): its people into the register, then the batch."""
    try:
        found = assessment_file.load(params["data"].encode())
        people = [(whom, assessment_file.identity_of(whom)) for whom in found.people]
    except assessment_file.Unreadable as error:
        return _answer(error.code, error.params)
    persons: dict[tuple[str, str], str] = {}
    fresh: dict[str, Identity] = {}
    for whom, who in people:
        known = await desk.in_thread(lambda who=who: desk.vault.find(who.id_type, who.id_number))  # type: ignore[misc]  # the default binds it
        same = [p for p, said in fresh.items() if said.id_number == who.id_number]
        person = next(iter((*known, *same)), f"p{desk.fresh()[:12]}")
        persons[whom.name, whom.id_number] = person
        if not known and not same:
            fresh[person] = who
    if fresh:
        answer = await _bound(desk, fresh)
        if answer["a"] != "accepted":
            return answer
    for one in found.assessors:
        kin = tuple(persons[k.name, k.id_number] for k in one.kin)
        person = persons[one.name, one.id_number]
        named = a.NameAssessor(
            person=person, grade=one.grade, since=one.since, until=one.until, bodies=one.bodies, kin=kin
        )
        async with desk.reading() as state:
            there = state.assessments.assessors.get(person)
        said = (named.grade, named.since, named.until, named.bodies, named.kin)
        if there is None or (there.grade, there.since, there.until, there.bodies, there.kin) != said:
            answer = await _put(desk, named)
            if answer["a"] != "accepted":
                return answer
    return await _put(desk, assessment_file.opening(found, params["rules"], persons))


async def _bound(desk: Desk, fresh: dict[str, Identity]) -> Params:
    """Persons into vault and register, each bound by a commitment."""
    binding = []
    for person, who in fresh.items():
        salt = desk.fresh()
        made = vault.commitment(salt, vault.canonical(who))
        binding.append(e.BindPerson(person=person, commitment=made, salt=salt))
    # The names first: a record whose person has no name yet would be worse than a name nobody refers to.
    await desk.put_persons(list(fresh.items()))
    items = tuple(e.Define(kind="person", id=person, value={"id": person}) for person in fresh)
    return await _put(desk, e.DefineAll(items=items, persons=tuple(binding)))


# ---------------------------------------------------------------- lists


async def _looked(desk: Desk, params: Params, kind: str) -> tuple[Look, list[Desired], PartMarks | None]:
    """A list held against its batch (``path``, ``batch``): what it says of candidates, or of marks."""
    path = Path(params["path"])
    with await asyncio.to_thread(path.open, "rb") as handle:
        opened = await asyncio.to_thread(lists_look.begin, handle, path.name, Wish(kind), {})
        header = opened.header
        if header is None:
            return opened.look, [], None
        async with desk.reading() as state:
            held = state.assessments.batches[params["batch"]]
            known = _known(desk, state)
            bodies, sitters = _bodies(desk, state, held), _sitters(desk, held)
        if kind == lf.CANDIDATES:
            reader = Candidates(opened.look, header, known, bodies, desk.fresh)
            await asyncio.to_thread(lists_look.read, opened, reader)
            return opened.look, reader.found, None
        marks = PartMarks(opened.look, header, sitters)
        await asyncio.to_thread(lists_look.read, opened, marks)
        return opened.look, [], marks


def _known(desk: Desk, state: State) -> Known:
    setup = Setup(state.setup.competition, {k: dict(held) for k, held in state.setup.records.items()})
    persons = setup.records.get("person", {})
    return Known(setup, {p: who for p in persons if (who := desk.names(p)) is not None})


def _bodies(desk: Desk, state: State, held: Held) -> Bodies:
    issuer = state.credentials.issuer(held.opened.issuer)
    assert issuer is not None
    said = [issuer.id, *issuer.name.values(), issuer.filing.code if issuer.filing else issuer.id]
    names: dict[str, str] = {}
    for person in state.assessments.assessors:
        who = desk.names(person)
        for text in (*who.name.values(), who.id_number) if who is not None else ():
            names[lf.compared(text)] = person
    return Bodies(issuer.id, frozenset(map(lf.compared, said)), names)


def _sitters(desk: Desk, held: Held) -> list[Sitter]:
    found = []
    for person, row in held.candidates.items():
        who = desk.names(person)
        name = next(iter(who.name.values()), "") if who is not None else ""
        parts = tuple(part for part, _ in row.parts)
        found.append(Sitter(person, name, who.id_number if who is not None else "", parts))
    return found


async def candidates(desk: Desk, params: Params) -> Params:
    """Look at a list of candidates and, unless ``dry_run``, admit them (``partly``: those that may be)."""
    no = await _batch_missing(desk, params)
    if no is not None:
        return {"answer": no}
    look, wanted, _ = await _looked(desk, params, lf.CANDIDATES)
    rows, people = await _admissible(desk, params, look, wanted)
    told: Params = {"look": lists_tell.as_data(look, params["lang"]), "answer": None, "admitted": len(rows)}
    told["takes"] = bool(rows) and not look.stopped
    told["checks"] = 0
    if params["dry_run"] or not told["takes"] or (look.counts["error"] and not params["partly"]):
        return told
    known = {d.who.person: d.who.identity for d in people if not d.who.fresh and d.who.added}
    fresh = {d.who.person: d.who.identity for d in people if d.who.fresh}
    await desk.put_persons(list(fresh.items()))
    made = []
    for row in rows:
        bound = ""
        if row.person in fresh:
            bound = await desk.in_thread(lambda p=row.person: _commitment(desk, p, fresh[p]))  # type: ignore[misc]  # the default binds it
        made.append(msgspec.structs.replace(row, commitment=bound))
    command = a.AdmitCandidates(batch=params["batch"], rows=tuple(made), digest=look.digest)
    told["answer"] = await _put(desk, command)
    if told["answer"]["a"] == "accepted" and known:
        await desk.put_persons(list(known.items()))
    async with desk.reading() as state:
        held = state.assessments.batches[params["batch"]]
        told["checks"] = sum(held.candidates[row.person].admission == "check" for row in rows
                             if row.person in held.candidates)  # fmt: skip
    return told


def _commitment(desk: Desk, person: str, who: Identity) -> str:
    return vault.commitment(desk.vault.salt(person), vault.canonical(who))


async def _admissible(
    desk: Desk, wish: Params, look: Look, wanted: list[Desired]
) -> tuple[list[a.Candidacy], list[Desired]]:
    """Who of a list may be admitted; who may not is a finding with the reason of the rules."""
    rows, people = [], []
    async with desk.reading() as state:
        held = state.assessments.batches[wish["batch"]]
        earlier = assessing.related(state, held.opened)
        for one in wanted:
            if one.who.person in held.candidates:
                look.count(one.row, one.who.shown, "same")
                continue
            stop, made = assessing.candidate(state, held, one.candidacy, earlier)
            if stop is not None:
                params = worded({**stop.params, **_named(desk, stop.params, one)}, wish["lang"])
                look.findings.append(Finding("error", one.row, 0, stop.code, params))
                look.count(one.row, one.who.shown, "error")
                continue
            if made.admission == "check":
                said = {"person": one.who.shown, "missing": " ".join(made.missing)}
                params = worded(said, wish["lang"])
                look.findings.append(Finding("warning", one.row, 0, "assessment.uncleared", params))
            look.count(one.row, one.who.shown, "new")
            rows.append(one.candidacy)
            people.append(one)
    look.findings.sort(key=lambda finding: finding.row)
    return rows, people


def _named(desk: Desk, params: Mapping[str, str], one: Desired) -> dict[str, str]:
    """The persons of a refusal by name: the candidate as the list has it, an assessor as registered."""
    known = {one.who.person: one.who.shown}
    said = {}
    for key in ("person", "candidate"):
        person = params.get(key, "")
        who = desk.names(person) if person else None
        said[key] = known.get(person) or (next(iter(who.name.values()), person) if who else person)
    return {key: name for key, name in said.items() if name}


async def _batch_missing(desk: Desk, params: Params) -> Params | None:
    async with desk.reading() as state:
        if params["batch"] in state.assessments.batches:
            return None
    return _answer("assessment.unknown", {"batch": params["batch"]})


async def marks(desk: Desk, params: Params) -> Params:
    """Look at a list of marks and, unless ``dry_run``, enter them as an ``account``; a list with one wrong
    row enters none."""
    actor = await actor_of(desk, params["account"], params["password"])
    if actor is None:
        return {"answer": _answer("login_failed")}
    no = await _batch_missing(desk, params)
    if no is not None:
        return {"answer": no}
    look, _, reader = await _looked(desk, params, lf.PART_MARKS)
    found = reader.found if reader is not None else []
    told: Params = {"look": lists_tell.as_data(look, params["lang"]), "answer": None, "entered": len(found)}
    told["takes"] = bool(found) and not look.stopped and not look.counts["error"]
    if params["dry_run"] or not told["takes"]:
        return told
    command = a.EnterMarks(
        batch=params["batch"], via=params["via"], rows=tuple(found), digest=look.digest,
        reason=params["reason"],
    )  # fmt: skip
    told["answer"] = await _put(desk, command, actor)
    told["differs"] = (await desk_query(desk, params["batch"]))["differs"]
    return told


async def desk_query(desk: Desk, batch: str) -> Params:
    """What is known of a batch, as ``told``."""
    async with desk.reading() as state:
        return told(desk, state, state.assessments.batches[batch])


async def confirm(desk: Desk, params: Params) -> Params:
    """Confirm a batch as an ``account`` and propose who passed; both answers."""
    actor = await actor_of(desk, params["account"], params["password"])
    if actor is None:
        return {"answer": _answer("login_failed"), "proposed": None}
    answer = await _put(desk, a.ConfirmAssessment(batch=params["batch"], reason=params["reason"]), actor)
    if answer["a"] != "accepted":
        return {"answer": answer, "proposed": None}
    batch = desk.fresh()
    proposed = await _put(desk, a.ProposeAssessed(assessment=params["batch"], batch=batch), actor)
    known = await desk_query(desk, params["batch"])
    return {"answer": answer, "proposed": proposed, "batch": batch, "told": known}


# ---------------------------------------------------------------- told


def _name(desk: Desk, person: str) -> dict[str, str]:
    who = desk.names(person)
    return dict(who.name) if who is not None else {}


def told(desk: Desk, state: State, held: Held) -> Params:
    """A batch as data: the facts, the people by name, candidates with how they stand, what is in the way."""
    opened = held.opened
    newest = held.versions[-1] if held.versions else None
    found = assessed.outcomes(state, held)
    rows = []
    for person, row in held.candidates.items():
        confirmed = newest.rows.get(person) if newest is not None else None
        rows.append(
            {
                "person": person,
                "name": _name(desk, person),
                "entered": dict(row.parts),
                "admission": "cleared" if person in held.cleared else row.admission,
                "missing": list(row.missing),
                "row": row.row,
                "marks": {part.part: _mark(part) for part in found[person].parts},
                "result": confirmed.result if confirmed is not None else found[person].result,
                "again": {
                    part: {"state": s.state, "until": s.until.isoformat() if s.until else ""}
                    for part, s in found[person].again.items()
                },
            }
        )
    return {
        "id": held.id, "state": held.state, "issuer": opened.issuer, "site": opened.site,
        "provinces": list(opened.provinces), "occupation": opened.occupation, "level": opened.level,
        "way": opened.way, "day": opened.day, "version": newest.version if newest else 0,
        "candidates": rows,
        "differs": [
            {"person": p, "name": _name(desk, p), "part": part, "said": dict(said)}
            for p, part, said in assessing.apart(held)
        ],
        "lacks": [
            {"code": lack.code, "person": _name(desk, lack.person), "params": dict(lack.params)}
            for lack in assessed.lacks(state, held, "", desk.now())
        ],
        "findings": [
            {"n": one.n, "by": one.by, "severity": one.severity, "rule": one.rule, "words": one.words,
             "answers": [list(answer) for answer in one.answers], "closed": one.closed_by}
            for one in held.findings.values()
        ],
        "people": {
            **{part: [_name(desk, p) for p in panel] for part, panel in opened.panels},
            **{kind: [_name(desk, p)] for kind, p in opened.supervisors},
        },
    }  # fmt: skip


def _mark(part: Any) -> dict[str, str]:
    from scoring_rules import exact

    mark = part.mark if isinstance(part.mark, str) else "" if part.mark is None else exact.show(part.mark)
    return {"state": part.state, "mark": mark, "passed": {True: "yes", False: "no", None: ""}[part.passed]}


def assessments(desk: Desk, state: State, params: Params) -> list[Params]:
    """All batches, or the one of that ``batch``."""
    held = state.assessments.batches
    wanted = [held[params["batch"]]] if params["batch"] in held else [] if params["batch"] else held.values()
    return [told(desk, state, one) for one in wanted]


control.QUERIES |= {"assessments": assessments}
control.BESIDE |= {"assessments"}
control.ACTIONS |= {
    "account_make": make_account,
    "as_account": as_account,
    "assessment_begin": begin,
    "assessment_candidates": candidates,
    "assessment_marks": marks,
    "assessment_confirm": confirm,
}
