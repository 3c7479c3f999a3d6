"""Canonical N-Quads by our table equal those of a JSON-LD processor with the published contexts.

``python -m tests.compsys.credentials.test_nquads`` writes the digests anew, from that processor.
"""

from __future__ import annotations

import copy
import hashlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compsys.credentials import nquads, terms
from compsys.credentials.jcs import Unsignable
from compsys.credentials.terms import TABLE
from tests.compsys.credentials import shapes
from tests.conftest import SHARED_DATA

GOLDEN = Path(__file__).with_name("golden_nquads.json")
Json = dict[str, Any]


@pytest.mark.parametrize("shape", shapes.SHAPES)
def test_the_bytes_are_those_of_the_published_contexts(shape: Callable[[], Json]) -> None:
    """Also where the published contexts are not at hand: the digests were made with them."""
    golden = json.loads(GOLDEN.read_text())
    assert hashlib.sha256(nquads.canonical(shape())).hexdigest() == golden[shape.__name__]


@pytest.mark.parametrize("shape", shapes.SHAPES)
def test_a_json_ld_processor_with_the_published_contexts_writes_the_same(
    shape: Callable[[], Json], shared_data: Path
) -> None:
    from tests.compsys.credentials import outside

    assert nquads.canonical(shape()).decode() == outside.quads(shared_data / "ob3", shape())


def test_every_member_of_the_table_stands_in_some_shape() -> None:
    """So that the comparison above is one of every term."""
    met: set[tuple[str, str]] = set()

    def walk(value: Any, kinds: tuple[str, ...]) -> None:
        types = value.get("type", [])
        named = {types} if isinstance(types, str) else set(types)
        name = next(kind for kind in kinds if set(TABLE.kinds[kind].types) == named)
        for member, item in value.items():
            if member in ("id", "type", "@context"):
                continue
            met.add((name, member))
            inner = TABLE.kinds[name].members[member].kinds
            for one in item if isinstance(item, list) else [item]:
                if isinstance(one, dict):
                    walk(one, inner)

    for shape in shapes.SHAPES:
        walk(shape(), TABLE.roots)
    table = {(name, member) for name, kind in TABLE.kinds.items() for member in kind.members}
    assert table - met == set()


def varied(document: Json, rng: random.Random) -> Json:
    """Texts replaced by few others, so that much looks alike; arrays in another order; members left out."""
    texts = ["", "合格", "1", 'a"b', "x\ny", "𠮷"]

    def walk(value: Any, key: str) -> Any:
        if isinstance(value, dict):
            keep = {"@context", "id", "type", "issuer", "credentialSubject", "achievement"}
            return {
                name: walk(item, name) for name, item in value.items() if name in keep or rng.random() < 0.85
            }
        if isinstance(value, list) and key not in ("@context", "type", "allowedValue"):
            made = [walk(item, key) for item in value]
            rng.shuffle(made)
            return made
        return value

    made = walk(copy.deepcopy(document), "")
    for path, value in list(shapes.paths(made)):
        plain = isinstance(value, str) and not {"id", "type", "@context", "tag"} & set(path)
        if plain and ":" not in str(value) and rng.random() < 0.5:
            made = shapes.put(made, path, rng.choice(texts))
    return dict(made)


def compared(ob3: Path, rng: random.Random, count: int) -> int:
    """Compare variants; how many of them were signable."""
    from tests.compsys.credentials import outside

    done = 0
    for _ in range(count):
        document = varied(rng.choice(shapes.BADGES)(), rng)
        try:
            ours = nquads.canonical(document)
        except Unsignable as refused:
            assert refused.code in ("proof.id_reused", "proof.empty"), (refused, document)
            continue
        prepared = nquads.Prepared()
        assert nquads.canonical(document, prepared=prepared) == ours
        assert nquads.canonical(document, prepared=prepared) == ours
        assert ours.decode() == outside.quads(ob3, document), json.dumps(document, ensure_ascii=False)
        done += 1
    return done


def test_variants_where_much_looks_alike_are_written_the_same(
    shared_data: Path, rng: random.Random
) -> None:
    assert compared(shared_data / "ob3", rng, 25) >= 10


@pytest.mark.long
def test_many_variants_where_much_looks_alike_are_written_the_same(
    shared_data: Path, rng: random.Random
) -> None:
    assert compared(shared_data / "ob3", rng, 800) >= 300


@pytest.mark.parametrize("shape", shapes.SHAPES)
def test_parts_prepared_once_give_the_same_bytes(shape: Callable[[], Json]) -> None:
    prepared = nquads.Prepared()
    plain = nquads.canonical(shape())
    for _ in range(3):
        assert nquads.canonical(shape(), prepared=prepared) == plain
    for other in shapes.BADGES:  # the parts of one do not get into another
        assert nquads.canonical(other(), prepared=prepared) == nquads.canonical(other())


def test_a_part_that_was_changed_is_not_taken_for_the_prepared_one() -> None:
    prepared = nquads.Prepared()
    document = shapes.worked()
    before = nquads.canonical(document, prepared=prepared)
    document["credentialSubject"]["achievement"]["name"] = "焊工 二级/技师"
    document["issuer"]["otherIdentifier"][0]["identifier"] = "S000037000043"
    after = nquads.canonical(document, prepared=prepared)
    assert after == nquads.canonical(document) != before


def test_a_prepared_part_still_meets_the_ids_of_the_rest() -> None:
    prepared = nquads.Prepared()
    nquads.canonical(shapes.worked(), prepared=prepared)
    document = shapes.worked()
    document["credentialSubject"]["source"] = {
        "id": f"{shapes.HOST}/profiles/standard", "type": ["Profile"], "name": "另一个单位",
    }  # fmt: skip
    for given in (None, prepared):
        with pytest.raises(Unsignable) as refused:
            nquads.canonical(document, prepared=given)
        assert refused.value.code == "proof.id_reused"


def test_the_order_of_members_and_of_arrays_does_not_matter_but_that_of_a_scale_does() -> None:
    document = shapes.worked()
    plain = nquads.canonical(document)
    turned = json.loads(json.dumps(document, sort_keys=True))
    turned["credentialSubject"]["result"].reverse()
    turned["type"].reverse()
    assert nquads.canonical(turned) == plain
    turned["credentialSubject"]["achievement"]["resultDescription"][3]["allowedValue"].reverse()
    assert nquads.canonical(turned) != plain


WRONG: list[tuple[str, str, tuple[str | int, ...], Any]] = [
    ("a word nobody knows", "member_unknown", ("credentialSubject", "points"), "5"),
    ("a word of another kind of object", "member_unknown", ("credentialSubject", "result", 0, "level"), "5"),
    ("a claim of a token", "member_unknown", ("jti",), "urn:uuid:1"),
    ("a context's keyword", "member_unknown", ("@language",), "zh"),
    ("a language map", "shape_wrong", ("name",), {"zh": "焊工"}),
    ("a text where a number stands", "number_bad", ("credentialSubject", "result", 1, "value"), 82),
    ("half a number", "number_bad", ("credentialSubject", "result", 1, "value"), 82.35),
    ("nothing", "shape_wrong", ("credentialSubject", "result", 1, "value"), None),
    ("true for a text", "number_bad", ("credentialSubject", "role"), True),
    ("a number for true", "shape_wrong", ("credentialSubject", "identifier", 0, "hashed"), 1),
    ("a control character", "text_bad", ("name",), "焊\u0007工"),
    ("a deleted character", "text_bad", ("credentialSubject", "identifier", 0, "identityHash"), "李\x7f明"),
    ("half a character", "text_bad", ("name",), "\ud83d"),
    ("a blank in an id", "id_bad", ("id",), "https://c.example/a b"),
    ("a bracket in an id", "id_bad", ("issuer", "id"), "https://c.example/<b>"),
    ("Han in an id", "id_bad", ("credentialSubject", "achievement", "id"), "https://c.example/焊"),
    ("an id of a place in the file", "id_bad", ("credentialSubject", "id"), "_:b0"),
    ("an id without a scheme", "id_bad", ("credentialSubject", "id"), "person/1"),
    ("a script as a link", "id_bad", ("issuer", "url"), "javascript:alert(1)"),
    ("no id", "id_bad", ("id",), None),
    ("a line's end behind an id", "id_bad", ("id",), "https://c.example/1\n"),
    ("an unknown type", "type_unknown", ("credentialSubject", "type"), ["AchievementSubject", "Person"]),
    ("a type twice", "type_unknown", ("type",), ["VerifiableCredential", "VerifiableCredential"]),
    ("no type", "type_unknown", ("credentialSubject", "type"), []),
    ("a type that is no text", "shape_wrong", ("credentialSubject", "type"), [1]),
    ("an unknown context", "context_unknown", ("@context", 2), "https://c.example/context"),
    ("one context more", "context_unknown", ("@context",), [*terms.CONTEXTS, "https://c.example/x"]),
    ("a context of its own", "context_unknown", ("@context",), [*terms.CONTEXTS[:2], {"a": "urn:b"}]),
    ("contexts in another order", "context_unknown", ("@context",), terms.CONTEXTS[::-1]),
    ("no context", "context_unknown", ("@context",), None),
    ("a word whose context is not there", "type_unknown", ("@context",), terms.CONTEXTS[:2]),
    ("a tag twice", "repeated", ("credentialSubject", "achievement", "tag", 1), "焊工"),
    ("a rare character in a tag", "wide_repeated", ("credentialSubject", "achievement", "tag", 1), "𠮷"),
    ("no tags", "empty", ("credentialSubject", "achievement", "tag"), []),
    ("an empty scale", "empty",
     ("credentialSubject", "achievement", "resultDescription", 3, "allowedValue"), []),
    ("empty criteria", "empty", ("credentialSubject", "achievement", "criteria"), {}),
    ("one tag without its array", "shape_wrong", ("credentialSubject", "achievement", "tag"), "焊工"),
    ("an array of names", "shape_wrong", ("name",), ["a", "b"]),
    ("two statuses", "shape_wrong", ("credentialStatus",), []),
    ("a creator named by a text", "shape_wrong", ("credentialSubject", "achievement", "creator"), "x"),
    ("the person as issuer", "id_reused", ("credentialSubject", "id"), shapes.ISSUER),
]  # fmt: skip


@pytest.mark.parametrize(("code", "path", "value"), [case[1:] for case in WRONG], ids=[c[0] for c in WRONG])
def test_what_would_be_shown_but_not_signed_alike_by_all_is_refused(
    code: str, path: tuple[str | int, ...], value: Any
) -> None:
    document = shapes.put(shapes.worked(), path, value)
    with pytest.raises(Unsignable) as refused:
        nquads.canonical(document)
    assert refused.value.code == f"proof.{code}"
    named = nquads.problem(document)
    assert named is not None and named.code.startswith("proof.")


def test_a_refusal_names_the_place() -> None:
    document = shapes.put(shapes.worked(), ("credentialSubject", "result", 2, "value"), "5\x00")
    refused = nquads.problem(document)
    assert refused is not None and refused.params["where"] == "credentialSubject.result[2].value"
    assert nquads.problem(shapes.worked()) is None


def test_a_document_made_to_take_for_ever_is_refused_soon() -> None:
    """Seven nodes alike under each of two that are alike would need 7! comparisons; long equal scales a walk
    along all of each."""
    document = shapes.nameless()
    same = {"type": ["Result"], "value": "1", "alignment": [{"type": ["Alignment"], "targetName": "a"}] * 7}
    document["credentialSubject"]["result"] = [same, same]
    with pytest.raises(Unsignable) as refused:
        nquads.canonical(document)
    assert refused.value.code == "proof.too_alike"
    document = shapes.worked()
    about = document["credentialSubject"]["achievement"]["resultDescription"]
    for name in "ab":
        about.append(
            {"id": f"{shapes.HOST}/{name}", "type": ["ResultDescription"], "name": "n",
             "resultType": "ext:Long", "allowedValue": [str(n) for n in range(2000)]}
        )  # fmt: skip
    with pytest.raises(Unsignable) as refused:
        nquads.canonical(document)
    assert refused.value.code == "proof.too_alike"


def test_parents_of_parents_end_somewhere() -> None:
    document = shapes.worked()
    body = document["issuer"]
    for n in range(40):
        body["parentOrg"] = {"id": f"{shapes.HOST}/up/{n}", "type": ["Profile"], "name": "上级"}
        body = body["parentOrg"]
    with pytest.raises(Unsignable) as refused:
        nquads.canonical(document)
    assert refused.value.code == "proof.too_deep"


def main() -> None:
    """Write the digests anew, by the processor with the published contexts."""
    from tests.compsys.credentials import outside

    made = {
        shape.__name__: hashlib.sha256(outside.quads(SHARED_DATA / "ob3", shape()).encode()).hexdigest()
        for shape in shapes.SHAPES
    }
    GOLDEN.write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
