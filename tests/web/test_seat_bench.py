"""The bench in front of a judge: what is scanned or typed is held against the competitor on the screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.hall import Hall, hall
from tests.web.seat_pages import go, t, tablet

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with hall(tmp_path_factory.mktemp("benches")) as there:
        yield there


def typed(page: Page, station: str) -> None:
    page.get_by_role("button", name=t("bench.check")).tap()
    page.get_by_label(t("bench.typed")).fill(station)
    page.get_by_role("button", name=t("bench.compare")).tap()


def plate(page: Page) -> str:
    return page.locator("#top .plate--xl").inner_text()


def test_the_wrong_bench_is_one_band_across_the_page(chromium: Browser, place: Hall) -> None:
    with tablet(chromium, place, "s1") as page:
        go(page, "A11")
        typed(page, " 1 ")
        expect(page.locator(".benchband .msg--ok")).to_contain_text(t("bench.right", station="1", code="A11"))
        typed(page, "03")
        band = page.locator(".benchband--stop")
        expect(band).to_contain_text(t("bench.other", station="3", code="A15"))
        expect(band).to_contain_text(t("bench.screen", here="A11"))
        box, view = band.bounding_box(), page.viewport_size
        assert box and view and box["width"] >= view["width"] - 1 and plate(page) == "A11"
        band.get_by_role("button", name=t("bench.stay", here="A11")).tap()
        expect(band).to_have_count(0)
        typed(page, "bench:hot-dishes/03")
        band.get_by_role("button", name=t("bench.go", code="A15")).tap()
        expect(page.locator("#top .plate--xl")).to_have_text("A15")
        expect(band).to_have_count(0)
        typed(page, "99")
        expect(band).to_contain_text(t("bench.nobody", station="99"))
        page.locator(".cand", has_text="A17").click()
        expect(band).to_have_count(0)
        typed(page, "bench:bricklaying/04")
        expect(band).to_contain_text(t("bench.nobody", station="4"))


def test_in_the_list_a_bench_leads_to_its_competitor(chromium: Browser, place: Hall) -> None:
    with tablet(chromium, place, "s2") as page:
        go(page, "A11")
        page.locator(".subpick").click()
        typed(page, "5")
        expect(page.locator("#top .plate--xl")).to_have_text("A20")
        expect(page.locator(".benchband--stop")).to_have_count(0)


READS = """
navigator.mediaDevices.getUserMedia = async () => document.createElement("canvas").captureStream();
HTMLVideoElement.prototype.play = async () => undefined;
globalThis.BarcodeDetector = class {
  async detect() {
    return [{ rawValue: "https://elsewhere" }, { rawValue: "bench:hot-dishes/02" }];
  }
};
"""


def test_a_camera_that_reads_codes_answers_by_itself(chromium: Browser, place: Hall) -> None:
    with tablet(chromium, place, "s3", first=lambda page: page.add_init_script(READS)) as page:
        go(page, "A11")
        page.get_by_role("button", name=t("bench.check")).tap()
        expect(page.locator(".benchband--stop")).to_contain_text(t("bench.other", station="2", code="A14"))
        expect(page.locator("dialog")).to_have_count(0)
