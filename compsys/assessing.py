"""Assessments without a competition: batches opened, candidates admitted, marks of two persons, findings.

Who may confer, sit in a panel and be admitted is asked of the rules that the batch was opened under; they
stand whole in the journal. What comes of a batch is in ``assessed``. Persons are ids here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar

from compsys import events as e
from compsys import facts_assessment as f
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.commands_assessment import (
    AdmitCandidates,
    AnswerFinding,
    Candidacy,
    ClearCandidate,
    EnterMarks,
    NameAssessor,
    OpenAssessment,
    RaiseFinding,
)
from compsys.credentials import offices
from compsys.records import Person
from compsys.state import State, Stream
from compsys.state_assessment import Cleared, Found, Given, Held
from scoring_rules import assessment, assessment_rules, assessors, conferring, exact
from scoring_rules.assessment_model import (
    EDUCATION,
    AssessmentRules,
    Assessor,
    Background,
    Examined,
    Mark,
    Sitting,
)
from scoring_rules.promotion_model import LADDER
from scoring_rules.refusal import Refusal

Row = TypeVar("Row")
ROWS = 200
"""Rows of one line."""


def sliced(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Rows as many as a line holds at a time.

    >>> [len(some) for some in sliced(range(401))]
    [200, 200, 1]
    """
    return (rows[start : start + ROWS] for start in range(0, len(rows), ROWS))


def no(refusal: Refusal) -> e.Refused:
    """A refusal of the rules as an answer."""
    return e.Refused(refusal.code, dict(refusal.params))


def day_of(text: str) -> date | None:
    """A day as text (YYYY-MM-DD), None where there is no such day.

    >>> day_of("2026-02-29") is None, day_of("2028-02-29").isoformat()
    (True, '2028-02-29')
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def rules_of(state: State, held: Held) -> AssessmentRules:
    """The rules that a batch was opened under."""
    return state.assessments.rules[held.opened.rules]


def find(state: State, batch: str) -> Held | e.Refused:
    """The batch of that id, else assessment.unknown."""
    held = state.assessments.batches.get(batch)
    return held if held is not None else e.Refused("assessment.unknown", {"batch": batch})


# ---------------------------------------------------------------- what the rules are told


def assessor_of(event: f.AssessorNamed) -> Assessor:
    """An assessor as the rules see one."""
    return Assessor(
        event.person,
        event.grade,
        date.fromisoformat(event.since),
        date.fromisoformat(event.until),
        event.bodies,
        frozenset(event.kin),
    )


def panel_of(state: State, held: f.AssessmentOpened) -> list[Assessor]:
    """Everybody who sits in a panel of a batch, once."""
    persons = dict.fromkeys(person for _, panel in held.panels for person in panel)
    return [assessor_of(state.assessments.assessors[p]) for p in persons]


def earlier_panels(state: State, issuer: str, part: str, day: str) -> list[tuple[str, ...]]:
    """The panels of a part at one body's batches until a day, oldest first."""
    batches = [h for h in state.assessments.batches.values() if h.opened.issuer == issuer]
    batches = sorted((h for h in batches if h.opened.day <= day), key=lambda h: (h.opened.day, h.n))
    panels = (dict(h.opened.panels).get(part, ()) for h in batches)
    return [panel for panel in panels if panel]


def examined(state: State, row: f.CandidateRow | Candidacy) -> Examined:
    """A candidate as a panel sees one: with what the list and the register say of training."""
    noted = state.credentials.trained.get(row.person, ())
    bodies = dict.fromkeys((*row.bodies, *(body for body, _ in noted if body)))
    persons = dict.fromkeys((*row.trainers, *(trainer for _, trainer in noted if trainer)))
    return Examined(row.person, tuple(bodies), tuple(persons))


def related(state: State, opened: f.AssessmentOpened) -> list[Held]:
    """The other batches of the same body, occupation and level until this one's day, in order of days."""
    return sorted(
        (
            held
            for held in state.assessments.batches.values()
            if held.id != opened.batch
            and (held.opened.issuer, held.opened.level) == (opened.issuer, opened.level)
            and held.opened.occupation.partition("@")[0] == opened.occupation.partition("@")[0]
            and held.opened.day <= opened.day
        ),
        key=lambda held: (held.opened.day, held.n),
    )


def sittings(earlier: list[Held], person: str) -> list[Sitting]:
    """What a person did in earlier batches, as confirmed."""
    found = []
    for held in earlier:
        row = held.versions[-1].rows.get(person) if held.versions else None
        if row is not None:
            marks = {p.part: mark_of(p.mark) for p in row.parts if p.batch == held.id}
            found.append(Sitting(date.fromisoformat(held.opened.day), marks, held.id))
    return found


def mark_of(text: str) -> Mark:
    """A mark from a line."""
    return exact.parse(text) if exact.is_number(text) else (text or None)


# ---------------------------------------------------------------- assessors


def decide_name(ask: Ask, cmd: NameAssessor) -> Decided:
    """An assessor with grade and term; a person who is not known has no name to print."""
    if cmd.person not in ask.state.setup.records.get("person", {}):
        return e.Refused("assessment.person_unknown", {"person": cmd.person})
    since, until = day_of(cmd.since), day_of(cmd.until)
    if since is None or until is None or until < since:
        return e.Refused("assessment.day", {"day": f"{cmd.since} – {cmd.until}"})
    event = f.AssessorNamed(
        **ask.stamp,
        person=cmd.person,
        grade=cmd.grade,
        since=cmd.since,
        until=cmd.until,
        bodies=cmd.bodies,
        kin=cmd.kin,
    )
    return [ask.line(e.COMPETITION, event)]


def apply_named(
    state: State, stream: Stream | None, n: int, event: f.AssessorNamed, closed: e.Closed
) -> Touched:
    """The newest word on an assessor holds."""
    state.assessments.assessors[event.person] = event
    return (("assessor", event.person),)


# ---------------------------------------------------------------- a batch


def decide_open(ask: Ask, cmd: OpenAssessment) -> Decided:
    """A batch stands once its body may confer the level and its panels, invigilators and supervisors fit."""
    state = ask.state
    if cmd.batch in state.assessments.batches:
        return e.Refused("assessment.twice", {"batch": cmd.batch})
    day = day_of(cmd.day)
    if day is None:
        return e.Refused("assessment.day", {"day": cmd.day})
    try:
        rules = assessment_rules.parse(cmd.rules)
    except assessment_rules.AssessmentUnreadable as error:
        first = error.problems[0]
        return e.Refused("assessment.rules", {"where": first.where, "code": first.code})
    stop = _may_issue(state, rules, cmd) or _people(state, rules, cmd, day)
    if stop is not None:
        return stop
    opened = f.AssessmentOpened(
        **ask.stamp,
        batch=cmd.batch,
        issuer=cmd.issuer,
        site=cmd.site,
        provinces=cmd.provinces,
        occupation=cmd.occupation,
        standard=cmd.standard,
        direction=cmd.direction,
        level=cmd.level,
        way=cmd.way,
        day=cmd.day,
        rules=rules.digest,
        panels=cmd.panels,
        watch=cmd.watch,
        supervisors=cmd.supervisors,
    )
    if rules.digest in state.assessments.rules:
        return [ask.line(e.COMPETITION, opened)]
    taken = f.AssessmentRulesTaken(**ask.stamp, rules=rules.id, digest=rules.digest, text=rules.text)
    return [ask.line(e.COMPETITION, taken), ask.more(e.COMPETITION, opened)]


def _may_issue(state: State, rules: AssessmentRules, cmd: OpenAssessment) -> e.Refused | None:
    """Who may confer the level, in which way, and is filed for it on that day, at a site of its own."""
    issuer = state.credentials.issuer(cmd.issuer)
    if issuer is None:
        return e.Refused("assessment.issuer_unknown", {"issuer": cmd.issuer})
    kind = issuer.filing.kind if issuer.filing else ""
    if not kind:
        return e.Refused("assessment.not_filed", {"issuer": cmd.issuer})
    stop = conferring.may_confer(rules, cmd.level, kind, cmd.way)
    if stop is not None:
        return no(stop)
    fault = offices.filing_fault(issuer, cmd.occupation, cmd.level, cmd.day)
    if fault is not None:
        return e.Refused(fault[0], fault[1])
    if cmd.occupation not in state.credentials.occupations:
        return e.Refused("credential.occupation_unknown", {"occupation": cmd.occupation})
    if cmd.site and cmd.site not in {site.id for site in issuer.sites}:
        return e.Refused("assessment.site_unknown", {"site": cmd.site, "issuer": cmd.issuer})
    return None


def _people(state: State, rules: AssessmentRules, cmd: OpenAssessment, day: date) -> e.Refused | None:
    """Panels, invigilators and supervisors: the first thing that keeps them from this batch."""
    panels, watch = dict(cmd.panels), dict(cmd.watch)
    parts = rules.parts_of(cmd.level)
    for name in (*panels, *watch):
        if name not in {part.name for part in parts}:
            return e.Refused("assessment.assess_no_part", {"part": name, "level": cmd.level})
    for part in parts:
        persons = panels.get(part.name, ())
        for person in persons:
            if person not in state.assessments.assessors:
                return e.Refused("assessment.assessor_unknown", {"person": person})
        named = [assessor_of(state.assessments.assessors[p]) for p in persons]
        before = earlier_panels(state, cmd.issuer, part.name, cmd.day)
        found = assessors.check_panel(rules, cmd.level, part, named, day, before)
        short = assessors.check_watch(part, 1, len({*watch.get(part.name, ())}))
        for refusal in (*found, *([short] if short else [])):
            return no(refusal)
    sat = {person for persons in panels.values() for person in persons}
    kinds = dict(cmd.supervisors)
    for kind in rules.panels.supervisors:
        if kind not in kinds:
            return e.Refused("assessment.supervisor_missing", {"kind": kind})
    for person in kinds.values():
        if person in sat:
            return e.Refused("assessment.supervisor_sits", {"person": person})
    return None


def apply_rules(
    state: State, stream: Stream | None, n: int, event: f.AssessmentRulesTaken, closed: e.Closed
) -> Touched:
    """The rules stand, as they were read then."""
    state.assessments.rules[event.digest] = assessment_rules.parse(event.text)
    return ()


def apply_opened(
    state: State, stream: Stream | None, n: int, event: f.AssessmentOpened, closed: e.Closed
) -> Touched:
    """The batch is there, without candidates."""
    state.assessments.batches[event.batch] = Held(event, n, closed.actor)
    return (("assessment", event.batch),)


# ---------------------------------------------------------------- candidates


def decide_admit(ask: Ask, cmd: AdmitCandidates) -> Decided:
    """Candidates as far as each may be admitted: parts as the record has them, kept apart from who trained
    them, own staff of an employer; all of the list or none."""
    held = find(ask.state, cmd.batch)
    if isinstance(held, e.Refused):
        return held
    if held.versions:
        return e.Refused("assessment.confirmed", {"batch": cmd.batch})
    people = ask.state.setup.records.get("person", {})
    rows, seen = [], set[str]()
    earlier = related(ask.state, held.opened)
    for row in cmd.rows:
        if row.person in held.candidates or row.person in seen:
            return e.Refused("assessment.candidate_twice", {"person": row.person})
        if bool(row.commitment) == (row.person in people):
            return e.Refused("assessment.person_unknown", {"person": row.person})
        seen.add(row.person)
        stop, made = candidate(ask.state, held, row, earlier)
        if stop is not None:
            return stop
        rows.append(made)
    short = watch_short(ask.state, held, len(held.candidates) + len(rows))
    if short is not None:
        return short
    events = [
        f.CandidatesAdmitted(**ask.stamp, batch=cmd.batch, digest=cmd.digest, rows=tuple(some))
        for some in sliced(rows)
    ]
    return _lines(ask, events)


def candidate(
    state: State, held: Held, row: Candidacy, earlier: list[Held]
) -> tuple[e.Refused | None, f.CandidateRow]:
    """(why not, the row as it would be admitted)."""
    rules, opened = rules_of(state, held), held.opened
    issuer = state.credentials.issuer(opened.issuer)
    kind = issuer.filing.kind if issuer is not None and issuer.filing else ""
    whom = {"person": row.person}
    parts, stop = _parts(rules, opened, row, earlier)
    found = _admission(rules, opened, row)
    made = f.CandidateRow(
        person=row.person,
        parts=parts,
        admission=found.state,
        row=found.row,
        missing=found.missing,
        held=row.held,
        staff=row.staff,
        home=row.home or opened.provinces[2],
        bodies=row.bodies,
        trainers=row.trainers,
        commitment=row.commitment,
    )
    if stop is not None:
        return stop, made
    if kind == "Y" and not row.staff:
        return e.Refused("assessment.not_staff", whom), made
    if found.state == "not_met":
        code = "assessment.held_enough" if "held_enough" in found.missing else "assessment.not_eligible"
        return e.Refused(code, whom | {"level": opened.level, "held": row.held}), made
    apart = assessors.check_apart(opened.issuer, panel_of(state, opened), [examined(state, row)])
    return (no(apart[0]) if apart else None), made


def _parts(
    rules: AssessmentRules, opened: f.AssessmentOpened, row: Candidacy, earlier: list[Held]
) -> tuple[tuple[tuple[str, str], ...], e.Refused | None]:
    """(how each part is entered, why one may not be); no part named: all that are not kept."""
    history, day = sittings(earlier, row.person), date.fromisoformat(opened.day)
    whom = {"person": row.person}
    stands = assessment.standings(rules, opened.level, history, day)
    wanted = row.parts or tuple((name, "") for name, stood in stands.items() if stood.state != "kept")
    parts: list[tuple[str, str]] = []
    for part, said in wanted:
        entered = assessment.enter(rules, opened.level, history, day, said, part)
        if isinstance(entered, Refusal):
            refused = no(entered)
            return (), e.Refused(refused.code, {**refused.params, **whom})
        parts.append((part, entered))
    if opened.way == "exam" and not parts:
        return (), e.Refused("assessment.nothing_entered", whom)
    if len({part for part, _ in parts}) != len(parts):
        return (), e.Refused("assessment.candidate_twice", whom)
    return tuple(parts), None


def _admission(rules: AssessmentRules, opened: f.AssessmentOpened, row: Candidacy) -> conferring.Admission:
    """What the standard's table says; words that it does not know are to be checked."""
    if row.held not in ("", *LADDER) or row.education not in ("", *EDUCATION):
        return conferring.Admission("check", "", ("held",))
    known = Background(row.held, row.held_stated, row.years, row.since_held, row.education)
    occupation = opened.occupation.partition("@")[0]
    # Lists often state the condition as a sentence: only a row of the table can be held against it.
    claimed = row.claimed if row.claimed in {one.id for one in rules.eligibility} else ""
    return conferring.admission(rules, occupation, opened.standard, opened.level, known, claimed)


def watch_short(state: State, held: Held, candidates: int) -> e.Refused | None:
    """Why the invigilators are too few for so many candidates, None when they are enough."""
    watch = dict(held.opened.watch)
    for part in rules_of(state, held).parts_of(held.opened.level):
        short = assessors.check_watch(part, candidates, len({*watch.get(part.name, ())}))
        if short is not None:
            return no(short)
    return None


def apply_admitted(
    state: State, stream: Stream | None, n: int, event: f.CandidatesAdmitted, closed: e.Closed
) -> Touched:
    """The candidates stand; who is new is bound by the commitment."""
    held = state.assessments.batches[event.batch]
    persons = state.setup.records.setdefault("person", {})
    for row in event.rows:
        held.candidates[row.person] = row
        if row.commitment:
            persons[row.person] = Person(id=row.person)
            state.commitments[row.person] = (row.commitment, "")
            state.bound.setdefault(row.person, []).append(n)
        for body in (*row.bodies, *([""] if row.trainers and not row.bodies else [])):
            for trainer in row.trainers or ("",):
                state.credentials.trained.setdefault(row.person, []).append((body, trainer))
    if event.digest and event.digest not in held.lists:
        held.lists.append(event.digest)
    return (("assessment", event.batch), ("setup", "person", ""))


def decide_clear(ask: Ask, cmd: ClearCandidate) -> Decided:
    """Who is to be checked is admitted by somebody who looked, with words."""
    held = find(ask.state, cmd.batch)
    if isinstance(held, e.Refused):
        return held
    row = held.candidates.get(cmd.person)
    if row is None:
        return e.Refused("assessment.candidate_unknown", {"person": cmd.person, "batch": cmd.batch})
    if row.admission != "check" or cmd.person in held.cleared:
        return e.Refused("assessment.nothing_to_check", {"person": cmd.person})
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    event = f.CandidateCleared(**ask.stamp, batch=cmd.batch, person=cmd.person)
    return [ask.line(e.COMPETITION, event, text=cmd.reason)]


def apply_cleared(
    state: State, stream: Stream | None, n: int, event: f.CandidateCleared, closed: e.Closed
) -> Touched:
    """Nothing is left to check."""
    held = state.assessments.batches[event.batch]
    held.cleared[event.person] = Cleared(closed.actor, n, closed.text)
    return (("assessment", event.batch),)


# ---------------------------------------------------------------- marks


def decide_marks(ask: Ask, cmd: EnterMarks) -> Decided:
    """Marks as one person has them, each of a part that the candidate entered for; all of them or none."""
    held = find(ask.state, cmd.batch)
    if isinstance(held, e.Refused):
        return held
    if held.versions and not cmd.reason.strip():
        return e.Refused("assessment.reason", {"version": str(held.versions[-1].version)})
    rules = {part.name: part for part in rules_of(ask.state, held).parts_of(held.opened.level)}
    seen: set[tuple[str, str]] = set()
    for person, part, text in cmd.rows:
        row = held.candidates.get(person)
        if row is None:
            return e.Refused("assessment.candidate_unknown", {"person": person, "batch": cmd.batch})
        if part not in dict(row.parts):
            return e.Refused("assessment.not_entered", {"person": person, "part": part})
        read = assessment.read_mark(rules[part], text)
        if isinstance(read, Refusal):
            return e.Refused(read.code, {**read.params, "person": person})
        if (person, part) in seen:
            return e.Refused("assessment.mark_twice", {"person": person, "part": part})
        seen.add((person, part))
    events = [
        f.MarksEntered(**ask.stamp, batch=cmd.batch, via=cmd.via, digest=cmd.digest, rows=tuple(some))
        for some in sliced(cmd.rows)
    ]
    return _lines(ask, events, cmd.reason)


def apply_marks(
    state: State, stream: Stream | None, n: int, event: f.MarksEntered, closed: e.Closed
) -> Touched:
    """Each person's newest word on a mark stands beside the others'."""
    held = state.assessments.batches[event.batch]
    for person, part, text in event.rows:
        given = held.marks.setdefault((person, part), {})
        if text:
            given[closed.actor] = Given(text, event.via, n)
        else:
            given.pop(closed.actor, None)
    held.changed = True
    held.reason = closed.text or held.reason
    return (("assessment", event.batch),)


def apart(held: Held) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """(person, part, account -> text) of every mark that two persons have differently."""
    for (person, part), given in held.marks.items():
        if len({g.text for g in given.values()}) > 1:
            yield person, part, {account: g.text for account, g in given.items()}


# ---------------------------------------------------------------- findings


def decide_finding(ask: Ask, cmd: RaiseFinding) -> Decided:
    """A finding stands with its rule and words."""
    held = find(ask.state, cmd.batch)
    if isinstance(held, e.Refused):
        return held
    if not cmd.words.strip():
        return e.Refused("reason_missing")
    event = f.FindingRaised(
        **ask.stamp, batch=cmd.batch, by=cmd.by, severity=cmd.severity, rule=cmd.rule
    )
    return [ask.line(e.COMPETITION, event, text=cmd.words)]


def apply_finding(
    state: State, stream: Stream | None, n: int, event: f.FindingRaised, closed: e.Closed
) -> Touched:
    """A severe one freezes its batch until it is closed."""
    held = state.assessments.batches[event.batch]
    held.findings[n] = Found(n, event.t, event.by, closed.actor, event.severity, event.rule, closed.text)
    return (("assessment", event.batch),)


def decide_answer(ask: Ask, cmd: AnswerFinding) -> Decided:
    """Answered by the body, closed by somebody who did not answer it."""
    held = find(ask.state, cmd.batch)
    if isinstance(held, e.Refused):
        return held
    found = held.findings.get(cmd.of)
    if found is None:
        return e.Refused("assessment.finding_unknown", {"n": str(cmd.of), "batch": cmd.batch})
    if found.closed_by:
        return e.Refused("assessment.finding_closed", {"n": str(cmd.of)})
    if not cmd.words.strip():
        return e.Refused("reason_missing")
    if cmd.close and not found.answers:
        return e.Refused("assessment.finding_unanswered", {"n": str(cmd.of)})
    if cmd.close and ask.call.actor.id in {account for _, account, _ in found.answers}:
        return e.Refused("same_person")
    event = f.FindingAnswered(**ask.stamp, batch=cmd.batch, of=cmd.of, closed=cmd.close)
    return [ask.line(e.COMPETITION, event, text=cmd.words)]


def apply_answer(
    state: State, stream: Stream | None, n: int, event: f.FindingAnswered, closed: e.Closed
) -> Touched:
    """A closed finding freezes nothing."""
    found = state.assessments.batches[event.batch].findings[event.of]
    found.answers.append((event.t, closed.actor, closed.text))
    if event.closed:
        found.closed_by = closed.actor
    return (("assessment", event.batch),)


def _lines(ask: Ask, events: list[f.CandidatesAdmitted] | list[f.MarksEntered], text: str = "") -> Decided:
    first, *rest = events
    more = (ask.more(e.COMPETITION, event, text=text) for event in rest)
    return [ask.line(e.COMPETITION, first, text=text), *more]


DECIDE: dict[type[e.Command], Decider] = {
    NameAssessor: decide_name,
    OpenAssessment: decide_open,
    AdmitCandidates: decide_admit,
    ClearCandidate: decide_clear,
    EnterMarks: decide_marks,
    RaiseFinding: decide_finding,
    AnswerFinding: decide_answer,
}
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    f.AssessorNamed: apply_named,
    f.AssessmentRulesTaken: apply_rules,
    f.AssessmentOpened: apply_opened,
    f.CandidatesAdmitted: apply_admitted,
    f.CandidateCleared: apply_cleared,
    f.MarksEntered: apply_marks,
    f.FindingRaised: apply_finding,
    f.FindingAnswered: apply_answer,
}
