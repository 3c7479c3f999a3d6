"""What if: what is foretold is what then happens, and foretelling changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from compsys import events as e
from compsys import scoring
from compsys.explain import Target
from compsys.state import State
from compsys.whatif import Outcome, Supposed, what_if
from tests.compsys.core_day import Day
from tests.compsys.core_stage import PREFIX
from tests.world import MAIN, World, mark_all, opened

WHERE = ("cooking", "final", "open")


def standing(state: State) -> dict[str, dict[str, str]]:
    """entry -> its values, as result rows have them."""
    found = {}
    for row in scoring.result_rows(state, *WHERE):
        place = "" if row.place is None else str(row.place)
        words = {"total": row.total or "", "place": place, "scale": row.scale, "medal": row.medal}
        found[row.entry] = words | {"prize": row.prize, "status": row.status}
    return found


def foretold(state: State, outcome: Outcome) -> dict[str, dict[str, str]]:
    """The standing as it is, with everything changed that was told."""
    found = standing(state)
    for it in outcome.changed:
        if it.kind == "entry":
            assert found[it.who][it.field] == it.before
            found[it.who][it.field] = it.after
    return found


def facts(world: World) -> object:
    """Everything that was folded of the stream, without what is only kept for speed."""
    state, stream = world.state, world.stream()
    sheets = [repr(replace(sheet, scores={})) for sheet in stream.sheets.values()]
    units = [repr(replace(unit, scores={})) for unit in stream.units.values()]
    rest = replace(stream, sheets={}, units={}, groups={}, dirty=set())
    return repr(rest), sheets, units, repr(state.results), repr(state.advanced), len(world.lines)


def wishes(day: Day, entry: str) -> Iterator[tuple[Supposed, e.Command]]:
    """Things to suppose, each beside the command that would do it."""
    unit = f"u{entry[1:]}"
    for part in day.parts:
        for amount in ("-3.5", "4"):
            wish = Supposed(amount=amount, component=part.id)
            signers = (PREFIX + "chief", day.markers[0])
            yield wish, e.Adjust(
                stream=MAIN, id=f"w{amount}{part.id}", unit=unit, component=part.id, amount=amount,
                reason="so", signers=signers,
            )  # fmt: skip
        for status in ("zeroed", "absent"):
            scope = f"component:{part.id}"
            yield (
                Supposed(status=status, scope=scope),
                e.SetStatus(stream=MAIN, unit=unit, scope=scope, status=status, reason="so"),
            )
    yield (
        Supposed(status="withdrawn"),
        e.SetStatus(stream=MAIN, unit=unit, scope="stage", status="withdrawn", reason="so"),
    )
    aspect = day.rng.choice(sorted(day.world.stream().groups["open"].aspects))
    for what, full in ((f"aspect:{aspect}", True), (f"component:{day.parts[0].id}", False)):
        yield Supposed(void=what, full=full), e.Void(stream=MAIN, what=what, full=full, reason="so")


def test_what_is_foretold_happens() -> None:
    happened = 0
    for seed in range(12):
        day = Day(seed)
        for _ in range(90):
            day.step()
        day.finish()
        chief = day.actor(PREFIX + "chief")
        for scope in sorted(day.naive.locks):
            day.send(chief, e.Unlock(stream=MAIN, scope=scope, reason="go on", confirmed_by="zhao"))
        entry = day.rng.choice(["e1", "e2"][: len(day.units)])
        for wish, command in wishes(day, entry):
            state = day.world.state
            before = facts(day.world)
            outcome = what_if(state, Target(*WHERE, entry), wish)
            assert facts(day.world) == before
            assert isinstance(outcome, Outcome), outcome
            wanted = foretold(state, outcome)
            if day.send(chief, command).a == "accepted":
                assert standing(day.world.state) == wanted, (seed, wish)
                happened += 1
    assert happened > 60


def finished() -> World:
    """Three entries, marked and signed: e1 before e2 before e3."""
    world = opened(3)
    for i, unit in enumerate(("u1", "u2", "u3")):
        mark_all(world, unit, points=str(12 - i))
    return world


def changed(outcome: Outcome | e.Refused) -> set[tuple[str, str, str, str]]:
    """(who, field, before, after) of every entry's change."""
    assert isinstance(outcome, Outcome), outcome
    return {(c.who, c.field, c.before, c.after) for c in outcome.changed if c.kind == "entry"}


def test_a_mark_on_a_signed_sheet_moves_places_and_medals() -> None:
    world = finished()
    found = changed(what_if(world.state, Target(*WHERE, "e2"), Supposed(aspect="A1.J1", mark="3")))
    assert {("e2", "place", "2", "1"), ("e1", "place", "1", "2")} <= found
    assert ("e2", "medal", "silver", "gold") in found
    # one seat of three gives 3 instead of 2: a third of 10/3 more; alone it is 58.67+1.11
    one = changed(what_if(world.state, Target(*WHERE, "e2"), Supposed(aspect="A1.J1", mark="3", seat="s1")))
    before, after = next((b, a) for who, field, b, a in one if (who, field) == ("e2", "total"))
    assert (before, after) == ("80.33", "81.44")
    agreed = changed(what_if(world.state, Target(*WHERE, "e3"), Supposed(aspect="B1.M2", mark="4")))
    assert any(who == "e3" and field == "total" for who, field, _, _ in agreed)


def test_proposed_levels_and_honours_are_foretold() -> None:
    world = opened(3, profile="cn-national-1")
    for i, unit in enumerate(("u1", "u2", "u3")):
        mark_all(world, unit, points=str(12 - i))
    found = changed(what_if(world.state, Target(*WHERE, "e1"), Supposed(status="withdrawn")))
    assert ("e1", "promotion", "2", "") in found
    honours = [(was, now) for who, field, was, now in found if (who, field) == ("e1", "honours")]
    assert honours and honours[0][0] and not honours[0][1]


def test_what_cannot_be_supposed_is_said() -> None:
    world = opened(2)
    mark_all(world, "u1")
    world.mark("s1", "u2", "A1.J1", "3")
    refused = {
        ("e2", Supposed(aspect="A1.J1", mark="3")): "whatif.not_signed",
        ("e1", Supposed(aspect="A1.J1", mark="4")): "not_a_score",
        ("e1", Supposed(aspect="A1.J1", mark="0", seat="s2")): "whatif.spread",
        ("e1", Supposed(aspect="A1.J1", mark="2", seat="s9")): "unknown_seat",
        ("e1", Supposed(aspect="A1.J1", mark="11", seat="chief")): "out_of_range",
        ("e1", Supposed(aspect="C1.P1", mark="11", seat="chief")): "whatif.decided",
        ("e1", Supposed(aspect="X", mark="1")): "unknown_aspect",
        ("e1", Supposed(status="none")): "bad_status",
        ("e1", Supposed(status="zeroed", scope="component:x")): "bad_scope",
        ("e1", Supposed(amount="x")): "not_a_number",
        ("e1", Supposed()): "whatif.nothing",
        ("e9", Supposed(amount="1")): "unknown_unit",
    }
    for (entry, wish), code in refused.items():
        found = what_if(world.state, Target(*WHERE, entry), wish)
        assert isinstance(found, e.Refused) and found.code == code, (entry, wish, found)
