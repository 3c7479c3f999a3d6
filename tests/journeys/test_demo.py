"""The demo: same seed, same results (simulated: same journal), and everything that goes wrong on a day."""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from compsys import demo, verify
from compsys.desk import Desk, folded
from compsys.exchange import book
from compsys.journal import SqliteJournal, write_export
from compsys.simulate_network import RealNetwork
from compsys.state import State
from tests.journeys.topologies import Topology
from tests.recompute import recompute
from web.server import running

ROOT = Path(__file__).parents[2]
SEED = 7


@dataclass(frozen=True)
class Played:
    """One run of the command: what it printed, its data directory."""

    told: dict[str, Any]
    directory: Path

    @property
    def results(self) -> str:
        """The member that must not differ, byte for byte."""
        return json.dumps(self.told["results"], ensure_ascii=False)

    @property
    def journal(self) -> Path:
        """Its journal, exported."""
        path = self.directory / "journal.jsonl"
        if not path.exists():
            with SqliteJournal(self.directory) as journal, path.open("wb") as out:
                write_export(journal, out)
        return path

    def state(self) -> State:
        """What its journal folds to."""
        with SqliteJournal(self.directory) as journal:
            return folded(journal)


def play(directory: Path, seed: int, *options: str) -> Played:
    """``compsys demo --finish --json`` as a user runs it."""
    command = [sys.executable, "-m", "compsys", "demo", "--finish", "--json", "--port", "0"]
    said = subprocess.run(
        [*command, "--seed", str(seed), "--dir", str(directory), *options],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr[-2000:] or said.stdout[-2000:]
    return Played(json.loads(said.stdout), directory)


Runs = dict[str, Played]
WANTED: dict[str, tuple[int, tuple[str, ...]]] = {
    "real": (SEED, ()),
    "real again": (SEED, ()),
    "virtual": (SEED, ("--virtual",)),
    "virtual again": (SEED, ("--virtual",)),
    "another seed": (SEED + 1, ()),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """The runs that the tests compare, two at a time."""
    folder = tmp_path_factory.mktemp("demo")
    with ThreadPoolExecutor(2) as pool:
        under_way = {
            name: pool.submit(play, folder / name.replace(" ", "-"), seed, *options)
            for name, (seed, options) in WANTED.items()
        }
        return {name: run.result() for name, run in under_way.items()}


def test_one_seed_gives_one_set_of_results_over_real_sockets(runs: Runs) -> None:
    assert runs["real"].results == runs["real again"].results
    assert runs["real"].told["reconnects"] == 0 and runs["real"].told["commits"] > 20


def test_one_seed_gives_one_journal_on_simulated_clock_and_network(runs: Runs) -> None:
    journals = [
        (runs[name].directory / "journal.jsonl").read_bytes() for name in ("virtual", "virtual again")
    ]
    assert journals[0] == journals[1]
    assert runs["virtual"].results == runs["virtual again"].results
    assert runs["virtual"].told["cuts"] > 50 and runs["virtual"].told["reconnects"] > 50


def test_a_network_that_fails_changes_no_result(runs: Runs) -> None:
    assert runs["virtual"].results == runs["real"].results


def test_one_seed_gives_one_set_of_results_on_every_topology(
    topology: Topology, tmp_path: Path, runs: Runs
) -> None:
    async def scene() -> str:
        clock = lambda: time.time_ns() // 1_000_000  # noqa: E731 (an argument)
        desk = await Desk.open(
            tmp_path / "data", clock, secrets.token_bytes, demo.COMPETITION, db=topology.database()
        )
        try:
            await demo.bring_in(desk, demo.fixture(), demo.FIXTURE)
            await demo.make_account(desk, demo.password_for(desk))
            async with running(desk, change=topology.desk) as run:
                network = RealNetwork(f"http://127.0.0.1:{run.port}")
                await demo.play(desk, network, SEED, 0.0, lambda word, what: None)
            await desk.in_thread(lambda: desk.journal.backup(tmp_path / "copy.db"))
            return json.dumps(demo.results(desk.state), ensure_ascii=False)
        finally:
            await desk.close()

    assert asyncio.run(asyncio.wait_for(scene(), 120)) == runs["real"].results
    assert verify.verify(tmp_path / "copy.db").status == 0


def test_another_seed_gives_another_day(runs: Runs) -> None:
    one, other = runs["virtual"], runs["another seed"]
    assert one.results != other.results
    assert one.journal.read_bytes() != other.journal.read_bytes()
    assert one.told["results"].keys() == other.told["results"].keys()


@pytest.mark.parametrize("name", ["virtual", "another seed"])
def test_an_independent_recomputation_of_the_export_agrees(name: str, runs: Runs) -> None:
    told = recompute(runs[name].journal)
    assert told["differences"] == []
    assert told["results"] == 11 and told["rows"] > 150 and told["marks"] > 3000


@pytest.mark.parametrize("name", ["real", "virtual"])
def test_the_journal_verifies(name: str, runs: Runs) -> None:
    assert verify.verify(runs[name].directory).status == 0


# ---------------------------------------------------------------- what goes wrong on the day

GROUPS = ("hot-dishes", "plating", "food-carving", "pastry", "restaurant-service")


@pytest.fixture(scope="module")
def state(runs: Runs) -> State:
    """The real run's fold."""
    return runs["real"].state()


def told_in(state: State, trade: str, kind: str) -> list[str]:
    """Subjects of the trade's history of a kind."""
    return [what for _, _, found, what, _ in state.streams[f"{trade}.final.main"].history if found == kind]


def rows(runs: Runs, trade: str, version: int = -1) -> list[dict[str, Any]]:
    """The rows of a version of a trade's result."""
    found: list[dict[str, Any]] = runs["real"].told["results"][f"{trade}/final/open"][version]["rows"]
    return found


def test_every_trade_is_official(state: State) -> None:
    assert {trade for trade, _, _ in state.results} == set(GROUPS)
    for result in state.results.values():
        assert [v.rank for v in result.versions[:2]] == ["provisional", "official"]
        assert result.versions[result.released["public"]].rank == "official"


def test_a_judge_withdrew_and_the_reserve_sat_in(state: State) -> None:
    stream = state.streams["hot-dishes.final.main"]
    assert told_in(state, "hot-dishes", "rosterchanged")
    rosters = {sheet.session: sheet.roster for sheet in stream.sheets.values()}
    gone, joined = "hot-dishes/final/judge-3", "hot-dishes/final/reserve"
    assert gone in rosters["s1"] and joined not in rosters["s1"]
    assert all(gone not in rosters[s] and joined in rosters[s] for s in ("s2", "s3"))


def test_a_cook_was_absent_and_one_earned_zero_and_they_are_told_apart(runs: Runs) -> None:
    found = rows(runs, "hot-dishes")
    absent = [row for row in found if row["status"] == "absent"]
    assert len(absent) == 1 and absent[0]["total"] is None and absent[0]["place"] is None
    zero = [row for row in found if any(c["id"] == "practice" and c["raw"] == "0" for c in row["components"])]
    assert len(zero) == 1 and zero[0]["status"] == "" and zero[0]["place"] is not None


def test_a_tablet_was_replaced(state: State) -> None:
    devices = [d for d in state.devices.values() if d.seat == "plating/final/judge-2"]
    assert len(devices) == 2 and sum(d.standing == "active" for d in devices) == 1


def test_a_spread_was_discussed_and_voted_again_and_another_one_decided(state: State) -> None:
    stream = state.streams["restaurant-service.final.main"]
    rounds = {
        (sheet.unit, aspect): round_
        for sheet in stream.sheets.values()
        for aspect, round_ in sheet.rounds.items()
    }
    assert sorted(rounds.values()) == [2, 3]
    decided = [sheet for sheet in stream.sheets.values() if sheet.resolved]
    assert len(decided) == 1 and all(reason for _, reason in decided[0].resolved.values())


def test_a_sheet_was_returned_and_signed_again(state: State) -> None:
    returned = [sheet for sheet in state.streams["pastry.final.main"].sheets.values() if sheet.returns]
    assert len(returned) == 1 and returned[0].complete and returned[0].returns[0][1]


def test_a_medal_was_corrected_to_v2(state: State, runs: Runs) -> None:
    result = state.results[("hot-dishes", "final", "open")]
    official = [v for v in result.versions if v.rank == "official"]
    assert [v.version for v in official] == [1, 2]
    medals = [{row.unit: row.medal for row in v.rows if row.medal} for v in official]
    assert medals[0] != medals[1], "the correction moved no medal"
    assert official[1].note["zh-CN"] and official[1].note["en"] and official[1].confirmed_by
    assert result.reasons[result.versions.index(official[1])]
    assert rows(runs, "hot-dishes", -2) != rows(runs, "hot-dishes"), "the earlier version stays readable"


def test_the_tray_the_paper_and_the_second_value(state: State) -> None:
    late = state.streams["hot-dishes.final.main"].late
    assert [entry.settled for entry in late.values()] == ["left_out"]
    cells = [c for s in state.streams["food-carving.final.main"].sheets.values() for c in s.cells.values()]
    assert any(cell.via == "paper" for cell in cells)
    lines = [c for s in state.streams["plating.final.main"].sheets.values() for c in s.cells.values()]
    assert not any(cell.others for cell in lines), "the judge has chosen"


IN_THE_BOOK: dict[str, Callable[[State], str]] = {
    "hot-dishes": lambda state: "身体不适，候补入席",
    "pastry": lambda state: "与现场记录不符，请核对",
    "restaurant-service": lambda state: "三轮未果，裁判长裁定",
}


@pytest.mark.parametrize("trade", GROUPS)
def test_the_result_book_tells_the_day(trade: str, state: State) -> None:
    told = json.dumps(book.data(state, lambda person: None, trade, "final", "open"), ensure_ascii=False)
    if trade in IN_THE_BOOK:
        assert IN_THE_BOOK[trade](state) in told
    for row in state.results[(trade, "final", "open")].versions[-1].rows:
        assert row.total is None or f'"{row.total}"' in told
