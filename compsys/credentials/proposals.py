"""From an official result to proposals: who gets what by which rule, and what a correction touches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from compsys import commands_credentials as c
from compsys import events as e
from compsys import facts_credentials as f
from compsys import proposing
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.credentials import sheets
from compsys.credentials.checks import asked, checked
from compsys.credentials.days import local
from compsys.credentials.packed import Rows
from compsys.facts_credentials import Basis, Row
from compsys.facts_results import ResultPublished, ResultRow
from compsys.proposing import Known, Place
from compsys.records_credentials import Issuer
from compsys.state import State, Stream
from compsys.state_credentials import Batch, Credential
from scoring_rules import profiles
from scoring_rules.exact import parse, show
from scoring_rules.profiles import Profile, ProfileUnreadable

ROWS = 200
"""Rows of one line."""

STANDS = ("valid", "suspended")


class Source(NamedTuple):
    """An official result that proposals are made from: its group, its newest version, the rules that count
    (None: awards and scores need none)."""

    place: Place
    version: ResultPublished
    profile: Profile | None


# ---------------------------------------------------------------- what is asked for


def _source(state: State, cmd: c.ProposeCredentials) -> Source | e.Refused:
    """The result, if it is official and, for a level, has rules."""
    place = Place(cmd.trade, cmd.stage, cmd.group)
    result = state.results.get(place)
    if result is None or result.annulled or not result.versions or result.versions[-1].rank != "official":
        return e.Refused("not_official", {"key": "/".join(place)[:80]})
    if cmd.paper != "level":
        return Source(place, result.versions[-1], None)
    try:
        profile = profiles.parse(cmd.rules, "rules") if cmd.rules else proposing.rules_of(state, place)
    except ProfileUnreadable as error:
        return e.Refused("profile_errors", {"count": str(len(error.problems))})
    if profile is None or (profile.promotion is None and profile.id not in proposing.ELSEWHERE):
        return e.Refused("credential.rules_missing", {"profile": profile.id if profile else ""})
    return Source(place, result.versions[-1], profile)


def occupation_of(state: State, place: Place, wanted: str = "") -> str:
    """The occupation (code@edition) that a stage is about: as asked for, else as the stage says; "" none."""
    stage = state.setup.stages.get(f"{place.trade}/{place.stage}")
    return wanted or (stage.occupation if stage is not None else "")


def maximum(state: State, place: Place) -> str:
    """The highest total that a group's components allow, as text; "" before marking was opened."""
    for stream in state.streams_of(place.trade, place.stage):
        if place.group in stream.groups:
            parts = stream.groups[place.group].components
            return show(sum((parse(p.max) * parse(p.weight) for p in parts), parse("0")))
    return ""


def _basis(state: State, source: Source) -> Basis:
    place, version = source.place, source.version
    sessions = [s for s in state.setup.sessions.values() if (s.trade, s.stage) == place[:2] and s.day]
    held = state.setup.competition
    days = sorted({s.day for s in sessions}) or sorted(held.days if held else ())
    return Basis(
        kind="result",
        digest=sheets.digest(state.id, version),
        trade=place.trade,
        stage=place.stage,
        group=place.group,
        version=version.version,
        field=sum(row.place is not None for row in version.rows),
        days=tuple(dict.fromkeys((days[0], days[-1]))) if days else (),
        maximum=maximum(state, place) or "100",
    )


# ---------------------------------------------------------------- who gets what


def _rows(state: State, cmd: c.ProposeCredentials, source: Source) -> Iterator[tuple[Row, ResultRow]]:
    """What the version by itself leads to, in its order; nothing said yet about checks."""
    if source.profile is not None:
        yield from _levels(state, cmd, source)
        return
    for result in source.version.rows:
        entry = state.setup.entries.get(result.entry)
        award = (result.medal or result.prize) if cmd.paper == "award" else ""
        if cmd.paper == "award" and not award and result.status in ("", "ranked") and cmd.participation:
            award = "participation"
        if not award if cmd.paper == "award" else result.place is None:
            continue
        for person in proposing.members(entry) or ("",):
            yield (
                Row(
                    person=person, entry=result.entry, delegation=entry.delegation if entry else "",
                    award=award, results=_values(result, award), site=cmd.site,
                ),
                result,
            )  # fmt: skip


def _levels(state: State, cmd: c.ProposeCredentials, source: Source) -> Iterator[tuple[Row, ResultRow]]:
    facts = {x.person: Known(x.held, x.promoted_in, x.honours, x.category) for x in cmd.facts}
    found = proposing.official(
        state, [source.place], lambda person: facts.get(person, proposing.UNKNOWN), source.profile
    )
    for it in found.listed:
        if it.proposal.level is None:
            continue
        said = "; ".join(it.proposal.clauses)
        yield (
            Row(
                person=it.person, entry=it.row.entry, delegation=it.delegation, level=it.proposal.level,
                results=(("level", it.proposal.level), *_values(it.row, it.row.medal or it.row.prize)),
                clause=f"{it.profile.id}/{it.profile.version}" + (f": {said}" if said else ""),
                held=it.held, site=cmd.site,
            ),
            it.row,
        )  # fmt: skip


def _values(row: ResultRow, award: str) -> tuple[tuple[str, str], ...]:
    found = (
        ("mark", row.total or ""), ("rank", str(row.place) if row.place is not None else ""), ("award", award)
    )  # fmt: skip
    return tuple((key, value) for key, value in found if value)


# ---------------------------------------------------------------- what a correction touches


def standing(state: State, paper: str, issuer: str, basis: Basis) -> dict[str, Credential]:
    """person -> the credential that stands from earlier batches of the same group, paper and issuer."""
    held = state.credentials
    found: dict[str, Credential] = {}
    for batch in held.batches.values():
        if same_place(batch, paper, issuer, basis):
            for row, key in batch.issued.items():
                credential = held.held.get(key)
                if credential is not None and credential.status in STANDS:
                    found[batch.rows[row].person] = credential
    return found


def same_place(batch: Batch, paper: str, issuer: str, basis: Basis) -> bool:
    """Whether a batch is of the same paper, issuer and group (or assessment)."""
    here = (basis.kind, basis.trade, basis.stage, basis.group, basis.id)
    there = (batch.basis.kind, batch.basis.trade, batch.basis.stage, batch.basis.group, batch.basis.id)
    return (batch.paper, batch.issuer) == (paper, issuer) and here == there


def _revoked(state: State, paper: str, issuer: str, basis: Basis) -> set[str]:
    """Persons whose credential of this group somebody revoked by hand: nobody proposes them unseen."""
    held = state.credentials
    found = set()
    for batch in held.batches.values():
        if same_place(batch, paper, issuer, basis):
            for row, key in batch.issued.items():
                credential = held.held.get(key)
                move = held.moves.get(credential.moved) if credential else None
                if credential and credential.status == "revoked" and move and move.code != "result_changed":
                    found.add(batch.rows[row].person)
    return found


def changed(state: State, wanted: Iterable[Row], stands: dict[str, Credential]) -> Iterator[Row]:
    """Of what a version leads to, what is not so already: new ones, ones whose values changed (the same
    credential, anew), and those that nobody gets any more. Another level is another number: the old
    credential is revoked, a new one made."""
    seen = set[str]()
    for row in wanted:
        seen.add(row.person)
        old = stands.get(row.person)
        if old is None:
            yield row
            continue
        before = state.credentials.row(old)
        if before.level != row.level:
            yield _revoking(before, old)
            yield row
        elif (before.results, before.award, before.direction) != (row.results, row.award, row.direction):
            yield msgspec.structs.replace(row, action="replace", of=old.id)
    for person, old in stands.items():
        if person not in seen:
            yield _revoking(state.credentials.row(old), old)


def _revoking(before: Row, old: Credential) -> Row:
    return msgspec.structs.replace(before, action="revoke", of=old.id, failed=(), unknown=())


# ---------------------------------------------------------------- the decision


def decide_propose(ask: Ask, cmd: c.ProposeCredentials) -> Decided:
    """A batch of proposals from the newest official version: all, or what a correction touches."""
    state = ask.state
    issuer = state.credentials.issuer(cmd.issuer)
    if issuer is None:
        return e.Refused("credential.issuer_unknown", {"issuer": cmd.issuer[:40]})
    if cmd.paper == "level" and issuer.filing is None:
        return e.Refused("credential.issuer_unfiled", {"issuer": issuer.id})
    if cmd.site and cmd.site not in {site.id for site in issuer.sites}:
        return e.Refused("unknown_reference", {"key": cmd.site[:40]})
    source = _source(state, cmd)
    if isinstance(source, e.Refused):
        return source
    occupation = occupation_of(state, source.place, cmd.occupation)
    if cmd.paper == "level" and occupation not in state.credentials.occupations:
        return e.Refused("credential.occupation_unknown", {"occupation": occupation or "-"})
    basis = _basis(state, source)
    earlier = [b for b in state.credentials.batches.values() if same_place(b, cmd.paper, issuer.id, basis)]
    for batch in earlier:
        if batch.basis.version == basis.version and waits(batch):
            params = {"batch": batch.id, "version": str(basis.version)}
            return e.Refused("credential.already_proposed", params)
    found = _checked(ask, cmd, issuer, basis, occupation, source)
    if not found:
        return e.Refused("credential.nothing_to_propose", {"version": str(basis.version)})
    rules = source.profile.promotion if source.profile else None
    return draft(
        ask, cmd.batch, found, paper=cmd.paper, issuer=issuer.id, basis=basis, occupation=occupation,
        rules=f"{source.profile.id}/{source.profile.version}" if source.profile else "", text=cmd.rules,
        approver=rules.approver if rules else "", before=earlier[-1].id if earlier else "",
    )  # fmt: skip


def waits(batch: Batch) -> bool:
    """Whether a batch is still on its way."""
    return batch.state != "issued"


def _checked(
    ask: Ask, cmd: c.ProposeCredentials, issuer: Issuer, basis: Basis, occupation: str, source: Source
) -> list[Row]:
    """The rows of a batch with what speaks against each."""
    state, day = ask.state, local(ask.state, ask.now)[:10]
    against = asked(state, basis, issuer, occupation, day, level=cmd.paper == "level")
    revoked = _revoked(state, cmd.paper, issuer.id, basis)
    results = {row.entry: row for row in source.version.rows}
    wanted = [row for row, _ in _rows(state, cmd, source)]
    found = []
    for row in changed(state, wanted, standing(state, cmd.paper, issuer.id, basis)):
        if row.action != "revoke":
            failed, unknown = checked(against, row, results.get(row.entry))
            failed += ("revoked",) if row.person in revoked and row.action == "new" else ()
            row = msgspec.structs.replace(row, failed=failed, unknown=unknown)
        found.append(row)
    return found


def draft(
    ask: Ask,
    batch: str,
    rows: list[Row],
    *,
    paper: str,
    issuer: str,
    basis: Basis,
    occupation: str,
    rules: str,
    text: str = "",
    approver: str = "",
    before: str = "",
) -> Decided:
    """The lines of a batch, 200 rows each; also for proposals that come from an assessment. Refused:
    already_proposed for a batch's id that is known."""
    if batch in ask.state.credentials.batches:
        return e.Refused("credential.already_proposed", {"batch": batch, "version": str(basis.version)})
    first = f.CredentialsProposed(
        **ask.stamp, batch=batch, rows=tuple(rows[:ROWS]), first=True, issuer=issuer, basis=basis,
        paper=paper,  # type: ignore[arg-type]  # a word of Paper
        occupation=occupation, rules=rules, text=text or msgspec.UNSET, approver=approver,
        before=before or msgspec.UNSET,
    )  # fmt: skip
    more = [
        f.CredentialsProposed(**ask.stamp, batch=batch, rows=tuple(rows[at : at + ROWS]))
        for at in range(ROWS, len(rows), ROWS)
    ]
    return [ask.line(e.COMPETITION, first), *(ask.more(e.COMPETITION, event) for event in more)]


def _given(value: str | msgspec.UnsetType) -> str:
    return "" if isinstance(value, msgspec.UnsetType) else value


def apply_proposed(
    state: State, stream: Stream | None, n: int, event: f.CredentialsProposed, closed: e.Closed
) -> Touched:
    """The batch stands, with its rows."""
    held = state.credentials
    if event.first:
        assert not isinstance(event.basis, msgspec.UnsetType)
        held.batches[event.batch] = Batch(
            id=event.batch, paper=_given(event.paper), issuer=_given(event.issuer), basis=event.basis,
            occupation=_given(event.occupation), rules=_given(event.rules), approver=_given(event.approver),
            by=closed.actor, t=event.t, n=n, text=_given(event.text), before=_given(event.before),
            rows=Rows(held.unpacked),
        )  # fmt: skip
    held.batches[event.batch].rows += event.rows
    return (("batch", event.batch),)


DECIDE: dict[type[e.Command], Decider] = {c.ProposeCredentials: decide_propose}
APPLY_TABLE: dict[type[e.Event], APPLY] = {f.CredentialsProposed: apply_proposed}
