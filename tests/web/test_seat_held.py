"""Several seats in one browser, over the wire: whose a request is, bringing marks, giving a seat up."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

from tests.web.venue import (
    Browser,
    Recorded,
    Told,
    Venue,
    act,
    ended,
    greeted,
    hear,
    mark,
    played,
    tell,
    venue,
)
from tests.world import OFFICE, set_up
from web.access import SEATS_HELD
from web.enrol import issue_link

HELLO = {"m": "hello", "v": 2, "boot": "00", "cursor": None, "pending": 1, "lang": "en"}


def path(seat: str, to: str = "/live/seat") -> str:
    """Where a seat of a tablet speaks."""
    return f"{to}?as={quote(f'cooking/final/{seat}', safe='')}"


async def join(place: Venue, tablet: Browser, seat: str) -> int:
    """A further judge scans a link with this tablet; the status of the answer."""
    url, _ = await issue_link(place.desk, f"cooking/final/{seat}", OFFICE, "http://x")
    return (await tablet.post_json("/enrol", {"token": url.partition("#")[2]})).status


def test_a_tablet_speaks_for_the_seat_that_it_names_and_for_none_that_it_lacks(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, pin=True) as place:
            tablet = await place.tablet("s1")
            assert await join(place, tablet, "s2") == 200
            assert (await tablet.get("/seat")).text.count('data-store="c-test/cooking/final/s2"') == 1
            for seat in ("s1", "s2"):
                async with tablet.socket(path(seat)) as socket:
                    assert (await greeted(socket))["seat"] == f"cooking/final/{seat}"
                    # A mark of the other seat is not this connection's to give.
                    other = "s2" if seat == "s1" else "s1"
                    (answer,) = await act(socket, mark(other, "A1.J1", "2"))
                    assert answer["code"] == "not_yours"
            async with tablet.socket(path("s3")) as socket:
                assert await ended(socket) == (4401, "not_enrolled")
            # Each seat's forms carry a token of its own.
            forms = [await form_of(tablet, seat) for seat in ("s1", "s2")]
            assert forms[0] != forms[1]
            chosen = {"pin": "274913"}
            wrong = {"X-Compsys-Form": forms[1]}
            told = await tablet.post_json(path("s1", "/seat/pin/choose"), chosen, wrong)
            assert told.json["code"] == "form_expired"
            right = {"X-Compsys-Form": forms[0]}
            assert (await tablet.post_json(path("s1", "/seat/pin/choose"), chosen, right)).json == {}
            told = await tablet.get("/seat/tablet")
            assert [(one["label"], one["pin"]) for one in told.json] == [("s2", False), ("s1", True)]

    played(scene)


def test_revoking_one_seats_device_leaves_the_tablets_others(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            tablet = await place.tablet("s1")
            await join(place, tablet, "s2")
            async with tablet.socket(path("s1")) as first, tablet.socket(path("s2")) as second:
                await greeted(first)
                await greeted(second)
                told = await send_of(tablet, "s1", "/seat/leave")
                assert told.status == 200, told
                assert await ended(first) == (4403, "device_revoked")
                (answer,) = await act(second, mark("s2", "A1.J1", "2"))
                assert answer["a"] == "accepted"
            assert tablet.cookies["compsys_device"].count(".") == 1
            # A chief's page is on a tablet of its own: judges leave it, and it leaves the judges.
            await join(place, tablet, "chief")
            assert tablet.cookies["compsys_device"].count(".") == 1
            assert (await tablet.get("/chief")).status == 200
            await join(place, tablet, "s3")
            assert tablet.cookies["compsys_device"].count(".") == 1
            for page in ("/chief", path("chief", "/chief")):
                assert (await tablet.get(page)).status == 403, page

    played(scene)


async def send_of(tablet: Browser, seat: str, to: str) -> Told:
    """A POST without content of one of the tablet's seats."""
    form = await form_of(tablet, seat)
    return await tablet.post_json(path(seat, to), {}, {"X-Compsys-Form": form})


async def form_of(tablet: Browser, seat: str) -> str:
    """The token of a seat's forms, as the tablet is told it."""
    told = (await tablet.get("/seat/tablet")).json
    return str(next(one["form"] for one in told if one["label"] == seat))


def test_who_brings_marks_disturbs_nobody_and_is_told_no_sheet(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            tablet = await place.tablet("s1")
            async with tablet.socket("/live/seat") as live:
                await greeted(live)
                async with tablet.socket("/live/seat") as bringing:
                    await tell(bringing, HELLO | {"brings": True})
                    assert await ended(bringing) == (4409, "old_connection")
                (answer,) = await act(live, mark("s1", "A1.J1", "2"))
                assert answer["a"] == "accepted", "its own page goes on"
            async with tablet.socket("/live/seat") as bringing:
                await tell(bringing, HELLO | {"brings": True})
                hello = await hear(bringing, "hello")
                assert "whole" not in hello and hello["sheets"] == []
                other = await place.tablet("s2")
                async with other.socket("/live/seat") as socket:
                    await greeted(socket)
                    await act(socket, mark("s2", "B1.M1", "pass"))
                await tell(bringing, {"m": "do", "items": [mark("s1", "A1.J2", "3")]})
                first = json.loads(await bringing.recv())
                assert (first["m"], first["items"][0]["a"]) == ("ans", "accepted"), "no news before it"
                # It says that it holds marks: it is not taken off so.
                told = await send_of(tablet, "s1", "/seat/leave")
                assert told.json["code"] == "seat_unsent"

    played(scene)


def test_a_full_tablet_takes_no_further_seat_and_spends_no_link(tmp_path: Path) -> None:
    async def scene() -> None:
        world = Recorded()
        set_up(world)
        for n in range(5, SEATS_HELD + 2):
            of_stage = {"trade": "cooking", "stage": "final", "panel": "panel", "role": "reserve"}
            world.define("seat", id=f"s{n}", label=f"s{n}", **of_stage)
        async with venue(tmp_path, world=world, marking=False) as place:
            tablet = await place.tablet("s1")
            for n in range(2, SEATS_HELD + 1):
                assert await join(place, tablet, f"s{n}") == 200
            url, _ = await issue_link(place.desk, f"cooking/final/s{SEATS_HELD + 1}", OFFICE, "http://x")
            token = {"token": url.partition("#")[2]}
            assert (await tablet.post_json("/enrol", token)).json["code"] == "tablet_full"
            assert len(tablet.cookies["compsys_device"]) < 1024
            assert (await send_of(tablet, "s1", "/seat/leave")).status == 200
            assert (await tablet.post_json("/enrol", token)).status == 200

    played(scene)


def test_the_same_seat_again_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            tablet = await place.tablet("s1")
            await join(place, tablet, "s2")
            await join(place, tablet, "s1")
            held = tablet.cookies["compsys_device"].split("~")
            assert len(held) == 2
            active = [one.id for one in place.desk.state.devices.values() if one.standing == "active"]
            assert sorted(active) == sorted(one.partition(".")[0] for one in held)

    played(scene)
