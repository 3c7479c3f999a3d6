"""The chief makes new links for the seats of the own stage, and lets in who waits at one."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from compsys import events as e
from tests.web.venue import Venue, played, venue


async def other_stage(place: Venue) -> None:
    """A second trade with a seat of its own."""
    for kind, value in (
        ("trade", {"id": "baking", "name": {"en": "Baking"}}),
        ("stage", {"id": "final", "trade": "baking", "name": {"en": "Final"}}),
        ("panel", {"id": "panel", "trade": "baking", "stage": "final", "name": {"en": "Panel"}}),
        ("seat", {"id": "s1", "trade": "baking", "stage": "final", "panel": "panel", "role": "judge"}),
    ):
        parts = [value[name] for name in ("trade", "stage") if name in value]
        await place.do(e.Define(kind=kind, id="/".join([*parts, str(value["id"])]), value=value))


def test_a_chief_makes_links_for_the_own_stage_alone(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            await other_stage(place)
            chief = await place.tablet("chief")
            told = await chief.get("/chief/seats")
            assert "cooking/final/s2" in told.text and "baking/final/s1" not in told.text
            assert "cooking/final/chief" not in told.text, "nobody hands the chief's own seat over by the way"
            token, form_key = await chief.form_token("/chief/seats"), secrets.token_hex(16)

            async def made(seat: str, key: str = "") -> tuple[int, str]:
                form = {"csrf": token, "k": key or secrets.token_hex(16), "seat": seat}
                answer = await chief.post("/chief/seats", form)
                found = re.search(r"/enrol#([\w-]+)", answer.text)
                return answer.status, found[1] if found else ""

            assert (await made("baking/final/s1"))[0] == 409
            assert (await made("cooking/final/chief"))[0] == 409
            status, link = await made("cooking/final/s2", form_key)
            assert status == 200 and link
            assert await made("cooking/final/s2", form_key) == (200, link), "sent twice, the same link"
            # The core says so too, whatever a page would send.
            who = e.Actor("seat", "cooking/final/chief", ("chief",))
            device = chief.cookies["compsys_device"].partition(".")[0]
            for seat in ("baking/final/s1", "cooking/final/chief"):
                command = e.IssueLink(seat=seat, token="0" * 64, expires="2030-01-01T00:00:00.000Z")
                answer = await place.desk.submit(e.Call(secrets.token_hex(16), who, command, device))
                assert answer.code == "not_yours", seat
            spare = place.browser()
            assert (await spare.post_json("/enrol", {"token": link})).status == 200

    played(scene)


def test_a_chief_lets_in_who_waits_at_an_own_seat(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            await other_stage(place)
            value = {"id": "c-test", "name": {"en": "Test"}, "approval": "all"}
            chief = await place.tablet("chief")
            await place.do(e.Define(kind="competition", id="c-test", value=value))
            token = await chief.form_token("/chief/seats")
            form = {"csrf": token, "k": secrets.token_hex(16), "seat": "cooking/final/s2"}
            link = re.search(r"/enrol#([\w-]+)", (await chief.post("/chief/seats", form)).text)
            assert link is not None
            spare, hand = place.browser(), secrets.token_hex(16)
            assert (await spare.post_json("/enrol", {"token": link[1], "hand": hand})).json["waits"]
            page = (await chief.get("/chief/seats")).text
            (name,) = re.findall(r'name="wait" value="([0-9a-f]+)"', page)
            said = {"csrf": token, "wait": name, "say": "yes"}
            assert (await chief.post("/chief/seats/approve", said)).status == 303
            assert (await spare.post_json("/enrol/wait", {"hand": hand})).json["next"] == "/seat"
            assert (await chief.post("/chief/seats/approve", said)).status == 409, "nobody waits any more"

    played(scene)
