"""The judge's tablet in a real Chromium against a real server: marking, a spread, measurement, signing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from compsys import commands
from tests.web.hall import STREAM, Hall, hall
from tests.web.seat_pages import (
    LANDSCAPE,
    foot,
    go,
    key,
    offline,
    online,
    received,
    received_in,
    t,
    tablet,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The hall that these tests share, each with competitors of its own."""
    with hall(tmp_path_factory.mktemp("hall")) as made:
        yield made


def test_three_seats_mark_discuss_vote_again_and_sign(place: Hall, chromium: Browser) -> None:
    with (
        tablet(chromium, place, "s1", size=LANDSCAPE) as lead,
        tablet(chromium, place, "s2") as two,
        tablet(chromium, place, "s3", lang="zh-CN") as three,
    ):
        key(lead, "1")
        expect(lead.locator(".save")).to_contain_text(t("say.saved"))
        expect(lead.locator(".save")).to_contain_text(re.compile(r"Received n=\d+"))
        key(two, "3")
        expect(two.locator(".roster")).to_contain_text(t("strip.sealed", seat="1"))
        expect(two.locator(".save")).to_contain_text(t("say.waiting", seats="3"))
        assert lead.locator(".spread").count() == 0
        assert "gave" not in two.locator("main").inner_text()
        key(three, "2")
        for page in (lead, two, three):
            expect(page.locator(".spread")).to_be_visible()
        expect(two.locator(".spread")).to_have_attribute(
            "aria-label", "seat 1 gave 1, seat 3 gave 2, seat 2 gave 3, 2 apart, limit 1"
        )
        assert two.locator(".revote").count() == 0
        expect(two.locator(".panelboard__side")).to_contain_text(t("seat.lead_opens", seat="1", n=2))
        expect(lead.locator(".revote")).to_have_attribute("aria-disabled", "true")
        expect(lead.locator(".revote")).to_have_text(t("seat.revote_left", seats="1, 2", n=2))
        for speaker in range(2):
            lead.locator(".speaker").nth(speaker).locator(".quick .btn").first.click()
        lead.locator(".revote").click()
        for page in (lead, two, three):
            expect(page.locator(".keys")).to_be_visible()
            expect(page.locator(".keys [aria-checked=true]")).to_have_count(0)
        expect(two.locator("main")).to_contain_text("Round 1: 1·3·2")
        for page in (lead, two, three):
            key(page, "2")
        expect(three.locator(".roster")).to_contain_text("席 12席 22席 32")
        expect(lead.locator(".save")).to_contain_text(t("seat.mark", mark="3.3333", max="5"))
        for _ in range(3):
            for page in (lead, two, three):
                page.keyboard.press("Enter")
                key(page, "3")
                received_in(page)
        for page in (lead, two, three):
            page.locator("#foot .btn--main").click()
            expect(page.locator(".signbox")).to_be_visible()
            page.wait_for_function("() => !compsys.unready")
            page.locator("#foot .btn--main").click()
        for page in (lead, two):
            expect(page.locator(".signbox")).to_contain_text(t("seat.signed_readonly"))
            expect(page.locator(".signbox .seat--sealed")).to_have_count(3)
            page.wait_for_function("() => compsys.model.records.length === 0")
        foot(lead, t("seat.back_to_marking"))
        expect(lead.locator(".keys .key--read")).to_have_count(4)
    seen = place.tablet("s2").sheet("u1", "A1")
    assert (seen["state"], seen["aspects"]["A1.J1"]["round"]) == ("signed", 2)
    assert seen["aspects"]["A1.J1"]["revealed"] == {f"hot-dishes/final/s{i}": "2" for i in (1, 2, 3)}
    assert list(seen["aspects"]["A1.J1"]["rounds"][0].values()) == ["1", "3", "2"]


def test_agreed_values_and_points(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s2") as page, tablet(chromium, place, "s3") as other:
        go(page, "A14", "B1")
        go(other, "A14", "B1")
        page.get_by_role("radio", name=t("cell.pass"), exact=True).click()
        expect(other.locator(".yesno [aria-checked=true]")).to_have_text(t("cell.pass"))
        expect(other.locator(".save")).to_contain_text(t("seat.one_value", seat="2"))
        expect(other.locator(".save")).to_contain_text(t("seat.mark", mark="4", max="4"))
        foot(page, t("do.next"))
        page.keyboard.type("13")
        foot(page, t("do.next"))
        expect(page.locator(".pad .msg")).to_contain_text(t("too_many", value="13", possible="12"))
        expect(page.locator(".pad__value")).to_have_text("13")
        page.keyboard.press("Backspace")
        page.locator(".keypad").get_by_role("button", name="0", exact=True).click()
        page.locator(".keypad").get_by_role("button", name=t("do.enter")).click()
        expect(page.locator(".save")).to_contain_text(t("seat.mark", mark="5", max="6"))
        go(page, "A14", "C1")
        page.keyboard.type("17.3")
        page.keyboard.press("Enter")
        expect(page.locator(".pad .msg")).to_contain_text(t("off_step", value="17.3", step="0.5"))
        page.keyboard.press("Backspace")
        page.keyboard.type("5")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("Heat control")
        received(page)
        go(other, "A14", "C1")
        expect(other.locator(".roster")).to_contain_text(t("strip.sealed", seat="2"))
        assert "17.5" not in other.content()


def test_the_second_tap_does_nothing_and_undo_puts_back(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s2") as page:
        go(page, "A15")
        key(page, "2")
        key(page, "2")
        received(page)
        assert page.evaluate("() => compsys.model.records.length") == 1
        key(page, "1")
        foot(page, re.compile("^Undo"))
        expect(page.locator(".keys [aria-checked=true]")).to_have_attribute("data-value", "2")
        received(page)
    seen = place.tablet("s2").sheet("u3", "A1")["aspects"]["A1.J1"]
    assert (seen["value"], seen["rev"]) == ("2", 3)


def test_another_sheet_is_one_tap_away_under_the_band(place: Hall, chromium: Browser) -> None:
    """For three seconds a band says which competitor it is now; the keys under it work all the same."""
    with tablet(chromium, place, "s2", size=LANDSCAPE) as page:
        # The machine may be slow: the band's three seconds are a minute here.
        page.evaluate(
            """() => {
              let until = 0;
              const later = { get: () => until, set: (to) => (until = to + 60_000) };
              Object.defineProperty(compsys.ui, "switched", later);
            }"""
        )
        page.locator(".cand", has_text="A26").tap()
        expect(page.locator(".switched")).to_contain_text("A26")
        page.locator(".subpick").tap()
        assert page.evaluate("() => compsys.ui.switched > performance.now()"), "under the band"
        expect(page.locator(".picklist").first).to_be_visible()


def test_a_sheet_by_keyboard_and_the_language_switches_under_it(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s2", size=LANDSCAPE) as page:
        go(page, "A17")
        for value in "2103":
            page.keyboard.press(value)
            page.keyboard.press("Enter")
        received(page)
        go(page, "A17", "C1")
        page.keyboard.type("12.5")
        page.locator(".lang").click()
        expect(page.locator("h1")).to_contain_text("口味")
        expect(page.locator(".pad__value")).to_contain_text("12.5")
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        page.locator(".pad__value").click()
        page.keyboard.press("Enter")
        received_in(page)
        page.locator(".lang").click()
        expect(page.locator("h1")).to_contain_text("Heat control")
    seen = place.tablet("s2")
    assert [seen.sheet("u4", "A1")["aspects"][f"A1.J{i}"]["value"] for i in (1, 2, 3, 4)] == [
        "2",
        "1",
        "0",
        "3",
    ]
    assert seen.sheet("u4", "C1")["aspects"]["C1.P1"]["value"] == "12.5"


def test_what_others_decide_is_shown(place: Hall, chromium: Browser) -> None:
    """A return with its words (as text, whatever they are), an absent competitor, a hole with a reason."""
    with tablet(chromium, place, "s3") as page:
        chief, one, two = (place.tablet(seat) for seat in ("chief", "s1", "s2"))
        go(page, "A20")
        for i in range(1, 5):
            key(page, "2")
            for seat in (one, two):
                seat.vote("u5", f"A1.J{i}", "2")
            if i < 4:
                page.keyboard.press("Enter")
        foot(page, re.compile("^Sign$"))
        page.locator("#foot .btn--main").click()
        expect(page.locator(".signbox")).to_contain_text(t("seat.signed_readonly"))
        chief.act("return", unit="u5", sub="A1", reason="<img src=x onerror=alert(1)> B2")
        expect(page.locator(".msg--stop")).to_contain_text("<img src=x onerror=alert(1)> B2")
        expect(page.locator(".cand", has_text="A20")).to_contain_text(t("status.returned"))
        place.do(commands.SetStatus(stream=STREAM, unit="u6", scope="stage", status="absent", reason="-"))
        page.locator(".cand", has_text="A22").click()
        expect(page.locator(".outcard")).to_contain_text(t("cell.absent"))
        assert page.locator(".key").count() == 0
        go(page, "A26")
        chief.act("excuse", unit="u7", aspect="A1.J1", seat="hot-dishes/final/s3", reason="arrived late")
        expect(page.locator(".msg--lock")).to_contain_text(t("seat.excused", reason="arrived late"))


def test_two_values_and_a_late_one(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s3") as page:
        one = place.tablet("s1")
        go(page, "A15", "B1")
        offline(page)
        one.vote("u3", "B1.M1", "fail")
        page.get_by_role("radio", name=t("cell.pass"), exact=True).click()
        expect(page.locator(".msg--warn").first).to_contain_text(t("say.offline", n=1))
        online(page)
        expect(page.locator(".msg--stop")).to_contain_text(t("say.conflict", a="Fail", b="Pass", seat="3"))
        expect(page.locator(".cand", has_text="A15")).to_contain_text(t("status.conflict"))
        page.locator(".twovalues").get_by_role("button", name="Pass", exact=True).click()
        expect(page.locator(".save")).to_contain_text(t("seat.mark", mark="4", max="4"))
        go(page, "A26", "B1")
        offline(page)
        page.get_by_role("radio", name=t("cell.pass"), exact=True).click()
        for aspect, value in (("M1", "fail"), ("M2", "3"), ("M3", "1.2"), ("M4", "450"), ("M5", "1")):
            one.vote("u7", f"B1.{aspect}", value)
        one.sign("u7", "B1")
        online(page)
        expect(page.locator(".msg--warn", has_text=t("seat.late"))).to_be_visible()
        expect(page.locator(".yesno [aria-checked=true]")).to_have_text(t("cell.fail"))
        late = page.locator(".msg--warn", has_text=t("seat.late"))
        late.get_by_role("button", name=t("seat.understood")).click()
        expect(late).to_have_count(0)
