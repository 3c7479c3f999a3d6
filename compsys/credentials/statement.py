"""From facts to the unsigned credential (Open Badges 3.0), and what must be right before signing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from compsys.answers import Refused
from compsys.credentials import achievements, jcs
from compsys.credentials.achievements import both, say, say_named
from compsys.credentials.numbering import LEVEL_CODES, read
from compsys.credentials.terms import CONTEXTS
from compsys.facts_credentials import Basis, Row, Wording
from compsys.records_credentials import Issuer
from compsys.state import State
from compsys.state_credentials import Batch, Credential
from compsys.words import LANGS
from scoring_rules.exact import is_number, parse

Json = dict[str, Any]

SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"


def uuid_of(key: str) -> str:
    """An id of 32 hex digits as a random UUID is written (its version and variant bits are set at making).

    >>> uuid_of("5f2c9a840b7e4d158a36c1e07d94b2f8")
    '5f2c9a84-0b7e-4d15-8a36-c1e07d94b2f8'
    """
    return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"


def random_uuid(key: str) -> str:
    """32 random hex digits with the bits of a version 4 UUID.

    >>> uuid_of(random_uuid("0" * 32))
    '00000000-0000-4000-8000-000000000000'
    """
    return f"{key[:12]}4{key[13:16]}{'89ab'[int(key[16], 16) & 3]}{key[17:]}"


def issuer_of(state: State, credential: Credential) -> Issuer:
    """The issuer's record as it stood when the credential was reserved."""
    return state.credentials.issuers[credential.issuer][credential.slice.record - 1]


def method_of(state: State, credential: Credential) -> str:
    """The verification method that its proofs name."""
    return f"{issuer_of(state, credential).address}#{credential.slice.key}"


def address_of(state: State, credential: Credential) -> str:
    """The credential's id: its address."""
    return f"{issuer_of(state, credential).base}/credentials/{uuid_of(credential.id)}"


def list_address(issuer: Issuer, no: int) -> str:
    """The address of one of an issuer's status lists."""
    return f"{issuer.base}/status/{issuer.id}/{no}"


def evidence_address(issuer: Issuer, basis: Basis) -> str:
    """The address of the public document that a credential rests on; its path holds the SHA-256."""
    if basis.kind == "assessment":
        return f"{issuer.base}/results/assessment/{basis.id}/sha256-{basis.digest}"
    where = f"{basis.trade}/{basis.stage}/{basis.group}/v{basis.version}"
    return f"{issuer.base}/results/{where}/sha256-{basis.digest}"


def achievement_of(state: State, credential: Credential) -> Json:
    """The frozen Achievement that a credential names."""
    name, _, version = credential.slice.achievements[credential.achievement].rpartition("/v")
    return state.credentials.achievements[credential.issuer, name][int(version) - 1]


def profile(issuer: Issuer, site: str = "") -> Json:
    """The issuer as it stands in a credential, with the code of the body or of its site."""
    found: Json = {"id": issuer.address, "type": ["Profile"], "name": both(issuer.name), "url": issuer.base}
    if issuer.email:
        found["email"] = issuer.email
    if issuer.filing is not None:
        own = next((s.code for s in issuer.sites if s.id == site), issuer.filing.code)
        code = {"type": "IdentifierEntry", "identifier": own}
        found["otherIdentifier"] = [code | {"identifierType": "ext:CNAssessmentBodyCode"}]
    return found


def wording(state: State, batch: Batch, rows: Iterable[Row]) -> Wording:
    """What credentials of these rows say in words besides their achievements, worded as of now."""
    basis = batch.basis
    of_result = basis.kind == "result"
    if of_result:
        trade = state.setup.trades.get(basis.trade)
        names = trade.name if trade is not None else {}
        version, field = (dict.fromkeys(LANGS, text) for text in (f"v{basis.version}", str(basis.field)))
        narrative = say_named("credential.evidence_result", trade=names, version=version, n=field)
    else:
        narrative = say("credential.evidence_assessment")
    awards = sorted({value for row in rows for key, value in row.results if key == "award"})
    return Wording(
        say("credential.role_competitor" if of_result else "credential.role_candidate"),
        {award: achievements.award_word(award) for award in awards},
        say("credential.result_sheet" if of_result else "credential.record_sheet"),
        narrative,
    )


def unsigned(state: State, credential: Credential, name: str) -> Json:
    """The credential's document without proofs, for a holder's name (from the vault).

    Clause: credentials.md 3 and 4.
    """
    batch = state.credentials.batches[credential.batch]
    row, issuer = batch.rows[credential.row], issuer_of(state, credential)
    achievement = achievement_of(state, credential)
    status = list_address(issuer, credential.slice.list)
    return {
        "@context": CONTEXTS,
        "id": address_of(state, credential),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": achievement["name"],
        "description": achievement["description"],
        "issuer": profile(issuer, row.site),
        "validFrom": credential.valid_from,
        "awardedDate": credential.awarded or credential.valid_from,
        "credentialSubject": _subject(credential, batch, row, achievement, name),
        "evidence": [_evidence(batch, issuer, credential.slice.wording)],
        "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        "credentialStatus": {
            "id": f"{status}#{credential.index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(credential.index),
            "statusListCredential": status,
        },
    }


def _subject(credential: Credential, batch: Batch, row: Row, achievement: Json, name: str) -> Json:
    wording = credential.slice.wording
    subject: Json = {
        "id": f"urn:uuid:{uuid_of(credential.subject)}",
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityHash": unicodedata.normalize("NFC", name),
                "identityType": "name",
            }
        ],
        "licenseNumber": credential.number,
        "role": wording.role,
        "achievement": achievement,
        "result": [_result(achievement, wording, key, value) for key, value in row.results],
    }
    if batch.basis.days:
        offset = credential.valid_from[19:]
        subject["activityStartDate"] = f"{batch.basis.days[0]}T00:00:00{offset}"
        subject["activityEndDate"] = f"{batch.basis.days[-1]}T23:59:59{offset}"
    return subject


def _result(achievement: Json, wording: Wording, key: str, value: str) -> Json:
    address = achievement["id"]
    found: Json = {"type": ["Result"], "resultDescription": f"{address}#{key}"}
    if key == "level":
        level = f"{address}#level-{value}"
        named = {
            one["id"]: one["name"]
            for described in achievement["resultDescription"]
            for one in described.get("rubricCriterionLevel", ())
        }
        return found | {"achievedLevel": level, "value": named[level], "status": "Completed"}
    return found | {"value": wording.awards[value] if key == "award" else value}


def _evidence(batch: Batch, issuer: Issuer, wording: Wording) -> Json:
    genre = "CompetitionResult" if batch.basis.kind == "result" else "Assessment"
    return {
        "id": evidence_address(issuer, batch.basis), "type": ["Evidence"], "name": wording.evidence,
        "genre": genre, "narrative": wording.narrative,
    }  # fmt: skip


# ---------------------------------------------------------------- checks before signing


def problem(document: Json) -> Refused | None:
    """What is wrong with an unsigned credential that no schema says; None when it may be signed.

    Clause: credentials.md 3: descriptions and levels resolve, values within their range, the number's level
    and body are the credential's, text NFC (floats no signer takes).
    """
    subject = document["credentialSubject"]
    achievement = subject["achievement"]
    known = {d["id"]: d for d in achievement["resultDescription"]}
    if not subject["identifier"][0]["identityHash"].strip():
        return Refused("credential.name_missing", {"number": subject["licenseNumber"]})
    for result in subject["result"]:
        described = known.get(result["resultDescription"])
        if described is None:
            return Refused("credential.result_unknown", {"id": result["resultDescription"]})
        if (fault := _value_fault(described, result)) is not None:
            return fault
    return _number_fault(document) or _text_fault(document)


def _value_fault(described: Json, result: Json) -> Refused | None:
    where = {"id": described["id"], "value": str(result.get("value", ""))}
    if "achievedLevel" in result:
        levels = {level["id"] for level in described.get("rubricCriterionLevel", ())}
        return None if result["achievedLevel"] in levels else Refused("credential.result_unknown", where)
    allowed = described.get("allowedValue")
    if allowed is not None and result["value"] not in allowed:
        return Refused("credential.value_range", where)
    if "valueMin" in described:
        least, most = parse(described["valueMin"]), parse(described["valueMax"])
        if not is_number(result["value"]) or not least <= parse(result["value"]) <= most:
            return Refused("credential.value_range", where)
    return None


def _number_fault(document: Json) -> Refused | None:
    """A skill level's number must say that level and that body, as its code of the occupation does."""
    subject = document["credentialSubject"]
    number, human = subject["licenseNumber"], subject["achievement"].get("humanCode", "")
    found = read(number)
    if not human or found is None or "body" not in found.parts:
        return None
    level = human.rpartition("/")[2]
    levels = [r["achievedLevel"] for r in subject["result"] if "achievedLevel" in r]
    achieved = [address.rpartition("#level-")[2] for address in levels]
    if found.parts["level"] != LEVEL_CODES.get(level) or achieved != [level]:
        return Refused("credential.number_level", {"number": number, "level": level})
    bodies = [x["identifier"] for x in document["issuer"].get("otherIdentifier", ())]
    if found.parts["body"] not in bodies:
        return Refused("credential.number_body", {"number": number})
    return None


def _text_fault(document: Json) -> Refused | None:
    """Text that is not in composed form: looked for one by one only where the whole of it is not."""
    if unicodedata.is_normalized("NFC", jcs.written(document).decode()):
        return None
    return Refused("credential.text_form", {"where": _uncomposed(document, "$") or "$"})


def _uncomposed(value: Any, where: str) -> str:
    """The place of the first such text, "" where there is none."""
    if isinstance(value, str):
        return "" if unicodedata.is_normalized("NFC", value) else where
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return next((found for key, part in items if (found := _uncomposed(part, f"{where}.{key}"))), "")
