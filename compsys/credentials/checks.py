"""Checks of one proposed row before it is approved, each with a code.

A check answers yes, no, or that nobody can know it here. What nobody can know is said, never passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from compsys.credentials.appeals import undecided
from compsys.credentials.offices import filing_fault
from compsys.facts_credentials import Basis, Row
from compsys.facts_results import ResultRow
from compsys.records_credentials import Issuer
from compsys.state import State, Stream

CHECKS = (
    "person", "identity", "held", "once", "passes", "standard", "filing", "separation", "appeal", "revoked",
)  # fmt: skip
"""Every check, in the order in which they are told; each is ``credential.check_*`` of the catalogue."""

BLOCKING_UNKNOWN = ("identity",)
"""What an officer must answer before a skill level is given, when no look at a paper did."""


class Asked(NamedTuple):
    """What the rows of a batch are checked against, looked up once. ``day``: the local date; ``level``:
    whether they are skill levels; ``questions``: what is open at the stage; ``assessing``: bodies,
    delegations and persons who assess or issue."""

    state: State
    basis: Basis
    issuer: Issuer
    occupation: str
    day: str
    level: bool
    questions: tuple[str, ...]
    assessing: frozenset[str]
    streams: tuple[Stream, ...]
    identity: frozenset[str] = frozenset()


def asked(
    state: State,
    basis: Basis,
    issuer: Issuer,
    occupation: str,
    day: str,
    *,
    level: bool,
    identity: frozenset[str] = frozenset(),
) -> Asked:
    """What rows are checked against, made once for all of them. Raises NotFolded."""
    streams = tuple(state.streams_of(basis.trade, basis.stage)) if basis.kind == "result" else ()
    questions, assessing = tuple(open_questions(state, basis)), assessors(state, basis, issuer)
    return Asked(state, basis, issuer, occupation, day, level, questions, assessing, streams, identity)


def checked(asked: Asked, row: Row, result: ResultRow | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(checks that failed, checks that nobody can answer here) of a row; without a person only that."""
    if not row.person:
        return ("person",), ()
    found = [*_of_person(asked, row, result), *(_of_level(asked, row, result) if asked.level else ())]
    return tuple(c for c, ok in found if ok is False), tuple(c for c, ok in found if ok is None)


def _of_person(asked: Asked, row: Row, result: ResultRow | None) -> Iterator[tuple[str, bool | None]]:
    """What every kind of certificate asks."""
    yield "identity", _identity(asked, row)
    yield "appeal", not asked.questions


def _of_level(asked: Asked, row: Row, result: ResultRow | None) -> Iterator[tuple[str, bool | None]]:
    """What a skill level asks besides."""
    credentials = asked.state.credentials
    yield "held", None if row.held == "unknown" else True
    yield "once", _once(asked, row)
    passes = [part.passed for part in result.components if part.passed is not None] if result else []
    if asked.basis.kind == "result":
        yield "passes", all(passes) if passes else None
    known = credentials.occupations.get(asked.occupation)
    yield "standard", known is not None and bool(known.standard) and row.level in known.levels
    yield "filing", filing_fault(asked.issuer, asked.occupation, row.level, asked.day) is None
    yield "separation", separate(asked.state, asked.assessing, row.person)


def _identity(asked: Asked, row: Row) -> bool | None:
    """Whether somebody looked at the identity paper and found the same person: at check-in or an officer."""
    if row.person in asked.identity:
        return True
    seen: set[str] = set()
    for stream in asked.streams:
        unit = stream.units.get(stream.by_entry.get(row.entry, ""))
        seen |= set(unit.identity.values()) if unit is not None else set()
    if seen & {"other", "unproven"}:
        return False
    return True if "same" in seen else None


def _once(asked: Asked, row: Row) -> bool | None:
    """Whether this is the only level of this person this year; contests elsewhere are known by the person's
    record alone."""
    credentials, year = asked.state.credentials, asked.day[:4]
    for key in credentials.persons.get(row.person, ()):
        other = credentials.held.get(key)
        if other is None or other.status not in ("valid", "suspended") or key == row.of:
            continue
        batch = credentials.batches[other.batch]
        here = (batch.basis.trade, batch.basis.stage, batch.basis.group)
        if here == (asked.basis.trade, asked.basis.stage, asked.basis.group) and batch.paper == "level":
            continue  # a correction of this very result replaces it
        if batch.paper == "level" and batch.basis.kind == "result" and other.valid_from[:4] == year:
            return False
    return None if row.held == "unknown" else True


def assessors(state: State, basis: Basis, issuer: Issuer) -> frozenset[str]:
    """Who assesses or issues at a stage: the issuer and the houses it says are its own, the judges there and
    their affiliations."""
    found = {issuer.id, *issuer.trains}
    held = state.assessments.batches.get(basis.id)
    for person in (p for _, panel in held.opened.panels for p in panel) if held is not None else ():
        found |= {person, *state.assessments.assessors[person].bodies}
    for seat in state.setup.seats.values():
        judge = state.setup.judges.get(seat.judge)
        if judge is not None and (seat.trade, seat.stage) == (basis.trade, basis.stage):
            found |= {judge.person, *judge.affiliations}
    return frozenset(found)


def separate(state: State, assessing: frozenset[str], person: str) -> bool | None:
    """Whether nobody who trained a person assesses or issues (考培分离); None where no training is known."""
    trained = state.credentials.trained.get(person)
    if not trained:
        return None
    return not any(body in assessing or trainer in assessing for body, trainer in trained)


def open_questions(state: State, basis: Basis) -> list[str]:
    """What is still open at the stage and group of a result: a word (appeal, incident, dispute) for each."""
    if basis.kind != "result":
        held = state.assessments.batches.get(basis.id)
        return ["finding" for _ in held.severe] if held is not None else []
    found = ["appeal"] * len(undecided(state, basis))
    for stream in state.streams_of(basis.trade, basis.stage):
        group = {u.id for u in stream.units.values() if u.group == basis.group}
        for incident in stream.incidents.values():
            if not incident.outcome and (not incident.unit or incident.unit in group):
                found.append("incident")
        for sheet in stream.sheets.values():
            if sheet.acceptance and sheet.acceptance.state == "disputed" and sheet.unit in group:
                found.append("dispute")
    return found
