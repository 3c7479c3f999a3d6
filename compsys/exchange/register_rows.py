"""Every certificate of a competition as a row of its register, from the state alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from compsys.credentials.achievements import both
from compsys.credentials.checks import assessors
from compsys.credentials.offices import filing_fault
from compsys.exchange.register_row import (
    APPOINTMENT,
    ASSESSMENT,
    CONTEST,
    DAY,
    LEVEL,
    STATES,
    RegisterRow,
)
from compsys.facts_assessment import CandidateRow
from compsys.facts_credentials import Basis, Row
from compsys.records_credentials import Issuer
from compsys.state import State, Stream
from compsys.state_assessment import Held
from compsys.state_credentials import Batch, Credential
from scoring_rules.exact import parse, show

PROVINCE = slice(5, 7)
"""Where a body's code says its province (GB/T 2260)."""


class Shared(NamedTuple):
    """What the certificates of a batch have in common."""

    batch: Batch
    occupation: str
    name: str
    assessors: frozenset[str]
    streams: tuple[Stream, ...]
    marks: Mapping[str, Mapping[str, str]]
    """entry -> part of an assessment -> mark of 100, where the group says which component is which"""
    assessment: Held | None


def rows(state: State) -> Iterator[RegisterRow]:
    """The certificates that were issued, each as it stands now, in the order of their first issue; what was
    replaced under the same id and number is not one of its own. Raises NotFolded."""
    shared: dict[tuple[str, int], Shared] = {}
    for credential in state.credentials.held.values():
        if credential.status in STATES:
            yield of(state, credential, shared)


def of(state: State, credential: Credential, shared: dict[tuple[str, int], Shared]) -> RegisterRow:
    """One certificate. ``shared``: what was looked up for others, filled here."""
    held = state.credentials
    issuer = held.issuers[credential.issuer][credential.slice.record - 1]
    key = credential.batch, credential.slice.record
    if key not in shared:
        shared[key] = _shared(state, held.batches[credential.batch], issuer)
    found = shared[key]
    row = held.row(credential)
    values = {**found.marks.get(row.entry, {}), **dict(row.results)}
    code = _code(issuer, row.site)
    issued = (credential.awarded or credential.valid_from)[:10]
    candidate = found.assessment.candidates.get(row.person) if found.assessment else None
    trained = _trained(state, row.person, candidate)
    firm = state.setup.delegations.get(row.delegation)
    own = candidate is not None and candidate.staff
    return RegisterRow(
        id=credential.id,
        number=credential.number,
        person=credential.person,
        kind=found.batch.paper,
        state=credential.status,
        level=row.level,
        occupation=found.occupation,
        occupation_name=found.name,
        work=row.direction,
        issuer=issuer.id,
        issuer_name=both(issuer.name),
        issuer_code=code,
        issued=issued,
        mended=credential.valid_from[:10] if credential.awarded else "",
        theory=values.get("theory", ""),
        practical=values.get("practical", ""),
        review=values.get("review", ""),
        score=values.get("mark", ""),
        firm=issuer.id if own else row.delegation,
        firm_name=both(issuer.name) if own else both(firm.name) if firm else "",
        region=_region(found.assessment) or code[PROVINCE],
        home=_home(firm.kind, firm.code) if firm else candidate.home if candidate else "",
        site=row.site,
        batch=found.batch.id,
        way=_way(found),
        trainer=", ".join(dict.fromkeys(_called(state, body) for body, _ in trained if body)),
        trainers=tuple(dict.fromkeys(one for pair in trained for one in pair if one)),
        assessors=found.assessors,
        checked=_checked(found, row),
        filed=_filed(found.batch, issuer, row, issued),
    )


def _shared(state: State, batch: Batch, issuer: Issuer) -> Shared:
    basis, occupation = batch.basis, state.credentials.occupations.get(batch.occupation)
    streams = tuple(state.streams_of(basis.trade, basis.stage)) if basis.kind == "result" else ()
    name = both(occupation.name) if occupation else ""
    code = batch.occupation.partition("@")[0]
    held = state.assessments.batches.get(basis.id) if basis.kind == "assessment" else None
    return Shared(batch, code, name, assessors(state, basis, issuer), streams, _marks(state, basis), held)


def _trained(state: State, person: str, candidate: CandidateRow | None) -> list[tuple[str, str]]:
    """(training body, trainer) each, as noted of the person and as the list of the assessment said."""
    found = list(state.credentials.trained.get(person, ()))
    if candidate is not None:
        found += [(body, "") for body in candidate.bodies]
        found += [("", trainer) for trainer in candidate.trainers]
    return found


def _region(held: Held | None) -> str:
    """The province of the test site, where an assessment states it."""
    return held.opened.provinces[1] if held is not None else ""


def _way(found: Shared) -> str:
    if found.batch.basis.kind == "result":
        return CONTEST
    appointed = found.assessment is not None and found.assessment.opened.way == "appointment"
    return APPOINTMENT if appointed else ASSESSMENT


def _marks(state: State, basis: Basis) -> dict[str, dict[str, str]]:
    """The parts' marks of everybody in the version of the result that certificates rest on."""
    group = state.setup.groups.get(f"{basis.trade}/{basis.stage}/{basis.group}")
    parts = {c.id: c for c in group.components if c.part} if group else {}
    result = state.results.get((basis.trade, basis.stage, basis.group))
    if basis.kind != "result" or result is None or not parts:
        return {}
    version = next((v for v in result.versions if v.version == basis.version), None)
    return {
        row.entry: {
            parts[line.id].part: of_100(line.raw, parts[line.id].max)
            for line in row.components
            if line.id in parts and line.raw is not None
        }
        for row in (version.rows if version else ())
    }


def of_100(raw: str, most: str) -> str:
    """A mark as of 100, half up to two decimals where its maximum is another.

    >>> of_100("82.35", "100"), of_100("50", "60")
    ('82.35', '83.33')
    """
    if parse(most) == 100:
        return raw
    found = show(parse(raw) * 100 / parse(most), 2)
    return found.rstrip("0").rstrip(".") if "." in found else found


def _code(issuer: Issuer, site: str) -> str:
    """The code of the site, else of the body; "" without a filing."""
    own = issuer.filing.code if issuer.filing else ""
    return next((place.code for place in issuer.sites if place.id == site), own)


def _home(kind: str, code: str) -> str:
    """The province that a delegation stands for, where it is one."""
    return code if kind == "province" and len(code) == 2 and code.isdigit() else ""


def _called(state: State, body: str) -> str:
    """A training body's name, where it is a delegation or an issuer; else as it was noted."""
    firm, issuer = state.setup.delegations.get(body), state.credentials.issuer(body)
    return both(firm.name) if firm else both(issuer.name) if issuer else body


def _checked(found: Shared, row: Row) -> str:
    """Who looked at the identity document and found the same person: an officer, else the floor at check-in;
    "" when nobody did. A number that is on record says nothing of it."""
    if row.person in found.batch.identity:
        return "officer"
    seen: set[str] = set()
    for stream in found.streams:
        unit = stream.units.get(stream.by_entry.get(row.entry, ""))
        seen |= set(unit.identity.values()) if unit is not None else set()
    return "floor" if seen == {"same"} else ""


def _filed(batch: Batch, issuer: Issuer, row: Row, day: str) -> bool:
    """Whether the filing covered occupation and level on the day of the issue."""
    if batch.paper != LEVEL or not DAY.match(day):
        return True
    return filing_fault(issuer, batch.occupation, row.level, day) is None
