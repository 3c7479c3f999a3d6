"""A judge's PIN over the wire: chosen once, a ticket for one signature, locked after five wrong ones."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from compsys import events as e
from tests.web.venue import Browser, Told, Venue, act, greeted, mark, played, venue
from tests.world import MAIN, OFFICE

PIN = "274913"
SEAT = "cooking/final/s1"


async def send(browser: Browser, path: str, said: dict[str, Any]) -> Told:
    """A body of the tablet's page, with its form token."""
    form = (await browser.get("/seat/pin")).json["form"]
    return await browser.post_json(path, said, {"X-Compsys-Form": form})


def signed(key: str, ticket: str = "", seat: str = SEAT) -> dict[str, Any]:
    """A signature of A1, with a ticket."""
    command = {"c": "sign", "stream": MAIN, "unit": "u1", "sub": "A1", "seat": seat}
    return {"k": key, "cmd": command, **({"ticket": ticket} if ticket else {})}


async def voted(place: Venue, browser: Browser) -> None:
    """The three seats' votes of A1; s1 is this browser."""
    for seat in ("s1", "s2", "s3"):
        tablet = browser if seat == "s1" else await place.tablet(seat)
        async with tablet.socket("/live/seat") as socket:
            await greeted(socket)
            answers = await act(socket, *(mark(seat, aspect, "2") for aspect in ("A1.J1", "A1.J2")))
            assert [answer["a"] for answer in answers] == ["accepted"] * 2, answers


def test_a_signature_goes_with_the_ticket_of_a_typed_pin_and_only_that_one(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, pin=True) as place:
            tablet = await place.tablet("s1")
            await voted(place, tablet)
            told = (await tablet.get("/seat/pin")).json
            assert (told["set"], told["asked"], told["minutes"]) == (False, True, 10)
            assert (await send(tablet, "/seat/pin", {"pin": PIN})).json["code"] == "pin.missing"
            for pin, code in (("1234", "pin.shape"), ("123456", "pin.weak"), ("x", "malformed")):
                assert (await send(tablet, "/seat/pin/choose", {"pin": pin})).json["code"] == code
            assert "code" not in (await send(tablet, "/seat/pin/choose", {"pin": PIN})).json
            assert (await send(tablet, "/seat/pin/choose", {"pin": "385024"})).json["code"] == "pin_stands"
            one = secrets.token_hex(16)
            ticket = (await send(tablet, "/seat/pin", {"pin": PIN, "k": one})).json["ticket"]
            async with tablet.socket("/live/seat") as socket:
                await greeted(socket)
                for wrong in ((), (ticket,), ("x",)):
                    # Each under a key of its own: under the same one the first answer would come again.
                    item = signed(secrets.token_hex(16), *wrong)
                    (answer,) = await act(socket, item)
                    assert answer["code"] == "pin_needed", item
                (answer,) = await act(socket, signed(one, ticket))
                assert answer["a"] == "accepted", answer
            stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
            assert PIN.encode() not in stored and ticket.encode() not in stored

    played(scene)


def test_five_wrong_ones_lock_this_tablet_until_somebody_unlocks_it(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, pin=True) as place:
            tablet, chief = await place.tablet("s1"), await place.tablet("chief")
            office = await place.organizer()
            await send(tablet, "/seat/pin/choose", {"pin": PIN})
            for unlocker, where, path in (
                (chief, "/chief/tray", "/chief/pins/unlock"),
                (office, "/console/seats", "/console/seats/pins/unlock"),
            ):
                said = [(await send(tablet, "/seat/pin", {"pin": "000001"})).json for _ in range(5)]
                assert [one["code"] for one in said] == ["pin.wrong"] * 4 + ["pin.locked"]
                assert [one["params"]["left"] for one in said[:4]] == ["4", "3", "2", "1"]
                assert (await send(tablet, "/seat/pin", {"pin": PIN})).json["code"] == "pin.locked"
                assert place.desk.state.pins[SEAT].locked, "the journal says so: no restart forgets it"
                assert "s1" in (await unlocker.get(where)).text
                token = await unlocker.form_token(where)
                assert (await unlocker.post(path, {"csrf": token, "seat": SEAT})).status == 303
                assert (await send(tablet, "/seat/pin", {"pin": PIN})).json == {"ticket": ""}
            assert (await tablet.post_json("/seat/pin", {"pin": PIN})).json["code"] == "form_expired"

    played(scene)


def test_a_pin_of_another_seat_is_not_tried_from_here(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, pin=True) as place:
            lead, judge = await place.tablet("s1"), await place.tablet("s2")
            for tablet in (lead, judge):
                await send(tablet, "/seat/pin/choose", {"pin": PIN})
            other = {"pin": PIN, "seat": "cooking/final/s2"}
            assert (await send(lead, "/seat/pin", other)).json["code"] == "not_yours"
            panel = place.desk.state.setup.panels.get("cooking/final/panel")
            assert panel is None or panel.mode == "own"

    played(scene)


def test_sealed_slips_give_chosen_seats_a_pin_that_is_shown_once(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, pin=True) as place:
            office, tablet = await place.organizer(), await place.tablet("s1")
            token = await office.form_token("/console/seats")
            form = {"csrf": token, "k": secrets.token_hex(16), "seat": SEAT}
            told = await office.post("/console/seats/pins", form)
            assert told.status == 200 and told.body.startswith(b"%PDF")
            assert (await tablet.get("/seat/pin")).json["set"]
            assert place.desk.state.pins[SEAT].secret.startswith("scrypt$")
            gone = {"csrf": token, "seat": SEAT}
            assert (await office.post("/console/seats/pins/clear", gone)).status == 303
            assert not (await tablet.get("/seat/pin")).json["set"]
            assert (await place.do(e.SetPin(seat=SEAT, secret=""), OFFICE)).a == "accepted"

    played(scene)
