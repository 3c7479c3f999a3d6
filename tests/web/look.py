"""Renders templates with sample data and serves them under the real content policy, to look at pages.

Run it to look yourself: ``python -m tests.web.look FOLDER`` writes pictures of every sample into the folder.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined

from compsys import words

WEB = Path(__file__).parents[2] / "web"
POLICY = "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'self'"
SAMPLE = json.loads((Path(__file__).parent / "samples" / "data.json").read_text("utf-8"))
"""Synthetic competitors, sheets and boards: no real person or firm."""
SIZES = {
    "narrow": (320, 640), "phone": (360, 780), "portrait": (800, 1280), "landscape": (1280, 800),
    "desk": (1440, 900), "wall": (1920, 1080),
}  # fmt: skip
SAMPLES = {
    "components": ("phone", "portrait", "desk"), "judge": ("narrow", "portrait", "landscape"),
    "panel": ("portrait", "landscape", "phone"), "board": ("phone", "portrait", "desk"),
    "medals": ("phone", "desk"), "desk": ("phone", "portrait", "desk"), "chief": ("phone", "landscape"),
    "wall": ("wall",),
}  # fmt: skip
"""Each sample page and the sizes it is made for."""


def environment() -> Environment:
    """Templates of the product and, beside them, the sample screens; what is undefined raises."""
    samples = PrefixLoader({"sample": FileSystemLoader(Path(__file__).parent / "samples")})
    loader = ChoiceLoader([samples, FileSystemLoader(WEB / "templates")])
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)


def render(name: str, lang: str, theme: str = "") -> str:
    """A sample page in a language and theme ("" follows the system)."""
    template = environment().get_template(f"{name}.html" if name == "components" else f"sample/{name}.html")
    return template.render(words.page(lang, "Asia/Shanghai") | {"theme": theme, "sample": SAMPLE})


BROWSER_FILES = {f"static/{name}": data for name, data in map(words.browser, words.LANGS)}


class Handler(SimpleHTTPRequestHandler):
    """``/NAME?lang=&theme=`` is a sample page, ``/static/...`` the product's files."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = {key: value[0] for key, value in parse_qs(url.query).items()}
        name = url.path.strip("/")
        if name in SAMPLES:
            page = render(name, asked.get("lang", "zh-CN"), asked.get("theme", ""))
            self.answer(page.encode(), "text/html; charset=utf-8")
        elif (found := BROWSER_FILES.get(name)) is not None:
            self.answer(found, "application/json")
        elif (file := WEB / name).is_file() and file.is_relative_to(WEB / "static"):
            self.answer(file.read_bytes(), self.guess_type(str(file)))
        else:
            self.send_error(404)

    def answer(self, body: bytes, kind: str) -> None:
        """Send one whole answer."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The address of a running server of the samples."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A real browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


def main(folder: Path, only: list[str]) -> None:
    """Write a picture of every sample at every size, light and dark, in both languages."""
    folder.mkdir(parents=True, exist_ok=True)
    with served() as address, chromium() as browser:
        for name, sizes in SAMPLES.items():
            if only and name not in only:
                continue
            for size in sizes:
                for lang in words.LANGS:
                    width, height = SIZES[size]
                    page = browser.new_page(viewport={"width": width, "height": height})
                    page.on("console", lambda message: print("console:", message.text))
                    theme = "dark" if name == "wall" else "light"
                    page.goto(f"{address}/{name}?lang={lang}&theme={theme}")
                    full = name not in ("judge", "panel", "wall") or size in ("phone", "narrow")
                    page.screenshot(path=folder / f"{name}-{size}-{lang}.png", full_page=full)
                    page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
