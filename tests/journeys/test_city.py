"""A city's selection: entrants in bulk, cuts with ties, finals before panels; the whole one is long."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from compsys import city, full_size, setup, verify
from compsys import events as e
from compsys.city import FINAL, HEAT, Funnel
from compsys.demo import make_account, results
from compsys.desk import Desk, folded
from compsys.edition import Edition
from compsys.journal import SqliteJournal
from compsys.state import State

SMALL = Funnel(trades=2, entrants=700, finalists=61)
SEED = 1


async def _played(directory: Path, seed: int, funnel: Funnel) -> dict[str, Any]:
    desk = await Desk.open(
        directory, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, city.COMPETITION
    )
    try:
        await full_size.bring_in(desk, *city.make(seed, funnel))
        assert await city.enter(desk, seed, funnel) == funnel.entrants
        await make_account(desk, "a password of the test")
        assert not [p for p in setup.problems(desk.state) if p.severity == "must"]
        await city.play(Edition(desk, seed, lambda word, what: None), funnel)
        return results(desk.state)
    finally:
        await desk.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A small funnel, played: its directory and its results."""
    where = tmp_path_factory.mktemp("city") / "small"
    return where, asyncio.run(_played(where, SEED, SMALL))


@pytest.fixture(scope="module")
def state(small: tuple[Path, dict[str, Any]]) -> State:
    """What its journal folds to."""
    with SqliteJournal(small[0]) as journal:
        return folded(journal)


def test_everybody_is_in_and_nobody_twice(state: State) -> None:
    by_trade = Counter(entry.trade for entry in state.setup.entries.values())
    assert by_trade == {"t01": 350, "t02": 350}
    assert len(state.commitments) == 700 + len(state.setup.judges)


def test_the_cut_is_the_exams_and_takes_ties_in(state: State) -> None:
    for number, trade in enumerate(("t01", "t02")):
        heat = state.results[trade, HEAT, "open"].versions[-1]
        cut = state.advanced[trade, FINAL, "open"]
        marks = {row.entry: float(row.total) for row in heat.rows if row.total is not None}
        ranked = sorted(marks.values(), reverse=True)
        edge = ranked[SMALL.places(number) - 1]
        assert set(cut.entries) == {entry for entry, mark in marks.items() if mark >= edge}
        assert len(cut.entries) >= SMALL.places(number)
        assert not any(row.medal for row in heat.rows)
    assert sum(len(cut.entries) for cut in state.advanced.values()) > SMALL.finalists, "somebody tied"


def test_only_finalists_are_marked_and_the_exam_counts_for_three_tenths(state: State) -> None:
    for trade in ("t01", "t02"):
        final = state.results[trade, FINAL, "open"].versions[-1]
        heat = {row.entry: row.total for row in state.results[trade, HEAT, "open"].versions[-1].rows}
        assert {row.entry for row in final.rows} == set(state.advanced[trade, FINAL, "open"].entries)
        for row in final.rows:
            carried = next(part for part in row.components if part.id == "carried")
            assert row.status == "absent" or carried.raw is not None
            if carried.raw is not None:
                assert float(carried.raw) == float(heat[row.entry] or 0)


def test_no_line_grows_with_the_field(small: tuple[Path, dict[str, Any]]) -> None:
    with SqliteJournal(small[0]) as journal:
        entered = [e.unpack(line.open) for line in journal.read("competition")]
    rows = [len(event.rows) for event in entered if isinstance(event, e.Entered)]
    assert sum(rows) == 700 and max(rows) == 200


def test_the_chain_and_the_identities_verify(small: tuple[Path, dict[str, Any]]) -> None:
    assert verify.verify(small[0]).status == 0


def test_no_name_or_number_is_in_the_journal(small: tuple[Path, dict[str, Any]]) -> None:
    with SqliteJournal(small[0]) as journal:
        text = b"".join(line.open + (line.closed or b"") for line in journal.read())
    for one in city.entrants(SEED, SMALL, 0, 28):
        assert one.identity.id_number.encode() not in text
        assert one.identity.name["zh-CN"].encode() not in text


def test_one_seed_gives_one_result(small: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    again = asyncio.run(_played(tmp_path / "again", SEED, SMALL))
    assert again == small[1]


# ---------------------------------------------------------------- the whole one


@pytest.mark.long
def test_two_hundred_thousand_enter_and_thirty_thousand_go_on(tmp_path: Path) -> None:
    where = tmp_path / "city"
    asyncio.run(_played(where, 3, Funnel()))
    with SqliteJournal(where) as journal:
        found = folded(journal)
    assert len(found.setup.entries) == 200_000
    went = sum(len(cut.entries) for cut in found.advanced.values())
    assert 30_000 <= went < 33_000
    assert sum(full_size.winners(found)[colour] for colour in full_size.MEDALS) >= 3 * 74
    assert verify.verify(where).status == 0
