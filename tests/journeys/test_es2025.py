"""A trade with a real marking scheme: read, marked to the end over sockets, official, recomputed apart."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from compsys import verify
from compsys.exchange import book, cis_workbook
from compsys.simulate import Plan
from compsys.views import aspect_view
from scoring_rules import measurement
from scoring_rules.refusal import Refusal
from scoring_rules.scheme import Aspect, Measure, Scheme, aspects
from tests.journeys.topologies import Topology
from tests.journeys.venues import TRADE, ZONE, Played, played
from tests.recompute import recompute

ENTRIES = 16
KEY = (TRADE, "final", "open")


@pytest.fixture(scope="module")
def scheme(shared_data: Path) -> Scheme:
    """The scheme of EuroSkills 2025, Web Technologies, as its workbook has it."""
    read = cis_workbook.read(shared_data / "es2025_web17.xlsx")
    assert read.scheme is not None and not read.refused
    return read.scheme


@pytest.fixture(scope="module")
def day(topology: Topology, scheme: Scheme, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The trade, marked and official."""
    directory = tmp_path_factory.mktemp("es2025") / "data"
    return asyncio.run(asyncio.wait_for(played(directory, scheme, ENTRIES, 17, topology), 300))


def test_the_workbook_is_the_scheme_that_is_marked(scheme: Scheme) -> None:
    found = list(scheme.criteria)
    sums = [str(sum(Fraction(a.max) for sub in c.subs for a in sub.aspects)) for c in found]
    assert sums == ["33/2", "23", "67/4", "22", "67/4", "5"]
    methods = Counter(aspect.method for aspect in aspects(scheme))
    assert (methods["agreed"], methods["judgement"], methods.total()) == (173, 19, 192)
    assert sum(len(c.subs) for c in found) == 31


def test_every_mark_went_over_the_judges_own_sockets(day: Played, scheme: Scheme) -> None:
    afternoon, desk = day.afternoon, day.desk
    answers = [
        answer["a"]
        for judge in afternoon.judges
        for command, answer in judge.ledger
        if command["c"] == "mark"
    ]
    assert set(answers) == {"accepted"}
    assert len(answers) == ENTRIES * (173 + 3 * 19)
    stream = desk.state.streams["web.final.main"]
    assert stream.marking == "locked" and len(stream.sheets) == ENTRIES * 31
    assert all(sheet.complete and len(sheet.signed) == 3 for sheet in stream.sheets.values())
    kinds = {aspect.measure.kind for aspect in aspects(scheme) if aspect.measure}
    assert kinds == {"pass_fail", "count", "choice", "range"}


def test_the_result_is_official_for_the_public(day: Played) -> None:
    result = day.desk.state.results[KEY]
    assert [(v.version, v.rank) for v in result.versions] == [(1, "provisional"), (1, "official")]
    rows = result.versions[result.released["public"]].rows
    assert len(rows) == ENTRIES and all(row.ranked and row.total and row.scale for row in rows)
    totals = [Fraction(row.total or 0) for row in rows]
    assert totals == sorted(totals, reverse=True) and len(set(totals)) > ENTRIES // 2
    assert {row.medal for row in rows} >= {"gold", "silver", "bronze"}


def test_the_public_has_the_result_without_coming_again(day: Played, topology: Topology) -> None:
    rows = day.desk.state.results[KEY].versions[-1].rows
    shown = [(row["place"], row["total"]) for row in day.board["rows"]]
    assert shown == [(row.place, row.total) for row in rows]
    assert day.board["status"]["kind"] == "official"
    assert any(day.remarks) == (topology.redis is not None), "as of when, while Redis was away"


def test_an_independent_recomputation_of_the_export_agrees(day: Played, tmp_path: Path) -> None:
    journal = day.desk.directory / "journal.jsonl"
    told = recompute(journal)
    assert told["differences"] == []
    assert (told["results"], told["rows"]) == (2, 2 * ENTRIES) and told["marks"] == ENTRIES * (173 + 3 * 19)

    # one value changed in the export: the recomputation says so
    lines = journal.read_text().splitlines()
    spoilt = next(i for i, line in enumerate(lines) if '\\"value\\":\\"pass\\"' in line)
    lines[spoilt] = lines[spoilt].replace('\\"value\\":\\"pass\\"', '\\"value\\":\\"fail\\"')
    (tmp_path / "spoilt.jsonl").write_text("\n".join(lines))
    assert any(" project: " in found for found in recompute(tmp_path / "spoilt.jsonl")["differences"])


def test_the_journal_verifies_and_the_book_is_printed(day: Played) -> None:
    desk = day.desk
    assert verify.verify(desk.directory / "copy.db").status == 0
    assert verify.verify(desk.directory / "journal.jsonl").status == 0
    for language in ("en", "zh-CN"):
        printed = book.write(desk.state, desk.names, *KEY, language)
        assert printed.startswith(b"%PDF-") and len(printed) > 20_000
    data = book.data(desk.state, desk.names, *KEY)
    (session,) = desk.state.streams["web.final.main"].sessions.values()
    assert data["days"] == [f"{datetime.fromisoformat(session.started).astimezone(ZoneInfo(ZONE)):%Y-%m-%d}"]
    told = json.dumps(data, ensure_ascii=False)
    assert all(f"Competitor {number}" in told for number in range(1, ENTRIES + 1))
    for row in desk.state.results[KEY].versions[-1].rows:
        assert f'"{row.total}"' in told


MEASURES = {
    "pass_fail": {},
    "count": {"possible": "7"},
    "deduction": {"deduction": "0.5"},
    "difference": {"target": "120", "difference": "2", "deduction": "0.25"},
    "choice": {"labels": ["a", "b", "c"], "deductions": ["0", "50", "100"], "deduction_type": "percent"},
    "range": {"target": "100", "lowers": ["90"], "uppers": ["110"], "deductions": ["0.5"]},
    "value": {"values": ["4", "2.5", "0"]},
}


@pytest.mark.parametrize("kind", MEASURES)
def test_a_simulated_judge_knows_a_legal_value_for_every_kind_of_measure(kind: str) -> None:
    measure = Measure(kind, MEASURES[kind])  # type: ignore[arg-type]  # text and lists of it
    assert measurement.check(measure, Fraction(4), "A1.M1") == []
    shown = aspect_view(Aspect("A1.M1", {"en": "x"}, "agreed", "4", measure=measure))
    given = {Plan(seed).value("s", f"A{code}", shown, "*", 1) for seed in range(9) for code in range(9)}
    assert len(given) > 1 and None not in given
    for value in given:
        assert not isinstance(measurement.mark(measure, Fraction(4), value or ""), Refusal), value
