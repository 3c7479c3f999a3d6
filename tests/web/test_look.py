"""The components and the sample screens in a real browser: accessible, within the policy, nothing cut off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from compsys import words
from tests.web import look

pytestmark = pytest.mark.browser

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
LOOKS = [("zh-CN", "light"), ("en", "dark")]
SCREENS = [
    (name, size, *LOOKS[(turn + more) % 2])
    for name, sizes in look.SAMPLES.items()
    for turn, size in enumerate(sizes)
    for more in range(2 if name == "judge" else 1)
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The server of the samples."""
    with look.served() as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium."""
    with look.chromium() as found:
        yield found


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page whose console must stay silent: a refused style or script is an error there."""
    said: list[str] = []
    opened = browser.new_page()
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    opened.close()
    assert not said


def show(page: Any, address: str, name: str, size: str, lang: str, theme: str = "") -> None:
    """Open a sample at a size."""
    width, height = look.SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{address}/{name}?lang={lang}&theme={theme}")


@pytest.mark.parametrize(("name", "size", "lang", "theme"), SCREENS)
def test_axe_finds_nothing(page: Any, address: str, name: str, size: str, lang: str, theme: str) -> None:
    show(page, address, name, size, lang, theme)
    found = Axe().run(page, options=AXE)
    assert not found.response["violations"], found.generate_report()


@pytest.mark.parametrize("name", [name for name in look.SAMPLES if name != "wall"])
@pytest.mark.parametrize("lang", words.LANGS)
def test_nothing_is_cut_off_at_320_pixels(page: Any, address: str, name: str, lang: str) -> None:
    """Reflow (WCAG 1.4.10): the page itself never scrolls sideways; wide tables scroll in their own box."""
    show(page, address, name, "narrow", lang)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.btn, .chip, .key__l, .key__d, .msg, h1, h2')]
        .filter(el => el.getClientRects().length && !el.closest('.scroll, .judge__rail, .tabs'))
        .filter(el => el.getBoundingClientRect().right > innerWidth + 1
          || el.scrollWidth > el.clientWidth + 1)
        .map(el => el.className + ': ' + el.textContent.trim().slice(0, 40))"""
    )
    assert not cut


@pytest.mark.parametrize("size", ["portrait", "landscape"])
@pytest.mark.parametrize("lang", words.LANGS)
def test_the_judges_questions_fit_without_scrolling(page: Any, address: str, size: str, lang: str) -> None:
    """Plate, four keys, what was saved and the bar are visible at once; keys and buttons are large enough."""
    show(page, address, "judge", size, lang)
    _, height = look.SIZES[size]
    for box in [page.locator(one).bounding_box() for one in (".plate", ".keys", ".save", ".judge__foot")]:
        assert box["y"] >= 0 and box["y"] + box["height"] <= height
    for key in page.locator(".key").all():
        assert key.bounding_box()["height"] >= 88
    for button in page.locator(".judge__foot .btn, .lang, .cand").all():
        assert button.bounding_box()["height"] >= 56


def test_phone_targets_are_at_least_44_pixels(page: Any, address: str) -> None:
    show(page, address, "components", "phone", "en")
    small = page.evaluate(
        """() => [...document.querySelectorAll('.btn, .tabs a, input:not([type=checkbox]), select')]
        .filter(el => el.getClientRects().length && el.getBoundingClientRect().height < 44)
        .map(el => el.outerHTML.slice(0, 80))"""
    )
    assert not small


def test_theme_follows_the_system_unless_the_page_says(page: Any, address: str) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    page.emulate_media(color_scheme="dark")
    show(page, address, "board", "phone", "en")
    dark = page.evaluate(paper)
    show(page, address, "board", "phone", "en", "light")
    assert (dark, page.evaluate(paper)) == ("rgb(10, 15, 20)", "rgb(242, 244, 246)")


def test_reduced_motion_moves_nothing(page: Any, address: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    show(page, address, "components", "phone", "en")
    durations = "[...document.querySelectorAll('*')].map(e => getComputedStyle(e).transitionDuration)"
    assert set(page.evaluate(durations)) == {"0s"}


def test_chosen_key_is_marked_in_forced_colours(page: Any, address: str) -> None:
    page.emulate_media(forced_colors="active")
    show(page, address, "judge", "portrait", "en")
    widths = [key.evaluate("e => getComputedStyle(e).borderTopWidth") for key in page.locator(".key").all()]
    assert widths == ["2px", "2px", "5px", "2px"]


def test_paper_shows_chips_in_outline_and_no_navigation(page: Any, address: str) -> None:
    page.emulate_media(media="print")
    show(page, address, "desk", "desk", "en", "dark")
    assert not page.locator(".side").is_visible()
    show(page, address, "components", "desk", "en", "dark")
    colour = page.locator(".chip--official").first.evaluate("e => getComputedStyle(e).backgroundColor")
    assert colour == "rgb(255, 255, 255)"


SENTENCES = [
    ("{n} {n:mark|marks} saved", {"n": "1"}),
    ("{n} {n:mark|marks} saved", {"n": 3}),
    ("Locked[[: {scope}]]; no more.", {}),
    ("Locked[[: {scope}]]; no more.", {"scope": "A17"}),
    ("{missing} stays", {}),
]


def test_script_and_server_say_the_same_and_switch_without_reload(page: Any, address: str) -> None:
    show(page, address, "judge", "portrait", "zh-CN")
    said = page.evaluate(
        """async (sentences) => {
            const w = await import("/static/words.js");
            const filled = sentences.map(([text, params]) => w.fill(text, params));
            const before = [
              w.t("say.offline", {n: 3}), w.todo("holes", {count: 3}), w.pick({en: "x", "zh-CN": "y"})
            ];
            await w.switchLanguage();
            return [filled, before, [w.lang(), document.documentElement.lang, w.t("say.offline", {n: 3})]];
        }""",
        SENTENCES,
    )
    filled, before, after = json.loads(json.dumps(said))
    assert filled == [words.fill(text, params) for text, params in SENTENCES]
    assert before == [words.say("say.offline", "zh-CN", n=3), words.todo("holes", "zh-CN", count=3), "y"]
    assert after == ["en", "en", words.say("say.offline", "en", n=3)]
