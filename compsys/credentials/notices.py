"""Public notice of a batch (公示), objections and their answers, and the approval by an officer."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from compsys import commands_credentials as c
from compsys import events as e
from compsys import facts_credentials as f
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.credentials.checks import BLOCKING_UNKNOWN, asked, checked
from compsys.credentials.days import local, until
from compsys.credentials.offices import second
from compsys.facts_results import ResultRow
from compsys.state import State, Stream
from compsys.state_credentials import Batch, Notice, Objection

OFFICER = "officer"
"""The role of who approves in an authority's name (核准人)."""


def batch_of(ask: Ask, key: str) -> Batch | e.Refused:
    """A batch on its way: else batch_unknown, or result_superseded where its result was corrected since."""
    batch = ask.state.credentials.batches.get(key)
    if batch is None:
        return e.Refused("credential.batch_unknown", {"batch": key})
    if (why := overtaken(ask.state, batch)) is not None:
        return why
    return batch


def overtaken(state: State, batch: Batch) -> e.Refused | None:
    """Why a batch's result is no longer the official one: corrected or annulled."""
    basis = batch.basis
    if basis.kind != "result":
        held = state.assessments.batches.get(basis.id)
        newest = held.versions[-1].version if held is not None and held.versions else 0
        if newest == basis.version:
            return None
        params = {"version": str(basis.version), "newest": str(newest)}
        return e.Refused("credential.result_superseded", params)
    result = state.results.get((basis.trade, basis.stage, basis.group))
    if result is None or result.annulled:
        return e.Refused("credential.result_annulled", {"batch": batch.id})
    newest = result.versions[-1].version
    if newest != basis.version:
        params = {"version": str(basis.version), "newest": str(newest)}
        return e.Refused("credential.result_superseded", params)
    return None


def list_digest(batch: Batch, out: tuple[int, ...]) -> str:
    """SHA-256 of a list version: the rows that are on it, by person, level, award, values and clause."""
    rows = [
        [i, r.person, r.entry, r.level, r.award, [list(v) for v in r.results], r.clause, r.action]
        for i, r in enumerate(batch.rows)
        if i not in out
    ]
    return hashlib.sha256(
        json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


# ---------------------------------------------------------------- notice and objections


def decide_notice(ask: Ask, cmd: c.GiveNotice) -> Decided:
    """A batch's list goes on notice for the first time, or again while nothing was approved."""
    batch = batch_of(ask, cmd.batch)
    if isinstance(batch, e.Refused):
        return batch
    if batch.approved:
        return e.Refused("credential.already_approved", {"batch": batch.id})
    end = until(cmd.since, cmd.days, cmd.holidays, cmd.workdays)
    return [ask.line(e.COMPETITION, _notice(ask, batch, cmd.since, end, cmd.days))]


def _notice(
    ask: Ask, batch: Batch, since: str, end: str, days: int, more: tuple[int, ...] = ()
) -> f.NoticeGiven:
    before = batch.notices[-1].out if batch.notices else ()
    out = tuple(sorted({*before, *more}))
    return f.NoticeGiven(
        **ask.stamp, batch=batch.id, version=len(batch.notices) + 1, since=since, until=end, days=days,
        digest=list_digest(batch, out), out=out,
    )  # fmt: skip


def apply_notice(
    state: State, stream: Stream | None, n: int, event: f.NoticeGiven, closed: e.Closed
) -> Touched:
    """This version of the list is the one on notice."""
    batch = state.credentials.batches[event.batch]
    batch.notices.append(Notice(event.version, event.since, event.until, event.out, n))
    return (("batch", event.batch),)


def decide_object(ask: Ask, cmd: c.Object) -> Decided:
    """An objection to a list on notice is kept, until something is approved."""
    batch = batch_of(ask, cmd.batch)
    if isinstance(batch, e.Refused):
        return batch
    if not batch.notices:
        return e.Refused("credential.not_on_notice", {"batch": batch.id})
    if batch.approved:
        return e.Refused("credential.already_approved", {"batch": batch.id})
    if not -1 <= cmd.row < len(batch.rows) or cmd.row in batch.notices[-1].out:
        return e.Refused("credential.row_unknown", {"row": str(cmd.row)})
    if not cmd.words.strip():
        return e.Refused("reason_missing")
    event = f.Objected(**ask.stamp, batch=batch.id, version=batch.notices[-1].version, row=cmd.row)
    return [ask.line(e.COMPETITION, event, text=cmd.words.strip())]


def apply_objected(
    state: State, stream: Stream | None, n: int, event: f.Objected, closed: e.Closed
) -> Touched:
    """It is open until it is answered."""
    found = Objection(n, event.t, event.version, event.row, closed.actor, closed.text)
    state.credentials.batches[event.batch].objections[n] = found
    return (("batch", event.batch),)


def decide_answer(ask: Ask, cmd: c.AnswerObjection) -> Decided:
    """An objection is answered; upheld, its row is off and a new version of the list goes on notice."""
    batch = ask.state.credentials.batches.get(cmd.batch)
    if batch is None:
        return e.Refused("credential.batch_unknown", {"batch": cmd.batch})
    objection = batch.objections.get(cmd.n)
    if objection is None or objection.upheld is not None:
        return e.Refused("credential.objection_unknown", {"n": str(cmd.n)})
    if not cmd.words.strip():
        return e.Refused("reason_missing")
    event = f.ObjectionAnswered(**ask.stamp, batch=batch.id, of=cmd.n, upheld=cmd.upheld)
    lines = [ask.line(e.COMPETITION, event, text=cmd.words.strip())]
    if cmd.upheld:
        since = cmd.since or local(ask.state, ask.now)[:10]
        off = (objection.row,) if objection.row >= 0 else tuple(range(len(batch.rows)))
        notice = _notice(ask, batch, since, until(since, cmd.days), cmd.days, off)
        lines.append(ask.more(e.COMPETITION, notice))
    return lines


def apply_answered(
    state: State, stream: Stream | None, n: int, event: f.ObjectionAnswered, closed: e.Closed
) -> Touched:
    """It is answered."""
    objection = state.credentials.batches[event.batch].objections[event.of]
    objection.upheld, objection.answer = event.upheld, closed.text
    return (("batch", event.batch),)


# ---------------------------------------------------------------- approval


def left_out(state: State, batch: Batch, day: str, identity: frozenset[str]) -> dict[int, str]:
    """row -> why it cannot be approved today: an upheld objection, or the first check that speaks against
    it."""
    issuer = state.credentials.issuer(batch.issuer)
    assert issuer is not None
    level = batch.paper == "level"
    against = asked(state, batch.basis, issuer, batch.occupation, day, level=level, identity=identity)
    results = {row.entry: row for row in _results(state, batch)}
    out = dict.fromkeys(batch.notices[-1].out if batch.notices else (), "objection")
    for i, row in enumerate(batch.rows):
        if i in out or row.action == "revoke":
            continue
        failed, unknown = checked(against, row, results.get(row.entry))
        wrong = [*failed, *(["revoked"] if "revoked" in row.failed else [])]
        if batch.paper == "level":
            wrong += [code for code in unknown if code in BLOCKING_UNKNOWN]
        if wrong:
            out[i] = wrong[0]
    return out


def _results(state: State, batch: Batch) -> tuple[ResultRow, ...]:
    basis = batch.basis
    result = state.results.get((basis.trade, basis.stage, basis.group))
    return result.versions[-1].rows if result and basis.kind == "result" else ()


def decide_approve(ask: Ask, cmd: c.ApproveBatch) -> Decided:
    """The officer approves the newest version, when its notice is over and every objection is answered."""
    batch = batch_of(ask, cmd.batch)
    if isinstance(batch, e.Refused):
        return batch
    if batch.approved:
        return e.Refused("credential.already_approved", {"batch": batch.id})
    if (refusal := second(ask, cmd.confirmed_by) or _officer(ask, batch, cmd.confirmed_by)) is not None:
        return refusal
    version = batch.notices[-1].version if batch.notices else 0
    if cmd.version != version:
        return e.Refused("credential.list_changed", {"version": str(cmd.version), "newest": str(version)})
    if batch.paper == "level" and not batch.notices:
        return e.Refused("credential.notice_missing", {"batch": batch.id})
    today = local(ask.state, ask.now)[:10]
    if batch.notices and today <= batch.notices[-1].until:
        return e.Refused("credential.notice_running", {"until": batch.notices[-1].until})
    if (open_ := [o.n for o in batch.objections.values() if o.upheld is None]):
        return e.Refused("credential.objection_open", {"n": str(open_[0]), "count": str(len(open_))})
    identity = frozenset(cmd.identity)
    if "*" in identity:
        identity = frozenset(row.person for row in batch.rows)
    out = left_out(ask.state, batch, today, identity)
    if len(out) == len(batch.rows):
        return e.Refused("credential.nothing_to_approve", {"check": next(iter(out.values()))})
    event = f.BatchApproved(
        **ask.stamp, batch=batch.id, version=version, by=cmd.confirmed_by, out=tuple(sorted(out.items())),
        identity=tuple(sorted(identity)), authority=cmd.authority or batch.approver,
    )  # fmt: skip
    return [ask.line(e.COMPETITION, event)]


def _officer(ask: Ask, batch: Batch, who: str) -> e.Refused | None:
    """Why somebody may not approve: no officer, or who proposed."""
    account = ask.state.accounts.get(who)
    if account is None or OFFICER not in account.roles:
        return e.Refused("credential.not_an_officer", {"account": who[:40]})
    return e.Refused("same_person") if who == batch.by else None


def apply_approved(
    state: State, stream: Stream | None, n: int, event: f.BatchApproved, closed: e.Closed
) -> Touched:
    """What is not left out may be issued."""
    batch = state.credentials.batches[event.batch]
    batch.approved, batch.approved_by, batch.authority = event.t, event.by, event.authority
    batch.version, batch.out, batch.identity = event.version, dict(event.out), frozenset(event.identity)
    return (("batch", event.batch),)


def differences(state: State, batch: Batch) -> dict[str, Any]:
    """What a list version holds beside the one before it: rows that left it; for a correction, how many rows
    are new, replaced and revoked."""
    notices = batch.notices
    before = notices[-2].out if len(notices) > 1 else ()
    counted = {action: sum(r.action == action for r in batch.rows) for action in ("new", "replace", "revoke")}
    return {
        "version": notices[-1].version if notices else 0,
        "left": sorted(set(notices[-1].out) - set(before)) if notices else [],
        "actions": counted,
        "before": batch.before,
    }


DECIDE: dict[type[e.Command], Decider] = {
    c.GiveNotice: decide_notice,
    c.Object: decide_object,
    c.AnswerObjection: decide_answer,
    c.ApproveBatch: decide_approve,
}
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    f.NoticeGiven: apply_notice,
    f.Objected: apply_objected,
    f.ObjectionAnswered: apply_answered,
    f.BatchApproved: apply_approved,
}
