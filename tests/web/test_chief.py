"""The chief's pages: what a chief can decide, and what a chief must never see."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from compsys import events as e
from tests.web.test_console import english, fill
from tests.web.test_console_results import locked
from tests.web.venue import PASSWORD, Browser, Venue, played, venue
from tests.world import MAIN

SHEET = "/chief/sheet/A11"


async def seat(there: Venue, name: str, command: e.Command) -> e.Answer:
    """A command of a seat, on its device (enrolled when first asked for)."""
    key = f"cooking/final/{name}"
    device = next((d.id for d in there.desk.state.devices.values() if d.seat == key and not d.revoked), "")
    if not device:
        await there.tablet(name)
        device = next(d.id for d in there.desk.state.devices.values() if d.seat == key and not d.revoked)
    role = there.desk.state.setup.seats[key].role
    return await there.desk.submit(
        e.Call(secrets.token_hex(16), e.Actor("seat", key, (role,)), command, device)
    )


async def vote(
    there: Venue, name: str, aspect: str, value: str, unit: str = "u1", round_: int = 1
) -> e.Answer:
    whose = "*" if aspect.startswith("B") else f"cooking/final/{name}"
    mark = e.Mark(stream=MAIN, unit=unit, aspect=aspect, seat=whose, round=round_, value=value, base=0)
    return await seat(there, name, mark)


async def chief_of(there: Venue) -> Browser:
    return english(await there.tablet("chief"))


def test_a_spread_is_voted_again_and_decided_when_the_rounds_are_used(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            chief = await chief_of(there)
            rounds = there.desk.state.streams[MAIN].groups["open"].profile.judgement.max_rounds
            for round_ in range(1, rounds + 1):
                for name, value in (("s1", "0"), ("s2", "3"), ("s3", "3")):
                    assert (await vote(there, name, "A1.J1", value, round_=round_)).a == "accepted"
                page = (await chief.get(f"{SHEET}/A1")).text
                assert "3 apart, limit 1" in page
                if round_ < rounds:
                    assert "Decide this aspect" not in page
                    form = {"do": "revote", "aspect": "A1.J1", "reason": "talked it over"}
                    assert (await fill(chief, f"{SHEET}/A1", f"{SHEET}/A1", form)).status == 303
            decide = {"do": "resolve", "aspect": "A1.J1", "reason": "the photograph", "mark": "11"}
            over = await fill(chief, f"{SHEET}/A1", f"{SHEET}/A1", decide)
            assert over.status == 409 and "outside 0" in over.text
            assert (await fill(chief, f"{SHEET}/A1", f"{SHEET}/A1", decide | {"mark": "6.5"})).status == 303
            page = (await chief.get(f"{SHEET}/A1")).text
            assert "decided 6.5" in page and "the photograph" in page

    played(scene)


def test_a_signed_sheet_is_returned_with_words(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            await locked(there)
            await there.organizer("ou")
            chief = await chief_of(there)
            two = {"second": "ou", "second_password": PASSWORD}
            blocked = {"do": "return", "reason": "B1 lacks its unit"}
            assert (await fill(chief, "/chief/lock", f"{SHEET}/B1", blocked)).status == 409
            unlock = {"do": "unlock", "scope": "stage", "reason": "a wrong count"} | two
            assert (await fill(chief, "/chief/lock", "/chief/lock", unlock)).status == 303
            assert (await fill(chief, f"{SHEET}/A1", f"{SHEET}/B1", blocked)).status == 303
            sheet = there.desk.state.streams[MAIN].sheets["u1", "B1"]
            assert sheet.returned == "B1 lacks its unit" and not sheet.signed
            assert "Returned by the chief expert: B1 lacks its unit" in (await chief.get(f"{SHEET}/B1")).text
            matrix = (await chief.get("/chief")).text
            assert "cell--returned" in matrix and "Lock: 1 missing" in matrix

    played(scene)


def test_a_hole_gets_a_reason_and_a_status_is_reversed(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            chief = await chief_of(there)
            for name in ("s1", "s2"):
                await vote(there, name, "A1.J1", "2")
            hole = {"do": "excuse", "hole": "A1.J1 cooking/final/s3", "reason": "taken ill"}
            assert (await fill(chief, f"{SHEET}/A1", f"{SHEET}/A1", hole)).status == 303
            assert there.desk.state.streams[MAIN].sheets["u1", "A1"].revealed["A1.J1", 1]
            unit = there.desk.state.streams[MAIN].units["u2"]
            away = {"do": "status", "scope": "stage", "status": "absent", "reason": ""}
            assert (await fill(chief, "/chief/unit/A12", "/chief/unit/A12", away)).status == 409
            assert (
                await fill(chief, "/chief/unit/A12", "/chief/unit/A12", away | {"reason": "not there"})
            ).status == 303
            assert unit.statuses["stage"].status == "absent"
            assert "DNS" in (await chief.get("/chief")).text
            back = {"do": "status", "scope": "stage", "status": "", "reason": "was at the other door"}
            assert (await fill(chief, "/chief/unit/A12", "/chief/unit/A12", back)).status == 303
            assert not unit.statuses

    played(scene)


def test_a_penalty_needs_its_signers(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            chief = await chief_of(there)
            page = "/chief/unit/A11"
            fine = {
                "do": "penalty",
                "id": "f1",
                "component": "practice",
                "amount": "－２",
                "reason": "own salt",
                "signer": "cooking/final/chief",
            }
            alone = await fill(chief, page, page, fine)
            assert alone.status == 409 and "Too few signers" in alone.text
            token = await chief.form_token(page)
            both = [
                ("csrf", token),
                ("k", secrets.token_hex(16)),
                *fine.items(),
                ("signer", "cooking/final/s1"),
            ]
            told = await chief.post(page, both)  # type: ignore[arg-type]  # a list of pairs is a form too
            assert told.status == 303, told.text
            assert there.desk.state.streams[MAIN].units["u1"].adjustments["f1"][1] == -2

    played(scene)


def test_sessions_are_moved_and_people_checked_in_by_chief_and_floor(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as there:
            who = english(await there.organizer())
            new = {
                "at": "cooking/final",
                "key": "",
                "id": "fl",
                "label": "F",
                "role": "floor",
                "site": "main",
            }
            assert (
                await fill(who, "/console/setup/seat/new?at=cooking/final", "/console/setup/seat/save", new)
            ).status == 303
            chief = await chief_of(there)
            assert "Marking is not open" in (await chief.get("/chief")).text
            here = "/console/run/cooking/final"
            for act in ("draw", "open"):
                assert (await fill(who, here, f"{here}/{act}", {"stream": MAIN})).status == 303
            floor = english(await there.tablet("fl"))
            assert (await floor.get("/chief")).headers["location"] == "/chief/sessions"
            assert (await floor.get("/chief/lock")).status == 403
            page = "/chief/sessions"
            move = {"do": "move", "session": "practice"}
            assert (await fill(floor, page, page, move | {"move": "start"})).status == 303
            quiet = await fill(floor, page, page, move | {"move": "pause", "reason": ""})
            assert quiet.status == 409 and "reason is missing" in quiet.text
            stream = there.desk.state.streams[MAIN]
            unit = next(iter(stream.units))
            present = {"do": "check_in", "session": "practice", "unit": unit, "number": "4"}
            assert (await fill(floor, page, page, present)).status == 303
            extra = {
                "do": "credit",
                "session": "practice",
                "unit": unit,
                "number": "90",
                "reason": "no power",
            }
            assert (await fill(chief, page, page, extra)).status == 303
            assert stream.units[unit].present == {"practice": 4} and stream.units[unit].credit == {
                "practice": 90
            }
            assert "Present, 4 min late" in (await chief.get(page)).text

    played(scene)


def test_rosters_change_and_an_aspect_is_void_for_all(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            chief = await chief_of(there)
            page = "/chief/panel"
            swap = {
                "do": "roster",
                "leaves": "cooking/final/s3",
                "joins": "cooking/final/s4",
                "code": "",
                "reason": "ill",
            }
            assert (await fill(chief, page, page, swap)).status == 303
            stream = there.desk.state.streams[MAIN]
            assert all(
                "cooking/final/s4" in s.roster and "cooking/final/s3" not in s.roster
                for s in stream.sheets.values()
            )
            void = {"do": "void", "what": "aspect:C1.P2", "full": "1", "reason": "the oven failed"}
            assert (await fill(chief, page, page, void)).status == 303
            assert stream.voided["aspect:C1.P2"] == (True, "the oven failed")
            assert "Full marks for all" in (await chief.get(page)).text

    played(scene)


def test_the_lock_says_what_is_missing_and_release_needs_the_organizer(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            chief = await chief_of(there)
            page = "/chief/lock"
            early = await fill(chief, page, page, {"do": "lock", "scope": "stage"})
            assert early.status == 409 and "not complete" in early.text and "A11 A1 not signed" in early.text
            await locked(there)
            chief = await chief_of(there)
            # What is locked as part of the stage is not offered to be locked once more.
            told = (await chief.get(page)).text
            assert 'value="component:practice"' not in told
            assert '<option value="stage">The whole stage' in told and '<option value="open">Open' in told
            who = english(await there.organizer())
            ask = {"do": "publish", "group": "open", "rank": "official", "audience": "public"}
            asked = await fill(chief, page, page, ask)
            assert asked.headers["location"].endswith("done=asked") and not there.desk.state.results
            wish = re.search(r'name="wish" value="([0-9a-f]+)"', (await who.get("/console/results")).text)
            assert wish
            yes = {"wish": wish[1], "password": PASSWORD, "say": "yes"}
            assert (await fill(who, "/console", "/console/confirm", yes)).status == 303
            result = there.desk.state.results["cooking", "final", "open"]
            assert result.state == "official" and result.versions[0].confirmed_by == "lin"

    played(scene)


def test_what_the_organizer_asks_the_chief_confirms_on_the_own_tablet(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            await locked(there)
            chief, who = await chief_of(there), english(await there.organizer())
            here = "/console/results/cooking/final/open"
            told = await fill(who, here, f"{here}/publish", {"rank": "official", "audience": "public"})
            assert told.status == 303
            page = (await chief.get("/chief")).text
            wish = re.search(r'name="wish" value="([0-9a-f]+)"', page)
            assert wish and "Cooking Final" in page, "told in words, not by ids"
            judge = english(await there.tablet("s1"))
            assert (await judge.get("/chief")).status == 403
            yes = {"do": "confirm", "wish": wish[1], "say": "yes"}
            assert (await fill(chief, "/chief/lock", "/chief/lock", yes)).status == 303
            result = there.desk.state.results["cooking", "final", "open"]
            assert result.versions[0].confirmed_by == "cooking/final/chief"

    played(scene)


def test_late_marks_are_settled_with_a_reason(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            for name in ("s1", "s2", "s3"):
                for aspect in ("C1.P1", "C1.P2"):
                    await vote(there, name, aspect, "12")
                await seat(
                    there, name, e.Sign(stream=MAIN, unit="u1", sub="C1", seat=f"cooking/final/{name}")
                )
            mark = e.Mark(
                stream=MAIN, unit="u1", aspect="C1.P1", seat="cooking/final/s1", round=1, value="14.5", base=1
            )
            assert (await seat(there, "s1", mark)).a == "late"
            chief = await chief_of(there)
            page = (await chief.get("/chief/tray")).text
            assert "A11 C1.P1" in page and "14.5" not in page
            n = re.search(r'name="n" value="([0-9]+)"', page)
            assert n
            leave = {"n": n[1], "say": "leave", "reason": "signed already"}
            assert (await fill(chief, "/chief/tray", "/chief/tray", leave)).status == 303
            assert there.desk.state.streams[MAIN].late[int(n[1])].settled == "left_out"

    played(scene)


# ---------------------------------------------------------------- what must not be seen

CHIEF_PAGES = (
    "/chief",
    f"{SHEET}/A1",
    f"{SHEET}/C1",
    "/chief/unit/A11",
    "/chief/tray",
    "/chief/sessions",
    "/chief/panel",
    "/chief/lock",
    "/chief/incidents",
    "/chief/announce",
)
CLERK_PAGES = (
    "/clerk",
    "/clerk/sheet/A11/A1",
    "/clerk/key/A11/A1/s2",
    "/clerk/key/A11/C1/s2",
    "/clerk/check/A11/A1/s2",
    "/clerk/print",
    "/clerk/scores",
)
CONSOLE_PAGES = (
    "/console",
    "/console/run",
    "/console/run/cooking/final",
    "/console/results",
    "/console/results/cooking/final/open",
    "/console/seats",
    "/console/problems",
)
CHANGING = re.compile(
    r'(name="(?:k|csrf|id)" value=|<option value=)"[0-9a-f]{16,32}"'
    r"|\d{4}-\d\d-\d\dT[\d:.]+Z|\d\d:\d\d(?::\d\d)?|\([0-9a-f]{6}\)"
    r'|<path class="qrline"[^>]*>'  # the address, whose port is another each time
    r'|data-seconds="\d+"|127\.0\.0\.1:\d+'
)


def test_no_name_and_no_delegation_reaches_chief_or_clerk(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            chief, clerk = await chief_of(there), english(await there.tablet("clerk"))
            for browser, pages in ((chief, CHIEF_PAGES), (clerk, CLERK_PAGES)):
                for path in pages:
                    told = await browser.get(path)
                    assert told.status == 200, path
                    assert not re.search(r"Delegation \d|\be[123]\b|\bd[123]\b|\bp[123]\b", told.text), path

    played(scene)


async def seen(path: Path, value: str) -> dict[str, str]:
    """Every page of every role where one sealed vote is ``value``; what always changes is masked."""
    pages: dict[str, str] = {}
    async with venue(path) as there:
        chief, clerk = await chief_of(there), english(await there.tablet("clerk"))
        who = english(await there.organizer())
        for name, vote_ in (("s1", "2"), ("s2", value)):
            assert (await vote(there, name, "A1.J1", vote_)).a == "accepted"
            assert (await vote(there, name, "C1.P1", "12" if name == "s1" else f"1{value}")).a == "accepted"
        for browser, paths in ((chief, CHIEF_PAGES), (clerk, CLERK_PAGES), (who, CONSOLE_PAGES)):
            for page in paths:
                pages[page] = CHANGING.sub(r"\1", (await browser.get(page)).text)
    return pages


def test_a_sealed_vote_changes_no_byte_of_any_page(tmp_path: Path) -> None:
    found: list[dict[str, str]] = []

    async def scene() -> None:
        for value in ("1", "3"):
            (tmp_path / value).mkdir()
            found.append(await seen(tmp_path / value, value))

    played(scene)
    assert found[0].keys() == found[1].keys()
    for page, text in found[0].items():
        assert text == found[1][page], page
