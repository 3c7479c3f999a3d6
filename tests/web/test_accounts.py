"""People and tablets come in: the first account, logins, sessions, one-time links."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.requests import Request
from websockets.exceptions import ConnectionClosed

from compsys import events as e
from tests.web.venue import PASSWORD, Browser, Clock, Venue, act, greeted, hear, mark, played, tell, venue
from tests.world import MAIN, OFFICE
from web.access import Visitor
from web.enrol import issue_link, qr_svg
from web.logins import ABSOLUTE, FRESH, IDLE, Throttle, check_password, fresh_login, hash_password
from web.settings import settings_for


def form(password: str = PASSWORD, **more: str) -> dict[str, str]:
    return {"account": "lin", "password": password, "again": password, **more}


# ---------------------------------------------------------------- passwords


def test_a_password_is_kept_as_a_salted_slow_hash() -> None:
    one, other = hash_password("十个字以上的密码一二三"), hash_password("十个字以上的密码一二三")
    assert one != other and one.startswith("scrypt$") and "密码" not in one
    assert check_password("十个字以上的密码一二三", one)
    assert not check_password("十个字以上的密码一二四", one)
    for broken in ("", "scrypt$", "scrypt$00$00", "plain$" + "0" * 32 + "$00"):
        assert not check_password("", broken), broken


def test_guessing_is_slowed_and_nobody_is_locked_out_for_long() -> None:
    clock = Clock()
    throttle = Throttle(clock.set(settings_for(("h",), 1)))
    waits = []
    for _ in range(20):
        throttle.failed("account lin", 5)
        waits.append(throttle.wait("account lin", "address a"))
    assert waits[:4] == [0, 0, 0, 0]
    assert waits[4:8] == [1, 2, 4, 8]
    assert max(waits) == Throttle.LONGEST
    assert throttle.wait("account wang", "address b") == 0
    clock += Throttle.LONGEST
    assert throttle.wait("account lin") == 0


# ---------------------------------------------------------------- the first account


def test_the_first_account_is_made_through_the_printed_link_and_once(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as place:
            path = "/" + place.run.first_start.split("/", 3)[3]
            browser = place.browser()
            assert (await browser.get("/first-start/" + "0" * 32)).status == 404
            assert "建立第一个账号" in (await browser.get(path)).text
            for wrong in (form("short"), form(again="another one!!"), form(account="Lin Li"), {}):
                told = await browser.post(path, wrong)
                assert told.status == 422 and "field--bad" in told.text, wrong
            told = await browser.post(path, form())
            assert (told.status, told.headers["location"]) == (303, "/console")
            assert (await browser.get("/metrics")).status == 200
            assert (await place.browser().get(path)).status == 404
            assert (await place.browser().post(path, form(account="second"))).status == 404
            assert list(place.desk.state.accounts) == ["lin"]
            stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
            assert PASSWORD.encode() not in stored

    played(scene)


def test_two_who_open_the_first_link_at_once_make_one_account(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as place:
            path = "/" + place.run.first_start.split("/", 3)[3]
            posts = [place.browser().post(path, form(account=name)) for name in ("lin", "wang", "zhao")]
            told = await asyncio.gather(*posts)
            assert sorted(answer.status for answer in told) == [303, 404, 404]
            assert len(place.desk.state.accounts) == 1

    played(scene)


def test_there_is_no_first_link_once_an_account_exists(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as place:
            await place.organizer()
            path = "/" + place.run.first_start.split("/", 3)[3]
            assert (await place.browser().get(path)).status == 404

    played(scene)


# ---------------------------------------------------------------- logins


def test_a_login_is_an_opaque_cookie_that_scripts_and_other_sites_cannot_use(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as place:
            await place.organizer()
            told = await place.browser().post("/login", form(next="/console/trades"))
            assert told.headers["location"] == "/console/trades"
            (cookie,) = told.cookies
            for word in ("HttpOnly", "SameSite=strict", "Path=/"):
                assert word in cookie
            assert "lin" not in cookie and "Secure" not in cookie

    played(scene)


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example", "x", "/a?b"])
def test_a_login_leads_only_to_our_own_pages(onward: str, tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as place:
            await place.organizer()
            told = await place.browser().post("/login", form(next=onward))
            assert told.headers["location"] == "/console"

    played(scene)


def test_a_wrong_password_is_told_and_then_slowed(tmp_path: Path) -> None:
    clock = Clock()

    async def scene() -> None:
        async with venue(tmp_path, marking=False, change=clock.set) as place:
            await place.organizer()
            browser = place.browser()
            statuses = [(await browser.post("/login", form("wrong password"))).status for _ in range(6)]
            assert statuses == [403, 403, 403, 403, 429, 429]
            assert (await browser.post("/login", form())).status == 429, "nor the right one, for a moment"
            assert (await browser.post("/login", form(account="nobody"))).status == 403
            clock.now += 2
            assert (await browser.post("/login", form())).status == 303

    played(scene)


def test_a_login_ends_when_idle_and_after_a_long_day(tmp_path: Path) -> None:
    clock = Clock()

    async def scene() -> None:
        async with venue(tmp_path, marking=False, change=clock.set) as place:
            idle, busy = await place.organizer("lin"), await place.organizer("wang")
            clock.now += IDLE - 1
            assert (await busy.get("/metrics")).status == 200
            clock.now += 2
            assert (await idle.get("/metrics")).status == 303
            started = 1000.0
            while clock.now + 1500 < started + ABSOLUTE:
                clock.now += 1500
                assert (await busy.get("/metrics")).status == 200
            clock.now = started + ABSOLUTE
            assert (await busy.get("/metrics")).status == 303

    played(scene)


def test_changed_roles_and_passwords_count_at_once(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as place:
            lin = await place.organizer("lin")
            assert (await lin.get("/metrics")).status == 200
            await place.do(
                e.MakeAccount(account="lin", roles=("coding_officer",), secret=hash_password(PASSWORD))
            )
            assert (await lin.get("/metrics")).status == 303, "its login is over"
            await lin.post("/login", form())
            assert (await lin.get("/metrics")).status == 403, "and its role is another"

    played(scene)


def test_a_password_typed_again_confirms_for_some_minutes(tmp_path: Path) -> None:
    clock = Clock()

    async def scene() -> None:
        async with venue(tmp_path, marking=False, change=clock.set) as place:
            await place.organizer("lin")
            logins = place.run.app.state.logins
            (login,) = logins.held.values()
            request = Request({"type": "http", "app": place.run.app, "headers": [], "client": ("a", 1)})
            assert not await fresh_login(request, PASSWORD), "nobody is signed in"
            request.state.visitor = Visitor(login=login)
            assert await fresh_login(request)
            clock.now += FRESH
            assert not await fresh_login(request)
            assert not await fresh_login(request, "wrong password")
            assert not await fresh_login(request)
            assert await fresh_login(request, PASSWORD)
            assert await fresh_login(request)

    played(scene)


def test_tries_made_at_the_same_moment_are_slowed_as_well(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False, change=Clock().set) as place:
            await place.organizer()
            tries = [place.browser().post("/login", form(f"wrong password {i}")) for i in range(12)]
            statuses = [told.status for told in await asyncio.gather(*tries)]
            assert statuses.count(429) >= 7, statuses

    played(scene)


# ---------------------------------------------------------------- seats


async def token_of(place: Venue, seat: str, minutes: int = 60) -> str:
    url, answer = await issue_link(
        place.desk, f"cooking/final/{seat}", OFFICE, "http://venue:8000", minutes=minutes
    )
    assert answer.a == "accepted" and url.startswith("http://venue:8000/enrol#")
    return url.partition("#")[2]


def test_a_seats_link_enrols_one_tablet_once(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            token = await token_of(place, "s1")
            assert len(token) >= 22, "128 bits"
            browser, second = place.browser(), place.browser()
            assert "enrol.js" in (await browser.get("/enrol")).text
            told = await browser.post_json("/enrol", {"token": token})
            assert told.status == 200 and told.json["role"] == "lead" and told.json["next"] == "/seat"
            cookie, at_work = told.cookies
            assert cookie.startswith("compsys_device=")
            assert "HttpOnly" in cookie and "SameSite=strict" in cookie
            assert at_work.startswith("compsys_store=c-test%2Fcooking%2Ffinal%2Fs1;"), "whose turn; no secret"
            again = await second.post_json("/enrol", {"token": token})
            assert (again.status, again.json["code"]) == (403, "link_spent")
            assert not second.cookies
            async with browser.socket("/live/seat") as socket:
                assert (await greeted(socket))["seat"] == "cooking/final/s1"
            stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
            assert token.encode() not in stored
            assert browser.cookies["compsys_device"].partition(".")[2].encode() not in stored

    played(scene)


def test_links_that_do_not_work_say_why(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            browser = place.browser()

            async def code(body: object) -> tuple[int, str]:
                told = await browser.post_json("/enrol", body)
                return told.status, told.json["code"]

            assert await code({"token": await token_of(place, "s1", minutes=-1)}) == (403, "link_expired")
            assert await code({"token": "A" * 22}) == (403, "link_unknown")
            older = await token_of(place, "s1")
            await token_of(place, "s1")
            assert await code({"token": older}) == (403, "link_spent")
            shapes: tuple[object, ...] = ([], {"token": 3}, {"token": "x", "seat": "y"}, "x")
            for malformed in shapes:
                assert await code(malformed) == (400, "malformed"), malformed
            url, answer = await issue_link(place.desk, "cooking/final/nobody", OFFICE, "http://x")
            assert (url, answer.code) == ("", "unknown_seat")

    played(scene)


@pytest.mark.parametrize(
    ("wanted", "waits"), [("slips", (False, True)), ("all", (True, True)), ("none", (False, False))]
)
def test_who_waits_for_the_consoles_word_is_the_competitions_choice(
    wanted: str, waits: tuple[bool, bool], tmp_path: Path
) -> None:
    async def scene() -> None:
        async with venue(tmp_path, change=Clock().set) as place:
            value = {"id": "c-test", "name": {"en": "Test"}, "approval": wanted}
            await place.do(e.Define(kind="competition", id="c-test", value=value))
            for slip, waiting in zip((False, True), waits, strict=True):
                url, _ = await issue_link(place.desk, "cooking/final/s1", OFFICE, "http://x", slip=slip)
                browser = place.browser()
                token, hand = url.partition("#")[2], secrets.token_hex(16)
                told = await browser.post_json("/enrol", {"token": token, "hand": hand})
                assert told.status == 200 and ("waits" in told.json) is waiting, (wanted, slip)
                assert ("compsys_device" in browser.cookies) is not waiting

    played(scene)


def test_a_slip_lets_nobody_in_before_the_console_has_said_so(tmp_path: Path) -> None:
    async def scene() -> None:
        clock = Clock()
        async with venue(tmp_path, change=clock.set) as place:
            url, _ = await issue_link(place.desk, "cooking/final/s1", OFFICE, "http://x", slip=True)
            browser, office = place.browser(), await place.organizer()
            hand = secrets.token_hex(16)

            async def ask(path: str, **said: str) -> tuple[int, dict[str, object]]:
                told = await browser.post_json(path, said)
                return told.status, told.json

            def code(answer: tuple[int, dict[str, object]]) -> tuple[int, object]:
                return answer[0], answer[1].get("code")

            status, told = await ask("/enrol", token=url.partition("#")[2], hand=hand)
            assert status == 200 and told["waits"]
            assert (await ask("/enrol/wait", hand=hand)) == (200, told), "the same words, as long as it waits"
            assert code(await ask("/enrol/wait", hand="0" * 32)) == (403, "enrol_over")
            assert not browser.cookies and not place.desk.state.devices
            page = await office.get("/console/seats")
            (name,) = re.findall(r'name="wait" value="([0-9a-f]+)"', page.text)
            token = await office.form_token("/console/seats")
            form = {"csrf": token, "wait": name, "say": "yes"}
            assert (await office.post("/console/seats/approve", form)).status == 303
            status, told = await ask("/enrol/wait", hand=hand)
            assert status == 200 and told["next"] == "/seat" and "compsys_device" in browser.cookies
            assert code(await ask("/enrol/wait", hand=hand)) == (403, "enrol_over"), "let in once"
            device = next(iter(place.desk.state.devices.values()))
            assert device.approved == "lin", "the journal says who let it in"
            url, _ = await issue_link(place.desk, "cooking/final/s2", OFFICE, "http://x", slip=True)
            await ask("/enrol", token=url.partition("#")[2], hand=hand)
            clock.now += 16
            gone = await ask("/enrol/wait", hand=hand)
            assert code(gone) == (403, "enrol_over"), "who asks no more is gone"
            assert "name=\"wait\"" not in (await office.get("/console/seats")).text

    played(scene)


async def closed(socket: object) -> int:
    try:
        while True:
            await socket.recv()  # type: ignore[attr-defined]  # a ClientConnection
    except ConnectionClosed as end:
        assert end.rcvd is not None
        return end.rcvd.code


def test_a_new_tablet_of_a_seat_ends_an_old_one_that_has_sent_everything(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            old = await place.tablet("s1")
            async with old.socket("/live/seat") as socket:
                await greeted(socket)
                new = await place.tablet("s1")
                assert (await hear(socket, "device"))["standing"] == "draining"
                await tell(socket, {"m": "ping", "pending": 0})
                assert (await hear(socket, "bye"))["code"] == "device_revoked"
                assert await closed(socket) == 4403
            async with old.socket("/live/seat") as socket:
                assert (await hear(socket, "bye"))["code"] == "not_enrolled"
                assert await closed(socket) == 4401
            async with new.socket("/live/seat") as socket:
                assert (await greeted(socket))["seat"] == "cooking/final/s1"

    played(scene)


def test_an_old_tablet_with_unsent_marks_may_send_them_and_nothing_else(tmp_path: Path) -> None:
    """It is told so, and so is the new one, until nothing is left; a revocation does not wait for that."""

    async def scene() -> None:
        async with venue(tmp_path) as place:
            old = await place.tablet("s1")
            async with old.socket("/live/seat") as line:
                await tell(line, {"m": "hello", "v": 2, "pending": 3})
                assert "standing" not in await hear(line, "hello"), "the only tablet of its seat"
                new = await place.tablet("s1")
                assert await hear(line, "device") == {"m": "device", "standing": "draining", "others": []}
                async with new.socket("/live/seat") as fresh:
                    told = await greeted(fresh)
                    assert told["standing"] == "active"
                    assert told["others"] == [{"connected": True, "pending": 3}]
                    sign = {"c": "sign", "stream": MAIN, "unit": "u1", "sub": "A1"}
                    signed = {"k": "0" * 32, "cmd": sign | {"seat": "cooking/final/s1"}}
                    sent, refused = await act(line, mark("s1", "A1.J1", "2"), signed)
                    assert sent["a"] == "accepted" and refused["code"] == "device_superseded"
                    await tell(line, {"m": "ping", "pending": 2})
                    assert (await hear(fresh, "device"))["others"] == [{"connected": True, "pending": 2}]
                    await line.close()
                    assert (await hear(fresh, "device"))["others"] == [{"connected": False, "pending": 2}]
                    assert (await old.get("/seat")).status == 200, "it may come back with the rest"
                    async with old.socket("/live/seat") as again:
                        assert (await greeted(again))["standing"] == "draining"
                        assert (await hear(again, "bye"))["code"] == "device_revoked", "nothing is left"
                    while (said := await hear(fresh, "device"))["others"]:
                        pass
                    assert said["standing"] == "active"

    played(scene)


def test_a_device_that_holds_marks_is_still_revoked_at_once(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            old = await place.tablet("s1")
            async with old.socket("/live/seat") as line:
                await tell(line, {"m": "hello", "v": 2, "pending": 3})
                await hear(line, "hello")
                await place.tablet("s1")
                device = line.request.headers["Cookie"].partition("=")[2].partition(".")[0]
                await place.do(e.RevokeDevice(device=device, reason="stolen"))
                assert (await hear(line, "bye"))["code"] == "device_revoked"
            chief = await place.tablet("chief")
            await place.tablet("chief")
            assert (await chief.get("/chief")).status == 403, "a chief's old tablet holds nothing: it ends"

    played(scene)


@pytest.mark.parametrize("spoil", [
    lambda cookie: cookie[:-1] + ("0" if cookie[-1] != "0" else "1"),
    lambda cookie: cookie.partition(".")[0],
    lambda cookie: cookie.partition(".")[0] + ".",
    lambda cookie: "." + cookie.partition(".")[2],
    lambda cookie: "",
])  # fmt: skip
def test_a_tablet_without_the_right_secret_is_nobody(spoil: Callable[[str], str], tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            tablet = await place.tablet("s1")
            thief = Browser(place.run, {"compsys_device": spoil(tablet.cookies["compsys_device"])})
            async with thief.socket("/live/seat") as socket:
                assert await closed(socket) == 4401

    played(scene)


def test_a_seats_qr_code_is_one_svg_without_style() -> None:
    svg = qr_svg("http://192.168.8.2:8000/enrol#" + "A" * 22)
    assert svg.startswith("<svg") and svg.endswith("</svg>")
    assert "style" not in svg and "<script" not in svg
    assert qr_svg("http://192.168.8.2:8000/enrol#" + "B" * 22) != svg
