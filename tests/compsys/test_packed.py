"""The packed register: the same as plain dicts of objects whatever is done to it, and small."""

from __future__ import annotations

import random
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsys.credentials.packed import ROWS, Done, Issued, Numbers, Rows, Unpacked
from compsys.facts_credentials import Row, Wording
from compsys.state_credentials import SUSPENDED, VALID, Credential, Held, Persons, Slice
from tests.conftest import SEED

IDS = st.integers(0, 30).map(lambda at: f"{at * 0x9E3779B97F4A7C15:032x}"[-32:])
CREATED = "2026-05-01T00:00:00+08:00"
SAID = Wording("", {}, "", "")
SLICES = [Slice(n, f"batch{n}", "centre", 1, "k", 1, CREATED, "", ("a/v1",), SAID) for n in range(9)]


def credential(key: str, at: int, **more: object) -> Credential:
    person = f"p{int(key, 16) % 7}"  # the same under one id, whatever is issued anew
    made = Credential(key, "ab" * 16, f"S{at}", SLICES[at % 9], at, at % 131_072, at % 3, person, VALID)
    made.rdfc, made.jcs, made.sha = "z1", "z2", f"{at + 1:064x}"
    for name, value in more.items():
        setattr(made, name, value)
    return made


WISHES = st.lists(
    st.tuples(IDS, st.integers(0, 200_000), st.sampled_from(["put", "move", "again"]), st.text(max_size=40)),
    max_size=80,
)


@given(WISHES)
def test_whatever_is_done_to_it_it_holds_what_a_dict_holds(wishes: list[tuple[str, int, str, str]]) -> None:
    packed, plain, order = Held(), dict[str, Credential](), dict[str, list[str]]()
    for key, at, what, text in wishes:
        if what == "move" and key in plain:
            changed = packed[key]
            changed.status, changed.moved = SUSPENDED, at
            assert packed[key].moved == plain[key].moved, "what is taken out is a copy"
        else:
            changed = credential(key, at, awarded=text if what == "again" else "", number=f"S{text}")
        packed[key] = changed
        plain[key] = changed
        if key not in order.setdefault(changed.person, []):
            order[changed.person].append(key)
    assert dict(packed) == plain and list(packed) == list(plain) and len(packed) == len(plain)
    assert dict(Persons(packed)) == order
    for key in ("0" * 31, "zz" * 16, "f" * 32, ""):
        assert key not in packed and packed.get(key) is None
    assert Persons(packed).get("nobody", ()) == ()


def test_a_hundred_thousand_are_all_found_again_and_nothing_else_is() -> None:
    chance, packed, numbers = random.Random(SEED), Held(), Numbers()
    keys = [f"{chance.getrandbits(128):032x}" for _ in range(100_000)]
    made = credential(keys[0], 1)
    for at, key in enumerate(keys):
        made.id, made.number, made.row = key, f"S0000990000012630{at:06}", at
        packed[key] = made
        numbers[made.number] = key
    assert [packed[key].row for key in chance.sample(keys, 2000)], SEED
    for at in chance.sample(range(100_000), 2000):
        assert numbers[f"S0000990000012630{at:06}"] == keys[at] and packed[keys[at]].row == at, SEED
        assert f"{chance.getrandbits(128):032x}" not in packed and f"S{at:021}" not in numbers, SEED
    assert packed[keys[0]].person and len(packed.of(made.person)) == 100_000
    with pytest.raises(TypeError):
        del packed[keys[0]]


@given(st.dictionaries(st.text(max_size=30), IDS), st.text())
def test_numbers_are_found_whatever_is_typed(found: dict[str, str], typed: str) -> None:
    numbers = Numbers()
    for number, key in found.items():
        numbers[number] = "0" * 32
        numbers[number] = key  # a number that was reserved leads to what is issued
    assert dict(numbers) == found and numbers.get(typed) == found.get(typed)
    assert numbers.get("9" * 70_000) is None and numbers.get("\ud800") is None
    with pytest.raises(TypeError):
        del numbers[typed]


@given(st.lists(st.integers(0, 2 * ROWS + 3), max_size=6), st.data())
def test_rows_come_out_as_they_went_in_however_they_came(sizes: list[int], data: st.DataObject) -> None:
    shared = Unpacked()
    packed, other, plain = Rows(shared), Rows(shared), list[Row]()
    for size in sizes:
        more = tuple(
            Row(person=f"p{len(plain) + at}", level="3", results=(("mark", "82.5"),), failed=("held",))
            for at in range(size)
        )
        packed += more
        plain += more
        other += (Row(person="other"),)
        assert list(packed) == plain and len(packed) == len(plain) and packed == plain
    if plain:
        at = data.draw(st.integers(-len(plain), len(plain) - 1))
        assert packed[at] == plain[at] and packed[at:] == plain[at:]
    with pytest.raises(IndexError):
        packed[len(plain)]
    assert len(other) == len(sizes)


@given(st.lists(st.tuples(st.integers(0, 99), st.booleans())))
def test_what_is_issued_and_done_is_a_dict_and_a_set(wishes: list[tuple[int, bool]]) -> None:
    issued, done, plain = Issued(), Done(), dict[int, str]()
    for row, there in wishes:
        if there:
            issued[row] = plain[row] = f"{row:032x}"
            done.add(row)
        else:
            assert issued.pop(row, None) == plain.pop(row, None)
            done.discard(row)
        assert dict(issued) == plain and done == set(plain) and len(done) == len(plain)


def test_a_credential_takes_a_fifth_of_what_an_object_in_a_dict_takes() -> None:
    chance, packed = random.Random(SEED), Held()
    made = credential("0" * 32, 1, rdfc="z" + "1" * 87, jcs="z" + "2" * 87, number="S" + "1" * 21)
    plain = sum(map(sys.getsizeof, (made, made.id, made.subject, made.number, made.rdfc, made.jcs, made.sha)))
    for at in range(20_000):
        made.id, made.person = (f"{chance.getrandbits(128):032x}" for _ in range(2))
        made.row = at
        packed[made.id] = made
    records = packed._records
    blocks = sum(map(sys.getsizeof, records._heap._blocks))
    arrays = [records._newest, records._before, records._heap._starts]
    arrays += [kept for index in (records._ids, records._persons) for kept in (index._slots, index._hashes)]
    each = (blocks + sum(map(sys.getsizeof, arrays))) / 20_000
    assert each < 480 < plain, f"{each:.0f} bytes, as objects {plain} and three dicts besides"
