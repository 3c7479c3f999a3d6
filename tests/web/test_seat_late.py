"""A mark on its way while its judge leaves the sheet: the tablet says where it is and what became of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from compsys import events as e
from tests.web.hall import STREAM, hall
from tests.web.seat_pages import go, key, offline, online, received, t, tablet

pytestmark = pytest.mark.browser


def test_a_judge_who_is_rotated_out_is_told_what_became_of_the_pending_mark(
    chromium: Browser, tmp_path: Path
) -> None:
    with hall(tmp_path, seats=4) as place, tablet(chromium, place, "s4") as page:
        go(page, "A14")
        offline(page)
        key(page, "2")
        expect(page.locator(".save")).to_contain_text(t("say.saved"))
        leaves = "hot-dishes/final/s4"
        place.do(e.ChangeRoster(stream=STREAM, leaves=leaves, unit="u2", reason="changes the panel"))
        online(page)
        received(page)
        expect(page.locator(".msgs")).to_contain_text(t("seat.late_left"))
        expect(page.locator(".cand", has_text="A14")).to_have_count(0)
        n = page.evaluate("() => compsys.model.records[0].answer.n")
        place.tablet("chief").act("settle_late", n=n, accept=False, reason="seat 3 has marked it")
        said = t("seat.late_left_out", value="2", reason="seat 3 has marked it")
        expect(page.locator(".msgs")).to_contain_text(said)
        page.locator(".msgs").get_by_role("button", name=t("seat.understood")).click()
        expect(page.locator(".msgs", has_text=re.compile("seat 3"))).to_have_count(0)
