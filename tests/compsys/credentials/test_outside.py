"""Others accept what we sign: the official schema, the rules of the 1EdTech validator, other programs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from compsys.credentials import controller, jwt, proofs, signer
from tests.compsys.credentials import outside, shapes
from tests.compsys.credentials.shapes import CREATED, METHOD, SIGNER

Json = dict[str, Any]
WEB = signer.ES256(b"\x04" * 32)
VERIFIER = os.environ.get("COMPSYS_OPENBADGES_VERIFIER") or shutil.which("openbadges-verifier")
"""The command of openbadgeslib with its extra ``ldp``, from an environment of its own: never imported."""


@pytest.fixture
def ob3(shared_data: Path) -> Path:
    return shared_data / "ob3"


def signed(shape: Callable[[], Json]) -> Json:
    return proofs.sign(shape(), SIGNER, METHOD, CREATED)


@pytest.mark.parametrize("shape", shapes.SHAPES)
def test_both_proofs_hold_by_the_specifications_alone(shape: Callable[[], Json], ob3: Path) -> None:
    """PyLD with the published contexts, hashlib and cryptography: none of our code between."""
    made = signed(shape)
    assert [outside.holds(ob3, made, proof) for proof in made["proof"]] == [True, True]
    altered = shapes.put(made, ("validFrom",), "2025-10-20T09:00:01+08:00")
    assert [outside.holds(ob3, altered, proof) for proof in made["proof"]] == [False, False]


SCHEMED = [shape for shape in shapes.BADGES if shape not in (shapes.nameless, shapes.repeated)]
"""What the schema lets pass: the two others leave out ids that it asks for."""


@pytest.mark.parametrize("shape", SCHEMED)
def test_the_official_schema_and_the_validators_rules_are_satisfied(
    shape: Callable[[], Json], ob3: Path
) -> None:
    made = signed(shape)
    assert outside.against_schema(ob3, made) == []
    assert outside.against_rules(ob3, made) == ""


def test_the_rules_are_not_blind(ob3: Path) -> None:
    """What the schema lets pass but the validator does not is seen."""
    made = signed(shapes.worked)
    for path, value, stop in (
        (("@context",), made["@context"][::-1], "contexts"),
        (("type",), ["VerifiableCredential"], "type"),
        (("validFrom",), "2025-10-20", "schema"),
        (("credentialStatus",), [], "schema"),
        (("credentialSubject", "achievement", "criteria"), {}, "criteria"),
        (("issuer",), shapes.ISSUER, "issuer"),
        (("proof",), made["proof"][::-1], "proof"),
        (("name",), "x", "signature"),
    ):  # fmt: skip
        found = outside.against_rules(ob3, shapes.put(made, path, value))
        assert found in (stop, "signature" if stop == "schema" else stop), (path, found)
        assert found


def test_the_controller_document_means_what_it_says(ob3: Path) -> None:
    """A JSON-LD processor with the published contexts drops nothing of it."""
    keys = [
        controller.Key(SIGNER.public, "Ed25519", CREATED, retired=CREATED),
        controller.Key(SIGNER.public[::-1], "Ed25519", CREATED, revoked=CREATED),
    ]
    for profile in (None, shapes.issuer()):
        written = outside.quads(ob3, controller.document(shapes.ISSUER, keys, profile))
        signing = [line for line in written.splitlines() if "security#assertionMethod" in line]
        assert signing == [f"<{shapes.ISSUER}> <https://w3id.org/security#assertionMethod> <{METHOD}> ."]
        assert written.count("security#publicKeyMultibase") == 2 and written.count("security#revoked") == 1


def verifier_says(folder: Path, made: Json, token: str = "") -> Json:
    """What openbadges-verifier says of a credential, or of it as a token: it reads badges baked into SVG."""
    picture = folder / "badge.svg"
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'
    text = json.dumps(made, ensure_ascii=False)
    baked = f' verify="{token}">' if token else f"><![CDATA[{text}]]>"
    picture.write_text(
        f"<svg {spaces}><openbadges:credential{baked}</openbadges:credential></svg>", "utf-8"
    )
    key = folder / "key.pem"
    public: Ed25519PublicKey | ec.EllipticCurvePublicKey = Ed25519PublicKey.from_public_bytes(SIGNER.public)
    if token:
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), WEB.public)
    key.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    recipient = made["credentialSubject"]["id"]
    command = [str(VERIFIER), "--json", "-V", "3", "-i", str(picture), "-r", recipient, "-k", str(key)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.long
@pytest.mark.skipif(
    VERIFIER is None,
    reason="reason: no openbadges-verifier (pip install 'openbadgeslib[ldp]' in an environment of its own, "
    "COMPSYS_OPENBADGES_VERIFIER=its path): a verifier written by others did NOT run",
)
@pytest.mark.parametrize("shape", SCHEMED)
def test_a_verifier_written_by_others_accepts_it_and_refuses_an_altered_one(
    shape: Callable[[], Json], tmp_path: Path
) -> None:
    made = signed(shape)
    assert verifier_says(tmp_path, made)["valid"] is True
    altered = shapes.put(made, ("credentialSubject", "achievement", "name"), "焊工 二级/技师")
    assert verifier_says(tmp_path, altered)["valid"] is False
    token = jwt.issue(made, WEB, f"{shapes.ISSUER}/keys/es256")
    assert verifier_says(tmp_path, made, token)["valid"] is True
    other = jwt.issue(made, signer.ES256(b"\x05" * 32), f"{shapes.ISSUER}/keys/es256")
    assert verifier_says(tmp_path, made, other)["valid"] is False
