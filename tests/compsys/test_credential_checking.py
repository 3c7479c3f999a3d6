"""Checking a certificate: every case has the one verdict and the one sentence that belong to it."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from compsys import words
from compsys.credentials import checking, pinned, reading
from compsys.credentials.checking import Verdict
from tests.compsys import credential_cases as c

CASES = list(c.cases())


def verdict(case: c.Case) -> Verdict:
    """What Python's checker says."""
    if case.kind == "jwt":
        return checking.check_jwt(case.given, case.trust, case.now, case.standing)
    given = case.given
    if case.kind == "qr":
        given = reading.open_qr(given, c.DICTIONARIES.get)
    elif case.kind == "json":
        given = reading.read(given)
    if isinstance(given, Verdict):
        return given
    return checking.check(given, case.trust, case.now, case.standing)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_has_its_own_code(case: c.Case) -> None:
    found = verdict(case)
    assert found.code == case.code
    assert found.verdict == checking.VERDICTS.get(case.code, "could_not_check")
    # Nothing of a certificate is shown unless its signature held.
    shown = {"valid", "revoked", "revoked_list", "suspended", "superseded", "expired", "not_in_register"}
    assert (found.document is not None) == (case.code in shown or case.code.startswith("list_"))


def test_every_reason_has_a_sentence_of_its_own_in_both_languages() -> None:
    codes = {case.code for case in CASES} | set(checking.VERDICTS)
    for lang in words.LANGS:
        said = {code: words.say(f"check.{code}", lang) for code in codes}
        assert len(set(said.values())) == len(codes)
        assert all(words.todo(f"check.{code}", lang) for code in codes if code != "valid")
        for word in {*checking.VERDICTS.values(), "could_not_check"}:
            assert words.say(f"check.verdict.{word}", lang)


def test_whatever_is_changed_in_a_certificate_it_is_not_valid(rng: random.Random) -> None:
    """Every value of the QR's document, one at a time."""
    small = reading.open_qr(c.packed(c.proofs.only(c.GOOD, c.proofs.JCS)), {}.get)
    places = list(leaves(small))
    assert len(places) > 80
    for path in places:
        document = copy.deepcopy(small)
        place: Any = document
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = not place[path[-1]] if isinstance(place[path[-1]], bool) else f"{place[path[-1]]}x"
        found = checking.check(document, c.trust(), c.NOW)
        assert found.verdict != "valid", path
        assert found.document is None, path


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Any:
    """The paths of all values."""
    if isinstance(value, dict):
        for key in value:
            yield from leaves(value[key], (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from leaves(item, (*path, at))
    else:
        yield path


def test_what_is_pinned_comes_back_from_its_file() -> None:
    kept = c.trust()
    found = pinned.from_json(pinned.to_json(kept), kept.lists)
    assert found.issuers == kept.issuers and found.made == kept.made
    for data in ({}, [], {"form": "compsys-trust/1"}, {**pinned.to_json(kept), "made": "soon"}):
        with pytest.raises(ValueError, match="not a list of issuers"):
            pinned.from_json(data)


def test_a_garbled_text_is_never_more_than_unreadable(rng: random.Random) -> None:
    """Letters changed at random in a QR code: a verdict, never an exception, and never a word changed: bits
    that fill up the last byte of what was packed mean nothing."""
    small = c.proofs.only(c.GOOD, c.proofs.JCS)
    whole = c.packed(small, c.WORDS)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    for _ in range(300):
        at = rng.randrange(len(whole))
        text = whole[:at] + rng.choice(letters) + whole[at + 1 :]
        case = c.Case("", "", text, "qr")
        found = verdict(case)
        assert found.document in (None, small), text
        assert found.verdict != "valid" or text[:-2] == whole[:-2], text
