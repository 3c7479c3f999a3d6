"""Bench: signing and checking credentials, against a JSON-LD processor and against bare signatures.

``python -m tests.bench.proving`` prints its figures as JSON: pairs of seconds per credential, the two
alternating, of 200 different persons' certificates of one issuer and achievement. ``pyld`` is absent where
``shared/data`` with the official contexts is not beside the checkout.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from pyld import jsonld

from compsys.credentials import jcs, multikey, proofs
from compsys.credentials.nquads import Prepared
from compsys.credentials.proofs import JCS, RDFC
from tests.compsys.credentials import outside, shapes
from tests.compsys.credentials.shapes import CREATED, METHOD, SIGNER, key_of
from tests.conftest import SHARED_DATA

PERSONS, BY_PYLD, TURNS = 200, 10, 7
OB3 = SHARED_DATA / "ob3"
OPTIONS = {
    "algorithm": "URDNA2015",
    "format": "application/n-quads",
    "documentLoader": lambda url, _options: outside.context(OB3, url),
}


def certificates() -> list[dict[str, Any]]:
    """Many persons' certificates; issuer and achievement are equal in all."""
    made = []
    for n in range(PERSONS):
        one = shapes.worked()
        one["id"] = f"{shapes.HOST}/credentials/{n}"
        subject = one["credentialSubject"]
        subject |= {"id": f"urn:uuid:{n:032x}", "licenseNumber": f"S00003700004225300{n:04d}"}
        subject["identifier"][0]["identityHash"] = f"选手{n}"
        subject["result"][1]["value"] = f"{60 + n % 40}.{n % 100:02d}"
        one["credentialStatus"]["statusListIndex"] = str(n * 7)
        made.append(one)
    return made


def by_pyld(document: dict[str, Any]) -> None:
    """Both proofs as a generic processor makes them: its canonical form, the standard library's JSON."""
    signed = []
    for suite in (RDFC, JCS):
        config = {
            "type": "DataIntegrityProof", "cryptosuite": suite, "created": CREATED,
            "verificationMethod": METHOD, "proofPurpose": "assertionMethod",
            "@context": document["@context"],
        }  # fmt: skip
        if suite == RDFC:
            forms = [jsonld.normalize(part, OPTIONS) for part in (config, document)]
        else:
            forms = [
                json.dumps(part, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
                for part in (config, document)
            ]
        told = b"".join(hashlib.sha256(form.encode()).digest() for form in forms)
        signed.append({**config, "proofValue": multikey.base58_encode(SIGNER.sign(told))})


def each(work: Callable[[Any], object], given: list[Any]) -> float:
    """Seconds of this process for one piece of work."""
    begun = time.process_time()
    for one in given:
        work(one)
    return (time.process_time() - begun) / len(given)


def main() -> None:
    """Alternate; seconds of each for one certificate."""
    documents, sign = certificates(), partial(proofs.sign, signer=SIGNER, method=METHOD, created=CREATED)
    plain = [jcs.canonical(one) for one in documents]
    pairs: dict[str, list[tuple[float, float]]] = {"pyld": [], "jcs": [], "verify": []}
    alone = []
    for turn in range(TURNS + 1):
        prepared = Prepared()
        signed = [sign(one, prepared=prepared) for one in documents]
        both = each(partial(sign, prepared=prepared), documents)
        jcs_alone = each(partial(sign, suites=(JCS,)), documents)
        bare = each(SIGNER.sign, plain)
        check = each(partial(proofs.verify, key_of=key_of), signed)
        if not turn:  # the first round warms caches
            if OB3.is_dir():
                by_pyld(documents[0])
            continue
        if OB3.is_dir():
            pairs["pyld"].append((both, each(by_pyld, documents[:BY_PYLD])))
        pairs["jcs"].append((jcs_alone, bare))
        pairs["verify"].append((check, both))
        alone.append(each(sign, documents))
    print(json.dumps({"pairs": pairs, "unprepared": alone, "bytes": len(plain[0])}))


if __name__ == "__main__":
    main()
