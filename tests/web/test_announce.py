"""An announcement stands on the tablets it is for until it is read there; the office sees who has read it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from compsys import events as e
from tests.web.hall import Hall, hall
from tests.web.seat_pages import device, key, offline, online, received, t, tablet

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A hall; each test says other words."""
    with hall(tmp_path_factory.mktemp("hall")) as made:
        yield made


def lines(page: Page) -> list[str]:
    """What stands on a tablet."""
    return page.locator(".msg--word > div").all_inner_texts()


def test_an_announcement_stands_until_it_is_read_and_the_chief_sees_by_whom(
    place: Hall, chromium: Browser
) -> None:
    with (
        tablet(chromium, place, "s1") as one,
        tablet(chromium, place, "s2", lang="zh-CN") as two,
        device(chromium, place, "chief") as chief,
    ):
        place.do(e.Announce(to="hot-dishes", text="Lunch at noon"))
        for page in (one, two):
            expect(page.locator(".msg--word")).to_contain_text("Lunch at noon")
        # It is in nobody's way: the keys work, the mark goes.
        key(one, "2")
        received(one)
        one.locator(".msg--word .btn").tap()
        expect(one.locator(".msg--word")).to_have_count(0)
        expect(two.locator(".msg--word")).to_contain_text("Lunch at noon")
        one.reload()
        expect(one.locator(".cand").first).to_be_visible()
        received(one)
        assert lines(one) == []
        chief.goto(f"{place.url}/chief/announce")
        board = chief.locator("#live-announced .problem", has_text="Lunch at noon")
        expect(board).to_contain_text(t("announce.read_of", n=1, of=3))
        expect(board.locator("p", has_text=t("announce.unread"))).to_contain_text(t("seat.label", seat="2"))
        two.locator(".msg--word .btn").tap()
        expect(board).to_contain_text(t("announce.read_of", n=2, of=3))
        # The chief's own page has it too, as a line with a key.
        chief.locator(".msg--word .btn").click()
        expect(chief.locator(".msg--word")).to_have_count(0)


def test_a_tablet_that_is_away_gets_it_when_it_is_back_and_its_receipt_goes_then(
    place: Hall, chromium: Browser
) -> None:
    with tablet(chromium, place, "s3") as page:
        received(page)
        offline(page)
        place.do(e.Announce(to="hot-dishes/final/s3", text="Come to the desk"))
        online(page)
        said = page.locator(".msg--word", has_text="Come to the desk")
        expect(said).to_be_visible()
        offline(page)
        said.locator(".btn").tap()
        expect(said).to_have_count(0)
        # A receipt is no mark: nothing is said to wait.
        expect(page.locator("#top")).to_contain_text(t("link.pending", n=0))
        online(page)
        page.wait_for_function("() => compsys.words.read.size === 0 && compsys.link.up")
        page.reload()
        received(page)
        assert "Come to the desk" not in " ".join(lines(page))


def test_the_chief_speaks_to_the_own_stage_by_a_form(place: Hall, chromium: Browser) -> None:
    with device(chromium, place, "chief") as chief, tablet(chromium, place, "s1") as one:
        chief.goto(f"{place.url}/chief/announce")
        said = f"Sign before lunch {secrets.token_hex(2)}"
        chief.locator("#text").fill(said)
        chief.locator(".form .btn--main").click()
        expect(chief.locator("#live-announced")).to_contain_text(said)
        expect(one.locator(".msg--word", has_text=said)).to_contain_text(t("word.by_chief"))
