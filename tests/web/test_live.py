"""The sockets of tablets and screens: five answers, resume, fences, bounds; one picture for everybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from compsys import events as e
from tests.web.venue import (
    BOARD,
    Browser,
    Clock,
    act,
    act_until,
    ended,
    greeted,
    hear,
    mark,
    played,
    tell,
    venue,
)
from tests.world import MAIN, ORGANIZER
from web import wire
from web.settings import Settings
from web.statics import static

PAUSE = e.Session(stream=MAIN, session="practice", move="pause", reason="fire")


# ---------------------------------------------------------------- the five answers


def test_the_five_answers_come_back_on_the_socket(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            tablet = await place.tablet("s1")
            async with tablet.socket("/live/seat") as socket:
                await greeted(socket)
                first = mark("s1", "A1.J1", "2")
                (accepted,) = await act(socket, first)
                assert accepted["a"] == "accepted" and accepted["rev"] == 1 and accepted["k"] == first["k"]
                (again,) = await act(socket, first)
                assert again == {**accepted, "dup": True}
                (reused,) = await act(socket, {**mark("s1", "A1.J1", "3"), "k": first["k"]})
                assert (reused["a"], reused["code"]) == ("refused", "key_reused")
                (conflict,) = await act(socket, mark("s1", "A1.J1", "3", base=0))
                assert conflict["a"] == "conflict"
                (out,) = await act(socket, mark("s1", "A1.J2", "4"))
                assert (out["a"], out["code"], out.get("n")) == ("refused", "not_a_score", None)
                left = e.SetStatus(stream=MAIN, unit="u2", scope="stage", status="withdrawn", reason="ill")
                await place.do(left)
                (late,) = await act(socket, mark("s1", "A1.J1", "1", unit="u2"))
                assert late["a"] == "late"
                lines = place.desk.journal.head(MAIN).n
                assert lines == place.desk.state.streams[MAIN].n

    played(scene)


def test_a_batch_is_decided_in_its_order_and_answered_in_it(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            tablet = await place.tablet("s1")
            async with tablet.socket("/live/seat") as socket:
                await greeted(socket)
                one = mark("s1", "A1.J1", "1")
                two = mark("s1", "A1.J1", "2", base=0)
                two["cmd"]["base"] = one["k"]
                bad = {"k": "short", "at": "", "cmd": one["cmd"]}
                answers = await act(socket, one, two, bad, mark("s1", "A1.J2", "3"))
                assert [answer["a"] for answer in answers] == ["accepted", "accepted", "refused", "accepted"]
                assert answers[1]["rev"] == 2 and answers[2]["code"] == "bad_key"
                assert [answer["k"] for answer in answers[:2]] == [one["k"], two["k"]]

    played(scene)


def spoilt(**change: Any) -> dict[str, Any]:
    item = mark("s1", "A1.J1", "2")
    item["cmd"] |= change
    return item


def command(**fields: Any) -> dict[str, Any]:
    return {**mark("s1", "A1.J1", "2"), "cmd": fields}


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (spoilt(seat="cooking/final/s2"), "not_yours"),
        (spoilt(stream="cooking.other.main"), "not_yours"),
        (spoilt(unit="u99"), "unknown_unit"),
        (spoilt(aspect="Z9.J1"), "unknown_aspect"),
        (spoilt(value="１"), "not_a_score"),
        (spoilt(value="1e1"), "not_a_score"),
        (spoilt(aspect="C1.P1", value="1e1"), "not_a_number"),
        (spoilt(aspect="C1.P1", value="16"), "out_of_range"),
        (spoilt(aspect="C1.P1", value="1.3"), "off_step"),
        (spoilt(value=2), "malformed"),
        (spoilt(base=None), "malformed"),
        (spoilt(round=7), "bad_round"),
        (spoilt(extra="x"), "malformed"),
        (spoilt(note="x" * 501), "too_large"),
        (spoilt(c="burn"), "unknown_kind"),
        (spoilt(c="lock"), "malformed"),
        (command(c="lock", stream=MAIN, scope="stage"), "not_allowed"),
        (command(c="resolve", stream=MAIN, unit="u1", aspect="A1.J1", mark="2", reason="x"), "not_allowed"),
        (command(c="make_account", account="x", roles=["organizer"], secret="x"), "not_allowed"),
        ({**spoilt(), "cmd": [1]}, "unknown_kind"),
        ({**spoilt(), "k": "0" * 31 + "G"}, "bad_key"),
    ],
)  # fmt: skip
def test_bad_items_are_refused_by_themselves_and_nothing_is_recorded(
    item: dict[str, Any], code: str, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            tablet = await place.tablet("s1")
            before = place.desk.state.streams[MAIN].n
            async with tablet.socket("/live/seat") as socket:
                await greeted(socket)
                refused, good = await act(socket, item, mark("s1", "A1.J2", "1"))
                assert (refused["a"], refused["code"]) == ("refused", code)
                assert good["a"] == "accepted"
            assert place.desk.state.streams[MAIN].n == before + 1

    played(scene)


def test_what_needs_a_password_does_not_go_by_socket(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            async with (await place.tablet("chief")).socket("/live/seat") as socket:
                await greeted(socket)
                lock, freeze = (
                    command(c="lock", stream=MAIN, scope="stage"),
                    command(c="freeze", stream=MAIN, on=True),
                )
                assert [answer["code"] for answer in await act(socket, lock, freeze)] == ["not_allowed"] * 2
            assert place.desk.state.streams[MAIN].marking == "open"

    played(scene)


# ---------------------------------------------------------------- connections that end


@pytest.mark.parametrize(
    ("frame", "end"),
    [
        ("not json", (4400, "malformed")),
        ("[]", (4400, "malformed")),
        ('{"m":"do"}', (4400, "malformed")),
        ('{"m":"shout"}', (4400, "malformed")),
        ('{"m":"ping","pending":-1}', (4400, "malformed")),
        ('{"m":"ping","pending":0,"x":1}', (4400, "malformed")),
        ('{"m":"ping","pending":0,"battery":101}', (4400, "malformed")),
        (b"\xff\x00", (4400, "malformed")),
        ("\ud800".encode("utf-8", "surrogatepass"), (4400, "malformed")),
        ('{"m":"hello","v":1}', (4400, "malformed")),
        (json.dumps({"m": "do", "items": [mark("s1", "A1.J1", "1")] * 51}), (4413, "too_large")),
        ("x" * (wire.ITEMS * 400), (1009, "")),
    ],
)
def test_a_frame_that_cannot_be_read_ends_the_connection(
    frame: str | bytes, end: tuple[int, str], tmp_path: Path
) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            tablet = await place.tablet("s1")
            before = place.desk.state.streams[MAIN].n
            async with tablet.socket("/live/seat") as socket:
                await greeted(socket)
                await socket.send(frame)
                assert await ended(socket) == end
            assert place.desk.state.streams[MAIN].n == before

    played(scene)


@pytest.mark.parametrize(
    ("frame", "end"),
    [
        ('{"m":"ping","pending":0}', (4400, "malformed")),
        ('{"m":"hello","v":3}', (4426, "newer_page")),
        ('{"m":"hello","v":0}', (4426, "older_page")),
        ('{"m":"hello","v":"2"}', (4400, "malformed")),
        ('{"m":"hello","v":1,"cursor":{"n":-1,"seal":""}}', (4400, "malformed")),
        ('{"m":"hello","v":1,"cursor":{"n":1,"seal":"XYZ"}}', (4400, "malformed")),
    ],
)
def test_the_first_frame_is_a_hello_of_this_version(frame: str, end: tuple[int, str], tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            async with (await place.tablet("s1")).socket("/live/seat") as socket:
                await socket.send(frame)
                assert await ended(socket) == end

    played(scene)


@pytest.mark.parametrize("v", [1, 2])
def test_both_versions_of_the_page_are_welcome(v: int, tmp_path: Path) -> None:
    """A page of the first version, open since before the server was renewed, goes on marking."""
    more = {"seq": 7, "page": "0123456789ab", "proof": "x"} if v == 2 else {}
    item = mark("s1", "A1.J1", "2") | ({"seq": 8, "ticket": "t"} if v == 2 else {})
    ping = {"battery": 71, "skew": -1200, "page": "0123456789ab"} if v == 2 else {}

    async def scene() -> None:
        async with venue(tmp_path) as place:
            async with (await place.tablet("s1")).socket("/live/seat") as socket:
                asked = json.loads(await socket.recv())
                assert asked["m"] == "ask" and len(asked["nonce"]) == 32
                await tell(socket, {"m": "hello", "v": v, "boot": "00", "cursor": None, **more})
                assert (await hear(socket, "hello"))["page"] in static("seat.js")
                (answer,) = await act(socket, item)
                assert answer["a"] == "accepted"
                await tell(socket, {"m": "ping", "pending": 3, **ping})
                await hear(socket, "pong")
                (tablet,) = place.run.app.state.live.tablets.by_device.values()
                known = (3, 71, -1200, "0123456789ab") if v == 2 else (3, -1, None, "")
                said = tablet.words
                assert (said.pending, said.battery, said.skew, said.page) == known

    played(scene)


def test_a_connection_without_a_hello_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "HELLO_WITHIN", 0.05)

    async def scene() -> None:
        async with venue(tmp_path) as place:
            async with (await place.tablet("s1")).socket("/live/seat") as socket:
                assert await ended(socket) == (4408, "silent")

    played(scene)


def test_a_tablet_that_falls_silent_is_dropped_and_one_that_pings_is_not(tmp_path: Path) -> None:
    clock = Clock()

    async def scene() -> None:
        async with venue(tmp_path, change=clock.set) as place:
            quiet, awake = await place.tablet("s1"), await place.tablet("s2")
            async with quiet.socket("/live/seat") as one, awake.socket("/live/seat") as two:
                await greeted(one)
                await greeted(two)
                clock.now += wire.SILENT_AFTER - 1
                await tell(two, {"m": "ping", "pending": 0})
                assert (await hear(two, "pong"))["time"].endswith("Z")
                clock.now += 2
                assert await ended(one) == (4408, "silent")
                await tell(two, {"m": "ping", "pending": 0})
                await hear(two, "pong")
                assert place.run.app.state.live.tablets.connected == 1

    played(scene)


def test_a_newer_connection_of_a_tablet_fences_the_older(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            tablet = await place.tablet("s1")
            async with tablet.socket("/live/seat") as old, tablet.socket("/live/seat") as new:
                await greeted(old)
                await greeted(new)
                assert await ended(old) == (4409, "old_connection")
                (answer,) = await act(new, mark("s1", "A1.J1", "2"))
                assert answer["a"] == "accepted"

    played(scene)


def test_messages_of_a_replayed_connection_change_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            tablet = await place.tablet("s1")
            async with tablet.socket("/live/seat") as socket:
                await greeted(socket)
                before = place.desk.state.streams[MAIN].n
                place.desk.fence(
                    place.run.app.state.live.tablets.by_stream[MAIN].copy().popitem()[0].device.id
                )
                await tell(socket, {"m": "do", "items": [mark("s1", "A1.J1", "2")]})
                assert await ended(socket) == (4409, "old_connection")
                assert place.desk.state.streams[MAIN].n == before

    played(scene)


def test_too_fast_is_told_to_wait_and_far_too_fast_is_ended(tmp_path: Path) -> None:
    clock = Clock()

    def slow(settings: Settings) -> Settings:
        return replace(settings, seconds=clock, messages_per_second=1, messages_at_once=3)

    async def scene() -> None:
        async with venue(tmp_path, change=slow) as place:
            async with (await place.tablet("s1")).socket("/live/seat") as socket:
                await greeted(socket)
                before = place.desk.state.streams[MAIN].n
                item = mark("s1", "A1.J1", "2")
                assert [(await act(socket, item))[0]["a"] for _ in range(4)] == ["accepted"] * 3 + ["retry"]
                assert (await act(socket, item))[0]["code"] == "throttled"
                clock.now += 3
                assert (await act(socket, item))[0]["a"] == "accepted"
                for _ in range(110):
                    await tell(socket, {"m": "ping", "pending": 0})
                assert await ended(socket) == (4429, "throttled")
                assert place.desk.state.streams[MAIN].n == before + 1

    played(scene)


def test_the_server_stops_without_waiting_for_anybody(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            tablet, screen = await place.tablet("s1"), place.browser()
            async with tablet.socket("/live/seat") as one, screen.socket(BOARD) as two:
                await greeted(one)
                await hear(two, "whole")
                place.run.stop()
                assert (await ended(one))[0] == 1012
                assert (await ended(two))[0] == 1012

    played(scene)


# ---------------------------------------------------------------- who hears what


def test_a_reveal_reaches_the_whole_panel_and_a_sealed_vote_only_its_seat(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            seats = [await place.tablet(name) for name in ("s1", "s2", "s3")]
            async with seats[0].socket("/live/seat") as a, seats[1].socket("/live/seat") as b:
                async with seats[2].socket("/live/seat") as c:
                    for socket in (a, b, c):
                        await greeted(socket)
                    await act(a, mark("s1", "A1.J1", "3"))
                    for socket, own in ((a, "3"), (b, None), (c, None)):
                        event = await hear(socket, "ev")
                        aspect = event["sheets"][0]["aspects"]["A1.J1"]
                        assert aspect["value"] == own and "revealed" not in aspect
                        assert aspect["voted"] == ["cooking/final/s1"]
                        assert '"3"' not in json.dumps(event) or own == "3"
                    await act(b, mark("s2", "A1.J1", "2"))
                    await act(c, mark("s3", "A1.J1", "2"))
                    for socket in (a, b, c):
                        while True:
                            aspect = (await hear(socket, "ev"))["sheets"][0]["aspects"]["A1.J1"]
                            if "revealed" in aspect:
                                break
                        values = {"cooking/final/s1": "3", "cooking/final/s2": "2", "cooking/final/s3": "2"}
                        assert aspect["revealed"] == values

    played(scene)


def test_no_event_is_left_out_however_fast_they_come(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, entries=6) as place:
            writer, reader = await place.tablet("s1"), await place.tablet("s2")
            async with writer.socket("/live/seat") as a, reader.socket("/live/seat") as b:
                await greeted(a)
                await greeted(b)
                units = [f"u{i}" for i in range(1, 7)]
                items = [
                    mark("s1", aspect, "1", unit=unit) for unit in units for aspect in ("A1.J1", "A1.J2")
                ]
                for item in items:
                    await tell(a, {"m": "do", "items": [item]})
                wanted = {(unit, aspect) for unit in units for aspect in ("A1.J1", "A1.J2")}
                while wanted:
                    for sheet in (await hear(b, "ev"))["sheets"]:
                        seen = {
                            (sheet["unit"], key)
                            for key, aspect in sheet["aspects"].items()
                            if aspect["voted"]
                        }
                        wanted -= seen

    played(scene)


def test_events_are_not_conflated(tmp_path: Path) -> None:
    """Each value that a seat may see reaches it, not only the newest (as it would on a picture's way)."""

    async def scene() -> None:
        async with venue(tmp_path) as place:
            writer, reader = await place.tablet("s1"), await place.tablet("s2")
            async with writer.socket("/live/seat") as a, reader.socket("/live/seat") as b:
                await greeted(a)
                await greeted(b)
                for rev in range(5):
                    await act(a, mark("s1", "B1.M2", str(rev % 4), base=rev))
                events = [await hear(b, "ev") for _ in range(5)]
                seen = [event["sheets"][0]["aspects"]["B1.M2"]["value"] for event in events]
                assert seen == ["0", "1", "2", "3", "0"]

    played(scene)


def test_everything_is_sent_again_when_more_than_sheets_changes(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            async with (await place.tablet("s1")).socket("/live/seat") as socket:
                await greeted(socket)
                await place.do(PAUSE, ORGANIZER)
                event = await hear(socket, "ev")
                assert event["whole"]["sessions"][0]["state"] == "paused"

    played(scene)


# ---------------------------------------------------------------- resume


def test_a_tablet_that_comes_back_is_told_what_changed_since_its_cursor(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            one, two = await place.tablet("s1"), await place.tablet("s2")
            async with one.socket("/live/seat") as socket:
                hello = await greeted(socket)
                assert hello["reset"] is False and len(hello["whole"]["sheets"]) == 9
                cursor = hello["cursor"]
            async with two.socket("/live/seat") as socket:
                await greeted(socket)
                await act(socket, mark("s2", "B1.M1", "pass"))
            async with one.socket("/live/seat") as socket:
                hello = await greeted(socket, cursor)
                assert hello["reset"] is False and "whole" not in hello
                (sheet,) = hello["sheets"]
                assert (sheet["unit"], sheet["sub"]) == ("u1", "B1")
                assert sheet["aspects"]["B1.M1"]["value"] == "pass"
                assert hello["cursor"]["n"] > cursor["n"]
            async with one.socket("/live/seat") as socket:
                assert (await greeted(socket, hello["cursor"]))["sheets"] == []

    played(scene)


@pytest.mark.parametrize(
    "foreign",
    [
        lambda cursor: {**cursor, "seal": "0" * 16},
        lambda cursor: {**cursor, "n": cursor["n"] + 1},
        lambda cursor: {**cursor, "n": cursor["n"] + 1000},
        lambda cursor: {**cursor, "n": cursor["n"] - 1},
        lambda cursor: {"n": 0, "seal": "0" * 16},
    ],
)
def test_a_cursor_of_another_history_means_reset(
    foreign: Callable[[dict[str, Any]], dict[str, Any]], tmp_path: Path
) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            tablet = await place.tablet("s1")
            async with tablet.socket("/live/seat") as socket:
                cursor = (await greeted(socket))["cursor"]
            async with tablet.socket("/live/seat") as socket:
                hello = await greeted(socket, foreign(cursor))
                assert hello["reset"] is True and "whole" in hello

    played(scene)


def test_a_session_that_moved_meanwhile_brings_everything(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            tablet = await place.tablet("s1")
            async with tablet.socket("/live/seat") as socket:
                cursor = (await greeted(socket))["cursor"]
            await place.do(PAUSE, ORGANIZER)
            async with tablet.socket("/live/seat") as socket:
                hello = await greeted(socket, cursor)
                assert hello["reset"] is False and hello["whole"]["sessions"][0]["state"] == "paused"

    played(scene)


def test_metrics_count_work_and_no_marks(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            organizer: Browser = await place.organizer()
            judge = await place.tablet("s1")
            async with judge.socket("/live/seat") as socket:
                await greeted(socket)
                before = (await organizer.get("/metrics")).text
                assert "compsys_tablets_connected 1\n" in before
                await act(socket, mark("s1", "A1.J1", "2"))
                assert (await organizer.get("/metrics")).text == before, "a sealed vote is not in a metric"

    played(scene)


def test_a_full_disk_is_told_to_everybody_and_nothing_is_lost_when_it_is_over(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            writer, reader = await place.tablet("s1"), await place.tablet("s2")
            async with writer.socket("/live/seat") as one, reader.socket("/live/seat") as two:
                await greeted(one)
                await greeted(two)
                before = place.desk.state.streams[MAIN].n
                # SQLite's own bound: the next page is refused as on a full disk
                await place.desk.in_thread(lambda: place.desk.journal.rows("PRAGMA max_page_count = 1"))
                item = mark("s1", "A1.J1", "2", note="x" * 400)
                answers = []
                while not answers or answers[-1]["a"] == "accepted":
                    item = mark("s1", "A1.J1", "2", base=len(answers), note="x" * 400)
                    answers += await act(one, item)
                assert (answers[-1]["a"], answers[-1]["code"]) == ("retry", "disk_full")
                assert (await hear(two, "fault"))["code"] == "disk_full"
                told = await place.browser().get("/healthz")
                assert (told.status, told.json["fault"]) == (503, "disk_full")
                accepted = len(answers) - 1
                assert place.desk.state.streams[MAIN].n == before + accepted
                again = await act_until(one, item)
                assert again["a"] == "accepted" and again["n"] == before + accepted + 1
                assert (await hear(two, "fault"))["code"] == ""
                assert (await place.browser().get("/healthz")).status == 200

    played(scene)
