"""Lists at a real desk: one transaction, taken back person and all, and everything still verifies."""

from __future__ import annotations

import asyncio
import io
import itertools
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from compsys import events as e
from compsys import verify
from compsys.desk import Desk
from compsys.exchange import lists_desk
from compsys.exchange.lists_findings import Look
from compsys.exchange.lists_look import Wish
from compsys.vault import Erased
from tests.compsys.exchange.list_worlds import number
from tests.web.venue import Recorded
from tests.world import MAIN, OFFICE, ORGANIZER, set_up

LIST = (
    f"姓名,身份证号,单位,赛项\n张三,{number(sequence=1)},Delegation 1,Cooking\n"
    f"李四,{number(sequence=3)},Delegation 2,Cooking\n"
)
Scene = Callable[["Table"], Awaitable[None]]


class Table:
    """A desk with a trade of three entrants, and how lists are brought to it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def put(self, command: e.AnyCommand, part: str = "") -> e.Answer:
        """A command of the organizer."""
        return await self.desk.submit(e.Call(key=self.desk.fresh(), actor=ORGANIZER, command=command))

    async def look(self, text: str, wish: Wish | None = None) -> Look:
        return await lists_desk.look(self.desk, io.BytesIO(text.encode()), "a.csv", wish or Wish())

    async def take(self, text: str, wish: Wish | None = None) -> lists_desk.Taken:
        return await lists_desk.take(self.desk, await self.look(text, wish), self.put)

    async def revert(self, place: str) -> e.Answer:
        return await lists_desk.revert(self.desk, place, ORGANIZER, self.put)

    @property
    def entries(self) -> set[str]:
        return set(self.desk.state.setup.entries)


def at_a_desk(path: Path, scene: Scene, opened: bool = False) -> None:
    """Play a scene at a desk with a trade set up (``opened``: drawn, and marking open)."""

    async def play() -> None:
        built = set_up(Recorded(), 3, theory=True)
        if opened:
            units = tuple((f"e{i}", f"u{i}", f"A{10 + i}") for i in (1, 2, 3))
            built.do(ORGANIZER, e.Draw(stream=MAIN, units=units))
            built.do(ORGANIZER, e.Open(stream=MAIN))
        ticks = itertools.count(1_780_000_000_000, 1000)
        desk = await Desk.open(path, lambda: next(ticks), random.Random(1).randbytes, "c-test")
        try:
            for call in built.calls:
                assert (await desk.submit(call)).a == "accepted"
            await scene(Table(desk))
        finally:
            await desk.close()

    asyncio.run(play())
    assert verify.verify(path).problems == []


def test_a_list_is_taken_and_is_unchanged_when_it_comes_again(tmp_path: Path) -> None:
    async def scene(table: Table) -> None:
        taken = await table.take(LIST)
        assert taken.answer.a == "accepted" and len(table.entries) == 5
        bound = map(table.desk.names, table.desk.state.commitments)
        who = {text for someone in bound if someone for text in someone.name.values()}
        assert who == {"张三", "李四"}
        again = await table.look(LIST)
        assert again.counts == {"new": 0, "changed": 0, "same": 2, "error": 0} and not again.takes

    at_a_desk(tmp_path, scene)


def test_taking_back_forgets_the_people_that_the_list_brought(tmp_path: Path) -> None:
    async def scene(table: Table) -> None:
        before = table.entries
        taken = await table.take(LIST)
        new = list(table.desk.state.commitments)
        (place,) = taken.imports
        assert (await table.revert(place)).a == "accepted"
        assert table.entries == before and len(new) == 2
        assert [table.desk.names(person) for person in new] == [None, None]
        assert (await table.revert(place)).code == "import_reverted"
        assert (await table.look(LIST)).counts["new"] == 2, "it may come again"

    at_a_desk(tmp_path, scene)


def test_many_people_are_forgotten_in_one_go(tmp_path: Path) -> None:
    """As many commits as for one: each of them waits for the disk and empties the log."""
    many = 120

    async def scene(table: Table) -> None:
        rows = [f"人{i},{number(sequence=i)},Delegation 1,Cooking" for i in range(1, many + 1)]
        taken = await table.take("姓名,身份证号,单位,赛项\n" + "\n".join(rows) + "\n")
        assert taken.answer.a == "accepted" and len(table.desk.state.commitments) == many
        emptied = 0
        forget = table.desk.journal.forget

        def counted(*what: Any) -> int:
            nonlocal emptied
            emptied += 1
            return forget(*what)

        table.desk.journal.forget = counted  # type: ignore[method-assign]  # to count how often
        commits = table.desk.commits
        assert (await table.revert(taken.imports[0])).a == "accepted"
        assert table.desk.commits - commits <= 3 and emptied == 2
        assert [table.desk.names(person) for person in table.desk.state.bound] == [None] * many
        everybody = await table.desk.in_thread(lambda: list(table.desk.vault.all()))
        assert len(everybody) == many and all(isinstance(known, Erased) for _, known in everybody)

    at_a_desk(tmp_path, scene)


def test_taking_back_again_forgets_whom_the_first_time_did_not(tmp_path: Path) -> None:
    """The answer was retry between the two halves: the same form sent again finishes the second."""

    async def scene(table: Table) -> None:
        taken = await table.take(LIST)
        new = list(table.desk.state.commitments)
        keys = {"revert": table.desk.fresh()}

        async def put(command: e.AnyCommand, part: str) -> e.Answer:
            return await table.desk.submit(e.Call(key=keys[part], actor=ORGANIZER, command=command))

        erase = table.desk.erase_many

        async def not_now(*what: Any) -> e.Answer:
            return e.Answer(k="", a="retry", code="disk_error")

        table.desk.erase_many = not_now  # type: ignore[method-assign]  # the disk is full at this moment
        place = taken.imports[0]
        assert (await lists_desk.revert(table.desk, place, ORGANIZER, put)).a == "retry"
        table.desk.erase_many = erase  # type: ignore[method-assign]  # there is room again
        assert (await lists_desk.revert(table.desk, place, ORGANIZER, put)).a == "accepted"
        assert [table.desk.names(person) for person in new] == [None, None]

    at_a_desk(tmp_path, scene)


def test_what_stands_on_an_import_is_named_and_keeps_it(tmp_path: Path) -> None:
    async def scene(table: Table) -> None:
        taken = await table.take("代表队,代码\n红山酒店,R1\n")
        await table.take(LIST.replace("Delegation 1", "红山酒店"))
        answer = await table.revert(taken.imports[0])
        assert answer.code == "in_use" and answer.params["by"] == "entry"
        async with table.desk.reading() as state:
            no = lists_desk.standing(state, int(taken.imports[0].rpartition(":")[2]))
        assert no is not None and no.code == "in_use"

    at_a_desk(tmp_path, scene)


def test_a_record_that_cannot_be_takes_the_whole_list_with_it(tmp_path: Path) -> None:
    """Between looking and taking the trade went: nothing is taken, nobody's name is kept."""

    async def scene(table: Table) -> None:
        looked = await table.look(LIST)
        for kind in ("group", "entry", "seat", "panel", "stage", "trade"):
            for key in list(table.desk.state.setup.records.get(kind, {})):
                assert (await table.put(e.Define(kind=kind, id=key, value=None))).a == "accepted"
        lines = table.desk.state.n
        taken = await lists_desk.take(table.desk, looked, table.put)
        assert taken.answer.code == "unknown_reference" and not taken.imports
        assert table.desk.state.n == lines
        assert not any(table.desk.names(person) for person in looked.persons)

    at_a_desk(tmp_path, scene)


def test_scores_wait_for_their_second_person_and_can_be_taken_back_till_then(tmp_path: Path) -> None:
    async def scene(table: Table) -> None:
        text = "加密号,理论成绩\nA11,88.5\nA12,缺考\n"
        looked = await table.look(text)
        assert looked.kind == "scores" and looked.component == "theory" and looked.counts["new"] == 2
        taken = await lists_desk.take(table.desk, looked, table.put)
        (place,) = taken.imports
        stream = table.desk.state.streams[MAIN]
        assert not any(unit.imported for unit in stream.units.values())
        assert (await table.look(text)).counts["same"] == 2
        assert (await table.revert(place)).a == "accepted" and not stream.imports
        taken = await table.take(text)
        n = int(taken.imports[0].rpartition(":")[2])
        confirm = e.ConfirmScores(stream=MAIN, n=n)
        assert (await table.put(confirm)).code == "same_person"
        call = e.Call(key=table.desk.fresh(), actor=OFFICE, command=confirm)
        assert (await table.desk.submit(call)).a == "accepted"
        assert stream.units["u1"].imported == {"theory": ("88.5", "")}
        assert stream.units["u2"].imported == {"theory": (None, "absent")}
        assert (await table.revert(taken.imports[0])).code == "import_confirmed"
        changed = await table.look(text.replace("88.5", "89"))
        assert changed.counts == {"new": 0, "changed": 1, "same": 1, "error": 0}

    at_a_desk(tmp_path, scene, opened=True)


def test_a_seat_finds_units_by_their_codes_alone(tmp_path: Path) -> None:
    async def scene(table: Table) -> None:
        handle = io.BytesIO("编号,成绩\ne1,60\nA12,70\n".encode())
        looked = await lists_desk.look(table.desk, handle, "a.csv", Wish("scores"), by_code_only=True)
        assert looked.counts == {"new": 1, "changed": 0, "same": 0, "error": 1}

    at_a_desk(tmp_path, scene, opened=True)


def test_a_list_does_not_tell_whose_code_is_whose(tmp_path: Path) -> None:
    """Rows are shown as the list calls them, and a name beside a blind code is not held against it."""

    async def scene(table: Table) -> None:
        by_entry = await table.look("编号,成绩\ne1,60\n", Wish("scores"))
        assert [row.who for row in by_entry.rows] == ["E1"]
        guess = await table.look("加密号,姓名,成绩\nA11,某某,60\nA12,另一人,70\n", Wish("scores"))
        assert guess.counts["new"] == 2

    at_a_desk(tmp_path, scene, opened=True)


def test_a_trade_that_is_not_open_owes_no_scores(tmp_path: Path) -> None:
    async def scene(table: Table) -> None:
        looked = await table.look("加密号,理论成绩\nA11,88.5\n")
        assert [f.code for f in looked.findings] == ["list.no_component"] and not looked.takes

    at_a_desk(tmp_path, scene)
