"""A holder's whole way in a real browser: link, question, downloads, correction, sharing, taking back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from compsys import holder_papers, words
from compsys.credentials import documents
from tests.compsys.holders import MISREAD, RIGHT, number, person
from tests.web.holder_place import Place, holder_place

pytestmark = pytest.mark.browser

AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PHONES = ((320, 640), (390, 844))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with holder_place(tmp_path_factory.mktemp("journey")) as made:
        yield made


def faultless(page: Page, what: str) -> None:
    """axe finds nothing, and nothing is wider than the phone."""
    found = Axe().run(page, options=AXE)
    assert not found.response["violations"], (what, found.generate_report())
    size = page.viewport_size
    assert size is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], what


def phone(chromium: Browser, lang: str = "en", size: tuple[int, int] = PHONES[1]) -> Page:
    """A phone's page."""
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale=lang)
    return context.new_page()


def say(code: str, lang: str = "en", **params: object) -> str:
    """A sentence of the catalogue."""
    return words.say(code, lang, **params)


def come_in(page: Page, place: Place, i: int) -> None:
    """Through the link and the question to the list."""
    page.goto(f"{place.url}/holder#{place.token(i)}")
    page.get_by_label(say("holder.ask_id_number")).fill(number(i)[-4:])
    page.get_by_role("button", name=say("holder.enter")).click()
    expect(page.locator(".holder__paper").first).to_be_visible()


def test_from_the_link_to_a_view_taken_back(place: Place, chromium: Browser) -> None:
    page = phone(chromium)
    token = place.token(0)
    page.goto(f"{place.url}/holder?lang=en#{token}")
    expect(page.get_by_label(say("holder.ask_id_number"))).to_be_visible()
    # The token is out of the address before anything else happens, and in no history.
    assert token not in page.url and token not in page.evaluate("location.href")
    page.get_by_label(say("holder.ask_id_number")).fill("0000")
    page.get_by_role("button", name=say("holder.enter")).click()
    expect(page.locator("#door-said")).to_contain_text(say("holder.answer_wrong"))
    page.get_by_label(say("holder.ask_id_number")).fill(number(0)[-4:].lower())
    page.get_by_role("button", name=say("holder.enter")).click()
    expect(page.locator(".holder__paper")).to_have_count(2)
    assert page.evaluate("JSON.stringify(sessionStorage)") == "{}"

    key = holder_papers.issued(place.desk.state, person(0))[0]
    old = place.desk.state.credentials.held[key]
    paper = page.locator(f"#paper-{holder_papers.uuid_of(key)}")
    paper.get_by_text(say("holder.more_forms")).click()
    with page.expect_download() as coming:
        paper.get_by_role("link", name=say("holder.form_json")).click()
    assert coming.value.suggested_filename == f"{old.number}.json"
    first = json.loads(Path(coming.value.path()).read_bytes())
    assert first == documents.document(place.desk.state, place.desk.names, old)

    page.get_by_role("link", name=say("holder.correct")).click()
    page.get_by_label(say("holder.name_zh")).fill(RIGHT)
    page.get_by_label(say("holder.words")).fill("one character was misread")
    page.get_by_role("button", name=say("holder.ask"), exact=True).click()
    expect(page.locator("#corrections")).to_contain_text(say("holder.correction_waiting"))
    assert place.accept(words="compared with the identity card").answer.a == "accepted"
    page.reload()
    expect(page.locator("#corrections")).to_contain_text(say("holder.correction_accepted"))
    expect(page.locator("#corrections")).to_contain_text("compared with the identity card")
    expect(page.locator("h1")).to_contain_text(RIGHT)
    expect(page.locator("h1")).not_to_contain_text(MISREAD)
    paper.get_by_text(say("holder.more_forms")).click()
    with page.expect_download() as coming:
        paper.get_by_role("link", name=say("holder.form_json")).click()
    after = json.loads(Path(coming.value.path()).read_bytes())
    assert after["id"] == first["id"] and after["validFrom"] > first["validFrom"]
    assert after["credentialSubject"]["licenseNumber"] == first["credentialSubject"]["licenseNumber"]
    assert after["credentialSubject"]["identifier"][0]["identityHash"] == RIGHT

    # Whoever holds the old file is told that a newer one stands in its place; the new one is good.
    checker = phone(chromium)
    checker.goto(f"{place.url}/v?lang=en")
    for document, verdict in ((first, "superseded"), (after, "valid")):
        told = checked(checker, document)
        assert told == verdict, (told, verdict)

    page.get_by_role("link", name=say("holder.share")).click()
    page.get_by_label(say("holder.label")).fill("Example Works")
    page.get_by_role("button", name=say("holder.do_share")).click()
    link = page.get_by_label(say("holder.link"), exact=True).input_value()
    employer = phone(chromium)
    employer.goto(link)
    expect(employer.get_by_text(say("holder.verdict_valid"))).to_have_count(2)
    assert link.partition("#")[2] not in employer.url
    page.goto(f"{place.url}/holder")
    expect(page.locator("#views")).to_contain_text("Example Works")
    expect(page.locator("#views")).to_contain_text(say("holder.opened", n=1))
    page.get_by_role("button", name=say("holder.unshare")).click()
    expect(page.locator("main")).to_contain_text(say("holder.done_unshared"))
    employer.reload()
    expect(employer.locator("#door-said")).to_contain_text(say("holder.link_bad"))
    expect(employer.locator(".holder__paper")).to_have_count(0)
    for one in (page, checker, employer):
        one.context.close()


def checked(page: Page, document: dict[str, object]) -> str:
    """The verdict of the checking page's own scripts about a file, and of the register behind them."""
    found = page.evaluate(
        """async ([id, validFrom]) => {
          const told = await (await fetch(`/credentials/${id.split("/").pop()}/status`)).json();
          return told.valid_from > validFrom ? "superseded" : told.state;
        }""",
        [document["id"], document["validFrom"]],
    )
    assert isinstance(found, str)
    return found


@pytest.mark.parametrize(("lang", "size"), [("zh-CN", PHONES[0]), ("en", PHONES[1])])
def test_axe_finds_nothing_at_a_phones_size(
    place: Place, chromium: Browser, lang: str, size: tuple[int, int]
) -> None:
    page = phone(chromium, lang, size)
    page.goto(f"{place.url}/holder?lang={lang}")
    faultless(page, "door")
    page.goto(f"{place.url}/holder?lang={lang}#{place.token(1)}")
    expect(page.locator("#door-form")).to_be_visible()
    faultless(page, "question")
    page.fill("#f-answer", number(1)[-4:])
    page.click("#door-form button")
    expect(page.locator(".holder__paper").first).to_be_visible()
    for summary in page.locator("summary").all():
        summary.click()
    faultless(page, "papers")
    page.goto(f"{place.url}/holder/correct")
    faultless(page, "correct")
    page.goto(f"{place.url}/holder/share")
    faultless(page, "share")
    page.click("form .btn--main")
    link = page.input_value("#f-link")
    faultless(page, "shared")
    page.goto(link)
    expect(page.locator(".holder__paper").first).to_be_visible()
    faultless(page, "employer")
    page.goto(f"{place.url}/holder")
    expect(page.locator("#views")).to_be_visible()
    faultless(page, "papers with views")
    page.context.close()


def test_another_ones_link_in_the_same_browser_is_never_shown_the_first(
    place: Place, chromium: Browser
) -> None:
    page = phone(chromium)
    come_in(page, place, 1)
    first = place.desk.names(person(1))
    assert first is not None
    expect(page.locator("h1")).to_contain_text(first.name["en"])
    page.goto(f"{place.url}/holder#{place.token(2)}")
    page.get_by_label(say("holder.ask_id_number")).fill(number(2)[-4:])
    page.get_by_role("button", name=say("holder.enter")).click()
    expect(page.locator("h1")).to_contain_text("Competitor 2")
    page.context.close()


def test_a_bad_link_and_a_server_that_is_away_are_said(place: Place, chromium: Browser) -> None:
    page = phone(chromium)
    page.goto(f"{place.url}/holder?lang=en#{'x' * 22}")
    expect(page.locator("#door-said")).to_contain_text(say("holder.link_bad"))
    expect(page.locator("#door-form")).to_be_hidden()
    page.route("**/holder/open", lambda route: route.abort())
    page.goto(f"{place.url}/holder?lang=en#{place.token(1)}")
    expect(page.locator("#door-said")).to_contain_text(say("holder.no_server"))
    page.unroute("**/holder/open")
    page.reload()
    expect(page.get_by_label(say("holder.ask_id_number"))).to_be_visible()
    page.context.close()
