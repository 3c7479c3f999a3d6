"""Promotion proposals on the console: who may see them, filters, files, and entering what a person holds."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from compsys import words
from tests.promoting import HELD, persons
from tests.promoting import played as cup
from tests.provincial import exclude, publish
from tests.web.test_console import english, fill
from tests.web.test_console_look import Place, base, faultless, signed_in
from tests.web.test_enrol import beside
from tests.web.venue import PASSWORD, Venue, played, venue
from web.accounts import make_account

PAGE = "/console/promotion"


async def names(there: Venue) -> None:
    """The names of the eight, with what each holds."""
    await there.desk.put_persons(list(persons().items()))


def test_the_office_reads_levels_reasons_and_counts_and_others_do_not(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=cup()) as there:
            await names(there)
            who = english(await there.organizer())
            text = html.unescape((await who.get(PAGE)).text)
            assert (
                "Competitor 2" in text and "level 2 (technician) is held: level 1 (senior technician)" in text
            )
            assert "level 1 (senior technician) 1" in text and "level held unknown 1" in text
            assert "tie at an edge 2" in text and "Delegation 2" in text
            supervisor = english(await there.organizer("ou", ("supervisor",)))
            assert "Competitor 2" in (await supervisor.get(PAGE)).text
            coding = await there.organizer("co", ("coding_officer",))
            assert (await coding.get(PAGE)).status == 403
            for visitor in (there.browser(), await there.tablet("chief")):
                for path in (PAGE, f"{PAGE}.csv", f"{PAGE}.json"):
                    assert (await visitor.get(path)).headers["location"].startswith("/login"), path

    played(scene)


def test_filters_narrow_the_list_and_its_files(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=cup()) as there:
            await names(there)
            who = english(await there.organizer())
            for query, wanted in (
                ("only=2", {1, 5, 6, 8}),
                ("only=none", {3}),
                ("only=unknown", {5}),
                ("only=edge", {5, 6}),
                ("delegation=d4", {4}),
                ("trade=cooking", set(range(1, 9))),
                ("trade=baking", set()),
                ("rules=hi-2023&only=none", set(range(1, 9))),
            ):
                text = (await who.get(f"{PAGE}?{query}")).text
                assert {i for i in range(1, 9) if f"Competitor {i}<" in text} == wanted, query
                told = await who.get(f"{PAGE}.csv?{query}")
                rows = list(csv.DictReader(io.StringIO(told.body.decode("utf-8-sig"))))
                assert {int(row[words.say("board.name", "en")].split()[-1]) for row in rows} == wanted, query
            data = (await who.get(f"{PAGE}.json")).json
            assert [row["held"] for row in data["proposals"]] == [held or "unknown" for held in HELD]
            assert (await who.get(f"{PAGE}.xlsx")).body.startswith(b"PK")
            assert (await who.get(f"{PAGE}.pdf")).status == 404

    played(scene)


def test_a_provisional_result_proposes_nothing_and_says_why(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=cup(official=False)) as there:
            await names(there)
            who = english(await there.organizer())
            text = (await who.get(PAGE)).text
            assert "provisional" in text and "Competitor" not in text
            assert "Competitor" not in json.dumps((await who.get(f"{PAGE}.json")).json)

    played(scene)


def test_a_new_version_says_whom_it_took_a_level_from(tmp_path: Path) -> None:
    async def scene() -> None:
        world = cup()
        exclude(world, "u1")
        publish(world, reason="ghost writer", note={"en": "excluded"})
        async with venue(tmp_path, world=world) as there:
            await names(there)
            text = (await english(await there.organizer()).get(PAGE)).text
            assert "since v2 Competitor 1 loses level 2 (technician)" in text

    played(scene)


def test_what_a_person_holds_is_entered_and_nothing_else_of_them_is_lost(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=cup()) as there:
            await names(there)
            who = english(await there.organizer())
            form = "/console/setup/person/edit/p5"
            assert 'value="证' not in (await who.get(form)).text
            held = {"key": "p5", "at": "", "id": "p5", "name.en": "Competitor 5", "id_type": "passport",
                    "id_number": "E1234567", "held_level": "2", "held_source": "证0005",
                    "promoted_in": "2025", "category": "worker"}  # fmt: skip
            for wrong in ({"held_level": "9"}, {"promoted_in": "last"}, {"category": "cook"}):
                told = await fill(who, form, "/console/setup/person/save", held | wrong)
                assert told.status == 422, wrong
            assert (await fill(who, form, "/console/setup/person/save", held)).status == 303
            identity = there.desk.names("p5")
            assert identity is not None and identity.held_level == "2" and identity.id_number == "E1234567"
            rows = (await who.get(f"{PAGE}.json")).json["proposals"]
            assert next(row for row in rows if row["person"] == "p5")["level"] == "1"
            page = (await who.get(form)).text
            assert 'value="证0005"' in page and 'value="2025"' in page
            lines = await there.desk.in_thread(lambda: list(there.desk.journal.read()))
            written = b"".join(line.open + (line.closed or b"") for line in lines)
            assert "证0005".encode() not in written and b"held_level" not in written

    played(scene)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with beside(tmp_path_factory.mktemp("promotion"), world=cup()) as (there, run):
        assert run(make_account(there.desk, "lin", ("organizer",), PASSWORD)).a == "accepted"
        run(names(there))
        yield there, run


@pytest.mark.browser
def test_the_page_works_without_scripts_and_axe_finds_nothing(place: Place, chromium: Browser) -> None:
    there, _ = place
    context: Any = chromium.new_context(java_script_enabled=False, locale="en")
    page = signed_in(there, context)
    page.goto(f"{base(there)}{PAGE}?lang=en")
    page.get_by_label("Delegation").select_option("d2")
    page.get_by_role("button", name="Show").click()
    assert page.locator("tbody tr").count() == 1
    page.get_by_role("link", name="All").click()
    assert page.locator("tbody th").inner_text().startswith("Competitor 2")
    context.close()
    context = chromium.new_context(color_scheme="light")
    faultless(there, signed_in(there, context), PAGE)
    context.close()
