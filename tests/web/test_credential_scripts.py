"""The page's own arithmetic in a real browser: hashes, curves, inflate; every verdict as Python's."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import random
import zlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from compsys.credentials import jcs, pinned
from compsys.credentials.signer import ES256, Ed25519, secret_of
from tests.compsys import credential_cases as c
from tests.compsys.test_credential_checking import verdict
from tests.web import look

pytestmark = pytest.mark.browser

HEAD = """async (given) => {
  const [bytes, hash, curves, flate, read, check] = await Promise.all(
    ["bytes", "hash", "curves", "inflate", "read", "check"]
      .map((name) => import(`/static/credential_${name}.js`)));
  const open = (said) => Uint8Array.from(atob(said), (letter) => letter.charCodeAt(0));
"""
LATIN = {"plain": "latin-1"}


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """Any page of the statics' origin."""
    with look.served() as address:
        opened = chromium.new_page()
        opened.goto(f"{address}/components")
        yield opened
        opened.close()


def b64(data: bytes) -> str:
    """Bytes on their way into the browser."""
    return base64.b64encode(data).decode()


def run(page: Page, body: str, given: Any) -> Any:
    """What a body of script gives for what it is given."""
    return page.evaluate(f"{HEAD}{body}}}", given)


def test_hashes_are_pythons(page: Page, rng: random.Random) -> None:
    texts = [rng.randbytes(n) for n in (*range(130), 239, 240, 241, 1000, 5000)]
    found = run(
        page,
        "return given.map((one) => [bytes.hex(hash.sha256(open(one))), bytes.hex(hash.sha512(open(one)))]);",
        [b64(text) for text in texts],
    )
    assert found == [[hashlib.sha256(t).hexdigest(), hashlib.sha512(t).hexdigest()] for t in texts]


@pytest.mark.parametrize("suite", ["ed25519", "es256"])
def test_signatures_are_as_pythons_with_and_without_webcrypto(
    page: Page, rng: random.Random, suite: str
) -> None:
    """Right ones hold; one bit changed in key, signature or message and they do not; rubbish is no error."""
    rows, wanted = [], []
    for _ in range(12):
        message = rng.randbytes(rng.randrange(200))
        if suite == "ed25519":
            signer: Any = Ed25519(rng.randbytes(32))
            key = signer.public
        else:
            signer = ES256(secret_of("ES256", rng.randbytes(40)))
            numbers = signer._key.public_key().public_numbers()
            key = numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
        good = [key, signer.sign(message), message]
        rows.append(good)
        wanted.append(True)
        for part in range(3):
            bad = [bytearray(one) for one in good]
            if not bad[part]:
                continue
            bad[part][rng.randrange(len(bad[part]))] ^= 1 << rng.randrange(8)
            rows.append([bytes(one) for one in bad])
            wanted.append(False)
    rows += [[rng.randbytes(len(key)), rng.randbytes(64), b"x"], [b"", b"", b""], [key, b"\0" * 64, b"x"]]
    wanted += [False] * 3
    found = run(
        page,
        f"""return Promise.all(given.map(async (row) => {{ const parts = row.map(open);
        return [curves.{suite}Plain(...parts), await curves.{suite}(...parts)]; }}));""",
        [[b64(bytes(one)) for one in row] for row in rows],
    )
    assert found == [[one, one] for one in wanted]


def test_inflate_is_zlibs_with_a_dictionary_and_knows_a_cut_from_damage(
    page: Page, rng: random.Random
) -> None:
    rows, wanted = [], []
    for n in range(60):
        words = jcs.canonical(c.GOOD)[: rng.randrange(6000)] if n % 3 else b""
        text = b"".join(
            (
                words[(at := rng.randrange(len(words) + 1)) : at + rng.randrange(400)],
                rng.randbytes(n),
                b"a" * n,
            )[k]
            for k in (0, 1, 2, 0)
        )
        level, strategy = rng.choice([0, 1, 9]), rng.choice([0, 4])
        more = (words,) if words else ()
        engine = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy, *more)
        packed = engine.compress(text) + engine.flush()
        rows.append([b64(packed), b64(words)])
        wanted.append(b64(text))
        rows.append([b64(packed[: rng.randrange(len(packed))]), b64(words)])
        wanted.append("qr_cut")
    found = run(
        page,
        """return given.map(([packed, words]) => { try {
          return btoa(String.fromCharCode(...flate.inflate(open(packed), { dictionary: open(words) }).data));
        } catch (error) { return error.code; } });""",
        rows,
    )
    assert found == wanted
    packed = [b64(gzip.compress(rng.randbytes(n) + b"0" * 9000)) for n in (0, 5, 400)]
    sizes = run(page, "return given.map((one) => flate.gunzip(open(one), 1 << 20).length);", packed)
    assert sizes == [9000, 9005, 9400]


def test_the_way_to_write_a_document_is_rfc_8785(page: Page) -> None:
    odd = {
        "b": ["李明", '\u2028"\\\n\t\u0007', True, None, -5, 2**53 - 1],
        "a": {},
        "Z": [],
        "é"[:0] + "ab": "\U0002070e",
    }
    texts = [json.dumps(value, ensure_ascii=how) for value in (odd, c.GOOD) for how in (True, False)]
    found = run(page, "return given.map((one) => bytes.canonical(bytes.readJson(one)));", texts)
    assert found == [jcs.canonical(value).decode() for value in (odd, odd, c.GOOD, c.GOOD)]


def as_told(trust: c.Trust) -> dict[str, Any]:
    """What is pinned, as the page has it."""
    return {**pinned.to_json(trust), "lists": dict(trust.lists), "seen": dict(trust.seen)}


VERDICTS = """
  const words = async (name) => (given.dictionaries[name] ? open(given.dictionaries[name]) : null);
  const one = async ({ kind, given, trust, now, standing }) => {
    try {
      const at = Date.parse(now);
      if (kind === "jwt") return await check.checkJwt(given, trust, at, standing);
      if (kind === "qr") given = await read.openQr(given, words);
      if (kind === "json") given = bytes.readJson(given);
      return await check.check(given, trust, at, standing);
    } catch (error) {
      if (!error.code) throw error;
      const nothing = { document: null, list: "", status: "unknown", asked: "" };
      return { code: error.code, verdict: check.verdictOf(error.code), params: error.params, ...nothing };
    }
  };
  const found = [];
  for (const row of given.cases) {
    const { code, verdict, params, document, list, status, asked } = await one(row);
    found.push({ code, verdict, params, shown: document !== null, list, status, asked });
  }
  return found;"""


def told(found: Any) -> dict[str, Any]:
    """A verdict of Python's as the page would tell it."""
    data = asdict(found)
    data["shown"] = data.pop("document") is not None
    return data


@pytest.mark.parametrize("subtle", [True, False], ids=["webcrypto", "plain"])
def test_every_verdict_is_the_same_in_the_browser_and_in_python(page: Page, subtle: bool) -> None:
    # JSON that cannot be told as JSON goes as text.
    cases = [case for case in c.cases() if not isinstance(case.given, list)]
    given = {
        "dictionaries": {name: b64(data) for name, data in c.DICTIONARIES.items()},
        "cases": [
            {
                "kind": case.kind, "given": case.given, "now": case.now, "trust": as_told(case.trust),
                "standing": asdict(case.standing) if case.standing else None,
            }
            for case in cases
        ],
    }  # fmt: skip
    hide = "Object.defineProperty(globalThis.crypto, 'subtle', { value: undefined, configurable: true });"
    back = "delete globalThis.crypto.subtle;"
    found = run(
        page, ("" if subtle else hide) + f"try {{ {VERDICTS} }} finally {{ {'' if subtle else back} }}", given
    )
    for case, theirs in zip(cases, found, strict=True):
        assert theirs == told(verdict(case)), case.name
