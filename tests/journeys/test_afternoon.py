"""One afternoon on real screens, from the first tap to the medals.

Three judges, a clerk, a chief, an organizer and the public, each on real pages of one served competition.
The public's pages are opened before the first mark and never loaded again; what they say at the end is
compared with a plain computation from what people tapped. The same on every topology; where the public has a
process of its own, the Redis on the way there dies while marks are pending, and comes back without a memory.
"""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.people import GIVEN, Afternoon, afternoon, language, measure, row, sign_sheet, visit, vote
from tests.journeys.topologies import Topology
from tests.web.seat_pages import go, key, offline, patient, sign, t, typed
from tests.web.venue import PASSWORD

pytestmark = pytest.mark.browser


def expected() -> list[tuple[str, str]]:
    """(code, total) from the first place to the last: mean level, agreed pieces, the middle of three points;
    two decimals, half up."""
    cents = {
        code: int((Fraction(30 * sum(map(int, levels)), 9) + Fraction(30 * int(pieces), 12)
                   + sorted(map(Fraction, points))[1]) * 100 + Fraction(1, 2))
        for code, (levels, pieces, points) in GIVEN.items()
    }  # fmt: skip
    return [(code, f"{cents[code] / 100:.2f}") for code in sorted(cents, key=lambda c: -cents[c])]


@pytest.mark.parametrize(
    "topology",
    [*(pytest.param(one, marks=pytest.mark.long) for one in ("sqlite", "postgres")), "apart"],
    indirect=True,
    scope="module",
)
def test_an_afternoon_from_the_first_tap_to_the_medals(
    tmp_path: Path, chromium: Browser, topology: Topology
) -> None:
    with afternoon(tmp_path, chromium, topology) as day:
        the_public_waits(day)
        votes_too_far_apart_are_discussed_and_given_again(day)
        the_lead_keys_what_the_panel_measured(day)
        a_tablet_loses_the_network_while_paper_is_keyed(day)
        the_rest_is_marked_and_signed(day)
        the_chief_locks_and_the_organizer_confirms(day)
        the_public_has_the_result(day)


# ---------------------------------------------------------------- the story


def the_public_waits(day: Afternoon) -> None:
    """No total, no medal, one sentence each in its own language."""
    expect(day.board.page.locator("[data-part=state]")).to_contain_text(t("board.live_signed"))
    expect(day.board.page.locator("[data-part=unranked] > [data-key^=A]")).to_have_count(3)
    expect(day.wall.page.locator("[data-part=count]")).to_have_text(t("board.unranked_n", "zh-CN", n=3))
    expect(day.medals.page.locator("[data-part=empty]")).to_have_text(t("medals.empty", "zh-CN"))
    expect(day.chief.locator("main")).to_contain_text(t("chief.tray_spread"))
    expect(day.clerk.locator("header.desk__h")).to_contain_text(t("clerk.what", "zh-CN"))


def votes_too_far_apart_are_discussed_and_given_again(day: Afternoon) -> None:
    """1, 3 and 2: reasons first, a second round, and only the signatures move the board."""
    before = day.public_data()
    lead, two, three = day.panel.values()
    for page, level in ((lead, "1"), (two, "3"), (three, "2")):
        key(page, level)
    for seat, page in day.panel.items():
        expect(page.locator(".spread__gap")).to_have_text(
            t("seat.apart_n", language(seat), spread=2) + t("seat.limit_n", language(seat), limit=1)
        )
    expect(two.locator(".panelboard__side")).to_contain_text(t("seat.lead_opens", seat="1", n=2))
    expect(three.locator(".panelboard__side")).to_contain_text(t("seat.reasons_first", "zh-CN"))
    told = re.compile(rf"^{t('chief.tray_spread')}\s*1$")
    expect(day.chief.locator(".tray .is-stop")).to_have_text(told)
    for page in (lead, two):
        floors = [box["y"] for one in page.locator(".spread__axis").all() if (box := one.bounding_box())]
        assert len(floors) == 4 and len(set(floors)) == 1, "the levels stand on one line"
        expect(page.locator(".rounds")).to_be_in_viewport(ratio=1)
    day.shot(lead, "spread")
    day.shot(two, "spread-en")
    day.shot(day.chief, "chief-spread")
    for speaker in range(2):
        lead.locator(".speaker").nth(speaker).locator(".quick .btn").first.tap()
    lead.locator(".revote").tap()
    for seat, page in day.panel.items():
        expect(page.locator(".keys [aria-checked=true]")).to_have_count(0)
        votes = t("seat.round_votes", language(seat), n=1, votes="1·3·2")
        expect(page.locator("main")).to_contain_text(votes)
    vote(day, "A11")
    expect(two.locator(".save")).to_contain_text(t("seat.mark", mark="20", max="30"))
    assert day.public_data() == before, "the panel knows the mark; the public must not before it is signed"
    for seat, page in day.panel.items():
        sign(page, language(seat))
    expect(row(day.board.page, "A11")).to_contain_text(t("board.sheets", done=1, of=3))
    assert day.board.pictures == ["whole", "change"], "votes and marks changed nothing in public"
    day.shot(three, "signed")


def the_lead_keys_what_the_panel_measured(day: Afternoon) -> None:
    """One value for all three, seen by all three before they sign."""
    measure(day, "A11")
    sign_sheet(day, "A11", "B1")
    expect(row(day.board.page, "A11")).to_contain_text(t("board.sheets", done=2, of=3))


def a_tablet_loses_the_network_while_paper_is_keyed(day: Afternoon) -> None:
    """Seat 2 marks on without a network; its marks arrive by themselves. Meanwhile the clerk keys A15 C1; the
    public hears of it once there is a way."""
    lead, two, three = day.panel.values()
    offline(two)
    for page, (code, sub) in ((p, s) for p in (two, lead, three) for s in (("A11", "C1"), ("A14", "A1"))):
        go(page, code, sub)
        seat = list(day.panel.values()).index(page)
        if sub == "C1":
            typed(page, GIVEN[code][2][seat])
        else:
            key(page, GIVEN[code][0][seat])
    expect(two.locator("#top")).to_contain_text(t("link.pending", n=2))
    with day.without_redis():
        paper_is_keyed_and_read_again(day)
    expect(row(day.board.page, "A15")).to_contain_text(t("board.sheets", done=1, of=3))
    expect(two.locator(".msg--warn")).to_contain_text(t("say.offline", n=2))
    expect(lead.locator(".roster")).to_contain_text(t("strip.wait", "zh-CN", seat="2"))
    day.shot(two, "offline")
    patient(two)
    two.context.set_offline(False)
    expect(two.locator(".msg--ok")).to_contain_text(t("say.back", n=2))
    expect(lead.locator(".roster .seat__v")).to_have_text(list(GIVEN["A14"][0]))
    day.shot(two, "back")


def paper_is_keyed_and_read_again(day: Afternoon) -> None:
    """The clerk keys three papers; the chief reads them blind; then they are signed."""
    clerk, chief, sheet = day.clerk, day.chief, "/clerk/sheet/A15/C1"
    clerk.locator(f"a[href='{sheet}']").click()
    for i, points in enumerate(GIVEN["A15"][2]):
        clerk.locator("main").get_by_role("link", name=t("clerk.key_in", "zh-CN"), exact=True).first.click()
        clerk.locator("[name='v.C1.P1']").fill(points)
        clerk.get_by_role("button", name=t("clerk.save", "zh-CN")).click()
        expect(clerk.locator("main")).to_contain_text(t("done.keyed", "zh-CN"))
        expect(clerk.locator("tbody .chip--warn")).to_have_count(i + 1)
    day.shot(clerk, "clerk-keyed")
    chief.locator("a[href='/chief/sheet/A15/C1']").tap()
    for i, points in enumerate(GIVEN["A15"][2]):
        if i:
            chief.goto(f"{day.place.url}{sheet}")
        else:
            chief.locator("main").get_by_role("link", name=t("clerk.check")).tap()
        chief.locator("main").get_by_role("link", name=t("clerk.check")).first.tap()
        expect(chief.locator("main")).to_contain_text(t("clerk.blind"))
        expect(chief.locator("[name='v.C1.P1']")).to_have_value("")
        chief.locator("[name='v.C1.P1']").fill(points)
        day.shot(chief, "chief-reads")
        chief.get_by_role("button", name=t("clerk.compare")).tap()
        expect(chief.locator("main")).to_contain_text(t("done.checked"))
    clerk.reload()
    for _ in GIVEN["A15"][2]:
        clerk.get_by_role("button", name=t("clerk.sign", "zh-CN")).first.click()
        expect(clerk.locator("main")).to_contain_text(t("done.signed", "zh-CN"))


def the_rest_is_marked_and_signed(day: Afternoon) -> None:
    """A11 is ranked first while it is alone; the medal table still has nothing."""
    sign_sheet(day, "A11", "C1")
    expect(row(day.board.page, "A11").locator(".total")).to_have_text(dict(expected())["A11"])
    expect(row(day.board.page, "A11").locator(".place")).to_contain_text(t("place.nth", n=1))
    sign_sheet(day, "A14", "A1")
    for code in ("A14", "A15"):
        measure(day, code)
        sign_sheet(day, code, "B1")
    visit(day, "A14", "C1")
    for page, points in zip(day.panel.values(), GIVEN["A14"][2], strict=True):
        typed(page, points)
    sign_sheet(day, "A14", "C1")
    visit(day, "A15", "A1")
    vote(day, "A15")
    sign_sheet(day, "A15", "A1")
    expect(day.board.page.locator("[data-part=ranked] > tr")).to_have_count(3)
    day.shot(day.board.page, "board-live")
    expect(day.medals.page.locator("[data-part=empty]")).to_be_visible()


def the_chief_locks_and_the_organizer_confirms(day: Afternoon) -> None:
    """Locked by the chief, asked for by the chief, official once the organizer has confirmed."""
    chief, who = day.chief, day.organizer
    chief.goto(f"{day.place.url}/chief")
    chief.get_by_role("link", name=t("run.lock")).tap()
    expect(chief.locator("main")).to_contain_text(t("chief.complete"))
    day.shot(chief, "chief-lock")
    lock = chief.get_by_role("button", name=t("do.lock"), exact=True).first
    for _ in range(40):  # what a tablet said last, of marks on their way, stands until it speaks again
        if lock.count():
            break
        chief.wait_for_timeout(250)
        chief.reload()
    lock.tap()
    expect(chief.locator("main")).to_contain_text(t("done.locked"))
    chief.locator("[name=rank]").select_option("official")
    chief.locator("[name=audience]").select_option("public")
    chief.get_by_role("button", name=t("chief.ask_result")).tap()
    expect(chief.locator("main")).to_contain_text(t("done.asked"))
    day.shot(chief, "chief-asked")
    expect(day.medals.page.locator("[data-part=empty]")).to_be_visible()
    who.goto(f"{day.place.url}/login?next=/console/results")
    who.locator("[name=account]").fill("lin")
    who.locator("[name=password]").fill(PASSWORD)
    who.get_by_role("button", name=t("do.login", "zh-CN")).click()
    expect(who.locator("main")).to_contain_text(t("second.waiting", "zh-CN", n=1))
    day.shot(who, "organizer-confirms")
    who.locator("[name=password]").fill(PASSWORD)
    who.get_by_role("button", name=t("do.confirm", "zh-CN")).click()
    expect(who.locator("main")).to_contain_text(t("done.confirmed", "zh-CN"))


def the_public_has_the_result(day: Afternoon) -> None:
    """The pages that were opened before the first mark show the final places, totals and medals."""
    board, wall, medals = day.board.page, day.wall.page, day.medals.page
    expect(board.locator(".chip--official")).to_have_text(t("status.official", version=1))
    expect(wall.locator(".chip--official")).to_have_text(t("status.official", "zh-CN", version=1))
    expect(medals.locator("[data-part=ranked] > tr")).to_have_count(3)
    lines = [screen.locator("[data-part=ranked] > *") for screen in (board, wall, medals)]
    for i, ((code, total), medal) in enumerate(zip(expected(), ("gold", "silver", "bronze"), strict=True)):
        number = list(GIVEN).index(code) + 1
        on_board, on_wall, on_table = (found.nth(i) for found in lines)
        expect(on_board.locator(".name")).to_contain_text(f"Competitor {number}")
        expect(on_wall.locator(".name")).to_contain_text(f"选手{number}号")
        for line, lang in ((on_board, "en"), (on_wall, "zh-CN")):
            expect(line.locator(".place")).to_contain_text(t("place.nth", lang, n=i + 1))
            expect(line.locator(".total")).to_have_text(total)
            expect(line.locator("svg.medal")).to_have_attribute("aria-label", t(f"medal.{medal}", lang))
        expect(on_table.locator("th")).to_contain_text(f"第 {number} 队")
        counts = [str(int(one == medal)) for one in ("gold", "silver", "bronze", "excellence")]
        expect(on_table.locator("td.num")).to_have_text([*counts, "1", str(4 - i)])
    for screen, name in ((day.board, "board-final"), (day.wall, "wall-final"), (day.medals, "medals-final")):
        day.shot(screen.page, name)
        screen.never_reloaded()
