"""TLS with the venue's own certificate: a trusting browser has all of it, another one goes on without."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.web.hall import Hall, competition
from tests.web.own_browser import free_port, own_chromium
from tests.web.seat_pages import received, received_in, t
from tests.web.test_plain_http import MAPPED, NAME
from tests.web.test_seat_lock import PIN
from tests.web.test_seat_shared import OTHER, at_work, listed, row
from tests.web.venue import Recorded

CERTUTIL = shutil.which("certutil")
LANGUAGE = "--lang=en"


class TlsHall(Hall):
    """A hall with TLS: ``url`` is where it is reached by it, ``plain`` where without."""

    tls_port = 0

    @property
    def url(self) -> str:
        return f"https://{self.front}:{self.tls_port}"

    @property
    def plain(self) -> str:
        """Where browsers find it by plain http."""
        return f"http://{self.front}:{self.port}"


@contextmanager
def tls_hall(folder: Path, world: Recorded | None = None) -> Iterator[TlsHall]:
    """A running hall under the venue's own certificate."""
    made = TlsHall(folder, world or competition(), front=NAME)
    made.tls_port = free_port()
    made.options = ("--tls", "venue", "--tls-port", str(made.tls_port))
    made.start()
    try:
        yield made
    finally:
        if made.server is not None:
            made.kill()


def trusting_home(place: TlsHall, home: Path) -> Path:
    """A home in which browsers trust the venue's root, as after installing it."""
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    where = ["-d", f"sql:{database}"]
    subprocess.run(["certutil", "-N", *where, "--empty-password"], check=True)
    root = str(place.folder / "tls" / "root.crt")
    subprocess.run(["certutil", "-A", *where, "-t", "C,,", "-n", "venue", "-i", root], check=True)
    return home


def test_both_addresses_serve_and_neither_writes_for_the_other(tmp_path: Path) -> None:
    with tls_hall(tmp_path) as place:
        context = ssl.create_default_context(cafile=place.folder / "tls" / "root.crt")
        with (
            socket.create_connection(("127.0.0.1", place.tls_port)) as line,
            context.wrap_socket(line, server_hostname=NAME) as safe,
        ):
            assert safe.version() in ("TLSv1.2", "TLSv1.3")
            ask = f"GET /seat HTTP/1.1\r\nHost: {NAME}:{place.tls_port}\r\nConnection: close\r\n\r\n"
            safe.sendall(ask.encode())
            head = b"".join(iter(lambda: safe.recv(65536), b"")).partition(b"\r\n\r\n")[0].lower()
        assert b" 403 " in head.splitlines()[0]
        # A venue must be able to go back to plain http at any time.
        assert b"strict-transport-security" not in head
        with urllib.request.urlopen(f"{place.direct}/", timeout=30) as told:
            assert told.status == 200
        asked = urllib.request.Request(
            f"https://127.0.0.1:{place.tls_port}/enrol",
            b'{"token":"x"}',
            {"Origin": f"http://127.0.0.1:{place.port}", "Content-Type": "application/json"},
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(asked, timeout=10, context=context)
        with refused.value:
            assert b"foreign_origin" in refused.value.read()


def seat(page: Page, address: str) -> None:
    """The judge's page, its sheets drawn."""
    page.goto(address)
    page.wait_for_url(re.compile("/seat(/|$)"))
    expect(page.locator(".cand").first).to_be_visible()


needs_certutil = pytest.mark.skipif(
    CERTUTIL is None, reason="reason: no certutil here (apt-get install libnss3-tools)"
)


@pytest.mark.browser
@needs_certutil
def test_a_trusting_tablet_starts_cold_while_the_server_is_away(tmp_path: Path, chromium: Browser) -> None:
    profile = tmp_path / "profile"
    with tls_hall(tmp_path) as place:
        home = trusting_home(place, tmp_path / "home")
        with own_chromium(chromium, profile, MAPPED, LANGUAGE, home=home) as own:
            page = own.context.new_page()
            seat(page, place.link("s2"))
            assert page.evaluate("() => isSecureContext")
            page.keyboard.press("3")
            received_in(page)
            page.wait_for_function(KEPT)
            page.wait_for_function(AWAKE)
            written(page, profile)
            cookies = {one["name"]: one["secure"] for one in own.context.cookies()}
            assert cookies["__Host-compsys_device"] is True and "compsys_device" not in cookies
            own.close()
        place.kill()
        with own_chromium(chromium, profile, MAPPED, LANGUAGE, home=home) as own:
            page = own.context.new_page()
            cold(page, f"{place.url}/seat")
            expect(page.locator("#top .pill").first).to_contain_text("Not connected")
            page.keyboard.press("Enter")
            page.keyboard.press("2")
            expect(page.locator(".save")).to_contain_text(t("say.saved"))
            expect(page.locator("#top")).to_contain_text(t("link.pending", n=1))
            page.get_by_role("button", name="中文").click()
            expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
            page.evaluate("() => compsys.otherLanguage()")
            expect(page.locator("html")).to_have_attribute("lang", "en")
            place.start()
            received(page)
        place.kill()
        cells = place.cells()
        assert [cells["u1", f"A1.J{i}", "s2", 1] for i in (1, 2)] == ["3", "2"]


def chosen_by_keys(page: Page, pin: str) -> None:
    """A judge's PIN is chosen where the tablet asks for one at first (a browser of its own has no touch)."""
    for asked in ("pin.choose", "pin.again"):
        expect(page.locator("dialog.pin h2")).to_have_text(t(asked))
        page.keyboard.type(pin)
    expect(page.locator("dialog.pin")).to_have_count(0)


def over_by_pin(page: Page, judge: str, pin: str) -> None:
    """Over to another judge of the tablet, who types the PIN."""
    listed(page)
    row(page, judge).click()
    expect(page.locator("dialog.pin h2")).to_have_text(t("share.pin", seat=judge))
    page.keyboard.type(pin)
    at_work(page, judge)


@pytest.mark.browser
@needs_certutil
def test_judges_of_a_trusting_tablet_change_over_while_the_server_is_away(
    tmp_path: Path, chromium: Browser
) -> None:
    with tls_hall(tmp_path, competition(pin=True)) as place:
        home = trusting_home(place, tmp_path / "home")
        with own_chromium(chromium, tmp_path / "profile", MAPPED, LANGUAGE, home=home) as own:
            page = own.context.new_page()
            seat(page, place.link("s2"))
            chosen_by_keys(page, PIN)
            page.goto(place.link("s3"))
            chosen_by_keys(page, OTHER)
            page.wait_for_function(KEPT)
            # As a page that was on its way while the worker began: not under it.
            own.context.new_cdp_session(page).send("Page.reload", {"ignoreCache": True})
            page.wait_for_function("() => window.compsys?.shared && !navigator.serviceWorker.controller")
            place.kill()
            page.wait_for_function("() => !compsys.link.up")
            page.evaluate(ASKED_EARLIER)
            page.keyboard.press("1")
            over_by_pin(page, "2", PIN)
            expect(page.locator(".keys [aria-checked=true]")).to_have_count(0)
            page.keyboard.press("3")
            over_by_pin(page, "3", OTHER)
            expect(page.locator(".keys [aria-checked=true]")).to_have_attribute("data-value", "1")
            place.start()
            received(page)
            listed(page)
            expect(row(page, "2")).to_contain_text(t("share.sent"))
        place.kill()
        cells = place.cells()
        assert (cells["u1", "A1.J1", "s2", 1], cells["u1", "A1.J1", "s3", 1]) == ("3", "1")


def cold(page: Page, address: str) -> None:
    """The judge's page without a server. A browser that is too slow to start the worker asks the server
    instead: then the page is loaded again, as a judge would."""
    until = time.monotonic() + 60
    while True:
        try:
            return seat(page, address)
        except Error as error:
            if "ERR_CONNECTION_REFUSED" not in str(error) or time.monotonic() > until:
                raise


def written(page: Page, profile: Path) -> None:
    """The browser has on its disk what it opens the page from: it writes that down by and by, and what is
    still on its way when it ends is lost. (In a form of its own: where that is another one, time must do.)"""
    find = "() => caches.keys().then((all) => all.find((one) => one.startsWith('seat-')))"
    name = re.escape(page.evaluate(find).encode())
    folder = profile / "Default" / "Service Worker"
    wanted = {
        "CacheStorage/*/index.txt": name,
        # The worker's script, its version's number, and that this version is the one at work.
        "Database/*.log": rb"seat-worker\.js (?s:.){1,3}\(\x01",
    }
    until = time.monotonic() + 15
    for files, said in wanted.items():
        while not any(re.search(said, one.read_bytes()) for one in folder.glob(files)):
            if time.monotonic() > until:
                break
            page.wait_for_timeout(100)


ASKED_EARLIER = """async () => {
  const opening = indexedDB.open("compsys-tablet", 1);
  const base = await new Promise((done) => (opening.onsuccess = () => done(opening.result)));
  const seats = base.transaction("seats", "readwrite").objectStore("seats");
  const asking = seats.getAll();
  const all = await new Promise((done) => (asking.onsuccess = () => done(asking.result)));
  for (const one of all) seats.put({ ...one, pin: false });
  await new Promise((done) => (seats.transaction.oncomplete = done));
  base.close();
}"""
"""The tablet's list of its judges, as the server told it before they had chosen their PINs."""
KEPT = """async () => {
  if ((await navigator.serviceWorker.getRegistration())?.active?.state !== "activated") return false;
  const names = (await caches.keys()).filter((name) => name.startsWith("seat-"));
  return names.length === 1 && !!(await (await caches.open(names[0])).match("/seat"));
}"""
AWAKE = """async () => {
  const folder = document.querySelector("script[type=module]").src.replace(/seat.js$/, "");
  const { awake, stayAwake } = await import(folder + "secure.js");
  await stayAwake();
  return awake();
}"""


@pytest.mark.browser
@needs_certutil
def test_a_cookie_copied_from_a_tablet_is_worth_nothing_without_its_key(
    tmp_path: Path, chromium: Browser
) -> None:
    with tls_hall(tmp_path) as place:
        home = trusting_home(place, tmp_path / "home")
        with own_chromium(chromium, tmp_path / "profile", MAPPED, LANGUAGE, home=home) as own:
            page = own.context.new_page()
            seat(page, place.link("s2"))
            page.keyboard.press("3")
            received_in(page)
            assert page.evaluate(SECRET) == "InvalidAccessError", "the page itself cannot read it"
            cookies = {one["name"]: one["value"] for one in own.context.cookies()}
            name = "__Host-compsys_device"
            trust = ssl.create_default_context(cafile=place.folder / "tls" / "root.crt")
            with connect(
                f"wss://{NAME}:{place.tls_port}/live/seat",
                sock=socket.create_connection(("127.0.0.1", place.tls_port)),
                ssl=trust,
                origin=Origin(place.url),
                additional_headers={"Cookie": f"{name}={cookies[name]}"},
                proxy=None,
            ) as line:
                line.send('{"m":"hello","v":2,"boot":"00","cursor":null,"pending":0,"lang":"en"}')
                assert [json.loads(one)["m"] for one in (line.recv(10), line.recv(10))] == ["ask", "bye"]
                with pytest.raises(ConnectionClosed, match="no_key"):
                    line.recv(10)
            page.keyboard.press("Enter")
            page.keyboard.press("2")
            received_in(page)
            page.reload()
            expect(page.locator(".cand").first).to_be_visible()
            page.wait_for_function("() => compsys.sender.welcome")
            page.evaluate(FORGET)
            page.reload()
            said = re.compile(f"{t('no_key')}|{t('no_key', 'zh-CN')}")
            expect(page.locator(".msg--stop")).to_contain_text(said)
        place.kill()
        cells = place.cells()
        assert [cells["u1", f"A1.J{i}", "s2", 1] for i in (1, 2)] == ["3", "2"]


KEYS = """
  const opening = indexedDB.open("compsys-keys");
  const base = await new Promise((done) => (opening.onsuccess = () => done(opening.result)));
  const keys = base.transaction("keys", "readwrite").objectStore("keys");
"""
SECRET = (
    "async () => {"
    + KEYS
    + """
  const asking = keys.getAll();
  const [pair] = await new Promise((done) => (asking.onsuccess = () => done(asking.result)));
  base.close();
  return crypto.subtle.exportKey("pkcs8", pair.privateKey).then(() => "read", (error) => error.name);
}"""
)
FORGET = (
    "async () => {"
    + KEYS
    + "  await new Promise((done) => (keys.clear().onsuccess = done));\n  base.close();\n}"
)


@pytest.mark.browser
def test_a_tablet_without_the_certificate_goes_on_by_plain_http(tmp_path: Path, chromium: Browser) -> None:
    with tls_hall(tmp_path) as place:
        with own_chromium(chromium, tmp_path / "profile", MAPPED, LANGUAGE) as own:
            page = own.context.new_page()
            token = place.link("s2").partition("#")[2]
            seat(page, f"{place.plain}/enrol#{token}")
            page.keyboard.press("1")
            received_in(page)
            assert not page.evaluate("() => isSecureContext")
        place.kill()
        assert place.cells()["u1", "A1.J1", "s2", 1] == "1"
