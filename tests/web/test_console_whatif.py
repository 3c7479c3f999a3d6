"""What if, as a page: everything that would change is listed, and nothing is ever written."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from compsys.seal import Line
from tests.web.test_console import english, fill
from tests.web.test_console_look import Place, base, faultless, signed_in
from tests.web.test_console_results import RESULT, locked
from tests.web.test_enrol import beside
from tests.web.venue import PASSWORD, Venue, played, venue
from web.accounts import make_account

HERE = "/console/whatif/cooking/final/open"
WORSE = "what=mark&aspect=A1.J1&seat=every&mark=0"


async def lines(there: Venue) -> list[Line]:
    """Every line of the journal, byte for byte."""
    return await there.desk.in_thread(lambda: list(there.desk.journal.read()))


def test_a_mark_supposed_lists_places_and_medals_and_writes_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            who = english(await there.organizer())
            assert (await who.get(f"{HERE}/A11")).status == 409, "not before the lock"
            await locked(there)
            out = {"rank": "provisional", "audience": "delegations"}
            assert (await fill(who, RESULT, f"{RESULT}/publish", out)).status == 303
            link = html.unescape((await who.get("/console/explain/cooking/final/open/A11")).text)
            assert f'href="{HERE}/A11"' in link
            before, n = await lines(there), there.desk.state.n
            empty = await who.get(f"{HERE}/A11")
            assert empty.status == 200 and "nothing is ever written" in empty.text
            told = html.unescape((await who.get(f"{HERE}/A11?{WORSE}")).text)
            assert "nothing was written" in told
            # it was first with 3 of 3 on an aspect of 10: 10 points less make it the last
            mine = told[told.index("This entry") :]
            assert mine.index("1</span>") < mine.index("<b>3</b>") < mine.index("medal")
            assert "Gold" in mine and "Other entries" in mine and "A12" in mine
            assert "Version 1 (provisional) would be wrong for 3 entries; released to " in told
            assert (await who.get(f"{HERE}/A11?what=status&status=zeroed&scope=stage")).status == 200
            void = html.unescape((await who.get(f"{HERE}/A11?what=void&void=aspect:A1.J1&full=1")).text)
            assert "Other entries" in void, "a void is for everybody"
            less = await who.get(f"{HERE}/A11?what=amount&component=practice&amount=-5")
            assert "Gold" in less.text
            assert await lines(there) == before and there.desk.state.n == n

    played(scene)


def test_what_cannot_be_supposed_is_said_in_place_with_what_was_typed(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            who = english(await there.organizer())
            await locked(there)
            apart = await who.get(f"{HERE}/A11?what=mark&aspect=A1.J1&seat=cooking/final/s1&mark=0")
            assert apart.status == 409 and "the panel would vote again" in html.unescape(apart.text)
            assert 'value="cooking/final/s1" selected' in apart.text
            wrong = await who.get(f"{HERE}/A11?what=amount&component=practice&amount=a+lot")
            assert wrong.status == 409 and "is not a number" in html.unescape(wrong.text)
            assert 'value="a lot"' in wrong.text
            assert (await who.get(f"{HERE}/A11?what=mark&aspect=A1.J1&mark=")).status == 409
            assert (await who.get(f"{HERE}/A11?what=void&void=aspect:none")).status == 409
            assert (await who.get(f"{HERE}/A99?{WORSE}")).status == 404
            assert (await who.get(f"{HERE}/e1?{WORSE}")).status == 404, "an id tells whose code it is"

    played(scene)


def test_a_chief_supposes_by_code_after_the_lock_and_nobody_else_does(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            await there.organizer()
            chief = english(await there.tablet("chief"))
            early = await chief.get(f"/chief/whatif/A11?{WORSE}")
            assert early.status == 409 and "once marking is locked" in html.unescape(early.text)
            await locked(there)
            chief = english(await there.tablet("chief"))
            told = await chief.get(f"/chief/whatif/A11?{WORSE}")
            assert told.status == 200 and "Gold" in told.text and "Other entries" in told.text
            judge = await there.tablet("s1")
            assert (await judge.get(f"/chief/whatif/A11?{WORSE}")).status == 403
            assert (await judge.get(f"{HERE}/A11?{WORSE}")).headers["location"].startswith("/login")

    played(scene)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with beside(tmp_path_factory.mktemp("whatif")) as (there, run):
        assert run(make_account(there.desk, "lin", ("organizer",), PASSWORD)).a == "accepted"
        run(locked(there))
        yield there, run


@pytest.mark.browser
def test_it_is_asked_without_scripts(place: Place, chromium: Browser) -> None:
    there, _ = place
    context: Any = chromium.new_context(java_script_enabled=False, locale="en")
    page = signed_in(there, context)
    page.goto(f"{base(there)}{HERE}/A11?lang=en")
    page.get_by_label("Aspect").select_option("A1.J1")
    page.get_by_label("Value supposed").fill("0")
    page.get_by_role("button", name="See what would change").first.click()
    page.get_by_text("Only worked out: nothing was written.").wait_for()
    assert page.locator(".facts").get_by_text("Gold").is_visible()
    page.get_by_text("Another status").click()
    page.get_by_label("State").select_option("excluded")
    page.locator("details[open] button").last.click()
    page.locator("dd", has_text="excluded").wait_for()
    assert page.locator("tr", has_text="A12").count() == 1
    context.close()


@pytest.mark.browser
def test_axe_finds_nothing(place: Place, chromium: Browser) -> None:
    there, _ = place
    context = chromium.new_context(color_scheme="light")
    asked = ("", WORSE, "what=void&void=component:practice&full=1")
    faultless(there, signed_in(there, context), *(f"{HERE}/A11?{one}" for one in asked))
    context.close()
