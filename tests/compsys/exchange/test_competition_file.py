"""The competition file: what goes out comes in again to the byte, and a broken file is told whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest
from msgspec.structs import fields

from compsys import vault, words
from compsys.exchange import competition_file as cf
from compsys.identity import ID_TYPES
from compsys.records import KINDS, Competition
from compsys.setup_records import check_all
from compsys.state import Setup, State
from compsys.vault import Identity
from scoring_rules import profiles
from tests.generate import competition, resident_id, values


def _told(loaded: cf.Loaded) -> list[tuple[str, str]]:
    for problem in loaded.problems:
        for lang in words.LANGS:
            said = words.say(problem.code, lang, **problem.params)
            said += words.todo(problem.code, lang, **problem.params)
            assert "{" not in said.replace("{curly}", ""), problem
    return [(problem.where, problem.code) for problem in loaded.problems]


def _small(**sections: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "format": cf.FORMAT,
        "competition": {"id": "cup", "name": {"en": "Cup"}},
        "delegations": [{"id": "acme", "name": {"en": "Acme"}}],
        "trades": [{"id": "pastry", "name": {"zh-CN": "面点"}}],
        "stages": [{"id": "final", "trade": "pastry", "name": {"en": "Final"}}],
    }
    return whole | sections


def _load(whole: Any, name: str = "cup.json") -> cf.Loaded:
    return cf.load(json.dumps(whole).encode(), name)


@pytest.mark.parametrize("block", range(10))
def test_two_hundred_competitions_come_back_to_the_byte(block: int) -> None:
    for seed in range(20 * block, 20 * block + 20):
        setup, persons = competition(seed)
        first = cf.dump(setup, persons)
        loaded = cf.load(first, f"{seed}.json")
        assert loaded.ok and not loaded.problems, (seed, loaded.problems[:3])
        again = cf.as_setup(loaded)
        assert cf.dump(again, loaded.persons) == first, f"seed {seed}"
        assert values(again).keys() == values(setup).keys(), f"seed {seed}"
        assert loaded.persons == persons, f"seed {seed}"


def test_what_is_imported_is_what_was_set_up() -> None:
    setup, persons = competition(11)
    again = cf.as_setup(cf.load(cf.dump(setup, persons), "x.json"))
    assert values(again) == values(setup)


def test_the_order_in_which_records_were_made_leaves_no_trace() -> None:
    setup, persons = competition(12)
    turned = Setup(competition=setup.competition)
    turned.records = {kind: dict(reversed(held.items())) for kind, held in reversed(setup.records.items())}
    assert cf.dump(turned, persons) == cf.dump(setup, persons)


def test_one_changed_record_changes_one_line() -> None:
    setup, persons = competition(13)
    before = cf.dump(setup, persons).decode().splitlines()
    who = next(iter(persons))
    persons[who] = Identity(persons[who].name, "passport", "E1")
    after = cf.dump(setup, persons).decode().splitlines()
    changed = [line for line in after if line not in before]
    assert len(changed) == 1 and who in changed[0]


def test_the_core_takes_what_the_file_says() -> None:
    setup, persons = competition(14)
    loaded = cf.load(cf.dump(setup, persons), "x.json")
    assert isinstance(check_all(State(), loaded.items), list)


def test_no_name_reaches_the_records_that_go_to_the_journal() -> None:
    setup, persons = competition(15)
    loaded = cf.load(cf.dump(setup, persons), "x.json")
    said = json.dumps([item.value for item in loaded.items], ensure_ascii=False)
    for who in persons.values():
        assert not who.id_number or who.id_number not in said
        assert not who.phone or who.phone not in said
    assert all(set(item.value or {}) == {"id"} for item in loaded.items if item.kind == "person")


def test_without_the_vault_only_ids_go_out() -> None:
    setup, persons = competition(16)
    text = cf.dump(setup, {}).decode()
    assert all(who.id_number not in text for who in persons.values() if who.id_number)
    loaded = cf.load(text.encode(), "x.json")
    assert loaded.ok and not loaded.persons


def test_a_person_is_bound_once_it_has_a_salt() -> None:
    setup, persons = competition(17)
    loaded = cf.load(cf.dump(setup, persons), "x.json")
    who = next(iter(persons))
    salt = "ab" * 16
    command = cf.to_commands(loaded, {who: salt})
    (bound,) = command.persons
    assert bound.commitment == vault.commitment(salt, vault.canonical(persons[who]))
    assert len(command.items) == len(loaded.items)


def test_what_is_already_so_is_not_defined_again() -> None:
    setup, persons = competition(18)
    loaded = cf.load(cf.dump(setup, persons), "x.json")
    assert cf.to_commands(loaded, {}, known=setup).items == ()
    assert isinstance(setup.competition, Competition)
    setup.competition = Competition(id="cup", name={"en": "Another name"})
    (only,) = cf.to_commands(loaded, {}, known=setup).items
    assert only.kind == "competition"


def test_toml_says_the_same_as_json() -> None:
    toml = """
        format = "compsys-competition/1"
        [competition]
        id = "cup"
        name = { en = "Cup" }
        days = [2022-09-03]
        [[delegations]]
        id = "acme"
        name = { en = "Acme" }
        [[trades]]
        id = "pastry"
        name = { "zh-CN" = "面点" }
        [[stages]]
        id = "final"
        trade = "pastry"
        name = { en = "Final" }
        [[groups]]
        id = "open"
        trade = "pastry"
        stage = "final"
        name = { en = "Open" }
        components = [{ id = "practice", name = { en = "Practice" }, weight = 0.7, max = 100 }]
    """
    group = {"id": "open", "trade": "pastry", "stage": "final", "name": {"en": "Open"}}
    group["components"] = [{"id": "practice", "name": {"en": "Practice"}, "weight": "0.7", "max": "100"}]
    whole = _small(competition={"id": "cup", "name": {"en": "Cup"}, "days": ["2022-09-03"]}, groups=[group])
    loaded = cf.load(toml.encode(), "cup.toml")
    assert loaded.ok, loaded.problems
    assert loaded.items == _load(whole).items


def test_every_problem_is_told_at_once() -> None:
    whole = _small(
        format="compsys-competition/9",
        colour="red",
        trades=[
            {"id": "pastry", "name": {"en": "P"}, "kind": "real", "order": "1"},
            {"id": "Carving!", "name": "C"},
            {"name": {"en": "no id"}},
        ],
        groups=[
            {
                "id": "open",
                "trade": "pastry",
                "stage": "final",
                "name": {},
                "scheme": "none",
                "profile": "mine",
                "components": [{"id": "a", "name": {}, "max": "１0"}, {"id": "a", "name": {}, "weigth": "1"}],
            },
        ],
        entries=[
            {"id": "e1", "trade": "pastry", "delegation": "nobody", "members": [{"person": "p9"}]},
            {"id": "e1", "trade": "pastry", "delegation": "acme"},
        ],
        seats=[{"id": "s", "trade": "pastry", "stage": "semi"}],
    )
    assert _told(_load(whole)) == [
        ("$.format", "file.unknown_format"),
        ("$.colour", "file.unknown_section"),
        ("$.trades[0].kind", "file.not_a_choice"),
        ("$.trades[0].order", "file.wrong_type"),
        ("$.trades[1].id", "file.bad_id"),
        ("$.trades[1].name", "file.wrong_type"),
        ("$.trades[2].id", "file.missing_field"),
        ("$.groups[0].components[0].max", "file.bad_number"),
        ("$.groups[0].components[1].weigth", "file.unknown_field"),
        ("$.entries[1].id", "file.id_twice"),
        ("$.entries[0].delegation", "file.unknown_reference"),
        ("$.entries[0].members[0].person", "file.unknown_reference"),
        ("$.seats[0].stage", "file.unknown_reference"),
        ("$.seats[0].panel", "file.unknown_reference"),
    ]


def test_what_names_a_wrong_record_is_not_wrong_too() -> None:
    whole = _small(delegations=[{"id": "acme", "name": {"en": "Acme"}, "code": 7}])
    whole["entries"] = [{"id": "e1", "trade": "pastry", "delegation": "acme"}]
    assert _told(_load(whole)) == [("$.delegations[0].code", "file.wrong_type")]


def test_a_site_its_stage_does_not_have() -> None:
    panel = {"id": "panel", "trade": "pastry", "stage": "final", "site": "north"}
    assert _told(_load(_small(panels=[panel]))) == [("$.panels[0].site", "file.unknown_reference")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xfe", "file.not_utf8"),
        (b'{"format": ', "file.not_json"),
        (b'{"format": NaN}', "file.bad_number"),
        (b'{"x": ' + b"9" * 5000 + b"}", "file.bad_number"),
        (b"[" * 100_000, "file.too_deep"),
        (b"[]", "file.not_object"),
        (b'{"format": "compsys-competition/1", "format": "x"}', "file.key_twice"),
        (b'{"format": "\\ud800"}', "file.bad_text"),
        (
            b'{"format": "compsys-competition/1", "competition": {"id": "c", "name": {"en": "a\\u0000"}}}',
            "file.bad_text",
        ),
        (b'{"format": "compsys-competition/1", "trades": {}}', "file.wrong_type"),
    ],
)
def test_a_text_that_is_no_competition_file(data: bytes, code: str) -> None:
    loaded = cf.load(data, "x.json")
    assert not loaded.ok
    assert code in [told for _, told in _told(loaded)]


def test_broken_toml_and_a_byte_order_mark() -> None:
    assert _told(cf.load(b"format = ", "x.TOML")) == [("$", "file.not_toml")]
    assert cf.load(b"\xef\xbb\xbf" + json.dumps(_small()).encode(), "x.json").ok


@pytest.mark.parametrize("wrong", ["x\n", "X", "", "-a", "a" * 41, "é", "１"])
def test_ids_are_slugs_to_their_end(wrong: str) -> None:
    assert ("$.trades[0].id", "file.bad_id") in _told(
        _load(_small(trades=[{"id": wrong, "name": {}}], stages=[]))
    )


@pytest.mark.parametrize("wrong", ["2022-02-30", "2022-2-3", "２０２２-01-01", "2022-01-01\n"])
def test_days_are_days(wrong: str) -> None:
    loaded = _load(_small(competition={"id": "cup", "name": {}, "days": [wrong]}))
    assert _told(loaded) == [("$.competition.days[0]", "file.bad_date")]


def test_identity_numbers_are_looked_at() -> None:
    right = resident_id(date(1990, 5, 17), 3)
    last = "0" if right[-1] != "0" else "1"
    persons = [
        {"id": "p1", "name": {"zh-CN": "甲"}, "id_type": "resident_id", "id_number": right},
        {"id": "p2", "name": {"zh-CN": "乙"}, "id_type": "resident_id", "id_number": right[:-1] + last},
        {"id": "p3", "name": {"zh-CN": "丙"}, "id_type": "resident_id", "id_number": right},
        {"id": "p4", "name": {"zh-CN": "丁"}, "id_type": "library_card", "id_number": "1"},
    ]
    loaded = _load(_small(persons=persons))
    assert _told(loaded) == [
        ("$.persons[1].id_number", "file.identity_wrong"),
        ("$.persons[3].id_type", "file.not_a_choice"),
        ("$.persons[2].id_number", "file.person_twice"),
    ]
    assert [problem.severity for problem in loaded.problems] == ["warning", "error", "warning"]


def test_schemes_and_profiles_are_read_whole() -> None:
    text = profiles.load("cook-off").text
    whole = _small(
        schemes=[{"id": "s", "scheme": {"title": {"en": "S"}, "criteria": [{"key": "A", "titel": {}}]}}],
        profiles=[{"id": "own", "text": text.replace('"sheet"', '"seat"').split("\n")}],
    )
    codes = [(re.sub(r":[0-9]+$", "", where), code) for where, code in _told(_load(whole))]
    assert codes == [
        ("$.schemes[0].scheme/criteria/1/title", "data_missing"),
        ("$.schemes[0].scheme/criteria/1/titel", "data_unknown_key"),
        ("$.profiles[0].text", "profile_unknown_name"),
    ]


def test_a_draft_of_a_scheme_comes_back_too() -> None:
    draft = {"title": {}, "criteria": [{"key": "A", "title": {}, "subs": []}]}
    setup = cf.as_setup(_load(_small(schemes=[{"id": "draft", "scheme": draft}])))
    again = cf.load(cf.dump(setup, {}), "x.json")
    assert again.ok, again.problems
    assert values(cf.as_setup(again)) == values(setup)


def test_a_part_of_a_competition_may_name_what_is_known() -> None:
    setup, _ = competition(19)
    trade, sender = next(iter(setup.trades)), next(iter(setup.delegations))
    part = {"format": cf.FORMAT, "entries": [{"id": "late", "trade": trade, "delegation": sender}]}
    assert not _load(part).ok
    assert cf.load(json.dumps(part).encode(), "x.json", known=setup).ok


def test_the_description_names_every_section_field_and_choice() -> None:
    text = (Path(__file__).parents[3] / "docs" / "competition-file.md").read_text("utf-8")
    rows = {row.split("|")[1].strip(): row for row in text.splitlines() if row.startswith("| ")}
    assert f'"format": "{cf.FORMAT}"' in text
    for section, kind in cf.SECTIONS.items():
        record = cf.PersonLine if kind == "person" else KINDS[kind]
        told = set(re.findall(r"`(\w+)`", rows[section]))
        for struct in _structs(record):
            assert set(struct.__struct_fields__) <= told, (section, struct)
            for known in fields(struct):
                for choice in get_args(known.type) if get_origin(known.type) is Literal else ():
                    assert re.search(rf"\b{choice}\b", rows[section]), (section, choice)
    assert all(kind in rows["persons"] for kind in ID_TYPES)


def _structs(record: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    """A record's type and the types of what it lists."""
    yield record
    for known in fields(record):
        inner = get_args(known.type)[0] if get_origin(known.type) is tuple else None
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            yield inner
