"""An employer checks a certificate with a phone: with a network, without one, by QR, number and file."""

from __future__ import annotations

import base64
import json
import re
import struct
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from compsys import commands_credentials as c
from compsys import words
from compsys.commands_papers import KeepDictionaries
from compsys.credentials import jcs, known, papers, proofs, qr
from compsys.credentials.certificate import Paper
from compsys.credentials.typesetting import Press
from compsys.state_credentials import Credential
from tests.compsys.credential_cases import packed
from tests.web.certified_office import Office, office

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office that these tests share."""
    with office(tmp_path_factory.mktemp("office"), count=4) as made:
        yield made


@pytest.fixture(scope="module")
def rows(place: Office) -> list[Credential]:
    """Its level certificates, the best first; each test takes one of its own."""
    return place.wait(place.issued())


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A phone in English whose page says no error."""
    context = chromium.new_context(locale="en", viewport=PHONE)  # type: ignore[arg-type]  # a size
    said: list[str] = []
    made = context.new_page()
    made.on("pageerror", lambda error: said.append(str(error)))
    yield made
    context.close()
    assert said == []


def link(place: Office, credential: Credential) -> str:
    """What its QR code says."""
    document = place.wait(place.document(credential))
    return f"{place.url}/v#{packed(proofs.only(document, proofs.JCS))}"


def says(page: Page, code: str) -> Any:
    """The verdict that a page comes to, which must be of a code."""
    found = page.locator(f"[data-code={code}]")
    expect(found).to_be_visible()
    return found


def fetched(
    url: str, method: str = "GET", body: Any = None, **headers: str
) -> tuple[int, Any, dict[str, str]]:
    """(status, JSON, headers) of an address."""
    origin = url.split("/v")[0].split("/credentials")[0]
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data, {"Origin": origin, **headers}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=20) as told:
            return told.status, json.loads(told.read()), dict(told.headers)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}"), dict(error.headers)


def ready_offline(page: Page, place: Office, least: int = 3) -> None:
    """The page was open once with a network; its worker holds it, and at least so many things to check by."""
    page.goto(f"{place.url}/v")
    page.evaluate("() => navigator.serviceWorker.ready")
    page.wait_for_function("() => navigator.serviceWorker.controller")
    page.wait_for_function(
        "async (least) => (await (await caches.open('check-data')).keys()).length >= least", arg=least
    )


def test_a_qr_code_is_checked_with_the_network_cut(place: Office, rows: list[Credential], page: Page) -> None:
    """Nothing but what the device holds: the page, the keys and the status list, which tells its age."""
    ready_offline(page, place)
    page.context.set_offline(True)
    page.goto(link(place, rows[0]))
    found = says(page, "valid")
    expect(found).to_contain_text("Skill-level certificate: Welder")
    expect(found).to_contain_text(words.say("check.level.2", "en"))
    expect(found).to_contain_text(words.say("check.register_silent", "en"))
    expect(found).to_contain_text("Not named in the status list of")
    expect(page.locator("[data-part=offline]")).to_be_visible()
    page.goto(f"{place.url}/v?lang=zh-CN#{link(place, rows[0]).partition('#')[2]}")
    expect(says(page, "valid")).to_contain_text("二级/技师")
    page.locator("[data-part=again]").click()
    page.locator("[data-part=number]").fill(rows[0].number)
    page.locator("[data-part=name]").fill("选手0")
    page.locator("[data-part=by-number] button").click()
    says(page, "number_offline")
    page.context.set_offline(False)


def test_a_revocation_shows_at_once_online_and_by_the_lists_age_offline(
    place: Office, rows: list[Credential], page: Page
) -> None:
    target = link(place, rows[1])
    ready_offline(page, place)
    page.goto(target)
    says(page, "valid")
    place.wait(place.move(rows[1], "suspended"))
    page.reload()
    says(page, "suspended")
    place.wait(place.move(rows[1], "reinstated"))
    page.reload()
    says(page, "valid")
    page.context.set_offline(True)
    place.wait(place.move(rows[1], "revoked"))
    page.reload()
    says(page, "valid")  # as of the list that it holds, and it says so
    page.context.set_offline(False)
    page.reload()
    says(page, "revoked")
    page.context.set_offline(True)
    page.reload()
    says(page, "revoked_list")
    page.context.set_offline(False)


def test_number_and_name_together_show_it_and_nothing_else_does(
    place: Office, rows: list[Credential], page: Page
) -> None:
    page.goto(f"{place.url}/v")

    def look_up(number: str, name: str) -> None:
        page.locator("[data-part=number]").fill(number)
        page.locator("[data-part=name]").fill(name)
        page.locator("[data-part=by-number] button").click()

    look_up("ｓ" + rows[0].number[1:10] + " " + rows[0].number[10:], " 选手 0 ")
    expect(says(page, "valid")).to_contain_text(rows[0].number)
    look_up(rows[0].number, "选手1")
    says(page, "number_unknown")
    expect(page.locator("[data-part=verdict]")).not_to_contain_text("选手")
    # A number that never was, one with another's name: the same answer, to the byte.
    ask = f"{place.url}/v/number"
    unknown = fetched(ask, "POST", {"number": rows[0].number[:-1] + "9", "name": "选手0"})
    wrong = fetched(ask, "POST", {"number": rows[0].number, "name": "选手1"})
    empty = fetched(ask, "POST", {"number": rows[0].number, "name": ""})
    assert unknown[:2] == wrong[:2] == empty[:2] == (200, {"code": "number_unknown", "params": {}})


def chunk(kind: bytes, data: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def files_of(document: dict[str, Any]) -> dict[str, bytes]:
    """The certificate as files of each kind that people have."""
    text = jcs.canonical(document)
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    baked = chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0" + text)
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">'
        f"<openbadges:credential><![CDATA[{text.decode()}]]></openbadges:credential></svg>"
    )
    return {
        "c.json": b"\xef\xbb\xbf" + json.dumps(document, indent=2, ensure_ascii=False).encode(),
        "c.png": head + baked + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b""),
        "c.svg": drawing.encode(),
        "c.pdf": b"%PDF-1.7\n1 0 obj\n<</Type /EmbeddedFile /Filter /FlateDecode /Length 9>>\nstream\n"
        + zlib.compress(text)
        + b"\nendstream\nendobj\n",
    }


def test_files_and_pasted_texts_are_checked(place: Office, rows: list[Credential], page: Page) -> None:
    document = place.wait(place.document(rows[2]))
    page.goto(f"{place.url}/v")
    for name, data in files_of(document).items():
        page.locator("[data-part=file]").set_input_files(
            [{"name": name, "mimeType": "application/octet-stream", "buffer": data}]
        )
        expect(says(page, "valid")).to_contain_text(rows[2].number)
        page.locator("[data-part=again]").click()
        expect(page.locator("[data-verdict]")).to_have_count(0)
    empty = {"name": "x.png", "mimeType": "image/png", "buffer": base64.b64decode(b"iVBORw0KGgo=")}
    page.locator("[data-part=file]").set_input_files([empty])  # type: ignore[list-item]  # a payload
    says(page, "no_qr")
    page.locator("details summary").first.click()
    document["credentialSubject"]["result"][1]["value"] = "99.99"
    page.locator("[data-part=text]").fill(json.dumps(document))
    page.locator("[data-part=by-text] button").click()
    found = says(page, "altered")
    expect(found).not_to_contain_text("99.99")
    page.locator("[data-lang-switch]").click()
    expect(says(page, "altered")).to_contain_text(words.say("check.altered", "zh-CN"))


@pytest.mark.parametrize("lang", words.LANGS)
def test_the_page_is_accessible_and_fits_a_small_phone(
    place: Office, rows: list[Credential], chromium: Browser, lang: str
) -> None:
    context = chromium.new_context(locale=lang, viewport={"width": 320, "height": 640})
    page = context.new_page()
    for where in (f"{place.url}/v", link(place, rows[2]), f"{place.url}/v#1.0.AAAA"):
        page.goto("about:blank")
        page.goto(where)
        if "#" in where:
            expect(page.locator("[data-verdict]")).to_be_visible()
        expect(page.locator("[data-part=holds]")).not_to_be_empty()
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found] == []
        assert page.evaluate("() => document.documentElement.scrollWidth") == 320
        # What the worker keeps in both languages changes nobody's own.
        assert page.evaluate("() => document.documentElement.lang") == lang
        page.evaluate("() => navigator.serviceWorker.ready")
    context.close()


def test_addresses_of_a_certificate_answer_people_and_programs(
    place: Office, rows: list[Credential], page: Page
) -> None:
    document = place.wait(place.document(rows[0]))
    path = document["id"].removeprefix("https://c.example")
    assert fetched(place.url + path, Accept="application/json")[:2] == (200, document)
    page.goto(place.url + path)
    expect(says(page, "valid")).to_contain_text(rows[0].number)
    issuer = fetched(f"{place.url}/issuers/centre")[1]
    assert document["proof"][0]["verificationMethod"] in issuer["assertionMethod"]
    assert fetched(f"{place.url}/issuers/centre/did.json")[1]["id"] == "did:web:c.example:issuers:centre"
    sheet = document["evidence"][0]["id"].removeprefix("https://c.example")
    assert fetched(place.url + sheet)[1]["format"] == "compsys-result-sheet/1"
    assert fetched(place.url + sheet[:-1] + "0")[0] in (200, 404)
    achieved = document["credentialSubject"]["achievement"]
    assert fetched(place.url + achieved["id"].removeprefix("https://c.example"))[1] == achieved
    listed = fetched(f"{place.url}/status/centre/1")[1]
    assert known.stale(listed, "", listed["validFrom"]) is False


def test_what_was_not_issued_is_as_if_it_were_not(place: Office, rows: list[Credential]) -> None:
    """Unknown ids, lists, sheets, achievements, issuers: each one answer, which names nothing."""
    some = "5f2c9a84-0b7e-4d15-8a36-c1e07d94b2f8"
    assert fetched(f"{place.url}/credentials/{some}", Accept="application/json")[0] == 404
    told = fetched(f"{place.url}/credentials/{some}/status")[1]
    assert (told["state"], told["since"], told["valid_from"]) == ("unknown", "", "")
    # A number is no id here: it would show a person without the name.
    for what in (rows[0].number, rows[0].id):
        assert fetched(f"{place.url}/credentials/{what}", Accept="application/json")[0] == 404
        assert fetched(f"{place.url}/credentials/{what}/status")[1]["state"] == "unknown"
    gone = [
        "/status/centre/9", "/status/nobody/1", "/status/centre/x", "/issuers/nobody", "/dictionaries/0",
        "/dictionaries/" + "0" * 64, "/ach/centre/nothing/v1",
        "/ach/centre/c-test-weld-final-open-level-2/v9",
        f"/results/weld/final/open/v2/sha256-{'0' * 64}", f"/results/weld/final/none/v1/sha256-{'0' * 64}",
    ]  # fmt: skip
    assert {fetched(place.url + path, Accept="application/json")[0] for path in gone} == {404}


def test_nothing_of_a_person_is_in_what_the_page_itself_loads(place: Office, rows: list[Credential]) -> None:
    """The page, the pinned issuers, the lists: no name, no number, no count."""
    with urllib.request.urlopen(f"{place.url}/v", timeout=20) as told:
        html = told.read().decode()
    data = json.dumps(fetched(f"{place.url}/v/trust.json")[1], ensure_ascii=False)
    listed = json.dumps(fetched(f"{place.url}/status/centre/1")[1])
    for text in (html, data, listed):
        assert "选手" not in text and rows[0].number not in text
        assert not re.search(rows[0].id[:8], text)


def test_a_key_that_others_had_refuses_all_it_signed_and_numbers_are_not_counted_through(
    tmp_path: Path, page: Page
) -> None:
    with office(tmp_path, count=2) as place:
        first = place.wait(place.issued())[0]
        page.goto(link(place, first))
        says(page, "valid")
        reason = {"reason": "stolen laptop", "confirmed_by": "qian"}
        place.wait(place.do(c.MoveKey(issuer="centre", key=first.slice.key, move="revoked", **reason)))  # type: ignore[arg-type]  # texts
        page.reload()
        found = says(page, "key_revoked")
        expect(found).not_to_contain_text(first.number)
        ask = f"{place.url}/v/number"
        told = [fetched(ask, "POST", {"number": f"S0000370000422620{n:06}", "name": "x"}) for n in range(14)]
        assert told[0][1]["code"] == "number_unknown"
        assert told[-1][0] == 429 and int(told[-1][2]["retry-after"]) > 0
        assert told[-1][1]["code"] == "check.asks_too_often"


def test_a_printed_page_is_read_and_checked_with_the_network_cut(
    place: Office, rows: list[Credential], page: Page
) -> None:
    """From the PDF's own picture to the verdict: what a camera reads, with the dictionary kept before."""
    row = rows[0]
    place.wait(place.do(KeepDictionaries(credentials=(row.id,))))
    document = place.wait(place.document(row))
    words_of_qr = papers.dictionary(place.desk.state, row)
    address = qr.address("https://c.example", document, words_of_qr)
    assert len(address) < 600
    with Press() as press:
        made = press.print([Paper(jcs.canonical(document), "level", address, "https://c.example/v")])
    assert isinstance(made, bytes), made
    image = pypdfium2.PdfDocument(made)[0].render(scale=150 / 72).to_pil()
    seen = zxingcpp.read_barcodes(image)
    assert [one.text for one in seen] == [address]
    ready_offline(page, place, 4)
    page.context.set_offline(True)
    page.goto(f"{place.url}/v#{seen[0].text.partition('#')[2]}")
    expect(says(page, "valid")).to_contain_text(row.number)
    page.locator("[data-part=again]").click()
    # The same page as a file: its attachment is the whole signed credential.
    page.locator("[data-part=file]").set_input_files(
        [{"name": "c.pdf", "mimeType": "application/pdf", "buffer": made}]
    )
    expect(says(page, "valid")).to_contain_text(row.number)
    page.context.set_offline(False)
