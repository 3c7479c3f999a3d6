"""Two tablets of one judge: the earlier one brings its marks, and all are told what may still come."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from compsys.desk import Desk
from tests.web.hall import Hall, apart, competition, hall, scheme
from tests.web.seat_pages import device, go, key, offline, received, t, tablet
from tests.web.venue import Browser as Console
from tests.web.venue import Recorded, Told, Venue
from web.server import running

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The hall that these tests share, each with competitors of its own."""
    with hall(tmp_path_factory.mktemp("hall")) as made:
        yield made


def test_conflicting_values_of_two_tablets_are_both_kept_and_the_judge_chooses(
    place: Hall, chromium: Browser
) -> None:
    with tablet(chromium, place, "s2") as old, device(chromium, place, "chief") as chief:
        go(old, "A14")
        key(old, "1")
        received(old)
        offline(old)
        key(old, "3")
        expect(old.locator("#top")).to_contain_text(t("link.pending", n=1))
        with tablet(chromium, place, "s2") as new:
            expect(new.locator(".msg--warn", has_text="earlier tablet")).to_be_visible()
            go(new, "A14")
            new.evaluate("() => compsys.goAspect('A1.J1')")
            expect(new.locator(".keys [aria-checked=true]")).to_have_attribute("data-value", "1")
            key(new, "2")
            received(new)
            old.context.set_offline(False)
            moved = old.locator(".msg--stop", has_text=t("seat.moved", seat="2").partition(".")[0])
            expect(moved).to_be_visible(timeout=20_000)
            expect(old.locator("#top")).to_contain_text(t("link.pending", n=0))
            expect(old.locator("#top")).to_contain_text(t("link.broken"))
            old.evaluate("() => { compsys.give(compsys.aspect, '0'); compsys.settle(compsys.aspect, '0'); }")
            assert old.evaluate("() => compsys.model.pending.length") == 0, "it takes nothing more"
            expect(old.locator("main .btn:not([aria-disabled]), main .key:not(.key--read)")).to_have_count(0)
            expect(new.locator(".msg--warn", has_text="earlier tablet")).to_have_count(0)
            two = new.locator(".twovalues")
            expect(two).to_contain_text("3")
            expect(two).to_contain_text("2")
            chief.goto(f"{place.url}/chief")
            expect(chief.locator("main")).to_contain_text(t("status.conflict"))
            chief.goto(f"{place.url}/chief/sheet/A14/A1")
            # That there are two values, not which: only the seats that are waited for stand beside it.
            waits = t("chief.waiting", seats="1, 3")
            expect(chief.locator(".is-hot td").first).to_have_text(t("cell.conflict") + waits)
            two.get_by_role("button", name="3").click()
            received(new)
            expect(two).to_have_count(0)
    place.kill()
    assert place.cells()["u2", "A1.J1", "s2", 1] == "3"
    place.start()


def one_sheet() -> Recorded:
    """One competitor, one sheet of four judged aspects."""
    marks = scheme()
    marks["criteria"] = marks["criteria"][:1]
    marks["criteria"][0]["subs"] = marks["criteria"][0]["subs"][:1]
    return competition(codes=("A11",), marks=marks)


def test_a_lock_warns_of_a_tablet_that_may_hold_marks_and_they_land_in_the_tray(
    tmp_path: Path, chromium: Browser
) -> None:
    with (
        hall(tmp_path, world=one_sheet()) as place,
        tablet(chromium, place, "s2") as old,
        device(chromium, place, "chief") as chief,
    ):
        offline(old)
        key(old, "3")
        expect(old.locator("#top")).to_contain_text(t("link.pending", n=1))
        seats = [place.tablet(seat) for seat in ("s1", "s2", "s3")]
        for seat in seats:
            for i in range(1, 5):
                seat.vote("u1", f"A1.J{i}", "2")
        for seat in seats:
            seat.sign("u1", "A1")
        chief.goto(f"{place.url}/chief/sheet/A11/A1")
        chief.get_by_role("button", name=t("do.sign")).click()
        chief.goto(f"{place.url}/chief/lock")
        warning = chief.locator("#unsent")
        expect(warning).to_contain_text("its earlier tablet")
        expect(warning).to_contain_text("not known")
        expect(warning.locator(".msg")).to_have_count(1)
        stage = chief.locator(".problem").first
        stage.locator("summary").click()
        stage.locator("[name=reason]").fill("its judge has gone home")
        stage.get_by_role("button", name=t("do.lock")).click()
        expect(chief.locator(".msg--ok")).to_be_visible()
        expect(stage).to_contain_text(t("status.locked"))
        old.context.set_offline(False)
        late = old.locator(".msg--warn", has_text=t("say.late").partition(".")[0])
        expect(late).to_be_visible(timeout=20_000)
        chief.goto(f"{place.url}/chief/tray")
        expect(chief.locator("main")).to_contain_text("A1.J1")


def test_unsent_marks_go_by_a_file_and_are_taken_once(tmp_path: Path, chromium: Browser) -> None:
    """A tablet was revoked with marks unsent: its file is brought twice, and then it comes back itself."""
    with hall(tmp_path) as place, tablet(chromium, place, "s2") as page:
        page.evaluate("() => { compsys.sender.pauseUntil = Infinity; }")
        for value in "31":
            key(page, value)
        page.keyboard.press("Enter")
        key(page, "2")
        expect(page.locator("#top")).to_contain_text(t("link.pending", n=3))
        page.evaluate("() => compsys.link.end('device_revoked')")
        with page.expect_download() as saved:
            page.get_by_role("button", name=t("seat.save_file")).click()
        path = tmp_path / "unsent.json"
        saved.value.save_as(path)
        place.kill()
        apart(brought(place.folder, path))
        place.start()
        page.goto(place.link("s2"))
        page.wait_for_url("**/seat")
        received(page)
        expect(page.locator(".msg--stop")).to_have_count(0)
        place.kill()
        cells = place.cells()
        assert [cells["u1", f"A1.J{i}", "s2", 1] for i in (1, 2)] == ["1", "2"]
        by = [closed.brought for event, closed in place.lines() if event.t and closed.key and closed.brought]
        assert by == ["lin"] * 3


async def brought(folder: Path, path: Path) -> None:
    """Bring a tablet's file into a console of this directory, twice; and a file of another competition."""
    desk = await Desk.open(folder, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, "c-hall")
    try:
        async with running(desk) as run:
            there = Venue(desk, run, Recorded())
            console = await there.organizer()
            for said in (t("unsent.n_accepted", n=3), t("unsent.n_dup", n=3)):
                assert said in (await upload(console, path.read_bytes())).text
            other = path.read_text("utf-8").replace('"c-hall"', '"c-other"')
            told = await upload(console, other.encode())
            assert told.status == 409 and "c-other" in told.text
            assert (await upload(console, b"[]")).status == 409
            reader = await there.organizer("wu", ("supervisor",))
            assert (await reader.get("/console/unsent")).status == 403
    finally:
        await desk.close()


async def upload(console: Console, data: bytes) -> Told:
    """The file as the console's form sends it."""
    fields = {"csrf": await console.form_token("/console/unsent"), "k": secrets.token_hex(16)}
    part = '--cut\r\nContent-Disposition: form-data; name="{}"\r\n\r\n'
    body = "".join(part.format(name) + value + "\r\n" for name, value in fields.items()).encode()
    body += part.format('file"; filename="unsent.json').encode() + data + b"\r\n--cut--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=cut", "Accept-Language": "en"}
    return await console.ask("POST", "/console/unsent", body, kind)
