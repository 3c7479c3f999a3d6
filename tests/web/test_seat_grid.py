"""The tablet's tables in a real Chromium: one aspect across competitors, all cells, by key and finger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from compsys import commands
from tests.web.hall import STREAM, Hall, competition, hall, scheme, words
from tests.web.seat_pages import LANDSCAPE, PORTRAIT, go, key, received, t, tablet, typed

pytestmark = pytest.mark.browser

ENTRIES, ASPECTS = 30, 20
CODES = tuple(f"A{i}" for i in range(11, 11 + ENTRIES))


def wide() -> dict[str, Any]:
    """The hall's scheme with twenty measured aspects in B1."""
    found = scheme()
    sub = found["criteria"][1]["subs"][0]
    salt = next(one for one in sub["aspects"] if one["key"] == "B1.M3")
    sub["aspects"] = [
        {**salt, "key": f"B1.M{i}", "title": words(f"第 {i} 处", f"Spot {i}"), "max": "1"}
        for i in range(1, ASPECTS + 1)
    ]
    for one in sub["aspects"]:
        one["measure"] = {"kind": "count", "params": {"possible": "12"}}
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """Thirty competitors of twenty measured aspects each; the tests take competitors of their own."""
    world = competition(3, marks=wide(), codes=CODES)
    with hall(tmp_path_factory.mktemp("hall"), world=world) as made:
        yield made


def table(page: Page, code: str, sub: str, axis: str) -> None:
    """To a table of a competitor's sheet: one aspect, or all."""
    go(page, code, sub)
    page.locator(".viewpick").click()
    page.locator(".axes").get_by_role("button", name=t(f"seat.axis_{axis}"), exact=True).click()


def at(page: Page, code: str, aspect: str) -> None:
    """Whose value the keys take, where it stands in large and beside the keys, and of which aspect."""
    expect(page.locator("#top .plate")).to_have_text(code)
    expect(page.locator(".dock .plate")).to_have_text(code)
    expect(page.locator(".dock h1")).to_contain_text(aspect)


def value(place: Hall, unit: str, aspect: str, sub: str = "B1") -> str | None:
    """What the server has, as another seat sees it."""
    found: str | None = place.tablet("s1").sheet(unit, sub)["aspects"][aspect]["value"]
    return found


def test_one_aspect_is_measured_from_bench_to_bench(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s2", size=LANDSCAPE) as page:
        table(page, "A12", "B1", "aspect")
        at(page, "A12", "Spot 1")
        expect(page.locator(".marks tbody tr")).to_have_count(ENTRIES)
        expect(page.locator("#foot .btn--main")).to_have_text(t("seat.next_unit", code="A13"))
        page.keyboard.type("7")
        expect(page.locator("tr.is-hot")).to_contain_text(t("seat.not_entered"))
        page.keyboard.press("Enter")
        at(page, "A13", "Spot 1")
        expect(page.locator(".dock")).to_contain_text(t("judge.now", code="A13"))
        typed(page, "8")
        at(page, "A13", "Spot 1")
        page.locator("#foot .btn--main").tap()
        at(page, "A14", "Spot 1")
        page.keyboard.press("Shift+Enter")
        at(page, "A13", "Spot 1")
        # The pad stays when the axis turns: the same competitor, the same aspect, the sheet as rows.
        page.locator(".axes button").first.click()
        at(page, "A13", "Spot 1")
        expect(page.locator(".marks tbody tr")).to_have_count(ASPECTS)
        page.locator(".axes button").nth(1).click()
        page.get_by_role("button", name=t("seat.aspect_after")).click()
        at(page, "A13", "Spot 2")
        received(page)
    assert [value(place, f"u{i}", "B1.M1") for i in (2, 3, 4)] == ["7", "8", None]


def test_the_last_bench_leads_to_the_blank_ones_and_then_to_the_next_aspect(
    place: Hall, chromium: Browser
) -> None:
    other = place.tablet("s3")
    for i in range(1, ENTRIES - 1):
        if i != 5:
            other.vote(f"u{i}", "B1.M20", "3")
            other.vote(f"u{i}", "B1.M19", "3")
    place.do(
        commands.SetStatus(stream=STREAM, unit="u30", scope="stage", status="withdrawn", reason="injured")
    )
    with tablet(chromium, place, "s2") as page:
        table(page, CODES[-2], "B1", "aspect")
        page.evaluate("() => compsys.goCell(compsys.sheet, 'B1.M19')")
        expect(page.locator(".marks tbody tr").last).to_contain_text(t("cell.withdrawn"))
        page.keyboard.type("4")
        page.keyboard.press("Enter")
        at(page, "A15", "Spot 19")
        page.keyboard.type("5")
        page.keyboard.press("Enter")
        at(page, "A16", "Spot 19")
        page.locator(".cand", has_text=CODES[-2]).click()
        page.evaluate("() => compsys.goCell(compsys.sheet, 'B1.M19')")
        expect(page.locator("#foot .btn--main")).to_have_text(t("seat.next_aspect", aspect="M20"))
        page.locator("#foot .btn--main").tap()
        at(page, "A11", "Spot 20")
        received(page)
    assert value(place, "u5", "B1.M19") == "5"


def test_arrows_lead_through_all_cells_and_take_what_was_typed(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s2", size=LANDSCAPE) as page:
        table(page, "A21", "B1", "all")
        expect(page.locator(".sq")).to_have_count(ENTRIES * ASPECTS)
        page.keyboard.press("ArrowRight")
        at(page, "A22", "Spot 1")
        page.keyboard.press("ArrowDown")
        at(page, "A22", "Spot 2")
        page.keyboard.type("6")
        page.keyboard.press("ArrowLeft")
        at(page, "A21", "Spot 2")
        page.keyboard.type("13")
        page.keyboard.press("ArrowUp")
        # Against the rule: it stays in the pad, and so does the place.
        at(page, "A21", "Spot 2")
        expect(page.locator(".pad .msg")).to_contain_text(t("too_many", value="13", possible="12"))
        page.keyboard.press("Backspace")
        page.keyboard.press("Enter")
        at(page, "A21", "Spot 3")
        cell = page.locator(".sq[aria-current]")
        expect(cell).to_be_focused()
        expect(cell).to_be_in_viewport()
        expect(page.get_by_role("button", name="A22, M2, 6, Received")).to_be_visible()
        for _ in range(12):
            page.keyboard.press("ArrowRight")
        expect(page.locator(".sq[aria-current]")).to_be_in_viewport(ratio=1)
        page.keyboard.type("9")
        page.get_by_role("button", name=f"A33, M4, {t('cell.hole')}").tap()
        at(page, "A33", "Spot 4")
        received(page)
    assert (value(place, "u12", "B1.M2"), value(place, "u11", "B1.M2")) == ("6", "1")
    assert value(place, "u23", "B1.M3") == "9"


CHANGED = """() => {
  const seen = new MutationObserver(() => undefined);
  const rows = () => new Set(seen.takeRecords().map(({ target }) =>
    (target.nodeType === 1 ? target : target.parentElement).closest(".squares tr"))).size;
  const everything = { subtree: true, childList: true, attributes: true, characterData: true };
  seen.observe(document.querySelector(".squares"), everything);
  // What a key does is no mutation: a row that was described anew has new ones.
  const all = [...document.querySelectorAll(".squares tr")];
  const does = () => all.map((row) => row.querySelector(".sq")?.onclick);
  let before = does();
  const anew = () => {
    const now = does();
    const found = now.filter((one, at) => one !== before[at]).length;
    before = now;
    return found;
  };
  compsys.goCell(compsys.sheet, "B1.M9");
  compsys.draw();
  const moved = rows();
  for (let i = 0; i < 5; i += 1) compsys.draw();
  const still = rows();
  seen.disconnect();
  compsys.goCell(compsys.sheet, "B1.M3");
  compsys.draw();
  const described = anew();
  compsys.draw();
  return [moved, still, described, anew()];
}"""


def test_of_six_hundred_cells_only_the_rows_that_change_are_drawn(place: Hall, chromium: Browser) -> None:
    """From one cell to another in the same column: the two rows; a redraw of the same says nothing anew."""
    with tablet(chromium, place, "s2", size=LANDSCAPE) as page:
        table(page, "A37", "B1", "all")
        page.evaluate("() => compsys.goCell(compsys.sheet, 'B1.M2')")
        expect(page.locator(".sq[aria-current]")).to_have_count(1)
        received(page)
        assert page.evaluate(CHANGED) == [2, 0, 3, 0], "rows that nothing happened to were built again"


def test_the_table_is_as_this_judge_left_it(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s3") as page:
        table(page, "A31", "A1", "all")
        key(page, "2")
        received(page)
        page.goto(f"{place.url}/seat")
        expect(page.locator(".squares")).to_be_visible()
        expect(page.locator(".axes [aria-pressed=true]")).to_have_text(t("seat.axis_all"))
        expect(page.locator(".sq[aria-current]")).to_have_text("2")
        page.locator(".viewpick").click()
        expect(page.locator(".keys .key__d")).to_have_count(4)
        page.locator(".viewpick").click()
        expect(page.locator(".squares")).to_be_visible()


def test_a_figure_upon_a_value_begins_a_new_one(place: Hall, chromium: Browser) -> None:
    """12 stands; 7 typed upon it is 7, not 127. Backspace takes from what stands."""
    with tablet(chromium, place, "s2", size=PORTRAIT) as page:
        go(page, "A18", "B1")
        page.keyboard.type("12")
        page.keyboard.press("Enter")
        page.keyboard.press("Shift+Enter")
        expect(page.locator(".pad__value")).to_have_text("12")
        page.keyboard.type("7")
        expect(page.locator(".pad__value")).to_have_text("7")
        page.keyboard.press("Enter")
        received(page)
        page.keyboard.press("Shift+Enter")
        page.keyboard.press("Backspace")
        expect(page.locator(".pad__value")).to_have_text(t("cell.hole"))
    assert value(place, "u8", "B1.M1") == "7"
