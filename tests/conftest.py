"""What every test shares: repeatable randomness, the seed in the header, Chromium, the shared real files."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tests import house
from tests.postgres import Postgres

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
OFFICE = shutil.which("soffice")
"""LibreOffice, where it is: the make targets do not install it (400 MB), and its tests say so."""
WEBKIT = shutil.which("WebKitWebDriver") and shutil.which("Xvfb")
"""WebKitGTK with its driver and a display to draw on, where they are."""
SEED = int(os.environ.get("COMPSYS_SEED", "20220924"))

# "repeatable": the same examples on every run. "search" (COMPSYS_SEED given): new ones, repeated by the seed.
settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.register_profile(
    "search",
    derandomize=False,
    deadline=None,
    print_blob=True,
    max_examples=500,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("search" if "COMPSYS_SEED" in os.environ else "repeatable")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give hypothesis the seed of the run, unless its own option was used."""
    if "COMPSYS_SEED" in os.environ and config.getoption("hypothesis_seed", None) is None:
        config.option.hypothesis_seed = str(SEED)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Print how to repeat this run, and which real files it could not see."""
    profile = settings.get_current_profile_name()
    lines = [f"seed: {SEED} (COMPSYS_SEED={SEED} repeats it); hypothesis profile: {profile}"]
    if not SHARED_DATA.is_dir():
        lines.append("no shared/data beside the repository: tests that read real files do NOT run")
    if OFFICE is None:
        lines.append("no LibreOffice (soffice): tests that open our workbooks in it do NOT run")
    if WEBKIT is None:
        lines.append("no WebKitGTK (webkit2gtk-driver, xvfb): tests of the tablet in WebKit do NOT run")
    return lines


LONG: set[str] = set()


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Remember what was left out because it is a long dose."""
    LONG.update(item.nodeid for item in items if item.get_closest_marker("long"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands what it left out to the process that prints."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["long"] = sorted(LONG)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker left out."""
    LONG.update(getattr(node, "workeroutput", {}).get("long", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """After every run: what only `make long` runs, and what has outgrown the wanted length; after a search
    the seed, which -q keeps out of the header."""
    if "COMPSYS_SEED" in os.environ:
        terminalreporter.line(f"COMPSYS_SEED={SEED} repeats this run")
    chosen = (
        terminalreporter.config.option.markexpr == "not long" and not terminalreporter.config.option.keyword
    )
    if not chosen:
        return
    terminalreporter.section("only `make long` runs these, and the mutants")
    for name in sorted(LONG):
        terminalreporter.line(name)
    growing = house.growing()
    if growing:
        terminalreporter.section("growing: longer than wanted, within the limit")
        for line in growing:
            terminalreporter.line(line)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """A generator of this test's own: made of the run's seed and the test's name, whatever the order."""
    return random.Random(f"{SEED}:{request.node.nodeid}")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files beside the repository; where it is absent the test says so."""
    if not SHARED_DATA.is_dir():
        pytest.skip("reason: shared/data is not beside this checkout, so the real files cannot be read")
    return SHARED_DATA


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL server, one per process of the run; make a new database per test
    (`postgres.database()`)."""
    server = Postgres()
    yield server
    server.remove()


CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def chromium_path() -> str:
    """Where the system's Chromium is. Raises FileNotFoundError when there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    raise FileNotFoundError("no Chromium on this machine: apt-get install chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real headless Chromium, one per file; make a new context per test (`chromium.new_context()`).

    Not longer: while the driver runs, its event loop counts as the thread's, and `asyncio.run` refuses.
    """
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=40_000)  # a busy machine may take longer over a screen than five seconds
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
