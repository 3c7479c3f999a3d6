"""Erasing a person in the console: the id once more, a reason, and the name is gone for good."""

from __future__ import annotations

from pathlib import Path

from compsys import events as e
from compsys import verify
from compsys.vault import Identity, canonical, commitment
from tests.web.test_console import english, fill
from tests.web.venue import Venue, played, venue

PAGE, ACTION = "/console/setup/person/edit/p1", "/console/setup/person/erase"


async def with_name(there: Venue) -> None:
    """Person p1 with a name, bound to it in the journal."""
    who = Identity({"zh-CN": "李娜", "en": "Li Na"}, "id_card", "999999200001010013")
    await there.desk.put_persons([("p1", who)])
    salt = there.desk.fresh()
    await there.do(e.BindPerson(person="p1", commitment=commitment(salt, canonical(who)), salt=salt))


def test_a_person_is_erased_by_whoever_types_the_id_again_and_says_why(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            await with_name(there)
            who = english(await there.organizer())
            assert "Li Na" in (await who.get(PAGE)).text
            wrong = await fill(who, PAGE, ACTION, {"key": "p1", "again": "p2", "reason": "asked for it"})
            assert "nothing was erased" in wrong.text
            silent = await fill(who, PAGE, ACTION, {"key": "p1", "again": "p1", "reason": " "})
            assert silent.status == 409 and "reason" in silent.text
            assert there.desk.names("p1") is not None
            done = await fill(who, PAGE, ACTION, {"key": "p1", "again": "p1", "reason": "asked for it"})
            assert (done.status, done.headers["location"]) == (303, "/console/setup/person?done=erased")
            assert "Name and identity are erased." in (await who.get(done.headers["location"])).text
            assert there.desk.names("p1") is None
            after = await who.get(PAGE)
            assert "Li Na" not in after.text and "999999200001010013" not in after.text
            assert "p1" in there.desk.state.setup.records["person"]  # who took part stays known by the id

    played(scene)
    found = verify.verify(next(tmp_path.glob("**/journal.db")).parent)
    assert found.problems == [] and any(note.code == "withheld" for note in found.notes)


def test_a_supervisor_erases_nobody(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            await with_name(there)
            who = english(await there.organizer("ou", ("supervisor",)))
            assert "Erase name and identity" not in (await who.get(PAGE)).text
            token = await who.form_token("/console")
            fields = {"csrf": token, "k": "0" * 32, "key": "p1", "again": "p1", "reason": "x"}
            assert (await who.post(ACTION, fields)).status == 403
            assert there.desk.names("p1") is not None

    played(scene)
