"""Certificates at a server for spectators: checked on the phone, with what the desk publishes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from compsys.state_credentials import Credential
from tests.redis_server import redis_server
from tests.web.certified_office import Office, office
from tests.web.public_process import Process, public
from tests.web.test_credential import fetched, link, says

pytestmark = pytest.mark.browser


class Place(NamedTuple):
    """A desk with certificates, and a spectators' server that has never seen its directory."""

    desk: Office
    far: Process
    rows: list[Credential]

    def link(self, row: Credential) -> str:
        """What a QR code would say if it named the spectators' server."""
        return f"{self.far.url}/v#{link(self.desk, row).partition('#')[2]}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Both, and Redis between them."""
    folder = tmp_path_factory.mktemp("public")
    with (
        redis_server(folder / "redis") as redis,
        office(folder, count=4, change=lambda s: replace(s, redis=redis.url, role="desk")) as desk,
        public(folder / "empty", redis.url) as far,
    ):
        yield Place(desk, far, desk.wait(desk.issued()))


def until_listed(place: Place, page: Page, row: Credential, code: str) -> None:
    """Load the page again until what the desk publishes has come."""
    for _ in range(60):
        page.goto("about:blank")
        page.goto(place.link(row))
        expect(page.locator("[data-verdict]")).to_be_visible()
        if page.locator(f"[data-code={code}]").count():
            return
        page.wait_for_timeout(250)
    says(page, code)


def test_the_phone_checks_with_what_the_desk_published(place: Place, chromium: Browser) -> None:
    page = chromium.new_context(locale="en").new_page()
    until_listed(place, page, place.rows[0], "valid")
    expect(says(page, "valid")).to_contain_text("Not named in the status list of")
    place.desk.wait(place.desk.move(place.rows[0], "revoked"))
    until_listed(place, page, place.rows[0], "revoked_list")
    page.goto(f"{place.far.url}/v")
    page.locator("[data-part=number]").fill(place.rows[1].number)
    page.locator("[data-part=name]").fill("选手1")
    page.locator("[data-part=by-number] button").click()
    says(page, "number_elsewhere")
    page.context.close()


def test_it_serves_the_very_documents_of_the_desk_and_has_no_register(place: Place) -> None:
    assert fetched(f"{place.far.url}/v/trust.json")[1]["register"] is False
    near, far = (fetched(f"{url}/issuers/centre")[1] for url in (place.desk.url, place.far.url))
    assert near == far
    listed = fetched(f"{place.far.url}/status/centre/1")[1]
    assert listed["id"] == "https://c.example/status/centre/1" and len(listed["proof"]) == 2
    document = place.desk.wait(place.desk.document(place.rows[1]))
    path = document["id"].removeprefix("https://c.example")
    told = fetched(place.far.url + path, Accept="application/json")
    assert told[:2] == (404, {"code": "check.number_elsewhere", "params": {}})
    assert place.far.ask("GET", f"{path}/status")[0] == 404
    assert place.far.ask("POST", "/v/number")[0] in (403, 404, 405)
