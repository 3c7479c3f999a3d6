"""The tablet behind a line that swallows everything: nothing is lost, doubled or out of order."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from compsys import events as e
from tests.web.hall import CODES, Hall, hall
from tests.web.own_browser import own_chromium
from tests.web.proxy import FRONT, proxy
from tests.web.seat_pages import go, patient, received, received_in, t, tablet
from tests.web.test_seat_lines import STARVED

pytestmark = pytest.mark.browser

MINUTES = 3
TAPS = 40
NOT_CONNECTED = re.compile(re.escape(t("link.offline", seconds="SECONDS")).replace("SECONDS", r"\d+"))
Tap = tuple[str, str, str]
"""(code, aspect, value)"""


def plan() -> list[Tap]:
    """Forty taps: every judged aspect of seven competitors, then twelve of them changed."""
    first = [(code, f"A1.J{i}", str((i + at) % 4)) for at, code in enumerate(CODES) for i in range(1, 5)]
    again = [(code, aspect, str((int(value) + 1) % 4)) for code, aspect, value in first[: TAPS - len(first)]]
    return first + again


def tap(page: Page, code: str, aspect: str, value: str) -> None:
    """Go to an aspect by its keys, as a judge does, and press a value."""
    page.locator(".cand", has_text=code).click()
    page.evaluate("(key) => compsys.goAspect(key)", aspect)
    page.locator(f'.keys [data-value="{value}"]').click()
    expect(page.locator(".keys [aria-checked=true]")).to_have_attribute("data-value", value)
    expect(page.locator(".save")).to_contain_text(t("say.saved"))


def marked(place: Hall, seat: str) -> list[tuple[str, str, str]]:
    """The journal's marks of a seat in their order: (unit, aspect, key of the tap)."""
    key = f"hot-dishes/final/{seat}"
    return [
        (line.unit, line.aspect, closed.key)
        for line, closed in place.lines()
        if isinstance(line, e.Marked) and line.seat == key
    ]


def forty_taps(
    folder: Path, chromium: Browser, passes: Callable[[Page, int], None], *, own_clock: bool = False
) -> None:
    """Forty taps in a black hole of three minutes, then the line is back. ``passes``: lets so many
    milliseconds pass on the page's clock; ``own_clock``: one that the test can move on."""
    taps = plan()
    assert len(taps) == TAPS
    with hall(folder, front=FRONT) as place, proxy(place.port) as line, tablet(chromium, place, "s2") as page:
        if own_clock:
            page.clock.install()
            page.reload()
        expect(page.locator("#top")).to_contain_text(t("link.connected"))
        began = page.evaluate("() => performance.now()")
        page.evaluate(STARVED)
        line.swallow()
        for n, (code, aspect, value) in enumerate(taps, 1):
            tap(page, code, aspect, value)
            expect(page.locator("#top")).to_contain_text(t("link.pending", n=n))
            passes(page, MINUTES * 60_000 // TAPS)
            if n * MINUTES * 60_000 // TAPS > 7_500:
                expect(page.locator("#top")).to_contain_text(NOT_CONNECTED)
        lasted, lost, starved = page.evaluate("() => [performance.now(), compsys.link.since, starved]")
        assert lost - began - starved < 7_000, "noticed within seven seconds of the page's own clock"
        assert lasted - began >= MINUTES * 60_000
        expect(page.locator(".msg--warn")).to_contain_text(t("say.offline", n=TAPS))
        assert line.held > 0, "the page spoke into the hole, and no connection ended"
        keys = page.evaluate("() => compsys.model.records.map((one) => one.k)")
        patient(page)
        line.restore()
        for _ in range(60):  # its random pause between two tries is at most fifteen seconds
            passes(page, 500)
            if page.evaluate("() => compsys.link.up"):
                break
        expect(page.locator("#top")).to_contain_text(t("link.connected"))
        received(page)
        expect(page.locator(".msg--ok")).to_contain_text(t("say.back", n=TAPS))
        expect(page.locator(".msg--stop, .msg--warn")).to_have_count(0)
        answers = page.evaluate("() => compsys.model.records.map((one) => [one.k, one.answer.a])")
        assert answers == [[k, "accepted"] for k in keys]
        place.kill()
        units = {code: f"u{i}" for i, code in enumerate(CODES, 1)}
        wanted = [(units[code], aspect, k) for (code, aspect, _), k in zip(taps, keys, strict=True)]
        assert marked(place, "s2") == wanted, "all, once, in the order of the taps"
        last = {(units[code], aspect, "s2", 1): value for code, aspect, value in taps}
        assert {cell: value for cell, value in place.cells().items() if cell in last} == last


def test_forty_taps_in_a_black_hole_arrive_once_and_in_order(tmp_path: Path, chromium: Browser) -> None:
    """The page's clock is moved on: the three minutes are minutes for the page alone."""

    def passes(page: Page, milliseconds: int) -> None:
        page.clock.run_for(milliseconds)

    forty_taps(tmp_path, chromium, passes, own_clock=True)


@pytest.mark.long
def test_forty_taps_in_a_black_hole_of_three_real_minutes(tmp_path: Path, chromium: Browser) -> None:
    def passes(page: Page, milliseconds: int) -> None:
        page.wait_for_timeout(milliseconds)  # the time itself is what is tested

    forty_taps(tmp_path, chromium, passes)


def test_a_browser_killed_in_a_black_hole_loses_none_of_five_marks(tmp_path: Path, chromium: Browser) -> None:
    """kill -9 with five marks on the tablet and a line that swallowed them: all five arrive, once."""
    profile = tmp_path / "profile"
    taps = [("A11", f"A1.J{i}", value) for i, value in zip(range(1, 5), "3210", strict=True)]
    taps.append(("A14", "A1.J1", "2"))
    with hall(tmp_path, front=FRONT) as place, proxy(place.port) as line:
        with own_chromium(chromium, profile) as own:
            page = own.context.new_page()
            page.goto(place.link("s2"))
            page.wait_for_url("**/seat")
            expect(page.locator(".cand").first).to_be_visible()
            own.close()
        with own_chromium(chromium, profile) as own:
            page = own.context.new_page()
            page.goto(f"{place.url}/seat?lang=en")
            page.wait_for_function("() => compsys.link.up")
            line.swallow()
            for code, aspect, value in taps:
                tap(page, code, aspect, value)
            expect(page.locator("#top")).to_contain_text(t("link.pending", n=5))
            keys = page.evaluate("() => compsys.model.records.map((one) => one.k)")
            own.kill()
        line.restore()
        with own_chromium(chromium, profile) as own:
            page = own.context.new_page()
            page.goto(f"{place.url}/seat")
            page.wait_for_function("() => compsys.link.up")
            received_in(page)
            answers = page.evaluate("() => compsys.model.records.map((one) => [one.k, one.answer.a])")
            assert answers == [[k, "accepted"] for k in keys]
            go(page, "A14")
            page.evaluate("() => compsys.goAspect('A1.J1')")
            expect(page.locator(".keys [aria-checked=true]")).to_have_attribute("data-value", "2")
        place.kill()
        units = {"A11": "u1", "A14": "u2"}
        wanted = [(units[code], aspect, k) for (code, aspect, _), k in zip(taps, keys, strict=True)]
        assert marked(place, "s2") == wanted, "all, once, in the order of the taps"
        cells = place.cells()
        assert [cells[units[code], aspect, "s2", 1] for code, aspect, _ in taps] == ["3", "2", "1", "0", "2"]
