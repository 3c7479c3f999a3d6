"""The lead's keys: a seat of the panel is away, and what happened; the chief decides both."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web.hall import hall
from tests.web.seat_pages import LANDSCAPE, device, foot, go, received, t, tablet
from tests.web.test_seat_panel import give, given, revealed

pytestmark = pytest.mark.browser


def test_a_lead_calls_a_seat_away_and_the_chief_lets_the_others_finish(
    tmp_path: Path, chromium: Browser
) -> None:
    with (
        hall(tmp_path, seats=4, mode="panel") as place,
        tablet(chromium, place, "s1", size=LANDSCAPE) as page,
        device(chromium, place, "chief") as chief,
    ):
        go(page, "A26")
        for seat, value in (("1", "2"), ("2", "2"), ("4", "1")):
            give(page, seat, value)
        page.evaluate("() => compsys.show('sign')")
        page.get_by_role("button", name=t("lead.away_key")).click()
        page.get_by_role("button", name=t("lead.away", seat="3")).click()
        page.get_by_role("button", name=t("lead.away_phrases").split(" / ")[0]).click()
        page.get_by_role("button", name=t("do.save")).click()
        received(page)
        key = page.get_by_role("button", name=t("lead.away", seat="3"))
        expect(key).to_contain_text(t("seat.proposed"))
        expect(page.locator(".statuspick .st--warn")).to_have_count(1)
        chief.goto(f"{place.url}/chief")
        expect(chief.locator("main")).to_contain_text("1")
        chief.goto(f"{place.url}/chief/tray")
        waits = chief.locator("li.problem", has_text=t("chief.away", seat="3"))
        expect(waits).to_contain_text("A26")
        waits.get_by_label(t("ui.reason")).fill("called home")
        waits.get_by_role("button", name=t("chief.off_unit", code="A26")).click()
        expect(chief.locator("main")).not_to_contain_text(t("chief.away", seat="3"))
        expect(key).to_have_count(0)
        foot(page, t("do.previous"))
        page.evaluate("() => compsys.goAspect('A1.J1')")
        revealed(page, 3)
        assert given(page) == ["2", "2", "1"]


def test_a_lead_reports_what_happened_and_a_judge_only_proposes(tmp_path: Path, chromium: Browser) -> None:
    with (
        hall(tmp_path) as place,
        tablet(chromium, place, "s1") as lead,
        tablet(chromium, place, "s2") as judge,
        device(chromium, place, "chief") as chief,
    ):
        for page in (lead, judge):
            page.evaluate("() => compsys.show('sheets')")
            expect(page.locator(".statuspick").first).to_be_visible()
        expect(judge.locator("#main")).not_to_contain_text(t("lead.report_title"))
        lead.get_by_role("button", name=t("incident.kind_equipment")).click()
        lead.locator("dialog textarea").fill("The oven went out at 10:20")
        lead.get_by_role("button", name=t("do.save")).click()
        expect(lead.locator(".statuspick .st--ok")).to_have_text(t("lead.reported"))
        # What happened is no status: nothing is proposed of the competitor.
        expect(lead.locator(".msg")).to_have_count(0)
        chief.goto(f"{place.url}/chief/incidents")
        expect(chief.locator("main")).to_contain_text("The oven went out at 10:20")
