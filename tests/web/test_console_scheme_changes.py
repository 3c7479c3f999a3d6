"""A changed workbook in the console: what it changes is seen first; keys stay; its check-list is printed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Chromium

from compsys.exchange import cis_writer
from compsys.exchange.cis_workbook import read
from scoring_rules import scheme_data
from scoring_rules.scheme import Aspect, Criterion, Scheme, SubCriterion, aspects
from tests.web.test_console import english, send_file
from tests.web.test_console_look import AXE, base, signed_in
from tests.web.test_enrol import beside, quiet
from tests.web.venue import PASSWORD, Browser, Told, Venue, played, venue
from web.accounts import make_account

Place = tuple[Venue, Any]
TEXTS = (
    "Navigation is there", "Footer has the copyright", "Home page loads quickly", "Form refuses empty fields",
)  # fmt: skip


def web(*listed: tuple[str, str]) -> Scheme:
    """A scheme of one sheet: (text, mark) of each aspect."""
    held = tuple(Aspect(f"A1.M{n}", {"en": text}, "agreed", mark) for n, (text, mark) in enumerate(listed, 1))
    sub = SubCriterion("A1", {"en": "Pages"}, "1", held)
    return Scheme({"en": "Web"}, "17", (), (Criterion("A", {"en": "Static"}, (sub,)),))


FIRST = web(*((text, "25") for text in TEXTS))
SECOND = web(
    ("Something wholly new", "5"), (f"{TEXTS[0]} and works", "25"), (TEXTS[2], "45"), (f"{TEXTS[1]}s", "25")
)


async def upload(who: Browser, scheme: Scheme, **fields: str) -> Told:
    """Send the workbook of a scheme."""
    data = cis_writer.write(scheme)
    where = ("/console/scheme", "/console/scheme/upload")
    return await send_file(who, *where, "web.xlsx", data, id="web", **fields)


def held(there: Venue) -> dict[str, str]:
    """Key -> text of the scheme that is kept."""
    found = scheme_data.from_data(there.desk.state.setup.records["scheme"]["web"].scheme)  # type: ignore[attr-defined]  # a scheme's record
    return {a.key: a.title["en"] for a in aspects(found)}


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


def test_changes_are_shown_before_they_are_taken_and_keys_stay(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as there:
            who = english(await there.organizer())
            assert (await upload(who, FIRST)).status == 303
            told = await upload(who, SECOND)
            assert told.status == 200 and "Something wholly new" in told.text
            assert list(held(there).values()) == list(TEXTS)  # nothing yet
            for said in ("Renamed 2", "Marks 1", "New 1", "Gone 1"):
                assert said in told.text, said
            assert told.text.count('name="same"') == 2
            fields = {name: hidden(told.text, name) for name in ("csrf", "k", "id", "token", "partial")}
            taken = await who.post("/console/scheme/take", fields | {"same": "A1.M1"})
            assert taken.status == 303, taken.text
            # M2's guess was not ticked: it goes, and a new aspect with a key never used before comes.
            assert held(there) == {
                "A1.M1-2": "Something wholly new", "A1.M1": f"{TEXTS[0]} and works", "A1.M3": TEXTS[2],
                "A1.M4-2": f"{TEXTS[1]}s",
            }
            again = await who.post("/console/scheme/take", fields | {"k": "0" * 32, "token": "none"})
            assert "upload it again" in again.text

    played(scene)


def test_the_same_workbook_again_changes_nothing_and_a_partial_one_can_be_declared(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as there:
            who = english(await there.organizer())
            await upload(who, FIRST)
            told = await upload(who, FIRST)
            assert "nothing to take" in told.text and "Take these changes" not in told.text
            told = await upload(who, FIRST, partial="1")
            fields = {name: hidden(told.text, name) for name in ("csrf", "k", "id", "token", "partial")}
            assert (await who.post("/console/scheme/take", fields)).status == 303
            record = there.desk.state.setup.records["scheme"]["web"]
            assert record.scheme["partial"] is True  # type: ignore[attr-defined]  # a scheme's record

    played(scene)


def test_a_scheme_goes_out_as_a_workbook_and_as_a_check_list(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as there:
            who = english(await there.organizer("ou", ("supervisor",)))
            organizer = english(await there.organizer())
            await upload(organizer, FIRST)
            book = await who.get("/console/scheme/web/scheme.xlsx")
            found = read(book.body, "x.xlsx").scheme
            assert found is not None
            assert [a.title for a in aspects(found)] == [{"en": text} for text in TEXTS]
            paper = await who.get("/console/scheme/web/checklist.pdf")
            assert paper.status == 200 and paper.body.startswith(b"%PDF") and len(paper.body) > 5000
            assert (await who.get("/console/scheme/none/checklist.pdf")).status == 404

    played(scene)


def test_a_file_of_another_kind_is_refused_with_one_sentence(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as there:
            who = english(await there.organizer())
            old = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600)
            where = ("/console/scheme", "/console/scheme/upload")
            told = await send_file(who, *where, "web.xls", old)
            assert told.status == 422 and told.text.count("problem--stop") == 1
            assert "This is an old .xls file." in told.text

    played(scene)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with beside(tmp_path_factory.mktemp("changes"), marking=False) as (there, run):
        assert run(make_account(there.desk, "lin", ("organizer",), PASSWORD)).a == "accepted"
        yield there, run


@pytest.mark.browser
def test_the_page_of_changes_is_accessible_and_fits(place: Place, chromium: Chromium, tmp_path: Path) -> None:
    there, _ = place
    context = chromium.new_context()
    page = signed_in(there, context)
    heard = quiet(page)
    for scheme in (FIRST, SECOND):
        file = tmp_path / "web.xlsx"
        file.write_bytes(cis_writer.write(scheme))
        page.goto(f"{base(there)}/console/scheme?lang=en")
        page.set_input_files("[name=file]", file)
        page.fill("[name=id]", "web")
        page.get_by_role("button", name="Read in").click()
    page.get_by_role("heading", name="What reading it in would change").wait_for()
    for size in ((1440, 900), (320, 640)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        found = Axe().run(page, options=AXE)
        assert not found.response["violations"], found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.locator("[name=same]").first.uncheck()
    page.get_by_role("button", name="Take these changes").click()
    page.wait_for_url("**/console/scheme/web?done=scheme")
    assert "A1.M1-3" in held(there) or "A1.M2-2" in held(there)
    assert not heard
    context.close()
