"""What came of an assessment batch: outcomes per candidate, confirmed by a second officer; the public record.

A mark counts when two persons stand behind it: typed twice with equal values, or imported by one and
confirmed by another. What is confirmed is written down as values; newer rules never change it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from compsys import events as e
from compsys import facts_assessment as f
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.assessing import apart, find, mark_of, related, rules_of, sittings, sliced
from compsys.commands_assessment import ConfirmAssessment, ProposeAssessed
from compsys.credentials import checks, days, jcs, proposals
from compsys.facts_credentials import Basis, Row
from compsys.state import State, Stream
from compsys.state_assessment import Given, Held, Outcomes
from scoring_rules import assessment, exact
from scoring_rules.assessment_model import Outcome, PartOutcome, Sitting

RESULTS = {"theory": "theory", "practice": "practical", "review": "review"}
"""A part as a credential calls its result."""
AHEAD = timedelta(hours=14)
"""How far the clock of the easternmost zone is ahead of UTC: before that a day has begun nowhere."""


class Lack(NamedTuple):
    """What keeps a batch from being confirmed: a code with parameters, about whom ("" about the batch)."""

    code: str
    person: str
    params: Mapping[str, str]


def outcomes(state: State, held: Held) -> dict[str, Outcome]:
    """person -> what came of the assessment by the marks as they stand: of two that differ, the later one."""
    rules, opened = rules_of(state, held), held.opened
    day, earlier = date.fromisoformat(opened.day), related(state, opened)
    found = {}
    for person, row in held.candidates.items():
        if opened.way == "appointment":  # decided by the body, on paper: nothing is examined
            found[person] = Outcome("passed", ())
            continue
        marks = {part: mark_of(_newest(held, person, part)) for part, _ in row.parts}
        now = Sitting(day, marks, held.id)
        found[person] = assessment.outcome(rules, opened.level, sittings(earlier, person), now)
    return found


def _newest(held: Held, person: str, part: str) -> str:
    given = held.marks.get((person, part), {})
    return max(given.values(), key=lambda g: g.n).text if given else ""


def lacks(state: State, held: Held, who: str, now: str) -> list[Lack]:
    """All that keeps ``who`` from confirming a batch now; none: it may be confirmed."""
    found = [Lack("assessment.frozen", "", {"n": str(one.n), "rule": one.rule}) for one in held.severe]
    day = datetime.fromisoformat(now) + AHEAD
    if day.date() < date.fromisoformat(held.opened.day):
        found.append(Lack("assessment.too_early", "", {"day": held.opened.day}))
    if not held.candidates:
        found.append(Lack("assessment.no_candidates", "", {"batch": held.id}))
    if held.versions and not held.changed:
        found.append(Lack("assessment.confirmed", "", {"batch": held.id}))
    for person, row in held.candidates.items():
        if row.admission == "check" and person not in held.cleared:
            missing = " ".join(row.missing)
            found.append(Lack("assessment.uncleared", person, {"missing": missing}))
    for person, part, said in apart(held):
        found.append(Lack("assessment.differs", person, {"part": part, "said": " / ".join(said.values())}))
    for person, row in held.candidates.items():
        for part, _ in row.parts:
            code = _unsure(held.marks.get((person, part), {}), who)
            if code:
                found.append(Lack(code, person, {"part": part}))
    return found


def _unsure(given: Mapping[str, Given], who: str) -> str:
    """Why a mark has not two persons behind it once ``who`` confirms: a code, "" when it has."""
    if not given:
        return "assessment.hole"
    if len(given) > 1:
        return ""
    (account, one), *_ = given.items()
    if one.via == "typed":
        return "assessment.typed_once"
    return "same_person" if account == who else ""


# ---------------------------------------------------------------- confirmed


def decide_confirm(ask: Ask, cmd: ConfirmAssessment) -> Decided:
    """The outcomes as values, by somebody who did not enter them alone; an appointment by its paper."""
    held = find(ask.state, cmd.batch)
    if isinstance(held, e.Refused):
        return held
    found = lacks(ask.state, held, ask.call.actor.id, ask.now)
    if found:
        first = found[0]
        params = {**first.params, "person": first.person, "batch": held.id, "count": str(len(found))}
        return e.Refused(first.code, params)
    reason = cmd.reason.strip() or held.reason
    if held.opened.way == "appointment" and not cmd.reason.strip():
        return e.Refused("assessment.paper_missing", {"batch": held.id})
    if held.versions and not reason:
        return e.Refused("reason_missing")
    rows = tuple(
        f.OutcomeRow(person, found.result, tuple(_part(part) for part in found.parts))
        for person, found in outcomes(ask.state, held).items()
    )
    version = len(held.versions) + 1
    events = [
        f.AssessmentConfirmed(**ask.stamp, batch=held.id, version=version, first=not i, rows=tuple(some))
        for i, some in enumerate(sliced(rows))
    ]
    first_line, *rest = events
    more = (ask.more(e.COMPETITION, event, text=reason) for event in rest)
    return [ask.line(e.COMPETITION, first_line, text=reason), *more]


def _part(part: PartOutcome) -> f.Part:
    mark = part.mark if isinstance(part.mark, str) else "" if part.mark is None else exact.show(part.mark)
    return f.Part(part.part, part.state, mark, part.passed, part.sitting)


def apply_confirmed(
    state: State, stream: Stream | None, n: int, event: f.AssessmentConfirmed, closed: e.Closed
) -> Touched:
    """The version stands; marks that change later make the next one."""
    held = state.assessments.batches[event.batch]
    if event.first:
        held.versions.append(Outcomes(event.version, n, event.t, closed.actor, closed.text))
        held.changed, held.reason = False, ""
    held.versions[-1].rows |= {row.person: row for row in event.rows}
    return (("assessment", event.batch),)


def passed(held: Held) -> list[f.OutcomeRow]:
    """Who passed by the newest confirmed version, in the order of the list."""
    return [row for row in held.versions[-1].rows.values() if row.result == "passed"] if held.versions else []


# ---------------------------------------------------------------- proposals


def decide_propose(ask: Ask, cmd: ProposeAssessed) -> Decided:
    """Proposals for who passed by the newest version: all, or after a correction what that touches."""
    held = find(ask.state, cmd.assessment)
    if isinstance(held, e.Refused):
        return held
    if not held.versions or held.changed:
        return e.Refused("assessment.not_confirmed", {"batch": held.id})
    if held.severe:
        one = held.severe[0]
        return e.Refused("assessment.frozen", {"batch": held.id, "n": str(one.n), "rule": one.rule})
    issuer = ask.state.credentials.issuer(held.opened.issuer)
    assert issuer is not None
    basis, occupation = basis_of(ask.state, held), held.opened.occupation
    batches = ask.state.credentials.batches.values()
    earlier = [b for b in batches if proposals.same_place(b, "level", issuer.id, basis)]
    for batch in earlier:
        if batch.basis.version == basis.version:
            params = {"batch": batch.id, "version": str(basis.version)}
            return e.Refused("credential.already_proposed", params)
    against = checks.asked(
        ask.state, basis, issuer, occupation, days.local(ask.state, ask.now)[:10], level=True
    )
    wanted = [_proposed(ask.state, held, row) for row in passed(held)]
    rows = []
    for row in proposals.changed(ask.state, wanted, proposals.standing(ask.state, "level", issuer.id, basis)):
        failed, unknown = checks.checked(against, row, None) if row.action != "revoke" else ((), ())
        rows.append(msgspec.structs.replace(row, failed=failed, unknown=unknown))
    if not rows:
        return e.Refused("assessment.nobody_passed", {"batch": held.id})
    rules = rules_of(ask.state, held)
    return proposals.draft(
        ask, cmd.batch, rows, paper="level", issuer=issuer.id, basis=basis, occupation=occupation,
        rules=f"{rules.id}/{rules.version}", before=earlier[-1].id if earlier else "",
        approver=issuer.filing.authority if issuer.filing else "",
    )  # fmt: skip


def basis_of(state: State, held: Held) -> Basis:
    """What credentials from a batch rest on: its newest version's public record."""
    return Basis(
        kind="assessment",
        digest=record_digest(state, held),
        id=held.id,
        version=held.versions[-1].version,
        field=len(held.versions[-1].rows),
        days=(held.opened.day,),
        maximum="100",
    )


def _proposed(state: State, held: Held, row: f.OutcomeRow) -> Row:
    """Who passed, with the marks that count: an exemption is no mark."""
    opened = held.opened
    marks = tuple((RESULTS[p.part], p.mark) for p in row.parts if exact.is_number(p.mark))
    said = held.candidates[row.person]
    rules = rules_of(state, held)
    return Row(
        person=row.person,
        level=opened.level,
        results=(("level", opened.level), *marks),
        clause=f"{rules.id}/{rules.version}",
        held=said.held if said.held or said.admission == "met" else "unknown",
        site=opened.site,
        direction=opened.direction,
    )


# ---------------------------------------------------------------- the public record


def record(state: State, held: Held, version: int = 0) -> bytes:
    """The public record of a confirmed version (0: the newest) as canonical JSON: what was assessed by which
    rules, how many, how it was supervised; nobody's marks and nobody's id. ValueError without a version."""
    if not held.versions:
        raise ValueError(held.id)
    outcome = held.versions[version - 1]
    opened, rows = held.opened, outcome.rows.values()
    results = [row.result for row in rows]
    data: dict[str, Any] = {
        "kind": "assessment",
        "batch": held.id,
        "version": outcome.version,
        "confirmed": outcome.t,
        "issuer": opened.issuer,
        "site": opened.site,
        "provinces": dict(zip(("issuer", "site", "home"), opened.provinces, strict=True)),
        "occupation": opened.occupation,
        "standard": opened.standard,
        "direction": opened.direction,
        "level": opened.level,
        "way": opened.way,
        "day": opened.day,
        "rules": {"id": state.assessments.rules[opened.rules].id, "digest": opened.rules},
        "panels": {part: len(persons) for part, persons in opened.panels},
        "invigilators": {part: len(persons) for part, persons in opened.watch},
        "supervisors": sorted(kind for kind, _ in opened.supervisors),
        "findings": {
            grave: sum(found.severity == grave for found in held.findings.values() if found.n < outcome.n)
            for grave in ("note", "minor", "severe")
        },
        "assessed": len(results),
        "results": {result: results.count(result) for result in ("passed", "failed", "incomplete")},
        "parts": {
            part: sum(part in [p.part for p in row.parts if p.batch == held.id] for row in rows)
            for part in ("theory", "practice", "review")
        },
    }
    return jcs.canonical(data)


def record_digest(state: State, held: Held, version: int = 0) -> str:
    """SHA-256 (hex) of the public record: part of its address in a credential's evidence."""
    return hashlib.sha256(record(state, held, version)).hexdigest()


DECIDE: dict[type[e.Command], Decider] = {
    ConfirmAssessment: decide_confirm,
    ProposeAssessed: decide_propose,
}
APPLY_TABLE: dict[type[e.Event], APPLY] = {f.AssessmentConfirmed: apply_confirmed}
