"""Two spreadsheets of a cook-off with planted errors, imported in a real browser; the workbook they give."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from compsys import events as e
from compsys import words
from tests.web import lists_files
from tests.web.test_console_look import AXE, base, signed_in
from tests.web.test_enrol import beside, quiet
from tests.web.venue import PASSWORD, Venue
from tests.world import MAIN, OFFICE
from web.accounts import make_account

pytestmark = pytest.mark.browser
Place = tuple[Venue, Any]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with beside(tmp_path_factory.mktemp("lists"), entries=8, theory=True) as (there, run):
        for name in ("lin", "zhao"):
            assert run(make_account(there.desk, name, ("organizer",), PASSWORD)).a == "accepted"
        for kind, key, value in lists_files.cook_off():
            command = e.Define(kind=kind, id=key, value=value)
            assert run(there.desk.submit(e.Call(secrets.token_hex(16), OFFICE, command))).a == "accepted"
        yield there, run


def upload(page: Page, there: Venue, name: str, data: bytes, lang: str) -> None:
    page.goto(f"{base(there)}/console/lists?lang={lang}")
    page.set_input_files("#f-file", {"name": name, "mimeType": "text/csv", "buffer": data})
    page.locator("form[action='/console/lists/check'] button").click()
    page.wait_for_url("**/console/lists/*")


def looked_at(page: Page, lang: str) -> None:
    """Accessible, nothing cut off, on a desk and on a phone."""
    for size in ((1440, 900), (320, 640)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        found = Axe().run(page, options=AXE)
        assert not found.response["violations"], (lang, size, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], (lang, size)
    page.set_viewport_size({"width": 1440, "height": 900})


def rows_of(page: Page, state: str) -> int:
    """How many rows of a state the page shows."""
    return page.locator(f"tr.dry--{state}").count()


def test_a_list_full_of_errors_is_looked_at_corrected_taken_and_taken_back(
    place: Place, chromium: Browser, tmp_path: Path
) -> None:
    """The personnel office's list: what is right is taken; the workbook with the findings goes back to the
    office, comes again corrected, and gives the rest; all is taken back, names and all."""
    there, _ = place
    context = chromium.new_context(color_scheme="light", accept_downloads=True)
    page = signed_in(there, context)
    heard = quiet(page)
    before = set(there.desk.state.setup.entries)
    upload(page, there, "选手报名表.xlsx", lists_files.entrants(), "zh-CN")
    assert page.get_by_text("新增 3", exact=True).count() == 1
    assert page.get_by_text("有错 10", exact=True).count() == 1
    for told in ("3.70284E+17", "是不是「胡杨宾馆」", "是不是「热菜」", "2026-05-16 09:00 的场次重叠"):
        page.get_by_text(told).first.wait_for()
    for address in lists_files.WRONG:
        assert page.locator(".found b", has_text=address).count() == 1, address
    assert page.locator("tr.dry--new", has_text="胡杨宾馆 · 热菜").count() == 1, "what would be made of a row"
    looked_at(page, "zh-CN")
    page.goto(f"{page.url}?lang=en")
    looked_at(page, "en")
    page.goto(f"{page.url.partition('?')[0]}?lang=zh-CN")
    annotated = commented(page, tmp_path)
    page.get_by_role("link", name="有错 10").click()
    assert rows_of(page, "error") == 10 and rows_of(page, "new") == 0
    assert set(there.desk.state.setup.entries) == before, "looking changes nothing"
    page.get_by_role("button", name="导入 3 行").click()
    page.get_by_text("已导入。可在下面整批撤回。").wait_for()
    assert entered(there, before) == {"马晓燕", "李娜", "John Smith"}
    upload(page, there, "选手报名表（改）.xlsx", lists_files.corrected(annotated), "zh-CN")
    assert page.get_by_text("有错 0", exact=True).count() == 1, page.locator(".found").all_inner_texts()
    assert page.get_by_text("新增 8", exact=True).count() == 1
    assert page.get_by_text("相同 3", exact=True).count() == 1
    page.get_by_role("button", name="导入 8 行").click()
    page.get_by_text("已导入。可在下面整批撤回。").wait_for()
    assert len(entered(there, before)) == 11
    assert page.locator("tbody tr").first.locator("td.num").inner_text() == "8", "as many as rows were taken"
    looked_at(page, "zh-CN")
    persons = set(there.desk.state.commitments)
    for _ in range(2):  # the newest first, then the other
        waiting = page.get_by_role("button", name="整批撤回")
        left = waiting.count()
        waiting.first.click()
        page.wait_for_function("n => document.querySelectorAll('form[action$=revert]').length < n", arg=left)
    assert page.get_by_text("lin 已撤回").count() == 2
    assert set(there.desk.state.setup.entries) == before
    gone = persons - set(there.desk.state.commitments)
    assert all(there.desk.names(person) is None for person in gone)
    assert not heard
    context.close()


def entered(there: Venue, before: set[str]) -> set[str]:
    """The names of who was entered since."""
    entries = there.desk.state.setup.entries
    who = [there.desk.names(entries[key].members[0].person) for key in set(entries) - before]
    return {text for one in who if one for text in one.name.values()}


PARAMS = ("value", "first", "who", "nearest", "number", "formula", "length", "other", "when")


def commented(page: Page, tmp_path: Path) -> bytes:
    """The workbook: the organizer's cells at their places, a comment on each that is wrong."""
    with page.expect_download() as download:
        page.get_by_role("link", name="下载检查结果工作簿").click()
    path = tmp_path / "findings.xlsx"
    download.value.save_as(path)
    book = openpyxl.load_workbook(path)
    sheet = book[lists_files.SHEET]
    sent = openpyxl.load_workbook(io.BytesIO(lists_files.entrants()))[lists_files.SHEET]
    marked = {c.coordinate: c.comment.text for row in sheet for c in row if c.comment}
    assert set(marked) == set(lists_files.WRONG)
    for address, code in lists_files.WRONG.items():
        start = words.say(f"list.{code}", "zh-CN", **dict.fromkeys(PARAMS, ""))[:4]
        assert marked[address].startswith(start) or code in ("identity_check", "person_twice"), address
    assert "胡杨宾馆" in marked["F10"] and "热菜" in marked["G11"]
    assert {str(r) for r in sheet.merged_cells.ranges} == {str(r) for r in sent.merged_cells.ranges}
    assert [sheet.cell(r, 2).value for r in range(5, 13)] == [sent.cell(r, 2).value for r in range(5, 13)]
    assert sheet["H16"].value == "=1+1" and sheet["H16"].data_type == "s", "text, not a formula"
    assert {row[0].value for row in book["检查结果"].iter_rows(min_row=2)} == set(lists_files.WRONG)
    return path.read_bytes()


def test_scores_wait_for_a_second_person(place: Place, chromium: Browser) -> None:
    there, _ = place
    context = chromium.new_context(color_scheme="light")
    page = signed_in(there, context)
    codes = sorted(unit.code for unit in there.desk.state.streams[MAIN].units.values())
    upload(page, there, "理论成绩.csv", lists_files.scores(codes), "en")
    page.get_by_text("GB18030").wait_for()
    assert page.get_by_text("3 new", exact=True).count() == 1
    assert page.get_by_text("6 with errors", exact=True).count() == 1
    assert page.get_by_role("button", name="Import").count() == 0, "no score is taken while one is wrong"
    looked_at(page, "en")
    good = f"code,score\n{codes[0]},88.5\n{codes[1]},absent\n".encode()
    upload(page, there, "theory.csv", good, "en")
    page.get_by_text("6 of 8 have no score").wait_for()
    page.get_by_role("button", name="Import 2 rows").click()
    page.get_by_text("once a second person has confirmed").first.wait_for()
    stream = there.desk.state.streams[MAIN]
    (n,) = stream.imports
    assert not any(unit.imported for unit in stream.units.values())
    upload(page, there, "theory.csv", good, "en")
    assert page.get_by_text("2 unchanged", exact=True).count() == 1
    page.goto(f"{base(there)}/console/lists?lang=en")
    page.get_by_role("row", name="Waits for its second").get_by_role("button").click()
    page.get_by_text("Taken back.").first.wait_for()
    assert not there.desk.state.streams[MAIN].imports and n
    context.close()


def test_a_column_is_corrected_once(place: Place, chromium: Browser) -> None:
    there, _ = place
    context = chromium.new_context()
    page = signed_in(there, context)
    odd = "甲,乙,丙\n陈静,天山饭店,热菜\n".encode()
    upload(page, there, "a.csv", odd, "zh-CN")
    page.get_by_text("没有「姓名」这一列").wait_for()
    for i, meaning in enumerate(("name_zh", "delegation", "trade"), 1):
        page.locator(f"#f-c{i}").select_option(meaning)
    page.get_by_role("button", name="按此重新检查，并记住").click()
    page.get_by_text("已记住各列的含义").wait_for()
    assert page.get_by_text("新增 1", exact=True).count() == 1
    upload(page, there, "b.csv", odd.replace("陈静".encode(), "何勇".encode()), "zh-CN")
    assert page.get_by_text("新增 1", exact=True).count() == 1
    assert page.get_by_text("按上次的设定").count() == 1
    context.close()
