"""The medal table of an edition with long names, in a real browser: nothing runs out of its box."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from compsys.national import Shape
from tests.house import ROOT
from tests.journeys.test_national import SEED, played

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An edition of two trades, which every delegation enters, played and served."""
    where = tmp_path_factory.mktemp("look") / "national"
    played(where, SEED, Shape(("w17", "g04"), 72, 8))
    command = [sys.executable, "-m", "compsys", "serve", str(where), "--port", "0"]
    environment = os.environ | {"COMPSYS_LANG": "en"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield next(line.strip() for line in server.stdout if "http" in line).rstrip("/")
        server.terminate()


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_all_delegations_stand_in_the_medal_table_with_their_medals(
    url: str, lang: str, chromium: Browser
) -> None:
    page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"{url}/medals?lang={lang}")
    assert page.locator("[data-part=ranked] > tr").count() == 36
    table = page.locator("[data-part=table]")
    assert table.evaluate("box => box.scrollWidth <= box.clientWidth"), (
        "the points column runs out of its box"
    )
    page.set_viewport_size({"width": 360, "height": 780})
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    bronze = page.locator("[data-part=ranked] > tr:first-child td.num").nth(2).bounding_box()
    assert bronze is not None and bronze["x"] + bronze["width"] <= 360, "medals are seen on a phone at once"
    aside = page.locator("[data-part=recent]")
    assert aside.evaluate(
        "box => [...box.querySelectorAll('*')].every(e => e.getBoundingClientRect().right <= innerWidth)"
    )
    page.context.close()
