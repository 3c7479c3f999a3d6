"""Set-up: what a record may say, what keeps a trade from opening, what marking has frozen."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from compsys import events as e
from compsys import setup, words
from compsys.exchange import competition_file
from compsys.records import KINDS, Bench, Component, Membership, Record, key_of
from compsys.state import State
from scoring_rules import profiles
from tests import generate
from tests.world import MAIN, ORGANIZER, World, opened, set_up

FILE = competition_file.load((files("fixtures") / "karamay-2022.json").read_bytes(), "karamay-2022.json")
HOT = "hot-dishes/final"
GROUP = f"{HOT}/open"


@pytest.fixture
def state() -> State:
    """The Karamay cook-off: nothing is wrong with it, until a test breaks one thing."""
    return State(setup=competition_file.as_setup(FILE))


def _change(state: State, kind: str, key: str, **fields: Any) -> None:
    held = state.setup.records[kind]
    held[key] = replace(held[key], **fields)


def _add(state: State, kind: str, **value: Any) -> None:
    record: Record = msgspec.convert(value, KINDS[kind])
    state.setup.records.setdefault(kind, {})[key_of(kind, record)] = record


def _entry(state: State, i: int) -> str:
    return [entry.id for entry in state.setup.entries.values() if entry.trade == "hot-dishes"][i]


def _component(state: State, **fields: Any) -> None:
    """The practice component of hot dishes with other fields."""
    first, *rest = state.setup.groups[GROUP].components
    _change(state, "group", GROUP, components=(replace(first, **fields), *rest))


def _more(state: State, **fields: Any) -> None:
    """One more component in hot dishes."""
    part = Component(id="more", name={"en": "More"}, weight="0", **fields)
    _change(state, "group", GROUP, components=(*state.setup.groups[GROUP].components, part))


def _drop(state: State, kind: str, which: Callable[[Any], bool]) -> None:
    held = state.setup.records[kind]
    for key in [key for key, record in held.items() if which(record)]:
        del held[key]


def _hot(record: Any) -> bool:
    return bool(record.trade == "hot-dishes")


def _no_competition(state: State) -> None:
    state.setup.competition = None


def _competition(**fields: Any) -> Callable[[State], None]:
    def change(state: State) -> None:
        assert state.setup.competition is not None
        state.setup.competition = replace(state.setup.competition, **fields)

    return change


def _members(*members: Membership) -> Callable[[State], None]:
    return lambda state: _change(state, "entry", _entry(state, 0), members=members)


def _first_judge_of(state: State) -> str:
    return state.setup.seats[f"{HOT}/judge-1"].judge


def _recuse_all(state: State) -> None:
    sender = state.setup.entries[_entry(state, 0)].delegation
    for i in range(1, 5):
        judge = state.setup.seats[f"{HOT}/judge-{i}"].judge
        _change(state, "judge", judge, affiliations=(sender,))


def _recuse_two(state: State) -> None:
    sender = state.setup.entries[_entry(state, 0)].delegation
    for i in (1, 2):
        _change(state, "judge", state.setup.seats[f"{HOT}/judge-{i}"].judge, affiliations=(sender,))


def _own_profile(state: State) -> None:
    text = profiles.load("cook-off").text.replace('"sheet"', '"seat"')
    _add(state, "profile", id="own", text=text)
    _change(state, "group", GROUP, profile="own")


def _much_trimming(state: State) -> None:
    _add(
        state,
        "profile",
        id="own",
        text=profiles.load("cook-off").text.replace("min_seats = 3", "min_seats = 7", 1),
    )
    _change(state, "group", GROUP, profile="own")


def _two_sites(state: State) -> None:
    _change(state, "stage", HOT, sites=("main", "north"))
    _change(state, "seat", f"{HOT}/judge-2", site="north")
    _change(state, "seat", f"{HOT}/chief", site="north")


def _captains(state: State) -> None:
    members = (Membership("p-a", role="captain"), Membership("p-b", role="captain"))
    _change(state, "entry", _entry(state, 0), members=members, name={"en": "Two captains"})


def _same_person(state: State) -> None:
    first = state.setup.entries[_entry(state, 0)].members
    _change(state, "entry", _entry(state, 1), members=first)


def _twice_planned(state: State) -> None:
    first = next(iter(state.setup.sessions[f"{HOT}/s1"].stations))
    more = {**state.setup.sessions[f"{HOT}/s2"].stations, first: "9"}
    _change(state, "session", f"{HOT}/s2", stations=more)


def _left_out(state: State) -> None:
    stations = dict(state.setup.sessions[f"{HOT}/s1"].stations)
    stations.popitem()
    _change(state, "session", f"{HOT}/s1", stations=stations)


def _elsewhere(state: State) -> None:
    other = next(entry.id for entry in state.setup.entries.values() if entry.trade == "pastry")
    stations = {**state.setup.sessions[f"{HOT}/s1"].stations, other: "9"}
    _change(state, "session", f"{HOT}/s1", stations=stations)


def _one_station(state: State) -> None:
    stations = dict.fromkeys(state.setup.sessions[f"{HOT}/s1"].stations, "1")
    _change(state, "session", f"{HOT}/s1", stations=stations)


def _benches(state: State, *stations: str) -> None:
    """Benches with a colour; "" = the first station of the session."""
    first = next(iter(state.setup.sessions[f"{HOT}/s1"].stations.values()))
    benches = tuple(Bench(station or first, "red", {"en": "Window"}) for station in stations)
    _change(state, "session", f"{HOT}/s1", benches=benches)


def _competing_judge(state: State) -> None:
    person = state.setup.entries[_entry(state, 0)].members[0].person
    _change(state, "judge", _first_judge_of(state), person=person)


def _twins(state: State, since: str) -> None:
    """The first entry's person leaves it and goes to the second entry on ``since``."""
    member = state.setup.entries[_entry(state, 0)].members[0]
    stays = state.setup.entries[_entry(state, 1)].members[0]
    new = Membership("p-new")
    _change(state, "entry", _entry(state, 0), members=(replace(member, until="2022-09-01"), new))
    _change(state, "entry", _entry(state, 1), members=(stays, replace(member, since=since)))


# fmt: off
CASES: list[tuple[Callable[[State], None], set[str]]] = [
    (_no_competition, {"must no_competition"}),
    (_competition(name={"en": "  "}), {"must name_missing"}),
    (_competition(days=()), {"look no_days"}),
    (_competition(days=("2022-09-03", "2022-09-31")),
     {"must day_wrong", "look session_day"}),
    (_competition(table_orders=("by_weight",)), {"must order_unknown"}),
    (lambda s: s.setup.records["trade"].clear(), {"look no_trades"}),
    (lambda s: _add(s, "trade", id="new", name={"en": "N"}), {"must no_stage", "must no_entries"}),
    (lambda s: _change(s, "trade", "pastry", name={}), {"must name_missing"}),
    (lambda s: _change(s, "stage", HOT, feed={"public": "revealed"}), {"look public_moves_with_marks"}),
    (lambda s: _change(s, "stage", HOT, disclosure="named_live"), {"look blind_but_named"}),
    (lambda s: _change(s, "stage", HOT, sites=()), {"must no_sites", "must site_unknown"}),
    (lambda s: _drop(s, "group", _hot), {"must no_group", "must group_unknown", "must session_component",
                                         }),
    # rules
    (lambda s: _change(s, "group", GROUP, scheme=""), {"must no_scheme"}),
    (lambda s: _change(s, "group", GROUP, scheme="nobody"), {"must scheme_unreadable"}),
    (lambda s: _change(s, "group", GROUP, profile="nobody"), {"must profile_unknown"}),
    (_own_profile, {"must profile_unknown_name"}),
    (lambda s: _change(s, "group", GROUP, profile="worldskills-2026"), set()),
    (lambda s: _change(s, "group", GROUP, components=()),
     {"must no_components", "look scheme_unused", "must session_component", "look place_key_unknown"}),
    (lambda s: _component(s, criteria=("A",)), {"must criterion_uncovered", "must component_max"}),
    (lambda s: _component(s, criteria=("A", "B", "Z")), {"must criterion_unknown"}),
    (lambda s: _more(s, criteria=("A",), max="25"),
     {"must criterion_twice", "look total_wrong", "look no_session"}),
    (lambda s: _component(s, max="90"), {"must component_max", "look total_not_100", "look total_wrong"}),
    (lambda s: _component(s, weight="0.6"), {"look total_not_100"}),
    (lambda s: _component(s, weight="-0.7"), {"look total_not_100", "must weight_negative"}),
    (lambda s: _component(s, pass_mark="101"), {"look pass_mark_above_max"}),
    (lambda s: _more(s, source="carried"), {"must carried_from_nowhere"}),
    (lambda s: _more(s, source="carried", from_stage="final"), {"must carried_from_later"}),
    (lambda s: _more(s, source="time"), {"must time_without_measure", "look no_session"}),
    (lambda s: _more(s, source="imported", criteria=("A",)), {"look criteria_unused"}),
    (lambda s: _more(s, source="imported", max="0"), {"must max_not_positive"}),
    # panels and seats
    (lambda s: _change(s, "panel", f"{HOT}/panel", subs=("A", "B1")), {"must sub_without_panel"}),
    (lambda s: _change(s, "panel", f"{HOT}/panel", subs=("A", "B1", "B2", "B3")), {"must panel_sub_unknown"}),
    (lambda s: _add(s, "panel", id="two", trade="hot-dishes", stage="final", subs=["A1"]),
     {"must sub_two_panels", "must panel_small"}),
    (lambda s: _drop(s, "seat", lambda r: _hot(r) and r.id in ("judge-1", "judge-2", "judge-3")),
     {"must panel_small"}),
    (lambda s: _drop(s, "seat", lambda r: _hot(r) and r.role == "chief"), {"look no_chief"}),
    (lambda s: _change(s, "seat", f"{HOT}/judge-2", judge=""), {"look seat_without_judge"}),
    (lambda s: _change(s, "seat", f"{HOT}/judge-2", judge=_first_judge_of(s)), {"must judge_twice"}),
    (_competing_judge, {"must judge_competes"}),
    (_recuse_all, {"must recusal_empties"}),
    (_recuse_two, {"look recusal_thins"}),
    (_two_sites, {"must seat_site", "look no_chief"}),
    (_much_trimming, {"look panel_untrimmed"}),
    # entries
    (_captains, {"look captains"}),
    (_members(), {"must no_members"}),
    (_members(Membership("p-a", role="reserve")), {"must no_members"}),
    (_members(Membership("p-a"), Membership("p-b")), {"look team_without_name"}),
    (_members(Membership("p-a"), Membership("p-a", role="reserve")), {"must person_twice"}),
    (_members(Membership("p-a", since="2022-09-04", until="2022-09-03")), {"must dates_turned"}),
    (_members(Membership("p-a", since="soon")), {"must day_wrong"}),
    (_same_person, {"must person_twice"}),
    (lambda s: _twins(s, "2022-09-02"), {"look team_without_name"}),
    (lambda s: _twins(s, "2022-09-01"), {"look team_without_name", "must person_twice"}),
    (lambda s: _change(s, "entry", _entry(s, 0), group="student"), {"must group_unknown"}),
    (lambda s: _change(s, "entry", _entry(s, 0), site="north"),
     {"must site_unknown", "must session_entry_elsewhere"}),
    (lambda s: _change(s, "entry", _entry(s, 0), bib=s.setup.entries[_entry(s, 1)].bib), {"look bib_twice"}),
    # sessions
    (_twice_planned, {"must entries_planned_twice"}),
    (_left_out, {"must entries_unplanned"}),
    (_elsewhere, {"must session_entry_elsewhere"}),
    (_one_station, {"must station_twice"}),
    (lambda s: _benches(s, "", ""), {"must bench_twice"}),
    (lambda s: _benches(s, "nowhere"), {"look bench_unused"}),
    (lambda s: _drop(s, "session", _hot), {"look no_session"}),
    (lambda s: _change(s, "session", f"{HOT}/s1", component="oral"),
     {"must session_component", "must entries_unplanned"}),
    (lambda s: _change(s, "session", f"{HOT}/s1", component="theory"),
     {"look session_unneeded", "must entries_unplanned"}),
    (lambda s: _change(s, "session", f"{HOT}/s1", day="2022-09-09"), {"look session_day"}),
    (lambda s: _change(s, "session", f"{HOT}/s1", start="9.30"), {"look session_start"}),
    (lambda s: _change(s, "session", f"{HOT}/s1", minutes=-1), {"must session_number"}),
]
# fmt: on


@pytest.mark.parametrize("number", range(len(CASES)))
def test_one_thing_wrong_is_told_and_nothing_else(state: State, number: int) -> None:
    change, expected = CASES[number]
    change(state)
    found = {f"{p.severity} {p.code.removeprefix('setup.')}" for p in setup.problems(state)}
    assert found == expected


def test_every_code_has_a_case_and_a_sentence() -> None:
    own = json.loads((files("compsys") / "catalogue" / "set_up.json").read_text(encoding="utf-8"))
    sentences = {code.removeprefix("setup.") for code in own if code.startswith("setup.")}
    cased = {code.split()[1] for _, codes in CASES for code in codes}
    assert sentences - cased == set()
    assert {code for code in cased if f"setup.{code}" not in words.catalogue()} <= words.catalogue().keys()


def test_sentences_find_their_parameters(state: State) -> None:
    for change, _ in CASES:
        broken = State(setup=competition_file.as_setup(FILE))
        change(broken)
        for problem in setup.problems(broken):
            for lang in words.LANGS:
                said = words.say(problem.code, lang, **problem.params)
                said += words.todo(problem.code, lang, **problem.params)
                assert "{" not in said, (problem, said)


def test_a_problem_says_which_trade_it_stops(state: State) -> None:
    _change(state, "group", GROUP, scheme="")
    assert [p.code for p in setup.opening(state, "hot-dishes")] == ["setup.no_scheme"]
    assert setup.opening(state, "hot-dishes", "heat") == []
    assert setup.opening(state, "pastry") == []


def test_a_scheme_with_errors_keeps_its_codes(state: State) -> None:
    held: Any = state.setup.records["scheme"]["pastry"]
    scheme = msgspec.json.decode(msgspec.json.encode(held.scheme))
    scheme["criteria"][0]["subs"][0]["aspects"][0]["max"] = "ten"
    _change(state, "scheme", "pastry", scheme=scheme)
    (told,) = setup.opening(state, "pastry")
    assert (told.code, told.where, told.params["where"]) == ("max_bad", ("scheme", "pastry"), "A1/A1.1")


def test_generated_competitions_can_be_opened() -> None:
    for seed in range(40):
        made, _ = generate.competition(seed)
        assert [p for p in setup.problems(State(setup=made)) if p.severity == "must"] == [], seed


# ---------------------------------------------------------------- one record


def test_a_record_in_its_right_form_is_taken(state: State) -> None:
    found = setup.check_define(state, "trade", "new", {"id": "new", "name": {"en": "New"}})
    assert isinstance(found, Record) and key_of("trade", found) == "new"


REFUSED: list[tuple[str, str, dict[str, Any] | None, str]] = [
    ("medal", "x", {}, "unknown_kind"),
    ("trade", "x", {"id": "x"}, "bad_record"),
    ("trade", "x", {"id": "x", "name": {"en": "X"}, "colour": "red"}, "bad_record"),
    ("trade", "x\n", {"id": "x\n", "name": {"en": "X"}}, "bad_record"),
    ("trade", "y", {"id": "x", "name": {"en": "X"}}, "bad_record"),
    ("stage", "heat", {"id": "heat", "trade": "pastry", "name": {}}, "bad_record"),
    ("competition", "other", {"id": "other", "name": {"en": "X"}}, "bad_record"),
    ("stage", "pastry/two", {"id": "two", "trade": "pastry", "name": {}, "sites": ["a", "a"]}, "bad_record"),
    ("stage", "x/y", {"id": "y", "trade": "x", "name": {}}, "unknown_reference"),
    ("entry", "e", {"id": "e", "trade": "pastry", "delegation": "nobody"}, "unknown_reference"),
    ("judge", "j", {"id": "j", "person": "nobody"}, "unknown_reference"),
    (
        "seat",
        f"{HOT}/s",
        {"id": "s", "trade": "hot-dishes", "stage": "final", "panel": "no"},
        "unknown_reference",
    ),
    (
        "panel",
        f"{HOT}/p",
        {"id": "p", "trade": "hot-dishes", "stage": "final", "site": "no"},
        "unknown_reference",
    ),
    (
        "group",
        f"{HOT}/g",
        {"id": "g", "trade": "hot-dishes", "stage": "final", "name": {}, "profile": "../x"},
        "unknown_reference",
    ),
    ("scheme", "s", {"id": "s", "scheme": {"titel": {}}}, "scheme_errors"),
    ("trade", "nothing", None, "unknown_record"),
    ("trade", "pastry", None, "in_use"),
    ("panel", f"{HOT}/panel", None, "in_use"),
    ("scheme", "pastry", None, "in_use"),
    ("delegation", "company-01", None, "in_use"),
    ("competition", "karamay-2022", None, "in_use"),
]


@pytest.mark.parametrize(("kind", "key", "value", "code"), REFUSED)
def test_a_record_is_refused(
    state: State, kind: str, key: str, value: dict[str, Any] | None, code: str
) -> None:
    found = setup.check_define(state, kind, key, value)
    assert isinstance(found, e.Refused) and found.code == code, found


def test_a_site_in_use_stays(state: State) -> None:
    value = {"id": "final", "trade": "hot-dishes", "name": {"en": "Final"}, "sites": ["north"]}
    found = setup.check_define(state, "stage", HOT, value)
    assert isinstance(found, e.Refused) and found.code == "in_use", found


def test_a_batch_may_name_its_own_records_in_any_order(state: State) -> None:
    items = (
        e.Define(kind="stage", id="new/final", value={"id": "final", "trade": "new", "name": {"en": "F"}}),
        e.Define(kind="trade", id="new", value={"id": "new", "name": {"en": "N"}}),
    )
    assert isinstance(setup.check_all(state, items), list)
    assert isinstance(setup.check_all(state, items[:1]), e.Refused)


def test_a_trade_goes_with_everything_that_names_it(state: State) -> None:
    def is_hot(kind: str, record: Any) -> bool:
        return (getattr(record, "trade", "") or (record.id if kind == "trade" else "")) == "hot-dishes"

    removed = tuple(
        e.Define(kind=kind, id=key, value=None)
        for kind, held in state.setup.records.items()
        for key, record in held.items()
        if is_hot(kind, record)
    )
    assert setup.check_all(state, removed) == [None] * len(removed)
    but_one = tuple(item for item in removed if item.kind != "entry")
    assert isinstance(setup.check_all(state, but_one), e.Refused)
    trade_only = tuple(item for item in removed if item.kind == "trade")
    assert isinstance(setup.check_all(state, trade_only), e.Refused)


# ---------------------------------------------------------------- what marking has frozen

FROZEN: list[tuple[str, dict[str, Any]]] = [
    ("seat", {"id": "s1", "trade": "cooking", "stage": "final", "label": "s1", "role": "judge"}),
    ("seat", {"id": "new", "trade": "cooking", "stage": "final"}),
    ("panel", {"id": "panel", "trade": "cooking", "stage": "final", "name": {"en": "Panel"}, "subs": ["A1"]}),
    ("stage", {"id": "final", "trade": "cooking", "name": {"en": "Final"}, "blind": False}),
    (
        "group",
        {"id": "open", "trade": "cooking", "stage": "final", "name": {"en": "Open"}, "profile": "cook-off"},
    ),
    ("session", {"id": "x", "trade": "cooking", "stage": "final", "component": "practice"}),
    ("scheme", {"id": "cooking", "scheme": {"title": {"en": "Other"}, "criteria": []}}),
    ("entry", {"id": "e1", "trade": "cooking", "delegation": "d1", "group": "student"}),
]


@pytest.mark.parametrize(("kind", "value"), FROZEN)
def test_what_marking_stands_on_is_frozen(kind: str, value: dict[str, Any]) -> None:
    world = opened()
    key = key_of(kind, msgspec.convert(value, KINDS[kind]))
    assert world.refused(ORGANIZER, e.Define(kind=kind, id=key, value=value)) == "frozen_record"


def test_words_may_change_while_marking_is_open() -> None:
    world = opened()
    for kind, key in (("seat", "cooking/final/s1"), ("stage", "cooking/final"), ("entry", "e1")):
        record = world.state.setup.records[kind][key]
        changed: Any = {"label": "Chair 1"} if kind == "seat" else {"name": {"en": "A better name"}}
        value = competition_file.canonical(replace(record, **changed))
        world.do(ORGANIZER, e.Define(kind=kind, id=key, value=value))
    assert world.state.setup.stages["cooking/final"].name == {"en": "A better name"}


def test_the_same_file_again_is_taken_while_marking_is_open() -> None:
    world = opened()
    loaded = competition_file.load(competition_file.dump(world.state.setup, {}), "x.json")
    assert loaded.ok
    world.do(ORGANIZER, e.DefineAll(items=loaded.items))
    assert world.state.streams[MAIN].marking == "open"


def test_a_group_that_nobody_marks_opens_too() -> None:
    world = set_up(World(), entries=2)
    theory = [{"id": "theory", "name": {"en": "Theory"}, "source": "imported"}]
    world.define("group", id="open", trade="cooking", stage="final", name={"en": "Open"}, components=theory)
    assert setup.opening(world.state, "cooking") == []
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A1"), ("e2", "u2", "A2"))))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    assert world.state.streams[MAIN].marking == "open"
