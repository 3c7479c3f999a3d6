"""Canonical JSON: the bytes of RFC 8785, and nothing that two programs might read in two ways."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsys.credentials import jcs, multikey
from compsys.credentials.jcs import WHOLE, Unsignable

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(1 - WHOLE, WHOLE - 1) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="ascii"), max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


def reference(value: Any) -> bytes:
    """The standard library's way to the same bytes, slower."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@given(VALUES)
def test_the_bytes_are_those_of_rfc_8785_and_are_read_back(value: Any) -> None:
    data = jcs.canonical(value)
    assert data == reference(value)
    assert jcs.parse(data) == value and jcs.parse(data.decode()) == value


def test_the_published_example_of_escapes() -> None:
    """RFC 8785, 3.2.2: control characters in short form or lower-case hex, nothing else escaped."""
    value = {"string": '€$\x0f\nA\'B"\\\\"/', "literals": [None, True, False], "numbers": [333333333, 0, -1]}
    assert jcs.canonical(value) == (
        '{"literals":[null,true,false],"numbers":[333333333,0,-1],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    ).encode()


REFUSED = [
    ("1.0", "number_bad"), ("1e3", "number_bad"), ("NaN", "number_bad"), ("Infinity", "number_bad"),
    ("-Infinity", "number_bad"), (str(WHOLE), "number_bad"), ("-" + str(WHOLE), "number_bad"),
    ("9" * 5000, "number_bad"), ('{"a":1,"a":1}', "key_twice"), ('{"a":{"b":1,"b":2}}', "key_twice"),
    ('{"焊":1}', "key_bad"), ('"\\ud800"', "text_bad"), ('["\\udc00\\ud800"]', "text_bad"),
    ("[" * 33 + "]" * 33, "too_deep"), ("[" * 100_000, "too_deep"), ("", "not_json"), ("{", "not_json"),
    ("[1,]", "not_json"), ("{'a':1}", "not_json"), ("\ufeff{}", "not_json"), ("[1] 2", "not_json"),
    ('"\t"', "not_json"), ("01", "not_json"), (b"\xff\xfe{\x00}\x00", "not_json"), (b'"\xc3"', "not_json"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code"), REFUSED, ids=[str(n) for n in range(len(REFUSED))])
def test_what_could_be_read_in_two_ways_is_refused(text: str | bytes, code: str) -> None:
    with pytest.raises(Unsignable) as refused:
        jcs.parse(text)
    assert refused.value.code == f"proof.{code}"


def test_what_is_too_large_is_not_read() -> None:
    assert jcs.parse('"' + "a" * 98 + '"', limit=100)
    for text in ('"' + "a" * 99 + '"', '"' + "焊" * 40 + '"'):
        with pytest.raises(Unsignable) as refused:
            jcs.parse(text, limit=100)
        assert refused.value.code == "proof.too_large"


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_rubbish_is_refused_and_nothing_else(data: bytes | str) -> None:
    try:
        jcs.parse(data)
    except Unsignable as refused:
        assert refused.code.startswith("proof.")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"a": 1.0}, "number_bad"), ({"a": (1,)}, "shape_wrong"), ({1: "a"}, "key_bad"),
        ({"a": b"x"}, "shape_wrong"), ({"a": {"b": {1, 2}}}, "shape_wrong"), ("\ud83d", "text_bad"),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_not_written(value: Any, code: str) -> None:
    with pytest.raises(Unsignable) as refused:
        jcs.canonical(value)
    assert refused.value.code == f"proof.{code}"


def test_a_refusal_names_its_place() -> None:
    with pytest.raises(Unsignable) as refused:
        jcs.canonical({"credentialSubject": {"result": [{}, {"value": 0.5}]}})
    assert refused.value.where == "credentialSubject.result[1].value"
    assert refused.value.refused().params == {"where": "credentialSubject.result[1].value"}


@given(st.binary(max_size=80))
def test_base58_comes_back(data: bytes) -> None:
    text = multikey.base58_encode(data)
    assert multikey.base58_decode(text) == data
    assert set(text) <= set(multikey.ALPHABET)


def test_a_multikey_is_of_ed25519_alone() -> None:
    published = bytes.fromhex("4bdeafde2ea8beefadd8c699b5c7e0704cf51154d52e17b20b71337ca04cc5a5")
    text = "z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi"
    assert multikey.encode(published) == text and multikey.decode(text) == published
    for wrong in ("", "z", text[1:], text[:-1], text + "1", "u" + text[1:], "z0", text.replace("6", "0")):
        with pytest.raises(ValueError, match=r"base58btc|Ed25519"):
            multikey.decode(wrong)
    with pytest.raises(ValueError, match="too long"):
        multikey.base58_decode("2" * 10_000)


def test_the_pure_rooms_need_no_event_loop_no_database_and_no_web() -> None:
    """Whoever checks a credential in another program takes these modules and cryptography, no more."""
    names = ("jcs", "terms", "nquads", "proofs", "multikey", "signer", "jwt", "statuslist", "controller")
    program = (
        f"import sys, {', '.join(f'compsys.credentials.{name}' for name in names)}\n"
        "heavy = {'asyncio', 'apsw', 'sqlite3', 'sqlalchemy', 'starlette', 'typer', 'typst'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
