"""Bench: a judge's page in a real Chromium: weight of a first load, when it is ready, how fast a tap is kept.

``python -m tests.bench.pages DIRECTORY`` (a copy of the benches' venue) prints its figures as JSON. Weight
and requests are the network's own count (Chrome's DevTools protocol, headers and all) until the keys stand;
ready means that they stand and the event loop is free. A tap's times end with the drawing that shows the
words.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from tests.bench.remote import Json, Remote
from tests.conftest import CHROMIUM_FLAGS, chromium_path

LOADS, TAPS, SLOWER = 5, 120, 4

READY = """() => {
  window.whenReady = new Promise((done) => {
    const look = new MutationObserver(() => {
      if (!document.querySelector(".keys [data-value]")) return;
      look.disconnect();
      const channel = new MessageChannel();
      channel.port1.onmessage = () => done(performance.now());
      channel.port2.postMessage(0);
    });
    look.observe(document, { childList: true, subtree: true });
  });
}"""

TAP = """async ({ taps }) => {
  const app = compsys;
  const draw = app.draw.bind(app);
  let drawn = () => undefined;
  app.draw = () => { draw(); drawn(); };
  const times = [];
  for (let tap = 0; tap < taps; tap += 1) {
    const before = app.model.records.length;
    const sheet = app.sheet;
    const blank = (one) => !app.closed(sheet, one) && app.model.cell(sheet, one, app.seat).value === null;
    const free = app.model.aspects(sheet).find((one) => one.method === "judgement" && blank(one));
    if (!free) {
      const units = app.model.units(app.ui.session);
      const at = units.findIndex(([unit]) => unit === sheet.unit);
      app.ui.sub = "A1";
      app.goUnit(units[(at + 1) % units.length][0]);
      await new Promise((done) => setTimeout(done, 20));
      tap -= 1;
      continue;
    }
    app.goAspect(free.key);
    await new Promise((done) => setTimeout(done, 60));
    const began = performance.now();
    const found = { saved: 0, received: 0 };
    const seen = new Promise((done) => {
      drawn = () => {
        const record = app.model.records[before];
        if (record?.stored && !found.saved) found.saved = performance.now() - began;
        if (record?.answer && !found.received) found.received = performance.now() - began;
        if (found.saved && found.received) done();
      };
    });
    document.querySelector(`.keys [data-value="${tap % 4}"]`).click();
    await seen;
    const { answer } = app.model.records[before];
    if (answer.a !== "accepted") throw new Error(JSON.stringify(answer));
    times.push(found);
  }
  app.draw = draw;
  return times;
}"""


class Wire:
    """What goes over a page's network, counted by the browser."""

    def __init__(self, line: CDPSession) -> None:
        self.bytes, self.requests = 0, 0
        line.on("Network.loadingFinished", self._loaded)
        line.send("Network.enable")

    def _loaded(self, told: Json) -> None:
        self.bytes += int(told["encodedDataLength"])
        self.requests += 1


def opened(browser: Browser, port: int, cookie: str) -> BrowserContext:
    """A tablet that is enrolled and has loaded nothing yet."""
    context = browser.new_context(viewport={"width": 1180, "height": 820}, has_touch=True, locale="zh-CN")
    context.add_cookies([{"name": "compsys_device", "value": cookie, "url": f"http://127.0.0.1:{port}"}])
    return context


def load(page: Page, port: int, slower: int) -> tuple[float, Wire]:
    """Load the page on a CPU so many times slower: milliseconds until it is ready, what it took."""
    line = page.context.new_cdp_session(page)
    wire = Wire(line)
    line.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.add_init_script(f"({READY})()")
    page.goto(f"http://127.0.0.1:{port}/seat", wait_until="commit")
    ready = float(page.evaluate("() => window.whenReady"))
    return ready, wire


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return sorted(values)[int(len(values) * 0.95)]


def taps(page: Page, slower: int) -> Json:
    """p50 and p95 of a tap's way to the tablet's database and to the server, in milliseconds."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    times: list[dict[str, float]] = page.evaluate(TAP, {"taps": TAPS})
    told: Json = {}
    for step in ("saved", "received"):
        values = [one[step] for one in times]
        told |= {f"{step}_p50": median(values), f"{step}_p95": p95(values)}
    return told


def measured(browser: Browser, port: int, cookies: list[str]) -> Json:
    """All figures; each load is a first one, in a context of its own."""
    found: dict[str, Any] = {"loads": [], "slow_loads": []}
    for _ in range(LOADS):
        for name, slower in (("loads", 1), ("slow_loads", SLOWER)):
            with opened(browser, port, cookies[0]) as context:
                page = context.new_page()
                ready, wire = load(page, port, slower)
                found[name].append({"ready": ready, "bytes": wire.bytes, "requests": wire.requests})
    for name, slower, cookie in (("taps", 1, cookies[1]), ("slow_taps", SLOWER, cookies[2])):
        with opened(browser, port, cookie) as context:
            page = context.new_page()
            load(page, port, 1)
            page.wait_for_function("() => compsys.link.up")
            found[name] = taps(page, slower)
    return found


def main(directory: Path) -> None:
    """Serve the directory, open pages on it."""
    seats = json.loads((directory / "venue.json").read_text())[0]["seats"]
    server = Remote("tests.bench.server", str(directory), "whole")
    try:
        port = server.ask(do="where")["port"]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
            found = measured(browser, port, [seat["cookie"] for seat in seats])
            browser.close()
    finally:
        server.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
