"""Practice in a real Chromium: the same screens over samples, marked as such, and no byte in the journal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.hall import Hall, hall
from tests.web.seat_pages import PORTRAIT, key, offline, online, received, t, tablet

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with hall(tmp_path_factory.mktemp("practice")) as there:
        yield there


def begin(page: Page) -> None:
    """From the list of sheets to the samples."""
    page.locator(".cand").first.tap()
    page.locator(".subpick").click()
    page.get_by_role("link", name=t("practice.begin")).tap()
    page.wait_for_url("**/seat/practice")
    expect(page.locator(".plate--xl")).to_have_text("P1")
    assert page.evaluate(CUT_OFF) == []


CUT_OFF = """() => [...document.querySelectorAll("#top *")]
  .filter((one) => one.checkVisibility() && !one.closest("svg, .vh"))
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline"
    || one.getBoundingClientRect().bottom > document.querySelector("#top").getBoundingClientRect().bottom + 1)
  .map((one) => one.outerHTML.slice(0, 120))"""
"""What of the bar on top does not stand in it whole."""


def on_disk(place: Hall) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(Path(place.folder).glob("journal.db*")))


def test_a_judge_practises_among_colleagues_and_leaves_no_trace(chromium: Browser, place: Hall) -> None:
    with tablet(chromium, place, "s2", size=PORTRAIT) as page:
        before = on_disk(place)
        begin(page)
        expect(page.locator(".pill--practice")).to_have_text(t("practice.back"))
        across = page.evaluate("getComputedStyle(document.body, '::after').content")
        assert across == f'"{t("practice.word")}"'
        key(page, "2")
        received(page)
        expect(page.locator(".save")).to_contain_text(re.compile(r"\d"))
        page.get_by_role("button", name=re.compile(t("do.next"))).first.tap()
        key(page, "3")
        # The colleagues voted far below: the board of reasons, and then a second round by itself.
        expect(page.locator(".spread").first).to_be_visible()
        expect(page.locator(".keys")).to_be_visible(timeout=30_000)
        expect(page.locator("#main")).to_contain_text(t("seat.round", n=2))
        offline(page)
        key(page, "2")
        online(page)
        received(page)
        page.get_by_role("button", name=t("seat.other_language")).tap()
        expect(page.locator(".pill--practice")).to_have_text(t("practice.back", "zh-CN"))
        assert on_disk(place) == before
        page.locator(".pill--practice").tap()
        page.wait_for_url(re.compile("/seat$"))
        expect(page.locator(".pill--practice")).to_have_count(0)
        expect(page.locator(".plate--xl")).not_to_have_text("P1")


def test_a_practice_begins_anew_each_time(chromium: Browser, place: Hall) -> None:
    with tablet(chromium, place, "s3", size=PORTRAIT) as page:
        begin(page)
        key(page, "1")
        received(page)
        page.locator(".pill--practice").tap()
        page.wait_for_url(re.compile("/seat$"))
        begin(page)
        expect(page.locator('.keys [aria-checked="true"]')).to_have_count(0)
