"""Tablets keep what was signed until a copy off the server's machine has it, and give it again when asked."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from compsys import events as e
from compsys import verify
from tests.web.hall import STREAM, Hall, competition, hall, scheme
from tests.web.seat_pages import received_in, t, tablet
from tests.web.venue import Recorded

pytestmark = pytest.mark.browser

SEATS = ("s1", "s2", "s3")
ASPECTS = tuple(f"A1.J{i}" for i in range(1, 5))
STORED = """async () => new Promise((done) => {
  const asked = compsys.outbox.base.transaction("records").objectStore("records").count();
  asked.onsuccess = () => done(asked.result);
})"""
AGAIN = """(turn) => {
  const { sender, sheet } = compsys;
  return sender.turn > turn && sender.welcome && !sender.unsent && sheet.state === "signed";
}"""
REVOTE = """() => {
  compsys.goAspect("A1.J2");
  const { sheet, aspect, model } = compsys;
  compsys.say(sheet, aspect, model.me, "two apart");
  compsys.revote(sheet, aspect);
}"""


def one_sheet() -> Recorded:
    """One competitor, one sheet of four judged aspects."""
    marks = scheme()
    marks["criteria"] = marks["criteria"][:1]
    marks["criteria"][0]["subs"] = marks["criteria"][0]["subs"][:1]
    return competition(codes=("A11",), marks=marks)


def give(page: Page, aspect: str, value: str) -> None:
    """A judgement, by the page's own doing; received."""
    act = "([aspect, value]) => { compsys.goAspect(aspect); compsys.give(compsys.aspect, value); }"
    page.evaluate(act, [aspect, value])
    received_in(page)


def signed(pages: dict[str, Page]) -> None:
    """All vote on all aspects, once more on the second, and sign; then the tablets hold nothing at hand."""
    for aspect in ASPECTS:
        for seat, page in pages.items():
            give(page, aspect, "0" if (aspect, seat) == ("A1.J2", "s3") else "2")
    lead = pages["s1"]
    lead.wait_for_function("() => compsys.sheet.aspects['A1.J2'].revealed")
    lead.evaluate(REVOTE)
    for page in pages.values():
        page.wait_for_function("() => compsys.sheet.aspects['A1.J2'].round === 2")
        give(page, "A1.J2", "2")
    for page in pages.values():
        page.wait_for_function("() => !compsys.unready")
        page.evaluate("() => compsys.sign()")
        received_in(page)
    for page in pages.values():
        page.wait_for_function("() => compsys.sheet.state === 'signed' && !compsys.model.records.length")


def given(place: Hall) -> set[tuple[str, str]]:
    """(kind, key) of what tablets gave, as the journal holds it (the server must not run)."""
    wanted = (e.Marked, e.Signed, e.RoundOpened)
    lines = [(event, closed.key) for event, closed in place.lines() if isinstance(event, wanted)]
    return {(type(event).__name__, key) for event, key in lines}


def test_a_server_set_back_before_the_signatures_gets_marks_and_signatures_again(
    tmp_path: Path, chromium: Browser
) -> None:
    """The server is set back to a backup without a single mark: every tablet gives what was signed again,
    under the same keys, whoever comes first."""
    with hall(tmp_path, world=one_sheet()) as place, ExitStack() as stack:
        pages = {seat: stack.enter_context(tablet(chromium, place, seat)) for seat in SEATS}
        for page in pages.values():
            page.wait_for_function("() => compsys.more")
        place.kill()
        shutil.copytree(place.folder, tmp_path / "backup", ignore=shutil.ignore_patterns("*.sock"))
        place.start()
        for page in pages.values():
            expect(page.locator("#top")).to_contain_text(t("link.connected"))
        signed(pages)
        turns = {seat: page.evaluate("() => compsys.sender.turn") for seat, page in pages.items()}
        place.kill()
        before = given(place)
        assert len(before) == 4 * 3 + 1 + 3 + 3
        shutil.rmtree(place.folder)
        shutil.copytree(tmp_path / "backup", place.folder)
        place.start()
        for seat, page in pages.items():
            page.wait_for_function(AGAIN, arg=turns[seat], timeout=60_000)
            expect(page.locator(".msg--stop")).to_have_count(0)
        place.kill()
        assert given(place) == before


def test_a_tablet_lets_go_only_of_what_a_copy_elsewhere_holds(tmp_path: Path, chromium: Browser) -> None:
    with hall(tmp_path, world=one_sheet()) as place, ExitStack() as stack:
        pages = {seat: stack.enter_context(tablet(chromium, place, seat)) for seat in SEATS}
        signed(pages)
        page = pages["s2"]
        assert page.evaluate(STORED) == 6, "four votes, one more in the second round, the signature"
        page.reload()
        page.wait_for_function("() => compsys.sender.welcome && !compsys.model.records.length")
        assert page.evaluate("() => compsys.model.shelf.length") == 6, "kept, and not looked at"
        heads = verify.verify(place.folder).heads
        place.do(e.KeepHeads(heads=heads, where="red stick"))
        for page in pages.values():
            page.wait_for_function("() => !compsys.model.shelf.length")
            assert page.evaluate(STORED) == 0
        assert page.evaluate("() => compsys.model.kept") == heads[STREAM][0]
