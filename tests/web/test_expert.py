"""The own expert's pages: that delegation's signed sheets alone, accepted or disputed, up to the lock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from scoring_rules.profiles import load
from tests.web.hall import Hall, competition, hall
from tests.web.seat_pages import LANDSCAPE, PORTRAIT, device, go, received_in, t, tablet
from tests.web.test_seat_look import look_at

pytestmark = pytest.mark.browser

JUDGED = ("A1.J1", "A1.J2", "A1.J3", "A1.J4")
AGREED = {"B1.M1": "pass", "B1.M2": "12", "B1.M3": "1.2", "B1.M4": "450", "B1.M5": "1"}
ASKS = 'acceptance = "own_expert"\ncompetitor = "measured"'


def rules(more: str) -> str:
    """The WorldSkills rule book with these lines on signing."""
    text = load("worldskills-2026").text.replace('id = "worldskills-2026"', 'id = "own"')
    return text.replace("\nchain = [", f"\n{more}\nchain = [")


def marked(made: Hall, units: tuple[str, ...] = ("u1", "u2")) -> None:
    """Everything marked and signed by all seats."""
    for seat in ("s1", "s2", "s3"):
        one = made.tablet(seat)
        for unit in units:
            for aspect in (*JUDGED, "C1.P1", "C1.P2"):
                assert one.vote(unit, aspect, "2")["a"] == "accepted"
            for aspect, value in AGREED.items() if seat == "s1" else ():
                assert one.vote(unit, aspect, value)["a"] == "accepted"
    for seat in ("s1", "s2", "s3"):
        one = made.tablet(seat)
        for unit, sub in [(u, s) for u in units for s in ("A1", "B1", "C1")]:
            assert one.sign(unit, sub)["a"] == "accepted"


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """Two competitors, an expert for each; everything marked and signed."""
    world = competition(profile="own", own=rules(ASKS), codes=("A11", "A14"), experts=2)
    with hall(tmp_path_factory.mktemp("hall"), world=world) as made:
        marked(made)
        yield made


def press(page: Page, name: str) -> None:
    """A key of a desk page; what it does is done."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def test_from_the_signatures_to_the_lock(place: Hall, chromium: Browser) -> None:
    with device(chromium, place, "x1") as expert, device(chromium, place, "chief") as chief:
        expect(expert.locator(".floorlist .plate")).to_have_text(["A11"] * 3)
        assert "A14" not in expert.content()
        expert.locator(".floorlist .btn").first.click()
        expect(expert.locator("h1")).to_have_text("A11 A1")
        expect(expert.locator("main tbody td.l").first).not_to_be_empty()
        assert "Seat 1" not in expert.locator("main").inner_text()
        press(expert, t("acceptance.do_accept"))
        # Straight on to the next that waits.
        expect(expert.locator("h1")).to_have_text("A11 B1")
        expert.get_by_label(t("acceptance.dispute_words")).fill("B1.M2: the photograph shows thirteen")
        press(expert, t("acceptance.do_dispute"))
        expect(expert.locator(".msg--ok")).to_contain_text(t("done.disputed"))
        expect(expert.locator("main")).to_contain_text(t("acceptance.is_disputed"))

        chief.goto(f"{place.url}/chief")
        expect(chief.locator(".tray")).to_contain_text(t("chief.tray_disputed"))
        expect(chief.locator(".matrix")).to_contain_text(t("short.disputed"))
        chief.goto(f"{place.url}/chief/tray")
        chief.get_by_role("link", name=t("console.open_it")).click()
        expect(chief.locator(".msg--stop")).to_contain_text("the photograph shows thirteen")
        chief.get_by_label(t("acceptance.answer_words")).fill("counted again: twelve, one was burnt")
        chief.get_by_label(t("acceptance.votes_for")).fill("4")
        chief.get_by_label(t("acceptance.votes_all")).fill("5")
        press(chief, t("acceptance.do_answer"))
        expect(chief.locator("main")).to_contain_text(t("acceptance.vote", **{"for": 4, "all": 5}))

        expert.goto(f"{place.url}/expert/A11/B1")
        expect(expert.locator("main")).to_contain_text("counted again: twelve, one was burnt")
        expect(expert.locator("main")).to_contain_text(t("acceptance.done_stands"))
        expert.get_by_role("link", name=t("acceptance.next")).click()
        press(expert, t("acceptance.do_accept"))
        expect(expert.locator(".floorlist .is-in")).to_have_count(3)

        chief.goto(f"{place.url}/chief/lock")
        chief.locator("summary", has_text="A11").or_(chief.locator(".problem summary")).first.click()
        expect(chief.locator(".problem").first).to_contain_text("A14 A1 not accepted")
        expect(chief.locator(".problem").first).to_contain_text("A11 B1 not signed by the competitor")
        chief.get_by_text(t("acceptance.missed_open")).click()
        for box in chief.locator("input[name=sheet]").all():
            box.check()
        chief.locator("form[action='/chief/lock/missed']").get_by_label(t("ui.reason")).fill("left at six")
        press(chief, t("acceptance.do_missed"))
        expect(chief.locator("main")).not_to_contain_text("not accepted")

        with tablet(chromium, place, "s1") as lead:
            go(lead, "A11", "B1")
            lead.get_by_role("button", name=t("seat.competitor_open")).tap()
            heard = lead.locator(".heard")
            heard.get_by_label(t("seat.competitor_code")).fill("a14")
            heard.get_by_role("button", name=t("seat.competitor_agrees")).tap()
            expect(heard).to_contain_text(t("seat.competitor_differs"))
            heard.get_by_label(t("seat.competitor_code")).fill("a11")
            heard.get_by_role("button", name=t("seat.competitor_agrees")).tap()
            expect(lead.locator("main")).to_contain_text(t("told.competitor_agrees"))
            go(lead, "A14", "B1")
            lead.get_by_role("button", name=t("seat.competitor_open")).tap()
            lead.locator(".heard").get_by_role("button", name=t("seat.competitor_refuses")).tap()
            lead.locator("dialog textarea").fill("says that there were thirteen")
            lead.locator("dialog .btn--main").tap()
            expect(lead.locator("main")).to_contain_text(t("told.competitor_refuses"))
            received_in(lead)

        chief.goto(f"{place.url}/chief/sheet/A14/B1")
        expect(chief.locator(".msg--warn")).to_contain_text("says that there were thirteen")
        chief.goto(f"{place.url}/chief/lock")
        anyway = chief.locator("details", has=chief.get_by_text(t("lock.anyway"))).first
        anyway.locator("summary").click()
        anyway.get_by_label(t("ui.reason")).fill("they lie in the box at the desk")
        anyway.get_by_role("button", name=t("do.lock"), exact=True).click()
        expect(chief.locator("main")).to_contain_text(t("status.locked"))
        expert.goto(f"{place.url}/expert/A11/A1")
        expect(expert.locator("main")).to_contain_text(t("acceptance.locked"))


def test_an_expert_finds_nothing_of_others_by_any_address(place: Hall, chromium: Browser) -> None:
    with device(chromium, place, "x2") as expert:
        expect(expert.locator(".floorlist .plate")).to_have_text(["A14"] * 3)
        for path in ("/expert/A11/A1", "/expert/Z99/A1", "/expert/A14/Z1"):
            found = expert.request.get(place.url + path)
            assert found.status == 404
            assert "A11" not in found.text()
        for path in ("/chief", "/chief/sheet/A11/A1", "/floor", "/clerk", "/console", "/seat"):
            assert expert.request.get(place.url + path, max_redirects=0).status in (303, 403)


def test_a_returned_sheet_leaves_the_expert_and_comes_back_as_changed(place: Hall, chromium: Browser) -> None:
    with device(chromium, place, "x1", lang="zh-CN") as expert, device(chromium, place, "chief") as chief:
        expert.goto(f"{place.url}/expert/A11/C1")
        press(expert, t("acceptance.do_accept", "zh-CN"))
        chief.goto(f"{place.url}/chief/sheet/A11/C1")
        chief.get_by_label(t("ui.reason")).first.fill("C1.P1 was mistyped")
        press(chief, t("chief.do_return"))
        assert expert.request.get(f"{place.url}/expert/A11/C1").status == 404
        one = place.tablet("s2")
        sheet = one.sheet("u1", "C1")
        assert sheet["state"] == "returned"
        for seat in ("s1", "s2", "s3"):
            assert place.tablet(seat).sign("u1", "C1")["a"] == "accepted"
        expert.goto(f"{place.url}/expert/A11/C1")
        expect(expert.locator(".msg--warn")).to_contain_text("改过")
        press(expert, t("acceptance.do_accept", "zh-CN"))
        expert.goto(f"{place.url}/expert/A11/C1")
        expect(expert.locator("main")).to_contain_text(t("acceptance.done_accepted", "zh-CN"))


SMALL = """() => {
    const pressed = "main a[class], main button, main input:not([type=hidden]), main textarea";
    const found = document.querySelectorAll(pressed);
    const small = (one) => one.offsetParent && (one.offsetHeight < 48 || one.offsetWidth < 48);
    return [...found].filter(small).map((one) => one.outerHTML);
}"""
"""What can be pressed on an expert's page and is too small for a finger."""


@pytest.mark.parametrize(("size", "lang"), [(PORTRAIT, "zh-CN"), (LANDSCAPE, "en")])
def test_axe_finds_nothing_and_everything_is_large_enough(
    place: Hall, chromium: Browser, size: ViewportSize, lang: str
) -> None:
    with device(chromium, place, "x1", size=size, lang=lang) as expert:
        for path in ("/expert", "/expert/A11/A1", "/expert/A11/B1", "/expert/A11/C1"):
            expert.goto(place.url + path)
            look_at(expert, path)
            assert expert.evaluate(SMALL) == [], path
            assert not expert.evaluate("() => document.documentElement.scrollWidth > innerWidth"), path
        expert.goto(f"{place.url}/expert/A11/B1")
        # The choice is named, not numbered.
        expect(expert.locator("main")).to_contain_text("不低于 70 ℃")
        expert.locator("textarea").fill("no")
        press(expert, t("acceptance.do_dispute", lang))
        expert.goto(f"{place.url}/expert/A11/B1")
        look_at(expert, "disputed")
    with device(chromium, place, "chief", size=size, lang=lang) as chief:
        for path in ("/chief/sheet/A11/B1", "/chief/tray", "/chief/lock"):
            chief.goto(place.url + path)
            look_at(chief, path)
    with tablet(chromium, place, "s1", size=size, lang=lang) as judge:
        go(judge, "A11", "B1")
        look_at(judge, "competitor waits")
        judge.get_by_role("button", name=t("seat.competitor_open", lang)).tap()
        judge.locator(".heard").get_by_role("button", name=t("seat.competitor_agrees", lang)).tap()
        expect(judge.locator(".heard .field__err")).to_be_visible()
        look_at(judge, "competitor signs")
        for one in judge.locator(".heard .btn").all():
            assert (one.bounding_box() or {"height": 0})["height"] >= 48
