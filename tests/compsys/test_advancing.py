"""Who goes on by the whole rule: pools, hosts, seeds, wild cards, reserves, withdrawals, what is carried."""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsys import advancing, core, drawing, explain, explain_told, scoring
from compsys import events as e
from compsys.records import Delegation, Entry
from compsys.state import Setup, State
from scoring_rules import profiles
from tests.compsys.funnel import FINAL, HEAT, founded, heated, marked, official, rows
from tests.world import OFFICE, ORGANIZER, World

PLACE = ("bake", "final", "open")


class Ranked(NamedTuple):
    """A row of a result, as far as a cut looks at it."""

    entry: str
    place: int | None
    total: str
    status: str = ""


def wish(**more: object) -> e.Advance:
    """The cut of the heat, with these parts."""
    at = {"trade": "bake", "stage": "heat", "group": "open", "to": "final"}
    return msgspec.convert({**at, **more}, e.Advance)


def gone(entry: str, reason: str = "ill") -> e.MoveUp:
    return e.MoveUp(trade="bake", stage="heat", group="open", to="final", entry=entry, reason=reason)


def field(world: World | None = None, **hosts: bool) -> World:
    """Eight of four pools and two delegations with 9 8 7 7 6 5 4 in the heat, one absent."""
    world = founded(world)
    world.do(ORGANIZER, e.EnterMany(trade="bake", group="open", rows=rows(8)))
    for i, pool in enumerate("aabbccd"):
        entry = world.state.setup.entries[f"e0000{i}"]
        value = msgspec.to_builtins(msgspec.structs.replace(entry, pool=pool))
        world.do(ORGANIZER, e.Define(kind="entry", id=entry.id, value=value))
    for delegation, host in hosts.items():
        world.define("delegation", id=delegation, name={"en": delegation}, host=host)
    marks: dict[str, str | None] = dict(zip((f"e0000{i}" for i in range(7)), "9877654", strict=True))
    marked(world, HEAT, "exam", marks | {"e00007": None})
    return world


def ways(world: World) -> str:
    return " ".join(f"{x[-1]}:{way}" for x, way in world.state.advanced[PLACE].entries.items())


def test_each_who_goes_on_has_the_way_it_went_in_the_line() -> None:
    world = field()
    cut = {"pool": "pool", "per_pool": 1, "reserve": 2}
    world.do(ORGANIZER, wish(count=6, cut=cut))
    assert ways(world) == "0:pool 1:rest 2:pool_tie 3:pool_tie 4:pool 6:pool"
    line = world.lines[-1][3]
    assert isinstance(line, e.Advanced) and line.cut == msgspec.convert(cut, e.Cut)
    assert line.reserve == ("e00005",) == tuple(world.state.advanced[PLACE].reserve)
    again = core.fold(State(id=world.state.id), world.lines)
    assert again.advanced == world.state.advanced


def test_a_percentage_names_its_base_and_its_rounding() -> None:
    world = field()
    for base, rounding, count in (("ranked", "floor", 2), ("ranked", "ceil", 3), ("entered", "ceil", 4)):
        cut = {"percent": "40", "base": base, "rounding": rounding}
        found = advancing.chosen(world.state, wish(cut=cut))
        assert isinstance(found, advancing.Chosen) and found.places == count
    assert found.edges == () and [way for _, way in found.on] == ["cut"] * 4


def test_hosts_have_a_place_only_where_none_went_on() -> None:
    world = field(d1=True)
    world.do(ORGANIZER, wish(count=1, cut={"host": 1}))
    assert ways(world) == "0:cut 1:host"
    world.do(ORGANIZER, wish(count=2, cut={"host": 1}))
    assert ways(world) == "0:cut 1:cut"


def test_seeds_and_wild_cards_need_a_reason_and_go_on_whatever_they_reached() -> None:
    world = field()
    named = {"count": 1, "seeded": ["e00007"], "wild_cards": ["e00005"]}
    assert world.refused(ORGANIZER, wish(**named)) == "reason_missing"
    assert world.refused(ORGANIZER, wish(**named | {"seeded": ["nobody"]}, reason="x")) == "unknown_reference"
    world.do(ORGANIZER, wish(**named, reason="the champion of last year"))
    assert ways(world) == "0:cut 5:wild_card 7:seeded"


def test_a_guest_takes_nobodys_place() -> None:
    world = field()
    entry = msgspec.structs.replace(world.state.setup.entries["e00000"], guest=True)
    world.do(ORGANIZER, e.Define(kind="entry", id=entry.id, value=msgspec.to_builtins(entry)))
    world.do(ORGANIZER, wish(count=2))
    assert ways(world) == "1:cut 2:tie 3:tie"
    world.do(ORGANIZER, wish(count=1, wild_cards=["e00000"], reason="outside the count"))
    assert ways(world) == "1:cut 0:wild_card"


@pytest.mark.parametrize(
    "part",
    [
        {},
        {"count": 2, "cut": {"percent": "50"}},
        {"cut": {"percent": "101"}},
        {"cut": {"percent": "half"}},
        {"count": 2, "cut": {"base": "all"}},
        {"count": 2, "cut": {"rounding": "up"}},
        {"count": 2, "cut": {"minimum": "-1"}},
        {"count": 2, "cut": {"pool": "pool"}},
        {"count": 2, "cut": {"per_pool": 2}},
        {"count": 2, "cut": {"pool": "team", "per_pool": 2}},
        {"count": 2, "cut": {"host": -1}},
        {"count": 2, "cut": {"reserve": -1}},
        {"count": 2, "cut": {"carry": "half"}},
        {"count": 2, "cut": {"carry": "points"}},
        {"count": 2, "cut": {"carry": "points", "points": ["x"]}},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(part: dict[str, object]) -> None:
    world = heated()
    assert world.refused(ORGANIZER, wish(**part)) == "malformed"


# ---------------------------------------------------------------- moving up


def test_the_next_moves_up_where_one_withdraws_until_nobody_waits() -> None:
    world = field()
    world.do(ORGANIZER, wish(count=2, cut={"reserve": 3}))
    assert world.refused(ORGANIZER, gone("e00000", " ")) == "reason_missing"
    assert world.refused(ORGANIZER, gone("e00006")) == "not_advanced"
    world.do(ORGANIZER, gone("e00003"))  # only waits
    world.do(ORGANIZER, gone("e00000"))
    went = world.state.advanced[PLACE]
    assert ways(world) == "1:cut 2:moved_up" and went.reserve == ["e00004"]
    assert [(left, joins, why) for _, left, joins, why in went.moved] == [
        ("e00003", "", "ill"), ("e00000", "e00002", "ill"),
    ]  # fmt: skip
    assert world.refused(ORGANIZER, gone("e00000")) == "not_advanced"
    world.do(ORGANIZER, gone("e00001"))
    world.do(ORGANIZER, gone("e00002"))
    assert ways(world) == "4:moved_up" and not went.reserve
    assert core.fold(State(id=world.state.id), world.lines).advanced == world.state.advanced
    drawn = drawing.draw(world.state, FINAL, lambda n: bytes(range(n)))
    assert [entry for entry, _, _ in drawn.units] == ["e00004"]


def test_who_withdrew_stays_out_of_a_second_decision_until_named() -> None:
    world = field()
    world.do(ORGANIZER, wish(count=2, cut={"reserve": 1}))
    world.do(ORGANIZER, gone("e00000"))
    world.do(ORGANIZER, wish(count=2, cut={"reserve": 3}))
    assert ways(world) == "1:cut 2:moved_up"
    assert world.state.advanced[PLACE].reserve == ["e00003", "e00004"]
    world.do(ORGANIZER, wish(count=2, cut={"reserve": 1}))
    assert ways(world) == "1:cut 2:moved_up"
    world.do(ORGANIZER, wish(count=2, cut={"reserve": 3}, wild_cards=["e00000"], reason="is well again"))
    assert ways(world) == "0:cut 1:cut" and not world.state.advanced[PLACE].withdrawn


def test_a_withdrawal_after_the_draw_asks_for_another_draw_and_none_comes_after_the_opening() -> None:
    world = field()
    world.do(ORGANIZER, wish(count=2, cut={"reserve": 1}))
    world.do(OFFICE, e.Draw(stream=FINAL, units=(("e00000", "u1", "F1"), ("e00001", "u2", "F2"))))
    world.do(ORGANIZER, gone("e00000"))
    assert world.refused(OFFICE, e.Open(stream=FINAL)) == "not_advanced"
    world.do(OFFICE, e.Draw(stream=FINAL, units=(("e00002", "u1", "F1"), ("e00001", "u2", "F2"))))
    world.do(OFFICE, e.Open(stream=FINAL))
    assert world.refused(ORGANIZER, gone("e00001")) == "already_open"


def test_nobody_moves_up_without_a_decision_or_by_an_old_version() -> None:
    world = field()
    assert world.refused(ORGANIZER, gone("e00000")) == "cut_missing"
    world.do(ORGANIZER, wish(count=2, cut={"reserve": 1}))
    world.do(ORGANIZER, e.Unlock(stream=HEAT, scope="stage", reason="x", confirmed_by="second"))
    status = e.SetStatus(stream=HEAT, unit="heat-e00001", scope="stage", status="excluded", reason="x")
    world.do(ORGANIZER, status)
    world.do(ORGANIZER, e.Lock(stream=HEAT, scope="stage"))
    second = msgspec.structs.replace(official("heat"), reason="x", note={"en": "corrected"})
    world.do(ORGANIZER, second)
    assert world.refused(ORGANIZER, gone("e00000")) == "cut_stale"
    assert world.refused(e.Actor("account", "x", ("supervisor",)), gone("e00000")) == "not_allowed"


# ---------------------------------------------------------------- what is carried


def brought(world: World, **more: object) -> dict[str, str]:
    """entry -> what the final takes from the heat."""
    world.do(ORGANIZER, wish(count=3, **more))
    marked(world, FINAL, "panel", dict.fromkeys(world.state.advanced[PLACE].entries, "70"))
    units = world.state.streams[FINAL].units.values()
    return {unit.entry[-1]: unit.carried["heat"] for unit in units}


def test_totals_are_carried_as_they_are_or_as_points_for_the_place() -> None:
    assert brought(field()) == {"0": "9.00", "1": "8.00", "2": "7.00", "3": "7.00"}
    assert brought(field(), cut={"carry": "raw"})["0"] == "9.00"
    points = {"carry": "points", "points": ["10", "8", "6"]}
    assert brought(field(), cut=points) == {"0": "10", "1": "8", "2": "6", "3": "6"}


def test_totals_are_rescaled_to_the_maximum_of_the_component_exactly() -> None:
    world = founded()
    name = {"en": "Baking"}
    heat = {"id": "exam", "name": name, "source": "imported", "max": "70"}
    final = [
        {"id": "panel", "name": name, "source": "imported", "weight": "0.6"},
        {"id": "heat", "name": name, "source": "carried", "from_stage": "heat", "max": "30", "weight": "2"},
    ]
    for stage, components in (("heat", [heat]), ("final", final)):
        world.define(
            "group", id="open", trade="bake", stage=stage, name=name, profile="cook-off",
            components=components,
        )  # fmt: skip
    world.do(ORGANIZER, e.EnterMany(trade="bake", group="open", rows=rows(3)))
    marked(world, HEAT, "exam", {"e00000": "70", "e00001": "35", "e00002": "10"})
    assert brought(world, cut={"carry": "rescaled"}) == {"0": "30", "1": "15", "2": "30/7"}
    found = scoring.standing(world.state, *PLACE, "signed")
    totals = {row.entry[-1]: row.score.components[1].raw for row in found.rows}
    assert totals["2"] == Fraction(30, 7)
    assert world.state.streams[FINAL].groups["open"].carry == {
        "heat": {"how": "rescaled", "of": "70", "to": "30"}
    }
    told = explain.explain(world.state, explain.Target(*PLACE, "e00002"))
    assert told is not None
    said = "\n".join(explain_told.lines(told, "en"))
    assert "rescaled from a maximum of 70 to 30" in said and "30/7" in said
    row = next(x for x in scoring.result_rows(world.state, *PLACE) if x.entry == "e00002")
    assert row.components[1].raw == "4.285714" and row.total == "50.57"


# ---------------------------------------------------------------- against a plain selection


def plainly(field: list[Ranked], setup: Setup, cmd: e.Advance) -> list[str]:
    """Who goes on, by the words of the rule and nothing clever."""
    cut = cmd.cut or e.Cut()
    on: set[str] = {x.entry for x in field if setup.entries[x.entry].seeded}
    enough = [
        x for x in field
        if x.entry not in on and x.place is not None and Fraction(x.total) >= Fraction(cut.minimum or 0)
        and not setup.entries[x.entry].guest
    ]  # fmt: skip

    def best(of: list[Ranked], count: int) -> list[Ranked]:
        taken: list[Ranked] = []
        for _, level in groupby(of, key=lambda x: x.place):
            tied = list(level)
            if len(taken) >= count or (cmd.ties == "out" and len(taken) + len(tied) > count):
                break
            taken += tied
        return taken

    pools = {setup.entries[x.entry].pool for x in enough} - {""} if cut.per_pool else set()
    first = [x for p in pools for x in best([y for y in enough if setup.entries[y.entry].pool == p],
                                            cut.per_pool)]  # fmt: skip
    on |= {x.entry for x in first}
    left = [x for x in enough if x.entry not in on]
    if cmd.count or not pools or not cut.per_pool:
        count = max(0, cmd.count - len(first)) if cmd.count else 0 if cut.per_pool else len(left)
        on |= {x.entry for x in best(left, count)}
    hosts = [x for x in enough if setup.delegations[setup.entries[x.entry].delegation].host]
    lacking = cut.host - sum(x.entry in on for x in hosts)
    on |= {x.entry for x in best([x for x in hosts if x.entry not in on], lacking)}
    on |= set(cmd.wild_cards)
    return sorted((x.entry for x in field if x.entry in on), key=lambda x: setup.entries[x].guest)


@given(st.data())
def test_a_plain_selection_finds_the_same(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 12))
    totals = sorted((data.draw(st.integers(0, 6)) for _ in range(size)), reverse=True)
    setup = Setup(records={"delegation": {}, "entry": {}})
    for name in ("d0", "d1"):
        record = {"id": name, "name": {"en": name}, "host": data.draw(st.booleans())}
        setup.records["delegation"][name] = msgspec.convert(record, type=Delegation)
    for i in range(size):
        record = {
            "id": f"e{i}", "trade": "t", "group": "g", "delegation": data.draw(st.sampled_from(("d0", "d1"))),
            "pool": data.draw(st.sampled_from(("", "a", "b"))), "seeded": data.draw(st.integers(0, 9)) == 0,
            "guest": data.draw(st.integers(0, 9)) == 0,
        }  # fmt: skip
        setup.records["entry"][f"e{i}"] = msgspec.convert(record, type=Entry)
    field = [Ranked(f"e{i}", totals.index(t) + 1, str(t)) for i, t in enumerate(totals)]
    per_pool = data.draw(st.integers(0, 2))
    cut = e.Cut(
        minimum=data.draw(st.sampled_from(("", "3"))), pool="pool" if per_pool else "", per_pool=per_pool,
        host=data.draw(st.integers(0, 2)), reserve=data.draw(st.integers(0, 3)),
    )  # fmt: skip
    wild = [x.entry for x in field if data.draw(st.integers(0, 9)) == 0]
    cmd = e.Advance(
        trade="t", stage="s", group="g", to="u", count=data.draw(st.integers(0, 6)), cut=cut,
        ties=data.draw(st.sampled_from(("in", "out"))), wild_cards=tuple(wild),
    )  # fmt: skip
    found = advancing.select(setup, cmd, field, 1)
    assert list(found.entries) == plainly(field, setup, cmd)
    assert len(found.reserve) <= cut.reserve and not set(found.reserve) & set(found.entries)
    one, *_ = [*found.entries, ""]
    if one:
        later = advancing.select(setup, cmd, field, 1, [one])
        assert one not in later.entries
        assert len(later.entries) == len(found.entries) - (0 if found.reserve else 1)


# ---------------------------------------------------------------- the rule of the profile


def test_the_cut_of_the_profile_is_asked_as_it_is_written() -> None:
    found = advancing.from_rules(profiles.load("cn-class-1-heat"))
    assert found == (30, "in", e.Cut(carry="raw", reserve=3))
    assert advancing.from_rules(profiles.load("cook-off")) is None
    world = heated()
    assert advancing.profile_of(world.state, "bake", "heat", "open") == profiles.load("cook-off")
    world.do(ORGANIZER, wish(count=2, cut={"reserve": 2}))
    went = world.state.advanced[PLACE]
    assert advancing.again("bake", "final", "open", went) == wish(count=2, cut={"reserve": 2})
