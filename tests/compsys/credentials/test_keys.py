"""Issuers' keys: on the disk only encrypted, told by controller documents, believed by their history."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from compsys.credentials import controller, multikey, proofs, signer
from compsys.credentials.controller import Key
from compsys.credentials.keyfolder import KeyFolder, SignerMissing
from compsys.credentials.signer import Algorithm
from compsys.moving import copy_keys
from compsys.vault import KeyExposed, KeyMissing, KeyWrong, make_master_key
from tests.compsys.credentials import shapes
from tests.compsys.credentials.shapes import CREATED, ISSUER

ALGORITHMS: tuple[Algorithm, ...] = ("Ed25519", "ES256")


@pytest.fixture
def keys(tmp_path: Path, rng: random.Random) -> Path:
    make_master_key(tmp_path / "keys", rng.randbytes)
    return tmp_path / "keys"


def only_file(keys: Path) -> Path:
    (path,) = (keys / "issuers").iterdir()
    return path


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_created_key_signs_after_a_restart_too(
    keys: Path, rng: random.Random, algorithm: Algorithm
) -> None:
    public = KeyFolder(keys, rng.randbytes).create(algorithm)
    found = KeyFolder(keys, rng.randbytes).signer(public)
    assert (found.public, found.algorithm) == (public, algorithm)
    signature = found.sign(b"result")
    assert signature == found.sign(b"result") and len(signature) == 64
    assert signer.check(algorithm, public, signature, b"result")
    assert not signer.check(algorithm, public, signature, b"Result")
    assert not signer.check(algorithm, public, signature[::-1], b"result")
    assert not signer.check(algorithm, public[:-1], signature, b"result")
    assert not signer.check("RS256", public, signature, b"result")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_no_secret_stands_on_the_disk_in_clear(keys: Path, algorithm: Algorithm) -> None:
    drawn: list[bytes] = []

    def randomness(n: int) -> bytes:
        drawn.append(random.Random(f"{n} {len(drawn)}").randbytes(n))
        return drawn[-1]

    public = KeyFolder(keys, randomness).create(algorithm)
    secret = signer.secret_of(algorithm, drawn[0])
    assert signer.opened(algorithm, secret).public == public
    path = only_file(keys)
    data = path.read_bytes()
    for form in (secret, secret.hex().encode(), base64.b64encode(secret), base64.b64encode(secret)[:-2]):
        assert form not in data
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_under_another_master_key_or_altered_or_swapped_does_not_open(
    keys: Path, rng: random.Random
) -> None:
    folder = KeyFolder(keys, rng.randbytes)
    public = folder.create("Ed25519")
    path = only_file(keys)
    data = path.read_bytes()
    other = folder.create("Ed25519")
    swapped = keys / "issuers" / f"{hashlib.sha256(other).hexdigest()}.key"
    kept = json.loads(data)
    sealed = base64.b64decode(kept["sealed"])
    wrong = [b"", b"{}", data[:-20], swapped.read_bytes()]
    wrong += [json.dumps({**kept, **change}).encode() for change in (
        {"sealed": base64.b64encode(sealed[:-1] + bytes([sealed[-1] ^ 1])).decode()}, {"v": 2},
        {"algorithm": "ES256"}, {"public": base64.b64encode(other).decode()}, {"sealed": ""},
    )]  # fmt: skip
    for text in wrong:
        path.write_bytes(text)
        with pytest.raises(KeyWrong):
            folder.signer(public)
    path.write_bytes(data)
    assert folder.signer(public).public == public
    (keys / "master.key").unlink()
    make_master_key(keys, random.Random(1).randbytes)
    with pytest.raises(KeyWrong):
        KeyFolder(keys, rng.randbytes).signer(public)


def test_a_key_that_others_may_read_is_not_used(keys: Path, rng: random.Random) -> None:
    folder = KeyFolder(keys, rng.randbytes)
    public = folder.create("Ed25519")
    only_file(keys).chmod(0o640)
    with pytest.raises(KeyExposed):
        folder.signer(public)


def test_a_missing_key_or_master_key_is_named(keys: Path, rng: random.Random) -> None:
    folder = KeyFolder(keys, rng.randbytes)
    public = folder.create("Ed25519")
    assert folder.holds(public) and folder.held() == [hashlib.sha256(public).digest()]
    assert folder.destroy(public) and not folder.destroy(public)
    assert not folder.holds(public) and folder.held() == []
    with pytest.raises(SignerMissing) as missing:
        folder.signer(public)
    assert missing.value.params["path"].startswith(str(keys))
    (keys / "master.key").unlink()
    with pytest.raises(KeyMissing):
        KeyFolder(keys, rng.randbytes)


def test_what_a_kill_left_half_written_is_in_nobodys_way(keys: Path, rng: random.Random) -> None:
    seed = rng.randbytes(40)
    chances = {40: seed, 12: bytes(12)}
    folder = KeyFolder(keys, chances.__getitem__)
    public = folder.create("Ed25519")
    path = only_file(keys)
    path.rename(path.with_suffix(".part"))  # as a kill before the renaming leaves it
    path.with_suffix(".part").write_bytes(b"{")
    assert folder.held() == [] and not folder.holds(public)
    assert folder.create("Ed25519") == public and folder.signer(public).public == public
    assert only_file(keys) == path


def test_a_copy_of_the_keys_has_the_issuers_too(keys: Path, tmp_path: Path, rng: random.Random) -> None:
    """What ``compsys backup --keys`` and ``compsys move`` copy signs in its new place."""
    made = [KeyFolder(keys, rng.randbytes).create(algorithm) for algorithm in ALGORITHMS]
    there = tmp_path / "elsewhere"
    copy_keys(keys, there)
    copy_keys(keys, there)
    assert [KeyFolder(there, rng.randbytes).signer(public).public for public in made] == made
    assert {path.stat().st_mode & 0o777 for path in (there / "issuers").iterdir()} == {0o600}


def test_es256_signs_as_any_other_program_does(keys: Path, rng: random.Random) -> None:
    """Raw r and s that cryptography's own check takes; the JWK is the same key."""
    found = KeyFolder(keys, rng.randbytes)
    public = found.create("ES256")
    signature = found.signer(public).sign(b"data")
    jwk = controller.jwk(Key(public, "ES256", CREATED))
    x, y = (int.from_bytes(base64.urlsafe_b64decode(jwk[name] + "==")) for name in ("x", "y"))
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    key.verify(utils.encode_dss_signature(r, s), b"data", ec.ECDSA(SHA256()))
    assert "d" not in jwk and jwk["kty"] == "EC" and jwk["crv"] == "P-256"


def test_a_key_is_made_of_enough_chance() -> None:
    for algorithm in ALGORITHMS:
        with pytest.raises(ValueError, match="40"):
            signer.secret_of(algorithm, bytes(32))
        assert len(signer.secret_of(algorithm, b"\xff" * 40)) == 32
    for wrong in (bytes(32), b"\xff" * 32, b"\x01" * 31):
        with pytest.raises(ValueError, match="P-256"):
            signer.ES256(wrong)
    with pytest.raises(ValueError, match="RS256"):
        signer.opened("RS256", bytes(32))


# ---------------------------------------------------------------- the history of keys

OLD, NEW, LEAKED = (signer.Ed25519(bytes([n]) * 32) for n in (1, 2, 3))
WEB = signer.ES256(b"\x04" * 32)
HISTORY = [
    Key(OLD.public, "Ed25519", "2024-01-01T00:00:00Z", retired="2025-01-01T00:00:00Z"),
    Key(LEAKED.public, "Ed25519", "2024-06-01T00:00:00Z", revoked="2025-02-01T00:00:00Z"),
    Key(NEW.public, "Ed25519", "2025-01-01T00:00:00Z"),
    Key(WEB.public, "ES256", "2025-01-01T00:00:00Z"),
]


def test_after_a_rotation_old_credentials_verify_and_those_of_a_leaked_key_do_not() -> None:
    find = controller.key_of({ISSUER: HISTORY})
    for key, code in ((OLD, ""), (NEW, ""), (LEAKED, "proof.key_revoked")):
        method = f"{ISSUER}#{multikey.encode(key.public)}"
        made = proofs.sign(shapes.worked(), key, method, "2024-07-01T00:00:00Z")
        found = proofs.verify(made, find)
        assert (found.ok, found.code) == (not code, code)
        if code:
            assert found.params == {"method": method, "revoked": "2025-02-01T00:00:00Z"}
    made = proofs.sign(shapes.worked(), shapes.SIGNER, shapes.METHOD, CREATED)
    assert proofs.verify(made, find).code == "proof.key_unknown"


def test_another_issuers_key_signs_nothing_in_this_ones_name() -> None:
    other = "https://d.example/issuers/1"
    find = controller.key_of({ISSUER: HISTORY[:1], other: HISTORY[2:]})
    method = f"{other}#{multikey.encode(NEW.public)}"
    assert find(method) == NEW.public
    made = proofs.sign(shapes.worked(), NEW, method, CREATED)
    assert proofs.verify(made, find).code == "proof.method_foreign"


def test_the_controller_document_lists_every_key_and_lets_the_revoked_one_sign_nothing() -> None:
    made = controller.document(ISSUER, HISTORY)
    assert made["id"] == ISSUER
    entries = {entry["id"]: entry for entry in made["verificationMethod"]}
    names = [controller.method(ISSUER, key) for key in HISTORY]
    assert list(entries) == names
    assert made["assertionMethod"] == [names[0], names[2], names[3]]
    assert entries[names[1]]["revoked"] == "2025-02-01T00:00:00Z"
    assert all("revoked" not in entries[name] for name in (names[0], names[2], names[3]))
    assert all(entry["controller"] == ISSUER for entry in entries.values())
    assert [entry["type"] for entry in entries.values()] == ["Multikey"] * 3 + ["JsonWebKey"]
    assert multikey.decode(entries[names[2]]["publicKeyMultibase"]) == NEW.public
    assert "d" not in entries[names[3]]["publicKeyJwk"]


def test_the_did_document_holds_the_same_keys_under_the_issuers_did() -> None:
    made = controller.did_document(ISSUER, HISTORY)
    did = "did:web:c.example:issuers:7"
    assert (made["id"], made["alsoKnownAs"]) == (did, [ISSUER])
    own = json.dumps(controller.document(ISSUER, HISTORY)["verificationMethod"])
    assert json.dumps(made["verificationMethod"]) == own.replace(ISSUER, did)


@pytest.mark.parametrize(
    ("issuer", "did", "address"),
    [
        ("https://c.example", "did:web:c.example", "https://c.example/.well-known/did.json"),
        ("https://c.example/issuers/7", "did:web:c.example:issuers:7",
         "https://c.example/issuers/7/did.json"),
        ("https://c.example:8443/a", "did:web:c.example%3A8443:a", "https://c.example:8443/a/did.json"),
    ],
)  # fmt: skip
def test_a_did_and_the_address_of_its_document(issuer: str, did: str, address: str) -> None:
    assert (controller.did_of(issuer), controller.did_address(issuer)) == (did, address)


@pytest.mark.parametrize("issuer", ["http://c.example", "https://", "urn:uuid:1", "https://a/b?c", "https://a@b"])
def test_what_has_no_did(issuer: str) -> None:
    with pytest.raises(ValueError, match="no did:web"):
        controller.did_of(issuer)
