"""What is certain while marks are missing, as a page: for whom, from when on, by code or by name."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from compsys import events as e
from compsys.bounds import bounds
from tests.web.test_console import english, fill
from tests.web.test_console_look import Place, faultless, signed_in
from tests.web.test_console_results import RESULT, locked
from tests.web.test_enrol import beside
from tests.web.venue import PASSWORD, Recorded, played, venue
from tests.world import MAIN, ORGANIZER, mark_all, set_up
from web import console_bounds
from web.accounts import make_account

HERE = "/console/bounds/cooking/final/open"


def rows(text: str) -> list[list[str]]:
    """The table's cells as plain text."""
    lines = re.findall(r"<tr><td.*?</tr>", text)
    cells = [re.findall(r"<t[dh].*?</t[dh]>", line) for line in lines]
    return [[html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in line] for line in cells]


def begun(*marked: str) -> Recorded:
    """Marking is open; of these units everything is marked and signed."""
    world = Recorded()
    set_up(world)
    units = tuple((f"e{i}", f"u{i}", f"A{10 + i}") for i in (1, 2, 3))
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=units))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    for unit in marked:
        mark_all(world, unit)
    return world


@pytest.mark.parametrize("marked", [(), ("u1",)])
def test_bounds_while_marking_goes_on_are_those_of_signed_sheets(
    tmp_path: Path, marked: tuple[str, ...]
) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=begun(*marked)) as there:
            who = english(await there.organizer())
            told = html.unescape((await who.get(HERE)).text)
            assert f"{9 - 3 * len(marked)} of 9 sheets are not signed yet" in told
            assert "Delegation" not in told, "by code alone while marking is blind"
            want = {row.code: row for row in bounds(there.desk.state, "cooking", "final", "open")}
            shown = {row[1]: row for row in rows(told)}
            for code, row in want.items():
                both = [row.worst_total, row.best_total]
                assert shown[code][3] == ("–".join(both) if both[0] != both[1] else both[0])
                assert shown[code][0] == f"{row.best_place}–{row.worst_place}"
            assert (want["A11"].worst_total == want["A11"].best_total) == bool(marked)
            assert f'href="{HERE}"' in (await who.get("/console/run/cooking/final")).text
            assert f'href="{HERE}"' in (await who.get("/console/results/cooking/final/open")).text

    played(scene)


def test_a_stage_that_keeps_totals_from_the_office_keeps_bounds_too(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, feed={"office": "released", "public": "published"}) as there:
            who = english(await there.organizer())
            hidden = await who.get(HERE)
            assert hidden.status == 409 and "keeps totals from the office" in hidden.text
            await locked(there)
            assert (await who.get(HERE)).status == 200
            judge = await there.tablet("s1")
            assert (await judge.get(HERE)).headers["location"].startswith("/login")

    played(scene)


def test_names_stand_once_a_version_left_the_office_and_many_entries_are_paged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_bounds, "ROWS", 2)

    async def scene() -> None:
        async with venue(tmp_path) as there:
            who = english(await there.organizer())
            await locked(there)
            first = await who.get(HERE)
            assert [row[0] for row in rows(first.text)] == ["1", "2"] and "Delegation 1" not in first.text
            assert "place is final" in rows(first.text)[0][2] and "gold is safe" in rows(first.text)[0][2]
            assert f"{HERE}?page=2" in first.text
            assert [row[0] for row in rows((await who.get(f"{HERE}?page=2")).text)] == ["3"]
            for beyond in ("3", "0", "x", "%C2%B2"):
                assert (await who.get(f"{HERE}?page={beyond}")).status == 404
            out = {"rank": "provisional", "audience": "delegations"}
            assert (await fill(who, RESULT, f"{RESULT}/publish", out)).status == 303
            assert "Delegation 1" in (await who.get(HERE)).text

    played(scene)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with beside(tmp_path_factory.mktemp("bounds")) as (there, run):
        assert run(make_account(there.desk, "lin", ("organizer",), PASSWORD)).a == "accepted"
        yield there, run


@pytest.mark.browser
def test_axe_finds_nothing(place: Place, chromium: Browser) -> None:
    there, _ = place
    context = chromium.new_context(color_scheme="light")
    faultless(there, signed_in(there, context), HERE)
    context.close()
