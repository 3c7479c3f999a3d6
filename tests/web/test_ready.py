"""A tablet before its first use: the fingerprint to compare, the steps, its test of itself, old browsers."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from cryptography import x509
from playwright.sync_api import Browser, Page, expect

from compsys import certificates, words
from tests.conftest import CHROMIUM_FLAGS, chromium_path
from tests.web.hall import Hall, hall
from tests.web.own_browser import own_chromium
from tests.web.seat_pages import t
from tests.web.test_plain_http import MAPPED
from tests.web.test_tls import LANGUAGE, TlsHall, needs_certutil, tls_hall, trusting_home

TESTS = ("browser", "storage", "clock", "tls", "worker", "awake")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsHall]:
    """A hall with TLS that these tests share."""
    with tls_hall(tmp_path_factory.mktemp("hall")) as made:
        yield made


@pytest.fixture(scope="module")
def mapped(chromium: Browser) -> Iterator[Browser]:
    """A browser that finds the venue by its name."""
    flags = [*CHROMIUM_FLAGS, MAPPED]
    made = chromium.browser_type.launch(executable_path=chromium_path(), args=flags)
    yield made
    made.close()


def outcome(page: Page) -> dict[str, str]:
    """How each row of the test came out, once all have."""
    page.wait_for_function("() => !document.querySelector('.test[data-state=wait]')")
    return {one: page.locator(f"#test-{one}").get_attribute("data-state") or "" for one in TESTS}


def test_the_root_is_served_as_systems_install_it(place: TlsHall) -> None:
    """And the page shows the words that belong to it, in both languages."""
    with urllib.request.urlopen(f"{place.direct}/ready/venue.crt", timeout=30) as told:
        assert told.headers["content-type"] == "application/x-x509-ca-cert"
        root = x509.load_der_x509_certificate(told.read())
    assert root == certificates.read(place.folder / "tls" / "root.crt")
    digest = certificates.fingerprint(root)
    for lang in words.LANGS:
        asked = urllib.request.Request(f"{place.direct}/ready?lang={lang}")
        with urllib.request.urlopen(asked, timeout=30) as told:
            text = told.read().decode()
        shown = re.findall(r"<li>([^<]+)</li>", text.partition("print__words")[2].partition("</ol>")[0])
        assert tuple(shown) == certificates.words(digest, lang)
        assert digest.hex(" ", 2).upper() in text


def test_the_terminal_shows_the_same_words(place: TlsHall) -> None:
    assert place.server is not None and place.server.stdout is not None
    root = certificates.read(place.folder / "tls" / "root.crt")
    assert root is not None
    said = ""
    while "SHA-256" not in said:
        said += place.server.stdout.readline()
    assert " ".join(certificates.words(certificates.fingerprint(root), "en")) in said
    assert f"{place.plain}/ready" in said


@pytest.mark.browser
@pytest.mark.parametrize("lang", words.LANGS)
def test_each_platform_has_its_steps_with_drawings(place: TlsHall, mapped: Browser, lang: str) -> None:
    page = mapped.new_context(locale=lang, viewport={"width": 800, "height": 1280}).new_page()
    for platform in ("ipados", "android", "windows"):
        page.goto(f"{place.plain}/ready?for={platform}")
        expect(page.locator(".todo > li svg.drawing")).to_have_count(5)
        expect(page.locator(".todo")).to_contain_text(words.todo(f"ready.{platform}.trust", lang))
        assert outcome(page)["storage"] == "ok"
        rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
        found = Axe().run(page, options=rules).response["violations"]
        assert [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found] == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("() => document.documentElement.scrollWidth") == 320
    page.context.close()


@pytest.mark.browser
def test_on_plain_http_a_tablet_is_ready_with_less(place: TlsHall, mapped: Browser) -> None:
    page = mapped.new_context(locale="en").new_page()
    page.goto(f"{place.plain}/ready")
    assert outcome(page) == dict.fromkeys(TESTS[:3], "ok") | dict.fromkeys(TESTS[3:], "part")
    expect(page.locator("#sum b:visible")).to_contain_text(t("ready.sum.part"))
    expect(page.get_by_role("link", name=t("ready.open_button"))).to_have_attribute(
        "href", f"{place.url}/ready"
    )
    page.context.close()


@pytest.mark.browser
@needs_certutil
def test_a_tablet_that_trusts_the_root_passes_all_of_it(
    place: TlsHall, tmp_path: Path, chromium: Browser
) -> None:
    home = trusting_home(place, tmp_path / "home")
    with own_chromium(chromium, tmp_path / "profile", MAPPED, LANGUAGE, home=home) as own:
        page = own.context.new_page()
        page.goto(f"{place.url}/ready")
        assert outcome(page) == dict.fromkeys(TESTS, "ok")
        expect(page.locator("#sum b:visible")).to_contain_text(t("ready.sum.ok"))


@pytest.mark.browser
def test_a_wrong_clock_and_a_database_that_takes_nothing_are_told(place: TlsHall, mapped: Browser) -> None:
    page = mapped.new_context(locale="en").new_page()
    page.add_init_script("const now = Date.now; Date.now = () => now() + 300000;")
    page.add_init_script("IDBObjectStore.prototype.put = () => { throw new DOMException('full'); };")
    page.goto(f"{place.plain}/ready")
    found = outcome(page)
    assert (found["clock"], found["storage"]) == ("no", "no")
    expect(page.locator("#skew")).to_have_text(re.compile(r"^\+(299|300|301) s$"))
    expect(page.locator("#test-clock")).to_contain_text(words.todo("ready.clock.no", "en"))
    expect(page.locator("#sum b:visible")).to_contain_text(t("ready.sum.no"))
    page.context.close()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A hall without TLS."""
    with hall(tmp_path_factory.mktemp("plain")) as made:
        yield made


@pytest.mark.browser
def test_a_browser_that_is_too_old_is_told_so(plain: Hall, chromium: Browser) -> None:
    """On the judge's page instead of an empty one, and by the test of itself."""
    context = chromium.new_context(locale="en")
    context.add_init_script("delete Array.prototype.toSorted;")
    page = context.new_page()
    page.goto(f"{plain.url}/ready")
    assert outcome(page)["browser"] == "no"
    expect(page.locator("#sum b:visible")).to_contain_text(t("ready.sum.no"))
    page.goto(plain.link("s2"))
    page.wait_for_url("**/seat")
    expect(page.get_by_role("alert")).to_contain_text(t("ready.too_old"))
    expect(page.locator("#main")).to_have_count(0)
    context.close()


def test_without_tls_there_is_nothing_to_install(plain: Hall) -> None:
    with urllib.request.urlopen(f"{plain.url}/ready?lang=en", timeout=30) as told:
        text = told.read().decode()
    assert t("ready.no_tls").partition(". ")[0] in text and "venue.crt" not in text
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{plain.url}/ready/venue.crt", timeout=30)
    with refused.value:
        assert refused.value.code == 404


def test_what_tells_old_browsers_is_written_for_them() -> None:
    """No syntax of after 2009 in the scripts that an old browser must read."""
    folder = Path(__file__).parents[2] / "web" / "static"
    for name in ("gate.js", "ready.js"):
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", (folder / name).read_text("utf-8"), flags=re.S)
        new = r"=>|`|\b(const|let|class|async|await|import|export)\b|\?\.|\?\?|\.\.\."
        assert re.search(new, code) is None, name
