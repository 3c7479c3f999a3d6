"""The venue's own certificates: a short-lived root that can vouch for this venue alone, and a leaf.

Both stand in the data directory's ``tls/``, keys readable by their owner only. The root may sign for the
names and the network that it was made for and for nothing else, so a tablet that trusts it trusts no other
site because of it. Clocks of tablets are wrong, so everything is valid from two days ago on.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from compsys import words as catalogue

FOLDER = "tls"
ROOT_DAYS, LEAF_DAYS = 60, 30
EARLIER = timedelta(hours=48)
"""What a tablet's clock may be behind."""

ROOT_LEFT, LEAF_LEFT = timedelta(days=2), timedelta(days=10)
"""With less time left the root is made anew at the next start (and every tablet installs it again), the leaf
at once (no tablet notices)."""

SOON = 14
"""Days: with fewer left of the root somebody should plan for a new one."""

Subject = x509.DNSName | x509.IPAddress


class BadCertificate(ValueError):
    """A certificate or key that cannot be used; its text says why."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """What a server needs: its root and leaf, the files of the leaf and of its key, and what was made just
    now (``root``, ``leaf``)."""

    root: x509.Certificate
    leaf: x509.Certificate
    certificate: Path
    key: Path
    made: tuple[str, ...] = ()


def subject(name: str) -> Subject:
    """A name of the server as certificates write it.

    >>> subject("192.168.8.2").value, subject("Venue.Local").value
    (IPv4Address('192.168.8.2'), 'venue.local')
    """
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.lower())


def permitted(names: Iterable[str]) -> list[x509.GeneralName]:
    """What a root for these names may sign for: they themselves, of addresses the network around them (/24;
    /64 of an IPv6 one), and this machine.

    >>> [str(one.value) for one in permitted(["192.168.8.2", "venue.test"])]
    ['localhost', '127.0.0.0/24', '192.168.8.0/24', 'venue.test']
    """
    found: list[x509.GeneralName] = []
    for name in ("localhost", "127.0.0.1", *names):
        one = subject(name)
        if isinstance(one, x509.IPAddress):
            width = 24 if one.value.version == 4 else 64
            one = x509.IPAddress(ipaddress.ip_network(f"{one.value}/{width}", strict=False))
        if one not in found:
            found.append(one)
    return found


def covers(root: x509.Certificate, name: str) -> bool:
    """Whether a root may sign for a name."""
    allowed = root.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or ()
    one = subject(name)
    if isinstance(one, x509.IPAddress):
        address = ipaddress.ip_address(str(one.value))
        networks = (ipaddress.ip_network(str(a.value)) for a in allowed if isinstance(a, x509.IPAddress))
        return any(address in network for network in networks)
    return any(isinstance(a, x509.DNSName) and f".{one.value}".endswith(f".{a.value}") for a in allowed)


def provide(folder: Path, names: Sequence[str], now: datetime) -> Certificates:
    """The certificates for a server of these names, made where they are missing, near their end, or not for
    these names. ``folder``: the data directory's ``tls``; ``now``: an aware time. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made: tuple[str, ...] = ()
    root = read(folder / "root.crt")
    if root is None or ending(root, now) or not all(covers(root, name) for name in names):
        root = _make_root(folder, names, now)
        made = ("root",)
    leaf = read(folder / "leaf.crt")
    if leaf is None or made or not _serves(leaf, root, names, now):
        leaf = _make_leaf(folder, root, names, now)
        made += ("leaf",)
    return Certificates(root, leaf, folder / "leaf.crt", folder / "leaf.key", made)


def read(path: Path) -> x509.Certificate | None:
    """A certificate's file, None where there is none that can be read."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def ending(root: x509.Certificate, now: datetime) -> bool:
    """Whether a root is so near its end that the next start makes another."""
    return _left(root, now) < ROOT_LEFT


def fingerprint(certificate: x509.Certificate) -> bytes:
    """Its SHA-256, as every system shows it to whoever installs it."""
    return certificate.fingerprint(hashes.SHA256())


def spoken(digest: bytes, words: Sequence[str], count: int) -> tuple[str, ...]:
    """A digest as the first ``count`` words of a list of 64: six bits each.

    >>> spoken(bytes([0, 16, 131]), [str(i) for i in range(64)], 4)
    ('0', '1', '2', '3')
    """
    assert len(words) == 64, "six bits a word"
    bits = int.from_bytes(digest, "big")
    return tuple(words[bits >> (len(digest) * 8 - 6 * (i + 1)) & 63] for i in range(count))


def words(digest: bytes, lang: str) -> tuple[str, ...]:
    """The six words that console and tablet show of a root's SHA-256: 36 bits of it."""
    return spoken(digest, catalogue.say("seat.seal_words", lang).split(), 6)


def colours(digest: bytes) -> tuple[int, ...]:
    """Four of eight colours, by number, from the twelve bits after those of the words.

    >>> colours(bytes([255, 255, 255, 255, 0b11110000, 0b01010011]))
    (0, 1, 2, 3)
    """
    bits = int.from_bytes(digest, "big")
    return tuple(bits >> (len(digest) * 8 - 36 - 3 * (i + 1)) & 7 for i in range(4))


def _left(certificate: x509.Certificate, now: datetime) -> timedelta:
    return certificate.not_valid_after_utc - now


def _serves(leaf: x509.Certificate, root: x509.Certificate, names: Sequence[str], now: datetime) -> bool:
    """Whether a leaf is this root's, names all of these, and lasts for a while (or as long as its root)."""
    named = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    lasts = _left(leaf, now) >= min(LEAF_LEFT, _left(root, now))
    try:
        leaf.verify_directly_issued_by(root)
    except Exception:  # noqa: BLE001 (whatever is wrong with it, a new one is made)
        return False
    return lasts and all(subject(name) in named for name in names)


def _make_root(folder: Path, names: Sequence[str], now: datetime) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "compsys"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Venue {names[0][:40]} {now:%Y-%m-%d}"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        _begun(name, name, key.public_key(), now, now + timedelta(days=ROOT_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(permitted(names), None), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(folder, "root", made, key)
    return made


def _make_leaf(
    folder: Path, root: x509.Certificate, names: Sequence[str], now: datetime
) -> x509.Certificate:
    signer = serialization.load_pem_private_key((folder / "root.key").read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey), "we made it"
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:60])])
    until = min(now + timedelta(days=LEAF_DAYS), root.not_valid_after_utc)
    every = x509.SubjectAlternativeName([subject(name) for name in names])
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    made = (
        _begun(name, root.subject, key.public_key(), now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(every, critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer, critical=False)
        .sign(signer, hashes.SHA256())
    )
    _write(folder, "leaf", made, key)
    return made


def _begun(
    name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _write(
    folder: Path, stem: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> None:
    """The key first: a certificate without its key would be taken for whole."""
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for name, data in (
        (f"{stem}.key", plain),
        (f"{stem}.crt", certificate.public_bytes(serialization.Encoding.PEM)),
    ):
        fresh = folder / f"{name}.new"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(folder / name)
