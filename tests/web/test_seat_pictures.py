"""Photos on the tablet's page: made small, kept over a reload, brought when all marks went."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.web.hall import Hall, hall
from tests.web.seat_pages import LANDSCAPE, device, go, key, offline, online, received, received_in, t, tablet
from tests.web.test_seat_look import look_at

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with hall(tmp_path_factory.mktemp("pictures")) as there:
        yield there


def photo(path: Path, size: tuple[int, int] = (2600, 1300)) -> Path:
    """A photo as a telephone writes it: large, and with its own words."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    exif = Image.Exif()
    exif[0x010F] = "a camera of mine"
    image.save(path, "JPEG", exif=exif.tobytes())
    return path


def take(page: Page, path: Path, lang: str = "en") -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=t("picture.take", lang)).tap()
    assert chooser.value.element.get_attribute("accept") == "image/*"
    chooser.value.set_files(path)


def phone_size(page: Page) -> None:
    """The large picture on a phone: axe finds nothing, nothing is cut off."""
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    expect(page.locator("dialog.picture__large img")).to_be_visible()
    look_at(page, "picture")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
    box = page.locator("dialog.picture__large").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 320
    if size:
        page.set_viewport_size(size)


def kept(place: Hall) -> list[Path]:
    return sorted((Path(place.folder) / "evidence").glob("*"))


def test_a_photo_outlives_line_and_reload_and_comes_after_its_mark(
    chromium: Browser, place: Hall, tmp_path: Path
) -> None:
    with tablet(chromium, place, "s1") as page:
        go(page, "A11")
        expect(page.get_by_role("button", name=t("picture.take"))).to_be_visible()
        offline(page)
        key(page, "2")
        take(page, photo(tmp_path / "one.jpg"))
        caption = page.locator(".picture figcaption")
        expect(caption).to_have_text(t("say.saved"))
        assert page.evaluate("compsys.model.pending.map((one) => one.cmd.files?.length ?? 0)") == [0, 1]
        page.evaluate("compsys.more.pictures.pauseUntil = Infinity")
        online(page)
        received(page)
        assert kept(place) == [], "the mark went, the picture did not"
        page.reload()
        expect(page.locator(".picture img")).to_be_visible()
        expect(caption).to_have_text(t("picture.there"))
        (file,) = kept(place)
        data = file.read_bytes()
        assert hashlib.sha256(data).hexdigest() == file.name
        assert Image.open(io.BytesIO(data)).size == (2000, 1000) and b"a camera of mine" not in data
        assert page.evaluate("compsys.model.cell(compsys.sheet, compsys.aspect, compsys.seat).value") == "2"
        # Another value keeps it, taking it off is a record of its own.
        key(page, "3")
        received(page)
        expect(caption).to_have_count(1)
        page.locator(".picture__key").tap()
        phone_size(page)
        page.get_by_role("button", name=t("picture.off")).tap()
        expect(caption).to_have_count(0)
        received(page)
        assert page.evaluate("compsys.model.cell(compsys.sheet, compsys.aspect, compsys.seat).value") == "3"


def test_what_is_no_picture_is_said_and_changes_nothing(
    chromium: Browser, place: Hall, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.jpg"
    wrong.write_bytes(b"no picture at all")
    with tablet(chromium, place, "s2") as page:
        go(page, "A14")
        take(page, wrong)
        expect(page.locator(".pictures [role=alert]")).to_have_text(t("picture.bad"))
        assert page.evaluate("compsys.model.records.length") == 0


def test_the_chief_sees_it_when_all_have_voted(chromium: Browser, place: Hall, tmp_path: Path) -> None:
    with device(chromium, place, "chief", size=LANDSCAPE) as chief:
        for seat in ("s1", "s2", "s3"):
            with tablet(chromium, place, seat, lang="zh-CN") as page:
                go(page, "A15")
                key(page, "2")
                if seat == "s1":
                    take(page, photo(tmp_path / "two.jpg"), "zh-CN")
                    expect(page.locator(".picture figcaption")).to_have_text(t("picture.there", "zh-CN"))
                    page.locator(".picture__key").tap()
                    phone_size(page)
                    page.get_by_role("button", name=t("picture.close", "zh-CN")).tap()
                received_in(page)
            chief.goto(f"{place.url}/chief/sheet/A15/A1")
            expect(chief.locator(".pictures img")).to_have_count(1 if seat == "s3" else 0)
        loaded = "[...document.images].every((one) => one.complete && one.naturalWidth > 0)"
        chief.locator(".pictures img").scroll_into_view_if_needed()
        chief.wait_for_function(loaded)
        assert re.search(r"3", chief.locator(".pictures img").get_attribute("alt") or "") is None
