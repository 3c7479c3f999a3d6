"""Incidents from the floor's report to the chief's decision; check-in at the floor; names where allowed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from compsys import events as e
from tests.web.test_chief import chief_of
from tests.web.test_console import english, fill
from tests.web.venue import PASSWORD, Browser, Recorded, Venue, played, venue
from tests.world import MAIN, ORGANIZER, set_up


def with_floor(**how: Any) -> Recorded:
    """A competition with a floor officer's seat, its session running."""
    world = Recorded()
    set_up(world, 2, **how)
    world.define(
        "seat", id="floor", trade="cooking", stage="final", panel="panel", label="floor", role="floor"
    )
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A11"), ("e2", "u2", "A12"))))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    return world


async def floor_of(there: Venue) -> Browser:
    """The floor officer's tablet."""
    return english(await there.tablet("floor"))


REPORT = {"do": "report", "incident": "equipment", "code": "A11", "session": "practice"}


def test_extra_time_for_what_the_floor_reported(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=with_floor()) as there:
            floor, chief = await floor_of(there), await chief_of(there)
            report = REPORT | {"text": "the oven went out <b>"}
            assert (await fill(floor, "/floor/report", "/floor/report", report)).status == 303
            page = (await chief.get("/chief/incidents")).text
            assert "the oven went out &lt;b&gt;" in page and "reported by Seat floor" in page
            no = {"do": "decide", "i": "1", "outcome": "credit", "number": "x", "reason": "seen"}
            at = "/chief/incidents"
            assert (await fill(chief, at, at, no)).status == 409
            credit = no | {"number": "5"}
            assert (await fill(chief, at, at, credit)).status == 303
            unit = there.desk.state.streams[MAIN].units["u1"]
            assert unit.credit == {"practice": 300}
            again = await fill(chief, at, at, credit)
            assert again.status == 409 and "already decided" in again.text
            # The office reads it; nobody else's page does.
            office = await there.organizer("lin")
            assert "the oven went out" in (await english(office).get("/console/incidents")).text
            assert (await floor.get("/chief/incidents")).status == 403
            assert (await floor.post("/chief/incidents", {})).status == 403

    played(scene)


def test_a_penalty_waits_for_a_second_person_who_proves_who_they_are(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=with_floor()) as there:
            await there.organizer("ou", ("supervisor",))
            chief, at = await chief_of(there), "/chief/incidents"
            told = REPORT | {"incident": "conduct", "text": "own salt"}
            assert (await fill(chief, at, at, told)).status == 303
            fine = {
                "do": "decide", "i": "1", "outcome": "penalty", "number": "２", "component": "practice",
                "reason": "own salt",
            }  # fmt: skip
            unit = there.desk.state.streams[MAIN].units["u1"]
            wrong = fine | {"second": "ou", "second_password": "not hers"}
            assert (await fill(chief, at, at, wrong)).status == 409
            assert (await fill(chief, at, at, fine)).status == 303
            assert not unit.adjustments
            assert "own salt" in (await chief.get(at)).text
            two = fine | {"second": "ou", "second_password": PASSWORD}
            assert (await fill(chief, at, at, two)).status == 303
            component, amount, why, signers = next(iter(unit.adjustments.values()))
            assert (component, amount, why) == ("practice", -2, "own salt")
            assert signers == ("cooking/final/chief", "ou")

    played(scene)


def test_the_floor_asks_who_and_how_late_and_is_told_no_name_while_marking_is_blind(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=with_floor()) as there:
            floor = await floor_of(there)
            assert (await floor.get("/seat")).status == 303
            page = (await floor.get("/floor")).text
            assert "A11" in page and "Not yet" in page and "Delegation" not in page
            asked = (await floor.get("/floor?session=practice&code=A11")).text
            assert "identity paper" in asked and "Delegation" not in asked
            then = (await floor.get("/floor?session=practice&code=A11&identity=same")).text
            assert "On time?" in then
            come = {"session": "practice", "code": "A11", "identity": "same", "late": "４"}
            assert (await fill(floor, "/floor/report", "/floor", come)).status == 303
            unit = there.desk.state.streams[MAIN].units["u1"]
            assert (unit.present, dict(unit.identity)) == ({"practice": 4}, {"practice": "same"})
            assert (await fill(floor, "/floor/report", "/floor", come | {"late": "soon"})).status == 409
            other = come | {"code": "A12", "identity": "other", "late": "0"}
            told = await fill(floor, "/floor/report", "/floor", other)
            assert told.status == 303 and "/floor/report?code=A12" in told.headers["location"]

    played(scene)


def test_the_floor_is_told_names_where_marking_is_not_blind(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, world=with_floor(blind=False)) as there:
            floor = await floor_of(there)
            assert "Delegation 1" in (await floor.get("/floor?session=practice&code=A11")).text

    played(scene)
