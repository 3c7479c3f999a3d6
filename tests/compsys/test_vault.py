"""The vault: names come back only with the keys, numbers are found however written, erasing is final."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsys.journal import SqliteJournal
from compsys.vault import (
    Erased,
    Identity,
    KeyExposed,
    KeyMissing,
    KeyWrong,
    Vault,
    canonical,
    commitment,
    load_master_key,
    make_master_key,
)
from compsys.verify_identity import Aes256Gcm
from compsys.verify_identity import canonical as canonical_outside

LI = Identity({"zh-CN": "李娜", "en": "Li Na"}, "id", "11010119900307001x", "13800000000", "left-handed")
BO = Identity({"en": "Bo"}, "passport", "E1234")
AT = "2026-11-22T00:00:00.000Z"


@pytest.fixture
def home(tmp_path: Path, rng: random.Random) -> Path:
    make_master_key(tmp_path / "keys", rng.randbytes)
    return tmp_path


@pytest.fixture
def journal(home: Path) -> Iterator[SqliteJournal]:
    with SqliteJournal(home / "data", "c1") as opened:
        yield opened


@pytest.fixture
def vault(journal: SqliteJournal, home: Path, rng: random.Random) -> Iterator[Vault]:
    opened = Vault(journal, home / "keys", rng.randbytes)
    yield opened
    opened.close()


def stored(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())


def test_a_person_comes_back_as_put_and_as_changed(vault: Vault) -> None:
    vault.put_many([("p1", LI), ("p2", BO)])
    assert (vault.get("p1"), vault.get("p2"), vault.get("p3")) == (LI, BO, None)
    vault.put("p2", Identity({"en": "Bo Bi"}, "passport", "E9"))
    assert [person for person, _ in vault.all()] == ["p1", "p2"]
    assert dict(vault.all())["p2"] == Identity({"en": "Bo Bi"}, "passport", "E9")
    assert (vault.find("passport", "E1234"), vault.find("passport", "e9")) == ([], ["p2"])


def test_nothing_readable_is_stored(vault: Vault, home: Path) -> None:
    vault.put("p1", LI)
    everything = stored(home)
    for secret in ("李娜", "Li Na", LI.id_number, LI.id_number.upper(), LI.phone, LI.note):
        assert secret.encode() not in everything


@pytest.mark.parametrize(
    "written", ["11010119900307001X", " 110101-19900307-001x ", "１１０１０１１９９００３０７００１Ｘ"]
)
def test_a_number_is_found_however_it_is_written(vault: Vault, written: str) -> None:
    vault.put_many([("p1", LI), ("p2", LI), ("p3", BO)])
    assert vault.find("id", written) == ["p1", "p2"]
    assert vault.find("passport", written) == []


def test_persons_without_a_number_are_not_found_by_none(vault: Vault) -> None:
    vault.put("p1", Identity({"en": "Bo"}))
    assert vault.find("", "") == []


def test_erasing_is_final_in_the_directory_and_in_older_backups(
    vault: Vault, journal: SqliteJournal, home: Path, rng: random.Random
) -> None:
    vault.put_many([("p1", LI), ("p2", BO)])
    journal.backup(home / "old.db")
    (sealed,) = journal.rows("SELECT sealed FROM persons WHERE person = 'p1'")[0]
    assert vault.erase("p1", AT)
    assert (vault.get("p1"), vault.find("id", LI.id_number)) == (Erased("p1", AT), [])
    assert not vault.erase("p1", AT)
    assert not vault.erase("nobody", AT)
    assert sealed not in b"".join(path.read_bytes() for path in (home / "data").iterdir())
    (home / "back").mkdir()
    shutil.move(home / "old.db", home / "back" / "journal.db")
    with SqliteJournal(home / "back") as restored:
        old = Vault(restored, home / "keys", rng.randbytes)
        assert (old.get("p1"), old.get("p2")) == (Erased("p1", ""), BO)
        old.close()


def test_an_erased_person_may_be_entered_anew(vault: Vault) -> None:
    vault.put("p1", LI)
    vault.erase("p1", AT)
    vault.put("p1", BO)
    assert vault.get("p1") == BO


def test_rows_or_keys_exchanged_between_persons_do_not_open(
    vault: Vault, journal: SqliteJournal, home: Path
) -> None:
    vault.put_many([("p1", LI), ("p2", BO)])
    with journal.transaction() as db:
        db.execute("UPDATE persons SET sealed = (SELECT sealed FROM persons WHERE person = 'p1')")
    assert vault.get("p1") == LI
    with pytest.raises(KeyWrong):
        vault.get("p2")
    with sqlite3.connect(home / "keys" / "persons.db") as keys:
        keys.execute("UPDATE keys SET wrapped = (SELECT wrapped FROM keys WHERE person = 'p1')")
    keys.close()
    with pytest.raises(KeyWrong):
        vault.get("p2")


def test_another_master_key_is_refused_at_once(
    vault: Vault, journal: SqliteJournal, rng: random.Random, home: Path
) -> None:
    make_master_key(home / "other", rng.randbytes)
    with pytest.raises(KeyWrong):
        Vault(journal, home / "other", rng.randbytes)
    with pytest.raises(KeyMissing):
        Vault(journal, home / "nowhere", rng.randbytes)


def test_the_master_key_is_its_owners_alone(tmp_path: Path, rng: random.Random) -> None:
    made = make_master_key(tmp_path, rng.randbytes)
    path = tmp_path / "master.key"
    assert (path.stat().st_mode & 0o777, load_master_key(tmp_path)) == (0o600, made)
    with pytest.raises(FileExistsError):
        make_master_key(tmp_path, rng.randbytes)
    path.chmod(0o640)
    with pytest.raises(KeyExposed):
        load_master_key(tmp_path)
    path.chmod(0o600)
    path.write_text("short")
    with pytest.raises(KeyWrong):
        load_master_key(tmp_path)


def test_a_commitment_binds_name_and_number_and_needs_a_salt(rng: random.Random) -> None:
    salt = rng.randbytes(16).hex()
    made = commitment(salt, canonical(LI))
    same = Identity({"en": "Li Na ", "zh-CN": "李娜"}, "id", "110101 19900307 001X", phone="other")
    assert commitment(salt, canonical(same)) == made
    for other in (BO, Identity(LI.name, "id", "1"), Identity({"en": "Li Na"}, "id", LI.id_number)):
        assert commitment(salt, canonical(other)) != made
    assert commitment(rng.randbytes(16).hex(), canonical(LI)) != made
    with pytest.raises(ValueError, match="128 bits"):
        commitment("salt", canonical(LI))


text = st.text(max_size=20)


@given(st.dictionaries(st.sampled_from(["zh-CN", "en"]), text, min_size=1), text, text)
def test_the_verifier_makes_the_same_bytes_of_an_identity(
    name: dict[str, str], id_type: str, number: str
) -> None:
    data = {"name": name, "id_type": id_type, "id_number": number}
    assert canonical_outside(data) == canonical(Identity(name, id_type, number))


@given(
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=12, max_size=12),
    st.binary(max_size=70),
    st.binary(max_size=40),
)
def test_the_verifiers_own_aes_opens_what_the_library_closed(
    key: bytes, nonce: bytes, data: bytes, associated: bytes
) -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    closed = nonce + AESGCM(key).encrypt(nonce, data, associated)
    assert Aes256Gcm(key).decrypt(closed, associated) == data
    changed = closed[:-1] + bytes([closed[-1] ^ 1])
    assert Aes256Gcm(key).decrypt(changed, associated) is None
