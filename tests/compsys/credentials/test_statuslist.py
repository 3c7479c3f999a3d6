"""Status lists: every bit where it belongs, read within bounds, signed like any credential."""

from __future__ import annotations

import base64
import gzip
import random
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsys.answers import Refused
from compsys.credentials import proofs, statuslist
from compsys.credentials.jcs import Unsignable
from compsys.credentials.statuslist import LENGTH
from tests.compsys.credentials import shapes

URL = f"{shapes.HOST}/status/7/1"


@given(st.sets(st.integers(0, LENGTH - 1), max_size=50))
def test_what_was_set_is_set_after_the_way_and_nothing_else(indexes: set[int]) -> None:
    bits = statuslist.decode(statuslist.encode(statuslist.bits_of(indexes)))
    assert len(bits) == LENGTH // 8
    assert all(statuslist.is_set(bits, index) for index in indexes)
    assert sum(byte.bit_count() for byte in bits) == len(indexes)


def test_index_0_is_the_highest_bit_of_the_first_byte() -> None:
    bits = statuslist.bits_of([0, 7, 8, LENGTH - 1])
    assert (bits[0], bits[1], bits[-1]) == (0x81, 0x80, 0x01)


def test_others_read_our_list_and_we_theirs() -> None:
    """By the standard library's gzip, whose bytes are others."""
    bits = statuslist.bits_of(range(0, LENGTH, 7))
    text = statuslist.encode(bits)
    assert gzip.decompress(base64.urlsafe_b64decode(text[1:] + "==")) == bits
    theirs = "u" + base64.urlsafe_b64encode(gzip.compress(bits, mtime=1234)).rstrip(b"=").decode()
    assert theirs != text and statuslist.decode(theirs) == bits


def test_the_same_bits_are_written_alike() -> None:
    assert statuslist.encode(statuslist.bits_of([5])) == statuslist.encode(statuslist.bits_of([5]))


def packed(data: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


BAD = [
    "", "u", "x" + "A" * 20, "uAAAA", "u!!!!", "焊", packed(b"\x1f\x8b"), packed(gzip.compress(bytes(100))),
    packed(gzip.compress(bytes(LENGTH // 8))[:-5]), packed(gzip.compress(bytes(LENGTH // 8)) + b"more"),
    packed(zlib.compress(bytes(LENGTH // 8))), packed(gzip.compress(bytes(50_000_000))),
    "u" + "A" * 9_000_000,
]  # fmt: skip


@pytest.mark.parametrize("text", BAD, ids=[str(n) for n in range(len(BAD))])
def test_a_damaged_short_or_swollen_list_is_refused(text: str) -> None:
    with pytest.raises(Unsignable) as refused:
        statuslist.decode(text)
    assert refused.value.code == "proof.list_bad"


def test_a_list_hides_a_credential_among_many() -> None:
    with pytest.raises(ValueError, match="1024"):
        statuslist.bits_of([], 1024)
    for index in (-1, LENGTH):
        with pytest.raises(ValueError, match="no entry"):
            statuslist.bits_of([index])
        with pytest.raises(ValueError, match="no entry"):
            statuslist.is_set(statuslist.bits_of([]), index)


def test_indexes_are_chosen_once_each(rng: random.Random) -> None:
    taken: set[int] = set()
    for _ in range(20):
        found = statuslist.choose((rng.randrange(LENGTH) for _ in range(1000)), taken, 200)
        assert len(set(found)) == 200 and not taken & set(found)
        taken |= set(found)
    with pytest.raises(ValueError, match="2 free"):
        statuslist.choose([1, 2, 3, 3], {1}, 3)
    with pytest.raises(ValueError, match="no entry"):
        statuslist.choose([LENGTH], set(), 1)


def test_a_list_is_signed_and_read_as_a_credential() -> None:
    bits = statuslist.bits_of([60233])
    made = statuslist.list_credential(
        URL, shapes.ISSUER, bits, "2025-10-20T09:00:00+08:00", "2025-10-27T09:00:00+08:00", 300_000
    )
    signed = proofs.sign(made, shapes.SIGNER, shapes.METHOD, shapes.CREATED)
    assert proofs.verify(signed, shapes.key_of).ok
    found = statuslist.read(signed)
    assert found == (
        URL, shapes.ISSUER, "revocation", bits, "2025-10-20T09:00:00+08:00", "2025-10-27T09:00:00+08:00",
        300_000,
    )  # fmt: skip
    entry = shapes.worked()["credentialStatus"]
    assert entry["statusListCredential"] == found.url and entry["id"] != found.url
    assert statuslist.is_set(found.bits, int(entry["statusListIndex"]))
    cleared = statuslist.encode(statuslist.bits_of([]))
    altered = shapes.put(signed, ("credentialSubject", "encodedList"), cleared)
    assert [one.code for one in proofs.verify(altered, shapes.key_of).proofs] == ["proof.altered"] * 2


@pytest.mark.parametrize(
    "document",
    [
        None, [], {}, shapes.worked(), {"type": ["BitstringStatusListCredential"]},
        shapes.put(shapes.status_list(), ("credentialSubject", "encodedList"), "uAAAA"),
        shapes.put(shapes.status_list(), ("credentialSubject", "encodedList"), 5),
        shapes.put(shapes.status_list(), ("credentialSubject", "ttl"), "5"),
        shapes.put(shapes.status_list(), ("credentialSubject", "type"), "StatusList2021"),
        shapes.put(shapes.status_list(), ("issuer",), None),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused(document: Any) -> None:
    found = statuslist.read(document)
    assert isinstance(found, Refused) and found.code == "proof.list_bad"
