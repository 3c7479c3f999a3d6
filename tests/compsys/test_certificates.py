"""The venue's certificates: what they may vouch for, how long, and when they are made anew."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from compsys import certificates
from compsys.certificates import provide

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
NAMES = ("venue.test", "192.168.8.2", "localhost", "127.0.0.1")


def trusted(root: x509.Certificate, leaf: x509.Certificate, name: str, when: datetime = NOW) -> bool:
    """Whether a client that trusts the root takes the leaf for this name."""
    policy = PolicyBuilder().store(Store([root])).time(when)
    try:
        policy.build_server_verifier(certificates.subject(name)).verify(leaf, [])
    except VerificationError:
        return False
    return True


def test_a_root_vouches_for_its_venue_and_for_nothing_else(tmp_path: Path) -> None:
    found = provide(tmp_path, NAMES, NOW)
    assert found.made == ("root", "leaf")
    assert all(trusted(found.root, found.leaf, name) for name in NAMES)
    assert not trusted(found.root, found.leaf, "bank.test")
    # The root's own key cannot make a certificate for somewhere else that a client would take.
    far = certificates._make_leaf(tmp_path, found.root, ("bank.test", "203.0.113.9"), NOW)
    assert not trusted(found.root, far, "bank.test") and not trusted(found.root, far, "203.0.113.9")
    near = certificates._make_leaf(tmp_path, found.root, ("192.168.8.77",), NOW)
    assert trusted(found.root, near, "192.168.8.77")
    limits = found.root.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert limits.ca and limits.path_length == 0


def test_they_are_short_lived_and_valid_for_a_tablet_whose_clock_is_behind(tmp_path: Path) -> None:
    found = provide(tmp_path, NAMES, NOW)
    assert trusted(found.root, found.leaf, "venue.test", NOW - timedelta(hours=47))
    assert trusted(found.root, found.leaf, "venue.test", NOW + timedelta(days=29))
    assert not trusted(found.root, found.leaf, "venue.test", NOW + timedelta(days=31))
    assert found.root.not_valid_after_utc - NOW == timedelta(days=60)
    for name in ("root.key", "leaf.key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("later", "names", "made"),
    [
        (timedelta(days=19), NAMES, ()),
        (timedelta(days=21), NAMES, ("leaf",)),
        (timedelta(days=59), NAMES, ("root", "leaf")),
        (timedelta(0), ("venue.test", "192.168.8.3"), ("leaf",)),
        (timedelta(0), ("venue.test", "192.168.9.2"), ("root", "leaf")),
        (timedelta(0), ("other.test",), ("root", "leaf")),
    ],
)
def test_they_are_made_anew_near_their_end_and_for_other_names(
    tmp_path: Path, later: timedelta, names: tuple[str, ...], made: tuple[str, ...]
) -> None:
    first = provide(tmp_path, NAMES, NOW)
    then = provide(tmp_path, names, NOW + later)
    assert then.made == made
    assert (then.root == first.root) == ("root" not in made)
    assert trusted(then.root, then.leaf, names[0], NOW + later)
    key = serialization.load_pem_private_key(then.key.read_bytes(), None)
    assert key.public_key() == then.leaf.public_key()


def test_a_torn_file_is_made_anew(tmp_path: Path) -> None:
    provide(tmp_path, NAMES, NOW)
    (tmp_path / "leaf.crt").write_bytes(b"-----BEGIN CERT")
    assert provide(tmp_path, NAMES, NOW).made == ("leaf",)


def test_words_are_the_fingerprints_first_bits(tmp_path: Path) -> None:
    """Six words of 64 are 36 bits: a false root with the same ones takes 2**36 tries."""
    root = provide(tmp_path, NAMES, NOW).root
    words = certificates.spoken(certificates.fingerprint(root), [f"{i:06b}" for i in range(64)], 6)
    assert "".join(words) == f"{int.from_bytes(certificates.fingerprint(root), 'big'):0256b}"[:36]
