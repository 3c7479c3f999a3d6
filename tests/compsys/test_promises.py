"""The promises of the design, each by a short test that would notice its breakage, where no other test does.

Which other tests hold which promise:

1. the journal is the only truth: faults/test_powercut.py, simulation/test_kills.py (nothing told is lost),
   simulation/test_sync_before_answer.py (the sync stands between a mark and its answer).
2. one stream per marking unit stream: test_journal.py (collisions, the locked directory),
   test_core_results.py::test_an_official_result_cites_what_it_stood_on, test_setup.py (what is frozen).
3. exactly once: test_core_marks.py, test_core_simulation.py (every key again), simulation/test_kills.py,
   web/test_live.py (five answers, fences), test_journal.py::test_a_flood_of_refusals_is_counted_not_written.
4. the gate: faults/test_disk_failures.py, web/test_live.py::test_a_full_disk_is_told_to_everybody...
5. the sealed chain: test_journal.py, test_verify.py, test_vault.py, web: leak/test_sealed_votes.py.
6. exact: test_house.py (no float, no arithmetic in SQL), scoring_rules/ against a second reading of the
   rules, test_core_simulation.py (totals and places against a second core).
7. blank is not zero: test_core_marks.py::test_a_blank_is_not_zero, test_core_results.py (absent, zeroed, a
   hole), exchange/test_results.py::test_blank_zero_and_statuses_stay_apart.
8. hidden means not sent: test_boards.py, test_views.py, test_core_simulation.py (the dye), leak/.
9. a spectator never delays a judge: web/test_hub.py, the bench.
10. incremental: test_core_simulation.py (what is kept is what is true), the bench.
11. corrections add: test_core_results.py::test_a_correction_adds_v2_and_v1_stays_readable, test_boards.py.
12. official is a fact: test_boards.py::test_a_stored_version_is_shown_as_stored_whatever_is_marked_later.
13. time, randomness, ids come in: test_house.py (purity).
14. no personal data in the journal: exchange/test_competition_file.py, test_vault.py.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from compsys import boards, core, scoring, views
from compsys import events as e
from compsys.desk import PAUSE, Bell, Desk
from compsys.journal import SqliteJournal
from compsys.journal_api import AuditEntry, Collision, Head
from compsys.journal_postgres import PostgresJournal
from compsys.seal import Line
from compsys.state import State
from compsys.vault import Identity
from scoring_rules import judgement
from tests.compsys.places import KINDS, past
from tests.world import MAIN, OFFICE, ORGANIZER, World, mark_all, opened, set_up

S = "cooking/final/"
WHERE = ("cooking", "final", "open")
START = 1_790_000_000_000


class Recorded(World):
    """A world that keeps the calls it was made by, for a desk to be given."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.calls: list[e.Call] = []

    def send(self, call: e.Call) -> e.Answer:
        self.calls.append(call)
        return super().send(call)


class Gate:
    """Stands before a desk's disk: commits wait while it is shut. What they do is the journal's own."""

    def __init__(self, desk: Desk) -> None:
        self.open, self.waiting = threading.Event(), threading.Event()
        self._write = desk.journal.append_sealed
        desk.journal.append_sealed = self._append  # type: ignore[method-assign]  # a stop before the real one

    def __enter__(self) -> Gate:
        return self

    def __exit__(self, *_: object) -> None:
        self.open.set()

    def _append(
        self,
        lines: Sequence[Line],
        after: Mapping[str, Head],
        audits: Sequence[AuditEntry] = (),
        *,
        atomic: bool = False,
    ) -> list[Collision]:
        self.waiting.set()
        assert self.open.wait(20)
        return self._write(lines, after, audits, atomic=atomic)

    async def held(self) -> None:
        """Wait until a commit waits, and let everything run that wants to run meanwhile."""
        assert await asyncio.to_thread(self.waiting.wait, 20)
        for _ in range(20):
            await asyncio.sleep(0)


class Home(NamedTuple):
    """Where a competition lives: its directory, and the URL of its database ("": in the directory)."""

    folder: Path
    db: str


@pytest.fixture(params=KINDS)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    server = request.getfixturevalue("postgres") if request.param == "postgres" else None
    return Home(tmp_path, server.database() if server else "")


@asynccontextmanager
async def desk_of(home: Home, seed: int = 1, built: Recorded | None = None) -> AsyncIterator[Desk]:
    """A desk of a home; given what a world was made by, when there is one."""
    chance = random.Random(seed)
    desk = await Desk.open(home.folder, lambda: START, chance.randbytes, "c-test", db=home.db)
    try:
        for call in built.calls if built else ():
            assert (await desk.submit(call)).a == "accepted"
        yield desk
    finally:
        await desk.close()


def marked_world() -> Recorded:
    """One entry, three judges with tablets, marking open."""
    world = set_up(Recorded(), 1)
    assert isinstance(world, Recorded)
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A11"),)))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    for seat in ("s1", "s2", "s3", "chief"):
        world.seat(seat)
    return world


def mark(world: World, seat: str, aspect: str, value: str, base: int = 0) -> e.Call:
    """A mark of unit u1 by a seat's tablet."""
    who = "*" if aspect.startswith("B") else S + seat
    command = e.Mark(stream=MAIN, unit="u1", aspect=aspect, seat=who, round=1, value=value, base=base)
    return world.call(world.seat(seat), command)


def played(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a scene to its end."""
    asyncio.run(asyncio.wait_for(scene(), 60))


# ---------------------------------------------------------------- 1 and 4: the disk comes first


def test_1_the_state_is_nothing_but_the_fold_of_the_journal(home: Home) -> None:
    async def scene() -> None:
        world = marked_world()
        async with desk_of(home, built=world) as desk:
            assert (await desk.submit(mark(world, "s1", "A1.J1", "2"))).a == "accepted"
            before = desk.state
        async with desk_of(home) as again:
            assert again.state.keys == before.keys
            assert (again.state.setup, again.state.devices) == (before.setup, before.devices)
            assert again.state.streams[MAIN].sheets == before.streams[MAIN].sheets
            assert again.state.streams[MAIN].head == before.streams[MAIN].head

    played(scene)


def test_4_no_answer_and_no_bell_leaves_before_its_line_is_on_disk(home: Home) -> None:
    async def scene() -> None:
        world = marked_world()
        async with desk_of(home, built=world) as desk:
            bells: list[Bell] = []
            desk.listen(bells.extend)
            with Gate(desk) as gate:
                answer = asyncio.create_task(desk.submit(mark(world, "s1", "A1.J1", "2")))
                await gate.held()
                assert not answer.done()
                assert not bells
            assert (await answer).a == "accepted"
            assert [bell.n for bell in bells] == [(await answer).n]

    played(scene)


def test_4_nobody_reads_a_line_that_is_not_on_disk(home: Home) -> None:
    async def scene() -> None:
        world = marked_world()
        async with desk_of(home, built=world) as desk:

            async def read() -> bool:
                async with desk.reading() as state:
                    return bool(state.streams[MAIN].sheets[("u1", "B1")].cells)

            with Gate(desk) as gate:
                answer = asyncio.create_task(desk.submit(mark(world, "s1", "B1.M1", "pass")))
                await gate.held()
                reader = asyncio.create_task(read())
                await gate.held()
                assert not reader.done()
            assert await reader
            assert (await answer).a == "accepted"

    played(scene)


FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON lines EXECUTE FUNCTION full_disk()
"""


@asynccontextmanager
async def no_room(desk: Desk) -> AsyncIterator[None]:
    """The store takes nothing; SQLite's until it is opened anew, PostgreSQL's within the block."""
    if isinstance(desk.journal, SqliteJournal):
        journal = desk.journal
        await desk.in_thread(lambda: journal.rows("PRAGMA max_page_count=1"))
        yield
        return
    assert isinstance(desk.journal, PostgresJournal)
    past(desk.journal, FULL)
    yield
    past(desk.journal, "DROP FUNCTION full_disk() CASCADE")


def test_4_what_a_full_disk_did_not_take_was_never_decided(home: Home) -> None:
    async def scene() -> None:
        world = marked_world()
        async with desk_of(home, built=world) as desk:
            n = desk.state.streams[MAIN].n
            on = e.Freeze(stream=MAIN, on=True, reason="x" * 100_000)
            first, second = world.call(ORGANIZER, on), world.call(ORGANIZER, e.Freeze(stream=MAIN, on=True))
            async with no_room(desk):
                answers = await asyncio.gather(desk.submit(first), desk.submit(second))
                assert [(answer.a, answer.code) for answer in answers] == [("retry", "disk_full")] * 2
                assert desk.state.streams[MAIN].n == n
                assert not desk.state.streams[MAIN].standstill
                # The second had met the first, which is lost: that was no decision either.
                told = (await desk.submit(second)).code
                assert told == "disk_full", "the journal is not folded for every call"
            assert not desk.state.streams[MAIN].standstill
            while (answer := await desk.submit(second)).a == "retry":
                await asyncio.sleep(PAUSE / 2)
            assert answer.a == "accepted" and desk.fault == ""
            assert (await desk.submit(first)).code == "bad_status"

    played(scene)


# ---------------------------------------------------------------- 2: streams


def test_2_each_line_says_which_line_of_the_set_up_its_decision_used() -> None:
    world = opened(2)
    mark_all(world, "u1")
    world.define("delegation", id="d9", name={"en": "Nine"})
    world.do(ORGANIZER, e.SetStatus(stream=MAIN, unit="u2", scope="stage", status="absent", reason="ill"))
    world.do(ORGANIZER, e.Lock(stream=MAIN, scope="stage"))
    set_up_lines = used = 0
    for stream, _, _, event, _ in world.lines:
        if stream == MAIN:
            assert event.c == set_up_lines
            used = event.c
        set_up_lines += stream == e.COMPETITION
    assert used == world.state.n


def test_2_a_marking_stream_folds_by_itself_to_what_it_was_on_the_day() -> None:
    world = opened()
    for unit, judged in (("u1", "3"), ("u2", "2"), ("u3", "1")):
        mark_all(world, unit, judged=judged)
    alone = core.fold(State(id="c-test"), (line for line in world.lines if line[0] == MAIN))
    assert alone.streams[MAIN].sheets == world.stream().sheets
    assert alone.streams[MAIN].seats == world.stream().seats
    rows, day = (scoring.standing(state, *WHERE, "signed").rows for state in (alone, world.state))
    assert [(row.code, row.total, row.place) for row in rows] == [(r.code, r.total, r.place) for r in day]


# ---------------------------------------------------------------- 3: exactly once


def test_3_a_refusal_is_final_for_its_key_also_after_a_restart(home: Home) -> None:
    async def scene() -> None:
        world = marked_world()
        early = world.call(world.seat("chief"), e.Return(stream=MAIN, unit="u1", sub="B1", reason="again"))
        async with desk_of(home, built=world) as desk:
            assert (await desk.submit(early)).code == "not_signed"
            for seat, aspect, value in (("s1", "B1.M1", "pass"), ("s1", "B1.M2", "3")):
                await desk.submit(mark(world, seat, aspect, value))
            sign = e.Sign(stream=MAIN, unit="u1", sub="B1", seat=S + "s1")
            assert (await desk.submit(world.call(world.seat("s1"), sign))).a == "accepted"
            again = await desk.submit(early)
            assert (again.a, again.code, again.dup) == ("refused", "not_signed", True)
        async with desk_of(home, seed=2) as desk:
            again = await desk.submit(early)
            assert (again.a, again.code, again.dup) == ("refused", "not_signed", True)
            fresh = world.call(early.actor, early.command)
            assert (await desk.submit(fresh)).a == "accepted"

    played(scene)


def test_3_a_key_is_known_after_a_restart_and_other_content_under_it_is_audited(home: Home) -> None:
    async def scene() -> None:
        world = marked_world()
        call = mark(world, "s1", "C1.P1", "8")
        async with desk_of(home, built=world) as desk:
            first = await desk.submit(call)
        async with desk_of(home, seed=2) as desk:
            again = await desk.submit(call)
            assert (again.a, again.n, again.rev, again.dup) == ("accepted", first.n, 1, True)
            other = msgspec.structs.replace(call, command=mark(world, "s1", "C1.P1", "9").command)
            assert (await desk.submit(other)).code == "key_reused"
            kept = await desk.in_thread(lambda: desk.journal.audited(call.key))
            assert kept is not None
            assert kept.code == "key_reused"
            assert desk.state.streams[MAIN].n == first.n

    played(scene)


def test_3_an_older_connection_of_a_device_writes_nothing(home: Home) -> None:
    async def scene() -> None:
        world = marked_world()
        async with desk_of(home, built=world) as desk:
            call = mark(world, "s1", "A1.J1", "2")
            old, new = desk.fence(call.device), desk.fence(call.device)
            n = desk.state.streams[MAIN].n
            answer = await desk.submit(call, old)
            assert (answer.a, answer.code) == ("retry", "old_connection")
            assert desk.state.streams[MAIN].n == n
            assert (await desk.submit(call, new)).a == "accepted"

    played(scene)


# ---------------------------------------------------------------- 5, 6, 7: numbers


def test_6_totals_that_floats_would_part_share_a_place() -> None:
    world = opened(2)
    for unit, points in (("u1", ("0.5", "1", "12")), ("u2", ("12", "0.5", "1"))):
        mark_all(world, unit)
        world.do(world.seat("chief"), e.Return(stream=MAIN, unit=unit, sub="C1", reason="again"))
        for seat, value in zip(("s1", "s2", "s3"), points, strict=True):
            world.mark(seat, unit, "C1.P1", value)
        for seat in ("s1", "s2", "s3"):
            assert world.sign(seat, unit, "C1").a == "accepted"
    rows = scoring.standing(world.state, *WHERE, "signed").rows
    assert [(row.place, row.tied) for row in rows] == [(1, True), (1, True)]
    score = scoring.sheet_score(
        world.stream(), world.stream().groups["open"], world.sheet("u1", "C1"), "signed"
    )
    assert score.value == Fraction(9, 2) + 12
    assert isinstance(score.value, Fraction)


def test_6_a_mean_keeps_what_no_float_can_hold() -> None:
    values = [Fraction(1, 10), Fraction(2, 10), Fraction(3, 10) + Fraction(1, 10**30)]
    trim = judgement.Trim(0, 0, 1)
    for function in (judgement.mean, judgement.trimmed_mean):
        assert function(values, trim) == Fraction(1, 5) + Fraction(1, 3 * 10**30)


def test_7_a_seat_with_an_excused_hole_is_left_out_and_not_counted_as_zero() -> None:
    world = opened(1)
    for seat in ("s1", "s2", "s3"):
        world.mark(seat, "u1", "C1.P2", "10")
    for seat in ("s1", "s2"):
        world.mark(seat, "u1", "C1.P1", "10")
    assert world.sign("s3", "u1", "C1").code == "holes"
    excuse = e.Excuse(stream=MAIN, unit="u1", aspect="C1.P1", seat=S + "s3", reason="allergic")
    world.do(world.seat("chief"), excuse)
    for seat in ("s1", "s2", "s3"):
        assert world.sign(seat, "u1", "C1").a == "accepted"
    score = scoring.sheet_score(
        world.stream(), world.stream().groups["open"], world.sheet("u1", "C1"), "signed"
    )
    assert score.value == 20


def test_7_a_component_that_nobody_brought_is_a_hole_and_not_a_zero() -> None:
    world = opened(1, profile="cook-off", theory=True)
    mark_all(world, "u1")
    row = scoring.standing(world.state, *WHERE, "signed").rows[0]
    theory = row.score.components[0]
    assert (theory.raw, theory.weighted, theory.complete, row.place) == (None, None, False, None)
    assert world.refused(ORGANIZER, e.Lock(stream=MAIN, scope="stage")) == "incomplete"


def test_7_zeroed_is_a_zero_and_absent_is_nothing() -> None:
    world = opened(2)
    chief, where = world.seat("chief"), {"stream": MAIN, "scope": "component:practice", "reason": "seen"}
    world.do(chief, e.SetStatus(**where, unit="u1", status="absent"))
    world.do(chief, e.SetStatus(**where, unit="u2", status="zeroed"))
    rows = {row.unit: row for row in scoring.result_rows(world.state, *WHERE)}
    absent, zeroed = rows["u1"].components[0], rows["u2"].components[0]
    assert (absent.raw, absent.weighted, absent.status, rows["u1"].place) == (None, None, "absent", None)
    assert (zeroed.raw, zeroed.weighted, zeroed.status, rows["u2"].place) == ("0", "0", "zeroed", 1)


# ---------------------------------------------------------------- 8 and 10: pictures


def test_8_a_line_that_feeds_nothing_changes_no_byte_of_a_public_picture() -> None:
    world = opened(2)
    mark_all(world, "u1")
    before = boards.picture(world.state, "board:cooking/final/open", "public", lambda person: None)
    n = world.stream().n
    world.mark("s1", "u2", "A1.J1", "3")
    world.mark("s1", "u2", "B1.M1", "pass")
    world.do(world.seat("chief"), e.CheckIn(stream=MAIN, unit="u2", session="practice"))
    assert world.mark("s1", "u2", "B1.M1", "fail", base=0).a == "conflict"
    assert world.stream().n == n + 4
    after = boards.picture(world.state, "board:cooking/final/open", "public", lambda person: None)
    assert msgspec.json.encode(after) == msgspec.json.encode(before)


def words(data: Any) -> set[str]:
    """Every text in some data, keys included."""
    if isinstance(data, dict):
        return set().union(*(words(key) | words(value) for key, value in data.items()))
    if isinstance(data, list | tuple):
        return set().union(*map(words, data))
    return {data} if isinstance(data, str) else set()


def test_8_no_entry_no_person_and_no_delegation_reaches_a_seat_under_blind_marking() -> None:
    world = opened(2)
    for unit in ("u1", "u2"):
        mark_all(world, unit)
    state, stream = world.state, world.stream()
    frames: list[Any] = [views.chief_matrix(state, stream), views.cursor(stream)]
    for seat in state.setup.seats:
        frames += [views.seat_hello(state, seat), views.sheets_since(state, stream, seat, 1)]
        for unit, sub in stream.sheets:
            shared = views.SheetView(stream, unit, sub)
            frames += [shared.view(seat), msgspec.json.decode(shared.encoded(seat))]
    told = words(frames)
    assert {"u1", "A11", "A12"} <= told
    assert told.isdisjoint({"e1", "e2", "p1", "p2", "d1", "d2", "Delegation 1", "Delegation 2"})


def test_10_a_mark_costs_the_path_it_changes() -> None:
    world = opened(30)
    stream = world.stream()
    mark_all(world, "u7")
    scoring.standing(world.state, *WHERE, "signed")
    kept = {unit.id: unit.scores["signed"] for unit in stream.units.values()}
    sheets = {place: sheet.scores.get("signed") for place, sheet in stream.sheets.items()}
    world.mark("s1", "u3", "B1.M1", "pass")
    place = scoring.place_of(world.state, stream, stream.units["u7"], "signed")
    assert place is not None
    assert place.place == 1
    again = {unit.id for unit in stream.units.values() if unit.scores.get("signed") is not kept[unit.id]}
    assert again == {"u3"}
    touched = {p for p, sheet in stream.sheets.items() if sheet.scores.get("signed") is not sheets[p]}
    assert touched == {("u3", "B1")}


# ---------------------------------------------------------------- 11 and 12: results


def official(world: World) -> None:
    """Lock, and publish to everybody."""
    world.do(world.seat("chief"), e.Lock(stream=MAIN, scope="stage"))
    command = e.Publish(
        trade="cooking", stage="final", group="open", rank="official", audience="public", confirmed_by="zhao"
    )
    world.do(ORGANIZER, command)


def test_12_newer_arithmetic_never_changes_an_official_result(monkeypatch: pytest.MonkeyPatch) -> None:
    world = opened()
    for unit, judged in (("u1", "3"), ("u2", "2"), ("u3", "1")):
        mark_all(world, unit, judged=judged)
    official(world)
    stored = world.state.results[WHERE].versions[0].rows
    assert [row.medal for row in stored][:3] == ["gold", "silver", "bronze"]
    shown = boards.picture(world.state, "board:cooking/final/open", "public", lambda person: None)
    newer = {"ws_average/1": lambda scores, maximum: maximum - judgement.average(scores, maximum)}
    monkeypatch.setattr(judgement, "SETTLED", newer)
    again = core.fold(State(id="c-test"), world.lines)
    assert scoring.standing(again, *WHERE, "signed").rows[0].code == "A13"
    assert again.results[WHERE].versions[0].rows == stored
    drawn = boards.picture(again, "board:cooking/final/open", "public", lambda person: None)
    assert drawn["rows"] == shown["rows"]


# ---------------------------------------------------------------- 13 and 14: what comes in, who stays out


def test_13_a_seed_gives_the_same_lines_to_the_byte_and_another_seed_others() -> None:
    def lines(seed: int) -> list[bytes]:
        world = opened(2, seed=seed)
        mark_all(world, "u1")
        return [part for line in world.lines for part in (line[2], *e.pack(line[3], line[4]))]

    assert lines(7) == lines(7)
    assert set(lines(7)).isdisjoint(x for x in lines(8) if len(x) == 32)


def test_14_no_name_and_no_number_of_a_person_is_in_the_database(home: Home) -> None:
    async def scene() -> None:
        world = marked_world()
        identity = Identity(
            {"zh-CN": "欧阳明镜", "en": "Ouyang Mingjing"}, "id", "110101199003078515", "13800138000"
        )
        async with desk_of(home, built=world) as desk:
            await desk.put_persons([("p1", identity)])
            assert desk.names("p1") == identity
            bind = e.BindPerson(person="p1", commitment="ab", salt="cd")
            assert (await desk.submit(world.call(OFFICE, bind))).a == "accepted"
            assert (await desk.submit(mark(world, "s1", "A1.J1", "2"))).a == "accepted"
            await desk.in_thread(lambda: desk.journal.backup(home.folder / "backup.db"))
        for path in (path for path in home.folder.rglob("*") if path.is_file()):
            for text in ("欧阳明镜", "Ouyang", "110101199003078515", "13800138000"):
                assert text.encode() not in path.read_bytes(), path

    played(scene)
