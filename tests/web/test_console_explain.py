"""Why this place, as a page: who may see it from when on, a name only once it may stand beside a code."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.web.test_console import english, fill
from tests.web.test_console_look import Place, base, faultless, signed_in
from tests.web.test_console_results import RESULT, locked
from tests.web.test_enrol import beside
from tests.web.venue import PASSWORD, played, venue
from web.accounts import make_account

HERE = "/console/explain/cooking/final/open"


def test_the_office_reads_by_code_after_the_lock_and_by_name_once_the_result_is_out(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            who = english(await there.organizer())
            early = await who.get(f"{HERE}/A11")
            assert early.status == 409 and "once marking is locked" in html.unescape(early.text)
            await locked(there)
            page = await who.get(f"{HERE}/A11")
            assert page.status == 200 and "Delegation 1" not in page.text
            # s1..s3 voted 3 on the first aspect of 10, 2 on the second: 10 and 20/3
            assert "exactly 50/3" in html.unescape(page.text) and "ws_average/1" in page.text
            # an id in the address would tell whose code it is
            assert (await who.get(f"{HERE}/e1")).status == 404
            assert (await who.get(f"{HERE}/nobody")).status == 404
            out = {"rank": "provisional", "audience": "delegations"}
            assert (await fill(who, RESULT, f"{RESULT}/publish", out)).status == 303
            link = re.search(rf'href="({HERE}/[^"]+)"', (await who.get(RESULT)).text)
            assert link is not None
            assert (await who.get(link[1])).status == 200
            named = await who.get(f"{HERE}/e1")
            assert named.status == 200 and "Delegation 1" in named.text and "says the same" in named.text

    played(scene)


def test_a_chief_reads_the_own_stream_after_the_lock_and_judges_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            await there.organizer()
            chief = english(await there.tablet("chief"))
            assert (await chief.get("/chief/explain/A11")).status == 409
            assert "/chief/explain" not in (await chief.get("/chief/unit/A11")).text
            await locked(there)
            chief = english(await there.tablet("chief"))
            assert "/chief/explain/A11" in (await chief.get("/chief/unit/A11")).text
            page = await chief.get("/chief/explain/A11")
            assert page.status == 200 and "Delegation" not in page.text and "Place" in page.text
            assert (await chief.get("/chief/explain/A99")).status == 404
            assert (await chief.get(f"{HERE}/A11")).headers["location"].startswith("/login")
            judge = await there.tablet("s1")
            assert (await judge.get("/chief/explain/A11")).status == 403

    played(scene)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with beside(tmp_path_factory.mktemp("why")) as (there, run):
        assert run(make_account(there.desk, "lin", ("organizer",), PASSWORD)).a == "accepted"
        run(locked(there))
        yield there, run


@pytest.mark.browser
def test_the_page_is_whole_without_scripts_and_nothing_is_cut_off(place: Place, chromium: Browser) -> None:
    there, _ = place
    context: Any = chromium.new_context(java_script_enabled=False, locale="en")
    page = signed_in(there, context)
    page.goto(f"{base(there)}{HERE}/A11?lang=en")
    votes = page.locator(".tree__leaves li", has_text="s2").first
    assert not votes.is_visible()
    page.get_by_text("A1 Look").click()
    page.locator("summary", has_text="A1.J1").click()
    assert votes.is_visible()
    page.get_by_role("link", name="Show every step").click()
    assert page.locator("details:not([open])").count() == 0
    page.goto(f"{base(there)}{HERE}/A11?lang=en")
    page.emulate_media(media="print")
    assert votes.is_visible(), "on paper nothing is folded away"
    context.close()


@pytest.mark.browser
def test_axe_finds_nothing(place: Place, chromium: Browser) -> None:
    there, _ = place
    context = chromium.new_context(color_scheme="light")
    faultless(there, signed_in(there, context), f"{HERE}/A11?all=1")
    context.close()
