"""The judge's guide, printed: two pages of A4 in each language, every picture there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

GUIDES = Path(__file__).parents[2] / "docs" / "judges"

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_guide_is_two_printed_pages_with_its_pictures(chromium: Browser, lang: str) -> None:
    page = chromium.new_page()
    page.goto((GUIDES / f"guide-{lang}.html").as_uri())
    shown = page.eval_on_selector_all("img", "all => all.map((one) => one.naturalWidth > 0)")
    assert shown and all(shown)
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2
    page.close()
