"""Takes every state of the tablet, in both languages: ``python -m tests.web.judge_pictures``.

Upright and lying down; the pictures go to ``docs/judges``, in few colours so that they stay small.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from compsys import events as e
from compsys.words import LANGS
from tests.conftest import CHROMIUM_FLAGS, chromium_path
from tests.web.hall import Hall, apart
from tests.web.seat_pages import LANDSCAPE, PORTRAIT, device, go, key, received_in
from tests.web.test_seat_reach import STATES, prepared, unasked

FOLDER = Path(__file__).parents[2] / "docs" / "judges"
SIZES = {"portrait": PORTRAIT, "landscape": LANDSCAPE}
COLOURS = 96


def take(page: Page, name: str) -> None:
    """One picture, without the tap's focus ring and past the band that says where one is."""
    expect(page.locator(".switched")).to_have_count(0)
    page.wait_for_function("() => compsys.ui.switched < performance.now()")
    page.evaluate("() => document.activeElement.blur()")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    few = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(FOLDER / f"{name}.png", optimize=True)


def states(page: Page, suffix: str) -> None:
    """Every state of one judge's tablet."""
    for name, show in STATES.items():
        show(page)
        take(page, f"{name.replace(' ', '-')}-{suffix}")
        if name == "far":
            unasked(page)
        if page.evaluate("() => compsys.ui.view") == "grid":
            page.evaluate("() => compsys.chooseView('focus')")
    page.context.set_offline(False)


def check(page: Page, suffix: str) -> None:
    """The check before signing, with blanks."""
    go(page, "A11", "B1")
    page.evaluate("() => compsys.show('sign')")
    take(page, f"check-{suffix}")


def lead(page: Page, suffix: str) -> None:
    """The lead's tablet at a spread."""
    page.evaluate("() => compsys.ui.said.clear()")
    go(page, "A15")
    page.locator(".speaker .quick .btn").first.click()
    take(page, f"lead-spread-{suffix}")


def practice(page: Page, suffix: str) -> None:
    """The samples."""
    page.goto(f"{page.url}/practice")
    expect(page.locator(".plate--xl")).to_have_text("P1")
    key(page, "2")
    received_in(page)
    take(page, f"practice-{suffix}")


SEATS: tuple[tuple[str, tuple[Callable[[Page, str], None], ...]], ...] = (
    ("s2", (states, check, practice)),
    ("s1", (lead,)),
)


def alone(place: Hall) -> None:
    """Take back the tablets that prepared the hall: no page warns of them."""
    place.kill()
    devices = apart(place.folded()).devices
    place.start()
    for held in devices.values():
        place.do(e.RevokeDevice(device=held.id, reason="spare"))


def pictures(browser: Browser, place: Hall) -> None:
    """All of them: one tablet per seat, turned round and spoken to in both languages."""
    for seat, parts in SEATS:
        with device(browser, place, seat, lang=LANGS[0]) as page:
            expect(page.locator(".cand").first).to_be_visible()
            home = page.url
            for lang in LANGS:
                for shape, size in SIZES.items():
                    page.set_viewport_size(size)
                    for part in parts:
                        page.evaluate("() => compsys.ui.pads.clear()")
                        part(page, f"{shape}-{lang[:2]}")
                    page.goto(home)
                    expect(page.locator(".cand").first).to_be_visible()
                page.evaluate("() => compsys.otherLanguage()")


def main() -> None:
    """In a hall of their own."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=20_000)
    with tempfile.TemporaryDirectory() as data, prepared(Path(data)) as place, sync_playwright() as made:
        alone(place)
        browser = made.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        pictures(browser, place)
    sys.stdout.write(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.name}\n")


if __name__ == "__main__":
    main()
