"""What the program itself files of a batch of certificates: entry, filing, process, results, certificates."""

from __future__ import annotations

from typing import Any

import msgspec

from compsys import assessed
from compsys.answers import Refused
from compsys.credentials import documents, sheets
from compsys.credentials.checks import assessors
from compsys.exchange.credential_archive import Batch as Filed
from compsys.exchange.credential_archive import put
from compsys.exchange.register_row import DAY, Names
from compsys.identity import mask
from compsys.state import State
from compsys.state_assessment import Held
from compsys.state_credentials import Batch


def filed(state: State, names: Names, batch: Batch, today: str) -> Filed:
    """The program's own files of a batch. ``today``: the day on which it counts as closed where nothing of it
    was issued. Identity numbers stand masked."""
    held = state.credentials
    issued = [held.held[key] for _, key in sorted(batch.issued.items()) if key in held.held]
    days = [(one.awarded or one.valid_from)[:10] for one in issued]
    closed = max((day for day in days if DAY.match(day)), default=today)
    own: dict[str, dict[str, bytes]] = {
        "entry": {"persons.json": put(_persons(state, names, batch))},
        "filing": {"issuer.json": put(_issuer(state, batch))},
        "process": {"batch.json": put(_process(state, batch))},
        "results": _results(state, batch),
        "certificates": {},
    }
    for one in issued:
        found = documents.document(state, names, one)
        name = one.number or one.id
        if isinstance(found, Refused):
            own["certificates"][f"{name}.missing.json"] = put({"code": found.code, "params": found.params})
        else:
            own["certificates"][f"{name}.json"] = put(found)
    own["certificates"]["register.json"] = put([_entry(one) for one in issued])
    return Filed(batch.id, state.id, state.n, state.head.hex(), closed, len(issued), own)


def _persons(state: State, names: Names, batch: Batch) -> list[dict[str, Any]]:
    found = []
    for at, row in enumerate(batch.rows):
        who = names(row.person) if row.person else None
        found.append(
            {
                "row": at,
                "person": row.person,
                "name": dict(who.name) if who else {},
                "id_type": who.id_type if who else "",
                "id_number": mask(who.id_number) if who and who.id_number else "",
                **{key: value for key, value in msgspec.to_builtins(row).items() if key != "person"},
                "not_approved": batch.out.get(at, ""),
                "number": _number(state, batch, at),
            }
        )
    return found


def _number(state: State, batch: Batch, at: int) -> str:
    credential = state.credentials.held.get(batch.issued.get(at, ""))
    return credential.number if credential else ""


def _issuer(state: State, batch: Batch) -> dict[str, Any]:
    held = state.credentials
    return {
        "records": [msgspec.to_builtins(record) for record in held.issuers.get(batch.issuer, [])],
        "keys": [{"id": k.id, "suite": k.suite, "made": k.made, "retired": k.retired, "revoked": k.revoked}
                 for k in held.keys.get(batch.issuer, [])],
        "occupation": msgspec.to_builtins(held.occupations.get(batch.occupation)),
    }  # fmt: skip


def _process(state: State, batch: Batch) -> dict[str, Any]:
    """Proposed, on notice, objections with their answers, approved: by whom and when."""
    issuer = state.credentials.issuer(batch.issuer)
    assessment = state.assessments.batches.get(batch.basis.id)
    return {
        "assessment": _assessment(assessment) if assessment else None,
        "batch": batch.id,
        "paper": batch.paper,
        "state": batch.state,
        "basis": msgspec.to_builtins(batch.basis),
        "rules": batch.rules,
        "approver": batch.approver,
        "proposed": {"at": batch.t, "by": batch.by, "line": batch.n, "after": batch.before},
        "notices": [notice._asdict() for notice in batch.notices],
        "objections": [msgspec.to_builtins(one) for one in batch.objections.values()],
        "approved": {
            "at": batch.approved,
            "by": batch.approved_by,
            "authority": batch.authority,
            "version": batch.version,
            "out": {str(row): why for row, why in batch.out.items()},
            "identity": sorted(batch.identity),
        },
        "assessors": sorted(assessors(state, batch.basis, issuer)) if issuer else [],
        "taken": [msgspec.to_builtins(one) for one in state.credentials.taken if one.subject == batch.id],
    }


def _assessment(held: Held) -> dict[str, Any]:
    """As it was opened, who was admitted by whom, the supervisors' findings, who confirmed what."""
    return {
        "opened": msgspec.to_builtins(held.opened) | {"line": held.n, "by": held.by},
        "candidates": [msgspec.to_builtins(row) for row in held.candidates.values()],
        "cleared": {person: found._asdict() for person, found in held.cleared.items()},
        "findings": [msgspec.to_builtins(one) for one in held.findings.values()],
        "confirmed": [
            {"version": v.version, "line": v.n, "at": v.t, "by": v.by, "reason": v.reason}
            for v in held.versions
        ],
    }


def _results(state: State, batch: Batch) -> dict[str, bytes]:
    """The public document that the certificates name as evidence, byte for byte."""
    basis = batch.basis
    assessment = state.assessments.batches.get(basis.id)
    if basis.kind == "assessment" and assessment is not None:
        return {f"v{basis.version}.json": assessed.record(state, assessment, basis.version)}
    result = state.results.get((basis.trade, basis.stage, basis.group))
    if basis.kind != "result" or result is None:
        return {}
    version = next((v for v in result.versions if v.version == basis.version), None)
    return {f"v{basis.version}.json": sheets.sheet_bytes(state.id, version)} if version else {}


def _entry(credential: Any) -> dict[str, Any]:
    return {
        "id": credential.id,
        "number": credential.number,
        "person": credential.person,
        "status": credential.status,
        "valid_from": credential.valid_from,
        "awarded": credential.awarded or credential.valid_from,
        "sha256": credential.sha,
    }
