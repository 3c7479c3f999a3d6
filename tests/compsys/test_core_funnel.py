"""Entrants in bulk and who goes on: lines of bounded size, cuts with ties, draws of nobody else."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import pytest

from compsys import advancing, core, drawing, entering, scoring, verify
from compsys import events as e
from compsys.desk import Desk
from compsys.state import State
from compsys.vault import Identity, canonical, commitment
from tests.compsys.funnel import FINAL, founded, funnel, heated, official, rows
from tests.world import OFFICE, ORGANIZER

GO_ON = e.Advance(trade="bake", stage="heat", group="open", to="final", count=2)


def enter(count: int, first: int = 0) -> e.EnterMany:
    return e.EnterMany(trade="bake", group="open", rows=rows(count, first))


# ---------------------------------------------------------------- entering


def test_many_enter_in_lines_of_bounded_size_under_one_key() -> None:
    world = founded()
    call = world.call(ORGANIZER, enter(1234))
    before = len(world.lines)
    assert world.send(call).a == "accepted"
    lines = [event for _, _, _, event, _ in world.lines[before:]]
    assert [len(event.rows) for event in lines if isinstance(event, e.Entered)] == [200] * 6 + [34]
    assert len(world.state.setup.entries) == 1234
    assert world.state.setup.entries["e00007"].members[0].person == "p00007"
    assert world.send(call) == e.Answer(call.key, "accepted", "competition", before + 1, 0, dup=True)
    assert len(world.lines) == before + 7
    longest = max(len(e.pack(event, closed)[0]) for _, _, _, event, closed in world.lines)
    assert longest < 40_000


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (lambda r: (*r, r[0]), "bad_record"),
        (lambda r: (*r, ("e9", "d0", "", r[0][3], r[0][4])), "bad_record"),
        (lambda r: (*r, ("e9", "nowhere", "", "p9", r[0][4])), "unknown_reference"),
        (lambda r: (*r, ("E 9", "d0", "", "p9", r[0][4])), "malformed"),
        (lambda r: (*r, ("e9", "d0", "", "p9", "short")), "malformed"),
        (lambda r: (), "malformed"),
    ],
)  # fmt: skip
def test_one_wrong_row_and_nobody_enters(wrong: object, code: str) -> None:
    world = founded()
    given = wrong(rows(3))  # type: ignore[operator]  # a function of rows
    assert world.refused(ORGANIZER, e.EnterMany(trade="bake", group="open", rows=given)) == code
    assert world.state.setup.entries == {}


def test_who_is_there_already_does_not_enter_again() -> None:
    world = founded()
    world.do(ORGANIZER, enter(3))
    assert world.refused(ORGANIZER, enter(3, first=2)) == "bad_record"
    assert world.refused(e.Actor("account", "x", ("supervisor",)), enter(1, 9)) == "not_allowed"
    assert world.refused(ORGANIZER, e.EnterMany(trade="cut", group="open", rows=rows(1, 9))) == (
        "unknown_reference"
    )


# ---------------------------------------------------------------- going on


def test_ties_at_the_edge_go_on_together_and_carry_their_marks() -> None:
    world = funnel()
    cut = world.state.advanced["bake", "final", "open"]
    assert list(cut.entries) == ["e00001", "e00002", "e00003"] and (cut.version, cut.count) == (1, 2)
    final = {row.entry: row.total for row in scoring.result_rows(world.state, "bake", "final", "open")}
    assert final == {"e00001": "78.00", "e00002": "87.20", "e00003": "66.20"}



def test_ties_may_be_left_out_and_a_cut_may_be_made_again_until_the_draw() -> None:
    world = heated()
    world.do(ORGANIZER, e.Advance(trade="bake", stage="heat", group="open", to="final", count=3, ties="out"))
    assert list(world.state.advanced["bake", "final", "open"].entries) == ["e00000", "e00001"]
    world.do(ORGANIZER, e.Advance(trade="bake", stage="heat", group="open", to="final", count=3))
    assert len(world.state.advanced["bake", "final", "open"].entries) == 4
    world.do(OFFICE, e.Draw(stream=FINAL, units=(("e00000", "u1", "F1"),)))
    assert world.refused(ORGANIZER, GO_ON) == "already_drawn"


def test_only_who_went_on_is_drawn() -> None:
    world = heated()
    world.do(ORGANIZER, GO_ON)
    assert world.refused(OFFICE, e.Draw(stream=FINAL, units=(("e00004", "u1", "F1"),))) == "not_advanced"
    drawn = drawing.draw(world.state, FINAL, secrets.token_bytes)
    assert sorted(entry for entry, _, _ in drawn.units) == ["e00000", "e00001"]
    world.do(OFFICE, drawn)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": "heat"}, "unknown_reference"),
        ({"to": "semi"}, "unknown_reference"),
        ({"stage": "final", "to": "heat"}, "unknown_reference"),
        ({"group": "students"}, "unknown_reference"),
        ({"count": 0}, "malformed"),
        ({"ties": "perhaps"}, "malformed"),
    ],
)
def test_a_cut_that_makes_no_sense_is_refused(change: dict[str, object], code: str) -> None:
    world = heated()
    wish = {"trade": "bake", "stage": "heat", "group": "open", "to": "final", "count": 2, **change}
    assert world.refused(ORGANIZER, e.Advance(**wish)) == code  # type: ignore[arg-type]  # mixed on purpose


def test_nobody_goes_on_from_what_is_not_official() -> None:
    world = founded()
    world.do(ORGANIZER, enter(3))
    assert world.refused(ORGANIZER, GO_ON) == "not_official"
    other = heated()
    annul = e.Annul(trade="bake", stage="heat", group="open", reason="x", confirmed_by="second")
    other.do(ORGANIZER, annul)
    assert other.refused(ORGANIZER, GO_ON) == "not_official"


def test_a_long_list_goes_on_in_lines_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advancing, "ROWS", 2)
    world = heated()
    before = len(world.lines)
    world.do(ORGANIZER, e.Advance(trade="bake", stage="heat", group="open", to="final", count=5))
    parts = [event for _, _, _, event, _ in world.lines[before:] if isinstance(event, e.Advanced)]
    assert [(part.first, len(part.rows)) for part in parts] == [(True, 2), (False, 2), (False, 1)]
    again = State(id=world.state.id)
    assert core.fold(again, world.lines).advanced == world.state.advanced


def test_a_heat_has_no_medals_and_the_final_has() -> None:
    world = funnel()
    heat, final = (world.state.results["bake", stage, "open"].versions[-1] for stage in ("heat", "final"))
    assert not any(row.medal for row in heat.rows)
    assert [row.medal for row in final.rows] == ["gold", "silver", "bronze"]
    assert official("heat").stage == "heat" and entering.ROWS == 200


# ---------------------------------------------------------------- the vault's part


async def _entered(directory: Path) -> None:
    now = iter(range(1_780_000_000_000, 1_790_000_000_000, 1000))
    desk = await Desk.open(directory, lambda: next(now), secrets.token_bytes, "c-test")
    try:
        who = {f"p{i}": Identity({"en": f"P {i}"}, "passport", f"E{i}") for i in range(3)}
        await desk.put_persons(list(who.items()))

        def bound() -> tuple[tuple[str, str, str, str, str], ...]:
            return tuple(
                (f"e{p}", "d", "", p, commitment(desk.vault.salt(p), canonical(x))) for p, x in who.items()
            )

        entrants = await desk.in_thread(bound)
        for command in (
            e.Define(kind="delegation", id="d", value={"id": "d", "name": {"en": "D"}}),
            e.Define(kind="trade", id="t", value={"id": "t", "name": {"en": "T"}}),
            e.EnterMany(trade="t", group="open", rows=entrants),
        ):
            answer = await desk.submit(e.Call(desk.fresh(), OFFICE, command))
            assert answer.a == "accepted", answer
        assert (await desk.erase("p1", OFFICE, "asked for")).a == "accepted"
        with pytest.raises(KeyError):
            await desk.in_thread(lambda: desk.vault.salt("p1"))
    finally:
        await desk.close()


def test_identities_of_many_are_checked_with_the_key_and_one_can_be_forgotten(tmp_path: Path) -> None:
    asyncio.run(_entered(tmp_path / "data"))
    key = tmp_path / "data" / "keys" / "master.key"
    told = verify.verify(tmp_path / "data", key_file=key)
    assert told.status == 0
    checked = next(note for note in told.notes if note.code == "persons_checked")
    assert checked.params == {"count": 2, "erased": 1}
