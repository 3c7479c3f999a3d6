"""The words a credential may use: for each kind of object its type, its members and what each means in RDF.

A table of our own of exactly the terms used, made after the contexts that W3C (Verifiable Credentials 2.0)
and 1EdTech (Open Badges 3.0.3) publish; the tests hold it against them. A word that is not here is refused:
others would drop it silently, and it would be shown but not signed. Terms belong to a kind of object, as
in those contexts: ``level`` means something on a RubricCriterionLevel and nothing on a Result.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

V2 = "https://www.w3.org/ns/credentials/v2"
CONTEXTS = [
    V2,
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
]
"""The ``@context`` of every Open Badges credential, in this order."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SCHEMA = "https://schema.org/"
VC = "https://www.w3.org/2018/credentials#"
STATUS = "https://www.w3.org/ns/credentials/status#"
SECURITY = "https://w3id.org/security#"
OB = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#"
XSD = "http://www.w3.org/2001/XMLSchema#"
OB_XSD = "https://www.w3.org/2001/XMLSchema#"
"""Open Badges writes the datatypes with https, which makes them others than those of W3C."""

IDS = re.compile(r"(?:https?|urn|did|mailto|tel):[!#-;=?-\[\]_a-z~]+\Z")
"""An id: absolute, of a scheme that no context takes for a prefix, without what N-Quads must escape."""

Value = Literal["text", "url", "link", "object", "flag", "whole", "list"]
"""What may stand at a member: a text; a text that is an id; an id, or an object; an object; true or false; a
whole number; an ordered list of texts."""


class Member(NamedTuple):
    """One member: the IRI of its meaning, what may stand there, a text's datatype (an IRI, "" = plain text),
    kinds of objects that may stand there, whether it is an array (whose order means nothing)."""

    iri: str
    value: Value = "text"
    datatype: str = ""
    kinds: tuple[str, ...] = ()
    many: bool = False


class Kind(NamedTuple):
    """One kind of object: ``types`` that it must have, no more and no fewer, as term -> IRI; members by
    name; ``since``: how many of the three contexts are needed for it; ``constant``: the same object stands
    in many credentials."""

    types: Mapping[str, str]
    members: Mapping[str, Member]
    since: int = 2
    constant: bool = False


class Table(NamedTuple):
    """Kinds of objects by name, the kinds a document may be, the lists of contexts it may have with what
    ``Kind.since`` each reaches, and what an id looks like."""

    kinds: Mapping[str, Kind]
    roots: tuple[str, ...]
    contexts: Mapping[tuple[str, ...], int]
    ids: re.Pattern[str] = IDS


def _anyuri(iri: str) -> Member:
    """A link that Open Badges signs as a text of datatype anyURI."""
    return Member(iri, "url", OB_XSD + "anyURI")


def _texts(namespace: str, *names: str) -> dict[str, Member]:
    return {name: Member(namespace + name) for name in names}


_NAMED = _texts(SCHEMA, "name", "description")
_STATED = {
    **_NAMED,
    "validFrom": Member(VC + "validFrom", "text", XSD + "dateTime"),
    "validUntil": Member(VC + "validUntil", "text", XSD + "dateTime"),
    "issuer": Member(VC + "issuer", "link", kinds=("Profile",)),
}
_NARRATIVE = Member(OB + "narrative")
_IMAGE = Member(OB + "image", "link", kinds=("Image",))
_ALIGNMENT = Member(OB + "alignment", "object", kinds=("Alignment",), many=True)
_OTHER_IDENTIFIER = Member(OB + "otherIdentifier", "object", kinds=("IdentifierEntry",), many=True)

KINDS: dict[str, Kind] = {
    "OpenBadgeCredential": Kind(
        {
            "VerifiableCredential": VC + "VerifiableCredential",
            "OpenBadgeCredential": OB + "OpenBadgeCredential",
        },
        {
            **_STATED,
            # The datatype is these very characters: the context names a prefix that it does not define.
            "awardedDate": Member(OB + "awardedDate", "text", "xsd:dateTime"),
            "image": _IMAGE,
            "credentialSubject": Member(VC + "credentialSubject", "object", kinds=("AchievementSubject",)),
            "evidence": Member(VC + "evidence", "object", kinds=("Evidence",), many=True),
            "credentialSchema": Member(
                VC + "credentialSchema", "object", kinds=("SchemaOf1EdTech",), many=True
            ),
            "credentialStatus": Member(VC + "credentialStatus", "object", kinds=("StatusEntry",)),
        },
    ),
    "StatusListCredential": Kind(
        {
            "VerifiableCredential": VC + "VerifiableCredential",
            "BitstringStatusListCredential": STATUS + "BitstringStatusListCredential",
        },
        {
            **_STATED,
            "credentialSubject": Member(VC + "credentialSubject", "object", kinds=("StatusList",)),
        },
        since=1,
    ),
    "StatusList": Kind(
        {"BitstringStatusList": STATUS + "BitstringStatusList"},
        {
            "statusPurpose": Member(STATUS + "statusPurpose"),
            "encodedList": Member(STATUS + "encodedList", "text", SECURITY + "multibase"),
            "ttl": Member(STATUS + "ttl", "whole"),
        },
        since=1,
    ),
    "StatusEntry": Kind(
        {"BitstringStatusListEntry": STATUS + "BitstringStatusListEntry"},
        {
            "statusPurpose": Member(STATUS + "statusPurpose"),
            "statusListIndex": Member(STATUS + "statusListIndex"),
            "statusListCredential": Member(STATUS + "statusListCredential", "link"),
        },
        since=1,
    ),
    "SchemaOf1EdTech": Kind(
        {
            "1EdTechJsonSchemaValidator2019": "https://purl.imsglobal.org/spec/vccs/v1p0/context.json"
            "#1EdTechJsonSchemaValidator2019"
        },
        {},
        since=3,
    ),
    "Profile": Kind(
        {"Profile": OB + "Profile"},
        {
            **_NAMED,
            "url": _anyuri(SCHEMA + "url"),
            "email": Member(SCHEMA + "email"),
            **_texts(OB, "phone", "official"),
            "image": _IMAGE,
            "address": Member(OB + "address", "object", kinds=("Address",)),
            "otherIdentifier": _OTHER_IDENTIFIER,
            "parentOrg": Member(OB + "parentOrg", "link", kinds=("Profile",)),
        },
        constant=True,
    ),
    "Address": Kind(
        {"Address": OB + "Address"},
        {
            **_texts(SCHEMA, "addressCountry", "addressLocality", "addressRegion"),
            "addressCountryCode": Member(OB + "CountryCode"),
            **_texts(SCHEMA, "postalCode", "streetAddress"),
        },
    ),
    "AchievementSubject": Kind(
        {"AchievementSubject": OB + "AchievementSubject"},
        {
            "identifier": Member(OB + "identifier", "object", kinds=("IdentityObject",), many=True),
            **_texts(OB, "licenseNumber", "role", "term"),
            "narrative": _NARRATIVE,
            "activityStartDate": Member(OB + "activityStartDate", "text", OB_XSD + "date"),
            "activityEndDate": Member(OB + "activityEndDate", "text", OB_XSD + "date"),
            "source": Member(OB + "source", "link", kinds=("Profile",)),
            "image": _IMAGE,
            "achievement": Member(OB + "achievement", "object", kinds=("Achievement",)),
            "result": Member(OB + "result", "object", kinds=("Result",), many=True),
        },
    ),
    "IdentityObject": Kind(
        {"IdentityObject": OB + "IdentityObject"},
        {
            "hashed": Member(OB + "hashed", "flag", OB_XSD + "boolean"),
            **_texts(OB, "identityHash", "identityType", "salt"),
        },
    ),
    "IdentifierEntry": Kind(
        {"IdentifierEntry": OB + "IdentifierEntry"}, _texts(OB, "identifier", "identifierType")
    ),
    "Achievement": Kind(
        {"Achievement": OB + "Achievement"},
        {
            **_NAMED,
            **_texts(OB, "achievementType", "fieldOfStudy", "humanCode", "specialization", "version"),
            "inLanguage": Member(SCHEMA + "inLanguage"),
            "criteria": Member(OB + "Criteria", "object", kinds=("Criteria",)),
            "creator": Member(OB + "creator", "object", kinds=("Profile",)),
            "image": _IMAGE,
            "tag": Member(SCHEMA + "keywords", many=True),
            "alignment": _ALIGNMENT,
            "resultDescription": Member(
                OB + "resultDescription", "object", kinds=("ResultDescription",), many=True
            ),
            "otherIdentifier": _OTHER_IDENTIFIER,
            "related": Member(OB + "related", "object", kinds=("Related",), many=True),
        },
        constant=True,
    ),
    "Criteria": Kind({}, {"narrative": _NARRATIVE}),
    "Image": Kind({"Image": OB + "Image"}, {"caption": Member(SCHEMA + "caption")}),
    "Related": Kind(
        {"Related": OB + "Related"},
        {"version": Member(OB + "version"), "inLanguage": Member(SCHEMA + "inLanguage")},
    ),
    "Alignment": Kind(
        {"Alignment": SCHEMA + "AlignmentObject"},
        {
            **_texts(OB, "targetCode", "targetType"),
            **_texts(SCHEMA, "targetDescription", "targetFramework", "targetName"),
            "targetUrl": _anyuri(SCHEMA + "targetUrl"),
        },
    ),
    "ResultDescription": Kind(
        {"ResultDescription": OB + "ResultDescription"},
        {
            "name": _NAMED["name"],
            **_texts(OB, "resultType", "requiredValue", "valueMin", "valueMax"),
            "requiredLevel": _anyuri(OB + "requiredLevel"),
            "allowedValue": Member(OB + "allowedValue", "list"),
            "rubricCriterionLevel": Member(
                OB + "rubricCriterionLevel", "object", kinds=("RubricCriterionLevel",), many=True
            ),
            "alignment": _ALIGNMENT,
        },
    ),
    "RubricCriterionLevel": Kind(
        {"RubricCriterionLevel": OB + "RubricCriterionLevel"},
        {**_NAMED, **_texts(OB, "level", "points"), "alignment": _ALIGNMENT},
    ),
    "Result": Kind(
        {"Result": OB + "Result"},
        {
            "resultDescription": _anyuri(OB + "resultDescription"),
            "achievedLevel": _anyuri(OB + "achievedLevel"),
            "status": Member(OB + "status"),
            "value": Member(SCHEMA + "value"),
            "alignment": _ALIGNMENT,
        },
    ),
    "Evidence": Kind(
        {"Evidence": OB + "Evidence"},
        {**_NAMED, **_texts(SCHEMA, "audience", "genre"), "narrative": _NARRATIVE},
        constant=True,
    ),
}

TABLE = Table(
    KINDS,
    ("OpenBadgeCredential", "StatusListCredential"),
    {tuple(CONTEXTS[:count]): count for count in (1, 2, 3)},
)
