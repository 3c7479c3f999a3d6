"""Prizes and ties on a result's page, and what a correction takes and gives before anybody confirms it."""

from __future__ import annotations

import re
from pathlib import Path

from compsys import events as e
from tests.provincial import rules
from tests.web.test_console import english, fill
from tests.web.test_console_results import RESULT, locked
from tests.web.venue import PASSWORD, Venue, played, venue
from tests.world import MAIN

OFFICIAL = {"rank": "official", "audience": "public"}
TWO = {"second": "ou", "second_password": PASSWORD}


async def excluded(there: Venue, unit: str) -> None:
    """The chief unlocks with a second person, excludes an entry, and locks again."""
    device = next(d.id for d in there.desk.state.devices.values() if d.seat.endswith("/chief"))
    chief = e.Actor("seat", "cooking/final/chief", ("chief",))
    for command in (
        e.Unlock(stream=MAIN, scope="stage", reason="ghost writer", confirmed_by="ou"),
        e.SetStatus(stream=MAIN, unit=unit, scope="stage", status="excluded", reason="ghost writer"),
        e.Lock(stream=MAIN, scope="stage"),
    ):
        call = e.Call(there.desk.fresh(), chief, command, device)
        assert (await there.desk.submit(call)).a == "accepted", command


def panel(page: str, mark: str) -> str:
    """The part of a page from a mark to the end of its list."""
    return page[page.index(mark) :].partition("</ul>")[0]


def test_prizes_stand_beside_places_and_the_public_sees_them_when_released(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, profile="provincial", own=rules()) as there:
            await locked(there)
            who = english(await there.organizer())
            await there.organizer("ou", ("supervisor",))
            assert (await fill(who, RESULT, f"{RESULT}/publish", OFFICIAL | TWO)).status == 303
            page = (await who.get(RESULT)).text
            assert re.findall(r'class="prize prize--(\w+)"', page) == ["first", "second", "third"]
            csv = (await who.get(f"{RESULT}.csv")).text
            assert "First prize" in csv and "Prize" in csv.splitlines()[0]

    played(scene)


def test_what_a_correction_takes_is_listed_by_name_before_the_second_person_confirms(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, profile="provincial", own=rules()) as there:
            await locked(there)
            who = english(await there.organizer())
            second = english(await there.organizer("ou", ("supervisor",)))
            assert (await fill(who, RESULT, f"{RESULT}/publish", OFFICIAL | TWO)).status == 303
            assert "A correction now takes" not in (await who.get(RESULT)).text
            await excluded(there, "u1")
            first = panel((await who.get(RESULT)).text, 'id="awards"')
            assert first.index("Delegation 1") < first.index("Delegation 2"), "those who lose stand first"
            assert "Lost" in first and "First prize" in first and "Changed" in first
            reason = {"reason": "ghost writer", "note.en": "Entry 1 excluded."}
            asked = await fill(who, RESULT, f"{RESULT}/publish", OFFICIAL | reason)
            assert asked.headers["location"].endswith("done=asked")
            for path in ("/console", "/console/results", RESULT):
                waits = panel((await second.get(path)).text, "Waiting for a second person")
                assert "Delegation 1" in waits and "Lost" in waits, path
            wish = re.search(r'name="wish" value="([0-9a-f]+)"', (await second.get("/console")).text)
            assert wish and len(there.desk.state.results["cooking", "final", "open"].versions) == 1
            right = {"wish": wish[1], "password": PASSWORD, "say": "yes"}
            assert (await fill(second, "/console", "/console/confirm", right)).status == 303
            versions = there.desk.state.results["cooking", "final", "open"].versions
            assert [a.entry for a in versions[-1].awards] == ["e1", "e2", "e3"]  # type: ignore[union-attr]  # set
            assert "A correction now takes" not in (await who.get(RESULT)).text

    played(scene)


def test_a_tie_at_the_edge_of_a_prize_is_listed_until_the_result_is_official(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, profile="provincial", own=rules()) as there:
            await locked(there, tied=True)
            who = english(await there.organizer())
            await there.organizer("ou", ("supervisor",))
            page = (await who.get(RESULT)).text
            assert "A tie at the last place of a prize (1): A11 A12." in page
            assert (await fill(who, RESULT, f"{RESULT}/publish", OFFICIAL | TWO)).status == 303
            assert "A tie at the last place of a prize" not in (await who.get(RESULT)).text

    played(scene)
