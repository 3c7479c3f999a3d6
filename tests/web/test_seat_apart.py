"""A panel that stays apart, on the tablet: what will follow is said before, what followed after, in words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from scoring_rules import profiles
from tests.web.hall import Hall, competition, hall
from tests.web.seat_pages import LANDSCAPE, go, key, t, tablet

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A hall whose rules let the median count after two rounds, and the lead let votes stand."""
    text = profiles.load("worldskills-2026").text.replace('id = "worldskills-2026"', 'id = "own"')
    for usual, other in (('"chief"', '"median"'), ('"revote"', '"override_with_reason"')):
        line = f"after_rounds = {usual}" if "chief" in usual else f"over_spread = {usual}"
        assert line in text
        text = text.replace(line, line.replace(usual, other))
    text = text.replace("max_rounds = 3", "max_rounds = 2")
    with hall(tmp_path_factory.mktemp("hall"), world=competition(profile="own", own=text)) as made:
        yield made


def test_the_panel_reads_that_the_median_will_count_and_then_that_it_does(
    place: Hall, chromium: Browser
) -> None:
    two, three = place.tablet("s2"), place.tablet("s3")
    with tablet(chromium, place, "s1", size=LANDSCAPE) as lead:
        go(lead, "A14")
        key(lead, "0")
        two.vote("u2", "A1.J1", "2")
        three.vote("u2", "A1.J1", "3")
        expect(lead.locator(".rounds")).to_contain_text(t("seat.after_rounds_median", n=2))
        place.tablet("chief").act("revote", unit="u2", aspect="A1.J1", reason="talked")
        expect(lead.locator(".keys")).to_be_visible()
        key(lead, "0")
        two.vote("u2", "A1.J1", "2", round=2)
        three.vote("u2", "A1.J1", "3", round=2)
        expect(lead.locator("main")).to_contain_text(t("seat.escalated_median"))
        expect(lead.locator(".save")).to_contain_text(t("seat.mark", mark="3.3333", max="5"))
        assert lead.locator(".spread").count() == 0


def test_the_lead_lets_the_votes_stand_with_a_reason_that_all_read(place: Hall, chromium: Browser) -> None:
    three = place.tablet("s3")
    with (
        tablet(chromium, place, "s1", size=LANDSCAPE) as lead,
        tablet(chromium, place, "s2", lang="zh-CN") as other,
    ):
        go(lead, "A15")
        go(other, "A15")
        key(lead, "0")
        key(other, "2")
        three.vote("u3", "A1.J1", "2")
        expect(other.locator(".spread")).to_be_visible()
        assert other.get_by_role("button", name=t("seat.let_stand", "zh-CN")).count() == 0
        lead.get_by_role("button", name=t("seat.let_stand")).click()
        lead.locator("dialog textarea").fill("two stood behind the screen")
        lead.locator("dialog .btn--main").click()
        expect(lead.locator("main")).to_contain_text("two stood behind the screen")
        said = t("seat.escalated_stands", "zh-CN", reason="two stood behind the screen")
        expect(other.locator("main")).to_contain_text(said)
        expect(other.locator(".save")).to_contain_text("2.2222")
