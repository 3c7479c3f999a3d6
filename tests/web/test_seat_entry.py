"""What a value is entered with: blank, tolerance, the question about a number far off, errors with words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.hall import Hall, competition, hall, scheme, words
from tests.web.seat_pages import LANDSCAPE, PORTRAIT, device, go, key, received, t, tablet, typed

pytestmark = pytest.mark.browser

BREAKS = {"kind": "deduction", "params": {"deduction": "2", "reason": "required", "phrases": ["Gloves off"]}}


def with_units() -> dict[str, Any]:
    """The hall's scheme with units, and errors that stand only with words."""
    found = scheme()
    aspects = found["criteria"][1]["subs"][0]["aspects"]
    aspects[2]["measure"]["params"]["unit"] = "%"
    aspects[3]["measure"]["params"]["unit"] = "g"
    breaks = {"key": "B1.M6", "title": words("违规", "Rule breaks"), "method": "agreed", "max": "6"}
    aspects.append({**breaks, "measure": BREAKS})
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The hall that these tests share, each with competitors of its own."""
    with hall(tmp_path_factory.mktemp("hall"), world=competition(3, marks=with_units())) as made:
        yield made


def aspect(page: Page, name: str) -> None:
    """To an aspect of the sheet."""
    page.evaluate("(key) => compsys.goAspect(key)", name)


def seen(place: Hall, unit: str, name: str, sub: str = "B1", seat: str = "s1") -> dict[str, Any]:
    """An aspect as a seat sees it."""
    found: dict[str, Any] = place.tablet(seat).sheet(unit, sub)["aspects"][name]
    return found


@pytest.mark.parametrize("table", [False, True])
def test_a_value_is_taken_back_by_a_key_and_blank_is_not_zero(
    place: Hall, chromium: Browser, table: bool
) -> None:
    code, unit = ("A14", "u2") if table else ("A11", "u1")
    with tablet(chromium, place, "s2", size=LANDSCAPE) as page:
        go(page, code)
        if table:
            page.locator(".viewpick").click()
        blank = page.locator(".blankkey")
        expect(blank).to_have_attribute("aria-disabled", "true")
        key(page, "0")
        expect(blank).not_to_have_attribute("aria-disabled", "true")
        blank.tap()
        expect(page.locator(".keys [aria-checked=true]")).to_have_count(0)
        received(page)
        assert page.evaluate("() => compsys.sheet.aspects['A1.J1'].value") is None
        assert seen(place, unit, "A1.J1", "A1")["voted"] == []
        page.keyboard.press("3")
        page.keyboard.press("Delete")
        expect(page.locator(".keys [aria-checked=true]")).to_have_count(0)
        go(page, code, "B1")
        page.get_by_role("radio", name=t("cell.fail"), exact=True).click()
        received(page)
        assert seen(place, unit, "B1.M1")["value"] == "fail"
        page.locator(".blankkey").tap()
        received(page)
        assert seen(place, unit, "B1.M1")["value"] is None
        if table:
            page.locator(".viewpick").click()


def test_the_needle_stands_where_the_number_is_and_the_unit_beside_it(place: Hall, chromium: Browser) -> None:
    """In the striped zone for the whole mark, off it for less; red at the end of the bar when far beyond."""
    inside = """() => {
      const box = (one) => one.getBoundingClientRect();
      const needle = document.querySelector(".tol em");
      const x = box(needle).left + box(needle).width / 2;
      const holds = (one) => box(one).left <= x && x <= box(one).right;
      const on = (name) => [...document.querySelectorAll(`.tol i.${name}`)].some(holds);
      return on("full") ? "full" : on("part") ? "part" : "";
    }"""
    with tablet(chromium, place, "s2", size=PORTRAIT) as page:
        go(page, "A15", "B1")
        aspect(page, "B1.M3")
        expect(page.locator(".tol em")).to_have_count(0)
        for value, zone in (("1.2", "full"), ("1.45", "part"), ("0.85", "part"), ("1.7", "")):
            page.locator(".keypad__clear").tap()
            page.keyboard.type(value)
            expect(page.locator(".pad__value")).to_have_text(f"{value} %")
            assert page.evaluate(inside) == zone, value
        page.locator(".keypad__clear").tap()
        page.keyboard.type("99")
        expect(page.locator(".tol--high em")).to_have_count(1)
        aspect(page, "B1.M4")
        page.keyboard.type("450")
        assert page.evaluate(inside) == "full"
        aspect(page, "B1.M2")
        expect(page.locator(".tol")).to_have_count(0)


def test_a_number_far_from_the_others_is_asked_about_once_and_holds_nothing_back(
    place: Hall, chromium: Browser
) -> None:
    other = place.tablet("s3")
    for unit, value in (("u1", "1.26"), ("u2", "1.1"), ("u5", "1.2")):
        other.vote(unit, "B1.M3", value)
    with tablet(chromium, place, "s2", size=LANDSCAPE) as page:
        go(page, "A17", "B1")
        aspect(page, "B1.M3")
        page.keyboard.type("12.6")
        page.keyboard.press("Enter")
        asked = page.locator(".pad .msg--warn")
        expect(asked).to_contain_text(t("say.unusual", value="12.6", near="1.2"))
        received(page)
        assert seen(place, "u4", "B1.M3")["value"] == "12.6", "the question keeps nothing from the server"
        asked.get_by_role("button", name=t("seat.change_value")).tap()
        expect(page.locator(".pad__value")).to_contain_text("12.6")
        page.locator(".keypad__clear").tap()
        typed(page, "1.26")
        expect(asked).to_have_count(0)
        # The same far number once more: it was asked about, and is not asked about again.
        typed(page, "12.6")
        received(page)
        expect(asked).to_have_count(0)
        # A second press of Enter goes on with it.
        go(page, "A20", "B1")
        aspect(page, "B1.M3")
        page.keyboard.type("0.126")
        page.keyboard.press("Enter")
        expect(asked).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("Weight")
        received(page)
    assert [seen(place, unit, "B1.M3")["value"] for unit in ("u4", "u5")] == ["12.6", "0.126"]


CASES = (
    ("12.6", ["1.26", "1.2"], "", "slip"),
    ("0.13", ["1.26", "1.2"], "", "slip"),
    ("1.3", ["1.26", "1.2"], "", ""),
    ("12.6", ["1.26"], "", ""),
    ("45.2", ["54.1", "54.3", "55"], "", "turned"),
    ("300", ["450", "452", "449", "451"], "", "far"),
    ("460", ["450", "452", "449", "451"], "", ""),
    ("11", ["12", "12", "12", "12"], "1", ""),
    ("1", ["12", "11", "12", "12"], "1", "far"),
    ("1", ["12", "10", "11", "10"], "1", "slip"),
    ("0", ["0", "0", "0", "0"], "1", ""),
    ("3", ["0", "0", "0", "0"], "1", ""),
    ("999999999999", ["100000000000.000001", "100000000000", "100000000000.000002"], "", "slip"),
)


def test_what_is_far_off_is_told_by_exact_numbers(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s1") as page:
        folder = page.evaluate(
            "() => document.querySelector('script[type=module]').src.replace(/seat.js$/, '')"
        )
        said = page.evaluate(
            """async ([folder, cases]) => {
              const { unusual } = await import(folder + "seat_unusual.js");
              return cases.map(([value, others, step]) => unusual(value, others, step)?.why ?? "");
            }""",
            [folder, CASES],
        )
    assert [(case[0], why) for case, why in zip(CASES, said, strict=True)] == [
        (case[0], case[3]) for case in CASES
    ]


def test_errors_stand_only_with_words_where_the_scheme_asks(place: Hall, chromium: Browser) -> None:
    refused = place.tablet("s3")
    with pytest.raises(AssertionError, match="reason_missing"):
        refused.vote("u6", "B1.M6", "2")
    with tablet(chromium, place, "s2", size=LANDSCAPE) as page:
        go(page, "A22", "B1")
        aspect(page, "B1.M6")
        typed(page, "0")
        received(page)
        typed(page, "2")
        dialog = page.locator("dialog")
        expect(dialog).to_contain_text(t("seat.reason_for", aspect="Rule breaks", n="2"))
        dialog.get_by_role("button", name=t("do.cancel")).tap()
        assert seen(place, "u6", "B1.M6")["value"] == "0", "without words nothing is given"
        typed(page, "2")
        dialog.get_by_role("button", name="Gloves off").tap()
        dialog.locator("textarea").press("Control+Enter")
        expect(page.locator("main")).to_contain_text("Gloves off")
        received(page)
        shown = seen(place, "u6", "B1.M6")
        assert (shown["value"], shown["note"]) == ("2", "Gloves off")


def test_a_note_by_keyboard_with_words_at_hand(place: Hall, chromium: Browser) -> None:
    with tablet(chromium, place, "s2", size=LANDSCAPE) as page:
        go(page, "A26")
        key(page, "1")
        page.keyboard.press("n")
        dialog = page.locator("dialog")
        first, second = t("seat.phrases").split(" / ")[:2]
        for phrase in (first, second):
            dialog.get_by_role("button", name=phrase).tap()
        expect(dialog.locator("textarea")).to_have_value(f"{first}; {second}")
        dialog.locator("textarea").press("Control+Enter")
        received(page)
        expect(page.locator(".ownnote")).to_contain_text(second)
        page.wait_for_function("() => compsys.model.pending.length === 0")
    assert seen(place, "u7", "A1.J1", "A1", "s2")["note"] == f"{first}; {second}"


def test_what_a_competitor_is_instead_is_proposed_with_words_and_decided_by_the_chief(
    place: Hall, chromium: Browser
) -> None:
    """Three keys with a shape and a word each; marking goes on until the chief has decided."""
    with (
        device(chromium, place, "chief", lang="en") as chief,
        tablet(chromium, place, "s2", size=PORTRAIT) as page,
    ):
        go(page, "A26")
        page.get_by_role("button", name=t("seat.not_here")).tap()
        keys = page.locator(".statuspick .btn")
        expect(keys).to_have_count(3)
        shape = "one.querySelector('use').getAttribute('href').split('#')[1]"
        shapes = keys.evaluate_all(f"all => all.map((one) => {shape})")
        assert len(set(shapes)) == 3
        keys.filter(has_text=t("cell.withdrawn")).tap()
        page.locator("dialog textarea").fill("Hand injured")
        page.locator("dialog .btn--main").tap()
        told = page.locator(".msg", has_text=t("seat.proposed_line", status=t("cell.withdrawn")))
        expect(told).to_be_visible()
        received(page)
        page.locator(".picklist .btn").first.tap()
        expect(page.locator(".keys")).to_be_visible()
        chief.goto(f"{place.url}/chief/tray")
        row = chief.locator(".problem", has_text="Hand injured")
        expect(row).to_contain_text(t("cell.withdrawn"))
        row.locator("textarea, input[name=reason]").fill("Seen by the doctor")
        row.get_by_role("button", name=t("chief.set_status")).click()
        expect(page.locator(".outcard")).to_contain_text(t("cell.withdrawn"))
        expect(told).to_have_count(0)
